import { type FactValue, isBound, isPartialList } from '../model/facts.ts'

/** Kleene's three truth values: `undefined` is unknown. */
export type Truth = boolean | undefined

/** Keywords whose value a rule may take from a parameter or another fact. */
export type OperandKeyword =
  | 'const'
  | 'enum'
  | 'minimum'
  | 'maximum'
  | 'exclusiveMinimum'
  | 'exclusiveMaximum'
  | 'minItems'
  | 'maxItems'

/** All that is known of a number: it lies between the two, ends included. */
interface Interval {
  low: number
  high: number
}

const finite = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

/** A number as an interval, a bound as a half-open one, `undefined` for whatever is no number. */
function intervalOf(value: FactValue): Interval | undefined {
  if (finite(value)) return { low: value, high: value }
  if (!isBound(value)) return undefined
  const { $atMost, $atLeast } = value as { $atMost?: unknown; $atLeast?: unknown }
  return { low: finite($atLeast) ? $atLeast : -Infinity, high: finite($atMost) ? $atMost : Infinity }
}

/** Length of a list, at least the elements seen where it is known in part, `undefined` for whatever is no list. */
function lengthOf(value: FactValue): Interval | undefined {
  if (Array.isArray(value)) return { low: value.length, high: value.length }
  if (!isPartialList(value)) return undefined
  return { low: Array.isArray(value.$partial) ? value.$partial.length : 0, high: Infinity }
}

function ordered(held: boolean, broken: boolean): Truth {
  if (held) return true
  return broken ? false : undefined
}

const atMost = (a: Interval, b: Interval): Truth => ordered(a.high <= b.low, a.low > b.high)
const atLeast = (a: Interval, b: Interval): Truth => ordered(a.low >= b.high, a.high < b.low)
const lessThan = (a: Interval, b: Interval): Truth => ordered(a.high < b.low, a.low >= b.high)
const moreThan = (a: Interval, b: Interval): Truth => ordered(a.low > b.high, a.high <= b.low)

type Order = (a: Interval, b: Interval) => Truth
type Comparison = (value: FactValue, operand: FactValue) => Truth

/** JSON Schema lets a numeric or list keyword pass on a value of another type; the leaf's `type` refuses that one. */
function comparing(measure: (value: FactValue) => Interval | undefined, order: Order): Comparison {
  return (value, operand) => {
    const measured = measure(value)
    if (!measured) return true
    const limit = intervalOf(operand)
    return limit && order(measured, limit)
  }
}

/** Equality of JSON values, by content, as ajv judges `const`. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const names = Object.keys(a)
  if (names.length !== Object.keys(b).length) return false
  return names.every(
    name =>
      Object.hasOwn(b, name) && equalJson((a as { [k: string]: unknown })[name], (b as { [k: string]: unknown })[name]),
  )
}

function equal(value: FactValue, operand: FactValue): Truth {
  if (isPartialList(value) || isPartialList(operand)) return undefined
  if (!isBound(value) && !isBound(operand)) return equalJson(value, operand)
  const a = intervalOf(value)
  const b = intervalOf(operand)
  if (!a || !b || a.high < b.low || a.low > b.high) return false
  return undefined
}

function oneOf(value: FactValue, operand: FactValue): Truth {
  const partial = isPartialList(operand)
  const allowed = partial ? operand.$partial : operand
  if (!Array.isArray(allowed)) return undefined
  let found: Truth = partial ? undefined : false
  for (const candidate of allowed) {
    const same = equal(value, candidate)
    if (same === true) return true
    if (same === undefined) found = undefined
  }
  return found
}

const comparisons: { readonly [keyword in OperandKeyword]: Comparison } = {
  const: equal,
  enum: oneOf,
  minimum: comparing(intervalOf, atLeast),
  maximum: comparing(intervalOf, atMost),
  exclusiveMinimum: comparing(intervalOf, moreThan),
  exclusiveMaximum: comparing(intervalOf, lessThan),
  minItems: comparing(lengthOf, atLeast),
  maxItems: comparing(lengthOf, atMost),
}

/** Keywords that may hold an operand. */
export const operandKeywords = Object.keys(comparisons) as readonly OperandKeyword[]

/** True for a keyword that may hold an operand. */
export const isOperandKeyword = (keyword: string): keyword is OperandKeyword => Object.hasOwn(comparisons, keyword)

/**
 * Judges a value by one keyword whose value is known only now. Means what ajv means by the keyword on that value; knows
 * bounds and lists known in part on both sides. An operand that is absent, or no number where one is needed: unknown.
 */
export function compare(keyword: OperandKeyword, value: FactValue, operand: FactValue | undefined): Truth {
  return operand === undefined ? undefined : comparisons[keyword](value, operand)
}

const annotations = new Set(['title', 'description', '$comment'])

/**
 * Judges a bound or a list known in part by a schema without operands: what holds for every value it may stand for is
 * true, what holds for none is false, all else is unknown.
 */
export function judgeInexact(schema: { readonly [keyword: string]: unknown }, value: FactValue): Truth {
  let truth: Truth = true
  for (const keyword of Object.keys(schema)) {
    const held = inexactKeyword(keyword, schema[keyword] as FactValue, value)
    if (held === false) return false
    if (held === undefined) truth = undefined
  }
  return truth
}

function inexactKeyword(keyword: string, expected: FactValue, value: FactValue): Truth {
  if (annotations.has(keyword)) return true
  if (keyword === 'type') return inexactType(Array.isArray(expected) ? expected : [expected], value)
  return isOperandKeyword(keyword) ? compare(keyword, value, expected) : undefined
}

function inexactType(types: FactValue[], value: FactValue): Truth {
  if (isPartialList(value)) return types.includes('array')
  if (types.includes('number')) return true
  return types.includes('integer') ? undefined : false
}

/**
 * What an expression turns out to be before anything is deployed: a value, something not known, or a thing that is declared
 * (a resource, a module's outputs) whose attributes are looked up when they are asked for.
 */
import { isMade } from './made.ts'

/** Not known, and why. */
export class Unknown {
  readonly reason: string
  /** Terraform would refuse the expression (`try` goes on to its next argument). */
  readonly fails: boolean
  /**
   * What it is called where it has to be a text (a name, a tag): placeholders for the parts that are not known, such as the value
   * of a variable. Absent where it may be no text at all.
   */
  readonly text: string | undefined
  constructor(reason: string, fails = false, text?: string) {
    this.reason = reason
    this.fails = fails
    this.text = text
  }
}

/** A declared thing. Its attributes are values of their own. */
export interface Declared {
  /** How messages call it. */
  readonly address: string
  attribute(name: string): Value
}

/** Wraps what is declared, so that it can be told from objects. */
export class Handle {
  readonly declared: Declared
  constructor(declared: Declared) {
    this.declared = declared
  }
}

/**
 * Instances of a resource or module of which it is not known how many there are: all are judged as one. Whatever single one is
 * asked for is that one.
 */
export class Instances {
  readonly each: Handle
  constructor(each: Handle) {
    this.each = each
  }
}

/** An object or map; the order of its members is that of Terraform (by key) where it matters. */
export type Tree = ReadonlyMap<string, Value>

/** Any value. Sets are lists in order, without duplicates. */
export type Value = null | boolean | number | string | readonly Value[] | Tree | Unknown | Handle | Instances

/** Thrown when evaluation costs more than a whole configuration may; caught where a root is read. */
export class TooMuch extends Error {}

/** What evaluating one root may cost. Hostile locals double with every line. */
export interface Budget {
  /** Throws {@link TooMuch} when all is spent. */
  spend(steps: number): void
}

/** Steps that the largest root known takes a thousandth of. */
const maxSteps = 20_000_000

/** A fresh budget. */
export function budget(steps = maxSteps): Budget {
  let left = steps
  return {
    spend(spent) {
      left -= spent
      if (left < 0) throw new TooMuch('takes too long to evaluate')
    },
  }
}

/** An expression that Terraform would refuse. */
export function failure(reason: string): Unknown {
  return new Unknown(reason, true)
}

/** An object or map. */
export function isTree(value: Value): value is Tree {
  return value instanceof Map
}

/** A list, tuple or set. */
export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

/** A plain value of no parts: text, number, boolean or null. */
export function isScalar(value: Value): value is null | boolean | number | string {
  return value === null || typeof value !== 'object'
}

/**
 * The first part of a value that is not known, itself included; `undefined` where all of it is. What is declared counts as not
 * known: its whole was asked for, and only its attributes can be told.
 */
export function unknownPart(value: Value, budget: Budget): Unknown | undefined {
  budget.spend(1)
  if (isScalar(value)) return undefined
  if (value instanceof Unknown) return value
  if (value instanceof Handle) return new Unknown(`all of ${value.declared.address} is not known`)
  if (value instanceof Instances) return new Unknown(`how many ${value.each.declared.address} there are is not known`)
  let found: Unknown | undefined
  for (const part of isList(value) ? value : value.values()) {
    const unknown = unknownPart(part, budget)
    // What fails decides: the whole expression does.
    if (unknown?.fails) return unknown
    found ??= unknown
  }
  return found
}

/** Text as Terraform converts it; an {@link Unknown} where it cannot. */
export function toText(value: Value): string | Unknown {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return numberText(value)
  if (value instanceof Unknown) return value
  if (value === null) return failure('null is no text')
  if (value instanceof Handle || value instanceof Instances)
    return new Unknown('only attributes of what is declared have a text')
  return failure('an object or list is no text')
}

/** Numbers are exact in Terraform, not here: what would be written differently is not known. */
function numberText(value: number): string | Unknown {
  if (Number.isSafeInteger(value)) return String(value)
  const text = String(value)
  return Number.isInteger(value) || text.includes('e') || text.length > 15
    ? new Unknown('a number of more digits than are held')
    : text
}

/** A number as Terraform converts it. */
export function toNumber(value: Value): number | Unknown {
  if (typeof value === 'number') return value
  if (value instanceof Unknown) return value
  if (typeof value === 'string' && /^-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/.test(value)) return Number(value)
  return isScalar(value) || isList(value) || isTree(value)
    ? failure('not a number')
    : new Unknown('not known to be a number')
}

/** A boolean as Terraform converts it. */
export function toFlag(value: Value): boolean | Unknown {
  if (typeof value === 'boolean') return value
  if (value instanceof Unknown) return value
  if (value === 'true') return true
  if (value === 'false') return false
  return isScalar(value) || isList(value) || isTree(value)
    ? failure('not a boolean')
    : new Unknown('not known to be a boolean')
}

/** Whether two values are equal, `undefined` where that is not known. Text and number are never equal. */
export function equal(a: Value, b: Value, budget: Budget): boolean | undefined {
  budget.spend(1)
  if (a instanceof Unknown || b instanceof Unknown) return undefined
  if (a instanceof Instances || b instanceof Instances) return undefined
  if (a instanceof Handle || b instanceof Handle) return a === b || a === null || b === null ? a === b : undefined
  if (isScalar(a) || isScalar(b)) return scalarsEqual(a, b)
  if (isList(a) !== isList(b)) return false
  return isList(a) ? listsEqual(a, b as readonly Value[], budget) : treesEqual(a as Tree, b as Tree, budget)
}

/** Texts with placeholders may turn out equal to any other; `===` tells only that they are the same. */
function scalarsEqual(a: Value, b: Value): boolean | undefined {
  if (a === b) return true
  const mayBecomeEqual = typeof a === 'string' && typeof b === 'string' && (isMade(a) || isMade(b))
  return mayBecomeEqual ? undefined : false
}

function every(answers: Iterable<boolean | undefined>): boolean | undefined {
  let known: boolean | undefined = true
  for (const answer of answers) {
    if (answer === false) return false
    if (answer === undefined) known = undefined
  }
  return known
}

function listsEqual(a: readonly Value[], b: readonly Value[], budget: Budget): boolean | undefined {
  return a.length === b.length && every(a.map((item, index) => equal(item, b[index]!, budget)))
}

function treesEqual(a: Tree, b: Tree, budget: Budget): boolean | undefined {
  if (a.size !== b.size || [...a.keys()].some(key => !b.has(key))) return false
  return every([...a].map(([key, item]) => equal(item, b.get(key)!, budget)))
}

/** Order by code point, as Terraform sorts keys. */
export function byCodePoint(a: string, b: string): number {
  if (a === b) return 0
  const [x, y] = [Buffer.from(a), Buffer.from(b)]
  return Buffer.compare(x, y)
}

/** A tree in Terraform's order: by key. */
export function inOrder(tree: Tree): [string, Value][] {
  return [...tree].sort(([a], [b]) => byCodePoint(a, b))
}

/** Elements without duplicates, in the order of a set; an {@link Unknown} where that cannot be told. */
export function asSet(items: readonly Value[], budget: Budget): Value {
  const kept: Value[] = []
  const scalars = new Set<Value>()
  let composites = 0
  for (const item of items) {
    budget.spend(1)
    const unknown = item instanceof Handle ? undefined : unknownPart(item, budget)
    if (unknown) return unknown
    if (isScalar(item)) {
      if (scalars.has(item)) continue
      scalars.add(item)
    } else {
      composites++
      if (kept.some(other => !isScalar(other) && equal(other, item, budget) === true)) continue
    }
    kept.push(item)
  }
  // The order of a set of objects is nobody's to rely on.
  return composites > 0 ? kept : kept.sort((a, b) => compareScalars(a, b))
}

function compareScalars(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return byCodePoint(String(a), String(b))
}

/** Deeper documents are no configuration of anybody's, and would exhaust the stack. */
const maxDepth = 200

/** A plain JavaScript value (JSON) as a value. */
export function fromJson(json: unknown, budget: Budget, depth = 0): Value {
  budget.spend(1)
  if (depth > maxDepth) return new Unknown('nested too deeply')
  if (json === null || typeof json === 'boolean' || typeof json === 'number' || typeof json === 'string') return json
  if (Array.isArray(json)) return json.map(item => fromJson(item, budget, depth + 1))
  if (typeof json !== 'object' || json === undefined) return new Unknown('not a value of JSON')
  return new Map(Object.entries(json).map(([key, item]) => [key, fromJson(item, budget, depth + 1)]))
}

/** A known value as plain JavaScript; keys in order. Whatever is not known must have been ruled out before. */
export function toJson(value: Value, budget: Budget): unknown {
  budget.spend(typeof value === 'string' ? 1 + value.length / 100 : 1)
  if (isScalar(value)) return value
  if (isList(value)) return value.map(item => toJson(item, budget))
  if (isTree(value)) return Object.fromEntries(inOrder(value).map(([key, item]) => [key, toJson(item, budget)]))
  return null
}

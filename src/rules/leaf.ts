import type { Operand } from '../model/rule.ts'
import { canonicalJson } from './canonical-json.ts'
import { equalJson, isOperandKeyword, type OperandKeyword } from './comparison.ts'
import type { FactType } from './fact-index.ts'

/** A leaf as written: a JSON Schema, one keyword of which may hold an operand. */
export type LeafSchema = { readonly [keyword: string]: unknown }

/** Says whether a value that is known exactly satisfies a schema. */
export type LeafValidator = (value: unknown) => boolean

/** An operand of a leaf and the keyword that it stands at. */
export interface LeafOperand {
  keyword: OperandKeyword
  from: 'parameter' | 'fact' | 'element'
  path: string
}

const sources = { $param: 'parameter', $fact: 'fact', $item: 'element' } as const

/** Reads `{ $param: x }`, `{ $fact: path }` or `{ $item: path }`; `undefined` for anything else. */
export function readOperand(value: unknown): { from: LeafOperand['from']; path: string } | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const names = Object.keys(value)
  const name = names[0]
  if (names.length !== 1 || name === undefined || !Object.hasOwn(sources, name)) return undefined
  const path = (value as { [name: string]: unknown })[name]
  return typeof path === 'string' && path !== '' ? { from: sources[name as keyof typeof sources], path } : undefined
}

/** An operand as a rule file spells it. */
export function spellOperand({ from, path }: LeafOperand): Operand {
  if (from === 'parameter') return { $param: path }
  return from === 'fact' ? { $fact: path } : { $item: path }
}

/** Splits a leaf into the part that is known when the rule is loaded, and its operand. */
export function splitLeaf(schema: LeafSchema): { fixed: LeafSchema; operand?: LeafOperand } {
  const fixed: { [keyword: string]: unknown } = {}
  let operand: LeafOperand | undefined
  for (const [keyword, value] of Object.entries(schema)) {
    const source = isOperandKeyword(keyword) ? readOperand(value) : undefined
    if (source) operand = { keyword: keyword as OperandKeyword, ...source }
    else fixed[keyword] = value
  }
  return operand ? { fixed, operand } : { fixed }
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value])
const schemasOf = (value: unknown): LeafSchema[] =>
  Array.isArray(value) ? value.filter(item => typeof item === 'object' && item !== null) : []

/** True where the author of a leaf says that `null` is fine: by `type`, `const`, `enum`, or a branch that does. */
export function admitsNull(schema: LeafSchema): boolean {
  if (schema.const === null) return true
  if ('type' in schema) return listOf(schema.type).includes('null')
  if (Array.isArray(schema.enum)) return schema.enum.includes(null)
  if (Array.isArray(schema.allOf)) return schemasOf(schema.allOf).every(admitsNull)
  return [...schemasOf(schema.anyOf), ...schemasOf(schema.oneOf)].some(admitsNull)
}

/**
 * The fixed part of a leaf with the type that it is held to. JSON Schema lets `maximum` pass on a string and on `null`;
 * a leaf does not: without a `type` of its own it has the fact's, and `null` only where it says so.
 */
export function typedLeaf(fixed: LeafSchema, types: readonly FactType[]): LeafSchema {
  if ('type' in fixed) return fixed
  const kept: FactType[] = types.filter(type => type !== 'null')
  if (admitsNull(fixed)) kept.push('null')
  return { type: kept.length === 1 ? kept[0] : kept, ...fixed }
}

const scalar = (value: unknown): boolean => typeof value !== 'object' || value === null

const typeTests: { readonly [type: string]: LeafValidator } = {
  string: value => typeof value === 'string',
  number: value => typeof value === 'number' && Number.isFinite(value),
  integer: value => typeof value === 'number' && Number.isInteger(value),
  boolean: value => typeof value === 'boolean',
  null: value => value === null,
  array: Array.isArray,
  object: value => typeof value === 'object' && value !== null && !Array.isArray(value),
}

function typeTest(type: unknown): LeafValidator | undefined {
  const tests = listOf(type).map(name =>
    typeof name === 'string' && Object.hasOwn(typeTests, name) ? typeTests[name] : undefined,
  )
  const [first, second, ...more] = tests
  if (tests.includes(undefined) || !first) return undefined
  if (!second) return first
  return more.length === 0 ? value => first(value) || second(value) : value => tests.some(test => test?.(value))
}

/** A numeric keyword, as JSON Schema means it: it says nothing of what is no number. */
function limit(bound: unknown, holds: (value: number, bound: number) => boolean): LeafValidator | undefined {
  if (typeof bound !== 'number') return undefined
  return value => typeof value !== 'number' || holds(value, bound)
}

function lengthLimit(bound: unknown, holds: (length: number, bound: number) => boolean): LeafValidator | undefined {
  if (typeof bound !== 'number') return undefined
  return value => !Array.isArray(value) || holds(value.length, bound)
}

function oneOfScalars(values: unknown): LeafValidator | undefined {
  if (!Array.isArray(values) || !values.every(scalar)) return undefined
  const known = new Set(values)
  return value => known.has(value)
}

function eachItem(schema: unknown): LeafValidator | undefined {
  if (scalar(schema)) return undefined
  const test = simpleValidator(schema as LeafSchema)
  return test && (value => !Array.isArray(value) || value.every(test))
}

const always: LeafValidator = () => true

/** The keywords that are judged by a closure; a property test holds each equal to ajv. */
const simpleKeywords: { readonly [keyword: string]: (expected: unknown) => LeafValidator | undefined } = {
  type: typeTest,
  const: expected => (scalar(expected) ? value => value === expected : value => equalJson(value, expected)),
  enum: oneOfScalars,
  minimum: expected => limit(expected, (value, bound) => value >= bound),
  maximum: expected => limit(expected, (value, bound) => value <= bound),
  exclusiveMinimum: expected => limit(expected, (value, bound) => value > bound),
  exclusiveMaximum: expected => limit(expected, (value, bound) => value < bound),
  minItems: expected => lengthLimit(expected, (length, bound) => length >= bound),
  maxItems: expected => lengthLimit(expected, (length, bound) => length <= bound),
  items: eachItem,
  title: () => always,
  description: () => always,
  $comment: () => always,
}

function both(a: LeafValidator, b: LeafValidator): LeafValidator {
  return value => a(value) && b(value)
}

/** A direct closure for a schema of simple keywords, `undefined` for any other: that one needs ajv. */
export function simpleValidator(schema: LeafSchema): LeafValidator | undefined {
  let all: LeafValidator | undefined
  for (const [keyword, expected] of Object.entries(schema)) {
    const make = Object.hasOwn(simpleKeywords, keyword) ? simpleKeywords[keyword] : undefined
    const test = make?.(expected)
    if (!test) return undefined
    if (test !== always) all = all ? both(all, test) : test
  }
  return all ?? always
}

/** Validators of schemas that no closure can judge, by the schema's canonical text. Same schema, same validator: a memo. */
const compiled = new Map<string, LeafValidator>()

/** Makes validators known: those compiled at build for the built-in rules, and those that the loader compiled. */
export function registerLeaves(
  validators: Iterable<readonly [canonicalSchema: string, validator: LeafValidator]>,
): void {
  for (const [schema, validator] of validators) compiled.set(schema, validator)
}

/** The validator of a schema; throws for one that was neither simple nor compiled when its rule was loaded. */
export function leafValidator(schema: LeafSchema): LeafValidator {
  const validator = simpleValidator(schema) ?? compiled.get(canonicalJson(schema))
  if (!validator) throw new Error(`no validator was compiled for ${canonicalJson(schema)}`)
  return validator
}

import type { FactValue } from '../model/facts.ts'
import { isOperandKeyword, operandKeywords } from './comparison.ts'
import { type ConditionShape, parameterTypes, pathWithin, subjectFact } from './condition.ts'
import type { FactEntry, FactType } from './fact-index.ts'
import { type LeafOperand, type LeafSchema, readOperand, splitLeaf, typedLeaf } from './leaf.ts'
import { compileLeaf } from './leaf-compiler.ts'
import { type Report, type RulePath, suggestion } from './problem.ts'

/** What a condition's check needs to know beside the condition. */
export interface CheckContext extends ConditionShape {
  report: Report
  /** Fact paths on which a leaf of `when` rules `null` out. */
  guarded: ReadonlySet<string>
  /** Collects the parameters that the rule refers to. */
  used: Set<string>
}

/** The types that a keyword speaks of; a keyword that is not here may not stand in a leaf. */
const keywordTypes: { readonly [keyword: string]: readonly FactType[] } = {
  type: [],
  const: [],
  enum: [],
  not: [],
  allOf: [],
  anyOf: [],
  oneOf: [],
  title: [],
  description: [],
  $comment: [],
  minimum: ['number'],
  maximum: ['number'],
  exclusiveMinimum: ['number'],
  exclusiveMaximum: ['number'],
  multipleOf: ['number'],
  minLength: ['string'],
  maxLength: ['string'],
  pattern: ['string'],
  minItems: ['array'],
  maxItems: ['array'],
  uniqueItems: ['array'],
  items: ['array'],
  contains: ['array'],
  minContains: ['array'],
  maxContains: ['array'],
  minProperties: ['object'],
  maxProperties: ['object'],
  required: ['object'],
  propertyNames: ['object'],
  additionalProperties: ['object'],
}

const jsonTypes = ['string', 'number', 'integer', 'boolean', 'null', 'array', 'object']
const elementKeywords = new Set(['items', 'contains', 'minContains', 'maxContains', 'uniqueItems', 'const', 'enum'])

const isObject = (value: unknown): value is { [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Type of a JSON value, as the facts schemas name it. */
export function typeOfValue(value: unknown): FactType {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value as FactType
}

const listed = (words: readonly unknown[]): string =>
  words.map(word => (typeof word === 'string' ? word : JSON.stringify(word))).join(', ')

/** Checks a leaf against the fact that it judges, and compiles it, so that it is known to work. */
export function checkLeaf(
  context: CheckContext,
  path: RulePath,
  schema: unknown,
  fact: FactEntry,
  factPath: string,
  list: string | undefined,
): void {
  const { report } = context
  if (!isObject(schema)) {
    report(path, `write the JSON Schema that ${factPath} must satisfy, such as { const: ${JSON.stringify(schema)} }`)
    return
  }
  if (fact.types.includes('object') && !fact.mapOf) {
    report(path, `${factPath} only groups facts: name one of them`)
    return
  }
  const problems: [RulePath, string][] = []
  checkSchema(schema, path, fact, factPath, (at, message) => problems.push([at, message]), true)
  checkOperands(context, path, schema, fact, factPath, list, (at, message) => problems.push([at, message]))
  for (const [at, message] of problems) report(at, message)
  if (problems.length === 0) compileChecked(context, path, schema, fact)
}

function compileChecked({ report }: CheckContext, path: RulePath, schema: LeafSchema, fact: FactEntry): void {
  const { fixed } = splitLeaf(schema)
  if (Object.keys(schema).length === 0) {
    report(path, 'write at least one keyword, such as const, minimum or type')
    return
  }
  const typed = typedLeaf(fixed, fact.types)
  if (Array.isArray(typed.type) && typed.type.length === 0) {
    report(path, 'this fact is always null: write { const: null }')
    return
  }
  try {
    compileLeaf(typed)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    report(path, `not a JSON Schema that can be judged in linear time: ${reason.slice(0, 200)}`)
  }
}

function checkSchema(
  schema: LeafSchema,
  path: RulePath,
  fact: FactEntry,
  factPath: string,
  report: Report,
  top: boolean,
): void {
  for (const [keyword, value] of Object.entries(schema)) {
    const at = [...path, keyword]
    const speaksOf = Object.hasOwn(keywordTypes, keyword) ? keywordTypes[keyword] : undefined
    if (!speaksOf) {
      report(at, `${keyword} is no keyword of a leaf${suggestion(keyword, Object.keys(keywordTypes))}`)
    } else if (speaksOf.length > 0 && !speaksOf.some(type => fact.types.includes(type))) {
      report(at, `${keyword} speaks of ${listed(speaksOf)}, but ${factPath} is ${listed(fact.types)}`)
    } else if (fact.elements === 'objects' && elementKeywords.has(keyword)) {
      report(at, `judge the elements of ${factPath} by some, every or none`)
    } else if (!(top && isOperandKeyword(keyword) && readOperand(value))) {
      checkKeyword(keyword, value, at, fact, factPath, report)
    }
  }
}

function checkKeyword(
  keyword: string,
  value: unknown,
  at: RulePath,
  fact: FactEntry,
  factPath: string,
  report: Report,
): void {
  if (holdsOperand(value)) {
    report(
      at,
      `an operand is { $param: … }, { $fact: … } or { $item: … } and stands at the top of a leaf, as the value of ${listed(operandKeywords)}`,
    )
    return
  }
  if (keyword === 'type') {
    checkTypes(value, at, fact, factPath, report)
    return
  }
  if (keyword === 'const') {
    checkValue(value, at, fact, factPath, report)
    return
  }
  if (keyword === 'enum') {
    checkEnum(value, at, fact, factPath, report)
    return
  }
  if (keyword === 'not') {
    checkNested(value, at, fact, factPath, report)
    return
  }
  if (keyword === 'allOf' || keyword === 'anyOf' || keyword === 'oneOf') {
    if (!Array.isArray(value)) {
      report(at, 'write a list of schemas')
      return
    }
    for (const [index, part] of value.entries()) checkNested(part, [...at, index], fact, factPath, report)
    return
  }
  const number = /^(minimum|maximum|exclusive|multipleOf)/.test(keyword)
  const count = /^(min|max)(Items|Length|Contains|Properties)$/.test(keyword)
  if (number && !(typeof value === 'number' && Number.isFinite(value))) report(at, 'write a number')
  if (count && !(Number.isInteger(value) && (value as number) >= 0)) report(at, 'write a whole number from 0')
}

/** True for an operand, well or badly spelt, anywhere in a value: it would be taken for a literal. */
function holdsOperand(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsOperand)
  if (!isObject(value)) return false
  return Object.entries(value).some(
    ([name, part]) => (name.startsWith('$') && name !== '$comment') || holdsOperand(part),
  )
}

function checkNested(value: unknown, at: RulePath, fact: FactEntry, factPath: string, report: Report): void {
  if (isObject(value)) checkSchema(value, at, fact, factPath, report, false)
  else report(at, 'write a schema')
}

function checkTypes(value: unknown, at: RulePath, fact: FactEntry, factPath: string, report: Report): void {
  const types = Array.isArray(value) ? value : [value]
  if (types.length === 0) report(at, 'write at least one type')
  for (const type of types) {
    if (!jsonTypes.includes(type as string)) report(at, `write one of ${listed(jsonTypes)}`)
    else if (!fact.types.includes(type === 'integer' ? 'number' : (type as FactType))) {
      report(at, `${factPath} is never ${type}: it is ${listed(fact.types)}`)
    }
  }
}

function checkEnum(value: unknown, at: RulePath, fact: FactEntry, factPath: string, report: Report): void {
  if (!Array.isArray(value) || value.length === 0) {
    report(at, 'write a list of at least one value')
    return
  }
  if (new Set(value.map(item => JSON.stringify(item))).size < value.length) report(at, 'write each value once')
  for (const [index, item] of value.entries()) checkValue(item, [...at, index], fact, factPath, report)
}

function checkValue(value: unknown, at: RulePath, fact: FactEntry, factPath: string, report: Report): void {
  const type = typeOfValue(value)
  if (!fact.types.includes(type)) report(at, `${factPath} is never ${type}: it is ${listed(fact.types)}`)
  else if (type !== 'null' && fact.values && !fact.values.includes(value as FactValue)) {
    report(
      at,
      `${factPath} is never ${JSON.stringify(value)}: it is one of ${listed(fact.values)}${suggestion(String(value), fact.values.map(String))}`,
    )
  }
}

const wantedTypes: { readonly [keyword: string]: readonly FactType[] } = {
  minimum: ['number'],
  maximum: ['number'],
  exclusiveMinimum: ['number'],
  exclusiveMaximum: ['number'],
  minItems: ['number'],
  maxItems: ['number'],
  enum: ['array'],
}

function checkOperands(
  context: CheckContext,
  path: RulePath,
  schema: LeafSchema,
  fact: FactEntry,
  factPath: string,
  list: string | undefined,
  report: Report,
): void {
  const holding = Object.keys(schema).filter(keyword => isOperandKeyword(keyword) && readOperand(schema[keyword]))
  if (holding.length > 1)
    report(path, `a leaf holds at most one operand: split ${listed(holding)} into two leaves under allOf`)
  for (const keyword of holding) {
    const operand = { keyword, ...readOperand(schema[keyword]) } as LeafOperand
    const at = [...path, keyword]
    const source = operandFact(context, operand, at, list, report)
    if (!source) continue
    const wanted = wantedTypes[keyword] ?? fact.types
    if (!source.types.some(type => wanted.includes(type))) {
      report(
        at,
        `${keyword} needs ${listed(wanted)} to judge ${factPath}, but ${operand.path} is ${listed(source.types)}`,
      )
    }
  }
}

function operandFact(
  context: CheckContext,
  { from, path: name }: LeafOperand,
  at: RulePath,
  list: string | undefined,
  report: Report,
): FactEntry | undefined {
  if (from === 'parameter') return operandParameter(context, name, at, report)
  if (from === 'element' && list === undefined) {
    report(at, '$item stands for the element of a list: it has a meaning only inside some, every or none')
    return undefined
  }
  const path = from === 'element' ? pathWithin(list, name) : name
  const fact = subjectFact(context, name, from === 'element' ? list : undefined)
  if (!fact) {
    report(
      at,
      `there is no fact ${path}${suggestion(name, namesWithin(context, from === 'element' ? list : undefined))}`,
    )
  } else if (from === 'fact' && fact.types.includes('null') && !context.guarded.has(path)) {
    report(
      at,
      `${path} may be null: add a leaf on it to when that rules null out, such as ${path}: { type: ${listed(fact.types.filter(type => type !== 'null'))} }`,
    )
  }
  return fact
}

function operandParameter(context: CheckContext, name: string, at: RulePath, report: Report): FactEntry | undefined {
  const parameter = Object.hasOwn(context.parameters, name) ? context.parameters[name] : undefined
  if (!parameter) {
    report(at, `declare ${name} under parameters, with a default${suggestion(name, Object.keys(context.parameters))}`)
    return undefined
  }
  context.used.add(name)
  return { types: parameterTypes(parameter), group: 'policy' }
}

/** Paths that may stand at a place of a condition: those of the subject, or of the elements of a list. */
export function namesWithin({ index, subjects }: ConditionShape, list: string | undefined): string[] {
  const paths = Object.keys(index[subjects[0] ?? ''] ?? {})
  if (list === undefined) return paths.filter(path => !path.includes('[]'))
  const prefix = `${list}[].`
  return paths.filter(path => path.startsWith(prefix)).map(path => path.slice(prefix.length))
}

import type { FactValue } from '../model/facts.ts'
import { type Rule, type RuleParameter, severities } from '../model/rule.ts'
import { subjectKinds } from '../model/subject.ts'
import { checkCondition, guardedPaths } from './check-condition.ts'
import { type CheckContext, namesWithin, typeOfValue } from './check-leaf.ts'
import type { ConditionShape } from './condition.ts'
import { parameterPrefix } from './condition.ts'
import { type FactEntry, type FactIndex, factAt, sharedFact } from './fact-index.ts'
import type { LeafSchema, LeafValidator } from './leaf.ts'
import { compileLeaf } from './leaf-compiler.ts'
import { placeholdersOf } from './message.ts'
import { parameterSchema } from './parameters.ts'
import { type Report, type RulePath, suggestion } from './problem.ts'

interface Fields {
  [key: string]: unknown
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''

const practices = ['REL09-BP01', 'REL09-BP02', 'REL09-BP03', 'REL09-BP04']
const verdicts = ['compliant', 'non-compliant', 'not-applicable', 'undetermined']

type FieldCheck = (value: unknown, path: RulePath, report: Report) => void

const text: FieldCheck = (value, path, report) => {
  if (!isText(value)) report(path, 'write a text')
}

const truth: FieldCheck = (value, path, report) => {
  if (typeof value !== 'boolean') report(path, 'write true or false')
}

/** Ids are stable names: kebab-case, at most 64 characters. */
const id: FieldCheck = (value, path, report) => {
  if (!isText(value) || value.length > 64 || !/^[a-z][a-z0-9-]*$/.test(value)) {
    report(path, 'write lower-case words joined by hyphens, at most 64 characters')
  }
}

const choice =
  (known: readonly string[]): FieldCheck =>
  (value, path, report) => {
    if (!known.includes(value as string))
      report(path, `write one of ${known.join(', ')}${suggestion(String(value), known)}`)
  }

const listOf =
  (check: FieldCheck, least: number): FieldCheck =>
  (value, path, report) => {
    if (!Array.isArray(value) || value.length < least) {
      report(path, `write a list of at least ${least}`)
      return
    }
    for (const [index, item] of value.entries()) check(item, [...path, index], report)
  }

const oneOrMore =
  (check: FieldCheck): FieldCheck =>
  (value, path, report) =>
    Array.isArray(value) ? listOf(check, 1)(value, path, report) : check(value, path, report)

const https: FieldCheck = (value, path, report) => {
  if (!isText(value) || !/^https:\/\/[a-z0-9.-]+\/\S*$/.test(value)) report(path, 'write an https:// address')
}

interface FieldTable {
  [key: string]: { check: FieldCheck; required?: boolean }
}

/** Reports unknown keys, missing keys, and values of the wrong shape. */
const fields =
  (table: FieldTable): FieldCheck =>
  (value, path, report) => {
    if (!isFields(value)) {
      report(path, `write a map with ${Object.keys(table).join(', ')}`)
      return
    }
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(table, key)) report([...path, key], `unknown key${suggestion(key, Object.keys(table))}`)
    }
    for (const [key, { check, required }] of Object.entries(table)) {
      if (Object.hasOwn(value, key)) check(value[key], [...path, key], report)
      else if (required) report(path, `${key} is missing`)
    }
  }

const anything: FieldCheck = () => undefined
const map: FieldCheck = (value, path, report) => {
  if (!isFields(value)) report(path, 'write a map')
}

const parameterFields: FieldTable = {
  type: { check: oneOrMore(choice(['string', 'number', 'integer', 'boolean', 'array', 'null'])), required: true },
  description: { check: text, required: true },
  default: { check: anything, required: true },
  objective: { check: text },
  stricter: { check: choice(['max', 'min']) },
  ...Object.fromEntries(
    [
      'enum',
      'minimum',
      'maximum',
      'exclusiveMinimum',
      'exclusiveMaximum',
      'items',
      'minItems',
      'maxItems',
      'uniqueItems',
      'pattern',
      'minLength',
      'maxLength',
    ].map(keyword => [keyword, { check: anything }]),
  ),
}

const exampleFields: FieldTable = {
  name: { check: text, required: true },
  parameters: { check: map },
  facts: { check: map, required: true },
  verdict: { check: choice(verdicts), required: true },
}

const ruleFields: FieldTable = {
  id: { check: id, required: true },
  aliases: { check: listOf(id, 1) },
  title: { check: text, required: true },
  description: { check: text },
  bestPractice: { check: choice(practices), required: true },
  severity: { check: choice(severities), required: true },
  enabled: { check: truth },
  subject: { check: oneOrMore(choice(subjectKinds)), required: true },
  parameters: { check: map },
  when: { check: map },
  expect: { check: map, required: true },
  message: { check: text, required: true },
  remediation: {
    check: fields({
      text: { check: text, required: true },
      cli: { check: text },
      cloudformation: { check: text },
      terraform: { check: text },
    }),
    required: true,
  },
  controls: {
    check: fields(
      Object.fromEntries(
        ['config', 'securityHub', 'backupAuditManager', 'nist80053'].map(name => [name, { check: listOf(text, 1) }]),
      ),
    ),
  },
  references: { check: listOf(https, 1), required: true },
  examples: { check: listOf(fields(exampleFields), 1), required: true },
}

/** Checks everything that can be told of one rule without running it. `true` if it can be compiled and run. */
export function checkRule(value: unknown, index: FactIndex, report: Report): value is Rule {
  let problems = 0
  const counting: Report = (path, message) => {
    problems += 1
    report(path, message)
  }
  fields(ruleFields)(value, [], counting)
  if (problems > 0) return false
  const rule = value as Rule
  const shape = { index, subjects: [rule.subject].flat(), parameters: usableParameters(rule, counting) }
  checkParameterDeclarations(rule, shape, counting)
  checkConditions(rule, shape, counting)
  checkMessage(rule, shape, counting)
  for (const [position, example] of rule.examples.entries()) checkExample(rule, shape, position, example, counting)
  return problems === 0
}

function usableParameters(rule: Rule, report: Report): { [name: string]: RuleParameter } {
  const usable: { [name: string]: RuleParameter } = {}
  for (const [name, parameter] of Object.entries(rule.parameters ?? {})) {
    if (!/^[a-z][A-Za-z0-9]{0,63}$/.test(name)) report(['parameters', name], 'write a name in camelCase')
    else if (reserved.has(name))
      report(['parameters', name], `${name} is reserved for the AWS Config rule's own parameters`)
    else {
      let problems = 0
      fields(parameterFields)(parameter, ['parameters', name], (path, message) => {
        problems += 1
        report(path, message)
      })
      if (problems === 0) usable[name] = parameter
    }
  }
  return usable
}

/** Parameters that the AWS Config rule takes beside those of the rule. */
const reserved = new Set(['policyUri', 'snapshotUri', 'maxSnapshotAgeHours', 'roleArn', 'undeterminedAs'])

function validatorOf(schema: LeafSchema, path: RulePath, report: Report): LeafValidator | undefined {
  try {
    return compileLeaf(schema)
  } catch (error) {
    report(path, `not a JSON Schema: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}

function checkParameterDeclarations(rule: Rule, shape: ConditionShape, report: Report): void {
  for (const [name, parameter] of Object.entries(shape.parameters)) {
    const path = ['parameters', name]
    const valid = validatorOf(parameterSchema(parameter), path, report)
    if (valid && !valid(parameter.default)) report([...path, 'default'], 'the default does not satisfy the parameter')
    if (parameter.objective !== undefined || parameter.stricter !== undefined)
      checkObjective(parameter, path, shape, report)
    for (const [position, example] of rule.examples.entries()) {
      const given = example.parameters && Object.hasOwn(example.parameters, name) ? example.parameters[name] : undefined
      if (valid && given !== undefined && !valid(given)) {
        report(['examples', position, 'parameters', name], 'the value does not satisfy the parameter')
      }
    }
  }
}

function checkObjective(parameter: RuleParameter, path: RulePath, shape: ConditionShape, report: Report): void {
  if (parameter.stricter === undefined) {
    report(path, 'say which is the stricter: stricter: max or stricter: min')
    return
  }
  const objective = parameter.objective ?? ''
  const fact = sharedFact(shape.index, shape.subjects, `objectives.${objective}`)
  if (!fact?.types.includes('number')) {
    const known = namesWithin(shape, undefined)
      .filter(name => name.startsWith('objectives.'))
      .map(name => name.slice('objectives.'.length))
    report([...path, 'objective'], `write an objective that is a number${suggestion(objective, known)}`)
  }
  if (![parameter.type].flat().some(type => type === 'number' || type === 'integer')) {
    report([...path, 'type'], 'a parameter with an objective is a number')
  }
}

function checkConditions(rule: Rule, shape: ConditionShape, report: Report): void {
  const context: CheckContext = { ...shape, report, guarded: guardedPaths(rule.when), used: new Set() }
  if (rule.when) checkCondition(context, ['when'], rule.when)
  checkCondition(context, ['expect'], rule.expect)
  for (const name of Object.keys(shape.parameters)) {
    if (!context.used.has(name))
      report(['parameters', name], `no leaf refers to ${name}: use { $param: ${name} } or remove it`)
  }
}

function checkMessage(rule: Rule, shape: ConditionShape, report: Report): void {
  for (const name of placeholdersOf(rule.message)) {
    const fact = messageFact(shape, name)
    if (!fact) {
      report(['message'], `{${name}} is no fact${suggestion(name, namesWithin(shape, undefined))}`)
    } else if (fact.elements === 'objects') {
      report(['message'], `{${name}} is a list of objects: name a field of its elements, {${name}[].…}`)
    } else if (fact.types.includes('object')) report(['message'], `{${name}} has parts: name one of them`)
  }
}

function messageFact(shape: ConditionShape, name: string): FactEntry | undefined {
  if (!name.startsWith(parameterPrefix)) return sharedFact(shape.index, shape.subjects, name)
  return Object.hasOwn(shape.parameters, name.slice(parameterPrefix.length))
    ? { types: ['string'], group: 'policy' }
    : undefined
}

function checkExample(
  rule: Rule,
  shape: ConditionShape,
  position: number,
  example: Rule['examples'][number],
  report: Report,
): void {
  const path = ['examples', position]
  for (const name of Object.keys(example.parameters ?? {})) {
    if (!Object.hasOwn(rule.parameters ?? {}, name))
      report([...path, 'parameters', name], 'the rule declares no such parameter')
  }
  const given = Object.keys(example.facts)
  for (const [name, value] of Object.entries(example.facts)) {
    const below = given.find(other => name.startsWith(`${other}.`))
    if (below !== undefined)
      report([...path, 'facts', name], `${below} is given too: give either the whole or its parts`)
    if (name.includes('[]')) report([...path, 'facts', name], 'give the list with its elements')
    else checkExampleFact(shape, name, value, [...path, 'facts', name], report)
  }
}

/** A rule about several subjects has examples about any of them. */
function exampleFact({ index, subjects }: ConditionShape, name: string): FactEntry | undefined {
  return subjects.map(subject => factAt(index[subject], name)).find(entry => entry !== undefined)
}

function checkExampleFact(
  shape: ConditionShape,
  name: string,
  value: FactValue | undefined,
  path: RulePath,
  report: Report,
): void {
  const fact = exampleFact(shape, name)
  if (!fact) {
    report(
      path,
      `${shape.subjects.join(' and ')} has no fact ${name}${suggestion(name, namesWithin(shape, undefined))}`,
    )
    return
  }
  if (isFields(value) && ('$partial' in value || '$atMost' in value || '$atLeast' in value)) {
    checkInexact(shape, name, value, fact, path, report)
    return
  }
  const type = typeOfValue(value)
  if (!fact.types.includes(type)) {
    report(path, `${name} is never ${type}: it is ${fact.types.join(', ')}`)
    return
  }
  if (fact.values && type !== 'null' && !fact.values.includes(value as FactValue)) {
    report(path, `${name} is never ${JSON.stringify(value)}: it is one of ${fact.values.join(', ')}`)
    return
  }
  if (Array.isArray(value)) checkExampleElements(shape, name, value, fact, path, report)
  else if (isFields(value) && !fact.mapOf) {
    for (const [part, item] of Object.entries(value)) {
      checkExampleFact(shape, `${name}.${part}`, item as FactValue, [...path, part], report)
    }
  }
}

function checkInexact(
  shape: ConditionShape,
  name: string,
  value: Fields,
  fact: FactEntry,
  path: RulePath,
  report: Report,
): void {
  const [kind, ...more] = Object.keys(value)
  if (kind === '$partial' && more.length === 0 && Array.isArray(value.$partial) && fact.types.includes('array')) {
    checkExampleElements(shape, name, value.$partial, fact, [...path, '$partial'], report)
    return
  }
  const bounded = kind !== '$partial' && more.length === 0 && typeof value[kind as string] === 'number'
  if (!bounded || !fact.types.includes('number')) {
    report(
      path,
      'write { $partial: […] } for a list known in part, { $atMost: n } or { $atLeast: n } for a number known by a bound',
    )
  }
}

function checkExampleElements(
  shape: ConditionShape,
  name: string,
  items: unknown[],
  fact: FactEntry,
  path: RulePath,
  report: Report,
): void {
  if (fact.elements !== 'objects') {
    if (items.some(item => typeof item === 'object')) report(path, `the elements of ${name} are plain values`)
    return
  }
  for (const [index, item] of items.entries()) {
    if (!isFields(item)) report([...path, index], `write an element of ${name} as a map of its facts`)
    else {
      for (const [part, field] of Object.entries(item)) {
        checkExampleFact(shape, `${name}[].${part}`, field as FactValue, [...path, index, part], report)
      }
    }
  }
}

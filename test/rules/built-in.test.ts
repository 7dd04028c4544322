// Protects the built-in rules: each is sound by the strictest loading, says nothing on missing evidence that it would not say
// with it, and is described by the published schema, which must keep step with the facts.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Facts, FactValue } from '../../src/model/facts.ts'
import { compileRule, judgeFacts } from '../../src/rules/compiled-rule.ts'
import { leavesOf } from '../../src/rules/condition.ts'
import { factTree } from '../../src/rules/examples.ts'
import { type FactSchema, indexFacts } from '../../src/rules/fact-index.ts'
import { formatProblem, loadRules } from '../../src/rules/load.ts'
import { parametersOf } from '../../src/rules/parameters.ts'

const root = join(import.meta.dirname, '../..')
const files = readdirSync(join(root, 'rules'), { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.yaml'))
  .sort()
  .map(name => ({ name: `rules/${name}`, text: readFileSync(join(root, 'rules', name), 'utf8') }))
const schemas = Object.fromEntries(
  readdirSync(join(root, 'schemas/facts')).map(name => [
    name.replace('.schema.json', ''),
    JSON.parse(readFileSync(join(root, 'schemas/facts', name), 'utf8')) as FactSchema,
  ]),
)
const index = indexFacts(schemas)
const { rules, problems } = loadRules(files, index, { strict: true })

describe('the built-in rules', () => {
  it('have no problem, and their examples prove every clause', () => {
    expect(problems.map(formatProblem)).toEqual([])
    expect(rules).toHaveLength(files.length)
    expect(files.length).toBeGreaterThan(0)
  })

  it('name the subject in their messages, not its account and Region, which a template may leave to its deployment', () => {
    const telling = rules.filter(
      ({ subject, message }) => subject !== 'account' && /\{(?:account|region)\}/.test(message),
    )
    expect(telling.map(({ id }) => id)).toEqual([])
  })

  it.each(rules.map(rule => [rule.id, rule] as const))('%s never passes on less evidence', (_id, rule) => {
    const compiled = compileRule(rule, index)
    for (const example of rule.examples) {
      const facts = factTree(example.facts)
      const judge = (given: Facts) => judgeFacts(compiled, given, parametersOf(rule, example.parameters)(given))
      const before = judge(facts)
      for (const poorer of withOneFactLess(facts)) expect([before, 'undetermined']).toContain(judge(poorer as Facts))
    }
  })

  it.each(rules.map(rule => [rule.id, rule] as const))('%s has leaves', (_id, rule) => {
    expect(leavesOf(compileRule(rule, index).expect).length).toBeGreaterThan(0)
  })
})

type Tree = { [name: string]: FactValue | undefined }

/** The facts without one of them, at every depth; a list without one of its elements is known in part. */
function withOneFactLess(tree: Tree): Tree[] {
  return Object.entries(tree).flatMap(([name, value]) => [
    { ...tree, [name]: undefined },
    ...poorerValues(value).map(poorer => ({ ...tree, [name]: poorer })),
  ])
}

function poorerValues(value: FactValue | undefined): (FactValue | undefined)[] {
  if (typeof value === 'number') return [{ $atMost: value }, { $atLeast: value }]
  if (typeof value !== 'object' || value === null) return []
  if (!Array.isArray(value))
    return '$atMost' in value || '$atLeast' in value || '$partial' in value ? [] : withOneFactLess(value as Tree)
  return value.flatMap((element, at): FactValue[] => [
    { $partial: value.toSpliced(at, 1) },
    ...poorerValues(element).map(poorer => value.with(at, poorer as FactValue)),
  ])
}

describe('the schema of rules', () => {
  const schema = JSON.parse(readFileSync(join(root, 'schemas/rule.schema.json'), 'utf8'))
  const valid = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allowUnionTypes: true }).compile(
    schema,
  )

  it('keeps step with the facts (node scripts/generate-rule-schema.mjs)', async () => {
    const path = '../../scripts/generate-rule-schema.mjs'
    const { ruleSchema } = (await import(path)) as { ruleSchema: (schema: object, facts: object) => object }
    expect(schema).toEqual(ruleSchema(schema, schemas))
  })

  it('describes every built-in rule', () => {
    const refused = files.filter(file => !valid(parse(file.text, { merge: true })))
    expect(refused.map(file => file.name)).toEqual([])
  })

  it.each([
    { severity: 'worst' },
    { expect: {} },
    { expect: { noSuchFact: { const: 1 } } },
    { expect: { every: { copies: { crossRegion: { const: true } } } } },
    { expect: { some: { copies: { region: { minimun: 1 } } } } },
    { examples: [] },
    { unknown: true },
  ])('refuses %j', change => {
    const rule = parse(files.find(file => file.name.endsWith('/resource-in-backup-plan.yaml'))?.text ?? '', {
      merge: true,
    })
    expect(valid(rule)).toBe(true)
    expect(valid({ ...rule, ...change })).toBe(false)
  })
})

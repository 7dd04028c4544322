// Protects what people learn of rules: the list and the explanation must show every rule as the policy has it, every leaf of
// its conditions and every fact that it reads; and the test command must fail where an example does.
import { afterAll, describe, expect, it } from 'vitest'
import { type Clause, clausesOf, pathsOf, schemaWords } from '../../src/commands/condition-words.ts'
import { factDescriptions } from '../../src/generated/fact-descriptions.ts'
import { builtInRules, factIndex } from '../../src/rules/built-in.ts'
import { compileRule, subjectsOf } from '../../src/rules/compiled-rule.ts'
import { leavesOf } from '../../src/rules/condition.ts'
import { Shop } from './bookshop.ts'

const rule = (id: string, expect: string, examples: string) => `id: ${id}
title: Shelves are insured
bestPractice: REL09-BP01
severity: low
subject: data-store
expect:
  ${expect}
message: "{name} is not insured"
remediation: { text: Insure it. }
references: [https://docs.aws.amazon.com/]
examples:
${examples}`
const met = '  - { name: covered, facts: { protection.covered: true }, verdict: compliant }\n'
const broken = '  - { name: bare, facts: { protection.covered: false }, verdict: non-compliant }\n'
const unknown = '  - { name: unheard of, facts: {}, verdict: undetermined }\n'
const covered = 'protection.covered: { const: true }'

const shop = new Shop({
  'ours/insured.yaml': rule('insured', covered, met + broken + unknown),
  'wrong/insured.yaml': rule('insured', covered, met + broken.replace('non-compliant', 'compliant') + unknown),
  'thin/insured.yaml': rule('insured', covered, met + unknown),
  'mixed/insured.yaml': rule('insured', covered, met + broken + unknown),
  'mixed/typo.yaml': rule('typo', 'protection.coverd: { const: true }', met + broken + unknown),
  'taken/vault-lock.yaml': rule('vault-lock', covered, met + broken + unknown),
  'shop.yaml':
    'version: 1\nrules:\n  vault-lock: { severity: low, parameters: { requiredMode: compliance } }\n  s3-mfa-delete: { enabled: true }\n  kms-key-healthy: { enabled: false }\n',
})
afterAll(() => shop.remove())

interface Listed {
  id: string
  severity: string
  baseSeverity: string
  enabled: boolean
  optional: boolean
}
const list = async (...args: string[]) =>
  JSON.parse((await shop.run(['rules', '--format', 'json', ...args])).out) as Listed[]

describe('rel09 rules', () => {
  it('lists every rule, by id, optional ones as such', async () => {
    const listed = await list()
    expect(listed.map(({ id }) => id)).toEqual(builtInRules.map(({ id }) => id).sort())
    for (const { id, optional, enabled } of listed) {
      expect(optional).toBe(builtInRules.find(found => found.id === id)?.enabled === false)
      expect(enabled).toBe(!optional)
    }
  })

  it('in text too, under its best practice', async () => {
    const { out } = await shop.run(['rules'])
    let practice = ''
    for (const line of out.split('\n')) {
      practice = /^(REL09-BP0\d) /.exec(line)?.[1] ?? practice
      const id = /^ {2}(?:critical|high|medium|low|off) +(\S+)/.exec(line)?.[1]
      if (id) expect(builtInRules.find(found => found.id === id)?.bestPractice).toBe(practice)
    }
    for (const { id } of builtInRules) expect(out).toContain(` ${id} `)
    expect(out).toMatch(/off +s3-mfa-delete .*optional/)
  })

  it('shows what the policy makes of them', async () => {
    const listed = await list('--policy', 'shop.yaml')
    expect(listed.find(({ id }) => id === 'vault-lock')).toMatchObject({
      severity: 'low',
      baseSeverity: 'high',
      enabled: true,
    })
    expect(listed.find(({ id }) => id === 's3-mfa-delete')).toMatchObject({ enabled: true, optional: true })
    expect(listed.find(({ id }) => id === 'kms-key-healthy')).toMatchObject({ enabled: false, optional: false })
    const { out } = await shop.run(['rules', '--policy', 'shop.yaml'])
    expect(out).toMatch(/off +kms-key-healthy .*switched off by shop\.yaml/)
    expect(out).toMatch(/low +vault-lock .*shop\.yaml sets requiredMode/)
  })

  it('lists rules of the user, and one best practice alone', async () => {
    const listed = await list('--rules', 'ours', '--best-practice', 'REL09-BP01')
    expect(listed.map(({ id }) => id)).toContain('insured')
    expect(listed.map(({ id }) => id)).not.toContain('vault-lock')
  })

  it.each([
    ['a best practice that is none', ['--best-practice', 'REL09-BP05']],
    ['a bad rule', ['--rules', 'mixed']],
    ['an id that is taken', ['--rules', 'taken']],
  ])('refuses %s', async (_, args) => {
    expect(await shop.run(['rules', ...args])).toMatchObject({ code: 2, out: '' })
  })
})

const flat = (clauses: readonly Clause[]): string[] => clauses.flatMap(({ text, parts = [] }) => [text, ...flat(parts)])

describe('conditions in words', () => {
  it.each(builtInRules.map(found => [found.id, found] as const))('of %s leave out no leaf and no fact', (_, found) => {
    const { when, expect: wanted } = compileRule(found, factIndex)
    const texts = [...flat(clausesOf(found.when ?? {})), ...flat(clausesOf(found.expect))]
    for (const { path } of [...(when ? leavesOf(when) : []), ...leavesOf(wanted)]) {
      const name = path.replace(/^parameters\./, 'parameter ')
      expect(
        texts.some(text => text.startsWith(`${name} is `)),
        path,
      ).toBe(true)
    }
    for (const path of [...pathsOf(found.when ?? {}), ...pathsOf(found.expect)])
      for (const subject of subjectsOf(found)) {
        const known = factDescriptions[subject] ?? {}
        expect(Object.hasOwn(known, path) || path.startsWith('tags.'), `${subject} ${path}`).toBe(true)
      }
  })

  it.each<[{ [keyword: string]: unknown }, string]>([
    [{ const: true }, 'true'],
    [{ const: null }, 'none'],
    [{ enum: ['a', 'b'] }, 'one of a, b'],
    [{ enum: { $param: 'tiers' } }, 'one of parameter tiers'],
    [{ minimum: 1, maximum: { $fact: 'objectives.rpoHours' } }, 'at least 1 and at most objectives.rpoHours'],
    [{ exclusiveMinimum: 0 }, 'more than 0'],
    [{ exclusiveMaximum: { $item: 'retentionDays' } }, 'less than its own retentionDays'],
    [{ minItems: 1 }, 'not empty'],
    [{ maxItems: 0 }, 'empty'],
    [{ type: 'number' }, 'a number, not none'],
    [{ type: ['number', 'null'] }, 'a number or none'],
    [{ not: { const: 'x' } }, 'not x'],
    [{ pattern: '^a' }, 'like /^a/'],
    [{ multipleOf: 7 }, 'multipleOf 7'],
  ])('%j is %s', (schema, words) => {
    expect(schemaWords(schema)).toBe(words)
  })
})

describe('rel09 explain', () => {
  it.each(builtInRules.map(({ id }) => id))('tells of %s', async id => {
    const found = builtInRules.find(other => other.id === id)!
    const { code, out } = await shop.run(['explain', id], { columns: 120 })
    expect(code).toBe(0)
    expect(out).not.toMatch(/undefined|\[object|NaN/)
    for (const name of Object.keys(found.parameters ?? {})) expect(out).toContain(`  ${name} = `)
    for (const reference of found.references) expect(out).toContain(reference)
    for (const { verdict } of found.examples) expect(out).toContain(verdict)
    if (found.remediation.terraform) expect(out).toContain('  Terraform\n')
    for (const path of [...pathsOf(found.when ?? {}), ...pathsOf(found.expect)]) expect(out).toContain(`  ${path}\n`)
  })

  it('shows the values of the policy beside the defaults', async () => {
    const { out } = await shop.run(['explain', 'vault-lock', '--policy', 'shop.yaml'])
    expect(out).toContain('requiredMode = compliance (set by shop.yaml; default any)')
    expect(out).toContain("minRetentionDays = 1 or the tier's retentionDays, whichever is greater")
  })

  it('tells of rules of the user, and in JSON', async () => {
    const { out } = await shop.run(['explain', 'insured', '--rules', 'ours', '--format', 'json'])
    expect(JSON.parse(out)).toMatchObject({
      rule: { id: 'insured' },
      effective: { severity: 'low', enabled: true },
      facts: [{ path: 'protection.covered', group: 'selections' }],
    })
  })

  it('suggests what was meant', async () => {
    expect(await shop.run(['explain', 'vault-lokc'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('did you mean vault-lock?'),
    })
  })
})

describe('rel09 test', () => {
  it('runs every example of the built-in rules', async () => {
    const { code, out } = await shop.run(['test', '--strict', '--format', 'json'])
    const examples = builtInRules.reduce((sum, found) => sum + found.examples.length, 0)
    expect(JSON.parse(out)).toMatchObject({ rules: builtInRules.length, examples, failures: 0, invalid: 0 })
    expect(code).toBe(0)
  })

  it.each<[string, string[], number]>([
    ['a sound rule', ['--rules', 'ours'], 0],
    ['a sound rule, strictly', ['--rules', 'ours', '--strict'], 0],
    ['an example that fails', ['--rules', 'wrong'], 1],
    ['a leaf that no example makes false', ['--rules', 'thin'], 0],
    ['a leaf that no example makes false, strictly', ['--rules', 'thin', '--strict'], 1],
    ['an invalid file beside a sound one', ['--rules', 'mixed'], 2],
    ['an id that is taken', ['--rules', 'taken'], 2],
    ['a folder that is not there', ['--rules', 'nowhere'], 2],
    ['one built-in rule', ['--rule', 'vault-lock'], 0],
    ['a rule that is none', ['--rule', 'vault-lokc'], 2],
  ])('%s', async (_, args, code) => {
    expect((await shop.run(['test', ...args])).code).toBe(code)
  })

  it('tells where an example failed, what it said, what came out and what decided', async () => {
    const { out } = await shop.run(['test', '--rules', 'wrong'])
    expect(out).toContain('wrong/insured.yaml:13')
    expect(out).toContain('insured: bare')
    expect(out).toContain('expected compliant, got non-compliant')
    expect(out).toContain('protection.covered is false, wanted true')
  })

  it('still runs the sound rules beside an invalid one', async () => {
    const { out, err } = await shop.run(['test', '--rules', 'mixed'])
    expect(err).toContain('mixed/typo.yaml:7')
    expect(out).toContain('1 rule, 3 examples')
  })

  it('takes the built-in rules too where asked', async () => {
    const { out } = await shop.run(['test', '--rules', 'ours', '--built-in', '--format', 'json'])
    expect(JSON.parse(out)).toMatchObject({ rules: builtInRules.length + 1 })
  })
})

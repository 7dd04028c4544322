// Protects the reading of rel09.yaml: a slip in a policy must be told with its line and never be taken for the default,
// and what a policy leaves out must be the documented default.
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { builtInPolicy } from '../../src/policy/built-in.ts'
import { defaultPolicy } from '../../src/policy/defaults.ts'
import { loadPolicy } from '../../src/policy/load.ts'
import { builtInRules } from '../../src/rules/built-in.ts'
import { formatProblem } from '../../src/rules/problem.ts'

const load = (text: string) => loadPolicy(text, 'shop.yaml', builtInRules)
const problemsOf = (text: string) => load(text).problems.map(formatProblem)
const policyOf = (text: string) => {
  const { policy, problems } = load(text)
  expect(problems.map(formatProblem)).toEqual([])
  return policy!
}

const exemption = (fields: string) => `version: 1\nexemptions:\n  - { ${fields} }\n`
const whole = 'rule: vault-lock, resource: "*", reason: small shop, owner: reader, expires: 2027-03-01'

describe('the default policy', () => {
  it('has a digest that changes only when what is judged by default changes', () => {
    expect(builtInPolicy().digest).toBe('c3997d1f5adf3db76eeb2f08eebc5e12ff9328401e58743c6081fe33eea71974')
  })

  it('is what an empty policy means, digest included', () => {
    const { file, ...policy } = policyOf('version: 1\n')
    expect(file).toBe('shop.yaml')
    expect(policy).toEqual(builtInPolicy())
  })

  it('has the same digest whatever the file is called and however it is laid out', () => {
    const block = loadPolicy('version: 1\nclosedWorld: true\n', 'a.yaml', builtInRules)
    const flow = loadPolicy('{ "closedWorld": true, "version": 1 }', 'b.yaml', builtInRules)
    expect(block.policy?.digest).toBe(flow.policy?.digest)
    expect(block.policy?.digest).not.toBe(builtInPolicy().digest)
  })
})

describe('a slip in a policy', () => {
  it.each<[string, string, string[]]>([
    ['nothing at all', '', ['shop.yaml:1: ', 'version']],
    ['another version', 'version: 2\n', ['shop.yaml:1: version', '1']],
    ['a list', '- version: 1\n', ['shop.yaml:1', 'object']],
    ['no YAML', 'version: 1\ntiers: [\n', ['shop.yaml:']],
    ['an unknown key', 'version: 1\nteirs: {}\n', ['shop.yaml:2: teirs', 'tiers']],
    [
      'an unknown assumption',
      'version: 1\nassumptions:\n  jobMinute: 5\n',
      ['shop.yaml:3: assumptions.jobMinute', 'jobMinutes'],
    ],
    [
      'an unknown objective',
      'version: 1\ntiers:\n  gold: { rpoHour: 1 }\n',
      ['shop.yaml:3: tiers.gold.rpoHour', 'rpoHours'],
    ],
    [
      'text for a number',
      'version: 1\nassumptions: { jobMinutes: many }\n',
      ['shop.yaml:2: assumptions.jobMinutes', 'number'],
    ],
    [
      'a mechanism that is none',
      'version: 1\nmechanisms: { "*": [aws-backups] }\n',
      ['shop.yaml:2: mechanisms.*[0]', 'aws-backup'],
    ],
    [
      'a type that is none',
      'version: 1\nmechanisms:\n  "AWS::DynamoDB::Tabel": [native-pitr]\n',
      ['shop.yaml:3', 'AWS::DynamoDB::Table'],
    ],
    ['a pattern of types', 'version: 1\nmechanisms: { "AWS::RDS::*": [native-pitr] }\n', ['shop.yaml:2', 'whole type']],
    [
      'an unknown default tier',
      'version: 1\nclassification: { default: tier9 }\n',
      ['shop.yaml:2: classification.default', 'tier2'],
    ],
    [
      'an unknown tier of a rule',
      'version: 1\nclassification:\n  rules:\n    - { name: x, tier: teir0 }\n',
      ['shop.yaml:4', 'tier0'],
    ],
    [
      'a pattern that fits no type',
      'version: 1\nclassification:\n  rules:\n    - { type: "AWS::RSD::*", tier: tier0 }\n',
      ['shop.yaml:4', 'AWS::RSD::*'],
    ],
    [
      'an unknown rule',
      'version: 1\nrules:\n  vault-lokc: { enabled: false }\n',
      ['shop.yaml:3: rules.vault-lokc', 'vault-lock'],
    ],
    [
      'an unknown parameter',
      'version: 1\nrules:\n  vault-lock: { parameters: { mode: any } }\n',
      ['shop.yaml:3: rules.vault-lock.parameters.mode', 'requiredMode'],
    ],
    [
      'a bad parameter',
      'version: 1\nrules:\n  vault-lock: { parameters: { requiredMode: strong } }\n',
      ['shop.yaml:3: rules.vault-lock.parameters.requiredMode', 'governance'],
    ],
    [
      'a bad severity',
      'version: 1\nrules:\n  vault-lock: { severity: severe }\n',
      ['shop.yaml:3: rules.vault-lock.severity', 'critical'],
    ],
    [
      'an organisation that is none',
      'version: 1\nassumptions: { organizationId: shop }\n',
      ['shop.yaml:2: assumptions.organizationId'],
    ],
    [
      'an account number in short',
      'version: 1\nassumptions: { trustedAccounts: ["123"] }\n',
      ['shop.yaml:2: assumptions.trustedAccounts[0]'],
    ],
  ])('%s is told with its line and what to write', (_, text, parts) => {
    const told = problemsOf(text)
    expect(told.length).toBeGreaterThan(0)
    for (const part of parts) expect(told[0]).toContain(part)
    expect(load(text).policy).toBeUndefined()
  })

  it.each<[string, string, string]>([
    ['a rule', whole.replace('rule: vault-lock, ', ''), 'rule is missing'],
    ['a resource', whole.replace('resource: "*", ', ''), 'resource is missing'],
    ['a reason', whole.replace('reason: small shop, ', ''), 'reason is missing'],
    ['an owner', whole.replace('owner: reader, ', ''), 'owner is missing'],
    ['an expiry', whole.replace(', expires: 2027-03-01', ''), 'expires is missing'],
    [
      'a source',
      'kind: reproducible, resource: "*", procedure: p, reason: r, owner: o, expires: 2027-03-01',
      'source is missing',
    ],
    [
      'a procedure',
      'kind: reproducible, resource: "*", source: s, reason: r, owner: o, expires: 2027-03-01',
      'procedure is missing',
    ],
  ])('an exemption without %s does not load', (_, fields, message) => {
    expect(problemsOf(exemption(fields))).toEqual([expect.stringContaining(`shop.yaml:3: exemptions[0]: ${message}`)])
  })

  it('an exemption of kind reproducible names no rule', () => {
    const fields = `kind: reproducible, source: s, procedure: p, ${whole}`
    expect(problemsOf(exemption(fields))[0]).toContain('shop.yaml:3: exemptions[0].rule')
  })

  it('an empty reason is no reason', () => {
    expect(problemsOf(exemption(whole.replace('small shop', '""')))[0]).toContain('exemptions[0].reason')
  })

  it.each([
    '2027-3-1',
    'tomorrow',
    '2027-02-29',
    '2027-13-01',
    '2027-00-10',
    '2027-04-31',
    '20270301',
    '"2027-03-01T00:00:00Z"',
  ])('the date %s does not load', date => {
    expect(problemsOf(exemption(whole.replace('2027-03-01', date)))[0]).toContain('shop.yaml:3: exemptions[0].expires')
  })

  it('a leap day of a leap year does', () => {
    expect(policyOf(exemption(whole.replace('2027-03-01', '2028-02-29'))).exemptions[0]?.expires).toBe('2028-02-29')
  })

  it('every date is looked at', () => {
    const text = `version: 1
attestations:
  - { kind: runbook, resource: "*", date: 2026-02-30, operator: reader, expires: 2026-06-31 }
exemptions:
  - { kind: reproducible, resource: "*", source: s, procedure: p, lastRehearsed: 2026-11-31, reason: r, owner: o, expires: 2027-03-01 }
`
    expect(problemsOf(text).map(line => line.split(': ')[1])).toEqual([
      'attestations[0].date',
      'attestations[0].expires',
      'exemptions[0].lastRehearsed',
    ])
  })

  it('all slips are told at once, in the order of the file', () => {
    const told = problemsOf(
      'version: 1\nclassification: { default: tier9 }\nrules:\n  no-such-rule: {}\n  vault-lock: { parameters: { x: 1 } }\n',
    )
    expect(told.map(line => line.split(':')[1])).toEqual(['2', '4', '5'])
  })

  it('the same key twice does not load', () => {
    expect(problemsOf('version: 1\nclosedWorld: true\nclosedWorld: false\n')[0]).toContain('shop.yaml:3')
  })

  it.each([
    'version: 1\n__proto__: { closedWorld: true }\n',
    'version: 1\nconstructor: {}\n',
    'version: 1\nrules: { __proto__: {} }\n',
  ])('names of JavaScript are no settings: %j', text => {
    expect(load(text).policy).toBeUndefined()
    expect(({} as { closedWorld?: unknown }).closedWorld).toBeUndefined()
  })

  it('a file of nonsense is told, not thrown', () => {
    for (const text of ['\u0000', '&a [*a]', 'a: *b', '!!js/function x', `${'['.repeat(5000)}`, '? - a\n: b'])
      expect(load(text).problems.length).toBeGreaterThan(0)
  })
})

describe('what a policy gives', () => {
  it('tiers replace the default ones, and a default tier that is gone is none', () => {
    const policy = policyOf('version: 1\ntiers: { gold: { rpoHours: 1 }, silver: {} }\n')
    expect(Object.keys(policy.tiers)).toEqual(['gold', 'silver'])
    expect(policy.classification).toEqual({ tag: 'criticality', rules: [], default: null })
  })

  it('the order of tiers is that of the file', () => {
    expect(Object.keys(policyOf('version: 1\ntiers: { z: {}, a: {}, m: {} }\n').tiers)).toEqual(['z', 'a', 'm'])
  })

  it('mechanisms, assumptions and classification add to the defaults', () => {
    const policy = policyOf(
      'version: 1\nmechanisms: { "AWS::DynamoDB::Table": [native-pitr] }\nassumptions: { jobMinutes: 5 }\nclassification: { tag: null }\n',
    )
    expect(policy.mechanisms).toEqual({ '*': ['aws-backup'], 'AWS::DynamoDB::Table': ['native-pitr'] })
    expect(policy.assumptions).toEqual({ ...defaultPolicy.assumptions, jobMinutes: 5 })
    expect(policy.classification).toEqual({ tag: null, rules: [], default: 'tier2' })
  })

  it('an exemption without a kind accepts a finding', () => {
    expect(policyOf(exemption(whole)).exemptions[0]?.kind).toBe('accepted')
  })

  it('a policy of thousands of exemptions loads', () => {
    const many = Array.from({ length: 1500 }, (_, i) => `  - { ${whole.replace('"*"', `"arn:aws:s3:::shelf-${i}"`)} }`)
    expect(policyOf(`version: 1\nexemptions:\n${many.join('\n')}\n`).exemptions).toHaveLength(1500)
  })

  it('the former id of a rule may stand for it', () => {
    const [rule] = builtInRules
    const renamed = builtInRules.map(other => (other === rule ? { ...other, aliases: ['once-called-so'] } : other))
    const { problems } = loadPolicy('version: 1\nrules: { once-called-so: { enabled: false } }\n', 'shop.yaml', renamed)
    expect(problems).toEqual([])
  })

  const minimum = '../shared/corpus/minimum.yaml'
  it.skipIf(!existsSync(minimum))('the policy of the labelled corpus loads', () => {
    expect(policyOf(readFileSync(minimum, 'utf8')).closedWorld).toBe(true)
  })
})

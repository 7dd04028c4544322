// Protects the judging of an inventory: which rules meet which subjects, in which order findings come, what bookkeeping makes
// of them, and that every finding is counted once and none is ever lost.
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { digestRules, fingerprint } from '../../src/engine/digest.ts'
import type { Exemptions } from '../../src/engine/exemptions.ts'
import { type JudgeOptions, judge } from '../../src/engine/judge.ts'
import type { Exemption, Policy } from '../../src/model/policy.ts'
import type { Finding, Report } from '../../src/model/report.ts'
import type { Rule, Verdict } from '../../src/model/rule.ts'
import type { Subject } from '../../src/model/subject.ts'
import { canonicalJson } from '../../src/rules/canonical-json.ts'
import { estateIndex, inventoryOf, policyWith, ruleOf, store } from './bookshop-estate.ts'

const every: ReadonlySet<Verdict> = new Set(['compliant', 'non-compliant', 'not-applicable', 'undetermined'])
const failing: ReadonlySet<Verdict> = new Set(['non-compliant'])
const run = (
  subjects: readonly Subject[],
  rules: readonly Rule[],
  options: JudgeOptions = {},
  policy: Policy = policyWith(),
): Report => judge(inventoryOf(subjects), rules, policy, { facts: estateIndex, ...options })
const list = (report: Report, verdicts = every): Finding[] => [...report.findings(verdicts)]
const short = (report: Report, verdicts = every): string[] =>
  list(report, verdicts).map(({ rule, resource, verdict }) => `${rule} ${resource.name} ${verdict}`)

const encrypted = ruleOf('encrypted', {})
const fresh = ruleOf('fresh', { bestPractice: 'REL09-BP03', severity: 'high', expect: { ageHours: { maximum: 24 } } })
const plain = { encryption: { encrypted: false } }

describe('findings', () => {
  const subjects = [
    store('crime', plain),
    store('poetry', { ageHours: undefined }),
    store('travel', { ...plain, ageHours: 99 }),
  ]

  it('come by rule, then in the order of the inventory', () => {
    expect(short(run(subjects, [fresh, encrypted]))).toEqual([
      'encrypted crime non-compliant',
      'encrypted poetry compliant',
      'encrypted travel non-compliant',
      'fresh crime compliant',
      'fresh poetry undetermined',
      'fresh travel non-compliant',
    ])
  })

  it('come as often as they are asked for, of the verdicts asked for', () => {
    const report = run(subjects, [fresh, encrypted])
    expect(short(report, failing)).toEqual([
      'encrypted crime non-compliant',
      'encrypted travel non-compliant',
      'fresh travel non-compliant',
    ])
    expect(list(report)).toEqual(list(report))
    expect(short(report, new Set(['undetermined']))).toEqual(['fresh poetry undetermined'])
    expect(short(report, new Set())).toEqual([])
  })

  it('are the same bytes for the same input', () => {
    const text = () => {
      const report = run(subjects, [encrypted, fresh], { now: '2026-09-01T00:00:00Z' })
      return JSON.stringify([report, list(report)])
    }
    expect(text()).toBe(text())
    expect(JSON.stringify(list(run(subjects, [fresh, encrypted])))).toBe(
      JSON.stringify(list(run(subjects, [encrypted, fresh]))),
    )
  })

  it('build a subject only when it is read', () => {
    const inventory = inventoryOf([...subjects, store('points', {}, { kind: 'recovery-point' })])
    const report = judge(inventory, [encrypted], policyWith(), { facts: estateIndex })
    expect(inventory.built).toBe(3)
    const [first] = report.findings(failing)
    expect(first?.resource.name).toBe('crime')
    list(report, failing)
    expect(inventory.built).toBeLessThanOrEqual(7)
  })

  it('keep their places beyond any first guess of how many there are', () => {
    const many = Array.from({ length: 100 }, (_, at) =>
      store(`store-${at}`, at % 3 === 0 ? plain : at % 3 === 1 ? {} : { encryption: {} }),
    )
    const report = run(many, [encrypted])
    expect(list(report).map(({ resource, verdict }) => `${resource.name} ${verdict}`)).toEqual(
      many.map(({ name }, at) => `${name} ${['non-compliant', 'compliant', 'undetermined'][at % 3]}`),
    )
    expect(report.summary.verdicts).toEqual({
      compliant: 33,
      'non-compliant': 34,
      'not-applicable': 0,
      undetermined: 33,
    })
  })
})

describe('a finding', () => {
  const only = (report: Report): Finding => {
    const [finding, ...more] = list(report, new Set(['non-compliant', 'undetermined']))
    expect(more).toEqual([])
    return finding as Finding
  }

  it('tells rule, resource, message and evidence', () => {
    const subject = store(
      'crime',
      { protection: { covered: false } },
      {
        sourceType: 'AWS::RDS::DBInstance',
        location: { file: 'live.ndjson', line: 3 },
        related: [{ arn: 'arn:aws:kms:eu-west-1:111122223333:key/1' }],
      },
    )
    const rule = ruleOf('covered', {
      expect: { 'protection.covered': { const: true } },
      message: '{name} has {protection.covered} and {ageHours}',
    })
    expect('related' in only(run([{ ...subject, related: [] }], [rule])).resource).toBe(false)
    expect(only(run([subject], [rule]))).toEqual({
      rule: 'covered',
      bestPractice: 'REL09-BP01',
      title: 'covered is met',
      verdict: 'non-compliant',
      severity: 'medium',
      baseSeverity: 'medium',
      state: 'open',
      subject: 'data-store',
      resource: {
        type: 'AWS::RDS::DBInstance',
        sourceType: 'AWS::RDS::DBInstance',
        id: 'crime',
        arn: 'arn:aws:rds:eu-west-1:111122223333:db:crime',
        account: '111122223333',
        region: 'eu-west-1',
        name: 'crime',
        related: [{ arn: 'arn:aws:kms:eu-west-1:111122223333:key/1' }],
      },
      location: { file: 'live.ndjson', line: 3 },
      message: 'crime has false and 1',
      evidence: [
        {
          path: 'protection.covered',
          expected: { const: true },
          actual: false,
          from: 'plans',
          assumptions: { startWindowMinutes: 480 },
        },
      ],
      missing: [],
      fingerprint: fingerprint('covered', subject),
    })
  })

  it('that is undetermined tells each missing fact once, and why', () => {
    const rule = ruleOf('copied', {
      expect: {
        anyOf: [
          { ageHours: { maximum: 2 } },
          { every: { copies: { ageHours: { maximum: 2 } }, $empty: false } },
          { ageHours: { const: 9 } },
        ],
      },
    })
    const finding = only(run([store('crime', { ageHours: undefined, copies: [{}, {}] })], [rule]))
    expect(finding.missing).toEqual([
      { path: 'ageHours', factGroup: 'recovery-points', reason: 'denied', remedy: 'allow recovery-points' },
      { path: 'copies[].ageHours', factGroup: 'copy-jobs', reason: 'denied', remedy: 'allow copy-jobs' },
    ])
    expect(finding.evidence.map(({ path, from }) => [path, from])).toEqual([
      ['ageHours', 'recovery-points'],
      ['copies[0].ageHours', 'copy-jobs'],
      ['copies[1].ageHours', 'copy-jobs'],
      ['ageHours', 'recovery-points'],
    ])
    expect('actual' in (finding.evidence[0] as object)).toBe(false)
  })

  it('takes a parameter’s evidence from the policy, and misses the objective it hangs on', () => {
    const rule = ruleOf('quick', {
      parameters: {
        hours: { type: 'number', default: 24, description: 'hours', objective: 'rpoHours', stricter: 'min' },
      },
      expect: { ageHours: { maximum: { $param: 'hours' } }, 'parameters.hours': { maximum: 99 } },
      message: 'at most {parameters.hours}',
    })
    expect(only(run([store('crime', { ageHours: 30 })], [rule])).evidence[0]?.expected).toEqual({ maximum: 24 })
    expect(
      only(run([store('crime', { ageHours: 3, objectives: {} })], [rule])).missing.map(fact => [
        fact.path,
        fact.factGroup,
      ]),
    ).toEqual([['objectives.rpoHours', 'policy']])
    const policy = policyWith({ rules: { quick: { parameters: { hours: 2 } } } })
    const finding = only(run([store('crime', { ageHours: 3, objectives: {} })], [rule], {}, policy))
    expect([finding.verdict, finding.message]).toEqual(['non-compliant', 'at most 2'])
    const compliant = list(run([store('crime', { ageHours: 3 })], [rule]))[0]
    expect(compliant?.evidence.map(({ path, from }) => [path, from])).toEqual([
      ['ageHours', 'recovery-points'],
      ['parameters.hours', 'policy'],
    ])
  })

  it('explains why it does not apply, and misses nothing then', () => {
    const rule = ruleOf('only-tables', { when: { type: { const: 'AWS::DynamoDB::Table' } } })
    const [finding] = list(run([store('crime')], [rule]))
    expect(finding).toMatchObject({ verdict: 'not-applicable', missing: [], state: 'open', severity: 'medium' })
    expect(finding?.evidence).toEqual([
      { path: 'type', expected: { const: 'AWS::DynamoDB::Table' }, actual: 'AWS::RDS::DBInstance', from: 'inventory' },
    ])
  })

  it('is undetermined by when, with what when lacks', () => {
    const rule = ruleOf('when-old', { when: { ageHours: { minimum: 1 } } })
    expect(
      only(run([store('crime', { ...plain, ageHours: undefined })], [rule])).missing.map(fact => fact.path),
    ).toEqual(['ageHours'])
  })

  it('of a group counts its members', () => {
    const group = store('points', { count: 12 }, { kind: 'recovery-point', type: 'AWS::Backup::RecoveryPoint' })
    const rule = ruleOf('points-fresh', { subject: 'recovery-point', expect: { ageHours: { maximum: 0 } } })
    expect(only(run([group], [rule])).count).toBe(12)
    const snapshots = store('shots', { ageHours: 9, count: 3 }, { kind: 'native-snapshot' })
    const shotsFresh = ruleOf('shots-fresh', { subject: 'native-snapshot', expect: { ageHours: { maximum: 0 } } })
    expect(only(run([snapshots], [shotsFresh])).count).toBe(3)
    expect('count' in only(run([store('crime', { ...plain, count: 4 })], [encrypted]))).toBe(false)
    const bounded = store('points', { count: { $atLeast: 3 } }, { kind: 'recovery-point' })
    expect('count' in only(run([bounded], [rule]))).toBe(false)
  })

  it('in a template has the ARN as an alias', () => {
    const templated = store('crime', plain, { address: 'CrimeDb', location: { file: 'shop.yaml', line: 4 } })
    expect(only(run([templated], [encrypted]))).toMatchObject({
      aliases: [templated.arn],
      resource: { address: 'CrimeDb' },
    })
    const { arn: _arn, ...unknown } = templated
    expect('aliases' in only(run([unknown], [encrypted]))).toBe(false)
    expect('aliases' in only(run([store('crime', plain)], [encrypted]))).toBe(false)
  })
})

describe('the rules of a run', () => {
  const optional = ruleOf('optional', { enabled: false })
  const renamed = ruleOf('renamed', { aliases: ['former'] })
  const judged = (rules: readonly Rule[], options: JudgeOptions = {}, policy = policyWith()) =>
    run([store('crime')], rules, options, policy).rules.map(rule => rule.id)

  it.each([
    [{}, {}, ['encrypted', 'renamed']],
    [{}, { optional: { enabled: true } }, ['encrypted', 'optional', 'renamed']],
    [{}, { encrypted: { enabled: false } }, ['renamed']],
    [{}, { former: { enabled: false } }, ['encrypted']],
    [{ ruleIds: ['optional'] }, {}, ['optional']],
    [{ ruleIds: ['optional'] }, { optional: { enabled: false } }, []],
    [{ ruleIds: ['former'] }, {}, ['renamed']],
    [{ ruleIds: ['encrypted'] }, { encrypted: { enabled: false } }, []],
    [{ ruleIds: [] }, {}, []],
  ] as [JudgeOptions, Policy['rules'], string[]][])('with %j and policy %j are %j', (options, rules, ids) => {
    expect(judged([renamed, optional, encrypted], options, policyWith({ rules }))).toEqual(ids)
  })

  it('meet only the types and kinds that they are about', () => {
    const tables = ruleOf('tables', { when: { type: { const: 'AWS::DynamoDB::Table' } } })
    const several = ruleOf('several', { when: { type: { enum: ['AWS::DynamoDB::Table', 'AWS::RDS::DBInstance'] } } })
    const points = ruleOf('points', { subject: ['recovery-point', 'data-store'], expect: { ageHours: { maximum: 1 } } })
    const subjects = [
      store('a-table', {}, { type: 'AWS::DynamoDB::Table' }),
      store('bucket', {}, { type: 'AWS::S3::Bucket' }),
      store('crime'),
      store('points', { ageHours: 5 }, { kind: 'recovery-point' }),
    ]
    const report = run(subjects, [tables, several, points])
    expect(short(report)).toEqual([
      'points a-table compliant',
      'points bucket compliant',
      'points crime compliant',
      'points points non-compliant',
      'several a-table compliant',
      'several bucket not-applicable',
      'several crime compliant',
      'tables a-table compliant',
      'tables bucket not-applicable',
      'tables crime not-applicable',
    ])
    expect(report.summary.byRule.tables).toEqual({
      compliant: 1,
      'non-compliant': 0,
      'not-applicable': 2,
      undetermined: 0,
    })
    expect(short(report, new Set(['not-applicable']))).toEqual([
      'several bucket not-applicable',
      'tables bucket not-applicable',
      'tables crime not-applicable',
    ])
  })
})

describe('severity', () => {
  const severity = (rule: Partial<Rule>, policy: Partial<Policy>, tier?: string): [string, string] => {
    const [finding] = list(
      run([store('crime', plain, { tier })], [ruleOf('it', rule)], {}, policyWith(policy)),
      failing,
    )
    return [finding?.severity ?? '', finding?.baseSeverity ?? '']
  }
  const tiers = {
    up: { severityShift: 1 },
    down: { severityShift: -1 },
    far: { severityShift: 9 },
    deep: { severityShift: -9 },
    none: {},
  }
  it.each([
    ['medium', 'up', 'high'],
    ['medium', 'down', 'low'],
    ['medium', 'far', 'critical'],
    ['medium', 'deep', 'low'],
    ['critical', 'up', 'critical'],
    ['low', 'down', 'low'],
    ['medium', 'none', 'medium'],
    ['medium', 'unheard-of', 'medium'],
    ['medium', 'toString', 'medium'],
    ['medium', undefined, 'medium'],
  ] as const)('%s in tier %s is %s', (base, tier, moved) => {
    expect(severity({ severity: base }, { tiers }, tier)).toEqual([moved, base])
  })

  it('of the policy stands unmoved', () => {
    expect(severity({}, { tiers, rules: { it: { severity: 'low' } } }, 'far')).toEqual(['low', 'medium'])
    expect(severity({ aliases: ['old'] }, { tiers, rules: { old: { severity: 'critical' } } }, 'deep')).toEqual([
      'critical',
      'medium',
    ])
  })
})

describe('bookkeeping', () => {
  const exemption: Exemption = {
    rule: 'encrypted',
    resource: '*crime',
    reason: 'a cache',
    owner: 'ada',
    expires: '2027-03-01',
  }
  const exempting = (matches: (rule: string, resource: string, verdict: Verdict) => boolean): Exemptions => {
    const used = new Set<Exemption>()
    return {
      used,
      find(rule, resource, verdict) {
        if (!matches(rule, resource, verdict)) return undefined
        used.add(exemption)
        return exemption
      },
    }
  }
  const states = (report: Report) => list(report).map(({ resource, state }) => `${resource.name} ${state}`)
  const subjects = [store('crime', plain), store('poetry', plain), store('travel')]

  it('marks what is exempted and keeps it', () => {
    const exemptions = exempting((rule, resource) => rule === 'encrypted' && resource.endsWith(':crime'))
    const report = run(subjects, [encrypted], { exemptions }, policyWith({ exemptions: [exemption] }))
    expect(states(report)).toEqual(['crime exempted', 'poetry open', 'travel open'])
    expect(list(report)[0]?.exemption).toEqual({
      reason: 'a cache',
      owner: 'ada',
      expires: '2027-03-01',
      kind: 'accepted',
    })
    expect('exemption' in (list(report)[1] as object)).toBe(false)
    expect(report.summary.states).toEqual({ open: 1, exempted: 1, baselined: 0, belowThreshold: 0 })
    expect(report.summary.open).toEqual({ critical: 0, high: 0, medium: 1, low: 0 })
    expect(report.summary.verdicts['non-compliant']).toBe(2)
    expect(report.unusedExemptions).toEqual([])
  })

  it('asks for verdicts that are no pass, by ARN, address and former ids, or the id of what has neither', () => {
    const asked: string[] = []
    const exemptions = exempting((rule, resource, verdict) => {
      asked.push(`${rule} ${resource} ${verdict}`)
      return false
    })
    const { arn: _arn, ...region } = store('eu-west-1', plain)
    const { arn: _unborn, ...template } = store('travel', plain, { address: 'Travel' })
    const rule = ruleOf('renamed', { aliases: ['former'] })
    run(
      [
        store('crime', plain, { address: 'Crime' }),
        region,
        template,
        store('fine'),
        store('poetry', { encryption: {} }),
      ],
      [rule],
      { exemptions },
    )
    const arn = 'arn:aws:rds:eu-west-1:111122223333:db:'
    expect(asked).toEqual([
      `renamed ${arn}crime non-compliant`,
      'renamed Crime non-compliant',
      `former ${arn}crime non-compliant`,
      'former Crime non-compliant',
      'renamed eu-west-1 non-compliant',
      'former eu-west-1 non-compliant',
      'renamed Travel non-compliant',
      'former Travel non-compliant',
      `renamed ${arn}poetry undetermined`,
      `former ${arn}poetry undetermined`,
    ])
  })

  it('exempts what cannot be told, which then lacks nothing', () => {
    const report = run([store('crime', { encryption: {} }), store('poetry', { encryption: {} })], [encrypted], {
      exemptions: exempting((_rule, name) => name.endsWith('crime')),
    })
    expect(states(report)).toEqual(['crime exempted', 'poetry open'])
    expect(report.summary.undetermined).toEqual([
      { factGroup: 'configuration', reason: 'denied', remedy: 'allow configuration', count: 1 },
    ])
    expect(report.summary.states).toEqual({ open: 0, exempted: 0, baselined: 0, belowThreshold: 0 })
  })

  it('tells exemptions that nothing needed, and those that expired', () => {
    const expired = { ...exemption, expires: '2026-08-31' }
    const { rule: _rule, ...reproducible } = { ...exemption, kind: 'reproducible' as const, expires: '2026-09-01' }
    const policy = policyWith({ exemptions: [exemption, expired, reproducible] })
    expect(run(subjects, [encrypted], { now: '2026-09-01T23:59:59Z' }, policy).unusedExemptions).toStrictEqual([
      { resource: '*crime', rule: 'encrypted', reason: 'a cache', expires: '2027-03-01', why: 'unused' },
      { resource: '*crime', rule: 'encrypted', reason: 'a cache', expires: '2026-08-31', why: 'expired' },
      { resource: '*crime', reason: 'a cache', expires: '2026-09-01', why: 'unused' },
    ])
    expect(run(subjects, [encrypted], {}, policy).unusedExemptions.map(({ why }) => why)).toEqual([
      'unused',
      'unused',
      'unused',
    ])
  })

  it('marks what a baseline knows, under former ids and by the ARN too', () => {
    const templated = store('crime', plain, { address: 'Crime', location: { file: 'shop.yaml', line: 1 } })
    const rule = ruleOf('encrypted', { aliases: ['former'] })
    const known = (baseline: string[], subject = templated) =>
      list(run([subject], [rule], { baseline: new Set(baseline) }), failing)[0]?.state
    expect(known([fingerprint('encrypted', templated)])).toBe('baselined')
    expect(known([fingerprint('former', templated)])).toBe('baselined')
    expect(known([fingerprint('encrypted', templated, templated.arn)])).toBe('baselined')
    expect(known([fingerprint('other', templated)])).toBe('open')
    // Neither half of what tells it apart is enough.
    const { arn: _arn, ...unborn } = templated
    expect(known([fingerprint('encrypted', unborn, 'undefined')], unborn as Subject)).toBe('open')
    expect(known([])).toBe('open')
    const moved = { ...templated, location: { file: 'shop.yaml', line: 99 } }
    expect(known([fingerprint('encrypted', templated)], moved)).toBe('baselined')
    expect(
      known([fingerprint('encrypted', templated)], { ...templated, location: { file: 'other.yaml', line: 1 } }),
    ).toBe('open')
  })

  it('baselines only what fails', () => {
    const unknown = store('crime', { encryption: {} })
    const baseline = new Set([fingerprint('encrypted', unknown), fingerprint('encrypted', store('travel'))])
    expect(states(run([unknown, store('travel')], [encrypted], { baseline }))).toEqual(['crime open', 'travel open'])
  })

  it.each([
    ['critical', 'belowThreshold'],
    ['high', 'belowThreshold'],
    ['medium', 'open'],
    ['low', 'open'],
    ['never', 'open'],
    [undefined, 'open'],
  ] as const)('fails on %s: a medium finding is %s', (failOn, state) => {
    const report = run([store('crime', plain)], [encrypted], { failOn })
    expect(list(report, failing)[0]?.state).toBe(state)
    expect(report.summary.open.medium).toBe(state === 'open' ? 1 : 0)
    expect(report.summary.states[state]).toBe(1)
  })

  it('prefers exempted to baselined to below the threshold', () => {
    const baseline = new Set(subjects.slice(0, 2).map(subject => fingerprint('encrypted', subject)))
    const exemptions = exempting((_rule, resource) => resource.endsWith('crime'))
    const report = run([...subjects, store('zoology', plain)], [encrypted], { baseline, exemptions, failOn: 'high' })
    expect(states(report)).toEqual(['crime exempted', 'poetry baselined', 'travel open', 'zoology belowThreshold'])
  })
})

describe('a report', () => {
  it('counts every finding once', () => {
    const subjects = [
      store('crime', { ...plain, protection: { covered: false } }),
      store('poetry', { protection: {} }),
      store('travel', { ageHours: 99, protection: null }),
      store('zoology', { ageHours: undefined, encryption: {} }),
      store('points', { ageHours: 1 }, { kind: 'recovery-point' }),
    ]
    const never = ruleOf('never', { subject: 'kms-key', expect: {} })
    const both = ruleOf('both', { expect: { 'encryption.encrypted': { const: true }, ageHours: { maximum: 24 } } })
    const report = run(subjects, [encrypted, fresh, never, both])
    const { summary } = report
    const found = list(report)
    const count = (verdict: Verdict, by: Partial<Finding> = {}) =>
      found.filter(
        finding =>
          finding.verdict === verdict &&
          Object.entries(by).every(([key, value]) => finding[key as keyof Finding] === value),
      ).length
    for (const verdict of every) {
      expect(summary.verdicts[verdict]).toBe(count(verdict))
      for (const rule of ['encrypted', 'fresh', 'both', 'never'])
        expect(summary.byRule[rule]?.[verdict]).toBe(count(verdict, { rule }))
      for (const bestPractice of ['REL09-BP01', 'REL09-BP02', 'REL09-BP03', 'REL09-BP04'] as const) {
        expect(summary.byBestPractice[bestPractice][verdict]).toBe(count(verdict, { bestPractice }))
      }
    }
    expect(summary.open).toEqual({ critical: 0, high: 1, medium: 3, low: 0 })
    expect([summary.resources, summary.stores]).toEqual([8, 4])
    expect(summary.covered).toEqual({ yes: 1, no: 1, unknown: 2 })
    expect(summary.undetermined).toEqual([
      { factGroup: 'configuration', reason: 'denied', remedy: 'allow configuration', count: 2 },
      { factGroup: 'recovery-points', reason: 'denied', remedy: 'allow recovery-points', count: 2 },
    ])
  })

  it('counts a finding once for a group of which it lacks two facts', () => {
    const rule = ruleOf('copied', {
      expect: { ageHours: { maximum: 2 }, every: { copies: { ageHours: { maximum: 2 } }, $empty: false } },
    })
    const { summary } = run([store('crime', { ageHours: undefined })], [rule])
    expect(summary.undetermined).toEqual([
      { factGroup: 'recovery-points', reason: 'denied', remedy: 'allow recovery-points', count: 1 },
    ])
  })

  it('tells what is lacked in one order, whatever the order of the findings', () => {
    const subjects = ['crime', 'poetry', 'travel'].map(name => store(name, { ageHours: undefined, encryption: {} }))
    const reasons: { [name: string]: string } = { crime: 'throttled', poetry: 'denied', travel: 'denied' }
    const told = (order: readonly Subject[]) => {
      const inventory = inventoryOf(order, {
        whyMissing: ({ name = '' }, path, factGroup) => ({
          path,
          factGroup,
          reason: reasons[name] as 'denied',
          remedy: name,
        }),
      })
      const { summary } = judge(inventory, [fresh, encrypted], policyWith(), { facts: estateIndex })
      return summary.undetermined.map(group => `${group.factGroup} ${group.reason} ${group.remedy} ${group.count}`)
    }
    const sorted = [
      'configuration denied poetry 1',
      'configuration denied travel 1',
      'configuration throttled crime 1',
      'recovery-points denied poetry 1',
      'recovery-points denied travel 1',
      'recovery-points throttled crime 1',
    ]
    expect(told(subjects)).toEqual(sorted)
    expect(told([...subjects].reverse())).toEqual(sorted)
  })

  it('counts only data stores as stores', () => {
    const { summary } = run(
      [store('crime'), store('points', {}, { kind: 'recovery-point' })],
      [ruleOf('points-fresh', { subject: 'recovery-point', expect: { ageHours: { maximum: 1 } } })],
    )
    expect([summary.stores, summary.covered]).toEqual([1, { yes: 1, no: 0, unknown: 0 }])
  })

  it.each(['REL09-BP01', 'REL09-BP02', 'REL09-BP03', 'REL09-BP04'] as const)(
    'counts a rule of %s under it',
    practice => {
      const { byBestPractice } = run([store('crime', plain)], [ruleOf('it', { bestPractice: practice })]).summary
      const failed = Object.entries(byBestPractice).map(([name, counts]) => [name, counts['non-compliant']])
      expect(Object.fromEntries(failed)).toEqual({
        'REL09-BP01': 0,
        'REL09-BP02': 0,
        'REL09-BP03': 0,
        'REL09-BP04': 0,
        [practice]: 1,
      })
    },
  )

  it('counts stores that no rule is about', () => {
    const { summary } = run([store('crime')], [ruleOf('tables', { when: { type: { const: 'AWS::DynamoDB::Table' } } })])
    expect([summary.stores, summary.covered.yes, summary.verdicts['not-applicable']]).toEqual([1, 1, 1])
  })

  it('says what it was made from', () => {
    const scope = (takenAt?: string) => ({
      record: 'scope' as const,
      id: takenAt ?? 'none',
      source: 'aws' as const,
      ...(takenAt ? { takenAt } : {}),
    })
    const scopes = [
      scope('2026-08-01T00:00:00Z'),
      scope(),
      scope('2026-09-01T00:00:00Z'),
      scope('2026-08-15T00:00:00Z'),
    ]
    const gaps = [
      {
        record: 'gap' as const,
        scope: 'x',
        factGroups: ['plans'],
        types: [],
        reason: 'denied' as const,
        remedy: 'allow it',
      },
    ]
    const notEvaluated = [{ reason: 'empty', count: 1 }]
    const policy = policyWith({ file: 'rel09.yaml', digest: 'abc' })
    const report = judge(inventoryOf([], { scopes, gaps, notEvaluated }), [fresh, encrypted], policy, {
      facts: estateIndex,
      now: '2026-09-02T00:00:00Z',
      version: '1.2.3',
    })
    expect(report).toMatchObject({
      version: 1,
      tool: { name: 'rel09', version: '1.2.3' },
      takenAt: '2026-09-01T00:00:00Z',
      now: '2026-09-02T00:00:00Z',
      policyDigest: 'abc',
      policyFile: 'rel09.yaml',
      rulesDigest: digestRules([encrypted, fresh]),
      assumptions: { startWindowMinutes: 480 },
      scopes,
      gaps,
      notEvaluated,
    })
    expect(report.rules.map(rule => rule.id)).toEqual(['encrypted', 'fresh'])
    expect(list(report)).toEqual([])
  })

  it('leaves out what nobody stated', () => {
    const report = judge(inventoryOf([]), [], policyWith(), { rulesDigest: 'known' })
    for (const key of ['takenAt', 'now', 'policyFile']) expect(key in report).toBe(false)
    expect([report.rulesDigest, report.tool.version]).toEqual(['known', '0.0.0'])
  })
})

describe('a fingerprint', () => {
  const live = store('crime')
  it('is 32 hexadecimal digits of rule, kind and identity', () => {
    const others = [
      fingerprint('b', live),
      fingerprint('a', store('poetry')),
      fingerprint('a', { ...live, kind: 'recovery-point' }),
      fingerprint('a', { ...live, address: 'Crime' }),
      fingerprint('a', { ...live, address: 'Crime', location: { file: 'shop.yaml', line: 1 } }),
      fingerprint('a', { ...live, arn: undefined } as Subject),
      fingerprint('a', { ...live, arn: undefined, region: 'eu-west-2' } as Subject),
      fingerprint('a', { ...live, arn: undefined, account: '444455556666' } as Subject),
      fingerprint('a', { ...live, arn: undefined, account: undefined } as Subject),
      fingerprint('a', { ...live, arn: undefined, type: 'AWS::S3::Bucket' } as Subject),
      fingerprint('a', { ...live, arn: undefined, id: 'x' } as Subject),
    ]
    expect(fingerprint('a', live)).toMatch(/^[0-9a-f]{32}$/)
    expect(new Set([fingerprint('a', live), ...others]).size).toBe(others.length + 1)
    // Baselines are kept for years: these digits must never change.
    const region = { ...live, arn: undefined, account: undefined, region: undefined } as unknown as Subject
    expect(
      [
        live,
        region,
        { ...live, address: 'Crime' },
        { ...live, address: 'Crime', location: { file: 'shop.yaml', line: 1 } },
      ].map(subject => fingerprint('a', subject)),
    ).toEqual(
      [live.arn, 'AWS::RDS::DBInstance\n\n\ncrime', 'template\n\nCrime', 'template\nshop.yaml\nCrime'].map(identity =>
        createHash('sha256').update(`a\ndata-store\n${identity}`).digest('hex').slice(0, 32),
      ),
    )
  })

  it('stays when names, lines and facts change, and in a template when the ARN does', () => {
    expect(fingerprint('a', { ...live, name: 'x', facts: {}, location: { file: 'x', line: 9 } })).toBe(
      fingerprint('a', live),
    )
    const templated = { ...live, address: 'Crime', location: { file: 'shop.yaml', line: 1 } }
    expect(
      fingerprint('a', { ...templated, arn: undefined, location: { file: 'shop.yaml', line: 7 } } as Subject),
    ).toBe(fingerprint('a', templated))
  })

  it('of rules does not hang on their order', () => {
    const third = ruleOf('covered', {})
    const orders = [
      [encrypted, fresh, third],
      [third, encrypted, fresh],
      [fresh, third, encrypted],
    ]
    const sorted = createHash('sha256')
      .update(canonicalJson([third, encrypted, fresh]))
      .digest('hex')
    expect(orders.map(digestRules)).toEqual([sorted, sorted, sorted])
    expect(digestRules([encrypted])).not.toBe(digestRules([fresh]))
  })
})

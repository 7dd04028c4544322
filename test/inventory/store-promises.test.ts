// Protects what the join says is promised and asked of a data store: protection, tier, exemptions, keys; and why it lacks
// a fact. Each fact exact, `null` or false where there is none, absent where it is not known.
import { describe, expect, it } from 'vitest'
import type { Attestation, Policy } from '../../src/model/policy.ts'
import type { ResourceRecord, ScopeRecord } from '../../src/model/record.ts'
import {
  all,
  atLeast,
  atMost,
  attached,
  away,
  byArn,
  byTag,
  cases,
  cluster,
  clusterArn,
  equals,
  factAt,
  type Given,
  home,
  instance,
  instanceArn,
  inventoryOf,
  item,
  key,
  keyArn,
  of,
  own,
  partial,
  plan,
  point,
  rule,
  scopeOf,
  selection,
  settings,
  store,
  stream,
  tagged,
  untold,
  vaultAccount,
  volume,
  volumeArn,
} from './clinic.ts'

// ---- What is promised. ----

const backup = { backup: 'nightly' }
const nightly = (asked: ResourceRecord, ...more: ResourceRecord[]): ResourceRecord[] => [
  asked,
  settings(),
  plan('nightly'),
  byTag('nightly', ['backup', 'nightly']),
  ...more,
]
const promised = {
  covered: true,
  byPlan: true,
  worstCaseLossHours: 25.5,
  longestGapHours: 24,
  retentionDays: 35,
  keepsForever: false,
  nearMisses: [],
  continuous: false,
  endsAt: null,
}
const unprotected = {
  covered: false,
  byPlan: false,
  mechanisms: [],
  worstCaseLossHours: null,
  longestGapHours: null,
  retentionDays: 0,
  keepsForever: false,
}
const unknownCover = {
  covered: undefined,
  byPlan: undefined,
  mechanisms: partial(),
  worstCaseLossHours: undefined,
  retentionDays: undefined,
}
const withRules = (...rules: Record<string, unknown>[]): Given =>
  of(settings(), plan('nightly', rules), byArn('nightly'))
const noon = { RuleName: 'evening', ScheduleExpression: 'cron(0 17 * * ? *)' }
const mechanism = (more: Record<string, unknown>) => [
  expect.objectContaining({ kind: 'aws-backup', accepted: true, name: 'nightly', selection: 'of-nightly', ...more }),
]
const continuously = plan('nightly', [rule({ EnableContinuousBackup: true })])

cases('protection', 'protection', [
  ['no plan', {}, unprotected],
  [
    'by tag',
    { records: nightly(tagged(backup)) },
    { ...promised, mechanisms: mechanism({ via: null, worstCaseLossHours: 25.5 }) },
  ],
  ['by ARN', of(settings(), plan('nightly'), byArn('nightly')), promised],
  [
    'by ARN without the opt-in of its service',
    of(settings({ EBS: false }), plan('nightly'), byArn('nightly')),
    promised,
  ],
  [
    'by one of two tags',
    {
      records: [
        tagged({ ward: 'b' }),
        settings(),
        plan('nightly'),
        byTag('nightly', ['backup', 'nightly'], ['ward', 'b']),
      ],
    },
    promised,
  ],
  [
    'by tag although other ARNs are named: a union',
    {
      records: [
        tagged(backup),
        settings(),
        plan('nightly'),
        selection('nightly', { Resources: [clusterArn], ListOfTags: [equals('backup', 'nightly')] }),
      ],
    },
    promised,
  ],
  [
    'through its instance',
    { records: [attached(), instance(), settings(), plan('nightly'), byArn('nightly', instanceArn)] },
    { ...promised, mechanisms: mechanism({ via: instanceArn }) },
  ],
  [
    'through its instance, by the tag of the instance',
    { records: nightly(attached(), instance(backup)) },
    { ...promised, mechanisms: mechanism({ via: instanceArn }) },
  ],
  [
    'by tag, the opt-in told although the settings are cut',
    { records: nightly(tagged(backup)), without: ['region-settings'] },
    promised,
  ],
  [
    'by tag, opt-in not known',
    { records: nightly(tagged(backup)).filter(({ type }) => !type.endsWith('RegionSettings')) },
    unknownCover,
  ],
  ['by tag, tags not known', { records: nightly(untold()) }, unknownCover],
  [
    'no match, selections incomplete',
    { records: nightly(volume()), cut: ['selections'] },
    { ...unknownCover, nearMisses: partial(expect.anything()) },
  ],
  [
    'a match, selections incomplete: more could only better it',
    { records: nightly(tagged(backup)), cut: ['selections'] },
    {
      covered: true,
      byPlan: true,
      worstCaseLossHours: atMost(25.5),
      longestGapHours: atMost(24),
      retentionDays: atLeast(35),
      keepsForever: undefined,
    },
  ],
  ['a plan without rules', of(settings(), plan('nightly', []), byArn('nightly')), unprotected],
  [
    'AWS’s default start window of eight hours',
    withRules(rule({ StartWindowMinutes: undefined })),
    { worstCaseLossHours: 32.5 },
  ],
  ['a longer job', { ...withRules(rule()), assume: { jobMinutes: 90 } }, { worstCaseLossHours: 26.5 }],
  [
    'the gap between weeks',
    withRules(rule({ ScheduleExpression: 'cron(0 5 ? * MON-FRI *)' })),
    { longestGapHours: 72, worstCaseLossHours: 73.5 },
  ],
  [
    'a schedule that AWS would refuse',
    withRules(rule({ ScheduleExpression: 'cron(0 99 * * ? *)' })),
    { worstCaseLossHours: null, longestGapHours: null },
  ],
  ['two rules merged', withRules(rule(), rule(noon)), { longestGapHours: 12, worstCaseLossHours: 13.5 }],
  [
    'two rules merged, as late as the longer window',
    withRules(rule(), rule({ ...noon, StartWindowMinutes: 120 })),
    { longestGapHours: 12, worstCaseLossHours: 14.5 },
  ],
  [
    'two plans merged, kept as long as the longer',
    of(
      settings(),
      plan('nightly'),
      byArn('nightly'),
      plan('evening', [rule({ ...noon, Lifecycle: { DeleteAfterDays: 90 } })]),
      byArn('evening'),
    ),
    { longestGapHours: 12, worstCaseLossHours: 13.5, retentionDays: 90 },
  ],
  ['kept for ever', withRules(rule({ Lifecycle: {} })), { retentionDays: null, keepsForever: true }],
  [
    'continuous',
    { records: [cluster(), settings(), continuously, byArn('nightly', clusterArn)] },
    { covered: true, continuous: true, worstCaseLossHours: 0.083, longestGapHours: 0, retentionDays: 35 },
  ],
  ['continuous, of a type that has none', withRules(rule({ EnableContinuousBackup: true })), promised],
  [
    'a mechanism that the policy does not accept',
    { records: nightly(tagged(backup)), policy: { mechanisms: { '*': ['native-pitr'] } } },
    { covered: false, byPlan: true, worstCaseLossHours: null },
  ],
])

const miss = (reason: string, byAHair: boolean) => [
  expect.objectContaining({ reason, byAHair, selection: 'of-nightly', plan: 'nightly' }),
]
cases('near misses', 'protection', [
  [
    'case of the value',
    { records: nightly(tagged({ backup: 'Nightly' })) },
    { covered: false, nearMisses: miss('tagValueCase', true) },
  ],
  ['case of the key', { records: nightly(tagged({ Backup: 'nightly' })) }, { nearMisses: miss('tagKeyCase', true) }],
  ['another value', { records: nightly(tagged({ backup: 'weekly' })) }, { nearMisses: miss('tagValue', false) }],
  ['no such tag', { records: nightly(volume()) }, { nearMisses: miss('tagMissing', false) }],
  [
    'no opt-in',
    store(tagged(backup), settings({ EBS: false }), plan('nightly'), byTag('nightly', ['backup', 'nightly'])),
    { covered: false, nearMisses: miss('optInOff', true) },
  ],
  [
    'excluded',
    of(settings(), plan('nightly'), selection('nightly', { Resources: ['*'], NotResources: [volumeArn] })),
    { covered: false, nearMisses: miss('excluded', true) },
  ],
  [
    'a plan in another Region',
    {
      records: [
        tagged(backup),
        settings(),
        plan('nightly', [rule()], away),
        selection('nightly', { ListOfTags: [equals('backup', 'nightly')] }, away),
      ],
    },
    { covered: false, nearMisses: miss('otherRegion', true) },
  ],
])

// ---- Classification and objectives. ----

const ruled = (
  asked: ResourceRecord,
  match: Record<string, unknown>,
  more: Partial<Policy['classification']> = {},
): Given => ({
  records: [asked],
  policy: { classification: { tag: 'criticality', rules: [{ tier: 'tier0', ...match }], default: 'tier2', ...more } },
})
const tier = (name: string | null, named: boolean, by: string) => ({ tier: name, named, by })
const noTier = all('tier', 'named', 'by')
cases('classification', 'classification', [
  [
    'by default',
    {},
    {
      ...tier('tier2', false, 'default'),
      missingTags: ['data-classification', 'criticality'],
      dataClassification: null,
    },
  ],
  [
    'by tag',
    store(tagged({ criticality: 'tier1', 'data-classification': 'health' })),
    { ...tier('tier1', true, 'tag'), missingTags: [], dataClassification: 'health' },
  ],
  [
    'an empty tag is missing',
    store(tagged({ criticality: 'tier1', 'data-classification': '' })),
    { missingTags: ['data-classification'] },
  ],
  ['a tag that names no tier', store(tagged({ criticality: 'vital' })), tier('tier2', false, 'default')],
  [
    'a tag that names what every object has',
    store(tagged({ criticality: 'constructor' })),
    tier('tier2', false, 'default'),
  ],
  ['known to have no tags', store(tagged(null)), tier('tier2', false, 'default')],
  ['tags not known', store(untold()), { ...noTier, ...all('missingTags', 'dataClassification') }],
  [
    'tags not known and not asked for',
    { records: [untold()], policy: { classification: { tag: null, rules: [], default: 'tier3' } } },
    tier('tier3', false, 'default'),
  ],
  ['no default', { policy: { classification: { tag: null, rules: [], default: null } } }, tier(null, false, 'default')],
  ['a rule before the tag', ruled(tagged({ criticality: 'tier3' }), { name: 'rec*' }), tier('tier0', true, 'rule')],
  [
    'a rule that matches in part does not',
    ruled(tagged({ criticality: 'tier3' }), { name: 'rec*', account: vaultAccount }),
    tier('tier3', true, 'tag'),
  ],
  ['a rule by tag', ruled(tagged({ ward: 'b' }), { tags: { ward: 'b' } }), tier('tier0', true, 'rule')],
  ['a rule without tags, tags not known', ruled(untold(), { type: 'AWS::EC2::*' }), tier('tier0', true, 'rule')],
  ['a rule by tag, tags not known', ruled(untold(), { tags: { ward: 'b' } }, { tag: null }), noTier],
  [
    'a rule by tag that fails otherwise, tags not known',
    ruled(untold(), { region: away, tags: { ward: 'b' } }, { tag: null }),
    tier('tier2', false, 'default'),
  ],
])
cases('objectives', 'objectives', [
  [
    'of tier1',
    store(tagged({ criticality: 'tier1' })),
    {
      rpoHours: 4,
      rtoHours: 4,
      retentionDays: 35,
      crossRegionCopy: true,
      crossAccountCopy: true,
      immutabilityStrength: 2,
      airGappedCopyAgeHours: null,
      copyAgeHours: 52,
      restoreTestAgeHours: 2160,
      restoredPointAgeHours: 28,
      validateRestores: true,
    },
  ],
  [
    'of no tier',
    { policy: { classification: { tag: null, rules: [], default: null } } },
    { rpoHours: null, crossRegionCopy: false, immutabilityStrength: 0, copyAgeHours: null },
  ],
  ['of a tier that is not known', store(untold()), all('rpoHours', 'crossRegionCopy', 'immutabilityStrength')],
])

// ---- Reproducible data and runbooks. ----

const full = 'reason=derived source=lab procedure=wiki/rebuild reviewBy=2026-02-01'
const claim = (more: Record<string, unknown>) => ({
  claimed: true,
  by: 'tag',
  missingFields: [],
  reviewAgeHours: -402,
  rehearsedAgeHours: null,
  rehearsedDurationHours: null,
  ...more,
})
const exempt = (more: Record<string, unknown> = {}): Given => ({
  policy: {
    exemptions: [
      {
        kind: 'reproducible',
        resource: volumeArn,
        reason: 'derived',
        owner: 'lab',
        expires: '2026-02-01',
        source: 'lab',
        procedure: 'wiki',
        ...more,
      },
    ],
  },
})
const rebuild: Attestation = {
  kind: 'rebuild',
  resource: volumeArn,
  date: '2026-01-10',
  operator: 'lab',
  durationHours: 2,
  expires: '2027-01-01',
}
cases('reproduction', 'reproduction', [
  ['not claimed', {}, { claimed: false, by: null, missingFields: [], reviewAgeHours: null, rehearsedAgeHours: null }],
  ['tags not known', store(untold()), all('claimed', 'by', 'missingFields', 'reviewAgeHours')],
  ['by tag', store(tagged({ 'backup-exempt': full })), claim({})],
  [
    'by tag with blanks in a field',
    store(tagged({ 'backup-exempt': full.replace('derived', 'derived every night') })),
    claim({}),
  ],
  [
    'by tag, rehearsed',
    store(tagged({ 'backup-exempt': `${full} lastRehearsed=2026-01-10` })),
    claim({ rehearsedAgeHours: 126 }),
  ],
  [
    'by tag, to be rehearsed some day',
    store(tagged({ 'backup-exempt': `${full} lastRehearsed=2026-03-01` })),
    claim({}),
  ],
  [
    'by tag, fields missing',
    store(tagged({ 'backup-exempt': 'reason=derived' })),
    claim({ missingFields: ['source', 'procedure', 'reviewBy'], reviewAgeHours: null }),
  ],
  [
    'by tag, all fields missing',
    store(tagged({ 'backup-exempt': 'true' })),
    claim({ missingFields: ['reason', 'source', 'procedure', 'reviewBy'], reviewAgeHours: null }),
  ],
  ['by policy', exempt(), claim({ by: 'policy' })],
  [
    'by policy, rehearsed',
    exempt({ lastRehearsed: '2026-01-12', rehearsalHours: 5 }),
    claim({ by: 'policy', rehearsedAgeHours: 78, rehearsedDurationHours: 5 }),
  ],
  ['by policy, without a source', exempt({ source: undefined }), claim({ by: 'policy', missingFields: ['source'] })],
  ['by policy, tags not known', { ...exempt(), records: [untold()] }, claim({ by: 'policy' })],
  ['by policy, of another store', exempt({ resource: clusterArn }), { claimed: false, by: null }],
  [
    'rehearsed by an attested rebuild',
    { records: [tagged({ 'backup-exempt': full })], policy: { attestations: [rebuild] } },
    claim({ rehearsedAgeHours: 126, rehearsedDurationHours: 2 }),
  ],
  [
    'an attested rebuild that failed',
    { records: [tagged({ 'backup-exempt': full })], policy: { attestations: [{ ...rebuild, result: 'failure' }] } },
    claim({}),
  ],
])

const runbook: Partial<Policy> = { attestations: [{ ...rebuild, kind: 'runbook' }] }
cases('runbook', 'runbook', [
  ['none', {}, { linked: false, reviewAgeHours: null }],
  ['by tag', store(tagged({ 'restore-runbook': 'wiki/restore' })), { linked: true, reviewAgeHours: null }],
  ['an empty tag', store(tagged({ 'restore-runbook': '' })), { linked: false }],
  ['tags not known', store(untold()), { linked: undefined, reviewAgeHours: undefined }],
  ['attested', { policy: runbook }, { linked: true, reviewAgeHours: 126 }],
  ['attested, tags not known', { records: [untold()], policy: runbook }, { linked: true, reviewAgeHours: 126 }],
])

// ---- Who manages a store's key. ----

const withKey = (KmsKeyId: string) => volume({ KmsKeyId })
const alias = `arn:aws:kms:${home}:${own}:alias/pills`
cases('key manager', 'encryption', [
  ['an alias of AWS', { records: [withKey(`arn:aws:kms:${home}:${own}:alias/aws/ebs`)] }, { keyManager: 'aws' }],
  ['a customer’s key', { records: [withKey(keyArn()), key('CUSTOMER')] }, { keyManager: 'customer', keyArn: keyArn() }],
  ['a key that AWS manages', { records: [withKey(keyArn()), key('AWS')] }, { keyManager: 'aws' }],
  [
    'an alias of a key',
    { records: [withKey(alias), key('CUSTOMER', undefined, own, [{ AliasName: 'alias/pills' }])] },
    { keyManager: 'customer' },
  ],
  [
    'an alias read apart',
    {
      records: [
        withKey(alias),
        key('CUSTOMER'),
        item('AWS::KMS::Alias', 'alias/pills', { AliasName: 'alias/pills', AliasArn: alias, TargetKeyId: 'pills' }),
      ],
    },
    { keyManager: 'customer' },
  ],
  ['a key that was not read', { records: [withKey(keyArn())] }, { keyManager: undefined, keyArn: keyArn() }],
  [
    'a key of another account',
    { records: [withKey(keyArn(vaultAccount)), key('CUSTOMER')] },
    { keyManager: undefined },
  ],
  [
    'an alias that only looks like AWS’s',
    { records: [withKey(`arn:aws:kms:${home}:${own}:alias/awsome`)] },
    { keyManager: undefined },
  ],
])

// ---- Why a fact is not known. ----

describe('why a fact is missing', () => {
  const template = (more: Partial<ScopeRecord> = {}) => [
    scopeOf(own, home, { source: 'cloudformation', takenAt: undefined, factGroups: [], ...more }),
  ]
  const rows: [name: string, given: Given, path: string, group: string, reason: string][] = [
    ['a denied call', { cut: ['recovery-points'] }, 'recovery.usableCount', 'recovery-points', 'denied'],
    [
      'a group that was not collected',
      { without: ['recovery-points'] },
      'recovery.usableCount',
      'recovery-points',
      'notCollected',
    ],
    [
      'a snapshot without a time',
      { ...of(point(5)), scopes: [scopeOf(own, home, { takenAt: undefined })] },
      'recovery.newestAgeHours',
      'recovery-points',
      'noClock',
    ],
    [
      'a template and what happens at run time',
      { scopes: template() },
      'jobs.backup.lastState',
      'backup-jobs',
      'notInSource',
    ],
    ['a template and what others may declare', { scopes: template() }, 'protection.covered', 'plans', 'openWorld'],
    [
      'AWS Config',
      { scopes: [scopeOf(own, home, { source: 'aws-config-snapshot', factGroups: [] })] },
      'jobs.backup.lastState',
      'backup-jobs',
      'notInSource',
    ],
    ['AWS itself', { records: [cluster(), stream(5)] }, 'recovery.newestAgeHours', 'recovery-points', 'notStated'],
  ]
  it.each(rows)('%s', (_name, given, path, group, reason) => {
    const { inventory, subject } = inventoryOf(given)
    expect(factAt(JSON.parse(JSON.stringify(subject.facts)), path)).toBeUndefined()
    expect(inventory.whyMissing(subject, path, group)).toMatchObject({
      path,
      factGroup: group,
      reason,
      remedy: expect.any(String),
    })
  })
})

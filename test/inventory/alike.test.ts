// Protects that what is worked out once for stores that are alike (coverage, verdicts) is what each of them would get alone.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judge } from '../../src/engine/judge.ts'
import type { Policy } from '../../src/model/policy.ts'
import type { ResourceRecord, SnapshotRecord } from '../../src/model/record.ts'
import { builtInRules } from '../../src/rules/built-in.ts'
import {
  inventoryOf,
  optedIn,
  plan,
  point,
  policy,
  resource,
  scope,
  selection,
  subjectsOf,
  table,
  tableArn,
  vault,
} from './records.ts'

const names = ['orders', 'orders-old', 'baskets', 'carts', 'awsbackup-restore-test-1']

const tags = fc.oneof(
  // The second nearly selects itself, and differs from the third in nothing else that facts are made of.
  { weight: 6, arbitrary: fc.constantFrom<Record<string, string>>({ backup: 'daily' }, { backup: 'Daily' }, {}) },
  { weight: 1, arbitrary: fc.constantFrom<Record<string, string> | null | undefined>(null, undefined) },
  {
    weight: 6,
    arbitrary: fc.dictionary(
      fc.constantFrom('backup', 'criticality', 'data-classification', 'backup-exempt', 'cache', 'Name', 'stage'),
      fc.constantFrom('', 'daily', 'Daily', 'tier1', 'tier2', 'true', 'reason=none source=git'),
      { maxKeys: 4 },
    ),
  },
)

const storeOf = (name: string, index: number) =>
  fc
    .record({ tags, isProtected: fc.boolean(), isVolume: fc.boolean(), hours: fc.constantFrom(0, 3, 30, 900) })
    .map(of => {
      const id = `${name}-${index}`
      const own = {
        orders: table(id, { tags: of.tags as never }, { DeletionProtectionEnabled: of.isProtected }),
        volume: resource(
          'AWS::EC2::Volume',
          id,
          { VolumeId: id, Encrypted: of.isProtected, State: 'in-use', Attachments: [] },
          { arn: `arn:aws:ec2:eu-west-1:111122223333:volume/${id}`, tags: of.tags as never, name: id },
        ),
      }
      const points = of.hours === 0 ? [] : [point(id, of.hours, { ResourceArn: tableArn(id) })]
      return of.isVolume ? [own.volume] : [own.orders, ...points]
    })

const condition = (ConditionKey: string, ConditionValue: string) => ({
  ConditionKey: `aws:ResourceTag/${ConditionKey}`,
  ConditionValue,
})
const selections = fc.subarray(
  [
    { ListOfTags: [{ ConditionType: 'STRINGEQUALS', ConditionKey: 'backup', ConditionValue: 'daily' }] },
    { Resources: [tableArn('orders-*')] },
    { Resources: [tableArn('baskets-1')] },
    { Resources: ['arn:aws:ec2:*:*:volume/*'], NotResources: ['arn:aws:ec2:*:*:volume/*-0'] },
    { Resources: ['*'], Conditions: { StringEquals: [condition('stage', 'daily')] } },
    { Resources: ['*'], Conditions: { StringNotLike: [condition('backup', 'D*')] } },
    { Resources: ['*'], NotResources: [tableArn('carts-*')] },
  ],
  { maxLength: 3 },
)

const everyVerdict = new Set(['compliant', 'non-compliant', 'not-applicable', 'undetermined'] as const)

/** Verdicts on stores and their points, with all that is told of them. */
function findingsOf(records: readonly ResourceRecord[]): Map<string, string> {
  const standards = policy()
  const report = judge(inventoryOf(records), builtInRules, standards, {})
  const told = [...report.findings(everyVerdict)].filter(({ subject }) =>
    /^(?:data-store|recovery-point)$/.test(subject),
  )
  return new Map(told.map(finding => [`${finding.rule} ${finding.fingerprint}`, JSON.stringify(finding)]))
}

it('a store that nearly is selected is no more than that alike to those that are not', () => {
  const tagged = { ListOfTags: [{ ConditionType: 'STRINGEQUALS', ConditionKey: 'backup', ConditionValue: 'daily' }] }
  const stores = ['a', 'b', 'c', 'd'].map(name => table(name, { tags: name === 'c' ? { backup: 'Daily' } : {} }))
  const records = [optedIn(), vault('shop'), plan('nightly'), selection('nightly', 's', tagged), ...stores]
  const found = judge(inventoryOf(records), builtInRules, policy(), { ruleIds: ['selection-near-miss'] })
  const near = [...found.findings(new Set(['non-compliant']))].map(({ resource }) => resource.name)
  expect(near).toEqual(['c'])
})

it('stores that are alike are judged as each would be alone', () => {
  const estate = fc
    .array(fc.constantFrom(...names), { minLength: 4, maxLength: 12 })
    .chain(chosen => fc.tuple(...chosen.map(storeOf)))
  fc.assert(
    fc.property(estate, selections, fc.boolean(), (stores, bodies, isOptedIn) => {
      const frame = [
        ...(isOptedIn ? [optedIn()] : []),
        vault('shop'),
        plan('nightly'),
        ...bodies.map((body, i) => selection('nightly', `s${i}`, body)),
      ]
      const together = findingsOf([...frame, ...stores.flat()])
      for (const store of stores.slice(0, 5))
        for (const [key, finding] of findingsOf([...frame, ...store])) expect(together.get(key)).toBe(finding)
    }),
    { numRuns: 15 },
  )
})

describe('stores that are alike', () => {
  const tagged = { ListOfTags: [{ ConditionType: 'STRINGEQUALS', ConditionKey: 'backup', ConditionValue: 'yes' }] }
  const all = [scope(), optedIn(), plan('nightly'), selection('nightly', 's')]
  const alikeOf = (records: readonly SnapshotRecord[], chosen = policy()) =>
    subjectsOf(inventoryOf(records, { policy: chosen }))
      .filter(({ kind }) => kind === 'data-store')
      .map(({ alike }) => alike)
  const byTag = policy(
    {},
    { requiredTags: ['owner'], exemptTag: 'none', runbookTag: 'book', cacheTag: 'cache', backupTargetTag: 'target' },
  )

  it.each<[string, boolean, SnapshotRecord[], Policy?]>([
    ['are those that differ in names alone', true, [...all, table('a'), table('b')]],
    ['may differ in tags that nobody asks for', true, [...all, table('a', { tags: { x: '1' } }), table('b')]],
    [
      'are of one kind whether they have no tags or none was given',
      true,
      [...all, table('a', { tags: null }), table('b')],
    ],
    ['are not those of which the tags are not known', false, [...all, table('a', { tags: undefined }), table('b')]],
    ['have the same settings', false, [...all, table('a'), table('b', {}, { DeletionProtectionEnabled: true })]],
    [
      'have the same tier',
      false,
      [...all, table('a', { tags: { criticality: 'tier1' } }), table('b', { tags: { criticality: 'tier2' } })],
    ],
    [
      'have the same plans',
      false,
      [...all.slice(0, 3), selection('nightly', 's', tagged), table('a', { tags: { backup: 'yes' } }), table('b')],
    ],
    ['are of one reading', false, [...all, scope({ id: 'second' }), table('a'), table('b', { scope: 'second' })]],
    ...['owner', 'none', 'book', 'cache', 'target'].map((tag): [string, boolean, SnapshotRecord[], Policy] => [
      `have the same tag ${tag}, of which facts are made`,
      false,
      [...all, table('a', { tags: { [tag]: 'x' } }), table('b', { tags: { [tag]: 'y' } })],
      byTag,
    ]),
  ])('%s', (_name, expected, records, chosen) => {
    const [a, b] = alikeOf(records, chosen)
    expect(a).toBeDefined()
    expect(a === b).toBe(expected)
  })

  const attested = { attestations: [{}] } as unknown as Partial<Policy>
  const exempt = (...kinds: string[]) =>
    ({ exemptions: kinds.map(kind => ({ kind, stores: [] })) }) as unknown as Partial<Policy>
  const facts = { ofPlan: ['protection'], byArn: ['reproduction', 'runbook'] }
  const covered = [...all, table('a')]
  const bare = [...all.slice(0, 2), table('a')]
  it.each<[string, SnapshotRecord[], string[], string[], Policy?]>([
    ['of those with a plan', covered, [], [...facts.ofPlan, ...facts.byArn]],
    ['of those without a plan, which may just miss one', bare, facts.ofPlan, facts.byArn],
    ['where stores are attested by ARN', covered, facts.byArn, facts.ofPlan, policy(attested)],
    [
      'where stores are exempt as reproducible',
      covered,
      facts.byArn,
      facts.ofPlan,
      policy(exempt('rule', 'reproducible')),
    ],
    ['where stores are exempt otherwise', covered, [], facts.byArn, policy(exempt('rule'))],
  ])('say which facts vary all the same: %s', (_name, records, varying, fixed, chosen) => {
    const found = new Set(alikeOf(records, chosen)[0]!.varyingFacts)
    for (const path of ['id', 'arn', 'name', 'tags', 'ageHours', 'recovery', 'jobs', ...varying])
      expect(found).toContain(path)
    for (const path of ['encryption', 'lifecycle', ...fixed]) expect(found).not.toContain(path)
  })

  it('are not told where more kinds of tags are than are remembered', () => {
    const many = Array.from({ length: 5_010 }, (_, i) => table(`t${i}`, { tags: { owner: `${i}` } }))
    const found = alikeOf([...all, ...many], policy({}, { requiredTags: ['owner'] }))
    expect(found.filter(alike => alike === undefined)).toHaveLength(10)
  })
})

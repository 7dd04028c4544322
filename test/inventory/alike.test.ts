// Protects which stores count as alike, so that what is worked out for one holds for the others (`alike-verdicts.test.ts`).
import { describe, expect, it } from 'vitest'
import { judge } from '../../src/engine/judge.ts'
import type { Policy } from '../../src/model/policy.ts'
import type { SnapshotRecord } from '../../src/model/record.ts'
import { builtInRules } from '../../src/rules/built-in.ts'
import { inventoryOf, optedIn, plan, policy, scope, selection, subjectsOf, table, vault } from './records.ts'

it('a store that nearly is selected is no more than that alike to those that are not', () => {
  const tagged = { ListOfTags: [{ ConditionType: 'STRINGEQUALS', ConditionKey: 'backup', ConditionValue: 'daily' }] }
  const stores = ['a', 'b', 'c', 'd'].map(name => table(name, { tags: name === 'c' ? { backup: 'Daily' } : {} }))
  const records = [optedIn(), vault('shop'), plan('nightly'), selection('nightly', 's', tagged), ...stores]
  const found = judge(inventoryOf(records), builtInRules, policy(), { ruleIds: ['selection-near-miss'] })
  const near = [...found.findings(new Set(['non-compliant']))].map(({ resource }) => resource.name)
  expect(near).toEqual(['c'])
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

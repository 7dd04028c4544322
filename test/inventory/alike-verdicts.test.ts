// Protects that what is worked out once for stores that are alike (coverage, verdicts) is what each of them would get alone:
// random estates, every rule.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { judge } from '../../src/engine/judge.ts'
import type { ResourceRecord } from '../../src/model/record.ts'
import { builtInRules } from '../../src/rules/built-in.ts'
import { inventoryOf, optedIn, plan, point, policy, resource, selection, table, tableArn, vault } from './records.ts'

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

// Protects that the order of the records means nothing: any order gives the same facts, gaps and order of subjects, but for
// line numbers (DESIGN §1). Snapshots are concatenated, files are read as a directory lists them.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Inventory } from '../../src/model/inventory.ts'
import type { ResourceRecord, SnapshotRecord } from '../../src/model/record.ts'
import {
  account,
  ago,
  gap,
  inventoryOf,
  optedIn,
  otherRegion,
  plan,
  point,
  resource,
  scope,
  selection,
  subjectsOf,
  table,
  tableArn,
  vault,
} from './records.ts'

/** All that an inventory tells, without lines. */
function told(inventory: Inventory): unknown {
  const bare = ({ location, ...rest }: { location?: { file: string } }) => ({ ...rest, file: location?.file })
  return JSON.parse(
    JSON.stringify({
      size: inventory.size,
      subjects: subjectsOf(inventory).map(bare),
      kinds: Array.from({ length: inventory.size }, (_, index) => inventory.kindOf(index)),
      gaps: inventory.gaps.map(({ line: _, ...rest }) => rest),
      scopes: inventory.scopes,
      notEvaluated: inventory.notEvaluated,
      resourceCount: inventory.resourceCount,
    }),
  )
}

const at = (file: string, line: number) => ({ location: { file, line } })

/** Two captures of one Region, contradictions, deletions, points of two clocks, keys, groups, jobs. */
const tangle: SnapshotRecord[] = [
  scope(),
  scope({ region: otherRegion, takenAt: ago(-1) }),
  scope({ id: 'history', source: 'aws-config-history', takenAt: undefined, factGroups: undefined }),
  scope({ id: 'delivered', source: 'aws-config-snapshot', takenAt: ago(20), factGroups: undefined }),
  gap(['selections'], { region: otherRegion }),
  gap(['restore-jobs'], { account: undefined }),
  optedIn(),
  table('orders', { tags: { criticality: 'tier0', backup: 'yes' }, ...at('b.json', 3) }),
  table('orders', { tags: { backup: 'yes', criticality: 'tier0' }, ...at('a.json', 9) }),
  table('carts', { seenAt: ago(3), tags: { backup: 'no' } }),
  table('carts', { seenAt: ago(3), tags: { backup: 'yes' }, ...at('a.json', 2) }),
  table('carts', { seenAt: ago(5), tags: { backup: 'never' } }),
  table('sessions', { seenAt: ago(3), deleted: true }),
  table('sessions', { seenAt: ago(8) }),
  table('reviews', { scope: 'delivered', encoding: 'config', seenAt: ago(30), tags: { backup: 'no' } }),
  table('reviews', { tags: { backup: 'yes' } }),
  table('awsbackup-restore-test-1', { createdAt: ago(300) }),
  plan('nightly', [{}, { ScheduleExpression: 'cron(0 17 ? * * *)', Lifecycle: { DeleteAfterDays: 400 } }]),
  plan('weekly', [{ ScheduleExpression: 'cron(0 5 ? * 1 *)', TargetBackupVaultName: 'gone' }]),
  selection('nightly', 'all', { Resources: ['*'] }),
  selection('weekly', 'tagged', {
    ListOfTags: [{ ConditionType: 'STRINGEQUALS', ConditionKey: 'backup', ConditionValue: 'yes' }],
  }),
  vault('shop', { Locked: true, LockDate: ago(-30) }),
  vault('shop', { Locked: true, LockDate: ago(30) }),
  point(
    'one',
    10,
    { EncryptionKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/a', ResourceType: 'EBS' },
    at('b.json', 7),
  ),
  point(
    'two',
    34,
    { EncryptionKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/b', IsEncrypted: false },
    at('a.json', 8),
  ),
  point('three', 34, { CreatedBy: undefined, Status: 'PARTIAL' }),
  point('four', 58, { Lifecycle: {} }, { scope: `${account}/${otherRegion}` }),
  point('five', 40, {}, { scope: 'history', encoding: 'config', seenAt: ago(40) }),
  point('five', 40, {}, { scope: 'history', encoding: 'config', seenAt: ago(12), deleted: true }),
  point('six', 40, {}, { scope: 'history', encoding: 'config', seenAt: ago(30) }),
  point('six', 40, { Lifecycle: { DeleteAfterDays: 7 } }, { scope: 'history', encoding: 'config', seenAt: ago(12) }),
  ...['FAILED', 'COMPLETED', 'COMPLETED'].map((State, i) =>
    resource('AWS::Backup::BackupJob', `job-${i}`, {
      BackupJobId: `job-${i}`,
      ResourceArn: tableArn('orders'),
      State,
      CreationDate: ago(20),
      CompletionDate: ago(19),
    }),
  ),
  ...['COMPLETED', 'FAILED', 'COMPLETED'].map((Status, i) =>
    resource('AWS::Backup::RestoreJob', `restore-${i}`, {
      RestoreJobId: `restore-${i}`,
      SourceResourceArn: tableArn('orders'),
      Status,
      CreationDate: ago(30 + i),
      CompletionDate: ago(29),
    }),
  ),
  resource('AWS::Nothing::Known', 'x'),
  table('orphan', { scope: 'no-such-scope' }),
]

const inOrder = (records: readonly SnapshotRecord[]) => told(inventoryOf(records))

describe('any order of the records', () => {
  it('means the same, however they contradict each other', () => {
    const expected = inOrder(tangle)
    fc.assert(
      fc.property(fc.shuffledSubarray(tangle, { minLength: tangle.length }), records => {
        expect(inOrder(records)).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  })

  it('means the same for a whole estate', () => {
    const file = resolve(import.meta.dirname, '../../fixtures/bookshop/snapshot.ndjson')
    const records = readFileSync(file, 'utf8')
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as SnapshotRecord)
    const expected = inOrder(records)
    fc.assert(
      fc.property(fc.shuffledSubarray(records, { minLength: records.length }), shuffled => {
        expect(inOrder(shuffled)).toEqual(expected)
      }),
      { numRuns: 6 },
    )
  })

  it('takes the smallest line of a file, and the first file', () => {
    const placed = [
      table('orders', at('b.json', 1)),
      table('orders', at('a.json', 9)),
      table('orders', at('a.json', 4)),
    ]
    fc.assert(
      fc.property(fc.shuffledSubarray(placed, { minLength: 3 }), records => {
        const [store] = subjectsOf(inventoryOf(records)).filter(subject => subject.kind === 'data-store')
        expect(store!.location).toEqual({ file: 'a.json', line: 4 })
      }),
      { numRuns: 6 },
    )
  })
})

describe('the order of the subjects', () => {
  it('is by ARN, else by file and address, else by name, by code unit', () => {
    const inventory = inventoryOf([
      scope(),
      scope({ id: 'shop.yaml', source: 'cloudformation', account: undefined, region: undefined, takenAt: undefined }),
      ...['b', 'B', 'a'].map(name => table(name)),
      ...(['Orders', 'Books'] as const).map(
        (address): ResourceRecord => ({
          record: 'resource',
          scope: 'shop.yaml',
          type: 'AWS::DynamoDB::Table',
          id: address,
          address,
          encoding: 'cloudformation',
          configuration: {},
          location: { file: 'shop.yaml', line: 3 },
        }),
      ),
      vault('shop'),
      point('one', 3),
    ])
    const order = subjectsOf(inventory).map(subject => subject.arn ?? subject.address ?? subject.id)
    expect(order).toEqual([
      account,
      `${account}/${'eu-west-1'}`,
      vault('shop').arn,
      tableArn('B'),
      tableArn('a'),
      tableArn('b'),
      `${vault('shop').arn}|${tableArn('orders')}`,
      'default policy',
      'Books',
      'Orders',
    ])
  })
})

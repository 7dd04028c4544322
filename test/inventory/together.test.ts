// Protects what the facts of stores and restore testing plans say together: the newest of all points, ages that services state,
// what a test plan proves of the stores it restores, plans that nearly cover a store.
import { describe, expect, it } from 'vitest'
import { parseSchedule } from '../../src/inventory/schedule.ts'
import type { SnapshotRecord } from '../../src/model/record.ts'
import type { SubjectKind } from '../../src/model/subject.ts'
import {
  account,
  ago,
  backupAccount,
  factAt,
  factsOf,
  gap,
  inventoryOf,
  optedIn,
  otherRegion,
  plan,
  point,
  region,
  resource,
  scope,
  selection,
  subjectsOf,
  table,
  tableArn,
  vault,
  vaultArn,
} from './records.ts'

type Row = [name: string, records: SnapshotRecord[], facts: { [path: string]: unknown }]

/** Each row: facts of the one subject of the kind and name, by path; `undefined` = not known. */
const rows = (kind: SubjectKind, name: string | undefined, cases: Row[]) =>
  it.each(cases)('%s', (_name, records, facts) => {
    const found = factsOf(inventoryOf(records), kind, name)
    expect(Object.fromEntries(Object.keys(facts).map(path => [path, factAt(found, path)]))).toEqual(facts)
  })

describe('the newest point', () => {
  const pointArn = (id: string) => `arn:aws:backup:${region}:${account}:recovery-point:${id}`
  const archived = { BackupVaultName: 'archive', BackupVaultArn: vaultArn('archive') }
  const newest = (id: string | null | undefined, newestAgeHours: unknown) => ({
    'recovery.newestPointArn': id == null ? id : pointArn(id),
    'recovery.newestAgeHours': newestAgeHours,
  })
  rows('data-store', undefined, [
    ['of none', [table('orders')], newest(null, null)],
    ['of one', [table('orders'), point('a', 3)], newest('a', 3)],
    ['lies in the first vault', [table('orders'), point('a', 3, archived), point('b', 5)], newest('a', 3)],
    ['lies in the second vault', [table('orders'), point('a', 5, archived), point('b', 3)], newest('b', 3)],
    ['of two as new has the smaller ARN', [table('orders'), point('b', 3, archived), point('a', 3)], newest('a', 3)],
    ['is of the same vault', [table('orders'), point('b', 3), point('a', 4), point('c', 9)], newest('b', 3)],
    ['is none that expired', [table('orders'), point('a', 1, { Status: 'EXPIRED' }), point('b', 5)], newest('b', 5)],
    [
      'is none that lies elsewhere',
      [table('orders'), point('a', 1, { BackupVaultArn: vaultArn('far', otherRegion) }), point('b', 5)],
      newest('b', 5),
    ],
    [
      'is not known of what was not read',
      [scope(), gap(['recovery-points']), table('orders')],
      newest(undefined, undefined),
    ],
  ])
})

describe('ages that a service states', () => {
  const status = (PointInTimeRecoveryDescription: object) => ({
    supplementary: {
      ContinuousBackupsDescription: { ContinuousBackupsStatus: 'ENABLED', PointInTimeRecoveryDescription },
    },
  })
  const database = (more: Record<string, unknown>) =>
    resource(
      'AWS::RDS::DBInstance',
      'shop',
      {
        DBInstanceIdentifier: 'shop',
        Engine: 'postgres',
        DBInstanceStatus: 'available',
        BackupRetentionPeriod: 7,
        ...more,
      },
      { arn: `arn:aws:rds:${region}:${account}:db:shop`, name: 'shop', tags: {} },
    )
  const ages = (pitr: unknown, native: unknown) => ({
    'pitr.latestRestorableAgeHours': pitr,
    'native.latestRestorableAgeHours': native,
  })
  rows('data-store', undefined, [
    [
      'point-in-time recovery of a table',
      [
        table(
          'orders',
          status({
            PointInTimeRecoveryStatus: 'ENABLED',
            RecoveryPeriodInDays: 35,
            LatestRestorableDateTime: ago(0.5),
          }),
        ),
      ],
      { ...ages(0.5, null), 'pitr.enabled': true },
    ],
    [
      'point-in-time recovery that is off',
      [table('orders', status({ PointInTimeRecoveryStatus: 'DISABLED' }))],
      { ...ages(null, null), 'pitr.enabled': false },
    ],
    [
      'backups of a database',
      [database({ LatestRestorableTime: ago(2) })],
      { 'native.latestRestorableAgeHours': 2, 'native.automatedBackup': true },
    ],
    [
      'backups of a database that states none',
      [database({})],
      { 'native.latestRestorableAgeHours': undefined, 'native.automatedBackup': true },
    ],
  ])
})

it('each store has the support of its own service, and none without AWS Backup', () => {
  const cluster = (id: string, Engine: string) =>
    resource(
      'AWS::RDS::DBCluster',
      id,
      { DBClusterIdentifier: id, Engine, Status: 'available' },
      { arn: `arn:aws:rds:${region}:${account}:cluster:${id}`, name: id, tags: {} },
    )
  const queue = resource(
    'AWS::ElastiCache::ReplicationGroup',
    'cache',
    { ReplicationGroupId: 'cache', Status: 'available', Engine: 'redis' },
    { arn: `arn:aws:elasticache:${region}:${account}:replicationgroup:cache`, name: 'cache', tags: {} },
  )
  const inventory = inventoryOf([
    cluster('a', 'aurora-mysql'),
    cluster('b', 'aurora-postgresql'),
    queue,
    table('orders'),
  ])
  const support = (name: string) => factsOf(inventory, 'data-store', name).support
  expect(support('a')).toMatchObject({ awsBackup: true, service: 'Aurora' })
  expect(support('b')).toMatchObject({ awsBackup: true, service: 'Aurora' })
  expect(support('orders')).toMatchObject({ awsBackup: true, service: 'DynamoDB' })
  expect(support('cache')).toMatchObject({ awsBackup: false, service: null })
})

describe('a restore testing plan', () => {
  const recovered = (status: 'ENABLED' | 'DISABLED') => ({
    supplementary: {
      ContinuousBackupsDescription: {
        ContinuousBackupsStatus: 'ENABLED',
        PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: status },
      },
    },
  })
  const plain = (name: string) => table(name, recovered('DISABLED'))
  const testing = (name = 'weekly') =>
    resource(
      'AWS::Backup::RestoreTestingPlan',
      name,
      {
        RestoreTestingPlanName: name,
        ScheduleExpression: 'cron(0 5 ? * SUN *)',
        RecoveryPointSelection: {
          Algorithm: 'LATEST_WITHIN_WINDOW',
          IncludeVaults: ['*'],
          ExcludeVaults: [],
          RecoveryPointTypes: ['SNAPSHOT'],
          SelectionWindowDays: 7,
        },
      },
      { arn: `arn:aws:backup:${region}:${account}:restore-testing-plan:${name}`, name },
    )
  const tests = (id: string, more: Record<string, unknown> = {}) =>
    resource('AWS::Backup::RestoreTestingSelection', id, {
      RestoreTestingPlanName: 'weekly',
      RestoreTestingSelectionName: id,
      ProtectedResourceType: 'DynamoDB',
      ProtectedResourceArns: ['*'],
      IamRoleArn: `arn:aws:iam::${account}:role/restore`,
      ...more,
    })
  const weekly = { ScheduleExpression: 'cron(0 5 ? * SUN *)' }
  const backsUp = (name: string, rule: Record<string, unknown> = {}) => [
    plan(`plan-${name}`, [rule]),
    selection(`plan-${name}`, `of-${name}`, { Resources: [tableArn(name)] }),
  ]
  const base = [scope(), optedIn(), vault('shop'), testing(), tests('tables')]
  const tested = (testedIntervalHours: unknown, testsContinuousStores: unknown) => ({
    testedIntervalHours,
    testsContinuousStores,
  })
  const untagged = (name: string) => JSON.parse(JSON.stringify({ ...table(name), tags: undefined })) as SnapshotRecord
  rows('restore-testing-plan', 'weekly', [
    ['of a store that is backed up daily', [...base, plain('a'), ...backsUp('a')], tested(24, false)],
    [
      'of two, the rarer',
      [...base, plain('a'), plain('b'), ...backsUp('a'), ...backsUp('b', weekly)],
      tested(168, false),
    ],
    [
      'of two, the rarer first',
      [...base, plain('a'), plain('b'), ...backsUp('a', weekly), ...backsUp('b')],
      tested(168, false),
    ],
    ['of a store without backups', [...base, plain('a')], tested(null, false)],
    ['of one without after one with', [...base, plain('a'), plain('b'), ...backsUp('a')], tested(null, false)],
    ['of one with after one without', [...base, plain('a'), plain('b'), ...backsUp('b')], tested(null, false)],
    [
      'of a store that recovers to any time',
      [...base, table('a', recovered('ENABLED')), ...backsUp('a')],
      { testsContinuousStores: true },
    ],
    ['of a store of which that is not known', [...base, table('a'), ...backsUp('a')], tested(undefined, undefined)],
    ['of plans that were not read', [...base, gap(['plans']), plain('a')], tested(undefined, undefined)],
    ['of no store', base, tested(undefined, false)],
    [
      'of stores that were not all read',
      [...base, gap(['inventory']), plain('a'), ...backsUp('a')],
      tested(undefined, undefined),
    ],
    ['of stores of one tier', [...base, plain('a')], { tier: 'tier2' }],
    ['of a store whose tags were not read', [...base, untagged('a')], { tier: undefined }],
    [
      'counts a store for each selection, and learns of it once',
      [...base, tests('again'), plain('a'), ...backsUp('a')],
      { ...tested(24, false), 'selections.0.matchedCount': 1, 'selections.1.matchedCount': 1 },
    ],
    [
      'counts the stores that it selects for certain',
      [
        ...base,
        tests('few', {
          ProtectedResourceArns: undefined,
          ProtectedResourceConditions: { StringEquals: [{ Key: 'aws:ResourceTag/a', Value: 'b' }] },
        }),
        plain('a'),
        untagged('b'),
      ],
      { 'selections.0.matchedCount': { $atLeast: 0 }, 'selections.1.matchedCount': 2 },
    ],
    ['knows that there are no copies', base, { copyVaultsExist: false, includesCopyVaults: false }],
    [
      'does not know of a vault of an unknown kind',
      [...base, vault('odd', { VaultType: undefined })],
      { copyVaultsExist: undefined, includesCopyVaults: undefined },
    ],
  ])
})

describe('selections of the same id', () => {
  it('are told apart by their plans', () => {
    const both = [plan('nightly'), plan('weekly'), selection('nightly', 's'), selection('weekly', 's')]
    const found = subjectsOf(inventoryOf(both)).filter(({ kind }) => kind === 'backup-selection')
    expect(found).toHaveLength(2)
    const plans = subjectsOf(inventoryOf(both)).filter(({ kind }) => kind === 'backup-plan')
    expect(plans.map(({ facts }) => (facts.selections as unknown[]).length)).toEqual([1, 1])
  })
})

describe('plans that nearly cover a store', () => {
  const byTag = (Value: string) => ({
    Resources: ['*'],
    Conditions: {
      StringEquals: [{ ConditionKey: 'aws:ResourceTag/backup', ConditionValue: Value }],
      StringNotEquals: [],
      StringLike: [],
      StringNotLike: [],
    },
  })
  const base = [scope(), optedIn(), scope({ region: otherRegion }), optedIn({}, { region: otherRegion })]
  const orders = table('orders', { tags: { backup: 'yes' } })
  const unread = JSON.parse(JSON.stringify({ ...orders, tags: undefined })) as SnapshotRecord
  const elsewhere = (value: string, more: object = { region: otherRegion }) => [
    plan('far', [{}], more),
    selection('far', 's', byTag(value), more),
  ]
  const here = (value: string) => [plan('near'), selection('near', 's', byTag(value))]
  const missed = (...reasons: string[]) => reasons.map(reason => expect.objectContaining({ reason }))
  rows('data-store', undefined, [
    ['none', [...base, orders], { 'protection.nearMisses': [] }],
    ['another letter case', [...base, orders, ...here('YES')], { 'protection.nearMisses': missed('tagValueCase') }],
    ['another Region', [...base, orders, ...elsewhere('yes')], { 'protection.nearMisses': missed('otherRegion') }],
    ['another value in another Region', [...base, orders, ...elsewhere('no')], { 'protection.nearMisses': [] }],
    [
      'another account',
      [...base, scope({ account: backupAccount }), orders, ...elsewhere('yes', { account: backupAccount })],
      { 'protection.nearMisses': [] },
    ],
    [
      'selections of another Region were not read',
      [...base, gap(['selections'], { region: otherRegion }), orders],
      { 'protection.nearMisses': { $partial: [] } },
    ],
    [
      'the selection that names the store by tags that were not read',
      [...base, unread, ...elsewhere('yes')],
      { 'protection.nearMisses': { $partial: [] } },
    ],
    [
      'tags that were not read, and everything elsewhere',
      [
        ...base,
        unread,
        plan('far', [{}], { region: otherRegion }),
        selection('far', 's', undefined, { region: otherRegion }),
      ],
      { 'protection.nearMisses': [] },
    ],
  ])
})

describe('schedule expressions that AWS refuses', () => {
  it.each([
    'x cron(0 5 ? * * *)',
    'cron(0 5 ? * * *) x',
    'cronx(0 5 ? * * *)',
    'at(1 day)',
    'rate(1 day or so)',
    'rate(about 1 day)',
    'rate(0 days)',
    'cron -(0 5 ? * * *)',
  ])('%s', expression => {
    expect(parseSchedule(expression)).toMatchObject({ ok: false })
  })
})

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
  policy,
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

describe('stores that are tagged alike', () => {
  const alike = ['a', 'b'].map(name => table(name, { tags: { shop: 'yes' } }))
  const testing = [
    resource(
      'AWS::Backup::RestoreTestingPlan',
      'weekly',
      { RestoreTestingPlanName: 'weekly', ScheduleExpression: 'cron(0 5 ? * SUN *)' },
      { arn: `arn:aws:backup:${region}:${account}:restore-testing-plan:weekly`, name: 'weekly' },
    ),
    resource('AWS::Backup::RestoreTestingSelection', 'first', {
      RestoreTestingPlanName: 'weekly',
      RestoreTestingSelectionName: 'first',
      ProtectedResourceType: 'DynamoDB',
      ProtectedResourceArns: [tableArn('a')],
      IamRoleArn: `arn:aws:iam::${account}:role/restore`,
    }),
  ]
  const planned = [plan('nightly'), selection('nightly', 's', { Resources: [tableArn('a')] })]
  it.each(['a', 'b'])('are each covered and tested by name: %s', name => {
    const facts = factsOf(inventoryOf([optedIn(), ...alike, ...testing, ...planned]), 'data-store', name)
    expect([factAt(facts, 'protection.byPlan'), factAt(facts, 'restores.planned')]).toEqual([
      name === 'a',
      name === 'a',
    ])
  })
})

describe('a vault that another account may copy into', () => {
  const unread = vault('shop', {}, { supplementary: { Notifications: null } })
  const theirs = (rule: Record<string, unknown>, more: Record<string, unknown> = {}) => [
    scope(),
    scope({ account: backupAccount }),
    unread,
    plan('theirs', [rule], { account: backupAccount, ...more }),
  ]
  rows('backup-vault', 'shop', [
    ['is not used by plans that were read', theirs({}), { inUse: false }],
    ['may be used by copy actions that cannot be told', theirs({ CopyActions: 'some' }), { inUse: undefined }],
    ['may be used by a target that cannot be told', theirs({ TargetBackupVaultName: undefined }), { inUse: undefined }],
  ])
})

describe('the tier of a vault that holds points of another account', () => {
  const theirTable = tableArn('theirs', region, backupAccount)
  const holding = (ResourceArn: string) => [vault('shop'), point('a', 3, { ResourceArn })]
  const other = scope({ account: backupAccount })
  const cut = gap(['inventory'], { account: backupAccount, scope: `${backupAccount}/${region}` })
  rows('backup-vault', 'shop', [
    ['whose stores were read', [scope(), other, ...holding(theirTable)], { tier: 'tier2' }],
    ['whose stores were not', [scope(), other, cut, ...holding(theirTable)], { tier: undefined }],
    ['of a bucket, where all stores were read', [scope(), other, ...holding('arn:aws:s3:::covers')], { tier: 'tier2' }],
    ['of a bucket, where not all were', [scope(), other, cut, ...holding('arn:aws:s3:::covers')], { tier: undefined }],
  ])
})

describe('a lock’s bounds, and whether a retention fits them', () => {
  const bound = (MinRetentionDays: unknown, MaxRetentionDays: unknown) =>
    vault('shop', { Locked: true, MinRetentionDays, MaxRetentionDays })
  const kept = (Lifecycle: unknown) => plan('nightly', [{ Lifecycle }])
  const days = (DeleteAfterDays: unknown) => kept({ DeleteAfterDays })
  const fits = (fitsLock: unknown) => ({ 'targets.0.fitsLock': fitsLock })
  rows('backup-plan', undefined, [
    ['within', [days(10), bound(7, 30)], fits(true)],
    ['too short whatever the upper bound is', [days(5), bound(7, 'x')], fits(false)],
    ['too long whatever the lower bound is', [days(50), bound('x', 30)], fits(false)],
    ['not too long, the lower bound not known', [days(10), bound('x', 30)], fits(undefined)],
    ['not too short, the upper bound not known', [days(10), bound(7, 'x')], fits(undefined)],
    ['not known how long', [days('x'), bound(7, 30)], fits(undefined)],
    ['not known how long, without bounds', [days('x'), bound(undefined, undefined)], fits(undefined)],
    [
      'a vault that is not locked has none',
      [days(10), vault('shop', { MinRetentionDays: 90 })],
      { ...fits(true), 'targets.0.minRetentionDays': null, 'targets.0.maxRetentionDays': null },
    ],
    [
      'a lock of unknown strength has them all the same',
      [days(10), vault('shop', { Locked: true, LockDate: 'soon', MinRetentionDays: 90 })],
      { ...fits(false), 'targets.0.minRetentionDays': 90 },
    ],
    [
      'a lock that is not known',
      [days(10), vault('shop', { Locked: undefined, MinRetentionDays: 90 })],
      fits(undefined),
    ],
  ])
})

describe('how far back points reach', () => {
  const held = (retentionHeldDays: unknown) => ({ 'recovery.retentionHeldDays': retentionHeldDays })
  const expired = { Status: 'EXPIRED' }
  const elsewhere = { BackupVaultName: 'archive', BackupVaultArn: vaultArn('archive') }
  rows('data-store', undefined, [
    ['none', [table('orders')], held(null)],
    ['the oldest', [table('orders'), point('a', 24), point('b', 240)], held(10)],
    ['the oldest of two vaults', [table('orders'), point('a', 240, elsewhere), point('b', 24)], held(10)],
    ['only expired ones', [table('orders'), point('a', 240, expired)], held(null)],
    ['an expired one in one vault', [table('orders'), point('a', 240, expired), point('b', 48, elsewhere)], held(2)],
    [
      'at least, where points were not read',
      [scope(), gap(['recovery-points']), table('orders'), point('a', 240)],
      held({ $atLeast: 10 }),
    ],
    [
      'at least, beside one without a date',
      [table('orders'), point('a', 240), point('b', 1, { CreationDate: undefined, CompletionDate: undefined })],
      held({ $atLeast: 10 }),
    ],
    [
      'not known of one without a date',
      [table('orders'), point('b', 1, { CreationDate: undefined, CompletionDate: undefined })],
      held(undefined),
    ],
  ])
})

describe('a Region', () => {
  const disk = resource(
    'AWS::EC2::Volume',
    'vol-1',
    { VolumeId: 'vol-1', State: 'available', Attachments: [] },
    { arn: `arn:aws:ec2:${region}:${account}:volume/vol-1`, tags: {} },
  )
  const testing = resource(
    'AWS::Backup::RestoreTestingPlan',
    'weekly',
    { RestoreTestingPlanName: 'weekly', ScheduleExpression: 'cron(0 5 ? * SUN *)' },
    { arn: `arn:aws:backup:${region}:${account}:restore-testing-plan:weekly`, name: 'weekly' },
  )
  const tests = resource('AWS::Backup::RestoreTestingSelection', 's', {
    RestoreTestingPlanName: 'weekly',
    RestoreTestingSelectionName: 's',
    ProtectedResourceType: 'EBS',
    ProtectedResourceArns: ['*'],
  })
  const unread = [scope(), gap(['inventory'])]
  rows('region', undefined, [
    ['with a volume uses EBS', [disk], { 'ebs.inUse': true }],
    ['without one does not', [table('orders')], { 'ebs.inUse': false }],
    ['with a volume uses EBS whatever was not read', [...unread, disk], { 'ebs.inUse': true }],
    ['may have one that was not read', unread, { 'ebs.inUse': undefined }],
    ['tests nothing by a plan without selections', [testing], { restoreTestingPlans: [] }],
    ['tests by a plan with one', [testing, tests], { restoreTestingPlans: [{ name: 'weekly', longestGapHours: 168 }] }],
    [
      'may test by plans that were not read',
      [scope(), gap(['restore-testing'])],
      { restoreTestingPlans: { $partial: [] } },
    ],
  ])
})

describe('what a group of snapshots refers to', () => {
  const snapshot = (id: string, Encrypted: boolean) =>
    resource(
      'AWS::EC2::Snapshot',
      id,
      {
        SnapshotId: id,
        VolumeId: 'vol-1',
        State: 'completed',
        Encrypted,
        OwnerId: account,
        StartTime: ago(9),
      },
      { arn: `arn:aws:ec2:${region}::snapshot/${id}`, supplementary: { CreateVolumePermissions: [] } },
    )
  it('is its members that facts name, each once', () => {
    const [group] = subjectsOf(inventoryOf([snapshot('snap-a', true), snapshot('snap-b', false)])).filter(
      ({ kind }) => kind === 'native-snapshot',
    )
    expect(group?.related?.map(({ type, arn, name }) => ({ type, arn, name }))).toEqual(
      expect.arrayContaining([
        { type: 'AWS::EC2::Snapshot', arn: `arn:aws:ec2:${region}::snapshot/snap-a`, name: 'snap-a' },
        { type: 'AWS::EC2::Snapshot', arn: `arn:aws:ec2:${region}::snapshot/snap-b`, name: 'snap-b' },
      ]),
    )
    expect(new Set(group?.related?.map(({ arn }) => arn)).size).toBe(group?.related?.length)
  })
})

describe('policies of a role beyond those allowed', () => {
  const role = (names: string[]) =>
    resource(
      'AWS::IAM::Role',
      'backup',
      {
        RoleName: 'backup',
        Path: '/',
        RolePolicyList: [{ PolicyName: 'own', PolicyDocument: { Version: '2012-10-17', Statement: [] } }],
        AttachedManagedPolicies: names.map(name => ({
          PolicyName: name,
          PolicyArn: `arn:aws:iam::aws:policy/service-role/${name}`,
        })),
      },
      { arn: `arn:aws:iam::${account}:role/backup`, name: 'backup', region: 'global' },
    )
  it('stand in order, by what comes last in their ARN', () => {
    const allowed = policy({}, { allowedBackupPolicies: ['Allowed'] })
    const facts = factsOf(inventoryOf([role(['Zoo', 'Allowed', 'Ant'])], { policy: allowed }), 'iam-role')
    const arn = (name: string) => `arn:aws:iam::aws:policy/service-role/${name}`
    expect(facts.unexpectedPolicies).toEqual([arn('Ant'), arn('Zoo'), 'own'])
  })
})

describe('replication, where the policy accepts it', () => {
  const accepting = { policy: policy({ mechanisms: { '*': ['replication'] } }) }
  const replica = { Replicas: [{ RegionName: otherRegion, ReplicaStatus: 'ACTIVE' }] }
  it.each<[string, Record<string, unknown>, boolean]>([
    ['a table with a replica', replica, true],
    ['a table without', { Replicas: [] }, false],
  ])('covers %s', (_name, configuration, covered) => {
    const { protection } = factsOf(inventoryOf([table('orders', {}, configuration)], accepting), 'data-store') as {
      protection: { covered: boolean; mechanisms: object[] }
    }
    expect(protection.covered).toBe(covered)
    expect(protection.mechanisms).toMatchObject(
      covered ? [{ kind: 'replication', accepted: true, continuous: false }] : [],
    )
  })
})

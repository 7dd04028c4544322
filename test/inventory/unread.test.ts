// Protects what is said where one answer was not read: a lock without its date, copy actions that cannot be told, lifecycle
// policies without a state, principals without their policies, plans of other accounts. It must read as not known, never as none.
import { describe, expect, it } from 'vitest'
import type { ResourceRecord, SnapshotRecord } from '../../src/model/record.ts'
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
  regionGroups,
  resource,
  scope,
  selection,
  table,
  vault,
  vaultArn,
} from './records.ts'

type Row = [
  name: string,
  records: SnapshotRecord[],
  facts: { [path: string]: unknown },
  given?: Parameters<typeof inventoryOf>[1],
]

/** Each row: facts of the one subject of the kind and name, by path; `undefined` = not known. */
const rows = (kind: SubjectKind, name: string | undefined, cases: Row[]) =>
  it.each(cases)('%s', (_name, records, facts, given) => {
    const found = factsOf(inventoryOf(records, given), kind, name)
    expect(Object.fromEntries(Object.keys(facts).map(path => [path, factAt(found, path)]))).toEqual(facts)
  })

describe('the lock of a vault', () => {
  const declared = (LockConfiguration: unknown) =>
    resource(
      'AWS::Backup::BackupVault',
      'Shop',
      { BackupVaultName: 'shop', LockConfiguration },
      {
        encoding: 'cloudformation',
        name: 'shop',
      },
    )
  const lock = (strength: unknown, mode: unknown, changeableForDays: unknown) => ({
    'lock.strength': strength,
    'lock.mode': mode,
    'lock.changeableForDays': changeableForDays,
  })
  rows('backup-vault', undefined, [
    [
      'declared without days to change it is governance',
      [declared({ MinRetentionDays: 7 })],
      lock(1, 'governance', null),
    ],
    ['declared with days is compliance, cooling off', [declared({ ChangeableForDays: 3 })], lock(2, 'compliance', 3)],
    ['declared as none', [declared(undefined)], lock(0, 'none', null)],
    ['declared by a parameter', [declared({ Ref: 'Lock' })], lock(undefined, undefined, undefined)],
    [
      'with a date that cannot be read',
      [vault('shop', { Locked: true, LockDate: 'soon' })],
      lock(undefined, undefined, null),
    ],
    ['of a vault that told neither', [vault('shop', { Locked: undefined })], lock(undefined, undefined, undefined)],
  ])
})

describe('a vault without points and plans', () => {
  const other = (more = {}) => scope({ account: backupAccount, ...more })
  const cut = gap(['plans'], { account: backupAccount, scope: `${backupAccount}/${region}` })
  const letting = (principal: string) =>
    vault(
      'shop',
      {},
      {
        supplementary: {
          AccessPolicy: {
            Policy: JSON.stringify({
              Statement: [
                { Effect: 'Allow', Principal: { AWS: principal }, Action: 'backup:CopyIntoBackupVault', Resource: '*' },
              ],
            }),
          },
          Notifications: null,
        },
      },
    )
  const unread = vault('shop', {}, { supplementary: { Notifications: null } })
  rows('backup-vault', 'shop', [
    ['is not used where every plan was read', [scope(), other(), unread], { inUse: false }],
    ['lets nobody copy into it', [scope(), other(), cut, vault('shop')], { inUse: false }],
    ['has a policy that was not read', [scope(), other(), cut, unread], { inUse: undefined }],
    ['lets another account copy into it', [scope(), other(), cut, letting(backupAccount)], { inUse: undefined }],
    ['lets its own account only', [scope(), other(), cut, letting(account)], { inUse: false }],
    [
      'may be named by a plan of its account elsewhere',
      [scope(), scope({ region: otherRegion }), gap(['plans'], { region: otherRegion }), vault('shop')],
      { inUse: undefined },
    ],
    ['has points of its own', [scope(), other(), cut, vault('shop', { NumberOfRecoveryPoints: 2 })], { inUse: true }],
  ])
})

describe('the copies that a plan promises', () => {
  const away = vaultArn('away', otherRegion)
  const covered = (rule: Record<string, unknown>, ...more: SnapshotRecord[]) => [
    scope(),
    scope({ region: otherRegion }),
    table('orders'),
    optedIn(),
    vault('shop'),
    plan('nightly', [rule]),
    selection('nightly', 'all'),
    ...more,
  ]
  const action = (more: Record<string, unknown> = {}) => ({
    CopyActions: [{ DestinationBackupVaultArn: away, ...more }],
  })
  rows('data-store', undefined, [
    ['none', covered({}), { 'protection.copyActions': [], copies: [] }],
    [
      'none that can be told',
      covered({ CopyActions: 'of course' }),
      { 'protection.copyActions': { $partial: [] }, copies: { $partial: [] } },
    ],
    [
      'to a vault that is not told',
      covered(action({ DestinationBackupVaultArn: undefined })),
      {
        'protection.copyActions.0.crossRegion': undefined,
        'protection.copyActions.0.crossAccount': undefined,
        copies: { $partial: [] },
      },
    ],
    [
      'to a vault that was read',
      covered(action(), vault('away', {}, { region: otherRegion })),
      {
        'protection.copyActions.0.crossRegion': true,
        'protection.copyActions.0.crossAccount': false,
        'protection.copyActions.0.airGapped': false,
        'protection.copyActions.0.lockStrength': 0,
        copies: [],
      },
    ],
    [
      'to a vault that was not',
      covered(action()),
      {
        'protection.copyActions.0.airGapped': undefined,
        'protection.copyActions.0.lockStrength': undefined,
        copies: [],
      },
    ],
    [
      'to a Region that was not read',
      covered(action({ DestinationBackupVaultArn: vaultArn('away', 'eu-north-1') })),
      { 'protection.copyActions.0.crossRegion': true, copies: { $partial: [] } },
    ],
  ])

  it('of a point in a vault without a place are elsewhere only as far as is known', () => {
    const odd = point('a', 3, { BackupVaultArn: `arn:aws:backup:${otherRegion}:${account}:backup-vault:shop` })
    const { copies } = factsOf(inventoryOf([...covered({}), odd]), 'data-store') as { copies: object[] }
    expect(copies).toMatchObject([
      { crossRegion: true, crossAccount: false, separateDomain: false, ageHours: 3, pointCount: 1 },
    ])
  })
})

describe('Data Lifecycle Manager', () => {
  const volume = (tags: Record<string, string> | null | undefined) =>
    resource(
      'AWS::EC2::Volume',
      'vol-1',
      { VolumeId: 'vol-1', CreateTime: ago(999), State: 'available', Attachments: [] },
      { arn: `arn:aws:ec2:${region}:${account}:volume/vol-1`, ...(tags === undefined ? {} : { tags }) },
    )
  const lifecycle = (more: Record<string, unknown> = {}, details: Record<string, unknown> = {}) =>
    resource('AWS::DLM::LifecyclePolicy', 'policy-1', {
      PolicyId: 'policy-1',
      State: 'ENABLED',
      PolicyDetails: {
        PolicyType: 'EBS_SNAPSHOT_MANAGEMENT',
        ResourceTypes: ['VOLUME'],
        TargetTags: [{ Key: 'shop', Value: 'yes' }],
        Schedules: [{ Name: 'daily', CreateRule: { Interval: 24, IntervalUnit: 'HOURS' }, RetainRule: { Count: 7 } }],
        ...details,
      },
      ...more,
    })
  const only = { policy: policy({ mechanisms: { '*': ['dlm'] } }) }
  const without = scope({ factGroups: regionGroups.filter(group => group !== 'snapshot-policies') })
  const tagged = volume({ shop: 'yes' })
  const cover = (covered: unknown, worstCaseLossHours?: unknown) => ({
    'protection.covered': covered,
    ...(worstCaseLossHours === undefined ? {} : { 'protection.worstCaseLossHours': worstCaseLossHours }),
    'recovery.measuredLossHours': undefined,
  })
  rows('data-store', undefined, [
    ['targets a volume by its tag', [tagged, lifecycle()], { ...cover(true), 'protection.retentionDays': 7 }, only],
    ['targets another tag', [volume({ shop: 'no' }), lifecycle()], cover(false), only],
    ['is switched off', [tagged, lifecycle({ State: 'DISABLED' })], cover(false), only],
    ['does not say whether it is on', [tagged, lifecycle({ State: undefined })], cover(undefined), only],
    ['says no kind, so it is one of snapshots', [tagged, lifecycle({}, { PolicyType: undefined })], cover(true), only],
    ['runs on events', [tagged, lifecycle({}, { PolicyType: 'EVENT_BASED_POLICY' })], cover(false), only],
    ['meets a volume whose tags were not read', [volume(undefined), lifecycle()], cover(undefined), only],
    ['was not read', [without, tagged], cover(undefined), only],
    ['has no policies', [tagged], cover(false), only],
    [
      'is not accepted: plans decide, and its lack is no matter',
      [without, tagged, optedIn()],
      { 'protection.covered': false, 'recovery.measuredLossHours': null },
    ],
  ])
})

describe('what a service keeps by itself', () => {
  const database = (configuration: Record<string, unknown>) =>
    resource(
      'AWS::RDS::DBInstance',
      'shop',
      { DBInstanceIdentifier: 'shop', Engine: 'postgres', DBInstanceStatus: 'available', ...configuration },
      { arn: `arn:aws:rds:${region}:${account}:db:shop`, name: 'shop', tags: {} },
    )
  const native = { policy: policy({ mechanisms: { '*': ['native-automated'] } }) }
  rows('data-store', undefined, [
    [
      'restores to the time that it states',
      [database({ BackupRetentionPeriod: 7, LatestRestorableTime: ago(2) })],
      { 'recovery.measuredLossHours': 2, 'protection.covered': true },
      native,
    ],
    [
      'states no time',
      [database({ BackupRetentionPeriod: 7 })],
      { 'recovery.measuredLossHours': undefined, 'protection.covered': true },
      native,
    ],
    [
      'keeps nothing',
      [database({ BackupRetentionPeriod: 0 })],
      { 'recovery.measuredLossHours': null, 'protection.covered': false },
      native,
    ],
    [
      'does not say',
      [database({})],
      { 'recovery.measuredLossHours': undefined, 'protection.covered': undefined },
      native,
    ],
  ])
})

describe('restore tests', () => {
  const testing = (body: Record<string, unknown> = {}) => [
    resource(
      'AWS::Backup::RestoreTestingPlan',
      'weekly',
      {
        RestoreTestingPlanName: 'weekly',
        ScheduleExpression: 'cron(0 5 ? * SUN *)',
        RecoveryPointSelection: {
          Algorithm: 'LATEST_WITHIN_WINDOW',
          IncludeVaults: ['*'],
          RecoveryPointTypes: ['SNAPSHOT'],
          SelectionWindowDays: 7,
        },
      },
      { arn: `arn:aws:backup:${region}:${account}:restore-testing-plan:weekly`, name: 'weekly' },
    ),
    resource('AWS::Backup::RestoreTestingSelection', 'stores', {
      RestoreTestingPlanName: 'weekly',
      RestoreTestingSelectionName: 'stores',
      ProtectedResourceType: 'DynamoDB',
      ProtectedResourceArns: ['*'],
      IamRoleArn: `arn:aws:iam::${account}:role/restore`,
      ...body,
    }),
  ]
  const byTag = {
    ProtectedResourceArns: undefined,
    ProtectedResourceConditions: { StringEquals: [{ Key: 'aws:ResourceTag/shop', Value: 'yes' }] },
  }
  const untagged = { ...table('orders'), tags: undefined } as unknown as ResourceRecord
  rows('data-store', undefined, [
    ['select it', [table('orders'), ...testing()], { 'restores.planned': true }],
    [
      'select another kind',
      [table('orders'), ...testing({ ProtectedResourceType: 'EBS' })],
      { 'restores.planned': false },
    ],
    ['select by a tag it lacks', [table('orders'), ...testing(byTag)], { 'restores.planned': false }],
    ['select by tags that were not read', [untagged, ...testing(byTag)], { 'restores.planned': undefined }],
  ])
})

describe('principals of which a part was not read', () => {
  const trust = (Principal: unknown) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }],
  })
  const role = (more: Record<string, unknown>) =>
    resource(
      'AWS::IAM::Role',
      'backup',
      {
        RoleName: 'backup',
        Path: '/',
        Arn: `arn:aws:iam::${account}:role/backup`,
        AssumeRolePolicyDocument: trust({ Service: 'backup.amazonaws.com' }),
        RolePolicyList: [],
        AttachedManagedPolicies: [],
        ...more,
      },
      { arn: `arn:aws:iam::${account}:role/backup`, name: 'backup', region: 'global' },
    )
  const iam = scope({ factGroups: [...regionGroups, 'iam'] })
  rows('iam-role', undefined, [
    ['none was', [iam, role({})], { admin: false, destructiveActions: [] }],
    [
      'inline policies',
      [iam, role({ RolePolicyList: undefined })],
      { admin: undefined, destructiveActions: { $partial: [] } },
    ],
    [
      'attached policies',
      [iam, role({ AttachedManagedPolicies: undefined })],
      { admin: undefined, destructiveActions: { $partial: [] } },
    ],
  ])
})

describe('Resilience Hub', () => {
  const app = (name: string, more: Record<string, unknown>) =>
    resource(
      'AWS::ResilienceHub::App',
      name,
      { appArn: `arn:aws:resiliencehub:${region}:${account}:app/${name}`, ...more },
      { arn: `arn:aws:resiliencehub:${region}:${account}:app/${name}` },
    )
  const assessed = (name: string, hours: number, complianceStatus = 'PolicyMet') =>
    app(name, { lastAppComplianceEvaluationTime: ago(hours), complianceStatus })
  const read = scope({ factGroups: [...regionGroups, 'resilience'] })
  const facts = (appCount: unknown, oldestAssessmentAgeHours: unknown, breachedCount: unknown) => ({
    'resilience.appCount': appCount,
    'resilience.oldestAssessmentAgeHours': oldestAssessmentAgeHours,
    'resilience.breachedCount': breachedCount,
  })
  rows('account', undefined, [
    ['has no apps', [read], facts(0, undefined, 0)],
    ['assessed all', [read, assessed('a', 5), assessed('b', 50, 'PolicyBreached')], facts(2, 50, 1)],
    ['never assessed one', [read, assessed('a', 5), app('b', { complianceStatus: 'NotAssessed' })], facts(2, null, 0)],
    [
      'does not tell when',
      [read, assessed('a', 5), app('b', { complianceStatus: 'PolicyMet' })],
      facts(2, undefined, 0),
    ],
    ['was not read whole', [assessed('a', 5, 'PolicyBreached')], facts({ $atLeast: 1 }, undefined, { $atLeast: 1 })],
  ])
})

describe('AWS Config', () => {
  const recorder = (recordingGroup: Record<string, unknown>, Status: unknown = { recording: true }) =>
    resource(
      'AWS::Config::ConfigurationRecorder',
      'default',
      { RecordingGroup: recordingGroup },
      { encoding: 'api', supplementary: { Status } },
    )
  const snapshot = scope({ source: 'aws-config-snapshot', factGroups: undefined })
  const all = { AllSupported: true }
  const listed = (ResourceTypes: string[]) => ({
    AllSupported: false,
    ResourceTypes,
    RecordingStrategy: { UseOnly: 'INCLUSION_BY_RESOURCE_TYPES' },
  })
  const excluding = (ResourceTypes: string[]) => ({
    AllSupported: false,
    ExclusionByResourceTypes: { ResourceTypes },
    RecordingStrategy: { UseOnly: 'EXCLUSION_BY_RESOURCE_TYPES' },
  })
  const policies = ['AWS::DLM::LifecyclePolicy']
  const inUse = (records: SnapshotRecord[]) =>
    factsOf(inventoryOf([snapshot, vault('shop'), ...records]), 'backup-vault').inUse
  const vaultTypes = ['AWS::Backup::BackupPlan', 'AWS::Backup::RecoveryPoint']
  it.each<[string, ResourceRecord[], unknown]>([
    ['without a recorder may lack anything', [], undefined],
    ['records all types', [recorder(all)], false],
    ['stands still', [recorder(all, { recording: false })], undefined],
    ['is not known to run', [recorder(all, {})], undefined],
    ['records the types it lists', [recorder(listed(vaultTypes))], false],
    ['records another type only', [recorder(listed(policies))], undefined],
    ['leaves another type out', [recorder({ ...excluding(policies) })], undefined],
  ])('that %s', (_name, records, expected) => {
    expect(inUse(records)).toBe(expected)
  })
})

describe('records that lack what identifies them', () => {
  it.each([
    ['AWS::Backup::BackupJob', {}],
    ['AWS::Backup::RestoreJob', {}],
    ['AWS::RDS::DBSnapshot', {}],
    ['AWS::SNS::Topic', {}],
  ])('%s are told, not dropped', (type, configuration) => {
    const lost = resource(type, '', configuration)
    expect(inventoryOf([{ ...lost, id: '' }]).notEvaluated).toContainEqual(expect.objectContaining({ count: 1 }))
  })
})

/**
 * Protects the facts of everything but data stores: vaults, plans, selections, groups of points and snapshots, restore
 * testing, keys, principals, tasks, Regions, accounts, the policy. Each is known to be so, known not to be so, or not known;
 * the last must never read as one of the others. Also which record of one resource holds, and the order of the subjects.
 */
import { describe, expect, test } from 'vitest'
import { resourceDefinitions } from '../../src/generated/resources.ts'
import { InventoryBuilder } from '../../src/inventory/build.ts'
import type { Inventory } from '../../src/model/inventory.ts'
import type { Assumptions } from '../../src/model/policy.ts'
import type { GapRecord, ResourceRecord, ScopeRecord, SnapshotRecord } from '../../src/model/record.ts'
import type { SubjectKind } from '../../src/model/subject.ts'
import { builtInPolicy } from '../../src/policy/built-in.ts'

const account = '111122223333'
const other = '444455556666'
const region = 'eu-west-1'
const taken = '2026-01-15T06:00:00.000Z'
const everyGroup = [
  ...['alerts', 'audit', 'backup-jobs', 'configuration', 'copy-jobs', 'global-settings', 'iam', 'inventory', 'keys'],
  ...['plans', 'recovery-points', 'region-settings', 'replication', 'resilience', 'restore-jobs', 'restore-testing'],
  ...['selections', 'snapshot-policies', 'snapshots', 'tags', 'trails', 'vault-locks', 'vault-policies', 'vaults'],
]

type Values = Record<string, unknown>

/** A collection that read everything but `lacking`. */
const scope = (lacking: string[] = [], more: Partial<ScopeRecord> = {}): ScopeRecord => ({
  record: 'scope',
  id: 'shop',
  source: 'aws',
  account,
  region,
  takenAt: taken,
  factGroups: everyGroup.filter(group => !lacking.includes(group)),
  ...more,
})
const resource = (type: string, id: string, configuration: Values, more: Partial<ResourceRecord> = {}) =>
  ({
    record: 'resource',
    scope: 'shop',
    type,
    id,
    account,
    region,
    encoding: 'api',
    name: id,
    configuration,
    ...more,
  }) satisfies ResourceRecord as ResourceRecord
const without = (more: Values, name: string) => (Object.hasOwn(more, name) ? more[name] : null)

const vaultArn = (name: string, of = account, at = region) => `arn:aws:backup:${at}:${of}:backup-vault:${name}`
const vault = (configuration: Values = {}, supplementary: Values = {}, name = 'books', more = {}) =>
  resource(
    'AWS::Backup::BackupVault',
    name,
    { BackupVaultName: name, VaultType: 'BACKUP_VAULT', Locked: false, NumberOfRecoveryPoints: 0, ...configuration },
    {
      arn: vaultArn(name),
      supplementary: {
        AccessPolicy: without(supplementary, 'AccessPolicy'),
        Notifications: without(supplementary, 'Notifications'),
      },
      ...more,
    },
  )
const daily = { RuleName: 'daily', TargetBackupVaultName: 'books', ScheduleExpression: 'cron(0 5 ? * * *)' }
const planArn = (id: string) => `arn:aws:backup:${region}:${account}:backup-plan:${id}`
const plan = (rule: Values = {}, id = 'nightly', more: Partial<ResourceRecord> = {}) =>
  resource(
    'AWS::Backup::BackupPlan',
    id,
    {
      BackupPlanId: id,
      BackupPlan: { BackupPlanName: id, Rules: [{ ...daily, ScheduleExpressionTimezone: 'Etc/UTC', ...rule }] },
    },
    { arn: planArn(id), ...more },
  )
const roleArn = `arn:aws:iam::${account}:role/shop-backup`
const selection = (body: Values | undefined, more: Partial<ResourceRecord> = {}, id = 'shelves') =>
  resource(
    'AWS::Backup::BackupSelection',
    id,
    {
      BackupPlanId: 'nightly',
      SelectionId: id,
      ...(body && { BackupSelection: { SelectionName: id, IamRoleArn: roleArn, ...body } }),
    },
    more,
  )
const volumeArn = (id: string) => `arn:aws:ec2:${region}:${account}:volume/${id}`
const volume = (id: string, more: Partial<ResourceRecord> = {}, configuration: Values = {}) =>
  resource(
    'AWS::EC2::Volume',
    id,
    { VolumeId: id, CreateTime: '2024-03-07T10:00:00.000Z', State: 'in-use', Encrypted: false, ...configuration },
    { arn: volumeArn(id), tags: null, ...more },
  )
const pointArn = (id: string) => `arn:aws:ec2:${region}::snapshot/${id}`
const point = (id: string, configuration: Values = {}, more: Partial<ResourceRecord> = {}) =>
  resource(
    'AWS::Backup::RecoveryPoint',
    pointArn(id),
    {
      RecoveryPointArn: pointArn(id),
      BackupVaultName: 'books',
      BackupVaultArn: vaultArn('books'),
      ResourceArn: volumeArn('vol-1'),
      ResourceType: 'EBS',
      Status: 'COMPLETED',
      IsEncrypted: true,
      CreationDate: '2026-01-14T06:00:00.000Z',
      Lifecycle: { DeleteAfterDays: 35 },
      ...configuration,
    },
    { arn: pointArn(id), ...more },
  )
const topicArn = `arn:aws:sns:${region}:${account}:on-call`
const topic = (attributes: Values | null = {}, subscriptionArn = `${topicArn}:1`) =>
  resource(
    'AWS::SNS::Topic',
    topicArn,
    { TopicArn: topicArn },
    {
      arn: topicArn,
      supplementary: {
        Subscriptions: [
          { Protocol: 'email', SubscriptionArn: subscriptionArn, ...(attributes && { Attributes: attributes }) },
        ],
      },
    },
  )
const eventRule = (pattern: Values, more: Values = {}, targets: Values[] | undefined = [{ Id: '1', Arn: topicArn }]) =>
  resource(
    'AWS::Events::Rule',
    'told',
    { Name: 'told', EventPattern: JSON.stringify(pattern), State: 'ENABLED', EventBusName: 'default', ...more },
    { arn: `arn:aws:events:${region}:${account}:rule/told`, supplementary: targets ? { Targets: targets } : {} },
  )
const role = (configuration: Values = {}, name = 'shop-backup') =>
  resource(
    'AWS::IAM::Role',
    name,
    {
      RoleName: name,
      Path: '/',
      Arn: `arn:aws:iam::${account}:role/${name}`,
      AssumeRolePolicyDocument: trusting({ Service: 'backup.amazonaws.com' }),
      RolePolicyList: [],
      AttachedManagedPolicies: [],
      ...configuration,
    },
    { arn: `arn:aws:iam::${account}:role/${name}`, region: 'global' },
  )
const trusting = (Principal: unknown) => statement({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' })
const statement = (...Statement: Values[]) => ({ Version: '2012-10-17', Statement })
const attached = (...arns: string[]) => ({
  AttachedManagedPolicies: arns.map(arn => ({ PolicyName: arn.replace(/^.*\//, ''), PolicyArn: arn })),
})
const inline = (Action: unknown) => ({
  RolePolicyList: [{ PolicyName: 'own', PolicyDocument: statement({ Effect: 'Allow', Action, Resource: '*' }) }],
})
const organization = (Organization: unknown) =>
  resource('AWS::Organizations::Organization', account, { Organization }, { region: 'global' })

const settings = (ResourceTypeOptInPreference?: Values, supplementary: Values = {}) =>
  resource('AWS::Backup::RegionSettings', region, { ResourceTypeOptInPreference }, { supplementary })

function inventoryOf(records: SnapshotRecord[], assumptions: Partial<Assumptions> = {}): Inventory {
  const policy = builtInPolicy()
  const builder = new InventoryBuilder({
    definitions: resourceDefinitions,
    policy: { ...policy, assumptions: { ...policy.assumptions, ...assumptions } },
    now: taken,
  })
  for (const record of records) builder.add(record)
  return builder.finish()
}

interface Plain {
  kind: SubjectKind
  id: string
  arn?: string
  facts: Values
}
const subjectsOf = (inventory: Inventory): Plain[] =>
  Array.from({ length: inventory.size }, (_, i) => JSON.parse(JSON.stringify(inventory.subject(i))) as Plain)

/** The value at a dotted path; `undefined` where it is not known. */
const at = (facts: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (value, name) => (typeof value === 'object' && value !== null ? (value as Values)[name] : undefined),
      facts,
    )

interface Row {
  name: string
  records: SnapshotRecord[]
  facts: Values
  lacking?: string[]
  scope?: Partial<ScopeRecord>
  assumptions?: Partial<Assumptions>
  id?: string
}
/** Each row: the facts of the one subject of the kind (or of the one of that id), by path; `undefined` = not known. */
function table(kind: SubjectKind, rows: Row[]): void {
  test.each(rows)('$name', row => {
    const inventory = inventoryOf([scope(row.lacking, row.scope), ...row.records], row.assumptions)
    const found = subjectsOf(inventory).filter(s => s.kind === kind && (row.id === undefined || s.id === row.id))
    expect(found).toHaveLength(1)
    const actual = Object.keys(row.facts).map(path => [path, at(found[0]!.facts, path)])
    expect(Object.fromEntries(actual)).toEqual(row.facts)
  })
}
const row = (name: string, records: SnapshotRecord[], facts: Values, more: Partial<Row> = {}): Row => ({
  name,
  records,
  facts,
  ...more,
})

const deletions = [
  'backup:DeleteRecoveryPoint',
  'backup:PutBackupVaultAccessPolicy',
  'backup:UpdateRecoveryPointLifecycle',
]
const denying = (Action: unknown, more: Values = {}) => ({
  AccessPolicy: statement({ Effect: 'Deny', Principal: '*', Action, Resource: '*', ...more }),
})

describe('backup vault: lock', () => {
  const lock = (strength: unknown, mode: unknown, immutabilityStrength: unknown) => ({
    'lock.strength': strength,
    'lock.mode': mode,
    immutabilityStrength,
  })
  table('backup-vault', [
    row('none', [vault()], lock(0, 'none', 0)),
    row('governance', [vault({ Locked: true })], lock(1, 'governance', 2)),
    row('cooling off', [vault({ Locked: true, LockDate: '2026-01-15T06:00:01.000Z' })], lock(2, 'compliance', 2)),
    row('final at the second of the clock', [vault({ Locked: true, LockDate: taken })], lock(3, 'compliance', 3)),
    row('not stated', [vault({ Locked: undefined })], lock(undefined, undefined, undefined)),
    row(
      'a date without a clock',
      [vault({ Locked: true, LockDate: taken })],
      lock(undefined, 'compliance', undefined),
      { scope: { takenAt: undefined } },
    ),
    row('air-gapped', [vault({ VaultType: 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT', Locked: undefined })], {
      ...lock(3, 'compliance', 3),
      vaultType: 'airGapped',
      type: 'AWS::Backup::LogicallyAirGappedBackupVault',
    }),
    row('bounds', [vault({ Locked: true, MinRetentionDays: 7 })], {
      'lock.minRetentionDays': 7,
      'lock.maxRetentionDays': null,
      'lock.changeableUntil': null,
    }),
    row('bounds not stated', [vault({ Locked: undefined })], {
      'lock.minRetentionDays': undefined,
      'lock.maxRetentionDays': undefined,
      'lock.changeableUntil': undefined,
    }),
  ])
})

describe('backup vault: policy', () => {
  const policy = (present: unknown, denies: unknown, immutabilityStrength: unknown) => ({
    'policy.present': present,
    'policy.deniesManualDeletion': denies,
    immutabilityStrength,
  })
  const breakGlass = { StringNotLike: { 'aws:PrincipalArn': `arn:aws:iam::${account}:role/break-glass` } }
  table('backup-vault', [
    row('none', [vault()], {
      ...policy(false, false, 0),
      'policy.allowsAnyone': false,
      'policy.untrustedPrincipals': [],
    }),
    row('not read', [vault({}, { AccessPolicy: undefined })], {
      ...policy(undefined, undefined, undefined),
      'policy.allowsAnyone': undefined,
      'policy.untrustedPrincipals': undefined,
    }),
    row('denies all', [vault({}, denying(deletions))], policy(true, true, 1)),
    row('denies by wildcard', [vault({}, denying('backup:*'))], policy(true, true, 1)),
    row('denies one of three', [vault({}, denying(deletions.slice(0, 1)))], {
      ...policy(true, false, 0),
      'policy.deletionActions': deletions.map((action, i) => ({ action, denied: i === 0 })),
    }),
    row('a door for a role that the policy does not name', [vault({}, denying(deletions, { Condition: breakGlass }))], {
      ...policy(true, false, 0),
    }),
    row(
      'a door for the break-glass role',
      [vault({}, denying(deletions, { Condition: breakGlass }))],
      policy(true, true, 1),
      {
        assumptions: { breakGlassArns: [`arn:aws:iam::${account}:role/break-glass`] },
      },
    ),
    row('a lock counts without a policy that was read', [vault({ Locked: true }, { AccessPolicy: undefined })], {
      ...policy(undefined, undefined, 2),
    }),
    row(
      'a stranger may copy into it',
      [
        vault(
          {},
          {
            AccessPolicy: statement({
              Effect: 'Allow',
              Principal: { AWS: `arn:aws:iam::${other}:root` },
              Action: 'backup:CopyIntoBackupVault',
              Resource: '*',
            }),
          },
        ),
      ],
      { 'policy.allowsAnyone': false, 'policy.untrustedPrincipals': [`arn:aws:iam::${other}:root`] },
    ),
    row(
      'anyone may',
      [vault({}, { AccessPolicy: statement({ Effect: 'Allow', Principal: '*', Action: 'backup:*', Resource: '*' }) })],
      { 'policy.allowsAnyone': true },
    ),
  ])
})

describe('backup vault: use, tier and key', () => {
  const keyArn = `arn:aws:kms:${region}:${account}:key/k-1`
  const key = (KeyManager: string) =>
    resource('AWS::KMS::Key', 'k-1', { KeyMetadata: { KeyId: 'k-1', Arn: keyArn, KeyManager } }, { arn: keyArn })
  table('backup-vault', [
    row('empty and unnamed', [vault()], { inUse: false, pointCount: 0, awsMade: false }),
    row('empty, plans not read', [vault()], { inUse: undefined }, { lacking: ['plans'] }),
    row('empty, points not read', [vault()], { inUse: undefined }, { lacking: ['recovery-points'] }),
    row('one point counted', [vault({ NumberOfRecoveryPoints: 1 })], { inUse: true, pointCount: 1 }),
    row('a plan sends to it, points not read', [vault(), plan()], { inUse: true }, { lacking: ['recovery-points'] }),
    row('made by AWS', [vault({}, {}, 'Default')], { awsMade: true }),
    row('nothing in it: the default tier', [vault()], { tier: 'tier2', 'objectives.rpoHours': 36 }),
    row(
      'tier of the strictest store',
      [
        vault(),
        volume('vol-1', { tags: { criticality: 'tier1' } }),
        point('snap-1'),
        volume('vol-2', { tags: { criticality: 'tier3' } }),
        point('snap-2', { ResourceArn: volumeArn('vol-2') }),
      ],
      { inUse: true, tier: 'tier1', 'objectives.rpoHours': 4 },
    ),
    row(
      'a stricter store may be unread',
      [vault(), volume('vol-1', { tags: { criticality: 'tier1' } }), point('snap-1')],
      {
        tier: undefined,
        'objectives.rpoHours': { $atMost: 4 },
      },
      { lacking: ['recovery-points'] },
    ),
    row(
      'none is stricter than tier0',
      [vault(), volume('vol-1', { tags: { criticality: 'tier0' } }), point('snap-1')],
      {
        tier: 'tier0',
        'objectives.rpoHours': 0.25,
      },
      { lacking: ['recovery-points'] },
    ),
    row('customer key', [vault({ EncryptionKeyArn: keyArn }), key('CUSTOMER')], {
      'encryption.keyManager': 'customer',
    }),
    row('AWS managed key', [vault({ EncryptionKeyArn: keyArn }), key('AWS')], { 'encryption.keyManager': 'aws' }),
    row('key not read', [vault({ EncryptionKeyArn: keyArn })], { 'encryption.keyManager': undefined }),
  ])
})

describe('backup vault: alerts', () => {
  const events = (...BackupVaultEvents: string[]) => ({ Notifications: { SNSTopicArn: topicArn, BackupVaultEvents } })
  const told = events('BACKUP_JOB_COMPLETED')
  const backups = (alerted: unknown) => ({
    'alerts.0': alerted === undefined ? { outcome: 'backupFailed' } : { outcome: 'backupFailed', alerted },
  })
  const jobs = (detail?: Values) => ({
    source: ['aws.backup'],
    'detail-type': ['Backup Job State Change'],
    ...(detail && { detail }),
  })
  const alarm = (more: Values = {}) =>
    resource(
      'AWS::CloudWatch::Alarm',
      'failed',
      {
        AlarmName: 'failed',
        Namespace: 'AWS/Backup',
        MetricName: 'NumberOfBackupJobsFailed',
        Dimensions: [],
        ActionsEnabled: true,
        AlarmActions: [topicArn],
        ...more,
      },
      { arn: `arn:aws:cloudwatch:${region}:${account}:alarm:failed` },
    )
  const states = (...state: string[]) => jobs({ state })
  table('backup-vault', [
    row('nobody', [vault()], backups(false)),
    row('nobody, rules not read', [vault()], backups(undefined), { lacking: ['alerts'] }),
    row('notifications not read', [vault({}, { Notifications: undefined })], backups(undefined)),
    row('notifications to a confirmed subscriber', [vault({}, told), topic()], backups(true)),
    row('notifications to a topic that was not read', [vault({}, told)], backups(undefined)),
    row(
      'a deprecated event delivers nothing',
      [vault({}, events('BACKUP_JOB_FAILED', 'BACKUP_JOB_EXPIRED')), topic()],
      backups(false),
    ),
    row('a pending subscription', [vault({}, told), topic({}, 'PendingConfirmation')], backups(false)),
    row('attributes of the subscription not read', [vault({}, told), topic(null)], backups(undefined)),
    row(
      'a filter for every failure',
      [vault({}, told), topic({ FilterPolicy: '{"State":["FAILED","ABORTED","EXPIRED"]}' })],
      backups(true),
    ),
    row(
      'a filter that drops one failure',
      [vault({}, told), topic({ FilterPolicy: '{"State":["FAILED","EXPIRED"]}' })],
      backups(false),
    ),
    row(
      'a filter for successes',
      [vault({}, told), topic({ FilterPolicy: '{"State":["COMPLETED"]}' })],
      backups(false),
    ),
    row(
      'a filter of an unknown attribute',
      [vault({}, told), topic({ FilterPolicy: '{"team":["shelves"]}' })],
      backups(undefined),
    ),
    row('a rule for every state', [vault(), eventRule(jobs()), topic()], backups(true)),
    row(
      'a rule for the three failures',
      [vault(), eventRule(states('FAILED', 'ABORTED', 'EXPIRED')), topic()],
      backups(true),
    ),
    row('a rule that leaves one out', [vault(), eventRule(states('FAILED', 'ABORTED')), topic()], backups(false)),
    row(
      'a rule that asks for more',
      [vault(), eventRule(jobs({ backupVaultName: ['books'] })), topic()],
      backups(undefined),
    ),
    row('a rule of another source', [vault(), eventRule({ ...jobs(), source: ['aws.ec2'] }), topic()], backups(false)),
    row('a disabled rule', [vault(), eventRule(jobs(), { State: 'DISABLED' }), topic()], backups(false)),
    row('a rule of another bus', [vault(), eventRule(jobs(), { EventBusName: 'shop' }), topic()], backups(false)),
    row('a rule without targets', [vault(), eventRule(jobs(), {}, []), topic()], backups(false)),
    row(
      'a rule whose topic nobody reads',
      [vault(), eventRule(jobs()), topic({}, 'PendingConfirmation')],
      backups(false),
    ),
    row('a rule does for lists cut short', [vault(), eventRule(jobs()), topic()], backups(true), {
      lacking: ['alerts'],
    }),
    row('an alarm', [vault(), alarm(), topic()], backups(true)),
    row('an alarm that nobody hears', [vault(), alarm(), topic({}, 'PendingConfirmation')], backups(false)),
    row('an alarm to a topic that was not read', [vault(), alarm()], backups(undefined)),
    row(
      'an alarm of this vault',
      [vault(), alarm({ Dimensions: [{ Name: 'BackupVaultName', Value: 'books' }] }), topic()],
      backups(true),
    ),
    row(
      'an alarm of another vault',
      [vault(), alarm({ Dimensions: [{ Name: 'BackupVaultName', Value: 'maps' }] }), topic()],
      backups(false),
    ),
    row('a silenced alarm', [vault(), alarm({ ActionsEnabled: false }), topic()], backups(false)),
    row('an alarm without actions', [vault(), alarm({ AlarmActions: [] })], backups(false)),
    row('no metric tells of an interrupted stream', [vault(), alarm(), eventRule(jobs()), topic()], {
      'alerts.3': { outcome: 'continuousInterrupted', alerted: false },
    }),
  ])
})

describe('backup plan: rules', () => {
  const rule = (facts: Values) =>
    Object.fromEntries(Object.entries(facts).map(([name, value]) => [`rules.0.${name}`, value]))
  const lifecycle = (DeleteAfterDays?: number, MoveToColdStorageAfterDays?: number) => ({
    Lifecycle: { DeleteAfterDays, MoveToColdStorageAfterDays },
  })
  table('backup-plan', [
    row(
      'daily in UTC',
      [plan({ StartWindowMinutes: 60 })],
      rule({
        nominalGapHours: 24,
        longestGapHours: 24,
        shortestGapHours: 24,
        endsAt: null,
        scheduleValid: true,
        startWindowMinutes: 60,
        startWindowSlackMinutes: 1380,
        worstCaseLossHours: 25.5,
        completionWindowMinutes: 10_080,
        targetVaultArn: vaultArn('books'),
        copyActionCount: 0,
        copiesElsewhere: false,
      }),
    ),
    row(
      'daily through a change of clocks',
      [plan({ ScheduleExpressionTimezone: 'Europe/Berlin' })],
      rule({ nominalGapHours: 24, longestGapHours: 25, shortestGapHours: 23 }),
    ),
    row(
      'hourly with a window of an hour',
      [plan({ ScheduleExpression: 'cron(0 * ? * * *)', StartWindowMinutes: 60 })],
      rule({ longestGapHours: 1, startWindowSlackMinutes: 0 }),
    ),
    row(
      'hourly with the default window',
      [plan({ ScheduleExpression: 'cron(0 * ? * * *)' })],
      rule({ startWindowMinutes: 480, startWindowSlackMinutes: -420, worstCaseLossHours: 9.5 }),
    ),
    row(
      'no schedule: the default one',
      [plan({ ScheduleExpression: undefined })],
      rule({ schedule: 'cron(0 5 ? * * *)', longestGapHours: 24 }),
    ),
    row(
      'an illegal schedule never runs',
      [plan({ ScheduleExpression: 'cron(0 5 * * * *)' })],
      rule({
        scheduleValid: false,
        longestGapHours: null,
        shortestGapHours: null,
        worstCaseLossHours: null,
        startWindowSlackMinutes: null,
      }),
    ),
    row(
      'a schedule that ended',
      [plan({ ScheduleExpression: 'cron(0 5 1 1 ? 2020)' })],
      rule({ scheduleValid: true, longestGapHours: null, worstCaseLossHours: null }),
    ),
    row(
      'kept 35 days',
      [plan(lifecycle(35))],
      rule({ retentionDays: 35, keepsForever: false, moveToColdStorageAfterDays: null, coldGapDays: null }),
    ),
    row('kept for ever', [plan()], rule({ retentionDays: null, keepsForever: true, coldGapDays: null })),
    row('cold for 90 days', [plan(lifecycle(120, 30))], rule({ moveToColdStorageAfterDays: 30, coldGapDays: 90 })),
    row('cold for 89 days', [plan(lifecycle(119, 30))], rule({ coldGapDays: 89 })),
    row('cold for ever', [plan(lifecycle(undefined, 30))], rule({ coldGapDays: null })),
    row(
      'retention by an event',
      [plan({ Lifecycle: { DeleteAfterEvent: 'DELETE_AFTER_COPY' } })],
      rule({ retentionDays: undefined, keepsForever: undefined }),
    ),
    row(
      'Config tells no time zone',
      [
        resource(
          'AWS::Backup::BackupPlan',
          'nightly',
          { BackupPlanId: 'nightly', BackupPlan: { BackupPlanName: 'nightly', BackupPlanRule: [daily] } },
          { arn: planArn('nightly'), encoding: 'config' },
        ),
      ],
      rule({ nominalGapHours: 24, longestGapHours: undefined, worstCaseLossHours: undefined }),
    ),
    row(
      'a plan that was only listed',
      [resource('AWS::Backup::BackupPlan', 'nightly', { BackupPlanId: 'nightly' }, { arn: planArn('nightly') })],
      {
        rules: { $partial: [] },
        targets: { $partial: [] },
        copies: { $partial: [] },
        copiesElsewhere: undefined,
      },
    ),
  ])
})

describe('backup plan: targets, copies and selections', () => {
  const copyTo = (DestinationBackupVaultArn: string, days?: number) => ({
    Lifecycle: { DeleteAfterDays: 35 },
    CopyActions: [{ DestinationBackupVaultArn, ...(days !== undefined && { Lifecycle: { DeleteAfterDays: days } }) }],
  })
  const locked = (min?: number, max?: number) => vault({ Locked: true, MinRetentionDays: min, MaxRetentionDays: max })
  const kept = (days?: number) => plan({ Lifecycle: { DeleteAfterDays: days } })
  const fits = (exists: unknown, fitsLock: unknown) => ({ 'targets.0.exists': exists, 'targets.0.fitsLock': fitsLock })
  const away = vaultArn('books', account, 'eu-central-1')
  const theirs = vaultArn('books', other)
  const optedIn = settings({ EBS: true, EFS: true })
  const efs = resource(
    'AWS::EFS::FileSystem',
    'fs-1',
    { FileSystemId: 'fs-1', Encrypted: true },
    { arn: `arn:aws:elasticfilesystem:${region}:${account}:file-system/fs-1`, tags: null },
  )
  const everything = selection({ Resources: ['*'] })
  const theirVault = (keyArn: string) => [
    scope([], { id: 'theirs', account: other }),
    vault({ EncryptionKeyArn: keyArn }, {}, 'books', { scope: 'theirs', account: other, arn: theirs }),
  ]
  const managed = `arn:aws:kms:${region}:${other}:alias/aws/backup`
  const encrypted = (keyArn: string) => volume('vol-1', {}, { Encrypted: true, KmsKeyId: keyArn })
  table('backup-plan', [
    row('a vault that is there', [kept(35), vault()], { ...fits(true, true), 'targets.0.minRetentionDays': null }),
    row('a vault that is not', [kept(35)], fits(false, undefined)),
    row('vaults not read', [kept(35)], fits(undefined, undefined), { lacking: ['vaults'] }),
    row('as long as the lock asks', [kept(35), locked(35)], fits(true, true)),
    row('a day too short', [kept(34), locked(35)], fits(true, false)),
    row('as long as the lock bears', [kept(35), locked(7, 35)], fits(true, true)),
    row('a day too long', [kept(36), locked(7, 35)], fits(true, false)),
    row('for ever under an upper bound', [kept(), locked(7, 35)], fits(true, false)),
    row('for ever without one', [kept(), locked(7)], fits(true, true)),
    row('lock not known', [kept(35), vault({ Locked: undefined })], fits(true, undefined)),
    row('a copy to another Region', [plan(copyTo(away))], {
      copiesElsewhere: true,
      copies: [
        {
          rule: 'daily',
          destinationVaultArn: away,
          region: 'eu-central-1',
          account,
          crossRegion: true,
          crossAccount: false,
          retentionDays: 35,
          keyCompatible: true,
          keyProblem: null,
        },
      ],
      'targets.1.use': 'copy',
      'targets.1.vaultArn': away,
      'targets.1.exists': undefined,
    }),
    row('a copy beside', [plan(copyTo(vaultArn('maps'), 7))], {
      copiesElsewhere: false,
      'copies.0.crossRegion': false,
      'copies.0.retentionDays': 7,
      'targets.1.exists': false,
    }),
    row('a copy to another account of nothing', [plan(copyTo(theirs))], {
      copiesElsewhere: true,
      'copies.0.crossAccount': true,
      'copies.0.keyCompatible': true,
    }),
    row(
      'of what may be anything',
      [plan(copyTo(theirs))],
      { 'copies.0.keyCompatible': undefined, storeCount: { $atLeast: 0 } },
      { lacking: ['inventory'] },
    ),
    row(
      'of a volume under an AWS managed key',
      [
        plan(copyTo(theirs)),
        everything,
        optedIn,
        encrypted('alias/aws/ebs'),
        ...theirVault(`arn:aws:kms:${region}:${other}:key/k`),
        resource(
          'AWS::KMS::Key',
          'k',
          { KeyMetadata: { KeyId: 'k', Arn: `arn:aws:kms:${region}:${other}:key/k`, KeyManager: 'CUSTOMER' } },
          { scope: 'theirs', account: other, arn: `arn:aws:kms:${region}:${other}:key/k` },
        ),
      ],
      { 'copies.0.keyCompatible': false },
    ),
    row(
      'into a vault under an AWS managed key',
      [
        plan(copyTo(theirs)),
        everything,
        optedIn,
        encrypted(`arn:aws:kms:${region}:${account}:key/own`),
        ...theirVault(managed),
      ],
      { 'copies.0.keyCompatible': false },
    ),
    row(
      'into a vault that was not read',
      [plan(copyTo(theirs)), everything, optedIn, encrypted(`arn:aws:kms:${region}:${account}:key/own`)],
      { 'copies.0.keyCompatible': undefined },
    ),
    row('of what is encrypted independently', [plan(copyTo(theirs)), everything, optedIn, efs], {
      storeCount: 1,
      'copies.0.keyCompatible': true,
      coldCapable: true,
    }),
    row('one store', [plan(), everything, optedIn, volume('vol-1', { tags: { criticality: 'tier1' } })], {
      storeCount: 1,
      selections: [{ name: 'shelves' }],
      tier: 'tier1',
    }),
    row(
      'selections not read',
      [plan(), everything, optedIn, volume('vol-1')],
      { storeCount: { $atLeast: 1 }, selections: { $partial: [{ name: 'shelves' }] }, tier: undefined },
      { lacking: ['selections'] },
    ),
    row('an opt-in that is not stated', [plan(), everything, volume('vol-1')], {
      storeCount: { $atLeast: 0 },
      tier: undefined,
    }),
    row(
      'opted out',
      [
        plan(),
        selection({ ListOfTags: [{ ConditionType: 'STRINGEQUALS', ConditionKey: 'backup', ConditionValue: 'daily' }] }),
        settings({ EBS: false }),
        volume('vol-1', { tags: { backup: 'daily' } }),
      ],
      { storeCount: 0 },
    ),
    row('nothing selected', [plan()], {
      storeCount: 0,
      selections: [],
      coldCapable: false,
      organizationPolicy: false,
      tier: 'tier2',
    }),
  ])
})

describe('backup selection', () => {
  const tag = { ConditionType: 'STRINGEQUALS', ConditionKey: 'backup', ConditionValue: 'daily' }
  const like = (ConditionKey: string) => ({ StringLike: [{ ConditionKey, ConditionValue: 'd*' }] })
  const doubt = (pattern: string, why: string) => ({ doubtfulPatterns: [{ pattern, why }] })
  const oneVolume = `arn:aws:ec2:${region}:${account}:volume/vol-*`
  table('backup-selection', [
    row('everything', [selection({ Resources: ['*'] }), plan(), settings({ EBS: true }), volume('vol-1')], {
      selectsAll: true,
      stated: true,
      resourcesAndTags: false,
      tagCount: 0,
      conditionCount: 0,
      matchedCount: 1,
      doubtfulPatterns: [],
      planName: 'nightly',
      planArn: planArn('nightly'),
      roleArn,
      resources: ['*'],
      notResources: [],
    }),
    row('nothing stated', [selection({}), plan()], { selectsAll: true, stated: false, resourcesAndTags: false }),
    row('everything but', [selection({ Resources: ['*'], NotResources: [oneVolume] }), volume('vol-1')], {
      selectsAll: false,
      matchedCount: 0,
    }),
    row('everything on a condition', [selection({ Resources: ['*'], Conditions: like('aws:ResourceTag/backup') })], {
      selectsAll: false,
      stated: true,
      conditionCount: 1,
      doubtfulPatterns: [],
    }),
    row(
      'by tag',
      [
        selection({ ListOfTags: [tag] }),
        plan(),
        settings({ EBS: true }),
        volume('vol-1', { tags: { backup: 'daily' } }),
        volume('vol-2'),
      ],
      { selectsAll: false, tagCount: 1, matchedCount: 1, resourcesAndTags: false },
    ),
    row('tags of a volume not read', [selection({ ListOfTags: [tag] }), plan(), volume('vol-1', { tags: undefined })], {
      matchedCount: { $atLeast: 0 },
    }),
    row('both, which AWS unites', [selection({ Resources: [oneVolume], ListOfTags: [tag] })], {
      resourcesAndTags: true,
      selectsAll: false,
    }),
    row(
      'inventory not read',
      [selection({ Resources: ['*'] }), plan()],
      { matchedCount: { $atLeast: 0 } },
      { lacking: ['inventory'] },
    ),
    row('plan not there', [selection({ Resources: ['*'] })], { planName: null, planArn: null }),
    row(
      'plans not read',
      [selection({ Resources: ['*'] })],
      { planName: undefined, planArn: undefined },
      { lacking: ['plans'] },
    ),
    row('only listed', [selection(undefined)], {
      selectsAll: undefined,
      stated: undefined,
      resourcesAndTags: undefined,
      tagCount: undefined,
      conditionCount: undefined,
      resources: undefined,
      doubtfulPatterns: { $partial: [] },
    }),
    row('Config leaves out the tags', [selection({ Resources: [oneVolume] }, { encoding: 'config' })], {
      selectsAll: false,
      stated: true,
      tagCount: undefined,
      resourcesAndTags: undefined,
      doubtfulPatterns: { $partial: [] },
    }),
    row('Config names no resources', [selection({}, { encoding: 'config' })], {
      selectsAll: undefined,
      stated: undefined,
      resourcesAndTags: false,
    }),
    row(
      'an empty field',
      [selection({ Resources: ['arn:aws:ec2:::volume/vol-1'] })],
      doubt('arn:aws:ec2:::volume/vol-1', 'emptyField'),
    ),
    row('a wildcard inside', [selection({ Resources: [`${oneVolume}9`] })], doubt(`${oneVolume}9`, 'innerWildcard')),
    row('a bucket names neither Region nor account', [selection({ Resources: ['arn:aws:s3:::covers-*'] })], {
      doubtfulPatterns: [],
    }),
    row(
      'a condition key as in ListOfTags',
      [selection({ Resources: ['*'], Conditions: like('backup') })],
      doubt('backup', 'keySpelling'),
    ),
    row(
      'a tag key as in a condition',
      [selection({ ListOfTags: [{ ...tag, ConditionKey: 'aws:ResourceTag/backup' }] })],
      doubt('aws:ResourceTag/backup', 'keySpelling'),
    ),
  ])
})

describe('recovery points', () => {
  const two = [
    point('snap-b'),
    point('snap-a', { CreationDate: '2026-01-10T06:00:00.000Z', Lifecycle: { DeleteAfterDays: 7 } }),
  ]
  const flag = (trueCount: unknown, trueArn: string | null, falseCount: unknown, falseArn: string | null) => ({
    trueCount,
    trueArn,
    falseCount,
    falseArn,
  })
  const [a, b, c] = ['snap-a', 'snap-b', 'snap-c'].map(pointArn) as [string, string, string]
  table('recovery-point', [
    row('two points', two, {
      count: 2,
      usableCount: 2,
      expiredCount: 0,
      partialCount: 0,
      sourceArn: volumeArn('vol-1'),
      vaultName: 'books',
      isEncrypted: flag(2, a, 0, null),
      keepsForever: flag(0, null, 2, a),
      retentionDays: { min: 7, minArn: a, max: 35, maxArn: b },
      ageHours: { min: 24, minArn: b, max: 120, maxArn: a },
    }),
    row(
      'points not all read',
      two,
      {
        count: { $atLeast: 2 },
        isEncrypted: flag({ $atLeast: 2 }, a, { $atLeast: 0 }, null),
        'retentionDays.min': { $atMost: 7 },
        'retentionDays.max': { $atLeast: 35 },
        'ageHours.min': { $atMost: 24 },
        'ageHours.max': { $atLeast: 120 },
      },
      { lacking: ['recovery-points'] },
    ),
    row(
      'the smallest ARN of those that are alike',
      [point('snap-c', { IsEncrypted: false }), point('snap-b', { IsEncrypted: false }), point('snap-a')],
      {
        isEncrypted: flag(1, a, 2, b),
        'ageHours.minArn': a,
        'ageHours.maxArn': a,
        'retentionDays.minArn': a,
      },
    ),
    row('encryption of one not told', [point('snap-a'), point('snap-b', { IsEncrypted: undefined })], {
      isEncrypted: flag({ $atLeast: 1 }, a, { $atLeast: 0 }, null),
    }),
    row('kept for ever', [point('snap-a', { Lifecycle: {} }), point('snap-b')], {
      keepsForever: flag(1, a, 1, b),
      retentionDays: { min: 35, minArn: b, max: 35, maxArn: b },
    }),
    row(
      'retention of one not told',
      [point('snap-a', { Lifecycle: { DeleteAfterEvent: 'DELETE_AFTER_COPY' } }), point('snap-b')],
      {
        keepsForever: flag({ $atLeast: 0 }, null, { $atLeast: 1 }, b),
        'retentionDays.min': { $atMost: 35 },
        'retentionDays.max': { $atLeast: 35 },
      },
    ),
    row(
      'expired and partial',
      [point('snap-a', { Status: 'EXPIRED' }), point('snap-b', { Status: 'PARTIAL' }), point('snap-c')],
      {
        count: 3,
        usableCount: 1,
        expiredCount: 1,
        partialCount: 1,
        'ageHours.minArn': c,
        'ageHours.maxArn': c,
      },
    ),
    row('none can be restored', [point('snap-a', { Status: 'EXPIRED' })], {
      usableCount: 0,
      ageHours: { min: null, minArn: null, max: null, maxArn: null },
    }),
    row('a child counts with its parent', [point('snap-a'), point('snap-b', { ParentRecoveryPointArn: a })], {
      count: 1,
    }),
    row(
      'no clock',
      [point('snap-a')],
      { count: 1, 'ageHours.min': undefined, 'ageHours.max': undefined },
      { scope: { takenAt: undefined } },
    ),
    row('tier of its store', [volume('vol-1', { tags: { criticality: 'tier1' } }), point('snap-a')], {
      tier: 'tier1',
      'objectives.retentionDays': 35,
    }),
    row('its store is gone', [point('snap-a')], { tier: 'tier2' }),
    row('its store may be unread', [point('snap-a')], { tier: undefined }, { lacking: ['inventory'] }),
  ])
})

describe('native snapshots', () => {
  const snapshot = (id: string, configuration: Values = {}, supplementary: Values = { CreateVolumePermissions: [] }) =>
    resource(
      'AWS::EC2::Snapshot',
      id,
      {
        SnapshotId: id,
        VolumeId: 'vol-1',
        State: 'completed',
        Encrypted: true,
        OwnerId: account,
        StartTime: '2026-01-14T06:00:00.000Z',
        ...configuration,
      },
      { arn: pointArn(id), supplementary },
    )
  const shared = (UserId: string) => snapshot('snap-a', {}, { CreateVolumePermissions: [{ UserId }] })
  const blocking = (State: string) => settings(undefined, { EbsSnapshotBlockPublicAccess: { State } })
  const untrusted = (yes: unknown, no: unknown) => ({
    'sharedWithUntrusted.trueCount': yes,
    'sharedWithUntrusted.falseCount': no,
  })
  const a = pointArn('snap-a')
  table('native-snapshot', [
    row(
      'two of one volume',
      [snapshot('snap-b', { Encrypted: false }), snapshot('snap-a', { StartTime: '2026-01-13T06:00:00.000Z' })],
      {
        service: 'EBS',
        count: 2,
        isEncrypted: { trueCount: 1, trueArn: a, falseCount: 1, falseArn: pointArn('snap-b') },
        ageHours: { min: 24, minArn: pointArn('snap-b'), max: 48, maxArn: a },
        'isPublic.trueCount': 0,
        publicAccessBlocked: undefined,
      },
    ),
    row(
      'not all read',
      [snapshot('snap-a')],
      {
        count: { $atLeast: 1 },
        'isEncrypted.falseCount': { $atLeast: 0 },
        'ageHours.min': { $atMost: 24 },
        'ageHours.max': { $atLeast: 24 },
      },
      { lacking: ['snapshots'] },
    ),
    row('encryption not told', [snapshot('snap-a', { Encrypted: undefined })], {
      isEncrypted: { trueCount: { $atLeast: 0 }, trueArn: null, falseCount: { $atLeast: 0 }, falseArn: null },
    }),
    row('public', [snapshot('snap-a', {}, { CreateVolumePermissions: [{ Group: 'all' }] })], {
      isPublic: { trueCount: 1, trueArn: a, falseCount: 0, falseArn: null },
      ...untrusted(0, 1),
    }),
    row('sharing not read', [snapshot('snap-a', {}, {})], {
      'isPublic.trueCount': { $atLeast: 0 },
      'isPublic.falseCount': { $atLeast: 0 },
    }),
    row('shared with a stranger', [shared(other)], untrusted(1, 0)),
    row('shared with who is trusted', [shared(other)], untrusted(0, 1), { assumptions: { trustedAccounts: [other] } }),
    row('shared with a backup account', [shared(other)], untrusted(0, 1), { assumptions: { backupAccounts: [other] } }),
    row('public access blocked', [snapshot('snap-a'), blocking('block-new-sharing')], { publicAccessBlocked: true }),
    row('public access open', [snapshot('snap-a'), blocking('unblocked')], { publicAccessBlocked: false }),
  ])
})

describe('Data Lifecycle Manager', () => {
  const dlm = (details: Values = {}, schedule: Values = {}, State: string | undefined = 'ENABLED') =>
    resource(
      'AWS::DLM::LifecyclePolicy',
      'policy-1',
      {
        PolicyId: 'policy-1',
        State,
        DefaultPolicy: false,
        PolicyDetails: {
          PolicyType: 'EBS_SNAPSHOT_MANAGEMENT',
          ResourceTypes: ['VOLUME'],
          TargetTags: [{ Key: 'dlm', Value: 'daily' }],
          Schedules: [
            {
              Name: 's',
              CopyTags: true,
              CreateRule: { Interval: 24, IntervalUnit: 'HOURS' },
              RetainRule: { Count: 7 },
              CrossRegionCopyRules: [],
              ...schedule,
            },
          ],
          ...details,
        },
      },
      { arn: `arn:aws:dlm:${region}:${account}:policy/policy-1` },
    )
  const tagged = volume('vol-1', { tags: { dlm: 'daily' } })
  table('snapshot-policy', [
    row('daily, seven kept', [dlm(), tagged, volume('vol-2')], {
      enabled: true,
      state: 'ENABLED',
      targetedStoreCount: 1,
      'replication.destinations': [],
      schedules: [{ name: 's', longestGapHours: 24, retainCount: 7, retentionDays: 7, copyTags: true }],
    }),
    row('disabled', [dlm({}, {}, 'DISABLED')], { enabled: false, targetedStoreCount: 0 }),
    row(
      'half a day is none',
      [dlm({}, { CreateRule: { Interval: 12, IntervalUnit: 'HOURS' }, RetainRule: { Count: 1 } })],
      { 'schedules.0.longestGapHours': 12, 'schedules.0.retentionDays': 0 },
    ),
    row('inventory not read', [dlm(), tagged], { targetedStoreCount: { $atLeast: 1 } }, { lacking: ['inventory'] }),
    row('tags of a volume not read', [dlm(), volume('vol-1', { tags: undefined })], {
      targetedStoreCount: { $atLeast: 0 },
    }),
    row(
      'copies under a key',
      [dlm({}, { CrossRegionCopyRules: [{ TargetRegion: 'eu-central-1', Encrypted: true }] })],
      {
        'replication.destinations.0.region': 'eu-central-1',
        'replication.destinations.0.encrypted': true,
      },
    ),
  ])
})

describe('restore testing plan', () => {
  const arn = `arn:aws:backup:${region}:${account}:restore-testing-plan:monthly`
  const testing = (more: Values = {}, points: Values = {}) =>
    resource(
      'AWS::Backup::RestoreTestingPlan',
      'monthly',
      {
        RestoreTestingPlan: {
          RestoreTestingPlanName: 'monthly',
          ScheduleExpression: 'cron(0 7 ? * SUN *)',
          ScheduleExpressionTimezone: 'Etc/UTC',
          StartWindowHours: 24,
          RecoveryPointSelection: {
            Algorithm: 'LATEST_WITHIN_WINDOW',
            IncludeVaults: ['*'],
            ExcludeVaults: [],
            RecoveryPointTypes: ['SNAPSHOT'],
            SelectionWindowDays: 7,
            ...points,
          },
          ...more,
        },
      },
      { arn },
    )
  const tested = resource('AWS::Backup::RestoreTestingSelection', 'volumes', {
    RestoreTestingSelection: {
      RestoreTestingSelectionName: 'volumes',
      RestoreTestingPlanName: 'monthly',
      ProtectedResourceType: 'EBS',
      IamRoleArn: roleArn,
      ProtectedResourceArns: ['*'],
      ProtectedResourceConditions: { StringEquals: [], StringNotEquals: [] },
    },
  })
  const job = (id: string, Status: string, more: Values = {}) =>
    resource('AWS::Backup::RestoreJob', id, {
      RestoreJobId: id,
      Status,
      CreationDate: '2026-01-11T07:00:00.000Z',
      CompletionDate: '2026-01-11T08:00:00.000Z',
      CreatedBy: { RestoreTestingPlanArn: arn },
      SourceResourceArn: volumeArn('vol-1'),
      ...more,
    })
  const airGapped = vault({ VaultType: 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT' }, {}, 'sealed')
  const vaults = (includes: unknown, exist: unknown) => ({ includesCopyVaults: includes, copyVaultsExist: exist })
  const restores = 'arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores'
  table('restore-testing-plan', [
    row('weekly, a window of a week', [testing()], {
      longestGapHours: 168,
      nominalGapHours: 168,
      selectionWindowHours: 168,
      includesContinuous: false,
      includesSnapshots: true,
      lastExecutionAgeHours: null,
      selections: [],
      roles: [],
    }),
    row(
      'not read in full',
      [testing()],
      { selections: { $partial: [] }, roles: { $partial: [] }, testsContinuousStores: undefined },
      { lacking: ['restore-testing'] },
    ),
    row('last run', [testing({ LastExecutionTime: '2026-01-11T06:00:00.000Z' })], { lastExecutionAgeHours: 96 }),
    row('a selection with two volumes', [testing(), tested, volume('vol-1'), volume('vol-2')], {
      'selections.0.matchedCount': 2,
      'selections.0.service': 'EBS',
      'selections.0.roleArn': roleArn,
      tier: 'tier2',
    }),
    row(
      'inventory not read',
      [testing(), tested],
      { 'selections.0.matchedCount': { $atLeast: 0 }, tier: undefined },
      { lacking: ['inventory'] },
    ),
    row('no jobs', [testing()], {
      jobs: { finishedCount: 0, failedCount: 0, failedPercent: null, lastStatus: null, deletionFailedCount: 0 },
    }),
    row(
      'jobs not read',
      [testing()],
      { jobs: { finishedCount: { $atLeast: 0 }, failedCount: { $atLeast: 0 }, deletionFailedCount: { $atLeast: 0 } } },
      { lacking: ['restore-jobs'] },
    ),
    row(
      'three jobs',
      [
        testing(),
        job('a', 'COMPLETED', { ValidationStatus: 'FAILED' }),
        job('b', 'COMPLETED', { DeletionStatus: 'FAILED' }),
        job('c', 'FAILED', { CompletionDate: '2026-01-11T09:00:00.000Z' }),
        job('d', 'RUNNING'),
      ],
      {
        jobs: { finishedCount: 3, failedCount: 2, failedPercent: 66.67, lastStatus: 'FAILED', deletionFailedCount: 1 },
      },
    ),
    row(
      'a job at the edge of the record',
      [
        testing(),
        job('a', 'COMPLETED', { CompletionDate: '2025-12-16T06:00:00.000Z' }),
        job('b', 'COMPLETED', { CompletionDate: '2025-12-16T05:59:59.000Z' }),
      ],
      { 'jobs.finishedCount': 1 },
    ),
    row('no copies anywhere', [testing(), vault()], vaults(false, false)),
    row('an air-gapped vault', [testing(), airGapped], vaults(true, true)),
    row('left out', [testing({}, { ExcludeVaults: [vaultArn('sealed')] }), airGapped], vaults(false, true)),
    row('not named', [testing({}, { IncludeVaults: [vaultArn('books')] }), airGapped], vaults(false, true)),
    row('vaults not read', [testing(), vault()], vaults(undefined, undefined), { lacking: ['vaults'] }),
    row('its role restores', [testing(), tested, role(attached(restores))], {
      roles: [{ arn: roleArn, exists: true, assumableByBackup: true, canRestore: true }],
    }),
    row(
      'its role may do nothing',
      [testing(), tested, role({ AssumeRolePolicyDocument: trusting({ Service: 'ec2.amazonaws.com' }) })],
      { roles: [{ arn: roleArn, exists: true, assumableByBackup: false, canRestore: false }] },
    ),
    row('its role is gone', [testing(), tested], { roles: [{ arn: roleArn, exists: false }] }),
    row('roles not read', [testing(), tested], { roles: [{ arn: roleArn }] }, { lacking: ['iam'] }),
  ])
})

describe('key', () => {
  const arn = `arn:aws:kms:${region}:${account}:key/k-1`
  const key = (metadata: Values = {}, Policy?: unknown) =>
    resource(
      'AWS::KMS::Key',
      'k-1',
      { KeyMetadata: { KeyId: 'k-1', Arn: arn, KeyManager: 'CUSTOMER', KeyState: 'Enabled', ...metadata } },
      {
        arn,
        supplementary: { KeyRotationStatus: { KeyRotationEnabled: true }, ...(Policy !== undefined && { Policy }) },
      },
    )
  const root = (Action: unknown) =>
    JSON.stringify(
      statement({ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action, Resource: '*' }),
    )
  const users = (protectsBackups: unknown, usedBy: unknown) => ({ protectsBackups, usedBy })
  const pending = {
    KeyState: 'PendingDeletion',
    DeletionDate: '2026-02-01T00:00:00.000Z',
    PendingDeletionWindowInDays: 30,
  }
  table('kms-key', [
    row('in force', [key()], {
      manager: 'customer',
      pendingDeletion: false,
      deletionDate: null,
      pendingWindowDays: null,
      rotationEnabled: true,
    }),
    row('pending deletion', [key(pending, root('kms:Decrypt'))], {
      pendingDeletion: true,
      deletionDate: pending.DeletionDate,
      pendingWindowDays: 30,
      deletableByOwnAccount: true,
    }),
    row('a replica pending', [key({ KeyState: 'PendingReplicaDeletion' })], { pendingDeletion: true }),
    row('state not told', [key({ KeyState: undefined })], { pendingDeletion: undefined, deletionDate: undefined }),
    row('used by nobody', [key()], users(false, [])),
    row(
      'used by a vault that holds a point',
      [key(), vault({ EncryptionKeyArn: arn }), point('snap-a', { EncryptionKeyArn: arn })],
      users(true, [vaultArn('books')]),
    ),
    row('used by a volume', [key(), volume('vol-1', {}, { Encrypted: true, KmsKeyId: arn })], {
      usedBy: [volumeArn('vol-1')],
    }),
    row('points not read', [key()], users(undefined, { $partial: [] }), { lacking: ['recovery-points'] }),
    row('the account may delete it', [key({}, root('kms:*'))], { deletableByOwnAccount: true }),
    row('its policy lets nobody delete it', [key({}, root('kms:Decrypt'))], { deletableByOwnAccount: false }),
    row('policy not read', [key()], { deletableByOwnAccount: undefined }),
    row('AWS manages it', [key({ KeyManager: 'AWS' })], { manager: 'aws', deletableByOwnAccount: false }),
  ])
})

describe('role', () => {
  const admin = attached('arn:aws:iam::aws:policy/AdministratorAccess')
  const unread = attached(`arn:aws:iam::${account}:policy/unread`)
  const alone = organization(null)
  const inOne = organization({ Id: 'o-shop' })
  const destroys = (all: unknown, inEffect: unknown) => ({
    destructiveActions: all,
    destructiveActionsInEffect: inEffect,
  })
  const deletes = inline('backup:DeleteRecoveryPoint')
  table('iam-role', [
    row('of AWS Backup alone', [role()], {
      principalType: 'role',
      serviceLinked: false,
      trust: { services: ['backup.amazonaws.com'], onlyBackup: true },
      admin: false,
      attachedPolicies: [],
      unexpectedPolicies: [],
      usedForBackup: false,
      usedForRestore: false,
    }),
    row(
      'of others too',
      [role({ AssumeRolePolicyDocument: trusting({ Service: ['backup.amazonaws.com', 'ec2.amazonaws.com'] }) })],
      { 'trust.onlyBackup': false },
    ),
    row('trust not read', [role({ AssumeRolePolicyDocument: undefined })], {
      'trust.services': undefined,
      'trust.onlyBackup': undefined,
    }),
    row('administrator', [role(admin), alone], { admin: true }),
    row('a policy that was not read', [role(unread), alone], {
      admin: undefined,
      ...destroys({ $partial: [] }, undefined),
      unexpectedPolicies: [`arn:aws:iam::${account}:policy/unread`],
    }),
    row(
      'destroys, in no organisation',
      [role(deletes), alone],
      destroys(['backup:DeleteRecoveryPoint'], ['backup:DeleteRecoveryPoint']),
    ),
    row(
      'destroys unless the organisation forbids it',
      [role(deletes), inOne],
      destroys(['backup:DeleteRecoveryPoint'], undefined),
    ),
    row('organisation not known', [role(deletes)], destroys(['backup:DeleteRecoveryPoint'], undefined)),
    row('destroys nothing, organisation or not', [role(), inOne], destroys([], [])),
    row('break-glass', [role(admin)], { isBreakGlass: true }, { assumptions: { breakGlassArns: [roleArn] } }),
    row(
      'another is break-glass',
      [role(admin)],
      { isBreakGlass: false },
      { assumptions: { breakGlassArns: [`${roleArn}-2`] } },
    ),
    row('a selection names it', [role(), selection({ Resources: ['*'] })], { usedForBackup: true }),
    row('selections not read', [role()], { usedForBackup: undefined }, { lacking: ['selections'] }),
    row('linked to a service', [role({ Path: '/aws-service-role/backup.amazonaws.com/' })], { serviceLinked: true }),
  ])
})

describe('transfer task', () => {
  const arn = (id: string) => `arn:aws:datasync:${region}:${account}:${id}`
  const task = (more: Values = {}, supplementary: Values = {}) =>
    resource(
      'AWS::DataSync::Task',
      'task-1',
      {
        TaskArn: arn('task/task-1'),
        SourceLocationArn: arn('location/loc-1'),
        DestinationLocationArn: arn('location/loc-2'),
        ...more,
      },
      { arn: arn('task/task-1'), supplementary },
    )
  const place = (kind: string, id: string, more: Values = {}) =>
    resource(
      `AWS::DataSync::Location${kind}`,
      id,
      { LocationArn: arn(`location/${id}`), ...more },
      { arn: arn(`location/${id}`) },
    )
  const run = (Status: string, StartTime: string) => ({ Status, StartTime })
  table('data-transfer-task', [
    row('daily', [task({ Schedule: { ScheduleExpression: 'cron(0 5 * * ? *)' } })], {
      kind: 'datasync',
      scheduled: true,
      longestGapHours: 24,
      'encryption.encrypted': null,
      'encryption.keyManager': null,
    }),
    row('by hand', [task()], { scheduled: false, longestGapHours: null }),
    row('schedule switched off', [task({ Schedule: { ScheduleExpression: 'rate(12 hours)', Status: 'DISABLED' } })], {
      scheduled: false,
      longestGapHours: 12,
    }),
    row(
      'last run failed',
      [
        task(
          {},
          { TaskExecutions: [run('ERROR', '2026-01-14T06:00:00.000Z'), run('SUCCESS', '2026-01-13T06:00:00.000Z')] },
        ),
      ],
      { lastStatus: 'ERROR', lastExecutionAgeHours: 24 },
    ),
    row('never ran', [task({}, { TaskExecutions: [] })], { lastStatus: null, lastExecutionAgeHours: null }),
    row('runs not read', [task()], {
      lastStatus: undefined,
      lastExecutionAgeHours: undefined,
      'encryption.inTransit': undefined,
    }),
    row(
      'verified',
      [
        task({
          Options: { VerifyMode: 'POINT_IN_TIME_CONSISTENT', LogLevel: 'BASIC' },
          CloudWatchLogGroupArn: arn('log'),
        }),
      ],
      { verifyMode: 'POINT_IN_TIME_CONSISTENT', logLevel: 'BASIC' },
    ),
    row('neither end has the setting', [task(), place('NFS', 'loc-1'), place('S3', 'loc-2')], {
      'encryption.inTransit': null,
    }),
    row(
      'one end is in the clear',
      [task(), place('S3', 'loc-1'), place('EFS', 'loc-2', { InTransitEncryption: 'NONE' })],
      { 'encryption.inTransit': false },
    ),
    row(
      'one end is encrypted',
      [task(), place('S3', 'loc-1'), place('EFS', 'loc-2', { InTransitEncryption: 'TLS1_2' })],
      { 'encryption.inTransit': true },
    ),
  ])
})

describe('Region', () => {
  const calls = { source: ['aws.backup', 'aws.kms'], 'detail-type': ['AWS API Call via CloudTrail'] }
  const leftover = (CreateTime: string | undefined) =>
    volume('vol-t', { tags: { 'awsbackup-restore-test': 'x' } }, { CreateTime })
  const framework = (...names: string[]) =>
    resource('AWS::Backup::Framework', 'f', {
      FrameworkName: 'f',
      DeploymentStatus: 'COMPLETED',
      FrameworkStatus: 'ACTIVE',
      FrameworkControls: names.map(ControlName => ({ ControlName })),
    })
  const control = (present: boolean | undefined) => ({
    'audit.controls.0': { control: 'BACKUP_LAST_RECOVERY_POINT_CREATED', ...(present !== undefined && { present }) },
  })
  const destroyed = (alerted: boolean | undefined) => ({
    'destructiveEvents.0': { event: 'DeleteBackupVault', ...(alerted !== undefined && { alerted }) },
  })
  table('region', [
    row('opted in', [volume('vol-1'), settings({ EBS: true })], {
      services: [
        {
          service: 'EBS',
          optedIn: true,
          storeCount: 1,
          restoreTestable: true,
          restoreTested: false,
          restoreTestGapHours: null,
        },
      ],
    }),
    row('opted out', [volume('vol-1'), settings({ EBS: false })], { 'services.0.optedIn': false }),
    row('opt-in not stated', [volume('vol-1'), settings({ EFS: true })], { 'services.0.optedIn': undefined }),
    row(
      'restore testing not read',
      [volume('vol-1')],
      { 'services.0.restoreTested': undefined, 'services.0.restoreTestGapHours': undefined },
      { lacking: ['restore-testing'] },
    ),
    row(
      'inventory not read',
      [volume('vol-1')],
      {
        services: {
          $partial: [
            { service: 'EBS', storeCount: 1, restoreTestable: true, restoreTested: false, restoreTestGapHours: null },
          ],
        },
        backupInUse: true,
      },
      { lacking: ['inventory'] },
    ),
    row('nothing there', [], { services: [], backupInUse: false, 'ebs.inUse': false, restoreTestingPlans: [] }),
    row('nothing seen', [], { backupInUse: undefined, 'ebs.inUse': undefined }, { lacking: ['inventory'] }),
    row('a control', [framework('BACKUP_LAST_RECOVERY_POINT_CREATED')], control(true)),
    row('another control', [framework('BACKUP_RECOVERY_POINT_ENCRYPTED')], control(false)),
    row(
      'audit not read',
      [],
      { ...control(undefined), 'audit.reports.0': { template: 'BACKUP_JOB_REPORT' } },
      { lacking: ['audit'] },
    ),
    row('no reports', [], {
      'audit.reports.0': { template: 'BACKUP_JOB_REPORT', present: false, lastSuccessAgeHours: null },
    }),
    row('destruction is told', [eventRule(calls), topic()], destroyed(true)),
    row('told to nobody', [eventRule(calls), topic({}, 'PendingConfirmation')], destroyed(false)),
    row('no rule', [], destroyed(false)),
    row('rules not read', [], destroyed(undefined), { lacking: ['alerts'] }),
    row('left over for three days', [leftover('2026-01-12T06:00:00.000Z')], {
      'testArtifacts.leftoverCount': 0,
      services: [],
    }),
    row('a minute longer', [leftover('2026-01-12T05:59:00.000Z')], { 'testArtifacts.leftoverCount': 1 }),
    row('age not told', [leftover(undefined)], { 'testArtifacts.leftoverCount': { $atLeast: 0 } }),
  ])
})

describe('account and policy', () => {
  const arn = `arn:aws:cloudtrail:${region}:${account}:trail/shop`
  const trail = (...Values: string[]) =>
    resource(
      'AWS::CloudTrail::Trail',
      'shop',
      {
        Name: 'shop',
        TrailARN: arn,
        IsMultiRegionTrail: true,
        IsOrganizationTrail: false,
        LogFileValidationEnabled: true,
      },
      {
        arn,
        supplementary: {
          Status: { IsLogging: true },
          EventSelectors: {
            EventSelectors: [
              {
                ReadWriteType: 'All',
                IncludeManagementEvents: true,
                DataResources: Values.length > 0 ? [{ Type: 'AWS::S3::Object', Values }] : [],
              },
            ],
          },
        },
      },
    )
  const bucket = (tags: Record<string, string> | null | undefined) =>
    resource('AWS::S3::Bucket', 'dumps', { Name: 'dumps' }, { arn: 'arn:aws:s3:::dumps', tags })
  const target = bucket({ 'backup-target': 'true' })
  const data = (value: unknown) => ({ 'trails.0.backupBucketDataEvents': value })
  const tiers = (...inUse: unknown[]) => Object.fromEntries(inUse.map((value, i) => [`tiers.${i}.inUse`, value]))
  table('account', [
    row('a trail', [trail(), organization(null)], {
      trails: [
        {
          arn,
          multiRegion: true,
          logging: true,
          managementEvents: true,
          logFileValidation: true,
          kmsEncrypted: false,
          backupBucketDataEvents: null,
        },
      ],
      inOrganization: false,
    }),
    row('no trail', [organization(null)], { trails: [] }),
    row('trails not read', [organization(null)], { trails: { $partial: [] } }, { lacking: ['trails'] }),
    row('all buckets', [trail('arn:aws:s3'), target], data(true)),
    row('the bucket', [trail('arn:aws:s3:::dumps/'), target], data(true)),
    row('another bucket', [trail('arn:aws:s3:::dumps-2/'), target], data(false)),
    row('tags of a bucket not read', [trail(), bucket(undefined)], data(undefined)),
    row('buckets not read', [trail()], data(undefined), { lacking: ['inventory'] }),
  ])
  table('policy', [
    row('one tier', [volume('vol-1', { tags: { criticality: 'tier1' } })], tiers(false, true, false, false)),
    row('the default tier', [volume('vol-1')], tiers(false, false, true, false)),
    row('tags not read', [volume('vol-1', { tags: undefined })], tiers(undefined, undefined, undefined, undefined)),
    row('stores not read', [], tiers(undefined, undefined, undefined, undefined), { lacking: ['inventory'] }),
  ])
})

describe('identity and order', () => {
  const at1 = { seenAt: '2026-01-15T05:00:00.000Z' }
  const at2 = { seenAt: '2026-01-15T05:00:01.000Z' }
  const open = (more: Values) => vault({}, {}, 'books', more)
  const locked = (more: Values) => vault({ Locked: true }, {}, 'books', more)
  const strengths = (inventory: Inventory) =>
    subjectsOf(inventory)
      .filter(s => s.kind === 'backup-vault')
      .map(s => at(s.facts, 'lock.strength'))
  const contradictions = (inventory: Inventory) =>
    inventory.gaps.filter((gap: GapRecord) => gap.reason === 'contradictory')
  test.each<[string, ResourceRecord[], unknown[], number]>([
    ['the newest sight wins', [open(at1), locked(at2)], [1], 0],
    ['equal records are one', [open(at1), open(at1)], [0], 0],
    ['a deletion wins over what was seen before', [open(at1), open({ ...at2, deleted: true })], [], 0],
    ['an older deletion does not', [open({ ...at1, deleted: true }), locked(at2)], [1], 0],
    ['the clock of the scope stands in for the sight', [open(at2), locked({})], [1], 0],
  ])('%s', (_, records, expected, gaps) => {
    for (const order of [records, [...records].reverse()]) {
      const inventory = inventoryOf([scope(), ...order])
      expect(strengths(inventory)).toEqual(expected)
      expect(contradictions(inventory)).toHaveLength(gaps)
    }
  })
  test('what contradicts itself is a gap, and one of the two holds in either order', () => {
    const [a, b] = [
      [open(at1), locked(at1)],
      [locked(at1), open(at1)],
    ].map(records => inventoryOf([scope(), ...records]))
    expect(contradictions(a!)).toMatchObject([
      { factGroups: ['configuration'], types: ['AWS::Backup::BackupVault'], account, region },
    ])
    expect(contradictions(b!)).toEqual(contradictions(a!))
    expect(strengths(b!)).toEqual(strengths(a!))
  })
  test('a newer record settles a contradiction', () => {
    const inventory = inventoryOf([scope(), open(at1), locked(at1), locked(at2)])
    expect([strengths(inventory), contradictions(inventory)]).toEqual([[1], []])
  })

  const shop = [
    plan(),
    vault(),
    selection({ Resources: ['*'] }),
    volume('vol-2'),
    volume('vol-1'),
    point('snap-a'),
    role(),
    topic(),
  ]
  const keys = (inventory: Inventory) => subjectsOf(inventory).map(s => `${s.kind} ${s.arn ?? s.id}`)
  test('subjects stand by ARN, else by what identifies them', () => {
    expect(keys(inventoryOf([scope(), ...shop]))).toEqual([
      'backup-selection shelves',
      `account ${account}`,
      `region ${account}/${region}`,
      `backup-plan ${planArn('nightly')}`,
      `backup-vault ${vaultArn('books')}`,
      `data-store ${volumeArn('vol-1')}`,
      `recovery-point ${vaultArn('books')}|${volumeArn('vol-1')}`,
      `data-store ${volumeArn('vol-2')}`,
      `iam-role ${roleArn}`,
      'policy default policy',
    ])
  })
  test('neither the order of the records nor the place of their scope matters', () => {
    const expected = subjectsOf(inventoryOf([scope(), ...shop]))
    expect(subjectsOf(inventoryOf([...shop, scope()]))).toEqual(expected)
    expect(subjectsOf(inventoryOf([...shop.slice(4), scope(), ...shop.slice(0, 4).reverse()]))).toEqual(expected)
  })
})

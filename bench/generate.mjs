// Writes a large estate as a rel09 snapshot, by streaming: N data stores with ten recovery points each and one restore test,
// and the plans, vaults, keys and settings around them. The same options give the same bytes.
//
//   node bench/generate.mjs --stores 100000 [--points 10] [--jobs] FILE
import { createHash } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const account = '111122223333'
const region = 'eu-west-1'
const takenAt = '2026-01-15T06:00:00.000Z'
const clock = Date.parse(takenAt)

const scopeId = place =>
  createHash('sha256')
    .update(JSON.stringify(['aws', account, place, takenAt, null]))
    .digest('hex')
    .slice(0, 16)
const scope = scopeId(region)
const globalScope = scopeId('global')

const regionalGroups =
  'alerts audit backup-jobs configuration copy-jobs inventory keys plans recovery-points region-settings replication restore-jobs restore-testing selections snapshot-policies snapshots tags vault-locks vault-policies vaults'
const globalGroups = 'global-settings iam resilience trails'

const planId = '11111111-2222-4333-8444-555555555555'
const arn = (service, resource) => `arn:aws:${service}:${region}:${account}:${resource}`
const keyArn = arn('kms', 'key/aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee')
const roleArn = `arn:aws:iam::${account}:role/service-role/AWSBackupDefaultServiceRole`
const restoreRoleArn = `arn:aws:iam::${account}:role/service-role/restore`
const testArn = arn('backup', 'restore-testing-plan:monthly-1')

/** A small generator of random numbers (mulberry32), so that a bench compares like with like. */
function randomOf(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const hexOf = (number, digits) => number.toString(16).padStart(digits, '0')

/** Teams and environments: an estate repeats a few hundred sets of tags. */
const tagSets = Array.from({ length: 240 }, (_, i) => ({
  backup: 'daily',
  criticality: i % 4 === 0 ? 'tier3' : 'tier2',
  'data-classification': i % 3 === 0 ? 'internal' : 'public',
  environment: ['production', 'staging', 'development'][i % 3],
  team: `team-${hexOf(i % 60, 2)}`,
}))

const securityGroups = [{ VpcSecurityGroupId: 'sg-0a1b2c3d4e5f60718', Status: 'active' }]

/** What goes wrong with about eight stores in a hundred. */
const isAmiss = { uncovered: n => n < 0.03, weak: n => n >= 0.03 && n < 0.08 }

/** Kinds of store by their share: type, AWS Backup's name, and what an API says of the one with a number. */
const kinds = [
  {
    type: 'AWS::DynamoDB::Table',
    service: 'DynamoDB',
    share: 22,
    arn: name => arn('dynamodb', `table/${name}`),
    body: (name, own, weak) => ({
      configuration: {
        TableName: name,
        TableArn: own,
        TableId: '6f1d2a3b-0000-4000-8000-000000000000',
        TableStatus: 'ACTIVE',
        CreationDateTime: '2024-05-06T07:08:09.000Z',
        AttributeDefinitions: [
          { AttributeName: 'customer', AttributeType: 'S' },
          { AttributeName: 'at', AttributeType: 'N' },
        ],
        KeySchema: [
          { AttributeName: 'customer', KeyType: 'HASH' },
          { AttributeName: 'at', KeyType: 'RANGE' },
        ],
        BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
        ItemCount: 48_213,
        TableSizeBytes: 9_437_184,
        SSEDescription: { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: keyArn },
        DeletionProtectionEnabled: true,
      },
      supplementary: {
        ContinuousBackupsDescription: {
          ContinuousBackupsStatus: 'ENABLED',
          PointInTimeRecoveryDescription: weak
            ? { PointInTimeRecoveryStatus: 'DISABLED' }
            : {
                PointInTimeRecoveryStatus: 'ENABLED',
                RecoveryPeriodInDays: 35,
                EarliestRestorableDateTime: '2025-12-11T05:55:00.000Z',
                LatestRestorableDateTime: '2026-01-15T05:55:00.000Z',
              },
        },
      },
    }),
  },
  {
    type: 'AWS::EC2::Volume',
    service: 'EBS',
    share: 24,
    named: true,
    arn: name => arn('ec2', `volume/${name}`),
    id: index => `vol-0${hexOf(index, 16)}`,
    body: (name, _own, weak) => ({
      configuration: {
        VolumeId: name,
        AvailabilityZone: 'eu-west-1a',
        CreateTime: '2024-05-06T07:08:09.000Z',
        State: 'in-use',
        Encrypted: !weak,
        ...(weak ? {} : { KmsKeyId: keyArn }),
        Size: 100,
        Iops: 3000,
        Throughput: 125,
        VolumeType: 'gp3',
        MultiAttachEnabled: false,
        SnapshotId: 'snap-0fedcba9876543210',
        Attachments: [
          {
            InstanceId: 'i-0123456789abcdef0',
            VolumeId: name,
            Device: '/dev/sdf',
            State: 'attached',
            AttachTime: '2024-05-06T07:09:00.000Z',
            DeleteOnTermination: false,
          },
        ],
      },
    }),
  },
  {
    type: 'AWS::EFS::FileSystem',
    service: 'EFS',
    share: 6,
    arn: name => arn('elasticfilesystem', `file-system/${name}`),
    id: index => `fs-0${hexOf(index, 16)}`,
    body: (name, own, weak) => ({
      configuration: {
        OwnerId: account,
        CreationToken: `token-${name}`,
        FileSystemId: name,
        FileSystemArn: own,
        CreationTime: '2024-05-06T07:08:09.000Z',
        LifeCycleState: 'available',
        NumberOfMountTargets: 3,
        SizeInBytes: { Value: 6_442_450_944, ValueInIA: 0, ValueInStandard: 6_442_450_944 },
        PerformanceMode: 'generalPurpose',
        Encrypted: !weak,
        ...(weak ? {} : { KmsKeyId: keyArn }),
        ThroughputMode: 'elastic',
      },
      supplementary: { BackupPolicy: null },
    }),
  },
  {
    type: 'AWS::Logs::LogGroup',
    service: null,
    share: 6,
    arn: name => arn('logs', `log-group:/app/${name}:*`),
    body: (name, own, weak) => ({
      configuration: {
        logGroupName: `/app/${name}`,
        creationTime: 1_714_979_289_000,
        retentionInDays: weak ? 30 : 400,
        metricFilterCount: 0,
        arn: own,
        storedBytes: 52_428_800,
        kmsKeyId: keyArn,
        logGroupClass: 'STANDARD',
      },
      supplementary: { SubscriptionFilters: [], ExportTasks: [] },
    }),
  },
  {
    type: 'AWS::RDS::DBCluster',
    service: 'Aurora',
    share: 6,
    arn: name => arn('rds', `cluster:${name}`),
    id: index => `cluster-${hexOf(index, 26).toUpperCase()}`,
    body: (name, own, weak) => ({
      configuration: {
        DBClusterIdentifier: name,
        DBClusterArn: own,
        Status: 'available',
        Engine: 'aurora-postgresql',
        EngineVersion: '16.4',
        EngineMode: 'provisioned',
        ClusterCreateTime: '2024-05-06T07:08:09.000Z',
        AvailabilityZones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
        BackupRetentionPeriod: 14,
        PreferredBackupWindow: '02:00-02:30',
        EarliestRestorableTime: '2026-01-01T02:10:00.000Z',
        LatestRestorableTime: '2026-01-15T05:55:00.000Z',
        Endpoint: `${name}.cluster-abcdefghijkl.eu-west-1.rds.amazonaws.com`,
        Port: 5432,
        MultiAZ: true,
        VpcSecurityGroups: securityGroups,
        StorageEncrypted: true,
        KmsKeyId: keyArn,
        DeletionProtection: !weak,
        CopyTagsToSnapshot: true,
        DBClusterMembers: [{ DBInstanceIdentifier: `${name}-1`, IsClusterWriter: true, PromotionTier: 1 }],
      },
    }),
  },
  {
    type: 'AWS::RDS::DBInstance',
    service: 'RDS',
    share: 14,
    arn: name => arn('rds', `db:${name}`),
    id: index => `db-${hexOf(index, 26).toUpperCase()}`,
    body: (name, own, weak) => ({
      configuration: {
        DBInstanceIdentifier: name,
        DBInstanceClass: 'db.m7g.large',
        Engine: 'postgres',
        EngineVersion: '16.4',
        DBInstanceStatus: 'available',
        MasterUsername: 'owner',
        Endpoint: {
          Address: `${name}.abcdefghijkl.eu-west-1.rds.amazonaws.com`,
          Port: 5432,
          HostedZoneId: 'Z29XKXDKYMONMX',
        },
        AllocatedStorage: 100,
        InstanceCreateTime: '2024-05-06T07:08:09.000Z',
        PreferredBackupWindow: '02:00-02:30',
        BackupRetentionPeriod: 7,
        VpcSecurityGroups: securityGroups,
        MultiAZ: true,
        LatestRestorableTime: '2026-01-15T05:55:00.000Z',
        StorageType: 'gp3',
        StorageEncrypted: true,
        KmsKeyId: keyArn,
        DBInstanceArn: own,
        CopyTagsToSnapshot: true,
        DeletionProtection: !weak,
        DBInstanceAutomatedBackupsReplications: [],
      },
    }),
  },
  {
    type: 'AWS::S3::Bucket',
    service: 'S3',
    share: 22,
    arn: name => `arn:aws:s3:::bench-${name}`,
    body: (name, _own, weak) => ({
      configuration: { Name: `bench-${name}`, CreationDate: '2024-05-06T07:08:09.000Z', BucketRegion: region },
      supplementary: {
        BucketVersioningConfiguration: { Status: weak ? 'Suspended' : 'Enabled', MFADelete: 'Disabled' },
        BucketReplicationConfiguration: null,
        ServerSideEncryptionConfiguration: {
          ServerSideEncryptionConfiguration: {
            Rules: [
              {
                ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keyArn },
                BucketKeyEnabled: true,
              },
            ],
          },
        },
        ObjectLockConfiguration: null,
        BucketLifecycleConfiguration: {
          Rules: [
            {
              ID: 'tidy',
              Status: 'Enabled',
              Filter: { Prefix: '' },
              NoncurrentVersionExpiration: { NoncurrentDays: 60 },
              AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
            },
          ],
        },
      },
    }),
  },
]

/** How AWS Backup names the point with a number, by service. */
const pointNames = {
  DynamoDB: n => arn('backup', `recovery-point:${hexOf(n, 16)}-d`),
  S3: n => arn('backup', `recovery-point:${hexOf(n, 16)}-s`),
  EFS: n => arn('backup', `recovery-point:${hexOf(n, 16)}-f`),
  EBS: n => `arn:aws:ec2:${region}::snapshot/snap-0${hexOf(n, 16)}`,
  Aurora: n => arn('rds', `cluster-snapshot:awsbackup:job-${hexOf(n, 16)}`),
  RDS: n => arn('rds', `snapshot:awsbackup:job-${hexOf(n, 16)}`),
}

const record = (type, id, own, more) => ({
  record: 'resource',
  scope,
  type,
  id,
  ...(own ? { arn: own } : {}),
  account,
  region,
  encoding: 'api',
  ...more,
})

/** The few records that an estate of any size has: plan, vault, key, roles, settings, alerts, audit, restore testing. */
function* frame(points) {
  const vaultArn = arn('backup', 'backup-vault:main')
  const topic = arn('sns', 'on-call')
  const backup = (type, id, own, configuration, more) =>
    record(`AWS::Backup::${type}`, id, own, { configuration, ...more })
  yield backup('BackupPlan', planId, arn('backup', `backup-plan:${planId}`), {
    BackupPlanId: planId,
    BackupPlanArn: arn('backup', `backup-plan:${planId}`),
    BackupPlan: {
      BackupPlanName: 'daily',
      Rules: [
        {
          RuleName: 'daily',
          TargetBackupVaultName: 'main',
          ScheduleExpression: 'cron(0 5 ? * * *)',
          ScheduleExpressionTimezone: 'Etc/UTC',
          StartWindowMinutes: 60,
          CompletionWindowMinutes: 480,
          Lifecycle: { DeleteAfterDays: 35 },
        },
      ],
    },
  })
  for (const [name, body] of [
    ['tagged', { ListOfTags: [{ ConditionType: 'STRINGEQUALS', ConditionKey: 'backup', ConditionValue: 'daily' }] }],
    ['finance', { Resources: [arn('dynamodb', 'table/ledger-*'), arn('rds', 'db:ledger-*')] }],
    [
      'not-development',
      {
        Resources: ['arn:aws:elasticfilesystem:*:*:file-system/*'],
        Conditions: { StringEquals: [{ ConditionKey: 'aws:ResourceTag/backup', ConditionValue: 'weekly' }] },
      },
    ],
  ]) {
    yield backup('BackupSelection', `selection-${name}`, undefined, {
      BackupPlanId: planId,
      SelectionId: `selection-${name}`,
      BackupSelection: { SelectionName: name, IamRoleArn: roleArn, ...body },
    })
  }
  yield backup(
    'BackupVault',
    'main',
    vaultArn,
    {
      BackupVaultName: 'main',
      BackupVaultArn: vaultArn,
      VaultType: 'BACKUP_VAULT',
      EncryptionKeyArn: keyArn,
      NumberOfRecoveryPoints: points,
      Locked: true,
      MinRetentionDays: 35,
      LockDate: '2025-01-01T00:00:00.000Z',
    },
    {
      supplementary: {
        AccessPolicy: null,
        Notifications: {
          SNSTopicArn: topic,
          BackupVaultEvents: [
            'BACKUP_JOB_COMPLETED',
            'CONTINUOUS_BACKUP_INTERRUPTED',
            'COPY_JOB_FAILED',
            'RESTORE_JOB_COMPLETED',
            'S3_BACKUP_OBJECT_FAILED',
          ],
        },
      },
    },
  )
}

/** The same for the types that come after the recovery points. */
function* rest() {
  const plan = { RestoreTestingPlanName: 'monthly', RestoreTestingPlanArn: testArn }
  const optIn = ['Aurora', 'DocumentDB', 'DynamoDB', 'EBS', 'EC2', 'EFS', 'FSx', 'Neptune', 'RDS', 'Redshift', 'S3']
  yield record('AWS::Backup::RegionSettings', region, undefined, {
    configuration: {
      ResourceTypeOptInPreference: Object.fromEntries(optIn.map(type => [type, true])),
      ResourceTypeManagementPreference: { DynamoDB: true },
    },
    supplementary: {
      EbsEncryptionByDefault: { EbsEncryptionByDefault: true },
      EbsSnapshotBlockPublicAccess: { State: 'block-all-sharing' },
    },
  })
  yield record('AWS::Backup::RestoreTestingPlan', 'monthly', testArn, {
    configuration: {
      RestoreTestingPlan: {
        ...plan,
        ScheduleExpression: 'cron(0 7 1 * ? *)',
        StartWindowHours: 24,
        RecoveryPointSelection: {
          Algorithm: 'LATEST_WITHIN_WINDOW',
          IncludeVaults: ['*'],
          RecoveryPointTypes: ['CONTINUOUS', 'SNAPSHOT'],
          SelectionWindowDays: 30,
        },
      },
    },
  })
  for (const service of ['Aurora', 'DynamoDB', 'EBS', 'EFS', 'RDS', 'S3']) {
    yield record('AWS::Backup::RestoreTestingSelection', service, undefined, {
      configuration: {
        RestoreTestingSelection: {
          RestoreTestingSelectionName: service,
          RestoreTestingPlanName: 'monthly',
          ProtectedResourceType: service,
          IamRoleArn: restoreRoleArn,
          ProtectedResourceArns: ['*'],
          ValidationWindowHours: 0,
        },
      },
    })
  }
  for (const [name, roleName] of [
    ['ForBackup', roleArn],
    ['ForRestores', restoreRoleArn],
  ]) {
    const trust = { Effect: 'Allow', Principal: { Service: 'backup.amazonaws.com' }, Action: 'sts:AssumeRole' }
    yield {
      ...record('AWS::IAM::Role', roleName.replace(/^.*\//, ''), roleName, {
        configuration: {
          Path: '/service-role/',
          RoleName: roleName.replace(/^.*\//, ''),
          Arn: roleName,
          AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [trust] },
          RolePolicyList: [],
          AttachedManagedPolicies: [
            { PolicyArn: `arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicy${name}` },
          ],
        },
      }),
      scope: globalScope,
      region: 'global',
    }
  }
  yield record('AWS::KMS::Key', keyArn.replace(/^.*\//, ''), keyArn, {
    configuration: {
      KeyMetadata: {
        KeyId: keyArn.replace(/^.*\//, ''),
        Arn: keyArn,
        KeyManager: 'CUSTOMER',
        KeyState: 'Enabled',
        KeyUsage: 'ENCRYPT_DECRYPT',
        KeySpec: 'SYMMETRIC_DEFAULT',
        Origin: 'AWS_KMS',
      },
    },
    supplementary: {
      KeyRotationStatus: { KeyRotationEnabled: true },
      Policy: '{"Version":"2012-10-17","Statement":[]}',
    },
  })
  const topic = arn('sns', 'on-call')
  yield record('AWS::SNS::Topic', topic, topic, {
    configuration: { TopicArn: topic },
    supplementary: {
      Subscriptions: [
        { Protocol: 'email', SubscriptionArn: `${topic}:1`, Attributes: { PendingConfirmation: 'false' } },
      ],
    },
  })
}

/** How many stores of each kind there are among `stores`; every kind that AWS Backup knows has at least one. */
function countsOf(stores) {
  const total = kinds.reduce((sum, kind) => sum + kind.share, 0)
  const counts = kinds.map(kind => Math.max(1, Math.floor((stores * kind.share) / total)))
  counts[0] += Math.max(0, stores - counts.reduce((sum, count) => sum + count, 0))
  return counts
}

const nameOf = (kind, index) => kind.id?.(index) ?? `store-${hexOf(index, 7)}`

/** Points of a kind, spread over its stores as ids fall, and aged a day apart. */
function* pointsOf(kind, count, total) {
  const stride = 7_919
  for (let n = 0; n < total; n++) {
    const own = pointNames[kind.service](n)
    const name =
      kind.service === 'Aurora' || kind.service === 'RDS'
        ? `store-${hexOf((n * stride) % count, 7)}`
        : nameOf(kind, (n * stride) % count)
    const day = Math.floor(n / count)
    yield `{"record":"resource","scope":"${scope}","type":"AWS::Backup::RecoveryPoint","id":"${own}","account":"${account}","region":"${region}","encoding":"api","configuration":{"RecoveryPointArn":"${own}","BackupVaultName":"main","ResourceArn":"${kind.arn(name)}","ResourceType":"${kind.service}","CreatedBy":{"BackupPlanId":"${planId}"},"Status":"COMPLETED","CreationDate":"${new Date(clock - 3_000_000 - day * 86_400_000).toISOString()}","Lifecycle":{"DeleteAfterDays":35},"IsEncrypted":true}}\n`
  }
}

/** A restore test of every store, on the first of the month. */
function* restoresOf(kind, count) {
  for (let index = 0; index < count; index++) {
    const name = kind.service === 'Aurora' || kind.service === 'RDS' ? `store-${hexOf(index, 7)}` : nameOf(kind, index)
    yield `{"record":"resource","scope":"${scope}","type":"AWS::Backup::RestoreJob","id":"${kind.service}-${hexOf(index, 8)}","account":"${account}","region":"${region}","encoding":"api","configuration":{"RestoreJobId":"${kind.service}-${hexOf(index, 8)}","SourceResourceArn":"${kind.arn(name)}","RecoveryPointCreationDate":"2026-01-01T05:10:00.000Z","CreationDate":"2026-01-01T07:10:00.000Z","CompletionDate":"2026-01-01T07:50:00.000Z","Status":"COMPLETED","IamRoleArn":"${restoreRoleArn}","CreatedBy":{"RestoreTestingPlanArn":"${testArn}"},"DeletionStatus":"SUCCESSFUL"}}\n`
  }
}

function* jobsOf(kind, count) {
  for (let index = 0; index < count; index++) {
    const name = kind.service === 'Aurora' || kind.service === 'RDS' ? `store-${hexOf(index, 7)}` : nameOf(kind, index)
    yield `{"record":"resource","scope":"${scope}","type":"AWS::Backup::BackupJob","id":"${kind.service}-${hexOf(index, 8)}","account":"${account}","region":"${region}","encoding":"api","configuration":{"BackupJobId":"${kind.service}-${hexOf(index, 8)}","ResourceArn":"${kind.arn(name)}","BackupVaultName":"main","State":"${index % 50 === 0 ? 'FAILED' : 'COMPLETED'}","CreationDate":"2026-01-15T05:05:00.000Z","CompletionDate":"2026-01-15T05:20:00.000Z"}}\n`
  }
}

function* storesOf(kind, count, random) {
  for (let index = 0; index < count; index++) {
    const id = nameOf(kind, index)
    const name = kind.type.startsWith('AWS::RDS::') ? `store-${hexOf(index, 7)}` : id
    const own = kind.arn(name)
    const chance = random()
    const tags = { ...tagSets[Math.floor(random() * tagSets.length)] }
    if (isAmiss.uncovered(chance)) tags.backup = 'Daily'
    if (kind.named) tags.Name = `disk ${index}`
    yield record(kind.type, kind.type === 'AWS::S3::Bucket' ? `bench-${name}` : id, own, {
      name,
      tags,
      ...kind.body(name, own, isAmiss.weak(chance)),
    })
  }
}

/** Every line of the estate. */
function* linesOf({ stores, points, jobs }) {
  const counts = countsOf(stores)
  const supported = kinds.map((kind, i) => [kind, counts[i]]).filter(([kind]) => kind.service !== null)
  const line = object => `${JSON.stringify(object)}\n`
  const tool = { name: 'rel09', version: '0.1.0' }
  const scopeLine = (id, place, groups) =>
    line({ record: 'scope', id, source: 'aws', account, region: place, takenAt, factGroups: groups.split(' '), tool })
  yield scopeLine(scope, region, regionalGroups)
  yield scopeLine(globalScope, 'global', globalGroups)
  if (jobs) for (const [kind, count] of supported) yield* jobsOf(kind, count)
  for (const object of frame(stores * points)) yield line(object)
  // Stores that AWS Backup does not know have no points: the others have theirs.
  const backedUp = supported.reduce((sum, [, count]) => sum + count, 0)
  for (const [kind, count] of supported) yield* pointsOf(kind, count, Math.ceil((stores * points * count) / backedUp))
  for (const [kind, count] of supported) yield* restoresOf(kind, count)
  for (const object of rest()) yield line(object)
  const random = randomOf(9)
  for (const [i, kind] of kinds.entries()) for (const object of storesOf(kind, counts[i], random)) yield line(object)
}

/** Writes an estate to a file; returns its lines and bytes. */
export function generate(file, { stores, points = 10, jobs = false }) {
  const handle = openSync(file, 'w')
  let lines = 0
  let bytes = 0
  let pending = []
  let length = 0
  const flush = () => {
    const text = pending.join('')
    bytes += writeSync(handle, text)
    pending = []
    length = 0
  }
  for (const line of linesOf({ stores, points, jobs })) {
    lines++
    pending.push(line)
    length += line.length
    if (length > 1_048_576) flush()
  }
  flush()
  closeSync(handle)
  return { lines, bytes }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      stores: { type: 'string', default: '1000' },
      points: { type: 'string', default: '10' },
      jobs: { type: 'boolean', default: false },
    },
  })
  if (positionals.length !== 1) {
    console.error('Usage: node bench/generate.mjs [--stores N] [--points N] [--jobs] FILE')
    process.exitCode = 2
  } else {
    const made = generate(positionals[0], {
      stores: Number(values.stores),
      points: Number(values.points),
      jobs: values.jobs,
    })
    console.log(`${made.lines} lines, ${made.bytes} bytes`)
  }
}

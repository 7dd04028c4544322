/** Organisations made up of chance: accounts whose plans, vaults, keys, points, jobs and topics reach into each other. */
import fc from 'fast-check'
import type { GapRecord, ResourceRecord, ScopeRecord, SnapshotRecord } from '../../../src/model/record.ts'
import { scopeId } from '../../../src/sources/scope.ts'
import { regionGroups, takenAt } from '../../inventory/records.ts'

const wide = ['global-settings', 'iam', 'resilience', 'trails']

/** A store of an organisation, and what is done for it. */
export interface Shop {
  accounts: Branch[]
}

interface Table {
  tier: 'tier0' | 'tier2' | 'nonsense' | null | undefined
  /** Backed up by the plan of its account. */
  isSelected: boolean
  /** Vaults that hold points of it: account, by number, and hours since the newest. */
  points: { at: number; region: number; age: number }[]
  /** Whose key encrypts it. */
  key: number | undefined
  /** An account that restored it. */
  restoredBy: number | undefined
  /** An RDS instance instead, whose backups have its own key. */
  isInstance: boolean
}

interface Branch {
  tables: Table[]
  buckets: { tier: Table['tier']; replicatesTo: number | undefined; points: number[] }[]
  /** Vaults that the plan copies to; `undefined`: the plan could not be read whole. */
  copies: { at: number; region: number }[] | undefined
  vault: {
    lock: 'none' | 'governance' | 'compliance' | undefined
    key: number | undefined
    policy: boolean | undefined
    topic: number | undefined
  }
  keyPolicy: 'root' | 'nobody' | undefined
  trail: boolean | undefined
  inOrganization: boolean | undefined
  /** Fact groups that were refused. */
  refused: string[]
  snapshotsOf: number | undefined
}

const place = fc.nat({ max: 3 })
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 })
const tier = fc.constantFrom('tier0', 'tier2', 'nonsense', null, undefined) as fc.Arbitrary<Table['tier']>

const branch: fc.Arbitrary<Branch> = fc.record({
  tables: fc.array(
    fc.record({
      tier,
      isSelected: fc.boolean(),
      points: fc.array(fc.record({ at: place, region: fc.nat({ max: 1 }), age: fc.nat({ max: 200 }) }), {
        maxLength: 3,
      }),
      key: maybe(place),
      restoredBy: maybe(place),
      isInstance: fc.boolean(),
    }),
    { maxLength: 3 },
  ),
  buckets: fc.array(fc.record({ tier, replicatesTo: maybe(place), points: fc.array(place, { maxLength: 2 }) }), {
    maxLength: 2,
  }),
  copies: fc.option(fc.array(fc.record({ at: place, region: fc.nat({ max: 1 }) }), { maxLength: 2 }), {
    nil: undefined,
    freq: 4,
  }),
  vault: fc.record({
    lock: fc.constantFrom('none', 'governance', 'compliance', undefined),
    key: maybe(place),
    policy: maybe(fc.boolean()),
    topic: maybe(place),
  }),
  keyPolicy: fc.constantFrom('root', 'nobody', undefined),
  trail: maybe(fc.boolean()),
  inOrganization: maybe(fc.boolean()),
  refused: fc.oneof(
    { weight: 5, arbitrary: fc.constant<string[]>([]) },
    { weight: 1, arbitrary: fc.subarray([...regionGroups, ...wide], { maxLength: 2 }) },
  ),
  snapshotsOf: maybe(place),
})

/** Organisations of two to four accounts. */
export const shops: fc.Arbitrary<Shop> = fc.record({ accounts: fc.array(branch, { minLength: 2, maxLength: 4 }) })

/** An account of one table, which its plan selects; it copies to the vault of another, where that is given. */
export const branchThatCopiesTo = (at: number | undefined, points: Table['points'] = []): Branch => ({
  tables: [{ tier: 'tier0', isSelected: true, points, key: undefined, restoredBy: undefined, isInstance: false }],
  buckets: [],
  copies: at === undefined ? [] : [{ at, region: 0 }],
  vault: { lock: 'none', key: 0, policy: false, topic: undefined },
  keyPolicy: 'root',
  trail: true,
  inOrganization: false,
  refused: [],
  snapshotsOf: undefined,
})

const regions = ['eu-west-1', 'eu-central-1']
const idOf = (i: number) => String(i + 1).repeat(12)

/** The snapshots of a shop, by account and Region. */
export function snapshotsOf({ accounts }: Shop): Map<string, SnapshotRecord[]> {
  const shards = new Map<string, SnapshotRecord[]>()
  const there = (i: number) => i % accounts.length
  const names = new Namer(there)
  accounts.forEach((one, i) => {
    const account = idOf(i)
    for (const region of regions) {
      const shard = new Shard(account, region)
      const refused = one.refused.filter(group => regionGroups.includes(group))
      shard.scope(region, regionGroups, refused)
      if (region === regions[0]) {
        shard.scope(
          'global',
          wide,
          one.refused.filter(group => wide.includes(group)),
        )
        writeBranch(shard, one, i, names)
      }
      writeVault(shard, one, i, names)
      for (const [j, owner] of accounts.entries()) writePoints(shard, owner, j, i, names)
      shards.set(`${account}/${region}`, shard.records)
    }
  })
  return shards
}

class Namer {
  constructor(readonly there: (i: number) => number) {}
  vault = (i: number, region: string) => `arn:aws:backup:${region}:${idOf(this.there(i))}:backup-vault:central`
  key = (i: number, region: string) => `arn:aws:kms:${region}:${idOf(this.there(i))}:key/k${this.there(i)}`
  alias = (i: number, region: string) => `arn:aws:kms:${region}:${idOf(this.there(i))}:alias/a${this.there(i)}`
  topic = (i: number) => `arn:aws:sns:${regions[0]}:${idOf(this.there(i))}:alarms`
  table = (i: number, n: number) => `arn:aws:dynamodb:${regions[0]}:${idOf(i)}:table/t${n}`
  bucket = (i: number, n: number) => `arn:aws:s3:::shop-${this.there(i)}-${n}`
}

class Shard {
  readonly records: SnapshotRecord[] = []
  private readonly ids = new Map<string, string>()

  constructor(
    readonly account: string,
    readonly region: string,
  ) {}

  scope(region: string, factGroups: string[], refused: string[]): void {
    const { account } = this
    const id = scopeId({ source: 'aws', account, region, takenAt })
    this.ids.set(region, id)
    this.records.push({
      record: 'scope',
      id,
      source: 'aws',
      account,
      region,
      takenAt,
      factGroups,
    } satisfies ScopeRecord)
    if (refused.length > 0)
      this.records.push({
        record: 'gap',
        scope: id,
        account,
        region,
        factGroups: refused,
        types: [],
        reason: 'denied',
        remedy: `Allow ${refused.join()}.`,
      } satisfies GapRecord)
  }

  scopeOf(region: string): string {
    return this.ids.get(region)!
  }

  add(type: string, id: string, configuration: object, more: Partial<ResourceRecord> = {}): void {
    const { account, region } = this
    const scope = this.scopeOf(region)
    this.records.push({
      record: 'resource',
      scope,
      type,
      id,
      account,
      region,
      encoding: 'api',
      configuration: configuration as ResourceRecord['configuration'],
      ...more,
    })
  }
}

const tagsOf = (tier: Table['tier'], more: object): Pick<ResourceRecord, 'tags'> =>
  tier === undefined ? {} : { tags: { ...(tier === null ? {} : { criticality: tier }), ...more } }

/** What an account has in its first Region alone. */
function writeBranch(shard: Shard, one: Branch, i: number, names: Namer): void {
  const region = regions[0]!
  shard.add('AWS::Backup::RegionSettings', region, {
    ResourceTypeOptInPreference: { DynamoDB: true, RDS: true, S3: true },
    ResourceTypeManagementPreference: { DynamoDB: i % 2 === 0 },
  })
  one.tables.forEach((table, n) => {
    const arn = names.table(i, n)
    if (table.isInstance)
      shard.add(
        'AWS::RDS::DBInstance',
        `d${n}`,
        {
          DBInstanceIdentifier: `d${n}`,
          Engine: 'postgres',
          StorageEncrypted: table.key !== undefined,
          ...(table.key === undefined ? {} : { KmsKeyId: names.key(table.key, region) }),
        },
        {
          arn: `arn:aws:rds:${region}:${shard.account}:db:d${n}`,
          name: `d${n}`,
          ...tagsOf(table.tier, table.isSelected ? { backup: 'yes' } : {}),
        },
      )
    shard.add(
      'AWS::DynamoDB::Table',
      `t${n}`,
      {
        TableName: `t${n}`,
        TableArn: arn,
        TableStatus: 'ACTIVE',
        ...(table.key === undefined
          ? {}
          : { SSEDescription: { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: names.alias(table.key, region) } }),
      },
      { arn, name: `t${n}`, ...tagsOf(table.tier, table.isSelected ? { backup: 'yes' } : {}) },
    )
    shard.add('AWS::Backup::CopyJob', `copy-${n}`, {
      CopyJobId: `copy-${n}`,
      ResourceArn: arn,
      State: 'COMPLETED',
      CreationDate: takenAt,
      CompletionDate: takenAt,
      DestinationBackupVaultArn: names.vault(n, region),
    })
  })
  one.buckets.forEach((bucket, n) => {
    const arn = names.bucket(i, n)
    const rules =
      bucket.replicatesTo === undefined
        ? undefined
        : [{ ID: 'r', Status: 'Enabled', Destination: { Bucket: names.bucket(bucket.replicatesTo, n) } }]
    shard.add(
      'AWS::S3::Bucket',
      `shop-${i}-${n}`,
      { Name: `shop-${i}-${n}` },
      {
        arn,
        name: `shop-${i}-${n}`,
        supplementary: {
          BucketVersioningConfiguration: { Status: 'Enabled' },
          BucketReplicationConfiguration: rules ? { ReplicationConfiguration: { Rules: rules } } : null,
        },
        ...tagsOf(bucket.tier, {}),
      },
    )
  })
  const copies = one.copies?.map(({ at, region: r }) => ({
    DestinationBackupVaultArn: names.vault(at, regions[r]!),
    Lifecycle: { DeleteAfterDays: 35 },
  }))
  shard.add(
    'AWS::Backup::BackupPlan',
    'plan',
    {
      BackupPlanName: 'plan',
      BackupPlan: {
        BackupPlanName: 'plan',
        Rules: [
          {
            RuleName: 'daily',
            ...(copies ? { TargetBackupVaultName: 'central' } : {}),
            ScheduleExpression: 'cron(0 5 * * ? *)',
            StartWindowMinutes: 60,
            CompletionWindowMinutes: 120,
            Lifecycle: { DeleteAfterDays: 35 },
            ...(copies ? { CopyActions: copies } : {}),
          },
        ],
      },
    },
    {
      arn: `arn:aws:backup:${region}:${shard.account}:backup-plan:plan`,
      name: 'plan',
    },
  )
  shard.add('AWS::Backup::BackupSelection', 'plan|selection', {
    BackupPlanId: 'plan',
    SelectionId: 'selection',
    BackupSelection: {
      SelectionName: 'selection',
      IamRoleArn: `arn:aws:iam::${shard.account}:role/backup`,
      Resources: [],
      NotResources: [],
      ListOfTags: [{ ConditionType: 'STRINGEQUALS', ConditionKey: 'backup', ConditionValue: 'yes' }],
      Conditions: {},
    },
  })
  shard.add(
    'AWS::SNS::Topic',
    'alarms',
    { TopicArn: names.topic(i), Owner: shard.account },
    {
      arn: names.topic(i),
      supplementary: {
        Subscriptions: [
          { SubscriptionArn: `${names.topic(i)}:1`, Protocol: 'email', Attributes: { PendingConfirmation: 'false' } },
        ],
      },
    },
  )
  if (one.inOrganization !== undefined)
    shard.add(
      'AWS::Organizations::Organization',
      'organization',
      { Organization: one.inOrganization ? { Id: 'o-shop', MasterAccountId: idOf(0) } : null },
      { scope: shard.scopeOf('global') },
    )
  if (one.trail !== undefined)
    shard.add(
      'AWS::CloudTrail::Trail',
      'trail',
      { Name: 'trail', IsMultiRegionTrail: true, IsOrganizationTrail: one.trail, HomeRegion: region },
      {
        arn: `arn:aws:cloudtrail:${region}:${shard.account}:trail/trail`,
        scope: shard.scopeOf('global'),
      },
    )
}

function writeVault(shard: Shard, { vault, keyPolicy }: Branch, i: number, names: Namer): void {
  const { region, account } = shard
  const arn = names.vault(i, region)
  const locks = {
    none: { Locked: false },
    governance: { Locked: true, MinRetentionDays: 7 },
    compliance: { Locked: true, MinRetentionDays: 7, LockDate: '2025-01-01T00:00:00.000Z' },
  }
  shard.add(
    'AWS::Backup::BackupVault',
    'central',
    {
      BackupVaultName: 'central',
      BackupVaultArn: arn,
      VaultType: 'BACKUP_VAULT',
      ...(vault.lock ? locks[vault.lock] : {}),
      ...(vault.key === undefined ? {} : { EncryptionKeyArn: names.key(vault.key, region) }),
    },
    {
      arn,
      name: 'central',
      supplementary: {
        ...(vault.policy === undefined
          ? {}
          : {
              AccessPolicy: vault.policy
                ? JSON.stringify({
                    Version: '2012-10-17',
                    Statement: [
                      { Effect: 'Allow', Principal: '*', Action: 'backup:CopyIntoBackupVault', Resource: '*' },
                    ],
                  })
                : null,
            }),
        ...(vault.topic === undefined
          ? {}
          : {
              Notifications: {
                SNSTopicArn: names.topic(vault.topic),
                BackupVaultEvents: ['BACKUP_JOB_COMPLETED', 'COPY_JOB_FAILED'],
              },
            }),
      },
    },
  )
  const key = names.key(i, region)
  const principal = keyPolicy === 'root' ? { AWS: `arn:aws:iam::${account}:root` } : { Service: 'backup.amazonaws.com' }
  shard.add(
    'AWS::KMS::Key',
    `k${i}`,
    { KeyMetadata: { AWSAccountId: account, KeyId: `k${i}`, Arn: key, KeyManager: 'CUSTOMER', KeyState: 'Enabled' } },
    {
      // Some sources state it among the settings alone.
      ...(i % 2 === 0 ? { arn: key } : {}),
      supplementary: {
        Aliases: [{ AliasName: `alias/a${i}`, AliasArn: key.replace(/key\/.*/, `alias/a${i}`), TargetKeyId: `k${i}` }],
        ...(keyPolicy === undefined
          ? {}
          : {
              Policy: JSON.stringify({
                Version: '2012-10-17',
                Statement: [{ Effect: 'Allow', Principal: principal, Action: 'kms:*', Resource: '*' }],
              }),
            }),
      },
    },
  )
}

/** Points of one account's stores in another's vault, and what was restored and copied there. */
function writePoints(shard: Shard, owner: Branch, j: number, i: number, names: Namer): void {
  const { region, account } = shard
  const point = (id: string, source: string, type: string, age: number, from = j) =>
    shard.add(
      'AWS::Backup::RecoveryPoint',
      id,
      {
        RecoveryPointArn: `arn:aws:backup:${region}:${account}:recovery-point:${id}`,
        BackupVaultName: 'central',
        BackupVaultArn: names.vault(i, region),
        ResourceArn: source,
        ResourceType: type,
        Status: 'COMPLETED',
        CreationDate: new Date(Date.parse(takenAt) - age * 3_600_000).toISOString(),
        IsEncrypted: true,
        EncryptionKeyArn: names.key(age % 4, region),
        Lifecycle: { DeleteAfterDays: 35 },
        ...(i === j ? {} : { SourceBackupVaultArn: names.vault(from, regions[0]!) }),
      },
      { arn: `arn:aws:backup:${region}:${account}:recovery-point:${id}` },
    )
  owner.tables.forEach((table, n) => {
    table.points.forEach((held, p) => {
      if (names.there(held.at) === i && regions[held.region] === region)
        point(`p-${j}-${n}-${p}`, names.table(j, n), 'DynamoDB', held.age)
    })
    if (table.restoredBy !== undefined && names.there(table.restoredBy) === i && region === regions[0])
      shard.add('AWS::Backup::RestoreJob', `r-${j}-${n}`, {
        RestoreJobId: `r-${j}-${n}`,
        SourceResourceArn: names.table(j, n),
        Status: 'COMPLETED',
        CreationDate: takenAt,
        CompletionDate: takenAt,
        RecoveryPointArn: 'arn:aws:backup:x',
        IamRoleArn: `arn:aws:iam::${account}:role/restore`,
      })
  })
  owner.buckets.forEach((bucket, n) => {
    // The second is a copy of a copy, made within the account that holds it.
    bucket.points.forEach((at, p) => {
      if (names.there(at) === i && region === regions[0])
        point(`b-${j}-${n}-${p}`, names.bucket(j, n), 'S3', 5 + p, p === 0 ? j : i)
    })
  })
  if (owner.snapshotsOf !== undefined && i === j && region === regions[0])
    shard.add(
      'AWS::EC2::Snapshot',
      `snap-${j}`,
      {
        SnapshotId: `snap-${j}`,
        VolumeId: 'vol-1',
        State: 'completed',
        Encrypted: true,
        OwnerId: account,
        StartTime: takenAt,
      },
      { arn: `arn:aws:ec2:${region}::snapshot/snap-${j}` },
    )
}

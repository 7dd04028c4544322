// AWS as far as an estate of the fixtures tells it: commands of the SDK answered out of a snapshot's records, two a page, so
// that collecting the estate must give the snapshot again. What AWS's own JSON looks like on the wire is not tested here.
import type { ResourceRecord } from '../../../src/model/record.ts'
import type { Clients } from '../../../src/sources/aws/clients.ts'

type Json = { [name: string]: unknown }
type Input = Json
type Answer = (input: Input, served: Served) => Json

/** An error as the SDK throws it. */
export function awsError(name: string, httpStatusCode = 400): Error {
  return Object.assign(new Error('told by AWS'), { name, $metadata: { httpStatusCode } })
}

/** What an account and Region hold. */
class Served {
  constructor(
    readonly records: readonly ResourceRecord[],
    readonly region: string,
  ) {}

  of(type: string, isAccounts = false): ResourceRecord[] {
    const region = isAccounts ? 'global' : this.region
    return this.records.filter(record => record.type === type && record.region === region)
  }

  /** The account's trails, whichever Region is asked. */
  trails(): ResourceRecord[] {
    return this.records.filter(({ type }) => type === 'AWS::CloudTrail::Trail')
  }

  locations(): ResourceRecord[] {
    return this.records.filter(
      ({ type, region }) => type.startsWith('AWS::DataSync::Location') && region === this.region,
    )
  }

  one(type: string, isIt: (record: ResourceRecord) => boolean): ResourceRecord {
    const found = this.of(type).find(isIt)
    if (!found) throw awsError('ResourceNotFoundException')
    return found
  }
}

const shortPage = 2

/** Asks for pages as long as the collectors want them. */
const isWide = Symbol('wide')

/** Elements of a page: two, so that every list has several; or as many as are asked for, and a hundred where none are. */
function lengthOf(input: Input & { [isWide]?: boolean }): number {
  if (!input[isWide]) return shortPage
  const { MaxResults, maxResults, MaxRecords, MaxItems, MaxBuckets, Limit, limit } = input
  return Number(MaxResults ?? maxResults ?? MaxRecords ?? MaxItems ?? MaxBuckets ?? Limit ?? limit ?? 100)
}

/** A page of a list, with the token of the next. */
function page(input: Input, list: readonly unknown[], as: string, tokenIn = 'NextToken', tokenOut = tokenIn): Json {
  const start = Number(input[tokenIn] ?? 0)
  const end = start + lengthOf(input)
  return { [as]: list.slice(start, end), ...(end < list.length ? { [tokenOut]: String(end) } : {}) }
}

const configurations = (records: readonly ResourceRecord[]) => records.map(record => record.configuration)

/** Members that the SDK tells as dates. */
const dates = ['CreationDate', 'CompletionDate', 'LockDate'] as const

/** A configuration with its dates as the SDK tells them. */
function dated(configuration: Json): Json {
  const told = { ...configuration }
  for (const name of dates) {
    const date = new Date(String(told[name]))
    if (told[name] !== undefined && date.toISOString() === told[name]) told[name] = date
  }
  return told
}

/** Configurations of what was created in the window of a request. */
function createdIn({ ByCreatedAfter, ByCreatedBefore }: Input, records: readonly ResourceRecord[]): Json[] {
  return configurations(records)
    .map(dated)
    .filter(
      ({ CreationDate }) =>
        (!ByCreatedAfter || +(CreationDate as Date) >= +(ByCreatedAfter as Date)) &&
        (!ByCreatedBefore || +(CreationDate as Date) < +(ByCreatedBefore as Date)),
    )
}

const tagList = (tags: ResourceRecord['tags']) => Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value }))

/** Elements of a list that tells the tags, under their name. */
const withTags = (records: readonly ResourceRecord[], as = 'Tags') =>
  records.map(record => ({ ...record.configuration, [as]: tagList(record.tags) }))

function supplementary(record: ResourceRecord, name: string, none: string): Json {
  const value = record.supplementary?.[name]
  if (value === null || value === undefined) throw awsError(none)
  return value as Json
}

const list =
  (type: string, as: string, tokenIn?: string, tokenOut?: string, tags?: string): Answer =>
  (input, served) =>
    page(
      input,
      tags ? withTags(served.of(type), tags) : configurations(served.of(type)),
      as,
      tokenIn,
      tokenOut ?? tokenIn,
    )

const vaultNamed = ({ BackupVaultName }: Input, served: Served) =>
  served.one('AWS::Backup::BackupVault', record => record.name === BackupVaultName)
const bucket =
  (name: string, none: string): Answer =>
  ({ Bucket }, served) =>
    supplementary(
      served.one('AWS::S3::Bucket', record => record.name === Bucket),
      name,
      none,
    )
const directoryBucket = (name: unknown, served: Served) =>
  served.one('AWS::S3Express::DirectoryBucket', record => record.id === name)
const executionsOf = (task: ResourceRecord) => task.supplementary!.TaskExecutions as Json[]
const location = ({ LocationArn }: Input, served: Served) =>
  served.locations().find(({ arn }) => arn === LocationArn)!.configuration
const shares =
  (kind: string): Answer =>
  ({ FileShareARNList }, served) => ({
    [`${kind}FileShareInfoList`]: withTags(
      served
        .of(`AWS::StorageGateway::${kind}FileShare`)
        .filter(({ arn }) => (FileShareARNList as string[]).includes(arn!)),
    ),
  })
const volumes =
  (as: string): Answer =>
  ({ VolumeARNs }, served) => ({
    [as]: configurations(
      served.of('AWS::StorageGateway::Volume').filter(({ arn }) => (VolumeARNs as string[]).includes(arn!)),
    ),
  })
const application = (id: unknown, served: Served) =>
  served.one('AWS::SystemsManagerSAP::Application', record => record.id === id)
const topic = ({ TopicArn }: Input, served: Served) => served.one('AWS::SNS::Topic', record => record.arn === TopicArn)
const nested = (record: ResourceRecord, name: string) => (record.configuration as { [name: string]: Json })[name]!

/** Answers by command. */
const answers: { readonly [command: string]: Answer } = {
  ListBackupVaults: (input, served) =>
    page(
      input,
      configurations(served.of('AWS::Backup::BackupVault'))
        .map(dated)
        .filter(({ VaultType }) => !input.ByVaultType || VaultType === input.ByVaultType),
      'BackupVaultList',
    ),
  DescribeBackupVault: (input, served) => vaultNamed(input, served).configuration,
  GetBackupVaultAccessPolicy: (input, served) => {
    const Policy = vaultNamed(input, served).supplementary?.AccessPolicy
    if (Policy === null) throw awsError('ResourceNotFoundException')
    return { Policy }
  },
  GetBackupVaultNotifications: (input, served) =>
    supplementary(vaultNamed(input, served), 'Notifications', 'ResourceNotFoundException'),
  ListRecoveryPointsByBackupVault: (input, served) =>
    page(
      input,
      createdIn(input, served.of('AWS::Backup::RecoveryPoint')).filter(
        ({ BackupVaultName }) => BackupVaultName === input.BackupVaultName,
      ),
      'RecoveryPoints',
    ),
  ListBackupPlans: (input, served) =>
    page(
      input,
      configurations(served.of('AWS::Backup::BackupPlan')).map(({ BackupPlan, ...rest }) => ({
        ...rest,
        BackupPlanName: (BackupPlan as Json).BackupPlanName,
      })),
      'BackupPlansList',
    ),
  GetBackupPlan: ({ BackupPlanId }, served) =>
    served.one('AWS::Backup::BackupPlan', record => record.id === BackupPlanId).configuration,
  ListBackupSelections: (input, served) =>
    page(
      input,
      served
        .of('AWS::Backup::BackupSelection')
        .filter(({ configuration }) => configuration.BackupPlanId === input.BackupPlanId)
        .map(record => ({ SelectionId: record.id, SelectionName: record.name, BackupPlanId: input.BackupPlanId })),
      'BackupSelectionsList',
    ),
  GetBackupSelection: ({ SelectionId }, served) =>
    served.one('AWS::Backup::BackupSelection', record => record.id === SelectionId).configuration,
  ListBackupJobs: (input, served) => page(input, createdIn(input, served.of('AWS::Backup::BackupJob')), 'BackupJobs'),
  ListCopyJobs: (input, served) => page(input, createdIn(input, served.of('AWS::Backup::CopyJob')), 'CopyJobs'),
  ListRestoreJobs: (input, served) =>
    page(input, createdIn(input, served.of('AWS::Backup::RestoreJob')), 'RestoreJobs'),
  ListRestoreTestingPlans: (input, served) =>
    page(
      input,
      served.of('AWS::Backup::RestoreTestingPlan').map(record => {
        const { RecoveryPointSelection: _, ...rest } = nested(record, 'RestoreTestingPlan')
        return rest
      }),
      'RestoreTestingPlans',
    ),
  GetRestoreTestingPlan: ({ RestoreTestingPlanName }, served) =>
    served.one('AWS::Backup::RestoreTestingPlan', record => record.name === RestoreTestingPlanName).configuration,
  ListRestoreTestingSelections: (input, served) =>
    page(
      input,
      served
        .of('AWS::Backup::RestoreTestingSelection')
        .map(record => nested(record, 'RestoreTestingSelection'))
        .filter(selection => selection.RestoreTestingPlanName === input.RestoreTestingPlanName)
        .map(({ ProtectedResourceArns: _a, ProtectedResourceConditions: _c, ...rest }) => rest),
      'RestoreTestingSelections',
    ),
  GetRestoreTestingSelection: (input, served) =>
    served.one('AWS::Backup::RestoreTestingSelection', record => {
      const { RestoreTestingPlanName, RestoreTestingSelectionName } = nested(record, 'RestoreTestingSelection')
      return (
        RestoreTestingPlanName === input.RestoreTestingPlanName &&
        RestoreTestingSelectionName === input.RestoreTestingSelectionName
      )
    }).configuration,
  ListFrameworks: (input, served) =>
    page(
      input,
      served.of('AWS::Backup::Framework').map(({ arn, name }) => ({ FrameworkName: name, FrameworkArn: arn })),
      'Frameworks',
    ),
  DescribeFramework: ({ FrameworkName }, served) =>
    served.one('AWS::Backup::Framework', record => record.name === FrameworkName).configuration,
  ListReportPlans: (input, served) =>
    page(
      input,
      served.of('AWS::Backup::ReportPlan').map(record => ({
        ReportPlanArn: record.arn,
        ...nested(record, 'ReportPlan'),
      })),
      'ReportPlans',
    ),
  DescribeRegionSettings: (_, served) => served.of('AWS::Backup::RegionSettings')[0]?.configuration ?? {},
  GetEbsEncryptionByDefault: (_, served) =>
    (served.of('AWS::Backup::RegionSettings')[0]?.supplementary?.EbsEncryptionByDefault ?? {}) as Json,
  GetSnapshotBlockPublicAccessState: (_, served) =>
    (served.of('AWS::Backup::RegionSettings')[0]?.supplementary?.EbsSnapshotBlockPublicAccess ?? {}) as Json,
  DescribeGlobalSettings: (_, served) => {
    const [found] = served.of('AWS::Backup::GlobalSettings', true)
    if (!found) throw awsError('InvalidRequestException')
    return found.configuration
  },
  DescribeOrganization: (_, served) => {
    const organization = served.of('AWS::Organizations::Organization', true)[0]?.configuration.Organization
    if (!organization) throw awsError('AWSOrganizationsNotInUseException')
    return { Organization: organization }
  },
  GetAccountAuthorizationDetails: (input, served) => ({
    ...page(
      input,
      [...served.of('AWS::IAM::Role', true)].map(record => ({
        ...record.configuration,
        RoleId: record.id,
        Tags: tagList(record.tags),
      })),
      'RoleDetailList',
      'Marker',
    ),
    ...(input.Marker
      ? {}
      : {
          UserDetailList: withTags(served.of('AWS::IAM::User', true)).map((user, i) => ({
            ...user,
            UserId: served.of('AWS::IAM::User', true)[i]!.id,
          })),
          GroupDetailList: configurations(served.of('AWS::IAM::Group', true)),
          Policies: served
            .of('AWS::IAM::ManagedPolicy', true)
            .map(record => ({ ...record.configuration, PolicyId: record.id, AttachmentCount: 1 })),
        }),
  }),
  DescribeTrails: (_, served) => ({
    trailList: configurations(served.trails()).filter(
      ({ HomeRegion, IsMultiRegionTrail }) => HomeRegion === served.region || IsMultiRegionTrail === true,
    ),
  }),
  GetTrailStatus: ({ Name }, served) => served.trails().find(({ arn }) => arn === Name)!.supplementary!.Status as Json,
  GetEventSelectors: ({ TrailName }, served) =>
    served.trails().find(({ arn }) => arn === TrailName)!.supplementary!.EventSelectors as Json,
  DescribeDBInstances: list('AWS::RDS::DBInstance', 'DBInstances', 'Marker', 'Marker', 'TagList'),
  DescribeDBClusters: list('AWS::RDS::DBCluster', 'DBClusters', 'Marker', 'Marker', 'TagList'),
  DescribeGlobalClusters: list('AWS::RDS::GlobalCluster', 'GlobalClusters', 'Marker'),
  DescribeDBSnapshots: list('AWS::RDS::DBSnapshot', 'DBSnapshots', 'Marker', 'Marker', 'TagList'),
  DescribeDBClusterSnapshots: list('AWS::RDS::DBClusterSnapshot', 'DBClusterSnapshots', 'Marker', 'Marker', 'TagList'),
  DescribeDBSnapshotAttributes: ({ DBSnapshotIdentifier }, served) => ({
    DBSnapshotAttributesResult: {
      DBSnapshotAttributes: served.one('AWS::RDS::DBSnapshot', record => record.name === DBSnapshotIdentifier)
        .supplementary?.DBSnapshotAttributes,
    },
  }),
  DescribeDBClusterSnapshotAttributes: ({ DBClusterSnapshotIdentifier }, served) => ({
    DBClusterSnapshotAttributesResult: {
      DBClusterSnapshotAttributes: served.one(
        'AWS::RDS::DBClusterSnapshot',
        record => record.name === DBClusterSnapshotIdentifier,
      ).supplementary?.DBClusterSnapshotAttributes,
    },
  }),
  ListTables: (input, served) => {
    const names = served.of('AWS::DynamoDB::Table').map(({ id }) => id)
    const start = input.ExclusiveStartTableName ? names.indexOf(String(input.ExclusiveStartTableName)) + 1 : 0
    const TableNames = names.slice(start, start + lengthOf(input))
    const isMore = start + TableNames.length < names.length
    return { TableNames, LastEvaluatedTableName: isMore ? TableNames.at(-1) : undefined }
  },
  DescribeTable: ({ TableName }, served) => ({
    Table: served.one('AWS::DynamoDB::Table', record => record.id === TableName).configuration,
  }),
  DescribeContinuousBackups: ({ TableName }, served) =>
    served.one('AWS::DynamoDB::Table', record => record.id === TableName).supplementary as Json,
  DescribeVolumes: list('AWS::EC2::Volume', 'Volumes', 'NextToken', 'NextToken', 'Tags'),
  DescribeInstances: (input, served) => {
    const { Instances, NextToken } = page(input, withTags(served.of('AWS::EC2::Instance')), 'Instances')
    return { Reservations: [{ Instances }], NextToken }
  },
  DescribeSnapshots: (input, served) => {
    const isPublic = (record: ResourceRecord) => JSON.stringify(record.supplementary ?? {}).includes('"all"')
    const records = served.of('AWS::EC2::Snapshot')
    return page(input, withTags(input.RestorableByUserIds ? records.filter(isPublic) : records), 'Snapshots')
  },
  DescribeFileSystems: list('AWS::EFS::FileSystem', 'FileSystems', 'Marker', 'NextMarker', 'Tags'),
  DescribeBackupPolicy: ({ FileSystemId }, served) => ({
    BackupPolicy: supplementary(
      served.one('AWS::EFS::FileSystem', record => record.id === FileSystemId),
      'BackupPolicy',
      'PolicyNotFound',
    ),
  }),
  DescribeReplicationConfigurations: list('AWS::EFS::ReplicationConfiguration', 'Replications'),
  ListBuckets: (input, served) =>
    page(input, configurations(served.of('AWS::S3::Bucket')), 'Buckets', 'ContinuationToken'),
  GetBucketVersioning: bucket('BucketVersioningConfiguration', 'NoSuchBucket'),
  GetBucketReplication: bucket('BucketReplicationConfiguration', 'ReplicationConfigurationNotFoundError'),
  GetBucketEncryption: (input, served) => {
    const settings = 'ServerSideEncryptionConfiguration'
    return /--x-s3$/.test(String(input.Bucket))
      ? supplementary(directoryBucket(input.Bucket, served), settings, 'NoSuchBucket')
      : bucket(settings, 'ServerSideEncryptionConfigurationNotFoundError')(input, served)
  },
  GetObjectLockConfiguration: bucket('ObjectLockConfiguration', 'ObjectLockConfigurationNotFoundError'),
  GetBucketLifecycleConfiguration: bucket('BucketLifecycleConfiguration', 'NoSuchLifecycleConfiguration'),
  DescribeClusters: list('AWS::Redshift::Cluster', 'Clusters', 'Marker', 'Marker', 'Tags'),
  DescribeClusterSnapshots: list('AWS::Redshift::ClusterSnapshot', 'Snapshots', 'Marker', 'Marker', 'Tags'),
  ListNamespaces: (input, served) =>
    page(input, configurations(served.of('AWS::RedshiftServerless::Namespace')), 'namespaces', 'nextToken'),
  ListSnapshotCopyConfigurations: () => ({ snapshotCopyConfigurations: [] }),
  DescribeReplicationGroups: (input, served) =>
    page(
      input,
      served.of('AWS::ElastiCache::ReplicationGroup').map(record => ({ ...record.configuration, ARN: record.arn })),
      'ReplicationGroups',
      'Marker',
    ),
  DescribeCacheClusters: (input, served) =>
    page(
      input,
      served.of('AWS::ElastiCache::CacheCluster').map(record => ({ ...record.configuration, ARN: record.arn })),
      'CacheClusters',
      'Marker',
    ),
  DescribeServerlessCaches: list('AWS::ElastiCache::ServerlessCache', 'ServerlessCaches'),
  ListKeys: (input, served) =>
    page(
      input,
      served.of('AWS::KMS::Key').map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })),
      'Keys',
      'Marker',
      'NextMarker',
    ),
  ListAliases: (input, served) =>
    page(
      input,
      served.of('AWS::KMS::Key').flatMap(record => (record.supplementary?.Aliases ?? []) as Json[]),
      'Aliases',
      'Marker',
      'NextMarker',
    ),
  DescribeKey: ({ KeyId }, served) => served.one('AWS::KMS::Key', record => record.id === KeyId).configuration,
  GetKeyRotationStatus: ({ KeyId }, served) =>
    supplementary(
      served.one('AWS::KMS::Key', record => record.id === KeyId),
      'KeyRotationStatus',
      'UnsupportedOperationException',
    ),
  GetKeyPolicy: ({ KeyId }, served) => ({
    Policy: served.one('AWS::KMS::Key', record => record.id === KeyId).supplementary?.Policy,
  }),
  ListRules: list('AWS::Events::Rule', 'Rules'),
  ListTargetsByRule: (input, served) =>
    page(
      input,
      served.one('AWS::Events::Rule', record => record.name === input.Rule).supplementary?.Targets as Json[],
      'Targets',
    ),
  DescribeAlarms: list('AWS::CloudWatch::Alarm', 'MetricAlarms'),
  ListTopics: (input, served) =>
    page(
      input,
      served.of('AWS::SNS::Topic').map(({ arn }) => ({ TopicArn: arn })),
      'Topics',
    ),
  GetTopicAttributes: (input, served) => ({ Attributes: topic(input, served).configuration }),
  ListSubscriptionsByTopic: (input, served) =>
    page(
      input,
      (topic(input, served).supplementary!.Subscriptions as Json[]).map(({ Attributes: _, ...rest }) => rest),
      'Subscriptions',
    ),
  GetSubscriptionAttributes: ({ SubscriptionArn }, served) => {
    const all = served.of('AWS::SNS::Topic').flatMap(record => record.supplementary!.Subscriptions as Json[])
    return { Attributes: all.find(subscription => subscription.SubscriptionArn === SubscriptionArn)!.Attributes }
  },
  GetLifecyclePolicies: (_, served) => ({
    Policies: served.of('AWS::DLM::LifecyclePolicy').map(({ id, tags }) => ({ PolicyId: id, Tags: tags ?? {} })),
  }),
  GetLifecyclePolicy: ({ PolicyId }, served) => ({
    Policy: served.one('AWS::DLM::LifecyclePolicy', record => record.id === PolicyId).configuration,
  }),
  ListDirectoryBuckets: (input, served) =>
    page(input, configurations(served.of('AWS::S3Express::DirectoryBucket')), 'Buckets', 'ContinuationToken'),
  GetResources: ({ ResourceARNList }, served) => ({
    ResourceTagMappingList: served.records
      .map(({ arn, tags }) => ({ ResourceARN: arn?.replace(/:\*$/, ''), Tags: tagList(tags) }))
      .filter(({ ResourceARN, Tags }) => (ResourceARNList as string[]).includes(ResourceARN!) && Tags.length > 0),
    PaginationToken: '',
  }),
}

/** Answers of services whose commands are called as others' are. */
const answersOf: { readonly [service: string]: { readonly [command: string]: Answer } } = {
  ConfigService: {
    DescribeConfigurationRecorders: (_, served) => ({
      ConfigurationRecorders: configurations(served.of('AWS::Config::ConfigurationRecorder')),
    }),
    DescribeConfigurationRecorderStatus: (_, served) => ({
      ConfigurationRecordersStatus: served
        .of('AWS::Config::ConfigurationRecorder')
        .map(record => supplementary(record, 'Status', 'NoSuchConfigurationRecorderException')),
    }),
  },
  FSx: {
    DescribeFileSystems: list('AWS::FSx::FileSystem', 'FileSystems', 'NextToken', 'NextToken', 'Tags'),
    DescribeVolumes: (input, served) =>
      page(
        input,
        served
          .of('AWS::FSx::Volume')
          .map(({ arn, configuration, tags }) => ({ ...configuration, ResourceARN: arn, Tags: tagList(tags) })),
        'Volumes',
      ),
  },
  MemoryDB: {
    DescribeClusters: (input, served) =>
      page(
        input,
        served.of('AWS::MemoryDB::Cluster').map(record => ({ ...record.configuration, ARN: record.arn })),
        'Clusters',
      ),
  },
  CloudWatchLogs: {
    DescribeLogGroups: (input, served) =>
      page(
        input,
        served.of('AWS::Logs::LogGroup').map(record => ({ ...record.configuration, arn: record.arn })),
        'logGroups',
        'nextToken',
      ),
    DescribeSubscriptionFilters: (input, served) =>
      page(
        input,
        served.one('AWS::Logs::LogGroup', record => record.name === input.logGroupName).supplementary!
          .SubscriptionFilters as Json[],
        'subscriptionFilters',
        'nextToken',
      ),
    DescribeExportTasks: () => ({ exportTasks: [] }),
  },
  Kinesis: {
    ListStreams: (input, served) =>
      page(
        input,
        served.of('AWS::Kinesis::Stream').map(({ id }) => id),
        'StreamNames',
      ),
    DescribeStreamSummary: ({ StreamName }, served) => ({
      StreamDescriptionSummary: served.one('AWS::Kinesis::Stream', record => record.id === StreamName).configuration,
    }),
  },
  Keyspaces: {
    ListKeyspaces: (_, served) => ({
      keyspaces: [
        { keyspaceName: 'system' },
        ...new Set(served.of('AWS::Cassandra::Table').map(({ configuration }) => configuration.keyspaceName)),
      ].map(keyspaceName => (typeof keyspaceName === 'string' ? { keyspaceName } : keyspaceName)),
    }),
    ListTables: ({ keyspaceName }, served) => ({
      tables: served
        .of('AWS::Cassandra::Table')
        .filter(({ configuration }) => configuration.keyspaceName === keyspaceName)
        .map(({ arn, configuration }) => ({ keyspaceName, tableName: configuration.tableName, resourceArn: arn })),
    }),
    GetTable: ({ keyspaceName, tableName }, served) =>
      served.one(
        'AWS::Cassandra::Table',
        ({ configuration }) => configuration.keyspaceName === keyspaceName && configuration.tableName === tableName,
      ).configuration,
  },
  OpenSearch: {
    ListDomainNames: (_, served) => ({
      DomainNames: served.of('AWS::OpenSearchService::Domain').map(({ id }) => ({ DomainName: id })),
    }),
    DescribeDomains: ({ DomainNames }, served) => ({
      DomainStatusList: served
        .of('AWS::OpenSearchService::Domain')
        .filter(({ id }) => (DomainNames as string[]).includes(id))
        .map(record => ({ ...record.configuration, ARN: record.arn })),
    }),
  },
  BackupGateway: {
    ListVirtualMachines: (input, served) =>
      page(input, configurations(served.of('AWS::BackupGateway::VirtualMachine')), 'VirtualMachines'),
    ListTagsForResource: ({ ResourceArn }, served) => ({
      Tags: tagList(served.one('AWS::BackupGateway::VirtualMachine', ({ arn }) => arn === ResourceArn).tags),
    }),
  },
  S3Control: {
    ListTagsForResource: ({ ResourceArn }, served) => ({
      Tags: tagList(served.one('AWS::S3Express::DirectoryBucket', ({ arn }) => arn === ResourceArn).tags),
    }),
  },
  SsmSap: {
    ListApplications: (input, served) =>
      page(
        input,
        served.of('AWS::SystemsManagerSAP::Application').map(({ id, arn, configuration, tags }) => ({
          Id: id,
          Arn: arn,
          Type: configuration.Type,
          DiscoveryStatus: configuration.DiscoveryStatus,
          Tags: tags,
        })),
        'Applications',
      ),
    GetApplication: ({ ApplicationId }, served) => {
      const { configuration, tags } = application(ApplicationId, served)
      return { Application: configuration, Tags: tags }
    },
    ListDatabases: (input, served) =>
      page(input, application(input.ApplicationId, served).supplementary?.Databases as Json[], 'Databases'),
  },
  DataSync: {
    ListTasks: (input, served) =>
      page(
        input,
        served.of('AWS::DataSync::Task').map(({ arn, name }) => ({ TaskArn: arn, Name: name })),
        'Tasks',
      ),
    DescribeTask: ({ TaskArn }, served) => {
      const task = served.one('AWS::DataSync::Task', ({ arn }) => arn === TaskArn)
      return { ...task.configuration, CurrentTaskExecutionArn: executionsOf(task).at(-1)?.TaskExecutionArn }
    },
    DescribeTaskExecution: ({ TaskExecutionArn }, served) =>
      served
        .of('AWS::DataSync::Task')
        .flatMap(executionsOf)
        .find(execution => execution.TaskExecutionArn === TaskExecutionArn)!,
    ListTaskExecutions: (input, served) =>
      page(
        input,
        executionsOf(served.one('AWS::DataSync::Task', ({ arn }) => arn === input.TaskArn)).map(
          ({ TaskExecutionArn, Status }) => ({ TaskExecutionArn, Status }),
        ),
        'TaskExecutions',
      ),
    ListLocations: (input, served) =>
      page(
        input,
        served.locations().map(({ configuration: { LocationArn, LocationUri } }) => ({ LocationArn, LocationUri })),
        'Locations',
      ),
    DescribeLocationEfs: location,
    DescribeLocationHdfs: location,
    DescribeLocationObjectStorage: location,
  },
  ResilienceHub: {
    ListApps: (input, served) =>
      page(input, configurations(served.of('AWS::ResilienceHub::App')), 'appSummaries', 'nextToken'),
  },
  EKS: {
    ListClusters: (input, served) =>
      page(
        input,
        served.of('AWS::EKS::Cluster').map(({ id }) => id),
        'clusters',
        'nextToken',
      ),
    DescribeCluster: ({ name }, served) => {
      const { configuration, tags } = served.one('AWS::EKS::Cluster', record => record.id === name)
      return { cluster: { ...configuration, tags } }
    },
  },
  DSQL: {
    ListClusters: (input, served) =>
      page(
        input,
        served.of('AWS::DSQL::Cluster').map(({ id, arn }) => ({ identifier: id, arn })),
        'clusters',
        'nextToken',
      ),
    GetCluster: ({ identifier }, served) =>
      served.one('AWS::DSQL::Cluster', record => record.id === identifier).configuration,
  },
  DocDBElastic: {
    ListClusters: (input, served) =>
      page(
        input,
        served.of('AWS::DocDBElastic::Cluster').map(({ name, arn }) => ({ clusterName: name, clusterArn: arn })),
        'clusters',
        'nextToken',
      ),
    GetCluster: ({ clusterArn }, served) => ({
      cluster: served.one('AWS::DocDBElastic::Cluster', record => record.arn === clusterArn).configuration,
    }),
  },
  Lightsail: {
    GetDisks: () => ({ disks: [] }),
    GetInstances: () => ({ instances: [] }),
    GetRelationalDatabases: () => ({ relationalDatabases: [] }),
  },
  StorageGateway: {
    ListVolumes: (input, served) =>
      page(
        input,
        served.of('AWS::StorageGateway::Volume').map(({ arn, configuration: { VolumeType } }) => ({
          VolumeARN: arn,
          VolumeType,
          GatewayARN: arn!.replace(/\/volume\/.*/, ''),
        })),
        'VolumeInfos',
        'Marker',
      ),
    DescribeCachediSCSIVolumes: volumes('CachediSCSIVolumes'),
    DescribeStorediSCSIVolumes: volumes('StorediSCSIVolumes'),
    DescribeSnapshotSchedule: ({ VolumeARN }, served) =>
      served.one('AWS::StorageGateway::Volume', ({ arn }) => arn === VolumeARN).supplementary!.SnapshotSchedule as Json,
    ListFileShares: (input, served) =>
      page(
        input,
        ['NFS', 'SMB'].flatMap(kind =>
          served.of(`AWS::StorageGateway::${kind}FileShare`).map(({ arn, configuration: { GatewayARN } }) => ({
            FileShareType: kind,
            FileShareARN: arn,
            GatewayARN,
          })),
        ),
        'FileShareInfoList',
        'Marker',
        'NextMarker',
      ),
    DescribeNFSFileShares: shares('NFS'),
    DescribeSMBFileShares: shares('SMB'),
  },
  TimestreamWrite: {
    ListDatabases: (input, served) =>
      page(
        input,
        served.of('AWS::Timestream::Table').map(({ supplementary }) => supplementary!.Database),
        'Databases',
      ),
    ListTables: ({ DatabaseName, ...input }, served) =>
      page(
        input,
        configurations(served.of('AWS::Timestream::Table')).filter(table => table.DatabaseName === DatabaseName),
        'Tables',
      ),
  },
}

/** Asked of every call; may throw what AWS would answer. */
export type ServedFault = (command: string, region: string, input: Input) => void

/** Clients of an estate's account. `wide`: lists have pages as long as they are asked for. */
export function clientsOf(records: readonly ResourceRecord[], fault: ServedFault = () => {}, wide = false): Clients {
  return {
    client: (Client, region = '') => {
      const served = new Served(records, region)
      const service = Client.name.replace(/Client$/, '')
      const send = async (command: { input: Input; constructor: { name: string } }) => {
        const name = command.constructor.name.replace(/Command$/, '')
        fault(`${service} ${name}`, region, command.input)
        const answer = (answersOf[service] ?? answers)[name]
        if (!answer) throw awsError('AccessDeniedException', 403)
        return structuredClone(answer(wide ? ({ ...command.input, [isWide]: true } as Input) : command.input, served))
      }
      return { send: send as never, destroy: () => {} }
    },
    close: () => {},
  }
}

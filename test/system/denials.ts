// What a denied API call leaves of a snapshot: the records, answers and properties that only that call gives are gone, and
// either a gap tells of it, or the scope does not claim the fact groups that it feeds.
import type { GapRecord, ResourceRecord, ScopeRecord, SnapshotRecord } from '../../src/model/record.ts'

/** One list or describe operation, and what is lost without it. */
export interface Call {
  /** IAM action. */
  api: string
  /** `account`: one answer speaks for every Region. */
  speaksFor: 'region' | 'account'
  factGroups: string[]
  /** Record types that come from this call. */
  lists?: string[]
  /** Supplementary answers (`supplementary.X`) and properties of a type that come from this call. */
  fills?: { [type: string]: string[] }
  /** The call reads the tags of these types. */
  tags?: string[] | 'all'
}

const list = (api: string, factGroups: string[], ...lists: string[]): Call => ({
  api,
  speaksFor: 'region',
  factGroups,
  lists,
})
const fill = (api: string, factGroups: string[], type: string, ...paths: string[]): Call => ({
  api,
  speaksFor: 'region',
  factGroups,
  fills: { [type]: paths },
})
const accountWide = (call: Call): Call => ({ ...call, speaksFor: 'account' })

const inventory = ['inventory']
const configuration = ['configuration']
const alerts = ['alerts']

/** Every operation that a collection of an account makes, as far as it answers something of its own. */
export const calls: readonly Call[] = [
  // AWS Backup
  list('backup:ListBackupPlans', ['plans', 'selections'], 'AWS::Backup::BackupPlan', 'AWS::Backup::BackupSelection'),
  fill(
    'backup:GetBackupPlan',
    ['plans'],
    'AWS::Backup::BackupPlan',
    'BackupPlan.Rules',
    'BackupPlan.AdvancedBackupSettings',
  ),
  list('backup:ListBackupSelections', ['selections'], 'AWS::Backup::BackupSelection'),
  fill(
    'backup:GetBackupSelection',
    ['selections'],
    'AWS::Backup::BackupSelection',
    'BackupSelection.Resources',
    'BackupSelection.NotResources',
    'BackupSelection.ListOfTags',
    'BackupSelection.Conditions',
  ),
  list(
    'backup:ListBackupVaults',
    ['vaults', 'vault-locks', 'vault-policies', 'recovery-points', 'alerts'],
    'AWS::Backup::BackupVault',
    'AWS::Backup::RecoveryPoint',
  ),
  fill(
    'backup:DescribeBackupVault',
    ['vault-locks', 'vaults'],
    'AWS::Backup::BackupVault',
    'Locked',
    'LockDate',
    'MinRetentionDays',
    'MaxRetentionDays',
    'EncryptionKeyArn',
    'EncryptionKeyType',
    'NumberOfRecoveryPoints',
    'MpaApprovalTeamArn',
  ),
  fill(
    'backup:GetBackupVaultAccessPolicy',
    ['vault-policies'],
    'AWS::Backup::BackupVault',
    'supplementary.AccessPolicy',
  ),
  fill('backup:GetBackupVaultNotifications', alerts, 'AWS::Backup::BackupVault', 'supplementary.Notifications'),
  list('backup:ListRecoveryPointsByBackupVault', ['recovery-points'], 'AWS::Backup::RecoveryPoint'),
  fill(
    'backup:DescribeRecoveryPoint',
    ['recovery-points'],
    'AWS::Backup::RecoveryPoint',
    'IsEncrypted',
    'EncryptionKeyArn',
    'EncryptionKeyType',
    'Lifecycle',
    'CalculatedLifecycle',
    'LastRestoreTime',
    'CreatedBy',
    'ScanResults',
  ),
  list('backup:ListBackupJobs', ['backup-jobs'], 'AWS::Backup::BackupJob'),
  list('backup:ListCopyJobs', ['copy-jobs'], 'AWS::Backup::CopyJob'),
  list('backup:ListRestoreJobs', ['restore-jobs'], 'AWS::Backup::RestoreJob'),
  list(
    'backup:ListRestoreTestingPlans',
    ['restore-testing'],
    'AWS::Backup::RestoreTestingPlan',
    'AWS::Backup::RestoreTestingSelection',
  ),
  fill(
    'backup:GetRestoreTestingPlan',
    ['restore-testing'],
    'AWS::Backup::RestoreTestingPlan',
    'RestoreTestingPlan.ScheduleExpression',
    'RestoreTestingPlan.ScheduleExpressionTimezone',
    'RestoreTestingPlan.RecoveryPointSelection',
    'RestoreTestingPlan.StartWindowHours',
  ),
  list('backup:ListRestoreTestingSelections', ['restore-testing'], 'AWS::Backup::RestoreTestingSelection'),
  fill(
    'backup:GetRestoreTestingSelection',
    ['restore-testing'],
    'AWS::Backup::RestoreTestingSelection',
    'RestoreTestingSelection.ProtectedResourceArns',
    'RestoreTestingSelection.ProtectedResourceConditions',
    'RestoreTestingSelection.ValidationWindowHours',
    'RestoreTestingSelection.IamRoleArn',
  ),
  fill(
    'backup:DescribeRegionSettings',
    ['region-settings'],
    'AWS::Backup::RegionSettings',
    'ResourceTypeOptInPreference',
    'ResourceTypeManagementPreference',
  ),
  list('backup:ListFrameworks', ['audit'], 'AWS::Backup::Framework'),
  fill(
    'backup:DescribeFramework',
    ['audit'],
    'AWS::Backup::Framework',
    'FrameworkControls',
    'DeploymentStatus',
    'FrameworkStatus',
  ),
  list('backup:ListReportPlans', ['audit'], 'AWS::Backup::ReportPlan'),
  accountWide(list('backup:DescribeGlobalSettings', ['global-settings'], 'AWS::Backup::GlobalSettings')),
  // Organization
  accountWide(list('organizations:DescribeOrganization', ['global-settings'], 'AWS::Organizations::Organization')),
  accountWide(list('organizations:DescribeEffectivePolicy', ['plans', 'selections'], 'AWS::Organizations::Policy')),
  // Keys
  list('kms:ListKeys', ['keys'], 'AWS::KMS::Key', 'AWS::KMS::Alias'),
  fill(
    'kms:DescribeKey',
    ['keys'],
    'AWS::KMS::Key',
    'KeyMetadata.KeyManager',
    'KeyMetadata.KeyState',
    'KeyMetadata.Enabled',
    'KeyMetadata.DeletionDate',
    'KeyMetadata.Origin',
    'KeyMetadata.KeySpec',
  ),
  fill('kms:GetKeyPolicy', ['keys'], 'AWS::KMS::Key', 'supplementary.Policy'),
  fill('kms:GetKeyRotationStatus', ['keys'], 'AWS::KMS::Key', 'supplementary.KeyRotationStatus'),
  { ...fill('kms:ListAliases', ['keys'], 'AWS::KMS::Key', 'supplementary.Aliases'), lists: ['AWS::KMS::Alias'] },
  // IAM
  accountWide(
    list(
      'iam:GetAccountAuthorizationDetails',
      ['iam'],
      'AWS::IAM::Role',
      'AWS::IAM::User',
      'AWS::IAM::Group',
      'AWS::IAM::ManagedPolicy',
    ),
  ),
  accountWide(list('iam:ListRoles', ['iam'], 'AWS::IAM::Role')),
  accountWide(list('iam:ListUsers', ['iam'], 'AWS::IAM::User')),
  accountWide(list('iam:ListGroups', ['iam'], 'AWS::IAM::Group')),
  accountWide(list('iam:GetPolicyVersion', ['iam'], 'AWS::IAM::ManagedPolicy')),
  accountWide(fill('iam:ListAttachedRolePolicies', ['iam'], 'AWS::IAM::Role', 'AttachedManagedPolicies')),
  accountWide(fill('iam:GetRolePolicy', ['iam'], 'AWS::IAM::Role', 'RolePolicyList')),
  accountWide(
    fill('iam:GetRole', ['iam'], 'AWS::IAM::Role', 'AssumeRolePolicyDocument', 'Path', 'PermissionsBoundary'),
  ),
  accountWide(fill('iam:GetUserPolicy', ['iam'], 'AWS::IAM::User', 'UserPolicyList')),
  accountWide(fill('iam:ListGroupsForUser', ['iam'], 'AWS::IAM::User', 'GroupList')),
  // Audit trail and alerts
  accountWide(list('cloudtrail:DescribeTrails', ['trails'], 'AWS::CloudTrail::Trail')),
  accountWide(fill('cloudtrail:GetTrailStatus', ['trails'], 'AWS::CloudTrail::Trail', 'supplementary.Status')),
  accountWide(
    fill('cloudtrail:GetEventSelectors', ['trails'], 'AWS::CloudTrail::Trail', 'supplementary.EventSelectors'),
  ),
  list('events:ListRules', alerts, 'AWS::Events::Rule'),
  fill('events:ListTargetsByRule', alerts, 'AWS::Events::Rule', 'supplementary.Targets'),
  list('cloudwatch:DescribeAlarms', alerts, 'AWS::CloudWatch::Alarm'),
  list('sns:ListTopics', alerts, 'AWS::SNS::Topic'),
  fill('sns:ListSubscriptionsByTopic', alerts, 'AWS::SNS::Topic', 'supplementary.Subscriptions'),
  accountWide(list('resiliencehub:ListApps', ['resilience'], 'AWS::ResilienceHub::App')),
  // Data Lifecycle Manager and EC2
  list('dlm:GetLifecyclePolicies', ['snapshot-policies'], 'AWS::DLM::LifecyclePolicy'),
  fill('dlm:GetLifecyclePolicy', ['snapshot-policies'], 'AWS::DLM::LifecyclePolicy', 'PolicyDetails', 'DefaultPolicy'),
  list('ec2:DescribeVolumes', inventory, 'AWS::EC2::Volume'),
  list('ec2:DescribeInstances', inventory, 'AWS::EC2::Instance'),
  list('ec2:DescribeSnapshots', ['snapshots'], 'AWS::EC2::Snapshot'),
  fill('ec2:DescribeSnapshotAttribute', ['snapshots'], 'AWS::EC2::Snapshot', 'supplementary.CreateVolumePermissions'),
  fill(
    'ec2:GetEbsEncryptionByDefault',
    ['region-settings'],
    'AWS::Backup::RegionSettings',
    'supplementary.EbsEncryptionByDefault',
  ),
  fill(
    'ec2:GetSnapshotBlockPublicAccessState',
    ['region-settings'],
    'AWS::Backup::RegionSettings',
    'supplementary.EbsSnapshotBlockPublicAccess',
  ),
  // Stores
  list('rds:DescribeDBInstances', inventory, 'AWS::RDS::DBInstance'),
  list('rds:DescribeDBClusters', inventory, 'AWS::RDS::DBCluster'),
  list('rds:DescribeDBSnapshots', ['snapshots'], 'AWS::RDS::DBSnapshot'),
  list('rds:DescribeDBClusterSnapshots', ['snapshots'], 'AWS::RDS::DBClusterSnapshot'),
  fill('rds:DescribeDBSnapshotAttributes', ['snapshots'], 'AWS::RDS::DBSnapshot', 'supplementary.DBSnapshotAttributes'),
  fill(
    'rds:DescribeDBClusterSnapshotAttributes',
    ['snapshots'],
    'AWS::RDS::DBClusterSnapshot',
    'supplementary.DBClusterSnapshotAttributes',
  ),
  list('dynamodb:ListTables', inventory, 'AWS::DynamoDB::Table'),
  fill(
    'dynamodb:DescribeTable',
    configuration,
    'AWS::DynamoDB::Table',
    'SSEDescription',
    'DeletionProtectionEnabled',
    'CreationDateTime',
    'Replicas',
    'TableStatus',
  ),
  fill(
    'dynamodb:DescribeContinuousBackups',
    configuration,
    'AWS::DynamoDB::Table',
    'supplementary.ContinuousBackupsDescription',
  ),
  list('s3:ListAllMyBuckets', inventory, 'AWS::S3::Bucket'),
  fill('s3:GetBucketVersioning', configuration, 'AWS::S3::Bucket', 'supplementary.BucketVersioningConfiguration'),
  fill('s3:GetLifecycleConfiguration', configuration, 'AWS::S3::Bucket', 'supplementary.BucketLifecycleConfiguration'),
  fill(
    's3:GetEncryptionConfiguration',
    configuration,
    'AWS::S3::Bucket',
    'supplementary.ServerSideEncryptionConfiguration',
  ),
  fill(
    's3:GetBucketObjectLockConfiguration',
    configuration,
    'AWS::S3::Bucket',
    'supplementary.ObjectLockConfiguration',
  ),
  fill(
    's3:GetReplicationConfiguration',
    ['replication', 'configuration'],
    'AWS::S3::Bucket',
    'supplementary.BucketReplicationConfiguration',
  ),
  list('elasticfilesystem:DescribeFileSystems', inventory, 'AWS::EFS::FileSystem'),
  fill('elasticfilesystem:DescribeBackupPolicy', configuration, 'AWS::EFS::FileSystem', 'supplementary.BackupPolicy'),
  list('elasticfilesystem:DescribeReplicationConfigurations', ['replication'], 'AWS::EFS::ReplicationConfiguration'),
  list('fsx:DescribeFileSystems', inventory, 'AWS::FSx::FileSystem'),
  list('fsx:DescribeVolumes', inventory, 'AWS::FSx::Volume'),
  list('redshift:DescribeClusters', inventory, 'AWS::Redshift::Cluster'),
  list('elasticache:DescribeReplicationGroups', inventory, 'AWS::ElastiCache::ReplicationGroup'),
  list('elasticache:DescribeCacheClusters', inventory, 'AWS::ElastiCache::CacheCluster'),
  list('memorydb:DescribeClusters', inventory, 'AWS::MemoryDB::Cluster'),
  list('dax:DescribeClusters', inventory, 'AWS::DAX::Cluster'),
  list('es:ListDomainNames', inventory, 'AWS::OpenSearchService::Domain'),
  list('kinesis:ListStreams', inventory, 'AWS::Kinesis::Stream'),
  list('cassandra:Select', inventory, 'AWS::Cassandra::Table'),
  list('logs:DescribeLogGroups', inventory, 'AWS::Logs::LogGroup'),
  fill('logs:DescribeSubscriptionFilters', configuration, 'AWS::Logs::LogGroup', 'supplementary.SubscriptionFilters'),
  fill('logs:DescribeExportTasks', configuration, 'AWS::Logs::LogGroup', 'supplementary.ExportTasks'),
  // Tags
  { api: 'tag:GetResources', speaksFor: 'region', factGroups: ['tags'], tags: 'all' },
  {
    api: 'backup:ListTags',
    speaksFor: 'region',
    factGroups: ['tags'],
    tags: ['AWS::Backup::BackupVault', 'AWS::Backup::BackupPlan'],
  },
]

/** One call that was denied in one account and Region. */
export interface Denial {
  call: Call
  account: string
  /** The Region; of no concern where the call speaks for the account. */
  region: string
  /** `gap`: the snapshot tells of it. `unclaimed`: the scope does not claim the fact groups. */
  told: 'gap' | 'unclaimed'
  /** Only some records are lost (a page that failed, one vault whose policy is closed): those whose place in the file is odd. */
  onlySome?: boolean
}

/** A denial in words, for the report of a failure. */
export const describe = ({ call, account, region, told, onlySome }: Denial): string =>
  `${call.api} ${account} ${call.speaksFor === 'account' ? '' : region} ${told}${onlySome ? ' (some)' : ''}`

/** What is left of a snapshot after denials. */
export function deny(records: readonly SnapshotRecord[], denials: readonly Denial[]): SnapshotRecord[] {
  let left: SnapshotRecord[] = [...records]
  for (const denial of denials) left = denyOne(left, denial)
  return left
}

function concerns({ call, account, region }: Denial, record: { account?: string; region?: string }): boolean {
  return record.account === account && (call.speaksFor === 'account' || record.region === region)
}

function denyOne(records: readonly SnapshotRecord[], denial: Denial): SnapshotRecord[] {
  const { call } = denial
  const left: SnapshotRecord[] = []
  let scope: ScopeRecord | undefined
  records.forEach((record, index) => {
    if (record.record === 'scope') {
      if (concerns(denial, record)) scope ??= record
      left.push(denial.told === 'unclaimed' && concerns(denial, record) ? unclaim(record, call.factGroups) : record)
    } else if (record.record === 'gap' || !concerns(denial, record) || (denial.onlySome && index % 2 === 0))
      left.push(record)
    else {
      const rest = withoutAnswer(record, call)
      if (rest) left.push(rest)
    }
  })
  if (denial.told === 'gap' && scope) left.splice(left.indexOf(scope) + 1, 0, gapOf(scope, denial))
  return left
}

const unclaim = (scope: ScopeRecord, factGroups: readonly string[]): ScopeRecord => ({
  ...scope,
  factGroups: (scope.factGroups ?? []).filter(group => !factGroups.includes(group)),
})

function gapOf(scope: ScopeRecord, { call, account, region, onlySome }: Denial): GapRecord {
  return {
    record: 'gap',
    scope: scope.id,
    account,
    ...(call.speaksFor === 'account' ? {} : { region }),
    factGroups: call.factGroups,
    types: [...(call.lists ?? []), ...Object.keys(call.fills ?? {}), ...(Array.isArray(call.tags) ? call.tags : [])],
    api: call.api,
    reason: onlySome ? 'truncated' : 'denied',
    remedy: `Allow ${call.api}.`,
  }
}

/** The record as it is without the call's answer; `undefined` where the call lists it. */
function withoutAnswer(record: ResourceRecord, call: Call): ResourceRecord | undefined {
  if (call.lists?.includes(record.type)) return undefined
  let rest = record
  for (const path of call.fills?.[record.type] ?? []) rest = withoutProperty(rest, path)
  if (call.tags === 'all' || call.tags?.includes(record.type)) {
    const { tags: _, ...untagged } = rest
    rest = untagged
  }
  return rest
}

/** Without a property; one of the configuration is marked as not known, since its absence alone would say something. */
export function withoutProperty(record: ResourceRecord, path: string): ResourceRecord {
  const [first, ...others] = path.split('.')
  if (first === 'supplementary') {
    const { [others[0]!]: _, ...supplementary } = record.supplementary ?? {}
    return { ...record, supplementary }
  }
  return {
    ...record,
    configuration: without(record.configuration, path.split('.')),
    unknown: [...(record.unknown ?? []), path],
  }
}

function without(tree: Record<string, unknown>, [name, ...rest]: string[]): Record<string, unknown> {
  const { [name!]: value, ...others } = tree
  if (rest.length === 0 || typeof value !== 'object' || value === null) return others
  return { ...others, [name!]: without(value as Record<string, unknown>, rest) }
}

/**
 * What guards the data, as `src/resources/` reads it: keys, principals, trails, alerts, snapshots, tasks, settings.
 * Optional members that are `undefined` are not known; `null` is known to be none. Times are epoch milliseconds.
 */

/** A KMS key (`kms:DescribeKey`, `GetKeyPolicy`, `GetKeyRotationStatus`). */
export interface KmsKey {
  keyId: string
  arn?: string
  manager?: 'customer' | 'aws'
  state?: string
  deletionDate?: string | null
  pendingWindowDays?: number | null
  rotationEnabled?: boolean
  rotationSupported?: boolean
  /** Key policy document. */
  policy?: object | null
  aliases?: string[]
}

/** A KMS alias, which names a key. */
export interface KmsAlias {
  alias: string
  arn?: string
  keyId?: string
}

/** An IAM role, user or group, or a managed policy. Documents are objects. */
export interface IamPrincipal {
  principalType: 'role' | 'user' | 'group'
  name: string
  arn?: string
  path?: string
  /** Trust policy; `null` for users and groups. */
  trust?: object | null
  attachedPolicyArns?: string[]
  inlinePolicies?: { name: string; document: object }[]
  groups?: string[]
  permissionsBoundary?: string | null
}

/** A managed policy with its default version's document. */
export interface IamManagedPolicy {
  arn: string
  name?: string
  document?: object
}

/** A CloudTrail trail. */
export interface Trail {
  name: string
  arn?: string
  multiRegion?: boolean
  logging?: boolean
  logFileValidation?: boolean
  kmsKeyArn?: string | null
  managementEvents?: boolean
  /** Bucket ARNs (or prefixes) whose S3 data events are recorded; `all` = every bucket. */
  s3DataEvents?: 'all' | string[]
  organization?: boolean
}

/** An EventBridge rule on the default bus. */
export interface EventRule {
  name: string
  arn?: string
  enabled?: boolean
  /** Parsed event pattern; `null` = a schedule. */
  pattern?: object | null
  /** ARNs of the targets. */
  targets?: string[]
  eventBus?: string
}

/** A CloudWatch alarm. */
export interface Alarm {
  name: string
  arn?: string
  namespace?: string | null
  metricName?: string | null
  dimensions?: Record<string, string>
  actionsEnabled?: boolean
  actions?: string[]
}

/** An SNS topic with its subscriptions. */
export interface Topic {
  arn: string
  /** `confirmed` false = pending; `filterPolicy` null = none. Absent list = not read. */
  subscriptions?: { protocol: string; confirmed: boolean; filterPolicy?: object | null }[]
}

/** A snapshot that a service keeps itself. */
export interface NativeSnapshot {
  id: string
  arn?: string
  service: 'EBS' | 'RDS' | 'Aurora' | 'DocumentDB' | 'Neptune' | 'Redshift'
  /** ARN of the store where it can be told, else its identifier. */
  sourceArn?: string | null
  sourceId?: string | null
  encrypted?: boolean
  manual?: boolean
  createdAt?: number
  status?: string
  /** Accounts that may restore it; `all` = everybody. Absent = not read. */
  sharedWith?: string[]
}

/** A schedule of a DLM policy. */
export interface SnapshotSchedule {
  name?: string | null
  /** Cron expression, or interval in hours. */
  cron?: string
  intervalHours?: number
  retainCount?: number | null
  retentionDays?: number | null
  copyTags?: boolean
  crossRegionCopies: { target?: string; encrypted?: boolean; keyArn?: string | null }[]
}

/** A Data Lifecycle Manager policy. */
export interface SnapshotPolicy {
  id: string
  arn?: string
  state?: 'ENABLED' | 'DISABLED' | 'ERROR'
  statusMessage?: string | null
  policyType?: string
  /** `VOLUME` or `INSTANCE`. */
  resourceTypes?: string[]
  targetTags?: { key: string; value: string }[]
  /** A default policy covers every volume or instance that has no recent backup. */
  defaultPolicy?: 'VOLUME' | 'INSTANCE' | null
  schedules?: SnapshotSchedule[]
}

/** A DataSync task or a Storage Gateway file share. */
export interface TransferTask {
  kind: 'datasync' | 'fileShare'
  arn?: string
  /** Schedule expression; `null` = none. */
  schedule?: string | null
  scheduleEnabled?: boolean
  verifyMode?: string | null
  logLevel?: string | null
  sourceLocationArn?: string
  destinationLocationArn?: string
  lastStatus?: 'SUCCESS' | 'ERROR' | null
  lastExecutionAt?: number | null
  encrypted?: boolean | null
  keyArn?: string | null
}

/** A DataSync location. */
export interface TransferLocation {
  arn: string
  /** `null`: this kind of location has no such setting. */
  inTransit?: boolean | null
}

/** Region settings of AWS Backup and EBS. */
export interface RegionSettings {
  optIn?: Record<string, boolean>
  management?: Record<string, boolean>
  ebsEncryptionByDefault?: boolean
  ebsSnapshotPublicAccess?: string
}

/** Global settings of AWS Backup, and the account's organisation. */
export interface AccountSettings {
  crossAccountBackup?: boolean
  inOrganization?: boolean
  organizationId?: string | null
}

/** An AWS Backup Audit Manager framework. */
export interface Framework {
  name: string
  deployed?: boolean
  controls?: string[]
}

/** A report plan of AWS Backup Audit Manager. */
export interface ReportPlan {
  name: string
  template?: string
  lastSuccessAt?: number | null
}

/** An application of AWS Resilience Hub. */
export interface ResilienceApp {
  arn: string
  lastAssessmentAt?: number | null
  complianceStatus?: string
}

/** Replication, or another companion, that a source lists apart from its store (EFS replication, RDS automated backups). */
export interface Companion {
  /** ARN or id of the store it belongs to. */
  storeId: string
  /** Facts it adds to the store, by path. */
  facts: import('./facts.ts').Facts
}

/** What an AWS Config recorder says it records. */
export interface ConfigRecorder {
  allSupported?: boolean
  resourceTypes?: string[]
  excludedTypes?: string[]
  recording?: boolean
}

/**
 * AWS Backup's own resources as `src/resources/backup-*.ts` reads them, whatever the format. Optional members that are
 * `undefined` are not known; `null` is known to be none.
 */

/** One `CopyAction` of a backup rule. */
export interface CopyAction {
  destinationVaultArn?: string
  /** Days; `null` = kept for ever; inherits the rule's where AWS is given none (already resolved here). */
  retentionDays?: number | null
}

/** One backup rule of a plan. Minutes and days; AWS's defaults are not filled in here. */
export interface BackupRule {
  name: string
  id?: string
  targetVaultName?: string
  targetAirGappedVaultArn?: string | null
  /** `null`: none given, so AWS uses daily 05:00 UTC. */
  schedule?: string | null
  /** IANA time zone; `null` = UTC. */
  timezone?: string | null
  startWindowMinutes?: number | null
  completionWindowMinutes?: number | null
  /** `null` = kept for ever. */
  retentionDays?: number | null
  /** `null` = never. */
  moveToColdStorageAfterDays?: number | null
  optInToArchive?: boolean
  continuous?: boolean
  copyActions?: CopyAction[]
}

/** A backup plan (`GetBackupPlan`). */
export interface BackupPlan {
  id: string
  name?: string
  rules: BackupRule[]
  /** The rules are not all known. */
  rulesPartial?: boolean
  organizationPolicy?: boolean
}

/** One entry of `ListOfTags` or `Conditions`, key as written. */
export interface TagCondition {
  key: string
  value: string
}

/** A backup selection (`GetBackupSelection`). A list that is `undefined` is not known (AWS Config drops tags). */
export interface BackupSelection {
  id?: string
  name?: string
  planId?: string
  roleArn?: string
  resources?: string[]
  notResources?: string[]
  listOfTags?: TagCondition[]
  conditions?: {
    stringEquals: TagCondition[]
    stringNotEquals: TagCondition[]
    stringLike: TagCondition[]
    stringNotLike: TagCondition[]
  }
}

/** A backup vault (`DescribeBackupVault`, `GetBackupVaultAccessPolicy`, `GetBackupVaultNotifications`). */
export interface BackupVault {
  name: string
  vaultType?: 'backup' | 'airGapped' | 'restoreAccess'
  keyArn?: string | null
  /** What DescribeBackupVault says of the key, where it does. */
  keyType?: 'customer' | 'awsOwned'
  locked?: boolean
  /** ISO 8601; `null` = governance mode where locked. */
  lockDate?: string | null
  /** In a template: days until a compliance lock is final; `null` = governance. */
  changeableForDays?: number | null
  minRetentionDays?: number | null
  maxRetentionDays?: number | null
  /** IAM policy document as an object; `null` = no policy. */
  accessPolicy?: object | null
  /** `null` = no notifications. */
  notifications?: { topicArn: string; events: string[] } | null
  mpaApprovalTeamArn?: string | null
  pointCount?: number
}

/** A recovery point (`ListRecoveryPointsByBackupVault`). Times are epoch milliseconds. */
export interface RecoveryPoint {
  arn: string
  sourceArn?: string | null
  service?: string | null
  vaultArn?: string
  vaultName?: string
  sourceVaultArn?: string | null
  status?: string
  createdAt?: number
  isEncrypted?: boolean
  keyArn?: string | null
  /** Days; `null` = for ever. */
  retentionDays?: number | null
  /** Made by a plan; `false` = on demand. */
  byPlan?: boolean
  /** Latest restorable time of a continuous point, where the source says. */
  restorableAt?: number
  continuous: boolean
  lastRestoreAt?: number | null
  isChild: boolean
  airGapped?: boolean
  scan?: 'clean' | 'findings' | 'none'
}

/** A backup or copy job. Times are epoch milliseconds. */
export interface BackupJob {
  id: string
  kind: 'backup' | 'copy'
  sourceArn?: string
  state?: string
  /** COMPLETED with a message category other than SUCCESS: completed with issues. */
  messageCategory?: string | null
  message?: string | null
  createdAt?: number
  completedAt?: number | null
  destinationVaultArn?: string
  isChild: boolean
}

/** A restore job. Times are epoch milliseconds. */
export interface RestoreJob {
  id: string
  sourceArn?: string | null
  recoveryPointArn?: string
  status?: string
  createdAt?: number
  completedAt?: number | null
  recoveryPointCreatedAt?: number | null
  testingPlanArn?: string | null
  validation?: string | null
  deletion?: string | null
  roleArn?: string | null
  isChild: boolean
}

/** A restore testing plan (`GetRestoreTestingPlan`). */
export interface RestoreTestingPlan {
  name: string
  schedule?: string
  timezone?: string | null
  startWindowHours?: number | null
  algorithm?: string
  includeVaults?: string[]
  excludeVaults?: string[]
  recoveryPointTypes?: string[]
  selectionWindowDays?: number | null
  /** Epoch milliseconds; `null` = never ran. */
  lastExecutionAt?: number | null
}

/** A restore testing selection (`GetRestoreTestingSelection`). */
export interface RestoreTestingSelection {
  name: string
  planName?: string
  service?: string
  roleArn?: string
  resourceArns?: string[]
  conditions?: { stringEquals: TagCondition[]; stringNotEquals: TagCondition[] }
  validationWindowHours?: number | null
}

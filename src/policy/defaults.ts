/** The policy that holds where none is given: four tiers, AWS Backup as the one accepted mechanism. */
import type { Assumptions, Policy } from '../model/policy.ts'

/** The eleven controls of AWS Backup Audit Manager. https://docs.aws.amazon.com/aws-backup/latest/devguide/controls-and-remediation.html */
const auditControls = [
  'BACKUP_LAST_RECOVERY_POINT_CREATED',
  'BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK',
  'BACKUP_RECOVERY_POINT_ENCRYPTED',
  'BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED',
  'BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK',
  'BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN',
  'BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK',
  'BACKUP_RESOURCES_PROTECTED_BY_CROSS_ACCOUNT',
  'BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION',
  'RESOURCES_IN_LOGICALLY_AIR_GAPPED_VAULT',
  'RESTORE_TIME_FOR_RESOURCES_MEET_TARGET',
]

/** What is assumed where neither AWS nor the policy says. Units in the names. */
export const defaultAssumptions: Assumptions = {
  jobMinutes: 30,
  startWindowMinutes: 480,
  jobWindowDays: 7,
  restoreJobWindowDays: 30,
  lookbackDays: 30,
  copyAllowanceHours: 48,
  restoreSlackHours: 24,
  testArtifactDays: 3,
  breakGlassArns: [],
  trustedAccounts: [],
  organizationId: null,
  backupAccounts: [],
  requiredTags: ['data-classification', 'criticality'],
  exemptTag: 'backup-exempt',
  runbookTag: 'restore-runbook',
  restoreTestTag: 'last-restore-test',
  cacheTag: 'cache',
  backupTargetTag: 'backup-target',
  optInUnstated: 'on',
  stringNotEqualsOnMissingTag: 'include',
  alertOn: ['backupFailed', 'copyFailed', 'restoreFailed', 'continuousInterrupted', 's3ObjectFailed'],
  destructiveEvents: [
    'DeleteBackupVault',
    'DeleteBackupVaultLockConfiguration',
    'DeleteRecoveryPoint',
    'PutBackupVaultAccessPolicy',
    'ScheduleKeyDeletion',
  ],
  deletionActions: [
    'backup:DeleteRecoveryPoint',
    'backup:PutBackupVaultAccessPolicy',
    'backup:UpdateRecoveryPointLifecycle',
  ],
  destructiveActions: [
    'backup:DeleteBackupVault',
    'backup:DeleteBackupVaultLockConfiguration',
    'backup:DeleteRecoveryPoint',
    'ec2:DeleteSnapshot',
    'rds:DeleteDBClusterSnapshot',
    'rds:DeleteDBSnapshot',
    's3:BypassGovernanceRetention',
  ],
  allowedBackupPolicies: [
    'AWSBackupServiceRolePolicyForBackup',
    'AWSBackupServiceRolePolicyForRestores',
    'AWSBackupServiceRolePolicyForS3Backup',
    'AWSBackupServiceRolePolicyForS3Restore',
  ],
  auditControls,
  auditReports: ['BACKUP_JOB_REPORT', 'CONTROL_COMPLIANCE_REPORT', 'COPY_JOB_REPORT', 'RESTORE_JOB_REPORT'],
}

/** Objectives of the default tiers; AWS prescribes no numbers, these mirror the defaults of its own controls. */
export const defaultTiers: Policy['tiers'] = {
  tier0: {
    rpoHours: 0.25,
    rtoHours: 1,
    retentionDays: 35,
    copies: ['crossRegion', 'crossAccount'],
    immutability: 'complianceLock',
    airGappedCopyDays: 7,
    restoreTestDays: 30,
    validateRestores: true,
    severityShift: 1,
  },
  tier1: {
    rpoHours: 4,
    rtoHours: 4,
    retentionDays: 35,
    copies: ['crossRegion', 'crossAccount'],
    immutability: 'lock',
    restoreTestDays: 90,
    validateRestores: true,
    severityShift: 1,
  },
  tier2: {
    rpoHours: 36,
    rtoHours: 24,
    retentionDays: 35,
    copies: [],
    immutability: 'denyPolicy',
    restoreTestDays: 180,
  },
  tier3: {
    rpoHours: 192,
    rtoHours: 72,
    retentionDays: 7,
    copies: [],
    immutability: 'none',
    restoreTestDays: 365,
    severityShift: -1,
  },
}

/** The default policy without its digest. */
export const defaultPolicy: Omit<Policy, 'digest'> = {
  version: 1,
  tiers: defaultTiers,
  classification: { tag: 'criticality', rules: [], default: 'tier2' },
  mechanisms: { '*': ['aws-backup'] },
  assumptions: defaultAssumptions,
  rules: {},
  exemptions: [],
  attestations: [],
  closedWorld: false,
  configRecords: null,
  undeterminedAs: 'NOT_APPLICABLE',
}

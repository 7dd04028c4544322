/**
 * Backup vaults and logically air-gapped vaults.
 *
 * `configuration` is the answer of `backup:DescribeBackupVault` (of which `backup:ListBackupVaults` tells most);
 * `supplementary.AccessPolicy` = `Policy` of `backup:GetBackupVaultAccessPolicy`, `supplementary.Notifications` =
 * `backup:GetBackupVaultNotifications`; both `null` where AWS answers ResourceNotFoundException. AWS Config records neither
 * lock nor policy. https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeBackupVault.html
 *
 * Terraform declares lock, policy and notifications as resources of their own.
 */
import type { BackupVault } from '../model/backup.ts'
import type { ResourceRecord } from '../model/record.ts'
import type { ResourceDefinition, TerraformCompanions } from './definition.ts'
import {
  absentMeans,
  at,
  booleanOr,
  configurationOf,
  documentIn,
  documentOr,
  isAbsent,
  isDeclared,
  isoOr,
  known,
  names,
  numberOr,
  type Place,
  supplementaryOf,
  textOr,
  textsOr,
} from './evidence.ts'
import { member, toText, toTexts } from './property.ts'

const airGappedType = 'AWS::Backup::LogicallyAirGappedBackupVault'

const vaultTypes: { readonly [key: string]: BackupVault['vaultType'] } = {
  BACKUP_VAULT: 'backup',
  LOGICALLY_AIR_GAPPED_BACKUP_VAULT: 'airGapped',
  RESTORE_ACCESS_BACKUP_VAULT: 'restoreAccess',
}

/** The API states the kind; elsewhere the resource type is the kind. */
function vaultTypeOf(item: ResourceRecord, root: Place): BackupVault['vaultType'] {
  if (
    item.type === airGappedType ||
    item.type.endsWith('_logically_air_gapped_vault') ||
    item.type.endsWith('_logically_air_gapped_backup_vault')
  )
    return 'airGapped'
  const stated = textOr(at(root, 'VaultType'), undefined)
  if (stated !== undefined) return Object.hasOwn(vaultTypes, stated) ? vaultTypes[stated] : undefined
  return item.encoding === 'api' ? undefined : 'backup'
}

type Key = Pick<BackupVault, 'keyArn' | 'keyType'>

function readKey(item: ResourceRecord, root: Place, airGapped: boolean): Key {
  const place = at(root, 'EncryptionKeyArn', 'kms_key_arn')
  const stated = textOr(at(root, 'EncryptionKeyType'), undefined)
  if (stated === 'AWS_OWNED_KMS_KEY') return { keyArn: null, keyType: 'awsOwned' }
  const keyArn = textOr(place, undefined)
  if (keyArn !== undefined) return stated === 'CUSTOMER_MANAGED_KMS_KEY' ? { keyArn, keyType: 'customer' } : { keyArn }
  if (!isAbsent(place) || !isDeclared(item)) return {}
  // Where a template names no key, AWS takes aws/backup, or for an air-gapped vault a key that it owns.
  return airGapped ? { keyArn: null, keyType: 'awsOwned' } : { keyArn: 'alias/aws/backup' }
}

type Lock = Pick<BackupVault, 'locked' | 'lockDate' | 'changeableForDays' | 'minRetentionDays' | 'maxRetentionDays'>

/** Days; Terraform's states write 0 for what is not set, which AWS takes for none of the three. */
function daysOr(place: Place, absent: null | undefined): number | null | undefined {
  const days = numberOr(place, absent)
  return days === 0 && place.item.encoding === 'terraform' ? null : days
}

function retentionBounds(place: Place, absent: null | undefined): Lock {
  return {
    minRetentionDays: daysOr(at(place, 'MinRetentionDays'), absent),
    maxRetentionDays: daysOr(at(place, 'MaxRetentionDays'), absent),
  }
}

/** `LockConfiguration` of a template. A compliance lock's date is fixed by its deployment. */
function readDeclaredLock(item: ResourceRecord, root: Place): Lock {
  const lock = at(root, 'LockConfiguration')
  if (lock.unknown) return {}
  if (isAbsent(lock)) {
    if (!isDeclared(item)) return {}
    return { locked: false, lockDate: null, changeableForDays: null, minRetentionDays: null, maxRetentionDays: null }
  }
  const changeableForDays = daysOr(at(lock, 'ChangeableForDays'), null)
  return {
    locked: true,
    lockDate: changeableForDays === null ? null : undefined,
    changeableForDays,
    ...retentionBounds(lock, null),
  }
}

/** What DescribeBackupVault says: `Locked` without `LockDate` is governance mode. */
function readLock(item: ResourceRecord, root: Place, airGapped: boolean): Lock {
  const absentBound = absentMeans(item, { api: null, cloudformation: null })
  // An air-gapped vault is born with a compliance lock (aws-apis §3.1).
  if (airGapped) return { locked: true, lockDate: lockDateOf(root, undefined), ...retentionBounds(root, absentBound) }
  if (item.encoding !== 'api') return readDeclaredLock(item, root)
  const locked = booleanOr(at(root, 'Locked'), undefined)
  return {
    locked,
    lockDate: lockDateOf(root, locked === undefined ? undefined : null),
    ...retentionBounds(root, locked === undefined ? undefined : null),
  }
}

function lockDateOf(root: Place, absent: null | undefined): string | null | undefined {
  return isoOr(at(root, 'LockDate'), absent)
}

function readAccessPolicy(item: ResourceRecord, root: Place): object | null | undefined {
  const answer = supplementaryOf(item, 'AccessPolicy')
  if (answer !== undefined) return documentIn(answer, 'Policy')
  const place = at(root, 'AccessPolicy')
  if (item.encoding === 'terraform' && !isAbsent(place)) return documentOr(at(place, 'policy'), undefined)
  return documentOr(place, absentMeans(item, { cloudformation: null, terraform: null }))
}

function readNotifications(item: ResourceRecord, root: Place): BackupVault['notifications'] {
  const answer = supplementaryOf(item, 'Notifications')
  if (answer === null) return null
  if (answer !== undefined) {
    const topicArn = toText(member(answer, 'SNSTopicArn'))
    const events = toTexts(member(answer, 'BackupVaultEvents'))
    return topicArn === undefined || !events ? undefined : { topicArn, events }
  }
  const place = at(root, 'Notifications')
  if (isAbsent(place)) return absentMeans(item, { cloudformation: null, terraform: null })
  const topicArn = textOr(at(place, 'SNSTopicArn'), undefined)
  const events = textsOr(at(place, 'BackupVaultEvents'), undefined)
  return topicArn === undefined || !events ? undefined : { topicArn, events }
}

function readVault(item: ResourceRecord): BackupVault | undefined {
  const root = configurationOf(item)
  const name = textOr(at(root, 'BackupVaultName', 'name'), undefined) ?? item.name ?? toText(item.id)
  if (name === undefined) return undefined
  const vaultType = vaultTypeOf(item, root)
  const airGapped = vaultType === 'airGapped'
  return known({
    name,
    vaultType,
    ...readKey(item, root, airGapped),
    ...readLock(item, root, airGapped),
    accessPolicy: readAccessPolicy(item, root),
    notifications: readNotifications(item, root),
    // Multi-party approval guards air-gapped vaults only.
    mpaApprovalTeamArn: textOr(
      at(root, 'MpaApprovalTeamArn'),
      airGapped ? absentMeans(item, { api: null, cloudformation: null }) : vaultType === undefined ? undefined : null,
    ),
    pointCount: numberOr(at(root, 'NumberOfRecoveryPoints'), undefined),
  })
}

/** Resources of their own in Terraform, for vaults of either kind; their keys read as CloudFormation's properties do. */
const companions: TerraformCompanions = {
  aws_backup_vault_lock_configuration: { by: 'backup_vault_name', as: 'lock_configuration' },
  aws_backup_vault_policy: { by: 'backup_vault_name', as: 'access_policy' },
  aws_backup_vault_notifications: { by: 'backup_vault_name', as: 'notifications' },
}

const isAirGapped = (item: ResourceRecord) => vaultTypeOf(item, configurationOf(item)) === 'airGapped'

/** Backup vaults, told by kind: the API lists both under one name. */
export const definitions: ResourceDefinition[] = [
  {
    role: 'backup-vault',
    type: 'AWS::Backup::BackupVault',
    places: {
      encryption: { cloudformation: 'EncryptionKeyArn', terraform: ['kms_key_arn', 'encryption_key_arn'] },
      lock: { cloudformation: 'LockConfiguration', terraform: 'lock_configuration' },
      'lock.minRetentionDays': {
        cloudformation: 'LockConfiguration.MinRetentionDays',
        terraform: 'lock_configuration.min_retention_days',
      },
      'lock.changeableForDays': {
        cloudformation: 'LockConfiguration.ChangeableForDays',
        terraform: 'lock_configuration.changeable_for_days',
      },
      immutabilityStrength: { cloudformation: 'LockConfiguration', terraform: 'lock_configuration' },
      policy: { cloudformation: 'AccessPolicy', terraform: 'access_policy' },
      alerts: { cloudformation: 'Notifications', terraform: 'notifications' },
      mpaApprovalTeamArn: { cloudformation: 'MpaApprovalTeamArn' },
    },
    names: names('AWS::Backup::BackupVault', ['aws_backup_vault', 'awscc_backup_backup_vault']),
    identity: {
      arn: 'backup:{region}:{account}:backup-vault:{id}',
      cloudformation: 'BackupVaultName',
      terraform: 'name',
    },
    companions,
    accepts: item => !isAirGapped(item),
    read: readVault,
  },
  {
    role: 'backup-vault',
    type: airGappedType,
    places: {
      encryption: { cloudformation: 'EncryptionKeyArn', terraform: ['kms_key_arn', 'encryption_key_arn'] },
      lock: { cloudformation: 'LockConfiguration' },
      'lock.minRetentionDays': { cloudformation: 'LockConfiguration.MinRetentionDays' },
      'lock.changeableForDays': { cloudformation: 'LockConfiguration.ChangeableForDays' },
      immutabilityStrength: { cloudformation: 'LockConfiguration' },
      policy: { cloudformation: 'AccessPolicy' },
      alerts: { cloudformation: 'Notifications' },
      mpaApprovalTeamArn: { cloudformation: 'MpaApprovalTeamArn' },
    },
    names: {
      config: [airGappedType, 'AWS::Backup::BackupVault'],
      cloudformation: [airGappedType],
      terraform: ['aws_backup_logically_air_gapped_vault', 'awscc_backup_logically_air_gapped_backup_vault'],
    },
    identity: {
      arn: 'backup:{region}:{account}:backup-vault:{id}',
      cloudformation: 'BackupVaultName',
      terraform: 'name',
    },
    companions,
    accepts: isAirGapped,
    read: readVault,
  },
]

/**
 * Backup vaults and logically air-gapped vaults.
 *
 * `configuration` is the answer of `backup:DescribeBackupVault` (of which `backup:ListBackupVaults` tells most);
 * `supplementary.AccessPolicy` = `Policy` of `backup:GetBackupVaultAccessPolicy`, `supplementary.Notifications` =
 * `backup:GetBackupVaultNotifications`; both `null` where AWS answers ResourceNotFoundException. AWS Config records neither
 * lock nor policy. https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeBackupVault.html
 *
 * Terraform declares lock, policy and notifications as resources of their own, so an `aws_backup_vault` does not know them.
 */
import type { BackupVault } from '../model/backup.ts'
import type { ResourceRecord } from '../model/record.ts'
import type { ResourceDefinition } from './definition.ts'
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

function retentionBounds(place: Place, absent: null | undefined): Lock {
  return {
    minRetentionDays: numberOr(at(place, 'MinRetentionDays'), absent),
    maxRetentionDays: numberOr(at(place, 'MaxRetentionDays'), absent),
  }
}

/** `LockConfiguration` of a template. A compliance lock's date is fixed by its deployment. */
function readDeclaredLock(item: ResourceRecord, root: Place): Lock {
  const lock = at(root, 'LockConfiguration')
  if (lock.unknown) return {}
  if (isAbsent(lock)) {
    if (item.encoding !== 'cloudformation') return {}
    return { locked: false, lockDate: null, changeableForDays: null, minRetentionDays: null, maxRetentionDays: null }
  }
  const changeableForDays = numberOr(at(lock, 'ChangeableForDays'), null)
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
  return documentOr(at(root, 'AccessPolicy'), absentMeans(item, { cloudformation: null }))
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
  if (isAbsent(place)) return absentMeans(item, { cloudformation: null })
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

const isAirGapped = (item: ResourceRecord) => vaultTypeOf(item, configurationOf(item)) === 'airGapped'

/** Backup vaults, told by kind: the API lists both under one name. */
export const definitions: ResourceDefinition[] = [
  {
    role: 'backup-vault',
    type: 'AWS::Backup::BackupVault',
    names: names('AWS::Backup::BackupVault', ['aws_backup_vault', 'awscc_backup_backup_vault']),
    identity: {
      arn: 'backup:{region}:{account}:backup-vault:{id}',
      cloudformation: 'BackupVaultName',
      terraform: 'name',
    },
    accepts: item => !isAirGapped(item),
    read: readVault,
  },
  {
    role: 'backup-vault',
    type: airGappedType,
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
    accepts: isAirGapped,
    read: readVault,
  },
]

/**
 * AWS Storage Gateway: volumes are data stores, file shares carry data from on premises into S3.
 *
 * - `AWS::StorageGateway::Volume`: `configuration` = element of `storagegateway:DescribeCachediSCSIVolumes`
 *   (`CachediSCSIVolumes[]`) or `DescribeStorediSCSIVolumes` (`StorediSCSIVolumes[]`); id = `VolumeId`.
 *   `supplementary.SnapshotSchedule` = answer of `storagegateway:DescribeSnapshotSchedule`; `null` where it has none.
 * - `AWS::StorageGateway::NFSFileShare`, `AWS::StorageGateway::SMBFileShare`: element of `DescribeNFSFileShares`
 *   (`NFSFileShareInfoList[]`) or `DescribeSMBFileShares` (`SMBFileShareInfoList[]`); id = `FileShareId`.
 *
 * Without a KMS key the service still encrypts what it stores, with S3's own keys; but the EBS snapshots of the volume, which
 * its backups are, are encrypted only where the volume has a KMS key. So `encrypted` here means: with a KMS key.
 * https://docs.aws.amazon.com/storagegateway/latest/APIReference/API_DescribeCachediSCSIVolumes.html
 */
import type { Facts } from '../model/facts.ts'
import type { TransferTask } from '../model/guards.ts'
import type { ResourceRecord } from '../model/record.ts'
import { stackArnOf } from './cloudformation-stacks.ts'
import type { ResourceDefinition } from './definition.ts'
import { absentMeans, at, booleanOr, configurationOf, isAbsent, known, supplementaryOf, textOr } from './evidence.ts'
import {
  everywhere,
  factGroup,
  keptByTemplate,
  noPointInTimeRecovery,
  noReplication,
  settleKeyManager,
} from './native-backup.ts'
import { toBoolean, toNumber, toText, valueAt } from './property.ts'
import { settleDeletionPolicy } from './store-settings.ts'

/** True for a named key (the API tells nothing else) or for a template's flag. */
const hasKey = (value: unknown) => toBoolean(value) ?? (toText(value) === undefined ? undefined : true)

/** The volume's own schedule; its snapshots stay until somebody deletes them. */
function settleSchedule(own: Facts, item: ResourceRecord): void {
  const schedule = supplementaryOf(item, 'SnapshotSchedule')
  if (schedule === undefined) return
  const native = factGroup(own, 'native')
  const hours = toNumber(valueAt(schedule, 'RecurrenceInHours'))
  if (schedule !== null && (hours === undefined || hours <= 0)) return
  native.automatedBackup = schedule !== null
  native.snapshotIntervalHours = hours ?? null
  native.retentionDays = schedule === null ? 0 : null
  native.keepsForever = schedule !== null
  if (schedule === null) native.latestRestorableAgeHours = null
}

/** `EncryptionType` says more than `KMSEncrypted`, and newer answers hold both. */
function isShareEncrypted(item: ResourceRecord): boolean | undefined {
  const configuration = configurationOf(item)
  const type = at(configuration, 'EncryptionType')
  if (!isAbsent(type)) {
    const text = textOr(type, undefined)?.toLowerCase()
    return text === 'ssekms' || text === 'dssekms' ? true : text === 'sses3' ? false : undefined
  }
  const byFlag = booleanOr(at(configuration, 'KMSEncrypted'), null)
  return byFlag === null ? absentMeans(item, { cloudformation: false, terraform: false }) : byFlag
}

function fileShare(type: string, terraform: readonly string[]): ResourceDefinition {
  return {
    role: 'transfer-task',
    type,
    names: { config: [], cloudformation: [type], terraform },
    identity: { arn: 'storagegateway:{region}:{account}:share/{id}' },
    read: item => {
      const configuration = configurationOf(item)
      const encrypted = isShareEncrypted(item)
      return known<TransferTask>({
        kind: 'fileShare',
        arn: item.arn ?? textOr(at(configuration, 'FileShareARN'), undefined),
        // A share moves each write as it comes: it has no schedule, no verification and no runs.
        schedule: null,
        scheduleEnabled: false,
        verifyMode: null,
        logLevel: null,
        lastStatus: null,
        lastExecutionAt: null,
        encrypted,
        keyArn: encrypted === false ? null : textOr(at(configuration, 'KMSKey', 'kms_key_arn'), null),
      })
    },
  }
}

export const definitions: ResourceDefinition[] = [
  {
    role: 'data-store',
    type: 'AWS::StorageGateway::Volume',
    names: {
      config: [],
      cloudformation: ['AWS::StorageGateway::Volume'],
      terraform: ['aws_storagegateway_cached_iscsi_volume', 'aws_storagegateway_stored_iscsi_volume'],
    },
    identity: { arn: 'storagegateway:{region}:{account}:gateway/{within}/volume/{id}', refersByArn: true },
    service: 'Storage Gateway',
    support: {
      awsBackup: true,
      crossRegionCopy: true,
      crossAccountCopy: true,
      continuous: false,
      independentEncryption: false,
      coldStorage: false,
      restoreTesting: false,
      airGapped: true,
    },
    facts: {
      ...noPointInTimeRecovery,
      ...noReplication,
      engine: null,
      deploymentType: { config: 'VolumeType', as: 'string' },
      ageHours: { config: 'CreatedDate', as: 'time' },
      replicaOf: null,
      attached: {
        config: 'VolumeAttachmentStatus',
        as: value => ({ ATTACHED: true, DETACHED: false })[toText(value)?.toUpperCase() ?? ''],
        absent: { cloudformation: true, terraform: true },
      },
      'encryption.encrypted': {
        config: 'KMSKey',
        cloudformation: 'KMSEncrypted',
        terraform: 'kms_encrypted',
        as: hasKey,
        absent: { api: false, cloudformation: false, terraform: false },
      },
      'encryption.keyArn': {
        config: 'KMSKey',
        cloudformation: 'KMSKey',
        terraform: 'kms_key',
        as: 'string',
        absent: everywhere(null),
      },
      'encryption.algorithm': null,
      'encryption.inTransit': null,
      'native.retentionHours': null,
      'native.backtrackHours': null,
      'native.crossRegionCopy': null,
      'native.exported': null,
      'lifecycle.deletionProtection': false,
      'lifecycle.deleteAutomatedBackups': null,
      'lifecycle.finalSnapshot': keptByTemplate,
      'lifecycle.copyTagsToBackups': null,
    },
    derive: (own, item) => {
      settleDeletionPolicy(own, item, false)
      const kind = /_(cached|stored)_iscsi_volume$/.exec(item.type)?.[1]
      if (kind) own.deploymentType = `${kind.toUpperCase()} iSCSI`
      settleSchedule(own, item)
      settleKeyManager(own)
    },
    coveredThrough: stackArnOf,
  },
  fileShare('AWS::StorageGateway::NFSFileShare', ['aws_storagegateway_nfs_file_share']),
  fileShare('AWS::StorageGateway::SMBFileShare', ['aws_storagegateway_smb_file_share']),
]

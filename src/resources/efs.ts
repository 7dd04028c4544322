/**
 * Amazon EFS file systems. "Automatic backups" are a backup plan that AWS makes in the account
 * (`aws/efs/automatic-backup-plan`, daily, kept 35 days unless it was edited), switched by the file system's backup policy.
 *
 * `configuration` (API) = element of `elasticfilesystem:DescribeFileSystems` (`FileSystems[]`); `supplementary.BackupPolicy` =
 * `BackupPolicy` of `elasticfilesystem:DescribeBackupPolicy`, `null` for the error `PolicyNotFound`.
 * `AWS::EFS::ReplicationConfiguration` is our name for an element of `elasticfilesystem:DescribeReplicationConfigurations`
 * (`Replications[]`): a companion of the source file system.
 * https://docs.aws.amazon.com/efs/latest/ug/API_FileSystemDescription.html
 */

import type { Facts } from '../model/facts.ts'
import type { Companion } from '../model/guards.ts'
import type { ResourceRecord } from '../model/record.ts'
import type { ResourceDefinition } from './definition.ts'
import {
  at,
  configurationOf,
  elements,
  isAbsent,
  isDeclared,
  type Place,
  referenceOr,
  supplementaryOf,
  textOr,
} from './evidence.ts'
import { everywhere, factGroup, noPointInTimeRecovery, settleKeyManager } from './native-backup.ts'
import { property, toText } from './property.ts'
import { type Destination, isElsewhere, otherAccount, regionOfArn, replicationOf } from './replication.ts'
import {
  isUnstated,
  noBucketEncryption,
  noFinalSnapshot,
  plainAutomaticBackups,
  settleDeletionPolicy,
  standsAlone,
} from './store-settings.ts'

/** Where the values of Terraform's `aws_efs_backup_policy` stand. */
const policyKey = 'file_system_policy'

/** Whether a backup policy is on. ENABLING is not on yet, nor is it off. */
function isOn(value: unknown): boolean | undefined {
  const status = toText(value)?.toUpperCase()
  return status === 'ENABLED' ? true : status === 'DISABLED' || status === 'DISABLING' ? false : undefined
}

function destinationOf(item: ResourceRecord, destination: Place): Destination {
  const region = textOr(at(destination, 'Region'), undefined) ?? undefined
  const status = textOr(at(destination, 'Status'), null)
  const key = at(destination, 'KmsKeyId')
  const named = referenceOr(key, null)
  const declared = isDeclared(item)
  return {
    kind: 'efs',
    enabled: status === undefined ? undefined : status === null || status === 'ENABLED',
    target: referenceOr(at(destination, 'FileSystemId'), undefined) ?? undefined,
    region,
    account: otherAccount(item, textOr(at(destination, 'OwnerId'), undefined) ?? undefined),
    crossRegion: isElsewhere(item, region),
    // The API does not tell the key of the replica; a template names it, or leaves it to the service's.
    encrypted: declared && named !== undefined ? named !== null : undefined,
    keyArn: declared && !key.unknown ? named : undefined,
  }
}

/** CloudFormation declares replication in the file system itself, Terraform apart; a live item that leaves it out says nothing. */
function settleReplication(own: Facts, item: ResourceRecord): void {
  const group = at(configurationOf(item), 'ReplicationConfiguration')
  if (group.unknown) return
  if (isAbsent(group)) {
    if (isDeclared(item)) own.replication = replicationOf([], true)
    return
  }
  const list = elements(at(group, 'Destinations', 'destination'))
  if (list)
    own.replication = replicationOf(
      list.places.map(place => destinationOf(item, place)),
      !list.partial,
    )
}

function settleBackup(own: Facts, item: ResourceRecord): void {
  const native = factGroup(own, 'native')
  if (item.encoding === 'api' && supplementaryOf(item, 'BackupPolicy') === null) native.automatedBackup = false
  // Of a file system in one Availability Zone EFS switches backups on where nobody says otherwise.
  if (item.encoding === 'terraform' && isUnstated(item, policyKey) && !isUnstated(item, 'availability_zone_name'))
    delete native.automatedBackup
  // How long points are kept stands in the plan, which can be edited.
  if (native.automatedBackup !== false) return
  native.retentionDays = 0
  native.latestRestorableAgeHours = null
}

function readReplication(item: ResourceRecord): Companion | undefined {
  const sourceArn = toText(property(item, 'SourceFileSystemArn'))
  const storeId = sourceArn ?? toText(property(item, 'SourceFileSystemId'))
  if (storeId === undefined) return undefined
  const region = toText(property(item, 'SourceFileSystemRegion')) ?? regionOfArn(sourceArn) ?? item.region
  const source: ResourceRecord = region === undefined ? item : { ...item, region }
  const list = elements(at(configurationOf(source), 'Destinations')) ?? { places: [], partial: true }
  return {
    storeId,
    facts: {
      replication: replicationOf(
        list.places.map(place => destinationOf(source, place)),
        !list.partial,
      ),
    },
  }
}

export const definitions: ResourceDefinition[] = [
  {
    role: 'data-store',
    type: 'AWS::EFS::FileSystem',
    places: {
      'native.automatedBackup': {
        cloudformation: 'BackupPolicy.Status',
        terraform: 'file_system_policy.backup_policy.status',
      },
      replication: { cloudformation: 'ReplicationConfiguration', terraform: 'replication_configuration' },
      'encryption.encrypted': { cloudformation: 'Encrypted', terraform: 'encrypted' },
      'encryption.keyManager': { cloudformation: ['KmsKeyId', 'Encrypted'], terraform: ['kms_key_id', 'encrypted'] },
      classification: { cloudformation: 'FileSystemTags', terraform: 'tags' },
    },
    names: {
      config: ['AWS::EFS::FileSystem'],
      cloudformation: ['AWS::EFS::FileSystem'],
      terraform: ['aws_efs_file_system'],
    },
    identity: { arn: 'elasticfilesystem:{region}:{account}:file-system/{id}' },
    companions: {
      aws_efs_backup_policy: { by: 'file_system_id', as: policyKey },
      aws_efs_replication_configuration: { by: 'source_file_system_id', as: 'replication_configuration' },
    },
    service: 'EFS',
    support: {
      awsBackup: true,
      crossRegionCopy: true,
      crossAccountCopy: true,
      continuous: false,
      independentEncryption: true,
      coldStorage: true,
      restoreTesting: true,
      airGapped: true,
    },
    facts: {
      ...noPointInTimeRecovery,
      ...plainAutomaticBackups,
      ...noBucketEncryption,
      ...standsAlone,
      engine: null,
      deploymentType: null,
      ageHours: { config: 'CreationTime', as: 'time' },
      'encryption.encrypted': {
        config: 'Encrypted',
        cloudformation: 'Encrypted',
        terraform: 'encrypted',
        as: 'boolean',
        absent: { cloudformation: false, terraform: false },
      },
      'encryption.keyArn': {
        config: 'KmsKeyId',
        cloudformation: 'KmsKeyId',
        terraform: 'kms_key_id',
        as: 'string',
        absent: everywhere(null),
      },
      'native.automatedBackup': {
        config: [
          'BackupPolicy.Status',
          'supplementary.BackupPolicy.Status',
          'supplementary.BackupPolicy.BackupPolicy.Status',
        ],
        cloudformation: 'BackupPolicy.Status',
        terraform: `${policyKey}.backup_policy.status`,
        as: isOn,
        absent: { cloudformation: false, terraform: false },
      },
      'lifecycle.deletionProtection': false,
      'lifecycle.deleteAutomatedBackups': null,
      'lifecycle.finalSnapshot': noFinalSnapshot,
      'lifecycle.copyTagsToBackups': null,
    },
    derive: (own, item) => {
      settleBackup(own, item)
      settleKeyManager(own, item.encoding === 'cloudformation' || item.encoding === 'terraform' ? 'aws' : undefined)
      settleReplication(own, item)
      settleDeletionPolicy(own, item, false)
    },
  },
  {
    role: 'companion',
    type: 'AWS::EFS::ReplicationConfiguration',
    names: { config: ['AWS::EFS::ReplicationConfiguration'], cloudformation: [], terraform: [] },
    read: readReplication,
  },
]

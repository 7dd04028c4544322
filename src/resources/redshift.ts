/**
 * Amazon Redshift: provisioned clusters (`AutomatedSnapshotRetentionPeriod` 0 turns automated snapshots off;
 * `pendingModifiedValues` is what will be, not what is) and Redshift Serverless namespaces, whose recovery points are taken
 * by themselves and kept for 24 hours. AWS Backup knows a cluster by its cluster ARN, Redshift itself also by its
 * namespace's.
 *
 * `configuration` (API) = element of `redshift:DescribeClusters` (`Clusters[]`), or `namespace` of
 * `redshift-serverless:GetNamespace` with `supplementary.SnapshotCopyConfigurations` = `snapshotCopyConfigurations` of
 * `redshift-serverless:ListSnapshotCopyConfigurations` for the namespace. AWS Config records no namespaces.
 * https://docs.aws.amazon.com/redshift/latest/APIReference/API_Cluster.html
 */
import type { Facts } from '../model/facts.ts'
import type { ResourceRecord } from '../model/record.ts'
import { companionOrBlock } from './companions.ts'
import type { ResourceDefinition } from './definition.ts'
import {
  at,
  configurationOf,
  elements,
  isAbsent,
  numberOr,
  type Place,
  referenceOr,
  supplementaryOf,
  textOr,
} from './evidence.ts'
import { everywhere, factGroup, noPointInTimeRecovery, settleKeyManager, settleNativeBackup } from './native-backup.ts'
import { property, toList, toNumber, toText, valueAt } from './property.ts'
import { type Destination, isElsewhere, replicationOf } from './replication.ts'
import {
  finalSnapshotUnlessSkipped,
  isUnstated,
  noBucketEncryption,
  noFinalSnapshot,
  plainAutomaticBackups,
  settleDeletionPolicy,
  standsAlone,
} from './store-settings.ts'

/** Where the values of Terraform's `aws_redshift_snapshot_copy` stand. */
const copyKey = 'cluster_snapshot_copy'

/** A cross-Region copy as an item or a template states it; `null` where there is none, `undefined` where that is not known. */
function copyOf(item: ResourceRecord): Destination | null | undefined {
  switch (item.encoding) {
    case 'config':
    case 'api': {
      const status = property(item, 'clusterSnapshotCopyStatus')
      const region = toText(valueAt(status, 'destinationRegion'))
      if (region === undefined) return status === undefined || status === null || isEmpty(status) ? null : undefined
      return copyTo(
        item,
        region,
        toText(valueAt(status, 'snapshotCopyGrantName')) ?? null,
        toNumber(valueAt(status, 'retentionPeriod')),
      )
    }
    case 'cloudformation': {
      if (isUnstated(item, 'DestinationRegion')) return null
      const grant = at(configurationOf(item), 'SnapshotCopyGrantName')
      const retention = numberOr(at(configurationOf(item), 'SnapshotCopyRetentionPeriod'), undefined)
      return copyTo(item, toText(property(item, 'DestinationRegion')), referenceOr(grant, null), retention)
    }
    case 'terraform': {
      // Newer providers declare the copy in a resource of its own.
      const copy = companionOrBlock(item, copyKey, 'snapshot_copy')
      if (!copy) return copy
      const grant = textOr(at(copy, 'snapshot_copy_grant_name', 'grant_name'), null)
      const region = textOr(at(copy, 'destination_region'), undefined)
      return copyTo(item, region, grant, numberOr(at(copy, 'retention_period'), 7))
    }
  }
}

const isEmpty = (value: unknown) => typeof value === 'object' && value !== null && Object.keys(value).length === 0

/** Redshift copies to another Region only. The grant names the key of the copies there, without telling which it is. */
function copyTo(
  item: ResourceRecord,
  region: string | undefined,
  grant: string | null | undefined,
  days: number | undefined,
): Destination {
  return {
    kind: 'redshift-snapshot-copy',
    enabled: true,
    target: null,
    region,
    account: null,
    crossRegion: isElsewhere(item, region) ?? true,
    encrypted: grant === undefined ? undefined : grant !== null,
    keyArn: grant === null ? null : undefined,
    retentionDays: days === undefined || days < 0 ? undefined : days,
  }
}

function settleCopy(own: Facts, item: ResourceRecord): void {
  const copy = copyOf(item)
  if (copy === undefined) return
  factGroup(own, 'native').crossRegionCopy = copy !== null
  own.replication = replicationOf(copy ? [copy] : [], true)
}

/** A schedule that is named replaces the service's own rhythm; what it says stands elsewhere. */
function settleSchedule(own: Facts, item: ResourceRecord): void {
  const isLive = item.encoding === 'config' || item.encoding === 'api'
  // In templates the schedule is tied to the cluster by a resource of its own.
  if (!isLive || !isUnstated(item, 'snapshotScheduleIdentifier')) delete factGroup(own, 'native').snapshotIntervalHours
}

function settleClusterEncryption(own: Facts, item: ResourceRecord): void {
  // New clusters are encrypted unless asked otherwise; one restored from a snapshot takes over what the snapshot had.
  if (item.encoding === 'cloudformation' && isUnstated(item, 'Encrypted') && isUnstated(item, 'SnapshotIdentifier'))
    factGroup(own, 'encryption').encrypted = true
  settleKeyManager(own)
}

const awsOwnedKey = 'AWS_OWNED_KMS_KEY'

function keyUnlessAwsOwned(value: unknown): string | null | undefined {
  return value === awsOwnedKey ? null : toText(value)
}

/** Copies of a namespace's snapshots; `undefined` where the item does not tell. */
function namespaceCopies(item: ResourceRecord): { places: Place[]; partial: boolean } | undefined {
  if (item.encoding === 'cloudformation') {
    const place = at(configurationOf(item), 'SnapshotCopyConfigurations')
    return isAbsent(place) ? { places: [], partial: false } : elements(place)
  }
  if (item.encoding === 'terraform') return undefined
  const read = supplementaryOf(item, 'SnapshotCopyConfigurations') ?? property(item, 'snapshotCopyConfigurations')
  const value = read === null ? [] : (toList(read) ?? toList(valueAt(read, 'snapshotCopyConfigurations')))
  return value ? elements({ item, value, path: '', unknown: false }) : undefined
}

function settleNamespaceCopies(own: Facts, item: ResourceRecord): void {
  const copies = namespaceCopies(item)
  if (!copies) return
  const destinations = copies.places.map((place): Destination => {
    const region = textOr(at(place, 'DestinationRegion'), undefined)
    const keyPlace = at(place, 'DestinationKmsKeyId')
    const key = referenceOr(keyPlace, null)
    const named = key === undefined ? undefined : key !== null && key !== awsOwnedKey
    const days = numberOr(at(place, 'SnapshotRetentionPeriod'), undefined)
    return {
      ...copyTo(item, region, null, days),
      encrypted: named,
      keyArn: named === false ? null : keyPlace.unknown ? undefined : key,
    }
  })
  if (destinations.length > 0 || !copies.partial) factGroup(own, 'native').crossRegionCopy = destinations.length > 0
  own.replication = replicationOf(destinations, !copies.partial)
}

/** AWS Backup takes and restores backups of both, and no more. */
const plainSupport = {
  awsBackup: true,
  crossRegionCopy: false,
  crossAccountCopy: false,
  continuous: false,
  independentEncryption: false,
  coldStorage: false,
  restoreTesting: false,
  airGapped: false,
}

export const definitions: ResourceDefinition[] = [
  {
    role: 'data-store',
    type: 'AWS::Redshift::Cluster',
    places: {
      'native.crossRegionCopy': {
        cloudformation: 'DestinationRegion',
        terraform: ['cluster_snapshot_copy.destination_region', 'snapshot_copy'],
      },
      'lifecycle.finalSnapshot': { cloudformation: 'DeletionPolicy', terraform: 'skip_final_snapshot' },
      'encryption.encrypted': { cloudformation: 'Encrypted', terraform: 'encrypted' },
      'encryption.keyManager': { cloudformation: ['KmsKeyId', 'Encrypted'], terraform: ['kms_key_id', 'encrypted'] },
      classification: { cloudformation: ['Tags'], terraform: ['tags'] },
    },
    names: {
      config: ['AWS::Redshift::Cluster'],
      cloudformation: ['AWS::Redshift::Cluster'],
      terraform: ['aws_redshift_cluster'],
    },
    identity: {
      arn: 'redshift:{region}:{account}:cluster:{id}',
      cloudformation: 'ClusterIdentifier',
      terraform: 'cluster_identifier',
      lowerCase: true,
    },
    companions: { aws_redshift_snapshot_copy: { by: 'cluster_identifier', as: copyKey } },
    service: 'Redshift',
    support: plainSupport,
    facts: {
      ...noPointInTimeRecovery,
      ...plainAutomaticBackups,
      ...noBucketEncryption,
      ...standsAlone,
      engine: null,
      deploymentType: 'provisioned',
      ageHours: { config: 'clusterCreateTime', as: 'time' },
      'encryption.encrypted': {
        config: 'encrypted',
        cloudformation: 'Encrypted',
        terraform: 'encrypted',
        as: 'boolean',
        // The Terraform provider's default changed between its versions: not known here.
      },
      'encryption.keyArn': {
        config: 'kmsKeyId',
        cloudformation: 'KmsKeyId',
        terraform: 'kms_key_id',
        as: keyUnlessAwsOwned,
        absent: everywhere(null),
      },
      'native.retentionDays': {
        config: 'automatedSnapshotRetentionPeriod',
        cloudformation: 'AutomatedSnapshotRetentionPeriod',
        terraform: 'automated_snapshot_retention_period',
        as: 'number',
        absent: { cloudformation: 1, terraform: 1 },
      },
      'native.crossRegionCopy': {},
      'lifecycle.deletionProtection': false,
      'lifecycle.deleteAutomatedBackups': null,
      'lifecycle.finalSnapshot': finalSnapshotUnlessSkipped,
      'lifecycle.copyTagsToBackups': null,
    },
    derive: (own, item) => {
      settleSchedule(own, item)
      settleNativeBackup(own, undefined)
      settleClusterEncryption(own, item)
      settleCopy(own, item)
      settleDeletionPolicy(own, item, false)
    },
    otherArns: item => {
      const namespace = toText(property(item, 'clusterNamespaceArn'))
      return namespace === undefined ? [] : [namespace]
    },
  },
  {
    role: 'data-store',
    type: 'AWS::RedshiftServerless::Namespace',
    names: {
      config: [],
      cloudformation: ['AWS::RedshiftServerless::Namespace'],
      terraform: ['aws_redshiftserverless_namespace'],
    },
    identity: {
      arn: 'redshift-serverless:{region}:{account}:namespace/{made}',
      cloudformation: 'NamespaceName',
      terraform: 'namespace_name',
    },
    service: 'Redshift Serverless',
    support: plainSupport,
    facts: {
      ...noPointInTimeRecovery,
      ...plainAutomaticBackups,
      ...noBucketEncryption,
      ...standsAlone,
      engine: null,
      deploymentType: 'serverless',
      ageHours: { config: 'creationDate', as: 'time' },
      'encryption.encrypted': true,
      'encryption.keyArn': {
        config: 'kmsKeyId',
        cloudformation: 'KmsKeyId',
        terraform: 'kms_key_id',
        as: keyUnlessAwsOwned,
        absent: everywhere(null),
      },
      'native.automatedBackup': true,
      'native.retentionDays': 1,
      'native.crossRegionCopy': {},
      'lifecycle.deletionProtection': false,
      'lifecycle.deleteAutomatedBackups': null,
      'lifecycle.finalSnapshot': noFinalSnapshot,
      'lifecycle.copyTagsToBackups': null,
    },
    derive: (own, item) => {
      settleKeyManager(own, 'awsOwned')
      settleNamespaceCopies(own, item)
      settleDeletionPolicy(own, item, false)
      if (item.encoding === 'cloudformation' && toText(property(item, 'FinalSnapshotName')) !== undefined)
        factGroup(own, 'lifecycle').finalSnapshot = true
    },
  },
]

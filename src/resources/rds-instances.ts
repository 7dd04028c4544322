/**
 * Amazon RDS DB instances. Members of Aurora, Multi-AZ, DocumentDB and Neptune clusters are judged as their cluster; a read
 * replica is a store of its own whose retention may be 0. AWS Config: `AWS::RDS::DBInstance`, resourceId = DbiResourceId.
 * `pendingModifiedValues` is what will be, not what is, and is not read.
 *
 * `configuration` (API) = element of `rds:DescribeDBInstances` (`DBInstances[]`).
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html
 */
import type { Facts } from '../model/facts.ts'
import type { ResourceRecord } from '../model/record.ts'
import { companionsAt } from './companions.ts'
import type { ResourceDefinition } from './definition.ts'
import { at, nothingElse, numberOr, type Place, textOr } from './evidence.ts'
import { factGroup, noPointInTimeRecovery, settleKeyManager, settleNativeBackup } from './native-backup.ts'
import { property, toList, toText, valueAt } from './property.ts'
import { accountOfArn, type Destination, isElsewhere, otherAccount, regionOfArn, replicationOf } from './replication.ts'
import {
  finalSnapshotUnlessSkipped,
  forgetInherited,
  isUnstated,
  noBucketEncryption,
  plainAutomaticBackups,
  reference,
  settleDeletionPolicy,
} from './store-settings.ts'

/** Where the values of `aws_db_instance_automated_backups_replication` stand. */
const replicationKey = 'automated_backups_replication'

/** Types whose instances are always members of a cluster. */
const memberTypes = new Set([
  'AWS::DocDB::DBInstance',
  'AWS::Neptune::DBInstance',
  'aws_rds_cluster_instance',
  'aws_docdb_cluster_instance',
  'aws_neptune_cluster_instance',
])

/** What a template makes an instance out of: it then takes over the settings of its source. */
const madeFrom = {
  cloudformation: [
    'DBSnapshotIdentifier',
    'DBClusterSnapshotIdentifier',
    'SourceDBInstanceIdentifier',
    'SourceDBClusterIdentifier',
    'SourceDbiResourceId',
    'SourceDBInstanceAutomatedBackupsArn',
  ],
  terraform: ['snapshot_identifier', 'replicate_source_db', 'restore_to_point_in_time', 's3_import'],
} as const

function settleInherited(own: Facts, item: ResourceRecord): void {
  const inTerraform = item.encoding === 'terraform'
  if (!inTerraform && item.encoding !== 'cloudformation') return
  const [encrypted, key, retention] = inTerraform
    ? ['storage_encrypted', 'kms_key_id', 'backup_retention_period']
    : ['StorageEncrypted', 'KmsKeyId', 'BackupRetentionPeriod']
  const isMade = forgetInherited(own, item, madeFrom[inTerraform ? 'terraform' : 'cloudformation'], [
    ['encryption', 'encrypted', encrypted],
    ['encryption', 'keyArn', key],
    ['native', 'retentionDays', retention],
  ])
  // Read replicas are created without automated backups, whatever their source has.
  const isReplica = inTerraform
    ? !isUnstated(item, 'replicate_source_db')
    : !isUnstated(item, 'SourceDBInstanceIdentifier', 'SourceDBClusterIdentifier')
  if (isMade && isReplica && isUnstated(item, retention)) factGroup(own, 'native').retentionDays = 0
}

function settleReplication(own: Facts, item: ResourceRecord): void {
  if (item.encoding === 'terraform') {
    const { places, partial } = companionsAt(item, replicationKey)
    own.replication = replicationOf(places.map(terraformReplication), !partial)
    return
  }
  const destinations = item.encoding === 'cloudformation' ? declaredReplication(item) : liveReplication(item)
  // An item lists its replications whether or not there are any; without the list nothing is known.
  if (destinations) own.replication = replicationOf(destinations, true)
}

/** `aws_db_instance_automated_backups_replication`, which lies in the Region that it replicates to. */
function terraformReplication(place: Place): Destination {
  const region = textOr(at(place, 'region'), undefined)
  const key = textOr(at(place, 'kms_key_id'), null)
  return {
    kind: 'rds-automated-backups',
    enabled: true,
    target: null,
    region,
    account: null,
    crossRegion: isElsewhere(place.item, region) ?? true,
    encrypted: key === undefined ? undefined : key !== null,
    keyArn: key,
    retentionDays: numberOr(at(place, 'retention_period'), 7),
  }
}

function liveReplication(item: ResourceRecord): Destination[] | undefined {
  return toList(property(item, 'dBInstanceAutomatedBackupsReplications'))?.map(entry => {
    const target = toText(valueAt(entry, 'dBInstanceAutomatedBackupsArn'))
    const region = regionOfArn(target)
    return {
      kind: 'rds-automated-backups',
      enabled: true,
      target,
      region: region ?? null,
      account: otherAccount(item, accountOfArn(target)),
      // RDS replicates automated backups to another Region only.
      crossRegion: isElsewhere(item, region) ?? true,
      // The item tells neither the key nor the retention of the replica.
      retentionDays: undefined,
    }
  })
}

function declaredReplication(item: ResourceRecord): Destination[] | undefined {
  if (isUnstated(item, 'AutomaticBackupReplicationRegion')) return []
  const region = toText(property(item, 'AutomaticBackupReplicationRegion'))
  const key = property(item, 'AutomaticBackupReplicationKmsKeyId')
  const retention = property(item, 'AutomaticBackupReplicationRetentionPeriod')
  const hasKey = !isUnstated(item, 'AutomaticBackupReplicationKmsKeyId')
  return [
    {
      kind: 'rds-automated-backups',
      enabled: true,
      target: null,
      region,
      account: null,
      crossRegion: isElsewhere(item, region) ?? true,
      encrypted: hasKey ? (key === undefined || key === null ? undefined : true) : false,
      keyArn: hasKey ? toText(key) : null,
      retentionDays: typeof retention === 'number' ? retention : undefined,
    },
  ]
}

const clusterPath = (item: ResourceRecord) =>
  item.encoding === 'terraform' ? 'cluster_identifier' : 'DBClusterIdentifier'

/** The cluster that the instance is a member of; `undefined` where it is one and the cluster is not known. */
function clusterOf(item: ResourceRecord): string | null | undefined {
  // Only its replication is known: automated backups are replicated of instances outside clusters.
  if (item.unknown?.includes(nothingElse)) return null
  const cluster = property(item, clusterPath(item))
  const named = reference(cluster, item)
  if (typeof named === 'string') return named
  const isMember =
    !isUnstated(item, clusterPath(item)) ||
    memberTypes.has(item.type) ||
    (hasClusterEngine(item) && !isDeclaredAlone(item))
  return isMember ? undefined : null
}

/**
 * A template that puts an instance into no cluster declares a store of its own, whatever its engine: AWS may refuse to make it,
 * and nothing else would be judged in its place. What exists is a member, though Terraform's state does not say of what.
 */
function isDeclaredAlone(item: ResourceRecord): boolean {
  if (item.encoding === 'cloudformation') return true
  return item.encoding === 'terraform' && typeof property(item, 'resource_id') !== 'string'
}

/** Engines that run in clusters only. */
function hasClusterEngine(item: ResourceRecord): boolean {
  return /^(aurora|docdb$|neptune$)/.test(toText(property(item, 'engine')) ?? '')
}

export const definitions: ResourceDefinition[] = [
  {
    role: 'data-store',
    type: 'AWS::RDS::DBInstance',
    places: {
      'lifecycle.finalSnapshot': { cloudformation: 'DeletionPolicy', terraform: 'skip_final_snapshot' },
      'encryption.encrypted': { cloudformation: 'StorageEncrypted', terraform: 'storage_encrypted' },
      'encryption.keyManager': {
        cloudformation: ['KmsKeyId', 'StorageEncrypted'],
        terraform: ['kms_key_id', 'storage_encrypted'],
      },
      replication: { cloudformation: 'AutomaticBackupReplicationRegion', terraform: 'automated_backups_replication' },
      classification: { cloudformation: ['Tags'], terraform: ['tags'] },
    },
    names: {
      config: ['AWS::RDS::DBInstance'],
      cloudformation: ['AWS::RDS::DBInstance', 'AWS::DocDB::DBInstance', 'AWS::Neptune::DBInstance'],
      terraform: [
        'aws_db_instance',
        'aws_rds_cluster_instance',
        'aws_docdb_cluster_instance',
        'aws_neptune_cluster_instance',
      ],
    },
    identity: {
      arn: 'rds:{region}:{account}:db:{id}',
      cloudformation: 'DBInstanceIdentifier',
      terraform: 'identifier',
      lowerCase: true,
    },
    companions: {
      aws_db_instance_automated_backups_replication: {
        by: 'source_db_instance_arn',
        as: replicationKey,
        many: true,
        standsAlone: true,
      },
    },
    service: 'RDS',
    support: {
      awsBackup: true,
      crossRegionCopy: true,
      crossAccountCopy: true,
      continuous: true,
      independentEncryption: false,
      coldStorage: false,
      restoreTesting: true,
      airGapped: false,
    },
    facts: {
      ...noPointInTimeRecovery,
      ...plainAutomaticBackups,
      ...noBucketEncryption,
      engine: { config: 'engine', cloudformation: 'Engine', terraform: 'engine', as: 'string' },
      deploymentType: null,
      ageHours: { config: 'instanceCreateTime', as: 'time' },
      replicaOf: {
        config: ['readReplicaSourceDBInstanceIdentifier', 'readReplicaSourceDBClusterIdentifier'],
        cloudformation: ['SourceDBInstanceIdentifier', 'SourceDBClusterIdentifier'],
        terraform: 'replicate_source_db',
        as: reference,
        absent: { config: null, api: null, cloudformation: null, terraform: null },
      },
      attached: true,
      'encryption.encrypted': {
        config: 'storageEncrypted',
        cloudformation: 'StorageEncrypted',
        terraform: 'storage_encrypted',
        as: 'boolean',
        absent: { cloudformation: false, terraform: false },
      },
      'encryption.keyArn': {
        config: 'kmsKeyId',
        cloudformation: 'KmsKeyId',
        terraform: 'kms_key_id',
        as: 'string',
        absent: { config: null, api: null, cloudformation: null, terraform: null },
      },
      'native.retentionDays': {
        config: 'backupRetentionPeriod',
        cloudformation: 'BackupRetentionPeriod',
        terraform: 'backup_retention_period',
        as: 'number',
        // CloudFormation's default is the API's (1); the Terraform provider's is 0.
        absent: { cloudformation: 1, terraform: 0 },
      },
      'native.latestRestorableAgeHours': { config: 'latestRestorableTime', as: 'time' },
      'lifecycle.deletionProtection': {
        config: 'deletionProtection',
        cloudformation: 'DeletionProtection',
        terraform: 'deletion_protection',
        as: 'boolean',
        absent: { cloudformation: false, terraform: false },
      },
      'lifecycle.deleteAutomatedBackups': {
        cloudformation: 'DeleteAutomatedBackups',
        terraform: 'delete_automated_backups',
        as: 'boolean',
        absent: { config: null, api: null, cloudformation: true, terraform: true },
      },
      'lifecycle.finalSnapshot': finalSnapshotUnlessSkipped,
      'lifecycle.copyTagsToBackups': {
        config: 'copyTagsToSnapshot',
        cloudformation: 'CopyTagsToSnapshot',
        terraform: 'copy_tags_to_snapshot',
        as: 'boolean',
        absent: { cloudformation: false, terraform: false },
      },
    },
    derive: (own, item) => {
      settleInherited(own, item)
      settleNativeBackup(own, undefined)
      // Without a key of the customer's RDS uses `alias/aws/rds`; a live item always names the key.
      settleKeyManager(own, item.encoding === 'cloudformation' || item.encoding === 'terraform' ? 'aws' : undefined)
      settleDeletionPolicy(own, item, true)
      settleReplication(own, item)
      // The setting has no effect on instances of such engines: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
      if (!memberTypes.has(item.type) && hasClusterEngine(item)) factGroup(own, 'lifecycle').copyTagsToBackups = false
    },
    judgedAs: clusterOf,
    notAStore: item =>
      clusterOf(item) === undefined ? 'a member of a cluster, which holds the data and is judged in its place' : null,
  },
]

/**
 * Clusters behind the RDS API and their kin.
 *
 * - `AWS::RDS::DBCluster`: Aurora, and RDS Multi-AZ DB clusters (engine `mysql` or `postgres`), told apart by engine.
 * - `AWS::DocDB::DBCluster`, `AWS::Neptune::DBCluster`: AWS Config files them under `AWS::RDS::DBCluster`; the engine tells.
 * - `AWS::DocDBElastic::Cluster`, `AWS::DSQL::Cluster`: APIs of their own, not in AWS Config.
 * - `AWS::RDS::GlobalCluster`: no store; it tells where the primary of a global database replicates to.
 *
 * `configuration` (API) = element of `rds:DescribeDBClusters` (`DBClusters[]`; of the DocumentDB and Neptune APIs too),
 * `rds:DescribeGlobalClusters` (`GlobalClusters[]`), `docdb-elastic:GetCluster` (`cluster`), answer of `dsql:GetCluster`.
 * Automated backups of all four engines reach back to any second of their retention and cannot be turned off.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBCluster.html
 */

import type { Facts } from '../model/facts.ts'
import type { Companion } from '../model/guards.ts'
import type { ResourceRecord } from '../model/record.ts'
import type { BackupSupport, PropertySource, ResourceDefinition, StoreDefinition } from './definition.ts'
import {
  everywhere,
  factGroup,
  noNativeBackup,
  noPointInTimeRecovery,
  notInAwsBackup,
  settleKeyManager,
  settleNativeBackup,
} from './native-backup.ts'
import { property, toBoolean, toList, toNumber, toText, valueAt } from './property.ts'
import { accountOfArn, type Destination, isElsewhere, otherAccount, regionOfArn, replicationOf } from './replication.ts'
import {
  finalSnapshotUnlessSkipped,
  forgetInherited,
  noBucketEncryption,
  noFinalSnapshot,
  plainAutomaticBackups,
  reference,
  settleDeletionPolicy,
  standsAlone,
} from './store-settings.ts'

/** What sources call a cluster of the RDS API, whatever its engine. */
const sharedTypes = new Set(['AWS::RDS::DBCluster', 'aws_rds_cluster'])

const engineOf = (item: ResourceRecord) => toText(property(item, 'engine'))?.toLowerCase()

const isAurora = (engine: unknown) => typeof engine === 'string' && engine.startsWith('aurora')
const isMultiAz = (engine: unknown) => engine === 'mysql' || engine === 'postgres'
/** Aurora MySQL, the only engine that can be rewound in place; `aurora` is its first version. */
const canBacktrack = (engine: unknown) => engine === 'aurora' || engine === 'aurora-mysql'

/** What AWS Backup can do for every engine of the RDS API alike. */
const everyEngine: BackupSupport = { awsBackup: true, independentEncryption: false, coldStorage: false }

const auroraSupport: BackupSupport = {
  ...everyEngine,
  crossRegionCopy: true,
  crossAccountCopy: true,
  continuous: true,
  restoreTesting: true,
  airGapped: true,
}

/** Multi-AZ DB clusters: AWS Backup neither copies them nor keeps them continuously. */
const multiAzSupport: BackupSupport = {
  ...everyEngine,
  crossRegionCopy: false,
  crossAccountCopy: false,
  continuous: false,
  airGapped: false,
}

const documentSupport: BackupSupport = {
  ...everyEngine,
  crossRegionCopy: true,
  crossAccountCopy: true,
  continuous: false,
  restoreTesting: true,
  airGapped: false,
}

const clusterFacts: StoreDefinition['facts'] = {
  ...noPointInTimeRecovery,
  ...plainAutomaticBackups,
  ...noBucketEncryption,
  ageHours: { config: 'clusterCreateTime', as: 'time' },
  replicaOf: {
    config: 'replicationSourceIdentifier',
    cloudformation: 'ReplicationSourceIdentifier',
    terraform: 'replication_source_identifier',
    as: reference,
    absent: everywhere(null),
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
    terraform: ['kms_key_id', 'kms_key_arn'],
    as: 'string',
    absent: everywhere(null),
  },
  'native.retentionDays': {
    config: 'backupRetentionPeriod',
    cloudformation: 'BackupRetentionPeriod',
    terraform: 'backup_retention_period',
    as: 'number',
    absent: { cloudformation: 1, terraform: 1 },
  },
  'native.latestRestorableAgeHours': { config: 'latestRestorableTime', as: 'time' },
  'lifecycle.deletionProtection': {
    config: 'deletionProtection',
    cloudformation: 'DeletionProtection',
    terraform: 'deletion_protection',
    as: 'boolean',
    absent: { cloudformation: false, terraform: false },
  },
  'lifecycle.deleteAutomatedBackups': null,
  'lifecycle.finalSnapshot': finalSnapshotUnlessSkipped,
}

const copiesTags: PropertySource = {
  config: 'copyTagsToSnapshot',
  cloudformation: 'CopyTagsToSnapshot',
  terraform: 'copy_tags_to_snapshot',
  as: 'boolean',
  absent: { cloudformation: false, terraform: false },
}

/** What a template makes a cluster out of: it then takes over the settings of its source. */
const madeFrom = {
  cloudformation: [
    'SnapshotIdentifier',
    'SourceDBClusterIdentifier',
    'ReplicationSourceIdentifier',
    'GlobalClusterIdentifier',
  ],
  terraform: [
    'snapshot_identifier',
    'restore_to_point_in_time',
    's3_import',
    'replication_source_identifier',
    'global_cluster_identifier',
  ],
} as const

const isDeclared = (item: ResourceRecord): item is ResourceRecord & { encoding: 'cloudformation' | 'terraform' } =>
  item.encoding === 'cloudformation' || item.encoding === 'terraform'

function settleCluster(own: Facts, item: ResourceRecord): void {
  if (isDeclared(item)) {
    const [encrypted, keys, retention] =
      item.encoding === 'terraform'
        ? ['storage_encrypted', ['kms_key_id', 'kms_key_arn'], 'backup_retention_period']
        : ['StorageEncrypted', ['KmsKeyId'], 'BackupRetentionPeriod']
    const isMade = forgetInherited(own, item, madeFrom[item.encoding], [
      ['encryption', 'encrypted', encrypted],
      ['native', 'retentionDays', retention],
    ])
    if (isMade && factGroup(own, 'encryption').keyArn === null) forgetKey(own, item, keys)
    // No cluster of this API is without automated backups, so that the least retention is a day.
    if (isMade && factGroup(own, 'native').retentionDays === undefined) {
      factGroup(own, 'native').retentionDays = { $atLeast: 1 }
      factGroup(own, 'native').automatedBackup = true
    }
  }
  settleNativeBackup(own, undefined)
  settleKeyManager(own, isDeclared(item) ? 'aws' : undefined)
}

function forgetKey(own: Facts, item: ResourceRecord, paths: readonly string[]): void {
  if (paths.every(path => toText(property(item, path)) === undefined)) delete factGroup(own, 'encryption').keyArn
}

function settleEngine(own: Facts, item: ResourceRecord): void {
  const native = factGroup(own, 'native')
  const engine = own.engine
  if (isMultiAz(engine)) {
    own.deploymentType = 'MultiAZCluster'
    own.replication = replicationOf([], true)
  } else if (!isAurora(engine)) delete own.deploymentType
  else if (isDeclared(item) && own.deploymentType === 'serverless') {
    // Aurora Serverless v1 cannot be without encryption.
    factGroup(own, 'encryption').encrypted = true
  }
  if (typeof engine !== 'string') delete native.backtrackHours
  else if (!canBacktrack(engine)) native.backtrackHours = null
}

function secondsToHours(value: unknown): number | undefined {
  const seconds = toNumber(value)
  return seconds === undefined || seconds < 0 ? undefined : seconds / 3600
}

/** The primary of a global database, and where the others lie. Needs `GlobalClusterMembers`, which only the API tells. */
function readGlobalCluster(item: ResourceRecord): Companion | undefined {
  const members = toList(property(item, 'GlobalClusterMembers'))
  if (!members) return undefined
  const writer = members.find(member => toBoolean(valueAt(member, 'IsWriter')) === true)
  const storeId = toText(valueAt(writer, 'DBClusterArn'))
  if (storeId === undefined) return undefined
  const place = { ...item, region: regionOfArn(storeId) ?? item.region, account: accountOfArn(storeId) ?? item.account }
  const destinations: Destination[] = []
  for (const member of members) {
    const target = toText(valueAt(member, 'DBClusterArn'))
    if (target === storeId) continue
    const region = regionOfArn(target)
    destinations.push({
      kind: 'aurora-global',
      enabled: true,
      target,
      region,
      account: otherAccount(place, accountOfArn(target)),
      crossRegion: isElsewhere(place, region),
    })
  }
  return { storeId, facts: { replication: replicationOf(destinations, true) } }
}

/** A cluster whose key AWS owns is answered with this word in the key's place. */
const awsOwnedKey = 'AWS_OWNED_KMS_KEY'

function keyUnlessAwsOwned(value: unknown): string | null | undefined {
  return value === awsOwnedKey ? null : toText(value)
}

/** Where the peers of a multi-Region DSQL cluster lie; the list may name the cluster itself. */
function settlePeers(own: Facts, item: ResourceRecord): void {
  const path = item.encoding === 'terraform' ? 'multi_region_properties' : 'multiRegionProperties'
  const clusters = property(item, `${path}.clusters`)
  if (clusters === undefined || clusters === null) {
    // An answer without the group is that of a cluster in one Region; a template may add its peer in another resource.
    if (item.encoding === 'api' && !property(item, path)) own.replication = replicationOf([], true)
    return
  }
  const destinations: Destination[] = (toList(clusters) ?? []).flatMap(cluster => {
    const target = toText(cluster)
    const region = regionOfArn(target)
    if (target !== undefined && (target === item.arn || (region !== undefined && region === item.region))) return []
    return [
      {
        kind: 'dsql-peer' as const,
        enabled: true,
        target,
        region,
        account: otherAccount(item, accountOfArn(target)),
        crossRegion: isElsewhere(item, region),
      },
    ]
  })
  own.replication = replicationOf(destinations, item.encoding === 'api')
}

export const definitions: ResourceDefinition[] = [
  {
    role: 'data-store',
    type: 'AWS::RDS::DBCluster',
    places: {
      'lifecycle.finalSnapshot': { cloudformation: 'DeletionPolicy', terraform: 'skip_final_snapshot' },
      'encryption.encrypted': { cloudformation: 'StorageEncrypted', terraform: 'storage_encrypted' },
      'encryption.keyManager': {
        cloudformation: ['KmsKeyId', 'StorageEncrypted'],
        terraform: ['kms_key_id', 'storage_encrypted'],
      },
      classification: { cloudformation: ['Tags'], terraform: ['tags'] },
    },
    names: {
      config: ['AWS::RDS::DBCluster'],
      cloudformation: ['AWS::RDS::DBCluster'],
      terraform: ['aws_rds_cluster'],
    },
    identity: {
      arn: 'rds:{region}:{account}:cluster:{id}',
      cloudformation: 'DBClusterIdentifier',
      terraform: 'cluster_identifier',
      lowerCase: true,
    },
    accepts: item => !['docdb', 'neptune'].includes(engineOf(item) ?? ''),
    service: own => (isAurora(own.engine) ? 'Aurora' : isMultiAz(own.engine) ? 'RDS' : undefined),
    support: own => (isAurora(own.engine) ? auroraSupport : isMultiAz(own.engine) ? multiAzSupport : everyEngine),
    facts: {
      ...clusterFacts,
      engine: {
        config: 'engine',
        cloudformation: 'Engine',
        terraform: 'engine',
        as: value => toText(value)?.toLowerCase(),
      },
      deploymentType: {
        config: 'engineMode',
        cloudformation: 'EngineMode',
        terraform: 'engine_mode',
        as: 'string',
        absent: { cloudformation: 'provisioned', terraform: 'provisioned' },
      },
      'native.backtrackHours': {
        config: 'backtrackWindow',
        cloudformation: 'BacktrackWindow',
        terraform: 'backtrack_window',
        as: secondsToHours,
        // Items of clusters without backtracking leave the window out.
        absent: everywhere(0),
      },
      'lifecycle.deleteAutomatedBackups': {
        cloudformation: 'DeleteAutomatedBackups',
        terraform: 'delete_automated_backups',
        as: 'boolean',
        absent: { config: null, api: null, cloudformation: true, terraform: true },
      },
      'lifecycle.copyTagsToBackups': copiesTags,
    },
    derive: (own, item) => {
      settleEngine(own, item)
      settleCluster(own, item)
      settleDeletionPolicy(own, item, true)
    },
  },
  {
    role: 'data-store',
    type: 'AWS::DocDB::DBCluster',
    places: {
      'lifecycle.finalSnapshot': { cloudformation: 'DeletionPolicy', terraform: 'skip_final_snapshot' },
      'encryption.encrypted': { cloudformation: 'StorageEncrypted', terraform: 'storage_encrypted' },
      'encryption.keyManager': {
        cloudformation: ['KmsKeyId', 'StorageEncrypted'],
        terraform: ['kms_key_id', 'storage_encrypted'],
      },
      classification: { cloudformation: ['Tags'], terraform: ['tags'] },
    },
    names: {
      config: ['AWS::RDS::DBCluster'],
      cloudformation: ['AWS::DocDB::DBCluster', 'AWS::RDS::DBCluster'],
      terraform: ['aws_docdb_cluster', 'aws_rds_cluster'],
    },
    identity: {
      arn: 'rds:{region}:{account}:cluster:{id}',
      cloudformation: 'DBClusterIdentifier',
      terraform: 'cluster_identifier',
      lowerCase: true,
    },
    accepts: item => !sharedTypes.has(item.type) || engineOf(item) === 'docdb',
    service: 'DocumentDB',
    support: documentSupport,
    facts: {
      ...clusterFacts,
      engine: 'docdb',
      deploymentType: null,
      'lifecycle.copyTagsToBackups': { ...copiesTags, absent: everywhere(null) },
    },
    derive: (own, item) => {
      settleCluster(own, item)
      settleDeletionPolicy(own, item, item.type === 'AWS::RDS::DBCluster')
    },
  },
  {
    role: 'data-store',
    type: 'AWS::Neptune::DBCluster',
    places: {
      'lifecycle.finalSnapshot': { cloudformation: 'DeletionPolicy', terraform: 'skip_final_snapshot' },
      'encryption.encrypted': { cloudformation: 'StorageEncrypted', terraform: 'storage_encrypted' },
      'encryption.keyManager': {
        cloudformation: ['KmsKeyId', 'StorageEncrypted'],
        terraform: ['kms_key_arn', 'kms_key_id', 'storage_encrypted'],
      },
      classification: { cloudformation: ['Tags'], terraform: ['tags'] },
    },
    names: {
      config: ['AWS::RDS::DBCluster'],
      cloudformation: ['AWS::Neptune::DBCluster', 'AWS::RDS::DBCluster'],
      terraform: ['aws_neptune_cluster', 'aws_rds_cluster'],
    },
    identity: {
      arn: 'rds:{region}:{account}:cluster:{id}',
      cloudformation: 'DBClusterIdentifier',
      terraform: 'cluster_identifier',
      lowerCase: true,
    },
    accepts: item => !sharedTypes.has(item.type) || engineOf(item) === 'neptune',
    service: 'Neptune',
    support: documentSupport,
    facts: {
      ...clusterFacts,
      engine: 'neptune',
      deploymentType: null,
      'lifecycle.copyTagsToBackups': copiesTags,
    },
    derive: (own, item) => {
      settleCluster(own, item)
      settleDeletionPolicy(own, item, item.type === 'AWS::RDS::DBCluster')
    },
  },
  {
    role: 'data-store',
    type: 'AWS::DocDBElastic::Cluster',
    names: { config: [], cloudformation: ['AWS::DocDBElastic::Cluster'], terraform: ['aws_docdbelastic_cluster'] },
    identity: { arn: 'docdb-elastic:{region}:{account}:cluster/{id}', refersByArn: true },
    // AWS Backup's list of resources knows DocumentDB's instance-based clusters only.
    service: null,
    support: notInAwsBackup,
    facts: {
      ...noPointInTimeRecovery,
      ...plainAutomaticBackups,
      ...noBucketEncryption,
      ...standsAlone,
      engine: null,
      deploymentType: null,
      ageHours: { config: 'createTime', as: 'time' },
      'encryption.encrypted': true,
      'encryption.keyArn': {
        config: 'kmsKeyId',
        cloudformation: 'KmsKeyId',
        terraform: 'kms_key_id',
        as: keyUnlessAwsOwned,
        absent: { cloudformation: null, terraform: null },
      },
      'native.retentionDays': {
        config: 'backupRetentionPeriod',
        cloudformation: 'BackupRetentionPeriod',
        terraform: 'backup_retention_period',
        as: 'number',
        absent: { cloudformation: 1, terraform: 1 },
      },
      'lifecycle.deletionProtection': false,
      'lifecycle.deleteAutomatedBackups': null,
      'lifecycle.finalSnapshot': noFinalSnapshot,
      'lifecycle.copyTagsToBackups': null,
    },
    derive: (own, item) => {
      settleNativeBackup(own, undefined)
      settleKeyManager(own, 'awsOwned')
      settleDeletionPolicy(own, item, false)
      own.replication = replicationOf([], true)
    },
  },
  {
    role: 'data-store',
    type: 'AWS::DSQL::Cluster',
    names: { config: [], cloudformation: ['AWS::DSQL::Cluster'], terraform: ['aws_dsql_cluster'] },
    identity: { arn: 'dsql:{region}:{account}:cluster/{id}' },
    service: 'DSQL',
    // What else AWS Backup can do for DSQL is not confirmed.
    support: { awsBackup: true, restoreTesting: false },
    facts: {
      ...noNativeBackup,
      ...noPointInTimeRecovery,
      ...noBucketEncryption,
      ...standsAlone,
      engine: null,
      deploymentType: null,
      ageHours: { config: 'creationTime', as: 'time' },
      'encryption.encrypted': true,
      'encryption.keyArn': {
        config: ['encryptionDetails.kmsKeyArn', 'kmsEncryptionKey'],
        cloudformation: 'KmsEncryptionKey',
        terraform: 'kms_encryption_key',
        as: keyUnlessAwsOwned,
        absent: { cloudformation: null, terraform: null },
      },
      'lifecycle.deletionProtection': {
        config: 'deletionProtectionEnabled',
        cloudformation: 'DeletionProtectionEnabled',
        terraform: 'deletion_protection_enabled',
        as: 'boolean',
        absent: { terraform: false },
      },
      'lifecycle.deleteAutomatedBackups': null,
      'lifecycle.finalSnapshot': noFinalSnapshot,
      'lifecycle.copyTagsToBackups': null,
    },
    derive: (own, item) => {
      const encryption = factGroup(own, 'encryption')
      if (property(item, 'encryptionDetails.encryptionType') === awsOwnedKey) encryption.keyArn = null
      settleKeyManager(own, 'awsOwned')
      settlePeers(own, item)
      settleDeletionPolicy(own, item, false)
    },
  },
  {
    role: 'companion',
    type: 'AWS::RDS::GlobalCluster',
    names: {
      config: ['AWS::RDS::GlobalCluster'],
      cloudformation: ['AWS::RDS::GlobalCluster'],
      terraform: ['aws_rds_global_cluster'],
    },
    identity: {
      arn: 'rds::{account}:global-cluster:{id}',
      cloudformation: 'GlobalClusterIdentifier',
      terraform: 'global_cluster_identifier',
      lowerCase: true,
    },
    read: readGlobalCluster,
  },
]

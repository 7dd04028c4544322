/**
 * Amazon ElastiCache (Valkey, Redis OSS, Memcached). AWS Backup does not support it; its own daily snapshots are the only
 * backup, and `SnapshotRetentionLimit` 0 turns them off. AWS Config records none of the types.
 *
 * - `AWS::ElastiCache::ReplicationGroup`: `configuration` = element of `elasticache:DescribeReplicationGroups`
 *   (`ReplicationGroups[]`); id = `ReplicationGroupId`.
 * - `AWS::ElastiCache::CacheCluster`: element of `elasticache:DescribeCacheClusters` (`CacheClusters[]`); id =
 *   `CacheClusterId`. A member of a replication group is judged as the group; Memcached nodes keep nothing to back up.
 * - `AWS::ElastiCache::ServerlessCache`: element of `elasticache:DescribeServerlessCaches` (`ServerlessCaches[]`); id =
 *   `ServerlessCacheName`. Here Memcached has snapshots too.
 *
 * No further answers are needed; tags come from `elasticache:ListTagsForResource` or the Tagging API.
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html
 */
import type { Facts } from '../model/facts.ts'
import type { ResourceRecord } from '../model/record.ts'
import type { PropertySource, ResourceDefinition, StoreDefinition } from './definition.ts'
import {
  dailyGapHours,
  everywhere,
  factGroup,
  keptByTemplate,
  noPointInTimeRecovery,
  noReplication,
  notInAwsBackup,
  settleKeyManager,
  settleNativeBackup,
  textAt,
} from './native-backup.ts'
import { property, toText, valueAt } from './property.ts'
import { isUnknownUntilDeploy } from './reading.ts'
import { settleDeletionPolicy } from './store-settings.ts'

const lowerCased = (value: unknown) => toText(value)?.toLowerCase()

const retentionDays: PropertySource = {
  config: 'SnapshotRetentionLimit',
  cloudformation: 'SnapshotRetentionLimit',
  terraform: 'snapshot_retention_limit',
  as: 'number',
  absent: { cloudformation: 0, terraform: 0 },
}

const keyArn: PropertySource = {
  config: 'KmsKeyId',
  cloudformation: 'KmsKeyId',
  terraform: 'kms_key_id',
  as: 'string',
  absent: everywhere(null),
}

/** A final snapshot is taken where it is given a name; live, that is said at deletion. */
const finalSnapshot: PropertySource = { ...keptByTemplate, terraform: 'final_snapshot_identifier' }

const common: StoreDefinition['facts'] = {
  deploymentType: null,
  attached: true,
  ...noPointInTimeRecovery,
  'encryption.algorithm': null,
  'native.keepsForever': false,
  'native.retentionHours': null,
  'native.backtrackHours': null,
  'native.crossRegionCopy': null,
  'native.exported': null,
  'lifecycle.deletionProtection': false,
  'lifecycle.deleteAutomatedBackups': null,
  'lifecycle.copyTagsToBackups': null,
}

/** True where the encoding states what was asked for rather than what is. */
const isTemplate = (item: ResourceRecord) => item.encoding === 'cloudformation' || item.encoding === 'terraform'

/**
 * Encryption that a template leaves out: off for Redis OSS. For Valkey the API and Terraform's provider turn encryption at
 * rest on, while CloudFormation's reference says off, so that there it is not known.
 */
function settleGroupEncryption(own: Facts, item: ResourceRecord): void {
  const encryption = factGroup(own, 'encryption')
  if (!isTemplate(item)) return
  const [atRest, inTransit] =
    item.encoding === 'terraform'
      ? ['at_rest_encryption_enabled', 'transit_encryption_enabled']
      : ['AtRestEncryptionEnabled', 'TransitEncryptionEnabled']
  if (isOmitted(item, atRest)) {
    if (own.engine === 'redis') encryption.encrypted = false
    else if (own.engine === 'valkey' && item.encoding === 'terraform') encryption.encrypted = true
  }
  if (isOmitted(item, inTransit) && own.engine === 'redis') encryption.inTransit = false
}

function isOmitted(item: ResourceRecord, path: string): boolean {
  const value = property(item, path)
  return (value === undefined || value === null) && !isUnknownUntilDeploy(item, path)
}

/** The global datastore that a secondary group follows; a primary, or a group on its own, follows none. */
function followed(value: unknown, item: ResourceRecord): string | null | undefined {
  if (isTemplate(item)) return toText(value)
  const role = toText(valueAt(value, 'GlobalReplicationGroupMemberRole'))?.toUpperCase()
  if (role === 'SECONDARY') return toText(valueAt(value, 'GlobalReplicationGroupId'))
  return role === 'PRIMARY' ? null : undefined
}

export const definitions: ResourceDefinition[] = [
  {
    role: 'data-store',
    type: 'AWS::ElastiCache::ReplicationGroup',
    places: {
      classification: { cloudformation: ['Tags'], terraform: ['tags'] },
      'lifecycle.finalSnapshot': { cloudformation: 'DeletionPolicy', terraform: 'final_snapshot_identifier' },
    },
    names: {
      config: [],
      cloudformation: ['AWS::ElastiCache::ReplicationGroup'],
      terraform: ['aws_elasticache_replication_group', 'awscc_elasticache_replication_group'],
    },
    identity: {
      arn: 'elasticache:{region}:{account}:replicationgroup:{id}',
      cloudformation: 'ReplicationGroupId',
      terraform: 'replication_group_id',
      lowerCase: true,
    },
    service: null,
    support: notInAwsBackup,
    facts: {
      ...common,
      engine: {
        config: 'Engine',
        cloudformation: 'Engine',
        terraform: 'engine',
        as: lowerCased,
        absent: { cloudformation: 'redis', terraform: 'redis' },
      },
      ageHours: { config: 'ReplicationGroupCreateTime', as: 'time' },
      replicaOf: {
        config: 'GlobalReplicationGroupInfo',
        cloudformation: 'GlobalReplicationGroupId',
        terraform: 'global_replication_group_id',
        as: followed,
        absent: everywhere(null),
      },
      'encryption.encrypted': {
        config: 'AtRestEncryptionEnabled',
        cloudformation: 'AtRestEncryptionEnabled',
        terraform: 'at_rest_encryption_enabled',
        as: 'boolean',
      },
      'encryption.keyArn': keyArn,
      'encryption.inTransit': {
        config: 'TransitEncryptionEnabled',
        cloudformation: 'TransitEncryptionEnabled',
        terraform: 'transit_encryption_enabled',
        as: 'boolean',
      },
      'native.retentionDays': retentionDays,
      'lifecycle.finalSnapshot': finalSnapshot,
    },
    derive: (own, item) => {
      settleDeletionPolicy(own, item, false)
      settleNativeBackup(own, dailyGapHours(textAt(item, ['SnapshotWindow', 'snapshot_window'])))
      settleGroupEncryption(own, item)
      settleKeyManager(own, 'awsOwned')
      // A primary's secondaries are listed by no answer about the group itself.
      const inGlobal = property(item, 'GlobalReplicationGroupInfo')
      if (item.encoding === 'api' && (inGlobal === undefined || inGlobal === null || own.replicaOf)) {
        own.replication = { crossRegion: false, destinations: [] }
      }
    },
  },
  {
    role: 'data-store',
    type: 'AWS::ElastiCache::CacheCluster',
    places: {
      classification: { cloudformation: ['Tags'], terraform: ['tags'] },
      'lifecycle.finalSnapshot': { cloudformation: 'DeletionPolicy', terraform: 'final_snapshot_identifier' },
    },
    names: {
      config: [],
      cloudformation: ['AWS::ElastiCache::CacheCluster'],
      terraform: ['aws_elasticache_cluster', 'awscc_elasticache_cache_cluster'],
    },
    identity: {
      arn: 'elasticache:{region}:{account}:cluster:{id}',
      cloudformation: 'ClusterName',
      terraform: 'cluster_id',
      lowerCase: true,
    },
    service: null,
    support: notInAwsBackup,
    facts: {
      ...common,
      ...noReplication,
      engine: { config: 'Engine', cloudformation: 'Engine', terraform: 'engine', as: lowerCased },
      ageHours: { config: 'CacheClusterCreateTime', as: 'time' },
      replicaOf: null,
      // Neither template can ask for encryption at rest of a cluster outside a replication group.
      'encryption.encrypted': {
        config: 'AtRestEncryptionEnabled',
        as: 'boolean',
        absent: { cloudformation: false, terraform: false },
      },
      'encryption.keyArn': null,
      'encryption.inTransit': {
        config: 'TransitEncryptionEnabled',
        cloudformation: 'TransitEncryptionEnabled',
        terraform: 'transit_encryption_enabled',
        as: 'boolean',
        absent: { cloudformation: false, terraform: false },
      },
      'native.retentionDays': retentionDays,
      'lifecycle.finalSnapshot': finalSnapshot,
    },
    derive: (own, item) => {
      settleDeletionPolicy(own, item, false)
      settleNativeBackup(own, dailyGapHours(textAt(item, ['SnapshotWindow', 'snapshot_window'])))
      settleKeyManager(own)
    },
    judgedAs: item => {
      const group = textAt(item, ['ReplicationGroupId', 'replication_group_id'])
      if (group !== undefined) return group
      return isUnknownUntilDeploy(item, 'replication_group_id') ? undefined : null
    },
    notAStore: (item, own) => {
      if (isUnknownUntilDeploy(item, 'replication_group_id')) return 'node of a replication group, judged as the group'
      return own.engine === 'memcached' ? 'Memcached nodes keep nothing that could be backed up' : null
    },
  },
  {
    role: 'data-store',
    type: 'AWS::ElastiCache::ServerlessCache',
    names: {
      config: [],
      cloudformation: ['AWS::ElastiCache::ServerlessCache'],
      terraform: ['aws_elasticache_serverless_cache', 'awscc_elasticache_serverless_cache'],
    },
    identity: {
      arn: 'elasticache:{region}:{account}:serverlesscache:{id}',
      cloudformation: 'ServerlessCacheName',
      terraform: 'name',
      lowerCase: true,
    },
    service: null,
    support: notInAwsBackup,
    facts: {
      ...common,
      ...noReplication,
      deploymentType: 'serverless',
      engine: { config: 'Engine', cloudformation: 'Engine', terraform: 'engine', as: lowerCased },
      ageHours: { config: 'CreateTime', as: 'time' },
      replicaOf: null,
      'encryption.encrypted': true,
      'encryption.keyArn': keyArn,
      'encryption.inTransit': null,
      'native.retentionDays': retentionDays,
      'lifecycle.finalSnapshot': keptByTemplate,
    },
    derive: (own, item) => {
      settleDeletionPolicy(own, item, false)
      // `DailySnapshotTime` is an instant of the day, not a window.
      settleNativeBackup(own, 24)
      settleKeyManager(own, 'awsOwned')
    },
  },
]

/**
 * Protects what the stores that keep their own backups tell of themselves: for each type and encoding, which facts have a
 * value, which are known to be none (`null`), and which are not known (absent). A default of one format that slips into
 * another, or an «off» read where nothing is known, would turn into a wrong verdict.
 */
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import type { Encoding, ResourceRecord } from '../../src/model/record.ts'
import { definitions as backupGateway } from '../../src/resources/backup-gateway.ts'
import { stackArnOf, definitions as stacks } from '../../src/resources/cloudformation-stacks.ts'
import type { BackupSupport, ResourceDefinition, StoreDefinition } from '../../src/resources/definition.ts'
import { definitions as eks } from '../../src/resources/eks.ts'
import { definitions as elasticache } from '../../src/resources/elasticache.ts'
import { definitions as keyspaces } from '../../src/resources/keyspaces.ts'
import { definitions as kinesis } from '../../src/resources/kinesis.ts'
import { definitions as lightsail } from '../../src/resources/lightsail.ts'
import { definitions as logGroups } from '../../src/resources/log-groups.ts'
import { definitions as memorydb } from '../../src/resources/memorydb.ts'
import { dailyGapHours } from '../../src/resources/native-backup.ts'
import { definitions as opensearch } from '../../src/resources/opensearch.ts'
import { readStore, type StoreReading } from '../../src/resources/reading.ts'
import { definitions as sapHana } from '../../src/resources/sap-hana.ts'
import { definitions as storageGateway } from '../../src/resources/storage-gateway.ts'
import { definitions as timestream } from '../../src/resources/timestream.ts'

const all: ResourceDefinition[] = [
  ...backupGateway,
  ...stacks,
  ...eks,
  ...elasticache,
  ...keyspaces,
  ...kinesis,
  ...lightsail,
  ...logGroups,
  ...memorydb,
  ...opensearch,
  ...sapHana,
  ...storageGateway,
  ...timestream,
]

function storeOf(type: string): StoreDefinition {
  const found = all.find(definition => definition.type === type)
  if (found?.role !== 'data-store') throw new Error(`no store ${type}`)
  return found
}

function item(
  type: string,
  encoding: Encoding,
  configuration: object,
  more: Partial<ResourceRecord> = {},
): ResourceRecord {
  return {
    record: 'resource',
    scope: 'bookshop',
    type,
    id: 'shelf',
    account: '111122223333',
    region: 'eu-west-1',
    encoding,
    configuration: configuration as Record<string, unknown>,
    ...more,
  }
}

/** Facts by dotted path; times stand as epoch milliseconds. */
function flat({ own, times }: StoreReading): { [path: string]: unknown } {
  const facts: { [path: string]: unknown } = {}
  for (const [name, value] of Object.entries(own)) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) facts[name] = value
    else for (const [leaf, inner] of Object.entries(value)) facts[`${name}.${leaf}`] = inner
  }
  return { ...facts, ...times }
}

const schema = JSON.parse(readFileSync(new URL('../../schemas/facts/data-store.schema.json', import.meta.url), 'utf8'))
const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema)

/** `undefined` = must be absent. */
type Expected = { [path: string]: unknown }

interface Case {
  name: string
  type: string
  encoding: Encoding
  sourceType?: string
  configuration: object
  more?: Partial<ResourceRecord>
  expected: Expected
}

const key = 'arn:aws:kms:eu-west-1:111122223333:key/0f1e2d3c'

const cases: Case[] = [
  {
    name: 'a Redis replication group with snapshots',
    type: 'AWS::ElastiCache::ReplicationGroup',
    encoding: 'api',
    configuration: {
      ReplicationGroupId: 'basket',
      ARN: 'arn:aws:elasticache:eu-west-1:111122223333:replicationgroup:basket',
      SnapshotRetentionLimit: 7,
      SnapshotWindow: '05:00-09:00',
      AtRestEncryptionEnabled: true,
      TransitEncryptionEnabled: true,
      KmsKeyId: key,
      Engine: 'redis',
      ReplicationGroupCreateTime: '2026-01-05T10:00:00.000Z',
    },
    expected: {
      engine: 'redis',
      deploymentType: null,
      ageHours: Date.UTC(2026, 0, 5, 10),
      replicaOf: null,
      attached: true,
      'pitr.enabled': false,
      'pitr.recoveryPeriodDays': null,
      'encryption.encrypted': true,
      'encryption.keyArn': key,
      'encryption.keyManager': undefined,
      'encryption.algorithm': null,
      'encryption.inTransit': true,
      'native.automatedBackup': true,
      'native.retentionDays': 7,
      'native.keepsForever': false,
      'native.snapshotIntervalHours': 28,
      'native.latestRestorableAgeHours': undefined,
      'native.retentionHours': null,
      'replication.crossRegion': false,
      'replication.destinations': [],
      'lifecycle.deletionProtection': false,
      'lifecycle.finalSnapshot': null,
      'lifecycle.copyTagsToBackups': null,
    },
  },
  {
    name: 'a secondary of a global datastore, encrypted with the service key',
    type: 'AWS::ElastiCache::ReplicationGroup',
    encoding: 'api',
    configuration: {
      Engine: 'valkey',
      SnapshotRetentionLimit: 0,
      AtRestEncryptionEnabled: true,
      GlobalReplicationGroupInfo: {
        GlobalReplicationGroupId: 'virxk-basket',
        GlobalReplicationGroupMemberRole: 'SECONDARY',
      },
    },
    expected: {
      replicaOf: 'virxk-basket',
      'encryption.keyArn': null,
      'encryption.keyManager': 'awsOwned',
      'native.automatedBackup': false,
      'native.retentionDays': 0,
      'native.snapshotIntervalHours': null,
      'native.latestRestorableAgeHours': null,
      'replication.destinations': [],
    },
  },
  {
    name: 'a primary of a global datastore, whose secondaries the answer does not list',
    type: 'AWS::ElastiCache::ReplicationGroup',
    encoding: 'api',
    configuration: {
      AtRestEncryptionEnabled: false,
      GlobalReplicationGroupInfo: {
        GlobalReplicationGroupId: 'virxk-basket',
        GlobalReplicationGroupMemberRole: 'PRIMARY',
      },
    },
    expected: {
      replicaOf: null,
      'encryption.keyManager': null,
      'native.automatedBackup': undefined,
      'native.retentionDays': undefined,
      'replication.crossRegion': undefined,
      'replication.destinations': undefined,
    },
  },
  {
    name: 'a replication group that a template hardly describes',
    type: 'AWS::ElastiCache::ReplicationGroup',
    encoding: 'cloudformation',
    configuration: { ReplicationGroupDescription: 'baskets' },
    more: { supplementary: { DeletionPolicy: null } },
    expected: {
      engine: 'redis',
      replicaOf: null,
      'encryption.encrypted': false,
      'encryption.inTransit': false,
      'encryption.keyManager': null,
      'native.retentionDays': 0,
      'native.automatedBackup': false,
      'replication.destinations': undefined,
      'lifecycle.finalSnapshot': false,
    },
  },
  {
    name: 'a Valkey group of a template: CloudFormation does not say what it encrypts by default',
    type: 'AWS::ElastiCache::ReplicationGroup',
    encoding: 'cloudformation',
    configuration: {
      Engine: 'valkey',
      SnapshotRetentionLimit: { Ref: 'Days' },
      KmsKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] },
    },
    more: { supplementary: { DeletionPolicy: 'Snapshot' } },
    expected: {
      engine: 'valkey',
      'encryption.encrypted': undefined,
      'encryption.keyArn': undefined,
      'encryption.keyManager': undefined,
      'native.retentionDays': undefined,
      'native.automatedBackup': undefined,
      'lifecycle.finalSnapshot': true,
    },
  },
  {
    name: 'a Valkey group in Terraform, which is encrypted by default',
    type: 'AWS::ElastiCache::ReplicationGroup',
    sourceType: 'aws_elasticache_replication_group',
    encoding: 'terraform',
    configuration: { engine: 'valkey', snapshot_retention_limit: null, final_snapshot_identifier: 'basket-last' },
    expected: {
      'encryption.encrypted': true,
      'native.retentionDays': 0,
      'lifecycle.finalSnapshot': true,
    },
  },
  {
    name: 'a group in Terraform whose retention and encryption come from elsewhere',
    type: 'AWS::ElastiCache::ReplicationGroup',
    sourceType: 'aws_elasticache_replication_group',
    encoding: 'terraform',
    configuration: {},
    more: { unknown: ['snapshot_retention_limit', 'at_rest_encryption_enabled'] },
    expected: {
      engine: 'redis',
      'encryption.encrypted': undefined,
      'encryption.inTransit': false,
      'native.retentionDays': undefined,
      'lifecycle.finalSnapshot': false,
    },
  },
  {
    name: 'a single Redis node in Terraform',
    type: 'AWS::ElastiCache::CacheCluster',
    sourceType: 'aws_elasticache_cluster',
    encoding: 'terraform',
    configuration: { engine: 'redis', snapshot_retention_limit: 5, snapshot_window: '23:30-00:30' },
    expected: {
      'encryption.encrypted': false,
      'encryption.keyManager': null,
      'native.retentionDays': 5,
      'native.automatedBackup': true,
      'native.snapshotIntervalHours': 25,
      'replication.destinations': [],
    },
  },
  {
    name: 'a serverless Memcached cache, which has snapshots',
    type: 'AWS::ElastiCache::ServerlessCache',
    encoding: 'api',
    configuration: {
      ServerlessCacheName: 'covers',
      Engine: 'memcached',
      SnapshotRetentionLimit: 3,
      DailySnapshotTime: '03:00',
    },
    expected: {
      deploymentType: 'serverless',
      engine: 'memcached',
      'encryption.encrypted': true,
      'encryption.keyManager': 'awsOwned',
      'native.retentionDays': 3,
      'native.snapshotIntervalHours': 24,
    },
  },
  {
    name: 'a serverless cache of a template without snapshots',
    type: 'AWS::ElastiCache::ServerlessCache',
    encoding: 'cloudformation',
    configuration: { Engine: 'valkey', ServerlessCacheName: 'covers' },
    expected: { 'native.automatedBackup': false, 'native.retentionDays': 0, 'lifecycle.finalSnapshot': undefined },
  },
  {
    name: 'a MemoryDB cluster without snapshots',
    type: 'AWS::MemoryDB::Cluster',
    encoding: 'api',
    configuration: {
      Name: 'orders',
      Engine: 'redis',
      TLSEnabled: true,
      SnapshotRetentionLimit: 0,
      SnapshotWindow: '05:00-06:00',
    },
    expected: {
      engine: 'redis',
      'encryption.encrypted': true,
      'encryption.keyArn': null,
      'encryption.keyManager': 'awsOwned',
      'encryption.inTransit': true,
      'native.automatedBackup': false,
      'native.snapshotIntervalHours': null,
      'replication.crossRegion': false,
    },
  },
  {
    name: 'a member of a multi-Region MemoryDB cluster',
    type: 'AWS::MemoryDB::Cluster',
    encoding: 'api',
    configuration: { Name: 'orders', MultiRegionClusterName: 'virxk-orders', SnapshotRetentionLimit: 1 },
    expected: {
      'native.automatedBackup': true,
      'native.snapshotIntervalHours': undefined,
      'replication.crossRegion': undefined,
    },
  },
  {
    name: 'a MemoryDB cluster in Terraform',
    type: 'AWS::MemoryDB::Cluster',
    sourceType: 'aws_memorydb_cluster',
    encoding: 'terraform',
    configuration: { node_type: 'db.t4g.small', kms_key_arn: 'alias/aws/memorydb' },
    expected: { 'native.retentionDays': 0, 'encryption.inTransit': true, 'encryption.keyManager': 'aws' },
  },
  {
    name: 'a Timestream table with its database',
    type: 'AWS::Timestream::Table',
    encoding: 'api',
    configuration: { DatabaseName: 'clinic', TableName: 'pulse', TableStatus: 'ACTIVE', CreationTime: 1_767_607_200 },
    more: { supplementary: { Database: { DatabaseName: 'clinic', KmsKeyId: key } } },
    expected: {
      ageHours: 1_767_607_200_000,
      'encryption.encrypted': true,
      'encryption.keyArn': key,
      'encryption.keyManager': undefined,
      'native.automatedBackup': false,
      'native.retentionDays': 0,
      'replication.crossRegion': false,
    },
  },
  {
    name: 'a Timestream table whose key only its database names',
    type: 'AWS::Timestream::Table',
    encoding: 'cloudformation',
    configuration: { DatabaseName: 'clinic' },
    expected: { 'encryption.encrypted': true, 'encryption.keyArn': undefined, 'encryption.keyManager': undefined },
  },
  {
    name: 'a Keyspaces table with point-in-time recovery and a customer key',
    type: 'AWS::Cassandra::Table',
    encoding: 'api',
    configuration: {
      keyspaceName: 'clinic',
      tableName: 'visits',
      pointInTimeRecovery: { status: 'ENABLED', earliestRestorableTimestamp: '2026-01-01T00:00:00Z' },
      encryptionSpecification: { type: 'CUSTOMER_MANAGED_KMS_KEY', kmsKeyIdentifier: key },
      replicaSpecifications: [{ region: 'eu-west-1' }, { region: 'eu-central-1' }],
    },
    expected: {
      'pitr.enabled': true,
      'pitr.recoveryPeriodDays': 35,
      'pitr.latestRestorableAgeHours': undefined,
      'encryption.keyManager': 'customer',
      'replication.crossRegion': true,
      'replication.destinations': undefined,
    },
  },
  {
    name: 'a Keyspaces table of a template',
    type: 'AWS::Cassandra::Table',
    encoding: 'cloudformation',
    configuration: { KeyspaceName: { Ref: 'Keyspace' } },
    expected: {
      'pitr.enabled': false,
      'pitr.recoveryPeriodDays': null,
      'pitr.latestRestorableAgeHours': null,
      'encryption.keyManager': 'awsOwned',
      'replication.crossRegion': undefined,
    },
  },
  {
    name: 'a Keyspaces table in Terraform',
    type: 'AWS::Cassandra::Table',
    sourceType: 'aws_keyspaces_table',
    encoding: 'terraform',
    configuration: {
      keyspace_name: 'clinic',
      point_in_time_recovery: [{ status: 'ENABLED' }],
      encryption_specification: [{ type: 'CUSTOMER_MANAGED_KMS_KEY' }],
    },
    more: { unknown: ['encryption_specification.0.kms_key_identifier'] },
    expected: { 'pitr.enabled': true, 'encryption.keyManager': 'customer', 'encryption.keyArn': undefined },
  },
  {
    name: 'a Keyspaces table of which recovery could not be read',
    type: 'AWS::Cassandra::Table',
    encoding: 'api',
    configuration: { keyspaceName: 'clinic', tableName: 'visits' },
    expected: { 'pitr.enabled': undefined, 'pitr.recoveryPeriodDays': undefined, 'replication.destinations': [] },
  },
  {
    name: 'an OpenSearch domain as AWS Config records it',
    type: 'AWS::OpenSearchService::Domain',
    sourceType: 'AWS::OpenSearch::Domain',
    encoding: 'config',
    configuration: {
      DomainName: 'catalogue',
      EngineVersion: 'OpenSearch_2.11',
      SnapshotOptions: {},
      EncryptionAtRestOptions: { Enabled: true, KmsKeyId: key },
      DomainEndpointOptions: { EnforceHTTPS: true },
    },
    expected: {
      engine: 'OpenSearch',
      'encryption.encrypted': true,
      'encryption.inTransit': true,
      'native.automatedBackup': true,
      'native.retentionDays': 14,
      'native.snapshotIntervalHours': 1,
      'native.latestRestorableAgeHours': undefined,
    },
  },
  {
    name: 'a domain whose automated snapshots are paused',
    type: 'AWS::OpenSearchService::Domain',
    encoding: 'api',
    configuration: {
      EngineVersion: 'Elasticsearch_7.10',
      EncryptionAtRestOptions: { Enabled: false },
      AutomatedSnapshotPauseOptions: { Enabled: true, State: 'Active' },
    },
    expected: {
      engine: 'Elasticsearch',
      'encryption.encrypted': false,
      'encryption.keyManager': null,
      'native.automatedBackup': false,
      'native.retentionDays': 0,
      'native.snapshotIntervalHours': null,
    },
  },
  {
    name: 'an old Elasticsearch domain of a template, with daily snapshots',
    type: 'AWS::OpenSearchService::Domain',
    sourceType: 'AWS::Elasticsearch::Domain',
    encoding: 'cloudformation',
    configuration: { DomainName: 'catalogue' },
    expected: {
      engine: 'Elasticsearch',
      'encryption.encrypted': false,
      'encryption.inTransit': false,
      'native.snapshotIntervalHours': 25,
      'native.automatedBackup': true,
    },
  },
  {
    name: 'a domain of a template whose version is a parameter',
    type: 'AWS::OpenSearchService::Domain',
    encoding: 'cloudformation',
    sourceType: 'AWS::OpenSearchService::Domain',
    configuration: { EngineVersion: { Ref: 'Version' }, EncryptionAtRestOptions: { Enabled: true } },
    expected: { engine: undefined, 'native.snapshotIntervalHours': undefined, 'encryption.keyManager': 'aws' },
  },
  {
    name: 'a domain in Terraform with an endpoint block: the provider enforces HTTPS',
    type: 'AWS::OpenSearchService::Domain',
    sourceType: 'aws_opensearch_domain',
    encoding: 'terraform',
    configuration: {
      encrypt_at_rest: [{ enabled: true }],
      domain_endpoint_options: [{ tls_security_policy: 'Policy-Min-TLS-1-2-2019-07' }],
    },
    expected: {
      engine: 'OpenSearch',
      'encryption.encrypted': true,
      'encryption.inTransit': true,
      'native.snapshotIntervalHours': 1,
    },
  },
  {
    name: 'a domain in Terraform without an endpoint block',
    type: 'AWS::OpenSearchService::Domain',
    sourceType: 'aws_opensearch_domain',
    encoding: 'terraform',
    configuration: { domain_endpoint_options: [] },
    expected: { 'encryption.encrypted': false, 'encryption.inTransit': false },
  },
  {
    name: 'a stream as AWS Config records it',
    type: 'AWS::Kinesis::Stream',
    encoding: 'config',
    configuration: {
      Name: 'orders',
      RetentionPeriodHours: 168,
      StreamEncryption: { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' },
    },
    expected: {
      'encryption.encrypted': true,
      'encryption.keyManager': 'aws',
      'native.retentionHours': 168,
      'native.automatedBackup': false,
      'native.retentionDays': 0,
      'lifecycle.finalSnapshot': null,
    },
  },
  {
    name: 'a stream as its own API describes it',
    type: 'AWS::Kinesis::Stream',
    encoding: 'api',
    configuration: {
      StreamName: 'orders',
      RetentionPeriodHours: 24,
      EncryptionType: 'NONE',
      StreamCreationTimestamp: '2026-01-05T10:00:00Z',
    },
    expected: {
      ageHours: Date.UTC(2026, 0, 5, 10),
      'encryption.encrypted': false,
      'encryption.keyManager': null,
      'native.retentionHours': 24,
    },
  },
  {
    name: 'a stream of which the API told nothing',
    type: 'AWS::Kinesis::Stream',
    encoding: 'api',
    configuration: {},
    expected: {
      'encryption.encrypted': undefined,
      'encryption.keyManager': undefined,
      'native.retentionHours': undefined,
    },
  },
  {
    name: 'a stream of a template',
    type: 'AWS::Kinesis::Stream',
    encoding: 'cloudformation',
    configuration: { ShardCount: 1 },
    more: { supplementary: { DeletionPolicy: 'Retain' } },
    expected: { 'encryption.encrypted': false, 'native.retentionHours': 24, 'lifecycle.finalSnapshot': true },
  },
  {
    name: 'a stream in Terraform',
    type: 'AWS::Kinesis::Stream',
    sourceType: 'aws_kinesis_stream',
    encoding: 'terraform',
    configuration: { retention_period: 48, encryption_type: 'KMS', kms_key_id: key },
    expected: {
      'encryption.encrypted': true,
      'encryption.keyArn': key,
      'native.retentionHours': 48,
      'lifecycle.finalSnapshot': false,
    },
  },
  {
    name: 'a log group that never expires and is exported nowhere',
    type: 'AWS::Logs::LogGroup',
    encoding: 'api',
    configuration: {
      logGroupName: '/bookshop/orders',
      creationTime: 1_767_607_200_000,
      deletionProtectionEnabled: true,
    },
    more: { supplementary: { SubscriptionFilters: [], ExportTasks: [] } },
    expected: {
      ageHours: 1_767_607_200_000,
      'encryption.encrypted': true,
      'encryption.keyManager': 'awsOwned',
      'native.automatedBackup': false,
      'native.retentionDays': null,
      'native.keepsForever': true,
      'native.exported': false,
      'lifecycle.deletionProtection': true,
    },
  },
  {
    name: 'a log group with a subscription',
    type: 'AWS::Logs::LogGroup',
    encoding: 'api',
    configuration: { logGroupName: '/bookshop/orders', retentionInDays: 30, kmsKeyId: key },
    more: { supplementary: { SubscriptionFilters: [{ filterName: 'archive' }] } },
    expected: {
      'native.retentionDays': 30,
      'native.keepsForever': false,
      'native.exported': true,
      'encryption.keyManager': undefined,
      'lifecycle.deletionProtection': undefined,
    },
  },
  {
    name: 'a log group whose export tasks were not read',
    type: 'AWS::Logs::LogGroup',
    encoding: 'api',
    configuration: { retentionInDays: 30 },
    more: { supplementary: { SubscriptionFilters: [] } },
    expected: { 'native.exported': undefined },
  },
  {
    name: 'a log group whose only export failed',
    type: 'AWS::Logs::LogGroup',
    encoding: 'api',
    configuration: { retentionInDays: 30 },
    more: { supplementary: { SubscriptionFilters: [], ExportTasks: [{ status: { code: 'FAILED' } }] } },
    expected: { 'native.exported': false },
  },
  {
    name: 'a log group of a template whose retention is a parameter',
    type: 'AWS::Logs::LogGroup',
    encoding: 'cloudformation',
    configuration: { RetentionInDays: { Ref: 'Days' } },
    expected: {
      'native.retentionDays': undefined,
      'native.keepsForever': undefined,
      'native.exported': undefined,
      'lifecycle.deletionProtection': false,
    },
  },
  {
    name: 'a log group in Terraform, where 0 means never',
    type: 'AWS::Logs::LogGroup',
    sourceType: 'aws_cloudwatch_log_group',
    encoding: 'terraform',
    configuration: { retention_in_days: 0, skip_destroy: true },
    expected: { 'native.retentionDays': null, 'native.keepsForever': true, 'lifecycle.finalSnapshot': true },
  },
  {
    name: 'a gateway volume with a schedule and a key',
    type: 'AWS::StorageGateway::Volume',
    encoding: 'api',
    configuration: {
      VolumeARN: 'arn:aws:storagegateway:eu-west-1:111122223333:gateway/sgw-1/volume/vol-1',
      VolumeType: 'CACHED iSCSI',
      VolumeAttachmentStatus: 'ATTACHED',
      CreatedDate: '2026-01-05T10:00:00Z',
      KMSKey: key,
    },
    more: { supplementary: { SnapshotSchedule: { StartAt: 4, RecurrenceInHours: 12, Timezone: 'GMT' } } },
    expected: {
      deploymentType: 'CACHED iSCSI',
      attached: true,
      'encryption.encrypted': true,
      'encryption.keyArn': key,
      'native.automatedBackup': true,
      'native.snapshotIntervalHours': 12,
      'native.retentionDays': null,
      'native.keepsForever': true,
    },
  },
  {
    name: 'a detached gateway volume without schedule or key',
    type: 'AWS::StorageGateway::Volume',
    encoding: 'api',
    configuration: { VolumeType: 'STORED iSCSI', VolumeAttachmentStatus: 'DETACHED' },
    more: { supplementary: { SnapshotSchedule: null } },
    expected: {
      attached: false,
      'encryption.encrypted': false,
      'encryption.keyArn': null,
      'encryption.keyManager': null,
      'native.automatedBackup': false,
      'native.snapshotIntervalHours': null,
      'native.retentionDays': 0,
      'native.latestRestorableAgeHours': null,
    },
  },
  {
    name: 'a gateway volume whose schedule was not read',
    type: 'AWS::StorageGateway::Volume',
    encoding: 'api',
    configuration: {},
    expected: { attached: undefined, 'native.automatedBackup': undefined, 'native.snapshotIntervalHours': undefined },
  },
  {
    name: 'a gateway volume in Terraform',
    type: 'AWS::StorageGateway::Volume',
    sourceType: 'aws_storagegateway_stored_iscsi_volume',
    encoding: 'terraform',
    configuration: { kms_encrypted: true },
    more: { unknown: ['kms_key'] },
    expected: {
      deploymentType: 'STORED iSCSI',
      attached: true,
      'encryption.encrypted': true,
      'encryption.keyArn': undefined,
    },
  },
  {
    name: 'a virtual machine behind a backup gateway',
    type: 'AWS::BackupGateway::VirtualMachine',
    encoding: 'api',
    configuration: { ResourceArn: 'arn:aws:backup-gateway:eu-west-1:111122223333:vm/vm-1', Name: 'reception' },
    expected: {
      attached: true,
      'encryption.encrypted': undefined,
      'encryption.keyManager': undefined,
      'native.automatedBackup': false,
      'lifecycle.finalSnapshot': null,
    },
  },
  {
    name: 'a cluster of EKS with a key',
    type: 'AWS::EKS::Cluster',
    encoding: 'api',
    configuration: {
      name: 'clinic',
      createdAt: '2026-01-05T10:00:00Z',
      deletionProtection: true,
      encryptionConfig: [{ resources: ['secrets'], provider: { keyArn: key } }],
    },
    expected: {
      'encryption.encrypted': true,
      'encryption.keyArn': key,
      'lifecycle.deletionProtection': true,
      'native.automatedBackup': false,
    },
  },
  {
    name: 'a cluster of EKS as AWS Config records it',
    type: 'AWS::EKS::Cluster',
    encoding: 'config',
    configuration: { Name: 'clinic', Arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/clinic', Version: '1.33' },
    expected: {
      'encryption.keyArn': null,
      'encryption.keyManager': 'awsOwned',
      'lifecycle.deletionProtection': undefined,
    },
  },
  {
    name: 'a HANA application, of whose own backups AWS knows nothing',
    type: 'AWS::SystemsManagerSAP::Application',
    encoding: 'api',
    configuration: { Id: 'clinic-hana', Type: 'HANA', Arn: 'arn:aws:ssm-sap:eu-west-1:111122223333:HANA/clinic-hana' },
    expected: {
      engine: 'HANA',
      'encryption.encrypted': undefined,
      'native.automatedBackup': undefined,
      'pitr.enabled': undefined,
    },
  },
  {
    name: 'a Lightsail disk with automatic snapshots',
    type: 'AWS::Lightsail::Disk',
    encoding: 'api',
    configuration: {
      name: 'photos',
      isAttached: true,
      addOns: [{ name: 'AutoSnapshot', status: 'Enabled', snapshotTimeOfDay: '06:00' }],
    },
    expected: {
      attached: true,
      'encryption.keyManager': 'awsOwned',
      'native.automatedBackup': true,
      'native.retentionDays': 7,
      'native.snapshotIntervalHours': 24.75,
    },
  },
  {
    name: 'a Lightsail disk as AWS Config records it, without add-ons in it',
    type: 'AWS::Lightsail::Disk',
    encoding: 'config',
    configuration: { DiskName: 'photos', IsAttached: false },
    expected: { attached: false, 'native.automatedBackup': undefined, 'native.retentionDays': undefined },
  },
  {
    name: 'a Lightsail instance of a template with the add-on off',
    type: 'AWS::Lightsail::Instance',
    encoding: 'cloudformation',
    configuration: { AddOns: [{ AddOnType: 'AutoSnapshot', Status: 'Disabled' }] },
    expected: { 'native.automatedBackup': false, 'native.retentionDays': 0, 'native.snapshotIntervalHours': null },
  },
  {
    name: 'a Lightsail instance in Terraform with the add-on',
    type: 'AWS::Lightsail::Instance',
    sourceType: 'aws_lightsail_instance',
    encoding: 'terraform',
    configuration: { add_on: [{ type: 'AutoSnapshot', snapshot_time: '06:00', status: 'Enabled' }] },
    expected: { 'native.automatedBackup': true, 'lifecycle.finalSnapshot': false },
  },
  {
    name: 'a Lightsail instance whose add-ons are decided elsewhere',
    type: 'AWS::Lightsail::Instance',
    encoding: 'cloudformation',
    configuration: { AddOns: [{ 'Fn::If': ['Prod', {}, {}] }] },
    expected: { 'native.automatedBackup': undefined },
  },
  {
    name: 'a Lightsail database with backups',
    type: 'AWS::Lightsail::Database',
    encoding: 'api',
    configuration: {
      name: 'shop',
      engine: 'mysql',
      backupRetentionEnabled: true,
      latestRestorableTime: '2026-01-05T10:00:00Z',
    },
    expected: {
      engine: 'mysql',
      'native.automatedBackup': true,
      'native.retentionDays': 7,
      'native.latestRestorableAgeHours': Date.UTC(2026, 0, 5, 10),
      'lifecycle.finalSnapshot': null,
    },
  },
  {
    name: 'a Lightsail database in Terraform',
    type: 'AWS::Lightsail::Database',
    sourceType: 'aws_lightsail_database',
    encoding: 'terraform',
    configuration: { blueprint_id: 'postgres_12', backup_retention_enabled: false, skip_final_snapshot: true },
    expected: {
      engine: 'postgres',
      'native.automatedBackup': false,
      'native.retentionDays': 0,
      'native.latestRestorableAgeHours': null,
      'lifecycle.finalSnapshot': false,
    },
  },
]

describe('facts of stores with their own backups', () => {
  for (const { name, type, encoding, sourceType, configuration, more, expected } of cases) {
    it(`${type} (${encoding}): ${name}`, () => {
      const reading = readStore(storeOf(type), item(sourceType ?? type, encoding, configuration, more))
      const facts = flat(reading)
      for (const [path, value] of Object.entries(expected)) {
        if (value === undefined) expect(facts, path).not.toHaveProperty([path])
        else expect(facts[path], path).toEqual(value)
      }
    })
  }

  it('has a case for every type in every encoding that can express it', () => {
    const seen = new Set(cases.map(entry => entry.type))
    for (const definition of all) {
      if (definition.role === 'data-store' && definition.type !== 'AWS::CloudFormation::Stack')
        expect(seen).toContain(definition.type)
    }
  })

  it('states only facts of the schema, with values that the schema allows', () => {
    for (const { type, encoding, sourceType, configuration, more } of cases) {
      const { own } = readStore(storeOf(type), item(sourceType ?? type, encoding, configuration, more))
      expect(validate(own), JSON.stringify(validate.errors)).toBe(true)
    }
  })

  it('reads hostile shapes without throwing and without claiming backups', () => {
    const shapes: unknown[] = [
      null,
      0,
      'x',
      [],
      [[]],
      { value: null },
      { __proto__: { Enabled: true } },
      [null],
      { Ref: 'X' },
    ]
    for (const definition of all) {
      if (definition.role !== 'data-store' || definition.type === 'AWS::OpenSearchService::Domain') continue
      for (const encoding of ['config', 'api', 'cloudformation', 'terraform'] as const) {
        for (const shape of shapes) {
          const names = [
            'SnapshotRetentionLimit',
            'snapshot_retention_limit',
            'AddOns',
            'add_on',
            'pointInTimeRecovery',
            'retentionInDays',
            'Engine',
            'KmsKeyId',
            'encryptionSpecification',
            'GlobalReplicationGroupInfo',
            'replicaSpecifications',
          ]
          const hostile = item(definition.type, encoding, Object.fromEntries(names.map(name => [name, shape])), {
            supplementary: {
              SnapshotSchedule: shape,
              Databases: shape,
              SubscriptionFilters: shape,
              ExportTasks: shape,
              Database: shape,
            },
            tags: JSON.parse('{"__proto__":"x"}'),
          })
          const { own } = readStore(definition, hostile)
          const native = own.native as { automatedBackup?: unknown } | undefined
          expect(native?.automatedBackup).not.toBe(true)
          definition.judgedAs?.(hostile)
          definition.notAStore?.(hostile, own)
          definition.otherArns?.(hostile)
          definition.coveredThrough?.(hostile)
        }
      }
    }
  })
})

describe('what is no store, or is judged in another place', () => {
  const cluster = storeOf('AWS::ElastiCache::CacheCluster')
  it.each([
    ['a member', 'api', { ReplicationGroupId: 'basket' }, undefined, 'basket'],
    ['a node on its own', 'api', { Engine: 'redis' }, undefined, null],
    ['a member in Terraform', 'terraform', { replication_group_id: 'basket' }, undefined, 'basket'],
    ['a member whose group is not known yet', 'terraform', {}, ['replication_group_id'], undefined],
  ] as const)('judges a cache cluster: %s', (_name, encoding, configuration, unknown, expected) => {
    expect(
      cluster.judgedAs!(item(cluster.type, encoding, configuration, unknown ? { unknown: [...unknown] } : {})),
    ).toBe(expected)
  })

  const reasons: [string, string, Encoding, object, Partial<ResourceRecord>, boolean][] = [
    ['memcached', 'AWS::ElastiCache::CacheCluster', 'cloudformation', { Engine: 'Memcached' }, {}, true],
    ['redis', 'AWS::ElastiCache::CacheCluster', 'cloudformation', { Engine: 'redis' }, {}, false],
    ['a member to be', 'AWS::ElastiCache::CacheCluster', 'terraform', {}, { unknown: ['replication_group_id'] }, true],
    ['system tables', 'AWS::Cassandra::Table', 'api', { keyspaceName: 'system_schema' }, {}, true],
    ['own tables', 'AWS::Cassandra::Table', 'api', { keyspaceName: 'systematic' }, {}, false],
    ['a stack', 'AWS::CloudFormation::Stack', 'config', {}, {}, true],
    ['an application server', 'AWS::SystemsManagerSAP::Application', 'api', { Type: 'SAP_ABAP' }, {}, true],
    ['a HANA system', 'AWS::SystemsManagerSAP::Application', 'cloudformation', { ApplicationType: 'HANA' }, {}, false],
  ]
  it.each(reasons)('%s', (_name, type, encoding, configuration, more, isNone) => {
    const definition = storeOf(type)
    const record = item(type, encoding, configuration, more)
    const reason = definition.notAStore!(record, readStore(definition, record).own)
    expect(reason !== null).toBe(isNone)
  })

  it('judges a system disk of Lightsail as its instance', () => {
    const disk = storeOf('AWS::Lightsail::Disk')
    expect(disk.judgedAs!(item(disk.type, 'api', { isSystemDisk: true, attachedTo: 'web' }))).toBe('web')
    expect(disk.judgedAs!(item(disk.type, 'api', { isSystemDisk: false, attachedTo: 'web' }))).toBe(null)
  })
})

describe('other names of a store', () => {
  const stackArn = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/clinic/0a1b2c'
  it.each([
    [{ 'aws:cloudformation:stack-id': stackArn }, [stackArn]],
    [{ 'aws:cloudformation:stack-id': 'clinic' }, []],
    [{}, []],
    [null, []],
    [undefined, []],
  ])('finds the stack of a resource by its tag: %j', (tags, expected) => {
    const record = item('AWS::Timestream::Table', 'api', {}, tags === undefined ? {} : { tags })
    expect(stackArnOf(record)).toEqual(expected)
    expect(storeOf('AWS::Timestream::Table').coveredThrough!(record)).toEqual(expected)
  })

  const hana = storeOf('AWS::SystemsManagerSAP::Application')
  const database = (name: string, kind: string) => ({
    Arn: `arn:aws:ssm-sap:eu-west-1:111122223333:HANA/clinic/DB/${name}`,
    DatabaseType: kind,
  })
  it.each([
    [
      'one tenant',
      [database('SYS', 'SYSTEM'), database('T1', 'TENANT')],
      ['arn:aws:ssm-sap:eu-west-1:111122223333:HANA/clinic/DB/T1'],
      [],
    ],
    [
      'two tenants: a backup of one is none of the other',
      [database('T1', 'TENANT'), database('T2', 'TENANT')],
      [],
      undefined,
    ],
    ['a database without a name', [{ DatabaseType: 'TENANT' }], [], undefined],
    ['no database', [], [], []],
    ['databases that were not listed', undefined, [], undefined],
  ])('names a HANA application by its database: %s', (_name, databases, names, through) => {
    const application = item(hana.type, 'api', {}, databases ? { supplementary: { Databases: databases } } : {})
    expect(hana.otherArns!(application)).toEqual(names)
    // Backups that are not known to be the application's may be.
    expect(hana.coveredThrough!(application)).toEqual(through)
  })

  it('knows a log group with and without the wildcard at its end', () => {
    const group = storeOf('AWS::Logs::LogGroup')
    const arn = 'arn:aws:logs:eu-west-1:111122223333:log-group:/bookshop/orders'
    expect(group.otherArns!(item(group.type, 'api', {}, { arn: `${arn}:*` }))).toEqual([arn])
    expect(group.otherArns!(item(group.type, 'api', {}, { arn }))).toEqual([`${arn}:*`])
  })

  it('tells a log group that a declared subscription filter exports it', () => {
    const filter = logGroups.find(definition => definition.type === 'AWS::Logs::SubscriptionFilter')
    if (filter?.role !== 'companion') throw new Error('no companion')
    const read = filter.read(
      item('AWS::Logs::SubscriptionFilter', 'cloudformation', {
        LogGroupName: '/bookshop/orders',
        DestinationArn: 'x',
      }),
    )
    expect(read).toEqual({ storeId: '/bookshop/orders', facts: { native: { exported: true } } })
    const referring = item('AWS::Logs::SubscriptionFilter', 'cloudformation', { LogGroupName: { Ref: 'AnyLog' } })
    expect(filter.read(referring)?.storeId).toBeUndefined()
    expect(filter.read(item('AWS::Logs::SubscriptionFilter', 'cloudformation', {}))).toBeUndefined()
  })
})

describe('what AWS Backup supports', () => {
  it.each([
    [
      'AWS::Timestream::Table',
      'Timestream',
      { coldStorage: true, continuous: false, independentEncryption: true, airGapped: false },
    ],
    [
      'AWS::StorageGateway::Volume',
      'Storage Gateway',
      { coldStorage: false, independentEncryption: false, airGapped: true },
    ],
    [
      'AWS::BackupGateway::VirtualMachine',
      'VirtualMachine',
      { coldStorage: true, restoreTesting: false, airGapped: true },
    ],
    ['AWS::EKS::Cluster', 'EKS', { coldStorage: false, restoreTesting: undefined, airGapped: undefined }],
    ['AWS::CloudFormation::Stack', 'CloudFormation', { crossAccountCopy: undefined, independentEncryption: undefined }],
    [
      'AWS::SystemsManagerSAP::Application',
      'SAP HANA on Amazon EC2',
      { continuous: true, coldStorage: undefined, airGapped: undefined },
    ],
    ['AWS::ElastiCache::ReplicationGroup', null, { awsBackup: false, crossRegionCopy: false }],
    ['AWS::Logs::LogGroup', null, { awsBackup: false }],
  ] as const)('%s', (type, service, support) => {
    const definition = storeOf(type)
    expect(definition.service).toBe(service)
    expect(definition.support).toMatchObject({ awsBackup: service !== null })
    for (const [feature, value] of Object.entries(support))
      expect((definition.support as BackupSupport)[feature as keyof BackupSupport], feature).toBe(value)
  })
})

describe('the longest gap of a daily window', () => {
  it.each([
    ['05:00-09:00', 28],
    ['23:30-00:30', 25],
    ['05:00-05:00', 24],
    ['24:00-05:00', undefined],
    ['daily', undefined],
    [undefined, undefined],
  ])('%s', (window, hours) => {
    expect(dailyGapHours(window)).toBe(hours)
  })
})

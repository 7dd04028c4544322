/**
 * Protects what the databases, volumes, file systems, buckets and warehouses tell of themselves: for each type and encoding
 * which facts have a value, which are known to be none (`null`), and which are not known (absent). Also which definition
 * takes which item, what is no store, and that no input, however wrong, makes a definition throw or state a fact that the
 * data-store schema does not have.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { resourceDefinitions } from '../../src/generated/resources.ts'
import type { Facts } from '../../src/model/facts.ts'
import type { Encoding, ResourceRecord } from '../../src/model/record.ts'
import type { ResourceDefinition, StoreDefinition } from '../../src/resources/definition.ts'
import { readStore, type StoreReading } from '../../src/resources/reading.ts'
import { readConfigurationItem } from '../../src/sources/configuration-item.ts'

const definitions: readonly ResourceDefinition[] = resourceDefinitions
const encodings: readonly Encoding[] = ['config', 'api', 'cloudformation', 'terraform']

/** The definition that takes an item, as the join finds it. */
function definitionOf(record: ResourceRecord): ResourceDefinition | undefined {
  const taking = definitions.filter(definition => {
    const { config, cloudformation, terraform } = definition.names
    const names =
      record.encoding === 'terraform'
        ? terraform
        : record.encoding === 'cloudformation'
          ? [...cloudformation, definition.type]
          : [definition.type, ...config, ...cloudformation]
    return names.includes(record.type) && (definition.accepts?.(record) ?? true)
  })
  expect(taking.length, `definitions that take ${record.type}`).toBeLessThanOrEqual(1)
  return taking[0]
}

function storeOf(record: ResourceRecord): StoreDefinition {
  const definition = definitionOf(record)
  if (definition?.role !== 'data-store') throw new Error(`no store takes ${record.type}`)
  return definition
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
    id: 'orders',
    account: '111122223333',
    region: 'eu-west-1',
    encoding,
    configuration: configuration as Record<string, unknown>,
    ...more,
  }
}

const read = (record: ResourceRecord): StoreReading => readStore(storeOf(record), record)

/** The value at a dotted path of nested facts; `absent` where there is none. */
function factAt(reading: StoreReading, path: string): unknown {
  if (Object.hasOwn(reading.times, path)) return { time: reading.times[path] }
  const [group, leaf] = path.includes('.') ? (path.split('.') as [string, string]) : [undefined, path]
  const owner = group === undefined ? reading.own : (reading.own[group] as Facts | undefined)
  return owner && Object.hasOwn(owner, leaf) && owner[leaf] !== undefined ? owner[leaf] : 'absent'
}

function expectFacts(record: ResourceRecord, expected: { [path: string]: unknown }): void {
  const reading = read(record)
  const got = Object.fromEntries(Object.keys(expected).map(path => [path, factAt(reading, path)]))
  expect(got).toEqual(expected)
  expect(misfits(reading)).toEqual([])
}

// ——— An independent reading of the schema: which paths there are, and what may stand at them.

interface SchemaNode {
  type?: string | string[]
  enum?: unknown[]
  properties?: { [name: string]: SchemaNode }
  items?: SchemaNode
}
const schema = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../schemas/facts/data-store.schema.json', import.meta.url)), 'utf8'),
) as SchemaNode

function nodeAt(path: string): SchemaNode | undefined {
  return path.split('.').reduce<SchemaNode | undefined>((node, name) => node?.properties?.[name], schema)
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
}

/** What is wrong with a value at a node of the schema; a number may be a bound, a list partial. */
function wrongness(node: SchemaNode | undefined, value: unknown, path: string): string[] {
  if (!node) return [`${path}: no such fact`]
  if (value === undefined) return []
  const types = [node.type ?? []].flat()
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    if ('$partial' in value) return wrongness(node, (value as { $partial: unknown }).$partial, path)
    if ('$atLeast' in value || '$atMost' in value)
      return types.includes('number') ? [] : [`${path}: a bound on ${types}`]
    return Object.entries(value).flatMap(([name, inner]) =>
      wrongness(node.properties?.[name], inner, `${path}.${name}`),
    )
  }
  if (!types.includes(kindOf(value))) return [`${path}: ${kindOf(value)}, not ${types}`]
  if (typeof value === 'number' && !Number.isFinite(value)) return [`${path}: ${value}`]
  if (node.enum && !node.enum.includes(value)) return [`${path}: ${JSON.stringify(value)} is none of its values`]
  return Array.isArray(value) ? value.flatMap((element, i) => wrongness(node.items, element, `${path}[${i}]`)) : []
}

function misfits(reading: StoreReading): string[] {
  const times = Object.keys(reading.times).flatMap(path => wrongness(nodeAt(path), 0, path))
  const facts = Object.entries(reading.own).flatMap(([name, value]) => wrongness(nodeAt(name), value, name))
  return [...times, ...facts]
}

// ——— Items, as AWS and templates spell them.

const clusterArn = 'arn:aws:rds:eu-west-1:111122223333:cluster:orders'
const keyArn = 'arn:aws:kms:eu-west-1:111122223333:key/0a1b'

const configInstance = (more: object = {}) =>
  item('AWS::RDS::DBInstance', 'config', {
    dBInstanceIdentifier: 'orders',
    engine: 'postgres',
    instanceCreateTime: '2025-01-01T00:00:00.000Z',
    backupRetentionPeriod: 7,
    latestRestorableTime: '2026-01-05T09:55:00.000Z',
    storageEncrypted: true,
    kmsKeyId: keyArn,
    deletionProtection: false,
    copyTagsToSnapshot: true,
    readReplicaSourceDBInstanceIdentifier: null,
    dBClusterIdentifier: null,
    dBInstanceAutomatedBackupsReplications: [],
    pendingModifiedValues: { backupRetentionPeriod: 0 },
    ...more,
  })

const configCluster = (more: object = {}) =>
  item('AWS::RDS::DBCluster', 'config', {
    dbclusterIdentifier: 'orders',
    dbclusterArn: clusterArn,
    engine: 'aurora-mysql',
    engineMode: 'provisioned',
    clusterCreateTime: 1645468867743,
    backupRetentionPeriod: 1,
    storageEncrypted: true,
    kmsKeyId: keyArn,
    deletionProtection: false,
    copyTagsToSnapshot: true,
    ...more,
  })

const bucket = (supplementary: Record<string, unknown> | undefined, encoding: Encoding = 'config') =>
  item(
    'AWS::S3::Bucket',
    encoding,
    { name: 'bookshop-covers', creationDate: '2025-01-01T00:00:00.000Z' },
    supplementary ? { supplementary } : {},
  )

const cloudformationBucket = (properties: object, more: Partial<ResourceRecord> = {}) =>
  item('AWS::S3::Bucket', 'cloudformation', properties, more)

describe('RDS instances', () => {
  it('reads a live instance, not what is pending', () => {
    expectFacts(configInstance(), {
      engine: 'postgres',
      deploymentType: null,
      ageHours: { time: Date.UTC(2025, 0, 1) },
      replicaOf: null,
      attached: true,
      'encryption.encrypted': true,
      'encryption.keyArn': keyArn,
      'encryption.keyManager': 'absent',
      'encryption.algorithm': null,
      'encryption.inTransit': null,
      'native.automatedBackup': true,
      'native.retentionDays': 7,
      'native.keepsForever': false,
      'native.backtrackHours': null,
      'native.latestRestorableAgeHours': { time: Date.UTC(2026, 0, 5, 9, 55) },
      'pitr.enabled': false,
      'lifecycle.deletionProtection': false,
      'lifecycle.deleteAutomatedBackups': null,
      'lifecycle.finalSnapshot': null,
      'lifecycle.copyTagsToBackups': true,
      'replication.crossRegion': false,
      'replication.destinations': [],
    })
  })

  it('reads retention 0 as automated backups off', () => {
    expectFacts(configInstance({ backupRetentionPeriod: 0, latestRestorableTime: null }), {
      'native.automatedBackup': false,
      'native.retentionDays': 0,
      'native.latestRestorableAgeHours': null,
    })
  })

  it('reads replicated automated backups with the Region of their ARN', () => {
    const target = 'arn:aws:rds:eu-central-1:111122223333:auto-backup:ab-0a1b'
    const record = configInstance({
      dBInstanceAutomatedBackupsReplications: [{ dBInstanceAutomatedBackupsArn: target }],
    })
    const expected = {
      kind: 'rds-automated-backups',
      enabled: true,
      target,
      region: 'eu-central-1',
      account: null,
      crossRegion: true,
      deleteMarkers: null,
      timeControl: null,
    }
    expectFacts(record, { 'replication.crossRegion': true, 'replication.destinations': [expected] })
  })

  it('knows nothing of replication where the item does not list it', () => {
    expectFacts(configInstance({ dBInstanceAutomatedBackupsReplications: undefined }), {
      'replication.destinations': 'absent',
      'replication.crossRegion': 'absent',
    })
  })

  const cfn = (properties: object, more: Partial<ResourceRecord> = {}) =>
    item('AWS::RDS::DBInstance', 'cloudformation', properties, more)
  const terraform = (values: object, more: Partial<ResourceRecord> = {}) =>
    item('aws_db_instance', 'terraform', values, more)

  it.each<[string, ResourceRecord, { [path: string]: unknown }]>([
    [
      'CloudFormation without settings: the API defaults, retention 1',
      cfn({ Engine: 'postgres' }, { supplementary: { DeletionPolicy: null } }),
      {
        'native.retentionDays': 1,
        'native.automatedBackup': true,
        'native.latestRestorableAgeHours': 'absent',
        'encryption.encrypted': false,
        'encryption.keyManager': null,
        'lifecycle.deletionProtection': false,
        'lifecycle.deleteAutomatedBackups': true,
        'lifecycle.finalSnapshot': true,
        'replication.destinations': [],
      },
    ],
    [
      'a DeletionPolicy that the source does not hand over',
      cfn({ Engine: 'postgres' }),
      { 'lifecycle.finalSnapshot': 'absent' },
    ],
    [
      'DeletionPolicy Delete',
      cfn({}, { supplementary: { DeletionPolicy: 'Delete' } }),
      { 'lifecycle.finalSnapshot': false },
    ],
    [
      'encrypted without a key: aws/rds',
      cfn({ StorageEncrypted: true }),
      { 'encryption.keyManager': 'aws', 'encryption.keyArn': null },
    ],
    [
      'a key that is an unresolved reference',
      cfn({ StorageEncrypted: true, KmsKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] } }),
      { 'encryption.keyArn': 'absent', 'encryption.keyManager': 'absent' },
    ],
    [
      'a restored instance takes over what its snapshot had',
      cfn({ DBSnapshotIdentifier: 'before-the-sale' }),
      { 'encryption.encrypted': 'absent', 'native.retentionDays': 'absent', 'native.automatedBackup': 'absent' },
    ],
    [
      'a read replica of the same template has no backups unless told to',
      cfn({ SourceDBInstanceIdentifier: 'Orders' }),
      {
        replicaOf: 'Orders',
        'native.retentionDays': 0,
        'native.automatedBackup': false,
        'encryption.encrypted': 'absent',
      },
    ],
    [
      'retention that is known only at deployment',
      cfn({ BackupRetentionPeriod: { Ref: 'Days' } }),
      { 'native.retentionDays': 'absent', 'native.automatedBackup': 'absent' },
    ],
    [
      'retention taken away with AWS::NoValue counts as omitted',
      cfn({ BackupRetentionPeriod: { Ref: 'AWS::NoValue' } }),
      { 'native.retentionDays': 1 },
    ],
    [
      'replication declared by CloudFormation, with its key',
      cfn({
        AutomaticBackupReplicationRegion: 'eu-central-1',
        AutomaticBackupReplicationRetentionPeriod: 14,
        AutomaticBackupReplicationKmsKeyId: keyArn,
      }),
      {
        'replication.crossRegion': true,
        'replication.destinations': [
          {
            kind: 'rds-automated-backups',
            enabled: true,
            target: null,
            region: 'eu-central-1',
            account: null,
            crossRegion: true,
            encrypted: true,
            keyArn,
            deleteMarkers: null,
            timeControl: null,
            retentionDays: 14,
          },
        ],
      },
    ],
    [
      'Terraform without settings: retention 0, a final snapshot is taken',
      terraform({ engine: 'postgres', kms_key_id: '', snapshot_identifier: null, restore_to_point_in_time: [] }),
      {
        'native.retentionDays': 0,
        'native.automatedBackup': false,
        'encryption.encrypted': false,
        'encryption.keyArn': null,
        'lifecycle.finalSnapshot': true,
        'lifecycle.deleteAutomatedBackups': true,
        'replication.destinations': [],
      },
    ],
    [
      'Terraform that replicates automated backups',
      terraform({
        automated_backups_replication: [
          { source_db_instance_arn: 'x', retention_period: 14, kms_key_id: keyArn, region: 'us-east-1' },
        ],
      }),
      {
        'replication.crossRegion': true,
        'replication.destinations': [
          {
            kind: 'rds-automated-backups',
            enabled: true,
            target: null,
            region: 'us-east-1',
            account: null,
            crossRegion: true,
            encrypted: true,
            keyArn,
            deleteMarkers: null,
            timeControl: null,
            retentionDays: 14,
          },
        ],
      },
    ],
    [
      'a replication of which the instance is declared elsewhere: nothing is known but what it says itself',
      terraform(
        { automated_backups_replication: [{ source_db_instance_arn: 'x', retention_period: 14, region: 'us-east-1' }] },
        { unknown: ['*'] },
      ),
      {
        'native.retentionDays': 'absent',
        'encryption.encrypted': 'absent',
        'lifecycle.deletionProtection': 'absent',
        'replication.destinations': [
          {
            kind: 'rds-automated-backups',
            enabled: true,
            target: null,
            region: 'us-east-1',
            account: null,
            crossRegion: true,
            encrypted: false,
            keyArn: null,
            deleteMarkers: null,
            timeControl: null,
            retentionDays: 14,
          },
        ],
      },
    ],
    [
      'Terraform whose replication may be declared elsewhere',
      terraform({}, { unknown: ['automated_backups_replication'] }),
      { 'replication.destinations': { $partial: [] }, 'replication.crossRegion': 'absent' },
    ],
    [
      'Terraform that skips the final snapshot',
      terraform({ skip_final_snapshot: true }),
      { 'lifecycle.finalSnapshot': false },
    ],
    [
      'an engine of clusters, whose instances copy no tags whatever they state',
      terraform({ engine: 'neptune', copy_tags_to_snapshot: true }),
      { 'lifecycle.copyTagsToBackups': false },
    ],
    [
      'Terraform with a value that is known only after apply',
      terraform({ backup_retention_period: null }, { unknown: ['backup_retention_period'] }),
      { 'native.retentionDays': 'absent', 'native.automatedBackup': 'absent' },
    ],
  ])('%s', (_name, record, expected) => expectFacts(record, expected))

  it.each<[string, ResourceRecord, string | null | undefined, boolean]>([
    ['a member names its cluster', configInstance({ dBClusterIdentifier: 'orders-cluster' }), 'orders-cluster', false],
    ['an instance on its own', configInstance(), null, false],
    ['a member by parameter', cfn({ Engine: 'aurora-mysql', DBClusterIdentifier: { Ref: 'Any' } }), undefined, true],
    [
      'a member of a cluster that is not known',
      cfn({ DBClusterIdentifier: { 'Fn::ImportValue': 'orders' } }),
      undefined,
      true,
    ],
    ['an Aurora engine in AWS', configInstance({ engine: 'aurora-postgresql' }), undefined, true],
    ['an Aurora engine in a state', terraform({ engine: 'aurora-postgresql', resource_id: 'db-1' }), undefined, true],
    ['an Aurora engine in no cluster of a template', terraform({ engine: 'aurora-postgresql' }), null, false],
    ['the same in CloudFormation', cfn({ Engine: 'neptune' }), null, false],
    [
      'an instance of DocumentDB',
      item('AWS::DocDB::DBInstance', 'cloudformation', { DBClusterIdentifier: 'archive' }),
      'archive',
      false,
    ],
    [
      'Terraform cluster instances',
      item('aws_neptune_cluster_instance', 'terraform', {}, { unknown: ['cluster_identifier'] }),
      undefined,
      true,
    ],
  ])('%s', (_name, record, judgedAs, isMember) => {
    const definition = storeOf(record)
    expect(definition.judgedAs!(record)).toBe(judgedAs)
    expect(definition.notAStore!(record, readStore(definition, record).own) !== null).toBe(isMember)
  })
})

describe('clusters', () => {
  it.each<[string, ResourceRecord, string, string | null | undefined]>([
    ['Aurora', configCluster(), 'AWS::RDS::DBCluster', 'Aurora'],
    ['Multi-AZ', configCluster({ engine: 'postgres' }), 'AWS::RDS::DBCluster', 'RDS'],
    ['DocumentDB under the RDS type', configCluster({ engine: 'docdb' }), 'AWS::DocDB::DBCluster', 'DocumentDB'],
    ['Neptune under the RDS type', configCluster({ engine: 'neptune' }), 'AWS::Neptune::DBCluster', 'Neptune'],
    ['no engine stated: not told', configCluster({ engine: undefined }), 'AWS::RDS::DBCluster', undefined],
    ['an engine of tomorrow: not told', configCluster({ engine: 'quantum' }), 'AWS::RDS::DBCluster', undefined],
    [
      'DocumentDB in CloudFormation',
      item('AWS::DocDB::DBCluster', 'cloudformation', {}),
      'AWS::DocDB::DBCluster',
      'DocumentDB',
    ],
    ['Neptune in Terraform', item('aws_neptune_cluster', 'terraform', {}), 'AWS::Neptune::DBCluster', 'Neptune'],
    ['Multi-AZ in Terraform', item('aws_rds_cluster', 'terraform', { engine: 'mysql' }), 'AWS::RDS::DBCluster', 'RDS'],
    [
      'the native type of an answer',
      item('AWS::DocDB::DBCluster', 'api', { Engine: 'docdb' }),
      'AWS::DocDB::DBCluster',
      'DocumentDB',
    ],
    ['DocumentDB elastic', item('AWS::DocDBElastic::Cluster', 'api', {}), 'AWS::DocDBElastic::Cluster', null],
    ['Aurora DSQL', item('AWS::DSQL::Cluster', 'api', {}), 'AWS::DSQL::Cluster', 'DSQL'],
  ])('tells by engine: %s', (_name, record, type, service) => {
    const definition = storeOf(record)
    expect(definition.type).toBe(type)
    const { own } = readStore(definition, record)
    expect(typeof definition.service === 'function' ? definition.service(own) : definition.service).toBe(service)
  })

  const aurora = {
    awsBackup: true,
    crossRegionCopy: true,
    continuous: true,
    airGapped: true,
    independentEncryption: false,
    coldStorage: false,
  }
  it.each<[string, ResourceRecord, object]>([
    ['Aurora', configCluster(), aurora],
    [
      'Multi-AZ: no copies, no continuous backup',
      configCluster({ engine: 'mysql' }),
      { crossRegionCopy: false, crossAccountCopy: false, continuous: false, restoreTesting: undefined },
    ],
    [
      'DocumentDB',
      configCluster({ engine: 'docdb' }),
      { crossRegionCopy: true, continuous: false, airGapped: false, restoreTesting: true },
    ],
    [
      'unknown engine: what every engine has',
      configCluster({ engine: null }),
      { awsBackup: true, independentEncryption: false, crossRegionCopy: undefined, continuous: undefined },
    ],
  ])('knows what AWS Backup can do for %s', (_name, record, expected) => {
    const definition = storeOf(record)
    const { own } = readStore(definition, record)
    const support: object = typeof definition.support === 'function' ? definition.support(own, {}) : definition.support
    for (const [feature, value] of Object.entries(expected)) expect(support[feature as never], feature).toBe(value)
  })

  it('reads a live Aurora cluster', () => {
    expectFacts(configCluster(), {
      engine: 'aurora-mysql',
      deploymentType: 'provisioned',
      ageHours: { time: 1645468867743 },
      replicaOf: null,
      'native.automatedBackup': true,
      'native.retentionDays': 1,
      'native.backtrackHours': 0,
      // AWS Config does not record it.
      'native.latestRestorableAgeHours': 'absent',
      'lifecycle.deleteAutomatedBackups': null,
      // Whether a global database follows the cluster, its companion tells.
      'replication.destinations': 'absent',
    })
  })

  it.each<[string, ResourceRecord, { [path: string]: unknown }]>([
    ['backtrack in hours', configCluster({ backtrackWindow: 86400 }), { 'native.backtrackHours': 24 }],
    [
      'backtrack of an engine that has none',
      configCluster({ engine: 'aurora-postgresql' }),
      { 'native.backtrackHours': null },
    ],
    [
      'backtrack of an unknown engine',
      configCluster({ engine: null }),
      { 'native.backtrackHours': 'absent', deploymentType: 'absent', engine: 'absent' },
    ],
    [
      'a Multi-AZ cluster',
      configCluster({ engine: 'postgres' }),
      { deploymentType: 'MultiAZCluster', 'replication.destinations': [], 'native.backtrackHours': null },
    ],
    [
      'DocumentDB',
      configCluster({ engine: 'docdb', copyTagsToSnapshot: undefined }),
      { engine: 'docdb', deploymentType: null, 'native.backtrackHours': null, 'lifecycle.copyTagsToBackups': null },
    ],
    [
      'CloudFormation defaults',
      item(
        'AWS::RDS::DBCluster',
        'cloudformation',
        { Engine: 'aurora-mysql' },
        { supplementary: { DeletionPolicy: null } },
      ),
      {
        'native.retentionDays': 1,
        'native.automatedBackup': true,
        'native.backtrackHours': 0,
        'encryption.encrypted': false,
        'lifecycle.finalSnapshot': true,
        'lifecycle.deleteAutomatedBackups': true,
      },
    ],
    [
      'CloudFormation DocumentDB is deleted where nothing else is stated',
      item('AWS::DocDB::DBCluster', 'cloudformation', {}, { supplementary: { DeletionPolicy: null } }),
      { 'lifecycle.finalSnapshot': false, 'native.retentionDays': 1, 'lifecycle.deletionProtection': false },
    ],
    [
      'a cluster restored from a snapshot',
      item('AWS::RDS::DBCluster', 'cloudformation', { Engine: 'aurora-mysql', SnapshotIdentifier: 'before-the-sale' }),
      {
        'encryption.encrypted': 'absent',
        'encryption.keyArn': 'absent',
        'native.automatedBackup': true,
        'native.retentionDays': { $atLeast: 1 },
      },
    ],
    [
      'Aurora Serverless v1 is always encrypted',
      item('aws_rds_cluster', 'terraform', { engine: 'aurora-mysql', engine_mode: 'serverless' }),
      { 'encryption.encrypted': true, deploymentType: 'serverless', 'encryption.keyManager': 'aws' },
    ],
    [
      'Neptune in Terraform names its key by ARN',
      item('aws_neptune_cluster', 'terraform', { storage_encrypted: true, kms_key_arn: keyArn }),
      { 'encryption.keyArn': keyArn, 'native.retentionDays': 1, 'lifecycle.copyTagsToBackups': false },
    ],
    [
      'DocumentDB elastic with a key of AWS',
      item('AWS::DocDBElastic::Cluster', 'api', {
        kmsKeyId: 'AWS_OWNED_KMS_KEY',
        backupRetentionPeriod: 3,
        createTime: '2025-01-01T00:00:00Z',
      }),
      {
        'encryption.encrypted': true,
        'encryption.keyArn': null,
        'encryption.keyManager': 'awsOwned',
        'native.retentionDays': 3,
        ageHours: { time: Date.UTC(2025, 0, 1) },
      },
    ],
    [
      'DSQL with a key of AWS, in one Region',
      item('AWS::DSQL::Cluster', 'api', {
        encryptionDetails: { encryptionType: 'AWS_OWNED_KMS_KEY' },
        deletionProtectionEnabled: true,
      }),
      {
        'encryption.keyArn': null,
        'encryption.keyManager': 'awsOwned',
        'native.automatedBackup': false,
        'lifecycle.deletionProtection': true,
        'replication.destinations': [],
      },
    ],
    [
      'DSQL with a key of the customer',
      item('AWS::DSQL::Cluster', 'api', {
        encryptionDetails: { encryptionType: 'CUSTOMER_MANAGED_KMS_KEY', kmsKeyArn: keyArn },
      }),
      { 'encryption.keyArn': keyArn, 'encryption.keyManager': 'absent' },
    ],
    [
      'DSQL answers without encryption details say nothing',
      item('AWS::DSQL::Cluster', 'api', {}),
      { 'encryption.keyArn': 'absent', 'encryption.keyManager': 'absent', 'lifecycle.deletionProtection': 'absent' },
    ],
  ])('%s', (_name, record, expected) => expectFacts(record, expected))

  it('finds the peers of a multi-Region DSQL cluster, and not itself', () => {
    const self = 'arn:aws:dsql:eu-west-1:111122223333:cluster/a'
    const peer = 'arn:aws:dsql:eu-west-2:111122223333:cluster/b'
    const record = item(
      'AWS::DSQL::Cluster',
      'api',
      { multiRegionProperties: { witnessRegion: 'eu-west-3', clusters: [self, peer] } },
      { arn: self },
    )
    const { own } = read(record)
    expect(own.replication).toMatchObject({
      crossRegion: true,
      destinations: [{ kind: 'dsql-peer', target: peer, region: 'eu-west-2', account: null }],
    })
  })

  it('tells the primary of a global database where it replicates to', () => {
    const secondary = 'arn:aws:rds:eu-central-1:444455556666:cluster:orders-copy'
    const record = item('AWS::RDS::GlobalCluster', 'api', {
      GlobalClusterMembers: [
        { DBClusterArn: secondary, IsWriter: false },
        { DBClusterArn: clusterArn, IsWriter: true, Readers: [secondary] },
      ],
    })
    const definition = definitionOf(record)
    if (definition?.role !== 'companion') throw new Error('no companion')
    expect(definition.read(record)).toMatchObject({
      storeId: clusterArn,
      facts: {
        replication: {
          crossRegion: true,
          destinations: [
            {
              kind: 'aurora-global',
              target: secondary,
              region: 'eu-central-1',
              account: '444455556666',
              crossRegion: true,
            },
          ],
        },
      },
    })
    const withoutMembers = item('AWS::RDS::GlobalCluster', 'config', { GlobalClusterIdentifier: 'orders' })
    expect(definition.read(withoutMembers)).toBeUndefined()
    expect(
      definition.read(item('AWS::RDS::GlobalCluster', 'api', { GlobalClusterMembers: [{ IsWriter: true }] })),
    ).toBeUndefined()
  })
})

describe('DynamoDB', () => {
  const tableReplica = {
    kind: 'dynamodb-replica',
    enabled: true,
    target: null,
    account: null,
    crossRegion: true,
    deleteMarkers: null,
    timeControl: null,
    retentionDays: null,
  }
  const table = (configuration: object, description?: object) =>
    item(
      'AWS::DynamoDB::Table',
      'config',
      { tableName: 'carts', creationDateTime: 1642087688890, ...configuration },
      description ? { supplementary: { ContinuousBackupsDescription: description } } : {},
    )

  it('reads a table of AWS Config whose point-in-time recovery is off', () => {
    const record = table(
      {},
      { continuousBackupsStatus: 'ENABLED', pointInTimeRecoveryDescription: { pointInTimeRecoveryStatus: 'DISABLED' } },
    )
    expectFacts(record, {
      ageHours: { time: 1642087688890 },
      'encryption.encrypted': true,
      'encryption.keyArn': null,
      'encryption.keyManager': 'awsOwned',
      'pitr.enabled': false,
      'pitr.recoveryPeriodDays': null,
      'pitr.latestRestorableAgeHours': null,
      'native.automatedBackup': false,
      'lifecycle.deletionProtection': 'absent',
      'lifecycle.finalSnapshot': null,
      'replication.destinations': [],
    })
  })

  it.each<[string, ResourceRecord, { [path: string]: unknown }]>([
    [
      'recovery is on, for a period that older items do not tell',
      table(
        {},
        {
          pointInTimeRecoveryDescription: {
            pointInTimeRecoveryStatus: 'ENABLED',
            latestRestorableDateTime: 1576622404.0,
          },
        },
      ),
      {
        'pitr.enabled': true,
        'pitr.recoveryPeriodDays': { $atLeast: 1 },
        'pitr.latestRestorableAgeHours': { time: 1576622404000 },
      },
    ],
    [
      'the native answer with its period',
      item(
        'AWS::DynamoDB::Table',
        'api',
        { TableName: 'carts' },
        {
          supplementary: {
            ContinuousBackupsDescription: {
              ContinuousBackupsStatus: 'ENABLED',
              PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'ENABLED', RecoveryPeriodInDays: 7 },
            },
          },
        },
      ),
      { 'pitr.enabled': true, 'pitr.recoveryPeriodDays': 7 },
    ],
    ['an answer that was not read', table({}), { 'pitr.enabled': 'absent', 'pitr.recoveryPeriodDays': 'absent' }],
    [
      'a status that nobody knows',
      table({}, { pointInTimeRecoveryDescription: { pointInTimeRecoveryStatus: 'PAUSED' } }),
      { 'pitr.enabled': 'absent' },
    ],
    [
      'a key',
      table({ ssedescription: { status: 'ENABLED', ssetype: 'KMS', kmsmasterKeyArn: keyArn } }),
      { 'encryption.keyArn': keyArn, 'encryption.keyManager': 'absent' },
    ],
    [
      'replicas',
      table({
        globalTableVersion: '2019.11.21',
        replicas: [
          { regionName: 'eu-central-1', replicaStatus: 'ACTIVE', kmsmasterKeyId: keyArn },
          { regionName: 'eu-west-2', replicaStatus: 'CREATING' },
        ],
      }),
      {
        'replication.crossRegion': true,
        'replication.destinations': [
          {
            kind: 'dynamodb-replica',
            enabled: true,
            target: null,
            region: 'eu-central-1',
            account: null,
            crossRegion: true,
            encrypted: true,
            keyArn,
            deleteMarkers: null,
            timeControl: null,
            retentionDays: null,
          },
          {
            kind: 'dynamodb-replica',
            enabled: false,
            target: null,
            region: 'eu-west-2',
            account: null,
            crossRegion: true,
            encrypted: false,
            keyArn: null,
            deleteMarkers: null,
            timeControl: null,
            retentionDays: null,
          },
        ],
      },
    ],
    [
      'a global table of the first version lists no replicas',
      table({ globalTableVersion: '2017.11.29' }),
      { 'replication.destinations': 'absent' },
    ],
    [
      'CloudFormation without settings',
      item('AWS::DynamoDB::Table', 'cloudformation', {}),
      {
        'pitr.enabled': false,
        'pitr.recoveryPeriodDays': null,
        'encryption.keyManager': 'awsOwned',
        'lifecycle.deletionProtection': false,
      },
    ],
    [
      'CloudFormation with recovery on: 35 days',
      item('AWS::DynamoDB::Table', 'cloudformation', {
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true },
      }),
      {
        'pitr.enabled': true,
        'pitr.recoveryPeriodDays': 35,
        'encryption.keyManager': 'aws',
        'encryption.keyArn': null,
        'pitr.latestRestorableAgeHours': 'absent',
      },
    ],
    [
      'CloudFormation whose specification depends on a condition',
      item('AWS::DynamoDB::Table', 'cloudformation', {
        PointInTimeRecoverySpecification: { 'Fn::If': ['Prod', {}, {}] },
        SSESpecification: { SSEEnabled: { Ref: 'Encrypt' } },
      }),
      { 'pitr.enabled': 'absent', 'pitr.recoveryPeriodDays': 'absent', 'encryption.keyManager': 'absent' },
    ],
    [
      'Terraform blocks',
      item('aws_dynamodb_table', 'terraform', {
        point_in_time_recovery: [{ enabled: true, recovery_period_in_days: 0 }],
        server_side_encryption: [],
        deletion_protection_enabled: true,
        replica: [],
      }),
      {
        'pitr.enabled': true,
        'pitr.recoveryPeriodDays': 35,
        'lifecycle.deletionProtection': true,
        'encryption.keyManager': 'awsOwned',
        'replication.destinations': [],
        'replication.crossRegion': false,
      },
    ],
    [
      'Terraform replicas that may be declared elsewhere too',
      item(
        'aws_dynamodb_table',
        'terraform',
        { replica: [{ region_name: 'us-east-1', kms_key_arn: keyArn }], table_replica: [{ region: 'eu-central-1' }] },
        { unknown: ['table_replica[]'] },
      ),
      {
        'replication.crossRegion': true,
        'replication.destinations': {
          $partial: [
            { ...tableReplica, region: 'us-east-1', encrypted: true, keyArn },
            { ...tableReplica, region: 'eu-central-1', encrypted: false, keyArn: null },
          ],
        },
      },
    ],
    [
      'a Terraform block whose value is known after apply',
      item(
        'aws_dynamodb_table',
        'terraform',
        { point_in_time_recovery: [{}] },
        { unknown: ['point_in_time_recovery.0.enabled'] },
      ),
      { 'pitr.enabled': 'absent', 'pitr.recoveryPeriodDays': 'absent' },
    ],
    [
      'a global table is as weak as its weakest replica',
      item('AWS::DynamoDB::GlobalTable', 'cloudformation', {
        Replicas: [
          {
            Region: 'eu-west-1',
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
            DeletionProtectionEnabled: true,
          },
          { Region: 'eu-central-1', DeletionProtectionEnabled: true },
        ],
      }),
      {
        'pitr.enabled': false,
        'pitr.recoveryPeriodDays': null,
        'lifecycle.deletionProtection': true,
        'encryption.keyManager': 'awsOwned',
        'replication.crossRegion': true,
      },
    ],
    [
      'a global table with recovery in every Region',
      item('AWS::DynamoDB::GlobalTable', 'cloudformation', {
        SSESpecification: { SSEEnabled: true },
        Replicas: [
          {
            Region: 'eu-west-1',
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
            SSESpecification: { KMSMasterKeyId: keyArn },
          },
          {
            Region: 'eu-central-1',
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: 'true', RecoveryPeriodInDays: 14 },
          },
        ],
      }),
      {
        'pitr.enabled': true,
        'pitr.recoveryPeriodDays': 14,
        'encryption.keyArn': keyArn,
        'lifecycle.deletionProtection': false,
      },
    ],
    [
      'a global table whose replicas are not known',
      item('AWS::DynamoDB::GlobalTable', 'cloudformation', { Replicas: { 'Fn::If': [] } }),
      { 'pitr.enabled': 'absent', 'replication.destinations': 'absent' },
    ],
  ])('%s', (_name, record, expected) => expectFacts(record, expected))

  it.each([
    [true, { crossRegionCopy: true, coldStorage: true, independentEncryption: true, restoreTesting: true }],
    [false, { crossRegionCopy: false, coldStorage: false, independentEncryption: false, restoreTesting: undefined }],
    [
      undefined,
      {
        awsBackup: true,
        continuous: false,
        crossRegionCopy: undefined,
        crossAccountCopy: undefined,
        coldStorage: undefined,
        independentEncryption: undefined,
        airGapped: undefined,
      },
    ],
  ])('advanced features %s', (dynamodbAdvanced, expected) => {
    const { support } = storeOf(table({}))
    if (typeof support !== 'function') throw new Error('constant')
    const row: object = support({}, dynamodbAdvanced === undefined ? {} : { dynamodbAdvanced })
    for (const [feature, value] of Object.entries(expected)) expect(row[feature as never], feature).toBe(value)
  })

  it('takes DAX for a cache', () => {
    const record = item('aws_dax_cluster', 'terraform', {})
    expect(storeOf(record).notAStore!(record, {})).toContain('cache')
  })
})

describe('EBS volumes and EC2 instances', () => {
  const volume = (configuration: object, more: Partial<ResourceRecord> = {}) =>
    item('AWS::EC2::Volume', 'config', configuration, more)
  const attachment = { instanceId: 'i-0a1b', device: '/dev/xvda', state: 'attached' }

  it.each<[string, ResourceRecord, { [path: string]: unknown }]>([
    [
      'attached',
      volume({
        state: { value: 'in-use' },
        attachments: [attachment],
        encrypted: false,
        createTime: '2025-01-01T00:00:00.000Z',
      }),
      {
        attached: true,
        'encryption.keyManager': null,
        'native.automatedBackup': false,
        ageHours: { time: Date.UTC(2025, 0, 1) },
      },
    ],
    ['not attached', volume({ state: 'available', attachments: [] }), { attached: false }],
    ['told by its state only', volume({ state: { value: 'available' } }), { attached: false }],
    [
      'told by nothing',
      volume({}),
      { attached: 'absent', 'encryption.encrypted': 'absent', 'encryption.keyArn': null },
    ],
    [
      'CloudFormation that is silent',
      item('AWS::EC2::Volume', 'cloudformation', { Size: 8 }),
      { attached: 'absent', 'encryption.encrypted': 'absent', 'lifecycle.finalSnapshot': 'absent' },
    ],
    [
      'CloudFormation that keeps a snapshot',
      item('AWS::EC2::Volume', 'cloudformation', {}, { supplementary: { DeletionPolicy: 'Snapshot' } }),
      { 'lifecycle.finalSnapshot': true },
    ],
    [
      'Terraform',
      item('aws_ebs_volume', 'terraform', { encrypted: false }),
      { 'encryption.encrypted': false, 'lifecycle.finalSnapshot': false },
    ],
    [
      'a key that AWS manages',
      volume({ encrypted: true, kmsKeyId: 'arn:aws:kms:eu-west-1:111122223333:alias/aws/ebs' }),
      { 'encryption.keyManager': 'aws' },
    ],
  ])('volume: %s', (_name, record, expected) => expectFacts(record, expected))

  it('is covered through the instances it is attached to', () => {
    const record = volume({ attachments: [attachment, { instanceId: 'i-0c2d', state: 'detached' }] })
    expect(storeOf(record).coveredThrough!(record)).toEqual(['arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b'])
    const nowhere = item('AWS::EC2::Volume', 'config', { attachments: [attachment] }, { region: undefined as never })
    expect(storeOf(nowhere).coveredThrough!(nowhere)).toEqual([])
  })

  const instance = (configuration: object) => item('AWS::EC2::Instance', 'config', configuration)
  it('reads an instance: no age from the last start, no encryption of its own', () => {
    const record = instance({
      launchTime: '2026-01-01T00:00:00.000Z',
      rootDeviceType: 'ebs',
      state: { code: 80, name: 'stopped' },
      blockDeviceMappings: [{ ebs: { attachTime: '2025-01-01T00:00:00.000Z' } }],
    })
    expectFacts(record, {
      deploymentType: 'ebs',
      ageHours: { time: Date.UTC(2025, 0, 1) },
      attached: true,
      'encryption.encrypted': 'absent',
      'encryption.keyArn': 'absent',
      'encryption.algorithm': null,
      'lifecycle.deletionProtection': 'absent',
      'native.automatedBackup': false,
      'native.retentionDays': 0,
      'replication.destinations': [],
    })
    expect(factAt(read(instance({ launchTime: '2026-01-01T00:00:00.000Z' })), 'ageHours')).toBe('absent')
  })

  it.each<[string, ResourceRecord, boolean]>([
    ['a stopped instance', instance({ state: { name: 'stopped' }, rootDeviceType: 'ebs' }), false],
    ['a running instance', instance({ state: { name: 'running' } }), false],
    ['a terminated instance', instance({ state: { name: 'terminated' } }), true],
    ['a terminated instance, otherwise spelt', instance({ state: { value: 'terminated' } }), true],
    ['an instance store', instance({ state: { name: 'running' }, rootDeviceType: 'instance-store' }), true],
    ['a volume that is being deleted', volume({ state: { value: 'deleting' } }), true],
    ['a volume', volume({ state: 'available' }), false],
  ])('%s', (_name, record, isNone) => {
    const definition = storeOf(record)
    expect(definition.notAStore!(record, readStore(definition, record).own) !== null).toBe(isNone)
  })
})

describe('EFS', () => {
  const api = (supplementary?: Record<string, unknown>) =>
    item(
      'AWS::EFS::FileSystem',
      'api',
      { FileSystemId: 'fs-1', CreationTime: '2025-01-01T00:00:00Z', Encrypted: true, KmsKeyId: keyArn },
      supplementary ? { supplementary } : {},
    )

  it.each<[string, ResourceRecord, { [path: string]: unknown }]>([
    [
      'AWS Config, on',
      item('AWS::EFS::FileSystem', 'config', { Encrypted: true, BackupPolicy: { Status: 'ENABLED' } }),
      { 'native.automatedBackup': true, 'native.retentionDays': 'absent', 'native.latestRestorableAgeHours': 'absent' },
    ],
    [
      'AWS Config, off',
      item('AWS::EFS::FileSystem', 'config', { BackupPolicy: { Status: 'DISABLED' } }),
      { 'native.automatedBackup': false, 'native.retentionDays': 0, 'native.latestRestorableAgeHours': null },
    ],
    [
      'being switched on',
      item('AWS::EFS::FileSystem', 'config', { BackupPolicy: { Status: 'ENABLING' } }),
      { 'native.automatedBackup': 'absent' },
    ],
    [
      'a policy that was not read',
      api(),
      {
        'native.automatedBackup': 'absent',
        'replication.destinations': 'absent',
        ageHours: { time: Date.UTC(2025, 0, 1) },
      },
    ],
    ['no policy at all', api({ BackupPolicy: null }), { 'native.automatedBackup': false }],
    [
      'the answer as it is',
      api({ BackupPolicy: { BackupPolicy: { Status: 'ENABLED' } } }),
      { 'native.automatedBackup': true },
    ],
    [
      'CloudFormation that is silent',
      item('AWS::EFS::FileSystem', 'cloudformation', {}),
      {
        'native.automatedBackup': false,
        'encryption.encrypted': false,
        'encryption.keyManager': null,
        'replication.destinations': [],
      },
    ],
    [
      'CloudFormation with an empty policy',
      item('AWS::EFS::FileSystem', 'cloudformation', { BackupPolicy: {} }),
      { 'native.automatedBackup': false },
    ],
    [
      'Terraform declares the policy apart',
      item(
        'aws_efs_file_system',
        'terraform',
        { encrypted: true },
        { unknown: ['file_system_policy', 'replication_configuration'] },
      ),
      { 'native.automatedBackup': 'absent', 'encryption.keyManager': 'aws', 'replication.destinations': 'absent' },
    ],
    [
      'Terraform without a policy: off',
      item('aws_efs_file_system', 'terraform', { encrypted: true }),
      { 'native.automatedBackup': false, 'native.retentionDays': 0, 'replication.destinations': [] },
    ],
    [
      'Terraform without a policy in one Availability Zone, where EFS switches backups on by itself',
      item('aws_efs_file_system', 'terraform', { availability_zone_name: 'eu-west-1a' }),
      { 'native.automatedBackup': 'absent' },
    ],
    [
      'Terraform with its companions',
      item('aws_efs_file_system', 'terraform', {
        encrypted: true,
        file_system_policy: [{ file_system_id: 'fs-1', backup_policy: [{ status: 'ENABLED' }] }],
        replication_configuration: [{ source_file_system_id: 'fs-1', destination: [{ region: 'eu-central-1' }] }],
      }),
      { 'native.automatedBackup': true, 'replication.crossRegion': true },
    ],
    [
      'a Terraform policy whose status is not known',
      item(
        'aws_efs_file_system',
        'terraform',
        { file_system_policy: [{ backup_policy: [{}] }] },
        { unknown: ['file_system_policy.0.backup_policy.0.status'] },
      ),
      { 'native.automatedBackup': 'absent' },
    ],
    [
      'CloudFormation that replicates',
      item('AWS::EFS::FileSystem', 'cloudformation', {
        ReplicationConfiguration: {
          Destinations: [{ Region: 'eu-central-1', KmsKeyId: 'Key' }],
        },
      }),
      {
        'replication.crossRegion': true,
        'replication.destinations': [
          {
            kind: 'efs',
            enabled: true,
            region: 'eu-central-1',
            crossRegion: true,
            encrypted: true,
            keyArn: 'Key',
            deleteMarkers: null,
            timeControl: null,
            retentionDays: null,
          },
        ],
      },
    ],
  ])('%s', (_name, record, expected) => expectFacts(record, expected))

  it('gives the source its replication', () => {
    const arn = 'arn:aws:elasticfilesystem:eu-west-1:111122223333:file-system/fs-1'
    const record = item('AWS::EFS::ReplicationConfiguration', 'api', {
      SourceFileSystemId: 'fs-1',
      SourceFileSystemArn: arn,
      SourceFileSystemRegion: 'eu-west-1',
      Destinations: [
        { Status: 'ENABLED', FileSystemId: 'fs-2', Region: 'eu-west-1', OwnerId: '111122223333' },
        { Status: 'ERROR', FileSystemId: 'fs-3', Region: 'eu-central-1' },
      ],
    })
    const definition = definitionOf(record)
    if (definition?.role !== 'companion') throw new Error('no companion')
    expect(definition.read(record)).toMatchObject({
      storeId: arn,
      facts: {
        replication: {
          crossRegion: false,
          destinations: [
            { enabled: true, crossRegion: false, target: 'fs-2', account: null },
            { enabled: false, crossRegion: true, target: 'fs-3' },
          ],
        },
      },
    })
    expect(definition.read(item('AWS::EFS::ReplicationConfiguration', 'api', { Destinations: [] }))).toBeUndefined()
  })
})

describe('FSx', () => {
  const live = (FileSystemType: string, group: object, more: object = {}) =>
    item('AWS::FSx::FileSystem', 'api', { FileSystemId: 'fs-1', FileSystemType, KmsKeyId: keyArn, ...group, ...more })
  const cfn = (FileSystemType: string, group: object = {}) =>
    item('AWS::FSx::FileSystem', 'cloudformation', { FileSystemType, ...group })

  it.each<[string, ResourceRecord, { [path: string]: unknown }]>([
    [
      'Windows',
      live('WINDOWS', {
        WindowsConfiguration: {
          AutomaticBackupRetentionDays: 3,
          CopyTagsToBackups: false,
          DeploymentType: 'MULTI_AZ_1',
        },
      }),
      {
        engine: 'WINDOWS',
        deploymentType: 'MULTI_AZ_1',
        'native.automatedBackup': true,
        'native.retentionDays': 3,
        'lifecycle.copyTagsToBackups': false,
        'encryption.encrypted': true,
        'native.latestRestorableAgeHours': 'absent',
        'native.snapshotIntervalHours': 24.5,
        'replication.destinations': [],
      },
    ],
    [
      'no retention in the answer: off',
      live('OPENZFS', { OpenZFSConfiguration: { DeploymentType: 'SINGLE_AZ_1' } }),
      {
        'native.automatedBackup': false,
        'native.retentionDays': 0,
        'native.latestRestorableAgeHours': null,
        'native.snapshotIntervalHours': null,
      },
    ],
    [
      'ONTAP',
      live('ONTAP', { OntapConfiguration: { AutomaticBackupRetentionDays: 7 } }),
      { engine: 'ONTAP', 'native.automatedBackup': true, 'lifecycle.copyTagsToBackups': null },
    ],
    [
      'CloudFormation ONTAP: the default that AWS documents has changed',
      cfn('ONTAP', { OntapConfiguration: { DeploymentType: 'MULTI_AZ_1' } }),
      { 'native.retentionDays': 'absent', 'native.automatedBackup': 'absent', 'encryption.keyManager': 'aws' },
    ],
    [
      'CloudFormation Lustre: off unless told otherwise',
      cfn('LUSTRE', { LustreConfiguration: { DeploymentType: 'PERSISTENT_1' } }),
      { 'native.retentionDays': 0, 'native.automatedBackup': false },
    ],
    [
      'CloudFormation of a kind that is not known',
      cfn({ Ref: 'Kind' } as never),
      { engine: 'absent', 'native.retentionDays': 'absent', 'native.automatedBackup': 'absent' },
    ],
    [
      'CloudFormation whose settings depend on a condition',
      cfn('WINDOWS', { WindowsConfiguration: { 'Fn::If': ['Prod', {}, {}] } }),
      { 'native.retentionDays': 'absent' },
    ],
    [
      'Terraform Windows: 7 days',
      item('aws_fsx_windows_file_system', 'terraform', {}),
      {
        engine: 'WINDOWS',
        'native.retentionDays': 7,
        'lifecycle.finalSnapshot': true,
        'lifecycle.copyTagsToBackups': false,
      },
    ],
    [
      'Terraform OpenZFS: off',
      item('aws_fsx_openzfs_file_system', 'terraform', {}),
      { engine: 'OPENZFS', 'native.retentionDays': 0 },
    ],
    [
      'an ONTAP volume',
      item('AWS::FSx::Volume', 'api', {
        VolumeType: 'ONTAP',
        FileSystemId: 'fs-1',
        OntapConfiguration: { OntapVolumeType: 'RW', CopyTagsToBackups: true },
      }),
      {
        engine: 'ONTAP',
        'native.automatedBackup': 'absent',
        'native.retentionDays': 'absent',
        'encryption.keyArn': 'absent',
        'lifecycle.copyTagsToBackups': true,
      },
    ],
    [
      'an ONTAP volume with its file system',
      item(
        'AWS::FSx::Volume',
        'api',
        { VolumeType: 'ONTAP' },
        {
          supplementary: { FileSystem: { KmsKeyId: keyArn, OntapConfiguration: { AutomaticBackupRetentionDays: 7 } } },
        },
      ),
      { 'native.automatedBackup': true, 'native.retentionDays': 7, 'encryption.keyArn': keyArn },
    ],
  ])('%s', (_name, record, expected) => expectFacts(record, expected))

  it.each<[string, ResourceRecord, boolean]>([
    ['scratch', live('LUSTRE', { LustreConfiguration: { DeploymentType: 'SCRATCH_2' } }), true],
    ['persistent', live('LUSTRE', { LustreConfiguration: { DeploymentType: 'PERSISTENT_2' } }), false],
    ['Lustre that a template says nothing of is scratch', cfn('LUSTRE'), true],
    ['Lustre whose type depends on a condition', cfn('LUSTRE', { LustreConfiguration: { 'Fn::If': [] } }), false],
    ['Terraform Lustre without a type is scratch', item('aws_fsx_lustre_file_system', 'terraform', {}), true],
    [
      'Terraform Lustre whose type is known after apply',
      item('aws_fsx_lustre_file_system', 'terraform', {}, { unknown: ['deployment_type'] }),
      false,
    ],
    ['ONTAP', live('ONTAP', {}), false],
    ['a volume of OpenZFS whose file system is not named', item('aws_fsx_openzfs_volume', 'terraform', {}), true],
    [
      'a FlexCache volume',
      item('AWS::FSx::Volume', 'api', { VolumeType: 'ONTAP', OntapConfiguration: { FlexCacheEndpointType: 'CACHE' } }),
      true,
    ],
  ])('no store: %s', (_name, record, isNone) => {
    const definition = storeOf(record)
    expect(definition.notAStore!(record, readStore(definition, record).own) !== null).toBe(isNone)
  })

  it('leaves ONTAP to its volumes, and volumes of OpenZFS to their file system', () => {
    const ontap = live('ONTAP', {})
    const definition = storeOf(ontap)
    const { own } = readStore(definition, ontap)
    if (typeof definition.support !== 'function' || typeof definition.service !== 'function')
      throw new Error('constant')
    expect(definition.support(own, {}).awsBackup).toBe(false)
    expect(definition.service(own)).toBeNull()
    const zfs = item('AWS::FSx::Volume', 'api', { VolumeType: 'OPENZFS', FileSystemId: 'fs-1' })
    expect(storeOf(zfs).judgedAs!(zfs)).toBe('fs-1')
    const volume = item('AWS::FSx::Volume', 'api', { VolumeType: 'ONTAP', FileSystemId: 'fs-1' })
    expect(storeOf(volume).judgedAs!(volume)).toBeNull()
    expect(storeOf(volume).support).toMatchObject({ awsBackup: true, crossRegionCopy: false, crossAccountCopy: false })
  })
})

describe('S3', () => {
  it('reads a bucket of AWS Config that has nothing', () => {
    const record = bucket({
      AccessControlList: '{"grantList":[]}',
      BucketVersioningConfiguration: { status: 'Off', isMfaDeleteEnabled: null },
      BucketPolicy: { policyText: null },
    })
    expectFacts(record, {
      ageHours: { time: Date.UTC(2025, 0, 1) },
      'encryption.encrypted': true,
      'encryption.algorithm': 'AES256',
      'encryption.keyArn': null,
      'encryption.keyManager': 'awsOwned',
      'encryption.inTransit': null,
      'versioning.status': 'Off',
      'versioning.mfaDelete': false,
      'objectLock.enabled': false,
      'objectLock.mode': null,
      'objectLock.retentionDays': null,
      'replication.crossRegion': false,
      'replication.destinations': [],
      'lifecycleRules.present': false,
      'lifecycleRules.expirationDays': null,
      'lifecycleRules.noncurrentExpirationDays': null,
      'lifecycleRules.abortIncompleteUploadDays': null,
      'lifecycleRules.transitions': false,
      'native.automatedBackup': false,
      'lifecycle.finalSnapshot': null,
    })
  })

  const bucketCompanions = [
    'bucket_versioning',
    'bucket_replication',
    'bucket_encryption',
    'bucket_object_lock',
    'bucket_lifecycle',
  ]
  const declared = (configuration: object, more: Partial<ResourceRecord> = {}) =>
    item('aws_s3_bucket', 'terraform', { bucket: 'covers', ...configuration }, more)
  const versioned = (status: string) => [{ versioning_configuration: [{ status, mfa_delete: 'Disabled' }] }]
  const rules = {
    rule: [
      {
        status: 'Enabled',
        expiration: [{ days: 400, date: '' }],
        noncurrent_version_expiration: [{ noncurrent_days: 30 }],
      },
      { status: 'Disabled', expiration: [{ days: 1 }] },
    ],
  }
  it.each<[string, ResourceRecord, { [path: string]: unknown }]>([
    [
      'none of them in a closed world',
      declared({}),
      {
        'versioning.status': 'Off',
        'versioning.mfaDelete': false,
        'objectLock.enabled': false,
        'replication.destinations': [],
        'lifecycleRules.present': false,
        'encryption.algorithm': 'AES256',
        'encryption.keyManager': 'awsOwned',
      },
    ],
    ['versioning', declared({ bucket_versioning: versioned('Enabled') }), { 'versioning.status': 'Enabled' }],
    [
      'versioning, suspended',
      declared({ bucket_versioning: versioned('Suspended') }),
      { 'versioning.status': 'Suspended' },
    ],
    ['versioning, never', declared({ bucket_versioning: versioned('Disabled') }), { 'versioning.status': 'Off' }],
    [
      'versioning with a status that is not known',
      declared(
        { bucket_versioning: [{ versioning_configuration: [{}] }] },
        { unknown: ['bucket_versioning.0.versioning_configuration.0.status'] },
      ),
      { 'versioning.status': 'absent', 'versioning.mfaDelete': false },
    ],
    [
      'versioning of which some resource of the root may be the declaration, whatever the block says',
      declared({ bucket_versioning: [], versioning: [{ enabled: true }] }, { unknown: ['bucket_versioning'] }),
      { 'versioning.status': 'absent' },
    ],
    [
      'two declarations of versioning',
      declared({ bucket_versioning: [...versioned('Enabled'), ...versioned('Suspended')] }),
      { 'versioning.status': 'absent' },
    ],
    [
      'the block of a state in an open world: on',
      declared({ versioning: [{ enabled: true, mfa_delete: true }] }, { unknown: ['bucket_versioning'] }),
      { 'versioning.status': 'Enabled', 'versioning.mfaDelete': true },
    ],
    [
      'the block of a state in an open world: off, which is no «never»',
      declared({ versioning: [{ enabled: false, mfa_delete: false }] }, { unknown: ['bucket_versioning'] }),
      { 'versioning.status': 'Suspended', 'versioning.mfaDelete': false },
    ],
    [
      'an empty block in an open world',
      declared({ versioning: [], replication_configuration: [] }, { unknown: bucketCompanions }),
      { 'versioning.status': 'absent', 'replication.destinations': 'absent' },
    ],
    [
      'encryption with a key',
      declared({
        bucket_encryption: [
          {
            rule: [
              { apply_server_side_encryption_by_default: [{ sse_algorithm: 'aws:kms', kms_master_key_id: keyArn }] },
            ],
          },
        ],
      }),
      { 'encryption.algorithm': 'aws:kms', 'encryption.keyArn': keyArn },
    ],
    [
      'encryption in a block',
      declared({
        server_side_encryption_configuration: [
          { rule: [{ apply_server_side_encryption_by_default: [{ sse_algorithm: 'AES256', kms_master_key_id: '' }] }] },
        ],
      }),
      { 'encryption.algorithm': 'AES256', 'encryption.keyArn': null, 'encryption.keyManager': 'awsOwned' },
    ],
    [
      'Object Lock',
      declared({
        bucket_object_lock: [{ rule: [{ default_retention: [{ mode: 'COMPLIANCE', days: 0, years: 1 }] }] }],
      }),
      { 'objectLock.enabled': true, 'objectLock.mode': 'COMPLIANCE', 'objectLock.retentionDays': 365 },
    ],
    [
      'Object Lock without a default retention',
      declared({ object_lock_enabled: true }),
      { 'objectLock.enabled': true, 'objectLock.mode': null, 'objectLock.retentionDays': null },
    ],
    [
      'lifecycle rules',
      declared({ bucket_lifecycle: [rules] }),
      {
        'lifecycleRules.present': true,
        'lifecycleRules.expirationDays': 400,
        'lifecycleRules.noncurrentExpirationDays': 30,
        'lifecycleRules.abortIncompleteUploadDays': null,
        'lifecycleRules.transitions': false,
      },
    ],
    [
      'lifecycle rules in blocks',
      declared({
        lifecycle_rule: [
          {
            enabled: true,
            abort_incomplete_multipart_upload_days: 7,
            noncurrent_version_expiration: [{ days: 90 }],
            transition: [{ days: 30, storage_class: 'GLACIER' }],
          },
          { enabled: false, expiration: [{ days: 1 }] },
        ],
      }),
      {
        'lifecycleRules.present': true,
        'lifecycleRules.expirationDays': null,
        'lifecycleRules.noncurrentExpirationDays': 90,
        'lifecycleRules.abortIncompleteUploadDays': 7,
        'lifecycleRules.transitions': true,
      },
    ],
  ])('Terraform: %s', (_name, record, expected) => expectFacts(record, expected))

  it.each<[string, object]>([
    [
      'a resource of its own',
      {
        bucket_replication: [
          {
            rule: [
              {
                status: 'Enabled',
                filter: [{ prefix: '' }],
                delete_marker_replication: [{ status: 'Disabled' }],
                destination: [
                  {
                    bucket: 'arn:aws:s3:::copies',
                    account: '444455556666',
                    encryption_configuration: [{ replica_kms_key_id: keyArn }],
                  },
                ],
              },
            ],
          },
        ],
      },
    ],
    [
      'a block',
      {
        replication_configuration: [
          {
            rules: [
              {
                status: 'Enabled',
                filter: [{ prefix: '' }],
                delete_marker_replication_status: 'Disabled',
                destination: [
                  { bucket: 'arn:aws:s3:::copies', account_id: '444455556666', replica_kms_key_id: keyArn },
                ],
              },
            ],
          },
        ],
      },
    ],
  ])('Terraform: replication in %s', (_name, configuration) =>
    expectFacts(declared(configuration), {
      'replication.destinations': [
        {
          kind: 's3',
          enabled: true,
          target: 'arn:aws:s3:::copies',
          account: '444455556666',
          encrypted: true,
          keyArn,
          deleteMarkers: false,
          timeControl: false,
          retentionDays: null,
        },
      ],
    }),
  )

  const unread = {
    'versioning.status': 'absent',
    'versioning.mfaDelete': 'absent',
    'objectLock.enabled': 'absent',
    'replication.destinations': 'absent',
    'lifecycleRules.present': 'absent',
    'encryption.algorithm': 'absent',
    'encryption.keyManager': 'absent',
    'encryption.encrypted': true,
  }
  it.each<[string, ResourceRecord]>([
    ['AWS Config without a supplementary configuration', bucket(undefined)],
    ['an answer without further answers', bucket({}, 'api')],
    [
      'Terraform, which declares everything apart, in an open world',
      item('aws_s3_bucket', 'terraform', { bucket: 'covers' }, { unknown: bucketCompanions }),
    ],
  ])('knows nothing from %s', (_name, record) => expectFacts(record, unread))

  it('takes null for none in answers of the API', () => {
    const none = {
      BucketVersioningConfiguration: {},
      BucketReplicationConfiguration: null,
      ServerSideEncryptionConfiguration: null,
      ObjectLockConfiguration: null,
      BucketLifecycleConfiguration: null,
    }
    expectFacts(bucket(none, 'api'), {
      'versioning.status': 'Off',
      'versioning.mfaDelete': false,
      'replication.destinations': [],
      'objectLock.enabled': false,
      'lifecycleRules.present': false,
      'encryption.algorithm': 'AES256',
    })
  })

  const rule = (more: object = {}) => ({
    status: 'Enabled',
    destinationConfig: { bucketARN: 'arn:aws:s3:::bookshop-copy' },
    ...more,
  })
  const replicated = (rules: object) =>
    bucket({ BucketReplicationConfiguration: { roleARN: 'arn:aws:iam::111122223333:role/copy', rules } })
  const base = { kind: 's3', target: 'arn:aws:s3:::bookshop-copy', retentionDays: null }

  it.each<[string, ResourceRecord, object[], unknown]>([
    [
      'a map of rules',
      replicated({ everything: rule() }),
      [{ ...base, enabled: true, encrypted: false, keyArn: null, deleteMarkers: true, timeControl: false }],
      'absent',
    ],
    [
      'a disabled rule is no replication',
      replicated({ everything: rule({ status: 'Disabled' }) }),
      [{ ...base, enabled: false, encrypted: false, keyArn: null, deleteMarkers: true, timeControl: false }],
      false,
    ],
    [
      'an account in lower case',
      replicated({ a: rule({ filter: {}, destinationConfig: { bucketARN: base.target, account: '444455556666' } }) }),
      [
        {
          ...base,
          enabled: true,
          account: '444455556666',
          encrypted: false,
          keyArn: null,
          deleteMarkers: false,
          timeControl: false,
        },
      ],
      'absent',
    ],
    [
      'an account in upper case, its own',
      replicated({ a: rule({ destinationConfig: { bucketARN: base.target, Account: '111122223333' } }) }),
      [
        {
          ...base,
          enabled: true,
          account: null,
          encrypted: false,
          keyArn: null,
          deleteMarkers: true,
          timeControl: false,
        },
      ],
      'absent',
    ],
    [
      'key, delete markers, time control',
      replicated({
        a: rule({
          filter: { predicate: {} },
          deleteMarkerReplication: { status: 'Enabled' },
          destinationConfig: {
            bucketARN: base.target,
            encryptionConfiguration: { replicaKmsKeyID: keyArn },
            replicationTime: { status: 'Enabled' },
          },
        }),
      }),
      [{ ...base, enabled: true, encrypted: true, keyArn, deleteMarkers: true, timeControl: true }],
      'absent',
    ],
    [
      'the answer of the API',
      bucket(
        {
          BucketReplicationConfiguration: {
            ReplicationConfiguration: {
              Rules: [
                {
                  ID: 'a',
                  Status: 'Enabled',
                  Filter: { Prefix: '' },
                  Destination: { Bucket: base.target },
                  DeleteMarkerReplication: { Status: 'Disabled' },
                },
              ],
            },
          },
        },
        'api',
      ),
      [{ ...base, enabled: true, encrypted: false, keyArn: null, deleteMarkers: false, timeControl: false }],
      'absent',
    ],
    [
      'CloudFormation',
      cloudformationBucket({
        ReplicationConfiguration: {
          Role: 'x',
          Rules: [
            {
              Status: 'Enabled',
              Destination: {
                Bucket: 'Copy',
                EncryptionConfiguration: { ReplicaKmsKeyID: 'Key' },
              },
            },
          ],
        },
      }),
      [
        {
          kind: 's3',
          target: 'Copy',
          retentionDays: null,
          enabled: true,
          encrypted: true,
          keyArn: 'Key',
          deleteMarkers: true,
          timeControl: false,
        },
      ],
      'absent',
    ],
  ])('replication: %s', (_name, record, destinations, crossRegion) =>
    expectFacts(record, { 'replication.destinations': destinations, 'replication.crossRegion': crossRegion }),
  )

  it.each<[string, ResourceRecord, { [path: string]: unknown }]>([
    [
      'a default retention in years',
      bucket({
        ObjectLockConfiguration: {
          objectLockEnabled: 'Enabled',
          rule: { defaultRetention: { mode: 'COMPLIANCE', days: null, years: 2 } },
        },
      }),
      { 'objectLock.enabled': true, 'objectLock.mode': 'COMPLIANCE', 'objectLock.retentionDays': 730 },
    ],
    [
      'no default retention',
      bucket({ ObjectLockConfiguration: { objectLockEnabled: 'Enabled' } }),
      { 'objectLock.enabled': true, 'objectLock.mode': null, 'objectLock.retentionDays': null },
    ],
    [
      'the answer of the API',
      bucket(
        {
          ObjectLockConfiguration: {
            ObjectLockConfiguration: {
              ObjectLockEnabled: 'Enabled',
              Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 50 } },
            },
          },
        },
        'api',
      ),
      { 'objectLock.enabled': true, 'objectLock.retentionDays': 50 },
    ],
    [
      'the flag of CloudFormation alone',
      cloudformationBucket({ ObjectLockEnabled: true }),
      { 'objectLock.enabled': true, 'objectLock.mode': null },
    ],
    [
      'CloudFormation without it',
      cloudformationBucket({}),
      {
        'objectLock.enabled': false,
        'versioning.status': 'Off',
        'versioning.mfaDelete': 'absent',
        'encryption.algorithm': 'AES256',
        'lifecycleRules.present': false,
      },
    ],
    [
      'CloudFormation that hangs on a parameter',
      cloudformationBucket({
        ObjectLockEnabled: { Ref: 'Lock' },
        VersioningConfiguration: { Status: { Ref: 'Versions' } },
      }),
      { 'objectLock.enabled': 'absent', 'versioning.status': 'absent' },
    ],
    [
      'suspended versions',
      bucket({ BucketVersioningConfiguration: { status: 'Suspended', isMfaDeleteEnabled: true } }),
      { 'versioning.status': 'Suspended', 'versioning.mfaDelete': true },
    ],
    [
      'versioning as JSON text',
      bucket({ BucketVersioningConfiguration: '{"status":"Enabled","isMfaDeleteEnabled":null}' }),
      { 'versioning.status': 'Enabled', 'versioning.mfaDelete': false },
    ],
    ['versioning that AWS Config left out', bucket({ AccessControlList: '{}' }), { 'versioning.status': 'absent' }],
    [
      'MFA delete in the API',
      bucket({ BucketVersioningConfiguration: { Status: 'Enabled', MFADelete: 'Enabled' } }, 'api'),
      { 'versioning.mfaDelete': true },
    ],
    [
      'SSE-KMS with a key',
      bucket({
        ServerSideEncryptionConfiguration: {
          rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyID: keyArn } }],
        },
      }),
      { 'encryption.algorithm': 'aws:kms', 'encryption.keyArn': keyArn, 'encryption.keyManager': 'absent' },
    ],
    [
      'SSE-KMS without a key',
      bucket({
        ServerSideEncryptionConfiguration: {
          rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyID: null } }],
        },
      }),
      { 'encryption.keyArn': null, 'encryption.keyManager': 'aws' },
    ],
    [
      'CloudFormation encryption',
      cloudformationBucket({
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms:dsse', KMSMasterKeyID: { Ref: 'Key' } } },
          ],
        },
      }),
      { 'encryption.algorithm': 'aws:kms:dsse', 'encryption.keyArn': 'absent', 'encryption.keyManager': 'absent' },
    ],
    [
      'legacy Terraform versioning',
      item('aws_s3_bucket', 'terraform', { versioning: [{ enabled: true, mfa_delete: false }] }),
      { 'versioning.status': 'Enabled', 'versioning.mfaDelete': false },
    ],
  ])('settings: %s', (_name, record, expected) => expectFacts(record, expected))

  const lifecycleOf = (...rules: object[]) => bucket({ BucketLifecycleConfiguration: { rules } })
  const configRule = {
    id: 'a',
    status: 'Enabled',
    prefix: null,
    expirationInDays: -1,
    noncurrentVersionExpirationInDays: -1,
    expirationDate: null,
    transitions: null,
    noncurrentVersionTransitions: null,
    abortIncompleteMultipartUpload: null,
  }
  it.each<[string, ResourceRecord, [unknown, unknown, unknown, unknown, unknown]]>([
    [
      'sentinels for «not set»',
      lifecycleOf({ ...configRule, filter: { predicate: { type: 'LifecycleAndOperator', operands: [] } } }),
      [true, null, null, null, false],
    ],
    [
      'the old form with a prefix',
      lifecycleOf({ ...configRule, prefix: 'logs/', expirationInDays: 30, noncurrentVersionExpirationInDays: 545 }),
      [true, 30, 545, null, false],
    ],
    [
      'the smallest age counts',
      lifecycleOf(
        { ...configRule, expirationInDays: 90 },
        { ...configRule, expirationInDays: 7, transitions: [{ days: 3, storageClass: 'GLACIER' }] },
      ),
      [true, 7, null, null, true],
    ],
    [
      'disabled rules do not count',
      lifecycleOf({ ...configRule, status: 'Disabled', expirationInDays: 1, transitions: [{ days: 1 }] }),
      [false, null, null, null, false],
    ],
    [
      'a date expires objects however young',
      lifecycleOf({ ...configRule, expirationDate: '2027-01-01T00:00:00.000Z' }),
      [true, 0, null, null, false],
    ],
    [
      'noncurrent versions and incomplete uploads',
      lifecycleOf({
        ...configRule,
        noncurrentVersionExpiration: { noncurrentDays: 90 },
        noncurrentVersionTransitions: [{ days: 30 }],
        abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
      }),
      [true, null, 90, 7, true],
    ],
    [
      'the answer of the API',
      bucket(
        {
          BucketLifecycleConfiguration: {
            Rules: [
              {
                Status: 'Enabled',
                Filter: {},
                Expiration: { Days: 365 },
                NoncurrentVersionExpiration: { NoncurrentDays: 30 },
                AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
              },
            ],
          },
        },
        'api',
      ),
      [true, 365, 30, 1, false],
    ],
    [
      'CloudFormation',
      cloudformationBucket({
        LifecycleConfiguration: {
          Rules: [
            { Status: 'Enabled', ExpirationInDays: 10, Transition: { StorageClass: 'GLACIER', TransitionInDays: 1 } },
          ],
        },
      }),
      [true, 10, null, null, true],
    ],
    [
      'CloudFormation whose rule hangs on a parameter',
      cloudformationBucket({ LifecycleConfiguration: { Rules: [{ Status: { Ref: 'On' }, ExpirationInDays: 10 }] } }),
      ['absent', 'absent', 'absent', 'absent', 'absent'],
    ],
    [
      'an age that is not known',
      cloudformationBucket({
        LifecycleConfiguration: { Rules: [{ Status: 'Enabled', ExpirationInDays: { Ref: 'Days' } }] },
      }),
      [true, 'absent', null, null, false],
    ],
  ])('lifecycle: %s', (_name, record, [present, expiration, noncurrent, abort, transitions]) =>
    expectFacts(record, {
      'lifecycleRules.present': present,
      'lifecycleRules.expirationDays': expiration,
      'lifecycleRules.noncurrentExpirationDays': noncurrent,
      'lifecycleRules.abortIncompleteUploadDays': abort,
      'lifecycleRules.transitions': transitions,
    }),
  )

  it('knows that AWS Backup leaves directory buckets out', () => {
    const record = item('AWS::S3Express::DirectoryBucket', 'config', { BucketName: 'covers--euw1-az1--x-s3' })
    const definition = storeOf(record)
    expect(definition.service).toBeNull()
    expect(definition.support).toMatchObject({ awsBackup: false })
    expectFacts(record, {
      'versioning.status': 'Off',
      'replication.destinations': [],
      'encryption.algorithm': 'absent',
    })
    const declared = item('AWS::S3Express::DirectoryBucket', 'cloudformation', {})
    expectFacts(declared, { 'encryption.algorithm': 'AES256', 'encryption.keyManager': 'awsOwned' })
  })
})

describe('Redshift', () => {
  const cluster = (more: object = {}) =>
    item('AWS::Redshift::Cluster', 'config', {
      clusterIdentifier: 'sales',
      clusterCreateTime: '2016-10-13T22:26:39.723Z',
      automatedSnapshotRetentionPeriod: 1,
      pendingModifiedValues: { automatedSnapshotRetentionPeriod: 0 },
      encrypted: true,
      kmsKeyId: keyArn,
      ...more,
    })
  const copy = {
    kind: 'redshift-snapshot-copy',
    enabled: true,
    target: null,
    account: null,
    deleteMarkers: null,
    timeControl: null,
  }

  it.each<[string, ResourceRecord, { [path: string]: unknown }]>([
    [
      'a cluster without copy',
      cluster(),
      {
        deploymentType: 'provisioned',
        'native.automatedBackup': true,
        'native.retentionDays': 1,
        'native.crossRegionCopy': false,
        'native.snapshotIntervalHours': null,
        'replication.destinations': [],
        'native.latestRestorableAgeHours': 'absent',
      },
    ],
    [
      'automated snapshots off',
      cluster({ automatedSnapshotRetentionPeriod: 0 }),
      { 'native.automatedBackup': false, 'native.latestRestorableAgeHours': null },
    ],
    [
      'a copy with a grant',
      cluster({
        clusterSnapshotCopyStatus: {
          destinationRegion: 'us-east-1',
          retentionPeriod: 7,
          snapshotCopyGrantName: 'orders',
        },
      }),
      {
        'native.crossRegionCopy': true,
        'replication.crossRegion': true,
        'replication.destinations': [
          { ...copy, region: 'us-east-1', crossRegion: true, encrypted: true, retentionDays: 7 },
        ],
      },
    ],
    ['a copy that is null', cluster({ clusterSnapshotCopyStatus: null }), { 'native.crossRegionCopy': false }],
    [
      'a schedule of its own',
      cluster({ snapshotScheduleIdentifier: 'hourly' }),
      { 'native.snapshotIntervalHours': 'absent' },
    ],
    [
      'CloudFormation that is silent',
      item('AWS::Redshift::Cluster', 'cloudformation', {}, { supplementary: { DeletionPolicy: null } }),
      {
        'native.retentionDays': 1,
        'native.crossRegionCopy': false,
        'encryption.encrypted': true,
        'encryption.keyManager': 'absent',
        'lifecycle.finalSnapshot': false,
      },
    ],
    [
      'CloudFormation from a snapshot',
      item('AWS::Redshift::Cluster', 'cloudformation', { SnapshotIdentifier: 'x' }),
      { 'encryption.encrypted': 'absent' },
    ],
    [
      'CloudFormation with a copy',
      item('AWS::Redshift::Cluster', 'cloudformation', { DestinationRegion: { Ref: 'Copy' } }),
      {
        'native.crossRegionCopy': true,
        'replication.crossRegion': true,
        'replication.destinations': [{ ...copy, crossRegion: true, encrypted: false, keyArn: null }],
      },
    ],
    [
      'Terraform declares the copy apart',
      item('aws_redshift_cluster', 'terraform', {
        cluster_snapshot_copy: [{ cluster_identifier: 'sales', destination_region: 'us-east-1' }],
      }),
      {
        'native.crossRegionCopy': true,
        'replication.destinations': [
          { ...copy, crossRegion: true, region: 'us-east-1', encrypted: false, keyArn: null, retentionDays: 7 },
        ],
      },
    ],
    [
      'Terraform without a copy',
      item('aws_redshift_cluster', 'terraform', {}),
      { 'native.crossRegionCopy': false, 'replication.destinations': [] },
    ],
    [
      'Terraform whose copy may be declared elsewhere',
      item('aws_redshift_cluster', 'terraform', { snapshot_copy: [] }, { unknown: ['cluster_snapshot_copy'] }),
      {
        'native.retentionDays': 1,
        'native.crossRegionCopy': 'absent',
        'replication.destinations': 'absent',
        'encryption.encrypted': 'absent',
        'lifecycle.finalSnapshot': true,
      },
    ],
    [
      'a namespace',
      item('AWS::RedshiftServerless::Namespace', 'api', {
        namespaceName: 'sales',
        kmsKeyId: 'AWS_OWNED_KMS_KEY',
        creationDate: '2025-01-01T00:00:00Z',
      }),
      {
        deploymentType: 'serverless',
        'native.automatedBackup': true,
        'native.retentionDays': 1,
        'native.crossRegionCopy': 'absent',
        'encryption.encrypted': true,
        'encryption.keyArn': null,
        'encryption.keyManager': 'awsOwned',
      },
    ],
    [
      'a namespace whose copies were read',
      item(
        'AWS::RedshiftServerless::Namespace',
        'api',
        {},
        {
          supplementary: {
            SnapshotCopyConfigurations: [
              { destinationRegion: 'us-east-1', snapshotRetentionPeriod: -1, destinationKmsKeyId: keyArn },
            ],
          },
        },
      ),
      {
        'native.crossRegionCopy': true,
        'replication.crossRegion': true,
        'replication.destinations': [{ ...copy, region: 'us-east-1', crossRegion: true, encrypted: true, keyArn }],
      },
    ],
    [
      'a namespace of CloudFormation',
      item('AWS::RedshiftServerless::Namespace', 'cloudformation', { FinalSnapshotName: 'last' }),
      { 'native.crossRegionCopy': false, 'replication.destinations': [], 'lifecycle.finalSnapshot': true },
    ],
  ])('%s', (_name, record, expected) => expectFacts(record, expected))

  it('is known by its namespace too', () => {
    const namespace = 'arn:aws:redshift:eu-west-1:111122223333:namespace:0a1b'
    const record = cluster({ clusterNamespaceArn: namespace })
    expect(storeOf(record).otherArns!(record)).toEqual([namespace])
    expect(storeOf(record).otherArns!(cluster())).toEqual([])
  })
})

describe('every definition of a store', () => {
  const stores = definitions.filter((definition): definition is StoreDefinition => definition.role === 'data-store')

  it.each(stores.map(definition => [definition.type, definition] as const))(
    '%s states facts of the schema only',
    (_type, definition) => {
      const wrong = Object.entries(definition.facts).flatMap(([path, source]) => {
        if (!nodeAt(path)) return [`${path}: no such fact`]
        if (typeof source !== 'object' || source === null || Array.isArray(source))
          return wrongness(nodeAt(path), source, path)
        const absent = (source as { absent?: object }).absent ?? {}
        return Object.values(absent).flatMap(value => wrongness(nodeAt(path), value, path))
      })
      expect(wrong).toEqual([])
    },
  )

  // What the join adds is not the definition's to state.
  const joined = [
    'classification',
    'objectives',
    'protection',
    'recovery',
    'copies',
    'destroyability',
    'restores',
    'jobs',
    'reproduction',
    'runbook',
    'support',
    'optIn',
    'isCache',
    'isBackupTarget',
    'tags',
    'type',
    'id',
    'arn',
  ]
  it.each(stores.map(definition => [definition.type, definition] as const))(
    '%s leaves the facts of the join alone',
    (_type, definition) => {
      expect(Object.keys(definition.facts).filter(path => joined.includes(path.split('.')[0]!))).toEqual([])
    },
  )

  const names = [
    '__proto__',
    'constructor',
    'engine',
    'Engine',
    'state',
    'rules',
    'Rules',
    'Replicas',
    'replicas',
    'attachments',
    'BackupPolicy',
    'BackupVersioningConfiguration',
    'BucketReplicationConfiguration',
    'BucketLifecycleConfiguration',
    'ObjectLockConfiguration',
    'ServerSideEncryptionConfiguration',
    'ReplicationConfiguration',
    'LifecycleConfiguration',
    'Destinations',
    'GlobalClusterMembers',
    'FileSystemType',
    'VolumeType',
    'backupRetentionPeriod',
    'BackupRetentionPeriod',
    'clusterSnapshotCopyStatus',
    'SnapshotCopyConfigurations',
    'multiRegionProperties',
    'clusters',
    'dBInstanceAutomatedBackupsReplications',
    'SSESpecification',
    'PointInTimeRecoverySpecification',
    'Ref',
    'Fn::If',
    'value',
    'Status',
    'status',
    'Region',
    'DeletionPolicy',
  ]
  const hostile = fc.letrec(tie => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(
        null,
        true,
        false,
        '',
        'Enabled',
        'ENABLED',
        'aurora-mysql',
        'LUSTRE',
        'arn:::',
        'arn:aws:rds',
        '9'.repeat(400),
        -1,
        0,
        1e308,
        Number.MAX_SAFE_INTEGER,
      ),
      fc.string(),
      fc.double(),
      tie('object'),
      fc.array(tie('value'), { maxLength: 3 }),
    ),
    object: fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 6 }),
  }))
  const tree = hostile.object as fc.Arbitrary<Record<string, unknown>>

  it.each(encodings)('withstands whatever an input of encoding %s holds', encoding => {
    fc.assert(
      fc.property(
        tree,
        tree,
        fc.array(fc.constantFrom(...names), { maxLength: 2 }),
        (configuration, supplementary, unknown) => {
          for (const definition of definitions) {
            const source = encoding === 'terraform' ? definition.names.terraform[0] : definition.type
            if (source === undefined) continue
            const record = item(source, encoding, configuration, { supplementary, unknown })
            if (definition.accepts && !definition.accepts(record)) continue
            if (definition.role !== 'data-store') {
              definition.read(record)
              continue
            }
            const reading = readStore(definition, record)
            expect(misfits(reading), definition.type).toEqual([])
            definition.judgedAs?.(record)
            definition.notAStore?.(record, reading.own)
            definition.coveredThrough?.(record)
            definition.otherArns?.(record)
            if (typeof definition.service === 'function') definition.service(reading.own)
          }
        },
      ),
      { numRuns: 150 },
    )
  })
})

const corpus = fileURLToPath(new URL('../../../shared/corpus/inputs', import.meta.url))

describe.skipIf(!existsSync(corpus))('items that other projects recorded', () => {
  /** Configuration items anywhere in a document, also in events and query rows that are JSON text. */
  function* itemsIn(value: unknown): Generator<object> {
    if (typeof value === 'string' && /^\s*\{/.test(value)) {
      try {
        yield* itemsIn(JSON.parse(value))
      } catch {}
    } else if (Array.isArray(value)) for (const element of value) yield* itemsIn(element)
    else if (typeof value === 'object' && value !== null) {
      if ('resourceType' in value && 'resourceId' in value && 'configuration' in value) yield value
      else for (const element of Object.values(value)) yield* itemsIn(element)
    }
  }

  const files = existsSync(corpus)
    ? readdirSync(corpus, { recursive: true, encoding: 'utf8' })
        .filter(file => file.endsWith('.json'))
        .sort()
    : []

  it('are read without a throw, into facts of the schema', () => {
    const types = new Map<string, number>()
    for (const file of files) {
      let document: unknown
      try {
        document = JSON.parse(readFileSync(join(corpus, file), 'utf8'))
      } catch {
        continue
      }
      for (const found of itemsIn(document)) {
        const outcome = readConfigurationItem(found)
        if (outcome.kind !== 'resource') continue
        const record: ResourceRecord = { ...outcome.record, scope: file }
        const definition = definitionOf(record)
        if (definition?.role !== 'data-store') continue
        expect(misfits(readStore(definition, record)), file).toEqual([])
        types.set(definition.type, (types.get(definition.type) ?? 0) + 1)
      }
    }
    for (const type of [
      'AWS::RDS::DBInstance',
      'AWS::RDS::DBCluster',
      'AWS::S3::Bucket',
      'AWS::DynamoDB::Table',
      'AWS::Redshift::Cluster',
      'AWS::EC2::Instance',
    ])
      expect(types.get(type), type).toBeGreaterThan(0)
  })
})

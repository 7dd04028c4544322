// Protects that what is read once for many stores is what would be read of each: a fact taken over from another store would be
// believed like one of its own.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { resourceDefinitions } from '../../src/generated/resources.ts'
import type { Likeness, ResourceRecord } from '../../src/model/record.ts'
import { AlikeReadings } from '../../src/resources/alike-readings.ts'
import type { StoreDefinition } from '../../src/resources/definition.ts'
import { readStore } from '../../src/resources/reading.ts'

const definition = (type: string) =>
  resourceDefinitions.find(found => found.role === 'data-store' && found.type === type) as StoreDefinition

const record = (type: string, configuration: object, more: Partial<ResourceRecord> = {}): ResourceRecord => ({
  record: 'resource',
  scope: 's1',
  type,
  id: 'orders',
  arn: 'arn:aws:service:eu-west-1:111122223333:store/orders',
  account: '111122223333',
  region: 'eu-west-1',
  name: 'orders',
  tags: { team: 'shop' },
  encoding: 'api',
  configuration: configuration as ResourceRecord['configuration'],
  ...more,
})

const keyArn = 'arn:aws:kms:eu-west-1:111122223333:key/0a1b'
const items: ResourceRecord[] = [
  record(
    'AWS::DynamoDB::Table',
    {
      TableName: 'orders',
      TableArn: 'arn:aws:dynamodb:eu-west-1:111122223333:table/orders',
      CreationDateTime: '2024-05-06T07:08:09.000Z',
      SSEDescription: { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: keyArn },
      DeletionProtectionEnabled: true,
      Replicas: [{ RegionName: 'eu-central-1', ReplicaStatus: 'ACTIVE', KMSMasterKeyId: keyArn }],
    },
    {
      supplementary: {
        ContinuousBackupsDescription: {
          PointInTimeRecoveryDescription: {
            PointInTimeRecoveryStatus: 'ENABLED',
            RecoveryPeriodInDays: 35,
            LatestRestorableDateTime: '2026-01-15T05:55:00.000Z',
          },
        },
      },
    },
  ),
  record(
    'AWS::S3::Bucket',
    { Name: 'orders', CreationDate: '2024-05-06T07:08:09.000Z' },
    {
      supplementary: {
        BucketVersioningConfiguration: { Status: 'Enabled', MFADelete: 'Disabled' },
        BucketReplicationConfiguration: {
          ReplicationConfiguration: {
            Rules: [
              {
                ID: 'all',
                Status: 'Enabled',
                Priority: 1,
                Filter: { Prefix: '' },
                Destination: { Bucket: 'arn:aws:s3:::copy', Account: '444455556666' },
                DeleteMarkerReplication: { Status: 'Enabled' },
              },
            ],
          },
        },
        ObjectLockConfiguration: null,
        BucketLifecycleConfiguration: {
          Rules: [{ ID: 'tidy', Status: 'Enabled', Filter: { Prefix: 'a/' }, Expiration: { Days: 9 } }],
        },
      },
    },
  ),
  record('AWS::RDS::DBCluster', {
    DBClusterIdentifier: 'orders',
    Engine: 'aurora-postgresql',
    EngineMode: 'provisioned',
    Status: 'available',
    BackupRetentionPeriod: 7,
    ClusterCreateTime: '2024-05-06T07:08:09.000Z',
    LatestRestorableTime: '2026-01-15T05:55:00.000Z',
    StorageEncrypted: true,
    KmsKeyId: keyArn,
    DeletionProtection: false,
    DBClusterMembers: [{ DBInstanceIdentifier: 'orders-1', IsClusterWriter: true }],
  }),
  record('AWS::EC2::Volume', {
    VolumeId: 'vol-1',
    CreateTime: '2024-05-06T07:08:09.000Z',
    State: 'in-use',
    Encrypted: true,
    KmsKeyId: keyArn,
    Attachments: [{ InstanceId: 'i-1', Device: '/dev/sdf', State: 'attached' }],
  }),
  record('AWS::EFS::FileSystem', {
    FileSystemId: 'fs-1',
    CreationTime: '2024-05-06T07:08:09.000Z',
    Encrypted: true,
    KmsKeyId: keyArn,
    ThroughputMode: 'bursting',
    FileSystemProtection: { ReplicationOverwriteProtection: 'ENABLED' },
  }),
]

type Path = (string | number)[]

/** Every string, number, boolean and null of a record, and where it stands. */
function leavesOf(value: unknown, path: Path = []): { path: Path; value: unknown }[] {
  if (typeof value !== 'object' || value === null) return [{ path, value }]
  return Object.entries(value).flatMap(([key, inner]) =>
    leavesOf(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  )
}

function withValue(value: unknown, [key, ...rest]: Path, leaf: unknown): unknown {
  if (key === undefined) return leaf
  if (Array.isArray(value)) return value.map((inner, i) => (i === key ? withValue(inner, rest, leaf) : inner))
  const tree = value as { [key: string]: unknown }
  return { ...tree, [key]: withValue(tree[key], rest, leaf) }
}

/** Other values of the same type. */
function others(value: unknown): unknown[] {
  if (typeof value === 'number') return [value, value + 1, 0, -1]
  if (typeof value === 'boolean') return [true, false]
  if (value === null) return [null]
  const texts = ['', 'ENABLED', 'DISABLED', 'Enabled', 'Suspended', 'true', keyArn, '2025-01-01T00:00:00.000Z', 'x']
  return [value, value, ...texts]
}

const fixed = new Set(['record', 'encoding', 'type'])

describe('stores that are read once for many', () => {
  it.each(items.map(item => [item.type, item] as const))('%s: as each by itself', (type, item) => {
    const store = definition(type)
    const leaves = leavesOf(item).filter(({ path }) => !fixed.has(String(path[0])))
    const like: Likeness = { differing: leaves.map(({ path }) => path) }
    const picks = fc.array(
      fc.record({ leaf: fc.constantFrom(...leaves), pick: fc.nat() }).map(({ leaf, pick }) => ({
        path: leaf.path,
        value: others(leaf.value)[pick % others(leaf.value).length],
      })),
      { maxLength: 4 },
    )
    fc.assert(
      fc.property(fc.array(picks, { minLength: 5, maxLength: 60 }), variants => {
        const readings = new AlikeReadings((_definition, own) => own)
        for (const changes of variants) {
          const varied = changes.reduce<unknown>((made, { path, value }) => withValue(made, path, value), item)
          const alike = { ...(varied as ResourceRecord), like }
          const { own, times } = readings.read(store, alike)
          const alone = readStore(store, varied as ResourceRecord)
          expect(JSON.stringify(own)).toBe(JSON.stringify(alone.own))
          expect(times).toEqual(alone.times)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('share their facts where they differ in a name, and not where a setting differs', () => {
    const [item] = items as [ResourceRecord]
    const path = ['configuration', 'DeletionProtectionEnabled']
    const like = { differing: [['configuration', 'TableName'], path] }
    const readings = new AlikeReadings((_definition, own) => own)
    const read = (name: string, isProtected: boolean) =>
      readings.read(definition(item.type), {
        ...(withValue(withValue(item, ['configuration', 'TableName'], name), path, isProtected) as ResourceRecord),
        like,
      }).own
    const first = read('orders', true)
    expect(read('baskets', true)).toBe(first)
    expect(read('baskets', false)).toMatchObject({ lifecycle: { deletionProtection: false } })
    expect(read('carts', true)).toBe(first)
  })
})

/** S3 buckets of a Region. Their settings have no list form. */
import {
  type Bucket,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketReplicationCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  ListBucketsCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { stated } from './answer.ts'
import { type Collector, type Records, textOf } from './collector.ts'
import { type Found, tagged } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { getResources } from './tags.ts'

const types = ['AWS::S3::Bucket']
const each = 'bucket'

const listBuckets = operation('s3:ListBuckets', S3Client, ListBucketsCommand, {
  action: 's3:ListAllMyBuckets',
  cuts: ['inventory', 'configuration', 'tags', 'replication'],
  types,
  paging: { in: 'ContinuationToken', out: 'ContinuationToken', input: { MaxBuckets: 1000 } },
})
const getVersioning = operation('s3:GetBucketVersioning', S3Client, GetBucketVersioningCommand, {
  cuts: ['configuration'],
  types,
  each,
})
const getReplication = operation('s3:GetBucketReplication', S3Client, GetBucketReplicationCommand, {
  action: 's3:GetReplicationConfiguration',
  cuts: ['replication'],
  types,
  each,
})
const getEncryption = operation('s3:GetBucketEncryption', S3Client, GetBucketEncryptionCommand, {
  action: 's3:GetEncryptionConfiguration',
  cuts: ['configuration'],
  types,
  each,
})
const getObjectLock = operation('s3:GetObjectLockConfiguration', S3Client, GetObjectLockConfigurationCommand, {
  action: 's3:GetBucketObjectLockConfiguration',
  cuts: ['configuration'],
  types,
  each,
})
const getLifecycle = operation('s3:GetBucketLifecycleConfiguration', S3Client, GetBucketLifecycleConfigurationCommand, {
  action: 's3:GetLifecycleConfiguration',
  cuts: ['configuration'],
  types,
  each,
})

const orNull = <T extends object>(answer: T | null | undefined) => answer && stated(answer)

async function found(place: Place, { Name, CreationDate }: Bucket): Promise<Found> {
  const Bucket = textOf(Name)
  const [versioning, replication, encryption, lock, lifecycle] = await Promise.all([
    place.ask(getVersioning, { Bucket }),
    place.askOrNone(getReplication, { Bucket }, ['ReplicationConfigurationNotFoundError']),
    place.askOrNone(getEncryption, { Bucket }, ['ServerSideEncryptionConfigurationNotFoundError']),
    place.askOrNone(getObjectLock, { Bucket }, ['ObjectLockConfigurationNotFoundError']),
    place.askOrNone(getLifecycle, { Bucket }, ['NoSuchLifecycleConfiguration']),
  ])
  return {
    type: types[0]!,
    id: Bucket,
    arn: `arn:${place.partition}:s3:::${Bucket}`,
    name: Bucket,
    configuration: { Name, CreationDate },
    supplementary: {
      BucketVersioningConfiguration: orNull(versioning),
      BucketReplicationConfiguration: orNull(replication),
      ServerSideEncryptionConfiguration: orNull(encryption),
      ObjectLockConfiguration: orNull(lock),
      BucketLifecycleConfiguration: orNull(lifecycle),
    },
  }
}

/** Every bucket costs five calls: a page of a thousand is taken in parts. */
const partLength = 100

async function* collect(place: Place): AsyncGenerator<Records> {
  for await (const { Buckets = [] } of place.pages(listBuckets, { BucketRegion: place.region })) {
    const here = Buckets.filter(({ BucketRegion }) => (BucketRegion ?? place.region) === place.region)
    for (let at = 0; at < here.length; at += partLength) {
      const part = here.slice(at, at + partLength)
      yield* tagged(place, await Promise.all(part.map(bucket => found(place, bucket))))
    }
  }
}

/** Buckets. */
export const collector: Collector = {
  service: 's3',
  scope: 'region',
  fills: { inventory: types, configuration: types, tags: types, replication: types },
  operations: [listBuckets, getVersioning, getReplication, getEncryption, getObjectLock, getLifecycle, getResources],
  collect,
}

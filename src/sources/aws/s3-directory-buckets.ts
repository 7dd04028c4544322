/**
 * Directory buckets of a Region (S3 Express One Zone). Neither encryption nor tags have a list form.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListDirectoryBuckets.html
 */
import { type Bucket, GetBucketEncryptionCommand, ListDirectoryBucketsCommand, S3Client } from '@aws-sdk/client-s3'
import { ListTagsForResourceCommand, S3ControlClient } from '@aws-sdk/client-s3-control'
import type { ResourceRecord } from '../../model/record.ts'
import { stated } from './answer.ts'
import { type Collector, type Records, textOf } from './collector.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { tagMap } from './tags.ts'

const types = ['AWS::S3Express::DirectoryBucket']
const each = 'directory bucket'

const list = operation('s3express:ListDirectoryBuckets', S3Client, ListDirectoryBucketsCommand, {
  action: 's3express:ListAllMyDirectoryBuckets',
  cuts: ['inventory', 'configuration', 'tags'],
  types,
  paging: { in: 'ContinuationToken', out: 'ContinuationToken', input: { MaxDirectoryBuckets: 1000 } },
})
const getEncryption = operation('s3express:GetBucketEncryption', S3Client, GetBucketEncryptionCommand, {
  action: 's3express:GetEncryptionConfiguration',
  cuts: ['configuration'],
  types,
  each,
})
const listTags = operation('s3express:ListTagsForResource', S3ControlClient, ListTagsForResourceCommand, {
  cuts: ['tags'],
  types,
  each,
})

async function record(place: Place, element: Bucket): Promise<ResourceRecord> {
  const Bucket = textOf(element.Name)
  const arn = place.arn('s3express', `bucket/${Bucket}`)
  const [encryption, tags] = await Promise.all([
    place.ask(getEncryption, { Bucket }),
    place.ask(listTags, { AccountId: place.account, ResourceArn: arn }),
  ])
  return place.resource(types[0]!, {
    id: Bucket,
    arn,
    name: Bucket,
    tags: tags && tagMap(tags.Tags),
    configuration: element,
    supplementary: { ServerSideEncryptionConfiguration: encryption && stated(encryption) },
  })
}

async function* collect(place: Place): AsyncGenerator<Records> {
  for await (const { Buckets = [] } of place.pages(list, {}))
    yield* await Promise.all(Buckets.map(bucket => record(place, bucket)))
}

/** Directory buckets. */
export const collector: Collector = {
  service: 's3express',
  scope: 'region',
  fills: { inventory: types, configuration: types, tags: types },
  operations: [list, getEncryption, listTags],
  collect,
}

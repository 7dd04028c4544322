/** A store in Amazon S3. Bundled with its client, apart from the command line, which loads it only where a store is in S3. */
import type { ObjectStore } from '../model/object-store.ts'
import { bucketWriter } from '../sinks/aws/object-bucket.ts'
import { type BucketPlace, bucketClient, bucketReader } from '../sources/aws/object-bucket.ts'

/** Opens a store in S3 with the credentials of the usual chain. */
export function bucketStore({ bucket, prefix }: BucketPlace): ObjectStore {
  const client = bucketClient()
  return {
    name: `s3://${bucket}/${prefix}`,
    ...bucketReader(client, { bucket, prefix }),
    ...bucketWriter(client, bucket, prefix),
  }
}

/** A bucket of Amazon S3, below a prefix, read as a store of objects. */
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { checkedKey, type ObjectReader, StoreFault } from '../../model/object-store.ts'
import { ClientSet, usualAttempts } from './clients.ts'
import type { ClientClass } from './operation.ts'

/** Where objects lie. The prefix is empty, or ends with a slash. */
export interface BucketPlace {
  bucket: string
  prefix: string
}

/** A client of S3 with the credentials of the usual chain, in the Region that the configuration names. */
export function bucketClient(): S3Client {
  const clients = new ClientSet({ maxAttempts: usualAttempts })
  return clients.client(S3Client as ClientClass, undefined) as unknown as S3Client
}

/** Reads the objects of a bucket. */
export function bucketReader(client: S3Client, { bucket, prefix }: BucketPlace): ObjectReader {
  return {
    async read(key) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: prefix + checkedKey(key) }))
        return Body as unknown as AsyncIterable<Uint8Array>
      } catch (error) {
        if ((error as Error).name === 'NoSuchKey') return undefined
        throw faultOf(error, `${key} could not be read`)
      }
    },
    list: wanted => keysIn(client, { bucket, prefix }, wanted),
  }
}

async function* keysIn(client: S3Client, { bucket, prefix }: BucketPlace, wanted: string): AsyncGenerator<string> {
  let ContinuationToken: string | undefined
  do {
    const page = await client
      .send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix + wanted, ContinuationToken }))
      .catch(error => {
        throw faultOf(error, `s3://${bucket}/${prefix} could not be listed`)
      })
    // S3 lists in the order of UTF-8 bytes, which for keys of ours is that of code units.
    for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key.slice(prefix.length)
    ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined
  } while (ContinuationToken)
}

/** A failure of S3 as a sentence. The message of AWS may hold the names of others, and is left out. */
export function faultOf(error: unknown, what: string): StoreFault {
  return error instanceof StoreFault ? error : new StoreFault(`${what} (${(error as Error).name})`)
}

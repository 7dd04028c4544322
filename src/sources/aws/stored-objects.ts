/** Objects in S3 that are read whole or as a stream: snapshots and policies. */
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import type { Clients } from './clients.ts'
import type { ClientClass } from './operation.ts'

/** An object, or the beginning of keys. */
interface Place {
  bucket: string
  key: string
}

const clientOf = (clients: Clients) => clients.client(S3Client as ClientClass, undefined) as unknown as S3Client

const isSnapshot = /\.ndjson(?:\.gz)?$/

/** The newest snapshot whose key is the one given, or begins with it; of two that are as new the one whose key is greater. */
export async function newestSnapshotKey(clients: Clients, { bucket, key }: Place): Promise<string | undefined> {
  let newest: { at: number; key: string } | undefined
  let ContinuationToken: string | undefined
  do {
    const page = await clientOf(clients).send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: key, ContinuationToken }),
    )
    for (const { Key, LastModified } of page.Contents ?? []) {
      if (Key === undefined || !isSnapshot.test(Key)) continue
      const at = LastModified?.getTime() ?? 0
      if (!newest || at > newest.at || (at === newest.at && Key > newest.key)) newest = { at, key: Key }
    }
    ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined
  } while (ContinuationToken)
  return newest?.key
}

/** The bytes of an object. */
export async function openObject(clients: Clients, { bucket, key }: Place): Promise<NodeJS.ReadableStream> {
  const { Body } = await clientOf(clients).send(new GetObjectCommand({ Bucket: bucket, Key: key }))
  if (!Body) throw new Error('S3 gave no body')
  return Body as unknown as NodeJS.ReadableStream
}

/** The text of an object of at most so many bytes. Rejects with {@link TooLarge}. */
export async function objectText(clients: Clients, { bucket, key }: Place, mostBytes: number): Promise<string> {
  const { Body, ContentLength = 0 } = await clientOf(clients).send(new GetObjectCommand({ Bucket: bucket, Key: key }))
  if (ContentLength > mostBytes) throw new TooLarge()
  return (await Body?.transformToString('utf-8')) ?? ''
}

/** More than anybody means to have in one text. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge'
}

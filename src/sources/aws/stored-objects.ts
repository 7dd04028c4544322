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

/** What is listed of an object. */
interface Listed {
  key: string
  /** Epoch milliseconds. */
  at: number
}

/** Objects whose key is the one given, or begins with it. */
async function* objectsBelow(clients: Clients, { bucket, key }: Place): AsyncGenerator<Listed> {
  let ContinuationToken: string | undefined
  do {
    const page = await clientOf(clients).send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: key, ContinuationToken }),
    )
    for (const { Key, LastModified } of page.Contents ?? [])
      if (Key !== undefined) yield { key: Key, at: LastModified?.getTime() ?? 0 }
    ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined
  } while (ContinuationToken)
}

/** The newest snapshot whose key is the one given, or begins with it; of two that are as new the one whose key is greater. */
export async function newestSnapshotKey(clients: Clients, place: Place): Promise<string | undefined> {
  let newest: Listed | undefined
  for await (const one of objectsBelow(clients, place)) {
    if (!isSnapshot.test(one.key)) continue
    if (!newest || one.at > newest.at || (one.at === newest.at && one.key > newest.key)) newest = one
  }
  return newest?.key
}

const isRuleFile = /\.ya?ml$/

/** Rules of an organisation are dozens. */
const mostRuleFiles = 500

/** More than a rule may have. */
const longestRuleBytes = 1_000_000

/** Reads at once. */
const readsAtOnce = 8

/** The rule files below a place, in the order of their keys, each with its whole name. Rejects with {@link TooLarge}, or where there is none. */
export async function ruleFilesBelow(clients: Clients, place: Place): Promise<{ name: string; text: string }[]> {
  const keys: string[] = []
  for await (const { key } of objectsBelow(clients, place)) {
    if (isRuleFile.test(key)) keys.push(key)
    if (keys.length > mostRuleFiles) throw new TooLarge()
  }
  if (keys.length === 0) throw new NotThere()
  const files: { name: string; text: string }[] = []
  for (let at = 0; at < keys.length; at += readsAtOnce)
    files.push(
      ...(await Promise.all(
        keys.slice(at, at + readsAtOnce).map(async key => ({
          name: `s3://${place.bucket}/${key}`,
          text: await objectText(clients, { bucket: place.bucket, key }, longestRuleBytes),
        })),
      )),
    )
  return files
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

/** Nothing that is looked for is there. */
class NotThere extends Error {
  override readonly name = 'NotFound'
}

/** More than anybody means to have in one text. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge'
}

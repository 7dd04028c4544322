/**
 * A bucket of Amazon S3, below a prefix, written as a store of objects. `If-None-Match: *` lets the first of several writers win
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html). Large objects go part by part, in bounded memory.
 */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { checkedKey, type ObjectWriter, StoreFault } from '../../model/object-store.ts'

/** S3 takes 10,000 parts of an object: 80 GB. */
const partBytes = 8 * 1024 * 1024

interface Target {
  Bucket: string
  Key: string
}

type Condition = { IfNoneMatch?: '*' }

/** Writes the objects of a bucket. The prefix is empty, or ends with a slash. */
export function bucketWriter(client: S3Client, bucket: string, prefix: string): ObjectWriter {
  return {
    async put(key, chunks, { onlyIfAbsent = false } = {}) {
      const target = { Bucket: bucket, Key: prefix + checkedKey(key) }
      const source = new Source(chunks)
      try {
        await write(client, target, source.parts(), onlyIfAbsent ? { IfNoneMatch: '*' } : {})
        return true
      } catch (error) {
        if (source.failure !== undefined) throw source.failure
        const { name } = error as Error
        // ConditionalRequestConflict, where another write of the key was under way, is told: who calls tries again.
        if (onlyIfAbsent && name === 'PreconditionFailed') return false
        if (error instanceof StoreFault) throw error
        throw new StoreFault(`${key} could not be written (${name})`)
      }
    },
  }
}

/** What is to be written, in pieces of one size but for the last. */
class Source {
  /** What its maker threw. */
  failure: unknown

  constructor(private readonly chunks: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>) {}

  async *parts(): AsyncGenerator<Buffer> {
    let pending: Uint8Array[] = []
    let length = 0
    try {
      for await (const chunk of this.chunks) {
        const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk)
        pending.push(bytes)
        length += bytes.length
        if (length < partBytes) continue
        yield Buffer.concat(pending)
        pending = []
        length = 0
      }
    } catch (error) {
      this.failure = error
      throw error
    }
    yield Buffer.concat(pending)
  }
}

async function write(
  client: S3Client,
  target: Target,
  parts: AsyncGenerator<Buffer>,
  condition: Condition,
): Promise<void> {
  const first = (await parts.next()).value as Buffer
  const second = await parts.next()
  if (second.done) {
    await client.send(new PutObjectCommand({ ...target, Body: first, ...condition }))
    return
  }
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(target))
  const upload = { ...target, UploadId }
  try {
    const Parts: { PartNumber: number; ETag: string | undefined }[] = []
    const send = async (Body: Buffer) => {
      const PartNumber = Parts.length + 1
      const { ETag } = await client.send(new UploadPartCommand({ ...upload, PartNumber, Body }))
      Parts.push({ PartNumber, ETag })
    }
    await send(first)
    await send(second.value)
    for await (const part of parts) if (part.length > 0) await send(part)
    await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts }, ...condition }))
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => {})
    throw error
  }
}

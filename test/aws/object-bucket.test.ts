/**
 * Protects a bucket as a store of objects: the first conditional write wins, large objects go part by part and come back whole, keys
 * come in their order and without the prefix, what is not there is told apart from what is refused.
 */
import { randomBytes } from 'node:crypto'
import { CreateBucketCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3'
import { beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../src/commands/object-store.ts'
import { type ObjectStore, StoreFault } from '../../src/model/object-store.ts'

const bucket = `rel09-store-${randomBytes(4).toString('hex')}`
let client: S3Client
let store: ObjectStore

beforeAll(async () => {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: process.env.REL09_EMULATOR,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  })
  client = new S3Client({})
  const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' } as const
  await client.send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration }))
  store = await openStore(`s3://${bucket}/rel09`, '/')
})

async function bytesOf(key: string): Promise<Buffer | undefined> {
  const bytes = await store.read(key)
  if (!bytes) return undefined
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  return Buffer.concat(chunks)
}

describe('a bucket as a store', () => {
  it('lets the first conditional writer win, and others write over it', async () => {
    expect(await bytesOf('a/b')).toBeUndefined()
    expect(await store.put('a/b', ['first'], { onlyIfAbsent: true })).toBe(true)
    expect(await store.put('a/b', ['second'], { onlyIfAbsent: true })).toBe(false)
    expect(String(await bytesOf('a/b'))).toBe('first')
    expect(await store.put('a/b', ['third'])).toBe(true)
    expect(String(await bytesOf('a/b'))).toBe('third')
  })

  it('writes large objects part by part, under the same condition, and leaves no parts behind', async () => {
    const large = randomBytes(20 * 1024 * 1024)
    const chunks = Array.from({ length: 320 }, (_, i) => large.subarray(i * 65_536, (i + 1) * 65_536))
    expect(await store.put('large', chunks, { onlyIfAbsent: true })).toBe(true)
    expect((await bytesOf('large'))?.equals(large)).toBe(true)
    async function* broken() {
      yield* chunks
      throw new Error('broken')
    }
    await expect(store.put('other', broken())).rejects.toThrow()
    expect(await bytesOf('other')).toBeUndefined()
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
    expect(Uploads).toEqual([])
  })

  it('lists keys in their order, without the prefix', async () => {
    const wanted = ['list/b', 'list/a/c', 'list/a-b', 'list/a.b', 'list/a=1/x']
    for (const key of wanted) await store.put(key, [key])
    const found: string[] = []
    for await (const key of store.list('list/')) found.push(key)
    expect(found).toEqual(wanted.sort())
  })

  it('does not take a refusal for an absence', async () => {
    const missing = await openStore('s3://rel09-no-such-bucket/rel09', '/')
    await expect(missing.read('a')).rejects.toThrow(StoreFault)
    await expect(missing.put('a', ['x'])).rejects.toThrow(StoreFault)
  })
})

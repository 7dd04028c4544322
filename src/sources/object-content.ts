/** The content of objects: whole as JSON, or line by line, compressed or not. */
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type ObjectReader, StoreFault } from '../model/object-store.ts'

/** The longest text that is read whole. */
const mostBytes = 256 * 1024 * 1024
const mostLineBytes = 64 * 1024 * 1024

/** The text of an object; `undefined` where there is none. */
export async function textOf(store: ObjectReader, key: string): Promise<string | undefined> {
  const bytes = await store.read(key)
  if (!bytes) return undefined
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of bytes) {
    length += chunk.length
    if (length > mostBytes) throw new StoreFault(`${key} is larger than anything that belongs there`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Whether there is an object. */
export async function isThere(store: ObjectReader, key: string): Promise<boolean> {
  const bytes = (await store.read(key))?.[Symbol.asyncIterator]()
  // What was not begun would not be closed either.
  await bytes?.next()
  await bytes?.return?.()
  return bytes !== undefined
}

/** An object of ours as JSON; `undefined` where there is none. */
export async function jsonOf<T>(store: ObjectReader, key: string): Promise<T | undefined> {
  const text = await textOf(store, key)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as T
  } catch {
    throw new StoreFault(`${key} is damaged: remove it, and run again`)
  }
}

/** The lines of a compressed object, each parsed; none where there is no object. */
export async function* zippedLinesOf<T>(store: ObjectReader, key: string): AsyncGenerator<T> {
  const bytes = await store.read(key)
  if (!bytes) return
  try {
    for await (const line of linesOf(inflated(bytes))) yield JSON.parse(line) as T
  } catch (error) {
    throw error instanceof StoreFault ? error : new StoreFault(`${key} is damaged: remove it, and run again`)
  }
}

function inflated(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
  const source = Readable.from(bytes, { objectMode: false })
  const gunzip = createGunzip()
  source.once('error', error => gunzip.destroy(error))
  return source.pipe(gunzip)
}

async function* linesOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of bytes) {
    let block = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (let end = block.indexOf(10); end >= 0; end = block.indexOf(10)) {
      yield block.toString('utf8', 0, end)
      block = block.subarray(end + 1)
    }
    rest = block
    if (rest.length > mostLineBytes) throw new Error('a line is too long')
  }
  if (rest.length > 0) throw new Error('the last line is cut off')
}

/** Reads what is wanted of each item, some ahead of others, and gives it in their order: each alone is a journey to the store. */
export async function* readAhead<T, R>(
  items: Iterable<T>,
  read: (item: T) => Promise<R>,
  ahead = 16,
): AsyncGenerator<[T, R]> {
  const under: [T, Promise<R>][] = []
  for (const item of items) {
    const reading = read(item)
    // It is heard when its turn comes.
    reading.catch(() => {})
    under.push([item, reading])
    if (under.length < ahead) continue
    const [first, answer] = under.shift()!
    yield [first, await answer]
  }
  for (const [item, answer] of under) yield [item, await answer]
}

/** The lines of a compressed object that is small. */
export async function allLinesOf<T>(store: ObjectReader, key: string): Promise<T[]> {
  const lines: T[] = []
  for await (const line of zippedLinesOf<T>(store, key)) lines.push(line)
  return lines
}

/** Bytes as an input reads them from a stream. */
export interface StreamedBytes {
  stdin: Readable
  /** To be asked once all was read: throws what the store failed for, which an input takes for a file that breaks off. */
  check(): void
}

/** Bytes of a store as a stream. */
export function streamed(bytes: AsyncIterable<Uint8Array>): StreamedBytes {
  let failure: unknown
  async function* watched() {
    try {
      yield* bytes
    } catch (error) {
      failure = error
      throw error
    }
  }
  return {
    stdin: Readable.from(watched(), { objectMode: false }),
    check() {
      if (failure !== undefined) throw failure
    },
  }
}

/** What lay in objects that were read one after another. */
export interface DigestedObject {
  key: string
  /** SHA-256 of its bytes, in hex. */
  digest: string
}

/**
 * The bytes of objects one after another: snapshots that are joined are a snapshot. Throws {@link StoreFault} where one is not what
 * its digest says, once it was read.
 */
export async function* joinedBytes(
  store: ObjectReader,
  objects: readonly DigestedObject[],
): AsyncGenerator<Uint8Array> {
  for (const { key, digest } of objects) {
    const bytes = await store.read(key)
    if (!bytes) throw new StoreFault(`${key} is gone`)
    const hash = createHash('sha256')
    for await (const chunk of bytes) {
      hash.update(chunk)
      yield chunk
    }
    if (hash.digest('hex') !== digest) throw new StoreFault(`${key} is not what was written there`)
  }
}

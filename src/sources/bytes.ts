/** Bytes of files and of standard input, in chunks: plain files without a single await, gzip inflated as it is read. */
import { closeSync, openSync, readSync } from 'node:fs'

/** Hands out bytes chunk by chunk. */
export interface ByteReader {
  /** The next chunk, valid until the next call; `undefined` at the end. A promise only where the bytes have to be awaited. */
  next(): Buffer | undefined | Promise<Buffer | undefined>
  close(): void
}

/** The file system or gzip would not give the bytes. The message is one sentence for the user. */
export class UnreadableInput extends Error {
  /** The file system refused: what the file holds, nobody knows. */
  readonly isRefused: boolean

  constructor(message: string, isRefused = false) {
    super(message)
    this.isRefused = isRefused
  }
}

/** Small, so that what a chunk holds is gone before the collector would have to copy it. */
const chunkBytes = 1 << 16
const gzipStepBytes = 1 << 16
/** Inflated in one go up to this size on disk; most history files are far smaller. */
const smallGzipBytes = 1 << 20
const smallInflatedBytes = 1 << 24

const reasons: { [code: string]: string } = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read (permission denied)',
  EPERM: 'may not be read (permission denied)',
  EISDIR: 'is a directory',
  ENOTDIR: 'does not exist (a part of its path is a file)',
  ELOOP: 'is a symbolic link that leads to itself',
  ENAMETOOLONG: 'does not exist (its name is too long)',
  EMFILE: 'could not be opened: too many files are open',
  Z_BUF_ERROR: 'is truncated: its gzip data ends early',
  Z_DATA_ERROR: 'is damaged: its gzip data cannot be inflated',
}

/** One sentence for an error of the file system or of zlib, without the path, which may be absolute. */
export function describeReadError(error: unknown): string {
  if (error instanceof UnreadableInput) return error.message
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  return reasons[code] ?? `could not be read${code ? ` (${code})` : ''}`
}

/** True where the bytes start as gzip data does. */
function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b
}

/** Buffers of readers that are closed: a directory may hold thousands of small files. */
const spareBuffers: Buffer[] = []

/** A plain file, read synchronously into one buffer: async streams cost 40 % more. Throws {@link UnreadableInput}. */
export function fileReader(path: string, count: (bytes: number) => void): ByteReader {
  const fd = guarded(() => openSync(path, 'r'))
  const buffer = spareBuffers.pop() ?? Buffer.allocUnsafeSlow(chunkBytes)
  let open = true
  return {
    next() {
      const read = guarded(() => readSync(fd, buffer, 0, chunkBytes, null))
      count(read)
      return read === 0 ? undefined : buffer.subarray(0, read)
    },
    close() {
      if (!open) return
      open = false
      closeSync(fd)
      if (spareBuffers.length < 4) spareBuffers.push(buffer)
    },
  }
}

function guarded<T>(action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw new UnreadableInput(describeReadError(error), true)
  }
}

/** Standard input, or a pipe. */
export function streamReader(stream: NodeJS.ReadableStream, count: (bytes: number) => void): ByteReader {
  const iterator = stream[Symbol.asyncIterator]()
  return {
    async next() {
      try {
        for (;;) {
          const { done, value } = await iterator.next()
          if (done) return undefined
          const chunk = Buffer.from(value)
          count(chunk.length)
          if (chunk.length > 0) return chunk
        }
      } catch (error) {
        throw new UnreadableInput(describeReadError(error))
      }
    },
    close() {
      void iterator.return?.()?.catch(() => {})
    },
  }
}

/** The content of a reader that may be gzip data, told by its first bytes; UTF-16 becomes UTF-8, a byte order mark is dropped. */
export async function contentReader(raw: ByteReader, bytesTotal?: number): Promise<ByteReader> {
  try {
    let head = await atLeast(raw, 3)
    if (!isGzip(head)) return decoded(head, raw)
    const zlib = await import('node:zlib')
    if (bytesTotal !== undefined && bytesTotal <= smallGzipBytes) {
      head = await atLeast(raw, bytesTotal + 1, head)
      const inflated = inflateSmall(zlib, head)
      if (inflated) {
        refuseNested(inflated)
        return decoded(inflated, raw)
      }
    }
    const inflating = gunzipReader(zlib, prefixed(head, raw))
    try {
      const inflated = await atLeast(inflating, 3)
      refuseNested(inflated)
      return decoded(inflated, inflating)
    } catch (error) {
      inflating.close()
      throw error
    }
  } catch (error) {
    raw.close()
    throw error
  }
}

function refuseNested(inflated: Buffer): void {
  if (isGzip(inflated)) throw new UnreadableInput('is compressed twice: gunzip it once')
}

/** The encoding that a byte order mark states, where it is UTF-16: PowerShell's `>` writes that. */
function utf16Of(head: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  if (head.length < 2) return undefined
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  return head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : undefined
}

/** Bytes of a reader as UTF-8. `head` are its first bytes. */
function decoded(head: Buffer, rest: ByteReader): ByteReader {
  const encoding = utf16Of(head)
  return encoding ? utf16Reader(prefixed(head, rest), encoding) : prefixed(withoutMark(head), rest)
}

function utf16Reader(raw: ByteReader, encoding: 'utf-16le' | 'utf-16be'): ByteReader {
  const decoder = new TextDecoder(encoding, { fatal: true })
  let ended = false
  function decode(chunk: Buffer | undefined): Buffer | undefined {
    if (!chunk) {
      ended = true
      const last = guardedText(() => decoder.decode())
      return last === '' ? undefined : Buffer.from(last)
    }
    return Buffer.from(guardedText(() => decoder.decode(chunk, { stream: true })))
  }
  async function awaited(first: Promise<Buffer | undefined>): Promise<Buffer | undefined> {
    for (let chunk = await first; ; chunk = await raw.next()) {
      const text = decode(chunk)
      if (!text || text.length > 0) return text
    }
  }
  return {
    next() {
      while (!ended) {
        const chunk = raw.next()
        if (chunk instanceof Promise) return awaited(chunk)
        const text = decode(chunk)
        if (!text || text.length > 0) return text
      }
      return undefined
    },
    close: () => raw.close(),
  }
}

function guardedText(action: () => string): string {
  try {
    return action()
  } catch {
    throw new UnreadableInput('is damaged: it is not the UTF-16 text that its first bytes say')
  }
}

function withoutMark(head: Buffer): Buffer {
  return head.length >= 3 && head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? head.subarray(3) : head
}

/** The first bytes of a reader, copied; fewer where there are no more. */
async function atLeast(reader: ByteReader, wanted: number, start: Buffer = Buffer.alloc(0)): Promise<Buffer> {
  const parts = [start]
  let length = start.length
  while (length < wanted) {
    const chunk = await reader.next()
    if (!chunk) break
    parts.push(Buffer.from(chunk))
    length += chunk.length
  }
  return parts.length === 1 ? start : Buffer.concat(parts)
}

/** Hands out bytes that were taken from a reader before, then the rest of it. */
export function prefixed(head: Buffer, rest: ByteReader): ByteReader {
  let pending: Buffer | undefined = head.length > 0 ? head : undefined
  return {
    next() {
      if (!pending) return rest.next()
      const chunk = pending
      pending = undefined
      return chunk
    },
    close: () => rest.close(),
  }
}

/** Loaded where there is something to inflate. */
type Zlib = typeof import('node:zlib')

function isInflation(value: unknown): value is { buffer: Buffer; engine: { bytesWritten: number } } {
  return typeof value === 'object' && value !== null && 'buffer' in value && 'engine' in value
}

function inflateSmall({ gunzipSync }: Zlib, bytes: Buffer): Buffer | undefined {
  try {
    // `info` (in Node's documentation, not in its types) tells how much was consumed: zlib passes over what follows the data.
    const inflated: unknown = gunzipSync(bytes, { maxOutputLength: smallInflatedBytes, info: true })
    if (!isInflation(inflated) || inflated.engine.bytesWritten !== bytes.length) return undefined
    return inflated.buffer
  } catch {
    // Too large for one go, or bad: the stream gives what comes before the damage, and says what is wrong.
    return undefined
  }
}

/**
 * Inflates the next chunk while the caller parses the one before. Node's own iterator over a stream drops what is buffered
 * when the data turns out to be damaged, at a point that depends on timing; here all that was inflated is handed out first,
 * then the error, so that the same file gives the same records.
 */
function gunzipReader({ createGunzip }: Zlib, raw: ByteReader): ByteReader {
  const gunzip = createGunzip({ chunkSize: chunkBytes })
  const inflated: Buffer[] = []
  let failure: unknown
  let ended = false
  let deflated: Buffer = Buffer.alloc(0)
  let given = 0
  gunzip.on('data', (chunk: Buffer) => inflated.push(chunk))
  const finished = new Promise<void>(resolve => {
    gunzip.once('end', () => {
      ended = true
      if (gunzip.bytesWritten < given || deflated.length > 0)
        failure ??= new UnreadableInput('holds more than gzip data')
      resolve()
    })
    gunzip.on('error', error => {
      failure ??= error
      resolve()
    })
  })

  async function pump(): Promise<void> {
    while (inflated.length === 0 && !ended && failure === undefined) {
      // Steps of one size, however a pipe cuts the bytes: of a damaged step nothing is handed out.
      if (deflated.length < gzipStepBytes) deflated = await atLeast(raw, gzipStepBytes, deflated)
      if (deflated.length === 0) {
        gunzip.end()
        await finished
        return
      }
      // Small steps bound what one write may inflate to (a thousandfold), whoever made the file.
      const step = deflated.subarray(0, gzipStepBytes)
      deflated = deflated.subarray(gzipStepBytes)
      given += step.length
      // Where other bytes follow the gzip data, the stream ends without calling back.
      await Promise.race([new Promise<void>(resolve => gunzip.write(step, () => resolve())), finished])
    }
  }

  let pumping = pump()
  pumping.catch(() => {})
  async function awaited(): Promise<Buffer | undefined> {
    await pumping
    const chunk = inflated.shift()
    if (!chunk && failure !== undefined) throw new UnreadableInput(describeReadError(failure))
    if (!chunk) return undefined
    pumping = pump()
    pumping.catch(() => {})
    return chunk
  }
  return {
    next: () => (inflated.length > 1 ? inflated.shift() : awaited()),
    close() {
      gunzip.destroy()
      raw.close()
    },
  }
}

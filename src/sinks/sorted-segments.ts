/**
 * Sorted lines on disk: segments of one file, each sorted in itself, and their merge. Thousands of segments need one open file and
 * bounded memory: they are merged by turns.
 */
import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs'

/** Lines in order, somewhere in a file. */
export interface Segment {
  /** Bytes. */
  start: number
  length: number
  /** SHA-256 of the bytes, in hex: what was cut off or written over is not taken for what was read. */
  digest: string
}

const chunkCharacters = 256 * 1024
const readBytes = 64 * 1024
/** More than any record: a line that is longer is no line of ours. */
const mostCharacters = 64 * 1024 * 1024

/** What lies in a file is not what was written there. */
export class DamagedFile extends Error {}

/**
 * Opens a file of ours in a folder of ours: no link, no pipe, and no other name of a file that lies elsewhere. Throws
 * {@link DamagedFile}, or what the file system throws.
 */
export function openOwn(path: string, flags: number): number {
  const file = openSync(path, flags | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0), 0o600)
  const stats = fstatSync(file)
  if (stats.isFile() && stats.nlink === 1) return file
  closeSync(file)
  throw new DamagedFile()
}

/** Writes all bytes, at the end or at a position. */
export function writeAll(file: number, bytes: Uint8Array): void {
  let written = 0
  while (written < bytes.length) written += writeSync(file, bytes, written)
}

/** A file of segments, which only grows. */
export class SegmentFile {
  private readonly file: number
  private end: number
  private isClosed = false

  /** Opens a file, or makes one. Throws what {@link openOwn} throws. */
  constructor(readonly path: string) {
    this.file = openOwn(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND)
    this.end = fstatSync(this.file).size
  }

  /** Writes lines that are in order. */
  append(lines: Iterable<string>): Segment {
    if (this.isClosed) throw new Error('closed')
    const hash = createHash('sha256')
    // Not where the last segment ended: one that could not be written whole may lie between.
    const start = fstatSync(this.file).size
    this.end = start
    let chunk = ''
    const flush = () => {
      const bytes = Buffer.from(chunk)
      hash.update(bytes)
      writeAll(this.file, bytes)
      this.end += bytes.length
      chunk = ''
    }
    for (const line of lines) {
      chunk += `${line}\n`
      if (chunk.length >= chunkCharacters) flush()
    }
    flush()
    return { start, length: this.end - start, digest: hash.digest('hex') }
  }

  /** Whether a segment lies there as it was written. */
  holds({ start, length, digest }: Segment): boolean {
    if (start + length > this.end) return false
    const hash = createHash('sha256')
    for (const bytes of this.bytes(start, length)) hash.update(bytes)
    return hash.digest('hex') === digest
  }

  /** The lines of a segment. Throws {@link DamagedFile} where they are none. */
  *lines({ start, length }: Segment): Generator<string> {
    const decoder = new TextDecoder()
    let rest = ''
    for (const bytes of this.bytes(start, length)) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
      if (rest.length > mostCharacters) throw new DamagedFile()
    }
    if (rest !== '') throw new DamagedFile()
  }

  close(): void {
    this.isClosed = true
    closeSync(this.file)
  }

  private *bytes(start: number, length: number): Generator<Buffer> {
    const buffer = Buffer.allocUnsafe(Math.min(readBytes, length))
    for (let at = 0; at < length; ) {
      const read = readSync(this.file, buffer, 0, Math.min(buffer.length, length - at), start + at)
      if (read === 0) throw new DamagedFile()
      yield buffer.subarray(0, read)
      at += read
    }
  }
}

/** Segments that are read side by side. */
const usualFanIn = 128

/**
 * The lines of all segments in order. More than `fanIn` are first merged into fewer, in files that `scratch` makes and that are
 * closed when they were read.
 */
export function* mergedLines(
  file: SegmentFile,
  segments: readonly Segment[],
  scratch: () => SegmentFile,
  fanIn = usualFanIn,
): Generator<string> {
  let from = file
  let left = segments
  try {
    while (left.length > fanIn) {
      const into = scratch()
      const merged: Segment[] = []
      try {
        for (let at = 0; at < left.length; at += fanIn)
          merged.push(into.append(merge(left.slice(at, at + fanIn).map(segment => from.lines(segment)))))
      } finally {
        if (from !== file) from.close()
        from = into
      }
      left = merged
    }
    yield* merge(left.map(segment => from.lines(segment)))
  } finally {
    if (from !== file) from.close()
  }
}

interface Head {
  line: string
  rest: Iterator<string>
}

/** Merges sorted lists of lines, by a heap of their heads. */
function* merge(lists: readonly Iterator<string>[]): Generator<string> {
  const heap: Head[] = []
  for (const rest of lists) {
    const { done, value } = rest.next()
    if (!done) heap.push({ line: value, rest })
  }
  for (let at = heap.length >> 1; at >= 0; at--) sink(heap, at)
  let last: string | undefined
  while (heap.length > 0) {
    const head = heap[0]!
    if (head.line !== last) yield head.line
    last = head.line
    const { done, value } = head.rest.next()
    if (!done) head.line = value
    else {
      const moved = heap.pop()!
      if (heap.length === 0) return
      heap[0] = moved
    }
    sink(heap, 0)
  }
}

/** Moves a head down to where none below it is less. */
function sink(heap: Head[], from: number): void {
  const moved = heap[from]
  if (!moved) return
  let at = from
  for (;;) {
    let least = 2 * at + 1
    if (least >= heap.length) break
    if (least + 1 < heap.length && heap[least + 1]!.line < heap[least]!.line) least++
    if (heap[least]!.line >= moved.line) break
    heap[at] = heap[least]!
    at = least
  }
  heap[at] = moved
}

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

/** A line: its key, and bytes that hold neither a zero nor the end of a line. */
export interface KeyedLine {
  key: string
  /** Good until the next line is asked for. */
  text: Uint8Array
}

const chunkBytes = 256 * 1024
const readBytes = 128 * 1024
/** More than any record: a line that is longer is no line of ours. */
const mostBytes = 64 * 1024 * 1024

/** Between key and text: JSON holds it only escaped. */
const separator = 0
const lineEnd = 10

/** Lines by their keys' code units, those of one key by their bytes. */
const compare = (a: KeyedLine, b: KeyedLine): number =>
  a.key < b.key ? -1 : a.key > b.key ? 1 : Buffer.compare(a.text, b.text)

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
  append(lines: Iterable<KeyedLine>): Segment {
    if (this.isClosed) throw new Error('closed')
    const hash = createHash('sha256')
    // Not where the last segment ended: one that could not be written whole may lie between.
    const start = fstatSync(this.file).size
    this.end = start
    let chunk = Buffer.allocUnsafe(chunkBytes)
    let filled = 0
    const flush = () => {
      const bytes = chunk.subarray(0, filled)
      hash.update(bytes)
      writeAll(this.file, bytes)
      this.end += filled
      filled = 0
    }
    for (const { key, text } of lines) {
      const most = key.length * 3 + text.length + 2
      if (filled + most > chunk.length) {
        flush()
        if (most > chunk.length) chunk = Buffer.allocUnsafe(most)
      }
      filled += chunk.write(key, filled)
      chunk[filled++] = separator
      chunk.set(text, filled)
      filled += text.length
      chunk[filled++] = lineEnd
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
  *lines({ start, length }: Segment): Generator<KeyedLine> {
    let buffer = Buffer.allocUnsafe(Math.min(readBytes, length))
    let filled = 0
    for (let at = 0; at < length; ) {
      if (filled === buffer.length) buffer = Buffer.concat([buffer], grown(filled))
      const read = readSync(this.file, buffer, filled, Math.min(buffer.length - filled, length - at), start + at)
      if (read === 0) throw new DamagedFile()
      at += read
      filled += read
      let from = 0
      for (let end = buffer.indexOf(lineEnd, from); end >= 0 && end < filled; end = buffer.indexOf(lineEnd, from)) {
        yield lineIn(buffer, from, end)
        from = end + 1
      }
      buffer.copyWithin(0, from, filled)
      filled -= from
    }
    if (filled > 0) throw new DamagedFile()
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

function grown(length: number): number {
  if (length >= mostBytes) throw new DamagedFile()
  return length * 2
}

function lineIn(buffer: Buffer, from: number, end: number): KeyedLine {
  const middle = buffer.indexOf(separator, from)
  if (middle < 0 || middle >= end) throw new DamagedFile()
  return { key: buffer.toString('utf8', from, middle), text: buffer.subarray(middle + 1, end) }
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
): Generator<KeyedLine> {
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
  line: KeyedLine
  rest: Iterator<KeyedLine>
}

/** Merges sorted lists of lines, by a heap of their heads. What two of them hold is told once. */
function* merge(lists: readonly Iterator<KeyedLine>[]): Generator<KeyedLine> {
  const heap: Head[] = []
  for (const rest of lists) {
    const { done, value } = rest.next()
    if (!done) heap.push({ line: value, rest })
  }
  for (let at = heap.length >> 1; at >= 0; at--) sink(heap, at)
  const last = new LastLine()
  while (heap.length > 0) {
    const head = heap[0]!
    if (!last.is(head.line)) {
      last.set(head.line)
      yield head.line
    }
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

/** The line that was told last, kept while its bytes are written over. */
class LastLine {
  private key: string | undefined
  private bytes = Buffer.alloc(0)
  private length = 0

  is({ key, text }: KeyedLine): boolean {
    return key === this.key && Buffer.compare(text, this.bytes.subarray(0, this.length)) === 0
  }

  set({ key, text }: KeyedLine): void {
    if (text.length > this.bytes.length) this.bytes = Buffer.allocUnsafe(text.length * 2)
    this.bytes.set(text)
    this.length = text.length
    this.key = key
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
    if (least + 1 < heap.length && compare(heap[least + 1]!.line, heap[least]!.line) < 0) least++
    if (compare(heap[least]!.line, moved.line) >= 0) break
    heap[at] = heap[least]!
    at = least
  }
  heap[at] = moved
}

/** Lines that are held until they are written: their texts outside of the heap, where nobody has to look at them again and again. */
export class HeldLines {
  private keys: string[] = []
  private ends: number[] = []
  private bytes = Buffer.alloc(0)

  /** Bytes of the texts. */
  get length(): number {
    return this.ends.at(-1) ?? 0
  }

  /** Takes a line. */
  add(key: string, text: string): void {
    const start = this.length
    const most = start + text.length * 3
    if (most > this.bytes.length) this.grow(most)
    this.keys.push(key)
    this.ends.push(start + this.bytes.write(text, start))
  }

  /** The lines in order. Nothing is held any more. */
  *take(): Generator<KeyedLine> {
    const { keys, ends, bytes } = this
    this.keys = []
    this.ends = []
    this.bytes = Buffer.alloc(0)
    const textAt = (i: number) => bytes.subarray(i === 0 ? 0 : ends[i - 1], ends[i])
    const order = Uint32Array.from(keys.keys())
    order.sort((a, b) => (keys[a]! < keys[b]! ? -1 : keys[a]! > keys[b]! ? 1 : Buffer.compare(textAt(a), textAt(b))))
    for (const i of order) yield { key: keys[i]!, text: textAt(i) }
  }

  private grow(least: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(least, this.bytes.length * 2, 4096))
    this.bytes.copy(larger, 0, 0, this.length)
    this.bytes = larger
  }
}

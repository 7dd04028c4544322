/**
 * Sorted lines on disk: segments of one file, each sorted in itself, and their merge. Thousands of segments need one open file and
 * bounded memory: they are merged by turns.
 */
import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync, write, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { JsonBytes, SpareBytes } from './json-bytes.ts'

/** Lines in order, somewhere in a file. */
export interface Segment {
  /** Bytes. */
  start: number
  length: number
  /** SHA-256 of the bytes, in hex: what was cut off or written over is not taken for what was read. */
  digest: string
}

/** Lines among bytes. */
export interface Stretch {
  /** Good until the next is asked for. */
  bytes: Buffer
  start: number
  /** After the end of the last line. */
  end: number
}

/** A line: its key, a zero, its text, the end of the line. */
export interface KeyedLine extends Stretch {
  key: string
  textStart: number
}

/** The text of a line, which holds neither a zero nor the end of a line. Good until the next line is asked for. */
export const lineText = ({ bytes, textStart, end }: KeyedLine): Buffer => bytes.subarray(textStart, end - 1)

const chunkBytes = 256 * 1024
const readBytes = 128 * 1024
/** More than any record: a line that is longer is no line of ours. */
const mostBytes = 64 * 1024 * 1024

/** Between key and text: JSON holds it only escaped. */
const separator = 0
const lineEnd = 10

/** Lines by their keys' code units, those of one key by their bytes. */
const compare = (a: KeyedLine, b: KeyedLine): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : compareTexts(a, b))

const compareTexts = (a: KeyedLine, b: KeyedLine): number =>
  a.bytes.compare(b.bytes, b.textStart, b.end, a.textStart, a.end)

const isSame = (a: KeyedLine, b: KeyedLine): boolean => a.key === b.key && compareTexts(a, b) === 0

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

const writeLater = promisify(write)

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

  /** Writes lines that are in order, each once. */
  append(lines: Iterable<Stretch>): Segment {
    if (this.isClosed) throw new Error('closed')
    const hash = createHash('sha256')
    // Not where the last segment ended: one that could not be written whole may lie between.
    const start = fstatSync(this.file).size
    this.end = start
    const chunk = Buffer.allocUnsafe(chunkBytes)
    let filled = 0
    const writeNow = (bytes: Uint8Array) => {
      hash.update(bytes)
      writeAll(this.file, bytes)
      this.end += bytes.length
    }
    const flush = () => {
      writeNow(chunk.subarray(0, filled))
      filled = 0
    }
    for (const { bytes, start: from, end } of lines) {
      const length = end - from
      if (filled + length > chunkBytes) flush()
      if (length > chunkBytes) writeNow(bytes.subarray(from, end))
      else filled += bytes.copy(chunk, filled, from, end)
    }
    flush()
    return { start, length: this.end - start, digest: hash.digest('hex') }
  }

  /**
   * Writes lines that are in order, each once, while the process does something else; one call at a time. Rejects with what the
   * file system throws.
   */
  async appendLater({ bytes: whole, start: from, end }: Stretch): Promise<Segment> {
    const bytes = whole.subarray(from, end)
    const digest = crypto.subtle.digest('SHA-256', bytes)
    const start = fstatSync(this.file).size
    this.end = start
    while (this.end < start + bytes.length)
      this.end += (await writeLater(this.file, bytes.subarray(this.end - start))).bytesWritten
    return { start, length: bytes.length, digest: Buffer.from(await digest).toString('hex') }
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
        yield lineIn(buffer, from, end + 1)
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

function lineIn(bytes: Buffer, start: number, end: number): KeyedLine {
  const middle = bytes.indexOf(separator, start)
  if (middle < 0 || middle >= end) throw new DamagedFile()
  return { key: bytes.toString('utf8', start, middle), bytes, start, textStart: middle + 1, end }
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

/** Merges sorted lists of lines, by a heap of their heads. Each list has a line once; what several of them hold is told once. */
function* merge(lists: readonly Iterator<KeyedLine>[]): Generator<KeyedLine> {
  const heap: Head[] = []
  for (const rest of lists) {
    const { done, value } = rest.next()
    if (!done) heap.push({ line: value, rest })
  }
  for (let at = heap.length >> 1; at >= 0; at--) sink(heap, at)
  while (heap.length > 0) {
    const { line } = heap[0]!
    // Where another list has the same line it is that list's first, and one of the two below.
    for (let at = sameBelow(heap, line); at > 0; at = sameBelow(heap, line)) advance(heap, at)
    yield line
    advance(heap, 0)
  }
}

/** Where below the least head the same line stands; 0: nowhere. */
function sameBelow(heap: readonly Head[], line: KeyedLine): number {
  for (let at = 1; at <= 2 && at < heap.length; at++) if (isSame(heap[at]!.line, line)) return at
  return 0
}

/** Takes the next line of a list. */
function advance(heap: Head[], at: number): void {
  const head = heap[at]!
  const { done, value } = head.rest.next()
  if (!done) head.line = value
  else {
    const last = heap.pop()!
    // What stood last is below none that is less.
    if (at < heap.length) heap[at] = last
  }
  sink(heap, at)
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

/** Records that are held as lines until they are written: outside of the heap, where nobody has to look at them again and again. */
export class HeldLines {
  private written: JsonBytes
  /** Of each line where it starts, its text starts, and it ends. */
  private places: number[] = []

  constructor(private readonly spare = new SpareBytes()) {
    this.written = new JsonBytes(spare)
  }

  /** Bytes of the lines. */
  get length(): number {
    return this.written.length
  }

  /** Takes a record, whose key holds no control character but those that order its parts. */
  add(key: string, record: object): void {
    const { written, places } = this
    places.push(written.length)
    written.text(key)
    written.byte(separator)
    places.push(written.length)
    written.json(record)
    written.byte(lineEnd)
    places.push(written.length)
  }

  /** The lines in order, each once, until they are given back. Nothing is held any more. */
  take(): TakenLines {
    const { places, spare } = this
    const { bytes, length } = this.written
    this.written = new JsonBytes(spare)
    this.places = []
    const stretches = [...inOrder(bytes, places)]
    const [only] = stretches
    if (only && stretches.length === 1) return { ...only, giveBack: () => spare.give(bytes) }
    const together = spare.take(length)
    let filled = 0
    for (const { start, end } of stretches) filled += bytes.copy(together, filled, start, end)
    spare.give(bytes)
    return { bytes: together, start: 0, end: filled, giveBack: () => spare.give(together) }
  }
}

/** Lines in order, each once. */
export interface TakenLines extends Stretch {
  /** Their memory may be used for others. */
  giveBack(): void
}

/** The lines in order, each once; those that lie so are told together. */
function* inOrder(bytes: Buffer, places: readonly number[]): Generator<Stretch> {
  const lines: KeyedLine[] = []
  for (let at = 0; at < places.length; at += 3) {
    const [start, textStart, end] = [places[at]!, places[at + 1]!, places[at + 2]!]
    lines.push({ key: bytes.toString('utf8', start, textStart - 1), bytes, start, textStart, end })
  }
  lines.sort(compare)
  let last: KeyedLine | undefined
  let told: Stretch | undefined
  for (const line of lines) {
    const isTold = last !== undefined && isSame(last, line)
    last = line
    if (isTold) continue
    if (told?.end === line.start) {
      told.end = line.end
      continue
    }
    if (told) yield told
    told = { bytes, start: line.start, end: line.end }
  }
  if (told) yield told
}

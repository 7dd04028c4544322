/**
 * What a run of the collector has read, kept on disk part by part, so that it can be killed at any moment and go on. A folder
 * holds who runs (`lock`), which run it is (`run.json`), sorted records (`records`) and a line for each part that was read whole
 * (`journal.ndjson`). What the journal does not name, or names otherwise than it lies there, was not read.
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { SnapshotRecord } from '../model/record.ts'
import { makeFolder } from './files.ts'
import { lockFolder, type ProcessTable, unlockFolder } from './folder-lock.ts'
import { SpareBytes } from './json-bytes.ts'
import { keyOf, recordChunks, type Written, zippedChunks } from './record-lines.ts'
import {
  DamagedFile,
  HeldLines,
  type KeyedLine,
  mergedLines,
  openOwn,
  type Segment,
  SegmentFile,
  writeAll,
} from './sorted-segments.ts'

/** A folder that cannot be used. The message is what the user reads, without the folder's name. */
export class UnusableFolder extends Error {}

/** What tells one run from another, and what was found out before the first part. */
export interface RunHead {
  /** Members that must be the same for a run to go on, as JSON. */
  identity: { readonly [name: string]: unknown }
  /** ISO 8601 UTC: when it began. */
  takenAt: string
  /** What else is to stay the same when it goes on, as JSON. */
  notes: unknown
}

/** A part under way. */
export interface OpenPart {
  add(record: SnapshotRecord): void
  /** Resolves when there is room in memory for more. Rejects where what was added cannot be written. */
  room(): Promise<void>
  /**
   * Everything of it was added. One that is not whole is not kept for later. `notes`: what else is known with it, as JSON. Resolves
   * and rejects as `room` does.
   */
  end(isWhole: boolean, notes?: unknown): Promise<void>
}

/** Format of the folder. */
const format = 1
const mostHeadBytes = 64 * 1024 * 1024
const mostLineBytes = 16 * 1024 * 1024
/** Bytes of all parts under way that are held in memory; as many more may be on their way to the disk. */
const usualHeld = 8 * 1024 * 1024

const headName = 'run.json'
const journalName = 'journal.ndjson'
const recordsName = 'records'
/** File in the folder for what is put aside while a run is under way. */
export const asideName = 'aside'
const ownNames = /^(?:run\.json|run\.json\.part|journal\.ndjson|records|aside|lock|lock-\d+|merged-\d+)$/

/** How a folder is opened. */
export interface FolderOptions {
  /** What an earlier run left there is thrown away. */
  isFresh?: boolean
  /** Bytes of all parts under way that are held in memory. */
  mostHeld?: number
}

class Part implements OpenPart {
  readonly lines: HeldLines
  readonly segments: Segment[] = []

  constructor(
    readonly name: string,
    private readonly folder: RunFolder,
    spare: SpareBytes,
  ) {
    this.lines = new HeldLines(spare)
  }

  add(record: SnapshotRecord): void {
    const before = this.lines.length
    this.lines.add(keyOf(record), record)
    this.folder.added(this.lines.length - before)
  }

  room(): Promise<void> {
    return this.folder.room()
  }

  end(isWhole: boolean, notes: unknown = null): Promise<void> {
    this.folder.ended(this, isWhole, notes)
    return this.folder.room()
  }
}

/** A line of the journal. */
interface Entry {
  part: string
  segments: Segment[]
  notes: unknown
}

/** The folder of a run, locked while it is open. */
export class RunFolder {
  /** The run that the folder holds, if it holds one. */
  readonly head: RunHead | undefined
  /** What was found damaged, for the user; it is read again. */
  readonly damage: string[] = []
  private readonly finishedParts = new Map<string, unknown>()
  private readonly segments: Segment[] = []
  private readonly open = new Set<Part>()
  private readonly spare = new SpareBytes()
  private held = 0
  /** Bytes on their way to the disk, and what is done there, one after the other. */
  private underWay = 0
  private queue: Promise<void> = Promise.resolve()
  private failure: { error: unknown } | undefined
  private merged = 0
  private isClosed = false
  private readonly mostHeld: number
  private readonly records: SegmentFile
  private readonly journal: number

  /**
   * Opens the folder of a run, or makes it. Throws {@link UnusableFolder} where another process has it or it is none of ours, and
   * what the file system throws.
   */
  constructor(
    readonly path: string,
    processes: ProcessTable,
    { isFresh = false, mostHeld = usualHeld }: FolderOptions = {},
  ) {
    this.mostHeld = mostHeld
    enter(path, processes)
    try {
      this.head = isFresh ? undefined : this.readHead()
      if (!this.head) clear(path)
      this.records = new SegmentFile(join(path, recordsName))
      this.journal = openOwn(join(path, journalName), constants.O_RDWR | constants.O_CREAT | constants.O_APPEND)
      if (this.head) this.readJournal()
    } catch (error) {
      unlockFolder(path)
      if (error instanceof DamagedFile || (error as NodeJS.ErrnoException).code === 'ELOOP')
        throw new UnusableFolder('holds links or devices in place of files: look at it, and remove it')
      throw error
    }
  }

  /** Starts a run in an empty folder. */
  begin(head: RunHead): void {
    const part = join(this.path, `${headName}.part`)
    rmSync(part, { force: true })
    const file = openOwn(part, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY)
    try {
      writeAll(file, Buffer.from(`${JSON.stringify({ format, ...head })}\n`))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(part, join(this.path, headName))
  }

  /** The notes of a part that was read whole; `undefined`: it is to be read. */
  finished(part: string): { notes: unknown } | undefined {
    return this.finishedParts.has(part) ? { notes: this.finishedParts.get(part) } : undefined
  }

  /** Begins a part. */
  begun(name: string): OpenPart {
    const part = new Part(name, this, this.spare)
    this.open.add(part)
    return part
  }

  /** A part took a line: the largest goes to disk where memory holds too much. */
  added(length: number): void {
    this.held += length
    if (this.held < this.mostHeld) return
    let largest: Part | undefined
    for (const part of this.open) if (!largest || part.lines.length > largest.lines.length) largest = part
    if (largest) this.write(largest)
  }

  /** A part has ended. */
  ended(part: Part, isWhole: boolean, notes: unknown): void {
    this.write(part)
    this.open.delete(part)
    this.later(async () => {
      for (const segment of part.segments) this.segments.push(segment)
      if (!isWhole) return
      const entry: Entry = { part: part.name, segments: part.segments, notes }
      writeAll(this.journal, Buffer.from(`${JSON.stringify(entry)}\n`))
    })
  }

  /** Resolves when there is room in memory for more. Rejects with what the file system throws. */
  async room(): Promise<void> {
    if (this.underWay > this.mostHeld) await this.queue
    if (this.failure) throw this.failure.error
  }

  /** Resolves when everything that was added is on disk. Rejects with what the file system throws. */
  async settled(): Promise<void> {
    await this.queue
    if (this.failure) throw this.failure.error
  }

  /** The snapshot, in chunks that end with a line. Throws {@link UnusableFolder} where the records were changed meanwhile. */
  *chunks(written: Written): Generator<Uint8Array> {
    try {
      yield* recordChunks(this.lines(), written)
    } catch (error) {
      if (error instanceof DamagedFile || error instanceof SyntaxError)
        throw new UnusableFolder('was changed while it was in use: collect again with --restart')
      throw error
    }
  }

  /** The same, compressed. */
  zipped(written: Written): Generator<Uint8Array> {
    return zippedChunks(this.chunks(written))
  }

  /** Leaves the folder so that the run can go on. */
  async leave(): Promise<void> {
    await this.close()
    unlockFolder(this.path)
  }

  /** Removes what is ours in the folder, and the folder. Rejects with {@link UnusableFolder} where something else lies in it. */
  async remove(): Promise<void> {
    await this.close()
    removeFolder(this.path)
  }

  /** A run that failed is left while others of its parts are under way: nothing of them is written any more. */
  private async close(): Promise<void> {
    this.isClosed = true
    await this.queue
    this.records.close()
    closeSync(this.journal)
  }

  private lines(): Generator<KeyedLine> {
    const scratch = () => {
      const path = join(this.path, `merged-${this.merged++}`)
      rmSync(path, { force: true })
      return new SegmentFile(path)
    }
    return mergedLines(this.records, this.segments, scratch)
  }

  private write(part: Part): void {
    const { length } = part.lines
    if (length === 0) return
    this.held -= length
    this.underWay += length
    const taken = part.lines.take()
    this.later(async () => {
      part.segments.push(await this.records.appendLater(taken))
      taken.giveBack()
      this.underWay -= length
    })
  }

  /** Does something on disk when all before it is done. After a failure nothing more. */
  private later(work: () => Promise<void>): void {
    this.queue = this.queue.then(async () => {
      if (this.isClosed || this.failure) return
      try {
        await work()
      } catch (error) {
        this.failure = { error }
      }
    })
  }

  private readHead(): RunHead | undefined {
    let file: number
    try {
      file = openOwn(join(this.path, headName), constants.O_RDONLY)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
    try {
      const text = fstatSync(file).size > mostHeadBytes ? '' : readFileSync(file, 'utf8')
      const head = headOf(text)
      if (!head)
        throw new UnusableFolder('holds no run that this version of rel09 can go on with: throw it away with --restart')
      return head
    } finally {
      closeSync(file)
    }
  }

  /** Takes what the journal names and the records hold; the rest of it, from the first line that is none, is cut off. */
  private readJournal(): void {
    const entries = new Map<string, Entry>()
    const { end, isTorn } = readEntries(this.journal, entry => entries.set(entry.part, entry))
    if (isTorn) this.damage.push('its journal is damaged: what it told from there on is read again')
    ftruncateSync(this.journal, end)
    let lost = 0
    for (const { part, segments, notes } of entries.values()) {
      if (!segments.every(segment => this.records.holds(segment))) {
        lost++
        continue
      }
      this.finishedParts.set(part, notes)
      for (const segment of segments) this.segments.push(segment)
    }
    if (lost > 0) this.damage.push(`of ${lost} of its parts the records are damaged: they are read again`)
  }
}

/** Makes the folder, or makes sure that it is one of ours, and locks it. */
function enter(path: string, processes: ProcessTable): void {
  makeFolder(dirname(path))
  try {
    mkdirSync(path, 0o700)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const stats = lstatSync(path)
  if (!stats.isDirectory())
    throw new UnusableFolder('is no folder, but stands where the parts of this run belong: remove it')
  let lock: ReturnType<typeof lockFolder>
  try {
    lock = lockFolder(path, processes)
  } catch (error) {
    if (error instanceof DamagedFile || ['ELOOP', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw new UnusableFolder('holds something else in place of its lock: look at it, and remove it')
    throw error
  }
  if ('holder' in lock)
    throw new UnusableFolder(
      `is in use by process ${lock.holder}: wait until it has ended, or write to another file (if that is no rel09, remove the file lock in it)`,
    )
  if (lock.owner === stats.uid && (stats.mode & 0o022) === 0) return
  unlockFolder(path)
  throw new UnusableFolder('belongs to somebody else, or others may write to it: remove it')
}

/** Removes the files of a run that are in a folder, but for its lock. Throws {@link UnusableFolder}. */
function clear(path: string): void {
  try {
    // What says that there is a run goes first: the rest is then no part of any.
    rmSync(join(path, headName), { force: true })
    for (const name of readdirSync(path)) if (name !== 'lock' && ownNames.test(name)) rmSync(join(path, name))
  } catch {
    throw new UnusableFolder('cannot be emptied: something else lies in it, or it may not be written')
  }
}

/** Removes the files of a run that are in a folder, and the folder. Throws {@link UnusableFolder}. */
function removeFolder(path: string): void {
  clear(path)
  unlockFolder(path)
  try {
    rmdirSync(path)
  } catch {
    throw new UnusableFolder('cannot be removed: something else lies in it')
  }
}

function headOf(text: string): RunHead | undefined {
  const value = parsed(text)
  if (!isObject(value) || value.format !== format) return undefined
  const { identity, takenAt, notes } = value
  if (!isObject(identity) || typeof takenAt !== 'string' || Number.isNaN(Date.parse(takenAt))) return undefined
  if (new Date(takenAt).toISOString() !== takenAt) return undefined
  return { identity, takenAt, notes }
}

const isObject = (value: unknown): value is { [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

const isSegment = (value: unknown): value is Segment =>
  isObject(value) && isCount(value.start) && isCount(value.length) && typeof value.digest === 'string'

function entryOf(line: string): Entry | undefined {
  const value = parsed(line)
  if (!isObject(value)) return undefined
  const { part, segments, notes } = value
  if (typeof part !== 'string' || !Array.isArray(segments) || !segments.every(isSegment)) return undefined
  return { part, segments, notes }
}

/**
 * Reads the entries of a journal; tells where the last whole one ends. The last line may be cut off, as the run may have been
 * killed while it was written.
 */
function readEntries(file: number, take: (entry: Entry) => void): { end: number; isTorn: boolean } {
  const buffer = Buffer.allocUnsafe(64 * 1024)
  let rest = Buffer.alloc(0)
  let end = 0
  for (let at = 0; ; ) {
    const read = readSync(file, buffer, 0, buffer.length, at)
    if (read === 0) return { end, isTorn: false }
    at += read
    let bytes = Buffer.concat([rest, buffer.subarray(0, read)])
    for (let line = bytes.indexOf(10); line >= 0; line = bytes.indexOf(10)) {
      const entry = entryOf(bytes.toString('utf8', 0, line))
      if (!entry) return { end, isTorn: true }
      take(entry)
      end += line + 1
      bytes = bytes.subarray(line + 1)
    }
    rest = bytes
    if (rest.length > mostLineBytes) return { end, isTorn: true }
  }
}

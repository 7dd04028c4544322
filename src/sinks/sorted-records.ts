/** Sorts a snapshot's records that are given one by one. More than memory holds is sorted by segments on disk. */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { SnapshotRecord } from '../model/record.ts'
import { makeFolder } from './files.ts'
import { keyOf, recordChunks, type Written } from './record-lines.ts'
import { HeldLines, mergedLines, type Segment, SegmentFile } from './sorted-segments.ts'

/** Bytes that are held in memory. */
const usualHeld = 16 * 1024 * 1024

const nobody: Written = { resource() {}, gap() {} }

/** Records in the order of a snapshot. */
export class SortedRecords {
  private readonly held = new HeldLines()
  private readonly segments: Segment[] = []
  private readonly folder: string
  private readonly file: SegmentFile
  private merged = 0

  /** Segments are written beside the output, where there is room for as much; its folder is made. Throws what the file system throws. */
  constructor(
    output: string,
    private readonly mostHeld = usualHeld,
  ) {
    const present = statSync(output, { throwIfNoEntry: false })
    const besides = present && !present.isFile() ? tmpdir() : dirname(output)
    makeFolder(besides)
    this.folder = mkdtempSync(join(besides, '.rel09-sorted-'))
    this.file = new SegmentFile(join(this.folder, 'records'))
  }

  /** Takes a record. */
  add(record: SnapshotRecord): void {
    this.held.add(keyOf(record), record)
    if (this.held.length >= this.mostHeld) this.write()
  }

  /** The snapshot, in chunks that end with a line. */
  *chunks(): Generator<Uint8Array> {
    this.write()
    const scratch = () => new SegmentFile(join(this.folder, `merged-${this.merged++}`))
    yield* recordChunks(mergedLines(this.file, this.segments, scratch), nobody)
  }

  /** Removes what is on disk. */
  close(): void {
    this.file.close()
    rmSync(this.folder, { recursive: true, force: true })
  }

  private write(): void {
    if (this.held.length === 0) return
    const taken = this.held.take()
    this.segments.push(this.file.append([taken]))
    taken.giveBack()
  }
}

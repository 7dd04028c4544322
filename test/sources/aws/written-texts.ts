// What of some records a snapshot would hold.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SnapshotRecord } from '../../../src/model/record.ts'
import { SortedRecords } from '../../../src/sinks/sorted-records.ts'

/** The lines of a snapshot of the records. */
export function writtenTexts(records: readonly SnapshotRecord[]): string[] {
  const sorted = new SortedRecords(join(tmpdir(), 'rel09-written.ndjson'))
  try {
    for (const record of records) sorted.add(record)
    return Buffer.concat([...sorted.chunks()])
      .toString()
      .trimEnd()
      .split('\n')
  } finally {
    sorted.close()
  }
}

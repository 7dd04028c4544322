/** What a run reads is read part by part: one collector in one account and Region. */
import type { SnapshotRecord } from '../../model/record.ts'

/** A part under way. */
export interface OpenPart {
  add(record: SnapshotRecord): void
  /** Resolves when there is room in memory for more. Rejects where what was added cannot be written. */
  room(): Promise<void>
  /**
   * Everything of it was added; `isWhole`: nothing of it is a gap. `notes`: what else is to be known of it, as JSON. Resolves and
   * rejects as `room` does.
   */
  end(isWhole: boolean, notes?: unknown): Promise<void>
}

/** Where parts go. */
export interface Parts {
  /** What was noted with a part that an earlier attempt of this run read whole; `undefined`: it is to be read. */
  finished(part: string): { notes: unknown } | undefined
  /** Begins a part. */
  begun(part: string): OpenPart
}

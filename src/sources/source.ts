import type { SnapshotRecord } from '../model/record.ts'
import type { NotEvaluated } from '../model/report.ts'

/** An input, or a part of one, that could not be read as what it is. Exit code 2; the other inputs are still judged. */
export interface InputProblem {
  /** Relative path as the user would write it; `-` for standard input. */
  file: string
  line?: number
  /** One sentence: what is wrong and what to do. */
  message: string
}

/** A reading under way. `problems` and `notEvaluated` are complete once `records` is exhausted. */
export interface InputReading {
  /** Batches, so that a million records do not cost a million awaits. */
  records: AsyncIterable<SnapshotRecord[]>
  problems: InputProblem[]
  notEvaluated: NotEvaluated[]
  /** Bytes read so far and in all (where known), for progress on long work. */
  progress: { bytesRead: number; bytesTotal: number }
}

/**
 * What a file in `src/sources/` declares. One file a kind of input: it exports `source`, and the generated index
 * (`src/generated/sources.ts`) picks it up. Kinds are told apart by content, never by a file's name; `reading.md` beside
 * this file says how inputs are found, told apart and refused.
 */
import type { SnapshotRecord } from '../model/record.ts'
import type { InputProblem, NotEvaluated } from '../model/report.ts'
import type { ByteReader } from './bytes.ts'
import type { InputDirectory } from './input-directory.ts'
import type { RootRegister } from './terraform/roots.ts'

/** A reading under way. `problems` and `notEvaluated` are complete once `records` is exhausted. */
export interface InputReading {
  /** Batches, so that a million records do not cost a million awaits. To be iterated once. */
  records: AsyncIterable<SnapshotRecord[]>
  problems: InputProblem[]
  notEvaluated: NotEvaluated[]
  /** Bytes read so far and in all (where known; as stored, so compressed where the file is), for progress on long work. */
  progress: { bytesRead: number; bytesTotal: number }
}

/** What the beginning of an input shows, after gunzip: enough to tell its kind without reading it all. */
export interface Sample {
  /** The beginning as text, without a byte order mark. It may end in the middle of a value. */
  text: string
  /** `text` is the whole input. */
  complete: boolean
  /** The first character that is no white space: `{`, `[`, anything else, or nothing at all. */
  shape: 'object' | 'array' | 'other' | 'empty'
  /**
   * Paths of the members of the first JSON value, one level deep and two under `data` and `detail`: `.configurationItems`,
   * `.data.Results`. Those of an array's first element start with `[]`: `[].resourceType`. `[]` alone: an array whose
   * first element is no object.
   */
  members: ReadonlySet<string>
  /** Every member of the first value is in `members`: a larger sample would show no more. */
  membersComplete: boolean
  /** Names at the left edge with a colon behind them, as the sections of a YAML document: `Resources`. None for JSON. */
  keys: ReadonlySet<string>
}

/** One file, or standard input, whose kind is known. */
export interface InputFile {
  /** How output names it: relative, forward slashes, never absolute; `-` for standard input. */
  readonly name: string
  /** Named by the user, not met in a directory: it must be readable. */
  readonly named: boolean
  /** Where it was met, unless the user named the file itself. */
  readonly met?: { readonly in: InputDirectory /** Relative to it, with forward slashes. */; readonly path: string }
  readonly sample: Sample
  /** The bytes, after gunzip and without a byte order mark. To be called once. */
  open(): ByteReader
}

/** What the user states of the deployment of templates. */
export interface TemplateOptions {
  /** Twelve digits. */
  account?: string | undefined
  region?: string | undefined
  /** Values of CloudFormation parameters by name. */
  parameters?: ReadonlyMap<string, string> | undefined
}

/** What a source tells besides records. */
export interface Reading {
  /** A record, or a serialised value in a record, that is longer is not held in memory: it becomes an `oversized` gap. */
  readonly maxRecordBytes: number
  /** Where and with what templates will be deployed, as far as the user says. */
  readonly template?: TemplateOptions | undefined
  /** Terraform roots that several inputs describe. */
  readonly roots?: RootRegister | undefined
  /** What could not be read. The same message about the same file is told once, with the number of its repeats. */
  problem(file: string, message: string, line?: number): void
  /** What is in an input and is not judged; entries that differ in nothing but `count` are summed. */
  skip(entry: NotEvaluated): void
}

/** One kind of input. */
export interface Source {
  /** What people call it, in the plural: `AWS Config snapshots and history files`. */
  readonly name: string
  /** Content that shows a file is meant to be of this kind, though it cannot be read: such a file in a directory is a bad input. */
  readonly markers: readonly RegExp[]
  /** Base names that show the same. */
  readonly nameMarkers?: readonly RegExp[]
  /** Base names of files that belong to this kind and hold nothing: neither read nor listed. */
  readonly ignored?: readonly RegExp[]
  /** Of several kinds that describe one Terraform root the one of the least rank is judged. */
  readonly rootRank?: number
  /** Whether an input is of this kind. At most one source may say so of any input. */
  detect(sample: Sample, name: string): boolean
  /** Reads all inputs of this kind, in the order given. Tells problems; never throws for what an input holds. */
  read(files: readonly InputFile[], reading: Reading): AsyncIterable<SnapshotRecord[]>
}

/** What `rel09 collect --redact` and `rel09 redact` have in common: the key, the owner's map, and records sorted anew. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { SnapshotRecord } from '../model/record.ts'
import { byText } from '../model/text-order.ts'
import { zippedChunks } from '../sinks/record-lines.ts'
import { SortedRecords } from '../sinks/sorted-records.ts'
import type { Redaction } from '../sources/redaction.ts'
import type { CommandContext } from './command.ts'
import { displayPath } from './display-path.ts'
import { unreadable, unwritable, writeNamedFile } from './named-file.ts'
import { UsageError } from './usage-error.ts'

/** Files that redaction is done with. */
export interface RedactingFiles {
  /** The secret; absent: a new one, which is thrown away. */
  key?: string | undefined
  /** Where the owner's map goes. */
  map?: string | undefined
}

/** Redaction under way. */
export interface Redacting {
  redaction: Redaction
  /** Writes the owner's map, where one is wanted, and tells of what may not be judged as before. */
  finish(): void
}

const shortestKey = 16

/** Reads the key. Throws {@link UsageError}. */
export async function startRedacting({ key, map }: RedactingFiles, context: CommandContext): Promise<Redacting> {
  const { Redaction } = await import('../sources/redaction.ts')
  const words = new Map<string, string>()
  const redaction = new Redaction({
    key: key === undefined ? undefined : readKey(key, context),
    ...(map === undefined ? {} : { told: (word: string, pseudonym: string) => words.set(pseudonym, word) }),
  })
  return {
    redaction,
    finish() {
      if (map !== undefined) writeNamedFile(map, mapText(words), context)
      if (redaction.doubtfulPatterns > 0)
        context.stderr.write(
          `rel09: ${redaction.doubtfulPatterns} texts hold a ? within a name: as patterns they may match otherwise than before\n`,
        )
    },
  }
}

function readKey(file: string, context: CommandContext): Uint8Array {
  let bytes: Buffer
  try {
    bytes = readFileSync(resolve(context.cwd, file))
  } catch (error) {
    throw unreadable(file, 'the key', error, context)
  }
  if (bytes.length >= shortestKey) return bytes
  throw new UsageError([
    `${displayPath(file, context.cwd)}: the key is too short: make one of 32 random bytes, e.g. openssl rand -out ${displayPath(file, context.cwd)} 32`,
  ])
}

/** Pseudonyms with what they stand for, in order. */
function* mapText(words: ReadonlyMap<string, string>): Iterable<string> {
  yield '{ "version": 1, "pseudonyms": {'
  let separator = '\n'
  for (const [pseudonym, word] of [...words].sort(([a], [b]) => byText(a, b))) {
    yield `${separator}${JSON.stringify(pseudonym)}: ${JSON.stringify(word)}`
    separator = ',\n'
  }
  yield '\n} }\n'
}

/** Sorts records by parts beside an output. Throws {@link UsageError} where nothing can be written there. */
export function sortingBeside(output: string, context: CommandContext): SortedRecords {
  try {
    return new SortedRecords(resolve(context.cwd, output))
  } catch (error) {
    throw unwritable(output, error, context)
  }
}

/** Writes sorted records, compressed where the name says so. */
export function writeSnapshot(sorted: SortedRecords, output: string, context: CommandContext): void {
  const chunks = sorted.chunks()
  writeNamedFile(output, output.endsWith('.gz') ? zippedChunks(chunks) : chunks, context)
}

/**
 * Writes a snapshot without names: in the order of the pseudonyms, since that of the names would tell of them. `chunks` reads it
 * anew at every call: names are noted first, and replaced then.
 */
export function writeRedacted(
  chunks: () => Iterable<Uint8Array>,
  { redaction, finish }: Redacting,
  output: string,
  context: CommandContext,
): void {
  for (const record of recordsOf(chunks())) redaction.note(record)
  const redacted = sortingBeside(output, context)
  try {
    for (const record of recordsOf(chunks())) redacted.add(redaction.record(record))
    writeSnapshot(redacted, output, context)
    finish()
  } finally {
    redacted.close()
  }
}

function* recordsOf(chunks: Iterable<Uint8Array>): Generator<SnapshotRecord> {
  for (const chunk of chunks)
    for (const line of Buffer.from(chunk).toString().split('\n'))
      if (line !== '') yield JSON.parse(line) as SnapshotRecord
}

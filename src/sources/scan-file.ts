/** Reads one JSON file value by value, with everything that can go wrong told in one place. */
import type { GapReason, SnapshotRecord } from '../model/record.ts'
import type { ByteReader } from './bytes.ts'
import { describeReadError, UnreadableInput } from './bytes.ts'
import { parseJsonBytes, type ScanStep, scanJson } from './json.ts'
import type { InputFile, Reading } from './source.ts'

/** A part of a file that could not be read. */
export interface Loss {
  reason: GapReason
  line?: number
}

/** What to do with the values of a file. */
export interface FileHandlers {
  /** Several values may follow each other in the file, as lines or otherwise. */
  sequence?: boolean
  begin(path: string, firstByte: number): ScanStep
  value(path: string, value: unknown, line: number, batch: SnapshotRecord[]): void
  /** The file has been read. `losses`: what of it could not be. */
  end(losses: readonly Loss[], batch: SnapshotRecord[]): void
}

/** How the remedy of an `oversized` gap puts it. */
export function oversizedRemedy(maxRecordBytes: number): string {
  return `Shorten or remove the record: it is longer than ${maxRecordBytes} bytes, which is as much as is read at once.`
}

/** How the remedy of a `truncated` gap puts it. */
export const damagedRemedy = 'Supply the file again, whole: a part of it could not be read.'

/** Hands out the chunks of a file. What the file system or gzip refuses is told as a problem of the file, and to `lost`. */
export async function* chunksOf(file: InputFile, reading: Reading, lost: () => void): AsyncGenerator<Buffer> {
  let reader: ByteReader | undefined
  try {
    reader = file.open()
    for (;;) {
      const next = reader.next()
      const chunk = next instanceof Promise ? await next : next
      if (!chunk) return
      yield chunk
    }
  } catch (error) {
    if (!(error instanceof UnreadableInput)) throw error
    reading.problem(file.name, describeReadError(error))
    lost()
  } finally {
    reader?.close()
  }
}

/** Scans a file and yields what its handlers put into the batch, about once a chunk. */
export async function* scanFile(
  file: InputFile,
  reading: Reading,
  handlers: FileHandlers,
): AsyncGenerator<SnapshotRecord[]> {
  let batch: SnapshotRecord[] = []
  const losses: Loss[] = []
  const scan = scanJson(
    {
      begin: handlers.begin,
      value(path, bytes, line) {
        const parsed = parseJsonBytes(bytes)
        if ('value' in parsed) return handlers.value(path, parsed.value, line, batch)
        reading.problem(file.name, `holds a value that ${parsed.fault}`, line)
        losses.push({ reason: 'truncated', line })
      },
      tooLarge: (_path, line) => losses.push({ reason: 'oversized', line }),
    },
    { maxValueBytes: reading.maxRecordBytes, sequence: handlers.sequence ?? false },
  )
  let isCutShort = false
  const chunks = chunksOf(file, reading, () => {
    isCutShort = true
    losses.push({ reason: 'truncated' })
  })
  for await (const chunk of chunks) {
    if (!scan.push(chunk)) break
    if (batch.length === 0) continue
    yield batch
    batch = []
  }
  const fault = isCutShort ? undefined : scan.end()
  if (fault) {
    reading.problem(file.name, fault.message, fault.line)
    losses.push({ reason: 'truncated', line: fault.line })
  }
  handlers.end(losses, batch)
  if (batch.length > 0) yield batch
}

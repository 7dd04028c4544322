/**
 * A snapshot's records as lines that sort as readers like them best: scopes, gaps, then resources, `AWS::Backup::*` first, by type
 * and ARN (docs/architecture.md).
 */
import { gzipSync } from 'node:zlib'
import { unionOfGaps } from '../model/gap-union.ts'
import type { GapRecord, ResourceRecord, SnapshotRecord } from '../model/record.ts'

/** The character between key and record: in JSON it stands escaped, so that no key and no record holds it. */
const separator = '\u0000'

/** Below every character of JSON text, and not the separator: orders the parts of a key. */
const between = '\u0001'

const gapRank = '1'

function keyOf(record: SnapshotRecord): string {
  if (record.record === 'scope') return joined('0', record.account, record.region, record.id)
  if (record.record === 'gap') return joined(gapRank, record.account, record.region, record.api, record.reason)
  return resourceKey(record)
}

function resourceKey({ type, arn, id, account, region }: ResourceRecord): string {
  return joined(type.startsWith('AWS::Backup::') ? '2' : '3', type, arn ?? id, account, region)
}

const joined = (...parts: (string | undefined)[]) => parts.map(part => clean(part ?? '')).join(between)

/** A key stands on a line: no control characters. */
const clean = (text: string) => text.replace(/\p{Cc}/gu, ' ')

/** The line of a record: lines in the order of their code units are records in theirs. */
export function lineOf(record: SnapshotRecord): string {
  return `${keyOf(record)}${separator}${JSON.stringify(record)}`
}

/** True where a line is one of {@link lineOf}, as far as that shows. */
export const isLine = (line: string): boolean => line.includes(`${separator}{`)

/** Told of what is written. */
export interface Written {
  resource(): void
  gap(gap: GapRecord): void
}

/** The texts of the records of sorted lines, each once; gaps of one operation and reason are one. */
export function* recordTexts(lines: Iterable<string>, written: Written): Generator<string> {
  let last: string | undefined
  let gapKey: string | undefined
  let gap: GapRecord | undefined
  for (const line of lines) {
    // A list that was told twice (a page that AWS repeats) is the same records again.
    if (line === last) continue
    last = line
    const end = line.indexOf(separator)
    const text = line.slice(end + 1)
    const key = line.slice(0, end)
    if (gap && key !== gapKey) {
      written.gap(gap)
      yield JSON.stringify(gap)
      gap = undefined
    }
    if (line.startsWith(`${gapRank}${between}`)) {
      const one = JSON.parse(text) as GapRecord
      gap = gap ? unionOfGaps(gap, one) : one
      gapKey = key
      continue
    }
    if (!line.startsWith('0')) written.resource()
    yield text
  }
  if (!gap) return
  written.gap(gap)
  yield JSON.stringify(gap)
}

const chunkCharacters = 1024 * 1024

/** The records of sorted lines as the text of a snapshot, in chunks that end with a line. */
export function* recordChunks(lines: Iterable<string>, written: Written): Generator<string> {
  let chunk = ''
  for (const text of recordTexts(lines, written)) {
    chunk += `${text}\n`
    if (chunk.length < chunkCharacters) continue
    yield chunk
    chunk = ''
  }
  if (chunk !== '') yield chunk
}

/** The same, compressed: every chunk a gzip member, which together are a gzip file. */
export function* zippedChunks(chunks: Iterable<string>): Generator<Uint8Array> {
  for (const chunk of chunks) yield gzipSync(chunk)
}

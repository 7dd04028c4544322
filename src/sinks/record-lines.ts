/**
 * A snapshot's records as lines that sort as readers like them best: scopes, gaps, then resources, `AWS::Backup::*` first, by type
 * and ARN (docs/architecture.md).
 */
import { gzipSync } from 'node:zlib'
import { unionOfGaps } from '../model/gap-union.ts'
import type { GapRecord, ResourceRecord, SnapshotRecord } from '../model/record.ts'
import type { KeyedLine } from './sorted-segments.ts'

/** Orders the parts of a key: below every character of them, and not what ends the key. */
const between = '\u0001'

const gapRank = '1'

/** The key of a record: keys in the order of their code units are records in theirs. */
export function keyOf(record: SnapshotRecord): string {
  if (record.record === 'scope') return joined('0', record.account, record.region, record.id)
  if (record.record === 'gap') return joined(gapRank, record.account, record.region, record.api, record.reason)
  return resourceKey(record)
}

function resourceKey({ type, arn, id, account, region }: ResourceRecord): string {
  return joined(type.startsWith('AWS::Backup::') ? '2' : '3', type, arn ?? id, account, region)
}

const joined = (...parts: (string | undefined)[]) => parts.map(part => clean(part ?? '')).join(between)

/** A key stands on a line: no control characters. */
const clean = (text: string) => (control.test(text) ? text.replace(everyControl, ' ') : text)
const control = /\p{Cc}/u
const everyControl = /\p{Cc}/gu

/** Told of what is written. */
export interface Written {
  resource(): void
  gap(gap: GapRecord): void
}

/** The texts of the records of sorted lines; gaps of one operation and reason are one. Throws where a gap is none. */
function* recordTexts(lines: Iterable<KeyedLine>, written: Written): Generator<Uint8Array> {
  let gapKey: string | undefined
  let gap: GapRecord | undefined
  for (const { key, text } of lines) {
    if (gap && key !== gapKey) {
      written.gap(gap)
      yield Buffer.from(JSON.stringify(gap))
      gap = undefined
    }
    if (key.startsWith(`${gapRank}${between}`)) {
      const one = JSON.parse(Buffer.from(text).toString()) as GapRecord
      gap = gap ? unionOfGaps(gap, one) : one
      gapKey = key
      continue
    }
    if (!key.startsWith('0')) written.resource()
    yield text
  }
  if (!gap) return
  written.gap(gap)
  yield Buffer.from(JSON.stringify(gap))
}

const chunkBytes = 1024 * 1024
const lineEnd = 10

/** The records of sorted lines as a snapshot, in chunks that end with a line. */
export function* recordChunks(lines: Iterable<KeyedLine>, written: Written): Generator<Buffer> {
  let chunk = Buffer.allocUnsafe(chunkBytes)
  let filled = 0
  for (const text of recordTexts(lines, written)) {
    if (filled + text.length + 1 > chunk.length) {
      if (filled > 0) yield chunk.subarray(0, filled)
      chunk = Buffer.allocUnsafe(Math.max(chunkBytes, text.length + 1))
      filled = 0
    }
    chunk.set(text, filled)
    filled += text.length
    chunk[filled++] = lineEnd
  }
  if (filled > 0) yield chunk.subarray(0, filled)
}

/** The same, compressed: every chunk a gzip member, which together are a gzip file. */
export function* zippedChunks(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const chunk of chunks) yield gzipSync(chunk)
}

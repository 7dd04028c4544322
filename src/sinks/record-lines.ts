/**
 * A snapshot's records as lines that sort as readers like them best: scopes, gaps, then resources, `AWS::Backup::*` first, by type
 * and ARN (docs/architecture.md).
 */
import { gzipSync } from 'node:zlib'
import { unionOfGaps } from '../model/gap-union.ts'
import type { GapRecord, ResourceRecord, SnapshotRecord } from '../model/record.ts'
import { type KeyedLine, lineText } from './sorted-segments.ts'

/** Orders the parts of a key: below every character of them, and not what ends the key. */
const between = '\u0001'

const gapRank = '1'
const gapStart = `${gapRank}${between}`

/** The key of a record: keys in the order of their code units are records in theirs. */
export function keyOf(record: SnapshotRecord): string {
  if (record.record === 'scope') return joined('0', record.account, record.region, record.id)
  if (record.record === 'gap') return joined(gapRank, record.account, record.region, record.api, record.reason)
  return resourceKey(record)
}

function resourceKey({ type, arn, id, account, region }: ResourceRecord): string {
  return joined(type.startsWith('AWS::Backup::') ? '2' : '3', type, arn ?? id, account, region)
}

function joined(rank: string, a = '', b = '', c = '', d = ''): string {
  return `${rank}${between}${clean(a)}${between}${clean(b)}${between}${clean(c)}${between}${clean(d)}`
}

/** A key stands on a line: no control characters. */
const clean = (text: string) => (control.test(text) ? text.replace(everyControl, ' ') : text)
const control = /\p{Cc}/u
const everyControl = /\p{Cc}/gu

/** Told of what is written. */
export interface Written {
  resource(): void
  gap(gap: GapRecord): void
}

const chunkBytes = 1024 * 1024

/** The records of sorted lines as a snapshot, in chunks that end with a line; gaps of one operation and reason are one. Throws where a gap is none. */
export function* recordChunks(lines: Iterable<KeyedLine>, written: Written): Generator<Buffer> {
  let chunk = Buffer.allocUnsafe(chunkBytes)
  let filled = 0
  for (const { bytes, start, end } of withGapsUnited(lines, written)) {
    const length = end - start
    if (filled + length > chunk.length) {
      if (filled > 0) yield chunk.subarray(0, filled)
      chunk = Buffer.allocUnsafe(Math.max(chunkBytes, length))
      filled = 0
    }
    bytes.copy(chunk, filled, start, end)
    filled += length
  }
  if (filled > 0) yield chunk.subarray(0, filled)
}

/** Bytes that end with a line. */
interface Bytes {
  bytes: Buffer
  start: number
  end: number
}

const bytesOf = (gap: GapRecord): Bytes => {
  const bytes = Buffer.from(`${JSON.stringify(gap)}\n`)
  return { bytes, start: 0, end: bytes.length }
}

function* withGapsUnited(lines: Iterable<KeyedLine>, written: Written): Generator<Bytes> {
  let gapKey: string | undefined
  let gap: GapRecord | undefined
  for (const line of lines) {
    const { key, bytes, textStart, end } = line
    if (gap && key !== gapKey) {
      written.gap(gap)
      yield bytesOf(gap)
      gap = undefined
    }
    if (key.startsWith(gapStart)) {
      const one = JSON.parse(lineText(line).toString()) as GapRecord
      gap = gap ? unionOfGaps(gap, one) : one
      gapKey = key
      continue
    }
    if (!key.startsWith('0')) written.resource()
    yield { bytes, start: textStart, end }
  }
  if (!gap) return
  written.gap(gap)
  yield bytesOf(gap)
}

/** The same, compressed: every chunk a gzip member, which together are a gzip file. */
export function* zippedChunks(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const chunk of chunks) yield gzipSync(chunk)
}

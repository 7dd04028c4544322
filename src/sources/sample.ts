/** Takes the sample by which the kind of an input is told. */
import { isUtf8 } from 'node:buffer'
import { type ByteReader, UnreadableInput } from './bytes.ts'
import { scanJson } from './json.ts'
import type { Sample } from './source.ts'

/** Bytes that a sample starts with; most kinds show themselves in the first line. */
export const sampleBytes = 1 << 16

/** As far as a text of no JSON is read to see which sections it has. */
export const sampledText = 1 << 20

/** Hostile documents may have any number of members. */
const maxMembers = 10_000
const entered = new Set(['', '[]', '.data', '.detail', '[].detail'])

/** The beginning of an input. */
export interface Taken {
  bytes: Buffer
  ended: boolean
  /** Why no more could be read: what came before still shows what the input was meant to be. */
  failure?: UnreadableInput
}

/** Reads bytes until a sample is as long as wanted, or the input ends. The reader must be fresh or go on where `start` ends. */
export async function takeBytes(reader: ByteReader, wanted: number, start: Buffer): Promise<Taken> {
  const parts = [start]
  let length = start.length
  while (length < wanted) {
    let chunk: Buffer | undefined
    try {
      const next = reader.next()
      chunk = next instanceof Promise ? await next : next
    } catch (failure) {
      if (!(failure instanceof UnreadableInput) || failure.isRefused) throw failure
      return { bytes: Buffer.concat(parts), ended: false, failure }
    }
    if (!chunk) return { bytes: Buffer.concat(parts), ended: true }
    parts.push(Buffer.from(chunk))
    length += chunk.length
  }
  return { bytes: parts.length === 1 ? start : Buffer.concat(parts), ended: false }
}

/** Describes the beginning of an input. `complete`: there is no more of it. */
export function describeSample(bytes: Buffer, complete: boolean): Sample {
  const members = new Set<string>()
  let elements = 0
  let values = 0
  const scan = scanJson(
    {
      begin(path, firstByte) {
        if (path === '' && values++ > 0) return 'stop'
        if (path === '[]' && elements++ > 0) return 'stop'
        const isContainer = firstByte === 0x7b || firstByte === 0x5b
        if (path === '[]' && !isContainer) members.add('[]')
        else if (path !== '' && path !== '[]') members.add(path)
        if (members.size > maxMembers) return 'stop'
        return entered.has(path) && isContainer ? 'enter' : 'skip'
      },
      value: () => {},
      tooLarge: () => {},
    },
    { maxValueBytes: sampleBytes, sequence: true },
  )
  const goesOn = scan.push(bytes)
  const fault = scan.end()
  const text = bytes.toString('utf8')
  const start = /\S/.exec(text)?.[0]
  return {
    text,
    complete,
    shape: start === undefined ? 'empty' : start === '{' ? 'object' : start === '[' ? 'array' : 'other',
    members,
    // Cut off in the middle, the scan says "truncated": only then may more bytes show more members.
    membersComplete: complete || !goesOn || fault === undefined,
    keys: start === '{' || start === '[' ? new Set() : sectionsOf(text),
  }
}

function sectionsOf(text: string): Set<string> {
  const keys = new Set<string>()
  for (const [, key] of text.matchAll(/^["']?([A-Za-z][A-Za-z0-9_-]{0,63})["']?[ \t]{0,8}:(?=\s|$)/gm)) {
    if (keys.size >= maxMembers) break
    keys.add(key!)
  }
  return keys
}

/** True for content that is no text: it holds a NUL, or is not UTF-8 (but for a character cut in two at its end). */
export function isBinary(bytes: Buffer, complete: boolean): boolean {
  if (bytes.includes(0)) return true
  if (complete) return !isUtf8(bytes)
  let end = bytes.length
  for (let i = 0; i < 4 && end > 0 && (bytes[end - 1]! & 0x80) !== 0; i++) {
    end--
    if ((bytes[end]! & 0xc0) === 0xc0) break
  }
  return !isUtf8(bytes.subarray(0, end))
}

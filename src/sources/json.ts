/** JSON as hostile inputs hold it: parsing that never throws, and a scanner that finds the values in a document of any size. */
import { isAscii, isUtf8 } from 'node:buffer'

/** Nesting beyond this is refused: whatever walks the value later must not run out of stack. */
export const maxDepth = 2000

/** A parsed JSON object. Read own members only: its keys come from the input. */
export type JsonObject = { [key: string]: unknown }

/** True for an object that is neither `null` nor a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The own member of an object; `undefined` where it has none. */
export function own(tree: JsonObject, key: string): unknown {
  return Object.hasOwn(tree, key) ? tree[key] : undefined
}

/** What is wrong with a text that {@link parseJson} refuses. */
export type JsonFault = 'is not valid JSON' | 'is nested too deeply' | 'is not valid UTF-8'

/** The value of a JSON text, or a sentence's end that says what is wrong with it. Never throws. */
export function parseJson(text: string): { value: unknown } | { fault: JsonFault } {
  if (text.length > 2 * maxDepth && isTooDeep(text)) return { fault: 'is nested too deeply' }
  try {
    return { value: JSON.parse(text) }
  } catch {
    return { fault: 'is not valid JSON' }
  }
}

/** The value of UTF-8 bytes that hold one JSON text. Never throws. */
export function parseJsonBytes(bytes: Buffer): { value: unknown } | { fault: JsonFault } {
  if (isAscii(bytes)) return parseJson(bytes.toString('latin1'))
  if (!isUtf8(bytes)) return { fault: 'is not valid UTF-8' }
  return parseJson(bytes.toString('utf8'))
}

/** True where brackets outside strings are nested deeper than {@link maxDepth}. */
function isTooDeep(text: string): boolean {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x22) {
      i++
      for (let inside = text.charCodeAt(i); i < text.length && inside !== 0x22; inside = text.charCodeAt(++i)) {
        if (inside === 0x5c) i++
      }
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > maxDepth) return true
    } else if (code === 0x7d || code === 0x5d) depth--
  }
  return false
}

/** A short quotation of hostile text for a message: printable ASCII only, at most 40 characters. */
export function quote(value: unknown): string {
  const text = typeof value === 'string' ? value : typeof value
  const short = text.length > 40 ? `${text.slice(0, 40)}…` : text
  return `"${short.replace(/[^\x20-\x7e\u2026]/g, '?')}"`
}

/** What to do with a value that begins: hand it out whole, look at its members or elements one by one, pass over it, or end. */
export type ScanStep = 'take' | 'enter' | 'skip' | 'stop'

/** What a scan tells. Paths: `` (the document), `.key`, `[]`, `.key[]`, …; lines are counted from 1. */
export interface ScanHandlers {
  /** A value begins with this byte. Only asked inside what was entered. */
  begin(path: string, firstByte: number, line: number): ScanStep
  /** A value that was taken. The bytes are valid during the call. */
  value(path: string, bytes: Buffer, line: number): void
  /** A value that was to be taken is longer than `maxValueBytes`; it is passed over. */
  tooLarge(path: string, line: number): void
}

/** A scan under way. */
export interface JsonScan {
  /** Reads on; `false` once the scan stopped or the document turned out to be broken. */
  push(chunk: Buffer): boolean
  /** No more bytes: what is wrong with the document, if anything. */
  end(): ScanFault | undefined
}

/** Where a document is broken, and how (the rest of a sentence that starts with the file). */
interface ScanFault {
  line: number
  message: string
}

const quoteMark = 0x22
const comma = 0x2c
const colon = 0x3a
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
const newline = 0x0a

/** What a byte means inside a container, outside strings. */
const ordinary = 0
const quotes = 1
const opens = 2
const closes = 3
const ends = 4
const meanings = new Uint8Array(256)
meanings[quoteMark] = quotes
meanings[openBrace] = opens
meanings[openBracket] = opens
meanings[closeBrace] = closes
meanings[closeBracket] = closes
meanings[newline] = ends

type Expectation = 'value' | 'valueOrEnd' | 'key' | 'keyOrEnd' | 'colon' | 'separator' | 'inside'

const expected: { [expectation in Expectation]: string } = {
  value: 'a value',
  valueOrEnd: 'a value or "]"',
  key: 'a member name',
  keyOrEnd: 'a member name or "}"',
  colon: '":"',
  separator: '"," or the end of the list or object',
  inside: 'a value',
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === newline || code === 0x0d || code === 0x09
}

function startsScalar(code: number): boolean {
  return code === 0x2d || (code >= 0x30 && code <= 0x39) || code === 0x74 || code === 0x66 || code === 0x6e
}

/**
 * Scans one document, or several values that follow each other (`sequence`), chunk by chunk. It checks the structure of
 * what it enters; what it hands out is checked by the parser. Memory is bounded by the longest value that is taken.
 */
export function scanJson(handlers: ScanHandlers, limits: { maxValueBytes: number; sequence?: boolean }): JsonScan {
  const containers: { isList: boolean; path: string }[] = []
  let expect: Expectation = 'value'
  let path = ''
  let line = 1
  let values = 0
  let stopped = false
  let fault: ScanFault | undefined

  // The value that is being read: a key, one to hand out, or one to pass over.
  let isKey = false
  let keep = false
  let shape: 'container' | 'string' | 'scalar' = 'scalar'
  let depth = 0
  let inString = false
  let escaped = false
  let valueLine = 1
  let held: Buffer[] = []
  let heldBytes = 0

  function fail(message: string, at = line): number {
    fault ??= { line: at, message }
    stopped = true
    return -1
  }

  function hold(chunk: Buffer, from: number, to: number): void {
    if (!keep || to <= from) return
    heldBytes += to - from
    if (heldBytes > limits.maxValueBytes) {
      keep = false
      held = []
      if (isKey) fail('has a member name that is too long')
      else handlers.tooLarge(path, valueLine)
      return
    }
    held.push(Buffer.from(chunk.subarray(from, to)))
  }

  function finish(chunk: Buffer, from: number, to: number): void {
    if (keep && heldBytes + (to - from) > limits.maxValueBytes) hold(chunk, from, to)
    const bytes = keep
      ? held.length === 0
        ? chunk.subarray(from, to)
        : Buffer.concat([...held, chunk.subarray(from, to)])
      : undefined
    held = []
    heldBytes = 0
    if (!isKey) {
      if (bytes) handlers.value(path, bytes, valueLine)
      return
    }
    const key = bytes && parseJsonBytes(bytes)
    if (!key || !('value' in key)) fail('has a member name that is not valid JSON', valueLine)
    else path = `${containers[containers.length - 1]!.path}.${String(key.value)}`
    expect = 'colon'
  }

  /** Starts to read a value whose first byte is at `at`; where to go on. */
  function start(chunk: Buffer, at: number, asKey: boolean, step: ScanStep): number {
    const code = chunk[at]!
    isKey = asKey
    keep = step === 'take'
    valueLine = line
    depth = 0
    escaped = false
    inString = code === quoteMark
    shape = inString ? 'string' : code === openBrace || code === openBracket ? 'container' : 'scalar'
    expect = 'inside'
    return inside(chunk, at, inString ? at + 1 : at)
  }

  /** Reads on in a value that began in this chunk at `from`, or before it (`from` = 0); where to go on. */
  function inside(chunk: Buffer, from: number, at: number): number {
    const next =
      shape === 'container'
        ? endOfContainer(chunk, at)
        : shape === 'string'
          ? endOfString(chunk, at)
          : endOfScalar(chunk, at)
    if (depth > maxDepth) return fail('is nested too deeply')
    if (expect === 'inside') hold(chunk, from, next)
    else finish(chunk, from, next)
    return next
  }

  function endOfScalar(chunk: Buffer, at: number): number {
    for (let i = at; i < chunk.length; i++) {
      const code = chunk[i]!
      if (code === comma || code === closeBrace || code === closeBracket || isSpace(code)) {
        expect = 'separator'
        return i
      }
    }
    return chunk.length
  }

  /** Just behind the closing quotation mark, which ends `inString`; or the end of the chunk. */
  function afterString(chunk: Buffer, at: number): number {
    const end = chunk.length
    let i = at
    if (escaped && i < end) {
      escaped = false
      i++
    }
    while (i < end) {
      const code = chunk[i++]
      if (code === quoteMark) {
        inString = false
        return i
      }
      if (code !== backslash) continue
      if (i === end) escaped = true
      i++
    }
    return end
  }

  function endOfString(chunk: Buffer, at: number): number {
    const next = afterString(chunk, at)
    if (!inString) expect = 'separator'
    return next
  }

  /** The hot loop: most bytes of a large document are read here, with nothing but locals. */
  function endOfContainer(chunk: Buffer, at: number): number {
    const end = chunk.length
    let level = depth
    let lines = 0
    let i = inString ? afterString(chunk, at) : at
    while (i < end) {
      const code = chunk[i++]!
      const meaning = meanings[code]
      if (meaning === ordinary) continue
      if (meaning === quotes) {
        // A string that ends in this chunk without an escape: by far the most.
        let j = i
        while (j < end && chunk[j] !== quoteMark && chunk[j] !== backslash) j++
        if (j < end && chunk[j] === quoteMark) i = j + 1
        else {
          inString = true
          i = afterString(chunk, j)
        }
      } else if (meaning === opens) {
        if (++level > maxDepth) break
      } else if (meaning === closes) {
        if (--level === 0) {
          expect = 'separator'
          break
        }
      } else lines++
    }
    depth = level
    line += lines
    return i
  }

  function beginValue(chunk: Buffer, at: number): number {
    const code = chunk[at]!
    const opens = code === openBrace || code === openBracket
    if (!opens && code !== quoteMark && !startsScalar(code))
      return fail(`is not valid JSON: ${expected[expect]} was expected`)
    const container = containers[containers.length - 1]
    path = container ? (container.isList ? `${container.path}[]` : path) : ''
    const step = handlers.begin(path, code, line)
    if (step === 'stop') {
      stopped = true
      return -1
    }
    if (step !== 'enter' || !opens) return start(chunk, at, false, step === 'enter' ? 'skip' : step)
    containers.push({ isList: code === openBracket, path })
    expect = code === openBracket ? 'valueOrEnd' : 'keyOrEnd'
    return at + 1
  }

  function afterValue(chunk: Buffer, at: number): number {
    const code = chunk[at]!
    const container = containers[containers.length - 1]
    if (!container) {
      values++
      if (!limits.sequence) return fail('has more text after the end of its JSON document')
      expect = 'value'
      return beginValue(chunk, at)
    }
    if (code === comma) expect = container.isList ? 'value' : 'key'
    else if (code === (container.isList ? closeBracket : closeBrace)) containers.pop()
    else return fail(`is not valid JSON: ${expected.separator} was expected`)
    return at + 1
  }

  /** Reads one byte of structure, or a value that starts there; where to go on. */
  function structure(chunk: Buffer, at: number): number {
    const code = chunk[at]!
    if (isSpace(code)) {
      if (code === newline) line++
      return at + 1
    }
    switch (expect) {
      case 'separator':
        return afterValue(chunk, at)
      case 'colon':
        if (code !== colon) return fail(`is not valid JSON: ${expected.colon} was expected`)
        expect = 'value'
        return at + 1
      case 'key':
      case 'keyOrEnd':
        if (code === quoteMark) return start(chunk, at, true, 'take')
        if (expect === 'key' || code !== closeBrace) return fail(`is not valid JSON: ${expected[expect]} was expected`)
        containers.pop()
        expect = 'separator'
        return at + 1
      default:
        if (expect !== 'valueOrEnd' || code !== closeBracket) return beginValue(chunk, at)
        containers.pop()
        expect = 'separator'
        return at + 1
    }
  }

  return {
    push(chunk) {
      let at = 0
      if (!stopped && expect === 'inside') at = inside(chunk, 0, 0)
      while (!stopped && at < chunk.length) at = structure(chunk, at)
      return !stopped
    },
    end() {
      if (fault || stopped) return fault
      if (expect === 'inside' && shape === 'scalar' && containers.length === 0) finish(Buffer.alloc(0), 0, 0)
      if (expect === 'separator' && containers.length === 0) return undefined
      if (expect === 'value' && containers.length === 0 && values === 0) return { line, message: 'holds no JSON value' }
      return { line, message: 'is truncated: its JSON document ends early' }
    },
  }
}

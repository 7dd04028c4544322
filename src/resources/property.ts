/**
 * Reads properties out of a configuration, whatever its casing: AWS Config spells the same property in three ways
 * (lowerCamel, PascalCase, `{ value: … }`; https://github.com/awslabs/aws-config-resource-schema).
 */
import type { ResourceRecord } from '../model/record.ts'

type Tree = { [key: string]: unknown }

const lowerCased = new Map<string, string>()
function lower(key: string): string {
  let found = lowerCased.get(key)
  if (found === undefined) {
    found = key.toLowerCase()
    // Keys come from hostile inputs too: the cache must not grow without bound.
    if (lowerCased.size < 20_000) lowerCased.set(key, found)
  }
  return found
}

/** The member of an object by name, exact spelling first, then whatever the casing. Own members only. */
export function member(tree: unknown, name: string): unknown {
  if (typeof tree !== 'object' || tree === null) return undefined
  if (Object.hasOwn(tree, name)) return (tree as Tree)[name]
  const wanted = lower(name)
  for (const key in tree)
    if (key.length === wanted.length && lower(key) === wanted && Object.hasOwn(tree, key)) return (tree as Tree)[key]
  return undefined
}

const splitPaths = new Map<string, string[]>()
/** The segments of a path. Paths are written in definitions, so that the cache stays small. */
function segmentsOf(path: string): string[] {
  let segments = splitPaths.get(path)
  if (!segments) {
    segments = path.split('.')
    splitPaths.set(path, segments)
  }
  return segments
}

/**
 * The value at a dotted path of an item, `{ value: x }` unwrapped. `supplementary.X…` looks into the supplementary
 * configuration. A list on the way is entered by its only or first element when the next segment is no number (Terraform's
 * blocks are lists of one).
 */
export function property(item: ResourceRecord, path: string): unknown {
  const segments = segmentsOf(path)
  let value: unknown = item.configuration
  let from = 0
  if (segments[0] === 'supplementary') {
    value = item.supplementary
    from = 1
  }
  return walk(value, segments, from)
}

/** The value at a dotted path of any tree; see {@link property}. */
export function valueAt(tree: unknown, path: string): unknown {
  return walk(tree, segmentsOf(path), 0)
}

function walk(tree: unknown, segments: readonly string[], from: number): unknown {
  let value = tree
  for (let i = from; i < segments.length; i++) {
    if (Array.isArray(value)) value = /^\d+$/.test(segments[i]!) ? value : value[0]
    value = member(value, segments[i]!)
    if (value === undefined || value === null) return value
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const keys = Object.keys(value)
    if (keys.length === 1 && keys[0] === 'value') return (value as Tree).value
  }
  return value
}

/** A boolean, from a boolean or from `"true"`/`"false"` in any casing; else `undefined`. */
export function toBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  if (typeof value === 'string') {
    const text = value.toLowerCase()
    if (text === 'true') return true
    if (text === 'false') return false
  }
  return undefined
}

/** A finite number, from a number or from a string that is one; else `undefined`. */
export function toNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value.trim())) return toNumber(Number(value))
  return undefined
}

/** A non-empty string; else `undefined`. */
export function toText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Two digits at a place of a text, or NaN. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48
  const ones = text.charCodeAt(at + 1) - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}

/** Epoch milliseconds of `2026-01-05T10:00:00Z`, with three more digits or without; anything else is left to `toTime`. */
function canonicalTime(text: string): number | undefined {
  const { length } = text
  if ((length !== 20 && length !== 24) || !hasMarks(text)) return undefined
  const month = twoDigits(text, 5)
  const day = twoDigits(text, 8)
  const hour = twoDigits(text, 11)
  // Whatever is no plain date of any month is judged by the slower way.
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 28 && hour <= 23)) return undefined
  const minute = twoDigits(text, 14)
  const second = twoDigits(text, 17)
  if (!(minute <= 59 && second <= 59)) return undefined
  // Of the three digits the last comes with the one before it, which is taken off again.
  const milliseconds = length === 24 ? twoDigits(text, 20) * 10 + (twoDigits(text, 21) % 10) : 0
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2)
  const time = (((dayOf(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1000 + milliseconds
  return Number.isNaN(time) ? undefined : time
}

/** Whether `-`, `T`, `:`, `.` and `Z` stand where they should. */
function hasMarks(text: string): boolean {
  const { length } = text
  const isPlain =
    text.charCodeAt(4) === 45 &&
    text.charCodeAt(7) === 45 &&
    text.charCodeAt(10) === 84 &&
    text.charCodeAt(13) === 58 &&
    text.charCodeAt(16) === 58
  return isPlain && text.charCodeAt(length - 1) === 90 && (length === 20 || text.charCodeAt(19) === 46)
}

/** Days from 1970-01-01 to a day of the Gregorian calendar; March begins the year, so that the leap day ends it. */
function dayOf(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1
  const daysBefore = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5)
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + daysBefore + day - 719_469
}

/** The text that was read last: points come in runs of a day. */
let lastText = ''
let lastTime: number | undefined

/**
 * An instant in epoch milliseconds, from ISO 8601 text, epoch milliseconds or epoch seconds (recorded items have all
 * three, `aws-apis` §1.2); else `undefined`. Numbers below 10^11 are seconds.
 */
export function toTime(value: unknown): number | undefined {
  if (typeof value === 'number')
    return Number.isFinite(value) ? (Math.abs(value) < 1e11 ? value * 1000 : value) : undefined
  if (typeof value === 'string') {
    if (value === lastText && lastTime !== undefined) return lastTime
    const canonical = canonicalTime(value)
    if (canonical !== undefined) {
      lastText = value
      lastTime = canonical
      return canonical
    }
    const text = value.trim()
    if (/^\d{9,13}(\.\d+)?$/.test(text)) return toTime(Number(text))
    if (!/^\d{4}-\d\d-\d\d/.test(text)) return undefined
    const time = Date.parse(text)
    return Number.isNaN(time) ? undefined : time
  }
  return undefined
}

/** A list: the value itself where it is one, else `undefined`. */
export function toList(value: unknown): unknown[] | undefined {
  return Array.isArray(value) ? value : undefined
}

/** A list of strings; other elements are dropped; `undefined` where the value is no list. */
export function toTexts(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((element): element is string => typeof element === 'string') : undefined
}

/**
 * An object, from an object or from JSON text, twice encoded too (`BucketPolicy.policyText`, KMS `Policy`), URL-encoded
 * as IAM returns documents; `undefined` where it is neither.
 */
export function toDocument(value: unknown): { [key: string]: unknown } | undefined {
  let current = value
  for (let i = 0; i < 3 && typeof current === 'string'; i++) {
    const text: string = current.trimStart().startsWith('%7B') ? safeDecode(current) : current
    try {
      current = JSON.parse(text)
    } catch {
      return undefined
    }
  }
  return typeof current === 'object' && current !== null && !Array.isArray(current) ? (current as Tree) : undefined
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

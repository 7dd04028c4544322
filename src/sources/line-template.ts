/**
 * Reads lines of JSON that are alike without parsing them. A snapshot holds a million recovery points whose lines differ in
 * a name and a time: what stays the same from line to line is compared with bytes that are known, and only what differs is
 * decoded, once where it stands twice in a line (an id that is an ARN) or in the line before too (a day). A line that is not like the ones before is left to the parser. Same line, same value as `JSON.parse` gives.
 *
 * Values share with each other what stayed the same: their own members may be set, what is below is to be read only.
 */
import type { Likeness } from '../model/record.ts'
import { type JsonObject, maxDepth } from './json.ts'

type Container = JsonObject | unknown[]

/** A number, string, boolean or null in a line: where it stands in the text, and in which object or list of the value. */
interface Token {
  start: number
  end: number
  holder: Container
  key: string | number
}

/** The line that a template was last taken from. */
interface Sample {
  text: string
  value: JsonObject
  tokens: Token[]
  /** The text without its tokens. */
  skeleton: string
  /** Where each object and list within the value hangs. */
  parents: Map<Container, { holder: Container; key: string | number }>
}

/** Bytes that are known: those between two parts that differ, or what a part was in an earlier line. */
interface Fixed {
  /** Eight bytes each, in the order of the bytes. ASCII is never the bytes of a NaN or of a zero, so that equal numbers are equal bytes. */
  words: Float64Array
  /** The last bytes, fewer than eight. */
  rest: Uint8Array
}

/** A container that holds something that differs, so that every value needs one of its own. */
interface Own {
  original: Container
  /** Place of its holder among the containers; the first has none. */
  holder: number
  key: string | number
}

/** Where a part that differs goes. */
interface Slot {
  container: number
  key: string | number
  /** Its member of the outermost object, where it is one. */
  name: string | undefined
  /** What `typeof` says of it: a line in which it is of another kind is the parser's. */
  type: string
  /** The slot before it that held the same in the sample; -1 where none did. */
  twin: number
  /** What it was in an earlier line; empty where that is not tried. */
  before: Fixed
  beforeValue: unknown
  /** Lines until it is next compared with an earlier one, and how long the wait was: what never repeats is seldom tried. */
  wait: number
  waited: number
}

/** What the lines of a run have in common. */
interface Template {
  sample: Sample
  /** Which tokens differ between the lines. */
  differs: boolean[]
  like: Likeness
  fixed: Fixed[]
  own: Own[]
  slots: Slot[]
}

/** Longer lines, and lines with more values, are left to the parser. */
const maxTextLength = 16_384
const maxTokens = 256
/** Kinds of line that are known at a time: those of a run may take turns. */
const maxKinds = 4
/** What looking at a line costs; a line that is read pays one back, one that is not looked at a little. */
const learningCost = 8
const mostCredit = 64
const creditOfOthers = 0.25

/** Lines after which a part that did not repeat is compared with an earlier one again, at most. */
const longestWait = 1_024

const quoteByte = 0x22
const escapeByte = 0x5c

/** What the values are for. */
export interface LineUse {
  /** Members that the caller sets on every value: it has them from the start, as objects of one shape are cheap. */
  extra: JsonObject
  /** Whether a value may stand in a member of the outermost object. Of a first line of a kind the caller knows it. */
  accepts(key: string, value: unknown): boolean
}

/** Reads lines that are like each other. */
export class LineTemplates {
  /** The one that read the last line comes first. */
  private readonly templates: Template[] = []
  private readonly seen: Sample[] = []
  private credit = mostCredit
  private readonly values: unknown[] = []
  /** Where the values stand in the line. */
  private readonly starts: number[] = []
  private readonly ends: number[] = []
  private readonly containers: Container[] = []

  constructor(private readonly use: LineUse) {}

  /** Where the line ends that was read last: at its newline. */
  end = 0
  /** What its value shares with others: lines of one template differ in nothing else, what is set on the values apart. */
  like: Likeness = { differing: [] }

  /**
   * The value of the line that starts at `start`, where it is like earlier ones and ends in a newline before `limit`; else
   * `undefined`. `view` is of the same bytes.
   */
  read(bytes: Buffer, view: DataView, start: number, limit: number): JsonObject | undefined {
    const { templates } = this
    for (let i = 0; i < templates.length; i++) {
      const template = templates[i]!
      if (!this.fits(template, bytes, view, start, limit)) continue
      if (i > 0) {
        templates[i] = templates[0]!
        templates[0] = template
      }
      if (this.credit < mostCredit) this.credit++
      this.like = template.like
      return this.filled(template)
    }
    return undefined
  }

  /** Is shown a line that {@link read} could not read; the text is an object in valid JSON. */
  learn(text: string): void {
    if (this.credit < learningCost) {
      this.credit += creditOfOthers
      return
    }
    this.credit -= learningCost
    const sample = sampleOf(text, this.use.extra)
    if (!sample) return
    const isLike = (other: Sample) => other.skeleton === sample.skeleton
    const known = this.templates.findIndex(template => isLike(template.sample))
    const before = this.seen.findIndex(isLike)
    if (known >= 0) this.widen(known, sample)
    else if (before >= 0) {
      const [first] = this.seen.splice(before, 1)
      this.templates.unshift(templateOf(sample, widened({ sample: first!, differs: [] }, sample)))
      this.templates.length = Math.min(this.templates.length, maxKinds)
    } else if (this.seen.push(sample) > maxKinds) this.seen.shift()
  }

  private widen(known: number, sample: Sample): void {
    const template = this.templates[known]!
    const wider = widened(template, sample)
    // A line that is left to the parser for an escape teaches nothing.
    if (wider.some((differs, i) => differs !== template.differs[i])) this.templates[known] = templateOf(sample, wider)
  }

  private fits({ fixed, slots }: Template, bytes: Buffer, view: DataView, start: number, limit: number): boolean {
    let at = start
    for (let i = 0; i < fixed.length; i++) {
      at = afterFixed(bytes, view, at, limit, fixed[i]!)
      if (at < 0) return false
      if (i === slots.length) break
      const slot = slots[i]!
      const end = this.readSlot(slot, i, bytes, view, at, limit)
      if (end < 0) return false
      const value = this.values[i]
      if (typeof value !== slot.type || (slot.name !== undefined && !this.use.accepts(slot.name, value))) return false
      this.starts[i] = at
      this.ends[i] = end
      at = end
    }
    this.end = at
    return at < limit && bytes[at] === 10
  }

  /** Takes the value of a slot from the line, or from where the same text was read before; tells where it ends, -1 where it cannot be read. */
  private readSlot(slot: Slot, i: number, bytes: Buffer, view: DataView, at: number, limit: number): number {
    const { values, starts, ends } = this
    const { twin } = slot
    if (twin >= 0 && areSame(bytes, view, starts[twin]!, ends[twin]!, at, limit)) {
      values[i] = values[twin]
      return at + ends[twin]! - starts[twin]!
    }
    const isTried = slot.type === 'string' && slot.wait-- <= 0
    if (isTried && slot.beforeValue !== undefined) {
      const end = afterFixed(bytes, view, at, limit, slot.before)
      if (end >= 0) {
        slot.wait = slot.waited = 0
        values[i] = slot.beforeValue
        return end
      }
    }
    const end = endOfToken(bytes, view, at, limit)
    if (end < 0) return end
    const value = tokenValue(bytes, at, end)
    values[i] = value
    if (isTried) remember(slot, value, bytes.toString('latin1', at, end))
    return end
  }

  private filled({ own, slots }: Template): JsonObject {
    const { containers, values } = this
    for (let i = 0; i < own.length; i++) {
      const { original, holder, key } = own[i]!
      const copy = Array.isArray(original) ? original.slice() : { ...original }
      containers[i] = copy
      if (i > 0) (containers[holder] as JsonObject)[key] = copy
    }
    for (let i = 0; i < slots.length; i++) {
      const { container, key } = slots[i]!
      ;(containers[container] as JsonObject)[key] = values[i]
    }
    return containers[0] as JsonObject
  }
}

/** Which tokens differ between the lines of a template and one more. */
function widened({ sample: before, differs }: Pick<Template, 'sample' | 'differs'>, sample: Sample): boolean[] {
  return sample.tokens.map(
    (token, i) => differs[i] === true || textOf(sample, token) !== textOf(before, before.tokens[i]!),
  )
}

const textOf = ({ text }: Sample, { start, end }: Token) => text.slice(start, end)

/** Keeps what a slot holds, to be compared with in a line to come. */
function remember(slot: Slot, value: unknown, text: string): void {
  slot.before = fixedOf(text)
  slot.beforeValue = value
  slot.wait = slot.waited
  slot.waited = Math.min(longestWait, 2 * slot.waited + 1)
}

/** Whether the bytes from a place on are those between two others, which were read before and hold no zeros. */
function areSame(bytes: Buffer, view: DataView, start: number, end: number, from: number, limit: number): boolean {
  if (from + end - start > limit) return false
  let at = from
  let known = start
  for (; known + 8 <= end; known += 8, at += 8)
    if (view.getFloat64(known, true) !== view.getFloat64(at, true)) return false
  for (; known < end; known++, at++) if (bytes[known] !== bytes[at]) return false
  return true
}

/** Where bytes that are known end, or -1 where others stand. */
function afterFixed(bytes: Buffer, view: DataView, from: number, limit: number, { words, rest }: Fixed): number {
  let at = from
  if (at + words.length * 8 + rest.length > limit) return -1
  for (let i = 0; i < words.length; i++, at += 8) if (view.getFloat64(at, true) !== words[i]) return -1
  for (let i = 0; i < rest.length; i++, at++) if (bytes[at] !== rest[i]) return -1
  return at
}

/** Passes over characters that neither end a string nor need a parser, four at a time. */
function pastPlain(view: DataView, from: number, limit: number): number {
  let at = from
  for (; at + 4 <= limit; at += 4) {
    const four = view.getInt32(at, true)
    const quotes = four ^ 0x22222222
    const escapes = four ^ 0x5c5c5c5c
    // The highest bit of a byte is set where it is a quote, a backslash, below a blank, or not ASCII.
    const special =
      ((quotes - 0x01010101) & ~quotes) | ((escapes - 0x01010101) & ~escapes) | ((four - 0x20202020) & ~four) | four
    if ((special & 0x80808080) !== 0) break
  }
  return at
}

/** Where a string without escapes, or a literal, ends; -1 where neither stands. */
function endOfToken(bytes: Buffer, view: DataView, from: number, limit: number): number {
  let at = from
  if (bytes[at] === quoteByte) {
    for (at = pastPlain(view, at + 1, limit); at < limit; at++) {
      const byte = bytes[at]!
      if (byte === quoteByte) return at + 1
      // Escapes, control characters and what is not ASCII are the parser's.
      if (byte === escapeByte || byte < 0x20 || byte >= 0x80) return -1
    }
    return -1
  }
  for (; at < limit; at++) {
    const byte = bytes[at]!
    if (byte === 0x2c || byte === 0x7d || byte === 0x5d || byte <= 0x20) break
  }
  return at > from ? at : -1
}

const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

function tokenValue(bytes: Buffer, start: number, end: number): unknown {
  if (bytes[start] === quoteByte) return bytes.toString('latin1', start + 1, end - 1)
  return literalValue(bytes.toString('latin1', start, end))
}

function literalValue(text: string): unknown {
  if (text === 'true') return true
  if (text === 'false') return false
  if (text === 'null') return null
  return number.test(text) ? Number(text) : undefined
}

/** Tells the tokens of a line; `undefined` where it is not to be a template. The text is valid JSON. */
function sampleOf(text: string, extra: JsonObject): Sample | undefined {
  if (text.length > maxTextLength || /[^\x20-\x7e]|\\|"__proto__"/.test(text)) return undefined
  const value: JsonObject = JSON.parse(text)
  const sample: Sample = { text, value, tokens: [], skeleton: '', parents: new Map() }
  const end = walk(sample, text.search(/\S/), value, 0)
  if (end === undefined || sample.tokens.length > maxTokens) return undefined
  if (Object.keys(extra).some(key => Object.hasOwn(value, key))) return undefined
  Object.assign(value, extra)
  let from = 0
  for (const token of sample.tokens) {
    sample.skeleton += `${text.slice(from, token.start)}\u0000`
    from = token.end
  }
  sample.skeleton += text.slice(from)
  return sample
}

const blanks = /\s*/y
const string = /"[^"]*"/y
const literal = /[^\s,}\]]+/y

function past(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  pattern.test(text)
  return pattern.lastIndex
}

/** Walks an object or list of the text along with its value; tells where it ends. */
function walk(sample: Sample, start: number, container: Container, depth: number): number | undefined {
  const { text, tokens, parents } = sample
  const isList = Array.isArray(container)
  let at = past(blanks, text, start + 1)
  let count = 0
  while (text[at] !== '}' && text[at] !== ']') {
    let key: string | number = count
    if (!isList) {
      const end = past(string, text, at)
      key = text.slice(at + 1, end - 1)
      at = past(blanks, text, past(blanks, text, end) + 1)
    }
    const inner = (container as JsonObject)[key]
    if (typeof inner === 'object' && inner !== null) {
      if (depth === maxDepth) return undefined
      parents.set(inner as Container, { holder: container, key })
      const end = walk(sample, at, inner as Container, depth + 1)
      if (end === undefined) return undefined
      at = end
    } else {
      const end = past(text[at] === '"' ? string : literal, text, at)
      tokens.push({ start: at, end, holder: container, key })
      at = end
    }
    count++
    at = past(blanks, text, at)
    if (text[at] === ',') at = past(blanks, text, at + 1)
  }
  // A name that occurs twice leaves fewer members than the text has.
  return count === (isList ? container.length : Object.keys(container).length) ? at + 1 : undefined
}

function templateOf(sample: Sample, differs: boolean[]): Template {
  const differing: (string | number)[][] = []
  const template: Template = { sample, differs, like: { differing }, fixed: [], own: [], slots: [] }
  const places = new Map<Container, number>()
  const placeOf = (container: Container): number => {
    const known = places.get(container)
    if (known !== undefined) return known
    const parent = sample.parents.get(container)
    const holder = parent ? placeOf(parent.holder) : -1
    places.set(container, template.own.length)
    return template.own.push({ original: container, holder, key: parent?.key ?? '' }) - 1
  }
  placeOf(sample.value)
  const texts: string[] = []
  let from = 0
  sample.tokens.forEach((token, i) => {
    if (!differs[i]) return
    template.fixed.push(fixedOf(sample.text.slice(from, token.start)))
    const { holder, key } = token
    const name = holder === sample.value ? String(key) : undefined
    const type = typeof (holder as JsonObject)[key]
    // A number that another begins with is another: only a string tells by its own bytes where it ends.
    const twin = type === 'string' ? texts.indexOf(textOf(sample, token)) : -1
    texts.push(textOf(sample, token))
    differing.push(pathOf(sample, holder, key))
    template.slots.push({
      container: placeOf(holder),
      key,
      name,
      type,
      twin,
      before: fixedOf(''),
      beforeValue: undefined,
      wait: 0,
      waited: 0,
    })
    from = token.end
  })
  template.fixed.push(fixedOf(sample.text.slice(from)))
  return template
}

/** Where a member of a container stands in the value. */
function pathOf(sample: Sample, holder: Container, key: string | number): (string | number)[] {
  const parent = sample.parents.get(holder)
  return parent ? [...pathOf(sample, parent.holder, parent.key), key] : [key]
}

function fixedOf(text: string): Fixed {
  const bytes = Buffer.from(text, 'latin1')
  const words = new Float64Array(bytes.length >> 3)
  for (let i = 0; i < words.length; i++) words[i] = bytes.readDoubleLE(8 * i)
  return { words, rest: Uint8Array.from(bytes.subarray(8 * words.length)) }
}

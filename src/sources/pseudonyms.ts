/**
 * Stable pseudonyms for the words of names, which keep what a wildcard matches. Why it is done so: `redaction.md` beside this
 * file.
 */
import { createHmac } from 'node:crypto'
import { isAccountId } from '../resources/identity.ts'

/** A word: a UUID, an IPv4 address, or a run of letters and digits. Everything between words stays as it is. */
const words =
  /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\p{L}\p{N}])|(?<![\p{L}\p{N}]|\d\.)\d{1,3}(?:\.\d{1,3}){3}(?![\p{L}\p{N}]|\.\d)|[\p{L}\p{N}]+/gu
const uuid = /^[0-9a-f]{8}-/
/** Numbers too short to name anything: versions, counts, parts of dates and of Availability Zones. */
const smallNumber = /^\d{1,4}$|^\d[a-f]$/

/** Sixteen letters: half a byte each, and all of them have capitals. */
const alphabet = 'abcdefghijkmnopr'
const wordLength = 16
const markLength = 9
/** Letters between two pieces within a word. */
const apartLength = 3
/** Attempts at a word that no pattern matches by accident. */
const mostAttempts = 64
const mostRemembered = 200_000

/** A piece of a word that a wildcard continues: `prod` of `prod*` begins words, of `*prod` ends them, of `*prod*` is within. */
type Side = 'start' | 'end' | 'inside'
const sides: readonly Side[] = ['start', 'end', 'inside']

/** A piece in small letters. Public: a word that stays matches it, so that it has to stay too. */
interface Piece {
  text: string
  isPublic: boolean
}

/** Replaces words. Every pattern must have been noted before the first text is replaced. */
export class Pseudonyms {
  private readonly pieces: { readonly [side in Side]: Set<string> } = {
    start: new Set(),
    end: new Set(),
    inside: new Set(),
  }
  private readonly remembered = new Map<string, string>()
  private readonly marks = new Map<string, string>()
  private readonly vocabulary: ReadonlySet<string>
  private sorted: { readonly [side in Side]: readonly Piece[] } | undefined
  /** Texts with a `?` beside a word: what it matches may not be kept. */
  doubtfulPatterns = 0

  /**
   * `vocabulary`: words that stay, in whatever letter case. `told`: is told of each replacement, for the owner's map.
   */
  constructor(
    private readonly key: Uint8Array,
    vocabulary: readonly string[],
    private readonly told?: (word: string, pseudonym: string) => void,
  ) {
    this.vocabulary = new Set(vocabulary.map(word => word.toLowerCase()))
  }

  /** Notes the wildcards of a text. */
  notePattern(text: string): void {
    if (text.includes('?') && /[\p{L}\p{N}]\?|\?[\p{L}\p{N}]/u.test(text)) this.doubtfulPatterns++
    if (!text.includes('*')) return
    for (const match of text.matchAll(words)) {
      const side = sideOf(text, match.index, match[0])
      const piece = match[0].toLowerCase()
      if (side === undefined || this.pieces[side].has(piece)) continue
      this.pieces[side].add(piece)
      this.sorted = undefined
      this.remembered.clear()
      this.marks.clear()
    }
  }

  /** The text with its words replaced, but for those that stay. `more`: stays here too. */
  text(text: string, more?: (word: string) => boolean): string {
    const isPattern = text.includes('*')
    return text.replace(words, (word, at: number) => {
      if (more?.(word)) return word
      const side = isPattern ? sideOf(text, at, word) : undefined
      return side === undefined ? this.word(word) : this.piece(word, side)
    })
  }

  private word(word: string): string {
    const known = this.remembered.get(word)
    if (known !== undefined) return known
    if (this.remembered.size >= mostRemembered) this.remembered.clear()
    const made = this.stays(word) ? word : this.make(word)
    this.remembered.set(word, made)
    if (made !== word) this.told?.(word, made)
    return made
  }

  private stays(word: string): boolean {
    return smallNumber.test(word) || this.vocabulary.has(word.toLowerCase())
  }

  private make(word: string): string {
    if (uuid.test(word)) return uuidOf(this.digest(`uuid\n${word}`))
    if (isAccountId(word)) return accountOf(this.digest(`account\n${word}`))
    const start = this.chain('start', word)
    const end = this.chain('end', word)
    const inside = this.marksInside(word)
    for (let attempt = 0; ; attempt++) {
      const letters = lettersOf(this.digest(`word\n${attempt}\n${word.toLowerCase()}`), wordLength)
      const core = this.inCaseOf(word, `x${letters}`)
      // Two pieces side by side could be a third: letters that every attempt changes keep them apart.
      const apart = inside.join(lettersOf(this.digest(`apart\n${attempt}\n${word.toLowerCase()}`), apartLength))
      // Within: what is inside the word neither begins nor ends it.
      const made = start + core.slice(0, wordLength / 2) + apart + core.slice(wordLength / 2) + end
      if (attempt === mostAttempts || this.matchesAlike(word, made)) return made
    }
  }

  /** What stands in a pattern for a piece. */
  private piece(piece: string, side: Side): string {
    if (side !== 'inside') return this.chain(side, piece)
    return this.isPublic(piece.toLowerCase(), side) ? piece : this.mark(side, piece)
  }

  /**
   * The pieces that begin (or end) a word, each of which begins the next: after the longest that is public their marks, so that
   * all of them still do. Letter case is the word's own.
   */
  private chain(side: 'start' | 'end', word: string): string {
    const small = word.toLowerCase()
    const nested = this.allPieces()[side].filter(({ text }) => matches(side, small, text))
    const at = nested.findLastIndex(({ isPublic }) => isPublic)
    const own = (text: string) => (side === 'start' ? word.slice(0, text.length) : word.slice(-text.length))
    const marks = nested.slice(at + 1).map(({ text }) => this.mark(side, own(text)))
    const known = at < 0 ? '' : own(nested[at]!.text)
    return side === 'start' ? known + marks.join('') : marks.reverse().join('') + known
  }

  private marksInside(word: string): string[] {
    const small = word.toLowerCase()
    const marks = new Set<string>()
    for (const { text, isPublic } of this.allPieces().inside)
      for (let at = small.indexOf(text); at >= 0; at = small.indexOf(text, at + 1)) {
        const own = word.slice(at, at + text.length)
        marks.add(isPublic ? own : this.mark('inside', own))
      }
    return [...marks]
  }

  private allPieces(): { readonly [side in Side]: readonly Piece[] } {
    this.sorted ??= {
      start: this.sortedPieces('start'),
      end: this.sortedPieces('end'),
      inside: this.sortedPieces('inside'),
    }
    return this.sorted
  }

  private sortedPieces(side: Side): Piece[] {
    return [...this.pieces[side]]
      .sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
      .map(text => ({ text, isPublic: this.isPublic(text, side) }))
  }

  private isPublic(piece: string, side: Side): boolean {
    if (this.stays(piece)) return true
    for (const word of this.vocabulary) if (matches(side, word, piece)) return true
    return false
  }

  /** A public piece may be in a pseudonym by accident. */
  private matchesAlike(word: string, made: string): boolean {
    const [was, is] = [word.toLowerCase(), made.toLowerCase()]
    return sides.every(side =>
      this.allPieces()[side].every(
        ({ text, isPublic }) => !isPublic || matches(side, was, text) === matches(side, is, text),
      ),
    )
  }

  private mark(side: Side, piece: string): string {
    const small = this.marks.get(`${side}\n${piece.toLowerCase()}`) ?? this.newMark(side, piece.toLowerCase())
    const made = this.inCaseOf(piece, small)
    this.told?.(piece, made)
    return made
  }

  /** A mark is in many words: it must not hold a public piece itself. */
  private newMark(side: Side, piece: string): string {
    const all = sides.flatMap(one => this.allPieces()[one])
    for (let attempt = 0; ; attempt++) {
      const made = `y${lettersOf(this.digest(`${side}\n${attempt}\n${piece}`), markLength)}`
      if (attempt < mostAttempts && all.some(({ text, isPublic }) => isPublic && made.includes(text))) continue
      this.marks.set(`${side}\n${piece}`, made)
      return made
    }
  }

  /** Small letters in the case of a word: two words that differ in case alone give two that do. */
  private inCaseOf(word: string, small: string): string {
    if (word === word.toLowerCase()) return small
    if (word === word.toUpperCase()) return small.toUpperCase()
    const digest = this.digest(`case\n${word}`)
    const mixed = [...small].map((letter, at) => (digest[at]! & 1 ? letter.toUpperCase() : letter))
    mixed[0] = mixed[0]!.toUpperCase()
    mixed[1] = mixed[1]!.toLowerCase()
    return mixed.join('')
  }

  private digest(text: string): Buffer {
    return createHmac('sha256', this.key).update(text).digest()
  }
}

const matches = (side: Side, word: string, piece: string): boolean =>
  side === 'start' ? word.startsWith(piece) : side === 'end' ? word.endsWith(piece) : word.includes(piece)

/** What a wildcard beside a word makes of it; `undefined` where there is none. */
function sideOf(text: string, at: number, word: string): Side | undefined {
  const before = text[at - 1] === '*'
  const after = text[at + word.length] === '*'
  return before && after ? 'inside' : after ? 'start' : before ? 'end' : undefined
}

function lettersOf(digest: Buffer, length: number): string {
  let text = ''
  for (let at = 0; at < length; at++) text += alphabet[digest[at]! & 15]
  return text
}

function uuidOf(digest: Buffer): string {
  const hex = digest.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  )
}

/** Twelve digits, of which the first is no zero. */
const accountOf = (digest: Buffer): string => String((digest.readBigUInt64BE() % 900_000_000_000n) + 100_000_000_000n)

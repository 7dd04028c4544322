/** Parses quoted texts, heredocs and what JSON syntax holds in its texts: text with `${…}` and `%{…}` in it. */
import { type Cursor, countPart, fail, nested, seen } from './cursor.ts'
import type { Expression, Template, TemplatePart } from './syntax.ts'

/** What the parser of expressions lends to the one of templates, which it calls itself. */
export interface ExpressionGrammar {
  expression(cursor: Cursor): Expression
  blanks(cursor: Cursor): void
  identifier(cursor: Cursor): string | undefined
}

type Directive =
  | { type: 'if'; condition: Expression }
  | { type: 'for'; key?: string; value: string; over: Expression }
  | { type: 'else' | 'endif' | 'endfor' }

/** A piece as read: `~` beside a brace trims the text next to it. */
type Piece =
  | { type: 'text'; text: string }
  | { type: 'value'; at: number; value: Expression; trimsBefore: boolean; trimsAfter: boolean }
  | { type: 'directive'; at: number; directive: Directive; trimsBefore: boolean; trimsAfter: boolean }

const simpleEscapes: { [letter: string]: string } = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' }

function escaped(cursor: Cursor): string {
  const letter = cursor.text[cursor.at + 1] ?? ''
  const simple = Object.hasOwn(simpleEscapes, letter) ? simpleEscapes[letter] : undefined
  if (simple !== undefined) {
    cursor.at += 2
    return simple
  }
  const length = letter === 'u' ? 4 : letter === 'U' ? 8 : 0
  const digits = cursor.text.slice(cursor.at + 2, cursor.at + 2 + length)
  const code = /^[0-9a-fA-F]+$/.test(digits) && digits.length === length ? Number.parseInt(digits, 16) : -1
  if (length === 0 || code < 0 || code > 0x10ffff)
    fail(cursor, `has ${seen(cursor.text, cursor.at)} before something that is no escape`)
  cursor.at += 2 + length
  return String.fromCodePoint(code)
}

function keyword(cursor: Cursor, grammar: ExpressionGrammar, wanted: string): void {
  grammar.blanks(cursor)
  if (grammar.identifier(cursor) !== wanted) fail(cursor, `has a template directive without "${wanted}"`)
}

function loopDirective(cursor: Cursor, grammar: ExpressionGrammar): Directive {
  const names: string[] = []
  for (;;) {
    grammar.blanks(cursor)
    const name = grammar.identifier(cursor)
    if (name === undefined || names.length === 2) fail(cursor, 'has a "%{for" without the name of a variable')
    names.push(name)
    grammar.blanks(cursor)
    if (cursor.text[cursor.at] !== ',') break
    cursor.at++
  }
  keyword(cursor, grammar, 'in')
  const over = grammar.expression(cursor)
  return names.length === 2
    ? { type: 'for', key: names[0]!, value: names[1]!, over }
    : { type: 'for', value: names[0]!, over }
}

function directive(cursor: Cursor, grammar: ExpressionGrammar): Directive {
  grammar.blanks(cursor)
  const at = cursor.at
  const word = grammar.identifier(cursor)
  switch (word) {
    case 'if':
      return { type: 'if', condition: grammar.expression(cursor) }
    case 'for':
      return loopDirective(cursor, grammar)
    case 'else':
    case 'endif':
    case 'endfor':
      return { type: word }
    default:
      return fail(cursor, `has an unknown template directive: ${seen(cursor.text, at)}`, at)
  }
}

/** Reads `${…}` or `%{…}`; the cursor stands at its first character. */
function sequence(cursor: Cursor, grammar: ExpressionGrammar): Piece {
  const at = cursor.at
  const isValue = cursor.text[at] === '$'
  cursor.at += 2
  const trimsBefore = cursor.text[cursor.at] === '~'
  if (trimsBefore) cursor.at++
  const { brackets } = cursor
  cursor.brackets = 1
  const inner = nested(cursor, () =>
    isValue
      ? { type: 'value' as const, value: grammar.expression(cursor) }
      : { type: 'directive' as const, directive: directive(cursor, grammar) },
  )
  grammar.blanks(cursor)
  cursor.brackets = brackets
  const trimsAfter = cursor.text[cursor.at] === '~'
  if (trimsAfter) cursor.at++
  if (cursor.text[cursor.at] !== '}')
    fail(cursor, `has ${seen(cursor.text, cursor.at)} where "}" should end an interpolation`)
  cursor.at++
  return { ...inner, at, trimsBefore, trimsAfter }
}

/** True for `${` and `%{`; `$${` and `%%{` stand for the text without its first character. */
function startsSequence(text: string, at: number): boolean {
  return (text[at] === '$' || text[at] === '%') && text[at + 1] === '{'
}

function startsEscapedSequence(text: string, at: number): boolean {
  const code = text[at]
  return (code === '$' || code === '%') && text[at + 1] === code && text[at + 2] === '{'
}

/** Gathers the pieces of one template: whatever encloses a template, its text and its sequences are read alike. */
class PieceReader {
  readonly pieces: Piece[] = []
  private held = ''

  constructor(
    private readonly cursor: Cursor,
    private readonly grammar: ExpressionGrammar,
    /** Text without any character that may mean something; sticky. */
    private readonly plainText: RegExp,
  ) {}

  /** Takes plain text; the character behind it, `undefined` at the end of the file. */
  plain(): string | undefined {
    const { cursor, plainText } = this
    countPart(cursor)
    plainText.lastIndex = cursor.at
    const found = plainText.exec(cursor.text)?.[0]
    if (found !== undefined) this.take(found, found.length)
    return cursor.text[cursor.at]
  }

  /** Adds to the text, and steps over what stood for it. */
  take(text: string, length: number): void {
    this.held += text
    this.cursor.at += length
  }

  /** Takes what stands behind plain text: a sequence, an escaped one, or a character that means nothing after all. */
  special(letter: string): void {
    const { cursor } = this
    if (startsEscapedSequence(cursor.text, cursor.at)) this.take(`${letter}{`, 3)
    else if (startsSequence(cursor.text, cursor.at)) {
      this.endText()
      this.pieces.push(sequence(cursor, this.grammar))
    } else this.take(letter, 1)
  }

  /** Makes a piece of the text so far. */
  endText(): void {
    if (this.held !== '') this.pieces.push({ type: 'text', text: this.held })
    this.held = ''
  }
}

const quotedText = /[^"\\$%\n]+/y

function quotedPieces(cursor: Cursor, grammar: ExpressionGrammar): Piece[] {
  const start = cursor.at++
  const reader = new PieceReader(cursor, grammar, quotedText)
  for (;;) {
    const letter = reader.plain()
    if (letter === '"') break
    if (letter === undefined || letter === '\n') fail(cursor, 'has a text that is not closed in its line', start)
    if (letter === '\\') reader.take(escaped(cursor), 0)
    else reader.special(letter)
  }
  cursor.at++
  reader.endText()
  return reader.pieces
}

const heredocStart = /<<(-?)([\p{L}_][\p{L}\p{N}_-]*)[ \t]*\r?\n/uy
const heredocText = /[^$%\n]+/y

/** Where the line that ends a heredoc leaves off, if the cursor's line is it. */
function endOfHeredoc(cursor: Cursor, marker: string): number | undefined {
  const { text } = cursor
  let at = cursor.at
  while (text[at] === ' ' || text[at] === '\t') at++
  if (!text.startsWith(marker, at)) return undefined
  const end = at + marker.length
  const next = text[end]
  return next === undefined || next === '\n' || next === '\r' || next === ',' || next === ')' || next === ' '
    ? end
    : undefined
}

/** One piece a line at most, so that indentation can be taken off. */
function heredocPieces(cursor: Cursor, grammar: ExpressionGrammar, marker: string, start: number): Piece[] {
  const reader = new PieceReader(cursor, grammar, heredocText)
  let isLineStart = true
  for (;;) {
    const end = isLineStart ? endOfHeredoc(cursor, marker) : undefined
    if (end !== undefined) {
      cursor.at = end
      return reader.pieces
    }
    const letter = reader.plain()
    if (letter === undefined) fail(cursor, `has a heredoc that is not closed: a line "${marker}" is missing`, start)
    reader.special(letter)
    isLineStart = letter === '\n'
    if (isLineStart) reader.endText()
  }
}

/** Takes the indentation that all lines share off them (`<<-`); blank lines have none to share. */
function withoutIndentation(pieces: Piece[]): void {
  let least = Number.POSITIVE_INFINITY
  const starts: { type: 'text'; text: string }[] = []
  let isLineStart = true
  for (const piece of pieces) {
    if (isLineStart) {
      if (piece.type !== 'text') least = 0
      else if (piece.text.trim() !== '' || !piece.text.endsWith('\n')) {
        starts.push(piece)
        least = Math.min(least, piece.text.length - piece.text.trimStart().length)
      }
    }
    isLineStart = piece.type === 'text' && piece.text.endsWith('\n')
  }
  for (const piece of starts) piece.text = piece.text.slice(least)
}

/** What `~` asks for: no blanks nor newlines between it and the text beside it. */
function trimmed(pieces: Piece[]): Piece[] {
  pieces.forEach((piece, index) => {
    if (piece.type === 'text') return
    if (piece.trimsBefore) {
      for (let at = index - 1; at >= 0; at--) {
        const before = pieces[at]!
        if (before.type !== 'text') break
        before.text = before.text.trimEnd()
        if (before.text !== '') break
      }
    }
    if (!piece.trimsAfter) return
    for (let at = index + 1; at < pieces.length; at++) {
      const after = pieces[at]!
      if (after.type !== 'text') break
      after.text = after.text.trimStart()
      if (after.text !== '') break
    }
  })
  return pieces
}

/** Builds the tree of directives. Returns where it ended and by which directive. */
function structured(
  cursor: Cursor,
  pieces: readonly Piece[],
  from: number,
  ends: readonly string[],
): { parts: TemplatePart[]; next: number; endedBy?: string } {
  const parts: TemplatePart[] = []
  for (let index = from; index < pieces.length; index++) {
    const piece = pieces[index]!
    if (piece.type === 'text') {
      const last = parts.at(-1)
      if (typeof last === 'string') parts[parts.length - 1] = last + piece.text
      else if (piece.text !== '') parts.push(piece.text)
    } else if (piece.type === 'value') parts.push(piece.value)
    else {
      const { directive: told, at } = piece
      if (ends.includes(told.type)) return { parts, next: index + 1, endedBy: told.type }
      const built = nested(cursor, () => compound(cursor, pieces, index + 1, told, at))
      parts.push(built.part)
      index = built.next - 1
    }
  }
  if (ends.length > 0) fail(cursor, `has a template directive that no "${ends.at(-1)}" closes`)
  return { parts, next: pieces.length }
}

function compound(
  cursor: Cursor,
  pieces: readonly Piece[],
  from: number,
  told: Directive,
  at: number,
): { part: TemplatePart; next: number } {
  if (told.type === 'for') {
    const body = structured(cursor, pieces, from, ['endfor'])
    const named = told.key === undefined ? {} : { key: told.key }
    return {
      part: { kind: 'repeat', at, ...named, value: told.value, over: told.over, body: body.parts },
      next: body.next,
    }
  }
  if (told.type !== 'if') fail(cursor, `has a "%{${told.type}}" without its beginning`, at)
  const then = structured(cursor, pieces, from, ['else', 'endif'])
  const otherwise =
    then.endedBy === 'else' ? structured(cursor, pieces, then.next, ['endif']) : { parts: [], next: then.next }
  return {
    part: { kind: 'if', at, condition: told.condition, whenTrue: then.parts, whenFalse: otherwise.parts },
    next: otherwise.next,
  }
}

/** The expression that pieces make: plain text, the lone interpolation itself, or a template. */
function assembled(cursor: Cursor, pieces: Piece[], at: number): Expression {
  const { parts } = structured(cursor, trimmed(pieces), 0, [])
  if (parts.length === 0) return { kind: 'literal', at, value: '' }
  const [only] = parts
  if (parts.length === 1 && typeof only === 'string') return { kind: 'literal', at, value: only }
  if (parts.length === 1 && typeof only === 'object' && only.kind !== 'if' && only.kind !== 'repeat') return only
  const template: Template = { kind: 'template', at, parts }
  return template
}

/** A quoted text; the cursor stands at its quotation mark. */
export function quotedTemplate(cursor: Cursor, grammar: ExpressionGrammar): Expression {
  const at = cursor.at
  return assembled(cursor, quotedPieces(cursor, grammar), at)
}

/** A heredoc, where one begins at the cursor. */
export function heredocTemplate(cursor: Cursor, grammar: ExpressionGrammar): Expression {
  const at = cursor.at
  heredocStart.lastIndex = at
  const start = heredocStart.exec(cursor.text)
  if (!start) fail(cursor, 'has a "<<" that begins no heredoc')
  cursor.at += start[0].length
  const pieces = heredocPieces(cursor, grammar, start[2]!, at)
  if (start[1] === '-') withoutIndentation(pieces)
  // Within a heredoc the lines before the closing marker are all text, even where nothing is to be filled in.
  return assembled(cursor, pieces, at)
}

const bareText = /[^$%]+/y

/** A whole text as a template: a file for `templatefile`, or a text of JSON syntax, whose own escapes are gone already. */
export function bareTemplate(cursor: Cursor, grammar: ExpressionGrammar): Expression {
  const at = cursor.at
  const reader = new PieceReader(cursor, grammar, bareText)
  for (let letter = reader.plain(); letter !== undefined; letter = reader.plain()) reader.special(letter)
  reader.endText()
  return assembled(cursor, reader.pieces, at)
}

/** A place in the text of a file, and what the parsers of HCL and of its JSON form share. */
import type { SyntaxProblem } from './syntax.ts'

/** Deeper nesting is no configuration of anybody's, and would exhaust the stack. */
const maxDepth = 200
/** Expressions and pieces of text in a file; the longest file of a person has a thousandth. */
const maxParts = 1_000_000

/** Thrown inside the parsers only, never out of them. */
export class SyntaxFault extends Error {
  readonly at: number
  constructor(at: number, message: string) {
    super(message)
    this.at = at
  }
}

/** A text being parsed. */
export interface Cursor {
  readonly text: string
  at: number
  depth: number
  parts: number
  /** Open brackets and parentheses: in them a newline is a blank. */
  brackets: number
  /** Comments by offset, where somebody asks for them: a place may be looked at twice. */
  comments?: Map<number, string>
}

/** A cursor at the start of a text. */
export function cursorOf(text: string, at = 0): Cursor {
  return { text, at, depth: 0, parts: 0, brackets: 0 }
}

/** Ends parsing. */
export function fail(cursor: Cursor, message: string, at = cursor.at): never {
  throw new SyntaxFault(at, message)
}

/** Counts a part of the text: hostile files hold millions of nothing. */
export function countPart(cursor: Cursor): void {
  if (++cursor.parts > maxParts) fail(cursor, 'has more parts than are read')
}

/** Goes one level deeper while something is parsed. */
export function nested<T>(cursor: Cursor, parse: () => T): T {
  countPart(cursor)
  if (++cursor.depth > maxDepth) fail(cursor, 'is nested too deeply')
  const parsed = parse()
  cursor.depth--
  return parsed
}

/** A short, printable quotation of what stands at a place. */
export function seen(text: string, at: number): string {
  if (at >= text.length) return 'the end of the file'
  if (text[at] === '\n' || text[at] === '\r') return 'the end of the line'
  const word = /^[\w-]{1,20}|^[\x20-\x7e]/.exec(text.slice(at, at + 20))?.[0]
  return word === undefined ? 'a character that cannot stand here' : `"${word}"`
}

/** Makes lines of offsets. */
export function lineFinder(text: string): (offset: number) => number {
  let starts: number[] | undefined
  return offset => {
    if (!starts) {
      starts = [0]
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
    }
    let low = 0
    let high = starts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (starts[middle]! <= offset) low = middle
      else high = middle
    }
    return low + 1
  }
}

/** What parsing gives, or where and why it ended. */
export function attempt<T>(
  lineAt: (offset: number) => number,
  parse: () => T,
): { value: T } | { problem: SyntaxProblem } {
  try {
    return { value: parse() }
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error
    return { problem: { line: lineAt(error.at), message: error.message } }
  }
}

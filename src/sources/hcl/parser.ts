/**
 * Parses files of Terraform: the native syntax and its JSON form. Our own parser: `parser.md` beside this file says why.
 * It is strict where Terraform is, gives up at the first fault, and never throws.
 */
import { mayExempt } from '../inline-exemptions.ts'
import { attempt, type Cursor, cursorOf, fail, lineFinder, nested, seen } from './cursor.ts'
import { identifier, parseExpression, skipBlanks } from './expression-parser.ts'
import type { Attribute, Block, Body, HclFile, SyntaxProblem } from './syntax.ts'

const quotedLabel = /"((?:[^"\\\n$%]|\\.|[$%](?!\{))*)"/y

function label(cursor: Cursor): string | undefined {
  if (cursor.text[cursor.at] !== '"') return identifier(cursor)
  quotedLabel.lastIndex = cursor.at
  const found = quotedLabel.exec(cursor.text)
  if (!found) fail(cursor, 'has a label that is no plain text')
  cursor.at += found[0].length
  return found[1]!.replace(/\\(.)/g, '$1')
}

function endOfLine(cursor: Cursor, after: string): void {
  skipBlanks(cursor)
  const { text, at } = cursor
  if (at < text.length && text[at] !== '\n')
    fail(cursor, `has ${seen(text, at)} where the line should end behind ${after}`)
  cursor.at++
}

function block(cursor: Cursor, type: string, at: number): Block {
  const labels: string[] = []
  for (;;) {
    skipBlanks(cursor)
    if (cursor.text[cursor.at] === '{') break
    const next = label(cursor)
    if (next === undefined)
      fail(cursor, `has ${seen(cursor.text, cursor.at)} where "=" or "{" should stand behind "${type.slice(0, 40)}"`)
    labels.push(next)
  }
  cursor.at++
  const body = nested(cursor, () => parseBody(cursor, true))
  const end = cursor.at++
  return { type, labels, at, end, body }
}

function parseBody(cursor: Cursor, isBlock: boolean): Body {
  const attributes: Attribute[] = []
  const blocks: Block[] = []
  const { text } = cursor
  const names = new Set<string>()
  for (;;) {
    skipBlanks(cursor, true)
    if (cursor.at >= text.length) {
      if (isBlock) fail(cursor, 'ends in the middle of a block')
      return { attributes, blocks }
    }
    if (isBlock && text[cursor.at] === '}') return { attributes, blocks }
    const at = cursor.at
    const name = identifier(cursor)
    if (name === undefined) fail(cursor, `has ${seen(text, at)} where an attribute or a block should stand`)
    skipBlanks(cursor)
    if (text[cursor.at] === '=' && text[cursor.at + 1] !== '=') {
      cursor.at++
      if (names.has(name)) fail(cursor, `sets "${name.slice(0, 40)}" twice in one block`, at)
      names.add(name)
      attributes.push({ name, at, value: parseExpression(cursor) })
      skipBlanks(cursor)
      // A block of one line: `lifecycle { prevent_destroy = true }`.
      if (isBlock && text[cursor.at] === '}') continue
      endOfLine(cursor, 'an attribute')
    } else {
      blocks.push(block(cursor, name, at))
      skipBlanks(cursor)
      if (isBlock && text[cursor.at] === '}') continue
      endOfLine(cursor, 'a block')
    }
  }
}

/** Parses a file of native syntax (`.tf`, `.tfvars`). */
export function parseHcl(text: string, name: string): { value: HclFile } | { problem: SyntaxProblem } {
  const lineAt = lineFinder(text)
  const cursor = cursorOf(text)
  if (mayExempt(text)) cursor.comments = new Map()
  const parsed = attempt(lineAt, () => parseBody(cursor, false))
  if ('problem' in parsed) return parsed
  const comments = [...(cursor.comments ?? [])].map(([at, comment]) => ({ at, text: comment }))
  return { value: { name, body: parsed.value, lineAt, ...(comments.length > 0 ? { comments } : {}) } }
}

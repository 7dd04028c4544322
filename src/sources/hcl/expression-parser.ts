/** Parses expressions of HCL 2 by recursive descent. */
import { attempt, type Cursor, cursorOf, fail, nested, seen } from './cursor.ts'
import type { BinaryOperator, Expression, ForExpression, Step } from './syntax.ts'
import { bareTemplate, type ExpressionGrammar, heredocTemplate, quotedTemplate } from './template-parser.ts'

const plainIdentifier = /[A-Za-z_][A-Za-z0-9_-]*/y
const anyIdentifier = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}-]*/uy
const number = /[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y

function match(pattern: RegExp, cursor: Cursor): string | undefined {
  pattern.lastIndex = cursor.at
  const found = pattern.exec(cursor.text)?.[0]
  if (found !== undefined) cursor.at += found.length
  return found
}

/** The end of a line, or of the text. */
function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

function skipComment(cursor: Cursor, end: number): void {
  cursor.comments?.set(cursor.at, cursor.text.slice(cursor.at, end))
  cursor.at = end
}

/** Skips blanks and comments; newlines too between brackets, or where `lines` says so. Character by character: a pattern that
 * repeats alternatives keeps a stack. */
export function skipBlanks(cursor: Cursor, lines = cursor.brackets > 0): void {
  const { text } = cursor
  for (;;) {
    const code = text.charCodeAt(cursor.at)
    if (code === 0x20 || code === 0x09 || code === 0x0d || code === 0xfeff || (code === 0x0a && lines)) cursor.at++
    else if (code === 0x23 || (code === 0x2f && text.charCodeAt(cursor.at + 1) === 0x2f))
      skipComment(cursor, endOfLine(text, cursor.at))
    else if (code === 0x2f && text.charCodeAt(cursor.at + 1) === 0x2a) {
      const end = text.indexOf('*/', cursor.at + 2)
      if (end < 0) fail(cursor, 'has a comment that is not closed')
      skipComment(cursor, end + 2)
    } else return
  }
}

/** The identifier at the cursor, if there is one. */
export function identifier(cursor: Cursor): string | undefined {
  const plain = match(plainIdentifier, cursor)
  if (cursor.text.charCodeAt(cursor.at) < 0x80 || cursor.at >= cursor.text.length) return plain
  if (plain !== undefined) cursor.at -= plain.length
  return match(anyIdentifier, cursor)
}

function peek(cursor: Cursor): string | undefined {
  skipBlanks(cursor)
  return cursor.text[cursor.at]
}

function expect(cursor: Cursor, wanted: string, after: string): void {
  skipBlanks(cursor)
  if (!cursor.text.startsWith(wanted, cursor.at))
    fail(cursor, `has ${seen(cursor.text, cursor.at)} where "${wanted}" should stand ${after}`)
  cursor.at += wanted.length
}

/** Parses something between brackets, in which newlines are blanks (or are told, in objects). */
function between<T>(cursor: Cursor, brackets: number, parse: () => T): T {
  const before = cursor.brackets
  cursor.brackets = brackets
  const parsed = nested(cursor, parse)
  cursor.brackets = before
  return parsed
}

/** Operands or steps in a row: such a chain is a tree as deep as it is long. */
const maxChain = 200

const operators: readonly (readonly BinaryOperator[])[] = [
  ['||'],
  ['&&'],
  ['==', '!='],
  ['<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '/', '%'],
]

function operatorAt(cursor: Cursor, level: number): BinaryOperator | undefined {
  skipBlanks(cursor)
  const { text, at } = cursor
  const code = text.charCodeAt(at)
  // Letters, digits, brackets, quotation marks and newlines are most of what follows an operand.
  if (Number.isNaN(code) || code >= 0x7d || (code > 0x3e && code !== 0x7c) || code < 0x21) return undefined
  return operators[level]!.find(operator => text.startsWith(operator, at))
}

function binary(cursor: Cursor, level: number): Expression {
  if (level === operators.length) return unary(cursor)
  let left = binary(cursor, level + 1)
  for (let count = 0; ; count++) {
    const at = cursor.at
    const operator = operatorAt(cursor, level)
    if (operator === undefined) return left
    if (count > maxChain) fail(cursor, 'has an expression of too many operands')
    cursor.at += operator.length
    skipBlanks(cursor)
    left = { kind: 'binary', at, operator, left, right: binary(cursor, level + 1) }
  }
}

function unary(cursor: Cursor): Expression {
  const next = peek(cursor)
  const at = cursor.at
  if ((next !== '!' && next !== '-') || cursor.text[at + 1] === '=') return postfix(cursor)
  cursor.at++
  return nested(cursor, () => ({ kind: 'unary', at, operator: next, operand: unary(cursor) }))
}

function expression(cursor: Cursor): Expression {
  return nested(cursor, () => {
    const condition = binary(cursor, 0)
    if (peek(cursor) !== '?') return condition
    const at = cursor.at++
    const whenTrue = expression(cursor)
    expect(cursor, ':', 'in a conditional')
    return { kind: 'conditional', at, condition, whenTrue, whenFalse: expression(cursor) }
  })
}

/** `.name`, `.0` or `[key]` at the cursor; `*` for `.*` and `[*]`. */
function step(cursor: Cursor): Step | '.*' | '[*]' | undefined {
  const next = peek(cursor)
  const { text } = cursor
  if (next === '[') {
    cursor.at++
    return between(cursor, 1, () => {
      if (peek(cursor) === '*') {
        cursor.at++
        expect(cursor, ']', 'behind "[*"')
        return '[*]' as const
      }
      const key = expression(cursor)
      expect(cursor, ']', 'behind an index')
      return { kind: 'index' as const, key }
    })
  }
  if (next !== '.' || text[cursor.at + 1] === '.') return undefined
  cursor.at++
  skipBlanks(cursor)
  if (text[cursor.at] === '*') {
    cursor.at++
    return '.*'
  }
  const at = cursor.at
  const digits = match(/[0-9]+/y, cursor)
  if (digits !== undefined) return { kind: 'index', key: { kind: 'literal', at, value: Number(digits) } }
  const name = identifier(cursor)
  if (name === undefined) fail(cursor, `has ${seen(text, cursor.at)} where the name of an attribute should stand`)
  return { kind: 'attribute', name }
}

function splat(cursor: Cursor, of: Expression, isFull: boolean): Expression {
  const at = cursor.at
  const each: Step[] = []
  for (;;) {
    const before = cursor.at
    const next = step(cursor)
    // Behind `.*` an index is taken of the whole list, behind `[*]` of each element.
    if (next === undefined || typeof next === 'string' || (!isFull && next.kind === 'index')) {
      cursor.at = before
      return { kind: 'splat', at, of, each }
    }
    each.push(next)
  }
}

function postfix(cursor: Cursor): Expression {
  let value = term(cursor)
  let steps = 0
  for (;;) {
    const at = cursor.at
    const next = step(cursor)
    if (next === undefined) {
      // Blanks that were looked over belong to whatever follows.
      cursor.at = at
      return value
    }
    if (++steps > maxChain) fail(cursor, 'has a chain of too many attributes')
    if (typeof next === 'string') value = splat(cursor, value, next === '[*]')
    else if (next.kind === 'attribute') value = { kind: 'attribute', at, of: value, name: next.name }
    else value = { kind: 'index', at, of: value, key: next.key }
  }
}

function term(cursor: Cursor): Expression {
  const next = peek(cursor)
  const at = cursor.at
  switch (next) {
    case '"':
      return quotedTemplate(cursor, grammar)
    case '[':
      return list(cursor)
    case '{':
      return object(cursor)
    case '(': {
      cursor.at++
      return between(cursor, 1, () => {
        const inner = expression(cursor)
        expect(cursor, ')', 'behind an expression')
        return inner
      })
    }
    case '<':
      return heredocTemplate(cursor, grammar)
    default: {
      const digits = match(number, cursor)
      if (digits !== undefined) return { kind: 'literal', at, value: Number(digits) }
      return named(cursor)
    }
  }
}

const keywords: { [word: string]: boolean | null } = { true: true, false: false, null: null }

function named(cursor: Cursor): Expression {
  const at = cursor.at
  let name = identifier(cursor)
  if (name === undefined) fail(cursor, `has ${seen(cursor.text, at)} where a value should stand`)
  while (cursor.text.startsWith('::', cursor.at)) {
    cursor.at += 2
    const part = identifier(cursor)
    if (part === undefined) fail(cursor, 'has "::" without the name of a function')
    name += `::${part}`
  }
  if (cursor.text[cursor.at] === '(') return call(cursor, name, at)
  return Object.hasOwn(keywords, name) ? { kind: 'literal', at, value: keywords[name]! } : { kind: 'root', at, name }
}

function call(cursor: Cursor, name: string, at: number): Expression {
  cursor.at++
  return between(cursor, 1, () => {
    const args: Expression[] = []
    let expandsLast = false
    while (peek(cursor) !== ')') {
      args.push(expression(cursor))
      skipBlanks(cursor)
      if (cursor.text.startsWith('...', cursor.at)) {
        expandsLast = true
        cursor.at += 3
        break
      }
      if (peek(cursor) !== ',') break
      cursor.at++
    }
    expect(cursor, ')', `behind the arguments of ${name}`)
    return { kind: 'call' as const, at, name, args, expandsLast }
  })
}

/** True where `for` and a name follow: the braces or brackets hold a for expression. */
function startsFor(cursor: Cursor): boolean {
  const before = cursor.at
  skipBlanks(cursor, true)
  let isFor = identifier(cursor) === 'for'
  if (isFor) {
    skipBlanks(cursor, true)
    isFor = identifier(cursor) !== undefined
  }
  cursor.at = before
  return isFor
}

function forExpression(cursor: Cursor, at: number, isObject: boolean): ForExpression {
  skipBlanks(cursor)
  identifier(cursor)
  skipBlanks(cursor)
  const first = identifier(cursor)!
  let second: string | undefined
  if (peek(cursor) === ',') {
    cursor.at++
    skipBlanks(cursor)
    second = identifier(cursor)
    if (second === undefined) fail(cursor, 'has a for expression without its second name')
  }
  skipBlanks(cursor)
  if (identifier(cursor) !== 'in') fail(cursor, 'has a for expression without "in"')
  const over = expression(cursor)
  expect(cursor, ':', 'in a for expression')
  const parsed: ForExpression = {
    kind: 'for',
    at,
    value: second ?? first,
    over,
    result: expression(cursor),
    groups: false,
  }
  if (second !== undefined) parsed.key = first
  if (isObject) {
    expect(cursor, '=>', 'behind the key of a for expression')
    parsed.keyResult = parsed.result
    parsed.result = expression(cursor)
    skipBlanks(cursor)
    parsed.groups = cursor.text.startsWith('...', cursor.at)
    if (parsed.groups) cursor.at += 3
  }
  skipBlanks(cursor)
  const end = cursor.at
  if (identifier(cursor) === 'if') parsed.condition = expression(cursor)
  else cursor.at = end
  expect(cursor, isObject ? '}' : ']', 'behind a for expression')
  return parsed
}

function list(cursor: Cursor): Expression {
  const at = cursor.at++
  return between(cursor, 1, () => {
    if (startsFor(cursor)) return forExpression(cursor, at, false)
    const items: Expression[] = []
    while (peek(cursor) !== ']') {
      items.push(expression(cursor))
      if (peek(cursor) !== ',') break
      cursor.at++
    }
    expect(cursor, ']', 'behind the elements of a list')
    return { kind: 'list' as const, at, items }
  })
}

function objectKey(cursor: Cursor): Expression {
  const key = expression(cursor)
  return key.kind === 'root' ? { kind: 'literal', at: key.at, value: key.name } : key
}

function object(cursor: Cursor): Expression {
  const at = cursor.at++
  if (startsFor(cursor)) return between(cursor, 1, () => forExpression(cursor, at, true))
  return between(cursor, 0, () => {
    const items: { key: Expression; value: Expression }[] = []
    for (;;) {
      skipBlanks(cursor, true)
      if (cursor.text[cursor.at] === '}') break
      const key = objectKey(cursor)
      const sign = peek(cursor)
      if (sign !== '=' && sign !== ':')
        fail(cursor, `has ${seen(cursor.text, cursor.at)} where "=" should stand behind the key of an object`)
      cursor.at++
      items.push({ key, value: expression(cursor) })
      const next = peek(cursor)
      if (next === ',') cursor.at++
      else if (next !== '\n' && next !== '}')
        fail(cursor, `has ${seen(cursor.text, cursor.at)} where "," or a new line should stand in an object`)
    }
    cursor.at++
    return { kind: 'object' as const, at, items }
  })
}

const grammar: ExpressionGrammar = { expression, blanks: skipBlanks, identifier }

/** Parses the expression at the cursor. */
export function parseExpression(cursor: Cursor): Expression {
  return expression(cursor)
}

/** Parses a whole text as a template. Throws a syntax fault. */
export function parseBareTemplate(text: string): Expression {
  return bareTemplate(cursorOf(text), grammar)
}

/** Parses a file as a template; `undefined` where it is none. */
export function parseTemplate(text: string): Expression | undefined {
  const parsed = attempt(
    () => 1,
    () => parseBareTemplate(text),
  )
  return 'value' in parsed ? parsed.value : undefined
}

/** Parses a text that is one expression and nothing else (`provider` in JSON syntax). Throws a syntax fault. */
export function parseWhole(text: string): Expression {
  const cursor = cursorOf(text)
  const parsed = expression(cursor)
  skipBlanks(cursor, true)
  if (cursor.at < text.length) fail(cursor, `has ${seen(text, cursor.at)} behind an expression`)
  return parsed
}

/**
 * Parses Terraform's JSON syntax (`.tf.json`, `.tfvars.json`): texts are templates, objects and lists stand for blocks.
 * https://developer.hashicorp.com/terraform/language/syntax/json
 */
import { mayExempt } from '../inline-exemptions.ts'
import { attempt, type Cursor, countPart, cursorOf, fail, lineFinder, nested, seen } from './cursor.ts'
import { parseBareTemplate, parseWhole } from './expression-parser.ts'
import type { Attribute, Block, Body, Expression, HclFile, SyntaxProblem } from './syntax.ts'

/** A member with the place of its name. */
interface Member {
  name: string
  at: number
  value: JsonNode
}

/** A JSON value with its place. */
type JsonNode =
  | { kind: 'scalar'; at: number; value: string | number | boolean | null }
  | { kind: 'list'; at: number; items: JsonNode[] }
  | { kind: 'object'; at: number; end: number; members: Member[] }

const blanks = /[ \t\r\n]*/y
const scalar = /"(?:[^"\\\n]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null/y

function next(cursor: Cursor): string | undefined {
  blanks.lastIndex = cursor.at
  cursor.at += blanks.exec(cursor.text)?.[0].length ?? 0
  return cursor.text[cursor.at]
}

function scalarAt(cursor: Cursor): string | number | boolean | null {
  scalar.lastIndex = cursor.at
  const found = scalar.exec(cursor.text)?.[0]
  if (found === undefined)
    fail(cursor, `is not valid JSON: ${seen(cursor.text, cursor.at)} stands where a value should`)
  try {
    const value = JSON.parse(found)
    cursor.at += found.length
    return value
  } catch {
    return fail(cursor, 'is not valid JSON: a text or number is malformed')
  }
}

function closes(cursor: Cursor, end: string): boolean {
  const sign = next(cursor)
  if (sign !== ',' && sign !== end)
    fail(cursor, `is not valid JSON: "," or "${end}" should stand at ${seen(cursor.text, cursor.at)}`)
  cursor.at++
  return sign === end
}

function objectAt(cursor: Cursor): JsonNode {
  const at = cursor.at++
  const members: Member[] = []
  if (next(cursor) === '}') return { kind: 'object', at, end: cursor.at++, members }
  do {
    next(cursor)
    const place = cursor.at
    const name = scalarAt(cursor)
    if (typeof name !== 'string') fail(cursor, 'is not valid JSON: the name of a member should be a text', place)
    if (next(cursor) !== ':') fail(cursor, 'is not valid JSON: ":" should stand behind the name of a member')
    cursor.at++
    members.push({ name, at: place, value: valueAt(cursor) })
  } while (!closes(cursor, '}'))
  return { kind: 'object', at, end: cursor.at - 1, members }
}

function listAt(cursor: Cursor): JsonNode {
  const at = cursor.at++
  const items: JsonNode[] = []
  if (next(cursor) === ']') {
    cursor.at++
    return { kind: 'list', at, items }
  }
  do items.push(valueAt(cursor))
  while (!closes(cursor, ']'))
  return { kind: 'list', at, items }
}

function valueAt(cursor: Cursor): JsonNode {
  countPart(cursor)
  const sign = next(cursor)
  const at = cursor.at
  if (sign === '{') return nested(cursor, () => objectAt(cursor))
  if (sign === '[') return nested(cursor, () => listAt(cursor))
  return { kind: 'scalar', at, value: scalarAt(cursor) }
}

function documentAt(cursor: Cursor): JsonNode {
  const value = valueAt(cursor)
  if (next(cursor) !== undefined) fail(cursor, 'is not valid JSON: more text follows the end of the document')
  return value
}

/** The places inside a text of JSON mean nothing in the file: all of them are where the text begins. */
function moved(expression: Expression, at: number): Expression {
  return { ...expression, at }
}

/** An expression of a text whose escapes JSON has undone. */
function inText(text: string, at: number, parse: (text: string) => Expression): Expression {
  const parsed = attempt(
    () => 1,
    () => moved(parse(text), at),
  )
  if ('problem' in parsed) fail(cursorOf(text), `has a text that is no template: it ${parsed.problem.message}`, at)
  return parsed.value
}

/** A text is a template; a comment (`//`) is no member. */
function expressionOf(node: JsonNode): Expression {
  const { at } = node
  switch (node.kind) {
    case 'scalar':
      return typeof node.value === 'string' && /[$%]\{/.test(node.value)
        ? inText(node.value, at, parseBareTemplate)
        : { kind: 'literal', at, value: node.value }
    case 'list':
      return { kind: 'list', at, items: node.items.map(expressionOf) }
    case 'object':
      return {
        kind: 'object',
        at,
        items: node.members.map(member => ({
          key: { kind: 'literal', at: member.at, value: member.name },
          value: expressionOf(member.value),
        })),
      }
  }
}

/** Values kept as they are written (`default` and variables' files hold no templates). */
function literalOf(node: JsonNode): Expression {
  const { at } = node
  if (node.kind === 'scalar') return { kind: 'literal', at, value: node.value }
  if (node.kind === 'list') return { kind: 'list', at, items: node.items.map(literalOf) }
  return {
    kind: 'object',
    at,
    items: node.members.map(({ name, at: place, value }) => ({
      key: { kind: 'literal', at: place, value: name },
      value: literalOf(value),
    })),
  }
}

/** How many labels the blocks of a file have. */
const labelsOf: { [type: string]: number } = {
  resource: 2,
  data: 2,
  ephemeral: 2,
  variable: 1,
  output: 1,
  module: 1,
  provider: 1,
  check: 1,
  locals: 0,
  terraform: 0,
  moved: 0,
  import: 0,
  removed: 0,
}

/** Members of a resource that are blocks, whatever its type. */
const nestedBlocks: { [type: string]: number } = { dynamic: 1, lifecycle: 0, content: 0 }

/** Arguments whose text is an expression, not a template. */
const references = new Set(['provider'])

function attributeOf(type: string, member: Member): Attribute {
  const { name, at, value } = member
  const isReference = references.has(name) && value.kind === 'scalar' && typeof value.value === 'string'
  if (isReference) return { name, at, value: inText(String(value.value), at, parseWhole) }
  if (type === 'variable') return { name, at, value: name === 'type' ? typeOf(value) : literalOf(value) }
  if (type === 'module' && name === 'providers' && value.kind === 'object')
    return {
      name,
      at,
      value: {
        kind: 'object',
        at: value.at,
        items: value.members.map(one => ({
          key: { kind: 'literal', at: one.at, value: one.name },
          value:
            one.value.kind === 'scalar' && typeof one.value.value === 'string'
              ? inText(one.value.value, one.value.at, parseWhole)
              : expressionOf(one.value),
        })),
      },
    }
  return { name, at, value: expressionOf(value) }
}

function typeOf(node: JsonNode): Expression {
  return node.kind === 'scalar' && typeof node.value === 'string'
    ? inText(node.value, node.at, parseWhole)
    : expressionOf(node)
}

/** An object, or each of a list of them: several blocks of one type and labels. */
function objectsOf(node: JsonNode): Extract<JsonNode, { kind: 'object' }>[] {
  if (node.kind === 'list') return node.items.flatMap(objectsOf)
  return node.kind === 'object' ? [node] : []
}

function bodyOf(type: string, node: Extract<JsonNode, { kind: 'object' }>): Body {
  const body: Body = { attributes: [], blocks: [] }
  for (const member of node.members) {
    if (member.name === '//') continue
    const labels = Object.hasOwn(nestedBlocks, member.name) ? nestedBlocks[member.name] : undefined
    if (labels !== undefined && type !== 'locals')
      blocksOf(member.name, labels, [], member.value, member.at, body.blocks)
    else body.attributes.push(attributeOf(type, member))
  }
  return body
}

function blocksOf(type: string, labels: number, given: string[], node: JsonNode, at: number, blocks: Block[]): void {
  for (const object of objectsOf(node)) {
    if (labels === 0) {
      blocks.push({ type, labels: given, at, end: object.end, body: bodyOf(type, object) })
      continue
    }
    for (const member of object.members)
      if (member.name !== '//') blocksOf(type, labels - 1, [...given, member.name], member.value, member.at, blocks)
  }
}

/** The texts of `"//"`, which is how this syntax is commented, at whatever depth. */
function* commentsIn(node: JsonNode): Generator<{ at: number; text: string }> {
  if (node.kind === 'list') for (const item of node.items) yield* commentsIn(item)
  if (node.kind !== 'object') return
  for (const { name, value } of node.members) {
    if (name !== '//') yield* commentsIn(value)
    else
      for (const text of value.kind === 'list' ? value.items : [value])
        if (text.kind === 'scalar' && typeof text.value === 'string') yield { at: text.at, text: text.value }
  }
}

/** A file's blocks by its top-level members. */
function rootOf(document: JsonNode): Body {
  const blocks: Block[] = []
  for (const object of objectsOf(document)) {
    for (const member of object.members) {
      const labels = Object.hasOwn(labelsOf, member.name) ? labelsOf[member.name] : undefined
      if (labels !== undefined) blocksOf(member.name, labels, [], member.value, member.at, blocks)
    }
  }
  return { attributes: [], blocks }
}

function variablesOf(document: JsonNode): Body {
  const attributes: Attribute[] = []
  for (const object of objectsOf(document))
    for (const { name, at, value } of object.members) attributes.push({ name, at, value: literalOf(value) })
  return { attributes, blocks: [] }
}

/** Parses a file of JSON syntax. `variables`: it sets variables (`.tfvars.json`), it declares nothing. */
export function parseHclJson(
  text: string,
  name: string,
  variables: boolean,
): { value: HclFile } | { problem: SyntaxProblem } {
  const lineAt = lineFinder(text)
  return attempt(lineAt, () => {
    const document = documentAt(cursorOf(text))
    const comments = mayExempt(text) ? [...commentsIn(document)] : []
    const body = (variables ? variablesOf : rootOf)(document)
    return { name, body, lineAt, ...(comments.length > 0 ? { comments } : {}) }
  })
}

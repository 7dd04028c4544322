/**
 * YAML templates: CloudFormation's YAML 1.1 with its short forms (`!Ref`, `!GetAtt`, `!Sub`, …), anchors, aliases and merges.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
 *
 * Nodes are turned into values here and not by the library, so that hostile documents stay within bounds: nesting is measured
 * before anything calls itself, and what aliases repeat is counted.
 */
import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  Parser,
} from 'yaml'
import { mayExempt } from '../inline-exemptions.ts'
import { quote } from '../json.ts'
import {
  type Comment,
  type Fault,
  keptSpot,
  maxNesting,
  objectRoot,
  type ParsedDocument,
  type Spot,
} from './document.ts'
import { put } from './values.ts'

/** Values that aliases may repeat in one document. */
const maxAliasCount = 100_000

/** Parses a YAML template. */
export function parseYamlDocument(text: string): ParsedDocument | Fault {
  const lines = new LineCounter()
  const composed = compose(text, lines)
  return 'fault' in composed ? composed : documentOf(composed.document, text, lines)
}

/** The nodes of a document. What the parser made on the way to them is gone when it returns. */
function compose(text: string, lines: LineCounter): { document: Document.Parsed } | Fault {
  const tokens = [...new Parser(lines.addNewLine).parse(text)]
  if (tokens.some(isNestedTooDeeply)) return { fault: 'is nested too deeply' }
  const documents = [...new Composer({ prettyErrors: false, uniqueKeys: false, logLevel: 'silent' }).compose(tokens)]
  const [document, ...others] = documents.filter(({ contents, errors }) => contents !== null || errors.length > 0)
  if (!document) return { fault: 'is empty' }
  const [error] = document.errors
  if (error) return { fault: `is not valid YAML: ${error.message}`, line: lines.linePos(error.pos[0]).line }
  if (others.length > 0) return { fault: 'holds several YAML documents: a template is one' }
  return { document }
}

function documentOf(document: Document.Parsed, text: string, lines: LineCounter): ParsedDocument | Fault {
  const reader = new NodeReader(lines)
  let value: unknown
  try {
    value = reader.value(document.contents as Node, 0)
  } catch (fault) {
    if (fault instanceof Refused) return fault.reason
    throw fault
  }
  const checked = objectRoot(value)
  if ('fault' in checked) return checked
  const root = document.contents as Node
  const spot = keptSpot(spotOf(root, root, { text, lines }))
  const { duplicates } = reader
  return {
    root: checked.root,
    spot: () => spot,
    duplicates: () => duplicates,
    comments: () => commentsOf(text),
    lines: () => text.split('\n'),
  }
}

/** What the lexer puts before a scalar, which is no comment whatever it begins with. */
const scalarAhead = '\u001F'
/** What it puts where no character of the text stands. */
const controls = new Set([scalarAhead, '\u0002', '\u0018'])

/** Comments that may hold an exemption: no text that merely looks like one, such as a line of a script. */
function commentsOf(text: string): Comment[] {
  if (!mayExempt(text)) return []
  const comments: Comment[] = []
  let line = 1
  let column = 1
  let previous = ''
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme.startsWith('#') && previous !== scalarAhead) comments.push({ line, column, text: lexeme })
    if (!controls.has(lexeme)) column += lexeme.length
    for (let at = lexeme.indexOf('\n'); at >= 0; at = lexeme.indexOf('\n', at + 1)) {
      line++
      column = lexeme.length - at
    }
    previous = lexeme
  }
  return comments
}

/** Measures a syntax tree without calling itself. */
function isNestedTooDeeply(token: CST.Token): boolean {
  const pending: { token: CST.Token; depth: number }[] = [{ token, depth: 0 }]
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { depth } = next
    if (depth > maxNesting) return true
    for (const child of childTokens(next.token)) pending.push({ token: child, depth: depth + 1 })
  }
  return false
}

function childTokens(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value ? [token.value] : []
  if (!('items' in token)) return []
  const items: readonly { key?: CST.Token | null; value?: CST.Token }[] = token.items
  return items.flatMap(({ key, value }) => [...(key ? [key] : []), ...(value ? [value] : [])])
}

class Refused extends Error {
  constructor(readonly reason: Fault) {
    super(reason.fault)
  }
}

/** `!Ref` → `Ref`, `!GetAtt` → `Fn::GetAtt`; `undefined` for a tag that is no short form. */
function functionOf(node: Node): string | undefined {
  const tag = 'tag' in node ? node.tag : undefined
  if (typeof tag !== 'string' || !/^![A-Za-z]/.test(tag)) return undefined
  const name = tag.slice(1)
  return name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`
}

/** Turns nodes into values, in the order of the text. */
class NodeReader {
  readonly duplicates: { key: string; line: number }[] = []
  private readonly anchors = new Map<string, { value: unknown; size: number }>()
  private size = 0
  private repeated = 0

  constructor(private readonly lines: LineCounter) {}

  /** The value of a node. */
  value(node: Node | null | undefined, depth: number): unknown {
    if (depth > maxNesting) throw new Refused({ fault: 'is nested too deeply' })
    if (!node) return null
    if (isAlias(node)) return this.alias(node.source, node)
    const before = this.size++
    const name = functionOf(node)
    const plain = this.plain(node, depth + 1)
    const value = name === undefined ? plain : { [name]: name === 'Fn::GetAtt' ? attributeOf(plain) : plain }
    const anchor = 'anchor' in node ? node.anchor : undefined
    if (anchor !== undefined) this.anchors.set(anchor, { value, size: this.size - before })
    return value
  }

  private alias(name: string, node: Node): unknown {
    const found = this.anchors.get(name)
    if (!found)
      throw new Refused({ fault: `refers to ${quote(name)}, an anchor that does not stand above`, ...this.at(node) })
    this.size += found.size
    this.repeated += found.size
    if (this.repeated > maxAliasCount)
      throw new Refused({ fault: 'repeats too much by its aliases: it would grow without bound', ...this.at(node) })
    return found.value
  }

  private plain(node: Node, depth: number): unknown {
    if (isSeq(node)) return node.items.map(item => this.value(item as Node, depth))
    if (isMap(node)) return this.mapping(node, depth)
    return isScalar(node) ? scalarOf(node) : null
  }

  private mapping(
    node: { items: readonly { key: unknown; value: unknown }[] },
    depth: number,
  ): { [key: string]: unknown } {
    const mapping: { [key: string]: unknown } = {}
    const merged: unknown[] = []
    for (const { key, value } of node.items) {
      const name = this.nameOf(key as Node)
      const content = this.value(value as Node | null, depth)
      if (name === '<<' && isScalar(key) && key.type === 'PLAIN') {
        merged.push(...(Array.isArray(content) ? content : [content]))
        continue
      }
      if (Object.hasOwn(mapping, name)) this.duplicates.push({ key: name, line: this.at(key as Node).line ?? 1 })
      put(mapping, name, content)
    }
    for (const source of merged)
      if (typeof source === 'object' && source !== null)
        for (const [name, content] of Object.entries(source))
          if (!Object.hasOwn(mapping, name)) put(mapping, name, content)
    return mapping
  }

  private nameOf(key: Node | null): string {
    const target = key && isAlias(key) ? this.anchors.get(key.source)?.value : undefined
    if (typeof target === 'string') return target
    if (!isScalar(key)) throw new Refused({ fault: 'has a name that is no text', ...(key ? this.at(key) : {}) })
    return keyText(key)
  }

  private at(node: Node): { line?: number } {
    return node.range ? { line: this.lines.linePos(node.range[0]).line } : {}
  }
}

/** Names are the text as it is written: `012345678901` and `1.10` are no numbers. */
function keyText(key: { source?: string; value: unknown }): string {
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value))
}

/** Plain words that YAML 1.1 takes for truth values and YAML 1.2 for text. */
const truthWords = new Map(
  ['yes', 'Yes', 'YES', 'on', 'On', 'ON']
    .map(word => [word, true])
    .concat(['no', 'No', 'NO', 'off', 'Off', 'OFF'].map(word => [word, false]) as [string, boolean][]) as [
    string,
    boolean,
  ][],
)

function scalarOf(scalar: { source?: string; value: unknown; type?: string; tag?: string }): unknown {
  const { value, source, type } = scalar
  if (typeof value === 'string') return type === 'PLAIN' && !scalar.tag ? (truthWords.get(value) ?? value) : value
  if (typeof value === 'number' && source !== undefined) {
    // Account ids and the like: what a number would lose is kept as text.
    return /^[-+]?0\d/.test(source) || !Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER
      ? source
      : value
  }
  return value === null || typeof value === 'boolean' || typeof value === 'number' ? value : (source ?? null)
}

/** `Table.Arn` → `[Table, Arn]`: the resource ends at the first dot. */
function attributeOf(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const dot = value.indexOf('.')
  return dot < 0 ? value : [value.slice(0, dot), value.slice(dot + 1)]
}

interface Text {
  text: string
  lines: LineCounter
}

/** The end of a value without the blanks and the lines of comment behind it, which the parser counts to it. */
function withoutTrail(text: string, from: number, to: number): number {
  let end = to
  for (;;) {
    while (end > from + 1 && /\s/.test(text[end - 1]!)) end--
    let start = end
    while (start > from && text[start - 1] !== '\n') start--
    if (start === from || !/^[ \t]*#/.test(text.slice(start, end))) return end
    end = start
  }
}

/** Where a value stands: a member from its name on. */
function spotOf(start: Node, value: Node | null | undefined, source: Text): Spot {
  const from = start.range?.[0] ?? 0
  let to = value?.range?.[1] ?? start.range?.[1] ?? from
  to = withoutTrail(source.text, from, to)
  const { line, col } = source.lines.linePos(from)
  return {
    line,
    column: col,
    endLine: source.lines.linePos(Math.max(from, to - 1)).line,
    *inside() {
      if (!value || functionOf(value) !== undefined) return
      if (isMap(value)) {
        for (const { key, value: child } of value.items)
          if (isScalar(key)) yield [keyText(key), spotOf(key as Node, child as Node | null, source)]
      } else if (isSeq(value)) {
        for (const [index, item] of value.items.entries()) yield [index, spotOf(item as Node, item as Node, source)]
      }
    },
  }
}

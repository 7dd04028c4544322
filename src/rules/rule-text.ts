import { isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, type Node, type Pair, parseDocument } from 'yaml'
import type { RulePath } from './problem.ts'

/** A rule file as data, with the line of each of its values. */
export interface RuleText {
  value: unknown
  lineOf(path: RulePath): number
}

/** A rule file that is no YAML, or YAML that says more than plain data. */
export interface RuleTextError {
  line: number
  message: string
}

const longestText = 200_000
const mostAliases = 50
const mostErrors = 10
/** Flow collections in each other, or `- - -` on one line: the parser recurses, and hostile files exhaust its memory. */
const deepestNesting = 200

/**
 * Reads YAML (or JSON) as plain data. Never throws: the text is whatever somebody put into a folder. A policy may be longer
 * than a rule: it lists the exemptions of a whole organisation.
 */
export function readRuleText(text: string, longest = longestText): { text: RuleText } | { errors: RuleTextError[] } {
  if (text.length > longest)
    return { errors: [{ line: 1, message: `this file is too long: it may have ${longest} characters` }] }
  const counter = new LineCounter()
  const deep = nestingFault(text)
  if (deep) return { errors: [deep] }
  try {
    // Merge keys (`<<: *base`) let an example say only how it differs from another.
    const document = parseDocument(text, {
      lineCounter: counter,
      prettyErrors: false,
      merge: true,
      strict: true,
      // Checked below: the library compares each key with all before it.
      uniqueKeys: false,
      // What is wrong comes back as errors; the library must not write to the console by itself.
      logLevel: 'error',
    })
    const repeats = [...repeatedKeys(document.contents as Node | null)]
    const faults = [...document.errors, ...document.warnings, ...repeats]
    if (faults.length > 0)
      return {
        errors: told(faults.map(fault => ({ line: counter.linePos(fault.pos[0]).line, message: messageOf(fault) }))),
      }
    const value: unknown = document.toJS({ maxAliasCount: mostAliases })
    const contents = document.contents as Node | null
    return { text: { value, lineOf: path => lineAt(contents, path, counter) } }
  } catch (error) {
    return { errors: [{ line: 1, message: messageOf(error) }] }
  }
}

/** Keys that stand twice in a map, where the later one would silently win. */
function* repeatedKeys(contents: Node | null): Iterable<{ pos: [number]; message: string }> {
  const nodes: unknown[] = [contents]
  for (const node of nodes) {
    if (isSeq(node)) for (const item of node.items) nodes.push(item)
    if (!isMap(node)) continue
    const seen = new Set<unknown>()
    for (const { key, value } of node.items) {
      nodes.push(value)
      if (!isScalar(key)) continue
      if (seen.has(key.value)) yield { pos: [key.range?.[0] ?? 0], message: 'Map keys must be unique' }
      seen.add(key.value)
    }
  }
}

/** Where the nesting of a text exceeds what is parsed; its lexer does not recurse. */
function nestingFault(text: string): RuleTextError | undefined {
  let line = 1
  let depth = 0
  let run = 0
  let isScalar = false
  for (const token of new Lexer().lex(text)) {
    if (isScalar) run = 0
    else if (token === '[' || token === '{') depth++
    else if (token === ']' || token === '}') depth = Math.max(0, depth - 1)
    else if (token === '-' || token === '?') run++
    else if (token.includes('\n')) run = 0
    if (depth > deepestNesting || run > deepestNesting) return { line, message: tooDeep }
    for (let at = token.indexOf('\n'); at >= 0; at = token.indexOf('\n', at + 1)) line++
    isScalar = token === scalarFollows
  }
  return undefined
}

/** The lexer's token before a scalar. */
const scalarFollows = '\u001f'

const tooDeep = 'this file is nested too deeply'

/** What the parser says, in our words where it speaks of itself. */
function messageOf(error: unknown): string {
  const message = String((error as { message?: unknown }).message)
  if (/call stack/i.test(message)) return tooDeep
  return /^Excessive alias count/.test(message) ? `this file has more than ${mostAliases} aliases of aliases` : message
}

/** One slip upsets what follows it: the first fault of each line, and no more than a person reads. */
function told(errors: readonly RuleTextError[]): RuleTextError[] {
  const deep = errors.find(({ message }) => message === tooDeep)
  if (deep) return [deep]
  const sorted = [...errors].sort((a, b) => a.line - b.line)
  return sorted.filter(({ line }, at) => sorted[at - 1]?.line !== line).slice(0, mostErrors)
}

/** Line of the deepest part of a path that the file has. */
function lineAt(contents: Node | null, path: RulePath, counter: LineCounter): number {
  let node: unknown = contents
  let offset = contents?.range?.[0] ?? 0
  for (const part of path) {
    const pair = isMap(node) ? pairOf(node.items, part) : undefined
    const next = pair ? pair.value : isSeq(node) && typeof part === 'number' ? node.items[part] : undefined
    if (!pair && !next) break
    offset = offsetOf(pair ? pair.key : next) ?? offset
    if (isAlias(next)) break
    node = next
  }
  return counter.linePos(offset).line
}

const pairOf = (pairs: Pair[], name: string | number): Pair | undefined =>
  pairs.find(({ key }) => isScalar(key) && String(key.value) === String(name))

const offsetOf = (node: unknown): number | undefined => (node as Node | null)?.range?.[0]

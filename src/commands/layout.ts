/** How commands lay out text for people: width, wrapping, colours, trees of facts. */
import { stripVTControlCharacters } from 'node:util'
import { Chalk, type ChalkInstance } from 'chalk'
import type { FactValue } from '../model/facts.ts'
import type { Severity, Verdict } from '../model/rule.ts'
import { visible } from '../reporters/visible-text.ts'
import type { CommandContext } from './command.ts'

/** Columns to write in: the terminal's, within what people read well. */
export function columnsOf(context: CommandContext): number {
  return Math.max(60, Math.min(120, context.stdout.columns ?? 100))
}

/** Colours, or none where the terminal or the user wants none. */
export function painterFor(context: CommandContext, wanted = true): ChalkInstance {
  return new Chalk({ level: context.colour && wanted ? 1 : 0 })
}

const lengthOf = (word: string): number => stripVTControlCharacters(word).length

/** Wraps text at spaces. Words that are longer than a line stay whole, so that ARNs can be copied; colours take no room. */
export function wrap(text: string, width: number, indent = '', hanging = indent): string[] {
  const lines: string[] = []
  let line = indent
  let length = indent.length
  let empty = true
  for (const word of text.split(/\s+/)) {
    if (word === '') continue
    if (!empty && length + 1 + lengthOf(word) > width) {
      lines.push(line)
      line = hanging
      length = hanging.length
      empty = true
    }
    line += empty ? word : ` ${word}`
    length += lengthOf(word) + (empty ? 0 : 1)
    empty = false
  }
  if (!empty) lines.push(line)
  return lines
}

/**
 * A value in which every text is safe to show: names in inputs and rules are chosen by others. Line breaks stay in what is
 * given line by line anyway (`remediation`); everything else goes through `visible`.
 */
export function visibleValue<T>(value: T): T {
  if (typeof value === 'string') return value.split('\n').map(visible).join('\n') as T
  if (Array.isArray(value)) return value.map(visibleValue) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [visible(key), visibleValue(member)])) as T
}

/** A severity in its colour. */
export function paintSeverity(paint: ChalkInstance, severity: Severity, text: string = severity): string {
  if (severity === 'critical') return paint.red.bold(text)
  if (severity === 'high') return paint.red(text)
  return severity === 'medium' ? paint.yellow(text) : paint.blue(text)
}

const marks: { readonly [verdict in Verdict]: string } = {
  compliant: '✓',
  'non-compliant': '✗',
  undetermined: '?',
  'not-applicable': '–',
}

/** A verdict as one character, in its colour. */
export function markOf(paint: ChalkInstance, verdict: Verdict): string {
  const mark = marks[verdict]
  if (verdict === 'compliant') return paint.green(mark)
  if (verdict === 'non-compliant') return paint.red(mark)
  return verdict === 'undetermined' ? paint.yellow(mark) : paint.dim(mark)
}

/** JSON for standard output. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

/** Facts as an indented tree, a line a fact. What is not known is left out. */
export function factLines(
  facts: { readonly [name: string]: FactValue | undefined },
  spell: (value: FactValue) => string,
  indent = '',
): string[] {
  return Object.entries(facts).flatMap(([name, value]) => {
    if (value === undefined) return []
    const list = listItems(value)
    if (list) {
      const more = list.complete ? [] : [`${indent}  - …`]
      return [`${indent}${name}:`, ...list.items.flatMap(item => itemLines(item, spell, `${indent}  `)), ...more]
    }
    if (isGroup(value)) {
      const lines = factLines(value, spell, `${indent}  `)
      return lines.length > 0 ? [`${indent}${name}:`, ...lines] : []
    }
    return [`${indent}${name}: ${spell(value)}`]
  })
}

type Group = { [name: string]: FactValue | undefined }

const isGroup = (value: FactValue): value is Group =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !Object.keys(value).some(key => key.startsWith('$'))

/** The elements of a list that has objects in it; lists of plain values fit on a line. */
function listItems(value: FactValue): { items: FactValue[]; complete: boolean } | undefined {
  const partial = typeof value === 'object' && value !== null && '$partial' in value ? value.$partial : undefined
  const items = Array.isArray(value) ? value : Array.isArray(partial) ? partial : undefined
  return items?.some(item => typeof item === 'object' && item !== null)
    ? { items, complete: partial === undefined }
    : undefined
}

function itemLines(item: FactValue, spell: (value: FactValue) => string, indent: string): string[] {
  if (!isGroup(item)) return [`${indent}- ${spell(item)}`]
  const [first = '', ...rest] = factLines(item, spell, `${indent}  `)
  return [`${indent}- ${first.trimStart()}`, ...rest]
}

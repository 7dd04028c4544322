/**
 * Exemptions that stand beside the resource they are for: a comment
 * `# rel09:exempt <rule> until 2027-03-01 owner=<who> -- <reason>` in YAML and HCL, on a line of the resource or on the lines
 * right above it, or `Metadata: { rel09: { exempt: [{ rule, expires, owner, reason }] } }` in CloudFormation. They must say what
 * an exemption of the policy must: rule, expiry, owner and reason. One that does not is told, and exempts nothing.
 */
import { isCalendarDay } from '../model/calendar-day.ts'
import type { InlineExemption } from '../model/record.ts'
import { isObject, quote } from './json.ts'
import type { Reading } from './source.ts'

/** An exemption that was read, or what is wrong with it. */
export type ReadExemption = { exemption: InlineExemption } | { line: number; problem: string }

/** A comment, or one line of it. */
export interface CommentLine {
  line: number
  text: string
}

/** Longer lines were written by no person. */
const longestComment = 2_000
/** Comments of one file that are read, and lines of comment above a resource that are its own: whoever writes more hides something. */
const most = { comments: 1_000, lines: 50 } as const

const mark = /(?:^|#|\/\/|\*)\s*rel09:exempt\b(.*)$/
const form = /^\s+([a-z0-9][a-z0-9-]*)\s+until\s+(\S+)\s+owner=(\S+)\s+--\s+(\S.*?)\s*(?:\*\/)?\s*$/
const howTo = 'write «rel09:exempt <rule> until 2027-03-01 owner=<who> -- <reason>»'

/** True where a text may hold exemptions in comments: most hold none, and need no closer look. */
export const mayExempt = (text: string): boolean => text.includes('rel09:exempt')

/** The lines of a comment that begins on a line, as far as they may hold an exemption. */
export function commentLines(comment: string, line: number): CommentLine[] {
  if (!mayExempt(comment)) return []
  return comment.split('\n').flatMap((text, i) => (mayExempt(text) ? [{ line: line + i, text }] : []))
}

/** What a comment that is no exemption lacks, in its words. */
function lackingIn(text: string): string {
  const lacking = [
    /^\s+(?!until\b|owner=|--)\S/.test(text) ? undefined : 'the rule',
    /\suntil\s+\S/.test(text) ? undefined : '«until»',
    /\sowner=\S/.test(text) ? undefined : '«owner=»',
    /\s--\s+\S/.test(text) ? undefined : 'a reason behind «--»',
  ].filter(part => part !== undefined)
  return lacking.length === 0 ? 'that cannot be read' : `without ${lacking.join(' and ')}`
}

function noDay(line: number, expires: string): ReadExemption {
  return { line, problem: `holds an exemption until ${quote(expires)}, which is no day: write it as 2027-03-01` }
}

function readComment({ text, line }: CommentLine, file: string): ReadExemption | undefined {
  const found = text.length < longestComment ? mark.exec(text) : null
  if (!found) return undefined
  const parts = form.exec(found[1]!)
  if (!parts) return { line, problem: `holds an exemption ${lackingIn(found[1]!)}: ${howTo}` }
  const [, rule = '', expires = '', owner = '', reason = ''] = parts
  return isCalendarDay(expires) ? { exemption: { rule, expires, owner, reason, file, line } } : noDay(line, expires)
}

/** The exemptions in comments. */
export function commentExemptions(comments: readonly CommentLine[], file: string): ReadExemption[] {
  const read = comments.slice(0, most.comments).flatMap(comment => readComment(comment, file) ?? [])
  const next = comments[most.comments]
  const problem = `holds more than ${most.comments} exemptions in comments: move those of whole groups to the policy`
  return next === undefined ? read : [...read, { line: next.line, problem }]
}

/** The lines of a resource, comments right above it not counted. */
export interface ResourceLines {
  line: number
  endLine: number
}

/** The nearest line from a line on, up (-1) or down (1), that is neither blank nor a comment. */
export function pastComments(lines: readonly string[], from: number, step: 1 | -1): number {
  let line = from
  const end = from + step * most.lines
  while (line !== end && /^\s*(?:#|\/\/|\/\*[^*]*\*\/\s*$|$)/.test(lines[line - 1] ?? '')) line += step
  return line
}

/** Which resource a line belongs to: the one that it is in, else the one that begins right below the comments it is among. */
export function resourceAt<T extends ResourceLines>(
  resources: readonly T[],
  line: number,
  lines: readonly string[],
): T | undefined {
  const inside = resources.filter(resource => resource.line <= line && line <= resource.endLine)
  // Of resources within each other the innermost.
  if (inside.length > 0) return inside.reduce((a, b) => (b.endLine - b.line < a.endLine - a.line ? b : a))
  const next = pastComments(lines, line, 1)
  return resources.find(resource => resource.line === next)
}

/** Places exemptions of comments at the resources that they stand beside. One that stands beside none is told. */
export function besideResources<T>(
  read: readonly ReadExemption[],
  resourceOf: (exemption: InlineExemption) => T | undefined,
): { placed: Map<T, InlineExemption[]>; problems: { line: number; problem: string }[] } {
  const placed = new Map<T, InlineExemption[]>()
  const problems: { line: number; problem: string }[] = []
  for (const one of read) {
    if ('problem' in one) {
      problems.push(one)
      continue
    }
    const { exemption } = one
    const beside = resourceOf(exemption)
    const known = beside && placed.get(beside)
    if (known) known.push(exemption)
    else if (beside) placed.set(beside, [exemption])
    else
      problems.push({
        line: exemption.line,
        problem: `holds an exemption of ${exemption.rule} that stands beside no resource`,
      })
  }
  return { placed, problems }
}

/** Tells of exemptions beside resources that are not judged, or not made: nothing else would. */
export function tellIdle(reading: Pick<Reading, 'skip'>, file: string, count: number): void {
  if (count > 0) reading.skip({ file, reason: 'an exemption beside a resource that is not judged', count })
}

const fields = ['rule', 'expires', 'owner', 'reason'] as const

function readEntry(entry: unknown, file: string, line: number): ReadExemption {
  const stated = isObject(entry) ? entry : {}
  const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''
  const lacking = fields.filter(field => !isText(stated[field]))
  if (lacking.length > 0)
    return { line, problem: `holds an exemption in Metadata.rel09 that lacks ${lacking.join(' and ')}, as text` }
  const { rule, expires, owner, reason } = stated as { [field in (typeof fields)[number]]: string }
  return isCalendarDay(expires) ? { exemption: { rule, expires, owner, reason, file, line } } : noDay(line, expires)
}

/**
 * The exemptions of CloudFormation's `Metadata.rel09`. `lineOf` tells the line of what stands at a path below the metadata;
 * of what has none, that of what holds it.
 */
export function metadataExemptions(
  metadata: unknown,
  file: string,
  lineOf: (path: readonly (string | number)[]) => number,
): ReadExemption[] {
  const own = isObject(metadata) && Object.hasOwn(metadata, 'rel09') ? metadata.rel09 : undefined
  if (own === undefined) return []
  const list = isObject(own) ? own.exempt : undefined
  if (Array.isArray(list)) return list.map((entry, i) => readEntry(entry, file, lineOf(['rel09', 'exempt', i])))
  const problem = 'holds a Metadata.rel09 without a list: write { "exempt": [{ rule, expires, owner, reason }] }'
  return [{ line: lineOf(['rel09']), problem }]
}

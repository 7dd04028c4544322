/**
 * Exemptions that stand beside the resource they are for: a comment
 * `# rel09:exempt <rule> until 2027-03-01 owner=<who> -- <reason>` in YAML and HCL, on a line of the resource or on the lines
 * right above it, or `Metadata: { rel09: { exempt: [{ rule, expires, owner, reason }] } }` in CloudFormation. They must say what
 * an exemption of the policy must: reason, owner and expiry. One that does not is told, and exempts nothing.
 */
import { isCalendarDay } from '../model/calendar-day.ts'
import type { InlineExemption } from '../model/record.ts'
import { isObject, quote } from './json.ts'

/** An exemption that was read, or what is wrong with it. */
export type ReadExemption = { exemption: InlineExemption } | { line: number; problem: string }

const mark = /(?:#|\/\/|\/\*)\s*rel09:exempt\b(.*)$/
const form = /^\s+([a-z0-9][a-z0-9-]*)\s+until\s+(\S+)\s+owner=(\S+)\s+--\s+(\S.*?)\s*(?:\*\/)?\s*$/
const howTo = 'write «rel09:exempt <rule> until 2027-03-01 owner=<who> -- <reason>»'

/** The exemption of one line, where it has one. */
function readLine(text: string, line: number, file: string): ReadExemption | undefined {
  const found = text.length < 2_000 ? mark.exec(text) : null
  if (!found) return undefined
  const parts = form.exec(found[1]!)
  if (!parts) return { line, problem: `holds an exemption that cannot be read: ${howTo}` }
  const [, rule = '', expires = '', owner = '', reason = ''] = parts
  if (!isCalendarDay(expires))
    return { line, problem: `holds an exemption until ${quote(expires)}, which is no day: write it as 2027-03-01` }
  return { exemption: { rule, expires, owner, reason, file, line } }
}

/** The exemptions in the comments of a text, by line. Quick where there are none. */
export function commentExemptions(text: string, file: string): ReadExemption[] {
  if (!text.includes('rel09:exempt')) return []
  return text.split('\n').flatMap((content, index) => readLine(content, index + 1, file) ?? [])
}

/** The lines of a resource, comments right above it not counted. */
export interface ResourceLines {
  line: number
  endLine: number
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
  let next = line
  while (next <= lines.length && /^\s*(#|\/\/|$)/.test(lines[next - 1] ?? '')) next++
  return resources.find(resource => resource.line === next)
}

/** The exemptions of CloudFormation's `Metadata.rel09`. */
export function metadataExemptions(metadata: unknown, file: string, line: number): ReadExemption[] {
  const own = isObject(metadata) ? metadata.rel09 : undefined
  if (own === undefined) return []
  const list = isObject(own) ? own.exempt : undefined
  if (!Array.isArray(list))
    return [
      {
        line,
        problem: 'holds a Metadata.rel09 without a list: write { "exempt": [{ rule, expires, owner, reason }] }',
      },
    ]
  return list.map((entry): ReadExemption => {
    const { rule, expires, owner, reason } = isObject(entry) ? entry : {}
    const texts = [rule, expires, owner, reason]
    if (!texts.every(text => typeof text === 'string' && text.trim() !== ''))
      return { line, problem: 'holds an exemption in Metadata.rel09 that lacks rule, expires, owner or reason' }
    if (!isCalendarDay(expires as string))
      return {
        line,
        problem: `holds an exemption until ${quote(String(expires))}, which is no day: write it as 2027-03-01`,
      }
    return { exemption: { rule, expires, owner, reason, file, line } as InlineExemption }
  })
}

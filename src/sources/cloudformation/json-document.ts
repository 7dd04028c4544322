/**
 * JSON templates. Values come from `JSON.parse`; where they stand is found by a slower parser, and only when it is asked.
 */
import { type MemberNode, type ObjectNode, parse, type ValueNode } from '@humanwhocodes/momoa'
import { parseJson } from '../json.ts'
import { type Fault, keptSpot, objectRoot, type ParsedDocument, type Spot } from './document.ts'

/** Parses a JSON template. */
export function parseJsonDocument(text: string): ParsedDocument | Fault {
  const parsed = parseJson(text)
  if (!('value' in parsed)) return faultOf(text, parsed.fault)
  const checked = objectRoot(parsed.value)
  if ('fault' in checked) return checked
  let spot: Spot | null | undefined
  let twice: readonly { key: string; line: number }[] = []
  return {
    root: checked.root,
    spot() {
      if (spot === undefined) {
        const { body } = parse(text)
        spot = keptSpot(spotOf(body, body))
        twice = duplicatesIn(body)
      }
      return spot ?? undefined
    },
    duplicates: () => twice,
    comments: () => [],
    lines: () => text.split('\n'),
  }
}

function faultOf(text: string, fault: string): Fault {
  if (fault !== 'is not valid JSON') return { fault }
  try {
    parse(text)
  } catch (error) {
    const { line } = error as { line?: unknown }
    if (typeof line === 'number') return { fault, line }
  }
  return { fault }
}

type Located = { loc: { start: { line: number; column: number }; end: { line: number } } }

function spotOf(start: Located, value: ValueNode): Spot {
  return {
    line: start.loc.start.line,
    column: start.loc.start.column,
    endLine: value.loc.end.line,
    *inside() {
      if (value.type === 'Object')
        for (const member of value.members) yield [nameOf(member), spotOf(member, member.value)]
      else if (value.type === 'Array')
        for (const [index, element] of value.elements.entries()) yield [index, spotOf(element.value, element.value)]
    },
  }
}

function nameOf({ name }: MemberNode): string {
  return name.type === 'String' ? name.value : name.name
}

function duplicatesIn(root: ValueNode): { key: string; line: number }[] {
  const found: { key: string; line: number }[] = []
  const pending: ValueNode[] = [root]
  for (let value = pending.pop(); value; value = pending.pop()) {
    if (value.type === 'Array') for (const element of value.elements) pending.push(element.value)
    if (value.type === 'Object') {
      found.push(...repeated(value))
      for (const member of value.members) pending.push(member.value)
    }
  }
  return found
}

function repeated({ members }: ObjectNode): { key: string; line: number }[] {
  const names = new Set<string>()
  return members.flatMap(member => {
    const key = nameOf(member)
    if (!names.has(key)) {
      names.add(key)
      return []
    }
    return [{ key, line: member.loc.start.line }]
  })
}

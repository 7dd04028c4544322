/** Finds the subject that a person means by an ARN, an id, a name or an address. */
import type { Inventory } from '../model/inventory.ts'
import type { Subject, SubjectKind } from '../model/subject.ts'
import { suggestion } from '../rules/problem.ts'

/** The place of the one subject that is meant, or what to tell where none or several are. */
export type SubjectSearch = { place: number } | { lines: string[] }

/** How well a subject answers to a text: 0 not at all, 4 by what identifies it. */
type Fit = 0 | 1 | 2 | 3 | 4

const mostListed = 20
const mostNames = 20_000

function fitOf({ arn, id, address, name, location }: Subject, text: string): Fit {
  if (arn === text || address === text || (location && `${location.file}:${address ?? ''}` === text)) return 4
  if (id === text || name === text) return 3
  if (arn?.endsWith(`:${text}`) || arn?.endsWith(`/${text}`)) return 2
  const lower = text.toLowerCase()
  return name?.toLowerCase() === lower || id.toLowerCase() === lower ? 1 : 0
}

/** Groups of points and snapshots bear the name of their store: who says the name means the store. */
const derived: ReadonlySet<SubjectKind> = new Set(['recovery-point', 'native-snapshot'])

const lineOf = ({ kind, type, arn, id, name, account, region }: Subject): string =>
  `  ${kind}  ${arn ?? `${type} ${name ?? id}${account ? ` in ${account}` : ''}${region ? ` ${region}` : ''}`}`

/** Searches the inventory; `kind` limits the search. */
export function findSubject(inventory: Inventory, text: string, kind: SubjectKind | undefined): SubjectSearch {
  let best: { fit: Fit; found: { place: number; subject: Subject }[] } = { fit: 1, found: [] }
  const names: string[] = []
  const parts: Subject[] = []
  for (let place = 0; place < inventory.size; place++) {
    if (kind !== undefined && inventory.kindOf(place).kind !== kind) continue
    const subject = inventory.subject(place)
    const fit = fitOf(subject, text)
    if (fit > best.fit) best = { fit, found: [] }
    if (fit >= best.fit) best.found.push({ place, subject })
    const name = subject.name ?? subject.id
    if (names.length < mostNames) names.push(name)
    if (parts.length < mostListed && fit === 0 && text.length > 2 && `${name} ${subject.arn ?? ''}`.includes(text))
      parts.push(subject)
  }
  const own = best.found.filter(({ subject }) => !derived.has(subject.kind))
  const found = own.length > 0 ? own : best.found
  if (found.length === 1) return { place: found[0]!.place }
  return {
    lines:
      found.length > 1
        ? ambiguous(
            text,
            found.map(({ subject }) => subject),
          )
        : unfound(text, kind, names, parts),
  }
}

function ambiguous(text: string, subjects: readonly Subject[]): string[] {
  const more = subjects.length > mostListed ? [`  and ${subjects.length - mostListed} more`] : []
  const kinds = new Set(subjects.map(({ kind }) => kind))
  const mend = kinds.size === subjects.length ? 'say which by --subject' : 'say which by its ARN'
  return [
    `${subjects.length} resources answer to ${text}: ${mend}`,
    ...subjects.slice(0, mostListed).map(lineOf),
    ...more,
  ]
}

function unfound(
  text: string,
  kind: SubjectKind | undefined,
  names: readonly string[],
  parts: readonly Subject[],
): string[] {
  const what = kind === undefined ? 'resource' : kind
  if (parts.length > 0) return [`no ${what} is called ${text}; these contain it:`, ...parts.map(lineOf)]
  return [`no ${what} in the inputs is called ${text}${suggestion(text, names)}`]
}

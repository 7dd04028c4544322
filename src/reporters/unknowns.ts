import type { GapRecord } from '../model/record.ts'
import type { InputProblem, Report } from '../model/report.ts'
import { counted } from './count-text.ts'
import { reasonText } from './evidence-text.ts'
import { visible } from './visible-text.ts'

/** Something that is missing, with how often, and what would mend it or where it is. All texts are visible. */
export interface Unknown {
  what: string
  count: number
  remedy?: string
}

const byCount = (a: Unknown, b: Unknown): number => b.count - a.count

interface Group extends Unknown {
  places: number
}

/**
 * Unknowns that say the same are one: their counts are added up, and the remedy or example of the most frequent stands for
 * all, with how many others there are.
 */
function gather(unknowns: Iterable<Unknown>, others: (count: number) => string): Unknown[] {
  const groups = new Map<string, Group>()
  for (const unknown of [...unknowns].sort(byCount)) {
    const group = groups.get(unknown.what)
    if (!group) groups.set(unknown.what, { ...unknown, places: 1 })
    else {
      group.count += unknown.count
      group.places += 1
    }
  }
  return [...groups.values()]
    .sort(byCount)
    .map(({ what, count, remedy, places }) =>
      remedy === undefined
        ? { what, count }
        : { what, count, remedy: places === 1 ? remedy : `${remedy} ${others(places - 1)}` },
    )
}

/** Judgements that could not be made, by fact group and reason, the most frequent first. */
export function unknownFacts({ summary }: Report): Unknown[] {
  const facts = summary.undetermined.map(({ factGroup, reason, remedy, count }) => ({
    what: `${visible(factGroup)}: ${reasonText(reason)}`,
    count,
    remedy: visible(remedy),
  }))
  return gather(facts, count => `(and ${counted(count, 'other remedy', 'other remedies')}: see --format json)`)
}

/** Where a gap is: operation, file, account and Region, as far as they are known. */
export function gapPlace({ api, file, line, account, region }: GapRecord): string {
  const place = file === undefined ? undefined : line === undefined ? file : `${file}:${line}`
  return [api, place, account, region].filter(text => text !== undefined).join(' ')
}

function gapText(gap: GapRecord): string {
  const place = gapPlace(gap)
  const what = [...gap.factGroups.map(group => (group === '*' ? 'any fact' : group)), ...gap.types].join(', ')
  return visible(`${place === '' ? what : place}: ${reasonText(gap.reason)}`)
}

/** Problems with inputs that no gap speaks of: nothing at all is known of what they hold. */
export function unreadFiles({ gaps, problems = [] }: Report): InputProblem[] {
  const told = new Set(gaps.map(({ file }) => file))
  return problems.filter(({ file }) => !told.has(file))
}

/** A problem as a sentence that begins with its place. */
export function problemText({ file, line, message }: InputProblem): string {
  return visible(`${file}${line === undefined ? '' : `:${line}`}: ${message}`)
}

/** What could not be read. */
export function unreadParts(report: Report): Unknown[] {
  const parts: Unknown[] = [
    ...unreadFiles(report).map(problem => ({ what: problemText(problem), count: 1 })),
    ...report.gaps.map(gap => ({ what: gapText(gap), count: 1, remedy: visible(gap.remedy) })),
  ]
  return gather(parts, count => `(and ${counted(count, 'other')} like it)`)
}

/** What was read and not judged, by type and reason, with a file as an example. */
export function skippedParts({ notEvaluated }: Report): Unknown[] {
  const parts = notEvaluated.map(({ rule, type, file, reason, count }) => {
    const what = visible([rule, type, reason].filter(text => text !== undefined).join(': '))
    return file === undefined ? { what, count } : { what, count, remedy: `such as ${visible(file)}` }
  })
  return gather(parts, count => `(and ${counted(count, 'other file')})`)
}

/** Exemptions that did nothing. */
export function idleExemptions({ unusedExemptions }: Report): Unknown[] {
  return unusedExemptions.map(({ resource, rule, reason, expires, why, location }) => ({
    what: visible(
      `${rule === undefined ? '' : `${rule} for `}${resource} (${reason}): ${why === 'expired' ? `expired ${expires}` : 'matches no finding'}`,
    ),
    count: 1,
    remedy:
      why === 'expired'
        ? 'mend the findings, or renew it with a reason'
        : `remove it from ${location === undefined ? 'the policy' : visible(`${location.file}:${location.line}`)}`,
  }))
}

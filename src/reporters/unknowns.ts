import type { GapRecord } from '../model/record.ts'
import type { NotEvaluated, Report } from '../model/report.ts'
import { reasonText } from './evidence-text.ts'
import { visible } from './visible-text.ts'

/** Something that is missing, with how often and what would mend it. All texts are visible. */
export interface Unknown {
  what: string
  count: number
  remedy?: string
}

const byCount = (a: Unknown, b: Unknown): number => b.count - a.count

/** Judgements that could not be made, by the fact group they lack, the most frequent first. */
export function unknownFacts({ summary }: Report): Unknown[] {
  return summary.undetermined
    .map(({ factGroup, reason, remedy, count }) => ({
      what: `${visible(factGroup)}: ${reasonText(reason)}`,
      count,
      remedy: visible(remedy),
    }))
    .sort(byCount)
}

/** Unknowns that say the same are one, with their counts added up. */
function gather(unknowns: Iterable<Unknown>): Unknown[] {
  const groups = new Map<string, Unknown>()
  for (const unknown of unknowns) {
    const key = `${unknown.what}\n${unknown.remedy}`
    const group = groups.get(key)
    if (group) group.count += unknown.count
    else groups.set(key, { ...unknown })
  }
  return [...groups.values()].sort(byCount)
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

/** What could not be read. */
export function unreadParts({ gaps }: Report): Unknown[] {
  return gather(gaps.map(gap => ({ what: gapText(gap), count: 1, remedy: visible(gap.remedy) })))
}

function skippedText({ type, file, rule, reason }: NotEvaluated): string {
  const what = [rule, type, file].filter(text => text !== undefined).join(' ')
  return visible(what === '' ? reason : `${what}: ${reason}`)
}

/** What was read and not judged. */
export function skippedParts({ notEvaluated }: Report): Unknown[] {
  return gather(notEvaluated.map(entry => ({ what: skippedText(entry), count: entry.count })))
}

/** Exemptions that did nothing. */
export function idleExemptions({ unusedExemptions }: Report): Unknown[] {
  return unusedExemptions.map(({ resource, rule, reason, expires, why }) => ({
    what: visible(
      `${rule === undefined ? '' : `${rule} for `}${resource} (${reason}): ${why === 'expired' ? `expired ${expires}` : 'matches no finding'}`,
    ),
    count: 1,
    remedy: why === 'expired' ? 'mend the findings, or renew it with a reason' : 'remove it from the policy',
  }))
}

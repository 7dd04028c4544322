/** How a comparison is put into words, whatever the format. */
import {
  type ComparedResource,
  type Comparison,
  type FindingChange,
  type FindingChangeKind,
  findingChangeKinds,
  type ResourceChange,
  type ResourceChangeKind,
  resourceChangeKinds,
  type SideHead,
  type Standing,
} from '../model/comparison.ts'
import type { GapRecord, ScopeRecord } from '../model/record.ts'
import { severities } from '../model/rule.ts'
import { byText } from '../model/text-order.ts'
import { counted, listCounts } from './count-text.ts'

/** Headings of changes of findings, with what they mean. */
export const findingWords: { readonly [change in FindingChangeKind]: readonly [heading: string, meaning: string] } = {
  worse: ['Worse', 'met before, less severe, or accepted by an exemption'],
  arose: ['Arose', 'findings where the old side has no judgement'],
  becameUnknown: ['Became unknown', 'the old side had a verdict, the new one lacks the evidence'],
  better: ['Better', 'mended, less severe, or accepted by an exemption now'],
  ceased: ['Ceased', 'findings where the new side has no judgement; not shown to be mended'],
  becameKnown: ['Became known', 'the old side lacked the evidence'],
}

/** Headings of changes of resources, with what they mean. */
export const resourceWords: { readonly [change in ResourceChangeKind]: readonly [heading: string, meaning: string] } = {
  appeared: ['Appeared', 'resources that were not there before'],
  newlySeen: ['Newly seen', 'the old side would not have shown them: they may be older'],
  noLongerSeen: ['No longer seen', 'the new side would not show them: they may still be there'],
  gone: ['Gone', 'resources that the new side shows to be there no more'],
}

const verdictWords: { readonly [verdict in Standing['verdict']]: string } = {
  compliant: 'met',
  'non-compliant': 'failed',
  undetermined: 'unknown',
  'not-applicable': 'does not apply',
  'not-judged': 'not judged',
  'not-listed': 'not listed',
}

/** A standing in words: `failed (high, exempted)`. */
export function standingText({ verdict, severity, exempted }: Standing): string {
  const notes = [verdict === 'non-compliant' ? severity : undefined, exempted ? 'exempted' : undefined]
  const told = notes.filter(note => note !== undefined)
  return verdictWords[verdict] + (told.length > 0 ? ` (${told.join(', ')})` : '')
}

/** What people call it. */
export function comparedName({ name, address, id, arn, type }: ComparedResource): string {
  return [name, address, id, arn].find(text => text !== undefined && text !== '') ?? type
}

/** Kind of subject, type and place, as far as they are known. */
export function comparedPlace({ subject, type, region, account, file }: ComparedResource): string[] {
  return [subject === 'data-store' ? type : `${subject} (${type})`, region, account, file].filter(
    (text): text is string => text !== undefined && text !== '',
  )
}

/** What is known beside the verdicts: what is wrong now, or what is missing now. */
export function changeText({ message, missing }: FindingChange): string | undefined {
  if (message !== undefined) return message
  if (!missing || missing.length === 0) return undefined
  const remedies = [...new Set(missing.map(({ remedy }) => remedy))]
  return `for want of ${missing.map(({ path }) => path).join(', ')}. ${remedies.join(' ')}`
}

/** Findings of a resource that is on one side alone, counted. */
export function findingCounts({ findings }: ResourceChange): string {
  const open = findings.filter(({ verdict, exempted }) => verdict === 'non-compliant' && !exempted)
  const accepted = findings.filter(({ verdict, exempted }) => verdict === 'non-compliant' && exempted).length
  const unknown = findings.filter(({ verdict }) => verdict === 'undetermined').length
  const failed = listCounts([
    ...severities.map(severity => [severity, open.filter(one => one.severity === severity).length] as const),
    ['exempted', accepted],
  ])
  const parts = [failed && `failed: ${failed}`, unknown > 0 ? `${unknown} unknown` : '']
  return parts.filter(part => part !== '').join('; ')
}

/** Changes of one kind by their rule, worst first, then by rule. */
export function byRule(changes: readonly FindingChange[]): [rule: string, changes: FindingChange[]][] {
  const groups = new Map<string, FindingChange[]>()
  for (const change of changes) {
    const group = groups.get(change.rule)
    if (group) group.push(change)
    else groups.set(change.rule, [change])
  }
  const rank = ({ after, before }: FindingChange) => severities.indexOf(after.severity ?? before.severity ?? 'low')
  for (const group of groups.values()) group.sort((a, b) => rank(a) - rank(b))
  return [...groups].sort(([a, [first]], [b, [second]]) => rank(first!) - rank(second!) || byText(a, b))
}

/** The worse of what a change says: the present severity, else the former. */
export const severityOfChange = ({ after, before }: FindingChange) => after.severity ?? before.severity ?? 'low'

/** A side in one line. */
export function sideText({ input, kind, takenAt }: SideHead): string {
  return `${input}${kind === 'report' ? ' (report)' : ''}${takenAt === undefined ? '' : `, taken ${takenAt}`}`
}

/** A scope in one line. */
export function scopeText({ account, region, file, source }: ScopeRecord): string {
  return [account, region].filter(text => text !== undefined).join(' ') || (file ?? source)
}

/** A gap in one line. */
export function gapText({ account, region, api, file, reason, remedy }: GapRecord): string {
  const place = [account, region].filter(text => text !== undefined).join(' ')
  return `${place === '' ? '' : `${place}: `}${api ?? file ?? 'a part'} ${reason}. ${remedy}`
}

const shortWords: { readonly [change in FindingChangeKind | ResourceChangeKind]: string } = {
  worse: 'worse',
  arose: 'arose',
  becameUnknown: 'became unknown',
  better: 'better',
  ceased: 'ceased',
  becameKnown: 'became known',
  appeared: 'appeared',
  newlySeen: 'newly seen',
  noLongerSeen: 'no longer seen',
  gone: 'gone',
}

/** What it comes to. */
export function conclusionOf({ summary, scopes, gaps }: Comparison): string {
  const findings = listCounts(findingChangeKinds.map(kind => [shortWords[kind], summary.findings[kind]] as const))
  const resources = listCounts(resourceChangeKinds.map(kind => [shortWords[kind], summary.resources[kind]] as const))
  const parts = [
    findings && `Findings: ${findings}.`,
    resources && `Resources: ${resources}.`,
    summary.newFailures > 0 ? `${counted(summary.newFailures, 'new failure')}.` : '',
  ].filter(part => part !== '')
  if (parts.length > 0) return parts.join(' ')
  const beside = [...Object.values(scopes), ...Object.values(gaps)].some(list => list.length > 0)
  const same = counted(summary.unchanged.findings, 'judgement')
  return `No verdict changed: ${same} of ${counted(summary.unchanged.resources, 'resource')} as before${beside ? '; what was read differs' : ''}.`
}

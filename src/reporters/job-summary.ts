import type { ExemptionChange } from '../model/policy.ts'
import type { Report } from '../model/report.ts'
import { type Severity, severities } from '../model/rule.ts'
import { concludeReport } from './conclusion.ts'
import { counted, listCounts, spellCount } from './count-text.ts'
import { fixes, locationText, resourceName, sentenceOf } from './finding-text.ts'
import { reporter as markdown } from './markdown.ts'
import { markdownCode, markdownText } from './markdown-text.ts'
import { isShown, keepWorst, type WorstFindings } from './shown-findings.ts'
import { visible } from './visible-text.ts'

/** What the page of a run tells. */
export interface JobSummary {
  /** With everything set aside that is not new. */
  report: Report
  /** What the change exempts beyond its base. */
  changes: readonly ExemptionChange[]
  /** What the change exempts counts in this run. */
  changesCount: boolean
  /** Commit that was compared with; absent where everything counts as new. */
  base: string | undefined
  /** Findings that the base has. */
  known: number
  /** New findings on lines that the change does not touch. */
  untouched: number
  /** How it was judged, where that is not as usual. */
  notes: readonly string[]
  /** What could not be read or loaded. */
  faults: readonly string[]
}

/** GitHub drops a summary of more than 1 MiB, and some below it. */
export const longestSummary = 900 * 1024

const most = { findings: 10, exemptions: 20, lines: 20 } as const

/** A run that came to nothing, with why. */
export interface FailedRun {
  failure: readonly string[]
}

/**
 * The job summary: what a reviewer must see, in the order of how soon. What the change exempts comes first, then the verdict in
 * one line, the worst findings with their fixes, and folded away all the rest.
 */
export function jobSummary(summary: JobSummary | FailedRun): string {
  if ('failure' in summary) return withinLimit([['## ❌ rel09 could not judge', '', ...bullets(summary.failure)]])
  const { report, notes, faults } = summary
  const shown = shownFindings(report)
  return withinLimit([
    exemptionLines(summary),
    headLines(summary, shown),
    findingLines(shown.worst, report),
    faults.length === 0 ? [] : ['### Could not be read', '', ...bullets(faults)],
    notes.length === 0 ? [] : ['### How it was judged', '', ...bullets(notes)],
    detailLines(report),
  ])
}

/** Parts that fit, one after another; a part that does not is left out, and said to be. */
function withinLimit(parts: readonly (readonly string[])[]): string {
  let left = longestSummary - 200
  let text = ''
  let isCut = false
  for (const part of parts.filter(lines => lines.length > 0)) {
    const block = `${part.join('\n')}\n\n`
    const bytes = Buffer.byteLength(block)
    isCut ||= bytes > left
    if (bytes > left) continue
    text += block
    left -= bytes
  }
  return isCut ? `${text}A part of this summary was too long for GitHub and was left out.\n` : text
}

function bullets(lines: readonly string[]): string[] {
  const shown = lines.slice(0, most.lines).map(line => `- ${markdownText(line, 500)}`)
  return lines.length > most.lines ? [...shown, `- … and ${counted(lines.length - most.lines, 'more line')}`] : shown
}

/** The findings that are shown: the worst of them, and how many there are of each severity. */
interface Shown {
  worst: WorstFindings
  bySeverity: Map<Severity, number>
}

function shownFindings(report: Report): Shown {
  const shown: Shown = { worst: keepWorst(most.findings), bySeverity: new Map(severities.map(name => [name, 0])) }
  for (const finding of report.findings(new Set(['non-compliant']))) {
    if (!isShown(finding)) continue
    shown.worst.add(finding)
    shown.bySeverity.set(finding.severity, (shown.bySeverity.get(finding.severity) ?? 0) + 1)
  }
  return shown
}

const changeNames: { readonly [change in ExemptionChange['change']]: string } = {
  added: 'new',
  widened: 'wider',
  extended: 'longer',
  switchedOff: 'switched off',
}

/** A change of exemptions in one line. */
export function exemptionChangeText(change: ExemptionChange): string {
  if (change.change === 'switchedOff') return visible(`rule ${change.rule}: switched off`)
  const { exemption, location } = change
  const { rule, resource, reason, owner, expires } = exemption
  const place = location === undefined ? '' : ` (${locationText(location)})`
  return visible(
    `${rule ?? 'reproducible'} for ${resource}${place}: ${changeNames[change.change]}, until ${expires}, ${owner}: ${reason}`,
  )
}

function exemptionLines({ changes, changesCount }: JobSummary): string[] {
  if (changes.length === 0) return []
  const rows = changes.slice(0, most.exemptions).map(change => `| ${exemptionCells(change).join(' | ')} |`)
  const rest = changes.length - most.exemptions
  return [
    `## ⚠️ This change exempts more than before: ${counted(changes.length, 'entry', 'entries')}`,
    '',
    changesCount ? 'They count in this run.' : 'They do not count in this run, and will once it is merged.',
    '',
    '| | Rule | Resource | Reason | Owner | Until |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    ...(rest > 0 ? ['', `… and ${spellCount(rest)} more`] : []),
  ]
}

function exemptionCells(change: ExemptionChange): string[] {
  const name = changeNames[change.change]
  if (change.change === 'switchedOff') return [name, markdownCode(change.rule, 80), 'every one', '', '', '']
  const { exemption, location } = change
  const { rule, resource, reason, owner, expires } = exemption
  const place = location === undefined ? '' : `<br>${markdownCode(locationText(location), 160)}`
  return [
    name,
    rule === undefined ? 'can be reproduced' : markdownCode(rule, 80),
    `${markdownCode(resource, 160)}${place}`,
    markdownText(reason, 200),
    markdownText(owner, 60),
    markdownText(expires, 20),
  ]
}

function headLines(summary: JobSummary, { worst: { total }, bySeverity }: Shown): string[] {
  const { report, base, known, untouched } = summary
  const { states, verdicts } = report.summary
  const { outcome, text } = concludeReport(report)
  const noun = base === undefined ? 'finding' : 'new finding'
  const title =
    total > 0
      ? `❌ rel09: ${counted(total, noun)}: ${listCounts(bySeverity)}`
      : outcome === 'fine'
        ? `✅ rel09: no ${noun}`
        : outcome === 'nothing'
          ? `⚠️ rel09: ${markdownText(text)}`
          : `⚠️ rel09: no ${noun}, but evidence is missing`
  const counts = listCounts([
    ['there before', known],
    ['outside the changed lines', untouched],
    ['in the baseline', states.baselined - known - untouched],
    ['exempted', states.exempted],
  ])
  const sentences = [
    base === undefined ? undefined : `Compared with ${markdownCode(base.slice(0, 12))}.`,
    counts === '' ? undefined : `Set aside: ${counts}.`,
    verdicts.undetermined === 0 ? undefined : `Not known: ${counted(verdicts.undetermined, 'judgement')}.`,
  ].filter(sentence => sentence !== undefined)
  return [`## ${title}`, ...(sentences.length === 0 ? [] : ['', sentences.join(' ')])]
}

function findingLines({ kept, total }: WorstFindings, report: Report): string[] {
  if (total === 0) return []
  const rules = new Map(report.rules.map(rule => [rule.id, rule]))
  const rows = kept.map(finding => {
    const { severity, location, resource, rule } = finding
    const cells = [
      `**${severity}**`,
      `${markdownText(sentenceOf(finding), 250)}<br>${markdownCode(rule, 80)}`,
      markdownCode(location === undefined ? resourceName(resource) : locationText(location), 160),
      fixes(finding, rules.get(rule))
        .map(fix => markdownText(firstSentence(fix.replace(/^Fix: /, '')), 200))
        .join('<br>'),
    ]
    return `| ${cells.join(' | ')} |`
  })
  const rest = total - kept.length
  return [
    '| Severity | Finding | Where | Fix |',
    '| --- | --- | --- | --- |',
    ...rows,
    ...(rest > 0 ? ['', `… and ${counted(rest, 'more finding')}, below and in the log of the step`] : []),
  ]
}

/** What to do first: there is room for no more beside the finding, and the rest is folded away below. */
const firstSentence = (text: string): string => /^.*?[.](?= |$)/.exec(text)?.[0] ?? text

function detailLines(report: Report): string[] {
  const verdicts = new Set(markdown.defaultVerdicts)
  const text = [...markdown.render(report, { verdicts, colour: false, width: 100 })].join('')
  return ['<details><summary>Everything that was judged</summary>', '', text.trimEnd(), '', '</details>']
}

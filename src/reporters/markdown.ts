import type { Finding, Report } from '../model/report.ts'
import type { Rule, Verdict } from '../model/rule.ts'
import { bestPractices } from './best-practices.ts'
import { concludeReport, coverageText, type Outcome } from './conclusion.ts'
import { counted, spellCount } from './count-text.ts'
import { locationText, resourceName, sentenceOf } from './finding-text.ts'
import { markdownCode, markdownFence, markdownText } from './markdown-text.ts'
import type { Reporter } from './reporter.ts'
import { findingsByRule, type RuleFindings } from './shown-findings.ts'
import { idleExemptions, skippedParts, type Unknown, unknownFacts, unreadParts } from './unknowns.ts'
import { flowing } from './visible-text.ts'

/**
 * A comment on GitHub holds 65,536 characters and a longer one is refused; a job summary holds 1 MiB and a longer one is
 * dropped. Rows beyond the budget are counted instead; the part after it is small.
 */
const budget = 56_000

const most = { findingsPerRule: 10, rowsPerPractice: 40, unknowns: 10, fixes: 20 } as const

/** The Markdown report: for comments on pull requests and job summaries. */
export const reporter: Reporter = {
  description: 'for pull request comments and job summaries',
  defaultVerdicts: ['non-compliant', 'undetermined'],
  *render(report, { verdicts }) {
    const paper: Paper = { left: budget }
    yield* spend(paper, headLines(report))
    if (verdicts.has('non-compliant')) yield* findingParts(report, paper)
    if (verdicts.has('undetermined')) yield* unknownTable(paper, 'Not known', 'Judgements', unknownFacts(report))
    yield* unknownTable(paper, 'Not read', 'Parts', unreadParts(report))
    yield* unknownTable(paper, 'Not judged', 'Items', skippedParts(report))
    yield* unknownTable(paper, 'Idle exemptions', 'Exemptions', idleExemptions(report))
  },
}

interface Paper {
  /** Characters that may still be written. */
  left: number
}

const spend = function* (paper: Paper, lines: readonly string[]): Iterable<string> {
  const text = `${lines.join('\n')}\n`
  paper.left -= text.length
  yield text
}

const marks: { readonly [outcome in Outcome]: string } = { findings: '❌', fine: '✅', unproven: '⚠️', nothing: '⚠️' }

const verdictColumns: readonly Verdict[] = ['compliant', 'non-compliant', 'undetermined', 'not-applicable']

function headLines(report: Report): string[] {
  const { outcome, text } = concludeReport(report)
  const { summary, takenAt } = report
  const rows = bestPractices.map(
    ({ id, title }) =>
      `| **${id}** ${title} | ${verdictColumns.map(verdict => spellCount(summary.byBestPractice[id][verdict])).join(' | ')} |`,
  )
  return [
    `## ${marks[outcome]} rel09: ${markdownText(text)}`,
    '',
    `${coverageText(summary)}; ${counted(summary.resources, 'resource')} read${takenAt === undefined ? '' : `, taken ${markdownText(takenAt)}`}.`,
    '',
    `| Best practice | ${verdictColumns.join(' | ')} |`,
    `| --- |${' ---: |'.repeat(verdictColumns.length)}`,
    ...rows,
  ]
}

function* findingParts(report: Report, paper: Paper): Iterable<string> {
  const groups = findingsByRule(report, most.findingsPerRule)
  const rules = new Map(report.rules.map(rule => [rule.id, rule]))
  for (const { id, title } of bestPractices) {
    const own = groups.filter(group => group.bestPractice === id)
    if (own.length > 0) yield* practiceTable(`${id} ${title}`, own, paper)
  }
  const fixes = groups.map(({ rule }) => rules.get(rule)).filter(rule => rule !== undefined)
  if (fixes.length > 0) yield* fixDetails(fixes, paper)
}

function* practiceTable(title: string, groups: readonly RuleFindings[], paper: Paper): Iterable<string> {
  const total = groups.reduce((sum, group) => sum + group.total, 0)
  yield* spend(paper, [
    '',
    `### ${title}`,
    '',
    '| Severity | Rule | Resource | Finding | Where |',
    '| --- | --- | --- | --- | --- |',
  ])
  let shown = 0
  for (const finding of groups.flatMap(({ kept }) => kept).slice(0, most.rowsPerPractice)) {
    const row = findingRow(finding)
    const cost = row.length + 1 + unusedDigits(finding)
    if (cost > paper.left) break
    paper.left -= cost
    yield `${row}\n`
    shown += 1
  }
  if (shown < total)
    yield* spend(paper, ['', `… and ${counted(total - shown, 'more finding')}: see <code>--format json</code>`])
}

/** A row costs as if its line had all the digits that one may have: what fits must not hang on where a record stands. */
const unusedDigits = ({ location }: Finding): number =>
  location === undefined ? 0 : Math.max(0, 10 - String(location.line).length)

function findingRow(finding: Finding): string {
  const { resource, location, severity, rule, state } = finding
  const cells = [
    `${severity}${state === 'belowThreshold' ? ' (below --fail-on)' : ''}`,
    markdownCode(rule),
    `${markdownCode(resourceName(resource), 120)}<br>${markdownText(resource.type, 80)}`,
    markdownText(sentenceOf(finding)),
    location === undefined ? placeText(finding) : markdownCode(locationText(location), 160),
  ]
  return `| ${cells.join(' | ')} |`
}

const placeText = ({ resource }: Finding): string =>
  [resource.account, resource.region]
    .filter(text => text !== undefined)
    .map(text => markdownText(text, 40))
    .join(' ')

function* fixDetails(rules: readonly Rule[], paper: Paper): Iterable<string> {
  yield* spend(paper, ['', '<details><summary>How to fix</summary>'])
  for (const rule of rules.slice(0, most.fixes)) {
    const lines = fixLines(rule)
    if (lines.join('\n').length > paper.left) break
    yield* spend(paper, lines)
  }
  yield* spend(paper, ['', '<code>rel09 explain RULE</code> tells more of each.', '', '</details>'])
}

function fixLines({ id, title, remediation }: Rule): string[] {
  const { text, cli } = remediation
  return [
    '',
    `**${markdownText(title)}** (${markdownCode(id)})`,
    '',
    markdownText(flowing(text), 1000),
    ...(cli === undefined ? [] : ['', markdownFence(cli, 'sh')]),
  ]
}

function* unknownTable(paper: Paper, title: string, counts: string, unknowns: readonly Unknown[]): Iterable<string> {
  if (unknowns.length === 0) return
  const lines = ['', `### ${title}`, '', `| ${counts} | What | What to do |`, '| ---: | --- | --- |']
  let shown = 0
  for (const { what, count, remedy } of unknowns.slice(0, most.unknowns)) {
    const row = `| ${spellCount(count)} | ${markdownText(what)} | ${markdownText(remedy ?? '')} |`
    if (row.length > paper.left) break
    lines.push(row)
    paper.left -= row.length
    shown += 1
  }
  if (shown < unknowns.length)
    lines.push('', `… and ${spellCount(unknowns.length - shown)} more: see <code>--format json</code>`)
  yield `${lines.join('\n')}\n`
}

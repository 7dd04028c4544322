import { Chalk, type ChalkInstance } from 'chalk'
import type { Finding, Report } from '../model/report.ts'
import type { Rule, Severity, Verdict } from '../model/rule.ts'
import { bestPractices } from './best-practices.ts'
import { concludeReport, coverageText, type Outcome } from './conclusion.ts'
import { counted, listCounts, spellCount } from './count-text.ts'
import { evidenceLines } from './evidence-text.ts'
import { resourceFacts, sentenceOf } from './finding-text.ts'
import type { Reporter, ReporterOptions } from './reporter.ts'
import { findingsByRule, type RuleFindings } from './shown-findings.ts'
import { idleExemptions, skippedParts, type Unknown, unknownFacts, unreadParts } from './unknowns.ts'
import { flowing, shorten, shortVisible, visible } from './visible-text.ts'
import { columnsOf, padText, wrapText } from './wrap-text.ts'

/** How much is listed before "and N more": a person reads pages, not megabytes. */
const most = { findingsPerRule: 10, findingsWithEvidence: 3, evidence: 3, unknowns: 15, snippetLines: 12 } as const

const longestSentence = 400

/** The text report: for a person at a terminal. */
export const reporter: Reporter = {
  description: 'for reading: findings by best practice, worst first, with what to do',
  defaultVerdicts: ['non-compliant', 'undetermined'],
  *render(report, options) {
    for (const block of blocks(report, startPage(options), options.verdicts)) {
      yield `${block.map(disarm).join('\n')}\n\n`
    }
    yield `${conclusion(report, startPage(options))}\n`
  },
}

/** A line that begins with two colons would be a command to GitHub's runner, which reads the logs of a job. */
const disarm = (line: string): string => line.replace(/^(\s*):(?=:)/, '$1\\u003a')

interface Page {
  chalk: ChalkInstance
  width: number
}

const startPage = ({ colour, width }: ReporterOptions): Page => ({ chalk: new Chalk({ level: colour ? 1 : 0 }), width })

function* blocks(report: Report, page: Page, verdicts: ReadonlySet<Verdict>): Iterable<string[]> {
  yield [heading(report, page)]
  if (verdicts.has('non-compliant')) yield* findingBlocks(report, page)
  if (verdicts.has('undetermined')) {
    yield* unknownBlock(page, 'Not known', 'judgements that could not be made, by what they lack', unknownFacts(report))
  }
  yield* unknownBlock(page, 'Not read', 'parts of the inputs', unreadParts(report))
  yield* unknownBlock(page, 'Not judged', 'read, and outside what rel09 judges', skippedParts(report))
  yield* unknownBlock(page, 'Idle exemptions', 'they accept nothing', idleExemptions(report))
  if (verdicts.has('compliant')) yield ruleTable(report, page)
  yield coverageBlock(report, page)
}

function heading({ tool, summary, takenAt, scopes }: Report, { chalk }: Page): string {
  const facts = [
    counted(summary.stores, 'data store'),
    counted(summary.resources, 'resource'),
    counted(scopes.length, 'scope'),
    takenAt === undefined ? undefined : `taken ${visible(takenAt)}`,
  ].filter(text => text !== undefined)
  return `${chalk.bold(`${tool.name} ${visible(tool.version)}`)}  ${chalk.dim(facts.join(' · '))}`
}

function* findingBlocks(report: Report, page: Page): Iterable<string[]> {
  const groups = findingsByRule(report, most.findingsPerRule)
  const rules = new Map(report.rules.map(rule => [rule.id, rule]))
  for (const { id, title } of bestPractices) {
    const own = groups.filter(group => group.bestPractice === id)
    if (own.length === 0) continue
    yield practiceHeading(id, title, own, page)
    for (const group of own) yield ruleBlock(group, rules.get(group.rule), page)
  }
}

function practiceHeading(id: string, title: string, groups: RuleFindings[], page: Page): string[] {
  const { chalk, width } = page
  const total = groups.reduce((sum, group) => sum + group.total, 0)
  const lines = wrapText(`${id}  ${title}`, width)
  return [
    ...lines.map(line => chalk.bold(line)),
    chalk.dim('─'.repeat(width)),
    chalk.dim(`${counted(total, 'finding')} of ${counted(groups.length, 'rule')}`),
  ]
}

const colours: { readonly [severity in Severity]: (chalk: ChalkInstance) => ChalkInstance } = {
  critical: chalk => chalk.red.bold,
  high: chalk => chalk.red,
  medium: chalk => chalk.yellow,
  low: chalk => chalk.cyan,
}

const badgeColumns = 10
const indent = ' '.repeat(badgeColumns)

/** Wraps a text and sets it in from the left; further lines a little more than the first. */
function setIn(text: string, page: Page, paint: (line: string) => string, lead = indent, hang = lead): string[] {
  const lines = wrapText(text, page.width - columnsOf(hang))
  return lines.map((line, i) => `${i === 0 ? lead : hang}${paint(line)}`)
}

function ruleBlock(group: RuleFindings, rule: Rule | undefined, page: Page): string[] {
  const { chalk } = page
  const badge = padText(group.worst.toUpperCase(), badgeColumns)
  const title = setIn(visible(group.title), page, line => chalk.bold(line), '', indent)
  const dim = (line: string): string => chalk.dim(line)
  const lines = [`${colours[group.worst](chalk)(badge)}${title[0] ?? ''}`, ...title.slice(1)]
  lines.push(...setIn(`${group.rule} · ${counted(group.total, 'finding')}`, page, dim))
  if (rule?.description !== undefined) lines.push(...setIn(shorten(flowing(rule.description), 600), page, dim))
  lines.push('', ...group.kept.flatMap(finding => findingLines(finding, group, page)))
  const rest = group.total - group.kept.length
  if (rest > 0) lines.push(`${indent}${chalk.dim(`… and ${spellCount(rest)} more: see --format json`)}`)
  return [...lines, ...fixLines(rule, group.kept[0], page)]
}

/** What the policy assumes is in the formats for machines. */
const withoutAssumptions = ({ evidence, missing, verdict }: Finding) => ({
  evidence: evidence.map(({ assumptions, ...rest }) => rest),
  missing,
  verdict,
})

function findingLines(finding: Finding, group: RuleFindings, page: Page): string[] {
  const { chalk } = page
  const dim = (line: string): string => chalk.dim(line)
  const marks = [
    finding.severity === group.worst ? undefined : finding.severity,
    finding.state === 'belowThreshold' ? 'below --fail-on' : undefined,
  ].filter(text => text !== undefined)
  const sentence =
    shortVisible(sentenceOf(finding), longestSentence) + (marks.length === 0 ? '' : ` (${marks.join(', ')})`)
  const hang = `${indent}  `
  // A message tells the facts that matter: with many alike, the leaves behind each would bury the list.
  const evidence =
    group.total > most.findingsWithEvidence ? [] : evidenceLines(withoutAssumptions(finding), most.evidence)
  const place = resourceFacts(finding)
    .map(text => shortVisible(text, 160))
    .join(' · ')
  return [
    ...setIn(sentence, page, line => line, `${indent}${colours[finding.severity](chalk)('✗')} `, hang),
    ...setIn(place, page, dim, hang),
    ...evidence.flatMap(line => setIn(line, page, dim, hang, `${hang}  `)),
  ]
}

/** The first command of a remedy on one line, with the lines that it is continued on: after `\\`, or within a quotation. */
function firstCommand(cli: string): string | undefined {
  const lines = cli.split('\n').map(line => line.trim())
  const first = lines.findIndex(line => line !== '' && !line.startsWith('#'))
  if (first < 0) return undefined
  const command: string[] = []
  for (const line of lines.slice(first)) {
    command.push(line.replace(/\s*\\$/, ''))
    const isQuoted = command.join('').split("'").length % 2 === 0
    if (!isQuoted && !line.endsWith('\\')) break
  }
  return command.join(' ')
}

/** What mends a template is written in its language, what is deployed is mended by a command. */
function declarationFor({ remediation }: Rule, finding: Finding | undefined): string | undefined {
  const { address, sourceType, type } = finding?.resource ?? {}
  if (address === undefined) return undefined
  return /^awsc{0,2}_/.test(sourceType ?? type ?? '') ? remediation.terraform : remediation.cloudformation
}

/** Lines of a snippet as they are, but for what is too long for the page. */
function snippetLines(snippet: string, page: Page, lead: string): string[] {
  const all = snippet.trimEnd().split('\n')
  const kept = all.slice(0, most.snippetLines)
  const lines = kept.map(
    line => `${lead}${page.chalk.cyan(shortVisible(line, Math.max(20, page.width - lead.length)))}`,
  )
  return kept.length < all.length ? [...lines, `${lead}${page.chalk.dim('…')}`] : lines
}

function fixLines(rule: Rule | undefined, first: Finding | undefined, page: Page): string[] {
  if (!rule) return []
  const { chalk } = page
  const { text, cli } = rule.remediation
  const snippet = declarationFor(rule, first)
  const lead = `${indent}${chalk.green('Fix')}  `
  const hang = `${indent}     `
  const command = cli === undefined || snippet !== undefined ? undefined : firstCommand(cli)
  return [
    '',
    ...setIn(flowing(text), page, line => line, lead, hang),
    ...(snippet === undefined ? [] : snippetLines(snippet, page, hang)),
    ...(command === undefined
      ? []
      : setIn(`$ ${shortVisible(command, 600)}`, page, line => chalk.cyan(line), hang, `${hang}  `)),
    ...setIn(`rel09 explain ${rule.id} tells more`, page, line => chalk.dim(line), hang),
  ]
}

/** What has one remedy stands together, where the most frequent of it would stand. */
function besideTheirLike(unknowns: readonly Unknown[]): Unknown[] {
  const groups = new Map<string | Unknown, Unknown[]>()
  for (const unknown of unknowns) {
    const key = unknown.remedy ?? unknown
    const group = groups.get(key)
    if (group) group.push(unknown)
    else groups.set(key, [unknown])
  }
  return [...groups.values()].flat()
}

function* unknownBlock(page: Page, title: string, what: string, unknowns: Unknown[]): Iterable<string[]> {
  if (unknowns.length === 0) return
  const { chalk } = page
  const told = besideTheirLike(unknowns.slice(0, most.unknowns))
  const columns = Math.max(...told.map(({ count }) => spellCount(count).length))
  const hang = ' '.repeat(columns + 4)
  const lines = [`${chalk.bold(title)}  ${chalk.dim(what)}`]
  for (const [at, { what: entry, count, remedy }] of told.entries()) {
    const lead = `  ${spellCount(count).padStart(columns)}  `
    lines.push(...setIn(shortVisible(entry, longestSentence), page, line => line, lead, hang))
    if (remedy !== undefined && remedy !== told[at + 1]?.remedy)
      lines.push(
        ...setIn(`→ ${shortVisible(remedy, longestSentence)}`, page, line => chalk.dim(line), hang, `${hang}  `),
      )
  }
  if (unknowns.length > told.length)
    lines.push(chalk.dim(`${hang}… and ${spellCount(unknowns.length - told.length)} more: see --format json`))
  yield lines
}

const verdictColumns: readonly Verdict[] = ['compliant', 'non-compliant', 'undetermined', 'not-applicable']

type VerdictRow = readonly [name: string, counts: { readonly [verdict in Verdict]: number }]

function verdictTable(rows: readonly VerdictRow[], { chalk }: Page): string[] {
  const first = Math.max(...rows.map(([name]) => columnsOf(name)))
  const head = `${' '.repeat(first)}${verdictColumns.map(verdict => `  ${verdict}`).join('')}`
  const line = ([name, counts]: VerdictRow): string =>
    padText(name, first) + verdictColumns.map(verdict => `  ${verdictCell(verdict, counts[verdict], chalk)}`).join('')
  return [chalk.dim(`  ${head}`), ...rows.map(row => `  ${line(row)}`)]
}

function verdictCell(verdict: Verdict, count: number, chalk: ChalkInstance): string {
  const text = spellCount(count).padStart(verdict.length)
  if (count === 0 || verdict === 'not-applicable') return chalk.dim(text)
  if (verdict === 'compliant') return chalk.green(text)
  return verdict === 'non-compliant' ? chalk.red(text) : chalk.yellow(text)
}

function ruleTable({ summary }: Report, page: Page): string[] {
  const rows = Object.entries(summary.byRule)
  return rows.length === 0 ? ['No rules'] : [page.chalk.bold('Rules'), ...verdictTable(rows, page)]
}

function coverageBlock({ summary }: Report, page: Page): string[] {
  const rows = bestPractices.map(({ id }): VerdictRow => [id, summary.byBestPractice[id]])
  const { exempted, baselined, belowThreshold } = summary.states
  const aside = listCounts([
    ['exempted', exempted],
    ['in the baseline', baselined],
    ['below --fail-on', belowThreshold],
  ])
  const covered = setIn(coverageText(summary), page, line => line, `${page.chalk.bold('Covered')}  `, ' '.repeat(9))
  const lines = [...covered, ...verdictTable(rows, page)]
  return aside === '' ? lines : [...lines, page.chalk.dim(`  of the non-compliant: ${aside}`)]
}

const marks: { readonly [outcome in Outcome]: (chalk: ChalkInstance) => string } = {
  findings: chalk => chalk.red.bold('✗'),
  fine: chalk => chalk.green.bold('✓'),
  unproven: chalk => chalk.yellow.bold('?'),
  nothing: chalk => chalk.yellow.bold('?'),
}

function conclusion(report: Report, page: Page): string {
  const { outcome, text } = concludeReport(report)
  return setIn(text, page, line => page.chalk.bold(line), `${marks[outcome](page.chalk)} `, '  ').join('\n')
}

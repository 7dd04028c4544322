/** A comparison for a person at a terminal. */
import { Chalk, type ChalkInstance } from 'chalk'
import {
  type Comparison,
  type FindingChange,
  findingChangeKinds,
  type ResourceChange,
  type ResourceChangeKind,
  resourceChangeKinds,
} from '../model/comparison.ts'
import type { Severity } from '../model/rule.ts'
import {
  byRule,
  changeText,
  comparedName,
  comparedPlace,
  conclusionOf,
  findingCounts,
  findingWords,
  gapText,
  resourceWords,
  scopeText,
  severityOfChange,
  sideText,
  standingText,
} from './comparison-words.ts'
import { counted, spellCount } from './count-text.ts'
import { shortVisible, visible } from './visible-text.ts'
import { padText, wrapText } from './wrap-text.ts'

const most = { perRule: 10, rules: 25, resources: 20, lines: 10 } as const
const longest = 300

/** How a comparison is shown. */
export interface ComparisonStyle {
  colour: boolean
  width: number
  /** Title of a rule, where it is known. */
  titleOf(rule: string): string | undefined
}

type Paint = (text: string) => string

interface Page extends ComparisonStyle {
  chalk: ChalkInstance
}

const colours: { readonly [severity in Severity]: (chalk: ChalkInstance) => Paint } = {
  critical: chalk => chalk.red.bold,
  high: chalk => chalk.red,
  medium: chalk => chalk.yellow,
  low: chalk => chalk.cyan,
}

/** A line that begins with two colons would be a command to GitHub's runner, which reads the logs of a job. */
const disarm = (line: string): string => line.replace(/^(\s*):(?=:)/, '$1\\u003a')

/** The text, block by block. */
export function* comparisonText(comparison: Comparison, style: ComparisonStyle): Iterable<string> {
  const page = { ...style, chalk: new Chalk({ level: style.colour ? 1 : 0 }) }
  for (const block of blocks(comparison, page)) yield `${block.map(disarm).join('\n')}\n\n`
  const mark = comparison.summary.newFailures > 0 ? page.chalk.red.bold('✗') : page.chalk.green.bold('✓')
  yield `${setIn(conclusionOf(comparison), page, page.chalk.bold, `${mark} `, '  ').join('\n')}\n`
}

function* blocks(comparison: Comparison, page: Page): Iterable<string[]> {
  const { chalk } = page
  yield [
    `${chalk.bold('old')}  ${shortVisible(sideText(comparison.old), longest)}`,
    `${chalk.bold('new')}  ${shortVisible(sideText(comparison.new), longest)}`,
  ]
  if (comparison.caveats.length > 0)
    yield comparison.caveats.flatMap(line => setIn(line, page, chalk.yellow, `${chalk.yellow('!')} `, '  '))
  for (const kind of findingChangeKinds) {
    const changes = comparison.findings.filter(({ change }) => change === kind)
    if (changes.length > 0) yield* findingBlocks(findingWords[kind], changes, page)
  }
  for (const kind of resourceChangeKinds) {
    const changes = comparison.resources.filter(({ change }) => change === kind)
    if (changes.length > 0) yield resourceBlock(kind, changes, page)
  }
  yield* list('Read anew', comparison.scopes.appeared.map(scopeText), page)
  yield* list('No longer read', comparison.scopes.gone.map(scopeText), page)
  yield* list('New gaps', comparison.gaps.appeared.map(gapText), page)
  yield* list('Gaps closed', comparison.gaps.gone.map(gapText), page)
}

/** Wraps a text and sets it in from the left. */
function setIn(text: string, { width }: Page, paint: Paint, lead: string, hang: string): string[] {
  return wrapText(visible(text), width - hang.length).map((line, i) => `${i === 0 ? lead : hang}${paint(line)}`)
}

const heading = ([title, meaning]: readonly [string, string], count: string, { chalk }: Page): string =>
  `${chalk.bold(title)}  ${chalk.dim(`${count}: ${meaning}`)}`

const badgeColumns = 10
const indent = ' '.repeat(badgeColumns)

function* findingBlocks(
  words: readonly [string, string],
  changes: readonly FindingChange[],
  page: Page,
): Iterable<string[]> {
  const groups = byRule(changes)
  yield [heading(words, counted(changes.length, 'finding'), page), page.chalk.dim('─'.repeat(page.width))]
  for (const [rule, group] of groups.slice(0, most.rules)) yield ruleBlock(rule, group, page)
  if (groups.length > most.rules) yield [more(groups.length - most.rules, 'more rules', page)]
}

const more = (count: number, what: string, { chalk }: Page): string =>
  chalk.dim(`${indent}… and ${spellCount(count)} ${what}: see --format json`)

function ruleBlock(rule: string, group: readonly FindingChange[], page: Page): string[] {
  const { chalk } = page
  const severity = severityOfChange(group[0]!)
  const title = page.titleOf(rule)
  const lead = colours[severity](chalk)(padText(severity.toUpperCase(), badgeColumns))
  const lines = setIn(title ?? rule, page, chalk.bold, lead, indent)
  if (title !== undefined) lines.push(`${indent}${chalk.dim(visible(rule))}`)
  for (const change of group.slice(0, most.perRule)) lines.push(...changeLines(change, page))
  if (group.length > most.perRule) lines.push(more(group.length - most.perRule, 'more', page))
  return lines
}

function changeLines(change: FindingChange, page: Page): string[] {
  const { chalk } = page
  const { resource, before, after } = change
  const mark = change.isNewFailure ? chalk.red('✗') : after.verdict === 'undetermined' ? chalk.yellow('?') : '·'
  const text = changeText(change)
  const hang = `${indent}  `
  return [
    ...setIn(
      `${shortVisible(comparedName(resource), 120)}: ${standingText(before)} → ${standingText(after)}`,
      page,
      line => line,
      `${indent}${mark} `,
      hang,
    ),
    ...(text === undefined ? [] : setIn(shortVisible(text, longest), page, line => line, hang, hang)),
    ...setIn(shortVisible(comparedPlace(resource).join(' · '), 160), page, chalk.dim, hang, hang),
  ]
}

function resourceBlock(kind: ResourceChangeKind, changes: readonly ResourceChange[], page: Page): string[] {
  const { chalk } = page
  const lines = [heading(resourceWords[kind], counted(changes.length, 'resource'), page)]
  let why: string | undefined
  for (const change of inOrder(changes).slice(0, most.resources)) {
    if (change.why !== undefined && change.why !== why)
      lines.push(...setIn(shortVisible(change.why, longest), page, chalk.dim, '  → ', '    '))
    why = change.why
    const counts = findingCounts(change)
    const mark = change.isNewFailure ? chalk.red('✗') : '·'
    const name = shortVisible(comparedName(change.resource), 120)
    const place = shortVisible(comparedPlace(change.resource).join(' · '), 160)
    lines.push(
      ...setIn(`${name}${counts === '' ? '' : `  ${counts}`}`, page, line => line, `  ${mark} `, '    '),
      ...setIn(place, page, chalk.dim, '    ', '    '),
    )
  }
  if (changes.length > most.resources) lines.push(more(changes.length - most.resources, 'more', page))
  return lines
}

/** What has one reason stands together; stores come before what guards them. */
function inOrder(changes: readonly ResourceChange[]): ResourceChange[] {
  const reasons = new Map<string, number>()
  for (const { why = '' } of changes) if (!reasons.has(why)) reasons.set(why, reasons.size)
  const rank = ({ why = '', resource, isNewFailure }: ResourceChange) =>
    reasons.get(why)! * 4 + (resource.subject === 'data-store' ? 0 : 2) + (isNewFailure ? 0 : 1)
  return [...changes].sort((a, b) => rank(a) - rank(b))
}

function* list(title: string, entries: readonly string[], page: Page): Iterable<string[]> {
  if (entries.length === 0) return
  const lines = [page.chalk.bold(title)]
  for (const entry of entries.slice(0, most.lines))
    lines.push(...setIn(shortVisible(entry, longest), page, page.chalk.dim, '  ', '    '))
  if (entries.length > most.lines) lines.push(more(entries.length - most.lines, 'more', page))
  yield lines
}

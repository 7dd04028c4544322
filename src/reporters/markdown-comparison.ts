/** A comparison as Markdown: for issues and job summaries. */
import { type Comparison, findingChangeKinds, resourceChangeKinds } from '../model/comparison.ts'
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
  sideText,
  standingText,
} from './comparison-words.ts'
import { counted, spellCount } from './count-text.ts'
import { markdownCode, markdownText } from './markdown-text.ts'

/** A comment on GitHub holds 65,536 characters and a longer one is refused. */
const budget = 60_000
const most = { rows: 60, lines: 20 } as const

/** The Markdown, part by part, within what a comment holds. */
export function* comparisonMarkdown(comparison: Comparison): Iterable<string> {
  let left = budget
  for (const part of parts(comparison)) {
    left -= part.length
    if (left < 0) {
      yield '\n… and more: see <code>--format json</code>\n'
      return
    }
    yield part
  }
}

function* parts(comparison: Comparison): Iterable<string> {
  const { summary, old, new: present } = comparison
  yield lines([
    `## ${summary.newFailures > 0 ? '❌' : '✅'} rel09 diff: ${markdownText(conclusionOf(comparison))}`,
    '',
    `- old: ${markdownText(sideText(old))}`,
    `- new: ${markdownText(sideText(present))}`,
    ...comparison.caveats.map(line => `- ⚠️ ${markdownText(line)}`),
  ])
  for (const kind of findingChangeKinds) {
    const changes = byRule(comparison.findings.filter(({ change }) => change === kind)).flatMap(([, group]) => group)
    const rows = changes.map(change => [
      markdownCode(change.rule),
      `${markdownCode(comparedName(change.resource), 120)}<br>${markdownText(comparedPlace(change.resource).join(' · '), 160)}`,
      markdownText(`${standingText(change.before)} → ${standingText(change.after)}`),
      markdownText(changeText(change) ?? ''),
    ])
    yield* table(findingWords[kind], counted(rows.length, 'finding'), ['Rule', 'Resource', 'Change', 'Now'], rows)
  }
  for (const kind of resourceChangeKinds) {
    const changes = comparison.resources.filter(({ change }) => change === kind)
    const rows = changes.map(change => [
      `${markdownCode(comparedName(change.resource), 120)}<br>${markdownText(comparedPlace(change.resource).join(' · '), 160)}`,
      markdownText(findingCounts(change)),
      markdownText(change.why ?? ''),
    ])
    yield* table(resourceWords[kind], counted(rows.length, 'resource'), ['Resource', 'Findings', 'Why'], rows)
  }
  yield* list('Read anew', comparison.scopes.appeared.map(scopeText))
  yield* list('No longer read', comparison.scopes.gone.map(scopeText))
  yield* list('New gaps', comparison.gaps.appeared.map(gapText))
  yield* list('Gaps closed', comparison.gaps.gone.map(gapText))
}

const lines = (texts: readonly string[]): string => `${texts.join('\n')}\n`

function* table(
  [title, meaning]: readonly [string, string],
  count: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): Iterable<string> {
  if (rows.length === 0) return
  yield lines([
    '',
    `### ${title}`,
    '',
    `${count}: ${meaning}`,
    '',
    `| ${heads.join(' | ')} |`,
    `|${' --- |'.repeat(heads.length)}`,
  ])
  for (const row of rows.slice(0, most.rows)) yield `| ${row.join(' | ')} |\n`
  if (rows.length > most.rows) yield lines(['', `… and ${spellCount(rows.length - most.rows)} more`])
}

function* list(title: string, entries: readonly string[]): Iterable<string> {
  if (entries.length === 0) return
  const told = entries.slice(0, most.lines).map(entry => `- ${markdownText(entry)}`)
  const rest = entries.length - told.length
  yield lines(['', `### ${title}`, '', ...told, ...(rest > 0 ? ['', `… and ${spellCount(rest)} more`] : [])])
}

import type { Notification, Run, ToolComponent } from 'sarif'
import type { GapRecord } from '../model/record.ts'
import type { Report } from '../model/report.ts'
import { questionUrl } from './best-practices.ts'
import { concludeReport } from './conclusion.ts'
import { counted } from './count-text.ts'
import { reasonText } from './evidence-text.ts'
import { jsonText } from './json-text.ts'
import type { Reporter, ReporterOptions } from './reporter.ts'
import { repositoryPath } from './repository-path.ts'
import { messageOf, physicalLocation, resultOf } from './sarif-result.ts'
import { describeRule } from './sarif-rule.ts'
import { mostResults, type Selection, selectFindings } from './sarif-selection.ts'
import { gapPlace, idleExemptions, problemText, skippedParts, unknownFacts } from './unknowns.ts'
import { shortVisible, visible } from './visible-text.ts'

/** The SARIF 2.1.0 report: for code scanning. One run, within the limits of GitHub, written as a stream. */
export const reporter: Reporter = {
  description: 'SARIF 2.1.0 for code scanning, within the limits of GitHub',
  defaultVerdicts: ['non-compliant'],
  *render(report, options) {
    const selection = selectFindings(report, options.verdicts, options.mostResults)
    yield `{\n"$schema": ${jsonText(schemaUrl)},\n"version": "2.1.0",\n"runs": [{\n`
    yield `"tool": {"driver": {${members(driverOf(report))},\n"rules": [`
    yield* lines(report.rules.map(describeRule))
    yield `]}},\n${members(runOf(report, options))},\n"invocations": [{"executionSuccessful": ${!report.problems}, "toolExecutionNotifications": [`
    yield* lines(notifications(report, options, selection))
    yield ']}],\n"results": ['
    yield* lines(results(report, options, selection))
    yield ']\n}]\n}\n'
  },
}

/** Gaps that are told one by one. */
const mostGaps = 1000

const schemaUrl = 'https://json.schemastore.org/sarif-2.1.0.json'

/** Members of an object without its braces, so that a streamed one can follow. */
function members(part: object): string {
  return Object.entries(part)
    .map(([name, value]) => `${jsonText(name)}: ${jsonText(value)}`)
    .join(',\n')
}

/** Elements of an array, one a line. */
function* lines(elements: Iterable<unknown>): Iterable<string> {
  let separator = '\n'
  for (const element of elements) {
    yield `${separator}${jsonText(element)}`
    separator = ',\n'
  }
  yield '\n'
}

/** What the run tells beside its results. */
const notices = {
  gap: 'Something could not be read.',
  undetermined: 'Judgements could not be made, for want of evidence.',
  'not-evaluated': 'Something was read and not judged.',
  'unused-exemption': 'An exemption of the policy accepts nothing.',
  'results-cut': 'There are more findings than a run may hold results.',
} as const

function driverOf({ tool }: Report): Partial<ToolComponent> {
  return {
    name: tool.name,
    version: visible(tool.version),
    informationUri: questionUrl,
    notifications: Object.entries(notices).map(([id, text]) => ({
      id,
      shortDescription: { text },
      fullDescription: { text },
      help: { text },
    })),
  }
}

function runOf(report: Report, { category }: ReporterOptions): Partial<Run> {
  const { takenAt, now, policyDigest, rulesDigest, summary } = report
  return {
    automationDetails: { id: category === undefined ? 'rel09/' : `rel09/${category}/` },
    columnKind: 'utf16CodeUnits',
    properties: {
      conclusion: concludeReport(report).text,
      ...(takenAt === undefined ? {} : { takenAt }),
      ...(now === undefined ? {} : { now }),
      policyDigest,
      rulesDigest,
      stores: summary.stores,
      covered: summary.covered,
      verdicts: summary.verdicts,
      states: summary.states,
    },
  }
}

function notify(id: keyof typeof notices, level: 'error' | 'warning' | 'note', text: string): Notification {
  return { descriptor: { id }, level, message: messageOf(text) }
}

function notifyGap(gap: GapRecord): Notification {
  const place = gapPlace(gap)
  const what = place === '' ? gap.factGroups.join(', ') : place
  const notification = notify('gap', 'warning', `${what}: ${reasonText(gap.reason)}. ${gap.remedy}`)
  if (gap.file === undefined || repositoryPath(gap.file) === undefined) return notification
  return { ...notification, locations: [physicalLocation({ file: gap.file, line: gap.line ?? 1 }, undefined)] }
}

/** What the results cannot tell: nothing that is missing from them is silent. */
function* notifications(
  report: Report,
  { verdicts, mostResults: limit = mostResults }: ReporterOptions,
  { cut }: Selection,
): Iterable<Notification> {
  if (cut > 0)
    yield notify(
      'results-cut',
      'warning',
      `${counted(cut, 'more finding')} than the ${counted(limit, 'result')} that a run may hold: the worst are here, --format json holds all`,
    )
  for (const problem of (report.problems ?? []).slice(0, mostGaps)) yield notify('gap', 'error', problemText(problem))
  for (const gap of report.gaps.slice(0, mostGaps)) yield notifyGap(gap)
  const rest = report.gaps.length - mostGaps
  if (rest > 0) yield notify('gap', 'warning', `${counted(rest, 'more part')} could not be read: see --format json`)
  if (!verdicts.has('undetermined'))
    for (const { what, count, remedy } of unknownFacts(report))
      yield notify('undetermined', 'note', `${counted(count, 'judgement')} not made, ${what}. ${remedy ?? ''}`.trim())
  for (const { what, count } of skippedParts(report)) yield notify('not-evaluated', 'note', `${what} (${count})`)
  for (const { what } of idleExemptions(report))
    yield notify('unused-exemption', 'note', `Exemption of ${shortVisible(what, 500)}`)
}

function* results(report: Report, { verdicts, anchor }: ReporterOptions, selection: Selection): Iterable<unknown> {
  const indexes = new Map(report.rules.map(({ id }, index) => [id, index]))
  for (const finding of report.findings(verdicts))
    if (selection.takes(finding)) yield resultOf(finding, indexes.get(finding.rule), anchor)
}

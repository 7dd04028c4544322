import type { Finding, Report } from '../model/report.ts'
import type { Rule, Verdict } from '../model/rule.ts'
import { concludeReport } from './conclusion.ts'
import { counted } from './count-text.ts'
import { fixes, resourceFacts, sentenceOf } from './finding-text.ts'
import type { Reporter } from './reporter.ts'
import { repositoryPath } from './repository-path.ts'
import { isShown, keepWorst, type WorstFindings } from './shown-findings.ts'
import { shorten, visible } from './visible-text.ts'
import { type AnnotationLevel, workflowCommand } from './workflow-command.ts'

/** A step may make ten annotations of each level; GitHub drops the rest without a word. One notice is kept for the rest. */
const most: { readonly [level in AnnotationLevel]: number } = { error: 10, warning: 10, notice: 9 }

const levels: readonly AnnotationLevel[] = ['error', 'warning', 'notice']

/** The GitHub report: workflow commands, which a run of GitHub Actions shows beside the lines of a change. */
export const reporter: Reporter = {
  description: 'annotations of GitHub Actions (workflow commands)',
  defaultVerdicts: ['non-compliant'],
  *render(report, { verdicts }) {
    const rules = new Map(report.rules.map(rule => [rule.id, rule]))
    const byLevel = sortIntoLevels(report, verdicts)
    for (const level of levels)
      for (const finding of byLevel[level].kept) yield annotate(level, finding, rules.get(finding.rule))
    yield* closingNotice(report, byLevel)
  },
}

type Levels = { readonly [level in AnnotationLevel]: WorstFindings }

function levelOf({ verdict, severity }: Finding): AnnotationLevel {
  if (verdict !== 'non-compliant' || severity === 'low') return 'notice'
  return severity === 'medium' ? 'warning' : 'error'
}

function sortIntoLevels(report: Report, verdicts: ReadonlySet<Verdict>): Levels {
  const byLevel = { error: keepWorst(most.error), warning: keepWorst(most.warning), notice: keepWorst(most.notice) }
  const told = new Set([...verdicts].filter(verdict => verdict === 'non-compliant' || verdict === 'undetermined'))
  for (const finding of report.findings(told)) if (isShown(finding)) byLevel[levelOf(finding)].add(finding)
  return byLevel
}

function annotate(level: AnnotationLevel, finding: Finding, rule: Rule | undefined): string {
  const { location } = finding
  const file = location && repositoryPath(location.file)
  const lines = [sentenceOf(finding), resourceFacts(finding).join(' · '), ...fixes(finding, rule)]
  return workflowCommand({
    level,
    title: `rel09 ${finding.severity}: ${visible(finding.rule)}`,
    lines: lines.map(line => shorten(line, 1000)),
    ...(location === undefined || file === undefined ? {} : { file, line: location.line }),
  })
}

function* closingNotice(report: Report, byLevel: Levels): Iterable<string> {
  const rest = levels.reduce((sum, level) => sum + byLevel[level].total - byLevel[level].kept.length, 0)
  const { outcome, text } = concludeReport(report)
  if (rest === 0 && outcome !== 'unproven' && outcome !== 'nothing') return
  const cut = rest === 0 ? [] : [`${counted(rest, 'more finding')}: GitHub shows ten of each level. See --format json.`]
  yield workflowCommand({ level: 'notice', title: 'rel09', lines: [text, ...cut] })
}

import type { Report } from '../model/report.ts'
import { annotationsOf } from './annotations.ts'
import { concludeReport } from './conclusion.ts'
import { counted } from './count-text.ts'
import type { Reporter } from './reporter.ts'
import { workflowCommand } from './workflow-command.ts'

/** A step may make ten annotations of each level; GitHub drops the rest without a word. One notice is kept for the rest. */
const room = { error: 10, warning: 10, notice: 9 } as const

/** The GitHub report: workflow commands, which a run of GitHub Actions shows beside the lines of a change. */
export const reporter: Reporter = {
  description: 'annotations of GitHub Actions (workflow commands)',
  defaultVerdicts: ['non-compliant'],
  *render(report, { verdicts }) {
    const { annotations, rest } = annotationsOf(report, verdicts, room)
    for (const annotation of annotations) yield workflowCommand(annotation)
    yield* closingNotice(report, rest)
  },
}

function* closingNotice(report: Report, rest: number): Iterable<string> {
  const { outcome, text } = concludeReport(report)
  if (rest === 0 && outcome !== 'unproven' && outcome !== 'nothing') return
  const cut = rest === 0 ? [] : [`${counted(rest, 'more finding')}: GitHub shows ten of each level. See --format json.`]
  yield workflowCommand({ level: 'notice', title: 'rel09', lines: [text, ...cut] })
}

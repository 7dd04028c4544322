import type { Report } from '../model/report.ts'
import { type Severity, severities } from '../model/rule.ts'

/** Exit codes of a scan, in every host (DESIGN §6). */
export const exitCodes = { clean: 0, findings: 1, unusable: 2, evidenceMissing: 3 } as const

/** The exit code of a command that a signal ended before its end, as shells tell it: 130 for Ctrl-C. */
export const interruptedBy = (signal: number): number => 128 + signal

/** What an exit code hangs on beside the report. */
export interface Strictness {
  /** Open findings this severe or worse fail. */
  failOn: Severity | 'never'
  /** An input could not be read. */
  unreadable: boolean
  /** Missing evidence fails. */
  requireEvidence: boolean
}

/** The exit code of a report: 2 beats 1 beats 3. */
export function exitCodeOf(report: Report, { failOn, unreadable, requireEvidence }: Strictness): number {
  if (unreadable) return exitCodes.unusable
  const { open, verdicts } = report.summary
  const limit = failOn === 'never' ? -1 : severities.indexOf(failOn)
  if (severities.some((severity, i) => i <= limit && open[severity] > 0)) return exitCodes.findings
  return requireEvidence && (verdicts.undetermined > 0 || report.gaps.length > 0)
    ? exitCodes.evidenceMissing
    : exitCodes.clean
}

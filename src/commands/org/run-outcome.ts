import type { OrganizationSummary } from '../../model/organization.ts'
import { type Severity, severities } from '../../model/rule.ts'
import { exitCodes } from '../exit-code.ts'

/** The exit code of a run, as a scan's: what cannot be called complete is unusable. */
export function exitCodeOfRun(
  { isComplete, problemCount, summary, gaps }: OrganizationSummary,
  failOn: Severity | 'never',
  requireEvidence: boolean,
): number {
  if (!isComplete || problemCount > 0) return exitCodes.unusable
  const limit = failOn === 'never' ? -1 : severities.indexOf(failOn)
  if (severities.some((severity, i) => i <= limit && summary.open[severity] > 0)) return exitCodes.findings
  return requireEvidence && (summary.verdicts.undetermined > 0 || gaps > 0)
    ? exitCodes.evidenceMissing
    : exitCodes.clean
}

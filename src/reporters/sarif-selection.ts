import type { Finding, Report } from '../model/report.ts'
import type { Verdict } from '../model/rule.ts'
import { isShown, severityRank } from './shown-findings.ts'

/** GitHub refuses a run with more results. */
export const mostResults = 25_000

/** Which findings become results. */
export interface Selection {
  /** Says whether the next finding is written; asked once for each, in the report's order. */
  takes(finding: Finding): boolean
  /** Findings that would be results but for the limit. */
  readonly cut: number
}

const allVerdicts: readonly Verdict[] = ['compliant', 'non-compliant', 'not-applicable', 'undetermined']

const ranks: { readonly [verdict in Verdict]: number } = {
  'non-compliant': 0,
  undetermined: 4,
  compliant: 5,
  'not-applicable': 6,
}

/** Failures first, by severity; then what is not known, what passed, what does not apply; what is accepted comes last. */
function rankOf(finding: Finding): number {
  if (!isShown(finding)) return 7
  return ranks[finding.verdict] + (finding.verdict === 'non-compliant' ? severityRank(finding.severity) : 0)
}

/**
 * Chooses the findings to write, at most `limit`, the worst before the others. GitHub shows suppressed results as alerts, so
 * that accepted findings are written only where every verdict is asked for. The findings are gone through once more where
 * there may be too many, else not at all.
 */
export function selectFindings(report: Report, verdicts: ReadonlySet<Verdict>, limit: number = mostResults): Selection {
  const everything = allVerdicts.every(verdict => verdicts.has(verdict))
  const wanted = (finding: Finding): boolean => everything || isShown(finding)
  const atMost = [...verdicts].reduce((sum, verdict) => sum + report.summary.verdicts[verdict], 0)
  if (atMost <= limit) return { takes: wanted, cut: 0 }
  const counts = new Array<number>(8).fill(0)
  for (const finding of report.findings(verdicts)) if (wanted(finding)) counts[rankOf(finding)]! += 1
  let left = limit
  const quotas = counts.map(count => {
    const quota = Math.min(count, left)
    left -= quota
    return quota
  })
  const total = counts.reduce((sum, count) => sum + count, 0)
  return {
    cut: Math.max(0, total - limit),
    takes(finding) {
      if (!wanted(finding)) return false
      const rank = rankOf(finding)
      if (quotas[rank] === 0) return false
      quotas[rank]! -= 1
      return true
    },
  }
}

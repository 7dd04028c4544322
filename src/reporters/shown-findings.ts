import type { Finding, Report } from '../model/report.ts'
import { type BestPractice, type Severity, severities } from '../model/rule.ts'
import { byText } from '../model/text-order.ts'

/**
 * True for what a person should still look at. `--fail-on` decides exit codes, not what is seen; what an exemption or a
 * baseline accepts is counted and not listed.
 */
export function isShown({ state }: Pick<Finding, 'state'>): boolean {
  return state === 'open' || state === 'belowThreshold'
}

/** 0 for critical to 3 for low. */
export const severityRank = (severity: Severity): number => severities.indexOf(severity)

/** Keeps the few worst of many findings; of two equally bad the one that came first. */
export interface WorstFindings {
  add(finding: Finding): void
  readonly kept: readonly Finding[]
  /** How many were added. */
  readonly total: number
}

/** Starts keeping at most `most` findings, worst first. */
export function keepWorst(most: number): WorstFindings {
  const kept: Finding[] = []
  let total = 0
  return {
    kept,
    get total() {
      return total
    },
    add(finding) {
      total += 1
      const rank = severityRank(finding.severity)
      let place = kept.length
      while (place > 0 && severityRank((kept[place - 1] as Finding).severity) > rank) place -= 1
      if (place >= most) return
      kept.splice(place, 0, finding)
      if (kept.length > most) kept.pop()
    },
  }
}

/** The shown findings of one rule: a few of them, and how many there are. */
export interface RuleFindings {
  rule: string
  title: string
  bestPractice: BestPractice
  worst: Severity
  kept: readonly Finding[]
  total: number
}

/**
 * The non-compliant findings that are shown, a few for each rule; by best practice, then worst rule first, then the rule
 * with most findings. One pass; holds no more than it returns.
 */
export function findingsByRule(report: Report, mostPerRule: number): RuleFindings[] {
  const { states } = report.summary
  if (states.open + states.belowThreshold === 0) return []
  const byRule = new Map<string, WorstFindings>()
  for (const finding of report.findings(new Set(['non-compliant']))) {
    if (!isShown(finding)) continue
    const worst = byRule.get(finding.rule) ?? keepWorst(mostPerRule)
    byRule.set(finding.rule, worst)
    worst.add(finding)
  }
  return [...byRule].map(([rule, worst]) => ruleFindings(rule, worst)).sort(byImportance)
}

function ruleFindings(rule: string, { kept, total }: WorstFindings): RuleFindings {
  const { title, bestPractice, severity } = kept[0] as Finding
  return { rule, title, bestPractice, worst: severity, kept, total }
}

const byImportance = (a: RuleFindings, b: RuleFindings): number =>
  byText(a.bestPractice, b.bestPractice) ||
  severityRank(a.worst) - severityRank(b.worst) ||
  b.total - a.total ||
  byText(a.rule, b.rule)

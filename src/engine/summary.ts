import type { Facts } from '../model/facts.ts'
import type { MissingFact, Summary } from '../model/report.ts'
import type { BestPractice, Rule, Verdict } from '../model/rule.ts'
import type { Judgement } from './verdict-store.ts'

/** Counts a run while it judges. */
export interface Tally {
  /** A data store, with whether an accepted mechanism covers it. */
  store(facts: Facts): void
  verdict(rule: Rule, judgement: Omit<Judgement, 'subject'>): void
  notApplicable(rule: Rule, count: number): void
  /** An undetermined finding that no exemption accepts, with the facts it lacks. */
  missing(facts: readonly MissingFact[]): void
  summary(resources: number): Summary
}

type Verdicts = { [verdict in Verdict]: number }
const noVerdicts = (): Verdicts => ({ compliant: 0, 'non-compliant': 0, 'not-applicable': 0, undetermined: 0 })

type Group = Summary['undetermined'][number]
const byGroup = (a: Group, b: Group): number => {
  const [left, right] = [a, b].map(({ factGroup, reason, remedy }) => [factGroup, reason, remedy].join('\n')) as [
    string,
    string,
  ]
  return left < right ? -1 : 1
}

/** Starts counting; every rule of the run is listed, also one that met no subject. */
export function startTally(rules: readonly Rule[]): Tally {
  let stores = 0
  const covered = { yes: 0, no: 0, unknown: 0 }
  const verdicts = noVerdicts()
  const open = { critical: 0, high: 0, medium: 0, low: 0 }
  const states = { open: 0, exempted: 0, baselined: 0, belowThreshold: 0 }
  const byBestPractice: { [practice in BestPractice]: Verdicts } = {
    'REL09-BP01': noVerdicts(),
    'REL09-BP02': noVerdicts(),
    'REL09-BP03': noVerdicts(),
    'REL09-BP04': noVerdicts(),
  }
  const byRule = Object.fromEntries(rules.map(rule => [rule.id, noVerdicts()]))
  const groups = new Map<string, Group>()
  const count = (rule: Rule, verdict: Verdict, times: number): void => {
    verdicts[verdict] += times
    byBestPractice[rule.bestPractice][verdict] += times
    const own = byRule[rule.id]
    if (own) own[verdict] += times
  }
  return {
    store(facts) {
      stores += 1
      covered[coverageOf(facts)] += 1
    },
    verdict(rule, { verdict, state, severity }) {
      count(rule, verdict, 1)
      if (verdict !== 'non-compliant') return
      states[state] += 1
      if (state === 'open') open[severity] += 1
    },
    notApplicable: (rule, times) => count(rule, 'not-applicable', times),
    missing(facts) {
      const seen = new Set<string>()
      for (const { factGroup, reason, remedy } of facts) {
        const key = [factGroup, reason, remedy].join('\n')
        if (seen.has(key)) continue
        seen.add(key)
        const group = groups.get(key) ?? { factGroup, reason, remedy, count: 0 }
        group.count += 1
        groups.set(key, group)
      }
    },
    summary: resources => ({
      resources,
      stores,
      covered,
      verdicts,
      open,
      states,
      byBestPractice,
      byRule,
      undetermined: [...groups.values()].sort(byGroup),
    }),
  }
}

function coverageOf({ protection }: Facts): 'yes' | 'no' | 'unknown' {
  const covered =
    typeof protection === 'object' && protection !== null && 'covered' in protection ? protection.covered : undefined
  if (covered === true) return 'yes'
  return covered === false ? 'no' : 'unknown'
}

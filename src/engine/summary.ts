import type { Facts } from '../model/facts.ts'
import type { FindingState, MissingFact, Summary } from '../model/report.ts'
import type { BestPractice, Rule, Severity, Verdict } from '../model/rule.ts'
import type { Judgement } from './verdict-store.ts'

/** Counts a run while it judges. */
export interface Tally {
  /** A data store, with whether an accepted mechanism covers it. */
  store(facts: Facts): void
  verdict(rule: Rule, verdict: Judgement['verdict'], state: FindingState, severity: Severity): void
  notApplicable(rule: Rule, count: number): void
  /** An undetermined finding that no exemption accepts, with the facts it lacks. */
  missing(facts: readonly MissingFact[]): void
  summary(resources: number): Summary
}

type Verdicts = { [verdict in Verdict]: number }
const order: readonly Verdict[] = ['compliant', 'non-compliant', 'not-applicable', 'undetermined']

/** Counts by verdict, added up. */
function sumOf(counts: readonly Uint32Array[]): Verdicts {
  const sums = order.map((verdict, at): [Verdict, number] => [verdict, counts.reduce((sum, own) => sum + own[at]!, 0)])
  return Object.fromEntries(sums) as Verdicts
}

function byBestPractice(counts: ReadonlyMap<Rule, Uint32Array>): Summary['byBestPractice'] {
  const of = (practice: BestPractice): Verdicts =>
    sumOf([...counts].filter(([rule]) => rule.bestPractice === practice).map(([, own]) => own))
  return {
    'REL09-BP01': of('REL09-BP01'),
    'REL09-BP02': of('REL09-BP02'),
    'REL09-BP03': of('REL09-BP03'),
    'REL09-BP04': of('REL09-BP04'),
  }
}

type Group = Summary['undetermined'][number]
const byGroup = (a: Group, b: Group): number => {
  const [left, right] = [a, b].map(({ factGroup, reason, remedy }) => [factGroup, reason, remedy].join('\n')) as [
    string,
    string,
  ]
  return left < right ? -1 : 1
}

/** A fact group that findings lack, and the last finding that was counted for it. */
interface GroupCount {
  told: Group
  last: number
}

/** Finds the count of a fact group, reason and remedy. Millions of findings ask, so no key is pasted together. */
function groupFinder(): ((fact: MissingFact) => GroupCount) & { all(): GroupCount[] } {
  const all: GroupCount[] = []
  const known = new Map<string, Map<string, Map<string, GroupCount>>>()
  const find = ({ factGroup, reason, remedy }: MissingFact): GroupCount => {
    const found = known.get(factGroup)?.get(reason)?.get(remedy)
    if (found) return found
    const added: GroupCount = { told: { factGroup, reason, remedy, count: 0 }, last: 0 }
    const byReason = known.get(factGroup) ?? new Map<string, Map<string, GroupCount>>()
    const byRemedy = byReason.get(reason) ?? new Map<string, GroupCount>()
    known.set(factGroup, byReason.set(reason, byRemedy.set(remedy, added)))
    all.push(added)
    return added
  }
  return Object.assign(find, { all: () => all })
}

/** Starts counting; every rule of the run is listed, also one that met no subject. */
export function startTally(rules: readonly Rule[]): Tally {
  let stores = 0
  const covered = { yes: 0, no: 0, unknown: 0 }
  const open = { critical: 0, high: 0, medium: 0, low: 0 }
  const states = { open: 0, exempted: 0, baselined: 0, belowThreshold: 0 }
  const counts = new Map(rules.map(rule => [rule, new Uint32Array(order.length)]))
  const groups = groupFinder()
  let undetermined = 0
  const count = (rule: Rule, verdict: Verdict, times: number): void => {
    const own = counts.get(rule)
    if (own) own[order.indexOf(verdict)]! += times
  }
  return {
    store(facts) {
      stores += 1
      covered[coverageOf(facts)] += 1
    },
    verdict(rule, verdict, state, severity) {
      count(rule, verdict, 1)
      if (verdict !== 'non-compliant') return
      states[state] += 1
      if (state === 'open') open[severity] += 1
    },
    notApplicable: (rule, times) => count(rule, 'not-applicable', times),
    missing(facts) {
      undetermined += 1
      for (const fact of facts) {
        const group = groups(fact)
        // A finding that lacks several facts of a group counts once for it.
        if (group.last === undetermined) continue
        group.last = undetermined
        group.told.count += 1
      }
    },
    summary: resources => ({
      resources,
      stores,
      covered,
      verdicts: sumOf([...counts.values()]),
      open,
      states,
      byBestPractice: byBestPractice(counts),
      byRule: Object.fromEntries([...counts].map(([rule, own]) => [rule.id, sumOf([own])])),
      undetermined: groups
        .all()
        .map(({ told }) => told)
        .sort(byGroup),
    }),
  }
}

function coverageOf({ protection }: Facts): 'yes' | 'no' | 'unknown' {
  const covered =
    typeof protection === 'object' && protection !== null && 'covered' in protection ? protection.covered : undefined
  if (covered === true) return 'yes'
  return covered === false ? 'no' : 'unknown'
}

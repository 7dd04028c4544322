/** What the rules of backup plans promise a store together: loss, gap between runs, retention (aws-apis §3.2, §5.4). */
import { longest, type MaybeNumber, smallest } from './bounds.ts'
import type { Join, PlanState, RuleState } from './join.ts'
import { mergedGaps } from './schedule.ts'
import { or3, type Ternary } from './ternary.ts'

/** What plans promise one store. */
export interface Promised {
  /** Longest gap + start window + job time in hours; `null` = no bound. */
  loss: MaybeNumber
  /** Longest gap between runs in hours; `null` = there is no next run. */
  gap: MaybeNumber
  /** Restore to any second. */
  continuous: Ternary
}

/** Plans that cover a store; `undefined` for one that is not to be found. */
export type CoveringPlans = readonly (PlanState | undefined)[]

/** Hours to a hundredth. */
export const roundHours = (hours: number) => Math.round(hours * 100) / 100

/** Loss in hours that continuous backup leaves: AWS cites about 5 minutes for databases and 15 for S3 (Well-Architected REL09-BP03). */
export function continuousLossHours(service: string | null | undefined): number {
  return service === 'S3' || service === 'SAP HANA on Amazon EC2' ? 0.25 : 0.083
}

/** Days that AWS keeps a continuous backup at most (aws-apis §3.2). */
const longestContinuousDays = 35

/** All rules of the plans, and whether there may be more. */
function rulesOf(plans: CoveringPlans): { rules: RuleState[]; complete: boolean } {
  return {
    rules: plans.flatMap(plan => plan?.rules ?? []),
    complete: plans.every(plan => plan !== undefined && plan.plan.rulesPartial !== true),
  }
}

/** A rule whose schedule never runs, or has ended, promises nothing. */
const isDead = ({ longestGapHours }: RuleState) => longestGapHours === null

/** Whether a rule backs the store up continuously. */
function isContinuous(state: RuleState, supported: Ternary): Ternary {
  if (isDead(state) || supported === false || state.rule.continuous === false) return false
  return state.rule.continuous === true && supported === true ? true : undefined
}

/** What plans promise a store together. `supported`: AWS Backup can back up its type continuously. */
export function promiseOf(
  join: Join,
  plans: CoveringPlans,
  supported: Ternary,
  service: string | null | undefined,
): Promised {
  const { rules, complete } = rulesOf(plans)
  const more = complete || supported === false ? false : undefined
  const continuous = or3(...rules.map(state => isContinuous(state, supported)), more)
  if (continuous === true) return { loss: continuousLossHours(service), gap: 0, continuous }
  const sure = complete && continuous === false
  return {
    loss: smallest([...rules.map(state => state.worstCaseLossHours), mergedLoss(join, rules)], sure),
    gap: smallest([...rules.map(state => state.longestGapHours), mergedGap(rules)], sure),
    continuous,
  }
}

/** Longest gap of several rules' runs merged; `null` where there is nothing to merge. */
function mergedGap(rules: readonly RuleState[]): number | null {
  const live = rules.filter(state => typeof state.longestGapHours === 'number')
  if (live.length < 2) return null
  return mergedGaps(live.map(state => ({ schedule: state.analysis!.schedule, timezone: state.timezone }))) ?? null
}

/** Worst-case loss of the merged runs, each as late as the latest start window allows. */
function mergedLoss(join: Join, rules: readonly RuleState[]): number | null {
  const live = rules.filter(state => typeof state.worstCaseLossHours === 'number')
  const gap = mergedGap(live)
  if (gap === null) return null
  const startWindowMinutes = Math.max(...live.map(state => state.startWindowMinutes))
  return roundHours(gap + (startWindowMinutes + join.policy.assumptions.jobMinutes) / 60)
}

/** Days the plans keep their longest kept points of a store; `null` = for ever. */
export function keptDays(plans: CoveringPlans, supported: Ternary): MaybeNumber {
  const { rules, complete } = rulesOf(plans)
  const live = rules.filter(state => !isDead(state))
  return longest(
    live.map(state => ruleDays(state, supported)),
    complete,
  )
}

function ruleDays({ rule }: RuleState, supported: Ternary): number | null | undefined {
  const { continuous, retentionDays: days } = rule
  const isLong = days === null || (days !== undefined && days > longestContinuousDays)
  if (!isLong || continuous === false || supported === false) return days
  return continuous === true && supported === true ? longestContinuousDays : undefined
}

/** When the last schedule of the plans ends, ISO 8601; `null` where it does not end. `whole`: every covering plan is known. */
export function endOf(plans: CoveringPlans, whole: boolean): string | null | undefined {
  const { rules, complete } = rulesOf(plans)
  if (rules.some(state => typeof state.longestGapHours === 'number')) return null
  if (!whole || !complete || rules.some(state => state.longestGapHours === undefined)) return undefined
  const ends = rules.map(state => state.analysis?.endsAt ?? '').sort()
  return ends.at(-1) || null
}

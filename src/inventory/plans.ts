/** Backup plans as facts: rules, schedules, worst-case loss (aws-apis §3.2, §5.4). */

import type { BackupPlan, BackupRule, CopyAction } from '../model/backup.ts'
import type { Facts, FactValue } from '../model/facts.ts'
import type { Policy } from '../model/policy.ts'
import { selectableInventory } from './completeness.ts'
import type { Join, PlanState, RuleState } from './join.ts'
import { countOf, listOf } from './join.ts'
import { planCopyFacts } from './plan-copies.ts'
import { targetArn, targetFacts } from './plan-targets.ts'
import type { ScheduleAnalysis } from './schedule.ts'
import { analyseSchedule, parseSchedule } from './schedule.ts'
import { or3 } from './ternary.ts'
import { planTier } from './tiers.ts'
import { isElsewhere } from './vaults.ts'

/** What AWS Backup runs where a rule names no schedule. */
export const defaultSchedule = 'cron(0 5 ? * * *)'

/** AWS's default completion window in minutes. */
const defaultCompletionMinutes = 10_080

/** A schedule worked out; `problem` where it is no legal expression. */
export function analyse(
  expression: string,
  timezone: string | null,
): { analysis: ScheduleAnalysis | undefined; problem: string | undefined } {
  const parsed = parseSchedule(expression)
  return parsed.ok
    ? { analysis: analyseSchedule(parsed.schedule, timezone), problem: undefined }
    : { analysis: undefined, problem: parsed.problem }
}

/** A backup rule with its schedule worked out. */
export function ruleState(rule: BackupRule, policy: Policy): RuleState {
  const schedule = rule.schedule ?? defaultSchedule
  const timezone = rule.timezone ?? null
  const { analysis, problem } =
    rule.schedule === undefined ? { analysis: undefined, problem: undefined } : analyse(schedule, timezone)
  const state = {
    rule,
    name: rule.name,
    schedule,
    timezone,
    analysis,
    problem,
    // A schedule that AWS would refuse never runs. Without the time zone the days of clock change are not known.
    longestGapHours:
      problem === undefined ? (rule.timezone === undefined ? undefined : analysis?.longestGapHours) : null,
    startWindowMinutes: rule.startWindowMinutes ?? policy.assumptions.startWindowMinutes,
  }
  return { ...state, worstCaseLossHours: worstCaseLoss(state, policy) }
}

/** Longest gap + start window + job time; `null` = no bound. */
function worstCaseLoss(state: Omit<RuleState, 'worstCaseLossHours'>, policy: Policy): number | null | undefined {
  const { longestGapHours: gap, startWindowMinutes } = state
  if (gap === null) return null
  if (gap === undefined || state.rule.startWindowMinutes === undefined) return undefined
  return Math.round((gap + (startWindowMinutes + policy.assumptions.jobMinutes) / 60) * 100) / 100
}

const goesElsewhere = (join: Join, { place }: PlanState, { destinationVaultArn }: CopyAction): boolean | undefined =>
  or3(isElsewhere(join, place, destinationVaultArn, 'region'), isElsewhere(join, place, destinationVaultArn, 'account'))

const anyOf = (values: (boolean | undefined)[], complete: boolean): boolean | undefined =>
  values.includes(true) ? true : complete && !values.includes(undefined) ? false : undefined

/** Facts of a backup plan. */
export function planFacts(join: Join, state: PlanState): Facts {
  const { completeness } = join
  const plan: BackupPlan = state.plan
  const rulesComplete = plan.rulesPartial !== true
  const selectionsComplete = completeness.isComplete('selections', state.account, state.region)
  const contentKnown =
    selectionsComplete &&
    completeness.isComplete(selectableInventory, state.account, state.region) &&
    state.selections.every(selection => selection.unknownCount === 0)
  const elsewhere = state.rules.map(rule =>
    anyOf(
      (rule.rule.copyActions ?? []).map(copy => goesElsewhere(join, state, copy)),
      rule.rule.copyActions !== undefined,
    ),
  )
  return {
    organizationPolicy: plan.organizationPolicy ?? false,
    ...planTier(join, state),
    storeCount: countOf(state.storeCount, contentKnown),
    coldCapable: state.coldCapable ? true : contentKnown && !state.supportUnknown ? false : undefined,
    copiesElsewhere: anyOf(elsewhere, rulesComplete),
    rules: listOf(
      state.rules.map((rule, i) => ruleFacts(state, rule, elsewhere[i])) as FactValue[],
      rulesComplete,
    ) as FactValue,
    targets: listOf(targetFacts(join, state), rulesComplete) as FactValue,
    selections: listOf(
      state.selections.map(selection => ({ name: selection.selection.name ?? selection.item.id })) as FactValue[],
      selectionsComplete,
    ) as FactValue,
    copies: listOf(
      planCopyFacts(join, state, contentKnown && !state.supportUnknown),
      rulesComplete && state.rules.every(rule => rule.rule.copyActions !== undefined),
    ) as FactValue,
  }
}

function ruleFacts(plan: PlanState, state: RuleState, copiesElsewhere: boolean | undefined): Facts {
  const { rule, analysis, problem } = state
  const cold = rule.moveToColdStorageAfterDays
  const dead = problem !== undefined ? null : undefined
  return {
    name: state.name,
    schedule: rule.schedule === undefined ? undefined : state.schedule,
    scheduleValid: rule.schedule === undefined ? undefined : problem === undefined,
    nominalGapHours: analysis ? analysis.nominalGapHours : dead,
    longestGapHours: state.longestGapHours,
    shortestGapHours: analysis ? analysis.shortestGapHours : dead,
    endsAt: analysis ? analysis.endsAt : dead,
    startWindowMinutes: rule.startWindowMinutes === undefined ? undefined : state.startWindowMinutes,
    startWindowSlackMinutes: startSlack(state, problem !== undefined),
    completionWindowMinutes:
      rule.completionWindowMinutes === undefined
        ? undefined
        : (rule.completionWindowMinutes ?? defaultCompletionMinutes),
    worstCaseLossHours: state.worstCaseLossHours,
    retentionDays: rule.retentionDays,
    keepsForever: rule.retentionDays === undefined ? undefined : rule.retentionDays === null,
    moveToColdStorageAfterDays: cold,
    coldGapDays:
      cold === undefined || rule.retentionDays === undefined
        ? undefined
        : cold === null || rule.retentionDays === null
          ? null
          : rule.retentionDays - cold,
    continuous: rule.continuous,
    targetVaultName: rule.targetVaultName,
    targetVaultArn: targetArn(plan, rule.targetVaultName),
    copyActionCount: rule.copyActions?.length,
    copiesElsewhere,
  }
}

/** Minutes between the end of the start window and the next run; `null` where there is no next run. */
function startSlack(state: RuleState, invalid: boolean): number | null | undefined {
  const shortest = invalid ? null : state.analysis?.shortestGapHours
  if (shortest === null) return null
  if (shortest === undefined || state.rule.startWindowMinutes === undefined) return undefined
  return Math.round(shortest * 60 - state.startWindowMinutes)
}

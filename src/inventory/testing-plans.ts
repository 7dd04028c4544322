/** Restore testing plans as facts (aws-apis §3.5). */

import type { Facts, FactValue } from '../model/facts.ts'
import { arnGlob, parseArn } from './arn.ts'
import { ageHours } from './clock.ts'
import { selectableInventory } from './completeness.ts'
import { emptyRestoreFold } from './job-folds.ts'
import type { Join, TestingPlanState, VaultState } from './join.ts'
import { countOf, listOf } from './join.ts'
import { assumableBy } from './principals.ts'
import { and3, or3 } from './ternary.ts'
import { testingPlanTier } from './tiers.ts'
import { mayBeUsedUnseen } from './vault-use.ts'

/** Facts of a restore testing plan. */
export function testingPlanFacts(join: Join, state: TestingPlanState): Facts {
  const { plan, item, analysis } = state
  const complete = (group: string) => join.completeness.isComplete(group, item.account, item.region)
  const testedKnown =
    complete('restore-testing') &&
    complete(selectableInventory) &&
    !state.testedUnknown &&
    state.selections.every(selection => !selection.matchedUnknown)
  const interval = state.testedIntervalHours
  return {
    schedule: plan.schedule,
    nominalGapHours: analysis?.nominalGapHours,
    longestGapHours: analysis?.longestGapHours,
    algorithm: plan.algorithm,
    selectionWindowHours: plan.selectionWindowDays === undefined ? undefined : (plan.selectionWindowDays ?? 30) * 24,
    includesContinuous: plan.recoveryPointTypes?.includes('CONTINUOUS'),
    includesSnapshots: plan.recoveryPointTypes?.includes('SNAPSHOT'),
    ...copyVaultFacts(state, complete('vaults') && complete('recovery-points') && areContentsKnown(join, state)),
    selections: listOf(testedFacts(state, complete(selectableInventory)), complete('restore-testing')) as FactValue,
    ...testingPlanTier(join, state),
    testedIntervalHours: testedKnown || interval === null ? interval : undefined,
    testsContinuousStores: state.testsContinuousStores ? true : testedKnown ? false : undefined,
    jobs: jobFacts(state, complete('restore-jobs')),
    roles: listOf(roleFacts(join, state), complete('restore-testing')) as FactValue,
    lastExecutionAgeHours:
      typeof plan.lastExecutionAt === 'number'
        ? ageHours(Math.floor(plan.lastExecutionAt / 1000), item.scope.clockSeconds)
        : plan.lastExecutionAt,
  }
}

function testedFacts(state: TestingPlanState, inventoryComplete: boolean): FactValue[] {
  return state.selections.map(({ selection, matchedCount, matchedUnknown }) => ({
    name: selection.name,
    service: selection.service,
    validationWindowHours: selection.validationWindowHours,
    roleArn: selection.roleArn,
    matchedCount: countOf(matchedCount, inventoryComplete && !matchedUnknown),
  }))
}

function jobFacts({ jobs }: TestingPlanState, listComplete: boolean): Facts {
  const complete = listComplete && !jobs?.unsure
  const { finished, failed, deletionFailed, lastStatus } = jobs ?? emptyRestoreFold()
  return {
    finishedCount: countOf(finished, complete),
    failedCount: countOf(failed, complete),
    failedPercent: complete ? (finished === 0 ? null : Math.round((failed / finished) * 10_000) / 100) : undefined,
    // Where a part of the list is missing, a later job may have gone otherwise.
    lastStatus: complete ? lastStatus : undefined,
    deletionFailedCount: countOf(deletionFailed, complete),
  }
}

/** Whether it is known of every vault of the Region whether it holds copies. */
function areContentsKnown(join: Join, { place }: TestingPlanState): boolean {
  return [...place.vaults.values()].every(state => state.vault.vaultType !== undefined && !mayBeUsedUnseen(join, state))
}

/** Whether the plan draws from a vault of the Region that holds copies from elsewhere. */
function copyVaultFacts({ plan, place }: TestingPlanState, vaultsComplete: boolean): Facts {
  const vaults = [...place.vaults.values()].filter(vault => vault.holdsCopies || vault.vault.vaultType === 'airGapped')
  const { includeVaults: include, excludeVaults: exclude } = plan
  const named = (patterns: readonly string[], vault: VaultState) =>
    patterns.some(pattern => pattern === '*' || arnGlob(pattern)(vault.arn))
  const drawn = vaults.map(vault =>
    and3(include && named(include, vault), exclude === undefined ? undefined : !named(exclude, vault)),
  )
  return {
    includesCopyVaults: or3(...drawn, vaultsComplete ? false : undefined),
    copyVaultsExist: vaults.length > 0 ? true : vaultsComplete ? false : undefined,
  }
}

function roleFacts(join: Join, state: TestingPlanState): FactValue[] {
  const arns = [...new Set(state.selections.flatMap(({ selection }) => selection.roleArn ?? []))].sort()
  return arns.map(arn => {
    const role = join.evidence['iam-principal'].find(item => item.arn === arn)
    const account = parseArn(arn)?.account
    return {
      arn,
      exists: role ? true : join.completeness.isComplete('iam', account, undefined) ? false : undefined,
      ...assumableBy(join, role),
    }
  })
}

/** Copies that the plans of a store promise: `protection.copyActions`. */
import type { Facts, FactValue } from '../model/facts.ts'
import type { BackupSupport } from '../resources/definition.ts'
import { parseArn } from './arn.ts'
import type { Join, PlanState, RuleState, StoreItem } from './join.ts'
import { listOf } from './join.ts'
import type { CoveringPlans } from './promises.ts'
import { supportOf } from './support.ts'
import { and3, type Ternary } from './ternary.ts'
import { isElsewhere, lockStrength, vaultByArn } from './vaults.ts'

/** Every copy action of the plans that cover a store, and every air-gapped vault they target. */
export function copyActionFacts(join: Join, store: StoreItem, plans: CoveringPlans, plansKnown: boolean): FactValue {
  const actions: FactValue[] = []
  let known = plansKnown
  for (const plan of plans) {
    if (!plan || plan.plan.rulesPartial) known = false
    for (const state of plan?.rules ?? []) {
      const { copyActions, targetAirGappedVaultArn: airGappedArn } = state.rule
      if (!copyActions || airGappedArn === undefined) known = false
      const add = (arn: string | undefined, days: number | null | undefined, airGapped: Ternary) =>
        actions.push(copyActionFact(join, store, plan!, state, arn, days, airGapped))
      for (const copy of copyActions ?? []) add(copy.destinationVaultArn, copy.retentionDays, undefined)
      if (airGappedArn) add(airGappedArn, state.rule.retentionDays, true)
    }
  }
  return listOf(actions, known) as FactValue
}

function copyActionFact(
  join: Join,
  store: StoreItem,
  plan: PlanState,
  rule: RuleState,
  vaultArn: string | undefined,
  retentionDays: number | null | undefined,
  stated: Ternary,
): Facts {
  const arn = vaultArn === undefined ? undefined : parseArn(vaultArn)
  const vault = vaultArn === undefined ? undefined : vaultByArn(join, vaultArn)
  const airGapped = stated ?? (vault?.vault.vaultType === undefined ? undefined : vault.vault.vaultType === 'airGapped')
  const crossRegion = isElsewhere(join, store.place, vaultArn, 'region')
  const crossAccount = isElsewhere(join, store.place, vaultArn, 'account')
  return {
    plan: plan.name,
    rule: rule.name,
    vaultArn,
    region: arn?.region,
    account: arn?.account,
    crossRegion,
    crossAccount,
    airGapped,
    lockStrength: airGapped === true ? 3 : vault && lockStrength(vault),
    retentionDays,
    supported: isSupported(supportOf(store, store.place), crossRegion, crossAccount, airGapped),
  }
}

/** Whether AWS Backup can make the copy. What the copy does not need, its type need not support. */
function isSupported(support: BackupSupport, crossRegion: Ternary, crossAccount: Ternary, airGapped: Ternary): Ternary {
  const needs = (needed: Ternary, supported: Ternary) =>
    needed === false || supported === true ? true : needed === true ? supported : undefined
  return and3(
    needs(crossRegion, support.crossRegionCopy),
    needs(crossAccount, support.crossAccountCopy),
    // A vault that was not read is taken for an ordinary one, as nearly all are.
    needs(airGapped === true, support.airGapped),
  )
}

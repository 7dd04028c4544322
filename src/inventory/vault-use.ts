/** Which vaults are used: they hold recovery points, or a plan sends points to them. */
import type { Join, Place, PlanState, VaultState } from './join.ts'
import { foreignPrincipals } from './policy-document.ts'

/** Whether a vault holds points or a plan sends some to it; `undefined` where neither is known and something was not read. */
export function isVaultUsed(join: Join, state: VaultState): boolean | undefined {
  if (state.groups > 0 || state.usedBy.size > 0 || (state.vault.pointCount ?? 0) > 0) return true
  const complete = (group: string) => join.completeness.isComplete(group, state.account, state.region)
  return complete('recovery-points') && complete('plans') && !mayBeUsedUnseen(join, state) ? false : undefined
}

/** Whether a plan that a collection should have read and did not may send points to the vault. */
export function mayBeUsedUnseen(join: Join, vault: VaultState): boolean {
  let fromOthers: boolean | undefined
  for (const place of join.places.values()) {
    const { account, region } = place
    if (region === 'global' || !arePlansCut(join, place)) continue
    if (account === vault.account) return true
    fromOthers ??= mayReceiveFromOthers(vault)
    if (fromOthers) return true
  }
  return false
}

/** Whether a plan, or a vault that one names, was not read for want of a collection. */
function arePlansCut(join: Join, { account, region, plans }: Place): boolean {
  const isPartial = ({ item, plan }: PlanState) =>
    item.scope.scope.source === 'aws' &&
    (plan.rulesPartial === true ||
      plan.rules.some(rule => rule.targetVaultName === undefined || rule.copyActions === undefined))
  return join.completeness.isCut('plans', account, region) || plans.some(isPartial)
}

/** Another account copies into a vault only where the vault's access policy lets it. */
function mayReceiveFromOthers({ account, vault }: VaultState): boolean {
  if (vault.accessPolicy === undefined) return true
  if (vault.accessPolicy === null) return false
  const nobody = { account, trustedAccounts: [], backupAccounts: [], organizationId: null }
  const found = foreignPrincipals(vault.accessPolicy, nobody)
  return !found?.complete || found.principals.length > 0
}

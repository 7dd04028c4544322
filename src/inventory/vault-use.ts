/** Which vaults are used: they hold recovery points, or a plan sends points to them. */
import type { Join, VaultState } from './join.ts'
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
  for (const { account, region } of join.places.values()) {
    if (region === 'global' || !join.completeness.isCut('plans', account, region)) continue
    if (account === vault.account) return true
    fromOthers ??= mayReceiveFromOthers(vault)
    if (fromOthers) return true
  }
  return false
}

/** Another account copies into a vault only where the vault's access policy lets it. */
function mayReceiveFromOthers({ account, vault }: VaultState): boolean {
  if (vault.accessPolicy === undefined) return true
  if (vault.accessPolicy === null) return false
  const nobody = { account, trustedAccounts: [], backupAccounts: [], organizationId: null }
  const found = foreignPrincipals(vault.accessPolicy, nobody)
  return !found?.complete || found.principals.length > 0
}

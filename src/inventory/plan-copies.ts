/** The copy actions of a plan, and whether the keys on both sides let them succeed. */
import type { CopyAction } from '../model/backup.ts'
import type { Facts, FactValue } from '../model/facts.ts'
import { parseArn } from './arn.ts'
import type { Join, PlanState, StoreItem } from './join.ts'
import { choosesKeys, resolveKey } from './join.ts'
import { isElsewhere, vaultByArn, vaultKeyManager } from './vaults.ts'

/** `copies` of a plan: its copy actions, and whether the keys let them succeed. */
export function planCopyFacts(join: Join, state: PlanState, contentKnown: boolean): FactValue[] {
  const copies: FactValue[] = []
  for (const { rule, name } of state.rules) {
    for (const copy of rule.copyActions ?? []) {
      const arn = copy.destinationVaultArn === undefined ? undefined : parseArn(copy.destinationVaultArn)
      const crossAccount = isElsewhere(join, state.place, copy.destinationVaultArn, 'account')
      copies.push({
        rule: name,
        destinationVaultArn: copy.destinationVaultArn,
        region: arn?.region,
        account: arn?.account,
        crossRegion: isElsewhere(join, state.place, copy.destinationVaultArn, 'region'),
        crossAccount,
        retentionDays: copy.retentionDays,
        ...keyCompatibility(join, state, copy, crossAccount, contentKnown),
      })
    }
  }
  return copies
}

/**
 * Whether the keys let the copy succeed: types without independent encryption cannot be copied across accounts with an
 * AWS managed key on either side, nor into a vault with the `aws/backup` key (aws-controls §6).
 */
function keyCompatibility(
  join: Join,
  state: PlanState,
  copy: CopyAction,
  crossAccount: boolean | undefined,
  contentKnown: boolean,
): Facts {
  if (crossAccount === false) return { keyCompatible: true, keyProblem: null }
  if (state.inheritingServices.size === 0) return contentKnown ? { keyCompatible: true, keyProblem: null } : {}
  const vault = copy.destinationVaultArn === undefined ? undefined : vaultByArn(join, copy.destinationVaultArn)
  const manager = vault ? vaultKeyManager(join, vault) : undefined
  if (crossAccount === undefined) return {}
  if (manager === 'aws')
    return {
      keyCompatible: false,
      keyProblem: `the destination vault uses an AWS managed key, which cannot receive ${[...state.inheritingServices].sort().join(', ')} from another account`,
    }
  const { managed, unknown } = sourceKeys(join, state)
  if (managed !== undefined)
    return {
      keyCompatible: false,
      keyProblem: `${managed} is encrypted with an AWS managed key, which another account cannot use`,
    }
  return manager !== undefined && contentKnown && !unknown ? { keyCompatible: true, keyProblem: null } : {}
}

/** The smallest ARN of a store of the plan whose backups inherit an AWS managed key, and whether some key is not known. */
function sourceKeys(join: Join, state: PlanState): { managed: string | undefined; unknown: boolean } {
  let managed: string | undefined
  let unknown = false
  for (const store of join.stores) {
    if (!state.inheritingServices.has(store.service ?? store.type)) continue
    if (!store.coverage?.matches.some(match => match.selection.plan === state)) continue
    const manager = sourceKeyManager(join, store)
    const name = store.arn ?? store.id
    if (manager === 'aws' && (managed === undefined || name < managed)) managed = name
    if (manager === undefined) unknown = true
  }
  return { managed, unknown }
}

/** Who manages the key that a store's backups inherit; `null` = they are not encrypted. */
function sourceKeyManager(join: Join, store: StoreItem): FactValue | undefined {
  const { encrypted, keyArn, keyManager } = (store.own.encryption ?? {}) as Facts
  if (encrypted === false) return null
  if (encrypted === undefined || keyManager !== undefined || typeof keyArn !== 'string') return keyManager
  return resolveKey(join, keyArn, store.account, store.region, choosesKeys(store)).manager
}

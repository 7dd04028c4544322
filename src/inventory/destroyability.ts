/**
 * Who could destroy every copy of a store (DESIGN §4): an administrator of one account, allowed everything by identity
 * policies. Only resource-side guards count: vault locks, vault types, other accounts, key policies.
 */
import type { Facts, FactValue } from '../model/facts.ts'
import { parseArn } from './arn.ts'
import { copiesComplete } from './copies.ts'
import type { Join, ResolvedKey, StoreItem } from './join.ts'
import { listOf, resolveKey } from './join.ts'
import type { PointGroup } from './point-groups.ts'
import { keysOf } from './point-groups.ts'
import { allowsKeyDeletion } from './policy-document.ts'
import type { Ternary } from './ternary.ts'
import { lockStrength, vaultByArn } from './vaults.ts'

/** Who can destroy a group of points: by its vault, or by its key. */
interface Destroyers {
  group: PointGroup
  /** Accounts whose administrator can for certain. */
  sure: Set<string>
  /** Accounts whose administrator may be able to. */
  possible: Set<string>
  /** Some account that is not known may be able to. */
  open: boolean
  /** Why its vault protects it. */
  because: 'complianceLock' | 'airGapped' | null
}

/** Nobody can destroy the points before their time. */
const isIndestructible = ({ open, sure, possible }: Destroyers) => !open && sure.size === 0 && possible.size === 0

function destroyersOf(join: Join, group: PointGroup): Destroyers {
  const { account } = group.vault
  const vault = vaultByArn(join, group.vault.arn)
  const strength = group.airGapped ? 3 : vault && lockStrength(vault)
  const destroyers: Destroyers = {
    group,
    sure: new Set(),
    possible: new Set(),
    open: account === undefined,
    because: strength === 3 ? (group.airGapped ? 'airGapped' : 'complianceLock') : null,
  }
  if (account !== undefined && strength !== 3)
    (strength === undefined ? destroyers.possible : destroyers.sure).add(account)
  addKeys(join, destroyers)
  return destroyers
}

function addKeys(join: Join, destroyers: Destroyers): void {
  const { group, sure, possible } = destroyers
  const keys = keysOf(group)
  if (keys === undefined) destroyers.open = true
  for (const name of keys ?? []) {
    if (name === null) continue
    const { deletable, account } = keyOf(join, name, group)
    if (deletable === false) continue
    if (account === undefined) destroyers.open = true
    // Destroying one of several keys loses only its points: only a single key is a sure way.
    else if (deletable === true && keys!.length === 1) sure.add(account)
    else possible.add(account)
  }
}

interface NamedKey {
  /** ARN of the key where it was read, else the name. */
  arn: string
  account: string | undefined
  deletable: Ternary
}

/** The key that points name, its account, and whether that account can destroy it. */
function keyOf(join: Join, name: string, { vault }: PointGroup): NamedKey {
  const key = resolveKey(join, name, vault.account, vault.region, false)
  const arn = key.item?.arn ?? name
  const account = parseArn(arn)?.account ?? vault.account
  return { arn, account, deletable: isKeyDeletable(key, account) }
}

/**
 * Whether an administrator of a key's account can destroy the key: KMS lets nobody delete a key that AWS manages, and a
 * customer's own policy says who may schedule its deletion. One that is pending deletion is being destroyed.
 */
export function isKeyDeletable({ manager, key }: Omit<ResolvedKey, 'item'>, account: string | undefined): Ternary {
  if (manager === 'aws' || manager === 'awsOwned') return false
  if (key?.state === 'PendingDeletion' || key?.state === 'PendingReplicaDeletion') return true
  // Every key has a policy: none is one that was not read.
  if (!key?.policy || account === undefined) return undefined
  const allowed = allowsKeyDeletion(key.policy, account)
  return allowed === true && manager === undefined ? undefined : allowed
}

/** `destroyability` facts of a store. */
export function destroyabilityFacts(join: Join, store: StoreItem, groups: readonly PointGroup[]): Facts {
  const complete = copiesComplete(join, store) && groups.every(group => group.statusUnknown === 0)
  const usable = groups.filter(group => group.usable > 0)
  if (usable.length > 0)
    return {
      ...accountFacts(
        usable.map(group => destroyersOf(join, group)),
        complete,
      ),
      ...oneKeyFacts(join, usable, complete),
    }
  // There is nothing that could survive.
  return complete
    ? { byOneAccount: true, account: store.account ?? null, survivors: [], oneKey: null, keyArn: null }
    : {}
}

/** A copy that was not read could only help to survive. */
function accountFacts(all: readonly Destroyers[], complete: boolean): Facts {
  const accounts = [...new Set(all.flatMap(({ sure, possible }) => [...sure, ...possible]))].sort()
  const sure = accounts.find(account => all.every(destroyers => destroyers.sure.has(account)))
  const may = accounts.some(account => all.every(d => d.sure.has(account) || d.possible.has(account)))
  const survives = all.some(isIndestructible) || (!may && !all.some(({ open }) => open))
  const destroyed = complete && sure !== undefined
  // Where one vault cannot be emptied at all, the others need not outlive anybody; else each outlives the other's account.
  const indestructible = all.filter(isIndestructible)
  const apart = survives ? all.filter(d => !d.open && d.possible.size === 0) : []
  const survivors = indestructible.length > 0 ? indestructible : apart
  return {
    byOneAccount: survives ? false : destroyed ? true : undefined,
    account: survives ? null : destroyed ? sure : undefined,
    survivors: listOf(
      survivors.map(({ group, because }) => ({
        vaultArn: group.vault.arn,
        account: group.vault.account,
        because: because ?? 'otherAccount',
      })),
      complete && (survives || destroyed) && all.every(d => !d.open && d.possible.size === 0),
    ) as FactValue,
  }
}

/** Whether every usable point hangs on one customer managed key that its account can schedule for deletion. */
function oneKeyFacts(join: Join, groups: readonly PointGroup[], complete: boolean): Facts {
  const none = { oneKey: false, keyArn: null }
  const found = new Map<string | null, NamedKey | null>()
  let unknown = false
  for (const group of groups) {
    const keys = keysOf(group)
    if (!keys) unknown = true
    for (const name of keys ?? []) {
      const key = name === null ? null : keyOf(join, name, group)
      found.set(key?.arn ?? null, key)
    }
  }
  if (found.size > 1) return none
  if (unknown) return {}
  const [key] = found.values()
  if (!key || key.deletable === false) return none
  return key.deletable === true && complete ? { oneKey: true, keyArn: key.arn } : {}
}

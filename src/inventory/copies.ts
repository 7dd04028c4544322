/** Copies elsewhere that exist: in another Region, account, or in a logically air-gapped vault. `copies` of a data store. */
import type { FactValue } from '../model/facts.ts'
import { parseArn } from './arn.ts'
import { smallest } from './bounds.ts'
import type { Coverage, Join, StoreItem } from './join.ts'
import { countOf, isCompleteFor, listOf } from './join.ts'
import type { PointGroup } from './point-groups.ts'
import { isLocal, newestAge } from './recovery.ts'
import type { Ternary } from './ternary.ts'
import { lockStrength, vaultByArn } from './vaults.ts'

/** Vaults that the plans of a store send points to outside its place; `undefined` where not all are known. */
function destinationsOf({ coverage }: StoreItem): string[] | undefined {
  if (!coverage?.complete || coverage.unknown) return undefined
  const arns: string[] = []
  for (const { selection } of coverage.matches) {
    if (!selection.plan || selection.plan.plan.rulesPartial) return undefined
    for (const { rule } of selection.plan.rules) {
      if (!rule.copyActions) return undefined
      for (const { destinationVaultArn } of rule.copyActions) {
        if (destinationVaultArn === undefined) return undefined
        arns.push(destinationVaultArn)
      }
    }
  }
  return arns
}

const copiesKnown = new WeakMap<Coverage, boolean>()

/** True where every place that may hold a point of the store was read. Hangs on its coverage alone, which has its place. */
export function copiesComplete(join: Join, store: StoreItem): boolean {
  let known = copiesKnown.get(store.coverage!)
  if (known === undefined) copiesKnown.set(store.coverage!, (known = findCopiesComplete(join, store)))
  return known
}

function findCopiesComplete(join: Join, store: StoreItem): boolean {
  if (!isCompleteFor(join, store, 'recovery-points')) return false
  return (
    destinationsOf(store)?.every(text => {
      const arn = parseArn(text)
      return arn !== undefined && join.completeness.isComplete('recovery-points', arn.account, arn.region)
    }) ?? false
  )
}

/** `copies` facts of a store. */
export function copyFacts(join: Join, store: StoreItem, groups: readonly PointGroup[]): FactValue {
  const elsewhere = groups.filter(group => !isLocal(store, group))
  return listOf(
    elsewhere.map(group => copyFact(join, store, group)),
    copiesComplete(join, store) && groups.every(group => group.statusUnknown === 0),
  ) as FactValue
}

function copyFact(join: Join, store: StoreItem, group: PointGroup): FactValue {
  const { arn, account, region } = group.vault
  const vault = vaultByArn(join, arn)
  const crossAccount = differs(account, store.account)
  const complete = join.completeness.isComplete('recovery-points', account, region)
  const airGapped = group.airGapped || (vault?.vault.vaultType && vault.vault.vaultType === 'airGapped')
  return {
    vaultArn: arn,
    region,
    account,
    crossRegion: differs(region, store.region),
    crossAccount,
    airGapped,
    separateDomain: crossAccount === true ? isBackupAccount(join, account!) : crossAccount,
    ageHours: smallest([newestAge(undefined, group)], complete),
    pointCount: countOf(group.count, complete),
    lockStrength: group.airGapped ? 3 : vault && lockStrength(vault),
  }
}

function differs(a: string | undefined, b: string | undefined): Ternary {
  return a === undefined || b === undefined ? undefined : a !== b
}

/** Whether copies in another account are in a separate domain: one of the policy's backup accounts, where it names any. */
function isBackupAccount({ policy }: Join, account: string): boolean {
  const { backupAccounts } = policy.assumptions
  return backupAccounts.length === 0 || backupAccounts.includes(account)
}

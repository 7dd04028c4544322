/** Vaults meet the backup rules that send points to them. */

import { partitionOf } from '../resources/identity.ts'
import type { Join, VaultState } from './join.ts'
import { placeOf } from './place-index.ts'
import { vaultByArn } from './vaults.ts'

/** Puts vaults in their places, and tells each which rules send points to it. */
export function joinVaults(join: Join): void {
  for (const item of join.evidence['backup-vault']) {
    const place = placeOf(join, item)
    place.scope ??= item.scope
    const { account, region } = item
    const arn =
      item.arn ??
      (account && region
        ? `arn:${partitionOf(region)}:backup:${region}:${account}:backup-vault:${item.value.name}`
        : '')
    const known = place.vaults.get(item.value.name)
    const state: VaultState = {
      item,
      place,
      vault: item.value,
      arn,
      name: item.value.name,
      account: item.account,
      region: item.region,
      tiers: new Set(),
      tierUnknown: false,
      usedBy: new Set(),
      usedByPlans: new Set(),
      groups: 0,
      holdsCopies: false,
    }
    // A vault is told by its name. Two of a template that ask for one name are both judged; plans mean the first.
    if (known) {
      if (item.address !== undefined) place.vaults.set(`${item.value.name}\u0000${item.address}`, state)
      continue
    }
    place.vaults.set(item.value.name, state)
    if (arn !== '') join.vaultsByArn.set(arn, state)
  }
  for (const place of join.places.values()) {
    for (const plan of place.plans) {
      for (const { rule, name } of plan.rules) {
        const by = `${plan.name}/${name}`
        const target = rule.targetVaultName ? place.vaults.get(rule.targetVaultName) : undefined
        target?.usedBy.add(by)
        target?.usedByPlans.add(plan)
        for (const arn of [
          ...(rule.copyActions ?? []).map(copy => copy.destinationVaultArn),
          rule.targetAirGappedVaultArn,
        ]) {
          const vault = arn ? vaultByArn(join, arn) : undefined
          vault?.usedBy.add(by)
          vault?.usedByPlans.add(plan)
          if (vault) vault.holdsCopies = true
        }
      }
    }
  }
}

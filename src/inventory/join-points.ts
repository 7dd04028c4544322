/** Groups of recovery points meet the vaults that hold them. */
import { byText } from '../model/text-order.ts'
import { parseArn } from './arn.ts'
import type { Join, VaultState } from './join.ts'
import { useKey } from './key-index.ts'
import type { PointGroup } from './point-groups.ts'
import { keysOf } from './point-groups.ts'
import { isStoreCut } from './tiers.ts'
import { vaultByArn } from './vaults.ts'

/** Whether an ARN is of another account or Region than a vault. Most stores are of the vault's own, and need not be parsed. */
function isOfElsewhere(sourceArn: string, { account, region }: VaultState): boolean {
  const service = sourceArn.indexOf(':', sourceArn.indexOf(':', 'arn:'.length) + 1)
  if (account !== undefined && region !== undefined && sourceArn.startsWith(`:${region}:${account}:`, service))
    return false
  const source = parseArn(sourceArn)
  return (
    (source?.account !== undefined && source.account !== account) ||
    (source?.region !== undefined && source.region !== region)
  )
}

/** What a group is ordered by: its source, else its vault. */
const keyOf = (group: PointGroup) => group.sourceArn ?? group.vault.arn

/** Orders the groups, and tells each vault what it holds. */
export function joinGroups(join: Join): void {
  const groups: PointGroup[] = []
  for (const entry of join.entries.values())
    for (let group = entry.groups; group; group = group.next) groups.push(group)
  groups.sort((a, b) => byText(keyOf(a), keyOf(b)) || byText(a.vault.arn, b.vault.arn))
  join.groups = groups
  for (const group of groups) {
    const vault = vaultByArn(join, group.vault.arn)
    if (!vault) continue
    vault.groups++
    if (vault.vault.vaultType === 'airGapped') group.airGapped = true
    if (group.sourceArn !== null && !join.entries.get(group.sourceArn)?.store && isStoreCut(join, group.sourceArn))
      vault.tierUnknown = true
    if (!vault.holdsCopies && group.sourceArn !== null && isOfElsewhere(group.sourceArn, vault))
      vault.holdsCopies = true
    for (const key of keysOf(group) ?? [])
      if (key !== null) useKey(join, key, vault.arn, group.vault.account, group.vault.region)
  }
  for (const place of join.places.values())
    for (const vault of place.vaults.values())
      if (vault.vault.keyArn) useKey(join, vault.vault.keyArn, vault.arn, vault.account, vault.region)
}

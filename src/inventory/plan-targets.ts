/** The vaults that a plan sends points to: whether they exist, and whether their locks accept the retention. */
import type { Facts, FactValue } from '../model/facts.ts'
import { partitionOf } from '../resources/identity.ts'
import { parseArn } from './arn.ts'
import type { Join, PlanState, VaultState } from './join.ts'

import { lockStrength, vaultByArn } from './vaults.ts'

/** ARN of the vault a rule targets, in the plan's account and Region. */
export function targetArn(state: PlanState, name: string | undefined): string | null | undefined {
  if (name === undefined) return undefined
  if (name.startsWith('arn:')) return name
  if (state.account === undefined || state.region === undefined) return null
  const partition = parseArn(state.item.arn ?? '')?.partition ?? partitionOf(state.region)
  return `arn:${partition}:backup:${state.region}:${state.account}:backup-vault:${name}`
}

/** `targets` of a plan: every vault that its rules send points to. */
export function targetFacts(join: Join, state: PlanState): FactValue[] {
  const targets: FactValue[] = []
  const add = (
    rule: string,
    use: string,
    arn: string | null | undefined,
    name: string | undefined,
    retentionDays: number | null | undefined,
  ) => {
    // Where account or Region is not known there is no ARN, but a vault of that name in the same place is the one.
    const vault = arn ? vaultByArn(join, arn) : name === undefined ? undefined : state.place.vaults.get(name)
    targets.push({
      rule,
      use,
      vaultArn: arn ?? name,
      exists: vaultExists(join, vault, arn),
      retentionDays,
      ...boundFacts(vault, retentionDays),
    })
  }
  for (const { rule, name } of state.rules) {
    add(name, 'backup', targetArn(state, rule.targetVaultName), rule.targetVaultName, rule.retentionDays)
    for (const copy of rule.copyActions ?? [])
      add(name, 'copy', copy.destinationVaultArn, undefined, copy.retentionDays)
    if (rule.targetAirGappedVaultArn)
      add(name, 'airGapped', rule.targetAirGappedVaultArn, undefined, rule.retentionDays)
  }
  return targets
}

function vaultExists(join: Join, vault: VaultState | undefined, arn: string | null | undefined): boolean | undefined {
  if (vault) return true
  const parsed = arn ? parseArn(arn) : undefined
  if (!parsed) return undefined
  return join.completeness.isComplete('vaults', parsed.account, parsed.region) ? false : undefined
}

/** A lock's bounds and whether a retention fits them. A vault without lock has no bounds. */
function boundFacts(vault: VaultState | undefined, retentionDays: number | null | undefined): Facts {
  const strength = vault ? lockStrength(vault) : undefined
  if (!vault || (strength === undefined && vault.vault.locked !== true)) return {}
  if (strength === 0) return { minRetentionDays: null, maxRetentionDays: null, fitsLock: true }
  const { minRetentionDays: min, maxRetentionDays: max } = vault.vault
  const tooShort =
    retentionDays === undefined || min === undefined
      ? undefined
      : min !== null && retentionDays !== null && retentionDays < min
  const tooLong =
    retentionDays === undefined || max === undefined
      ? undefined
      : max !== null && (retentionDays === null || retentionDays > max)
  const fitsLock =
    tooShort === true || tooLong === true ? false : tooShort === undefined || tooLong === undefined ? undefined : true
  return { minRetentionDays: min, maxRetentionDays: max, fitsLock }
}

/** Backup vaults: lock, access policy, keys, and what the points in them are worth against deletion (aws-apis §3.1). */
import type { Facts, FactValue } from '../model/facts.ts'
import { alertFacts } from './alerts.ts'
import { parseArn } from './arn.ts'
import { secondsOf } from './clock.ts'
import type { Join, Place, VaultState } from './join.ts'
import { choosesKeys, listOf, resolveKey } from './join.ts'
import { allowsAnyone, deniesAction, foreignPrincipals } from './policy-document.ts'
import { vaultTier } from './tiers.ts'
import { isVaultUsed } from './vault-use.ts'

/**
 * Whether a vault, told by its ARN, is in another Region or account than a place. A vault of the same template is where the
 * template is, whether or not that is known.
 */
export function isElsewhere(
  join: Join,
  place: Place | undefined,
  vaultArn: string | undefined,
  part: 'region' | 'account',
): boolean | undefined {
  if (vaultArn === undefined || place === undefined) return undefined
  if (vaultByArn(join, vaultArn)?.place === place) return false
  const there = parseArn(vaultArn)?.[part]
  return there === undefined || place[part] === undefined ? undefined : there !== place[part]
}

/** The vault of an ARN, where it was read. */
export function vaultByArn(join: Join, arn: string): VaultState | undefined {
  return join.vaultsByArn.get(arn)
}

/**
 * Strength of a vault's lock: 0 none, 1 governance, 2 compliance in cooling-off, 3 compliance final. A logically air-gapped
 * vault is always 3. `undefined` where the lock, or the time that decides, is not known.
 */
export function lockStrength(state: VaultState): number | undefined {
  const { vault } = state
  if (vault.vaultType === 'airGapped') return 3
  if (vault.locked === undefined) return undefined
  if (!vault.locked) return 0
  if (vault.changeableForDays !== undefined) return vault.changeableForDays === null ? 1 : 2
  if (vault.lockDate === undefined) return undefined
  if (vault.lockDate === null) return 1
  const lockedFrom = secondsOf(vault.lockDate)
  const clock = state.item.scope.clockSeconds
  if (lockedFrom === undefined || clock === undefined) return undefined
  return lockedFrom <= clock ? 3 : 2
}

/** Whether the vault's policy denies every deletion action to all but the break-glass principals. */
export function deniesManualDeletion(join: Join, state: VaultState): boolean | undefined {
  const { accessPolicy } = state.vault
  if (accessPolicy === undefined) return undefined
  if (accessPolicy === null) return false
  const answers = join.policy.assumptions.deletionActions.map(action => denied(join, state, accessPolicy, action))
  return answers.includes(false) ? false : answers.includes(undefined) ? undefined : true
}

function denied(join: Join, state: VaultState, policy: object, action: string): boolean | undefined {
  return deniesAction(policy, action, {
    breakGlassArns: join.policy.assumptions.breakGlassArns,
    account: state.account,
  })
}

/** 0 none, 1 deletion-deny policy, 2 lock, 3 final compliance lock; `undefined` where not known. */
export function immutabilityStrength(join: Join, state: VaultState): number | undefined {
  const strength = lockStrength(state)
  if (strength === undefined) return undefined
  if (strength >= 3) return 3
  if (strength >= 1) return 2
  const denies = deniesManualDeletion(join, state)
  return denies === undefined ? undefined : denies ? 1 : 0
}

/** Facts of a backup vault. */
export function vaultFacts(join: Join, state: VaultState): Facts {
  const { vault } = state
  const { assumptions } = join.policy
  const strength = lockStrength(state)
  return {
    vaultType: vault.vaultType,
    awsMade: state.name === 'Default' || state.name.startsWith('aws/efs/'),
    inUse: isVaultUsed(join, state),
    pointCount: vault.pointCount ?? undefined,
    ...vaultTier(join, state),
    encryption: keyFacts(join, state),
    lock: {
      strength,
      mode: lockMode(state),
      changeableUntil: vault.lockDate,
      changeableForDays:
        vault.changeableForDays !== undefined ? vault.changeableForDays : vault.locked === undefined ? undefined : null,
      minRetentionDays: vault.minRetentionDays,
      maxRetentionDays: vault.maxRetentionDays,
    },
    policy: {
      present: vault.accessPolicy === undefined ? undefined : vault.accessPolicy !== null,
      deniesManualDeletion: deniesManualDeletion(join, state),
      deletionActions: assumptions.deletionActions.map(action => ({
        action,
        denied:
          vault.accessPolicy === undefined
            ? undefined
            : vault.accessPolicy === null
              ? false
              : denied(join, state, vault.accessPolicy, action),
      })) as FactValue,
      ...exposureFacts(join, state),
    },
    immutabilityStrength: immutabilityStrength(join, state),
    mpaApprovalTeamArn: vault.mpaApprovalTeamArn,
    alerts: alertFacts(join, state.place, state),
  }
}

function lockMode(state: VaultState): string | undefined {
  const { vault } = state
  if (vault.vaultType === 'airGapped') return 'compliance'
  if (vault.locked === undefined) return undefined
  if (!vault.locked) return 'none'
  if (vault.changeableForDays !== undefined) return vault.changeableForDays === null ? 'governance' : 'compliance'
  return vault.lockDate === undefined ? undefined : vault.lockDate === null ? 'governance' : 'compliance'
}

function keyFacts(join: Join, state: VaultState): Facts {
  return { keyArn: state.vault.keyArn, keyManager: vaultKeyManager(join, state) }
}

/**
 * Who manages the key of a vault; `undefined` where not known. `EncryptionKeyType` has no value of its own for a key that AWS
 * manages (`aws/backup`): only «AWS owned» decides, and the key's own record otherwise.
 */
export function vaultKeyManager(join: Join, state: VaultState): 'customer' | 'aws' | 'awsOwned' | undefined {
  const { keyArn, keyType } = state.vault
  if (keyType === 'awsOwned') return 'awsOwned'
  if (keyArn === undefined || keyArn === null) return undefined
  return resolveKey(join, keyArn, state.account, state.region, choosesKeys(state.item)).manager
}

function exposureFacts(join: Join, state: VaultState): Facts {
  const { accessPolicy } = state.vault
  if (accessPolicy === undefined) return {}
  if (accessPolicy === null) return { allowsAnyone: false, untrustedPrincipals: [] }
  const { trustedAccounts, backupAccounts, organizationId } = join.policy.assumptions
  const trust = { account: state.account, trustedAccounts, backupAccounts, organizationId }
  const foreign = foreignPrincipals(accessPolicy, trust)
  return {
    allowsAnyone: allowsAnyone(accessPolicy, trust),
    untrustedPrincipals:
      foreign === undefined ? undefined : (listOf(foreign.principals, foreign.complete) as FactValue),
  }
}

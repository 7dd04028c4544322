/**
 * Tier and objectives of a store. The policy's `classification.rules` are tried in order, then the tag, then the default.
 * A store whose tags are not known has no known tier, unless an earlier rule that needs no tags decides, or no rule and
 * no tag needs them (DESIGN §8, §10.1).
 */
import type { Facts } from '../model/facts.ts'
import { hasPlaceholder, opaqueText, possibleText } from '../model/placeholder.ts'
import type { ClassificationRule, Policy, Tier } from '../model/policy.ts'
import { immutabilities } from '../model/policy.ts'
import { globsMeet, textGlob } from './arn.ts'

/** What classification needs of a store. `tags` undefined = not known. */
export interface Classifiable {
  type: string
  account: string | undefined
  region: string | undefined
  name: string | undefined
  tags: Readonly<Record<string, string>> | null | undefined
}

/** The tier a store is judged by. `tier: null` = the policy has no default and nothing names one. */
export interface Classification {
  tier: string | null
  named: boolean
  by: 'tag' | 'rule' | 'default'
}

/** Whether a text matches a wildcard; `undefined` where a part of it that only deployment tells decides. */
function matchesText(wanted: string, actual: string): boolean | undefined {
  if (textGlob(wanted, opaqueText(actual))) return true
  return hasPlaceholder(actual) && globsMeet(wanted, possibleText(actual)) ? undefined : false
}

/** Matches one rule: true, false, or `undefined` where what it needs is not known. */
function matchesRule(rule: ClassificationRule, store: Classifiable): boolean | undefined {
  let unknown = false
  const check = (wanted: string | undefined, actual: string | undefined) => {
    if (wanted === undefined) return true
    if (actual === undefined) {
      unknown = true
      return true
    }
    const matches = matchesText(wanted, actual)
    if (matches === undefined) unknown = true
    return matches !== false
  }
  if (
    !check(rule.type, store.type) ||
    !check(rule.account, store.account) ||
    !check(rule.region, store.region) ||
    !check(rule.name, store.name)
  )
    return false
  if (rule.tags) {
    if (store.tags === undefined) unknown = true
    else
      for (const [key, value] of Object.entries(rule.tags)) {
        if (!store.tags || !Object.hasOwn(store.tags, key) || !check(value, store.tags[key]!)) return false
      }
  }
  return unknown ? undefined : true
}

/** The tier of a store; `undefined` where it is not known. */
export function classify(store: Classifiable, policy: Policy): Classification | undefined {
  for (const rule of policy.classification.rules) {
    const matches = matchesRule(rule, store)
    if (matches === undefined) return undefined
    if (matches) return { tier: rule.tier, named: true, by: 'rule' }
  }
  const { tag } = policy.classification
  if (tag !== null) {
    if (store.tags === undefined) return undefined
    const value = store.tags && Object.hasOwn(store.tags, tag) ? store.tags[tag] : undefined
    if (value !== undefined && hasPlaceholder(value)) return undefined
    // A value that names no tier counts as unclassified.
    if (value !== undefined && Object.hasOwn(policy.tiers, value)) return { tier: value, named: true, by: 'tag' }
  }
  return { tier: policy.classification.default, named: false, by: 'default' }
}

/** `objectives` facts of a tier; of no tier (`null`): nothing is asked for. */
export function objectivesOf(tierName: string | null, policy: Policy): Facts {
  const tier: Tier = (tierName !== null && Object.hasOwn(policy.tiers, tierName) && policy.tiers[tierName]) || {}
  const { assumptions } = policy
  const plus = (hours: number | undefined, extra: number) => (hours === undefined ? null : hours + extra)
  const immutability = tier.immutability ?? 'none'
  return {
    rpoHours: tier.rpoHours ?? null,
    rtoHours: tier.rtoHours ?? null,
    retentionDays: tier.retentionDays ?? null,
    crossRegionCopy: tier.copies?.includes('crossRegion') ?? false,
    crossAccountCopy: tier.copies?.includes('crossAccount') ?? false,
    immutability,
    immutabilityStrength: immutabilities.indexOf(immutability),
    airGappedCopyAgeHours: tier.airGappedCopyDays === undefined ? null : tier.airGappedCopyDays * 24,
    copyAgeHours: plus(tier.rpoHours, assumptions.copyAllowanceHours),
    restoreTestAgeHours: tier.restoreTestDays === undefined ? null : tier.restoreTestDays * 24,
    restoredPointAgeHours: plus(tier.rpoHours, assumptions.restoreSlackHours),
    validateRestores: tier.validateRestores ?? false,
  }
}

/** The strictest of several tiers: the one that stands first in the policy; `null` where none of them does. */
export function strictestTier(tiers: Iterable<string | null>, policy: Policy): string | null {
  const order = Object.keys(policy.tiers)
  let best = order.length
  for (const tier of tiers) {
    const place = tier === null ? -1 : order.indexOf(tier)
    if (place >= 0 && place < best) best = place
  }
  return order[best] ?? null
}

import type { Policy, RuleSetting } from '../model/policy.ts'
import { type Rule, type Severity, severities } from '../model/rule.ts'

const own = <T>(values: { readonly [name: string]: T }, name: string): T | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined

/** What a policy says of a rule, under its id or a former one. */
export function settingOf(rule: Rule, policy: Policy): RuleSetting {
  for (const id of [rule.id, ...(rule.aliases ?? [])]) {
    const setting = own(policy.rules, id)
    if (setting) return setting
  }
  return {}
}

/**
 * How bad a finding is: the policy's severity for the rule as it stands; else the rule's, moved by the `severityShift` of
 * the subject's tier (+1 = one step more severe) and kept within the scale.
 */
export function severityOf(rule: Rule, setting: RuleSetting, policy: Policy, tier: string | undefined): Severity {
  if (setting.severity) return setting.severity
  const shift = (tier === undefined ? undefined : own(policy.tiers, tier)?.severityShift) ?? 0
  const moved = severities.indexOf(rule.severity) - shift
  return severities[Math.min(severities.length - 1, Math.max(0, Math.round(moved)))] as Severity
}

/** True where a severity lies below the one that a run fails on. */
export function isBelow(severity: Severity, failOn: Severity | 'never' | undefined): boolean {
  return failOn !== undefined && failOn !== 'never' && severities.indexOf(severity) > severities.indexOf(failOn)
}

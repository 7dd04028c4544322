import { settingOf } from '../engine/severity.ts'
import type { Policy } from '../model/policy.ts'
import type { Rule, Severity } from '../model/rule.ts'

/** What a policy makes of a rule. */
export interface RuleStanding {
  rule: Rule
  /** The policy's, else the rule's; a tier may still move the latter. */
  severity: Severity
  /** The rule is judged. */
  enabled: boolean
  /** Where the policy differs from the rule, in words. */
  notes: string[]
}

/** A rule as the policy has it. */
export function standingOf(rule: Rule, policy: Policy): RuleStanding {
  const setting = settingOf(rule, policy)
  const by = policy.file ?? 'the policy'
  const optional = rule.enabled === false
  const enabled = setting.enabled ?? !optional
  const notes: string[] = []
  if (optional) notes.push(enabled ? `optional, switched on by ${by}` : 'optional, off')
  else if (!enabled) notes.push(`switched off by ${by}`)
  const severity = setting.severity ?? rule.severity
  if (severity !== rule.severity) notes.push(`severity by ${by}, ${rule.severity} by itself`)
  const parameters = Object.keys(setting.parameters ?? {})
  if (parameters.length > 0) notes.push(`${by} sets ${parameters.join(', ')}`)
  return { rule, severity, enabled, notes }
}

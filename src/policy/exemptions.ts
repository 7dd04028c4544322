/** Which exemption of the policy answers a finding. */
import { arnGlob, type Glob } from '../inventory/arn.ts'
import { isDayOver } from '../model/calendar-day.ts'
import type { Exemption, Policy } from '../model/policy.ts'
import type { Rule, Verdict } from '../model/rule.ts'

/** Rules that judge how well a reproducible store is recorded, rather than how well it is backed up. */
const neverReproducible = new Set(['backup-exemption-documented', 'data-store-classified', 'reproduction-rehearsed'])

/** True where an exemption of kind `reproducible` answers the rule: it is about backing a data store up, or restoring it. */
function answeredByReproduction(rule: Rule): boolean {
  const subjects = Array.isArray(rule.subject) ? rule.subject : [rule.subject]
  return subjects.includes('data-store') && rule.bestPractice !== 'REL09-BP02' && !neverReproducible.has(rule.id)
}

/** The exemptions of a policy at a present time (ISO 8601). Remembers which were used. */
export class PolicyExemptions {
  readonly used = new Set<Exemption>()
  private readonly policy: Policy
  private readonly rules: readonly Rule[]
  private readonly now: string | undefined
  private readonly byRule = new Map<string, { exemption: Exemption; matches: Glob }[]>()

  constructor(policy: Policy, rules: readonly Rule[], now: string | undefined) {
    this.policy = policy
    this.rules = rules
    this.now = now
  }

  /** The exemption in force that answers a rule's verdict on a resource, by ARN or address. */
  find(ruleId: string, resource: string, verdict: Verdict): Exemption | undefined {
    if (this.policy.exemptions.length === 0 || verdict === 'compliant' || verdict === 'not-applicable') return undefined
    const candidates = this.byRule.get(ruleId) ?? this.candidatesOf(ruleId)
    this.byRule.set(ruleId, candidates)
    const found = candidates.find(({ matches }) => matches(resource))?.exemption
    if (found) this.used.add(found)
    return found
  }

  private candidatesOf(ruleId: string): { exemption: Exemption; matches: Glob }[] {
    const rule = this.rules.find(candidate => candidate.id === ruleId)
    if (!rule) return []
    return this.policy.exemptions
      .filter(exemption => !isDayOver(exemption.expires, this.now))
      .filter(exemption =>
        exemption.kind === 'reproducible'
          ? answeredByReproduction(rule)
          : exemption.rule === rule.id || (rule.aliases?.includes(exemption.rule ?? '') ?? false),
      )
      .map(exemption => ({ exemption, matches: arnGlob(exemption.resource) }))
  }
}

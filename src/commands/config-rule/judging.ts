/** What every way of evaluating an event has in common: one rule, one policy, one time. */
import { judge } from '../../engine/judge.ts'
import type { Inventory } from '../../model/inventory.ts'
import type { Policy } from '../../model/policy.ts'
import type { Finding } from '../../model/report.ts'
import type { Rule, Verdict } from '../../model/rule.ts'
import { PolicyExemptions } from '../../policy/exemptions.ts'
import { type EvaluationContext, outcomeOf } from '../../reporters/evaluations.ts'
import { builtInRules, builtInRulesDigest } from '../../rules/built-in.ts'
import type { RuleEvent } from './event.ts'
import type { FunctionParameters } from './parameters.ts'
import type { RuleHost } from './rule-host.ts'

/** One event with all that it is judged by. */
export interface Task {
  event: RuleEvent
  rule: Rule
  policy: Policy
  own: FunctionParameters
  context: EvaluationContext
  host: RuleHost
}

/** Every verdict. */
export const allVerdicts: ReadonlySet<Verdict> = new Set([
  'compliant',
  'non-compliant',
  'not-applicable',
  'undetermined',
])

/** Judges an inventory by the rule alone. What is ordered by the time of the event is also judged as of it. */
export function findingsOf(inventory: Inventory, { rule, policy, event, host }: Task): Iterable<Finding> {
  const now = event.orderedAt
  return judge(inventory, builtInRules, policy, {
    now,
    ruleIds: [rule.id],
    exemptions: new PolicyExemptions(policy, builtInRules, now),
    version: host.version,
    rulesDigest: builtInRulesDigest,
  }).findings(allVerdicts)
}

/**
 * What decides which plan covers a store. A verdict names the first thing that it lacks, which may be one that nobody can read here (the
 * tags of all stores) while these still decide it; they are few calls.
 */
const coverage = ['plans', 'selections', 'region-settings']

/** Fact groups that verdicts lack, that can be read, and that were not asked for yet; those of coverage with them. */
export function groupsToRead(
  findings: Iterable<Finding>,
  { readableGroups }: Pick<RuleHost, 'readableGroups'>,
  asked: ReadonlySet<string>,
): string[] {
  const wanted = new Set<string>()
  for (const finding of findings)
    if (outcomeOf(finding) === 'undetermined')
      for (const { factGroup } of finding.missing)
        if (readableGroups.has(factGroup) && !asked.has(factGroup)) wanted.add(factGroup)
  if (wanted.size === 0) return []
  return [...new Set([...wanted, ...coverage])].filter(group => readableGroups.has(group) && !asked.has(group))
}

/** What every way of evaluating an event has in common: one rule, one policy, one time. */
import { fingerprintOf } from '../../engine/digest.ts'
import { judge } from '../../engine/judge.ts'
import { type EvaluatedResource, type Evaluation, resourceKey, resourceOfEvaluation } from '../../model/evaluation.ts'
import type { Inventory } from '../../model/inventory.ts'
import type { Policy } from '../../model/policy.ts'
import type { Finding } from '../../model/report.ts'
import type { Rule, Verdict } from '../../model/rule.ts'
import { PolicyExemptions } from '../../policy/exemptions.ts'
import {
  type EvaluationContext,
  evaluationsOf,
  outcomeOf,
  stated,
  statedUndetermined,
} from '../../reporters/evaluations.ts'
import { subjectsOf } from '../../rules/compiled-rule.ts'
import type { Standards } from '../pipeline.ts'
import type { RuleEvent } from './event.ts'
import type { FunctionParameters } from './parameters.ts'
import type { RuleHost } from './rule-host.ts'

/** One event with all that it is judged by. */
export interface Task {
  event: RuleEvent
  rule: Rule
  policy: Policy
  /** All rules that there are, of which one judges. */
  standards: Standards
  own: FunctionParameters
  context: EvaluationContext
  host: RuleHost
}

/** What answers an event. */
export interface Judged {
  evaluations: Evaluation[]
  /** The findings behind them, made anew at each call; of what could not be read at all there is one too. */
  findings(): Iterable<Finding>
  /** Whether all findings of the rule that are filed under a resource are among them, so that any other is no more. */
  isWhole(resource: EvaluatedResource): boolean
}

/** What is judged together with others, and which fact group lists all of them; `undefined`: nothing that is read here. */
export const memberKinds: { readonly [subject: string]: string | undefined } = {
  'recovery-point': 'recovery-points',
  'backup-selection': 'selections',
  'native-snapshot': undefined,
}

/** What a rule judges that is filed under others: what is known of one of those alone says nothing of its members. */
export const memberKindsOf = ({ rule }: Pick<Task, 'rule'>): string[] =>
  subjectsOf(rule).filter(kind => Object.hasOwn(memberKinds, kind))

const judgesMembers = (task: Task): boolean => memberKindsOf(task).length > 0

/** No answer: what AWS Config shows stands. */
export const unsaid: Judged = { evaluations: [], findings: () => [], isWhole: () => false }

/** An answer of findings. `areMembers`: they are all that belong to what they are filed under. */
export function judgedBy(task: Task, findings: readonly Finding[], areMembers: boolean): Judged {
  const evaluations = evaluationsOf(findings, task.context)
  return {
    evaluations,
    findings: () => findings,
    isWhole: areMembers || !judgesMembers(task) ? isAmong(evaluations) : () => false,
  }
}

/** An answer for one resource of which there is nothing to find: it is gone, or no concern of the rule. */
export function nothingFound(task: Task, resource: EvaluatedResource, why: string): Judged {
  const evaluations = [stated(resource, 'NOT_APPLICABLE', why, task.context)]
  return { evaluations, findings: () => [], isWhole: judgesMembers(task) ? () => false : isAmong(evaluations) }
}

function isAmong(evaluations: readonly Evaluation[]): Judged['isWhole'] {
  const keys = new Set(evaluations.map(one => resourceKey(resourceOfEvaluation(one))))
  return resource => keys.has(resourceKey(resource))
}

/** The finding about what could not be read, so that whoever reads findings hears of it as AWS Config does. */
export function unreadFinding({ rule, context }: Pick<Task, 'rule' | 'context'>, unread: Unread): Finding {
  const { resource, what, why } = unread
  const { type, id } = resource
  return {
    rule: rule.id,
    bestPractice: rule.bestPractice,
    title: rule.title,
    verdict: 'undetermined',
    severity: rule.severity,
    baseSeverity: rule.severity,
    state: 'open',
    subject: 'unread',
    resource: { type, id, account: context.account },
    message: rule.title,
    evidence: [],
    missing: [{ path: what, factGroup: 'inventory', reason: 'notCollected', remedy: why }],
    fingerprint: fingerprintOf(rule.id, 'unread', resourceKey(resource)),
    configResource: resource,
  }
}

/** What could not be read of a resource, and why. */
export interface Unread {
  resource: EvaluatedResource
  what: string
  why: string
}

/** An answer that nothing is known of a resource. */
export const nothingRead = (task: Task, unread: Unread): Judged => ({
  evaluations: [statedUndetermined(unread.resource, unread.why, task.context)],
  findings: () => [unreadFinding(task, unread)],
  isWhole: () => false,
})

/** Every verdict. */
export const allVerdicts: ReadonlySet<Verdict> = new Set([
  'compliant',
  'non-compliant',
  'not-applicable',
  'undetermined',
])

/** Judges an inventory by the rule alone. What is ordered by the time of the event is also judged as of it. */
export function findingsOf(inventory: Inventory, { rule, policy, event, host, standards }: Task): Iterable<Finding> {
  const now = event.orderedAt
  const { rules, rulesDigest } = standards
  return judge(inventory, rules, policy, {
    now,
    ruleIds: [rule.id],
    exemptions: new PolicyExemptions(policy, rules, now),
    version: host.version,
    rulesDigest,
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

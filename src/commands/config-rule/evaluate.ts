/** From an event of an AWS Config rule to the evaluations that answer it, in every host the same. */
import type { Evaluation } from '../../model/evaluation.ts'
import type { Policy } from '../../model/policy.ts'
import type { Rule } from '../../model/rule.ts'
import { builtInPolicy } from '../../policy/built-in.ts'
import { stated, statedUndetermined } from '../../reporters/evaluations.ts'
import { builtInRules } from '../../rules/built-in.ts'
import { recordsOfEvent } from '../../sources/config-event.ts'
import { BadEvent } from './bad-event.ts'
import { evaluateChange } from './change.ts'
import { type RuleEvent, readRuleEvent } from './event.ts'
import { evaluateDelivered, evaluateNewest } from './inventory-run.ts'
import type { Task } from './judging.ts'
import { type FunctionParameters, type GivenParameters, readParameters, withParameters } from './parameters.ts'
import { type RuleHost, Unobtainable } from './rule-host.ts'
import { ruleFor } from './rule-name.ts'

/** An event that was found right, with what it asks for. */
export interface Assignment {
  raw: unknown
  event: RuleEvent
  rule: Rule
  own: FunctionParameters
  ofRule: GivenParameters
}

/** What answers an event. */
export interface Answer {
  evaluations: Evaluation[]
  policyDigest: string
}

/** Checks an event. Throws {@link BadEvent}. */
export function assignmentOf(raw: unknown): Assignment {
  const event = readRuleEvent(raw)
  const { own, ofRule } = readParameters(event.ruleParameters)
  const rule = ruleFor(event.configRuleName, own.rule, builtInRules)
  withParameters(builtInPolicy(), rule, ofRule)
  return { raw, event, rule, own, ofRule }
}

/** The policy that an event is judged by. Throws {@link BadEvent}: nothing is judged by another than the one that was asked for. */
export async function policyFor({ own }: Pick<Assignment, 'own'>, host: Pick<RuleHost, 'policyText'>): Promise<Policy> {
  if (!own.policy) return builtInPolicy()
  const field = 'ruleParameters.policyUri'
  let text: string
  try {
    text = await host.policyText(own.policy)
  } catch (error) {
    if (error instanceof Unobtainable) throw new BadEvent(field, error.message)
    throw error
  }
  const { loadPolicy } = await import('../../policy/load.ts')
  const name = own.policy.kind === 's3' ? `s3://${own.policy.bucket}/${own.policy.key}` : own.policy.name
  const { policy, problems } = loadPolicy(text, name, builtInRules)
  if (policy) return policy
  const { formatProblem } = await import('../../rules/problem.ts')
  throw new BadEvent(field, problems.slice(0, 5).map(formatProblem).join('; '))
}

/** Evaluates an event by a policy. Throws {@link BadEvent}, and what is worth another try. */
export async function evaluate(assignment: Assignment, policy: Policy, host: RuleHost): Promise<Answer> {
  const { event, rule, own, ofRule } = assignment
  const task: Task = {
    event,
    rule,
    own,
    host,
    policy: withParameters(policy, rule, ofRule),
    context: {
      account: event.account,
      orderedAt: event.orderedAt,
      undeterminedAs: own.undeterminedAs ?? policy.undeterminedAs,
    },
  }
  return { evaluations: await evaluationsFor(task, assignment), policyDigest: policy.digest }
}

async function evaluationsFor(task: Task, { raw }: Assignment): Promise<Evaluation[]> {
  const { trigger } = task.event
  switch (trigger.kind) {
    case 'scheduled':
      return evaluateNewest(task)
    case 'delivered':
      return evaluateDelivered(task, trigger)
    default:
      if (trigger.goneBecause !== undefined)
        return [stated(trigger.resource, 'NOT_APPLICABLE', `not applicable: ${trigger.goneBecause}`, task.context)]
      return trigger.kind === 'change'
        ? evaluateChange(task, trigger.resource, recordsOfEvent(raw, 'event'))
        : evaluateOversized(task, trigger)
  }
}

async function evaluateOversized(
  task: Task,
  { resource, capturedAt }: Extract<RuleEvent['trigger'], { kind: 'oversized' }>,
): Promise<Evaluation[]> {
  const why = 'its configuration item is too large for the event, and'
  let item: object | undefined
  try {
    item = await task.host.itemOf(resource, capturedAt)
  } catch (error) {
    if (!(error instanceof Unobtainable)) throw error
    return [statedUndetermined(resource, `${why} ${error.message}`, task.context)]
  }
  if (!item)
    return [statedUndetermined(resource, `${why} AWS Config does not have it in its history yet`, task.context)]
  return evaluateChange(task, resource, recordsOfEvent({ configurationItem: item }, 'event'))
}

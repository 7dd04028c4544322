/** From an event of an AWS Config rule to the evaluations that answer it, in every host the same. */
import type { Policy } from '../../model/policy.ts'
import type { Rule } from '../../model/rule.ts'
import { builtInPolicy } from '../../policy/built-in.ts'
import { builtInRules, builtInRulesDigest } from '../../rules/built-in.ts'
import { recordsOfEvent } from '../../sources/config-event.ts'
import { type Standards, withRules } from '../pipeline.ts'
import { BadEvent } from './bad-event.ts'
import { evaluateChange } from './change.ts'
import { type RuleEvent, readRuleEvent } from './event.ts'
import { evaluateDelivered, evaluateNewest } from './inventory-run.ts'
import { type Judged, nothingFound, nothingRead, type Task } from './judging.ts'
import {
  type FunctionParameters,
  type GivenParameters,
  readParameters,
  reservedParameters,
  withParameters,
} from './parameters.ts'
import { type RuleHost, Unobtainable } from './rule-host.ts'
import { ruleFor } from './rule-name.ts'

/** An event that was found right, with what it asks for. */
export interface Assignment {
  raw: unknown
  event: RuleEvent
  own: FunctionParameters
  ofRule: GivenParameters
}

/** What an event is judged by. */
export interface RuleStandards extends Standards {
  /** The rule that the event is about. */
  rule: Rule
}

/** Checks an event. Throws {@link BadEvent}. */
export function assignmentOf(raw: unknown): Assignment {
  const event = readRuleEvent(raw)
  const { own, ofRule } = readParameters(event.ruleParameters)
  const assignment = { raw, event, own, ofRule }
  // Nobody has to be asked for it.
  if (!own.rules) ruleOf(assignment, builtInRules)
  return assignment
}

/** The rule that an event is about. Throws {@link BadEvent}, also where the rule refuses a parameter. */
function ruleOf({ event, own, ofRule }: Assignment, rules: readonly Rule[]): Rule {
  const rule = ruleFor(event.configRuleName, own.rule, rules)
  withParameters(builtInPolicy(), rule, ofRule)
  return rule
}

/** Rules and policy of an event. Throws {@link BadEvent}, and what is worth another try. */
export async function standardsFor(assignment: Assignment, host: RuleHost): Promise<RuleStandards> {
  const standards = await rulesFor(assignment, host)
  const rule = ruleOf(assignment, standards.rules)
  return { ...standards, rule, policy: await policyFor(assignment, standards.rules, host) }
}

/** The built-in rules, and those of the organisation's own where there are any. */
async function rulesFor({ own }: Assignment, host: RuleHost): Promise<Omit<Standards, 'policy'>> {
  const { rules: place } = own
  if (!place) return { rules: builtInRules, rulesDigest: builtInRulesDigest }
  const files = await usable('ruleParameters.rulesUri', () => host.ruleFiles(place))
  const { rules, problems } = await withRules(files)
  problems.push(...rules.flatMap(takenParameters))
  if (problems.length === 0) return { rules }
  throw new BadEvent('ruleParameters.rulesUri', problems.slice(0, mostProblems).join('; '))
}

/** What a rule calls as the function calls something of its own: nobody could give it. */
const takenParameters = ({ id, parameters = {} }: Rule): string[] =>
  reservedParameters
    .filter(name => Object.hasOwn(parameters, name))
    .map(name => `${id}: the parameter ${name} is the function's own`)

/** Problems of a policy or of rules that are told. */
const mostProblems = 5

/** What a parameter names. Throws {@link BadEvent} where it cannot be had. */
async function usable<T>(field: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof Unobtainable) throw new BadEvent(field, error.message)
    throw error
  }
}

/** The policy that an event is judged by: nothing is judged by another than the one that was asked for. */
async function policyFor({ own }: Assignment, rules: readonly Rule[], host: RuleHost): Promise<Policy> {
  const { policy: place } = own
  if (!place) return builtInPolicy()
  const field = 'ruleParameters.policyUri'
  const text = await usable(field, () => host.policyText(place))
  const { loadPolicy } = await import('../../policy/load.ts')
  const name = place.kind === 's3' ? `s3://${place.bucket}/${place.key}` : place.name
  const { policy, problems } = loadPolicy(text, name, rules)
  if (policy) return policy
  const { formatProblem } = await import('../../rules/problem.ts')
  throw new BadEvent(field, problems.slice(0, mostProblems).map(formatProblem).join('; '))
}

/** Evaluates an event by a policy. Throws {@link BadEvent}, and what is worth another try. */
export async function evaluate(assignment: Assignment, standards: RuleStandards, host: RuleHost): Promise<Judged> {
  const { event, own, ofRule } = assignment
  const { rule, policy } = standards
  const task: Task = {
    event,
    rule,
    own,
    host,
    standards,
    policy: withParameters(policy, rule, ofRule),
    context: {
      account: event.account,
      orderedAt: event.orderedAt,
      undeterminedAs: own.undeterminedAs ?? policy.undeterminedAs,
    },
  }
  return judgedFor(task, assignment)
}

async function judgedFor(task: Task, { raw }: Assignment): Promise<Judged> {
  const { trigger } = task.event
  switch (trigger.kind) {
    case 'scheduled':
      return evaluateNewest(task)
    case 'delivered':
      return evaluateDelivered(task, trigger)
    default:
      if (trigger.goneBecause !== undefined)
        return nothingFound(task, trigger.resource, `not applicable: ${trigger.goneBecause}`)
      return trigger.kind === 'change'
        ? evaluateChange(task, trigger.resource, recordsOfEvent(raw, 'event'))
        : evaluateOversized(task, trigger)
  }
}

async function evaluateOversized(
  task: Task,
  { resource, capturedAt }: Extract<RuleEvent['trigger'], { kind: 'oversized' }>,
): Promise<Judged> {
  const what = 'configuration item'
  const why = 'its configuration item is too large for the event, and'
  let item: object | undefined
  try {
    item = await task.host.itemOf(resource, capturedAt)
  } catch (error) {
    if (!(error instanceof Unobtainable)) throw error
    return nothingRead(task, { resource, what, why: `${why} ${error.message}` })
  }
  if (!item) return nothingRead(task, { resource, what, why: `${why} AWS Config does not have it in its history yet` })
  return evaluateChange(task, resource, recordsOfEvent({ configurationItem: item }, 'event'))
}

/** One invocation of the function: an event in, evaluations sent, structured lines of log out. */
import { type Evaluation, resourceOfEvaluation } from '../../model/evaluation.ts'
import { isUndetermined } from '../../reporters/evaluations.ts'
import { shortVisible } from '../../reporters/visible-text.ts'
import { sendEvaluations } from '../../sinks/evaluations.ts'
import type { AwsHost } from './aws-host.ts'
import { BadEvent } from './bad-event.ts'
import { type Assignment, assignmentOf, evaluate, policyFor } from './evaluate.ts'

/** What an invocation may use of the process. */
export interface Invocation {
  /** The account of the function, where it is known. */
  functionAccount: string | undefined
  /** Epoch milliseconds. */
  clock(): number
  wait(milliseconds: number): Promise<void>
  /** Writes one structured line. */
  log(entry: object): void
  hostFor(assignment: Assignment): Promise<AwsHost>
}

/** What the function answers; AWS Config does not look at it. */
export interface Invoked {
  evaluations: number
  error?: { field: string; message: string }
}

/** Undetermined resources that are told one by one; the metric counts them all. */
const mostTold = 100

/** The metrics' namespace in CloudWatch. */
const namespace = 'rel09'

/**
 * Answers an event. An event that cannot be evaluated as it is sends nothing, is told in one line, and is not thrown: invoking the
 * function again would not help. Whatever is thrown is worth another try, and a retry sends the same.
 */
export async function runConfigRule(raw: unknown, invocation: Invocation): Promise<Invoked> {
  const said: { [name: string]: unknown } = {}
  const log = (level: string, message: string, more: object) => invocation.log({ level, message, ...said, ...more })
  let aws: AwsHost | undefined
  try {
    const assignment = assignmentOf(raw)
    const { event, rule } = assignment
    Object.assign(said, {
      rule: rule.id,
      configRule: event.configRuleName,
      account: event.account,
      region: event.region,
    })
    refuseForeign(assignment, invocation)
    aws = await invocation.hostFor(assignment)
    const policy = await policyFor(assignment, aws.host)
    said.policyDigest = policy.digest
    const { evaluations } = await evaluate(assignment, policy, aws.host)
    tellUndetermined(evaluations, log)
    const { calls, repeated } = await sendEvaluations(evaluations, aws.put, invocation.wait)
    log('info', 'evaluated', { trigger: event.trigger.kind, isTest: event.isTest, calls, repeated })
    invocation.log({ ...said, ...metricsOf(evaluations, rule.id, invocation.clock()) })
    return { evaluations: evaluations.length }
  } catch (error) {
    if (error instanceof BadEvent) {
      const told = { field: error.field, message: shortVisible(error.message, 1000) }
      log('error', 'not evaluated', { error: told })
      return { evaluations: 0, error: told }
    }
    const { name = 'Error', message = '' } = error as Partial<Error>
    log('error', 'to be tried again', { error: { name, message: shortVisible(message, 1000) } })
    throw error
  } finally {
    aws?.close()
  }
}

/** A token belongs to the rule's account: from another one nothing can be sent without a role there. */
function refuseForeign({ event, own }: Assignment, { functionAccount }: Invocation): void {
  const field = 'ruleParameters.roleArn'
  if (own.roleArn !== undefined) {
    if (own.roleArn.split(':')[4] === event.account) return
    throw new BadEvent(field, `name a role of ${event.account}, the account of the rule`)
  }
  if (functionAccount !== undefined && functionAccount !== event.account)
    throw new BadEvent(field, `is missing: the function is in ${functionAccount}, the rule in ${event.account}`)
}

function tellUndetermined(
  evaluations: readonly Evaluation[],
  log: (level: string, message: string, more: object) => void,
) {
  const unknown = evaluations.filter(isUndetermined)
  for (const one of unknown.slice(0, mostTold))
    log('warn', 'undetermined', {
      resource: resourceOfEvaluation(one),
      told: one.ComplianceType,
      why: one.Annotation,
      fingerprint: one.fingerprint,
    })
  if (unknown.length > mostTold)
    log('warn', 'undetermined, and not told one by one', { count: unknown.length - mostTold })
}

/** Counts in CloudWatch's embedded metric format. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
function metricsOf(evaluations: readonly Evaluation[], rule: string, at: number): object {
  const count = (type: Evaluation['ComplianceType']) => evaluations.filter(one => one.ComplianceType === type).length
  const values = {
    Evaluations: evaluations.length,
    NonCompliant: count('NON_COMPLIANT'),
    Undetermined: evaluations.filter(isUndetermined).length,
  }
  const Metrics = Object.keys(values).map(Name => ({ Name, Unit: 'Count' }))
  const directive = { Namespace: namespace, Dimensions: [['Rule'], []], Metrics }
  return { _aws: { Timestamp: at, CloudWatchMetrics: [directive] }, Rule: rule, ...values }
}

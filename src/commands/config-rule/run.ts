/** One invocation of the function: an event in, evaluations sent, structured lines of log out. */
import { type Evaluation, resourceOfEvaluation } from '../../model/evaluation.ts'
import { isUndetermined } from '../../reporters/evaluations.ts'
import { shortVisible } from '../../reporters/visible-text.ts'
import { sendEvaluations } from '../../sinks/evaluations.ts'
import type { AwsHost } from './aws-host.ts'
import { BadEvent } from './bad-event.ts'
import { type Assignment, assignmentOf, evaluate, type RuleStandards, standardsFor } from './evaluate.ts'
import type { Judged } from './judging.ts'
import type { Publishers } from './publish.ts'

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
  const log: Log = (level, message, more) => invocation.log({ level, message, ...said, ...more })
  let aws: AwsHost | undefined
  try {
    const assignment = assignmentOf(raw)
    const { event } = assignment
    Object.assign(said, { configRule: event.configRuleName, account: event.account, region: event.region })
    refuseForeign(assignment, invocation)
    aws = await invocation.hostFor(assignment)
    const standards = await standardsFor(assignment, aws.host)
    const { rule, policy } = standards
    Object.assign(said, { rule: rule.id, policyDigest: policy.digest })
    const judged = await evaluate(assignment, standards, aws.host)
    const { evaluations } = judged
    tellUndetermined(evaluations, log)
    const { calls, repeated } = await sendEvaluations(evaluations, aws.put, invocation.wait)
    log('info', 'evaluated', { trigger: event.trigger.kind, isTest: event.isTest, calls, repeated })
    invocation.log({ ...said, ...metricsOf(evaluationMetrics(evaluations), rule.id, invocation.clock()) })
    const error = await published(assignment, standards, judged, aws.publishers, invocation, log)
    return { evaluations: evaluations.length, ...(error && { error }) }
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

type Log = (level: string, message: string, more: object) => void

/** Tells findings where the parameters ask for it; gives what cannot be told anywhere, as it was logged. */
async function published(
  assignment: Assignment,
  standards: RuleStandards,
  judged: Judged,
  publishers: Publishers,
  { clock, wait, log: write }: Invocation,
  log: Log,
): Promise<Invoked['error']> {
  if (!isPublished(assignment)) return undefined
  const { publish } = await import('./publish.ts')
  let first: Invoked['error']
  let unpublished = 0
  for (const { parameter, told, untold, why } of await publish(assignment, standards, judged, publishers, wait)) {
    log('info', 'published', { to: parameter, told })
    if (why === undefined) continue
    const error = { field: `ruleParameters.${parameter}`, message: shortVisible(why, 1000) }
    log('error', 'not published', { to: parameter, untold, error })
    unpublished += untold
    first ??= error
  }
  const { rule, policy } = standards
  write({ policyDigest: policy.digest, ...metricsOf({ Unpublished: unpublished }, rule.id, clock()) })
  return first
}

/** Whether findings are told besides: never of a test or of what is only proposed, of which nothing is to be kept. */
function isPublished({ event, own }: Assignment): boolean {
  const { trigger, isTest } = event
  if (isTest || (trigger.kind === 'change' && trigger.isProactive)) return false
  return own.securityHub || own.eventBus !== undefined
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

function tellUndetermined(evaluations: readonly Evaluation[], log: Log) {
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

function evaluationMetrics(evaluations: readonly Evaluation[]): Metrics {
  const count = (type: Evaluation['ComplianceType']) => evaluations.filter(one => one.ComplianceType === type).length
  return {
    Evaluations: evaluations.length,
    NonCompliant: count('NON_COMPLIANT'),
    Undetermined: evaluations.filter(isUndetermined).length,
  }
}

interface Metrics {
  [name: string]: number
}

/** Counts in CloudWatch's embedded metric format. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
function metricsOf(values: Metrics, rule: string, at: number): object {
  const Metrics = Object.keys(values).map(Name => ({ Name, Unit: 'Count' }))
  const directive = { Namespace: namespace, Dimensions: [['Rule'], []], Metrics }
  return { _aws: { Timestamp: at, CloudWatchMetrics: [directive] }, Rule: rule, ...values }
}

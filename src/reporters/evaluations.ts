/**
 * Findings as evaluations of an AWS Config rule: what each is filed under, its compliance, and an annotation that says what and why.
 * What is undetermined is never told as compliant, and never left unsaid: an older COMPLIANT would stand.
 */
import {
  accountType,
  type ComplianceType,
  canBeEvaluated,
  type EvaluatedResource,
  type Evaluation,
  resourceKey,
} from '../model/evaluation.ts'
import type { Policy } from '../model/policy.ts'
import type { Finding } from '../model/report.ts'
import { severities } from '../model/rule.ts'
import { evidenceLines, reasonText } from './evidence-text.ts'
import { shorten, shortVisible, visible } from './visible-text.ts'

/** Characters of an annotation, in UTF-16 code units: no way of counting finds more. */
export const longestAnnotation = 256

/** What the annotation keeps of the message, at least, where the evidence is long too. */
const leastMessage = 140

/** What is the same for every evaluation of an invocation. */
export interface EvaluationContext {
  /** The account that the rule is in. */
  account: string
  /** ISO 8601 UTC. */
  orderedAt: string
  /** What AWS Config is told where the verdict is not known. */
  undeterminedAs: Policy['undeterminedAs']
}

/** How a finding counts for AWS Config, the worst first. */
const outcomes = ['non-compliant', 'undetermined', 'exempted', 'compliant', 'not-applicable'] as const

/** How a finding counts: an accepted one is neither compliant nor a fault. */
export type Outcome = (typeof outcomes)[number]

/** How a finding counts for AWS Config. */
export const outcomeOf = ({ verdict, state }: Pick<Finding, 'verdict' | 'state'>): Outcome =>
  state === 'exempted' ? 'exempted' : verdict

/** The AWS Config resource of a finding (DESIGN note 11): the subject's own, unless it is filed under another. */
export function filedUnder(
  { configResource, resource, subject }: Pick<Finding, 'configResource' | 'resource' | 'subject'>,
  account: string,
): EvaluatedResource {
  const forAccount = { type: accountType, id: account }
  if (subject === 'policy' || subject === 'account' || subject === 'region') return forAccount
  const own = configResource ?? { type: resource.sourceType ?? resource.type, id: resource.id }
  return canBeEvaluated(own) ? own : forAccount
}

/** The worst finding of a resource so far. */
interface Filed {
  resource: EvaluatedResource
  worst: Finding
  outcome: Outcome
  /** Others with the same outcome. */
  more: number
}

/**
 * One evaluation a resource, from all of its findings: the worst one's, with the number of those that are as bad. In the order in which
 * resources first come; the evaluations themselves hang on no order.
 */
export function evaluationsOf(findings: Iterable<Finding>, context: EvaluationContext): Evaluation[] {
  const filed = new Map<string, Filed>()
  for (const finding of findings) {
    const resource = filedUnder(finding, context.account)
    const key = resourceKey(resource)
    const outcome = outcomeOf(finding)
    const before = filed.get(key)
    if (!before) filed.set(key, { resource, worst: finding, outcome, more: 0 })
    else compete(before, finding, outcome)
  }
  return [...filed.values()].map(one => evaluationOf(one, context))
}

function compete(filed: Filed, finding: Finding, outcome: Outcome): void {
  const order = outcomes.indexOf(outcome) - outcomes.indexOf(filed.outcome)
  if (order > 0) return
  if (order < 0) Object.assign(filed, { worst: finding, outcome, more: 0 })
  else {
    filed.more++
    if (isWorse(finding, filed.worst)) filed.worst = finding
  }
}

function isWorse(one: Finding, other: Finding): boolean {
  const order = severities.indexOf(one.severity) - severities.indexOf(other.severity)
  return order < 0 || (order === 0 && one.fingerprint < other.fingerprint)
}

function evaluationOf({ resource, worst, outcome, more }: Filed, context: EvaluationContext): Evaluation {
  const { head, why } = wordsOf(worst, outcome)
  const evaluation = stated(resource, complianceOf(outcome, context), annotationOf(head, why, more), context)
  return { ...evaluation, fingerprint: worst.fingerprint }
}

function complianceOf(outcome: Outcome, { undeterminedAs }: EvaluationContext): ComplianceType {
  switch (outcome) {
    case 'non-compliant':
      return 'NON_COMPLIANT'
    case 'compliant':
      return 'COMPLIANT'
    case 'undetermined':
      return undeterminedAs
    default:
      return 'NOT_APPLICABLE'
  }
}

/** What a finding says, and why. */
function wordsOf(finding: Finding, outcome: Outcome): { head: string; why: string } {
  const { severity, message, title, exemption, missing } = finding
  const why = evidenceLines(finding, 1)[0] ?? ''
  switch (outcome) {
    case 'non-compliant':
      return { head: `${severity}: ${message}`, why }
    case 'undetermined':
      return { head: undeterminedBecause(missing[0], title), why: '' }
    case 'exempted': {
      const { expires = '', owner = '', reason = '' } = exemption ?? {}
      return { head: `exempted until ${expires} by ${owner}: ${reason}`, why: '' }
    }
    case 'compliant':
      return { head: title, why }
    case 'not-applicable':
      return { head: `not applicable: ${title}`, why }
  }
}

function undeterminedBecause(missing: Finding['missing'][number] | undefined, title: string): string {
  if (!missing) return undetermined(title)
  return undetermined(`${missing.path} is not known (${reasonText(missing.reason)}). ${missing.remedy}`)
}

const unknownMark = 'undetermined: '

/** How every annotation of what is not known begins. */
const undetermined = (why: string): string => `${unknownMark}${why}`

/** Whether an evaluation tells that its verdict is not known. */
export const isUndetermined = ({ Annotation = '' }: Pick<Evaluation, 'Annotation'>): boolean =>
  Annotation.startsWith(unknownMark)

/** At most 256 characters, on one line and never empty; the evidence and the number of others are not cut away by a long message. */
export function annotationOf(head: string, why = '', more = 0): string {
  const suffix = more > 0 ? ` (${more} more)` : ''
  const room = longestAnnotation - suffix.length
  const reason = why === '' ? '' : ` [${shortVisible(why, room - leastMessage - 3)}]`
  const what = shortVisible(head, room - reason.length)
  return shorten(`${what === '' ? 'no reason was given' : what}${reason}${suffix}`, longestAnnotation)
}

/** An evaluation that no finding stands behind. */
export function stated(
  { type, id }: EvaluatedResource,
  compliance: ComplianceType,
  annotation: string,
  { orderedAt }: Pick<EvaluationContext, 'orderedAt'>,
): Evaluation {
  return {
    ComplianceResourceType: type,
    ComplianceResourceId: id,
    ComplianceType: compliance,
    Annotation: annotationOf(annotation),
    OrderingTimestamp: orderedAt,
  }
}

/** Tells that nothing is known of a resource: not compliant, and non-compliant for the strict. */
export function statedUndetermined(resource: EvaluatedResource, why: string, context: EvaluationContext): Evaluation {
  return stated(resource, context.undeterminedAs, undetermined(visible(why)), context)
}

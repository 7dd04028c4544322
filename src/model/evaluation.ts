/** What AWS Config is told of a resource. https://docs.aws.amazon.com/config/latest/APIReference/API_Evaluation.html */

/** The compliance types that PutEvaluations takes; it refuses INSUFFICIENT_DATA. */
export type ComplianceType = 'COMPLIANT' | 'NON_COMPLIANT' | 'NOT_APPLICABLE'

/** A resource as AWS Config identifies it: by its own type and resourceId, never by ARN. */
export interface EvaluatedResource {
  type: string
  id: string
}

/** One evaluation, with the names of the API. */
export interface Evaluation {
  /** 1 to 256 characters. */
  ComplianceResourceType: string
  /** 1 to 768 characters. */
  ComplianceResourceId: string
  ComplianceType: ComplianceType
  /** 1 to 256 characters; the API refuses an empty one. */
  Annotation?: string
  /** ISO 8601 UTC, from the event, so that a retry says the same. */
  OrderingTimestamp: string
  /** Fingerprint of the finding that decided, as reports have it. AWS Config is not told. */
  fingerprint?: string
}

/** The resource that stands for an account, and for what has none of its own in AWS Config. */
export const accountType = 'AWS::::Account'

/** Whether AWS Config would take a type and id. */
export const canBeEvaluated = ({ type, id }: EvaluatedResource): boolean =>
  type.length >= 1 && type.length <= 256 && id.length >= 1 && id.length <= 768

/** Tells apart what is evaluated: an id alone is unique only within its type. */
export const resourceKey = ({ type, id }: EvaluatedResource): string => `${type}\n${id}`

/** What an evaluation is of. */
export const resourceOfEvaluation = (evaluation: Evaluation): EvaluatedResource => ({
  type: evaluation.ComplianceResourceType,
  id: evaluation.ComplianceResourceId,
})

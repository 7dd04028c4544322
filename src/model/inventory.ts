import type { TierUse, Word } from './beyond.ts'
import type { GapRecord, ScopeRecord } from './record.ts'
import type { MissingFact, NotEvaluated } from './report.ts'
import type { Subject, SubjectKind } from './subject.ts'

/**
 * The join: everything that was read, as subjects with facts. Subjects are ordered by ARN (else file and address) and
 * rebuilt at each call, so that a million stores need no million fact trees.
 */
export interface Inventory {
  /** Number of subjects. */
  readonly size: number
  /** Number of resource records that were read. */
  readonly resourceCount: number
  readonly scopes: readonly ScopeRecord[]
  readonly gaps: readonly GapRecord[]
  readonly notEvaluated: readonly NotEvaluated[]
  /** Kind and canonical type of a subject, without building its facts. */
  kindOf(index: number): { kind: SubjectKind; type: string }
  /** The subject at a place of the order, 0 ≤ index < size. */
  subject(index: number): Subject
  /** Tiers of the stores that are judged. */
  tierUse(): TierUse
  /**
   * What the records that are judged tell of vaults and keys in other accounts, by account. `wanted`: stores that others ask
   * for by ARN, and who does.
   */
  words(wanted: Iterable<{ arn: string; account: string }>): Map<string, Word>
  /** Why a fact of a subject is not known, and what would make it known. */
  whyMissing(subject: Subject, path: string, factGroup: string): MissingFact
}

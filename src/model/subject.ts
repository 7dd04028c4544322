import type { Facts } from './facts.ts'
import type { InlineExemption, Location, ModuleCall } from './record.ts'

/** What a rule judges (DESIGN: one facts schema each). */
export type SubjectKind =
  | 'data-store'
  | 'backup-plan'
  | 'backup-selection'
  | 'backup-vault'
  | 'recovery-point'
  | 'native-snapshot'
  | 'snapshot-policy'
  | 'restore-testing-plan'
  | 'kms-key'
  | 'iam-role'
  | 'data-transfer-task'
  | 'region'
  | 'account'
  | 'policy'

/** Every subject kind, in the order that catalogues list them. */
export const subjectKinds: readonly SubjectKind[] = [
  'data-store',
  'backup-plan',
  'backup-selection',
  'backup-vault',
  'recovery-point',
  'native-snapshot',
  'snapshot-policy',
  'restore-testing-plan',
  'kms-key',
  'iam-role',
  'data-transfer-task',
  'region',
  'account',
  'policy',
]

/** A resource that belongs to a subject's finding (a bucket's versioning resource, a group's worst point). */
export interface RelatedResource {
  type?: string
  id?: string
  arn?: string
  name?: string
  address?: string
  location?: Location
}

/**
 * Subjects that share this object have the same type and the same facts, but for those that vary: what was judged by the other
 * facts of one holds for all.
 */
export interface Alike {
  /** Fact paths (with all below them) that differ. The same list for all that have the same names in it. */
  readonly varyingFacts: readonly string[]
}

/** One thing to be judged, with its facts. Made by the inventory, transient: it is rebuilt when it is needed again. */
export interface Subject {
  kind: SubjectKind
  /** Canonical type (`AWS::DocDB::DBCluster`). */
  type: string
  sourceType?: string
  id: string
  arn?: string
  account?: string
  region?: string
  name?: string
  address?: string
  location?: Location
  related?: RelatedResource[]
  facts: Facts
  /** What it shares with subjects that are alike. Absent where nothing is known of the kind. */
  alike?: Alike
  /** Name of the tier whose objectives apply; absent where it is not known. */
  tier?: string
  /** What only a template tells: where its properties stand, and what leads to it. */
  declared?: {
    /** The line that states a fact; `undefined` where the template does not state it. */
    placeOfFact(factPath: string): Location | null | undefined
    constructPath?: string | undefined
    moduleCalls?: ModuleCall[] | undefined
    exemptions?: InlineExemption[] | undefined
  }
  /** The AWS Config resource that a finding is filed under, where it is not the subject itself (a point's vault). */
  configResource?: { type: string; id: string }
}

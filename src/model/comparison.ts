/** How two captures or reports of one estate differ: what `rel09 diff` tells. */
import type { GapRecord, ScopeRecord } from './record.ts'
import type { MissingFact } from './report.ts'
import type { Severity, Verdict } from './rule.ts'
import type { SubjectKind } from './subject.ts'

/**
 * What became of a rule's judgement of a resource that is in both.
 * `worse`, `better`: failed anew or no more, more or less severe, accepted by an exemption no more or anew.
 * `arose`, `ceased`: a finding where the other side did not judge, or does not tell that it did.
 * `becameUnknown`, `becameKnown`: undetermined on one side alone.
 */
export type FindingChangeKind = 'worse' | 'better' | 'arose' | 'ceased' | 'becameUnknown' | 'becameKnown'

/**
 * What became of a resource. `gone` and `appeared` only where the other side would have shown it; `noLongerSeen` and `newlySeen`
 * where the other side did not look, or does not tell.
 */
export type ResourceChangeKind = 'appeared' | 'gone' | 'newlySeen' | 'noLongerSeen'

/** Changes of findings, in the order that they are told. */
export const findingChangeKinds: readonly FindingChangeKind[] = [
  'worse',
  'arose',
  'becameUnknown',
  'better',
  'ceased',
  'becameKnown',
]

/** Changes of resources, in the order that they are told. */
export const resourceChangeKinds: readonly ResourceChangeKind[] = ['appeared', 'newlySeen', 'noLongerSeen', 'gone']

/** A resource as both sides know it. */
export interface ComparedResource {
  /** Kind of subject. */
  subject: string
  type: string
  id: string
  arn?: string
  account?: string
  region?: string
  name?: string
  /** Logical id or Terraform address. */
  address?: string
  /** Template, relative to the input. */
  file?: string
}

/**
 * How a resource stands by a rule. `not-judged`: the side did not judge by the rule. `not-listed`: a saved report that leaves out
 * met rules does not tell whether it is met or does not apply.
 */
export interface Standing {
  verdict: Verdict | 'not-judged' | 'not-listed'
  /** Of what is non-compliant or undetermined. */
  severity?: Severity
  /** An exemption accepts it. */
  exempted?: boolean
}

/** A judgement that changed. */
export interface FindingChange {
  change: FindingChangeKind
  rule: string
  resource: ComparedResource
  before: Standing
  after: Standing
  /** What the new side says is wrong. */
  message?: string
  /** What the new side lacks to judge. */
  missing?: MissingFact[]
  /** The new side has an open finding here that the old one had not, or not as severe. */
  isNewFailure: boolean
}

/** A resource that is on one side alone. */
export interface ResourceChange {
  change: ResourceChangeKind
  resource: ComparedResource
  /** Why nobody can tell whether it is gone or new. */
  why?: string
  /** Its findings on the side that has it, met rules left out. */
  findings: ({ rule: string } & Standing)[]
  isNewFailure: boolean
}

/** What is told of a side. */
export interface SideHead {
  /** The input, as the user would write it. */
  input: string
  kind: 'report' | 'inputs'
  toolVersion: string
  takenAt?: string
  policyDigest: string
  rulesDigest: string
}

/** Everything that differs. In order of rule, kind of subject and identity. */
export interface Comparison {
  version: 1
  tool: { name: 'rel09'; version: string }
  old: SideHead
  new: SideHead
  /** What makes the sides unlike to begin with, a sentence each. */
  caveats: string[]
  summary: {
    findings: { [change in FindingChangeKind]: number }
    resources: { [change in ResourceChangeKind]: number }
    /** Open findings that the old side had not, or not as severe. */
    newFailures: number
    unchanged: { findings: number; resources: number }
  }
  findings: FindingChange[]
  resources: ResourceChange[]
  scopes: { appeared: ScopeRecord[]; gone: ScopeRecord[] }
  gaps: { appeared: GapRecord[]; gone: GapRecord[] }
}

/** Fact groups whose reading shows resources of a kind; of the others every reading of the account and Region does. */
export const groupsThatList: { readonly [kind in SubjectKind]?: readonly string[] } = {
  'data-store': ['inventory', 'tags', 'configuration'],
  'backup-plan': ['plans'],
  'backup-selection': ['selections'],
  'backup-vault': ['vaults'],
  'recovery-point': ['recovery-points'],
  'native-snapshot': ['snapshots'],
  'snapshot-policy': ['snapshot-policies'],
  'restore-testing-plan': ['restore-testing'],
  'kms-key': ['keys'],
  'iam-role': ['iam'],
  'data-transfer-task': ['inventory', 'configuration'],
}

import type { FactValue } from './facts.ts'
import type { GapReason, GapRecord, Location, ScopeRecord } from './record.ts'
import type { BestPractice, Rule, Severity, Verdict } from './rule.ts'
import type { RelatedResource } from './subject.ts'

/** Bookkeeping of a finding: nothing is deleted by a filter. */
export type FindingState = 'open' | 'exempted' | 'baselined' | 'belowThreshold'

/** One fact that decided a verdict. */
export interface Evidence {
  /** Fact path; inside a list operator with the element's index (`copies[1].ageHours`). */
  path: string
  /** The leaf's JSON Schema with operands resolved. */
  expected: FactValue
  /** The fact; absent where it is not known. */
  actual?: FactValue
  /** Where the fact comes from: fact group, e.g. `recovery-points`. */
  from: string
  /** Assumptions of the policy that the fact depends on, with their values. */
  assumptions?: { [name: string]: FactValue }
  /** The line that states the fact, where it is known. */
  location?: Location
}

/** A fact that was needed and is not known. */
export interface MissingFact {
  path: string
  factGroup: string
  /** A gap's reason, or why no source given could know it. */
  reason: GapReason | 'notCollected' | 'openWorld' | 'unknownUntilDeploy' | 'noClock' | 'notStated'
  /** What would make it known, in one sentence. */
  remedy: string
}

/** The resource that a finding is about. */
export interface FindingResource extends RelatedResource {
  type: string
  sourceType?: string
  id: string
  account?: string
  region?: string
  /** The AWS CDK construct that made it. */
  constructPath?: string
  /** The calls of Terraform modules by which it comes about, each as `module.eu.module.data`. */
  moduleCalls?: string[]
  related?: RelatedResource[]
}

/** Our judgement of one subject by one rule. */
export interface Finding {
  rule: string
  bestPractice: BestPractice
  title: string
  verdict: Verdict
  severity: Severity
  baseSeverity: Severity
  state: FindingState
  subject: string
  resource: FindingResource
  location?: Location
  relatedLocations?: Location[]
  message: string
  evidence: Evidence[]
  missing: MissingFact[]
  /** Stable over runs, hosts and line moves: rule + identity of the resource. 32 hex digits. */
  fingerprint: string
  aliases?: string[]
  exemption?: { reason: string; owner: string; expires: string; kind: string }
  /** Members of a judged group. */
  count?: number
  /** The AWS Config resource that it is filed under, where that is not the resource itself. No report shows it. */
  configResource?: { type: string; id: string }
}

/** Something that was in an input and was not judged. */
export interface NotEvaluated {
  rule?: string
  type?: string
  file?: string
  reason: string
  count: number
}

/** An input, or a part of one, that could not be read as what it is. Exit code 2; the other inputs are still judged. */
export interface InputProblem {
  /** Relative path as the user would write it; `-` for standard input. */
  file: string
  line?: number
  /** The rest of a sentence that begins with the file: what is wrong and what to do. */
  message: string
}

/** An exemption that accepts nothing. */
export interface IdleExemption {
  /** As the policy names it: an ARN, an address, a pattern. Of one beside a resource the address. */
  resource: string
  rule?: string
  reason: string
  expires: string
  why: 'unused' | 'expired'
  /** Where it stands, if not in the policy. */
  location?: Location
}

/** Counts of a report. Every finding is counted once, whatever is shown. */
export interface Summary {
  resources: number
  stores: number
  /** Stores that an accepted mechanism covers, does not cover, and for which it is not known. */
  covered: { yes: number; no: number; unknown: number }
  verdicts: { [verdict in Verdict]: number }
  /** Open non-compliant findings by severity. */
  open: { [severity in Severity]: number }
  /** Non-compliant findings by state. */
  states: { [state in FindingState]: number }
  byBestPractice: { [practice in BestPractice]: { [verdict in Verdict]: number } }
  byRule: { [rule: string]: { [verdict in Verdict]: number } }
  /** Undetermined findings that no exemption accepts, by each fact group that they lack, with why. */
  undetermined: { factGroup: string; reason: string; remedy: string; count: number }[]
}

/** Everything that a scan found. `findings` is made anew at each call, in order of rule then ARN, so that it can be streamed. */
export interface Report {
  version: 1
  tool: { name: 'rel09'; version: string }
  /** Newest `takenAt` of the scopes; absent where no source states a time. */
  takenAt?: string
  /** Present time as the host gave it; decides only whether exemptions and attestations have expired. */
  now?: string
  policyDigest: string
  rulesDigest: string
  /** Where the policy was read from; absent for the defaults. */
  policyFile?: string
  assumptions: { [name: string]: FactValue }
  scopes: ScopeRecord[]
  rules: Rule[]
  summary: Summary
  gaps: GapRecord[]
  /** What of the inputs could not be read; absent where everything could. */
  problems?: InputProblem[]
  notEvaluated: NotEvaluated[]
  unusedExemptions: IdleExemption[]
  /** Findings with one of the verdicts asked for. */
  findings(verdicts: ReadonlySet<Verdict>): Iterable<Finding>
}

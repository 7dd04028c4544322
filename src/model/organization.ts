import type { IdleExemption, InputProblem, Summary } from './report.ts'
import type { Severity } from './rule.ts'

/** A part of an organisation that could not be read, or not be judged. */
export interface UnreadPart {
  account: string
  /** Absent: the account as a whole could not be judged. */
  region?: string
  part?: string
  reason: string
  remedy: string
}

/** What was found of one account. */
export interface AccountResult {
  account: string
  resources: number
  summary: Pick<Summary, 'stores' | 'covered' | 'verdicts' | 'open' | 'states'>
  takenAt?: string
  gaps: number
  /** Shards of it, and those that were not read. */
  shards: number
  unread: number
}

/** What was found of an organisation. Lists are cut, with their whole length beside them. */
export interface OrganizationSummary {
  version: 1
  tool: { name: 'rel09'; version: string }
  runId: string
  asOf: string
  policyDigest: string
  rulesDigest: string
  /** Every account was judged by all that the manifest names, or its absence is told as a gap. */
  isComplete: boolean
  accounts: { all: number; judged: number; withUnread: number }
  shards: { all: number; read: number; unread: number; missing: number }
  summary: Summary
  gaps: number
  /** The first of them. */
  unread: UnreadPart[]
  problems: InputProblem[]
  problemCount: number
  /** Those with the most severe open findings, the worst first. */
  worstAccounts: { account: string; open: { [severity in Severity]: number }; stores: number; uncovered: number }[]
  /** Rules with open or other failures, most first. */
  worstRules: { rule: string; title: string; severity: Severity; nonCompliant: number; accounts: number }[]
  unusedExemptions: IdleExemption[]
}

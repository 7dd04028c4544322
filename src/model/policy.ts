import type { FactValue } from './facts.ts'
import type { Location } from './record.ts'
import type { Severity } from './rule.ts'

/** How hard it must be to delete a recovery point, from nothing to a final compliance lock. */
export type Immutability = 'none' | 'denyPolicy' | 'lock' | 'complianceLock'

/** Immutability as an order (`objectives.immutabilityStrength`). */
export const immutabilities: readonly Immutability[] = ['none', 'denyPolicy', 'lock', 'complianceLock']

/** Objectives of one tier. Absent = the tier sets no such objective (`null` in the facts). */
export interface Tier {
  rpoHours?: number
  rtoHours?: number
  retentionDays?: number
  copies?: ('crossRegion' | 'crossAccount')[]
  immutability?: Immutability
  airGappedCopyDays?: number
  restoreTestDays?: number
  validateRestores?: boolean
  /** Added to a rule's severity: +1 = one step more severe. */
  severityShift?: number
}

/** What covers a store: AWS Backup, the service's own means, or replication (which keeps no points in time). */
export type MechanismKind = 'aws-backup' | 'native-pitr' | 'native-automated' | 'dlm' | 'replication'

/** One entry of `classification.rules`: all that is given must match. */
export interface ClassificationRule {
  /** Resource type; `*` at the end matches any rest. */
  type?: string
  account?: string
  region?: string
  /** Name; `*` matches any run of characters. */
  name?: string
  tags?: Record<string, string>
  tier: string
}

/** What the computation of facts assumes where AWS does not say. Printed in the evidence that depends on it. */
export interface Assumptions {
  jobMinutes: number
  startWindowMinutes: number
  jobWindowDays: number
  restoreJobWindowDays: number
  lookbackDays: number
  copyAllowanceHours: number
  restoreSlackHours: number
  testArtifactDays: number
  breakGlassArns: string[]
  trustedAccounts: string[]
  organizationId: string | null
  backupAccounts: string[]
  requiredTags: string[]
  exemptTag: string
  runbookTag: string
  restoreTestTag: string
  cacheTag: string
  backupTargetTag: string
  optInUnstated: 'on' | 'unknown'
  stringNotEqualsOnMissingTag: 'include' | 'exclude'
  alertOn: ('backupFailed' | 'copyFailed' | 'restoreFailed' | 'continuousInterrupted' | 's3ObjectFailed')[]
  destructiveEvents: string[]
  deletionActions: string[]
  destructiveActions: string[]
  allowedBackupPolicies: string[]
  auditControls: string[]
  auditReports: string[]
}

/** An accepted non-compliance, or (`kind: reproducible`) BP01's «or reproduce the data from sources». */
export interface Exemption {
  kind?: 'accepted' | 'reproducible'
  /** Rule id; absent for `reproducible`, which answers resource-in-backup-plan and what follows from it. */
  rule?: string
  /** ARN (or address) with `*` wildcards. */
  resource: string
  reason: string
  owner: string
  /** YYYY-MM-DD; the exemption holds through that day, UTC. */
  expires: string
  source?: string
  procedure?: string
  lastRehearsed?: string
  rehearsalHours?: number
}

/**
 * What a change no longer wants judged: an exemption new, wider or longer than before, or a rule switched off. `location`: where
 * the exemption stands, if beside a resource and not in the policy.
 */
export type ExemptionChange =
  | { change: 'added' | 'widened' | 'extended'; exemption: Exemption; location?: Location }
  | { change: 'switchedOff'; rule: string }

/** Proof of what no API shows: a manual restore test, a reviewed runbook, a rehearsed rebuild. */
export interface Attestation {
  kind: 'restoreTest' | 'runbook' | 'rebuild'
  resource: string
  date: string
  operator: string
  durationHours?: number
  result?: 'success' | 'failure'
  link?: string
  expires: string
}

/** What the policy says of one rule. */
export interface RuleSetting {
  severity?: Severity
  enabled?: boolean
  parameters?: { [name: string]: FactValue }
}

/** A policy with every default filled in: what good means here. */
export interface Policy {
  version: 1
  /** In the order of the file: the first tier is the strictest. */
  tiers: { [name: string]: Tier }
  classification: { tag: string | null; rules: ClassificationRule[]; default: string | null }
  /** Accepted mechanisms by type; `*` for every other type. */
  mechanisms: { [type: string]: MechanismKind[] }
  assumptions: Assumptions
  rules: { [id: string]: RuleSetting }
  exemptions: Exemption[]
  attestations: Attestation[]
  closedWorld: boolean
  configRecords: 'all' | string[] | null
  undeterminedAs: 'NOT_APPLICABLE' | 'NON_COMPLIANT'
  /** File it was read from, relative; absent for the built-in defaults. */
  file?: string
  /** SHA-256 of the canonical policy with defaults. */
  digest: string
}

/** Everything read so far, before the join. What is held per store and per point group is all that grows with an estate. */
import type { TierUse, Word } from '../model/beyond.ts'
import type { Policy } from '../model/policy.ts'
import type { GapRecord } from '../model/record.ts'
import type { NotEvaluated } from '../model/report.ts'
import type { ResourceDefinition } from '../resources/definition.ts'
import type { ScopeState } from './completeness.ts'
import { Contest } from './identity.ts'
import type { RestoreFold } from './job-folds.ts'
import type { EvidenceItem, SourceEntry, StoreItem } from './join.ts'
import type { VaultName } from './point-groups.ts'
import type { SnapshotGroup } from './snapshot-groups.ts'

/** What the join is built with. */
export interface InventoryOptions {
  definitions: readonly ResourceDefinition[]
  policy: Policy
  /** Present time, ISO 8601: decides only whether exemptions and rehearsals have expired. */
  now?: string
  /** `--now`: replaces every scope's `takenAt`. */
  clock?: string
  /** Set where the accounts of an organisation are judged one by one. */
  beyond?: Beyond
}

/** What is known of the rest of an organisation, but for its records. */
export interface Beyond {
  /** What other accounts tell of the vaults and keys of the one that is judged. Their stores are given as evidence. */
  words?: readonly Pick<Word, 'vaults' | 'keys'>[]
  /** The tiers of all stores of the organisation. Absent: the policy is judged elsewhere, with all of it. */
  tierUse?: TierUse
}

/** Counts of what was read and not judged, by type and reason. */
export class Unjudged {
  private readonly counts = new Map<string, NotEvaluated>()

  add(type: string, reason: string): void {
    const key = `${type}\n${reason}`
    const found = this.counts.get(key)
    if (found) found.count++
    // Types come from the input: a hostile one must not fill the memory.
    else if (this.counts.size < 2_000) this.counts.set(key, { type, reason, count: 1 })
  }

  list(): NotEvaluated[] {
    return [...this.counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry)
  }
}

/** Everything read so far; `finishJoin` turns it into the inventory. */
export interface Fold {
  options: InventoryOptions
  scopes: ScopeState[]
  gaps: GapRecord[]
  entries: Map<string, SourceEntry>
  /** Stores without an ARN, by identity. */
  unnamed: Map<string, StoreItem>
  evidence: Map<string, EvidenceItem>
  snapshotGroups: Map<string, SnapshotGroup>
  vaultNames: Map<string, VaultName>
  testingPlanJobs: Map<string, RestoreFold>
  restoreRoles: Set<string>
  /** What restore tests restored and left behind, by identity. */
  leftovers: Map<string, StoreItem>
  contest: Contest
  resourceCount: number
  unjudged: Unjudged
}

/** A fold of nothing. */
export function emptyFold(options: InventoryOptions): Fold {
  return {
    options,
    scopes: [],
    gaps: [],
    entries: new Map(),
    unnamed: new Map(),
    evidence: new Map(),
    snapshotGroups: new Map(),
    vaultNames: new Map(),
    testingPlanJobs: new Map(),
    restoreRoles: new Set(),
    leftovers: new Map(),
    contest: new Contest(),
    resourceCount: 0,
    unjudged: new Unjudged(),
  }
}

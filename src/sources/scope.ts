/** Scope records of what is read from files, and their ids. */
import { createHash } from 'node:crypto'
import type { GapRecord, ScopeRecord, SnapshotRecord, SourceKind } from '../model/record.ts'

/** What tells one scope from another. */
export interface ScopeIdentity {
  source: SourceKind
  account?: string | undefined
  region?: string | undefined
  /** ISO 8601 UTC. */
  takenAt?: string | undefined
  /** Set where account or time are not known, so that two files never share a scope by accident. */
  file?: string | undefined
}

/** The id of a scope: the first 16 hex digits of SHA-256 over what tells it from others. */
export function scopeId(identity: ScopeIdentity): string {
  const { source, account, region, takenAt, file } = identity
  const text = JSON.stringify([source, account ?? null, region ?? null, takenAt ?? null, file ?? null])
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** A scope record; it closes nothing by itself (no `factGroups`, no `types`): what it proves is the inventory's to decide. */
export function scopeRecord(identity: ScopeIdentity): ScopeRecord {
  const scope: ScopeRecord = { record: 'scope', id: scopeId(identity), source: identity.source }
  if (identity.account !== undefined) scope.account = identity.account
  if (identity.region !== undefined) scope.region = identity.region
  if (identity.takenAt !== undefined) scope.takenAt = identity.takenAt
  if (identity.file !== undefined) scope.file = identity.file
  return scope
}

/** A gap that may concern anything in a scope: a part of the file that holds it was lost. */
export function lostPart(
  scope: string,
  reason: GapRecord['reason'],
  file: string,
  line: number | undefined,
  remedy: string,
): GapRecord {
  const gap: GapRecord = { record: 'gap', scope, factGroups: ['*'], types: [], file, reason, remedy }
  if (line !== undefined) gap.line = line
  return gap
}

/** The scopes of one reading: each is emitted once, before the first record that names it. */
export interface ScopeBook {
  /** The id of a scope; its record is added to the batch where it is new. */
  enter(identity: ScopeIdentity, batch: SnapshotRecord[]): string
}

/** An empty book. */
export function scopeBook(): ScopeBook {
  const known = new Map<string, string>()
  return {
    enter(identity, batch) {
      const { source, account, region, takenAt, file } = identity
      const key = `${source}\n${account ?? ''}\n${region ?? ''}\n${takenAt ?? ''}\n${file ?? ''}`
      let id = known.get(key)
      if (id === undefined) {
        const scope = scopeRecord(identity)
        id = scope.id
        known.set(key, id)
        batch.push(scope)
      }
      return id
    },
  }
}

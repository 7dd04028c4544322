/** What is kept of a shard beside its snapshot: that it was read, and what lies there; or that it could not be read. */
import { createHash } from 'node:crypto'
import type { GapReason, GapRecord, ScopeRecord } from '../../model/record.ts'
import type { InputProblem } from '../../model/report.ts'
import { type Shard, shardName } from './keys.ts'

/** A shard that was read; what of it was not is told by gaps in its snapshot. */
export interface ReadShard {
  status: 'read'
  /** SHA-256 of the snapshot, in hex. */
  digest: string
  /** SHA-256 of what others must know of it. */
  exported: string
  /** Accounts that were given records of it. */
  routedTo: string[]
  resources: number
  gaps: number
  /** Newest time of its scopes. */
  takenAt?: string | undefined
  /** What of a given snapshot is no snapshot. */
  problems: InputProblem[]
}

/** A shard of which nothing was read. */
export interface UnreadableShard {
  status: 'unreadable'
  reason: GapReason
  remedy: string
  /** The snapshot that the manifest names is at fault, which is no finding about AWS. */
  isInput: boolean
}

/** What is kept of a shard. */
export type ShardMarker = ReadShard | UnreadableShard

/** What stands in the place of the snapshot of a shard that was not read: a scope that claims nothing, and a gap that cuts everything. */
export function unreadRecords(
  shard: Shard,
  { reason, remedy }: Pick<UnreadableShard, 'reason' | 'remedy'>,
  takenAt: string,
): [ScopeRecord, GapRecord] {
  const { account, region } = shard
  // Of several Regions none is named: it is true of every one.
  const place = region === 'all' ? { account } : { account, region }
  const id = createHash('sha256')
    .update(`unread ${shardName(shard)} ${takenAt}`)
    .digest('hex')
    .slice(0, 16)
  return [
    { record: 'scope', id, source: 'aws', account, region: place.region ?? 'global', takenAt, factGroups: [] },
    { record: 'gap', scope: id, ...place, factGroups: ['*'], types: [], reason, remedy },
  ]
}

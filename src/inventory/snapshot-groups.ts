/**
 * Native snapshots, folded while streaming into groups (source × account × Region × service), as recovery points are.
 * Times are epoch seconds.
 */
import type { NativeSnapshot } from '../model/guards.ts'
import type { Declared, Header } from './join.ts'

/** Snapshots of one source and owner. `-1` in a time = none. */
export interface SnapshotGroup {
  service: NativeSnapshot['service']
  type: string
  sourceType: string
  /** ARN of the source, else its identifier; `null` where AWS does not say. */
  source: string | null
  account: string | undefined
  region: string | undefined
  count: number
  manual: number
  automated: number
  manualUnknown: number
  encrypted: FlagFold
  isPublic: FlagFold
  untrusted: FlagFold
  newestAt: number
  newestArn: string | null
  oldestAt: number
  oldestArn: string | null
  /** Members whose time of creation is not known. */
  createdUnknown: number
  clockSeconds: number | undefined
  file: string | null
  line: number
  /** Where the source is not told, each snapshot stands alone: its own name. */
  name: string
  /** A template's snapshot stands alone, too: it is declared by itself. */
  address: string | undefined
  declared: Declared | undefined
}

/** Members that show a flag, that lack it, and of which it is not known. */
export interface FlagFold {
  trueCount: number
  trueArn: string | null
  falseCount: number
  falseArn: string | null
  unknownCount: number
}

/** A group with nothing in it, of the owner of a first snapshot. */
export function emptySnapshotGroup(
  { type, sourceType, account, region, address, declared }: Header,
  service: NativeSnapshot['service'],
  source: string | null,
  name: string,
): SnapshotGroup {
  return {
    service,
    type,
    sourceType,
    source,
    account,
    region,
    address,
    declared,
    count: 0,
    manual: 0,
    automated: 0,
    manualUnknown: 0,
    encrypted: emptyFlagFold(),
    isPublic: emptyFlagFold(),
    untrusted: emptyFlagFold(),
    newestAt: -1,
    newestArn: null,
    oldestAt: -1,
    oldestArn: null,
    createdUnknown: 0,
    clockSeconds: undefined,
    file: null,
    line: 0,
    name,
  }
}

/** A fold with nothing in it. */
export function emptyFlagFold(): FlagFold {
  return { trueCount: 0, trueArn: null, falseCount: 0, falseArn: null, unknownCount: 0 }
}

/** Adds a member's flag. */
export function foldFlag(fold: FlagFold, flag: boolean | undefined, arn: string): void {
  if (flag === undefined) fold.unknownCount++
  else if (flag) {
    fold.trueCount++
    if (fold.trueArn === null || arn < fold.trueArn) fold.trueArn = arn
  } else {
    fold.falseCount++
    if (fold.falseArn === null || arn < fold.falseArn) fold.falseArn = arn
  }
}

/** Folds one snapshot. `trusted` holds the owner and the accounts that may restore it. */
export function foldSnapshot(
  group: SnapshotGroup,
  snapshot: NativeSnapshot,
  arn: string,
  trusted: ReadonlySet<string>,
  clockSeconds: number | undefined,
): void {
  group.count++
  if (clockSeconds !== undefined && (group.clockSeconds === undefined || clockSeconds > group.clockSeconds))
    group.clockSeconds = clockSeconds
  if (snapshot.manual === undefined) group.manualUnknown++
  else if (snapshot.manual) group.manual++
  else group.automated++
  foldFlag(group.encrypted, snapshot.encrypted, arn)
  const shares = snapshot.sharedWith
  foldFlag(group.isPublic, shares?.includes('all'), arn)
  foldFlag(
    group.untrusted,
    shares?.some(account => account !== 'all' && !trusted.has(account)),
    arn,
  )
  if (snapshot.createdAt === undefined) {
    group.createdUnknown++
    return
  }
  const at = Math.floor(snapshot.createdAt / 1000)
  if (at > group.newestAt || (at === group.newestAt && arn < group.newestArn!)) {
    group.newestAt = at
    group.newestArn = arn
  }
  if (group.oldestAt < 0 || at < group.oldestAt || (at === group.oldestAt && arn < group.oldestArn!)) {
    group.oldestAt = at
    group.oldestArn = arn
  }
}

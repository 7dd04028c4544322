/**
 * Recovery points, folded while streaming into groups (source ARN × vault): counts, and the worst values with the smallest
 * ARN that shows each. A million points are never held (DESIGN §2). Times are epoch seconds, which V8 keeps unboxed.
 */
import type { RecoveryPoint } from '../model/backup.ts'

/** A vault as points name it. */
export interface VaultName {
  arn: string
  name: string
  account: string | undefined
  region: string | undefined
}

/** Points of one source in one vault. Counts cover all; `-1` in a time or retention = none. */
export class PointGroup {
  count = 0
  usable = 0
  expired = 0
  partial = 0
  encrypted = 0
  unencrypted = 0
  encryptedArn: string | null = null
  unencryptedArn: string | null = null
  forever = 0
  foreverArn: string | null = null
  bounded = 0
  boundedArn: string | null = null
  retentionUnknown = 0
  retentionMin = -1
  retentionMinArn: string | null = null
  retentionMax = -1
  retentionMaxArn: string | null = null
  /** Creation of the newest and of the oldest usable point that is not continuous. */
  newestAt = -1
  newestArn: string | null = null
  oldestAt = -1
  oldestArn: string | null = null
  /** A usable continuous point: its restorable time where stated (else -1). */
  continuous = 0
  restorableAt = -1
  continuousArn: string | null = null
  /** Newest point by a plan and on demand, and how many within the look-back. */
  automatedRecent = 0
  manualRecent = 0
  lastRestoreAt = -1
  restoreKnown = 0
  scanClean = 0
  scanCleanArn: string | null = null
  scanFindings = 0
  scanFindingsArn: string | null = null
  scanUnknown = 0
  createdUnknown = 0
  airGapped = false
  /** The key of the points; `undefined` = not known, `null` = none; further keys in `otherKeys`. */
  keyArn: string | null | undefined = undefined
  keyKnown = false
  otherKeys: (string | null)[] | null = null
  next: PointGroup | null = null
  clockSeconds: number | undefined = undefined
  scopeIndex = 0
  line = 0
  file: string | null = null

  constructor(
    readonly sourceArn: string | null,
    readonly vault: VaultName,
    public service: string | null,
    readonly tags: null = null,
  ) {}
}

const smaller = (current: string | null, arn: string): string => (current === null || arn < current ? arn : current)

/** Usable: can be restored from (aws-apis §3.3). */
function isUsable(status: string | undefined): boolean {
  return status === 'COMPLETED' || status === 'AVAILABLE'
}

/** Folds one point into its group. Children of composite points are counted with their parent and skipped by the caller. */
export function foldPoint(
  group: PointGroup,
  point: RecoveryPoint,
  clockSeconds: number | undefined,
  lookbackDays: number,
): void {
  const { arn } = point
  group.count++
  if (point.airGapped) group.airGapped = true
  if (group.service === null && point.service) group.service = point.service
  if (clockSeconds !== undefined) group.clockSeconds = clockSeconds
  if (point.isEncrypted === true) {
    group.encrypted++
    group.encryptedArn = smaller(group.encryptedArn, arn)
  } else if (point.isEncrypted === false) {
    group.unencrypted++
    group.unencryptedArn = smaller(group.unencryptedArn, arn)
  }
  foldRetention(group, point)
  if (point.scan === 'clean') {
    group.scanClean++
    group.scanCleanArn = smaller(group.scanCleanArn, arn)
  } else if (point.scan === 'findings') {
    group.scanFindings++
    group.scanFindingsArn = smaller(group.scanFindingsArn, arn)
  } else group.scanUnknown++
  if (point.lastRestoreAt !== undefined) group.restoreKnown++
  if (point.lastRestoreAt && point.lastRestoreAt / 1000 > group.lastRestoreAt)
    group.lastRestoreAt = Math.floor(point.lastRestoreAt / 1000)
  const { status } = point
  if (status === 'EXPIRED') group.expired++
  else if (status === 'PARTIAL' || status === 'STOPPED') group.partial++
  if (!isUsable(status)) return
  group.usable++
  foldKey(group, point.keyArn)
  const createdAt = point.createdAt === undefined ? -1 : Math.floor(point.createdAt / 1000)
  if (point.continuous) {
    group.continuous++
    group.continuousArn = smaller(group.continuousArn, arn)
    if (point.restorableAt !== undefined && point.restorableAt / 1000 > group.restorableAt)
      group.restorableAt = Math.floor(point.restorableAt / 1000)
  } else if (createdAt >= 0) {
    if (createdAt > group.newestAt || (createdAt === group.newestAt && arn < group.newestArn!)) {
      group.newestAt = createdAt
      group.newestArn = arn
    }
  } else group.createdUnknown++
  if (createdAt >= 0) {
    if (group.oldestAt < 0 || createdAt < group.oldestAt || (createdAt === group.oldestAt && arn < group.oldestArn!)) {
      group.oldestAt = createdAt
      group.oldestArn = arn
    }
    // A continuous point is made anew all the time, whenever it began.
    const recent = clockSeconds === undefined || point.continuous || clockSeconds - createdAt <= lookbackDays * 86_400
    if (recent && point.byPlan === true) group.automatedRecent++
    else if (recent && point.byPlan === false) group.manualRecent++
  }
}

function foldRetention(group: PointGroup, point: RecoveryPoint): void {
  const { arn, retentionDays } = point
  if (retentionDays === undefined) group.retentionUnknown++
  else if (retentionDays === null) {
    group.forever++
    group.foreverArn = smaller(group.foreverArn, arn)
  } else {
    group.bounded++
    group.boundedArn = smaller(group.boundedArn, arn)
    if (
      group.retentionMin < 0 ||
      retentionDays < group.retentionMin ||
      (retentionDays === group.retentionMin && arn < group.retentionMinArn!)
    ) {
      group.retentionMin = retentionDays
      group.retentionMinArn = arn
    }
    if (retentionDays > group.retentionMax || (retentionDays === group.retentionMax && arn < group.retentionMaxArn!)) {
      group.retentionMax = retentionDays
      group.retentionMaxArn = arn
    }
  }
}

function foldKey(group: PointGroup, keyArn: string | null | undefined): void {
  if (!group.keyKnown) {
    group.keyKnown = true
    group.keyArn = keyArn
  } else if (keyArn === undefined || group.keyArn === undefined) group.keyArn = undefined
  else if (keyArn !== group.keyArn) {
    group.otherKeys ??= []
    if (!group.otherKeys.includes(keyArn)) group.otherKeys.push(keyArn)
    // A group with so many keys is hostile or odd: which keys it hangs on is then not known, whatever the order.
    if (group.otherKeys.length > 50) group.keyArn = undefined
  }
}

/** Every key of the group's usable points; `undefined` where some is not known. */
export function keysOf(group: PointGroup): (string | null)[] | undefined {
  // An image names no key: its snapshots hang on the keys of the volumes.
  if (!group.keyKnown || group.keyArn === undefined || group.service === 'EC2') return undefined
  return group.otherKeys ? [group.keyArn, ...group.otherKeys] : [group.keyArn]
}

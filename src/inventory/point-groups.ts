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
  /** Usable points within the look-back, by a plan and on demand, and those that may be either or older. */
  automatedRecent = 0
  manualRecent = 0
  recentUnknown = 0
  lastRestoreAt = -1
  scanClean = 0
  scanCleanArn: string | null = null
  scanFindings = 0
  scanFindingsArn: string | null = null
  createdUnknown = 0
  /** Points of which it is not known whether they are usable. */
  statusUnknown = 0
  airGapped = false
  /** The key of the points; `undefined` = not known, `null` = none; further keys in `otherKeys`. */
  keyArn: string | null | undefined = undefined
  keyKnown = false
  otherKeys: (string | null)[] | null = null
  next: PointGroup | null = null
  clockSeconds: number | undefined = undefined
  service: string | null = null
  line = 0
  file: string | null = null

  constructor(
    readonly sourceArn: string | null,
    readonly vault: VaultName,
  ) {}
}

/** Keeps where the first member of a group stands: the smallest file and line. */
export function standsAt(group: { file: string | null; line: number }, file: string | undefined, line: number): void {
  if (file === undefined || line < 1) return
  if (group.file === null || file < group.file || (file === group.file && line < group.line)) {
    group.file = file
    group.line = line
  }
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
  group.count++
  if (point.airGapped) group.airGapped = true
  if (point.service && (group.service === null || point.service < group.service)) group.service = point.service
  // Of several captures the newest tells the time: by an older clock a point would look fresher than it is.
  if (clockSeconds !== undefined && (group.clockSeconds === undefined || clockSeconds > group.clockSeconds))
    group.clockSeconds = clockSeconds
  foldFlags(group, point)
  foldRetention(group, point)
  if (point.lastRestoreAt && point.lastRestoreAt / 1000 > group.lastRestoreAt)
    group.lastRestoreAt = Math.floor(point.lastRestoreAt / 1000)
  const { status } = point
  if (status === 'EXPIRED') group.expired++
  else if (status === 'PARTIAL' || status === 'STOPPED') group.partial++
  if (status === undefined) group.statusUnknown++
  if (!isUsable(status)) return
  group.usable++
  foldKey(group, point.keyArn)
  const createdAt = point.createdAt === undefined ? -1 : Math.floor(point.createdAt / 1000)
  if (point.continuous) foldContinuous(group, point)
  else foldAge(group, point.arn, createdAt)
  foldOrigin(group, point, createdAt, clockSeconds, lookbackDays)
}

function foldFlags(group: PointGroup, { arn, isEncrypted, scan }: RecoveryPoint): void {
  if (isEncrypted === true) {
    group.encrypted++
    group.encryptedArn = smaller(group.encryptedArn, arn)
  } else if (isEncrypted === false) {
    group.unencrypted++
    group.unencryptedArn = smaller(group.unencryptedArn, arn)
  }
  if (scan === 'clean') {
    group.scanClean++
    group.scanCleanArn = smaller(group.scanCleanArn, arn)
  } else if (scan === 'findings') {
    group.scanFindings++
    group.scanFindingsArn = smaller(group.scanFindingsArn, arn)
  }
}

/** A continuous point was created when its stream began: that tells neither how new nor how old its data is (aws-apis §3.3). */
function foldContinuous(group: PointGroup, { arn, restorableAt }: RecoveryPoint): void {
  group.continuous++
  group.continuousArn = smaller(group.continuousArn, arn)
  if (restorableAt !== undefined && restorableAt / 1000 > group.restorableAt)
    group.restorableAt = Math.floor(restorableAt / 1000)
}

function foldAge(group: PointGroup, arn: string, createdAt: number): void {
  if (createdAt < 0) {
    group.createdUnknown++
    return
  }
  if (createdAt > group.newestAt || (createdAt === group.newestAt && arn < group.newestArn!)) {
    group.newestAt = createdAt
    group.newestArn = arn
  }
  if (group.oldestAt < 0 || createdAt < group.oldestAt || (createdAt === group.oldestAt && arn < group.oldestArn!)) {
    group.oldestAt = createdAt
    group.oldestArn = arn
  }
}

/** Who made a point within the look-back. A continuous one is made anew all the time, whenever it began. */
function foldOrigin(
  group: PointGroup,
  { byPlan, continuous }: RecoveryPoint,
  createdAt: number,
  clockSeconds: number | undefined,
  lookbackDays: number,
): void {
  const timed = createdAt >= 0 && clockSeconds !== undefined
  if (!continuous && timed && clockSeconds - createdAt > lookbackDays * 86_400) return
  if (byPlan === undefined || !(continuous || timed)) group.recentUnknown++
  else if (byPlan) group.automatedRecent++
  else group.manualRecent++
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

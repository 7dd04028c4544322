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

/** What few groups have of their points: kept apart, for there are as many groups as stores. */
class Exceptions {
  expired = 0
  partial = 0
  unencrypted = 0
  unencryptedArn: string | null = null
  forever = 0
  foreverArn: string | null = null
  retentionUnknown = 0
  continuous = 0
  restorableAt = -1
  continuousArn: string | null = null
  manualRecent = 0
  recentUnknown = 0
  lastRestoreAt = -1
  scanClean = 0
  scanCleanArn: string | null = null
  scanFindings = 0
  scanFindingsArn: string | null = null
  createdUnknown = 0
  statusUnknown = 0
  otherKeys: (string | null)[] | null = null
}

/** Of every group without exceptions. */
const noExceptions: Readonly<Exceptions> = Object.freeze(new Exceptions())

/** Points of one source in one vault. Counts cover all; `-1` in a time or retention = none. */
export class PointGroup {
  count = 0
  usable = 0
  encrypted = 0
  encryptedArn: string | null = null
  bounded = 0
  boundedArn: string | null = null
  retentionMin = -1
  retentionMinArn: string | null = null
  retentionMax = -1
  retentionMaxArn: string | null = null
  /** Creation of the newest and of the oldest usable point that is not continuous. */
  newestAt = -1
  newestArn: string | null = null
  oldestAt = -1
  oldestArn: string | null = null
  /** Usable points within the look-back that a plan made; see `manualRecent`, `recentUnknown`. */
  automatedRecent = 0
  airGapped = false
  /** The key of the points; `undefined` = not known, `null` = none; further keys in `otherKeys`. */
  keyArn: string | null | undefined = undefined
  keyKnown = false
  next: PointGroup | null = null
  clockSeconds: number | undefined = undefined
  service: string | null = null
  line = 0
  file: string | null = null
  private exceptions: Readonly<Exceptions> = noExceptions

  constructor(
    readonly sourceArn: string | null,
    readonly vault: VaultName,
  ) {}

  /** The exceptions, to be written to. */
  except(): Exceptions {
    if (this.exceptions === noExceptions) this.exceptions = new Exceptions()
    return this.exceptions as Exceptions
  }

  get expired(): number {
    return this.exceptions.expired
  }
  get partial(): number {
    return this.exceptions.partial
  }
  get unencrypted(): number {
    return this.exceptions.unencrypted
  }
  get unencryptedArn(): string | null {
    return this.exceptions.unencryptedArn
  }
  get forever(): number {
    return this.exceptions.forever
  }
  get foreverArn(): string | null {
    return this.exceptions.foreverArn
  }
  get retentionUnknown(): number {
    return this.exceptions.retentionUnknown
  }
  /** Usable continuous points. */
  get continuous(): number {
    return this.exceptions.continuous
  }
  /** The newest restorable time that a continuous point states. */
  get restorableAt(): number {
    return this.exceptions.restorableAt
  }
  get continuousArn(): string | null {
    return this.exceptions.continuousArn
  }
  /** Usable points within the look-back that were made on demand. */
  get manualRecent(): number {
    return this.exceptions.manualRecent
  }
  /** Usable points that may be either, or older. */
  get recentUnknown(): number {
    return this.exceptions.recentUnknown
  }
  get lastRestoreAt(): number {
    return this.exceptions.lastRestoreAt
  }
  get scanClean(): number {
    return this.exceptions.scanClean
  }
  get scanCleanArn(): string | null {
    return this.exceptions.scanCleanArn
  }
  get scanFindings(): number {
    return this.exceptions.scanFindings
  }
  get scanFindingsArn(): string | null {
    return this.exceptions.scanFindingsArn
  }
  get createdUnknown(): number {
    return this.exceptions.createdUnknown
  }
  /** Points of which it is not known whether they are usable. */
  get statusUnknown(): number {
    return this.exceptions.statusUnknown
  }
  /** Keys of the points besides `keyArn`. */
  get otherKeys(): (string | null)[] | null {
    return this.exceptions.otherKeys
  }
}

/** Keeps where the first member of a group stands: the smallest file and line. */
export function standsAt(group: { file: string | null; line: number }, file: string | undefined, line: number): void {
  if (file === undefined || line < 1) return
  if (group.file === null || file < group.file || (file === group.file && line < group.line)) {
    group.file = file
    group.line = line
  }
}

let lastArn = ''
let lastOther = ''
let wasBefore = false

/** Whether an ARN comes before another. One point is mostly compared with the same ARN several times: its group's smallest so far. */
function isBefore(arn: string, other: string): boolean {
  if (arn !== lastArn || other !== lastOther) {
    lastArn = arn
    lastOther = other
    wasBefore = arn < other
  }
  return wasBefore
}

const smaller = (current: string | null, arn: string): string =>
  current === null || isBefore(arn, current) ? arn : current

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
    group.except().lastRestoreAt = Math.floor(point.lastRestoreAt / 1000)
  const { status } = point
  if (status === 'EXPIRED') group.except().expired++
  else if (status === 'PARTIAL' || status === 'STOPPED') group.except().partial++
  if (status === undefined) group.except().statusUnknown++
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
    const exceptions = group.except()
    exceptions.unencrypted++
    exceptions.unencryptedArn = smaller(exceptions.unencryptedArn, arn)
  }
  if (scan === 'clean') {
    const exceptions = group.except()
    exceptions.scanClean++
    exceptions.scanCleanArn = smaller(exceptions.scanCleanArn, arn)
  } else if (scan === 'findings') {
    const exceptions = group.except()
    exceptions.scanFindings++
    exceptions.scanFindingsArn = smaller(exceptions.scanFindingsArn, arn)
  }
}

/** A continuous point was created when its stream began: that tells neither how new nor how old its data is (aws-apis §3.3). */
function foldContinuous(group: PointGroup, { arn, restorableAt }: RecoveryPoint): void {
  const exceptions = group.except()
  exceptions.continuous++
  exceptions.continuousArn = smaller(exceptions.continuousArn, arn)
  if (restorableAt !== undefined && restorableAt / 1000 > exceptions.restorableAt)
    exceptions.restorableAt = Math.floor(restorableAt / 1000)
}

function foldAge(group: PointGroup, arn: string, createdAt: number): void {
  if (createdAt < 0) {
    group.except().createdUnknown++
    return
  }
  if (createdAt > group.newestAt || (createdAt === group.newestAt && isBefore(arn, group.newestArn!))) {
    group.newestAt = createdAt
    group.newestArn = arn
  }
  if (
    group.oldestAt < 0 ||
    createdAt < group.oldestAt ||
    (createdAt === group.oldestAt && isBefore(arn, group.oldestArn!))
  ) {
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
  if (byPlan === undefined || !(continuous || timed)) group.except().recentUnknown++
  else if (byPlan) group.automatedRecent++
  else group.except().manualRecent++
}

function foldRetention(group: PointGroup, point: RecoveryPoint): void {
  const { arn, retentionDays } = point
  if (retentionDays === undefined) group.except().retentionUnknown++
  else if (retentionDays === null) {
    const exceptions = group.except()
    exceptions.forever++
    exceptions.foreverArn = smaller(exceptions.foreverArn, arn)
  } else {
    group.bounded++
    group.boundedArn = smaller(group.boundedArn, arn)
    if (
      group.retentionMin < 0 ||
      retentionDays < group.retentionMin ||
      (retentionDays === group.retentionMin && isBefore(arn, group.retentionMinArn!))
    ) {
      group.retentionMin = retentionDays
      group.retentionMinArn = arn
    }
    if (
      retentionDays > group.retentionMax ||
      (retentionDays === group.retentionMax && isBefore(arn, group.retentionMaxArn!))
    ) {
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
    const others = (group.except().otherKeys ??= [])
    if (!others.includes(keyArn)) others.push(keyArn)
    // A group with so many keys is hostile or odd: which keys it hangs on is then not known, whatever the order.
    if (others.length > 50) group.keyArn = undefined
  }
}

/** Every key of the group's usable points; `undefined` where some is not known. */
export function keysOf(group: PointGroup): (string | null)[] | undefined {
  // An image names no key: its snapshots hang on the keys of the volumes.
  if (!group.keyKnown || group.keyArn === undefined || group.service === 'EC2') return undefined
  return group.otherKeys ? [group.keyArn, ...group.otherKeys] : [group.keyArn]
}

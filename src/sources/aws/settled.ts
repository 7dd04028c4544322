/**
 * What AWS says once and for all: jobs that have ended, and recovery points that nobody can change. Only these are carried over from
 * an older snapshot; `carried-over.md` says why each condition is there.
 */

/** An element of a list, as a record holds it: times are texts. */
type Element = { readonly [member: string]: unknown }

/** Milliseconds of a day. */
export const day = 86_400_000

/** A moment of a record, in milliseconds; `undefined` where it is none. */
export function momentOf(value: unknown): number | undefined {
  const moment = value instanceof Date ? value.getTime() : typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(moment) ? undefined : moment
}

/** States that a job does not leave. https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupJob.html */
const lastStates = new Set(['COMPLETED', 'FAILED', 'ABORTED', 'EXPIRED', 'PARTIAL'])

/** Whether a backup or copy job had ended by a moment, so that it will never be told otherwise. */
export function isJobSettled(job: Element, by: number): boolean {
  if (typeof job.State !== 'string' || !lastStates.has(job.State)) return false
  const ended = momentOf(job.CompletionDate)
  if (ended !== undefined) return ended < by
  // What was never begun has no end; of what has run the end must be known.
  return job.State === 'EXPIRED' && job.IsParent !== true
}

/**
 * Resource types whose recovery points change by nothing but their lifecycle and restores. Those of Amazon EBS, EC2 and S3 may be
 * scanned and indexed at any time, those of composite types hold such.
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/malware-protection.html
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/backup-search.html
 */
const plainTypes = new Set([
  'Aurora',
  'DocumentDB',
  'DynamoDB',
  'EFS',
  'FSx',
  'Neptune',
  'RDS',
  'Redshift',
  'Redshift Serverless',
  'Storage Gateway',
  'Timestream',
  'VirtualMachine',
])

/** Members of what is scanned, indexed or made of others. */
const livingMembers = ['AggregatedScanResult', 'ParentRecoveryPointArn', 'CompositeMemberIdentifier']

const isContinuous = ({ RecoveryPointArn }: Element) =>
  typeof RecoveryPointArn !== 'string' || RecoveryPointArn.includes(':continuous:')

/**
 * Until when a recovery point in a vault that is locked stays as it was told at a moment, in milliseconds; `undefined`: it may
 * change at any time.
 */
export function settledUntil(point: Element, at: number): number | undefined {
  const { Status, ResourceType, IsParent, Lifecycle, CalculatedLifecycle } = point
  if (Status !== 'COMPLETED' || isContinuous(point) || IsParent === true) return undefined
  if (typeof ResourceType !== 'string' || !plainTypes.has(ResourceType)) return undefined
  if (livingMembers.some(member => point[member] !== undefined && point[member] !== null)) return undefined
  const lifecycle = membersOf(Lifecycle)
  const { DeleteAt, MoveToColdStorageAt } = membersOf(CalculatedLifecycle)
  if (lifecycle.DeleteAfterEvent !== undefined) return undefined
  const isKept = lifecycle.DeleteAfterDays === undefined || lifecycle.DeleteAfterDays === -1
  const deleted = DeleteAt === undefined && isKept ? Number.POSITIVE_INFINITY : momentOf(DeleteAt)
  const cooled = MoveToColdStorageAt === undefined ? Number.POSITIVE_INFINITY : momentOf(MoveToColdStorageAt)
  if (deleted === undefined || cooled === undefined) return undefined
  return Math.min(deleted, cooled < at ? Number.POSITIVE_INFINITY : cooled)
}

const membersOf = (value: unknown): Element => (typeof value === 'object' && value !== null ? (value as Element) : {})

/**
 * Whether a vault has been locked so that nobody can take the lock away, since a moment: nobody can then delete its recovery points
 * before their time, nor change how long they are kept. Air-gapped vaults are left out: other accounts may restore from them.
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/API_PutBackupVaultLockConfiguration.html
 */
export function isLockedSince(vault: Element, moment: number): boolean {
  const locked = momentOf(vault.LockDate)
  return vault.VaultType === 'BACKUP_VAULT' && vault.Locked === true && locked !== undefined && locked < moment
}

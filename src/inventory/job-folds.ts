/**
 * Backup, copy and restore jobs, folded while streaming per source ARN. AWS Backup keeps jobs for 30 days: what is older
 * is not known, never «none» (aws-apis §3.4). Times are epoch seconds.
 */
import type { BackupJob, RestoreJob } from '../model/backup.ts'

/** Finished jobs of one kind of one source within the window. */
export interface JobFold {
  finished: number
  failed: number
  lastAt: number
  lastId: string
  lastState: string | null
  lastFailureAt: number
  lastFailureId: string
  lastMessage: string | null
}

/** A fold with nothing in it. */
export function emptyJobFold(): JobFold {
  return {
    finished: 0,
    failed: 0,
    lastAt: -1,
    lastId: '',
    lastState: null,
    lastFailureAt: -1,
    lastFailureId: '',
    lastMessage: null,
  }
}

const finishedStates = new Set(['COMPLETED', 'FAILED', 'ABORTED', 'EXPIRED', 'PARTIAL'])

/** Newer, or as new with the smaller id: the order of the records must not matter. */
const isLater = (at: number, id: string, lastAt: number, lastId: string) =>
  at > lastAt || (at === lastAt && id < lastId)

/** Folds one job; jobs outside the window (days before the clock), unfinished ones and children are left out. */
export function foldJob(fold: JobFold, job: BackupJob, clockSeconds: number | undefined, windowDays: number): void {
  if (job.isChild || job.state === undefined || !finishedStates.has(job.state)) return
  const at = Math.floor((job.completedAt ?? job.createdAt ?? -1000) / 1000)
  if (clockSeconds !== undefined && at >= 0 && clockSeconds - at > windowDays * 86_400) return
  fold.finished++
  // PARTIAL holds less than it should: it counts as a failure (aws-controls §6).
  const failed = job.state !== 'COMPLETED'
  if (isLater(at, job.id, fold.lastAt, fold.lastId)) {
    fold.lastAt = at
    fold.lastId = job.id
    fold.lastState = job.state
  }
  if (!failed) return
  fold.failed++
  if (isLater(at, job.id, fold.lastFailureAt, fold.lastFailureId)) {
    fold.lastFailureAt = at
    fold.lastFailureId = job.id
    fold.lastMessage = job.message ?? null
  }
}

/** Restore jobs of one source, or of one restore testing plan. */
export interface RestoreFold {
  finished: number
  failed: number
  deletionFailed: number
  lastAt: number
  lastId: string
  lastStatus: string | null
  /** The last COMPLETED job. */
  successAt: number
  successId: string
  successDurationHours: number | undefined
  successValidation: string | null
  successPointAgeHours: number | undefined
}

/** A fold with nothing in it. */
export function emptyRestoreFold(): RestoreFold {
  return {
    finished: 0,
    failed: 0,
    deletionFailed: 0,
    lastAt: -1,
    lastId: '',
    lastStatus: null,
    successAt: -1,
    successId: '',
    successDurationHours: undefined,
    successValidation: null,
    successPointAgeHours: undefined,
  }
}

const finishedStatuses = new Set(['COMPLETED', 'ABORTED', 'FAILED'])

/** Folds one restore job; unfinished ones and children are left out. */
export function foldRestoreJob(
  fold: RestoreFold,
  job: RestoreJob,
  clockSeconds: number | undefined,
  windowDays: number,
): void {
  if (job.isChild || job.status === undefined || !finishedStatuses.has(job.status)) return
  const at = Math.floor((job.completedAt ?? job.createdAt ?? -1000) / 1000)
  const inWindow = clockSeconds === undefined || at < 0 || clockSeconds - at <= windowDays * 86_400
  if (inWindow) {
    fold.finished++
    if (job.status !== 'COMPLETED' || job.validation === 'FAILED' || job.validation === 'TIMED_OUT') fold.failed++
    if (job.deletion === 'FAILED') fold.deletionFailed++
  }
  if (isLater(at, job.id, fold.lastAt, fold.lastId)) {
    fold.lastAt = at
    fold.lastId = job.id
    fold.lastStatus = job.status
  }
  if (job.status !== 'COMPLETED' || !isLater(at, job.id, fold.successAt, fold.successId)) return
  fold.successAt = at
  fold.successId = job.id
  fold.successValidation = job.validation ?? null
  fold.successDurationHours =
    job.createdAt === undefined || !job.completedAt
      ? undefined
      : Math.round(((job.completedAt - job.createdAt) / 3_600_000) * 100) / 100
  fold.successPointAgeHours =
    job.createdAt === undefined || !job.recoveryPointCreatedAt
      ? undefined
      : Math.round(((job.createdAt - job.recoveryPointCreatedAt) / 3_600_000) * 100) / 100
}

/**
 * Backup, copy and restore jobs, folded while streaming per source ARN. AWS Backup keeps jobs for 30 days: what is older
 * is not known, never «none» (aws-apis §3.4). Times are epoch seconds.
 */
import type { BackupJob, RestoreJob } from '../model/backup.ts'

/** Finished jobs of one kind of one source within the window. */
export interface JobFold {
  finished: number
  failed: number
  /** Jobs that may belong to the window: the state, the time or the clock is not known. */
  unsure: number
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
    unsure: 0,
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

/** When a job ended, else when it was made. Epoch seconds. */
function endOf({ completedAt, createdAt }: BackupJob | RestoreJob): number | undefined {
  const time = completedAt ?? createdAt
  return time === undefined ? undefined : Math.floor(time / 1000)
}

/** Folds one job; jobs outside the window (days before the clock), unfinished ones and children are left out. */
export function foldJob(fold: JobFold, job: BackupJob, clockSeconds: number | undefined, windowDays: number): void {
  if (job.isChild || (job.state !== undefined && !finishedStates.has(job.state))) return
  const at = endOf(job)
  if (job.state === undefined || at === undefined || clockSeconds === undefined) {
    fold.unsure++
    return
  }
  if (clockSeconds - at > windowDays * 86_400) return
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
  /** Jobs that may belong to the window, or be later: the status, the time or the clock is not known. */
  unsure: number
  lastAt: number
  lastId: string
  lastStatus: string | null
  /** The last COMPLETED job. */
  successAt: number
  successId: string
  successDurationHours: number | undefined
  /** `null` = not validated. */
  successValidation: string | null | undefined
  successPointAgeHours: number | undefined
}

/** A fold with nothing in it. */
export function emptyRestoreFold(): RestoreFold {
  return {
    finished: 0,
    failed: 0,
    deletionFailed: 0,
    unsure: 0,
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
  if (job.isChild || (job.status !== undefined && !finishedStatuses.has(job.status))) return
  const at = endOf(job)
  if (job.status === undefined || at === undefined) {
    fold.unsure++
    return
  }
  foldOutcome(fold, job, clockSeconds === undefined ? undefined : clockSeconds - at <= windowDays * 86_400)
  if (isLater(at, job.id, fold.lastAt, fold.lastId)) {
    fold.lastAt = at
    fold.lastId = job.id
    fold.lastStatus = job.status
  }
  if (job.status === 'COMPLETED' && isLater(at, job.id, fold.successAt, fold.successId)) foldSuccess(fold, job, at)
}

function foldOutcome(fold: RestoreFold, job: RestoreJob, inWindow: boolean | undefined): void {
  if (inWindow === undefined) fold.unsure++
  if (!inWindow) return
  if (job.status === 'COMPLETED' && job.validation === undefined) fold.unsure++
  fold.finished++
  if (job.status !== 'COMPLETED' || job.validation === 'FAILED' || job.validation === 'TIMED_OUT') fold.failed++
  if (job.deletion === 'FAILED') fold.deletionFailed++
}

function foldSuccess(fold: RestoreFold, job: RestoreJob, at: number): void {
  fold.successAt = at
  fold.successId = job.id
  fold.successValidation = job.validation
  fold.successDurationHours = hoursBetween(job.createdAt, job.completedAt)
  // A continuous point was created when its stream began, which does not tell how old the restored data was.
  const isContinuous = job.recoveryPointArn?.includes(':continuous:') === true
  fold.successPointAgeHours = isContinuous ? undefined : hoursBetween(job.recoveryPointCreatedAt, job.createdAt)
}

function hoursBetween(from: number | null | undefined, to: number | null | undefined): number | undefined {
  return typeof from === 'number' && typeof to === 'number' ? Math.round((to - from) / 36_000) / 100 : undefined
}

/** Folds of one kind of job of one store, which jobs may name by several ARNs, as one; `null` where there is none. */
export function mergedJobs(folds: readonly JobFold[]): JobFold | null {
  if (folds.length < 2) return folds[0] ?? null
  const merged = emptyJobFold()
  for (const fold of folds) {
    merged.finished += fold.finished
    merged.failed += fold.failed
    merged.unsure += fold.unsure
    if (isLater(fold.lastAt, fold.lastId, merged.lastAt, merged.lastId)) {
      merged.lastAt = fold.lastAt
      merged.lastId = fold.lastId
      merged.lastState = fold.lastState
    }
    if (isLater(fold.lastFailureAt, fold.lastFailureId, merged.lastFailureAt, merged.lastFailureId)) {
      merged.lastFailureAt = fold.lastFailureAt
      merged.lastFailureId = fold.lastFailureId
      merged.lastMessage = fold.lastMessage
    }
  }
  return merged
}

/** As {@link mergedJobs}, of restore jobs. */
export function mergedRestores(folds: readonly RestoreFold[]): RestoreFold | null {
  if (folds.length < 2) return folds[0] ?? null
  const latest = (at: 'lastAt' | 'successAt', id: 'lastId' | 'successId') =>
    folds.reduce((best, fold) => (isLater(fold[at], fold[id], best[at], best[id]) ? fold : best))
  const sum = (of: (fold: RestoreFold) => number) => folds.reduce((total, fold) => total + of(fold), 0)
  const last = latest('lastAt', 'lastId')
  return {
    ...latest('successAt', 'successId'),
    finished: sum(fold => fold.finished),
    failed: sum(fold => fold.failed),
    deletionFailed: sum(fold => fold.deletionFailed),
    unsure: sum(fold => fold.unsure),
    lastAt: last.lastAt,
    lastId: last.lastId,
    lastStatus: last.lastStatus,
  }
}

/** Backup, copy and restore jobs. AWS lists those of the last 30 days. */
import {
  BackupClient,
  type BackupJob,
  type CopyJob,
  ListBackupJobsCommand,
  ListCopyJobsCommand,
  ListRestoreJobsCommand,
} from '@aws-sdk/client-backup'
import { type Collector, type Records, textOf } from './collector.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'

const paging = { in: 'NextToken', out: 'NextToken', input: { MaxResults: 1000 } }

const listBackupJobs = operation('backup:ListBackupJobs', BackupClient, ListBackupJobsCommand, {
  cuts: ['backup-jobs'],
  paging,
})
const listCopyJobs = operation('backup:ListCopyJobs', BackupClient, ListCopyJobsCommand, {
  cuts: ['copy-jobs'],
  paging,
})
/** Restore jobs. */
export const listRestoreJobs = operation('backup:ListRestoreJobs', BackupClient, ListRestoreJobsCommand, {
  cuts: ['restore-jobs'],
  paging,
})

/** When jobs were created that are asked for. */
interface Window {
  ByCreatedBefore?: Date
  ByCreatedAfter?: Date
}

/** AWS may count a moment to either side of it: what comes twice is taken once. */
const second = 1000

/** Jobs of a type: those that an older snapshot tells as they are for good, and AWS's others. `list` asks for those of a window. */
async function* jobsOf<Job extends { CreationDate?: Date | undefined }>(
  place: Place,
  type: string,
  idOf: (job: Job) => string | undefined,
  list: (window: Window) => AsyncIterable<readonly Job[]>,
): AsyncGenerator<Records> {
  const record = (job: Job) => place.resource(type, { id: textOf(idOf(job)), configuration: job })
  const carried = place.run.earlier?.jobs(place.whereabouts, type)
  if (!carried) {
    for await (const jobs of list({})) yield jobs.map(record)
    return
  }
  const { from, until } = carried
  const isTold = ({ CreationDate }: Job) => CreationDate !== undefined && +CreationDate >= until && +CreationDate < from
  for (const window of [{ ByCreatedBefore: new Date(until + second) }, { ByCreatedAfter: new Date(from - second) }])
    for await (const jobs of list(window)) yield jobs.filter(job => !isTold(job)).map(record)
  yield* carried.records()
}

async function* backupJobs(place: Place, window: Window): AsyncGenerator<readonly BackupJob[]> {
  for await (const { BackupJobs = [] } of place.pages(listBackupJobs, window)) yield BackupJobs
}

async function* copyJobs(place: Place, window: Window): AsyncGenerator<readonly CopyJob[]> {
  for await (const { CopyJobs = [] } of place.pages(listCopyJobs, window)) yield CopyJobs
}

async function* collect(place: Place): AsyncGenerator<Records> {
  yield* jobsOf<BackupJob>(
    place,
    'AWS::Backup::BackupJob',
    job => job.BackupJobId,
    window => backupJobs(place, window),
  )
  yield* jobsOf<CopyJob>(
    place,
    'AWS::Backup::CopyJob',
    job => job.CopyJobId,
    window => copyJobs(place, window),
  )
  // Restores are validated and cleaned up after they have ended, and are few.
  for await (const { RestoreJobs = [] } of place.pages(listRestoreJobs, {}))
    for (const job of RestoreJobs)
      yield place.resource('AWS::Backup::RestoreJob', { id: textOf(job.RestoreJobId), configuration: job })
}

/** Jobs of the last 30 days. */
export const collector: Collector = {
  service: 'backup',
  scope: 'region',
  fills: {
    'backup-jobs': ['AWS::Backup::BackupJob'],
    'copy-jobs': ['AWS::Backup::CopyJob'],
    'restore-jobs': ['AWS::Backup::RestoreJob'],
  },
  operations: [listBackupJobs, listCopyJobs, listRestoreJobs],
  collect,
}

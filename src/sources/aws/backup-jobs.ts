/** Backup, copy and restore jobs. AWS lists those of the last 30 days. */
import {
  BackupClient,
  ListBackupJobsCommand,
  ListCopyJobsCommand,
  ListRestoreJobsCommand,
} from '@aws-sdk/client-backup'
import type { ResourceRecord } from '../../model/record.ts'
import { type Collector, textOf } from './collector.ts'
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
const listRestoreJobs = operation('backup:ListRestoreJobs', BackupClient, ListRestoreJobsCommand, {
  cuts: ['restore-jobs'],
  paging,
})

async function* collect(place: Place): AsyncGenerator<ResourceRecord> {
  for await (const { BackupJobs = [] } of place.pages(listBackupJobs, {}))
    for (const job of BackupJobs)
      yield place.resource('AWS::Backup::BackupJob', { id: textOf(job.BackupJobId), configuration: job })
  for await (const { CopyJobs = [] } of place.pages(listCopyJobs, {}))
    for (const job of CopyJobs)
      yield place.resource('AWS::Backup::CopyJob', { id: textOf(job.CopyJobId), configuration: job })
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

/**
 * Jobs of AWS Backup. AWS has no resource types for them; ours name an entry of an API's list, which is `configuration`:
 *
 * - `AWS::Backup::BackupJob`: `backup:ListBackupJobs`, which goes back 30 days.
 * - `AWS::Backup::CopyJob`: `backup:ListCopyJobs`.
 * - `AWS::Backup::RestoreJob`: `backup:ListRestoreJobs`.
 *
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListBackupJobs.html
 */
import type { BackupJob, RestoreJob } from '../model/backup.ts'
import type { ResourceRecord } from '../model/record.ts'
import type { ResourceDefinition } from './definition.ts'
import { at, configurationOf, isAbsent, known, textOr, timeOr } from './evidence.ts'
import { toText } from './property.ts'

function readJob(item: ResourceRecord, kind: BackupJob['kind']): BackupJob | undefined {
  const root = configurationOf(item)
  const id = textOr(at(root, kind === 'copy' ? 'CopyJobId' : 'BackupJobId'), undefined) ?? toText(item.id)
  if (id === undefined) return undefined
  return known({
    id,
    kind,
    sourceArn: textOr(at(root, 'ResourceArn'), undefined),
    state: textOr(at(root, 'State'), undefined),
    messageCategory: textOr(at(root, 'MessageCategory'), undefined),
    message: textOr(at(root, 'StatusMessage'), null),
    createdAt: timeOr(at(root, 'CreationDate'), undefined),
    completedAt: timeOr(at(root, 'CompletionDate'), null),
    destinationVaultArn: textOr(at(root, kind === 'copy' ? 'DestinationBackupVaultArn' : 'BackupVaultArn'), undefined),
    isChild: !isAbsent(at(root, 'ParentJobId')),
  })
}

function readRestoreJob(item: ResourceRecord): RestoreJob | undefined {
  const root = configurationOf(item)
  const id = textOr(at(root, 'RestoreJobId'), undefined) ?? toText(item.id)
  if (id === undefined) return undefined
  return known({
    id,
    sourceArn: textOr(at(root, 'SourceResourceArn'), null),
    recoveryPointArn: textOr(at(root, 'RecoveryPointArn'), undefined),
    status: textOr(at(root, 'Status'), undefined),
    createdAt: timeOr(at(root, 'CreationDate'), undefined),
    completedAt: timeOr(at(root, 'CompletionDate'), null),
    recoveryPointCreatedAt: timeOr(at(root, 'RecoveryPointCreationDate'), null),
    testingPlanArn: textOr(at(at(root, 'CreatedBy'), 'RestoreTestingPlanArn'), null),
    validation: textOr(at(root, 'ValidationStatus'), null),
    deletion: textOr(at(root, 'DeletionStatus'), null),
    roleArn: textOr(at(root, 'IamRoleArn'), null),
    isChild: !isAbsent(at(root, 'ParentJobId')),
  })
}

const ours = (type: string) => ({ config: [type], cloudformation: [], terraform: [] })

/** Backup, copy and restore jobs. */
export const definitions: ResourceDefinition[] = [
  {
    role: 'backup-job',
    type: 'AWS::Backup::BackupJob',
    names: ours('AWS::Backup::BackupJob'),
    read: item => readJob(item, 'backup'),
  },
  {
    role: 'backup-job',
    type: 'AWS::Backup::CopyJob',
    names: ours('AWS::Backup::CopyJob'),
    read: item => readJob(item, 'copy'),
  },
  {
    role: 'restore-job',
    type: 'AWS::Backup::RestoreJob',
    names: ours('AWS::Backup::RestoreJob'),
    read: readRestoreJob,
  },
]

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
import { at, configurationOf, isAbsent, isEmptyValue, type Place, textOf, textOr, timeOr, unwrap } from './evidence.ts'
import { member, toText, toTime } from './property.ts'

/** Reads the members of a job. */
interface JobReader {
  text<A>(name: string, absent: A): string | A | undefined
  time<A>(name: string, absent: A): number | A | undefined
  isAbsent(name: string): boolean
}

/** An answer of the API that is known whole, and an account may hold a million: read as `evidence.ts` would, without its places. */
class WholeAnswer implements JobReader {
  constructor(private readonly answer: unknown) {}

  text<A>(name: string, absent: A): string | A | undefined {
    const value = this.given(name)
    return value === undefined ? absent : textOf(value)
  }

  time<A>(name: string, absent: A): number | A | undefined {
    const value = this.given(name)
    return value === undefined ? absent : toTime(value)
  }

  isAbsent(name: string): boolean {
    return isEmptyValue(member(this.answer, name))
  }

  private given(name: string): unknown {
    const value = member(this.answer, name)
    return isEmptyValue(value) ? undefined : (unwrap(value) ?? undefined)
  }
}

const placeReader = (root: Place): JobReader => ({
  text: (name, absent) => textOr(at(root, name), absent),
  time: (name, absent) => timeOr(at(root, name), absent),
  isAbsent: name => isAbsent(at(root, name)),
})

const isWhole = ({ encoding, unknown, configuration }: ResourceRecord) =>
  encoding === 'api' && !unknown?.length && typeof configuration === 'object' && !Array.isArray(configuration)

const readerOf = (item: ResourceRecord): JobReader =>
  isWhole(item) ? new WholeAnswer(item.configuration) : placeReader(configurationOf(item))

// What is not known stands as such: objects of one shape are cheap.
function readJob(item: ResourceRecord, kind: BackupJob['kind']): BackupJob | undefined {
  const job = readerOf(item)
  const id = job.text(kind === 'copy' ? 'CopyJobId' : 'BackupJobId', undefined) ?? toText(item.id)
  if (id === undefined) return undefined
  return {
    id,
    kind,
    sourceArn: job.text('ResourceArn', undefined),
    state: job.text('State', undefined),
    messageCategory: job.text('MessageCategory', undefined),
    message: job.text('StatusMessage', null),
    createdAt: job.time('CreationDate', undefined),
    completedAt: job.time('CompletionDate', null),
    destinationVaultArn: job.text(kind === 'copy' ? 'DestinationBackupVaultArn' : 'BackupVaultArn', undefined),
    isChild: !job.isAbsent('ParentJobId'),
  }
}

function readRestoreJob(item: ResourceRecord): RestoreJob | undefined {
  const job = readerOf(item)
  const id = job.text('RestoreJobId', undefined) ?? toText(item.id)
  if (id === undefined) return undefined
  return {
    id,
    sourceArn: job.text('SourceResourceArn', null),
    recoveryPointArn: job.text('RecoveryPointArn', undefined),
    status: job.text('Status', undefined),
    createdAt: job.time('CreationDate', undefined),
    completedAt: job.time('CompletionDate', null),
    recoveryPointCreatedAt: job.time('RecoveryPointCreationDate', null),
    testingPlanArn: testingPlanOf(item),
    validation: job.text('ValidationStatus', null),
    deletion: job.text('DeletionStatus', null),
    roleArn: job.text('IamRoleArn', null),
    isChild: !job.isAbsent('ParentJobId'),
  }
}

function testingPlanOf(item: ResourceRecord): string | null | undefined {
  const createdBy = isWhole(item) ? member(item.configuration, 'CreatedBy') : undefined
  // What is not an object here says something else than «none».
  if (typeof createdBy === 'object' && createdBy !== null && !Array.isArray(createdBy))
    return new WholeAnswer(createdBy).text('RestoreTestingPlanArn', null)
  return textOr(at(at(configurationOf(item), 'CreatedBy'), 'RestoreTestingPlanArn'), null)
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

/**
 * AWS DataSync: tasks that carry data between locations, and the locations.
 *
 * - `AWS::DataSync::Task`: AWS Config resourceId = task ARN. Live: `configuration` = answer of `datasync:DescribeTask`; id =
 *   `TaskArn`. `supplementary.TaskExecutions` = answers of `datasync:DescribeTaskExecution` for the newest executions of
 *   `datasync:ListTaskExecutions` (the list alone tells no times); `[]` = it never ran.
 * - `AWS::DataSync::Location…`: live, the answer of the `datasync:DescribeLocation…` of its kind; id = `LocationArn`. No
 *   further answers are needed.
 *
 * https://docs.aws.amazon.com/datasync/latest/userguide/API_DescribeTask.html
 */
import type { TransferLocation, TransferTask } from '../model/guards.ts'
import type { ResourceRecord } from '../model/record.ts'
import type { ResourceDefinition } from './definition.ts'
import {
  absentMeans,
  at,
  configurationOf,
  isAbsent,
  isDeclared,
  known,
  listIn,
  type Place,
  referenceOr,
  supplementaryOf,
  textOr,
} from './evidence.ts'
import { toText, toTime, valueAt } from './property.ts'

/** `BASIC` unless a template says otherwise; live it is always stated, or older than the choice. */
const modeOf = (configuration: Place) => textOr(at(configuration, 'TaskMode'), 'BASIC')?.toUpperCase()

/** Templates that leave it out get the mode's own default. */
function readVerifyMode(configuration: Place): string | undefined {
  const stated = textOr(at(at(configuration, 'Options'), 'VerifyMode'), null)
  if (stated !== null) return stated
  const mode = modeOf(configuration)
  if (!isDeclared(configuration.item) || mode === undefined) return undefined
  return mode === 'ENHANCED' ? 'ONLY_FILES_TRANSFERRED' : 'POINT_IN_TIME_CONSISTENT'
}

/**
 * The level that takes effect: in Basic mode nothing is logged without a log group. Enhanced mode brings its own group, and
 * its default is not documented.
 */
function readLogLevel(configuration: Place): string | undefined {
  const mode = modeOf(configuration)
  const group = at(configuration, 'CloudWatchLogGroupArn', 'cloudwatch_log_group_arn')
  if (mode === 'BASIC' && isAbsent(group)) return 'OFF'
  const stated = textOr(at(at(configuration, 'Options'), 'LogLevel'), null)
  if (stated !== null) return stated
  return isDeclared(configuration.item) && mode === 'BASIC' ? 'OFF' : undefined
}

/** A schedule is enabled unless its status says otherwise; DataSync itself disables one that keeps failing. */
function readSchedule(configuration: Place): Pick<TransferTask, 'schedule' | 'scheduleEnabled'> {
  const place = at(configuration, 'Schedule')
  const schedule = textOr(at(place, 'ScheduleExpression'), null)
  if (schedule === null) return { schedule: null, scheduleEnabled: false }
  const status = textOr(at(place, 'Status'), 'ENABLED')?.toUpperCase()
  return known({ schedule, scheduleEnabled: status === undefined ? undefined : status !== 'DISABLED' })
}

interface Run {
  status: 'SUCCESS' | 'ERROR'
  at: number | undefined
}

/** The last finished execution: when it began and how it ended. */
function readLastRun(item: ResourceRecord): Pick<TransferTask, 'lastStatus' | 'lastExecutionAt'> {
  const list = listIn(supplementaryOf(item, 'TaskExecutions'), 'TaskExecutions')
  if (!list) return {}
  if (list.length === 0) return { lastStatus: null, lastExecutionAt: null }
  const runs: Run[] = []
  for (const entry of list) {
    const status = toText(valueAt(entry, 'Status'))?.toUpperCase()
    if (status === 'SUCCESS' || status === 'ERROR')
      runs.push({ status, at: toTime(valueAt(entry, 'StartTime') ?? valueAt(entry, 'LaunchTime')) })
  }
  const last = runs.reduce<Run | undefined>(
    (best, run) => (best === undefined || (run.at ?? 0) > (best.at ?? 0) ? run : best),
    undefined,
  )
  // Without a time for each, which of them was the last cannot be told; only that all ended alike.
  const ordered = runs.every(run => run.at !== undefined)
  if (!last || (!ordered && runs.some(run => run.status !== last.status))) return {}
  return known({ lastStatus: last.status, lastExecutionAt: ordered ? last.at : undefined })
}

function location(
  kind: string,
  terraform: string,
  inTransit: (configuration: Place) => boolean | null | undefined,
): ResourceDefinition {
  const type = `AWS::DataSync::Location${kind}`
  // AWS Config records the older kinds only.
  const recorded = !['AzureBlob', 'FSxONTAP', 'FSxOpenZFS'].includes(kind)
  return {
    role: 'transfer-location',
    type,
    names: {
      config: recorded ? [type] : [],
      cloudformation: [type],
      terraform: [terraform, `awscc_datasync_location_${awsccNames[kind] ?? kind.toLowerCase()}`],
    },
    identity: { arn: 'datasync:{region}:{account}:location/{id}', refersByArn: true },
    read: item => {
      const configuration = configurationOf(item)
      const arn = item.arn ?? textOr(at(configuration, 'LocationArn'), undefined) ?? item.address ?? item.id
      return arn ? known<TransferLocation>({ arn, inTransit: inTransit(configuration) }) : undefined
    },
  }
}

const awsccNames: { readonly [kind: string]: string } = {
  AzureBlob: 'azure_blob',
  FSxLustre: 'fsx_lustre',
  FSxONTAP: 'fsx_ontap',
  FSxOpenZFS: 'fsx_open_zfs',
  FSxWindows: 'fsx_windows',
  ObjectStorage: 'object_storage',
}

/** The kind of location has no setting for TLS: it always has it (S3, Azure) or never (NFS, SMB). */
const noSetting = () => null

/** HTTPS unless HTTP is asked for. */
function objectStorage(configuration: Place): boolean | undefined {
  const fallback = absentMeans(configuration.item, { cloudformation: 'HTTPS', terraform: 'HTTPS' })
  const protocol = textOr(at(configuration, 'ServerProtocol'), fallback)?.toUpperCase()
  return protocol === 'HTTPS' ? true : protocol === 'HTTP' ? false : undefined
}

/** Off unless asked for. */
function efs(configuration: Place): boolean | undefined {
  const fallback = absentMeans(configuration.item, { cloudformation: 'NONE', terraform: 'NONE' })
  const setting = textOr(at(configuration, 'InTransitEncryption'), fallback)?.toUpperCase()
  return setting === undefined ? undefined : setting.startsWith('TLS') ? true : setting === 'NONE' ? false : undefined
}

/** Hadoop's quality of protection: only PRIVACY encrypts. Without the block both are PRIVACY; one alone stands for both. */
function hdfs(configuration: Place): boolean | undefined {
  const block = at(configuration, 'QopConfiguration')
  if (isAbsent(block)) return isDeclared(configuration.item) ? true : undefined
  const [transfer, rpc] = [at(block, 'DataTransferProtection'), at(block, 'RpcProtection')]
  const protection = textOr(isAbsent(transfer) ? rpc : transfer, undefined)?.toUpperCase()
  return protection === undefined ? undefined : protection === 'PRIVACY'
}

export const definitions: ResourceDefinition[] = [
  {
    role: 'transfer-task',
    type: 'AWS::DataSync::Task',
    places: {
      scheduled: { cloudformation: 'Schedule', terraform: 'schedule' },
      longestGapHours: { cloudformation: 'Schedule.ScheduleExpression', terraform: 'schedule.schedule_expression' },
      verifyMode: { cloudformation: 'Options.VerifyMode', terraform: 'options.verify_mode' },
      logLevel: { cloudformation: 'Options.LogLevel', terraform: 'options.log_level' },
    },
    names: {
      config: ['AWS::DataSync::Task'],
      cloudformation: ['AWS::DataSync::Task'],
      terraform: ['aws_datasync_task', 'awscc_datasync_task'],
    },
    identity: { arn: 'datasync:{region}:{account}:task/{id}', refersByArn: true },
    read: item => {
      const configuration = configurationOf(item)
      return known<TransferTask>({
        kind: 'datasync',
        arn: item.arn ?? textOr(at(configuration, 'TaskArn'), undefined),
        ...readSchedule(configuration),
        verifyMode: readVerifyMode(configuration),
        logLevel: readLogLevel(configuration),
        sourceLocationArn: referenceOr(at(configuration, 'SourceLocationArn'), undefined),
        destinationLocationArn: referenceOr(at(configuration, 'DestinationLocationArn'), undefined),
        ...readLastRun(item),
        encrypted: null,
        keyArn: null,
      })
    },
  },
  location('AzureBlob', 'aws_datasync_location_azure_blob', noSetting),
  location('EFS', 'aws_datasync_location_efs', efs),
  location('FSxLustre', 'aws_datasync_location_fsx_lustre_file_system', noSetting),
  location('FSxONTAP', 'aws_datasync_location_fsx_ontap_file_system', noSetting),
  location('FSxOpenZFS', 'aws_datasync_location_fsx_openzfs_file_system', noSetting),
  location('FSxWindows', 'aws_datasync_location_fsx_windows_file_system', noSetting),
  location('HDFS', 'aws_datasync_location_hdfs', hdfs),
  location('NFS', 'aws_datasync_location_nfs', noSetting),
  location('ObjectStorage', 'aws_datasync_location_object_storage', objectStorage),
  location('S3', 'aws_datasync_location_s3', noSetting),
  location('SMB', 'aws_datasync_location_smb', noSetting),
]

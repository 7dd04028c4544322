/**
 * DataSync tasks with their last run, and the locations between which they carry data. What a task does, how a run ended and
 * what encrypts the way to a location have no list form; the kind of a location stands in its URI.
 * https://docs.aws.amazon.com/datasync/latest/userguide/API_DescribeTask.html
 */
import {
  DataSyncClient,
  DescribeLocationEfsCommand,
  DescribeLocationHdfsCommand,
  DescribeLocationObjectStorageCommand,
  DescribeTaskCommand,
  type DescribeTaskCommandOutput,
  DescribeTaskExecutionCommand,
  ListLocationsCommand,
  ListTaskExecutionsCommand,
  ListTasksCommand,
  type LocationListEntry,
  type TaskListEntry,
} from '@aws-sdk/client-datasync'
import type { ResourceRecord } from '../../model/record.ts'
import { type Collector, type Records, textOf } from './collector.ts'
import { type Found, listed } from './listed.ts'
import { type OperationDeclaration, operation } from './operation.ts'
import type { Place } from './place.ts'
import { getResources } from './tags.ts'

const taskTypes = ['AWS::DataSync::Task']
const paging = { in: 'NextToken', out: 'NextToken', input: { MaxResults: 100 } }
const cuts = ['configuration']

const locationType = (kind: string) => `AWS::DataSync::Location${kind}`

/** Kinds of locations by the scheme of their URIs. How ONTAP's is written is not documented: the other file systems of FSx. */
const kinds: { readonly [scheme: string]: string } = {
  'azure-blob': 'AzureBlob',
  efs: 'EFS',
  fsxl: 'FSxLustre',
  fsxw: 'FSxWindows',
  fsxz: 'FSxOpenZFS',
  hdfs: 'HDFS',
  nfs: 'NFS',
  'object-storage': 'ObjectStorage',
  s3: 'S3',
  smb: 'SMB',
}
const locationTypes = [...Object.values(kinds), 'FSxONTAP'].map(locationType)

function kindOf(uri: string): string | undefined {
  const scheme = /^([a-z0-9-]+):\/\//.exec(uri)?.[1] ?? ''
  return kinds[scheme] ?? (scheme.startsWith('fsx') ? 'FSxONTAP' : undefined)
}

const listTasks = operation('datasync:ListTasks', DataSyncClient, ListTasksCommand, {
  cuts: ['configuration', 'tags'],
  types: taskTypes,
  paging,
})
const describeTask = operation('datasync:DescribeTask', DataSyncClient, DescribeTaskCommand, {
  cuts,
  types: taskTypes,
  each: 'task',
})
const describeExecution = operation('datasync:DescribeTaskExecution', DataSyncClient, DescribeTaskExecutionCommand, {
  cuts,
  types: taskTypes,
  each: 'task that has run',
})
const listExecutions = operation('datasync:ListTaskExecutions', DataSyncClient, ListTaskExecutionsCommand, {
  cuts,
  types: taskTypes,
  paging,
  each: 'task that runs, or is not known to have run',
})
const listLocations = operation('datasync:ListLocations', DataSyncClient, ListLocationsCommand, {
  cuts,
  types: locationTypes,
  paging,
})
const ofLocation = (kind: string): OperationDeclaration => ({
  cuts,
  types: [locationType(kind)],
  each: `location of the kind ${kind}`,
})
const describeEfs = operation(
  'datasync:DescribeLocationEfs',
  DataSyncClient,
  DescribeLocationEfsCommand,
  ofLocation('EFS'),
)
const describeHdfs = operation(
  'datasync:DescribeLocationHdfs',
  DataSyncClient,
  DescribeLocationHdfsCommand,
  ofLocation('HDFS'),
)
const describeObjectStorage = operation(
  'datasync:DescribeLocationObjectStorage',
  DataSyncClient,
  DescribeLocationObjectStorageCommand,
  ofLocation('ObjectStorage'),
)

/** Runs of a task: the last one where it has ended, else all that are kept, whose times the list does not tell. */
async function executionsOf(place: Place, { TaskArn, CurrentTaskExecutionArn }: DescribeTaskCommandOutput) {
  if (CurrentTaskExecutionArn) {
    const answer = await place.askOrNone(
      describeExecution,
      { TaskExecutionArn: CurrentTaskExecutionArn },
      // Runs are not kept for ever.
      ['InvalidRequestException'],
    )
    if (!answer) return undefined
    const { TaskExecutionArn, Status, StartTime, LaunchTime } = answer
    if (Status === 'SUCCESS' || Status === 'ERROR') return [{ TaskExecutionArn, Status, StartTime, LaunchTime }]
  }
  const listed = await place.all(listExecutions, { TaskArn }, page => page.TaskExecutions)
  return listed?.map(({ TaskExecutionArn, Status }) => ({ TaskExecutionArn, Status }))
}

async function task(place: Place, { TaskArn: arn, Name: name }: TaskListEntry): Promise<Found[]> {
  const answer = await place.ask(describeTask, { TaskArn: arn })
  if (!answer) return []
  const { TaskMode, Status, SourceLocationArn, DestinationLocationArn, CloudWatchLogGroupArn, Options, Schedule } =
    answer
  return [
    {
      type: taskTypes[0]!,
      id: textOf(arn),
      arn,
      name,
      configuration: {
        TaskArn: arn,
        Name: name,
        TaskMode,
        Status,
        SourceLocationArn,
        DestinationLocationArn,
        CloudWatchLogGroupArn,
        Options,
        Schedule,
      },
      supplementary: { TaskExecutions: await executionsOf(place, { ...answer, TaskArn: arn }) },
    },
  ]
}

/** What encrypts the way to a location, where its kind leaves that open; `undefined`: not known. */
async function settingsOf(place: Place, kind: string, input: { LocationArn: string }): Promise<object | undefined> {
  if (kind === 'EFS') {
    const answer = await place.ask(describeEfs, input)
    return answer && { InTransitEncryption: answer.InTransitEncryption }
  }
  if (kind === 'HDFS') {
    const answer = await place.ask(describeHdfs, input)
    return answer && { QopConfiguration: answer.QopConfiguration }
  }
  if (kind === 'ObjectStorage') {
    const answer = await place.ask(describeObjectStorage, input)
    return answer && { ServerProtocol: answer.ServerProtocol }
  }
  return {}
}

async function location(place: Place, { LocationArn, LocationUri }: LocationListEntry): Promise<ResourceRecord[]> {
  const kind = kindOf(textOf(LocationUri))
  if (kind === undefined || LocationArn === undefined) return []
  const settings = await settingsOf(place, kind, { LocationArn })
  const configuration = { LocationArn, LocationUri, ...settings }
  return [place.resource(locationType(kind), { id: LocationArn, arn: LocationArn, configuration })]
}

async function* collect(place: Place): AsyncGenerator<Records> {
  yield* listed(place, listTasks, {}, async ({ Tasks = [] }) =>
    (await Promise.all(Tasks.map(entry => task(place, entry)))).flat(),
  )
  for await (const { Locations = [] } of place.pages(listLocations, {}))
    yield* (await Promise.all(Locations.map(entry => location(place, entry)))).flat()
}

/** Tasks and locations. */
export const collector: Collector = {
  service: 'datasync',
  scope: 'region',
  fills: { configuration: [...taskTypes, ...locationTypes], tags: taskTypes },
  operations: [
    listTasks,
    describeTask,
    describeExecution,
    listExecutions,
    listLocations,
    describeEfs,
    describeHdfs,
    describeObjectStorage,
    getResources,
  ],
  collect,
}

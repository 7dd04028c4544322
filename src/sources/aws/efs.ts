/** EFS file systems and where they replicate to. Whether automatic backups are on has no list form. */
import {
  DescribeBackupPolicyCommand,
  DescribeFileSystemsCommand,
  DescribeReplicationConfigurationsCommand,
  EFSClient,
} from '@aws-sdk/client-efs'
import { without } from './answer.ts'
import { type Collector, type Records, textOf } from './collector.ts'
import { listed } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { tagMap } from './tags.ts'

const fileSystem = 'AWS::EFS::FileSystem'
const replication = 'AWS::EFS::ReplicationConfiguration'

const fileSystems = operation('elasticfilesystem:DescribeFileSystems', EFSClient, DescribeFileSystemsCommand, {
  cuts: ['inventory', 'configuration', 'tags'],
  types: [fileSystem],
  paging: { in: 'Marker', out: 'NextMarker', input: { MaxItems: 100 } },
})
const backupPolicy = operation('elasticfilesystem:DescribeBackupPolicy', EFSClient, DescribeBackupPolicyCommand, {
  cuts: ['configuration'],
  types: [fileSystem],
  each: 'file system',
})
const replications = operation(
  'elasticfilesystem:DescribeReplicationConfigurations',
  EFSClient,
  DescribeReplicationConfigurationsCommand,
  { cuts: ['replication'], types: [replication], paging: { in: 'NextToken', out: 'NextToken' } },
)

async function* collect(place: Place): AsyncGenerator<Records> {
  yield* listed(place, fileSystems, {}, ({ FileSystems = [] }) =>
    Promise.all(
      FileSystems.map(async element => {
        const { FileSystemId, FileSystemArn, Name } = element
        const answer = await place.askOrNone(backupPolicy, { FileSystemId }, ['PolicyNotFound'])
        return {
          type: fileSystem,
          id: textOf(FileSystemId),
          arn: FileSystemArn ?? place.arn('elasticfilesystem', `file-system/${FileSystemId}`),
          name: Name,
          tags: tagMap(element.Tags),
          configuration: without(element, 'Tags'),
          supplementary: { BackupPolicy: answer === null ? null : answer?.BackupPolicy },
        }
      }),
    ),
  )
  yield* listed(place, replications, {}, ({ Replications = [] }) =>
    Replications.filter(({ SourceFileSystemRegion }) => (SourceFileSystemRegion ?? place.region) === place.region).map(
      element => ({ type: replication, id: textOf(element.SourceFileSystemId), tags: {}, configuration: element }),
    ),
  )
}

/** File systems. */
export const collector: Collector = {
  service: 'elasticfilesystem',
  scope: 'region',
  fills: {
    inventory: [fileSystem],
    configuration: [fileSystem],
    tags: [fileSystem],
    replication: [replication],
  },
  operations: [fileSystems, backupPolicy, replications],
  collect,
}

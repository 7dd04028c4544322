/** FSx file systems and volumes. Lists tell the tags. */
import { DescribeFileSystemsCommand, DescribeVolumesCommand, type FileSystem, FSxClient } from '@aws-sdk/client-fsx'
import { without } from './answer.ts'
import { type Collector, type Records, textOf } from './collector.ts'
import { listed } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { tagMap } from './tags.ts'

const paging = { in: 'NextToken', out: 'NextToken', input: { MaxResults: 100 } }
const cuts = ['inventory', 'configuration', 'tags']
const fileSystem = 'AWS::FSx::FileSystem'
const volume = 'AWS::FSx::Volume'

const fileSystems = operation('fsx:DescribeFileSystems', FSxClient, DescribeFileSystemsCommand, {
  cuts,
  types: [fileSystem],
  paging,
})
const volumes = operation('fsx:DescribeVolumes', FSxClient, DescribeVolumesCommand, { cuts, types: [volume], paging })

async function* collect(place: Place): AsyncGenerator<Records> {
  // An account has a hundred of them at most, unless AWS was asked for more.
  const ontap = new Map<string, FileSystem>()
  yield* listed(place, fileSystems, {}, ({ FileSystems = [] }) =>
    FileSystems.map(element => {
      const { FileSystemId, ResourceARN, FileSystemType } = element
      const tags = tagMap(element.Tags)
      const configuration = without(element, 'Tags')
      if (FileSystemType === 'ONTAP') ontap.set(textOf(FileSystemId), configuration as FileSystem)
      return { type: fileSystem, id: textOf(FileSystemId), arn: ResourceARN, name: tags.Name, tags, configuration }
    }),
  )
  yield* listed(place, volumes, {}, ({ Volumes = [] }) =>
    Volumes.map(element => {
      const { VolumeId, ResourceARN, Name, FileSystemId } = element
      const of = ontap.get(textOf(FileSystemId))
      return {
        type: volume,
        id: textOf(VolumeId),
        arn: ResourceARN,
        name: Name,
        tags: tagMap(element.Tags),
        configuration: without(element, 'Tags'),
        ...(of ? { supplementary: { FileSystem: of } } : {}),
      }
    }),
  )
}

/** File systems and volumes. */
export const collector: Collector = {
  service: 'fsx',
  scope: 'region',
  fills: {
    inventory: [fileSystem, volume],
    configuration: [fileSystem, volume],
    tags: [fileSystem, volume],
  },
  operations: [fileSystems, volumes],
  collect,
}

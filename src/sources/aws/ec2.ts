/**
 * Volumes, instances and snapshots of Amazon EBS and EC2. Lists tell the tags. With which accounts a snapshot is shared has no
 * list form; which are public has one.
 */
import {
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
  type Snapshot,
} from '@aws-sdk/client-ec2'
import { without } from './answer.ts'
import { type Collector, type Records, textOf } from './collector.ts'
import { type Found, listed } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { tagMap } from './tags.ts'

const paging = { in: 'NextToken', out: 'NextToken', input: { MaxResults: 1000 } }
const cuts = ['inventory', 'configuration', 'tags']
const volume = 'AWS::EC2::Volume'
const instance = 'AWS::EC2::Instance'
const snapshot = 'AWS::EC2::Snapshot'

const volumes = operation('ec2:DescribeVolumes', EC2Client, DescribeVolumesCommand, { cuts, types: [volume], paging })
const instances = operation('ec2:DescribeInstances', EC2Client, DescribeInstancesCommand, {
  cuts,
  types: [instance],
  paging,
})
const snapshots = operation('ec2:DescribeSnapshots', EC2Client, DescribeSnapshotsCommand, {
  cuts: ['snapshots'],
  types: [snapshot],
  paging,
})

const nameIn = (tags: Record<string, string>) => tags.Name

const own = { OwnerIds: ['self'] }

/** Ids of the account's public snapshots; `undefined` where they could not all be read. */
async function publicSnapshots(place: Place): Promise<ReadonlySet<string> | undefined> {
  const shared = await place.all(snapshots, { ...own, RestorableByUserIds: ['all'] }, page => page.Snapshots)
  return shared && new Set(shared.map(({ SnapshotId }) => textOf(SnapshotId)))
}

function snapshotFound(place: Place, element: Snapshot, shared: ReadonlySet<string> | undefined): Found {
  const { SnapshotId } = element
  const tags = tagMap(element.Tags)
  return {
    type: snapshot,
    id: textOf(SnapshotId),
    arn: `arn:${place.partition}:ec2:${place.region}::snapshot/${SnapshotId}`,
    name: nameIn(tags),
    tags,
    configuration: without(element, 'Tags'),
    ...(shared?.has(textOf(SnapshotId)) ? { supplementary: { CreateVolumePermissions: [{ Group: 'all' }] } } : {}),
  }
}

async function* collect(place: Place): AsyncGenerator<Records> {
  yield* listed(place, volumes, {}, ({ Volumes = [] }) =>
    Volumes.map(element => {
      const tags = tagMap(element.Tags)
      const { VolumeId } = element
      const arn = place.arn('ec2', `volume/${VolumeId}`)
      return {
        type: volume,
        id: textOf(VolumeId),
        arn,
        name: nameIn(tags),
        tags,
        configuration: without(element, 'Tags'),
      }
    }),
  )
  yield* listed(place, instances, {}, ({ Reservations = [] }) =>
    Reservations.flatMap(({ Instances = [] }) => Instances).map(element => {
      const tags = tagMap(element.Tags)
      const { InstanceId } = element
      const arn = place.arn('ec2', `instance/${InstanceId}`)
      const configuration = without(element, 'Tags')
      return { type: instance, id: textOf(InstanceId), arn, name: nameIn(tags), tags, configuration }
    }),
  )
  const shared = await publicSnapshots(place)
  yield* listed(place, snapshots, own, ({ Snapshots = [] }) =>
    Snapshots.map(element => snapshotFound(place, element, shared)),
  )
}

/** Volumes, instances and snapshots. */
export const collector: Collector = {
  service: 'ec2',
  scope: 'region',
  fills: {
    inventory: [volume, instance],
    configuration: [volume, instance],
    tags: [volume, instance],
    snapshots: [snapshot],
  },
  operations: [volumes, instances, snapshots],
  collect,
}

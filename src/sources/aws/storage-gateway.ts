/**
 * Storage Gateway volumes. The list tells neither kind nor key of a volume; ten of a kind are described by each call. When one is
 * backed up by itself has no list form.
 */
import {
  DescribeCachediSCSIVolumesCommand,
  DescribeSnapshotScheduleCommand,
  DescribeStorediSCSIVolumesCommand,
  ListVolumesCommand,
  StorageGatewayClient,
  type VolumeInfo,
} from '@aws-sdk/client-storage-gateway'
import { stated } from './answer.ts'
import { type Collector, type Records, textOf } from './collector.ts'
import { type Found, listed } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { getResources } from './tags.ts'

const types = ['AWS::StorageGateway::Volume']
const cuts = ['inventory', 'configuration', 'tags']

const list = operation('storagegateway:ListVolumes', StorageGatewayClient, ListVolumesCommand, {
  cuts,
  types,
  paging: { in: 'Marker', out: 'Marker', input: { Limit: 100 } },
})
const cached = operation(
  'storagegateway:DescribeCachediSCSIVolumes',
  StorageGatewayClient,
  DescribeCachediSCSIVolumesCommand,
  { cuts, types, each: 'ten cached volumes' },
)
const stored = operation(
  'storagegateway:DescribeStorediSCSIVolumes',
  StorageGatewayClient,
  DescribeStorediSCSIVolumesCommand,
  { cuts, types, each: 'ten stored volumes' },
)
const schedule = operation(
  'storagegateway:DescribeSnapshotSchedule',
  StorageGatewayClient,
  DescribeSnapshotScheduleCommand,
  { cuts: ['configuration'], types, each: 'volume' },
)

/** How many are described at once. */
const most = 10

/** Every volume of a gateway lies at that gateway: one call is about one. */
function partsOf(volumes: readonly VolumeInfo[]): string[][] {
  const byGateway = new Map<string, string[]>()
  for (const { GatewayARN, VolumeARN } of volumes) {
    const gateway = textOf(GatewayARN)
    byGateway.set(gateway, [...(byGateway.get(gateway) ?? []), textOf(VolumeARN)])
  }
  return [...byGateway.values()].flatMap(arns =>
    Array.from({ length: Math.ceil(arns.length / most) }, (_, i) => arns.slice(i * most, (i + 1) * most)),
  )
}

async function described(place: Place, kind: string, VolumeARNs: string[]): Promise<Found[]> {
  const elements =
    kind === 'CACHED'
      ? (await place.ask(cached, { VolumeARNs }))?.CachediSCSIVolumes
      : (await place.ask(stored, { VolumeARNs }))?.StorediSCSIVolumes
  return Promise.all(
    (elements ?? []).map(async element => {
      const { VolumeARN } = element
      const answer = await place.ask(schedule, { VolumeARN })
      return {
        type: types[0]!,
        id: textOf(element.VolumeId),
        arn: VolumeARN,
        configuration: element,
        supplementary: { SnapshotSchedule: answer && stated(answer) },
      }
    }),
  )
}

async function* collect(place: Place): AsyncGenerator<Records> {
  yield* listed(place, list, {}, async ({ VolumeInfos = [] }) => {
    const isCached = ({ VolumeType }: VolumeInfo) => VolumeType?.toUpperCase().startsWith('CACHED') ?? false
    const parts = [
      ...partsOf(VolumeInfos.filter(isCached)).map(arns => described(place, 'CACHED', arns)),
      ...partsOf(VolumeInfos.filter(volume => !isCached(volume))).map(arns => described(place, 'STORED', arns)),
    ]
    return (await Promise.all(parts)).flat()
  })
}

/** Volumes. */
export const collector: Collector = {
  service: 'storagegateway',
  scope: 'region',
  fills: { inventory: types, configuration: types, tags: types },
  operations: [list, cached, stored, schedule, getResources],
  collect,
}

/** Lightsail disks, instances and databases. Lists tell the tags. */
import {
  GetDisksCommand,
  GetInstancesCommand,
  GetRelationalDatabasesCommand,
  LightsailClient,
} from '@aws-sdk/client-lightsail'
import { without } from './answer.ts'
import { type Collector, type Records, textOf } from './collector.ts'
import { type Found, listed } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { type TagList, tagMap } from './tags.ts'

const cuts = ['inventory', 'configuration', 'tags']
const paging = { in: 'pageToken', out: 'nextPageToken' }
const disk = 'AWS::Lightsail::Disk'
const instance = 'AWS::Lightsail::Instance'
const database = 'AWS::Lightsail::Database'
const types = [disk, instance, database]

const disks = operation('lightsail:GetDisks', LightsailClient, GetDisksCommand, { cuts, types: [disk], paging })
const instances = operation('lightsail:GetInstances', LightsailClient, GetInstancesCommand, {
  cuts,
  types: [instance],
  paging,
})
const databases = operation('lightsail:GetRelationalDatabases', LightsailClient, GetRelationalDatabasesCommand, {
  cuts,
  types: [database],
  paging,
})

interface Element {
  name?: string | undefined
  arn?: string | undefined
  tags?: { key?: string | undefined; value?: string | undefined }[] | undefined
}

const found = (type: string, element: Element): Found => ({
  type,
  id: textOf(element.name),
  arn: element.arn,
  name: element.name,
  tags: tagMap(element.tags?.map(({ key, value }) => ({ Key: key, Value: value })) satisfies TagList),
  configuration: without(element, 'tags'),
})

async function* collect(place: Place): AsyncGenerator<Records> {
  yield* listed(place, disks, {}, page => (page.disks ?? []).map(element => found(disk, element)))
  yield* listed(place, instances, {}, page => (page.instances ?? []).map(element => found(instance, element)))
  yield* listed(place, databases, {}, page => (page.relationalDatabases ?? []).map(element => found(database, element)))
}

/** Disks, instances, databases. */
export const collector: Collector = {
  service: 'lightsail',
  scope: 'region',
  fills: { inventory: types, configuration: types, tags: types },
  operations: [disks, instances, databases],
  collect,
}

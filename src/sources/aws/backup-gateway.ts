/**
 * VMware virtual machines that AWS Backup gateway knows of. The list tells no tags, and tags have no list form.
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BGW_ListVirtualMachines.html
 */
import type { DSQLClientConfig } from '@aws-sdk/client-dsql'
import { type Collector, lastPart, type Records, textOf } from './collector.ts'
import {
  type DeclaredApi,
  DeclaredClient,
  declaredCommand,
  listOf,
  structure,
  text,
  time,
  wholeNumber,
} from './declared-api.ts'
import type { Found } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { type TagList, tagMap } from './tags.ts'

const api: DeclaredApi = { serviceId: 'Backup Gateway', host: 'backup-gateway', target: 'BackupOnPremises_v20210101' }

/** AWS Backup gateway. */
export class BackupGatewayClient extends DeclaredClient {
  constructor(configuration: DSQLClientConfig) {
    super(api, configuration)
  }
}

interface VirtualMachine {
  HostName?: string
  HypervisorId?: string
  Name?: string
  Path?: string
  ResourceArn?: string
  LastBackupDate?: Date
}

class ListVirtualMachinesCommand extends declaredCommand<
  { MaxResults?: number; NextToken?: string },
  { VirtualMachines?: VirtualMachine[]; NextToken?: string }
>(api, {
  name: 'ListVirtualMachines',
  input: { MaxResults: wholeNumber, NextToken: text },
  output: {
    VirtualMachines: listOf(
      structure({
        HostName: text,
        HypervisorId: text,
        Name: text,
        Path: text,
        ResourceArn: text,
        LastBackupDate: time,
      }),
    ),
    NextToken: text,
  },
}) {}

class ListTagsForResourceCommand extends declaredCommand<{ ResourceArn: string | undefined }, { Tags?: TagList }>(api, {
  name: 'ListTagsForResource',
  input: { ResourceArn: text },
  output: { Tags: listOf(structure({ Key: text, Value: text })) },
}) {}

const types = ['AWS::BackupGateway::VirtualMachine']

const list = operation('backup-gateway:ListVirtualMachines', BackupGatewayClient, ListVirtualMachinesCommand, {
  cuts: ['inventory', 'configuration', 'tags'],
  types,
  paging: { in: 'NextToken', out: 'NextToken', input: { MaxResults: 100 } },
})
const listTags = operation('backup-gateway:ListTagsForResource', BackupGatewayClient, ListTagsForResourceCommand, {
  cuts: ['tags'],
  types,
  each: 'virtual machine',
})

async function found(place: Place, element: VirtualMachine): Promise<Found> {
  const { ResourceArn: arn, Name: name } = element
  const answer = await place.ask(listTags, { ResourceArn: arn })
  return {
    type: types[0]!,
    id: lastPart(textOf(arn)),
    arn,
    name,
    tags: answer && tagMap(answer.Tags),
    configuration: element,
  }
}

async function* collect(place: Place): AsyncGenerator<Records> {
  for await (const { VirtualMachines = [] } of place.pages(list, {}))
    for (const { type, ...fields } of await Promise.all(VirtualMachines.map(element => found(place, element))))
      yield place.resource(type, fields)
}

/** Virtual machines. */
export const collector: Collector = {
  service: 'backup-gateway',
  scope: 'region',
  fills: { inventory: types, configuration: types, tags: types },
  operations: [list, listTags],
  collect,
}

/**
 * SAP HANA applications of AWS Systems Manager for SAP, with their databases, which backups name. The list tells the tags, but
 * neither state nor databases of an application.
 * https://docs.aws.amazon.com/ssmsap/latest/APIReference/API_ListApplications.html
 */
import type { DSQLClientConfig } from '@aws-sdk/client-dsql'
import type { ResourceRecord } from '../../model/record.ts'
import { type Collector, type Records, textOf } from './collector.ts'
import {
  type DeclaredApi,
  DeclaredClient,
  declaredCommand,
  listOf,
  structure,
  text,
  textList,
  texts,
  time,
  wholeNumber,
} from './declared-api.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { sortedTags } from './tags.ts'

const api: DeclaredApi = { serviceId: 'Ssm Sap', host: 'ssm-sap' }

/** AWS Systems Manager for SAP. */
export class SsmSapClient extends DeclaredClient {
  constructor(configuration: DSQLClientConfig) {
    super(api, configuration)
  }
}

interface Page {
  MaxResults?: number
  NextToken?: string
}

interface Summary {
  Id?: string
  Arn?: string
  Type?: string
  DiscoveryStatus?: string
  Tags?: { [key: string]: string }
}

interface Application {
  Id?: string
  Type?: string
  Arn?: string
  Status?: string
  DiscoveryStatus?: string
  Components?: string[]
  LastUpdated?: Date
  AssociatedApplicationArns?: string[]
}

interface Database {
  ApplicationId?: string
  ComponentId?: string
  DatabaseId?: string
  DatabaseType?: string
  Arn?: string
}

const page = { MaxResults: wholeNumber, NextToken: text }

class ListApplicationsCommand extends declaredCommand<Page, { Applications?: Summary[]; NextToken?: string }>(api, {
  name: 'ListApplications',
  http: ['POST', '/list-applications'],
  input: page,
  output: {
    Applications: listOf(structure({ Id: text, Arn: text, Type: text, DiscoveryStatus: text, Tags: texts })),
    NextToken: text,
  },
}) {}

class GetApplicationCommand extends declaredCommand<
  { ApplicationId: string | undefined },
  { Application?: Application; Tags?: { [key: string]: string } }
>(api, {
  name: 'GetApplication',
  http: ['POST', '/get-application'],
  input: { ApplicationId: text },
  output: {
    Application: structure({
      Id: text,
      Type: text,
      Arn: text,
      Status: text,
      DiscoveryStatus: text,
      Components: textList,
      LastUpdated: time,
      AssociatedApplicationArns: textList,
    }),
    Tags: texts,
  },
}) {}

class ListDatabasesCommand extends declaredCommand<
  Page & { ApplicationId: string | undefined },
  { Databases?: Database[]; NextToken?: string }
>(api, {
  name: 'ListDatabases',
  http: ['POST', '/list-databases'],
  input: { ...page, ApplicationId: text },
  output: {
    Databases: listOf(
      structure({ ApplicationId: text, ComponentId: text, DatabaseId: text, DatabaseType: text, Arn: text }),
    ),
    NextToken: text,
  },
}) {}

const types = ['AWS::SystemsManagerSAP::Application']
const each = 'SAP application'
const paging = { in: 'NextToken', out: 'NextToken', input: { MaxResults: 50 } }

const list = operation('ssm-sap:ListApplications', SsmSapClient, ListApplicationsCommand, {
  cuts: ['inventory', 'configuration', 'tags'],
  types,
  paging,
})
const get = operation('ssm-sap:GetApplication', SsmSapClient, GetApplicationCommand, {
  cuts: ['configuration', 'tags'],
  types,
  each,
})
const databases = operation('ssm-sap:ListDatabases', SsmSapClient, ListDatabasesCommand, {
  cuts: ['configuration'],
  types,
  paging,
  each: 'SAP HANA application',
})

async function record(place: Place, summary: Summary): Promise<ResourceRecord> {
  const { Tags, ...listed } = summary
  const ApplicationId = summary.Id
  const [answer, Databases] = await Promise.all([
    place.ask(get, { ApplicationId }),
    // Application servers have none.
    summary.Type === 'SAP_ABAP' ? undefined : place.all(databases, { ApplicationId }, ({ Databases }) => Databases),
  ])
  const tags = answer ? (answer.Tags ?? Tags ?? {}) : Tags
  return place.resource(types[0]!, {
    id: textOf(ApplicationId),
    arn: summary.Arn,
    name: ApplicationId,
    tags: tags && sortedTags(tags),
    configuration: answer?.Application ?? listed,
    supplementary: { Databases },
  })
}

async function* collect(place: Place): AsyncGenerator<Records> {
  for await (const { Applications = [] } of place.pages(list, {}))
    yield* await Promise.all(Applications.map(application => record(place, application)))
}

/** SAP applications. */
export const collector: Collector = {
  service: 'ssm-sap',
  scope: 'region',
  fills: { inventory: types, configuration: types, tags: types },
  operations: [list, get, databases],
  collect,
}

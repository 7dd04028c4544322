/** Timestream for LiveAnalytics tables, with the database that names their key. */
import {
  type Database,
  ListDatabasesCommand,
  ListTablesCommand,
  TimestreamWriteClient,
} from '@aws-sdk/client-timestream-write'
import { type Collector, type Records, textOf } from './collector.ts'
import { listed } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { getResources } from './tags.ts'

const cuts = ['inventory', 'configuration', 'tags']
const types = ['AWS::Timestream::Table']
const paging = { in: 'NextToken', out: 'NextToken', input: { MaxResults: 20 } }

/** The SDK asks for the endpoint of the account first (`DescribeEndpoints`). */
const discovery = 'timestream:DescribeEndpoints'

const databases = operation('timestream:ListDatabases', TimestreamWriteClient, ListDatabasesCommand, {
  cuts,
  types,
  paging,
  beside: [discovery],
})
const tables = operation('timestream:ListTables', TimestreamWriteClient, ListTablesCommand, {
  cuts,
  types,
  paging,
  each: 'database',
})

async function* tablesOf(place: Place, database: Database): AsyncGenerator<Records> {
  const { DatabaseName } = database
  yield* listed(place, tables, { DatabaseName }, ({ Tables = [] }) =>
    Tables.map(element => ({
      type: types[0]!,
      id: `${DatabaseName}|${textOf(element.TableName)}`,
      arn: element.Arn,
      name: element.TableName,
      configuration: element,
      supplementary: { Database: database },
    })),
  )
}

async function* collect(place: Place): AsyncGenerator<Records> {
  for await (const { Databases = [] } of place.pages(databases, {}))
    for (const database of Databases) yield* tablesOf(place, database)
}

/** Tables. */
export const collector: Collector = {
  service: 'timestream',
  scope: 'region',
  fills: { inventory: types, configuration: types, tags: types },
  operations: [databases, tables, getResources],
  collect,
}

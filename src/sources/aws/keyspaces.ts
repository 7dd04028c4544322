/** Keyspaces tables, keyspace by keyspace. The list tells their names alone. */
import { GetTableCommand, KeyspacesClient, ListKeyspacesCommand, ListTablesCommand } from '@aws-sdk/client-keyspaces'
import { stated } from './answer.ts'
import type { Collector, Records } from './collector.ts'
import { listed } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { getResources } from './tags.ts'

const types = ['AWS::Cassandra::Table']
const paging = { in: 'nextToken', out: 'nextToken', input: { maxResults: 100 } }
const action = 'cassandra:Select'

const keyspaces = operation('cassandra:ListKeyspaces', KeyspacesClient, ListKeyspacesCommand, {
  action,
  cuts: ['inventory', 'configuration', 'tags'],
  types,
  paging,
})
const tables = operation('cassandra:ListTables', KeyspacesClient, ListTablesCommand, {
  action,
  cuts: ['inventory', 'configuration', 'tags'],
  types,
  paging,
  each: 'keyspace',
})
const getTable = operation('cassandra:GetTable', KeyspacesClient, GetTableCommand, {
  action,
  cuts: ['configuration'],
  types,
  each: 'table',
})

async function* tablesOf(place: Place, keyspaceName: string): AsyncGenerator<Records> {
  yield* listed(place, tables, { keyspaceName }, async page => {
    const found = (page.tables ?? []).map(async ({ tableName = '', resourceArn }) => {
      const answer = await place.askOrNone(getTable, { keyspaceName, tableName }, ['ResourceNotFoundException'])
      if (answer === null) return []
      return [
        {
          type: types[0]!,
          id: `${keyspaceName}|${tableName}`,
          arn: resourceArn,
          name: tableName,
          configuration: answer ? stated(answer) : { keyspaceName, tableName },
          unknown: answer ? undefined : ['encryptionSpecification', 'pointInTimeRecovery', 'replicaSpecifications'],
        },
      ]
    })
    return (await Promise.all(found)).flat()
  })
}

async function* collect(place: Place): AsyncGenerator<Records> {
  // Those of the service itself hold no data of the customer's.
  for await (const page of place.pages(keyspaces, {}))
    for (const { keyspaceName } of page.keyspaces ?? [])
      if (keyspaceName && !keyspaceName.startsWith('system')) yield* tablesOf(place, keyspaceName)
}

/** Tables. */
export const collector: Collector = {
  service: 'cassandra',
  scope: 'region',
  fills: { inventory: types, configuration: types, tags: types },
  operations: [keyspaces, tables, getTable, getResources],
  collect,
}

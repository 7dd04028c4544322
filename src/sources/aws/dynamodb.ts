/** DynamoDB tables. The list tells their names alone; neither a table's settings nor its recovery has a list form. */
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ListTablesCommand,
} from '@aws-sdk/client-dynamodb'
import type { Collector, Records } from './collector.ts'
import { listed } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { getResources } from './tags.ts'

const types = ['AWS::DynamoDB::Table']

const listTables = operation('dynamodb:ListTables', DynamoDBClient, ListTablesCommand, {
  cuts: ['inventory', 'configuration', 'tags', 'replication'],
  types,
  paging: { in: 'ExclusiveStartTableName', out: 'LastEvaluatedTableName', input: { Limit: 100 } },
})
const describeTable = operation('dynamodb:DescribeTable', DynamoDBClient, DescribeTableCommand, {
  cuts: ['configuration', 'replication'],
  types,
  each: 'table',
})
const describeBackups = operation(
  'dynamodb:DescribeContinuousBackups',
  DynamoDBClient,
  DescribeContinuousBackupsCommand,
  { cuts: ['configuration'], types, each: 'table' },
)

async function* collect(place: Place): AsyncGenerator<Records> {
  yield* listed(place, listTables, {}, async ({ TableNames = [] }) => {
    const tables = TableNames.map(async TableName => {
      const [table, backups] = await Promise.all([
        place.askOrNone(describeTable, { TableName }, ['ResourceNotFoundException']),
        place.askOrNone(describeBackups, { TableName }, ['TableNotFoundException']),
      ])
      if (table === null || backups === null) return []
      return [
        {
          type: types[0]!,
          id: TableName,
          arn: table?.Table?.TableArn ?? place.arn('dynamodb', `table/${TableName}`),
          name: TableName,
          configuration: table?.Table ?? { TableName },
          // What a table says nothing of, DescribeTable leaves out; a table that was not described says nothing at all.
          unknown: table ? undefined : ['SSEDescription', 'Replicas', 'DeletionProtectionEnabled', 'TableClassSummary'],
          supplementary: { ContinuousBackupsDescription: backups?.ContinuousBackupsDescription },
        },
      ]
    })
    return (await Promise.all(tables)).flat()
  })
}

/** Tables. */
export const collector: Collector = {
  service: 'dynamodb',
  scope: 'region',
  fills: { inventory: types, configuration: types, tags: types, replication: types },
  operations: [listTables, describeTable, describeBackups, getResources],
  collect,
}

/** CloudWatch Logs log groups. What a group is carried to by subscription has no list form. */
import {
  CloudWatchLogsClient,
  DescribeExportTasksCommand,
  DescribeLogGroupsCommand,
  DescribeSubscriptionFiltersCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { type Collector, type Records, textOf } from './collector.ts'
import { listed } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { getResources, tagsOf } from './tags.ts'

const types = ['AWS::Logs::LogGroup']
const paging = { in: 'nextToken', out: 'nextToken', input: { limit: 50 } }

const groups = operation('logs:DescribeLogGroups', CloudWatchLogsClient, DescribeLogGroupsCommand, {
  cuts: ['inventory', 'configuration', 'tags'],
  types,
  paging,
})
const filters = operation(
  'logs:DescribeSubscriptionFilters',
  CloudWatchLogsClient,
  DescribeSubscriptionFiltersCommand,
  {
    cuts: ['configuration'],
    types,
    paging,
    each: 'log group',
  },
)
const exports = operation('logs:DescribeExportTasks', CloudWatchLogsClient, DescribeExportTasksCommand, {
  cuts: ['configuration'],
  types,
  paging,
})

async function* collect(place: Place): AsyncGenerator<Records> {
  const tasks = await place.all(exports, {}, page => page.exportTasks)
  yield* listed(place, groups, {}, async ({ logGroups = [] }) => {
    // The Tagging API names a group without what stands for its streams.
    const plain = (arn: string | undefined) => textOf(arn).replace(/:\*$/, '')
    const tags = await tagsOf(
      place,
      logGroups.map(({ arn }) => plain(arn)),
    )
    return Promise.all(
      logGroups.map(async element => {
        const { logGroupName, arn } = element
        const own = await place.all(filters, { logGroupName }, page =>
          page.subscriptionFilters?.map(({ filterName, destinationArn }) => ({ filterName, destinationArn })),
        )
        return {
          type: types[0]!,
          id: textOf(logGroupName),
          arn,
          name: logGroupName,
          tags: tags.get(plain(arn)),
          configuration: element,
          supplementary: {
            SubscriptionFilters: own,
            ExportTasks: tasks?.filter(task => task.logGroupName === logGroupName),
          },
        }
      }),
    )
  })
}

/** Log groups. */
export const collector: Collector = {
  service: 'logs',
  scope: 'region',
  fills: { inventory: types, configuration: types, tags: types },
  operations: [groups, filters, exports, getResources],
  collect,
}

/** MemoryDB clusters. */
import { DescribeClustersCommand, MemoryDBClient } from '@aws-sdk/client-memorydb'
import { type Collector, type Records, textOf } from './collector.ts'
import { listed } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { getResources } from './tags.ts'

const types = ['AWS::MemoryDB::Cluster']

const clusters = operation('memorydb:DescribeClusters', MemoryDBClient, DescribeClustersCommand, {
  cuts: ['inventory', 'configuration', 'tags'],
  types,
  paging: { in: 'NextToken', out: 'NextToken', input: { MaxResults: 100 } },
})

async function* collect(place: Place): AsyncGenerator<Records> {
  yield* listed(place, clusters, {}, ({ Clusters = [] }) =>
    Clusters.map(element => ({
      type: types[0]!,
      id: textOf(element.Name),
      arn: element.ARN,
      name: element.Name,
      configuration: element,
    })),
  )
}

/** Clusters. */
export const collector: Collector = {
  service: 'memorydb',
  scope: 'region',
  fills: { inventory: types, configuration: types, tags: types },
  operations: [clusters, getResources],
  collect,
}

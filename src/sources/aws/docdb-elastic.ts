/** DocumentDB elastic clusters. The list tells neither key nor retention. */
import { DocDBElasticClient, GetClusterCommand, ListClustersCommand } from '@aws-sdk/client-docdb-elastic'
import { type Collector, lastPart, type Records, textOf } from './collector.ts'
import { listed } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { getResources } from './tags.ts'

const types = ['AWS::DocDBElastic::Cluster']

const list = operation('docdb-elastic:ListClusters', DocDBElasticClient, ListClustersCommand, {
  cuts: ['inventory', 'configuration', 'tags'],
  types,
  paging: { in: 'nextToken', out: 'nextToken', input: { maxResults: 100 } },
})
const get = operation('docdb-elastic:GetCluster', DocDBElasticClient, GetClusterCommand, {
  cuts: ['configuration'],
  types,
  each: 'elastic cluster',
})

async function* collect(place: Place): AsyncGenerator<Records> {
  yield* listed(place, list, {}, async ({ clusters = [] }) => {
    const found = clusters.map(async listing => {
      const { clusterArn, clusterName } = listing
      const answer = await place.askOrNone(get, { clusterArn }, ['ResourceNotFoundException'])
      if (answer === null) return []
      const unknown = answer ? undefined : ['kmsKeyId', 'backupRetentionPeriod', 'createTime']
      const configuration = answer?.cluster ?? listing
      const arn = clusterArn
      return [{ type: types[0]!, id: lastPart(textOf(arn)), arn, name: clusterName, configuration, unknown }]
    })
    return (await Promise.all(found)).flat()
  })
}

/** Elastic clusters. */
export const collector: Collector = {
  service: 'docdb-elastic',
  scope: 'region',
  fills: { inventory: types, configuration: types, tags: types },
  operations: [list, get, getResources],
  collect,
}

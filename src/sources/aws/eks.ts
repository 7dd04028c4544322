/** EKS clusters. The list tells their names alone. */
import { DescribeClusterCommand, EKSClient, ListClustersCommand } from '@aws-sdk/client-eks'
import { without } from './answer.ts'
import type { Collector, Records } from './collector.ts'
import { listed } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { getResources, sortedTags } from './tags.ts'

const types = ['AWS::EKS::Cluster']

const list = operation('eks:ListClusters', EKSClient, ListClustersCommand, {
  cuts: ['inventory', 'configuration', 'tags'],
  types,
  paging: { in: 'nextToken', out: 'nextToken', input: { maxResults: 100 } },
})
const describe = operation('eks:DescribeCluster', EKSClient, DescribeClusterCommand, {
  cuts: ['configuration'],
  types,
  each: 'cluster',
})

async function* collect(place: Place): AsyncGenerator<Records> {
  yield* listed(place, list, {}, async ({ clusters = [] }) => {
    const found = clusters.map(async name => {
      const answer = await place.askOrNone(describe, { name }, ['ResourceNotFoundException'])
      if (answer === null) return []
      const cluster = answer?.cluster
      return [
        {
          type: types[0]!,
          id: name,
          arn: cluster?.arn ?? place.arn('eks', `cluster/${name}`),
          name,
          ...(cluster ? { tags: sortedTags(cluster.tags) } : {}),
          configuration: cluster ? without(cluster, 'tags') : { name },
          unknown: cluster ? undefined : ['encryptionConfig', 'createdAt', 'deletionProtection', 'version'],
        },
      ]
    })
    return (await Promise.all(found)).flat()
  })
}

/** Clusters. */
export const collector: Collector = {
  service: 'eks',
  scope: 'region',
  fills: { inventory: types, configuration: types, tags: types },
  operations: [list, describe, getResources],
  collect,
}

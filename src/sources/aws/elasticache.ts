/** ElastiCache: replication groups, nodes of clusters and serverless caches. */
import {
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
  DescribeServerlessCachesCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache'
import { type Collector, type Records, textOf } from './collector.ts'
import { listed } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { getResources } from './tags.ts'

const cuts = ['inventory', 'configuration', 'tags']
const paging = { in: 'Marker', out: 'Marker', input: { MaxRecords: 100 } }
const group = 'AWS::ElastiCache::ReplicationGroup'
const cluster = 'AWS::ElastiCache::CacheCluster'
const serverless = 'AWS::ElastiCache::ServerlessCache'
const types = [group, cluster, serverless]

const groups = operation('elasticache:DescribeReplicationGroups', ElastiCacheClient, DescribeReplicationGroupsCommand, {
  cuts,
  types: [group],
  paging,
})
const clusters = operation('elasticache:DescribeCacheClusters', ElastiCacheClient, DescribeCacheClustersCommand, {
  cuts,
  types: [cluster],
  paging,
})
const caches = operation('elasticache:DescribeServerlessCaches', ElastiCacheClient, DescribeServerlessCachesCommand, {
  cuts,
  types: [serverless],
  paging: { in: 'NextToken', out: 'NextToken', input: { MaxResults: 50 } },
})

async function* collect(place: Place): AsyncGenerator<Records> {
  yield* listed(place, groups, {}, ({ ReplicationGroups = [] }) =>
    ReplicationGroups.map(element => ({
      type: group,
      id: textOf(element.ReplicationGroupId),
      arn: element.ARN,
      name: element.ReplicationGroupId,
      configuration: element,
    })),
  )
  yield* listed(place, clusters, {}, ({ CacheClusters = [] }) =>
    CacheClusters.map(element => ({
      type: cluster,
      id: textOf(element.CacheClusterId),
      arn: element.ARN,
      name: element.CacheClusterId,
      configuration: element,
    })),
  )
  yield* listed(place, caches, {}, ({ ServerlessCaches = [] }) =>
    ServerlessCaches.map(element => ({
      type: serverless,
      id: textOf(element.ServerlessCacheName),
      arn: element.ARN,
      name: element.ServerlessCacheName,
      configuration: element,
    })),
  )
}

/** Caches. */
export const collector: Collector = {
  service: 'elasticache',
  scope: 'region',
  fills: { inventory: types, configuration: types, tags: types },
  operations: [groups, clusters, caches, getResources],
  collect,
}

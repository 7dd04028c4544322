/** Aurora DSQL clusters. The list tells their ids alone. */
import { DSQLClient, GetClusterCommand, ListClustersCommand } from '@aws-sdk/client-dsql'
import { stated, without } from './answer.ts'
import { type Collector, type Records, textOf } from './collector.ts'
import { listed } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { getResources } from './tags.ts'

const types = ['AWS::DSQL::Cluster']

const list = operation('dsql:ListClusters', DSQLClient, ListClustersCommand, {
  cuts: ['inventory', 'configuration', 'tags'],
  types,
  paging: { in: 'nextToken', out: 'nextToken', input: { maxResults: 100 } },
})
const get = operation('dsql:GetCluster', DSQLClient, GetClusterCommand, {
  cuts: ['configuration'],
  types,
  each: 'cluster',
})

async function* collect(place: Place): AsyncGenerator<Records> {
  yield* listed(place, list, {}, async ({ clusters = [] }) => {
    const found = clusters.map(async listing => {
      const { identifier, arn } = listing
      const answer = await place.askOrNone(get, { identifier }, ['ResourceNotFoundException'])
      if (answer === null) return []
      const unknown = answer ? undefined : ['deletionProtectionEnabled', 'encryptionDetails', 'multiRegionProperties']
      const configuration = answer ? without(stated(answer), 'tags') : listing
      return [{ type: types[0]!, id: textOf(identifier), arn, name: identifier, configuration, unknown }]
    })
    return (await Promise.all(found)).flat()
  })
}

/** Clusters. */
export const collector: Collector = {
  service: 'dsql',
  scope: 'region',
  fills: { inventory: types, configuration: types, tags: types },
  operations: [list, get, getResources],
  collect,
}

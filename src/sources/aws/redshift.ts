/** Redshift clusters and their snapshots. Lists tell the tags. */
import { DescribeClusterSnapshotsCommand, DescribeClustersCommand, RedshiftClient } from '@aws-sdk/client-redshift'
import { without } from './answer.ts'
import { type Collector, type Records, textOf } from './collector.ts'
import { listed } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { tagMap } from './tags.ts'

const paging = { in: 'Marker', out: 'Marker', input: { MaxRecords: 100 } }
const cluster = 'AWS::Redshift::Cluster'
const snapshot = 'AWS::Redshift::ClusterSnapshot'

const clusters = operation('redshift:DescribeClusters', RedshiftClient, DescribeClustersCommand, {
  cuts: ['inventory', 'configuration', 'tags', 'replication'],
  types: [cluster],
  paging,
})
const snapshots = operation('redshift:DescribeClusterSnapshots', RedshiftClient, DescribeClusterSnapshotsCommand, {
  cuts: ['snapshots'],
  types: [snapshot],
  paging,
})

async function* collect(place: Place): AsyncGenerator<Records> {
  yield* listed(place, clusters, {}, ({ Clusters = [] }) =>
    Clusters.map(element => ({
      type: cluster,
      id: textOf(element.ClusterIdentifier),
      arn: place.arn('redshift', `cluster:${element.ClusterIdentifier}`),
      name: element.ClusterIdentifier,
      tags: tagMap(element.Tags),
      configuration: without(element, 'Tags'),
    })),
  )
  yield* listed(place, snapshots, { OwnerAccount: place.account }, ({ Snapshots = [] }) =>
    Snapshots.map(element => ({
      type: snapshot,
      id: textOf(element.SnapshotIdentifier),
      arn:
        element.SnapshotArn ??
        place.arn('redshift', `snapshot:${element.ClusterIdentifier}/${element.SnapshotIdentifier}`),
      name: element.SnapshotIdentifier,
      tags: tagMap(element.Tags),
      configuration: without(element, 'Tags'),
    })),
  )
}

/** Clusters and their snapshots. */
export const collector: Collector = {
  service: 'redshift',
  scope: 'region',
  fills: {
    inventory: [cluster],
    configuration: [cluster],
    tags: [cluster],
    replication: [cluster],
    snapshots: [snapshot],
  },
  operations: [clusters, snapshots],
  collect,
}

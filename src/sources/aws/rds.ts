/**
 * DB instances, clusters (Amazon DocumentDB's and Neptune's too), global clusters and their snapshots. Lists tell the tags. With
 * whom a manual snapshot is shared has no list form.
 */
import {
  DescribeDBClusterSnapshotAttributesCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotAttributesCommand,
  DescribeDBSnapshotsCommand,
  DescribeGlobalClustersCommand,
  RDSClient,
} from '@aws-sdk/client-rds'
import { without } from './answer.ts'
import { type Collector, type Records, textOf } from './collector.ts'
import { listed } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { tagMap } from './tags.ts'

const paging = { in: 'Marker', out: 'Marker', input: { MaxRecords: 100 } }
const storeCuts = ['inventory', 'configuration', 'tags']
const instance = 'AWS::RDS::DBInstance'
const cluster = 'AWS::RDS::DBCluster'
const snapshot = 'AWS::RDS::DBSnapshot'
const clusterSnapshot = 'AWS::RDS::DBClusterSnapshot'
const globalCluster = 'AWS::RDS::GlobalCluster'

const instances = operation('rds:DescribeDBInstances', RDSClient, DescribeDBInstancesCommand, {
  cuts: storeCuts,
  types: [instance],
  paging,
})
const clusters = operation('rds:DescribeDBClusters', RDSClient, DescribeDBClustersCommand, {
  cuts: storeCuts,
  types: [cluster],
  paging,
})
const globalClusters = operation('rds:DescribeGlobalClusters', RDSClient, DescribeGlobalClustersCommand, {
  cuts: ['replication'],
  types: [globalCluster],
  paging,
})
const snapshots = operation('rds:DescribeDBSnapshots', RDSClient, DescribeDBSnapshotsCommand, {
  cuts: ['snapshots'],
  types: [snapshot],
  paging,
})
const clusterSnapshots = operation('rds:DescribeDBClusterSnapshots', RDSClient, DescribeDBClusterSnapshotsCommand, {
  cuts: ['snapshots'],
  types: [clusterSnapshot],
  paging,
})
const snapshotAttributes = operation(
  'rds:DescribeDBSnapshotAttributes',
  RDSClient,
  DescribeDBSnapshotAttributesCommand,
  { cuts: ['snapshots'], types: [snapshot], each: 'manual snapshot' },
)
const clusterSnapshotAttributes = operation(
  'rds:DescribeDBClusterSnapshotAttributes',
  RDSClient,
  DescribeDBClusterSnapshotAttributesCommand,
  { cuts: ['snapshots'], types: [clusterSnapshot], each: 'manual cluster snapshot' },
)

async function* instanceSnapshots(place: Place): AsyncGenerator<Records> {
  yield* listed(place, snapshots, {}, ({ DBSnapshots = [] }) =>
    Promise.all(
      DBSnapshots.map(async element => {
        const { DBSnapshotIdentifier, DBSnapshotArn: arn, SnapshotType } = element
        const sharing =
          SnapshotType === 'manual' ? await place.ask(snapshotAttributes, { DBSnapshotIdentifier }) : undefined
        const DBSnapshotAttributes = sharing?.DBSnapshotAttributesResult?.DBSnapshotAttributes
        return {
          type: snapshot,
          id: textOf(DBSnapshotIdentifier),
          arn,
          name: DBSnapshotIdentifier,
          tags: tagMap(element.TagList),
          configuration: without(element, 'TagList'),
          ...(DBSnapshotAttributes ? { supplementary: { DBSnapshotAttributes } } : {}),
        }
      }),
    ),
  )
}

async function* snapshotsOfClusters(place: Place): AsyncGenerator<Records> {
  yield* listed(place, clusterSnapshots, {}, ({ DBClusterSnapshots = [] }) =>
    Promise.all(
      DBClusterSnapshots.map(async element => {
        const { DBClusterSnapshotIdentifier, DBClusterSnapshotArn: arn, SnapshotType } = element
        const sharing =
          SnapshotType === 'manual'
            ? await place.ask(clusterSnapshotAttributes, { DBClusterSnapshotIdentifier })
            : undefined
        const DBClusterSnapshotAttributes = sharing?.DBClusterSnapshotAttributesResult?.DBClusterSnapshotAttributes
        return {
          type: clusterSnapshot,
          id: textOf(DBClusterSnapshotIdentifier),
          arn,
          name: DBClusterSnapshotIdentifier,
          tags: tagMap(element.TagList),
          configuration: without(element, 'TagList'),
          ...(DBClusterSnapshotAttributes ? { supplementary: { DBClusterSnapshotAttributes } } : {}),
        }
      }),
    ),
  )
}

async function* collect(place: Place): AsyncGenerator<Records> {
  yield* listed(place, instances, {}, ({ DBInstances = [] }) =>
    DBInstances.map(element => ({
      type: instance,
      id: textOf(element.DbiResourceId),
      arn: element.DBInstanceArn,
      name: element.DBInstanceIdentifier,
      tags: tagMap(element.TagList),
      configuration: without(element, 'TagList'),
    })),
  )
  yield* listed(place, clusters, {}, ({ DBClusters = [] }) =>
    DBClusters.map(element => ({
      type: cluster,
      id: textOf(element.DbClusterResourceId),
      arn: element.DBClusterArn,
      name: element.DBClusterIdentifier,
      tags: tagMap(element.TagList),
      configuration: without(element, 'TagList'),
    })),
  )
  yield* listed(place, globalClusters, {}, ({ GlobalClusters = [] }) =>
    GlobalClusters.map(element => ({
      type: globalCluster,
      id: textOf(element.GlobalClusterIdentifier),
      arn: element.GlobalClusterArn,
      name: element.GlobalClusterIdentifier,
      tags: tagMap(element.TagList),
      configuration: without(element, 'TagList'),
    })),
  )
  yield* instanceSnapshots(place)
  yield* snapshotsOfClusters(place)
}

/** Databases behind the RDS API, and their snapshots. */
export const collector: Collector = {
  service: 'rds',
  scope: 'region',
  fills: {
    inventory: [instance, cluster],
    configuration: [instance, cluster],
    tags: [instance, cluster],
    replication: [globalCluster],
    snapshots: [snapshot, clusterSnapshot],
  },
  operations: [
    instances,
    clusters,
    globalClusters,
    snapshots,
    clusterSnapshots,
    snapshotAttributes,
    clusterSnapshotAttributes,
  ],
  collect,
}

/** Redshift Serverless namespaces, with the Regions that their snapshots are copied to. */
import {
  ListNamespacesCommand,
  ListSnapshotCopyConfigurationsCommand,
  RedshiftServerlessClient,
} from '@aws-sdk/client-redshift-serverless'
import { type Collector, type Records, textOf } from './collector.ts'
import { listed } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { getResources } from './tags.ts'

const types = ['AWS::RedshiftServerless::Namespace']
const paging = { in: 'nextToken', out: 'nextToken', input: { maxResults: 100 } }

const namespaces = operation('redshift-serverless:ListNamespaces', RedshiftServerlessClient, ListNamespacesCommand, {
  cuts: ['inventory', 'configuration', 'tags', 'replication'],
  types,
  paging,
})
const copies = operation(
  'redshift-serverless:ListSnapshotCopyConfigurations',
  RedshiftServerlessClient,
  ListSnapshotCopyConfigurationsCommand,
  { cuts: ['replication'], types, paging },
)

async function* collect(place: Place): AsyncGenerator<Records> {
  const all = await place.all(copies, {}, page => page.snapshotCopyConfigurations)
  yield* listed(place, namespaces, {}, page =>
    (page.namespaces ?? []).map(element => ({
      type: types[0]!,
      id: textOf(element.namespaceName),
      arn: element.namespaceArn,
      name: element.namespaceName,
      configuration: element,
      supplementary: {
        SnapshotCopyConfigurations: all?.filter(({ namespaceName }) => namespaceName === element.namespaceName),
      },
    })),
  )
}

/** Namespaces. */
export const collector: Collector = {
  service: 'redshift-serverless',
  scope: 'region',
  fills: { inventory: types, configuration: types, tags: types, replication: types },
  operations: [namespaces, copies, getResources],
  collect,
}

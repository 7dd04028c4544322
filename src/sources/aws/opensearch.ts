/** OpenSearch Service domains: their names by one list, and five of them described by each call. */
import { DescribeDomainsCommand, ListDomainNamesCommand, OpenSearchClient } from '@aws-sdk/client-opensearch'
import { type Collector, type Records, textOf } from './collector.ts'
import { type Found, listed } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { getResources } from './tags.ts'

const types = ['AWS::OpenSearchService::Domain']

const list = operation('es:ListDomainNames', OpenSearchClient, ListDomainNamesCommand, {
  cuts: ['inventory', 'configuration', 'tags'],
  types,
})
const describe = operation('es:DescribeDomains', OpenSearchClient, DescribeDomainsCommand, {
  cuts: ['inventory', 'configuration', 'tags'],
  types,
  each: 'five domains',
})

/** The most that AWS describes by one call. */
const most = 5

async function described(place: Place, DomainNames: string[]): Promise<Found[]> {
  const answer = await place.ask(describe, { DomainNames })
  return (answer?.DomainStatusList ?? []).map(element => ({
    type: types[0]!,
    id: textOf(element.DomainName),
    arn: element.ARN,
    name: element.DomainName,
    configuration: element,
  }))
}

async function* collect(place: Place): AsyncGenerator<Records> {
  yield* listed(place, list, {}, async ({ DomainNames = [] }) => {
    const all = DomainNames.map(({ DomainName }) => textOf(DomainName))
    const parts = Array.from({ length: Math.ceil(all.length / most) }, (_, i) => all.slice(i * most, (i + 1) * most))
    return (await Promise.all(parts.map(part => described(place, part)))).flat()
  })
}

/** Domains. */
export const collector: Collector = {
  service: 'es',
  scope: 'region',
  fills: { inventory: types, configuration: types, tags: types },
  operations: [list, describe, getResources],
  collect,
}

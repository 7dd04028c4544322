/** Many accounts and Regions by one aggregator of AWS Config, without a role in any of them. */
import type { GapRecord } from '../../model/record.ts'
import { aggregatorQueries, describeSources } from './advanced-queries.ts'
import type { Collection, Tally } from './live.ts'
import type { OpenPart, Parts } from './parts.ts'
import { Place } from './place.ts'
import { type Found, homeScope, isPlaceOf, queriedScope, readQueried } from './queried-config.ts'
import { CannotCollect, type Entered } from './reach.ts'
import { Stop } from './stop.ts'

/** An aggregator. */
export interface AggregatorChoice {
  name: string
  /** Where it is; absent: in the Region of the configuration. */
  region?: string | undefined
}

/** Reads an aggregator, as far as it was not read before, and tells the accounts. Throws {@link CannotCollect}. */
export function readAggregator(
  { account, partition, home, clients }: Entered,
  name: string,
  collection: Collection,
  parts: Parts,
  tally: Tally,
): Promise<string[]> {
  const { takenAt, stop = new Stop() } = collection
  const respondent = {
    name: `aggregator ${name}`,
    place: new Place({ takenAt, clients, counters: tally, stop }, partition, account, home),
    isOfMany: true,
    queries: aggregatorQueries,
    input: { ConfigurationAggregatorName: name },
    holds: () => true,
    readSources: (place: Place, part: OpenPart, found: Found) => readSources(name, place, part, found),
  }
  return readQueried([respondent], `aggregator ${name} scopes`, collection, parts, tally)
}

async function readSources(
  ConfigurationAggregatorName: string,
  place: Place,
  part: OpenPart,
  found: Found,
): Promise<boolean> {
  const first = await place.askOrNone(describeSources, { ConfigurationAggregatorName, Limit: 100 }, [
    'NoSuchConfigurationAggregatorException',
  ])
  if (first === null)
    throw new CannotCollect(`there is no aggregator of that name in ${place.region}: write --aggregator NAME@REGION`)
  const rest = first?.NextToken
    ? await place.all(
        describeSources,
        { ConfigurationAggregatorName, NextToken: first.NextToken },
        page => page.AggregatedSourceStatusList,
      )
    : []
  let isRead = rest !== undefined
  for (const source of [...(first?.AggregatedSourceStatusList ?? []), ...(rest ?? [])]) {
    const { SourceId: account, AwsRegion: region, LastUpdateStatus: status, LastErrorCode: code } = source
    const isHealthy = status === 'SUCCEEDED'
    const known =
      account !== undefined && region !== undefined && isPlaceOf(account, region) ? { account, region } : undefined
    if (known) found.addSource(known.account, known.region, isHealthy)
    if (isHealthy) continue
    isRead = false
    part.add(unhealthy(place, known, status, code))
  }
  return isRead
}

/** A source whose items do not reach the aggregator, or no longer. */
function unhealthy(
  place: Place,
  known: { account: string; region: string } | undefined,
  status: string | undefined,
  code: string | undefined,
): GapRecord {
  const why = status === 'OUTDATED' ? 'are not the newest' : 'do not reach the aggregator'
  const told = code !== undefined && /^[A-Za-z][\w.]{0,60}$/.test(code) ? ` (${code})` : ''
  return {
    record: 'gap',
    scope: known ? queriedScope(known.account, known.region, place) : homeScope(place),
    ...known,
    factGroups: ['*'],
    types: [],
    api: describeSources.api,
    reason: 'truncated',
    remedy: `Its items ${why}${told}: run a recorder of AWS Config there, and authorize the aggregator (config:PutAggregationAuthorization).`,
  }
}

/**
 * Many accounts and Regions by one aggregator of AWS Config, without a role in any of them. Its items are read as those of files
 * are. It proves little: a scope holds a type whole only where the source's items reach the aggregator, a recorder that is among
 * them and runs records the type, and the query of that type, which AWS Config answers for some types with nothing, was read to
 * its end and gave an item of some place.
 */
import type { GapRecord, ResourceRecord, ScopeRecord } from '../../model/record.ts'
import { isRegionCode } from '../../resources/identity.ts'
import { readConfigurationItem } from '../configuration-item.ts'
import { parseJson } from '../json.ts'
import { scopeId, scopeRecord } from '../scope.ts'
import {
  type AggregatorQuery,
  aggregatorQueries,
  describeSources,
  recorderType,
  typesRecorded,
  untold,
} from './aggregator-queries.ts'
import type { Collection, Tally } from './live.ts'
import type { OpenPart, Parts } from './parts.ts'
import { Place } from './place.ts'
import { CannotCollect, type Entered } from './reach.ts'
import { Stop } from './stop.ts'

/** An aggregator. */
export interface AggregatorChoice {
  name: string
  /** Where it is; absent: in the Region of the configuration. */
  region?: string | undefined
}

/** An account and a Region (`global` for what is no Region's), as one key. */
type PlaceName = string

const placeName = (account: string, region: string): PlaceName => `${account} ${region}`

/** What is kept with the sources. */
interface SourceNotes {
  /** All that are known. */
  listed: PlaceName[]
  /** Those whose items reach the aggregator. */
  healthy: PlaceName[]
}

/** What is kept with the items of a query. */
interface ItemNotes {
  places: PlaceName[]
  /** Types of which there was an item. */
  seen: string[]
  /** Types that a place's recorder is known to record, by their place in `sets`. */
  recorded: [PlaceName, number][]
  sets: string[][]
}

/** What of a part was read, and whether all of it. */
interface Read<Notes> {
  notes: Notes
  isWhole: boolean
}

/** What all parts of a run share. */
interface Reading {
  place: Place
  name: string
  version: string
  parts: Parts
}

/** Queries that are asked at once: AWS Config throttles them by account. */
const queriesAtOnce = 4

/** Reads an aggregator, as far as it was not read before, and tells the accounts. Throws {@link CannotCollect}. */
export async function readAggregator(
  { account, partition, home, clients }: Entered,
  name: string,
  { takenAt, version, onProgress, stop = new Stop() }: Collection,
  parts: Parts,
  tally: Tally,
): Promise<string[]> {
  const place = new Place({ takenAt, clients, counters: tally, stop }, partition, account, home)
  const reading: Reading = { place, name, version, parts }
  tally.all += aggregatorQueries.length + 1
  const sources = await readSources(reading)
  const ended = (what: string) => onProgress?.(++tally.done, tally.all, what, home)
  ended('sources')
  const read = new Map<AggregatorQuery, Read<ItemNotes>>()
  const queue = aggregatorQueries.values()
  const work = async () => {
    for (const query of queue) {
      read.set(query, await readItems(reading, query))
      ended(query.name)
    }
  }
  await Promise.all(Array.from({ length: queriesAtOnce }, work))
  return tellScopes(reading, sources, read)
}

const idOf = (name: string, what: string) => `aggregator ${name} ${what}`

async function readSources(reading: Reading): Promise<Read<SourceNotes>> {
  const { name: ConfigurationAggregatorName, parts } = reading
  const id = idOf(ConfigurationAggregatorName, 'sources')
  const kept = parts.finished(id)
  if (kept) return { notes: checked(kept.notes, isSourceNotes), isWhole: true }
  const place = reading.place.forPart()
  const part = parts.begun(id)
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
  const notes: SourceNotes = { listed: [], healthy: [] }
  const all = [...(first?.AggregatedSourceStatusList ?? []), ...(rest ?? [])]
  let isRead = rest !== undefined
  for (const source of all) {
    const { SourceId: account, AwsRegion: region, LastUpdateStatus: status, LastErrorCode: code } = source
    const isPlace = account !== undefined && region !== undefined && isPlaceOf(account, region)
    if (isPlace) {
      notes.listed.push(placeName(account, region))
      if (status === 'SUCCEEDED') notes.healthy.push(placeName(account, region))
    }
    if (status === 'SUCCEEDED') continue
    isRead = false
    part.add(unhealthy(reading, isPlace ? { account, region } : {}, status, code))
  }
  return { notes, isWhole: endPart(part, place, reading, isRead, notes) }
}

const isPlaceOf = (account: string, region: string) =>
  /^\d{12}$/.test(account) && (region === 'global' || isRegionCode(region))

/** A source whose items do not reach the aggregator, or no longer. */
function unhealthy(
  reading: Reading,
  place: { account?: string; region?: string },
  status: string | undefined,
  code: string | undefined,
): GapRecord {
  const why = status === 'OUTDATED' ? 'are not the newest' : 'do not reach the aggregator'
  const told = code !== undefined && /^[A-Za-z][\w.]{0,60}$/.test(code) ? ` (${code})` : ''
  return {
    record: 'gap',
    scope:
      place.account && place.region
        ? scopeId(identityOf(place.account, place.region, reading.place.run.takenAt))
        : homeScope(reading),
    ...place,
    factGroups: ['*'],
    types: [],
    api: describeSources.api,
    reason: 'truncated',
    remedy: `Its items ${why}${told}: run a recorder of AWS Config there, and authorize the aggregator (config:PutAggregationAuthorization).`,
  }
}

async function readItems(reading: Reading, query: AggregatorQuery): Promise<Read<ItemNotes>> {
  const { parts, name: ConfigurationAggregatorName } = reading
  const id = idOf(ConfigurationAggregatorName, query.name)
  const kept = parts.finished(id)
  if (kept) return { notes: checked(kept.notes, isItemNotes), isWhole: true }
  const place = reading.place.forPart()
  const part = parts.begun(id)
  const items = new Items()
  const pages = place.pages(query.operation, { ConfigurationAggregatorName, Expression: query.expression })
  let isRead = true
  for await (const { Results = [] } of pages) {
    for (const row of Results) {
      const record = recordOf(reading, query, row)
      if (record.record === 'resource') items.add(record)
      else isRead = false
      part.add(record)
    }
  }
  const notes = items.notes()
  return { notes, isWhole: endPart(part, place, reading, isRead, notes) }
}

/** A row of a query's answer, JSON text, as a record; as a gap where it cannot be read. */
function recordOf(reading: Reading, { types, operation }: AggregatorQuery, row: string): ResourceRecord | GapRecord {
  const { takenAt } = reading.place.run
  const parsed = parseJson(row)
  const item = readConfigurationItem('value' in parsed ? parsed.value : undefined)
  const {
    account = '',
    region = '',
    type = '',
  } = item.kind === 'resource' ? item.record : (item as Partial<ResourceRecord>)
  const isKnown = isPlaceOf(account, region)
  const scope = isKnown ? scopeId(identityOf(account, region, takenAt)) : homeScope(reading)
  if (item.kind === 'resource' && isKnown && types.includes(type)) return { ...item.record, scope }
  return {
    record: 'gap',
    scope,
    ...(isKnown ? { account, region } : {}),
    factGroups: [...operation.cuts],
    types: types.includes(type) ? [type] : [...types],
    api: operation.api,
    reason: 'truncated',
    remedy: 'Collect again, and report it if it stays: an item that AWS Config answered with could not be read.',
  }
}

/** What the items of a query tell of what the query knows. */
class Items {
  private readonly places = new Set<PlaceName>()
  private readonly seen = new Set<string>()
  private readonly recorded = new Map<PlaceName, string[]>()

  add(record: ResourceRecord): void {
    const { account = '', region = '', type } = record
    const name = placeName(account, region)
    this.places.add(name)
    this.seen.add(type)
    const types = type === recorderType ? typesRecorded(record) : undefined
    if (!types) return
    const before = this.recorded.get(name)
    // Of two that contradict each other neither is believed alone.
    this.recorded.set(name, before ? before.filter(one => types.includes(one)) : types)
  }

  notes(): ItemNotes {
    const sets = [...new Set([...this.recorded.values()].map(types => types.join()))].sort()
    const recorded = [...this.recorded].map(([name, types]): [PlaceName, number] => [name, sets.indexOf(types.join())])
    return {
      places: [...this.places].sort(),
      seen: [...this.seen].sort(),
      recorded,
      sets: sets.map(types => types.split(',').filter(type => type !== '')),
    }
  }
}

/** Ends a part with its gaps: they are true of every account and Region of the aggregator, so that they name none. */
function endPart(part: OpenPart, place: Place, reading: Reading, isRead: boolean, notes: unknown): boolean {
  for (const { account: _account, region: _region, ...gap } of place.gaps.values())
    part.add({ ...gap, scope: homeScope(reading) })
  const isWhole = isRead && place.gaps.size === 0
  part.end(isWhole, notes)
  return isWhole
}

const identityOf = (account: string, region: string, takenAt: string) =>
  ({ source: 'aws-config-query', account, region, takenAt }) as const

/** The scope of the account and Region that the aggregator is in. */
const homeScope = ({ place: { account, endpoint, run } }: Reading): string =>
  scopeId(identityOf(account, endpoint, run.takenAt))

/** Tells a scope for every account and Region, with the types that it holds whole, and once what no aggregator tells. */
function tellScopes(
  reading: Reading,
  { notes: { listed, healthy } }: Read<SourceNotes>,
  read: ReadonlyMap<AggregatorQuery, Read<ItemNotes>>,
): string[] {
  const { place, name, parts } = reading
  const all = [...read.values()]
  const whole = new Set(
    [...read].flatMap(([{ types }, { notes, isWhole }]) =>
      isWhole ? types.filter(type => notes.seen.includes(type)) : [],
    ),
  )
  const recorded = new Map(
    all.flatMap(({ notes, isWhole }) =>
      isWhole ? notes.recorded.map(([name, at]) => [name, notes.sets[at] ?? []] as const) : [],
    ),
  )
  const isHealthy = new Set(healthy)
  const home = placeName(place.account, place.endpoint)
  const names = [...new Set([home, ...listed, ...all.flatMap(({ notes }) => notes.places)])].sort()
  const part = parts.begun(idOf(name, 'scopes'))
  for (const name of names) {
    const [account = '', region = ''] = name.split(' ')
    const types = isHealthy.has(name) ? (recorded.get(name) ?? []).filter(type => whole.has(type)) : []
    part.add(scopeOf(account, region, types, reading))
  }
  part.add(untoldGap(reading))
  // Made anew whenever the run goes on: what was not read before may be by then.
  part.end(false)
  return [...new Set(names.filter(name => name !== home || listed.includes(home)).map(name => name.split(' ')[0]!))]
}

function scopeOf(account: string, region: string, types: string[], { place, version }: Reading): ScopeRecord {
  const record = scopeRecord(identityOf(account, region, place.run.takenAt))
  return { ...record, factGroups: [], types, tool: { name: 'rel09', version } }
}

const untoldGap = (reading: Reading): GapRecord => ({
  record: 'gap',
  scope: homeScope(reading),
  factGroups: [...untold.factGroups],
  types: [...untold.types],
  reason: 'notInSource',
  remedy:
    'AWS Config has no items of these types, and of others neither vault locks and policies, nor tags and conditions of ' +
    'selections, nor the newest restorable times: collect accounts that need them by a role in each (--accounts), in place of this.',
})

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every(text => typeof text === 'string')

const isSourceNotes = ({ listed, healthy }: Partial<SourceNotes>) => isTexts(listed) && isTexts(healthy)

const isItemNotes = ({ places, seen, recorded, sets }: Partial<ItemNotes>) =>
  isTexts(places) &&
  isTexts(seen) &&
  Array.isArray(sets) &&
  sets.every(isTexts) &&
  Array.isArray(recorded) &&
  recorded.every(one => Array.isArray(one) && typeof one[0] === 'string' && typeof one[1] === 'number')

/** What was noted with a part. It comes from a file. */
function checked<Notes extends object>(notes: unknown, isRight: (notes: Partial<Notes>) => boolean): Notes {
  if (typeof notes === 'object' && notes !== null && isRight(notes)) return notes as Notes
  throw new CannotCollect('what was kept of this run is damaged: collect again with --restart')
}

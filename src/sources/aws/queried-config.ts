/**
 * What AWS Config answers to advanced queries, whoever is asked: an aggregator of many accounts and Regions, or AWS Config in a
 * Region of the own account. Its items are read as those of files are. It proves little: a scope holds a type whole only where
 * items of that account and Region are known to come, a recorder that is known to run records the type, and the query of that
 * type, which AWS Config answers for some types with nothing, was read to its end and anyone gave an item of it.
 */
import type { GapRecord, ResourceRecord, ScopeRecord } from '../../model/record.ts'
import { isAccountId, isRegionCode } from '../../resources/identity.ts'
import { readConfigurationItem } from '../configuration-item.ts'
import { parseJson } from '../json.ts'
import { scopeId, scopeRecord } from '../scope.ts'
import { type AdvancedQuery, recorderType, typesOfEveryRegion, typesRecorded, untold } from './advanced-queries.ts'
import type { Collection, Tally } from './live.ts'
import type { OpenPart, Parts } from './parts.ts'
import type { Place } from './place.ts'
import { CannotCollect } from './reach.ts'

/** Who answers. */
export interface Respondent {
  /** What its parts are called on disk. */
  name: string
  /** What is called. */
  place: Place
  /** It answers for many accounts and Regions: what fails is of all of them, so that its gaps name none. */
  isOfMany: boolean
  queries: readonly AdvancedQuery[]
  /** Members of every query. */
  input: object
  /** Whether it may have items of an account. */
  holds(account: string): boolean
  /** Finds out of which accounts and Regions its items are known to come; resolves to whether that is all. */
  readSources(place: Place, part: OpenPart, found: Found): Promise<boolean>
}

/** An account and a Region (`global` for what is no Region's), as one key. */
type PlaceName = string

const placeName = (account: string, region: string): PlaceName => `${account} ${region}`

/** Whether they name an account and a Region, or what is no Region's. */
export const isPlaceOf = (account: string | undefined, region: string | undefined): boolean =>
  isAccountId(account ?? '') && (region === 'global' || isRegionCode(region ?? ''))

/** What is kept with a part. */
interface Notes {
  /** Of which there is a source, or an item. */
  places: PlaceName[]
  /** Those whose items are known to come. */
  healthy: PlaceName[]
  /** Types of which there was an item. */
  seen: string[]
  /** Types that a place's recorder is known to record, by their place in `sets`. */
  recorded: [PlaceName, number][]
  sets: string[][]
}

/** What the records of a part tell of what AWS Config knows. */
export class Found {
  private readonly places = new Set<PlaceName>()
  private readonly healthy = new Set<PlaceName>()
  private readonly seen = new Set<string>()
  private readonly recorded = new Map<PlaceName, string[]>()

  /** An account and Region of which there should be items. */
  addSource(account: string, region: string, isHealthy: boolean): void {
    this.places.add(placeName(account, region))
    if (isHealthy) this.healthy.add(placeName(account, region))
  }

  /** An item, or a recorder. */
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

  notes(): Notes {
    const sets = [...new Set([...this.recorded.values()].map(types => types.join()))].sort()
    const recorded = [...this.recorded].map(([name, types]): [PlaceName, number] => [name, sets.indexOf(types.join())])
    return {
      places: [...this.places].sort(),
      healthy: [...this.healthy].sort(),
      seen: [...this.seen].sort(),
      recorded,
      sets: sets.map(types => types.split(',').filter(type => type !== '')),
    }
  }
}

/** What of a part was read, and whether all of it. */
interface Read {
  notes: Notes
  isWhole: boolean
}

/** What was read of a respondent. */
interface Answers {
  respondent: Respondent
  sources: Read
  items: ReadonlyMap<AdvancedQuery, Read>
}

/** Respondents that are asked at once. */
const respondentsAtOnce = 4

/** Queries that one is asked at once: AWS Config throttles them by account and Region. */
const queriesAtOnce = 4

/**
 * Reads what they answer, as far as it was not read before, tells the scopes in a part of that name, and tells the accounts.
 * Throws {@link CannotCollect}.
 */
export async function readQueried(
  respondents: readonly Respondent[],
  scopes: string,
  { version, onProgress }: Pick<Collection, 'version' | 'onProgress'>,
  parts: Parts,
  tally: Tally,
): Promise<string[]> {
  for (const { queries } of respondents) tally.all += queries.length + 1
  const answers = await atOnce(respondentsAtOnce, respondents, async (respondent): Promise<Answers> => {
    const ended = (what: string) => onProgress?.(++tally.done, tally.all, what, respondent.place.region)
    const sources = await readPart(respondent, 'sources', parts, (place, part, found) =>
      respondent.readSources(place, part, found),
    )
    ended('sources')
    const items = await atOnce(queriesAtOnce, respondent.queries, async query => {
      const read = await readPart(respondent, query.name, parts, (place, part, found) =>
        readItems(respondent, query, place, part, found),
      )
      ended(query.name)
      return [query, read] as const
    })
    return { respondent, sources, items: new Map(items) }
  })
  return tellScopes(answers, parts.begun(scopes), version)
}

/** Does something with each, so many at once; in their order. */
async function atOnce<One, Result>(
  count: number,
  all: readonly One[],
  work: (one: One) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const queue = all.entries()
  const worker = async () => {
    for (const [at, one] of queue) results[at] = await work(one)
  }
  await Promise.all(Array.from({ length: count }, worker))
  return results
}

async function readPart(
  respondent: Respondent,
  what: string,
  parts: Parts,
  read: (place: Place, part: OpenPart, found: Found) => Promise<boolean>,
): Promise<Read> {
  const id = `${respondent.name} ${what}`
  const kept = parts.finished(id)
  if (kept) return { notes: checked(kept.notes), isWhole: true }
  const place = respondent.place.forPart()
  const part = parts.begun(id)
  const found = new Found()
  const isRead = await read(place, part, found)
  for (const { account, region, ...gap } of place.gaps.values())
    part.add({ ...gap, ...(respondent.isOfMany ? {} : { account, region }), scope: homeScope(place) })
  const isWhole = isRead && place.gaps.size === 0
  const notes = found.notes()
  await part.end(isWhole, notes)
  return { notes, isWhole }
}

async function readItems(
  respondent: Respondent,
  query: AdvancedQuery,
  place: Place,
  part: OpenPart,
  found: Found,
): Promise<boolean> {
  let isRead = true
  for await (const { Results = [] } of place.pages(query.operation, {
    ...respondent.input,
    Expression: query.expression,
  })) {
    for (const row of Results) {
      const record = recordOf(respondent, query, row)
      if (record.record === 'resource') found.add(record)
      else isRead = false
      part.add(record)
    }
    await part.room()
  }
  return isRead
}

/** A row of a query's answer, JSON text, as a record; as a gap where it cannot be read. */
function recordOf(
  { place, holds }: Respondent,
  { types, operation }: AdvancedQuery,
  row: string,
): ResourceRecord | GapRecord {
  const parsed = parseJson(row)
  const item = readConfigurationItem('value' in parsed ? parsed.value : undefined)
  const {
    account = '',
    region = '',
    type = '',
  } = item.kind === 'resource' ? item.record : (item as Partial<ResourceRecord>)
  const isKnown = isPlaceOf(account, region) && holds(account)
  const scope = isKnown ? queriedScope(account, region, place) : homeScope(place)
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

const identityOf = (account: string, region: string, { run }: Place) =>
  ({ source: 'aws-config-query', account, region, takenAt: run.takenAt }) as const

/** The scope of an account and Region. */
export const queriedScope = (account: string, region: string, place: Place): string =>
  scopeId(identityOf(account, region, place))

/** The scope of the account and Region that is called. */
export const homeScope = (place: Place): string => queriedScope(place.account, place.endpoint, place)

/** Tells a scope for every account and Region, with the types that it holds whole, and once what no query tells. */
async function tellScopes(answers: readonly Answers[], part: OpenPart, version: string): Promise<string[]> {
  const reads = answers.flatMap(({ sources, items }) => [sources, ...items.values()])
  const seen = new Set(reads.flatMap(({ notes }) => notes.seen))
  const whole = new Map(answers.flatMap(answer => claimsOf(answer, seen)))
  const told = new Set(reads.flatMap(({ notes }) => notes.places))
  const homes = answers.map(({ respondent: { place } }) => placeName(place.account, place.endpoint))
  const [{ respondent: first } = { respondent: undefined }] = answers
  if (!first) throw new CannotCollect('there is no Region to ask AWS Config in')
  for (const name of [...new Set([...homes, ...told])].sort()) {
    const [account = '', region = ''] = name.split(' ')
    part.add(scopeOf(account, region, whole.get(name) ?? [], first.place, version))
  }
  part.add(untoldGap(first.place))
  // Made anew whenever the run goes on: what was not read before may be by then.
  await part.end(false)
  return [...new Set([...told].map(name => name.split(' ')[0]!))].sort()
}

/** What is whole of the accounts and Regions of a respondent. `seen`: types that AWS Config is known to answer for. */
function claimsOf({ sources, items }: Answers, seen: ReadonlySet<string>): [PlaceName, string[]][] {
  const whole = new Set(
    [...items].flatMap(([{ types }, { isWhole }]) =>
      isWhole ? types.filter(type => seen.has(type) && !typesOfEveryRegion.has(type)) : [],
    ),
  )
  const recorded = new Map(
    [sources, ...items.values()].flatMap(({ notes, isWhole }) =>
      isWhole ? notes.recorded.map(([name, at]) => [name, notes.sets[at] ?? []] as const) : [],
    ),
  )
  return sources.notes.healthy.map(name => [name, (recorded.get(name) ?? []).filter(type => whole.has(type))])
}

function scopeOf(account: string, region: string, types: string[], place: Place, version: string): ScopeRecord {
  return {
    ...scopeRecord(identityOf(account, region, place)),
    factGroups: [],
    types,
    tool: { name: 'rel09', version },
  }
}

const untoldGap = (place: Place): GapRecord => ({
  record: 'gap',
  scope: homeScope(place),
  factGroups: [...untold.factGroups],
  types: [...untold.types],
  reason: 'notInSource',
  remedy:
    'AWS Config has no items of these types, and of others neither vault locks and policies, nor tags and conditions of ' +
    'selections, nor the newest restorable times: collect accounts that need them by their own APIs (others than the own by a role ' +
    'in each, --accounts), in place of this.',
})

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every(text => typeof text === 'string')

/** What was noted with a part. It comes from a file. */
function checked(value: unknown): Notes {
  const { places, healthy, seen, recorded, sets } = (value ?? {}) as Partial<Notes>
  const isRight =
    [places, healthy, seen].every(isTexts) &&
    Array.isArray(sets) &&
    sets.every(isTexts) &&
    Array.isArray(recorded) &&
    recorded.every(one => Array.isArray(one) && typeof one[0] === 'string' && typeof one[1] === 'number')
  if (isRight) return value as Notes
  throw new CannotCollect('what was kept of this run is damaged: collect again with --restart')
}

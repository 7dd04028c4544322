/**
 * Collects a live AWS account: which account and Regions, which collectors, and what each scope may claim to have read. Bundled
 * apart from the command line with the AWS SDK, which is loaded only to collect.
 */
import { collectors } from '../../generated/collectors.ts'
import { unionOfGaps } from '../../model/gap-union.ts'
import type { GapRecord, ScopeRecord, SnapshotRecord } from '../../model/record.ts'
import { scopeRecord } from '../scope.ts'
import { usualAttempts } from './clients.ts'
import { type Collector, eachOf } from './collector.ts'
import { type EarlierSnapshot, readEarlier } from './earlier.ts'
import { interrupted } from './failure.ts'
import type { Parts } from './parts.ts'
import { type AccountAccess, type PolicyDocument, policyOf } from './permissions.ts'
import { type Counters, Place, type Run } from './place.ts'
import { type Account, CannotCollect, reach } from './reach.ts'
import { Stop } from './stop.ts'

export { type Account, CannotCollect, type EarlierSnapshot, reach, readEarlier, usualAttempts }

/** Services that can be collected, by the prefix of their IAM actions. */
export const services: readonly string[] = [...new Set(Object.values(collectors).map(({ service }) => service))].sort()

/** The collectors of services; all where none are named. */
export function collectorsOf(wanted: readonly string[] | undefined): [string, Collector][] {
  return Object.entries(collectors).filter(([, { service }]) => wanted?.includes(service) ?? true)
}

/** The read-only policy of the services, and of what enters other accounts. */
export function permissions(wanted: readonly string[] | undefined, access?: AccountAccess): PolicyDocument {
  return policyOf(
    collectorsOf(wanted).map(([, collector]) => collector),
    access,
  )
}

/** What a run was asked for. */
export interface Collection {
  services?: readonly string[] | undefined
  /** Nothing that counts for an account whole. */
  regionsOnly?: boolean | undefined
  /** ISO 8601 UTC: when it began. */
  takenAt: string
  version: string
  /** Told of every part that has ended. */
  onProgress?: (done: number, all: number, name: string, region: string) => void
  /** Ends the run before its end. */
  stop?: Stop
  /** What need not be asked for again. */
  earlier?: EarlierSnapshot | undefined
}

/** What a run counts, over all of its accounts. */
export interface Tally extends Counters {
  /** Parts that were read, and that are known of. */
  done: number
  all: number
}

/** Nothing counted yet. */
export const newTally = (): Tally => ({ calls: new Map(), repeated: new Map(), done: 0, all: 0 })

/** What was found out beside the records. */
export interface Outcome {
  gaps: GapRecord[]
  /** Calls by operation. */
  calls: ReadonlyMap<string, number>
  resources: number
}

/** Parts that are read at once; each opens as many calls as its services' gates allow. */
const partsAtOnce = 12

/** Fact groups that a scope of this kind read: those of which every collector ran. */
export function claimedGroups(scope: Collector['scope'], ran: readonly Collector[]): string[] {
  const groups = new Set(ran.filter(collector => collector.scope === scope).flatMap(({ fills }) => Object.keys(fills)))
  const all = Object.values(collectors)
  return [...groups]
    .filter(group =>
      all.every(other => other.scope !== scope || !Object.hasOwn(other.fills, group) || ran.includes(other)),
    )
    .sort()
}

/** One collector in one account and Region. */
interface Part {
  /** What it is called on disk. */
  id: string
  name: string
  collector: Collector
  place: Place
}

/** What is kept with the scopes of an account, for when the run goes on. */
export interface AccountNotes {
  regions: string[]
  enabled: string[]
}

/**
 * Reads an account part by part. What an earlier attempt read whole is not read again. What cannot be read is told in the gaps and
 * never throws.
 */
export async function readAccount(
  { account, partition, regions, enabled, clients }: Account,
  { services: wanted, regionsOnly, takenAt, version, onProgress, stop = new Stop(), earlier }: Collection,
  parts: Parts,
  tally: Tally,
): Promise<void> {
  const run: Run = { takenAt, clients, counters: tally, stop, earlier }
  const chosen = collectorsOf(wanted).filter(([, { scope }]) => !regionsOnly || scope === 'region')
  const places = regions.map(region => new Place(run, partition, account, region))
  const whole = new Place(run, partition, account, 'global', regions[0], enabled)
  const all = chosen.flatMap(([name, collector]) =>
    (collector.scope === 'account' ? [whole] : places).map((place): Part => {
      const id = `${account} ${place.region} ${name}`
      return { id, name, collector, place: place.forPart() }
    }),
  )
  if (!parts.finished(account)) {
    const ran = chosen.map(([, collector]) => collector)
    const scopes = parts.begun(account)
    const read = new Set(all.map(({ place }) => place.region))
    for (const place of [whole, ...places])
      if (read.has(place.region)) scopes.add(scopeOf(place, place === whole ? 'account' : 'region', ran, version))
    await scopes.end(true, { regions, enabled } satisfies AccountNotes)
  }
  const left = all.filter(({ id }) => !parts.finished(id))
  tally.all += left.length
  const unread: Part[] = []
  const queue = left.values()
  const work = async () => {
    for (const part of queue) {
      if (stop.isAsked) {
        unread.push(part)
        continue
      }
      await readPart(part, parts)
      onProgress?.(++tally.done, tally.all, part.name, part.place.region)
    }
  }
  await Promise.all(Array.from({ length: partsAtOnce }, work))
  await tellUnread(account, unread, parts)
}

/** Whether an earlier attempt read all of an account in these Regions. */
export function isRead(account: string, regions: readonly string[], wanted: Collection['services'], parts: Parts) {
  return collectorsOf(wanted).every(([name, { scope }]) =>
    (scope === 'account' ? ['global'] : regions).every(region => parts.finished(`${account} ${region} ${name}`)),
  )
}

async function readPart({ id, name, collector, place }: Part, parts: Parts): Promise<void> {
  const part = parts.begun(id)
  try {
    for await (const found of collector.collect(place)) {
      for (const record of eachOf(found)) part.add(record)
      await part.room()
    }
  } catch {
    place.note(faultOf(name, collector), {
      reason: 'truncated',
      remedy: `Collect again, and report it if it stays: the collector ${name} could not read what AWS answered.`,
    })
  }
  for (const gap of place.gaps.values()) part.add(gap)
  await part.end(place.gaps.size === 0)
}

/** What was not even begun, a gap a place. */
async function tellUnread(account: string, unread: readonly Part[], parts: Parts): Promise<void> {
  const byRegion = new Map<string, Part[]>()
  for (const part of unread) byRegion.set(part.place.region, [...(byRegion.get(part.place.region) ?? []), part])
  for (const [region, left] of byRegion) {
    const { scope } = left[0]!.place
    const faults = left.map(({ name, collector }) => faultOf(name, collector))
    const part = parts.begun(`${account} ${region} unread`)
    part.add({
      record: 'gap',
      scope,
      account,
      region,
      factGroups: [...new Set(faults.flatMap(({ cuts }) => cuts))].sort(),
      types: [...new Set(faults.flatMap(({ types }) => types))].sort(),
      ...interrupted,
    })
    await part.end(false)
  }
}

/** Reads an account, record by record in no order, into `take`; its gaps come last. */
export async function collect(
  account: Account,
  collection: Collection,
  take: (record: SnapshotRecord) => void,
): Promise<Outcome> {
  const gaps = new Map<string, GapRecord>()
  let resources = 0
  const add = (record: SnapshotRecord) => {
    if (record.record === 'gap') {
      const key = `${record.scope} ${record.api} ${record.reason}`
      const known = gaps.get(key)
      gaps.set(key, known ? unionOfGaps(known, record) : record)
      return
    }
    if (record.record === 'resource') resources++
    take(record)
  }
  const tally = newTally()
  const atOnce = () => Promise.resolve()
  await readAccount(
    account,
    collection,
    { finished: () => undefined, begun: () => ({ add, room: atOnce, end: atOnce }) },
    tally,
  )
  for (const gap of gaps.values()) take(gap)
  return { gaps: [...gaps.values()], calls: tally.calls, resources }
}

function scopeOf(place: Place, kind: Collector['scope'], ran: readonly Collector[], version: string): ScopeRecord {
  const { account, region, run } = place
  const record = scopeRecord({ source: 'aws', account, region, takenAt: run.takenAt })
  return { ...record, factGroups: claimedGroups(kind, ran), tool: { name: 'rel09', version } }
}

const faultOf = (name: string, { fills, service }: Collector) => ({
  api: `${service}:${name}`,
  cuts: Object.keys(fills),
  types: [...new Set(Object.values(fills).flat())],
})

/** One invocation of the collector: a scheduled event in, one snapshot of the Region below a place in S3, structured lines of log out. */
import { isObjectKey } from '../../model/object-store.ts'
import type { GapRecord } from '../../model/record.ts'
import { shortVisible } from '../../reporters/visible-text.ts'
import { isRegionCode } from '../../resources/identity.ts'
import type { Written } from '../../sinks/record-lines.ts'
import { isObject, own } from '../../sources/json.ts'

/** A snapshot that was read, and is to be written. */
export interface TakenSnapshot {
  account: string
  calls: number
  zipped(written: Written): Iterable<Uint8Array>
  /** Throws away what the run kept on disk. */
  end(): Promise<void>
}

/** What an invocation may use of the process and of AWS. */
export interface CollectorInvocation {
  /** `s3://BUCKET/PREFIX/`, where snapshots belong. */
  snapshotUri: string | undefined
  /** The function's own Region. */
  region: string | undefined
  /** Present time, ISO 8601 UTC. */
  now: string
  /** Writes one structured line. */
  log(entry: object): void
  /** Reads the Regions. */
  take(regions: readonly string[]): Promise<TakenSnapshot>
  /** Writes an object that is not there yet; `false` where it is. */
  put(place: { bucket: string; prefix: string }, key: string, chunks: Iterable<Uint8Array>): Promise<boolean>
}

/** What the function answers. */
export interface Collected {
  key: string
  /** `false`: an earlier attempt at the same event wrote it. */
  isNew: boolean
  resources: number
  gaps: number
}

/** Gaps that are told one by one; the snapshot holds them all. */
const mostTold = 100

/** A function that is set up wrong, or an event that names what cannot be read: no other try would help, and somebody must hear of it. */
export class CannotTake extends Error {
  override readonly name = 'CannotTake'
}

/**
 * Takes a snapshot. Whatever is thrown makes Lambda try again, and keeps the event where it failed to the end. The key is made of the
 * event's time, so that a second attempt does not leave a second snapshot.
 */
export async function runCollector(event: unknown, invocation: CollectorInvocation): Promise<Collected> {
  const { log } = invocation
  try {
    const place = placeOf(invocation.snapshotUri)
    const regions = regionsOf(event, invocation.region)
    const key = keyOf(timeOf(event) ?? invocation.now)
    const told = { key: `${place.prefix}${key}`, regions }
    const snapshot = await invocation.take(regions)
    try {
      const gaps: GapRecord[] = []
      let resources = 0
      const written = { resource: () => void resources++, gap: (gap: GapRecord) => void gaps.push(gap) }
      const isNew = await invocation.put(place, key, snapshot.zipped(written))
      const { account, calls } = snapshot
      for (const { api, region, reason, remedy } of gaps.slice(0, mostTold))
        log({ level: 'warn', message: 'gap', account, region, api, reason, remedy })
      log({ level: 'info', message: 'collected', account, ...told, isNew, resources, calls, gaps: gaps.length })
      return { key: told.key, isNew, resources, gaps: gaps.length }
    } finally {
      await snapshot.end()
    }
  } catch (error) {
    const { name = 'Error', message = '' } = error as Partial<Error>
    log({ level: 'error', message: 'not collected', error: { name, message: shortVisible(message, 1000) } })
    throw error
  }
}

const uri = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/((?:[^/]{1,255}\/){0,20})$/

function placeOf(text: string | undefined): { bucket: string; prefix: string } {
  const [, bucket, prefix = ''] = uri.exec(text ?? '') ?? []
  if (bucket === undefined || (prefix !== '' && !isObjectKey(prefix.slice(0, -1))))
    throw new CannotTake('REL09_SNAPSHOT_URI says where snapshots belong: write s3://BUCKET/PREFIX/')
  return { bucket, prefix }
}

/** The Regions that an event names; else the function's own, whose rules look for the snapshot. */
function regionsOf(event: unknown, home: string | undefined): readonly string[] {
  const named = isObject(event) ? own(event, 'regions') : undefined
  if (named === undefined) {
    if (home !== undefined && isRegionCode(home)) return [home]
    throw new CannotTake('AWS_REGION does not name the Region of the function')
  }
  if (!Array.isArray(named) || named.length === 0 || !named.every(one => typeof one === 'string' && isRegionCode(one)))
    throw new CannotTake('regions of the event must be a list of Regions: ["eu-west-1"]')
  return named as string[]
}

/** When EventBridge meant to invoke the function: the same at every attempt. */
function timeOf(event: unknown): string | undefined {
  const time = isObject(event) ? own(event, 'time') : undefined
  if (typeof time !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(time)) return undefined
  return Number.isNaN(Date.parse(time)) ? undefined : new Date(time).toISOString()
}

/** Keys of snapshots sort by time. */
const keyOf = (time: string) => `${time.replace(/[-:]|\.\d+/g, '')}.ndjson.gz`

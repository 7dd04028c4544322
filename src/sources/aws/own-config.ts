/**
 * What AWS Config recorded in Regions of the own account, without a call of any other service. Its recorder is asked for itself: the
 * item of it is as old as its last change.
 */
import { areRegions } from './accounts.ts'
import { regionQueries, typesRecorded } from './advanced-queries.ts'
import { eachOf } from './collector.ts'
import { collector as recorders } from './config.ts'
import type { Collection, Tally } from './live.ts'
import type { OpenPart, Parts } from './parts.ts'
import { Place, type Run } from './place.ts'
import { type Found, homeScope, type Respondent, readQueried } from './queried-config.ts'
import { CannotCollect, type Entered, isEveryRegion, regionsOf } from './reach.ts'
import { Stop } from './stop.ts'

/** The Regions to ask AWS Config in. Throws `Unreachable` where all are wanted and AWS does not tell them. */
export async function regionsToQuery(
  caller: Entered,
  named: readonly string[] | undefined,
  stop: Stop = new Stop(),
): Promise<string[]> {
  if (isEveryRegion(named)) return (await regionsOf(caller, named, call => stop.unless(call))).regions
  return [...new Set(named ?? [caller.home])].sort()
}

/**
 * Reads what AWS Config recorded in Regions, as far as it was not read before, and tells the account. Throws {@link CannotCollect},
 * and as {@link regionsToQuery} does.
 */
export async function readOwnConfig(
  caller: Entered,
  named: readonly string[] | undefined,
  collection: Collection,
  parts: Parts,
  tally: Tally,
): Promise<string[]> {
  const { takenAt, stop = new Stop() } = collection
  const { account, partition, clients } = caller
  const run: Run = { takenAt, clients, counters: tally, stop }
  const regions = await regionsOfRun(caller, named, stop, parts)
  const respondents = regions.map(
    (region): Respondent => ({
      name: `config ${region}`,
      place: new Place(run, partition, account, region),
      isOfMany: false,
      queries: regionQueries,
      input: {},
      holds: told => told === account,
      readSources: readRecorder,
    }),
  )
  return readQueried(respondents, 'config scopes', collection, parts, tally)
}

/** A run goes on in the Regions that it was begun in. */
async function regionsOfRun(
  caller: Entered,
  named: readonly string[] | undefined,
  stop: Stop,
  parts: Parts,
): Promise<string[]> {
  const id = 'config Regions'
  const kept = parts.finished(id)
  if (kept && !areRegions(kept.notes))
    throw new CannotCollect('what was kept of this run is damaged: collect again with --restart')
  if (kept) return kept.notes as string[]
  const regions = await regionsToQuery(caller, named, stop)
  await parts.begun(id).end(true, regions)
  return regions
}

async function readRecorder(place: Place, part: OpenPart, found: Found): Promise<boolean> {
  const { account, region } = place
  const scope = homeScope(place)
  found.addSource(account, region, true)
  let isRunning = false
  for await (const records of recorders.collect(place)) {
    for (const record of eachOf(records)) {
      part.add({ ...record, scope })
      found.add(record)
      if ((typesRecorded(record) ?? []).length > 0) isRunning = true
    }
  }
  if (!isRunning && place.gaps.size === 0)
    part.add({
      record: 'gap',
      scope,
      account,
      region,
      factGroups: ['*'],
      types: [],
      api: 'config:DescribeConfigurationRecorderStatus',
      // It cuts nothing of what others read there.
      reason: 'notInSource',
      remedy:
        'No recorder of AWS Config is known to record there what is judged: start one, or collect the Region by its services.',
    })
  return true
}

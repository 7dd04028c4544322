/** Accounts in Regions: where plans, selections, vaults and settings meet the stores they are for. */
import { placeKey } from './completeness.ts'
import type { Header, Join, Place } from './join.ts'

/**
 * The place of a record, made at its first use. Where the account or the Region is not known, the records of each scope have
 * a place of their own: what one template declares says nothing of what another may meet (DESIGN §8).
 */
export function placeOf(join: Join, { account, region, scope }: Pick<Header, 'account' | 'region' | 'scope'>): Place {
  const known = account !== undefined && region !== undefined
  const key = known ? placeKey(account, region) : `${placeKey(account, region)}|${scope.scope.id}`
  let place = join.places.get(key)
  if (!place) {
    place = {
      key,
      account,
      region,
      scope: undefined,
      plans: [],
      selections: [],
      vaults: new Map(),
      settings: undefined,
      testingPlans: [],
      snapshotPolicies: [],
      eventRules: [],
      alarms: [],
      frameworks: [],
      reportPlans: [],
      serviceCounts: new Map(),
      storeCount: 0,
      volumeCount: 0,
      leftovers: [],
      deletionFailed: 0,
      mayStateOptIn: undefined,
      unnamedCoverage: undefined,
      complete: new Map(),
    }
    join.places.set(key, place)
  }
  return place
}

/** The places of the accounts, as they were when somebody last asked: none is made once facts are. */
const byAccount = new WeakMap<Join['places'], { size: number; places: Map<string | undefined, Place[]> }>()

/** The places of an account in its Regions. Each template of unknown account has one of its own, so that there may be thousands. */
export function regionalPlaces({ places }: Pick<Join, 'places'>, account: string | undefined): readonly Place[] {
  let known = byAccount.get(places)
  if (known?.size !== places.size) {
    known = { size: places.size, places: new Map() }
    byAccount.set(places, known)
    for (const place of places.values()) {
      if (place.region === 'global') continue
      const own = known.places.get(place.account)
      if (own) own.push(place)
      else known.places.set(place.account, [place])
    }
  }
  return known.places.get(account) ?? noPlaces
}

const noPlaces: readonly Place[] = []

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

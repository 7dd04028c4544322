/** Selections that nearly select a store. */

import type { FactValue } from '../model/facts.ts'
import { byText } from '../model/text-order.ts'
import { optInOf, selectable } from './coverage.ts'
import type { Join, Place, SelectionState, StoreItem } from './join.ts'
import { listOf } from './join.ts'
import { regionalPlaces } from './place-index.ts'
import type { NearMiss } from './selection.ts'
import { matchSelection } from './selection.ts'

/** Near misses of a store that no plan covers: the slips first. `[]` where a plan covers it, absent where that is not known. */
export function nearMissFacts(
  join: Join,
  store: StoreItem,
  place: Place | undefined,
  byPlan: boolean | undefined,
): FactValue | undefined {
  if (byPlan === true) return []
  if (store.arn === undefined || store.service === null) return byPlan === false ? [] : undefined
  const found: { miss: NearMiss; selection: SelectionState }[] = []
  let unknown = false
  const options = {
    optIn: optInOf(join, store, place),
    stringNotEqualsOnMissingTag: join.policy.assumptions.stringNotEqualsOnMissingTag,
    isTaken: (name: string) => join.entries.get(name)?.store != null,
  }
  const subject = selectable(store, store.arn)
  for (const selection of place?.selections ?? []) {
    const match = matchSelection(selection.compiled, subject, options)
    if (match.matched === undefined) unknown = true
    else if (match.matched === false && match.nearMiss) found.push({ miss: match.nearMiss, selection })
  }
  const others = placesThatSelect(join, store.account)
  // Of places that are not known nobody can say that one is elsewhere.
  const isPlaced = store.account !== undefined && store.region !== undefined
  if (!isPlaced && others.some(other => other !== place)) unknown = true
  for (const other of isPlaced ? others : []) {
    if (other === place) continue
    if (join.completeness.isCut('selections', other.account, other.region)) unknown = true
    for (const selection of other.selections) {
      const match = matchSelection(selection.compiled, { ...subject, region: other.region }, options)
      if (match.matched === undefined && !selectsEverything(selection)) unknown = true
      // A selection of everything in another Region was not meant for this store.
      if (match.matched === true && !selectsEverything(selection))
        found.push({
          miss: {
            reason: 'otherRegion',
            byAHair: true,
            detail: `the plan is in ${other.region}, the store in ${store.region}`,
          },
          selection,
        })
    }
  }
  found.sort((a, b) => rankOf(b.miss) - rankOf(a.miss) || byText(missName(a.selection), missName(b.selection)))
  const misses = found.slice(0, 3).map(({ miss, selection }) => ({
    selection: selection.item.value.name ?? selection.item.id,
    plan: selection.plan?.name ?? selection.item.value.planId ?? '',
    planArn: selection.plan?.item.arn ?? null,
    reason: miss.reason,
    byAHair: miss.byAHair,
    detail: miss.detail,
  }))
  return listOf(misses as FactValue[], byPlan === false && !unknown) as FactValue
}

/** The places of an account in which something selects, or in which selections were not read. */
function placesThatSelect(join: Join, account: string | undefined): readonly Place[] {
  const places = regionalPlaces(join, account)
  let selecting = selectingPlaces.get(places)
  if (!selecting) {
    selecting = places.filter(
      ({ selections, account, region }) =>
        selections.length > 0 || join.completeness.isCut('selections', account, region),
    )
    selectingPlaces.set(places, selecting)
  }
  return selecting
}

const selectingPlaces = new WeakMap<readonly Place[], readonly Place[]>()

const rankOf = ({ byAHair }: NearMiss) => (byAHair === undefined ? 1 : byAHair ? 2 : 0)

/** No ARN, tag or condition of the selection tells stores apart. */
function selectsEverything({ compiled }: SelectionState): boolean {
  const { resources, tags, unconditional } = compiled
  const anyArn = resources !== undefined && (resources.everything || (resources.isEmpty && tags?.isEmpty === true))
  return unconditional && anyArn
}

const missName = (selection: SelectionState) =>
  `${selection.plan?.name ?? ''}/${selection.item.value.name ?? selection.item.id}`

/** Restore testing plans meet the stores that they restore. */
import type { Facts } from '../model/facts.ts'
import { selectable } from './coverage.ts'
import type { Join, Place, StoreItem, TestingMatch, TestingPlanState } from './join.ts'
import { placeOf } from './place-index.ts'
import { analyse } from './plans.ts'
import { protectionFacts } from './protection.ts'
import { isRestored } from './restores.ts'
import type { SelectableStore } from './selection.ts'
import { compileTesting, matchRestoreTestingSelection } from './selection.ts'

/** Puts restore testing plans and their selections in their places. */
export function joinRestoreTesting(join: Join): void {
  const byName = new Map<string, TestingPlanState>()
  for (const item of join.evidence['restore-testing-plan']) {
    const place = placeOf(join, item)
    place.scope ??= item.scope
    const { schedule, timezone } = item.value
    const jobs = join.testingPlanJobs.get(item.arn ?? '') ?? null
    const state: TestingPlanState = {
      item,
      place,
      plan: item.value,
      analysis: schedule === undefined ? undefined : analyse(schedule, timezone ?? null).analysis,
      selections: [],
      tiers: new Set(),
      tierUnknown: false,
      jobs,
      testedIntervalHours: undefined,
      testedUnknown: false,
      testsContinuousStores: false,
    }
    place.deletionFailed += jobs?.deletionFailed ?? 0
    place.testingPlans.push(state)
    byName.set(`${place.key}|${item.value.name}`, state)
  }
  for (const item of join.evidence['restore-testing-selection']) {
    const plan = byName.get(`${placeOf(join, item).key}|${item.value.planName}`)
    plan?.selections.push({
      item,
      selection: item.value,
      compiled: compileTesting(item.value),
      plan,
      matchedCount: 0,
      matchedUnknown: false,
      provenStores: 0,
    })
  }
}

/** Which restore testing selections cover a store; stores that are covered alike share the answer. */
export function matchTesting(
  { policy }: Join,
  store: StoreItem,
  place: Place,
  shared: Map<string, TestingMatch[]>,
): void {
  let matches: TestingMatch[] | undefined
  let subject: SelectableStore | undefined
  let key = place.key
  for (let p = 0; p < place.testingPlans.length; p++) {
    const { selections } = place.testingPlans[p]!
    for (let s = 0; s < selections.length; s++) {
      const selection = selections[s]!
      const { service } = selection.selection
      if (service !== undefined && typeof store.service === 'string' && service !== store.service) continue
      subject ??= selectable(store, store.arn)
      const match = matchRestoreTestingSelection(selection.compiled, subject, policy.assumptions)
      if (match.matched === true) {
        matches ??= []
        matches.push({ selection, why: match.why ?? '' })
        key += `|${p}.${s}.${match.why}`
      } else if (match.matched === undefined) {
        store.testingUnknown = true
        selection.matchedUnknown = true
      }
    }
  }
  store.testing = matches ? sharedMatches(shared, key, matches) : noMatches
}

const noMatches: readonly TestingMatch[] = []

function sharedMatches(shared: Map<string, TestingMatch[]>, key: string, matches: TestingMatch[]): TestingMatch[] {
  const found = shared.get(key)
  if (!found) shared.set(key, matches)
  return found ?? matches
}

/** What the restore testing plans that cover a store learn from it. */
export function countTesting(join: Join, store: StoreItem): void {
  if (!store.testing || store.testing.length === 0) return
  const proven = isRestored(join, store)
  const seen = new Set<TestingPlanState>()
  let protection: Facts | undefined
  for (const { selection } of store.testing) {
    selection.matchedCount++
    if (proven) selection.provenStores++
    const { plan } = selection
    if (!plan || seen.has(plan)) continue
    seen.add(plan)
    if (store.classification) plan.tiers.add(store.classification.tier)
    else plan.tierUnknown = true
    protection ??= protectionFacts(join, store)
    if (protection.continuous === true) plan.testsContinuousStores = true
    const gap = protection.longestGapHours
    if (protection.continuous === undefined || (gap !== null && typeof gap !== 'number')) plan.testedUnknown = true
    if (gap === null) plan.testedIntervalHours = null
    else if (typeof gap === 'number' && plan.testedIntervalHours !== null)
      plan.testedIntervalHours = Math.max(plan.testedIntervalHours ?? 0, gap)
  }
}

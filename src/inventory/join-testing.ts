/** Restore testing plans meet the stores that they restore. */
import type { Facts } from '../model/facts.ts'
import { selectable } from './coverage.ts'
import type { Join, Place, StoreItem, TestingMatch, TestingPlanState, TestingSelectionState } from './join.ts'
import { isThereWith } from './join.ts'
import { placeOf } from './place-index.ts'
import { analyse } from './plans.ts'
import { protectionFacts } from './protection.ts'
import { isRestored } from './restores.ts'
import type { SelectableStore } from './selection.ts'
import { compileTesting, testedBy, tests } from './selection.ts'

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

/** Matches so far, with what may come next: stores that are covered alike take the same way and share the list at its end. */
export interface Matches {
  list: readonly TestingMatch[]
  next: Map<TestingSelectionState, Map<string, Matches>>
}

/** Where every store begins. */
export const noMatches = (): Matches => ({ list: [], next: new Map() })

/** Which restore testing selections cover a store; stores of one join that are covered alike share the answer. */
export function matchTesting({ policy }: Join, store: StoreItem, place: Place, none: Matches): void {
  let matches = none
  let subject: SelectableStore | undefined
  for (const { selections } of place.testingPlans) {
    for (const selection of selections) {
      const { service } = selection.selection
      if (service !== undefined && typeof store.service === 'string' && service !== store.service) continue
      subject ??= selectable(store, store.arn)
      const tested = tests(selection.compiled, subject, policy.assumptions)
      if (tested === true && isThereWith(selection.item, store))
        matches = withMatch(matches, selection, testedBy(selection.compiled, subject))
      else if (tested !== false) {
        store.testingUnknown = true
        selection.matchedUnknown = true
      }
    }
  }
  store.testing = matches.list
}

/** The matches and one more. */
function withMatch({ list, next }: Matches, selection: TestingSelectionState, entry: string): Matches {
  let byEntry = next.get(selection)
  if (!byEntry) next.set(selection, (byEntry = new Map()))
  let found = byEntry.get(entry)
  if (!found) {
    const why = `${selection.selection.service} ${entry}`
    byEntry.set(entry, (found = { list: [...list, { selection, why }], next: new Map() }))
  }
  return found
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

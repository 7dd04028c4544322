/** Stores meet the plans that cover them, the tests that restore them and the vaults that hold their points. */

import type { Facts } from '../model/facts.ts'
import { byText } from '../model/text-order.ts'
import { type Classification, classify } from './classification.ts'
import { coverageOf } from './coverage.ts'
import type { Fold } from './fold.ts'
import type { Coverage, Join, Place, PlanState, SelectionState, StoreItem } from './join.ts'
import { countTesting, matchTesting, noMatches } from './join-testing.ts'
import { useKey } from './key-index.ts'
import { placeOf } from './place-index.ts'
import { supportOf } from './support.ts'
import { vaultByArn } from './vaults.ts'

/** Orders the stores, and puts each in its place. */
export function collectStores(join: Join, fold: Fold): void {
  const stores: StoreItem[] = []
  for (const entry of fold.entries.values()) if (entry.store && !entry.store.deleted) stores.push(entry.store)
  for (const store of fold.unnamed.values()) if (!store.deleted) stores.push(store)
  const key = (store: StoreItem) => store.arn ?? `${store.file ?? ''}\u0000${store.address ?? store.id}`
  stores.sort((a, b) => byText(a.arn ?? key(a), b.arn ?? key(b)) || byText(a.type, b.type))
  join.stores = stores
  addCompanions(join, stores)
  for (const store of stores) {
    const place = placeOf(join, store)
    store.place = place
    place.scope ??= store.scope
    place.storeCount++
    if (store.type === 'AWS::EC2::Volume') place.volumeCount++
    if (typeof store.service === 'string' && supportOf(store, place).awsBackup)
      place.serviceCounts.set(store.service, (place.serviceCounts.get(store.service) ?? 0) + 1)
  }
}

/** Adds what a source lists apart from its store (EFS replication, RDS automated backup replication) to the store's own facts. */
function addCompanions(join: Join, stores: readonly StoreItem[]): void {
  if (join.evidence.companion.length === 0) return
  const byName = new Map<string, StoreItem>()
  for (const store of stores) {
    if (store.arn) byName.set(store.arn, store)
    byName.set(`${placeOf(join, store).key}|${store.id}`, store)
  }
  for (const item of join.evidence.companion) {
    const store = byName.get(item.value.storeId) ?? byName.get(`${placeOf(join, item).key}|${item.value.storeId}`)
    if (!store) continue
    const own = store.own as Facts
    const merged: Facts = { ...own }
    for (const [group, facts] of Object.entries(item.value.facts))
      merged[group] =
        typeof facts === 'object' && facts !== null && !Array.isArray(facts)
          ? { ...((own[group] as Facts) ?? {}), ...(facts as Facts) }
          : facts
    ;(store as { own: Facts }).own = merged
  }
}

/** One object for stores classified alike. */
function internTier(known: Map<string, Classification>, found: Classification | undefined): Classification | undefined {
  if (!found) return undefined
  const key = `${found.by}|${found.tier ?? ''}`
  const before = known.get(key)
  if (!before) known.set(key, found)
  return before ?? found
}

/** Tier, coverage and restore tests of every store. */
export function joinStores(join: Join): void {
  const tiers = new Map<string, Classification>()
  const shared = new Map<string, Coverage>()
  const untested = noMatches()
  for (const store of join.stores) {
    store.classification = internTier(tiers, classify(store, join.policy))
    store.coverage = coverageOf(join, store, shared)
    const place = store.place ?? placeOf(join, store)
    countCoverage(join, store, place)
    matchTesting(join, store, place, untested)
    const key = (store.own.encryption as Facts | undefined)?.keyArn
    if (typeof key === 'string') useKey(join, key, store.arn ?? store.id, store.account, store.region)
    const tier = store.classification?.tier
    for (let group = store.entry?.groups; group; group = group.next) {
      const vault = vaultByArn(join, group.vault.arn)
      if (tier === undefined && vault) vault.tierUnknown = true
      if (tier !== undefined) vault?.tiers.add(tier)
    }
    countTesting(join, store)
  }
}

const covering = new WeakMap<Coverage, { selections: Set<SelectionState>; plans: Set<PlanState> }>()

/** The selections of a coverage and their plans, each once; stores that are covered alike share them. */
function coveringOf(coverage: Coverage): { selections: Set<SelectionState>; plans: Set<PlanState> } {
  let found = covering.get(coverage)
  if (!found) {
    const selections = new Set(coverage.matches.map(({ selection }) => selection))
    const plans = new Set([...selections].flatMap(({ plan }) => plan ?? []))
    covering.set(coverage, (found = { selections, plans }))
  }
  return found
}

function countCoverage(join: Join, store: StoreItem, place: Place): void {
  const tier = store.classification?.tier
  const support = supportOf(store, place)
  const { selections, plans } = coveringOf(store.coverage!)
  for (const selection of selections) selection.matchedCount++
  for (const selection of store.coverage!.maybe) if (!selections.has(selection)) selection.unknownCount++
  for (const plan of plans) {
    plan.storeCount++
    if (tier === undefined) plan.tierUnknown = true
    else plan.tiers.add(tier)
    if (support.coldStorage === true) plan.coldCapable = true
    if (support.coldStorage === undefined || support.independentEncryption === undefined) plan.supportUnknown = true
    if (support.independentEncryption === false) plan.inheritingServices.add(store.service ?? store.type)
    if (tier === undefined) continue
    for (const { rule } of plan.rules) {
      if (rule.targetVaultName) place.vaults.get(rule.targetVaultName)?.tiers.add(tier)
      for (const arn of [
        ...(rule.copyActions ?? []).map(copy => copy.destinationVaultArn),
        rule.targetAirGappedVaultArn,
      ])
        if (arn) vaultByArn(join, arn)?.tiers.add(tier)
    }
  }
}

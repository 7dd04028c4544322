/** Turns what was folded into the join, and the join into the inventory of subjects. */

import type { Inventory } from '../model/inventory.ts'
import { byText } from '../model/text-order.ts'
import type { EvidenceKind } from '../resources/definition.ts'
import { hear } from './beyond.ts'
import { objectivesOf } from './classification.ts'
import { secondsOf } from './clock.ts'
import { Completeness, unsupportedTypes } from './completeness.ts'
import type { Fold } from './fold.ts'
import type { EvidenceItem, Join, Place } from './join.ts'
import { joinPlans } from './join-plans.ts'
import { joinGroups } from './join-points.ts'
import { collectStores, joinStores } from './join-stores.ts'
import { joinRestoreTesting } from './join-testing.ts'
import { joinVaults } from './join-vaults.ts'
import { indexKeys } from './key-index.ts'
import { placeOf } from './place-index.ts'
import { subjectsOf } from './subjects.ts'

/** Finishes the join: every index, coverage and tier, once. */
export function finishJoin(fold: Fold): Inventory {
  const { policy } = fold.options
  const completeness = new Completeness(fold.scopes, fold.gaps, policy, unsupportedTypes(fold.options.definitions))
  const join: Join = {
    policy,
    completeness,
    objectives: new Map([null, ...Object.keys(policy.tiers)].map(tier => [tier, objectivesOf(tier, policy)])),
    nowSeconds: secondsOf(fold.options.clock ?? fold.options.now),
    places: new Map(),
    entries: fold.entries,
    stores: [],
    groups: [],
    snapshotGroups: [...fold.snapshotGroups].sort(([a], [b]) => byText(a, b)).map(([, group]) => group),
    evidence: collectEvidence(fold),
    keysByName: new Map(),
    keyUsers: new Map(),
    vaultNames: fold.vaultNames,
    vaultsByArn: new Map(),
    topics: new Map(),
    testingPlanJobs: fold.testingPlanJobs,
    restoreRoles: fold.restoreRoles,
    hasUnplacedPlans: false,
    tierUse: fold.options.beyond?.tierUse,
  }
  indexEvidence(join)
  for (const state of fold.scopes) {
    const { account, region } = state.scope
    if (account === undefined || region === undefined) continue
    const place = placeOf(join, { account, region, scope: state })
    if (!place.scope || !state.evidenceOnly) place.scope = state
  }
  collectStores(join, fold)
  joinPlans(join)
  joinVaults(join)
  joinRestoreTesting(join)
  joinGroups(join)
  joinStores(join)
  for (const word of fold.options.beyond?.words ?? []) hear(join, word)
  for (const store of fold.leftovers.values()) if (!store.deleted) placeOf(join, store).leftovers.push(store)
  return subjectsOf(join, fold)
}

function collectEvidence(fold: Fold): Join['evidence'] {
  const evidence = new Proxy({} as { [kind: string]: EvidenceItem[] }, {
    get: (target, kind) => (typeof kind === 'string' ? (target[kind] ??= []) : undefined),
  })
  const items = [...fold.evidence].sort(([a], [b]) => byText(a, b)).map(([, item]) => item)
  // A template changes what is there: the resource as it is gives way to the resource as it will be.
  const declared = new Set(items.flatMap(({ role, arn, address }) => (address && arn ? [`${role}|${arn}`] : [])))
  for (const item of items) {
    const isOutdated = item.address === undefined && declared.has(`${item.role}|${item.arn}`)
    if (!item.deleted && !isOutdated) evidence[item.role]!.push(item)
  }
  return evidence as Join['evidence']
}

function indexEvidence(join: Join): void {
  const { evidence } = join
  const put = <K extends EvidenceKind>(kind: K, list: (place: Place) => EvidenceItem<K>[]) => {
    for (const item of evidence[kind]) list(placeOf(join, item)).push(item)
  }
  put('snapshot-policy', place => place.snapshotPolicies)
  put('event-rule', place => place.eventRules)
  put('alarm', place => place.alarms)
  put('framework', place => place.frameworks)
  put('report-plan', place => place.reportPlans)
  for (const item of evidence['region-settings']) {
    const place = placeOf(join, item)
    place.settings = { ...place.settings, ...definedOf(item.value) }
  }
  for (const item of evidence['config-recorder']) {
    const { allSupported, resourceTypes, excludedTypes, recording } = item.value
    if (recording)
      join.completeness.addRecorder(
        item.account,
        item.region,
        allSupported === true,
        resourceTypes ?? [],
        excludedTypes ?? [],
      )
  }
  for (const item of evidence.topic) join.topics.set(item.value.arn, item)
  indexKeys(join)
}

/** The members of an object that are known. */
function definedOf<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Partial<T>
}

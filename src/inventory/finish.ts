/** Turns what was folded into the join, and the join into the inventory of subjects. */
import type { BackupSelection } from '../model/backup.ts'
import type { Facts } from '../model/facts.ts'
import type { Inventory } from '../model/inventory.ts'
import type { NotEvaluated } from '../model/report.ts'
import type { EvidenceKind } from '../resources/definition.ts'
import { parseArn } from './arn.ts'
import type { Fold } from './build.ts'
import { type Classification, classify, objectivesOf } from './classification.ts'
import { secondsOf } from './clock.ts'
import { Completeness, placeKey } from './completeness.ts'
import { coverageOf, protectionFacts, selectsByTags } from './coverage.ts'
import type {
  Coverage,
  EvidenceItem,
  Join,
  Place,
  PlanState,
  SelectionState,
  StoreItem,
  TestingMatch,
  TestingPlanState,
  VaultState,
} from './join.ts'
import { resolveKey } from './join.ts'
import { analyse, partitionOf, ruleState } from './plans.ts'
import type { PointGroup } from './point-groups.ts'
import { keysOf } from './point-groups.ts'
import { isStoreCut } from './tiers.ts'
import { compileSelection, matchRestoreTestingSelection } from './selection.ts'
import { subjectsOf } from './subjects.ts'
import { supportOf } from './support.ts'
import { vaultByArn } from './vaults.ts'

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Finishes the join: every index, coverage and tier, once. */
export function finishJoin(fold: Fold): Inventory {
  const { policy } = fold.options
  const completeness = new Completeness(fold.scopes, fold.gaps, policy)
  const join: Join = {
    policy,
    completeness,
    objectives: new Map([null, ...Object.keys(policy.tiers)].map(tier => [tier, objectivesOf(tier, policy)])),
    nowSeconds: secondsOf(fold.options.clock ?? fold.options.now),
    places: new Map(),
    entries: fold.entries,
    stores: [],
    groups: [],
    snapshotGroups: [...fold.snapshotGroups].sort(([a], [b]) => compare(a, b)).map(([, group]) => group),
    evidence: collectEvidence(fold),
    keysByName: new Map(),
    keyUsers: new Map(),
    vaultNames: fold.vaultNames,
    vaultsByArn: new Map(),
    topics: new Map(),
    testingPlanJobs: fold.testingPlanJobs,
    restoreRoles: fold.restoreRoles,
    usedTiers: new Set(),
  }
  indexEvidence(join)
  for (const state of fold.scopes) {
    const { account, region } = state.scope
    if (account !== undefined && region !== undefined) placeOf(join, account, region).scope = state
  }
  collectStores(join, fold)
  joinPlans(join)
  joinVaults(join)
  joinRestoreTesting(join)
  joinGroups(join)
  joinStores(join)
  for (const leftover of fold.leftovers) placeOf(join, leftover.account, leftover.region).leftovers.push(leftover)
  return subjectsOf(join, fold, notEvaluatedOf(fold))
}

function notEvaluatedOf(fold: Fold): NotEvaluated[] {
  return fold.unjudged.list()
}

function collectEvidence(fold: Fold): Join['evidence'] {
  const evidence = new Proxy({} as { [kind: string]: EvidenceItem[] }, {
    get: (target, kind) => (typeof kind === 'string' ? (target[kind] ??= []) : undefined),
  })
  for (const [, item] of [...fold.evidence].sort(([a], [b]) => compare(a, b)))
    if (!item.deleted) evidence[item.role]!.push(item)
  return evidence as Join['evidence']
}

/** The place of an account and Region, made at its first use. */
export function placeOf(join: Join, account: string | undefined, region: string | undefined): Place {
  const key = placeKey(account, region)
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
      selectsByTags: false,
      coverageByTags: new Map(),
      testingByTags: new Map(),
      testsByTags: false,
      complete: new Map(),
    }
    join.places.set(key, place)
  }
  return place
}

const here = (join: Join, item: EvidenceItem) => placeOf(join, item.account, item.region)

function indexEvidence(join: Join): void {
  const { evidence } = join
  const put = <K extends EvidenceKind>(kind: K, list: (place: Place) => EvidenceItem<K>[]) => {
    for (const item of evidence[kind]) list(here(join, item as EvidenceItem)).push(item)
  }
  put('snapshot-policy', place => place.snapshotPolicies)
  put('event-rule', place => place.eventRules)
  put('alarm', place => place.alarms)
  put('framework', place => place.frameworks)
  put('report-plan', place => place.reportPlans)
  for (const item of evidence['region-settings']) {
    const place = here(join, item)
    place.settings = { ...place.settings, ...definedOf(item.value) }
  }
  for (const item of evidence['config-recorder']) {
    const { allSupported, resourceTypes, excludedTypes, recording } = item.value
    if (recording !== false)
      join.completeness.addRecorder(
        item.account,
        item.region,
        allSupported === true,
        resourceTypes ?? [],
        excludedTypes ?? [],
      )
  }
  for (const item of evidence.topic) join.topics.set(item.value.arn, item)
  for (const item of evidence['kms-key']) {
    if (item.arn) join.keysByName.set(item.arn, item)
    join.keysByName.set(`${item.account}|${item.region}|${item.value.keyId}`, item)
    for (const alias of item.value.aliases ?? []) nameKey(join, item, alias)
  }
  for (const alias of evidence['kms-alias']) {
    const key =
      alias.value.keyId === undefined
        ? undefined
        : (join.keysByName.get(alias.value.keyId) ??
          join.keysByName.get(`${alias.account}|${alias.region}|${alias.value.keyId}`))
    if (!key) continue
    nameKey(join, key, alias.value.alias)
    if (alias.value.arn) join.keysByName.set(alias.value.arn, key)
  }
}

function nameKey(join: Join, item: EvidenceItem<'kms-key'>, alias: string): void {
  join.keysByName.set(`${item.account}|${item.region}|${alias}`, item)
  const partition = parseArn(item.arn ?? '')?.partition
  if (partition && item.account && item.region)
    join.keysByName.set(`arn:${partition}:kms:${item.region}:${item.account}:${alias}`, item)
}

/** The members of an object that are known. */
function definedOf<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Partial<T>
}

function collectStores(join: Join, fold: Fold): void {
  const stores: StoreItem[] = []
  for (const entry of fold.entries.values()) if (entry.store && !entry.store.deleted) stores.push(entry.store)
  for (const store of fold.unnamed.values()) if (!store.deleted) stores.push(store)
  const key = (store: StoreItem) => store.arn ?? `${store.file ?? ''}\u0000${store.address ?? store.id}`
  stores.sort((a, b) => compare(a.arn ?? key(a), b.arn ?? key(b)) || compare(a.type, b.type))
  join.stores = stores
  addCompanions(join, stores)
  for (const store of stores) {
    const place = placeOf(join, store.account, store.region)
    store.place = place
    place.scope ??= store.scope
    place.storeCount++
    if (store.type === 'AWS::EC2::Volume') place.volumeCount++
    if (store.service !== null && supportOf(store, place).awsBackup)
      place.serviceCounts.set(store.service, (place.serviceCounts.get(store.service) ?? 0) + 1)
  }
}

/** Adds what a source lists apart from its store (EFS replication, RDS automated backup replication) to the store's own facts. */
function addCompanions(join: Join, stores: readonly StoreItem[]): void {
  if (join.evidence.companion.length === 0) return
  const byName = new Map<string, StoreItem>()
  for (const store of stores) {
    if (store.arn) byName.set(store.arn, store)
    byName.set(`${store.account}|${store.region}|${store.id}`, store)
  }
  for (const item of join.evidence.companion) {
    const store = byName.get(item.value.storeId) ?? byName.get(`${item.account}|${item.region}|${item.value.storeId}`)
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

function joinPlans(join: Join): void {
  const { policy, evidence } = join
  const byId = new Map<string, PlanState>()
  const add = (item: EvidenceItem<'backup-plan'>) => {
    const place = here(join, item)
    place.scope ??= item.scope
    const state: PlanState = {
      item,
      plan: item.value,
      account: item.account,
      region: item.region,
      name: item.value.name ?? item.name ?? item.id,
      rules: item.value.rules.map(rule => ruleState(rule, policy)),
      selections: [],
      storeCount: 0,
      tiers: new Set(),
      tierUnknown: false,
      services: new Set(),
      coldCapable: false,
      supportUnknown: false,
      inheritingServices: new Set(),
    }
    place.plans.push(state)
    byId.set(`${place.key}|${item.value.id}`, state)
    return state
  }
  const attach = (item: EvidenceItem<'backup-selection'>, plan: PlanState | undefined) => {
    const place = here(join, item)
    place.scope ??= item.scope
    const state: SelectionState = {
      item,
      selection: item.value,
      compiled: compileSelection(item.value),
      plan,
      matchedCount: 0,
      unknownCount: 0,
    }
    place.selections.push(state)
    plan?.selections.push(state)
  }
  for (const item of evidence['backup-plan']) add(item)
  for (const item of evidence['backup-selection'])
    attach(item, byId.get(`${placeKey(item.account, item.region)}|${item.value.planId}`))
  for (const item of evidence['organization-backup-policy']) {
    for (const account of item.value.accounts ?? []) {
      for (const { plan, selections, regions } of item.value.plans) {
        for (const region of regions ?? []) {
          const at = { ...item, account, region, arn: undefined, id: `${item.id}/${plan.name ?? plan.id}` }
          const state = add({
            ...at,
            type: 'AWS::Backup::BackupPlan',
            role: 'backup-plan',
            name: plan.name,
            value: { ...plan, organizationPolicy: true },
          })
          for (const selection of selections)
            attach(
              {
                ...at,
                type: 'AWS::Backup::BackupSelection',
                role: 'backup-selection',
                name: selection.name,
                value: forAccount(selection, account),
              },
              state,
            )
        }
      }
    }
  }
}

/** An organisation's policy writes `$account` for each member's own. */
function forAccount(selection: BackupSelection, account: string): BackupSelection {
  return {
    ...selection,
    roleArn: selection.roleArn?.replaceAll('$account', account),
    resources: selection.resources?.map(arn => arn.replaceAll('$account', account)),
  }
}

function joinVaults(join: Join): void {
  for (const item of join.evidence['backup-vault']) {
    const place = here(join, item)
    place.scope ??= item.scope
    const { account, region } = item
    const arn =
      item.arn ??
      (account && region
        ? `arn:${partitionOf(region)}:backup:${region}:${account}:backup-vault:${item.value.name}`
        : '')
    const known = place.vaults.get(item.value.name)
    const state: VaultState = {
      item,
      vault: item.value,
      arn,
      name: item.value.name,
      account: item.account,
      region: item.region,
      tiers: new Set(),
      tierUnknown: false,
      usedBy: new Set(),
      usedByPlans: new Set(),
      groups: 0,
      holdsCopies: false,
    }
    if (known) continue
    place.vaults.set(item.value.name, state)
    if (arn !== '') join.vaultsByArn.set(arn, state)
  }
  for (const place of join.places.values()) {
    for (const plan of place.plans) {
      for (const { rule, name } of plan.rules) {
        const by = `${plan.name}/${name}`
        const target = rule.targetVaultName ? place.vaults.get(rule.targetVaultName) : undefined
        target?.usedBy.add(by)
        target?.usedByPlans.add(plan)
        for (const arn of [
          ...(rule.copyActions ?? []).map(copy => copy.destinationVaultArn),
          rule.targetAirGappedVaultArn,
        ]) {
          const vault = arn ? vaultByArn(join, arn) : undefined
          vault?.usedBy.add(by)
          vault?.usedByPlans.add(plan)
          if (vault) vault.holdsCopies = true
        }
      }
    }
  }
}

function joinRestoreTesting(join: Join): void {
  const byName = new Map<string, TestingPlanState>()
  for (const item of join.evidence['restore-testing-plan']) {
    const place = here(join, item)
    place.scope ??= item.scope
    const { schedule, timezone } = item.value
    const jobs = join.testingPlanJobs.get(item.arn ?? '') ?? null
    const state: TestingPlanState = {
      item,
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
    const plan = byName.get(`${placeKey(item.account, item.region)}|${item.value.planName}`)
    plan?.selections.push({
      item,
      selection: item.value,
      plan,
      matchedCount: 0,
      matchedUnknown: false,
      provenStores: 0,
      provenArn: null,
    })
  }
}

function joinGroups(join: Join): void {
  const groups: PointGroup[] = []
  for (const entry of join.entries.values())
    for (let group = entry.groups; group; group = group.next) groups.push(group)
  groups.sort((a, b) => compare(a.sourceArn ?? '', b.sourceArn ?? '') || compare(a.vault.arn, b.vault.arn))
  join.groups = groups
  for (const group of groups) {
    const vault = vaultByArn(join, group.vault.arn)
    if (!vault) continue
    vault.groups++
    if (vault.vault.vaultType === 'airGapped') group.airGapped = true
    if (group.sourceArn !== null && !join.entries.get(group.sourceArn)?.store && isStoreCut(join, group.sourceArn))
      vault.tierUnknown = true
    if (!vault.holdsCopies && group.sourceArn !== null) {
      const source = parseArn(group.sourceArn)
      if (
        (source?.account !== undefined && source.account !== vault.account) ||
        (source?.region !== undefined && source.region !== vault.region)
      )
        vault.holdsCopies = true
    }
    for (const key of keysOf(group) ?? [])
      if (key !== null) useKey(join, key, vault.arn, group.vault.account, group.vault.region)
  }
  for (const place of join.places.values())
    for (const vault of place.vaults.values())
      if (vault.vault.keyArn) useKey(join, vault.vault.keyArn, vault.arn, vault.account, vault.region)
}

/** Notes who uses a key: the smallest ten ARNs. */
function useKey(join: Join, name: string, user: string, account: string | undefined, region: string | undefined): void {
  const arn = resolveKey(join, name, account, region, false).item?.arn ?? name
  const users = join.keyUsers.get(arn)
  if (!users) join.keyUsers.set(arn, [user])
  else if (!(users.length >= 10 && user > users[9]!) && !users.includes(user)) {
    users.push(user)
    users.sort(compare)
    users.length = Math.min(users.length, 10)
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

function joinStores(join: Join): void {
  for (const place of join.places.values()) {
    place.selectsByTags = place.selections.every(selectsByTags)
    place.testsByTags = place.testingPlans.every(plan => plan.selections.every(({ selection }) => selection.resourceArns?.every(arn => arn === '*') ?? false))
  }
  const tiers = new Map<string, Classification>()
  const shared = new Map<string, Coverage>()
  const sharedTests = new Map<string, TestingMatch[]>()
  for (const store of join.stores) {
    store.classification = internTier(tiers, classify(store, join.policy))
    if (store.classification) join.usedTiers.add(store.classification.tier)
    store.coverage = coverageOf(join, store, shared)
    const place = placeOf(join, store.account, store.region)
    countCoverage(join, store, place)
    matchTesting(store, place, sharedTests)
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

function countCoverage(join: Join, store: StoreItem, place: Place): void {
  const tier = store.classification?.tier
  const support = supportOf(store, place)
  const plans = new Set<PlanState>()
  const selections = new Set<SelectionState>()
  for (const { selection } of store.coverage!.matches) {
    selections.add(selection)
    if (selection.plan) plans.add(selection.plan)
  }
  for (const selection of selections) selection.matchedCount++
  for (const selection of store.coverage!.maybe) if (!selections.has(selection)) selection.unknownCount++
  for (const plan of plans) {
    plan.storeCount++
    if (tier === undefined) plan.tierUnknown = true
    else plan.tiers.add(tier)
    if (store.service !== null) plan.services.add(store.service)
    if (support.coldStorage === true) plan.coldCapable = true
    if (support.coldStorage === undefined || support.independentEncryption === undefined) plan.supportUnknown = true
    if (support.independentEncryption === false && store.service !== null) plan.inheritingServices.add(store.service)
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

/** Which restore testing selections cover a store; shared between stores tagged alike where no selection names ARNs. */
function matchTesting(store: StoreItem, place: Place, shared: Map<string, TestingMatch[]>): void {
  const { definition, tags } = store
  const byType = tags && place.testsByTags && typeof definition.service !== 'function' ? place.testingByTags.get(tags) : undefined
  const known = byType?.get(definition)
  if (known) {
    store.testing = known.matches
    store.testingUnknown = known.unknown
    return
  }
  findTesting(store, place, shared)
  if (!tags || !place.testsByTags || typeof definition.service === 'function') return
  const found = { matches: store.testing ?? [], unknown: store.testingUnknown }
  place.testingByTags.set(tags, (byType ?? new Map()).set(definition, found))
}

function findTesting(store: StoreItem, place: Place, shared: Map<string, TestingMatch[]>): void {
  const matches: TestingMatch[] = []
  let key = place.key
  place.testingPlans.forEach((plan, p) =>
    plan.selections.forEach((selection, s) => {
      const { service } = selection.selection
      if (service !== undefined && store.service !== null && service !== store.service) return
      const match = matchRestoreTestingSelection(selection.selection, {
        arn: store.arn ?? '',
        otherArns: store.otherArns ?? [],
        type: store.type,
        service: store.service,
        tags: store.tags,
        account: store.account,
        region: store.region,
        name: store.name,
      })
      if (match.matched === true) {
        matches.push({ selection, why: match.why ?? '' })
        key += `|${p}.${s}.${match.why}`
      } else if (match.matched === undefined) {
        store.testingUnknown = true
        selection.matchedUnknown = true
      }
    }),
  )
  let found = shared.get(key)
  if (!found) shared.set(key, (found = matches))
  store.testing = found
}

/** What the restore testing plans that cover a store learn from it. */
function countTesting(join: Join, store: StoreItem): void {
  if (!store.testing || store.testing.length === 0) return
  const proven = (store.entry?.restore?.successAt ?? -1) >= 0
  const seen = new Set<TestingPlanState>()
  let protection: Facts | undefined
  for (const { selection } of store.testing) {
    selection.matchedCount++
    if (proven) {
      selection.provenStores++
      selection.provenArn ??= store.arn ?? null
    }
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

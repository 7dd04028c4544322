/** What is proven: recovery points, copies elsewhere, and who could destroy them all. Facts of a data store. */
import type { Facts, FactValue } from '../model/facts.ts'
import { parseArn } from './arn.ts'
import { ageHours, hoursToDays, secondsOf } from './clock.ts'
import { placeKey } from './completeness.ts'
import type { Coverage, Join, StoreItem, VaultState } from './join.ts'
import { countOf, isCompleteFor, listOf, resolveKey } from './join.ts'
import type { PointGroup } from './point-groups.ts'
import { keysOf } from './point-groups.ts'
import { allowsKeyDeletion } from './policy-document.ts'
import { lockStrength, vaultByArn } from './vaults.ts'

/** The groups of a store: points by its ARN, by its other ARNs, and of the instance whose images hold the volume. */
export function groupsOf(join: Join, store: StoreItem): PointGroup[] {
  const groups: PointGroup[] = []
  const add = (first: PointGroup | null | undefined) => {
    for (let group = first; group; group = group.next) groups.push(group)
  }
  add(store.entry?.groups)
  for (const arn of store.otherArns ?? []) add(join.entries.get(arn)?.groups)
  if (store.type === 'AWS::EC2::Volume') for (const arn of store.through ?? []) add(join.entries.get(arn)?.groups)
  return groups.length < 2 ? groups : groups.sort((a, b) => (a.vault.arn < b.vault.arn ? -1 : 1))
}

/** Whether a group lies in the store's own account and Region, in an ordinary vault; else it is a copy elsewhere. */
function isLocal(store: StoreItem, group: PointGroup): boolean {
  return group.vault.account === store.account && group.vault.region === store.region && !group.airGapped
}

/** Age in hours of the newest that a group can restore; `null` = nothing, `undefined` = not known. */
function newestAge(store: StoreItem | undefined, group: PointGroup): number | null | undefined | { $atMost: number } {
  const clock = group.clockSeconds
  const ages: number[] = []
  let unknown = false
  if (group.newestAt >= 0) {
    const age = ageHours(group.newestAt, clock)
    if (age === undefined) unknown = true
    else ages.push(age)
  }
  if (group.createdUnknown > 0) unknown = true
  if (group.continuous > 0) {
    // A continuous point is as new as its restorable time, never as its creation (aws-apis §3.3).
    const restorable = group.restorableAt >= 0 ? group.restorableAt : store ? latestRestorable(store) : undefined
    const age = restorable === undefined ? undefined : ageHours(restorable, clock ?? store?.scope.clockSeconds)
    if (age === undefined) unknown = true
    else ages.push(age)
  }
  if (ages.length === 0) return unknown ? undefined : null
  const best = Math.min(...ages)
  return unknown ? { $atMost: best } : best
}

/** The service's own latest restorable time of a store, epoch seconds. */
export function latestRestorable(store: StoreItem): number | undefined {
  const time = store.times?.['pitr.latestRestorableAgeHours'] ?? store.times?.['native.latestRestorableAgeHours']
  return time === undefined ? undefined : Math.floor(time / 1000)
}

type Age = number | null | undefined | { $atMost: number }

/** The smallest of several ages: exact where all are known, else a bound from above, else not known. */
function smallestAge(ages: Age[], complete: boolean): Age {
  let best: number | undefined
  let sure = complete
  for (const age of ages) {
    if (age === undefined) sure = false
    else if (age !== null) {
      const value = typeof age === 'number' ? age : age.$atMost
      if (typeof age !== 'number') sure = false
      if (best === undefined || value < best) best = value
    }
  }
  if (best === undefined) return sure ? null : undefined
  return sure ? best : { $atMost: best }
}

/** `recovery` facts of a store: points in its own account and Region. */
export function recoveryFacts(
  join: Join,
  store: StoreItem,
  groups: readonly PointGroup[],
  accepted: ReadonlySet<string>,
): Facts {
  const complete = isCompleteFor(join, store, 'recovery-points')
  const local = groups.filter(group => isLocal(store, group))
  const sum = (of: (group: PointGroup) => number) => local.reduce((total, group) => total + of(group), 0)
  const usable = sum(group => group.usable)
  const newest = smallestAge(
    local.map(group => newestAge(store, group)),
    complete,
  )
  const facts: Facts = {}
  if (complete || local.length > 0) {
    facts.pointCount = countOf(
      sum(group => group.count),
      complete,
    )
    facts.usableCount = countOf(usable, complete)
    facts.automatedCount = countOf(
      sum(group => group.automatedRecent),
      complete,
    )
    facts.manualCount = countOf(
      sum(group => group.manualRecent),
      complete,
    )
    facts.newestAgeHours = newest as FactValue | undefined
    if (local.some(group => group.continuous > 0)) facts.continuous = true
    else if (complete) facts.continuous = false
    const best = local
      .filter(group => group.newestAt >= 0)
      .sort((a, b) => b.newestAt - a.newestAt || (a.newestArn! < b.newestArn! ? -1 : 1))[0]
    const arn = best?.newestArn ?? local.find(group => group.continuousArn)?.continuousArn
    facts.newestPointArn = arn ?? (complete ? null : undefined)
    const oldest = local.filter(group => group.oldestAt >= 0).sort((a, b) => a.oldestAt - b.oldestAt)[0]
    const held = oldest ? ageHours(oldest.oldestAt, oldest.clockSeconds) : undefined
    if (held !== undefined) facts.retentionHeldDays = complete ? hoursToDays(held) : { $atLeast: hoursToDays(held) }
    else if (complete && usable === 0) facts.retentionHeldDays = null
  }
  facts.measuredLossHours = measuredLoss(store, newest, accepted) as FactValue | undefined
  return facts
}

/** What would be lost now: the smallest age over the mechanisms that the policy accepts. */
function measuredLoss(store: StoreItem, newest: Age, accepted: ReadonlySet<string>): Age {
  const ages: Age[] = []
  if (accepted.has('aws-backup')) ages.push(newest)
  const native = store.own.native as Facts | undefined
  const pitr = store.own.pitr as Facts | undefined
  const restorable = latestRestorable(store)
  const age = restorable === undefined ? undefined : ageHours(restorable, store.scope.clockSeconds)
  if ((accepted.has('native-pitr') || accepted.has('native-automated')) && (pitr || native)) {
    const off =
      pitr?.enabled !== true &&
      native?.automatedBackup !== true &&
      (pitr === undefined || pitr.enabled === false) &&
      (native === undefined || native.automatedBackup === false)
    if (!off) ages.push(age)
  }
  return ages.length === 0 ? undefined : smallestAge(ages, true)
}

/** Places that may hold copies of a store: where its copy actions go, and its own account and Region. */
function copyPlaces(store: StoreItem): { places: Set<string>; known: boolean } {
  const places = new Set([placeKey(store.account, store.region)])
  let known = store.coverage!.complete && !store.coverage!.unknown
  for (const { selection } of store.coverage!.matches) {
    if (!selection.plan || selection.plan.plan.rulesPartial) {
      known = false
      continue
    }
    for (const { rule } of selection.plan.rules) {
      if (!rule.copyActions) known = false
      for (const copy of rule.copyActions ?? []) {
        const arn = copy.destinationVaultArn === undefined ? undefined : parseArn(copy.destinationVaultArn)
        if (arn) places.add(placeKey(arn.account, arn.region))
        else known = false
      }
    }
  }
  return { places, known }
}

const copiesKnown = new WeakMap<Coverage, boolean>()

/** True where every place that may hold a point of the store was read. Hangs on its coverage alone, which has its place. */
export function copiesComplete(join: Join, store: StoreItem): boolean {
  let known = copiesKnown.get(store.coverage!)
  if (known === undefined) copiesKnown.set(store.coverage!, (known = findCopiesComplete(join, store)))
  return known
}

function findCopiesComplete(join: Join, store: StoreItem): boolean {
  const { places, known } = copyPlaces(store)
  if (!known) return false
  for (const key of places) {
    const [account, region] = key.split('|')
    if (
      !join.completeness.isComplete(
        'recovery-points',
        account === '*' ? undefined : account,
        region === '*' ? undefined : region,
      )
    )
      return false
  }
  return true
}

/** `copies` facts of a store. */
export function copyFacts(join: Join, store: StoreItem, groups: readonly PointGroup[]): FactValue {
  const { backupAccounts } = join.policy.assumptions
  const copies = groups
    .filter(group => !isLocal(store, group) && group.count > 0)
    .map(group => {
      const vault = vaultByArn(join, group.vault.arn)
      const crossAccount =
        group.vault.account === undefined || store.account === undefined
          ? undefined
          : group.vault.account !== store.account
      return {
        vaultArn: group.vault.arn,
        region: group.vault.region,
        account: group.vault.account,
        crossRegion:
          group.vault.region === undefined || store.region === undefined
            ? undefined
            : group.vault.region !== store.region,
        crossAccount,
        airGapped:
          group.airGapped || (vault?.vault.vaultType === undefined ? undefined : vault.vault.vaultType === 'airGapped'),
        separateDomain:
          crossAccount === true && backupAccounts.length > 0
            ? backupAccounts.includes(group.vault.account!)
            : crossAccount,
        ageHours: newestAge(undefined, group),
        pointCount: group.count,
        lockStrength: group.airGapped ? 3 : vault ? lockStrength(join, vault) : undefined,
      }
    })
  return listOf(copies as FactValue[], copiesComplete(join, store)) as FactValue
}

/** One way to destroy a group: by its vault's account, or by the account of its key. */
interface Destroyers {
  group: PointGroup
  /** Accounts whose administrator can destroy it; `undefined` members = not known. */
  sure: Set<string>
  possible: Set<string>
  /** Some account that is not known may be able to. */
  open: boolean
  because: 'complianceLock' | 'airGapped' | null
}

function destroyersOf(join: Join, group: PointGroup): Destroyers {
  const vault: VaultState | undefined = vaultByArn(join, group.vault.arn)
  const strength = group.airGapped ? 3 : vault ? lockStrength(join, vault) : undefined
  const sure = new Set<string>()
  const possible = new Set<string>()
  let open = group.vault.account === undefined
  if (group.vault.account !== undefined) {
    if (strength !== undefined && strength < 3) sure.add(group.vault.account)
    else if (strength === undefined) possible.add(group.vault.account)
  }
  const keys = keysOf(group)
  if (keys === undefined) open = true
  for (const name of keys ?? []) {
    if (name === null) continue
    const key = resolveKey(join, name, group.vault.account, group.vault.region, false)
    if (key.manager === 'aws' || key.manager === 'awsOwned') continue
    const account = parseArn(name)?.account ?? group.vault.account
    if (account === undefined) {
      open = true
      continue
    }
    // Destroying one of several keys loses only its points: only a single key is a sure way.
    const deletable = key.item && key.manager === 'customer' ? keyDeletable(key.item.value.policy, account) : undefined
    if (deletable === true && keys!.length === 1) sure.add(account)
    else if (deletable !== false) possible.add(account)
  }
  return {
    group,
    sure,
    possible,
    open,
    because:
      strength === 3
        ? group.airGapped || vault?.vault.vaultType === 'airGapped'
          ? 'airGapped'
          : 'complianceLock'
        : null,
  }
}

/** Whether a key policy lets its own account schedule the key's deletion. */
export function keyDeletable(policy: object | null | undefined, account: string): boolean | undefined {
  if (policy === undefined) return undefined
  return policy === null ? false : allowsKeyDeletion(policy, account)
}

/** `destroyability` facts of a store (DESIGN §4: only resource-side guards count). */
export function destroyabilityFacts(join: Join, store: StoreItem, groups: readonly PointGroup[]): Facts {
  const complete = copiesComplete(join, store)
  const usable = groups.filter(group => group.usable > 0).map(group => destroyersOf(join, group))
  const facts: Facts = {}
  if (usable.length === 0) {
    if (!complete) return facts
    // There is nothing that could survive.
    return { byOneAccount: true, account: store.account ?? null, survivors: [], oneKey: false, keyArn: null }
  }
  const candidates = new Set(usable.flatMap(d => [...d.sure, ...d.possible]))
  const ordered = [...candidates].sort()
  const sureAccount = ordered.find(account => usable.every(d => d.sure.has(account)))
  if (sureAccount !== undefined && complete) {
    facts.byOneAccount = true
    facts.account = sureAccount
  } else if (
    !usable.some(d => d.open) &&
    !ordered.some(account => usable.every(d => d.sure.has(account) || d.possible.has(account)))
  ) {
    facts.byOneAccount = false
    facts.account = null
  } else if (usable.some(d => !d.open && d.sure.size === 0 && d.possible.size === 0)) {
    facts.byOneAccount = false
    facts.account = null
  }
  const accounts = new Set(usable.map(d => d.group.vault.account))
  facts.survivors = usable
    .filter(d => !d.open && d.possible.size === 0 && (d.sure.size === 0 || accounts.size > 1))
    .map(d => ({
      vaultArn: d.group.vault.arn,
      account: d.group.vault.account,
      because: d.sure.size === 0 && d.because ? d.because : 'otherAccount',
    })) as FactValue
  if (!complete) facts.survivors = { $partial: facts.survivors as FactValue[] } as FactValue
  Object.assign(
    facts,
    oneKeyFacts(
      join,
      usable.map(d => d.group),
      complete,
    ),
  )
  return facts
}

/** Whether every usable point hangs on one customer managed key that its account can schedule for deletion. */
function oneKeyFacts(join: Join, groups: readonly PointGroup[], complete: boolean): Facts {
  const all = groups.map(keysOf)
  const known = all.flatMap(keys => keys ?? [])
  const distinct = new Set(known)
  if (distinct.size > 1) return { oneKey: false, keyArn: null }
  if (all.includes(undefined)) return {}
  const name = [...distinct][0]
  if (name === null || name === undefined) return { oneKey: false, keyArn: null }
  const { vault } = groups[0]!
  const key = resolveKey(join, name, vault.account, vault.region, false)
  if (key.manager === 'aws' || key.manager === 'awsOwned') return { oneKey: false, keyArn: null }
  const account = parseArn(name)?.account ?? vault.account
  const deletable = key.item && account !== undefined ? keyDeletable(key.item.value.policy, account) : undefined
  if (deletable === false) return { oneKey: false, keyArn: null }
  return deletable === true && complete ? { oneKey: true, keyArn: name } : {}
}

/** Facts of a group of recovery points. */
export function pointGroupFacts(join: Join, group: PointGroup): Facts {
  const flag = (yes: number, yesArn: string | null, no: number, noArn: string | null) => {
    const complete = yes + no === group.count
    return {
      trueCount: countOf(yes, complete),
      trueArn: yesArn,
      falseCount: countOf(no, complete),
      falseArn: noArn,
    } as Facts
  }
  const ages = [newestAge(join.entries.get(group.sourceArn ?? '')?.store ?? undefined, group)]
  const oldest = group.oldestAt < 0 ? null : ageHours(group.oldestAt, group.clockSeconds)
  const retentionKnown = group.retentionUnknown === 0
  return {
    sourceArn: group.sourceArn,
    sourceService: group.service,
    vaultArn: group.vault.arn,
    vaultName: group.vault.name,
    count: group.count,
    usableCount: group.usable,
    expiredCount: group.expired,
    partialCount: group.partial,
    isEncrypted: flag(group.encrypted, group.encryptedArn, group.unencrypted, group.unencryptedArn),
    keepsForever: flag(group.forever, group.foreverArn, group.bounded, group.boundedArn),
    retentionDays: {
      min:
        group.retentionMin < 0
          ? retentionKnown
            ? null
            : undefined
          : retentionKnown
            ? group.retentionMin
            : { $atMost: group.retentionMin },
      minArn: group.retentionMinArn,
      max:
        group.retentionMax < 0
          ? retentionKnown
            ? null
            : undefined
          : retentionKnown
            ? group.retentionMax
            : { $atLeast: group.retentionMax },
      maxArn: group.retentionMaxArn,
    },
    ageHours: {
      min: ages[0] as FactValue | undefined,
      minArn: group.newestArn ?? group.continuousArn,
      max: oldest,
      maxArn: group.oldestArn,
    },
    scan: {
      supported: group.service === null ? undefined : ['EC2', 'EBS', 'S3'].includes(group.service),
      clean: flag(group.scanClean, group.scanCleanArn, group.scanFindings, group.scanFindingsArn),
    },
  }
}

/** Epoch seconds of a policy date (YYYY-MM-DD), UTC. */
export function policyDate(date: string | undefined): number | undefined {
  return secondsOf(date)
}

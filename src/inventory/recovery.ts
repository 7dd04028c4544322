/** What is proven: the recovery points of a store in its own account and Region. Facts of a data store. */
import type { Facts, FactValue } from '../model/facts.ts'
import { type MaybeNumber, smallest } from './bounds.ts'
import { ageHours, hoursToDays } from './clock.ts'
import type { Join, StoreItem } from './join.ts'
import { countOf, isCompleteFor, unknownThrough } from './join.ts'
import { isTargetable } from './lifecycle-manager.ts'
import { continuousNatively } from './native-mechanisms.ts'
import type { PointGroup } from './point-groups.ts'

/** The groups of a store: points by its ARN, by its other ARNs, and of the instance whose images hold the volume. */
export function groupsOf(join: Join, store: StoreItem): PointGroup[] {
  const groups: PointGroup[] = []
  const add = (first: PointGroup | null | undefined) => {
    for (let group = first; group; group = group.next) groups.push(group)
  }
  add(store.entry?.groups)
  for (const arn of store.otherArns ?? []) add(join.entries.get(arn)?.groups)
  if (store.type === 'AWS::EC2::Volume') for (const arn of store.through ?? []) add(join.entries.get(arn)?.groups)
  return groups.length < 2 ? groups : groups.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

const keyOf = ({ vault, sourceArn }: PointGroup) => `${vault.arn} ${sourceArn ?? ''}`

/** Whether a group lies in the store's own account and Region, in an ordinary vault; else it is a copy elsewhere. */
export function isLocal(store: StoreItem, group: PointGroup): boolean {
  return group.vault.account === store.account && group.vault.region === store.region && !group.airGapped
}

/** Age in hours of the newest that a group can restore; `null` = nothing. A local group's store tells its restorable time. */
export function newestAge(store: StoreItem | undefined, group: PointGroup): MaybeNumber {
  const { clockSeconds: clock } = group
  const ages: MaybeNumber[] = []
  if (group.newestAt >= 0) ages.push(ageHours(group.newestAt, clock))
  if (group.createdUnknown + group.statusUnknown > 0) ages.push(undefined)
  if (group.continuous > 0) ages.push(continuousAge(store, group))
  return smallest(ages, true)
}

/** Age of a group's oldest usable point; `null` = there is none. */
export function oldestAge(store: StoreItem | undefined, group: PointGroup): MaybeNumber {
  const ages: (number | undefined)[] = []
  if (group.oldestAt >= 0) ages.push(ageHours(group.oldestAt, group.clockSeconds))
  if (group.createdUnknown > 0) ages.push(undefined)
  if (group.continuous > 0) ages.push(continuousAge(store, group))
  const known = ages.filter(age => age !== undefined)
  if (known.length === 0) return ages.length === 0 ? null : undefined
  return known.length === ages.length ? Math.max(...known) : { $atLeast: Math.max(...known) }
}

/** A continuous point is as new as its restorable time, never as its creation (aws-apis §3.3). */
function continuousAge(store: StoreItem | undefined, group: PointGroup): number | undefined {
  if (group.restorableAt >= 0) return ageHours(group.restorableAt, group.clockSeconds)
  return store && (restorableAge(store, 'pitr') ?? restorableAge(store, 'native'))
}

/** Hours since the latest restorable time that the service itself states. */
function restorableAge(store: StoreItem, group: 'pitr' | 'native'): number | undefined {
  const time = group === 'pitr' ? store.pitrRestorableAt : store.nativeRestorableAt
  return time === undefined ? undefined : ageHours(time, store.scope.clockSeconds)
}

/** `recovery` facts of a store. */
export function recoveryFacts(
  join: Join,
  store: StoreItem,
  groups: readonly PointGroup[],
  accepted: ReadonlySet<string>,
): Facts {
  const local = groups.filter(group => isLocal(store, group))
  const complete = isCompleteFor(join, store, 'recovery-points') && store.through !== unknownThrough
  const newest = smallest(
    local.map(group => newestAge(store, group)),
    complete,
  )
  const facts: Facts = { measuredLossHours: measuredLoss(store, newest, accepted) }
  return complete || local.length > 0 ? Object.assign(facts, pointFacts(local, newest, complete)) : facts
}

/** What a store's groups amount to. */
interface Total {
  count: number
  usable: number
  automated: number
  manual: number
  continuous: number
  createdUnknown: number
  statusUnknown: number
  recentUnknown: number
  /** The group with the newest point; else the first that has a continuous one. */
  newest: PointGroup | undefined
  continuousArn: string | null
  /** Age of the oldest point, of those whose age is known. */
  oldestHours: number | undefined
  /** Every oldest point's age is known. */
  oldestKnown: boolean
}

function totalOf(groups: readonly PointGroup[]): Total {
  const total: Total = {
    count: 0,
    usable: 0,
    automated: 0,
    manual: 0,
    continuous: 0,
    createdUnknown: 0,
    statusUnknown: 0,
    recentUnknown: 0,
    newest: undefined,
    continuousArn: null,
    oldestHours: undefined,
    oldestKnown: true,
  }
  for (const group of groups) {
    total.count += group.count
    total.usable += group.usable
    total.automated += group.automatedRecent
    total.manual += group.manualRecent
    total.continuous += group.continuous
    total.createdUnknown += group.createdUnknown
    total.statusUnknown += group.statusUnknown
    total.recentUnknown += group.recentUnknown
    total.continuousArn ??= group.continuousArn
    if (group.newestAt >= 0 && isNewer(group, total.newest)) total.newest = group
    if (group.oldestAt < 0) continue
    const age = ageHours(group.oldestAt, group.clockSeconds)
    if (age === undefined) total.oldestKnown = false
    else total.oldestHours = Math.max(total.oldestHours ?? age, age)
  }
  return total
}

function isNewer(group: PointGroup, than: PointGroup | undefined): boolean {
  if (!than || group.newestAt !== than.newestAt) return !than || group.newestAt > than.newestAt
  return group.newestArn! < than.newestArn!
}

function pointFacts(local: readonly PointGroup[], newest: MaybeNumber, listComplete: boolean): Facts {
  const total = totalOf(local)
  // A point of which the status is not known may be usable.
  const complete = listComplete && total.statusUnknown === 0
  const originsKnown = complete && total.recentUnknown === 0
  return {
    pointCount: countOf(total.count, listComplete),
    usableCount: countOf(total.usable, complete),
    automatedCount: countOf(total.automated, originsKnown),
    manualCount: countOf(total.manual, originsKnown),
    newestAgeHours: newest,
    newestPointArn: total.newest?.newestArn ?? total.continuousArn ?? (complete ? null : undefined),
    continuous: total.continuous > 0 ? true : complete ? false : undefined,
    retentionHeldDays: heldDays(total, complete),
  }
}

/** Days that the oldest point reaches back; how far a continuous one does is not known, only that it does. */
function heldDays(total: Total, complete: boolean): FactValue | undefined {
  if (complete && total.usable === 0) return null
  if (total.oldestHours === undefined) return undefined
  const days = hoursToDays(total.oldestHours)
  const sure = complete && total.oldestKnown
  return sure && total.continuous + total.createdUnknown === 0 ? days : { $atLeast: days }
}

/**
 * What would be lost now: the smallest age over the mechanisms that the policy accepts. Replication keeps no points in time;
 * `undefined` where nothing else is accepted.
 */
function measuredLoss(store: StoreItem, newest: MaybeNumber, accepted: ReadonlySet<string>): MaybeNumber {
  const { pitr, native } = store.own as { pitr?: Facts; native?: Facts }
  const acceptsNative =
    accepted.has('native-automated') || (accepted.has('native-pitr') && continuousNatively.has(store.type))
  const ages: MaybeNumber[] = []
  if (accepted.has('aws-backup')) ages.push(newest)
  if (accepted.has('native-pitr') && pitr) ages.push(pitr.enabled === false ? null : restorableAge(store, 'pitr'))
  if (acceptsNative && native) ages.push(native.automatedBackup === false ? null : restorableAge(store, 'native'))
  // Snapshots of Data Lifecycle Manager are told by no recovery point.
  if (accepted.has('dlm') && isTargetable(store)) ages.push(undefined)
  return ages.length === 0 ? undefined : smallest(ages, true)
}

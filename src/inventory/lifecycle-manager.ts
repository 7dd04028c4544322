/** Amazon Data Lifecycle Manager: which policies target a volume or an instance, and what they promise. */

import type { Facts } from '../model/facts.ts'
import type { SnapshotPolicy, SnapshotSchedule } from '../model/guards.ts'
import { longest, type MaybeNumber, smallest } from './bounds.ts'
import { selectableInventory } from './completeness.ts'
import type { EvidenceItem, Join, StoreItem } from './join.ts'
import { isCompleteFor, isThereWith } from './join.ts'
import type { Mechanism } from './native-mechanisms.ts'
import { analyse } from './plans.ts'
import { roundHours } from './promises.ts'

/** Whether a Data Lifecycle Manager policy could target the store at all. */
export function isTargetable({ type }: StoreItem): boolean {
  return type === 'AWS::EC2::Volume' || type === 'AWS::EC2::Instance'
}

/** The policies that back up a volume or an instance. */
export function lifecycleManagerMechanisms(join: Join, store: StoreItem, accepted: boolean): Mechanism[] {
  if (!isTargetable(store)) return []
  return (store.place?.snapshotPolicies ?? []).flatMap(item => {
    const target = runsFor(join, store, item)
    return target ? [mechanismOf(join, item, target, accepted)] : []
  })
}

/** Whether a policy that was not read, or not wholly, may back up the store. */
export function mayBeTargeted(join: Join, store: StoreItem): boolean {
  if (!isTargetable(store)) return false
  if (!isCompleteFor(join, store, 'snapshot-policies')) return true
  return (store.place?.snapshotPolicies ?? []).some(item => runsFor(join, store, item) === undefined)
}

/** Why an enabled policy backs up a store; `null` where it does not. */
function runsFor(join: Join, store: StoreItem, item: EvidenceItem<'snapshot-policy'>): string | null | undefined {
  const { value } = item
  if (value.policyType === 'EVENT_BASED_POLICY' || (value.state !== undefined && value.state !== 'ENABLED')) return null
  const target = targetedBy(join, store, value)
  const isCertain = value.state !== undefined && value.policyType !== undefined && isThereWith(item, store)
  return target === null || isCertain ? target : undefined
}

function mechanismOf(
  join: Join,
  item: EvidenceItem<'snapshot-policy'>,
  matchedBy: string,
  accepted: boolean,
): Mechanism {
  const { schedules } = item.value
  const gaps = (schedules ?? []).map(schedule => scheduleGaps(schedule).longest)
  const known = schedules !== undefined
  const startHours = 1 + join.policy.assumptions.jobMinutes / 60
  return {
    kind: 'dlm',
    accepted,
    name: item.id,
    arn: item.arn ?? null,
    selection: null,
    matchedBy,
    via: null,
    worstCaseLossHours: smallest(
      gaps.map(gap => (typeof gap === 'number' ? roundHours(gap + startHours) : gap)),
      known,
    ),
    longestGapHours: smallest(gaps, known),
    retentionDays: longest((schedules ?? []).map(keptDays), known),
    continuous: false,
  }
}

/** Days that a schedule's snapshots are kept, or that their count reaches back at least. */
export function keptDays({ cron, intervalHours, retentionDays, retainCount }: SnapshotSchedule): MaybeNumber {
  if (typeof retentionDays === 'number') return retentionDays
  const { shortest } = scheduleGaps({ cron, intervalHours })
  if (typeof retainCount === 'number' && typeof shortest === 'number') return Math.floor((retainCount * shortest) / 24)
  return retentionDays === null && retainCount === null ? null : undefined
}

interface Gaps {
  longest: number | null | undefined
  shortest: number | null | undefined
}

/** Longest and shortest gap of a schedule in hours; `undefined` where it cannot be told. */
export function scheduleGaps({ cron, intervalHours }: Pick<SnapshotSchedule, 'cron' | 'intervalHours'>): Gaps {
  if (intervalHours !== undefined) return { longest: intervalHours, shortest: intervalHours }
  const analysis = cron === undefined ? undefined : analyse(cron, null).analysis
  return { longest: analysis?.longestGapHours, shortest: analysis?.shortestGapHours }
}

type Targets = Pick<SnapshotPolicy, 'resourceTypes' | 'targetTags' | 'defaultPolicy'>

/** Why a policy targets a store; `null` where it does not, `undefined` where that is not known. */
export function targetedBy(join: Join, store: StoreItem, policy: Targets): string | null | undefined {
  const wanted = store.type === 'AWS::EC2::Volume' ? 'VOLUME' : 'INSTANCE'
  if (policy.defaultPolicy === wanted) return `default policy for every ${wanted.toLowerCase()}`
  const { resourceTypes, targetTags } = policy
  if (policy.defaultPolicy === undefined || resourceTypes === undefined || targetTags === undefined) return undefined
  const answers: (string | null | undefined)[] = []
  if (resourceTypes.includes(wanted)) answers.push(taggedFor(targetTags, store.tags, ''))
  if (wanted === 'VOLUME' && resourceTypes.includes('INSTANCE'))
    for (const arn of store.through ?? []) answers.push(parentTaggedFor(join, store, targetTags, arn))
  return answers.find(answer => typeof answer === 'string') ?? (answers.includes(undefined) ? undefined : null)
}

function taggedFor(
  targetTags: readonly { key: string; value: string }[],
  tags: StoreItem['tags'],
  of: string,
): string | null | undefined {
  if (tags === undefined) return targetTags.length > 0 ? undefined : null
  const tag = targetTags.find(({ key, value }) => tags && Object.hasOwn(tags, key) && tags[key] === value)
  return tag ? `target tag ${tag.key}=${tag.value}${of}` : null
}

function parentTaggedFor(
  join: Join,
  store: StoreItem,
  targetTags: readonly { key: string; value: string }[],
  arn: string,
): string | null | undefined {
  const parent = join.entries.get(arn)?.store
  if (parent && !parent.deleted) return taggedFor(targetTags, parent.tags, ` of ${arn}`)
  return isCompleteFor(join, store, selectableInventory) ? null : undefined
}

/** Facts of each schedule of a policy. */
export function scheduleFacts(schedule: SnapshotSchedule): Facts {
  return {
    name: schedule.name,
    longestGapHours: scheduleGaps(schedule).longest,
    retainCount: schedule.retainCount,
    retentionDays: keptDays(schedule),
    copyTags: schedule.copyTags,
  }
}

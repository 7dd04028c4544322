/** Keys, snapshot policies, native snapshots and transfer tasks as facts. */
import type { Facts, FactValue } from '../model/facts.ts'
import { longest, smallest } from './bounds.ts'
import { ageHours } from './clock.ts'
import { placeKey, selectableInventory } from './completeness.ts'
import { isKeyDeletable } from './destroyability.ts'
import type { EvidenceItem, Join } from './join.ts'
import { choosesKeys, countOf, listOf, resolveKey } from './join.ts'
import { mostUsers } from './key-index.ts'
import { isTargetable, scheduleFacts, targetedBy } from './lifecycle-manager.ts'
import { placeOf } from './place-index.ts'
import { analyse } from './plans.ts'
import type { FlagFold, SnapshotGroup } from './snapshot-groups.ts'

/** Facts of a KMS key. */
export function keyFacts(join: Join, item: EvidenceItem<'kms-key'>): Facts {
  const { value } = item
  const users = join.keyUsers.get(item.arn ?? '') ?? join.keyUsers.get(value.keyId) ?? []
  const vaults = join.places.get(placeKey(item.account, item.region))?.vaults.values() ?? []
  const known =
    ['vaults', 'recovery-points', 'inventory'].every(group =>
      join.completeness.isComplete(group, item.account, item.region),
    ) && [...vaults].every(({ vault }) => vault.keyArn !== undefined || vault.keyType === 'awsOwned')
  return {
    manager: value.manager,
    state: value.state,
    pendingDeletion:
      value.state === undefined
        ? undefined
        : value.state === 'PendingDeletion' || value.state === 'PendingReplicaDeletion',
    deletionDate: value.deletionDate,
    pendingWindowDays: value.pendingWindowDays,
    rotationEnabled: value.rotationEnabled,
    rotationSupported: value.rotationSupported,
    protectsBackups: users.length > 0 ? true : known ? false : undefined,
    usedBy: listOf(users, known && users.length < mostUsers) as FactValue,
    deletableByOwnAccount: isKeyDeletable({ manager: value.manager, key: value }, item.account),
  }
}

/** Facts of a Data Lifecycle Manager policy. */
export function snapshotPolicyFacts(join: Join, item: EvidenceItem<'snapshot-policy'>): Facts {
  const { value } = item
  const destinations = value.schedules?.flatMap(schedule =>
    schedule.crossRegionCopies.map(copy => ({
      kind: 'dlm',
      enabled: value.state === undefined ? undefined : value.state === 'ENABLED',
      region: copy.target ?? null,
      encrypted: copy.encrypted,
      keyArn: copy.keyArn,
    })),
  )
  const place = placeOf(join, item)
  const targets = join.stores
    .filter(store => store.place === place && isTargetable(store))
    .map(store => targetedBy(join, store, value))
  const known =
    join.completeness.isComplete(selectableInventory, item.account, item.region) && !targets.includes(undefined)
  return {
    enabled: value.state === undefined ? undefined : value.state === 'ENABLED',
    state: value.state,
    statusMessage: value.statusMessage,
    policyType: value.policyType,
    schedules: value.schedules?.map(scheduleFacts) as FactValue | undefined,
    replication: { destinations: destinations as FactValue | undefined },
    targetedStoreCount: countOf(targets.filter(target => typeof target === 'string').length, known),
  }
}

/** Counts of a flag. Of a list that was cut short (`whole` false), more members may follow. */
function flagFacts(fold: FlagFold, whole: boolean): Facts {
  const complete = whole && fold.unknownCount === 0
  return {
    trueCount: countOf(fold.trueCount, complete),
    trueArn: fold.trueArn,
    falseCount: countOf(fold.falseCount, complete),
    falseArn: fold.falseArn,
  }
}

/** Facts of a group of native snapshots. */
export function snapshotGroupFacts(join: Join, group: SnapshotGroup): Facts {
  const access = join.places.get(placeKey(group.account, group.region))?.settings?.ebsSnapshotPublicAccess
  const whole = !join.completeness.isCut('snapshots', group.account, group.region)
  const manualKnown = whole && group.manualUnknown === 0
  const aged = (at: number) => (at < 0 ? undefined : ageHours(at, group.clockSeconds))
  const agesKnown = whole && group.createdUnknown === 0
  return {
    sourceArn: group.source,
    service: group.service,
    count: countOf(group.count, whole),
    manualCount: countOf(group.manual, manualKnown),
    automatedCount: countOf(group.automated, manualKnown),
    isEncrypted: flagFacts(group.encrypted, whole),
    isPublic: flagFacts(group.isPublic, whole),
    sharedWithUntrusted: flagFacts(group.untrusted, whole),
    ageHours: {
      min: smallest([aged(group.newestAt)], agesKnown),
      minArn: group.newestArn,
      max: longest([aged(group.oldestAt)], agesKnown),
      maxArn: group.oldestArn,
    },
    publicAccessBlocked:
      group.service !== 'EBS' ? null : access === undefined ? undefined : access.startsWith('block-'),
  }
}

/** Facts of a DataSync task or a file share. */
export function transferTaskFacts(join: Join, item: EvidenceItem<'transfer-task'>): Facts {
  const { value } = item
  const gap = value.schedule === null ? null : value.schedule === undefined ? undefined : scheduleGap(value.schedule)
  const locations = [value.sourceLocationArn, value.destinationLocationArn].map(
    arn => join.evidence['transfer-location'].find(location => location.value.arn === arn)?.value.inTransit,
  )
  const inTransit = locations.includes(false)
    ? false
    : locations.includes(undefined)
      ? undefined
      : locations.includes(true)
        ? true
        : null
  const manager =
    typeof value.keyArn === 'string'
      ? resolveKey(join, value.keyArn, item.account, item.region, choosesKeys(item)).manager
      : value.keyArn === null
        ? null
        : undefined
  return {
    kind: value.kind,
    scheduled: value.schedule === null ? false : value.schedule === undefined ? undefined : value.scheduleEnabled,
    longestGapHours: gap,
    verifyMode: value.verifyMode,
    logLevel: value.logLevel,
    lastStatus: value.lastStatus,
    lastExecutionAgeHours:
      value.lastExecutionAt === null
        ? null
        : value.lastExecutionAt === undefined
          ? undefined
          : ageHours(Math.floor(value.lastExecutionAt / 1000), item.scope.clockSeconds),
    encryption: {
      encrypted: value.kind === 'datasync' ? null : value.encrypted,
      inTransit: value.kind === 'fileShare' ? null : inTransit,
      keyManager: value.kind === 'datasync' ? null : manager,
    },
  }
}

/** DataSync accepts `rate(…)` and six-field cron. */
function scheduleGap(expression: string): number | null | undefined {
  const { analysis, problem } = analyse(expression, null)
  return problem !== undefined ? null : analysis?.longestGapHours
}

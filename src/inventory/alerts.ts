/**
 * Who hears of a failure (DESIGN §10.3). BACKUP_JOB_FAILED, BACKUP_JOB_EXPIRED and RESTORE_JOB_FAILED are deprecated and
 * deliver nothing; the COMPLETED events carry every terminal state.
 */
import type { Facts, FactValue } from '../model/facts.ts'
import type { Alarm, EventRule } from '../model/guards.ts'
import type { Assumptions } from '../model/policy.ts'
import type { Join, Place, VaultState } from './join.ts'
import { isVaultUsed } from './vault-use.ts'

type Outcome = Assumptions['alertOn'][number]

/** What tells of each outcome. */
const outcomes: {
  [outcome in Outcome]: { event: string; detailType: string | null; states: string[]; metric: string | null }
} = {
  backupFailed: {
    event: 'BACKUP_JOB_COMPLETED',
    detailType: 'Backup Job State Change',
    states: ['FAILED', 'ABORTED', 'EXPIRED'],
    metric: 'NumberOfBackupJobsFailed',
  },
  copyFailed: {
    event: 'COPY_JOB_FAILED',
    detailType: 'Copy Job State Change',
    states: ['FAILED'],
    metric: 'NumberOfCopyJobsFailed',
  },
  restoreFailed: {
    event: 'RESTORE_JOB_COMPLETED',
    detailType: 'Restore Job State Change',
    states: ['FAILED', 'ABORTED'],
    metric: 'NumberOfRestoreJobsFailed',
  },
  continuousInterrupted: { event: 'CONTINUOUS_BACKUP_INTERRUPTED', detailType: null, states: [], metric: null },
  s3ObjectFailed: { event: 'S3_BACKUP_OBJECT_FAILED', detailType: null, states: [], metric: null },
}

/** Three-valued or. */
const any = (values: (boolean | undefined)[]): boolean | undefined =>
  values.includes(true) ? true : values.includes(undefined) ? undefined : false

/** `alerts` facts of a vault, or of a Region (where every vault with points must tell). */
export function alertFacts(join: Join, place: Place | undefined, vault: VaultState | undefined): FactValue {
  return join.policy.assumptions.alertOn.map(outcome => ({ outcome, alerted: alerted(join, place, vault, outcome) }))
}

function alerted(
  join: Join,
  place: Place | undefined,
  vault: VaultState | undefined,
  outcome: Outcome,
): boolean | undefined {
  const complete = join.completeness.isComplete('alerts', place?.account, place?.region)
  const byRegion = any([
    ...(place?.eventRules ?? []).map(item => ruleTells(join, item.value, outcome)),
    ...(place?.alarms ?? []).map(item => alarmTells(item.value, outcome, vault)),
    complete ? false : undefined,
  ])
  if (byRegion === true) return true
  if (vault) return any([notificationTells(join, vault, outcome), byRegion])
  // Restores are told by the vault of the restored point: each vault in use must tell.
  const vaults = [...(place?.vaults.values() ?? [])].map(state => ({ state, used: isVaultUsed(join, state) }))
  const vaultsKnown = join.completeness.isComplete('vaults', place?.account, place?.region)
  const told = vaults.map(({ state, used }) => {
    const tells = used === false ? true : notificationTells(join, state, outcome)
    return used === undefined && tells === false ? undefined : tells
  })
  // Where no vault is used, none tells.
  const someUsed = any([...vaults.map(({ used }) => used), vaultsKnown ? false : undefined])
  return any([all([someUsed, ...told, vaultsKnown ? true : undefined]), byRegion])
}

/** Whether a vault's notifications tell of an outcome to a live subscriber. */
function notificationTells(join: Join, state: VaultState, outcome: Outcome): boolean | undefined {
  const { notifications } = state.vault
  if (notifications === undefined) return undefined
  if (notifications === null) return false
  const { event } = outcomes[outcome]
  if (!notifications.events.includes(event)) return false
  return topicTells(join, notifications.topicArn, event)
}

/** Whether somebody is subscribed to a topic and no filter drops failures. `undefined` where that was not read. */
function topicTells(join: Join, topicArn: string, event: string | null): boolean | undefined {
  const topic = join.topics.get(topicArn)
  const subscriptions = topic?.value.subscriptions
  if (!subscriptions) return undefined
  return any(
    subscriptions.map(subscription => {
      if (!subscription.confirmed) return false
      if (subscription.filterPolicy === undefined) return undefined
      return subscription.filterPolicy === null ? true : filterPasses(subscription.filterPolicy as Facts, event)
    }),
  )
}

/** Whether an SNS filter lets a failure pass: AWS Backup's messages carry the attributes State and EventType. */
function filterPasses(filter: Facts, event: string | null): boolean | undefined {
  let result: boolean | undefined = true
  for (const [key, wanted] of Object.entries(filter)) {
    const value = key === 'State' ? 'FAILED' : key === 'EventType' ? event : undefined
    if (
      !Array.isArray(wanted) ||
      value === undefined ||
      value === null ||
      wanted.some(entry => typeof entry !== 'string')
    )
      result = result === false ? false : undefined
    else if (!wanted.includes(value)) return false
  }
  return result
}

/** Matches one field of an event pattern: absent = everything. `undefined` where the pattern uses what is not understood. */
function fieldMatches(pattern: unknown, value: string): boolean | undefined {
  if (pattern === undefined) return true
  if (!Array.isArray(pattern)) return undefined
  return any(
    pattern.map(entry => {
      if (typeof entry === 'string') return entry === value
      if (typeof entry !== 'object' || entry === null) return false
      const keys = Object.keys(entry)
      const operand = (entry as Record<string, unknown>)[keys[0] ?? '']
      if (keys.length === 1 && keys[0] === 'prefix' && typeof operand === 'string') return value.startsWith(operand)
      if (keys.length === 1 && keys[0] === 'suffix' && typeof operand === 'string') return value.endsWith(operand)
      if (keys.length === 1 && keys[0] === 'equals-ignore-case' && typeof operand === 'string')
        return value.toLowerCase() === operand.toLowerCase()
      if (keys.length === 1 && keys[0] === 'anything-but') {
        if (typeof operand === 'string') return value !== operand
        if (Array.isArray(operand) && operand.every(v => typeof v === 'string')) return !operand.includes(value)
      }
      return undefined
    }),
  )
}

/** Three-valued and. */
const all = (values: (boolean | undefined)[]): boolean | undefined =>
  values.includes(false) ? false : values.includes(undefined) ? undefined : true

/** Whether an EventBridge rule has a target that somebody hears. */
function targetHears(join: Join, rule: EventRule): boolean | undefined {
  if (rule.targets === undefined) return undefined
  return any(
    rule.targets.map(target => {
      if (!/^arn:[^:]*:sns:/.test(target)) return true
      return join.topics.get(target)?.value.subscriptions ? topicTells(join, target, null) : undefined
    }),
  )
}

function ruleTells(join: Join, rule: EventRule, outcome: Outcome): boolean | undefined {
  const { detailType, states } = outcomes[outcome]
  if (detailType === null) return false
  if (rule.enabled === false || rule.pattern === null) return false
  if (rule.eventBus !== undefined && rule.eventBus !== 'default' && !rule.eventBus.endsWith('/default')) return false
  if (rule.pattern === undefined || rule.enabled === undefined) return undefined
  const pattern = rule.pattern as { [key: string]: unknown }
  const known = ['source', 'detail-type', 'detail', 'account', 'region', 'version']
  const detail = (typeof pattern.detail === 'object' && pattern.detail !== null ? pattern.detail : {}) as {
    [key: string]: unknown
  }
  return all([
    fieldMatches(pattern.source, 'aws.backup'),
    fieldMatches(pattern['detail-type'], detailType),
    ...states.map(state => fieldMatches(detail.state ?? detail.status, state)),
    // A pattern that asks for more (a vault, a resource type) may drop the failure of another.
    Object.keys(pattern).every(key => known.includes(key)) &&
    Object.keys(detail).every(key => key === 'state' || key === 'status')
      ? true
      : undefined,
    targetHears(join, rule),
  ])
}

function alarmTells(alarm: Alarm, outcome: Outcome, vault: VaultState | undefined): boolean | undefined {
  const { metric } = outcomes[outcome]
  if (metric === null || (alarm.namespace !== undefined && alarm.namespace !== 'AWS/Backup')) return false
  if (alarm.metricName !== undefined && alarm.metricName !== metric) return false
  if (
    alarm.namespace === undefined ||
    alarm.metricName === undefined ||
    alarm.actionsEnabled === undefined ||
    alarm.actions === undefined
  )
    return undefined
  if (!alarm.actionsEnabled || alarm.actions.length === 0) return false
  const dimensions = alarm.dimensions
  if (dimensions === undefined) return undefined
  // An alarm on one resource type, or on another vault, leaves the rest unheard.
  return Object.entries(dimensions).every(
    ([name, value]) => name === 'BackupVaultName' && vault !== undefined && value === vault.name,
  )
}

/** `destructiveEvents` facts of a Region: is somebody told of each API call that destroys backups or keys. */
export function destructiveEventFacts(join: Join, place: Place): FactValue {
  const complete = join.completeness.isComplete('alerts', place.account, place.region)
  return join.policy.assumptions.destructiveEvents.map(event => ({
    event,
    alerted: any([
      ...place.eventRules.map(item => ruleTellsCall(join, item.value, event)),
      complete ? false : undefined,
    ]),
  }))
}

const kmsEvents = new Set(['ScheduleKeyDeletion', 'DisableKey', 'PutKeyPolicy', 'DeleteImportedKeyMaterial'])

function ruleTellsCall(join: Join, rule: EventRule, event: string): boolean | undefined {
  if (rule.enabled === false || rule.pattern === null) return false
  if (rule.pattern === undefined || rule.enabled === undefined) return undefined
  const pattern = rule.pattern as { [key: string]: unknown }
  const detail = (typeof pattern.detail === 'object' && pattern.detail !== null ? pattern.detail : {}) as {
    [key: string]: unknown
  }
  const service = kmsEvents.has(event) ? 'kms' : 'backup'
  return all([
    fieldMatches(pattern.source, `aws.${service}`),
    fieldMatches(pattern['detail-type'], 'AWS API Call via CloudTrail'),
    fieldMatches(detail.eventSource, `${service}.amazonaws.com`),
    fieldMatches(detail.eventName, event),
    Object.keys(detail).every(key => key === 'eventSource' || key === 'eventName') ? true : undefined,
    targetHears(join, rule),
  ])
}

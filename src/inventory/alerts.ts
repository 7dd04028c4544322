/**
 * Who hears of a failure (DESIGN §10.3). BACKUP_JOB_FAILED, BACKUP_JOB_EXPIRED and RESTORE_JOB_FAILED are deprecated and
 * deliver nothing; the COMPLETED events carry every terminal state.
 */
import type { FactValue } from '../model/facts.ts'
import type { Alarm, EventRule } from '../model/guards.ts'
import type { Assumptions } from '../model/policy.ts'
import type { Join, Place, VaultState } from './join.ts'
import { and3, or3, type Ternary } from './ternary.ts'
import { isVaultUsed } from './vault-use.ts'

type Outcome = Assumptions['alertOn'][number]

/** What tells of an outcome. */
interface Signal {
  /** Vault notification. */
  event: string
  /** EventBridge detail type; `null` = EventBridge tells nothing of it. */
  detailType: string | null
  /** The member of the event's detail that holds the job's state: named as in the API that lists such jobs. */
  stateField: 'state' | 'status'
  /** States in which a job has failed. */
  states: readonly string[]
  /** CloudWatch metric of the namespace `AWS/Backup`. */
  metric: string | null
}

const failed = ['FAILED', 'ABORTED']

/** https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html, …/backup-notifications.html, …/cloudwatch.html */
const signals: { readonly [outcome in Outcome]: Signal } = {
  backupFailed: {
    event: 'BACKUP_JOB_COMPLETED',
    detailType: 'Backup Job State Change',
    stateField: 'state',
    states: [...failed, 'EXPIRED'],
    metric: 'NumberOfBackupJobsFailed',
  },
  copyFailed: {
    event: 'COPY_JOB_FAILED',
    detailType: 'Copy Job State Change',
    stateField: 'state',
    states: ['FAILED'],
    metric: 'NumberOfCopyJobsFailed',
  },
  restoreFailed: {
    event: 'RESTORE_JOB_COMPLETED',
    detailType: 'Restore Job State Change',
    stateField: 'status',
    states: failed,
    metric: 'NumberOfRestoreJobsFailed',
  },
  continuousInterrupted: notified('CONTINUOUS_BACKUP_INTERRUPTED'),
  s3ObjectFailed: notified('S3_BACKUP_OBJECT_FAILED'),
}

/** An outcome that only a vault's notifications tell of. */
function notified(event: string): Signal {
  return { event, detailType: null, stateField: 'state', states: [], metric: null }
}

/** `alerts` facts of a vault, or of a Region (where every vault in use must tell). */
export function alertFacts(join: Join, place: Place, vault?: VaultState): FactValue {
  return join.policy.assumptions.alertOn.map(outcome => ({ outcome, alerted: alerted(join, place, vault, outcome) }))
}

function alerted(join: Join, place: Place, vault: VaultState | undefined, outcome: Outcome): Ternary {
  const complete = join.completeness.isComplete('alerts', place.account, place.region)
  const byRegion = or3(
    ...place.eventRules.map(item => ruleTellsJob(join, place, item.value, outcome)),
    ...place.alarms.map(item => alarmTells(join, item.value, outcome, vault)),
    complete ? false : undefined,
  )
  return or3(byRegion, vault ? notificationTells(join, vault, outcome) : vaultsTell(join, place, outcome))
}

/** Whether each vault in use tells of an outcome; where no vault is used, none does. */
function vaultsTell(join: Join, place: Place, outcome: Outcome): Ternary {
  const vaults = [...place.vaults.values()].map(state => ({ state, used: isVaultUsed(join, state) }))
  const vaultsKnown = join.completeness.isComplete('vaults', place.account, place.region)
  const told = vaults.map(({ state, used }) => {
    const tells = used === false ? true : notificationTells(join, state, outcome)
    return used === undefined && tells === false ? undefined : tells
  })
  const someUsed = or3(...vaults.map(({ used }) => used), vaultsKnown ? false : undefined)
  return and3(someUsed, ...told, vaultsKnown ? true : undefined)
}

/** Whether a vault's notifications tell of an outcome to a live subscriber. */
function notificationTells(join: Join, state: VaultState, outcome: Outcome): Ternary {
  const { notifications } = state.vault
  if (notifications === undefined) return undefined
  const signal = signals[outcome]
  if (notifications === null || !notifications.events.includes(signal.event)) return false
  return topicHears(join, notifications.topicArn, filter => passesFilter(filter, signal))
}

/** Whether somebody is subscribed to a topic whose filter lets the message pass. */
function topicHears(join: Join, topicArn: string, passes: (filter: object) => Ternary): Ternary {
  const subscriptions = join.topics.get(topicArn)?.value.subscriptions
  if (!subscriptions) return undefined
  return or3(
    ...subscriptions.map(({ confirmed, filterPolicy }) => {
      if (!confirmed) return false
      return filterPolicy === null ? true : filterPolicy && passes(filterPolicy)
    }),
  )
}

/** Whether an SNS filter lets every failure pass: AWS Backup's messages carry the attributes State and EventType. */
function passesFilter(filter: object, { event, states }: Signal): Ternary {
  return and3(
    ...Object.entries(filter).map(([key, wanted]) => {
      if (key === 'EventType') return fieldMatches(wanted, event)
      // A failed copy has an event of its own; the other events carry every state.
      return key === 'State' ? and3(...states.map(state => fieldMatches(wanted, state)), isStated(states)) : undefined
    }),
  )
}

/** Where the states of an event are not known, no filter on them can be judged. */
const isStated = (states: readonly string[]): Ternary => (states.length > 0 ? true : undefined)

/** What EventBridge and CloudWatch send to a topic carries no attributes: how a filter takes it is not known. */
const unfiltered = (filter: object): Ternary => (Object.keys(filter).length === 0 ? true : undefined)

/** Whether somebody hears what is sent to a target: of a topic its subscribers, anything else is heard. */
function isHeard(join: Join, target: string): Ternary {
  return /^arn:[^:]*:sns:/.test(target) || join.topics.has(target) ? topicHears(join, target, unfiltered) : true
}

/** Matches one field of an event pattern: absent = everything. `undefined` where the pattern uses what is not understood. */
function fieldMatches(pattern: unknown, value: string): Ternary {
  if (pattern === undefined) return true
  return Array.isArray(pattern) ? or3(...pattern.map(entry => entryMatches(entry, value))) : undefined
}

function entryMatches(entry: unknown, value: string): Ternary {
  if (typeof entry !== 'object' || entry === null) return entry === value
  const [[operator, operand] = [], ...more] = Object.entries(entry)
  if (more.length > 0) return undefined
  if (operator === 'anything-but') {
    const excluded: unknown[] = Array.isArray(operand) ? operand : [operand]
    return excluded.every(word => typeof word === 'string') ? !excluded.includes(value) : undefined
  }
  if (typeof operand !== 'string') return undefined
  if (operator === 'prefix') return value.startsWith(operand)
  if (operator === 'suffix') return value.endsWith(operand)
  return operator === 'equals-ignore-case' ? value.toLowerCase() === operand.toLowerCase() : undefined
}

/** Members of an event, or of its detail: `null` = it has no such member, `undefined` = its value is not known. */
type Members = { [name: string]: string | null | undefined }

/**
 * Whether a pattern matches an event. A member of the pattern that is not among those of the event asks for more (a vault, a
 * resource type), and may drop the failure of another.
 */
function patternMatches(pattern: object, event: Members, eventDetail: Members): Ternary {
  const { detail = {}, ...fields } = pattern as { [key: string]: unknown }
  if (typeof detail !== 'object' || detail === null) return undefined
  return and3(
    ...Object.entries(fields).map(([name, wanted]) => memberMatches(event, name, wanted)),
    ...Object.entries(detail).map(([name, wanted]) => memberMatches(eventDetail, name, wanted)),
  )
}

function memberMatches(members: Members, name: string, wanted: unknown): Ternary {
  const value = Object.hasOwn(members, name) ? members[name] : undefined
  if (typeof value === 'string') return fieldMatches(wanted, value)
  const wantsText = Array.isArray(wanted) && wanted.every(entry => typeof entry === 'string')
  return value === null && wantsText ? false : undefined
}

/** Whether a rule sends every one of several events of AWS's own bus to somebody. */
function ruleTells(
  join: Join,
  place: Place,
  rule: EventRule,
  source: string,
  detailType: string,
  details: Members[],
): Ternary {
  const { enabled, pattern, eventBus, targets } = rule
  if (enabled === false || pattern === null) return false
  if (pattern === undefined || enabled === undefined) return undefined
  const fields = {
    source,
    'detail-type': detailType,
    account: place.account,
    region: place.region,
    version: '0',
  }
  return and3(
    eventBus === undefined ? undefined : eventBus === 'default' || eventBus.endsWith('/default'),
    ...details.map(detail => patternMatches(pattern, fields, detail)),
    targets && or3(...targets.map(target => isHeard(join, target))),
  )
}

/** Whether a rule tells of every state in which a job has failed. */
function ruleTellsJob(join: Join, place: Place, rule: EventRule, outcome: Outcome): Ternary {
  const { detailType, stateField, states } = signals[outcome]
  if (detailType === null) return false
  const details = states.map(state => ({ state: null, status: null, [stateField]: state }))
  return ruleTells(join, place, rule, 'aws.backup', detailType, details)
}

function alarmTells(join: Join, alarm: Alarm, outcome: Outcome, vault: VaultState | undefined): Ternary {
  const { metric } = signals[outcome]
  const { namespace, metricName, actionsEnabled, actions, dimensions } = alarm
  if (metric === null) return false
  return and3(
    namespace === undefined ? undefined : namespace === 'AWS/Backup',
    metricName === undefined ? undefined : metricName === metric,
    actionsEnabled,
    actions && or3(...actions.map(action => isHeard(join, action))),
    // An alarm on one resource type, or on another vault, leaves the rest unheard.
    dimensions &&
      Object.entries(dimensions).every(
        ([name, value]) => name === 'BackupVaultName' && vault !== undefined && value === vault.name,
      ),
  )
}

/** `destructiveEvents` facts of a Region: is somebody told of each API call that destroys backups or keys. */
export function destructiveEventFacts(join: Join, place: Place): FactValue {
  const complete = join.completeness.isComplete('alerts', place.account, place.region)
  return join.policy.assumptions.destructiveEvents.map(event => ({
    event,
    alerted: or3(
      ...place.eventRules.map(item => ruleTellsCall(join, place, item.value, event)),
      complete ? false : undefined,
    ),
  }))
}

const kmsEvents = new Set(['ScheduleKeyDeletion', 'DisableKey', 'PutKeyPolicy', 'DeleteImportedKeyMaterial'])

/** Whether a rule tells of an API call, which CloudTrail reports. */
function ruleTellsCall(join: Join, place: Place, rule: EventRule, event: string): Ternary {
  const service = kmsEvents.has(event) ? 'kms' : 'backup'
  const detail = { eventSource: `${service}.amazonaws.com`, eventName: event }
  return ruleTells(join, place, rule, `aws.${service}`, 'AWS API Call via CloudTrail', [detail])
}

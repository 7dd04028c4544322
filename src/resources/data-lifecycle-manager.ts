/**
 * Amazon Data Lifecycle Manager policies: custom ones with schedules, default ones (every volume or instance without a
 * recent backup), and event-based ones, which only copy snapshots that others share. AWS Config has no such type.
 *
 * `configuration` = `Policy` of `dlm:GetLifecyclePolicy`; id = `PolicyId`. `dlm:GetLifecyclePolicies` lists the ids but
 * tells no schedules. No further answers are needed.
 *
 * An event-based policy takes no snapshots: each of its actions is read as a schedule without a time, so that what it copies
 * to other Regions, and how, is judged like any other copy.
 * https://docs.aws.amazon.com/dlm/latest/APIReference/API_PolicyDetails.html
 */

import type { SnapshotPolicy, SnapshotSchedule } from '../model/guards.ts'
import { byText } from '../model/text-order.ts'
import type { ResourceDefinition } from './definition.ts'
import {
  absentMeans,
  allOr,
  at,
  booleanOr,
  configurationOf,
  elements,
  isAbsent,
  known,
  numberOr,
  type Place,
  textOr,
  textsOr,
  valueOr,
} from './evidence.ts'
import { toText } from './property.ts'

const daysPerUnit: { readonly [unit: string]: number } = { DAYS: 1, WEEKS: 7, MONTHS: 30, YEARS: 365 }

/** A positive number; Terraform's state holds 0 for what is not set. */
const positive = (place: Place): number | null | undefined => {
  const number = numberOr(place, null)
  return typeof number === 'number' && number <= 0 ? null : number
}

/** Days of an age rule; `null` where the rule is by count or there is none. */
function ageDays(rule: Place): number | null | undefined {
  const interval = positive(at(rule, 'Interval'))
  if (typeof interval !== 'number') return interval
  const unit = textOr(at(rule, 'IntervalUnit'), undefined)
  const days = unit !== undefined && Object.hasOwn(daysPerUnit, unit) ? daysPerUnit[unit] : undefined
  return days === undefined ? undefined : interval * days
}

type Copy = SnapshotSchedule['crossRegionCopies'][number]

/** Encryption that a rule leaves out is off; the key is then none. */
function readCopy(place: Place, encryption: Place): Copy {
  return known({
    target: textOr(at(place, 'TargetRegion', 'Target'), undefined),
    encrypted: booleanOr(at(encryption, 'Encrypted'), false),
    keyArn: textOr(at(encryption, 'CmkArn'), null),
  })
}

/** The copies, complete; `undefined` where one cannot be told, for a list without it would deny it. */
function readCopies(list: Place, read: (place: Place) => Copy): Copy[] | undefined {
  return allOr(list, read, [])
}

function readSchedule(place: Place): SnapshotSchedule | undefined {
  const create = at(place, 'CreateRule')
  const retain = at(place, 'RetainRule')
  const copies = readCopies(at(place, 'CrossRegionCopyRules', 'cross_region_copy_rule'), rule => readCopy(rule, rule))
  if (!copies) return undefined
  return known({
    name: textOr(at(place, 'Name'), null),
    cron: textOr(at(create, 'CronExpression'), undefined),
    intervalHours: positive(at(create, 'Interval')) ?? undefined,
    retainCount: positive(at(retain, 'Count')),
    retentionDays: ageDays(retain),
    copyTags: booleanOr(at(place, 'CopyTags'), false),
    crossRegionCopies: copies,
  })
}

/** What an event makes a policy do. Its rule of retention is the copies'. */
function readAction(place: Place): SnapshotSchedule | undefined {
  const list = at(place, 'CrossRegionCopy')
  const copies = readCopies(list, copy => readCopy(copy, at(copy, 'EncryptionConfiguration')))
  if (!copies) return undefined
  const first = elements(list)?.places[0]
  return known({
    name: textOr(at(place, 'Name'), null),
    retainCount: null,
    retentionDays: first ? ageDays(at(first, 'RetainRule')) : null,
    crossRegionCopies: copies,
  })
}

/** The one schedule of a default policy, in days, and AWS's defaults: daily, kept 7 days, tags not copied. */
function defaultSchedule(owner: Place): SnapshotSchedule[] | undefined {
  const days = numberOr(at(owner, 'CreateInterval'), 1)
  const copies = readCopies(at(owner, 'CrossRegionCopyTargets'), target =>
    known({ target: textOr(at(target, 'TargetRegion'), undefined) }),
  )
  if (!copies) return undefined
  return [
    known({
      name: null,
      intervalHours: days === undefined ? undefined : days * 24,
      retainCount: null,
      retentionDays: numberOr(at(owner, 'RetainInterval'), 7),
      copyTags: booleanOr(at(owner, 'CopyTags'), false),
      crossRegionCopies: copies,
    }),
  ]
}

/** Tags: a list of key and value, in Terraform a map. A value that is not known makes the whole list unknown. */
function readTags(place: Place): { key: string; value: string }[] | undefined {
  if (place.item.encoding !== 'terraform' || Array.isArray(place.value) || isAbsent(place)) {
    return allOr(
      place,
      tag => {
        const key = textOr(at(tag, 'Key'), undefined)
        const value = textOr(at(tag, 'Value'), '')
        return key === undefined || value === undefined ? undefined : { key, value }
      },
      [],
    )
  }
  if (place.unknown || typeof place.value !== 'object' || place.value === null) return undefined
  const pairs = Object.entries(place.value).map(([key, value]) => ({ key, value: value === '' ? '' : toText(value) }))
  const bare = place.path.replace(/\.\d+(?=\.|$)/g, '')
  const hidden = place.item.unknown?.some(
    marker => marker.startsWith(`${place.path}.`) || marker.startsWith(`${bare}.`),
  )
  if (hidden || pairs.some(pair => pair.value === undefined)) return undefined
  return pairs.sort((a, b) => byText(a.key, b.key)) as { key: string; value: string }[]
}

/**
 * Which resources a default policy is for; `null` for a custom one. The API flags it and names the type in the details;
 * templates name the type at once.
 */
function readDefault(configuration: Place, details: Place): SnapshotPolicy['defaultPolicy'] {
  const stated = at(configuration, 'DefaultPolicy')
  const named = valueOr(stated, value => (typeof value === 'boolean' ? String(value) : toText(value)), null)
  if (named === undefined) return undefined
  const flag = named?.toLowerCase()
  const simplified = textOr(at(details, 'PolicyLanguage'), undefined) === 'SIMPLIFIED'
  if (flag === 'false' || (flag === undefined && !simplified)) return null
  const type = flag === 'volume' || flag === 'instance' ? named : textOr(at(details, 'ResourceType'), undefined)
  const upper = type?.toUpperCase()
  return upper === 'VOLUME' || upper === 'INSTANCE' ? upper : undefined
}

function readState(configuration: Place): SnapshotPolicy['state'] {
  const state = textOr(at(configuration, 'State'), absentMeans(configuration.item, { terraform: 'ENABLED' }))
  return state === 'ENABLED' || state === 'DISABLED' || state === 'ERROR' ? state : undefined
}

/** A default policy says its settings in the details (API, Terraform) or beside them (CloudFormation). */
function defaultOwner(configuration: Place, details: Place): Place {
  return configuration.item.encoding === 'cloudformation' && isAbsent(at(details, 'CreateInterval'))
    ? configuration
    : details
}

function read(item: Parameters<typeof configurationOf>[0]): SnapshotPolicy | undefined {
  const configuration = configurationOf(item)
  const id = textOr(at(configuration, 'PolicyId'), undefined) ?? item.id
  if (!id) return undefined
  const details = at(configuration, 'PolicyDetails')
  const defaultPolicy = readDefault(configuration, details)
  const policyType = textOr(
    at(details, 'PolicyType'),
    defaultPolicy === 'INSTANCE'
      ? 'IMAGE_MANAGEMENT'
      : defaultPolicy === undefined
        ? undefined
        : 'EBS_SNAPSHOT_MANAGEMENT',
  )
  return known({
    id,
    arn: item.arn ?? textOr(at(configuration, 'PolicyArn'), undefined),
    state: readState(configuration),
    statusMessage: textOr(at(configuration, 'StatusMessage'), null),
    policyType,
    defaultPolicy,
    resourceTypes: defaultPolicy ? [defaultPolicy] : textsOr(at(details, 'ResourceTypes'), []),
    targetTags: defaultPolicy ? [] : readTags(at(details, 'TargetTags')),
    schedules: readSchedules(configuration, details, defaultPolicy, policyType),
  })
}

function readSchedules(
  configuration: Place,
  details: Place,
  defaultPolicy: SnapshotPolicy['defaultPolicy'],
  policyType: string | undefined,
): SnapshotSchedule[] | undefined {
  if (defaultPolicy) return defaultSchedule(defaultOwner(configuration, details))
  if (defaultPolicy === undefined || policyType === undefined) return undefined
  if (policyType === 'EVENT_BASED_POLICY') return allOr(at(details, 'Actions', 'action'), readAction, [])
  return allOr(at(details, 'Schedules', 'schedule'), readSchedule, isAbsent(details) ? undefined : [])
}

export const definitions: ResourceDefinition[] = [
  {
    role: 'snapshot-policy',
    type: 'AWS::DLM::LifecyclePolicy',
    places: {
      state: { cloudformation: 'State', terraform: 'state' },
      schedules: { cloudformation: 'PolicyDetails.Schedules[]', terraform: 'policy_details.schedule[]' },
      'schedules[].retentionDays': {
        cloudformation: 'PolicyDetails.Schedules[].RetainRule',
        terraform: 'policy_details.schedule[].retain_rule',
      },
      'schedules[].longestGapHours': {
        cloudformation: 'PolicyDetails.Schedules[].CreateRule',
        terraform: 'policy_details.schedule[].create_rule',
      },
      replication: {
        cloudformation: ['PolicyDetails.Schedules', 'PolicyDetails.Actions'],
        terraform: ['policy_details.schedule', 'policy_details.action'],
      },
    },
    names: {
      config: [],
      cloudformation: ['AWS::DLM::LifecyclePolicy'],
      terraform: ['aws_dlm_lifecycle_policy', 'awscc_dlm_lifecycle_policy'],
    },
    identity: { arn: 'dlm:{region}:{account}:policy/{id}' },
    read,
  },
]

/**
 * The event by which AWS Config invokes the function of a custom rule. What is inside travels as JSON text.
 * https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_example-events.html
 */
import { canBeEvaluated, type EvaluatedResource } from '../../model/evaluation.ts'
import { isAccountId, isRegionCode } from '../../resources/identity.ts'
import { instant } from '../../sources/configuration-item.ts'
import { isObject, type JsonObject, own, parseJson, quote } from '../../sources/json.ts'
import { BadEvent } from './bad-event.ts'

/** Why the function was invoked. */
export type Trigger =
  /** A resource changed, or is about to (`isProactive`). `goneBecause`: it is not to be judged any more. */
  | { kind: 'change'; resource: EvaluatedResource; isProactive: boolean; goneBecause: string | undefined }
  /** A change whose item is too large for the event. */
  | { kind: 'oversized'; resource: EvaluatedResource; capturedAt: string; goneBecause: string | undefined }
  | { kind: 'scheduled' }
  /** AWS Config has put a configuration snapshot into a bucket. */
  | { kind: 'delivered'; bucket: string; key: string }

/** An event that can be evaluated. */
export interface RuleEvent {
  trigger: Trigger
  /** The account that owns the rule, and the Region that it is in. */
  account: string
  region: string
  partition: string
  configRuleName: string
  /** JSON text as it came, or nothing. */
  ruleParameters: unknown
  resultToken: string
  /** Nothing is to be stored of the result. */
  isTest: boolean
  /** ISO 8601 UTC: what evaluations are ordered by. From the event, so that a retry says the same. */
  orderedAt: string
}

/** The token by which test harnesses of custom rules say that nothing is to be stored. */
const testToken = 'TESTMODE'

function textAt(tree: JsonObject, key: string, path = key): string {
  const value = own(tree, key)
  if (typeof value === 'string' && value !== '') return value
  throw new BadEvent(path, value === undefined ? 'is missing' : 'write a text that is not empty')
}

function objectAt(tree: JsonObject, key: string, path: string): JsonObject {
  const value = own(tree, key)
  if (isObject(value)) return value
  throw new BadEvent(path, value === undefined ? 'is missing' : 'write a JSON object')
}

/** Reads an event as Lambda gives it. Throws {@link BadEvent}. */
export function readRuleEvent(event: unknown): RuleEvent {
  if (!isObject(event)) throw new BadEvent('event', 'is no event of an AWS Config rule: write a JSON object')
  const notification = notificationIn(event)
  const configRuleName = textAt(event, 'configRuleName')
  const resultToken = textAt(event, 'resultToken')
  const account = textAt(event, 'accountId')
  if (!isAccountId(account)) throw new BadEvent('accountId', `an account has twelve digits, not ${quote(account)}`)
  const { partition, region } = placeOfRule(textAt(event, 'configRuleArn'))
  const { trigger, orderedAt } = triggerOf(event, notification)
  return {
    trigger,
    account,
    region,
    partition,
    configRuleName,
    ruleParameters: own(event, 'ruleParameters'),
    resultToken,
    isTest: resultToken === testToken,
    orderedAt,
  }
}

function notificationIn(event: JsonObject): JsonObject {
  const parsed = parseJson(textAt(event, 'invokingEvent'))
  if (!('value' in parsed)) throw new BadEvent('invokingEvent', parsed.fault)
  if (!isObject(parsed.value)) throw new BadEvent('invokingEvent', 'write JSON text of an object')
  return parsed.value
}

/** Never from the environment: a function may serve other Regions and accounts than its own. */
function placeOfRule(arn: string): { partition: string; region: string } {
  const [prefix, partition = '', service, region = ''] = arn.split(':', 4)
  if (prefix === 'arn' && service === 'config' && isRegionCode(region) && /^aws[a-z-]*$/.test(partition))
    return { partition, region }
  throw new BadEvent('configRuleArn', `write the ARN of an AWS Config rule, not ${quote(arn)}`)
}

type Triggered = Pick<RuleEvent, 'trigger' | 'orderedAt'>

function triggerOf(event: JsonObject, notification: JsonObject): Triggered {
  const messageType = textAt(notification, 'messageType', 'invokingEvent.messageType')
  switch (messageType) {
    case 'ConfigurationItemChangeNotification':
      return changeOf(event, notification)
    case 'OversizedConfigurationItemChangeNotification':
      return oversizedOf(event, notification)
    case 'ScheduledNotification':
      return { trigger: { kind: 'scheduled' }, orderedAt: createdAt(notification) }
    case 'ConfigurationSnapshotDeliveryCompleted':
      return {
        trigger: {
          kind: 'delivered',
          bucket: textAt(notification, 's3Bucket', 'invokingEvent.s3Bucket'),
          key: textAt(notification, 's3ObjectKey', 'invokingEvent.s3ObjectKey'),
        },
        orderedAt: createdAt(notification),
      }
    default:
      throw new BadEvent('invokingEvent.messageType', `is ${quote(messageType)}, which no rule is invoked by`)
  }
}

function createdAt(notification: JsonObject): string {
  const path = 'invokingEvent.notificationCreationTime'
  return timeOf(textAt(notification, 'notificationCreationTime', path), path)
}

function timeOf(value: unknown, path: string): string {
  const time = instant(value)
  if (time === undefined) throw new BadEvent(path, 'write a time as 2026-01-31T12:00:00.000Z')
  return time
}

/** When the item was captured; samples in AWS's own documents leave it out, the time of the notification then stands for it. */
function capturedAt(item: JsonObject, notification: JsonObject, path: string): string {
  const stated = own(item, 'configurationItemCaptureTime') ?? own(notification, 'notificationCreationTime')
  if (stated === undefined || stated === null) throw new BadEvent(`${path}.configurationItemCaptureTime`, 'is missing')
  return timeOf(stated, `${path}.configurationItemCaptureTime`)
}

function resourceOf(item: JsonObject, path: string): EvaluatedResource {
  const type = textAt(item, 'resourceType', `${path}.resourceType`)
  const id = textAt(item, 'resourceId', `${path}.resourceId`)
  if (canBeEvaluated({ type, id })) return { type, id }
  throw new BadEvent(`${path}.resource${type.length > 256 ? 'Type' : 'Id'}`, 'is longer than AWS Config allows')
}

const gone = new Set(['ResourceDeleted', 'ResourceDeletedNotRecorded', 'ResourceNotRecorded'])

/** Why a resource is not to be judged any more; `undefined`: it is. */
function goneBecause(event: JsonObject, item: JsonObject): string | undefined {
  if (own(event, 'eventLeftScope') === true) return "the resource has left the rule's scope"
  const status = own(item, 'configurationItemStatus')
  if (typeof status !== 'string' || !gone.has(status)) return undefined
  return status === 'ResourceNotRecorded' ? 'AWS Config does not record the resource' : 'the resource was deleted'
}

function changeOf(event: JsonObject, notification: JsonObject): Triggered {
  const path = 'invokingEvent.configurationItem'
  const item = objectAt(notification, 'configurationItem', path)
  const isProactive = own(event, 'evaluationMode') === 'PROACTIVE'
  const resource = resourceOf(item, path)
  return {
    trigger: { kind: 'change', resource, isProactive, goneBecause: goneBecause(event, item) },
    orderedAt: capturedAt(item, notification, path),
  }
}

function oversizedOf(event: JsonObject, notification: JsonObject): Triggered {
  const path = 'invokingEvent.configurationItemSummary'
  const summary = objectAt(notification, 'configurationItemSummary', path)
  const resource = resourceOf(summary, path)
  const orderedAt = capturedAt(summary, notification, path)
  const trigger = {
    kind: 'oversized',
    resource,
    capturedAt: orderedAt,
    goneBecause: goneBecause(event, summary),
  } as const
  return { trigger, orderedAt }
}

/**
 * Events of AWS Config rules as a Lambda function receives them (`invokingEvent` is JSON text), and the notifications inside
 * them on their own: through SNS (`Message`), through EventBridge (`detail`), or as the file that AWS Config puts into S3 for
 * an oversized change. https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_example-events.html
 */
import type { GapRecord, ResourceRecord, SnapshotRecord } from '../model/record.ts'
import { tagsOf } from './configuration-item.ts'
import { type ItemCollector, itemCollector } from './items.ts'
import { isObject, type JsonObject, own, parseJson, quote } from './json.ts'
import { scanFile } from './scan-file.ts'
import { lostPart, type ScopeBook, type ScopeIdentity, scopeBook } from './scope.ts'
import type { InputFile, Reading, Sample, Source } from './source.ts'

const openBracket = 0x5b

type NamedInput = Pick<InputFile, 'name'>
type Teller = Pick<Reading, 'problem' | 'skip' | 'maxRecordBytes'>

/** What an event is about. `account` and `region` are the resource's, else the rule's. */
export type ConfigEvent =
  /** A change. In a proactive evaluation the item's configuration is CloudFormation's properties, not AWS Config's. */
  | { kind: 'item'; item: JsonObject; isProactive: boolean; leftScope: boolean }
  /** A change whose item is too large for the event; GetResourceConfigHistory has it. */
  | { kind: 'oversized'; type: string; id: string; capturedAt?: string; account?: string; region?: string }
  /** A schedule, or the delivery of a configuration snapshot: no item. */
  | { kind: 'noItem'; messageType: string; account?: string; region?: string }
  | { kind: 'wrong'; reason: string }

function text(tree: JsonObject, key: string): string | undefined {
  const value = own(tree, key)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The object that a member holds, itself or as JSON text. */
function objectOf(value: unknown): JsonObject | undefined {
  if (typeof value !== 'string') return isObject(value) ? value : undefined
  const parsed = parseJson(value)
  return 'value' in parsed && isObject(parsed.value) ? parsed.value : undefined
}

/** The notification inside an event; an SNS message may lie between. `undefined` where it is no JSON object. */
function notificationOf(event: JsonObject): JsonObject | undefined {
  if (Object.hasOwn(event, 'invokingEvent')) return objectOf(event.invokingEvent)
  if (Object.hasOwn(event, 'detail')) return objectOf(event.detail)
  if (Object.hasOwn(event, 'Message') && !Object.hasOwn(event, 'messageType')) return objectOf(event.Message)
  return event
}

/** Region of the rule's ARN. */
function regionOfRule(event: JsonObject): string | undefined {
  return text(event, 'configRuleArn')?.split(':', 4)[3] || undefined
}

/** Reads an event of an AWS Config rule, or a notification of AWS Config. Never throws. */
export function readConfigEvent(event: unknown): ConfigEvent {
  if (!isObject(event)) return { kind: 'wrong', reason: 'holds a value that is no event of an AWS Config rule' }
  const notification = notificationOf(event)
  if (!notification)
    return { kind: 'wrong', reason: 'holds an event whose notification (invokingEvent) is not valid JSON' }
  const item = own(notification, 'configurationItem')
  if (isObject(item)) {
    const isProactive = text(event, 'evaluationMode') === 'PROACTIVE'
    return { kind: 'item', item, isProactive, leftScope: own(event, 'eventLeftScope') === true }
  }
  const summary = own(notification, 'configurationItemSummary')
  if (isObject(summary)) return oversized(summary)
  const messageType = text(notification, 'messageType')
  if (!messageType || messageType.endsWith('ChangeNotification')) {
    return { kind: 'wrong', reason: 'holds an event without a configuration item' }
  }
  const account = text(notification, 'awsAccountId') ?? text(event, 'accountId')
  const region = regionOfRule(event)
  return { kind: 'noItem', messageType, ...(account ? { account } : {}), ...(region ? { region } : {}) }
}

function oversized(summary: JsonObject): ConfigEvent {
  const type = text(summary, 'resourceType')
  const id = text(summary, 'resourceId')
  if (!type || !id) return { kind: 'wrong', reason: 'holds an oversized change that does not name its resource' }
  const change: ConfigEvent = { kind: 'oversized', type, id }
  const capturedAt = text(summary, 'configurationItemCaptureTime')
  const account = text(summary, 'awsAccountId') ?? text(summary, 'accountId')
  const region = text(summary, 'awsRegion')
  if (capturedAt) change.capturedAt = capturedAt
  if (account) change.account = account
  if (region) change.region = region
  return change
}

/**
 * Turns the record of a proactive evaluation's item into one of CloudFormation's encoding. Tags of the stack may come on
 * top, so that no tags in the properties are not known rather than none.
 */
function asDeclared(record: ResourceRecord): void {
  record.encoding = 'cloudformation'
  delete record.supplementary
  delete record.unknown
  delete record.tags
  const tags = tagsOf(own(record.configuration, 'Tags'))
  if (tags) record.tags = tags
}

function addEvent(
  event: unknown,
  line: number,
  batch: SnapshotRecord[],
  to: { file: NamedInput; reading: Teller; book: ScopeBook; items: ItemCollector },
): void {
  const { file, reading, book, items } = to
  const read = readConfigEvent(event)
  switch (read.kind) {
    case 'wrong':
      reading.problem(file.name, read.reason, line)
      return
    case 'noItem': {
      book.enter(scopeOf(file, read.account, read.region), batch)
      const reason = `a ${quote(read.messageType)} event carries no configuration item`
      reading.skip({ file: file.name, reason, count: 1 })
      return
    }
    case 'oversized': {
      const scope = book.enter(scopeOf(file, read.account, read.region), batch)
      const remedy = `Read ${quote(read.type)} ${quote(read.id)} with GetResourceConfigHistory: its configuration item is too large for an event.`
      const gap: GapRecord = {
        ...lostPart(scope, 'oversized', file.name, line, remedy),
        types: [read.type],
        api: 'config:GetResourceConfigHistory',
      }
      if (read.account !== undefined) gap.account = read.account
      if (read.region !== undefined) gap.region = read.region
      batch.push(gap)
      return
    }
    case 'item': {
      if (read.leftScope) {
        const type = text(read.item, 'resourceType')
        const reason = "the resource has left the rule's scope (eventLeftScope)"
        reading.skip({ ...(type ? { type } : {}), file: file.name, reason, count: 1 })
        return
      }
      const before = batch.length
      items.add(read.item, line, batch)
      const record = batch.length > before ? batch[batch.length - 1] : undefined
      if (read.isProactive && record?.record === 'resource') asDeclared(record)
    }
  }
}

function scopeOf(file: NamedInput, account: string | undefined, region: string | undefined): ScopeIdentity {
  return { source: 'aws-config-event', account, region, file: file.name }
}

/** What one event holds. */
export interface EventRecords {
  records: SnapshotRecord[]
  /** What could not be read, and what is not judged, each the rest of a sentence. */
  problems: string[]
  skipped: string[]
}

/** The records of an event that somebody holds already; `name` is what their places call it. The event must not be used afterwards. */
export function recordsOfEvent(event: unknown, name: string): EventRecords {
  const found: EventRecords = { records: [], problems: [], skipped: [] }
  const file = { name }
  const reading: Teller = {
    maxRecordBytes: Number.POSITIVE_INFINITY,
    problem: (_file, message) => found.problems.push(message),
    skip: ({ reason }) => found.skipped.push(reason),
  }
  const book = scopeBook()
  const items = itemCollector(file, reading, { book, scopeOf: (account, region) => scopeOf(file, account, region) })
  addEvent(event, 1, found.records, { file, reading, book, items })
  items.end([], found.records)
  return found
}

function detect(sample: Sample): boolean {
  const at = sample.shape === 'array' ? '[]' : ''
  const has = (name: string) => sample.members.has(`${at}.${name}`)
  if (has('record')) return false
  if (has('invokingEvent') || has('configurationItem') || has('configurationItemSummary')) return true
  if (has('detail.configurationItem') || has('detail.configurationItemSummary')) return true
  if (has('messageType') && (has('recordVersion') || has('notificationCreationTime'))) return true
  return has('TopicArn') && has('Message') && /configurationItem|notificationCreationTime/.test(sample.text)
}

async function* read(files: readonly InputFile[], reading: Reading): AsyncGenerator<SnapshotRecord[]> {
  const book = scopeBook()
  for (const file of files) {
    const items = itemCollector(file, reading, {
      book,
      scopeOf: (account, region) => scopeOf(file, account, region),
    })
    yield* scanFile(file, reading, {
      sequence: true,
      begin: (path, firstByte) => (path === '' && firstByte === openBracket ? 'enter' : 'take'),
      value: (_path, value, line, batch) => addEvent(value, line, batch, { file, reading, book, items }),
      end: (losses, batch) => items.end(losses, batch),
    })
  }
}

/** Events of AWS Config rules. */
export const source: Source = {
  name: 'events of AWS Config rules',
  markers: [/"invokingEvent"/, /"configurationItem(?:Summary|Diff)?"/],
  detect,
  read,
}

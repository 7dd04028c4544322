/**
 * One normaliser for a configuration item of AWS Config, however it was come by. The same item is spelt in five ways:
 *
 * - A: in snapshot and history files (`ARN`, `awsAccountId`, `configuration` an object);
 * - B: in the `invokingEvent` of a Config rule, as A;
 * - C: by GetResourceConfigHistory (`arn`, `accountId`, `configuration` JSON text, supplementary values JSON text, sometimes twice encoded);
 * - D: by BatchGetResourceConfig, as C without tags and relationships;
 * - E: as a row of SelectResourceConfig (`configuration` an object, tags a list of `{ key, value, tag }`).
 *
 * https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationItem.html,
 * https://docs.aws.amazon.com/config/latest/APIReference/API_BaseConfigurationItem.html
 */
import type { Location, ResourceRecord } from '../model/record.ts'
import { isAccountId } from '../resources/identity.ts'
import { isObject, type JsonObject, own, parseJson, quote } from './json.ts'

/** What became of an item. The record still lacks its scope: that depends on its account and Region. */
export type ItemReading =
  | { kind: 'resource'; record: Omit<ResourceRecord, 'scope'> }
  /** The item says that nothing is known of the resource, or is of no use: listed, not judged. */
  | { kind: 'notEvaluated'; type?: string; reason: string }
  /** The item is current, but what it says of the resource is missing or unreadable. */
  | { kind: 'unreadable'; type: string; id: string; account?: string; region?: string; reason: string }
  /** No configuration item at all. The rest of a sentence. */
  | { kind: 'wrong'; reason: string }

/** Types and ids that an item may have; longer ones are no item of AWS Config's. */
const maxNameLength = 4096

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The form that almost all items use, which is also the one that is wanted. */
const plainInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/**
 * An instant as ISO 8601 UTC with milliseconds, from ISO 8601 text with a zone, epoch seconds or epoch milliseconds (below
 * 10^11: seconds); `undefined` for text without a zone, which would depend on where it is read, and for what is no instant.
 */
export function instant(value: unknown): string | undefined {
  if (typeof value === 'string' && plainInstant.test(value) && !Number.isNaN(Date.parse(value))) return value
  let time: number
  if (typeof value === 'number') time = Math.abs(value) < 1e11 ? value * 1000 : value
  else if (typeof value !== 'string') return undefined
  else if (/^\d{9,13}(\.\d{1,9})?$/.test(value)) return instant(Number(value))
  else if (/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/.test(value)) time = Date.parse(value)
  else return undefined
  // Beyond this, toISOString throws.
  return Number.isFinite(time) && Math.abs(time) <= 8.64e15 ? new Date(Math.round(time)).toISOString() : undefined
}

/** Sets a member whose name comes from the input: `__proto__` too becomes a plain member. */
function setMember<T>(tree: { [key: string]: T }, key: string, value: T): void {
  if (key === '__proto__')
    Object.defineProperty(tree, key, { value, enumerable: true, configurable: true, writable: true })
  else tree[key] = value
}

function tagValue(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return ''
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/**
 * Tags from an object, or from a list of `{ key, value }`, `{ Key, Value }`, `{ tagKey, tagValue }`; JSON text of either
 * too. `null`: there are none. `undefined`: not known, also where one of them cannot be read.
 */
export function tagsOf(value: unknown): Record<string, string> | null | undefined {
  const tree = typeof value === 'string' ? decoded(value) : value
  const tags: Record<string, string> = {}
  let count = 0
  if (Array.isArray(tree)) {
    for (const entry of tree) {
      if (!isObject(entry)) return undefined
      const key = own(entry, 'key') ?? own(entry, 'Key') ?? own(entry, 'tagKey') ?? own(entry, 'TagKey')
      const given = own(entry, 'value') ?? own(entry, 'Value') ?? own(entry, 'tagValue') ?? own(entry, 'TagValue')
      const tag = tagValue(given)
      if (typeof key !== 'string' || tag === undefined) return undefined
      setMember(tags, key, tag)
      count++
    }
  } else if (isObject(tree)) {
    for (const key of Object.keys(tree)) {
      const tag = tagValue(tree[key])
      if (tag === undefined) return undefined
      setMember(tags, key, tag)
      count++
    }
  } else return undefined
  return count === 0 ? null : tags
}

/** Tags that a service keeps in the supplementary configuration: `Tags` of RDS, DynamoDB and KMS, S3's tag sets. */
function supplementaryTags(supplementary: JsonObject | undefined): Record<string, string> | null | undefined {
  if (!supplementary) return undefined
  const listed = tagsOf(own(supplementary, 'Tags') ?? own(supplementary, 'tags'))
  if (listed) return listed
  const tagging = own(supplementary, 'BucketTaggingConfiguration')
  const sets = isObject(tagging) ? own(tagging, 'tagSets') : undefined
  const first: unknown = Array.isArray(sets) ? sets[0] : undefined
  return isObject(first) ? (tagsOf(own(first, 'tags')) ?? listed) : listed
}

/** JSON text decoded, twice where it holds JSON text of an object or a list; the text itself where it is none. */
function decoded(value: string): unknown {
  const outer = parseJson(value)
  if (!('value' in outer)) return value
  if (typeof outer.value !== 'string' || !/^\s*[[{]/.test(outer.value)) return outer.value
  const inner = parseJson(outer.value)
  return 'value' in inner ? inner.value : outer.value
}

/**
 * The supplementary configuration with its values decoded. In forms C and D every value is JSON text; in the others text is
 * text, unless it holds an object, a list, or `null`.
 */
function supplementaryOf(value: unknown, isApiForm: boolean): JsonObject | undefined {
  const tree = typeof value === 'string' ? decoded(value) : value
  if (!isObject(tree)) return undefined
  for (const key of Object.keys(tree)) {
    const entry = tree[key]
    if (typeof entry === 'string' && (isApiForm || /^\s*["[{]|^null$/.test(entry))) setMember(tree, key, decoded(entry))
  }
  return tree
}

/** Account and Region that an ARN states; a bucket's states neither. */
function placeOf(arn: string | undefined): { account?: string; region?: string } {
  if (!arn?.startsWith('arn:')) return {}
  const [, , , region, account] = arn.split(':', 5)
  const place: { account?: string; region?: string } = {}
  if (account && isAccountId(account)) place.account = account
  if (region) place.region = region
  return place
}

const notRecorded = 'AWS Config does not record this resource (ResourceNotRecorded)'

/**
 * Reads a configuration item in any of its forms. The item's own values are taken over, not copied: it must not be used
 * afterwards. Never throws.
 */
export function readConfigurationItem(item: unknown, location?: Location): ItemReading {
  if (!isObject(item)) return { kind: 'wrong', reason: 'holds a value that is no configuration item' }
  const type = text(own(item, 'resourceType'))
  const id = text(own(item, 'resourceId'))
  if (type === undefined || type.length > maxNameLength) {
    return { kind: 'wrong', reason: 'holds a configuration item without a resourceType' }
  }
  if (id === undefined || id.length > maxNameLength) {
    return { kind: 'wrong', reason: 'holds a configuration item without a resourceId' }
  }
  const status = own(item, 'configurationItemStatus')
  if (status === 'ResourceNotRecorded') return { kind: 'notEvaluated', type, reason: notRecorded }
  const deleted = status === 'ResourceDeleted' || status === 'ResourceDeletedNotRecorded'
  if (!deleted && status !== undefined && status !== null && status !== 'OK' && status !== 'ResourceDiscovered') {
    return { kind: 'notEvaluated', type, reason: `its configuration item has the unknown status ${quote(status)}` }
  }
  const arn = text(own(item, 'ARN')) ?? text(own(item, 'arn'))
  const account = text(own(item, 'awsAccountId')) ?? text(own(item, 'accountId')) ?? placeOf(arn).account
  const region = text(own(item, 'awsRegion')) ?? placeOf(arn).region

  const stated = own(item, 'configuration')
  const isApiForm = typeof stated === 'string'
  const configuration = isApiForm ? decoded(stated) : stated
  if (!isObject(configuration) && !deleted) {
    const reason =
      isApiForm && configuration === stated ? 'its configuration is not valid JSON' : 'it has no configuration'
    const unreadable: ItemReading = { kind: 'unreadable', type, id, reason }
    if (account !== undefined) unreadable.account = account
    if (region !== undefined) unreadable.region = region
    return unreadable
  }

  const record: Omit<ResourceRecord, 'scope'> = {
    record: 'resource',
    type,
    id,
    encoding: 'config',
    configuration: isObject(configuration) ? configuration : {},
  }
  if (arn !== undefined) record.arn = arn
  if (account !== undefined) record.account = account
  if (region !== undefined) record.region = region
  const name = text(own(item, 'resourceName'))
  if (name !== undefined) record.name = name

  const statedSupplementary = own(item, 'supplementaryConfiguration')
  const supplementary = statedSupplementary === null ? {} : supplementaryOf(statedSupplementary, isApiForm)
  if (supplementary) record.supplementary = supplementary
  // A query that did not select it says nothing about it: its absence must not be read as "none".
  else if (!deleted) record.unknown = ['supplementary']

  // Some items show no tags of their own though the service's do; only the item's own empty tags prove that there are none.
  const ownTags = tagsOf(own(item, 'tags'))
  const tags = ownTags ?? supplementaryTags(supplementary) ?? ownTags
  if (tags || ownTags === null) record.tags = tags ?? null

  if (deleted) record.deleted = true
  const seenAt = instant(own(item, 'configurationItemCaptureTime'))
  if (seenAt !== undefined) record.seenAt = seenAt
  const createdAt = instant(own(item, 'resourceCreationTime'))
  if (createdAt !== undefined) record.createdAt = createdAt
  if (location) record.location = location
  return { kind: 'resource', record }
}

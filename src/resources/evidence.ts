/**
 * Reads evidence out of an item in any of the four encodings, keeping apart what is absent (its encoding says what that
 * means) from what is not known: a property that is unknown until deployment, an unresolved CloudFormation function, a
 * value of the wrong kind. Pure; nothing here throws.
 */
import type { Encoding, ResourceRecord } from '../model/record.ts'
import { member, toBoolean, toDocument, toNumber, toText, toTime } from './property.ts'

/** A spot in an item's configuration: what stands there, and whether it is unknown until deployment. */
export interface Place {
  item: ResourceRecord
  /** `undefined` or `null` where the property is absent. */
  value: unknown
  /** Dotted, in the encoding's spelling, list positions included. */
  path: string
  /** True where the value cannot be known: then `value` means nothing. */
  unknown: boolean
}

/** The whole configuration of an item. */
export function configurationOf(item: ResourceRecord): Place {
  return { item, value: item.configuration, path: '', unknown: false }
}

/** A further API answer by name; `undefined` = not read, `null` = known to be none. */
export function supplementaryOf(item: ResourceRecord, name: string): unknown {
  return member(item.supplementary, name)
}

/** True for a template or plan, which says what shall be, not what is. */
export function isDeclared(item: ResourceRecord): boolean {
  return item.encoding === 'cloudformation' || item.encoding === 'terraform'
}

/** What an absent property means, by encoding; an encoding that is not listed: not known. */
export function absentMeans<T>(item: ResourceRecord, meanings: Partial<Record<Encoding, T>>): T | undefined {
  return meanings[item.encoding]
}

const snakes = new Map<string, string>()
/** `TargetBackupVault` → `target_backup_vault`. Called with names written in the sources only, so the cache is small. */
function snake(name: string): string {
  let found = snakes.get(name)
  if (found === undefined) {
    found = name
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
      .toLowerCase()
    snakes.set(name, found)
  }
  return found
}

/** Terraform's `awscc` provider spells CloudFormation's names in snake case; `aws` has names of its own. */
function spellings(item: ResourceRecord, names: readonly string[]): readonly string[] {
  return item.encoding === 'terraform' ? names.flatMap(name => [snake(name), name]) : names
}

/** Whatever the casing, as properties are found. */
function covers(marker: string, path: string): boolean {
  const [given, wanted] = [marker.toLowerCase(), path.toLowerCase()]
  return wanted === given || wanted.startsWith(`${given}.`) || given.startsWith(`${wanted}.`)
}

/** Marks a record of which no property is known but those that stand in it, each of them whole but for its own marks. */
export const nothingElse = '*'

/** Whether the property that a path leads into is one of the record's. */
function stands({ configuration }: ResourceRecord, path: string): boolean {
  const [first = ''] = path.split('.')
  return typeof configuration === 'object' && configuration !== null && Object.hasOwn(configuration, first)
}

function isUnknownPath(item: ResourceRecord, path: string): boolean {
  if (!item.unknown || item.unknown.length === 0) return false
  // Markers may leave out the position of a block that can occur once only.
  if (item.unknown.includes(nothingElse) && !stands(item, path)) return true
  const bare = path.replace(/\.\d+(?=\.|$)/g, '')
  return item.unknown.some(marker => covers(marker, path) || covers(marker, bare))
}

/** An unresolved CloudFormation function: an object of one member, `Ref` or `Fn::…`. */
function isFunction(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const keys = Object.keys(value)
  return keys.length === 1 && (keys[0] === 'Ref' || keys[0]!.startsWith('Fn::'))
}

const isNoValue = (value: Record<string, unknown>) => value.Ref === 'AWS::NoValue'

function step(place: Place, value: unknown, segment: string): Place {
  const { item } = place
  const path = place.path === '' ? segment : `${place.path}.${segment}`
  if (item.encoding === 'cloudformation' && isFunction(value))
    return isNoValue(value) ? { item, value: undefined, path, unknown: false } : { item, value, path, unknown: true }
  return { item, value, path, unknown: false }
}

/** Nothing there: an empty string too. */
export const isEmptyValue = (value: unknown): boolean => value === undefined || value === null || value === ''

/** Nothing there; in Terraform, which lists the blocks that are not given too, an empty list. */
function isEmpty({ value, item }: Place): boolean {
  if (isEmptyValue(value)) return true
  return item.encoding === 'terraform' && Array.isArray(value) && value.length === 0
}

/**
 * The first of several members that is present, whatever its casing; in Terraform in snake case too. A list on the way is
 * entered by its first element (Terraform's blocks are lists). What is empty counts as absent.
 */
export function at(place: Place, ...names: string[]): Place {
  if (place.unknown) return place
  let owner = place
  if (Array.isArray(place.value)) owner = step(place, place.value[0], '0')
  if (owner.unknown) return owner
  // Something stands here that has no members: what it says cannot be told, and is not «none».
  const misread = typeof owner.value !== 'object' && owner.value !== undefined && owner.value !== ''
  let unknown = misread
  let path = ''
  for (const name of spellings(place.item, names)) {
    const found = step(owner, member(owner.value, name), name)
    if (found.unknown || !isEmpty(found)) return found
    if (path === '') path = found.path
    if (!unknown && isUnknownPath(place.item, found.path)) unknown = true
  }
  return { item: place.item, value: undefined, path, unknown }
}

/** True where nothing stands here, for certain. */
export function isAbsent(place: Place): boolean {
  return !place.unknown && (place.value === undefined || place.value === null)
}

/** The elements of a list, and whether some of it is not known; `undefined` where there is no list. */
export function elements(place: Place): { places: Place[]; partial: boolean } | undefined {
  if (place.unknown || place.value === undefined || place.value === null) return undefined
  const values = Array.isArray(place.value) ? place.value : typeof place.value === 'object' ? [place.value] : undefined
  if (!values) return undefined
  const places: Place[] = []
  let partial = place.item.unknown?.includes(place.path) ?? false
  values.forEach((value, index) => {
    const element = step(place, value, String(index))
    if (value === null || element.unknown) partial = true
    if (!isAbsent(element)) places.push(element)
  })
  return { places, partial }
}

/** What an object of nothing but a `value` holds (AWS Config spells some settings so); else the value itself. */
export function unwrap(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const keys = Object.keys(value)
  return keys.length === 1 && keys[0] === 'value' ? (value as { value: unknown }).value : value
}

/** What stands here, converted; `absent` where nothing does; `undefined` where it is not known or not readable. */
export function valueOr<T, A>(place: Place, convert: (value: unknown) => T | undefined, absent: A): T | A | undefined {
  if (place.unknown) return undefined
  const value = unwrap(place.value)
  if (value === undefined || value === null) return absent
  return convert(value)
}

function isoOf(value: unknown): string | undefined {
  const time = toTime(value)
  // Beyond this a Date has no ISO form.
  return time === undefined || Math.abs(time) > 8.64e15 ? undefined : new Date(time).toISOString()
}

/** Text, or a number as text; else `undefined`. */
export const textOf = (value: unknown) => (typeof value === 'number' ? String(value) : toText(value))

/** Text; see {@link valueOr}. */
export const textOr = <A>(place: Place, absent: A): string | A | undefined => valueOr(place, textOf, absent)
/** A number; see {@link valueOr}. */
export const numberOr = <A>(place: Place, absent: A): number | A | undefined => valueOr(place, toNumber, absent)
/** A boolean; see {@link valueOr}. */
export const booleanOr = <A>(place: Place, absent: A): boolean | A | undefined => valueOr(place, toBoolean, absent)
/** An instant in epoch milliseconds; see {@link valueOr}. */
export const timeOr = <A>(place: Place, absent: A): number | A | undefined => valueOr(place, toTime, absent)
/** An instant as ISO 8601 UTC; see {@link valueOr}. */
export const isoOr = <A>(place: Place, absent: A): string | A | undefined => valueOr(place, isoOf, absent)
/** A JSON document, from an object or from text; see {@link valueOr}. */
export const documentOr = <A>(place: Place, absent: A): object | A | undefined => valueOr(place, toDocument, absent)

/** A list of texts, complete or not known: one element that cannot be read makes the whole list unknown. */
export function textsOr<A>(place: Place, absent: A): string[] | A | undefined {
  return allOr(place, element => textOr(element, undefined), absent)
}

/** A list of which every element is read, or nothing: one that cannot be read makes the whole list unknown. */
export function allOr<T, A>(place: Place, read: (element: Place) => T | undefined, absent: A): T[] | A | undefined {
  if (place.unknown) return undefined
  if (isAbsent(place)) return absent
  const list = elements(place)
  if (!list || list.partial) return undefined
  const all: T[] = []
  for (const element of list.places) {
    const value = read(element)
    if (value === undefined) return undefined
    all.push(value)
  }
  return all
}

/**
 * The id, name or ARN of another resource. Sources have resolved what refers to resources of the same template: a function that
 * was left in place hangs on the deployment and may name anything.
 */
export const referenceOr = <A>(place: Place, absent: A): string | A | undefined => textOr(place, absent)

/** A document of an API that answers with the document itself, its text, or an object whose member holds it. */
export function documentIn(value: unknown, name: string): object | null | undefined {
  if (value === null) return null
  const document = toDocument(value)
  const inner = member(document, name)
  return inner === undefined ? document : inner === null ? null : toDocument(inner)
}

/** A list that an API answers as it is or as a member of an object; `undefined` where there is none. */
export function listIn(value: unknown, name: string): unknown[] | undefined {
  const list = Array.isArray(value) ? value : member(value, name)
  return Array.isArray(list) ? list : undefined
}

/** Object without its `undefined` members: what is not known is absent. */
export function known<T extends object>(value: T): T {
  for (const key of Object.keys(value) as (keyof T)[]) if (value[key] === undefined) delete value[key]
  return value
}

/** The definition's shape of names for a type that all formats know. */
export function names(config: string, terraform: readonly string[], cloudformation: readonly string[] = [config]) {
  return { config: [config], cloudformation, terraform }
}

/** Applies a {@link StoreDefinition} to an item: the store's own facts, before the join. */
import type { Facts, FactValue } from '../model/facts.ts'
import type { Encoding, ResourceRecord } from '../model/record.ts'
import type { PropertySource, StoreDefinition } from './definition.ts'
import { at, configurationOf, nothingElse, type Place } from './evidence.ts'
import { property, toBoolean, toNumber, toText, toTime } from './property.ts'

/** What a store's own item tells. */
export interface StoreReading {
  /** Facts by group, as the data-store schema nests them. */
  own: Facts
  /** Instants (epoch ms) by fact path, which become ages once the scope's clock is known. `null` facts stand in `own`. */
  times: { [path: string]: number }
}

interface CompiledFact {
  path: string
  group: string | undefined
  leaf: string
  constant?: FactValue
  source?: PropertySource
  paths: readonly string[]
  absent: FactValue | undefined
}

const compiled = new WeakMap<StoreDefinition, Map<Encoding, CompiledFact[]>>()

function pathsOf(source: PropertySource, encoding: Encoding): readonly string[] {
  const found = encoding === 'api' ? (source.api ?? source.config) : source[encoding]
  return found === undefined ? [] : typeof found === 'string' ? [found] : found
}

function compile(definition: StoreDefinition, encoding: Encoding): CompiledFact[] {
  const facts: CompiledFact[] = []
  for (const [path, source] of Object.entries(definition.facts)) {
    const dot = path.indexOf('.')
    const fact: CompiledFact = {
      path,
      group: dot < 0 ? undefined : path.slice(0, dot),
      leaf: path.slice(dot + 1),
      paths: [],
      absent: undefined,
    }
    if (typeof source === 'object' && source !== null && !Array.isArray(source)) {
      fact.source = source as PropertySource
      fact.paths = pathsOf(source as PropertySource, encoding)
      fact.absent = (source as PropertySource).absent?.[encoding]
    } else fact.constant = source as FactValue
    facts.push(fact)
  }
  return facts
}

function convert(source: PropertySource, value: unknown, item: ResourceRecord): FactValue | undefined {
  switch (source.as) {
    case 'boolean':
      return toBoolean(value)
    case 'number':
    case 'time':
      return source.as === 'time' ? toTime(value) : toNumber(value)
    case 'string':
      return typeof value === 'number' ? String(value) : toText(value)
    case undefined:
      return value as FactValue
    default:
      return source.as(value, item)
  }
}

/** Whatever the casing, as properties are found. Without positions of lists: Terraform's blocks are lists of one, and markers name the position that paths leave out. */
const withoutPositions = (path: string) => path.replace(/\.\d+(?=\.|$)/g, '').toLowerCase()

/** True where a property at, above or below the path is not known until deployment. */
export function isUnknownUntilDeploy(item: ResourceRecord, path: string): boolean {
  if (!item.unknown || item.unknown.length === 0) return false
  if (item.unknown.includes(nothingElse)) return true
  const wanted = withoutPositions(path)
  return item.unknown.some(marker => {
    const unknown = withoutPositions(marker)
    return wanted === unknown || wanted.startsWith(`${unknown}.`) || unknown.startsWith(`${wanted}.`)
  })
}

/** The spot at a dotted path of a template: functions that are not resolved on the way make it unknown. */
export function placeAt(item: ResourceRecord, path: string): Place {
  return path.split('.').reduce((place, segment) => at(place, segment), configurationOf(item))
}

/** What stands at a path, and whether that is not known until deployment. Nothing is `undefined`, however it is written. */
function lookUp(item: ResourceRecord, path: string): { raw: unknown; unknown: boolean } {
  if (item.encoding === 'cloudformation' && !path.startsWith('supplementary.')) {
    const { value, unknown } = placeAt(item, path)
    return { raw: value ?? undefined, unknown }
  }
  const raw = property(item, path)
  // Terraform's state and some APIs write "" for a setting that is not there.
  return { raw: raw === null || raw === '' ? undefined : raw, unknown: isUnknownUntilDeploy(item, path) }
}

function factsOf(definition: StoreDefinition, encoding: Encoding): CompiledFact[] {
  let byEncoding = compiled.get(definition)
  if (!byEncoding) {
    byEncoding = new Map()
    compiled.set(definition, byEncoding)
  }
  let facts = byEncoding.get(encoding)
  if (!facts) {
    facts = compile(definition, encoding)
    byEncoding.set(encoding, facts)
  }
  return facts
}

function readSource(fact: CompiledFact, source: PropertySource, item: ResourceRecord): FactValue | undefined {
  let isUnknown = false
  for (const path of fact.paths) {
    const { raw, unknown } = lookUp(item, path)
    if (raw !== undefined) return convert(source, raw, item)
    if (unknown) isUnknown = true
  }
  return isUnknown ? undefined : fact.absent
}

/**
 * Instants alone, and for each of a definition whether it is told (`t`), known to be none (`0`) or not known (`?`); `undefined`
 * where one is something else. Times differ between stores that are set up alike.
 */
export function readTimes(
  definition: StoreDefinition,
  item: ResourceRecord,
): { times: StoreReading['times']; kinds: string } | undefined {
  const times: StoreReading['times'] = {}
  let kinds = ''
  for (const fact of factsOf(definition, item.encoding)) {
    if (fact.source?.as !== 'time') continue
    const value = readSource(fact, fact.source, item)
    if (typeof value === 'number') {
      times[fact.path] = value
      kinds += 't'
    } else if (value === null) kinds += '0'
    else if (value === undefined) kinds += '?'
    else return undefined
  }
  return { times, kinds }
}

/**
 * Reads a store's own facts. Never throws: what cannot be read is absent. `timed` is the item that times are read of, where
 * the rest is watched.
 */
export function readStore(definition: StoreDefinition, item: ResourceRecord, timed = item): StoreReading {
  const own: Facts = {}
  const times: { [path: string]: number } = {}
  for (const fact of factsOf(definition, item.encoding)) {
    const isTime = fact.source?.as === 'time'
    const value = fact.source ? readSource(fact, fact.source, isTime ? timed : item) : fact.constant
    if (value === undefined) continue
    if (isTime && typeof value === 'number') times[fact.path] = value
    else if (fact.group === undefined) own[fact.leaf] = value
    else {
      own[fact.group] ??= {}
      const group = own[fact.group] as Facts
      group[fact.leaf] = value
    }
  }
  definition.derive?.(own, item)
  return { own, times }
}

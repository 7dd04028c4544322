import type { FactValue } from '../model/facts.ts'

/** JSON Schema types that a fact may have. */
export type FactType = 'string' | 'number' | 'boolean' | 'null' | 'array' | 'object'

/**
 * What `schemas/facts/<subject>.schema.json` says of one fact path. Paths inside a list are written with brackets:
 * `copies[].ageHours` is a field of each element of `copies`.
 */
export interface FactEntry {
  types: FactType[]
  /** Fact group that a source must know for the fact to be known; empty for a mere grouping of facts. */
  group: string
  /** Assumptions of the policy that the fact depends on. */
  assumptions?: string[]
  /** The only values that the fact ever has. */
  values?: FactValue[]
  /** For a list: what its elements are. */
  elements?: 'objects' | 'scalars'
  /** For a map such as `tags`, whose keys are free: types of its values. */
  mapOf?: FactType[]
}

/** Facts of one subject by path. */
export interface FactPaths {
  [path: string]: FactEntry
}

/** Facts of every subject kind: what a rule may name. */
export interface FactIndex {
  [subject: string]: FactPaths
}

/** The part of JSON Schema that the facts schemas are written in. */
export interface FactSchema {
  type?: string | string[]
  enum?: FactValue[]
  factGroup?: string
  assumptions?: string[]
  properties?: { [name: string]: FactSchema }
  additionalProperties?: boolean | FactSchema
  items?: FactSchema
}

const typesOf = (schema: FactSchema): FactType[] => {
  const types = schema.type === undefined ? [] : Array.isArray(schema.type) ? schema.type : [schema.type]
  return types.map(type => (type === 'integer' ? 'number' : type) as FactType)
}

function entryOf(schema: FactSchema): FactEntry {
  const entry: FactEntry = { types: typesOf(schema), group: schema.factGroup ?? '' }
  if (schema.assumptions) entry.assumptions = schema.assumptions
  if (schema.enum) entry.values = schema.enum
  if (schema.items) entry.elements = schema.items.properties ? 'objects' : 'scalars'
  if (typeof schema.additionalProperties === 'object') entry.mapOf = typesOf(schema.additionalProperties)
  return entry
}

/** Below an object that may be `null` every fact may be. */
function addPaths(schema: FactSchema, prefix: string, nullable: boolean, paths: FactPaths): void {
  for (const [name, fact] of Object.entries(schema.properties ?? {})) {
    const path = prefix + name
    const entry = entryOf(fact)
    if (nullable && !entry.types.includes('null')) entry.types.push('null')
    paths[path] = entry
    addPaths(fact, `${path}.`, entry.types.includes('null'), paths)
    if (fact.items) addPaths(fact.items, `${path}[].`, false, paths)
  }
}

/** Reads the facts schemas, by subject kind, into the paths that rules may name. */
export function indexFacts(schemas: { [subject: string]: FactSchema }): FactIndex {
  const index: FactIndex = {}
  for (const [subject, schema] of Object.entries(schemas)) {
    const paths: FactPaths = {}
    addPaths(schema, '', false, paths)
    index[subject] = paths
  }
  return index
}

/**
 * What is known of a path of one subject, or `undefined` if there is no such fact. A key of a map (`tags.team`) is a
 * fact too: `null` where the map is known and has no such key.
 */
export function factAt(paths: FactPaths | undefined, path: string): FactEntry | undefined {
  if (!paths) return undefined
  if (Object.hasOwn(paths, path)) return paths[path]
  const map = mapPrefix(paths, path)
  if (map === undefined) return undefined
  const { mapOf = [], group } = paths[map] as FactEntry
  return { types: [...mapOf, 'null'], group }
}

/** The map that a path is a key of (`tags` for `tags.team`), or `undefined`. */
export function mapPrefix(paths: FactPaths, path: string): string | undefined {
  for (let dot = path.indexOf('.'); dot > 0 && dot < path.length - 1; dot = path.indexOf('.', dot + 1)) {
    const prefix = path.slice(0, dot)
    if (Object.hasOwn(paths, prefix) && paths[prefix]?.mapOf) return prefix
  }
  return undefined
}

/**
 * What is known of a path for a rule about several subject kinds: it must exist in each; its types are those that it
 * has in any of them.
 */
export function sharedFact(index: FactIndex, subjects: readonly string[], path: string): FactEntry | undefined {
  let shared: FactEntry | undefined
  for (const subject of subjects) {
    const entry = factAt(Object.hasOwn(index, subject) ? index[subject] : undefined, path)
    if (!entry) return undefined
    shared = shared ? merged(shared, entry) : entry
  }
  return shared
}

function merged(a: FactEntry, b: FactEntry): FactEntry {
  const entry: FactEntry = { ...a, types: [...new Set([...a.types, ...b.types])] }
  const assumptions = [...new Set([...(a.assumptions ?? []), ...(b.assumptions ?? [])])]
  if (assumptions.length > 0) entry.assumptions = assumptions
  if (a.values && b.values) entry.values = [...new Set([...a.values, ...b.values])]
  else delete entry.values
  return entry
}

/**
 * The `configuration` of a plan: what an expression that the plan could not evaluate says all the same. Of an expression the plan
 * tells a constant, or the references in it and no more (`aws_kms_key.orders.arn`, `var.key`, each followed by its prefixes).
 * https://developer.hashicorp.com/terraform/internals/json-format#expression-representation
 */
import { isObject, type JsonObject, own } from '../json.ts'
import { indexText, mostSpecific, type Step, stepsOf } from './references.ts'

/** What an expression comes down to. */
export type Meaning =
  /** Not written, or null: the provider's default. */
  | { kind: 'omitted' }
  | { kind: 'constant'; value: unknown }
  /** An attribute of one resource instance; attribute `''` where the plan does not tell which. */
  | { kind: 'reference'; address: string; attribute: string }
  /** That attribute, or what variables of known values say instead: `var.key == null ? aws_kms_key.orders.arn : var.key`. */
  | { kind: 'perhaps'; address: string; attribute: string }
  /** Attributes of several, and nothing else. */
  | { kind: 'references'; list: { address: string; attribute: string }[] }
  | { kind: 'unknown' }

/** Where an expression stands: the module instance, and the index of the resource instance or module in it. */
export interface Standpoint {
  module: readonly Step[]
  index?: string | number | undefined
}

/** The configuration of a plan, and the instances that the plan holds. */
export interface PlanConfiguration {
  /** Expressions of a resource, by the module it is in, its type and name. */
  expressions(module: readonly Step[], type: string, name: string): JsonObject | undefined
  /** `provider_config_key` of a resource. */
  providerKey(module: readonly Step[], type: string, name: string): string | undefined
  providers: JsonObject
  meaning(expression: unknown, at: Standpoint): Meaning
}

const unknown: Meaning = { kind: 'unknown' }
const omitted: Meaning = { kind: 'omitted' }

/** Modules nest, variables hand on variables: a hostile plan may do so for ever, or branch at every step. */
const maxSteps = 60
const maxExpressions = 500
const maxReferences = 200

function objectAt(tree: unknown, ...path: string[]): JsonObject | undefined {
  let value = tree
  for (const key of path) value = isObject(value) ? own(value, key) : undefined
  return isObject(value) ? value : undefined
}

function constant(value: unknown, path: readonly Step[]): Meaning {
  let current = value
  for (const { name, index } of path) {
    current = isObject(current) ? own(current, name) : undefined
    if (typeof index === 'number') current = Array.isArray(current) ? current[index] : undefined
    else if (index !== undefined) current = isObject(current) ? own(current, index) : undefined
  }
  return current === null || current === undefined ? omitted : { kind: 'constant', value: current }
}

/** Addresses of resources, modules and names that are no resources. */
const otherRoots = new Set(['var', 'local', 'each', 'count', 'self', 'path', 'terraform', 'data', 'module'])

/** Reads the configuration of a plan. `instances`: the instances of each resource by address without index. */
export function planConfiguration(
  plan: { configuration: unknown; variables: unknown },
  instances: ReadonlyMap<string, readonly (string | number | undefined)[]>,
): PlanConfiguration {
  const root = objectAt(plan.configuration, 'root_module')
  /** Expressions that were looked at for the one that is asked for. */
  let evaluated = 0
  const resources = new WeakMap<JsonObject, Map<string, JsonObject>>()

  function moduleAt(path: readonly Step[]): JsonObject | undefined {
    let module = root
    for (const { name } of path) module = objectAt(module, 'module_calls', name, 'module')
    return module
  }

  function resourceAt(path: readonly Step[], type: string, name: string): JsonObject | undefined {
    const module = moduleAt(path)
    if (!module) return undefined
    let byName = resources.get(module)
    if (!byName) {
      byName = new Map()
      resources.set(module, byName)
      const list = own(module, 'resources')
      for (const resource of Array.isArray(list) ? list : [])
        if (isObject(resource) && resource.mode !== 'data')
          byName.set(`${String(own(resource, 'type'))}.${String(own(resource, 'name'))}`, resource)
    }
    return byName.get(`${type}.${name}`)
  }

  function variable(at: Standpoint, name: string, rest: readonly Step[], steps: number): Meaning {
    const last = at.module.at(-1)
    const declared = objectAt(moduleAt(at.module), 'variables', name)
    const byDefault = () => constant(declared && own(declared, 'default'), rest)
    if (!last) {
      const given = objectAt(plan.variables, name)
      return given && Object.hasOwn(given, 'value') ? constant(given.value, rest) : byDefault()
    }
    const above = at.module.slice(0, -1)
    const given = objectAt(moduleAt(above), 'module_calls', last.name, 'expressions')
    const expression = given && own(given, name)
    if (expression === undefined) return byDefault()
    return into(resolve(expression, { module: above, index: last.index }, steps + 1), rest)
  }

  /** A deeper part of what an expression means. */
  function into(meaning: Meaning, rest: readonly Step[]): Meaning {
    if (rest.length === 0) return meaning
    if (meaning.kind === 'constant') return constant(meaning.value, rest)
    const [first] = rest
    if (meaning.kind === 'reference' && meaning.attribute === '' && rest.length === 1 && first!.index === undefined)
      return { ...meaning, attribute: first!.name }
    return meaning.kind === 'omitted' ? meaning : unknown
  }

  function output(at: Standpoint, [, call, ...path]: readonly Step[], steps: number): Meaning {
    const [out, ...rest] = path
    if (!call || !out) return unknown
    const called = objectAt(moduleAt(at.module), 'module_calls', call.name)
    if (!called) return unknown
    const isRepeated = Object.hasOwn(called, 'for_each_expression') || Object.hasOwn(called, 'count_expression')
    if (isRepeated && call.index === undefined) return unknown
    const expression = objectAt(called, 'module', 'outputs', out.name, 'expression')
    if (!expression || out.index !== undefined) return unknown
    return into(resolve(expression, { module: [...at.module, call] }, steps + 1), rest)
  }

  function instanceOf(at: Standpoint, steps: readonly Step[], usesIndex: boolean): Meaning {
    const [type, resource, ...path] = steps
    if (!resource) return unknown
    const base = `${moduleText(at.module)}${type!.name}.${resource.name}`
    const indexes = instances.get(base) ?? []
    const index = resource.index ?? (usesIndex && indexes.includes(at.index) ? at.index : undefined)
    const chosen =
      index !== undefined || indexes.includes(undefined) ? index : indexes.length === 1 ? indexes[0] : undefined
    if (!indexes.includes(chosen)) return unknown
    const attribute = path.map(({ name, index: at }) => (at === undefined ? name : `${name}.${at}`)).join('.')
    return { kind: 'reference', address: `${base}${indexText(chosen)}`, attribute }
  }

  function one(reference: string, at: Standpoint, usesIndex: boolean, steps: number): Meaning {
    const path = stepsOf(reference)
    if (!path) return unknown
    const [first, second, ...rest] = path
    if (first!.name === 'var' && second) {
      return second.index === undefined ? variable(at, second.name, rest, steps) : unknown
    }
    if (first!.name === 'module') return output(at, path, steps)
    return otherRoots.has(first!.name) ? unknown : instanceOf(at, path, usesIndex)
  }

  function resolve(expression: unknown, at: Standpoint, steps: number): Meaning {
    if (expression === undefined) return omitted
    if (steps > maxSteps || ++evaluated > maxExpressions || !isObject(expression)) return unknown
    if (Object.hasOwn(expression, 'constant_value')) return constant(expression.constant_value, [])
    const listed = own(expression, 'references')
    if (!Array.isArray(listed) || listed.length === 0 || listed.length > maxReferences) return unknown
    const specific = mostSpecific(listed.filter(reference => typeof reference === 'string'))
    const names = specific.filter(reference => reference !== 'each.key' && reference !== 'count.index')
    const usesIndex = names.length < specific.length
    const meanings = names.map(reference => one(reference, at, usesIndex, steps))
    if (meanings.length === 1) return meanings[0]!
    return together(meanings)
  }

  return {
    expressions: (module, type, name) => objectAt(resourceAt(module, type, name), 'expressions'),
    providerKey(module, type, name) {
      const resource = resourceAt(module, type, name)
      const key = resource && own(resource, 'provider_config_key')
      return typeof key === 'string' ? key : undefined
    },
    providers: objectAt(plan.configuration, 'provider_config') ?? {},
    meaning(expression, at) {
      evaluated = 0
      return resolve(expression, at, 0)
    },
  }
}

/** Several references in one expression, of which the plan does not tell how it makes one value out of them. */
function together(meanings: readonly Meaning[]): Meaning {
  if (meanings.length === 0 || meanings.some(meaning => meaning.kind === 'unknown')) return unknown
  if (meanings.every(meaning => meaning.kind === 'omitted')) return omitted
  const list = meanings.flatMap(meaning =>
    meaning.kind === 'reference' ? [meaning] : meaning.kind === 'references' ? meaning.list : [],
  )
  if (list.length === 1) return { ...list[0]!, kind: 'perhaps' }
  const isPlain = meanings.every(meaning => meaning.kind === 'reference' || meaning.kind === 'references')
  const plain = list.map(({ address, attribute }) => ({ address, attribute }))
  return isPlain ? { kind: 'references', list: plain } : unknown
}

/** `module.a["x"].module.b.` */
export function moduleText(module: readonly Step[]): string {
  return module.map(({ name, index }) => `module.${name}${indexText(index)}.`).join('')
}

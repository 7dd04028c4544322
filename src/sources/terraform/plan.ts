/**
 * Plans: the answer of `terraform show -json PLANFILE`, of which `resource_changes` says what there will be, `configuration` what
 * that hangs on, and `planned_values` the same as the first where a plan was cut down to it.
 * https://developer.hashicorp.com/terraform/internals/json-format
 */
import type { Location } from '../../model/record.ts'
import { isObject, type JsonObject, own } from '../json.ts'
import { companionRulesOf, isKnownType, nameProperty } from './definitions.ts'
import { moduleText, planConfiguration } from './plan-configuration.ts'
import { type GivenPlace, moduleSteps, planProviders } from './plan-place.ts'
import { readValues } from './plan-unknown.ts'
import { indexText, type Step } from './references.ts'
import type { TerraformProvider, TerraformResource } from './resource.ts'

/** One entry of `resource_changes`, or a resource of `planned_values`, with where it stands. */
export interface PlanEntry {
  json: JsonObject
  location: Location
  positions: Record<string, number>
}

/** The parts of a plan that matter here. */
export interface PlanParts {
  changes: readonly PlanEntry[]
  /** Resources of `planned_values`. */
  planned: readonly PlanEntry[]
  configuration: unknown
  variables: unknown
}

/** An instance that will exist. */
interface Planned {
  entry: PlanEntry
  address: string
  type: string
  name: string
  module: Step[]
  index: string | number | undefined
  after: JsonObject
  afterUnknown: unknown
}

const text = (tree: JsonObject, key: string): string | undefined => {
  const value = own(tree, key)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The instance is there after the plan was applied: neither destroyed, nor forgotten, nor a leftover of a replacement. */
function stays(json: JsonObject, change: JsonObject): boolean {
  if (own(json, 'mode') === 'data' || own(json, 'deposed') !== undefined) return false
  const actions = own(change, 'actions')
  const list = Array.isArray(actions) ? actions : []
  return list.length === 0 || !list.every(action => action === 'delete' || action === 'forget')
}

function indexOf(json: JsonObject): string | number | undefined {
  const index = own(json, 'index')
  return typeof index === 'string' || typeof index === 'number' ? index : undefined
}

function planned(entry: PlanEntry, after: unknown, afterUnknown: unknown): Planned | undefined {
  const { json } = entry
  const [address, type, name] = [text(json, 'address'), text(json, 'type'), text(json, 'name')]
  if (address === undefined || type === undefined || name === undefined || !isObject(after)) return undefined
  const index = indexOf(json)
  const module = moduleSteps(own(json, 'module_address') ?? moduleOf(address, type, name, index))
  return { entry, address, type, name, module, index, after, afterUnknown }
}

/** `planned_values` names no module: it is what comes before the type. */
function moduleOf(address: string, type: string, name: string, index: string | number | undefined): string {
  const tail = `${type}.${name}${indexText(index)}`
  return address.endsWith(tail) ? address.slice(0, -tail.length).replace(/\.$/, '') : ''
}

/** What will exist, `resource_changes` before `planned_values`, and how many entries could not be read. */
function instancesOf({ changes, planned: values }: PlanParts): { instances: Planned[]; unreadable: PlanEntry[] } {
  const instances: Planned[] = []
  const unreadable: PlanEntry[] = []
  const told = new Set<string>()
  for (const entry of changes) {
    const change = own(entry.json, 'change')
    const address = text(entry.json, 'address')
    if (address !== undefined && own(entry.json, 'deposed') === undefined) told.add(address)
    if (!isObject(change)) {
      unreadable.push(entry)
      continue
    }
    if (!stays(entry.json, change)) continue
    const found = planned(entry, own(change, 'after'), own(change, 'after_unknown'))
    if (found) instances.push(found)
    else unreadable.push(entry)
  }
  for (const entry of values) {
    const address = text(entry.json, 'address')
    if (own(entry.json, 'mode') === 'data' || (address !== undefined && told.has(address))) continue
    const found = planned(entry, own(entry.json, 'values'), undefined)
    if (found) instances.push(found)
    else unreadable.push(entry)
  }
  return { instances, unreadable }
}

/** The resources that a plan leads to. */
export function planResources(
  parts: PlanParts,
  scope: string,
  given: GivenPlace,
): {
  resources: TerraformResource[]
  removed: TerraformResource[]
  unreadable: PlanEntry[]
  home: TerraformProvider
} {
  const { instances, unreadable } = instancesOf(parts)
  const indexes = new Map<string, (string | number | undefined)[]>()
  for (const { module, type, name, index } of instances) {
    const base = `${moduleText(module)}${type}.${name}`
    const list = indexes.get(base)
    if (list) list.push(index)
    else indexes.set(base, [index])
  }
  const configuration = planConfiguration(parts, indexes)
  const provider = planProviders(scope, configuration, given)
  const resources = instances.map((instance): TerraformResource => {
    const { entry, address, type, name, module, index, after } = instance
    const expressions = configuration.expressions(module, type, name)
    const key = configuration.providerKey(module, type, name)
    const joins = new Set(['plan_id', 'iam_role_arn', ...(companionRulesOf(type) ?? []).map(rule => rule.by)])
    const read = isKnownType(type)
      ? readValues(
          {
            type,
            after,
            afterUnknown: instance.afterUnknown ?? missing(after, expressions),
            expressions,
            at: { module, index },
            nameProperty: nameProperty(type),
            joins,
          },
          configuration,
        )
      : { values: {}, unknown: [] }
    return {
      address,
      type,
      provider: provider(key ?? providerName(entry.json)),
      ...read,
      location: entry.location,
      positions: entry.positions,
    }
  })
  return { resources, removed: removedCompanions(parts.changes), unreadable, home: provider('aws') }
}

/** Without `after_unknown`: what the configuration states and the values lack. */
function missing(after: JsonObject, expressions: JsonObject | undefined): JsonObject {
  const open = Object.keys(expressions ?? {}).filter(key => own(after, key) === undefined || own(after, key) === null)
  return Object.fromEntries(open.map(key => [key, true]))
}

/** Companions that the plan takes away, as they were. */
function removedCompanions(changes: readonly PlanEntry[]): TerraformResource[] {
  return changes.flatMap(({ json, location }): TerraformResource[] => {
    const change = own(json, 'change')
    const [address, type] = [text(json, 'address'), text(json, 'type')]
    if (!isObject(change) || address === undefined || type === undefined || !companionRulesOf(type)) return []
    const before = own(change, 'before')
    const isGone = own(json, 'mode') !== 'data' && !stays(json, change)
    return isGone && isObject(before)
      ? [{ address, type, values: before, unknown: [], provider: { key: '' }, location }]
      : []
  })
}

/** `registry.terraform.io/hashicorp/aws` → `aws`. */
function providerName(json: JsonObject): string | undefined {
  return text(json, 'provider_name')?.split('/').at(-1)
}

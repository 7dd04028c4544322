/**
 * Reads what a plan leaves open. `after_unknown` marks both what the author left out, so that the provider will compute a default,
 * and what hangs on something that does not exist yet; the configuration tells which.
 */
import { isObject, type JsonObject, own } from '../json.ts'
import type { Meaning, PlanConfiguration, Standpoint } from './plan-configuration.ts'
import { referenceTo } from './resource.ts'

/** A planned instance as far as it concerns its values. */
export interface PlannedValues {
  type: string
  after: JsonObject
  /** `after_unknown`: mirrors `after`, `true` where something is not known. */
  afterUnknown: unknown
  /** Expressions of its configuration; absent where the plan holds none of it. */
  expressions: JsonObject | undefined
  at: Standpoint
  /** The property in which the author chooses the name. */
  nameProperty: string | undefined
  /** Properties that are required, and whose value is another resource's id: those that join a companion to its owner. */
  joins: ReadonlySet<string>
}

/**
 * Blocks that the provider never fills in by itself: where one of them is not known, a `dynamic` block stands in the
 * configuration, which a plan does not show.
 */
const authored = new Set([
  'advanced_backup_setting',
  'backup_policy',
  'copy_action',
  'destination',
  'lifecycle',
  'policy_details',
  'protected_resource_conditions',
  'recovery_point_selection',
  'replica',
  'rule',
  'schedule',
  'selection_tag',
  'versioning_configuration',
])

/** Properties whose value is a list of ids or ARNs. */
const isList = (name: string) => /^(?:not_)?resources$|_arns$|_ids$|_vaults$/.test(name)
const wantsArn = (name: string) => /arns?$|resources$|_vaults$/.test(name)

/** Longest list of marks that is followed; a hostile plan's may be longer, and then all of the resource is unknown. */
const maxMarks = 5_000

/** The paths that a mask marks. */
function marksOf(mask: unknown): string[][] | undefined {
  const marks: string[][] = []
  const walk = (value: unknown, path: string[]): void => {
    if (marks.length > maxMarks) return
    if (value === true) marks.push(path)
    else if (Array.isArray(value))
      for (const [index, element] of value.entries()) walk(element, [...path, String(index)])
    else if (isObject(value)) for (const key of Object.keys(value)) walk(value[key], [...path, key])
  }
  walk(mask, [])
  return marks.length > maxMarks ? undefined : marks
}

/** Each block is held against each of the configuration: of so many no resource has more. */
const maxBlocks = 200

const isExpression = (node: JsonObject) => Object.hasOwn(node, 'constant_value') || Object.hasOwn(node, 'references')

/** Where a path leads in the expressions of a resource. */
type Found = { expression: unknown; rest: readonly string[] } | 'omitted' | 'unknown'

const isNothing = (value: unknown) => Array.isArray(value) && value.length === 0

/** Whether a planned block can be what a block of the configuration says: a set of blocks is planned in another order. */
function canBe(planned: unknown, block: unknown): boolean {
  if (!isObject(planned) || !isObject(block)) return false
  return Object.keys(block).every(key => {
    const expression = block[key]
    // A block that is written is planned.
    if (Array.isArray(expression) && expression.length > 0 && isNothing(own(planned, key))) return false
    if (!isObject(expression) || !Object.hasOwn(expression, 'constant_value')) return true
    const wanted = expression.constant_value
    const value = own(planned, key)
    if (value === undefined || value === null || typeof value === 'object' || typeof wanted === 'object') return true
    return String(value) === String(wanted)
  })
}

/** What {@link candidatesOf} found, by blocks of the configuration and of the plan: every open path of a block asks for it. */
const kept = new WeakMap<readonly unknown[], WeakMap<readonly unknown[], unknown[][]>>()

/**
 * Which blocks of the configuration each planned one may be. As many are planned as the configuration shows, so that each is one of
 * them: what is taken by others is left to none, and blocks that are planned alike may share theirs out in any order.
 */
function candidatesOf(blocks: readonly unknown[], node: readonly unknown[]): unknown[][] {
  const ofNode = kept.get(node) ?? new WeakMap<readonly unknown[], unknown[][]>()
  kept.set(node, ofNode)
  let found = ofNode.get(blocks)
  if (!found) ofNode.set(blocks, (found = matched(blocks, node)))
  return found
}

function matched(blocks: readonly unknown[], node: readonly unknown[]): unknown[][] {
  const alike = new Map<string, { members: number[]; candidates: unknown[] }>()
  for (const [index, block] of blocks.entries()) {
    const key = JSON.stringify(block)
    const group = alike.get(key)
    if (group) group.members.push(index)
    else alike.set(key, { members: [index], candidates: node.filter(other => canBe(block, other)) })
  }
  const groups = [...alike.values()]
  const settled = new Set<(typeof groups)[number]>()
  for (;;) {
    const next = groups.find(group => !settled.has(group) && group.candidates.length === group.members.length)
    if (!next) break
    settled.add(next)
    for (const group of groups)
      if (group !== next) group.candidates = group.candidates.filter(other => !next.candidates.includes(other))
  }
  const candidates: unknown[][] = []
  for (const group of groups)
    group.members.forEach((index, nth) => {
      candidates[index] = settled.has(group) ? [group.candidates[nth]] : group.candidates
    })
  return candidates
}

function same(found: readonly Found[]): Found {
  const [first] = found
  return found.length > 0 && found.every(other => JSON.stringify(other) === JSON.stringify(first)) ? first! : 'unknown'
}

function expressionAt(node: unknown, planned: unknown, path: readonly string[]): Found {
  const [name, ...rest] = path
  if (Array.isArray(node)) {
    if (name === undefined) return 'unknown'
    const blocks = Array.isArray(planned) ? planned : []
    // Elements that no block of the configuration accounts for come out of a `dynamic` one.
    if (blocks.length !== node.length || node.length > maxBlocks) return 'unknown'
    const candidates = candidatesOf(blocks, node)[Number(name)] ?? []
    return same(candidates.map(other => expressionAt(other, blocks[Number(name)], rest)))
  }
  if (!isObject(node)) return 'unknown'
  if (isExpression(node) || name === undefined) return { expression: node, rest: path }
  if (!Object.hasOwn(node, name)) return rest.length > 0 || authored.has(name) ? 'unknown' : 'omitted'
  const below = isObject(planned) ? own(planned, name) : Array.isArray(planned) ? planned[Number(name)] : undefined
  const next = node[name]
  // `{}`: an expression without references that is no constant either, such as a call of a function.
  if (isObject(next) && Object.keys(next).length === 0) return { expression: next, rest }
  return expressionAt(next, below, rest)
}

/** A deep copy of plain JSON. */
function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, copy(member)]))
}

/** Puts a value at a path of a tree that is ours; `false` where nothing can stand there. */
function put(tree: JsonObject, path: readonly string[], value: unknown): boolean {
  let node: unknown = tree
  for (const key of path.slice(0, -1)) node = isObject(node) || Array.isArray(node) ? member(node, key) : undefined
  const last = path.at(-1)!
  if (Array.isArray(node) && /^\d+$/.test(last) && Number(last) < node.length) node[Number(last)] = value
  else if (isObject(node) && last !== '__proto__') node[last] = value
  else return false
  return true
}

function member(node: JsonObject | unknown[], key: string): unknown {
  return Array.isArray(node) ? node[Number(key)] : own(node, key)
}

function token(name: string, { address, attribute }: { address: string; attribute: string }): string {
  return referenceTo(address, attribute === '' ? (wantsArn(name) ? 'arn' : 'id') : attribute)
}

/** The elements of a list that are references, where there are as many of the one as of the other. */
function listed(name: string, meaning: Meaning, marks: number | undefined): string[] | undefined {
  const list = meaning.kind === 'references' ? meaning.list : meaning.kind === 'reference' ? [meaning] : undefined
  if (!list || list.some(({ attribute }) => attribute === '')) return undefined
  return marks === undefined || marks === list.length ? list.map(one => token(name, one)) : undefined
}

/** Values as far as they are known, references in the place of what will be known, and the paths of the rest. */
export function readValues(
  planned: PlannedValues,
  configuration: PlanConfiguration,
): { values: JsonObject; unknown: string[] } {
  const values = copy(planned.after) as JsonObject
  const marks = marksOf(planned.afterUnknown)
  if (!marks) return { values: {}, unknown: Object.keys(planned.after) }
  const unknown: string[] = []
  const { expressions, at, nameProperty, joins } = planned

  /** References that fill the open elements of a list, in their order. */
  const fills = new Map<string, string[] | undefined>()
  function fillOf(list: readonly string[], meaning: Meaning): string[] | undefined {
    const key = list.join('.')
    if (!fills.has(key)) {
      const open = marks!.filter(mark => mark.length === list.length + 1 && list.every((name, i) => mark[i] === name))
      fills.set(key, listed(list.at(-1)!, meaning, open.length))
    }
    return fills.get(key)
  }

  /** What to put at a path; `undefined`: it is not known; `null`: nothing, the author left it out. */
  function valueFor(path: readonly string[], found: Exclude<Found, string>): unknown {
    const name = path.filter(segment => !/^\d+$/.test(segment)).at(-1) ?? ''
    const meaning = configuration.meaning(found.expression, at)
    if (found.rest.length === 1 && /^\d+$/.test(found.rest[0]!)) return fillOf(path.slice(0, -1), meaning)?.shift()
    if (found.rest.length > 0) return undefined
    switch (meaning.kind) {
      case 'omitted':
        return null
      case 'constant':
        return typeof meaning.value === 'object' ? undefined : meaning.value
      case 'perhaps':
        return joins.has(name) && path.length === 1 ? token(name, meaning) : undefined
      case 'reference':
        // A name may be made out of another's (`"${aws_s3_bucket.a.id}-logs"`): it is not the same name.
        if (name === nameProperty && path.length === 1) return undefined
        return isList(name) ? listed(name, meaning, undefined) : token(name, meaning)
      case 'references':
        return isList(name) ? listed(name, meaning, undefined) : undefined
      case 'unknown':
        return undefined
    }
  }

  function settle(path: readonly string[]): unknown {
    // The provider merges them: no expression tells them.
    if (path[0] === 'tags_all') return path.length === 1 ? null : undefined
    if (!expressions) return undefined
    const found = expressionAt(expressions, planned.after, path)
    return found === 'omitted' ? null : found === 'unknown' ? undefined : valueFor(path, found)
  }

  for (const path of marks) {
    const value = path.length === 0 ? undefined : settle(path)
    if (value === undefined || (value !== null && !put(values, path, value))) {
      if (path.length === 0) unknown.push(...Object.keys(planned.after))
      else unknown.push(path.join('.'))
    }
  }
  return { values, unknown }
}

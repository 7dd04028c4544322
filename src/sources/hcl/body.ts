/** What a block's body comes down to: plain values, blocks as lists, and the paths of what is not known. */
import { isObject, type JsonObject } from '../json.ts'
import { type Environment, evaluate, withBindings } from './evaluate.ts'
import type { Attribute, Block, Body, Expression } from './syntax.ts'
import { Handle, Instances, inOrder, isList, isScalar, isTree, Unknown, type Value } from './value.ts'

/** The values of a body. */
export interface BodyValues {
  values: JsonObject
  /** Dotted paths, list positions included. */
  unknown: string[]
}

/** Values on the way, and which paths hold names: texts that may hold placeholders for what is not known. */
interface Evaluated extends BodyValues {
  isName(path: string): boolean
}

/** What Terraform itself reads of a resource's outermost level. */
const metaArguments = new Set(['count', 'for_each', 'provider', 'depends_on', 'lifecycle', 'provisioner', 'connection'])

/** A member may be called anything, `__proto__` too. */
function setOwn(target: JsonObject, name: string, value: unknown): void {
  if (name !== '__proto__') target[name] = value
  else Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
}

const pathTo = (path: string, name: string | number) => (path === '' ? String(name) : `${path}.${name}`)

/** A value as plain JavaScript; what is not known is left out and its path noted. Nulls in lists keep the positions. */
function plain(value: Value, path: string, into: Evaluated, environment: Environment): unknown {
  environment.evaluation.budget.spend(1)
  if (value instanceof Unknown || value instanceof Handle || value instanceof Instances) {
    if (value instanceof Unknown && value.text !== undefined && into.isName(path)) return value.text
    into.unknown.push(path)
    return undefined
  }
  if (isScalar(value)) return value
  if (isList(value)) return value.map((item, index) => plain(item, pathTo(path, index), into, environment) ?? null)
  if (!isTree(value)) return undefined
  const object: JsonObject = {}
  for (const [key, item] of value) {
    const member = plain(item, pathTo(path, key), into, environment)
    if (member !== undefined && member !== null) setOwn(object, key, member)
  }
  return object
}

/** The blocks that a `dynamic` block stands for, each with its environment; `undefined` where they are not known. */
function generated(block: Block, environment: Environment): { body: Body; environment: Environment }[] | undefined {
  const attribute = (name: string) => block.body.attributes.find(one => one.name === name)?.value
  const content = block.body.blocks.find(inner => inner.type === 'content')
  const over = attribute('for_each')
  if (!content || !over) return undefined
  const iterator = attribute('iterator')
  const name = iteratorName(iterator) ?? block.labels[0]!
  const collection = evaluate(over, environment)
  const entries: readonly (readonly [Value, Value])[] | undefined = isList(collection)
    ? collection.map((item, index) => [index, item] as const)
    : isTree(collection)
      ? inOrder(collection)
      : undefined
  return entries?.map(([key, value]) => ({
    body: content.body,
    environment: withBindings(environment, [
      [
        name,
        new Map<string, Value>([
          ['key', key],
          ['value', value],
        ]),
      ],
    ]),
  }))
}

function iteratorName(iterator: Expression | undefined): string | undefined {
  if (iterator?.kind === 'root') return iterator.name
  return iterator?.kind === 'literal' && typeof iterator.value === 'string' ? iterator.value : undefined
}

function addBlocks(body: Body, path: string, environment: Environment, into: Evaluated): void {
  const byType = new Map<string, { body: Body; environment: Environment }[] | undefined>()
  for (const block of body.blocks) {
    const type = block.type === 'dynamic' ? (block.labels[0] ?? 'dynamic') : block.type
    if (path === '' && metaArguments.has(type)) continue
    const before = byType.has(type) ? byType.get(type) : []
    const more = block.type === 'dynamic' ? generated(block, environment) : [{ body: block.body, environment }]
    // One that is not known leaves open how many there are.
    byType.set(type, before && more && [...before, ...more])
  }
  for (const [type, blocks] of byType) {
    const at = pathTo(path, type)
    if (!blocks) into.unknown.push(at)
    else if (blocks.length > 0) {
      const list = blocks.map((block, index) => {
        environment.evaluation.budget.spend(1)
        const inner: Evaluated = { ...into, values: {} }
        addBody(block.body, pathTo(at, index), block.environment, inner)
        return inner.values
      })
      setOwn(into.values, type, list)
    }
  }
}

function addBody(body: Body, path: string, environment: Environment, into: Evaluated): void {
  for (const attribute of body.attributes) {
    if (path === '' && metaArguments.has(attribute.name)) continue
    const value = plain(evaluate(attribute.value, environment), pathTo(path, attribute.name), into, environment)
    if (value !== undefined && value !== null) setOwn(into.values, attribute.name, value)
  }
  addBlocks(body, path, environment, into)
}

/** Evaluates the body of a resource or data source. `isName`: whether a path is that of a name or tag. */
export function evaluateBody(
  body: Body,
  environment: Environment,
  isName: (path: string) => boolean = () => false,
): BodyValues {
  const into: Evaluated = { values: {}, unknown: [], isName }
  addBody(body, '', environment, into)
  const { values, unknown } = into
  return { values, unknown }
}

const maxPositions = 300
const maxPositionDepth = 8

/** Lines of a body's properties by path, as far down as findings may point. */
export function positionsOf(
  body: Body,
  lineAt: (offset: number) => number,
  values: JsonObject,
): Record<string, number> {
  const positions: Record<string, number> = {}
  let count = 0

  function add(path: string, at: number): boolean {
    if (count >= maxPositions || path.split('.').length > maxPositionDepth) return false
    count++
    setOwn(positions, path, lineAt(at))
    return true
  }

  function inExpression(expression: Expression, path: string): void {
    if (expression.kind === 'list')
      expression.items.forEach((item, index) => {
        if (add(pathTo(path, index), item.at)) inExpression(item, pathTo(path, index))
      })
    if (expression.kind !== 'object') return
    for (const { key, value } of expression.items) {
      if (key.kind !== 'literal') continue
      const at = pathTo(path, String(key.value))
      if (add(at, key.at)) inExpression(value, at)
    }
  }

  function inBody(inner: Body, path: string): void {
    for (const attribute of inner.attributes)
      if (path !== '' || !metaArguments.has(attribute.name)) inAttribute(attribute, path)
    const counts = new Map<string, number>()
    for (const block of inner.blocks) {
      // Blocks that are generated all stand in one place: that of the block that generates them.
      const type = block.type === 'dynamic' ? (block.labels[0] ?? 'dynamic') : block.type
      const index = counts.get(type) ?? 0
      counts.set(type, index + 1)
      if (block.isForeign) continue
      const at = pathTo(path, type)
      if (index === 0) add(at, block.at)
      if (block.type === 'dynamic') {
        inGenerated(block, at)
        continue
      }
      const place = pathTo(at, index)
      if (add(place, block.at)) inBody(block.body, place)
    }
  }

  function inAttribute(attribute: Attribute, path: string): void {
    const at = pathTo(path, attribute.name)
    if (!attribute.isForeign && add(at, attribute.at)) inExpression(attribute.value, at)
  }

  function inGenerated(block: Block, at: string): void {
    const content = block.body.blocks.find(inner => inner.type === 'content')
    if (!content || at.includes('.')) return
    const made = Array.isArray(values[at]) ? values[at].filter(isObject) : []
    made.forEach((_, index) => {
      const place = pathTo(at, index)
      if (add(place, block.at)) inBody(content.body, place)
    })
  }

  inBody(body, '')
  return positions
}

/** How many instances `count` and `for_each` make of a resource or module. */
import { attributeIn } from './configuration.ts'
import { type Environment, evaluate } from './evaluate.ts'
import { isMade } from './made.ts'
import type { Body } from './syntax.ts'
import { inOrder, isList, isTree, toNumber, Unknown, type Value } from './value.ts'

/** One instance: what its address ends with, and what `each` and `count` are in it. */
export interface Repetition {
  /** `[0]`, `["eu"]`, or nothing. */
  index: string
  roots: ReadonlyMap<string, Value>
}

/** The instances of a block. */
export interface Repetitions {
  kind: 'single' | 'count' | 'each' | 'unknown'
  /** By key, for `each`. In the order of their index. */
  items: ReadonlyMap<string, Repetition>
}

/** More instances are judged as one. */
const maxInstances = 1000

const single: Repetitions = { kind: 'single', items: new Map([['', { index: '', roots: new Map() }]]) }

const eachRoot = (key: Value, value: Value): ReadonlyMap<string, Value> =>
  new Map([
    [
      'each',
      new Map([
        ['key', key],
        ['value', value],
      ]),
    ],
  ])

const countRoot = (index: Value): ReadonlyMap<string, Value> => new Map([['count', new Map([['index', index]])]])

/** It is not known how many: one stands for all. */
function unknownNumber(reason: string, by: 'count' | 'for_each'): Repetitions {
  const unknown = new Unknown(reason)
  const roots = by === 'count' ? countRoot(unknown) : eachRoot(unknown, unknown)
  return { kind: 'unknown', items: new Map([['', { index: '', roots }]]) }
}

function byCount(value: Value): Repetitions {
  const count = toNumber(value)
  if (count instanceof Unknown || !Number.isInteger(count) || count < 0 || count > maxInstances)
    return unknownNumber('how many instances there are is not known', 'count')
  const items = new Map<string, Repetition>()
  for (let index = 0; index < count; index++) items.set(String(index), { index: `[${index}]`, roots: countRoot(index) })
  return { kind: 'count', items }
}

/** Keys and values; `undefined` where some key is not known. */
function entriesOf(value: Value): [string, Value][] | undefined {
  if (isTree(value)) return inOrder(value)
  if (!isList(value)) return undefined
  const entries: [string, Value][] = []
  for (const item of value) {
    if (typeof item !== 'string') return undefined
    entries.push([item, item])
  }
  return entries
}

function byEach(value: Value): Repetitions {
  const entries = entriesOf(value)
  if (!entries || entries.length > maxInstances || entries.some(([key]) => isMade(key)))
    return unknownNumber('which instances there are is not known', 'for_each')
  return {
    kind: 'each',
    items: new Map(
      entries.map(([key, item]) => [key, { index: `[${JSON.stringify(key)}]`, roots: eachRoot(key, item) }]),
    ),
  }
}

/** The instances of a block of a resource or module. */
export function repetitionsOf(body: Body, environment: Environment): Repetitions {
  const count = attributeIn(body, 'count')
  if (count) return byCount(evaluate(count.value, environment))
  const each = attributeIn(body, 'for_each')
  return each ? byEach(evaluate(each.value, environment)) : single
}

/** Functions of collections. What is not known inside a collection stays where it is, wherever the result does not hang on it. */

import type { FunctionContext, TerraformFunction } from './function.ts'
import { isMade } from './made.ts'
import {
  asSet,
  equal,
  failure,
  Handle,
  inOrder,
  isList,
  isScalar,
  isTree,
  type Tree,
  toFlag,
  toNumber,
  toText,
  Unknown,
  type Value,
} from './value.ts'

type Call = TerraformFunction['call']

const whole = (least: number, most: number, call: Call): TerraformFunction => ({ least, most, needs: 'whole', call })
const all = (least: number, most: number, call: Call): TerraformFunction => ({ least, most, needs: 'all', call })
const any = Number.POSITIVE_INFINITY

/** A function of one list. */
function ofList(call: (list: readonly Value[], context: FunctionContext) => Value): Call {
  return ([list], context) => (isList(list!) ? call(list, context) : notA(list!, 'list'))
}

/** A function of one object or map. */
function ofTree(call: (tree: Tree, context: FunctionContext) => Value): Call {
  return ([tree], context) => (isTree(tree!) ? call(tree, context) : notA(tree!, 'map'))
}

/** What is declared may well have the wanted shape; it is not known. */
function notA(value: Value, wanted: string): Unknown {
  return isScalar(value) || isList(value) || isTree(value)
    ? failure(`not a ${wanted}`)
    : new Unknown(`not known to be a ${wanted}`)
}

/** The lists among arguments; the reason where one is none. */
function lists(args: readonly Value[]): (readonly Value[])[] | Unknown {
  const found: (readonly Value[])[] = []
  for (const arg of args) {
    if (!isList(arg)) return notA(arg, 'list')
    found.push(arg)
  }
  return found
}

function wholeNumber(value: Value | undefined): number | Unknown {
  const number = toNumber(value ?? null)
  return number instanceof Unknown || Number.isInteger(number) ? number : failure('not a whole number')
}

function lengthOf([value]: readonly Value[]): Value {
  if (isList(value!)) return value.length
  if (isTree(value!)) return value.size
  return typeof value === 'string' ? plainLength(value) : notA(value!, 'collection')
}

function plainLength(text: string): Value {
  return isMade(text) ? new Unknown('a text that deployment makes') : [...text].length
}

function element([list, index]: readonly Value[]): Value {
  const at = wholeNumber(index)
  if (at instanceof Unknown) return at
  if (!isList(list!)) return notA(list!, 'list')
  const { length } = list
  return length === 0 ? failure('the list is empty') : list[((at % length) + length) % length]!
}

function lookup([tree, key, otherwise]: readonly Value[]): Value {
  const name = toText(key!)
  if (name instanceof Unknown) return name
  if (!isTree(tree!)) return notA(tree!, 'map')
  if (tree.has(name)) return tree.get(name)!
  return otherwise === undefined ? failure(`there is no ${name}`) : otherwise
}

const contains: Call = ([list, wanted], { evaluation }) => {
  if (!isList(list!)) return notA(list!, 'list')
  let known = true
  for (const item of list) {
    const same = equal(item, wanted!, evaluation.budget)
    if (same === true) return true
    if (same === undefined) known = false
  }
  return known ? false : new Unknown('whether the list contains it is not known')
}

const merge: Call = args => {
  const merged = new Map<string, Value>()
  for (const arg of args) {
    if (arg === null) continue
    if (!isTree(arg)) return notA(arg, 'map')
    for (const [key, value] of arg) merged.set(key, value)
  }
  return merged
}

const concat: Call = args => {
  const parts = lists(args)
  return parts instanceof Unknown ? parts : parts.flat()
}

const flatten: Call = ofList((list, { evaluation }) => {
  const flat: Value[] = []
  const add = (items: readonly Value[]): Unknown | undefined => {
    for (const item of items) {
      evaluation.budget.spend(1)
      // It may be a list of any length.
      if (item instanceof Unknown) return item
      const unknown = isList(item) ? add(item) : undefined
      if (unknown) return unknown
      if (!isList(item)) flat.push(item)
    }
    return undefined
  }
  return add(list) ?? flat
})

const compact: Call = ofList(list => {
  const kept: Value[] = []
  for (const item of list) {
    if (item instanceof Unknown) return item
    if (item !== null && item !== '') kept.push(item)
  }
  return kept
})

const coalesce: Call = args => {
  const given = args.length === 1 && isList(args[0]!) ? args[0] : args
  for (const arg of given) {
    if (arg instanceof Unknown) return arg
    if (arg !== null && arg !== '') return arg
  }
  return failure('nothing but null and empty texts')
}

const coalesceList: Call = args => {
  for (const arg of args) {
    if (arg instanceof Unknown) return arg
    if (arg !== null && !isList(arg)) return notA(arg, 'list')
    if (isList(arg) && arg.length > 0) return arg
  }
  return failure('nothing but empty lists')
}

const distinct: Call = ofList((list, { evaluation }) => {
  const kept: Value[] = []
  const scalars = new Set<Value>()
  for (const item of list) {
    if (item instanceof Unknown) return item
    if (isScalar(item)) {
      if (!scalars.has(item)) kept.push(item)
      scalars.add(item)
    } else if (!kept.some(other => !isScalar(other) && equal(other, item, evaluation.budget) === true)) kept.push(item)
  }
  return kept
})

const slice: Call = ([list, from, to]) => {
  const [start, end] = [wholeNumber(from), wholeNumber(to)]
  if (start instanceof Unknown) return start
  if (end instanceof Unknown) return end
  if (!isList(list!)) return notA(list!, 'list')
  return start < 0 || end < start || end > list.length ? failure('the list has no such part') : list.slice(start, end)
}

const chunkList: Call = ([list, size]) => {
  const length = wholeNumber(size)
  if (length instanceof Unknown) return length
  if (!isList(list!)) return notA(list!, 'list')
  if (length <= 0) return length === 0 ? [list] : failure('a negative size')
  return Array.from({ length: Math.ceil(list.length / length) }, (_, index) =>
    list.slice(index * length, (index + 1) * length),
  )
}

const zipMap: Call = ([keys, values]) => {
  if (!isList(keys!) || !isList(values!)) return notA(isList(keys!) ? values! : keys!, 'list')
  if (keys.length !== values.length) return failure('lists of different lengths')
  const tree = new Map<string, Value>()
  for (const [index, key] of keys.entries()) {
    const name = toText(key)
    if (name instanceof Unknown) return name
    tree.set(name, values[index]!)
  }
  return tree
}

const range: Call = (args, { evaluation }) => {
  const numbers = args.map(toNumber)
  const unknown = numbers.find(number => number instanceof Unknown)
  if (unknown) return unknown
  const [first = 0, second, third] = numbers as number[]
  const start = second === undefined ? 0 : first
  const end = second ?? first
  const step = third ?? (start <= end ? 1 : -1)
  if (step === 0 || (step > 0 && start > end) || (step < 0 && start < end)) return failure('a range that does not end')
  const length = Math.ceil((end - start) / step)
  // Terraform itself refuses longer ones.
  if (length > 1024) return failure('a range of more than 1024 numbers')
  evaluation.budget.spend(length)
  return Array.from({ length }, (_, index) => start + index * step)
}

const one: Call = ([list]) => {
  if (list === null) return null
  if (!isList(list!)) return notA(list!, 'list')
  return list.length === 0 ? null : list.length === 1 ? list[0]! : failure('more than one element')
}

const indexIn: Call = ([list, wanted], { evaluation }) => {
  if (!isList(list!)) return notA(list!, 'list')
  for (const [index, item] of list.entries()) {
    const same = equal(item, wanted!, evaluation.budget)
    if (same === true) return index
    if (same === undefined) return new Unknown('where the list contains it is not known')
  }
  return failure('the list does not contain it')
}

const setOf =
  (
    pick: (
      lists: readonly (readonly Value[])[],
      has: (list: readonly Value[], item: Value) => boolean | undefined,
    ) => Value,
  ): Call =>
  (args, { evaluation }) => {
    const given = lists(args)
    if (given instanceof Unknown) return given
    const has = (list: readonly Value[], item: Value) => {
      let known: boolean | undefined = false
      for (const other of list) {
        const same = equal(other, item, evaluation.budget)
        if (same === true) return true
        if (same === undefined) known = undefined
      }
      return known
    }
    const picked = pick(given, has)
    return isList(picked) ? asSet(picked, evaluation.budget) : picked
  }

/** The elements of the first list for which the answer is `wanted` in every other. */
const filtered = (wanted: boolean): Call =>
  setOf(([first = [], ...others], has) => {
    const kept: Value[] = []
    for (const item of first) {
      for (const other of others) if (has(other, item) === undefined) return new Unknown('texts that deployment makes')
      if (others.every(other => has(other, item) === wanted)) kept.push(item)
    }
    return kept
  })

const setProduct: Call = (args, { evaluation }) => {
  const given = lists(args)
  if (given instanceof Unknown) return given
  evaluation.budget.spend(given.reduce((count, list) => count * list.length, 1))
  return given.reduce<Value[][]>((rows, list) => rows.flatMap(row => list.map(item => [...row, item])), [[]])
}

const matchKeys: Call = ([values, keys, wanted], { evaluation }) => {
  if (!isList(values!) || !isList(keys!) || !isList(wanted!)) return failure('not lists')
  return values.filter((_, index) => wanted.some(key => equal(keys[index] ?? null, key, evaluation.budget) === true))
}

const flags =
  (decides: boolean): Call =>
  args =>
    ofList(list => {
      let unknown: Unknown | undefined
      for (const item of list) {
        const flag = item === null ? false : toFlag(item)
        if (flag === decides) return decides
        if (flag instanceof Unknown) unknown ??= flag
      }
      return unknown ?? !decides
    })(args, undefined as never)

const toList: Call = ([value]) => (value === null || isList(value!) ? value! : notA(value!, 'list'))
const toSet: Call = ([value], { evaluation }) =>
  value === null ? null : isList(value!) ? asSet(value, evaluation.budget) : notA(value!, 'list')
const toMap: Call = ([value]) => (value === null || isTree(value!) ? value! : notA(value!, 'map'))

const transpose: Call = ofTree(tree => {
  const turned = new Map<string, Value[]>()
  for (const [key, list] of inOrder(tree)) {
    if (!isList(list)) return notA(list, 'list')
    for (const item of list) {
      const name = toText(item)
      if (name instanceof Unknown) return name
      turned.set(name, [...(turned.get(name) ?? []), key])
    }
  }
  return turned
})

const sort: Call = ofList((list, context) => {
  const texts = list.map(toText)
  const unknown = texts.find(text => text instanceof Unknown)
  if (unknown) return unknown
  return asOrdered(texts as string[], context)
})

function asOrdered(texts: string[], { evaluation }: FunctionContext): Value {
  evaluation.budget.spend(texts.length)
  if (texts.some(isMade)) return new Unknown('texts that deployment makes have no order yet')
  return inOrder(new Map(texts.map((text, index) => [`${text}\0${index}`, text]))).map(([, text]) => text)
}

const numbersOf =
  (fold: (numbers: number[]) => Value): Call =>
  args => {
    const given = args.length === 1 && isList(args[0]!) ? args[0] : args
    const numbers = given.map(toNumber)
    return numbers.find(number => number instanceof Unknown) ?? fold(numbers as number[])
  }

const extreme = (pick: (a: number, b: number) => number): Call =>
  numbersOf(numbers => (numbers.length === 0 ? failure('no numbers') : numbers.reduce((a, b) => pick(a, b))))

/** `values(x)`: the members in the order of their keys. Of a resource's instances too. */
const values: Call = ofTree(tree => inOrder(tree).map(([, value]) => value))
const keys: Call = ([value]) => {
  if (value instanceof Handle) return new Unknown('attributes of what is declared are not known')
  return isTree(value!) ? inOrder(value).map(([key]) => key) : notA(value!, 'map')
}

/** Functions by name. */
export const collectionFunctions: { [name: string]: TerraformFunction } = {
  length: whole(1, 1, lengthOf),
  element: whole(2, 2, element),
  lookup: whole(2, 3, lookup),
  contains: whole(2, 2, contains),
  merge: whole(0, any, merge),
  concat: whole(0, any, concat),
  flatten: whole(1, 1, flatten),
  compact: whole(1, 1, compact),
  coalesce: { least: 1, most: any, needs: 'none', call: coalesce },
  coalescelist: { least: 1, most: any, needs: 'none', call: coalesceList },
  distinct: whole(1, 1, distinct),
  reverse: whole(
    1,
    1,
    ofList(list => [...list].reverse()),
  ),
  slice: whole(3, 3, slice),
  chunklist: whole(2, 2, chunkList),
  zipmap: whole(2, 2, zipMap),
  range: whole(1, 3, range),
  one: whole(1, 1, one),
  index: whole(2, 2, indexIn),
  keys: whole(1, 1, keys),
  values: whole(1, 1, values),
  sort: whole(1, 1, sort),
  setunion: all(
    1,
    any,
    setOf(given => given.flat()),
  ),
  setintersection: all(1, any, filtered(true)),
  setsubtract: all(2, 2, filtered(false)),
  setproduct: whole(1, any, setProduct),
  matchkeys: all(3, 3, matchKeys),
  alltrue: whole(1, 1, flags(false)),
  anytrue: whole(1, 1, flags(true)),
  tolist: whole(1, 1, toList),
  toset: whole(1, 1, toSet),
  tomap: whole(1, 1, toMap),
  transpose: all(1, 1, transpose),
  sum: whole(
    1,
    1,
    numbersOf(numbers => numbers.reduce((a, b) => a + b, 0)),
  ),
  min: whole(1, any, extreme(Math.min)),
  max: whole(1, any, extreme(Math.max)),
}

// Protects the promise that missing evidence is never a pass: whatever is left unknown, a definite answer must be the answer
// for everything that the unknown may turn out to be. The oracle below judges complete facts in plain two-valued logic and is
// written without the code under test.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Facts } from '../../src/model/facts.ts'
import type { Condition } from '../../src/model/rule.ts'
import { compileCondition } from '../../src/rules/condition.ts'
import { shapeWith } from './bookshop.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined }
type Tree = { [key: string]: Json | undefined }

const numbers = [0, 1, 2]

// Conditions over four facts and two lists.
const limit = fc.constantFrom(...numbers)
const numberLeaf = (operands: object[]) =>
  fc.oneof(
    fc.record({ minimum: limit }),
    fc.record({ maximum: limit }),
    fc.record({ exclusiveMinimum: limit }),
    fc.record({ const: limit }),
    fc.constantFrom({ const: null }, { enum: [0, null] }, { enum: [1, 2] }),
    fc.constantFrom(
      ...operands.flatMap(operand => [{ minimum: operand }, { exclusiveMaximum: operand }, { const: operand }]),
    ),
  )
const listLeaf = fc.constantFrom({ minItems: 1 }, { maxItems: 0 }, { minItems: 1, maxItems: 1 })
const flagLeaf = fc.constantFrom({ const: true }, { const: false })
const factOperands = [{ $fact: 'copiesSold' }, { $fact: 'lock.strength' }]
const itemOperands = [{ $item: 'limit' }, { $fact: 'copiesSold' }]

const { condition } = fc.letrec<{ condition: Condition; element: Condition }>(tie => ({
  condition: fc.oneof(
    { depthSize: 'small' },
    fc.record({ copiesSold: numberLeaf(factOperands) }),
    fc.record({ shelfDays: numberLeaf(factOperands) }),
    fc.record({ 'lock.strength': numberLeaf(factOperands) }),
    fc.record({ open: flagLeaf }),
    fc.record({ volumes: listLeaf }),
    fc.record({ allOf: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ anyOf: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('condition') }),
    fc.record({ some: fc.record({ volumes: tie('element') }) }),
    fc.record({ every: fc.record({ volumes: tie('element'), $empty: fc.boolean() }) }),
    fc.record({ none: fc.record({ volumes: tie('element'), $empty: fc.boolean() }) }),
  ) as fc.Arbitrary<Condition>,
  element: fc.oneof(
    { depthSize: 'small' },
    fc.record({ pages: numberLeaf(itemOperands) }),
    fc.record({ limit: numberLeaf(itemOperands) }),
    fc.record({ signed: flagLeaf, pages: numberLeaf(itemOperands) }),
    fc.record({ not: tie('element') }),
    fc.record({ anyOf: fc.array(tie('element'), { minLength: 1, maxLength: 2 }) }),
  ) as fc.Arbitrary<Condition>,
}))

// Facts with holes.
const bound = fc.oneof(
  limit.map($atMost => ({ $atMost })),
  limit.map($atLeast => ({ $atLeast })),
)
const someNumber = fc.option(fc.oneof({ weight: 3, arbitrary: limit }, { weight: 1, arbitrary: bound }), {
  nil: undefined,
})
const volume = fc.record({
  pages: someNumber,
  limit: fc.oneof(someNumber, fc.constant(null)),
  signed: fc.option(fc.boolean(), { nil: undefined }),
})
const volumeList = fc.oneof(
  fc.array(volume, { maxLength: 2 }),
  fc.record({ $partial: fc.array(volume, { maxLength: 1 }) }),
  fc.constant(undefined),
)
const holed = fc.record({
  copiesSold: someNumber,
  shelfDays: fc.oneof(someNumber, fc.constant(null)),
  open: fc.option(fc.boolean(), { nil: undefined }),
  lock: fc.oneof(fc.record({ strength: someNumber }), fc.constant(null), fc.constant(undefined)),
  volumes: volumeList,
}) as fc.Arbitrary<Tree>

/** Everything that a value may turn out to be. */
const pick = <T>(random: () => number, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T

function completeNumber(value: Json | undefined, nullable: boolean, random: () => number): Json {
  if (value === undefined) return pick(random, nullable ? [...numbers, null] : numbers)
  if (typeof value !== 'object' || value === null) return value
  const { $atMost, $atLeast } = value as { $atMost?: number; $atLeast?: number }
  const allowed = [-1, 0, 0.5, 1, 1.5, 2, 2.5, 9].filter(
    n => ($atMost === undefined || n <= $atMost) && ($atLeast === undefined || n >= $atLeast),
  )
  return pick(random, allowed)
}

const completeVolume = (value: Tree, random: () => number): Json => ({
  pages: completeNumber(value.pages, false, random),
  limit: completeNumber(value.limit, true, random),
  signed: value.signed ?? pick(random, [true, false]),
})

function completeList(value: Json | undefined, random: () => number): Json[] {
  const fresh = (most: number): Json[] =>
    Array.from({ length: Math.floor(random() * (most + 1)) }, () => completeVolume({}, random))
  if (value === undefined) return fresh(2)
  if (Array.isArray(value)) return value.map(item => completeVolume(item as Tree, random))
  const seen = (value as { $partial: Tree[] }).$partial.map(item => completeVolume(item, random))
  return random() < 0.5 ? [...seen, ...fresh(2)] : [...fresh(2), ...seen]
}

const complete = (facts: Tree, random: () => number): Tree => ({
  copiesSold: completeNumber(facts.copiesSold, false, random),
  shelfDays: completeNumber(facts.shelfDays, true, random),
  open: facts.open ?? pick(random, [true, false]),
  lock:
    facts.lock === null
      ? null
      : { strength: completeNumber((facts.lock as Tree | undefined)?.strength, false, random) },
  volumes: completeList(facts.volumes, random),
})

// The oracle. An operand that turns out to be null where a number is needed has no two-valued meaning: `undefined`.
function oracleLeaf(
  value: Json,
  leaf: { [keyword: string]: unknown },
  facts: Tree,
  item: Tree | undefined,
): boolean | undefined {
  const nullFits = leaf.const === null || (Array.isArray(leaf.enum) && leaf.enum.includes(null))
  if (value === null && !nullFits) return false
  for (const [keyword, written] of Object.entries(leaf)) {
    const operand = written as { $fact?: string; $item?: string }
    let expected = written as Json
    if (operand?.$item) expected = item?.[operand.$item] as Json
    else if (operand?.$fact === 'copiesSold') expected = facts.copiesSold as Json
    else if (operand?.$fact) expected = facts.lock === null ? null : ((facts.lock as Tree).strength as Json)
    if (keyword === 'const') {
      if (value !== expected) return false
    } else if (keyword === 'enum') {
      if (!(expected as Json[]).includes(value)) return false
    } else if (expected === null) return undefined
    else {
      const [is, to] = keyword.endsWith('Items')
        ? [(value as Json[]).length, expected as number]
        : [value as number, expected as number]
      const holds = {
        minimum: is >= to,
        maximum: is <= to,
        exclusiveMinimum: is > to,
        exclusiveMaximum: is < to,
        minItems: is >= to,
        maxItems: is <= to,
      }
      if (!holds[keyword as keyof typeof holds]) return false
    }
  }
  return true
}

function oracle(node: Condition, facts: Tree, item?: Tree): boolean | undefined {
  const truths = Object.entries(node).map(([key, value]): boolean | undefined => {
    if (key === 'allOf') return conjunction((value as Condition[]).map(part => oracle(part, facts, item)))
    if (key === 'anyOf')
      return inverse(conjunction((value as Condition[]).map(part => inverse(oracle(part, facts, item)))))
    if (key === 'not') return inverse(oracle(value as Condition, facts, item))
    if (key === 'some' || key === 'every' || key === 'none') {
      const { volumes, $empty } = value as { volumes: Condition; $empty?: boolean }
      const list = facts.volumes as Tree[]
      if (list.length === 0) return $empty ?? false
      const each = list.map(element => oracle(volumes, facts, element))
      if (key === 'every') return conjunction(each)
      const none = conjunction(each.map(inverse))
      return key === 'none' ? none : inverse(none)
    }
    const value_ = item
      ? item[key]
      : key === 'lock.strength'
        ? facts.lock === null
          ? null
          : (facts.lock as Tree).strength
        : facts[key]
    return oracleLeaf(value_ as Json, value as { [keyword: string]: unknown }, facts, item)
  })
  return conjunction(truths)
}
const inverse = (truth: boolean | undefined): boolean | undefined => (truth === undefined ? undefined : !truth)
const conjunction = (truths: (boolean | undefined)[]): boolean | undefined =>
  truths.includes(false) ? false : truths.includes(undefined) ? undefined : true

const test = (written: Condition, facts: Tree): boolean | undefined =>
  compileCondition(written, shapeWith()).test(facts as Facts, {}, undefined)
const dice = fc.infiniteStream(fc.double({ min: 0, max: 0.999999, noNaN: true }))
const roll = (stream: Iterator<number>) => () => stream.next().value as number

describe('a definite answer', () => {
  it('on complete facts is the answer of two-valued logic', () => {
    fc.assert(
      fc.property(condition, holed, dice, (written, facts, stream) => {
        const known = complete(facts, roll(stream))
        expect(test(written, known)).toBe(oracle(written, known))
      }),
      { numRuns: 1500 },
    )
  })

  it('on facts with holes is the answer however the holes are filled', () => {
    fc.assert(
      fc.property(condition, holed, dice, (written, facts, stream) => {
        const answer = test(written, facts)
        if (answer === undefined) return
        for (let round = 0; round < 12; round++)
          expect(oracle(written, complete(facts, roll(stream))) ?? answer).toBe(answer)
      }),
      { numRuns: 1500 },
    )
  })

  it('is not given for a list that may have any further element', () => {
    for (const key of ['every', 'none']) {
      expect(
        test(
          { [key]: { volumes: { pages: { minimum: key === 'every' ? 0 : 3 } }, $empty: true } },
          { volumes: { $partial: [{ pages: 1 }] } },
        ),
      ).toBeUndefined()
    }
    expect(
      test({ some: { volumes: { pages: { minimum: 3 } } } }, { volumes: { $partial: [{ pages: 1 }] } }),
    ).toBeUndefined()
  })

  it('stays, or becomes unknown, when any fact is taken away', () => {
    fc.assert(
      fc.property(condition, holed, (written, facts) => {
        const before = test(written, facts)
        for (const poorer of withOneFactLess(facts)) expect([before, undefined]).toContain(test(written, poorer))
      }),
      { numRuns: 1000 },
    )
  })
})

function withOneFactLess(facts: Tree): Tree[] {
  const without = (tree: Tree, key: string): Tree => ({ ...tree, [key]: undefined })
  const poorer = Object.keys(facts).map(key => without(facts, key))
  if (facts.lock) poorer.push({ ...facts, lock: {} })
  const list = facts.volumes
  if (!Array.isArray(list)) return poorer
  poorer.push({ ...facts, volumes: { $partial: list } })
  for (const [at, element] of list.entries()) {
    poorer.push({ ...facts, volumes: { $partial: list.toSpliced(at, 1) } })
    for (const key of Object.keys(element as Tree))
      poorer.push({ ...facts, volumes: list.with(at, without(element as Tree, key)) })
  }
  return poorer
}

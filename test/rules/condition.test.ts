// Protects the meaning of conditions: Kleene's logic, what null, empty and absent mean at each operator, how operands and
// parameters are found, and which element a path speaks of.
import { describe, expect, it } from 'vitest'
import type { Facts, FactValue } from '../../src/model/facts.ts'
import type { Condition, RuleParameter } from '../../src/model/rule.ts'
import { compileCondition, leavesOf, negate } from '../../src/rules/condition.ts'
import { typedLeaf } from '../../src/rules/leaf.ts'
import { compileLeaf } from '../../src/rules/leaf-compiler.ts'
import { bookshopIndex, shapeWith } from './bookshop.ts'

type Truth = boolean | undefined

const parameter = (type: string | string[], value: FactValue): RuleParameter => ({
  type,
  default: value,
  description: 'a parameter',
})
const judge = (
  condition: Condition,
  facts: { [path: string]: unknown },
  parameters: { [name: string]: FactValue | undefined } = {},
  declared: { [name: string]: RuleParameter } = {},
): Truth => compileCondition(condition, shapeWith(declared)).test(facts as Facts, parameters, undefined)

// Three facts that are true, false and unknown, to build the tables from.
const facts = { copiesSold: 1, open: false }
const isTrue = { copiesSold: { const: 1 } }
const isFalse = { open: { const: true } }
const isUnknown = { name: { const: 'x' } }
const parts: [string, Condition, Truth][] = [
  ['true', isTrue, true],
  ['false', isFalse, false],
  ['unknown', isUnknown, undefined],
]
const kleeneAnd = (a: Truth, b: Truth): Truth =>
  a === false || b === false ? false : a === undefined || b === undefined ? undefined : true
const kleeneOr = (a: Truth, b: Truth): Truth =>
  a === true || b === true ? true : a === undefined || b === undefined ? undefined : false
const pairs = parts.flatMap(([a, left, x]) =>
  parts.map(([b, right, y]): [string, string, Condition, Condition, Truth, Truth] => [a, b, left, right, x, y]),
)

describe('three-valued logic', () => {
  it.each(pairs)('%s with %s', (_a, _b, left, right, x, y) => {
    expect(judge({ allOf: [left, right] }, facts)).toBe(kleeneAnd(x, y))
    expect(judge({ anyOf: [left, right] }, facts)).toBe(kleeneOr(x, y))
    expect(judge({ allOf: [left, left, right] }, facts)).toBe(kleeneAnd(x, y))
    expect(judge({ anyOf: [left, left, right] }, facts)).toBe(kleeneOr(x, y))
    expect(judge({ not: { allOf: [left, right] } }, facts)).toBe(negate(kleeneAnd(x, y)))
  })

  it.each(parts)('of one part, and of its negation: %s', (_name, part, truth) => {
    expect(judge(part, facts)).toBe(truth)
    expect(judge({ anyOf: [part] }, facts)).toBe(truth)
    expect(judge({ not: part }, facts)).toBe(negate(truth))
  })

  it('holds every entry of a map together', () => {
    expect(judge({ ...isTrue, ...isUnknown }, facts)).toBeUndefined()
    expect(judge({ ...isTrue, ...isUnknown, ...isFalse }, facts)).toBe(false)
  })
})

/** Leaves that need ajv are compiled when rules are loaded; these conditions come past the loader. */
function registerForTests(condition: Condition): void {
  for (const [path, leaf] of Object.entries(condition)) {
    const entry = bookshopIndex['data-store']?.[path]
    if (entry) compileLeaf(typedLeaf(leaf as { [keyword: string]: unknown }, entry.types))
  }
}

describe('a leaf', () => {
  it.each([
    [{ shelfDays: { maximum: 30 } }, { shelfDays: 30 }, true],
    [{ shelfDays: { maximum: 30 } }, { shelfDays: 31 }, false],
    [{ shelfDays: { maximum: 30 } }, { shelfDays: null }, false],
    [{ shelfDays: { maximum: 30 } }, { shelfDays: '12' }, false],
    [{ shelfDays: { maximum: 30 } }, { shelfDays: undefined }, undefined],
    [{ shelfDays: { maximum: 30 } }, {}, undefined],
    [{ shelfDays: { type: ['number', 'null'], maximum: 30 } }, { shelfDays: null }, true],
    [{ shelfDays: { const: null } }, { shelfDays: null }, true],
    [{ shelfDays: { const: null } }, { shelfDays: 3 }, false],
    [{ shelfDays: { not: { const: 3 } } }, { shelfDays: null }, false],
    [{ shelfDays: { not: { const: 3 } } }, { shelfDays: 4 }, true],
    [{ shelfDays: { maximum: 30 } }, { shelfDays: { $atMost: 30 } }, true],
    [{ shelfDays: { maximum: 30 } }, { shelfDays: { $atLeast: 31 } }, false],
    [{ shelfDays: { maximum: 30 } }, { shelfDays: { $atLeast: 30 } }, undefined],
    [{ 'lock.strength': { const: 2 } }, { lock: { strength: 2 } }, true],
    [{ 'lock.strength': { const: 2 } }, { lock: null }, false],
    [{ 'lock.strength': { const: 2 } }, { lock: {} }, undefined],
    [{ 'lock.strength': { const: 2 } }, { lock: 'none' }, undefined],
    [{ 'lock.deep.er.still': { const: true } }, { lock: { deep: { er: { still: true } } } }, true],
    [{ 'lock.deep.er.still': { const: true } }, { lock: { deep: null } }, false],
    [{ 'lock.deep.er.still': { const: true } }, { lock: { deep: {} } }, undefined],
    [{ authors: { contains: { const: 'Sayers' } } }, { authors: ['Sayers'] }, true],
    [{ authors: { contains: { const: 'Sayers' } } }, { authors: [] }, false],
    [{ authors: { contains: { const: 'Sayers' } } }, { authors: { $partial: ['Sayers'] } }, undefined],
    [{ authors: { minItems: 1 } }, { authors: { $partial: ['Sayers'] } }, true],
    [{ authors: { maxItems: 0 } }, { authors: { $partial: ['Sayers'] } }, false],
    [{ 'tags.shelf': { const: 'A1' } }, { tags: { shelf: 'A1' } }, true],
    [{ 'tags.shelf': { const: 'A1' } }, { tags: { shelf: 'B2' } }, false],
    [{ 'tags.shelf': { const: 'A1' } }, { tags: {} }, false],
    [{ 'tags.shelf': { const: null } }, { tags: {} }, true],
    [{ 'tags.shelf': { const: null } }, { tags: { shelf: undefined } }, undefined],
    [{ 'tags.shelf': { const: null } }, { tags: null }, true],
    [{ 'tags.shelf': { const: null } }, {}, undefined],
    [{ 'tags.shelf': { const: null } }, { tags: 'A1' }, undefined],
    [{ 'tags.aws:made.by': { const: 'x' } }, { tags: { 'aws:made.by': 'x' } }, true],
    [{ 'tags.constructor': { const: null } }, { tags: {} }, true],
    [{ 'tags.__proto__': { const: null } }, { tags: {} }, true],
    [{ tags: { required: ['shelf'] } }, { tags: { shelf: 'A1' } }, true],
    [{ tags: { required: ['shelf'] } }, { tags: {} }, false],
    [{ tags: { required: ['shelf'] } }, { tags: { shelf: 'A1', row: undefined } }, undefined],
    [{ tags: { required: ['$partial'] } }, { tags: { $partial: 'A1' } }, true],
    [{ tags: { minProperties: 0 } }, { tags: null }, false],
  ] as [Condition, { [path: string]: unknown }, Truth][])('%j on %j is %j', (condition, given, truth) => {
    registerForTests(condition)
    expect(judge(condition, given)).toBe(truth)
  })
})

const long = { pages: { minimum: 300 } }
const volumes = (...pages: (number | undefined)[]): { pages?: number }[] =>
  pages.map(count => (count === undefined ? {} : { pages: count }))

describe('an operator on a list', () => {
  const kinds = {
    some: { some: { volumes: long } },
    everyOrEmpty: { every: { volumes: long, $empty: true } },
    every: { every: { volumes: long, $empty: false } },
    noneOrEmpty: { none: { volumes: long, $empty: true } },
    none: { none: { volumes: long, $empty: false } },
  }
  type Row = [unknown, { [kind in keyof typeof kinds]: Truth }]
  const all = (truth: Truth): Row[1] => ({
    some: truth,
    every: truth,
    everyOrEmpty: truth,
    none: truth,
    noneOrEmpty: truth,
  })
  it.each([
    [volumes(400), { some: true, every: true, everyOrEmpty: true, none: false, noneOrEmpty: false }],
    [volumes(200), { some: false, every: false, everyOrEmpty: false, none: true, noneOrEmpty: true }],
    [volumes(400, 200), { some: true, every: false, everyOrEmpty: false, none: false, noneOrEmpty: false }],
    [volumes(undefined), all(undefined)],
    [
      volumes(400, undefined),
      { some: true, every: undefined, everyOrEmpty: undefined, none: false, noneOrEmpty: false },
    ],
    [
      volumes(undefined, 400),
      { some: true, every: undefined, everyOrEmpty: undefined, none: false, noneOrEmpty: false },
    ],
    [
      volumes(200, undefined),
      { some: undefined, every: false, everyOrEmpty: false, none: undefined, noneOrEmpty: undefined },
    ],
    [[], { some: false, every: false, everyOrEmpty: true, none: false, noneOrEmpty: true }],
    [null, all(false)],
    [undefined, all(undefined)],
    ['a list', all(undefined)],
    [{ $partial: 'a list' }, all(undefined)],
    [{ $partial: [] }, all(undefined)],
    [
      { $partial: volumes(400) },
      { some: true, every: undefined, everyOrEmpty: undefined, none: false, noneOrEmpty: false },
    ],
    [
      { $partial: volumes(200) },
      { some: undefined, every: false, everyOrEmpty: false, none: undefined, noneOrEmpty: undefined },
    ],
    [[undefined], all(undefined)],
    [[null], { some: false, every: false, everyOrEmpty: false, none: true, noneOrEmpty: true }],
  ] as Row[])('on %j', (list, truths) => {
    for (const [kind, condition] of Object.entries(kinds)) {
      expect(judge(condition, { volumes: list }), kind).toBe(truths[kind as keyof typeof kinds])
    }
  })

  it('binds one element for all its entries', () => {
    const condition = { some: { volumes: { ...long, signed: { const: true } } } }
    expect(
      judge(condition, {
        volumes: [
          { pages: 400, signed: false },
          { pages: 200, signed: true },
        ],
      }),
    ).toBe(false)
    expect(judge(condition, { volumes: [{ pages: 400, signed: true }] })).toBe(true)
  })

  it('holds several lists together', () => {
    const condition = { every: { volumes: long, survivors: long, $empty: true } }
    expect(judge(condition, { volumes: volumes(400), survivors: volumes(200) })).toBe(false)
    expect(judge(condition, { volumes: volumes(400), survivors: [] })).toBe(true)
  })

  it('nests, and $item is of the innermost element', () => {
    const condition = { some: { volumes: { some: { loans: { days: { minimum: 10 } } } } } }
    expect(judge(condition, { volumes: [{ loans: [{ days: 3 }] }, { loans: [{ days: 12 }] }] })).toBe(true)
    expect(judge(condition, { volumes: [{ loans: [{ days: 3 }] }, { loans: [] }] })).toBe(false)
    expect(judge(condition, { volumes: [{ loans: [{ days: 3 }] }, {}] })).toBeUndefined()
    const own = { some: { volumes: { pages: { minimum: { $item: 'limit' } } } } }
    expect(
      judge(own, {
        volumes: [
          { pages: 5, limit: 9 },
          { pages: 9, limit: 5 },
        ],
      }),
    ).toBe(true)
    expect(judge(own, { volumes: [{ pages: 5, limit: 9 }] })).toBe(false)
    expect(judge(own, { volumes: [{ pages: 5 }] })).toBeUndefined()
    expect(judge(own, { volumes: [{ pages: 5, limit: null }] })).toBeUndefined()
  })

  it('lets operands reach the subject from within', () => {
    const condition = { every: { volumes: { pages: { maximum: { $fact: 'lock.strength' } } }, $empty: false } }
    expect(judge(condition, { lock: { strength: 3 }, volumes: volumes(3, 2) })).toBe(true)
    expect(judge(condition, { lock: { strength: 2 }, volumes: volumes(3, 2) })).toBe(false)
    expect(judge(condition, { volumes: volumes(3, 2) })).toBeUndefined()
  })
})

describe('an operand', () => {
  const days = { days: parameter('number', 30) }
  const byParameter = { shelfDays: { maximum: { $param: 'days' } } }

  it.each([
    [byParameter, { shelfDays: 30 }, { days: 30 }, true],
    [byParameter, { shelfDays: 31 }, { days: 30 }, false],
    [byParameter, { shelfDays: 31 }, {}, undefined],
    [byParameter, { shelfDays: null }, {}, false],
    [byParameter, {}, { days: 30 }, undefined],
    [byParameter, { shelfDays: { $atMost: 30 } }, { days: 30 }, true],
    [byParameter, { shelfDays: 30 }, { days: { $atLeast: 30 } }, true],
    [byParameter, { shelfDays: 31 }, { days: { $atLeast: 30 } }, undefined],
    [byParameter, { shelfDays: 31 }, { days: { $atMost: 30 } }, false],
    [{ shelfDays: { minimum: 10, maximum: { $param: 'days' } } }, { shelfDays: 9 }, {}, false],
    [
      { shelfDays: { minimum: 10, maximum: { $param: 'days' } } },
      { shelfDays: { $atMost: 20 } },
      { days: 30 },
      undefined,
    ],
    [
      { shelfDays: { minimum: 10, maximum: { $param: 'days' } } },
      { shelfDays: { $atMost: 20 } },
      { days: { $atMost: 40 } },
      undefined,
    ],
    [{ shelfDays: { type: ['number', 'null'], maximum: { $param: 'days' } } }, { shelfDays: null }, { days: 3 }, true],
    [{ shelfDays: { minimum: { $fact: 'copiesSold' } } }, { shelfDays: 3, copiesSold: 3 }, {}, true],
    [{ shelfDays: { minimum: { $fact: 'copiesSold' } } }, { shelfDays: 3, copiesSold: 4 }, {}, false],
    [{ shelfDays: { minimum: { $fact: 'copiesSold' } } }, { shelfDays: 3 }, {}, undefined],
    [{ 'parameters.days': { const: 30 } }, {}, { days: 30 }, true],
    [{ 'parameters.days': { const: 30 } }, {}, { days: 31 }, false],
    [{ 'parameters.days': { const: 30 } }, {}, {}, undefined],
    [{ some: { volumes: { 'parameters.days': { const: 30 } } } }, { volumes: [{}] }, { days: 30 }, true],
  ] as [Condition, { [path: string]: unknown }, { [name: string]: FactValue }, Truth][])(
    '%j on %j with %j is %j',
    (condition, given, parameters, truth) => {
      expect(judge(condition, given, parameters, days)).toBe(truth)
    },
  )

  it('of enum is a list, and an empty one admits nothing', () => {
    const condition = { genre: { enum: { $param: 'genres' } } }
    const declared = { genres: parameter('array', []) }
    expect(judge(condition, { genre: 'crime' }, { genres: ['crime'] }, declared)).toBe(true)
    expect(judge(condition, { genre: 'crime' }, { genres: ['travel'] }, declared)).toBe(false)
    expect(judge(condition, { genre: 'crime' }, { genres: [] }, declared)).toBe(false)
    expect(judge(condition, { genre: 'crime' }, { genres: { $partial: [] } }, declared)).toBeUndefined()
  })

  it('of const may be null where the leaf says that null is fine', () => {
    const condition = { binding: { type: ['string', 'null'], const: { $param: 'binding' } } }
    const declared = { binding: parameter(['string', 'null'], null) }
    expect(judge(condition, { binding: null }, { binding: null }, declared)).toBe(true)
    expect(judge({ binding: { const: { $param: 'binding' } } }, { binding: null }, { binding: null }, declared)).toBe(
      false,
    )
  })

  it('is never found on a prototype', () => {
    expect(
      judge({ shelfDays: { maximum: { $param: 'days' } } }, { shelfDays: 1 }, Object.create({ days: 5 }), days),
    ).toBeUndefined()
  })
})

describe('compiling', () => {
  it.each([
    [{}],
    [{ noSuchFact: { const: 1 } }],
    [{ 'parameters.days': { const: 1 } }],
    [{ some: { volumes: {} } }],
    [{ 'tags.': { const: 'x' } }],
  ])('refuses %j', condition => {
    expect(() => compileCondition(condition as Condition, shapeWith())).toThrow()
  })

  it('lists every leaf once', () => {
    const condition = {
      ...isTrue,
      not: isFalse,
      anyOf: [isUnknown, { every: { volumes: { ...long, not: { signed: { const: true } } }, $empty: true } }],
    }
    const paths = leavesOf(compileCondition(condition, shapeWith())).map(leaf => leaf.path)
    expect(paths).toEqual(['copiesSold', 'open', 'name', 'pages', 'signed'])
  })

  it('takes the types of all the subjects that a rule is about', () => {
    const shape = { ...shapeWith(), subjects: ['data-store', 'backup-vault'] }
    const open = compileCondition({ open: { const: null } }, shape)
    expect(open.test({ open: null }, {}, undefined)).toBe(true)
    expect(() => compileCondition({ shelfDays: { const: 1 } }, shape)).toThrow('shelfDays')
  })
})

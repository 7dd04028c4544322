// Protects the comparison of a fact with an operand: it must mean what ajv means by the keyword once the operand is put in
// its place, and what is only bounded or known in part must never be told more exactly than it is known.
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FactValue } from '../../src/model/facts.ts'
import {
  compare,
  equalJson,
  isOperandKeyword,
  judgeInexact,
  type OperandKeyword,
  operandKeywords,
} from '../../src/rules/comparison.ts'

const ajv = new Ajv2020({ strict: false, strictNumbers: true })
const byAjv = (keyword: string, value: unknown, operand: unknown): boolean =>
  ajv.validate({ [keyword]: operand }, value)

const scalar = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -4, max: 4 }),
  fc.boolean(),
  fc.constantFrom('', 'a', 'b', null),
)
const json = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 4 }),
  fc.dictionary(fc.constantFrom('a', 'b'), scalar, { noNullPrototype: true }),
)
const operandOf = (keyword: OperandKeyword): fc.Arbitrary<unknown> => {
  if (keyword === 'const') return json
  if (keyword === 'enum') return fc.uniqueArray(json, { minLength: 1, maxLength: 4, comparator: equalJson })
  return keyword.endsWith('Items')
    ? fc.integer({ min: 0, max: 5 })
    : fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true, noDefaultInfinity: true, min: -4, max: 4 }))
}

describe('a comparison with an operand', () => {
  it.each(operandKeywords)('means by %s what ajv means', keyword => {
    fc.assert(
      fc.property(json, operandOf(keyword), (value, operand) => {
        expect(compare(keyword, value as FactValue, operand as FactValue)).toBe(byAjv(keyword, value, operand))
      }),
      { numRuns: 80 },
    )
  })

  it('knows the eight keywords and no inherited name', () => {
    expect([...operandKeywords].sort()).toEqual([
      'const',
      'enum',
      'exclusiveMaximum',
      'exclusiveMinimum',
      'maxItems',
      'maximum',
      'minItems',
      'minimum',
    ])
    expect(isOperandKeyword('toString')).toBe(false)
    expect(isOperandKeyword('pattern')).toBe(false)
  })

  it.each(operandKeywords)('is unknown for %s without an operand', keyword => {
    expect(compare(keyword, 3, undefined)).toBeUndefined()
    expect(compare(keyword, [3], undefined)).toBeUndefined()
  })

  it.each([
    ['enum', 'a', [], false],
    ['enum', 'a', 'a', undefined],
    ['enum', 'a', null, undefined],
    ['maximum', 3, null, undefined],
    ['maximum', 3, '4', undefined],
    ['maximum', 3, Number.NaN, undefined],
    ['minItems', [1], null, undefined],
    ['minItems', [1], '1', undefined],
  ] as [OperandKeyword, FactValue, FactValue, boolean | undefined][])(
    '%s of %j by %j is %j',
    (keyword, value, operand, truth) => {
      expect(compare(keyword, value, operand)).toBe(truth)
    },
  )
})

describe('equality of JSON', () => {
  it.each([
    [{ a: 1, b: [2] }, { b: [2], a: 1 }, true],
    [{ a: 1 }, { b: 1 }, false],
    [{ a: 1 }, { a: 1, b: 1 }, false],
    [[1, 2], [2, 1], false],
    [[1], [1, 2], false],
    [[], {}, false],
    [{}, [], false],
    [null, {}, false],
    [{}, null, false],
    [{ toString: 1 }, { a: 1 }, false],
    ['1', 1, false],
  ])('%j and %j: %j', (a, b, equal) => {
    expect(equalJson(a, b)).toBe(equal)
  })
})

type Bounded = number | { $atMost: number } | { $atLeast: number }
const grid = [0, 1, 2, 3, 4, 5]
const standsFor = (value: Bounded): number[] => {
  if (typeof value === 'number') return [value]
  const inside = '$atMost' in value ? (n: number) => n <= value.$atMost : (n: number) => n >= value.$atLeast
  return [-100, -0.5, 0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 100, ...grid].filter(inside)
}
const bounded: fc.Arbitrary<Bounded> = fc.oneof(
  fc.constantFrom(...grid),
  fc.constantFrom(...grid).map($atMost => ({ $atMost })),
  fc.constantFrom(...grid).map($atLeast => ({ $atLeast })),
)
const plain = {
  minimum: (v: number, o: number) => v >= o,
  maximum: (v: number, o: number) => v <= o,
  exclusiveMinimum: (v: number, o: number) => v > o,
  exclusiveMaximum: (v: number, o: number) => v < o,
  const: (v: number, o: number) => v === o,
}
/** What is true of every pair that the two may stand for is true, of none is false, else unknown. */
const byAllPairs = (keyword: keyof typeof plain, value: Bounded, operand: Bounded): boolean | undefined => {
  const truths = new Set(standsFor(value).flatMap(v => standsFor(operand).map(o => plain[keyword](v, o))))
  return truths.size === 1 ? [...truths][0] : undefined
}

describe('a number known by a bound', () => {
  it.each(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'const'] as const)(
    '%s tells exactly what all it may stand for have in common',
    keyword => {
      fc.assert(
        fc.property(bounded, bounded, (value, operand) => {
          expect(compare(keyword, value, operand)).toBe(byAllPairs(keyword, value, operand))
        }),
        { numRuns: 150 },
      )
    },
  )

  it.each([
    ['maximum', { $atMost: 33 }, 33, true],
    ['maximum', { $atMost: 33 }, 32, undefined],
    ['maximum', { $atLeast: 33 }, 33, undefined],
    ['maximum', { $atLeast: 33 }, 32, false],
    ['minimum', { $atLeast: 33 }, 33, true],
    ['minimum', { $atMost: 33 }, 34, false],
    ['exclusiveMaximum', { $atLeast: 33 }, 33, false],
    ['exclusiveMaximum', { $atMost: 33 }, 33, undefined],
    ['exclusiveMinimum', { $atMost: 33 }, 33, false],
    ['exclusiveMinimum', { $atLeast: 33 }, 33, undefined],
    ['const', { $atMost: 33 }, null, false],
    ['const', { $atMost: 33 }, '3', false],
    ['const', 'crime', { $atMost: 33 }, false],
    ['const', { $atMost: 33 }, 34, false],
    ['enum', { $atMost: 33 }, [34, 35], false],
    ['enum', { $atMost: 33 }, [3, 35], undefined],
    ['enum', { $atMost: 33 }, { $partial: [34] }, undefined],
    ['maximum', { $atMost: 'many' }, 3, undefined],
  ] as [OperandKeyword, FactValue, FactValue, boolean | undefined][])(
    '%s of %j by %j is %j',
    (keyword, value, operand, truth) => {
      expect(compare(keyword, value, operand)).toBe(truth)
    },
  )
})

describe('a list known in part', () => {
  it.each([
    ['minItems', { $partial: [1, 2] }, 2, true],
    ['minItems', { $partial: [1, 2] }, 3, undefined],
    ['maxItems', { $partial: [1, 2] }, 1, false],
    ['maxItems', { $partial: [1, 2] }, 2, undefined],
    ['maxItems', { $partial: [] }, 0, undefined],
    ['maxItems', { $partial: 'not a list' }, 0, undefined],
    ['const', { $partial: [1] }, [1], undefined],
    ['const', [1], { $partial: [1] }, undefined],
    ['enum', 'a', { $partial: ['a'] }, true],
    ['enum', 'b', { $partial: ['a'] }, undefined],
    ['enum', { $partial: ['a'] }, [['a']], undefined],
    ['maximum', { $partial: [9] }, 1, true],
  ] as [OperandKeyword, FactValue, FactValue, boolean | undefined][])(
    '%s of %j by %j is %j',
    (keyword, value, operand, truth) => {
      expect(compare(keyword, value, operand)).toBe(truth)
    },
  )
})

describe('a schema without operands on what is not known exactly', () => {
  it.each([
    [{ type: 'array', minItems: 1 }, { $partial: ['a'] }, true],
    [{ type: 'array', minItems: 2 }, { $partial: ['a'] }, undefined],
    [{ type: 'array', minItems: 2, maxItems: 0 }, { $partial: ['a'] }, false],
    [{ type: 'array', contains: { const: 'a' } }, { $partial: ['a'] }, undefined],
    [{ type: 'array', contains: { const: 'a' }, maxItems: 0 }, { $partial: ['a'] }, false],
    [{ type: 'string' }, { $partial: ['a'] }, false],
    [{ type: ['string', 'array'] }, { $partial: ['a'] }, true],
    [{ type: 'number', maximum: 3, title: 'few', description: 'few', $comment: 'few' }, { $atMost: 3 }, true],
    [{ type: ['number', 'null'], maximum: 3 }, { $atMost: 3 }, true],
    [{ type: 'number', maximum: 3, minimum: 1 }, { $atMost: 3 }, undefined],
    [{ type: 'number', not: { const: 3 } }, { $atMost: 2 }, undefined],
    [{ type: 'integer' }, { $atMost: 2 }, undefined],
    [{ type: 'array' }, { $atMost: 2 }, false],
    [{ type: 'string' }, { $atMost: 2 }, false],
  ] as [object, FactValue, boolean | undefined][])('%j on %j is %j', (schema, value, truth) => {
    expect(judgeInexact(schema as { [keyword: string]: unknown }, value)).toBe(truth)
  })
})

// Protects the judging of single leaves: the closures that replace ajv for simple keywords must agree with it on every value,
// and a leaf must hold a fact to its type, so that neither null nor a string slips past a number's limit.
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FactType } from '../../src/rules/fact-index.ts'
import {
  admitsNull,
  type LeafSchema,
  leafValidator,
  readOperand,
  registerLeaves,
  simpleValidator,
  spellOperand,
  splitLeaf,
  typedLeaf,
} from '../../src/rules/leaf.ts'
import { compileLeaf, leafAjv } from '../../src/rules/leaf-compiler.ts'
import { linearPattern } from '../../src/rules/linear-pattern.ts'

const ajv = new Ajv2020({ strict: false, strictNumbers: true })
const number = fc.oneof(fc.integer({ min: -2, max: 3 }), fc.constantFrom(0.5, 1.5, -0.5))
const scalar = fc.oneof(number, fc.boolean(), fc.constantFrom('a', 'b', '', null))
const value = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 3 }),
  fc.dictionary(fc.constantFrom('a', 'b'), scalar, { noNullPrototype: true }),
)
const typeName = fc.constantFrom('string', 'number', 'integer', 'boolean', 'null', 'array', 'object')
const keywords = {
  type: fc.oneof(typeName, fc.uniqueArray(typeName, { minLength: 1, maxLength: 4 })),
  const: fc.oneof(scalar, fc.array(scalar, { maxLength: 2 })),
  enum: fc.uniqueArray(scalar, { minLength: 1, maxLength: 4 }),
  minimum: number,
  maximum: number,
  exclusiveMinimum: number,
  exclusiveMaximum: number,
  minItems: fc.integer({ min: 0, max: 3 }),
  maxItems: fc.integer({ min: 0, max: 3 }),
  items: fc.record({ type: typeName }, { requiredKeys: [] }),
  title: fc.constant('a title'),
  description: fc.constant('what for'),
  $comment: fc.constant('why'),
}

describe('a closure for a simple schema', () => {
  it.each(Object.entries(keywords))('means by %s what ajv means', (keyword, expected) => {
    fc.assert(
      fc.property(expected as fc.Arbitrary<unknown>, value, (keywordValue, data) => {
        const schema = { [keyword]: keywordValue }
        expect(simpleValidator(schema)?.(data)).toBe(ajv.validate(schema, data))
      }),
      { numRuns: 80 },
    )
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('takes %d for no number, as ajv does', data => {
    for (const type of ['number', 'integer'])
      expect(simpleValidator({ type })?.(data)).toBe(ajv.validate({ type }, data))
  })

  it('means by several keywords what ajv means', () => {
    fc.assert(
      fc.property(fc.record(keywords, { requiredKeys: [] }), value, (schema, data) => {
        expect(simpleValidator(schema)?.(data)).toBe(ajv.validate(schema, data))
      }),
      { numRuns: 150 },
    )
  })

  it.each([
    { pattern: 'a' },
    { enum: [['a']] },
    { enum: 'a' },
    { minimum: '3' },
    { minItems: '3' },
    { type: 'date' },
    { type: [] },
    { type: ['string', 'toString'] },
    { items: { pattern: 'a' } },
    { items: true },
    { toString: 1 },
  ] as LeafSchema[])('is not made for %j', schema => {
    expect(simpleValidator(schema)).toBeUndefined()
  })
})

describe('the type of a leaf', () => {
  it.each([
    [{ maximum: 3 }, ['number', 'null'], { type: 'number', maximum: 3 }],
    [{ const: null }, ['number', 'null'], { type: ['number', 'null'], const: null }],
    [{ enum: ['a', null] }, ['string', 'null'], { type: ['string', 'null'], enum: ['a', null] }],
    [{ enum: ['a'] }, ['string', 'null'], { type: 'string', enum: ['a'] }],
    [{ not: { const: 'a' } }, ['string', 'null'], { type: 'string', not: { const: 'a' } }],
    [
      { anyOf: [{ const: 'a' }, { const: null }] },
      ['string', 'null'],
      { type: ['string', 'null'], anyOf: [{ const: 'a' }, { const: null }] },
    ],
    [{ type: ['number', 'null'], maximum: 3 }, ['number', 'null'], { type: ['number', 'null'], maximum: 3 }],
    [{ minimum: 3 }, ['number'], { type: 'number', minimum: 3 }],
  ] as [LeafSchema, FactType[], LeafSchema][])('of %j on %j is %j', (schema, types, typed) => {
    expect(typedLeaf(schema, types)).toEqual(typed)
  })

  it.each([
    [{ const: null }, true],
    [{ const: null, type: 'string' }, true],
    [{ type: 'null' }, true],
    [{ type: ['string', 'null'] }, true],
    [{ type: 'string', enum: ['a', null] }, false],
    [{ enum: [null] }, true],
    [{ enum: ['null'] }, false],
    [{ oneOf: [{ type: 'null' }, 'no schema'] }, true],
    [{ allOf: [{ type: 'null' }, { const: null }] }, true],
    [{ allOf: [{ type: 'null' }, { const: 'a' }] }, false],
    [{ minimum: 1 }, false],
    [{ not: { const: null } }, false],
  ] as [LeafSchema, boolean][])('%j admits null: %j', (schema, admits) => {
    expect(admitsNull(schema)).toBe(admits)
  })
})

describe('an operand', () => {
  it.each([
    [{ $param: 'days' }, { from: 'parameter', path: 'days' }],
    [{ $fact: 'a.b' }, { from: 'fact', path: 'a.b' }],
    [{ $item: 'pages' }, { from: 'element', path: 'pages' }],
    [{ $param: '' }, undefined],
    [{ $param: 3 }, undefined],
    [{ $param: 'a', $fact: 'b' }, undefined],
    [{ toString: 'a' }, undefined],
    [{}, undefined],
    [['$param'], undefined],
    [null, undefined],
    ['$param', undefined],
  ])('%j reads as %j', (written, operand) => {
    expect(readOperand(written)).toEqual(operand)
  })

  it.each([{ $param: 'days' }, { $fact: 'a.b' }, { $item: 'pages' }])('%j is spelt as it was written', written => {
    const { operand } = splitLeaf({ minimum: written })
    expect(operand && spellOperand(operand)).toEqual(written)
  })

  it('is parted from what is known when the rule is loaded', () => {
    expect(splitLeaf({ type: 'number', maximum: { $param: 'days' }, minimum: 1 })).toEqual({
      fixed: { type: 'number', minimum: 1 },
      operand: { keyword: 'maximum', from: 'parameter', path: 'days' },
    })
    expect(splitLeaf({ pattern: { $param: 'days' } })).toEqual({ fixed: { pattern: { $param: 'days' } } })
  })
})

describe('a leaf that no closure can judge', () => {
  it('is unknown until somebody compiles it, and then shared by its content', () => {
    const schema = { type: 'string', minLength: 41 }
    expect(() => leafValidator(schema)).toThrow('minLength')
    compileLeaf(schema)
    expect(leafValidator({ minLength: 41, type: 'string' })('x'.repeat(41))).toBe(true)
    expect(leafValidator(schema)('x'.repeat(40))).toBe(false)
  })

  it('may be compiled elsewhere', () => {
    registerLeaves([['{"multipleOf":7}', data => data === 14]])
    expect(leafValidator({ multipleOf: 7 })(14)).toBe(true)
  })

  it.each([
    { type: 'string', minimun: 3 },
    { type: 'strin' },
    { type: 'string', pattern: 3 },
    { type: 'string', format: 'date' },
  ])('%j is refused', schema => {
    expect(() => compileLeaf(schema as LeafSchema)).toThrow()
  })

  it('has its own ajv only when source is wanted', () => {
    expect(leafAjv().opts.code.source).toBe(false)
    expect(leafAjv(true).opts.code.esm).toBe(true)
  })
})

describe('a pattern', () => {
  it('finds anywhere, as JSON Schema does', () => {
    expect(compileLeaf({ type: 'string', pattern: 'b+' })('abba')).toBe(true)
    expect(compileLeaf({ type: 'string', pattern: '^b+$' })('abba')).toBe(false)
  })

  it('that would hang a backtracking engine answers at once', () => {
    const valid = compileLeaf({ type: 'string', pattern: '^(a+)+$' })
    const start = performance.now()
    expect(valid(`${'a'.repeat(50_000)}!`)).toBe(false)
    expect(performance.now() - start).toBeLessThan(2000)
  })

  it.each(['(?=a)b', '(a)\\1', '(?<!a)b', '(', 'a'.repeat(501)])('%s is refused', pattern => {
    expect(() => linearPattern(pattern)).toThrow()
    expect(() => compileLeaf({ type: 'string', pattern })).toThrow()
  })

  it('of five hundred characters is allowed', () => {
    expect(linearPattern('a'.repeat(500)).test('a'.repeat(500))).toBe(true)
  })
})

// Protects what rules may name: the paths, types and origins that the loader and the evidence take from the facts schemas.
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../src/rules/canonical-json.ts'
import { factAt, indexFacts, mapPrefix, sharedFact } from '../../src/rules/fact-index.ts'
import { bookshopIndex } from './bookshop.ts'

const paths = bookshopIndex['data-store']

describe('the index of facts', () => {
  it.each([
    ['copiesSold', { types: ['number'], group: 'sales', assumptions: ['jobWindowDays'] }],
    ['genre', { types: ['string'], group: 'stock', values: ['crime', 'poetry', 'travel'] }],
    ['objectives', { types: ['object'], group: '' }],
    ['objectives.rpoHours', { types: ['number', 'null'], group: 'policy' }],
    ['volumes', { types: ['array'], group: 'stock', elements: 'objects' }],
    ['volumes[].loans', { types: ['array'], group: 'loans', elements: 'objects' }],
    ['volumes[].loans[].days', { types: ['number'], group: 'loans' }],
    ['authors', { types: ['array'], group: 'stock', elements: 'scalars' }],
    ['tags', { types: ['object'], group: 'tags', mapOf: ['string'] }],
    ['tags.team', { types: ['string', 'null'], group: 'tags' }],
    ['tags.a.b', { types: ['string', 'null'], group: 'tags' }],
    ['tags.', undefined],
    ['.tags', undefined],
    ['lock.none', undefined],
    ['toString', undefined],
    ['__proto__', undefined],
    ['', undefined],
  ])('knows %s', (path, entry) => {
    expect(factAt(paths, path)).toEqual(entry)
  })

  it('has nothing for no subject', () => {
    expect(factAt(undefined, 'name')).toBeUndefined()
    expect(sharedFact(bookshopIndex, [], 'name')).toBeUndefined()
    expect(sharedFact(bookshopIndex, ['toString'], 'name')).toBeUndefined()
  })

  it('takes an integer for a number, and below null all may be null', () => {
    const index = indexFacts({
      vault: {
        properties: {
          lock: {
            type: ['object', 'null'],
            properties: {
              days: { type: 'integer' },
              deep: { type: 'object', properties: { er: { type: ['string', 'null'] } } },
            },
          },
        },
      },
    })
    expect(index.vault).toMatchObject({
      'lock.days': { types: ['number', 'null'] },
      'lock.deep.er': { types: ['string', 'null'] },
    })
    expect(
      indexFacts({
        vault: {
          properties: { list: { type: ['array', 'null'], items: { properties: { days: { type: 'number' } } } } },
        },
      }).vault?.['list[].days']?.types,
    ).toEqual(['number'])
    expect(indexFacts({ vault: { properties: { any: {} } } }).vault).toEqual({ any: { types: [], group: '' } })
  })

  it('joins what several subjects say of one path', () => {
    expect(sharedFact(bookshopIndex, ['data-store', 'backup-vault'], 'open')).toEqual({
      types: ['boolean', 'null'],
      group: 'stock',
      assumptions: ['organizationId'],
    })
    expect(sharedFact(bookshopIndex, ['data-store', 'backup-vault'], 'genre')).toEqual({
      types: ['string'],
      group: 'stock',
      values: ['crime', 'poetry', 'travel', 'essay'],
    })
    expect(sharedFact(bookshopIndex, ['backup-vault', 'data-store'], 'shelfDays')).toBeUndefined()
    const index = indexFacts({
      a: { properties: { x: { type: 'string', enum: ['p'] } } },
      b: { properties: { x: { type: 'string' } } },
    })
    expect(sharedFact(index, ['a', 'b'], 'x')).toEqual({ types: ['string'], group: '' })
  })

  it('finds the map that a path goes into', () => {
    expect(mapPrefix(paths ?? {}, 'tags.team')).toBe('tags')
    expect(mapPrefix(paths ?? {}, 'lock.strength')).toBeUndefined()
    expect(mapPrefix(paths ?? {}, 'tags')).toBeUndefined()
  })
})

describe('canonical JSON', () => {
  it.each([
    [{ b: 1, a: [{ d: null, c: 'x' }] }, '{"a":[{"c":"x","d":null}],"b":1}'],
    [{ a: undefined, b: [undefined] }, '{"b":[null]}'],
    [undefined, 'null'],
    ['é"', '"é\\""'],
    [{ Z: 1, a: 2 }, '{"Z":1,"a":2}'],
  ])('of %j is %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text)
  })
})

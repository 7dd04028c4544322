import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Interner, isSame } from '../../src/inventory/interning.ts'

describe('one copy of equal values', () => {
  it('is the first that was given, for as long as it comes back', () => {
    const interner = new Interner<object>(10)
    const first = { n: 0 }
    expect(interner.one('often', first)).toBe(first)
    for (let i = 0; i < 1_000; i++) {
      interner.one(`once ${i}`, {})
      if (i % 5 === 0) expect(interner.one('often', { n: i })).toBe(first)
    }
  })

  it('is forgotten after two generations in which it did not come back', () => {
    const interner = new Interner<object>(10)
    const first = {}
    interner.one('a', first)
    for (let i = 0; i < 30; i++) interner.one(`once ${i}`, {})
    const second = {}
    expect(interner.one('a', second)).toBe(second)
  })

  it('is not kept under a key that is too long', () => {
    const interner = new Interner<object>(10)
    const key = 'x'.repeat(5_000)
    interner.one(key, {})
    const second = {}
    expect(interner.one(key, second)).toBe(second)
  })

  it('is told as the text of the values tells it', () => {
    const small = fc.jsonValue({ maxDepth: 2 }).map(value => JSON.parse(JSON.stringify(value)) as unknown)
    fc.assert(fc.property(small, small, (a, b) => isSame(a, b) === (JSON.stringify(a) === JSON.stringify(b))))
    fc.assert(fc.property(small, a => isSame(a, JSON.parse(JSON.stringify(a)))))
    expect(isSame({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(false)
    expect(isSame([], {})).toBe(false)
    expect(isSame({ a: undefined }, {})).toBe(false)
  })
})

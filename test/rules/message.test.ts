// Protects how facts read in a sentence: what is not known must say so, and hostile values must not break the sentence.
import { describe, expect, it } from 'vitest'
import type { Facts, FactValue } from '../../src/model/facts.ts'
import { fillMessage, placeholdersOf, spellFact } from '../../src/rules/message.ts'

describe('a fact in a sentence', () => {
  it.each([
    [undefined, '«unknown»'],
    [null, 'none'],
    [true, 'true'],
    ['orders', 'orders'],
    [24, '24'],
    [0.1 + 0.2, '0.3'],
    [33.339, '33.34'],
    [1e15, '1000000000000000'],
    [{ $atMost: 33.339 }, 'at most 33.34'],
    [{ $atLeast: 33 }, 'at least 33'],
    [[], 'none'],
    [['a', 'b'], 'a, b'],
    [['a', null], 'a, none'],
    [{ $partial: ['a'] }, 'a (and perhaps others)'],
    [{ $partial: [] }, '«unknown»'],
    [Array.from({ length: 12 }, (_, at) => at), '0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 2 more'],
    [Array.from({ length: 10 }, (_, at) => at), '0, 1, 2, 3, 4, 5, 6, 7, 8, 9'],
    [{ a: 1 }, '{"a":1}'],
  ] as [FactValue | undefined, string][])('%j reads %s', (fact, text) => {
    expect(spellFact(fact)).toBe(text)
  })
})

describe('a message', () => {
  const facts = {
    name: 'orders {id}',
    lock: { strength: 2, mode: null },
    gone: null,
    volumes: [{ pages: 3, loans: [{ days: 1 }] }, { loans: [{ days: 2 }, { days: 3 }] }],
    some: { $partial: [{ pages: 1 }] },
  } as unknown as Facts

  it.each([
    ['{name} has {lock.strength}', 'orders {id} has 2'],
    ['{lock.mode} {lock.none} {gone.deeper}', 'none «unknown» none'],
    ['{name.length} {lock.constructor} {toString}', '«unknown» «unknown» «unknown»'],
    ['{volumes[].pages}', '3, «unknown»'],
    ['{some[].pages}', '1 (and perhaps others)'],
    ['{absent[].pages} {gone[].pages} {name[].pages}', '«unknown» none «unknown»'],
    ['{parameters.days} {parameters.none} {parameters.toString}', '30 «unknown» «unknown»'],
    ['nothing to fill', 'nothing to fill'],
    ['{name} $& $1', 'orders {id} $& $1'],
  ])('%s becomes %s', (message, text) => {
    expect(fillMessage(message, facts, { days: 30 })).toBe(text)
  })

  it('names its placeholders once each', () => {
    expect(placeholdersOf('{name} and {name}, {lock.mode}')).toEqual(['name', 'lock.mode'])
    expect(placeholdersOf('none')).toEqual([])
  })
})

// Protects the evidence: which leaves are told to have decided, with which path, expectation and value, and which facts an
// undetermined answer is told to lack.
import { describe, expect, it } from 'vitest'
import type { Facts, FactValue } from '../../src/model/facts.ts'
import type { Condition, RuleParameter } from '../../src/model/rule.ts'
import { compileCondition } from '../../src/rules/condition.ts'
import { explainCondition, missingFrom } from '../../src/rules/explain.ts'
import { shapeWith } from './bookshop.ts'

const days: RuleParameter = {
  type: 'number',
  default: 30,
  description: 'days',
  objective: 'retentionDays',
  stricter: 'max',
}
const explain = (
  condition: Condition,
  facts: object,
  parameters: { [name: string]: FactValue } = {},
  objectives = new Map<string, string>(),
) => explainCondition(compileCondition(condition, shapeWith({ days })), facts as Facts, parameters, objectives)

const sold = { copiesSold: { minimum: 10 } }
const opened = { open: { const: true } }

describe('a false condition', () => {
  it('is explained by every leaf that is false, and by no other', () => {
    expect(explain({ ...sold, ...opened, name: { const: 'x' } }, { copiesSold: 9, open: true })).toEqual({
      truth: false,
      leaves: [{ path: 'copiesSold', factPath: 'copiesSold', expected: { minimum: 10 }, actual: 9 }],
      missing: [],
    })
  })

  it('under anyOf is explained by all branches', () => {
    const { leaves } = explain({ anyOf: [sold, opened] }, { copiesSold: 9, open: false })
    expect(leaves.map(leaf => leaf.path)).toEqual(['copiesSold', 'open'])
  })

  it('under not is explained by what holds, with the expectation turned round', () => {
    expect(explain({ not: sold }, { copiesSold: 12 }).leaves).toEqual([
      { path: 'copiesSold', factPath: 'copiesSold', expected: { not: { minimum: 10 } }, actual: 12 },
    ])
    expect(explain({ not: { not: sold } }, { copiesSold: 2 }).leaves[0]?.expected).toEqual({ minimum: 10 })
  })

  it('tells operands by their value', () => {
    expect(
      explain(
        { copiesSold: { type: 'number', minimum: { $fact: 'lock.strength' } } },
        { copiesSold: 1, lock: { strength: 2 } },
      ).leaves,
    ).toEqual([{ path: 'copiesSold', factPath: 'copiesSold', expected: { type: 'number', minimum: 2 }, actual: 1 }])
    expect(explain({ 'parameters.days': { const: 3 } }, {}, { days: 4 }).leaves).toEqual([
      { path: 'parameters.days', factPath: 'parameters.days', expected: { const: 3 }, actual: 4 },
    ])
  })
})

describe('a list', () => {
  const long = { pages: { minimum: 300 } }

  it('is explained by its elements with their indexes', () => {
    const { leaves } = explain({ every: { volumes: long, $empty: true } }, { volumes: [{ pages: 400 }, { pages: 2 }] })
    expect(leaves).toEqual([
      { path: 'volumes[1].pages', factPath: 'volumes[].pages', expected: { minimum: 300 }, actual: 2 },
    ])
  })

  it('under none is explained by the elements that should not be there', () => {
    const { leaves } = explain({ none: { volumes: long, $empty: true } }, { volumes: [{ pages: 400 }, { pages: 2 }] })
    expect(leaves).toEqual([
      { path: 'volumes[0].pages', factPath: 'volumes[].pages', expected: { not: { minimum: 300 } }, actual: 400 },
    ])
  })

  it('under some is explained by each failing element, or by the first that fits', () => {
    const condition = { some: { volumes: long } }
    expect(explain(condition, { volumes: [{ pages: 1 }, { pages: 2 }] }).leaves.map(leaf => leaf.actual)).toEqual([
      1, 2,
    ])
    expect(
      explain(condition, { volumes: [{ pages: 1 }, { pages: 301 }, { pages: 302 }] }).leaves.map(leaf => leaf.path),
    ).toEqual(['volumes[1].pages'])
  })

  it('under every and none is explained, when it holds, by its elements', () => {
    const facts = { volumes: [{ pages: 301 }, { pages: 302 }] }
    expect(explain({ every: { volumes: long, $empty: true } }, facts).leaves.map(leaf => leaf.actual)).toEqual([
      301, 302,
    ])
    expect(
      explain({ none: { volumes: { pages: { maximum: 3 } }, $empty: true } }, facts).leaves.map(leaf => leaf.expected),
    ).toEqual([{ not: { maximum: 3 } }, { not: { maximum: 3 } }])
  })

  it('that is empty, null or absent decides by itself', () => {
    const some = { some: { volumes: long } }
    const lenient = { every: { volumes: long, $empty: true } }
    expect(explain(some, { volumes: [] }).leaves).toEqual([
      { path: 'volumes', factPath: 'volumes', expected: { minItems: 1 }, actual: [] },
    ])
    expect(explain(lenient, { volumes: [] }).leaves).toEqual([
      { path: 'volumes', factPath: 'volumes', expected: { maxItems: 0 }, actual: [] },
    ])
    expect(explain(lenient, { volumes: null }).leaves).toEqual([
      { path: 'volumes', factPath: 'volumes', expected: { minItems: 1 }, actual: null },
    ])
    expect(explain(lenient, {})).toEqual({
      truth: undefined,
      leaves: [{ path: 'volumes', factPath: 'volumes', expected: { minItems: 1 } }],
      missing: ['volumes'],
    })
  })

  it('names the inner list by its place in the outer one', () => {
    const { leaves, missing } = explain(
      { some: { volumes: { every: { loans: { days: { maximum: 3 } }, $empty: false } } } },
      { volumes: [{ loans: [{ days: 1 }, { days: 9 }] }, { loans: [] }, {}] },
    )
    expect(leaves.map(leaf => [leaf.path, leaf.factPath])).toEqual([['volumes[2].loans', 'volumes[].loans']])
    expect(missing).toEqual(['volumes[].loans'])
    expect(
      explain(
        { some: { volumes: { every: { loans: { days: { maximum: 3 } }, $empty: false } } } },
        { volumes: [{ loans: [{ days: 9 }] }] },
      ).leaves[0],
    ).toEqual({
      path: 'volumes[0].loans[0].days',
      factPath: 'volumes[].loans[].days',
      expected: { maximum: 3 },
      actual: 9,
    })
  })

  it('is told of by ten elements at most', () => {
    const volumes = Array.from({ length: 30 }, () => ({ pages: 1 }))
    expect(explain({ every: { volumes: long, $empty: true } }, { volumes }).leaves).toHaveLength(10)
    expect(explain({ volumes: { maxItems: 3 } }, { volumes }).leaves[0]?.actual).toEqual({
      $partial: volumes.slice(0, 10),
    })
    expect(explain({ volumes: { maxItems: 3 } }, { volumes: volumes.slice(0, 10) }).leaves[0]?.actual).toEqual(
      volumes.slice(0, 10),
    )
  })
})

describe('an unknown condition', () => {
  it.each([
    [{ ...sold, ...opened }, { open: true }, ['copiesSold']],
    [{ anyOf: [sold, opened] }, { open: false }, ['copiesSold']],
    [{ ...sold, ...opened }, {}, ['copiesSold', 'open']],
    [{ allOf: [sold, { not: sold }] }, {}, ['copiesSold']],
    [{ shelfDays: { maximum: 3 } }, { shelfDays: { $atMost: 4 } }, ['shelfDays']],
    [{ authors: { minItems: 2 } }, { authors: { $partial: ['Sayers'] } }, ['authors']],
    [{ copiesSold: { minimum: { $fact: 'lock.strength' } } }, { copiesSold: 1 }, ['lock.strength']],
    [{ copiesSold: { minimum: { $fact: 'lock.strength' } } }, {}, ['copiesSold', 'lock.strength']],
    [{ copiesSold: { minimum: { $fact: 'lock.strength' } } }, { lock: { strength: 1 } }, ['copiesSold']],
    [
      { copiesSold: { minimum: { $fact: 'lock.strength' } } },
      { copiesSold: 1, lock: { strength: { $atMost: 4 } } },
      ['lock.strength'],
    ],
    [
      { some: { volumes: { pages: { minimum: { $item: 'limit' } } } } },
      { volumes: [{ pages: 1 }, { pages: 2 }] },
      ['volumes[].limit'],
    ],
    [
      { some: { volumes: { pages: { minimum: { $item: 'limit' } } } } },
      { volumes: [{ pages: 1, limit: null }] },
      ['volumes[].limit'],
    ],
    [
      { some: { volumes: { pages: { minimum: { $item: 'limit' } } } } },
      { volumes: [{ limit: null }] },
      ['volumes[].pages'],
    ],
    [{ some: { volumes: { pages: { minimum: 3 } } } }, { volumes: { $partial: [{ pages: 1 }] } }, ['volumes']],
    [
      { some: { volumes: { pages: { minimum: 3 } } } },
      { volumes: { $partial: [{ pages: 1 }, {}] } },
      ['volumes[].pages', 'volumes'],
    ],
    [{ none: { volumes: { pages: { minimum: 3 } }, $empty: true } }, { volumes: [{}] }, ['volumes[].pages']],
    [{ shelfDays: { maximum: { $param: 'days' } } }, { shelfDays: 1 }, ['objectives.retentionDays']],
    [{ 'parameters.days': { const: 1 } }, {}, ['objectives.retentionDays']],
  ] as [Condition, object, string[]][])('%j on %j lacks %j', (condition, facts, missing) => {
    const explanation = explain(condition, facts, {}, new Map([['days', 'retentionDays']]))
    expect(explanation.truth).toBeUndefined()
    expect(explanation.missing).toEqual(missing)
    const node = compileCondition(condition, shapeWith({ days }))
    expect(missingFrom(node, facts as Facts, {}, new Map([['days', 'retentionDays']]))).toEqual(missing)
  })

  it('shows what is known of the operand and the fact', () => {
    expect(explain({ copiesSold: { minimum: { $fact: 'lock.strength' } } }, { copiesSold: 1 }).leaves).toEqual([
      { path: 'copiesSold', factPath: 'copiesSold', expected: { minimum: { $fact: 'lock.strength' } }, actual: 1 },
    ])
    expect(explain(sold, {}).leaves).toEqual([
      { path: 'copiesSold', factPath: 'copiesSold', expected: { minimum: 10 } },
    ])
  })

  it('names a parameter that hangs on no objective by itself', () => {
    expect(explain({ 'parameters.days': { const: 1 } }, {}).missing).toEqual(['parameters.days'])
  })
})

describe('a true condition', () => {
  it('is explained by what holds: all of allOf, the first of anyOf', () => {
    expect(explain({ ...sold, ...opened }, { copiesSold: 10, open: true }).leaves.map(leaf => leaf.path)).toEqual([
      'copiesSold',
      'open',
    ])
    expect(
      explain({ anyOf: [{ copiesSold: { maximum: 1 } }, opened, sold] }, { copiesSold: 10, open: true }).leaves.map(
        leaf => leaf.path,
      ),
    ).toEqual(['open'])
    expect(explain({ ...sold }, { copiesSold: 10 })).toMatchObject({ truth: true, missing: [] })
  })

  it('tells the same leaf once, and different leaves on one fact each', () => {
    const twice = { allOf: [sold, sold, { copiesSold: { maximum: 99 } }] }
    expect(explain(twice, { copiesSold: 10 }).leaves.map(leaf => leaf.expected)).toEqual([
      { minimum: 10 },
      { maximum: 99 },
    ])
  })
})

// Protects arithmetic with what is not known: a bound must never read as an exact number, and an age never come from the
// machine's own clock or time zone.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { longest, type MaybeNumber, smallest } from '../../src/inventory/bounds.ts'
import { ageHours, hoursToDays, secondsOf } from '../../src/inventory/clock.ts'

describe('smallest', () => {
  it.each<[string, MaybeNumber[], boolean, MaybeNumber]>([
    ['nothing at all', [], true, null],
    ['nothing that is known', [], false, undefined],
    ['one number', [5], true, 5],
    ['zero', [0, 3], true, 0],
    ['the smaller of two', [7, 5, 6], true, 5],
    ['a number beside none', [null, 5], true, 5],
    ['none alone', [null, null], true, null],
    ['none, of a list that goes on', [null], false, undefined],
    ['a number of a list that goes on', [5, 7], false, { $atMost: 5 }],
    ['a number beside one not known', [undefined, 5], true, { $atMost: 5 }],
    ['one not known', [undefined], true, undefined],
    ['one not known beside none', [undefined, null], true, undefined],
    ['a bound from above', [{ $atMost: 4 }], true, { $atMost: 4 }],
    ['a bound above a number', [{ $atMost: 4 }, 3], true, { $atMost: 3 }],
    ['a bound below a number', [{ $atMost: 2 }, 3], true, { $atMost: 2 }],
    ['a bound from below, which bounds nothing here', [{ $atLeast: 4 }], true, undefined],
    ['a bound from below beside a number', [{ $atLeast: 1 }, 4], true, { $atMost: 4 }],
  ])('%s', (_name, values, complete, expected) => {
    expect(smallest(values, complete)).toEqual(expected)
  })
})

describe('longest', () => {
  it.each<[string, MaybeNumber[], boolean, MaybeNumber]>([
    ['nothing at all', [], true, 0],
    ['nothing that is known', [], false, undefined],
    ['one number', [35], true, 35],
    ['zero', [0], true, 0],
    ['the greater of three', [7, 35, 14], true, 35],
    ['for ever', [7, null, 14], true, null],
    ['for ever, whatever else', [undefined, null], false, null],
    ['a number of a list that goes on', [7, 35], false, { $atLeast: 35 }],
    ['a number beside one not known', [undefined, 35], true, { $atLeast: 35 }],
    ['one not known', [undefined], true, undefined],
    ['a bound from below', [{ $atLeast: 4 }], true, { $atLeast: 4 }],
    ['a bound below a number', [{ $atLeast: 4 }, 7], true, { $atLeast: 7 }],
    ['a bound above a number', [{ $atLeast: 9 }, 7], true, { $atLeast: 9 }],
    ['a bound from above, which bounds nothing here', [{ $atMost: 4 }], true, undefined],
  ])('%s', (_name, values, complete, expected) => {
    expect(longest(values, complete)).toEqual(expected)
  })
})

describe('whatever is not known', () => {
  const value = fc.oneof(fc.integer({ min: 0, max: 99 }), fc.constant(null), fc.constant(undefined))
  const settled = fc.oneof(fc.integer({ min: 0, max: 99 }), fc.constant(null))

  /** The truth, once each unknown has turned out to be one of some values, and the list has gone on with others. */
  const outcomes = fc.record({
    values: fc.array(value, { maxLength: 6 }),
    found: fc.array(settled, { maxLength: 6 }),
    more: fc.array(settled, { maxLength: 3 }),
  })

  it('never contradicts what is said of the smallest', () => {
    fc.assert(
      fc.property(outcomes, ({ values, found, more }) => {
        const truth = [...values.map((v, i) => (v === undefined ? (found[i] ?? null) : v)), ...more]
        const real = truth.filter(v => v !== null).sort((a, b) => a - b)[0] ?? null
        const said = smallest(values, more.length === 0)
        if (typeof said === 'number' || said === null) expect(said).toBe(real)
        else if (said !== undefined) expect(real).toBeLessThanOrEqual((said as { $atMost: number }).$atMost)
      }),
    )
  })

  it('never contradicts what is said of the longest', () => {
    fc.assert(
      fc.property(outcomes, ({ values, found, more }) => {
        const truth = [...values.map((v, i) => (v === undefined ? (found[i] ?? null) : v)), ...more]
        const real = truth.includes(null) ? Infinity : Math.max(0, ...(truth as number[]))
        const said = longest(values, more.length === 0)
        if (said === null) expect(real).toBe(Infinity)
        else if (typeof said === 'number') expect(said).toBe(real)
        else if (said !== undefined) expect(real).toBeGreaterThanOrEqual((said as { $atLeast: number }).$atLeast)
      }),
    )
  })
})

describe('ages', () => {
  it.each([
    [3600, 7200, 1],
    [0, 5400, 1.5],
    [0, 36, 0.01],
    [0, 17, 0],
    [7200, 3600, -1],
    [3600, undefined, undefined],
  ])('from %s to %s are %s hours', (at, clock, expected) => {
    expect(ageHours(at, clock)).toBe(expected)
  })

  it.each([
    [24, 1],
    [36, 1.5],
    [1, 0.04],
  ])('%s hours are %s days', (hours, days) => {
    expect(hoursToDays(hours)).toBe(days)
  })
})

describe('secondsOf', () => {
  const noon = Date.UTC(2026, 0, 15, 12) / 1000
  it.each([
    ['2026-01-15T12:00:00Z', noon],
    ['2026-01-15T12:00:00.999Z', noon],
    ['2026-01-15T12:00Z', noon],
    ['2026-01-15T14:00:00+02:00', noon],
    ['2026-01-15T12:00:00', noon],
    ['2026-01-15', noon - 43_200],
    ['15 January 2026', undefined],
    ['2026-01-15 12:00', undefined],
    ['x2026-01-15', undefined],
    ['2026-01-15x', undefined],
    ['2026-13-45', undefined],
    ['', undefined],
    [null, undefined],
    [undefined, undefined],
  ])('of %s is %s', (text, expected) => {
    expect(secondsOf(text)).toBe(expected)
  })
})

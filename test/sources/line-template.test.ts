import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/sources/json.ts'
import { LineTemplates } from '../../src/sources/line-template.ts'

/** Reads lines as a source does: those that no template takes are parsed, and learnt. */
function read(lines: readonly string[], accepts: (key: string, value: unknown) => boolean = () => true) {
  const templates = new LineTemplates({ extra: {}, accepts })
  const bytes = Buffer.from(lines.map(line => `${line}\n`).join(''))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const values: JsonObject[] = []
  const taken: number[] = []
  let start = 0
  lines.forEach((line, i) => {
    const value = templates.read(bytes, view, start, bytes.length)
    const end = start + Buffer.byteLength(line)
    if (value) {
      taken.push(i)
      expect(templates.end).toBe(end)
    } else templates.learn(line)
    values.push(value ?? JSON.parse(line))
    start = end + 1
  })
  return { values, taken }
}

const point = (n: number, more: object = {}) =>
  JSON.stringify({
    id: `point-${n}`,
    where: { name: `store-${n % 3}`, kinds: ['a', `b${n}`], plan: { id: 'daily' } },
    bytes: n * 1.5,
    whole: n % 2 === 0,
    none: null,
    ...more,
  })

describe('templates of lines', () => {
  it('read what the parser would, from the third line of a kind on', () => {
    const lines = Array.from({ length: 40 }, (_, n) => point(n))
    const { values, taken } = read(lines)
    expect(values).toEqual(lines.map(line => JSON.parse(line)))
    expect(values.map(value => JSON.stringify(value))).toEqual(lines)
    expect(taken.length).toBeGreaterThan(30)
  })

  it('know several kinds of line that take turns', () => {
    const lines = Array.from({ length: 90 }, (_, n) => point(n, n % 3 === 0 ? { extra: `${n}` } : {}))
    const { values, taken } = read(lines)
    expect(values).toEqual(lines.map(line => JSON.parse(line)))
    expect(taken.length).toBeGreaterThan(70)
  })

  const base = Array.from({ length: 12 }, (_, n) => point(n))
  const odd: [string, string][] = [
    ['an escape', point(1).replace('point-1', 'point\\u0041')],
    ['what is not ASCII', point(1).replace('point-1', 'Bücher')],
    ['a control character', point(1).replace('point-1', 'point\t1')],
    ['a value of another type', point(1).replace('"point-1"', '17')],
    ['an object for a value', point(1).replace('"point-1"', '{"a":1}')],
    ['a number that JSON does not know', point(1).replace('1.5', '01.5')],
    ['a word that JSON does not know', point(1).replace('1.5', 'NaN')],
    ['another name', point(1).replace('"plan"', '"Plan"')],
    ['a name twice', point(1).replace('"none":null', '"none":null,"id":"again"')],
    ['a member more', point(1, { more: 1 })],
    ['a line cut short', point(1).slice(0, -1)],
    ['text after the value', `${point(1)}x`],
    ['a blank more', point(1).replace('"none":null', '"none": null')],
    ['a string left open', point(1).replace('"point-1"', '"point-1')],
  ]
  it.each(odd)('leave to the parser: %s', (_what, line) => {
    const templates = new LineTemplates({ extra: {}, accepts: () => true })
    for (const text of base) templates.learn(text)
    const bytes = Buffer.from(`${line}\n`)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    expect(templates.read(bytes, view, 0, bytes.length)).toBeUndefined()
    const good = Buffer.from(`${point(99)}\n`)
    const goodView = new DataView(good.buffer, good.byteOffset, good.length)
    expect(templates.read(good, goodView, 0, good.length)).toEqual(JSON.parse(point(99)))
    // Not beyond the limit, though the bytes go on.
    expect(templates.read(good, goodView, 0, good.length - 1)).toBeUndefined()
  })

  it('ask whether a value may stand in a member of the outermost object', () => {
    const lines = Array.from({ length: 30 }, (_, n) =>
      JSON.stringify({ id: n % 4 === 3 ? '' : `${n}`, in: { id: '' } }),
    )
    const { taken } = read(lines, (key, value) => key !== 'id' || value !== '')
    expect(taken.some(i => i % 4 === 3)).toBe(false)
    expect(taken.length).toBeGreaterThan(10)
  })

  it('give no value a part in another but what stayed the same', () => {
    const { values } = read(Array.from({ length: 20 }, (_, n) => point(n)))
    const [a, b] = values.slice(-2) as { where: { name: string; kinds: string[] } }[]
    expect(a!.where).not.toBe(b!.where)
    expect(a!.where.kinds).not.toBe(b!.where.kinds)
  })

  it('have the members that are asked for besides, unless the line has them', () => {
    const templates = new LineTemplates({ extra: { place: undefined }, accepts: () => true })
    const bytes = Buffer.from('{"id":"c"}\n{"id":"c","place":3}\n')
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    for (const text of ['{"id":"a"}', '{"id":"b"}', '{"id":"a","place":1}', '{"id":"b","place":2}'])
      templates.learn(text)
    expect(Object.keys(templates.read(bytes, view, 0, bytes.length)!)).toEqual(['id', 'place'])
    expect(templates.read(bytes, view, 11, bytes.length)).toBeUndefined()
  })

  it('read any lines as the parser does', () => {
    const name = fc.constantFrom('a', 'b', 'c', '1', '__proto__', 'constructor', '')
    const scalar = fc.oneof(
      fc.constantFrom('', 'x', 'y', 'long text', 'é', '"', '\\'),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
    )
    const { object } = fc.letrec(tie => ({
      value: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        scalar,
        tie('object'),
        fc.array(tie('value'), { maxLength: 3 }),
      ),
      object: fc.dictionary(name, tie('value'), { maxKeys: 4 }),
    }))
    // Lines of a few kinds that come back with other values.
    const lines = fc.array(fc.tuple(fc.nat(2), fc.array(scalar, { minLength: 3, maxLength: 3 })), { maxLength: 40 })
    fc.assert(
      fc.property(fc.array(object, { minLength: 3, maxLength: 3 }), lines, (kinds, picks) => {
        const texts = picks.map(([kind, [p, q, r]]) => JSON.stringify({ p, kind: kinds[kind], q: { r: [q, r] } }))
        const { values } = read(texts)
        expect(values.map(value => JSON.stringify(value))).toEqual(texts.map(text => JSON.stringify(JSON.parse(text))))
      }),
      { numRuns: 300 },
    )
  })
})

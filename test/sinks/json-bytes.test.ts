/** Protects the bytes of snapshots: records are written as `JSON.stringify` would, whatever AWS answers. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { JsonBytes } from '../../src/sinks/json-bytes.ts'

class Disguised {
  toJSON() {
    return { told: 'by itself' }
  }
}

const odd = fc.constantFrom(
  undefined,
  null,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -0,
  1e21,
  5e-324,
  '\u2028',
  '\ud800',
  '\u007f',
  '"\\\b\u0001',
  new Date(Number.NaN),
  new Date(-1),
  new Date(253_402_300_800_000),
  new Date(253_402_300_799_999),
  new Disguised(),
  Object('boxed'),
  Object(7),
  Uint8Array.of(1, 2),
  Buffer.from('bytes'),
  new Map([[1, 2]]),
  Symbol('none'),
  () => 'none',
  Object.assign(Object.create(null), { a: 1 }),
  Object.assign(Object.create({ inherited: 1 }), { own: 2 }),
  { toJSON: () => undefined },
  { toJSON: 'a member' },
  Object.assign(new Date(0), { toJSON: () => 'another' }),
  Object.assign([1], { toJSON: () => 'a list' }),
  // biome-ignore lint/suspicious/noSparseArray: a hole is what is tested
  [1, , 2],
)

const value = fc.letrec(tie => ({
  any: fc.oneof(
    { maxDepth: 5 },
    fc.string({ unit: 'binary' }),
    fc.string(),
    fc.double(),
    fc.integer(),
    fc.boolean(),
    fc.date({ noInvalidDate: false }),
    fc.date({ min: new Date(0), max: new Date(4e12) }),
    odd,
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: 'binary' }), tie('any'), { maxKeys: 4 }),
  ),
})).any

it('writes what JSON.stringify writes, after what was written before', () => {
  const written = new JsonBytes()
  fc.assert(
    fc.property(value, told => {
      const start = written.length
      const text: string | undefined = JSON.stringify(told)
      expect(written.json(told)).toBe(text !== undefined)
      expect(written.bytes.toString('utf8', start, written.length)).toBe(Buffer.from(text ?? '').toString())
    }),
    { numRuns: 3000 },
  )
})

// Protects: no bytes whatever make reading throw or pass over something in silence, and cutting the input into other chunks
// changes nothing.
import { Readable } from 'node:stream'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readConfigEvent } from '../../src/sources/config-event.ts'
import { readConfigurationItem } from '../../src/sources/configuration-item.ts'
import { maxDepth, scanJson } from '../../src/sources/json.ts'
import { splitLines } from '../../src/sources/lines.ts'
import { checkRecord } from '../../src/sources/snapshot.ts'
import { configHistory, configSnapshot, item, ndjson, readAll, readText, resource, scope } from './estate.ts'
import { change, declared, plan, refers } from './terraform-inputs.ts'

const row = JSON.stringify(item())
const valid: Buffer[] = [
  ndjson(scope, resource(), resource({ id: 'wishlists' })),
  configSnapshot([item(), item({ resourceId: 'é€𐍈' })]),
  configHistory([item(), item({ configurationItemStatus: 'ResourceDeleted', configuration: null })]),
  row,
  JSON.stringify({ Results: [row], QueryInfo: {} }),
  JSON.stringify({ invokingEvent: JSON.stringify({ configurationItem: item(), messageType: 'x' }) }),
  JSON.stringify(
    plan({
      changes: [change({ address: 'aws_s3_bucket.b[0]', index: 0, unknown: { bucket: true, tags: { a: true } } })],
      configured: [declared('aws_s3_bucket.b', { bucket: refers('var.name') })],
    }),
  ),
  JSON.stringify({
    version: 4,
    terraform_version: '1.9.0',
    serial: 1,
    lineage: 'x',
    resources: [{ type: 'aws_s3_bucket', name: 'b', instances: [{ index_key: 0, attributes: { id: 'b' } }] }],
  }),
  'locals {\n  a = [for x in ["é"] : upper("${x}-b")]\n}\nresource "aws_s3_bucket" "b" {\n  bucket = local.a[0]\n  tags = { a = <<A\n1\nA\n  }\n}\n',
].flatMap(text => [Buffer.from(text), gzipSync(text)])

type Mutation = { at: number; remove: number; insert: Uint8Array }
const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(2000),
  remove: fc.nat(40),
  insert: fc.oneof(
    fc.uint8Array({ maxLength: 8 }),
    fc.constantFrom('{', '}', '[', ']', ',', '"', '\\', '\n').map(text => Buffer.from(text)),
  ),
})

function mutate(bytes: Buffer, mutations: readonly Mutation[]): Buffer {
  let mutated = bytes
  for (const { at, remove, insert } of mutations) {
    const from = at % (mutated.length + 1)
    mutated = Buffer.concat([mutated.subarray(0, from), insert, mutated.subarray(from + remove)])
  }
  return mutated
}

/** Reads bytes; whatever they are, something is told of them, and all that is told can be written as JSON. */
async function speaks(bytes: Buffer): Promise<void> {
  const outcome = await readText(bytes)
  const told = outcome.records.length + outcome.problems.length + outcome.notEvaluated.length
  const text = bytes[0] === 0x1f ? '' : bytes.toString().trim()
  // Only a document that is valid and holds no items has nothing to tell.
  if (told === 0) expect(() => JSON.parse(text === '' ? gunzipSync(bytes).toString() : text)).not.toThrow()
  for (const record of outcome.records) {
    if (record.record === 'resource') expect(record.configuration).toBeTypeOf('object')
  }
  expect(() => JSON.stringify(outcome)).not.toThrow()
}

describe('reading', () => {
  it('speaks of random bytes', () =>
    fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), bytes => speaks(Buffer.from(bytes))),
      { numRuns: 200 },
    ))

  it('speaks of truncated inputs', () =>
    fc.assert(
      fc.asyncProperty(fc.constantFrom(...valid), fc.nat(3000), (bytes, cut) =>
        speaks(bytes.subarray(0, cut % bytes.length)),
      ),
      { numRuns: 300 },
    ))

  it('speaks of mutated inputs', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...valid),
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        (bytes, mutations) => speaks(mutate(bytes, mutations)),
      ),
      { numRuns: 400 },
    ))

  it('does not depend on how the bytes are cut', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...valid),
        fc.array(mutation, { maxLength: 2 }),
        fc.integer({ min: 1, max: 97 }),
        async (bytes, mutations, size) => {
          const mutated = mutate(bytes, mutations)
          const chunks: Buffer[] = []
          for (let at = 0; at < mutated.length; at += size) chunks.push(mutated.subarray(at, at + size))
          const whole = await readText(mutated)
          const cut = await readAll(['-'], { cwd: '.', stdin: Readable.from(chunks) })
          expect(JSON.stringify(cut)).toBe(JSON.stringify(whole))
        },
      ),
      { numRuns: 200 },
    ))
})

describe('readers of single values', () => {
  it('never throw', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom(...Object.keys(item()), 'record', 'invokingEvent', '__proto__'), fc.jsonValue()),
    )
    fc.assert(
      fc.property(value, value => {
        checkRecord(value)
        readConfigEvent(value)
        readConfigurationItem(value)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('the scanner', () => {
  /** The elements of a JSON list, by the scanner, whatever the chunks. */
  function elements(text: string, size: number): unknown[] | undefined {
    const found: unknown[] = []
    const scan = scanJson(
      {
        begin: path => (path === '' ? 'enter' : 'take'),
        value: (_path, bytes) => found.push(JSON.parse(bytes.toString())),
        tooLarge: () => {},
      },
      { maxValueBytes: 1 << 20 },
    )
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; at += size) scan.push(bytes.subarray(at, at + size))
    return scan.end() ? undefined : found
  }

  it('finds what the parser finds', () =>
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue()),
        fc.integer({ min: 1, max: 50 }),
        fc.constantFrom(0, 1, 2),
        (list, size, indent) => {
          const text = JSON.stringify(list, null, indent)
          expect(elements(text, size)).toEqual(JSON.parse(text))
        },
      ),
      { numRuns: 500 },
    ))

  it('refuses nesting that a walk would not survive', () => {
    expect(elements(`[${'['.repeat(maxDepth)}${']'.repeat(maxDepth)}]`, 100)).toHaveLength(1)
    expect(elements(`[${'['.repeat(maxDepth + 1)}${']'.repeat(maxDepth + 1)}]`, 100)).toBeUndefined()
  })

  it('counts lines as an editor does', () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('1', '"a\\nb"', '{"a":\n[\n]}', '[]')),
        fc.constantFrom(',', ',\n', '\n,\n\n'),
        (list, separator) => {
          const text = `[${list.join(separator)}]`
          const lines: number[] = []
          const handlers = {
            begin: (path: string) => (path === '' ? ('enter' as const) : ('take' as const)),
            tooLarge: () => {},
          }
          const scan = scanJson(
            { ...handlers, value: (_path, _bytes, line) => lines.push(line) },
            { maxValueBytes: 1000 },
          )
          scan.push(Buffer.from(text))
          const expected = list.map((_, i) => {
            const before = `[${list.slice(0, i).join(separator)}${i > 0 ? separator : ''}`
            return before.split('\n').length
          })
          expect(lines).toEqual(expected)
        },
      ),
    ))
})

describe('lines', () => {
  it('are those of a split at newlines, whatever the chunks', () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('', 'a', 'shop', 'é', '𐍈', '\r')),
        fc.integer({ min: 1, max: 7 }),
        (list, size) => {
          const text = list.join('\n')
          const told: [string, number][] = []
          const lines = splitLines(
            {
              line: (line, number) => told.push([line, number]),
              notUtf8: () => told.push(['?', 0]),
              tooLong: () => {},
            },
            100,
          )
          const bytes = Buffer.from(text)
          for (let at = 0; at < bytes.length; at += size) lines.push(bytes.subarray(at, at + size))
          lines.end()
          const expected = text.split('\n').map((line, i): [string, number] => [line, i + 1])
          expect(told).toEqual(expected.filter(([line]) => line !== ''))
        },
      ),
    ))
})

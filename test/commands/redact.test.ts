// Protects the way of a snapshot to others: what is written holds no name, is sorted by pseudonyms, is judged as before with the
// translated policy, and is written only where all of the snapshot could be read.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { root } from '../fixtures/estates.ts'
import { Shop, snapshot } from './bookshop.ts'

const clinic = readFileSync(join(root, 'fixtures/clinic/snapshot.ndjson'), 'utf8')

/** An account that holds the clinic. */
vi.mock('../../src/commands/live-run.ts', () => ({
  services: [],
  usualAttempts: 8,
  CannotCollect: class extends Error {},
  UnusableFolder: class extends Error {},
  Stop: class {},
  readLive: async () => ({
    damage: [],
    accounts: ['111122223333'],
    tally: { calls: new Map() },
    chunks: () => [clinic].values(),
    end() {},
  }),
}))

const shop = new Shop({
  'clinic.ndjson': clinic,
  'clinic.yaml': readFileSync(join(root, 'fixtures/clinic/rel09.yaml'), 'utf8'),
  'shop.ndjson': snapshot(),
  'broken.ndjson': `${snapshot()}{"record":"resource"\n`,
  'template.yaml': 'Resources:\n  Carts:\n    Type: AWS::DynamoDB::Table\n',
  key: 'a secret of more than sixteen bytes',
  short: 'short',
})
afterAll(() => shop.remove())

const counts = async (input: string, policy: string) => {
  const { out, code } = await shop.run(
    ['scan', input, '--policy', policy, '--format', 'json', '--now', '2026-01-15T06:00:00Z'].concat('--no-progress'),
  )
  const { summary, findings, gaps } = JSON.parse(out)
  return { code, summary: { ...summary, undetermined: undefined }, findings: findings.length, gaps: gaps.length }
}

it('a snapshot with its policy is judged as before', async () => {
  const run = await shop.run(
    ['redact', 'clinic.ndjson', '--output', 'public.ndjson.gz', '--map', 'map.json', '--key', 'key'].concat([
      '--policy',
      'clinic.yaml',
      '--policy-output',
      'public.yaml',
    ]),
  )
  expect(run).toMatchObject({ code: 0, out: '', err: '' })
  expect(await counts('public.ndjson.gz', 'public.yaml')).toEqual(await counts('clinic.ndjson', 'clinic.yaml'))
  const text = gunzipSync(readFileSync(join(shop.path, 'public.ndjson.gz'))).toString() + shop.read('public.yaml')
  for (const name of ['111122223333', 'clinic', 'appointments', 'oncall', 'front-desk', 'laboratory'])
    expect(text).not.toContain(name)
  const { pseudonyms } = JSON.parse(shop.read('map.json')) as { pseudonyms: Record<string, string> }
  expect(Object.values(pseudonyms)).toEqual(expect.arrayContaining(['111122223333', 'clinic', 'appointments']))
  for (const pseudonym of Object.keys(pseudonyms)) expect(text + JSON.stringify(pseudonyms)).toContain(pseudonym)
})

it('the same key gives the same bytes, none other ones each time', async () => {
  for (const [output, ...more] of [
    ['a.ndjson', '--key', 'key'],
    ['b.ndjson', '--key', 'key'],
    ['c.ndjson'],
    ['d.ndjson'],
  ] as const)
    expect((await shop.run(['redact', 'shop.ndjson', '--output', output, ...more])).code).toBe(0)
  expect(shop.read('a.ndjson')).toBe(shop.read('b.ndjson'))
  expect(shop.read('c.ndjson')).not.toBe(shop.read('d.ndjson'))
})

it('collecting redacts what it read, and sorts it by the pseudonyms', async () => {
  const run = await shop.run(['collect', '--output', 'collected.ndjson', '--redact', '--redact-key', 'key'])
  expect([run.code, run.out]).toEqual([0, ''])
  await shop.run(['redact', 'clinic.ndjson', '--output', 'public.ndjson', '--key', 'key'])
  expect(shop.read('collected.ndjson')).toBe(shop.read('public.ndjson'))
  const arns = [
    ...shop.read('collected.ndjson').matchAll(/"type":"AWS::DynamoDB::Table","id":"[^"]*","arn":"([^"]+)"/g),
  ].map(([, arn]) => arn!)
  expect(arns.length).toBeGreaterThan(3)
  expect(arns).toEqual([...arns].sort())
})

describe('refused', () => {
  it.each<[string, string[], string]>([
    ['without an output', ['shop.ndjson'], '--output'],
    ['where a part cannot be read', ['broken.ndjson', '--output', 'x.ndjson'], 'broken.ndjson'],
    ['for a template', ['template.yaml', '--output', 'x.ndjson'], 'template.yaml'],
    ['for standard input', ['-', '--output', 'x.ndjson'], 'twice'],
    ['with a key that can be guessed', ['shop.ndjson', '--output', 'x.ndjson', '--key', 'short'], 'too short'],
    ['over its input', ['shop.ndjson', '--output', './shop.ndjson'], 'another file'],
    [
      'with a policy that goes nowhere',
      ['shop.ndjson', '--output', 'x.ndjson', '--policy', 'clinic.yaml'],
      '--policy-output',
    ],
  ])('%s', async (_, args, told) => {
    const { code, err } = await shop.run(['redact', ...args])
    expect(code).toBe(2)
    expect(err).toContain(told)
    expect(shop.read('shop.ndjson')).toBe(snapshot())
  })

  it('a key without --redact', async () => {
    const { code, err } = await shop.run(['collect', '--output', 'x.ndjson', '--redact-key', 'key'])
    expect([code, err]).toEqual([2, expect.stringContaining('add --redact')])
  })
})

// Protects what is said of two states of an estate: nothing is called mended or gone that is not proven to be, what differs is
// told from either end alike, and in the same bytes whatever the order of the records.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { Comparison, FindingChangeKind, ResourceChangeKind } from '../../src/model/comparison.ts'
import type { GapRecord, ResourceRecord, ScopeRecord, SnapshotRecord } from '../../src/model/record.ts'
import { root } from '../fixtures/estates.ts'
import { Shop } from './bookshop.ts'

const schemaOf = (name: string) => JSON.parse(readFileSync(join(root, 'schemas', name), 'utf8'))
const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true })
  .addSchema(schemaOf('report.schema.json'))
  .compile(schemaOf('comparison.schema.json'))

const shop = new Shop({ 'clinic.yaml': readFileSync(join(root, 'fixtures/clinic/rel09.yaml'), 'utf8') })
afterAll(() => shop.remove())

const estate = (name: string): SnapshotRecord[] =>
  readFileSync(join(root, 'fixtures', name, 'snapshot.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as SnapshotRecord)

const clinic = estate('clinic')
const textOf = (records: readonly SnapshotRecord[]) => records.map(record => `${JSON.stringify(record)}\n`).join('')

const copyOf = (records: readonly SnapshotRecord[]) => structuredClone(records) as SnapshotRecord[]
const isResource = (record: SnapshotRecord): record is ResourceRecord => record.record === 'resource'

/** The clinic without a resource. */
const without = (name: string) => copyOf(clinic).filter(record => !(isResource(record) && record.name === name))

/** The clinic with a resource changed. */
function changed(name: string, change: (record: ResourceRecord) => void): SnapshotRecord[] {
  const records = copyOf(clinic)
  const found = records.filter(isResource).filter(record => record.name === name)
  if (found.length === 0) throw new Error(`the clinic has no ${name}`)
  for (const record of found) change(record)
  return records
}

const mainScope = clinic.find(
  (record): record is ScopeRecord =>
    record.record === 'scope' && record.account === '111122223333' && record.region === 'eu-west-1',
)!
const gapOf = (factGroup: string, types: string[] = []): GapRecord => ({
  record: 'gap',
  scope: mainScope.id,
  account: '111122223333',
  region: 'eu-west-1',
  factGroups: [factGroup],
  types,
  api: 'test:Denied',
  reason: 'denied',
  remedy: 'Allow test:Denied.',
})

const denied: SnapshotRecord[] = [...clinic, gapOf('restore-testing')]
const unprotected = changed('appointments', record => {
  record.configuration.DeletionProtection = false
})

const judging = ['--policy', 'clinic.yaml', '--now', '2026-01-15T06:00:00Z', '--no-progress']
const write = (name: string, records: readonly SnapshotRecord[]) => shop.write(name, textOf(records))

async function run(old: string, present: string, ...more: string[]) {
  const { code, out, err } = await shop.run(['diff', old, present, ...judging, '--format', 'json', ...more])
  if (out === '') throw new Error(err)
  const comparison = JSON.parse(out) as Comparison
  expect(validate(comparison), JSON.stringify(validate.errors)).toBe(true)
  return { code, out, comparison }
}

async function compared(old: readonly SnapshotRecord[], present: readonly SnapshotRecord[], ...more: string[]) {
  write('old.ndjson', old)
  write('new.ndjson', present)
  return run('old.ndjson', 'new.ndjson', ...more)
}

/** `change rule name`, and `change name` of resources. */
const told = ({ findings, resources }: Comparison) => [
  ...findings.map(({ change, rule, resource }) => `${change} ${rule} ${resource.name}`),
  ...resources
    .filter(({ resource }) => resource.subject === 'data-store')
    .map(one => `${one.change} ${one.resource.name}`),
]

describe('a change', () => {
  it.each<[string, readonly SnapshotRecord[], readonly SnapshotRecord[], string[], number]>([
    ['of nothing', clinic, clinic, [], 0],
    ['for the worse', clinic, unprotected, ['worse deletion-protection appointments'], 1],
    ['for the better', unprotected, clinic, ['better deletion-protection appointments'], 0],
    ['that adds a store', without('clinic-imaging'), clinic, ['appeared clinic-imaging'], 1],
    ['that takes a store', clinic, without('clinic-imaging'), ['gone clinic-imaging'], 0],
    [
      'that hides a store',
      clinic,
      [...without('lab-staging'), gapOf('inventory', ['AWS::DynamoDB::Table'])],
      ['noLongerSeen lab-staging'],
      0,
    ],
    [
      'that shows a store',
      [...without('lab-staging'), gapOf('inventory', ['AWS::DynamoDB::Table'])],
      clinic,
      ['newlySeen lab-staging'],
      1,
    ],
  ])('%s is told as such', async (_, old, present, expected, code) => {
    const { comparison, code: exit } = await compared(old, present)
    const ofGap = ({ change }: { change: string }) => change !== 'becameUnknown' && change !== 'becameKnown'
    expect(told({ ...comparison, findings: comparison.findings.filter(ofGap) })).toEqual(expected)
    expect(exit).toBe(code)
  })

  it('of evidence is one of what is known, and fails only where evidence is asked for', async () => {
    const lost = await compared(clinic, denied)
    expect(new Set(lost.comparison.findings.map(({ change }) => change))).toEqual(new Set(['becameUnknown']))
    expect(lost.comparison.findings[0]!.missing).not.toEqual([])
    expect(lost.comparison.gaps.appeared).toHaveLength(1)
    expect(lost.code).toBe(0)
    expect((await compared(clinic, denied, '--require-evidence')).code).toBe(3)
  })

  it('of what a Region was asked leaves everything there no longer seen', async () => {
    const { comparison } = await compared(
      clinic,
      clinic.filter(record => (record.record === 'scope' ? record.id !== mainScope.id : record.scope !== mainScope.id)),
    )
    const ofRegion = comparison.resources.filter(({ resource }) => resource.account === '111122223333')
    expect(ofRegion.length).toBeGreaterThan(20)
    expect(new Set(ofRegion.map(({ change }) => change))).toEqual(new Set(['noLongerSeen']))
    expect(comparison.summary.findings.better).toBe(0)
    expect(comparison.scopes.gone).toHaveLength(1)
  })

  it('of claims leaves no store gone: who did not list them cannot tell', async () => {
    const partial = without('clinic-imaging').map(record =>
      record.record === 'scope'
        ? {
            ...record,
            factGroups: (record.factGroups ?? []).filter(group => group !== 'inventory' && group !== 'tags'),
          }
        : record,
    )
    const { comparison } = await compared(clinic, partial)
    expect(told({ ...comparison, findings: [] })).toEqual(['noLongerSeen clinic-imaging'])
  })

  it('of an exemption is worse, or better', async () => {
    shop.write('lax.yaml', readFileSync(join(root, 'fixtures/clinic/rel09.yaml'), 'utf8'))
    shop.write('strict.yaml', shop.read('lax.yaml').replace('expires: 2026-06-30', 'expires: 2025-06-30'))
    write('old.ndjson', clinic)
    for (const name of ['lax', 'strict'])
      await shop.run(
        ['scan', 'old.ndjson', '--policy', `${name}.yaml`, '--now', '2026-01-15T06:00:00Z', '--verdicts', 'all'].concat(
          ['--format', 'json', '--output', `${name}.json`, '--no-progress'],
        ),
      )
    const lapsed = await run('lax.json', 'strict.json')
    expect(told(lapsed.comparison)).toEqual(['worse deletion-protection waiting-room'])
    expect(lapsed.comparison.findings[0]).toMatchObject({ before: { exempted: true }, after: { exempted: false } })
    expect(lapsed.code).toBe(1)
    expect(lapsed.comparison.caveats[0]).toContain('different policies')
    expect(told((await run('strict.json', 'lax.json')).comparison)).toEqual(['better deletion-protection waiting-room'])
  })
})

describe('a saved report', () => {
  const scan = (input: string, output: string, ...more: string[]) =>
    shop.run(['scan', input, ...judging, '--format', 'json', '--output', output, ...more])

  it('stands for the snapshot that it was made of, compressed or laid out otherwise too', async () => {
    write('old.ndjson', clinic)
    write('new.ndjson', unprotected)
    await scan('old.ndjson', 'old.json', '--verdicts', 'all')
    await scan('new.ndjson', 'new.json', '--verdicts', 'all')
    const sorted = JSON.parse(shop.read('old.json')) as object
    writeFileSync(join(shop.path, 'old.json.gz'), gzipSync(shop.read('old.json')))
    shop.write('sorted.json', JSON.stringify(Object.fromEntries(Object.entries(sorted).sort()), null, 2))
    for (const [old, present] of [
      ['old.json', 'new.json'],
      ['sorted.json', 'new.ndjson'],
      ['old.json.gz', 'new.json'],
      ['old.ndjson', 'new.json'],
    ] as const) {
      const { comparison, code } = await run(old, present)
      expect(told(comparison)).toEqual(['worse deletion-protection appointments'])
      expect([code, comparison.caveats]).toEqual([1, []])
    }
  })

  it('that leaves out what is met proves nothing better or gone', async () => {
    write('old.ndjson', unprotected)
    write('new.ndjson', without('clinic-imaging'))
    await scan('old.ndjson', 'old.json')
    await scan('new.ndjson', 'new.json')
    const { comparison } = await run('old.json', 'new.json')
    expect(told(comparison)).toEqual(['ceased deletion-protection appointments', 'noLongerSeen clinic-imaging'])
    expect(comparison.caveats).toHaveLength(2)
  })

  it.each<[string, string]>([
    ['is cut off', '{"version":1,"policyDigest":"a","rulesDigest":"b","findings":[{"rule":'],
    ['holds no finding', '{"version":1,"policyDigest":"a","rulesDigest":"b","findings":[{"rule":1}]}'],
    ['is of another version', '{"version":2,"policyDigest":"a","rulesDigest":"b","findings":[]}'],
  ])('that %s is refused', async (_, text) => {
    shop.write('bad.json', text)
    write('old.ndjson', clinic)
    const { code, out, err } = await shop.run(['diff', 'old.ndjson', 'bad.json', ...judging])
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('bad.json')
  })
})

it('templates in two folders are compared file by file', async () => {
  const table = (protection: boolean) =>
    `Resources:\n  Carts:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      TableName: carts\n      DeletionProtectionEnabled: ${protection}\n      KeySchema: [{ AttributeName: id, KeyType: HASH }]\n`
  shop.write('main/shop.yaml', table(true))
  shop.write('branch/shop.yaml', table(false))
  const { comparison } = await run('main', 'branch')
  expect(comparison.findings.map(({ change, rule }) => `${change} ${rule}`)).toContain('worse deletion-protection')
  expect(comparison.resources).toEqual([])
  expect((await run('branch', 'branch')).comparison.findings).toEqual([])
})

describe('two states', () => {
  const opposites: { readonly [change in FindingChangeKind | ResourceChangeKind]: string } = {
    worse: 'better',
    better: 'worse',
    arose: 'ceased',
    ceased: 'arose',
    becameUnknown: 'becameKnown',
    becameKnown: 'becameUnknown',
    appeared: 'gone',
    gone: 'appeared',
    newlySeen: 'noLongerSeen',
    noLongerSeen: 'newlySeen',
  }
  const bookshop = estate('bookshop')
  const resources = bookshop.filter(isResource)
  const scope = bookshop.find(
    (record): record is ScopeRecord => record.record === 'scope' && record.region !== 'global',
  )!
  const gap = fc.constantFrom('inventory', 'plans', 'selections', 'recovery-points', 'tags', 'vaults').map(group => ({
    ...gapOf(group),
    scope: scope.id,
    account: scope.account!,
    region: scope.region!,
  }))
  const state = fc
    .tuple(fc.uniqueArray(fc.nat(resources.length - 1), { maxLength: 8 }), fc.array(gap, { maxLength: 2 }))
    .map(([taken, gaps]) => {
      const gone = new Set<SnapshotRecord>(taken.map(at => resources[at]!))
      return [...bookshop.filter(record => !gone.has(record)), ...gaps]
    })
  const plain = ({ findings, resources }: Comparison, mirrored: boolean) => {
    const name = (change: FindingChangeKind | ResourceChangeKind) => (mirrored ? opposites[change] : change)
    const keyed = (resource: object) => {
      const { subject, arn, id, account, region } = resource as Comparison['resources'][number]['resource']
      return [subject, arn ?? id, account, region].join(' ')
    }
    return [
      ...findings.map(({ change, rule, resource, before, after }) => [
        name(change),
        rule,
        keyed(resource),
        ...(mirrored ? [after, before] : [before, after]),
      ]),
      ...resources.map(({ change, resource, findings }) => [name(change), keyed(resource), findings]),
    ]
      .map(entry => JSON.stringify(entry))
      .sort()
  }

  it('differ alike from either end, in nothing from themselves, and whatever the order of their records', async () => {
    let different = 0
    await fc.assert(
      fc.asyncProperty(state, state, fc.nat(), async (old, present, seed) => {
        const there = await compared(old, present)
        const back = await run('new.ndjson', 'old.ndjson')
        expect(plain(back.comparison, true)).toEqual(plain(there.comparison, false))
        const self = (await run('old.ndjson', 'old.ndjson')).comparison
        expect([self.findings, self.resources, self.gaps.appeared, self.gaps.gone]).toEqual([[], [], [], []])
        const order = (records: readonly SnapshotRecord[]) =>
          [...records].sort((a, b) => rank(JSON.stringify(a), seed) - rank(JSON.stringify(b), seed))
        expect((await compared(order(old), order(present))).out).toBe(there.out)
        if (there.comparison.findings.length + there.comparison.resources.length > 0) different++
      }),
      { numRuns: 8 },
    )
    expect(different).toBeGreaterThan(3)
  })
})

/** A number that hangs on a text and a seed alone. */
const rank = (text: string, seed: number): number => {
  let hash = seed | 0
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0
  return hash
}

describe('for people', () => {
  it.each(['text', 'markdown'] as const)('as %s', async format => {
    write('old.ndjson', clinic)
    write('new.ndjson', [
      ...unprotected.filter(record => !(isResource(record) && record.name === 'clinic-imaging')),
      gapOf('restore-testing'),
    ])
    const { out } = await shop.run(['diff', 'old.ndjson', 'new.ndjson', ...judging, '--format', format])
    await expect(out).toMatchFileSnapshot(
      `${root}/test/fixtures/golden/clinic/diff.${format === 'text' ? 'txt' : 'md'}`,
    )
  })

  it('names of others reach no terminal and no markup', async () => {
    const hostile = changed('appointments', record => {
      record.name = '\u001b[2J<img src=x>|\u202e'
      record.configuration.DeletionProtection = false
    })
    write('old.ndjson', clinic)
    write('new.ndjson', hostile)
    for (const format of ['text', 'markdown', 'json']) {
      const { out } = await shop.run(['diff', 'old.ndjson', 'new.ndjson', ...judging, '--format', format])
      for (const control of ['\u001b', '\u202e']) expect(out).not.toContain(control)
      if (format === 'markdown') expect(out).not.toContain('<img')
    }
  })

  it('what is read is never written over', async () => {
    write('old.ndjson', clinic)
    const { code } = await shop.run(['diff', 'old.ndjson', 'old.ndjson', ...judging, '--output', './old.ndjson'])
    expect([code, shop.read('old.ndjson')]).toEqual([2, textOf(clinic)])
  })
})

// Protects: a bucket of AWS Config deliveries is read as AWS means it: the newest snapshot of each account and Region, its time
// from its key, one scope for all history of an account and Region, however large the files are.
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readDeliveryName } from '../../src/sources/config-delivery.ts'
import { readInputs } from '../../src/sources/read.ts'
import {
  account,
  configHistory,
  configSnapshot,
  directoryOf,
  item,
  otherAccount,
  readFiles,
  readText,
  region,
} from './estate.ts'

function key(owner: string, at: string, kind: 'ConfigSnapshot' | 'ConfigHistory', time: string, rest: string): string {
  return `org/AWSLogs/${owner}/Config/${at}/2026/1/5/${kind}/${owner}_Config_${at}_${kind}_${time}_${rest}.json.gz`
}

const instance = (id: string, more: object = {}) => item({ resourceId: id, ARN: undefined, resourceName: id, ...more })
const older = key(account, region, 'ConfigSnapshot', '20260104T100000Z', 'aaaa-1')
const newer = key(account, region, 'ConfigSnapshot', '20260105T100000Z', 'aaaa-2')
const other = key(otherAccount, region, 'ConfigSnapshot', '20260103T100000Z', 'aaaa-3')
const history1 = key(account, region, 'ConfigHistory', 'AWS::RDS::DBInstance', '20260105T000000Z_20260105T060000Z_1')
const history2 = key(account, region, 'ConfigHistory', 'AWS::S3::Bucket', '20260105T000000Z_20260105T060000Z_1')
const oversized = `org/AWSLogs/${account}/Config/${region}/2026/1/5/OversizedChangeNotification/AWS::RDS::DBInstance/db-big/${account}_Config_${region}_ChangeNotification_AWS::RDS::DBInstance_db-big_20260105T100000Z_1.json.gz`

const bucket = {
  [`org/AWSLogs/${account}/Config/ConfigWritabilityCheckFile`]: '',
  [older]: gzipSync(configSnapshot([instance('db-old')])),
  [newer]: gzipSync(configSnapshot([instance('db-new'), instance('role', { awsRegion: 'global' })])),
  [other]: gzipSync(configSnapshot([instance('db-other', { awsAccountId: otherAccount })])),
  [history1]: gzipSync(
    configHistory([
      instance('db-h1'),
      instance('db-h1', { configurationItemStatus: 'ResourceDeleted', configuration: null }),
    ]),
  ),
  [history2]: gzipSync(configHistory([instance('db-h2')])),
  [oversized]: gzipSync(
    JSON.stringify({ configurationItem: instance('db-big'), messageType: 'ConfigurationItemChangeNotification' }),
  ),
  'org/notes.txt': 'Ask the clinic about its bucket.',
}

describe('a bucket of deliveries', () => {
  it('reads the newest snapshot of each account and Region, and says which it left out', async () => {
    const { scopes, resources, problems, notEvaluated } = await readFiles(bucket)
    expect(problems).toEqual([])
    const snapshots = scopes.filter(entry => entry.source === 'aws-config-snapshot')
    expect(snapshots.map(({ account, region, takenAt }) => [account, region, takenAt])).toEqual([
      [account, region, '2026-01-05T10:00:00.000Z'],
      [otherAccount, region, '2026-01-03T10:00:00.000Z'],
    ])
    const ids = resources.map(resource => resource.id).sort()
    expect(ids).toEqual(['db-big', 'db-h1', 'db-h1', 'db-h2', 'db-new', 'db-other', 'role'])
    expect(notEvaluated.map(entry => [entry.file, entry.count])).toEqual([
      [older, 1],
      ['org/notes.txt', 1],
    ])
  })

  it('files a global resource under the snapshot that holds it', async () => {
    const { scopes, resources } = await readFiles({ [newer]: bucket[newer]! })
    expect(scopes).toHaveLength(1)
    expect(resources.every(resource => resource.scope === scopes[0]!.id)).toBe(true)
    expect(resources.map(resource => resource.region)).toEqual([region, 'global'])
  })

  it('makes one scope of all history of an account and Region, without a clock', async () => {
    const { scopes, resources } = await readFiles({ [history1]: bucket[history1]!, [history2]: bucket[history2]! })
    expect(scopes).toHaveLength(1)
    expect(scopes[0]).toMatchObject({ source: 'aws-config-history', account, region })
    expect(scopes[0]).not.toHaveProperty('takenAt')
    expect(new Set(resources.map(resource => resource.scope))).toEqual(new Set([scopes[0]!.id]))
    expect(resources.map(resource => resource.deleted ?? false)).toEqual([false, true, false])
  })

  it('emits each scope before the first record that names it', async () => {
    const { records } = await readFiles(bucket)
    const known = new Set<string>()
    for (const record of records) {
      if (record.record === 'scope') known.add(record.id)
      else expect(known.has(record.scope)).toBe(true)
    }
  })

  it('gives the same records at each reading, each with its file and line', async () => {
    const [first, second] = [await readFiles(bucket), await readFiles(bucket)]
    expect(JSON.stringify(first)).toBe(JSON.stringify(second))
    for (const resource of first.resources) expect(resource.location).toMatchObject({ line: 1 })
  })

  it('tells a snapshot that cannot be opened; an older one stands in, with its own time', async () => {
    const damaged = (bucket[newer] as Buffer).subarray(0, 60)
    const { scopes, problems } = await readFiles({ [older]: bucket[older]!, [newer]: damaged })
    expect(problems.map(problem => problem.file)).toEqual([newer])
    expect(scopes.map(scope => scope.takenAt)).toEqual(['2026-01-04T10:00:00.000Z'])
  })
})

describe('files without their names', () => {
  it('a snapshot has no clock, and its scopes follow its items', async () => {
    const items = [
      instance('a'),
      instance('b', { awsRegion: 'eu-central-1' }),
      instance('c', { awsAccountId: otherAccount }),
    ]
    const { scopes } = await readText(configSnapshot(items))
    expect(scopes.map(scope => [scope.account, scope.region, scope.takenAt])).toEqual([
      [account, region, undefined],
      [account, 'eu-central-1', undefined],
      [otherAccount, region, undefined],
    ])
  })

  it('two of them never share a scope', async () => {
    const { scopes } = await readFiles({
      'a.json': configSnapshot([instance('a')]),
      'b.json': configSnapshot([instance('b')]),
    })
    expect(new Set(scopes.map(scope => scope.id)).size).toBe(2)
  })

  it('an item is found on its line', async () => {
    const text = `{\n "fileVersion": "1.0",\n "configurationItems": [\n${JSON.stringify(instance('a'))},\n${JSON.stringify(instance('b'), null, 1)}, ${JSON.stringify(instance('c'))}\n]}`
    const { resources } = await readText(text)
    const long = JSON.stringify(instance('b'), null, 1).split('\n').length - 1
    expect(resources.map(resource => resource.location?.line)).toEqual([4, 5, 5 + long])
  })
})

describe('names of deliveries', () => {
  it.each<[string, object | undefined]>([
    [newer, { account, region, kind: 'ConfigSnapshot', takenAt: '2026-01-05T10:00:00.000Z' }],
    [
      `${account}_Config_us-gov-west-1_ConfigSnapshot_20260230T100000Z_x.json`,
      { account, region: 'us-gov-west-1', kind: 'ConfigSnapshot' },
    ],
    [history1, { account, region, kind: 'ConfigHistory' }],
    ['snapshot.json', undefined],
    [`${account}_Config_${region}_ChangeNotification_x.json`, undefined],
  ])('%s', (name, expected) => expect(readDeliveryName(name)).toEqual(expected))
})

it('an item without a configuration makes its type incomplete', async () => {
  const { resources, gaps, notEvaluated } = await readText(
    configSnapshot([instance('a'), instance('b', { configuration: null }), instance('c', { configuration: null })]),
  )
  expect(resources).toHaveLength(1)
  expect(gaps).toMatchObject([{ reason: 'truncated', types: ['AWS::RDS::DBInstance'], factGroups: ['*'] }])
  expect(notEvaluated).toMatchObject([{ type: 'AWS::RDS::DBInstance', count: 2 }])
})

it('counts what AWS Config does not record', async () => {
  const { resources, notEvaluated } = await readText(
    configSnapshot([instance('a', { configurationItemStatus: 'ResourceNotRecorded' })]),
  )
  expect(resources).toEqual([])
  expect(notEvaluated).toMatchObject([{ type: 'AWS::RDS::DBInstance', count: 1 }])
})

it('passes recorders on as resources', async () => {
  const recorder = instance('default', { resourceType: 'AWS::Config::ConfigurationRecorder' })
  expect((await readText(configSnapshot([recorder]))).resources[0]!.type).toBe('AWS::Config::ConfigurationRecorder')
})

it('reads 30 MB in one line in bounded memory', async () => {
  const directory = directoryOf({})
  try {
    const count = 30_000
    const file = openSync(join(directory.path, 'large.json'), 'w')
    writeSync(file, '{"fileVersion":"1.0","configSnapshotId":"x","configurationItems":[')
    const padding = 'p"\\{['.repeat(100)
    for (let i = 0; i < count; i++)
      writeSync(file, `${i > 0 ? ',' : ''}${JSON.stringify(instance(`db-${i}`, { padding }))}`)
    writeSync(file, ']}')
    closeSync(file)
    const reading = readInputs(['large.json'], { cwd: directory.path })
    let resources = 0
    let largestBatch = 0
    for await (const batch of reading.records) {
      largestBatch = Math.max(largestBatch, batch.length)
      resources += batch.filter(record => record.record === 'resource').length
    }
    expect(resources).toBe(count)
    expect(reading.problems).toEqual([])
    // What is held at once is what one chunk of 1 MiB holds.
    expect(largestBatch).toBeLessThan(count / 10)
    expect(reading.progress.bytesRead).toBe(reading.progress.bytesTotal)
  } finally {
    directory.remove()
  }
})

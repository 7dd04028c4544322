/**
 * Protects reading many accounts through an aggregator of AWS Config: its items give the verdicts that files of the same items give,
 * and never a better one; what is not known to be whole is not claimed; what fails names the IAM action; and a run that goes on
 * asks only what is not known.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { GapRecord, ResourceRecord, ScopeRecord, SnapshotRecord } from '../../../src/model/record.ts'
import type { Verdict } from '../../../src/model/rule.ts'
import { readAggregator } from '../../../src/sources/aws/aggregator.ts'
import { aggregatorOperations, aggregatorQueries } from '../../../src/sources/aws/aggregator-queries.ts'
import { newTally } from '../../../src/sources/aws/live.ts'
import type { Parts } from '../../../src/sources/aws/parts.ts'
import { aggregatorPolicy } from '../../../src/sources/aws/permissions.ts'
import { Stop } from '../../../src/sources/aws/stop.ts'
import { readInputs } from '../../../src/sources/read.ts'
import { checkRecord } from '../../../src/sources/snapshot.ts'
import { root } from '../../fixtures/estates.ts'
import { estateNames, findingsOf, readEstate, report } from '../../system/estate.ts'
import { type Aggregated, clientsOfAggregator, type FileItem, Refusal, recorder, source } from './served-aggregator.ts'

// As the command line does.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'

const takenAt = '2026-01-15T06:00:00.000Z'
const home = 'eu-west-1'
const account = '111122223333'
const other = '444455556666'

interface Collected {
  records: SnapshotRecord[]
  scopes: ScopeRecord[]
  gaps: GapRecord[]
  accounts: string[]
  calls: ReadonlyMap<string, number>
}

/** Parts in memory, which keep as those on disk do. */
class Memory implements Parts {
  readonly kept = new Map<string, { records: SnapshotRecord[]; notes: unknown }>()
  /** What of the last attempt is kept by nobody. */
  passing: SnapshotRecord[] = []

  finished(part: string) {
    const kept = this.kept.get(part)
    return kept && { notes: JSON.parse(JSON.stringify(kept.notes ?? null)) as unknown }
  }

  begun(part: string) {
    const records: SnapshotRecord[] = []
    return {
      add: (record: SnapshotRecord) => void records.push(JSON.parse(JSON.stringify(record)) as SnapshotRecord),
      end: (isWhole: boolean, notes?: unknown) => {
        if (isWhole) this.kept.set(part, { records, notes })
        else this.passing.push(...records)
      },
    }
  }

  get records(): SnapshotRecord[] {
    return [...[...this.kept.values()].flatMap(({ records }) => records), ...this.passing]
  }
}

interface Given {
  fault?: Parameters<typeof clientsOfAggregator>[1]
  parts?: Memory
  stop?: Stop
}

async function collect(aggregated: Aggregated, { fault, parts = new Memory(), stop }: Given = {}): Promise<Collected> {
  const clients = clientsOfAggregator(aggregated, fault)
  const tally = newTally()
  parts.passing = []
  const accounts = await readAggregator(
    { account, partition: 'aws', home, clients },
    'shop',
    { takenAt, version: '0', ...(stop ? { stop } : {}) },
    parts,
    tally,
  )
  const { records } = parts
  expect(records.map(record => checkRecord(record)).filter(Boolean)).toEqual([])
  return {
    records,
    scopes: records.filter(record => record.record === 'scope'),
    gaps: records.filter(record => record.record === 'gap').filter(({ reason }) => reason !== 'notInSource'),
    accounts,
    calls: tally.calls,
  }
}

const table = (awsAccountId: string, awsRegion: string, rest: object = {}): FileItem => ({
  awsAccountId,
  awsRegion,
  resourceType: 'AWS::DynamoDB::Table',
  resourceId: 'orders',
  resourceName: 'orders',
  ARN: `arn:aws:dynamodb:${awsRegion}:${awsAccountId}:table/orders`,
  tags: { team: 'web' },
  configurationItemStatus: 'OK',
  configurationItemCaptureTime: '2026-01-10T06:00:00.000Z',
  configuration: { tableName: 'orders' },
  supplementaryConfiguration: {},
  ...rest,
})
const plan = (awsAccountId: string, awsRegion: string): FileItem =>
  table(awsAccountId, awsRegion, {
    resourceType: 'AWS::Backup::BackupPlan',
    resourceId: 'p',
    ARN: `arn:aws:backup:${awsRegion}:${awsAccountId}:backup-plan:p`,
    configuration: { BackupPlanId: 'p', BackupPlan: { BackupPlanName: 'daily', BackupPlanRule: [] } },
  })

/** Two accounts, one of them in two Regions. */
const shop: Aggregated = {
  name: 'shop',
  sources: [source(account, home), source(account, 'eu-central-1'), source(other, home)],
  items: [
    recorder(account, home),
    recorder(account, 'eu-central-1'),
    recorder(other, home),
    table(account, home),
    table(account, 'eu-central-1', { tags: {} }),
    table(other, home),
    plan(account, home),
  ],
}

const claims = ({ scopes }: Collected) =>
  Object.fromEntries(scopes.map(({ account, region, types = [] }) => [`${account} ${region}`, types]))

describe('what an aggregator holds', () => {
  it('is read account by account and Region by Region, with tags', async () => {
    const { records, accounts, gaps } = await collect(shop)
    expect(gaps).toEqual([])
    expect(accounts).toEqual([account, other])
    const tables = records
      .filter(record => record.record === 'resource')
      .filter(({ type }) => type === 'AWS::DynamoDB::Table')
    expect(tables.map(({ account, region, tags, encoding }) => [account, region, tags, encoding])).toEqual([
      [account, home, { team: 'web' }, 'config'],
      [account, 'eu-central-1', null, 'config'],
      [other, home, { team: 'web' }, 'config'],
    ])
    const scopes = new Map(records.filter(record => record.record === 'scope').map(scope => [scope.id, scope]))
    for (const { scope, account, region } of tables)
      expect(scopes.get(scope)).toMatchObject({ account, region, takenAt })
  })

  it('is asked for in queries that AWS Config takes', () => {
    expect(aggregatorQueries.filter(({ expression }) => expression.length > 4096)).toEqual([])
    const types = aggregatorQueries.flatMap(query => query.types)
    expect(new Set(types).size).toBe(types.length)
    expect(types).toEqual(expect.arrayContaining(['AWS::Backup::RecoveryPoint', 'AWS::S3::Bucket', 'AWS::KMS::Key']))
    // Each type has the fact groups that it feeds, so that a query that fails cuts no others.
    expect(aggregatorQueries.filter(({ operation }) => operation.cuts.includes('*')).map(({ name }) => name)).toEqual(
      [],
    )
  })

  it('is told once where only native calls tell it', async () => {
    const { records } = await collect(shop)
    const untold = records.filter(record => record.record === 'gap')
    expect(untold).toMatchObject([{ reason: 'notInSource', types: expect.arrayContaining(['AWS::FSx::FileSystem']) }])
    expect(untold[0]).not.toHaveProperty('account')
    expect((untold[0] as GapRecord).factGroups).toEqual(expect.arrayContaining(['backup-jobs', 'region-settings']))
  })
})

describe('what a scope claims', () => {
  it('is what a recorder records that runs, of which the query gave items', async () => {
    const types = ['AWS::Backup::BackupPlan', 'AWS::DynamoDB::Table']
    expect(claims(await collect(shop))).toEqual({
      [`${account} ${home}`]: types,
      [`${account} eu-central-1`]: types,
      [`${other} ${home}`]: types,
    })
  })

  const withRecorder = (items: FileItem[], sources = shop.sources): Aggregated => ({
    ...shop,
    sources,
    items: [
      ...items,
      ...shop.items.filter(({ resourceType }) => resourceType !== 'AWS::Config::ConfigurationRecorder'),
    ],
  })
  const group = (RecordingGroup: object) => recorder(account, home, { RecordingGroup })
  const rows: [string, Aggregated, string[]][] = [
    ['nothing without a recorder', withRecorder([]), []],
    ['nothing where it stands still', withRecorder([recorder(account, home, { Recording: false })]), []],
    ['nothing where it does not say', withRecorder([recorder(account, home, { Recording: undefined })]), []],
    [
      'the types that it lists',
      withRecorder([group({ AllSupported: false, ResourceTypes: ['AWS::DynamoDB::Table'] })]),
      ['AWS::DynamoDB::Table'],
    ],
    [
      'all but those that it leaves out',
      withRecorder([
        group({ AllSupported: false, ExclusionByResourceTypes: { ResourceTypes: ['AWS::DynamoDB::Table'] } }),
      ]),
      ['AWS::Backup::BackupPlan'],
    ],
    [
      'nothing for a recorder of a service of AWS',
      withRecorder([{ ...recorder(account, home), resourceName: 'AWSConfigurationRecorderForX' }]),
      [],
    ],
    [
      'only what two recorders agree on',
      withRecorder([
        recorder(account, home),
        { ...group({ AllSupported: false, ResourceTypes: ['AWS::S3::Bucket'] }), resourceId: 'second' },
      ]),
      [],
    ],
    ...['FAILED', 'OUTDATED', undefined].map((LastUpdateStatus): [string, Aggregated, string[]] => [
      `nothing of a source that is ${LastUpdateStatus}`,
      { ...shop, sources: [source(account, home, { LastUpdateStatus })] },
      [],
    ]),
    ['nothing of a source that is not listed', { ...shop, sources: [source(other, home)] }, []],
  ]
  it.each(rows)('%s', async (_name, aggregated, expected) => {
    expect(claims(await collect(aggregated))[`${account} ${home}`]).toEqual(expected)
  })

  it('nothing that a query did not tell to its end', async () => {
    const collected = await collect(shop, {
      fault: (_operation, { Expression }) => {
        if (String(Expression).includes('AWS::DynamoDB')) throw new Refusal('ThrottlingException')
      },
    })
    expect(claims(collected)[`${account} ${home}`]).toEqual(['AWS::Backup::BackupPlan'])
  })

  it('and an item that cannot be read is a gap of its place', async () => {
    const collected = await collect({ ...shop, items: [...shop.items, table(other, home, { configuration: null })] })
    expect(claims(collected)[`${account} ${home}`]).toEqual(['AWS::Backup::BackupPlan'])
    expect(collected.gaps).toMatchObject([
      { account: other, region: home, types: ['AWS::DynamoDB::Table'], reason: 'truncated' },
    ])
  })

  it('a source that is not well is a gap that names what it wants', async () => {
    const sources = [source(account, home, { LastUpdateStatus: 'FAILED', LastErrorCode: 'AccessDenied' })]
    const { gaps } = await collect({ ...shop, sources })
    expect(gaps).toMatchObject([{ account, region: home, factGroups: ['*'] }])
    expect(gaps[0]!.remedy).toContain('config:PutAggregationAuthorization')
  })
})

describe('what AWS refuses', () => {
  it.each(aggregatorOperations.map(({ api, action }) => [api, action] as const))(
    'is a gap, and claims nothing: %s',
    async (api, action) => {
      const { gaps, scopes } = await collect(shop, {
        fault: operation => {
          if (api === `config:${operation}`) throw new Refusal('AccessDeniedException')
        },
      })
      expect(gaps.length).toBeGreaterThan(0)
      for (const gap of gaps) {
        expect(gap).toMatchObject({ api, reason: 'denied' })
        expect(gap.remedy).toContain(action)
      }
      expect(scopes.flatMap(({ types }) => types)).toEqual([])
    },
  )

  it('an aggregator that is not there is no aggregator', async () => {
    await expect(collect({ ...shop, name: 'another' })).rejects.toThrow('no aggregator of that name in eu-west-1')
  })

  it('the printed policy is what is called', async () => {
    const { calls } = await collect(shop)
    expect(aggregatorPolicy().Statement.map(({ Action }) => Action)).toEqual([[...calls.keys()].sort()])
  })
})

describe('a run that goes on', () => {
  it('asks only what is not known, and gives what one run gives', async () => {
    const parts = new Memory()
    const stop = new Stop()
    const first = await collect(shop, {
      parts,
      stop,
      fault: (_operation, { Expression }) => {
        if (String(Expression).includes('AWS::DynamoDB')) stop.ask()
      },
    })
    expect(new Set(first.gaps.map(({ reason }) => reason))).toEqual(new Set(['interrupted']))
    const second = await collect(shop, { parts })
    const whole = await collect(shop)
    const texts = ({ records }: Collected) => records.map(record => JSON.stringify(record)).sort()
    expect(texts(second)).toEqual(texts(whole))
    const count = ({ calls }: Collected) => [...calls.values()].reduce((sum, one) => sum + one, 0)
    expect(count(second)).toBeLessThan(count(whole))
    expect(second.accounts).toEqual(whole.accounts)
  })

  it('does not believe notes that are damaged', async () => {
    const parts = new Memory()
    await collect(shop, { parts })
    for (const kept of parts.kept.values()) kept.notes = { places: 7 }
    await expect(collect(shop, { parts })).rejects.toThrow('--restart')
  })
})

/** Items of the AWS Config files of an estate that are still there. */
function itemsOf(name: string): FileItem[] {
  const folder = join(root, 'fixtures/aws-config', name)
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => /\.json(\.gz)?$/.test(file))
  return files.flatMap(file => {
    const bytes = readFileSync(join(folder, file))
    const { configurationItems } = JSON.parse(String(file.endsWith('.gz') ? gunzipSync(bytes) : bytes))
    return (configurationItems as FileItem[]).filter(({ configurationItemStatus: status }) =>
      ['OK', 'ResourceDiscovered'].includes(String(status)),
    )
  })
}

/** No estate has an alarm. One elsewhere proves that AWS Config answers for the type. */
const stranger = '999999999999'
const elsewhere = [
  table(stranger, home, {
    resourceType: 'AWS::CloudWatch::Alarm',
    resourceId: 'busy',
    ARN: `arn:aws:cloudwatch:${home}:${stranger}:alarm:busy`,
    configuration: { alarmName: 'busy', namespace: 'AWS/EC2', metricName: 'CPUUtilization' },
  }),
]

const isRecorder = ({ resourceType }: FileItem) => resourceType === 'AWS::Config::ConfigurationRecorder'

describe.each(estateNames)('an estate as an aggregator tells it: %s', name => {
  it('is judged as by the files of the same items, and never better', async () => {
    const { standards } = await readEstate(name)
    const filed: SnapshotRecord[] = []
    for await (const batch of readInputs([`fixtures/aws-config/${name}`], { cwd: root }).records) filed.push(...batch)
    const places = filed.filter(record => record.record === 'scope')
    const recorders = places.map(place => recorder(place.account!, place.region!))
    const { records, gaps } = await collect({
      name: 'shop',
      sources: places.map(place => source(place.account!, place.region!)),
      items: [...itemsOf(name).filter(item => !isRecorder(item)), ...recorders, ...elsewhere],
    })
    expect(gaps).toEqual([])
    // The same recorders stand beside the files.
    const ofRecorders = records.filter(
      (record): record is ResourceRecord =>
        record.record === 'resource' && record.type === 'AWS::Config::ConfigurationRecorder',
    )
    for (const record of ofRecorders) {
      const place = places.find(({ account, region }) => account === record.account && region === record.region)!
      filed.push({ ...record, scope: place.id })
    }
    const verdicts = (all: SnapshotRecord[]) =>
      new Map([...findingsOf(report(all, standards))].map(([key, { verdict }]): [string, Verdict] => [key, verdict]))
    const expected = verdicts(filed)
    const told = new Map([...verdicts(records)].filter(([key]) => !key.includes(stranger)))
    const less: string[] = []
    const different: string[] = []
    for (const [key, verdict] of told) {
      const was = expected.get(key)
      if (verdict === was) continue
      if (verdict === 'undetermined') less.push(`${key}: ${was}`)
      else different.push(`${key}: ${was} → ${verdict}`)
    }
    expect(different).toEqual([])
    expect([...expected.keys()].filter(key => !told.has(key))).toEqual([])
    expect(less).toEqual([])
    expect([...told.values()].filter(verdict => verdict === 'compliant').length).toBeGreaterThan(50)
  })
})

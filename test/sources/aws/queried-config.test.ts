/**
 * Protects reading what AWS Config recorded, of many accounts through an aggregator and of the own account in its Regions: its items
 * give the verdicts that files of the same items give, and never a better one; what is not known to be whole is not claimed; what
 * fails names the IAM action; and a run that goes on asks only what is not known.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { GapRecord, ResourceRecord, ScopeRecord, SnapshotRecord } from '../../../src/model/record.ts'
import type { Verdict } from '../../../src/model/rule.ts'
import {
  aggregatorOperations,
  aggregatorQueries,
  regionOperations,
  regionQueries,
} from '../../../src/sources/aws/advanced-queries.ts'
import { readAggregator } from '../../../src/sources/aws/aggregator.ts'
import { newTally } from '../../../src/sources/aws/live.ts'
import { readOwnConfig } from '../../../src/sources/aws/own-config.ts'
import type { Parts } from '../../../src/sources/aws/parts.ts'
import { aggregatorPolicy, ownConfigPolicy } from '../../../src/sources/aws/permissions.ts'
import { Stop } from '../../../src/sources/aws/stop.ts'
import { readInputs } from '../../../src/sources/read.ts'
import { checkRecord } from '../../../src/sources/snapshot.ts'
import { root } from '../../fixtures/estates.ts'
import { estateNames, findingsOf, readEstate, report } from '../../system/estate.ts'
import { clientsOf, type FileItem, type Held, Refusal, recorder, source } from './served-config.ts'

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
      room: async () => {},
      end: async (isWhole: boolean, notes?: unknown) => {
        if (isWhole) this.kept.set(part, { records, notes })
        else this.passing.push(...records)
      },
    }
  }

  get records(): SnapshotRecord[] {
    return [...[...this.kept.values()].flatMap(({ records }) => records), ...this.passing]
  }
}

/** Who is asked: an aggregator, or AWS Config in Regions of the own account. */
type Form = 'aggregator' | 'own account'
const forms: Form[] = ['aggregator', 'own account']

interface Given {
  fault?: Parameters<typeof clientsOf>[2]
  parts?: Memory
  stop?: Stop
  /** Of the own account. */
  own?: string
  regions?: string[]
}

async function collect(form: Form, held: Held, given: Given = {}): Promise<Collected> {
  const { fault, parts = new Memory(), stop, own = account, regions = [home, 'eu-central-1'] } = given
  const caller = { account: own, partition: 'aws', home, clients: clientsOf(held, own, fault) }
  const collection = { takenAt, version: '0', ...(stop ? { stop } : {}) }
  const tally = newTally()
  parts.passing = []
  const accounts =
    form === 'aggregator'
      ? await readAggregator(caller, 'shop', collection, parts, tally)
      : await readOwnConfig(caller, regions, collection, parts, tally)
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
const shop: Held = {
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

const isRecorder = ({ resourceType }: FileItem) => resourceType === 'AWS::Config::ConfigurationRecorder'

const claims = ({ scopes }: Collected) =>
  Object.fromEntries(scopes.map(({ account, region, types = [] }) => [`${account} ${region}`, types]))

/** Of accounts and Regions, those that are read. */
const readBy = <One extends readonly [string, ...unknown[]]>(form: Form, all: One[]) =>
  form === 'aggregator' ? all : all.filter(([of]) => of.startsWith(account))

describe.each(forms)('what AWS Config recorded, by the %s', form => {
  it('is read account by account and Region by Region, with tags', async () => {
    const { records, accounts, gaps } = await collect(form, shop)
    expect(gaps).toEqual([])
    expect(accounts).toEqual(readBy(form, [[account], [other]]).flat())
    const tables = records
      .filter(record => record.record === 'resource')
      .filter(({ type }) => type === 'AWS::DynamoDB::Table')
    expect(tables.map(({ account, region, tags, encoding }) => [account, region, tags, encoding])).toEqual(
      readBy(form, [
        [account, home, { team: 'web' }, 'config'],
        [account, 'eu-central-1', null, 'config'],
        [other, home, { team: 'web' }, 'config'],
      ]),
    )
    const scopes = new Map(records.filter(record => record.record === 'scope').map(scope => [scope.id, scope]))
    for (const { scope, account, region } of tables)
      expect(scopes.get(scope)).toMatchObject({ account, region, takenAt })
  })

  it('is asked for in queries that AWS Config takes', () => {
    const queries = form === 'aggregator' ? aggregatorQueries : regionQueries
    expect(queries.filter(({ expression }) => expression.length > 4096)).toEqual([])
    const types = queries.flatMap(query => query.types)
    expect(new Set(types).size).toBe(types.length)
    expect(types).toEqual(expect.arrayContaining(['AWS::Backup::RecoveryPoint', 'AWS::S3::Bucket', 'AWS::KMS::Key']))
    // Each type has the fact groups that it feeds, so that a query that fails cuts no others.
    expect(queries.filter(({ operation }) => operation.cuts.includes('*')).map(({ name }) => name)).toEqual([])
  })

  it('is told once where only native calls tell it', async () => {
    const { records } = await collect(form, shop)
    const untold = records.filter(record => record.record === 'gap')
    expect(untold).toMatchObject([{ reason: 'notInSource', types: expect.arrayContaining(['AWS::FSx::FileSystem']) }])
    expect(untold[0]).not.toHaveProperty('account')
    expect((untold[0] as GapRecord).factGroups).toEqual(expect.arrayContaining(['backup-jobs', 'region-settings']))
  })
})

describe.each(forms)('what a scope claims, by the %s', form => {
  it('is what a recorder records that runs, of which the query gave items', async () => {
    const types = ['AWS::Backup::BackupPlan', 'AWS::DynamoDB::Table']
    expect(claims(await collect(form, shop))).toEqual(
      Object.fromEntries(
        readBy(form, [
          [`${account} ${home}`, types],
          [`${account} eu-central-1`, types],
          [`${other} ${home}`, types],
        ]),
      ),
    )
  })

  const withRecorder = (items: FileItem[], sources = shop.sources): Held => ({
    ...shop,
    sources,
    items: [
      ...items,
      ...shop.items.filter(({ resourceType }) => resourceType !== 'AWS::Config::ConfigurationRecorder'),
    ],
  })
  const group = (RecordingGroup: object) => recorder(account, home, { RecordingGroup })
  const rows: [string, Held, string[]][] = [
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
  ]
  const ofSources: [string, Held, string[]][] = [
    ...['FAILED', 'OUTDATED', undefined].map((LastUpdateStatus): [string, Held, string[]] => [
      `nothing of a source that is ${LastUpdateStatus}`,
      { ...shop, sources: [source(account, home, { LastUpdateStatus })] },
      [],
    ]),
    ['nothing of a source that is not listed', { ...shop, sources: [source(other, home)] }, []],
  ]
  it.each(form === 'aggregator' ? [...rows, ...ofSources] : rows)('%s', async (_name, held, expected) => {
    expect(claims(await collect(form, held))[`${account} ${home}`]).toEqual(expected)
  })

  it('nothing that a query did not tell to its end', async () => {
    const collected = await collect(form, shop, {
      fault: (_operation, { Expression }) => {
        if (String(Expression).includes('AWS::DynamoDB')) throw new Refusal('ThrottlingException')
      },
    })
    expect(claims(collected)[`${account} ${home}`]).toEqual(['AWS::Backup::BackupPlan'])
  })

  it('and an item that cannot be read is a gap of its place', async () => {
    const unreadable = table(account, 'eu-central-1', { configuration: null })
    const collected = await collect(form, { ...shop, items: [...shop.items, unreadable] })
    expect(claims(collected)[`${account} eu-central-1`]).toEqual(['AWS::Backup::BackupPlan'])
    expect(collected.gaps).toMatchObject([
      { account, region: 'eu-central-1', types: ['AWS::DynamoDB::Table'], reason: 'truncated' },
    ])
  })
})

describe('a source of an aggregator', () => {
  it('that is not well is a gap that names what it wants', async () => {
    const sources = [source(account, home, { LastUpdateStatus: 'FAILED', LastErrorCode: 'AccessDenied' })]
    const { gaps } = await collect('aggregator', { ...shop, sources })
    expect(gaps).toMatchObject([{ account, region: home, factGroups: ['*'] }])
    expect(gaps[0]!.remedy).toContain('config:PutAggregationAuthorization')
  })
})

describe('a Region of the own account', () => {
  const types = ['AWS::Backup::BackupPlan', 'AWS::DynamoDB::Table']

  it('is whole by its own queries, whatever fails elsewhere', async () => {
    const collected = await collect('own account', shop, {
      fault: (operation, _input, region) => {
        if (operation === 'SelectResourceConfig' && region === home) throw new Refusal('ThrottlingException')
      },
    })
    // The only plan is in the Region that does not answer: that AWS Config answers for plans is not known.
    expect(claims(collected)).toEqual({
      [`${account} ${home}`]: [],
      [`${account} eu-central-1`]: ['AWS::DynamoDB::Table'],
    })
    expect(new Set(collected.gaps.map(({ region, api }) => `${region} ${api}`))).toEqual(
      new Set([`${home} config:SelectResourceConfig`]),
    )
  })

  it.each([
    ['there is none', []],
    ['it stands still', [recorder(account, home, { Recording: false })]],
    ['it does not deliver', [recorder(account, home, { LastStatus: 'FAILURE' })]],
  ])('claims nothing without a recorder that runs, and says so: %s', async (_name, recorders) => {
    const items = shop.items.filter(item => !(isRecorder(item) && item.awsRegion === home))
    const collected = await collect('own account', { ...shop, items: [...items, ...recorders] })
    expect(claims(collected)).toEqual({ [`${account} ${home}`]: [], [`${account} eu-central-1`]: types })
    const told = collected.records.filter(record => record.record === 'gap').filter(gap => gap.region === home)
    expect(told).toMatchObject([{ reason: 'notInSource', factGroups: ['*'] }])
    expect(collected.gaps).toEqual([])
  })

  it('is told by the recorder itself, once', async () => {
    const { records } = await collect('own account', shop)
    const recorders = records
      .filter(record => record.record === 'resource')
      .filter(({ type }) => type === 'AWS::Config::ConfigurationRecorder')
    expect(recorders.map(({ region, encoding }) => `${region} ${encoding}`).sort()).toEqual([
      'eu-central-1 api',
      `${home} api`,
    ])
    const scopes = new Map(records.filter(record => record.record === 'scope').map(scope => [scope.id, scope]))
    for (const { scope, region } of recorders)
      expect(scopes.get(scope)).toMatchObject({ source: 'aws-config-query', region })
  })

  it('holds no type whole that counts for the account, wherever it lies', async () => {
    const trail = table(account, home, {
      resourceType: 'AWS::CloudTrail::Trail',
      resourceId: 'audit',
      ARN: `arn:aws:cloudtrail:${home}:${account}:trail/audit`,
      configuration: { name: 'audit' },
    })
    const held = { ...shop, items: [...shop.items, trail] }
    expect(claims(await collect('own account', held))[`${account} ${home}`]).toEqual(types)
    expect(claims(await collect('aggregator', held))[`${account} ${home}`]).not.toContain('AWS::CloudTrail::Trail')
  })

  it('has no items of other accounts', async () => {
    // Found where its own are, told as another's.
    const strange = { ...table(account, home), accountId: other }
    const collected = await collect('own account', { ...shop, items: [...shop.items, strange] })
    expect(collected.scopes.map(scope => scope.account)).toEqual([account, account])
    expect(claims(collected)[`${account} ${home}`]).toEqual(['AWS::Backup::BackupPlan'])
    expect(collected.gaps).toMatchObject([{ types: ['AWS::DynamoDB::Table'], reason: 'truncated' }])
  })
})

describe.each([
  ['aggregator', aggregatorOperations],
  ['own account', regionOperations],
] as const)('what AWS refuses the %s', (form, operations) => {
  it.each(operations.map(({ api, action }) => [api, action] as const))(
    'is a gap, and claims nothing: %s',
    async (api, action) => {
      const { gaps, scopes } = await collect(form, shop, {
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

  it('the printed policy is what is called', async () => {
    const { calls } = await collect(form, shop)
    const policy = form === 'aggregator' ? aggregatorPolicy() : ownConfigPolicy(false)
    expect(policy.Statement.map(({ Action }) => Action)).toEqual([[...calls.keys()].sort()])
  })
})

it('an aggregator that is not there is no aggregator', async () => {
  const read = collect('aggregator', { ...shop, name: 'another' })
  await expect(read).rejects.toThrow('no aggregator of that name in eu-west-1')
})

describe.each(forms)('a run that goes on, by the %s', form => {
  it('asks only what is not known, and gives what one run gives', async () => {
    const parts = new Memory()
    const stop = new Stop()
    const first = await collect(form, shop, {
      parts,
      stop,
      fault: (_operation, { Expression }) => {
        if (String(Expression).includes('AWS::DynamoDB')) stop.ask()
      },
    })
    expect(new Set(first.gaps.map(({ reason }) => reason))).toEqual(new Set(['interrupted']))
    const second = await collect(form, shop, { parts })
    const whole = await collect(form, shop)
    const texts = ({ records }: Collected) => records.map(record => JSON.stringify(record)).sort()
    expect(texts(second)).toEqual(texts(whole))
    const count = ({ calls }: Collected) => [...calls.values()].reduce((sum, one) => sum + one, 0)
    expect(count(second)).toBeLessThan(count(whole))
    expect(second.accounts).toEqual(whole.accounts)
  })

  it('does not believe notes that are damaged', async () => {
    const parts = new Memory()
    await collect(form, shop, { parts })
    for (const kept of parts.kept.values()) kept.notes = { places: 7 }
    await expect(collect(form, shop, { parts })).rejects.toThrow('--restart')
  })
})

it('a run that goes on does so in the Regions that it was begun in', async () => {
  const parts = new Memory()
  const whole = await collect('own account', shop, { parts })
  // Which are enabled would be asked of EC2, which is not there.
  const again = await collect('own account', shop, { parts, regions: ['all'] })
  expect(claims(again)).toEqual(claims(whole))
  expect(again.calls.size).toBe(0)
  await expect(collect('own account', shop, { regions: ['all'] })).rejects.toThrow()
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
const strangeRegion = 'ap-southeast-4'
const alarm = (awsAccountId: string, awsRegion: string) =>
  table(awsAccountId, awsRegion, {
    resourceType: 'AWS::CloudWatch::Alarm',
    resourceId: 'busy',
    ARN: `arn:aws:cloudwatch:${awsRegion}:${awsAccountId}:alarm:busy`,
    configuration: { alarmName: 'busy', namespace: 'AWS/EC2', metricName: 'CPUUtilization' },
  })

const plans = 'AWS::Backup::BackupPlan'

/** An estate by an aggregator of it, or by each of its accounts for itself. */
async function collectEstate(form: Form, items: FileItem[], places: ScopeRecord[]): Promise<Collected[]> {
  const accounts = [...new Set(places.map(place => place.account!))]
  const sources = places.map(place => source(place.account!, place.region!))
  if (form === 'aggregator')
    return [await collect(form, { name: 'shop', sources, items: [...items, alarm(stranger, home)] })]
  const held: Held = { name: 'shop', sources, items: [...items, ...accounts.map(own => alarm(own, strangeRegion))] }
  return Promise.all(
    accounts.map(own => {
      const regions = places.filter(place => place.account === own).map(place => place.region!)
      return collect(form, held, { own, regions: [...regions.filter(region => region !== 'global'), strangeRegion] })
    }),
  )
}

describe.each(estateNames.flatMap(name => forms.map(form => [name, form] as const)))(
  'an estate as AWS Config tells it: %s by the %s',
  (name, form) => {
    it('is judged as by the files of the same items, and never better', async () => {
      const { standards } = await readEstate(name)
      const filed: SnapshotRecord[] = []
      for await (const batch of readInputs([`fixtures/aws-config/${name}`], { cwd: root }).records) filed.push(...batch)
      const places = filed.filter(record => record.record === 'scope')
      const recorders = places.map(place => recorder(place.account!, place.region!))
      const items = [...itemsOf(name).filter(item => !isRecorder(item)), ...recorders]
      const collected = await collectEstate(form, items, places)
      expect(collected.flatMap(({ gaps }) => gaps)).toEqual([])
      const records = collected.flatMap(one => one.records)
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
      const isStrange = (key: string) => key.includes(stranger) || key.includes(strangeRegion)
      const told = new Map([...verdicts(records)].filter(([key]) => !isStrange(key)))
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
      // An account without a plan does not prove for itself that AWS Config answers for plans, nor a Region for what is in none.
      const planners = new Set(items.filter(item => item.resourceType === plans).map(item => item.awsAccountId))
      const bare = places.map(place => place.account!).filter(own => !planners.has(own))
      const isLess = (key: string) =>
        form === 'own account' && (key.includes(' global:') || bare.some(own => key.includes(` ${own} `)))
      expect(less.filter(key => !isLess(key))).toEqual([])
      expect([...told.values()].filter(verdict => verdict === 'compliant').length).toBeGreaterThan(50)
    })
  },
)

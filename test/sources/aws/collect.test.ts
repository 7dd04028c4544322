/**
 * Protects what collecting a live account rests on: an estate that AWS tells of page by page becomes the snapshot that its
 * fixture is; whatever AWS refuses, the run ends, a gap names the IAM action, and no verdict changes to anything but
 * undetermined; lists that never end do; and the printed policy is exactly what is called.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { collectors } from '../../../src/generated/collectors.ts'
import { resourceDefinitions } from '../../../src/generated/resources.ts'
import type { GapRecord, ResourceRecord, SnapshotRecord } from '../../../src/model/record.ts'
import type { Finding } from '../../../src/model/report.ts'
import { type Account, claimedGroups, collect, permissions } from '../../../src/sources/aws/live.ts'
import { checkRecord } from '../../../src/sources/snapshot.ts'
import { type Estate, findingsOf, readEstate, report } from '../../system/estate.ts'
import { bookshop, collectAll, type Home, homesOf, takenAt } from './homes.ts'
import { awsError, clientsOf, type ServedFault } from './served-estate.ts'

const { account, regions, resources } = bookshop

/**
 * AWS lets nobody share a snapshot that RDS took by itself: with whom it is shared is not asked. Nor is it of EBS snapshots, of
 * which a list tells the public ones, and of the keys that are AWS's own.
 */
const isUnasked = ({ type, configuration }: ResourceRecord) =>
  type === 'AWS::EC2::Snapshot' ||
  (type === 'AWS::RDS::DBSnapshot' && configuration.SnapshotType === 'automated') ||
  JSON.stringify(configuration).includes('"KeyManager":"AWS"')

/** Types of the estate that some collector reads. */
const readTypes = new Set(Object.values(collectors).flatMap(({ fills }) => Object.values(fills).flat()))

/** A resource by what tells it from others. */
const named = (record: ResourceRecord) =>
  [`${record.type} ${record.arn ?? record.id} ${record.region}`, record] as const

describe('an estate that AWS tells of', () => {
  const homes = [
    ['outlying stores', account, bookshop] as const,
    ...['bookshop', 'clinic', 'traps'].flatMap(name => homesOf(name).map(home => [name, home.account, home] as const)),
  ]

  it.each(homes)('becomes the snapshot that its fixture is: %s, %s', async (_name, _account, home) => {
    const { records, gaps } = await collectAll(undefined, undefined, home)
    expect(gaps).toEqual([])
    expect(records.map(record => checkRecord(record)).filter(Boolean)).toEqual([])
    const collected = new Map(records.filter(record => record.record === 'resource').map(named))
    const expected = new Map(home.resources.filter(({ type }) => readTypes.has(type)).map(named))
    // Every Region has settings, though not every one of the fixtures tells them.
    for (const key of collected.keys())
      if (key.startsWith('AWS::Backup::RegionSettings') && !expected.has(key)) collected.delete(key)
    expect([...collected.keys()].sort()).toEqual([...expected.keys()].sort())
    for (const [key, { supplementary, ...record }] of expected) {
      const told = supplementary && !isUnasked(record as ResourceRecord) ? { supplementary } : {}
      expect(collected.get(key), key).toMatchObject({ ...record, ...told })
    }
    const scopes = home.records.filter(record => record.record === 'scope')
    expect(
      records
        .filter(record => record.record === 'scope')
        .map(({ id }) => id)
        .sort(),
    ).toEqual(scopes.map(({ id }) => id).sort())
  })
})

const operations = Object.values(collectors).flatMap(collector => collector.operations)

/** The action that a call of an estate needs. S3 asks for the encryption of directory buckets by the command of the others. */
function actionOf(command: string, { Bucket }: { Bucket?: unknown }): string {
  const actions = new Set(operations.filter(one => commandOf(one) === command).map(({ action }) => action))
  const isDirectory = /--x-s3$/.test(String(Bucket))
  const [action, ...more] = [...actions].filter(
    action => actions.size === 1 || action.startsWith('s3express:') === isDirectory,
  )
  if (action === undefined || more.length > 0) throw new Error(`${command} is declared for ${[...actions]}`)
  return action
}

const commandOf = ({ client, command }: (typeof operations)[number]) =>
  `${client.name.replace(/Client$/, '')} ${command.name.replace(/Command$/, '')}`

/** Calls that only the SDK's own clients make, and who looks for the Regions: tried on the wire (test/aws). */
const onTheWire = ['ec2:DescribeRegions', 'timestream:DescribeEndpoints']
const actions = permissions(undefined).Statement[0]!.Action.filter(action => !onTheWire.includes(action))

describe('what AWS refuses', () => {
  /** An account, what it is judged as, and the actions that reading it takes. */
  interface Read {
    home: Home
    before: Map<string, Finding>
    called: Set<string>
  }
  let estate: Estate
  let all: Read[]
  let before: Map<string, Finding>

  beforeAll(async () => {
    estate = await readEstate('bookshop')
    all = []
    for (const home of [bookshop, ...['clinic', 'traps'].flatMap(homesOf)]) {
      const called = new Set<string>()
      const { records } = await collectAll((name, _, input) => called.add(actionOf(name, input)), undefined, home)
      all.push({ home, before: findings(records), called })
    }
    before = all[0]!.before
  })

  const findings = (records: SnapshotRecord[]) => findingsOf(report(records, estate.standards))
  const verdicts = (records: SnapshotRecord[]) =>
    new Map([...findings(records)].map(([key, { verdict }]) => [key, verdict]))

  it('could be any of what the policy allows', () => {
    expect([...new Set(all.flatMap(({ called }) => [...called]))].sort()).toEqual(actions)
  })

  it.each(actions)('is told, and decides nothing: %s', async action => {
    const { home, before } = all.find(({ called }) => called.has(action))!
    const fault: ServedFault = (command, _, input) => {
      if (actionOf(command, input) === action) throw awsError('AccessDeniedException', 403)
    }
    const { gaps, records } = await collectAll(fault, undefined, home)
    expect(gaps.length).toBeGreaterThan(0)
    const own = operations.filter(operation => operation.action === action).map(({ api }) => api)
    expect(gaps.filter(({ api, reason }) => reason !== 'denied' || !own.includes(api!))).toEqual([])
    expect(gaps.filter(({ remedy }) => !remedy.includes(action))).toEqual([])
    const after = findings(records)
    const changed: string[] = []
    for (const [key, { verdict }] of after) {
      const was = before.get(key)?.verdict
      if (verdict !== was && verdict !== 'undetermined') changed.push(`${key}: ${was} → ${verdict}`)
    }
    expect(changed).toEqual([])
    // What is judged no more is what was not found, which its type's gap says.
    const isTold = (type: string) => gaps.some(({ types }) => types.length === 0 || types.includes(type))
    const unsaid = [...before].filter(([key, { resource }]) => !after.has(key) && !isTold(resource.type))
    expect(unsaid.map(([key]) => key)).toEqual([])
  })

  it.each([
    ['S3 ListDirectoryBuckets', false],
    ['BackupGateway ListVirtualMachines', true],
  ] as const)(
    'keeps from a Region without it what plans select, where they could select it: %s',
    async (command, isSelectable) => {
      const { gaps, records } = await collectAll(name => {
        if (name === command) throw Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })
      })
      expect(gaps.map(({ reason, factGroups }) => [reason, factGroups.includes('inventory')])).toEqual(
        regions.map(() => ['notEnabled', true]),
      )
      const after = verdicts(records)
      const lost = [...before].filter(
        ([key, { verdict }]) => verdict !== 'undetermined' && after.get(key) === 'undetermined',
      )
      expect(
        lost.some(([key]) => /^restore-evidence-independent /.test(key)),
        JSON.stringify(lost),
      ).toBe(isSelectable)
    },
  )

  it.each([
    ['ThrottlingException', 'throttled'],
    ['ExpiredTokenException', 'expired'],
    ['OptInRequired', 'notEnabled'],
    ['SyntaxError', 'truncated'],
  ] as const)('is sorted by why: %s', async (name, reason) => {
    const { gaps } = await collectAll(command => {
      if (command === 'Backup ListBackupPlans') throw awsError(name)
    })
    expect(gaps.map(gap => [gap.api, gap.region, gap.reason])).toEqual(
      regions.map(region => ['backup:ListBackupPlans', region, reason]),
    )
  })
})

describe('lists', () => {
  it('end where a page is told again and again', async () => {
    const real = clientsOf(resources)
    const reached: Account = {
      account,
      partition: 'aws',
      regions,
      enabled: regions,
      clients: {
        ...real,
        client: (Client, region) => {
          const client = real.client(Client, region)
          const send = async (command: { constructor: { name: string } }) => {
            const answer = (await client.send(command as never)) as object
            return command.constructor.name === 'ListBackupJobsCommand' ? { ...answer, NextToken: 'again' } : answer
          }
          return { ...client, send: send as never }
        },
      },
    }
    const { gaps } = await collect(reached, { takenAt, version: '0', services: ['backup'] }, () => {})
    expect(gaps.map((gap: GapRecord) => [gap.api, gap.reason])).toEqual(
      regions.map(() => ['backup:ListBackupJobs', 'truncated']),
    )
  })
})

describe('what a scope claims', () => {
  it('is nothing that only part of the collectors read', async () => {
    const { records } = await collectAll(undefined, ['rds'])
    const claims = records.flatMap(record => (record.record === 'scope' ? [record.factGroups] : []))
    expect(claims).toEqual(regions.map(() => []))
  })

  it('is all that its collectors fill', () => {
    const all = Object.values(collectors)
    const filled = new Set(all.flatMap(({ fills }) => Object.keys(fills)))
    expect([...claimedGroups('region', all), ...claimedGroups('account', all)].sort()).toEqual([...filled].sort())
  })

  it('leaves out no type, but what something else tells', () => {
    const apart = new Map([
      ['AWS::CloudFormation::Stack', 'holds no data of its own'],
      ['AWS::DAX::Cluster', 'a cache of tables, which are read'],
      ['AWS::DynamoDB::GlobalTable', 'written in templates only: its replicas are tables'],
      ['AWS::KMS::Alias', 'told with its key'],
      ['AWS::Logs::SubscriptionFilter', 'told with its log group'],
      ['AWS::EC2::SnapshotBlockPublicAccess', 'told with the settings of the Region'],
      ['AWS::EC2::EbsEncryptionByDefault', 'told with the settings of the Region'],
      ['AWS::Organizations::Account', 'each account tells of its organisation itself'],
      ['AWS::Organizations::Policy', 'the plans that a policy makes are in the list of plans'],
    ])
    const filled = new Set(Object.values(collectors).flatMap(({ fills }) => Object.values(fills).flat()))
    const isRead = (type: string, config: readonly string[]) => [type, ...config].some(name => filled.has(name))
    const unread = resourceDefinitions.filter(({ type, names }) => !isRead(type, names.config)).map(({ type }) => type)
    expect([...new Set(unread)].sort()).toEqual([...apart.keys()].sort())
    const ofInventory = new Set(Object.values(collectors).flatMap(({ fills }) => fills.inventory ?? []))
    const stores = resourceDefinitions.filter(({ role, type }) => role === 'data-store' && !apart.has(type))
    expect(
      stores
        .filter(({ type, names }) => ![type, ...names.config].some(name => ofInventory.has(name)))
        .map(({ type }) => type),
    ).toEqual([])
  })
})

describe('the printed policy', () => {
  it('allows every operation that is declared, and nothing but reading', () => {
    const [statement] = permissions(undefined).Statement
    expect(statement!.Action).toEqual(
      [
        ...new Set(['ec2:DescribeRegions', ...operations.flatMap(({ action, beside = [] }) => [action, ...beside])]),
      ].sort(),
    )
    expect(statement!.Action.filter(action => !/^[a-z0-9-]+:(?:Get|List|Describe|Select)/.test(action))).toEqual([])
  })
})

/**
 * Protects what collecting a live account rests on: an estate that AWS tells of page by page becomes the snapshot that its
 * fixture is; whatever AWS refuses, the run ends, a gap names the IAM action, and no verdict changes to anything but
 * undetermined; lists that never end do; and the printed policy is exactly what is called.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { collectors } from '../../../src/generated/collectors.ts'
import { resourceDefinitions } from '../../../src/generated/resources.ts'
import type { GapRecord, ResourceRecord, SnapshotRecord } from '../../../src/model/record.ts'
import { type Account, claimedGroups, collect, permissions } from '../../../src/sources/aws/live.ts'
import { checkRecord } from '../../../src/sources/snapshot.ts'
import { type Estate, findingsOf, readEstate, report } from '../../system/estate.ts'
import { bookshop, collectAll, homesOf, takenAt } from './homes.ts'
import { awsError, clientsOf } from './served-estate.ts'

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

const operations = new Map(
  Object.values(collectors).flatMap(collector =>
    collector.operations.map(operation => [operation.api, operation] as const),
  ),
)
const commandOf = (api: string) => {
  const { client, command } = operations.get(api)!
  return `${client.name.replace(/Client$/, '')} ${command.name.replace(/Command$/, '')}`
}

describe('what AWS refuses', () => {
  let estate: Estate
  let before: Map<string, string>
  let called: Set<string>

  beforeAll(async () => {
    estate = await readEstate('bookshop')
    called = new Set()
    const { records } = await collectAll(command => called.add(command))
    before = verdicts(records)
  })

  const verdicts = (records: SnapshotRecord[]) =>
    new Map([...findingsOf(report(records, estate.standards))].map(([key, { verdict }]) => [key, verdict]))

  it.each([...operations.keys()])('is told, and decides nothing: %s', async api => {
    const command = commandOf(api)
    const { gaps, records } = await collectAll(name => {
      if (name === command) throw awsError('AccessDeniedException', 403)
    })
    if (called.has(command)) {
      expect(gaps.filter(gap => gap.api === api).map(({ reason }) => reason)).toContain('denied')
      expect(gaps.filter(gap => commandOf(gap.api!) !== command)).toEqual([])
      expect(gaps.filter(gap => !gap.remedy.includes(operations.get(gap.api!)!.action))).toEqual([])
    } else expect(gaps).toEqual([])
    const changed: string[] = []
    for (const [key, verdict] of verdicts(records)) {
      const was = before.get(key)
      if (was !== undefined && verdict !== was && verdict !== 'undetermined')
        changed.push(`${key}: ${was} → ${verdict}`)
    }
    expect(changed).toEqual([])
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
        ([key, verdict]) => verdict !== 'undetermined' && after.get(key) === 'undetermined',
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
      ['AWS::Config::ConfigurationRecorder', 'tells what AWS Config knows, which is not asked'],
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
        ...new Set([
          'ec2:DescribeRegions',
          ...[...operations.values()].flatMap(({ action, beside = [] }) => [action, ...beside]),
        ]),
      ].sort(),
    )
    expect(statement!.Action.filter(action => !/^[a-z0-9-]+:(?:Get|List|Describe|Select)/.test(action))).toEqual([])
  })
})

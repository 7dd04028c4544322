/**
 * Protects what collecting a live account rests on: an estate that AWS tells of page by page becomes the snapshot that its
 * fixture is; whatever AWS refuses, the run ends, a gap names the IAM action, and no verdict changes to anything but
 * undetermined; lists that never end do; and the printed policy is exactly what is called.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { collectors } from '../../../src/generated/collectors.ts'
import { resourceDefinitions } from '../../../src/generated/resources.ts'
import type { GapRecord, ResourceRecord, SnapshotRecord } from '../../../src/model/record.ts'
import {
  type Account,
  claimedGroups,
  collect,
  type Outcome,
  permissions,
  unread,
} from '../../../src/sources/aws/live.ts'
import { checkRecord } from '../../../src/sources/snapshot.ts'
import { type Estate, findingsOf, readEstate, report } from '../../system/estate.ts'
import { awsError, clientsOf } from './served-estate.ts'

const account = '111122223333'
const takenAt = '2026-01-15T06:00:00.000Z'
const regions = ['eu-central-1', 'eu-west-1']

const fixture: SnapshotRecord[] = readFileSync(
  fileURLToPath(new URL('../../../fixtures/bookshop/snapshot.ndjson', import.meta.url)),
  'utf8',
)
  .trimEnd()
  .split('\n')
  .map(line => JSON.parse(line) as SnapshotRecord)
const resources = fixture.filter((record): record is ResourceRecord => record.record === 'resource')

/** AWS lets nobody share a snapshot that RDS took by itself: with whom it is shared is not asked. */
const isUnasked = ({ type, configuration }: ResourceRecord) =>
  type === 'AWS::RDS::DBSnapshot' && configuration.SnapshotType === 'automated'

/** Types of the estate that some collector reads. */
const readTypes = new Set(Object.values(collectors).flatMap(({ fills }) => Object.values(fills).flat()))

interface Collected extends Outcome {
  records: SnapshotRecord[]
}

async function collectAll(fault?: (command: string, region: string) => void, services?: string[]): Promise<Collected> {
  const reached: Account = {
    account,
    partition: 'aws',
    regions,
    enabled: regions,
    clients: clientsOf(resources, fault),
  }
  const records: SnapshotRecord[] = []
  const outcome = await collect(reached, { takenAt, version: '0.1.0', services }, record => records.push(record))
  return { ...outcome, records: JSON.parse(JSON.stringify(records)) as SnapshotRecord[] }
}

/** A resource without what depends on the order of members, or is told by no list. */
const essence = (record: ResourceRecord) =>
  [`${record.type} ${record.arn ?? record.id} ${record.region}`, record] as const

describe('an estate that AWS tells of', () => {
  it('becomes the snapshot that its fixture is', async () => {
    const { records, gaps } = await collectAll()
    expect(gaps).toEqual([])
    expect(records.map(record => checkRecord(record)).filter(Boolean)).toEqual([])
    const collected = new Map(records.filter(record => record.record === 'resource').map(essence))
    const expected = new Map(resources.filter(({ type }) => readTypes.has(type)).map(essence))
    expect([...collected.keys()].sort()).toEqual([...expected.keys()].sort())
    for (const [key, { supplementary, ...record }] of expected) {
      const told = supplementary && !isUnasked(record as ResourceRecord) ? { supplementary } : {}
      expect(collected.get(key), key).toMatchObject({ ...record, ...told })
    }
    const scopes = fixture.filter(record => record.record === 'scope')
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
    const { action } = operations.get(api)!
    if (called.has(command)) {
      expect(gaps.filter(gap => gap.api === api).map(({ reason }) => reason)).toContain('denied')
      expect(gaps.every(gap => gap.remedy.includes(action))).toBe(true)
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

  it('is all that its collectors fill, but for groups with types that nobody reads', () => {
    const all = Object.values(collectors)
    const filled = new Set(all.flatMap(({ fills }) => Object.keys(fills)))
    const claimed = [...claimedGroups('region', all), ...claimedGroups('account', all)]
    expect([...claimed, ...Object.keys(unread).filter(group => unread[group]!.length > 0)].sort()).toEqual(
      [...filled].sort(),
    )
  })

  it('knows every type of data store, as read or as unread', () => {
    // Templates alone have global tables; stacks and DAX clusters hold no data of their own.
    const apart = new Set(['AWS::DynamoDB::GlobalTable', 'AWS::CloudFormation::Stack', 'AWS::DAX::Cluster'])
    const stores = resourceDefinitions.filter(({ role, type }) => role === 'data-store' && !apart.has(type))
    const filled = new Set(Object.values(collectors).flatMap(({ fills }) => fills.inventory ?? []))
    const known = (type: string, config: readonly string[]) =>
      [type, ...config].some(name => filled.has(name) !== (unread.inventory?.includes(name) ?? false))
    expect(stores.filter(({ type, names }) => !known(type, names.config)).map(({ type }) => type)).toEqual([])
  })
})

describe('the printed policy', () => {
  it('allows every operation that is declared, and nothing but reading', () => {
    const [statement] = permissions(undefined).Statement
    expect(statement!.Action).toEqual(
      [...new Set(['ec2:DescribeRegions', ...[...operations.values()].map(({ action }) => action)])].sort(),
    )
    expect(statement!.Action.filter(action => !/^[a-z0-9-]+:(?:Get|List|Describe)/.test(action))).toEqual([])
  })
})

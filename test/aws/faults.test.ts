/**
 * Protects a run against a bad wire: answers that break off, stop halfway, come twice or never, credentials that end in the middle
 * of it, and a clock that is wrong. Whatever happens, what was read is valid and told once, and what was not read is a gap with the
 * right reason; what passes when it is asked again leaves none.
 */

import { BackupClient, CreateBackupVaultCommand } from '@aws-sdk/client-backup'
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { CreateVolumeCommand, EC2Client } from '@aws-sdk/client-ec2'
import { CreateDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { GapRecord, SnapshotRecord } from '../../src/model/record.ts'
import { CannotCollect, collect, reach } from '../../src/sources/aws/live.ts'
import { checkRecord } from '../../src/sources/snapshot.ts'
import { writtenTexts } from '../sources/aws/written-texts.ts'
import { type Call, type FaultKind, type FaultProxy, startProxy } from './fault-proxy.ts'

const emulator = process.env.REL09_EMULATOR ?? ''
const region = 'eu-west-3'
/** Two pages of names. */
const tables = 120
const environment = { ...process.env }
let proxy: FaultProxy

beforeAll(async () => {
  Object.assign(process.env, {
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: region,
  })
  proxy = await startProxy(emulator)
  await makeShop()
  process.env.AWS_ENDPOINT_URL = proxy.url
})
afterEach(() => {
  proxy.fault = () => undefined
  proxy.clockAhead = 0
})
afterAll(async () => {
  process.env = environment
  await proxy.close()
})

async function makeShop(): Promise<void> {
  const at = { region, endpoint: emulator }
  const dynamodb = new DynamoDBClient(at)
  for (let i = 0; i < tables; i++)
    await dynamodb.send(
      new CreateTableCommand({
        TableName: `till-${i}`,
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    )
  await new BackupClient(at).send(new CreateBackupVaultCommand({ BackupVaultName: 'tills' }))
  await new EC2Client(at).send(new CreateVolumeCommand({ AvailabilityZone: `${region}a`, Size: 8 }))
  const CreateBucketConfiguration = { LocationConstraint: region } as const
  await new S3Client({ ...at, forcePathStyle: true }).send(
    new CreateBucketCommand({ Bucket: `tills-${region}`, CreateBucketConfiguration }),
  )
  await new RDSClient(at).send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: 'till',
      DBInstanceClass: 'db.t4g.micro',
      Engine: 'postgres',
      AllocatedStorage: 20,
      MasterUsername: 'shop',
      MasterUserPassword: 'not-a-secret',
    }),
  )
}

interface Collected {
  gaps: GapRecord[]
  /** Records as they are written, but for the gaps. */
  texts: string[]
}

/** Collects; what was read is valid, and written once. */
async function collected(services: string[], maxAttempts: number, started = () => {}): Promise<Collected> {
  const account = await reach({ regions: [region], maxAttempts, requestMilliseconds: 2_000 })
  started()
  const records: SnapshotRecord[] = []
  const takenAt = '2026-01-15T06:00:00.000Z'
  const { gaps } = await collect(account, { services, takenAt, version: '0' }, record => records.push(record))
  account.clients.close()
  const texts = writtenTexts(records)
  const written = texts.map(text => JSON.parse(text) as SnapshotRecord)
  expect(written.map(record => checkRecord(record)).filter(Boolean)).toEqual([])
  const named = written.flatMap(record => (record.record === 'resource' ? [`${record.type} ${record.id}`] : []))
  expect(named.length).toBe(new Set(named).size)
  return { gaps, texts: texts.filter((_, i) => written[i]!.record !== 'gap') }
}

const reasons = ({ gaps }: Collected) => gaps.map(({ api, reason }) => `${api} ${reason}`).sort()

/** What resources were told; moto's clocks run on. */
const ids = ({ texts }: Collected) =>
  texts.map(text => JSON.parse(text) as SnapshotRecord).flatMap(record => ('id' in record ? [record.id] : []))

/** What is read, and what moto has no answer to, where nothing goes wrong. */
const wholes = new Map<string, Promise<Collected>>()
function wholeOf(...services: string[]): Promise<Collected> {
  const key = services.join()
  const whole = wholes.get(key) ?? collected(services, 1)
  wholes.set(key, whole)
  return whole
}

/** A list of every protocol. */
const lists = [
  ['dynamodb', 'dynamodb:ListTables', (call: Call) => call.operation === 'ListTables'],
  ['rds', 'rds:DescribeDBInstances', (call: Call) => call.operation === 'DescribeDBInstances'],
  ['ec2', 'ec2:DescribeVolumes', (call: Call) => call.operation === 'DescribeVolumes'],
  ['s3', 's3:ListBuckets', (call: Call) => call.operation.includes('ListBuckets')],
  ['backup', 'backup:ListBackupVaults', (call: Call) => /^GET \/backup-vaults\/?(?:\?|$)/.test(call.operation)],
] as const

const told = {
  reset: 'truncated',
  stalled: 'truncated',
  cut: 'truncated',
  stuck: 'truncated',
  halved: 'truncated',
  throttled: 'throttled',
  expired: 'expired',
} as const satisfies { [kind in FaultKind]?: string }

const kinds = Object.keys(told) as (keyof typeof told)[]

describe('a list that is not answered whole', () => {
  it.each(lists.flatMap(([service, api, isIt]) => kinds.map(kind => [service, kind, api, isIt] as const)))(
    'is told by why: %s, %s',
    async (service, kind, api, isIt) => {
      const known = reasons(await wholeOf(service))
      proxy.fault = call => (isIt(call) ? kind : undefined)
      const outcome = await collected([service], 1)
      expect(reasons(outcome).filter(reason => !known.includes(reason))).toEqual([`${api} ${told[kind]}`])
    },
  )

  it.each(
    lists.flatMap(([service, , isIt]) =>
      (['reset', 'stalled', 'cut', 'stuck'] as const).map(kind => [service, kind, isIt] as const),
    ),
  )('is asked for again: %s, %s', async (service, kind, isIt) => {
    const whole = await wholeOf(service)
    let left = 1
    proxy.fault = call => (isIt(call) && left-- > 0 ? kind : undefined)
    const outcome = await collected([service], 3)
    expect(left).toBeLessThan(0)
    expect(reasons(outcome)).toEqual(reasons(whole))
    expect(ids(outcome)).toEqual(ids(whole))
  })
})

describe('a page that comes again', () => {
  it.each([1, Number.POSITIVE_INFINITY])('ends the list, and is written once: %d times', async times => {
    const whole = await wholeOf('dynamodb')
    expect(whole.texts.length).toBe(tables + 1)
    let pages = 0
    proxy.fault = call => {
      if (call.operation !== 'ListTables') return undefined
      pages++
      return pages > 1 && pages <= 1 + times ? 'repeated' : undefined
    }
    const outcome = await collected(['dynamodb'], 1)
    expect(pages).toBe(2)
    expect(reasons(outcome)).toEqual(['dynamodb:ListTables truncated'])
    expect(whole.texts).toEqual(expect.arrayContaining(outcome.texts))
    expect(outcome.texts.length).toBe(101)
  })
})

describe('credentials that end in the middle of a run', () => {
  it.each([0, 3, 60, 200])('cost what is not read yet, and nothing else: after %i calls', async after => {
    const whole = await wholeOf('dynamodb', 'rds', 's3')
    let calls = 0
    const started = () => {
      proxy.fault = () => (calls++ < after ? undefined : 'expired')
    }
    const outcome = await collected(['dynamodb', 'rds', 's3'], 3, started)
    expect(outcome.gaps.length).toBeGreaterThan(0)
    expect(outcome.gaps.filter(({ reason }) => reason !== 'expired')).toEqual([])
    expect(outcome.gaps.filter(({ remedy }) => !remedy.startsWith('Renew the credentials'))).toEqual([])
    expect(ids(whole)).toEqual(expect.arrayContaining(ids(outcome)))
  })
})

describe('a clock that is wrong', () => {
  it.each([3_600_000, -7_200_000])('is set right by what AWS answers: %i', async ahead => {
    const whole = await wholeOf('dynamodb', 's3', 'rds', 'backup')
    proxy.clockAhead = ahead
    const outcome = await collected(['dynamodb', 's3', 'rds', 'backup'], 3)
    expect(reasons(outcome)).toEqual(reasons(whole))
    expect(ids(outcome)).toEqual(ids(whole))
  })

  it('is told where nothing may be asked again', async () => {
    const outcome = await collected(['dynamodb', 's3'], 1, () => {
      proxy.clockAhead = 3_600_000
    })
    expect(reasons(outcome).sort()).toEqual(['dynamodb:ListTables expired', 's3:ListBuckets expired'])
    for (const { remedy } of outcome.gaps) expect(remedy).toMatch(/clock/)
    proxy.clockAhead = 3_600_000
    await expect(collected(['dynamodb'], 1)).rejects.toThrow(/clock/)
  })
})

describe('what AWS refuses before anything is read', () => {
  it('is told with its action: the Regions', async () => {
    proxy.fault = call => (call.operation === 'DescribeRegions' ? 'denied' : undefined)
    await expect(reach({ regions: ['all'], maxAttempts: 1 })).rejects.toThrow(CannotCollect)
    await expect(reach({ regions: ['all'], maxAttempts: 1 })).rejects.toThrow('ec2:DescribeRegions')
    expect(reasons(await collected(['dynamodb'], 1))).toEqual([])
  })

  it('is told with its action: where a service is', async () => {
    proxy.fault = call => (call.operation === 'DescribeEndpoints' ? 'denied' : undefined)
    const { gaps } = await collected(['timestream'], 1)
    expect(gaps.map(({ api, reason }) => `${api} ${reason}`)).toEqual(['timestream:ListDatabases denied'])
    expect(gaps[0]!.remedy).toContain('timestream:DescribeEndpoints')
  })
})

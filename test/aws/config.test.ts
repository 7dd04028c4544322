/**
 * Protects AWS Config as a source, on the wire: recorders as moto tells them; and a run of the command over an aggregator, which no
 * emulator answers: there the proxy answers in its place, out of made-up items.
 */
import type { ChildProcess } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  ConfigServiceClient,
  PutConfigurationRecorderCommand,
  PutDeliveryChannelCommand,
  StartConfigurationRecorderCommand,
} from '@aws-sdk/client-config-service'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { SnapshotRecord } from '../../src/model/record.ts'
import { type Aggregated, answer, type FileItem, recorder, source } from '../sources/aws/served-aggregator.ts'
import { Binary, type Outcome, type Setting } from '../system/binary.ts'
import { type FaultProxy, startProxy } from './fault-proxy.ts'

const emulator = process.env.REL09_EMULATOR ?? ''
/** moto's account of whoever is nobody. */
const own = '123456789012'
const regions = ['ca-central-1', 'eu-west-3']
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }

let proxy: FaultProxy
let binary: Binary

beforeAll(async () => {
  proxy = await startProxy(emulator)
  binary = new Binary()
})
afterEach(() => {
  proxy.fault = () => undefined
  proxy.instead = () => undefined
  proxy.calls.length = 0
})
afterAll(async () => {
  binary.remove()
  await proxy.close()
})

function collect(args: readonly string[], setting: Setting = {}): Promise<Outcome> {
  const env = {
    AWS_ENDPOINT_URL: proxy.url,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: 'eu-west-1',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  }
  return binary.run(['collect', '--max-attempts', '1', ...args], { ...setting, env })
}

const recordsOf = (output: string) =>
  binary
    .read(output)
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as SnapshotRecord)

describe('recorders', () => {
  it('are told with what they record, and whether they run', async () => {
    const at = { endpoint: emulator, credentials }
    for (const region of regions) {
      const client = new ConfigServiceClient({ ...at, region })
      const Bucket = `recorded-${region}`
      await new S3Client({ ...at, region, forcePathStyle: true }).send(
        new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: region as never } }),
      )
      const recordingGroup = {
        allSupported: false,
        includeGlobalResourceTypes: false,
        resourceTypes: ['AWS::DynamoDB::Table' as const],
      }
      const roleARN = `arn:aws:iam::${own}:role/recorder`
      await client.send(
        new PutConfigurationRecorderCommand({ ConfigurationRecorder: { name: 'shop', roleARN, recordingGroup } }),
      )
      await client.send(new PutDeliveryChannelCommand({ DeliveryChannel: { name: 'shop', s3BucketName: Bucket } }))
    }
    const running = new ConfigServiceClient({ ...at, region: regions[0]! })
    await running.send(new StartConfigurationRecorderCommand({ ConfigurationRecorderName: 'shop' }))
    const args = ['--output', 'recorders.ndjson', '--services', 'config', '--regions', [...regions, 'sa-east-1'].join()]
    const { code, errors } = await collect(args)
    expect(code, errors.join('\n')).toBe(0)
    const found = recordsOf('recorders.ndjson').filter(record => record.record === 'resource')
    expect(found).toMatchObject(
      regions.map(region => ({
        type: 'AWS::Config::ConfigurationRecorder',
        name: 'shop',
        region,
        configuration: { recordingGroup: { allSupported: false, resourceTypes: ['AWS::DynamoDB::Table'] } },
        supplementary: { Status: { name: 'shop', recording: region === regions[0] } },
      })),
    )
  })
})

const accounts = ['222233334444', '555566667777']
const store = (awsAccountId: string, name: string, PITR: string): FileItem => ({
  awsAccountId,
  awsRegion: 'eu-west-1',
  resourceType: 'AWS::DynamoDB::Table',
  resourceId: name,
  resourceName: name,
  ARN: `arn:aws:dynamodb:eu-west-1:${awsAccountId}:table/${name}`,
  tags: { team: 'web' },
  configurationItemStatus: 'OK',
  configurationItemCaptureTime: '2026-01-10T06:00:00.000Z',
  configuration: { tableName: name, tableStatus: 'ACTIVE' },
  supplementaryConfiguration: {
    ContinuousBackupsDescription: {
      continuousBackupsStatus: 'ENABLED',
      pointInTimeRecoveryDescription: { pointInTimeRecoveryStatus: PITR },
    },
  },
})
const shop: Aggregated = {
  name: 'shop',
  sources: accounts.map(account => source(account, 'eu-west-1')),
  items: accounts.flatMap(account => [
    recorder(account, 'eu-west-1'),
    ...Array.from({ length: 40 }, (_, at) => store(account, `till-${at}`, at % 2 ? 'ENABLED' : 'DISABLED')),
  ]),
}
const aggregator = ['--aggregator', 'shop']
const answered: FaultProxy['instead'] = ({ service, operation, body }) =>
  service === 'config' ? answer(shop, operation, JSON.parse(body) as { [name: string]: unknown }) : undefined

const partsOf = (output: string) => join(binary.path, `${output}.rel09-parts`)

describe('an aggregator', () => {
  it('is read without a role, and judged', async () => {
    proxy.instead = answered
    const { code, errors } = await collect(['--output', 'all.ndjson', ...aggregator])
    expect(code, errors.join('\n')).toBe(0)
    expect(errors.at(-1)).toContain('82 resources of 2 accounts')
    expect(new Set(proxy.calls.map(({ service }) => service))).toEqual(new Set(['sts', 'config']))
    expect(proxy.calls.some(({ operation }) => operation === 'AssumeRole')).toBe(false)
    const judged = await binary.run(['scan', 'all.ndjson', '--rule', 'dynamodb-pitr', '--format', 'json'], {})
    // How far back a table can be restored AWS Config does not tell.
    const { summary } = JSON.parse(judged.out) as { summary: { verdicts: { [verdict: string]: number } } }
    expect(summary.verdicts).toMatchObject({ undetermined: 40, 'non-compliant': 40 })
  })

  it.each([4, 9, 15])('goes on where it was killed: after %i calls', async after => {
    proxy.instead = answered
    const output = `killed-${after}.ndjson`
    let child: ChildProcess | undefined
    proxy.fault = () => {
      if (proxy.calls.length < after) return undefined
      child?.kill('SIGKILL')
      return 'stalled'
    }
    const started = (process: ChildProcess) => {
      child = process
    }
    expect((await collect(['--output', output, ...aggregator], { started })).code).toBeNull()
    proxy.fault = () => undefined
    const whole = `whole-${after}.ndjson`
    mkdirSync(partsOf(whole), { mode: 0o700 })
    copyFileSync(join(partsOf(output), 'run.json'), join(partsOf(whole), 'run.json'))
    proxy.calls.length = 0
    expect((await collect(['--output', whole, ...aggregator])).code).toBe(0)
    const calls = proxy.calls.length
    proxy.calls.length = 0
    expect((await collect(['--output', output, ...aggregator])).code).toBe(0)
    expect(proxy.calls.length).toBeLessThanOrEqual(calls)
    if (after > 10) expect(proxy.calls.length).toBeLessThan(calls)
    expect(readFileSync(join(binary.path, output)).equals(readFileSync(join(binary.path, whole)))).toBe(true)
  })

  it('is told with the action that is wanting, where it is refused', async () => {
    proxy.fault = ({ service }) => (service === 'config' ? 'denied' : undefined)
    const { code, errors } = await collect(['--output', 'denied.ndjson', ...aggregator])
    expect(code).toBe(0)
    const gaps = recordsOf('denied.ndjson').filter(record => record.record === 'gap')
    expect(gaps.map(({ api, reason }) => [api, reason])).toEqual([
      [undefined, 'notInSource'],
      ['config:DescribeConfigurationAggregatorSourcesStatus', 'denied'],
      ['config:SelectAggregateResourceConfig', 'denied'],
    ])
    expect(errors.filter(line => line.includes('Allow config:SelectAggregateResourceConfig')).length).toBe(1)
  })

  it('is not to be mistaken for another', async () => {
    proxy.fault = ({ service }) => (service === 'config' ? 'denied' : undefined)
    proxy.instead = () => undefined
    const dry = await collect(['--dry-run', '--aggregator', 'shop@eu-west-3'])
    expect(dry.out).toContain(`Aggregator shop of account ${own} in eu-west-3`)
    expect(proxy.calls.filter(({ service }) => service !== 'sts')).toEqual([])
    const { out } = await collect(['--print-iam-policy', ...aggregator])
    expect((JSON.parse(out) as { Statement: { Action: string[] }[] }).Statement.map(({ Action }) => Action)).toEqual([
      ['config:DescribeConfigurationAggregatorSourcesStatus', 'config:SelectAggregateResourceConfig'],
    ])
  })

  it.each([
    ['a name that is none', ['--aggregator', 'my shop']],
    ['a Region that is none', ['--aggregator', 'shop@Paris']],
    ['accounts beside it', [...aggregator, '--accounts', own]],
    ['Regions beside it', [...aggregator, '--regions', 'eu-west-1']],
    ['services beside it', [...aggregator, '--services', 'rds']],
  ])('wrong use is told before anything is called: %s', async (_name, args) => {
    const { code, errors } = await collect(['--output', 'wrong.ndjson', ...args])
    expect([code, errors.length, proxy.calls.length]).toEqual([2, 1, 0])
  })
})

/**
 * Protects AWS Config as a source, on the wire: recorders as moto tells them; and a run of the command over an aggregator and over
 * the own account, whose queries no emulator answers: there the proxy answers in its place, out of made-up items.
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
import { answer, type FileItem, type Held, recorder, source } from '../sources/aws/served-config.ts'
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
const store = (awsAccountId: string, awsRegion: string, name: string, PITR: string): FileItem => ({
  awsAccountId,
  awsRegion,
  resourceType: 'AWS::DynamoDB::Table',
  resourceId: name,
  resourceName: name,
  ARN: `arn:aws:dynamodb:${awsRegion}:${awsAccountId}:table/${name}`,
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
const stocked = (account: string, region: string) => [
  recorder(account, region),
  ...Array.from({ length: 40 }, (_, at) => store(account, region, `till-${at}`, at % 2 ? 'ENABLED' : 'DISABLED')),
]
const sold = ['eu-central-1', 'eu-west-1']
const shop: Held = {
  name: 'shop',
  sources: accounts.map(account => source(account, 'eu-west-1')),
  items: [
    ...accounts.flatMap(account => stocked(account, 'eu-west-1')),
    ...sold.flatMap(region => stocked(own, region)),
  ],
}
/** What is asked, and what is expected of it. */
interface Form {
  args: string[]
  /** What the aggregator has of the own account is not in it. */
  held: Held
  whose: string
  actions: string[]
}

const forms: [string, Form][] = [
  [
    'an aggregator',
    {
      args: ['--aggregator', 'shop'],
      held: { ...shop, items: accounts.flatMap(account => stocked(account, 'eu-west-1')) },
      whose: '2 accounts',
      actions: ['config:DescribeConfigurationAggregatorSourcesStatus', 'config:SelectAggregateResourceConfig'],
    },
  ],
  [
    'the own account',
    {
      args: ['--from-config', '--regions', sold.join()],
      held: shop,
      whose: `account ${own}`,
      actions: [
        'config:DescribeConfigurationRecorderStatus',
        'config:DescribeConfigurationRecorders',
        'config:SelectResourceConfig',
      ],
    },
  ],
]
const answered =
  (held: Held): FaultProxy['instead'] =>
  ({ service, operation, body, region }) =>
    service === 'config'
      ? answer(held, operation, JSON.parse(body) as { [name: string]: unknown }, { account: own, region })
      : undefined

const partsOf = (output: string) => join(binary.path, `${output}.rel09-parts`)

describe.each(forms)('%s', (title, { args, held, whose, actions }) => {
  const id = title.split(' ').at(-1)!

  it('is read without a role, and judged', async () => {
    proxy.instead = answered(held)
    const { code, errors } = await collect(['--output', `all-${id}.ndjson`, ...args])
    expect(code, errors.join('\n')).toBe(0)
    expect(errors.at(-1)).toContain(`82 resources of ${whose}`)
    expect(new Set(proxy.calls.map(({ service }) => service))).toEqual(new Set(['sts', 'config']))
    expect(proxy.calls.some(({ operation }) => operation === 'AssumeRole')).toBe(false)
    const judged = await binary.run(['scan', `all-${id}.ndjson`, '--rule', 'dynamodb-pitr', '--format', 'json'], {})
    // How far back a table can be restored AWS Config does not tell.
    const { summary } = JSON.parse(judged.out) as { summary: { verdicts: { [verdict: string]: number } } }
    expect(summary.verdicts).toMatchObject({ undetermined: 40, 'non-compliant': 40 })
  })

  it.each([4, 9, 15])('goes on where it was killed: after %i calls', async after => {
    proxy.instead = answered(held)
    const output = `killed-${id}-${after}.ndjson`
    let child: ChildProcess | undefined
    proxy.fault = () => {
      if (proxy.calls.length < after) return undefined
      child?.kill('SIGKILL')
      return 'stalled'
    }
    const started = (process: ChildProcess) => {
      child = process
    }
    expect((await collect(['--output', output, ...args], { started })).code).toBeNull()
    proxy.fault = () => undefined
    const whole = `whole-${id}-${after}.ndjson`
    mkdirSync(partsOf(whole), { mode: 0o700 })
    copyFileSync(join(partsOf(output), 'run.json'), join(partsOf(whole), 'run.json'))
    proxy.calls.length = 0
    expect((await collect(['--output', whole, ...args])).code).toBe(0)
    const calls = proxy.calls.length
    proxy.calls.length = 0
    expect((await collect(['--output', output, ...args])).code).toBe(0)
    expect(proxy.calls.length).toBeLessThanOrEqual(calls)
    if (after > 10) expect(proxy.calls.length).toBeLessThan(calls)
    expect(readFileSync(join(binary.path, output)).equals(readFileSync(join(binary.path, whole)))).toBe(true)
  })

  it('is told with the action that is wanting, where it is refused', async () => {
    proxy.fault = ({ service }) => (service === 'config' ? 'denied' : undefined)
    const { code, errors } = await collect(['--output', `denied-${id}.ndjson`, ...args])
    expect(code).toBe(0)
    const gaps = recordsOf(`denied-${id}.ndjson`).filter(record => record.record === 'gap')
    expect(new Set(gaps.map(({ api, reason }) => `${api} ${reason}`))).toEqual(
      new Set(['undefined notInSource', ...actions.map(action => `${action} denied`)]),
    )
    const select = actions.at(-1)!
    const told = errors.filter(line => line.includes(`Allow ${select}:`))
    expect(told.length).toBe(gaps.filter(({ api }) => api === select).length)
  })

  it('needs the actions that are printed, and calls nothing before it is told to', async () => {
    const { out } = await collect(['--print-iam-policy', ...args])
    expect((JSON.parse(out) as { Statement: { Action: string[] }[] }).Statement.map(({ Action }) => Action)).toEqual([
      actions,
    ])
    const dry = await collect(['--dry-run', ...args])
    for (const action of actions) expect(dry.out).toContain(action)
    expect(proxy.calls.filter(({ service }) => service !== 'sts')).toEqual([])
  })

  it('keeps no name where it is redacted', async () => {
    proxy.instead = answered(held)
    const output = `redacted-${id}.ndjson`
    const { code, errors } = await collect(['--output', output, '--redact', ...args])
    expect(code, errors.join('\n')).toBe(0)
    const text = binary.read(output)
    for (const name of [own, ...accounts, 'till-1']) expect(text).not.toContain(name)
  })
})

describe('what is asked of AWS Config alone', () => {
  it('is not to be mistaken for another', async () => {
    const dry = await collect(['--dry-run', '--aggregator', 'shop@eu-west-3'])
    expect(dry.out).toContain(`Aggregator shop of account ${own} in eu-west-3`)
    const regional = await collect(['--dry-run', '--from-config'])
    expect(regional.out).toContain(`AWS Config of account ${own}, in each of 1 Region: eu-west-1`)
    const { out } = await collect(['--print-iam-policy', '--from-config', '--regions', 'all'])
    expect(out).toContain('ec2:DescribeRegions')
  })

  const aggregator = ['--aggregator', 'shop']
  const config = ['--from-config']
  it.each([
    ['a name that is none', ['--aggregator', 'my shop']],
    ['a Region that is none', ['--aggregator', 'shop@Paris']],
    ['accounts beside it', [...aggregator, '--accounts', own]],
    ['Regions beside it', [...aggregator, '--regions', 'eu-west-1']],
    ['services beside it', [...aggregator, '--services', 'rds']],
    ['an aggregator beside the own account', [...config, ...aggregator]],
    ['accounts beside the own account', [...config, '--accounts', own]],
    ['services beside the own account', [...config, '--services', 'rds']],
    ['an older snapshot beside the own account', [...config, '--since', 'old.ndjson']],
  ])('wrong use is told before anything is called: %s', async (_name, args) => {
    const { code, errors } = await collect(['--output', 'wrong.ndjson', ...args])
    expect([code, errors.length, proxy.calls.length]).toEqual([2, 1, 0])
  })
})

/**
 * Protects a run against its end: killed anywhere, the same command reads only what had not been read, and writes the bytes of a run
 * that nobody killed; told to stop, it writes what it has, says what it has not, and goes on the same way.
 */

import type { ChildProcess } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BackupClient, CreateBackupVaultCommand } from '@aws-sdk/client-backup'
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GapRecord, SnapshotRecord } from '../../src/model/record.ts'
import { checkRecord } from '../../src/sources/snapshot.ts'
import { Binary, type Outcome } from '../system/binary.ts'
import { type FaultProxy, startProxy } from './fault-proxy.ts'

const emulator = process.env.REL09_EMULATOR ?? ''
const regions = ['eu-north-1', 'eu-south-1']
let proxy: FaultProxy
let binary: Binary

beforeAll(async () => {
  proxy = await startProxy(emulator)
  binary = new Binary()
  for (const region of regions) await makeShop(region)
})
afterAll(async () => {
  binary.remove()
  await proxy.close()
})

async function makeShop(region: string): Promise<void> {
  const at = { region, endpoint: emulator, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }
  const dynamodb = new DynamoDBClient(at)
  for (let i = 0; i < 12; i++)
    await dynamodb.send(
      new CreateTableCommand({
        TableName: `till-${i}`,
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    )
  const s3 = new S3Client({ ...at, forcePathStyle: true })
  const Bucket = `tills-${region}`
  await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: region as never } }))
  await new BackupClient(at).send(new CreateBackupVaultCommand({ BackupVaultName: 'tills' }))
}

interface Given {
  args?: string[]
  started?: (child: ChildProcess) => void
}

function collect(output: string, { args = [], started }: Given = {}): Promise<Outcome> {
  const env = {
    AWS_ENDPOINT_URL: proxy.url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  }
  const all = ['collect', '--output', output, '--regions', regions.join(','), '--max-attempts', '1', ...args]
  return binary.run(all, { env, started })
}

/** Runs until a number of calls were made; then a signal is sent once, as a second would end it at once, and AWS answers no more. */
async function signalled(output: string, signal: NodeJS.Signals, after: number, args?: string[]): Promise<Outcome> {
  proxy.calls.length = 0
  let child: ChildProcess | undefined
  proxy.fault = () => {
    if (proxy.calls.length < after) return undefined
    child?.kill(signal)
    child = undefined
    return 'stalled'
  }
  const outcome = await collect(output, {
    args,
    started: process => {
      child = process
    },
  })
  proxy.fault = () => undefined
  proxy.calls.length = 0
  return outcome
}

const partsOf = (output: string) => join(binary.path, `${output}.rel09-parts`)

/** Parts that a folder holds: an account's scopes, which nothing is called for, not counted. */
const partsIn = (output: string) =>
  readFileSync(join(partsOf(output), 'journal.ndjson'), 'utf8')
    .split('\n')
    // Killed early, it may have none.
    .filter(line => line !== '')
    .map(line => (JSON.parse(line) as { part: string }).part)
    .filter(part => part.includes(' '))

/** What the run that a folder holds would have written, had nobody interrupted it. */
async function uninterrupted(of: string, as: string): Promise<{ bytes: Buffer; calls: number }> {
  mkdirSync(partsOf(as), { mode: 0o700 })
  copyFileSync(join(partsOf(of), 'run.json'), join(partsOf(as), 'run.json'))
  proxy.calls.length = 0
  const { code } = await collect(as)
  expect(code).toBe(0)
  const calls = proxy.calls.length
  proxy.calls.length = 0
  return { bytes: readFileSync(join(binary.path, as)), calls }
}

const recordsOf = (output: string) =>
  binary
    .read(output)
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as SnapshotRecord)

describe('a run that is killed', () => {
  it.each([3, 40, 110, 180])('goes on where it was: after %i calls', async after => {
    const output = `killed-${after}.ndjson.gz`
    expect((await signalled(output, 'SIGKILL', after)).code).toBeNull()
    expect(existsSync(join(binary.path, output))).toBe(false)
    const whole = await uninterrupted(output, `whole-${after}.ndjson.gz`)
    const read = partsIn(output).length
    const { code, errors } = await collect(output)
    expect(code, errors.join('\n')).toBe(0)
    // Every part that was read takes one call or more.
    expect(proxy.calls.length).toBeLessThanOrEqual(whole.calls - read)
    if (after > 100) expect(read).toBeGreaterThan(5)
    expect(readFileSync(join(binary.path, output)).equals(whole.bytes)).toBe(true)
    expect(existsSync(partsOf(output))).toBe(false)
  })

  it('goes on after several ends', async () => {
    const output = 'often.ndjson'
    for (const after of [60, 40, 30]) await signalled(output, 'SIGKILL', after)
    const whole = await uninterrupted(output, 'often-whole.ndjson')
    expect((await collect(output)).code).toBe(0)
    expect(readFileSync(join(binary.path, output)).equals(whole.bytes)).toBe(true)
  })

  it('is not mixed with another, which --restart begins', async () => {
    const output = 'other.ndjson'
    await signalled(output, 'SIGKILL', 60)
    const before = partsIn(output)
    const refused = await collect(output, { args: ['--services', 'dynamodb'] })
    expect([refused.code, refused.errors.length]).toEqual([2, 1])
    expect(refused.errors[0]).toMatch(/services: all, now dynamodb.*--restart/)
    expect(partsIn(output)).toEqual(before)
    expect((await collect(output, { args: ['--services', 'dynamodb', '--restart'] })).code).toBe(0)
    expect(new Set(recordsOf(output).flatMap(record => (record.record === 'resource' ? [record.type] : [])))).toEqual(
      new Set(['AWS::DynamoDB::Table']),
    )
    expect(existsSync(partsOf(output))).toBe(false)
  })

  it('is too old after a day: what is read then would be told as of its start', async () => {
    const output = 'old.ndjson'
    await signalled(output, 'SIGKILL', 60)
    const file = join(partsOf(output), 'run.json')
    const text = readFileSync(file, 'utf8')
    for (const hours of [25, -1]) {
      const takenAt = new Date(Date.now() - hours * 3_600_000).toISOString()
      writeFileSync(file, text.replace(/"takenAt":"[^"]+"/, `"takenAt":"${takenAt}"`))
      const { code, errors } = await collect(output)
      expect([code, errors]).toEqual([2, [expect.stringMatching(/--restart$/)]])
    }
  })

  it('reads what it was refused again', async () => {
    const output = 'refused.ndjson'
    let child: ChildProcess | undefined
    proxy.fault = call => {
      if (proxy.calls.length > 150) {
        child?.kill('SIGKILL')
        return 'stalled'
      }
      return call.operation === 'ListTables' ? 'denied' : undefined
    }
    proxy.calls.length = 0
    await collect(output, {
      started: process => {
        child = process
      },
    })
    proxy.fault = () => undefined
    const whole = await uninterrupted(output, 'refused-whole.ndjson')
    expect((await collect(output)).code).toBe(0)
    expect(readFileSync(join(binary.path, output)).equals(whole.bytes)).toBe(true)
  })
})

describe('a run that is told to stop', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('writes what it has, names the rest and goes on later: %s', async (signal, code) => {
    const output = `${signal}.ndjson`
    const stopped = await signalled(output, signal, 120)
    expect(stopped.code).toBe(code)
    expect(stopped.errors.at(-1)).toMatch(/run the same command again/)
    const records = recordsOf(output)
    expect(records.map(record => checkRecord(record)).filter(Boolean)).toEqual([])
    const gaps = records.filter((record): record is GapRecord => record.record === 'gap')
    const reasons = gaps.filter(gap => gap.reason === 'interrupted')
    expect(reasons.map(({ region }) => region)).toEqual(expect.arrayContaining(regions))
    const whole = await uninterrupted(output, `${signal}-whole.ndjson`)
    expect((await collect(output)).code).toBe(0)
    expect(readFileSync(join(binary.path, output)).equals(whole.bytes)).toBe(true)
    expect(existsSync(partsOf(output))).toBe(false)
  })

  it('keeps nothing of what goes into a device', async () => {
    const stopped = await signalled('/dev/null', 'SIGINT', 60)
    expect([stopped.code, stopped.errors.at(-1)]).toEqual([
      130,
      expect.stringMatching(/^rel09: \/?\S+null: \d+ resource/),
    ])
    expect(existsSync('/dev/null.rel09-parts')).toBe(false)
  })
})

it('is refused while another writes the same file', async () => {
  const output = 'busy.ndjson'
  let child: ChildProcess | undefined
  proxy.calls.length = 0
  proxy.fault = () => (proxy.calls.length > 50 ? 'stalled' : undefined)
  const first = collect(output, {
    started: process => {
      child = process
    },
  })
  while (proxy.calls.length < 50) await new Promise(resolve => setTimeout(resolve, 5))
  const { code, errors } = await collect(output)
  expect([code, errors]).toEqual([2, [expect.stringContaining(`in use by process ${child?.pid}`)]])
  child?.kill('SIGKILL')
  await first
  proxy.fault = () => undefined
})

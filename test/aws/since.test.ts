/**
 * Protects `rel09 collect --since` as it is called: over the wire it writes the bytes that a full reading writes, with fewer calls; a
 * run that was killed goes on with the same older snapshot and no other; it goes together with --redact; and what is no older
 * snapshot of the same accounts and Regions is refused in one line. What moto lacks of AWS Backup the proxy answers.
 */
import type { ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Binary, type Outcome } from '../system/binary.ts'
import { type Call, type FaultProxy, startProxy } from './fault-proxy.ts'

const emulator = process.env.REL09_EMULATOR ?? ''
/** moto's account of whoever is nobody. */
const account = '123456789012'
const region = 'eu-south-2'
const hour = 3_600_000
/** More than a page of recovery points, made long before anything is collected; then some that are new. */
const old = 2_500
const now = Date.now()
let isLater = false
let proxy: FaultProxy
let binary: Binary

const vaultArn = `arn:aws:backup:${region}:${account}:backup-vault:tills`
const seconds = (moment: number) => Math.floor(moment / 1000)

const pointOf = (number: number, created: number) => ({
  RecoveryPointArn: `arn:aws:backup:${region}:${account}:recovery-point:${String(number).padStart(6, '0')}`,
  BackupVaultName: 'tills',
  BackupVaultArn: vaultArn,
  ResourceArn: `arn:aws:rds:${region}:${account}:db:till-${number % 50}`,
  ResourceType: 'RDS',
  Status: 'COMPLETED',
  CreationDate: created,
  CompletionDate: created + 60,
})
const jobOf = (number: number, created: number) => ({
  BackupJobId: `job-${String(number).padStart(6, '0')}`,
  State: 'COMPLETED',
  CreationDate: created,
  CompletionDate: created + 60,
})

function made<T>(make: (number: number, created: number) => T): T[] {
  const all = Array.from({ length: old }, (_, i) => make(i, seconds(now - 48 * hour) - i * 600))
  return isLater ? [...all, make(old, seconds(now))] : all
}

/** A page of a list that AWS Backup answers by a request's query. */
function page(call: Call, list: readonly { CreationDate: number }[], as: string): object {
  const query = new URL(call.path, 'http://aws').searchParams
  const [after, before] = ['createdAfter', 'createdBefore'].map(name => query.get(name))
  const found = list.filter(
    ({ CreationDate }) =>
      (!after || CreationDate * 1000 >= Date.parse(after)) && (!before || CreationDate * 1000 < Date.parse(before)),
  )
  const start = Number(query.get('nextToken') ?? 0)
  const end = start + Number(query.get('maxResults'))
  return { [as]: found.slice(start, end), ...(end < found.length ? { NextToken: String(end) } : {}) }
}

function answer(call: Call): object | undefined {
  if (call.service !== 'backup') return undefined
  const [path = ''] = call.path.split('?')
  if (/^\/backup-vaults\/?$/.test(path)) {
    const BackupVaultList = call.path.includes('LOGICALLY')
      ? []
      : [
          {
            BackupVaultName: 'tills',
            BackupVaultArn: vaultArn,
            VaultType: 'BACKUP_VAULT',
            CreationDate: seconds(now - 900 * hour),
            Locked: true,
            LockDate: seconds(now - 800 * hour),
            NumberOfRecoveryPoints: made(pointOf).length,
          },
        ]
    return { BackupVaultList }
  }
  if (/recovery-points\/?$/.test(path)) return page(call, made(pointOf), 'RecoveryPoints')
  if (/^\/backup-jobs\/?$/.test(path)) return page(call, made(jobOf), 'BackupJobs')
  if (/^\/copy-jobs\/?$/.test(path)) return { CopyJobs: [] }
  if (/^\/restore-jobs\/?$/.test(path)) return { RestoreJobs: [] }
  return undefined
}

function collect(output: string, args: string[], started: (child: ChildProcess) => void = () => {}): Promise<Outcome> {
  const env = {
    AWS_ENDPOINT_URL: proxy.url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  }
  const all = [
    'collect',
    '--output',
    output,
    '--regions',
    region,
    '--services',
    'backup',
    '--max-attempts',
    '1',
    ...args,
  ]
  return binary.run(all, { env, started })
}

const bytesOf = (name: string) => readFileSync(join(binary.path, name))
const headOf = (name: string) => join(binary.path, `${name}.rel09-parts`, 'run.json')
const lists = () => proxy.calls.filter(({ operation }) => /recovery-points|backup-jobs/.test(operation)).length

/** Begins a run, kills it, and makes another begin at the same moment: what it writes can be compared. */
async function begunWith(output: string, args: string[], after: number): Promise<void> {
  let child: ChildProcess | undefined
  proxy.fault = () => {
    if (proxy.calls.length < after) return undefined
    child?.kill('SIGKILL')
    return 'stalled'
  }
  await collect(output, args, process => {
    child = process
  })
  proxy.fault = () => undefined
  proxy.calls.length = 0
}

/** A full reading as of the start of a run that was begun. */
async function fullAsOf(begun: string, output: string): Promise<Buffer> {
  const { takenAt } = JSON.parse(readFileSync(headOf(begun), 'utf8')) as { takenAt: string }
  await begunWith(output, [], 3)
  const own = JSON.parse(readFileSync(headOf(output), 'utf8')) as object
  binary.write(`${output}.rel09-parts/run.json`, `${JSON.stringify({ ...own, takenAt })}\n`)
  binary.write(`${output}.rel09-parts/journal.ndjson`, '')
  proxy.calls.length = 0
  expect((await collect(output, [])).code).toBe(0)
  return bytesOf(output)
}

beforeAll(async () => {
  proxy = await startProxy(emulator)
  proxy.instead = answer
  binary = new Binary()
  expect((await collect('old.ndjson.gz', [])).code).toBe(0)
  isLater = true
})
beforeEach(() => {
  proxy.calls.length = 0
  proxy.fault = () => undefined
})
afterAll(async () => {
  binary.remove()
  await proxy.close()
})

const since = ['--since', 'old.ndjson.gz']

describe('reading on from an older snapshot', () => {
  it('writes what a full reading writes, also after it was killed, with fewer calls', async () => {
    await begunWith('new.ndjson', since, 8)
    expect(existsSync(headOf('new.ndjson'))).toBe(true)
    const full = await fullAsOf('new.ndjson', 'full.ndjson')
    const whole = lists()
    proxy.calls.length = 0
    const { code, errors } = await collect('new.ndjson', since)
    expect(code, errors.join('\n')).toBe(0)
    expect(bytesOf('new.ndjson').equals(full)).toBe(true)
    expect(existsSync(join(binary.path, 'new.ndjson.rel09-parts'))).toBe(false)
    console.log(`since on the wire: ${whole} calls for points and jobs in full, ${lists()} from the older snapshot`)
    expect(lists()).toBeLessThan(whole)
    expect(errors.at(-1)).toMatch(/carried over$/)
  })

  it('goes on with the same older snapshot alone', async () => {
    await begunWith('other.ndjson', since, 8)
    for (const args of [[], ['--since', 'full.ndjson']]) {
      const { code, errors } = await collect('other.ndjson', args)
      expect([code, errors]).toEqual([2, [expect.stringMatching(/older snapshot.*--restart/)]])
    }
    expect((await collect('other.ndjson', since)).code).toBe(0)
  })

  it('goes together with --redact', async () => {
    const { code, errors } = await collect('pseudonyms.ndjson', [...since, '--redact'])
    expect(code, errors.join('\n')).toBe(0)
    const text = binary.read('pseudonyms.ndjson')
    expect(text).not.toContain(account)
    expect(text.match(/"type":"AWS::Backup::RecoveryPoint"/g)?.length).toBe(old + 1)
    const again = await collect('no.ndjson', ['--since', 'pseudonyms.ndjson'])
    expect([again.code, again.errors]).toEqual([2, [expect.stringMatching(/pseudonyms\.ndjson/)]])
  })
})

it.each<[string, string[], RegExp]>([
  ['another account', ['--since', 'old.ndjson.gz', '--accounts', '222233334444'], /nothing of account 222233334444/],
  ['another Region', ['--since', 'old.ndjson.gz', '--regions', 'eu-north-1'], /nothing of eu-north-1/],
  ['no snapshot', ['--since', 'page.html'], /page\.html:1/],
  ['nothing', ['--since', 'nowhere.ndjson'], /nowhere\.ndjson/],
  ['its own output', ['--since', './refused.ndjson'], /write to another/],
])('an older snapshot of %s is refused, and nothing is left', async (_what, args, message) => {
  binary.write('page.html', '<html>\n')
  const { code, errors } = await collect('refused.ndjson', args)
  expect([code, errors]).toEqual([2, [expect.stringMatching(message)]])
  expect([
    existsSync(join(binary.path, 'refused.ndjson')),
    existsSync(join(binary.path, 'refused.ndjson.rel09-parts')),
  ]).toEqual([false, false])
})

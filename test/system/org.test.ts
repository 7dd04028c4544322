/**
 * Protects `rel09 org` as it is released: killed at any moment it goes on and ends with the same bytes, however many work at once; what
 * it could not read or was given wrongly decides the exit code; nobody's store is written to but the one that was named.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OrganizationSummary } from '../../src/model/organization.ts'
import { Binary } from './binary.ts'

let binary: Binary
const shards = 60

beforeAll(() => {
  binary = new Binary()
  const generate = fileURLToPath(new URL('../../bench/org/generate.mjs', import.meta.url))
  execFileSync(process.execPath, [
    generate,
    '--shards',
    `${shards}`,
    '--stores',
    '3',
    '--regions',
    '6',
    join(binary.path, 'in'),
  ])
}, 60_000)
afterAll(() => binary.remove())

const args = (store: string, ...more: string[]) =>
  [
    'org',
    '--manifest',
    'in/manifest.jsonl',
    '--store',
    store,
    '--run-id',
    'run',
    '--now',
    '2026-01-15T07:00:00Z',
    ...more,
  ] as const

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !entry.name.startsWith('.'))
    .map(entry => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
    .sort()
}

/** Everything that is reported: path and digest. */
function reported(store: string): string[] {
  const run = join(binary.path, store, 'runs/run')
  return filesIn(run)
    .filter(file => /^(?:report|findings|summaries)\//.test(file))
    .map(
      file =>
        `${file} ${createHash('sha256')
          .update(readFileSync(join(run, file)))
          .digest('hex')}`,
    )
}

/** Runs until so many objects of a kind are there, and is killed then. Resolves to whether it was. */
async function killedAt(store: string, kind: string, count: number): Promise<boolean> {
  let isKilled = false
  const { code } = await binary.run(args(store, '--jobs', '2'), {
    started: child => {
      const watch = setInterval(() => {
        if (filesIn(join(binary.path, store, 'runs/run', kind)).length < count) return
        isKilled = true
        child.kill('SIGKILL')
        clearInterval(watch)
      }, 2)
      child.on('exit', () => clearInterval(watch))
    },
  })
  return isKilled && code === null
}

describe('a run that is killed', () => {
  it('goes on and ends with the same bytes, however many work at once', async () => {
    const whole = await binary.run(args('whole', '--jobs', '1'))
    expect(whole.code).toBe(1)
    const expected = reported('whole')
    expect(expected.length).toBeGreaterThan(20)
    const moments: [string, number][] = [
      ['snapshots', 3],
      ['shards', shards / 2],
      ['evidence', 1],
      ['words', 2],
      ['summaries', 3],
      ['report', 5],
    ]
    let kills = 0
    for (const [kind, count] of moments) {
      if (await killedAt('killed', kind, count)) kills++
    }
    expect(kills).toBeGreaterThan(3)
    const { code, out } = await binary.run(args('killed', '--jobs', '2'))
    expect(code).toBe(1)
    expect(reported('killed')).toEqual(expected)
    expect(out.replaceAll('killed/', 'whole/')).toBe(whole.out)
  })

  it('does nothing again that is done', async () => {
    const before = filesIn(join(binary.path, 'whole')).map(
      file => readFileSync(join(binary.path, 'whole', file)).length,
    )
    rmSync(join(binary.path, 'in/100000000000'), { recursive: true })
    expect((await binary.run(args('whole'))).code).toBe(1)
    expect(
      filesIn(join(binary.path, 'whole')).map(file => readFileSync(join(binary.path, 'whole', file)).length),
    ).toEqual(before)
  })
})

const summaryOf = (store: string): OrganizationSummary =>
  JSON.parse(binary.read(`${store}/runs/run/report/summary.json`)) as OrganizationSummary

describe('what is wrong', () => {
  it('with a snapshot is told, and the others are judged', async () => {
    // Its snapshots are gone since the test before.
    const { code, out } = await binary.run(args('lost'))
    expect(code).toBe(2)
    expect(out).toContain('100000000000 af-south-1')
    const { isComplete, shards: counts, accounts, summary } = summaryOf('lost')
    expect({ isComplete, counts, accounts }).toMatchObject({
      isComplete: true,
      counts: { all: shards, read: shards - 6, unread: 6, missing: 0 },
      accounts: { all: 10, judged: 10, withUnread: 1 },
    })
    expect(summary.stores).toBeGreaterThan(0)
  })

  it('with what was kept makes the report incomplete', async () => {
    const snapshot = join(binary.path, 'lost/runs/run/snapshots/100000007919/af-south-1.ndjson.gz')
    writeFileSync(
      snapshot,
      readFileSync(join(binary.path, 'lost/runs/run/snapshots/100000015838/af-south-1.ndjson.gz')),
    )
    rmSync(join(binary.path, 'lost/runs/run/summaries/100000007919.json'))
    const { code, out } = await binary.run(args('lost'))
    expect(code).toBe(2)
    expect(out).toContain('Not complete')
    expect(summaryOf('lost').isComplete).toBe(false)
  })

  it('with a manifest or another run of that name is told before anything is read', async () => {
    binary.write(
      'in/bad.jsonl',
      '{"account": 1}\n{"account": "111122223333", "region": "eu-west-1", "bucket": "x"}\nnone\n',
    )
    const bad = await binary.run(['org', '--manifest', 'in/bad.jsonl', '--store', 'bad'])
    expect(bad.code).toBe(2)
    expect(bad.errors).toHaveLength(3)
    expect(existsSync(join(binary.path, 'bad'))).toBe(false)
    binary.write('other.yaml', 'version: 1\nclosedWorld: true\n')
    const other = await binary.run(args('whole', '--policy', 'other.yaml'))
    expect(other.code).toBe(2)
    expect(other.errors.join()).toContain('--run-id')
  })
})

it('writes a manifest of accounts and Regions', async () => {
  const { code, out } = await binary.run([
    'org',
    'plan',
    '--accounts',
    '111122223333,444455556666',
    '--regions',
    'eu-west-1,us-east-1',
  ])
  expect(code).toBe(0)
  const lines = out
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { account: string; leads?: boolean })
  expect(lines).toHaveLength(4)
  expect(lines.filter(({ leads }) => leads).map(({ account }) => account)).toEqual(['111122223333', '444455556666'])
})

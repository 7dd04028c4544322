// `npm run bench:org`: `rel09 org` over an organisation of many shards: with one worker and with two, killed on the way, and how much
// memory adding up takes for four times as many accounts. Build first: it measures dist/cli.js.
//
//   npm run bench:org -- [--shards 2000] [--stores 20] [--rounds 2] [--write]
//
// --write puts the table into docs/performance.md.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { tell, verdict } from '../figures.mjs'
import { writeOrganization } from './generate.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../..')
const cli = join(root, 'dist/cli.js')
const reportMemory = join(here, '../report-memory.cjs')

/** What the figures are held against: two workers on two cores, and memory of adding up four times as many. */
const limits = { speedUp: 1.5, memoryRatio: 1.25 }

const { values } = parseArgs({
  options: {
    shards: { type: 'string', default: '2000' },
    stores: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '2' },
    write: { type: 'boolean', default: false },
  },
})
const [shards, stores, rounds] = [values.shards, values.stores, values.rounds].map(Number)

/** Runs the command; `killAt` is asked every few milliseconds whether it is to be killed. */
function run(folder, store, jobs, killAt = () => false) {
  const args = [
    'org',
    '--manifest',
    join(folder, 'manifest.jsonl'),
    '--store',
    join(folder, store),
    '--jobs',
    `${jobs}`,
  ]
  const more = ['--run-id', 'run', '--now', '2026-01-15T07:00:00Z', '--no-progress', '--fail-on', 'never']
  return new Promise((resolve, reject) => {
    const before = process.hrtime.bigint()
    const child = spawn(process.execPath, ['--require', reportMemory, cli, ...args, ...more], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '' },
    })
    let errors = ''
    let kibibytes = ''
    child.stderr.on('data', text => (errors += text))
    child.stdio[3].on('data', text => (kibibytes += text))
    const watch = setInterval(() => killAt() && child.kill('SIGKILL'), 20)
    child.on('error', reject)
    child.on('close', code => {
      clearInterval(watch)
      const milliseconds = Number(process.hrtime.bigint() - before) / 1e6
      if (code === null || code === 0) resolve({ code, milliseconds, megabytes: Number(kibibytes) / 1024 })
      else reject(new Error(`rel09 org ended with ${code}: ${errors}`))
    })
  })
}

const filesBelow = folder =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter(entry => entry.isFile() && !entry.name.startsWith('.'))
        .map(entry => join(entry.parentPath ?? entry.path, entry.name))
        .sort()
    : []

/** Everything that a run reports, as one digest. */
function reported(folder, store) {
  const hash = createHash('sha256')
  for (const part of ['report', 'findings', 'summaries'])
    for (const file of filesBelow(join(folder, store, 'runs/run', part)))
      hash.update(file.slice(join(folder, store).length)).update(readFileSync(file))
  return hash.digest('hex')
}

/** Adds up once more what is there. */
async function addUp(folder, store) {
  rmSync(join(folder, store, 'runs/run/report'), { recursive: true })
  return run(folder, store, 1)
}

const least = (runs, name) => Math.min(...runs.map(one => one[name]))
const seconds = milliseconds => `${(milliseconds / 1000).toFixed(1)} s`

/** Kills a run at moments that are spread over its steps, and lets it end. */
async function interrupted(folder) {
  const at = (part, share, of) => () => filesBelow(join(folder, 'killed/runs/run', part)).length >= share * of
  let kills = 0
  const accounts = shards / 20
  for (const killAt of [
    at('shards', 0.2, shards),
    at('shards', 0.7, shards),
    at('evidence', 1, 1),
    at('summaries', 0.5, accounts),
    at('summaries', 0.9, accounts),
    at('report/sarif', 0.98, accounts),
  ])
    if ((await run(folder, 'killed', 2, killAt)).code === null) kills++
  await run(folder, 'killed', 2)
  return kills
}

async function bench() {
  const folder = mkdtempSync(join(tmpdir(), 'rel09-bench-org-'))
  const quarter = join(folder, 'quarter')
  try {
    const made = writeOrganization(folder, { shards, stores })
    mkdirSync(quarter)
    writeOrganization(quarter, { shards: shards / 4, stores })
    const one = []
    const two = []
    for (let round = 0; round < rounds; round++) {
      one.push(await run(folder, `one-${round}`, 1))
      two.push(await run(folder, `two-${round}`, 2))
    }
    const expected = reported(folder, 'one-0')
    const isSame = expected === reported(folder, 'two-0')
    const kills = await interrupted(folder)
    const isResumed = expected === reported(folder, 'killed')
    await run(quarter, 'one', 1)
    const [small, large] = [await addUp(quarter, 'one'), await addUp(folder, 'one-0')]
    const speedUp = least(one, 'milliseconds') / least(two, 'milliseconds')
    const memory = large.megabytes / small.megabytes
    return [
      [
        `${made.shards} shards of ${made.accounts} accounts, ${made.stores} stores, one worker: least of ${rounds}`,
        '',
        seconds(least(one, 'milliseconds')),
        '',
      ],
      [`the same, two workers on ${availableParallelism()} cores`, '', seconds(least(two, 'milliseconds')), ''],
      ['one worker ÷ two', `≥ ${limits.speedUp}`, speedUp.toFixed(2), verdict(speedUp >= limits.speedUp)],
      ['reports of one worker and of two', 'same bytes', isSame ? 'same' : 'other', verdict(isSame)],
      [
        `killed ${kills} times (SIGKILL), gone on`,
        'same bytes',
        isResumed ? 'same' : 'other',
        verdict(isResumed && kills > 3),
      ],
      [
        `largest resident set, one worker, all of it`,
        '',
        `${Math.max(...one.map(r => r.megabytes)).toFixed(0)} MB`,
        '',
      ],
      [`largest resident set, adding up ${shards / 4} shards`, '', `${small.megabytes.toFixed(0)} MB`, ''],
      [
        `the same of ${shards}`,
        `≤ ${limits.memoryRatio} of it`,
        `${large.megabytes.toFixed(0)} MB`,
        verdict(memory <= limits.memoryRatio),
      ],
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

tell('bench:org', await bench(), values.write)

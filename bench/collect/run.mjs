// `npm run bench:collect`: `rel09 collect` of a large estate from a stub of AWS against the SDK's own paginators over the same
// lists, in turns, in processes of their own. Build first: it measures dist/cli.js.
//
//   npm run bench:collect -- [--stores 100000] [--points 300000] [--rounds 3] [--write]
//
// --write puts the table into docs/performance.md.
import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { tell, verdict } from '../figures.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../..')
const cli = join(root, 'dist/cli.js')
const reportMemory = join(here, '../report-memory.cjs')

/** What the figures are held against. */
const limits = { ratio: 1.5, memoryMB: 250 }

const { values } = parseArgs({
  options: {
    stores: { type: 'string', default: '100000' },
    points: { type: 'string', default: '300000' },
    rounds: { type: 'string', default: '3' },
    write: { type: 'boolean', default: false },
  },
})
const [stores, points, rounds] = [values.stores, values.points, values.rounds].map(Number)

/** Starts the stub with an estate of a size; resolves to its address and what ends it. */
function stub(stores, points) {
  const server = spawn(process.execPath, [join(here, 'server.mjs'), stores / 2, stores / 2, points].map(String), {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.stdout.once('data', address => resolve({ url: String(address).trim(), stop: () => server.kill() }))
  })
}

/** Runs Node on a script; resolves to wall time, largest resident set and what it said. */
function run(args, url) {
  const environment = {
    ...process.env,
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL: url,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    NODE_OPTIONS: '',
  }
  return new Promise((resolve, reject) => {
    const before = process.hrtime.bigint()
    const child = spawn(process.execPath, ['--require', reportMemory, ...args], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    })
    const told = ['', '', '']
    ;[1, 2, 3].forEach((descriptor, i) => {
      child.stdio[descriptor].on('data', text => {
        told[i] += text
      })
    })
    child.on('error', reject)
    child.on('close', code => {
      const milliseconds = Number(process.hrtime.bigint() - before) / 1e6
      const [output, errors, kibibytes] = told
      if (code !== 0) reject(new Error(`node ${args.join(' ')} ended with ${code}: ${errors}`))
      else resolve({ milliseconds, megabytes: Number(kibibytes) / 1024, output, errors })
    })
  })
}

const least = (runs, name) => Math.min(...runs.map(run => run[name]))
const most = (runs, name) => Math.max(...runs.map(run => run[name]))

const services = ['--services', 'backup,ec2,rds', '--no-progress']

/** Read piece by piece: what this process holds, the system adds to what its children are said to hold. */
function linesOf(file) {
  const descriptor = openSync(file, 'r')
  const bytes = Buffer.alloc(1024 * 1024)
  let lines = 0
  for (let read = readSync(descriptor, bytes); read > 0; read = readSync(descriptor, bytes))
    for (let at = bytes.indexOf(10); at >= 0 && at < read; at = bytes.indexOf(10, at + 1)) lines++
  closeSync(descriptor)
  return lines
}

/** Paginators and collector in turns; each is checked to have read everything. */
async function measure(stores, points, folder) {
  const { url, stop } = await stub(stores, points)
  const bare = []
  const collect = []
  const output = join(folder, 'estate.ndjson')
  try {
    // The stub makes its pages when they are first asked for.
    await run([join(here, 'paginate.mjs')], url)
    for (let round = 0; round < rounds; round++) {
      const floor = await run([join(here, 'paginate.mjs')], url)
      const expected = `${stores / 2} ${stores / 2} ${points}`
      if (floor.output.trim() !== expected) throw new Error(`the paginators found ${floor.output}, not ${expected}`)
      bare.push(floor)
      collect.push(await run([cli, 'collect', '--output', output, ...services], url))
      const lines = linesOf(output)
      if (lines < stores + points) throw new Error(`the snapshot has ${lines} lines`)
      if (round === 0) console.error(collect[0].errors.trim().split('\n').at(-1).replace(folder, ''))
      collect.at(-1).bytes = statSync(output).size
      rmSync(output)
    }
  } finally {
    stop()
  }
  return { bare, collect }
}

const seconds = milliseconds => `${(milliseconds / 1000).toFixed(2)} s`
const megabytes = value => `${value.toFixed(0)} MB`

async function bench() {
  const folder = mkdtempSync(join(tmpdir(), 'rel09-bench-collect-'))
  try {
    const whole = await measure(stores, points, folder)
    const half = await measure(stores / 2, points / 2, folder)
    const ratio = least(whole.collect, 'milliseconds') / least(whole.bare, 'milliseconds')
    const peak = most(whole.collect, 'megabytes')
    return [
      [
        `the SDK's paginators, ${stores} stores and ${points} recovery points: least of ${rounds}`,
        '',
        seconds(least(whole.bare, 'milliseconds')),
        '',
      ],
      [
        `rel09 collect of the same, ${megabytes(whole.collect[0].bytes / 1e6)} of snapshot: least of ${rounds}`,
        '',
        seconds(least(whole.collect, 'milliseconds')),
        '',
      ],
      ['collect ÷ paginate', `≤ ${limits.ratio}`, ratio.toFixed(2), verdict(ratio <= limits.ratio)],
      ['largest resident set, paginate', '', megabytes(most(whole.bare, 'megabytes')), ''],
      ['largest resident set, collect', `≤ ${limits.memoryMB} MB`, megabytes(peak), verdict(peak <= limits.memoryMB)],
      ['the same of half as many', '', megabytes(most(half.collect, 'megabytes')), ''],
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

tell('bench:collect', await bench(), values.write)

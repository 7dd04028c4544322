// `npm run bench`: time and memory of `rel09 scan` against the cost of merely parsing the same file, in one run, with
// interleaved rounds in processes of their own. Build first: it measures dist/cli.js.
//
//   npm run bench -- [--stores 100000] [--rounds 5] [--quick] [--no-linearity] [--write]
//
// --quick takes 10,000 stores and three rounds. --write puts the table into docs/performance.md. The data go to the
// temporary directory and are removed.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { generate } from './generate.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '..')
const cli = join(root, 'dist/cli.js')
const bookshop = join(root, 'fixtures/bookshop/snapshot.ndjson')
const page = join(root, 'docs/performance.md')

/** What the figures are held against. */
const limits = {
  ratio: 2.5,
  ratioReach: 1.5,
  memoryMB: 300,
  bytesPerStore: 1_536,
  growth: 1.25,
  startFactor: 1.6,
  startExtraMs: 30,
}

const { values } = parseArgs({
  options: {
    stores: { type: 'string' },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    linearity: { type: 'boolean', default: true },
    write: { type: 'boolean', default: false },
  },
  allowNegative: true,
})
const stores = Number(values.stores ?? (values.quick ? 10_000 : 100_000))
const rounds = Number(values.rounds ?? (values.quick ? 3 : 5))
const spawns = 15

/** Runs Node on a script; resolves to wall time and largest resident set. A run that fails ends the bench. */
function run(args, { memory = true } = {}) {
  return new Promise((resolve, reject) => {
    const before = process.hrtime.bigint()
    const child = spawn(
      process.execPath,
      [...(memory ? ['--require', join(here, 'report-memory.cjs')] : []), ...args],
      {
        cwd: tmpdir(),
        stdio: ['ignore', 'ignore', 'pipe', memory ? 'pipe' : 'ignore'],
        env: { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '' },
      },
    )
    let kibibytes = ''
    let errors = ''
    child.stderr.on('data', text => {
      errors += text
    })
    if (memory) {
      child.stdio[3].on('data', text => {
        kibibytes += text
      })
    }
    child.on('error', reject)
    child.on('close', code => {
      const milliseconds = Number(process.hrtime.bigint() - before) / 1e6
      if (code !== 0) reject(new Error(`node ${args.join(' ')} ended with ${code}: ${errors}`))
      else resolve({ milliseconds, megabytes: Number(kibibytes) / 1024 })
    })
  })
}

const least = numbers => Math.min(...numbers)

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

const times = runs => runs.map(({ milliseconds }) => milliseconds)
const sizes = runs => runs.map(({ megabytes }) => megabytes)

const scanOf = (file, folder) => [
  cli,
  'scan',
  file,
  '--format',
  'json',
  '--output',
  join(folder, 'report.json'),
  '--fail-on',
  'never',
  '--no-progress',
]

/** Floor and scan of one file, in turns. */
async function measure(file, folder, turns) {
  const floor = []
  const scan = []
  for (let turn = 0; turn < turns; turn++) {
    floor.push(await run([join(here, 'floor.mjs'), file]))
    scan.push(await run(scanOf(file, folder)))
  }
  return { floor, scan }
}

/** An estate of a size, measured and removed. */
async function measureStores(count, folder, turns) {
  const file = join(folder, `${count}.ndjson`)
  const made = generate(file, { stores: count })
  console.error(`${count} stores, ${made.lines} records, ${(made.bytes / 1e6).toFixed(0)} MB`)
  const figures = await measure(file, folder, turns)
  rmSync(file)
  return { ...figures, made }
}

/** Start-up: a scan of the small estate against Node doing nothing, in turns. */
async function measureStart(folder) {
  const bare = []
  const scan = []
  const plain = { memory: false }
  const args = scanOf(bookshop, folder)
  for (let turn = 0; turn < spawns; turn++) {
    bare.push((await run(['-e', '0'], plain)).milliseconds)
    scan.push((await run(args, plain)).milliseconds)
  }
  return { bare, scan }
}

const rows = []

function row(what, limit, figure, pass) {
  rows.push({ what, limit, figure, pass: pass === undefined ? '' : pass ? 'pass' : 'FAIL' })
}

const seconds = milliseconds => `${(milliseconds / 1000).toFixed(2)} s`
const whole = milliseconds => `${milliseconds.toFixed(0)} ms`
const megabytes = value => `${value.toFixed(0)} MB`

async function throughput(folder) {
  const { floor, scan, made } = await measureStores(stores, folder, rounds)
  const ratio = least(times(scan)) / least(times(floor))
  const subject = `${stores} stores, ${made.lines} records`
  row(`parse every line of ${subject}: least of ${rounds}`, '', seconds(least(times(floor))))
  row(`rel09 scan of the same file: least of ${rounds}`, '', seconds(least(times(scan))))
  row('scan ÷ parse', `≤ ${limits.ratio} (reach ${limits.ratioReach})`, ratio.toFixed(2), ratio <= limits.ratio)
  row('largest resident set, parse', '', megabytes(Math.max(...sizes(floor))))
  const peak = Math.max(...sizes(scan))
  row('largest resident set, scan', `≤ ${limits.memoryMB} MB`, megabytes(peak), peak <= limits.memoryMB)
  return scan
}

async function linearity(folder, middle) {
  const turns = Math.min(rounds, 3)
  const half = (await measureStores(stores / 2, folder, turns)).scan
  const twice = (await measureStores(stores * 2, folder, turns)).scan
  const perStore = (runs, count) => (least(times(runs)) * 1000) / count
  for (const [runs, count] of [
    [half, stores / 2],
    [middle, stores],
    [twice, stores * 2],
  ])
    row(`time a store at ${count}`, '', `${perStore(runs, count).toFixed(1)} µs`)
  const growth = perStore(twice, stores * 2) / perStore(half, stores / 2)
  row('time a store, four times as many ÷ the fewest', `≤ ${limits.growth}`, growth.toFixed(2), growth <= limits.growth)
  const bytes = ((least(sizes(twice)) - least(sizes(half))) * 1_048_576) / (stores * 1.5)
  row('memory a further store', `≤ ${limits.bytesPerStore} B`, `${bytes.toFixed(0)} B`, bytes <= limits.bytesPerStore)
}

async function startUp(folder) {
  const { bare, scan } = await measureStart(folder)
  for (const [word, of] of [
    ['least', least],
    ['median', median],
  ]) {
    const limit = of(bare) * limits.startFactor + limits.startExtraMs
    row(`bare Node, ${word} of ${spawns}`, '', whole(of(bare)))
    row(
      `scan of the bookshop, ${word} of ${spawns}`,
      `≤ ${limits.startFactor} × + ${limits.startExtraMs} ms = ${whole(limit)}`,
      whole(of(scan)),
      of(scan) <= limit,
    )
  }
}

function table() {
  const header = ['', 'limit', 'figure', '']
  const lines = [
    header,
    ['---', '---', '---:', '---'],
    ...rows.map(({ what, limit, figure, pass }) => [what, limit, figure, pass]),
  ]
  return lines.map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

const begin = '<!-- bench:begin -->'
const end = '<!-- bench:end -->'

/** Puts the table between the page's marks; a page without them gets them at its end. */
function write(text) {
  const machine = `Node ${process.version}, ${process.platform} ${process.arch}, ${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}.`
  const block = `${begin}\n${text}\n\n${machine} Made by \`npm run bench -- --write\`.\n${end}`
  const before = existsSync(page) ? readFileSync(page, 'utf8') : '# Performance\n\n'
  const marked = before.includes(begin) && before.includes(end)
  const after = marked
    ? `${before.slice(0, before.indexOf(begin))}${block}${before.slice(before.indexOf(end) + end.length)}`
    : `${before.trimEnd()}\n\n${block}\n`
  mkdirSync(dirname(page), { recursive: true })
  writeFileSync(page, after)
}

async function bench() {
  if (!existsSync(cli)) throw new Error('dist/cli.js is missing: run `npm run build` first')
  const folder = mkdtempSync(join(tmpdir(), 'rel09-bench-'))
  try {
    await startUp(folder)
    const middle = await throughput(folder)
    if (values.linearity) await linearity(folder, middle)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const text = table()
  console.log(text)
  if (values.write) write(text)
  if (rows.some(({ pass }) => pass === 'FAIL')) process.exitCode = 1
}

await bench()

// `npm run bench:templates`: a repository of templates judged by rel09 and by its peers, by the same three rules, in one run
// and in turns. Build first: it measures dist/cli.js.
//
//   npm run bench:templates -- [--templates 1000] [--rounds 3] [--write]
//
// The first run installs the peers: npm packages beside `peers/package.json`, and Checkov into a Python environment there. One
// that cannot be had is told and left out. --write puts the table into docs/performance.md.
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { writeCloudFormation, writeTerraform } from './generate.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../..')
const cli = join(root, 'dist/cli.js')
const page = join(root, 'docs/performance.md')
const peers = join(here, 'peers')
const environment = join(peers, '.venv')
const checkovVersion = '3.3.30'

/** What the figures are held against. */
const limits = { memoryMB: 300, growth: 1.25, startFactor: 2, startExtraMs: 50 }

const { values } = parseArgs({
  options: {
    templates: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '3' },
    write: { type: 'boolean', default: false },
  },
})
const templates = Number(values.templates)
const rounds = Number(values.rounds)
const spawns = 15

/** Exit codes of those that found something: cfn-guard has one of its own. */
const exitFound = 1
const guardExitFound = 19

const attempt = action => {
  try {
    return action()
  } catch (error) {
    return error
  }
}

const install = (command, args) => execFileSync(command, args, { cwd: peers, stdio: ['ignore', 'ignore', 'pipe'] })

/** Installs the peers; the name of each that cannot be had, with why. */
function installPeers() {
  const missing = new Map()
  const guard = guardBinary()
  if (!existsSync(guard)) {
    const fault = attempt(() => install('npm', ['install', '--no-package-lock', '--no-audit', '--no-fund']))
    if (fault instanceof Error) for (const name of ['cfn-guard', 'cdk-nag']) missing.set(name, fault)
  }
  if (existsSync(guard)) chmodSync(guard, 0o755)
  else missing.set('cfn-guard', new Error('its package has no binary for this machine'))
  if (!existsSync(join(environment, 'bin/checkov'))) {
    const fault = attempt(() => {
      install('python3', ['-m', 'venv', environment])
      install(join(environment, 'bin/pip'), ['install', '--quiet', `checkov==${checkovVersion}`])
    })
    if (fault instanceof Error) missing.set('Checkov', fault)
  }
  return missing
}

function guardBinary() {
  const system = process.platform === 'darwin' ? 'macos' : 'ubuntu'
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64'
  return join(peers, `node_modules/@cdklabs/cdk-validator-cfnguard/bin/${system}/${machine}/cfn-guard`)
}

/** Megabytes that a process has held at most, while it still runs. Linux only. */
function residentOf(pid) {
  const status = attempt(() => readFileSync(`/proc/${pid}/status`, 'utf8'))
  return typeof status === 'string' ? Number(/^VmHWM:\s*(\d+)/m.exec(status)?.[1] ?? 0) / 1024 : 0
}

/** Runs a command; resolves to its wall time, its largest resident set and what it printed. */
function run([command, ...args]) {
  return new Promise((resolve, reject) => {
    const before = process.hrtime.bigint()
    const child = spawn(command, args, {
      cwd: tmpdir(),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '' },
    })
    let megabytes = 0
    const watch = setInterval(() => (megabytes = Math.max(megabytes, residentOf(child.pid))), 20)
    const chunks = { stdout: [], stderr: [] }
    for (const name of ['stdout', 'stderr']) child[name].on('data', chunk => chunks[name].push(chunk))
    child.on('error', reject)
    child.on('close', code => {
      clearInterval(watch)
      const ms = Number(process.hrtime.bigint() - before) / 1e6
      const text = Object.fromEntries(
        Object.entries(chunks).map(([name, all]) => [name, Buffer.concat(all).toString()]),
      )
      if (code !== 0 && code !== (command === guardBinary() ? guardExitFound : exitFound))
        reject(new Error(`${command} ${args.join(' ')} ended with ${code}\n${text.stderr.slice(0, 2000)}`))
      else resolve({ ms, megabytes, out: text.stdout })
    })
  })
}

const ourRules = ['dynamodb-pitr', 'rds-automated-backup', 's3-versioning'].flatMap(id => ['--rule', id])
const ours = (folder, ...args) => [process.execPath, cli, 'scan', folder, '--format', 'json', ...args]

const noncompliant = out => JSON.parse(out).findings.filter(({ verdict }) => verdict === 'non-compliant').length
const failed = out => [JSON.parse(out)].flat().reduce((sum, { summary }) => sum + (summary?.failed ?? 0), 0)

/** Who judges a folder, by what command, and how many violations what it printed tells. */
const judges = {
  cloudformation: folder => ({
    'rel09, three rules': [ours(folder, ...ourRules), noncompliant],
    'rel09, all rules': [ours(folder)],
    'cfn-guard': [
      [
        guardBinary(),
        'validate',
        '-d',
        folder,
        '-r',
        join(peers, 'backups.guard'),
        '--structured',
        '-S',
        'none',
        '-o',
        'json',
      ],
      out => JSON.parse(out).reduce((sum, file) => sum + file.not_compliant.length, 0),
    ],
    'cdk-nag': [[process.execPath, join(peers, 'nag.cjs'), folder], out => Number(/^\d+/.exec(out)[0])],
    Checkov: [checkov(folder, 'cloudformation', 'CKV_AWS_28,CKV_AWS_21,CKV_AWS_133'), failed],
  }),
  terraform: folder => ({
    'rel09, three rules': [ours(folder, ...ourRules), noncompliant],
    'rel09, all rules': [ours(folder)],
    Checkov: [checkov(folder, 'terraform', 'CKV_AWS_28,CKV_AWS_21,CKV_AWS_133'), failed],
  }),
}

function checkov(folder, framework, checks) {
  const options = ['--framework', framework, '-c', checks, '--skip-download', '--quiet', '--compact', '-o', 'json']
  return [join(environment, 'bin/checkov'), '-d', folder, ...options]
}

/** Seconds, megabytes and violations of every judge of a folder: the least of the rounds, which take turns. */
async function measure(commands, missing, turns) {
  const found = new Map()
  for (let round = 0; round < turns; round++) {
    for (const [name, [command, count]] of Object.entries(commands)) {
      if (missing.has(name)) continue
      const { ms, megabytes, out } = await run(command)
      const before = found.get(name) ?? { ms: Number.POSITIVE_INFINITY, megabytes: 0 }
      found.set(name, {
        ms: Math.min(before.ms, ms),
        megabytes: Math.max(before.megabytes, megabytes),
        violations: count?.(out),
      })
    }
  }
  return found
}

const seconds = ms => `${(ms / 1000).toFixed(2)} s`
const verdict = ok => (ok ? 'pass' : 'FAIL')
const least = list => list.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY)

async function rowsOf(what, write, folder, missing) {
  write(join(folder, 'whole'), templates)
  write(join(folder, 'half'), templates / 2)
  const found = await measure(judges[what](join(folder, 'whole')), missing, rounds)
  const half = await measure({ half: [ours(join(folder, 'half'))] }, missing, rounds)
  const rows = []
  for (const [name, { ms, megabytes, violations }] of found) {
    const isOurs = name.startsWith('rel09')
    const told = violations === undefined ? '' : `, ${violations} violations`
    rows.push([`${templates} files of ${what}: ${name}`, '', `${seconds(ms)}, ${Math.round(megabytes)} MB${told}`, ''])
    if (isOurs)
      rows.push([
        `— largest resident set`,
        `≤ ${limits.memoryMB} MB`,
        `${Math.round(megabytes)} MB`,
        verdict(megabytes <= limits.memoryMB),
      ])
  }
  const own = found.get('rel09, three rules').ms
  for (const name of ['cdk-nag', 'Checkov'])
    if (found.has(name)) {
      const ratio = found.get(name).ms / own
      rows.push([`${name} ÷ rel09, three rules, ${what}`, '> 1', ratio.toFixed(2), verdict(ratio > 1)])
    }
  const growth = found.get('rel09, all rules').ms / (2 * half.get('half').ms)
  rows.push([
    `time a file of ${what}, all ÷ half of them`,
    `≤ ${limits.growth}`,
    growth.toFixed(2),
    verdict(growth <= limits.growth),
  ])
  return rows
}

async function startRows(folder) {
  writeCloudFormation(join(folder, 'one'), 1)
  writeTerraform(join(folder, 'one-tf'), 1)
  const times = { node: [], cloudformation: [], terraform: [] }
  const small = {
    cloudformation: join(folder, 'one/service-1.yaml'),
    terraform: join(folder, 'one-tf/service-1/main.tf'),
  }
  for (let at = 0; at < spawns; at++) {
    times.node.push((await run([process.execPath, '-e', '0'])).ms)
    for (const [name, file] of Object.entries(small))
      times[name].push((await run([process.execPath, cli, 'scan', file])).ms)
  }
  const node = least(times.node)
  const limit = limits.startFactor * node + limits.startExtraMs
  return [
    [`bare Node, least of ${spawns}`, '', `${Math.round(node)} ms`, ''],
    ...Object.keys(small).map(name => [
      `one small file of ${name}, least of ${spawns}`,
      `≤ ${limits.startFactor} × + ${limits.startExtraMs} ms = ${Math.round(limit)} ms`,
      `${Math.round(least(times[name]))} ms`,
      verdict(least(times[name]) <= limit),
    ]),
  ]
}

function publish(table) {
  const text = readFileSync(page, 'utf8')
  const [begin, end] = ['<!-- bench:templates:begin -->', '<!-- bench:templates:end -->']
  const made = `Node ${process.version}, ${process.platform} ${process.arch}. Made by \`npm run bench:templates -- --write\`.`
  const from = text.indexOf(begin)
  const to = text.indexOf(end)
  writeFileSync(page, `${text.slice(0, from + begin.length)}\n${table}\n\n${made}\n${text.slice(to)}`)
}

const folder = mkdtempSync(join(tmpdir(), 'rel09-templates-'))
try {
  const missing = installPeers()
  for (const [name, { message }] of missing) process.stderr.write(`left out: ${name}: ${message.split('\n')[0]}\n`)
  const rows = [
    ...(await startRows(folder)),
    ...(await rowsOf('cloudformation', writeCloudFormation, join(folder, 'cloudformation'), missing)),
    ...(await rowsOf('terraform', writeTerraform, join(folder, 'terraform'), missing)),
    ...[...missing.keys()].map(name => [name, '', 'could not be had', '']),
  ]
  const table = [['', 'limit', 'figure', ''], ['---', '---', '---:', '---'], ...rows]
    .map(row => `| ${row.join(' | ')} |`)
    .join('\n')
  process.stdout.write(`${table}\n`)
  if (values.write) publish(table)
  if (rows.some(row => row[3] === 'FAIL')) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

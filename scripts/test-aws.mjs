// Runs test/aws against moto and, for AWS Backup's selections and for stacks of functions that really run, which moto lacks, ministack:
// emulators of AWS that nobody here wrote.
// Makes a Python environment for each (.tools, once), starts them on free ports, runs the tests, stops them.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Emulators, each in an environment of its own: they want other versions of the same libraries. */
const emulators = {
  moto: {
    package: 'moto[server]==5.2.5',
    folder: 'py',
    program: 'moto_server',
    args: port => ['-H', '127.0.0.1', '-p', port],
    ready: '/moto-api/data.json',
  },
  ministack: {
    package: 'ministack==1.5.33',
    folder: 'py-ministack',
    program: 'ministack',
    args: () => [],
    environment: port => ({
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: port,
      // AWS Backup's own; and what `rel09 deploy` makes, but for AWS Config.
      SERVICES: 'backup,cloudformation,cloudwatch,events,iam,kms,lambda,logs,s3,scheduler,sqs,states,sts,tagging',
      // It would listen to the whole network.
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
    }),
    ready: '/_ministack/health',
  },
}

function run(program, args) {
  const { status } = spawnSync(program, args, { stdio: 'inherit' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed`)
}

function install({ package: name, folder }) {
  const environment = join(root, '.tools', folder)
  const installed = join(environment, name.replace(/\[.*\]==|==/, '-'))
  if (existsSync(installed)) return
  mkdirSync(dirname(environment), { recursive: true })
  run('python3', ['-m', 'venv', environment])
  run(join(environment, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', name])
  writeFileSync(installed, '')
}

const freePort = () =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })

async function answers(url) {
  for (let attempt = 0; attempt < 150; attempt++) {
    try {
      if ((await fetch(url)).ok) return
    } catch {}
    await new Promise(resolve => setTimeout(resolve, 200))
  }
  throw new Error(`${url} does not answer`)
}

const started = []

async function start(emulator) {
  install(emulator)
  const { folder, program, args, environment = () => ({}), ready } = emulator
  const port = String(await freePort())
  const path = join(root, '.tools', folder, 'bin', program)
  const env = { ...process.env, ...environment(port) }
  started.push(spawn(path, args(port), { stdio: 'ignore', env }))
  const url = `http://127.0.0.1:${port}`
  await answers(`${url}${ready}`)
  return url
}

try {
  const env = {
    ...process.env,
    REL09_EMULATOR: await start(emulators.moto),
    REL09_BACKUP_EMULATOR: await start(emulators.ministack),
  }
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const args = [vitest, 'run', '--config', 'vitest.aws.config.ts', ...process.argv.slice(2)]
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env })
  process.exitCode = status ?? 1
} finally {
  for (const emulator of started) emulator.kill()
}

// Runs test/aws against moto, an emulator of AWS that nobody here wrote: makes a Python environment of its own (.tools/py, once),
// starts the server on a free port, runs the tests, stops it.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const moto = 'moto[server]==5.2.5'
const environment = join(root, '.tools/py')
const server = join(environment, 'bin/moto_server')
const installed = join(environment, 'moto-5.2.5')

function run(program, args) {
  const { status } = spawnSync(program, args, { stdio: 'inherit' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed`)
}

if (!existsSync(installed)) {
  mkdirSync(dirname(environment), { recursive: true })
  run('python3', ['-m', 'venv', environment])
  run(join(environment, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', moto])
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
  throw new Error('moto does not answer')
}

const url = `http://127.0.0.1:${await freePort()}`
const emulator = spawn(server, ['-H', '127.0.0.1', '-p', new URL(url).port], { stdio: 'ignore' })
try {
  await answers(`${url}/moto-api/data.json`)
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const { status } = spawnSync(
    process.execPath,
    [vitest, 'run', '--config', 'vitest.aws.config.ts', ...process.argv.slice(2)],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, REL09_EMULATOR: url },
    },
  )
  process.exitCode = status ?? 1
} finally {
  emulator.kill()
}

// The code cache of the command line: what V8 compiled of it while it ran, so that a start compiles nothing.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'

/** What is run to have compiled what people run: first a snapshot, as most scans. */
const usual = root => [
  ['scan', join(root, 'fixtures/bookshop')],
  ['scan', '--format', 'json', join(root, 'fixtures/bookshop')],
]

/**
 * Writes `command-line.cache` beside `command-line.js`, in a process of its own: V8 takes a cache only where its flags are
 * those of the process that made it, and tests or bundlers may have set others.
 */
export function writeCodeCache({ outdir, root }) {
  const { status, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), outdir, root], {
    env: { ...process.env, NODE_OPTIONS: '' },
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`the code cache could not be made:\n${stderr}`)
}

async function makeCache(outdir, root) {
  // As in src/hosts/cli.ts.
  setFlagsFromString('--heap-growing-percent=30')
  const filename = join(outdir, 'command-line.js')
  const script = new Script(readFileSync(filename, 'latin1'), { filename })
  const module = { exports: {} }
  script.runInThisContext()(module.exports, createRequire(filename), module, filename, outdir)
  const { runCommandLine } = module.exports
  const nowhere = { write: () => true, on() {}, once() {}, removeListener() {} }
  for (const argv of usual(root)) {
    const code = await runCommandLine(argv, {
      cwd: outdir,
      stdin: process.stdin,
      stdout: nowhere,
      stderr: process.stderr,
      colour: false,
      now: '2026-01-15T06:00:00.000Z',
      clock: () => 0,
      debug: true,
      version: '',
    })
    if (code > 1) throw new Error(`rel09 ${argv.join(' ')} ended with ${code}`)
  }
  writeFileSync(join(outdir, 'command-line.cache'), script.createCachedData())
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url))
  await makeCache(process.argv[2], process.argv[3])

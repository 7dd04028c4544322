#!/usr/bin/env node
/** The process around the command line: argv, streams, environment and exit codes; everything else is in `src/commands`. */
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { version } from '../version.ts'
import type * as CommandLine from './command-line.ts'
import { loadCompiledScript } from './compiled-script.ts'
import { hostProcess } from './host-process.ts'

const argv = process.argv.slice(2)

// What is read of an estate stays until the end. Left alone, the collector waits until the heap has more than doubled.
setFlagsFromString('--heap-growing-percent=30')

// A reader that has seen enough (`rel09 … | head`) is no error, and does not change what the exit code says.
process.stdout.on('error', error => {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') return
  process.stderr.write(`rel09: standard output cannot be written: ${(error as NodeJS.ErrnoException).code}\n`)
  process.exit(2)
})

// The AWS SDK would print what the installation says already: which versions of Node its next releases need.
if (argv[0] === 'collect' || argv[0] === 'org' || argv.includes('--live'))
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'

let isHeard = false

/** A reader that does not want the messages is no fault either. Node makes the stream when it is asked for. */
function standardError(): NodeJS.WriteStream {
  if (!isHeard) process.stderr.on('error', () => {})
  isHeard = true
  return process.stderr
}

/** Ends the process where all is written: Node would take the whole heap apart first, for longer than small scans take. */
function leave(): void {
  const streams = isHeard ? [process.stdout, process.stderr] : [process.stdout]
  if (streams.every(stream => stream.writableLength === 0)) process.exit()
}

/** Loads the commands, which only to tell the version would take longer than all else. */
function run(): Promise<number> {
  const { runCommandLine, wantsColour } = loadCompiledScript(import.meta.dirname, 'command-line') as typeof CommandLine
  // What collecting reads is on disk, and an organisation's shards are small: of the heap nearly all is garbage, which to look for
  // often is wasted.
  if (argv[0] === 'collect' || argv[0] === 'org') setFlagsFromString('--heap-growing-percent=150')
  return runCommandLine(argv, {
    cwd: process.cwd(),
    // Node makes a stream when it is asked for.
    get stdin() {
      return process.stdin
    },
    stdout: process.stdout,
    get stderr() {
      return standardError()
    },
    colour: wantsColour(process.env, process.stdout.isTTY === true),
    now: new Date().toISOString(),
    // `performance` would load a part of Node for this alone.
    clock: () => Number(process.hrtime.bigint()) / 1e6,
    debug: Boolean(process.env.REL09_DEBUG),
    process: hostProcess,
    workerScript: join(import.meta.dirname, 'org-worker.js'),
    version,
  })
}

if (argv.length === 1 && argv[0] === '--version') process.stdout.write(`${version}\n`)
else
  void run().then(code => {
    process.exitCode = code
    // After the errors of the last writes were heard.
    setImmediate(leave)
  })

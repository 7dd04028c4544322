#!/usr/bin/env node
/** The process around the command line: argv, streams, environment and exit codes; everything else is in `src/commands`. */
import { setFlagsFromString } from 'node:v8'
import { runCommandLine, wantsColour } from './command-line.ts'

// What is read of an estate stays until the end. Left alone, the collector waits until the heap has more than doubled.
setFlagsFromString('--heap-growing-percent=30')

// A reader that has seen enough (`rel09 … | head`) is no error, and does not change what the exit code says.
process.stdout.on('error', error => {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') return
  process.stderr.write(`rel09: standard output cannot be written: ${(error as NodeJS.ErrnoException).code}\n`)
  process.exit(2)
})

process.exitCode = await runCommandLine(process.argv.slice(2), {
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  colour: wantsColour(process.env, process.stdout.isTTY === true),
  now: new Date().toISOString(),
  clock: () => performance.now(),
})

#!/usr/bin/env node
/** The command line: argv, streams and exit codes; everything else is in `src/commands`. */
import { commands } from '../generated/commands.ts'
import type { CommandContext, CommandDefinition } from '../commands/command.ts'
import { UsageError } from '../commands/usage-error.ts'
import { version } from '../version.ts'

const names = Object.keys(commands)

const context: CommandContext = {
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  colour: wantsColour(),
  now: new Date().toISOString(),
  clock: () => performance.now(),
}

function wantsColour(): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env
  if (NO_COLOR) return false
  if (FORCE_COLOR) return FORCE_COLOR !== '0'
  return process.stdout.isTTY === true && TERM !== 'dumb'
}

/** Every command, for `rel09 --help`. */
async function overview(): Promise<string> {
  const width = Math.max(...names.map(name => name.length))
  const lines = await Promise.all(names.map(async name => `  ${name.padEnd(width)}  ${(await commands[name]!()).summary}`))
  return `rel09 ${version}: could we get it back?

Answers AWS Well-Architected REL09, «How do you back up data?», for every data store.

Usage: rel09 <command> [options]

${lines.join('\n')}

Start with:
  rel09 scan <file or directory>     judge an AWS Config snapshot or a rel09 snapshot
  rel09 explain resource-in-backup-plan
  rel09 <command> --help
`
}

async function runCommand(name: string, definition: CommandDefinition, args: string[]): Promise<number> {
  const { Command, CommanderError } = await import('commander')
  const commander = new Command(`rel09 ${name}`)
  commander.exitOverride()
  commander.configureOutput({ writeErr: text => context.stderr.write(text.replace(/^error: /, 'rel09: ')), writeOut: text => context.stdout.write(text) })
  commander.showHelpAfterError(`(rel09 ${name} --help tells more)`)
  definition.configure(commander)
  try {
    commander.parse(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    throw error
  }
  return definition.run(commander.args, commander.opts(), context)
}

async function main(argv: string[]): Promise<number> {
  const [name, ...args] = argv
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    if (name === 'help' && args[0] !== undefined && Object.hasOwn(commands, args[0])) return main([args[0], '--help'])
    context.stdout.write(await overview())
    return name === undefined ? 2 : 0
  }
  if (name === '--version' || name === '-V') {
    context.stdout.write(`${version}\n`)
    return 0
  }
  if (!Object.hasOwn(commands, name)) {
    const { suggestion } = await import('../rules/problem.ts')
    context.stderr.write(`rel09: there is no command ${name}${suggestion(name, names)} (rel09 --help lists them)\n`)
    return 2
  }
  return runCommand(name, await commands[name]!(), args)
}

// A reader that has seen enough (`rel09 … | head`) is no error.
process.stdout.on('error', error => {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0)
  throw error
})

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (error instanceof UsageError) {
    for (const line of error.lines) process.stderr.write(`rel09: ${line}\n`)
    process.exitCode = 2
  } else {
    process.stderr.write(`rel09: this is a fault of rel09; please report it with the lines below.\n${error instanceof Error ? error.stack : String(error)}\n`)
    process.exitCode = 2
  }
}

/**
 * The command line without a process: argv in, exit code out. `cli.ts` gives it the process's streams, tests give it their
 * own.
 */
import { Command, CommanderError } from 'commander'
import { type CommandContext, type CommandDefinition, commandGroups } from '../commands/command.ts'
import { UsageError } from '../commands/usage-error.ts'
import { commands } from '../generated/commands.ts'
import { shortVisible, visible } from '../reporters/visible-text.ts'
import { suggestion } from '../rules/problem.ts'

/** Exit code of wrong usage, unreadable input, an invalid rule or policy (DESIGN §6). */
const unusable = 2

const names = Object.keys(commands)
const ownCommand = (name: string) => (Object.hasOwn(commands, name) ? commands[name] : undefined)

/** Colours are for a terminal, unless the user says otherwise (https://no-color.org, FORCE_COLOR). */
export function wantsColour(environment: { [name: string]: string | undefined }, isTerminal: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment
  if (NO_COLOR) return false
  if (FORCE_COLOR) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  return isTerminal && TERM !== 'dumb'
}

/** Every command by its heading, for `rel09 --help`. */
async function overview(version: string): Promise<string> {
  const width = Math.max(...names.map(name => name.length))
  const definitions = await Promise.all(names.map(async name => ({ name, ...(await commands[name]!()) })))
  const sections = commandGroups.map(heading => {
    const lines = definitions
      .filter(({ group = 'More' }) => group === heading)
      .map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}\n`)
    return lines.length === 0 ? '' : `${heading}\n${lines.join('')}\n`
  })
  return `rel09 ${version}: could we get it back?

Answers AWS Well-Architected REL09, «How do you back up data?», for every data store: is it backed up, how much
would be lost, could the copies be destroyed, and has anyone ever restored it in time?

Usage: rel09 <command> [options]

${sections.join('')}Start with
  rel09 scan config-snapshot.json.gz          judge what AWS Config or a rel09 snapshot recorded
  rel09 why orders config-snapshot.json.gz    the proof for one store
  rel09 init                                  write a policy: what good means here
  rel09 <command> --help                      options, examples and exit codes

Exit codes
  0  nothing at or above --fail-on
  1  findings (scan), failed examples (test)
  2  wrong usage, unreadable input, invalid rule or policy
  3  evidence is missing (scan --require-evidence)
`
}

async function runCommand(
  name: string,
  definition: CommandDefinition,
  args: string[],
  context: CommandContext,
): Promise<number> {
  const { usageText } = await import('./usage-text.ts')
  const commander = new Command(`rel09 ${name}`)
  commander.exitOverride()
  commander.configureOutput({
    outputError: text => tell(context, `${usageText(text)} (rel09 ${name} --help tells more)`),
    writeOut: text => context.stdout.write(text),
    getOutHelpWidth: () => Math.max(60, Math.min(120, context.stdout.columns ?? 100)),
    getErrHelpWidth: () => 100,
  })
  definition.configure(commander)
  try {
    commander.parse(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : unusable
    throw error
  }
  return definition.run(commander.args, commander.opts(), context)
}

async function dispatch(argv: readonly string[], context: CommandContext): Promise<number> {
  const [name, ...args] = argv
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    const topic = name === 'help' ? args[0] : undefined
    if (topic !== undefined) return dispatch([topic, '--help'], context)
    context.stdout.write(await overview(context.version))
    return name === undefined ? unusable : 0
  }
  if (name === '--version' || name === '-V') {
    context.stdout.write(`${context.version}\n`)
    return 0
  }
  const load = ownCommand(name)
  if (load) return runCommand(name, await load(), args, context)
  throw new UsageError([`there is no command ${name}${suggestion(name, names)} (rel09 --help lists them)`])
}

/** One line on standard error. Whatever it names was chosen by somebody: a file, a rule, an argument. */
function tell(context: Pick<CommandContext, 'stderr'>, line: string): void {
  context.stderr.write(`rel09: ${visible(line)}\n`)
}

/** A fault of ours, on one line and without the paths that the messages of the file system hold. */
function tellFault(context: Pick<CommandContext, 'stderr' | 'debug'>, error: unknown): void {
  const { name = 'Error', message = String(error), code } = error as Partial<NodeJS.ErrnoException>
  const what = code === undefined ? `${name}: ${shortVisible(message, 300)}` : `${name} ${code}`
  tell(context, `this is a fault of rel09, please report it (REL09_DEBUG=1 shows where it arose): ${what}`)
  if (context.debug && error instanceof Error) context.stderr.write(`${error.stack}\n`)
}

/**
 * Runs one command line (without `node` and the script) and resolves to its exit code. Never throws. What is `given` becomes the
 * commands' context, so that a stream which it makes on demand is made only for the command that asks for it.
 */
export async function runCommandLine(
  argv: readonly string[],
  given: Omit<CommandContext, 'commands'>,
): Promise<number> {
  const context: CommandContext = Object.assign(given, { commands })
  try {
    return await dispatch(argv, context)
  } catch (error) {
    if (error instanceof UsageError) for (const line of error.lines) tell(context, line)
    else tellFault(context, error)
    return unusable
  }
}

import type { Command as Commander } from 'commander'
import type { ProcessTable } from '../sinks/folder-lock.ts'

/** The process that a command runs in. */
export interface HostProcess extends ProcessTable {
  /**
   * Calls back with the number of the first signal that asks the process to end; the second one ends it. Returns what undoes it:
   * until it is called, nothing else hears such signals.
   */
  onInterrupt(listener: (signal: number) => void): () => void
}

/** What a command may use of the process. Given by the host, so that commands can be run without one. */
export interface CommandContext {
  /** Directory that relative paths are resolved against. */
  cwd: string
  stdin: NodeJS.ReadableStream & { isTTY?: boolean }
  stdout: { write(text: string): boolean; isTTY?: boolean; columns?: number }
  stderr: { write(text: string): boolean; isTTY?: boolean; columns?: number }
  /** Standard output is a terminal that shows colours, and nobody has switched them off (NO_COLOR, TERM=dumb). */
  colour: boolean
  /** Present time, ISO 8601, as the host reads it. */
  now: string
  /** Milliseconds of a running clock, for progress displays only. */
  clock(): number
  /** Tell where in the code a fault of rel09 arose (REL09_DEBUG). */
  debug?: boolean
  /** Absent where nothing can interrupt it. */
  process?: HostProcess
  /** Script of a worker thread (`rel09 org`). Absent: its work is done in this thread. */
  workerScript?: string
  /** Version of rel09, for reports. */
  version: string
  /** Every command by name, for what tells of them all (completion). */
  commands: { readonly [name: string]: () => Promise<CommandDefinition> }
}

/** Headings of the overview, in their order. */
export const commandGroups = ['Judge', 'Understand', 'Set up', 'More'] as const

/** A heading of the overview. */
export type CommandGroup = (typeof commandGroups)[number]

/** One command of the CLI. A file in this folder that exports `command` is a command of `rel09` by the file's name. */
export interface CommandDefinition {
  /** One line for the overview. */
  summary: string
  /** Heading of the overview that it stands under; default: «More». */
  group?: CommandGroup
  /** Declares arguments and options on a fresh commander command. */
  configure(commander: Commander): void
  /** Runs it; resolves to the exit code (DESIGN §6). Throws `UsageError` for what the user can mend. */
  run(args: string[], options: Record<string, unknown>, context: CommandContext): Promise<number>
}

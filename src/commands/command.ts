import type { Command as Commander } from 'commander'

/** What a command may use of the process. Given by the host, so that commands can be run without one. */
export interface CommandContext {
  /** Directory that relative paths are resolved against. */
  cwd: string
  stdin: NodeJS.ReadableStream & { isTTY?: boolean }
  stdout: { write(text: string): boolean; isTTY?: boolean; columns?: number }
  stderr: { write(text: string): boolean; isTTY?: boolean; columns?: number }
  env: { [name: string]: string | undefined }
  /** Present time, ISO 8601, as the host reads it. */
  now: string
}

/** One command of the CLI. Adding a file to this folder that exports `command` adds it to `rel09`. */
export interface CommandDefinition {
  /** One line for the overview. */
  summary: string
  /** Declares arguments and options on a fresh commander command of the file's name. */
  configure(command: Commander): void
  /** Runs it; resolves to the exit code (DESIGN §6). */
  run(args: string[], options: Record<string, unknown>, context: CommandContext): Promise<number>
}

import { resolve } from 'node:path'
import type { CommandContext } from './command.ts'
import { displayPath } from './display-path.ts'
import { UsageError } from './usage-error.ts'

/** Writes a file that the user named. */
export async function writeOutput(file: string, chunks: Iterable<string>, context: CommandContext): Promise<void> {
  const { writeFileChunks } = await import('../sinks/files.ts')
  try {
    writeFileChunks(resolve(context.cwd, file), chunks)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new UsageError([`${displayPath(file, context.cwd)}: cannot be written: ${code}`])
  }
}

/** AWS itself as the input of a scan: read into a snapshot that is kept, or that nobody sees. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collectInto } from './collecting.ts'
import type { CommandContext } from './command.ts'
import { type LiveOptions, liveChoice } from './live-options.ts'
import type { Progress } from './progress.ts'

/** What was read. */
export interface LiveInput {
  /** The snapshot. */
  file: string
  /** The snapshot is gone when it was judged: no finding may point at its lines. */
  isPassing: boolean
  /** Number of the signal that ended the reading: what was read is not judged. */
  signal: number | undefined
  /** Removes the snapshot, unless it is kept. */
  remove(): void
}

/** Reads AWS. Throws `UsageError` for what the user can mend. */
export async function liveInput(
  options: LiveOptions & { keepSnapshot?: string; restart?: boolean },
  context: CommandContext,
  progress: Progress,
): Promise<LiveInput> {
  const choice = liveChoice(options, context)
  const { keepSnapshot, restart } = options
  if (keepSnapshot !== undefined) {
    const signal = await collectInto(choice, { output: keepSnapshot, restart }, context, progress)
    return { file: keepSnapshot, isPassing: false, signal, remove() {} }
  }
  const folder = mkdtempSync(join(tmpdir(), 'rel09-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const file = join(folder, 'live.ndjson')
  try {
    const signal = await collectInto(choice, { output: file, isPassing: true }, context, progress)
    if (signal !== undefined) {
      remove()
      context.stderr.write(
        'rel09: interrupted: nothing is judged, and nothing is kept; with --keep-snapshot the same command goes on\n',
      )
    }
    return { file, isPassing: true, signal, remove }
  } catch (error) {
    remove()
    throw error
  }
}

/** Progress on standard error: only for long work, only on a terminal, gone when the work is done. */
import type { CommandContext } from './command.ts'

/** A display under way. */
export interface Progress {
  /** Bytes of input read so far, and in all (0 = not known). */
  bytes(read: number, total: number): void
  /** The next part of the work, in a word. */
  phase(name: string): void
  /** Clears the line. */
  end(): void
}

const silent: Progress = { bytes: () => {}, phase: () => {}, end: () => {} }

/** Work that takes less than this shows nothing. */
const quietMilliseconds = 800
const betweenMilliseconds = 100

/** Starts a display where standard error is a terminal and the user has not declined it. */
export function startProgress(context: CommandContext, wanted: boolean): Progress {
  if (!wanted || context.stderr.isTTY !== true) return silent
  const started = context.clock()
  let last = 0
  let shown = false
  const show = (text: string) => {
    const now = context.clock()
    if (now - started < quietMilliseconds || now - last < betweenMilliseconds) return
    last = now
    shown = true
    context.stderr.write(`\r\u001b[2Krel09: ${text}`)
  }
  return {
    bytes: (read, total) =>
      show(
        total > 0
          ? `reading ${Math.min(100, Math.floor((read / total) * 100))} % of ${megabytes(total)}`
          : `reading ${megabytes(read)}`,
      ),
    phase: name => show(`${name} …`),
    end: () => {
      if (shown) context.stderr.write('\r\u001b[2K')
      shown = false
    },
  }
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1e5) / 10} MB`

/** What the collector does on AWS: reading is `rel09 collect` of the own account, writing is one object. */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessTable } from '../../sinks/folder-lock.ts'
import { bucketStore } from '../bucket-store.ts'
import { readLive, Stop } from '../live-run.ts'
import type { CollectorInvocation, TakenSnapshot } from './run.ts'

/** What the process gives. */
export interface CollectorProcess {
  /** A folder on the function's disk. */
  temporaryFolder: string
  version: string
  now: string
  processes: ProcessTable
  /** Calls back when the run must come to its end, so that what was read is still written. Returns what undoes it. */
  whenTimeIsUp(stop: () => void): () => void
}

/** Reads Regions of the function's own account. */
export async function takeSnapshot(regions: readonly string[], given: CollectorProcess): Promise<TakenSnapshot> {
  const folder = mkdtempSync(join(given.temporaryFolder, 'rel09-'))
  const stop = new Stop()
  const forget = given.whenTimeIsUp(() => stop.ask())
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const run = await readLive(
      { regions },
      {
        folder: join(folder, 'parts'),
        isFresh: true,
        now: given.now,
        version: given.version,
        processes: given.processes,
        stop,
        onProgress: () => {},
      },
    )
    return {
      account: run.accounts[0] ?? '',
      calls: [...run.tally.calls.values()].reduce((sum, count) => sum + count, 0),
      zipped: written => run.zipped(written),
      async end() {
        await run.end(true)
        remove()
      },
    }
  } catch (error) {
    remove()
    throw error
  } finally {
    forget()
  }
}

/** Writes a snapshot, unless one has its key. */
export const putSnapshot: CollectorInvocation['put'] = (place, key, chunks) =>
  bucketStore(place).put(key, chunks, { onlyIfAbsent: true })

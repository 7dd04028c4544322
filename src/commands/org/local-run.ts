/**
 * A run over an organisation on this machine: the same steps in the same order as the state machine's (`deploy/org-scan`). What is done
 * is found done, so that a run that was killed goes on.
 */
import type { Progress } from '../progress.ts'
import { UsageError } from '../usage-error.ts'
import type { ShardLine } from './manifest.ts'
import type { Step } from './steps.ts'
import type { Workers } from './workers.ts'

/** What does the work, and what is told of it. */
export interface LocalRun {
  workers: Workers
  /** How many of them there are. */
  jobs: number
  progress: Progress
}

/** Does all steps. Resolves to whether the run is complete. */
export async function runLocally(
  lines: readonly ShardLine[],
  accounts: readonly string[],
  run: LocalRun,
): Promise<boolean> {
  const { workers, progress } = run
  await each(lines, 'read', run, line =>
    attempted(workers, { step: 'collect', items: [line] }, why => ({ step: 'mark-unreadable', items: [line], why })),
  )
  progress.phase('telling accounts of each other')
  await workers.do({ step: 'broadcast' })
  for (const round of [1, 2] as const)
    await each(accounts, round === 1 ? 'judged' : 'judged again', run, account => {
      const items = [{ account }]
      return attempted(workers, { step: 'evaluate', round, items }, why => ({ step: 'mark-unjudged', items, why }))
    })
  progress.phase('adding up')
  const { isComplete } = (await workers.do({ step: 'merge' })) as { isComplete: boolean }
  return isComplete
}

/** Items that wait for a worker, so that none has to wait for an item. */
const waiting = 16

/** Does a step of many items; the workers' queue orders them. */
async function each<T>(
  items: readonly T[],
  what: string,
  { jobs, progress }: LocalRun,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  let done = 0
  const queue = items.values()
  const some = async () => {
    for (const item of queue) {
      await work(item)
      progress.phase(`${++done} of ${items.length} ${what}`)
    }
  }
  await Promise.all(Array.from({ length: jobs + waiting }, some))
}

/** A step that fails for one item is noted, and costs the others nothing. */
async function attempted(workers: Workers, step: Step, mark: (why: string) => Step): Promise<void> {
  try {
    await workers.do(step)
  } catch (error) {
    const why =
      error instanceof UsageError ? error.lines.join('; ') : 'A worker failed: run again, and report it if it stays.'
    await workers.do(mark(why))
  }
}

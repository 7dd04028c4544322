/** Workers that do the steps of a run on this machine: threads, or this thread where there is no script for them. */
import type { CommandContext } from '../command.ts'
import { UsageError } from '../usage-error.ts'
import type { WorkerSetup } from './setup.ts'
import type { Step } from './steps.ts'

/** Does steps, as many at once as there are workers. */
export interface Workers {
  /** Rejects with what the step failed for. */
  do(step: Step): Promise<object>
  /** Ends all work at once. */
  stop(): Promise<void>
}

/** Starts so many workers. The queue between them, and what becomes of one that dies, is workerpool's. */
export async function startWorkers(setup: WorkerSetup, jobs: number, context: CommandContext): Promise<Workers> {
  const { workerScript } = context
  if (workerScript === undefined) return thisThread(setup, context)
  const { default: workerpool } = await import('workerpool')
  const pool = workerpool.pool(workerScript, {
    maxWorkers: jobs,
    workerType: 'thread',
    maxQueueSize: Number.POSITIVE_INFINITY,
  })
  return {
    do: async step => {
      const answer = (await pool.exec('doStep', [setup, step])) as { told: object } | { fault: string }
      if ('fault' in answer) throw new UsageError([answer.fault])
      return answer.told
    },
    stop: async () => void (await pool.terminate(true)),
  }
}

async function thisThread(setup: WorkerSetup, { process }: CommandContext): Promise<Workers> {
  const { doStepOf } = await import('./setup.ts')
  return {
    do: step => doStepOf(setup, step, process ?? { id: 0, isRunning: () => false }),
    stop: async () => {},
  }
}

/**
 * A pool of one thread that outlives its run. To start vitest in a new thread costs more than most mutants' tests; the modules
 * of the project are forgotten between two mutants all the same (`setup.ts`).
 */
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { PoolOptions, PoolWorker, WorkerRequest } from 'vitest/node'

const greatestRuns = 100
let spare: { thread: Worker; runs: number } | undefined

const isFinished = (message: { type?: string } | undefined) => message?.type === 'testfileFinished'

class KeptThread implements PoolWorker {
  readonly name = 'kept-thread'
  private readonly options: PoolOptions
  private readonly listeners: { event: string; callback: (argument: unknown) => void }[] = []
  private thread!: Worker
  private runs = 0
  private isBusy = false
  private isStopping = false

  constructor(options: PoolOptions) {
    this.options = options
  }

  async start(): Promise<void> {
    const { distPath, env, execArgv } = this.options
    this.thread =
      spare?.thread ?? new Worker(join(distPath, 'workers/threads.js'), { env: env as NodeJS.ProcessEnv, execArgv })
    this.runs = (spare?.runs ?? 0) + 1
    spare = undefined
    this.on('message', message => {
      if (!isFinished(message as { type?: string })) return
      this.isBusy = false
      if (this.isStopping) this.answerStop()
    })
  }

  on(event: string, callback: (argument: unknown) => void): void {
    this.listeners.push({ event, callback })
    this.thread.on(event, callback)
  }

  off(event: string, callback: (argument: unknown) => void): void {
    this.thread.off(event, callback)
  }

  /** `stop` would end the thread, so it is answered here, once no test runs. */
  send(message: WorkerRequest): void {
    if (message.type !== 'stop') {
      this.isBusy ||= message.type === 'run'
      this.thread.postMessage(message)
      return
    }
    this.isStopping = true
    if (!this.isBusy) this.answerStop()
  }

  private answerStop(): void {
    const answer = { type: 'stopped', __vitest_worker_response__: true }
    setImmediate(() => {
      for (const { event, callback } of this.listeners) if (event === 'message') callback(answer)
    })
  }

  async stop(): Promise<void> {
    for (const { event, callback } of this.listeners) this.thread.off(event, callback)
    if (this.isBusy || this.runs >= greatestRuns) await this.thread.terminate()
    else {
      this.thread.unref()
      spare = { thread: this.thread, runs: this.runs }
    }
  }

  deserialize(data: unknown): unknown {
    return data
  }
}

/** For `poolRunner` of vitest. */
export const keptThread = {
  name: 'kept-thread',
  createPoolWorker: (options: PoolOptions): PoolWorker => new KeptThread(options),
}

/** A worker thread of `rel09 org`: told which step to do, by workerpool; everything else is in `src/commands/org`. */
import { isMainThread } from 'node:worker_threads'
import workerpool from 'workerpool'
import { doStepOf, type WorkerSetup } from '../commands/org/setup.ts'
import type { Step } from '../commands/org/steps.ts'
import { StoreFault } from '../model/object-store.ts'
import { hostProcess } from './host-process.ts'

// The AWS SDK would print which versions of Node its next releases need.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'

/** What is no fault of ours is an answer: errors that cross threads lose what they are. */
async function answer(setup: WorkerSetup, step: Step): Promise<{ told: object } | { fault: string }> {
  try {
    return { told: await doStepOf(setup, step, hostProcess) }
  } catch (error) {
    if (error instanceof StoreFault) return { fault: error.message }
    throw error
  }
}

if (!isMainThread) workerpool.worker({ doStep: answer })

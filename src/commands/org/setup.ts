/** A worker's part of a run: what it is given once, and the steps that it does by it. */
import { tmpdir } from 'node:os'
import type { ProcessTable } from '../../sinks/folder-lock.ts'
import { openStore } from '../object-store.ts'
import type { OrgContext } from './context.ts'
import { doStep, type OpenRun, openWithManifest, type Step } from './steps.ts'

/** What a worker needs to know of a run; it is sent with every step. */
export interface WorkerSetup {
  runId: string
  /** A folder or a bucket, as the user named it. */
  store: string
  /** Where the snapshots lie that the manifest names. */
  inputs: string
  externalId?: string | undefined
  maxAttempts?: number | undefined
  cwd: string
  version: string
}

let opened: { key: string; run: Promise<OpenRun>; context: OrgContext } | undefined

/** Does a step, in a run that is opened once. */
export async function doStepOf(setup: WorkerSetup, step: Step, processes: ProcessTable): Promise<object> {
  const key = JSON.stringify(setup)
  if (opened?.key !== key) {
    const { runId, store, inputs, externalId, maxAttempts, cwd, version } = setup
    const context: OrgContext = {
      store: await openStore(store, cwd),
      inputs: await openStore(inputs, cwd),
      version,
      externalId,
      maxAttempts,
      now: () => new Date().toISOString(),
      scratch: tmpdir(),
      processes,
    }
    opened = { key, run: openWithManifest(context.store, runId, version), context }
  }
  return doStep(await opened.run, step, opened.context)
}

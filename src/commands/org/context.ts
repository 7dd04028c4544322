import type { ObjectReader, ObjectStore } from '../../model/object-store.ts'
import type { ProcessTable } from '../../sinks/folder-lock.ts'

/** What the steps of a run over an organisation may use of the process: the same on a machine and in AWS Lambda. */
export interface OrgContext {
  store: ObjectStore
  /** Where the snapshots lie that a manifest names. */
  inputs: ObjectReader
  version: string
  /** Present time, ISO 8601 UTC. */
  now(): string
  /** What the trust policy of the roles asks for. It is kept nowhere. */
  externalId?: string | undefined
  /** Attempts of a call that AWS throttles; absent: the usual. */
  maxAttempts?: number | undefined
  /** A folder for what is put aside while AWS is read. */
  scratch: string
  processes: ProcessTable
}

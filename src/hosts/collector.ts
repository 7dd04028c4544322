/** The process around the scheduled collector: a Lambda function; everything else is in `src/commands/collector`. */
import { tmpdir } from 'node:os'
import { putSnapshot, takeSnapshot } from '../commands/collector/live.ts'
import { type Collected, runCollector } from '../commands/collector/run.ts'
import { version } from '../version.ts'

// The AWS SDK would print which versions of Node its next releases need.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'

/** What Lambda tells of the invocation. */
interface LambdaContext {
  getRemainingTimeInMillis?(): number
}

/** What is left to write what was read. */
const toWriteMilliseconds = 90_000

/** Takes a snapshot of the function's account. */
export async function handler(event: unknown, context?: LambdaContext): Promise<Collected> {
  const now = new Date().toISOString()
  const left = context?.getRemainingTimeInMillis?.()
  return runCollector(event, {
    snapshotUri: process.env.REL09_SNAPSHOT_URI,
    region: process.env.AWS_REGION,
    now,
    log: entry => void process.stdout.write(`${JSON.stringify(entry)}\n`),
    put: putSnapshot,
    take: regions =>
      takeSnapshot(regions, {
        temporaryFolder: tmpdir(),
        version,
        now,
        processes: { id: process.pid, isRunning: () => false },
        whenTimeIsUp(stop) {
          if (left === undefined) return () => {}
          const timer = setTimeout(stop, Math.max(0, left - toWriteMilliseconds))
          return () => clearTimeout(timer)
        },
      }),
  })
}

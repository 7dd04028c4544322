/** The process around a run over an organisation in AWS: a Lambda function that Step Functions calls; everything else is in `src/commands/org`. */
import { answerEvent } from '../commands/org/event.ts'
import { version } from '../version.ts'
import { hostProcess } from './host-process.ts'

// The AWS SDK would print which versions of Node its next releases need.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'

/** Answers one step of the state machine. */
export async function handler(event: unknown): Promise<object> {
  const { REL09_STORE: store = '', REL09_EXTERNAL_ID: externalId } = process.env
  const answer = await answerEvent(event, {
    store,
    externalId: externalId === '' ? undefined : externalId,
    version,
    now: () => new Date().toISOString(),
    processes: hostProcess,
  })
  process.stdout.write(`${JSON.stringify({ step: (event as { step?: unknown } | null)?.step, ...answer })}\n`)
  return answer
}

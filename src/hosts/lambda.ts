/** The process around the rules of AWS Config: a Lambda function; everything else is in `src/commands/config-rule`. */
import { type Invoked, runConfigRule } from '../commands/config-rule/run.ts'
import { version } from '../version.ts'

// The AWS SDK would print which versions of Node its next releases need.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'

const wait = (milliseconds: number) => new Promise<void>(resolve => setTimeout(resolve, milliseconds))

/** What Lambda tells of the function. */
interface LambdaContext {
  invokedFunctionArn?: string
}

/** Answers an event of an AWS Config rule. */
export async function handler(event: unknown, context?: LambdaContext): Promise<Invoked> {
  return runConfigRule(event, {
    functionAccount: context?.invokedFunctionArn?.split(':')[4],
    clock: Date.now,
    wait,
    log: entry => void process.stdout.write(`${JSON.stringify(entry)}\n`),
    async hostFor(assignment) {
      const { awsHost } = await import('../commands/config-rule/aws-host.ts')
      return awsHost(assignment, { version, now: new Date().toISOString(), wait })
    },
  })
}

/**
 * Protects that the state machine of a run over an organisation does what `rel09 org` does: its states are run, over S3 as moto has it, by an
 * interpreter that nobody here wrote, and the function that they call is the one that is deployed. The interpreter knows no Distributed Map:
 * its maps are run inline here, over batches as Step Functions would make them. What that does not prove (the reader, the batcher,
 * tolerance, redrive, IAM) docs/org-scan.md says. And that the stack that `rel09 deploy org-scan` writes can be made, of ministack, with
 * functions that do every step.
 */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../src/commands/object-store.ts'
import { runKeys } from '../../src/commands/org/keys.ts'
import { runCommandLine } from '../../src/hosts/command-line.ts'
import type { ObjectStore } from '../../src/model/object-store.ts'
import type { OrganizationSummary } from '../../src/model/organization.ts'
import { jsonOf, textOf } from '../../src/sources/object-content.ts'
import { contextIn } from '../system/estate.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const tools = join(root, '.tools/asl')
const library = join(tools, 'node_modules/aws-local-stepfunctions')
const bucket = `rel09-org-${randomBytes(4).toString('hex')}`

type Json = { [name: string]: unknown }
type Handler = (input: Json) => Promise<unknown>
interface Interpreter {
  StateMachine: new (
    definition: object,
    options?: object,
  ) => { run(input: object, options: object): { result: Promise<unknown> } }
}

let built: string
let handler: (event: unknown) => Promise<object>
let interpreter: Interpreter
let store: ObjectStore

beforeAll(async () => {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: process.env.REL09_EMULATOR,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    REL09_STORE: `s3://${bucket}`,
  })
  const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' } as const
  await new S3Client({}).send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration }))
  store = await openStore(`s3://${bucket}`, '/')
  built = mkdtempSync(join(tmpdir(), 'rel09-org-lambda-'))
  execFileSync(process.execPath, [join(root, 'scripts/build-lambda.mjs'), built], { cwd: root })
  ;({ handler } = (await import(pathToFileURL(join(built, 'org-scan/index.mjs')).href)) as { handler: typeof handler })
  if (!existsSync(library)) {
    const quiet = [
      '--no-save',
      '--engine-strict=false',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ]
    execFileSync('npm', ['install', '--prefix', tools, ...quiet, 'aws-local-stepfunctions@3.0.0'], { stdio: 'ignore' })
  }
  // It is written for Node 22.
  const promises = Promise as unknown as { withResolvers?: () => object }
  promises.withResolvers ??= () => {
    const parts: { [name: string]: unknown } = {}
    parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }))
    return parts
  }
  interpreter = (await import(pathToFileURL(join(library, 'build/main.node.esm.js')).href)) as Interpreter
}, 240_000)

afterAll(() => rmSync(built, { recursive: true, force: true }))

interface MapState {
  ItemReader?: { Parameters: { 'Key.$': string } }
  ItemBatcher?: { MaxItemsPerBatch: number }
  ItemProcessor: { ProcessorConfig: object; States: { [name: string]: object } }
  [field: string]: unknown
}

/** The definition with its maps inline: over the batches that the plan's answer is given here beside what it tells. */
function inline(): { definition: Json; batchSizes: { [key: string]: number }; tasks: string[] } {
  const text = readFileSync(join(root, 'deploy/org-scan/state-machine.asl.json'), 'utf8')
  const definition = JSON.parse(
    text.replaceAll(/\$\{(\w+)\}/g, 'arn:aws:lambda:eu-west-1:111122223333:function:$1'),
  ) as { States: { [name: string]: MapState & { Type: string; ResultSelector?: Json } } }
  const batchSizes: { [key: string]: number } = {}
  const tasks: string[] = []
  for (const [name, state] of Object.entries(definition.States)) {
    if (state.Type === 'Task') tasks.push(name)
    if (state.Type !== 'Map') continue
    const key = state.ItemReader!.Parameters['Key.$'].slice(2)
    batchSizes[key] = state.ItemBatcher!.MaxItemsPerBatch
    tasks.push(...Object.keys(state.ItemProcessor.States))
    for (const field of ['ItemReader', 'ItemBatcher', 'ResultWriter', 'ToleratedFailurePercentage', 'Label'])
      delete state[field]
    state.ItemProcessor.ProcessorConfig = { Mode: 'INLINE' }
    state.MaxConcurrency = 4
    state.ItemsPath = `$.batches.${key}`
  }
  definition.States.Plan!.ResultSelector!['batches.$'] = '$.Payload.batches'
  return { definition: definition as unknown as Json, batchSizes, tasks }
}

/** Runs an execution; resolves to the steps that the function was asked for. */
async function execute(input: object, refuses: (event: Json) => boolean = () => false): Promise<string[]> {
  const { definition, batchSizes, tasks } = inline()
  const asked: string[] = []
  const call: Handler = async ({ Payload }) => {
    const event = Payload as Json
    asked.push(String(event.step))
    if (refuses(event)) throw new Error('refused')
    const answer = (await handler(event)) as Json
    if (event.step !== 'plan') return { Payload: answer }
    const batches: { [key: string]: object[] } = {}
    for (const [key, size] of Object.entries(batchSizes)) {
      const items = ((await textOf(store, String(answer[key]))) ?? '')
        .trim()
        .split('\n')
        .map(line => JSON.parse(line) as Json)
      batches[key] = []
      for (let at = 0; at < items.length; at += size)
        batches[key].push({ BatchInput: { runId: answer.runId }, Items: items.slice(at, at + size) })
    }
    return { Payload: { ...answer, batches } }
  }
  const machine = new interpreter.StateMachine(definition, { validationOptions: { checkArn: false } })
  const { result } = machine.run(input, {
    overrides: {
      taskResourceLocalHandlers: Object.fromEntries(tasks.map(name => [name, call])),
      retryIntervalOverrides: Object.fromEntries(tasks.map(name => [name, 0])),
    },
    context: { Execution: { Name: 'by-name', Input: input, StartTime: new Date().toISOString() } },
  })
  await result
  return asked
}

const snapshot = (account: string, lines: (line: Json) => boolean) =>
  readFileSync(join(root, 'fixtures/clinic/snapshot.ndjson'), 'utf8')
    .split('\n')
    .filter(line => line !== '' && lines(JSON.parse(line) as Json))
    .map(line => `${line}\n`)
    .filter(line => line.includes(account))

const accounts = ['111122223333', '444455556666', '777788889999']

/** What somebody puts into the store: by name, below `inputs/`. */
function inputs(): Map<string, string> {
  const scopes = new Map<string, string>()
  for (const line of snapshot('', () => true)) {
    const record = JSON.parse(line) as Json
    if (record.record === 'scope') scopes.set(String(record.id), String(record.account))
  }
  const rows = accounts.map(account => JSON.stringify({ account, region: 'all', snapshot: `${account}.ndjson` }))
  return new Map([
    ...accounts.map(account => {
      const ofAccount = (record: Json) =>
        scopes.get(String(record.record === 'scope' ? record.id : record.scope)) === account
      return [`${account}.ndjson`, snapshot('', ofAccount).join('')] as const
    }),
    ['manifest.jsonl', `${rows.join('\n')}\n`],
  ])
}

async function putInputs(): Promise<void> {
  for (const [name, text] of inputs()) await store.put(`inputs/${name}`, [text])
}

const summaryOf = (runId: string) => jsonOf<OrganizationSummary>(store, runKeys(runId).report('summary.json'))

it('runs every step over S3 and ends with what the same functions find elsewhere', async () => {
  await putInputs()
  const asked = await execute({ now: '2026-02-01T00:00:00.000Z' })
  expect([...new Set(asked)]).toEqual(['plan', 'collect', 'broadcast', 'evaluate', 'merge'])
  const summary = await summaryOf('by-name')
  expect(summary).toMatchObject({ isComplete: true, accounts: { all: 3, judged: 3 }, shards: { read: 3, unread: 0 } })
  expect(summary!.summary.stores).toBeGreaterThan(10)
})

it('marks a shard that cannot be read, whatever is tried, and is complete with that gap', async () => {
  await putInputs()
  const refuses = ({ step, items }: Json) => step === 'collect' && JSON.stringify(items).includes(accounts[1]!)
  const asked = await execute({ runId: 'refused' }, refuses)
  expect(asked.filter(step => step === 'mark-unreadable').length).toBeGreaterThan(0)
  // The batch had others, which the function was not even asked for here: they are marked, too.
  const summary = await summaryOf('refused')
  expect(summary).toMatchObject({ isComplete: true, accounts: { judged: 3 }, shards: { missing: 0 } })
  expect(summary!.shards.unread).toBeGreaterThan(0)
  expect(summary!.unread[0]!.remedy).toContain('could not be read')
})

it('does not succeed where an account could not be judged, and goes on by the same id', async () => {
  await putInputs()
  const refuses = ({ step, items }: Json) => step === 'evaluate' && JSON.stringify(items).includes(accounts[2]!)
  await expect(execute({ runId: 'unjudged' }, refuses)).rejects.toThrow()
  expect(await summaryOf('unjudged')).toMatchObject({ isComplete: false, accounts: { judged: 2 } })
  await execute({ runId: 'unjudged' })
  expect(await summaryOf('unjudged')).toMatchObject({ isComplete: true, accounts: { judged: 3 } })
})

describe('the stack that rel09 deploy org-scan writes', () => {
  const endpoint = process.env.REL09_BACKUP_EMULATOR ?? ''
  const at = { region: 'eu-west-1', endpoint, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }
  const s3 = new S3Client({ ...at, forcePathStyle: true })
  const lambda = new LambdaClient(at)
  const codeBucket = 'org-code'
  const outputs: { [name: string]: string } = {}

  beforeAll(async () => {
    const out = join(built, 'out')
    const context = contextIn(built)
    const code = await runCommandLine(['deploy', 'org-scan', '--out', out, '--lambda', built], context)
    expect([code, context.written.err]).toEqual([0, ''])
    const script = readFileSync(join(out, 'deploy.sh'), 'utf8')
    const given = (name: string) => new RegExp(`${name}=(\\S+)`).exec(script)?.[1] ?? ''
    const files = { FunctionFile: given('FunctionFile'), StateMachineFile: given('StateMachineFile') }
    const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' } as const
    await s3.send(new CreateBucketCommand({ Bucket: codeBucket, CreateBucketConfiguration }))
    for (const [key, file] of [
      [files.FunctionFile, files.FunctionFile],
      [files.StateMachineFile, 'state-machine.asl.json'],
    ] as const)
      await s3.send(
        new PutObjectCommand({ Bucket: codeBucket, Key: `rel09/${key}`, Body: readFileSync(join(out, file)) }),
      )
    // The functions find the emulator.
    const variable = 'REL09_STORE: !Sub s3://${Store}\n'
    const template = readFileSync(join(out, 'template.yaml'), 'utf8')
    const TemplateBody = template.replaceAll(variable, `${variable}          AWS_ENDPOINT_URL: ${endpoint}\n`)
    const parameters = {
      ...files,
      CodeBucket: codeBucket,
      OrganizationId: 'o-a1b2c3d4e5',
      ExternalId: 'secret',
      Schedule: 'rate(7 days)',
    }
    const client = new CloudFormationClient(at)
    const StackName = 'rel09-org-scan'
    await client.send(
      new CreateStackCommand({
        StackName,
        TemplateBody,
        Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
          ParameterKey,
          ParameterValue,
        })),
        Capabilities: ['CAPABILITY_IAM'],
      }),
    )
    for (let attempt = 0; attempt < 100; attempt++) {
      const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName }))
      if (stack?.StackStatus !== 'CREATE_IN_PROGRESS') {
        expect([stack?.StackStatus, stack?.StackStatusReason ?? '']).toEqual(['CREATE_COMPLETE', ''])
        for (const { OutputKey = '', OutputValue = '' } of stack?.Outputs ?? []) outputs[OutputKey] = OutputValue
        return
      }
      await new Promise(resolve => setTimeout(resolve, 200))
    }
    throw new Error('the stack is not made')
  })

  it('has a state machine that names its functions', async () => {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AWSStepFunctions.DescribeStateMachine',
        authorization:
          'AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/states/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: JSON.stringify({ stateMachineArn: outputs.MachineArn }),
    })
    const { definition, name, type } = (await response.json()) as { definition: string; name: string; type: string }
    expect([name, type]).toEqual(['rel09-org-scan', 'STANDARD'])
    expect(definition).not.toContain('${')
    const named = new Set([...definition.matchAll(/"(arn:aws:lambda:[^"]+)"/g)].map(([, arn]) => arn))
    expect(named).toEqual(
      new Set(['judge', 'collect'].map(one => `arn:aws:lambda:eu-west-1:000000000000:function:rel09-org-scan-${one}`)),
    )
  })

  async function invoke(name: string, event: object): Promise<Json> {
    const { Payload, FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName: `rel09-org-scan-${name}`, Payload: Buffer.from(JSON.stringify(event)) }),
    )
    const text = Buffer.from(Payload ?? []).toString()
    expect([FunctionError, text]).toEqual([undefined, expect.any(String)])
    return JSON.parse(text) as Json
  }

  it('has functions that do every step over its bucket', async () => {
    const Bucket = outputs.StoreName
    for (const [name, Body] of inputs()) await s3.send(new PutObjectCommand({ Bucket, Key: `inputs/${name}`, Body }))
    const read = async (Key: string) =>
      (await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString()) ?? ''
    const rows = async (key: unknown) =>
      (await read(String(key)))
        .trim()
        .split('\n')
        .map(line => JSON.parse(line) as Json)
    const input = { runId: 'as-a-stack', now: '2026-02-01T00:00:00.000Z' }
    const { runId, bucket: named, manifest, accounts: judged } = await invoke('judge', { step: 'plan', input })
    expect([runId, named]).toEqual(['as-a-stack', Bucket])
    await invoke('collect', { step: 'collect', runId, items: await rows(manifest) })
    await invoke('judge', { step: 'broadcast', runId })
    for (const round of [1, 2]) await invoke('judge', { step: 'evaluate', runId, round, items: await rows(judged) })
    await invoke('judge', { step: 'merge', runId })
    const summary = JSON.parse(await read(runKeys('as-a-stack').report('summary.json'))) as OrganizationSummary
    expect(summary).toMatchObject({ isComplete: true, accounts: { all: 3, judged: 3 }, shards: { read: 3, unread: 0 } })
  })
})

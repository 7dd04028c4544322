/** What Step Functions tells the function of an organisation's run (`deploy/org-scan`), and what it answers. */
import { tmpdir } from 'node:os'
import { StoreFault } from '../../model/object-store.ts'
import { builtInPolicy } from '../../policy/built-in.ts'
import { builtInRules } from '../../rules/built-in.ts'
import type { ProcessTable } from '../../sinks/folder-lock.ts'
import { textOf } from '../../sources/object-content.ts'
import { openStore } from '../object-store.ts'
import type { OrgContext } from './context.ts'
import { isRunId, shardName } from './keys.ts'
import { parseManifest, type ShardLine } from './manifest.ts'
import { planRun } from './run.ts'
import { doStep, type OpenRun, openWithManifest, type Step } from './steps.ts'

/** How the function is set up. */
export interface FunctionSetup {
  /** `s3://bucket/prefix`. */
  store: string
  externalId?: string | undefined
  version: string
  now(): string
  processes: ProcessTable
}

/** Where the manifest, the policy and the snapshots lie that somebody puts into the store. */
export const inputsFolder = 'inputs'

/** Answers an event. Rejects with {@link StoreFault} for what is wrong with it, or with the store. */
export async function answerEvent(event: unknown, setup: FunctionSetup): Promise<object> {
  const given = (event ?? {}) as { [name: string]: unknown }
  const root = setup.store.replace(/\/$/, '')
  const context: OrgContext = {
    store: await openStore(setup.store, '/'),
    inputs: await openStore(`${root}/${inputsFolder}`, '/'),
    version: setup.version,
    now: setup.now,
    externalId: setup.externalId,
    scratch: tmpdir(),
    processes: setup.processes,
  }
  if (given.step === 'plan') return plan(given, root, context)
  const open = await openOnce(String(given.runId), context)
  return doStep(open, stepOf(given, open), context)
}

let opened: { key: string; run: Promise<OpenRun> } | undefined

/** A function is asked many times of one run. */
function openOnce(runId: string, { store, version }: OrgContext): Promise<OpenRun> {
  const key = `${store.name} ${runId}`
  if (opened?.key !== key) {
    const run = openWithManifest(store, runId, version)
    opened = { key, run }
    run.catch(() => {
      opened = undefined
    })
  }
  return opened!.run
}

const optionalText = (value: unknown, name: string): string | undefined => {
  if (value === undefined || typeof value === 'string') return value
  throw new StoreFault(`${name}: write a text`)
}

/** Plans a run of what lies in the store. `input` is what the state machine was started with. */
async function plan(
  { input, execution }: { [name: string]: unknown },
  root: string,
  context: OrgContext,
): Promise<object> {
  const { manifest = 'manifest.jsonl', policy, runId, now } = (input ?? {}) as { [name: string]: unknown }
  const named =
    optionalText(runId, 'runId') ?? (typeof execution === 'string' && isRunId(execution) ? execution : undefined)
  const text = await textOf(context.inputs, optionalText(manifest, 'manifest')!)
  if (text === undefined) throw new StoreFault(`${inputsFolder}/${manifest} is not there`)
  const parsed = parseManifest(text)
  if ('problems' in parsed) throw new StoreFault(`the manifest: ${parsed.problems.join('; ')}`)
  const { head, keys } = await planRun(
    context.store,
    {
      plannedAt: context.now(),
      clock: optionalText(now, 'now'),
      policy: await policyOf(optionalText(policy, 'policy'), context),
      rules: [],
      failOn: 'low',
      verdicts: ['non-compliant', 'undetermined'],
    },
    parsed.lines,
    context.version,
    named,
  )
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(root) ?? []
  const at = (key: string) => (prefix === '' ? key : `${prefix}/${key}`)
  return { runId: head.runId, bucket, manifest: at(keys.manifest), accounts: at(keys.accounts) }
}

async function policyOf(key: string | undefined, { inputs }: OrgContext) {
  if (key === undefined) return builtInPolicy()
  const text = await textOf(inputs, key)
  if (text === undefined) throw new StoreFault(`${inputsFolder}/${key} is not there`)
  const { loadPolicy } = await import('../../policy/load.ts')
  const { policy, problems } = loadPolicy(text, key, builtInRules)
  if (!policy) throw new StoreFault(`the policy ${key}, line ${problems[0]?.line}: ${problems[0]?.message}`)
  return policy
}

const mostWords = 300

/** The step of an event. Only what the manifest names is read, by the role that it names. */
function stepOf({ step, items, round, why }: { [name: string]: unknown }, open: OpenRun): Step {
  const told = typeof why === 'string' ? why.slice(0, mostWords) : 'It failed, whatever was tried.'
  switch (step) {
    case 'collect':
      return { step, items: shardsOf(items, open) }
    case 'mark-unreadable':
      return { step, items: shardsOf(items, open), why: told }
    case 'evaluate':
      return { step, items: accountsOf(items, open), round: round === 2 ? 2 : 1 }
    case 'mark-unjudged':
      return { step, items: accountsOf(items, open), why: told }
    case 'broadcast':
    case 'merge':
      return { step }
    default:
      throw new StoreFault('the event names no step')
  }
}

function listOf(items: unknown): object[] {
  if (Array.isArray(items) && items.every(item => typeof item === 'object' && item !== null)) return items
  throw new StoreFault('the event names no items')
}

function shardsOf(items: unknown, { lines }: OpenRun): ShardLine[] {
  const wanted = new Set(listOf(items).map(item => shardName(item as ShardLine)))
  const found = lines.filter(line => wanted.has(shardName(line)))
  if (found.length !== wanted.size) throw new StoreFault('the manifest does not name the shards of the event')
  return found
}

function accountsOf(items: unknown, { byAccount }: OpenRun): { account: string }[] {
  const accounts = listOf(items).map(item => String((item as { account?: unknown }).account))
  if (accounts.some(account => !byAccount.has(account)))
    throw new StoreFault('the manifest does not name the accounts of the event')
  return accounts.map(account => ({ account }))
}

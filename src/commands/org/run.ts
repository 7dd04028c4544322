/** A run over an organisation: what all of its steps agree on, written once when it is planned. */
import { createHash } from 'node:crypto'
import { type ObjectReader, type ObjectStore, StoreFault } from '../../model/object-store.ts'
import type { OrganizationSummary } from '../../model/organization.ts'
import type { Policy } from '../../model/policy.ts'
import type { Rule, Severity, Verdict } from '../../model/rule.ts'
import { builtInRules, builtInRulesDigest, factIndex } from '../../rules/built-in.ts'
import type { RuleFile } from '../../rules/load.ts'
import { jsonOf } from '../../sources/object-content.ts'
import { isRunId, type RunKeys, runKeys } from './keys.ts'
import { manifestText, type ShardLine, shardsByAccount } from './manifest.ts'

/** Format of everything that a run keeps. */
const format = 1

/** What a run judges by, and when. */
export interface RunPlan {
  /** ISO 8601 UTC: when it was planned. What is read of AWS is told as of then. */
  plannedAt: string
  /** What replaces that, and every snapshot's own time for ages (`--now`). */
  clock?: string | undefined
  policy: Policy
  /** Rules of the user's own, as they were read. */
  rules: readonly RuleFile[]
  ruleIds?: readonly string[] | undefined
  failOn: Severity | 'never'
  verdicts: readonly Verdict[]
  /** SARIF: the file that findings point at. */
  anchor?: string | undefined
}

/** A run as it is kept: `run.json`. */
export interface RunHead extends RunPlan {
  format: number
  runId: string
  /** ISO 8601 UTC: what exemptions expire by. */
  asOf: string
  toolVersion: string
  policyDigest: string
  rulesDigest: string
  manifestDigest: string
  accounts: number
  shards: number
}

/** A run that is under way. */
export interface Run {
  head: RunHead
  keys: RunKeys
  /** The built-in rules and the user's. */
  allRules: readonly Rule[]
}

/** SHA-256 of a text, in hex. */
export const digestOf = (text: string) => createHash('sha256').update(text).digest('hex')

/** How long after the plan AWS may be read: all of a run is told as of its plan. */
export const mostHours = 24

/** What a run is called that is given no name, but for its number. */
function hashedId({ plannedAt: _, ...plan }: RunPlan, manifest: string, version: string): string {
  return digestOf(JSON.stringify([version, plan, manifest])).slice(0, 16)
}

/**
 * The id of a run that is given none: the same plan of the same manifest goes on with what was begun, unless that is over. What was
 * found then must not stand for what is there now.
 */
async function unfinishedId(store: ObjectReader, plan: RunPlan, manifest: string, version: string): Promise<string> {
  const hash = hashedId(plan, manifest, version)
  for (let number = 1; ; number++) {
    const id = number === 1 ? hash : `${hash}-${number}`
    const head = await jsonOf<RunHead>(store, runKeys(id).run)
    if (!head || !(await isOver(store, head, plan.plannedAt))) return id
  }
}

/** Whether nothing is left to be done of a run, or nothing may be any more. */
async function isOver(store: ObjectReader, { runId, plannedAt }: RunHead, now: string): Promise<boolean> {
  if (Date.parse(now) - Date.parse(plannedAt) > mostHours * 3_600_000) return true
  const summary = await jsonOf<OrganizationSummary>(store, runKeys(runId).report('summary.json'))
  return summary?.isComplete === true && summary.shards.unread === 0
}

/**
 * Plans a run, or finds it planned: the first plan of an id stands, so that whoever comes later goes on with it. Rejects with
 * {@link StoreFault} where a run of that id judges something else, or by something else.
 */
export async function planRun(
  store: ObjectStore,
  plan: RunPlan,
  lines: readonly ShardLine[],
  version: string,
  givenId?: string,
): Promise<Run> {
  const manifest = manifestText(lines)
  const runId = givenId ?? (await unfinishedId(store, plan, manifest, version))
  if (!isRunId(runId)) throw new StoreFault(`${runId}: a run is named by up to 64 letters, digits, - or _`)
  const keys = runKeys(runId)
  const accounts = [...shardsByAccount(lines).keys()]
  const head: RunHead = {
    format,
    runId,
    asOf: plan.clock ?? plan.plannedAt,
    toolVersion: version,
    ...plan,
    policyDigest: plan.policy.digest,
    rulesDigest: plan.rules.length === 0 ? builtInRulesDigest : digestOf(JSON.stringify(plan.rules)),
    manifestDigest: digestOf(manifest),
    accounts: accounts.length,
    shards: lines.length,
  }
  await store.put(keys.manifest, [manifest], { onlyIfAbsent: true })
  await store.put(keys.accounts, [accounts.map(account => `${JSON.stringify({ account })}\n`).join('')], {
    onlyIfAbsent: true,
  })
  // Last: where it stands, the others stand.
  await store.put(keys.run, [`${JSON.stringify(head)}\n`], { onlyIfAbsent: true })
  const run = await openRun(store, runId, version)
  const other = (['policyDigest', 'rulesDigest', 'manifestDigest'] as const).find(name => run.head[name] !== head[name])
  if (other !== undefined || JSON.stringify(sameOf(run.head)) !== JSON.stringify(sameOf(head)))
    throw new StoreFault(
      `the run ${runId} was begun with ${other === 'manifestDigest' ? 'another manifest' : other === 'policyDigest' ? 'another policy' : 'other options or rules'}: give it another --run-id`,
    )
  return run
}

/** What must be the same for a run to go on. */
const sameOf = ({ clock, ruleIds, failOn, verdicts, anchor }: RunPlan) => [
  clock ?? null,
  ruleIds ?? null,
  failOn,
  verdicts,
  anchor ?? null,
]

/** Opens a run that was planned. */
export async function openRun(store: ObjectReader, runId: string, version: string): Promise<Run> {
  if (!isRunId(runId)) throw new StoreFault(`${JSON.stringify(runId).slice(0, 80)} names no run`)
  const keys = runKeys(runId)
  const head = await jsonOf<RunHead>(store, keys.run)
  if (!head) throw new StoreFault(`there is no run ${runId}`)
  if (head.format !== format || head.toolVersion !== version)
    throw new StoreFault(
      `the run ${runId} was begun by rel09 ${head.toolVersion}: begin another, or go on with that version`,
    )
  return { head, keys, allRules: await rulesOf(head.rules) }
}

async function rulesOf(files: readonly RuleFile[]): Promise<readonly Rule[]> {
  if (files.length === 0) return builtInRules
  const { loadRules } = await import('../../rules/load.ts')
  const { rules, problems } = loadRules(files, factIndex)
  if (problems.length > 0) throw new StoreFault('the rules of the run cannot be loaded by this version of rel09')
  return [...builtInRules, ...rules]
}

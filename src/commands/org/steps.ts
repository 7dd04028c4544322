/**
 * The steps of a run over an organisation by name: what a worker of a machine is told to do, and what Step Functions tells a Lambda
 * function. Each may be done again at any time; what is done is found done.
 */
import { type ObjectReader, StoreFault } from '../../model/object-store.ts'
import { textOf } from '../../sources/object-content.ts'
import { broadcast } from './broadcast.ts'
import { collectShard, markUnreadable } from './collect-shard.ts'
import type { OrgContext } from './context.ts'
import { evaluateAccount, markUnjudged } from './evaluate-account.ts'
import { parseManifest, type ShardLine, shardsByAccount } from './manifest.ts'
import { merge } from './merge.ts'
import { digestOf, openRun, type Run } from './run.ts'

/** What is to be done. Items are lines of the manifest, or of the list of accounts. */
export type Step =
  | { step: 'collect'; items: ShardLine[] }
  | { step: 'mark-unreadable'; items: ShardLine[]; why: string }
  | { step: 'broadcast' }
  | { step: 'evaluate'; round: 1 | 2; items: { account: string }[] }
  | { step: 'mark-unjudged'; items: { account: string }[]; why: string }
  | { step: 'merge' }

/** A run with its manifest, as every step needs them. */
export interface OpenRun {
  run: Run
  lines: ShardLine[]
  byAccount: Map<string, ShardLine[]>
}

/** Opens a run with its manifest. */
export async function openWithManifest(store: ObjectReader, runId: string, version: string): Promise<OpenRun> {
  const run = await openRun(store, runId, version)
  const text = (await textOf(store, run.keys.manifest)) ?? ''
  // A plan that was cut off, or another one at the same time, may have left its own there.
  if (digestOf(text) !== run.head.manifestDigest)
    throw new StoreFault(
      `${run.keys.manifest} is not the manifest that the run ${runId} was begun with: begin another with --run-id`,
    )
  const manifest = parseManifest(text)
  if ('problems' in manifest) throw new StoreFault(`the manifest of the run is damaged: ${manifest.problems[0]}`)
  return { run, lines: manifest.lines, byAccount: shardsByAccount(manifest.lines) }
}

/** Does a step; tells in a few words what came of it. */
export async function doStep({ run, lines, byAccount }: OpenRun, step: Step, context: OrgContext): Promise<object> {
  switch (step.step) {
    case 'collect': {
      let unreadable = 0
      await each(step.items, async line => {
        if ((await collectShard(run, line, context)).status === 'unreadable') unreadable++
      })
      return { read: step.items.length - unreadable, unreadable }
    }
    case 'mark-unreadable':
      for (const line of step.items) await markUnreadable(run, line, step.why, context)
      return { marked: step.items.length }
    case 'broadcast': {
      const { missing } = await broadcast(run, lines, context)
      return { missing: missing.length }
    }
    case 'evaluate':
      await each(step.items, ({ account }) =>
        evaluateAccount(run, account, byAccount.get(account) ?? [], step.round, context),
      )
      return { accounts: step.items.length }
    case 'mark-unjudged':
      for (const { account } of step.items) await markUnjudged(run, account, step.why, context)
      return { marked: step.items.length }
    case 'merge': {
      const { isComplete, accounts, shards } = await merge(run, lines, context)
      return { isComplete, accounts, shards }
    }
  }
}

/** Does all of a batch that can be done, and fails then for what could not: the next attempt finds the others done. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const failures: unknown[] = []
  for (const item of items) await work(item).catch((error: unknown) => failures.push(error))
  if (failures.length > 0) throw failures[0]
}

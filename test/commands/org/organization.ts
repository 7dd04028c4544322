/** Organisations to run over: snapshots by account and Region, and the steps of a run in one process. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../../../src/commands/object-store.ts'
import type { OrgContext } from '../../../src/commands/org/context.ts'
import { parseManifest, type ShardLine } from '../../../src/commands/org/manifest.ts'
import { planRun, type RunPlan } from '../../../src/commands/org/run.ts'
import { doStep, type OpenRun, openWithManifest } from '../../../src/commands/org/steps.ts'
import type { OrganizationSummary } from '../../../src/model/organization.ts'
import type { SnapshotRecord } from '../../../src/model/record.ts'
import { builtInPolicy } from '../../../src/policy/built-in.ts'
import { jsonOf, zippedLinesOf } from '../../../src/sources/object-content.ts'

/** Records of an estate under `fixtures/`. */
export function recordsOf(estate: string): SnapshotRecord[] {
  const text = readFileSync(new URL(`../../../fixtures/${estate}/snapshot.ndjson`, import.meta.url), 'utf8')
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as SnapshotRecord)
}

/** Records by the account, or the account and Region, of their scopes. */
export function split(records: readonly SnapshotRecord[], by: 'account' | 'region'): Map<string, SnapshotRecord[]> {
  const places = new Map<string, { account: string; region: string }>()
  for (const record of records)
    if (record.record === 'scope') places.set(record.id, { account: record.account!, region: record.region! })
  const shards = new Map<string, SnapshotRecord[]>()
  for (const record of records) {
    const { account, region } = places.get(record.record === 'scope' ? record.id : record.scope)!
    // What counts for an account whole goes with its first Region, as when it is collected.
    const first = [...places.values()].find(place => place.account === account && place.region !== 'global')!.region
    const name = by === 'account' ? `${account}/all` : `${account}/${region === 'global' ? first : region}`
    shards.set(name, [...(shards.get(name) ?? []), record])
  }
  return shards
}

export const plan: RunPlan = {
  plannedAt: '2026-02-01T00:00:00.000Z',
  policy: builtInPolicy(),
  rules: [],
  failOn: 'low',
  verdicts: ['compliant', 'non-compliant', 'not-applicable', 'undetermined'],
}

/** A row of the table of findings, as far as tests look at it. */
export interface Row {
  rule: string
  verdict: string
  subject: string
  fingerprint: string
  evidence: string
  missing: string
  severity: string
  state: string
  message: string
}

/** A store in a folder of its own, and the steps of a run over it. */
export class Organization {
  readonly folder = mkdtempSync(join(tmpdir(), 'rel09-org-'))
  lines: ShardLine[] = []
  context!: OrgContext
  open!: OpenRun

  async begin(shards: ReadonlyMap<string, readonly SnapshotRecord[]>, given: Partial<RunPlan> = {}): Promise<this> {
    const store = await openStore('.', this.folder)
    this.context = {
      store,
      inputs: store,
      version: '0.0.0',
      now: () => plan.plannedAt,
      scratch: this.folder,
      processes: { id: 1, isRunning: () => false },
    }
    const lines: object[] = []
    for (const [name, records] of shards) {
      const [account, region] = name.split('/')
      const snapshot = `inputs/${name}.ndjson`
      await store.put(snapshot, [records.map(record => `${JSON.stringify(record)}\n`).join('')])
      lines.push({ account, region, snapshot })
    }
    return this.plan(lines, given)
  }

  async plan(lines: object[], given: Partial<RunPlan> = {}, runId = 'one'): Promise<this> {
    const manifest = parseManifest(lines.map(line => JSON.stringify(line)).join('\n'))
    if ('problems' in manifest) throw new Error(manifest.problems.join('\n'))
    this.lines = manifest.lines
    const { store, version } = this.context
    await planRun(store, { ...plan, ...given }, this.lines, version, runId)
    this.open = await openWithManifest(store, runId, version)
    return this
  }

  get accounts(): { account: string }[] {
    return [...this.open.byAccount.keys()].map(account => ({ account }))
  }

  /** Does every step, shard by shard and account by account; of an account that fails none. */
  async run(failing?: string): Promise<OrganizationSummary> {
    const { open, context } = this
    for (const line of this.lines) await doStep(open, { step: 'collect', items: [line] }, context)
    await doStep(open, { step: 'broadcast' }, context)
    for (const round of [1, 2] as const)
      for (const item of this.accounts.filter(({ account }) => account !== failing))
        await doStep(open, { step: 'evaluate', round, items: [item] }, context)
    return this.merge()
  }

  /** Adds up what lies in the store. */
  async merge(): Promise<OrganizationSummary> {
    const { open, context } = this
    await doStep(open, { step: 'merge' }, context)
    return (await jsonOf<OrganizationSummary>(context.store, open.run.keys.report('summary.json')))!
  }

  /** Every row of the table. */
  async rows(): Promise<Row[]> {
    const { context, open } = this
    const rows: Row[] = []
    for (const account of [...this.accounts.map(one => one.account), 'organization'])
      for await (const row of zippedLinesOf<Row>(context.store, open.run.keys.findings(account))) rows.push(row)
    return rows
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

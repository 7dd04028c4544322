/**
 * Protects what a run over an organisation is for: account by account it finds exactly what one scan of all snapshots together finds,
 * verdict, fingerprint and evidence; and a shard that could not be read makes nothing better.
 */

import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { shardName } from '../../../src/commands/org/keys.ts'
import { type UnreadableShard, unreadRecords } from '../../../src/commands/org/shard-marker.ts'
import { judge } from '../../../src/engine/judge.ts'
import { resourceDefinitions } from '../../../src/generated/resources.ts'
import { InventoryBuilder } from '../../../src/inventory/build.ts'
import type { SnapshotRecord } from '../../../src/model/record.ts'
import { tableRow } from '../../../src/reporters/findings-table.ts'
import { builtInRules } from '../../../src/rules/built-in.ts'
import { jsonOf } from '../../../src/sources/object-content.ts'
import { Organization, plan, type Row, recordsOf, split } from './organization.ts'
import { branchThatCopiesTo, type Shop, shops, snapshotsOf } from './synthetic.ts'

let organization: Organization | undefined
afterEach(() => organization?.remove())

/** One scan of everything. */
function scan(records: readonly SnapshotRecord[]): Row[] {
  const builder = new InventoryBuilder({ definitions: resourceDefinitions, policy: plan.policy, now: plan.plannedAt })
  for (const record of structuredClone(records)) builder.add(record)
  const report = judge(builder.finish(), builtInRules, plan.policy, { now: plan.plannedAt, failOn: 'low' })
  return [...report.findings(new Set(plan.verdicts))].map(finding => JSON.parse(tableRow(finding)) as Row)
}

const keyOf = ({ rule, fingerprint }: Row) => `${rule} ${fingerprint}`
const byKey = (rows: readonly Row[]) => new Map(rows.map(row => [keyOf(row), row]))
const sorted = (rows: readonly Row[]) => [...rows].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))

async function runOver(shards: Map<string, SnapshotRecord[]>): Promise<Row[]> {
  organization = await new Organization().begin(shards)
  await organization.run()
  return organization.rows()
}

describe('an organisation is judged as by one scan', () => {
  it.each(['bookshop', 'clinic', 'traps'])('%s', async estate => {
    const records = recordsOf(estate)
    for (const by of ['account', 'region'] as const)
      expect(sorted(await runOver(split(records, by)))).toEqual(sorted(scan(records)))
  })

  it('whatever reaches from one account into another', async () => {
    await fc.assert(
      fc.asyncProperty(shops, fc.boolean(), async (shop, isWhole) => {
        const shards = snapshotsOf(shop)
        // What others hold of an account that the manifest does not name stays in theirs.
        if (!isWhole) for (const name of shards.keys()) if (name.startsWith('2222')) shards.delete(name)
        const found = sorted(await runOver(shards))
        organization?.remove()
        expect(found).toEqual(sorted(scan([...shards.values()].flat())))
      }),
      { numRuns: Number(process.env.REL09_RUNS ?? 25) },
    )
  }, 600_000)
})

/** What was read, as if AWS Config had delivered it: what is complete hangs on what was seen in it. */
const asDelivered = (records: readonly SnapshotRecord[]) =>
  records.map(record => {
    if (record.record !== 'scope') return record
    const { factGroups: _, ...scope } = record
    return { ...scope, source: 'aws-config-snapshot' as const }
  })

/** A table whose plan copies to an account that holds points of its own tables, and none of this one. */
const unseen: Shop = {
  accounts: [0, 1].map(i => branchThatCopiesTo(i === 0 ? 1 : undefined, [{ at: i, region: 0, age: 10 }])),
}

describe('an organisation of which AWS Config tells is judged as by one scan', () => {
  it('as a whole or in part', async () => {
    await fc.assert(
      fc.asyncProperty(shops, fc.array(fc.boolean(), { minLength: 1 }), async (shop, which) => {
        const shards = new Map(
          [...snapshotsOf(shop)].map(([name, own], i) => [name, which[i % which.length] ? asDelivered(own) : own]),
        )
        const found = sorted(await runOver(shards))
        organization?.remove()
        expect(found).toEqual(sorted(scan([...shards.values()].flat())))
      }),
      { numRuns: Number(process.env.REL09_RUNS ?? 25), examples: [[unseen, [true]]] },
    )
  }, 600_000)
})

/** Nothing is better than it would be with everything. */
function expectNoBetter(rows: readonly Row[], whole: ReadonlyMap<string, Row>, lost: string): void {
  for (const row of rows) {
    const before = whole.get(keyOf(row))
    if (row.verdict === 'compliant') expect(before?.verdict, `${lost}: ${row.rule} ${row.message}`).toBe('compliant')
  }
}

describe('what was not read', () => {
  it('makes nothing better, and turns no verdict round: a shard', async () => {
    const records = recordsOf('clinic')
    const shards = split(records, 'region')
    const whole = byKey(scan(records))
    for (const lost of shards.keys()) {
      const rows = await runOver(new Map([...shards].map(([name, own]) => [name, name === lost ? [] : own])))
      expectNoBetter(rows, whole, lost)
      for (const row of rows)
        if (row.verdict !== whole.get(keyOf(row))?.verdict) expect(row.verdict).toBe('undetermined')
      organization?.remove()
    }
  })

  it('is judged as by one scan that has the gap: shards of chance', async () => {
    await fc.assert(
      fc.asyncProperty(shops, fc.nat(), async (shop, which) => {
        const shards = snapshotsOf(shop)
        const lost = [...shards.keys()][which % shards.size]!
        shards.set(lost, [])
        const found = await runOver(shards)
        const { lines, open, context } = organization!
        const line = lines.find(one => shardName(one) === lost)!
        const marker = await jsonOf<UnreadableShard>(context.store, open.run.keys.marker(line))
        organization!.remove()
        const gap = unreadRecords(line, marker!, plan.plannedAt)
        expect(sorted(found)).toEqual(sorted(scan([...[...shards.values()].flat(), ...gap])))
      }),
      { numRuns: Number(process.env.REL09_RUNS ?? 10) },
    )
  }, 600_000)

  it('makes nothing better: accounts that failed', async () => {
    await fc.assert(
      fc.asyncProperty(shops, fc.nat(), async (shop, which) => {
        const shards = snapshotsOf(shop)
        const whole = byKey(scan([...shards.values()].flat()))
        const failing = [...shards.keys()][which % shards.size]!.slice(0, 12)
        organization = await new Organization().begin(shards)
        expect((await organization.run(failing)).isComplete).toBe(false)
        expectNoBetter(await organization.rows(), whole, failing)
        organization.remove()
      }),
      { numRuns: Number(process.env.REL09_RUNS ?? 10) },
    )
  }, 600_000)
})

/**
 * Protects a run over an organisation against its inputs and against what others left in its store: neither makes a verdict better,
 * nor a report complete.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Broadcast } from '../../../src/commands/org/broadcast.ts'
import { parseManifest } from '../../../src/commands/org/manifest.ts'
import { planRun } from '../../../src/commands/org/run.ts'
import { openWithManifest } from '../../../src/commands/org/steps.ts'
import { StoreFault } from '../../../src/model/object-store.ts'
import type { ResourceRecord, SnapshotRecord } from '../../../src/model/record.ts'
import { jsonOf, textOf } from '../../../src/sources/object-content.ts'
import { Organization, plan, recordsOf, split } from './organization.ts'
import { branchThatCopiesTo, snapshotsOf } from './synthetic.ts'

const shards = split(recordsOf('clinic'), 'account')
let organization: Organization
beforeEach(async () => {
  organization = await new Organization().begin(shards)
})
afterEach(() => organization.remove())

/** A point of a store whose account is a word, in the first vault that holds points. */
function pointOf(records: readonly SnapshotRecord[], word: string): ResourceRecord {
  const isPoint = (one: SnapshotRecord): one is ResourceRecord =>
    one.record === 'resource' && one.type === 'AWS::Backup::RecoveryPoint'
  const point = structuredClone(records.find(isPoint)!)
  const arn = `${point.arn}-of-${word.replace(/\W/g, '')}`
  const ResourceArn = `arn:aws:dynamodb:eu-west-1:${word}:table/t`
  return { ...point, id: arn, arn, configuration: { ...point.configuration, RecoveryPointArn: arn, ResourceArn } }
}

it.each(['everyone', '../../elsewhere'])('a source ARN whose account is %s displaces nothing', async word => {
  await organization.run()
  const { store } = organization.context
  const { keys } = organization.open.run
  const before = await textOf(store, keys.everyone)
  organization.remove()
  const forged = [...shards].map(([name, own], i): [string, SnapshotRecord[]] => [
    name,
    i === 0 ? [...own, pointOf(own, word)] : own,
  ])
  organization = await new Organization().begin(new Map(forged))
  expect((await organization.run()).shards.read).toBe(shards.size)
  expect(await textOf(organization.context.store, keys.everyone)).toBe(before)
})

it('the summary of another account does not stand for an account', async () => {
  await organization.run()
  const { store } = organization.context
  const { keys } = organization.open.run
  const [one, other] = organization.accounts.map(({ account }) => account)
  const summary = JSON.parse((await textOf(store, keys.summary(one!)))!)
  const { inputs } = JSON.parse((await textOf(store, keys.summary(other!)))!)
  await store.put(keys.summary(other!), [JSON.stringify({ ...summary, inputs })])
  const merged = await organization.merge()
  expect(merged.isComplete).toBe(false)
  expect(merged.unread.map(({ account }) => account)).toEqual([other])
})

it('what was judged by another policy is judged anew, though the run has its name', async () => {
  await organization.run()
  const { store } = organization.context
  const { keys, head } = organization.open.run
  // As where the rules of a bucket remove the oldest object of a run first.
  await store.put(keys.run, [JSON.stringify({ ...head, policyDigest: 'other' })])
  organization.open = await openWithManifest(store, head.runId, '0.0.0')
  expect(await organization.merge()).toMatchObject({ isComplete: false, accounts: { judged: 0 } })
})

it('a manifest that a plan left which was cut off is not the manifest of the next', async () => {
  const { store } = organization.context
  const first = organization.lines.slice(0, 1)
  const { keys } = await planRun(store, plan, organization.lines, '0.0.0', 'two')
  await store.put(keys.manifest, [first.map(line => `${JSON.stringify(line)}\n`).join('')])
  await expect(openWithManifest(store, 'two', '0.0.0')).rejects.toBeInstanceOf(StoreFault)
})

it('a run without a name goes on with one that is not over, and with no other', async () => {
  const { store } = organization.context
  const planned = async (plannedAt = plan.plannedAt) => {
    const { head } = await planRun(store, { ...plan, plannedAt }, organization.lines, '0.0.0')
    return head.runId
  }
  const first = await planned()
  expect(await planned()).toBe(first)
  const nextDay = await planned('2026-02-02T00:00:01.000Z')
  expect(nextDay).not.toBe(first)
  organization.open = await openWithManifest(store, first, '0.0.0')
  await organization.run()
  // The snapshots may be others meanwhile.
  const again = await planned()
  expect(again).not.toBe(first)
  await rm(join(organization.folder, 'inputs'), { recursive: true })
  organization.open = await openWithManifest(store, again, '0.0.0')
  expect((await organization.run()).shards).toMatchObject({ read: 0, unread: shards.size })
  expect(await planned()).toBe(again)
})

it('a vault of another account in a snapshot takes from its account nothing that others tell it', async () => {
  const isVault = (one: SnapshotRecord): one is ResourceRecord =>
    one.record === 'resource' && one.type === 'AWS::Backup::BackupVault'
  const [first, second, third] = ['111111111111', '222222222222', '333333333333'] as const
  const given = snapshotsOf({ accounts: [0, 1, 2].map(i => branchThatCopiesTo(i === 2 ? 1 : undefined)) })
  const vault = given.get(`${second}/eu-west-1`)!.find(isVault)!
  const own = given.get(`${first}/eu-west-1`)!
  own.push({ ...vault, account: first, scope: own.find(isVault)!.scope })
  organization.remove()
  organization = await new Organization().begin(given)
  await organization.run()
  const { context, open } = organization
  const { listeners } = (await jsonOf<Broadcast>(context.store, open.run.keys.broadcast))!
  expect(listeners[second]).toContain(third)
})

it('a manifest may be written by Windows', () => {
  const line = { account: '111122223333', region: 'eu-west-1' }
  expect(parseManifest(`\uFEFF${JSON.stringify(line)}\r\n`)).toMatchObject({ lines: [line] })
})

it('a summary whose findings are gone does not stand for them', async () => {
  await organization.run()
  const [{ account }] = organization.accounts as [{ account: string }]
  await rm(join(organization.folder, organization.open.run.keys.findings(account)))
  expect(await organization.merge()).toMatchObject({ isComplete: false, unread: [{ account }] })
  expect((await organization.run()).isComplete).toBe(true)
})

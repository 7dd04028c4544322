/**
 * The second step of a run over an organisation: gives each account what it must know of the others. All accounts learn what was read
 * and what was not; a vault, key, topic or bucket goes to those who name it, with what it names itself.
 */
import { createHash } from 'node:crypto'
import { parseArn } from '../../inventory/arn.ts'
import type { SnapshotRecord } from '../../model/record.ts'
import { LinesByReader, zippedLines } from '../../sinks/zipped-lines.ts'
import { allLinesOf, jsonOf, readAhead } from '../../sources/object-content.ts'
import type { ExportLine } from './collect-shard.ts'
import type { OrgContext } from './context.ts'
import type { ShardLine } from './manifest.ts'
import type { Run } from './run.ts'
import { type ShardMarker, unreadRecords } from './shard-marker.ts'

/** A line for everyone: what is of the reader's own account it passes over. */
export interface EvidenceLine {
  /** The account it is of. */
  from: string
  record: SnapshotRecord
}

/** What the broadcast tells of itself. */
export interface Broadcast {
  /** SHA-256 over the markers of all shards and what they are judged by, in hex: of others there is another broadcast. */
  inputs: string
  /** Shards that are neither read nor marked: the run is not complete. */
  missing: string[]
  /** Accounts that others tell something of their vaults, keys and stores, with who they are. */
  listeners: { [account: string]: string[] }
  /** Accounts that something of others was put aside for. */
  readers: string[]
}

type Store = Pick<OrgContext, 'store'>

/** The markers of shards, in the order of the manifest; `undefined` where there is none. */
export async function* markersOf(
  run: Run,
  lines: readonly ShardLine[],
  { store }: Store,
): AsyncGenerator<[ShardLine, ShardMarker | undefined]> {
  yield* readAhead(lines, line => jsonOf<ShardMarker>(store, run.keys.marker(line)))
}

/** Gives each account what it must know of the others. */
export async function broadcast(run: Run, lines: readonly ShardLine[], context: Store): Promise<Broadcast> {
  const { store } = context
  // By another policy everything is judged anew, though the shards be the same.
  const hash = createHash('sha256').update(judgedBy(run))
  const missing: string[] = []
  const read: ShardLine[] = []
  const unread: EvidenceLine[] = []
  const links = new Links(new Set(lines.map(({ account }) => account)))
  for await (const [line, marker] of markersOf(run, lines, context)) {
    hash.update(JSON.stringify([line, marker ?? null]))
    if (marker?.status === 'read') {
      read.push(line)
      for (const account of marker.routedTo) links.listen(line.account, account)
    } else {
      const why = marker ?? { reason: 'interrupted' as const, remedy: 'It was not read: run again.' }
      if (!marker) missing.push(`${line.account}/${line.region}`)
      for (const record of unreadRecords(line, why, run.head.asOf)) unread.push({ from: line.account, record })
    }
  }
  const inputs = hash.digest('hex')
  const known = await jsonOf<Broadcast>(store, run.keys.broadcast)
  if (known?.inputs === inputs) return known
  for await (const [{ account }, entries] of exportsOf(run, read, store))
    for (const entry of entries) links.note(account, entry)
  links.close()
  const evidence = new LinesByReader()
  await store.put(run.keys.everyone, zippedLines(everyone(run, read, unread, links, evidence, store)))
  const files = evidence.files()
  for (const [account, chunks] of files) await store.put(run.keys.evidence(account), chunks)
  // Last: it says that the others are there.
  const told: Broadcast = { inputs, missing, listeners: links.listeners(), readers: files.map(([account]) => account) }
  await store.put(run.keys.broadcast, [`${JSON.stringify(told)}\n`])
  return told
}

/** What all accounts of a run are judged by. */
function judgedBy({ head }: Run): string {
  const { toolVersion, asOf, clock, policyDigest, rulesDigest, ruleIds, failOn, verdicts, anchor } = head
  return JSON.stringify([toolVersion, asOf, clock, policyDigest, rulesDigest, ruleIds, failOn, verdicts, anchor])
}

const exportsOf = (run: Run, read: readonly ShardLine[], store: OrgContext['store']) =>
  readAhead(read, line => allLinesOf<ExportLine>(store, run.keys.exports(line)))

/** What is for everyone; what is for some is put aside on the way. */
async function* everyone(
  run: Run,
  read: readonly ShardLine[],
  unread: readonly EvidenceLine[],
  links: Links,
  evidence: LinesByReader,
  store: OrgContext['store'],
): AsyncGenerator<string> {
  for (const line of unread) yield JSON.stringify(line)
  for await (const [{ account: from }, entries] of exportsOf(run, read, store)) {
    for (const entry of entries) {
      if ('for' in entry) continue
      const text = JSON.stringify({ from, record: entry.record } satisfies EvidenceLine)
      if (!('refs' in entry)) yield text
      else for (const reader of links.readersOf(from, entry)) evidence.add(reader, text)
    }
  }
}

/** Whose a vault, key or topic is tells its ARN, whoever's snapshot it was in; a bucket's tells nothing. */
const accountNamedBy = (name: string): string | undefined => parseArn(name)?.account

/** Who names what: vaults, keys, topics and buckets by their names, with what they name themselves. */
class Links {
  /** The accounts that something of a name belongs to, and what it names. */
  private readonly named = new Map<string, { account: string; refs: Set<string> }>()
  private readonly wanted = new Map<string, Set<string>>()
  private readonly readers = new Map<string, string[]>()
  private readonly owned: { from: string; owner: string; refs: string[] }[] = []
  private readonly told = new Map<string, Set<string>>()

  /** Accounts of the manifest: no other tells or is told anything. */
  constructor(private readonly accounts: ReadonlySet<string>) {}

  note(from: string, entry: ExportLine): void {
    if ('for' in entry) for (const ref of entry.refs) this.want(entry.for, ref)
    else if ('names' in entry)
      for (const name of entry.names) {
        const known = this.named.get(name)
        if (known) for (const ref of entry.refs) known.refs.add(ref)
        else this.named.set(name, { account: accountNamedBy(name) ?? from, refs: new Set(entry.refs) })
      }
    else if ('owner' in entry) this.owned.push({ from, owner: entry.owner, refs: entry.refs })
  }

  /** Everything was noted: what is named by what is named is found. */
  close(): void {
    for (const { from, owner, refs } of this.owned) {
      const account = this.named.get(owner)?.account
      if (account === undefined || account === from) continue
      this.listen(from, account)
      // Whoever holds a point of a bucket must know the bucket.
      this.want(from, owner)
      for (const ref of refs) this.want(account, ref)
    }
    for (const [account, names] of this.wanted) {
      // A set goes on with what is added to it on the way.
      for (const name of names) {
        const known = this.named.get(name)
        if (!known) continue
        for (const ref of known.refs) names.add(ref)
        if (known.account === account) continue
        this.listen(known.account, account)
        const readers = this.readers.get(name)
        if (readers) readers.push(account)
        else this.readers.set(name, [account])
      }
    }
  }

  readersOf(from: string, entry: Exclude<ExportLine, { for: string }>): string[] {
    if ('owner' in entry) {
      const account = this.named.get(entry.owner)?.account
      return account === undefined || account === from ? [] : [account]
    }
    if (!('names' in entry)) return []
    const found = entry.names.flatMap(name => this.readers.get(name) ?? [])
    return found.length < 2 ? found : [...new Set(found)]
  }

  /** `teller` holds or uses something of `listener`, or the other way round: it tells it what that means. */
  listen(listener: string, teller: string): void {
    if (!this.accounts.has(listener) || !this.accounts.has(teller)) return
    const known = this.told.get(listener)
    if (known) known.add(teller)
    else this.told.set(listener, new Set([teller]))
  }

  listeners(): Broadcast['listeners'] {
    const order = [...this.told].sort(([a], [b]) => (a < b ? -1 : 1))
    return Object.fromEntries(order.map(([listener, tellers]) => [listener, [...tellers].sort()]))
  }

  private want(account: string, name: string): void {
    if (!this.accounts.has(account)) return
    const known = this.wanted.get(account)
    if (known) known.add(name)
    else this.wanted.set(account, new Set([name]))
  }
}

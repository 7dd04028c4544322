/**
 * The first step of a run over an organisation: reads one shard into the store, and puts aside what other accounts must know of it.
 * A marker says that it is done; without one all is made again from what is there.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { resourceDefinitions } from '../../generated/resources.ts'
import { closingTypes } from '../../inventory/completeness.ts'
import { namesIn, Router } from '../../inventory/routes.ts'
import { StoreFault } from '../../model/object-store.ts'
import type { GapRecord, ResourceRecord, ScopeRecord, SnapshotRecord, SourceKind } from '../../model/record.ts'
import type { InputProblem } from '../../model/report.ts'
import { LinesByReader, zippedLines } from '../../sinks/zipped-lines.ts'
import { isThere, jsonOf, streamed } from '../../sources/object-content.ts'
import { readInputs } from '../../sources/read.ts'
import type { LiveRun } from '../live-run.ts'
import type { OrgContext } from './context.ts'
import { shardName } from './keys.ts'
import type { ShardLine } from './manifest.ts'
import { mostHours, type Run } from './run.ts'
import type { ReadShard, ShardMarker, UnreadableShard } from './shard-marker.ts'

/** A line of what a shard tells the others; `broadcast` reads it. */
export type ExportLine =
  /** For everyone. */
  | { record: SnapshotRecord }
  /** For whoever names one of `names`; who needs it needs what it names itself, too. */
  | { names: string[]; record: SnapshotRecord; refs: string[] }
  /** For the account that the store belongs to. */
  | { owner: string; record: SnapshotRecord; refs: string[] }
  /** ARNs that an account must know of: it names them, or was given a record that does. */
  | { for: string; refs: string[] }

/** A line of what a shard holds for another account: a record, or a store of that account's that it asks about. */
export type RoutedLine = { record: SnapshotRecord } | { asked: string; account: string }

/** A shard cannot be read, for a reason that is told in the report. */
class Unreadable extends Error {
  constructor(readonly why: Omit<UnreadableShard, 'status'>) {
    super(why.remedy)
  }
}

/** Reads a shard, unless it was read. Never rejects for what AWS or a snapshot withholds. Rejects with {@link StoreFault}. */
export async function collectShard(run: Run, line: ShardLine, context: OrgContext): Promise<ShardMarker> {
  const { store } = context
  const key = run.keys.marker(line)
  const known = await jsonOf<ShardMarker>(store, key)
  if (known?.status === 'read') return known
  let marker: ShardMarker
  try {
    const problems = await fillSnapshot(run, line, context)
    marker = await exportShard(run, line, context, problems)
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    marker = { status: 'unreadable', ...error.why }
  }
  // What could not be read before may be read now, and is put in its place.
  await store.put(key, [`${JSON.stringify(marker)}\n`], { onlyIfAbsent: known === undefined })
  return (await jsonOf<ShardMarker>(store, key)) ?? marker
}

/** Notes that a shard could not be read, whatever became of it: the step after every retry has failed. */
export async function markUnreadable(
  run: Run,
  line: ShardLine,
  remedy: string,
  { store }: Pick<OrgContext, 'store'>,
): Promise<void> {
  const marker: UnreadableShard = { status: 'unreadable', reason: 'interrupted', remedy, isInput: false }
  await store.put(run.keys.marker(line), [`${JSON.stringify(marker)}\n`], { onlyIfAbsent: true })
}

/** Puts the snapshot of a shard into the store, unless it is there. Returns what was wrong with what was given. */
async function fillSnapshot(run: Run, line: ShardLine, context: OrgContext): Promise<InputProblem[]> {
  const { store } = context
  const key = run.keys.snapshot(line)
  if (line.snapshot === undefined) {
    if (!(await isThere(store, key))) await collectLive(run, line, key, context)
    return []
  }
  const copy = new SnapshotCopy(line)
  const isWritten = await store.put(key, zippedLines(copy.lines(context)), { onlyIfAbsent: true })
  // An attempt that was cut off wrote it: what was wrong with it is told again.
  if (!isWritten) for await (const _ of copy.lines(context));
  return copy.problems
}

/** Sources of what is, and not of what shall be. */
const acceptedSources: ReadonlySet<SourceKind> = new Set([
  'aws',
  'aws-config-snapshot',
  'aws-config-history',
  'aws-config-query',
])

/** Reads a given snapshot, or a delivery of AWS Config, as lines of a snapshot of ours. */
class SnapshotCopy {
  problems: InputProblem[] = []
  private scopes = 0
  private wrong: string | undefined

  constructor(private readonly line: ShardLine) {}

  async *lines({ inputs }: Pick<OrgContext, 'inputs'>): AsyncGenerator<string> {
    const name = this.line.snapshot!
    const bytes = await inputs.read(name).catch((error: unknown) => {
      throw error instanceof StoreFault ? this.unreadable(error.message) : error
    })
    if (!bytes) throw this.unreadable('it is not there')
    const { stdin, check } = streamed(bytes)
    const reading = readInputs(['-'], { cwd: '/', stdin, stdinName: name })
    for await (const batch of reading.records) {
      for (const record of batch) {
        this.note(record)
        // The line is another here, and what records share is found anew.
        if (record.record === 'resource') {
          record.location = undefined
          record.like = undefined
        }
        yield JSON.stringify(record)
      }
    }
    check()
    this.problems = reading.problems
    this.check()
  }

  /** Throws {@link Unreadable} where what was read is no snapshot of the shard. */
  check(): void {
    if (this.wrong !== undefined) throw this.unreadable(this.wrong)
    if (this.scopes === 0 && this.problems.length > 0)
      throw this.unreadable(`${this.problems[0]!.file} ${this.problems[0]!.message}`)
  }

  private note(record: SnapshotRecord): void {
    this.noteAccount(record.account)
    if (record.record === 'scope') this.noteScope(record)
  }

  private noteScope({ account, region, source }: ScopeRecord): void {
    this.scopes++
    const isPlaced =
      region === undefined || region === 'global' || this.line.region === 'all' || region === this.line.region
    if (!acceptedSources.has(source))
      this.wrong ??= `it was read from ${source}: name what was read of the account itself`
    else if (account === undefined) this.wrong ??= 'it does not say which account it is of'
    else if (!isPlaced) this.wrong ??= `it holds the Region ${region}, which is not the line's: write region "all"`
  }

  private noteAccount(account: string | undefined): void {
    if (account !== undefined && account !== this.line.account)
      this.wrong ??= `it holds account ${account}: give each account a snapshot of its own`
  }

  private unreadable(why: string): Unreadable {
    const remedy = `The snapshot ${this.line.snapshot} of the manifest cannot be used: ${why}.`
    return new Unreadable({ reason: 'truncated', remedy, isInput: true })
  }
}

/** Reads AWS. */
async function collectLive(run: Run, line: ShardLine, key: string, context: OrgContext): Promise<void> {
  const { plannedAt } = run.head
  const hours = (Date.parse(context.now()) - Date.parse(plannedAt)) / 3_600_000
  if (hours > mostHours) {
    const remedy = `The run was planned at ${plannedAt}, more than ${mostHours} hours before this was to be read: begin another.`
    throw new Unreadable({ reason: 'expired', remedy, isInput: false })
  }
  const { readLive, Stop, CannotCollect } = await import('../live-run.ts')
  const { account, region, role, leads } = line
  const folder = join(context.scratch, `rel09-${run.head.runId}-${shardName(line).replaceAll('/', '-')}`)
  try {
    const live = await readLive(
      {
        accounts: {
          ids: [account],
          units: [],
          excluded: [],
          role: role ?? defaultRole,
          externalId: context.externalId,
        },
        regions: [region],
        regionsOnly: leads !== true,
        maxAttempts: context.maxAttempts,
      },
      {
        folder,
        isFresh: true,
        now: plannedAt,
        version: context.version,
        processes: context.processes,
        stop: new Stop(),
        onProgress: () => {},
      },
    )
    try {
      await context.store.put(key, readChunks(live), { onlyIfAbsent: true })
    } finally {
      await live.end(true)
    }
  } catch (error) {
    if (!(error instanceof CannotCollect)) throw error
    throw new Unreadable({
      reason: 'denied',
      remedy: `The account could not be read: ${error.message}.`,
      isInput: false,
    })
  }
}

/** The snapshot, unless nothing of it was read: an account that could not be entered is tried again. */
function* readChunks(live: Pick<LiveRun, 'zipped'>): Generator<Uint8Array> {
  let isEmpty = true
  let lost: GapRecord | undefined
  const written = {
    resource: () => {
      isEmpty = false
    },
    gap: (gap: GapRecord) => {
      if (gap.region === undefined && gap.factGroups.includes('*')) lost = gap
    },
  }
  for (const chunk of live.zipped(written)) {
    if (isEmpty && lost) throw new Unreadable({ reason: lost.reason, remedy: lost.remedy, isInput: false })
    yield chunk
  }
}

/** The role that `deploy/reader-role.yaml` makes. */
const defaultRole = 'rel09-reader'

/** Reads the snapshot back, and puts aside what other accounts must know of it. */
async function exportShard(
  run: Run,
  line: ShardLine,
  context: OrgContext,
  problems: InputProblem[],
): Promise<ReadShard> {
  const { store } = context
  const { keys } = run
  const bytes = await store.read(keys.snapshot(line))
  if (!bytes) throw new StoreFault(`${keys.snapshot(line)} is gone`)
  const hash = createHash('sha256')
  const { stdin, check } = streamed(hashed(bytes, hash))
  const reading = readInputs(['-'], { cwd: '/', stdin, stdinName: shardName(line) })
  const exported = new ShardExport(line.account)
  for await (const batch of reading.records) for (const record of batch) exported.add(record)
  check()
  const routed = exported.routed.files()
  for (const [account, chunks] of routed) await store.put(keys.routed(account, line), chunks)
  const exportHash = createHash('sha256')
  await store.put(keys.exports(line), hashed(zippedLines(exported.lines()), exportHash))
  for (const [account, chunks] of routed) exportHash.update(account).update(Buffer.concat(chunks))
  return {
    status: 'read',
    digest: hash.digest('hex'),
    exported: exportHash.digest('hex'),
    routedTo: routed.map(([account]) => account),
    resources: exported.resources,
    gaps: exported.gaps,
    takenAt: exported.takenAt,
    problems,
  }
}

async function* hashed(
  bytes: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    hash.update(chunk)
    yield chunk
  }
}

/** Gathers what other accounts must know of a shard. */
class ShardExport {
  readonly routed = new LinesByReader()
  resources = 0
  gaps = 0
  takenAt: string | undefined
  private readonly scopes: ScopeRecord[] = []
  private readonly typesByScope = new Map<string, Set<string>>()
  private readonly own: string[] = []
  /** What is for the account of a bucket, by its ARN; of those that the shard holds it is the shard's own. */
  private readonly owned: { owner: string; line: string }[] = []
  private readonly buckets = new Set<string>()
  private readonly refs = new Map<string, Set<string>>()
  private readonly router: Router

  constructor(private readonly account: string) {
    this.router = new Router(resourceDefinitions, account)
  }

  add(record: SnapshotRecord): void {
    if (record.record === 'gap') this.gaps++
    if (record.record === 'scope' && record.takenAt !== undefined && !(record.takenAt < (this.takenAt ?? '')))
      this.takenAt = record.takenAt
    if (record.record === 'resource') this.addResource(record)
    else if (record.record === 'scope') this.scopes.push(record)
    else this.keep({ record })
  }

  private addResource(record: ResourceRecord): void {
    this.resources++
    this.noteType(record)
    if (record.type === 'AWS::S3::Bucket' && record.arn !== undefined && !record.deleted) this.buckets.add(record.arn)
    record.location = undefined
    record.like = undefined
    const text = JSON.stringify(record)
    const refs = namesIn(record, text, this.account)
    this.refer(this.account, refs)
    for (const route of this.router.routesOf(record)) {
      if (route.to === 'everyone') this.keep({ record })
      else if (route.to === 'namers')
        this.keep({ names: route.names, record: route.record ?? record, refs: linksOf(record, text) })
      else if (route.to === 'owner') this.keepForOwner(route.of, record, text)
      else if (route.to === 'asked') this.send(route.account, { asked: route.store, account: this.account })
      else {
        this.send(route.account, { record })
        this.refer(route.account, linksOf(record, text))
      }
    }
  }

  private noteType({ scope, type }: ResourceRecord): void {
    if (!closingTypes.has(type)) return
    const known = this.typesByScope.get(scope)
    if (known) known.add(type)
    else this.typesByScope.set(scope, new Set([type]))
  }

  /** What the broadcast reads. */
  *lines(): Generator<string> {
    for (const record of this.scopes) {
      const seen = record.source === 'aws-config-snapshot' ? this.typesByScope.get(record.id) : undefined
      // The others are not given what was read, which proves what AWS Config records.
      yield JSON.stringify({ record: seen ? { ...record, types: [...seen].sort() } : record } satisfies ExportLine)
    }
    yield* this.own
    for (const { owner, line } of this.owned) if (!this.buckets.has(owner)) yield line
    for (const [account, refs] of [...this.refs].sort(([a], [b]) => (a < b ? -1 : 1)))
      if (refs.size > 0) yield JSON.stringify({ for: account, refs: [...refs].sort() } satisfies ExportLine)
  }

  private keep(line: ExportLine): void {
    this.own.push(JSON.stringify(line))
  }

  private keepForOwner(owner: string, record: ResourceRecord, text: string): void {
    if (this.buckets.has(owner)) return
    const line = { owner, record, refs: linksOf(record, text) } satisfies ExportLine
    this.owned.push({ owner, line: JSON.stringify(line) })
  }

  private send(account: string, line: RoutedLine): void {
    this.routed.add(account, JSON.stringify(line))
  }

  private refer(account: string, refs: readonly string[]): void {
    if (refs.length === 0) return
    const known = this.refs.get(account)
    if (known) for (const ref of refs) known.add(ref)
    else this.refs.set(account, new Set(refs))
  }
}

/** Everything that a record names, of its own account too: to the account that is given the record it is another's. */
const linksOf = (record: ResourceRecord, text: string): string[] => [...new Set(namesIn(record, text, ''))]

/**
 * The third step of a run over an organisation: judges one account by its own snapshots and by what the others tell it. Accounts that
 * others tell something come in a second round, when all have told.
 */
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { judge } from '../../engine/judge.ts'
import { resourceDefinitions } from '../../generated/resources.ts'
import { InventoryBuilder } from '../../inventory/build.ts'
import type { KeyUse, TierUse, VaultUse, Word } from '../../model/beyond.ts'
import type { Inventory } from '../../model/inventory.ts'
import { StoreFault } from '../../model/object-store.ts'
import type { GapRecord, ResourceRecord, SnapshotRecord } from '../../model/record.ts'
import type { IdleExemption, InputProblem, Report, Summary } from '../../model/report.ts'
import { PolicyExemptions } from '../../policy/exemptions.ts'
import { tableRow } from '../../reporters/findings-table.ts'
import { reporter as sarif } from '../../reporters/sarif.ts'
import { mostResults } from '../../reporters/sarif-selection.ts'
import { zippedLines } from '../../sinks/zipped-lines.ts'
import { isThere, joinedBytes, jsonOf, readAhead, streamed, zippedLinesOf } from '../../sources/object-content.ts'
import { readInputs } from '../../sources/read.ts'
import type { Broadcast, EvidenceLine } from './broadcast.ts'
import type { RoutedLine } from './collect-shard.ts'
import type { OrgContext } from './context.ts'
import type { ShardLine } from './manifest.ts'
import type { Run } from './run.ts'
import { type ShardMarker, unreadRecords } from './shard-marker.ts'

/** What is kept of an account that was judged. */
export interface AccountSummary {
  account: string
  /** SHA-256 over what it was judged by: of something else there is another summary. */
  inputs: string
  summary: Summary
  /** Resources of its own snapshots. */
  resources: number
  takenAt?: string | undefined
  gaps: number
  problems: InputProblem[]
  unusedExemptions: IdleExemption[]
  tierUse: TierUse
  /** Rows of the table, and SHA-256 of their file. */
  rows: number
  rowsDigest: string
}

/** An account that could not be judged, whatever was tried. */
export interface UnjudgedAccount {
  account: string
  unjudged: string
}

/** What an account told the others: by what, and whom. */
interface Told {
  inputs: string
  to: string[]
}

/** A first line of what one account tells another; stores follow. */
type WordLine = { vaults: VaultUse[]; keys: KeyUse[] } | ResourceRecord

type Store = Pick<OrgContext, 'store'>

const digestOf = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex')

/** What an account is judged by, as a digest; what of others is missing, is missing from it. */
export async function inputsOf(run: Run, account: string, cast: Broadcast, { store }: Store): Promise<string> {
  const tellers = cast.listeners[account]
  if (!tellers) return digestOf([cast.inputs])
  const told: (Told | null)[] = []
  for await (const [, word] of readAhead(tellers, teller => jsonOf<Told>(store, run.keys.told(teller))))
    told.push(word ?? null)
  return digestOf([cast.inputs, told])
}

/** The broadcast of a run. Rejects with {@link StoreFault} where there is none. */
export async function broadcastOf(run: Run, { store }: Store): Promise<Broadcast> {
  const cast = await jsonOf<Broadcast>(store, run.keys.broadcast)
  if (!cast) throw new StoreFault('the facts of the shards were not broadcast: that comes before an account is judged')
  return cast
}

/**
 * Takes an account's turn in a round: in the first it tells the others what they must know of it, and is judged unless it waits for
 * their word; in the second those that waited are judged. What is done is not done again.
 */
export async function evaluateAccount(
  run: Run,
  account: string,
  shards: readonly ShardLine[],
  round: 1 | 2,
  context: Store,
): Promise<void> {
  const cast = await broadcastOf(run, context)
  const isListener = Object.hasOwn(cast.listeners, account)
  if (round === 2 && !isListener) return
  const { store } = context
  const told = await jsonOf<Told>(store, run.keys.told(account))
  const isTeller = Object.values(cast.listeners).some(tellers => tellers.includes(account))
  const mustTell = round === 1 && isTeller && told?.inputs !== cast.inputs
  const inputs = await inputsOf(run, account, cast, context)
  const known = isListener && round === 1 ? undefined : await jsonOf<AccountSummary>(store, run.keys.summary(account))
  const isJudged = known?.inputs === inputs && (await isThere(store, run.keys.findings(account)))
  const mustJudge = !(isListener && round === 1) && !isJudged
  if (!mustTell && !mustJudge) return
  const estate = new Estate(run, account, shards, cast, context)
  const inventory = await estate.read(mustJudge && isListener)
  if (mustTell) await tell(run, account, cast, inventory.words(estate.asked), context)
  if (mustJudge) await writeJudgement(estate, inventory, inputs)
}

/** Notes that an account could not be judged. */
export async function markUnjudged(run: Run, account: string, why: string, { store }: Store): Promise<void> {
  const marker: UnjudgedAccount = { account, unjudged: why }
  await store.put(run.keys.summary(account), [`${JSON.stringify(marker)}\n`], { onlyIfAbsent: true })
}

/** What an account is judged by. */
class Estate {
  /** Stores of the account that others ask about. */
  readonly asked: { arn: string; account: string }[] = []
  readonly problems: InputProblem[] = []
  resources = 0
  private readonly scopes = new Set<string>()

  constructor(
    readonly run: Run,
    readonly account: string,
    private readonly shards: readonly ShardLine[],
    private readonly cast: Broadcast,
    readonly context: Store,
  ) {}

  /** Reads everything. `isHeard`: what others told is read, too. */
  async read(isHeard: boolean): Promise<Inventory> {
    const { head } = this.run
    const words: Pick<Word, 'vaults' | 'keys'>[] = []
    const builder = new InventoryBuilder({
      definitions: resourceDefinitions,
      policy: head.policy,
      now: head.asOf,
      clock: head.clock,
      beyond: { words },
    })
    await this.addEvidence(builder)
    if (isHeard) await this.addWords(builder, words)
    await this.addOwn(builder)
    return builder.finish()
  }

  /** The report of the account alone. */
  report(inventory: Inventory): Report {
    const { head, allRules } = this.run
    const now = head.asOf
    const own: Inventory = {
      ...inventory,
      scopes: inventory.scopes.filter(({ account }) => account === this.account),
      gaps: inventory.gaps.filter(({ scope, account }) => account === this.account || this.scopes.has(scope)),
    }
    return judge(own, allRules, head.policy, {
      now,
      ruleIds: head.ruleIds,
      failOn: head.failOn,
      exemptions: new PolicyExemptions(head.policy, allRules, now),
      problems: this.problems,
      version: head.toolVersion,
      rulesDigest: head.rulesDigest,
    })
  }

  /** What was put aside for the account, and for everyone. The scopes come before what was read in them. */
  private async addEvidence(builder: InventoryBuilder): Promise<void> {
    const { store } = this.context
    const { keys } = this.run
    const known = new Set<string>()
    // Of a shard that is not read to its end, a record may be there whose scope is not: it would be taken for another input's.
    const add = (record: SnapshotRecord) => {
      if (record.record !== 'resource' || known.has(record.scope)) builder.add(record, true)
    }
    for await (const { from, record } of zippedLinesOf<EvidenceLine>(store, keys.everyone)) {
      if (record.record === 'scope') known.add(record.id)
      if (from !== this.account) add(record)
    }
    if (this.cast.readers.includes(this.account))
      for await (const { record } of zippedLinesOf<EvidenceLine>(store, keys.evidence(this.account))) add(record)
    for await (const key of store.list(keys.routedTo(this.account)))
      for await (const line of zippedLinesOf<RoutedLine>(store, key)) {
        if ('record' in line) add(line.record)
        else this.asked.push({ arn: line.asked, account: line.account })
      }
  }

  /** What others tell. Who has not told may hold anything: nothing of it is known. */
  private async addWords(builder: InventoryBuilder, words: Pick<Word, 'vaults' | 'keys'>[]): Promise<void> {
    const { store } = this.context
    const { keys } = this.run
    for (const teller of this.cast.listeners[this.account] ?? []) {
      const told = await jsonOf<Told>(store, keys.told(teller))
      if (told?.inputs !== this.cast.inputs) builder.add(untold(teller), true)
      else if (told.to.includes(this.account))
        for await (const line of zippedLinesOf<WordLine>(store, keys.word(this.account, teller))) {
          if ('record' in line) builder.add(line, true)
          else words.push(line)
        }
    }
  }

  private async addOwn(builder: InventoryBuilder): Promise<void> {
    const { store } = this.context
    const { keys, head } = this.run
    const objects: { key: string; digest: string }[] = []
    for (const line of this.shards) {
      const marker = await jsonOf<ShardMarker>(store, keys.marker(line))
      if (marker?.status === 'read') {
        objects.push({ key: keys.snapshot(line), digest: marker.digest })
        this.problems.push(...marker.problems)
        continue
      }
      const why = marker ?? { reason: 'interrupted' as const, remedy: 'It was not read: run again.' }
      if (marker?.isInput)
        this.problems.push({ file: line.snapshot ?? '-', message: 'cannot be used as a snapshot of its shard' })
      for (const record of unreadRecords(line, why, head.asOf)) {
        if (record.record === 'scope') this.scopes.add(record.id)
        builder.add(record)
      }
    }
    if (objects.length === 0) return
    const { stdin, check } = streamed(joinedBytes(store, objects))
    const reading = readInputs(['-'], { cwd: '/', stdin, stdinName: this.account })
    for await (const batch of reading.records)
      for (const record of batch) {
        if (record.record === 'scope') this.scopes.add(record.id)
        else if (record.record === 'resource') {
          this.resources++
          record.location = undefined
        }
        builder.add(record)
      }
    check()
    this.problems.push(...reading.problems)
  }
}

function untold(account: string): GapRecord {
  return {
    record: 'gap',
    scope: `untold ${account}`,
    account,
    factGroups: ['*'],
    types: [],
    reason: 'interrupted',
    remedy: `What account ${account} means to others was not worked out: run again.`,
  }
}

/** Tells the others. */
async function tell(
  run: Run,
  account: string,
  cast: Broadcast,
  words: ReadonlyMap<string, Word>,
  { store }: Store,
): Promise<void> {
  const to: string[] = []
  for (const [listener, tellers] of Object.entries(cast.listeners)) {
    const word = words.get(listener)
    if (!word || !tellers.includes(account)) continue
    await store.put(run.keys.word(listener, account), zippedLines(wordLines(word)))
    to.push(listener)
  }
  // Last: where it stands, the words stand.
  const told: Told = { inputs: cast.inputs, to }
  await store.put(run.keys.told(account), [`${JSON.stringify(told)}\n`])
}

function* wordLines({ vaults, keys, stores }: Word): Generator<string> {
  yield JSON.stringify({ vaults, keys } satisfies WordLine)
  for (const store of stores) yield JSON.stringify(store satisfies WordLine)
}

/** Judges an account, and writes what came of it. */
async function writeJudgement(estate: Estate, inventory: Inventory, inputs: string): Promise<void> {
  const { run, account, context } = estate
  const { store } = context
  const report = estate.report(inventory)
  const { rows, digest } = await writeFindings(run, account, report, context)
  await store.put(run.keys.sarif(account), sarifOf(report, account, run))
  const summary: AccountSummary = {
    account,
    inputs,
    summary: report.summary,
    resources: estate.resources,
    takenAt: report.takenAt,
    gaps: report.gaps.length,
    problems: [...(report.problems ?? [])],
    unusedExemptions: report.unusedExemptions,
    tierUse: inventory.tierUse(),
    rows,
    rowsDigest: digest,
  }
  // Last: where it stands, the findings stand.
  await store.put(run.keys.summary(account), [`${JSON.stringify(summary)}\n`])
}

/** Writes the rows of a report. */
export async function writeFindings(
  run: Run,
  account: string,
  report: Report,
  { store }: Store,
): Promise<{ rows: number; digest: string }> {
  const hash = createHash('sha256')
  let rows = 0
  function* lines() {
    for (const finding of report.findings(new Set(run.head.verdicts))) {
      rows++
      yield tableRow(finding)
    }
  }
  async function* bytes() {
    for await (const chunk of zippedLines(lines())) {
      hash.update(chunk)
      yield chunk
    }
  }
  await store.put(run.keys.findings(account), bytes())
  return { rows, digest: hash.digest('hex') }
}

/** GitHub takes 10 MB, compressed; its own compression may be a little worse. */
const mostZippedBytes = 9_500_000

/**
 * The SARIF of an account: one run, of a category of its own, within GitHub's limits. What is too much is cut worst first, and counted:
 * code scanning shows 5,000 results of a run, so that several files would only be several thousand that nobody sees.
 * https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads/results-exceed-limit
 */
function sarifOf(report: Report, account: string, run: Run): Iterable<string> | AsyncIterable<string> {
  const verdicts = new Set(sarif.defaultVerdicts)
  const anchor = run.head.anchor ?? run.head.policy.file
  const render = (most: number) =>
    sarif.render(report, { verdicts, colour: false, width: 100, anchor, category: account, mostResults: most })
  // A result is never more than a few kilobytes, and compresses tenfold: few accounts have to be measured.
  if (report.summary.verdicts['non-compliant'] < mostResults / 5) return render(mostResults)
  return fitting(render)
}

async function* fitting(render: (most: number) => Iterable<string>): AsyncGenerator<string> {
  let most = mostResults
  while (most > 1 && (await zippedSize(render(most))) > mostZippedBytes) most = Math.floor(most / 2)
  yield* render(most)
}

async function zippedSize(chunks: Iterable<string>): Promise<number> {
  let size = 0
  for await (const chunk of Readable.from(chunks, { objectMode: false }).pipe(createGzip({ level: 1 })))
    size += chunk.length
  return size
}

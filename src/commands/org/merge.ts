/**
 * The last step of a run over an organisation: makes sure that everything is there, judges what only all accounts together can tell,
 * and adds up. Findings are not touched again: memory does not grow with them, nor with the accounts.
 */
import { judge } from '../../engine/judge.ts'
import { resourceDefinitions } from '../../generated/resources.ts'
import { InventoryBuilder } from '../../inventory/build.ts'
import type { TierUse } from '../../model/beyond.ts'
import type { AccountResult, OrganizationSummary, UnreadPart } from '../../model/organization.ts'
import type { IdleExemption, InputProblem, Report, Summary } from '../../model/report.ts'
import { severities, type Verdict } from '../../model/rule.ts'
import { PolicyExemptions } from '../../policy/exemptions.ts'
import { tableDefinition } from '../../reporters/findings-table.ts'
import { organizationText } from '../../reporters/text-organization.ts'
import { isThere, jsonOf, readAhead, zippedLinesOf } from '../../sources/object-content.ts'
import { type Broadcast, broadcast, type EvidenceLine } from './broadcast.ts'
import type { OrgContext } from './context.ts'
import { type AccountSummary, inputsOf, type UnjudgedAccount, writeFindings } from './evaluate-account.ts'
import { wholeOrganization } from './keys.ts'
import { type ShardLine, shardsByAccount } from './manifest.ts'
import type { Run } from './run.ts'
import type { ShardMarker } from './shard-marker.ts'

type Store = Pick<OrgContext, 'store'>

/** Parts and problems that are told one by one. */
const mostTold = 1_000
const mostWorst = 20

/** Adds up a run. */
export async function merge(run: Run, lines: readonly ShardLine[], context: Store): Promise<OrganizationSummary> {
  const { store } = context
  const { keys } = run
  const cast = await broadcast(run, lines, context)
  const sum = new OrganizationSum(run)
  async function* results(): AsyncGenerator<string> {
    const accounts = readAhead(shardsByAccount(lines), ([account, shards]) =>
      keptOf(run, account, shards, cast, context),
    )
    for await (const [[account, shards], kept] of accounts) {
      const result = accountResult(account, shards, kept, sum)
      if (result) yield `${JSON.stringify(result)}\n`
    }
  }
  await store.put(keys.report('accounts.ndjson'), results())
  const policy = await policyReport(run, sum.tierUse, context)
  await writeFindings(run, wholeOrganization, policy, context)
  sum.add(policy.summary)
  const summary = sum.summary(lines.length)
  const accounts = [...new Set(lines.map(({ account }) => account)), wholeOrganization]
  const root = store.name.startsWith('s3://') ? store.name : 's3://DOC-EXAMPLE-BUCKET/'
  await store.put(keys.report('findings-table.sql'), [tableDefinition({ root, accounts })])
  await store.put(keys.report('summary.txt'), organizationText(summary, { colour: false, width: 100 }))
  await store.put(keys.report('summary.json'), [`${JSON.stringify(summary, undefined, 2)}\n`])
  return summary
}

/** Judges the policy by the tiers of all stores. */
async function policyReport(run: Run, tierUse: TierUse, { store }: Store): Promise<Report> {
  const { head, keys, allRules } = run
  const now = head.asOf
  const builder = new InventoryBuilder({
    definitions: resourceDefinitions,
    policy: head.policy,
    now,
    clock: head.clock,
    beyond: { tierUse },
  })
  // Where all is known there is nothing to tell of what was not read.
  const told = tierUse.isComplete ? [] : zippedLinesOf<EvidenceLine>(store, keys.everyone)
  for await (const { record } of told) if (record.record !== 'resource') builder.add(record, true)
  return judge({ ...builder.finish(), scopes: [], gaps: [] }, allRules, head.policy, {
    now,
    ruleIds: head.ruleIds,
    failOn: head.failOn,
    exemptions: new PolicyExemptions(head.policy, allRules, now),
    version: head.toolVersion,
    rulesDigest: head.rulesDigest,
  })
}

/** What is kept of an account. */
interface Kept {
  markers: (ShardMarker | undefined)[]
  known: AccountSummary | UnjudgedAccount | undefined
  hasFindings: boolean
  inputs: string
}

async function keptOf(
  run: Run,
  account: string,
  shards: readonly ShardLine[],
  cast: Broadcast,
  context: Store,
): Promise<Kept> {
  const { store } = context
  return {
    markers: await Promise.all(shards.map(line => jsonOf<ShardMarker>(store, run.keys.marker(line)))),
    known: await jsonOf<AccountSummary | UnjudgedAccount>(store, run.keys.summary(account)),
    hasFindings: await isThere(store, run.keys.findings(account)),
    inputs: await inputsOf(run, account, cast, context),
  }
}

/** What was found of an account; `undefined` where it was not judged. */
function accountResult(
  account: string,
  shards: readonly ShardLine[],
  { markers, known, hasFindings, inputs }: Kept,
  sum: OrganizationSum,
): AccountResult | undefined {
  for (const [i, line] of shards.entries()) sum.addShard(line, markers[i])
  const unread = markers.filter(marker => marker?.status !== 'read').length
  sum.accounts.all++
  if (unread > 0) sum.accounts.withUnread++
  if (!known || 'unjudged' in known || known.inputs !== inputs || known.account !== account || !hasFindings) {
    const remedy = known && 'unjudged' in known ? known.unjudged : 'It was not judged: run again.'
    sum.addUnjudged({ account, reason: 'interrupted', remedy })
    return undefined
  }
  sum.addAccount(known)
  const { stores, covered, verdicts, open, states } = known.summary
  return {
    account,
    resources: known.resources,
    summary: { stores, covered, verdicts, open, states },
    ...(known.takenAt === undefined ? {} : { takenAt: known.takenAt }),
    gaps: known.gaps,
    shards: shards.length,
    unread,
  }
}

type Verdicts = { [verdict in Verdict]: number }

function addCounts<T extends { [name: string]: number }>(into: T, more: T): void {
  for (const name of Object.keys(more)) into[name as keyof T] = ((into[name] ?? 0) + more[name]!) as T[keyof T]
}

const noVerdicts = (): Verdicts => ({ compliant: 0, 'non-compliant': 0, 'not-applicable': 0, undetermined: 0 })

/** Adds up accounts one by one. */
class OrganizationSum {
  readonly accounts = { all: 0, judged: 0, withUnread: 0 }
  private readonly shards = { read: 0, unread: 0, missing: 0 }
  private readonly tiers = new Set<string | null>()
  private tiersComplete = true
  private isComplete = true
  private gaps = 0
  private readonly unread: UnreadPart[] = []
  private readonly problems: InputProblem[] = []
  private problemCount = 0
  private unused: IdleExemption[] | undefined
  private readonly failing = new Map<string, number>()
  private worst: OrganizationSummary['worstAccounts'] = []
  private readonly unknown = new Map<string, Summary['undetermined'][number]>()
  private readonly total: Summary = {
    resources: 0,
    stores: 0,
    covered: { yes: 0, no: 0, unknown: 0 },
    verdicts: noVerdicts(),
    open: { critical: 0, high: 0, medium: 0, low: 0 },
    states: { open: 0, exempted: 0, baselined: 0, belowThreshold: 0 },
    byBestPractice: {
      'REL09-BP01': noVerdicts(),
      'REL09-BP02': noVerdicts(),
      'REL09-BP03': noVerdicts(),
      'REL09-BP04': noVerdicts(),
    },
    byRule: {},
    undetermined: [],
  }

  constructor(private readonly run: Run) {}

  /** The tiers of all stores. Of an account that was not judged none is known. */
  get tierUse(): TierUse {
    return { tiers: [...this.tiers], isComplete: this.tiersComplete }
  }

  addShard({ account, region, part }: ShardLine, marker: ShardMarker | undefined): void {
    if (marker?.status === 'read') {
      this.shards.read++
      return
    }
    if (marker) this.shards.unread++
    else {
      this.shards.missing++
      this.isComplete = false
    }
    this.tellUnread({
      account,
      region,
      ...(part === undefined ? {} : { part }),
      reason: marker?.reason ?? 'interrupted',
      remedy: marker?.remedy ?? 'It was not read: run again.',
    })
  }

  addUnjudged(part: UnreadPart): void {
    this.isComplete = false
    this.tiersComplete = false
    this.tellUnread(part)
  }

  addAccount({ account, summary, resources, gaps, problems, unusedExemptions, tierUse }: AccountSummary): void {
    this.accounts.judged++
    this.gaps += gaps
    this.problemCount += problems.length
    this.problems.push(...problems.slice(0, mostTold - this.problems.length))
    for (const tier of tierUse.tiers) this.tiers.add(tier)
    this.tiersComplete &&= tierUse.isComplete
    // An exemption is idle where it is in every account.
    const idle = new Set(unusedExemptions.map(exemption => JSON.stringify(exemption)))
    this.unused = this.unused ? this.unused.filter(one => idle.has(JSON.stringify(one))) : unusedExemptions
    for (const [rule, verdicts] of Object.entries(summary.byRule))
      if (verdicts['non-compliant'] > 0) this.failing.set(rule, (this.failing.get(rule) ?? 0) + 1)
    const { open, stores, covered } = summary
    this.worst.push({ account, open, stores, uncovered: covered.no })
    if (this.worst.length > 2 * mostWorst) this.keepWorst()
    this.add({ ...summary, resources })
  }

  add(summary: Summary): void {
    const { total } = this
    total.resources += summary.resources
    total.stores += summary.stores
    addCounts(total.covered, summary.covered)
    addCounts(total.verdicts, summary.verdicts)
    addCounts(total.open, summary.open)
    addCounts(total.states, summary.states)
    for (const practice of Object.keys(total.byBestPractice) as (keyof Summary['byBestPractice'])[])
      addCounts(total.byBestPractice[practice], summary.byBestPractice[practice])
    for (const [rule, verdicts] of Object.entries(summary.byRule))
      addCounts((total.byRule[rule] ??= noVerdicts()), verdicts)
    for (const { factGroup, reason, remedy, count } of summary.undetermined) {
      // Remedies name accounts: one of each kind stands for all.
      const key = `${factGroup}\n${reason}`
      const known = this.unknown.get(key)
      if (!known) this.unknown.set(key, { factGroup, reason, remedy, count })
      else {
        known.count += count
        if (remedy < known.remedy) known.remedy = remedy
      }
    }
  }

  summary(shards: number): OrganizationSummary {
    const { head, allRules } = this.run
    this.keepWorst()
    const undetermined = [...this.unknown].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
    return {
      version: 1,
      tool: { name: 'rel09', version: head.toolVersion },
      runId: head.runId,
      asOf: head.asOf,
      policyDigest: head.policyDigest,
      rulesDigest: head.rulesDigest,
      isComplete: this.isComplete,
      accounts: { ...this.accounts },
      shards: { all: shards, ...this.shards },
      summary: { ...this.total, undetermined },
      gaps: this.gaps,
      unread: this.unread,
      problems: this.problems,
      problemCount: this.problemCount,
      worstAccounts: this.worst,
      worstRules: this.worstRules(allRules),
      unusedExemptions: this.unused ?? [],
    }
  }

  private tellUnread(part: UnreadPart): void {
    if (this.unread.length < mostTold) this.unread.push(part)
  }

  private keepWorst(): void {
    this.worst = this.worst
      .filter(({ open }) => severities.some(severity => open[severity] > 0))
      .sort((a, b) => {
        const worse = severities.find(severity => a.open[severity] !== b.open[severity])
        return worse ? b.open[worse] - a.open[worse] : a.account < b.account ? -1 : 1
      })
      .slice(0, mostWorst)
  }

  private worstRules(rules: Run['allRules']): OrganizationSummary['worstRules'] {
    const failures = (id: string) => this.total.byRule[id]?.['non-compliant'] ?? 0
    return rules
      .filter(({ id }) => failures(id) > 0)
      .map(({ id, title, severity }) => ({
        rule: id,
        title,
        severity,
        nonCompliant: failures(id),
        accounts: this.failing.get(id) ?? 0,
      }))
      .sort(
        (a, b) =>
          severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
          b.nonCompliant - a.nonCompliant ||
          (a.rule < b.rule ? -1 : 1),
      )
      .slice(0, mostWorst)
  }
}

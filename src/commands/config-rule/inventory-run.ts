/**
 * Evaluates all that a snapshot holds: the newest one of ours (scheduled rules), or the one that AWS Config has just delivered. What
 * AWS Config still shows and the snapshot no longer holds is retracted, in these runs alone.
 */
import { groupsThatList } from '../../model/comparison.ts'
import {
  accountType,
  type EvaluatedResource,
  type Evaluation,
  resourceKey,
  resourceOfEvaluation,
} from '../../model/evaluation.ts'
import type { GapRecord, ScopeRecord, SnapshotRecord } from '../../model/record.ts'
import type { Finding, Report } from '../../model/report.ts'
import type { SubjectKind } from '../../model/subject.ts'
import { evaluationsOf, stated, statedUndetermined } from '../../reporters/evaluations.ts'
import { subjectsOf } from '../../rules/compiled-rule.ts'
import { type Scanned, scanInputs } from '../scan-inputs.ts'
import { BadEvent } from './bad-event.ts'
import { allVerdicts, groupsToRead, type Judged, nothingRead, type Task } from './judging.ts'
import type { S3Place } from './parameters.ts'
import { type StoredInput, Unobtainable } from './rule-host.ts'

/** Evaluates the newest snapshot of ours. */
export async function evaluateNewest(task: Task): Promise<Judged> {
  const { own, host } = task
  const { snapshots } = own
  if (!snapshots)
    throw new BadEvent(
      'ruleParameters.snapshotUri',
      'is missing: write s3://BUCKET/PREFIX, where the collector puts snapshots',
    )
  const input = await orNone(() => host.newestSnapshot(snapshots))
  if (typeof input === 'string') return nothingKnown(task, input)
  if (!input)
    return nothingKnown(
      task,
      `there is no snapshot (*.ndjson, *.ndjson.gz) in s3://${snapshots.bucket}/${snapshots.key}`,
    )
  const scanned = await orNone(() => scan(task, input, []))
  if (typeof scanned === 'string') return nothingKnown(task, scanned)
  const report = scanned.report()
  const stale = whyStale(report, task)
  return stale === undefined ? evaluateReport(task, report, true) : nothingKnown(task, stale)
}

/** Evaluates a configuration snapshot of AWS Config, with as much of what AWS Backup knows as the verdicts hang on. */
export async function evaluateDelivered(task: Task, place: S3Place): Promise<Judged> {
  const { host, event } = task
  const input = host.storedObject(place)
  const asked = new Set<string>()
  for (;;) {
    const beside = asked.size === 0 ? [] : await host.backupFacts(event, asked)
    const scanned = await orNone(() => scan(task, input, beside))
    if (typeof scanned === 'string') return nothingKnown(task, scanned)
    const report = scanned.report()
    const wanted = groupsToRead(report.findings(new Set(['undetermined'])), host, asked)
    if (wanted.length === 0) return evaluateReport(task, report, false)
    for (const group of wanted) asked.add(group)
  }
}

/** What was read, or why it cannot be. */
async function orNone<T>(read: () => Promise<T>): Promise<T | string> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof Unobtainable) return error.message
    throw error
  }
}

async function scan(task: Task, input: StoredInput, beside: readonly SnapshotRecord[]): Promise<Scanned> {
  const { rule, policy, standards, event, host } = task
  const stdin = await input.open()
  const options = { ruleIds: [rule.id], failOn: 'low', isPassing: true, stdinName: input.name, beside } as const
  return scanInputs(['-'], { ...standards, policy }, options, {
    cwd: '/',
    stdin,
    now: event.orderedAt,
    version: host.version,
  })
}

const isIn = ({ account, region }: { account?: string; region?: string }, { event }: Task): boolean =>
  (account === undefined || account === event.account) &&
  (region === undefined || region === 'global' || region === event.region)

/** Scopes of the rule's account and Region; those of neither prove nothing of either. */
const scopesIn = ({ scopes }: Report, { event }: Task): ScopeRecord[] =>
  scopes.filter(({ account, region }) => account === event.account && (region === event.region || region === 'global'))

/** Why a snapshot tells nothing of the present; `undefined`: it does. Its own time counts, not that of its file. */
function whyStale(report: Report, task: Task): string | undefined {
  const { account, region, orderedAt } = task.event
  const scopes = scopesIn(report, task)
  const problem = report.problems?.[0]
  if (!scopes.some(scope => scope.region === region))
    return `the newest snapshot does not hold ${account} in ${region}${problem ? ` (${problem.message})` : ''}`
  const times = scopes.map(({ takenAt }) => Date.parse(takenAt ?? ''))
  if (times.some(Number.isNaN)) return 'the newest snapshot does not state its time'
  const hours = (Date.parse(orderedAt) - Math.min(...times)) / 3_600_000
  const most = task.own.maxSnapshotAgeHours
  return hours > most ? `the newest snapshot is ${Math.floor(hours)} hours old, more than ${most}` : undefined
}

const account = ({ event }: Task): EvaluatedResource => ({ type: accountType, id: event.account })

/** An older answer must not stand where nothing is known: everything that AWS Config shows is told anew. */
async function nothingKnown(task: Task, why: string): Promise<Judged> {
  const { host, event, context } = task
  const before = await host.evaluatedBefore(event.configRuleName)
  const all = new Map([account(task), ...before].map(resource => [resourceKey(resource), resource]))
  return {
    ...nothingRead(task, { resource: account(task), what: 'snapshot', why }),
    evaluations: [...all.values()].map(resource => statedUndetermined(resource, why, context)),
  }
}

async function evaluateReport(task: Task, report: Report, isOurs: boolean): Promise<Judged> {
  const { host, event, context } = task
  const types = new Set<string>()
  const evaluations = evaluationsOf(findingsIn(task, report, types), context)
  const told = new Set(evaluations.map(one => resourceKey(resourceOfEvaluation(one))))
  for (const resource of await host.evaluatedBefore(event.configRuleName))
    if (!told.has(resourceKey(resource)))
      evaluations.push(retracted(task, report, resource, isOurs ? undefined : types))
  if (evaluations.length === 0) {
    const why = 'not applicable: nothing that the rule is about was found'
    evaluations.push(stated(account(task), 'NOT_APPLICABLE', why, context))
  }
  return {
    evaluations,
    findings: () => findingsIn(task, report, new Set()),
    isWhole: resource => whyUnread(task, report, resource, isOurs ? undefined : types) === undefined,
  }
}

/** What the rule says of the account and Region; what it is not about, and was never told, needs no evaluation. */
function* findingsIn(task: Task, report: Report, types: Set<string>): Iterable<Finding> {
  for (const finding of report.findings(allVerdicts)) {
    const { type, sourceType = type } = finding.resource
    types.add(sourceType)
    if (finding.verdict !== 'not-applicable' && isIn(finding.resource, task)) yield finding
  }
}

/** A resource that is no longer there, or no longer the rule's concern: gone only where the reading would have shown it. */
function retracted(
  task: Task,
  report: Report,
  resource: EvaluatedResource,
  deliveredTypes: ReadonlySet<string> | undefined,
): Evaluation {
  const why = whyUnread(task, report, resource, deliveredTypes)
  if (why !== undefined) return statedUndetermined(resource, why, task.context)
  return stated(
    resource,
    'NOT_APPLICABLE',
    'not applicable: no longer there, or no longer what the rule is about',
    task.context,
  )
}

/** The fact groups by which each of the rule's kinds is listed, the list itself first. */
const listsOf = ({ rule }: Task): (readonly string[])[] =>
  subjectsOf(rule).map(kind => groupsThatList[kind as SubjectKind] ?? [])

function whyUnread(
  task: Task,
  report: Report,
  { type }: EvaluatedResource,
  deliveredTypes: ReadonlySet<string> | undefined,
): string | undefined {
  const { problems = [], gaps } = report
  if (problems[0]) return `a part of the snapshot could not be read: ${problems[0].message}`
  const groups = listsOf(task).flat()
  const isCut = (gap: GapRecord) =>
    isIn(gap, task) &&
    (gap.types.length === 0 || gap.types.includes(type)) &&
    gap.factGroups.some(group => group === '*' || groups.includes(group))
  const gap = gaps.find(isCut)
  if (gap) return `the snapshot lacks a part (${gap.reason}). ${gap.remedy}`
  if (deliveredTypes) return deliveredTypes.has(type) ? undefined : 'the delivered snapshot holds nothing of this type'
  const claimed = new Set(scopesIn(report, task).flatMap(({ factGroups = [] }) => factGroups))
  const lacking = listsOf(task)
    .map(([list]) => list)
    .find(group => group !== undefined && !claimed.has(group))
  return lacking === undefined ? undefined : `the snapshot does not claim to hold all of ${lacking}`
}

/**
 * Evaluates a change: the resource of the event and no other, but that a selection is filed under its plan, and a recovery point under
 * its vault. What AWS Backup knows of it is read only where the verdict hangs on it.
 */
import { resourceDefinitions } from '../../generated/resources.ts'
import { InventoryBuilder } from '../../inventory/build.ts'
import { type EvaluatedResource, resourceKey } from '../../model/evaluation.ts'
import type { ResourceRecord, SnapshotRecord } from '../../model/record.ts'
import type { Finding } from '../../model/report.ts'
import { filedUnder, outcomeOf } from '../../reporters/evaluations.ts'
import type { EventRecords } from '../../sources/config-event.ts'
import {
  findingsOf,
  groupsToRead,
  type Judged,
  judgedBy,
  memberKinds,
  memberKindsOf,
  nothingFound,
  nothingRead,
  type Task,
  unsaid,
} from './judging.ts'

/**
 * What is read of AWS Backup's own resources in any case: AWS Config leaves half of them out, and what a plan or vault holds counts as of
 * the default tier only where nobody could know it.
 */
const ownGroups: { readonly [type: string]: string } = {
  'AWS::Backup::BackupPlan': 'plans',
  'AWS::Backup::BackupVault': 'vaults',
  'AWS::Backup::RestoreTestingPlan': 'restore-testing',
}

function startingGroups({ host }: Task, { type }: ResourceRecord): Set<string> {
  const group = Object.hasOwn(ownGroups, type) ? ownGroups[type] : undefined
  return new Set(group !== undefined && host.readableGroups.has(group) ? [group] : [])
}

const isMember = ({ subject }: Finding) => Object.hasOwn(memberKinds, subject)

/** The evaluations of a resource whose records an event gave. */
export async function evaluateChange(
  task: Task,
  resource: EvaluatedResource,
  { records, problems, skipped }: EventRecords,
): Promise<Judged> {
  const { rule } = task
  const record = records.find(one => one.record === 'resource')
  if (!record) {
    const gap = records.find(one => one.record === 'gap')
    const why = problems[0] ?? skipped[0] ?? gap?.remedy ?? 'the event holds nothing to judge'
    return nothingRead(task, {
      resource,
      what: 'configuration item',
      why: `its configuration item could not be read: ${why}`,
    })
  }
  const alone = judgeTogether(task, records)
  const members = alone.findings.filter(isMember)
  if (members.length > 0) return evaluateMembers(task, record, members)
  const isOwn = ({ resource: { id, type, sourceType = type } }: Finding) =>
    id === record.id && sourceType === record.type
  const own = await withBackupFacts(task, record, records, isOwn, startingGroups(task, record))
  if (own.length > 0) return judgedBy(task, own, false)
  const kinds = memberKindsOf(task)
  if (kinds.length > 0) return evaluateHolder(task, record, kinds)
  const [unjudged] = alone.notEvaluated
  const why = unjudged ?? `not applicable: ${rule.id} is not about this resource`
  return nothingFound(task, resource, why)
}

/** All members of a vault, plan or source are judged, or the one only as far as it decides for all. */
async function evaluateMembers(task: Task, record: ResourceRecord, members: readonly Finding[]): Promise<Judged> {
  const target = filedUnder(members[0]!, task.context.account)
  const all = await membersOf(task, record, target, [members[0]!.subject])
  if (all && all.length > 0) return judgedBy(task, all, true)
  const bad = members.filter(one => isFiledUnder(task, one, target) && outcomeOf(one) === 'non-compliant')
  if (bad.length > 0) return judgedBy(task, bad, false)
  const annotation = `not judged alone: the rule judges all that belong to ${target.id} together, on a schedule`
  return nothingFound(task, { type: record.type, id: record.id }, annotation)
}

/**
 * A vault, plan or source of a rule that is about what belongs to it: all of that is judged. Where not all of it can be read here nothing is
 * said, so that what a run over a snapshot found stands: the change of the one tells nothing of the others.
 */
async function evaluateHolder(task: Task, record: ResourceRecord, kinds: readonly string[]): Promise<Judged> {
  const target = { type: record.type, id: record.id }
  const all = await membersOf(task, record, target, kinds)
  if (!all) return unsaid
  if (all.length > 0) return judgedBy(task, all, true)
  return nothingFound(task, target, `not applicable: nothing that ${task.rule.id} is about belongs to it`)
}

const isFiledUnder = ({ context }: Task, finding: Finding, target: EvaluatedResource) =>
  resourceKey(filedUnder(finding, context.account)) === resourceKey(target)

/** All of these kinds that are filed under a resource, as they are now; `undefined` where not all of them can be read here. */
async function membersOf(
  task: Task,
  record: ResourceRecord,
  target: EvaluatedResource,
  kinds: readonly string[],
): Promise<Finding[] | undefined> {
  const { host } = task
  const groups = kinds.flatMap(kind => memberKinds[kind] ?? [])
  if (groups.length < kinds.length || !groups.every(group => host.readableGroups.has(group))) return undefined
  const facts = await host.backupFacts(placeOf(task, record), new Set(groups))
  if (facts.some(one => one.record === 'gap' && one.factGroups.some(group => groups.includes(group)))) return undefined
  const isJudged = (finding: Finding) => isMember(finding) && isFiledUnder(task, finding, target)
  return withBackupFacts(task, record, [], isJudged, new Set(groups))
}

const placeOf = ({ event }: Task, { account, region }: ResourceRecord) => ({
  account: account ?? event.account,
  region: region === undefined || region === 'global' ? event.region : region,
})

/** The findings that count, judged with as much of what AWS Backup knows as they hang on. */
async function withBackupFacts(
  task: Task,
  record: ResourceRecord,
  records: readonly SnapshotRecord[],
  counts: (finding: Finding) => boolean,
  asked: Set<string>,
): Promise<Finding[]> {
  const { host } = task
  for (;;) {
    const facts = asked.size === 0 ? [] : await host.backupFacts(placeOf(task, record), asked)
    const isHeld = facts.some(one => one.record === 'resource' && one.type === record.type && one.id === record.id)
    // As it was just read, not as the event tells it.
    const others = isHeld ? records.filter(one => one.record !== 'resource') : records
    const findings = judgeTogether(task, [...facts, ...others]).findings.filter(counts)
    const wanted = groupsToRead(findings, host, asked)
    if (wanted.length === 0) return findings
    for (const group of wanted) asked.add(group)
  }
}

function judgeTogether(task: Task, records: readonly SnapshotRecord[]) {
  const { policy, event } = task
  const builder = new InventoryBuilder({
    definitions: resourceDefinitions,
    policy,
    now: event.orderedAt,
    clock: undefined,
  })
  for (const record of records) builder.add(record)
  const inventory = builder.finish()
  const notEvaluated = inventory.notEvaluated.map(({ reason }) => reason)
  return { findings: [...findingsOf(inventory, task)], notEvaluated }
}

/** Restore tests: planned by restore testing selections, proven by jobs, recovery points and attestations. */

import type { Facts, FactValue } from '../model/facts.ts'
import { hasPlaceholder } from '../model/placeholder.ts'
import type { Attestation } from '../model/policy.ts'
import { textGlob } from './arn.ts'
import { ageHours, secondsOf } from './clock.ts'
import { selectableInventory } from './completeness.ts'
import { mergedRestores, type RestoreFold } from './job-folds.ts'
import type { Join, StoreItem, TestingMatch } from './join.ts'
import { isCompleteFor, listOf } from './join.ts'
import type { PointGroup } from './point-groups.ts'
import { supportOf } from './support.ts'

/** What a policy names a store by: its ARN, else its address in the template. */
export function policyName({ arn, address, id }: Pick<StoreItem, 'arn' | 'address' | 'id'>): string {
  return (arn === undefined || hasPlaceholder(arn) ? undefined : arn) ?? address ?? id
}

/** Attestations of a kind for a store, newest first; those that have expired, or tell of a day to come, are left out. */
export function attestationsOf(join: Join, store: StoreItem, kind: Attestation['kind']): Attestation[] {
  if (join.policy.attestations.length === 0) return noAttestations
  const name = policyName(store)
  return join.policy.attestations
    .filter(attestation => attestation.kind === kind && textGlob(attestation.resource, name))
    .filter(({ expires, date }) => isInForce(join, expires) && hasCome(join, date))
    .sort((a, b) => (a.date > b.date ? -1 : a.date < b.date ? 1 : 0))
}

const noAttestations: Attestation[] = []
const secondsPerDay = 86_400

/** What expires on a day holds through that day, UTC. */
function isInForce({ nowSeconds }: Join, expires: string): boolean {
  return nowSeconds === undefined || (secondsOf(expires) ?? 0) + secondsPerDay > nowSeconds
}

/** Whether a day has come, somewhere on Earth: nothing was proven on a day to come. */
export function hasCome({ nowSeconds }: Join, date: string): boolean {
  const seconds = secondsOf(date)
  return nowSeconds === undefined || seconds === undefined || seconds <= nowSeconds + secondsPerDay
}

/** Hours since a date of the policy, by the host's present time. */
export function hoursSinceDate(join: Join, date: string | undefined | null): number | null | undefined {
  if (!date) return null
  const seconds = secondsOf(date)
  return seconds === undefined || join.nowSeconds === undefined ? undefined : ageHours(seconds, join.nowSeconds)
}

/** Age of the newest attested restore: the policy's attestations, or the date in the tag of the assumption. */
function attestedAge(join: Join, store: StoreItem): { age: number | null | undefined; durationHours?: number } {
  const [newest] = attestationsOf(join, store, 'restoreTest').filter(attestation => attestation.result !== 'failure')
  const tag =
    store.tags && Object.hasOwn(store.tags, join.policy.assumptions.restoreTestTag)
      ? store.tags[join.policy.assumptions.restoreTestTag]
      : undefined
  const date = /^\d{4}-\d\d-\d\d/.exec(tag ?? '')?.[0]
  if (newest && (!date || newest.date >= date || !hasCome(join, date)))
    return { age: hoursSinceDate(join, newest.date), durationHours: newest.durationHours }
  if (date && hasCome(join, date)) return { age: hoursSinceDate(join, date) }
  return { age: store.tags === undefined ? undefined : null }
}

/** Restore jobs of a store, by each of its ARNs; else those of the instance a volume is attached to, whose image brings it back. */
function restoreJobsOf(join: Join, store: StoreItem): RestoreFold | null {
  const own = store.entry?.restore ?? null
  const others = store.otherArns?.map(arn => join.entries.get(arn)?.restore)
  const fold = others ? mergedRestores([own, ...others].filter(found => found != null)) : own
  if (fold || store.type !== 'AWS::EC2::Volume') return fold
  return mergedRestores((store.through ?? []).flatMap(arn => join.entries.get(arn)?.restore ?? []))
}

/** What is on record of a store's restores. */
interface RestoreRecord {
  fold: RestoreFold | null
  /** Every restore job of the window is known. */
  jobsKnown: boolean
  jobAge: number | undefined
  attested: { age: number | null | undefined; durationHours?: number }
  /** Ages of the successful restores on record. */
  ages: number[]
  /** A successful restore is on record, of whatever age. */
  seen: boolean
}

function recordOf(join: Join, store: StoreItem, groups: readonly PointGroup[]): RestoreRecord {
  const clock = store.scope.clockSeconds
  const fold = restoreJobsOf(join, store)
  const attested = attestedAge(join, store)
  const jobAge = fold && fold.successAt >= 0 ? ageHours(fold.successAt, clock) : undefined
  const pointRestore = Math.max(-1, ...groups.map(group => group.lastRestoreAt))
  const pointAge = pointRestore >= 0 ? ageHours(pointRestore, clock) : undefined
  const ages = [jobAge, pointAge, attested.age].filter(age => typeof age === 'number')
  return {
    fold,
    jobsKnown: isCompleteFor(join, store, 'restore-jobs') && !fold?.unsure,
    jobAge,
    attested,
    ages,
    seen: ages.length > 0 || pointRestore >= 0 || (fold !== null && fold.successAt >= 0),
  }
}

/** `restores` facts of a store. */
export function restoreFacts(join: Join, store: StoreItem, groups: readonly PointGroup[]): Facts {
  const plansKnown = isCompleteFor(join, store, 'restore-testing') && !store.testingUnknown
  const matches = store.testing ?? []
  const record = recordOf(join, store, groups)
  const facts: Facts = {
    planned: matches.length > 0 ? true : plansKnown ? false : undefined,
    plans: listOf(planFacts(matches), plansKnown) as FactValue,
    attestedAgeHours: record.attested.age,
  }
  if (record.seen)
    Object.assign(facts, { proven: true, ownProof: true, lastSuccessAgeHours: lastSuccess(store, record) })
  else absentProof(join, store, facts, record)
  detailFacts(facts, record)
  facts.siblingProof = siblingProof(join, store, matches, record)
  return facts
}

/** Age of the last successful restore. One that is not on record could only be later. */
function lastSuccess(store: StoreItem, { ages, jobsKnown, attested }: RestoreRecord): FactValue | undefined {
  if (ages.length === 0) return undefined
  const least = Math.min(...ages)
  const sure = attested.age !== undefined && (jobsKnown || supportOf(store, undefined).awsBackup === false)
  return sure ? least : { $atMost: least }
}

/** Stores that are covered alike share their matches, and so what is told of them. */
const factsOfMatches = new WeakMap<readonly TestingMatch[], FactValue[]>()

function planFacts(matches: readonly TestingMatch[]): FactValue[] {
  let facts = factsOfMatches.get(matches)
  if (!facts) factsOfMatches.set(matches, (facts = matches.map(planFact) as FactValue[]))
  return facts
}

function planFact({ selection, why }: TestingMatch): Facts {
  return {
    plan: selection.plan?.plan.name ?? selection.selection.planName,
    selection: selection.selection.name,
    matchedBy: why,
    validationWindowHours: selection.selection.validationWindowHours,
    longestGapHours: selection.plan?.analysis?.longestGapHours,
  }
}

/** What the absence of a restore proves: only that there was none since the job list begins, or since the store exists. */
function absentProof(join: Join, store: StoreItem, facts: Facts, { jobsKnown, attested }: RestoreRecord): void {
  if (!jobsKnown || attested.age === undefined) return
  const windowHours = join.policy.assumptions.restoreJobWindowDays * 24
  const { createdAt } = store
  const age = createdAt === undefined ? undefined : ageHours(createdAt, store.scope.clockSeconds)
  if ((age !== undefined && age <= windowHours) || supportOf(store, undefined).awsBackup === false) {
    // The store is younger than the record is long, or of a type that only an attestation could speak for: never restored.
    Object.assign(facts, { proven: false, lastSuccessAgeHours: null, ownProof: false })
  } else facts.lastSuccessAgeHours = { $atLeast: windowHours }
}

/** How the last restore went. A job that is not on record may have gone otherwise. */
function detailFacts(facts: Facts, { fold, jobsKnown, jobAge, attested, ages }: RestoreRecord): void {
  const attestedLast = ages.length > 0 && attested.age === Math.min(...ages) && attested.age !== jobAge
  if (jobsKnown) facts.lastStatus = fold?.lastStatus ?? null
  if (jobsKnown && fold && fold.successAt >= 0) {
    facts.lastDurationHours = fold.successDurationHours
    facts.lastValidation = fold.successValidation
    facts.restoredPointAgeHours = fold.successPointAgeHours
  }
  if (attestedLast && attested.durationHours !== undefined) facts.lastDurationHours = attested.durationHours
  if (facts.proven === false)
    Object.assign(facts, { lastDurationHours: null, lastValidation: null, restoredPointAgeHours: null })
}

/** Whether another store of the same selection has a restore on record. */
function siblingProof(
  join: Join,
  store: StoreItem,
  matches: readonly TestingMatch[],
  { fold }: RestoreRecord,
): boolean | undefined {
  const own = fold && fold.successAt >= 0 ? 1 : 0
  if (matches.some(({ selection }) => selection.provenStores > own)) return true
  if (store.testingUnknown || matches.some(({ selection }) => selection.matchedUnknown)) return undefined
  const known = ['restore-testing', 'restore-jobs', selectableInventory].every(group =>
    isCompleteFor(join, store, group),
  )
  return known ? false : undefined
}

/** Whether a restore job of the store succeeded. */
export function isRestored(join: Join, store: StoreItem): boolean {
  return (restoreJobsOf(join, store)?.successAt ?? -1) >= 0
}

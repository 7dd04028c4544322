/** Restore tests: planned by restore testing selections, proven by jobs, recovery points and attestations. */
import type { Facts, FactValue } from '../model/facts.ts'
import type { Attestation } from '../model/policy.ts'
import { textGlob } from './arn.ts'
import { ageHours, secondsOf } from './clock.ts'
import type { RestoreFold } from './job-folds.ts'
import type { Join, StoreItem, TestingMatch } from './join.ts'
import { isCompleteFor, listOf } from './join.ts'
import type { PointGroup } from './point-groups.ts'
import { supportOf } from './support.ts'

/** Attestations of a kind for a store, newest first; expired ones are left out. */
export function attestationsOf(join: Join, store: StoreItem, kind: Attestation['kind']): Attestation[] {
  const name = store.arn ?? store.address ?? store.id
  return join.policy.attestations
    .filter(attestation => attestation.kind === kind && textGlob(attestation.resource, name))
    .filter(
      attestation => join.nowSeconds === undefined || (secondsOf(attestation.expires) ?? 0) + 86_400 > join.nowSeconds,
    )
    .sort((a, b) => (a.date > b.date ? -1 : a.date < b.date ? 1 : 0))
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
  if (newest && (!date || newest.date >= date))
    return { age: hoursSinceDate(join, newest.date), durationHours: newest.durationHours }
  if (date) return { age: hoursSinceDate(join, date) }
  return { age: store.tags === undefined ? undefined : null }
}

/** Restores of the instance that a volume is attached to: its image brings the volume back. */
function restoredThrough(join: Join, store: StoreItem): RestoreFold | null {
  if (store.type !== 'AWS::EC2::Volume') return null
  for (const arn of store.through ?? []) {
    const fold = join.entries.get(arn)?.restore
    if (fold) return fold
  }
  return null
}

/** `restores` facts of a store. */
export function restoreFacts(join: Join, store: StoreItem, groups: readonly PointGroup[]): Facts {
  const planComplete = isCompleteFor(join, store, 'restore-testing')
  const matches = store.testing ?? []
  const clock = store.scope.clockSeconds
  const fold = store.entry?.restore ?? restoredThrough(join, store)
  const attested = attestedAge(join, store)
  const facts: Facts = {
    planned: matches.length > 0 ? true : planComplete && !store.testingUnknown ? false : undefined,
    plans: listOf(matches.map(planFact) as FactValue[], planComplete && !store.testingUnknown) as FactValue,
    attestedAgeHours: attested.age,
  }
  const jobAge = fold && fold.successAt >= 0 ? ageHours(fold.successAt, clock) : undefined
  const pointRestore = Math.max(-1, ...groups.map(group => group.lastRestoreAt))
  const pointAge = pointRestore >= 0 ? ageHours(pointRestore, clock) : undefined
  const known = [jobAge, pointAge, attested.age].filter((age): age is number => typeof age === 'number')
  if (known.length > 0) {
    facts.lastSuccessAgeHours = Math.min(...known)
    facts.proven = true
    facts.ownProof = true
  } else if (fold === null || fold.successAt < 0) {
    absentProof(join, store, facts, clock, attested.age)
  } else facts.proven = true
  detailFacts(join, store, facts, fold, jobAge, attested, known)
  facts.siblingProof = siblingProof(join, store, matches)
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
function absentProof(
  join: Join,
  store: StoreItem,
  facts: Facts,
  clock: number | undefined,
  attested: number | null | undefined,
): void {
  const jobsKnown = isCompleteFor(join, store, 'restore-jobs')
  if (!jobsKnown || attested === undefined) return
  const windowHours = join.policy.assumptions.restoreJobWindowDays * 24
  const created = store.times?.ageHours
  const age = created === undefined ? undefined : ageHours(Math.floor(created / 1000), clock)
  if (
    (age !== undefined && age <= windowHours) ||
    (attested === null && supportOf(store, undefined).awsBackup === false)
  ) {
    // The store is younger than the record is long, or of a type that only an attestation could speak for: never restored.
    Object.assign(facts, { proven: false, lastSuccessAgeHours: null, ownProof: false })
  } else facts.lastSuccessAgeHours = { $atLeast: windowHours }
}

function detailFacts(
  join: Join,
  store: StoreItem,
  facts: Facts,
  fold: StoreItem['entry'] extends infer _ ? NonNullable<StoreItem['entry']>['restore'] : never,
  jobAge: number | undefined,
  attested: { age: number | null | undefined; durationHours?: number },
  known: number[],
): void {
  const jobsKnown = isCompleteFor(join, store, 'restore-jobs')
  if (fold && fold.lastAt >= 0) facts.lastStatus = fold.lastStatus
  else if (jobsKnown) facts.lastStatus = null
  if (fold && fold.successAt >= 0) {
    facts.lastDurationHours = fold.successDurationHours
    facts.lastValidation = fold.successValidation
    facts.restoredPointAgeHours = fold.successPointAgeHours
    if (
      jobAge !== undefined &&
      attested.durationHours !== undefined &&
      attested.age === Math.min(...known) &&
      attested.age !== jobAge
    )
      facts.lastDurationHours = attested.durationHours
  } else if (known.length > 0) {
    if (typeof attested.age === 'number' && attested.age === Math.min(...known))
      facts.lastDurationHours = attested.durationHours
  } else if (facts.proven === false)
    Object.assign(facts, { lastDurationHours: null, lastValidation: null, restoredPointAgeHours: null })
}

/** Whether another store of the same selection has a restore on record. */
function siblingProof(join: Join, store: StoreItem, matches: readonly TestingMatch[]): boolean | undefined {
  const own = store.arn
  let unknown =
    store.testingUnknown ||
    !['restore-testing', 'restore-jobs', 'inventory'].every(group => isCompleteFor(join, store, group))
  for (const { selection } of matches) {
    const others = selection.provenStores - (store.entry?.restore && store.entry.restore.successAt >= 0 ? 1 : 0)
    if (others > 0 && selection.provenArn !== own) return true
    if (others > 0) return true
    if (selection.matchedUnknown) unknown = true
  }
  return unknown ? undefined : false
}

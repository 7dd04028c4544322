/**
 * Stores that are alike: the same settings, tier, coverage, and tags as far as facts are made of them. An estate repeats a few
 * hundred of them a hundred thousand times, so what is judged by these facts alone is judged once.
 */
import type { Policy } from '../model/policy.ts'
import type { Alike } from '../model/subject.ts'
import type { StoreItem } from './join.ts'
import { isSharedProtection } from './protection.ts'
import { tagKinds } from './tag-kinds.ts'

/**
 * Facts of a store that hang on more than its settings, tier, coverage and the tags that other facts are made of: on its
 * name, its tags as such, its points, its jobs, the clock.
 */
const alwaysVarying = [
  'id',
  'arn',
  'name',
  'tags',
  'sourceType',
  'ageHours',
  'pitr.latestRestorableAgeHours',
  'native.latestRestorableAgeHours',
  'recovery',
  'copies',
  'destroyability',
  'restores',
  'jobs',
]

/** Fact paths that differ between stores that are alike. Attestations and exemptions name stores by ARN. */
function varyingFactsOf(policy: Policy): string[] {
  const byArn = policy.attestations.length > 0 || policy.exemptions.some(exemption => exemption.kind === 'reproducible')
  return byArn ? [...alwaysVarying, 'reproduction', 'runbook'] : alwaysVarying
}

/** Tags that facts are made of, apart from `tags` itself. What tags do for tier and coverage is told by these. */
function tagsOfFacts({ assumptions }: Policy): string[] {
  const { requiredTags, exemptTag, runbookTag, cacheTag, backupTargetTag } = assumptions
  return [...requiredTags, exemptTag, runbookTag, cacheTag, backupTargetTag]
}

type Level = Map<object, unknown>

function below<T extends object>(level: Level, key: object, make: () => T): T {
  let found = level.get(key) as T | undefined
  if (!found) {
    found = make()
    level.set(key, found)
  }
  return found
}

const noTier = {}

/**
 * Gives one object to all stores that are alike. What selections a store without a plan just misses hangs on its name and tags:
 * of such stores the protection varies too.
 */
export function alikeFinder(policy: Policy): (store: StoreItem) => Alike | undefined {
  const kindOf = tagKinds(tagsOfFacts(policy))
  const varyingFacts = varyingFactsOf(policy)
  const covered = (): Alike => ({ varyingFacts })
  const withoutPlan = [...varyingFacts, 'protection']
  const uncovered = (): Alike => ({ varyingFacts: withoutPlan })
  const byScope: Level = new Map()
  const level = (): Level => new Map()
  return store => {
    const kind = kindOf(store.tags)
    if (!kind) return undefined
    // What tells most stores apart comes last: each level above has a map for each of its own.
    const byCoverage = below(byScope, store.scope, level)
    const byTier = below(byCoverage, store.coverage!, level)
    const byTags = below(byTier, store.classification ?? noTier, level)
    const byOwn = below(byTags, kind, level)
    return below(byOwn, store.own, isSharedProtection(store) ? covered : uncovered)
  }
}

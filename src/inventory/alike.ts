/**
 * Stores that are alike: the same settings, tags, tier and coverage. An estate repeats a few hundred of them a hundred
 * thousand times, so what is judged by these facts alone is judged once.
 */
import type { Policy } from '../model/policy.ts'
import type { StoreItem } from './join.ts'
import { isSharedProtection } from './protection.ts'

/** Facts of a store that hang on more than its settings, tags, tier and coverage: on its name, its points, its jobs, the clock. */
const alwaysVarying = [
  'id',
  'arn',
  'name',
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
export function varyingFactsOf(policy: Policy): string[] {
  const byArn = policy.attestations.length > 0 || policy.exemptions.some(exemption => exemption.kind === 'reproducible')
  return byArn ? [...alwaysVarying, 'reproduction', 'runbook'] : alwaysVarying
}

const none = {}
const unknown = {}

type Level = Map<object, unknown>

function below<T extends Level | object>(level: Level, key: object, make: () => T): T {
  let found = level.get(key) as T | undefined
  if (!found) {
    found = make()
    level.set(key, found)
  }
  return found
}

/**
 * Gives one object to all stores that are alike, and none to a store whose protection is its own, nor to one whose tags no
 * other store has: remembering what was judged of it would only take memory.
 */
export function alikeFinder(repeatedTags: ReadonlySet<object>): (store: StoreItem) => object | undefined {
  const byOwn: Level = new Map()
  const level = (): Level => new Map()
  return store => {
    if ((store.tags && !repeatedTags.has(store.tags)) || !isSharedProtection(store)) return undefined
    const byTags = below(byOwn, store.own, level)
    const byTier = below(byTags, store.tags ?? (store.tags === null ? none : unknown), level)
    const byCoverage = below(byTier, store.classification ?? unknown, level)
    return below(byCoverage, store.coverage!, () => ({}))
  }
}

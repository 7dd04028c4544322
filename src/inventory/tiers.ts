/**
 * The tier of what stands for many stores: a plan, a vault, a restore testing plan. It is the strictest of theirs, and the
 * default where no input can know them (DESIGN §10.5). Where a collection was cut short, or a store's tags were not read, a
 * stricter store may be among them: the tier is then not known, and its objectives only as far as every tier agrees that it
 * may be.
 */

import type { Facts, FactValue } from '../model/facts.ts'
import { parseArn } from './arn.ts'
import { objectivesOf, strictestTier } from './classification.ts'
import { selectableInventory } from './completeness.ts'
import type { Header, Join, PlanState, TestingPlanState, VaultState } from './join.ts'
import { mayBeUsedUnseen } from './vault-use.ts'

/** Tier and objectives, as facts. */
export interface TierFacts {
  /** `null`: no tier; absent: not known. */
  tier: string | null | undefined
  objectives: Facts
}

/** Tier of a plan's stores. */
export function planTier(join: Join, state: PlanState): TierFacts {
  return strictest(join, state.tiers, () => isContentOpen(join, state))
}

/** Tier of the stores whose points a vault holds, or shall hold. */
export function vaultTier(join: Join, state: VaultState): TierFacts {
  return strictest(join, state.tiers, () => {
    const cut = (group: string) => join.completeness.isCut(group, state.account, state.region)
    if (state.tierUnknown || cut('recovery-points')) return true
    for (const plan of state.usedByPlans) if (isContentOpen(join, plan)) return true
    return mayBeUsedUnseen(join, state)
  })
}

/** Tier of the stores that a restore testing plan covers. */
export function testingPlanTier(join: Join, state: TestingPlanState): TierFacts {
  return strictest(join, state.tiers, () => isTestedOpen(join, state))
}

/** Whether a plan may select more stores than are known, or a store whose tier is not known, for want of a collection. */
export function isContentOpen(join: Join, { item, account, region, ...state }: PlanState): boolean {
  const cut = (group: string) => join.completeness.isCut(group, account, region)
  if (cut('selections') || cut(selectableInventory)) return true
  return isLive(item) && (state.tierUnknown || state.selections.some(selection => selection.unknownCount > 0))
}

/** The same of a restore testing plan. */
export function isTestedOpen(join: Join, { item, ...state }: TestingPlanState): boolean {
  const cut = (group: string) => join.completeness.isCut(group, item.account, item.region)
  if (cut('restore-testing') || cut(selectableInventory)) return true
  return isLive(item) && (state.tierUnknown || state.selections.some(selection => selection.matchedUnknown))
}

const isLive = (item: Header) => item.scope.scope.source === 'aws'

function strictest({ policy }: Join, tiers: ReadonlySet<string | null>, isOpen: () => boolean): TierFacts {
  const order = Object.keys(policy.tiers)
  const known = strictestTier(tiers.size > 0 ? tiers : [policy.classification.default], policy)
  // Nothing that is not known could be stricter than the strictest.
  if ((known === order[0] && tiers.has(known!)) || !isOpen())
    return { tier: known, objectives: objectivesOf(known, policy) }
  // Without a store that is known, the content may be of any tier.
  const candidates = tiers.size > 0 && known !== null ? order.slice(0, order.indexOf(known) + 1) : [...order, null]
  return { tier: undefined, objectives: agreed(candidates.map(tier => objectivesOf(tier, policy))) }
}

/** What several objectives agree on; of numbers that differ, the bound that the strictest only tightens. */
function agreed(candidates: readonly Facts[]): Facts {
  const [first = {}] = candidates
  const last = candidates.at(-1) ?? first
  const facts: Facts = {}
  for (const name of Object.keys(first)) {
    const values = candidates.map(candidate => candidate[name])
    if (values.every(value => value === values[0])) facts[name] = values[0]
    else if (values.every(value => typeof value === 'number'))
      facts[name] = (
        (first[name] as number) > (last[name] as number)
          ? { $atLeast: Math.min(...values) }
          : { $atMost: Math.max(...values) }
      ) as FactValue
  }
  return facts
}

/** Whether a store that was not read may stand behind an ARN, for want of a collection. */
export function isStoreCut(join: Join, arn: string): boolean {
  const { account, region } = parseArn(arn) ?? {}
  if (account !== undefined && region !== undefined) return join.completeness.isCut('inventory', account, region)
  // A bucket's ARN names neither.
  return [...join.places.values()].some(
    place => place.region !== 'global' && join.completeness.isCut('inventory', place.account, place.region),
  )
}

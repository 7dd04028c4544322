/** What is promised: which mechanisms cover a store, why, and what they promise together. Facts of a data store. */
import type { Facts, FactValue } from '../model/facts.ts'
import type { MechanismKind, Policy } from '../model/policy.ts'
import { longest, smallest } from './bounds.ts'
import { copyActionFacts } from './copy-actions.ts'
import type { Coverage, CoverMatch, Join, PlanState, StoreItem } from './join.ts'
import { listOf } from './join.ts'
import { lifecycleManagerMechanisms, mayBeTargeted } from './lifecycle-manager.ts'
import {
  hasAutomaticPlan,
  type Mechanism,
  nativeMechanisms,
  unknownContinuous,
  unknownNative,
} from './native-mechanisms.ts'
import { nearMissFacts } from './near-misses.ts'
import { type CoveringPlans, endOf, keptDays, promiseOf } from './promises.ts'
import { supportOf } from './support.ts'

/** Facts that were made for a coverage and a store's own facts: stores covered and set up alike share them. */
const sharedProtection = new WeakMap<Coverage, WeakMap<Facts, Facts>>()

/** The `protection` facts of a store. */
export function protectionFacts(join: Join, store: StoreItem): Facts {
  const coverage = store.coverage!
  let shared = sharedProtection.get(coverage)
  if (!shared) sharedProtection.set(coverage, (shared = new WeakMap()))
  const known = shared.get(store.own)
  if (known) return known
  const facts = makeProtectionFacts(join, store)
  if (isSharedProtection(store)) shared.set(store.own, facts)
  return facts
}

/**
 * Whether stores with the same own facts and coverage have the same `protection`. Near misses, which a store without a plan
 * has, are its own; what Data Lifecycle Manager targets hangs on its tags.
 */
export function isSharedProtection(store: StoreItem): boolean {
  if (!store.coverage?.matches.some(match => hasRules(match))) return false
  if (store.type !== 'AWS::EC2::Volume' && store.type !== 'AWS::EC2::Instance') return true
  return store.place !== undefined && store.place.snapshotPolicies.length === 0
}

/** A plan without rules backs nothing up. Of a selection whose plan was not found, nothing is known. */
const hasRules = ({ selection: { plan } }: CoverMatch) =>
  plan === undefined || plan.rules.length > 0 || plan.plan.rulesPartial === true

/** Mechanism kinds that the policy accepts for a store's type. */
export function acceptedMechanisms({ policy }: Join, { type }: StoreItem): ReadonlySet<MechanismKind> {
  let byType = acceptedOf.get(policy)
  if (!byType) acceptedOf.set(policy, (byType = new Map()))
  let accepted = byType.get(type)
  if (!accepted) byType.set(type, (accepted = new Set(mechanismsFor(policy, type))))
  return accepted
}

const acceptedOf = new WeakMap<Policy, Map<string, ReadonlySet<MechanismKind>>>()

function mechanismsFor({ mechanisms }: Policy, type: string): readonly MechanismKind[] {
  const own = Object.hasOwn(mechanisms, type) ? mechanisms[type] : undefined
  return own ?? (Object.hasOwn(mechanisms, '*') ? mechanisms['*'] : undefined) ?? ['aws-backup']
}

/** Everything that may cover a store, and how much of it is known. */
interface Cover {
  accepted: ReadonlySet<MechanismKind>
  /** Plans that cover it, each with one selection of it. */
  plans: Map<PlanState | undefined, CoverMatch>
  mechanisms: Mechanism[]
  /** Every plan that covers it is known. */
  plansKnown: boolean
  /** Every accepted native mechanism is known. */
  nativeKnown: boolean
}

function coverOf(join: Join, store: StoreItem): Cover {
  const coverage = store.coverage!
  const support = supportOf(store, store.place)
  const accepted = acceptedMechanisms(join, store)
  const plans: Cover['plans'] = new Map()
  for (const match of coverage.matches)
    if (hasRules(match) && !plans.has(match.selection.plan)) plans.set(match.selection.plan, match)
  const automaticPlan = plans.size > 0 ? false : hasAutomaticPlan(join, store)
  const plansKnown = (coverage.complete && !coverage.unknown && automaticPlan !== undefined) || !support.awsBackup
  return {
    accepted,
    plans,
    mechanisms: [
      ...[...plans].map(([plan, match]) => planMechanism(join, store, plan, match, accepted)),
      ...nativeMechanisms(join, store, accepted, plans.size > 0),
      ...lifecycleManagerMechanisms(join, store, accepted.has('dlm')),
    ],
    plansKnown,
    nativeKnown: !unknownNative(store, accepted) && !(accepted.has('dlm') && mayBeTargeted(join, store)),
  }
}

function planMechanism(
  join: Join,
  store: StoreItem,
  plan: PlanState | undefined,
  match: CoverMatch,
  accepted: ReadonlySet<MechanismKind>,
): Mechanism {
  const supported = supportOf(store, store.place).continuous
  const promise = promiseOf(join, [plan], supported, store.service)
  return {
    kind: 'aws-backup',
    accepted: accepted.has('aws-backup'),
    name: plan?.name ?? null,
    arn: plan?.item.arn ?? null,
    selection: match.selection.item.value.name ?? match.selection.item.id,
    matchedBy: match.why,
    via: match.via,
    worstCaseLossHours: promise.loss,
    longestGapHours: promise.gap,
    retentionDays: keptDays([plan], supported),
    continuous: promise.continuous,
  }
}

function makeProtectionFacts(join: Join, store: StoreItem): Facts {
  const cover = coverOf(join, store)
  const { mechanisms, plansKnown, nativeKnown, accepted } = cover
  const whole = nativeKnown && (plansKnown || !accepted.has('aws-backup'))
  const good = mechanisms.filter(mechanism => mechanism.accepted)
  const byPlan = mechanisms.some(({ kind }) => kind === 'aws-backup') ? true : plansKnown ? false : undefined
  const covered = good.length > 0 ? true : whole ? false : undefined
  const facts: Facts = {
    covered,
    byPlan,
    mechanisms: listOf(mechanisms as FactValue[], plansKnown && nativeKnown) as FactValue,
    nearMisses: [],
    copyActions: copyActionFacts(join, store, [...cover.plans.keys()], plansKnown),
  }
  if (!byPlan) missesWhenRead(join, store, facts, byPlan)
  if (covered) Object.assign(facts, promiseFacts(join, store, cover, good, whole))
  else if (covered === false) Object.assign(facts, noPromise)
  if (mechanisms.some(({ continuous }) => continuous === true)) facts.continuous = true
  else if (plansKnown && !unknownContinuous(store) && mechanisms.every(({ continuous }) => continuous === false))
    facts.continuous = false
  return facts
}

/** Near misses are what costs most of a store without a plan, and most who ask for its protection do not ask for them. */
function missesWhenRead(join: Join, store: StoreItem, facts: Facts, byPlan: boolean | undefined): void {
  let made: { misses: FactValue | undefined } | undefined
  Object.defineProperty(facts, 'nearMisses', {
    enumerable: true,
    get: () => (made ??= { misses: nearMissFacts(join, store, store.place, byPlan) }).misses,
  })
}

const noPromise: Facts = {
  worstCaseLossHours: null,
  longestGapHours: null,
  endsAt: null,
  retentionDays: 0,
  keepsForever: false,
}

/** What the accepted mechanisms promise together. Where not all are known (`whole`), more of them could only better it. */
function promiseFacts(
  join: Join,
  store: StoreItem,
  { plans, accepted }: Cover,
  good: Mechanism[],
  whole: boolean,
): Facts {
  const covering: CoveringPlans = accepted.has('aws-backup') ? [...plans.keys()] : []
  // Plans that run at other hours close each other's gaps.
  const together =
    covering.length > 1
      ? promiseOf(join, covering, supportOf(store, store.place).continuous, store.service)
      : { loss: null, gap: null }
  const retentionDays = longest(
    good.map(mechanism => mechanism.retentionDays),
    whole,
  )
  const onlyPlans = good.every(({ kind }) => kind === 'aws-backup') && covering.length > 0
  return {
    worstCaseLossHours: smallest([...good.map(mechanism => mechanism.worstCaseLossHours), together.loss], whole),
    longestGapHours: smallest([...good.map(mechanism => mechanism.longestGapHours), together.gap], whole),
    endsAt: onlyPlans ? endOf(covering, whole) : null,
    retentionDays,
    keepsForever: retentionDays === null ? true : typeof retentionDays === 'number' ? false : undefined,
  }
}

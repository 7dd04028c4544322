/**
 * What is promised: which mechanisms cover a store, why, and what they promise (aws-apis §5). Coverage is worked out once
 * per store and shared between stores that are covered alike; the facts made of it are shared too.
 */
import type { Facts, FactValue } from '../model/facts.ts'
import type { MechanismKind } from '../model/policy.ts'
import { parseArn } from './arn.ts'
import { isoTime } from './clock.ts'
import type { Coverage, CoverMatch, Join, Place, RuleState, SelectionState, StoreItem, VaultState } from './join.ts'
import { isCompleteFor, isDeclared, listOf } from './join.ts'
import { analyseSchedule, mergedGaps, parseSchedule } from './schedule.ts'
import type { NearMiss, SelectableStore } from './selection.ts'
import { matchSelection } from './selection.ts'
import { supportOf } from './support.ts'
import { lockStrength, vaultByArn } from './vaults.ts'

/** Loss in hours that continuous backup leaves: AWS cites about 5 minutes for databases and 15 for S3 (Well-Architected REL09-BP03). */
function continuousLossHours(service: string | null): number {
  return service === 'S3' || service === 'SAP HANA on Amazon EC2' ? 0.25 : 0.083
}

/** Services whose own automatic backups allow restore to any second of their window. */
const continuousNatively = new Set([
  'AWS::RDS::DBInstance',
  'AWS::RDS::DBCluster',
  'AWS::DocDB::DBCluster',
  'AWS::Neptune::DBCluster',
])

/** The opt-in of a store's service: what the Region's settings say, else the assumption where no input can know it (DESIGN §8). */
export function optInOf(join: Join, store: StoreItem, place: Place | undefined): boolean | undefined {
  if (store.service === null) return undefined
  const optIn = place?.settings?.optIn
  if (optIn) return Object.hasOwn(optIn, store.service) ? optIn[store.service] : undefined
  if (join.completeness.gapFor('region-settings', store.account, store.region)) return undefined
  if (store.scope.scope.source === 'aws') return undefined
  return join.policy.assumptions.optInUnstated === 'on' ? true : undefined
}

function selectable(store: StoreItem, arn: string | undefined): SelectableStore {
  return {
    arn,
    otherArns: store.otherArns ?? [],
    type: store.type,
    service: store.service,
    tags: store.tags,
    account: store.account,
    region: store.region,
    name: store.name,
  }
}

/**
 * Which selections cover a store, itself or through its instance or stack. Where no selection of the place names ARNs, the
 * answer hangs on type and tags alone, and stores that are tagged alike share it.
 */
export function coverageOf(join: Join, store: StoreItem, shared: Map<string, Coverage>): Coverage {
  const { place } = store
  if (!place?.selectsByTags || store.through || store.arn === undefined) return findCoverage(join, store, shared)
  const key = store.tags ?? (store.tags === null ? noTags : unknownTags)
  let byType = place.coverageByTags.get(key)
  if (!byType) place.coverageByTags.set(key, (byType = new Map()))
  let coverage = byType.get(store.definition)
  if (!coverage || typeof store.definition.service === 'function') byType.set(store.definition, (coverage = findCoverage(join, store, shared)))
  return coverage
}

const noTags = {}
const unknownTags = {}

/** True where a selection asks for no ARN in particular. */
export function selectsByTags({ compiled }: SelectionState): boolean {
  const asksForAny = (patterns: typeof compiled.resources) => !patterns || (patterns.exact.size === 0 && patterns.globs.every(({ pattern }) => /^\*+$/.test(pattern)))
  return asksForAny(compiled.resources) && asksForAny(compiled.notResources)
}

/** Works out which selections cover a store. */
function findCoverage(join: Join, store: StoreItem, shared: Map<string, Coverage>): Coverage {
  const place = store.place
  const matches: CoverMatch[] = []
  const maybe = new Set<SelectionState>()
  let key = ''
  const supported = supportOf(store, place).awsBackup
  if (place && supported) {
    const options = {
      optIn: optInOf(join, store, place),
      stringNotEqualsOnMissingTag: join.policy.assumptions.stringNotEqualsOnMissingTag,
    }
    const subject = selectable(store, store.arn)
    const add = (selection: SelectionState, index: number, why: string, via: string | null) => {
      matches.push({ selection, why, via })
      key += `${index}|${why}|${via ?? ''}\n`
    }
    for (let i = 0; i < place.selections.length; i++) {
      const selection = place.selections[i]!
      const match = matchSelection(selection.compiled, subject, options)
      if (match.matched === true) add(selection, i, match.why ?? '', null)
      else if (match.matched === undefined) maybe.add(selection)
    }
    for (const arn of store.through ?? []) coverThrough(join, place, arn, add, maybe)
    place.selections.forEach((selection, i) => {
      if (maybe.has(selection)) key += `${i}?\n`
    })
  }
  const unknown = maybe.size > 0
  const complete = isCompleteFor(join, store, 'plans') && isCompleteFor(join, store, 'selections')
  key = `${place?.key ?? ''}|${unknown}|${complete}|${key}`
  let coverage = shared.get(key)
  if (!coverage) {
    coverage = { matches, unknown, maybe, complete }
    shared.set(key, coverage)
  }
  return coverage
}

/** Selections that select an instance or a stack in the store's place, or may. */
function coverThrough(
  join: Join,
  place: Place,
  arn: string,
  add: (selection: SelectionState, index: number, why: string, via: string) => void,
  maybe: Set<SelectionState>,
): void {
  const parent = join.entries.get(arn)?.store
  if (parent) {
    const options = {
      optIn: optInOf(join, parent, place),
      stringNotEqualsOnMissingTag: join.policy.assumptions.stringNotEqualsOnMissingTag,
    }
    const subject = selectable(parent, arn)
    place.selections.forEach((selection, i) => {
      const match = matchSelection(selection.compiled, subject, options)
      if (match.matched === true) add(selection, i, match.why ?? '', arn)
      else if (match.matched === undefined) maybe.add(selection)
    })
    return
  }
  // The parent itself was not read: only a selection that names it covers it for certain.
  place.selections.forEach((selection, i) => {
    if (
      selection.selection.resources?.includes(arn) &&
      selection.selection.notResources?.length === 0 &&
      selection.compiled.unconditional
    )
      add(selection, i, `Resources entry ${arn}`, arn)
  })
  if (parseArn(arn)?.service !== 'ec2' || join.completeness.isComplete('inventory', place.account, place.region)) return
  for (const selection of place.selections) maybe.add(selection)
}

interface Mechanism extends Record<string, FactValue | undefined> {
  kind: MechanismKind
  accepted: boolean
  worstCaseLossHours?: number | null
  longestGapHours?: number | null
  retentionDays?: number | null
  continuous?: boolean
}

/** Mechanisms that the policy accepts for a type. */
function acceptedKinds(join: Join, type: string): ReadonlySet<MechanismKind> {
  const { mechanisms } = join.policy
  const own = Object.hasOwn(mechanisms, type)
    ? mechanisms[type]
    : Object.hasOwn(mechanisms, '*')
      ? mechanisms['*']
      : undefined
  return new Set(own ?? ['aws-backup'])
}

/** Days a backup rule keeps its points for this store: continuous rules at most 35 (aws-apis §3.2). */
const maxRetention = (values: (number | null | undefined)[]): number | null | undefined => {
  if (values.includes(null)) return null
  const known = values.filter((value): value is number => value !== undefined)
  return known.length < values.length || known.length === 0 ? undefined : Math.max(...known)
}

/** Worst-case loss and gap that the rules of one plan promise a store together. */
function planPromise(
  join: Join,
  rules: readonly RuleState[],
  continuousType: boolean | undefined,
  service: string | null,
): { loss: number | null | undefined; gap: number | null | undefined; continuous: boolean | undefined } {
  if (rules.some(state => state.rule.continuous === true) && continuousType === true)
    return { loss: continuousLossHours(service), gap: 0, continuous: true }
  const continuous = rules.some(state => state.rule.continuous !== false && continuousType !== false)
    ? rules.some(s => s.rule.continuous === true) || rules.some(s => s.rule.continuous === undefined)
      ? undefined
      : false
    : false
  const live = rules.filter(state => typeof state.analysis?.longestGapHours === 'number')
  const losses = rules.map(state => state.worstCaseLossHours)
  const best = losses.filter((loss): loss is number => typeof loss === 'number')
  let gap: number | null | undefined =
    live.length === 0 ? null : Math.min(...live.map(state => state.analysis!.longestGapHours!))
  if (live.length > 1) {
    const merged = mergedGaps(live.map(state => ({ schedule: state.analysis!.schedule, timezone: state.timezone })))
    if (typeof merged === 'number' && merged < gap!) {
      gap = merged
      best.push(
        merged +
          Math.max(...live.map(state => state.startWindowMinutes)) / 60 +
          join.policy.assumptions.jobMinutes / 60,
      )
    }
  }
  if (best.length > 0) return { loss: round(Math.min(...best)), gap, continuous }
  return {
    loss: losses.includes(undefined) ? undefined : null,
    gap: losses.includes(undefined) ? undefined : gap,
    continuous,
  }
}

const round = (hours: number) => Math.round(hours * 100) / 100

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
  if (!store.coverage?.matches.some(({ selection: { plan } }) => plan === undefined || plan.rules.length > 0)) return false
  if (store.type !== 'AWS::EC2::Volume' && store.type !== 'AWS::EC2::Instance') return true
  return store.place !== undefined && store.place.snapshotPolicies.length === 0
}

function makeProtectionFacts(join: Join, store: StoreItem): Facts {
  const coverage = store.coverage!
  const place = store.place
  const support = supportOf(store, place)
  const accepted = acceptedKinds(join, store.type)
  const mechanisms: Mechanism[] = []
  const plans = new Map<SelectionState['plan'], CoverMatch>()
  for (const match of coverage.matches) if (!plans.has(match.selection.plan)) plans.set(match.selection.plan, match)
  for (const [plan, match] of plans) {
    // A selection whose plan is not to be found covers the store by a plan of which nothing is known.
    const promise = plan ? planPromise(join, plan.rules, support.continuous, store.service) : undefined
    const retention = plan ? maxRetention(plan.rules.map(state => state.rule.retentionDays)) : undefined
    const hasRules = !plan || plan.rules.length > 0 || plan.plan.rulesPartial === true
    if (!hasRules) continue
    mechanisms.push({
      kind: 'aws-backup',
      accepted: accepted.has('aws-backup'),
      name: plan?.name ?? null,
      arn: plan?.item.arn ?? null,
      selection: match.selection.item.value.name ?? match.selection.item.id,
      matchedBy: match.why,
      via: match.via,
      worstCaseLossHours: promise?.loss,
      longestGapHours: promise?.gap,
      retentionDays: retention,
      continuous: promise?.continuous,
    })
  }
  addNative(join, store, accepted, mechanisms, place)
  const complete = coverage.complete && !coverage.unknown
  const good = mechanisms.filter(mechanism => mechanism.accepted)
  const nativeUnknown = unknownNative(store, accepted) || (accepted.has('dlm') && dlmUnknown(join, store))
  const byPlan = mechanisms.some(m => m.kind === 'aws-backup')
    ? true
    : complete || !support.awsBackup
      ? false
      : undefined
  const backupOpen = accepted.has('aws-backup') && support.awsBackup && !complete
  const covered = good.length > 0 ? true : backupOpen || nativeUnknown ? undefined : false
  const whole = complete || !support.awsBackup
  const facts: Facts = {
    covered,
    byPlan,
    mechanisms: listOf(mechanisms as FactValue[], whole && !nativeUnknown) as FactValue,
    nearMisses: nearMissFacts(join, store, place, byPlan),
    copyActions: copyActionFacts(join, store, plans, whole, support) as FactValue,
  }
  const together =
    plans.size > 1 && accepted.has('aws-backup')
      ? planPromise(
          join,
          [...plans.keys()].flatMap(plan => plan?.rules ?? []),
          support.continuous,
          store.service,
        )
      : undefined
  if (good.length > 0)
    promiseFacts(
      facts,
      together
        ? [
            ...good,
            {
              kind: 'aws-backup',
              accepted: true,
              worstCaseLossHours: together.loss,
              longestGapHours: together.gap,
              retentionDays: maxRetention(good.map(m => m.retentionDays)),
            },
          ]
        : good,
      coverage,
      join,
      plans,
      whole && !nativeUnknown,
    )
  else if (covered === false)
    Object.assign(facts, {
      worstCaseLossHours: null,
      longestGapHours: null,
      endsAt: null,
      retentionDays: 0,
      keepsForever: false,
    })
  if (mechanisms.some(m => m.continuous === true)) facts.continuous = true
  else if (whole && !unknownContinuous(store) && mechanisms.every(m => m.continuous === false)) facts.continuous = false
  return facts
}

/** What the accepted mechanisms promise together. More mechanisms could only better it. */
function promiseFacts(
  facts: Facts,
  good: Mechanism[],
  _coverage: Coverage,
  _join: Join,
  plans: Map<SelectionState['plan'], CoverMatch>,
  whole: boolean,
): void {
  const losses = good.map(m => m.worstCaseLossHours)
  const known = losses.filter((loss): loss is number => typeof loss === 'number')
  const sure = whole && !losses.includes(undefined)
  if (known.length > 0) facts.worstCaseLossHours = sure ? Math.min(...known) : { $atMost: Math.min(...known) }
  else if (sure) facts.worstCaseLossHours = null
  const gaps = good.map(m => m.longestGapHours)
  const knownGaps = gaps.filter((gap): gap is number => typeof gap === 'number')
  if (knownGaps.length > 0)
    facts.longestGapHours =
      whole && !gaps.includes(undefined) ? Math.min(...knownGaps) : { $atMost: Math.min(...knownGaps) }
  else if (whole && !gaps.includes(undefined)) facts.longestGapHours = null
  const retentions = good.map(m => m.retentionDays)
  if (retentions.includes(null)) {
    facts.retentionDays = null
    facts.keepsForever = true
  } else {
    const days = retentions.filter((value): value is number => typeof value === 'number')
    const all = whole && days.length === retentions.length
    if (all) facts.keepsForever = false
    if (days.length > 0) facts.retentionDays = all ? Math.max(...days) : { $atLeast: Math.max(...days) }
  }
  const rules = [...plans.keys()].flatMap(plan => plan?.rules ?? [])
  if (whole) {
    const ends = rules.map(state => state.analysis?.endsAt ?? null)
    facts.endsAt =
      rules.length > 0 && ends.every(end => end !== null) ? (ends as string[]).reduce((a, b) => (a > b ? a : b)) : null
  }
}

/** The service's own mechanisms, as the store's own facts tell them. */
function addNative(
  join: Join,
  store: StoreItem,
  accepted: ReadonlySet<MechanismKind>,
  mechanisms: Mechanism[],
  place: Place | undefined,
): void {
  const native = store.own.native as Facts | undefined
  const pitr = store.own.pitr as Facts | undefined
  const nothing = { name: null, arn: null, selection: null, via: null }
  if (pitr?.enabled === true) {
    mechanisms.push({
      kind: 'native-pitr',
      accepted: accepted.has('native-pitr'),
      ...nothing,
      matchedBy: 'point-in-time recovery is on',
      worstCaseLossHours: 0.083,
      longestGapHours: 0,
      retentionDays: typeof pitr.recoveryPeriodDays === 'number' ? pitr.recoveryPeriodDays : undefined,
      continuous: true,
    })
  }
  if (native?.automatedBackup === true) {
    const continuous = continuousNatively.has(store.type)
    const isEfs = store.type === 'AWS::EFS::FileSystem'
    // A service that tells its own interval is taken at its word; the others back up once a day.
    const gap = typeof native.snapshotIntervalHours === 'number' ? native.snapshotIntervalHours : 24
    // Automatic backup of EFS is an AWS Backup plan that AWS makes (aws/efs/automatic-backup-plan): daily, 35 days.
    const kind: MechanismKind = isEfs ? 'aws-backup' : continuous ? 'native-pitr' : 'native-automated'
    if (!isEfs || !mechanisms.some(m => m.kind === 'aws-backup')) {
      mechanisms.push({
        kind,
        accepted: accepted.has(kind) || (kind === 'native-pitr' && accepted.has('native-automated')),
        ...nothing,
        name: isEfs ? 'aws/efs/automatic-backup-plan' : null,
        matchedBy: isEfs ? 'automatic backup of the file system is on' : 'automatic backups of the service are on',
        worstCaseLossHours: continuous
          ? 0.083
          : round(
              gap +
                (isEfs ? join.policy.assumptions.startWindowMinutes / 60 : 0) +
                join.policy.assumptions.jobMinutes / 60,
            ),
        longestGapHours: continuous ? 0 : gap,
        retentionDays: isEfs
          ? 35
          : typeof native.retentionDays === 'number' || native.retentionDays === null
            ? native.retentionDays
            : undefined,
        continuous,
      })
    }
  }
  const replication = store.own.replication as Facts | undefined
  const destinations = replication?.destinations
  if (Array.isArray(destinations) && destinations.some(d => (d as Facts).enabled === true))
    mechanisms.push({
      kind: 'replication',
      accepted: accepted.has('replication'),
      ...nothing,
      matchedBy: 'replication is on',
      worstCaseLossHours: undefined,
      longestGapHours: undefined,
      retentionDays: undefined,
      continuous: false,
    })
  if (place) addLifecycleManager(join, store, accepted, mechanisms, place)
}

/** Data Lifecycle Manager policies that target a volume, or its instance, by tag. */
function addLifecycleManager(
  join: Join,
  store: StoreItem,
  accepted: ReadonlySet<MechanismKind>,
  mechanisms: Mechanism[],
  place: Place,
): void {
  if (store.type !== 'AWS::EC2::Volume' && store.type !== 'AWS::EC2::Instance') return
  for (const item of place.snapshotPolicies) {
    const policy = item.value
    if (policy.state !== 'ENABLED' || policy.policyType === 'EVENT_BASED_POLICY') continue
    const target = targetedBy(join, store, policy)
    if (!target) continue
    const gaps = (policy.schedules ?? []).map(schedule => scheduleGapHours(schedule.cron, schedule.intervalHours))
    const known = gaps.filter((gap): gap is number => typeof gap === 'number')
    const gap = known.length > 0 ? Math.min(...known) : undefined
    const retention = maxRetention(
      (policy.schedules ?? []).map(schedule => retentionOf(schedule.retentionDays, schedule.retainCount, gap)),
    )
    mechanisms.push({
      kind: 'dlm',
      accepted: accepted.has('dlm'),
      name: item.id,
      arn: item.arn ?? null,
      selection: null,
      matchedBy: target,
      via: null,
      worstCaseLossHours: gap === undefined ? undefined : round(gap + 1 + join.policy.assumptions.jobMinutes / 60),
      longestGapHours: gap,
      retentionDays: retention,
      continuous: false,
    })
  }
}

/** Days that a count of snapshots reaches back at a given interval, or the stated days. */
export function retentionOf(
  days: number | null | undefined,
  count: number | null | undefined,
  gapHours: number | null | undefined,
): number | null | undefined {
  if (days !== undefined && days !== null) return days
  if (count !== undefined && count !== null && typeof gapHours === 'number') return Math.floor((count * gapHours) / 24)
  return days === null && count === null ? null : undefined
}

/** Longest gap of a DLM schedule in hours; `undefined` where it cannot be told. */
export function scheduleGapHours(
  cron: string | undefined,
  intervalHours: number | undefined,
): number | null | undefined {
  if (intervalHours !== undefined) return intervalHours
  if (cron === undefined) return undefined
  const parsed = parseSchedule(cron)
  return parsed.ok ? analyseSchedule(parsed.schedule, null).longestGapHours : undefined
}

/** Why a DLM policy targets a store; `undefined` where it does not, or that is not known. */
export function targetedBy(
  join: Join,
  store: StoreItem,
  policy: {
    resourceTypes?: string[]
    targetTags?: { key: string; value: string }[]
    defaultPolicy?: 'VOLUME' | 'INSTANCE' | null
  },
): string | undefined {
  const isVolume = store.type === 'AWS::EC2::Volume'
  const wanted = isVolume ? 'VOLUME' : 'INSTANCE'
  if (policy.defaultPolicy === wanted) return `default policy for every ${wanted.toLowerCase()}`
  const tagged = (tags: StoreItem['tags']) =>
    policy.targetTags?.find(tag => tags && Object.hasOwn(tags, tag.key) && tags[tag.key] === tag.value)
  if (policy.resourceTypes?.includes(wanted)) {
    const tag = tagged(store.tags)
    if (tag) return `target tag ${tag.key}=${tag.value}`
  }
  if (isVolume && policy.resourceTypes?.includes('INSTANCE')) {
    for (const arn of store.through ?? []) {
      const tag = tagged(join.entries.get(arn)?.store?.tags)
      if (tag) return `target tag ${tag.key}=${tag.value} of ${arn}`
    }
  }
  return undefined
}

const dlmUnknown = (join: Join, store: StoreItem): boolean =>
  (store.type === 'AWS::EC2::Volume' || store.type === 'AWS::EC2::Instance') &&
  !isCompleteFor(join, store, 'snapshot-policies')

/** Whether an accepted native mechanism might cover the store though its facts do not say. */
function unknownNative(store: StoreItem, accepted: ReadonlySet<MechanismKind>): boolean {
  const native = store.own.native as Facts | undefined
  const pitr = store.own.pitr as Facts | undefined
  if (accepted.has('native-pitr') && pitr !== undefined && pitr.enabled === undefined) return true
  const asksNative =
    accepted.has('native-automated') || (accepted.has('native-pitr') && continuousNatively.has(store.type))
  return asksNative && native !== undefined && native.automatedBackup === undefined
}

/** Whether native point-in-time recovery might be on though the store's facts do not say. */
function unknownContinuous(store: StoreItem): boolean {
  const pitr = store.own.pitr as Facts | undefined
  const native = store.own.native as Facts | undefined
  return (
    (pitr !== undefined && pitr.enabled === undefined) ||
    (continuousNatively.has(store.type) && native?.automatedBackup === undefined)
  )
}

function copyActionFacts(
  join: Join,
  store: StoreItem,
  plans: Map<SelectionState['plan'], CoverMatch>,
  whole: boolean,
  support: ReturnType<typeof supportOf>,
): FactValue {
  const actions: FactValue[] = []
  let rulesKnown = true
  for (const plan of plans.keys()) {
    if (!plan) {
      rulesKnown = false
      continue
    }
    if (plan.plan.rulesPartial) rulesKnown = false
    for (const state of plan.rules) {
      const { rule } = state
      if (!rule.copyActions) rulesKnown = false
      for (const copy of rule.copyActions ?? []) {
        const vault = copy.destinationVaultArn === undefined ? undefined : vaultByArn(join, copy.destinationVaultArn)
        actions.push(
          copyActionFact(
            join,
            store,
            plan.name,
            state.name,
            copy.destinationVaultArn,
            copy.retentionDays,
            vault,
            support,
          ),
        )
      }
      if (rule.targetAirGappedVaultArn)
        actions.push(
          copyActionFact(
            join,
            store,
            plan.name,
            state.name,
            rule.targetAirGappedVaultArn,
            rule.retentionDays,
            vaultByArn(join, rule.targetAirGappedVaultArn),
            support,
            true,
          ),
        )
    }
  }
  return listOf(actions, whole && rulesKnown) as FactValue
}

function copyActionFact(
  join: Join,
  store: StoreItem,
  plan: string,
  rule: string,
  vaultArn: string | undefined,
  retentionDays: number | null | undefined,
  vault: VaultState | undefined,
  support: ReturnType<typeof supportOf>,
  airGapped?: boolean,
): Facts {
  const arn = vaultArn === undefined ? undefined : parseArn(vaultArn)
  const crossRegion = arn?.region !== undefined && store.region !== undefined ? arn.region !== store.region : undefined
  const crossAccount =
    arn?.account !== undefined && store.account !== undefined ? arn.account !== store.account : undefined
  const needs = [
    crossRegion === true ? support.crossRegionCopy : true,
    crossAccount === true ? support.crossAccountCopy : true,
    airGapped ? support.airGapped : true,
  ]
  return {
    plan,
    rule,
    vaultArn,
    region: arn?.region,
    account: arn?.account,
    crossRegion,
    crossAccount,
    airGapped: airGapped ?? (vault?.vault.vaultType === undefined ? undefined : vault.vault.vaultType === 'airGapped'),
    lockStrength: airGapped ? 3 : vault ? lockStrength(join, vault) : undefined,
    retentionDays,
    supported: needs.includes(false) ? false : needs.includes(undefined) ? undefined : true,
  }
}

/** Near misses of a store that no plan covers: the slips first. `[]` where a plan covers it, absent where that is not known. */
function nearMissFacts(
  join: Join,
  store: StoreItem,
  place: Place | undefined,
  byPlan: boolean | undefined,
): FactValue | undefined {
  if (byPlan === true) return []
  if (store.arn === undefined || store.service === null) return byPlan === false ? [] : undefined
  const found: { miss: NearMiss; selection: SelectionState }[] = []
  let unknown = false
  const options = {
    optIn: optInOf(join, store, place),
    stringNotEqualsOnMissingTag: join.policy.assumptions.stringNotEqualsOnMissingTag,
  }
  const subject = selectable(store, store.arn)
  for (const selection of place?.selections ?? []) {
    const match = matchSelection(selection.compiled, subject, options)
    if (match.matched === undefined) unknown = true
    else if (match.matched === false && match.nearMiss) found.push({ miss: match.nearMiss, selection })
  }
  for (const other of join.places.values()) {
    if (other === place || other.account !== store.account || other.region === 'global') continue
    if (join.completeness.isCut('selections', other.account, other.region)) unknown = true
    for (const selection of other.selections) {
      const match = matchSelection(selection.compiled, { ...subject, region: other.region }, options)
      if (match.matched === undefined && !selectsEverything(selection)) unknown = true
      // A selection of everything in another Region was not meant for this store.
      if (match.matched === true && !selectsEverything(selection))
        found.push({
          miss: {
            reason: 'otherRegion',
            byAHair: true,
            detail: `the plan is in ${other.region}, the store in ${store.region}`,
          },
          selection,
        })
    }
  }
  found.sort(
    (a, b) => rankOf(b.miss) - rankOf(a.miss) || compare(missName(a.selection), missName(b.selection)),
  )
  const misses = found.slice(0, 3).map(({ miss, selection }) => ({
    selection: selection.item.value.name ?? selection.item.id,
    plan: selection.plan?.name ?? selection.item.value.planId ?? '',
    planArn: selection.plan?.item.arn ?? null,
    reason: miss.reason,
    byAHair: miss.byAHair,
    detail: miss.detail,
  }))
  return listOf(misses as FactValue[], byPlan === false && !unknown) as FactValue
}

const rankOf = ({ byAHair }: NearMiss) => (byAHair === undefined ? 1 : byAHair ? 2 : 0)

/** No ARN, tag or condition of the selection tells stores apart. */
function selectsEverything({ compiled }: SelectionState): boolean {
  const { resources, tags, unconditional } = compiled
  const anyArn = resources !== undefined && (resources.everything || (resources.isEmpty && tags?.isEmpty === true))
  return unconditional && anyArn
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
const missName = (selection: SelectionState) =>
  `${selection.plan?.name ?? ''}/${selection.item.value.name ?? selection.item.id}`

/** When a schedule with a Year field ends, as text. */
export function endsAtText(seconds: number | null): string | null {
  return seconds === null ? null : isoTime(seconds)
}

/** True where nothing but a template stands behind the store. */
export function isDeclaredStore(store: StoreItem): boolean {
  return isDeclared(store)
}

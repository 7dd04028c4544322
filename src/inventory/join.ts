/** The state of the join: what was read, indexed so that each fact is one look-up away. Built once, then only read. */
import type {
  BackupPlan,
  BackupRule,
  BackupSelection,
  BackupVault,
  RestoreTestingPlan,
  RestoreTestingSelection,
} from '../model/backup.ts'
import type { TierUse } from '../model/beyond.ts'
import type { Facts } from '../model/facts.ts'
import type { KmsKey, RegionSettings } from '../model/guards.ts'
import type { Policy } from '../model/policy.ts'
import type { ResourceRecord } from '../model/record.ts'
import type { EvidenceKind, EvidenceKinds, StoreDefinition } from '../resources/definition.ts'
import type { Classification } from './classification.ts'
import type { Completeness, ScopeState } from './completeness.ts'
import type { FactLocator } from './fact-places.ts'
import type { JobFold, RestoreFold } from './job-folds.ts'
import type { PointGroup, VaultName } from './point-groups.ts'
import type { ScheduleAnalysis } from './schedule.ts'
import type { CompiledSelection, CompiledTesting } from './selection.ts'
import type { SnapshotGroup } from './snapshot-groups.ts'
import type { TagKinds } from './tag-kinds.ts'

/** What only a template's record has. */
export interface Declared
  extends Pick<
    ResourceRecord,
    'positions' | 'related' | 'constructPath' | 'moduleCalls' | 'exemptions' | 'mayNotExist'
  > {
  locator: FactLocator
}

/** What every record keeps of itself. Strings are shared between records wherever they are equal. */
export interface Header {
  type: string
  sourceType: string
  id: string
  arn: string | undefined
  account: string | undefined
  region: string | undefined
  name: string | undefined
  tags: Readonly<Record<string, string>> | null | undefined
  scope: ScopeState
  seenAt: string | undefined
  file: string | undefined
  line: number
  address: string | undefined
  deleted: boolean
  declared?: Declared | undefined
}

/** Whether a resource is there wherever another is: it is made for certain, or hangs on nothing else than the other does. */
export function isThereWith(item: Header, other: Header): boolean {
  const conditions = item.declared?.mayNotExist
  if (!conditions) return true
  if (item.scope !== other.scope) return false
  return conditions.every(condition => other.declared?.mayNotExist?.includes(condition))
}

/** A record that is evidence, or a subject other than a data store. */
export interface EvidenceItem<K extends EvidenceKind = EvidenceKind> extends Header {
  role: K
  value: EvidenceKinds[K]
}

/** Stands for the ARNs that cover a store too, where they are not known. Told by identity. */
export const unknownThrough: readonly string[] = []

/** A data store: its own facts, and what the join found for it. Held by the hundred thousand: every field counts. */
export class StoreItem implements Header {
  /** Set by the join. */
  classification: Classification | undefined = undefined
  coverage: Coverage | undefined = undefined
  testing: readonly TestingMatch[] | undefined = undefined
  testingUnknown = false
  entry: SourceEntry | undefined = undefined
  place: Place | undefined = undefined
  declared: Declared | undefined = undefined
  declare sourceType: string
  constructor(
    readonly definition: StoreDefinition,
    /** What AWS Backup calls it; `null` = not supported, `undefined` = not known. */
    readonly service: string | null | undefined,
    readonly own: Facts,
    /** Instants that its item states, epoch seconds: its creation, and what its own backups can restore up to. */
    readonly createdAt: number | undefined,
    readonly pitrRestorableAt: number | undefined,
    readonly nativeRestorableAt: number | undefined,
    readonly through: readonly string[] | null,
    readonly otherArns: readonly string[] | null,
    readonly type: string,
    sourceType: string,
    readonly id: string,
    readonly arn: string | undefined,
    readonly account: string | undefined,
    readonly region: string | undefined,
    readonly name: string | undefined,
    readonly tags: Readonly<Record<string, string>> | null | undefined,
    readonly scope: ScopeState,
    readonly seenAt: string | undefined,
    readonly file: string | undefined,
    readonly line: number,
    readonly address: string | undefined,
    readonly deleted: boolean,
  ) {
    this.sourceType = sourceType
  }
}

/** Everything that names one source ARN: its store, its recovery points, its jobs. */
export interface SourceEntry {
  arn: string
  store: StoreItem | null
  groups: PointGroup | null
  backupJobs: JobFold | null
  copyJobs: JobFold | null
  restore: RestoreFold | null
  /** What was named after it the last time; told by the order of the records alone, and only to find it faster. */
  following: SourceEntry | null
}

/** A backup rule with its schedule worked out. */
export interface RuleState {
  rule: BackupRule
  name: string
  schedule: string
  timezone: string | null
  analysis: ScheduleAnalysis | undefined
  problem: string | undefined
  /** Longest elapsed time between two runs; `null` = there is no next run, `undefined` = not known. */
  longestGapHours: number | null | undefined
  /** The policy's assumption where the rule states none; the rule tells where it is not known. */
  startWindowMinutes: number
  /** Longest gap + start window + job time; `null` = no bound, `undefined` = not known. */
  worstCaseLossHours: number | null | undefined
}

/** A backup plan with its rules and selections. */
export interface PlanState {
  item: EvidenceItem<'backup-plan'>
  place: Place
  plan: BackupPlan
  account: string | undefined
  region: string | undefined
  name: string
  rules: RuleState[]
  selections: SelectionState[]
  storeCount: number
  tiers: Set<string | null>
  tierUnknown: boolean
  coldCapable: boolean
  /** A store of it has features that are not known. */
  supportUnknown: boolean
  /** Stores it selects of which encryption with the vault's key is not sure; by service. */
  inheritingServices: Set<string>
}

/** A backup selection, ready to be matched. */
export interface SelectionState {
  item: EvidenceItem<'backup-selection'>
  selection: BackupSelection
  compiled: CompiledSelection
  plan: PlanState | undefined
  matchedCount: number
  unknownCount: number
}

/** One selection that covers a store, and why. */
export interface CoverMatch {
  selection: SelectionState
  why: string
  /** ARN of what is selected in the store's place. */
  via: string | null
}

/** Which selections cover a store. Shared between stores that are covered alike. */
export interface Coverage {
  matches: readonly CoverMatch[]
  /** Some selection may cover it: a part of the selection, the tags or the opt-in are not known. */
  unknown: boolean
  /** The selections that may. */
  maybe: ReadonlySet<SelectionState>
  /** Plans and selections of the place are all known. */
  complete: boolean
}

/** Coverage of stores that no entry of a selection names: it hangs on type and tags alone, and stores that are tagged alike share it. */
export interface UnnamedCoverage {
  /** Whether an entry names the ARN, or may. */
  names(arn: string): boolean
  kindOf: TagKinds
  byKind: Map<object, Map<StoreDefinition, Coverage>>
}

/** A vault with everything that was read of it. */
export interface VaultState {
  item: EvidenceItem<'backup-vault'>
  place: Place
  vault: BackupVault
  arn: string
  name: string
  account: string | undefined
  region: string | undefined
  tiers: Set<string | null>
  /** The tier of a store whose points it holds is not known, or whether it holds points of more stores. */
  tierUnknown: boolean
  /** Names of the rules and copy actions that send points here. */
  usedBy: Set<string>
  usedByPlans: Set<PlanState>
  groups: number
  holdsCopies: boolean
}

/** A restore testing plan with its selections. */
export interface TestingPlanState {
  item: EvidenceItem<'restore-testing-plan'>
  place: Place
  plan: RestoreTestingPlan
  analysis: ScheduleAnalysis | undefined
  selections: TestingSelectionState[]
  tiers: Set<string | null>
  tierUnknown: boolean
  jobs: RestoreFold | null
  /** Longest backup gap among the stores it covers; `null` = one has no bound. */
  testedIntervalHours: number | null | undefined
  /** The gap, or whether the backups are continuous, is not known of a store that it covers. */
  testedUnknown: boolean
  testsContinuousStores: boolean
}

/** A restore testing selection. */
export interface TestingSelectionState {
  item: EvidenceItem<'restore-testing-selection'>
  selection: RestoreTestingSelection
  compiled: CompiledTesting
  plan: TestingPlanState | undefined
  matchedCount: number
  matchedUnknown: boolean
  /** Stores it covers with a successful restore on record. */
  provenStores: number
}

/** One restore testing selection that covers a store, and why. */
export interface TestingMatch {
  selection: TestingSelectionState
  why: string
}

/** One account in one Region. */
export interface Place {
  key: string
  account: string | undefined
  region: string | undefined
  scope: ScopeState | undefined
  plans: PlanState[]
  selections: SelectionState[]
  vaults: Map<string, VaultState>
  settings: RegionSettings | undefined
  testingPlans: TestingPlanState[]
  snapshotPolicies: EvidenceItem<'snapshot-policy'>[]
  eventRules: EvidenceItem<'event-rule'>[]
  alarms: EvidenceItem<'alarm'>[]
  frameworks: EvidenceItem<'framework'>[]
  reportPlans: EvidenceItem<'report-plan'>[]
  /** Stores by AWS Backup's name of their type. */
  serviceCounts: Map<string, number>
  storeCount: number
  volumeCount: number
  /** What restore tests restored and did not delete. */
  leftovers: StoreItem[]
  deletionFailed: number
  /** Some input of the place could have told the service opt-ins; made at its first use. */
  mayStateOptIn: boolean | undefined
  /** Coverage of stores that no selection names; made at its first use. */
  unnamedCoverage: UnnamedCoverage | undefined
  /** Answers of {@link isCompleteFor}, by fact group. */
  complete: Map<string, boolean>
}

/** The whole join. */
export interface Join {
  policy: Policy
  completeness: Completeness
  /** `objectives` facts by tier, made once. */
  objectives: Map<string | null, Facts>
  /** Present time of the host, epoch seconds: decides only whether exemptions and rehearsals have expired. */
  nowSeconds: number | undefined
  places: Map<string, Place>
  entries: Map<string, SourceEntry>
  stores: StoreItem[]
  groups: PointGroup[]
  snapshotGroups: SnapshotGroup[]
  evidence: { [K in EvidenceKind]: EvidenceItem<K>[] }
  keysByName: Map<string, EvidenceItem<'kms-key'>>
  keyUsers: Map<string, string[]>
  vaultNames: Map<string, VaultName>
  vaultsByArn: Map<string, VaultState>
  topics: Map<string, EvidenceItem<'topic'>>
  testingPlanJobs: Map<string, RestoreFold>
  restoreRoles: Set<string>
  /** A backup policy of an organisation is for accounts or Regions that are not known. */
  hasUnplacedPlans: boolean
  /** The tiers of all stores, where those of the join are not all. */
  tierUse: TierUse | undefined
}

/** A key with its facts, or what is known of one that was not read. */
export interface ResolvedKey {
  /** `undefined`: not known. */
  manager: 'customer' | 'aws' | 'awsOwned' | undefined
  key: KmsKey | undefined
  item: EvidenceItem<'kms-key'> | undefined
}

/**
 * What is known of a KMS key by ARN, id or alias. `alias/aws/…` tells its manager by name; any other name needs the key's
 * own record (`kms:DescribeKey`), except in a template, where it counts as customer managed (DESIGN §10.16).
 */
export function resolveKey(
  join: Join,
  name: string,
  account: string | undefined,
  region: string | undefined,
  declared: boolean,
): ResolvedKey {
  if (/(^|[:/])alias\/aws\//.test(name)) return { manager: 'aws', key: undefined, item: undefined }
  const item =
    join.keysByName.get(name) ??
    (name.startsWith('arn:') ? undefined : join.keysByName.get(`${account}|${region}|${name}`))
  if (item) return { manager: item.value.manager, key: item.value, item }
  return { manager: declared ? 'customer' : undefined, key: undefined, item: undefined }
}

/** True where the record was declared in a template rather than read from AWS. */
function isDeclared(header: Header): boolean {
  const { source } = header.scope.scope
  return source === 'cloudformation' || source === 'cdk' || source.startsWith('terraform')
}

/**
 * True where the keys that a record names were chosen by its author. Terraform's state also holds the ARNs of keys that AWS
 * put in (`aws/backup`, `aws/ebs`), which look alike.
 */
export function choosesKeys(header: Header): boolean {
  return isDeclared(header) && header.scope.scope.source !== 'terraform-state'
}

/** Whether a fact group is complete in a store's account and Region: asked a dozen times for each of a million stores. */
export function isCompleteFor(join: Join, store: StoreItem, group: string): boolean {
  const { place } = store
  if (!place) return join.completeness.isComplete(group, store.account, store.region)
  let known = place.complete.get(group)
  if (known === undefined)
    place.complete.set(group, (known = join.completeness.isComplete(group, store.account, store.region)))
  return known
}

/** A number known exactly, or only from below because part of its list is missing. */
export function countOf(count: number, complete: boolean): number | { $atLeast: number } {
  return complete ? count : { $atLeast: count }
}

/** A list known whole, or in part. */
export function listOf<T>(list: T[], complete: boolean): T[] | { $partial: T[] } {
  return complete ? list : { $partial: list }
}

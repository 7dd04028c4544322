/**
 * What is known to be complete. A list is complete for an account and Region when some scope read all of it and no gap
 * cuts it; what is not complete is partial, and nothing may be concluded from an absence in it (DESIGN §2, §8).
 */
import type { GapRecord, ScopeRecord, SourceKind } from '../model/record.ts'
import { byText } from '../model/text-order.ts'
import type { ResourceDefinition } from '../resources/definition.ts'

/** Types whose items feed a fact group: AWS Config closes a group when it records them. */
const typesOfGroup: { [group: string]: readonly string[] } = {
  plans: ['AWS::Backup::BackupPlan'],
  selections: ['AWS::Backup::BackupSelection'],
  // AWS Config records no air-gapped vaults: one that a copy goes to may exist all the same.
  vaults: [],
  'recovery-points': ['AWS::Backup::RecoveryPoint'],
  'restore-testing': [],
  keys: ['AWS::KMS::Key'],
  iam: ['AWS::IAM::Role', 'AWS::IAM::Policy'],
  // AWS Config files a trail in its home Region alone, which may be one that was not read.
  trails: [],
  alerts: ['AWS::Events::Rule', 'AWS::CloudWatch::Alarm'],
}

/** Types of which a snapshot of AWS Config that holds one has them all: what closes a fact group. */
export const closingTypes: ReadonlySet<string> = new Set(Object.values(typesOfGroup).flat())

/** What `--closed-world` declares to be all there is: what is declared, never what happens at run time nor settings. */
export const declaredGroups: ReadonlySet<string> = new Set([
  'plans',
  'selections',
  'vaults',
  'vault-locks',
  'vault-policies',
  'restore-testing',
  'replication',
  'snapshot-policies',
  'alerts',
  'trails',
  'audit',
  'inventory',
  'keys',
  'iam',
])

/**
 * The fact group `inventory`, but for stores that AWS Backup has no support for: what plans, restore tests and policies of Data
 * Lifecycle Manager may select from. Many Regions lack a service whose stores nothing could select anyway.
 */
export const selectableInventory = 'selectable inventory'

/** What scopes and gaps call a fact group. */
export const namedAs = (group: string): string => (group === selectableInventory ? 'inventory' : group)

/** Types of which AWS Backup supports no store, as gaps name them. */
export function unsupportedTypes(definitions: readonly ResourceDefinition[]): ReadonlySet<string> {
  const stores = definitions.filter(definition => definition.role === 'data-store')
  const namesOf = ({ type, names }: ResourceDefinition) => [type, ...names.config]
  const supported = new Set(stores.filter(({ service }) => service !== null).flatMap(namesOf))
  return new Set(stores.flatMap(namesOf).filter(name => !supported.has(name)))
}

/** Sources that say what shall be. */
export const templateSources: ReadonlySet<SourceKind> = new Set([
  'cloudformation',
  'cdk',
  'terraform-plan',
  'terraform-state',
  'terraform-hcl',
])

/** Account and Region as one key; `*` where not known. */
export function placeKey(account: string | undefined, region: string | undefined): string {
  return `${account ?? '*'}|${region ?? '*'}`
}

/** A type as seen in a scope; where the scope names no place, in the item's own: each Region has a recorder of its own. */
export function seenTypeKey(
  scope: ScopeRecord,
  type: string,
  account: string | undefined,
  region: string | undefined,
): string {
  return scope.account === undefined ? `${type}|${placeKey(account, region)}` : type
}

/** What a policy or the command line declares about the inputs. */
export interface Declarations {
  closedWorld: boolean
  configRecords: 'all' | readonly string[] | null
}

/** One scope with what was seen in it. */
export interface ScopeState {
  scope: ScopeRecord
  /** Epoch seconds of `takenAt`, or of `--now`. */
  clockSeconds: number | undefined
  /** Keys of types of which an item was seen; kept for AWS Config snapshots, where it proves that the type is recorded. */
  seenTypes: Set<string>
  /** Account|Region of the items, where the scope itself names none. */
  places: Set<string>
  /** Read to judge others by (`--with`): what is in it is no subject. */
  evidenceOnly?: boolean
}

const byPlace = ({ scope: a }: ScopeState, { scope: b }: ScopeState): number =>
  byText(a.account ?? '', b.account ?? '') || byText(a.region ?? '', b.region ?? '') || byText(a.id, b.id)

function inOrder(gaps: readonly GapRecord[]): GapRecord[] {
  const texts = new Map(gaps.map(gap => [gap, JSON.stringify(gap)]))
  return [...gaps].sort((a, b) => byText(texts.get(a)!, texts.get(b)!))
}

const global = new Set(['iam', 'trails', 'global-settings', 'resilience', 'organization'])

/** Answers whether a list is complete, and if not, why. */
export class Completeness {
  private readonly cache = new Map<string, boolean>()
  private readonly cuts = new Map<string, boolean>()
  private readonly recorded = new Map<string, { all: boolean; types: Set<string>; excluded: Set<string> }>()

  /** In an order that does not hang on that of the inputs: of several reasons the first is told. */
  readonly scopes: readonly ScopeState[]
  private readonly gaps: readonly GapRecord[]
  /** There may be tens of thousands of scopes, and each place asks for those of its account. */
  private readonly byAccount = new Map<string | undefined, ScopeState[]>()

  constructor(
    scopes: readonly ScopeState[],
    gaps: readonly GapRecord[],
    private readonly declarations: Declarations,
    /** Types of {@link unsupportedTypes}. */
    private readonly unsupported: ReadonlySet<string> = new Set(),
  ) {
    this.scopes = [...scopes].sort(byPlace)
    this.gaps = gaps.length < 2 ? gaps : inOrder(gaps)
    for (const state of this.scopes) {
      const { account, region } = state.scope
      // One that names a Region alone covers no place.
      if (account === undefined && region !== undefined) continue
      const known = this.byAccount.get(account)
      if (known) known.push(state)
      else this.byAccount.set(account, [state])
    }
  }

  /** Scopes that may cover a place of an account. */
  private *scopesOf(account: string): Generator<ScopeState> {
    yield* this.byAccount.get(account) ?? []
    yield* this.byAccount.get(undefined) ?? []
  }

  /** Notes what an AWS Config recorder of an account and Region records. */
  addRecorder(
    account: string | undefined,
    region: string | undefined,
    all: boolean,
    types: readonly string[],
    excluded: readonly string[],
  ): void {
    this.recorded.set(placeKey(account, region), { all, types: new Set(types), excluded: new Set(excluded) })
    this.cache.clear()
    this.cuts.clear()
  }

  /** True where every member of the fact group in that account and Region was read. */
  isComplete(group: string, account: string | undefined, region: string | undefined): boolean {
    const key = `${group}|${placeKey(account, region)}`
    let known = this.cache.get(key)
    if (known === undefined) this.cache.set(key, (known = this.compute(group, account, region)))
    return known
  }

  private compute(group: string, account: string | undefined, region: string | undefined): boolean {
    return !this.gapFor(group, account, region) && this.isClaimed(group, account, region)
  }

  /** Whether a scope claims to have read the fact group, gaps apart. */
  private isClaimed(asked: string, account: string | undefined, region: string | undefined): boolean {
    const group = namedAs(asked)
    if (this.declarations.closedWorld && declaredGroups.has(group)) return true
    if (account === undefined || (region === undefined && !global.has(group))) return false
    for (const state of this.scopesOf(account))
      if (this.covers(state, group, account, region) && this.closes(state, group, account, region)) return true
    return false
  }

  private covers(state: ScopeState, group: string, account: string, region: string | undefined): boolean {
    const { scope } = state
    if (scope.account === undefined && scope.region === undefined) return state.places.has(placeKey(account, region))
    return (
      scope.account === account &&
      (global.has(group) || scope.region === region || (scope.region === undefined && scope.closed === true))
    )
  }

  private closes(state: ScopeState, group: string, account: string, region: string | undefined): boolean {
    const { scope } = state
    if (scope.closed && declaredGroups.has(group)) return true
    if (scope.source === 'aws') return scope.factGroups?.includes(group) ?? false
    const types = typesOfGroup[group]
    if (!types || types.length === 0) return false
    // Collected by a query: who collected it says which types it holds whole. Saved results say nothing of it.
    if (scope.source === 'aws-config-query') return types.every(type => scope.types?.includes(type))
    if (scope.source !== 'aws-config-snapshot') return false
    return types.every(type => this.configRecords(state, type, account, region))
  }

  private configRecords(state: ScopeState, type: string, account: string, region: string | undefined): boolean {
    const { configRecords } = this.declarations
    if (configRecords === 'all' || configRecords?.includes(type)) return true
    if (state.seenTypes.has(seenTypeKey(state.scope, type, account, region))) return true
    const recorder = this.recorded.get(placeKey(account, region))
    if (recorder === undefined || recorder.excluded.has(type)) return false
    // «All supported types» leaves global ones out unless the recorder says otherwise, mostly in one Region only.
    return recorder.types.has(type) || (recorder.all && !type.startsWith('AWS::IAM::'))
  }

  /**
   * True where a collection of that account and Region should have read the fact group and did not, or not all of it. False
   * where it is complete, and where no input could know it (templates, AWS Config, accounts that were not read).
   */
  isCut(group: string, account: string | undefined, region: string | undefined): boolean {
    const key = `${group}|${placeKey(account, region)}`
    let known = this.cuts.get(key)
    if (known === undefined) this.cuts.set(key, (known = this.computeCut(group, account, region)))
    return known
  }

  private computeCut(group: string, account: string | undefined, region: string | undefined): boolean {
    return this.gapFor(group, account, region) !== undefined || this.isUnclaimed(group, account, region)
  }

  /** True where a collection of that account and Region does not claim to have read the fact group, gaps apart. */
  isUnclaimed(group: string, account: string | undefined, region: string | undefined): boolean {
    if (account === undefined || this.isClaimed(group, account, region)) return false
    for (const state of this.scopesOf(account))
      if (state.scope.source === 'aws' && this.covers(state, group, account, region)) return true
    return false
  }

  /** The first gap that cuts a fact group, or a type's configuration, in an account and Region. */
  gapFor(asked: string, account: string | undefined, region: string | undefined, type?: string): GapRecord | undefined {
    const group = namedAs(asked)
    return this.gaps.find(gap => {
      // Its own scope claims nothing of it, and what another scope read is whole.
      if (gap.reason === 'notInSource') return false
      if (gap.account !== undefined && account !== undefined && gap.account !== account) return false
      if (gap.region !== undefined && region !== undefined && gap.region !== region && !global.has(group)) return false
      if (!gap.factGroups.includes('*') && !gap.factGroups.includes(group)) return false
      if (gap.types.length === 0) return true
      if (asked !== group && gap.types.every(name => this.unsupported.has(name))) return false
      return type === undefined || gap.types.includes(type)
    })
  }
}

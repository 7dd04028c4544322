/**
 * What is known to be complete. A list is complete for an account and Region when some scope read all of it and no gap
 * cuts it; what is not complete is partial, and nothing may be concluded from an absence in it (DESIGN §2, §8).
 */
import type { GapRecord, ScopeRecord, SourceKind } from '../model/record.ts'
import type { MissingFact } from '../model/report.ts'

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
  trails: ['AWS::CloudTrail::Trail'],
  alerts: ['AWS::Events::Rule', 'AWS::CloudWatch::Alarm'],
}

/** What `--closed-world` declares to be all there is: what is declared, never what happens at run time nor settings. */
const declaredGroups: ReadonlySet<string> = new Set([
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

const templateSources: ReadonlySet<SourceKind> = new Set([
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
  /** Types of which an item was seen; kept for AWS Config snapshots, where it proves that the type is recorded. */
  seenTypes: Set<string>
  /** Account|Region of the items, where the scope itself names none. */
  places: Set<string>
}

const global = new Set(['iam', 'trails', 'global-settings', 'resilience', 'organization'])

/** Answers whether a list is complete, and if not, why. */
export class Completeness {
  private readonly cache = new Map<string, boolean>()
  private readonly recorded = new Map<string, { all: boolean; types: Set<string>; excluded: Set<string> }>()

  constructor(
    private readonly scopes: readonly ScopeState[],
    private readonly gaps: readonly GapRecord[],
    private readonly declarations: Declarations,
  ) {}

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
  }

  /** True where every member of the fact group in that account and Region was read. */
  isComplete(group: string, account: string | undefined, region: string | undefined): boolean {
    const key = `${group}|${placeKey(account, region)}`
    let known = this.cache.get(key)
    if (known === undefined) this.cache.set(key, (known = this.compute(group, account, region)))
    return known
  }

  private compute(group: string, account: string | undefined, region: string | undefined): boolean {
    if (this.gapFor(group, account, region)) return false
    if (this.declarations.closedWorld && declaredGroups.has(group)) return true
    if (account === undefined || (region === undefined && !global.has(group))) return false
    return this.scopes.some(
      state => this.covers(state, group, account, region) && this.closes(state, group, account, region),
    )
  }

  private covers(state: ScopeState, group: string, account: string, region: string | undefined): boolean {
    const { scope } = state
    if (scope.account === undefined && scope.region === undefined) return state.places.has(placeKey(account, region))
    return scope.account === account && (global.has(group) || scope.region === undefined || scope.region === region)
  }

  private closes(state: ScopeState, group: string, account: string, region: string | undefined): boolean {
    const { scope } = state
    if (scope.closed && declaredGroups.has(group)) return true
    if (scope.source === 'aws') return scope.factGroups?.includes(group) ?? false
    if (scope.source !== 'aws-config-snapshot') return false
    const types = typesOfGroup[group]
    if (!types || types.length === 0) return false
    return types.every(type => this.configRecords(state, type, account, region))
  }

  private configRecords(state: ScopeState, type: string, account: string, region: string | undefined): boolean {
    const { configRecords } = this.declarations
    if (configRecords === 'all' || configRecords?.includes(type)) return true
    if (state.seenTypes.has(type)) return true
    const recorder = this.recorded.get(placeKey(account, region))
    return recorder !== undefined && !recorder.excluded.has(type) && (recorder.all || recorder.types.has(type))
  }

  /**
   * True where a collection of that account and Region should have read the fact group and did not, or not all of it. False
   * where it is complete, and where no input could know it (templates, AWS Config, accounts that were not read).
   */
  isCut(group: string, account: string | undefined, region: string | undefined): boolean {
    if (this.gapFor(group, account, region)) return true
    if (account === undefined || this.isComplete(group, account, region)) return false
    return this.scopes.some(state => state.scope.source === 'aws' && this.covers(state, group, account, region))
  }

  /** The first gap that cuts a fact group, or a type's configuration, in an account and Region. */
  gapFor(group: string, account: string | undefined, region: string | undefined, type?: string): GapRecord | undefined {
    return this.gaps.find(gap => {
      if (gap.account !== undefined && account !== undefined && gap.account !== account) return false
      if (gap.region !== undefined && region !== undefined && gap.region !== region && !global.has(group)) return false
      if (!gap.factGroups.includes('*') && !gap.factGroups.includes(group)) return false
      return gap.types.length === 0 || type === undefined || gap.types.includes(type)
    })
  }

  /** Why a fact of a group is not known. */
  whyMissing(
    path: string,
    group: string,
    type: string,
    account: string | undefined,
    region: string | undefined,
  ): MissingFact {
    if (group === 'policy') return this.whyNoTier(path, type, account, region)
    const gap = this.gapFor(group, account, region, type)
    if (gap) return { path, factGroup: group, reason: gap.reason, remedy: gap.remedy }
    const states = this.scopes.filter(
      s => account === undefined || s.scope.account === undefined || s.scope.account === account,
    )
    const here = states.filter(s => region === undefined || s.scope.region === undefined || s.scope.region === region)
    const known = here.length > 0 ? here : states
    if (
      /AgeHours$|^ageHours|measuredLossHours|retentionHeldDays/.test(path) &&
      known.length > 0 &&
      known.every(s => s.clockSeconds === undefined)
    )
      return { path, factGroup: group, reason: 'noClock', remedy: 'The input states no time: give one with --now.' }
    if (known.some(s => templateSources.has(s.scope.source)))
      return declaredGroups.has(group)
        ? {
            path,
            factGroup: group,
            reason: 'openWorld',
            remedy:
              'It may be declared elsewhere: add --with SNAPSHOT, or --closed-world if the inputs are all there is.',
          }
        : {
            path,
            factGroup: group,
            reason: 'notInSource',
            remedy: `A template does not tell the ${groupNames[group] ?? group}: add --with SNAPSHOT.`,
          }
    if (known.some(s => s.scope.source === 'aws' && s.scope.factGroups?.includes(group)))
      return { path, factGroup: group, reason: 'notStated', remedy: 'AWS did not state it for this resource.' }
    if (known.some(s => s.scope.source === 'aws') || known.length === 0)
      return {
        path,
        factGroup: group,
        reason: 'notCollected',
        remedy: `Collect the ${groupNames[group] ?? group} of account ${account ?? 'that owns it'}${region ? ` in ${region}` : ''} and add that snapshot to the scan.`,
      }
    return {
      path,
      factGroup: group,
      reason: 'notInSource',
      remedy: `AWS Config does not tell the ${groupNames[group] ?? group} completely here: add a rel09 snapshot of ${account ?? 'the account'}${region ? ` in ${region}` : ''}.`,
    }
  }

  /** Why the objectives are not known: what would tell the tier was not read, here or where backups are copied from. */
  private whyNoTier(path: string, type: string, account: string | undefined, region: string | undefined): MissingFact {
    const behind =
      groupsOfTier.find(group => this.isCut(group, account, region)) ??
      groupsOfTier.find(group => this.gapFor(group, undefined, undefined)) ??
      'tags'
    const gap = this.gapFor(behind, account, region, type) ?? this.gapFor(behind, undefined, undefined)
    if (gap) return { path, factGroup: behind, reason: gap.reason, remedy: gap.remedy }
    return this.whyMissing(path, behind, type, account, region)
  }
}

/** What tells the tier of a store, or of the stores that a plan selects and a vault holds. */
const groupsOfTier = ['tags', 'inventory', 'selections', 'plans', 'recovery-points', 'restore-testing'] as const

/** Fact groups in words. */
const groupNames: { [group: string]: string } = {
  configuration: 'configuration of the resource',
  tags: 'tags',
  inventory: 'list of data stores',
  plans: 'backup plans',
  selections: 'backup selections',
  vaults: 'backup vaults',
  'vault-locks': 'vault locks',
  'vault-policies': 'vault access policies',
  'recovery-points': 'recovery points',
  'backup-jobs': 'backup jobs',
  'copy-jobs': 'copy jobs',
  'restore-jobs': 'restore jobs',
  'restore-testing': 'restore testing plans and selections',
  'region-settings': 'AWS Backup and EBS settings of the Region',
  'global-settings': 'AWS Backup global settings',
  keys: 'KMS keys',
  iam: 'IAM roles, users and policies',
  trails: 'CloudTrail trails',
  alerts: 'vault notifications, EventBridge rules, alarms and SNS subscriptions',
  audit: 'Audit Manager frameworks and report plans',
  snapshots: 'native snapshots',
  'snapshot-policies': 'Data Lifecycle Manager policies',
  replication: 'replication settings',
  resilience: 'Resilience Hub applications',
  policy: 'policy',
}

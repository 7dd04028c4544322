/** Why a fact is not known, and what would make it known. */
import type { GapRecord } from '../model/record.ts'
import type { MissingFact } from '../model/report.ts'
import { type Completeness, declaredGroups, type ScopeState, templateSources } from './completeness.ts'

/** What the fact is of. */
export interface MissingOf {
  type: string
  account?: string | undefined
  region?: string | undefined
}

interface Place {
  account: string | undefined
  region: string | undefined
}

/** Further fact groups that the facts of a group hang on: the likeliest first. */
const behind: { [group: string]: readonly string[] } = {
  policy: ['tags', 'inventory', 'selections', 'plans', 'recovery-points', 'restore-testing', 'region-settings'],
  plans: ['selections', 'tags', 'region-settings', 'inventory', 'vaults', 'recovery-points', 'restore-testing'],
  selections: ['plans', 'tags', 'region-settings', 'inventory'],
  vaults: ['recovery-points', 'plans', 'inventory'],
  'vault-locks': ['vaults', 'recovery-points', 'plans', 'selections', 'keys', 'tags', 'region-settings'],
  'recovery-points': ['vaults', 'plans', 'selections', 'tags', 'region-settings', 'inventory'],
  keys: ['vaults', 'recovery-points', 'plans', 'selections', 'tags', 'region-settings', 'inventory'],
  alerts: ['vaults', 'recovery-points', 'plans'],
  'restore-testing': ['tags', 'inventory', 'selections', 'plans'],
  'restore-jobs': ['restore-testing', 'tags', 'configuration', 'inventory'],
  'region-settings': ['inventory'],
  replication: ['snapshot-policies', 'configuration', 'inventory'],
  'snapshot-policies': ['tags', 'inventory'],
  iam: ['selections', 'plans', 'global-settings'],
  trails: ['global-settings', 'inventory', 'tags'],
  configuration: ['region-settings'],
  tags: ['region-settings'],
}

/** Fact groups of another account or Region that facts of this one hang on: copies, their vaults and keys, organisation trails. */
const reachingOver: ReadonlySet<string> = new Set([
  'plans',
  'vaults',
  'vault-locks',
  'vault-policies',
  'recovery-points',
  'keys',
  'trails',
])

/** Fact groups of stores: where a tier, or where a replica lies, is not known, those of any account may be behind it. */
const ofStores: ReadonlySet<string> = new Set(['tags', 'inventory', 'selections'])

/** Why a fact of a group is not known. */
export function whyMissing(completeness: Completeness, of: MissingOf, path: string, group: string): MissingFact {
  const here = { account: of.account, region: of.region }
  // The policy itself is always known: what is not is whose tier it names.
  const groups = [...(group === 'policy' ? [] : [group]), ...(behind[group] ?? [])]
  const live = completeness.scopes.filter(({ scope }) => scope.source === 'aws')
  const isLive = live.some(state => state.scope.account === of.account)
  const reason =
    cutAt(completeness, [here], groups, of.type) ??
    (isLive ? cutAt(completeness, placesOf(live, of.account), groups, of.type) : undefined) ??
    (isLive
      ? cutAt(
          completeness,
          placesOf(live, undefined),
          groups.filter(
            name => reachingOver.has(name) || ((group === 'policy' || group === 'replication') && ofStores.has(name)),
          ),
          of.type,
        )
      : undefined) ??
    unstated(completeness, here, path, groups[0] ?? 'tags')
  return { path, ...reason }
}

type Reason = Omit<MissingFact, 'path'>

/** Account and Region of every live scope, or of an account's. */
const placesOf = (live: readonly ScopeState[], account: string | undefined): Place[] =>
  live
    .filter(({ scope }) => account === undefined || scope.account === account)
    .map(({ scope }) => ({ account: scope.account, region: scope.region }))

/** The first group that a collection of one of the places should have read whole and did not. Gaps come first: they name the mend. */
function cutAt(
  completeness: Completeness,
  places: readonly Place[],
  groups: readonly string[],
  type: string,
): Reason | undefined {
  for (const factGroup of groups) {
    for (const { account, region } of places) {
      const gap = completeness.gapFor(factGroup, account, region, isOwn(factGroup, groups) ? type : undefined)
      if (gap) return fromGap(factGroup, gap)
    }
  }
  for (const factGroup of groups) {
    for (const { account, region } of places) {
      if (region === 'global' || !completeness.isCut(factGroup, account, region)) continue
      if (!completeness.gapFor(factGroup, account, region)) return notCollected(factGroup, { account, region })
    }
  }
  return undefined
}

/** A gap in the settings of one type says nothing of another's. */
const isOwn = (group: string, groups: readonly string[]) =>
  group === 'configuration' || (group === 'tags' && groups[0] === 'tags')

const fromGap = (factGroup: string, { reason, remedy }: GapRecord): Reason => ({ factGroup, reason, remedy })

function notCollected(factGroup: string, { account, region }: Place): Reason {
  const where = `account ${account ?? 'that owns it'}${region === undefined ? '' : ` in ${region}`}`
  return {
    factGroup,
    reason: 'notCollected',
    remedy: `Collect the ${wordsFor(factGroup)} of ${where} and add that snapshot to the scan.`,
  }
}

/** Nothing was cut: the kind of input does not tell it, or AWS did not. */
function unstated(completeness: Completeness, { account, region }: Place, path: string, factGroup: string): Reason {
  const states = completeness.scopes.filter(
    ({ scope }) => account === undefined || scope.account === undefined || scope.account === account,
  )
  const here = states.filter(
    ({ scope }) => region === undefined || scope.region === undefined || scope.region === region,
  )
  const known = here.length > 0 ? here : states
  const isAge = /AgeHours$|^ageHours|measuredLossHours|retentionHeldDays/.test(path)
  if (isAge && known.length > 0 && known.every(state => state.clockSeconds === undefined))
    return { factGroup, reason: 'noClock', remedy: 'The input states no time: give one with --now.' }
  if (known.some(({ scope }) => templateSources.has(scope.source))) return fromTemplate(factGroup)
  if (known.some(({ scope }) => scope.source === 'aws'))
    return { factGroup, reason: 'notStated', remedy: 'AWS did not state it for this resource.' }
  if (known.length === 0) return notCollected(factGroup, { account, region })
  const where = `${account ?? 'the account'}${region === undefined ? '' : ` in ${region}`}`
  return {
    factGroup,
    reason: 'notInSource',
    remedy: `AWS Config does not tell the ${wordsFor(factGroup)} completely here: add a rel09 snapshot of ${where}.`,
  }
}

function fromTemplate(factGroup: string): Reason {
  if (!declaredGroups.has(factGroup))
    return {
      factGroup,
      reason: 'notInSource',
      remedy: `A template does not tell the ${wordsFor(factGroup)}: add --with SNAPSHOT.`,
    }
  return {
    factGroup,
    reason: 'openWorld',
    remedy: 'It may be declared elsewhere: add --with SNAPSHOT, or --closed-world if the inputs are all there is.',
  }
}

const wordsFor = (group: string) => groupNames[group] ?? group

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
}

/** Why a fact is not known, and what would make it known. */
import type { GapRecord } from '../model/record.ts'
import type { MissingFact } from '../model/report.ts'
import type { SubjectKind } from '../model/subject.ts'
import {
  type Completeness,
  declaredGroups,
  namedAs,
  type ScopeState,
  selectableInventory,
  templateSources,
} from './completeness.ts'

/** What the fact is of. */
export interface MissingOf {
  kind: SubjectKind
  type: string
  account?: string | undefined
  region?: string | undefined
}

interface Place {
  account: string | undefined
  region: string | undefined
}

/** What a fact hangs on beyond its own fact group, and how far from its own place that may lie. */
interface Hanging {
  /** The likeliest first. */
  on: readonly string[]
  /** Another Region of the account, or another account too. */
  reach?: 'account' | 'everywhere'
}

const content = ['selections', 'plans', 'tags', 'region-settings', selectableInventory]
const use = ['recovery-points', 'vaults', 'plans']
const tier: Hanging = {
  on: [
    'tags',
    selectableInventory,
    'selections',
    'plans',
    'recovery-points',
    'restore-testing',
    'region-settings',
    'inventory',
  ],
  reach: 'everywhere',
}
const copyVaults: Hanging = { on: use, reach: 'everywhere' }
const tested: Hanging = { on: ['restore-testing', selectableInventory, ...content] }
const keyUse: Hanging = { on: [...use, ...content, 'inventory'], reach: 'everywhere' }

/** By the first part of a fact's path, with the kind of subject before it where that matters. */
const hangings: { [name: string]: Hanging } = {
  tier,
  objectives: tier,
  tiers: tier,
  protection: { on: [...content, 'snapshot-policies', 'configuration'], reach: 'account' },
  support: { on: ['region-settings'] },
  optIn: { on: ['region-settings'] },
  recovery: { on: ['vaults'] },
  copies: { on: [...use, ...content, 'keys'], reach: 'everywhere' },
  destroyability: { on: [...use, 'vault-locks', 'keys', ...content], reach: 'everywhere' },
  restores: { on: ['restore-testing', 'recovery-points', 'tags', 'configuration', selectableInventory] },
  replication: { on: ['snapshot-policies', 'configuration', selectableInventory], reach: 'everywhere' },
  storeCount: { on: content },
  coldCapable: { on: content },
  matchedCount: { on: content },
  selections: { on: content },
  targets: { on: ['vaults', 'vault-locks'], reach: 'everywhere' },
  targetedStoreCount: { on: ['tags', selectableInventory] },
  inUse: { on: use, reach: 'everywhere' },
  'backup-vault.encryption': { on: ['vaults'] },
  immutabilityStrength: { on: ['vault-locks', 'vault-policies'] },
  alerts: { on: use, reach: 'everywhere' },
  backupInUse: { on: [selectableInventory, ...use] },
  services: { on: [selectableInventory, 'restore-testing', 'region-settings'] },
  ebs: { on: [selectableInventory] },
  testArtifacts: { on: ['restore-jobs', 'tags', selectableInventory] },
  testedIntervalHours: tested,
  testsContinuousStores: tested,
  copyVaultsExist: copyVaults,
  includesCopyVaults: copyVaults,
  roles: { on: ['iam'] },
  protectsBackups: keyUse,
  usedBy: keyUse,
  usedForBackup: { on: ['selections', 'plans'] },
  usedForRestore: { on: ['restore-testing', 'restore-jobs'] },
  destructiveActionsInEffect: { on: ['global-settings'] },
  trails: { on: ['global-settings', selectableInventory, 'tags'], reach: 'everywhere' },
}

/** Reasons that were found, by what was asked. */
const reasons = new WeakMap<Completeness, Map<string, MissingFact>>()
const maxReasons = 10_000

/** Why a fact of a group is not known. The same question has the same answer, and a repository of templates asks it for each of them. */
export function whyMissing(completeness: Completeness, of: MissingOf, path: string, group: string): MissingFact {
  const { kind, type, account, region } = of
  const question = [kind, type, account ?? '', region ?? '', path, group].join('\n')
  let known = reasons.get(completeness)
  if (!known || known.size >= maxReasons) reasons.set(completeness, (known = new Map()))
  let answer = known.get(question)
  if (!answer) known.set(question, (answer = findReason(completeness, of, path, group)))
  return answer
}

function findReason(completeness: Completeness, of: MissingOf, path: string, group: string): MissingFact {
  const name = /^[^.[]+/.exec(path)?.[0] ?? ''
  const key = [`${of.kind}.${name}`, name].find(name => Object.hasOwn(hangings, name))
  const { on, reach }: Hanging = key === undefined ? { on: [] } : hangings[key]!
  // The policy itself is always known: what is not is whose tier it names.
  const groups = [...new Set([...(group === 'policy' ? [] : [group]), ...on])]
  const { account, region } = of
  const live = completeness.scopes.filter(({ scope }) => scope.source === 'aws')
  const own = live.filter(({ scope }) => scope.account === account)
  const isWide = region === undefined || region === 'global' || reach !== undefined
  const reason =
    cutAt(completeness, [{ account, region }], groups, of.type) ??
    (isWide ? cutAt(completeness, placesOf(own), groups, of.type) : undefined) ??
    (reach === 'everywhere' && own.length > 0 ? cutAt(completeness, placesOf(live), groups, of.type) : undefined) ??
    unstated(completeness, { account, region }, path, groups[0] ?? 'tags')
  return { path, ...reason }
}

type Reason = Omit<MissingFact, 'path'>

const placesOf = (states: readonly ScopeState[]): Place[] =>
  states.map(({ scope }) => ({ account: scope.account, region: scope.region }))

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
      if (gap) return fromGap(namedAs(factGroup), gap)
    }
  }
  for (const factGroup of groups) {
    for (const { account, region } of places) {
      if (region !== 'global' && completeness.isUnclaimed(factGroup, account, region))
        return notCollected(namedAs(factGroup), { account, region })
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
  // A template may place resources in other accounts than its own.
  const templates = completeness.scopes.filter(({ scope }) => templateSources.has(scope.source))
  const known = here.length > 0 ? here : states.length > 0 ? states : templates
  // What happens after deployment no template tells, at whatever time.
  const isDeclared = known.length > 0 && known.every(({ scope }) => templateSources.has(scope.source))
  if (isDeclared && !isOwnGroup(factGroup) && !declaredGroups.has(factGroup))
    return fromTemplate(completeness, { account, region }, factGroup)
  const isAge = /AgeHours$|^ageHours|measuredLossHours|retentionHeldDays/.test(path)
  if (isAge && known.length > 0 && known.every(state => state.clockSeconds === undefined))
    return { factGroup, reason: 'noClock', remedy: 'The input states no time: give one with --now.' }
  if (known.some(({ scope }) => templateSources.has(scope.source)))
    return fromTemplate(completeness, { account, region }, factGroup)
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

const isOwnGroup = (group: string): boolean => group === 'configuration' || group === 'tags'

/** Of the resource itself a template says all that its author did; of other resources, in an open world, only what is in it. */
function fromTemplate(completeness: Completeness, { account, region }: Place, factGroup: string): Reason {
  if (isOwnGroup(factGroup) || (declaredGroups.has(factGroup) && completeness.isComplete(factGroup, account, region)))
    return {
      factGroup,
      reason: 'unknownUntilDeploy',
      remedy:
        'Only deployment tells it: give the parameters that it hangs on (--parameters, --account, --region), or a plan.',
    }
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
  recorders: 'AWS Config recorders',
  replication: 'replication settings',
  resilience: 'Resilience Hub applications',
}

/** Backup plans, backup selections and restore testing plans as facts (aws-apis §3.2, §3.5, §5). */
import type { BackupPlan, BackupRule, CopyAction } from '../model/backup.ts'
import type { Facts, FactValue } from '../model/facts.ts'
import type { Policy } from '../model/policy.ts'
import { arnGlob, parseArn } from './arn.ts'
import { ageHours } from './clock.ts'
import { placeKey } from './completeness.ts'
import type { Join, PlanState, RuleState, SelectionState, TestingPlanState, VaultState } from './join.ts'
import { countOf, listOf, resolveKey } from './join.ts'
import { assumableBy } from './principals.ts'
import type { ScheduleAnalysis } from './schedule.ts'
import { analyseSchedule, parseSchedule } from './schedule.ts'
import { planTier, testingPlanTier } from './tiers.ts'
import { lockStrength, vaultByArn, vaultKeyManager } from './vaults.ts'

/** What AWS Backup runs where a rule names no schedule. */
export const defaultSchedule = 'cron(0 5 ? * * *)'

/** AWS's default completion window in minutes. */
const defaultCompletionMinutes = 10_080

/** A schedule worked out; `problem` where it is no legal expression. */
export function analyse(
  expression: string,
  timezone: string | null,
): { analysis: ScheduleAnalysis | undefined; problem: string | undefined } {
  const parsed = parseSchedule(expression)
  return parsed.ok
    ? { analysis: analyseSchedule(parsed.schedule, timezone), problem: undefined }
    : { analysis: undefined, problem: parsed.problem }
}

/** A backup rule with its schedule worked out. */
export function ruleState(rule: BackupRule, policy: Policy): RuleState {
  const { assumptions } = policy
  const startWindowMinutes = rule.startWindowMinutes ?? assumptions.startWindowMinutes
  const known = rule.schedule !== undefined && rule.timezone !== undefined
  const schedule = rule.schedule ?? defaultSchedule
  const timezone = rule.timezone ?? null
  const { analysis, problem } =
    known || rule.schedule !== undefined ? analyse(schedule, timezone) : { analysis: undefined, problem: undefined }
  const gap = analysis?.longestGapHours
  const startKnown = rule.startWindowMinutes !== undefined
  return {
    rule,
    name: rule.name,
    schedule,
    timezone,
    analysis,
    problem,
    startWindowMinutes,
    worstCaseLossHours:
      // A schedule that AWS would refuse never runs.
      problem !== undefined
        ? null
        : gap === undefined || !startKnown
          ? undefined
          : gap === null
            ? null
            : Math.round((gap + startWindowMinutes / 60 + assumptions.jobMinutes / 60) * 100) / 100,
  }
}

/** ARN of the vault a rule targets, in the plan's account and Region. */
function targetArn(state: PlanState, name: string | undefined): string | null | undefined {
  if (name === undefined) return undefined
  if (name.startsWith('arn:')) return name
  if (state.account === undefined || state.region === undefined) return null
  const partition = parseArn(state.item.arn ?? '')?.partition ?? partitionOf(state.region)
  return `arn:${partition}:backup:${state.region}:${state.account}:backup-vault:${name}`
}

/** Partition of a Region by its name. */
export function partitionOf(region: string): string {
  return region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}

const isElsewhere = (state: PlanState, copy: CopyAction): boolean | undefined => {
  const arn = copy.destinationVaultArn === undefined ? undefined : parseArn(copy.destinationVaultArn)
  if (
    arn?.region === undefined ||
    arn.account === undefined ||
    state.region === undefined ||
    state.account === undefined
  )
    return undefined
  return arn.region !== state.region || arn.account !== state.account
}

const anyOf = (values: (boolean | undefined)[], complete: boolean): boolean | undefined =>
  values.includes(true) ? true : complete && !values.includes(undefined) ? false : undefined

/** Facts of a backup plan. */
export function planFacts(join: Join, state: PlanState): Facts {
  const { completeness } = join
  const plan: BackupPlan = state.plan
  const rulesComplete = plan.rulesPartial !== true
  const selectionsComplete = completeness.isComplete('selections', state.account, state.region)
  const contentKnown =
    selectionsComplete &&
    completeness.isComplete('inventory', state.account, state.region) &&
    state.selections.every(selection => selection.unknownCount === 0)
  const elsewhere = state.rules.map(rule =>
    anyOf(
      (rule.rule.copyActions ?? []).map(copy => isElsewhere(state, copy)),
      rule.rule.copyActions !== undefined,
    ),
  )
  return {
    organizationPolicy: plan.organizationPolicy ?? false,
    ...planTier(join, state),
    storeCount: countOf(state.storeCount, contentKnown),
    coldCapable: state.coldCapable ? true : contentKnown && !state.supportUnknown ? false : undefined,
    copiesElsewhere: anyOf(elsewhere, rulesComplete),
    rules: listOf(
      state.rules.map((rule, i) => ruleFacts(state, rule, elsewhere[i])) as FactValue[],
      rulesComplete,
    ) as FactValue,
    targets: listOf(targetFacts(join, state), rulesComplete) as FactValue,
    selections: listOf(
      state.selections.map(selection => ({ name: selection.selection.name ?? selection.item.id })) as FactValue[],
      selectionsComplete,
    ) as FactValue,
    copies: listOf(
      planCopyFacts(join, state, contentKnown && !state.supportUnknown),
      rulesComplete && state.rules.every(rule => rule.rule.copyActions !== undefined),
    ) as FactValue,
  }
}

function ruleFacts(plan: PlanState, state: RuleState, copiesElsewhere: boolean | undefined): Facts {
  const { rule, analysis, problem } = state
  const cold = rule.moveToColdStorageAfterDays
  const dead = problem !== undefined ? null : undefined
  return {
    name: state.name,
    schedule: rule.schedule === undefined ? undefined : state.schedule,
    scheduleValid: rule.schedule === undefined ? undefined : problem === undefined,
    nominalGapHours: analysis ? analysis.nominalGapHours : dead,
    longestGapHours: analysis ? analysis.longestGapHours : dead,
    shortestGapHours: analysis ? analysis.shortestGapHours : dead,
    endsAt: analysis ? analysis.endsAt : dead,
    startWindowMinutes: rule.startWindowMinutes === undefined ? undefined : state.startWindowMinutes,
    startWindowSlackMinutes: startSlack(state, problem !== undefined),
    completionWindowMinutes:
      rule.completionWindowMinutes === undefined
        ? undefined
        : (rule.completionWindowMinutes ?? defaultCompletionMinutes),
    worstCaseLossHours: state.worstCaseLossHours,
    retentionDays: rule.retentionDays,
    keepsForever: rule.retentionDays === undefined ? undefined : rule.retentionDays === null,
    moveToColdStorageAfterDays: cold,
    coldGapDays:
      cold === undefined || rule.retentionDays === undefined
        ? undefined
        : cold === null || rule.retentionDays === null
          ? null
          : rule.retentionDays - cold,
    continuous: rule.continuous,
    targetVaultName: rule.targetVaultName,
    targetVaultArn: targetArn(plan, rule.targetVaultName),
    copyActionCount: rule.copyActions?.length,
    copiesElsewhere,
  }
}

/** Minutes between the end of the start window and the next run; `null` where there is no next run. */
function startSlack(state: RuleState, invalid: boolean): number | null | undefined {
  const shortest = invalid ? null : state.analysis?.shortestGapHours
  if (shortest === null) return null
  if (shortest === undefined || state.rule.startWindowMinutes === undefined) return undefined
  return Math.round(shortest * 60 - state.startWindowMinutes)
}

function targetFacts(join: Join, state: PlanState): FactValue[] {
  const targets: FactValue[] = []
  const add = (
    rule: string,
    use: string,
    arn: string | null | undefined,
    name: string | undefined,
    retentionDays: number | null | undefined,
  ) => {
    const vault = arn ? vaultByArn(join, arn) : undefined
    targets.push({
      rule,
      use,
      vaultArn: arn ?? name,
      exists: vaultExists(join, vault, arn),
      retentionDays,
      ...boundFacts(join, vault, retentionDays),
    })
  }
  for (const { rule, name } of state.rules) {
    add(name, 'backup', targetArn(state, rule.targetVaultName), rule.targetVaultName, rule.retentionDays)
    for (const copy of rule.copyActions ?? [])
      add(name, 'copy', copy.destinationVaultArn, undefined, copy.retentionDays)
    if (rule.targetAirGappedVaultArn)
      add(name, 'airGapped', rule.targetAirGappedVaultArn, undefined, rule.retentionDays)
  }
  return targets
}

function vaultExists(join: Join, vault: VaultState | undefined, arn: string | null | undefined): boolean | undefined {
  if (vault?.item) return true
  const parsed = arn ? parseArn(arn) : undefined
  if (!parsed) return undefined
  return join.completeness.isComplete('vaults', parsed.account, parsed.region) ? false : undefined
}

/** A lock's bounds and whether a retention fits them. A vault without lock has no bounds. */
function boundFacts(join: Join, vault: VaultState | undefined, retentionDays: number | null | undefined): Facts {
  const strength = vault ? lockStrength(join, vault) : undefined
  if (!vault || (strength === undefined && vault.vault.locked !== true)) return {}
  if (strength === 0) return { minRetentionDays: null, maxRetentionDays: null, fitsLock: true }
  const { minRetentionDays: min, maxRetentionDays: max } = vault.vault
  const tooShort =
    retentionDays === undefined || min === undefined
      ? undefined
      : min !== null && retentionDays !== null && retentionDays < min
  const tooLong =
    retentionDays === undefined || max === undefined
      ? undefined
      : max !== null && (retentionDays === null || retentionDays > max)
  const fitsLock =
    tooShort === true || tooLong === true ? false : tooShort === undefined || tooLong === undefined ? undefined : true
  return { minRetentionDays: min, maxRetentionDays: max, fitsLock }
}

function planCopyFacts(join: Join, state: PlanState, contentKnown: boolean): FactValue[] {
  const copies: FactValue[] = []
  for (const { rule, name } of state.rules) {
    for (const copy of rule.copyActions ?? []) {
      const arn = copy.destinationVaultArn === undefined ? undefined : parseArn(copy.destinationVaultArn)
      const crossAccount =
        arn?.account !== undefined && state.account !== undefined ? arn.account !== state.account : undefined
      copies.push({
        rule: name,
        destinationVaultArn: copy.destinationVaultArn,
        region: arn?.region,
        account: arn?.account,
        crossRegion: arn?.region !== undefined && state.region !== undefined ? arn.region !== state.region : undefined,
        crossAccount,
        retentionDays: copy.retentionDays,
        ...keyCompatibility(join, state, copy, crossAccount, contentKnown),
      })
    }
  }
  return copies
}

/**
 * Whether the keys let the copy succeed: types without independent encryption cannot be copied across accounts with an
 * AWS managed key on either side, nor into a vault with the `aws/backup` key (aws-controls §6).
 */
function keyCompatibility(
  join: Join,
  state: PlanState,
  copy: CopyAction,
  crossAccount: boolean | undefined,
  contentKnown: boolean,
): Facts {
  if (crossAccount === false) return { keyCompatible: true, keyProblem: null }
  if (state.inheritingServices.size === 0) return contentKnown ? { keyCompatible: true, keyProblem: null } : {}
  const vault = copy.destinationVaultArn === undefined ? undefined : vaultByArn(join, copy.destinationVaultArn)
  const manager = vault ? vaultKeyManager(join, vault) : undefined
  if (manager === undefined || crossAccount === undefined) return {}
  if (manager === 'aws')
    return {
      keyCompatible: false,
      keyProblem: `the destination vault uses an AWS managed key, which cannot receive ${[...state.inheritingServices].sort().join(', ')} from another account`,
    }
  const source = join.places.get(placeKey(state.account, state.region))
  const managed = [...(source ? managedSources(join, state) : [])]
  if (managed.length > 0)
    return {
      keyCompatible: false,
      keyProblem: `${managed[0]} is encrypted with an AWS managed key, which another account cannot use`,
    }
  return { keyCompatible: true, keyProblem: null }
}

/** Stores of the plan whose own key is AWS managed and whose backups inherit it; smallest ARN first. */
function managedSources(join: Join, state: PlanState): string[] {
  const arns: string[] = []
  for (const store of join.stores) {
    if (!store.coverage?.matches.some(match => match.selection.plan === state)) continue
    if (!state.inheritingServices.has(store.service ?? '')) continue
    const encryption = store.own.encryption as Facts | undefined
    const key = encryption?.keyArn
    if (
      encryption?.encrypted === true &&
      typeof key === 'string' &&
      resolveKey(join, key, store.account, store.region, false).manager === 'aws'
    )
      arns.push(store.arn ?? store.id)
  }
  return arns.sort()
}

/** Facts of a backup selection. */
export function selectionFacts(join: Join, state: SelectionState): Facts {
  const { selection, plan } = state
  const { resources, notResources, listOfTags, conditions } = selection
  const conditionCount =
    conditions &&
    conditions.stringEquals.length +
      conditions.stringNotEquals.length +
      conditions.stringLike.length +
      conditions.stringNotLike.length
  const onlyStar = resources?.length === 1 && resources[0] === '*'
  const stated = (resources?.length ?? 0) > 0 || (listOfTags?.length ?? 0) > 0 || (conditionCount ?? 0) > 0
  const allKnown = resources !== undefined && listOfTags !== undefined && conditions !== undefined
  const narrowed = (conditionCount ?? 0) > 0 || (notResources?.length ?? 0) > 0
  const base = onlyStar || (resources?.length === 0 && listOfTags?.length === 0)
  const plansComplete = join.completeness.isComplete('plans', state.item.account, state.item.region)
  const inventoryComplete = join.completeness.isComplete('inventory', state.item.account, state.item.region)
  return {
    planName: plan ? plan.name : plansComplete ? null : undefined,
    planArn: plan ? (plan.item.arn ?? null) : plansComplete ? null : undefined,
    roleArn: selection.roleArn,
    selectsAll:
      narrowed || (stated && !onlyStar)
        ? false
        : base && allKnown && notResources !== undefined
          ? true
          : resources !== undefined && !base
            ? false
            : undefined,
    stated: stated ? true : allKnown ? false : undefined,
    resources: resources as FactValue | undefined,
    notResources: notResources as FactValue | undefined,
    resourcesAndTags:
      resources?.length === 0 || listOfTags?.length === 0 ? false : resources && listOfTags ? true : undefined,
    tagCount: listOfTags?.length,
    conditionCount,
    matchedCount: countOf(state.matchedCount, inventoryComplete && state.unknownCount === 0),
    doubtfulPatterns:
      allKnown || resources ? (listOf(doubtfulPatterns(selection) as FactValue[], allKnown) as FactValue) : undefined,
  }
}

function doubtfulPatterns(selection: SelectionState['selection']): Facts[] {
  const found: Facts[] = []
  for (const pattern of [...(selection.resources ?? []), ...(selection.notResources ?? [])]) {
    const arn = parseArn(pattern)
    if (!arn) continue
    if (arn.service !== 's3' && (arn.region === undefined || arn.account === undefined))
      found.push({ pattern, why: 'emptyField' })
    const id = arn.resource.replace(/^[a-z-]+[:/]/, '')
    if (/\*./.test(id.replace(/\*+$/, '*'))) found.push({ pattern, why: 'innerWildcard' })
  }
  for (const { key } of selection.listOfTags ?? [])
    if (key.startsWith('aws:ResourceTag/')) found.push({ pattern: key, why: 'keySpelling' })
  const { conditions } = selection
  for (const list of conditions
    ? [conditions.stringEquals, conditions.stringNotEquals, conditions.stringLike, conditions.stringNotLike]
    : [])
    for (const { key } of list)
      if (!key.startsWith('aws:ResourceTag/')) found.push({ pattern: key, why: 'keySpelling' })
  return found
}

/** Facts of a restore testing plan. */
export function testingPlanFacts(join: Join, state: TestingPlanState): Facts {
  const { plan, item, analysis } = state
  const { completeness } = join
  const complete = completeness.isComplete('restore-testing', item.account, item.region)
  const jobsComplete = completeness.isComplete('restore-jobs', item.account, item.region)
  const testedKnown =
    complete &&
    completeness.isComplete('inventory', item.account, item.region) &&
    !state.testedUnknown &&
    state.selections.every(selection => !selection.matchedUnknown)
  const place = join.places.get(placeKey(item.account, item.region))
  const copyVaults = [...(place?.vaults.values() ?? [])].filter(
    vault => vault.holdsCopies || vault.vault.vaultType === 'airGapped',
  )
  const vaultsComplete =
    completeness.isComplete('vaults', item.account, item.region) &&
    completeness.isComplete('recovery-points', item.account, item.region)
  const jobs = state.jobs
  const finished = jobs?.finished ?? 0
  const failed = jobs?.failed ?? 0
  return {
    schedule: plan.schedule,
    nominalGapHours: analysis?.nominalGapHours,
    longestGapHours: analysis?.longestGapHours,
    algorithm: plan.algorithm,
    selectionWindowHours: plan.selectionWindowDays === undefined ? undefined : (plan.selectionWindowDays ?? 30) * 24,
    includesContinuous: plan.recoveryPointTypes?.includes('CONTINUOUS'),
    includesSnapshots: plan.recoveryPointTypes?.includes('SNAPSHOT'),
    includesCopyVaults: includesCopyVaults(plan.includeVaults, plan.excludeVaults, copyVaults),
    copyVaultsExist: copyVaults.length > 0 ? true : vaultsComplete ? false : undefined,
    selections: listOf(
      state.selections.map(({ selection, matchedCount, matchedUnknown }) => ({
        name: selection.name,
        service: selection.service,
        validationWindowHours: selection.validationWindowHours,
        roleArn: selection.roleArn,
        matchedCount: countOf(
          matchedCount,
          !matchedUnknown && completeness.isComplete('inventory', item.account, item.region),
        ),
      })) as FactValue[],
      complete,
    ) as FactValue,
    ...testingPlanTier(join, state),
    testedIntervalHours: testedKnown || state.testedIntervalHours === null ? state.testedIntervalHours : undefined,
    testsContinuousStores: state.testsContinuousStores ? true : testedKnown ? false : undefined,
    jobs: {
      finishedCount: countOf(finished, jobsComplete),
      failedCount: countOf(failed, jobsComplete),
      failedPercent: jobsComplete
        ? finished === 0
          ? null
          : Math.round((failed / finished) * 10_000) / 100
        : undefined,
      lastStatus: jobs && jobs.lastAt >= 0 ? jobs.lastStatus : jobsComplete ? null : undefined,
      deletionFailedCount: countOf(jobs?.deletionFailed ?? 0, jobsComplete),
    },
    roles: listOf(roleFacts(join, state), complete) as FactValue,
    lastExecutionAgeHours:
      plan.lastExecutionAt === null
        ? null
        : plan.lastExecutionAt === undefined
          ? undefined
          : ageHours(Math.floor(plan.lastExecutionAt / 1000), item.scope.clockSeconds),
  }
}

function includesCopyVaults(
  include: string[] | undefined,
  exclude: string[] | undefined,
  copyVaults: VaultState[],
): boolean | undefined {
  if (include === undefined) return undefined
  const excluded = exclude ?? []
  return copyVaults.some(
    vault =>
      include.some(pattern => pattern === '*' || arnGlob(pattern)(vault.arn)) &&
      !excluded.some(pattern => pattern === '*' || arnGlob(pattern)(vault.arn)),
  )
}

function roleFacts(join: Join, state: TestingPlanState): FactValue[] {
  const arns = [...new Set(state.selections.flatMap(({ selection }) => selection.roleArn ?? []))].sort()
  return arns.map(arn => {
    const role = join.evidence['iam-principal'].find(item => item.arn === arn)
    const account = parseArn(arn)?.account
    return {
      arn,
      exists: role ? true : join.completeness.isComplete('iam', account, undefined) ? false : undefined,
      ...assumableBy(join, role),
    }
  })
}

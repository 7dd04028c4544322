/** Regions, accounts and the policy as subjects: settings, alerts, audit, restore testing, trails. */

import type { TierUse } from '../model/beyond.ts'
import type { Facts, FactValue } from '../model/facts.ts'
import type { Framework } from '../model/guards.ts'
import { alertFacts, destructiveEventFacts } from './alerts.ts'
import { ageHours } from './clock.ts'
import { selectableInventory } from './completeness.ts'
import type { EvidenceItem, Join, Place, StoreItem, TestingPlanState, TestingSelectionState } from './join.ts'
import { countOf, listOf } from './join.ts'
import { hasTag, storeAgeHours } from './stores.ts'
import { or3 } from './ternary.ts'

/** Types that AWS Backup restore testing accepts (`ProtectedResourceType`, aws-apis §3.5). */
export const restoreTestableServices: ReadonlySet<string> = new Set([
  'Aurora',
  'DocumentDB',
  'DynamoDB',
  'EBS',
  'EC2',
  'EFS',
  'FSx',
  'Neptune',
  'RDS',
  'S3',
])

/** Facts of one account in one Region. */
export function regionFacts(join: Join, place: Place): Facts {
  const { completeness } = join
  const complete = (group: string) => completeness.isComplete(group, place.account, place.region)
  const testing = place.testingPlans.filter(state => state.selections.some(isMade))
  const mayTestMore = place.testingPlans.some(state => state.selections.length > 0 && !state.selections.some(isMade))
  const inventoryComplete = complete(selectableInventory)
  return {
    services: listOf(serviceFacts(place, complete('restore-testing')), inventoryComplete) as FactValue,
    restoreTestingPlans: listOf(
      testing.map(state => ({
        name: state.plan.name,
        longestGapHours: state.analysis?.longestGapHours,
      })) as FactValue[],
      complete('restore-testing') && !mayTestMore,
    ) as FactValue,
    dynamodbAdvanced: place.settings?.management?.DynamoDB,
    ebs: {
      inUse: place.volumeCount > 0 ? true : inventoryComplete ? false : undefined,
      encryptionByDefault: place.settings?.ebsEncryptionByDefault,
      snapshotPublicAccess: place.settings?.ebsSnapshotPublicAccess,
    },
    backupInUse: isBackupInUse(join, place),
    alerts: alertFacts(join, place, undefined),
    destructiveEvents: destructiveEventFacts(join, place),
    audit: auditFacts(join, place, complete('audit')),
    testArtifacts: {
      deletionFailedCount: countOf(place.deletionFailed, complete('restore-jobs')),
      leftoverCount: leftoverCount(join, place, inventoryComplete),
    },
  }
}

/** Whether AWS Backup is used, or could be, in an account and Region: a plan, a recovery point, or a store that it supports. */
function isBackupInUse({ completeness }: Join, place: Place): boolean | undefined {
  const usedVault = [...place.vaults.values()].some(vault => vault.groups > 0 || (vault.vault.pointCount ?? 0) > 0)
  if (place.plans.length > 0 || usedVault || place.serviceCounts.size > 0) return true
  const groups = [selectableInventory, 'plans', 'vaults', 'recovery-points']
  return groups.every(group => completeness.isComplete(group, place.account, place.region)) ? false : undefined
}

function serviceFacts(place: Place, testingComplete: boolean): FactValue[] {
  return [...place.serviceCounts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([service, storeCount]) => {
      const testable = restoreTestableServices.has(service)
      const plans = place.testingPlans.filter(state =>
        state.selections.some(selection => selection.selection.service === service && isMade(selection)),
      )
      const gaps = plans.map(state => state.analysis?.longestGapHours).filter(gap => typeof gap === 'number')
      const tested = gaps.length > 0
      const unread = place.testingPlans.some(state => mayTest(state, service))
      const known = testingComplete && !unread
      return {
        service,
        optedIn:
          place.settings?.optIn && Object.hasOwn(place.settings.optIn, service)
            ? place.settings.optIn[service]
            : undefined,
        storeCount,
        restoreTestable: testable,
        restoreTested: tested ? true : known ? false : undefined,
        restoreTestGapHours: tested
          ? known
            ? Math.min(...gaps)
            : { $atMost: Math.min(...gaps) }
          : known
            ? null
            : undefined,
      }
    })
}

/** Whether a restore testing plan may test a service, though its schedule, or what it selects, is not known. */
function mayTest({ plan, selections }: TestingPlanState, service: string): boolean {
  return selections.some(
    state =>
      state.selection.service === undefined ||
      (state.selection.service === service && (plan.schedule === undefined || !isMade(state))),
  )
}

/** Whether a restore testing selection will be there for certain, and its plan with it. */
const isMade = ({ item, plan }: TestingSelectionState): boolean =>
  !item.declared?.mayNotExist && !plan?.item.declared?.mayNotExist

function auditFacts(join: Join, place: Place, complete: boolean): Facts {
  const { auditControls, auditReports } = join.policy.assumptions
  const frameworks = place.frameworks
  return {
    controls: auditControls.map(control => {
      const held = frameworks.map(({ value }) => holdsControl(value, control))
      return {
        control,
        present: held.includes(true) ? true : complete && !held.includes(undefined) ? false : undefined,
      }
    }) as FactValue,
    reports: auditReports.map(template => {
      const plans = place.reportPlans.filter(item => item.value.template === template)
      const times = plans.map(item => item.value.lastSuccessAt)
      const unread = place.reportPlans.some(item => item.value.template === undefined)
      return {
        template,
        present: plans.length > 0 ? true : complete && !unread ? false : undefined,
        lastSuccessAgeHours: newestOf(times, plans[0]?.scope.clockSeconds, complete && !unread) as
          | FactValue
          | undefined,
      }
    }) as FactValue,
  }
}

/** Whether a deployed framework holds a control. */
function holdsControl({ deployed, controls }: Framework, control: string): boolean | undefined {
  if (deployed === false || controls?.includes(control) === false) return false
  return deployed === undefined || controls === undefined ? undefined : true
}

/** Test resources that restore testing left behind for longer than the policy allows. */
function leftoverCount(join: Join, place: Place, inventoryComplete: boolean): FactValue {
  const limit = join.policy.assumptions.testArtifactDays * 24
  const ages = place.leftovers.map(store => storeAgeHours(store))
  const old = ages.filter(age => age !== undefined && age > limit).length
  return countOf(old, inventoryComplete && !ages.includes(undefined))
}

/** Hours since the newest of several times, in epoch milliseconds; `null` = there is none. */
function newestOf(
  times: readonly (number | null | undefined)[],
  clock: number | undefined,
  complete: boolean,
): number | null | undefined | { $atMost: number } {
  const known = times.filter((time): time is number => typeof time === 'number')
  const sure = complete && !times.includes(undefined)
  if (known.length === 0) return sure ? null : undefined
  const age = ageHours(Math.floor(Math.max(...known) / 1000), clock)
  return sure || age === undefined ? age : { $atMost: age }
}

/** Facts of one account. */
export function accountFacts(join: Join, account: string): Facts {
  const { completeness } = join
  const regional = [...join.places.values()].filter(place => place.account === account && place.region !== 'global')
  const settings = join.evidence['account-settings'].filter(item => item.account === account)
  const inOrganization = settings.find(item => item.value.inOrganization !== undefined)?.value.inOrganization
  // A trail of an organisation records every member; an account that is in none has only its own.
  const trails = join.evidence.trail.filter(
    item => item.account === account || (item.value.organization === true && inOrganization === true),
  )
  const apps = join.evidence['resilience-app'].filter(item => item.account === account)
  const appsComplete = completeness.isComplete('resilience', account, undefined)
  const assessed = apps.map(item => item.value.lastAssessmentAt)
  const ages = apps.map(item =>
    typeof item.value.lastAssessmentAt === 'number'
      ? ageHours(Math.floor(item.value.lastAssessmentAt / 1000), item.scope.clockSeconds)
      : undefined,
  )
  const knownAges = ages.filter((age): age is number => age !== undefined)
  return {
    backupInUse: regional.length === 0 ? undefined : or3(...regional.map(place => isBackupInUse(join, place))),
    trails: listOf(
      trails.map(item => trailFact(join, item, account)) as FactValue[],
      trailsComplete(join, account, inOrganization),
    ) as FactValue,
    crossAccountBackup: settings.find(item => item.value.crossAccountBackup !== undefined)?.value.crossAccountBackup,
    inOrganization,
    resilience: {
      appCount: countOf(apps.length, appsComplete),
      oldestAssessmentAgeHours: assessed.includes(null)
        ? null
        : !appsComplete || knownAges.length < apps.length || apps.length === 0
          ? undefined
          : Math.max(...knownAges),
      breachedCount: countOf(
        apps.filter(item => item.value.complianceStatus === 'PolicyBreached').length,
        appsComplete,
      ),
    },
  }
}

/** Whether every trail of an account is known: that of its organisation may lie in another account. */
function trailsComplete(join: Join, account: string, inOrganization: boolean | undefined): boolean {
  const { completeness, places, evidence } = join
  if (!completeness.isComplete('trails', account, undefined)) return false
  if (inOrganization === false) return true
  const others = evidence.trail.filter(item => item.account !== account).map(item => item.value.organization)
  if (others.includes(undefined) || (inOrganization === undefined && others.includes(true))) return false
  return ![...places.values()].some(place => completeness.isCut('trails', place.account, undefined))
}

function trailFact(join: Join, item: EvidenceItem<'trail'>, account: string): Facts {
  const { value } = item
  return {
    arn: item.arn ?? value.name,
    multiRegion: value.multiRegion,
    logging: value.logging,
    managementEvents: value.managementEvents,
    logFileValidation: value.logFileValidation,
    kmsEncrypted: value.kmsKeyArn === undefined ? undefined : value.kmsKeyArn !== null,
    backupBucketDataEvents: dataEvents(join, item, account),
  }
}

/** Whether the trail records the data events of every bucket of an account that holds backups; `null` = there is none. */
function dataEvents(join: Join, { value }: EvidenceItem<'trail'>, account: string): boolean | null | undefined {
  const recorded = value.s3DataEvents
  if (recorded === 'all') return true
  const isRecorded = ({ arn }: StoreItem) =>
    recorded?.some(prefix => prefix === arn || prefix === `${arn}/` || /^arn:[^:]*:s3(:::)?$/.test(prefix))
  let unknown = [...join.places.values()].some(
    place =>
      place.account === account &&
      place.region !== 'global' &&
      !join.completeness.isComplete(selectableInventory, account, place.region),
  )
  let found = false
  for (const store of join.stores) {
    if (store.type !== 'AWS::S3::Bucket' || store.account !== account) continue
    const holdsBackups = hasTag(store, join.policy.assumptions.backupTargetTag)
    if (holdsBackups === false || (holdsBackups === undefined && isRecorded(store))) continue
    if (holdsBackups && isRecorded(store) === false) return false
    if (holdsBackups && isRecorded(store)) found = true
    else unknown = true
  }
  return unknown ? undefined : found ? true : null
}

/** Which tiers stores are of: all of them, or those that are judged. */
export function tierUseOf(join: Join, stores: readonly StoreItem[] = join.stores): TierUse {
  return {
    tiers: [...new Set(stores.flatMap(({ classification }) => (classification ? [classification.tier] : [])))],
    isComplete:
      stores.every(store => store.classification !== undefined) &&
      ![...join.places.values()].some(
        place => place.region !== 'global' && join.completeness.isCut('inventory', place.account, place.region),
      ),
  }
}

/** Facts of the policy. */
export function policyFacts(join: Join): Facts {
  const { tiers, isComplete } = join.tierUse ?? tierUseOf(join)
  const used = new Set(tiers)
  return {
    tiers: Object.entries(join.policy.tiers).map(([name, tier]) => ({
      name,
      inUse: used.has(name) ? true : isComplete ? false : undefined,
      rpoHours: tier.rpoHours ?? null,
      rtoHours: tier.rtoHours ?? null,
    })) as FactValue,
  }
}

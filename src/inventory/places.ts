/** Regions, accounts and the policy as subjects: settings, alerts, audit, restore testing, trails. */
import type { Facts, FactValue } from '../model/facts.ts'
import { alertFacts, destructiveEventFacts } from './alerts.ts'
import { ageHours } from './clock.ts'
import type { EvidenceItem, Join, Place, StoreItem } from './join.ts'
import { countOf, listOf } from './join.ts'
import { hasTag } from './stores.ts'

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
  const testing = place.testingPlans.filter(state => state.selections.length > 0)
  const inventoryComplete = complete('inventory')
  const usedVault = [...place.vaults.values()].some(vault => vault.groups > 0 || (vault.vault.pointCount ?? 0) > 0)
  const inUse = place.plans.length > 0 || usedVault || place.serviceCounts.size > 0
  return {
    services: listOf(serviceFacts(place, complete('restore-testing')), inventoryComplete) as FactValue,
    restoreTestingPlans: listOf(
      testing.map(state => ({
        name: state.plan.name,
        longestGapHours: state.analysis?.longestGapHours,
      })) as FactValue[],
      complete('restore-testing'),
    ) as FactValue,
    dynamodbAdvanced: place.settings?.management?.DynamoDB,
    ebs: {
      inUse: place.volumeCount > 0 ? true : inventoryComplete ? false : undefined,
      encryptionByDefault: place.settings?.ebsEncryptionByDefault,
      snapshotPublicAccess: place.settings?.ebsSnapshotPublicAccess,
    },
    backupInUse: inUse ? true : inventoryComplete && complete('plans') && complete('vaults') ? false : undefined,
    alerts: alertFacts(join, place, undefined),
    destructiveEvents: destructiveEventFacts(join, place),
    audit: auditFacts(join, place, complete('audit')),
    testArtifacts: {
      deletionFailedCount: countOf(place.deletionFailed, complete('restore-jobs')),
      leftoverCount: countOf(leftoverCount(join, place), inventoryComplete),
    },
  }
}

function serviceFacts(place: Place, testingComplete: boolean): FactValue[] {
  return [...place.serviceCounts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([service, storeCount]) => {
      const testable = restoreTestableServices.has(service)
      const plans = place.testingPlans.filter(
        state => state.analysis?.longestGapHours != null && state.selections.some(s => s.selection.service === service),
      )
      const gaps = plans.map(state => state.analysis!.longestGapHours!)
      const tested = gaps.length > 0
      return {
        service,
        optedIn:
          place.settings?.optIn && Object.hasOwn(place.settings.optIn, service)
            ? place.settings.optIn[service]
            : undefined,
        storeCount,
        restoreTestable: testable,
        restoreTested: tested ? true : testingComplete ? false : undefined,
        restoreTestGapHours: tested
          ? testingComplete
            ? Math.min(...gaps)
            : { $atMost: Math.min(...gaps) }
          : testingComplete
            ? null
            : undefined,
      }
    })
}

function auditFacts(join: Join, place: Place, complete: boolean): Facts {
  const { auditControls, auditReports } = join.policy.assumptions
  const deployed = place.frameworks.filter(item => item.value.deployed !== false)
  return {
    controls: auditControls.map(control => {
      const held = deployed.map(item =>
        item.value.controls === undefined ? undefined : item.value.controls.includes(control),
      )
      return {
        control,
        present: held.includes(true) ? true : complete && !held.includes(undefined) ? false : undefined,
      }
    }) as FactValue,
    reports: auditReports.map(template => {
      const plans = place.reportPlans.filter(item => item.value.template === template)
      const times = plans.map(item => item.value.lastSuccessAt)
      const known = times.filter((time): time is number => typeof time === 'number')
      const unread = place.reportPlans.some(item => item.value.template === undefined)
      return {
        template,
        present: plans.length > 0 ? true : complete && !unread ? false : undefined,
        lastSuccessAgeHours:
          known.length > 0
            ? ageHours(Math.floor(Math.max(...known) / 1000), plans[0]!.scope.clockSeconds)
            : times.includes(undefined) || (plans.length === 0 && !complete)
              ? undefined
              : null,
      }
    }) as FactValue,
  }
}

/** Test resources that restore testing left behind for longer than the policy allows. */
function leftoverCount(join: Join, place: Place): number {
  const clock = place.scope?.clockSeconds
  const limit = join.policy.assumptions.testArtifactDays * 24
  return place.leftovers.filter(({ at }) => {
    const age = at === undefined ? undefined : ageHours(at, clock)
    return age !== undefined && age > limit
  }).length
}

/** Facts of one account. */
export function accountFacts(join: Join, account: string): Facts {
  const { completeness } = join
  const places = [...join.places.values()].filter(place => place.account === account)
  const settings = join.evidence['account-settings'].filter(item => item.account === account)
  const trails = join.evidence.trail.filter(item => item.account === account || item.value.organization === true)
  const apps = join.evidence['resilience-app'].filter(item => item.account === account)
  const appsComplete = completeness.isComplete('resilience', account, undefined)
  const assessed = apps.map(item => item.value.lastAssessmentAt)
  const inUse = places.some(
    place =>
      place.plans.length > 0 ||
      place.serviceCounts.size > 0 ||
      [...place.vaults.values()].some(vault => vault.groups > 0),
  )
  const ages = apps.map(item =>
    typeof item.value.lastAssessmentAt === 'number'
      ? ageHours(Math.floor(item.value.lastAssessmentAt / 1000), item.scope.clockSeconds)
      : undefined,
  )
  const knownAges = ages.filter((age): age is number => age !== undefined)
  return {
    backupInUse: inUse
      ? true
      : places.every(place => completeness.isComplete('inventory', account, place.region))
        ? false
        : undefined,
    trails: listOf(
      trails.map(item => trailFact(join, item, account)) as FactValue[],
      trailsComplete(join, account),
    ) as FactValue,
    crossAccountBackup: settings.find(item => item.value.crossAccountBackup !== undefined)?.value.crossAccountBackup,
    inOrganization: settings.find(item => item.value.inOrganization !== undefined)?.value.inOrganization,
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
function trailsComplete({ completeness, places }: Join, account: string): boolean {
  if (!completeness.isComplete('trails', account, undefined)) return false
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
      !join.completeness.isComplete('inventory', account, place.region),
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

/** Facts of the policy. */
export function policyFacts(join: Join): Facts {
  const tagsKnown =
    join.stores.every(store => store.classification !== undefined) &&
    ![...join.places.values()].some(
      place => place.region !== 'global' && join.completeness.isCut('inventory', place.account, place.region),
    )
  return {
    tiers: Object.entries(join.policy.tiers).map(([name, tier]) => ({
      name,
      inUse: join.usedTiers.has(name) ? true : tagsKnown ? false : undefined,
      rpoHours: tier.rpoHours ?? null,
      rtoHours: tier.rtoHours ?? null,
    })) as FactValue,
  }
}

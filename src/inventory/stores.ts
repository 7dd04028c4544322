/** Facts of a data store: its own, and what the join found for it. */
import { type Facts, type FactValue, isPartialList } from '../model/facts.ts'
import { hasPlaceholder, shownName } from '../model/placeholder.ts'
import type { Attestation } from '../model/policy.ts'
import type { BackupSupport } from '../resources/definition.ts'
import { type Destination, replicationOf } from '../resources/replication.ts'
import { textGlob } from './arn.ts'
import { ageHours } from './clock.ts'
import { copyFacts } from './copies.ts'
import { optInOf } from './coverage.ts'
import { destroyabilityFacts } from './destroyability.ts'
import { type JobFold, mergedJobs } from './job-folds.ts'
import type { Join, Place, StoreItem } from './join.ts'
import { choosesKeys, countOf, isCompleteFor, resolveKey } from './join.ts'
import type { PointGroup } from './point-groups.ts'
import { acceptedMechanisms, protectionFacts } from './protection.ts'
import { groupsOf, recoveryFacts } from './recovery.ts'
import { attestationsOf, hasCome, hoursSinceDate, policyName, restoreFacts } from './restores.ts'
import { supportOf } from './support.ts'

/** Builds the facts of one store. */
export function storeFacts(join: Join, store: StoreItem): Facts {
  return new StoreFacts(join, store) as unknown as Facts
}

/**
 * The facts of a store. Each group is made when a rule first reads it: a store meets some twenty rules, most of which look
 * at two or three groups, and there may be a million stores. `toJSON` gives them all.
 */
class StoreFacts {
  private madeProtection: Facts | undefined
  private madeRecovery: Facts | undefined
  private madeCopies: FactValue | undefined
  private madeDestroyability: Facts | undefined
  private madeRestores: Facts | undefined
  private madeGroups: PointGroup[] | undefined
  private madeSupport: Facts | undefined
  private madeEncryption: Facts | undefined
  private madeClassification: Facts | undefined
  private madeReproduction: Facts | undefined
  private madePitr: FactValue | undefined
  private madeNative: FactValue | undefined
  private madeJobs: Facts | undefined

  constructor(
    private readonly join: Join,
    private readonly store: StoreItem,
  ) {}

  get type() {
    return this.store.type
  }
  get sourceType() {
    return this.store.sourceType
  }
  get id() {
    return shownName(this.store.id)
  }
  get arn() {
    const { arn } = this.store
    return arn === undefined || hasPlaceholder(arn) ? null : arn
  }
  get account() {
    return this.store.account
  }
  get region() {
    return this.store.region
  }
  get name() {
    return shownName(this.store.name ?? this.store.id)
  }
  get tags() {
    return this.store.tags === null ? {} : this.store.tags
  }
  get engine() {
    return this.store.own.engine
  }
  get deploymentType() {
    return this.store.own.deploymentType
  }
  get replicaOf() {
    return this.store.own.replicaOf
  }
  get attached() {
    return this.store.own.attached
  }
  get versioning() {
    return this.store.own.versioning
  }
  get objectLock() {
    return this.store.own.objectLock
  }
  get lifecycleRules() {
    return this.store.own.lifecycleRules
  }
  get lifecycle() {
    return this.store.own.lifecycle
  }
  get replication() {
    return replicationFacts(this.join, this.store)
  }
  get ageHours() {
    return ageOf(this.store, this.store.createdAt) ?? this.store.own.ageHours
  }
  get pitr() {
    return (this.madePitr ??= withAge(this.store, 'pitr'))
  }
  get native() {
    return (this.madeNative ??= withAge(this.store, 'native'))
  }
  get encryption() {
    return (this.madeEncryption ??= encryptionFacts(this.join, this.store))
  }
  get support() {
    return (this.madeSupport ??= supportFacts(this.store, this.place))
  }
  get optIn() {
    return optInOf(this.join, this.store, this.place)
  }
  get isCache() {
    return hasTag(this.store, this.join.policy.assumptions.cacheTag)
  }
  get isBackupTarget() {
    return hasTag(this.store, this.join.policy.assumptions.backupTargetTag)
  }
  get classification() {
    return (this.madeClassification ??= classificationFacts(this.join, this.store))
  }
  get objectives() {
    return this.store.classification && this.join.objectives.get(this.store.classification.tier)
  }
  get protection() {
    return (this.madeProtection ??= protectionFacts(this.join, this.store))
  }
  get recovery() {
    return (this.madeRecovery ??= recoveryFacts(
      this.join,
      this.store,
      this.groups,
      acceptedMechanisms(this.join, this.store),
    ))
  }
  get copies() {
    return (this.madeCopies ??= copyFacts(this.join, this.store, this.groups))
  }
  get destroyability() {
    return (this.madeDestroyability ??= destroyabilityFacts(this.join, this.store, this.groups))
  }
  get restores() {
    return (this.madeRestores ??= restoreFacts(this.join, this.store, this.groups))
  }
  get jobs() {
    return (this.madeJobs ??= jobFacts(this.join, this.store))
  }
  get reproduction() {
    return (this.madeReproduction ??= reproductionFacts(this.join, this.store))
  }
  get runbook() {
    return runbookFacts(this.join, this.store)
  }

  private get place() {
    return this.store.place
  }
  private get groups() {
    return (this.madeGroups ??= groupsOf(this.join, this.store))
  }

  toJSON(): Facts {
    const facts: Facts = {}
    for (const name of factNames) facts[name] = (this as unknown as Facts)[name]
    return facts
  }
}

/** Every fact and group of a store, in the order of the facts schema. */
const factNames = [
  'type',
  'sourceType',
  'id',
  'arn',
  'account',
  'region',
  'name',
  'tags',
  'engine',
  'deploymentType',
  'ageHours',
  'replicaOf',
  'attached',
  'isCache',
  'isBackupTarget',
  'optIn',
  'classification',
  'objectives',
  'encryption',
  'support',
  'protection',
  'pitr',
  'native',
  'replication',
  'versioning',
  'objectLock',
  'lifecycleRules',
  'lifecycle',
  'recovery',
  'copies',
  'destroyability',
  'restores',
  'jobs',
  'reproduction',
  'runbook',
] as const

/** Types whose replication an API lists apart from them: what a complete list does not name does not replicate. */
const listedApart: ReadonlySet<string> = new Set([
  'AWS::DocDB::DBCluster',
  'AWS::EFS::FileSystem',
  'AWS::Neptune::DBCluster',
  'AWS::RDS::DBCluster',
])

function replicationFacts(join: Join, store: StoreItem): FactValue | undefined {
  const { replication } = store.own
  if (replication !== undefined && store.type === 'AWS::S3::Bucket')
    return withPlaces(join, store, replication as Facts)
  if (replication !== undefined || !listedApart.has(store.type)) return replication
  return isCompleteFor(join, store, 'replication') ? { destinations: [], crossRegion: false } : undefined
}

/** Replication of a bucket with the account and Region of each destination bucket that was read: no rule states them (aws-apis §1.5). */
function withPlaces(join: Join, store: StoreItem, replication: Facts): Facts {
  const { destinations } = replication
  const list = isPartialList(destinations) ? destinations.$partial : destinations
  if (!Array.isArray(list) || list.length === 0) return replication
  const placed = list.map(destination => {
    const { target } = destination as Facts
    const bucket = typeof target === 'string' ? join.entries.get(target)?.store : undefined
    if (!bucket?.region || !bucket.account || !store.region || !store.account) return destination
    return {
      ...(destination as Facts),
      region: bucket.region,
      account: bucket.account === store.account ? null : bucket.account,
      crossRegion: bucket.region !== store.region,
    }
  }) as Facts[]
  return replicationOf(placed as unknown as Destination[], !isPartialList(destinations))
}

/** Whether a store carries a marker tag that is not `false`; `undefined` where its tags are not known. */
export function hasTag({ tags }: StoreItem, tag: string): boolean | undefined {
  return tags === undefined
    ? undefined
    : tags !== null && Object.hasOwn(tags, tag) && tags[tag]!.toLowerCase() !== 'false'
}

const supports = new WeakMap<BackupSupport, Facts>()

/** `support` facts; shared between stores of a type, as the feature matrix is. */
function supportFacts(store: StoreItem, place: Place | undefined): Facts {
  const support = supportOf(store, place)
  const known = supports.get(support)
  if (known && known.service === (support.awsBackup ? store.service : null)) return known
  const facts = { ...support, service: support.awsBackup ? store.service : null } as Facts
  supports.set(support, facts)
  return facts
}

function classificationFacts(join: Join, store: StoreItem): Facts {
  const { requiredTags } = join.policy.assumptions
  const tags = store.tags
  const found = store.classification
  const first = requiredTags[0]
  return {
    tier: found?.tier,
    named: found?.named,
    by: found?.by,
    missingTags:
      tags === undefined
        ? undefined
        : requiredTags.filter(tag => !tags || !Object.hasOwn(tags, tag) || tags[tag] === ''),
    dataClassification:
      tags === undefined ? undefined : first !== undefined && tags && Object.hasOwn(tags, first) ? tags[first]! : null,
  }
}

/** Hours since an instant that the store's item states. */
function ageOf({ scope }: StoreItem, at: number | undefined): number | undefined {
  return at === undefined ? undefined : ageHours(at, scope.clockSeconds)
}

/** Hours since a store was created; `undefined` where that, or the present, is not known. */
export function storeAgeHours(store: StoreItem): number | undefined {
  return ageOf(store, store.createdAt)
}

/** The store's own native backup or point-in-time recovery, with the age of its latest restorable time. */
function withAge(store: StoreItem, group: 'native' | 'pitr'): FactValue | undefined {
  const facts = store.own[group]
  const age = ageOf(store, group === 'native' ? store.nativeRestorableAt : store.pitrRestorableAt)
  return age === undefined ? facts : ({ ...(facts as Facts | undefined), latestRestorableAgeHours: age } as FactValue)
}

function encryptionFacts(join: Join, store: StoreItem): Facts | undefined {
  const encryption = store.own.encryption as Facts | undefined
  if (!encryption || encryption.keyManager !== undefined || typeof encryption.keyArn !== 'string') return encryption
  const { manager } = resolveKey(join, encryption.keyArn, store.account, store.region, choosesKeys(store))
  return manager === undefined ? encryption : { ...encryption, keyManager: manager }
}

function jobFacts(join: Join, store: StoreItem): Facts {
  return {
    backup: foldFacts(jobsOf(join, store, 'backupJobs'), isCompleteFor(join, store, 'backup-jobs'), store),
    copy: foldFacts(jobsOf(join, store, 'copyJobs'), isCompleteFor(join, store, 'copy-jobs'), store),
  }
}

/** Jobs of a store, by each of its ARNs. */
function jobsOf(join: Join, store: StoreItem, kind: 'backupJobs' | 'copyJobs'): JobFold | null {
  const own = store.entry?.[kind] ?? null
  if (!store.otherArns) return own
  return mergedJobs([own, ...store.otherArns.map(arn => join.entries.get(arn)?.[kind])].filter(fold => fold != null))
}

/** Of most stores no job is known, of all others or of some: these two are shared. */
const withoutJobs = new Map<boolean, Facts>()

function foldFacts(fold: JobFold | null, listComplete: boolean, store: StoreItem): Facts {
  if (fold) return factsOfJobs(fold, listComplete, store)
  let facts = withoutJobs.get(listComplete)
  if (!facts) withoutJobs.set(listComplete, (facts = factsOfJobs(null, listComplete, store)))
  return facts
}

function factsOfJobs(fold: JobFold | null, listComplete: boolean, store: StoreItem): Facts {
  const complete = listComplete && !fold?.unsure
  const finished = fold?.finished ?? 0
  const failed = fold?.failed ?? 0
  const failedAt = fold?.lastFailureAt ?? -1
  return {
    finishedCount: countOf(finished, complete),
    failedCount: countOf(failed, complete),
    failedPercent: complete ? (finished === 0 ? null : Math.round((failed / finished) * 10_000) / 100) : undefined,
    // Where a part of the list is missing, a later job may have gone otherwise.
    lastState: complete ? (fold?.lastState ?? null) : undefined,
    lastMessage: complete ? (fold?.lastMessage ?? null) : undefined,
    lastFailureAgeHours:
      failedAt >= 0
        ? complete
          ? ageHours(failedAt, store.scope.clockSeconds)
          : undefined
        : complete
          ? null
          : undefined,
  }
}

const notReproducible: Facts = {
  claimed: false,
  by: null,
  missingFields: [],
  reviewAgeHours: null,
  rehearsedAgeHours: null,
  rehearsedDurationHours: null,
}

/** Fields that a record of reproducible data must have (aws-controls §7.1, backup-exemption-documented). */
const reproductionFields = ['reason', 'source', 'procedure', 'reviewBy'] as const

function reproductionFacts(join: Join, store: StoreItem): Facts {
  const name = policyName(store)
  const exemption = join.policy.exemptions.find(
    entry => entry.kind === 'reproducible' && textGlob(entry.resource, name),
  )
  const [rebuild] = attestationsOf(join, store, 'rebuild').filter(attestation => attestation.result !== 'failure')
  if (exemption) {
    const fields: { [field: string]: string | undefined } = {
      reason: exemption.reason,
      source: exemption.source,
      procedure: exemption.procedure,
      reviewBy: exemption.expires,
    }
    const rehearsed = lastRehearsal(join, exemption.lastRehearsed, rebuild)
    return {
      claimed: true,
      by: 'policy',
      missingFields: reproductionFields.filter(field => !fields[field]),
      reviewAgeHours: hoursSinceDate(join, exemption.expires),
      rehearsedAgeHours: hoursSinceDate(join, rehearsed),
      rehearsedDurationHours:
        (rebuild && rehearsed === rebuild.date ? rebuild.durationHours : exemption.rehearsalHours) ?? null,
    }
  }
  const tag = join.policy.assumptions.exemptTag
  if (store.tags === undefined) return {}
  if (!store.tags || !Object.hasOwn(store.tags, tag)) return notReproducible
  const fields = tagFields(store.tags[tag]!)
  const rehearsed = lastRehearsal(join, fields.get('lastRehearsed'), rebuild)
  return {
    claimed: true,
    by: 'tag',
    missingFields: reproductionFields.filter(field => !fields.get(field)),
    reviewAgeHours: hoursSinceDate(join, fields.get('reviewBy')),
    rehearsedAgeHours: hoursSinceDate(join, rehearsed),
    rehearsedDurationHours: (rebuild && rehearsed === rebuild.date ? rebuild.durationHours : undefined) ?? null,
  }
}

/** The later of a stated rehearsal and an attested rebuild; a day to come is none. */
function lastRehearsal(join: Join, stated: string | undefined, rebuild: Attestation | undefined): string | undefined {
  const dates = [stated, rebuild?.date].filter(date => date !== undefined && date !== '' && hasCome(join, date))
  return dates.sort().at(-1)
}

/** Where a field of the record begins, in a tag's value. */
const nextField = /\s+(?=(?:reason|source|procedure|reviewBy|lastRehearsed)[=:])|[;|]/

/**
 * A tag value `reason=… source=… procedure=… reviewBy=2027-01-01`. Most services allow letters, digits, blanks and
 * `_.:/=+-@` in tag values, so a field ends where the next one begins; `;` and `|` are taken where a service allows them.
 */
function tagFields(value: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const part of value.split(nextField)) {
    const equals = part.search(/[=:]/)
    if (equals > 0) fields.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim())
  }
  return fields
}

function runbookFacts(join: Join, store: StoreItem): Facts {
  const [attested] = attestationsOf(join, store, 'runbook')
  const tag = join.policy.assumptions.runbookTag
  const tagged =
    store.tags === undefined
      ? undefined
      : store.tags !== null && Object.hasOwn(store.tags, tag) && store.tags[tag] !== ''
  return {
    linked: attested || tagged ? true : tagged,
    reviewAgeHours: attested ? hoursSinceDate(join, attested.date) : tagged === undefined ? undefined : null,
  }
}

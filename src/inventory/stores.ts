/** Facts of a data store: its own, and what the join found for it. */
import type { Facts, FactValue } from '../model/facts.ts'
import { objectivesOf } from './classification.ts'
import { ageHours } from './clock.ts'
import { placeKey } from './completeness.ts'
import { optInOf, protectionFacts } from './coverage.ts'
import type { JobFold } from './job-folds.ts'
import type { Join, StoreItem } from './join.ts'
import { countOf, isDeclared, resolveKey } from './join.ts'
import { copyFacts, destroyabilityFacts, groupsOf, recoveryFacts } from './recovery.ts'
import { attestationsOf, hoursSinceDate, restoreFacts } from './restores.ts'
import { supportOf } from './support.ts'
import { textGlob } from './arn.ts'

/** Builds the facts of one store. */
export function storeFacts(join: Join, store: StoreItem): Facts {
  const facts = plainFacts(join, store)
  const groups = groupsOf(join, store)
  facts.protection = protectionFacts(join, store)
  facts.recovery = recoveryFacts(join, store, groups, acceptedMechanisms(join, store))
  facts.copies = copyFacts(join, store, groups)
  facts.destroyability = destroyabilityFacts(join, store, groups)
  facts.restores = restoreFacts(join, store, groups)
  facts.jobs = jobFacts(join, store)
  facts.reproduction = reproductionFacts(join, store)
  facts.runbook = runbookFacts(join, store)
  return facts
}

/** Mechanism kinds that the policy accepts for a store's type. */
export function acceptedMechanisms(join: Join, store: StoreItem): ReadonlySet<string> {
  const { mechanisms } = join.policy
  return new Set((Object.hasOwn(mechanisms, store.type) ? mechanisms[store.type] : mechanisms['*']) ?? ['aws-backup'])
}

/** Types whose replication an API lists apart from them: what a complete list does not name does not replicate. */
const listedApart: ReadonlySet<string> = new Set(['AWS::DocDB::DBCluster', 'AWS::EFS::FileSystem', 'AWS::Neptune::DBCluster', 'AWS::RDS::DBCluster'])

function plainFacts(join: Join, store: StoreItem): Facts {
  const place = join.places.get(placeKey(store.account, store.region))
  const { service, ...rest } = { service: store.service, ...supportOf(store, place) }
  const facts: Facts = { ...store.own }
  if (facts.replication === undefined && listedApart.has(store.type) && join.completeness.isComplete('replication', store.account, store.region))
    facts.replication = { crossRegion: false, destinations: [] }
  facts.support = { ...rest, service: rest.awsBackup ? service : null } as FactValue
  facts.optIn = optInOf(join, store, place)
  addTimes(store, facts)
  addKeyManager(join, store, facts)
  const tags = store.tags
  const { assumptions } = join.policy
  const has = (tag: string): boolean | undefined => (tags === undefined ? undefined : tags !== null && Object.hasOwn(tags, tag) && tags[tag]!.toLowerCase() !== 'false')
  facts.isCache = has(assumptions.cacheTag)
  facts.isBackupTarget = has(assumptions.backupTargetTag)
  facts.classification = classificationFacts(join, store)
  if (store.classification) facts.objectives = join.objectives.get(store.classification.tier) ?? objectivesOf(store.classification.tier, join.policy)
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
    missingTags: tags === undefined ? undefined : requiredTags.filter(tag => !tags || !Object.hasOwn(tags, tag) || tags[tag] === ''),
    dataClassification: tags === undefined ? undefined : first !== undefined && tags && Object.hasOwn(tags, first) ? tags[first]! : null,
  }
}

function addTimes(store: StoreItem, facts: Facts): void {
  for (const path in store.times) {
    const age = ageHours(Math.floor(store.times[path]! / 1000), store.scope.clockSeconds)
    if (age === undefined) continue
    const dot = path.indexOf('.')
    if (dot < 0) facts[path] = age
    else {
      const group = path.slice(0, dot)
      facts[group] = { ...(facts[group] as Facts), [path.slice(dot + 1)]: age }
    }
  }
}

function addKeyManager(join: Join, store: StoreItem, facts: Facts): void {
  const encryption = store.own.encryption as Facts | undefined
  if (!encryption || encryption.keyManager !== undefined || typeof encryption.keyArn !== 'string') return
  const { manager } = resolveKey(join, encryption.keyArn, store.account, store.region, isDeclared(store))
  if (manager !== undefined) facts.encryption = { ...encryption, keyManager: manager }
}

function jobFacts(join: Join, store: StoreItem): Facts {
  return {
    backup: foldFacts(store.entry?.backupJobs ?? null, join.completeness.isComplete('backup-jobs', store.account, store.region), store),
    copy: foldFacts(store.entry?.copyJobs ?? null, join.completeness.isComplete('copy-jobs', store.account, store.region), store),
  }
}

function foldFacts(fold: JobFold | null, complete: boolean, store: StoreItem): Facts {
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
    lastFailureAgeHours: failedAt >= 0 ? (complete ? ageHours(failedAt, store.scope.clockSeconds) : undefined) : complete ? null : undefined,
  }
}

/** Fields that a record of reproducible data must have (aws-controls §7.1, backup-exemption-documented). */
const reproductionFields = ['reason', 'source', 'procedure', 'reviewBy'] as const

function reproductionFacts(join: Join, store: StoreItem): Facts {
  const name = store.arn ?? store.address ?? store.id
  const exemption = join.policy.exemptions.find(entry => entry.kind === 'reproducible' && textGlob(entry.resource, name))
  const [rebuild] = attestationsOf(join, store, 'rebuild').filter(attestation => attestation.result !== 'failure')
  if (exemption) {
    const fields: { [field: string]: string | undefined } = { reason: exemption.reason, source: exemption.source, procedure: exemption.procedure, reviewBy: exemption.expires }
    const rehearsed = [exemption.lastRehearsed, rebuild?.date].filter((date): date is string => date !== undefined).sort().at(-1)
    return {
      claimed: true,
      by: 'policy',
      missingFields: reproductionFields.filter(field => !fields[field]),
      reviewAgeHours: hoursSinceDate(join, exemption.expires),
      rehearsedAgeHours: hoursSinceDate(join, rehearsed),
      rehearsedDurationHours: (rehearsed === rebuild?.date ? rebuild?.durationHours : undefined) ?? exemption.rehearsalHours ?? null,
    }
  }
  const tag = join.policy.assumptions.exemptTag
  if (store.tags === undefined) return {}
  if (!store.tags || !Object.hasOwn(store.tags, tag)) return { claimed: false, by: null, missingFields: [], reviewAgeHours: null, rehearsedAgeHours: null, rehearsedDurationHours: null }
  const fields = tagFields(store.tags[tag]!)
  return {
    claimed: true,
    by: 'tag',
    missingFields: reproductionFields.filter(field => !fields.get(field)),
    reviewAgeHours: hoursSinceDate(join, fields.get('reviewBy')),
    rehearsedAgeHours: hoursSinceDate(join, rebuild?.date ?? fields.get('lastRehearsed')),
    rehearsedDurationHours: rebuild?.durationHours ?? null,
  }
}

/** A tag value `reason=… source=… procedure=… reviewBy=2027-01-01`; fields end at `;` or `|`, since tag values hold no commas. */
function tagFields(value: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const part of value.split(/[;|]/)) {
    const equals = part.search(/[=:]/)
    if (equals > 0) fields.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim())
  }
  return fields
}

function runbookFacts(join: Join, store: StoreItem): Facts {
  const [attested] = attestationsOf(join, store, 'runbook')
  const tag = join.policy.assumptions.runbookTag
  const tagged = store.tags === undefined ? undefined : store.tags !== null && Object.hasOwn(store.tags, tag) && store.tags[tag] !== ''
  return {
    linked: attested || tagged ? true : tagged,
    reviewAgeHours: attested ? hoursSinceDate(join, attested.date) : tagged === undefined ? undefined : null,
  }
}


/**
 * What the stores that keep their own backups, and the snapshots of them, have in common: facts that mean «this service has
 * no such feature», who manages a key that nobody named, and ARNs that an answer leaves out.
 */
import type { Facts, FactValue } from '../model/facts.ts'
import type { ResourceRecord } from '../model/record.ts'
import type { PropertySource, StoreDefinition } from './definition.ts'
import { partitionOf } from './identity.ts'
import { property, toBoolean, toText } from './property.ts'

/** Facts of a store as {@link StoreDefinition} lists them: by path, a source or a constant. */
type FactSources = StoreDefinition['facts']

/** The service replicates nothing to another Region. */
export const noReplication: FactSources = { 'replication.crossRegion': false, 'replication.destinations': [] }

/** The service has no point-in-time recovery of its own. */
export const noPointInTimeRecovery: FactSources = {
  'pitr.enabled': false,
  'pitr.recoveryPeriodDays': null,
  'pitr.latestRestorableAgeHours': null,
}

/** The service takes no backups of its own: only AWS Backup, or the customer's own means, could. */
export const noNativeBackup: FactSources = {
  'native.automatedBackup': false,
  'native.retentionDays': 0,
  'native.keepsForever': false,
  'native.retentionHours': null,
  'native.snapshotIntervalHours': null,
  'native.backtrackHours': null,
  'native.latestRestorableAgeHours': null,
  'native.crossRegionCopy': null,
  'native.exported': null,
}

/**
 * Deletion by Terraform leaves no copy: the provider takes no final snapshot of such a type. CloudFormation's
 * `DeletionPolicy` is settled by `settleDeletionPolicy`; a live resource is told at deletion.
 */
export const keptByTemplate: PropertySource = {
  as: keptOnDeletion,
  absent: { config: null, api: null, terraform: false },
}

/** Terraform keeps a copy where a final snapshot has a name, or a flag lets the resource live on. */
function keptOnDeletion(value: unknown): boolean | undefined {
  return toBoolean(value) ?? (toText(value) === undefined ? undefined : true)
}

/** The group of a store's own facts, made where it is not there yet. */
export function factGroup(own: Facts, name: string): Facts {
  own[name] ??= {}
  return own[name] as Facts
}

/**
 * Sets `encryption.keyManager` where the store's own item makes it certain: none without encryption, AWS for `alias/aws/*`,
 * and `unnamed` where the data is encrypted and no key is named. Any other key needs its own record.
 */
export function settleKeyManager(own: Facts, unnamed?: 'aws' | 'awsOwned'): void {
  const encryption = factGroup(own, 'encryption')
  if (encryption.encrypted === false) encryption.keyManager = null
  else if (typeof encryption.keyArn === 'string') {
    if (/(^|[:/])alias\/aws\//.test(encryption.keyArn)) encryption.keyManager = 'aws'
  } else if (encryption.keyArn === null && encryption.encrypted === true && unnamed) encryption.keyManager = unnamed
}

/**
 * Follows from `native.retentionDays` whether the service's own backups are on. `intervalHours` is the longest gap between
 * two of them; `undefined` = not known.
 */
export function settleNativeBackup(own: Facts, intervalHours: number | undefined): void {
  const native = factGroup(own, 'native')
  if (typeof native.retentionDays !== 'number') return
  native.automatedBackup = native.retentionDays > 0
  if (native.automatedBackup) {
    if (intervalHours !== undefined) native.snapshotIntervalHours = intervalHours
  } else {
    native.snapshotIntervalHours = null
    native.latestRestorableAgeHours = null
  }
}

/**
 * Longest gap in hours between two daily snapshots that may begin anywhere in a window `hh:mm-hh:mm`: a day and the length
 * of the window. `undefined` where the window is not known.
 */
export function dailyGapHours(window: unknown): number | undefined {
  const match = typeof window === 'string' ? /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(window.trim()) : null
  if (!match) return undefined
  const [from, to] = [Number(match[1]) * 60 + Number(match[2]), Number(match[3]) * 60 + Number(match[4])]
  if (from >= 1440 || to >= 1440) return undefined
  return 24 + ((to - from + 1440) % 1440) / 60
}

/** Text at the path of the item's format: `[AWS's spelling, Terraform's]`. */
export function textAt(item: ResourceRecord, paths: readonly [aws: string, terraform: string]): string | undefined {
  return toText(property(item, item.encoding === 'terraform' ? paths[1] : paths[0]))
}

/**
 * An ARN in the item's partition, account and Region; `undefined` where one of them is not known. `account` and `region`
 * override the item's (`''` for ARNs without them).
 */
export function arnOf(
  item: ResourceRecord,
  service: string,
  resource: string,
  place: { account?: string; region?: string } = {},
): string | undefined {
  const account = place.account ?? item.account
  const region = place.region ?? item.region
  if (account === undefined || region === undefined) return undefined
  return `arn:${partitionOfItem(item, region)}:${service}:${region}:${account}:${resource}`
}

function partitionOfItem(item: ResourceRecord, region: string): string {
  const stated = item.arn?.startsWith('arn:') ? item.arn.split(':', 2)[1] : undefined
  return stated || partitionOf(region)
}

/** The item's tag by key, own members only; `null` = known to have no such tag, `undefined` = tags are not known. */
export function tagOf(item: ResourceRecord, key: string): string | null | undefined {
  if (item.tags === undefined) return undefined
  return item.tags !== null && Object.hasOwn(item.tags, key) ? item.tags[key]! : null
}

/** A fact that holds in every format. */
export const everywhere = (value: FactValue): NonNullable<PropertySource['absent']> => ({
  config: value,
  api: value,
  cloudformation: value,
  terraform: value,
})

/** Neither AWS Backup nor any feature of it accepts the type. */
export const notInAwsBackup = {
  awsBackup: false,
  crossRegionCopy: false,
  crossAccountCopy: false,
  continuous: false,
  independentEncryption: false,
  coldStorage: false,
  restoreTesting: false,
  airGapped: false,
} as const

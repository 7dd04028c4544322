/** Facts that stores of different services have in common, beside those of `native-backup.ts`. */
import type { Facts, FactValue } from '../model/facts.ts'
import type { ResourceRecord } from '../model/record.ts'
import type { PropertySource, StoreDefinition } from './definition.ts'
import { referenceOr } from './evidence.ts'
import { factGroup } from './native-backup.ts'
import { toBoolean } from './property.ts'
import { placeAt } from './reading.ts'

type FactSources = StoreDefinition['facts']

/** A store that stands on its own: neither a replica nor detachable. */
export const standsAlone: FactSources = { replicaOf: null, attached: true }

/** What is only a bucket's or a transfer's to set. */
export const noBucketEncryption: FactSources = { 'encryption.algorithm': null, 'encryption.inTransit': null }

/**
 * Settings that a service with plain automatic backups lacks. Which backups it takes, and since when, the definition says
 * itself: a constant here would turn «not known» into «none».
 */
export const plainAutomaticBackups: FactSources = {
  'native.keepsForever': false,
  'native.retentionHours': null,
  'native.snapshotIntervalHours': null,
  'native.backtrackHours': null,
  'native.crossRegionCopy': null,
  'native.exported': null,
}

/**
 * Deletion by the template leaves a final snapshot: in CloudFormation by `DeletionPolicy` (which its source hands over in
 * `supplementary.DeletionPolicy`, `null` where none is stated), in Terraform unless `skip_final_snapshot`. A live resource
 * is told at deletion only.
 */
export const finalSnapshotUnlessSkipped: PropertySource = {
  terraform: 'skip_final_snapshot',
  as: value => negated(toBoolean(value)),
  absent: { config: null, api: null, terraform: true },
}

/** As {@link finalSnapshotUnlessSkipped}, for types of which Terraform has no such argument. */
export const noFinalSnapshot: PropertySource = { absent: { config: null, api: null, terraform: null } }

function negated(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value
}

/**
 * Sets `lifecycle.finalSnapshot` from CloudFormation's `DeletionPolicy`. `unstated` is what the type does where none is
 * stated: `AWS::RDS::DBCluster`, and `AWS::RDS::DBInstance` outside a cluster, take a snapshot, all others are deleted.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
 */
export function settleDeletionPolicy(own: Facts, item: ResourceRecord, unstated: boolean): void {
  if (item.encoding !== 'cloudformation') return
  const stated = item.supplementary
  if (!stated || !Object.hasOwn(stated, 'DeletionPolicy')) return
  switch (stated.DeletionPolicy) {
    case null:
      factGroup(own, 'lifecycle').finalSnapshot = unstated
      return
    case 'Snapshot':
    case 'Retain':
    case 'RetainExceptOnCreate':
      factGroup(own, 'lifecycle').finalSnapshot = true
      return
    case 'Delete':
      factGroup(own, 'lifecycle').finalSnapshot = false
  }
}

/** Nothing stands at any of the paths (Terraform's empty block lists count as nothing), nor anything that is known only later. */
export function isUnstated(item: ResourceRecord, ...paths: string[]): boolean {
  return paths.every(path => {
    const { value, unknown } = placeAt(item, path)
    return !unknown && (value === undefined || value === null || (Array.isArray(value) && value.length === 0))
  })
}

/**
 * Forgets what an absent property would mean, for a store that a template makes out of another: it takes over the settings
 * of its source. `madeFrom` are the properties that name a source, `settings` pairs a fact with the property that states it.
 */
export function forgetInherited(
  own: Facts,
  item: ResourceRecord,
  madeFrom: readonly string[],
  settings: readonly (readonly [group: string, leaf: string, property: string])[],
): boolean {
  if (isUnstated(item, ...madeFrom)) return false
  for (const [group, leaf, path] of settings) if (isUnstated(item, path)) delete factGroup(own, group)[leaf]
  return true
}

/** The id or ARN that a property names; a function that was left in place is not known. */
export function reference(value: unknown, item: ResourceRecord): FactValue | undefined {
  return referenceOr({ item, value, path: '', unknown: typeof value === 'object' && value !== null }, undefined)
}

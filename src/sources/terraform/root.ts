/** All records of one Terraform root: its scope, its resources, and word of what is not judged. */
import type { ScopeRecord, SnapshotRecord } from '../../model/record.ts'
import type { Reading } from '../source.ts'
import { terraformRecords } from './records.ts'
import type { TerraformResource } from './resource.ts'

/** The records of a root's instances. */
export function* rootRecords(root: {
  scope: ScopeRecord
  resources: readonly TerraformResource[]
  isWhole: boolean
  file: string
  reading: Reading
}): Generator<SnapshotRecord> {
  const { scope, resources, isWhole, file, reading } = root
  yield scope
  const { records, unjudged, unowned } = terraformRecords({ scope: scope.id, resources, isWhole })
  yield* records
  for (const [type, count] of unjudged) reading.skip({ type, file, reason: 'no rule concerns this type', count })
  const reason = 'it is a part of a resource that this input does not hold'
  for (const [type, count] of unowned) reading.skip({ type, file, reason, count })
}

/** Account and Region of a scope, as far as they are known. */
export function knownPlace(place: { account?: string | undefined; region?: string | undefined }): {
  account?: string
  region?: string
} {
  const { account, region } = place
  return { ...(account === undefined ? {} : { account }), ...(region === undefined ? {} : { region }) }
}

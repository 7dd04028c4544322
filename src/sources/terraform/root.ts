/** All records of one Terraform root: its scope, its resources, and word of what is not judged. */
import type { ResourceRecord, ScopeRecord, SnapshotRecord } from '../../model/record.ts'
import type { InputFile, Reading } from '../source.ts'
import { terraformRecords } from './records.ts'
import type { TerraformResource } from './resource.ts'
import { placeOf, type Site } from './roots.ts'

/** The records of a root's instances. */
export function* rootRecords(root: {
  scope: ScopeRecord
  resources: readonly TerraformResource[]
  removed?: readonly TerraformResource[]
  isWhole: boolean
  file: InputFile
  reading: Reading
}): Generator<SnapshotRecord> {
  const { scope, reading } = root
  const file = root.file.name
  yield scope
  const { records, unjudged, unowned } = terraformRecords({ ...root, scope: scope.id })
  const place = placeOf(root.file)
  for (const record of records) yield located(record, address => reading.roots?.siteOf(place, address))
  for (const [type, count] of unjudged) reading.skip({ type, file, reason: 'no rule concerns this type', count })
  const reason = 'it is a part of a resource that this input does not hold'
  for (const [type, count] of unowned) reading.skip({ type, file, reason, count })
}

/** The record, pointing at the configuration where that is among the inputs: that is what its author can mend. */
function located(record: ResourceRecord, siteOf: (address: string) => Site | undefined): ResourceRecord {
  const site = record.address === undefined ? undefined : siteOf(record.address)
  if (!site) return record
  const related = record.related?.map(part => {
    const own = part.address === undefined ? undefined : siteOf(part.address)
    return own?.location ? { ...part, location: own.location, positions: own.positions ?? {} } : part
  })
  return { ...record, ...site, ...(related ? { related } : {}) }
}

/** Account and Region of a scope, as far as they are known. */
export function knownPlace(place: { account?: string | undefined; region?: string | undefined }): {
  account?: string
  region?: string
} {
  const { account, region } = place
  return { ...(account === undefined ? {} : { account }), ...(region === undefined ? {} : { region }) }
}

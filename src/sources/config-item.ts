/**
 * Single configuration items: one JSON object, a list of them, or several one after the other (`select-resource-config`
 * through `jq -r '.Results[]'`). In any of the five forms of an item; they close nothing.
 */
import type { SnapshotRecord } from '../model/record.ts'
import { readItems } from './items.ts'
import { scopeBook } from './scope.ts'
import type { InputFile, Reading, Sample, Source } from './source.ts'

const openBracket = 0x5b

/** Members that only a configuration item has beside `resourceType`. */
const itemMembers = [
  'configurationItemStatus',
  'configurationItemCaptureTime',
  'configurationItemVersion',
  'configurationStateId',
  'awsAccountId',
]

function showsItem(members: ReadonlySet<string>, prefix: '' | '[]'): boolean {
  if (!members.has(`${prefix}.resourceType`)) return false
  if (itemMembers.some(name => members.has(`${prefix}.${name}`))) return true
  return members.has(`${prefix}.resourceId`) && members.has(`${prefix}.configuration`)
}

function detect(sample: Sample): boolean {
  if (sample.members.has('.record') || sample.members.has('[].record')) return false
  return showsItem(sample.members, sample.shape === 'array' ? '[]' : '')
}

async function* read(files: readonly InputFile[], reading: Reading): AsyncGenerator<SnapshotRecord[]> {
  const book = scopeBook()
  for (const file of files) {
    yield* readItems(file, reading, {
      book,
      sequence: true,
      scopeOf: (account, region) => ({ source: 'aws-config-item', account, region, file: file.name }),
      begin: (path, firstByte) => (path === '' && firstByte === openBracket ? 'enter' : 'take'),
    })
  }
}

/** Single AWS Config configuration items. */
export const source: Source = {
  name: 'AWS Config configuration items',
  markers: [/"configurationItem/],
  detect,
  read,
}

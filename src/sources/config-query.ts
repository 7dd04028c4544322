/**
 * Saved answers of AWS Config's own API: SelectResourceConfig and SelectAggregateResourceConfig (`Results`, a list of JSON
 * texts), GetResourceConfigHistory (`configurationItems`), BatchGetResourceConfig and BatchGetAggregateResourceConfig
 * (`baseConfigurationItems`, `BaseConfigurationItems`), also wrapped as `{ status_code, data }`. They close nothing.
 * https://docs.aws.amazon.com/config/latest/APIReference/API_SelectResourceConfig.html
 */
import type { SnapshotRecord } from '../model/record.ts'
import { readItems } from './items.ts'
import { parseJson, type ScanStep } from './json.ts'
import { scopeBook } from './scope.ts'
import type { InputFile, Reading, Sample, Source } from './source.ts'

const lists = ['configurationItems', 'baseConfigurationItems', 'BaseConfigurationItems', 'Results']
const entered = new Set(['', '.data', ...lists.flatMap(name => [`.${name}`, `.data.${name}`])])
const taken = new Set(lists.flatMap(name => [`.${name}[]`, `.data.${name}[]`]))

/** JSON text in JSON text that names a member of an item: what a row of a query looks like. */
const rowText = /\\"(?:resourceType|resourceId|configuration|awsRegion|accountId)\\"\s*:/

function detect(sample: Sample): boolean {
  const { members } = sample
  if (sample.shape === 'array') return members.has('[]') && rowText.test(sample.text)
  if (members.has('.fileVersion') || members.has('.configSnapshotId') || members.has('.requestId')) return false
  return ['', '.data'].some(
    at =>
      members.has(`${at}.configurationItems`) ||
      members.has(`${at}.baseConfigurationItems`) ||
      members.has(`${at}.BaseConfigurationItems`) ||
      (members.has(`${at}.Results`) && (members.has(`${at}.QueryInfo`) || rowText.test(sample.text))),
  )
}

function begin(path: string): ScanStep {
  return entered.has(path) ? 'enter' : taken.has(path) ? 'take' : 'skip'
}

function beginOfList(path: string): ScanStep {
  return path === '' ? 'enter' : 'take'
}

/** A row that is JSON text, decoded; anything else as it is. */
function decodeRow(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const row = parseJson(value)
  return 'value' in row ? row.value : value
}

async function* read(files: readonly InputFile[], reading: Reading): AsyncGenerator<SnapshotRecord[]> {
  const book = scopeBook()
  for (const file of files) {
    yield* readItems(file, reading, {
      book,
      isQuery: true,
      sequence: true,
      decode: decodeRow,
      scopeOf: (account, region) => ({ source: 'aws-config-query', account, region, file: file.name }),
      begin: file.sample.shape === 'array' ? beginOfList : begin,
    })
  }
}

/** Saved answers of AWS Config's API. */
export const source: Source = {
  name: 'saved results of AWS Config queries',
  markers: [/"(?:configurationItem|baseConfigurationItem|BaseConfigurationItem)s"/],
  detect,
  read,
}

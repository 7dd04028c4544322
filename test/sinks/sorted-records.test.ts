/**
 * Protects the order of a collected snapshot: scopes, gaps, then resources, `AWS::Backup::*` first, by type and ARN; the same
 * bytes however much fits into memory and in whatever order records come; each line once; nothing left beside the output.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import type { SnapshotRecord } from '../../src/model/record.ts'
import { SortedRecords } from '../../src/sinks/sorted-records.ts'

const folder = mkdtempSync(join(tmpdir(), 'rel09-sorted-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const resource = (type: string, arn: string, configuration = {}): SnapshotRecord => ({
  record: 'resource',
  scope: 's',
  type,
  id: arn,
  arn,
  encoding: 'api',
  configuration,
})
const inOrder: SnapshotRecord[] = [
  { record: 'scope', id: 's', source: 'aws', account: '111122223333', region: 'eu-central-1' },
  { record: 'scope', id: 't', source: 'aws', account: '111122223333', region: 'eu-west-1' },
  {
    record: 'gap',
    scope: 's',
    account: '111122223333',
    region: 'eu-west-1',
    factGroups: ['plans'],
    types: [],
    api: 'backup:ListBackupPlans',
    reason: 'denied',
    remedy: 'Allow it.',
  },
  resource('AWS::Backup::BackupPlan', 'arn:b'),
  resource('AWS::Backup::BackupVault', 'arn:a', { name: 'a line\nand \u0000 more' }),
  resource('AWS::DynamoDB::Table', 'arn:a', { of: 'orders' }),
  resource('AWS::DynamoDB::Table', 'arn:ab'),
  resource('AWS::DynamoDB::Table', 'arn:b', { of: 'Bücher' }),
  resource('AWS::S3::Bucket', 'arn:a\nb'),
]
const expected = inOrder.map(record => `${JSON.stringify(record)}\n`).join('')

it.each([1, 300, 1_000_000])('sorts by parts of %i characters as in memory', mostHeld => {
  fc.assert(
    fc.property(fc.shuffledSubarray([...inOrder, ...inOrder], { minLength: 2 * inOrder.length }), records => {
      const sorted = new SortedRecords(join(folder, 'deep/er', 'out.ndjson'), mostHeld)
      for (const record of records) sorted.add(record)
      const text = [...sorted.chunks()].join('')
      sorted.close()
      expect(text).toBe(expected)
      expect(readdirSync(join(folder, 'deep/er'))).toEqual([])
    }),
    { numRuns: 20 },
  )
})

it('compresses into one gzip file', () => {
  const sorted = new SortedRecords(join(folder, 'out.ndjson.gz'), 1)
  for (const record of inOrder) sorted.add(record)
  expect(gunzipSync(Buffer.concat([...sorted.zipped()])).toString()).toBe(expected)
  sorted.close()
})

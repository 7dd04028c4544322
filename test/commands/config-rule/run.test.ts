// Protects a scheduled run over very many resources: each is told once, those that AWS Config fails to take are told again, what is
// gone is retracted, and the log stays short.
import { expect, it } from 'vitest'
import type { AwsHost } from '../../../src/commands/config-rule/aws-host.ts'
import { runConfigRule } from '../../../src/commands/config-rule/run.ts'
import { type Evaluation, resourceKey, resourceOfEvaluation } from '../../../src/model/evaluation.ts'
import { account, eventOf, hostOf, noPublishers, orderedAt, region, scheduled, storedText } from './events.ts'

const count = 25_000
const type = 'AWS::S3::Bucket'

/** Buckets of which one in three is versioned, and of one in a hundred nothing is known. */
function snapshotOf(buckets: number): string {
  const factGroups = ['inventory', 'tags', 'configuration']
  const scope = { record: 'scope', id: 's', source: 'aws', account, region, takenAt: orderedAt, factGroups }
  const records = Array.from({ length: buckets }, (_, i) => {
    const id = `bucket-${i}`
    const supplementary =
      i % 100 === 1 ? {} : { BucketVersioningConfiguration: { status: i % 3 === 0 ? 'Enabled' : 'Off' } }
    const unknown = i % 100 === 1 ? ['supplementary'] : undefined
    const place = {
      record: 'resource',
      scope: 's',
      type,
      id,
      arn: `arn:aws:s3:::${id}`,
      account,
      region,
      name: id,
      tags: null,
    }
    return { ...place, encoding: 'config', configuration: { name: id }, supplementary, unknown }
  })
  return [scope, ...records].map(record => JSON.stringify(record)).join('\n')
}

it('25,000 evaluations arrive once each, whichever fail at first', async () => {
  const text = snapshotOf(count)
  const before = [...Array(500).keys()].map(i => ({ type, id: `former-${i}` }))
  const host = hostOf({ before, newestSnapshot: async () => storedText('daily.ndjson', text) })
  const taken = new Map<string, Evaluation[]>()
  const failed = new Set<string>()
  let calls = 0
  const put: AwsHost['put'] = async batch => {
    calls++
    expect(batch.length).toBeLessThanOrEqual(100)
    const refused = batch.filter(one => /77$/.test(one.ComplianceResourceId) && !failed.has(one.ComplianceResourceId))
    for (const one of refused) failed.add(one.ComplianceResourceId)
    for (const one of batch)
      if (!refused.includes(one)) {
        const key = resourceKey(resourceOfEvaluation(one))
        taken.set(key, [...(taken.get(key) ?? []), one])
      }
    return refused
  }
  const lines: { [name: string]: unknown }[] = []
  const parameters = { ruleParameters: '{"snapshotUri":"s3://snapshots/"}' }
  const result = await runConfigRule(eventOf('s3-versioning', scheduled(), parameters), {
    functionAccount: account,
    clock: () => 0,
    wait: async () => {},
    log: entry => lines.push(entry as { [name: string]: unknown }),
    hostFor: async () => ({ host, put, publishers: noPublishers, close() {} }),
  })
  expect(result).toEqual({ evaluations: count + before.length })
  expect(failed.size).toBeGreaterThan(200)
  expect(taken.size).toBe(count + before.length)
  const all = [...taken.values()]
  expect(all.every(({ length }) => length === 1)).toBe(true)
  expect(calls).toBe(255 + Math.ceil(failed.size / 100))
  const told = (compliance: string) => all.filter(([one]) => one!.ComplianceType === compliance).length
  const unknown = count / 100
  expect(told('NOT_APPLICABLE')).toBe(unknown + before.length)
  expect(told('COMPLIANT') + told('NON_COMPLIANT')).toBe(count - unknown)
  expect(lines.filter(({ message }) => message === 'undetermined')).toHaveLength(100)
  expect(lines).toContainEqual(expect.objectContaining({ Undetermined: unknown, Evaluations: count + before.length }))
  expect(lines.length).toBeLessThan(110)
}, 60_000)

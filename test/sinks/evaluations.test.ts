// Protects the sending of evaluations: a hundred a call, what AWS Config failed to take again and nothing else, none twice, none lost.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Evaluation, resourceKey, resourceOfEvaluation } from '../../src/model/evaluation.ts'
import { EvaluationsRefused, sendEvaluations } from '../../src/sinks/evaluations.ts'

const evaluation = (i: number): Evaluation => ({
  // One id under two types: neither stands for the other.
  ComplianceResourceType: i % 2 === 0 ? 'AWS::S3::Bucket' : 'AWS::DynamoDB::Table',
  ComplianceResourceId: `store-${Math.floor(i / 2)}`,
  ComplianceType: 'COMPLIANT',
  OrderingTimestamp: '2026-01-05T10:00:00.000Z',
})

/** AWS Config, which fails to take each evaluation as often as `failures` says. */
function config(failures: (key: string) => number) {
  const taken = new Map<string, number>()
  const failed = new Map<string, number>()
  const sizes: number[] = []
  return {
    taken,
    sizes,
    async put(batch: readonly Evaluation[]) {
      sizes.push(batch.length)
      const refused: Evaluation[] = []
      for (const one of batch) {
        const key = resourceKey(resourceOfEvaluation(one))
        const before = failed.get(key) ?? 0
        if (before < failures(key)) {
          failed.set(key, before + 1)
          refused.push({ ...one })
        } else taken.set(key, (taken.get(key) ?? 0) + 1)
      }
      return refused
    },
  }
}

const waits: number[] = []
const wait = async (milliseconds: number) => void waits.push(milliseconds)

describe('evaluations', () => {
  it('all arrive once, whichever fail at first', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(450), fc.array(fc.nat(4), { minLength: 1, maxLength: 30 }), async (count, failures) => {
        const all = Array.from({ length: count }, (_, i) => evaluation(i))
        const keys = all.map(one => resourceKey(resourceOfEvaluation(one)))
        const aws = config(key => failures[keys.indexOf(key) % failures.length]!)
        await sendEvaluations(all, aws.put, wait)
        expect([...aws.taken.keys()].sort()).toEqual([...keys].sort())
        expect([...aws.taken.values()].every(times => times === 1)).toBe(true)
        expect(aws.sizes.every(size => size >= 1 && size <= 100)).toBe(true)
      }),
      { numRuns: 40 },
    )
  })

  it('25,000 take 250 calls, and one more for a hundred that fail', async () => {
    const all = Array.from({ length: 25_000 }, (_, i) => evaluation(i))
    const aws = config(key => (key.length % 250 === 0 || key.endsWith('store-77') ? 1 : 0))
    expect(await sendEvaluations(all, aws.put, wait)).toEqual({ calls: 251, repeated: 2 })
    expect(aws.taken.size).toBe(25_000)
  })

  it('that never are taken are an error, after waits that grow', async () => {
    waits.splice(0)
    const aws = config(() => 99)
    await expect(sendEvaluations([evaluation(1)], aws.put, wait)).rejects.toThrow(EvaluationsRefused)
    expect(waits).toEqual([500, 1000, 2000, 4000])
  })
})

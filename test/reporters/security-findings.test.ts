// Protects what AWS Security Hub and EventBridge are sent of any finding, whatever its texts hold: within the lengths that they take, the
// same whenever it is made, and passed only where the verdict is compliant.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Finding } from '../../src/model/report.ts'
import { severities } from '../../src/model/rule.ts'
import { outcomeOf } from '../../src/reporters/evaluations.ts'
import { findingEventOf } from '../../src/reporters/finding-events.ts'
import { importsOf, securityFindingOf } from '../../src/reporters/security-findings.ts'
import { builtInRules } from '../../src/rules/built-in.ts'
import { findingOf, verdicts } from './clinic.ts'

const account = '111122223333'
const context = {
  rule: builtInRules[0]!,
  configRuleName: 'rel09-it',
  account,
  region: 'eu-west-1',
  partition: 'aws',
  orderedAt: '2026-03-01T06:00:00.000Z',
  undeterminedAs: 'NOT_APPLICABLE',
  policyDigest: 'a'.repeat(64),
} as const
const strict = { ...context, undeterminedAs: 'NON_COMPLIANT' } as const

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 600 }),
  fc.string({ unit: 'grapheme', minLength: 1000, maxLength: 1300 }),
)
const missing = fc.record({ path: text, factGroup: fc.constant('plans'), reason: fc.constant('denied'), remedy: text })
const evidence = fc.record({
  path: text,
  expected: fc.record({ const: text }),
  actual: text,
  from: fc.constant('plans'),
})

const finding: fc.Arbitrary<Finding> = fc
  .record({
    verdict: fc.constantFrom(...verdicts),
    state: fc.constantFrom('open' as const, 'exempted' as const),
    severity: fc.constantFrom(...severities),
    resource: fc.record({
      type: fc.constantFrom('AWS::S3::Bucket', 'AWS::EFS::FileSystem', 'AWS::::Account', 'constructor'),
      id: text,
      arn: fc.option(text, { nil: undefined }),
      region: fc.constantFrom('eu-west-1', 'global', undefined),
    }),
    subject: fc.constantFrom('data-store', 'region'),
    message: text,
    evidence: fc.array(evidence, { maxLength: 20 }),
    missing: fc.array(missing, { maxLength: 20 }),
    exemption: fc.option(fc.record({ reason: text, owner: text, expires: fc.constant('2027-03-01'), kind: text }), {
      nil: undefined,
    }),
    fingerprint: fc.stringMatching(/^[0-9a-f]{32}$/),
  })
  .map(more => findingOf(1, more as Partial<Finding>))

/** Controls, and half of a surrogate pair. */
const unseen = /\p{Cc}|\p{Cs}/u

describe('a finding of Security Hub', () => {
  it('has the lengths that the format allows, and nothing that cannot be seen', () => {
    fc.assert(
      fc.property(finding, fc.constantFrom(context, strict), (one, given) => {
        const told = securityFindingOf(one, given)
        const { Recommendation } = told.Remediation!
        for (const [value, longest] of [
          [told.Id, 512],
          [told.GeneratorId, 512],
          [told.Title, 256],
          [told.Description, 1024],
          [Recommendation.Text, 512],
          ...told.Resources.map(({ Region }) => [Region, 16] as const),
          ...Object.entries(told.ProductFields).flatMap(
            ([name, held]) =>
              [
                [name, 128],
                [held, 2048],
              ] as const,
          ),
        ] as const) {
          expect(value).toMatch(/\S/)
          expect(value.length).toBeLessThanOrEqual(longest)
          expect(value).not.toMatch(unseen)
        }
        expect(Object.keys(told.ProductFields).length).toBeLessThanOrEqual(50)
        expect(told.Resources).toHaveLength(1)
        expect(told.Resources[0]!.Type).toMatch(/^(?:Aws\w+|Other)$/)
        expect(told.Resources[0]!.Id).toMatch(/\S/)
        expect(Buffer.byteLength(JSON.stringify(told))).toBeLessThan(240_000)
        expect(securityFindingOf(one, given)).toEqual(told)
      }),
    )
  })

  it('is open where something is wrong or not known, and passed only where it is compliant', () => {
    fc.assert(
      fc.property(finding, fc.constantFrom(context, strict), (one, given) => {
        const { Compliance, RecordState, FindingProviderFields } = securityFindingOf(one, given)
        const outcome = outcomeOf(one)
        expect(RecordState === 'ACTIVE').toBe(outcome === 'non-compliant' || outcome === 'undetermined')
        expect(Compliance.Status === 'PASSED').toBe(outcome === 'compliant')
        const isFailed = outcome === 'non-compliant' || (outcome === 'undetermined' && given === strict)
        expect(Compliance.Status === 'FAILED').toBe(isFailed)
        expect(FindingProviderFields.Severity.Label === 'INFORMATIONAL').toBe(!isFailed)
      }),
    )
  })

  it('of another account, Region or fingerprint is another', () => {
    const idOf = (more: object, fingerprint: string) =>
      securityFindingOf(findingOf(1, { fingerprint }), { ...context, ...more }).Id
    const ids = [
      idOf({}, 'a'.repeat(32)),
      idOf({}, 'b'.repeat(32)),
      idOf({ account: '444455556666' }, 'a'.repeat(32)),
      idOf({ region: 'eu-west-3' }, 'a'.repeat(32)),
    ]
    expect(new Set(ids).size).toBe(4)
  })

  it('is told of what is fine only where it was open, and of each once', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(finding, { selector: one => one.fingerprint, maxLength: 8 }),
        fc.nat(),
        (all, bits) => {
          const wasOpen = all.filter((_, i) => (bits >> i) & 1).map(one => securityFindingOf(one, context))
          const active = new Map(wasOpen.map(one => [one.Id, one]))
          const told = [...importsOf(all, active, () => true, context)]
          const isOpen = new Set(wasOpen.map(({ Id }) => Id))
          const expected = all
            .map(one => securityFindingOf(one, context))
            .filter(({ Id, RecordState }) => RecordState === 'ACTIVE' || isOpen.has(Id))
          expect(told).toEqual(expected)
        },
      ),
    )
  })
})

describe('an event', () => {
  it('is JSON that stays far below what EventBridge takes', () => {
    fc.assert(
      fc.property(finding, one => {
        const { Detail, Resources } = findingEventOf(one, context)
        expect(Buffer.byteLength(Detail + Resources.join(''))).toBeLessThan(200_000)
        expect(JSON.parse(Detail)).toMatchObject({ fingerprint: one.fingerprint, outcome: outcomeOf(one) })
      }),
    )
  })
})

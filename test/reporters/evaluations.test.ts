// Protects what AWS Config is told: what is undetermined or accepted is never COMPLIANT and never left unsaid, one resource has one
// evaluation whatever the order, and every evaluation is one that PutEvaluations takes.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ComplianceType, canBeEvaluated, resourceKey, resourceOfEvaluation } from '../../src/model/evaluation.ts'
import type { Finding } from '../../src/model/report.ts'
import { severities } from '../../src/model/rule.ts'
import { annotationOf, evaluationsOf, filedUnder, outcomeOf } from '../../src/reporters/evaluations.ts'
import { findingOf, verdicts } from './clinic.ts'

const account = '111122223333'
const orderedAt = '2026-03-01T06:00:00.000Z'
const context = { account, orderedAt, undeterminedAs: 'NOT_APPLICABLE' } as const
const strict = { ...context, undeterminedAs: 'NON_COMPLIANT' } as const

const missing = [{ path: 'protection.covered', factGroup: 'plans', reason: 'denied', remedy: 'Allow it.' }] as const
const exemption = { reason: 'a cache', owner: 'web', expires: '2027-03-01', kind: 'accepted' }
const table = { type: 'AWS::DynamoDB::Table', id: 'carts' }

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), fc.string({ unit: 'grapheme', maxLength: 400 }))

const finding: fc.Arbitrary<Finding> = fc
  .record({
    verdict: fc.constantFrom(...verdicts),
    state: fc.constantFrom('open' as const, 'exempted' as const),
    severity: fc.constantFrom(...severities),
    resource: fc.record({ type: fc.constantFrom('AWS::S3::Bucket', table.type), id: fc.constantFrom('carts', 'logs') }),
    subject: fc.constantFrom('data-store', 'region'),
    configResource: fc.option(fc.constant({ type: 'AWS::Backup::BackupVault', id: 'main' }), { nil: undefined }),
    message: text,
    fingerprint: fc.stringMatching(/^[0-9a-f]{32}$/),
  })
  .map(({ configResource, ...rest }) =>
    findingOf(1, {
      ...rest,
      ...(configResource ? { configResource } : {}),
      missing: rest.verdict === 'undetermined' ? [...missing] : [],
      ...(rest.state === 'exempted' ? { exemption } : {}),
    }),
  )

const worstFirst: ComplianceType[] = ['NON_COMPLIANT', 'NOT_APPLICABLE', 'COMPLIANT']

describe('evaluations', () => {
  it('are one a resource, worst outcome first, in whatever order the findings come', () => {
    fc.assert(
      fc.property(fc.array(finding, { maxLength: 12 }), fc.constantFrom(context, strict), (findings, given) => {
        const evaluations = evaluationsOf(findings, given)
        const keys = evaluations.map(one => resourceKey(resourceOfEvaluation(one)))
        expect(new Set(keys).size).toBe(keys.length)
        expect(new Set(keys)).toEqual(new Set(findings.map(one => resourceKey(filedUnder(one, account)))))
        const byKey = (a: { ComplianceResourceId: string }, b: { ComplianceResourceId: string }) =>
          JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
        expect(evaluationsOf([...findings].reverse(), given).sort(byKey)).toEqual([...evaluations].sort(byKey))
        for (const evaluation of evaluations) {
          const own = findings.filter(
            one => resourceKey(filedUnder(one, account)) === resourceKey(resourceOfEvaluation(evaluation)),
          )
          const outcomes = new Set(own.map(outcomeOf))
          const told = evaluation.ComplianceType
          const annotation = evaluation.Annotation ?? ''
          expect(told === 'COMPLIANT').toBe(
            outcomes.has('compliant') && [...outcomes].every(one => one === 'compliant' || one === 'not-applicable'),
          )
          if (outcomes.has('non-compliant')) expect(told).toBe('NON_COMPLIANT')
          else if (outcomes.has('undetermined')) {
            expect(told).toBe(given.undeterminedAs)
            expect(annotation).toMatch(/^undetermined: /)
          } else expect(told).not.toBe('NON_COMPLIANT')
          expect(canBeEvaluated(resourceOfEvaluation(evaluation))).toBe(true)
          expect(worstFirst).toContain(told)
          expect(evaluation.OrderingTimestamp).toBe(orderedAt)
        }
      }),
    )
  })

  it('have annotations that AWS Config takes, on one line, of whole characters, that keep the number of others', () => {
    fc.assert(
      fc.property(text, text, fc.nat(30_000), (head, why, more) => {
        const annotation = annotationOf(head, why, more)
        expect(annotation.length).toBeGreaterThanOrEqual(1)
        expect(annotation.length).toBeLessThanOrEqual(256)
        // Throws on half of a character.
        expect(() => encodeURIComponent(annotation)).not.toThrow()
        expect(annotation).not.toMatch(/\p{Cc}/u)
        if (more > 0) expect(annotation.endsWith(`(${more} more)`)).toBe(true)
      }),
    )
  })

  it.each<[string, Partial<Finding>, string, RegExp]>([
    [
      'a fault says what and why',
      { message: 'carts is not covered' },
      'NON_COMPLIANT',
      /^high: carts is not covered \[/,
    ],
    ['the unknown says why', { verdict: 'undetermined', missing: [...missing] }, 'NOT_APPLICABLE', /access denied/],
    ['the accepted says who', { state: 'exempted', exemption }, 'NOT_APPLICABLE', /^exempted until 2027-03-01 by web/],
    ['the compliant has its proof', { verdict: 'compliant' }, 'COMPLIANT', /\[protection\.covered is /],
  ])('%s', (_name, members, compliance, annotation) => {
    const evidence = [
      { path: 'protection.covered', expected: { const: true }, actual: members.verdict === 'compliant', from: 'plans' },
    ]
    const [one] = evaluationsOf([findingOf(1, { severity: 'high', evidence, ...members })], context)
    expect(one?.ComplianceType).toBe(compliance)
    expect(one?.Annotation).toMatch(annotation)
  })

  it('of several findings tell the most severe, and how many are as bad', () => {
    const configResource = { type: 'AWS::Backup::BackupVault', id: 'main' }
    const findings = severities.map((severity, i) =>
      findingOf(i, { severity, message: `${severity} one`, configResource }),
    )
    const sound = findingOf(9, { verdict: 'compliant', configResource })
    expect(evaluationsOf([...findings, sound].reverse(), context)).toMatchObject([
      {
        ComplianceResourceType: configResource.type,
        ComplianceResourceId: 'main',
        Annotation: expect.stringMatching(/^critical: critical one.*\(3 more\)$/),
      },
    ])
  })

  it.each<[string, Partial<Finding>, { type: string; id: string }]>([
    [
      'what AWS Config calls it',
      { resource: { type: 'AWS::DocDB::DBCluster', sourceType: 'AWS::RDS::DBCluster', id: 'cluster-A' } },
      { type: 'AWS::RDS::DBCluster', id: 'cluster-A' },
    ],
    [
      'its account, where AWS Config takes no such id',
      { resource: { ...table, id: 'x'.repeat(769) } },
      { type: 'AWS::::Account', id: account },
    ],
    [
      'its account, being a Region',
      { subject: 'region', resource: { type: 'AWS::::Account', id: `${account}/eu-west-1` } },
      { type: 'AWS::::Account', id: account },
    ],
    [
      'its account, being the policy',
      { subject: 'policy', resource: { type: 'rel09::Policy', id: 'rel09.yaml' } },
      { type: 'AWS::::Account', id: account },
    ],
  ])('a finding is filed under %s', (_name, members, resource) => {
    expect(filedUnder(findingOf(1, members), account)).toEqual(resource)
  })
})

// Protects the three judgements that decide what a reviewer sees: which lines a change touches, whose a finding is, and what a
// policy exempts beyond the one before.
import fc from 'fast-check'
import { afterAll, describe, expect, it, test } from 'vitest'
import { changedLines, isTouched } from '../../src/commands/action/changed-lines.ts'
import { Repository } from '../../src/commands/action/git.ts'
import { arnGlob } from '../../src/inventory/arn.ts'
import type { Exemption, ExemptionChange, Policy } from '../../src/model/policy.ts'
import type { Location } from '../../src/model/record.ts'
import type { Evidence, Finding } from '../../src/model/report.ts'
import { builtInPolicy } from '../../src/policy/built-in.ts'
import { declaredExemptionChanges, exemptionChanges } from '../../src/policy/exemption-changes.ts'
import { jobSummary, longestSummary } from '../../src/reporters/job-summary.ts'
import { findingOf, reportOf } from '../reporters/clinic.ts'
import { TestRepository } from './repository.ts'

describe('the lines of a change', () => {
  const lines = (...words: string[]) => words.map(word => `${word}\n`).join('')
  const names = [
    'plain.tf',
    'two words.tf',
    'quo"te.tf',
    'back\\slash.tf',
    'tab\there.tf',
    'café.tf',
    'a/b/deep.tf',
    'b/b.tf',
  ]
  const repository = new TestRepository(Object.fromEntries(names.map(name => [name, lines('one', 'two', 'three')])))
  afterAll(() => repository.remove())

  it.each<[string, string, [number, number][]]>([
    ['a line that is new', lines('one', 'new', 'two', 'three'), [[2, 2]]],
    ['a line that is different', lines('one', 'TWO', 'three'), [[2, 2]]],
    ['the lines about one that is gone', lines('one', 'three'), [[1, 2]]],
    ['the first line, where what stood above is gone', lines('three'), [[1, 1]]],
    ['the last line, where it lost its end', 'one\ntwo\nthree', [[3, 3]]],
    ['content that imitates a hunk', lines('one', '++ b/other.tf', '@@ -1 +1,99 @@', 'two', 'three'), [[2, 3]]],
    ['nothing of a file that is gone', '', []],
  ])('are %s', async (_, text, expected) => {
    const { base, head } = repository.propose(Object.fromEntries(names.map(name => [name, text === '' ? null : text])))
    const found = await changedLines(new Repository(repository.path, process.env), base, head)
    const wanted = names.map(name => [name, expected] as const).filter(([, ranges]) => ranges.length > 0)
    expect(new Map([...found].map(([name, ranges]) => [name, ranges.map(([a, b]) => [Math.max(1, a), b])]))).toEqual(
      new Map(wanted),
    )
  })
})

describe('a finding belongs to a change', () => {
  const touched = new Map([['a.tf', [[10, 12]] as const]])
  const files = new Set(['a.tf', 'b.tf'])
  const at = (line: number, file = 'a.tf', endLine?: number): Location => ({
    file,
    line,
    ...(endLine ? { endLine } : {}),
  })
  const fact = (location: Location): Evidence => ({ path: 'x', expected: {}, from: 'configuration', location })
  const finding = (places: Partial<Finding>): Finding => {
    const { location: _location, ...rest } = findingOf(1)
    return { ...rest, evidence: [], ...places }
  }

  it.each<[string, Partial<Finding>, boolean]>([
    ['on a touched line', { location: at(11) }, true],
    ['beside one', { location: at(13) }, false],
    ['in another file', { location: at(11, 'b.tf') }, false],
    ['over several lines of which one is touched', { location: at(5, 'a.tf', 10) }, true],
    ['by a related place', { location: at(1), relatedLocations: [at(2), at(12)] }, true],
    ['by a line of its evidence', { location: at(1), evidence: [fact(at(10))] }, true],
    ['by none of them', { location: at(1), relatedLocations: [at(2)], evidence: [fact(at(3))] }, false],
    ['without a place', {}, true],
    ['in a file that no commit holds', { location: at(1, 'plan.json') }, true],
  ])('%s', (_, places, expected) => {
    expect(isTouched(finding(places), touched, files)).toBe(expected)
  })
})

const exemption = fc.record<Exemption>({
  kind: fc.constantFrom('accepted' as const, 'reproducible' as const),
  rule: fc.constantFrom('a', 'b'),
  resource: fc.string({ unit: fc.constantFrom('x', 'y', '*'), maxLength: 5 }),
  reason: fc.constant('r'),
  owner: fc.constant('o'),
  expires: fc.constantFrom('2026-01-01', '2027-01-01', '2028-01-01'),
})
const policyOf = (exemptions: Exemption[], rules: Policy['rules'] = {}): Policy => ({
  ...builtInPolicy(),
  exemptions,
  rules,
})

test('a policy that is said to exempt no more than before exempts no more than before', () => {
  const resource = fc.string({ unit: fc.constantFrom('x', 'y'), maxLength: 6 })
  const exempts = (exemptions: Exemption[], name: string, like: Exemption, day: string) =>
    exemptions.some(
      ({ kind, rule, resource: pattern, expires }) =>
        kind === like.kind && rule === like.rule && expires >= day && arnGlob(pattern)(name),
    )
  fc.assert(
    fc.property(fc.array(exemption), fc.array(exemption), resource, (before, after, name) => {
      const told = exemptionChanges(policyOf(before), policyOf(after)).flatMap(change =>
        change.change === 'switchedOff' ? [] : [change.exemption],
      )
      for (const one of after)
        if (!told.includes(one) && arnGlob(one.resource)(name))
          expect(exempts(before, name, one, one.expires)).toBe(true)
    }),
  )
})

test('a policy exempts no more than itself, and a rule is switched off once', () => {
  fc.assert(fc.property(fc.array(exemption), list => exemptionChanges(policyOf(list), policyOf(list)).length === 0))
  const off = policyOf([], { a: { enabled: false }, b: { enabled: true } })
  expect(exemptionChanges(policyOf([]), off)).toEqual([{ change: 'switchedOff', rule: 'a' }])
  expect(exemptionChanges(off, off)).toEqual([])
})

test('the page of a run is never too long for GitHub, and still tells the verdict', () => {
  const long = '@#:&'.repeat(5000)
  const report = reportOf(() => Array.from({ length: 200 }, (_, i) => findingOf(i, { name: long, message: long })))
  const changes = Array.from({ length: 500 }, (): ExemptionChange => {
    return {
      change: 'added',
      exemption: { rule: long, resource: long, reason: long, owner: long, expires: '2027-01-01' },
    }
  })
  const lines = Array.from({ length: 500 }, () => long)
  const common = { report, changes, changesCount: false, base: undefined, known: 0, untouched: 0 }
  const page = jobSummary({ ...common, notes: lines, faults: lines })
  expect(Buffer.byteLength(page)).toBeLessThan(longestSummary)
  expect(page).toMatch(/## ❌ rel09: 200 findings/)
  expect(page).toMatch(/exempts more than before: 500 entries/)
  expect(Buffer.byteLength(jobSummary({ failure: lines }))).toBeLessThan(longestSummary)
})

describe('an exemption beside a resource', () => {
  const beside = (resource: string, file = 'main.tf', line = 1, expires = '2027-01-01', rule = 'a') => ({
    resource,
    exemption: { rule, expires, owner: 'o', reason: 'r', file, line },
  })
  const kept = beside('aws_s3_bucket.a')
  it.each([
    ['is as before on another line', [kept], [beside('aws_s3_bucket.a', 'main.tf', 9)], []],
    ['is of other instances of one block', [beside('m["a"].b.c[0]')], [beside('m["b"].b.c[1]')], []],
    ['is in a file that had another name', [beside('aws_s3_bucket.a', 'old.tf')], [kept], []],
    ['is in another file', [beside('aws_s3_bucket.a', 'other.tf')], [kept], ['added']],
    ['is of another resource', [kept], [kept, beside('aws_s3_bucket.b')], ['added']],
    ['is of another rule', [kept], [beside('aws_s3_bucket.a', 'main.tf', 1, '2027-01-01', 'b')], ['added']],
    ['ends later', [kept], [beside('aws_s3_bucket.a', 'main.tf', 1, '2027-01-02')], ['extended']],
    ['ends earlier', [kept], [beside('aws_s3_bucket.a', 'main.tf', 1, '2026-01-02')], []],
    ['stands there twice', [kept, beside('aws_s3_bucket.a', 'main.tf', 2, '2028-01-01')], [kept], []],
    ['is gone', [kept], [], []],
  ])('that %s', (_, before, after, expected) => {
    const changes = declaredExemptionChanges(before, after, file => (file === 'main.tf' ? 'old.tf' : undefined))
    expect(changes.map(({ change }) => change)).toEqual(expected)
  })
})

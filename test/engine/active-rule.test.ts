// Protects what a run knows of its rules beforehand: which types a rule can be about at all, and which verdicts hold for every
// subject that is alike. Saying too much of either gives a subject somebody else's verdict.
import { describe, expect, it } from 'vitest'
import { activateRule, typesOf } from '../../src/engine/active-rule.ts'
import { judge } from '../../src/engine/judge.ts'
import type { Condition } from '../../src/model/rule.ts'
import { estateIndex, inventoryOf, policyWith, ruleOf, store } from './bookshop-estate.ts'

describe('the types that a rule can be about', () => {
  it.each<[string, Condition | undefined, string[] | undefined]>([
    ['no condition', undefined, undefined],
    ['another fact', { ageHours: { const: 1 } }, undefined],
    ['one type', { type: { const: 'AWS::S3::Bucket' } }, ['AWS::S3::Bucket']],
    [
      'several',
      { type: { enum: ['AWS::S3::Bucket', 'AWS::EFS::FileSystem'] } },
      ['AWS::S3::Bucket', 'AWS::EFS::FileSystem'],
    ],
    ['a type that is no text', { type: { const: 1 } }, undefined],
    ['a list that holds more than types', { type: { enum: ['AWS::S3::Bucket', null] } }, undefined],
    ['a pattern', { type: { pattern: 'S3' } }, undefined],
    ['a type that is not to be', { not: { type: { const: 'AWS::S3::Bucket' } } }, undefined],
  ])('by %s', (_what, when, types) => {
    const found = typesOf(when)
    expect(found && [...found]).toEqual(types)
  })
})

describe('a verdict holds for every subject that is alike', () => {
  const about = (expectation: Condition, when?: Condition) =>
    activateRule(ruleOf('it', { expect: expectation, ...(when ? { when } : {}) }), policyWith(), estateIndex)
  const encrypted = { 'encryption.encrypted': { const: true } }
  const fresh = { ageHours: { maximum: 1 } }
  it.each<[string, Condition, Condition | undefined, string[], { passed: boolean; notApplicable: boolean }]>([
    ['no fact varies', encrypted, fresh, [], { passed: true, notApplicable: true }],
    ['only others vary', encrypted, undefined, ['ageHours', 'name'], { passed: true, notApplicable: true }],
    ['the fact varies', fresh, undefined, ['name', 'ageHours'], { passed: false, notApplicable: true }],
    ['what it lies in varies', encrypted, undefined, ['encryption'], { passed: false, notApplicable: true }],
    [
      'a name begins alike',
      encrypted,
      undefined,
      ['encrypt', 'encryption.encrypt'],
      { passed: true, notApplicable: true },
    ],
    [
      'a part of a list varies',
      { some: { copies: fresh } },
      undefined,
      ['copies.ageHours'],
      { passed: false, notApplicable: true },
    ],
    [
      'one of two facts varies',
      { allOf: [encrypted, fresh] },
      undefined,
      ['ageHours'],
      { passed: false, notApplicable: true },
    ],
    ['when reads what varies', encrypted, fresh, ['ageHours'], { passed: false, notApplicable: false }],
    [
      'when reads two facts, one varies',
      encrypted,
      { ...fresh, name: { const: 'x' } },
      ['ageHours'],
      { passed: false, notApplicable: false },
    ],
    ['only expect reads what varies', fresh, encrypted, ['ageHours'], { passed: false, notApplicable: true }],
    ['what is not to be varies', { not: fresh }, undefined, ['ageHours'], { passed: false, notApplicable: true }],
    [
      'another fact than the one compared with varies',
      { ageHours: { maximum: { $fact: 'objectives.rpoHours' } } },
      undefined,
      ['name'],
      { passed: true, notApplicable: true },
    ],
    [
      'the fact compared with varies',
      { ageHours: { maximum: { $fact: 'objectives.rpoHours' } } },
      undefined,
      ['objectives'],
      { passed: false, notApplicable: true },
    ],
  ])('where %s', (_where, expectation, when, varying, { passed, notApplicable }) => {
    const rule = about(expectation, when)
    expect(rule.isSteady('compliant', varying)).toBe(passed)
    expect(rule.isSteady('undetermined', varying)).toBe(passed)
    expect(rule.isSteady('not-applicable', varying)).toBe(notApplicable)
  })

  it('is asked for once for those that are alike, and for each where they differ', () => {
    const alike = { varyingFacts: ['ageHours', 'name'] }
    const table = { type: 'AWS::DynamoDB::Table' }
    const rules = [
      ruleOf('encrypted', {}),
      ruleOf('fresh', { expect: fresh }),
      ruleOf('tables', { when: { name: { const: 'travel' }, type: { const: 'AWS::DynamoDB::Table' } } }),
    ]
    let reads = 0
    const counted = (encryption: boolean) => ({
      get encrypted() {
        reads += 1
        return encryption
      },
    })
    const subjects = [
      store('crime', { encryption: counted(false), ageHours: 1 }, { ...table, alike }),
      store('travel', { encryption: counted(false), ageHours: 9 }, { ...table, alike }),
      store('poetry', { encryption: counted(true), ageHours: 9 }, { ...table, alike: { ...alike } }),
    ]
    const inventory = inventoryOf(subjects, { subject: place => subjects[place]! })
    const report = judge(inventory, rules, policyWith(), { facts: estateIndex })
    // `encrypted` asks crime and poetry; `tables` asks travel alone, by its name.
    expect(reads).toBe(3)
    const found = [...report.findings(new Set(['compliant', 'non-compliant']))]
    expect(found.map(({ rule, resource, verdict }) => `${rule} ${resource.name} ${verdict}`)).toEqual([
      'encrypted crime non-compliant',
      'encrypted travel non-compliant',
      'encrypted poetry compliant',
      'fresh crime compliant',
      'fresh travel non-compliant',
      'fresh poetry non-compliant',
      'tables travel non-compliant',
    ])
  })
})

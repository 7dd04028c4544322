// Protects whose objectives a store is judged by: rules first, then the tag, then the default; and no tier at all where tags
// that would decide are not known. A store that falls to a laxer tier passes what it should fail.
import { describe, expect, it } from 'vitest'
import { classify, objectivesOf, strictestTier } from '../../src/inventory/classification.ts'
import type { ClassificationRule, Policy } from '../../src/model/policy.ts'
import { account, policy, region } from './records.ts'

type Tags = Record<string, string> | null | undefined

const store = (tags: Tags, more: object = {}) => ({
  type: 'AWS::RDS::DBInstance',
  account,
  region,
  name: 'orders-eu',
  tags,
  ...more,
})
const classified = (
  rules: ClassificationRule[],
  tags: Tags,
  more: object = {},
  rest: Partial<Policy['classification']> = {},
) => classify(store(tags, more), policy({ classification: { tag: 'criticality', default: 'tier2', rules, ...rest } }))

const byTag = (tier: string) => ({ tier, named: true, by: 'tag' })
const byRule = (tier: string) => ({ tier, named: true, by: 'rule' })
const byDefault = { tier: 'tier2', named: false, by: 'default' }

describe('classify', () => {
  const rows: [string, ClassificationRule[], Tags, object | undefined][] = [
    ['the tag names the tier', [], { criticality: 'tier1' }, byTag('tier1')],
    ['a tag that names no tier counts as none', [], { criticality: 'gold' }, byDefault],
    ['a tag that names a member of every object', [], { criticality: 'constructor' }, byDefault],
    ['a tag in other letters is another tag', [], { Criticality: 'tier1' }, byDefault],
    ['no tags', [], null, byDefault],
    ['other tags', [], { backup: 'yes' }, byDefault],
    ['tags that are not known', [], undefined, undefined],
    [
      'a rule beats the tag',
      [{ type: 'AWS::RDS::DBInstance', tier: 'tier0' }],
      { criticality: 'tier3' },
      byRule('tier0'),
    ],
    [
      'a rule that needs no tags decides though they are not known',
      [{ type: 'AWS::RDS::*', tier: 'tier0' }],
      undefined,
      byRule('tier0'),
    ],
    ['a rule of another type', [{ type: 'AWS::S3::*', tier: 'tier0' }], { criticality: 'tier3' }, byTag('tier3')],
    ['a rule of the account', [{ account, tier: 'tier1' }], null, byRule('tier1')],
    ['a rule of another account', [{ account: '444455556666', tier: 'tier1' }], null, byDefault],
    ['a rule of the Region', [{ region, tier: 'tier1' }], null, byRule('tier1')],
    ['a rule of another Region', [{ region: 'us-*', tier: 'tier1' }], null, byDefault],
    ['a rule of the name', [{ name: 'orders-*', tier: 'tier1' }], null, byRule('tier1')],
    ['a rule of another name', [{ name: 'carts-*', tier: 'tier1' }], null, byDefault],
    ['all of a rule must match', [{ name: 'orders-*', region: 'us-east-1', tier: 'tier1' }], null, byDefault],
    ['a rule of a tag', [{ tags: { env: 'prod*' }, tier: 'tier1' }], { env: 'production' }, byRule('tier1')],
    ['a rule of a tag with another value', [{ tags: { env: 'prod' }, tier: 'tier1' }], { env: 'test' }, byDefault],
    ['a rule of a tag that is absent', [{ tags: { env: '*' }, tier: 'tier1' }], null, byDefault],
    [
      'a rule of two tags, of which one is absent',
      [{ tags: { env: 'prod', team: 'books' }, tier: 'tier1' }],
      { env: 'prod' },
      byDefault,
    ],
    ['a rule of tags that are not known', [{ tags: { env: 'prod' }, tier: 'tier1' }], undefined, undefined],
    [
      'a rule of tags that are not known, of another type',
      [
        { type: 'AWS::S3::Bucket', tags: { env: 'prod' }, tier: 'tier1' },
        { region, tier: 'tier3' },
      ],
      undefined,
      byRule('tier3'),
    ],
    [
      'the first rule that matches',
      [
        { region, tier: 'tier3' },
        { account, tier: 'tier0' },
      ],
      { criticality: 'tier1' },
      byRule('tier3'),
    ],
  ]
  it.each(rows)('%s', (_name, rules, tags, expected) => {
    expect(classified(rules, tags)).toEqual(expected)
  })

  it.each([
    ['account', { account }],
    ['region', { region }],
    ['name', { name: 'orders-*' }],
  ])('a rule that asks for the %s decides nothing where that is not known', (member, rule) => {
    const rules = [{ ...rule, tier: 'tier0' }]
    expect(classified(rules, { criticality: 'tier3' }, { [member]: undefined })).toBeUndefined()
    // Unless something else of the rule is known not to match.
    expect(
      classified([{ ...rules[0]!, type: 'AWS::S3::*' }], { criticality: 'tier3' }, { [member]: undefined }),
    ).toEqual(byTag('tier3'))
  })

  it('needs no tags where the policy uses none', () => {
    expect(classified([], undefined, {}, { tag: null })).toEqual(byDefault)
    expect(classified([], { criticality: 'tier0' }, {}, { tag: null })).toEqual(byDefault)
  })

  it('may have no default', () => {
    expect(classified([], null, {}, { default: null })).toEqual({ tier: null, named: false, by: 'default' })
  })
})

describe('objectivesOf', () => {
  const tiers = {
    strict: {
      rpoHours: 4,
      rtoHours: 2,
      retentionDays: 35,
      copies: ['crossRegion' as const],
      immutability: 'lock' as const,
      airGappedCopyDays: 7,
      restoreTestDays: 30,
      validateRestores: true,
    },
    open: { copies: ['crossAccount' as const] },
  }
  const of = (tier: string | null) =>
    objectivesOf(tier, policy({ tiers }, { copyAllowanceHours: 48, restoreSlackHours: 24 }))
  const nothing = {
    rpoHours: null,
    rtoHours: null,
    retentionDays: null,
    crossRegionCopy: false,
    crossAccountCopy: false,
    immutability: 'none',
    immutabilityStrength: 0,
    airGappedCopyAgeHours: null,
    copyAgeHours: null,
    restoreTestAgeHours: null,
    restoredPointAgeHours: null,
    validateRestores: false,
  }

  it('of a tier that asks for everything', () => {
    expect(of('strict')).toEqual({
      rpoHours: 4,
      rtoHours: 2,
      retentionDays: 35,
      crossRegionCopy: true,
      crossAccountCopy: false,
      immutability: 'lock',
      immutabilityStrength: 2,
      airGappedCopyAgeHours: 168,
      copyAgeHours: 52,
      restoreTestAgeHours: 720,
      restoredPointAgeHours: 28,
      validateRestores: true,
    })
  })

  it.each([
    ['of a tier that asks for one copy', 'open', { ...nothing, crossAccountCopy: true }],
    ['of no tier', null, nothing],
    ['of a tier that does not exist', 'constructor', nothing],
  ])('%s', (_name, tier, expected) => {
    expect(of(tier)).toEqual(expected)
  })

  it.each([
    ['none', 0],
    ['denyPolicy', 1],
    ['lock', 2],
    ['complianceLock', 3],
  ] as const)('immutability %s is %s', (immutability, strength) => {
    expect(objectivesOf('a', policy({ tiers: { a: { immutability } } })).immutabilityStrength).toBe(strength)
  })
})

describe('strictestTier', () => {
  it.each([
    ['the first of the policy', ['tier2', 'tier0', 'tier1'], 'tier0'],
    ['one', ['tier3'], 'tier3'],
    ['none beside one', [null, 'tier2'], 'tier2'],
    ['none', [null], null],
    ['nothing', [], null],
    ['one that the policy does not know', ['gold'], null],
  ])('of %s', (_name, tiers, expected) => {
    expect(strictestTier(tiers, policy())).toBe(expected)
  })
})

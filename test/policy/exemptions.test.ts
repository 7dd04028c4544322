// Protects which findings an exemption answers: one that reached further than it says would hide a store without backup.
import { describe, expect, it } from 'vitest'
import { unusedExemptions } from '../../src/engine/exemptions.ts'
import type { Exemption, Policy } from '../../src/model/policy.ts'
import { builtInPolicy } from '../../src/policy/built-in.ts'
import { PolicyExemptions } from '../../src/policy/exemptions.ts'
import { builtInRules } from '../../src/rules/built-in.ts'

const carts = 'arn:aws:dynamodb:eu-west-1:111122223333:table/carts'
const accepted: Exemption = {
  kind: 'accepted',
  rule: 'dynamodb-pitr',
  resource: carts,
  reason: 'carts are worth nothing after a day',
  owner: 'shop team',
  expires: '2026-06-30',
}
const reproducible: Exemption = {
  ...accepted,
  kind: 'reproducible',
  rule: undefined,
  source: 'orders',
  procedure: 'runbook 12',
}

const policyWith = (...exemptions: Exemption[]): Policy => ({ ...builtInPolicy(), exemptions })
const matcher = (exemption: Exemption, now: string | undefined = '2026-01-05T10:00:00.000Z') =>
  new PolicyExemptions(policyWith(exemption), builtInRules, now)

describe('an exemption', () => {
  it.each<[string, string, boolean]>([
    [carts, carts, true],
    ['arn:aws:dynamodb:*:*:table/carts', carts, true],
    ['arn:aws:dynamodb:*:444455556666:table/*', carts, false],
    ['*', carts, true],
    ['arn:aws:dynamodb:eu-west-1:111122223333:table/cart', carts, false],
    ['arn:aws:dynamodb:eu-west-1:111122223333:table/cart*', carts, true],
    ['*carts', `${carts}-archive`, false],
    [carts, `${carts}/index/by-day`, false],
    ['arn:aws:dynamodb:eu-west-1:111122223333:table/c.rts', carts, false],
    ['ShopStack/Carts', 'ShopStack/Carts', true],
  ])('for %s answers for %s: %s', (resource, subject, answers) => {
    const found = matcher({ ...accepted, resource }).find('dynamodb-pitr', subject, 'non-compliant')
    expect(found !== undefined).toBe(answers)
  })

  it.each<[string, boolean]>([
    ['2026-06-29T12:00:00.000Z', true],
    ['2026-06-30T00:00:00.000Z', true],
    ['2026-06-30T23:59:59.999Z', true],
    ['2026-07-01T00:00:00.000Z', false],
  ])('holds through its last day: at %s %s', (now, holds) => {
    const exemptions = matcher(accepted, now)
    expect(exemptions.find('dynamodb-pitr', carts, 'non-compliant') !== undefined).toBe(holds)
    const [unused] = unusedExemptions(policyWith(accepted), new Set(), now)
    expect(unused?.why).toBe(holds ? 'unused' : 'expired')
  })

  it('holds where there is no present time to expire by', () => {
    const exemptions = new PolicyExemptions(policyWith(accepted), builtInRules, undefined)
    expect(exemptions.find('dynamodb-pitr', carts, 'non-compliant')).toEqual(accepted)
  })

  it('answers what is not known too, but nothing that is met', () => {
    const exemptions = matcher(accepted)
    expect(exemptions.find('dynamodb-pitr', carts, 'undetermined')).toEqual(accepted)
    expect(exemptions.find('dynamodb-pitr', carts, 'compliant')).toBeUndefined()
    expect(exemptions.find('dynamodb-pitr', carts, 'not-applicable')).toBeUndefined()
  })

  it('answers its own rule alone', () => {
    const exemptions = matcher(accepted)
    for (const { id } of builtInRules)
      expect(exemptions.find(id, carts, 'non-compliant') !== undefined).toBe(id === 'dynamodb-pitr')
  })

  it('is remembered once it was used', () => {
    const exemptions = matcher(accepted)
    expect(exemptions.used.size).toBe(0)
    exemptions.find('dynamodb-pitr', `${carts}-archive`, 'non-compliant')
    expect(exemptions.used.size).toBe(0)
    exemptions.find('dynamodb-pitr', carts, 'non-compliant')
    expect([...exemptions.used]).toEqual([accepted])
  })

  it('under a former id of its rule still answers', () => {
    const renamed = builtInRules.map(rule =>
      rule.id === 'dynamodb-pitr' ? { ...rule, aliases: ['table-pitr'] } : rule,
    )
    const exemptions = new PolicyExemptions(policyWith({ ...accepted, rule: 'table-pitr' }), renamed, undefined)
    expect(exemptions.find('dynamodb-pitr', carts, 'non-compliant')).toBeDefined()
  })
})

describe('an exemption of kind reproducible', () => {
  const answered = builtInRules
    .filter(({ id }) => matcher(reproducible).find(id, carts, 'non-compliant') !== undefined)
    .map(({ id }) => id)

  it.each(['resource-in-backup-plan', 'rpo-met-by-schedule', 'dynamodb-pitr', 'restore-test-recent'])(
    'answers %s',
    id => {
      expect(answered).toContain(id)
    },
  )

  it.each([
    'backup-exemption-documented',
    'reproduction-rehearsed',
    'data-store-classified',
    'vault-lock',
    'deletion-protection',
  ])('does not answer %s', id => {
    expect(answered).not.toContain(id)
  })

  it('answers nothing about what is no data store', () => {
    for (const id of answered)
      expect([builtInRules.find(rule => rule.id === id)!.subject].flat()).toContain('data-store')
  })

  it('answers for its resource alone', () => {
    expect(matcher(reproducible).find('resource-in-backup-plan', `${carts}-archive`, 'non-compliant')).toBeUndefined()
  })
})

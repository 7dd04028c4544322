/**
 * Protects what policy documents are taken to say: who is denied, who else may, what a role could destroy. «Denied to
 * everybody» must never be said of a policy that leaves somebody out.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  allowsAction,
  allowsAnyone,
  allowsKeyDeletion,
  assumingServices,
  deniesAction,
  foreignPrincipals,
  isAdministrator,
  onlyService,
  ownAccountMay,
} from '../../src/inventory/policy-document.ts'
import { parseOperator } from '../../src/inventory/policy-statements.ts'

const account = '111122223333'
const stranger = '444455556666'
const organization = 'o-bookshop01'
const breakGlass = `arn:aws:iam::${account}:role/BreakGlass`
const admin = `arn:aws:iam::${account}:role/Admin`
const root = `arn:aws:iam::${account}:root`
const remove = 'backup:DeleteRecoveryPoint'

type Json = { [key: string]: unknown }
const policy = (...statements: unknown[]): Json => ({ Version: '2012-10-17', Statement: statements })
const deny = (rest: Json = {}): Json => ({ Effect: 'Deny', Principal: '*', Action: remove, Resource: '*', ...rest })
const allow = (rest: Json = {}): Json => ({
  Effect: 'Allow',
  Principal: '*',
  Action: 'backup:*',
  Resource: '*',
  ...rest,
})
const when = (operator: string, key: string, value: unknown): Json => ({ Condition: { [operator]: { [key]: value } } })
const unless = (...arns: unknown[]) => when('ArnNotLike', 'aws:PrincipalArn', arns)
const denied = (document: unknown, rest: Json = {}, action = remove) =>
  deniesAction(document, action, { breakGlassArns: [breakGlass], account, ...rest })

const ref = { Ref: 'Something' }

describe('documents that cannot be read', () => {
  const malformed: unknown[] = [
    undefined,
    'Statement',
    5,
    [],
    {},
    { Statement: null },
    { Statement: 'Deny' },
    policy(null),
    policy('Deny'),
    policy({}),
    policy(deny({ Effect: 'deny' })),
    policy(deny({ Effect: undefined })),
    policy(deny({ Principal: 'everybody' })),
    policy(deny({ Principal: ['*'] })),
    policy(deny({ NotPrincipal: 'everybody' })),
    policy(deny({ Action: undefined })),
    policy(deny({ NotAction: 's3:*' })),
    policy(deny({ principal: '*' })),
    policy({ 'Fn::If': ['A', deny(), deny()] }),
    policy(deny(), null),
    Object.assign(Object.create({ Statement: [deny()] }), {}),
  ]
  test.each(malformed.map(document => [JSON.stringify(document), document]))('%s', (_, document) => {
    expect(denied(document)).toBeUndefined()
    expect(allowsAnyone(document)).toBeUndefined()
    expect(foreignPrincipals(document, trust)).toBeUndefined()
    expect(allowsAction([document], remove)).toBeUndefined()
    expect(isAdministrator([document])).toBeUndefined()
    expect(assumingServices(document)).toBeUndefined()
    expect(onlyService(document, 'backup.amazonaws.com')).toBeUndefined()
    expect(allowsKeyDeletion(document, account)).toBeUndefined()
  })

  test('no policy denies nothing and allows nobody else', () => {
    expect(denied(null)).toBe(false)
    expect(allowsAnyone(null)).toBe(false)
    expect(foreignPrincipals(null, trust)).toEqual({ principals: [], complete: true })
    expect(allowsKeyDeletion(null, account)).toBeUndefined()
  })

  test('any JSON is survived', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.jsonValue(), (one, other) => {
        for (const document of [
          one,
          policy(one),
          policy({ Effect: 'Deny', Principal: one, Action: other, Condition: one }),
          policy({ Effect: 'Allow', Principal: { AWS: other }, NotAction: one, Condition: { StringEquals: other } }),
        ]) {
          expect([false, undefined]).toContain(denied(document))
          allowsAnyone(document)
          foreignPrincipals(document, trust)
          allowsAction([document], remove)
          isAdministrator([document])
          onlyService(document, 'x')
          allowsKeyDeletion(document, account)
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('who is denied', () => {
  test.each<[string, boolean | undefined, unknown]>([
    ['everybody', true, policy(deny())],
    ['a single statement that is no list', true, { Statement: deny() }],
    ['AWS: *', true, policy(deny({ Principal: { AWS: '*' } }))],
    ['AWS: [*]', true, policy(deny({ Principal: { AWS: ['*', admin] } }))],
    ['actions in a list, in another case', true, policy(deny({ Action: ['s3:*', 'BACKUP:deleterecoverypoint'] }))],
    ['backup:*', true, policy(deny({ Action: 'backup:*' }))],
    ['backup:Delete*', true, policy(deny({ Action: 'backup:Delete*' }))],
    ['backup:Delete?ecoveryPoint', true, policy(deny({ Action: 'backup:Delete?ecoveryPoint' }))],
    ['*', true, policy(deny({ Action: '*' }))],
    ['another action', false, policy(deny({ Action: 'backup:DeleteBackupVault' }))],
    ['a shorter action', false, policy(deny({ Action: 'backup:Delete' }))],
    ['no action', false, policy(deny({ Action: [] }))],
    [
      'NotAction that leaves it in',
      true,
      policy(deny({ Action: undefined, NotAction: ['backup:Describe*', 'backup:List*'] })),
    ],
    ['NotAction that leaves it out', false, policy(deny({ Action: undefined, NotAction: ['backup:Delete*'] }))],
    ['an Allow only', false, policy(allow())],
    ['nobody', false, policy()],
    ['all but break-glass', true, policy(deny(unless(breakGlass)))],
    [
      'all but break-glass, by StringNotEquals',
      true,
      policy(deny(when('StringNotEquals', 'aws:PrincipalArn', breakGlass))),
    ],
    [
      'all but break-glass, by StringNotLike',
      true,
      policy(deny(when('StringNotLike', 'AWS:principalARN', breakGlass))),
    ],
    [
      'all but break-glass, by StringNotEqualsIfExists',
      true,
      policy(deny(when('StringNotEqualsIfExists', 'aws:PrincipalArn', breakGlass))),
    ],
    [
      'all but break-glass, by StringNotEqualsIgnoreCase',
      true,
      policy(deny(when('StringNotEqualsIgnoreCase', 'aws:PrincipalArn', breakGlass))),
    ],
    [
      'all but break-glass, by ArnNotEquals',
      true,
      policy(deny(when('ArnNotEquals', 'aws:PrincipalArn', [breakGlass]))),
    ],
    [
      'all but break-glass, by NotPrincipal',
      true,
      policy(
        deny({
          Principal: undefined,
          NotPrincipal: { AWS: [breakGlass, `arn:aws:sts::${account}:assumed-role/BreakGlass/ops`] },
        }),
      ),
    ],
    [
      'all but break-glass and services',
      true,
      policy(deny({ Principal: undefined, NotPrincipal: { AWS: breakGlass, Service: 'backup.amazonaws.com' } })),
    ],
    ['all but a role', false, policy(deny(unless(admin)))],
    ['all but break-glass and a role', false, policy(deny(unless(breakGlass, admin)))],
    [
      'all but break-glass and a role in two statements',
      true,
      policy(deny(unless(breakGlass, admin)), deny(unless(breakGlass))),
    ],
    ['all but roles of a pattern', false, policy(deny(unless(`arn:aws:iam::${account}:role/Break*`)))],
    ['all but roles of any account', false, policy(deny(unless('arn:aws:iam::*:role/BreakGlass2')))],
    ['all but roles', false, policy(deny(when('StringNotLike', 'aws:PrincipalArn', '*:role/*')))],
    ['all but everybody', false, policy(deny(when('StringNotLike', 'aws:PrincipalArn', '*')))],
    ['all but the root user', false, policy(deny(unless(breakGlass, root)))],
    ['all but a user', false, policy(deny(unless(`arn:aws:iam::${account}:user/eve`)))],
    [
      'all, a wildcard being a letter to StringNotEquals',
      true,
      policy(deny(when('StringNotEquals', 'aws:PrincipalArn', 'arn:aws:iam::*:role/*'))),
    ],
    [
      'all but a role of another account, which no Allow lets in',
      true,
      policy(deny(unless(`arn:aws:iam::${stranger}:role/Admin`))),
    ],
    [
      'all but a role of another account, which an Allow lets in',
      undefined,
      policy(allow(), deny(unless(`arn:aws:iam::${stranger}:role/Admin`))),
    ],
    [
      'all but NotPrincipal of another role',
      false,
      policy(deny({ Principal: undefined, NotPrincipal: { AWS: admin } })),
    ],
    [
      'all but NotPrincipal of break-glass and the account',
      false,
      policy(deny({ Principal: undefined, NotPrincipal: { AWS: [breakGlass, root] } })),
    ],
    ['all but NotPrincipal everybody', false, policy(deny({ Principal: undefined, NotPrincipal: '*' }))],
    [
      'all but NotPrincipal of a provider',
      undefined,
      policy(deny({ Principal: undefined, NotPrincipal: { Federated: 'arn:aws:iam::111122223333:saml-provider/x' } })),
    ],
    ['a role', false, policy(deny({ Principal: { AWS: admin } }))],
    ['a service', false, policy(deny({ Principal: { Service: 'backup.amazonaws.com' } }))],
    ['the account, others having no Allow', true, policy(deny({ Principal: { AWS: root } }))],
    ['the account by its id', true, policy(deny({ Principal: { AWS: account } }))],
    [
      'the account, and an Allow for its own',
      true,
      policy(allow({ Principal: { AWS: [root, admin] } }), deny({ Principal: { AWS: root } })),
    ],
    [
      'the account, and an Allow of something else',
      true,
      policy(allow({ Action: 's3:*' }), deny({ Principal: { AWS: root } })),
    ],
    ['the account, and an Allow for everybody', undefined, policy(allow(), deny({ Principal: { AWS: root } }))],
    [
      'the account, and an Allow for another',
      undefined,
      policy(allow({ Principal: { AWS: stranger } }), deny({ Principal: { AWS: root } })),
    ],
    ['another account', false, policy(deny({ Principal: { AWS: stranger } }))],
    ['the account by condition', true, policy(deny(when('StringEquals', 'aws:PrincipalAccount', account)))],
    ['another account by condition', false, policy(deny(when('StringEquals', 'aws:PrincipalAccount', stranger)))],
    ['all but another account', true, policy(deny(when('StringNotEquals', 'aws:PrincipalAccount', [stranger])))],
    ['all but the account', false, policy(deny(when('StringNotEquals', 'aws:PrincipalAccount', [account])))],
    ['accounts by a pattern', undefined, policy(deny(when('StringLike', 'aws:PrincipalAccount', '*')))],
    ['roles of a pattern', false, policy(deny(when('ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::*:role/dev-*')))],
    ['everybody by a pattern', true, policy(deny(when('StringLike', 'aws:PrincipalArn', '*')))],
    ['without MFA', false, policy(deny(when('Bool', 'aws:MultiFactorAuthPresent', 'false')))],
    ['without MFA, if told', false, policy(deny(when('BoolIfExists', 'aws:MultiFactorAuthPresent', false)))],
    ['from elsewhere', false, policy(deny(when('NotIpAddress', 'aws:SourceIp', '192.0.2.0/24')))],
    ['from every address', undefined, policy(deny(when('IpAddress', 'aws:SourceIp', ['0.0.0.0/0', '::/0'])))],
    [
      'with MFA and without',
      undefined,
      policy(
        deny(when('Bool', 'aws:MultiFactorAuthPresent', 'true')),
        deny(when('Bool', 'aws:MultiFactorAuthPresent', 'false')),
      ),
    ],
    [
      'break-glass spared, without MFA',
      false,
      policy(
        deny({
          Condition: {
            ArnNotLike: { 'aws:PrincipalArn': breakGlass },
            Bool: { 'aws:MultiFactorAuthPresent': 'false' },
          },
        }),
      ),
    ],
    ['after a date', undefined, policy(deny(when('DateGreaterThan', 'aws:CurrentTime', '2020-01-01T00:00:00Z')))],
    ['by tag', undefined, policy(deny(when('StringNotEquals', 'aws:PrincipalTag/team', 'ops')))],
    ['by user id', undefined, policy(deny(when('StringNotLike', 'aws:userid', ['AROAEXAMPLE:*'])))],
    ['by an unknown key', undefined, policy(deny(when('StringEquals', 'shop:Mood', 'good')))],
    ['by an unknown operator', undefined, policy(deny(when('StringRhymes', 'aws:PrincipalArn', breakGlass)))],
    ['by a condition that is no object', undefined, policy(deny({ Condition: 'always' }))],
    ['by an operator that is no object', undefined, policy(deny({ Condition: { StringEquals: 'x' } }))],
    ['no condition at all', true, policy(deny({ Condition: {} }))],
    ['no condition, as null', true, policy(deny({ Condition: null }))],
    ['people, not services', true, policy(deny(when('Bool', 'aws:PrincipalIsAWSService', 'false')))],
    ['services', false, policy(deny(when('Bool', 'aws:PrincipalIsAWSService', 'true')))],
    ['over TLS', true, policy(deny(when('Bool', 'aws:SecureTransport', 'true')))],
    ['without TLS', false, policy(deny(when('Bool', 'aws:SecureTransport', 'false')))],
    ['whoever has an ARN', true, policy(deny(when('Null', 'aws:PrincipalArn', 'false')))],
    ['whoever has none', false, policy(deny(when('Null', 'aws:PrincipalArn', 'true')))],
    ['a principal made at deployment', undefined, policy(deny({ Principal: { AWS: ref } }))],
    ['a principal that is a function', undefined, policy(deny({ Principal: { 'Fn::If': [] } }))],
    ['an action made at deployment', undefined, policy(deny({ Action: ref }))],
    ['one action made at deployment', true, policy(deny({ Action: [ref, remove] }))],
    ['NotAction made at deployment', undefined, policy(deny({ Action: undefined, NotAction: ref }))],
    ['an exemption made at deployment', undefined, policy(deny(unless(breakGlass, ref)))],
    ['an exemption by a variable', undefined, policy(deny(unless('arn:aws:iam::${aws:PrincipalAccount}:role/x')))],
    ['a statement without a principal', undefined, policy(deny({ Principal: undefined }))],
    ['some points', undefined, policy(deny({ Resource: 'arn:aws:backup:*:*:recovery-point:*' }))],
    ['all but some points', undefined, policy(deny({ Resource: undefined, NotResource: 'arn:aws:ec2:*' }))],
    ['a resource made at deployment', undefined, policy(deny({ Resource: ref }))],
    ['everything, twice', true, policy(deny({ Resource: ['arn:aws:backup:*', '**'] }))],
    [
      'only the vault itself',
      false,
      policy(deny({ Resource: 'arn:aws:backup:eu-west-1:111122223333:backup-vault:main' })),
    ],
    ['a Deny that is unsure beside one that is sure', true, policy(deny(when('StringEquals', 'x', 'y')), deny())],
    [
      'a Deny that is unsure beside one for others',
      undefined,
      policy(deny(when('StringEquals', 'x', 'y')), deny({ Principal: { AWS: admin } })),
    ],
    ['whoever has an ARN, or not', true, policy(deny(when('Null', 'aws:PrincipalArn', ['true', 'False'])))],
    ['whoever has an ARN, made at deployment', undefined, policy(deny(when('Null', 'aws:PrincipalArn', ref)))],
    ['people and services', true, policy(deny(when('Bool', 'aws:PrincipalIsAWSService', ['true', 'FALSE'])))],
    ['people, made at deployment', undefined, policy(deny(when('Bool', 'aws:PrincipalIsAWSService', ref)))],
    ['a principal called *', false, policy(deny(when('StringEquals', 'aws:PrincipalArn', '*')))],
    ['everybody by a pattern among others', true, policy(deny(when('StringLike', 'aws:PrincipalArn', [admin, '*'])))],
    ['all but a role, by StringNotEquals', false, policy(deny(when('StringNotEquals', 'aws:PrincipalArn', admin)))],
    ['all but one made at deployment', undefined, policy(deny(when('StringNotEquals', 'aws:PrincipalArn', ref)))],
    ['a role and its account', true, policy(deny({ Principal: { AWS: [admin, root] } }))],
    ['a role and another account', false, policy(deny({ Principal: { AWS: [admin, stranger] } }))],
    [
      'all but a provider and a canonical user',
      undefined,
      policy(
        deny({
          Principal: undefined,
          NotPrincipal: { Federated: `arn:aws:iam::${account}:saml-provider/x`, CanonicalUser: 'abc' },
        }),
      ),
    ],
    [
      'the vault and some points',
      undefined,
      policy(deny({ Resource: ['arn:aws:backup:eu-west-1:111122223333:backup-vault:main', 'arn:aws:ec2:*'] })),
    ],
    [
      'something that only looks like a vault',
      undefined,
      policy(deny({ Resource: 'arn:aws:ec2:r:1:x/arn:aws:backup:r:1:backup-vault:v' })),
    ],
    ['an account made at deployment', undefined, policy(deny(when('StringEquals', 'aws:PrincipalAccount', ref)))],
  ])('%s: %s', (_, expected, document) => {
    expect(denied(document)).toBe(expected)
  })

  test('break-glass principals', () => {
    const exempt = (entry: string, breakGlassArns: string[]) => denied(policy(deny(unless(entry))), { breakGlassArns })
    expect(exempt(breakGlass, [])).toBe(false)
    expect(exempt(breakGlass, [admin])).toBe(false)
    expect(exempt(breakGlass, [admin, breakGlass])).toBe(true)
    expect(exempt(`arn:aws:iam::${account}:role/glass-1`, [`arn:aws:iam::${account}:role/glass-*`])).toBe(true)
    expect(exempt(`arn:aws:iam::${account}:role/glass-*`, [`arn:aws:iam::${account}:role/glass-*`])).toBe(true)
    expect(exempt(`arn:aws:iam::${account}:role/glass*`, [`arn:aws:iam::${account}:role/glass-*`])).toBe(false)
    expect(exempt(`arn:aws:iam::${account}:role/glass-?`, [`arn:aws:iam::${account}:role/glass-1`])).toBe(false)
    const session = (name: string) =>
      policy(deny({ Principal: undefined, NotPrincipal: { AWS: `arn:aws:sts::${account}:assumed-role/${name}/eve` } }))
    expect(denied(session('BreakGlass'), { breakGlassArns: [`arn:aws:iam::${account}:role/ops/BreakGlass`] })).toBe(
      true,
    )
    expect(denied(session('BreakGlass'), { breakGlassArns: [`arn:aws:iam::${account}:role/NoBreakGlass`] })).not.toBe(
      true,
    )
    expect(denied(session('BreakGlass'), { breakGlassArns: [`arn:aws:iam::${stranger}:role/BreakGlass`] })).not.toBe(
      true,
    )
    expect(denied(session('BreakGlass'), { breakGlassArns: [`arn:aws:iam::${account}:user/BreakGlass`] })).not.toBe(
      true,
    )
  })

  test('a wildcard before the account of an exemption may run over it', () => {
    expect(denied(policy(deny(when('StringNotLike', 'aws:PrincipalArn', `arn:*:iam::${stranger}:role/x`))))).not.toBe(
      true,
    )
  })

  test('an account that is not known', () => {
    const nowhere = { account: undefined }
    expect(denied(policy(deny()), nowhere)).toBe(true)
    expect(denied(policy(deny(unless(breakGlass))), nowhere)).toBe(true)
    expect(denied(policy(), nowhere)).toBe(false)
    expect(denied(policy(deny({ Principal: { AWS: root } })), nowhere)).toBeUndefined()
    expect(denied(policy(deny(when('StringEquals', 'aws:PrincipalAccount', account))), nowhere)).toBeUndefined()
    expect(denied(policy(deny(unless(`arn:aws:iam::${stranger}:role/x`))), nowhere)).toBeUndefined()
  })

  test('the organisation', () => {
    const inside = policy(deny(when('StringEquals', 'aws:PrincipalOrgID', organization)))
    const outside = policy(deny(when('StringNotEquals', 'aws:PrincipalOrgID', organization)))
    expect(denied(inside, { organizationId: organization })).toBe(true)
    expect(denied(outside, { organizationId: organization })).toBe(false)
    expect(denied(inside, { organizationId: 'o-clinic0001' })).toBe(false)
    expect(denied(outside, { organizationId: 'o-clinic0001' })).toBe(true)
    for (const organizationId of [undefined, null])
      for (const document of [inside, outside]) expect(denied(document, { organizationId })).toBeUndefined()
  })

  test('actions on the vault itself', () => {
    const vaultArn = `arn:aws:backup:eu-west-1:${account}:backup-vault:main`
    const on = (Resource: string) => policy(deny({ Action: 'backup:*', Resource }))
    const put = 'backup:PutBackupVaultAccessPolicy'
    expect(denied(on(vaultArn), { vaultArn }, put)).toBe(true)
    expect(denied(on('arn:aws:backup:*:*:backup-vault:*'), { vaultArn }, put)).toBe(true)
    expect(denied(on(`${vaultArn}2`), { vaultArn }, put)).toBe(false)
    expect(denied(on(vaultArn), {}, put)).toBeUndefined()
    const two = policy(deny({ Action: 'backup:*', Resource: ['arn:aws:ec2:*', vaultArn, ref] }))
    expect(denied(two, { vaultArn }, put)).toBe(true)
    expect(denied(on(vaultArn), { vaultArn })).toBe(false)
  })
})

const trust = {
  account,
  trustedAccounts: ['777788889999'],
  backupAccounts: ['222233334444'],
  organizationId: organization,
}

describe('who else is allowed', () => {
  const own = { Principal: { AWS: root } }
  test.each<[string, boolean | undefined, string[], boolean, unknown]>([
    ['nobody', false, [], true, policy()],
    ['a Deny only', false, [], true, policy(deny())],
    ['everybody', true, ['*'], true, policy(allow())],
    ['AWS: *', true, ['*'], true, policy(allow({ Principal: { AWS: ['*'] } }))],
    ['no action', false, [], true, policy(allow({ Action: [] }))],
    ['everybody but one', true, ['*'], true, policy(allow({ Principal: undefined, NotPrincipal: { AWS: admin } }))],
    ['the own account', false, [], true, policy(allow(own))],
    ['the own role', false, [], true, policy(allow({ Principal: { AWS: [admin, account] } }))],
    [
      'trusted and backup accounts',
      false,
      [],
      true,
      policy(allow({ Principal: { AWS: ['777788889999', 'arn:aws:iam::222233334444:root'] } })),
    ],
    [
      'strangers',
      false,
      ['444455556666', `arn:aws:iam::${stranger}:role/x`],
      true,
      policy(allow({ Principal: { AWS: [`arn:aws:iam::${stranger}:role/x`, stranger, root] } })),
    ],
    [
      'strangers twice',
      false,
      [stranger],
      true,
      policy(allow({ Principal: { AWS: stranger } }), allow({ Principal: { AWS: [stranger] } })),
    ],
    [
      'a session of a stranger',
      false,
      [`arn:aws:sts::${stranger}:assumed-role/x/y`],
      true,
      policy(allow({ Principal: { AWS: `arn:aws:sts::${stranger}:assumed-role/x/y` } })),
    ],
    ['a service', false, [], true, policy(allow({ Principal: { Service: 'backup.amazonaws.com' } }))],
    [
      'a web identity provider',
      false,
      ['accounts.example.com'],
      true,
      policy(allow({ Principal: { Federated: 'accounts.example.com' } })),
    ],
    [
      'an own provider',
      false,
      [],
      true,
      policy(allow({ Principal: { Federated: `arn:aws:iam::${account}:saml-provider/x` } })),
    ],
    ['a unique id', false, [], false, policy(allow({ Principal: { AWS: 'AIDAEXAMPLE' } }))],
    ['a canonical user', false, [], false, policy(allow({ Principal: { CanonicalUser: 'abc' } }))],
    ['whoever is made at deployment', undefined, [], false, policy(allow({ Principal: { AWS: ref } }))],
    [
      'a stranger and one made at deployment',
      undefined,
      [stranger],
      false,
      policy(allow({ Principal: { AWS: [stranger, ref] } })),
    ],
    ['nobody named', undefined, [], false, policy(allow({ Principal: undefined }))],
    ['the organisation', false, [], true, policy(allow(when('StringEquals', 'aws:PrincipalOrgID', organization)))],
    [
      'the organisation by pattern',
      false,
      [],
      true,
      policy(allow(when('StringLike', 'aws:PrincipalOrgID', [organization]))),
    ],
    ['any organisation', true, ['*'], true, policy(allow(when('StringLike', 'aws:PrincipalOrgID', 'o-*')))],
    ['no organisation', true, ['*'], true, policy(allow(when('StringEquals', 'aws:PrincipalOrgID', [])))],
    [
      'another organisation',
      false,
      ['*'],
      true,
      policy(allow(when('StringEquals', 'aws:PrincipalOrgID', 'o-clinic0001'))),
    ],
    [
      'two organisations',
      false,
      ['*'],
      true,
      policy(allow(when('StringEquals', 'aws:PrincipalOrgID', [organization, 'o-clinic0001']))),
    ],
    [
      'an organisation made at deployment',
      undefined,
      [],
      false,
      policy(allow(when('StringEquals', 'aws:PrincipalOrgID', ref))),
    ],
    [
      'the organisation, if told',
      true,
      ['*'],
      true,
      policy(allow(when('StringEqualsIfExists', 'aws:PrincipalOrgID', organization))),
    ],
    [
      'its paths',
      false,
      [],
      true,
      policy(allow(when('ForAnyValue:StringLike', 'aws:PrincipalOrgPaths', `${organization}/r-1/*`))),
    ],
    [
      'its paths, for all values',
      true,
      ['*'],
      true,
      policy(allow(when('ForAllValues:StringLike', 'aws:PrincipalOrgPaths', `${organization}/*`))),
    ],
    [
      'paths of organisations that start alike',
      true,
      ['*'],
      true,
      policy(allow(when('ForAnyValue:StringLike', 'aws:PrincipalOrgPaths', `${organization}*`))),
    ],
    [
      'all but the organisation',
      true,
      ['*'],
      true,
      policy(allow(when('StringNotEquals', 'aws:PrincipalOrgID', organization))),
    ],
    ['whoever has an organisation', true, ['*'], true, policy(allow(when('Null', 'aws:PrincipalOrgID', 'false')))],
    [
      'accounts by condition',
      false,
      [],
      true,
      policy(allow(when('StringEquals', 'aws:PrincipalAccount', [account, '777788889999']))),
    ],
    [
      'a strange account by condition',
      false,
      ['*'],
      true,
      policy(allow(when('StringEquals', 'aws:PrincipalAccount', [account, stranger]))),
    ],
    ['accounts by pattern', true, ['*'], true, policy(allow(when('StringLike', 'aws:PrincipalAccount', '1111*')))],
    [
      'accounts, if told',
      undefined,
      [],
      false,
      policy(allow(when('StringEqualsIfExists', 'aws:PrincipalAccount', account))),
    ],
    ['the source account', false, [], true, policy(allow(when('StringEquals', 'aws:SourceAccount', account)))],
    ['own ARNs', false, [], true, policy(allow(when('ArnLike', 'aws:PrincipalArn', `arn:aws:iam::${account}:role/*`)))],
    [
      'own ARNs, any partition, by fields',
      false,
      [],
      true,
      policy(allow(when('ArnLike', 'aws:PrincipalArn', `arn:*:iam::${account}:role/*`))),
    ],
    [
      'own ARNs, any partition, by text',
      true,
      ['*'],
      true,
      policy(allow(when('StringLike', 'aws:PrincipalArn', `arn:*:iam::${account}:role/*`))),
    ],
    [
      'ARNs of any account',
      true,
      ['*'],
      true,
      policy(allow(when('ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::*:role/x'))),
    ],
    ['from an address', true, ['*'], true, policy(allow(when('IpAddress', 'aws:SourceIp', '192.0.2.0/24')))],
    ['with MFA', true, ['*'], true, policy(allow(when('Bool', 'aws:MultiFactorAuthPresent', 'true')))],
    ['by tag', true, ['*'], true, policy(allow(when('StringEquals', 'aws:PrincipalTag/team', 'ops')))],
    ['AWS services', false, [], true, policy(allow(when('Bool', 'aws:PrincipalIsAWSService', 'true')))],
    ['people', true, ['*'], true, policy(allow(when('Bool', 'aws:PrincipalIsAWSService', 'false')))],
    ['by an unknown key', undefined, [], false, policy(allow(when('StringEquals', 'shop:Mood', 'good')))],
    [
      'by an unknown operator',
      undefined,
      [],
      false,
      policy(allow(when('StringRhymes', 'aws:PrincipalOrgID', organization))),
    ],
    [
      'by a comparison of numbers',
      undefined,
      [],
      false,
      policy(allow(when('NumericEquals', 'aws:PrincipalAccount', account))),
    ],
    [
      'an unknown key beside the organisation',
      false,
      [],
      true,
      policy(allow({ Condition: { StringEquals: { 'shop:Mood': 'good', 'aws:PrincipalOrgID': organization } } })),
    ],
    [
      'an unknown key beside another organisation',
      false,
      [],
      false,
      policy(allow({ Condition: { StringEquals: { 'shop:Mood': 'good', 'aws:PrincipalOrgID': 'o-clinic0001' } } })),
    ],
    [
      'a stranger of the organisation',
      false,
      [],
      true,
      policy(allow({ Principal: { AWS: stranger }, ...when('StringEquals', 'aws:PrincipalOrgID', organization) })),
    ],
    [
      'a stranger under an unknown key',
      false,
      [],
      false,
      policy(allow({ Principal: { AWS: stranger }, ...when('StringEquals', 'shop:Mood', 'good') })),
    ],
    [
      'guarded by a Deny of others',
      false,
      [],
      true,
      policy(allow(), deny({ Action: '*', ...when('StringNotEquals', 'aws:PrincipalOrgID', organization) })),
    ],
    [
      'guarded, if told',
      false,
      [],
      true,
      policy(allow(), deny({ Action: '*', ...when('StringNotEqualsIfExists', 'aws:PrincipalOrgID', organization) })),
    ],
    [
      'guarded, services spared',
      false,
      [],
      true,
      policy(
        allow(),
        deny({
          Action: 'backup:*',
          Condition: {
            StringNotEquals: { 'aws:PrincipalOrgID': organization },
            BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
          },
        }),
      ),
    ],
    [
      'guarded for another organisation',
      false,
      ['*'],
      true,
      policy(allow(), deny({ Action: '*', ...when('StringNotEquals', 'aws:PrincipalOrgID', 'o-clinic0001') })),
    ],
    [
      'guarded by account',
      false,
      [],
      true,
      policy(allow(), deny({ Action: '*', ...when('StringNotEquals', 'aws:PrincipalAccount', [account]) })),
    ],
    ['denied to all', false, [], true, policy(allow(), deny({ Action: 'backup:*' }))],
    [
      'a guard for less',
      true,
      ['*'],
      true,
      policy(allow(), deny(when('StringNotEquals', 'aws:PrincipalOrgID', organization))),
    ],
    [
      'a guard for one',
      true,
      ['*'],
      true,
      policy(
        allow(),
        deny({
          Action: '*',
          Principal: { AWS: admin },
          ...when('StringNotEquals', 'aws:PrincipalOrgID', organization),
        }),
      ),
    ],
    [
      'a guard that is none',
      true,
      ['*'],
      true,
      policy(allow(), deny({ Action: '*', ...when('StringEquals', 'aws:PrincipalOrgID', organization) })),
    ],
    [
      'a guard for any value',
      true,
      ['*'],
      true,
      policy(
        allow(),
        deny({ Action: '*', ...when('ForAnyValue:StringNotLike', 'aws:PrincipalOrgPaths', `${organization}/*`) }),
      ),
    ],
    [
      'a guard by MFA',
      true,
      ['*'],
      true,
      policy(allow(), deny({ Action: '*', ...when('Bool', 'aws:MultiFactorAuthPresent', 'false') })),
    ],
    [
      'a guard with two conditions',
      undefined,
      [],
      false,
      policy(
        allow(),
        deny({
          Action: '*',
          Condition: { StringNotEquals: { 'aws:PrincipalOrgID': organization, 'aws:PrincipalAccount': account } },
        }),
      ),
    ],
    [
      'a guard by source',
      undefined,
      [],
      false,
      policy(allow(), deny({ Action: '*', ...when('StringNotEquals', 'aws:SourceAccount', account) })),
    ],
    [
      'a guard by NotPrincipal',
      undefined,
      [],
      false,
      policy(allow(), deny({ Action: '*', Principal: undefined, NotPrincipal: { AWS: admin } })),
    ],
    [
      'a guard made at deployment',
      undefined,
      [],
      false,
      policy(allow(), deny({ Action: '*', ...when('StringNotEquals', 'aws:PrincipalOrgID', ref) })),
    ],
    [
      'a guard of an unknown operator',
      undefined,
      [],
      false,
      policy(allow(), deny({ Action: '*', ...when('StringRhymes', 'aws:PrincipalOrgID', organization) })),
    ],
    [
      'a guard by NotAction',
      undefined,
      [],
      false,
      policy(
        allow(),
        deny({ Action: undefined, NotAction: 's3:*', ...when('StringNotEquals', 'aws:PrincipalOrgID', organization) }),
      ),
    ],
    [
      'a guard for the same resource',
      false,
      [],
      true,
      policy(
        allow({ Resource: 'arn:aws:backup:a:b:c' }),
        deny({
          Action: '*',
          Resource: 'arn:aws:backup:*',
          ...when('StringNotEquals', 'aws:PrincipalOrgID', organization),
        }),
      ),
    ],
    [
      'a guard for another resource',
      true,
      ['*'],
      true,
      policy(
        allow(),
        deny({
          Action: '*',
          Resource: 'arn:aws:backup:*',
          ...when('StringNotEquals', 'aws:PrincipalOrgID', organization),
        }),
      ),
    ],
  ])('%s: anyone %s, %j', (_, anyone, principals, complete, document) => {
    expect(allowsAnyone(document, trust)).toBe(anyone)
    expect(foreignPrincipals(document, trust)).toEqual({ principals, complete })
  })

  test('without an organisation or account to compare with', () => {
    const inOrganization = policy(allow(when('StringEquals', 'aws:PrincipalOrgID', organization)))
    const inAccount = policy(allow(when('StringEquals', 'aws:PrincipalAccount', account)))
    for (const organizationId of [null, undefined]) {
      expect(allowsAnyone(inOrganization, { ...trust, organizationId })).toBe(false)
      expect(foreignPrincipals(inOrganization, { ...trust, organizationId })).toEqual({
        principals: [],
        complete: false,
      })
    }
    const nowhere = { ...trust, account: undefined }
    expect(allowsAnyone(inAccount, nowhere)).toBe(false)
    expect(foreignPrincipals(inAccount, nowhere)).toEqual({ principals: [], complete: false })
    expect(foreignPrincipals(policy(allow({ Principal: { AWS: [root, '777788889999'] } })), nowhere)).toEqual({
      principals: [],
      complete: false,
    })
    expect(foreignPrincipals(policy(allow({ Principal: { AWS: '777788889999' } })), nowhere)).toEqual({
      principals: [],
      complete: true,
    })
    expect(allowsAnyone(policy(allow()))).toBe(true)
    expect(allowsAnyone(inOrganization)).toBe(false)
    expect(allowsAnyone(inAccount)).toBe(false)
  })
})

describe('what identity policies grant', () => {
  const grant = (rest: Json = {}): Json => ({ Effect: 'Allow', Action: 'backup:*', Resource: '*', ...rest })
  const refuse = (rest: Json = {}): Json => ({ Effect: 'Deny', Action: remove, Resource: '*', ...rest })
  test.each<[string, boolean | undefined, unknown[]]>([
    ['nothing', false, []],
    ['an empty policy', false, [policy()]],
    ['no action', false, [policy(grant({ Action: [] }))]],
    ['by wildcard', true, [policy(grant())]],
    ['by name, in another case', true, [policy(grant({ Action: ['s3:GetObject', 'Backup:deleteRecoveryPoint'] }))]],
    ['another action', false, [policy(grant({ Action: 'backup:Describe*' }))]],
    ['by NotAction', true, [policy(grant({ Action: undefined, NotAction: 'iam:*' }))]],
    ['not by NotAction', false, [policy(grant({ Action: undefined, NotAction: ['iam:*', 'backup:Delete*'] }))]],
    ['under a condition', true, [policy(grant(when('Bool', 'aws:MultiFactorAuthPresent', 'true')))]],
    ['by the second document', true, [policy(grant({ Action: 's3:*' })), policy(grant())]],
    ['on a recovery point', true, [policy(grant({ Action: '*', Resource: 'arn:aws:ec2:*::snapshot/*' }))]],
    [
      'on buckets, which are no points',
      false,
      [policy(grant({ Action: '*', Resource: ['arn:aws:s3:::bookshop', 'arn:aws:kms:*:*:key/*'] }))],
    ],
    ['on any service', true, [policy(grant({ Action: '*', Resource: 'arn:aws:*:*:*:*' }))]],
    ['on all but something', true, [policy(grant({ Resource: undefined, NotResource: 'arn:aws:backup:*' }))]],
    ['on a resource made at deployment', undefined, [policy(grant({ Resource: ref }))]],
    ['an action made at deployment', undefined, [policy(grant({ Action: ref }))]],
    ['taken back', false, [policy(grant(), refuse())]],
    ['taken back by another document', false, [policy(grant()), policy(refuse({ Action: '*' }))]],
    [
      'not taken back under a condition',
      true,
      [policy(grant(), refuse(when('Bool', 'aws:MultiFactorAuthPresent', 'false')))],
    ],
    ['not taken back for another action', true, [policy(grant(), refuse({ Action: 'backup:DeleteBackupVault' }))]],
    ['not taken back elsewhere', true, [policy(grant(), refuse({ Resource: 'arn:aws:ec2:*' }))]],
    [
      'taken back where granted',
      false,
      [policy(grant({ Resource: 'arn:aws:ec2:*::snapshot/*' }), refuse({ Resource: 'arn:aws:ec2:*' }))],
    ],
    [
      'half taken back',
      true,
      [
        policy(
          grant({ Resource: ['arn:aws:ec2:*::snapshot/*', 'arn:aws:rds:*'] }),
          refuse({ Resource: 'arn:aws:ec2:*' }),
        ),
      ],
    ],
    [
      'one grant taken back, the other not',
      true,
      [
        policy(
          grant({ Resource: 'arn:aws:ec2:*' }),
          grant({ Resource: 'arn:aws:rds:*' }),
          refuse({ Resource: 'arn:aws:ec2:*' }),
        ),
      ],
    ],
    ['taken back from what is not known', undefined, [policy(grant(), refuse({ Resource: ref }))]],
    [
      'taken back from all but something',
      undefined,
      [policy(grant(), refuse({ Resource: undefined, NotResource: 'arn:aws:s3:::x' }))],
    ],
    ['beside a document that cannot be read', undefined, [policy(grant()), {}]],
  ])('%s: %s', (_, expected, documents) => {
    expect(allowsAction(documents, remove)).toBe(expected)
  })

  test('other services act on their own resources', () => {
    const on = (Resource: string, action: string) => allowsAction([policy(grant({ Action: '*', Resource }))], action)
    expect(on('arn:aws:s3:::bookshop/*', 's3:BypassGovernanceRetention')).toBe(true)
    expect(on('arn:aws:ec2:*:*:volume/*', 's3:BypassGovernanceRetention')).toBe(false)
    expect(on('arn:aws:iam::*:role/x', 'sts:AssumeRole')).toBe(true)
    expect(on('arn:aws:s?:::bookshop', 's3:DeleteBucket')).toBe(true)
  })

  test.each<[string, boolean | undefined, unknown[]]>([
    ['everything', true, [policy(grant({ Action: '*' }))]],
    ['everything, written otherwise', true, [policy(grant({ Action: ['*:*'], Resource: ['*'] }))]],
    ['all but nothing', true, [policy(grant({ Action: undefined, NotAction: [] }))]],
    ['one service', false, [policy(grant())]],
    ['one resource', false, [policy(grant({ Action: '*', Resource: 'arn:aws:s3:::x' }))]],
    ['all but identities', false, [policy(grant({ Action: undefined, NotAction: 'iam:*' }))]],
    [
      'under a condition',
      undefined,
      [policy(grant({ Action: '*', ...when('Bool', 'aws:MultiFactorAuthPresent', 'true') }))],
    ],
    ['but for something', true, [policy(grant({ Action: '*' }), refuse())]],
    ['but for everything', false, [policy(grant({ Action: '*' }), refuse({ Action: '*' }))]],
    [
      'but for everything under a condition',
      true,
      [policy(grant({ Action: '*' }), refuse({ Action: '*', ...when('Bool', 'aws:MultiFactorAuthPresent', 'false') }))],
    ],
    ['made at deployment', undefined, [policy(grant({ Action: ref }))]],
    ['everything beside a document that cannot be read', true, [policy(grant({ Action: '*' })), {}]],
    ['something beside a document that cannot be read', undefined, [policy(grant()), {}]],
    ['nothing', false, []],
  ])('administrator: %s, %s', (_, expected, documents) => {
    expect(isAdministrator(documents)).toBe(expected)
  })
})

describe('who may assume a role', () => {
  const assume = (Principal: unknown, rest: Json = {}): Json => ({
    Effect: 'Allow',
    Principal,
    Action: 'sts:AssumeRole',
    ...rest,
  })
  const backup = 'backup.amazonaws.com'
  test.each<[string, string[] | undefined, boolean | undefined, unknown]>([
    ['AWS Backup', [backup], true, policy(assume({ Service: backup }))],
    [
      'AWS Backup under a condition',
      [backup],
      true,
      policy(assume({ Service: [backup] }, when('StringEquals', 'aws:SourceAccount', account))),
    ],
    [
      'AWS Backup, twice',
      [backup],
      true,
      policy(
        assume({ Service: backup }),
        assume({ Service: [backup] }, { Action: ['sts:AssumeRole', 'sts:TagSession'] }),
      ),
    ],
    ['two services', [backup, 'ec2.amazonaws.com'], false, policy(assume({ Service: ['ec2.amazonaws.com', backup] }))],
    ['another service', ['ec2.amazonaws.com'], false, policy(assume({ Service: 'ec2.amazonaws.com' }))],
    ['a service and an account', [backup], false, policy(assume({ Service: backup }), assume({ AWS: root }))],
    ['everybody', [], false, policy(assume('*'))],
    ['everybody but one', [], false, policy(assume(undefined, { NotPrincipal: { AWS: admin } }))],
    [
      'a provider',
      [],
      false,
      policy(assume({ Federated: 'accounts.example.com' }, { Action: 'sts:AssumeRoleWithWebIdentity' })),
    ],
    ['nobody', [], false, policy()],
    ['another action', [], false, policy(assume({ Service: backup }, { Action: 'sts:TagSession' }))],
    ['any action', [backup], true, policy(assume({ Service: backup }, { Action: 'sts:*' }))],
    ['a service made at deployment', undefined, undefined, policy(assume({ Service: ref }))],
    ['a service beside one made at deployment', undefined, undefined, policy(assume({ Service: [backup, ref] }))],
    [
      'another service beside one made at deployment',
      undefined,
      false,
      policy(assume({ Service: ['ec2.amazonaws.com', ref] })),
    ],
    ['a principal made at deployment', undefined, undefined, policy(assume({ Service: backup, AWS: ref }))],
    ['a function', undefined, undefined, policy(assume({ 'Fn::If': [] }))],
    ['no principal', undefined, undefined, policy(assume(undefined))],
    ['an action made at deployment', undefined, undefined, policy(assume({ Service: backup }, { Action: ref }))],
    [
      'a service by SAML only',
      undefined,
      undefined,
      policy(assume({ Service: backup }, { Action: 'sts:AssumeRoleWithSAML' })),
    ],
    [
      'a Deny for a person',
      [backup],
      true,
      policy(assume({ Service: backup }), assume({ AWS: admin }, { Effect: 'Deny' })),
    ],
    [
      'a Deny of something else',
      [backup],
      true,
      policy(assume({ Service: backup }), assume('*', { Effect: 'Deny', Action: 'sts:TagSession' })),
    ],
    [
      'a Deny for everybody',
      undefined,
      undefined,
      policy(assume({ Service: backup }), assume('*', { Effect: 'Deny' })),
    ],
    [
      'a Deny for a service',
      undefined,
      undefined,
      policy(assume({ Service: backup }), assume({ Service: backup }, { Effect: 'Deny' })),
    ],
  ])('%s: %j, only AWS Backup %s', (_, services, only, document) => {
    expect(assumingServices(document)).toEqual(services)
    expect(onlyService(document, backup)).toBe(only)
  })
})

describe('whether the account may delete its key', () => {
  const kms = (rest: Json = {}): Json => ({
    Effect: 'Allow',
    Principal: { AWS: root },
    Action: 'kms:*',
    Resource: '*',
    ...rest,
  })
  const no = (rest: Json = {}): Json => ({
    Effect: 'Deny',
    Principal: '*',
    Action: 'kms:ScheduleKeyDeletion',
    Resource: '*',
    ...rest,
  })
  test.each<[string, boolean | undefined, unknown]>([
    ['delegated to the account', true, policy(kms())],
    ['delegated by its id', true, policy(kms({ Principal: { AWS: account } }))],
    ['a role', true, policy(kms({ Principal: { AWS: admin }, Action: 'kms:Schedule*' }))],
    ['everybody', true, policy(kms({ Principal: '*' }))],
    ['everybody but a role', true, policy(kms({ Principal: undefined, NotPrincipal: { AWS: admin } }))],
    ['nobody', false, policy()],
    ['another account', false, policy(kms({ Principal: { AWS: stranger } }))],
    ['a service', false, policy(kms({ Principal: { Service: 'backup.amazonaws.com' } }))],
    ['use only', false, policy(kms({ Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:CreateGrant'] }))],
    ['all but deletion', false, policy(kms({ Action: undefined, NotAction: 'kms:Schedule*' }))],
    ['with MFA', true, policy(kms(when('Bool', 'aws:MultiFactorAuthPresent', 'true')))],
    [
      'callers of the account',
      true,
      policy(kms({ Principal: '*', ...when('StringEquals', 'kms:CallerAccount', account) })),
    ],
    [
      'callers of another account',
      undefined,
      policy(kms({ Principal: '*', ...when('StringEquals', 'kms:CallerAccount', stranger) })),
    ],
    ['under an unknown condition', undefined, policy(kms(when('StringEquals', 'shop:Mood', 'good')))],
    [
      'roles of a pattern',
      true,
      policy(kms(when('ArnLike', 'aws:PrincipalArn', `arn:aws:iam::${account}:role/key-*`))),
    ],
    ['whoever is made at deployment', undefined, policy(kms({ Principal: { AWS: ref } }))],
    ['no principal', undefined, policy(kms({ Principal: undefined }))],
    ['a unique id', undefined, policy(kms({ Principal: { AWS: 'AROAEXAMPLE' } }))],
    ['denied to all', false, policy(kms(), no())],
    ['denied to the account', false, policy(kms(), no({ Principal: { AWS: root } }))],
    ['denied to callers of the account', false, policy(kms(), no(when('StringEquals', 'kms:CallerAccount', account)))],
    ['denied to all but one', true, policy(kms(), no(unless(breakGlass)))],
    ['denied to a role', true, policy(kms(), no({ Principal: { AWS: admin } }))],
    [
      'allowed to a role and denied to it',
      false,
      policy(kms({ Principal: { AWS: admin } }), no({ Principal: { AWS: admin } })),
    ],
    ['denied without MFA', true, policy(kms(), no(when('Bool', 'aws:MultiFactorAuthPresent', 'false')))],
    ['denied under an unknown condition', undefined, policy(kms(), no(when('StringEquals', 'shop:Mood', 'good')))],
    ['another resource', undefined, policy(kms({ Resource: 'arn:aws:kms:eu-west-1:111122223333:key/1' }))],
  ])('%s: %s', (_, expected, document) => {
    expect(allowsKeyDeletion(document, account)).toBe(expected)
    expect(ownAccountMay(document, 'kms:ScheduleKeyDeletion', account)).toBe(expected)
    expect(ownAccountMay(document, 'kms:ScheduleKeyDeletion', undefined)).toBeUndefined()
  })
})

describe('operators', () => {
  test.each([
    ['StringEquals', { kind: 'equals', negated: false, ifExists: false, qualifier: null }],
    ['StringNotEqualsIgnoreCaseIfExists', { kind: 'equalsIgnoreCase', negated: true, ifExists: true, qualifier: null }],
    ['ForAnyValue:StringLike', { kind: 'like', negated: false, ifExists: false, qualifier: 'any' }],
    ['ForAllValues:ArnNotEqualsIfExists', { kind: 'arnLike', negated: true, ifExists: true, qualifier: 'all' }],
    ['ArnLike', { kind: 'arnLike', negated: false, ifExists: false, qualifier: null }],
    ['Bool', { kind: 'bool', negated: false, ifExists: false, qualifier: null }],
    ['BoolIfExists', { kind: 'bool', negated: false, ifExists: true, qualifier: null }],
    ['Null', { kind: 'null', negated: false, ifExists: false, qualifier: null }],
    ['NumericLessThanEquals', { kind: 'other', negated: false, ifExists: false, qualifier: null }],
    ['DateNotEquals', { kind: 'other', negated: true, ifExists: false, qualifier: null }],
    ['IpAddress', { kind: 'other', negated: false, ifExists: false, qualifier: null }],
    ['NotIpAddressIfExists', { kind: 'other', negated: false, ifExists: true, qualifier: null }],
    ['BinaryEquals', { kind: 'other', negated: false, ifExists: false, qualifier: null }],
  ])('%s', (name, operator) => {
    expect(parseOperator(name)).toEqual(operator)
  })

  test.each([
    '',
    'String',
    'stringequals',
    'StringEqual',
    'ArnEqualsIgnoreCase',
    'NullIfExists',
    'BoolNot',
    'NumericLike',
    'ForSome:StringLike',
    'Stringconstructor',
    'IpAddressEquals',
  ])('%j is none', name => {
    expect(parseOperator(name)).toBeUndefined()
  })
})

/* An oracle: a small world, tried out one by one. */

interface Person {
  arn: string
  account: string
  organization: string | null
  mfa: boolean
  mood: string
}

const names = [
  'role/BreakGlass',
  'role/Admin',
  'role/dev-1',
  'role/dev-2',
  'role/nobody-heard-of',
  'user/eve',
  'user/nobody-heard-of',
  'root',
]
const people: Person[] = [account, stranger].flatMap(owner =>
  names.flatMap(name =>
    [true, false].flatMap(mfa =>
      ['good', 'bad'].map(mood => ({
        arn: `arn:aws:iam::${owner}:${name}`,
        account: owner,
        organization: owner === account ? organization : null,
        mfa,
        mood,
      })),
    ),
  ),
)

const patternText = fc.constantFrom(
  breakGlass,
  admin,
  root,
  `arn:aws:iam::${account}:role/dev-*`,
  `arn:aws:iam::${account}:role/*`,
  'arn:aws:iam::*:role/dev-1',
  `arn:aws:iam::${stranger}:role/Admin`,
  `arn:aws:iam::${account}:user/eve`,
)
const condition = fc.oneof(
  fc.tuple(
    fc.constantFrom(
      'ArnNotLike',
      'ArnLike',
      'ArnNotEquals',
      'StringNotEquals',
      'StringEquals',
      'StringNotLike',
      'StringLike',
      'StringNotLikeIfExists',
      'StringNotEqualsIgnoreCase',
    ),
    fc.constant('aws:PrincipalArn'),
    fc.array(patternText, { minLength: 1, maxLength: 2 }),
  ),
  fc.tuple(
    fc.constantFrom('StringEquals', 'StringNotEquals'),
    fc.constant('aws:PrincipalAccount'),
    fc.subarray([account, stranger], { minLength: 1 }),
  ),
  fc.tuple(
    fc.constantFrom('StringEquals', 'StringNotEquals', 'StringEqualsIfExists'),
    fc.constant('aws:PrincipalOrgID'),
    fc.constant([organization]),
  ),
  fc.tuple(
    fc.constantFrom('Bool', 'BoolIfExists'),
    fc.constant('aws:MultiFactorAuthPresent'),
    fc.subarray(['true', 'false'], { minLength: 1, maxLength: 1 }),
  ),
  fc.tuple(fc.constantFrom('StringEquals', 'StringNotEquals'), fc.constant('shop:Mood'), fc.constant(['good'])),
)
const principal = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Json>({ Principal: '*' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Json>(
      { Principal: { AWS: account } },
      { Principal: { AWS: root } },
      { Principal: { AWS: [admin, breakGlass] } },
      { Principal: { AWS: stranger } },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Json>(
      { NotPrincipal: { AWS: breakGlass } },
      { NotPrincipal: { AWS: [breakGlass, admin] } },
      { NotPrincipal: { AWS: `arn:aws:iam::${account}:user/eve` } },
    ),
  },
)
const action = fc.constantFrom<Json>(
  { Action: remove },
  { Action: 'backup:*' },
  { Action: ['backup:Describe*', 's3:*'] },
  { NotAction: 's3:*' },
  { NotAction: ['backup:Delete*'] },
)
const statement = fc
  .record({
    effect: fc.constantFrom('Deny', 'Deny', 'Deny', 'Allow'),
    principal,
    action,
    conditions: fc.array(condition, { maxLength: 2 }),
  })
  .map(given => {
    const Condition: Record<string, Json> = {}
    for (const [operator, key, values] of given.conditions)
      Condition[operator] = { ...Condition[operator], [key]: values }
    return { Effect: given.effect, ...given.principal, ...given.action, Resource: '*', Condition } as Json
  })

const glob = (pattern: string, text: string) =>
  new RegExp(
    `^${pattern
      .split('*')
      .map(part => part.replace(/[/]/g, '\\/'))
      .join('.*')}$`,
  ).test(text)
const listOf = (value: unknown): string[] => (value === undefined ? [] : Array.isArray(value) ? value : [String(value)])

function conditionMet(operator: string, key: string, values: string[], person: Person): boolean {
  const known: Record<string, string | null> = {
    'aws:PrincipalArn': person.arn,
    'aws:PrincipalAccount': person.account,
    'aws:PrincipalOrgID': person.organization,
    'aws:MultiFactorAuthPresent': String(person.mfa),
    'shop:Mood': person.mood,
  }
  const actual = known[key]
  const isNot = operator.includes('Not')
  if (actual === null || actual === undefined) return isNot || operator.endsWith('IfExists')
  const met = values.some(value =>
    /Like|Arn/.test(operator)
      ? glob(value, actual)
      : operator.includes('IgnoreCase')
        ? value.toLowerCase() === actual.toLowerCase()
        : value === actual,
  )
  return isNot ? !met : met
}

function applies(given: Json, person: Person): boolean {
  const named = (element: unknown): boolean => {
    if (element === '*') return true
    return listOf((element as Json).AWS).some(
      entry => entry === person.arn || entry === person.account || entry === `arn:aws:iam::${person.account}:root`,
    )
  }
  if (given.Principal !== undefined ? !named(given.Principal) : named(given.NotPrincipal)) return false
  const concerned = (patterns: unknown) =>
    listOf(patterns).some(pattern => glob(pattern.toLowerCase(), remove.toLowerCase()))
  if (given.Action !== undefined ? !concerned(given.Action) : concerned(given.NotAction)) return false
  return Object.entries(given.Condition as Record<string, Json>).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) => conditionMet(operator, key, listOf(values), person)),
  )
}

describe('against an oracle that tries everybody', () => {
  const isSpared = (person: Person) => person.arn === breakGlass
  test('what is said of a denial is so', () => {
    let [yes, no] = [0, 0]
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 3 }), statements => {
        const answer = denied(policy(...statements), { organizationId: organization })
        const free = people.filter(
          person => !isSpared(person) && !statements.some(given => given.Effect === 'Deny' && applies(given, person)),
        )
        const ours = free.filter(person => person.account === account)
        // Strangers need an Allow.
        const theirs = free.filter(
          person =>
            person.account !== account && statements.some(given => given.Effect === 'Allow' && applies(given, person)),
        )
        if (answer === true) {
          yes++
          expect([...ours, ...theirs]).toEqual([])
        }
        if (answer === false) {
          no++
          expect(ours).not.toEqual([])
        }
      }),
      { numRuns: 1000 },
    )
    expect(yes).toBeGreaterThan(30)
    expect(no).toBeGreaterThan(200)
  })

  test('what is said of key deletion is so', () => {
    let known = 0
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 3 }), statements => {
        const flipped = statements.map((given, i) => ({ ...given, Effect: i === 0 ? 'Allow' : given.Effect }) as Json)
        const answer = ownAccountMay(policy(...flipped), remove, account)
        const some = people.filter(
          person =>
            person.account === account &&
            flipped.some(given => given.Effect === 'Allow' && applies(given, person)) &&
            !flipped.some(given => given.Effect === 'Deny' && applies(given, person)),
        )
        if (answer !== undefined) {
          known++
          expect(some.length > 0).toBe(answer)
        }
      }),
      { numRuns: 1000 },
    )
    expect(known).toBeGreaterThan(300)
  })

  test('nobody but known principals is let in where it is said so', () => {
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 3 }), statements => {
        const document = policy(...statements)
        const foreign = foreignPrincipals(document, {
          account,
          trustedAccounts: [],
          backupAccounts: [],
          organizationId: organization,
        })
        const others = people.filter(
          person =>
            person.account !== account &&
            statements.some(given => given.Effect === 'Allow' && applies(given, person)) &&
            !statements.some(given => given.Effect === 'Deny' && applies(given, person)),
        )
        if (foreign?.complete && foreign.principals.length === 0) expect(others).toEqual([])
        if (
          allowsAnyone(document, { account, trustedAccounts: [], backupAccounts: [], organizationId: organization }) ===
          false
        )
          expect(
            others.filter(
              person => person.arn.endsWith('user/nobody-heard-of') && !JSON.stringify(statements).includes(stranger),
            ),
          ).toEqual([])
      }),
      { numRuns: 800 },
    )
  })
})

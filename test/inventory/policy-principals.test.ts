// Protects whom a policy's principals and conditions are taken to stand for. A «yes» said too early calls a vault closed to
// everybody that some role still empties.
import { describe, expect, it } from 'vitest'
import {
  accountOfEntry,
  andOutcomes,
  arnLike,
  concernsPrincipal,
  conditionOutcome,
  isBreakGlass,
  type Outcome,
  type SamplePrincipal,
  samplePrincipals,
  wholeAccountOf,
} from '../../src/inventory/policy-principals.ts'
import type { Condition, Operator, Principals, Statement, Values } from '../../src/inventory/policy-statements.ts'
import { account, backupAccount } from './records.ts'

const root = `arn:aws:iam::${account}:root`
const roleArn = (name: string, of = account) => `arn:aws:iam::${of}:role/${name}`
const session = (name: string, of = account) => `arn:aws:sts::${of}:assumed-role/${name}/till`
const as = (arn: string, more: Partial<SamplePrincipal> = {}): SamplePrincipal => ({
  arn,
  account,
  organizationId: 'o-shop',
  ...more,
})
const clerk = as(roleArn('clerk'))
const who = (aws: Values, more: Partial<Principals> = {}): Principals => ({
  everyone: false,
  aws,
  services: [],
  federated: [],
  canonicalUsers: [],
  ...more,
})
const statement = (more: Partial<Statement>): Statement => ({
  effect: 'Deny',
  principal: null,
  notPrincipal: null,
  actions: ['*'],
  notActions: null,
  resources: ['*'],
  notResources: null,
  conditions: [],
  ...more,
})

describe('an entry of a principal', () => {
  it.each<[string, string, string | undefined, string | undefined]>([
    ['an account id', account, account, account],
    ['a root', root, account, account],
    ['a role', roleArn('clerk'), account, undefined],
    ['a user called root', `arn:aws:iam::${account}:user/root`, account, undefined],
    ['a session', session('clerk'), account, undefined],
    ['the root of another service', `arn:aws:sts::${account}:root`, account, undefined],
    ['a pattern of accounts', 'arn:aws:iam::1111*:root', undefined, undefined],
    ['a longer number', `${account}4`, undefined, undefined],
    ['a unique id', 'AROAEXAMPLE', undefined, undefined],
    ['an ARN without an account', 'arn:aws:s3:::shop', undefined, undefined],
  ])('%s is of its account, and is all of it only as id or root', (_name, entry, of, whole) => {
    expect(accountOfEntry(entry)).toBe(of)
    expect(wholeAccountOf(entry)).toBe(whole)
  })

  it.each<[string, string, string[], boolean]>([
    ['its ARN', roleArn('fire'), [roleArn('fire')], true],
    ['a pattern', roleArn('fire'), [roleArn('fi*')], true],
    ['no other ARN', roleArn('clerk'), [roleArn('fire')], false],
    ['the role of its session', session('fire'), [roleArn('ops/fire')], true],
    ['no role of another name that ends so', session('fire'), [roleArn('campfire')], false],
    ['no role of another account', session('fire'), [roleArn('fire', backupAccount)], false],
    ['no user of that name', session('fire'), [`arn:aws:iam::${account}:user/fire`], false],
    ['no role with a session’s name in its path', roleArn('x/assumed-role/fire/till'), [roleArn('fire')], false],
    ['no session of an odd resource', `arn:aws:sts::${account}:x/assumed-role/fire/till`, [roleArn('fire')], false],
    ['no session of another service', `arn:aws:iam::${account}:assumed-role/fire/till`, [roleArn('fire')], false],
    ['no session without an account', 'arn:aws:sts:::assumed-role/fire/till', [roleArn('fire')], false],
    ['nothing where none is named', roleArn('fire'), [], false],
  ])('is break-glass by %s', (_name, entry, arns, expected) => {
    expect(isBreakGlass(entry, arns)).toBe(expected)
  })
})

describe('a statement', () => {
  const unsaid = as(roleArn('clerk', '999999999999'), { account: undefined })
  it.each<[string, Partial<Statement>, SamplePrincipal, boolean | undefined]>([
    ['for everyone', { principal: who([], { everyone: true }) }, clerk, true],
    ['for its account', { principal: who([account]) }, clerk, true],
    ['for another account', { principal: who([backupAccount]) }, clerk, false],
    ['for an account, of a principal whose account is not known', { principal: who([root]) }, unsaid, undefined],
    ['for itself', { principal: who([clerk.arn]) }, clerk, true],
    ['for another role', { principal: who([roleArn('chef')]) }, clerk, false],
    ['for a session of its', { principal: who([session('clerk')]) }, clerk, undefined],
    ['for a session of another role', { principal: who([session('chef')]) }, clerk, false],
    ['for a unique id', { principal: who(['AROAEXAMPLE']) }, clerk, undefined],
    ['for somebody who is not known', { principal: who([undefined]) }, clerk, undefined],
    ['for one of several', { principal: who([undefined, clerk.arn]) }, clerk, true],
    ['for nobody that it names', {}, clerk, undefined],
    ['for nobody', { principal: who([]) }, clerk, false],
    ['for all but everyone', { notPrincipal: who([], { everyone: true }) }, clerk, false],
    ['for all but another', { notPrincipal: who([roleArn('chef')]) }, clerk, true],
    ['for all but itself, whose account is not named', { notPrincipal: who([clerk.arn]) }, clerk, false],
    ['for all but somebody who is not known', { notPrincipal: who([undefined]) }, clerk, undefined],
    ['for all but an account alone', { notPrincipal: who([root]) }, clerk, undefined],
    ['for all but another account alone', { notPrincipal: who([backupAccount]) }, clerk, true],
    ['for all but a role and its account', { notPrincipal: who([root, roleArn('chef')]) }, clerk, true],
    [
      'for all but a role of another account and an account',
      { notPrincipal: who([root, roleArn('chef', backupAccount)]) },
      clerk,
      undefined,
    ],
    ['for all but an account and somebody unknown', { notPrincipal: who([root, undefined]) }, clerk, undefined],
    ['for all but the root user', { notPrincipal: who([root, roleArn('chef')]) }, as(root), false],
    ['for all but an account, of its root user', { notPrincipal: who([root]) }, as(root), false],
    [
      'for all but an account, of a principal whose account is not known',
      { notPrincipal: who([root]) },
      unsaid,
      undefined,
    ],
  ])('%s', (_name, more, principal, expected) => {
    expect(concernsPrincipal(statement(more), principal)).toBe(expected)
  })
})

describe('ARN patterns', () => {
  it.each<[string, string, boolean | undefined]>([
    ['arn:*:iam::*:role/clerk', clerk.arn, true],
    ['arn:aws:iam::*', clerk.arn, undefined],
    ['arn:aws:iam::*:role/clerk', 'clerk', undefined],
    ['clerk', clerk.arn, undefined],
    ['arn:aws:*:role/clerk:x:y', clerk.arn, false],
    ['arn:aws:iam::*:role/*', 'arn:aws:iam::1:user/a', false],
  ])('%s of %s: %s', (pattern, arn, expected) => {
    expect(arnLike(pattern, arn)).toBe(expected)
  })
})

describe('a condition', () => {
  const is = (kind: Operator['kind'], more: Partial<Operator> = {}): Operator => ({
    kind,
    negated: false,
    ifExists: false,
    qualifier: null,
    ...more,
  })
  const on = (key: string, operator: Operator | undefined, ...values: (string | undefined)[]): Condition => ({
    operator,
    key,
    values,
  })
  const alone = as(clerk.arn, { organizationId: null })
  const unknown = as(clerk.arn, { account: undefined, organizationId: undefined })
  it.each<[string, Condition, SamplePrincipal, Outcome]>([
    ['of an operator that is not known', on('aws:principalarn', undefined, clerk.arn), clerk, undefined],
    ['of an operator that nobody compares', on('aws:principalarn', is('other'), clerk.arn), clerk, undefined],
    ['on the ARN', on('aws:principalarn', is('equals'), clerk.arn), clerk, true],
    ['on an ARN in another case', on('aws:principalarn', is('equals'), clerk.arn.toUpperCase()), clerk, false],
    [
      'on an ARN in whatever case',
      on('aws:principalarn', is('equalsIgnoreCase'), clerk.arn.toUpperCase()),
      clerk,
      true,
    ],
    ['on another ARN in whatever case', on('aws:principalarn', is('equalsIgnoreCase'), roleArn('chef')), clerk, false],
    ['on a pattern', on('aws:principalarn', is('like'), '*clerk'), clerk, true],
    ['on a pattern of ARNs', on('aws:principalarn', is('arnLike'), 'arn:aws:iam::*:role/clerk'), clerk, true],
    ['on the ARN of somebody who is not known', on('aws:principalarn', is('equals'), clerk.arn), unknown, undefined],
    ['on another ARN, negated', on('aws:principalarn', is('equals', { negated: true }), roleArn('chef')), clerk, true],
    ['on a value that is not known', on('aws:principalarn', is('equals'), undefined), clerk, undefined],
    ['on one of several values', on('aws:principalarn', is('equals'), undefined, clerk.arn), clerk, true],
    ['on the account', on('aws:principalaccount', is('equals'), account), clerk, true],
    ['on the caller’s account of a key', on('kms:calleraccount', is('equals'), backupAccount), clerk, false],
    ['on an account that is not known', on('aws:principalaccount', is('equals'), account), unknown, undefined],
    ['on the organisation', on('aws:principalorgid', is('equals'), 'o-shop'), clerk, true],
    [
      'on the organisation of an account that is in none',
      on('aws:principalorgid', is('equals'), 'o-shop'),
      alone,
      false,
    ],
    [
      'on another organisation, negated, of an account that is in none',
      on('aws:principalorgid', is('equals', { negated: true }), 'o-x'),
      alone,
      true,
    ],
    [
      'on an organisation if there is one',
      on('aws:principalorgid', is('equals', { ifExists: true }), 'o-x'),
      alone,
      true,
    ],
    ['on all of no organisation', on('aws:principalorgid', is('equals', { qualifier: 'all' }), 'o-x'), alone, true],
    ['on any of no organisation', on('aws:principalorgid', is('equals', { qualifier: 'any' }), 'o-x'), alone, false],
    ['on an organisation that is not known', on('aws:principalorgid', is('equals'), 'o-shop'), unknown, undefined],
    ['that a service calls', on('aws:principalisawsservice', is('bool'), 'true'), clerk, false],
    ['that no service calls', on('aws:principalisawsservice', is('bool'), 'False'), clerk, true],
    ['on encryption in transit', on('aws:securetransport', is('bool'), 'TRUE'), clerk, true],
    ['on none in transit', on('aws:securetransport', is('bool'), 'false'), clerk, false],
    ...['aws:sourceaccount', 'aws:sourcearn', 'aws:sourceorgid', 'aws:principalservicename'].map(
      (key): [string, Condition, SamplePrincipal, Outcome] => [
        `on what only a service’s call has: ${key}`,
        on(key, is('like'), '*'),
        clerk,
        false,
      ],
    ),
    ['that a key is there', on('aws:sourcearn', is('null'), 'false'), clerk, false],
    ['that a key is not there', on('aws:sourcearn', is('null'), 'True'), clerk, true],
    ['that a principal has an ARN', on('aws:principalarn', is('null'), 'false'), clerk, true],
    ['that a principal has none', on('aws:principalarn', is('null'), 'true'), clerk, false],
    ['that a key is there or not, which is not known', on('aws:principalarn', is('null'), undefined), clerk, undefined],
    ['on a key that nobody knows', on('aws:somethingnew', is('equals'), 'x'), clerk, undefined],
    ['on a circumstance', on('aws:multifactorauthpresent', is('bool'), 'true'), clerk, 'free'],
    ['on an address', on('aws:sourceip', is('other'), '10.0.0.0/8'), clerk, 'free'],
    ['on any address', on('aws:sourceip', is('other'), '0.0.0.0/0'), clerk, undefined],
    ['on any address of version 6', on('aws:sourceip', is('other'), '10.0.0.0/8', '::/0'), clerk, undefined],
    ['on any endpoint', on('aws:sourcevpce', is('like'), '*'), clerk, undefined],
    ['on an endpoint that is not known', on('aws:sourcevpce', is('like'), 'vpce-1', undefined), clerk, undefined],
    ['on no endpoint', on('aws:sourcevpce', is('like')), clerk, undefined],
    ['on either of two endpoints', on('aws:sourcevpce', is('like'), 'vpce-1', 'vpce-2'), clerk, 'free'],
    [
      'on a circumstance that holds either way',
      on('aws:multifactorauthpresent', is('bool'), 'true', 'false'),
      clerk,
      undefined,
    ],
  ])('%s', (_name, condition, principal, expected) => {
    expect(conditionOutcome(condition, principal)).toBe(expected)
  })

  it.each<[Outcome[], Outcome]>([
    [[], true],
    [[true, 'free', undefined], 'free'],
    [[true, undefined], undefined],
    [[undefined, 'free', false], false],
  ])('with others: %s', (outcomes, expected) => {
    expect(andOutcomes(outcomes)).toBe(expected)
  })
})

describe('sample principals', () => {
  const samples = (statements: Statement[], of: string | undefined = account) =>
    samplePrincipals(statements, of, 'o-shop').map(sample => ({
      ...sample,
      arn: sample.arn.replace(/\uE000+/g, '~'),
    }))
  const arns = (statements: Statement[], of?: string) => samples(statements, of).map(({ arn }) => arn)
  const strangers = (partition = 'aws', of = account) => [
    `arn:${partition}:iam::${of}:role/~`,
    `arn:${partition}:iam::${of}:user/~`,
    `arn:${partition}:iam::${of}:root`,
  ]
  const onArn = (...values: (string | undefined)[]): Condition[] => [
    { operator: undefined, key: 'aws:principalarn', values },
  ]

  it('are strangers of the account and its organisation', () => {
    expect(samples([])).toEqual(strangers().map(arn => ({ arn, account, organizationId: 'o-shop' })))
    expect(samplePrincipals([], undefined, undefined).map(({ account: of }) => of)).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(samplePrincipals([], undefined, undefined)[2]!.arn).toMatch(/^arn:aws:iam::\uE000+:root$/)
  })

  it.each<[string, Partial<Statement>, string[]]>([
    ['whoever a statement is for', { principal: who([clerk.arn, undefined]) }, [clerk.arn]],
    ['whoever it is not for', { notPrincipal: who([clerk.arn]) }, [clerk.arn]],
    ['whoever a condition names', { conditions: onArn(clerk.arn, undefined) }, [clerk.arn]],
    ['the root user', { principal: who([root]) }, [root]],
    ['one of a pattern', { conditions: onArn(roleArn('ops-*')) }, [roleArn('ops-~')]],
    ['one of a pattern of one letter', { conditions: onArn(roleArn('ops-?')) }, [roleArn('ops-~')]],
    ['one of any account', { conditions: onArn('arn:*:iam::*:role/ops') }, [roleArn('ops')]],
    ['one of whatever kind', { conditions: onArn('arn:aws:iam::*:*') }, [roleArn('~')]],
    ['one of anything', { conditions: onArn('*') }, [roleArn('~')]],
    ['one of anything, spelt longer', { conditions: onArn('?*') }, [roleArn('~')]],
    ['nobody of another account', { principal: who([roleArn('clerk', backupAccount)]) }, []],
    ['nobody by a session', { principal: who([session('clerk')]) }, []],
    ['nobody by what is no ARN', { conditions: onArn('clerk*', '*clerk') }, []],
    [
      'nobody by another condition',
      { conditions: [{ operator: undefined, key: 'aws:sourcearn', values: [clerk.arn] }] },
      [],
    ],
    ['nobody by what only ends as a role', { conditions: onArn(`arn:aws:iam::${account}:x/role/ops`) }, []],
    [
      'nobody by what only starts or ends as the root user',
      { conditions: onArn(`${root}s`, `arn:aws:iam::${account}:my-root`) },
      [],
    ],
  ])('are besides %s', (_name, more, found) => {
    expect(arns([statement(more)])).toEqual([...strangers(), ...found])
  })

  const inChina = 'arn:aws-cn:s3:::shop'
  it.each<[string, Statement[], string]>([
    ['whom a statement is for', [statement({ principal: who(['arn:aws-cn:iam::1:root']) })], 'aws-cn'],
    ['whom it is not for', [statement({ notPrincipal: who(['arn:aws-cn:iam::1:root']) })], 'aws-cn'],
    ['what it is about', [statement({ resources: [inChina] })], 'aws-cn'],
    [
      'what a condition names',
      [statement({ conditions: [{ operator: undefined, key: 'aws:sourcearn', values: [undefined, inChina] }] })],
      'aws-cn',
    ],
    ['a later statement', [statement({ resources: null }), statement({ resources: ['*', inChina] })], 'aws-cn'],
    ['a government’s', [statement({ resources: ['arn:aws-us-gov:s3:::shop'] })], 'aws-us-gov'],
    ['no pattern', [statement({ resources: ['arn:aws*:s3:::shop', 'arn:aws-?:s3:::shop'] })], 'aws'],
    ['none that AWS has', [statement({ resources: ['arn:xaws:s3:::shop', 'arn:aws1:s3:::shop'] })], 'aws'],
    ['nothing', [statement({ resources: null })], 'aws'],
  ])('are of the partition that the policy names by %s', (_name, statements, partition) => {
    expect(arns(statements).slice(0, 3)).toEqual(strangers(partition))
  })
})

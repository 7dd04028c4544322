// Protects: a template's functions are resolved where they are certain before deployment, and left in place where they are not:
// nothing is judged by a value that deployment may change.
import { describe, expect, it } from 'vitest'
import { shownPlaceholders } from '../../../src/model/placeholder.ts'
import { configurationOf, readTemplates, table } from './stacks.ts'

const sections = {
  Parameters: {
    Env: { Type: 'String', Default: 'prod', AllowedValues: ['prod', 'live'] },
    Any: { Type: 'String' },
    Only: { Type: 'String', AllowedValues: ['one'] },
    Names: { Type: 'CommaDelimitedList', Default: 'carts, wishlists' },
    Stored: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/bookshop/name' },
    Secret: { Type: 'String', Default: 'hush', NoEcho: true },
    Dynamic: { Type: 'String', Default: '{{resolve:ssm:/bookshop/name}}' },
  },
  Mappings: {
    Sizes: { prod: { days: 35, name: 'big' }, test: { days: 7, name: 'big' } },
    ByRegion: { 'eu-west-1': { days: 35 }, 'eu-central-1': { days: 35 } },
  },
  Conditions: {
    IsProd: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'Env' }, 'test'] }] },
    IsAny: { 'Fn::Equals': [{ Ref: 'Any' }, 'prod'] },
    Same: { Condition: 'IsProd' },
    Both: { 'Fn::And': [{ Condition: 'IsProd' }, { Condition: 'IsAny' }] },
    Either: { 'Fn::Or': [{ Condition: 'IsProd' }, { Condition: 'IsAny' }] },
    Neither: { 'Fn::Not': [{ Condition: 'Either' }] },
    Never: { 'Fn::And': [{ Condition: 'Neither' }, { Condition: 'IsAny' }] },
    Here: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] },
    SameRegion: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, { 'Fn::Sub': '${AWS::Region}' }] },
  },
}
/** The value has to stay the function that it is. */
const unresolved = Symbol('left in place')
const yesOrNo = (condition: string) => ({ 'Fn::If': [condition, 'yes', 'no'] })

describe('a function', () => {
  it.each<[string, unknown, unknown]>([
    ['Ref of a default', { Ref: 'Env' }, 'prod'],
    ['Ref without a value', { Ref: 'Any' }, unresolved],
    ['Ref of the only value allowed', { Ref: 'Only' }, 'one'],
    ['Ref of a list', { Ref: 'Names' }, ['carts', 'wishlists']],
    ['Ref of what Systems Manager holds', { Ref: 'Stored' }, unresolved],
    ['Ref of a secret', { Ref: 'Secret' }, unresolved],
    ['Ref of a dynamic reference', { Ref: 'Dynamic' }, unresolved],
    ['Ref of nothing', { Ref: 'Missing' }, unresolved],
    ['Ref of a pseudo parameter', { Ref: 'AWS::Region' }, '${AWS::Region}'],
    ['Ref of the partition', { Ref: 'AWS::Partition' }, 'aws'],
    ['a dynamic reference', '{{resolve:ssm:/bookshop/days}}', unresolved],
    ['Ref of a made name', { Ref: 'Vault' }, '${Vault}'],
    ['Ref of a topic', { Ref: 'Alerts' }, 'arn:aws:sns:${AWS::Region}:${AWS::AccountId}:alerts'],
    ['GetAtt of an ARN', { 'Fn::GetAtt': ['Bucket', 'Arn'] }, 'arn:aws:s3:::prod-covers'],
    ['GetAtt with a dot', { 'Fn::GetAtt': 'Bucket.Arn' }, 'arn:aws:s3:::prod-covers'],
    ['GetAtt of a name', { 'Fn::GetAtt': ['Vault', 'BackupVaultName'] }, '${Vault}'],
    ['GetAtt of another ARN', { 'Fn::GetAtt': ['Orders', 'StreamArn'] }, '${Orders.StreamArn}'],
    ['GetAtt of an unknown type', { 'Fn::GetAtt': ['Custom', 'Anything'] }, '${Custom.Anything}'],
    ['GetAtt of nothing', { 'Fn::GetAtt': ['Missing', 'Arn'] }, unresolved],
    ['Sub', { 'Fn::Sub': '${Env}-${!Env}-${Bucket.Arn}' }, 'prod-${Env}-arn:aws:s3:::prod-covers'],
    ['Sub with variables', { 'Fn::Sub': ['${a}-${Env}', { a: { Ref: 'Only' } }] }, 'one-prod'],
    ['Sub of a value not known', { 'Fn::Sub': 'x-${Any}' }, unresolved],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Env' }, 1, { Ref: 'AWS::NoValue' }]] }, 'a-prod-1'],
    ['Join of a list parameter', { 'Fn::Join': ['+', { Ref: 'Names' }] }, 'carts+wishlists'],
    ['Join of a value not known', { 'Fn::Join': ['-', ['a', { Ref: 'Any' }]] }, unresolved],
    ['Select', { 'Fn::Select': ['1', { Ref: 'Names' }] }, 'wishlists'],
    ['Select beyond the end', { 'Fn::Select': [7, ['a']] }, unresolved],
    ['Select beside what is not known', { 'Fn::Select': [0, ['a', { Ref: 'Any' }]] }, 'a'],
    ['Select of a zone', { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] }, unresolved],
    ['Split', { 'Fn::Split': ['|', 'a|b'] }, ['a', 'b']],
    ['Split of an ARN', { 'Fn::Select': [3, { 'Fn::Split': [':', { Ref: 'Alerts' }] }] }, '${AWS::Region}'],
    ['Split at what a name may hold', { 'Fn::Split': ['-', { Ref: 'AWS::Region' }] }, unresolved],
    ['Base64', { 'Fn::Base64': 'a' }, 'YQ=='],
    ['Cidr', { 'Fn::Cidr': ['10.0.0.0/16', 4, 8] }, unresolved],
    ['ImportValue', { 'Fn::ImportValue': 'elsewhere' }, unresolved],
    ['Transform', { 'Fn::Transform': { Name: 'AWS::Include' } }, unresolved],
    ['Length', { 'Fn::Length': { Ref: 'Names' } }, 2],
    ['ToJsonString', { 'Fn::ToJsonString': { a: { Ref: 'Env' } } }, '{"a":"prod"}'],
    ['ToJsonString of a value not known', { 'Fn::ToJsonString': { a: { Ref: 'Any' } } }, unresolved],
    ['FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'Env' }, 'days'] }, 35],
    ['FindInMap by a key not known', { 'Fn::FindInMap': ['Sizes', { Ref: 'Any' }, 'days'] }, unresolved],
    ['FindInMap that gives the same anyhow', { 'Fn::FindInMap': ['Sizes', { Ref: 'Any' }, 'name'] }, 'big'],
    ['FindInMap in every Region', { 'Fn::FindInMap': ['ByRegion', { Ref: 'AWS::Region' }, 'days'] }, 35],
    ['FindInMap with a default', { 'Fn::FindInMap': ['Sizes', 'x', 'days', { DefaultValue: 1 }] }, 1],
    [
      'FindInMap that may fall back',
      { 'Fn::FindInMap': ['ByRegion', { Ref: 'AWS::Region' }, 'days', { DefaultValue: 1 }] },
      unresolved,
    ],
    ['If on what holds', yesOrNo('IsProd'), 'yes'],
    ['If on what is not known', yesOrNo('IsAny'), unresolved],
    ['If that gives the same anyhow', { 'Fn::If': ['IsAny', { Ref: 'Env' }, 'prod'] }, 'prod'],
    [
      'If that gives nothing either way',
      { 'Fn::If': ['IsAny', { Ref: 'AWS::NoValue' }, { Ref: 'AWS::NoValue' }] },
      undefined,
    ],
    ['If that may give nothing', { 'Fn::If': ['IsAny', 'a', { Ref: 'AWS::NoValue' }] }, unresolved],
    ['If on no condition', yesOrNo('Missing'), unresolved],
    ['Condition', yesOrNo('Same'), 'yes'],
    ['And with one not known', yesOrNo('Both'), unresolved],
    ['Or with one that holds', yesOrNo('Either'), 'yes'],
    ['Not', yesOrNo('Neither'), 'no'],
    ['And with one that does not hold', yesOrNo('Never'), 'no'],
    ['Equals with the Region', yesOrNo('Here'), unresolved],
    ['Equals of the Region with itself', yesOrNo('SameRegion'), 'yes'],
    ['a function that is not known', { 'Fn::Tomorrow': 'x' }, unresolved],
    ['NoValue', { Ref: 'AWS::NoValue' }, undefined],
    ['NoValue in a list', ['a', { Ref: 'AWS::NoValue' }], ['a']],
    ['a list with one not known', ['a', { Ref: 'Any' }], ['a', { Ref: 'Any' }]],
  ])('%s', async (_name, value, expected) => {
    const template = table({ Value: value }, sections) as { Resources: object }
    const outcome = await readTemplates({
      'shop.json': {
        ...template,
        Resources: {
          ...template.Resources,
          Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: { 'Fn::Sub': '${Env}-covers' } } },
          Vault: { Type: 'AWS::Backup::BackupVault' },
          Alerts: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'alerts' } },
          Custom: { Type: 'Custom::Thing' },
        },
      },
    })
    const found = configurationOf(outcome)?.Value
    const isLeft = typeof found === 'object' && found !== null && /^(Ref|Fn::)/.test(Object.keys(found)[0] ?? '')
    expect(outcome.problems).toEqual([])
    expect(isLeft).toBe(expected === unresolved)
    if (expected !== unresolved) expect(typeof found === 'string' ? shownPlaceholders(found) : found).toEqual(expected)
    expect(JSON.stringify(outcome)).not.toContain('hush')
  })
})

describe('short forms of YAML', () => {
  it.each([
    ['!Ref Env', 'prod'],
    ['!Sub "${Env}-a"', 'prod-a'],
    ['!Sub ["${a}", {a: !Ref Env}]', 'prod'],
    ['!GetAtt Bucket.Arn', 'arn:aws:s3:::covers'],
    ['!Join ["-", [a, !Ref Env]]', 'a-prod'],
    ['!If [IsProd, !Ref Env, b]', 'prod'],
    ['!FindInMap [Sizes, !Ref Env, days]', 35],
    ['!Select [1, !Split [",", "a,b"]]', 'b'],
    ['!Base64 a', 'YQ=='],
    ['yes', true],
    ['Off', false],
    ['"yes"', 'yes'],
    ['012345678901', '012345678901'],
    ['2010-09-09', '2010-09-09'],
    ['*shared', 'anchored'],
  ])('%s', async (text, expected) => {
    const outcome = await readTemplates({
      'shop.yaml': `Parameters: {Env: {Type: String, Default: prod, AllowedValues: [prod, live]}}
Mappings: {Sizes: {prod: {days: 35}}}
Metadata: {shared: &shared anchored}
Conditions: {IsProd: !Not [!Equals [!Ref Env, test]]}
Resources:
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: covers}}
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      Value: ${text}
`,
    })
    expect(outcome.problems).toEqual([])
    expect(configurationOf(outcome)?.Value).toEqual(expected)
  })

  it('merges mappings, what is stated first', async () => {
    const outcome = await readTemplates({
      'shop.yaml':
        'Resources:\n  Orders:\n    Type: AWS::DynamoDB::Table\n    Properties: &p {A: 1, B: 2}\n' +
        '  Carts:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      <<: *p\n      B: 3\n',
    })
    expect(configurationOf(outcome, 'Carts')).toEqual({ B: 3, A: 1 })
  })
})

describe('loops', () => {
  const loop = (list: unknown) => ({
    AWSTemplateFormatVersion: '2010-09-09',
    Transform: 'AWS::LanguageExtensions',
    Parameters: { Any: { Type: 'CommaDelimitedList' } },
    Resources: {
      'Fn::ForEach::Tables': [
        'Name',
        list,
        {
          'Table${Name}': {
            Type: 'AWS::DynamoDB::Table',
            Properties: {
              TableName: { 'Fn::Sub': '${Name}-table' },
              Key: { Ref: 'Name' },
              'Fn::ForEach::Properties': ['Part', ['A', 'B'], { 'Is${Part}': '${Name}${Part}' }],
            },
          },
        },
      ],
    },
  })

  it('make resources and properties', async () => {
    const outcome = await readTemplates({ 'shop.json': loop(['Carts', 'Orders']) })
    expect(outcome.resources.map(({ address, id, location }) => [address, id, location?.line])).toEqual([
      ['TableCarts', 'Carts-table', 17],
      ['TableOrders', 'Orders-table', 17],
    ])
    expect(configurationOf(outcome, 'TableCarts')).toEqual({
      TableName: 'Carts-table',
      Key: 'Carts',
      IsA: 'CartsA',
      IsB: 'CartsB',
    })
    expect(outcome.gaps).toEqual([])
  })

  it('over what is not known leave a gap', async () => {
    const outcome = await readTemplates({ 'shop.json': loop({ Ref: 'Any' }) })
    expect(outcome.resources).toEqual([])
    expect(outcome.gaps).toMatchObject([{ factGroups: ['*'], reason: 'truncated', line: 10 }])
  })
})

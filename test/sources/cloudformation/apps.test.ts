// Protects: templates that belong together are judged together and once: nested stacks with their parents, stacks that import
// from each other, the stacks of a CDK stage; and where one is missing, nothing is concluded from what it might hold.
import { describe, expect, it } from 'vitest'
import { readParameters } from '../../../src/sources/cloudformation/parameters.ts'
import { directoryOf, readAll } from '../estate.ts'
import { configurationOf, type Files, readTemplates, table } from './stacks.ts'

const version = { AWSTemplateFormatVersion: '2010-09-09' }
const nested = (url: string, properties: object = {}) => ({
  Type: 'AWS::CloudFormation::Stack',
  Properties: { TemplateURL: url, ...properties },
})
const addresses = (outcome: { resources: readonly { address?: string }[] }) =>
  outcome.resources.map(r => r.address).sort()

describe('nested stacks', () => {
  const child = {
    ...version,
    Parameters: { Name: { Type: 'String', Default: 'none' }, Vault: { Type: 'String' } },
    Resources: {
      Table: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: { Ref: 'Name' }, Vault: { Ref: 'Vault' } } },
    },
    Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Table', 'Arn'] } } },
  }

  it('are read with what their parents hand down, and not by themselves', async () => {
    const outcome = await readTemplates(
      {
        'app/parent.json': {
          ...version,
          Resources: {
            Vault: { Type: 'AWS::Backup::BackupVault', Properties: { BackupVaultName: 'shop' } },
            Orders: nested('./stacks/child.json', {
              Parameters: { Name: 'orders', Vault: { Ref: 'Vault' } },
              Tags: [{ Key: 'tier', Value: 'gold' }],
            }),
            Carts: nested('stacks/child.json', { Parameters: { Name: 'carts', Vault: { Ref: 'AWS::NoValue' } } }),
            Watcher: {
              Type: 'AWS::SNS::Topic',
              Properties: { DisplayName: { 'Fn::GetAtt': ['Orders', 'Outputs.Arn'] } },
            },
          },
        },
        'app/stacks/child.json': child,
      },
      { template: { account: '111122223333', region: 'eu-west-1' } },
    )
    expect(outcome.scopes.map(({ file, source }) => [file, source])).toEqual([['app/parent.json', 'cloudformation']])
    expect(addresses(outcome)).toEqual(['Carts', 'Carts/Table', 'Orders', 'Orders/Table', 'Vault', 'Watcher'])
    expect(configurationOf(outcome, 'Orders/Table')).toEqual({ TableName: 'orders', Vault: 'shop' })
    expect(configurationOf(outcome, 'Carts/Table')).toEqual({ TableName: 'carts', Vault: { Ref: 'Vault' } })
    expect(configurationOf(outcome, 'Watcher')).toEqual({
      DisplayName: 'arn:aws:dynamodb:eu-west-1:111122223333:table/orders',
    })
    const orders = outcome.resources.find(({ address }) => address === 'Orders/Table')
    expect(orders?.tags).toEqual({ tier: 'gold' })
    expect(orders?.location?.file).toBe('app/stacks/child.json')
    expect([outcome.gaps, outcome.problems]).toEqual([[], []])
  })

  it.each<[string, Files, number, number]>([
    ['that is not in the input', { 'a.json': { ...version, Resources: { S: nested('./b.json') } } }, 1, 0],
    ['outside the input', { 'a.json': { ...version, Resources: { S: nested('../../../etc/passwd') } } }, 1, 0],
    ['that a parameter names', { 'a.json': { ...version, Resources: { S: nested({ Ref: 'Url' } as never) } } }, 1, 0],
    [
      'that nests its parent',
      {
        'a.json': { ...version, Resources: { S: nested('b.json') } },
        'b.json': { ...version, Resources: { S: nested('a.json') } },
      },
      1,
      1,
    ],
    [
      'that cannot be read',
      { 'a.json': { ...version, Resources: { S: nested('b.yaml') } }, 'b.yaml': `${JSON.stringify(child)}]` },
      1,
      1,
    ],
  ])('%s leave a gap', async (_name, files, gaps, problems) => {
    const outcome = await readTemplates(files)
    expect([outcome.gaps.length, outcome.problems.length]).toEqual([gaps, problems])
    expect(outcome.gaps[0]?.factGroups).toEqual(['*'])
  })

  it('in directories of one name are those of their own', async () => {
    const shop = (name: string) => ({
      'parent.json': JSON.stringify({ ...version, Resources: { S: nested('child.json') } }),
      'child.json': JSON.stringify(table({ TableName: name })),
    })
    const content = (place: string) =>
      Object.fromEntries(Object.entries(shop(place)).map(([name, text]) => [`${place}/shop/${name}`, text]))
    const directory = directoryOf({ ...content('a'), ...content('b'), 'here/x': '' })
    try {
      const outcome = await readAll(['../a/shop', '../b/shop'], { cwd: `${directory.path}/here` })
      expect(outcome.resources.filter(({ type }) => type === 'AWS::DynamoDB::Table').map(({ id }) => id)).toEqual([
        'a',
        'b',
      ])
      expect([outcome.problems, outcome.gaps]).toEqual([[], []])
    } finally {
      directory.remove()
    }
  })

  it('that are not deployed leave none', async () => {
    const S = { ...nested('https://elsewhere/x'), Condition: 'Never' }
    const Conditions = { Never: { 'Fn::Equals': ['a', 'b'] } }
    expect((await readTemplates({ 'a.json': { ...version, Conditions, Resources: { S } } })).gaps).toEqual([])
  })
})

describe('stacks that import from each other', () => {
  const exporter = {
    ...version,
    Resources: { Key: { Type: 'AWS::KMS::Key' }, Shared: { Type: 'AWS::S3::Bucket' } },
    Outputs: {
      Key: { Value: { 'Fn::GetAtt': ['Key', 'Arn'] }, Export: { Name: { 'Fn::Sub': 'key-${AWS::Region}' } } },
    },
  }
  const importer = {
    ...version,
    Resources: {
      Shared: { Type: 'AWS::S3::Bucket' },
      Vault: {
        Type: 'AWS::Backup::BackupVault',
        Properties: { EncryptionKeyArn: { 'Fn::ImportValue': { 'Fn::Sub': 'key-${AWS::Region}' } } },
      },
    },
  }

  it('are one scope, and what they share by name is told apart', async () => {
    const outcome = await readTemplates({ 'keys.json': exporter, 'vaults.json': importer, 'other.json': table({}) })
    expect(outcome.scopes.map(({ file }) => file)).toEqual(['keys.json', 'other.json'])
    const [key, vault] = ['Key', 'Vault'].map(name => outcome.resources.find(({ address }) => address === name))
    expect(vault?.scope).toBe(key?.scope)
    expect(vault?.configuration.EncryptionKeyArn).toBe(key?.arn)
    expect(addresses(outcome)).toEqual(['Key', 'Orders', 'Vault', 'keys/Shared', 'vaults/Shared'])
    expect(new Set(outcome.resources.map(({ id }) => id)).size).toBe(5)
  })

  it('are strangers where the names hang on their own stacks', async () => {
    const named = (value: object) => JSON.parse(JSON.stringify(value).replaceAll('AWS::Region', 'AWS::StackName'))
    const outcome = await readTemplates({ 'keys.json': named(exporter), 'vaults.json': named(importer) })
    expect(outcome.scopes.length).toBe(2)
  })

  it('do not go round in a circle', async () => {
    const circular = (own: string, other: string) => ({
      ...version,
      Resources: {
        Vault: { Type: 'AWS::Backup::BackupVault', Properties: { BackupVaultName: { 'Fn::ImportValue': other } } },
      },
      Outputs: { Out: { Value: { 'Fn::ImportValue': other }, Export: { Name: own } } },
    })
    const outcome = await readTemplates({ 'a.json': circular('a', 'b'), 'b.json': circular('b', 'a') })
    expect(outcome.resources.length).toBe(2)
    expect(outcome.problems.length).toBeGreaterThan(0)
  })
})

describe('a CDK cloud assembly', () => {
  const stack = (templateFile: string, environment: string, more: object = {}) => ({
    type: 'aws:cloudformation:stack',
    environment,
    properties: { templateFile, ...more },
  })
  const resource = (path: string, properties: object = {}) => ({
    Type: 'AWS::DynamoDB::Table',
    Properties: properties,
    Metadata: { 'aws:cdk:path': path },
  })
  const files: Files = {
    'cdk.out/cdk.out': '{"version":"36.0.0"}',
    'cdk.out/manifest.json': {
      version: '36.0.0',
      artifacts: {
        'assembly-Prod': { type: 'cdk:cloud-assembly', properties: { directoryName: 'assembly-Prod' } },
        Tree: { type: 'cdk:tree', properties: { file: 'tree.json' } },
        Shop: stack('Shop.template.json', 'aws://unknown-account/unknown-region', { tags: { team: 'books' } }),
      },
    },
    'cdk.out/tree.json': { version: 'tree-0.1', tree: { id: 'App', path: '' } },
    'cdk.out/Shop.assets.json': { version: '36.0.0', files: {}, dockerImages: {} },
    'cdk.out/Shop.metadata.json': { '/Shop/Orders': [{ type: 'aws:cdk:logicalId', data: 'Orders' }] },
    'cdk.out/Shop.template.json': {
      Resources: {
        Orders: resource('Shop/Orders/Resource', { Tags: [{ Key: 'tier', Value: 'gold' }] }),
        Inner: {
          ...nested('unused', { TemplateURL: { 'Fn::Join': ['', ['https://s3.', { Ref: 'AWS::URLSuffix' }]] } }),
          Metadata: { 'aws:asset:path': 'Inner.nested.template.json', 'aws:asset:property': 'TemplateURL' },
        },
      },
    },
    'cdk.out/Inner.nested.template.json': { Resources: { Carts: resource('Shop/Inner/Carts/Resource') } },
    'cdk.out/assembly-Prod/manifest.json': {
      version: '36.0.0',
      artifacts: {
        A: stack('A.template.json', 'aws://111122223333/eu-west-1', { stackName: 'prod-a' }),
        B: stack('B.template.json', 'aws://111122223333/eu-west-1'),
      },
    },
    'cdk.out/assembly-Prod/A.template.json': {
      Resources: { Table: resource('Prod/A/Table', { TableName: { Ref: 'AWS::StackName' } }) },
      Outputs: { T: { Value: { Ref: 'Table' }, Export: { Name: 'A:Table' } } },
    },
    'cdk.out/assembly-Prod/B.template.json': {
      Resources: { Table: resource('Prod/B/Table', { Source: { 'Fn::ImportValue': 'A:Table' } }) },
    },
  }

  it('is one scope a stage, where its environment says', async () => {
    const outcome = await readTemplates(files, { template: { region: 'eu-central-1' } })
    expect(outcome.scopes.map(({ file, source, account, region }) => [file, source, account, region])).toEqual([
      ['cdk.out/assembly-Prod/manifest.json', 'cdk', '111122223333', 'eu-west-1'],
      ['cdk.out/manifest.json', 'cdk', undefined, 'eu-central-1'],
    ])
    expect(
      outcome.resources
        .filter(({ type }) => type === 'AWS::DynamoDB::Table')
        .map(r => [r.address, r.constructPath, r.tags]),
    ).toEqual([
      ['prod-a/Table', 'Prod/A/Table', null],
      ['B/Table', 'Prod/B/Table', null],
      ['Orders', 'Shop/Orders/Resource', { team: 'books', tier: 'gold' }],
      ['Inner/Carts', 'Shop/Inner/Carts/Resource', { team: 'books' }],
    ])
    expect(configurationOf(outcome, 'B/Table')).toEqual({ Source: 'prod-a' })
    expect([outcome.problems, outcome.gaps, outcome.notEvaluated]).toEqual([[], [], []])
  })

  it('without a template that its manifest names is a problem', async () => {
    const { 'cdk.out/Shop.template.json': _shop, ...rest } = files
    const outcome = await readTemplates(rest)
    expect(outcome.problems.map(({ file }) => file)).toEqual(['cdk.out/manifest.json'])
  })

  it('is a problem where nothing of it says what is deployed', async () => {
    const outcome = await readTemplates({ 'tree.json': files['cdk.out/tree.json']! })
    expect(outcome.problems.length).toBe(1)
  })
})

describe('parameter files', () => {
  it.each<[string, string, { [name: string]: string } | undefined]>([
    [
      'as create-stack takes them',
      '[{"ParameterKey":"Env","ParameterValue":"prod"},{"ParameterKey":"Old","UsePreviousValue":true}]',
      { Env: 'prod' },
    ],
    ['a mapping', '{"Env":"prod","Days":35,"Names":["a","b"]}', { Env: 'prod', Days: '35', Names: 'a,b' }],
    ['for CodePipeline', '{"Parameters":{"Env":"prod"},"Tags":{}}', { Env: 'prod' }],
    ['a list of pairs', '["Env=prod","Sum=a=b"]', { Env: 'prod', Sum: 'a=b' }],
    ['lines', '# ours\r\nEnv=prod\r\n\r\nName="two words"\r\n', { Env: 'prod', Name: 'two words' }],
    ['nothing', '', {}],
    ['broken JSON', '{"Env":', undefined],
    ['an entry without a key', '[{"ParameterValue":"prod"}]', undefined],
    ['an entry without a value', '[{"ParameterKey":"Env"}]', undefined],
    ['a line that is no pair', 'Env prod', undefined],
    ['a value that is no text', '{"Env":{"a":1}}', undefined],
    ['a mixed list', '["Env=prod",{"ParameterKey":"A","ParameterValue":"b"}]', undefined],
  ])('%s', (_name, text, expected) => {
    const read = readParameters(text)
    expect('values' in read ? Object.fromEntries(read.values) : undefined).toEqual(expected)
  })
})

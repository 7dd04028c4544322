// Protects: what a template declares becomes the records that the join can find, at the place where it is declared; what is
// hostile or broken is told, and nothing throws.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shownPlaceholders } from '../../../src/model/placeholder.ts'
import { configurationOf, readTemplates, table } from './stacks.ts'

const bucket = 'Resources:\n  Covers:\n    Type: AWS::S3::Bucket\n'

describe('what is a template', () => {
  it.each<[string, string, number]>([
    ['by its version', 'AWSTemplateFormatVersion: 2010-09-09\nResources: {}\n', 1],
    ['by its types', bucket, 1],
    ['by its types, quoted', '"Resources":\n  Covers:\n    "Type": "AWS::S3::Bucket"\n', 1],
    ['by a custom type', 'Resources:\n  X:\n    Type: Custom::Thing\n', 1],
    ['JSON', '{"Resources":{"Covers":{"Type":"AWS::S3::Bucket"}}}', 1],
    ['whose sections come late', `# ${'x'.repeat(100)}\nDescription: |\n${'  text\n'.repeat(20_000)}${bucket}`, 1],
    ['no Kubernetes manifest', 'apiVersion: v1\nkind: Pod\nspec:\n  resources: {}\n', 0],
    ['no workflow', 'on: push\njobs:\n  a:\n    steps: []\n', 0],
    ['no compose file', 'services:\n  db:\n    image: postgres\n', 0],
    ['no other Resources', 'Resources:\n  a: b\n', 0],
    ['no JSON with other Resources', '{"Resources":{"a":{"Type":"thing"}}}', 0],
  ])('%s', async (_name, text, scopes) => {
    const outcome = await readTemplates({ 'input.txt': text })
    expect(outcome.scopes.length).toBe(scopes)
  })
})

describe('records of a template', () => {
  it('say what a resource is called, how it is tagged and where it stands', async () => {
    const text = `AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Env: {Type: String}
Conditions:
  Never: !Equals [a, b]
  Perhaps: !Equals [!Ref Env, prod]
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    Properties:
      TableName: Orders
      KeySchema:
        - AttributeName: id
          KeyType: HASH
      PointInTimeRecoverySpecification: !If [Perhaps, {PointInTimeRecoveryEnabled: true}, !Ref AWS::NoValue]
      Tags:
        - {Key: tier, Value: gold}
        - {Key: env, Value: !Ref Env}
        - !If [Perhaps, {Key: who, Value: a}, {Key: who, Value: b}]

  Gone:
    Type: AWS::S3::Bucket
    Condition: Never
  MayBe:
    Type: AWS::S3::Bucket
    Condition: Perhaps
  Function:
    Type: AWS::Lambda::Function
`
    const outcome = await readTemplates(
      { 'shop.yaml': text },
      { template: { account: '111122223333', region: 'eu-west-1' } },
    )
    const [orders, mayBe, ...others] = outcome.resources
    expect(others).toEqual([])
    expect(mayBe?.address).toBe('MayBe')
    expect(orders).toMatchObject({
      id: 'Orders',
      name: 'Orders',
      arn: 'arn:aws:dynamodb:eu-west-1:111122223333:table/Orders',
      account: '111122223333',
      region: 'eu-west-1',
      supplementary: { DeletionPolicy: 'Retain', UpdateReplacePolicy: null },
      location: { file: 'shop.yaml', line: 8, column: 3, endLine: 20 },
    })
    expect(orders?.positions).toEqual({
      DeletionPolicy: 10,
      TableName: 12,
      KeySchema: 13,
      'KeySchema.0': 14,
      'KeySchema.0.AttributeName': 14,
      'KeySchema.0.KeyType': 15,
      PointInTimeRecoverySpecification: 16,
      Tags: 17,
      'Tags.0': 18,
      'Tags.0.Key': 18,
      'Tags.0.Value': 18,
      'Tags.1': 19,
      'Tags.1.Key': 19,
      'Tags.1.Value': 19,
      'Tags.2': 20,
    })
    const tags = Object.entries(orders?.tags ?? {}).map(([key, value]) => [key, shownPlaceholders(value)])
    expect(tags).toEqual([
      ['tier', 'gold'],
      ['env', '${Env}'],
      ['who', '${Orders.Tags.who}'],
    ])
    expect(outcome.notEvaluated).toEqual([
      { type: 'AWS::Lambda::Function', file: 'shop.yaml', reason: 'no rule concerns this type', count: 1 },
    ])
  })

  it.each<[string, object, object | null | undefined]>([
    ['a list', { Tags: [{ Key: 'a', Value: 1 }] }, { a: '1' }],
    ['a mapping', { Tags: { a: 'b' } }, { a: 'b' }],
    ['none', {}, null],
    [
      'an element that may be missing',
      { Tags: [{ 'Fn::If': ['Any', { Key: 'a', Value: 'b' }, { Ref: 'AWS::NoValue' }] }] },
      undefined,
    ],
    ['a key that is not known', { Tags: [{ Key: { Ref: 'Any' }, Value: 'b' }] }, undefined],
    ['a list that is not known', { Tags: { Ref: 'Any' } }, undefined],
  ])('tags: %s', async (_name, properties, tags) => {
    const conditions = { Any: { 'Fn::Equals': [{ Ref: 'Any' }, 'x'] } }
    const sections = { Parameters: { Any: { Type: 'String' } }, Conditions: conditions }
    const outcome = await readTemplates({ 'shop.json': table(properties, sections) })
    expect(outcome.resources[0]?.tags).toEqual(tags)
  })

  it('have no name that two resources ask for twice', async () => {
    const Resources = Object.fromEntries(
      ['A', 'B'].map(name => [name, { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'Orders' } }]),
    )
    const outcome = await readTemplates({ 'shop.json': { AWSTemplateFormatVersion: '2010-09-09', Resources } })
    expect(new Set(outcome.resources.map(({ id }) => id)).size).toBe(2)
  })

  it("are DynamoDB tables for SAM's simple tables", async () => {
    const outcome = await readTemplates({
      'sam.yaml': `Transform: AWS::Serverless-2016-10-31
Globals:
  SimpleTable: {SSESpecification: {SSEEnabled: true}}
Resources:
  Orders:
    Type: AWS::Serverless::SimpleTable
    Properties:
      TableName: orders
      PrimaryKey: {Name: isbn, Type: String}
      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}
      Tags: {tier: gold}
  Handler:
    Type: AWS::Serverless::Function
`,
    })
    expect(outcome.resources).toMatchObject([
      {
        type: 'AWS::DynamoDB::Table',
        id: 'orders',
        tags: { tier: 'gold' },
        configuration: {
          SSESpecification: { SSEEnabled: true },
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          KeySchema: [{ AttributeName: 'isbn', KeyType: 'HASH' }],
        },
      },
    ])
    expect(outcome.gaps).toEqual([])
  })

  it.each<[string, object]>([
    ['a macro of the whole', { Transform: ['OurMacro'] }],
    ['an include of resources', { Resources: { 'Fn::Transform': { Name: 'AWS::Include' } } }],
    ['a module', { Resources: { M: { Type: 'Our::Shop::Tables::MODULE' } } }],
    [
      'a stack that lies elsewhere',
      {
        Resources: {
          S: { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: 'https://bucket.s3.amazonaws.com/x' } },
        },
      },
    ],
  ])('leave a gap for %s', async (_name, sections) => {
    const outcome = await readTemplates({
      'shop.json': { AWSTemplateFormatVersion: '2010-09-09', Resources: {}, ...sections },
    })
    expect(outcome.gaps).toMatchObject([{ factGroups: ['*'], reason: 'truncated', file: 'shop.json' }])
  })
})

describe('what is declared of a resource beside it', () => {
  const volume = { Type: 'AWS::EC2::Volume', Properties: { Size: 8, AvailabilityZone: 'eu-west-1a' } }
  const till = { Type: 'AWS::EC2::Instance', Properties: { ImageId: 'ami-1' } }
  const attachment = (more: object = {}, properties: object = {}) => ({
    Type: 'AWS::EC2::VolumeAttachment',
    ...more,
    Properties: { InstanceId: { Ref: 'Till' }, VolumeId: { Ref: 'Ledger' }, Device: '/dev/sdf', ...properties },
  })
  const role = (name?: unknown) => ({
    Type: 'AWS::IAM::Role',
    Properties: name === undefined ? {} : { RoleName: name },
  })
  const policy = (roles: unknown, type = 'AWS::IAM::Policy') => ({
    Type: type,
    Properties: { PolicyName: 'more', PolicyDocument: {}, Roles: roles },
  })
  const one = (of: { [key: string]: unknown }) => expect.objectContaining(of)

  it.each<[string, object, string, string, unknown, string[] | undefined]>([
    [
      'by reference',
      { Ledger: volume, Till: till, A: attachment() },
      'Ledger',
      'attachments',
      [one({ Device: '/dev/sdf' })],
      undefined,
    ],
    [
      'by the instance',
      {
        Ledger: volume,
        Till: { ...till, Properties: { Volumes: [{ VolumeId: { Ref: 'Ledger' }, Device: '/dev/sdf' }] } },
      },
      'Ledger',
      'attachments',
      [{ InstanceId: expect.stringContaining('Till') }],
      undefined,
    ],
    [
      'to another',
      { Ledger: volume, Other: volume, Till: till, A: attachment() },
      'Other',
      'attachments',
      undefined,
      undefined,
    ],
    [
      'to one that only deployment tells',
      {
        Ledger: volume,
        Till: till,
        A: attachment({}, { VolumeId: { 'Fn::ImportValue': 'volume' } }),
      },
      'Ledger',
      'attachments',
      undefined,
      ['attachments'],
    ],
    [
      'under a condition that is not known',
      { Ledger: volume, Till: till, A: attachment({ Condition: 'Perhaps' }) },
      'Ledger',
      'attachments',
      undefined,
      ['attachments'],
    ],
    [
      'under one that does not hold',
      { Ledger: volume, A: attachment({ Condition: 'Never' }) },
      'Ledger',
      'attachments',
      undefined,
      undefined,
    ],
    [
      'by a name that both spell out',
      { R: role('web'), P: policy(['web']) },
      'R',
      'inline_policy_resources',
      [one({ PolicyName: 'more' })],
      undefined,
    ],
    [
      'as a managed policy',
      { R: role('web'), P: policy([{ Ref: 'R' }], 'AWS::IAM::ManagedPolicy') },
      'R',
      'policy_attachments',
      [{ policy_arn: expect.stringContaining('policy/') }],
      undefined,
    ],
    [
      'by a name, of a role whose own is not known',
      { R: role({ Ref: 'Name' }), P: policy(['web']) },
      'R',
      'inline_policy_resources',
      undefined,
      ['inline_policy_resources'],
    ],
  ])('%s', async (_name, resources, address, key, values, unknown) => {
    const outcome = await readTemplates({
      'shop.json': {
        AWSTemplateFormatVersion: '2010-09-09',
        Parameters: { Name: { Type: 'String' }, On: { Type: 'String' } },
        Conditions: { Perhaps: { 'Fn::Equals': [{ Ref: 'On' }, 'yes'] }, Never: { 'Fn::Equals': ['a', 'b'] } },
        Resources: resources,
      },
    })
    const record = outcome.resources.find(resource => resource.address === address)!
    expect(record.configuration[key]).toEqual(values)
    expect(record.unknown).toEqual(unknown)
  })

  it('is not known where a part of the stack is missing', async () => {
    const outcome = await readTemplates({
      'shop.json': {
        AWSTemplateFormatVersion: '2010-09-09',
        Resources: {
          Ledger: volume,
          More: { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: 'https://example.com/t.json' } },
        },
      },
    })
    expect(outcome.resources.find(({ address }) => address === 'Ledger')!.unknown).toEqual(['attachments'])
  })
})

describe('parameters that the deployment states', () => {
  it('take the place of defaults, and are told where no template declares them', async () => {
    const parameters = new Map([
      ['Env', 'test'],
      ['Typo', 'x'],
      ['Secret', 'hush'],
    ])
    const sections = {
      Parameters: { Env: { Type: 'String', Default: 'prod' }, Secret: { Type: 'String', NoEcho: 'true' } },
    }
    const files = { 'shop.json': table({ TableName: { Ref: 'Env' }, Password: { Ref: 'Secret' } }, sections) }
    const outcome = await readTemplates(files, { template: { parameters } })
    expect(configurationOf(outcome)).toEqual({ TableName: 'test', Password: { Ref: 'Secret' } })
    expect(outcome.notEvaluated.map(({ reason }) => reason).join()).toContain('Typo')
    expect(JSON.stringify(outcome)).not.toContain('hush')
  })
})

const aliases = Array.from(
  { length: 12 },
  (_, i) =>
    `a${i}: &a${i} [${Array(10)
      .fill(i ? `*a${i - 1}` : 'x')
      .join()}]\n`,
)

describe('what is broken or hostile', () => {
  it.each<[string, string, number | undefined]>([
    ['bad.yaml', `${bucket}   Bad: x\n`, 4],
    ['bad.json', '{"Resources":{\n"A":{"Type":"AWS::S3::Bucket"},\n"B" {}}}', 3],
    ['bomb.yaml', `AWSTemplateFormatVersion: 2010-09-09\n${aliases.join('')}Resources: {}\n`, 6],
    ['circle.yaml', `${bucket}Metadata: &m {a: *m}\n`, 4],
    [
      'deep.yaml',
      `AWSTemplateFormatVersion: 2010-09-09\nResources: ${'['.repeat(50_000)}${']'.repeat(50_000)}`,
      undefined,
    ],
    ['deep-pairs.yaml', `AWSTemplateFormatVersion: 2010-09-09\n${'a: '.repeat(50_000)}`, undefined],
    [
      'deep.json',
      `{"AWSTemplateFormatVersion":"2010-09-09","Resources":${'['.repeat(900)}${']'.repeat(900)}}`,
      undefined,
    ],
    ['twice.yaml', `${bucket}  Covers:\n    Type: AWS::S3::Bucket\n`, 4],
    ['twice.json', '{"Resources":{\n"A":{"Type":"AWS::S3::Bucket"},\n"A":{"Type":"AWS::S3::Bucket"}}}', 3],
    ['several.yaml', `---\n${bucket}---\n${bucket}`, undefined],
    ['empty.yaml', 'AWSTemplateFormatVersion: 2010-09-09\n', undefined],
    ['name.yaml', `${bucket}? {a: b}\n: c\n`, 4],
  ])('%s is one problem', async (name, text, line) => {
    const outcome = await readTemplates({ [name]: text })
    expect(outcome.problems.map(problem => [problem.file, problem.line])).toEqual([[name, line]])
  })

  it('what refers to itself is told and not known', async () => {
    const outcome = await readTemplates({
      'shop.yaml': `Conditions:
  A: !Not [!Condition B]
  B: !Not [!Condition A]
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Condition: A
    Properties: {TableName: !Ref Carts}
  Carts:
    Type: AWS::DynamoDB::Table
    Properties: {TableName: !Sub '\${Orders}\${Orders}'}
`,
    })
    expect(outcome.resources.map(({ address }) => address)).toEqual(['Orders', 'Carts'])
    expect(outcome.problems.map(({ line }) => line)).toEqual([2, 5])
  })

  it('texts that double each other do not grow without bound', async () => {
    const Resources = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [
        `T${i}`,
        {
          Type: 'AWS::DynamoDB::Table',
          Properties: { TableName: i === 0 ? 'x'.repeat(50) : { 'Fn::Sub': `\${T${i - 1}}\${T${i - 1}}` } },
        },
      ]),
    )
    const outcome = await readTemplates({ 'shop.json': { AWSTemplateFormatVersion: '2010-09-09', Resources } })
    expect(outcome.resources.length).toBe(60)
    for (const { id } of outcome.resources) expect(id.length).toBeLessThan(300_000)
  })

  const name = fc.constantFrom(
    'A',
    'B',
    'C',
    'Orders',
    'Arn',
    'AWS::Region',
    'AWS::NoValue',
    'Fn::If',
    '__proto__',
    'x-${A}',
    '${A.Arn}',
    '{{resolve:ssm:x}}',
  )
  const keys = ['Ref', 'Condition', 'Fn::Transform', 'Fn::ForEach::L', 'Type', 'Value', '__proto__', 'Key', 'Tags']
  const functionNames =
    'GetAtt Sub Join Select Split If Equals And Or Not FindInMap Base64 ImportValue Length ToJsonString Cidr'
  const { value } = fc.letrec(tie => ({
    value: fc.oneof(
      { maxDepth: 5 },
      name,
      fc.constantFrom<unknown>(1, 0, true, null, 'prod', 'a,b', ':'),
      fc.array(tie('value'), { maxLength: 4 }),
      fc
        .tuple(fc.constantFrom(...keys, ...functionNames.split(' ').map(text => `Fn::${text}`)), tie('value'))
        .map(([key, content]) => ({ [key]: content })),
      fc.dictionary(name, tie('value'), { maxKeys: 3 }),
    ),
  }))
  const type = fc.constantFrom(
    'AWS::DynamoDB::Table',
    'AWS::DynamoDB::GlobalTable',
    'AWS::IAM::Role',
    'AWS::CloudFormation::Stack',
    'AWS::Serverless::SimpleTable',
    'X::MODULE',
  )
  const resource = fc.record(
    { Type: type, Properties: value, Condition: name, DeletionPolicy: value, Metadata: value },
    { requiredKeys: ['Type'] },
  )
  const part = fc.oneof(fc.dictionary(name, value, { maxKeys: 4 }), value)
  const template = fc.record({
    AWSTemplateFormatVersion: fc.constant('2010-09-09'),
    Transform: value,
    Parameters: part,
    Conditions: part,
    Mappings: part,
    Outputs: part,
    Globals: part,
    Resources: fc.oneof(
      { weight: 4, arbitrary: fc.dictionary(name, resource, { maxKeys: 4 }) },
      { weight: 1, arbitrary: part },
    ),
  })

  it('no template makes reading throw, or changes what objects inherit', () =>
    fc.assert(
      fc.asyncProperty(template, template, async (first, second) => {
        const outcome = await readTemplates({ 'a.json': first, 'b.json': second })
        expect(() => JSON.stringify(outcome)).not.toThrow()
        expect(Object.keys(Object.prototype)).toEqual([])
        for (const record of outcome.resources)
          expect(Object.getPrototypeOf(record.configuration)).toBe(Object.prototype)
      }),
      { numRuns: 150 },
    ))
})

// Protects that a store is said to be in a backup plan only where a selection of its own place selects it for certain. Coverage
// is shared between stores that are tagged alike: what an entry names, what an attachment brings, what deployment has yet to
// tell must never be lent to the neighbour, and nothing may be lost for having one.
import { describe, expect, it } from 'vitest'
import { placeholder } from '../../src/model/placeholder.ts'
import type { ResourceRecord, ScopeRecord, SnapshotRecord } from '../../src/model/record.ts'
import {
  account,
  factAt,
  gap,
  inventoryOf,
  optedIn,
  otherRegion,
  plain,
  plan,
  policy,
  region,
  regionGroups,
  resource,
  scope,
  selection,
  subjectsOf,
  table,
  tableArn,
} from './records.ts'

const closed = policy({ closedWorld: true })

/** A fact of each store, by name. */
function told(records: readonly SnapshotRecord[], path: string, chosen = policy()): { [name: string]: unknown } {
  const stores = subjectsOf(inventoryOf(records, { policy: chosen })).filter(({ kind }) => kind === 'data-store')
  return Object.fromEntries(stores.map(({ name, facts }) => [name, factAt(plain(facts), path)]))
}

const byPlan = (records: readonly SnapshotRecord[], chosen = policy()) => told(records, 'protection.byPlan', chosen)

const tagged = (value: string) => ({
  ListOfTags: [{ ConditionType: 'STRINGEQUALS', ConditionKey: 'backup', ConditionValue: value }],
})

const stack = (file: string, more: Partial<ScopeRecord> = {}): ScopeRecord => ({
  record: 'scope',
  id: file,
  source: 'cloudformation',
  file,
  account,
  region,
  ...more,
})
const inStack = (record: ResourceRecord, file = 'a.yaml', more: Partial<ResourceRecord> = {}): ResourceRecord => ({
  ...record,
  scope: file,
  encoding: 'cloudformation',
  address: record.id,
  location: { file, line: 2 },
  ...more,
})

const instanceArn = (id: string) => `arn:aws:ec2:${region}:${account}:instance/${id}`
const instance = (id: string, tags: Record<string, string> = {}) =>
  resource(
    'AWS::EC2::Instance',
    id,
    { InstanceId: id, State: { Name: 'running' } },
    { arn: instanceArn(id), name: id, tags },
  )
const volume = (id: string, of: string[] = [], more: Partial<ResourceRecord> = {}) =>
  resource(
    'AWS::EC2::Volume',
    id,
    { VolumeId: id, State: 'in-use', Attachments: of.map(InstanceId => ({ InstanceId, State: 'attached' })) },
    { arn: `arn:aws:ec2:${region}:${account}:volume/${id}`, name: id, tags: {}, ...more },
  )

const live = [scope(), optedIn(), plan('nightly')]
const selected = (...bodies: Record<string, unknown>[]) => [
  ...live,
  ...bodies.map((body, i) => selection('nightly', `s${i}`, body)),
]
const twins = [table('a'), table('b')]

describe('of two stores that are tagged alike', () => {
  it.each<[string, SnapshotRecord[], { [name: string]: unknown }]>([
    ['one is named', [...selected({ Resources: [tableArn('b')] }), ...twins], { a: false, b: true }],
    [
      'one is left out by name',
      [...selected({ Resources: ['*'], NotResources: [tableArn('b')] }), ...twins],
      { a: true, b: false },
    ],
    [
      'one is named by the start of its name',
      [...selected({ Resources: [tableArn('b*')] }), ...twins],
      { a: false, b: true },
    ],
    [
      'one is named by the end of its name',
      [...selected({ Resources: ['*:table/b'] }), ...twins],
      { a: false, b: true },
    ],
    [
      'one is named by one of several patterns',
      [...selected({ Resources: [tableArn('x*'), tableArn('b*')] }), ...twins],
      { a: false, b: true },
    ],
    ['both are named by a wildcard', [...selected({ Resources: ['*'] }), ...twins], { a: true, b: true }],
    [
      'one may be named by what deployment tells',
      [...selected({ Resources: [`${tableArn('b')}${placeholder('t', 'Stage')}`] }), table('a'), table('b1')],
      { a: false, b1: undefined },
    ],
    [
      'one may be named by what deployment tells, and tags may select the other',
      [
        ...selected({ Resources: [tableArn('x'), `${tableArn('b')}${placeholder('t', 'Stage')}`] }, tagged('yes')),
        table('a', { tags: { backup: 'yes' } }),
        table('b1', { tags: { backup: 'yes' } }),
        table('b2'),
      ],
      { a: true, b1: true, b2: undefined },
    ],
    [
      'one is what a restore test left, by its ARN',
      [...selected({ Resources: ['*'] }), table('a'), table('b', { arn: tableArn('awsbackup-restore-test-b') })],
      { a: true, b: false },
    ],
    [
      'one’s ARN is not known',
      [...selected({ Resources: [tableArn('x')] }), table('a'), table('b', { arn: undefined })],
      { a: false, b: undefined },
    ],
    [
      'one is in no place of the plan',
      [
        scope({ region: otherRegion }),
        ...selected({ Resources: ['*'] }),
        table('a'),
        table('b', { region: otherRegion }),
      ],
      { a: true, b: false },
    ],
    [
      'one is attached to what is selected',
      [...selected(tagged('yes')), instance('i', { backup: 'yes' }), volume('a'), volume('b', ['i'])],
      { a: false, b: true, i: true },
    ],
    [
      'one is attached to what is named',
      [...selected({ Resources: [instanceArn('i')] }), instance('i'), volume('a'), volume('b', ['i'])],
      { a: false, b: true, i: true },
    ],
    [
      'one’s attachments are not known',
      [...selected(tagged('yes')), volume('a'), volume('b', [], { unknown: ['attachments[]'] })],
      { a: false, b: undefined },
    ],
    [
      'one is named by another ARN of its',
      [
        scope(),
        optedIn({ Redshift: true }),
        plan('nightly'),
        selection('nightly', 's', { Resources: [`arn:aws:redshift:${region}:${account}:namespace:b`] }),
        ...['a', 'b'].map(id =>
          resource(
            'AWS::Redshift::Cluster',
            id,
            { ClusterIdentifier: id, ClusterNamespaceArn: `arn:aws:redshift:${region}:${account}:namespace:${id}` },
            { arn: `arn:aws:redshift:${region}:${account}:cluster:${id}`, name: id, tags: {} },
          ),
        ),
      ],
      { a: false, b: true },
    ],
    [
      'one is of a service that is not opted in',
      [
        scope(),
        optedIn({ RDS: true, Aurora: false }),
        plan('nightly'),
        selection('nightly', 's'),
        ...['mysql', 'aurora-mysql'].map(Engine =>
          resource(
            'AWS::RDS::DBCluster',
            Engine,
            { DBClusterIdentifier: Engine, Engine },
            { arn: `arn:aws:rds:${region}:${account}:cluster:${Engine}`, name: Engine, tags: {} },
          ),
        ),
      ],
      { mysql: true, 'aurora-mysql': false },
    ],
    [
      'one is of a type that AWS Backup does not know',
      [
        ...selected({ Resources: ['*'] }),
        table('a'),
        resource(
          'AWS::MemoryDB::Cluster',
          'b',
          { Name: 'b' },
          { arn: `arn:aws:memorydb:${region}:${account}:cluster/b`, name: 'b', tags: {} },
        ),
      ],
      { a: true, b: false },
    ],
  ])('%s', (_name, records, expected) => {
    expect(byPlan(records)).toEqual(expected)
  })

  const beside = [
    inStack(plan('nightly')),
    inStack(selection('nightly', 's'), 'a.yaml', { mayNotExist: ['IsProd'] }),
    inStack(table('a')),
  ]
  it.each<[string, ResourceRecord, { [name: string]: unknown }]>([
    [
      'hangs on the same condition',
      inStack(table('b'), 'a.yaml', { mayNotExist: ['IsProd'] }),
      { a: undefined, b: true },
    ],
    [
      'hangs on more than the same',
      inStack(table('b'), 'a.yaml', { mayNotExist: ['IsProd', 'IsEu'] }),
      { a: undefined, b: true },
    ],
    ['hangs on another', inStack(table('b'), 'a.yaml', { mayNotExist: ['IsEu'] }), { a: undefined, b: undefined }],
    [
      'hangs on that of another template',
      inStack(table('b'), 'b.yaml', { mayNotExist: ['IsProd'] }),
      { a: undefined, b: undefined },
    ],
  ])('the selection hangs on a condition, and one of the stores %s', (_name, store, expected) => {
    const records = [stack('a.yaml'), stack('b.yaml'), ...beside, store]
    for (const order of [records, [...records].reverse()]) expect(byPlan(order, closed)).toEqual(expected)
  })

  it('one has a name that deployment gives', () => {
    const name = placeholder('a.yaml', 'b')
    const records = [
      stack('a.yaml'),
      inStack(plan('nightly')),
      inStack(selection('nightly', 's', { Resources: [tableArn('c')] })),
      inStack(table('a')),
      inStack(table(name, { name: 'b' })),
    ]
    expect(byPlan(records, closed)).toEqual({ a: false, b: undefined })
    // What another resource is called no other is.
    expect(byPlan([...records, inStack(table('c'))], closed)).toEqual({ a: false, b: false, c: true })
  })

  it('one is declared, and an organisation’s policy may be for it; the other was read with its plans', () => {
    const unit = {
      plans: { p: { regions: { '@@assign': [region] }, rules: {}, selections: {} } },
    }
    const org = resource(
      'AWS::Organizations::Policy',
      'p-1',
      { Name: 'backups', Type: 'BACKUP_POLICY', Content: JSON.stringify(unit), TargetIds: ['ou-1'] },
      { encoding: 'cloudformation', scope: 'a.yaml', account: undefined, region: undefined },
    )
    const records = [...live, stack('a.yaml'), org, table('a'), inStack(table('b'))]
    expect(byPlan(records)).toEqual({ a: false, b: undefined })
  })
})

describe('a selection that may select a store', () => {
  const perhaps = (tag: string) => ({
    Resources: ['*'],
    Conditions: { StringEquals: [{ ConditionKey: `aws:ResourceTag/${tag}`, ConditionValue: 'x' }] },
  })
  const matched = (records: SnapshotRecord[]) =>
    subjectsOf(inventoryOf(records))
      .filter(({ kind }) => kind === 'backup-selection')
      .map(({ facts }) => factAt(plain(facts), 'matchedCount'))

  it('is counted as such, each of several', () => {
    const unread = table('a', { tags: undefined })
    expect(
      matched([...selected(perhaps('p'), perhaps('q'), { Resources: [tableArn('x')] }), unread, table('b')]),
    ).toEqual([{ $atLeast: 0 }, { $atLeast: 0 }, 0])
  })

  it('is no matter for stores that it does not select', () => {
    const unread = table('a', { tags: undefined })
    expect(byPlan([...selected(perhaps('p')), unread, table('b'), table('c')])).toEqual({
      a: undefined,
      b: false,
      c: false,
    })
  })

  it('is counted for each store by itself', () => {
    const named = (...names: string[]) => ({
      Resources: names.map(name => `${tableArn(name)}${placeholder('t', 'Stage')}`),
    })
    const records = [...selected(named('a'), named('b')), table('a1'), table('b1')]
    expect(matched(records)).toEqual([{ $atLeast: 0 }, { $atLeast: 0 }])
    expect(matched([...records.slice(0, -2), table('a1')])).toEqual([{ $atLeast: 0 }, 0])
  })
})

describe('what is selected in a store’s place', () => {
  const via = (records: readonly SnapshotRecord[]) => {
    const found = told(records, 'protection.mechanisms')
    return Object.fromEntries(
      Object.entries(found).map(([name, mechanisms]) => [
        name,
        ((Array.isArray(mechanisms) ? mechanisms : []) as { via: string; matchedBy: string }[]).map(one => [
          one.matchedBy,
          one.via,
        ]),
      ]),
    )
  }
  const cut = gap(['inventory'])

  it('is told of each store by itself', () => {
    const instances = [instance('i', { backup: 'yes' }), instance('j', { backup: 'yes' })]
    expect(via([...selected(tagged('yes')), ...instances, volume('a', ['i']), volume('b', ['j'])])).toMatchObject({
      a: [['tag backup=yes', instanceArn('i')]],
      b: [['tag backup=yes', instanceArn('j')]],
    })
  })

  it('is told as the entry that names it, where it was not read', () => {
    expect(via([...selected({ Resources: [instanceArn('i')] }), volume('a', ['i'])])).toEqual({
      a: [[`Resources entry ${instanceArn('i')}`, instanceArn('i')]],
    })
  })

  it.each<[string, SnapshotRecord[], unknown]>([
    [
      'is left out by its name',
      [...selected({ Resources: [instanceArn('i')], NotResources: [instanceArn('i')] })],
      undefined,
    ],
    ['is named', [...selected({ Resources: [instanceArn('i')] })], true],
    ['may be selected by tags', [...selected(tagged('yes'))], undefined],
    [
      'is of a plan whose selection was not read whole',
      [...live, selection('nightly', 's', {}, { unknown: ['BackupSelection.Resources'] })],
      undefined,
    ],
  ])('and was not read, %s', (_name, records, expected) => {
    expect(byPlan([...records, cut, volume('a', ['i'])])).toEqual({ a: expected })
  })

  it('a stack that was not read covers only where it is named: no list of stacks is awaited', () => {
    const stackArn = `arn:aws:cloudformation:${region}:${account}:stack/shop/1`
    const database = resource(
      'AWS::Timestream::Database',
      'a',
      { DatabaseName: 'a' },
      {
        arn: `arn:aws:timestream:${region}:${account}:database/a`,
        name: 'a',
        tags: { 'aws:cloudformation:stack-id': stackArn },
      },
    )
    const timestream = resource(
      'AWS::Timestream::Table',
      'a|t',
      { DatabaseName: 'a', TableName: 't' },
      {
        arn: `arn:aws:timestream:${region}:${account}:database/a/table/t`,
        name: 't',
        tags: { 'aws:cloudformation:stack-id': stackArn },
      },
    )
    const settings = optedIn({ Timestream: true, CloudFormation: true })
    const of = (body: Record<string, unknown>) =>
      byPlan([
        ...live.slice(0, 1),
        settings,
        plan('nightly'),
        selection('nightly', 's', body),
        cut,
        database,
        timestream,
      ])
    expect(Object.values(of(tagged('yes')))).toContain(false)
    expect(Object.values(of({ Resources: [stackArn] }))).toContain(true)
  })
})

describe('an opt-in that no setting tells', () => {
  const unsaid = regionGroups.filter(group => group !== 'region-settings')
  const bucket = resource('AWS::S3::Bucket', 'b', {}, { arn: 'arn:aws:s3:::b', name: 'b', tags: {} })
  const everything = [plan('nightly'), selection('nightly', 's')]
  const template = [stack('a.yaml'), ...everything.map(record => inStack(record)), inStack(bucket)]
  const declined = policy({ closedWorld: true }, { optInUnstated: 'unknown' })
  it.each<[string, SnapshotRecord[], unknown, ReturnType<typeof policy>?]>([
    ['is taken for given of a template', template, true, closed],
    ['is taken for given of a template unless the policy takes it for unknown', template, undefined, declined],
    [
      'is not known where its Region’s settings were not read',
      [scope({ factGroups: unsaid }), ...everything, bucket],
      undefined,
    ],
    [
      'is not known of a template for a Region whose settings were not read',
      [scope({ factGroups: unsaid }), ...template],
      undefined,
      closed,
    ],
    ['is as the settings say', [scope(), optedIn({ S3: false }), ...everything, bucket], false],
    [
      'is not known where the settings leave its service out',
      [
        scope(),
        resource('AWS::Backup::RegionSettings', 'region-settings', { ResourceTypeOptInPreference: { EBS: true } }),
        ...everything,
        bucket,
      ],
      undefined,
    ],
  ])('%s', (_name, records, expected, chosen) => {
    expect(byPlan(records, chosen)).toEqual({ b: expected })
  })
})

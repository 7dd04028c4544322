// Protects how records become one estate: which of them are one resource and which are two, what counts once however often it
// is told, and where a finding says that it stands. Two things taken for one leave data unjudged; one taken for two is counted
// twice.
import { describe, expect, it } from 'vitest'
import type { ResourceRecord, ScopeRecord, SnapshotRecord } from '../../src/model/record.ts'
import type { Subject, SubjectKind } from '../../src/model/subject.ts'
import {
  account,
  ago,
  backupAccount,
  factAt,
  factsOf,
  inventoryOf,
  optedIn,
  otherRegion,
  plain,
  plan,
  point,
  policy,
  region,
  resource,
  scope,
  selection,
  subjectsOf,
  table,
  tableArn,
  vault,
  vaultArn,
} from './records.ts'

const ofKind = (records: readonly SnapshotRecord[], kind: SubjectKind): Subject[] =>
  subjectsOf(inventoryOf(records)).filter(subject => subject.kind === kind)

/** Some facts of every subject of a kind, in order. */
const told = (records: readonly SnapshotRecord[], kind: SubjectKind, ...paths: string[]) =>
  ofKind(records, kind).map(subject => paths.map(path => factAt(plain(subject.facts), path)))

const repeated = (source: ScopeRecord['source'], more: Partial<ScopeRecord> = {}) =>
  scope({ id: 'told', source, factGroups: undefined, ...more })

const stack = (file: string, more: Partial<ScopeRecord> = {}): ScopeRecord => ({
  record: 'scope',
  id: file,
  source: 'cloudformation',
  file,
  ...more,
})
const declared = (
  file: string,
  type: string,
  address: string,
  configuration: Record<string, unknown>,
  more: Partial<ResourceRecord> = {},
): ResourceRecord => ({
  record: 'resource',
  scope: file,
  type,
  id: address,
  address,
  encoding: 'cloudformation',
  configuration,
  location: { file, line: 2 },
  ...more,
})

const snapshot = (id: string, more: Record<string, unknown> = {}, record: Partial<ResourceRecord> = {}) =>
  resource(
    'AWS::RDS::DBSnapshot',
    id,
    { DBSnapshotIdentifier: id, DBInstanceIdentifier: 'orders', SnapshotType: 'manual', ...more },
    { arn: `arn:aws:rds:${region}:${account}:snapshot:${id}`, ...record },
  )

describe('scopes', () => {
  const scopes = (records: SnapshotRecord[]) => inventoryOf([scope(), ...records]).scopes.map(({ id }) => id)

  it.each<[string, SnapshotRecord[], string[]]>([
    ['of two captures that were joined to one file stand once', [scope()], [`${account}/${region}`]],
    [
      'that items name and no record tells are told too, in the order of their names',
      [table('b', { scope: 'b' }), table('a', { scope: 'a' })],
      ['a', 'b', `${account}/${region}`],
    ],
  ])('%s', (_name, records, expected) => {
    expect(scopes(records)).toEqual(expected)
  })

  it('that no record tells are AWS Config’s: they may tell several states of one point', () => {
    const lone = (hours: number) => point('one', 40, {}, { scope: 'nowhere', seenAt: ago(hours) })
    expect(told([scope(), lone(3), lone(2)], 'recovery-point', 'count')).toEqual([[1]])
    expect(inventoryOf([scope(), lone(3)]).scopes).toMatchObject([{ id: 'nowhere', source: 'aws-config-item' }, {}])
  })
})

describe('an AWS Config snapshot proves that a type is recorded by an item of it', () => {
  const delivered = scope({
    id: 'told',
    source: 'aws-config-snapshot',
    factGroups: undefined,
    account: undefined,
    region: undefined,
  })
  const at = { scope: 'told' }
  const unused = [plan('nightly', [{}], at), selection('nightly', 's', { Resources: ['arn:aws:rds:*:*:db:*'] }, at)]
  it.each<[string, SnapshotRecord[], unknown]>([
    ['in the account and Region of the item', [delivered, ...unused, table('orders', at)], false],
    ['and in no other Region', [delivered, ...unused, table('orders', { ...at, region: otherRegion })], undefined],
    [
      'which AWS Config’s history does not',
      [{ ...delivered, source: 'aws-config-history' }, ...unused, table('orders', at)],
      undefined,
    ],
    ['and for no other type', [delivered, unused[0]!, table('orders', at)], undefined],
  ])('%s', (_name, records, byPlan) => {
    expect(told(records, 'data-store', 'protection.byPlan')).toEqual([[byPlan]])
  })
})

describe('points and snapshots of which the history tells several states', () => {
  const history = repeated('aws-config-history')
  const at = (hours: number, more: Partial<ResourceRecord> = {}) => ({
    scope: 'told',
    encoding: 'config' as const,
    seenAt: ago(hours),
    ...more,
  })
  const bare = (id: string, more: Partial<ResourceRecord> = {}) => {
    const { arn: _, ...rest } = snapshot(id, {}, at(2, more))
    return rest
  }
  it.each<[string, SnapshotRecord[], SubjectKind, number[]]>([
    ['are counted each', [point('one', 40, {}, at(2)), point('two', 40, {}, at(2))], 'recovery-point', [2]],
    ['are counted each, with no ARN', [bare('one'), bare('two')], 'native-snapshot', [2]],
    ['count once with no ARN', [bare('one'), bare('one', { seenAt: ago(9) })], 'native-snapshot', [1]],
    [
      'are others in another Region',
      [bare('one'), bare('one', { region: otherRegion, scope: 'told' })],
      'native-snapshot',
      [1, 1],
    ],
    [
      'are none once they are deleted',
      [snapshot('one', {}, at(9)), snapshot('one', {}, at(2, { deleted: true }))],
      'native-snapshot',
      [],
    ],
  ])('%s', (_name, records, kind, counts) => {
    for (const order of [records, [...records].reverse()])
      expect(told([history, ...order], kind, 'count').map(([count]) => count)).toEqual(counts)
  })

  it('a deleted snapshot of a live list is none', () => {
    expect(told([snapshot('one'), snapshot('two', {}, { deleted: true })], 'native-snapshot', 'count')).toEqual([
      [{ $atLeast: 1 }].map(() => 1),
    ])
  })
})

describe('stores', () => {
  const unnamed = (id: string) => {
    const { arn: _, ...rest } = table(id)
    return rest
  }
  const bucket = (file: string, tags: string) =>
    declared(
      file,
      'AWS::S3::Bucket',
      'Covers',
      { BucketName: 'covers' },
      { arn: 'arn:aws:s3:::covers', tags: { criticality: tags } },
    )
  const live = resource('AWS::S3::Bucket', 'covers', {}, { arn: 'arn:aws:s3:::covers', tags: { criticality: 'tier3' } })
  it.each<[string, SnapshotRecord[], (string | undefined)[]]>([
    [
      'without an ARN are told apart by their ids, whatever was read before',
      [scope(), table('c'), unnamed('a'), unnamed('b'), table('d')],
      [undefined, undefined, undefined, undefined],
    ],
    [
      'of two templates are two, though they have one name',
      [stack('a.yaml'), stack('b.yaml'), bucket('a.yaml', 'tier1'), bucket('b.yaml', 'tier2')],
      ['a.yaml', 'b.yaml'],
    ],
    [
      'of one template that is read twice are one',
      [stack('a.yaml'), bucket('a.yaml', 'tier1'), bucket('a.yaml', 'tier1')],
      ['a.yaml'],
    ],
    [
      'of a template stand for the live ones that they change',
      [scope(), stack('a.yaml'), bucket('a.yaml', 'tier1'), live],
      ['a.yaml'],
    ],
  ])('%s', (_name, records, files) => {
    const [scopes, items] = [
      records.filter(({ record }) => record === 'scope'),
      records.filter(({ record }) => record !== 'scope'),
    ]
    for (const order of [items, [...items].reverse()])
      expect(ofKind([...scopes, ...order], 'data-store').map(({ location }) => location?.file)).toEqual(files)
  })

  it.each<[string, (names: SnapshotRecord[]) => SnapshotRecord[]]>([
    ['in the order of the files', stores => stores],
    ['in the other order', stores => [...stores].reverse()],
  ])('the first of two templates speaks for the points of the name that both give: %s', (_name, order) => {
    const points = point('one', 3, { ResourceArn: 'arn:aws:s3:::covers', ResourceType: 'S3' })
    const stores = order([bucket('a.yaml', 'tier1'), bucket('b.yaml', 'tier2')])
    const records = [scope(), stack('a.yaml'), stack('b.yaml'), ...stores, points]
    expect(told(records, 'data-store', 'classification.tier')).toEqual([['tier1'], ['tier2']])
    expect(ofKind(records, 'recovery-point').map(({ tier }) => tier)).toEqual(['tier1'])
  })

  it.each<[string, ResourceRecord, string]>([
    [
      'that are members of a cluster are judged as it',
      resource(
        'AWS::RDS::DBInstance',
        'writer',
        { DBInstanceIdentifier: 'writer', Engine: 'aurora-mysql', DBClusterIdentifier: 'orders' },
        { arn: `arn:aws:rds:${region}:${account}:db:writer` },
      ),
      'judged as what it belongs to: its cluster, replication group or file system',
    ],
    [
      'that are gone are told with the reason',
      resource(
        'AWS::EC2::Volume',
        'vol-1',
        { VolumeId: 'vol-1', State: 'deleting' },
        { arn: `arn:aws:ec2:${region}:${account}:volume/vol-1` },
      ),
      'the volume is deleting',
    ],
  ])('%s', (_name, record, reason) => {
    const inventory = inventoryOf([record])
    expect(subjectsOf(inventory).map(({ kind }) => kind)).not.toContain('data-store')
    expect(inventory.notEvaluated).toEqual([{ type: record.type, reason, count: 1 }])
  })

  it('are no older than their own record says', () => {
    const ages = told([table('a', { createdAt: ago(50) }), table('b')], 'data-store', 'ageHours')
    expect(ages).toEqual([[50], [undefined]])
  })
})

describe('what restore tests left', () => {
  const leftover = (more: Partial<ResourceRecord>) =>
    table('awsbackup-restore-test-1', { createdAt: ago(100), ...more })
  const count = (records: SnapshotRecord[]) => told(records, 'region', 'testArtifacts.leftoverCount')
  const gone = leftover({ seenAt: ago(1), deleted: true })
  it.each<[string, SnapshotRecord[], number]>([
    ['is gone by a newer sight, whichever comes first', [gone, leftover({ seenAt: ago(9) })], 0],
    ['is there by a newer sight, whichever comes first', [leftover({ seenAt: ago(0) }), gone], 1],
    [
      'counts each without an ARN',
      ['awsbackup-restore-test-1', 'awsbackup-restore-test-2'].map(id => leftover({ id, arn: undefined })),
      2,
    ],
    ['is told by its id where it has no name', [leftover({ name: undefined })], 1],
    ['is told by its name', [leftover({ id: 'x', arn: tableArn('x') })], 1],
    ['is not what only ends so', [table('x-awsbackup-restore-test', { createdAt: ago(100) })], 0],
    [
      'is not what has the name for a tag’s value',
      [table('x', { createdAt: ago(100), tags: { by: 'awsbackup-restore-test' } })],
      0,
    ],
  ])('%s', (_name, records, expected) => {
    expect(count(records)).toEqual([[expected]])
  })

  it('is told with those that are there', () => {
    const records = [
      leftover({}),
      leftover({ id: 'x', arn: tableArn('x') }),
      leftover({ id: 'y', arn: tableArn('y'), deleted: true }),
    ]
    expect(inventoryOf(records).notEvaluated).toEqual([
      { type: 'AWS::DynamoDB::Table', reason: 'restored by a restore test', count: 2 },
    ])
  })
})

describe('volumes', () => {
  const instance = (id: string, tags: Record<string, string>) =>
    resource(
      'AWS::EC2::Instance',
      id,
      { InstanceId: id, State: { Name: 'running' } },
      { arn: `arn:aws:ec2:${region}:${account}:instance/${id}`, tags },
    )
  const volume = (id: string, of: string, more: Partial<ResourceRecord> = {}) =>
    resource(
      'AWS::EC2::Volume',
      id,
      { VolumeId: id, State: 'in-use', Attachments: [{ InstanceId: of, State: 'attached' }] },
      { arn: `arn:aws:ec2:${region}:${account}:volume/${id}`, tags: {}, ...more },
    )
  const tagged = { ListOfTags: [{ ConditionType: 'STRINGEQUALS', ConditionKey: 'backup', ConditionValue: 'yes' }] }
  const base = [scope(), optedIn(), plan('nightly'), selection('nightly', 's', tagged)]
  const unread = volume('vol-1', 'i-1', { unknown: ['attachments[]'] })
  it.each<[string, SnapshotRecord[], unknown[]]>([
    [
      'are covered each through its own instance',
      [instance('i-1', { backup: 'yes' }), instance('i-2', {}), volume('vol-1', 'i-1'), volume('vol-2', 'i-2')],
      [true, false],
    ],
    [
      'whose attachments are not known may be covered through any',
      [instance('i-1', {}), unread, volume('vol-2', 'i-1')],
      [undefined, false],
    ],
  ])('%s', (_name, records, expected) => {
    const found = ofKind([...base, ...records], 'data-store').filter(({ type }) => type === 'AWS::EC2::Volume')
    expect(found.map(({ facts }) => factAt(plain(facts), 'protection.byPlan'))).toEqual(expected)
  })
})

describe('recovery points', () => {
  const named = (id: string, name: string, record: Partial<ResourceRecord> = {}) =>
    point(id, 3, { BackupVaultArn: undefined, BackupVaultName: name }, record)
  const inVault = (id: string, name: string, more: Record<string, unknown> = {}) =>
    point(id, 3, { BackupVaultArn: vaultArn(name), BackupVaultName: undefined, ...more })
  const groups = (records: SnapshotRecord[]) =>
    told([scope(), ...records], 'recovery-point', 'vaultArn', 'vaultName', 'count')
  it.each<[string, SnapshotRecord[], unknown[][]]>([
    [
      'are counted by vault, in whichever turn they come',
      [inVault('1', 'a'), inVault('2', 'b'), inVault('3', 'a')],
      [
        [vaultArn('a'), 'a', 2],
        [vaultArn('b'), 'b', 1],
      ],
    ],
    [
      'that name their vault without its ARN are those of the vault',
      [inVault('1', 'a'), named('2', 'a'), named('3', 'b')],
      [
        [vaultArn('a'), 'a', 2],
        [vaultArn('b'), 'b', 1],
      ],
    ],
    [
      'that name their vault without its ARN lie in their own account and Region',
      [named('1', 'a'), named('2', 'a', { region: otherRegion }), named('3', 'a', { account: backupAccount })],
      [
        [vaultArn('a', otherRegion), 'a', 1],
        [vaultArn('a'), 'a', 1],
        [vaultArn('a', region, backupAccount), 'a', 1],
      ],
    ],
    [
      'that name no vault, account or Region lie in none that is known',
      [
        point(
          '1',
          3,
          { BackupVaultArn: undefined, BackupVaultName: undefined },
          { account: undefined, region: undefined, scope: `${account}/${region}` },
        ),
      ],
      [['arn:aws:backup:::backup-vault:', '', 1]],
    ],
  ])('%s', (_name, records, expected) => {
    expect(groups(records)).toEqual(expected)
  })

  it('lie where their vault’s ARN says, not where they were read', () => {
    const shared = point(
      'one',
      3,
      { BackupVaultArn: vaultArn('safe', otherRegion, backupAccount), BackupVaultName: undefined },
      {},
    )
    expect(ofKind([scope(), shared], 'recovery-point')).toMatchObject([{ account: backupAccount, region: otherRegion }])
  })

  it('whose vault has an odd ARN lie where they were read', () => {
    const odd = point('one', 3, { BackupVaultArn: 'shop', BackupVaultName: undefined })
    expect(ofKind([scope(), odd], 'recovery-point')).toMatchObject([{ account, region, facts: { vaultName: '' } }])
  })

  it('whose source AWS does not tell are the vault’s', () => {
    const lost = [point('one', 3, { ResourceArn: undefined }), point('two', 3, { ResourceArn: undefined })]
    expect(told([scope(), ...lost], 'recovery-point', 'sourceArn', 'name', 'count')).toEqual([[null, 'shop', 2]])
  })
})

describe('native snapshots', () => {
  it.each<[string, SnapshotRecord[], unknown[][]]>([
    [
      'are counted by what they are of',
      [snapshot('a'), snapshot('b'), snapshot('c', { DBInstanceIdentifier: 'carts' })],
      [
        [`arn:aws:rds:${region}:${account}:db:carts`, 1],
        [`arn:aws:rds:${region}:${account}:db:orders`, 2],
      ],
    ],
    [
      'without a source stand each alone, by their ARNs',
      [
        resource('AWS::EC2::Snapshot', 'snap-1', { VolumeId: 'vol-ffffffff' }),
        resource('AWS::EC2::Snapshot', 'snap-2', { VolumeId: 'vol-ffffffff' }),
      ],
      [
        [null, 1],
        [null, 1],
      ],
    ],
  ])('%s', (_name, records, expected) => {
    expect(told(records, 'native-snapshot', 'sourceArn', 'count')).toEqual(expected)
  })

  it.each<[string, ResourceRecord, string]>([
    ['what they are of', snapshot('a'), `arn:aws:rds:${region}:${account}:db:orders`],
    [
      'their own ARN, where AWS does not tell',
      resource('AWS::EC2::Snapshot', 'snap-1', {}),
      `arn:aws:ec2:${region}::snapshot/snap-1`,
    ],
    [
      'the ARN of their record before any other',
      resource('AWS::EC2::Snapshot', 'snap-1', {}, { arn: 'arn:aws:ec2:eu-west-1::snapshot/own' }),
      'arn:aws:ec2:eu-west-1::snapshot/own',
    ],
  ])('are named by %s', (_name, record, name) => {
    expect(ofKind([record], 'native-snapshot').map(subject => subject.name)).toEqual([name])
  })

  it('name the one that is not encrypted, by the ARN of its record', () => {
    expect(ofKind([snapshot('a', { Encrypted: false })], 'native-snapshot')[0]!.related).toMatchObject([
      { arn: `arn:aws:rds:${region}:${account}:snapshot:a` },
    ])
  })

  it('of a template stand each alone, though of one source', () => {
    const of = (address: string) =>
      declared(
        'main.tf',
        'aws_db_snapshot',
        address,
        { db_instance_identifier: 'orders', db_snapshot_identifier: 'x' },
        { encoding: 'terraform' },
      )
    const records = [stack('main.tf', { source: 'terraform-plan' }), of('aws_db_snapshot.a'), of('aws_db_snapshot.b')]
    expect(ofKind(records, 'native-snapshot').map(({ address }) => address)).toEqual([
      'aws_db_snapshot.a',
      'aws_db_snapshot.b',
    ])
  })

  it.each<[string, Partial<ResourceRecord>, string[], number]>([
    ['their owner restores is shared with nobody', {}, [account], 0],
    ['a trusted account restores is shared with nobody untrusted', {}, [backupAccount], 0],
    ['another account restores is shared', {}, ['777788889999'], 1],
  ])('that %s', (_name, record, accounts, count) => {
    const shares = [{ AttributeName: 'restore', AttributeValues: accounts }]
    const chosen = policy({}, { backupAccounts: [backupAccount] })
    const inventory = inventoryOf([snapshot('a', {}, { ...record, supplementary: { DBSnapshotAttributes: shares } })], {
      policy: chosen,
    })
    expect(factAt(factsOf(inventory, 'native-snapshot'), 'sharedWithUntrusted.trueCount')).toBe(count)
  })
})

describe('a finding stands', () => {
  const location = { file: 'estate.ndjson', line: 7 }
  it.each<[string, SubjectKind, SnapshotRecord[]]>([
    ['a store', 'data-store', [table('orders', { location })]],
    ['a vault', 'backup-vault', [vault('shop', {}, { location })]],
    ['a point', 'recovery-point', [point('one', 3, {}, { location }), point('two', 3)]],
    ['a snapshot', 'native-snapshot', [snapshot('a', {}, { location }), snapshot('b')]],
  ])('at the line of %s', (_name, kind, records) => {
    const [subject] = ofKind([scope(), ...records], kind)
    expect(subject!.location).toEqual(location)
    expect(subject!.declared).toBeUndefined()
  })

  it.each<[string, SubjectKind, ResourceRecord, string, number]>([
    [
      'a store’s',
      'data-store',
      declared(
        'a.yaml',
        'AWS::DynamoDB::Table',
        'T',
        { DeletionProtectionEnabled: true },
        { positions: { DeletionProtectionEnabled: 9 } },
      ),
      'lifecycle.deletionProtection',
      9,
    ],
    [
      'a vault’s',
      'backup-vault',
      declared(
        'a.yaml',
        'AWS::Backup::BackupVault',
        'V',
        { BackupVaultName: 'shop', EncryptionKeyArn: 'k' },
        { positions: { EncryptionKeyArn: 5 } },
      ),
      'encryption',
      5,
    ],
  ])('at the line of %s property, with what leads to it', (_name, kind, record, fact, line) => {
    const more = { constructPath: 'Shop/Data', moduleCalls: [], exemptions: [] }
    const [subject] = ofKind([stack('a.yaml'), { ...record, ...more }], kind)
    expect(subject!.declared).toMatchObject(more)
    expect(subject!.declared!.placeOfFact(fact)).toEqual({ file: 'a.yaml', line })
  })
})

describe('evidence', () => {
  const vaults = (records: SnapshotRecord[]) => ofKind(records, 'backup-vault').map(({ arn, name }) => [arn, name])
  const twin = (file: string) =>
    declared(file, 'AWS::Backup::BackupVault', 'Vault', { BackupVaultName: 'shop' }, { arn: vaultArn('shop') })
  it.each<[string, SnapshotRecord[], unknown[][]]>([
    [
      'that its record names keeps that name',
      [scope(), vault('shop', {}, { name: 'told' })],
      [[vaultArn('shop'), 'told']],
    ],
    [
      'of two templates is two, though of one ARN',
      [stack('a.yaml'), stack('b.yaml'), twin('a.yaml'), twin('b.yaml')],
      [
        [vaultArn('shop'), 'shop'],
        [vaultArn('shop'), 'shop'],
      ],
    ],
    [
      'of two captures is one, by its ARN, whatever its id',
      [scope(), vault('shop'), vault('shop', {}, { id: 'shop-2', seenAt: ago(4) })],
      [[vaultArn('shop'), 'shop']],
    ],
  ])('%s', (_name, records, expected) => {
    expect(vaults(records)).toEqual(expected)
  })

  it('is known by the ARN that its item tells', () => {
    const arn = `arn:aws:iam::${account}:role/backup`
    const role = (more: Partial<ResourceRecord>) =>
      resource('AWS::IAM::Role', 'backup', { RoleName: 'backup', Arn: arn }, { region: 'global', ...more })
    expect(ofKind([scope(), role({})], 'iam-role').map(subject => subject.arn)).toEqual([arn])
    expect(ofKind([scope(), role({ arn: `${arn}-2` })], 'iam-role').map(subject => subject.arn)).toEqual([`${arn}-2`])
  })
})

describe('what a template may not make', () => {
  const shop = stack('shop.yaml', { account, region })
  const doubtful = (type: string, configuration: Record<string, unknown>, more: Partial<ResourceRecord> = {}) =>
    declared('shop.yaml', type, 'Perhaps', configuration, { mayNotExist: ['IsProd'], account, region, ...more })
  const gapsOf = (record: ResourceRecord) => inventoryOf([shop, record]).gaps

  it.each<[string, string, string[]]>([
    ['a trail', 'AWS::CloudTrail::Trail', ['trails']],
    ['an alarm', 'AWS::CloudWatch::Alarm', ['alerts']],
    ['a rule of events', 'AWS::Events::Rule', ['alerts']],
    ['a topic', 'AWS::SNS::Topic', ['alerts']],
    ['a framework', 'AWS::Backup::Framework', ['audit']],
    ['a report plan', 'AWS::Backup::ReportPlan', ['audit']],
    ['an alias of a key', 'AWS::KMS::Alias', ['keys']],
    ['a managed policy', 'AWS::IAM::ManagedPolicy', ['iam']],
    ['an application of Resilience Hub', 'AWS::ResilienceHub::App', ['resilience']],
  ])('leaves unknown what %s would say', (_name, type, factGroups) => {
    expect(gapsOf(doubtful(type, {}))).toEqual([
      {
        record: 'gap',
        scope: 'shop.yaml',
        account,
        region,
        factGroups,
        types: [],
        file: 'shop.yaml',
        line: 2,
        reason: 'truncated',
        remedy: expect.stringContaining('Perhaps'),
      },
    ])
  })

  it.each<[string, Partial<ResourceRecord>, string[], RegExp]>([
    ['where it goes is not known', { account: undefined, region: undefined }, ['file', 'line'], /Perhaps/],
    ['where it stands is not known', { location: undefined }, ['account', 'region'], /Perhaps/],
    ['its address is not known', { address: undefined }, ['account', 'region', 'file', 'line'], /AWS::SNS::Topic/],
  ])('says so, though %s', (_name, more, members, remedy) => {
    const [found] = gapsOf(doubtful('AWS::SNS::Topic', {}, more))
    expect(Object.keys(found!).sort()).toEqual(
      ['record', 'scope', 'factGroups', 'types', 'reason', 'remedy', ...members].sort(),
    )
    expect(found!.remedy).toMatch(remedy)
  })

  it.each<[string, ResourceRecord]>([
    ['a vault, which is judged as though it were made', doubtful('AWS::Backup::BackupVault', { BackupVaultName: 'x' })],
    ['what is made for certain', doubtful('AWS::SNS::Topic', {}, { mayNotExist: undefined })],
  ])('leaves no gap for %s', (_name, record) => {
    expect(gapsOf(record)).toEqual([])
  })
})

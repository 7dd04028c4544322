// Protects what records tell of each other once all are read: which tiers and keys a vault answers for, whether it holds copies,
// what is listed apart from its store, and what an account and a Region are said to have.
import { describe, expect, it } from 'vitest'
import { resourceDefinitions } from '../../src/generated/resources.ts'
import { InventoryBuilder } from '../../src/inventory/build.ts'
import type { ResourceRecord, SnapshotRecord } from '../../src/model/record.ts'
import type { Subject, SubjectKind } from '../../src/model/subject.ts'
import {
  account,
  ago,
  backupAccount,
  factAt,
  gap,
  inventoryOf,
  optedIn,
  otherRegion,
  plain,
  plan,
  point,
  policy,
  region,
  regionGroups,
  resource,
  scope,
  selection,
  subjectsOf,
  table,
  tableArn,
  takenAt,
  vault,
  vaultArn,
} from './records.ts'

const ofKind = (records: readonly SnapshotRecord[], kind: SubjectKind, chosen = policy()): Subject[] =>
  subjectsOf(inventoryOf(records, { policy: chosen })).filter(subject => subject.kind === kind)

/** A fact of the first subject of a kind. */
const told = (records: readonly SnapshotRecord[], kind: SubjectKind, path: string, chosen = policy()): unknown =>
  factAt(plain(ofKind(records, kind, chosen)[0]!.facts), path)

const without = (...groups: string[]) => scope({ factGroups: regionGroups.filter(group => !groups.includes(group)) })
const tiered = (name: string, criticality: string, more: Partial<ResourceRecord> = {}) =>
  table(name, { tags: { criticality }, ...more })
const of = (id: string, source: string | undefined, more: Record<string, unknown> = {}) =>
  point(id, 3, { ResourceArn: source, ...more })

describe('a vault', () => {
  const testing = resource('AWS::Backup::RestoreTestingPlan', 'weekly', {
    RestoreTestingPlan: {
      RestoreTestingPlanName: 'weekly',
      ScheduleExpression: 'cron(0 1 ? * 1 *)',
      RecoveryPointSelection: {
        Algorithm: 'LATEST_WITHIN_WINDOW',
        IncludeVaults: ['*'],
        RecoveryPointTypes: ['SNAPSHOT'],
      },
    },
  })
  it.each<[string, SnapshotRecord[], boolean]>([
    ['with points of its own account and Region', [of('1', tableArn('a'))], false],
    ['with points of another account', [of('1', tableArn('a', region, backupAccount))], true],
    ['with points of another Region', [of('1', tableArn('a', otherRegion))], true],
    [
      'with points of another account, and then of its own',
      [of('1', tableArn('a', region, backupAccount)), of('2', tableArn('b'))],
      true,
    ],
    ['with points of a bucket, whose ARN tells no place', [of('1', 'arn:aws:s3:::covers')], false],
    ['with points of a store whose ARN tells its Region alone', [of('1', `arn:aws:ec2:${region}::image/ami-1`)], false],
    [
      'with points of a store whose ARN tells another Region alone',
      [of('1', `arn:aws:ec2:${otherRegion}::image/ami-1`)],
      true,
    ],
    [
      'with points of a store whose name only looks like a place',
      [of('1', `arn:aws:x:${otherRegion}:${backupAccount}:a:${region}:${account}:`)],
      true,
    ],
    ['with points of nobody knows what', [of('1', 'shop'), of('2', undefined)], false],
    [
      'that a copy action names',
      [plan('p', [{ CopyActions: [{ DestinationBackupVaultArn: vaultArn('shop') }] }])],
      true,
    ],
    ['that a rule names for its target', [plan('p')], false],
  ])('%s holds copies: %s', (_name, records, expected) => {
    expect(told([scope(), vault('shop'), testing, ...records], 'restore-testing-plan', 'copyVaultsExist')).toBe(
      expected,
    )
  })

  const tier = (records: readonly SnapshotRecord[]) => told([vault('shop'), ...records], 'backup-vault', 'tier')
  const selected = [optedIn(), selection('p', 's')]
  const copying = plan('p', [
    { TargetBackupVaultName: 'other', CopyActions: [{ DestinationBackupVaultArn: vaultArn('shop') }] },
  ])
  const gapped = plan('p', [
    { TargetBackupVaultName: 'other', TargetLogicallyAirGappedBackupVaultArn: vaultArn('shop') },
  ])
  const untagged = table('a', { tags: undefined })
  it.each<[string, SnapshotRecord[], string | undefined]>([
    [
      'the strictest whose points it holds',
      [scope(), tiered('a', 'tier3'), tiered('b', 'tier1'), of('1', tableArn('a')), of('2', tableArn('b'))],
      'tier1',
    ],
    ['the strictest that a plan sends to it', [scope(), ...selected, plan('p'), tiered('a', 'tier1')], 'tier1'],
    ['the strictest that a plan copies to it', [scope(), ...selected, copying, tiered('a', 'tier1')], 'tier1'],
    [
      'the strictest that a plan sends to it beside another vault',
      [scope(), ...selected, gapped, tiered('a', 'tier1')],
      'tier1',
    ],
    [
      'the default where a plan sends to another',
      [scope(), ...selected, plan('p', [{ TargetBackupVaultName: 'other' }]), tiered('a', 'tier1')],
      'tier2',
    ],
    ['the default of points of a store that is gone', [scope(), of('1', tableArn('a'))], 'tier2'],
    [
      'not known of points of a store that may not have been read',
      [without('inventory'), of('1', tableArn('a'))],
      undefined,
    ],
    [
      'that of the store, though others were not read',
      [without('inventory'), tiered('a', 'tier0'), of('1', tableArn('a'))],
      'tier0',
    ],
    ['not known of points of a store whose tags were not read', [scope(), untagged, of('1', tableArn('a'))], undefined],
    [
      'not known where a plan sends a store whose tags were not read',
      [scope(), ...selected, plan('p'), untagged],
      undefined,
    ],
    [
      'not known of points of a bucket, where some Region was not read',
      [without('inventory'), of('1', 'arn:aws:s3:::covers')],
      undefined,
    ],
    ['the default of points of nobody knows what', [scope(), of('1', undefined)], 'tier2'],
  ])('is of a tier: %s', (_name, records, expected) => {
    expect(tier(records)).toBe(expected)
  })

  it('is told by the ARN that its place makes, where its record has none', () => {
    const bare = vault('shop', {}, { arn: undefined })
    const copies = plan('p', [
      { TargetBackupVaultName: 'other', CopyActions: [{ DestinationBackupVaultArn: vaultArn('shop') }] },
    ])
    expect(told([scope(), bare, copies], 'backup-vault', 'inUse')).toBe(true)
    const nowhere = vault('shop', {}, { arn: undefined, account: undefined, scope: `${account}/${region}` })
    expect(told([without('recovery-points', 'plans'), nowhere, copies], 'backup-vault', 'inUse')).toBeUndefined()
  })
})

describe('a plan', () => {
  const volume = resource(
    'AWS::EC2::Volume',
    'vol-1',
    { VolumeId: 'vol-1', State: 'in-use', Attachments: [] },
    { arn: `arn:aws:ec2:${region}:${account}:volume/vol-1`, tags: {} },
  )
  const database = resource(
    'AWS::RDS::DBInstance',
    'db',
    { DBInstanceIdentifier: 'db', Engine: 'mysql' },
    { arn: `arn:aws:rds:${region}:${account}:db:db`, tags: {} },
  )
  const unsaid = resource('AWS::Backup::RegionSettings', 'region-settings', {
    ResourceTypeOptInPreference: { DynamoDB: true, RDS: true, EBS: true },
  })
  const base = [scope(), plan('p'), selection('p', 's')]
  it.each<[string, SnapshotRecord[], unknown, unknown]>([
    ['of volumes may go to cold storage', [...base, optedIn(), volume], true, 'tier2'],
    ['of databases may not', [...base, optedIn(), database], false, 'tier2'],
    ['of tables hangs on a setting that was not read', [...base, unsaid, table('a')], undefined, 'tier2'],
    [
      'of a store whose tags were not read is of a tier that is not known',
      [...base, optedIn(), table('a', { tags: undefined })],
      true,
      undefined,
    ],
  ])('%s', (_name, records, coldCapable, tier) => {
    expect([told(records, 'backup-plan', 'coldCapable'), told(records, 'backup-plan', 'tier')]).toEqual([
      coldCapable,
      tier,
    ])
  })
})

describe('a key', () => {
  const arn = (id: string) => `arn:aws:kms:${region}:${account}:key/${id}`
  const key = (more: object = {}, record: Partial<ResourceRecord> = {}) =>
    resource(
      'AWS::KMS::Key',
      'k',
      { KeyMetadata: { KeyId: 'k', Arn: arn('k'), KeyManager: 'CUSTOMER' }, ...more },
      { arn: arn('k'), ...record },
    )
  const alias = (TargetKeyId: string | undefined) =>
    resource('AWS::KMS::Alias', 'alias/shop', { AliasName: 'alias/shop', TargetKeyId }, {})
  const awsOwned = { EncryptionKeyArn: undefined, EncryptionKeyType: 'AWS_OWNED_KMS_KEY' }
  const own = vault('other', awsOwned)
  const encrypted = (name: string, KMSMasterKeyArn: string) =>
    table(name, {}, { SSEDescription: { SSEType: 'KMS', Status: 'ENABLED', KMSMasterKeyArn } })
  const users = (records: SnapshotRecord[]) => told([key(), ...records], 'kms-key', 'usedBy')
  it.each<[string, SnapshotRecord[], unknown]>([
    ['nobody', [own], []],
    ['a vault', [vault('shop', { EncryptionKeyArn: arn('k') })], [vaultArn('shop')]],
    [
      'a vault that names its alias',
      [vault('shop', { EncryptionKeyArn: 'alias/shop' }), alias('k')],
      [vaultArn('shop')],
    ],
    [
      'a vault that names the ARN of its alias',
      [vault('shop', { EncryptionKeyArn: `arn:aws:kms:${region}:${account}:alias/shop` }), alias(arn('k'))],
      [vaultArn('shop')],
    ],
    ['a vault that names its id', [vault('shop', { EncryptionKeyArn: 'k' })], [vaultArn('shop')]],
    [
      'no vault that names an alias of which the key is not known',
      [vault('shop', { EncryptionKeyArn: 'alias/shop' }), alias(undefined)],
      [],
    ],
    ['no vault that names another', [vault('shop', { EncryptionKeyArn: arn('x') })], []],
    [
      'the vault of a point',
      [vault('shop', awsOwned), of('1', tableArn('a'), { EncryptionKeyArn: arn('k') })],
      [vaultArn('shop')],
    ],
    [
      'the vault of points with several keys',
      [
        vault('shop', awsOwned),
        of('1', tableArn('a'), { EncryptionKeyArn: arn('x') }),
        of('2', tableArn('a'), { EncryptionKeyArn: arn('k') }),
      ],
      [vaultArn('shop')],
    ],
    [
      'no vault of points without encryption',
      [vault('shop', awsOwned), of('1', tableArn('a'), { EncryptionKeyArn: undefined, IsEncrypted: false })],
      [],
    ],
    ['a store', [own, encrypted('a', arn('k'))], [tableArn('a')]],
    [
      'several, each once, in order',
      [own, encrypted('b', arn('k')), encrypted('a', arn('k'))],
      [tableArn('a'), tableArn('b')],
    ],
    [
      'none that is known for sure where a vault does not tell its key',
      [vault('shop', { EncryptionKeyArn: undefined })],
      { $partial: [] },
    ],
    ['none that is known for sure where vaults were not read', [without('vaults'), own], { $partial: [] }],
  ])('is used by %s', (_name, records, expected) => {
    expect(users(records)).toEqual(expected)
  })

  it('is used by many: the smallest ten ARNs tell, whichever come first', () => {
    const names = Array.from({ length: 14 }, (_, i) => `t${String(i).padStart(2, '0')}`)
    const stores = names.map(name => encrypted(name, arn('k')))
    const expected = { $partial: names.slice(0, 10).map(name => tableArn(name)) }
    for (const order of [stores, [...stores].reverse()]) expect(users([own, ...order])).toEqual(expected)
    expect(users([own, ...stores.slice(0, 9)])).toEqual(names.slice(0, 9).map(name => tableArn(name)))
  })
})

describe('what is listed apart from its store', () => {
  const id = 'fs-1'
  const fileSystem = resource(
    'AWS::EFS::FileSystem',
    id,
    { FileSystemId: id, Encrypted: true },
    { arn: `arn:aws:elasticfilesystem:${region}:${account}:file-system/${id}`, name: 'till', tags: {} },
  )
  const replica = (source: Record<string, unknown>, more: Partial<ResourceRecord> = {}) =>
    resource(
      'AWS::EFS::ReplicationConfiguration',
      id,
      { ...source, Destinations: [{ Region: otherRegion, Status: 'ENABLED', FileSystemId: 'fs-2' }] },
      more,
    )
  it.each<[string, ResourceRecord, boolean]>([
    ['by ARN', replica({ SourceFileSystemArn: fileSystem.arn }), true],
    ['by id', replica({ SourceFileSystemId: id }), true],
    [
      'by the id of one in another Region',
      replica({ SourceFileSystemId: id }, { region: otherRegion, scope: `${account}/${region}` }),
      false,
    ],
    ['of another store', replica({ SourceFileSystemId: 'fs-9' }), false],
  ])('is said of it: %s', (_name, record, expected) => {
    const facts = plain(ofKind([scope(), fileSystem, record], 'data-store')[0]!.facts)
    expect(JSON.stringify(facts).includes(otherRegion)).toBe(expected)
    // What the store tells itself stays.
    expect(factAt(facts, 'encryption.encrypted')).toBe(true)
  })
})

describe('an account', () => {
  const global = scope({ region: 'global', factGroups: ['trails', 'global-settings', 'resilience', 'iam'] })
  const used = (records: SnapshotRecord[]) => ofKind(records, 'account').map(({ facts }) => plain(facts).backupInUse)
  const elsewhere = scope({ region: otherRegion })
  it.each<[string, SnapshotRecord[], unknown[]]>([
    ['with a plan', [scope(), plan('p')], [true]],
    ['with a point in a vault', [scope(), vault('shop'), of('1', tableArn('a'))], [true]],
    [
      'with points in a vault, as the vault counts them',
      [scope(), vault('shop', { NumberOfRecoveryPoints: 3 })],
      [true],
    ],
    ['with a store that could be backed up', [scope(), table('a')], [true]],
    ['with an empty vault', [scope(), vault('shop')], [false]],
    [
      'with an empty vault that does not count',
      [scope(), vault('shop', { NumberOfRecoveryPoints: undefined })],
      [false],
    ],
    ['with something in one of two Regions', [scope(), elsewhere, table('a')], [true]],
    ['with nothing in two Regions', [scope(), elsewhere], [false]],
    [
      'of which one Region was not read whole',
      [scope(), scope({ region: otherRegion, factGroups: ['plans'] })],
      [undefined],
    ],
    ['of which only global services were read', [global], [undefined]],
    [
      'beside one that uses it',
      [scope(), scope({ account: backupAccount }), table('a', { account: backupAccount })],
      [false, true],
    ],
  ])('%s uses AWS Backup: %s', (_name, records, expected) => {
    expect(used(records)).toEqual(expected)
  })

  const trail = (selectors: unknown, more: object = {}) =>
    resource(
      'AWS::CloudTrail::Trail',
      'main',
      {
        Name: 'main',
        TrailARN: `arn:aws:cloudtrail:${region}:${account}:trail/main`,
        IsMultiRegionTrail: true,
        ...more,
      },
      { arn: `arn:aws:cloudtrail:${region}:${account}:trail/main`, supplementary: { EventSelectors: selectors } },
    )
  const objects = (...Values: string[]) => [
    { ReadWriteType: 'All', IncludeManagementEvents: true, DataResources: [{ Type: 'AWS::S3::Object', Values }] },
  ]
  const bucket = (name: string, target: boolean | undefined, more: Partial<ResourceRecord> = {}) =>
    resource('AWS::S3::Bucket', name, {}, {
      arn: `arn:aws:s3:::${name}`,
      name,
      tags: target === undefined ? undefined : target ? { target: 'yes' } : {},
      ...more,
    } as Partial<ResourceRecord>)
  const chosen = policy({}, { backupTargetTag: 'target' })
  it.each<[string, SnapshotRecord[], unknown]>([
    ['none holds backups', [trail(objects('arn:aws:s3:::a/')), bucket('a', false)], null],
    ['all of S3', [trail(objects('arn:aws:s3')), bucket('a', true)], true],
    ['all of S3, as China spells it', [trail(objects('arn:aws-cn:s3:::')), bucket('a', true)], true],
    ['the bucket that holds them', [trail(objects('arn:aws:s3:::a/')), bucket('a', true), bucket('b', false)], true],
    ['one of two', [trail(objects('arn:aws:s3:::a/')), bucket('a', true), bucket('b', true)], false],
    ['a part of the bucket alone', [trail(objects('arn:aws:s3:::a/x')), bucket('a', true)], false],
    ['another bucket’s objects of that name', [trail(objects('xarn:aws:s3:::')), bucket('a', true)], false],
    [
      'one of which it is not known whether it holds them',
      [trail(objects('arn:aws:s3:::b/')), bucket('a', undefined)],
      undefined,
    ],
    [
      'one, and it is no matter whether it holds them',
      [trail(objects('arn:aws:s3:::a/')), bucket('a', undefined)],
      null,
    ],
    ['nobody knows what', [trail(undefined), bucket('a', true)], undefined],
    ['none, and not every bucket was read', [without('inventory'), trail(objects('arn:aws:s3:::a/'))], undefined],
    [
      'one of another account',
      [trail(objects('arn:aws:s3:::b/')), bucket('a', true, { account: backupAccount, scope: `${account}/${region}` })],
      null,
    ],
  ])('has a trail that records what is done to its backups: %s', (_name, records, expected) => {
    const scopes = records.some(({ record }) => record === 'scope') ? [global] : [global, scope()]
    const [facts] = ofKind([...scopes, ...records], 'account', chosen).map(subject => plain(subject.facts))
    const trails = facts!.trails as { $partial: object[] } | object[]
    expect((Array.isArray(trails) ? trails : trails.$partial)[0]).toEqual(
      expected === undefined
        ? expect.not.objectContaining({ backupBucketDataEvents: expect.anything() })
        : expect.objectContaining({ backupBucketDataEvents: expected }),
    )
  })
})

describe('a Region', () => {
  const report = (name: string, template: string | undefined, hours: number | null | undefined) =>
    resource(
      'AWS::Backup::ReportPlan',
      name,
      {
        ReportPlanName: name,
        ReportPlanArn: `arn:aws:backup:${region}:${account}:report-plan:${name}`,
        ReportSetting: { ReportTemplate: template },
        ...(hours == null ? {} : { LastSuccessfulExecutionTime: ago(hours) }),
      },
      hours === undefined ? { encoding: 'config' } : {},
    )
  const chosen = policy({}, { auditReports: ['BACKUP_JOB_REPORT'], auditControls: [] })
  it.each<[string, SnapshotRecord[], unknown, unknown]>([
    ['has no report', [scope(), table('a')], false, null],
    ['has another report', [scope(), report('r', 'RESTORE_JOB_REPORT', 3)], false, null],
    ['has one', [scope(), report('r', 'BACKUP_JOB_REPORT', 3)], true, 3],
    ['has two', [scope(), report('r', 'BACKUP_JOB_REPORT', 30), report('s', 'BACKUP_JOB_REPORT', 5)], true, 5],
    ['has one that never ran', [scope(), report('r', 'BACKUP_JOB_REPORT', null)], true, null],
    [
      'has one of which it is not known when it ran',
      [scope(), report('r', 'BACKUP_JOB_REPORT', undefined)],
      true,
      undefined,
    ],
    [
      'has one, and one of which it is not known when it ran',
      [scope(), report('r', 'BACKUP_JOB_REPORT', 4), report('s', 'BACKUP_JOB_REPORT', undefined)],
      true,
      { $atMost: 4 },
    ],
    [
      'has one, and one of nobody knows what',
      [scope(), report('r', 'BACKUP_JOB_REPORT', 4), report('s', undefined, 2)],
      true,
      { $atMost: 4 },
    ],
    ['has one of nobody knows what', [scope(), report('s', undefined, 2)], undefined, undefined],
    ['was not asked for reports', [without('audit'), report('r', 'BACKUP_JOB_REPORT', 4)], true, { $atMost: 4 }],
  ])('%s', (_name, records, present, lastSuccessAgeHours) => {
    const [found] = told(records, 'region', 'audit.reports', chosen) as object[]
    expect(found).toEqual(plain({ template: 'BACKUP_JOB_REPORT', present, lastSuccessAgeHours }))
  })

  it('counts its services’ stores in the order of their names', () => {
    const volume = (id: string) =>
      resource(
        'AWS::EC2::Volume',
        id,
        { VolumeId: id, State: 'in-use', Attachments: [] },
        { arn: `arn:aws:ec2:${region}:${account}:volume/${id}`, tags: {} },
      )
    const memory = resource(
      'AWS::MemoryDB::Cluster',
      'b',
      { Name: 'b' },
      { arn: `arn:aws:memorydb:${region}:${account}:cluster/b`, tags: {} },
    )
    const services = told(
      [scope(), optedIn({ EBS: false }), volume('v'), memory, table('a'), table('b')],
      'region',
      'services',
    )
    expect(
      (services as { service: string; storeCount: number; optedIn: boolean }[]).map(one => [
        one.service,
        one.storeCount,
        one.optedIn,
      ]),
    ).toEqual([
      ['DynamoDB', 2, true],
      ['EBS', 1, false],
    ])
  })

  it.each<[string, SnapshotRecord[], unknown]>([
    ['are in use or not', [scope(), tiered('a', 'tier1')], true],
    ['are not, where all is read', [scope(), table('a')], false],
    ['may be, where a store’s tags are not known', [scope(), table('a', { tags: undefined }), table('b')], undefined],
    ['may be, where stores were not read', [without('inventory'), table('a')], undefined],
    [
      'are not, whatever global services tell',
      [scope(), scope({ region: 'global', factGroups: ['iam'] }), table('a')],
      false,
    ],
  ])('tiers of a policy %s', (_name, records, expected) => {
    const tiers = told(records, 'policy', 'tiers') as { name: string; inUse?: boolean }[]
    expect(tiers.find(({ name }) => name === 'tier1')!.inUse).toBe(expected)
  })
})

describe('records to judge others by', () => {
  function judged(records: [SnapshotRecord, boolean][]): Subject[] {
    const builder = new InventoryBuilder({ definitions: resourceDefinitions, policy: policy(), now: takenAt })
    for (const [record, evidenceOnly] of records) builder.add(record, evidenceOnly)
    return subjectsOf(builder.finish())
  }
  const live = scope({ id: 'live' })
  const mine = scope({
    id: 'mine',
    source: 'cloudformation',
    factGroups: undefined,
    takenAt: undefined,
    file: 'a.yaml',
  })
  const seen = table('a', { scope: 'live', tags: { criticality: 'tier0' } })
  const declared = table('a', {
    scope: 'mine',
    encoding: 'cloudformation',
    address: 'A',
    tags: { criticality: 'tier3' },
  })
  const tiers = (records: [SnapshotRecord, boolean][]) =>
    judged(records)
      .filter(({ kind }) => kind === 'data-store')
      .map(({ tier, address }) => [tier, address])

  it.each<[string, [SnapshotRecord, boolean][], unknown[]]>([
    [
      'give way to what is judged',
      [
        [live, true],
        [mine, false],
        [seen, true],
        [declared, false],
      ],
      [['tier3', 'A']],
    ],
    [
      'are no subjects',
      [
        [live, true],
        [mine, false],
        [seen, true],
      ],
      [],
    ],
    [
      'give way though they are a template’s',
      [
        [live, false],
        [mine, true],
        [seen, false],
        [declared, true],
      ],
      [['tier0', undefined]],
    ],
    [
      'are judged where nothing else is',
      [
        [live, false],
        [seen, false],
      ],
      [['tier0', undefined]],
    ],
  ])('%s', (_name, records, expected) => {
    const scopes = records.filter(([{ record }]) => record === 'scope')
    const items = records.filter(([{ record }]) => record !== 'scope')
    for (const order of [items, [...items].reverse()]) expect(tiers([...scopes, ...order])).toEqual(expected)
  })
})

describe('the order of what is told', () => {
  it('is that of sources and vaults, whatever came first', () => {
    const points = [
      of('1', tableArn('b'), { BackupVaultArn: vaultArn('z') }),
      of('2', tableArn('b'), { BackupVaultArn: vaultArn('a') }),
      of('3', tableArn('a'), { BackupVaultArn: vaultArn('m') }),
      of('4', undefined, { BackupVaultArn: vaultArn('k') }),
    ]
    const groups = (records: SnapshotRecord[]) => ofKind([scope(), ...records], 'recovery-point').map(({ id }) => id)
    const expected = [
      `${vaultArn('k')}|`,
      `${vaultArn('m')}|${tableArn('a')}`,
      `${vaultArn('a')}|${tableArn('b')}`,
      `${vaultArn('z')}|${tableArn('b')}`,
    ]
    for (const order of [points, [...points].reverse()]) expect(groups(order)).toEqual(expected)
  })

  it('of stores without ARNs is that of files and addresses', () => {
    const at = (file: string, address: string): ResourceRecord => ({
      record: 'resource',
      scope: file,
      type: 'AWS::DynamoDB::Table',
      id: address,
      address,
      encoding: 'cloudformation',
      configuration: {},
      location: { file, line: 2 },
    })
    const stacks = ['a.yaml', 'b.yaml'].map(
      file => ({ record: 'scope', id: file, source: 'cloudformation', file }) as const,
    )
    const stores = [at('b.yaml', 'A'), at('a.yaml', 'Z'), at('a.yaml', 'B')]
    for (const order of [stores, [...stores].reverse()])
      expect(
        ofKind([...stacks, ...order], 'data-store').map(({ location, address }) => [location!.file, address]),
      ).toEqual([
        ['a.yaml', 'B'],
        ['a.yaml', 'Z'],
        ['b.yaml', 'A'],
      ])
  })

  it('of contradictions is that of what they are about', () => {
    const both = ['b', 'a'].flatMap(name => [table(name, { tags: { x: '1' } }), table(name, { tags: { x: '2' } })])
    const gaps = inventoryOf([scope(), gap(['alerts']), ...both]).gaps.filter(
      ({ reason }) => reason === 'contradictory',
    )
    expect(gaps.map(({ remedy }) => /table\/(\w)/.exec(remedy)?.[1])).toEqual(['a', 'b'])
    expect(gaps[0]!.line).toBeUndefined()
  })
})

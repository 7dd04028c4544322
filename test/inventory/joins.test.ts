// Protects how records find each other: plans their selections, volumes their instances, keys their names, copies their vaults,
// roles their policies, and stores with several ARNs their jobs. A record that finds the wrong other speaks for what it is not.
import { describe, expect, it } from 'vitest'
import type { Facts } from '../../src/model/facts.ts'
import type { ResourceRecord, SnapshotRecord } from '../../src/model/record.ts'
import {
  account,
  ago,
  backupAccount,
  factAt,
  factsOf,
  gap,
  inventoryOf,
  optedIn,
  otherRegion,
  plan,
  planArn,
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
  vault,
  vaultArn,
} from './records.ts'

const without = (...groups: string[]) => scope({ factGroups: regionGroups.filter(group => !groups.includes(group)) })
const tagged = (value: string) => ({
  ListOfTags: [{ ConditionType: 'STRINGEQUALS', ConditionKey: 'backup', ConditionValue: value }],
})

const instanceArn = `arn:aws:ec2:${region}:${account}:instance/i-till`
const volumeArn = `arn:aws:ec2:${region}:${account}:volume/vol-till`
const instance = (tags: Record<string, string> | undefined = {}, more: Partial<ResourceRecord> = {}) =>
  resource(
    'AWS::EC2::Instance',
    'i-till',
    { InstanceId: 'i-till', State: { Name: 'running' } },
    { arn: instanceArn, name: 'till', tags, ...more },
  )
const volume = (tags: Record<string, string> | undefined = {}, attached = true) =>
  resource(
    'AWS::EC2::Volume',
    'vol-till',
    {
      VolumeId: 'vol-till',
      State: attached ? 'in-use' : 'available',
      Encrypted: true,
      Attachments: attached ? [{ InstanceId: 'i-till', State: 'attached' }] : [],
    },
    { arn: volumeArn, name: 'disk', tags },
  )

const protectionOf = (records: readonly SnapshotRecord[], name: string, chosen = policy()) =>
  factsOf(inventoryOf(records, { policy: chosen }), 'data-store', name).protection as Facts

describe('a volume is covered through its instance', () => {
  const base = [scope(), optedIn(), plan('nightly')]
  it.each<[string, SnapshotRecord[], unknown, unknown]>([
    [
      'that is selected by tag',
      [...base, selection('nightly', 's', tagged('yes')), instance({ backup: 'yes' }), volume()],
      true,
      [{ matchedBy: 'tag backup=yes', via: instanceArn }],
    ],
    [
      'that is selected by name',
      [...base, selection('nightly', 's', { Resources: [instanceArn] }), instance(), volume()],
      true,
      [{ matchedBy: `Resources entry ${instanceArn}`, via: instanceArn }],
    ],
    [
      'that is not selected',
      [...base, selection('nightly', 's', tagged('yes')), instance({ backup: 'no' }), volume()],
      false,
      [],
    ],
    [
      'whose tags are not known',
      [...base, selection('nightly', 's', tagged('yes')), instance(undefined, { tags: undefined }), volume()],
      undefined,
      { $partial: [] },
    ],
    [
      'that was not read, selected by name',
      [...base, gap(['inventory']), selection('nightly', 's', { Resources: [instanceArn] }), volume()],
      true,
      expect.anything(),
    ],
    [
      'that was not read, selected by name but for a condition',
      [
        ...base,
        gap(['inventory']),
        selection('nightly', 's', {
          Resources: [instanceArn],
          Conditions: { StringEquals: [{ ConditionKey: 'aws:ResourceTag/a', ConditionValue: 'b' }] },
        }),
        volume(),
      ],
      undefined,
      { $partial: [] },
    ],
    [
      'that was not read, perhaps by tag',
      [...base, gap(['inventory']), selection('nightly', 's', tagged('yes')), volume()],
      undefined,
      { $partial: [] },
    ],
    ['that does not exist', [...base, selection('nightly', 's', tagged('yes')), volume()], false, []],
    [
      'that it is not attached to',
      [...base, selection('nightly', 's', tagged('yes')), instance({ backup: 'yes' }), volume({}, false)],
      false,
      [],
    ],
  ])('%s', (_name, records, byPlan, mechanisms) => {
    const facts = protectionOf(records, 'disk')
    expect(facts.byPlan).toBe(byPlan)
    expect(facts.mechanisms).toMatchObject(mechanisms as object)
  })

  it('is told apart from one that is covered itself', () => {
    const facts = protectionOf(
      [...base, selection('nightly', 's', tagged('yes')), instance({ backup: 'yes' }), volume({ backup: 'yes' })],
      'disk',
    )
    expect(facts.mechanisms).toMatchObject([{ via: null }])
  })

  it('counts for the plan and the selection', () => {
    const inventory = inventoryOf([
      ...base,
      selection('nightly', 's', tagged('yes')),
      instance({ backup: 'yes' }),
      volume(),
      table('a'),
    ])
    expect(factsOf(inventory, 'backup-plan').storeCount).toBe(2)
    expect(factsOf(inventory, 'backup-selection').matchedCount).toBe(2)
  })
})

describe('stores that are tagged alike', () => {
  it('are judged each as if it were alone', () => {
    const records = [
      scope(),
      optedIn(),
      plan('nightly'),
      selection('nightly', 'one', tagged('yes')),
      selection('nightly', 'two', {
        Resources: [],
        Conditions: {
          StringEquals: [],
          StringNotEquals: [{ ConditionKey: 'aws:ResourceTag/backup', ConditionValue: 'no' }],
          StringLike: [],
          StringNotLike: [],
        },
      }),
    ]
    const stores = [
      table('a', { tags: { backup: 'yes' } }),
      table('b', { tags: { backup: 'yes' } }),
      table('c', { tags: { backup: 'no' } }),
      table('d', { tags: {} }),
      table('e', { tags: undefined }),
      volume({ backup: 'yes' }, false),
    ]
    const together = inventoryOf([...records, ...stores])
    for (const store of stores) {
      const alone = factsOf(inventoryOf([...records, store]), 'data-store').protection
      expect(factsOf(together, 'data-store', store.arn).protection).toEqual(alone)
    }
  })
})

describe('an organisation’s backup policy', () => {
  const content = (Regions: string[]) => ({
    plans: {
      nightly: {
        regions: { '@@assign': Regions },
        rules: {
          daily: {
            schedule_expression: { '@@assign': 'cron(0 5 ? * * *)' },
            target_backup_vault_name: { '@@assign': 'shop' },
            lifecycle: { delete_after_days: { '@@assign': '35' } },
          },
        },
        selections: {
          tags: {
            yes: {
              iam_role_arn: { '@@assign': 'arn:aws:iam::$account:role/backup' },
              tag_key: { '@@assign': 'backup' },
              tag_value: { '@@assign': ['yes'] },
            },
          },
        },
      },
    },
  })
  const orgPolicy = (targets: string[], more: Partial<ResourceRecord> = {}, Regions = [region]) =>
    resource(
      'AWS::Organizations::Policy',
      'p-1',
      { Name: 'backups', Type: 'BACKUP_POLICY', Content: JSON.stringify(content(Regions)), TargetIds: targets },
      { encoding: 'cloudformation', scope: 'org', account: undefined, region: undefined, ...more },
    )
  const org = scope({
    id: 'org',
    source: 'cloudformation',
    account: undefined,
    region: undefined,
    takenAt: undefined,
    factGroups: undefined,
  })
  const store = table('orders', { tags: { backup: 'yes' } })

  it('makes its plans in each account and Region that it names', () => {
    const inventory = inventoryOf([
      org,
      scope(),
      optedIn(),
      store,
      orgPolicy([account, backupAccount], {}, [region, otherRegion]),
    ])
    const plans = subjectsOf(inventory).filter(subject => subject.kind === 'backup-plan')
    expect(plans.map(({ account: of, region: at }) => `${of}/${at}`).sort()).toEqual([
      `${account}/${otherRegion}`,
      `${account}/${region}`,
      `${backupAccount}/${otherRegion}`,
      `${backupAccount}/${region}`,
    ])
    // Policies above and below may add conditions: only the effective policy tells.
    expect(factsOf(inventory, 'data-store').protection).not.toHaveProperty('byPlan')
    const roles = subjectsOf(inventory)
      .filter(subject => subject.kind === 'backup-selection')
      .map(subject => subject.facts.roleArn)
    expect(new Set(roles)).toEqual(
      new Set([`arn:aws:iam::${account}:role/backup`, `arn:aws:iam::${backupAccount}:role/backup`]),
    )
    expect(plans[0]!.facts.organizationPolicy).toBe(true)
  })

  it('covers stores where it is the effective one', () => {
    const effective = resource(
      'AWS::Organizations::Policy',
      'p-1',
      {
        EffectivePolicy: {
          PolicyType: 'BACKUP_POLICY',
          TargetId: account,
          PolicyContent: JSON.stringify(content([region])),
        },
      },
      { account: undefined, region: undefined, scope: 'org' },
    )
    expect(protectionOf([org, scope(), optedIn(), store, effective], 'orders')).toMatchObject({
      byPlan: true,
      mechanisms: [{ name: 'nightly', selection: 'yes', matchedBy: 'tag backup=yes' }],
    })
  })

  it('of a unit may cover what a closed world of templates declares', () => {
    const closed = policy({ closedWorld: true })
    const declared: ResourceRecord = { ...store, scope: 'org', encoding: 'cloudformation' }
    expect(protectionOf([org, declared], 'orders', closed).byPlan).toBe(false)
    expect(protectionOf([org, declared, orgPolicy(['ou-1234'])], 'orders', closed).byPlan).toBeUndefined()
  })

  it('of a unit says nothing new of an account that was read', () => {
    expect(protectionOf([org, scope(), optedIn(), store, orgPolicy(['ou-1234'])], 'orders').byPlan).toBe(false)
  })
})

describe('plans and selections', () => {
  it('meet by account, Region and id alone', () => {
    const records = [
      scope(),
      scope({ region: otherRegion }),
      plan('nightly'),
      plan('nightly', [], { region: otherRegion }),
      selection('nightly', 'here'),
      selection('gone', 'lost'),
    ]
    const inventory = inventoryOf(records)
    expect(factsOf(inventory, 'backup-selection', 'here')).toMatchObject({
      planName: 'nightly',
      planArn: planArn('nightly'),
    })
    expect(factsOf(inventory, 'backup-selection', 'lost')).toMatchObject({ planName: null, planArn: null })
    expect(factsOf(inventory, 'backup-plan', planArn('nightly')).selections).toEqual([{ name: 'here' }])
    expect(factsOf(inventory, 'backup-plan', planArn('nightly', otherRegion)).selections).toEqual([])
  })

  it('a selection whose plan was not found covers by a plan of which nothing is known', () => {
    const facts = protectionOf([without('plans'), optedIn(), table('orders'), selection('gone', 'lost')], 'orders')
    expect(facts).toMatchObject({
      covered: true,
      byPlan: true,
      mechanisms: { $partial: [{ name: null, arn: null, selection: 'lost' }] },
    })
    for (const name of ['worstCaseLossHours', 'longestGapHours', 'retentionDays', 'keepsForever', 'endsAt'])
      expect(facts).not.toHaveProperty(name)
  })

  it('a plan without rules covers nothing', () => {
    expect(
      protectionOf([scope(), optedIn(), table('orders'), plan('empty', []), selection('empty', 's')], 'orders'),
    ).toMatchObject({ covered: false, byPlan: false, mechanisms: [], retentionDays: 0, worstCaseLossHours: null })
  })
})

describe('what covers a store, by the policy', () => {
  const pitr = (enabled: boolean) => ({
    supplementary: {
      ContinuousBackupsDescription: {
        ContinuousBackupsStatus: 'ENABLED',
        PointInTimeRecoveryDescription: enabled
          ? { PointInTimeRecoveryStatus: 'ENABLED', RecoveryPeriodInDays: 7, LatestRestorableDateTime: ago(0.5) }
          : { PointInTimeRecoveryStatus: 'DISABLED' },
      },
    },
  })
  const accept = (...kinds: ('aws-backup' | 'native-pitr' | 'native-automated' | 'dlm' | 'replication')[]) =>
    policy({ mechanisms: { '*': ['aws-backup'], 'AWS::DynamoDB::Table': kinds } })
  const selected = [plan('nightly'), selection('nightly', 's')]
  const of = (records: SnapshotRecord[], kinds: Parameters<typeof accept>) =>
    factsOf(inventoryOf([scope(), optedIn(), ...records], { policy: accept(...kinds) }), 'data-store', 'orders')

  it.each<[string, () => Facts, object]>([
    [
      'a plan, where plans count',
      () => of([table('orders', pitr(false)), ...selected], ['aws-backup']),
      {
        protection: {
          covered: true,
          worstCaseLossHours: 25.5,
          retentionDays: 35,
          keepsForever: false,
          endsAt: null,
          continuous: false,
        },
      },
    ],
    [
      'a plan, where only recovery of the service counts',
      () => of([table('orders', pitr(false)), ...selected], ['native-pitr']),
      {
        protection: { covered: false, byPlan: true, worstCaseLossHours: null, retentionDays: 0 },
        recovery: { measuredLossHours: null },
      },
    ],
    [
      'recovery of the service, where it counts',
      () => of([table('orders', pitr(true))], ['native-pitr']),
      {
        protection: {
          covered: true,
          byPlan: false,
          worstCaseLossHours: 0.083,
          longestGapHours: 0,
          retentionDays: 7,
          continuous: true,
          endsAt: null,
        },
        recovery: { measuredLossHours: 0.5 },
      },
    ],
    [
      'recovery of the service, where it does not',
      () => of([table('orders', pitr(true))], ['aws-backup']),
      {
        protection: { covered: false, continuous: true, mechanisms: [{ kind: 'native-pitr', accepted: false }] },
        recovery: { measuredLossHours: null },
      },
    ],
    [
      'both',
      () => of([table('orders', pitr(true)), ...selected, point('a', 8)], ['aws-backup', 'native-pitr']),
      {
        protection: { covered: true, worstCaseLossHours: 0.083, retentionDays: 35 },
        recovery: { measuredLossHours: 0.5, newestAgeHours: 8 },
      },
    ],
    [
      'a fresher point than the service restores',
      () => of([table('orders', pitr(true)), ...selected, point('a', 0.25)], ['aws-backup', 'native-pitr']),
      { recovery: { measuredLossHours: 0.25 } },
    ],
  ])('%s', (_name, facts, expected) => {
    expect(facts()).toMatchObject(expected)
  })

  it('is not known where recovery of the service counts and was not read', () => {
    const facts = of([table('orders')], ['aws-backup', 'native-pitr'])
    expect(facts.protection).not.toHaveProperty('covered')
    expect(facts.protection).toMatchObject({ byPlan: false, mechanisms: { $partial: [] } })
    expect(facts.recovery).not.toHaveProperty('measuredLossHours')
  })

  it('is known where plans do not count and were not read', () => {
    const records = [without('plans', 'selections'), table('orders', pitr(false))]
    const facts = factsOf(inventoryOf(records, { policy: accept('native-pitr') }), 'data-store').protection
    expect(facts).toMatchObject({ covered: false, mechanisms: { $partial: [] } })
    expect(facts).not.toHaveProperty('byPlan')
  })

  it('is nothing that keeps points in time where only replication counts', () => {
    expect(of([table('orders')], ['replication']).recovery).not.toHaveProperty('measuredLossHours')
  })
})

describe('copies that plans promise', () => {
  const actions = (rules: Record<string, unknown>[], records: SnapshotRecord[] = [], name = 'orders') =>
    protectionOf(
      [
        scope(),
        optedIn(),
        table('orders'),
        volume({}, false),
        plan('nightly', rules),
        selection('nightly', 's'),
        ...records,
      ],
      name,
    ).copyActions
  const to = (arn: string | undefined, more: object = {}) => [
    { CopyActions: [{ DestinationBackupVaultArn: arn, ...more }] },
  ]
  const far = vaultArn('far', otherRegion)
  const remote = vaultArn('remote', region, backupAccount)

  it.each<[string, () => unknown, unknown]>([
    ['none', () => actions([{ CopyActions: [] }]), []],
    [
      'to another Region',
      () => actions(to(far, { Lifecycle: { DeleteAfterDays: 90 } })),
      [
        {
          plan: 'nightly',
          rule: 'rule-0',
          vaultArn: far,
          region: otherRegion,
          account,
          crossRegion: true,
          crossAccount: false,
          retentionDays: 90,
          supported: true,
        },
      ],
    ],
    [
      'to another account',
      () => actions(to(remote)),
      [
        expect.objectContaining({
          account: backupAccount,
          crossRegion: false,
          crossAccount: true,
          retentionDays: 35,
          supported: true,
        }),
      ],
    ],
    [
      'to a vault that is locked',
      () => actions(to(far), [scope({ region: otherRegion }), vault('far', { Locked: true }, { region: otherRegion })]),
      [expect.objectContaining({ airGapped: false, lockStrength: 1 })],
    ],
    [
      'to a vault that is air-gapped',
      () =>
        actions(
          to(far),
          [
            scope({ region: otherRegion }),
            vault('far', { VaultType: 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT' }, { region: otherRegion }),
          ],
          'disk',
        ),
      [expect.objectContaining({ airGapped: true, lockStrength: 3, supported: true })],
    ],
    [
      'straight into an air-gapped vault',
      () => actions([{ TargetLogicallyAirGappedBackupVaultArn: vaultArn('gap'), CopyActions: [] }], [], 'disk'),
      [
        {
          plan: 'nightly',
          rule: 'rule-0',
          vaultArn: vaultArn('gap'),
          region,
          account,
          crossRegion: false,
          crossAccount: false,
          airGapped: true,
          lockStrength: 3,
          retentionDays: 35,
          supported: true,
        },
      ],
    ],
    [
      'by a selection that was not read',
      () => actions(to(far), [gap(['selections'])]),
      { $partial: [expect.objectContaining({ vaultArn: far })] },
    ],
  ])('%s', (_name, actual, expected) => {
    expect(actual()).toEqual(expected)
  })

  it('cannot be made of a type that does not support them', () => {
    const records = [
      scope(),
      resource('AWS::Backup::RegionSettings', 's', {
        ResourceTypeOptInPreference: { DynamoDB: true },
        ResourceTypeManagementPreference: { DynamoDB: false },
      }),
      table('orders'),
      plan('nightly', to(far)),
      selection('nightly', 's'),
    ]
    expect(protectionOf(records, 'orders').copyActions).toMatchObject([
      { crossRegion: true, supported: expect.anything() },
    ])
  })

  it('bring each vault its users', () => {
    const inventory = inventoryOf([
      scope(),
      scope({ region: otherRegion }),
      vault('shop'),
      vault('far', {}, { region: otherRegion }),
      vault('unused'),
      plan('nightly', to(far)),
    ])
    expect(factsOf(inventory, 'backup-vault', 'shop').inUse).toBe(true)
    expect(factsOf(inventory, 'backup-vault', 'far').inUse).toBe(true)
    expect(factsOf(inventory, 'backup-vault', 'unused').inUse).toBe(false)
  })
})

describe('keys by their names', () => {
  const keyArn = `arn:aws:kms:${region}:${account}:key/1`
  const key = (more: object = {}, record: Partial<ResourceRecord> = {}) =>
    resource(
      'AWS::KMS::Key',
      '1',
      { KeyMetadata: { KeyId: '1', Arn: keyArn, KeyManager: 'CUSTOMER', KeyState: 'Enabled', ...more } },
      { arn: keyArn, ...record },
    )
  const alias = (more: object = {}) =>
    resource('AWS::KMS::Alias', 'alias/shop', { AliasName: 'alias/shop', TargetKeyId: '1', ...more })
  const manager = (EncryptionKeyArn: string, ...records: ResourceRecord[]) =>
    factAt(
      factsOf(inventoryOf([vault('shop', { EncryptionKeyArn }), ...records]), 'backup-vault'),
      'encryption.keyManager',
    )

  it.each<[string, () => unknown, unknown]>([
    ['by ARN', () => manager(keyArn, key()), 'customer'],
    ['by ARN, of a key that AWS manages', () => manager(keyArn, key({ KeyManager: 'AWS' })), 'aws'],
    ['by id', () => manager('1', key()), 'customer'],
    [
      'by an alias that the key names',
      () => manager('alias/shop', key({}, { supplementary: { Aliases: { Aliases: [{ AliasName: 'alias/shop' }] } } })),
      'customer',
    ],
    ['by an alias', () => manager('alias/shop', key(), alias()), 'customer'],
    ['by an alias’s ARN', () => manager(`arn:aws:kms:${region}:${account}:alias/shop`, key(), alias()), 'customer'],
    ['by an alias of a key that was not read', () => manager('alias/shop', alias()), undefined],
    ['by an alias without key', () => manager('alias/shop', key(), alias({ TargetKeyId: undefined })), undefined],
    ['by an alias of AWS’s own', () => manager('alias/aws/backup'), 'aws'],
    ['by the ARN of an alias of AWS’s own', () => manager(`arn:aws:kms:${region}:${account}:alias/aws/backup`), 'aws'],
    ['by an alias that only looks like one', () => manager('alias/shop/alias/aws', key()), undefined],
    ['by the ARN of a key that was not read', () => manager(keyArn), undefined],
    ['by another Region’s id', () => manager('1', key({}, { region: otherRegion })), undefined],
  ])('%s', (_name, actual, expected) => {
    expect(actual()).toBe(expected)
  })

  it.each<[string, object, ResourceRecord['encoding'], string, unknown]>([
    ['a template’s own key', { EncryptionKeyArn: keyArn }, 'cloudformation', 'cloudformation', 'customer'],
    [
      'a key in Terraform’s state, which may be AWS’s',
      { kms_key_arn: keyArn },
      'terraform',
      'terraform-state',
      undefined,
    ],
    ['a key in Terraform’s code', { kms_key_arn: keyArn }, 'terraform', 'terraform-hcl', 'customer'],
  ])('%s', (_name, configuration, encoding, source, expected) => {
    const type = encoding === 'terraform' ? 'aws_backup_vault' : 'AWS::Backup::BackupVault'
    const declared: ResourceRecord = {
      record: 'resource',
      scope: 'main',
      type,
      id: 'v',
      address: 'v',
      encoding,
      configuration: { BackupVaultName: 'shop', ...configuration },
    }
    const facts = factsOf(
      inventoryOf([
        scope({ id: 'main', source: source as 'cdk', account: undefined, region: undefined, takenAt: undefined }),
        declared,
      ]),
      'backup-vault',
    )
    expect(factAt(facts, 'encryption.keyManager')).toBe(expected)
  })

  it.each<[string, Record<string, unknown>, unknown]>([
    [
      'is AWS-owned where the vault says so',
      { EncryptionKeyArn: undefined, EncryptionKeyType: 'AWS_OWNED_KMS_KEY' },
      'awsOwned',
    ],
    [
      'is not known by «customer managed» alone, which aws/backup may be filed under',
      { EncryptionKeyArn: keyArn, EncryptionKeyType: 'CUSTOMER_MANAGED_KMS_KEY' },
      undefined,
    ],
    ['is not known where nothing is said', { EncryptionKeyArn: undefined }, undefined],
  ])('a vault’s key %s', (_name, configuration, expected) => {
    expect(factAt(factsOf(inventoryOf([vault('shop', configuration)]), 'backup-vault'), 'encryption.keyManager')).toBe(
      expected,
    )
  })

  it('know who uses them: the ten smallest', () => {
    const vaults = Array.from({ length: 12 }, (_, i) =>
      vault(`v${String(i).padStart(2, '0')}`, { EncryptionKeyArn: keyArn }),
    )
    const few = factsOf(
      inventoryOf([
        key(),
        vaults[3]!,
        vaults[1]!,
        point('a', 3, { EncryptionKeyArn: keyArn, BackupVaultArn: vaultArn('v01'), BackupVaultName: 'v01' }),
      ]),
      'kms-key',
    )
    expect(few).toMatchObject({ protectsBackups: true, usedBy: [vaultArn('v01'), vaultArn('v03')] })
    const many = factsOf(inventoryOf([key(), ...vaults.reverse()]), 'kms-key')
    expect(many.usedBy).toEqual({
      $partial: Array.from({ length: 10 }, (_, i) => vaultArn(`v${String(i).padStart(2, '0')}`)),
    })
    expect(factsOf(inventoryOf([key()]), 'kms-key')).toMatchObject({ protectsBackups: false, usedBy: [] })
    expect(factsOf(inventoryOf([without('vaults'), key()]), 'kms-key')).toMatchObject({ usedBy: { $partial: [] } })
  })
})

describe('cross-account copies and the keys they need', () => {
  const remote = vaultArn('remote', region, backupAccount)
  const keyArn = `arn:aws:kms:${region}:${account}:key/1`
  const remoteKey = `arn:aws:kms:${region}:${backupAccount}:key/2`
  const key = (id: string, KeyManager: string, of = account) =>
    resource(
      'AWS::KMS::Key',
      id,
      { KeyMetadata: { KeyId: id, Arn: `arn:aws:kms:${region}:${of}:key/${id}`, KeyManager, KeyState: 'Enabled' } },
      { arn: `arn:aws:kms:${region}:${of}:key/${id}`, account: of },
    )
  const disk = (more: object) =>
    resource(
      'AWS::EC2::Volume',
      'vol-1',
      { VolumeId: 'vol-1', State: 'available', Encrypted: true, KmsKeyId: keyArn, Attachments: [], ...more },
      { arn: `arn:aws:ec2:${region}:${account}:volume/vol-1`, tags: {} },
    )
  const destination = (EncryptionKeyArn: string | undefined) =>
    vault('remote', { EncryptionKeyArn }, { account: backupAccount })
  const compatible = (records: SnapshotRecord[], arn: string | undefined = remote) => {
    const all = [
      scope(),
      scope({ account: backupAccount }),
      optedIn(),
      plan('nightly', [{ CopyActions: [{ DestinationBackupVaultArn: arn }] }]),
      selection('nightly', 's'),
      ...records,
    ]
    const copies = factsOf(inventoryOf(all), 'backup-plan').copies as {
      keyCompatible?: boolean
      keyProblem?: string | null
    }[]
    return copies[0]!.keyCompatible
  }
  const good = [destination(remoteKey), key('2', 'CUSTOMER', backupAccount)]

  it.each<[string, () => unknown, unknown]>([
    ['customer keys on both sides', () => compatible([...good, disk({}), key('1', 'CUSTOMER')]), true],
    ['within the account', () => compatible([disk({})], vaultArn('second')), true],
    [
      'a destination under aws/backup',
      () => compatible([destination('alias/aws/backup'), disk({}), key('1', 'CUSTOMER')]),
      false,
    ],
    ['a destination that was not read', () => compatible([disk({}), key('1', 'CUSTOMER')]), undefined],
    ['a source under a key that AWS manages', () => compatible([...good, disk({}), key('1', 'AWS')]), false],
    ['a source under a key that was not read', () => compatible([...good, disk({})]), undefined],
    [
      'a source whose encryption is not known',
      () => compatible([...good, disk({ Encrypted: undefined, KmsKeyId: undefined })]),
      undefined,
    ],
    [
      'a source that is not encrypted',
      () => compatible([...good, disk({ Encrypted: false, KmsKeyId: undefined })]),
      true,
    ],
    ['nothing that inherits a key', () => compatible([destination('alias/aws/backup'), table('a')]), true],
    ['nothing that was read', () => compatible([...good, gap(['inventory'])]), undefined],
    [
      'a source under a key of its own, where others were not read',
      () => compatible([...good, disk({}), key('1', 'CUSTOMER'), gap(['inventory'])]),
      undefined,
    ],
    [
      'a source under AWS’s key, where others were not read',
      () => compatible([...good, disk({}), key('1', 'AWS'), gap(['inventory'])]),
      false,
    ],
  ])('%s', (_name, actual, expected) => {
    expect(actual()).toBe(expected)
  })
})

describe('roles and what they may do', () => {
  const roleArn = `arn:aws:iam::${account}:role/backup`
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'backup.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  }
  const allow = (Action: string | string[]) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
  })
  const global = (...groups: string[]) => scope({ region: 'global', factGroups: ['iam', 'global-settings', ...groups] })
  const iam = (type: string, id: string, configuration: object) =>
    resource(
      `AWS::IAM::${type}`,
      id,
      { Arn: `arn:aws:iam::${account}:${type.toLowerCase()}/${id}`, ...configuration },
      { arn: `arn:aws:iam::${account}:${type.toLowerCase()}/${id}`, name: id, region: 'global' },
    )
  const role = (configuration: object = {}, id = 'backup') =>
    iam('Role', id, {
      RoleName: id,
      Path: '/',
      AssumeRolePolicyDocument: trust,
      RolePolicyList: [],
      AttachedManagedPolicies: [],
      ...configuration,
    })
  const attached = (...arns: string[]) => ({
    AttachedManagedPolicies: arns.map(PolicyArn => ({ PolicyArn, PolicyName: PolicyArn.replace(/.*\//, '') })),
  })
  const alone = resource(
    'AWS::Organizations::Organization',
    'organization',
    { Organization: null },
    { region: 'global' },
  )
  const of = (records: SnapshotRecord[], id = 'backup') =>
    factsOf(inventoryOf([global(), scope(), ...records]), 'iam-role', id)

  it.each<[string, () => Facts, object]>([
    [
      'without policies',
      () => of([role()]),
      {
        admin: false,
        destructiveActions: [],
        destructiveActionsInEffect: [],
        unexpectedPolicies: [],
        serviceLinked: false,
        trust: { services: ['backup.amazonaws.com'], onlyBackup: true },
      },
    ],
    [
      'with AWS’s administrator policy',
      () => of([role(attached('arn:aws:iam::aws:policy/AdministratorAccess'))]),
      { admin: true, unexpectedPolicies: ['arn:aws:iam::aws:policy/AdministratorAccess'] },
    ],
    [
      'with AWS’s power user policy',
      () => of([role(attached('arn:aws:iam::aws:policy/PowerUserAccess'))]),
      { destructiveActions: expect.arrayContaining(['backup:DeleteBackupVault']) },
    ],
    [
      'with AWS’s full access to backups',
      () => of([role(attached('arn:aws:iam::aws:policy/AWSBackupFullAccess'))]),
      { admin: false, destructiveActions: expect.arrayContaining(['backup:DeleteBackupVault']) },
    ],
    ...['ReadOnlyAccess', 'SecurityAudit', 'job-function/ViewOnlyAccess'].map((name): [string, () => Facts, object] => [
      `with AWS’s ${name}`,
      () => of([role(attached(`arn:aws:iam::aws:policy/${name}`))]),
      { admin: false, destructiveActions: [], destructiveActionsInEffect: [] },
    ]),
    [
      'with a policy that was not read',
      () => of([role(attached('arn:aws:iam::aws:policy/Odd'))]),
      { destructiveActions: { $partial: [] } },
    ],
    [
      'with an inline policy',
      () =>
        of([role({ RolePolicyList: [{ PolicyName: 'delete', PolicyDocument: allow('backup:DeleteRecoveryPoint') }] })]),
      { destructiveActions: ['backup:DeleteRecoveryPoint'], unexpectedPolicies: ['delete'] },
    ],
    [
      'with one of the account’s own',
      () =>
        of([
          role(attached(`arn:aws:iam::${account}:policy/own`)),
          iam('Policy', 'own', {
            PolicyName: 'own',
            PolicyVersionList: [{ IsDefaultVersion: true, Document: allow('backup:DeleteRecoveryPoint') }],
          }),
        ]),
      { destructiveActions: ['backup:DeleteRecoveryPoint'] },
    ],
    [
      'that AWS made for a service',
      () => of([role({ Path: '/aws-service-role/backup.amazonaws.com/' })]),
      { serviceLinked: true },
    ],
  ])('a role %s', (_name, facts, expected) => {
    expect(facts()).toMatchObject(expected)
  })

  it('may do nothing for certain that a boundary or an organisation may deny', () => {
    const powerful = { RolePolicyList: [{ PolicyName: 'delete', PolicyDocument: allow('backup:DeleteRecoveryPoint') }] }
    expect(of([role(powerful), alone]).destructiveActionsInEffect).toEqual(['backup:DeleteRecoveryPoint'])
    expect(of([role(powerful)])).not.toHaveProperty('destructiveActionsInEffect')
    expect(
      of([
        role({
          ...powerful,
          PermissionsBoundary: { PermissionsBoundaryArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
        }),
        alone,
      ]),
    ).not.toHaveProperty('destructiveActionsInEffect')
  })

  it('a user may do what his groups may', () => {
    const user = (groups: string[]) =>
      iam('User', 'anne', {
        UserName: 'anne',
        Path: '/',
        UserPolicyList: [],
        AttachedManagedPolicies: [],
        GroupList: groups,
      })
    const group = iam('Group', 'keepers', {
      GroupName: 'keepers',
      Path: '/',
      GroupPolicyList: [{ PolicyName: 'all', PolicyDocument: allow('backup:DeleteRecoveryPoint') }],
      AttachedManagedPolicies: [],
    })
    expect(of([user(['keepers']), group], 'anne')).toMatchObject({
      principalType: 'user',
      destructiveActions: ['backup:DeleteRecoveryPoint'],
      trust: { services: [], onlyBackup: false },
    })
    expect(of([user(['keepers'])], 'anne')).toMatchObject({ destructiveActions: { $partial: [] } })
    expect(of([user([])], 'anne')).toMatchObject({ destructiveActions: [] })
    expect(subjectsOf(inventoryOf([global(), group])).map(subject => subject.kind)).not.toContain('iam-role')
  })

  it.each<[string, () => Facts, unknown, unknown]>([
    ['by a selection', () => of([role(), selection('nightly', 's')]), true, false],
    ['by nothing', () => of([role()]), false, false],
    [
      'by nothing that was read',
      () => factsOf(inventoryOf([global(), without('selections', 'restore-testing'), role()]), 'iam-role'),
      undefined,
      undefined,
    ],
    [
      'by nothing, in an account of which no Region was read',
      () => factsOf(inventoryOf([global(), role()]), 'iam-role'),
      undefined,
      undefined,
    ],
    [
      'where restore jobs were not read',
      () => factsOf(inventoryOf([global(), without('restore-jobs'), role()]), 'iam-role'),
      false,
      undefined,
    ],
    [
      'by a restore job',
      () =>
        of([
          role(),
          resource('AWS::Backup::RestoreJob', 'r', {
            RestoreJobId: 'r',
            Status: 'COMPLETED',
            IamRoleArn: roleArn,
            CreationDate: ago(3),
            CompletionDate: ago(2),
          }),
        ]),
      false,
      true,
    ],
  ])('is used %s', (_name, facts, forBackup, forRestore) => {
    expect([facts().usedForBackup, facts().usedForRestore]).toEqual([forBackup, forRestore])
  })

  it('stand ready for restore tests, or do not', () => {
    const testing = (arn: string) => [
      resource('AWS::Backup::RestoreTestingPlan', 'weekly', {
        RestoreTestingPlan: {
          RestoreTestingPlanName: 'weekly',
          ScheduleExpression: 'cron(0 1 ? * 1 *)',
          RecoveryPointSelection: {
            Algorithm: 'LATEST_WITHIN_WINDOW',
            IncludeVaults: ['*'],
            RecoveryPointTypes: ['SNAPSHOT'],
          },
        },
      }),
      resource('AWS::Backup::RestoreTestingSelection', 'tables', {
        RestoreTestingPlanName: 'weekly',
        RestoreTestingSelectionName: 'tables',
        ProtectedResourceType: 'DynamoDB',
        ProtectedResourceArns: ['*'],
        IamRoleArn: arn,
      }),
    ]
    const roles = (...records: SnapshotRecord[]) =>
      factsOf(inventoryOf([global(), scope(), ...testing(roleArn), ...records]), 'restore-testing-plan').roles
    expect(roles(role())).toEqual([{ arn: roleArn, exists: true, assumableByBackup: true, canRestore: false }])
    expect(
      roles(role({ ...attached('arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores') })),
    ).toEqual([{ arn: roleArn, exists: true, assumableByBackup: true, canRestore: true }])
    expect(
      roles(
        role({
          RolePolicyList: [{ PolicyName: 'r', PolicyDocument: allow('backup:StartRestoreJob') }],
          AssumeRolePolicyDocument: {
            ...trust,
            Statement: [{ ...trust.Statement[0], Principal: { Service: 'ec2.amazonaws.com' } }],
          },
        }),
      ),
    ).toEqual([{ arn: roleArn, exists: true, assumableByBackup: false, canRestore: true }])
    expect(roles(role({ ...attached('arn:aws:iam::aws:policy/Odd') }))).toEqual([
      { arn: roleArn, exists: true, assumableByBackup: true },
    ])
    expect(roles()).toEqual([{ arn: roleArn, exists: false }])
  })
})

describe('stores that others name by several ARNs', () => {
  const arn = `arn:aws:redshift:${region}:${account}:cluster:sales`
  const namespace = `arn:aws:redshift:${region}:${account}:namespace:1`
  const cluster = resource(
    'AWS::Redshift::Cluster',
    'sales',
    { ClusterIdentifier: 'sales', ClusterNamespaceArn: namespace },
    { arn, name: 'sales', tags: {}, createdAt: ago(2_000) },
  )
  const job = (id: string, ResourceArn: string, State: string, hours: number) =>
    resource('AWS::Backup::BackupJob', id, {
      BackupJobId: id,
      ResourceArn,
      State,
      CreationDate: ago(hours + 1),
      CompletionDate: ago(hours),
    })
  const restore = (id: string, SourceResourceArn: string, Status: string, hours: number) =>
    resource('AWS::Backup::RestoreJob', id, {
      RestoreJobId: id,
      SourceResourceArn,
      Status,
      CreationDate: ago(hours + 2),
      CompletionDate: ago(hours),
    })
  const of = (...records: SnapshotRecord[]) =>
    factsOf(inventoryOf([scope(), cluster, ...records]), 'data-store', 'sales')

  it('have the jobs of each', () => {
    const facts = of(job('a', arn, 'COMPLETED', 9), job('b', namespace, 'FAILED', 3))
    expect(factAt(facts, 'jobs.backup')).toMatchObject({
      finishedCount: 2,
      failedCount: 1,
      failedPercent: 50,
      lastState: 'FAILED',
      lastFailureAgeHours: 3,
    })
    expect(factAt(of(job('b', namespace, 'COMPLETED', 3)), 'jobs.backup')).toMatchObject({
      finishedCount: 1,
      lastState: 'COMPLETED',
    })
    expect(factAt(of(), 'jobs.backup')).toMatchObject({ finishedCount: 0, failedPercent: null, lastState: null })
  })

  it('have the restores of each', () => {
    expect(of(restore('a', namespace, 'COMPLETED', 30)).restores).toMatchObject({
      proven: true,
      ownProof: true,
      lastSuccessAgeHours: 30,
      lastDurationHours: 2,
      lastStatus: 'COMPLETED',
    })
    expect(of(restore('a', arn, 'COMPLETED', 30), restore('b', namespace, 'FAILED', 5)).restores).toMatchObject({
      lastSuccessAgeHours: 30,
      lastStatus: 'FAILED',
    })
    expect(of().restores).toMatchObject({ lastSuccessAgeHours: { $atLeast: 720 }, lastStatus: null })
  })

  it('have the points of each', () => {
    const inCluster = (id: string, hours: number, ResourceArn: string) =>
      point(id, hours, { ResourceArn, ResourceType: 'Redshift' })
    expect(of(inCluster('a', 9, arn), inCluster('b', 4, namespace)).recovery).toMatchObject({
      pointCount: 2,
      newestAgeHours: 4,
      retentionHeldDays: 0.38,
    })
  })
})

describe('near misses', () => {
  const misses = (records: SnapshotRecord[]) =>
    protectionOf(
      [scope(), scope({ region: otherRegion }), optedIn(), table('orders', { tags: { backup: 'Yes' } }), ...records],
      'orders',
    ).nearMisses
  it.each<[string, () => unknown, unknown]>([
    [
      'another letter case',
      () => misses([plan('nightly'), selection('nightly', 's', tagged('yes'))]),
      [
        expect.objectContaining({
          plan: 'nightly',
          planArn: planArn('nightly'),
          selection: 's',
          reason: 'tagValueCase',
          byAHair: true,
        }),
      ],
    ],
    [
      'a plan of another Region',
      () =>
        misses([
          plan('nightly', [{}], { region: otherRegion }),
          selection('nightly', 's', tagged('Yes'), { region: otherRegion }),
        ]),
      [expect.objectContaining({ reason: 'otherRegion', byAHair: true })],
    ],
    [
      'a plan of everything in another Region, which was not meant',
      () =>
        misses([
          plan('nightly', [{}], { region: otherRegion }),
          selection('nightly', 's', { Resources: ['*'] }, { region: otherRegion }),
        ]),
      [],
    ],
    ['none where a plan covers', () => misses([plan('nightly'), selection('nightly', 's')]), []],
    [
      'a slip before a choice, and at most three',
      () =>
        misses([
          plan('nightly'),
          ...['d', 'c', 'b', 'a'].map(id => selection('nightly', id, tagged('no'))),
          selection('nightly', 'z', tagged('yes')),
        ]),
      [
        expect.objectContaining({ selection: 'z' }),
        expect.objectContaining({ selection: 'a' }),
        expect.objectContaining({ selection: 'b' }),
      ],
    ],
    [
      'in part where selections were not read',
      () => misses([gap(['selections']), plan('nightly'), selection('nightly', 's', tagged('yes'))]),
      { $partial: [expect.objectContaining({ selection: 's' })] },
    ],
  ])('%s', (_name, actual, expected) => {
    expect(actual()).toEqual(expected)
  })
})

describe('transfers', () => {
  const locationArn = (id: string) => `arn:aws:datasync:${region}:${account}:location/${id}`
  const location = (id: string, uri: string, more: object = {}) =>
    resource(`AWS::DataSync::Location${uri}`, id, { LocationArn: locationArn(id), ...more })
  const task = (more: object = {}) =>
    resource('AWS::DataSync::Task', 't', {
      TaskArn: `arn:aws:datasync:${region}:${account}:task/t`,
      SourceLocationArn: locationArn('a'),
      DestinationLocationArn: locationArn('b'),
      ...more,
    })
  const of = (...records: ResourceRecord[]) => factsOf(inventoryOf([scope(), ...records]), 'data-transfer-task')

  it.each<[string, () => Facts, object]>([
    [
      'on a schedule',
      () => of(task({ Schedule: { ScheduleExpression: 'rate(12 hours)', Status: 'ENABLED' } })),
      { kind: 'datasync', scheduled: true, longestGapHours: 12 },
    ],
    [
      'on a schedule that is off',
      () => of(task({ Schedule: { ScheduleExpression: 'rate(12 hours)', Status: 'DISABLED' } })),
      { scheduled: false, longestGapHours: 12 },
    ],
    [
      'on a schedule that never runs',
      () => of(task({ Schedule: { ScheduleExpression: 'cron(nonsense)', Status: 'ENABLED' } })),
      { longestGapHours: null },
    ],
    [
      'a file share under AWS’s key',
      () =>
        of(
          resource('AWS::StorageGateway::NFSFileShare', 's', {
            FileShareARN: `arn:aws:storagegateway:${region}:${account}:share/s`,
            KMSEncrypted: true,
            KMSKey: 'alias/aws/s3',
          }),
        ),
      {
        kind: 'fileShare',
        scheduled: false,
        longestGapHours: null,
        encryption: { encrypted: true, inTransit: null, keyManager: 'aws' },
      },
    ],
    [
      'between places with TLS',
      () => of(task(), location('a', 'S3'), location('b', 'EFS', { InTransitEncryption: 'TLS1_2' })),
      { encryption: { encrypted: null, keyManager: null } },
    ],
  ])('%s', (_name, facts, expected) => {
    expect(facts()).toMatchObject(expected)
  })
})

describe('accounts and Regions', () => {
  const trail = (more: object, of = account) =>
    resource(
      'AWS::CloudTrail::Trail',
      'main',
      { Name: 'main', TrailARN: `arn:aws:cloudtrail:${region}:${of}:trail/main`, IsMultiRegionTrail: true, ...more },
      { arn: `arn:aws:cloudtrail:${region}:${of}:trail/main`, account: of },
    )
  const organization = (member: boolean) =>
    resource(
      'AWS::Organizations::Organization',
      'organization',
      { Organization: member ? { Id: 'o-books' } : null },
      { region: 'global' },
    )
  const global = scope({ region: 'global', factGroups: ['trails', 'global-settings', 'resilience', 'iam'] })
  const trails = (...records: ResourceRecord[]) =>
    factsOf(inventoryOf([global, scope(), table('a'), ...records]), 'account', account).trails as unknown

  const trailCount = (...records: ResourceRecord[]) => {
    const found = trails(...records) as unknown[] | { $partial: unknown[] }
    return (Array.isArray(found) ? found : found.$partial).length
  }

  it('have the trails of their organisation, if they are in one', () => {
    const shared = trail({ IsOrganizationTrail: true }, backupAccount)
    // Whether the trail is that of its own organisation is not known.
    expect(trails(shared)).toEqual({ $partial: [] })
    expect(trailCount(shared, organization(true))).toBe(1)
    expect(trailCount(shared, organization(false))).toBe(0)
    expect(trailCount(trail({ IsOrganizationTrail: false }, backupAccount))).toBe(0)
    expect(trailCount(trail({ IsOrganizationTrail: false }))).toBe(1)
  })

  it('hold controls only of frameworks that are deployed', () => {
    const framework = (DeploymentStatus: string | undefined, names: string[] | undefined) =>
      resource('AWS::Backup::Framework', 'f', {
        FrameworkName: 'f',
        FrameworkArn: `arn:aws:backup:${region}:${account}:framework:f`,
        DeploymentStatus,
        ...(names && { FrameworkControls: names.map(ControlName => ({ ControlName })) }),
      })
    const chosen = policy({}, { auditControls: ['BACKUP_RECOVERY_POINT_ENCRYPTED'], auditReports: [] })
    const present = (...records: SnapshotRecord[]) => {
      const facts = factsOf(
        inventoryOf([...(records.some(r => r.record === 'scope') ? [] : [scope()]), ...records], { policy: chosen }),
        'region',
      )
      return (factAt(facts, 'audit.controls') as { present?: boolean }[])[0]!.present
    }
    expect(present(framework('COMPLETED', ['BACKUP_RECOVERY_POINT_ENCRYPTED']))).toBe(true)
    expect(present(framework('COMPLETED', ['OTHER']))).toBe(false)
    expect(present(framework('FAILED', ['BACKUP_RECOVERY_POINT_ENCRYPTED']))).toBe(false)
    expect(present(framework(undefined, ['BACKUP_RECOVERY_POINT_ENCRYPTED']))).toBeUndefined()
    expect(present(framework('COMPLETED', undefined))).toBeUndefined()
    expect(present(table('a'))).toBe(false)
    expect(present(without('audit'), table('a'))).toBeUndefined()
  })

  it('test the services that a live schedule tests', () => {
    const testing = (ScheduleExpression: string | undefined, service = 'DynamoDB') => [
      resource('AWS::Backup::RestoreTestingPlan', 'weekly', {
        RestoreTestingPlan: {
          RestoreTestingPlanName: 'weekly',
          ScheduleExpression,
          RecoveryPointSelection: {
            Algorithm: 'LATEST_WITHIN_WINDOW',
            IncludeVaults: ['*'],
            RecoveryPointTypes: ['SNAPSHOT'],
          },
        },
      }),
      resource('AWS::Backup::RestoreTestingSelection', 's', {
        RestoreTestingPlanName: 'weekly',
        RestoreTestingSelectionName: 's',
        ProtectedResourceType: service,
        ProtectedResourceArns: ['*'],
        IamRoleArn: 'x',
      }),
    ]
    const tested = (...records: SnapshotRecord[]) => {
      const facts = factsOf(
        inventoryOf([...(records.some(r => r.record === 'scope') ? [] : [scope()]), table('a'), ...records]),
        'region',
      )
      const { restoreTested, restoreTestGapHours } = [facts.services].flat()[0] as Facts
      return [restoreTested, restoreTestGapHours]
    }
    expect(tested(...testing('cron(0 1 ? * 1 *)'))).toEqual([true, 168])
    expect(tested(...testing('cron(0 1 ? * 1 *)', 'EBS'))).toEqual([false, null])
    expect(tested(...testing('cron(0 1 * * ? 2024)'))).toEqual([false, null])
    expect(tested(...testing(undefined))).toEqual([undefined, undefined])
    expect(tested()).toEqual([false, null])
    expect(tested(without('restore-testing'))).toEqual([undefined, undefined])
    expect(tested(without('restore-testing'), ...testing('cron(0 1 ? * 1 *)'))).toEqual([true, { $atMost: 168 }])
    expect(tableArn('a')).toContain(region)
  })
})

// Protects which of several records of one resource holds, and that what belongs to different scopes is never taken for one:
// a deleted point that still counts, or another stack's vault, would answer for data it does not hold.
import { describe, expect, it } from 'vitest'
import type { ResourceRecord, ScopeRecord, SnapshotRecord } from '../../src/model/record.ts'
import {
  account,
  ago,
  factAt,
  factsOf,
  inventoryOf,
  optedIn,
  plan,
  point,
  policy,
  region,
  resource,
  scope,
  selection,
  subjectOf,
  subjectsOf,
  table,
  tableArn,
  vault,
  vaultArn,
} from './records.ts'

const tagsOf = (records: SnapshotRecord[]) => factsOf(inventoryOf(records), 'data-store').tags

describe('several records of one store', () => {
  it.each([
    [
      'the newest sight holds',
      [table('a', { seenAt: ago(2), tags: { of: 'new' } }), table('a', { seenAt: ago(3), tags: { of: 'old' } })],
      { of: 'new' },
    ],
    [
      'the newest sight holds, whatever its fraction of a second',
      [
        table('a', { seenAt: '2026-01-10T06:00:00Z', tags: { of: 'old' } }),
        table('a', { seenAt: '2026-01-10T06:00:00.120Z', tags: { of: 'new' } }),
      ],
      { of: 'new' },
    ],
    [
      'one without a sight of its own was seen when its scope was taken',
      [table('a', { tags: { of: 'scope' } }), table('a', { seenAt: ago(1), tags: { of: 'item' } })],
      { of: 'scope' },
    ],
    [
      'of two seen at once the greater holds',
      [table('a', { tags: { of: 'y' } }), table('a', { tags: { of: 'z' } })],
      { of: 'z' },
    ],
    [
      'of two that are equal either holds',
      [table('a', { tags: { x: '1', y: '2' } }), table('a', { tags: { y: '2', x: '1' } })],
      { x: '1', y: '2' },
    ],
  ])('%s', (_name, records, tags) => {
    expect(tagsOf(records)).toEqual(tags)
    expect(tagsOf([...records].reverse())).toEqual(tags)
  })

  it.each<[string, Partial<ScopeRecord>, Partial<ResourceRecord>, Partial<ResourceRecord>, unknown, unknown]>([
    ['the newer scope tells the age', { takenAt: ago(48) }, {}, {}, 100, undefined],
    ['one whose scope tells no time is the older', { takenAt: undefined }, {}, {}, 100, undefined],
    [
      'of scopes of one time the first by name tells where it stands',
      {},
      { location: { file: 'new', line: 1 } },
      { location: { file: 'old', line: 1 } },
      100,
      { file: 'new', line: 1 },
    ],
  ])('of two equal ones %s', (_name, old, ofNew, ofOld, age, location) => {
    const scopes = [scope({ id: 'old', ...old }), scope({ id: 'new', takenAt: ago(0) })]
    const stores = [
      table('a', { scope: 'new', seenAt: ago(60), createdAt: ago(100), ...ofNew }),
      table('a', { scope: 'old', seenAt: ago(60), createdAt: ago(100), ...ofOld }),
    ]
    for (const order of [stores, [...stores].reverse()]) {
      const store = subjectOf(inventoryOf([...scopes, ...order]), 'data-store')
      expect(store.facts.ageHours).toBe(age)
      expect(store.location).toEqual(location)
    }
  })

  it.each<[string, ResourceRecord['location'], ResourceRecord['location']]>([
    ['file', { file: 'a', line: 9 }, { file: 'b', line: 2 }],
    ['line', { file: 'a', line: 2 }, { file: 'a', line: 9 }],
  ])('of two equal ones of one scope the one that stands first holds: by %s', (_name, first, second) => {
    const stores = [table('a', { location: first }), table('a', { location: second })] as ResourceRecord[]
    for (const order of [stores, [...stores].reverse()])
      expect(subjectOf(inventoryOf([scope(), ...order]), 'data-store').location).toEqual(first)
  })

  it('one of which no time is known is the older', () => {
    const timeless = scope({ id: 'timeless', source: 'aws-config-item', takenAt: undefined, factGroups: undefined })
    const stores = [
      table('a', { scope: 'timeless', tags: { of: 'timeless' } }),
      table('a', { scope: 'timeless', seenAt: '1970-01-01T00:00:00Z', tags: { of: 'told' } }),
    ]
    for (const order of [stores, [...stores].reverse()]) expect(tagsOf([timeless, ...order])).toEqual({ of: 'told' })
    expect(inventoryOf([timeless, ...stores]).gaps).toEqual([])
  })
})

describe('a contradiction', () => {
  const gapsOf = (records: SnapshotRecord[]) => inventoryOf(records).gaps
  const seen = (hours: number, of: string, more: Partial<ResourceRecord> = {}) =>
    table('a', { seenAt: ago(hours), tags: { of }, ...more })

  it('of the newest sights is a gap, told once', () => {
    expect(
      gapsOf([seen(2, 'x'), seen(2, 'y', { location: { file: 'y.json', line: 7 } }), seen(2, 'x'), seen(9, 'z')]),
    ).toEqual([
      {
        record: 'gap',
        scope: `${account}/${region}`,
        account,
        region,
        factGroups: ['configuration'],
        types: ['AWS::DynamoDB::Table'],
        file: 'y.json',
        line: 7,
        reason: 'contradictory',
        remedy: expect.stringContaining(tableArn('a')),
      },
    ])
  })

  it.each([
    ['that a newer sight settles', [seen(2, 'x'), seen(2, 'y'), seen(1, 'z')]],
    ['of equal records', [seen(2, 'x'), seen(2, 'x')]],
    ['of tags in another order', [table('a', { tags: { x: '1', y: '2' } }), table('a', { tags: { y: '2', x: '1' } })]],
    ['of older sights', [seen(1, 'z'), seen(2, 'x'), seen(2, 'y')]],
  ])('%s is none', (_name, records) => {
    expect(gapsOf(records)).toEqual([])
  })

  it.each([
    ['in the name', { name: 'b' }],
    ['in the time of creation', { createdAt: ago(5) }],
    ['in a deletion', { deleted: true }],
    ['in the settings', { configuration: { DeletionProtectionEnabled: true } }],
  ])('%s is one', (_name, more) => {
    expect(gapsOf([table('a'), table('a', more as Partial<ResourceRecord>)])).toHaveLength(1)
  })

  it('of vaults is one too', () => {
    const inventory = inventoryOf([vault('shop'), vault('shop', { Locked: true })])
    expect(inventory.gaps).toMatchObject([{ reason: 'contradictory', types: ['AWS::Backup::BackupVault'] }])
  })
})

describe('what is gone', () => {
  const stores = (records: SnapshotRecord[]) =>
    subjectsOf(inventoryOf(records)).filter(subject => subject.kind === 'data-store')
  const running = (hours: number, State: string) =>
    resource(
      'AWS::EC2::Instance',
      'i-1',
      { InstanceId: 'i-1', State: { Name: State } },
      { arn: `arn:aws:ec2:${region}:${account}:instance/i-1`, seenAt: ago(hours) },
    )

  it.each([
    [
      'a deletion outdates an older sight',
      [table('a', { seenAt: ago(5) }), table('a', { seenAt: ago(2), deleted: true })],
      0,
    ],
    [
      'a newer sight outdates a deletion',
      [table('a', { seenAt: ago(1) }), table('a', { seenAt: ago(2), deleted: true })],
      1,
    ],
    ['a terminated instance outdates the running one', [running(5, 'running'), running(2, 'terminated')], 0],
    ['an older termination does not', [running(1, 'running'), running(2, 'terminated')], 1],
    [
      'a deletion without an ARN too',
      [table('a', { arn: undefined, seenAt: ago(5) }), table('a', { arn: undefined, seenAt: ago(2), deleted: true })],
      0,
    ],
  ])('%s', (_name, records, count) => {
    expect(stores(records)).toHaveLength(count)
    expect(stores([...records].reverse())).toHaveLength(count)
  })

  it('a deleted vault is no subject', () => {
    const inventory = inventoryOf([
      vault('shop', {}, { seenAt: ago(2) }),
      vault('shop', {}, { seenAt: ago(1), deleted: true }),
    ])
    expect(subjectsOf(inventory).map(subject => subject.kind)).not.toContain('backup-vault')
  })
})

describe('recovery points and snapshots of sources that repeat themselves', () => {
  const history = scope({ id: 'history', source: 'aws-config-history', factGroups: undefined })
  const told = (hours: number, more: Record<string, unknown> = {}, record: Partial<ResourceRecord> = {}) =>
    point('one', 40, more, { scope: 'history', encoding: 'config', seenAt: ago(hours), ...record })
  const group = (records: SnapshotRecord[]) =>
    subjectsOf(inventoryOf(records)).find(subject => subject.kind === 'recovery-point')

  it('a point that was deleted since is none', () => {
    expect(group([history, told(9), told(2, {}, { deleted: true })])).toBeUndefined()
    expect(group([history, told(2, {}, { deleted: true }), told(9)])).toBeUndefined()
  })

  it.each(['aws-config-history', 'aws-config-item', 'aws-config-event'] as const)(
    'of %s, only the newest state counts',
    source => {
      const facts = group([{ ...history, source }, told(9, { Status: 'RUNNING' }), told(2), told(30)])!.facts
      expect(facts.count).toBe(1)
      expect(facts.usableCount).toBe(1)
    },
  )

  it('a snapshot counts once, as it is now', () => {
    const snapshot = (hours: number, Encrypted: boolean) =>
      resource(
        'AWS::RDS::DBSnapshot',
        'snap-1',
        { DBSnapshotIdentifier: 'snap-1', DBInstanceIdentifier: 'orders', Encrypted, SnapshotType: 'manual' },
        {
          arn: `arn:aws:rds:${region}:${account}:snapshot:snap-1`,
          scope: 'history',
          encoding: 'config',
          seenAt: ago(hours),
        },
      )
    const facts = factsOf(inventoryOf([history, snapshot(9, true), snapshot(2, false)]), 'native-snapshot')
    expect(facts.isEncrypted).toMatchObject({ trueCount: 0, falseCount: 1 })
    expect(facts.count).toBe(1)
  })

  it('a live list is folded as it comes, deleted points left out', () => {
    const facts = group([scope(), point('one', 4), point('two', 5), point('three', 3, {}, { deleted: true })])!.facts
    expect(facts.count).toBe(2)
  })
})

describe('records of templates', () => {
  const stack = (file: string) =>
    scope({
      id: file,
      source: 'cloudformation',
      account: undefined,
      region: undefined,
      takenAt: undefined,
      factGroups: undefined,
      file,
    })
  const declared = (
    file: string,
    type: string,
    address: string,
    configuration: Record<string, unknown>,
  ): ResourceRecord => ({
    record: 'resource',
    scope: file,
    type,
    id: address,
    address,
    encoding: 'cloudformation',
    configuration,
    location: { file, line: 2 },
  })
  const closed = policy({ closedWorld: true })
  const selectAll = {
    BackupPlanId: 'Plan',
    BackupSelection: { SelectionName: 'all', IamRoleArn: `arn:aws:iam::${account}:role/backup`, Resources: ['*'] },
  }
  const planOf = (cron: string) => ({
    BackupPlan: {
      BackupPlanName: cron,
      BackupPlanRule: [{ RuleName: 'daily', TargetBackupVault: 'shop', ScheduleExpression: cron }],
    },
  })
  const selector = (file: string, cron: string) => [
    declared(file, 'AWS::Backup::BackupPlan', 'Plan', planOf(cron)),
    declared(file, 'AWS::Backup::BackupSelection', 'All', selectAll),
  ]
  const orders = (file: string) => declared(file, 'AWS::DynamoDB::Table', 'Orders', { TableName: 'orders' })

  it('a selection covers stores of its own template', () => {
    const facts = factsOf(
      inventoryOf([stack('a.yaml'), ...selector('a.yaml', 'cron(0 5 ? * * *)'), orders('a.yaml')], { policy: closed }),
      'data-store',
    )
    expect(factAt(facts, 'protection.byPlan')).toBe(true)
  })

  it('a selection of one template covers no store of another whose account is not known', () => {
    const records = [stack('a.yaml'), stack('b.yaml'), ...selector('a.yaml', 'cron(0 5 ? * * *)'), orders('b.yaml')]
    expect(factAt(factsOf(inventoryOf(records, { policy: closed }), 'data-store'), 'protection.byPlan')).toBe(false)
    expect(factAt(factsOf(inventoryOf(records), 'data-store'), 'protection.byPlan')).toBeUndefined()
  })

  it('logical ids that two templates share name two resources, each with its own plan', () => {
    const inventory = inventoryOf(
      [
        stack('a.yaml'),
        stack('b.yaml'),
        ...selector('a.yaml', 'cron(0 5 ? * * *)'),
        ...selector('b.yaml', 'cron(0 5 ? * 1 *)'),
        orders('a.yaml'),
        orders('b.yaml'),
      ],
      { policy: closed },
    )
    const gapOf = (file: string) => {
      const store = subjectsOf(inventory).find(
        subject => subject.kind === 'data-store' && subject.location?.file === file,
      )!
      return factAt(JSON.parse(JSON.stringify(store.facts)), 'protection.longestGapHours')
    }
    expect(gapOf('a.yaml')).toBe(24)
    expect(gapOf('b.yaml')).toBe(168)
    expect(subjectsOf(inventory).filter(subject => subject.kind === 'backup-plan')).toHaveLength(2)
    expect(inventory.gaps).toEqual([])
  })

  it('a store of a template whose account and Region are known meets the plans of a live snapshot', () => {
    const known = { ...stack('a.yaml'), account, region }
    const live = [scope(), optedIn(), plan('nightly'), selection('nightly', 'all')]
    const store = { ...orders('a.yaml'), account, region }
    const facts = factsOf(inventoryOf([known, ...live, store]), 'data-store')
    expect(factAt(facts, 'protection.byPlan')).toBe(true)
  })

  it('a vault of the template is the target of its plan, though it has no ARN yet', () => {
    const records = [
      stack('a.yaml'),
      ...selector('a.yaml', 'cron(0 5 ? * * *)'),
      declared('a.yaml', 'AWS::Backup::BackupVault', 'Vault', { BackupVaultName: 'shop' }),
    ]
    const facts = factsOf(inventoryOf(records), 'backup-plan')
    expect(facts.targets).toMatchObject([{ use: 'backup', vaultArn: 'shop', exists: true, fitsLock: true }])
  })
})

describe('hostile and odd records', () => {
  it.each([
    ['text that looks like tags', table('a', { account: 'tags {"backup":"yes"}', tags: { backup: 'yes' } })],
    ['tags called __proto__', table('a', { tags: JSON.parse('{"__proto__":"tier0"}') as Record<string, string> })],
    ['a record that waits for a scope that never comes', table('a', { scope: 'nowhere' })],
  ])('%s', (_name, record) => {
    const inventory = inventoryOf([scope(), record])
    const facts = factsOf(inventory, 'data-store')
    expect(facts.account).toBe(record.account)
    expect(factAt(facts, 'classification.by')).toBe('default')
  })

  it('counts what no rule concerns by type, and no more than memory allows', () => {
    const odd = Array.from({ length: 2_100 }, (_, i) => resource(`AWS::Odd::Type${i}`, 'x'))
    const inventory = inventoryOf([scope(), ...odd, ...odd])
    expect(inventory.notEvaluated).toHaveLength(2_000)
    expect(inventory.notEvaluated[0]).toEqual({
      type: 'AWS::Odd::Type0',
      reason: 'no rule concerns this type',
      count: 2,
    })
    expect(inventory.resourceCount).toBe(4_200)
  })

  it('leaves out what lacks its identity, children of composite points and unfinished vaults', () => {
    const inventory = inventoryOf([
      scope(),
      resource('AWS::Backup::RecoveryPoint', '', { ResourceArn: tableArn('orders') }),
      point('child', 3, { ParentRecoveryPointArn: 'arn:aws:backup:eu-west-1:111122223333:recovery-point:parent' }),
      resource('AWS::Backup::BackupJob', 'job', { State: 'FAILED' }),
    ])
    expect(inventory.notEvaluated).toEqual([
      { type: 'AWS::Backup::BackupJob', reason: 'the item lacks what identifies it', count: 1 },
      { type: 'AWS::Backup::RecoveryPoint', reason: 'the item lacks what identifies it', count: 1 },
    ])
    expect(subjectsOf(inventory).map(subject => subject.kind)).toEqual(['account', 'region', 'policy'])
  })

  it('takes a vault by name where a point names no ARN', () => {
    const named = point('one', 3, { BackupVaultArn: undefined })
    expect(factsOf(inventoryOf([vault('shop'), named]), 'recovery-point').vaultArn).toBe(vaultArn('shop'))
    const china = point('one', 3, { BackupVaultArn: undefined }, { region: 'cn-north-1' })
    expect(factsOf(inventoryOf([scope({ region: 'cn-north-1' }), china]), 'recovery-point').vaultArn).toBe(
      `arn:aws-cn:backup:cn-north-1:${account}:backup-vault:shop`,
    )
  })
})

describe('what restore tests leave behind', () => {
  const left = (id: string, more: Partial<ResourceRecord> = {}) =>
    table(`awsbackup-restore-test-${id}`, { createdAt: ago(100), ...more })
  const count = (records: SnapshotRecord[]) =>
    factAt(factsOf(inventoryOf(records), 'region', `${account} in ${region}`), 'testArtifacts.leftoverCount')

  it.each([
    ['counts once it is older than the policy allows', [left('a')], 1],
    ['counts once, however often it is told', [left('a'), left('a')], 1],
    ['does not count as soon as it is restored', [left('a', { createdAt: ago(72) })], 0],
    ['counts by its tag too', [table('orders-2', { createdAt: ago(73), tags: { 'awsbackup-restore-test': 'x' } })], 1],
    ['does not count once deleted', [left('a', { seenAt: ago(9) }), left('a', { seenAt: ago(1), deleted: true })], 0],
    ['is only bounded where its age is not known', [left('a'), left('b', { createdAt: undefined })], { $atLeast: 1 }],
  ])('%s', (_name, records, expected) => {
    expect(count([scope(), ...records])).toEqual(expected)
  })

  it('is no store, and says so', () => {
    const inventory = inventoryOf([scope(), left('a'), left('b', { deleted: true })])
    expect(inventory.notEvaluated).toEqual([
      { type: 'AWS::DynamoDB::Table', reason: 'restored by a restore test', count: 1 },
    ])
  })
})

// Protects what is said of volumes and instances that Data Lifecycle Manager snapshots, and of stores that a selection just
// misses: a policy taken for another's, or a miss that is none, sends people to mend what is not broken.
import { describe, expect, it } from 'vitest'
import { placeholder } from '../../src/model/placeholder.ts'
import type { ResourceRecord, SnapshotRecord } from '../../src/model/record.ts'
import {
  account,
  backupAccount,
  factAt,
  factsOf,
  inventoryOf,
  optedIn,
  otherRegion,
  plan,
  planArn,
  policy,
  region,
  regionGroups,
  resource,
  scope,
  selection,
  table,
  tableArn,
} from './records.ts'

const without = (...groups: string[]) => scope({ factGroups: regionGroups.filter(group => !groups.includes(group)) })

describe('Data Lifecycle Manager', () => {
  const instanceArn = `arn:aws:ec2:${region}:${account}:instance/i-1`
  const volume = (tags: Record<string, string> | undefined = {}, of: string[] = []) =>
    resource(
      'AWS::EC2::Volume',
      'vol-1',
      { VolumeId: 'vol-1', State: 'in-use', Attachments: of.map(InstanceId => ({ InstanceId, State: 'attached' })) },
      { arn: `arn:aws:ec2:${region}:${account}:volume/vol-1`, name: 'vol-1', tags },
    )
  const instance = (tags: Record<string, string> | undefined) =>
    resource(
      'AWS::EC2::Instance',
      'i-1',
      { InstanceId: 'i-1', State: { Name: 'running' } },
      { arn: instanceArn, name: 'i-1', tags },
    )
  const schedule = { Name: 'daily', CreateRule: { Interval: 12, IntervalUnit: 'HOURS' }, RetainRule: { Count: 14 } }
  const arn = `arn:aws:dlm:${region}:${account}:policy/policy-1`
  const dlm = (
    details: Record<string, unknown> = {},
    more: Record<string, unknown> = {},
    record: Partial<ResourceRecord> = {},
  ) =>
    resource(
      'AWS::DLM::LifecyclePolicy',
      'policy-1',
      {
        PolicyId: 'policy-1',
        State: 'ENABLED',
        DefaultPolicy: false,
        PolicyDetails: {
          PolicyType: 'EBS_SNAPSHOT_MANAGEMENT',
          ResourceTypes: ['VOLUME'],
          TargetTags: [{ Key: 'snap', Value: 'yes' }],
          Schedules: [schedule],
          ...details,
        },
        ...more,
      },
      { arn, ...record },
    )
  const chosen = policy({ mechanisms: { '*': ['dlm'] } })
  const told = (records: SnapshotRecord[], name = 'vol-1') => {
    const all = records.some(({ record }) => record === 'scope') ? records : [scope(), ...records]
    return factsOf(inventoryOf(all, { policy: chosen }), 'data-store', name).protection as Record<string, unknown>
  }
  const snap = { snap: 'yes' }
  const untagged: ResourceRecord = { ...volume() }
  delete untagged.tags
  const ofInstances = { ResourceTypes: ['INSTANCE'] }
  it.each<[string, SnapshotRecord[], boolean | undefined]>([
    ['that its tag asks for', [dlm(), volume(snap)], true],
    ['that another tag asks for', [dlm(), volume({ snap: 'no' })], false],
    ['whose tags are not known', [dlm(), untagged], undefined],
    ['whose policy is off', [dlm({}, { State: 'DISABLED' }), volume(snap)], false],
    ['whose policy may be off', [dlm({}, { State: undefined }), volume(snap)], undefined],
    ['whose policy may be off and is for another', [dlm({}, { State: undefined }), volume()], false],
    ['whose policy waits for events', [dlm({ PolicyType: 'EVENT_BASED_POLICY' }), volume(snap)], false],
    ['whose policy is for instances, by its own tag', [dlm(ofInstances), volume(snap)], false],
    [
      'whose policy is for instances, by its instance’s tag',
      [dlm(ofInstances), instance(snap), volume({}, ['i-1'])],
      true,
    ],
    ['whose policy is for instances with another tag', [dlm(ofInstances), instance({}), volume({}, ['i-1'])], false],
    [
      'whose policy is for instances, of which its own was not read',
      [without('inventory'), dlm(ofInstances), volume({}, ['i-1'])],
      undefined,
    ],
    ['whose policy is for instances, of which its own is gone', [dlm(ofInstances), volume({}, ['i-1'])], false],
    ['whose policy is for volumes, by its instance’s tag', [dlm(), instance(snap), volume({}, ['i-1'])], false],
    ['that every volume’s policy is for', [dlm({ ResourceType: 'VOLUME' }, { DefaultPolicy: true }), volume()], true],
    [
      'that every instance’s policy is not for',
      [dlm({ ResourceType: 'INSTANCE' }, { DefaultPolicy: true }), volume()],
      false,
    ],
    [
      'whose policy names no types',
      [dlm({}, {}, { unknown: ['PolicyDetails.ResourceTypes'] }), volume(snap)],
      undefined,
    ],
    ['of a Region whose policies were not read', [without('snapshot-policies'), volume(snap)], undefined],
    [
      'of another Region than its policy',
      [scope(), dlm({}, {}, { region: otherRegion, scope: `${account}/${region}` }), volume(snap)],
      false,
    ],
  ])('covers a volume %s: %s', (_name, records, covered) => {
    expect(told(records).covered).toBe(covered)
  })

  it('covers an instance that its tag asks for, and no table', () => {
    expect(told([dlm(ofInstances), instance(snap)], 'i-1').covered).toBe(true)
    expect(told([dlm(ofInstances), instance({})], 'i-1').covered).toBe(false)
    expect(
      told([dlm({ ResourceType: 'VOLUME' }, { DefaultPolicy: true }), table('orders', { tags: snap })], 'orders')
        .covered,
    ).toBe(false)
    expect(told([without('snapshot-policies'), table('orders')], 'orders').covered).toBe(false)
  })

  it.each<[string, Record<string, unknown>[], object]>([
    [
      'by interval and count',
      [schedule],
      { longestGapHours: 12, worstCaseLossHours: 12 + 1 + policy().assumptions.jobMinutes / 60, retentionDays: 7 },
    ],
    [
      'by the better of two schedules',
      [
        schedule,
        {
          ...schedule,
          CreateRule: { CronExpression: 'cron(0 5 * * ? *)' },
          RetainRule: { Interval: 30, IntervalUnit: 'DAYS' },
        },
      ],
      { longestGapHours: 12, retentionDays: 30 },
    ],
  ])('promises %s', (_name, Schedules, expected) => {
    const [mechanism] = told([dlm({ Schedules }), volume(snap)]).mechanisms as object[]
    expect(mechanism).toMatchObject({
      kind: 'dlm',
      accepted: true,
      name: 'policy-1',
      arn,
      selection: null,
      via: null,
      continuous: false,
      matchedBy: 'target tag snap=yes',
      ...expected,
    })
  })

  it('is told though plans alone count', () => {
    const facts = factsOf(inventoryOf([scope(), dlm(), volume(snap)]), 'data-store', 'vol-1').protection
    expect(facts).toMatchObject({ covered: false, mechanisms: [{ kind: 'dlm', accepted: false }] })
  })

  it.each<[string, Record<string, unknown>, Record<string, unknown>, unknown]>([
    ['is on', {}, { State: 'ENABLED' }, [true, [true]]],
    ['is off', {}, { State: 'DISABLED' }, [false, [false]]],
    ['says neither', {}, { State: undefined }, [undefined, [undefined]]],
  ])('a policy that copies elsewhere %s', (_name, details, more, expected) => {
    const copying = { ...schedule, CrossRegionCopyRules: [{ TargetRegion: otherRegion, Encrypted: true }] }
    const facts = factsOf(inventoryOf([scope(), dlm({ Schedules: [copying], ...details }, more)]), 'snapshot-policy')
    const destinations = factAt(facts, 'replication.destinations') as { kind: string; enabled?: boolean }[]
    expect([facts.enabled, destinations.map(({ enabled }) => enabled)]).toEqual(expected)
    expect(destinations).toMatchObject([{ kind: 'dlm', region: otherRegion, encrypted: true }])
  })
})

describe('a selection that just misses a store', () => {
  const tagged = (value: string) => ({
    ListOfTags: [{ ConditionType: 'STRINGEQUALS', ConditionKey: 'backup', ConditionValue: value }],
  })
  const conditional = {
    Resources: ['*'],
    Conditions: { StringEquals: [{ ConditionKey: 'aws:ResourceTag/backup', ConditionValue: 'yes' }] },
  }
  const elsewhere = { region: otherRegion }
  const there = [scope({ region: otherRegion }), plan('far', [{}], elsewhere)]
  const store = table('orders', { tags: { backup: 'yes' } })
  const slip = table('orders', { tags: { backup: 'Yes' } })
  const told = (records: SnapshotRecord[]) => {
    const all = records.some(({ record }) => record === 'scope') ? records : [scope(), ...records]
    const misses = (
      factsOf(inventoryOf([optedIn(), ...all]), 'data-store', 'orders').protection as Record<string, unknown>
    ).nearMisses
    const shown = (list: { selection: string; plan: string; reason: string }[]) =>
      list.map(one => `${one.plan}/${one.selection}: ${one.reason}`)
    if (misses === undefined) return undefined
    return Array.isArray(misses) ? shown(misses as never) : { some: shown((misses as { $partial: never }).$partial) }
  }
  it.each<[string, SnapshotRecord[], unknown]>([
    [
      'is none where one selects it',
      [plan('p'), selection('p', 's', tagged('yes')), selection('p', 't', tagged('YES')), store],
      [],
    ],
    ['is none where nothing selects anything', [store], []],
    ['writes its tag otherwise', [plan('p'), selection('p', 's', tagged('yes')), slip], ['p/s: tagValueCase']],
    [
      'is named by its plan’s id, where the plan was not found',
      [selection('gone', 's', tagged('yes')), slip],
      ['gone/s: tagValueCase'],
    ],
    [
      'selects it in another Region',
      [scope(), ...there, selection('far', 's', tagged('yes'), elsewhere), store],
      ['far/s: otherRegion'],
    ],
    [
      'selects everything in another Region, which is no miss',
      [
        scope(),
        ...there,
        selection('far', 's', {}, elsewhere),
        selection('far', 't', { Resources: ['*'] }, elsewhere),
        store,
      ],
      [],
    ],
    [
      'selects by a condition in another Region',
      [scope(), ...there, selection('far', 's', conditional, elsewhere), store],
      ['far/s: otherRegion'],
    ],
    [
      'selects it in another Region of another account, which is no miss',
      [
        scope(),
        scope({ account: backupAccount, region: otherRegion }),
        plan('far', [{}], { ...elsewhere, account: backupAccount }),
        selection('far', 's', tagged('yes'), { ...elsewhere, account: backupAccount }),
        store,
      ],
      [],
    ],
    [
      'may be in a Region whose selections were not read',
      [scope(), scope({ region: otherRegion, factGroups: ['plans'] }), store],
      { some: [] },
    ],
    ['may be in the Region, whose selections were not read', [without('selections'), store], { some: [] }],
    [
      'is none of a store whose ARN is not known',
      [
        plan('p'),
        selection('p', 's', { Resources: ['*'], NotResources: ['*'] }),
        { ...slip, arn: undefined } as unknown as ResourceRecord,
      ],
      [],
    ],
    [
      'may be any of a store whose ARN and selections are not known',
      [without('selections'), { ...slip, arn: undefined } as unknown as ResourceRecord],
      undefined,
    ],
    [
      'is told with two others at most, the slips first, in the order of their names',
      [
        plan('p'),
        plan('o'),
        ...['c', 'a', 'b'].map(id => selection('p', id, tagged('yes'))),
        selection('o', 'z', tagged('yes')),
        slip,
      ],
      ['o/z: tagValueCase', 'p/a: tagValueCase', 'p/b: tagValueCase'],
    ],
  ])('%s', (_name, records, expected) => {
    expect(told(records)).toEqual(expected)
  })

  it('says where its plan is', () => {
    const records = [scope(), optedIn(), ...there, selection('far', 's', tagged('yes'), elsewhere), store]
    expect(factAt(factsOf(inventoryOf(records), 'data-store', 'orders'), 'protection.nearMisses')).toMatchObject([
      {
        planArn: planArn('far', otherRegion),
        byAHair: true,
        detail: expect.stringMatching(`${otherRegion}.*${region}`),
      },
    ])
  })

  it('is not what a name that only deployment tells may be, where that is another’s', () => {
    const file = scope({
      id: 'a.yaml',
      source: 'cloudformation',
      factGroups: undefined,
      takenAt: undefined,
      file: 'a.yaml',
    })
    const declared = (record: ResourceRecord): ResourceRecord => ({
      ...record,
      scope: 'a.yaml',
      encoding: 'cloudformation',
      address: record.id,
    })
    const coming = declared(table(placeholder('a.yaml', 'Orders'), { name: 'orders', tags: {} }))
    const records = [
      file,
      declared(plan('p')),
      declared(selection('p', 's', { Resources: [tableArn('carts')] })),
      coming,
    ]
    const misses = (more: SnapshotRecord[]) =>
      factAt(
        factsOf(inventoryOf([...records, ...more], { policy: policy({ closedWorld: true }) }), 'data-store', 'orders'),
        'protection.nearMisses',
      )
    expect(misses([])).toEqual({ $partial: [] })
    expect(misses([declared(table('carts'))])).toEqual([])
  })
})

// Protects what plans are taken to promise: the loss they allow, how long they keep, when they end. A schedule that is not known,
// that never runs, or that has ended must not count as one that does.
import { describe, expect, it } from 'vitest'
import type { MaybeNumber } from '../../src/inventory/bounds.ts'
import type { Join, PlanState } from '../../src/inventory/join.ts'
import { keptDays as dlmDays, scheduleGaps, targetedBy } from '../../src/inventory/lifecycle-manager.ts'
import { ruleState } from '../../src/inventory/plans.ts'
import { type CoveringPlans, continuousLossHours, endOf, keptDays, promiseOf } from '../../src/inventory/promises.ts'
import type { BackupRule } from '../../src/model/backup.ts'
import type { ResourceRecord } from '../../src/model/record.ts'
import {
  account,
  factAt,
  factsOf,
  inventoryOf,
  optedIn,
  plan,
  policy,
  region,
  resource,
  scope,
  selection,
  table,
} from './records.ts'

const assumed = policy({}, { jobMinutes: 30, startWindowMinutes: 480 })
const join = { policy: assumed } as Join

const daily: BackupRule = {
  name: 'daily',
  schedule: 'cron(0 5 ? * * *)',
  timezone: null,
  startWindowMinutes: 60,
  retentionDays: 35,
  continuous: false,
}

function planOf(rules: Partial<BackupRule>[], rulesPartial = false): PlanState {
  return {
    plan: { id: 'plan', rules: [], rulesPartial },
    rules: rules.map(rule => ruleState({ ...daily, ...rule }, assumed)),
  } as unknown as PlanState
}

const weekly = 'cron(0 5 ? * 1 *)'
const evening = 'cron(0 17 ? * * *)'
const ended = 'cron(0 5 * * ? 2024)'
const notACron = 'cron(0 99 ? * * *)'

describe('a rule', () => {
  const rows: [string, Partial<BackupRule>, MaybeNumber, MaybeNumber][] = [
    ['daily, an hour to start', {}, 24, 25.5],
    ['with AWS’s default start window', { startWindowMinutes: null }, 24, 32.5],
    ['with a start window that is not known', { startWindowMinutes: undefined }, 24, undefined],
    ['without schedule, which is daily at five', { schedule: null }, 24, 25.5],
    ['with a schedule that is not known', { schedule: undefined }, undefined, undefined],
    ['in a zone with summer time', { timezone: 'Europe/Dublin' }, 25, 26.5],
    ['in a zone that is not known', { timezone: undefined }, undefined, undefined],
    ['in a zone that does not exist', { timezone: 'Mars/Olympus' }, undefined, undefined],
    ['with a schedule that AWS refuses', { schedule: notACron }, null, null],
    ['with a schedule that has ended', { schedule: ended }, null, null],
  ]
  it.each(rows)('%s', (_name, rule, gap, loss) => {
    const state = ruleState({ ...daily, ...rule }, assumed)
    expect([state.longestGapHours, state.worstCaseLossHours]).toEqual([gap, loss])
  })

  it('says what it assumes of the start window, and what is wrong with its schedule', () => {
    expect(ruleState({ ...daily, startWindowMinutes: null }, assumed).startWindowMinutes).toBe(480)
    expect(ruleState(daily, assumed).startWindowMinutes).toBe(60)
    expect(ruleState({ ...daily, schedule: notACron }, assumed).problem).toBeTypeOf('string')
    expect(ruleState({ ...daily, schedule: null }, assumed)).toMatchObject({
      schedule: 'cron(0 5 ? * * *)',
      problem: undefined,
    })
  })
})

describe('what plans promise together', () => {
  const of = (plans: CoveringPlans, supported: boolean | null = false, service = 'EBS') => {
    const { loss, gap, continuous } = promiseOf(join, plans, supported ?? undefined, service)
    return [loss, gap, continuous]
  }

  it.each<[string, () => unknown[], unknown[]]>([
    ['one daily rule', () => of([planOf([{}])]), [25.5, 24, false]],
    ['a daily rule beside a weekly one', () => of([planOf([{}, { schedule: weekly }])]), [25.5, 24, false]],
    [
      'two rules at other hours close each other’s gap',
      () => of([planOf([{}, { schedule: evening }])]),
      [13.5, 12, false],
    ],
    [
      'by the later of their start windows',
      () => of([planOf([{}, { schedule: evening, startWindowMinutes: 240 }])]),
      [16.5, 12, false],
    ],
    ['also in two plans', () => of([planOf([{}]), planOf([{ schedule: evening }])]), [13.5, 12, false]],
    [
      'a rule whose start window is not known closes no gap for certain',
      () => of([planOf([{}, { schedule: evening, startWindowMinutes: undefined }])]),
      [{ $atMost: 25.5 }, 12, false],
    ],
    [
      'a rule whose schedule is not known',
      () => of([planOf([{}, { schedule: undefined }])]),
      [{ $atMost: 25.5 }, { $atMost: 24 }, false],
    ],
    ['rules that are not all known', () => of([planOf([{}], true)]), [{ $atMost: 25.5 }, { $atMost: 24 }, false]],
    ['a plan that was not found', () => of([undefined]), [undefined, undefined, false]],
    ['beside one that was', () => of([undefined, planOf([{}])]), [{ $atMost: 25.5 }, { $atMost: 24 }, false]],
    ['a schedule that never runs', () => of([planOf([{ schedule: notACron }])]), [null, null, false]],
    ['beside one that does', () => of([planOf([{ schedule: ended }, {}])]), [25.5, 24, false]],
    ['continuous', () => of([planOf([{ continuous: true }])], true), [0.083, 0, true]],
    ['continuous of a bucket', () => of([planOf([{ continuous: true }])], true, 'S3'), [0.25, 0, true]],
    ['continuous, of a type that cannot', () => of([planOf([{ continuous: true }])], false), [25.5, 24, false]],
    [
      'continuous, of a type of which it is not known',
      () => of([planOf([{ continuous: true }])], null),
      [{ $atMost: 25.5 }, { $atMost: 24 }, undefined],
    ],
    ['not continuous, of such a type', () => of([planOf([{}])], null), [25.5, 24, false]],
    [
      'perhaps continuous',
      () => of([planOf([{ continuous: undefined }])], true),
      [{ $atMost: 25.5 }, { $atMost: 24 }, undefined],
    ],
    [
      'perhaps continuous, of a type that cannot',
      () => of([planOf([{ continuous: undefined }])], false),
      [25.5, 24, false],
    ],
    [
      'continuous by a schedule that has ended',
      () => of([planOf([{ continuous: true, schedule: ended }, {}])], true),
      [25.5, 24, false],
    ],
    [
      'perhaps continuous by a rule that is not known',
      () => of([planOf([{}], true)], true),
      [{ $atMost: 25.5 }, { $atMost: 24 }, undefined],
    ],
    [
      'continuous whatever else there may be',
      () => of([planOf([{ continuous: true }], true), undefined], true),
      [0.083, 0, true],
    ],
  ])('%s', (_name, actual, expected) => {
    expect(actual()).toEqual(expected)
  })

  it.each([
    ['S3', 0.25],
    ['SAP HANA on Amazon EC2', 0.25],
    ['RDS', 0.083],
    [null, 0.083],
  ])('continuous backup of %s loses %s hours', (service, hours) => {
    expect(continuousLossHours(service)).toBe(hours)
  })
})

describe('how long plans keep', () => {
  const of = (rules: Partial<BackupRule>[], supported: boolean | null = false, partial = false) =>
    keptDays([planOf(rules, partial)], supported ?? undefined)

  it.each<[string, () => MaybeNumber, MaybeNumber]>([
    ['one rule', () => of([{}]), 35],
    ['the longest of several', () => of([{ retentionDays: 7 }, { retentionDays: 400 }]), 400],
    ['for ever', () => of([{ retentionDays: 7 }, { retentionDays: null }]), null],
    ['one that is not known', () => of([{ retentionDays: 7 }, { retentionDays: undefined }]), { $atLeast: 7 }],
    ['rules that are not all known', () => of([{ retentionDays: 7 }], false, true), { $atLeast: 7 }],
    ['a rule that never runs keeps nothing', () => of([{ retentionDays: null, schedule: ended }]), 0],
    ['beside one that does', () => of([{ retentionDays: 400, schedule: notACron }, { retentionDays: 7 }]), 7],
    ['continuous backup keeps 35 days at most', () => of([{ retentionDays: 90, continuous: true }], true), 35],
    ['not for ever', () => of([{ retentionDays: null, continuous: true }], true), 35],
    ['fewer days as they are', () => of([{ retentionDays: 14, continuous: true }], true), 14],
    ['35 as they are', () => of([{ retentionDays: 35, continuous: true }], null), 35],
    ['longer, for a type that has none', () => of([{ retentionDays: 90, continuous: true }], false), 90],
    [
      'longer, for a type of which it is not known',
      () => of([{ retentionDays: 90, continuous: true }], null),
      undefined,
    ],
    [
      'longer, by a rule that may be continuous',
      () => of([{ retentionDays: 90, continuous: undefined }], true),
      undefined,
    ],
    ['longer, by a rule that is not', () => of([{ retentionDays: 90 }], true), 90],
    ['days that are not known', () => of([{ retentionDays: undefined, continuous: true }], true), undefined],
    ['a plan that was not found', () => keptDays([undefined], false), undefined],
  ])('%s', (_name, actual, expected) => {
    expect(actual()).toEqual(expected)
  })
})

describe('when plans end', () => {
  const of = (rules: Partial<BackupRule>[], whole = true, partial = false) => endOf([planOf(rules, partial)], whole)
  const last = '2024-12-31T05:00:00Z'

  it.each([
    ['a schedule without end', () => of([{}]), null],
    ['one that ended', () => of([{ schedule: ended }]), last],
    ['the later of two', () => of([{ schedule: ended }, { schedule: 'cron(0 5 * * ? 2025)' }]), '2025-12-31T05:00:00Z'],
    ['one that ended beside one without end', () => of([{ schedule: ended }, {}]), null],
    ['one without end, whatever else there may be', () => of([{}], false, true), null],
    ['one that ended, where others may be', () => of([{ schedule: ended }], false), undefined],
    ['one that ended, of rules that are not all known', () => of([{ schedule: ended }], true, true), undefined],
    ['beside one that is not known', () => of([{ schedule: ended }, { schedule: undefined }]), undefined],
    ['one that never runs', () => of([{ schedule: notACron }]), null],
    ['a plan that was not found', () => endOf([undefined], true), undefined],
  ])('%s', (_name, actual, expected) => {
    expect(actual()).toBe(expected)
  })
})

describe('a schedule of Data Lifecycle Manager', () => {
  it.each([
    [{ intervalHours: 12 }, 12, 12],
    [{ cron: 'cron(0 5 ? * MON-FRI *)' }, 72, 24],
    [{ cron: 'nonsense' }, undefined, undefined],
    [{}, undefined, undefined],
  ])('%o', (schedule, longest, shortest) => {
    expect(scheduleGaps(schedule)).toEqual({ longest, shortest })
  })

  it.each<[string, object, MaybeNumber]>([
    ['stated days', { retentionDays: 14, retainCount: 3, intervalHours: 24 }, 14],
    ['a count of daily snapshots', { retainCount: 7, intervalHours: 24 }, 7],
    ['a count of snapshots at odd hours', { retainCount: 7, intervalHours: 12 }, 3],
    ['a count that the shortest gap makes reach least far', { retainCount: 10, cron: 'cron(0 5 ? * MON-FRI *)' }, 10],
    ['a count without known times', { retainCount: 7 }, undefined],
    ['neither', { retentionDays: null, retainCount: null }, null],
    ['nothing known', {}, undefined],
    ['no count, and days that are not known', { retainCount: null }, undefined],
  ])('keeps %s', (_name, schedule, expected) => {
    expect(dlmDays({ crossRegionCopies: [], ...schedule })).toEqual(expected)
  })
})

describe('whom a Data Lifecycle Manager policy targets', () => {
  const tags = [{ key: 'backup', value: 'yes' }]
  const parentArn = `arn:aws:ec2:${region}:${account}:instance/i-1`
  const of = (store: object, target: object, parentTags?: Record<string, string> | null) =>
    targetedBy(
      {
        entries: new Map(parentTags === undefined ? [] : [[parentArn, { store: { tags: parentTags } }]]),
        completeness: { isComplete: () => 'complete' in store },
      } as unknown as Join,
      { type: 'AWS::EC2::Volume', tags: null, through: null, ...store } as never,
      { defaultPolicy: null, resourceTypes: ['VOLUME'], targetTags: tags, ...target },
    )

  it.each([
    ['a tagged volume', () => of({ tags: { backup: 'yes' } }, {}), 'target tag backup=yes'],
    ['a volume with another value', () => of({ tags: { backup: 'no' } }, {}), null],
    ['an untagged volume', () => of({ tags: null }, {}), null],
    ['a volume whose tags are not known', () => of({ tags: undefined }, {}), undefined],
    ['such a volume, by a policy without tags', () => of({ tags: undefined }, { targetTags: [] }), null],
    [
      'a volume, by a policy for instances',
      () => of({ tags: { backup: 'yes' } }, { resourceTypes: ['INSTANCE'] }),
      null,
    ],
    ['any volume, by a default policy', () => of({}, { defaultPolicy: 'VOLUME' }), 'default policy for every volume'],
    [
      'a volume, by a default policy for instances',
      () => of({}, { defaultPolicy: 'INSTANCE', resourceTypes: ['INSTANCE'], targetTags: [] }),
      null,
    ],
    [
      'a volume, where it is not known whether it is a default policy',
      () => of({}, { defaultPolicy: undefined }),
      undefined,
    ],
    ['where the types are not known', () => of({}, { resourceTypes: undefined }), undefined],
    ['where the tags of the policy are not known', () => of({}, { targetTags: undefined }), undefined],
    [
      'a volume of a tagged instance',
      () => of({ through: [parentArn] }, { resourceTypes: ['INSTANCE'] }, { backup: 'yes' }),
      `target tag backup=yes of ${parentArn}`,
    ],
    [
      'a volume of an untagged instance',
      () => of({ through: [parentArn] }, { resourceTypes: ['INSTANCE'] }, null),
      null,
    ],
    [
      'a volume of an instance that was not read',
      () => of({ through: [parentArn] }, { resourceTypes: ['INSTANCE'] }),
      undefined,
    ],
    [
      'a volume of an instance that does not exist',
      () => of({ through: [parentArn], complete: true }, { resourceTypes: ['INSTANCE'] }),
      null,
    ],
    [
      'a tagged volume of an instance that was not read',
      () => of({ tags: { backup: 'yes' }, through: [parentArn] }, { resourceTypes: ['VOLUME', 'INSTANCE'] }),
      'target tag backup=yes',
    ],
    [
      'a tagged instance',
      () => of({ type: 'AWS::EC2::Instance', tags: { backup: 'yes' } }, { resourceTypes: ['INSTANCE'] }),
      'target tag backup=yes',
    ],
    [
      'an instance, by a policy for volumes',
      () => of({ type: 'AWS::EC2::Instance', tags: { backup: 'yes' } }, {}),
      null,
    ],
    [
      'any instance, by a default policy',
      () => of({ type: 'AWS::EC2::Instance' }, { defaultPolicy: 'INSTANCE' }),
      'default policy for every instance',
    ],
  ])('%s', (_name, actual, expected) => {
    expect(actual()).toBe(expected)
  })
})

describe('automatic backup of a file system', () => {
  const arn = `arn:aws:elasticfilesystem:${region}:${account}:file-system/fs-1`
  const files = (BackupPolicy: object | null, more: Partial<ResourceRecord> = {}) =>
    resource(
      'AWS::EFS::FileSystem',
      'fs-1',
      { FileSystemId: 'fs-1', Encrypted: true },
      { arn, name: 'fs-1', tags: {}, supplementary: { BackupPolicy }, ...more },
    )
  const protection = (...records: ResourceRecord[]) =>
    factsOf(inventoryOf([scope(), ...records]), 'data-store', 'fs-1').protection as object

  it('is a plan of AWS’s own: daily, kept 35 days', () => {
    expect(protection(files({ Status: 'ENABLED' }), optedIn())).toMatchObject({
      covered: true,
      byPlan: true,
      mechanisms: [
        {
          kind: 'aws-backup',
          name: 'aws/efs/automatic-backup-plan',
          retentionDays: 35,
          longestGapHours: 24,
          worstCaseLossHours: 32.5,
        },
      ],
      worstCaseLossHours: 32.5,
      retentionDays: 35,
      keepsForever: false,
      endsAt: null,
    })
  })

  it.each([
    [
      'runs only where EFS is opted in',
      [files({ Status: 'ENABLED' }), optedIn({ EFS: false })],
      { covered: false, byPlan: false },
    ],
    ['is not known to run where the opt-in is not', [files({ Status: 'ENABLED' })], { mechanisms: { $partial: [] } }],
    ['does not run where it is off', [files({ Status: 'DISABLED' }), optedIn()], { covered: false, byPlan: false }],
  ])('%s', (_name, records, expected) => {
    const facts = protection(...records)
    expect(facts).toMatchObject(expected)
    expect('covered' in facts).toBe('covered' in expected)
  })

  it('is no second plan beside one that selects the file system', () => {
    const facts = protection(files({ Status: 'ENABLED' }), optedIn(), plan('nightly'), selection('nightly', 'all'))
    expect((facts as { mechanisms: unknown[] }).mechanisms).toMatchObject([{ name: 'nightly' }])
  })
})

describe('the opt-in of a service', () => {
  const optIn = (records: Parameters<typeof inventoryOf>[0], unstated: 'on' | 'unknown' = 'on') =>
    factAt(factsOf(inventoryOf(records, { policy: policy({}, { optInUnstated: unstated }) }), 'data-store'), 'optIn')
  const declared = (more: Partial<ResourceRecord> = {}) =>
    table('orders', { scope: 'delivered', encoding: 'config', ...more })
  const delivered = scope({ id: 'delivered', source: 'aws-config-snapshot', factGroups: undefined })

  it.each([
    ['as the Region states it', [scope(), optedIn(), table('orders')], true],
    ['as the Region denies it', [scope(), optedIn({ DynamoDB: false }), table('orders')], false],
    [
      'not stated for the service',
      [
        scope(),
        resource('AWS::Backup::RegionSettings', 's', { ResourceTypeOptInPreference: { RDS: true } }),
        table('orders'),
      ],
      undefined,
    ],
    ['not read by a live scope', [scope({ factGroups: [] }), table('orders')], undefined],
    ['not told by AWS Config', [delivered, declared()], true],
    ['not told by AWS Config, where a live scope read the same place', [delivered, scope(), declared()], undefined],
    [
      'not told by AWS Config, where a live scope of the same place was denied it',
      [delivered, scope({ factGroups: [] }), declared()],
      undefined,
    ],
    [
      'not told by AWS Config, beside a live scope of another Region',
      [delivered, scope({ region: 'us-east-1' }), declared()],
      true,
    ],
  ])('%s', (_name, records, expected) => {
    expect(optIn(records)).toBe(expected)
  })

  it('is not assumed by the strict', () => {
    expect(optIn([delivered, declared()], 'unknown')).toBeUndefined()
  })
})

// Protects what is kept of recovery points, snapshots and jobs once they have streamed by. Nobody can look at them again: what
// a fold gets wrong (a continuous point's age, a job without a time) stays wrong in every fact.
import { describe, expect, it } from 'vitest'
import {
  emptyJobFold,
  emptyRestoreFold,
  foldJob,
  foldRestoreJob,
  type JobFold,
  mergedJobs,
  mergedRestores,
  type RestoreFold,
} from '../../src/inventory/job-folds.ts'
import { foldPoint, keysOf, PointGroup, standsAt } from '../../src/inventory/point-groups.ts'
import { emptySnapshotGroup, foldSnapshot } from '../../src/inventory/snapshot-groups.ts'
import type { BackupJob, RecoveryPoint, RestoreJob } from '../../src/model/backup.ts'
import type { NativeSnapshot } from '../../src/model/guards.ts'
import { account, region } from './records.ts'

const day = 86_400
const clock = 100 * day
/** Epoch milliseconds, days before the clock. */
const daysAgo = (days: number) => (clock - days * day) * 1000

const made: RecoveryPoint = {
  arn: 'point:m',
  status: 'COMPLETED',
  createdAt: daysAgo(1),
  isEncrypted: true,
  keyArn: 'key:a',
  retentionDays: 35,
  byPlan: true,
  continuous: false,
  isChild: false,
  airGapped: false,
  scan: 'clean',
}

function groupOf(points: Partial<RecoveryPoint>[], at: number | undefined = clock): PointGroup {
  const group = new PointGroup('source', { arn: 'vault', name: 'vault', account, region })
  for (const point of points) foldPoint(group, { ...made, ...point }, at, 30)
  return group
}

describe('a group of recovery points', () => {
  const rows: [string, Partial<RecoveryPoint>[], Partial<PointGroup>][] = [
    ['a completed point is usable', [{}], { count: 1, usable: 1, expired: 0, partial: 0 }],
    ['a running continuous point is usable', [{ status: 'AVAILABLE', continuous: true }], { usable: 1, continuous: 1 }],
    ['a partial point is not', [{ status: 'PARTIAL' }], { usable: 0, partial: 1 }],
    ['a stopped one is not', [{ status: 'STOPPED', continuous: true }], { usable: 0, partial: 1, continuous: 0 }],
    ['an expired one is not', [{ status: 'EXPIRED' }], { usable: 0, expired: 1, partial: 0 }],
    ['one that is being made is not', [{ status: 'CREATING' }], { usable: 0, expired: 0, partial: 0 }],
    ['one without status is not', [{ status: undefined }], { usable: 0 }],
    [
      'encryption is counted of every point',
      [{ status: 'EXPIRED', isEncrypted: false }, { arn: 'point:a' }, { isEncrypted: undefined }],
      { encrypted: 1, encryptedArn: 'point:a', unencrypted: 1, unencryptedArn: 'point:m' },
    ],
    [
      'the smallest ARN shows a flag',
      [
        { arn: 'point:c', isEncrypted: false },
        { arn: 'point:b', isEncrypted: false },
        { arn: 'point:d', isEncrypted: false },
      ],
      { unencrypted: 3, unencryptedArn: 'point:b' },
    ],
    [
      'scans',
      [{ arn: 'point:a' }, { arn: 'point:b', scan: 'findings' }, { scan: 'none' }, { scan: undefined }],
      { scanClean: 1, scanCleanArn: 'point:a', scanFindings: 1, scanFindingsArn: 'point:b' },
    ],
    [
      'retention',
      [
        { arn: 'point:a', retentionDays: 7 },
        { arn: 'point:b', retentionDays: 400 },
        { arn: 'point:c', retentionDays: null },
      ],
      {
        retentionMin: 7,
        retentionMinArn: 'point:a',
        retentionMax: 400,
        retentionMaxArn: 'point:b',
        forever: 1,
        foreverArn: 'point:c',
        bounded: 2,
        boundedArn: 'point:a',
        retentionUnknown: 0,
      },
    ],
    [
      'equal retention is shown by the smallest ARN',
      [{ arn: 'point:b' }, { arn: 'point:a' }, { arn: 'point:c' }],
      { retentionMinArn: 'point:a', retentionMaxArn: 'point:a' },
    ],
    [
      'retention that is not known',
      [{ retentionDays: undefined }],
      { retentionMin: -1, retentionMax: -1, retentionUnknown: 1, forever: 0, bounded: 0 },
    ],
    ['no retention at all', [{ retentionDays: 0 }], { retentionMin: 0, retentionMax: 0 }],
    [
      'newest and oldest',
      [
        { arn: 'point:a', createdAt: daysAgo(9) },
        { arn: 'point:b', createdAt: daysAgo(2) },
        { arn: 'point:c', createdAt: daysAgo(5) },
      ],
      { newestAt: clock - 2 * day, newestArn: 'point:b', oldestAt: clock - 9 * day, oldestArn: 'point:a' },
    ],
    [
      'of points made at once, the smallest ARN',
      [{ arn: 'point:b' }, { arn: 'point:a' }, { arn: 'point:c' }],
      { newestArn: 'point:a', oldestArn: 'point:a' },
    ],
    [
      'a continuous point is neither new nor old',
      [{ continuous: true, status: 'AVAILABLE', createdAt: daysAgo(300) }],
      { newestAt: -1, oldestAt: -1, continuous: 1, continuousArn: 'point:m', createdUnknown: 0 },
    ],
    [
      'its restorable time is the newest of several',
      [
        { continuous: true, restorableAt: daysAgo(3) },
        { continuous: true, restorableAt: daysAgo(1), arn: 'point:a' },
        { continuous: true, restorableAt: daysAgo(2) },
      ],
      { restorableAt: clock - day, continuousArn: 'point:a' },
    ],
    [
      'a point without time',
      [{ createdAt: undefined }],
      { usable: 1, newestAt: -1, oldestAt: -1, createdUnknown: 1, recentUnknown: 1 },
    ],
    ['an unusable point has no age', [{ status: 'EXPIRED' }], { newestAt: -1, oldestAt: -1, createdUnknown: 0 }],
    [
      'who made it',
      [{}, { byPlan: false }, { byPlan: undefined }],
      { automatedRecent: 1, manualRecent: 1, recentUnknown: 1 },
    ],
    [
      'the last day of the look-back counts',
      [{ createdAt: daysAgo(30) }, { createdAt: daysAgo(30) - 1000, byPlan: false }],
      { automatedRecent: 1, manualRecent: 0, recentUnknown: 0 },
    ],
    [
      'a continuous point is always recent',
      [
        { continuous: true, createdAt: daysAgo(300) },
        { continuous: true, createdAt: undefined, byPlan: false },
      ],
      { automatedRecent: 1, manualRecent: 1, recentUnknown: 0 },
    ],
    ['an old point of unknown origin is old', [{ createdAt: daysAgo(40), byPlan: undefined }], { recentUnknown: 0 }],
    [
      'the last restore',
      [{ lastRestoreAt: daysAgo(9) }, { lastRestoreAt: daysAgo(4), status: 'EXPIRED' }, { lastRestoreAt: null }, {}],
      { lastRestoreAt: clock - 4 * day },
    ],
    ['never restored', [{ lastRestoreAt: null }], { lastRestoreAt: -1 }],
    ['one air-gapped point makes the vault air-gapped', [{}, { airGapped: true }], { airGapped: true }],
    ['none does not', [{ airGapped: undefined }], { airGapped: false }],
    ['the service', [{ service: null }, { service: 'RDS' }, { service: 'EBS' }, {}], { service: 'EBS' }],
  ]
  it.each(rows)('%s', (_name, points, expected) => {
    expect(groupOf(points)).toMatchObject(expected)
  })

  it('does not know what is recent where there is no clock', () => {
    const group = new PointGroup('source', { arn: 'vault', name: 'vault', account, region })
    foldPoint(group, made, undefined, 30)
    expect(group).toMatchObject({
      automatedRecent: 0,
      recentUnknown: 1,
      newestAt: clock - day,
      clockSeconds: undefined,
    })
  })

  it.each([
    [[5, 9, 7], 9],
    [[undefined, 5], 5],
    [[5, undefined], 5],
    [[undefined], undefined],
  ])('takes the newest of several clocks', (clocks, expected) => {
    const group = new PointGroup('source', { arn: 'vault', name: 'vault', account, region })
    for (const at of clocks) foldPoint(group, made, at, 30)
    expect(group.clockSeconds).toBe(expected)
  })
})

describe('the keys of a group', () => {
  const keys = (...names: (string | null | undefined)[]) => keysOf(groupOf(names.map(keyArn => ({ keyArn }))))
  it.each([
    ['one key', () => keys('key:a', 'key:a'), ['key:a']],
    ['two keys', () => keys('key:a', 'key:b', 'key:b'), ['key:a', 'key:b']],
    ['a key and none', () => keys(null, 'key:b'), [null, 'key:b']],
    ['no key', () => keys(null, null), [null]],
    ['one that is not known', () => keys('key:a', undefined), undefined],
    ['one that is not known first', () => keys(undefined, 'key:a'), undefined],
    ['no points', () => keys(), undefined],
    ['points that cannot be used', () => keysOf(groupOf([{ status: 'EXPIRED' }])), undefined],
    [
      'images, whose keys are those of their snapshots',
      () => keysOf(groupOf([{ service: 'EC2', keyArn: null }])),
      undefined,
    ],
    ['51 keys', () => keys(...Array.from({ length: 51 }, (_, i) => `key:${i}`))?.length, 51],
    ['more keys than are kept', () => keys(...Array.from({ length: 52 }, (_, i) => `key:${i}`)), undefined],
  ])('%s', (_name, actual, expected) => {
    expect(actual()).toEqual(expected)
  })
})

describe('where a group stands', () => {
  it.each([
    ['the first member', [['b.json', 4]], ['b.json', 4]],
    [
      'a smaller line',
      [
        ['b.json', 4],
        ['b.json', 2],
        ['b.json', 3],
      ],
      ['b.json', 2],
    ],
    [
      'a smaller file, whatever its line',
      [
        ['b.json', 4],
        ['a.json', 9],
        ['c.json', 1],
      ],
      ['a.json', 9],
    ],
    [
      'a member without line',
      [
        ['b.json', 4],
        ['a.json', 0],
      ],
      ['b.json', 4],
    ],
    ['a member without file', [[undefined, 3]], [null, 0]],
  ] as const)('%s', (_name, members, [file, line]) => {
    const group = { file: null as string | null, line: 0 }
    for (const [of, at] of members) standsAt(group, of, at)
    expect(group).toEqual({ file, line })
  })
})

describe('a group of native snapshots', () => {
  const group = (snapshots: Partial<NativeSnapshot>[], clocks: (number | undefined)[] = []) => {
    const header = { type: 'AWS::EC2::Snapshot', sourceType: 'AWS::EC2::Snapshot', account, region } as Parameters<
      typeof emptySnapshotGroup
    >[0]
    const found = emptySnapshotGroup(header, 'EBS', 'volume', 'volume')
    snapshots.forEach((snapshot, i) => {
      foldSnapshot(found, { id: `snap-${i}`, service: 'EBS', ...snapshot }, `snap-${i}`, new Set([account]), clocks[i])
    })
    return found
  }
  const flags = (trueCount: number, falseCount: number, unknownCount: number) => ({
    trueCount,
    falseCount,
    unknownCount,
  })

  it.each<[string, Partial<NativeSnapshot>[], object]>([
    [
      'manual and automated',
      [{ manual: true }, { manual: false }, { manual: false }, {}],
      { count: 4, manual: 1, automated: 2, manualUnknown: 1 },
    ],
    [
      'encryption',
      [{ encrypted: true }, { encrypted: false }, {}],
      { encrypted: { ...flags(1, 1, 1), trueArn: 'snap-0', falseArn: 'snap-1' } },
    ],
    ['shared with everybody', [{ sharedWith: ['all'] }], { isPublic: flags(1, 0, 0), untrusted: flags(0, 1, 0) }],
    ['shared with the owner', [{ sharedWith: [account] }], { isPublic: flags(0, 1, 0), untrusted: flags(0, 1, 0) }],
    [
      'shared with another account',
      [{ sharedWith: [account, '999988887777'] }],
      { isPublic: flags(0, 1, 0), untrusted: flags(1, 0, 0) },
    ],
    ['shared with nobody', [{ sharedWith: [] }], { isPublic: flags(0, 1, 0), untrusted: flags(0, 1, 0) }],
    ['sharing that was not read', [{}], { isPublic: flags(0, 0, 1), untrusted: flags(0, 0, 1) }],
    [
      'newest and oldest',
      [{ createdAt: daysAgo(4) }, { createdAt: daysAgo(2) }, { createdAt: daysAgo(7) }],
      {
        newestAt: clock - 2 * day,
        newestArn: 'snap-1',
        oldestAt: clock - 7 * day,
        oldestArn: 'snap-2',
        createdUnknown: 0,
      },
    ],
    [
      'made at once',
      [{ createdAt: daysAgo(4) }, { createdAt: daysAgo(4) }],
      { newestArn: 'snap-0', oldestArn: 'snap-0' },
    ],
    ['without time', [{}], { newestAt: -1, oldestAt: -1, createdUnknown: 1 }],
  ])('%s', (_name, snapshots, expected) => {
    expect(group(snapshots)).toMatchObject(expected)
  })

  it('takes the newest of several clocks', () => {
    expect(group([{}, {}, {}], [5, undefined, 9]).clockSeconds).toBe(9)
    expect(group([{}, {}], [9, 5]).clockSeconds).toBe(9)
  })

  it('keeps the smallest ARN that shows a flag', () => {
    const found = group([])
    for (const id of ['c', 'a', 'b'])
      foldSnapshot(found, { id, service: 'EBS', encrypted: false, sharedWith: ['all'] }, id, new Set(), undefined)
    expect(found.encrypted.falseArn).toBe('a')
    expect(found.isPublic.trueArn).toBe('a')
  })
})

describe('backup and copy jobs', () => {
  const job: BackupJob = {
    id: 'm',
    kind: 'backup',
    state: 'COMPLETED',
    createdAt: daysAgo(1.1),
    completedAt: daysAgo(1),
    isChild: false,
  }
  const folded = (jobs: Partial<BackupJob>[], at: number | undefined = clock): JobFold => {
    const fold = emptyJobFold()
    for (const more of jobs) foldJob(fold, { ...job, ...more }, at, 7)
    return fold
  }

  it.each<[string, Partial<BackupJob>[], Partial<JobFold>]>([
    ['none', [], { finished: 0, failed: 0, unsure: 0, lastState: null, lastMessage: null, lastFailureAt: -1 }],
    [
      'one that completed',
      [{}],
      { finished: 1, failed: 0, lastState: 'COMPLETED', lastAt: clock - day, lastFailureAt: -1 },
    ],
    ...['FAILED', 'ABORTED', 'EXPIRED', 'PARTIAL'].map((state): [string, Partial<BackupJob>[], Partial<JobFold>] => [
      `one that ended ${state}`,
      [{ state, message: 'no access' }],
      { finished: 1, failed: 1, lastState: state, lastFailureAt: clock - day, lastMessage: 'no access' },
    ]),
    ...['CREATED', 'PENDING', 'RUNNING', 'ABORTING'].map((state): [string, Partial<BackupJob>[], Partial<JobFold>] => [
      `one that is ${state}`,
      [{ state }],
      { finished: 0, failed: 0, unsure: 0 },
    ]),
    ['a child', [{ isChild: true, state: 'FAILED' }], { finished: 0, failed: 0 }],
    ['a child without state', [{ isChild: true, state: undefined }], { unsure: 0 }],
    ['one without state', [{ state: undefined }], { finished: 0, unsure: 1 }],
    [
      'one without time',
      [{ createdAt: undefined, completedAt: undefined, state: 'FAILED' }],
      { finished: 0, failed: 0, unsure: 1, lastState: null },
    ],
    [
      'one that only tells when it was made',
      [{ completedAt: undefined }],
      { finished: 1, lastAt: Math.floor(daysAgo(1.1) / 1000) },
    ],
    [
      'one that never completed',
      [{ completedAt: null, state: 'EXPIRED' }],
      { finished: 1, failed: 1, lastAt: Math.floor(daysAgo(1.1) / 1000) },
    ],
    ['at the edge of the window', [{ completedAt: daysAgo(7) }], { finished: 1 }],
    ['past the window', [{ completedAt: daysAgo(7) - 1000 }], { finished: 0, unsure: 0, lastState: null }],
    [
      'the last of several',
      [
        { completedAt: daysAgo(3), state: 'FAILED' },
        { completedAt: daysAgo(1) },
        { completedAt: daysAgo(2), state: 'EXPIRED' },
      ],
      { finished: 3, failed: 2, lastState: 'COMPLETED', lastFailureAt: clock - 2 * day },
    ],
    [
      'two at once: the smaller id',
      [
        { id: 'b', state: 'FAILED', message: 'b' },
        { id: 'a', state: 'ABORTED', message: 'a' },
        { id: 'c', state: 'EXPIRED', message: 'c' },
      ],
      { lastState: 'ABORTED', lastMessage: 'a' },
    ],
    ['a failure without message', [{ state: 'FAILED' }], { lastMessage: null }],
  ])('%s', (_name, jobs, expected) => {
    expect(folded(jobs)).toMatchObject(expected)
  })

  it('cannot tell the window where there is no clock', () => {
    const fold = emptyJobFold()
    foldJob(fold, job, undefined, 7)
    expect(fold).toMatchObject({ finished: 0, unsure: 1 })
  })

  it('are one record, by however many ARNs they name their store', () => {
    const a = folded([{ completedAt: daysAgo(3), state: 'FAILED', message: 'old' }, { state: undefined }])
    const b = folded([{ completedAt: daysAgo(2), state: 'PARTIAL', message: 'new' }, { completedAt: daysAgo(1) }])
    const merged = {
      finished: 3,
      failed: 2,
      unsure: 1,
      lastState: 'COMPLETED',
      lastFailureAt: clock - 2 * day,
      lastMessage: 'new',
    }
    expect(mergedJobs([a, b])).toMatchObject(merged)
    expect(mergedJobs([b, a])).toMatchObject(merged)
    expect(mergedJobs([a])).toBe(a)
    expect(mergedJobs([])).toBeNull()
  })
})

describe('restore jobs', () => {
  const job: RestoreJob = {
    id: 'm',
    status: 'COMPLETED',
    createdAt: daysAgo(2),
    completedAt: daysAgo(1.5),
    recoveryPointCreatedAt: daysAgo(3),
    recoveryPointArn: 'point:m',
    validation: 'SUCCESSFUL',
    deletion: 'SUCCESSFUL',
    isChild: false,
  }
  const folded = (jobs: Partial<RestoreJob>[], at: number | undefined = clock): RestoreFold => {
    const fold = emptyRestoreFold()
    for (const more of jobs) foldRestoreJob(fold, { ...job, ...more }, at, 30)
    return fold
  }
  const at = (days: number) => ({ createdAt: daysAgo(days + 0.5), completedAt: daysAgo(days) })

  it.each<[string, Partial<RestoreJob>[], Partial<RestoreFold>]>([
    ['none', [], { finished: 0, failed: 0, deletionFailed: 0, unsure: 0, lastStatus: null, successAt: -1 }],
    [
      'a success',
      [{}],
      {
        finished: 1,
        failed: 0,
        lastStatus: 'COMPLETED',
        successAt: clock - 1.5 * day,
        successDurationHours: 12,
        successValidation: 'SUCCESSFUL',
        successPointAgeHours: 24,
      },
    ],
    ['a failure', [{ status: 'FAILED' }], { finished: 1, failed: 1, lastStatus: 'FAILED', successAt: -1 }],
    ['an abortion', [{ status: 'ABORTED' }], { finished: 1, failed: 1, successAt: -1 }],
    ['one that runs', [{ status: 'RUNNING' }], { finished: 0, unsure: 0, lastStatus: null }],
    ['one without status', [{ status: undefined }], { finished: 0, unsure: 1 }],
    [
      'one without any time',
      [{ createdAt: undefined, completedAt: undefined }],
      { finished: 0, unsure: 1, successAt: -1 },
    ],
    ['a child', [{ isChild: true }], { finished: 0, unsure: 0, successAt: -1 }],
    ['a restore that failed its validation', [{ validation: 'FAILED' }], { failed: 1, successValidation: 'FAILED' }],
    ['one whose validation timed out', [{ validation: 'TIMED_OUT' }], { failed: 1 }],
    ['one that is being validated', [{ validation: 'VALIDATING' }], { failed: 0, successValidation: 'VALIDATING' }],
    ['one that was not validated', [{ validation: null }], { failed: 0, successValidation: null }],
    ['one of whose validation nothing is known', [{ validation: undefined }], { successValidation: undefined }],
    [
      'test resources that were not deleted',
      [{ deletion: 'FAILED' }, { deletion: 'DELETING' }, { deletion: null }],
      { deletionFailed: 1, failed: 0 },
    ],
    ['at the edge of the window', [at(30)], { finished: 1 }],
    [
      'past the window, which proves a restore all the same',
      [{ ...at(31), deletion: 'FAILED', validation: 'FAILED' }],
      { finished: 0, failed: 0, deletionFailed: 0, lastStatus: 'COMPLETED', successAt: clock - 31 * day },
    ],
    [
      'the last success before a failure',
      [at(9), { ...at(5), validation: null }, { ...at(3), status: 'FAILED' }],
      { finished: 3, failed: 1, lastStatus: 'FAILED', successAt: clock - 5 * day, successValidation: null },
    ],
    [
      'two at once: the smaller id',
      [{ id: 'b', validation: 'FAILED' }, { id: 'a' }, { id: 'c', status: 'FAILED' }],
      { successId: 'a', successValidation: 'SUCCESSFUL', lastStatus: 'COMPLETED' },
    ],
    ['a duration that is not told', [{ completedAt: null }], { successDurationHours: undefined }],
    ['the age of a point that is not told', [{ recoveryPointCreatedAt: null }], { successPointAgeHours: undefined }],
    [
      'the age of a continuous point, which its creation does not tell',
      [{ recoveryPointArn: 'arn:aws:rds:eu-west-1:111122223333:snapshot:continuous:orders' }],
      { successPointAgeHours: undefined },
    ],
  ])('%s', (_name, jobs, expected) => {
    const fold = folded(jobs)
    for (const [name, value] of Object.entries(expected))
      expect([name, fold[name as keyof RestoreFold]]).toEqual([name, value])
  })

  it('cannot tell the window where there is no clock, but the success', () => {
    const fold = emptyRestoreFold()
    foldRestoreJob(fold, job, undefined, 30)
    expect(fold).toMatchObject({
      finished: 0,
      failed: 0,
      unsure: 1,
      successAt: clock - 1.5 * day,
      lastStatus: 'COMPLETED',
    })
  })

  it('are one record, by however many ARNs they name their store', () => {
    const a = folded([
      { ...at(9), validation: null },
      { ...at(1), status: 'FAILED' },
    ])
    const b = folded([at(4), { status: undefined }, { ...at(3), deletion: 'FAILED', status: 'ABORTED' }])
    const merged = {
      finished: 4,
      failed: 2,
      deletionFailed: 1,
      unsure: 1,
      lastStatus: 'FAILED',
      successAt: clock - 4 * day,
      successValidation: 'SUCCESSFUL',
    }
    expect(mergedRestores([a, b])).toMatchObject(merged)
    expect(mergedRestores([b, a])).toMatchObject(merged)
    expect(mergedRestores([b])).toBe(b)
    expect(mergedRestores([])).toBeNull()
  })
})

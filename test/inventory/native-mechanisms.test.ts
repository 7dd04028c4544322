// Protects what a service's own backups count for: only what the store's facts say is on, what it promises, and where the facts
// leave open whether there is any.
import { describe, expect, it } from 'vitest'
import type { Join, StoreItem } from '../../src/inventory/join.ts'
import {
  hasAutomaticPlan,
  nativeMechanisms,
  unknownContinuous,
  unknownNative,
} from '../../src/inventory/native-mechanisms.ts'
import type { MechanismKind } from '../../src/model/policy.ts'
import { policy } from './records.ts'

const join = {
  policy: policy({}, { startWindowMinutes: 60, jobMinutes: 30 }),
  completeness: { isComplete: () => true, isCut: () => false },
} as unknown as Join

interface Given {
  type?: string
  own?: object
  /** The Region's opt-in of EFS; `undefined`: not told. */
  optIn?: boolean | undefined
}

const storeOf = ({ type = 'AWS::Redshift::Cluster', own = {}, ...given }: Given) =>
  ({
    type,
    own,
    service: 'EFS',
    scope: { scope: { source: 'aws' } },
    place: { settings: 'optIn' in given && given.optIn === undefined ? {} : { optIn: { EFS: given.optIn ?? true } } },
  }) as unknown as StoreItem

const efs = 'AWS::EFS::FileSystem'
const automatic = { native: { automatedBackup: true } }
const every: MechanismKind[] = ['aws-backup', 'native-pitr', 'native-automated', 'replication', 'dlm']

describe('the mechanisms of a service', () => {
  const rows: [string, Given, MechanismKind[], boolean, object[]][] = [
    ['nothing is known of it', {}, every, false, []],
    ['nothing is on', { own: { native: { automatedBackup: false }, pitr: { enabled: false } } }, every, false, []],
    ['point-in-time recovery that may be on', { own: { pitr: {} } }, every, false, []],
    ['automatic backups that may be on', { own: { native: {} } }, every, false, []],
    [
      'point-in-time recovery',
      { own: { pitr: { enabled: true, recoveryPeriodDays: 14 } } },
      every,
      false,
      [
        {
          kind: 'native-pitr',
          accepted: true,
          worstCaseLossHours: 0.083,
          longestGapHours: 0,
          retentionDays: 14,
          continuous: true,
        },
      ],
    ],
    [
      'point-in-time recovery of which the policy thinks nothing, and nobody knows how far it reaches',
      { own: { pitr: { enabled: true, recoveryPeriodDays: null } } },
      ['native-automated'],
      false,
      [{ kind: 'native-pitr', accepted: false, retentionDays: undefined, matchedBy: expect.stringMatching(/./) }],
    ],
    [
      'automatic backups, once a day unless the service says otherwise',
      { own: { native: { automatedBackup: true, retentionDays: 7 } } },
      ['native-automated'],
      false,
      [
        {
          kind: 'native-automated',
          accepted: true,
          worstCaseLossHours: 24.5,
          longestGapHours: 24,
          retentionDays: 7,
          continuous: false,
          matchedBy: expect.stringMatching(/./),
        },
      ],
    ],
    [
      'automatic backups with an interval, kept for ever, that the policy does not accept',
      { own: { native: { automatedBackup: true, snapshotIntervalHours: 8, retentionDays: null } } },
      ['native-pitr', 'aws-backup'],
      false,
      [{ kind: 'native-automated', accepted: false, worstCaseLossHours: 8.5, longestGapHours: 8, retentionDays: null }],
    ],
    [
      'automatic backups of which the interval and retention are not known',
      { own: { native: { automatedBackup: true, snapshotIntervalHours: null, retentionDays: { $atLeast: 1 } } } },
      every,
      false,
      [{ longestGapHours: 24, retentionDays: undefined }],
    ],
    ...['AWS::RDS::DBInstance', 'AWS::RDS::DBCluster', 'AWS::DocDB::DBCluster', 'AWS::Neptune::DBCluster'].flatMap(
      (type): [string, Given, MechanismKind[], boolean, object[]][] => [
        [
          `${type}: automatic backups restore to any second`,
          { type, own: { native: { automatedBackup: true, retentionDays: 7, snapshotIntervalHours: 24 } } },
          ['native-pitr'],
          false,
          [
            {
              kind: 'native-pitr',
              accepted: true,
              worstCaseLossHours: 0.083,
              longestGapHours: 0,
              retentionDays: 7,
              continuous: true,
            },
          ],
        ],
        [
          `${type}: accepted as automatic backups too`,
          { type, own: automatic },
          ['native-automated'],
          false,
          [{ accepted: true }],
        ],
        [`${type}: not accepted`, { type, own: automatic }, ['aws-backup'], false, [{ accepted: false }]],
      ],
    ),
    [
      'the plan that AWS makes for a file system',
      { type: efs, own: automatic },
      every,
      false,
      [
        {
          kind: 'aws-backup',
          accepted: true,
          name: 'aws/efs/automatic-backup-plan',
          worstCaseLossHours: 25.5,
          longestGapHours: 24,
          retentionDays: 35,
          continuous: false,
          matchedBy: expect.stringMatching(/./),
        },
      ],
    ],
    ['that plan, not accepted', { type: efs, own: automatic }, ['dlm'], false, [{ accepted: false }]],
    ['that plan beside one that was read', { type: efs, own: automatic }, every, true, []],
    ['that plan where EFS is not opted in', { type: efs, own: automatic, optIn: false }, every, false, []],
    ['that plan where nobody knows the opt-in', { type: efs, own: automatic, optIn: undefined }, every, false, []],
    [
      'replication',
      { own: { replication: { destinations: [{ enabled: false }, { enabled: true }] } } },
      every,
      false,
      [{ kind: 'replication', accepted: true, continuous: false, matchedBy: expect.stringMatching(/./) }],
    ],
    [
      'replication, not accepted',
      { own: { replication: { destinations: [{ enabled: true }] } } },
      ['dlm'],
      false,
      [{ accepted: false }],
    ],
    ['replication that is off', { own: { replication: { destinations: [{ enabled: false }] } } }, every, false, []],
    ['replication that may be on', { own: { replication: { destinations: [{}] } } }, every, false, []],
    ['replication to nowhere', { own: { replication: { destinations: [] } } }, every, false, []],
    [
      'replication of which a part was read',
      { own: { replication: { destinations: { $partial: [] } } } },
      every,
      false,
      [],
    ],
  ]

  it.each(rows)('%s', (_name, given, accepted, byPlan, expected) => {
    const found = nativeMechanisms(join, storeOf(given), new Set(accepted), byPlan)
    expect(found).toHaveLength(expected.length)
    expected.forEach((mechanism, i) => {
      for (const [name, value] of Object.entries(mechanism))
        expect({ [name]: found[i]![name] }).toEqual({ [name]: value })
    })
  })

  it.each<[string, Given, boolean | undefined]>([
    ['on and opted in', { type: efs, own: automatic }, true],
    ['on and opted out', { type: efs, own: automatic, optIn: false }, false],
    ['on, opt-in not known', { type: efs, own: automatic, optIn: undefined }, undefined],
    ['off', { type: efs, own: { native: { automatedBackup: false } } }, false],
    ['not known', { type: efs, own: {} }, false],
    ['another service', { own: automatic }, false],
  ])('the automatic plan of a file system: %s', (_name, given, expected) => {
    expect(hasAutomaticPlan(join, storeOf(given))).toBe(expected)
  })
})

describe('what the facts leave open', () => {
  const rds = 'AWS::RDS::DBInstance'
  const rows: [string, Given, MechanismKind[], native: boolean, continuous: boolean][] = [
    ['nothing of a service without any', {}, every, false, false],
    ['whether point-in-time recovery is on', { own: { pitr: {} } }, ['native-pitr'], true, true],
    ['the same, not accepted', { own: { pitr: {} } }, ['native-automated'], false, true],
    ['point-in-time recovery that is off', { own: { pitr: { enabled: false } } }, every, false, false],
    ['point-in-time recovery that is on', { own: { pitr: { enabled: true } } }, every, false, false],
    ['whether backups are automatic', { own: { native: {} } }, ['native-automated'], true, false],
    ['the same, accepted only where they are continuous', { own: { native: {} } }, ['native-pitr'], false, false],
    ['the same of a database, where they are', { type: rds, own: { native: {} } }, ['native-pitr'], true, true],
    ['the same of a database, not accepted', { type: rds, own: { native: {} } }, ['aws-backup'], false, true],
    ['automatic backups that are on', { type: rds, own: automatic }, every, false, false],
    ['automatic backups that are off', { type: rds, own: { native: { automatedBackup: false } } }, every, false, false],
    ['a database of which nothing is told', { type: rds }, every, false, true],
  ]
  it.each(rows)('%s', (_name, given, accepted, native, continuous) => {
    const store = storeOf(given)
    expect([unknownNative(store, new Set(accepted)), unknownContinuous(store)]).toEqual([native, continuous])
  })
})

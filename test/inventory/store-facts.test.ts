// Protects what the join says is proven of a data store: points, copies, who could destroy them, restores and jobs.
// Each fact exact, bounded where a part is missing, `null` or false where there is none, absent where it is not known.
import { describe, expect, it } from 'vitest'
import type { Attestation } from '../../src/model/policy.ts'
import {
  aged,
  ago,
  all,
  atLeast,
  atMost,
  away,
  byArn,
  cases,
  cluster,
  clusterArn,
  factAt,
  type Given,
  home,
  item,
  job,
  key,
  keyArn,
  letsAccount,
  of,
  own,
  partial,
  plan,
  point,
  type Row,
  restorable,
  restore,
  rule,
  scopeOf,
  settings,
  store,
  storeFacts,
  stream,
  tagged,
  taken,
  under,
  untold,
  type VaultPlace,
  vault,
  vaultAccount,
  vaultArn,
  volume,
  volumeArn,
} from './clinic.ts'

// ---- What is proven: recovery points. ----

const counts = ['pointCount', 'usableCount', 'automatedCount', 'manualCount']
const none = { pointCount: 0, usableCount: 0, automatedCount: 0, manualCount: 0 }

const statusRows = (
  [
    ['COMPLETED', 1],
    ['PARTIAL', 0],
    ['EXPIRED', 0],
    ['STOPPED', 0],
    ['CREATING', 0],
    [undefined, 0],
  ] as [string | undefined, number][]
).map(
  ([Status, usable]): Row => [
    `a point that is ${Status ?? 'of no stated status'}`,
    of(point(5, { Status })),
    Status === undefined
      ? { pointCount: 1, usableCount: { $atLeast: 0 }, newestAgeHours: undefined }
      : { pointCount: 1, usableCount: usable, newestAgeHours: usable ? 5 : null },
  ],
)

cases('recovery', 'recovery', [
  ...statusRows,
  [
    'no points, all read',
    {},
    { ...none, newestAgeHours: null, newestPointArn: null, continuous: false, retentionHeldDays: null },
  ],
  [
    'no points, not collected',
    { without: ['recovery-points'] },
    all(...counts, 'newestAgeHours', 'newestPointArn', 'continuous', 'retentionHeldDays', 'measuredLossHours'),
  ],
  ['no points, denied', { cut: ['recovery-points'] }, all(...counts, 'newestAgeHours')],
  [
    'the newest and the oldest of several',
    of(point(240), point(5), point(29)),
    {
      pointCount: 3,
      usableCount: 3,
      newestAgeHours: 5,
      retentionHeldDays: 10,
      measuredLossHours: 5,
      continuous: false,
    },
  ],
  ['a newer point that is not usable', of(point(29), point(2, { Status: 'PARTIAL' })), { newestAgeHours: 29 }],
  ...(['without', 'cut'] as const).map(
    (how): Row => [
      `bounds where points are incomplete (${how})`,
      { ...of(point(48), point(5)), [how]: ['recovery-points'] },
      {
        pointCount: atLeast(2),
        usableCount: atLeast(2),
        automatedCount: atLeast(2),
        manualCount: atLeast(0),
        newestAgeHours: atMost(5),
        measuredLossHours: atMost(5),
        retentionHeldDays: atLeast(2),
        continuous: undefined,
      },
    ],
  ),
  [
    'a point without a stated creation',
    of(point(5), point(1, { CreationDate: undefined })),
    { usableCount: 2, newestAgeHours: atMost(5) },
  ],
  [
    'on the edge of the look-back',
    of(point(720), point(720.01)),
    { automatedCount: 1, manualCount: 0, usableCount: 2 },
  ],
  ['made on demand', of(point(5, { CreatedBy: undefined })), { automatedCount: 0, manualCount: 1 }],
  ['a child of a composite point', of(point(5, { ParentRecoveryPointArn: 'arn:aws:backup:parent' })), none],
  ['a copy elsewhere is not local', of(point(5, {}, { region: away })), { ...none, newestAgeHours: null }],
  [
    'continuous: as new as its restorable time',
    { records: [restorable(0.1), stream(900)] },
    { usableCount: 1, newestAgeHours: 0.1, continuous: true, automatedCount: 1, measuredLossHours: 0.1 },
  ],
  [
    'continuous: a young creation never stands in for the restorable time',
    { records: [cluster(), stream(1)] },
    { continuous: true, newestAgeHours: undefined, measuredLossHours: undefined },
  ],
  [
    'continuous without a restorable time beside a snapshot',
    { records: [cluster(), stream(900), point(20, { ResourceArn: clusterArn, ResourceType: 'Aurora' })] },
    { newestAgeHours: atMost(20), retentionHeldDays: atLeast(0.83) },
  ],
])

// ---- Copies elsewhere. ----

const copy = (more: Record<string, unknown>) => ({
  crossRegion: false,
  crossAccount: false,
  airGapped: false,
  separateDomain: false,
  pointCount: 1,
  ageHours: 5,
  account: own,
  region: home,
  lockStrength: 0,
  ...more,
})
const inRegion = { region: away }
const inAccount = { account: vaultAccount }
const open = { Locked: false }
const gapped = { VaultType: 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT' }
const otherRegion = copy({ vaultArn: vaultArn(inRegion), region: away, crossRegion: true })
const otherAccount = copy({ vaultArn: vaultArn(inAccount), account: vaultAccount, crossAccount: true })
const copiesTo = (arn: string) => plan('nightly', [rule({ CopyActions: [{ DestinationBackupVaultArn: arn }] })])

describe('copies', () => {
  const rows: [name: string, given: Given, expected: unknown][] = [
    ['none', of(point(5)), []],
    ['points not collected', { without: ['recovery-points'] }, partial()],
    ['in another Region', of(vault(open, inRegion), point(5, {}, inRegion)), [otherRegion]],
    [
      'in another account, where the policy names no backup account',
      of(vault(open, inAccount), point(5, {}, inAccount)),
      [{ ...otherAccount, separateDomain: true }],
    ],
    [
      'in a backup account',
      { ...of(vault(open, inAccount), point(5, {}, inAccount)), assume: { backupAccounts: [vaultAccount] } },
      [{ ...otherAccount, separateDomain: true }],
    ],
    [
      'in an account that is none of the backup accounts',
      { ...of(vault(open, inAccount), point(5, {}, inAccount)), assume: { backupAccounts: ['777788889999'] } },
      [{ ...otherAccount, separateDomain: false }],
    ],
    [
      'air-gapped in the same Region',
      of(vault(gapped, { name: 'bunker' }), point(5, gapped, { name: 'bunker' })),
      [copy({ vaultArn: vaultArn({ name: 'bunker' }), airGapped: true, lockStrength: 3 })],
    ],
    [
      'in a Region whose points were not read whole',
      {
        ...of(vault(open, inRegion), point(5, {}, inRegion)),
        scopes: [scopeOf(own, home), scopeOf(own, away, { factGroups: ['vaults'] })],
      },
      [{ ...otherRegion, pointCount: atLeast(1), ageHours: atMost(5) }],
    ],
    [
      'sent to an account that was not read',
      of(settings(), copiesTo(vaultArn({ account: '777788889999' })), byArn('nightly')),
      partial(),
    ],
    ['sent to an account that was read', of(settings(), copiesTo(vaultArn(inAccount)), byArn('nightly')), []],
    ['selections not collected', { without: ['selections'] }, partial()],
  ]
  it.each(rows)('%s', (_name, given, expected) => {
    expect(factAt(storeFacts(given), 'copies')).toEqual(expected)
  })
})

// ---- Who could destroy every copy. ----

const survivor = (because: string, place: VaultPlace = {}) => ({
  vaultArn: vaultArn(place),
  account: place.account ?? own,
  because,
})
const locked = (LockDate?: string) => vault({ Locked: true, ...(LockDate && { LockDate }) })
const final = () => locked(ago(1))
const lost = (account = own) => ({ byOneAccount: true, account, survivors: [], oneKey: false, keyArn: null })
const kept = (...survivors: unknown[]) => ({
  byOneAccount: false,
  account: null,
  survivors,
  oneKey: false,
  keyArn: null,
})
const unsure = { byOneAccount: undefined, account: undefined }

cases('destroyability', 'destroyability', [
  ['no points', {}, { ...lost(), oneKey: null }],
  [
    'no points, not collected',
    { without: ['recovery-points'] },
    all('byOneAccount', 'account', 'survivors', 'oneKey', 'keyArn'),
  ],
  ['a vault without lock', of(vault(), point(5)), lost()],
  ['a final compliance lock', of(final(), point(5)), kept(survivor('complianceLock'))],
  ['a compliance lock that is final this second', of(locked(taken), point(5)), kept(survivor('complianceLock'))],
  ['a compliance lock in its last second of cooling off', of(locked(ago(-1 / 3600)), point(5)), lost()],
  ['a governance lock', of(locked(), point(5)), lost()],
  ['a lock that was not read', of(vault({}), point(5)), { ...unsure, survivors: partial() }],
  ['a vault that was not read', of(point(5)), { ...unsure, survivors: partial() }],
  [
    'an air-gapped copy of an own account',
    of(vault(), vault(gapped, { name: 'bunker' }), point(5), point(5, gapped, { name: 'bunker' })),
    { byOneAccount: false, survivors: [survivor('airGapped', { name: 'bunker' })] },
  ],
  [
    'copies in two accounts',
    of(vault(), vault(open, inAccount), point(5), point(5, {}, inAccount)),
    kept(survivor('otherAccount'), survivor('otherAccount', inAccount)),
  ],
  ['two Regions of one account', of(vault(), vault(open, inRegion), point(5), point(5, {}, inRegion)), lost()],
  ['the only copy is in another account', of(vault(open, inAccount), point(5, {}, inAccount)), lost(vaultAccount)],
  [
    'unusable points save nothing',
    of(final(), vault(open, inRegion), point(5, { Status: 'EXPIRED' }), point(5, {}, inRegion)),
    lost(),
  ],
  [
    'locked, under a key that its own account can delete',
    of(final(), key('CUSTOMER', letsAccount(own)), point(5, under(keyArn()))),
    { byOneAccount: true, account: own, survivors: [], oneKey: true, keyArn: keyArn() },
  ],
  [
    'locked, under a key of another account',
    of(final(), key('CUSTOMER', letsAccount(vaultAccount), vaultAccount), point(5, under(keyArn(vaultAccount)))),
    { byOneAccount: true, account: vaultAccount, survivors: [], oneKey: true, keyArn: keyArn(vaultAccount) },
  ],
  [
    'locked, under a key that AWS manages',
    of(final(), key('AWS'), point(5, under(keyArn()))),
    kept(survivor('complianceLock')),
  ],
  [
    'locked, under a key whose policy was not read',
    of(final(), key('CUSTOMER'), point(5, under(keyArn()))),
    { ...unsure, oneKey: undefined, keyArn: undefined },
  ],
  [
    'locked, under a key that was not read',
    of(final(), point(5, under(keyArn()))),
    { ...unsure, oneKey: undefined, survivors: partial() },
  ],
  ['locked, under a key that is not stated', of(final(), point(5, { EncryptionKeyType: undefined })), unsure],
  [
    'two keys: neither destroys everything alone',
    of(final(), key('CUSTOMER', letsAccount(own)), point(5, under(keyArn())), point(9)),
    { byOneAccount: undefined, oneKey: false, keyArn: null },
  ],
  [
    'points incomplete: a copy that was not read may survive',
    { ...of(vault(), point(5)), cut: ['recovery-points'] },
    { ...unsure, survivors: partial() },
  ],
  [
    'points incomplete, but one survives for certain',
    { ...of(final(), point(5)), cut: ['recovery-points'] },
    { byOneAccount: false, account: null, survivors: partial(survivor('complianceLock')) },
  ],
])

// ---- Restore tests. ----

const attest = (more: Partial<Attestation> = {}): Given => ({
  records: [aged(9000)],
  policy: {
    attestations: [
      {
        kind: 'restoreTest',
        resource: volumeArn,
        date: '2026-01-10',
        operator: 'ward',
        durationHours: 3,
        expires: '2027-01-01',
        ...more,
      },
    ],
  },
})
const neverOnRecord = { proven: undefined, ownProof: undefined, lastSuccessAgeHours: atLeast(720) }
const never = { proven: false, ownProof: false, lastSuccessAgeHours: null }
const proven = (hours: unknown) => ({ proven: true, ownProof: true, lastSuccessAgeHours: hours })
const testing = (arns: string[]) => [
  item('AWS::Backup::RestoreTestingPlan', 'drill', {
    RestoreTestingPlan: {
      RestoreTestingPlanName: 'drill',
      ScheduleExpression: 'cron(0 5 * * ? *)',
      RecoveryPointSelection: {},
    },
  }),
  item('AWS::Backup::RestoreTestingSelection', 'volumes', {
    RestoreTestingSelection: {
      RestoreTestingSelectionName: 'volumes',
      RestoreTestingPlanName: 'drill',
      ProtectedResourceType: 'EBS',
      ProtectedResourceArns: arns,
      ValidationWindowHours: 4,
    },
  }),
]
const siblingArn = volumeArn.replace('records', 'images')
const sibling = () => volume({ VolumeId: 'vol-images' }, { id: 'vol-images', arn: siblingArn, name: 'images' })

cases('restores', 'restores', [
  [
    'a restore job',
    store(aged(9000), restore(10, { ValidationStatus: 'SUCCESSFUL' })),
    {
      ...proven(10),
      lastStatus: 'COMPLETED',
      lastDurationHours: 2,
      lastValidation: 'SUCCESSFUL',
      restoredPointAgeHours: 20,
      attestedAgeHours: null,
    },
  ],
  ['a restore job that was not validated', store(aged(9000), restore(10)), { ...proven(10), lastValidation: null }],
  [
    'a validation that failed',
    store(aged(9000), restore(10, { ValidationStatus: 'FAILED' })),
    { lastValidation: 'FAILED' },
  ],
  [
    'the last of several',
    store(aged(9000), restore(30), restore(10), restore(2, { Status: 'FAILED' })),
    { ...proven(10), lastStatus: 'FAILED' },
  ],
  ['a child job', store(aged(9000), restore(10, { ParentJobId: 'parent' })), { ...neverOnRecord, lastStatus: null }],
  ['a job still running', store(aged(9000), restore(0, { Status: 'RUNNING' })), neverOnRecord],
  [
    'a restore where jobs are incomplete: a later one could only be younger',
    { records: [aged(9000), restore(10)], cut: ['restore-jobs'] },
    { ...proven(atMost(10)), lastStatus: undefined, lastDurationHours: undefined },
  ],
  ['a restore where tags, which may attest, are not known', { records: [untold(), restore(10)] }, proven(atMost(10))],
  ['none within the record of an older store', store(aged(720.1)), neverOnRecord],
  [
    'none since a store was created, on the edge',
    store(aged(720)),
    { ...never, lastDurationHours: null, restoredPointAgeHours: null },
  ],
  ['none, of a store of unknown age', {}, neverOnRecord],
  [
    'only failures of a young store',
    store(aged(100), restore(3, { Status: 'FAILED' })),
    { ...never, lastStatus: 'FAILED' },
  ],
  [
    'none, jobs not collected',
    { records: [aged(100)], without: ['restore-jobs'] },
    all('proven', 'ownProof', 'lastSuccessAgeHours', 'lastStatus'),
  ],
  ['none, tags not known', store(untold()), { ...all('proven', 'lastSuccessAgeHours'), attestedAgeHours: undefined }],
  ['a restore that the recovery point tells', store(aged(9000), point(50, { LastRestoreTime: ago(40) })), proven(40)],
  ['attested', attest(), { ...proven(126), attestedAgeHours: 126, lastDurationHours: 3 }],
  ['attested, on its last day', attest({ expires: '2026-01-15' }), proven(126)],
  ['attested, expired', attest({ expires: '2026-01-14' }), { ...neverOnRecord, attestedAgeHours: null }],
  ['attested for a day to come', attest({ date: '2026-01-17' }), { ...neverOnRecord, attestedAgeHours: null }],
  ['attested a failure', attest({ result: 'failure' }), neverOnRecord],
  ['attested for another store', attest({ resource: clusterArn }), neverOnRecord],
  ['attested by tag', store(tagged({ 'last-restore-test': '2026-01-12' })), { ...proven(78), attestedAgeHours: 78 }],
  [
    'a tag that is no date',
    store(tagged({ 'last-restore-test': 'soon' })),
    { ...neverOnRecord, attestedAgeHours: null },
  ],
  [
    'planned by a restore testing selection',
    of(...testing(['*'])),
    {
      planned: true,
      plans: [
        {
          plan: 'drill',
          selection: 'volumes',
          matchedBy: expect.any(String),
          validationWindowHours: 4,
          longestGapHours: 24,
        },
      ],
    },
  ],
  ['not planned', of(...testing([siblingArn])), { planned: false, plans: [] }],
  ['not planned as far as is known', { without: ['restore-testing'] }, { planned: undefined, plans: partial() }],
  [
    'a sibling was restored',
    of(sibling(), ...testing(['*']), restore(9, { SourceResourceArn: siblingArn })),
    { siblingProof: true, ...neverOnRecord },
  ],
  ['only the store itself was restored', of(sibling(), ...testing(['*']), restore(9)), { siblingProof: false }],
  [
    'a sibling of no selection',
    of(sibling(), ...testing([volumeArn]), restore(9, { SourceResourceArn: siblingArn })),
    { siblingProof: false },
  ],
  ...['restore-testing', 'restore-jobs', 'inventory'].map(
    (group): Row => [
      `no sibling known, ${group} not collected`,
      { ...of(...testing(['*'])), without: [group] },
      { siblingProof: undefined },
    ],
  ),
])

// ---- Jobs. ----

const ended = (finishedCount: unknown, failedCount: unknown, failedPercent: unknown) => ({
  finishedCount,
  failedCount,
  failedPercent,
})
const jobRows: Row[] = [
  ['none', {}, { ...ended(0, 0, null), lastState: null, lastMessage: null, lastFailureAgeHours: null }],
  [
    'none, not collected',
    { without: ['backup-jobs'] },
    { ...ended(atLeast(0), atLeast(0), undefined), lastState: undefined, lastFailureAgeHours: undefined },
  ],
  [
    'on the edge of the window',
    of(job(168, 'COMPLETED'), job(168.01, 'FAILED')),
    { ...ended(1, 0, 0), lastState: 'COMPLETED' },
  ],
  [
    'PARTIAL is a failure',
    of(job(30, 'COMPLETED'), job(6, 'PARTIAL', { StatusMessage: 'half the wards' })),
    { ...ended(2, 1, 50), lastState: 'PARTIAL', lastMessage: 'half the wards', lastFailureAgeHours: 6 },
  ],
  [
    'every way to fail',
    of(job(9, 'COMPLETED'), job(20, 'FAILED'), job(30, 'ABORTED'), job(40, 'EXPIRED')),
    { ...ended(4, 3, 75), lastState: 'COMPLETED', lastFailureAgeHours: 20 },
  ],
  ['percent to a hundredth', of(job(9, 'FAILED'), job(20, 'COMPLETED'), job(30, 'COMPLETED')), ended(3, 1, 33.33)],
  [
    'children and unfinished jobs',
    of(job(9, 'FAILED', { ParentJobId: 'parent' }), job(1, 'RUNNING')),
    ended(0, 0, null),
  ],
  [
    'a job of no stated state',
    of(job(9, 'COMPLETED'), job(5, 'FAILED', { State: undefined })),
    { ...ended(atLeast(1), atLeast(0), undefined), lastState: undefined },
  ],
  [
    'incomplete',
    { ...of(job(9, 'FAILED')), cut: ['backup-jobs'] },
    { ...ended(atLeast(1), atLeast(1), undefined), lastState: undefined, lastFailureAgeHours: undefined },
  ],
  ['a copy job is no backup job', of(job(9, 'FAILED', {}, 'AWS::Backup::CopyJob')), ended(0, 0, null)],
]
cases('backup jobs', 'jobs.backup', jobRows)
cases('copy jobs', 'jobs.copy', [
  [
    'a failed copy',
    of(job(9, 'FAILED', {}, 'AWS::Backup::CopyJob'), job(9, 'COMPLETED')),
    { ...ended(1, 1, 100), lastState: 'FAILED' },
  ],
  ['not collected', { without: ['copy-jobs'] }, ended(atLeast(0), atLeast(0), undefined)],
])

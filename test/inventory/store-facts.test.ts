// Protects what the join says of a data store: each fact exact where everything is known, bounded where a part is missing,
// `null` or false where it is known to be none, and absent where it is not known. Black-box: records in, facts out.
import { describe, expect, it } from 'vitest'
import { resourceDefinitions } from '../../src/generated/resources.ts'
import { InventoryBuilder } from '../../src/inventory/build.ts'
import type { Inventory } from '../../src/model/inventory.ts'
import type { Assumptions, Attestation, Policy } from '../../src/model/policy.ts'
import type { ResourceRecord, ScopeRecord, SnapshotRecord } from '../../src/model/record.ts'
import type { Subject } from '../../src/model/subject.ts'
import { builtInPolicy } from '../../src/policy/built-in.ts'

// ---- A clinic: its own account and Region, a Region for copies, an account for backups. ----

const own = '111122223333'
const vaultAccount = '444455556666'
const home = 'eu-west-1'
const away = 'eu-central-1'
const taken = '2026-01-15T06:00:00.000Z'
const ago = (hours: number) => new Date(Date.parse(taken) - hours * 3_600_000).toISOString()

const groups = [
  'alerts backup-jobs configuration copy-jobs inventory keys plans recovery-points region-settings',
  'replication restore-jobs restore-testing selections snapshot-policies snapshots tags vault-locks vault-policies vaults',
].flatMap(names => names.split(' '))

const scopeOf = (account: string, region: string, more: Partial<ScopeRecord> = {}): ScopeRecord => ({
  record: 'scope',
  id: `${account}/${region}`,
  source: 'aws',
  account,
  region,
  takenAt: taken,
  factGroups: groups,
  ...more,
})

const item = (
  type: string,
  id: string,
  configuration: Record<string, unknown>,
  more: Partial<ResourceRecord> = {},
): ResourceRecord => ({
  record: 'resource',
  scope: `${more.account ?? own}/${more.region ?? home}`,
  type,
  id,
  account: own,
  region: home,
  encoding: 'api',
  configuration,
  ...more,
})

const volumeArn = `arn:aws:ec2:${home}:${own}:volume/vol-records`
const clusterArn = `arn:aws:rds:${home}:${own}:cluster:patients`
const instanceArn = `arn:aws:ec2:${home}:${own}:instance/i-ward`

const volume = (configuration: Record<string, unknown> = {}, more: Partial<ResourceRecord> = {}) =>
  item(
    'AWS::EC2::Volume',
    'vol-records',
    { VolumeId: 'vol-records', State: 'available', Encrypted: true, Attachments: [], ...configuration },
    { arn: volumeArn, name: 'records', tags: {}, ...more },
  )
const tagged = (tags: Record<string, string> | null) => volume({}, { tags })
const untold = () => volume({}, { tags: undefined })
const attached = (more: Partial<ResourceRecord> = {}) =>
  volume({ State: 'in-use', Attachments: [{ InstanceId: 'i-ward', State: 'attached' }] }, more)
const aged = (hours: number) => volume({ CreateTime: ago(hours) })

const cluster = (configuration: Record<string, unknown> = {}, tags: Record<string, string> = {}) =>
  item(
    'AWS::RDS::DBCluster',
    'cluster-patients',
    { DBClusterIdentifier: 'patients', DBClusterArn: clusterArn, Engine: 'aurora-postgresql', ...configuration },
    { arn: clusterArn, name: 'patients', tags },
  )
const restorable = (hours: number) => cluster({ BackupRetentionPeriod: 7, LatestRestorableTime: ago(hours) })

const instance = (tags: Record<string, string> = {}) =>
  item('AWS::EC2::Instance', 'i-ward', { InstanceId: 'i-ward', State: { Name: 'running' } }, { arn: instanceArn, tags })

interface VaultPlace {
  name?: string
  account?: string
  region?: string
}
const vaultArn = ({ name = 'clinic', account = own, region = home }: VaultPlace = {}) =>
  `arn:aws:backup:${region}:${account}:backup-vault:${name}`

const vault = (configuration: Record<string, unknown> = { Locked: false }, place: VaultPlace = {}) => {
  const { name = 'clinic', account = own, region = home } = place
  return item(
    'AWS::Backup::BackupVault',
    name,
    { BackupVaultName: name, BackupVaultArn: vaultArn(place), VaultType: 'BACKUP_VAULT', ...configuration },
    { arn: vaultArn(place), account, region, supplementary: { AccessPolicy: null, Notifications: null } },
  )
}

let serial = 0
const byPlan = { BackupPlanId: 'nightly' }
/** A recovery point of the volume, by a plan, under a key that AWS owns. */
const point = (hours: number, configuration: Record<string, unknown> = {}, place: VaultPlace = {}) => {
  const arn = `arn:aws:backup:${home}:${own}:recovery-point:${++serial}`
  return item(
    'AWS::Backup::RecoveryPoint',
    arn,
    {
      RecoveryPointArn: arn,
      BackupVaultArn: vaultArn(place),
      BackupVaultName: place.name ?? 'clinic',
      ResourceArn: volumeArn,
      ResourceType: 'EBS',
      Status: 'COMPLETED',
      CreationDate: ago(hours),
      CreatedBy: byPlan,
      Lifecycle: { DeleteAfterDays: 35 },
      IsEncrypted: true,
      EncryptionKeyType: 'AWS_OWNED_KMS_KEY',
      ...configuration,
    },
    { account: place.account ?? own, region: place.region ?? home },
  )
}
const stream = (hours: number) =>
  point(hours, {
    RecoveryPointArn: `arn:aws:rds:${home}:${own}:cluster-snapshot:continuous:patients`,
    ResourceArn: clusterArn,
    ResourceType: 'Aurora',
  })

const job = (hours: number, State: string, more: Record<string, unknown> = {}, type = 'AWS::Backup::BackupJob') =>
  item(type, `job-${++serial}`, {
    ResourceArn: volumeArn,
    CreationDate: ago(hours + 1),
    CompletionDate: ago(hours),
    State,
    ...more,
  })
const restore = (hours: number, more: Record<string, unknown> = {}) =>
  item('AWS::Backup::RestoreJob', `restore-${++serial}`, {
    SourceResourceArn: volumeArn,
    RecoveryPointArn: `arn:aws:ec2:${home}::snapshot/snap-1`,
    RecoveryPointCreationDate: ago(hours + 22),
    CreationDate: ago(hours + 2),
    CompletionDate: ago(hours),
    Status: 'COMPLETED',
    ...more,
  })

const rule = (more: Record<string, unknown> = {}) => ({
  RuleName: 'nightly',
  TargetBackupVaultName: 'clinic',
  ScheduleExpression: 'cron(0 5 * * ? *)',
  StartWindowMinutes: 60,
  Lifecycle: { DeleteAfterDays: 35 },
  ...more,
})
const plan = (name: string, rules: Record<string, unknown>[] = [rule()], region = home) =>
  item(
    'AWS::Backup::BackupPlan',
    name,
    { BackupPlanId: name, BackupPlan: { BackupPlanName: name, Rules: rules } },
    { arn: `arn:aws:backup:${region}:${own}:backup-plan:${name}`, name, region },
  )
const equals = (ConditionKey: string, ConditionValue: string) => ({
  ConditionType: 'STRINGEQUALS',
  ConditionKey,
  ConditionValue,
})
const selection = (planId: string, body: Record<string, unknown>, region = home) =>
  item(
    'AWS::Backup::BackupSelection',
    `of-${planId}`,
    { BackupPlanId: planId, SelectionId: `of-${planId}`, BackupSelection: { SelectionName: `of-${planId}`, ...body } },
    { region },
  )
const byTag = (planId: string, ...tags: [string, string][]) =>
  selection(planId, { ListOfTags: tags.map(([key, value]) => equals(key, value)) })
const byArn = (planId: string, arn = volumeArn) => selection(planId, { Resources: [arn] })
const settings = (optIn: Record<string, boolean> = { EBS: true, EC2: true, Aurora: true }) =>
  item('AWS::Backup::RegionSettings', home, {
    ResourceTypeOptInPreference: optIn,
    ResourceTypeManagementPreference: {},
  })

const keyArn = (account = own) => `arn:aws:kms:${home}:${account}:key/pills`
const letsAccount = (account: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' }],
})
const key = (KeyManager: 'AWS' | 'CUSTOMER', policy?: object, account = own, Aliases: object[] = []) =>
  item(
    'AWS::KMS::Key',
    'pills',
    { KeyMetadata: { KeyId: 'pills', Arn: keyArn(account), KeyManager, KeyState: 'Enabled' } },
    { arn: keyArn(account), account, supplementary: { ...(policy && { Policy: JSON.stringify(policy) }), Aliases } },
  )
const under = (arn: string) => ({ EncryptionKeyArn: arn, EncryptionKeyType: 'CUSTOMER_MANAGED_KMS_KEY' })

interface Given {
  /** Resources; the store that is asked about comes first. The plain volume where there are none. */
  records?: ResourceRecord[]
  /** Fact groups that were not collected at home. */
  without?: string[]
  /** Fact groups at home that a denied call cut. */
  cut?: string[]
  scopes?: ScopeRecord[]
  assume?: Partial<Assumptions>
  policy?: Partial<Policy>
}

/** The plain volume, and what else is read. */
const of = (...records: ResourceRecord[]): Given => ({ records: [volume(), ...records] })
/** A store alone, or with what else is read. */
const store = (...records: ResourceRecord[]): Given => ({ records })

function inventoryOf(given: Given): { inventory: Inventory; subject: Subject } {
  const policy = { ...builtInPolicy(), ...given.policy }
  const builder = new InventoryBuilder({
    definitions: resourceDefinitions,
    policy: { ...policy, assumptions: { ...policy.assumptions, ...given.assume } },
    now: taken,
  })
  const read = groups.filter(group => !given.without?.includes(group))
  const scopes = given.scopes ?? [
    scopeOf(own, home, { factGroups: read }),
    scopeOf(own, away),
    scopeOf(vaultAccount, home),
  ]
  const records: SnapshotRecord[] = [...scopes, ...(given.records ?? [volume()])]
  if (given.cut)
    records.push({
      record: 'gap',
      scope: `${own}/${home}`,
      account: own,
      region: home,
      factGroups: given.cut,
      types: [],
      reason: 'denied',
      remedy: 'Allow the reading.',
    })
  for (const record of records) builder.add(record)
  const inventory = builder.finish()
  const wanted = (given.records ?? [volume()])[0]!
  for (let index = 0; index < inventory.size; index++) {
    const subject = inventory.subject(index)
    if (subject.kind === 'data-store' && subject.id === wanted.id) return { inventory, subject }
  }
  throw new Error('the store is not in the inventory')
}

const storeFacts = (given: Given): unknown => JSON.parse(JSON.stringify(inventoryOf(given).subject.facts))

function factAt(facts: unknown, path: string): unknown {
  let value = facts
  for (const name of path.split('.')) value = (value as Record<string, unknown> | null | undefined)?.[name]
  return value
}

/** A case: what is given, and facts by path; `undefined` = not known. */
type Row = [name: string, given: Given, expected: Record<string, unknown>]

function cases(title: string, group: string, rows: Row[]): void {
  describe(title, () => {
    it.each(rows)('%s', (_name, given, expected) => {
      const facts = storeFacts(given)
      const actual = Object.fromEntries(Object.keys(expected).map(path => [path, factAt(facts, `${group}.${path}`)]))
      expect(actual).toEqual(expected)
    })
  })
}

const atLeast = (value: number) => ({ $atLeast: value })
const atMost = (value: number) => ({ $atMost: value })
const partial = (...value: unknown[]) => ({ $partial: value })
const all = (...names: string[]) => Object.fromEntries(names.map(name => [name, undefined]))

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
    { pointCount: 1, usableCount: usable, newestAgeHours: usable ? 5 : null },
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
  [
    'a newer point that is not usable',
    of(point(29), point(2, { Status: 'PARTIAL' })),
    { newestAgeHours: 29 },
  ],
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
  [
    'made on demand',
    of(point(5, { CreatedBy: undefined })),
    { automatedCount: 0, manualCount: 1 },
  ],
  [
    'a child of a composite point',
    of(point(5, { ParentRecoveryPointArn: 'arn:aws:backup:parent' })),
    none,
  ],
  [
    'a copy elsewhere is not local',
    of(point(5, {}, { region: away })),
    { ...none, newestAgeHours: null },
  ],
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
      { ...of(vault(open, inAccount), point(5, {}, inAccount)), assume: { backupAccounts: [vaultAccount] }, },
      [{ ...otherAccount, separateDomain: true }],
    ],
    [
      'in an account that is none of the backup accounts',
      { ...of(vault(open, inAccount), point(5, {}, inAccount)), assume: { backupAccounts: ['777788889999'] }, },
      [{ ...otherAccount, separateDomain: false }],
    ],
    [
      'air-gapped in the same Region',
      of(vault(gapped, { name: 'bunker' }), point(5, gapped, { name: 'bunker' })),
      [copy({ vaultArn: vaultArn({ name: 'bunker' }), airGapped: true, lockStrength: 3 })],
    ],
    [
      'in a Region whose points were not read whole',
      { ...of(vault(open, inRegion), point(5, {}, inRegion)), scopes: [scopeOf(own, home), scopeOf(own, away, { factGroups: ['vaults'] })], },
      [{ ...otherRegion, pointCount: atLeast(1), ageHours: atMost(5) }],
    ],
    [
      'sent to an account that was not read',
      of(settings(), copiesTo(vaultArn({ account: '777788889999' })), byArn('nightly')),
      partial(),
    ],
    [
      'sent to an account that was read',
      of(settings(), copiesTo(vaultArn(inAccount)), byArn('nightly')),
      [],
    ],
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
  ['no points', {}, lost()],
  [
    'no points, not collected',
    { without: ['recovery-points'] },
    all('byOneAccount', 'account', 'survivors', 'oneKey', 'keyArn'),
  ],
  ['a vault without lock', of(vault(), point(5)), lost()],
  ['a final compliance lock', of(final(), point(5)), kept(survivor('complianceLock'))],
  [
    'a compliance lock that is final this second',
    of(locked(taken), point(5)),
    kept(survivor('complianceLock')),
  ],
  [
    'a compliance lock in its last second of cooling off',
    of(locked(ago(-1 / 3600)), point(5)),
    lost(),
  ],
  ['a governance lock', of(locked(), point(5)), lost()],
  ['a lock that was not read', of(vault({}), point(5)), { ...unsure, survivors: partial() }],
  ['a vault that was not read', of(point(5)), { ...unsure, survivors: partial() }],
  [
    'an air-gapped copy of an own account',
    of(vault(), vault(gapped, { name: 'bunker' }), point(5), point(5, gapped, { name: 'bunker' })),
    kept(survivor('airGapped', { name: 'bunker' })),
  ],
  [
    'copies in two accounts',
    of(vault(), vault(open, inAccount), point(5), point(5, {}, inAccount)),
    kept(survivor('otherAccount'), survivor('otherAccount', inAccount)),
  ],
  [
    'two Regions of one account',
    of(vault(), vault(open, inRegion), point(5), point(5, {}, inRegion)),
    lost(),
  ],
  [
    'the only copy is in another account',
    of(vault(open, inAccount), point(5, {}, inAccount)),
    lost(vaultAccount),
  ],
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
    of(final(),
        key('CUSTOMER', letsAccount(vaultAccount), vaultAccount),
        point(5, under(keyArn(vaultAccount)))),
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
  [
    'locked, under a key that is not stated',
    of(final(), point(5, { EncryptionKeyType: undefined })),
    unsure,
  ],
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
  [
    'a restore job that was not validated',
    store(aged(9000), restore(10)),
    { ...proven(10), lastValidation: null },
  ],
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
  [
    'a child job',
    store(aged(9000), restore(10, { ParentJobId: 'parent' })),
    { ...neverOnRecord, lastStatus: null },
  ],
  ['a job still running', store(aged(9000), restore(0, { Status: 'RUNNING' })), neverOnRecord],
  [
    'a restore where jobs are incomplete: a later one could only be younger',
    store(aged(9000), restore(10)], cut: ['restore-jobs'),
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
  [
    'none, tags not known',
    store(untold()),
    { ...all('proven', 'lastSuccessAgeHours'), attestedAgeHours: undefined },
  ],
  [
    'a restore that the recovery point tells',
    store(aged(9000), point(50, { LastRestoreTime: ago(40) })),
    proven(40),
  ],
  ['attested', attest(), { ...proven(126), attestedAgeHours: 126, lastDurationHours: 3 }],
  ['attested, on its last day', attest({ expires: '2026-01-15' }), proven(126)],
  ['attested, expired', attest({ expires: '2026-01-14' }), { ...neverOnRecord, attestedAgeHours: null }],
  ['attested for a day to come', attest({ date: '2026-01-17' }), { ...neverOnRecord, attestedAgeHours: null }],
  ['attested a failure', attest({ result: 'failure' }), neverOnRecord],
  ['attested for another store', attest({ resource: clusterArn }), neverOnRecord],
  [
    'attested by tag',
    store(tagged({ 'last-restore-test': '2026-01-12' })),
    { ...proven(78), attestedAgeHours: 78 },
  ],
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
          plan: 'drill',
          selection: 'volumes',
          matchedBy: expect.any(String),
          validationWindowHours: 4,
          longestGapHours: 24,,
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
  [
    'only the store itself was restored',
    of(sibling(), ...testing(['*']), restore(9)),
    { siblingProof: false },
  ],
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
  [
    'percent to a hundredth',
    of(job(9, 'FAILED'), job(20, 'COMPLETED'), job(30, 'COMPLETED')),
    ended(3, 1, 33.33),
  ],
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
  [
    'a copy job is no backup job',
    of(job(9, 'FAILED', {}, 'AWS::Backup::CopyJob')),
    ended(0, 0, null),
  ],
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

// ---- What is promised. ----

const backup = { backup: 'nightly' }
const nightly = (asked: ResourceRecord, ...more: ResourceRecord[]): ResourceRecord[] => [
  asked,
  settings(),
  plan('nightly'),
  byTag('nightly', ['backup', 'nightly']),
  ...more,
]
const promised = {
  covered: true,
  byPlan: true,
  worstCaseLossHours: 25.5,
  longestGapHours: 24,
  retentionDays: 35,
  keepsForever: false,
  nearMisses: [],
  continuous: false,
  endsAt: null,
}
const unprotected = {
  covered: false,
  byPlan: false,
  mechanisms: [],
  worstCaseLossHours: null,
  longestGapHours: null,
  retentionDays: 0,
  keepsForever: false,
}
const unknownCover = {
  covered: undefined,
  byPlan: undefined,
  mechanisms: partial(),
  worstCaseLossHours: undefined,
  retentionDays: undefined,
}
const withRules = (...rules: Record<string, unknown>[]): Given => (of(settings(), plan('nightly', rules), byArn('nightly')))
const noon = { RuleName: 'evening', ScheduleExpression: 'cron(0 17 * * ? *)' }
const mechanism = (more: Record<string, unknown>) => [
  expect.objectContaining({ kind: 'aws-backup', accepted: true, name: 'nightly', selection: 'of-nightly', ...more }),
]
const continuously = plan('nightly', [rule({ EnableContinuousBackup: true })])

cases('protection', 'protection', [
  ['no plan', {}, unprotected],
  [
    'by tag',
    { records: nightly(tagged(backup)) },
    { ...promised, mechanisms: mechanism({ via: null, worstCaseLossHours: 25.5 }) },
  ],
  ['by ARN', of(settings(), plan('nightly'), byArn('nightly')), promised],
  [
    'by ARN without the opt-in of its service',
    of(settings({ EBS: false }), plan('nightly'), byArn('nightly')),
    promised,
  ],
  [
    'by one of two tags',
    {
      records: [
        tagged({ ward: 'b' }),
        settings(),
        plan('nightly'),
        byTag('nightly', ['backup', 'nightly'], ['ward', 'b']),
      ],
    },
    promised,
  ],
  [
    'by tag although other ARNs are named: a union',
    {
      records: [
        tagged(backup),
        settings(),
        plan('nightly'),
        selection('nightly', { Resources: [clusterArn], ListOfTags: [equals('backup', 'nightly')] }),
      ],
    },
    promised,
  ],
  [
    'through its instance',
    { records: [attached(), instance(), settings(), plan('nightly'), byArn('nightly', instanceArn)] },
    { ...promised, mechanisms: mechanism({ via: instanceArn }) },
  ],
  [
    'through its instance, by the tag of the instance',
    { records: nightly(attached(), instance(backup)) },
    { ...promised, mechanisms: mechanism({ via: instanceArn }) },
  ],
  [
    'a selection without its plan’s opt-in',
    { records: nightly(tagged(backup)), without: ['region-settings'] },
    promised,
  ],
  [
    'by tag, opt-in not known',
    { records: nightly(tagged(backup)).filter(({ type }) => !type.endsWith('RegionSettings')) },
    unknownCover,
  ],
  ['by tag, tags not known', { records: nightly(untold()) }, unknownCover],
  [
    'no match, selections incomplete',
    { records: nightly(volume()), cut: ['selections'] },
    { ...unknownCover, nearMisses: partial(expect.anything()) },
  ],
  [
    'a match, selections incomplete: more could only better it',
    { records: nightly(tagged(backup)), cut: ['selections'] },
    {
      covered: true,
      byPlan: true,
      worstCaseLossHours: atMost(25.5),
      longestGapHours: atMost(24),
      retentionDays: atLeast(35),
      keepsForever: undefined,
    },
  ],
  ['a plan without rules', of(settings(), plan('nightly', []), byArn('nightly')), unprotected],
  [
    'AWS’s default start window of eight hours',
    withRules(rule({ StartWindowMinutes: undefined })),
    { worstCaseLossHours: 32.5 },
  ],
  ['a longer job', { ...withRules(rule()), assume: { jobMinutes: 90 } }, { worstCaseLossHours: 26.5 }],
  [
    'the gap between weeks',
    withRules(rule({ ScheduleExpression: 'cron(0 5 ? * MON-FRI *)' })),
    { longestGapHours: 72, worstCaseLossHours: 73.5 },
  ],
  [
    'a schedule that AWS would refuse',
    withRules(rule({ ScheduleExpression: 'cron(0 99 * * ? *)' })),
    { worstCaseLossHours: null, longestGapHours: null },
  ],
  ['two rules merged', withRules(rule(), rule(noon)), { longestGapHours: 12, worstCaseLossHours: 13.5 }],
  [
    'two rules merged, as late as the longer window',
    withRules(rule(), rule({ ...noon, StartWindowMinutes: 120 })),
    { longestGapHours: 12, worstCaseLossHours: 14.5 },
  ],
  [
    'two plans merged, kept as long as the longer',
    of(settings(),
        plan('nightly'),
        byArn('nightly'),
        plan('evening', [rule({ ...noon, Lifecycle: { DeleteAfterDays: 90 } })]),
        byArn('evening')),
    { longestGapHours: 12, worstCaseLossHours: 13.5, retentionDays: 90 },
  ],
  ['kept for ever', withRules(rule({ Lifecycle: {} })), { retentionDays: null, keepsForever: true }],
  [
    'continuous',
    { records: [cluster(), settings(), continuously, byArn('nightly', clusterArn)] },
    { covered: true, continuous: true, worstCaseLossHours: 0.083, longestGapHours: 0, retentionDays: 35 },
  ],
  ['continuous, of a type that has none', withRules(rule({ EnableContinuousBackup: true })), promised],
  [
    'a mechanism that the policy does not accept',
    { records: nightly(tagged(backup)), policy: { mechanisms: { '*': ['native-pitr'] } } },
    { covered: false, byPlan: true, worstCaseLossHours: null },
  ],
])

const miss = (reason: string, byAHair: boolean) => [
  expect.objectContaining({ reason, byAHair, selection: 'of-nightly', plan: 'nightly' }),
]
cases('near misses', 'protection', [
  [
    'case of the value',
    { records: nightly(tagged({ backup: 'Nightly' })) },
    { covered: false, nearMisses: miss('tagValueCase', true) },
  ],
  ['case of the key', { records: nightly(tagged({ Backup: 'nightly' })) }, { nearMisses: miss('tagKeyCase', true) }],
  ['another value', { records: nightly(tagged({ backup: 'weekly' })) }, { nearMisses: miss('tagValue', false) }],
  ['no such tag', { records: nightly(volume()) }, { nearMisses: miss('tagMissing', false) }],
  [
    'no opt-in',
    store(tagged(backup), settings({ EBS: false }), plan('nightly'), byTag('nightly', ['backup', 'nightly'])),
    { covered: false, nearMisses: miss('optInOff', true) },
  ],
  [
    'excluded',
    of(settings(),
        plan('nightly'),
        selection('nightly', { Resources: ['*'], NotResources: [volumeArn] })),
    { covered: false, nearMisses: miss('excluded', true) },
  ],
  [
    'a plan in another Region',
    {
      records: [
        tagged(backup),
        settings(),
        plan('nightly', [rule()], away),
        selection('nightly', { ListOfTags: [equals('backup', 'nightly')] }, away),
      ],
    },
    { covered: false, nearMisses: miss('otherRegion', true) },
  ],
])

// ---- Classification and objectives. ----

const ruled = (
  asked: ResourceRecord,
  match: Record<string, unknown>,
  more: Partial<Policy['classification']> = {},
): Given => ({
  records: [asked],
  policy: { classification: { tag: 'criticality', rules: [{ tier: 'tier0', ...match }], default: 'tier2', ...more } },
})
const tier = (name: string | null, named: boolean, by: string) => ({ tier: name, named, by })
const noTier = all('tier', 'named', 'by')
cases('classification', 'classification', [
  [
    'by default',
    {},
    {
      ...tier('tier2', false, 'default'),
      missingTags: ['data-classification', 'criticality'],
      dataClassification: null,
    },
  ],
  [
    'by tag',
    store(tagged({ criticality: 'tier1', 'data-classification': 'health' })),
    { ...tier('tier1', true, 'tag'), missingTags: [], dataClassification: 'health' },
  ],
  [
    'an empty tag is missing',
    store(tagged({ criticality: 'tier1', 'data-classification': '' })),
    { missingTags: ['data-classification'] },
  ],
  ['a tag that names no tier', store(tagged({ criticality: 'vital' })), tier('tier2', false, 'default')],
  [
    'a tag that names what every object has',
    store(tagged({ criticality: 'constructor' })),
    tier('tier2', false, 'default'),
  ],
  ['known to have no tags', store(tagged(null)), tier('tier2', false, 'default')],
  ['tags not known', store(untold()), { ...noTier, ...all('missingTags', 'dataClassification') }],
  [
    'tags not known and not asked for',
    { records: [untold()], policy: { classification: { tag: null, rules: [], default: 'tier3' } } },
    tier('tier3', false, 'default'),
  ],
  ['no default', { policy: { classification: { tag: null, rules: [], default: null } } }, tier(null, false, 'default')],
  ['a rule before the tag', ruled(tagged({ criticality: 'tier3' }), { name: 'rec*' }), tier('tier0', true, 'rule')],
  [
    'a rule that matches in part does not',
    ruled(tagged({ criticality: 'tier3' }), { name: 'rec*', account: vaultAccount }),
    tier('tier3', true, 'tag'),
  ],
  ['a rule by tag', ruled(tagged({ ward: 'b' }), { tags: { ward: 'b' } }), tier('tier0', true, 'rule')],
  ['a rule without tags, tags not known', ruled(untold(), { type: 'AWS::EC2::*' }), tier('tier0', true, 'rule')],
  ['a rule by tag, tags not known', ruled(untold(), { tags: { ward: 'b' } }, { tag: null }), noTier],
  [
    'a rule by tag that fails otherwise, tags not known',
    ruled(untold(), { region: away, tags: { ward: 'b' } }, { tag: null }),
    tier('tier2', false, 'default'),
  ],
])
cases('objectives', 'objectives', [
  [
    'of tier1',
    store(tagged({ criticality: 'tier1' })),
    {
      rpoHours: 4,
      rtoHours: 4,
      retentionDays: 35,
      crossRegionCopy: true,
      crossAccountCopy: true,
      immutabilityStrength: 2,
      airGappedCopyAgeHours: null,
      copyAgeHours: 52,
      restoreTestAgeHours: 2160,
      restoredPointAgeHours: 28,
      validateRestores: true,
    },
  ],
  [
    'of no tier',
    { policy: { classification: { tag: null, rules: [], default: null } } },
    { rpoHours: null, crossRegionCopy: false, immutabilityStrength: 0, copyAgeHours: null },
  ],
  ['of a tier that is not known', store(untold()), all('rpoHours', 'crossRegionCopy', 'immutabilityStrength')],
])

// ---- Reproducible data and runbooks. ----

const full = 'reason=derived source=lab procedure=wiki/rebuild reviewBy=2026-02-01'
const claim = (more: Record<string, unknown>) => ({
  claimed: true,
  by: 'tag',
  missingFields: [],
  reviewAgeHours: -402,
  rehearsedAgeHours: null,
  rehearsedDurationHours: null,
  ...more,
})
const exempt = (more: Record<string, unknown> = {}): Given => ({
  policy: {
    exemptions: [
      {
        kind: 'reproducible',
        resource: volumeArn,
        reason: 'derived',
        owner: 'lab',
        expires: '2026-02-01',
        source: 'lab',
        procedure: 'wiki',
        ...more,
      },
    ],
  },
})
const rebuild: Attestation = {
  kind: 'rebuild',
  resource: volumeArn,
  date: '2026-01-10',
  operator: 'lab',
  durationHours: 2,
  expires: '2027-01-01',
}
cases('reproduction', 'reproduction', [
  ['not claimed', {}, { claimed: false, by: null, missingFields: [], reviewAgeHours: null, rehearsedAgeHours: null }],
  ['tags not known', store(untold()), all('claimed', 'by', 'missingFields', 'reviewAgeHours')],
  ['by tag', store(tagged({ 'backup-exempt': full })), claim({})],
  [
    'by tag with blanks in a field',
    store(tagged({ 'backup-exempt': full.replace('derived', 'derived every night') })),
    claim({}),
  ],
  [
    'by tag, rehearsed',
    store(tagged({ 'backup-exempt': `${full} lastRehearsed=2026-01-10` })),
    claim({ rehearsedAgeHours: 126 }),
  ],
  [
    'by tag, to be rehearsed some day',
    store(tagged({ 'backup-exempt': `${full} lastRehearsed=2026-03-01` })),
    claim({}),
  ],
  [
    'by tag, fields missing',
    store(tagged({ 'backup-exempt': 'reason=derived' })),
    claim({ missingFields: ['source', 'procedure', 'reviewBy'], reviewAgeHours: null }),
  ],
  [
    'by tag, all fields missing',
    store(tagged({ 'backup-exempt': 'true' })),
    claim({ missingFields: ['reason', 'source', 'procedure', 'reviewBy'], reviewAgeHours: null }),
  ],
  ['by policy', exempt(), claim({ by: 'policy' })],
  [
    'by policy, rehearsed',
    exempt({ lastRehearsed: '2026-01-12', rehearsalHours: 5 }),
    claim({ by: 'policy', rehearsedAgeHours: 78, rehearsedDurationHours: 5 }),
  ],
  ['by policy, without a source', exempt({ source: undefined }), claim({ by: 'policy', missingFields: ['source'] })],
  ['by policy, tags not known', { ...exempt(), records: [untold()] }, claim({ by: 'policy' })],
  ['by policy, of another store', exempt({ resource: clusterArn }), { claimed: false, by: null }],
  [
    'rehearsed by an attested rebuild',
    { records: [tagged({ 'backup-exempt': full })], policy: { attestations: [rebuild] } },
    claim({ rehearsedAgeHours: 126, rehearsedDurationHours: 2 }),
  ],
  [
    'an attested rebuild that failed',
    { records: [tagged({ 'backup-exempt': full })], policy: { attestations: [{ ...rebuild, result: 'failure' }] } },
    claim({}),
  ],
])

const runbook: Partial<Policy> = { attestations: [{ ...rebuild, kind: 'runbook' }] }
cases('runbook', 'runbook', [
  ['none', {}, { linked: false, reviewAgeHours: null }],
  ['by tag', store(tagged({ 'restore-runbook': 'wiki/restore' })), { linked: true, reviewAgeHours: null }],
  ['an empty tag', store(tagged({ 'restore-runbook': '' })), { linked: false }],
  ['tags not known', store(untold()), { linked: undefined, reviewAgeHours: undefined }],
  ['attested', { policy: runbook }, { linked: true, reviewAgeHours: 126 }],
  ['attested, tags not known', { records: [untold()], policy: runbook }, { linked: true, reviewAgeHours: 126 }],
])

// ---- Who manages a store's key. ----

const withKey = (KmsKeyId: string) => volume({ KmsKeyId })
const alias = `arn:aws:kms:${home}:${own}:alias/pills`
cases('key manager', 'encryption', [
  ['an alias of AWS', { records: [withKey(`arn:aws:kms:${home}:${own}:alias/aws/ebs`)] }, { keyManager: 'aws' }],
  ['a customer’s key', { records: [withKey(keyArn()), key('CUSTOMER')] }, { keyManager: 'customer', keyArn: keyArn() }],
  ['a key that AWS manages', { records: [withKey(keyArn()), key('AWS')] }, { keyManager: 'aws' }],
  [
    'an alias of a key',
    { records: [withKey(alias), key('CUSTOMER', undefined, own, [{ AliasName: 'alias/pills' }])] },
    { keyManager: 'customer' },
  ],
  [
    'an alias read apart',
    {
      records: [
        withKey(alias),
        key('CUSTOMER'),
        item('AWS::KMS::Alias', 'alias/pills', { AliasName: 'alias/pills', AliasArn: alias, TargetKeyId: 'pills' }),
      ],
    },
    { keyManager: 'customer' },
  ],
  ['a key that was not read', { records: [withKey(keyArn())] }, { keyManager: undefined, keyArn: keyArn() }],
  [
    'a key of another account',
    { records: [withKey(keyArn(vaultAccount)), key('CUSTOMER')] },
    { keyManager: undefined },
  ],
  [
    'an alias that only looks like AWS’s',
    { records: [withKey(`arn:aws:kms:${home}:${own}:alias/awsome`)] },
    { keyManager: undefined },
  ],
])

// ---- Why a fact is not known. ----

describe('why a fact is missing', () => {
  const template = (more: Partial<ScopeRecord> = {}) => [
    scopeOf(own, home, { source: 'cloudformation', takenAt: undefined, factGroups: [], ...more }),
  ]
  const rows: [name: string, given: Given, path: string, group: string, reason: string][] = [
    ['a denied call', { cut: ['recovery-points'] }, 'recovery.usableCount', 'recovery-points', 'denied'],
    [
      'a group that was not collected',
      { without: ['recovery-points'] },
      'recovery.usableCount',
      'recovery-points',
      'notCollected',
    ],
    [
      'a snapshot without a time',
      { ...of(point(5)), scopes: [scopeOf(own, home, { takenAt: undefined })] },
      'recovery.newestAgeHours',
      'recovery-points',
      'noClock',
    ],
    [
      'a template and what happens at run time',
      { scopes: template() },
      'jobs.backup.lastState',
      'backup-jobs',
      'notInSource',
    ],
    ['a template and what others may declare', { scopes: template() }, 'protection.covered', 'plans', 'openWorld'],
    [
      'AWS Config',
      { scopes: [scopeOf(own, home, { source: 'aws-config-snapshot', factGroups: [] })] },
      'jobs.backup.lastState',
      'backup-jobs',
      'notInSource',
    ],
    ['AWS itself', { records: [cluster(), stream(5)] }, 'recovery.newestAgeHours', 'recovery-points', 'notStated'],
  ]
  it.each(rows)('%s', (_name, given, path, group, reason) => {
    const { inventory, subject } = inventoryOf(given)
    expect(factAt(JSON.parse(JSON.stringify(subject.facts)), path)).toBeUndefined()
    expect(inventory.whyMissing(subject, path, group)).toMatchObject({
      path,
      factGroup: group,
      reason,
      remedy: expect.any(String),
    })
  })
})

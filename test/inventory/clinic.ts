// Records of a clinic, and the facts that the join makes of them: what the tests of store facts are written with.
import { describe, expect, it } from 'vitest'
import { resourceDefinitions } from '../../src/generated/resources.ts'
import { InventoryBuilder } from '../../src/inventory/build.ts'
import type { Inventory } from '../../src/model/inventory.ts'
import type { Assumptions, Policy } from '../../src/model/policy.ts'
import type { ResourceRecord, ScopeRecord, SnapshotRecord } from '../../src/model/record.ts'
import type { Subject } from '../../src/model/subject.ts'
import { builtInPolicy } from '../../src/policy/built-in.ts'

// ---- A clinic: its own account and Region, a Region for copies, an account for backups. ----

export const own = '111122223333'
export const vaultAccount = '444455556666'
export const home = 'eu-west-1'
export const away = 'eu-central-1'
export const taken = '2026-01-15T06:00:00.000Z'
export const ago = (hours: number) => new Date(Date.parse(taken) - hours * 3_600_000).toISOString()

export const groups = [
  'alerts backup-jobs configuration copy-jobs inventory keys plans recovery-points region-settings',
  'replication restore-jobs restore-testing selections snapshot-policies snapshots tags vault-locks vault-policies vaults',
].flatMap(names => names.split(' '))

export const scopeOf = (account: string, region: string, more: Partial<ScopeRecord> = {}): ScopeRecord => ({
  record: 'scope',
  id: `${account}/${region}`,
  source: 'aws',
  account,
  region,
  takenAt: taken,
  factGroups: groups,
  ...more,
})

export const item = (
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

export const volumeArn = `arn:aws:ec2:${home}:${own}:volume/vol-records`
export const clusterArn = `arn:aws:rds:${home}:${own}:cluster:patients`
export const instanceArn = `arn:aws:ec2:${home}:${own}:instance/i-ward`

export const volume = (configuration: Record<string, unknown> = {}, more: Partial<ResourceRecord> = {}) =>
  item(
    'AWS::EC2::Volume',
    'vol-records',
    { VolumeId: 'vol-records', State: 'available', Encrypted: true, Attachments: [], ...configuration },
    { arn: volumeArn, name: 'records', tags: {}, ...more },
  )
export const tagged = (tags: Record<string, string> | null) => volume({}, { tags })
export const untold = () => volume({}, { tags: undefined })
export const attached = (more: Partial<ResourceRecord> = {}) =>
  volume({ State: 'in-use', Attachments: [{ InstanceId: 'i-ward', State: 'attached' }] }, more)
export const aged = (hours: number) => volume({ CreateTime: ago(hours) })

export const cluster = (configuration: Record<string, unknown> = {}, tags: Record<string, string> = {}) =>
  item(
    'AWS::RDS::DBCluster',
    'cluster-patients',
    { DBClusterIdentifier: 'patients', DBClusterArn: clusterArn, Engine: 'aurora-postgresql', ...configuration },
    { arn: clusterArn, name: 'patients', tags },
  )
export const restorable = (hours: number) => cluster({ BackupRetentionPeriod: 7, LatestRestorableTime: ago(hours) })

export const instance = (tags: Record<string, string> = {}) =>
  item('AWS::EC2::Instance', 'i-ward', { InstanceId: 'i-ward', State: { Name: 'running' } }, { arn: instanceArn, tags })

export interface VaultPlace {
  name?: string
  account?: string
  region?: string
}
export const vaultArn = ({ name = 'clinic', account = own, region = home }: VaultPlace = {}) =>
  `arn:aws:backup:${region}:${account}:backup-vault:${name}`

export const vault = (configuration: Record<string, unknown> = { Locked: false }, place: VaultPlace = {}) => {
  const { name = 'clinic', account = own, region = home } = place
  return item(
    'AWS::Backup::BackupVault',
    name,
    { BackupVaultName: name, BackupVaultArn: vaultArn(place), VaultType: 'BACKUP_VAULT', ...configuration },
    { arn: vaultArn(place), account, region, supplementary: { AccessPolicy: null, Notifications: null } },
  )
}

let serial = 0
export const byPlan = { BackupPlanId: 'nightly' }
/** A recovery point of the volume, by a plan, under a key that AWS owns. */
export const point = (hours: number, configuration: Record<string, unknown> = {}, place: VaultPlace = {}) => {
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
export const stream = (hours: number) =>
  point(hours, {
    RecoveryPointArn: `arn:aws:rds:${home}:${own}:cluster-snapshot:continuous:patients`,
    ResourceArn: clusterArn,
    ResourceType: 'Aurora',
  })

export const job = (
  hours: number,
  State: string,
  more: Record<string, unknown> = {},
  type = 'AWS::Backup::BackupJob',
) =>
  item(type, `job-${++serial}`, {
    ResourceArn: volumeArn,
    CreationDate: ago(hours + 1),
    CompletionDate: ago(hours),
    State,
    ...more,
  })
export const restore = (hours: number, more: Record<string, unknown> = {}) =>
  item('AWS::Backup::RestoreJob', `restore-${++serial}`, {
    SourceResourceArn: volumeArn,
    RecoveryPointArn: `arn:aws:ec2:${home}::snapshot/snap-1`,
    RecoveryPointCreationDate: ago(hours + 22),
    CreationDate: ago(hours + 2),
    CompletionDate: ago(hours),
    Status: 'COMPLETED',
    ...more,
  })

export const rule = (more: Record<string, unknown> = {}) => ({
  RuleName: 'nightly',
  TargetBackupVaultName: 'clinic',
  ScheduleExpression: 'cron(0 5 * * ? *)',
  StartWindowMinutes: 60,
  Lifecycle: { DeleteAfterDays: 35 },
  ...more,
})
export const plan = (name: string, rules: Record<string, unknown>[] = [rule()], region = home) =>
  item(
    'AWS::Backup::BackupPlan',
    name,
    { BackupPlanId: name, BackupPlan: { BackupPlanName: name, Rules: rules } },
    { arn: `arn:aws:backup:${region}:${own}:backup-plan:${name}`, name, region },
  )
export const equals = (ConditionKey: string, ConditionValue: string) => ({
  ConditionType: 'STRINGEQUALS',
  ConditionKey,
  ConditionValue,
})
export const selection = (planId: string, body: Record<string, unknown>, region = home) =>
  item(
    'AWS::Backup::BackupSelection',
    `of-${planId}`,
    { BackupPlanId: planId, SelectionId: `of-${planId}`, BackupSelection: { SelectionName: `of-${planId}`, ...body } },
    { region },
  )
export const byTag = (planId: string, ...tags: [string, string][]) =>
  selection(planId, { ListOfTags: tags.map(([key, value]) => equals(key, value)) })
export const byArn = (planId: string, arn = volumeArn) => selection(planId, { Resources: [arn] })
export const settings = (optIn: Record<string, boolean> = { EBS: true, EC2: true, Aurora: true }) =>
  item('AWS::Backup::RegionSettings', home, {
    ResourceTypeOptInPreference: optIn,
    ResourceTypeManagementPreference: {},
  })

export const keyArn = (account = own) => `arn:aws:kms:${home}:${account}:key/pills`
export const letsAccount = (account: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' }],
})
export const key = (KeyManager: 'AWS' | 'CUSTOMER', policy?: object, account = own, Aliases: object[] = []) =>
  item(
    'AWS::KMS::Key',
    'pills',
    { KeyMetadata: { KeyId: 'pills', Arn: keyArn(account), KeyManager, KeyState: 'Enabled' } },
    { arn: keyArn(account), account, supplementary: { ...(policy && { Policy: JSON.stringify(policy) }), Aliases } },
  )
export const under = (arn: string) => ({ EncryptionKeyArn: arn, EncryptionKeyType: 'CUSTOMER_MANAGED_KMS_KEY' })

export interface Given {
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
export const of = (...records: ResourceRecord[]): Given => ({ records: [volume(), ...records] })
/** A store alone, or with what else is read. */
export const store = (...records: ResourceRecord[]): Given => ({ records })

export function inventoryOf(given: Given): { inventory: Inventory; subject: Subject } {
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

export const storeFacts = (given: Given): unknown => JSON.parse(JSON.stringify(inventoryOf(given).subject.facts))

export function factAt(facts: unknown, path: string): unknown {
  let value = facts
  for (const name of path.split('.')) value = (value as Record<string, unknown> | null | undefined)?.[name]
  return value
}

/** A case: what is given, and facts by path; `undefined` = not known. */
export type Row = [name: string, given: Given, expected: Record<string, unknown>]

export function cases(title: string, group: string, rows: Row[]): void {
  describe(title, () => {
    it.each(rows)('%s', (_name, given, expected) => {
      const facts = storeFacts(given)
      const actual = Object.fromEntries(Object.keys(expected).map(path => [path, factAt(facts, `${group}.${path}`)]))
      expect(actual).toEqual(expected)
    })
  })
}

export const atLeast = (value: number) => ({ $atLeast: value })
export const atMost = (value: number) => ({ $atMost: value })
export const partial = (...value: unknown[]) => ({ $partial: value })
export const all = (...names: string[]) => Object.fromEntries(names.map(name => [name, undefined]))

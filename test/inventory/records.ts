// A bookshop's records for tests of the join: one account and Region read whole, and short ways to say what is in it.
import { resourceDefinitions } from '../../src/generated/resources.ts'
import { InventoryBuilder } from '../../src/inventory/build.ts'
import type { Facts } from '../../src/model/facts.ts'
import type { Inventory } from '../../src/model/inventory.ts'
import type { Assumptions, Policy } from '../../src/model/policy.ts'
import type { GapRecord, ResourceRecord, ScopeRecord, SnapshotRecord } from '../../src/model/record.ts'
import type { Subject, SubjectKind } from '../../src/model/subject.ts'
import { builtInPolicy } from '../../src/policy/built-in.ts'

export const account = '111122223333'
export const backupAccount = '444455556666'
export const region = 'eu-west-1'
export const otherRegion = 'eu-central-1'
export const takenAt = '2026-01-15T06:00:00.000Z'

/** An instant some hours before the scope was taken. */
export const ago = (hours: number) => new Date(Date.parse(takenAt) - hours * 3_600_000).toISOString()

/** Every fact group that a collection of one Region reads. */
export const regionGroups = [
  'alerts',
  'audit',
  'backup-jobs',
  'configuration',
  'copy-jobs',
  'inventory',
  'keys',
  'plans',
  'recovery-points',
  'region-settings',
  'replication',
  'restore-jobs',
  'restore-testing',
  'selections',
  'snapshot-policies',
  'snapshots',
  'tags',
  'vault-locks',
  'vault-policies',
  'vaults',
]

/** A scope; its id is its place unless given. `undefined` takes a member away. */
export function scope(more: Partial<ScopeRecord> = {}): ScopeRecord {
  const made: ScopeRecord = {
    record: 'scope',
    id: `${'account' in more ? more.account : account}/${'region' in more ? more.region : region}`,
    source: 'aws',
    account,
    region,
    takenAt,
    factGroups: regionGroups,
    ...more,
  }
  return JSON.parse(JSON.stringify(made)) as ScopeRecord
}

/** One configuration item, as the API tells it. */
export function resource(
  type: string,
  id: string,
  configuration: Record<string, unknown> = {},
  more: Partial<ResourceRecord> = {},
): ResourceRecord {
  const made = { record: 'resource', type, id, account, region, encoding: 'api', configuration, ...more }
  const of = JSON.parse(JSON.stringify(made)) as ResourceRecord
  return { ...of, scope: more.scope ?? `${of.account}/${of.region}` }
}

/** What could not be read. */
export function gap(factGroups: string[], more: Partial<GapRecord> = {}): GapRecord {
  return {
    record: 'gap',
    scope: `${account}/${region}`,
    account,
    region,
    factGroups,
    types: [],
    reason: 'denied',
    remedy: `Allow it: ${factGroups.join(', ')}.`,
    ...more,
  }
}

export const tableArn = (name: string, at = region, of = account) => `arn:aws:dynamodb:${at}:${of}:table/${name}`

/** A DynamoDB table. */
export function table(name: string, more: Partial<ResourceRecord> = {}, configuration: Record<string, unknown> = {}) {
  const at = more.region ?? region
  const of = more.account ?? account
  return resource(
    'AWS::DynamoDB::Table',
    name,
    { TableName: name, TableStatus: 'ACTIVE', ...configuration },
    { arn: tableArn(name, at, of), name, tags: {}, ...more },
  )
}

export const vaultArn = (name: string, at = region, of = account) => `arn:aws:backup:${at}:${of}:backup-vault:${name}`

/** A backup vault without lock, policy and notifications, unless given. */
export function vault(
  name: string,
  configuration: Record<string, unknown> = {},
  more: Partial<ResourceRecord> = {},
): ResourceRecord {
  const arn = vaultArn(name, more.region ?? region, more.account ?? account)
  return resource(
    'AWS::Backup::BackupVault',
    name,
    {
      BackupVaultName: name,
      BackupVaultArn: arn,
      VaultType: 'BACKUP_VAULT',
      EncryptionKeyArn: 'alias/aws/backup',
      Locked: false,
      NumberOfRecoveryPoints: 0,
      ...configuration,
    },
    { arn, supplementary: { AccessPolicy: null, Notifications: null }, ...more },
  )
}

export const planArn = (id: string, at = region) => `arn:aws:backup:${at}:${account}:backup-plan:${id}`

/** A backup plan; a rule is daily at five into `shop`, kept 35 days, unless it says otherwise. */
export function plan(id: string, rules: Record<string, unknown>[] = [{}], more: Partial<ResourceRecord> = {}) {
  return resource(
    'AWS::Backup::BackupPlan',
    id,
    {
      BackupPlanId: id,
      BackupPlan: {
        BackupPlanName: id,
        Rules: rules.map((rule, i) => ({
          RuleName: `rule-${i}`,
          RuleId: `rule-${i}`,
          TargetBackupVaultName: 'shop',
          ScheduleExpression: 'cron(0 5 ? * * *)',
          StartWindowMinutes: 60,
          CompletionWindowMinutes: 180,
          Lifecycle: { DeleteAfterDays: 35 },
          ...rule,
        })),
      },
    },
    { arn: planArn(id, more.region ?? region), name: id, ...more },
  )
}

/** A backup selection; of everything unless it says otherwise. */
export function selection(
  planId: string,
  id: string,
  backupSelection: Record<string, unknown> = { Resources: ['*'] },
  more: Partial<ResourceRecord> = {},
) {
  return resource(
    'AWS::Backup::BackupSelection',
    id,
    {
      BackupPlanId: planId,
      SelectionId: id,
      BackupSelection: {
        SelectionName: id,
        IamRoleArn: `arn:aws:iam::${account}:role/backup`,
        Resources: [],
        NotResources: [],
        ListOfTags: [],
        Conditions: { StringEquals: [], StringNotEquals: [], StringLike: [], StringNotLike: [] },
        ...backupSelection,
      },
    },
    more,
  )
}

/** Region settings that opt everything in. */
export function optedIn(preference: Record<string, boolean> = {}, more: Partial<ResourceRecord> = {}) {
  return resource(
    'AWS::Backup::RegionSettings',
    'region-settings',
    {
      ResourceTypeOptInPreference: {
        DynamoDB: true,
        EBS: true,
        EC2: true,
        EFS: true,
        RDS: true,
        S3: true,
        ...preference,
      },
      ResourceTypeManagementPreference: { DynamoDB: true },
    },
    more,
  )
}

/** A recovery point of a table in `shop`, made by a plan, unless it says otherwise. */
export function point(
  id: string,
  hours: number,
  more: Record<string, unknown> = {},
  record: Partial<ResourceRecord> = {},
) {
  const arn = `arn:aws:backup:${region}:${account}:recovery-point:${id}`
  return resource(
    'AWS::Backup::RecoveryPoint',
    arn,
    {
      RecoveryPointArn: arn,
      BackupVaultName: 'shop',
      BackupVaultArn: vaultArn('shop', record.region ?? region, record.account ?? account),
      ResourceArn: tableArn('orders'),
      ResourceType: 'DynamoDB',
      Status: 'COMPLETED',
      CreationDate: ago(hours),
      CompletionDate: ago(hours - 0.5),
      Lifecycle: { DeleteAfterDays: 35 },
      IsEncrypted: true,
      EncryptionKeyArn: `arn:aws:kms:${region}:${account}:key/shop`,
      CreatedBy: { BackupPlanId: 'nightly' },
      ...more,
    },
    { arn, ...record },
  )
}

/** The default policy, with some of it changed. */
export function policy(more: Partial<Policy> = {}, assumptions: Partial<Assumptions> = {}): Policy {
  const base = builtInPolicy()
  return { ...base, ...more, assumptions: { ...base.assumptions, ...more.assumptions, ...assumptions } }
}

export interface JoinOptions {
  policy?: Policy
  now?: string
  clock?: string
}

/** The inventory of some records. The Region's scope comes first unless one is among them. */
export function inventoryOf(records: readonly SnapshotRecord[], options: JoinOptions = {}): Inventory {
  const { policy: chosen = policy(), ...times } = options
  const builder = new InventoryBuilder({ definitions: resourceDefinitions, policy: chosen, now: takenAt, ...times })
  const all = records.some(record => record.record === 'scope') ? records : [scope(), ...records]
  for (const record of all) builder.add(record)
  return builder.finish()
}

/** Every subject, in order. */
export function subjectsOf(inventory: Inventory): Subject[] {
  return Array.from({ length: inventory.size }, (_, index) => inventory.subject(index))
}

/** The one subject of a kind, or of a kind and name. */
export function subjectOf(inventory: Inventory, kind: SubjectKind, name?: string): Subject {
  const found = subjectsOf(inventory).filter(
    subject => subject.kind === kind && (name === undefined || subject.name === name || subject.arn === name),
  )
  if (found.length !== 1) throw new Error(`${found.length} subjects of kind ${kind} are called ${name}`)
  return found[0]!
}

/** Facts as rules meet them in the end: without what is not known. */
export function plain(facts: unknown): Facts {
  return JSON.parse(JSON.stringify(facts)) as Facts
}

/** Facts of the one subject of a kind, or of a kind and name. */
export function factsOf(inventory: Inventory, kind: SubjectKind, name?: string): Facts {
  return plain(subjectOf(inventory, kind, name).facts)
}

/** The value at a dotted path of facts. */
export function factAt(facts: Facts, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Facts | undefined)?.[key], facts)
}

/** A small bookshop as inputs in a temporary directory, and the command line run over them without a process. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { runCommandLine } from '../../src/hosts/command-line.ts'

const account = '111122223333'
const region = 'eu-west-1'
const key = `arn:aws:kms:${region}:${account}:key/orders`
export const ordersArn = `arn:aws:rds:${region}:${account}:db:orders`
export const cartsArn = `arn:aws:dynamodb:${region}:${account}:table/carts`
const vaultArn = `arn:aws:backup:${region}:${account}:backup-vault:main`

/** The fact groups that a rel09 snapshot of the bookshop read. */
export const factGroups = [
  ...['inventory', 'tags', 'configuration', 'plans', 'selections', 'vaults', 'vault-locks', 'vault-policies', 'keys'],
  ...['recovery-points', 'backup-jobs', 'copy-jobs', 'restore-jobs', 'restore-testing', 'region-settings', 'snapshots'],
]

function record(type: string, id: string, arn: string | undefined, configuration: object, more: object = {}): object {
  const common = { record: 'resource', scope: 'shop', type, id, account, region, tags: null, encoding: 'api' }
  return { ...common, ...(arn === undefined ? {} : { arn }), configuration, ...more }
}

/** A snapshot, a record a line: the database `orders` has a plan, the table `carts` misses it by a letter's case. */
export function snapshot(groups: readonly string[] = factGroups): string {
  const rule = {
    RuleName: 'nightly',
    TargetBackupVaultName: 'main',
    ScheduleExpression: 'cron(0 5 ? * * *)',
    ScheduleExpressionTimezone: 'Etc/UTC',
    StartWindowMinutes: 60,
    Lifecycle: { DeleteAfterDays: 35 },
    CopyActions: [
      {
        DestinationBackupVaultArn: 'arn:aws:backup:eu-central-1:444455556666:backup-vault:dr',
        Lifecycle: { DeleteAfterDays: 365 },
      },
    ],
  }
  const selection = {
    SelectionName: 'tagged-daily',
    IamRoleArn: `arn:aws:iam::${account}:role/backup`,
    Resources: [],
    NotResources: [],
    ListOfTags: [{ ConditionType: 'STRINGEQUALS', ConditionKey: 'backup', ConditionValue: 'daily' }],
    Conditions: {},
  }
  const point = {
    RecoveryPointArn: `arn:aws:rds:${region}:${account}:snapshot:awsbackup:job-1`,
    BackupVaultName: 'main',
    BackupVaultArn: vaultArn,
    ResourceArn: ordersArn,
    ResourceType: 'RDS',
    Status: 'COMPLETED',
    CreationDate: '2026-01-05T05:10:00Z',
    CompletionDate: '2026-01-05T05:40:00Z',
    IsEncrypted: true,
    EncryptionKeyArn: key,
    Lifecycle: { DeleteAfterDays: 35 },
    CreatedBy: { BackupPlanId: 'p-1' },
  }
  const database = {
    DBInstanceIdentifier: 'orders',
    Engine: 'postgres',
    BackupRetentionPeriod: 7,
    StorageEncrypted: true,
    KmsKeyId: key,
    DeletionProtection: true,
    CopyTagsToSnapshot: true,
    LatestRestorableTime: '2026-01-05T09:55:00Z',
  }
  const records = [
    {
      record: 'scope',
      id: 'shop',
      source: 'aws',
      account,
      region,
      takenAt: '2026-01-05T10:00:00.000Z',
      factGroups: groups,
      tool: { name: 'rel09', version: '0.1.0' },
    },
    record('AWS::Backup::RegionSettings', region, undefined, {
      ResourceTypeOptInPreference: { RDS: true, DynamoDB: true },
    }),
    record(
      'AWS::Backup::BackupPlan',
      'p-1',
      `arn:aws:backup:${region}:${account}:backup-plan:p-1`,
      { BackupPlanId: 'p-1', BackupPlan: { BackupPlanName: 'daily', Rules: [rule] } },
      { name: 'daily' },
    ),
    record(
      'AWS::Backup::BackupSelection',
      's-1',
      undefined,
      { BackupPlanId: 'p-1', SelectionId: 's-1', BackupSelection: selection },
      { name: 'tagged-daily' },
    ),
    record(
      'AWS::Backup::BackupVault',
      'main',
      vaultArn,
      {
        BackupVaultName: 'main',
        BackupVaultArn: vaultArn,
        EncryptionKeyArn: key,
        NumberOfRecoveryPoints: 1,
        Locked: false,
        VaultType: 'BACKUP_VAULT',
      },
      { name: 'main' },
    ),
    record('AWS::Backup::RecoveryPoint', 'job-1', point.RecoveryPointArn, point),
    record('AWS::RDS::DBInstance', 'db-ORDERS', ordersArn, database, {
      name: 'orders',
      tags: { backup: 'daily', criticality: 'tier1', 'data-classification': 'internal' },
    }),
    record(
      'AWS::DynamoDB::Table',
      'carts',
      cartsArn,
      { TableName: 'carts', DeletionProtectionEnabled: true },
      {
        name: 'carts',
        tags: { backup: 'Daily', criticality: 'tier2', 'data-classification': 'internal' },
      },
    ),
  ]
  return records.map(entry => `${JSON.stringify(entry)}\n`).join('')
}

/** A policy by which nothing of the bookshop is judged but what the test is about. */
export const emptyShelf =
  '{"record":"scope","id":"empty","source":"aws","account":"111122223333","region":"eu-west-1","takenAt":"2026-01-05T10:00:00.000Z","factGroups":["inventory","tags"]}\n'

/** What a command line gave. */
export interface Outcome {
  code: number
  out: string
  err: string
}

/** How the command line is run; by default without any terminal. */
export interface Setting {
  terminal?: boolean
  colour?: boolean
  stdin?: string
  columns?: number
  /** Milliseconds that the clock moves at each look. */
  step?: number
}

/** A temporary directory with files. */
export class Shop {
  readonly path = mkdtempSync(join(tmpdir(), 'rel09-commands-'))

  constructor(files: { [path: string]: string } = {}) {
    for (const [name, text] of Object.entries(files)) this.write(name, text)
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.path, name)), { recursive: true })
    writeFileSync(join(this.path, name), text)
  }

  read(name: string): string {
    return readFileSync(join(this.path, name), 'utf8')
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }

  /** Runs `rel09 …` here. */
  async run(
    argv: readonly string[],
    { terminal = false, colour = false, stdin = '', columns, step = 0 }: Setting = {},
  ): Promise<Outcome> {
    const outcome: Outcome = { code: -1, out: '', err: '' }
    let now = 0
    const into = (stream: 'out' | 'err') => (text: string) => {
      outcome[stream] += text
      return true
    }
    outcome.code = await runCommandLine(argv, {
      cwd: this.path,
      stdin: Readable.from([Buffer.from(stdin)]),
      stdout: { write: into('out'), isTTY: terminal, ...(columns ? { columns } : {}) },
      stderr: { write: into('err'), isTTY: terminal },
      colour,
      now: '2026-01-06T00:00:00.000Z',
      version: '0.0.0',
      clock: () => {
        now += step
        return now
      },
    })
    return outcome
  }
}

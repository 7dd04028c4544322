// Writes an organisation as snapshots by account and Region, and a manifest of them. Members copy their backups to one account's
// vaults, whose Regions hold the copies of all. The same options give the same bytes.
//
//   node bench/org/generate.mjs --shards 2000 [--stores 5] [--regions 20] FOLDER
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'

const takenAt = '2026-01-15T06:00:00.000Z'
const regionalGroups =
  'alerts audit backup-jobs configuration copy-jobs inventory keys plans recovery-points region-settings replication restore-jobs restore-testing selections snapshot-policies snapshots tags vault-locks vault-policies vaults'
const globalGroups = 'global-settings iam resilience trails'
const backupAccount = '999988887777'
const allRegions =
  'af-south-1 ap-east-1 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2 ca-central-1 eu-central-1 eu-north-1 eu-south-1 eu-west-1 eu-west-2 eu-west-3 me-south-1 sa-east-1 us-east-1 us-east-2 us-west-2'.split(
    ' ',
  )

const idOf = (account, region) =>
  createHash('sha256')
    .update(JSON.stringify(['aws', account, region, takenAt, null]))
    .digest('hex')
    .slice(0, 16)

const scopeOf = (account, region, groups) => ({
  record: 'scope',
  id: idOf(account, region),
  source: 'aws',
  account,
  region,
  takenAt,
  factGroups: groups.split(' '),
})

const hoursBefore = hours => new Date(Date.parse(takenAt) - hours * 3_600_000).toISOString()
const accountOf = i => String(100_000_000_000 + i * 7919)
const vaultArn = (account, region) => `arn:aws:backup:${region}:${account}:backup-vault:central`
const keyArn = (account, region) => `arn:aws:kms:${region}:${account}:key/aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee`
const tableArn = (account, region, n) => `arn:aws:dynamodb:${region}:${account}:table/orders-${n}`
const roleOf = account => `arn:aws:iam::${account}:role/service-role/AWSBackupDefaultServiceRole`

const tierOf = (i, n) => ['tier0', 'tier1', 'tier2', 'tier2', 'tier3'][(i + n) % 5]

function* recordsOf(account, region, isFirst, more) {
  yield scopeOf(account, region, regionalGroups)
  if (isFirst) yield scopeOf(account, 'global', globalGroups)
  const scope = idOf(account, region)
  const resource = (type, id, rest) => ({
    record: 'resource',
    scope,
    type,
    id,
    account,
    region,
    encoding: 'api',
    ...rest,
  })
  yield resource('AWS::Backup::BackupVault', 'central', {
    arn: vaultArn(account, region),
    name: 'central',
    tags: {},
    configuration: {
      BackupVaultName: 'central',
      BackupVaultArn: vaultArn(account, region),
      VaultType: 'BACKUP_VAULT',
      EncryptionKeyArn: keyArn(account, region),
      Locked: account === backupAccount,
      ...(account === backupAccount ? { MinRetentionDays: 35, LockDate: '2025-01-01T00:00:00.000Z' } : {}),
    },
    supplementary: { AccessPolicy: null, Notifications: null },
  })
  yield resource('AWS::KMS::Key', 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee', {
    arn: keyArn(account, region),
    configuration: {
      KeyMetadata: {
        KeyId: 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee',
        Arn: keyArn(account, region),
        KeyManager: 'CUSTOMER',
        KeyState: 'Enabled',
      },
    },
    supplementary: {
      KeyRotationStatus: { KeyRotationEnabled: true },
      Policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' },
        ],
      }),
      Aliases: [],
    },
  })
  yield resource('AWS::Backup::RegionSettings', `${account}/${region}`, {
    configuration: {
      ResourceTypeOptInPreference: { DynamoDB: true },
      ResourceTypeManagementPreference: { DynamoDB: true },
    },
  })
  yield* more(resource)
}

const pointOf = (resource, holder, owner, region, n, hours) => {
  const arn = `arn:aws:backup:${region}:${holder}:recovery-point:${owner}-${region}-${n}-${hours}`
  return resource('AWS::Backup::RecoveryPoint', arn, {
    arn,
    configuration: {
      RecoveryPointArn: arn,
      BackupVaultName: 'central',
      BackupVaultArn: vaultArn(holder, region),
      ...(holder === owner ? {} : { SourceBackupVaultArn: vaultArn(owner, region) }),
      ResourceArn: tableArn(owner, region, n),
      ResourceType: 'DynamoDB',
      Status: 'COMPLETED',
      CreationDate: hoursBefore(hours),
      Lifecycle: { DeleteAfterDays: 35 },
      EncryptionKeyArn: keyArn(holder, region),
      IsEncrypted: true,
      BackupSizeInBytes: 1_000_000 + n,
    },
  })
}

function* memberOf(i, region, stores, resource) {
  const account = accountOf(i)
  const planId = '11111111-2222-4333-8444-555555555555'
  yield resource('AWS::Backup::BackupPlan', planId, {
    arn: `arn:aws:backup:${region}:${account}:backup-plan:${planId}`,
    name: 'daily',
    configuration: {
      BackupPlanId: planId,
      BackupPlan: {
        BackupPlanName: 'daily',
        Rules: [
          {
            RuleName: 'daily',
            TargetBackupVaultName: 'central',
            ScheduleExpression: 'cron(0 3 * * ? *)',
            StartWindowMinutes: 60,
            CompletionWindowMinutes: 480,
            Lifecycle: { DeleteAfterDays: 35 },
            CopyActions: [
              { DestinationBackupVaultArn: vaultArn(backupAccount, region), Lifecycle: { DeleteAfterDays: 35 } },
            ],
          },
        ],
      },
    },
  })
  yield resource('AWS::Backup::BackupSelection', `${planId}|tagged`, {
    configuration: {
      BackupPlanId: planId,
      SelectionId: 'tagged',
      BackupSelection: {
        SelectionName: 'tagged',
        IamRoleArn: roleOf(account),
        Resources: [],
        NotResources: [],
        ListOfTags: [{ ConditionType: 'STRINGEQUALS', ConditionKey: 'backup', ConditionValue: 'daily' }],
        Conditions: {},
      },
    },
  })
  for (let n = 0; n < stores; n++) {
    yield resource('AWS::DynamoDB::Table', `orders-${n}`, {
      arn: tableArn(account, region, n),
      name: `orders-${n}`,
      tags: {
        criticality: tierOf(i, n),
        'data-classification': 'internal',
        ...((i + n) % 11 === 0 ? {} : { backup: 'daily' }),
      },
      configuration: { TableName: `orders-${n}`, TableArn: tableArn(account, region, n), TableStatus: 'ACTIVE' },
    })
    for (const hours of [3, 27, 51]) yield pointOf(resource, account, account, region, n, hours)
  }
}

function* vaultHolder(members, region, stores, resource) {
  for (let i = 0; i < members; i++)
    for (let n = 0; n < stores; n++)
      if ((i + n) % 11 !== 0) yield pointOf(resource, backupAccount, accountOf(i), region, n, 4)
}

/** Writes an organisation of so many shards, the backup account's among them. */
export function writeOrganization(folder, { shards, stores = 5, regions: count = 20 }) {
  const regions = allRegions.slice(0, count)
  const members = Math.max(1, Math.round(shards / regions.length) - 1)
  const lines = []
  const write = (account, region, more) => {
    const records = [...recordsOf(account, region, region === regions[0], more)].map(record => JSON.stringify(record))
    const snapshot = `${account}/${region}.ndjson.gz`
    mkdirSync(join(folder, account), { recursive: true })
    writeFileSync(join(folder, snapshot), gzipSync(`${records.join('\n')}\n`, { level: 1 }))
    lines.push(JSON.stringify({ account, region, snapshot }))
  }
  for (const region of regions) {
    for (let i = 0; i < members; i++) write(accountOf(i), region, resource => memberOf(i, region, stores, resource))
    write(backupAccount, region, resource => vaultHolder(members, region, stores, resource))
  }
  writeFileSync(join(folder, 'manifest.jsonl'), `${lines.sort().join('\n')}\n`)
  return { shards: lines.length, accounts: members + 1, stores: members * regions.length * stores }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      shards: { type: 'string', default: '2000' },
      stores: { type: 'string', default: '5' },
      regions: { type: 'string', default: '20' },
    },
  })
  const { shards, stores, regions } = values
  mkdirSync(positionals[0], { recursive: true })
  process.stdout.write(
    `${JSON.stringify(writeOrganization(positionals[0], { shards: Number(shards), stores: Number(stores), regions: Number(regions) }))}\n`,
  )
}

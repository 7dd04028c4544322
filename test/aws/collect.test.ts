/**
 * Protects collecting against an AWS that answers by itself (moto): the SDK's own requests and answers, tags, Regions, what the
 * verdicts make of an estate that was made through the API, refusals and throttling on the wire, and the number of calls.
 * Run by `npm run test:aws`.
 */
import { BackupClient, CreateBackupVaultCommand, PutBackupVaultLockConfigurationCommand } from '@aws-sdk/client-backup'
import { CreateTableCommand, DynamoDBClient, UpdateContinuousBackupsCommand } from '@aws-sdk/client-dynamodb'
import { CreateVolumeCommand, EC2Client } from '@aws-sdk/client-ec2'
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { CreateDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds'
import { CreateBucketCommand, PutBucketTaggingCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ResourceRecord, SnapshotRecord } from '../../src/model/record.ts'
import { collect, collectorsOf, type Outcome, reach, services } from '../../src/sources/aws/live.ts'
import { checkRecord } from '../../src/sources/snapshot.ts'
import { findingsOf, readEstate, report } from '../system/estate.ts'
import { type FaultProxy, startProxy } from './fault-proxy.ts'

const emulator = process.env.REL09_EMULATOR ?? ''
const regions = ['eu-central-1', 'eu-west-1']
let proxy: FaultProxy

interface Collected extends Omit<Outcome, 'resources'> {
  records: SnapshotRecord[]
  resources: ResourceRecord[]
}

async function collectAll(wanted?: string[], maxAttempts = 1): Promise<Collected> {
  const account = await reach({ regions, maxAttempts })
  const records: SnapshotRecord[] = []
  const takenAt = '2026-01-15T06:00:00.000Z'
  const outcome = await collect(account, { services: wanted, takenAt, version: '0' }, record => records.push(record))
  account.clients.close()
  const plain = JSON.parse(JSON.stringify(records)) as SnapshotRecord[]
  return { ...outcome, records: plain, resources: plain.filter(record => record.record === 'resource') }
}

const tables = 120

async function makeShop(region: string): Promise<void> {
  const at = { region, endpoint: emulator }
  const key = await new KMSClient(at).send(new CreateKeyCommand({ Description: 'vaults' }))
  const backup = new BackupClient(at)
  const BackupVaultName = 'bookshop'
  const EncryptionKeyArn = key.KeyMetadata!.Arn
  await backup.send(
    new CreateBackupVaultCommand({ BackupVaultName, EncryptionKeyArn, BackupVaultTags: { team: 'web' } }),
  )
  await backup.send(new PutBackupVaultLockConfigurationCommand({ BackupVaultName, MinRetentionDays: 7 }))
  const dynamodb = new DynamoDBClient(at)
  for (const [TableName, Tags] of [
    ['orders', [{ Key: 'backup', Value: 'Daily' }]],
    ['sessions', undefined],
  ] as const)
    await dynamodb.send(
      new CreateTableCommand({
        TableName,
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
        ...(Tags ? { Tags: [...Tags] } : {}),
      }),
    )
  await dynamodb.send(
    new UpdateContinuousBackupsCommand({
      TableName: 'orders',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    }),
  )
  const s3 = new S3Client({ ...at, forcePathStyle: true })
  const Bucket = `covers-${region}`
  await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: region as never } }))
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
  await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: 'team', Value: 'catalogue' }] } }))
  await new EC2Client(at).send(
    new CreateVolumeCommand({
      AvailabilityZone: `${region}a`,
      Size: 8,
      Encrypted: true,
      TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'Name', Value: 'ledger' }] }],
    }),
  )
  await new RDSClient(at).send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: 'catalogue',
      DBInstanceClass: 'db.t4g.micro',
      Engine: 'postgres',
      AllocatedStorage: 20,
      MasterUsername: 'shop',
      MasterUserPassword: 'not-a-secret',
      BackupRetentionPeriod: 0,
      Tags: [{ Key: 'team', Value: 'catalogue' }],
    }),
  )
}

beforeAll(async () => {
  // As the command line does.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'eu-west-1' })
  proxy = await startProxy(emulator)
  for (const region of regions) await makeShop(region)
  process.env.AWS_ENDPOINT_URL = proxy.url
})
afterAll(() => proxy.close())

describe('an estate that was made through the API', () => {
  it('is collected with its tags, in every Region', async () => {
    const { records, resources } = await collectAll(['backup', 'dynamodb', 's3', 'ec2', 'rds', 'kms'])
    expect(records.map(record => checkRecord(record)).filter(Boolean)).toEqual([])
    const found = (type: string, name: string) =>
      resources.filter(record => record.type === type && record.name === name).map(({ region, tags }) => [region, tags])
    const everywhere = (tags: object) => regions.map(region => [region, tags])
    const sorted = (list: unknown[][]) => [...list].sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1))
    expect(sorted(found('AWS::Backup::BackupVault', 'bookshop'))).toEqual(everywhere({ team: 'web' }))
    expect(sorted(found('AWS::DynamoDB::Table', 'orders'))).toEqual(everywhere({ backup: 'Daily' }))
    expect(sorted(found('AWS::DynamoDB::Table', 'sessions'))).toEqual(everywhere({}))
    expect(sorted(found('AWS::EC2::Volume', 'ledger'))).toEqual(everywhere({ Name: 'ledger' }))
    expect(sorted(found('AWS::RDS::DBInstance', 'catalogue'))).toEqual(everywhere({ team: 'catalogue' }))
    for (const region of regions)
      expect(found('AWS::S3::Bucket', `covers-${region}`)).toEqual([[region, { team: 'catalogue' }]])
  })

  it('is judged by what was made', async () => {
    const { records } = await collectAll()
    const { standards } = await readEstate('bookshop')
    const verdicts = [...findingsOf(report(records, standards)).values()].map(
      ({ rule, resource, verdict }) => `${rule} ${resource.name} ${verdict}`,
    )
    expect(verdicts).toContain('dynamodb-pitr orders compliant')
    expect(verdicts).toContain('dynamodb-pitr sessions non-compliant')
    expect(verdicts).toContain('s3-versioning covers-eu-west-1 compliant')
    // moto tells neither what kind a vault is of nor its policy: nothing of it may be judged fine.
    expect(verdicts).toContain('vault-denies-manual-deletion bookshop undetermined')
    expect(verdicts.filter(line => line.endsWith(' bookshop compliant'))).toEqual([])
  })
})

describe('what AWS refuses on the wire', () => {
  it.each(services)('is told with every action that is wanting: %s', async service => {
    proxy.fault = call =>
      /^(?:sts|ec2 DescribeRegions)/.test(`${call.service} ${call.operation}`) ? undefined : 'denied'
    const { gaps, resources } = await collectAll([service])
    proxy.fault = () => undefined
    const own = collectorsOf([service]).flatMap(([, { operations }]) => operations)
    expect(gaps.length).toBeGreaterThan(0)
    expect(gaps.map(({ api, reason }) => `${api} ${reason}`)).toEqual(gaps.map(({ api }) => `${api} denied`))
    for (const { api, remedy } of gaps) expect(remedy).toContain(own.find(operation => operation.api === api)!.action)
    expect(resources).toEqual([])
  })

  it.each([
    ['throttled', 'throttled'],
    ['expired', 'expired'],
    ['reset', 'truncated'],
  ] as const)('is sorted by why: %s', async (fault, reason) => {
    proxy.fault = call => (call.operation === 'ListTables' ? fault : undefined)
    const { gaps } = await collectAll(['dynamodb'])
    proxy.fault = () => undefined
    expect(gaps.map(gap => `${gap.region} ${gap.api} ${gap.reason}`).sort()).toEqual(
      regions.map(region => `${region} dynamodb:ListTables ${reason}`),
    )
  })

  it('is asked again where AWS throttles for a while', async () => {
    let left = 2
    proxy.fault = call => (call.operation === 'ListTables' && left-- > 0 ? 'throttled' : undefined)
    const { gaps, resources } = await collectAll(['dynamodb'], 5)
    proxy.fault = () => undefined
    expect(gaps).toEqual([])
    expect(resources.length).toBe(4)
  })
})

describe('the number of calls', () => {
  it('grows with pages, and with what has no list form', async () => {
    const dynamodb = new DynamoDBClient({ region: 'eu-west-1', endpoint: emulator })
    for (let i = 0; i < tables; i++)
      await dynamodb.send(
        new CreateTableCommand({
          TableName: `till-${i}`,
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          BillingMode: 'PAY_PER_REQUEST',
        }),
      )
    const { calls } = await collectAll(['dynamodb'])
    console.log(`calls for ${tables + 4} tables: ${JSON.stringify(Object.fromEntries(calls))}`)
    expect(Object.fromEntries(calls)).toEqual({
      'dynamodb:ListTables': 3,
      'dynamodb:DescribeTable': tables + 4,
      'dynamodb:DescribeContinuousBackups': tables + 4,
      'tag:GetResources': 3,
    })
  })
})

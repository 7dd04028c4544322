/**
 * Protects the printed policy against what really goes over the wire: every call that collecting an estate makes is one that a
 * collector declares and the policy allows, and no action of the policy is for nothing. Where the emulators hold no such thing, the
 * estate that is served under the collectors (test/sources/aws) takes the call's place.
 */
import {
  BackupClient,
  CreateBackupPlanCommand,
  CreateBackupSelectionCommand,
  CreateBackupVaultCommand,
} from '@aws-sdk/client-backup'
import { CloudTrailClient, CreateTrailCommand } from '@aws-sdk/client-cloudtrail'
import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs'
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { CreateVolumeCommand, EC2Client } from '@aws-sdk/client-ec2'
import { CreateFileSystemCommand, EFSClient } from '@aws-sdk/client-efs'
import { CreateClusterCommand as CreateEksClusterCommand, EKSClient } from '@aws-sdk/client-eks'
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import { CreateStreamCommand, KinesisClient } from '@aws-sdk/client-kinesis'
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { CreateDomainCommand, OpenSearchClient } from '@aws-sdk/client-opensearch'
import { CreateDBInstanceCommand, CreateDBSnapshotCommand, RDSClient } from '@aws-sdk/client-rds'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { collect, collectorsOf, permissions, reach } from '../../src/sources/aws/live.ts'
import type { Operation } from '../../src/sources/aws/operation.ts'
import { bookshop, collectAll, homesOf } from '../sources/aws/homes.ts'
import { type Call, type FaultProxy, startProxy } from './fault-proxy.ts'

const emulator = process.env.REL09_EMULATOR ?? ''
const backupEmulator = process.env.REL09_BACKUP_EMULATOR ?? ''
const account = '123456789012'
const region = 'ca-central-1'
const environment = { ...process.env }
let proxy: FaultProxy

beforeAll(async () => {
  proxy = await startProxy(emulator, { url: backupEmulator, services: ['backup'], account })
  await makeShop()
  Object.assign(process.env, {
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: region,
    AWS_ENDPOINT_URL: proxy.url,
  })
})
afterAll(async () => {
  process.env = environment
  await proxy.close()
})

/** Something of everything that an emulator makes at a word. */
async function makeShop(): Promise<void> {
  const at = { region, endpoint: proxy.url, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }
  const role = `arn:aws:iam::${account}:role/till`
  const topic = (await new SNSClient(at).send(new CreateTopicCommand({ Name: 'tills' }))).TopicArn!
  await new SNSClient(at).send(
    new SubscribeCommand({ TopicArn: topic, Protocol: 'sqs', Endpoint: `arn:aws:sqs:${region}:${account}:tills` }),
  )
  const events = new EventBridgeClient(at)
  await events.send(new PutRuleCommand({ Name: 'tills', EventPattern: '{"source":["aws.backup"]}' }))
  await events.send(new PutTargetsCommand({ Rule: 'tills', Targets: [{ Id: 'tills', Arn: topic }] }))
  const s3 = new S3Client({ ...at, forcePathStyle: true })
  const Bucket = `policies-${region}`
  await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: region } }))
  await new CloudTrailClient(at).send(new CreateTrailCommand({ Name: 'tills', S3BucketName: Bucket }))
  await new CloudWatchLogsClient(at).send(new CreateLogGroupCommand({ logGroupName: '/tills' }))
  await new DynamoDBClient(at).send(
    new CreateTableCommand({
      TableName: 'tills',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  )
  await new EC2Client(at).send(new CreateVolumeCommand({ AvailabilityZone: `${region}a`, Size: 8 }))
  await new EFSClient(at).send(new CreateFileSystemCommand({ CreationToken: 'tills' }))
  await new EKSClient(at).send(
    new CreateEksClusterCommand({ name: 'tills', roleArn: role, resourcesVpcConfig: { subnetIds: [] } }),
  )
  // HTTP/2 by itself.
  await new KinesisClient({ ...at, requestHandler: new NodeHttpHandler() }).send(
    new CreateStreamCommand({ StreamName: 'tills', ShardCount: 1 }),
  )
  await new KMSClient(at).send(new CreateKeyCommand({}))
  await new OpenSearchClient(at).send(new CreateDomainCommand({ DomainName: 'tills' }))
  const rds = new RDSClient(at)
  const DBInstanceIdentifier = 'till'
  await rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier,
      DBInstanceClass: 'db.t4g.micro',
      Engine: 'postgres',
      AllocatedStorage: 20,
      MasterUsername: 'shop',
      MasterUserPassword: 'not-a-secret',
    }),
  )
  await rds.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier, DBSnapshotIdentifier: 'till-1' }))
  const backup = new BackupClient(at)
  await backup.send(new CreateBackupVaultCommand({ BackupVaultName: 'tills' }))
  const Rules = [{ RuleName: 'daily', TargetBackupVaultName: 'tills', ScheduleExpression: 'cron(0 5 ? * * *)' }]
  const { BackupPlanId } = await backup.send(
    new CreateBackupPlanCommand({ BackupPlan: { BackupPlanName: 'tills', Rules } }),
  )
  const BackupSelection = { SelectionName: 'all', IamRoleArn: role, Resources: ['*'] }
  await backup.send(new CreateBackupSelectionCommand({ BackupPlanId, BackupSelection }))
  proxy.calls.length = 0
}

interface Declared {
  name: string
  actions: string[]
  /** Method and path of a REST API. */
  http: { method: string; path: RegExp; query: string[] } | undefined
}

/** What an operation is on the wire, as the SDK's own description has it. */
function declaredOf({ command, action, beside = [] }: Operation): Declared {
  const { schema } = new command({} as never) as unknown as { schema: [number, string, string, unknown] }
  const [, , name, traits] = schema
  const http = (traits as { http?: [string, string, number] } | undefined)?.http
  return { name, actions: [action, ...beside], http: http && httpOf(http) }
}

function httpOf([method, uri]: [string, string, number]): Declared['http'] {
  const [path = '/', query = ''] = uri.split('?')
  const pattern = path.split(/\{[^}]+\}/).map(part => part.replace(/[.*+?^$()|[\]\\]/g, '\\$&'))
  // A bucket's name stands in the path before an emulator, and in the host before AWS.
  const before = path === '/' ? '(?:/[^/]+)?' : ''
  return { method, path: new RegExp(`^${before}${pattern.join('[^?]+')}/?$`), query: query.split('&').filter(Boolean) }
}

const operations = collectorsOf(undefined).flatMap(([, collector]) => collector.operations.map(declaredOf))

/** Services that sign by another name than their IAM actions bear. */
const signatures: { [service: string]: string } = { cloudwatch: 'monitoring', tag: 'tagging' }

function signedAs(action: string): string {
  const [service = ''] = action.split(':')
  return signatures[service] ?? service
}

/** Calls that nobody declares: who the caller is, which AWS allows to everybody, and what the run itself asks. */
const ofTheRun: { [operation: string]: string[] } = {
  'sts GetCallerIdentity': [],
  'ec2 DescribeRegions': ['ec2:DescribeRegions'],
  'timestream DescribeEndpoints': ['timestream:DescribeEndpoints'],
}

/** The IAM actions that a call takes; `undefined`: nobody declares it. */
function actionsOf({ service, operation, path: target }: Call): string[] | undefined {
  const own = ofTheRun[`${service} ${operation}`]
  if (own) return own
  const [method, isRest] = operation.includes(' ') ? [operation.split(' ')[0], true] : ['', false]
  const [path, query = ''] = target.split('?')
  const given = query.split('&')
  const found = operations.filter(({ name, http, actions }) => {
    if (!actions.some(action => signedAs(action) === service)) return false
    if (!http || !isRest) return name === operation
    return http.method === method && http.path.test(path!) && http.query.every(one => isAmong(one, given))
  })
  // `GET /?x-id=ListBuckets` is also `GET /`: what names more of the query is meant.
  const most = Math.max(...found.map(({ http }) => http?.query.length ?? 0))
  const best = found.filter(({ http }) => (http?.query.length ?? 0) === most)
  return best.length > 0 ? best.flatMap(({ actions }) => actions) : undefined
}

const isAmong = (one: string, given: readonly string[]) => given.includes(one) || given.includes(`${one}=`)

it('allows every call, and nothing that is never called', async () => {
  const allowed = permissions(undefined).Statement[0]!.Action
  const reached = await reach({ regions: [region], maxAttempts: 1 })
  const { gaps } = await collect(reached, { takenAt: '2026-01-15T06:00:00.000Z', version: '0' }, () => {})
  reached.clients.close()
  const undeclared = proxy.calls.filter(call => !actionsOf(call))
  expect([...new Set(undeclared.map(({ service, operation }) => `${service} ${operation}`))]).toEqual([])
  const onTheWire = new Set(proxy.calls.flatMap(call => actionsOf(call)!))
  expect([...onTheWire].filter(action => !allowed.includes(action))).toEqual([])
  const served = new Set<string>()
  for (const home of [bookshop, ...['clinic', 'traps'].flatMap(homesOf)])
    for (const api of (await collectAll(undefined, undefined, home)).calls.keys()) served.add(api)
  const declared = collectorsOf(undefined).flatMap(([, collector]) => collector.operations)
  const called = new Set([...onTheWire, ...declared.filter(({ api }) => served.has(api)).map(({ action }) => action)])
  expect(allowed.filter(action => !called.has(action))).toEqual([])
  const alone = allowed.filter(action => !onTheWire.has(action))
  console.log(
    `policy: ${allowed.length} actions, ${onTheWire.size} called on the wire in ${proxy.calls.length} calls (${gaps.length} gaps of the emulators); by the served estate alone: ${alone.join(', ')}`,
  )
  expect(onTheWire.size).toBeGreaterThan(allowed.length * 0.6)
})

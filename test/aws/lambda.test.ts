/**
 * Protects the function of AWS Config rules as it is deployed: the zip that is built, run by an emulator of Lambda (ministack), which
 * reads snapshots from the emulator's S3 and plans from its AWS Backup; moto keeps the findings of Security Hub. Evaluations arrive at an
 * endpoint of the test's own, as no emulator here takes them. What this cannot prove: AWS Config's tokens, permissions, what the real Security
 * Hub filters by and refuses, and how long a start takes.
 * Run by `npm run test:aws`.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { BackupClient, CreateBackupPlanCommand, CreateBackupSelectionCommand } from '@aws-sdk/client-backup'
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { GetFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { snapshot } from '../commands/bookshop.ts'
import { badEvents } from '../commands/config-rule/bad-events.ts'
import {
  account,
  apiForm,
  bucketItem,
  changeOf,
  databaseItem,
  eventOf,
  item,
  orderedAt,
  oversizedOf,
  region,
  scheduled,
} from '../commands/config-rule/events.ts'
import { root } from '../fixtures/estates.ts'
import { type ServedAws, serveAws } from '../hosts/served-aws.ts'

const emulator = process.env.REL09_BACKUP_EMULATOR ?? ''
const at = { region, endpoint: emulator, credentials: { accessKeyId: account, secretAccessKey: 's' } }
const functions = `${emulator}/2015-03-31/functions`
/** The emulator takes the account from the access key, and the service and Region from what a request was signed for. */
const signed = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=${account}/20260105/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
})
let received: ServedAws
let folder: string

async function asked(url: string, service: string, body: unknown, headers: { [name: string]: string } = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...signed(service), 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  expect(response.ok, text).toBe(true)
  return { answer: text === '' ? undefined : JSON.parse(text), failed: response.headers.has('x-amz-function-error') }
}

/** The function as the zip that it is uploaded as. */
function built(): string {
  const code = join(folder, 'functions')
  execFileSync(process.execPath, [join(root, 'scripts/build-lambda.mjs'), code])
  return readFileSync(join(code, 'config-rules.zip')).toString('base64')
}

const invoked = (event: unknown) => asked(`${functions}/rel09/invocations`, 'lambda', event)
const sqs = (action: string, body: object) =>
  asked(emulator, 'sqs', body, { 'x-amz-target': `AmazonSQS.${action}`, 'content-type': 'application/x-amz-json-1.0' })

let s3: S3Client
const put = (Bucket: string, Key: string, Body: string | Buffer) => s3.send(new PutObjectCommand({ Bucket, Key, Body }))

const delivered = `AWSLogs/${account}/Config/${region}/2026/1/5/ConfigSnapshot/${account}_Config_${region}_ConfigSnapshot_20260105T100000Z_11111111-2222-3333-4444-555555555555.json.gz`
const takenAt = /"takenAt":"([^"]+)"/.exec(snapshot())![1]!
let queue: string
let selection: { BackupPlanId: string; SelectionId: string }

beforeAll(async () => {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
  s3 = new S3Client({ ...at, forcePathStyle: true })
  folder = mkdtempSync(join(tmpdir(), 'rel09-lambda-'))
  received = await serveAws()
  await asked(functions, 'lambda', {
    FunctionName: 'rel09',
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role: `arn:aws:iam::${account}:role/rel09`,
    Timeout: 60,
    MemorySize: 512,
    Code: { ZipFile: built() },
    Environment: {
      Variables: {
        AWS_ENDPOINT_URL: emulator,
        AWS_ENDPOINT_URL_CONFIG_SERVICE: received.url,
        AWS_ENDPOINT_URL_SECURITYHUB: process.env.REL09_EMULATOR,
      },
    },
  })
  for (const Bucket of ['snapshots', 'config', 'rules']) await s3.send(new CreateBucketCommand({ Bucket }))
  await put('snapshots', 'daily/shop.ndjson.gz', gzipSync(snapshot()))
  const file = { fileVersion: '1.0', configSnapshotId: '1', configurationItems: [databaseItem(0), bucketItem('Off')] }
  await put('config', delivered, gzipSync(JSON.stringify(file)))
  const rule = readFileSync(join(root, 'rules/REL09-BP01/s3-versioning.yaml'), 'utf8')
  await put('rules', 'shop/shop-versioning.yaml', rule.replace('id: s3-versioning', 'id: shop-versioning'))

  const backup = new BackupClient(at)
  const BackupPlan = {
    BackupPlanName: 'nightly',
    Rules: [{ RuleName: 'nightly', TargetBackupVaultName: 'main', ScheduleExpression: 'cron(0 5 ? * * *)' }],
  }
  const { BackupPlanId } = await backup.send(new CreateBackupPlanCommand({ BackupPlan }))
  const IamRoleArn = `arn:aws:iam::${account}:role/backup`
  const ListOfTags = [{ ConditionType: 'STRINGEQUALS', ConditionKey: 'backup', ConditionValue: 'daily' }] as const
  const BackupSelection = { SelectionName: 'tagged-daily', IamRoleArn, ListOfTags: [...ListOfTags] }
  const made = await backup.send(new CreateBackupSelectionCommand({ BackupPlanId, BackupSelection }))
  selection = { BackupPlanId: BackupPlanId!, SelectionId: made.SelectionId! }

  queue = (await sqs('CreateQueue', { QueueName: 'findings' })).answer.QueueUrl
  const events = new EventBridgeClient(at)
  const EventPattern = JSON.stringify({ source: ['rel09'], 'detail-type': ['rel09 Finding'] })
  await events.send(new PutRuleCommand({ Name: 'findings', EventPattern }))
  const Arn = `arn:aws:sqs:${region}:${account}:findings`
  await events.send(new PutTargetsCommand({ Rule: 'findings', Targets: [{ Id: 'queue', Arn }] }))
})
beforeEach(() => {
  received.asked.splice(0)
  received.answer = () => undefined
})
afterAll(() => {
  received.close()
  rmSync(folder, { recursive: true, force: true })
})

const told = () =>
  received
    .evaluations()
    .map(one => `${one.ComplianceType} ${one.ComplianceResourceType} ${one.ComplianceResourceId}`)
    .sort()

describe('the function in Lambda', () => {
  const inPlan = 'resource-in-backup-plan'
  const gone = { configurationItemStatus: 'ResourceDeleted', configuration: null }
  const delivery = {
    s3Bucket: 'config',
    s3ObjectKey: delivered,
    configSnapshotId: '1',
    notificationCreationTime: orderedAt,
    messageType: 'ConfigurationSnapshotDeliveryCompleted',
    recordVersion: '1.0',
  }
  const properties = { TableName: 'carts', PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }

  it.each<[string, object, string[]]>([
    ['a change', eventOf('s3-versioning', changeOf(bucketItem('Off'))), ['NON_COMPLIANT AWS::S3::Bucket shop-data']],
    [
      'a change that no plan covers',
      eventOf(inPlan, changeOf(databaseItem(7))),
      ['NON_COMPLIANT AWS::RDS::DBInstance db-ABCDEFGHIJKL'],
    ],
    [
      'a change too large for its event',
      eventOf('s3-versioning', oversizedOf(bucketItem('Enabled'))),
      ['COMPLIANT AWS::S3::Bucket shop-data'],
    ],
    [
      'a deletion',
      eventOf('s3-versioning', changeOf({ ...bucketItem('Off'), ...gone })),
      ['NOT_APPLICABLE AWS::S3::Bucket shop-data'],
    ],
    [
      'a proposal',
      eventOf('dynamodb-pitr', changeOf(item('AWS::DynamoDB::Table', 'carts', properties)), {
        evaluationMode: 'PROACTIVE',
      }),
      ['COMPLIANT AWS::DynamoDB::Table carts'],
    ],
    [
      'a schedule',
      eventOf(inPlan, scheduled({ notificationCreationTime: takenAt }), {
        ruleParameters: '{"snapshotUri":"s3://snapshots/daily/"}',
      }),
      ['COMPLIANT AWS::RDS::DBInstance db-ORDERS', 'NON_COMPLIANT AWS::DynamoDB::Table carts'],
    ],
    [
      'a delivery of AWS Config',
      eventOf('rds-automated-backup', delivery),
      ['NON_COMPLIANT AWS::RDS::DBInstance db-ABCDEFGHIJKL'],
    ],
    [
      "a rule of one's own",
      eventOf('', changeOf(bucketItem('Off')), {
        configRuleName: 'shop-versioning',
        ruleParameters: '{"rulesUri":"s3://rules/shop/"}',
      }),
      ['NON_COMPLIANT AWS::S3::Bucket shop-data'],
    ],
  ])('answers %s', async (_name, event, expected) => {
    const { configurationItemCaptureTime, ...history } = apiForm(bucketItem('Enabled'))
    const captured = {
      ...history,
      configurationItemCaptureTime: Date.parse(String(configurationItemCaptureTime)) / 1000,
    }
    received.answer = ({ what }) =>
      what === 'GetResourceConfigHistory' ? { body: JSON.stringify({ configurationItems: [captured] }) } : undefined
    const { answer, failed } = await invoked(event)
    expect(failed, JSON.stringify(answer)).toBe(false)
    expect(answer).toEqual({ evaluations: expected.length })
    expect(told()).toEqual(expected)
    const sent = received.asked.filter(({ what }) => what === 'PutEvaluations')
    expect(sent.map(({ body, key }) => [JSON.parse(body).ResultToken, JSON.parse(body).TestMode, key])).toEqual([
      ['token', false, account],
    ])
    expect(sent[0]!.region).toBe(region)
  })

  it('answers a change of a selection for its plan, as AWS Backup has it', async () => {
    const { BackupPlanId, SelectionId } = selection
    // AWS Config leaves out the tags that it selects by.
    const configuration = { BackupPlanId, SelectionId, BackupSelection: { SelectionName: 'tagged-daily' } }
    const changed = item('AWS::Backup::BackupSelection', SelectionId, configuration)
    await invoked(eventOf('empty-or-overbroad-selection', changeOf(changed)))
    expect(told()).toEqual([`COMPLIANT AWS::Backup::BackupPlan ${BackupPlanId}`])
  })

  it('has nothing stored of a test', async () => {
    await invoked(eventOf('s3-versioning', changeOf(bucketItem('Off')), { resultToken: 'TESTMODE' }))
    expect(received.asked.map(({ body }) => JSON.parse(body).TestMode)).toEqual([true])
  })

  it('refuses what cannot be evaluated, and does not fail, so that it is not tried again', async () => {
    for (const [field, event] of badEvents) {
      const { answer, failed } = await invoked(event)
      expect([failed, answer]).toMatchObject([false, { evaluations: 0, error: { field } }])
    }
    expect(received.asked).toEqual([])
  })

  it('fails where another try may help', async () => {
    received.answer = () => ({ status: 400, body: '{"__type":"SomethingElse","message":"not today"}' })
    expect((await invoked(eventOf('s3-versioning', changeOf(bucketItem('Off'))))).failed).toBe(true)
  })

  it('opens a finding in Security Hub, archives it when it is mended, and leaves those of other rules', async () => {
    const hub = new SecurityHubClient({ ...at, endpoint: process.env.REL09_EMULATOR ?? '' })
    const shown = async () =>
      ((await hub.send(new GetFindingsCommand({}))).Findings ?? [])
        .map(one => `${one.GeneratorId} ${one.RecordState} ${one.Compliance?.Status} ${one.Resources?.[0]?.Id}`)
        .sort()
    const change = (rule: string, status: string, day: number) => {
      const changed = { ...bucketItem(status), configurationItemCaptureTime: `2026-01-0${day}T10:00:00.000Z` }
      return eventOf(rule, changeOf(changed), { ruleParameters: '{"securityHub":"true"}' })
    }
    expect((await invoked(change('s3-versioning', 'Off', 1))).answer).toEqual({ evaluations: 1 })
    expect(await shown()).toEqual(['rel09/s3-versioning ACTIVE FAILED arn:aws:s3:::shop-data'])
    await invoked(change('resource-in-backup-plan', 'Off', 2))
    const otherRule = 'rel09/resource-in-backup-plan ACTIVE FAILED arn:aws:s3:::shop-data'
    await invoked(change('s3-versioning', 'Enabled', 3))
    expect(await shown()).toEqual([otherRule, 'rel09/s3-versioning ARCHIVED PASSED arn:aws:s3:::shop-data'])
  })

  it('tells findings by a bus to whoever listens', async () => {
    const ruleParameters = '{"eventBus":"default"}'
    const { answer } = await invoked(eventOf('s3-versioning', changeOf(bucketItem('Off')), { ruleParameters }))
    expect(answer).toEqual({ evaluations: 1 })
    const { Messages = [] } = (await sqs('ReceiveMessage', { QueueUrl: queue, WaitTimeSeconds: 5 })).answer
    expect(Messages.map(({ Body }: { Body: string }) => JSON.parse(Body))).toMatchObject([
      {
        source: 'rel09',
        'detail-type': 'rel09 Finding',
        account,
        region,
        resources: ['arn:aws:s3:::shop-data'],
        detail: { rule: 's3-versioning', outcome: 'non-compliant', configResource: { id: 'shop-data' } },
      },
    ])
  })
})

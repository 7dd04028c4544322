// `npm run bench:lambda`: the function of AWS Config rules as it is built, in processes of its own, against an AWS on this machine:
// a scheduled run over very many buckets, some of whose evaluations fail at first, and a start to the first evaluation beside that
// of an empty function which bundles the same clients.
//
//   npm run bench:lambda -- [--buckets 25000] [--rounds 11]
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const { values } = parseArgs({ options: { buckets: { type: 'string' }, rounds: { type: 'string' } } })
const buckets = Number(values.buckets ?? 25_000)
const rounds = Number(values.rounds ?? 11)

/** What the figures are held against. */
const limits = {
  zipBytes: { 'config-rules': 1_000_000, collector: 1_000_000, 'org-scan': 1_500_000 },
  memoryMB: 512,
  startRatio: 2.5,
  collectorMemoryMB: 512,
}

const account = '111122223333'
const region = 'eu-west-1'
const takenAt = '2026-01-05T10:00:00.000Z'
const configuration = { name: 'a-bucket' }
const versioning = i => ({ BucketVersioningConfiguration: { status: i % 3 === 0 ? 'Enabled' : 'Off' } })

function snapshot() {
  const factGroups = ['inventory', 'tags', 'configuration']
  const lines = [{ record: 'scope', id: 's', source: 'aws', account, region, takenAt, factGroups }]
  for (let i = 0; i < buckets; i++) {
    const id = `bucket-${i}`
    const place = { id, arn: `arn:aws:s3:::${id}`, account, region, name: id, tags: { env: `env-${i % 7}` } }
    const resource = { record: 'resource', scope: 's', type: 'AWS::S3::Bucket', ...place, encoding: 'config' }
    lines.push({ ...resource, configuration, supplementary: versioning(i) })
  }
  return gzipSync(lines.map(line => JSON.stringify(line)).join('\n'))
}

const stored = snapshot()
const sent = new Map()
const failed = new Set()
let calls = 0

/** Takes evaluations; one in a hundred fails once. */
function take(evaluations) {
  calls++
  const refused = evaluations.filter(({ ComplianceResourceId: id }) => id.endsWith('77') && !failed.has(id))
  for (const { ComplianceResourceId: id } of refused) failed.add(id)
  for (const one of evaluations)
    if (!refused.includes(one)) sent.set(one.ComplianceResourceId, (sent.get(one.ComplianceResourceId) ?? 0) + 1)
  return { FailedEvaluations: refused }
}

/** A page of what AWS Config shows: every bucket. */
function shown({ NextToken = '0' }) {
  const first = Number(NextToken)
  const ids = Array.from({ length: Math.min(100, buckets - first) }, (_, i) => `bucket-${first + i}`)
  const EvaluationResults = ids.map(ResourceId => ({
    ComplianceType: 'COMPLIANT',
    EvaluationResultIdentifier: { EvaluationResultQualifier: { ResourceType: 'AWS::S3::Bucket', ResourceId } },
  }))
  return { EvaluationResults, NextToken: first + 100 < buckets ? String(first + 100) : undefined }
}

const told = { findings: 0, events: 0 }

function imported({ length }) {
  told.findings += length
  return JSON.stringify({ FailedCount: 0, SuccessCount: length, FailedFindings: [] })
}

function heard({ length }) {
  told.events += length
  return JSON.stringify({ FailedEntryCount: 0, Entries: Array(length).fill({ EventId: 'e' }) })
}

const listed = `<ListBucketResult><Contents><Key>daily/1.ndjson.gz</Key><LastModified>${takenAt}</LastModified></Contents></ListBucketResult>`

const identity = `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>${account}</Account>
<Arn>arn:aws:sts::${account}:assumed-role/collector/x</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`
/** What the collector is answered: who it is, and that it may write a snapshot; of all else that it may not. */
let isCollecting = false
let asked = 0
function collected(method, body, response) {
  asked++
  if (body.includes('Action=GetCallerIdentity')) response.end(identity)
  else if (method === 'PUT') response.end()
  else response.writeHead(403, { 'x-amzn-errortype': 'AccessDeniedException' }).end('{}')
}

const server = createServer(async (incoming, response) => {
  const chunks = []
  for await (const chunk of incoming) chunks.push(chunk)
  const body = Buffer.concat(chunks).toString()
  const target = String(incoming.headers['x-amz-target'] ?? '').split('.')[1]
  if (isCollecting) collected(incoming.method, body, response)
  else if (incoming.url === '/findings') response.end('{"Findings":[]}')
  else if (incoming.url === '/findings/import') response.end(imported(JSON.parse(body).Findings))
  else if (target === 'PutEvents') response.end(heard(JSON.parse(body).Entries))
  else if (target === 'PutEvaluations') response.end(JSON.stringify(take(JSON.parse(body).Evaluations ?? [])))
  else if (target) response.end(JSON.stringify(shown(JSON.parse(body))))
  else response.end(incoming.url?.includes('list-type=2') ? listed : stored)
})
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))

const event = (notification, more) => ({
  invokingEvent: JSON.stringify(notification),
  resultToken: 'token',
  configRuleArn: `arn:aws:config:${region}:${account}:config-rule/config-rule-abc`,
  configRuleName: 'rel09-s3-versioning',
  accountId: account,
  ...more,
})
const scheduled = event(
  { messageType: 'ScheduledNotification', notificationCreationTime: takenAt },
  { ruleParameters: '{"snapshotUri":"s3://snapshots/daily/"}' },
)
const publishing = event(
  { messageType: 'ScheduledNotification', notificationCreationTime: takenAt },
  { ruleParameters: '{"snapshotUri":"s3://snapshots/daily/","securityHub":"true","eventBus":"default"}' },
)
const change = event({
  messageType: 'ConfigurationItemChangeNotification',
  configurationItem: {
    configurationItemCaptureTime: takenAt,
    configurationItemStatus: 'OK',
    awsAccountId: account,
    awsRegion: region,
    resourceType: 'AWS::S3::Bucket',
    resourceId: 'a-bucket',
    ARN: 'arn:aws:s3:::a-bucket',
    tags: {},
    configuration,
    supplementaryConfiguration: versioning(1),
  },
})

const script = `
  const start = performance.now()
  const { handler } = await import(process.argv[1])
  await handler(JSON.parse(process.argv[2]), {})
  const memory = process.resourceUsage().maxRSS / 1024
  process.stderr.write('\\n' + JSON.stringify({ milliseconds: performance.now() - start, memory }))`

/** Answers an event in a process of its own. */
function answer(file, given) {
  return new Promise((resolve, reject) => {
    const env = {
      PATH: process.env.PATH,
      AWS_ENDPOINT_URL: `http://127.0.0.1:${server.address().port}`,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
      REL09_SNAPSHOT_URI: 's3://snapshots/daily/',
    }
    const args = ['--input-type=module', '-e', script, file, JSON.stringify(given)]
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
    let told = ''
    child.stderr.on('data', chunk => {
      told += chunk
    })
    child.on('exit', code => (code === 0 ? resolve(JSON.parse(told.split('\n').pop())) : reject(new Error(told))))
  })
}

/** An empty function, with the clients and commands that the other one bundles. */
const empty = `
  import { ConfigServiceClient, GetComplianceDetailsByConfigRuleCommand, GetResourceConfigHistoryCommand, PutEvaluationsCommand } from '@aws-sdk/client-config-service'
  import { BackupClient, ListBackupPlansCommand } from '@aws-sdk/client-backup'
  import { EC2Client, GetEbsEncryptionByDefaultCommand } from '@aws-sdk/client-ec2'
  import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
  import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
  import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
  export const bundled = [BackupClient, ListBackupPlansCommand, EC2Client, GetEbsEncryptionByDefaultCommand, GetObjectCommand,
    ListObjectsV2Command, S3Client, GetParameterCommand, SSMClient, AssumeRoleCommand, STSClient,
    GetComplianceDetailsByConfigRuleCommand, GetResourceConfigHistoryCommand]
  export const handler = () => new ConfigServiceClient({}).send(new PutEvaluationsCommand({ ResultToken: 't', Evaluations: [] }))`

const folder = mkdtempSync(join(tmpdir(), 'rel09-bench-lambda-'))
const median = list => [...list].sort((a, b) => a - b)[list.length >> 1]
let isWithin = true
function figure(name, value, isMet) {
  isWithin &&= isMet !== false
  console.log(`${name}: ${value}${isMet === undefined ? '' : isMet ? ' (pass)' : ' (FAIL)'}`)
}

try {
  execFileSync(process.execPath, [join(root, 'scripts/build-lambda.mjs'), join(folder, 'function')])
  const own = join(folder, 'function/config-rules/index.mjs')
  const other = join(folder, 'empty.mjs')
  const { outputFiles } = await build({
    stdin: { contents: empty, resolveDir: root },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    minify: true,
    mainFields: ['module', 'main'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  })
  writeFileSync(other, outputFiles[0].contents)
  for (const [name, limit] of Object.entries(limits.zipBytes)) {
    const { size } = statSync(join(folder, `function/${name}.zip`))
    figure(`${name}.zip`, `${size} bytes`, size < limit)
  }

  const { milliseconds, memory } = await answer(own, scheduled)
  const isWhole = sent.size === buckets && [...sent.values()].every(times => times === 1)
  figure(`${buckets} evaluations`, `${calls} calls, ${failed.size} sent twice, none lost, none double`, isWhole)
  figure('time', `${(milliseconds / 1000).toFixed(1)} s`)
  figure('largest resident set', `${memory.toFixed(0)} MB`, memory < limits.memoryMB)

  const besides = await answer(own, publishing)
  const open = Array.from({ length: buckets }, (_, i) => i).filter(i => i % 3 !== 0).length
  const isTold = told.findings === open && told.events === open
  figure('told besides', `${told.findings} findings, ${told.events} events`, isTold)
  figure('time of that run', `${(besides.milliseconds / 1000).toFixed(1)} s`)
  figure('its largest resident set', `${besides.memory.toFixed(0)} MB`, besides.memory < limits.memoryMB)
  isCollecting = true
  const collector = await answer(join(folder, 'function/collector/index.mjs'), { time: takenAt })
  isCollecting = false
  figure(
    'collector, an account that it may not read',
    `${asked} calls in ${(collector.milliseconds / 1000).toFixed(1)} s`,
  )
  figure(
    'its largest resident set',
    `${collector.memory.toFixed(0)} MB`,
    collector.memory < limits.collectorMemoryMB && asked > 50,
  )

  const starts = { own: [], other: [] }
  for (let i = 0; i < rounds; i++) {
    starts.own.push((await answer(own, change)).milliseconds)
    starts.other.push((await answer(other, change)).milliseconds)
  }
  const ratio = median(starts.own) / median(starts.other)
  figure('first evaluation, median', `${median(starts.own).toFixed(0)} ms`)
  figure('empty function with the same clients', `${median(starts.other).toFixed(0)} ms`)
  figure('ratio', ratio.toFixed(2), ratio <= limits.startRatio)
} finally {
  server.close()
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = isWithin ? 0 : 1

/**
 * Protects reading what AWS really answered: answers of AWS's APIs that other projects recorded, which lie beside the checkout (they
 * are skipped where they do not), go through the real clients of the SDK — its requests, its protocols, its parsers — under a request
 * handler that is none, and become the records that they tell of, all of them, with every value.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { XmlShapeSerializer } from '@aws-sdk/core/protocols'
import { HttpResponse } from '@smithy/core/protocols'
import { NormalizedSchema } from '@smithy/core/schema'
import { describe, expect, it } from 'vitest'
import type { ResourceRecord, SnapshotRecord } from '../../../src/model/record.ts'
import type { Clients } from '../../../src/sources/aws/clients.ts'
import { collect } from '../../../src/sources/aws/live.ts'
import { checkRecord } from '../../../src/sources/snapshot.ts'

type Json = { [name: string]: unknown }

const corpus = join(import.meta.dirname, '../../../../shared/corpus')
const isThere = existsSync(join(corpus, 'expectations.jsonl'))

interface Recorded {
  file: string
  resource: string
  /** `rds.DescribeDBInstances`: API and operation, as whoever recorded it calls them. */
  api: string
}

/** `rds_describe-db-clusters_1.json`, `rds.DescribeDBClusters_1.json`: the API's name and the operation's. */
function apiOf(file: string): string {
  const name = file.slice(file.lastIndexOf('/') + 1).replace(/_\d+\.json$/, '')
  const [service = '', words] = name.split('_')
  if (words === undefined) return name
  const operation = words.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return `${service.replace('s3api', 's3')}.${operation.replace('Db', 'DB')}`
}

function recordings(): Recorded[] {
  if (!isThere) return []
  const lines = readFileSync(join(corpus, 'expectations.jsonl'), 'utf8').trimEnd().split('\n')
  const all = lines.map(line => JSON.parse(line) as { file: string; format: string; resource: string })
  const files = new Map(all.filter(({ format }) => format === 'aws-api-json').map(one => [one.file, one]))
  return (
    [...files.values()]
      .map(({ file, resource }) => ({ file, resource, api: apiOf(file) }))
      // One was never recorded: it is the form that the documentation gives.
      .filter(({ file }) => !readFileSync(join(corpus, 'inputs', file), 'utf8').includes(': "string"'))
  )
}

/** Placebo's way of writing a time. */
function recordedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(recordedValue)
  if (typeof value !== 'object' || value === null) return value
  const { __class__: kind, year, month, day, hour, minute, second } = value as { [name: string]: number | string }
  if (kind === 'datetime') return new Date(Date.UTC(+year!, +month! - 1, +day!, +hour!, +minute!, +second!))
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, recordedValue(member)]))
}

/** What was recorded: an answer, or the code of an error. */
type Answered = { answer: Json } | { status: number; code: string }

function answerIn(file: string): Answered {
  const read = JSON.parse(readFileSync(join(corpus, 'inputs', file), 'utf8')) as Json
  const { ResponseMetadata: _, ...answer } = (read.data ?? read) as Json
  const { Code: code } = (answer.Error ?? {}) as { Code?: string }
  return code === undefined ? { answer: recordedValue(answer) as Json } : { status: Number(read.status_code), code }
}

/** XML of a value, as the SDK would write it. */
function xmlOf(schema: NormalizedSchema, value: unknown): string {
  const settings = { xmlNamespace: '', serviceNamespace: '', timestampFormat: { default: 5 as const, useTrait: true } }
  const serializer = new XmlShapeSerializer(settings as never)
  serializer.setSerdeContext({ base64Encoder: String, utf8Encoder: String } as never)
  serializer.write(schema as never, timesOf(schema, value))
  return String(serializer.flush())
}

/** Times that stand as text where the API has moments. */
function timesOf(schema: NormalizedSchema, value: unknown): unknown {
  if (schema.isTimestampSchema())
    // Some recorders lost them.
    return value instanceof Date ? value : typeof value === 'string' ? new Date(value) : undefined
  if (Array.isArray(value)) return value.map(one => timesOf(schema.getValueSchema(), one))
  if (!schema.isStructSchema() || typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([name]) => schema.getMemberSchemas()[name])
  return Object.fromEntries(members.map(([name, member]) => [name, timesOf(schema.getMemberSchema(name), member)]))
}

function bodyOf(protocol: string, operation: string, output: NormalizedSchema, answer: Json): string {
  if (/Json/.test(protocol))
    return JSON.stringify(answer, function (this: Json, name, value: unknown) {
      return this[name] instanceof Date ? this[name].getTime() / 1000 : value
    })
  const payload = Object.entries(output.getMemberSchemas()).find(([, member]) => member.getMergedTraits().httpPayload)
  if (payload) return xmlOf(payload[1], answer[payload[0]])
  const xml = xmlOf(output, answer)
  if (!/Query/.test(protocol)) return xml
  const inner = xml.replace(/^<[^>]+\/>$/, '').replace(/^<[^>]+>|<\/[^>]+>$/g, '')
  return `<${operation}Response><${operation}Result>${inner}</${operation}Result></${operation}Response>`
}

const errorBody = (isJson: boolean, code: string) =>
  isJson
    ? JSON.stringify({ __type: code, message: 'no' })
    : `<ErrorResponse><Error><Code>${code}</Code></Error><Code>${code}</Code></ErrorResponse>`

const refused: Answered = { status: 403, code: 'AccessDenied' }

/** The SDK's clients, answered by what was recorded; what was not is refused. */
function clientsAnswering(answers: ReadonlyMap<string, Answered>, asked: string[]): Clients {
  const client: Clients['client'] = (Client, region) => {
    const send = async (command: { schema: [number, string, string, unknown, unknown, unknown] }) => {
      const [, , operation, , , output] = command.schema
      const name = `${Client.name.replace(/Client$/, '')} ${operation}`
      const answered = answers.get(name) ?? refused
      let protocol = ''
      const handle = async () => {
        asked.push(name)
        const isJson = /Json/.test(protocol)
        const headers = { 'content-type': isJson ? 'application/json' : 'text/xml' }
        const [statusCode, text] =
          'answer' in answered
            ? [200, bodyOf(protocol, operation, NormalizedSchema.of(output as never), answered.answer)]
            : [answered.status, errorBody(isJson, answered.code)]
        return { response: new HttpResponse({ statusCode, headers, body: new TextEncoder().encode(text) }) }
      }
      const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
      const real = new Client({ region, credentials, maxAttempts: 1, requestHandler: { handle } } as never)
      const { config } = real as unknown as { config: { protocol: { constructor: { name: string } } } }
      protocol = config.protocol.constructor.name
      return real.send(command as never)
    }
    return { send: send as never, destroy: () => {} }
  }
  return { client, close: () => {} }
}

/** How an answer comes to be asked for, and what it becomes. `told`: members of the answer, or of its list's elements. */
interface Way {
  service: string
  command: string
  type: string
  /** The list in the answer; absent: the answer is about one resource, in what is beside its configuration. */
  list?: string
  id?: string
  beside?: string
  /** Answers that must come before; made up, as whoever recorded did not. */
  before?: (resource: string) => [string, Json][]
}

const bucket = (resource: string): [string, Json][] => [
  ['S3 ListBuckets', { Buckets: [{ Name: resource, BucketRegion: 'us-east-1' }] }],
]
const table = (TableName: string): [string, Json][] => [
  ['DynamoDB ListTables', { TableNames: [TableName] }],
  [
    'DynamoDB DescribeTable',
    { Table: { TableName, TableArn: `arn:aws:dynamodb:us-east-1:111122223333:table/${TableName}` } },
  ],
]

const ways: { readonly [api: string]: Way } = {
  'rds.DescribeDBInstances': {
    service: 'rds',
    command: 'RDS DescribeDBInstances',
    type: 'AWS::RDS::DBInstance',
    list: 'DBInstances',
    id: 'DBInstanceIdentifier',
  },
  'rds.DescribeDBClusters': {
    service: 'rds',
    command: 'RDS DescribeDBClusters',
    type: 'AWS::RDS::DBCluster',
    list: 'DBClusters',
    id: 'DBClusterIdentifier',
  },
  'elasticache.DescribeCacheClusters': {
    service: 'elasticache',
    command: 'ElastiCache DescribeCacheClusters',
    type: 'AWS::ElastiCache::CacheCluster',
    list: 'CacheClusters',
    id: 'CacheClusterId',
  },
  'elasticache.DescribeReplicationGroups': {
    service: 'elasticache',
    command: 'ElastiCache DescribeReplicationGroups',
    type: 'AWS::ElastiCache::ReplicationGroup',
    list: 'ReplicationGroups',
    id: 'ReplicationGroupId',
  },
  'redshift.DescribeClusters': {
    service: 'redshift',
    command: 'Redshift DescribeClusters',
    type: 'AWS::Redshift::Cluster',
    list: 'Clusters',
    id: 'ClusterIdentifier',
  },
  'fsx.DescribeFileSystems': {
    service: 'fsx',
    command: 'FSx DescribeFileSystems',
    type: 'AWS::FSx::FileSystem',
    list: 'FileSystems',
    id: 'FileSystemId',
  },
  's3.GetBucketReplication': {
    service: 's3',
    command: 'S3 GetBucketReplication',
    type: 'AWS::S3::Bucket',
    beside: 'BucketReplicationConfiguration',
    before: bucket,
  },
  's3.GetBucketVersioning': {
    service: 's3',
    command: 'S3 GetBucketVersioning',
    type: 'AWS::S3::Bucket',
    beside: 'BucketVersioningConfiguration',
    before: bucket,
  },
  's3.GetObjectLockConfiguration': {
    service: 's3',
    command: 'S3 GetObjectLockConfiguration',
    type: 'AWS::S3::Bucket',
    beside: 'ObjectLockConfiguration',
    before: bucket,
  },
  'dynamodb.ListTables': {
    service: 'dynamodb',
    command: 'DynamoDB ListTables',
    type: 'AWS::DynamoDB::Table',
    list: 'TableNames',
    before: table,
  },
  'dynamodb.DescribeContinuousBackups': {
    service: 'dynamodb',
    command: 'DynamoDB DescribeContinuousBackups',
    type: 'AWS::DynamoDB::Table',
    beside: '',
    before: table,
  },
}

/** Amazon DocumentDB and Neptune answer as Amazon RDS does. */
const wayOf = (api: string) => ways[api.replace(/^(?:docdb|neptune)\./, 'rds.')]

/** Operations that nothing here calls: the collectors ask otherwise, or the answer is of a change. */
const uncalled = new Set(['backup.ListRecoveryPointsByResource', 'dynamodb.UpdateContinuousBackups'])

async function collected(service: string, answers: ReadonlyMap<string, Answered>) {
  const asked: string[] = []
  const records: SnapshotRecord[] = []
  const regions = ['us-east-1']
  const clients = clientsAnswering(answers, asked)
  const { gaps } = await collect(
    { account: '111122223333', partition: 'aws', regions, enabled: regions, clients },
    { takenAt: '2026-01-15T06:00:00.000Z', version: '0', services: [service] },
    record => records.push(record),
  )
  const plain = JSON.parse(JSON.stringify(records)) as SnapshotRecord[]
  return { asked, gaps, records: plain, resources: plain.filter(record => record.record === 'resource') }
}

/** What of a recorded value a record must tell: values of simple kinds, lists and structures of them; times as moments. */
function told(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(told)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, told(member)]))
}

describe.skipIf(!isThere)('recorded answers of AWS, through the real clients', () => {
  const all = recordings()

  it('are all of operations that are known here', () => {
    expect([...new Set(all.map(({ api }) => api).filter(api => !wayOf(api) && !uncalled.has(api)))]).toEqual([])
    expect(all.filter(({ api }) => wayOf(api)).length).toBeGreaterThan(60)
  })

  it.each(all.filter(({ api }) => wayOf(api)).map(one => [one.file, one] as const))(
    'become records: %s',
    async (file, { api, resource }) => {
      const { service, command, type, list, id, beside, before = () => [] } = wayOf(api)!
      const answered = answerIn(file)
      const { asked, gaps, records, resources } = await collected(
        service,
        new Map([
          ...before(resource).map(([name, answer]): [string, Answered] => [name, { answer }]),
          [command, answered],
        ]),
      )
      expect(asked).toContain(command)
      const [, operation] = command.split(' ')
      expect(gaps.filter(gap => gap.api!.endsWith(`:${operation}`))).toEqual([])
      expect(records.map(record => checkRecord(record)).filter(Boolean)).toEqual([])
      const own = resources.filter(record => record.type === type)
      if (!('answer' in answered)) {
        // AWS's way to say that there is none.
        expect(own.map(({ supplementary }) => supplementary![beside!])).toEqual([null])
        return
      }
      const { answer } = answered
      if (beside !== undefined) {
        expect(own.map(({ supplementary }) => (beside === '' ? supplementary : supplementary![beside]))).toMatchObject([
          told(answer),
        ])
        return
      }
      const elements = answer[list!] as (Json | string)[]
      expect(elements.length).toBeGreaterThan(0)
      if (id === undefined) expect(own.map(({ name }) => name)).toEqual(elements)
      else checkAll(own, elements as Json[], id)
    },
  )
})

/** Members that are told elsewhere in a record. */
const elsewhere = new Set(['TagList', 'Tags'])

function checkAll(own: readonly ResourceRecord[], elements: readonly Json[], id: string): void {
  const byId = new Map(own.map(record => [record.configuration[id], record]))
  expect([...byId.keys()].sort()).toEqual(elements.map(element => element[id]).sort())
  for (const element of elements) {
    const { configuration } = byId.get(element[id])!
    for (const [name, value] of Object.entries(element)) {
      if (elsewhere.has(name) || value === null || /^(?:\[\]|\{\})$/.test(JSON.stringify(value))) continue
      expect(configuration[name], name).toMatchObject(told(value) as object)
    }
  }
}

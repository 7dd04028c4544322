/**
 * Protects what the clients of APIs without a package of the SDK rest on: that they sign, ask again, find their endpoints and
 * tell errors as the SDK's own do, and read nothing of an answer that is not declared.
 */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { collectors } from '../../../src/generated/collectors.ts'
import type { GapRecord, ResourceRecord } from '../../../src/model/record.ts'
import { ClientSet } from '../../../src/sources/aws/clients.ts'
import { eachOf } from '../../../src/sources/aws/collector.ts'
import { DeclaredClient } from '../../../src/sources/aws/declared-api.ts'
import { Place, type Run } from '../../../src/sources/aws/place.ts'
import { Stop } from '../../../src/sources/aws/stop.ts'

interface Request {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: string
}

type Reply = [status: number, body: string, headers?: { [name: string]: string }]

const requests: Request[] = []
let reply: (request: Request) => Reply
let url: string

const server = createServer((incoming, response) => {
  const chunks: Buffer[] = []
  incoming.on('data', chunk => chunks.push(chunk as Buffer))
  incoming.on('end', () => {
    const { method = '', url = '', headers } = incoming
    const request = { method, url, headers, body: Buffer.concat(chunks).toString() }
    requests.push(request)
    const [status, body, more] = reply(request)
    response.writeHead(status, { 'content-type': 'application/json', ...more })
    response.end(body)
  })
})

beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
  vi.stubEnv('AWS_ENDPOINT_URL_BACKUP_GATEWAY', url)
  vi.stubEnv('AWS_ENDPOINT_URL_SSM_SAP', url)
  vi.stubEnv('AWS_ENDPOINT_URL_RESILIENCEHUB', url)
})
afterEach(() => requests.splice(0))
afterAll(() => {
  vi.unstubAllEnvs()
  server.close()
})

const region = 'eu-west-1'

async function collected(
  name: string,
  maxAttempts = 3,
): Promise<{ run: Run; gaps: GapRecord[]; records: ResourceRecord[] }> {
  const clients = new ClientSet({ maxAttempts })
  const takenAt = '2026-01-15T06:00:00.000Z'
  const run: Run = { takenAt, clients, counters: { calls: new Map(), repeated: new Map() }, stop: new Stop() }
  const place = new Place(run, 'aws', '111122223333', region)
  const records: ResourceRecord[] = []
  for await (const found of collectors[name]!.collect(place)) records.push(...eachOf(found))
  clients.close()
  return { run, gaps: [...place.gaps.values()], records: JSON.parse(JSON.stringify(records)) as ResourceRecord[] }
}

const operationOf = ({ url, headers }: Request) => String(headers['x-amz-target'] ?? url)

describe('an API of JSON 1.0', () => {
  const arn = (id: string) => `arn:aws:backup-gateway:${region}:111122223333:vm/${id}`

  it('is asked page by page, and read as declared', async () => {
    reply = request => {
      if (operationOf(request) === 'BackupOnPremises_v20210101.ListTagsForResource')
        return [200, JSON.stringify({ Tags: [{ Key: 'team', Value: 'till' }] })]
      const { NextToken } = JSON.parse(request.body) as { NextToken?: string }
      const id = NextToken ? 'vm-0b' : 'vm-0a'
      const machine = { ResourceArn: arn(id), Name: id, LastBackupDate: 1.75e9, Secret: 'not declared' }
      return [200, JSON.stringify({ VirtualMachines: [machine], NextToken: NextToken ? undefined : 'second' })]
    }
    const { gaps, records } = await collected('backup-gateway')
    expect(gaps).toEqual([])
    expect(records.map(({ id, tags, configuration }) => ({ id, tags, configuration }))).toEqual(
      ['vm-0a', 'vm-0b'].map(id => ({
        id,
        tags: { team: 'till' },
        configuration: { ResourceArn: arn(id), Name: id, LastBackupDate: '2025-06-15T15:06:40.000Z' },
      })),
    )
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual(Array(4).fill('POST /'))
    for (const { headers } of requests) {
      expect(headers['content-type']).toBe('application/x-amz-json-1.0')
      expect(headers.authorization).toMatch(
        /^AWS4-HMAC-SHA256 Credential=test\/\d{8}\/eu-west-1\/backup-gateway\/aws4_req/,
      )
    }
  })
})

describe('an API of REST and JSON', () => {
  it('is asked at its paths', async () => {
    const application = { Id: 'ledger', Type: 'HANA', Arn: 'arn:aws:ssm-sap:eu-west-1:111122223333:HANA/ledger' }
    reply = ({ url, body }) => {
      const server = { Id: 'till', Type: 'SAP_ABAP' }
      if (url === '/list-applications') return [200, JSON.stringify({ Applications: [application, server] })]
      const { ApplicationId } = JSON.parse(body) as { ApplicationId: string }
      if (ApplicationId === 'till')
        return url === '/get-application' ? [200, JSON.stringify({ Application: server })] : [404, '{}']
      expect(ApplicationId).toBe('ledger')
      return url === '/get-application'
        ? [200, JSON.stringify({ Application: { ...application, Status: 'ACTIVATED' }, Tags: { backup: 'Daily' } })]
        : [200, JSON.stringify({ Databases: [{ Arn: 'arn:db', DatabaseType: 'TENANT', Credentials: 'no' }] })]
    }
    const { gaps, records } = await collected('ssm-sap')
    expect(gaps).toEqual([])
    expect(records).toMatchObject([
      {
        id: 'ledger',
        tags: { backup: 'Daily' },
        configuration: { ...application, Status: 'ACTIVATED' },
        supplementary: { Databases: [{ Arn: 'arn:db', DatabaseType: 'TENANT' }] },
      },
      { id: 'till', supplementary: {} },
    ])
    expect(JSON.stringify(records)).not.toContain('Credentials')
    expect(requests.map(({ method, url }) => `${method} ${url}`).sort()).toEqual([
      'POST /get-application',
      'POST /get-application',
      'POST /list-applications',
      'POST /list-databases',
    ])
    for (const { headers } of requests) expect(headers.authorization).toContain('/eu-west-1/ssm-sap/aws4_request')
  })

  it('is asked by the query where it says so', async () => {
    const app = { appArn: 'arn:app', name: 'till', lastAppComplianceEvaluationTime: 1.75e9 }
    reply = ({ url }) => [
      200,
      JSON.stringify({ appSummaries: [app], nextToken: /&nextToken/.test(url) ? null : 'a&b' }),
    ]
    const { gaps, records } = await collected('resilience-hub')
    expect(gaps).toEqual([])
    expect(records.map(({ id }) => id)).toEqual(['arn:app', 'arn:app'])
    expect(records[0]!.configuration).toEqual({ ...app, lastAppComplianceEvaluationTime: '2025-06-15T15:06:40.000Z' })
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /list-apps?maxResults=100',
      'GET /list-apps?maxResults=100&nextToken=a%26b',
    ])
  })

  it.each([
    ['a code in the header', 403, '{"message":"no"}', { 'x-amzn-errortype': 'AccessDeniedException' }, 'denied', 1],
    ['a code in the body', 400, '{"__type":"com.amazonaws#UnrecognizedClientException"}', {}, 'notEnabled', 1],
    ['throttling', 429, '{"__type":"ThrottlingException"}', {}, 'throttled', 3],
    ['a fault of the service', 500, '{"__type":"InternalServerException"}', {}, 'truncated', 3],
    ['no JSON at all', 200, '<html>', {}, 'truncated', 1],
  ] as const)('tells why it failed: %s', async (_what, status, body, headers, reason, attempts) => {
    reply = () => [status, body, headers]
    const { gaps, records } = await collected('ssm-sap')
    expect(gaps.map(gap => [gap.api, gap.reason])).toEqual([['ssm-sap:ListApplications', reason]])
    expect([records, requests.length]).toEqual([[], attempts])
  })

  it('is asked again until it answers, which is counted', async () => {
    reply = () => (requests.length < 3 ? [503, '{}'] : [200, '{"Applications":[]}'])
    const { run, gaps } = await collected('ssm-sap')
    expect(gaps).toEqual([])
    expect(run.counters.repeated.get('ssm-sap:ListApplications')).toBe(1)
  })
})

describe('where an API is', () => {
  class Till extends DeclaredClient {
    constructor(configuration: object) {
      super({ serviceId: 'Till', host: 'till' }, configuration)
    }
  }

  it.each([
    ['eu-west-1', {}, 'till.eu-west-1.amazonaws.com'],
    ['cn-north-1', {}, 'till.cn-north-1.amazonaws.com.cn'],
    ['us-gov-west-1', { useFipsEndpoint: true }, 'till-fips.us-gov-west-1.amazonaws.com'],
    ['eu-west-1', { useDualstackEndpoint: true }, 'till.eu-west-1.api.aws'],
  ])('follows the partition: %s %o', async (at, configuration, host) => {
    const hosts: string[] = []
    const requestHandler = {
      handle: async ({ hostname }: { hostname: string }) => {
        hosts.push(hostname)
        throw new Error('far enough')
      },
    }
    const client = new Till({ region: at, requestHandler, maxAttempts: 1, ...configuration })
    const [operation] = collectors['ssm-sap']!.operations
    await expect(client.send(new operation!.command({} as never) as never)).rejects.toThrow('far enough')
    expect(hosts).toEqual([host])
  })
})

// Protects the function as it is deployed: the built files answer events by themselves, are small enough for a quick start, and load
// no more than an event needs.
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { deflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { badEvents } from '../commands/config-rule/bad-events.ts'
import { bucketItem, changeOf, eventOf, region } from '../commands/config-rule/events.ts'
import { root } from '../fixtures/estates.ts'
import { type ServedAws, serveAws } from '../hosts/served-aws.ts'

let parent: string
let folder: string
let aws: ServedAws

beforeAll(async () => {
  parent = mkdtempSync(join(tmpdir(), 'rel09-lambda-'))
  folder = join(parent, 'function')
  execFileSync(process.execPath, [join(root, 'scripts/build-lambda.mjs'), folder])
  aws = await serveAws()
}, 120_000)
afterAll(() => {
  aws.close()
  rmSync(parent, { recursive: true, force: true })
})

const bucket = (ruleParameters = '') => eventOf('s3-versioning', changeOf(bucketItem('Off')), { ruleParameters })

const script = `
  const { handler } = await import(process.argv[1])
  const results = []
  for (const event of JSON.parse((await import('node:fs')).readFileSync(process.argv[2], 'utf8')))
    results.push(await handler(event, {}).catch(({ message }) => ({ thrown: message })))
  process.stdout.write(JSON.stringify({ results }))`

interface Invocations {
  /** What the function answered to each event, or threw. */
  results: unknown[]
  /** The function's files that it ran. */
  loaded: string[]
}

/** Answers events in a process of its own. */
async function invoked(...events: unknown[]): Promise<Invocations> {
  const eventsFile = join(folder, '../events.json')
  writeFileSync(eventsFile, JSON.stringify(events))
  const coverage = mkdtempSync(join(tmpdir(), 'rel09-loaded-'))
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', script, join(folder, 'index.mjs'), eventsFile],
      {
        env: {
          PATH: process.env.PATH,
          AWS_ENDPOINT_URL: aws.url,
          AWS_REGION: region,
          AWS_ACCESS_KEY_ID: 'FUNCTION',
          AWS_SECRET_ACCESS_KEY: 's',
          NODE_V8_COVERAGE: coverage,
        },
      },
    )
    const [report = ''] = readdirSync(coverage)
    const { result: scripts } = JSON.parse(readFileSync(join(coverage, report), 'utf8')) as {
      result: { url: string }[]
    }
    const loaded = scripts.filter(({ url }) => url.includes(folder)).map(({ url }) => basename(url))
    return { ...(JSON.parse(stdout.trim().split('\n').pop() ?? '{}') as Pick<Invocations, 'results'>), loaded }
  } finally {
    rmSync(coverage, { recursive: true, force: true })
  }
}

beforeEach(() => {
  aws.asked.splice(0)
  aws.answer = () => undefined
})

describe('the built function', () => {
  it('is less than 1 MB compressed', () => {
    const files = readdirSync(folder).map(name => readFileSync(join(folder, name)))
    expect(files.reduce((sum, bytes) => sum + deflateRawSync(bytes, { level: 9 }).length, 0)).toBeLessThan(1_000_000)
  })

  it('answers an event, and loads no client that the event does not need', async () => {
    const { results, loaded } = await invoked(bucket())
    expect(results).toEqual([{ evaluations: 1 }])
    expect(aws.evaluations()).toMatchObject([{ ComplianceType: 'NON_COMPLIANT', ComplianceResourceId: 'shop-data' }])
    expect(loaded).toContain('index.mjs')
    expect(loaded.some(name => name.startsWith('config-service'))).toBe(true)
    expect(
      loaded.filter(name =>
        /^(?:backup-facts|stored-objects|parameter-store|assumed-role|load|publish|security-hub|event-bus)-/.test(name),
      ),
    ).toEqual([])
  })

  it('reads a policy, YAML and all', async () => {
    aws.answer = ({ what }) =>
      what === 'GetParameter'
        ? {
            body: JSON.stringify({ Parameter: { Value: 'version: 1\nrules: { s3-versioning: { severity: low } }\n' } }),
          }
        : undefined
    await invoked(bucket('{"policyUri":"ssm:/rel09/policy"}'))
    expect(aws.evaluations()).toMatchObject([{ Annotation: expect.stringMatching(/^low: /) }])
  })

  it('refuses what cannot be evaluated: the field is named, nothing is sent, and AWS Config does not try again', async () => {
    const { results } = await invoked(...badEvents.map(([, event]) => event))
    expect(results).toMatchObject(badEvents.map(([field]) => ({ evaluations: 0, error: { field } })))
    expect(aws.asked).toEqual([])
  })

  it('throws what another try may mend', async () => {
    aws.answer = ({ what }) =>
      what === 'PutEvaluations' ? { status: 400, body: '{"__type":"Odd","message":"no"}' } : undefined
    expect((await invoked(bucket())).results).toEqual([{ thrown: 'no' }])
  })

  it('tells findings to Security Hub and EventBridge where it is asked to, and reads rules of others', async () => {
    const rule = readFileSync(join(root, 'rules/REL09-BP01/s3-versioning.yaml'), 'utf8')
    const listed = '<ListBucketResult><Contents><Key>shop-versioning.yaml</Key></Contents></ListBucketResult>'
    aws.answer = ({ what }) => {
      if (what === 'GET /shop-rules') return { body: listed }
      if (what === 'GET /shop-rules/shop-versioning.yaml')
        return { body: rule.replace('id: s3-versioning', 'id: shop-versioning') }
      return undefined
    }
    const told = { securityHub: 'true', eventBus: 'default', rulesUri: 's3://shop-rules', rule: 'shop-versioning' }
    const { results } = await invoked(bucket(JSON.stringify(told)))
    expect(results).toEqual([{ evaluations: 1 }])
    const sent = (what: string) => aws.asked.filter(one => one.what === what).map(({ body }) => JSON.parse(body))
    expect(sent('POST /findings/import')).toMatchObject([{ Findings: [{ GeneratorId: 'rel09/shop-versioning' }] }])
    expect(sent('PutEvents')).toMatchObject([{ Entries: [{ DetailType: 'rel09 Finding' }] }])
  })
})

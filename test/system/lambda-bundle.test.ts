// Protects the functions as they are deployed: the built files answer events by themselves, are small enough for a quick start, load
// no more than an event needs, and are the same zip wherever they are built.
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { badEvents } from '../commands/config-rule/bad-events.ts'
import { account, bucketItem, changeOf, eventOf, region } from '../commands/config-rule/events.ts'
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
const invoked = (...events: unknown[]): Promise<Invocations> => invokedOf('config-rules', events)

async function invokedOf(
  name: string,
  events: readonly unknown[],
  more: { [name: string]: string } = {},
): Promise<Invocations> {
  const eventsFile = join(folder, '../events.json')
  writeFileSync(eventsFile, JSON.stringify(events))
  const coverage = mkdtempSync(join(tmpdir(), 'rel09-loaded-'))
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', script, join(folder, name, 'index.mjs'), eventsFile],
      {
        env: {
          PATH: process.env.PATH,
          AWS_ENDPOINT_URL: aws.url,
          AWS_REGION: region,
          AWS_ACCESS_KEY_ID: 'FUNCTION',
          AWS_SECRET_ACCESS_KEY: 's',
          NODE_V8_COVERAGE: coverage,
          ...more,
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

const zipOf = (name: string) => readFileSync(join(folder, `${name}.zip`))

describe.each([
  ['config-rules', 1_000_000],
  ['collector', 1_000_000],
  ['org-scan', 1_500_000],
])('%s', (name, limit) => {
  it('is a small zip, of the files that are tested', () => {
    const zip = zipOf(name)
    expect(zip.length).toBeLessThan(limit)
    const files = Object.entries(unzipSync(zip))
    expect(files.map(([file]) => file)).toEqual(readdirSync(join(folder, name)).sort())
    for (const [file, bytes] of files) expect(readFileSync(join(folder, name, file)).equals(bytes), file).toBe(true)
  })

  it('may be read by whom Lambda runs it as', () => {
    const zip = zipOf(name)
    // The central directory tells of each file who made it and its mode.
    for (let at = zip.indexOf('PK\u0001\u0002'); at >= 0; at = zip.indexOf('PK\u0001\u0002', at + 4)) {
      expect(zip[at + 5]).toBe(3)
      expect(zip.readUInt32LE(at + 38) >>> 16).toBe(0o100644)
    }
  })
})

it('are the same bytes when they are built again, elsewhere and at another time of day', () => {
  const again = mkdtempSync(join(tmpdir(), 'rel09-lambda-again-'))
  try {
    const env = { ...process.env, TZ: 'Asia/Kathmandu' }
    execFileSync(process.execPath, [join(root, 'scripts/build-lambda.mjs'), again], { env })
    for (const name of ['config-rules', 'collector', 'org-scan'])
      expect(readFileSync(join(again, `${name}.zip`)).equals(zipOf(name)), name).toBe(true)
  } finally {
    rmSync(again, { recursive: true, force: true })
  }
}, 120_000)

const identity = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Account>${account}</Account><Arn>arn:aws:sts::${account}:assumed-role/collector/x</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`

describe('the built collector', () => {
  it('leaves one snapshot, however little it may read', async () => {
    const place = `snapshots/${account}/${region}/`
    aws.answer = ({ what, body }) => {
      if (body.includes('Action=GetCallerIdentity')) return { body: identity }
      return what.startsWith('PUT /shop-snapshots/') ? { body: '' } : undefined
    }
    const event = { source: 'aws.events', time: '2026-01-15T06:00:00Z' }
    const { results } = await invokedOf('collector', [event], { REL09_SNAPSHOT_URI: `s3://shop-snapshots/${place}` })
    const key = `${place}20260115T060000Z.ndjson.gz`
    const [result] = results
    expect(result).toEqual({ key, isNew: true, resources: expect.any(Number), gaps: expect.any(Number) })
    expect((result as { gaps: number }).gaps).toBeGreaterThan(20)
    expect(aws.asked.filter(({ what }) => what.startsWith('PUT')).map(({ what }) => what)).toEqual([
      `PUT /shop-snapshots/${key}`,
    ])
    // Nothing that changes anything but that.
    const reading = /^(?:GET |POST |HEAD |PUT \/shop-snapshots\/|Describe|Get|List|Select|BatchGet)/
    expect(aws.asked.map(({ what }) => what).filter(what => !reading.test(what))).toEqual([])
  }, 60_000)
})

describe('the built function of the rules', () => {
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

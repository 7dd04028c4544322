// Protects the function as it is deployed: the built files answer events by themselves, are small enough for a quick start, and load
// no more than an event needs.
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { deflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bucketItem, changeOf, eventOf, region } from '../commands/config-rule/events.ts'
import { root } from '../fixtures/estates.ts'
import { type ServedAws, serveAws } from '../hosts/served-aws.ts'

let folder: string
let aws: ServedAws

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rel09-lambda-'))
  execFileSync(process.execPath, [join(root, 'scripts/build-lambda.mjs'), folder])
  aws = await serveAws()
}, 120_000)
afterAll(() => {
  aws.close()
  rmSync(folder, { recursive: true, force: true })
})

const bucket = (ruleParameters = '') => eventOf('s3-versioning', changeOf(bucketItem('Off')), { ruleParameters })

const script = `
  const { handler } = await import(process.argv[1])
  const result = await handler(JSON.parse(process.argv[2]), {})
  process.stdout.write(JSON.stringify({ result }))`

/** Answers an event in a process of its own; `loaded`: the function's files that it ran. */
async function invoked(event: object): Promise<{ result: unknown; loaded: string[] }> {
  const coverage = mkdtempSync(join(tmpdir(), 'rel09-loaded-'))
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', script, join(folder, 'index.mjs'), JSON.stringify(event)],
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
    return { ...(JSON.parse(stdout.trim().split('\n').pop() ?? '{}') as { result: unknown }), loaded }
  } finally {
    rmSync(coverage, { recursive: true, force: true })
  }
}

describe('the built function', () => {
  it('is less than 1 MB compressed', () => {
    const files = readdirSync(folder).map(name => readFileSync(join(folder, name)))
    expect(files.reduce((sum, bytes) => sum + deflateRawSync(bytes, { level: 9 }).length, 0)).toBeLessThan(1_000_000)
  })

  it('answers an event, and loads no client that the event does not need', async () => {
    const { result, loaded } = await invoked(bucket())
    expect(result).toEqual({ evaluations: 1 })
    expect(aws.evaluations()).toMatchObject([{ ComplianceType: 'NON_COMPLIANT', ComplianceResourceId: 'shop-data' }])
    expect(loaded).toContain('index.mjs')
    expect(loaded.some(name => name.startsWith('config-service'))).toBe(true)
    expect(
      loaded.filter(name => /^(?:backup-facts|stored-objects|parameter-store|assumed-role|load)-/.test(name)),
    ).toEqual([])
  })

  it('reads a policy, YAML and all', async () => {
    aws.answer = ({ what }) =>
      what === 'GetParameter'
        ? {
            body: JSON.stringify({ Parameter: { Value: 'version: 1\nrules: { s3-versioning: { severity: low } }\n' } }),
          }
        : undefined
    aws.asked.splice(0)
    await invoked(bucket('{"policyUri":"ssm:/rel09/policy"}'))
    expect(aws.evaluations()).toMatchObject([{ Annotation: expect.stringMatching(/^low: /) }])
  })
})

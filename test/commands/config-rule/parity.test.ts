// Protects the promise of one answer in every host: of the same input the Lambda tells the verdict and fingerprint that the command line
// reports, for every estate, as a snapshot and item by item.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import type { RuleHost } from '../../../src/commands/config-rule/rule-host.ts'
import type { Evaluation } from '../../../src/model/evaluation.ts'
import type { Finding } from '../../../src/model/report.ts'
import { builtInRules } from '../../../src/rules/built-in.ts'
import { estates, root } from '../../fixtures/estates.ts'
import { Shop } from '../bookshop.ts'
import {
  account,
  answered,
  changeOf,
  eventOf,
  hostOf,
  judged,
  region,
  ruleIn,
  scheduled,
  storedText,
} from './events.ts'

const shop = new Shop()
afterAll(() => shop.remove())

const now = '2026-01-15T07:00:00.000Z'

/** Findings of the command line by fingerprint. */
async function scanned(input: string, policy: string | undefined): Promise<Map<string, Finding>> {
  const given = policy === undefined ? [] : ['--policy', policy]
  // An AWS Config rule is there because somebody wants it, as a rule that is named is.
  const rules = ['--rule', builtInRules.map(({ id }) => id).join(',')]
  const asked = ['--format', 'json', '--verdicts', 'all', '--no-progress', ...rules, ...given]
  const { out } = await shop.run(['scan', input, ...asked])
  const { findings } = JSON.parse(out) as { findings: Finding[] }
  return new Map(findings.map(finding => [finding.fingerprint, finding]))
}

const compliances = { compliant: 'COMPLIANT', 'non-compliant': 'NON_COMPLIANT' } as const

/** What a finding must be told as. */
function expectSame(
  { fingerprint = '', ComplianceType, Annotation = '' }: Evaluation,
  reported: Map<string, Finding>,
  rule: string,
) {
  const finding = reported.get(fingerprint)
  expect(finding, `${rule}: ${Annotation}`).toMatchObject({ rule })
  const { verdict, state } = finding!
  const isTold = state !== 'exempted' && (verdict === 'compliant' || verdict === 'non-compliant')
  expect(ComplianceType).toBe(isTold ? compliances[verdict] : 'NOT_APPLICABLE')
  if (verdict === 'undetermined' && state !== 'exempted') expect(Annotation).toMatch(/^undetermined: /)
}

/** Verdicts by fingerprint; what a rule does not apply to is told to nobody. */
const verdictsOf = (findings: Iterable<Finding>) =>
  Object.fromEntries(
    [...findings].filter(({ verdict }) => verdict !== 'not-applicable').map(one => [one.fingerprint, one.verdict]),
  )

/** The accounts and Regions that a snapshot read. */
function placesIn(text: string): { account: string; region: string }[] {
  const scopes = text.split('\n').filter(line => line.includes('"record":"scope"'))
  return scopes.map(line => JSON.parse(line)).filter(scope => scope.region !== 'global')
}

/** Configuration snapshots as AWS Config delivers them, by the names of their files. */
function deliveriesOf(estate: string): { name: string; text: string }[] {
  const folder = join(root, 'fixtures/aws-config', estate, 'AWSLogs')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => /\.json(\.gz)?$/.test(name))
  return files.map(name => {
    const bytes = readFileSync(join(folder, name))
    const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString()
    return { name: basename(name).replace('.gz', ''), text }
  })
}

/** The findings behind an answer are those that were reported, and so are the evaluations; gathers them in `told`. */
async function expectJudgedAs(
  event: object,
  host: RuleHost,
  rule: string,
  reported: Map<string, Finding>,
  told: Map<string, string>,
): Promise<void> {
  const { evaluations, findings } = await judged(event, host)
  for (const { fingerprint, verdict, severity, state } of findings()) {
    expect(reported.get(fingerprint), rule).toMatchObject({ rule, verdict, severity, state })
    told.set(fingerprint, verdict)
  }
  for (const evaluation of evaluations) if (evaluation.fingerprint !== undefined) expectSame(evaluation, reported, rule)
}

describe.each(estates)('%s', estate => {
  const policy = estate === 'clinic' ? readFileSync(join(root, 'fixtures/clinic/rel09.yaml'), 'utf8') : undefined
  const ruleParameters = JSON.stringify({
    snapshotUri: 's3://snapshots/',
    ...(policy === undefined ? {} : { policyUri: 'ssm:clinic.yaml' }),
  })
  const policyText = async () => policy ?? ''
  if (policy !== undefined) shop.write('clinic.yaml', policy)
  const policyFile = policy === undefined ? undefined : 'clinic.yaml'

  it('as a snapshot, rule by rule, in every account and Region', async () => {
    const text = readFileSync(join(root, 'fixtures', estate, 'snapshot.ndjson'), 'utf8')
    shop.write('snapshot.ndjson', text)
    const reported = await scanned('snapshot.ndjson', policyFile)
    const host = hostOf({ policyText, newestSnapshot: async () => storedText('snapshot.ndjson', text) })
    const told = new Map<string, string>()
    for (const place of placesIn(text))
      for (const { id } of builtInRules) {
        const more = { ruleParameters, ...ruleIn(place.account, place.region) }
        await expectJudgedAs(eventOf(id, scheduled({ notificationCreationTime: now }), more), host, id, reported, told)
      }
    expect(Object.fromEntries(told)).toEqual(verdictsOf(reported.values()))
  }, 120_000)

  it('as deliveries of AWS Config, rule by rule', async () => {
    for (const { name, text } of deliveriesOf(estate)) {
      shop.write(name, text)
      const reported = await scanned(name, policyFile)
      const [, owner = '', place = ''] = /(\d{12})_Config_([a-z0-9-]+)_/.exec(name) ?? []
      const notification = scheduled({
        messageType: 'ConfigurationSnapshotDeliveryCompleted',
        notificationCreationTime: now,
        s3Bucket: 'shop-config',
        s3ObjectKey: name,
      })
      const told = new Map<string, string>()
      const host = hostOf({ policyText, storedObject: ({ key }) => storedText(key, text) })
      for (const { id } of builtInRules)
        await expectJudgedAs(
          eventOf(id, notification, { ruleParameters, ...ruleIn(owner, place) }),
          host,
          id,
          reported,
          told,
        )
      const own = [...reported.values()].filter(
        ({ resource }) =>
          [owner, undefined].includes(resource.account) && [place, 'global', undefined].includes(resource.region),
      )
      expect(Object.fromEntries(told)).toEqual(verdictsOf(own))
    }
  }, 120_000)

  it('item by item', async () => {
    const items = deliveriesOf(estate).flatMap(
      ({ text }) => JSON.parse(text).configurationItems as { [name: string]: unknown }[],
    )
    let compared = 0
    const seen = new Map<unknown, number>()
    for (const item of items) {
      if (item.awsRegion !== region || item.awsAccountId !== account) continue
      const alike = seen.get(item.resourceType) ?? 0
      seen.set(item.resourceType, alike + 1)
      if (alike >= 3) continue
      shop.write('event.json', JSON.stringify(eventOf('', changeOf(item))))
      const reported = await scanned('event.json', policyFile)
      const own = [...reported.values()].filter(
        ({ resource }) =>
          resource.id === item.resourceId && (resource.sourceType ?? resource.type) === item.resourceType,
      )
      for (const { rule, fingerprint, subject } of own) {
        if (subject === 'backup-selection') continue
        const answer = await answered(eventOf(rule, changeOf(item), { ruleParameters }), hostOf({ policyText }))
        expect(answer).toMatchObject([{ fingerprint, ComplianceResourceId: item.resourceId }])
        expectSame(answer[0]!, reported, rule)
        compared++
      }
    }
    expect(compared).toBeGreaterThan(20)
  })
})

// Protects the dry run of the Lambda: it prints what would be sent, names the field that is wrong, and its exit codes can be relied on.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { root } from '../fixtures/estates.ts'
import { Shop, snapshot } from './bookshop.ts'
import { bucketItem, changeOf, eventOf, scheduled } from './config-rule/events.ts'

const parameters = { ruleParameters: '{"snapshotUri":"s3://snapshots/"}' }
const change = (status: string, more: object = {}) =>
  eventOf('s3-versioning', changeOf(bucketItem(status)), { ...more })
const shop = new Shop({
  'off.json': JSON.stringify(change('Off')),
  'on.json': JSON.stringify(change('Enabled')),
  'test.json': JSON.stringify(change('Enabled', { resultToken: 'TESTMODE' })),
  'policy.json': JSON.stringify(change('Off', { ruleParameters: '{"policyUri":"ssm:/policy"}' })),
  'unknown.json': JSON.stringify(eventOf('resource-in-backup-plan', changeOf(bucketItem('Off')))),
  'own.json': JSON.stringify(
    change('Off', { configRuleName: 'shop-versioning', ruleParameters: '{"rulesUri":"s3://shop-rules"}' }),
  ),
  'rules/shop-versioning.yaml': readFileSync(join(root, 'rules/REL09-BP01/s3-versioning.yaml'), 'utf8').replace(
    'id: s3-',
    'id: shop-',
  ),
  'scheduled.json': JSON.stringify(eventOf('resource-in-backup-plan', scheduled(), parameters)),
  'bad.json': JSON.stringify(change('Off', { ruleParameters: '{"noSuchParameter":"1"}' })),
  'broken.json': '{',
  'shop.ndjson': snapshot(),
  'rel09-own.yaml': 'version: 1\nrules: { s3-versioning: { severity: critical } }\n',
})
afterAll(() => shop.remove())

const run = (...argv: string[]) => shop.run(['lambda-event', ...argv])

describe('rel09 lambda-event', () => {
  it.each([
    [['off.json'], 1, ['NON_COMPLIANT shop-data']],
    [['on.json'], 0, ['COMPLIANT shop-data']],
    [['unknown.json'], 0, ['NOT_APPLICABLE shop-data']],
    [['unknown.json', '--require-evidence'], 3, ['NOT_APPLICABLE shop-data']],
    [['policy.json', '--policy', 'rel09-own.yaml'], 1, ['NON_COMPLIANT shop-data']],
    [['own.json', '--rules', 'rules'], 1, ['NON_COMPLIANT shop-data']],
    [['scheduled.json', '--snapshot', 'shop.ndjson'], 1, ['COMPLIANT db-ORDERS', 'NON_COMPLIANT carts']],
    [['scheduled.json', '--require-evidence'], 3, ['NOT_APPLICABLE 111122223333']],
  ])('%j exits %i', async (argv, code, told) => {
    const { code: exit, out, err } = await run(...argv, '--dry-run')
    expect(err).toBe('')
    expect(exit).toBe(code)
    const { evaluations, policyDigest } = JSON.parse(out)
    expect(policyDigest).toMatch(/^[0-9a-f]{64}$/)
    const shown = evaluations.map(
      (one: { [name: string]: string }) => `${one.ComplianceType} ${one.ComplianceResourceId}`,
    )
    expect(shown.sort()).toEqual([...told].sort())
  })

  it('tells the test harness apart, and takes the severity of the policy', async () => {
    expect(JSON.parse((await run('test.json', '--dry-run')).out)).toMatchObject({
      testMode: true,
      rule: 's3-versioning',
    })
    const { out } = await run('policy.json', '--policy', 'rel09-own.yaml', '--dry-run')
    expect(JSON.parse(out).evaluations[0].Annotation).toMatch(/^critical: /)
  })

  it.each([
    [['off.json'], /--dry-run/],
    [['bad.json', '--dry-run'], /^rel09: bad\.json: ruleParameters\.noSuchParameter: /],
    [['policy.json', '--dry-run'], /^rel09: policy\.json: ruleParameters\.policyUri: /],
    [['own.json', '--dry-run'], /^rel09: own\.json: ruleParameters\.rulesUri: /],
    [['broken.json', '--dry-run'], /^rel09: broken\.json: the event is not valid JSON/],
    [['none.json', '--dry-run'], /none\.json/],
  ])('%j is refused in one line', async (argv, message) => {
    const { code, out, err } = await run(...argv)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(message)
    expect(err.trim().split('\n')).toHaveLength(1)
  })
})

// Protects: every shape of an AWS Config rule's event gives what it knows and no more: an item, a gap for an oversized change,
// nothing for a schedule; a proactive evaluation is read as CloudFormation.
import { describe, expect, it } from 'vitest'
import { readConfigEvent } from '../../src/sources/config-event.ts'
import { account, item, otherAccount, readText, region } from './estate.ts'

const ruleArn = `arn:aws:config:${region}:${otherAccount}:config-rule/config-rule-abc`

function event(notification: unknown, more: object = {}): string {
  const invokingEvent = typeof notification === 'string' ? notification : JSON.stringify(notification)
  return JSON.stringify({
    version: '1.0',
    invokingEvent,
    accountId: otherAccount,
    configRuleArn: ruleArn,
    resultToken: 't',
    ...more,
  })
}

const change = (configurationItem: unknown) => ({
  configurationItem,
  configurationItemDiff: null,
  messageType: 'ConfigurationItemChangeNotification',
  recordVersion: '1.3',
})

const summary = {
  changeType: 'UPDATE',
  configurationItemCaptureTime: '2026-01-05T10:00:00.000Z',
  awsAccountId: account,
  awsRegion: region,
  resourceType: 'AWS::RDS::DBInstance',
  resourceId: 'db-BOOKSHOP',
}

describe('events of AWS Config rules', () => {
  it('a change holds one resource; its scope has no clock', async () => {
    const { scopes, resources, problems } = await readText(event(change(item())))
    expect(problems).toEqual([])
    expect(scopes).toMatchObject([{ source: 'aws-config-event', account, region }])
    expect(scopes[0]).not.toHaveProperty('takenAt')
    expect(resources).toMatchObject([{ id: 'db-BOOKSHOP', encoding: 'config', location: { file: '-', line: 1 } }])
  })

  it('a deleted resource is deleted', async () => {
    const deleted = item({ configurationItemStatus: 'ResourceDeleted', configuration: null })
    expect((await readText(event(change(deleted)))).resources).toMatchObject([{ deleted: true }])
  })

  it('an oversized change is a gap that names its resource', async () => {
    const oversized = { configurationItemSummary: summary, messageType: 'OversizedConfigurationItemChangeNotification' }
    const { resources, gaps, scopes } = await readText(event(oversized))
    expect(resources).toEqual([])
    expect(gaps).toMatchObject([
      {
        scope: scopes[0]!.id,
        reason: 'oversized',
        types: ['AWS::RDS::DBInstance'],
        account,
        region,
        file: '-',
        line: 1,
      },
    ])
    expect(gaps[0]!.remedy).toContain('db-BOOKSHOP')
  })

  it.each(['ScheduledNotification', 'ConfigurationSnapshotDeliveryCompleted'])('%s has no item', async messageType => {
    const { scopes, resources, gaps, problems, notEvaluated } = await readText(
      event({ messageType, recordVersion: '1.0' }),
    )
    expect([resources, gaps, problems]).toEqual([[], [], []])
    expect(scopes).toMatchObject([{ account: otherAccount, region }])
    expect(notEvaluated).toMatchObject([{ count: 1 }])
  })

  it('a resource that left the scope is not judged', async () => {
    const { resources, notEvaluated } = await readText(event(change(item()), { eventLeftScope: true }))
    expect(resources).toEqual([])
    expect(notEvaluated).toMatchObject([{ type: 'AWS::RDS::DBInstance', count: 1 }])
  })

  it.each([(value: unknown) => value, JSON.stringify])('a proactive evaluation is CloudFormation', async form => {
    const properties = { DBInstanceIdentifier: 'orders', Tags: [{ Key: 'tier', Value: 'gold' }] }
    const proposed = { resourceType: 'AWS::RDS::DBInstance', resourceId: 'orders', configuration: form(properties) }
    const { resources } = await readText(event(change(proposed), { evaluationMode: 'PROACTIVE' }))
    expect(resources).toMatchObject([{ encoding: 'cloudformation', configuration: properties, tags: { tier: 'gold' } }])
    expect(resources[0]).not.toHaveProperty('supplementary')
    expect(resources[0]).not.toHaveProperty('unknown')
  })

  it.each<[string, string]>([
    ['a notification that is not JSON', event('{"configurationItem":')],
    ['a notification that is a list', event('[]')],
    ['a change without an item', event({ messageType: 'ConfigurationItemChangeNotification' })],
    ['an item without a type', event(change({ resourceId: 'x' }))],
    ['an oversized change of nothing', event({ configurationItemSummary: {} })],
  ])('%s is a problem', async (_, text) => {
    const { resources, problems } = await readText(text)
    expect(resources).toEqual([])
    expect(problems).toMatchObject([{ file: '-', line: 1 }])
  })

  it.each([null, 1, 'x', [], {}, { invokingEvent: 7 }])('%j is told, not thrown', value => {
    expect(readConfigEvent(value).kind).toBe('wrong')
  })
})

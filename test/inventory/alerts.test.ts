// Protects that «somebody is told» is said only where a failure reaches a living subscriber: deprecated events, filters that
// drop failures, patterns that never match, topics nobody listens to all look like alerts and are none.
import { describe, expect, it } from 'vitest'
import type { ResourceRecord } from '../../src/model/record.ts'
import {
  account,
  factsOf,
  inventoryOf,
  optedIn,
  plan,
  policy,
  region,
  resource,
  scope,
  table,
  vault,
} from './records.ts'

type Alerted = boolean | undefined
const topicArn = `arn:aws:sns:${region}:${account}:failures`
const lambdaArn = `arn:aws:lambda:${region}:${account}:function:page`

const topic = (subscriptions: object[] | undefined): ResourceRecord =>
  resource(
    'AWS::SNS::Topic',
    topicArn,
    { TopicArn: topicArn },
    { arn: topicArn, ...(subscriptions && { supplementary: { Subscriptions: { Subscriptions: subscriptions } } }) },
  )
const subscribed = (filter?: object): object => ({
  Protocol: 'email',
  SubscriptionArn: `${topicArn}:1`,
  Attributes: filter ? { FilterPolicy: JSON.stringify(filter) } : {},
})
const pending = { Protocol: 'email', SubscriptionArn: 'PendingConfirmation' }
const unread = { Protocol: 'email', SubscriptionArn: `${topicArn}:2` }

const notified = (events: string[], name = 'shop', more: Record<string, unknown> = {}) =>
  vault(name, more, {
    supplementary: { AccessPolicy: null, Notifications: { SNSTopicArn: topicArn, BackupVaultEvents: events } },
  })

const rule = (
  pattern: object | undefined,
  more: Record<string, unknown> = {},
  targets: string[] | undefined = [lambdaArn],
  id = 'rule',
) =>
  resource(
    'AWS::Events::Rule',
    id,
    {
      Name: id,
      State: 'ENABLED',
      EventBusName: 'default',
      ...(pattern && { EventPattern: JSON.stringify(pattern) }),
      ...more,
    },
    {
      arn: `arn:aws:events:${region}:${account}:rule/${id}`,
      ...(targets && { supplementary: { Targets: { Targets: targets.map(Arn => ({ Arn })) } } }),
    },
  )

const alarm = (more: Record<string, unknown> = {}) =>
  resource(
    'AWS::CloudWatch::Alarm',
    'alarm',
    {
      AlarmName: 'alarm',
      Namespace: 'AWS/Backup',
      MetricName: 'NumberOfBackupJobsFailed',
      Dimensions: [],
      ActionsEnabled: true,
      AlarmActions: [lambdaArn],
      ...more,
    },
    { arn: `arn:aws:cloudwatch:${region}:${account}:alarm:alarm` },
  )

const everyOutcome = ['backupFailed', 'copyFailed', 'restoreFailed', 'continuousInterrupted', 's3ObjectFailed'] as const
type Outcome = (typeof everyOutcome)[number]

function vaultAlert(records: ResourceRecord[], outcome: Outcome = 'backupFailed', complete = true): Alerted {
  const groups = scope().factGroups!.filter(group => complete || group !== 'alerts')
  const options = { policy: policy({}, { alertOn: [outcome] }) }
  const facts = factsOf(inventoryOf([scope({ factGroups: groups }), ...records], options), 'backup-vault', 'shop')
  return (facts.alerts as { outcome: Outcome; alerted: Alerted }[]).find(alert => alert.outcome === outcome)?.alerted
}

const quiet = vault('shop')

describe('notifications of a vault', () => {
  it.each<[string, ResourceRecord[], Alerted]>([
    ['none', [quiet], false],
    ['not read', [vault('shop', {}, { supplementary: { AccessPolicy: null } })], undefined],
    ['to a confirmed subscriber', [notified(['BACKUP_JOB_COMPLETED']), topic([subscribed()])], true],
    [
      'of a deprecated event, which delivers nothing',
      [notified(['BACKUP_JOB_FAILED', 'BACKUP_JOB_EXPIRED']), topic([subscribed()])],
      false,
    ],
    ['of another event', [notified(['COPY_JOB_FAILED']), topic([subscribed()])], false],
    ['to a topic that was not read', [notified(['BACKUP_JOB_COMPLETED'])], undefined],
    ['to a topic whose subscriptions were not read', [notified(['BACKUP_JOB_COMPLETED']), topic(undefined)], undefined],
    ['to a topic that nobody hears', [notified(['BACKUP_JOB_COMPLETED']), topic([])], false],
    ['to a subscriber who has not confirmed', [notified(['BACKUP_JOB_COMPLETED']), topic([pending])], false],
    [
      'to one who has, beside one who has not',
      [notified(['BACKUP_JOB_COMPLETED']), topic([pending, subscribed()])],
      true,
    ],
    ['by a filter that was not read', [notified(['BACKUP_JOB_COMPLETED']), topic([unread])], undefined],
    ['by an empty filter', [notified(['BACKUP_JOB_COMPLETED']), topic([subscribed({})])], true],
    [
      'by a filter of every failed state',
      [notified(['BACKUP_JOB_COMPLETED']), topic([subscribed({ State: ['FAILED', 'ABORTED', 'EXPIRED'] })])],
      true,
    ],
    [
      'by a filter of one failed state',
      [notified(['BACKUP_JOB_COMPLETED']), topic([subscribed({ State: ['FAILED'] })])],
      false,
    ],
    [
      'by a filter that drops failures',
      [notified(['BACKUP_JOB_COMPLETED']), topic([subscribed({ State: ['COMPLETED'] })])],
      false,
    ],
    [
      'by a filter of anything but success',
      [notified(['BACKUP_JOB_COMPLETED']), topic([subscribed({ State: [{ 'anything-but': 'COMPLETED' }] })])],
      true,
    ],
    [
      'by a filter of the event',
      [notified(['BACKUP_JOB_COMPLETED']), topic([subscribed({ EventType: ['BACKUP_JOB_COMPLETED'] })])],
      true,
    ],
    [
      'by a filter of another event',
      [notified(['BACKUP_JOB_COMPLETED']), topic([subscribed({ EventType: ['COPY_JOB_FAILED'] })])],
      false,
    ],
    [
      'by a filter of something else',
      [notified(['BACKUP_JOB_COMPLETED']), topic([subscribed({ BackupVault: ['shop'] })])],
      undefined,
    ],
    [
      'by one that drops the event, whatever else',
      [notified(['BACKUP_JOB_COMPLETED']), topic([subscribed({ EventType: ['X'], BackupVault: ['shop'] })])],
      false,
    ],
    [
      'by a filter that is no list',
      [notified(['BACKUP_JOB_COMPLETED']), topic([subscribed({ State: 'FAILED' })])],
      undefined,
    ],
  ])('%s', (_name, records, expected) => {
    expect(vaultAlert(records)).toBe(expected)
  })

  it.each<[Outcome, string, string[]]>([
    ['backupFailed', 'BACKUP_JOB_COMPLETED', ['FAILED', 'ABORTED', 'EXPIRED']],
    ['copyFailed', 'COPY_JOB_FAILED', ['FAILED']],
    ['restoreFailed', 'RESTORE_JOB_COMPLETED', ['FAILED', 'ABORTED']],
  ])('tell of %s by %s', (outcome, event, states) => {
    expect(vaultAlert([notified([event]), topic([subscribed({ State: states })])], outcome)).toBe(true)
    for (const state of states)
      expect(
        vaultAlert([notified([event]), topic([subscribed({ State: states.filter(s => s !== state) })])], outcome),
      ).toBe(false)
    for (const other of everyOutcome.filter(o => o !== outcome))
      expect(vaultAlert([notified([event]), topic([subscribed()])], other)).toBe(false)
  })

  it.each<[Outcome, string]>([
    ['continuousInterrupted', 'CONTINUOUS_BACKUP_INTERRUPTED'],
    ['s3ObjectFailed', 'S3_BACKUP_OBJECT_FAILED'],
  ])('tell of %s by %s, whose states are not known', (outcome, event) => {
    expect(vaultAlert([notified([event]), topic([subscribed()])], outcome)).toBe(true)
    expect(vaultAlert([notified([event]), topic([subscribed({ State: ['FAILED'] })])], outcome)).toBeUndefined()
  })
})

describe('EventBridge rules', () => {
  const backup = { source: ['aws.backup'], 'detail-type': ['Backup Job State Change'] }
  const failures = { ...backup, detail: { state: ['FAILED', 'ABORTED', 'EXPIRED'] } }

  it.each<[string, ResourceRecord[], Alerted]>([
    ['for every state', [rule(backup)], true],
    ['for every failed state', [rule(failures)], true],
    ['for every event of the service', [rule({ source: ['aws.backup'] })], true],
    ['for one failed state', [rule({ ...backup, detail: { state: ['FAILED'] } })], false],
    [
      'for each failed state a rule: one of them is not enough',
      [
        rule({ ...backup, detail: { state: ['FAILED'] } }),
        rule({ ...backup, detail: { state: ['ABORTED', 'EXPIRED'] } }, {}, [lambdaArn], 'second'),
      ],
      false,
    ],
    ['for success', [rule({ ...backup, detail: { state: ['COMPLETED'] } })], false],
    [
      'for anything but success',
      [rule({ ...backup, detail: { state: [{ 'anything-but': ['COMPLETED', 'RUNNING'] }] } })],
      true,
    ],
    ['for anything but one failure', [rule({ ...backup, detail: { state: [{ 'anything-but': 'EXPIRED' }] } })], false],
    [
      'for anything but something odd',
      [rule({ ...backup, detail: { state: [{ 'anything-but': { prefix: 'X' } }] } })],
      undefined,
    ],
    [
      'by a field that backup jobs have not',
      [rule({ ...backup, detail: { status: ['FAILED', 'ABORTED', 'EXPIRED'] } })],
      false,
    ],
    [
      'by such a field in a way that is not understood',
      [rule({ ...backup, detail: { status: [{ exists: false }] } })],
      undefined,
    ],
    ['of another service', [rule({ source: ['aws.ec2'] })], false],
    ['of several services', [rule({ source: ['aws.ec2', 'aws.backup'] })], true],
    ['of a service by prefix', [rule({ source: [{ prefix: 'aws.' }] })], true],
    ['of a service by another prefix', [rule({ source: [{ prefix: 'my.' }] })], false],
    ['of a kind by suffix', [rule({ source: ['aws.backup'], 'detail-type': [{ suffix: 'State Change' }] })], true],
    ['of a kind by another suffix', [rule({ source: ['aws.backup'], 'detail-type': [{ suffix: 'Point' }] })], false],
    [
      'of a kind in any case',
      [rule({ source: ['aws.backup'], 'detail-type': [{ 'equals-ignore-case': 'backup job state change' }] })],
      true,
    ],
    [
      'of a kind in another word',
      [rule({ source: ['aws.backup'], 'detail-type': [{ 'equals-ignore-case': 'backup job' }] })],
      false,
    ],
    ['of another kind', [rule({ source: ['aws.backup'], 'detail-type': ['Copy Job State Change'] })], false],
    ['by an operator that is not understood', [rule({ source: [{ wildcard: 'aws.*' }] })], undefined],
    ['by two operators at once', [rule({ source: [{ prefix: 'aws.', suffix: 'backup' }] })], undefined],
    ['by a prefix of a number', [rule({ source: [{ prefix: 1 }] })], undefined],
    ['by an empty operator', [rule({ source: [{}] })], undefined],
    ['by null', [rule({ source: [null] })], false],
    ['by no list', [rule({ source: 'aws.backup' })], undefined],
    ['by an empty list', [rule({ source: [] })], false],
    ['for one vault', [rule({ ...backup, detail: { backupVaultArn: ['x'] } })], undefined],
    [
      'for one vault, and success',
      [rule({ ...backup, detail: { backupVaultArn: ['x'], state: ['COMPLETED'] } })],
      false,
    ],
    ['for one resource', [rule({ ...backup, resources: ['x'] })], undefined],
    ['with a detail that is none', [rule({ ...backup, detail: 'x' })], undefined],
    ['of this account and Region', [rule({ ...backup, account: [account], region: [region], version: ['0'] })], true],
    ['of another account', [rule({ ...backup, account: ['444455556666'] })], false],
    ['of another Region', [rule({ ...backup, region: ['us-east-1'] })], false],
    ['disabled', [rule(backup, { State: 'DISABLED' })], false],
    ['whose state is not known', [rule(backup, { State: undefined })], undefined],
    ['by a schedule', [rule(undefined, { ScheduleExpression: 'rate(1 day)' })], false],
    ['whose pattern was not read', [rule(undefined)], undefined],
    ['of another bus', [rule(backup, { EventBusName: 'orders' })], false],
    [
      'of AWS’s bus by its ARN',
      [rule(backup, { EventBusName: `arn:aws:events:${region}:${account}:event-bus/default` })],
      true,
    ],
    ['of a bus that is not known', [rule(backup, { EventBusName: undefined })], undefined],
    ['without target', [rule(backup, {}, [])], false],
    ['whose targets were not read', [rule(backup, {}, undefined)].map(r => ({ ...r, supplementary: {} })), undefined],
    ['to a topic with a subscriber', [rule(backup, {}, [topicArn]), topic([subscribed()])], true],
    ['to a topic without', [rule(backup, {}, [topicArn]), topic([])], false],
    ['to a topic that was not read', [rule(backup, {}, [topicArn])], undefined],
    [
      'to a topic whose filter asks for attributes, which EventBridge sets none',
      [rule(backup, {}, [topicArn]), topic([subscribed({ State: ['FAILED', 'ABORTED', 'EXPIRED'] })])],
      undefined,
    ],
    ['to a topic with an empty filter', [rule(backup, {}, [topicArn]), topic([subscribed({})])], true],
    ['to a topic without subscriber and a function', [rule(backup, {}, [topicArn, lambdaArn]), topic([])], true],
  ])('%s', (_name, records, expected) => {
    expect(vaultAlert([quiet, ...records])).toBe(expected)
  })

  it.each<[Outcome, string, string, string[]]>([
    ['backupFailed', 'Backup Job State Change', 'state', ['FAILED', 'ABORTED', 'EXPIRED']],
    ['copyFailed', 'Copy Job State Change', 'state', ['FAILED']],
    ['restoreFailed', 'Restore Job State Change', 'status', ['FAILED', 'ABORTED']],
  ])('tell of %s by «%s», whose state stands in «%s»', (outcome, detailType, field, states) => {
    const of = (detail: object) =>
      vaultAlert([quiet, rule({ source: ['aws.backup'], 'detail-type': [detailType], detail })], outcome)
    expect(of({ [field]: states })).toBe(true)
    for (const state of states) expect(of({ [field]: states.filter(s => s !== state) })).toBe(false)
    expect(of({ [field === 'state' ? 'status' : 'state']: states })).toBe(false)
  })

  it('tell nothing of what only a vault tells', () => {
    expect(vaultAlert([quiet, rule({ source: ['aws.backup'] })], 'continuousInterrupted')).toBe(false)
    expect(vaultAlert([quiet, rule({ source: ['aws.backup'] })], 's3ObjectFailed')).toBe(false)
  })
})

describe('alarms', () => {
  it.each<[string, ResourceRecord[], Alerted]>([
    ['on every vault', [alarm()], true],
    ['on this vault', [alarm({ Dimensions: [{ Name: 'BackupVaultName', Value: 'shop' }] })], true],
    ['on another vault', [alarm({ Dimensions: [{ Name: 'BackupVaultName', Value: 'other' }] })], false],
    ['on one type', [alarm({ Dimensions: [{ Name: 'ResourceType', Value: 'EBS' }] })], false],
    ['of another metric', [alarm({ MetricName: 'NumberOfBackupJobsCompleted' })], false],
    ['of another namespace', [alarm({ Namespace: 'AWS/EC2' })], false],
    ['with its actions off', [alarm({ ActionsEnabled: false })], false],
    ['whose actions may be off', [alarm({ ActionsEnabled: undefined })], undefined],
    ['without action', [alarm({ AlarmActions: [] })], false],
    ['to a topic with a subscriber', [alarm({ AlarmActions: [topicArn] }), topic([subscribed()])], true],
    ['to a topic without', [alarm({ AlarmActions: [topicArn] }), topic([pending])], false],
    ['to a topic that was not read', [alarm({ AlarmActions: [topicArn] })], undefined],
    ['of another metric, whatever else is not known', [alarm({ MetricName: 'X', AlarmActions: [topicArn] })], false],
  ])('%s', (_name, records, expected) => {
    expect(vaultAlert([quiet, ...records])).toBe(expected)
  })

  it.each<[Outcome, string]>([
    ['backupFailed', 'NumberOfBackupJobsFailed'],
    ['copyFailed', 'NumberOfCopyJobsFailed'],
    ['restoreFailed', 'NumberOfRestoreJobsFailed'],
  ])('tell of %s by %s', (outcome, MetricName) => {
    expect(vaultAlert([quiet, alarm({ MetricName })], outcome)).toBe(true)
    expect(vaultAlert([quiet, alarm({ MetricName: 'NumberOfVaults' })], outcome)).toBe(false)
  })

  it('tell nothing of what only a vault tells', () => {
    expect(vaultAlert([quiet, alarm()], 'continuousInterrupted')).toBe(false)
  })
})

describe('where rules and alarms were not all read', () => {
  it.each<[string, ResourceRecord[], Alerted]>([
    ['silence is not known', [quiet], undefined],
    ['an alert is one all the same', [quiet, alarm()], true],
    ['so are notifications', [notified(['BACKUP_JOB_COMPLETED']), topic([subscribed()])], true],
  ])('%s', (_name, records, expected) => {
    expect(vaultAlert(records, 'backupFailed', false)).toBe(expected)
  })
})

describe('a Region', () => {
  const of = (records: ResourceRecord[], without: string[] = []): Alerted => {
    const groups = scope().factGroups!.filter(group => !without.includes(group))
    const options = { policy: policy({}, { alertOn: ['restoreFailed'] }) }
    const facts = factsOf(inventoryOf([scope({ factGroups: groups }), optedIn(), ...records], options), 'region')
    return (facts.alerts as { alerted: Alerted }[])[0]?.alerted
  }
  const told = (name: string) => notified(['RESTORE_JOB_COMPLETED'], name, { NumberOfRecoveryPoints: 3 })
  const used = (name: string) => vault(name, { NumberOfRecoveryPoints: 3 })
  const heard = topic([subscribed()])

  it.each<[string, ResourceRecord[], string[], Alerted]>([
    ['is told where each vault in use tells', [told('a'), told('b'), heard], [], true],
    ['is not where one in use does not', [told('a'), used('b'), heard], [], false],
    ['is where only an unused one does not', [told('a'), vault('b'), heard], [], true],
    [
      'may not be where one of which the use is not known does not',
      [told('a'), vault('b'), heard],
      ['recovery-points'],
      undefined,
    ],
    ['is not where no vault is used', [vault('a')], [], false],
    ['is not where there is no vault', [], [], false],
    ['may not be where vaults were not all read', [told('a'), heard], ['vaults'], undefined],
    [
      'is told of a vault that a plan uses',
      [plan('nightly', [{ TargetBackupVaultName: 'a' }]), notified(['RESTORE_JOB_COMPLETED'], 'a'), heard],
      [],
      true,
    ],
    ['is told by a rule', [used('a'), rule({ source: ['aws.backup'] })], [], true],
    ['is told by an alarm on all', [used('a'), alarm({ MetricName: 'NumberOfRestoreJobsFailed' })], [], true],
    [
      'is not by an alarm on one vault',
      [
        used('a'),
        alarm({ MetricName: 'NumberOfRestoreJobsFailed', Dimensions: [{ Name: 'BackupVaultName', Value: 'a' }] }),
      ],
      [],
      false,
    ],
  ])('%s', (_name, records, without, expected) => {
    expect(of(records, without)).toBe(expected)
  })
})

describe('API calls that destroy', () => {
  const of = (records: ResourceRecord[], event = 'DeleteBackupVault', complete = true): Alerted => {
    const groups = scope().factGroups!.filter(group => complete || group !== 'alerts')
    const options = { policy: policy({}, { destructiveEvents: [event] }) }
    const facts = factsOf(inventoryOf([scope({ factGroups: groups }), table('a'), ...records], options), 'region')
    expect(facts.destructiveEvents).toMatchObject([{ event }])
    return (facts.destructiveEvents as { alerted: Alerted }[])[0]?.alerted
  }
  const call = (eventSource: string, eventName: unknown, more: object = {}) =>
    rule({
      source: [`aws.${eventSource}`],
      'detail-type': ['AWS API Call via CloudTrail'],
      detail: { eventSource: [`${eventSource}.amazonaws.com`], eventName },
      ...more,
    })

  it.each<[string, () => Alerted, Alerted]>([
    ['by name', () => of([call('backup', ['DeleteBackupVault'])]), true],
    ['by prefix', () => of([call('backup', [{ prefix: 'Delete' }])]), true],
    ['by another name', () => of([call('backup', ['DeleteRecoveryPoint'])]), false],
    [
      'of every call',
      () => of([rule({ source: ['aws.backup'], 'detail-type': ['AWS API Call via CloudTrail'] })]),
      true,
    ],
    ['of job changes', () => of([rule({ source: ['aws.backup'], 'detail-type': ['Backup Job State Change'] })]), false],
    ['of another service', () => of([call('kms', ['DeleteBackupVault'])]), false],
    [
      'of one caller',
      () => of([rule({ source: ['aws.backup'], detail: { eventName: ['DeleteBackupVault'], userIdentity: ['x'] } })]),
      undefined,
    ],
    [
      'of another bus',
      () =>
        of([
          {
            ...call('backup', ['DeleteBackupVault']),
            configuration: { ...call('backup', ['DeleteBackupVault']).configuration, EventBusName: 'orders' },
          },
        ]),
      false,
    ],
    ['of another account', () => of([call('backup', ['DeleteBackupVault'], { account: ['444455556666'] })]), false],
    ['of a resource', () => of([call('backup', ['DeleteBackupVault'], { resources: ['x'] })]), undefined],
    ['by no rule', () => of([]), false],
    ['by no rule that was read', () => of([], 'DeleteBackupVault', false), undefined],
    ...['ScheduleKeyDeletion', 'DisableKey', 'PutKeyPolicy', 'DeleteImportedKeyMaterial'].flatMap(
      (event): [string, () => Alerted, Alerted][] => [
        [`${event} by KMS`, () => of([call('kms', [event])], event), true],
        [`${event} by AWS Backup`, () => of([call('backup', [event])], event), false],
      ],
    ),
  ])('%s', (_name, actual, expected) => {
    expect(actual()).toBe(expected)
  })
})

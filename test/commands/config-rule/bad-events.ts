/** Events that cannot be evaluated, each with the field that is wrong. */
import { changeOf, databaseItem, eventOf, scheduled } from './events.ts'

const good = () => eventOf('rds-automated-backup', changeOf(databaseItem(7)))
const notified = (more: object) => eventOf('rds-automated-backup', { ...changeOf(databaseItem(7)), ...more })
const given = (ruleParameters: unknown) => ({
  ...good(),
  ruleParameters: typeof ruleParameters === 'object' ? JSON.stringify(ruleParameters) : ruleParameters,
})

/** The field, and the event. */
export const badEvents: readonly (readonly [field: string, event: unknown])[] = [
  ['event', null],
  ['event', [good()]],
  ['invokingEvent', { ...good(), invokingEvent: undefined }],
  ['invokingEvent', { ...good(), invokingEvent: { messageType: 'ScheduledNotification' } }],
  ['invokingEvent', { ...good(), invokingEvent: '{' }],
  ['invokingEvent', { ...good(), invokingEvent: '[]' }],
  ['invokingEvent', { ...good(), invokingEvent: 'x'.repeat(1_000_000) }],
  ['invokingEvent', { ...good(), invokingEvent: '['.repeat(500_000) + ']'.repeat(500_000) }],
  ['resultToken', { ...good(), resultToken: '' }],
  ['accountId', { ...good(), accountId: 111122223333 }],
  ['accountId', { ...good(), accountId: '1111' }],
  ['configRuleArn', { ...good(), configRuleArn: undefined }],
  ['configRuleArn', { ...good(), configRuleArn: 'arn:aws:config:nowhere' }],
  ['configRuleName', { ...good(), configRuleName: undefined }],
  ['configRuleName', { ...good(), configRuleName: 'rel09-no-such-rule' }],
  ['configRuleName', { ...good(), configRuleName: 'constructor' }],
  ['invokingEvent.messageType', notified({ messageType: undefined })],
  ['invokingEvent.messageType', notified({ messageType: 'Something' })],
  ['invokingEvent.configurationItem', notified({ configurationItem: null })],
  [
    'invokingEvent.configurationItem.resourceType',
    notified({ configurationItem: databaseItem(7, { resourceType: 5 }) }),
  ],
  ['invokingEvent.configurationItem.resourceId', notified({ configurationItem: databaseItem(7, { resourceId: '' }) })],
  [
    'invokingEvent.configurationItem.resourceId',
    notified({ configurationItem: databaseItem(7, { resourceId: 'x'.repeat(769) }) }),
  ],
  [
    'invokingEvent.configurationItem.configurationItemCaptureTime',
    notified({ configurationItem: databaseItem(7, { configurationItemCaptureTime: 'now' }) }),
  ],
  ['invokingEvent.configurationItemSummary', notified({ messageType: 'OversizedConfigurationItemChangeNotification' })],
  [
    'invokingEvent.notificationCreationTime',
    eventOf('dynamodb-pitr', scheduled({ notificationCreationTime: undefined })),
  ],
  [
    'invokingEvent.s3ObjectKey',
    eventOf('dynamodb-pitr', scheduled({ messageType: 'ConfigurationSnapshotDeliveryCompleted', s3Bucket: 'b' })),
  ],
  ['ruleParameters', given('{')],
  ['ruleParameters', given('[]')],
  ['ruleParameters', given(5)],
  ['ruleParameters.rule', given({ rule: 'no-such-rule' })],
  ['ruleParameters.minRetentionDays', given({ minRetentionDays: 'seven' })],
  ['ruleParameters.minRetentionDays', given({ minRetentionDays: { $fact: 'x' } })],
  ['ruleParameters.noSuchParameter', given({ noSuchParameter: '1' })],
  ['ruleParameters.maxSnapshotAgeHours', given({ maxSnapshotAgeHours: 'soon' })],
  ['ruleParameters.policyUri', given({ policyUri: 'https://example.com/policy' })],
  ['ruleParameters.policyUri', given({ policyUri: 's3://bucket' })],
  ['ruleParameters.snapshotUri', given({ snapshotUri: '/snapshots' })],
  ['ruleParameters.roleArn', given({ roleArn: 'rel09-reader' })],
  ['ruleParameters.undeterminedAs', given({ undeterminedAs: 'COMPLIANT' })],
  ['ruleParameters.rulesUri', given({ rulesUri: 'rules/' })],
  ['ruleParameters.securityHub', given({ securityHub: 'yes' })],
  ['ruleParameters.securityHub', given({ securityHub: ['true'] })],
  ['ruleParameters.eventBus', given({ eventBus: 'shop bus' })],
  ['ruleParameters.eventBus', given({ eventBus: 'arn:aws:sns:eu-west-1:111122223333:shop' })],
  ['ruleParameters.snapshotUri', eventOf('dynamodb-pitr', scheduled())],
]

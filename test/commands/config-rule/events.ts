/** Events of AWS Config rules, and a host that reads no AWS. */
import { Readable } from 'node:stream'
import { assignmentOf, evaluate, standardsFor } from '../../../src/commands/config-rule/evaluate.ts'
import type { Judged } from '../../../src/commands/config-rule/judging.ts'
import type { Publishers } from '../../../src/commands/config-rule/publish.ts'
import type { RuleHost } from '../../../src/commands/config-rule/rule-host.ts'
import type { EvaluatedResource, Evaluation } from '../../../src/model/evaluation.ts'

export const account = '111122223333'
export const region = 'eu-west-1'
export const orderedAt = '2026-01-05T10:00:00.000Z'

type Tree = { [name: string]: unknown }

/** A configuration item as an event holds it. */
export const item = (type: string, id: string, configuration: unknown, more: object = {}) => ({
  configurationItemVersion: '1.3',
  configurationItemCaptureTime: orderedAt,
  configurationStateId: 1767607200000,
  awsAccountId: account,
  configurationItemStatus: 'OK',
  resourceType: type,
  resourceId: id,
  resourceName: id,
  awsRegion: region,
  availabilityZone: 'Regional',
  configurationStateMd5Hash: '',
  relatedEvents: [],
  relationships: [],
  tags: {},
  supplementaryConfiguration: {},
  configuration,
  ...more,
})

/** A bucket whose versioning has a status, or never had one (`Off`). */
export const bucketItem = (status: string) =>
  item(
    'AWS::S3::Bucket',
    'shop-data',
    { name: 'shop-data', owner: { id: 'x' } },
    {
      ARN: 'arn:aws:s3:::shop-data',
      supplementaryConfiguration: {
        AccessControlList: '{"grantList":[]}',
        BucketVersioningConfiguration: { status, isMfaDeleteEnabled: null },
      },
    },
  )

/** A database whose automated backups are kept for some days. */
export const databaseItem = (retention: number, more: object = {}) =>
  item(
    'AWS::RDS::DBInstance',
    'db-ABCDEFGHIJKL',
    {
      dBInstanceIdentifier: 'orders',
      dBInstanceArn: `arn:aws:rds:${region}:${account}:db:orders`,
      dbiResourceId: 'db-ABCDEFGHIJKL',
      dBInstanceStatus: 'available',
      engine: 'postgres',
      backupRetentionPeriod: retention,
      storageEncrypted: true,
      readReplicaSourceDBInstanceIdentifier: null,
      dBClusterIdentifier: null,
    },
    { resourceName: 'orders', ARN: `arn:aws:rds:${region}:${account}:db:orders`, ...more },
  )

/** What the envelope says of the account and Region that a rule is in. */
export const ruleIn = (accountId: string, ruleRegion: string): Tree => ({
  accountId,
  configRuleArn: `arn:aws:config:${ruleRegion}:${accountId}:config-rule/config-rule-abc123`,
})

/** The envelope around a notification, for one of our rules. */
export const eventOf = (rule: string, notification: unknown, more: Tree = {}): Tree => ({
  version: '1.0',
  invokingEvent: typeof notification === 'string' ? notification : JSON.stringify(notification),
  ruleParameters: '',
  resultToken: 'token',
  eventLeftScope: false,
  executionRoleArn: `arn:aws:iam::${account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig`,
  configRuleName: `rel09-${rule}`,
  configRuleId: 'config-rule-abc123',
  ...ruleIn(account, region),
  evaluationMode: 'DETECTIVE',
  ...more,
})

export const changeOf = (configurationItem: unknown): Tree => ({
  configurationItem,
  configurationItemDiff: null,
  notificationCreationTime: '2026-01-05T10:00:05.000Z',
  messageType: 'ConfigurationItemChangeNotification',
  recordVersion: '1.3',
})

export const scheduled = (more: Tree = {}): Tree => ({
  awsAccountId: account,
  notificationCreationTime: orderedAt,
  messageType: 'ScheduledNotification',
  recordVersion: '1.0',
  ...more,
})

/** An item as an event holds it (form B), and as the history has it (form C), where its parts are JSON text. */
export function apiForm(item: Tree): Tree {
  const { awsAccountId, ARN, configurationStateMd5Hash, configurationItemVersion, ...rest } = item
  const { configuration, supplementaryConfiguration = {}, relationships: _, ...common } = rest
  return {
    ...common,
    accountId: awsAccountId,
    arn: ARN,
    configurationItemMD5Hash: configurationStateMd5Hash,
    version: configurationItemVersion,
    configuration: JSON.stringify(configuration),
    supplementaryConfiguration: Object.fromEntries(
      Object.entries(supplementaryConfiguration as Tree).map(([name, value]) => [name, JSON.stringify(value)]),
    ),
  }
}

/** The notification of a change whose item is too large. */
export function oversizedOf(item: Tree): Tree {
  const { configuration: _, supplementaryConfiguration: __, tags: ___, ...configurationItemSummary } = item
  return {
    configurationItemSummary: { changeType: 'UPDATE', ...configurationItemSummary },
    s3DeliverySummary: { s3BucketLocation: 'bucket/key', errorCode: null, errorMessage: null },
    notificationCreationTime: '2026-01-05T10:00:05.000Z',
    messageType: 'OversizedConfigurationItemChangeNotification',
    recordVersion: '1.0',
  }
}

/** A stored text. */
export const storedText = (name: string, text: string) => ({
  name,
  open: async () => Readable.from([Buffer.from(text)]),
})

const unasked = async () => {
  throw new Error('nobody should ask this')
}

/** Where no finding may be told. */
export const noPublishers: Publishers = { securityHub: unasked, eventBus: unasked }

/** A host that answers what a test gives, and nothing else. */
export const hostOf = (given: Partial<RuleHost> & { before?: EvaluatedResource[] } = {}): RuleHost => ({
  version: '0.0.0',
  policyText: unasked,
  ruleFiles: unasked,
  itemOf: unasked,
  newestSnapshot: unasked,
  storedObject: () => ({ name: '', open: unasked }),
  readableGroups: new Set(),
  backupFacts: unasked,
  evaluatedBefore: async () => given.before ?? [],
  ...given,
})

/** How an event is judged. */
export async function judged(event: unknown, host: RuleHost): Promise<Judged> {
  const assignment = assignmentOf(event)
  return evaluate(assignment, await standardsFor(assignment, host), host)
}

/** What an event is answered by. */
export const answered = async (event: unknown, host: RuleHost = hostOf()): Promise<Evaluation[]> =>
  (await judged(event, host)).evaluations

/**
 * Amazon CloudWatch Logs log groups. The group itself keeps the events: for `retentionInDays`, or for ever where none is
 * set. A subscription filter or an export task carries them elsewhere. AWS Config and AWS Backup know no log groups.
 *
 * `configuration` = element of `logs:DescribeLogGroups` (`logGroups[]`); id = `logGroupName`.
 * `supplementary.SubscriptionFilters` = `subscriptionFilters` of `logs:DescribeSubscriptionFilters`;
 * `supplementary.ExportTasks` = those of `exportTasks` of `logs:DescribeExportTasks` that name the group (the API keeps them
 * for a while only, so that an empty list beside an empty list of filters means: not exported).
 * A declared subscription filter is a companion of its group.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html
 */
import type { Facts } from '../model/facts.ts'
import type { ResourceRecord } from '../model/record.ts'
import type { ResourceDefinition } from './definition.ts'
import { at, configurationOf, referenceOr } from './evidence.ts'
import {
  everywhere,
  factGroup,
  keptByTemplate,
  noPointInTimeRecovery,
  noReplication,
  notInAwsBackup,
  settleKeyManager,
} from './native-backup.ts'
import { property, toList, toNumber, toText, valueAt } from './property.ts'
import { isUnknownUntilDeploy } from './reading.ts'
import { settleDeletionPolicy } from './store-settings.ts'

/** Retention is set only by a positive number; Terraform writes 0 for «never expires», the others leave it out. */
function settleRetention(own: Facts, item: ResourceRecord): void {
  const native = factGroup(own, 'native')
  const path = item.encoding === 'terraform' ? 'retention_in_days' : 'retentionInDays'
  const raw = property(item, path)
  if (raw === undefined || raw === null) {
    if (isUnknownUntilDeploy(item, path) || isUnknownUntilDeploy(item, 'RetentionInDays')) return
    native.retentionDays = null
    native.keepsForever = true
    return
  }
  const days = toNumber(raw)
  if (days === undefined || days < 0) return
  native.retentionDays = days > 0 ? days : null
  native.keepsForever = days === 0
}

function isExported(item: ResourceRecord): boolean | undefined {
  const filters = toList(property(item, 'supplementary.SubscriptionFilters'))
  const exports = toList(property(item, 'supplementary.ExportTasks'))
  if (filters?.length) return true
  if (exports?.some(task => ['COMPLETED', 'RUNNING'].includes(toText(valueAt(task, 'status.code')) ?? ''))) return true
  return filters && exports ? false : undefined
}

export const definitions: ResourceDefinition[] = [
  {
    role: 'data-store',
    type: 'AWS::Logs::LogGroup',
    places: {
      'native.keepsForever': { cloudformation: 'RetentionInDays', terraform: 'retention_in_days' },
      'lifecycle.finalSnapshot': { cloudformation: 'DeletionPolicy', terraform: 'skip_destroy' },
      classification: { cloudformation: ['Tags'], terraform: ['tags'] },
    },
    names: {
      config: [],
      cloudformation: ['AWS::Logs::LogGroup'],
      terraform: ['aws_cloudwatch_log_group', 'awscc_logs_log_group'],
    },
    identity: { arn: 'logs:{region}:{account}:log-group:{id}', cloudformation: 'LogGroupName', terraform: 'name' },
    service: null,
    support: notInAwsBackup,
    facts: {
      ...noPointInTimeRecovery,
      ...noReplication,
      engine: null,
      deploymentType: null,
      ageHours: { config: 'creationTime', as: 'time' },
      replicaOf: null,
      attached: true,
      // CloudWatch Logs encrypts every group; without a key of the customer's, with its own.
      'encryption.encrypted': true,
      'encryption.keyArn': {
        config: 'kmsKeyId',
        cloudformation: 'KmsKeyId',
        terraform: 'kms_key_id',
        as: 'string',
        absent: everywhere(null),
      },
      'encryption.algorithm': null,
      'encryption.inTransit': null,
      // What the group keeps is the log itself, not a backup of it.
      'native.automatedBackup': false,
      'native.retentionHours': null,
      'native.snapshotIntervalHours': null,
      'native.backtrackHours': null,
      'native.latestRestorableAgeHours': null,
      'native.crossRegionCopy': null,
      'lifecycle.deletionProtection': {
        config: 'deletionProtectionEnabled',
        cloudformation: 'DeletionProtectionEnabled',
        terraform: 'deletion_protection_enabled',
        as: 'boolean',
        absent: { cloudformation: false, terraform: false },
      },
      'lifecycle.deleteAutomatedBackups': null,
      'lifecycle.finalSnapshot': { ...keptByTemplate, terraform: 'skip_destroy' },
      'lifecycle.copyTagsToBackups': null,
    },
    derive: (own, item) => {
      settleDeletionPolicy(own, item, false)
      settleRetention(own, item)
      settleKeyManager(own, 'awsOwned')
      const native = factGroup(own, 'native')
      const exported = isExported(item)
      if (exported !== undefined) native.exported = exported
    },
    // `arn` ends in `:*` and `logGroupArn` does not; IAM, tags and selections use either.
    otherArns: item => {
      if (!item.arn) return []
      return [item.arn.endsWith(':*') ? item.arn.slice(0, -2) : `${item.arn}:*`]
    },
  },
  {
    role: 'companion',
    type: 'AWS::Logs::SubscriptionFilter',
    names: {
      config: [],
      cloudformation: ['AWS::Logs::SubscriptionFilter'],
      terraform: ['aws_cloudwatch_log_subscription_filter', 'awscc_logs_subscription_filter'],
    },
    identity: { cloudformation: 'FilterName', terraform: 'name' },
    read: item => {
      const storeId = referenceOr(at(configurationOf(item), 'LogGroupName'), undefined)
      return storeId === undefined ? undefined : { storeId, facts: { native: { exported: true } } }
    },
  },
]

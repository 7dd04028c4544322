/**
 * Amazon Kinesis data streams. A stream is its own short memory: records stay `RetentionPeriodHours` (24 unless raised, at
 * most 8,760) and nothing else keeps them; AWS Backup does not support streams.
 *
 * AWS Config: `AWS::Kinesis::Stream`, resourceId = stream name, CloudFormation's spelling. Live: `configuration` =
 * `StreamDescriptionSummary` of `kinesis:DescribeStreamSummary`; id = `StreamName`. No further answers are needed.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_StreamDescriptionSummary.html
 */
import type { ResourceDefinition } from './definition.ts'
import {
  everywhere,
  keptByTemplate,
  noNativeBackup,
  noPointInTimeRecovery,
  noReplication,
  notInAwsBackup,
  settleKeyManager,
} from './native-backup.ts'
import { toText } from './property.ts'
import { settleDeletionPolicy } from './store-settings.ts'

function isEncrypted(value: unknown): boolean | undefined {
  const text = toText(value)?.toUpperCase()
  return text === 'KMS' ? true : text === 'NONE' ? false : undefined
}

export const definitions: ResourceDefinition[] = [
  {
    role: 'data-store',
    type: 'AWS::Kinesis::Stream',
    names: {
      config: ['AWS::Kinesis::Stream'],
      cloudformation: ['AWS::Kinesis::Stream'],
      terraform: ['aws_kinesis_stream', 'awscc_kinesis_stream'],
    },
    identity: { arn: 'kinesis:{region}:{account}:stream/{id}', cloudformation: 'Name', terraform: 'name' },
    service: null,
    support: notInAwsBackup,
    facts: {
      ...noNativeBackup,
      ...noPointInTimeRecovery,
      ...noReplication,
      engine: null,
      deploymentType: null,
      ageHours: { config: 'StreamCreationTimestamp', as: 'time' },
      replicaOf: null,
      attached: true,
      'encryption.encrypted': {
        config: 'StreamEncryption.EncryptionType',
        api: 'EncryptionType',
        cloudformation: 'StreamEncryption.EncryptionType',
        terraform: ['encryption_type', 'stream_encryption.encryption_type'],
        as: isEncrypted,
        // AWS Config leaves the whole property out where a stream is not encrypted.
        absent: { config: false, cloudformation: false, terraform: false },
      },
      'encryption.keyArn': {
        config: 'StreamEncryption.KeyId',
        api: 'KeyId',
        cloudformation: 'StreamEncryption.KeyId',
        terraform: ['kms_key_id', 'stream_encryption.key_id'],
        as: 'string',
        absent: everywhere(null),
      },
      'encryption.algorithm': null,
      'encryption.inTransit': null,
      'native.retentionHours': {
        config: 'RetentionPeriodHours',
        cloudformation: 'RetentionPeriodHours',
        terraform: ['retention_period', 'retention_period_hours'],
        as: 'number',
        absent: { cloudformation: 24, terraform: 24 },
      },
      'lifecycle.deletionProtection': false,
      'lifecycle.deleteAutomatedBackups': null,
      'lifecycle.finalSnapshot': keptByTemplate,
      'lifecycle.copyTagsToBackups': null,
    },
    derive: (own, item) => {
      settleKeyManager(own)
      settleDeletionPolicy(own, item, false)
    },
  },
]

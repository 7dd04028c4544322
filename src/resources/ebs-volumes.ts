/**
 * Amazon EBS volumes. They keep no backups of their own: snapshots come from AWS Backup, Data Lifecycle Manager or by hand.
 * A backup of the instance a volume is attached to (an AMI) holds the volume too.
 *
 * `configuration` (API) = element of `ec2:DescribeVolumes` (`Volumes[]`).
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Volume.html
 */
import type { ResourceRecord } from '../model/record.ts'
import type { ResourceDefinition } from './definition.ts'
import { isDeclared } from './evidence.ts'
import {
  arnOf,
  everywhere,
  noNativeBackup,
  noPointInTimeRecovery,
  noReplication,
  settleKeyManager,
} from './native-backup.ts'
import { property, toList, toText, valueAt } from './property.ts'
import { isUnknownUntilDeploy } from './reading.ts'
import { noBucketEncryption, noFinalSnapshot, settleDeletionPolicy } from './store-settings.ts'

const stateOf = (item: ResourceRecord) => toText(property(item, 'state'))

/** Ids of the instances that the volume is attached to; `undefined` where the item does not tell (templates attach apart). */
function instancesOf(item: ResourceRecord): string[] | undefined {
  return toList(property(item, 'attachments'))?.flatMap(attachment => {
    const instance = toText(valueAt(attachment, 'instanceId')) ?? toText(valueAt(attachment, 'instance_id'))
    const state = toText(valueAt(attachment, 'state'))
    return instance === undefined || state === 'detached' ? [] : [instance]
  })
}

/** The ARN of an instance beside the volume; a template's holds the same placeholders. */
function instanceArn(item: ResourceRecord, instance: string): string | undefined {
  const known = arnOf(item, 'ec2', `instance/${instance}`)
  const end = item.arn?.lastIndexOf(':volume/') ?? -1
  return known ?? (end < 0 ? undefined : `${item.arn!.slice(0, end)}:instance/${instance}`)
}

function isAttached(item: ResourceRecord): boolean | undefined {
  if (isDeclared(item)) return (instancesOf(item)?.length ?? 0) > 0 ? true : undefined
  const instances = instancesOf(item)
  if (instances) return instances.length > 0
  const state = stateOf(item)
  return state === 'in-use' ? true : state === 'available' ? false : undefined
}

export const definitions: ResourceDefinition[] = [
  {
    role: 'data-store',
    type: 'AWS::EC2::Volume',
    places: {
      'lifecycle.finalSnapshot': { cloudformation: 'DeletionPolicy', terraform: 'skip_final_snapshot' },
      'encryption.encrypted': { cloudformation: 'Encrypted', terraform: 'encrypted' },
      'encryption.keyManager': { cloudformation: ['KmsKeyId', 'Encrypted'], terraform: ['kms_key_id', 'encrypted'] },
      classification: { cloudformation: ['Tags'], terraform: ['tags'] },
    },
    names: {
      config: ['AWS::EC2::Volume'],
      cloudformation: ['AWS::EC2::Volume'],
      terraform: ['aws_ebs_volume'],
    },
    identity: { arn: 'ec2:{region}:{account}:volume/{id}' },
    companions: { aws_volume_attachment: { by: 'volume_id', as: 'attachments', many: true } },
    cloudFormationCompanions: [
      { type: 'AWS::EC2::VolumeAttachment', by: 'VolumeId', as: 'attachments' },
      { type: 'AWS::EC2::Instance', by: 'Volumes.VolumeId', as: 'attachments', own: { as: 'InstanceId', what: 'id' } },
    ],
    service: 'EBS',
    support: {
      awsBackup: true,
      crossRegionCopy: true,
      crossAccountCopy: true,
      continuous: false,
      independentEncryption: false,
      coldStorage: true,
      restoreTesting: true,
      airGapped: true,
    },
    facts: {
      ...noNativeBackup,
      ...noPointInTimeRecovery,
      ...noReplication,
      ...noBucketEncryption,
      engine: null,
      deploymentType: null,
      replicaOf: null,
      ageHours: { config: 'createTime', as: 'time' },
      // A template that is silent leaves encryption to the Region's setting and the snapshot: not known here.
      'encryption.encrypted': {
        config: 'encrypted',
        cloudformation: 'Encrypted',
        terraform: 'encrypted',
        as: 'boolean',
      },
      'encryption.keyArn': {
        config: 'kmsKeyId',
        cloudformation: 'KmsKeyId',
        terraform: 'kms_key_id',
        as: 'string',
        absent: everywhere(null),
      },
      'lifecycle.deletionProtection': false,
      'lifecycle.deleteAutomatedBackups': null,
      'lifecycle.finalSnapshot': {
        ...noFinalSnapshot,
        terraform: 'final_snapshot',
        as: 'boolean',
        absent: { config: null, api: null, terraform: false },
      },
      'lifecycle.copyTagsToBackups': null,
    },
    derive: (own, item) => {
      const attached = isAttached(item)
      if (attached !== undefined) own.attached = attached
      settleKeyManager(own)
      settleDeletionPolicy(own, item, false)
    },
    notAStore: item => {
      const state = stateOf(item)
      return state === 'deleting' || state === 'deleted' ? `the volume is ${state}` : null
    },
    coveredThrough: item =>
      isUnknownUntilDeploy(item, 'attachments') || item.unknown?.includes('attachments[]')
        ? undefined
        : (instancesOf(item) ?? []).flatMap(instance => instanceArn(item, instance) ?? []),
  },
]

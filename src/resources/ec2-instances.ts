/**
 * Amazon EC2 instances, which AWS Backup keeps as AMIs with a snapshot of every attached volume. A stopped instance is a
 * store like any other. The instance itself has no encryption setting (its volumes have), so that its encryption facts stay
 * unknown, and no backups of its own. `launchTime` changes with every start and is no age; the root volume's attachment is.
 *
 * `configuration` (API) = element of `ec2:DescribeInstances` (`Reservations[].Instances[]`).
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html
 */
import type { ResourceRecord } from '../model/record.ts'
import type { ResourceDefinition } from './definition.ts'
import { noNativeBackup, noPointInTimeRecovery, noReplication } from './native-backup.ts'
import { property, toText } from './property.ts'
import { noBucketEncryption, noFinalSnapshot, settleDeletionPolicy, standsAlone } from './store-settings.ts'

function stateOf(item: ResourceRecord): string | undefined {
  return toText(property(item, 'state.name')) ?? toText(property(item, 'state'))
}

export const definitions: ResourceDefinition[] = [
  {
    role: 'data-store',
    type: 'AWS::EC2::Instance',
    names: {
      config: ['AWS::EC2::Instance'],
      cloudformation: ['AWS::EC2::Instance'],
      terraform: ['aws_instance'],
    },
    identity: { arn: 'ec2:{region}:{account}:instance/{id}' },
    service: 'EC2',
    support: {
      awsBackup: true,
      crossRegionCopy: true,
      crossAccountCopy: true,
      continuous: false,
      independentEncryption: false,
      coldStorage: false,
      restoreTesting: true,
      airGapped: true,
    },
    facts: {
      ...noNativeBackup,
      ...noPointInTimeRecovery,
      ...noReplication,
      ...noBucketEncryption,
      ...standsAlone,
      engine: null,
      // Whether the root device is on EBS decides whether an AMI can be made at all; a template leaves it to the AMI.
      deploymentType: { config: 'rootDeviceType', as: 'string' },
      ageHours: { config: 'blockDeviceMappings.0.ebs.attachTime', as: 'time' },
      // Live, termination protection is an attribute that the item does not hold.
      'lifecycle.deletionProtection': {
        config: 'disableApiTermination',
        cloudformation: 'DisableApiTermination',
        terraform: 'disable_api_termination',
        as: 'boolean',
        absent: { cloudformation: false, terraform: false },
      },
      'lifecycle.deleteAutomatedBackups': null,
      'lifecycle.finalSnapshot': noFinalSnapshot,
      'lifecycle.copyTagsToBackups': null,
    },
    derive: (own, item) => settleDeletionPolicy(own, item, false),
    notAStore: (item, own) => {
      const state = stateOf(item)
      if (state === 'terminated' || state === 'shutting-down') return `the instance is ${state}`
      return own.deploymentType === 'instance-store'
        ? 'the root device is an instance store, which AWS Backup cannot keep; EBS volumes are judged by themselves'
        : null
    },
  },
]

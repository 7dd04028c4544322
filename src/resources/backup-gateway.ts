/**
 * VMware virtual machines that AWS Backup gateway can back up. Hypervisors are only the hosts of them, and no stores.
 *
 * `configuration` = element of `backup-gateway:ListVirtualMachines` (`VirtualMachines[]`), or `VirtualMachine` of
 * `backup-gateway:GetVirtualMachine`; id = last part of `ResourceArn` (`vm-…`). No further answers are needed. AWS Config
 * records hypervisors only; no template declares a machine. How VMware encrypts or protects it, AWS does not see.
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BGW_VirtualMachine.html
 */
import type { ResourceDefinition } from './definition.ts'
import { noNativeBackup, noPointInTimeRecovery, noReplication } from './native-backup.ts'

export const definitions: ResourceDefinition[] = [
  {
    role: 'data-store',
    type: 'AWS::BackupGateway::VirtualMachine',
    names: { config: [], cloudformation: [], terraform: [] },
    service: 'VirtualMachine',
    support: {
      awsBackup: true,
      crossRegionCopy: true,
      crossAccountCopy: true,
      continuous: false,
      independentEncryption: true,
      coldStorage: true,
      restoreTesting: false,
      airGapped: true,
    },
    facts: {
      ...noNativeBackup,
      ...noPointInTimeRecovery,
      ...noReplication,
      engine: null,
      deploymentType: null,
      replicaOf: null,
      attached: true,
      'encryption.keyArn': null,
      'encryption.algorithm': null,
      'encryption.inTransit': null,
      'lifecycle.deletionProtection': false,
      'lifecycle.deleteAutomatedBackups': null,
      'lifecycle.finalSnapshot': null,
      'lifecycle.copyTagsToBackups': null,
    },
  },
]

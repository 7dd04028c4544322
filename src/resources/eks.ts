/**
 * Amazon EKS clusters: the state of Kubernetes and, in a composite backup, its persistent volumes. EKS itself takes no
 * backups that a customer could restore.
 *
 * AWS Config: `AWS::EKS::Cluster`, resourceId = cluster name, CloudFormation's spelling. Live: `configuration` = `cluster` of
 * `eks:DescribeCluster`; id = `name`. No further answers are needed.
 * https://docs.aws.amazon.com/eks/latest/APIReference/API_Cluster.html
 */
import type { ResourceDefinition } from './definition.ts'
import {
  everywhere,
  keptByTemplate,
  noNativeBackup,
  noPointInTimeRecovery,
  noReplication,
  settleKeyManager,
} from './native-backup.ts'
import { settleDeletionPolicy } from './store-settings.ts'

export const definitions: ResourceDefinition[] = [
  {
    role: 'data-store',
    type: 'AWS::EKS::Cluster',
    names: {
      config: ['AWS::EKS::Cluster'],
      cloudformation: ['AWS::EKS::Cluster'],
      terraform: ['aws_eks_cluster', 'awscc_eks_cluster'],
    },
    identity: { arn: 'eks:{region}:{account}:cluster/{id}', cloudformation: 'Name', terraform: 'name' },
    service: 'EKS',
    // AWS lists restore testing for EKS, but the API's list of types does not have it; of air-gapped vaults it says nothing.
    support: {
      awsBackup: true,
      crossRegionCopy: true,
      crossAccountCopy: true,
      continuous: false,
      independentEncryption: true,
      coldStorage: false,
    },
    facts: {
      ...noNativeBackup,
      ...noPointInTimeRecovery,
      ...noReplication,
      engine: null,
      deploymentType: null,
      ageHours: { config: 'createdAt', as: 'time' },
      replicaOf: null,
      attached: true,
      // etcd's disks are always encrypted; a key of the customer's adds an envelope around the data.
      'encryption.encrypted': true,
      'encryption.keyArn': {
        config: 'encryptionConfig.provider.keyArn',
        cloudformation: 'EncryptionConfig.Provider.KeyArn',
        terraform: 'encryption_config.provider.key_arn',
        as: 'string',
        absent: everywhere(null),
      },
      'encryption.algorithm': null,
      'encryption.inTransit': null,
      'lifecycle.deletionProtection': {
        config: 'deletionProtection',
        cloudformation: 'DeletionProtection',
        terraform: 'deletion_protection',
        as: 'boolean',
        absent: { cloudformation: false, terraform: false },
      },
      'lifecycle.deleteAutomatedBackups': null,
      'lifecycle.finalSnapshot': keptByTemplate,
      'lifecycle.copyTagsToBackups': null,
    },
    derive: (own, item) => {
      settleKeyManager(own, 'awsOwned')
      settleDeletionPolicy(own, item, false)
    },
  },
]

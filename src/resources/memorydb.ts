/**
 * Amazon MemoryDB clusters: durable, so never a mere cache. AWS Backup does not support them; `SnapshotRetentionLimit` 0
 * turns their own daily snapshots off. AWS Config records only their subnet groups.
 *
 * `configuration` = element of `memorydb:DescribeClusters` (`Clusters[]`); id = `Name`. No further answers are needed.
 * https://docs.aws.amazon.com/memorydb/latest/APIReference/API_Cluster.html
 */
import type { ResourceDefinition } from './definition.ts'
import {
  dailyGapHours,
  everywhere,
  keptByTemplate,
  noPointInTimeRecovery,
  notInAwsBackup,
  settleKeyManager,
  settleNativeBackup,
  textAt,
} from './native-backup.ts'
import { property } from './property.ts'
import { settleDeletionPolicy } from './store-settings.ts'

export const definitions: ResourceDefinition[] = [
  {
    role: 'data-store',
    type: 'AWS::MemoryDB::Cluster',
    places: {
      classification: { cloudformation: ['Tags'], terraform: ['tags'] },
      'lifecycle.finalSnapshot': { cloudformation: 'DeletionPolicy', terraform: 'final_snapshot_identifier' },
    },
    names: {
      config: [],
      cloudformation: ['AWS::MemoryDB::Cluster'],
      terraform: ['aws_memorydb_cluster', 'awscc_memorydb_cluster'],
    },
    identity: { arn: 'memorydb:{region}:{account}:cluster/{id}', cloudformation: 'ClusterName', terraform: 'name' },
    service: null,
    support: notInAwsBackup,
    facts: {
      ...noPointInTimeRecovery,
      engine: { config: 'Engine', cloudformation: 'Engine', terraform: 'engine', as: 'string' },
      deploymentType: null,
      replicaOf: null,
      attached: true,
      // MemoryDB encrypts every cluster at rest; only the key can be chosen.
      'encryption.encrypted': true,
      'encryption.keyArn': {
        config: 'KmsKeyId',
        cloudformation: 'KmsKeyId',
        terraform: ['kms_key_arn', 'kms_key_id'],
        as: 'string',
        absent: everywhere(null),
      },
      'encryption.algorithm': null,
      'encryption.inTransit': {
        config: 'TLSEnabled',
        cloudformation: 'TLSEnabled',
        terraform: 'tls_enabled',
        as: 'boolean',
        absent: { terraform: true },
      },
      'native.retentionDays': {
        config: 'SnapshotRetentionLimit',
        cloudformation: 'SnapshotRetentionLimit',
        terraform: 'snapshot_retention_limit',
        as: 'number',
        absent: { cloudformation: 0, terraform: 0 },
      },
      'native.keepsForever': false,
      'native.retentionHours': null,
      'native.backtrackHours': null,
      'native.crossRegionCopy': null,
      'native.exported': null,
      'lifecycle.deletionProtection': false,
      'lifecycle.deleteAutomatedBackups': null,
      'lifecycle.finalSnapshot': { ...keptByTemplate, terraform: 'final_snapshot_name' },
      'lifecycle.copyTagsToBackups': null,
    },
    derive: (own, item) => {
      settleDeletionPolicy(own, item, false)
      settleNativeBackup(own, dailyGapHours(textAt(item, ['SnapshotWindow', 'snapshot_window'])))
      settleKeyManager(own, 'awsOwned')
      // In a multi-Region cluster the other Regions are listed by the multi-Region cluster only.
      const inGlobal = property(item, 'MultiRegionClusterName')
      if (item.encoding === 'api' && (inGlobal === undefined || inGlobal === null || inGlobal === '')) {
        own.replication = { crossRegion: false, destinations: [] }
      }
    },
  },
]

/**
 * Amazon RDS DB instances. Members of Aurora, Multi-AZ, DocumentDB and Neptune clusters are judged as their cluster; a read
 * replica is a store of its own whose retention may be 0. AWS Config: `AWS::RDS::DBInstance`, resourceId = DbiResourceId.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html
 */
import type { Facts } from '../model/facts.ts'
import type { ResourceDefinition } from './definition.ts'
import { property, toList, toText, valueAt } from './property.ts'

export const definitions: ResourceDefinition[] = [
  {
    role: 'data-store',
    type: 'AWS::RDS::DBInstance',
    names: {
      config: ['AWS::RDS::DBInstance'],
      cloudformation: ['AWS::RDS::DBInstance'],
      terraform: ['aws_db_instance', 'awscc_rds_db_instance'],
    },
    service: 'RDS',
    support: {
      awsBackup: true,
      crossRegionCopy: true,
      crossAccountCopy: true,
      continuous: true,
      independentEncryption: false,
      coldStorage: false,
      restoreTesting: true,
      airGapped: false,
    },
    facts: {
      engine: { config: 'engine', cloudformation: 'Engine', terraform: 'engine', as: 'string' },
      deploymentType: null,
      ageHours: { config: 'instanceCreateTime', as: 'time' },
      replicaOf: {
        config: ['readReplicaSourceDBInstanceIdentifier', 'readReplicaSourceDBClusterIdentifier'],
        cloudformation: ['SourceDBInstanceIdentifier', 'SourceDBClusterIdentifier'],
        terraform: 'replicate_source_db',
        as: 'string',
        absent: { config: null, api: null, cloudformation: null, terraform: null },
      },
      attached: true,
      'encryption.encrypted': {
        config: 'storageEncrypted',
        cloudformation: 'StorageEncrypted',
        terraform: 'storage_encrypted',
        as: 'boolean',
        absent: { cloudformation: false, terraform: false },
      },
      'encryption.keyArn': {
        config: 'kmsKeyId',
        cloudformation: 'KmsKeyId',
        terraform: 'kms_key_id',
        as: 'string',
        absent: { config: null, api: null, cloudformation: null, terraform: null },
      },
      'encryption.algorithm': null,
      'encryption.inTransit': null,
      'native.retentionDays': {
        config: 'backupRetentionPeriod',
        cloudformation: 'BackupRetentionPeriod',
        terraform: 'backup_retention_period',
        as: 'number',
        // CloudFormation's default is the API's (1); the Terraform provider's is 0.
        absent: { cloudformation: 1, terraform: 0 },
      },
      'native.keepsForever': false,
      'native.retentionHours': null,
      'native.snapshotIntervalHours': null,
      'native.backtrackHours': null,
      'native.crossRegionCopy': null,
      'native.exported': null,
      'native.latestRestorableAgeHours': { config: 'latestRestorableTime', as: 'time' },
      'lifecycle.deletionProtection': {
        config: 'deletionProtection',
        cloudformation: 'DeletionProtection',
        terraform: 'deletion_protection',
        as: 'boolean',
        absent: { cloudformation: false, terraform: false },
      },
      'lifecycle.deleteAutomatedBackups': {
        cloudformation: 'DeleteAutomatedBackups',
        terraform: 'delete_automated_backups',
        as: 'boolean',
        absent: { config: null, api: null, cloudformation: true, terraform: true },
      },
      'lifecycle.finalSnapshot': { absent: { config: null, api: null } },
      'lifecycle.copyTagsToBackups': {
        config: 'copyTagsToSnapshot',
        cloudformation: 'CopyTagsToSnapshot',
        terraform: 'copy_tags_to_snapshot',
        as: 'boolean',
        absent: { cloudformation: false, terraform: false },
      },
    },
    derive: (own, item) => {
      const native = (own.native ??= {}) as Facts
      if (typeof native.retentionDays === 'number') native.automatedBackup = native.retentionDays > 0
      if (native.automatedBackup === false) native.latestRestorableAgeHours = null
      const encryption = own.encryption as Facts | undefined
      if (encryption?.encrypted === false) encryption.keyManager = null
      const replications = toList(property(item, 'dBInstanceAutomatedBackupsReplications'))
      if (item.encoding === 'config' || item.encoding === 'api') {
        const destinations = (replications ?? []).flatMap(entry => {
          const arn = toText(valueAt(entry, 'dBInstanceAutomatedBackupsArn'))
          if (!arn) return []
          const region = arn.split(':')[3] ?? null
          return [
            {
              kind: 'rds-automated-backups',
              enabled: true,
              region,
              account: null,
              crossRegion: region !== item.region,
              deleteMarkers: null,
              timeControl: null,
            },
          ]
        })
        // The item lists its replications whether or not there are any; without the list nothing is known.
        if (replications) own.replication = { destinations, crossRegion: destinations.some(d => d.crossRegion) }
      }
    },
    judgedAs: item =>
      toText(property(item, item.encoding === 'terraform' ? 'cluster_identifier' : 'dBClusterIdentifier')) ?? null,
    notAStore: () => null,
  },
]

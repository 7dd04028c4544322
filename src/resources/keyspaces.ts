/**
 * Amazon Keyspaces (for Apache Cassandra) tables. AWS Backup does not support them; point-in-time recovery, off unless asked
 * for, is their only backup and reaches back 35 days. Keyspaces are folders; the `system*` ones are the service's own.
 * AWS Config records keyspaces, not tables.
 *
 * `configuration` = answer of `keyspaces:GetTable` (IAM action `cassandra:Select`); id = `<keyspaceName>|<tableName>`. No
 * further answers are needed. https://docs.aws.amazon.com/keyspaces/latest/APIReference/API_GetTable.html
 */
import type { Facts } from '../model/facts.ts'
import type { ResourceRecord } from '../model/record.ts'
import type { ResourceDefinition } from './definition.ts'
import {
  everywhere,
  factGroup,
  keptByTemplate,
  noNativeBackup,
  notInAwsBackup,
  settleKeyManager,
  textAt,
} from './native-backup.ts'
import { property, toBoolean, toList, toText, valueAt } from './property.ts'
import { settleDeletionPolicy } from './store-settings.ts'

/** Days that point-in-time recovery of Keyspaces reaches back; it cannot be set. */
const recoveryPeriodDays = 35

function switchedOn(value: unknown): boolean | undefined {
  const text = toText(value)?.toUpperCase()
  if (text === 'ENABLED') return true
  if (text === 'DISABLED') return false
  return toBoolean(value)
}

function settlePointInTimeRecovery(own: Facts): void {
  const pitr = factGroup(own, 'pitr')
  if (typeof pitr.enabled !== 'boolean') return
  pitr.recoveryPeriodDays = pitr.enabled ? recoveryPeriodDays : null
  // The answer tells only the earliest restorable time, so that with recovery on the latest stays unknown.
  if (!pitr.enabled) pitr.latestRestorableAgeHours = null
}

/** A template that names no replicas leaves them to the keyspace, which is a resource of its own. */
function settleReplication(own: Facts, item: ResourceRecord): void {
  const path = item.encoding === 'terraform' ? 'replica_specifications' : 'replicaSpecifications'
  const replicas = property(item, path)
  if (replicas === undefined || replicas === null) {
    if (item.encoding === 'api') own.replication = { crossRegion: false, destinations: [] }
    return
  }
  const elsewhere = toList(replicas)?.some(replica => {
    const region = toText(valueAt(replica, 'region'))
    return region !== undefined && item.region !== undefined && region !== item.region
  })
  if (elsewhere) own.replication = { crossRegion: true }
  else if (item.encoding === 'api' && toList(replicas)?.length === 0)
    own.replication = { crossRegion: false, destinations: [] }
}

/** The type of key is stated beside the key; the default is the service's own. */
function settleKey(own: Facts, item: ResourceRecord): void {
  const block = property(item, item.encoding === 'terraform' ? 'encryption_specification' : 'EncryptionSpecification')
  const type = toText(valueAt(block, 'type') ?? valueAt(block, 'EncryptionType') ?? valueAt(block, 'encryption_type'))
  if (type !== 'CUSTOMER_MANAGED_KMS_KEY') {
    settleKeyManager(own, 'awsOwned')
    return
  }
  const encryption = factGroup(own, 'encryption')
  encryption.keyManager = 'customer'
  // A key there is, then, even where its name is not told.
  if (encryption.keyArn === null) delete encryption.keyArn
}

export const definitions: ResourceDefinition[] = [
  {
    role: 'data-store',
    type: 'AWS::Cassandra::Table',
    names: {
      config: [],
      cloudformation: ['AWS::Cassandra::Table'],
      terraform: ['aws_keyspaces_table', 'awscc_cassandra_table'],
    },
    identity: {
      arn: 'cassandra:{region}:{account}:/keyspace/{within}/table/{id}',
      cloudformation: 'TableName',
      terraform: 'table_name',
      within: { cloudformation: 'KeyspaceName', terraform: 'keyspace_name' },
    },
    service: null,
    support: notInAwsBackup,
    facts: {
      ...noNativeBackup,
      engine: null,
      deploymentType: null,
      ageHours: { config: 'creationTimestamp', as: 'time' },
      replicaOf: null,
      attached: true,
      'pitr.enabled': {
        config: 'pointInTimeRecovery.status',
        cloudformation: 'PointInTimeRecoveryEnabled',
        terraform: ['point_in_time_recovery.status', 'point_in_time_recovery_enabled'],
        as: switchedOn,
        absent: { cloudformation: false, terraform: false },
      },
      'encryption.encrypted': true,
      'encryption.keyArn': {
        config: 'encryptionSpecification.kmsKeyIdentifier',
        cloudformation: 'EncryptionSpecification.KmsKeyIdentifier',
        terraform: 'encryption_specification.kms_key_identifier',
        as: 'string',
        absent: everywhere(null),
      },
      'encryption.algorithm': null,
      'encryption.inTransit': null,
      'lifecycle.deletionProtection': false,
      'lifecycle.deleteAutomatedBackups': null,
      'lifecycle.finalSnapshot': keptByTemplate,
      'lifecycle.copyTagsToBackups': null,
    },
    derive: (own, item) => {
      settleDeletionPolicy(own, item, false)
      settlePointInTimeRecovery(own)
      settleReplication(own, item)
      settleKey(own, item)
    },
    notAStore: item =>
      /^system(_|$)/.test(textAt(item, ['keyspaceName', 'keyspace_name']) ?? '') ? 'table of a system keyspace' : null,
  },
]

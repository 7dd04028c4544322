/**
 * Amazon DynamoDB tables. Point-in-time recovery (PITR) is their only backup of their own; `ContinuousBackupsStatus` is
 * ENABLED for every table and says nothing. What AWS Backup can do depends on its advanced features for DynamoDB, a setting
 * of the Region. `AWS::DynamoDB::GlobalTable` exists in templates only: live, every Region has a table of its own.
 *
 * `configuration` (API) = `Table` of `dynamodb:DescribeTable`; `supplementary.ContinuousBackupsDescription` =
 * `ContinuousBackupsDescription` of `dynamodb:DescribeContinuousBackups`, which is also AWS Config's name for it.
 * DAX clusters are caches in front of tables. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
 */
import type { Bound, Facts } from '../model/facts.ts'
import type { ResourceRecord } from '../model/record.ts'
import { companionsAt } from './companions.ts'
import type { BackupSupport, ResourceDefinition, StoreDefinition } from './definition.ts'
import {
  at,
  booleanOr,
  configurationOf,
  elements,
  isAbsent,
  numberOr,
  type Place,
  referenceOr,
  textOr,
} from './evidence.ts'
import {
  everywhere,
  factGroup,
  noNativeBackup,
  noPointInTimeRecovery,
  noReplication,
  notInAwsBackup,
  settleKeyManager,
} from './native-backup.ts'
import { property, toBoolean, toList, toNumber, toText, valueAt } from './property.ts'
import { type Destination, isElsewhere, replicationOf } from './replication.ts'
import { noBucketEncryption, noFinalSnapshot, settleDeletionPolicy, standsAlone } from './store-settings.ts'

const plainSupport: BackupSupport = {
  awsBackup: true,
  crossRegionCopy: false,
  crossAccountCopy: false,
  continuous: false,
  independentEncryption: false,
  coldStorage: false,
  airGapped: false,
}

const advancedSupport: BackupSupport = {
  awsBackup: true,
  crossRegionCopy: true,
  crossAccountCopy: true,
  continuous: false,
  independentEncryption: true,
  coldStorage: true,
  restoreTesting: true,
}

/** Whether restore testing takes tables without the advanced features, AWS's documents contradict each other. */
const support: StoreDefinition['support'] = (_own, settings) =>
  settings.dynamodbAdvanced === undefined
    ? { awsBackup: true, continuous: false }
    : settings.dynamodbAdvanced
      ? advancedSupport
      : plainSupport

const tableFacts: StoreDefinition['facts'] = {
  ...noNativeBackup,
  ...noBucketEncryption,
  ...standsAlone,
  engine: null,
  deploymentType: null,
  // DynamoDB encrypts every table; only the key can be chosen.
  'encryption.encrypted': true,
  'lifecycle.deleteAutomatedBackups': null,
  'lifecycle.finalSnapshot': noFinalSnapshot,
  'lifecycle.copyTagsToBackups': null,
}

function isEnabled(value: unknown): boolean | undefined {
  const text = toText(value)?.toUpperCase()
  return text === 'ENABLED' ? true : text === 'DISABLED' ? false : undefined
}

/** The period is 1 to 35 days; items older than the setting leave it out. */
const atLeastADay: Bound = { $atLeast: 1 }

function settleRecovery(own: Facts, item: ResourceRecord): void {
  const pitr = factGroup(own, 'pitr')
  if (pitr.enabled === false) {
    pitr.recoveryPeriodDays = null
    pitr.latestRestorableAgeHours = null
  } else if (pitr.enabled !== true) delete pitr.recoveryPeriodDays
  else if (pitr.recoveryPeriodDays === undefined && (item.encoding === 'config' || item.encoding === 'api'))
    pitr.recoveryPeriodDays = atLeastADay
}

const description = 'supplementary.ContinuousBackupsDescription.pointInTimeRecoveryDescription'
const nested = 'supplementary.DescribeContinuousBackups.ContinuousBackupsDescription.pointInTimeRecoveryDescription'

/** Whose key encrypts the table: DynamoDB's own unless server-side encryption is on, AWS's where it is and no key is named. */
function settleTableKey(own: Facts, item: ResourceRecord): void {
  const encryption = factGroup(own, 'encryption')
  if (item.encoding === 'config' || item.encoding === 'api') {
    settleKeyManager(own, 'awsOwned')
    return
  }
  const group = at(
    configurationOf(item),
    ...(item.encoding === 'terraform' ? ['server_side_encryption'] : ['SSESpecification']),
  )
  const on = group.unknown ? undefined : isAbsent(group) ? false : booleanOr(at(group, 'SSEEnabled', 'enabled'), false)
  if (on === false) encryption.keyArn = null
  if (on === undefined) {
    if (encryption.keyArn === null) delete encryption.keyArn
    return
  }
  settleKeyManager(own, on ? 'aws' : 'awsOwned')
}

/** Days that recovery reaches back. Terraform's state writes 0 for «not set»: the default. */
function periodDays(value: unknown, item: ResourceRecord): number | undefined {
  const days = toNumber(value)
  return days === 0 && item.encoding === 'terraform' ? 35 : days
}

/** Where the values of Terraform's `aws_dynamodb_table_replica` stand. */
const replicaKey = 'table_replica'

/** Terraform's replicas: blocks of the table, or resources of their own in the Region of the replica. */
function settleTerraformReplicas(own: Facts, item: ResourceRecord): void {
  const blocks = companionsAt(item, 'replica')
  const apart = companionsAt(item, replicaKey)
  const destinations = [...blocks.places, ...apart.places].map((place): Destination => {
    const region = textOr(at(place, 'region_name', 'region'), undefined)
    const key = textOr(at(place, 'kms_key_arn'), null)
    return {
      kind: 'dynamodb-replica',
      enabled: true,
      target: null,
      region,
      account: null,
      crossRegion: isElsewhere(item, region),
      encrypted: key === undefined ? undefined : key !== null,
      keyArn: key,
    }
  })
  const elsewhere = destinations.filter(destination => destination.crossRegion !== false)
  own.replication = replicationOf(elsewhere, !blocks.partial && !apart.partial)
}

function settleReplicas(own: Facts, item: ResourceRecord): void {
  if (item.encoding === 'terraform') {
    settleTerraformReplicas(own, item)
    return
  }
  const replicas = property(item, 'replicas')
  if (item.encoding === 'cloudformation') {
    own.replication = replicationOf([], true)
    return
  }
  const list = toList(replicas)
  if (!list) {
    // Of the first version of global tables DescribeTable tells no replicas.
    const version = toText(property(item, 'globalTableVersion'))
    if (version === undefined || version === '2019.11.21') own.replication = replicationOf([], true)
    return
  }
  const destinations = list.map((replica): Destination => {
    const region = toText(valueAt(replica, 'regionName'))
    const key = toText(valueAt(replica, 'kmsMasterKeyId'))
    const state = toText(valueAt(replica, 'replicaStatus'))
    return {
      kind: 'dynamodb-replica',
      enabled: state === undefined || state === 'ACTIVE' || state === 'UPDATING',
      target: null,
      region,
      account: null,
      crossRegion: isElsewhere(item, region),
      encrypted: key !== undefined,
      keyArn: key ?? null,
    }
  })
  const elsewhere = destinations.filter(destination => destination.crossRegion !== false)
  own.replication = replicationOf(elsewhere, true)
}

/** Of a global table the weakest replica counts: all have the setting, or the table lacks it. */
function weakest(values: readonly (boolean | undefined)[]): boolean | undefined {
  if (values.includes(false)) return false
  return values.length === 0 || values.includes(undefined) ? undefined : true
}

function settleGlobalTable(own: Facts, item: ResourceRecord): void {
  const pitr = factGroup(own, 'pitr')
  const encryption = factGroup(own, 'encryption')
  const sse = at(configurationOf(item), 'SSESpecification')
  const encryptedWithKms = sse.unknown ? undefined : isAbsent(sse) ? false : booleanOr(at(sse, 'SSEEnabled'), false)
  if (encryptedWithKms === false) encryption.keyArn = null
  if (encryptedWithKms === false) encryption.keyManager = 'awsOwned'
  const list = elements(at(configurationOf(item), 'Replicas'))
  if (!list || list.partial) return
  const replicas = list.places
  const recovery = replicas.map(replica => at(replica, 'PointInTimeRecoverySpecification'))
  const enabled = weakest(recovery.map(place => booleanOr(at(place, 'PointInTimeRecoveryEnabled'), false)))
  const days = recovery.map(place => numberOr(at(place, 'RecoveryPeriodInDays'), 35))
  if (enabled !== undefined) pitr.enabled = enabled
  if (enabled === false) {
    pitr.recoveryPeriodDays = null
    pitr.latestRestorableAgeHours = null
  } else if (enabled && days.every(value => value !== undefined)) pitr.recoveryPeriodDays = Math.min(...days)
  const guarded = weakest(replicas.map(replica => booleanOr(at(replica, 'DeletionProtectionEnabled'), false)))
  if (guarded !== undefined) factGroup(own, 'lifecycle').deletionProtection = guarded
  if (encryptedWithKms) settleGlobalKey(own, item, replicas)
  settleGlobalReplicas(own, item, replicas)
}

const keyOf = (replica: Place) => at(at(replica, 'SSESpecification'), 'KMSMasterKeyId')

/** The key of the replica in the template's own Region; AWS's where it names none. */
function settleGlobalKey(own: Facts, item: ResourceRecord, replicas: readonly Place[]): void {
  const home = replicas.find(
    replica => item.region !== undefined && textOr(at(replica, 'Region'), undefined) === item.region,
  )
  if (!home) return
  const key = textOr(keyOf(home), null)
  if (key !== undefined) factGroup(own, 'encryption').keyArn = key
  if (key !== undefined) settleKeyManager(own, 'aws')
}

function settleGlobalReplicas(own: Facts, item: ResourceRecord, replicas: readonly Place[]): void {
  const destinations = replicas.map((replica): Destination => {
    const region = textOr(at(replica, 'Region'), undefined)
    const place = keyOf(replica)
    const key = referenceOr(place, null)
    return {
      kind: 'dynamodb-replica',
      enabled: true,
      target: null,
      region,
      account: null,
      crossRegion: isElsewhere(item, region),
      encrypted: key === undefined ? undefined : key !== null,
      keyArn: place.unknown ? undefined : key,
    }
  })
  const regions = new Set(destinations.map(destination => destination.region))
  // The list names the table's own Region too.
  own.replication = replicationOf(
    destinations.filter(destination => destination.crossRegion !== false),
    item.region !== undefined,
  )
  if (item.region === undefined && !regions.has(undefined)) factGroup(own, 'replication').crossRegion = regions.size > 1
}

export const definitions: ResourceDefinition[] = [
  {
    role: 'data-store',
    type: 'AWS::DynamoDB::Table',
    places: {
      pitr: { cloudformation: 'PointInTimeRecoverySpecification', terraform: 'point_in_time_recovery' },
      encryption: { cloudformation: 'SSESpecification', terraform: 'server_side_encryption' },
      'lifecycle.finalSnapshot': { cloudformation: 'DeletionPolicy' },
      classification: { cloudformation: ['Tags'], terraform: ['tags'] },
    },
    names: {
      config: ['AWS::DynamoDB::Table'],
      cloudformation: ['AWS::DynamoDB::Table'],
      terraform: ['aws_dynamodb_table'],
    },
    identity: { arn: 'dynamodb:{region}:{account}:table/{id}', cloudformation: 'TableName', terraform: 'name' },
    companions: { aws_dynamodb_table_replica: { by: 'global_table_arn', as: replicaKey, many: true } },
    service: 'DynamoDB',
    support,
    facts: {
      ...tableFacts,
      ageHours: { config: 'creationDateTime', as: 'time' },
      'encryption.keyArn': {
        config: 'ssedescription.kmsmasterKeyArn',
        cloudformation: 'SSESpecification.KMSMasterKeyId',
        terraform: 'server_side_encryption.kms_key_arn',
        as: 'string',
        absent: everywhere(null),
      },
      'pitr.enabled': {
        config: [`${description}.pointInTimeRecoveryStatus`, `${nested}.pointInTimeRecoveryStatus`],
        cloudformation: 'PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled',
        terraform: 'point_in_time_recovery.enabled',
        as: (value, item) =>
          item.encoding === 'config' || item.encoding === 'api' ? isEnabled(value) : toBoolean(value),
        absent: { cloudformation: false, terraform: false },
      },
      'pitr.recoveryPeriodDays': {
        config: [`${description}.recoveryPeriodInDays`, `${nested}.recoveryPeriodInDays`],
        cloudformation: 'PointInTimeRecoverySpecification.RecoveryPeriodInDays',
        terraform: 'point_in_time_recovery.recovery_period_in_days',
        as: periodDays,
        absent: { cloudformation: 35, terraform: 35 },
      },
      'pitr.latestRestorableAgeHours': {
        config: [`${description}.latestRestorableDateTime`, `${nested}.latestRestorableDateTime`],
        as: 'time',
      },
      'lifecycle.deletionProtection': {
        config: 'deletionProtectionEnabled',
        cloudformation: 'DeletionProtectionEnabled',
        terraform: 'deletion_protection_enabled',
        as: 'boolean',
        absent: { cloudformation: false, terraform: false },
      },
    },
    derive: (own, item) => {
      settleRecovery(own, item)
      settleTableKey(own, item)
      settleReplicas(own, item)
      settleDeletionPolicy(own, item, false)
    },
  },
  {
    role: 'data-store',
    type: 'AWS::DynamoDB::GlobalTable',
    places: {
      pitr: { cloudformation: 'Replicas' },
      encryption: { cloudformation: 'SSESpecification' },
      'lifecycle.finalSnapshot': { cloudformation: 'DeletionPolicy' },
      'lifecycle.deletionProtection': { cloudformation: 'Replicas' },
      replication: { cloudformation: 'Replicas' },
      classification: { cloudformation: ['Tags'], terraform: ['tags'] },
    },
    names: { config: [], cloudformation: ['AWS::DynamoDB::GlobalTable'], terraform: [] },
    identity: { arn: 'dynamodb:{region}:{account}:table/{id}', cloudformation: 'TableName' },
    service: 'DynamoDB',
    support,
    facts: tableFacts,
    derive: (own, item) => {
      settleGlobalTable(own, item)
      settleDeletionPolicy(own, item, false)
    },
  },
  {
    role: 'data-store',
    type: 'AWS::DAX::Cluster',
    names: { config: [], cloudformation: ['AWS::DAX::Cluster'], terraform: ['aws_dax_cluster'] },
    identity: { arn: 'dax:{region}:{account}:cache/{id}', cloudformation: 'ClusterName', terraform: 'cluster_name' },
    service: null,
    support: notInAwsBackup,
    facts: {
      ...noNativeBackup,
      ...noPointInTimeRecovery,
      ...noReplication,
      ...noBucketEncryption,
      ...standsAlone,
      engine: null,
      deploymentType: null,
    },
    notAStore: () => 'a DAX cluster is a cache in front of DynamoDB tables',
  },
]

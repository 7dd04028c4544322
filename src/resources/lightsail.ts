/**
 * Amazon Lightsail disks, instances and managed databases. AWS Backup supports none; each has automatic backups of its own:
 * disks and instances an add-on that keeps the last seven daily snapshots, databases seven days of point-in-time recovery.
 *
 * - `AWS::Lightsail::Disk`: `configuration` = element of `lightsail:GetDisks` (`disks[]`); AWS Config records the type in
 *   CloudFormation's spelling. An instance's system disk is judged as the instance.
 * - `AWS::Lightsail::Instance`: element of `lightsail:GetInstances` (`instances[]`).
 * - `AWS::Lightsail::Database`: element of `lightsail:GetRelationalDatabases` (`relationalDatabases[]`).
 *
 * id = `name` in all three. No further answers are needed.
 * https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_AddOn.html
 */
import type { Facts, FactValue } from '../model/facts.ts'
import type { ResourceRecord } from '../model/record.ts'
import type { ResourceDefinition, StoreDefinition } from './definition.ts'
import { absentMeans, at, configurationOf, elements, isAbsent, textOr } from './evidence.ts'
import {
  factGroup,
  keptByTemplate,
  noPointInTimeRecovery,
  noReplication,
  notInAwsBackup,
  settleKeyManager,
  settleNativeBackup,
} from './native-backup.ts'
import { property, toBoolean, toText } from './property.ts'
import { finalSnapshotUnlessSkipped, settleDeletionPolicy } from './store-settings.ts'

/** Daily snapshots that the add-on keeps, and days that a database can be rewound. */
const automaticRetentionDays = 7

/** The add-on begins up to 45 minutes after its time of day. */
const automaticIntervalHours = 24.75

/** Whether the add-on `AutoSnapshot` is on; a resource without add-ons has none. */
function hasAutomaticSnapshots(item: ResourceRecord): boolean | undefined {
  const addOns = at(configurationOf(item), 'addOns', 'add_on')
  if (isAbsent(addOns)) return absentMeans(item, { api: false, cloudformation: false, terraform: false })
  const list = elements(addOns)
  if (!list) return undefined
  let unsure = list.partial
  for (const place of list.places) {
    const name = textOr(at(place, 'name', 'AddOnType', 'type'), undefined)
    const status = textOr(at(place, 'status'), undefined)?.toLowerCase()
    if (name === undefined) unsure = true
    else if (name.toLowerCase() !== 'autosnapshot') continue
    else if (status === 'enabled' || status === 'enabling') return true
    else if (status === undefined) unsure = true
  }
  return unsure ? undefined : false
}

function settleAutomaticSnapshots(own: Facts, item: ResourceRecord): void {
  const on = hasAutomaticSnapshots(item)
  if (on === undefined) return
  factGroup(own, 'native').retentionDays = on ? automaticRetentionDays : 0
  settleNativeBackup(own, automaticIntervalHours)
}

const common: StoreDefinition['facts'] = {
  ...noPointInTimeRecovery,
  ...noReplication,
  deploymentType: null,
  ageHours: { config: 'createdAt', as: 'time' },
  replicaOf: null,
  'encryption.keyArn': null,
  'encryption.algorithm': null,
  'encryption.inTransit': null,
  'native.keepsForever': false,
  'native.retentionHours': null,
  'native.backtrackHours': null,
  'native.crossRegionCopy': null,
  'native.exported': null,
  'lifecycle.deletionProtection': false,
  'lifecycle.deleteAutomatedBackups': null,
  'lifecycle.finalSnapshot': keptByTemplate,
  'lifecycle.copyTagsToBackups': null,
}

/** A blueprint is the engine and its version: `mysql_8_0`. */
const blueprintEngine = (value: unknown): FactValue | undefined => toText(value)?.split('_')[0]

export const definitions: ResourceDefinition[] = [
  {
    role: 'data-store',
    type: 'AWS::Lightsail::Disk',
    names: {
      config: ['AWS::Lightsail::Disk'],
      cloudformation: ['AWS::Lightsail::Disk'],
      terraform: ['aws_lightsail_disk', 'awscc_lightsail_disk'],
    },
    identity: { arn: 'lightsail:{region}:{account}:Disk/{made}', cloudformation: 'DiskName', terraform: 'name' },
    service: null,
    support: notInAwsBackup,
    facts: {
      ...common,
      engine: null,
      attached: { config: 'isAttached', as: 'boolean' },
      // Lightsail encrypts every disk and disk snapshot with keys that it manages.
      'encryption.encrypted': true,
    },
    derive: (own, item) => {
      settleDeletionPolicy(own, item, false)
      settleAutomaticSnapshots(own, item)
      settleKeyManager(own, 'awsOwned')
    },
    judgedAs: item =>
      toBoolean(property(item, 'isSystemDisk')) ? (toText(property(item, 'attachedTo')) ?? null) : null,
  },
  {
    role: 'data-store',
    type: 'AWS::Lightsail::Instance',
    names: {
      config: [],
      cloudformation: ['AWS::Lightsail::Instance'],
      terraform: ['aws_lightsail_instance', 'awscc_lightsail_instance'],
    },
    identity: {
      arn: 'lightsail:{region}:{account}:Instance/{made}',
      cloudformation: 'InstanceName',
      terraform: 'name',
    },
    service: null,
    support: notInAwsBackup,
    facts: { ...common, engine: null, attached: true },
    derive: (own, item) => {
      settleDeletionPolicy(own, item, false)
      settleAutomaticSnapshots(own, item)
    },
    notAStore: item => (toText(property(item, 'state.name')) === 'terminated' ? 'terminated instance' : null),
  },
  {
    role: 'data-store',
    type: 'AWS::Lightsail::Database',
    names: {
      config: [],
      cloudformation: ['AWS::Lightsail::Database'],
      terraform: ['aws_lightsail_database', 'awscc_lightsail_database'],
    },
    identity: {
      arn: 'lightsail:{region}:{account}:RelationalDatabase/{made}',
      cloudformation: 'RelationalDatabaseName',
      terraform: 'relational_database_name',
    },
    service: null,
    support: notInAwsBackup,
    facts: {
      ...common,
      engine: {
        config: ['engine', 'relationalDatabaseBlueprintId'],
        cloudformation: 'RelationalDatabaseBlueprintId',
        terraform: ['blueprint_id', 'relational_database_blueprint_id'],
        as: blueprintEngine,
      },
      attached: true,
      'native.automatedBackup': {
        config: 'backupRetentionEnabled',
        cloudformation: 'BackupRetention',
        terraform: ['backup_retention_enabled', 'backup_retention'],
        as: 'boolean',
      },
      'native.snapshotIntervalHours': null,
      'native.latestRestorableAgeHours': { config: 'latestRestorableTime', as: 'time' },
      'lifecycle.finalSnapshot': finalSnapshotUnlessSkipped,
    },
    derive: (own, item) => {
      settleDeletionPolicy(own, item, false)
      const native = factGroup(own, 'native')
      if (typeof native.automatedBackup !== 'boolean') return
      native.retentionDays = native.automatedBackup ? automaticRetentionDays : 0
      if (!native.automatedBackup) native.latestRestorableAgeHours = null
    },
  },
]

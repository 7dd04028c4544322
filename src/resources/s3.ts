/**
 * Amazon S3 buckets. S3 keeps no backups of its own; versions, replication and Object Lock are settings of the bucket.
 * Directory buckets (S3 Express One Zone) have neither versions nor replication, and AWS Backup does not support them.
 *
 * AWS Config tells the settings in its supplementary configuration, under the names of the table below; of replication,
 * Object Lock and lifecycle a missing name means that the bucket has none, and of encryption S3's default (SSE-S3). A record
 * of the API uses the same names, with the answers of `s3:GetBucketVersioning`, `GetBucketReplication`, `GetBucketEncryption`,
 * `GetObjectLockConfiguration` and `GetBucketLifecycleConfiguration` as they are; there `null` is «none» (the errors
 * `ReplicationConfigurationNotFoundError`, …), and a missing name is «not read».
 *
 * Terraform declares the settings in resources of their own, its provider before version 4 in blocks of the bucket.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */
import type { Facts } from '../model/facts.ts'
import type { ResourceRecord } from '../model/record.ts'
import { companionOrBlock } from './companions.ts'
import type { ResourceDefinition } from './definition.ts'
import {
  at,
  booleanOr,
  configurationOf,
  elements,
  isAbsent,
  isDeclared,
  numberOr,
  type Place,
  referenceOr,
  supplementaryOf,
  textOr,
} from './evidence.ts'
import {
  factGroup,
  noNativeBackup,
  noPointInTimeRecovery,
  noReplication,
  notInAwsBackup,
  settleKeyManager,
} from './native-backup.ts'
import { member, toDocument, toNumber } from './property.ts'
import { type Destination, otherAccount, replicationOf } from './replication.ts'
import { noFinalSnapshot, settleDeletionPolicy, standsAlone } from './store-settings.ts'

/** A setting by its name in AWS Config, in CloudFormation, and the member that wraps it in the API's answer. */
interface Setting {
  config: string
  cloudformation: string
  wrapper?: string
  /** Key of the Terraform resource that declares it, and the bucket's block that did before. */
  terraform: { as: string; block: string }
}

const versioning: Setting = {
  config: 'BucketVersioningConfiguration',
  cloudformation: 'VersioningConfiguration',
  terraform: { as: 'bucket_versioning', block: 'versioning' },
}
const replication: Setting = {
  config: 'BucketReplicationConfiguration',
  cloudformation: 'ReplicationConfiguration',
  wrapper: 'ReplicationConfiguration',
  terraform: { as: 'bucket_replication', block: 'replication_configuration' },
}
const encryption: Setting = {
  config: 'ServerSideEncryptionConfiguration',
  cloudformation: 'BucketEncryption',
  wrapper: 'ServerSideEncryptionConfiguration',
  terraform: { as: 'bucket_encryption', block: 'server_side_encryption_configuration' },
}
const objectLock: Setting = {
  config: 'ObjectLockConfiguration',
  cloudformation: 'ObjectLockConfiguration',
  wrapper: 'ObjectLockConfiguration',
  terraform: { as: 'bucket_object_lock', block: 'object_lock_configuration' },
}
const lifecycle: Setting = {
  config: 'BucketLifecycleConfiguration',
  cloudformation: 'LifecycleConfiguration',
  terraform: { as: 'bucket_lifecycle', block: 'lifecycle_rule' },
}

/** The setting; `null` = the bucket has none, `undefined` = not known. */
function settingOf(item: ResourceRecord, setting: Setting): Place | null | undefined {
  if (item.encoding === 'terraform') return companionOrBlock(item, setting.terraform.as, setting.terraform.block)
  if (item.encoding === 'cloudformation') {
    const place = at(configurationOf(item), setting.cloudformation)
    return place.unknown ? undefined : isAbsent(place) ? null : place
  }
  if (!item.supplementary) return undefined
  const stated = supplementaryOf(item, setting.config)
  if (stated === null) return null
  if (stated === undefined) return item.encoding === 'config' ? null : undefined
  const document = toDocument(stated)
  if (!document) return undefined
  const inner = setting.wrapper === undefined ? undefined : toDocument(member(document, setting.wrapper))
  return { item, value: inner ?? document, path: '', unknown: false }
}

/** What a resource of its own says, or the bucket's block; `null` = neither is there. */
function declaredVersioning(setting: Place | null): { status?: string | undefined; mfaDelete?: boolean | undefined } {
  if (setting === null) return { status: 'Off', mfaDelete: false }
  const flag = booleanOr(at(setting, 'enabled'), null)
  // A block that is off does not tell whether versioning was on before: it may be suspended.
  if (typeof flag === 'boolean')
    return { status: flag ? 'Enabled' : 'Suspended', mfaDelete: booleanOr(at(setting, 'mfa_delete'), false) }
  const configuration = at(setting, 'versioning_configuration')
  const status = textOr(at(configuration, 'Status'), undefined)
  const mfaDelete = textOr(at(configuration, 'mfa_delete'), 'Disabled')
  return {
    // «Disabled» may be asked for at creation only.
    status: status === 'Disabled' ? 'Off' : status,
    mfaDelete: mfaDelete === undefined ? undefined : mfaDelete === 'Enabled',
  }
}

function settleTerraformVersioning(facts: Facts, setting: Place | null | undefined): void {
  if (setting === undefined) return
  const { status, mfaDelete } = declaredVersioning(setting)
  if (status === 'Enabled' || status === 'Suspended' || status === 'Off') facts.status = status
  if (mfaDelete !== undefined) facts.mfaDelete = mfaDelete
}

function settleVersioning(own: Facts, item: ResourceRecord): void {
  const facts = factGroup(own, 'versioning')
  const setting = settingOf(item, versioning)
  if (item.encoding === 'terraform') {
    settleTerraformVersioning(facts, setting)
    return
  }
  if (setting === null) {
    // AWS Config states versioning of every bucket, so that a missing statement is no «never enabled».
    if (item.encoding === 'config') return
    facts.status = 'Off'
    if (item.encoding === 'api') facts.mfaDelete = false
    return
  }
  if (setting === undefined) return
  // A bucket that never had versions answers GetBucketVersioning with an empty document.
  const status = textOr(at(setting, 'Status'), item.encoding === 'api' ? 'Off' : undefined)
  if (status === 'Enabled' || status === 'Suspended' || status === 'Off') facts.status = status
  if (item.encoding === 'config') facts.mfaDelete = booleanOr(at(setting, 'isMfaDeleteEnabled'), false)
  // CloudFormation cannot ask for MFA delete, which says nothing of the bucket.
  if (item.encoding === 'api') facts.mfaDelete = textOr(at(setting, 'MFADelete'), 'Disabled') === 'Enabled'
  if (facts.mfaDelete === undefined) delete facts.mfaDelete
}

/** Rules as a list, or as AWS Config writes them: as a map by rule id. */
function rulesOf(setting: Place): { places: Place[]; partial: boolean } {
  // A bucket's own blocks of lifecycle rules are the list themselves.
  const rules = setting.path === 'lifecycle_rule' ? setting : at(setting, 'Rules', 'rule')
  if (isAbsent(rules)) return { places: [], partial: false }
  const isMap = setting.item.encoding === 'config' && typeof rules.value === 'object' && !Array.isArray(rules.value)
  const list = elements(isMap ? { ...rules, value: Object.values(rules.value as object) } : rules)
  return list ?? { places: [], partial: true }
}

/** Whether a rule is on; one that states no status is not. */
function isOn(place: Place): boolean | undefined {
  const flag = place.item.encoding === 'terraform' ? booleanOr(at(place, 'enabled'), null) : null
  if (flag !== null) return flag
  const status = textOr(at(place, 'Status'), null)
  return status === undefined ? undefined : status === 'Enabled'
}

function destinationOf(rule: Place): Destination {
  const { item } = rule
  const destination = at(rule, 'DestinationConfig', 'Destination')
  const nested = at(at(destination, 'EncryptionConfiguration'), 'ReplicaKmsKeyID')
  const key = isAbsent(nested) ? at(destination, 'ReplicaKmsKeyID') : nested
  const named = referenceOr(key, null)
  // The owner is stated only where the replica's ownership changes: without it the bucket may still be another account's.
  const account = textOr(at(destination, 'Account', 'account_id'), undefined)
  const enabled = isOn(rule)
  return {
    kind: 's3',
    enabled,
    target: referenceOr(at(destination, 'BucketARN', 'Bucket'), undefined),
    // No format tells the Region of the destination: the bucket has to be looked up.
    region: undefined,
    account: account === undefined ? undefined : otherAccount(item, account),
    crossRegion: undefined,
    encrypted: named === undefined ? undefined : named !== null,
    keyArn: key.unknown ? undefined : named,
    deleteMarkers: replicatesDeletions(rule),
    timeControl: statusOr(at(at(destination, 'ReplicationTime'), 'Status'), false),
  }
}

function statusOr(place: Place, absent: boolean): boolean | undefined {
  const status = textOr(place, null)
  return status === undefined ? undefined : status === null ? absent : status === 'Enabled'
}

/** Rules without a filter (the first version of replication) replicate delete markers, rules with one only when told to. */
function replicatesDeletions(rule: Place): boolean | undefined {
  const stated = at(rule, 'DeleteMarkerReplication')
  const filter = at(rule, 'Filter')
  if (stated.unknown || filter.unknown) return undefined
  const status = isAbsent(stated) ? at(rule, 'delete_marker_replication_status') : at(stated, 'Status')
  return statusOr(status, isAbsent(filter))
}

function settleReplication(own: Facts, item: ResourceRecord): void {
  const setting = settingOf(item, replication)
  if (setting === undefined) return
  const rules = setting ? rulesOf(setting) : { places: [], partial: false }
  own.replication = replicationOf(rules.places.map(destinationOf), !rules.partial)
}

function settleEncryption(own: Facts, item: ResourceRecord): void {
  const facts = factGroup(own, 'encryption')
  const setting = settingOf(item, encryption)
  if (setting === undefined) return
  if (setting === null) {
    facts.algorithm = 'AES256'
    facts.keyArn = null
    facts.keyManager = 'awsOwned'
    return
  }
  const rules = elements(at(setting, 'ServerSideEncryptionConfiguration', 'Rules', 'rule'))
  const standard = rules?.places.map(rule =>
    at(rule, 'ApplyServerSideEncryptionByDefault', 'ServerSideEncryptionByDefault'),
  )
  if (!standard?.[0]) return
  const algorithm = textOr(at(standard[0], 'SSEAlgorithm'), undefined)
  if (algorithm === undefined) return
  facts.algorithm = algorithm
  const key = algorithm === 'AES256' ? null : textOr(at(standard[0], 'KMSMasterKeyID'), null)
  if (key !== undefined) facts.keyArn = key
  // SSE-KMS without a key uses `alias/aws/s3`.
  settleKeyManager(own, algorithm === 'AES256' ? 'awsOwned' : 'aws')
}

function settleObjectLock(own: Facts, item: ResourceRecord): void {
  const setting = settingOf(item, objectLock)
  if (setting === undefined) return
  const facts = factGroup(own, 'objectLock')
  const flag = isDeclared(item) ? booleanOr(at(configurationOf(item), 'ObjectLockEnabled'), false) : false
  // Terraform's own resource switches it on where it says nothing else.
  const stated = setting ? statusOr(at(setting, 'ObjectLockEnabled'), item.encoding === 'terraform') : false
  const enabled =
    flag === true || stated === true ? true : flag === undefined || stated === undefined ? undefined : false
  if (enabled !== undefined) facts.enabled = enabled
  const retention = setting ? at(at(setting, 'Rule'), 'DefaultRetention') : undefined
  if (!retention || isAbsent(retention)) {
    facts.mode = null
    facts.retentionDays = null
    return
  }
  const mode = textOr(at(retention, 'Mode'), null)
  if (mode !== undefined) facts.mode = mode
  const days = retentionDays(retention)
  if (days !== undefined) facts.retentionDays = days
}

/** Default retention in days; a year counts as 365. Zero and less are words for «not set». */
function retentionDays(retention: Place): number | null | undefined {
  const days = numberOr(at(retention, 'Days'), null)
  const years = numberOr(at(retention, 'Years'), null)
  if (days === undefined || years === undefined) return undefined
  if (days !== null && days > 0) return days
  return years !== null && years > 0 ? toNumber(years * 365) : null
}

type Days = number | null | undefined

/** The smaller of two ages; not known where either is not. */
function smaller(a: Days, b: Days): Days {
  if (a === undefined || b === undefined) return undefined
  return a === null ? b : b === null ? a : Math.min(a, b)
}

/** Days as lifecycle rules state them; AWS Config writes -1 for «not set». */
function daysAt(place: Place): Days {
  const days = numberOr(place, null)
  return typeof days === 'number' && days <= 0 ? null : days
}

/** Age at which a rule expires current objects. A rule with a date expires all of them on that day, however young. */
function expirationDays(rule: Place): Days {
  const expiration = at(rule, 'Expiration')
  const dates = [at(rule, 'ExpirationDate'), at(expiration, 'Date')]
  if (expiration.unknown || dates.some(date => date.unknown)) return undefined
  if (dates.some(date => !isAbsent(date))) return 0
  return smaller(daysAt(at(rule, 'ExpirationInDays')), daysAt(at(expiration, 'Days')))
}

function noncurrentDays(rule: Place): Days {
  return smaller(
    daysAt(at(rule, 'NoncurrentVersionExpirationInDays')),
    daysAt(at(at(rule, 'NoncurrentVersionExpiration'), 'NoncurrentDays', 'days')),
  )
}

function abortDays(rule: Place): Days {
  return smaller(
    daysAt(at(at(rule, 'AbortIncompleteMultipartUpload'), 'DaysAfterInitiation')),
    daysAt(at(rule, 'abort_incomplete_multipart_upload_days')),
  )
}

function moves(rule: Place): boolean | undefined {
  const transitions = ['Transitions', 'NoncurrentVersionTransitions', 'Transition', 'NoncurrentVersionTransition'].map(
    name => at(rule, name),
  )
  if (transitions.some(place => !isAbsent(place) && !place.unknown && elements(place)?.places.length)) return true
  return transitions.some(place => place.unknown) ? undefined : false
}

/** Some of several is true; not known where none is and one of them is not known. */
function some(values: readonly (boolean | undefined)[]): boolean | undefined {
  return values.includes(true) ? true : values.includes(undefined) ? undefined : false
}

function settleLifecycle(own: Facts, item: ResourceRecord): void {
  const setting = settingOf(item, lifecycle)
  if (setting === undefined) return
  const rules = setting ? rulesOf(setting) : { places: [], partial: false }
  const sure = !rules.partial && rules.places.every(rule => isOn(rule) !== undefined)
  const on = rules.places.filter(rule => isOn(rule) !== false)
  const smallest = (of: (rule: Place) => Days) => (sure ? on.map(of).reduce(smaller, null) : undefined)
  const facts = {
    present: some([...rules.places.map(isOn), rules.partial ? undefined : false]),
    expirationDays: smallest(expirationDays),
    noncurrentExpirationDays: smallest(noncurrentDays),
    abortIncompleteUploadDays: smallest(abortDays),
    transitions: some([...on.map(rule => (isOn(rule) ? moves(rule) : undefined)), rules.partial ? undefined : false]),
  }
  const group = factGroup(own, 'lifecycleRules')
  for (const [name, value] of Object.entries(facts)) if (value !== undefined) group[name] = value
}

export const definitions: ResourceDefinition[] = [
  {
    role: 'data-store',
    type: 'AWS::S3::Bucket',
    places: {
      versioning: { cloudformation: 'VersioningConfiguration', terraform: ['bucket_versioning', 'versioning'] },
      'versioning.status': {
        cloudformation: 'VersioningConfiguration.Status',
        terraform: ['bucket_versioning.versioning_configuration.status', 'versioning.enabled'],
      },
      'versioning.mfaDelete': {
        cloudformation: 'VersioningConfiguration',
        terraform: ['bucket_versioning.versioning_configuration.mfa_delete', 'versioning.mfa_delete'],
      },
      objectLock: {
        cloudformation: ['ObjectLockConfiguration', 'ObjectLockEnabled'],
        terraform: ['bucket_object_lock', 'object_lock_configuration', 'object_lock_enabled'],
      },
      'objectLock.mode': {
        cloudformation: 'ObjectLockConfiguration.Rule.DefaultRetention.Mode',
        terraform: [
          'bucket_object_lock.rule.default_retention.mode',
          'object_lock_configuration.rule.default_retention.mode',
        ],
      },
      'objectLock.retentionDays': {
        cloudformation: [
          'ObjectLockConfiguration.Rule.DefaultRetention.Days',
          'ObjectLockConfiguration.Rule.DefaultRetention.Years',
        ],
        terraform: ['days', 'years'].flatMap(unit =>
          ['bucket_object_lock', 'object_lock_configuration'].map(lock => `${lock}.rule.default_retention.${unit}`),
        ),
      },
      encryption: {
        cloudformation: 'BucketEncryption',
        terraform: ['bucket_encryption', 'server_side_encryption_configuration'],
      },
      replication: {
        cloudformation: 'ReplicationConfiguration',
        terraform: ['bucket_replication', 'replication_configuration'],
      },
      lifecycleRules: { cloudformation: 'LifecycleConfiguration', terraform: ['bucket_lifecycle', 'lifecycle_rule'] },
      'lifecycle.finalSnapshot': { cloudformation: 'DeletionPolicy', terraform: 'force_destroy' },
      classification: { cloudformation: ['Tags'], terraform: ['tags'] },
    },
    names: {
      config: ['AWS::S3::Bucket'],
      cloudformation: ['AWS::S3::Bucket'],
      terraform: ['aws_s3_bucket'],
    },
    identity: { arn: 's3:::{id}', cloudformation: 'BucketName', terraform: 'bucket' },
    companions: {
      aws_s3_bucket_versioning: { by: 'bucket', as: versioning.terraform.as },
      aws_s3_bucket_replication_configuration: { by: 'bucket', as: replication.terraform.as },
      aws_s3_bucket_server_side_encryption_configuration: { by: 'bucket', as: encryption.terraform.as },
      aws_s3_bucket_object_lock_configuration: { by: 'bucket', as: objectLock.terraform.as },
      aws_s3_bucket_lifecycle_configuration: { by: 'bucket', as: lifecycle.terraform.as },
    },
    service: 'S3',
    support: {
      awsBackup: true,
      crossRegionCopy: true,
      crossAccountCopy: true,
      continuous: true,
      independentEncryption: true,
      coldStorage: false,
      restoreTesting: true,
      airGapped: true,
    },
    facts: {
      ...noNativeBackup,
      ...noPointInTimeRecovery,
      ...standsAlone,
      engine: null,
      deploymentType: null,
      ageHours: { config: 'creationDate', as: 'time' },
      // Since January 2023 S3 encrypts every new object; only how can be chosen.
      'encryption.encrypted': true,
      'encryption.inTransit': null,
      'lifecycle.deletionProtection': false,
      'lifecycle.deleteAutomatedBackups': null,
      'lifecycle.finalSnapshot': noFinalSnapshot,
      'lifecycle.copyTagsToBackups': null,
    },
    derive: (own, item) => {
      settleVersioning(own, item)
      settleReplication(own, item)
      settleEncryption(own, item)
      settleObjectLock(own, item)
      settleLifecycle(own, item)
      settleDeletionPolicy(own, item, false)
    },
  },
  {
    role: 'data-store',
    type: 'AWS::S3Express::DirectoryBucket',
    names: {
      config: ['AWS::S3Express::DirectoryBucket'],
      cloudformation: ['AWS::S3Express::DirectoryBucket'],
      terraform: ['aws_s3_directory_bucket'],
    },
    identity: { arn: 's3express:{region}:{account}:bucket/{id}', cloudformation: 'BucketName', terraform: 'bucket' },
    service: null,
    support: notInAwsBackup,
    facts: {
      ...noNativeBackup,
      ...noPointInTimeRecovery,
      ...noReplication,
      ...standsAlone,
      engine: null,
      deploymentType: null,
      'encryption.encrypted': true,
      'encryption.inTransit': null,
      'versioning.status': 'Off',
      'versioning.mfaDelete': false,
      'objectLock.enabled': false,
      'objectLock.mode': null,
      'objectLock.retentionDays': null,
      'lifecycle.deletionProtection': false,
      'lifecycle.deleteAutomatedBackups': null,
      'lifecycle.finalSnapshot': noFinalSnapshot,
      'lifecycle.copyTagsToBackups': null,
    },
    derive: (own, item) => {
      settleDirectoryEncryption(own, item)
      settleDeletionPolicy(own, item, false)
    },
  },
]

/** AWS Config writes directory buckets as CloudFormation does: the settings stand in the configuration itself. */
function settleDirectoryEncryption(own: Facts, item: ResourceRecord): void {
  if (item.encoding === 'config' && !isAbsent(at(configurationOf(item), 'BucketEncryption')))
    settleEncryption(own, { ...item, encoding: 'cloudformation' })
  else if (item.encoding === 'cloudformation' || item.encoding === 'api') settleEncryption(own, item)
}

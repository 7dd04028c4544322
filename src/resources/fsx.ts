/**
 * Amazon FSx file systems (Windows File Server, Lustre, ONTAP, OpenZFS) and volumes. AWS Config records neither.
 *
 * AWS Backup keeps Windows, Lustre and OpenZFS file systems whole, and ONTAP by volume: there the file system is judged for
 * its automatic backups only, and its volumes for everything else. Volumes of OpenZFS are kept with their file system.
 * Lustre scratch file systems cannot be backed up.
 *
 * `configuration` (API) = element of `fsx:DescribeFileSystems` (`FileSystems[]`) or `fsx:DescribeVolumes` (`Volumes[]`); with
 * an ONTAP volume `supplementary.FileSystem` = its file system, where retention and key are set.
 * https://docs.aws.amazon.com/fsx/latest/APIReference/API_FileSystem.html
 */
import type { Facts } from '../model/facts.ts'
import type { ResourceRecord } from '../model/record.ts'
import type { BackupSupport, PropertySource, ResourceDefinition, StoreDefinition } from './definition.ts'
import {
  factGroup,
  noPointInTimeRecovery,
  noReplication,
  notInAwsBackup,
  settleKeyManager,
  settleNativeBackup,
} from './native-backup.ts'
import { property, toText } from './property.ts'
import {
  finalSnapshotUnlessSkipped,
  isUnstated,
  noBucketEncryption,
  plainAutomaticBackups,
  reference,
  settleDeletionPolicy,
  standsAlone,
} from './store-settings.ts'

/** Automatic backups start within half an hour of a fixed time of the day. */
const automaticGapHours = 24.5

/** Terraform has a resource type for each kind; the others name the kind. */
const terraformEngines: { readonly [type: string]: string } = {
  aws_fsx_windows_file_system: 'WINDOWS',
  aws_fsx_lustre_file_system: 'LUSTRE',
  aws_fsx_ontap_file_system: 'ONTAP',
  aws_fsx_openzfs_file_system: 'OPENZFS',
  aws_fsx_ontap_volume: 'ONTAP',
  aws_fsx_openzfs_volume: 'OPENZFS',
}

/** The member that holds the settings of each kind. */
const groups = ['WindowsConfiguration', 'LustreConfiguration', 'OntapConfiguration', 'OpenZFSConfiguration']

const inGroups = (name: string) => groups.map(group => `${group}.${name}`)

function settleKind(own: Facts, item: ResourceRecord): void {
  if (item.encoding !== 'terraform') return
  if (Object.hasOwn(terraformEngines, item.type)) own.engine = terraformEngines[item.type]!
}

/** What an omitted deployment type and retention mean depends on the kind. */
function settleDefaults(own: Facts, item: ResourceRecord): void {
  const engine = own.engine
  const native = factGroup(own, 'native')
  const isTerraform = item.encoding === 'terraform'
  if (isTerraform || item.encoding === 'cloudformation') {
    const omits = (name: string, argument: string) =>
      isTerraform ? isUnstated(item, argument) : isUnstated(item, ...inGroups(name))
    if (typeof engine === 'string' && omits('AutomaticBackupRetentionDays', 'automatic_backup_retention_days'))
      settleUnstatedRetention(native, engine, isTerraform)
    if (engine === 'LUSTRE' && omits('DeploymentType', 'deployment_type')) own.deploymentType = 'SCRATCH_1'
  }
  if (engine === 'ONTAP') factGroup(own, 'lifecycle').copyTagsToBackups = null
}

/**
 * Days of automatic backups where none are stated. For ONTAP and OpenZFS AWS's references gave 0 as the default and now give 30, so
 * that what a template without them gets is not known. https://docs.aws.amazon.com/fsx/latest/APIReference/API_OntapFileSystemConfiguration.html,
 * https://docs.rs/aws-sdk-fsx/0.10.1/aws_sdk_fsx/model/struct.CreateFileSystemOntapConfiguration.html
 */
function settleUnstatedRetention(native: Facts, engine: string, isTerraform: boolean): void {
  if (isTerraform) native.retentionDays = engine === 'WINDOWS' ? 7 : 0
  else if (engine === 'LUSTRE') native.retentionDays = 0
  else if (engine === 'WINDOWS') native.retentionDays = 30
  else delete native.retentionDays
}

/** Terraform's Lustre skips the final backup unless told otherwise, ONTAP file systems have none to skip. */
function settleFinalBackup(own: Facts, item: ResourceRecord): void {
  if (item.encoding !== 'terraform' || !isUnstated(item, 'skip_final_backup')) return
  if (own.engine === 'LUSTRE') factGroup(own, 'lifecycle').finalSnapshot = false
  if (own.engine === 'ONTAP') factGroup(own, 'lifecycle').finalSnapshot = null
}

const finalBackup: PropertySource = { ...finalSnapshotUnlessSkipped, terraform: 'skip_final_backup' }

const wholeSupport: BackupSupport = {
  awsBackup: true,
  crossRegionCopy: true,
  crossAccountCopy: true,
  continuous: false,
  independentEncryption: false,
  coldStorage: false,
  restoreTesting: true,
}

/** What is the same for every kind; copies of OpenZFS are not confirmed. */
const openZfsSupport: BackupSupport = {
  awsBackup: true,
  continuous: false,
  independentEncryption: false,
  coldStorage: false,
  restoreTesting: true,
}

const ontapVolumeSupport: BackupSupport = {
  awsBackup: true,
  crossRegionCopy: false,
  crossAccountCopy: false,
  continuous: false,
  independentEncryption: false,
  coldStorage: false,
  airGapped: false,
}

const unknownKindSupport: BackupSupport = {
  awsBackup: true,
  continuous: false,
  independentEncryption: false,
  coldStorage: false,
}

function supportOf(own: Facts): BackupSupport {
  switch (own.engine) {
    case 'WINDOWS':
    case 'LUSTRE':
      return wholeSupport
    case 'OPENZFS':
      return openZfsSupport
    case 'ONTAP':
      return notInAwsBackup
    default:
      return unknownKindSupport
  }
}

const common: StoreDefinition['facts'] = {
  ...noPointInTimeRecovery,
  ...noReplication,
  ...plainAutomaticBackups,
  ...noBucketEncryption,
  ...standsAlone,
  ageHours: { config: 'CreationTime', as: 'time' },
  // FSx encrypts every file system; only the key can be chosen.
  'encryption.encrypted': true,
  'lifecycle.deletionProtection': false,
  'lifecycle.deleteAutomatedBackups': null,
}

const copiesTags = (paths: readonly string[]): PropertySource => ({
  config: paths,
  cloudformation: paths,
  terraform: 'copy_tags_to_backups',
  as: 'boolean',
  absent: { cloudformation: false, terraform: false },
})

/** The file system that keeps a volume of OpenZFS; `undefined` where the item names only its parent volume. */
function fileSystemOf(item: ResourceRecord): string | null | undefined {
  if (kindOfVolume(item) !== 'OPENZFS') return null
  const named = reference(property(item, 'FileSystemId'), item)
  return typeof named === 'string' ? named : undefined
}

function kindOfVolume(item: ResourceRecord): string | undefined {
  if (item.encoding !== 'terraform') return toText(property(item, 'VolumeType'))?.toUpperCase()
  return Object.hasOwn(terraformEngines, item.type) ? terraformEngines[item.type] : undefined
}

export const definitions: ResourceDefinition[] = [
  {
    role: 'data-store',
    type: 'AWS::FSx::FileSystem',
    places: {
      'encryption.encrypted': {},
      'encryption.keyManager': { cloudformation: 'KmsKeyId', terraform: 'kms_key_id' },
      classification: { cloudformation: ['Tags'], terraform: ['tags'] },
    },
    names: {
      config: [],
      cloudformation: ['AWS::FSx::FileSystem'],
      terraform: [
        'aws_fsx_windows_file_system',
        'aws_fsx_lustre_file_system',
        'aws_fsx_ontap_file_system',
        'aws_fsx_openzfs_file_system',
      ],
    },
    identity: { arn: 'fsx:{region}:{account}:file-system/{id}' },
    service: own => (own.engine === 'ONTAP' ? null : 'FSx'),
    support: supportOf,
    facts: {
      ...common,
      engine: {
        config: 'FileSystemType',
        cloudformation: 'FileSystemType',
        as: value => toText(value)?.toUpperCase(),
      },
      deploymentType: {
        config: inGroups('DeploymentType'),
        cloudformation: inGroups('DeploymentType'),
        terraform: 'deployment_type',
        as: 'string',
      },
      'encryption.keyArn': {
        config: 'KmsKeyId',
        cloudformation: 'KmsKeyId',
        terraform: 'kms_key_id',
        as: 'string',
        absent: { config: null, api: null, cloudformation: null, terraform: null },
      },
      'native.retentionDays': {
        config: inGroups('AutomaticBackupRetentionDays'),
        cloudformation: inGroups('AutomaticBackupRetentionDays'),
        terraform: 'automatic_backup_retention_days',
        as: 'number',
        // The API leaves the member out where automatic backups are off.
        absent: { config: 0, api: 0 },
      },
      'lifecycle.finalSnapshot': finalBackup,
      'lifecycle.copyTagsToBackups': copiesTags(
        inGroups('CopyTagsToBackups').filter(path => !path.startsWith('Ontap')),
      ),
    },
    derive: (own, item) => {
      settleKind(own, item)
      settleDefaults(own, item)
      settleFinalBackup(own, item)
      settleNativeBackup(own, automaticGapHours)
      settleKeyManager(own, item.encoding === 'cloudformation' || item.encoding === 'terraform' ? 'aws' : undefined)
      settleDeletionPolicy(own, item, false)
      // What FSx keeps at deletion is not stated by CloudFormation's policy alone.
      if (item.encoding === 'cloudformation' && factGroup(own, 'lifecycle').finalSnapshot === false)
        delete factGroup(own, 'lifecycle').finalSnapshot
    },
    notAStore: (_item, own) =>
      own.engine === 'LUSTRE' && typeof own.deploymentType === 'string' && own.deploymentType.startsWith('SCRATCH')
        ? 'a Lustre scratch file system cannot be backed up'
        : null,
  },
  {
    role: 'data-store',
    type: 'AWS::FSx::Volume',
    names: {
      config: [],
      cloudformation: ['AWS::FSx::Volume'],
      terraform: ['aws_fsx_ontap_volume', 'aws_fsx_openzfs_volume'],
    },
    identity: { arn: 'fsx:{region}:{account}:volume/{within}/{id}' },
    service: 'FSx',
    support: ontapVolumeSupport,
    facts: {
      ...common,
      engine: {
        config: 'VolumeType',
        cloudformation: 'VolumeType',
        as: value => toText(value)?.toUpperCase(),
      },
      deploymentType: null,
      // Key and retention are those of the file system, which templates declare apart.
      'encryption.keyArn': { config: 'supplementary.FileSystem.KmsKeyId', as: 'string' },
      'native.retentionDays': {
        config: 'supplementary.FileSystem.OntapConfiguration.AutomaticBackupRetentionDays',
        as: 'number',
      },
      'lifecycle.finalSnapshot': finalBackup,
      'lifecycle.copyTagsToBackups': copiesTags(['OntapConfiguration.CopyTagsToBackups']),
    },
    derive: (own, item) => {
      settleKind(own, item)
      settleNativeBackup(own, automaticGapHours)
      settleKeyManager(own)
      settleDeletionPolicy(own, item, false)
      if (item.encoding === 'cloudformation' && factGroup(own, 'lifecycle').finalSnapshot === false)
        delete factGroup(own, 'lifecycle').finalSnapshot
    },
    judgedAs: fileSystemOf,
    notAStore: item => {
      if (fileSystemOf(item) === undefined) return 'a volume of OpenZFS is kept with its file system'
      if (toText(property(item, 'OntapConfiguration.FlexCacheEndpointType')) === 'CACHE')
        return 'a FlexCache volume is a cache'
      return null
    },
  },
]

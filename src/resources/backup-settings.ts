/**
 * Settings of AWS Backup, of Amazon EBS snapshots, of the organisation and of the AWS Config recorder.
 *
 * Types with no name at AWS are ours; `configuration` is an API's answer:
 *
 * - `AWS::Backup::RegionSettings`: `backup:DescribeRegionSettings`; `supplementary.EbsEncryptionByDefault` =
 *   `ec2:GetEbsEncryptionByDefault`, `supplementary.EbsSnapshotBlockPublicAccess` = `ec2:GetSnapshotBlockPublicAccessState`.
 * - `AWS::EC2::SnapshotBlockPublicAccess`: AWS Config's and CloudFormation's type of the latter.
 * - `AWS::Backup::GlobalSettings`: `backup:DescribeGlobalSettings` (its booleans are strings).
 * - `AWS::Organizations::Organization`: `organizations:DescribeOrganization`, called in the account that the record names;
 *   `{ Organization: null }` where AWS answers AWSOrganizationsNotInUseException.
 * - `AWS::Organizations::Account`: an entry of `organizations:ListAccounts`, the record's account being the entry's.
 * - `AWS::Backup::Framework`: `backup:DescribeFramework`. `AWS::Backup::ReportPlan`: `backup:DescribeReportPlan`.
 * - `AWS::Config::ConfigurationRecorder`: an entry of `config:DescribeConfigurationRecorders`; `supplementary.Status` = its
 *   entry of `config:DescribeConfigurationRecorderStatus`.
 */
import type { AccountSettings, ConfigRecorder, Framework, RegionSettings, ReportPlan } from '../model/guards.ts'
import type { ResourceRecord } from '../model/record.ts'
import { companionAt } from './companions.ts'
import type { ResourceDefinition } from './definition.ts'
import {
  absentMeans,
  allOr,
  at,
  booleanOr,
  configurationOf,
  isAbsent,
  isDeclared,
  known,
  names,
  type Place,
  supplementaryOf,
  textOr,
  textsOr,
  timeOr,
} from './evidence.ts'
import { member, toBoolean, toText } from './property.ts'

/** Boolean preferences by AWS Backup's name of a type. One that cannot be read is left out: not known. */
function preferences(place: Place): Record<string, boolean> | undefined {
  if (place.unknown || typeof place.value !== 'object' || place.value === null || Array.isArray(place.value))
    return undefined
  const entries = Object.entries(place.value).flatMap(([name, value]): [string, boolean][] => {
    const on = toBoolean(value)
    return on === undefined ? [] : [[name, on]]
  })
  return Object.fromEntries(entries)
}

function readRegionSettings(item: ResourceRecord): RegionSettings {
  const root = configurationOf(item)
  const encryption = supplementaryOf(item, 'EbsEncryptionByDefault')
  const publicAccess = supplementaryOf(item, 'EbsSnapshotBlockPublicAccess')
  return known({
    optIn: preferences(at(root, 'ResourceTypeOptInPreference')),
    management: preferences(at(root, 'ResourceTypeManagementPreference')),
    ebsEncryptionByDefault: toBoolean(encryption) ?? toBoolean(member(encryption, 'EbsEncryptionByDefault')),
    ebsSnapshotPublicAccess: toText(publicAccess) ?? toText(member(publicAccess, 'State')),
  })
}

function readSnapshotBlock(item: ResourceRecord): RegionSettings {
  return known({ ebsSnapshotPublicAccess: textOr(at(configurationOf(item), 'State'), undefined) })
}

/** Terraform only: the setting is on where the resource does not say. */
function readEncryptionByDefault(item: ResourceRecord): RegionSettings {
  return known({ ebsEncryptionByDefault: booleanOr(at(configurationOf(item), 'enabled'), true) })
}

function readGlobalSettings(item: ResourceRecord): AccountSettings {
  const settings = at(configurationOf(item), 'GlobalSettings')
  return known({ crossAccountBackup: booleanOr(at(settings, 'isCrossAccountBackupEnabled'), undefined) })
}

function readOrganization(item: ResourceRecord): AccountSettings {
  const { configuration } = item
  if (member(configuration, 'Organization') === null) return { inOrganization: false, organizationId: null }
  const root = configurationOf(item)
  const nested = at(root, 'Organization')
  const organizationId = textOr(at(isAbsent(nested) ? root : nested, 'Id'), undefined)
  // A declared organisation will hold its account; an answer that names none says nothing.
  if (organizationId === undefined && !isDeclared(item)) return {}
  return known({ inOrganization: true, organizationId })
}

/** An account's ARN names its organisation: `arn:aws:organizations::<management account>:account/o-…/<account>`. */
function readAccount(item: ResourceRecord): AccountSettings {
  const root = configurationOf(item)
  const nested = at(root, 'Account')
  const account = isAbsent(nested) ? root : nested
  const arn = textOr(at(account, 'Arn'), undefined) ?? item.arn
  const organizationId = arn?.split('/').find(segment => segment.startsWith('o-'))
  return organizationId === undefined ? {} : { inOrganization: true, organizationId }
}

/** A framework judges only once deployed, and only while AWS Config records for it. */
function isDeployed(item: ResourceRecord, root: Place): boolean | undefined {
  if (isDeclared(item)) return true
  const deployment = textOr(at(root, 'DeploymentStatus'), undefined)
  const status = textOr(at(root, 'FrameworkStatus'), undefined)
  if (status === 'INACTIVE' || status === 'UNAVAILABLE') return false
  return deployment === undefined ? undefined : deployment === 'COMPLETED'
}

function readFramework(item: ResourceRecord): Framework | undefined {
  const root = configurationOf(item)
  const name = textOr(at(root, 'FrameworkName', 'name'), undefined) ?? item.name ?? toText(item.id)
  if (name === undefined) return undefined
  return known({
    name,
    deployed: isDeployed(item, root),
    controls: allOr(
      at(root, 'FrameworkControls', 'control'),
      control => textOr(at(control, 'ControlName', 'name'), undefined),
      undefined,
    ),
  })
}

function readReportPlan(item: ResourceRecord): ReportPlan | undefined {
  const root = configurationOf(item)
  const nested = at(root, 'ReportPlan')
  const plan = isAbsent(nested) ? root : nested
  const name = textOr(at(plan, 'ReportPlanName', 'name'), undefined) ?? item.name ?? toText(item.id)
  if (name === undefined) return undefined
  return known({
    name,
    template: textOr(at(at(plan, 'ReportSetting'), 'ReportTemplate'), undefined),
    lastSuccessAt: timeOr(at(plan, 'LastSuccessfulExecutionTime'), absentMeans(item, { api: null })),
  })
}

/** What is recorded, in one of three ways: everything, what is listed, or all but what is listed. */
function recordedTypes(item: ResourceRecord, group: Place): ConfigRecorder {
  if (group.unknown) return {}
  // CloudFormation and Terraform record every supported type where no group is given.
  if (isAbsent(group)) return isDeclared(item) ? { allSupported: true } : {}
  const strategy = textOr(at(at(group, 'RecordingStrategy'), 'UseOnly'), null)
  const listed = textsOr(at(group, 'ResourceTypes'), [] as string[])
  const excluded = textsOr(at(at(group, 'ExclusionByResourceTypes'), 'ResourceTypes'), [] as string[])
  const allSupported = booleanOr(at(group, 'AllSupported'), item.encoding === 'terraform' ? true : undefined)
  switch (strategy) {
    case 'ALL_SUPPORTED_RESOURCE_TYPES':
      return { allSupported: true }
    case 'INCLUSION_BY_RESOURCE_TYPES':
      return known({ allSupported: false, resourceTypes: listed })
    case 'EXCLUSION_BY_RESOURCE_TYPES':
      return known({ allSupported: false, excludedTypes: excluded })
    case null:
      break
    default:
      return {}
  }
  if (allSupported === true) return { allSupported: true }
  if (excluded && excluded.length > 0) return { allSupported: false, excludedTypes: excluded }
  if (!listed || !excluded || (allSupported === undefined && listed.length === 0)) return known({ allSupported })
  return { allSupported: false, resourceTypes: listed }
}

/** Where the values of Terraform's `aws_config_configuration_recorder_status` stand; a recorder without one does not record. */
const statusKey = 'recorder_status'

function readRecorder(item: ResourceRecord): ConfigRecorder {
  const group = at(configurationOf(item), 'RecordingGroup')
  return known({ ...recordedTypes(item, group), recording: isRecording(item) })
}

/** A recorder that does not deliver what it records (`lastStatus`) is not known to record. */
function isRecording(item: ResourceRecord): boolean | undefined {
  if (item.encoding === 'terraform') {
    const apart = companionAt(item, statusKey)
    return apart ? booleanOr(at(apart, 'is_enabled'), undefined) : apart === null ? false : undefined
  }
  // An item of AWS Config's that does not say so was written by the recorder itself.
  if (item.encoding === 'config') return booleanOr(at(configurationOf(item), 'Recording'), true)
  const status = supplementaryOf(item, 'Status')
  const recording = toBoolean(member(status, 'recording'))
  return recording && /^failure$/i.test(toText(member(status, 'lastStatus')) ?? '') ? undefined : recording
}

/** Settings by account and Region, and what audits them. */
export const definitions: ResourceDefinition[] = [
  {
    role: 'region-settings',
    type: 'AWS::Backup::RegionSettings',
    names: { config: ['AWS::Backup::RegionSettings'], cloudformation: [], terraform: ['aws_backup_region_settings'] },
    read: readRegionSettings,
  },
  {
    role: 'region-settings',
    type: 'AWS::EC2::SnapshotBlockPublicAccess',
    names: names('AWS::EC2::SnapshotBlockPublicAccess', [
      'aws_ebs_snapshot_block_public_access',
      'awscc_ec2_snapshot_block_public_access',
    ]),
    read: readSnapshotBlock,
  },
  {
    role: 'region-settings',
    type: 'AWS::EC2::EbsEncryptionByDefault',
    names: { config: [], cloudformation: [], terraform: ['aws_ebs_encryption_by_default'] },
    read: readEncryptionByDefault,
  },
  {
    role: 'account-settings',
    type: 'AWS::Backup::GlobalSettings',
    names: { config: ['AWS::Backup::GlobalSettings'], cloudformation: [], terraform: ['aws_backup_global_settings'] },
    read: readGlobalSettings,
  },
  {
    role: 'account-settings',
    type: 'AWS::Organizations::Organization',
    names: names('AWS::Organizations::Organization', [
      'aws_organizations_organization',
      'awscc_organizations_organization',
    ]),
    read: readOrganization,
  },
  {
    role: 'account-settings',
    type: 'AWS::Organizations::Account',
    names: { config: ['AWS::Organizations::Account'], cloudformation: [], terraform: [] },
    read: readAccount,
  },
  {
    role: 'framework',
    type: 'AWS::Backup::Framework',
    names: names('AWS::Backup::Framework', ['aws_backup_framework', 'awscc_backup_framework']),
    identity: {
      arn: 'backup:{region}:{account}:framework:{id}-{made}',
      cloudformation: 'FrameworkName',
      terraform: 'name',
    },
    read: readFramework,
  },
  {
    role: 'report-plan',
    type: 'AWS::Backup::ReportPlan',
    names: names('AWS::Backup::ReportPlan', ['aws_backup_report_plan', 'awscc_backup_report_plan']),
    identity: {
      arn: 'backup:{region}:{account}:report-plan:{id}-{made}',
      cloudformation: 'ReportPlanName',
      terraform: 'name',
    },
    read: readReportPlan,
  },
  {
    role: 'config-recorder',
    type: 'AWS::Config::ConfigurationRecorder',
    names: names('AWS::Config::ConfigurationRecorder', [
      'aws_config_configuration_recorder',
      'awscc_config_configuration_recorder',
    ]),
    identity: { cloudformation: 'Name', terraform: 'name' },
    companions: { aws_config_configuration_recorder_status: { by: 'name', as: statusKey } },
    read: readRecorder,
  },
]

/**
 * Protects: what the services' files call CloudFormation's properties is what CloudFormation calls them. A misspelt property is
 * never found, and a template that states it would be judged by what its absence means.
 */
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec'
import type { PropertyType, Resource } from '@aws-cdk/service-spec-types'
import { describe, expect, it } from 'vitest'
import { resourceDefinitions } from '../../src/generated/resources.ts'
import type { ResourceRecord } from '../../src/model/record.ts'
import type { ResourceDefinition } from '../../src/resources/definition.ts'
import { readStore } from '../../src/resources/reading.ts'

const spec = loadAwsServiceSpecSync()

type Members = { readonly [name: string]: { type: PropertyType } }

function resourceOf(type: string): Resource | undefined {
  return spec.lookup('resource', 'cloudFormationType', 'equals', type)[0]
}

/** The members of what a property holds; of a list, of its elements. `undefined` for scalars and documents. */
function membersOf(type: PropertyType): Members | undefined {
  switch (type.type) {
    case 'array':
    case 'map':
      return membersOf(type.element)
    case 'union':
      return type.types.map(membersOf).find(members => members !== undefined)
    case 'ref':
      return spec.get('typeDefinition', type.reference.$ref).properties
    default:
      return undefined
  }
}

function hasPath(type: string, path: string): boolean {
  let members: Members | undefined = resourceOf(type)?.properties
  for (const segment of path.split('.')) {
    const found = members?.[segment]
    if (!found) return false
    members = membersOf(found.type)
  }
  return true
}

function sampleOf(type: PropertyType, path: string, missed: (path: string) => void): unknown {
  switch (type.type) {
    case 'number':
    case 'integer':
      return 1
    case 'boolean':
      return true
    case 'json':
      return {}
    case 'array':
      return [sampleOf(type.element, path, missed)]
    case 'map':
      return { name: sampleOf(type.element, path, missed) }
    case 'union':
      return sampleOf(type.types.find(option => option.type === 'ref') ?? type.types[0]!, path, missed)
    case 'ref':
      return recorder(membersOf(type)!, path, missed)
    default:
      return 'text'
  }
}

/** Something with every property there is; asked for another, it tells. Letter case does not matter, as readers do not mind it. */
function recorder(members: Members, path: string, missed: (path: string) => void): object {
  const names = new Set(Object.keys(members).map(name => name.toLowerCase()))
  const value = (name: string) => sampleOf(members[name]!.type, `${path}${name}.`, missed)
  return new Proxy(
    {},
    {
      getOwnPropertyDescriptor(_target, name) {
        if (typeof name !== 'string') return undefined
        if (!names.has(name.toLowerCase())) missed(path + name)
        if (!Object.hasOwn(members, name)) return undefined
        return { configurable: true, enumerable: true, writable: true, value: value(name) }
      },
      get: (_target, name) => (typeof name === 'string' && Object.hasOwn(members, name) ? value(name) : undefined),
      ownKeys: () => Object.keys(members),
    },
  )
}

function readAll(definition: ResourceDefinition, item: ResourceRecord): void {
  if (definition.role !== 'data-store') {
    definition.read(item)
    return
  }
  const { own } = readStore(definition, item)
  definition.judgedAs?.(item)
  definition.notAStore?.(item, own)
  definition.coveredThrough?.(item)
}

/** Properties that readers look for in a type though CloudFormation has none of the name: what other formats call them. */
function missedBy(definition: ResourceDefinition, type: string): string[] {
  const resource = resourceOf(type)
  if (!resource) return ['']
  const found = new Set<string>()
  const attributes = new Set(Object.keys(resource.attributes).map(name => name.toLowerCase()))
  const missed = (path: string) => {
    if (!path.includes('_') && !attributes.has(path.toLowerCase())) found.add(path)
  }
  const configuration = recorder(resource.properties, '', missed) as { [name: string]: unknown }
  readAll(definition, { record: 'resource', scope: 's', type, id: 'i', encoding: 'cloudformation', configuration })
  return [...found].sort()
}

/** Of AWS Config and the native APIs; and of the stores whose types share a reader. */
const ofOtherFormats: { [type: string]: string } = {
  'AWS::Backup::BackupPlan':
    'BackupPlan.BackupPlanRule.RuleId BackupPlan.BackupPlanRule.TargetBackupVaultName BackupPlan.Rules',
  'AWS::Backup::BackupSelection':
    'BackupSelection.Conditions.StringEquals.Value BackupSelection.Conditions.StringLike.Value BackupSelection.Conditions.StringNotEquals.Value BackupSelection.Conditions.StringNotLike.Value',
  'AWS::Organizations::Policy': 'EffectivePolicy Policy PolicyContent TargetId',
  'AWS::Organizations::Organization': 'Organization',
  'AWS::Backup::ReportPlan': 'LastSuccessfulExecutionTime ReportPlan',
  'AWS::Backup::BackupVault': 'EncryptionKeyType MpaApprovalTeamArn NumberOfRecoveryPoints VaultType',
  'AWS::Backup::LogicallyAirGappedBackupVault': 'EncryptionKeyType LockDate NumberOfRecoveryPoints',
  'AWS::CloudTrail::Trail': 'LogFileValidationEnabled TrailARN',
  'AWS::CloudWatch::Alarm': 'AlarmArn Metrics.metric',
  'AWS::DLM::LifecyclePolicy': 'PolicyArn StatusMessage',
  'AWS::DynamoDB::Table': 'replicas',
  'AWS::EC2::Volume': 'attachments state',
  'AWS::EFS::FileSystem': 'ReplicationConfiguration.Destinations.OwnerId',
  'AWS::ElastiCache::ReplicationGroup': 'GlobalReplicationGroupInfo',
  'AWS::ElastiCache::CacheCluster': 'ReplicationGroupId',
  'AWS::FSx::Volume': 'OntapConfiguration.FlexCacheEndpointType',
  'AWS::IAM::Role': 'AttachedManagedPolicies RolePolicyList',
  'AWS::IAM::User': 'AttachedManagedPolicies GroupList UserPolicyList',
  'AWS::IAM::Group': 'AttachedManagedPolicies GroupPolicyList',
  'AWS::IAM::ManagedPolicy': 'Arn PolicyName PolicyVersionList',
  'AWS::Cassandra::Table': 'EncryptionSpecification.type',
  'AWS::KMS::Key': 'CustomKeyStoreId DeletionDate KeyArn KeyMetadata',
  'AWS::KMS::ReplicaKey':
    'CustomKeyStoreId CustomerMasterKeySpec DeletionDate EnableKeyRotation KeyArn KeyMetadata KeySpec KeyUsage Origin',
  'AWS::KMS::Alias': 'AliasArn arn',
  'AWS::Lightsail::Disk': 'AddOns.name isSystemDisk',
  'AWS::Lightsail::Instance': 'AddOns.name',
  'AWS::OpenSearchService::Domain': 'AutomatedSnapshotPauseOptions.State',
  'AWS::Elasticsearch::Domain': 'AutomatedSnapshotPauseOptions EngineVersion',
  'AWS::DocDB::DBCluster': 'ReplicationSourceIdentifier',
  'AWS::Neptune::DBCluster': 'ReplicationSourceIdentifier',
  'AWS::SNS::Topic': 'arn',
  'AWS::RDS::GlobalCluster': 'GlobalClusterMembers',
  'AWS::DocDB::DBInstance':
    'AutomaticBackupReplicationRegion BackupRetentionPeriod CopyTagsToSnapshot DBClusterSnapshotIdentifier DBSnapshotIdentifier DeleteAutomatedBackups DeletionProtection Engine KmsKeyId SourceDBClusterIdentifier SourceDBInstanceAutomatedBackupsArn SourceDBInstanceIdentifier SourceDbiResourceId StorageEncrypted',
  'AWS::Neptune::DBInstance':
    'AutomaticBackupReplicationRegion BackupRetentionPeriod CopyTagsToSnapshot DeleteAutomatedBackups DeletionProtection Engine KmsKeyId SourceDBClusterIdentifier SourceDBInstanceIdentifier StorageEncrypted',
  'AWS::ResilienceHub::App': 'complianceStatus lastAppComplianceEvaluationTime',
  'AWS::Backup::RestoreTestingPlan': 'LastExecutionTime RestoreTestingPlan',
  'AWS::Backup::RestoreTestingSelection': 'RestoreTestingSelection',
  'AWS::S3::Bucket':
    'BucketEncryption.ServerSideEncryptionConfiguration.ApplyServerSideEncryptionByDefault ReplicationConfiguration.Rules.Destination.BucketARN ReplicationConfiguration.Rules.DestinationConfig',
  'AWS::S3Express::DirectoryBucket':
    'BucketEncryption.ServerSideEncryptionConfiguration.ApplyServerSideEncryptionByDefault',
  'AWS::SystemsManagerSAP::Application': 'Type',
}

const declared = resourceDefinitions.flatMap(definition =>
  definition.names.cloudformation.map(type => [type, definition] as const),
)

/** Types that the specification does not list though CloudFormation knew them once. */
const unlisted = new Set(['AWS::StorageGateway::NFSFileShare', 'AWS::StorageGateway::SMBFileShare'])

describe('CloudFormation', () => {
  it.each(declared)('has the type %s', type => {
    expect(resourceOf(type) !== undefined).toBe(!unlisted.has(type))
  })

  it.each(declared.filter(([, { identity }]) => identity))('names %s by a property it has', (type, { identity }) => {
    for (const path of [identity?.cloudformation, identity?.within?.cloudformation])
      if (path !== undefined) expect(hasPath(type, path), path).toBe(true)
  })

  it('has the property of every fact', () => {
    const paths = resourceDefinitions.flatMap(definition => {
      if (definition.role !== 'data-store') return []
      return Object.values(definition.facts).flatMap(source => {
        const stated = source && typeof source === 'object' && 'cloudformation' in source ? source.cloudformation : []
        return [stated ?? []].flat().map(path => [definition, String(path)] as const)
      })
    })
    expect(paths.length).toBeGreaterThan(80)
    for (const [{ names, type }, path] of paths)
      if (!path.startsWith('supplementary.'))
        expect(
          names.cloudformation.some(name => hasPath(name, path)),
          `${type}: ${path}`,
        ).toBe(true)
  })

  it.each(declared.filter(([type]) => !unlisted.has(type)))('readers of %s look for nothing else', type => {
    const others = resourceDefinitions.filter(other => other.names.cloudformation.includes(type))
    const expected = ofOtherFormats[type]?.split(' ') ?? []
    const missed = new Set(others.flatMap(other => missedBy(other, type)))
    expect([...missed].sort()).toEqual([...expected].sort())
  })
})

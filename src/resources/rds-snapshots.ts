/**
 * Snapshots that Amazon RDS keeps: of DB instances and, under one type, of Aurora, Multi-AZ, DocumentDB and Neptune clusters.
 *
 * AWS Config: `AWS::RDS::DBSnapshot` and `AWS::RDS::DBClusterSnapshot`, resourceId = snapshot identifier, sharing in
 * `supplementaryConfiguration.DBSnapshotAttributes` / `DBClusterSnapshotAttributes`. Live: `configuration` = element of
 * `rds:DescribeDBSnapshots` (`DBSnapshots[]`) or `rds:DescribeDBClusterSnapshots` (`DBClusterSnapshots[]`);
 * `supplementary.DBSnapshotAttributes` = that list of `rds:DescribeDBSnapshotAttributes`,
 * `supplementary.DBClusterSnapshotAttributes` = that list of `rds:DescribeDBClusterSnapshotAttributes`, read for manual
 * snapshots only: AWS lets nobody share an automated one.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBSnapshot.html
 */
import type { NativeSnapshot } from '../model/guards.ts'
import type { ResourceRecord } from '../model/record.ts'
import type { ResourceDefinition } from './definition.ts'
import {
  at,
  booleanOr,
  configurationOf,
  isDeclared,
  known,
  listIn,
  type Place,
  referenceOr,
  supplementaryOf,
  textOr,
  textsOr,
  timeOr,
} from './evidence.ts'
import { arnOf } from './native-backup.ts'
import { toText, toTexts, valueAt } from './property.ts'

/** Snapshots of AWS Backup are automated, whatever type RDS gives them; shared and public ones are somebody's manual ones. */
function isManual(configuration: Place, id: string): boolean | undefined {
  if (isDeclared(configuration.item)) return true
  if (id.startsWith('awsbackup:') || id.startsWith('rds:')) return false
  switch (textOr(at(configuration, 'SnapshotType'), undefined)?.toLowerCase()) {
    case 'automated':
    case 'awsbackup':
      return false
    case 'manual':
    case 'shared':
    case 'public':
      return true
    default:
      return undefined
  }
}

/** Accounts of the attribute `restore`. In Terraform it is an argument: none given = private. */
function sharedWith(item: ResourceRecord, name: string): string[] | undefined {
  const configuration = configurationOf(item)
  if (item.encoding === 'terraform') {
    const accounts = textsOr(at(configuration, 'shared_accounts'), [])
    // One account that is not known yet hides nothing of a snapshot that is public anyway.
    return accounts ?? (isPublicDeclared(configuration) ? ['all'] : undefined)
  }
  const attributes = listIn(supplementaryOf(item, name), name)
  if (!attributes) return textOr(at(configuration, 'SnapshotType'), undefined) === 'automated' ? [] : undefined
  const restore = attributes.find(attribute => toText(valueAt(attribute, 'attributeName')) === 'restore')
  if (restore === undefined) return attributes.length === 0 ? [] : undefined
  const values = valueAt(restore, 'attributeValues')
  return values === undefined || values === null ? [] : toTexts(values)
}

function isPublicDeclared(configuration: Place): boolean {
  const listed = at(configuration, 'shared_accounts').value
  return Array.isArray(listed) && listed.includes('all')
}

/** A copy from another Region names the database of that Region; the source snapshot's ARN tells its account. */
function sourceArn(
  item: ResourceRecord,
  kind: 'db' | 'cluster',
  id: string | null,
  copiedFrom: string | undefined,
): string | null | undefined {
  if (id === null) return null
  if (isDeclared(item)) return id.startsWith('arn:') ? id : undefined
  const region = textOr(at(configurationOf(item), 'SourceRegion'), undefined)
  const [, , service, fromRegion, fromAccount] = copiedFrom?.split(':', 5) ?? []
  if (service === 'rds' && fromRegion && fromAccount)
    return arnOf(item, 'rds', `${kind}:${id}`, { region: fromRegion, account: fromAccount })
  const place: { account?: string; region?: string } = {}
  if (region) place.region = region
  // A snapshot that somebody else shares lies in their account.
  const owner = item.arn?.split(':', 5)[4]
  if (owner) place.account = owner
  return arnOf(item, 'rds', `${kind}:${id}`, place)
}

/**
 * What was snapshotted, by engine. Terraform's type tells where the engine is not known until it is deployed; a cluster
 * snapshot of which nothing is told counts as Aurora, by far the commonest.
 */
function clusterService(item: ResourceRecord): NativeSnapshot['service'] {
  const engine = textOr(at(configurationOf(item), 'Engine'), undefined)?.toLowerCase() ?? ''
  if (engine === 'docdb' || item.type.startsWith('aws_docdb_')) return 'DocumentDB'
  if (engine === 'neptune' || item.type.startsWith('aws_neptune_')) return 'Neptune'
  return engine === 'mysql' || engine === 'postgres' ? 'RDS' : 'Aurora'
}

/** Encryption as stated; a copy for which a key is named is encrypted with it. */
function isEncrypted(configuration: Place): boolean | undefined {
  const stated = booleanOr(at(configuration, 'Encrypted', 'StorageEncrypted'), undefined)
  if (stated !== undefined || !isDeclared(configuration.item)) return stated
  const key = at(configuration, 'KmsKeyId')
  const keyIsComing = key.unknown && configuration.item.type.endsWith('_snapshot_copy')
  return keyIsComing || textOr(key, undefined) !== undefined ? true : undefined
}

function read(item: ResourceRecord, cluster: boolean): NativeSnapshot | undefined {
  const configuration = configurationOf(item)
  const name = cluster ? 'DBClusterSnapshot' : 'DBSnapshot'
  const id = textOr(at(configuration, `${name}Identifier`, `Target${name}Identifier`), undefined) ?? item.id
  if (!id) return undefined
  const owner = cluster ? 'DBClusterIdentifier' : 'DBInstanceIdentifier'
  const sourceId = referenceOr(at(configuration, owner), undefined)
  const copiedFrom = textOr(
    at(configuration, cluster ? 'SourceDBClusterSnapshotArn' : 'SourceDBSnapshotIdentifier'),
    undefined,
  )
  const manual = isManual(configuration, id)
  return known({
    id,
    arn: item.arn ?? textOr(at(configuration, `${name}Arn`), undefined),
    service: cluster ? clusterService(item) : 'RDS',
    sourceArn: sourceId === undefined ? undefined : sourceArn(item, cluster ? 'cluster' : 'db', sourceId, copiedFrom),
    sourceId,
    encrypted: isEncrypted(configuration),
    manual,
    createdAt: timeOr(at(configuration, 'SnapshotCreateTime'), undefined),
    status: textOr(at(configuration, 'Status'), undefined),
    sharedWith: sharedWith(item, `${name}Attributes`),
  })
}

export const definitions: ResourceDefinition[] = [
  {
    role: 'native-snapshot',
    type: 'AWS::RDS::DBSnapshot',
    places: {
      sharedWithUntrusted: { terraform: 'shared_accounts' },
      isPublic: { terraform: 'shared_accounts' },
      isEncrypted: { terraform: ['kms_key_id', 'encrypted'] },
    },
    names: {
      config: ['AWS::RDS::DBSnapshot'],
      cloudformation: [],
      terraform: ['aws_db_snapshot', 'aws_db_snapshot_copy'],
    },
    identity: { arn: 'rds:{region}:{account}:snapshot:{id}', terraform: 'db_snapshot_identifier', lowerCase: true },
    read: item => read(item, false),
  },
  {
    role: 'native-snapshot',
    type: 'AWS::RDS::DBClusterSnapshot',
    places: {
      sharedWithUntrusted: { terraform: 'shared_accounts' },
      isPublic: { terraform: 'shared_accounts' },
      isEncrypted: { terraform: ['kms_key_id', 'storage_encrypted'] },
    },
    names: {
      config: ['AWS::RDS::DBClusterSnapshot'],
      cloudformation: [],
      terraform: [
        'aws_db_cluster_snapshot',
        'aws_rds_cluster_snapshot_copy',
        'aws_docdb_cluster_snapshot',
        'aws_neptune_cluster_snapshot',
      ],
    },
    identity: {
      arn: 'rds:{region}:{account}:cluster-snapshot:{id}',
      terraform: 'db_cluster_snapshot_identifier',
      lowerCase: true,
    },
    read: item => read(item, true),
  },
]

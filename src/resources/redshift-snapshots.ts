/**
 * Amazon Redshift cluster snapshots.
 *
 * AWS Config: `AWS::Redshift::ClusterSnapshot`, resourceId = snapshot identifier. Live: `configuration` = element of
 * `redshift:DescribeClusterSnapshots` (`Snapshots[]`), whose `AccountsWithRestoreAccess` tells the sharing; no further
 * answers are needed. Redshift cannot share with everybody.
 * https://docs.aws.amazon.com/redshift/latest/APIReference/API_Snapshot.html
 */
import type { NativeSnapshot } from '../model/guards.ts'
import type { ResourceDefinition } from './definition.ts'
import {
  allOr,
  at,
  booleanOr,
  configurationOf,
  isDeclared,
  known,
  type Place,
  referenceOr,
  textOr,
  timeOr,
} from './evidence.ts'
import { arnOf } from './native-backup.ts'

/** Snapshots of AWS Backup are manual ones to Redshift; their name tells. */
function isManual(configuration: Place, id: string): boolean | undefined {
  if (isDeclared(configuration.item)) return true
  if (id.startsWith('awsbackup:') || id.startsWith('rs:')) return false
  const type = textOr(at(configuration, 'SnapshotType'), undefined)?.toLowerCase()
  return type === 'automated' ? false : type === 'manual' ? true : undefined
}

export const definitions: ResourceDefinition[] = [
  {
    role: 'native-snapshot',
    type: 'AWS::Redshift::ClusterSnapshot',
    names: {
      config: ['AWS::Redshift::ClusterSnapshot'],
      cloudformation: [],
      terraform: ['aws_redshift_cluster_snapshot'],
    },
    identity: {
      arn: 'redshift:{region}:{account}:snapshot:{within}/{id}',
      terraform: 'snapshot_identifier',
      within: { terraform: 'cluster_identifier' },
      lowerCase: true,
    },
    read: item => {
      const configuration = configurationOf(item)
      const id = textOr(at(configuration, 'SnapshotIdentifier'), undefined) ?? item.id
      if (!id) return undefined
      const cluster = referenceOr(at(configuration, 'ClusterIdentifier'), undefined)
      const region = textOr(at(configuration, 'SourceRegion'), undefined)
      const declared = isDeclared(item)
      return known<NativeSnapshot>({
        id,
        arn:
          item.arn ??
          textOr(at(configuration, 'SnapshotArn'), undefined) ??
          (declared || !cluster ? undefined : arnOf(item, 'redshift', `snapshot:${cluster}/${id}`)),
        service: 'Redshift',
        sourceArn:
          declared || !cluster ? undefined : arnOf(item, 'redshift', `cluster:${cluster}`, region ? { region } : {}),
        sourceId: cluster,
        encrypted: booleanOr(at(configuration, 'Encrypted'), undefined),
        manual: isManual(configuration, id),
        createdAt: timeOr(at(configuration, 'SnapshotCreateTime'), undefined),
        status: textOr(at(configuration, 'Status'), undefined),
        sharedWith: allOr(
          at(configuration, 'AccountsWithRestoreAccess'),
          account => textOr(at(account, 'AccountId'), undefined),
          undefined,
        ),
      })
    },
  },
]

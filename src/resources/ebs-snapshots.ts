/**
 * Amazon EBS snapshots. AWS Config has no such type.
 *
 * `configuration` = element of `ec2:DescribeSnapshots` with `OwnerIds: ['self']` (`Snapshots[]`); id = `SnapshotId`.
 * `supplementary.CreateVolumePermissions` = `CreateVolumePermissions` of `ec2:DescribeSnapshotAttribute` for the attribute
 * `createVolumePermission`: `[]` = private. Cheaper: one `DescribeSnapshots` with `RestorableByUserIds: ['all']` finds the
 * public ones; the others' permissions are then not known.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Snapshot.html
 */
import type { NativeSnapshot } from '../model/guards.ts'
import type { ResourceRecord } from '../model/record.ts'
import { companionsAt } from './companions.ts'
import type { ResourceDefinition } from './definition.ts'
import {
  at,
  booleanOr,
  configurationOf,
  isDeclared,
  known,
  listIn,
  referenceOr,
  supplementaryOf,
  textOr,
  timeOr,
} from './evidence.ts'
import { arnOf, tagOf } from './native-backup.ts'
import { property, toList, toText, valueAt } from './property.ts'

/** Where the values of Terraform's `aws_snapshot_create_volume_permission` stand. */
const permissionsKey = 'create_volume_permissions'

/** Tags that only Data Lifecycle Manager and AWS Backup put on the snapshots they make. */
const makersTags = ['aws:dlm:lifecycle-policy-id', 'dlm:managed', 'aws:backup:source-resource']

/** Tags of the record, else those in the answer itself. */
function withTags(item: ResourceRecord): ResourceRecord {
  if (item.tags !== undefined) return item
  const listed = toList(property(item, 'Tags'))
  if (!listed) return item
  const pairs = listed.flatMap(tag => {
    const key = toText(valueAt(tag, 'Key'))
    return key === undefined ? [] : [[key, toText(valueAt(tag, 'Value')) ?? ''] as const]
  })
  return { ...item, tags: Object.fromEntries(pairs) }
}

/** False for snapshots that DLM or AWS Backup made; not known where the tags are not and the description says nothing. */
function isManual(item: ResourceRecord): boolean | undefined {
  if (isDeclared(item)) return true
  const tagged = withTags(item)
  const found = makersTags.map(key => tagOf(tagged, key))
  if (found.some(value => typeof value === 'string')) return false
  if (/AWS Backup/i.test(toText(property(item, 'Description')) ?? '')) return false
  return found.includes(undefined) ? undefined : true
}

/** A permission that cannot be read leaves the list unknown, unless it is already known to be public. */
function sharedWith(item: ResourceRecord): string[] | undefined {
  if (item.encoding === 'terraform') {
    const { places, partial } = companionsAt(item, permissionsKey)
    const named = places.map(place => textOr(at(place, 'account_id'), undefined))
    return partial || named.includes(undefined) ? undefined : named.filter(account => account !== undefined)
  }
  const list = listIn(supplementaryOf(item, 'CreateVolumePermissions'), 'CreateVolumePermissions')
  if (!list) return undefined
  const accounts = list.map(entry =>
    toText(valueAt(entry, 'Group')) === 'all' ? 'all' : toText(valueAt(entry, 'UserId')),
  )
  const read = accounts.filter((account): account is string => account !== undefined)
  return read.length === accounts.length || read.includes('all') ? read : undefined
}

/** What a declared copy leaves unencrypted stays encrypted all the same where its source is. */
function isEncrypted(item: ResourceRecord): boolean | undefined {
  const encrypted = booleanOr(at(configurationOf(item), 'Encrypted'), undefined)
  return encrypted === false && item.type === 'aws_ebs_snapshot_copy' ? undefined : encrypted
}

export const definitions: ResourceDefinition[] = [
  {
    role: 'native-snapshot',
    type: 'AWS::EC2::Snapshot',
    places: { isEncrypted: { terraform: ['encrypted', 'kms_key_id'] } },
    names: {
      config: [],
      cloudformation: [],
      terraform: ['aws_ebs_snapshot', 'aws_ebs_snapshot_copy', 'aws_ebs_snapshot_import'],
    },
    identity: { arn: 'ec2:{region}::snapshot/{id}' },
    companions: { aws_snapshot_create_volume_permission: { by: 'snapshot_id', as: permissionsKey, many: true } },
    read: item => {
      const configuration = configurationOf(item)
      const id = textOr(at(configuration, 'SnapshotId'), undefined) ?? item.id
      if (!id) return undefined
      const volume = referenceOr(at(configuration, 'VolumeId'), null)
      // A copy names no volume: AWS fills in a placeholder.
      const source = volume === 'vol-ffffffff' ? null : volume
      const declared = isDeclared(item)
      return known<NativeSnapshot>({
        id,
        arn: item.arn ?? (declared ? undefined : arnOf(item, 'ec2', `snapshot/${id}`, { account: '' })),
        service: 'EBS',
        sourceArn:
          source === null ? null : source?.startsWith('vol-') ? arnOf(item, 'ec2', `volume/${source}`) : undefined,
        sourceId: source,
        encrypted: isEncrypted(item),
        manual: isManual(item),
        createdAt: timeOr(at(configuration, 'StartTime'), undefined),
        status: textOr(at(configuration, 'State'), undefined),
        sharedWith: sharedWith(item),
      })
    },
  },
]

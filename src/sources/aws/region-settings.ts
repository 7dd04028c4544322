/** Settings of AWS Backup and of Amazon EBS in a Region. */
import { BackupClient, DescribeRegionSettingsCommand } from '@aws-sdk/client-backup'
import {
  EC2Client,
  GetEbsEncryptionByDefaultCommand,
  GetSnapshotBlockPublicAccessStateCommand,
} from '@aws-sdk/client-ec2'
import type { Collector, Records } from './collector.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'

const cuts = ['region-settings']

const describeSettings = operation('backup:DescribeRegionSettings', BackupClient, DescribeRegionSettingsCommand, {
  cuts,
})
const getEncryption = operation('ec2:GetEbsEncryptionByDefault', EC2Client, GetEbsEncryptionByDefaultCommand, { cuts })
const getPublicAccess = operation(
  'ec2:GetSnapshotBlockPublicAccessState',
  EC2Client,
  GetSnapshotBlockPublicAccessStateCommand,
  { cuts },
)

async function* collect(place: Place): AsyncGenerator<Records> {
  const [settings, encryption, publicAccess] = await Promise.all([
    place.ask(describeSettings, {}),
    place.ask(getEncryption, {}),
    place.ask(getPublicAccess, {}),
  ])
  if (!settings && !encryption && !publicAccess) return
  yield place.resource('AWS::Backup::RegionSettings', {
    id: place.region,
    configuration: settings ?? {},
    supplementary: {
      EbsEncryptionByDefault: encryption && { EbsEncryptionByDefault: encryption.EbsEncryptionByDefault },
      EbsSnapshotBlockPublicAccess: publicAccess && { State: publicAccess.State },
    },
  })
}

/** Service opt-in, advanced features, encryption by default, public sharing of snapshots. */
export const collector: Collector = {
  service: 'backup',
  scope: 'region',
  fills: { 'region-settings': ['AWS::Backup::RegionSettings'] },
  operations: [describeSettings, getEncryption, getPublicAccess],
  collect,
}

/**
 * File shares of Storage Gateway. The list tells neither keys nor tags; ten of a gateway are described by each call.
 * https://docs.aws.amazon.com/storagegateway/latest/APIReference/API_ListFileShares.html
 */
import {
  DescribeNFSFileSharesCommand,
  DescribeSMBFileSharesCommand,
  type FileShareInfo,
  ListFileSharesCommand,
  type NFSFileShareInfo,
  type SMBFileShareInfo,
  StorageGatewayClient,
} from '@aws-sdk/client-storage-gateway'
import { type Collector, type Records, textOf } from './collector.ts'
import { type Found, listed } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { getResources, tagMap } from './tags.ts'

const nfs = 'AWS::StorageGateway::NFSFileShare'
const smb = 'AWS::StorageGateway::SMBFileShare'
const cuts = ['configuration', 'tags']

const list = operation('storagegateway:ListFileShares', StorageGatewayClient, ListFileSharesCommand, {
  cuts,
  types: [nfs, smb],
  paging: { in: 'Marker', out: 'NextMarker', input: { Limit: 100 } },
})
const describeNfs = operation(
  'storagegateway:DescribeNFSFileShares',
  StorageGatewayClient,
  DescribeNFSFileSharesCommand,
  {
    cuts,
    types: [nfs],
    each: 'ten NFS file shares',
  },
)
const describeSmb = operation(
  'storagegateway:DescribeSMBFileShares',
  StorageGatewayClient,
  DescribeSMBFileSharesCommand,
  {
    cuts,
    types: [smb],
    each: 'ten SMB file shares',
  },
)

/** How many are described at once. */
const most = 10

/** ARNs of a kind in parts: a call is about one gateway. */
function partsOf(shares: readonly FileShareInfo[], kind: string): string[][] {
  const byGateway = new Map<string, string[]>()
  for (const { FileShareType, FileShareARN, GatewayARN } of shares) {
    if (FileShareType !== kind || FileShareARN === undefined) continue
    const known = byGateway.get(textOf(GatewayARN))
    if (known) known.push(FileShareARN)
    else byGateway.set(textOf(GatewayARN), [FileShareARN])
  }
  return [...byGateway.values()].flatMap(arns =>
    Array.from({ length: Math.ceil(arns.length / most) }, (_, i) => arns.slice(i * most, (i + 1) * most)),
  )
}

function found(type: string, share: NFSFileShareInfo | SMBFileShareInfo): Found {
  const { FileShareARN, FileShareId, FileShareName, FileShareStatus, GatewayARN, LocationARN, Tags } = share
  const { EncryptionType, KMSEncrypted, KMSKey } = share
  return {
    type,
    id: textOf(FileShareId),
    arn: FileShareARN,
    name: FileShareName,
    tags: Tags && tagMap(Tags),
    configuration: {
      FileShareARN,
      FileShareId,
      FileShareName,
      FileShareStatus,
      GatewayARN,
      LocationARN,
      EncryptionType,
      KMSEncrypted,
      KMSKey,
    },
  }
}

async function described(place: Place, shares: readonly FileShareInfo[]): Promise<Found[]> {
  const parts = [
    ...partsOf(shares, 'NFS').map(async FileShareARNList =>
      (await place.ask(describeNfs, { FileShareARNList }))?.NFSFileShareInfoList?.map(share => found(nfs, share)),
    ),
    ...partsOf(shares, 'SMB').map(async FileShareARNList =>
      (await place.ask(describeSmb, { FileShareARNList }))?.SMBFileShareInfoList?.map(share => found(smb, share)),
    ),
  ]
  return (await Promise.all(parts)).flatMap(part => part ?? [])
}

async function* collect(place: Place): AsyncGenerator<Records> {
  yield* listed(place, list, {}, ({ FileShareInfoList = [] }) => described(place, FileShareInfoList))
}

/** File shares. */
export const collector: Collector = {
  service: 'storagegateway',
  scope: 'region',
  fills: { configuration: [nfs, smb], tags: [nfs, smb] },
  operations: [list, describeNfs, describeSmb, getResources],
  collect,
}

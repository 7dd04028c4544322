/** KMS keys with policy, rotation and aliases. The list tells their ids alone; the rest has no list form. */
import {
  type AliasListEntry,
  DescribeKeyCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
} from '@aws-sdk/client-kms'
import { type Collector, type Records, textOf } from './collector.ts'
import { type Found, listed } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { getResources } from './tags.ts'

const cuts = ['keys']
const types = ['AWS::KMS::Key']

const listKeys = operation('kms:ListKeys', KMSClient, ListKeysCommand, {
  cuts,
  types,
  paging: { in: 'Marker', out: 'NextMarker', input: { Limit: 100 } },
})
const listAliases = operation('kms:ListAliases', KMSClient, ListAliasesCommand, {
  cuts,
  paging: { in: 'Marker', out: 'NextMarker', input: { Limit: 100 } },
})
const describeKey = operation('kms:DescribeKey', KMSClient, DescribeKeyCommand, { cuts, types, each: 'key' })
const getRotation = operation('kms:GetKeyRotationStatus', KMSClient, GetKeyRotationStatusCommand, {
  cuts,
  types,
  each: 'customer managed key',
})
const getPolicy = operation('kms:GetKeyPolicy', KMSClient, GetKeyPolicyCommand, {
  cuts,
  types,
  each: 'customer managed key',
})

/** Errors of a key that cannot rotate, or is about to go: its rotation is not known. */
const noRotation = ['UnsupportedOperationException', 'KMSInvalidStateException']

async function found(
  place: Place,
  KeyId: string,
  arn: string | undefined,
  Aliases: AliasListEntry[] | undefined,
): Promise<Found | undefined> {
  const described = await place.askOrNone(describeKey, { KeyId }, ['NotFoundException'])
  if (described === null) return undefined
  const isCustomers = described?.KeyMetadata?.KeyManager === 'CUSTOMER'
  const [rotation, policy] = isCustomers
    ? await Promise.all([
        place.askOrNone(getRotation, { KeyId }, noRotation),
        place.ask(getPolicy, { KeyId, PolicyName: 'default' }),
      ])
    : []
  return {
    type: types[0]!,
    id: KeyId,
    arn,
    name: KeyId,
    configuration: described ? { KeyMetadata: described.KeyMetadata } : {},
    supplementary: {
      KeyRotationStatus: rotation ? { KeyRotationEnabled: rotation.KeyRotationEnabled } : undefined,
      Policy: policy?.Policy,
      Aliases,
    },
  }
}

/** Aliases by key; `undefined` where they could not all be read. */
async function aliasesOf(place: Place): Promise<Map<string, AliasListEntry[]> | undefined> {
  const aliases = await place.all(listAliases, {}, page => page.Aliases)
  if (!aliases) return undefined
  const byKey = new Map<string, AliasListEntry[]>()
  for (const alias of aliases) {
    const key = textOf(alias.TargetKeyId)
    byKey.set(key, [...(byKey.get(key) ?? []), alias])
  }
  return byKey
}

async function* collect(place: Place): AsyncGenerator<Records> {
  const aliases = await aliasesOf(place)
  yield* listed(place, listKeys, {}, async ({ Keys = [] }) => {
    const keys = Keys.map(({ KeyId, KeyArn }) =>
      found(place, textOf(KeyId), KeyArn, aliases && (aliases.get(textOf(KeyId)) ?? [])),
    )
    return (await Promise.all(keys)).filter(key => key !== undefined)
  })
}

/** Keys. */
export const collector: Collector = {
  service: 'kms',
  scope: 'region',
  fills: { keys: types, tags: types },
  operations: [listKeys, listAliases, describeKey, getRotation, getPolicy, getResources],
  collect,
}

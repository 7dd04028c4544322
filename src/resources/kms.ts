/**
 * AWS KMS keys and aliases.
 *
 * - `AWS::KMS::Key`: `configuration` is the answer of `kms:DescribeKey`; `supplementary.KeyRotationStatus` =
 *   `kms:GetKeyRotationStatus`, `supplementary.Policy` = `Policy` of `kms:GetKeyPolicy`, `supplementary.Aliases` = `Aliases` of
 *   `kms:ListAliases` for the key. AWS Config gives the first two in its supplementary configuration.
 * - `AWS::KMS::Alias`: `configuration` is an entry of `kms:ListAliases`.
 *
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html
 */
import type { KmsAlias, KmsKey } from '../model/guards.ts'
import type { ResourceRecord } from '../model/record.ts'
import { companionAt, hasCompanions } from './companions.ts'
import type { ResourceDefinition } from './definition.ts'
import {
  absentMeans,
  at,
  booleanOr,
  configurationOf,
  documentIn,
  documentOr,
  isAbsent,
  isDeclared,
  isoOr,
  known,
  listIn,
  names,
  numberOr,
  type Place,
  referenceOr,
  supplementaryOf,
  textOr,
} from './evidence.ts'
import { member, toBoolean, toText } from './property.ts'

/** Where the values of Terraform's `aws_kms_key_policy` stand. */
const policyKey = 'policy_resource'

/** The key id at the end of a key's ARN, or the text itself. */
function keyIdOf(text: string): string {
  return text.startsWith('arn:') ? text.slice(text.indexOf(':key/') < 0 ? 0 : text.indexOf(':key/') + 5) : text
}

/** What a template's resource type says of the key; material of its own cannot rotate automatically. */
const importsMaterial = (item: ResourceRecord) => item.type.endsWith('_external_key')

/** KMS rotates symmetric encryption keys whose material it made, outside custom key stores. */
function rotationSupported(item: ResourceRecord, key: Place): boolean | undefined {
  if (importsMaterial(item)) return false
  const spec = textOr(at(key, 'KeySpec', 'CustomerMasterKeySpec'), isDeclared(item) ? 'SYMMETRIC_DEFAULT' : undefined)
  const usage = textOr(at(key, 'KeyUsage'), isDeclared(item) ? 'ENCRYPT_DECRYPT' : undefined)
  const origin = textOr(at(key, 'Origin'), isDeclared(item) ? 'AWS_KMS' : undefined)
  if (!isAbsent(at(key, 'CustomKeyStoreId'))) return false
  const wanted = [
    [spec, 'SYMMETRIC_DEFAULT'],
    [usage, 'ENCRYPT_DECRYPT'],
    [origin, 'AWS_KMS'],
  ]
  if (wanted.some(([value, want]) => value !== undefined && value !== want)) return false
  return wanted.every(([value]) => value !== undefined) ? true : undefined
}

function rotationEnabled(item: ResourceRecord, key: Place): boolean | undefined {
  if (importsMaterial(item)) return false
  const status = supplementaryOf(item, 'KeyRotationStatus')
  return (
    toBoolean(status) ??
    toBoolean(member(status, 'KeyRotationEnabled')) ??
    booleanOr(at(key, 'EnableKeyRotation'), absentMeans(item, { cloudformation: false, terraform: false }))
  )
}

function stateOf(item: ResourceRecord, key: Place): string | undefined {
  if (!isDeclared(item)) return textOr(at(key, 'KeyState'), undefined)
  const enabled = booleanOr(at(key, 'Enabled', 'is_enabled'), true)
  return enabled === undefined ? undefined : enabled ? 'Enabled' : 'Disabled'
}

function managerOf(item: ResourceRecord, key: Place): KmsKey['manager'] {
  if (isDeclared(item)) return 'customer'
  const manager = textOr(at(key, 'KeyManager'), undefined)
  return manager === 'AWS' ? 'aws' : manager === 'CUSTOMER' ? 'customer' : undefined
}

/** The waiting period: a template sets it beforehand (KMS waits 30 days where it does not), a live key shows it while it waits. */
function pendingWindowDays(item: ResourceRecord, key: Place, absent: null | undefined): number | null | undefined {
  const place = at(key, 'PendingWindowInDays', 'PendingDeletionWindowInDays', 'deletion_window_in_days')
  return numberOr(place, isDeclared(item) ? 30 : absent)
}

function aliasesOf(item: ResourceRecord): string[] | undefined {
  const answer = supplementaryOf(item, 'Aliases')
  if (answer === null) return []
  return listIn(answer, 'Aliases')?.flatMap(entry => toText(entry) ?? toText(member(entry, 'AliasName')) ?? [])
}

/** Terraform's key policies may be resources of their own, which then replace the key's. */
function declaredPolicy(item: ResourceRecord, key: Place): object | undefined {
  if (item.encoding !== 'terraform') return documentOr(at(key, 'KeyPolicy'), undefined)
  const apart = hasCompanions(item, policyKey) ? companionAt(item, policyKey) : null
  if (apart !== null) return apart && documentOr(at(apart, 'policy'), undefined)
  return documentOr(at(key, 'policy'), undefined)
}

function readKey(item: ResourceRecord): KmsKey | undefined {
  const root = configurationOf(item)
  const nested = at(root, 'KeyMetadata')
  const key = isAbsent(nested) ? root : nested
  const arn = textOr(at(key, 'Arn', 'KeyArn'), undefined) ?? item.arn
  const named = textOr(at(key, 'KeyId'), undefined) ?? (arn === undefined ? undefined : keyIdOf(arn)) ?? toText(item.id)
  if (named === undefined) return undefined
  const policy = supplementaryOf(item, 'Policy')
  const state = stateOf(item, key)
  // An answer without state (`ListKeys`) says nothing of a deletion.
  const notPending = state === undefined ? undefined : null
  return known({
    keyId: keyIdOf(named),
    arn,
    manager: managerOf(item, key),
    state,
    deletionDate: isoOr(at(key, 'DeletionDate'), notPending),
    pendingWindowDays: pendingWindowDays(item, key, notPending),
    rotationEnabled: rotationEnabled(item, key),
    rotationSupported: rotationSupported(item, key),
    // Where a template gives none, KMS writes a default policy, which is not to be seen here.
    policy: policy === undefined ? declaredPolicy(item, key) : documentIn(policy, 'Policy'),
    aliases: aliasesOf(item),
  })
}

function readAlias(item: ResourceRecord): KmsAlias | undefined {
  const root = configurationOf(item)
  const alias =
    textOr(at(root, 'AliasName', 'name'), undefined) ?? (item.name?.startsWith('alias/') ? item.name : undefined)
  if (alias === undefined) return undefined
  const target = referenceOr(at(root, 'TargetKeyId'), undefined)
  return known({
    alias,
    arn: textOr(at(root, 'AliasArn', 'arn'), undefined) ?? item.arn,
    keyId: target === undefined ? undefined : keyIdOf(target),
  })
}

/** Keys and their aliases. */
export const definitions: ResourceDefinition[] = [
  {
    role: 'kms-key',
    type: 'AWS::KMS::Key',
    places: {
      pendingWindowDays: { cloudformation: 'PendingWindowInDays', terraform: 'deletion_window_in_days' },
      rotationEnabled: { cloudformation: 'EnableKeyRotation', terraform: 'enable_key_rotation' },
      state: { cloudformation: 'Enabled', terraform: 'is_enabled' },
    },
    names: {
      config: ['AWS::KMS::Key'],
      cloudformation: ['AWS::KMS::Key', 'AWS::KMS::ReplicaKey'],
      terraform: [
        'aws_kms_key',
        'aws_kms_external_key',
        'aws_kms_replica_key',
        'aws_kms_replica_external_key',
        'awscc_kms_key',
        'awscc_kms_replica_key',
      ],
    },
    identity: { arn: 'kms:{region}:{account}:key/{id}' },
    companions: { aws_kms_key_policy: { by: 'key_id', as: policyKey } },
    read: readKey,
  },
  {
    role: 'kms-alias',
    type: 'AWS::KMS::Alias',
    names: names('AWS::KMS::Alias', ['aws_kms_alias', 'awscc_kms_alias']),
    identity: { arn: 'kms:{region}:{account}:{id}', cloudformation: 'AliasName', terraform: 'name' },
    read: readAlias,
  },
]

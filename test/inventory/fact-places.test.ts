// Protects that a finding on a template points at the line of the property that decides it: a pull request is annotated there,
// and a line of another property sends its reader astray.
import { describe, expect, it } from 'vitest'
import { factLocator } from '../../src/inventory/fact-places.ts'
import type { Encoding, ResourceRecord } from '../../src/model/record.ts'
import type { ResourceDefinition } from '../../src/resources/definition.ts'

const vault = {
  role: 'backup-vault',
  type: 'Vault',
  places: {
    lock: { cloudformation: 'LockConfiguration', terraform: 'lock_configuration' },
    'lock.minRetentionDays': {
      cloudformation: 'LockConfiguration.MinRetentionDays',
      terraform: 'lock_configuration.min_retention_days',
    },
    encryption: { cloudformation: 'EncryptionKeyArn', terraform: ['kms_key_arn', 'encryption_key_arn'] },
    'rules[].retentionDays': {
      cloudformation: 'Plan.Rule[].Lifecycle.DeleteAfterDays',
      terraform: 'rule[].lifecycle.delete_after',
    },
    'rules[].copies[].days': { cloudformation: 'Rule[].Copy[].Days' },
  },
} as unknown as ResourceDefinition

const store = {
  role: 'data-store',
  type: 'Store',
  facts: {
    'encryption.encrypted': { config: 'Encrypted', cloudformation: 'Encrypted', terraform: 'encrypted' },
    'native.automatedBackup': { cloudformation: ['BackupPolicy.Status', 'Backup'], terraform: 'policy.status' },
    'lifecycle.deletionProtection': false,
    'lifecycle.finalSnapshot': null,
    'lifecycle.copyTagsToBackups': ['CopyTags'],
    'versioning.status': { cloudformation: 'Versioning' },
    'native.retentionDays': { config: 'Days' },
  },
  places: { 'versioning.status': { cloudformation: 'VersioningConfiguration.Status' } },
} as unknown as ResourceDefinition

const unlisted = { ...store, places: undefined } as unknown as ResourceDefinition

type Positions = { [path: string]: number }
const at = (line: number, file = 'shop.yaml') => ({ file, line })

function place(
  definition: ResourceDefinition,
  encoding: Encoding,
  fact: string,
  positions: Positions | undefined,
  related?: ResourceRecord['related'],
) {
  return factLocator(definition, encoding)(
    fact,
    { ...(positions && { positions }), ...(related && { related }) },
    'shop.yaml',
  )
}

describe('a fact of a template stands', () => {
  it.each<[string, ReturnType<typeof place>, () => ReturnType<typeof place>]>([
    [
      'in its property',
      at(7),
      () =>
        place(vault, 'cloudformation', 'lock.minRetentionDays', {
          LockConfiguration: 6,
          'LockConfiguration.MinRetentionDays': 7,
        }),
    ],
    [
      'in its property however its name is cased',
      at(7),
      () => place(vault, 'cloudformation', 'lock.minRetentionDays', { 'lockconfiguration.minretentiondays': 7 }),
    ],
    [
      'in the property of its own encoding',
      at(4),
      () => place(vault, 'terraform', 'lock', { LockConfiguration: 6, lock_configuration: 4 }),
    ],
    [
      'in what its property would stand in',
      at(6),
      () => place(vault, 'cloudformation', 'lock.minRetentionDays', { LockConfiguration: 6, EncryptionKeyArn: 9 }),
    ],
    [
      'in the first of several properties that is there',
      at(8),
      () => place(vault, 'terraform', 'encryption', { encryption_key_arn: 8 }),
    ],
    [
      'in the first of several properties that are there',
      at(9),
      () => place(vault, 'terraform', 'encryption', { encryption_key_arn: 8, kms_key_arn: 9 }),
    ],
    [
      'in what one of several properties would stand in, where none is there',
      at(3),
      () => place(store, 'cloudformation', 'native.automatedBackup', { BackupPolicy: 3 }),
    ],
    ['in no property, where none of them is there', null, () => place(vault, 'terraform', 'encryption', { name: 1 })],
    ['in no property, where no line is known', null, () => place(vault, 'terraform', 'encryption', undefined)],
    ['in the fact around it', at(6), () => place(vault, 'cloudformation', 'lock.mode.of', { LockConfiguration: 6 })],
    ['nowhere that anybody said', undefined, () => place(vault, 'cloudformation', 'alerts', { Notifications: 6 })],
    [
      'nowhere in an encoding that nobody said',
      undefined,
      () => place(vault, 'terraform', 'rules[0].copies[0].days', { rule: 6 }),
    ],
    [
      'in the rule that it is of',
      at(22),
      () =>
        place(vault, 'cloudformation', 'rules[1].retentionDays', {
          'Plan.Rule.0.Lifecycle.DeleteAfterDays': 12,
          'Plan.Rule.1.Lifecycle.DeleteAfterDays': 22,
        }),
    ],
    [
      'in the first rule, which Terraform’s blocks do not number',
      at(12),
      () =>
        place(vault, 'terraform', 'rules[0].retentionDays', {
          'rule.0.lifecycle.0.delete_after': 12,
          'rule.1.lifecycle.0.delete_after': 22,
        }),
    ],
    [
      'in a later rule of blocks that are numbered',
      at(22),
      () =>
        place(vault, 'terraform', 'rules[1].retentionDays', {
          'rule.0.lifecycle.0.delete_after': 12,
          'rule.1.lifecycle.0.delete_after': 22,
        }),
    ],
    [
      'in the rule that it is of, where it says nothing',
      at(20),
      () => place(vault, 'cloudformation', 'rules[11].retentionDays', { 'Plan.Rule.1': 10, 'Plan.Rule.11': 20 }),
    ],
    [
      'in the copy of the rule that it is of',
      at(5),
      () =>
        place(vault, 'cloudformation', 'rules[1].copies[2].days', {
          'Rule.1.Copy.2.Days': 5,
          'Rule.2.Copy.1.Days': 6,
          'Rule.1.Copy.1.Days': 7,
        }),
    ],
    [
      'in the first of its blocks, where they are not told apart',
      at(5),
      () =>
        place(vault, 'terraform', 'rules[3].retentionDays', {
          'rule.1.lifecycle.delete_after': 5,
          'rule.2.lifecycle.delete_after': 6,
        }),
    ],
    [
      'where a store’s facts say',
      at(2),
      () => place(store, 'cloudformation', 'encryption.encrypted', { Encrypted: 2 }),
    ],
    [
      'where a store’s facts say in either spelling',
      at(4),
      () => place(store, 'cloudformation', 'native.automatedBackup', { Backup: 4 }),
    ],
    [
      'where a store’s type lists it rather than where its facts say',
      at(5),
      () => place(store, 'cloudformation', 'versioning.status', { Versioning: 4, 'VersioningConfiguration.Status': 5 }),
    ],
    [
      'where its facts say of a type that lists none',
      at(4),
      () => place(unlisted, 'cloudformation', 'versioning.status', { Versioning: 4 }),
    ],
    ...['lifecycle.deletionProtection', 'lifecycle.finalSnapshot', 'lifecycle.copyTagsToBackups'].map(
      (fact): [string, undefined, () => ReturnType<typeof place>] => [
        `nowhere where no property tells it: ${fact}`,
        undefined,
        () => place(store, 'cloudformation', fact, { CopyTags: 3, '0': 4 }),
      ],
    ),
    [
      'nowhere where templates do not tell it',
      undefined,
      () => place(store, 'terraform', 'native.retentionDays', { days: 3 }),
    ],
  ])('%s', (_name, expected, found) => {
    expect(found()).toEqual(expected)
  })

  const lock = { type: 'aws_backup_vault_lock_configuration', at: 'lock_configuration', location: at(40, 'lock.tf') }
  it.each<[string, ReturnType<typeof place>, string, ResourceRecord['related']]>([
    [
      'in the file of it',
      at(42, 'lock.tf'),
      'lock.minRetentionDays',
      [{ ...lock, positions: { min_retention_days: 42 } }],
    ],
    ['at its first line, where it does not say', at(40, 'lock.tf'), 'lock.minRetentionDays', [lock]],
    ['in the first of several', at(40, 'lock.tf'), 'lock', [lock, { ...lock, location: at(50, 'b.tf') }]],
    ['nowhere where it is no part of the resource', null, 'lock', [{ type: lock.type, location: lock.location }]],
    ['nowhere where its place is not known', null, 'lock', [{ type: lock.type, at: lock.at }]],
  ])('in the resource that declares a part of it: %s', (_name, expected, fact, related) => {
    expect(place(vault, 'terraform', fact, undefined, related)).toEqual(expected)
  })

  it('in a property of its own before one of a part', () => {
    const found = place(vault, 'terraform', 'lock.minRetentionDays', { 'lock_configuration.min_retention_days': 3 }, [
      { ...lock, positions: { min_retention_days: 42 } },
    ])
    expect(found).toEqual(at(3))
  })
})

// Protects the gravest claim: that no one administrator could destroy every copy of a store. It is made only where that is
// known of the vaults' locks and of the keys; and the contrary only where every copy is known.
import { describe, expect, it } from 'vitest'
import { isKeyDeletable } from '../../src/inventory/destroyability.ts'
import type { KmsKey } from '../../src/model/guards.ts'
import type { ResourceRecord, SnapshotRecord } from '../../src/model/record.ts'
import {
  account,
  ago,
  backupAccount,
  factsOf,
  gap,
  inventoryOf,
  optedIn,
  otherRegion,
  plan,
  point,
  policy,
  region,
  regionGroups,
  resource,
  scope,
  selection,
  table,
  vault,
  vaultArn,
} from './records.ts'

const keyArn = (id: string, of = account) => `arn:aws:kms:${region}:${of}:key/${id}`
const everything = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'kms:*', Resource: '*' }],
}
const ownAdmin = (of = account) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${of}:root` }, Action: 'kms:*', Resource: '*' }],
})
const useOnly = (of = account) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${of}:root` },
      Action: ['kms:Decrypt', 'kms:Encrypt'],
      Resource: '*',
    },
  ],
})

const key = (
  id: string,
  Policy: object | undefined,
  more: Record<string, unknown> = {},
  of = account,
): ResourceRecord =>
  resource(
    'AWS::KMS::Key',
    id,
    { KeyMetadata: { KeyId: id, Arn: keyArn(id, of), KeyManager: 'CUSTOMER', KeyState: 'Enabled', ...more } },
    {
      arn: keyArn(id, of),
      account: of,
      scope: `${of}/${region}`,
      ...(Policy && { supplementary: { Policy: JSON.stringify(Policy) } }),
    },
  )

const compliance = { Locked: true, LockDate: ago(24) }
const cooling = { Locked: true, LockDate: ago(-24) }
const governance = { Locked: true }
const gapped = { VaultType: 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT' }
const owned = { EncryptionKeyArn: undefined, EncryptionKeyType: 'AWS_OWNED_KMS_KEY' }

/** A point of the table in a vault of an account. */
const kept = (id: string, name: string, more: Record<string, unknown> = owned, of = account, at = region) =>
  point(
    id,
    5,
    { BackupVaultName: name, BackupVaultArn: vaultArn(name, at, of), ...more },
    { account: of, region: at, scope: `${of}/${at}` },
  )
const shop = (lock: Record<string, unknown> = {}) => vault('shop', lock)
const remote = (lock: Record<string, unknown> = {}) =>
  vault('remote', lock, { account: backupAccount, scope: `${backupAccount}/${region}` })

/** The table, a plan that copies to the backup account, and both accounts read whole. */
const estate = [
  scope(),
  scope({ account: backupAccount }),
  optedIn(),
  table('orders'),
  plan('nightly', [{ CopyActions: [{ DestinationBackupVaultArn: vaultArn('remote', region, backupAccount) }] }]),
  selection('nightly', 'all'),
]
const local = [scope(), optedIn(), table('orders'), plan('nightly', [{ CopyActions: [] }]), selection('nightly', 'all')]

const destroyability = (records: readonly SnapshotRecord[]) =>
  factsOf(inventoryOf(records), 'data-store', 'orders').destroyability as Record<string, unknown>

describe('who could destroy every copy', () => {
  const rows: [string, readonly SnapshotRecord[], unknown, unknown, unknown][] = [
    ['one vault without lock', [...local, shop(), kept('a', 'shop')], true, account, []],
    [
      'a governance lock, which its account can lift',
      [...local, shop(governance), kept('a', 'shop')],
      true,
      account,
      [],
    ],
    ['a compliance lock that is not final', [...local, shop(cooling), kept('a', 'shop')], true, account, []],
    [
      'a final compliance lock',
      [...local, shop(compliance), kept('a', 'shop')],
      false,
      null,
      [{ vaultArn: vaultArn('shop'), account, because: 'complianceLock' }],
    ],
    [
      'an air-gapped vault',
      [...local, shop(gapped), kept('a', 'shop')],
      false,
      null,
      [{ vaultArn: vaultArn('shop'), account, because: 'airGapped' }],
    ],
    [
      'a vault whose lock is not known',
      [...local, shop({ Locked: undefined }), kept('a', 'shop')],
      undefined,
      undefined,
      { $partial: [] },
    ],
    ['a vault that was not read', [...local, kept('a', 'shop')], undefined, undefined, { $partial: [] }],
    ['no points at all', [...local, shop()], true, account, []],
    [
      'only points that cannot be used',
      [...local, shop(compliance), kept('a', 'shop', { ...owned, Status: 'EXPIRED' })],
      true,
      account,
      [],
    ],
    [
      'no points that were read',
      [
        ...local.map(r =>
          r.record === 'scope' ? scope({ factGroups: regionGroups.filter(g => g !== 'recovery-points') }) : r,
        ),
        shop(),
      ],
      undefined,
      undefined,
      undefined,
    ],
    [
      'two vaults of one account',
      [...local, shop(), vault('second'), kept('a', 'shop'), kept('b', 'second')],
      true,
      account,
      [],
    ],
    [
      'one of two vaults locked for good',
      [...local, shop(), vault('second', compliance), kept('a', 'shop'), kept('b', 'second')],
      false,
      null,
      [{ vaultArn: vaultArn('second'), account, because: 'complianceLock' }],
    ],
    [
      'vaults of two accounts',
      [...estate, shop(), remote(), kept('a', 'shop'), kept('b', 'remote', owned, backupAccount)],
      false,
      null,
      [
        { vaultArn: vaultArn('shop'), account, because: 'otherAccount' },
        { vaultArn: vaultArn('remote', region, backupAccount), account: backupAccount, because: 'otherAccount' },
      ],
    ],
    [
      'a vault of another account that was not read',
      [...estate.filter(r => r.record !== 'scope'), scope(), shop(), kept('a', 'shop')],
      undefined,
      undefined,
      { $partial: [] },
    ],
    [
      'a key that its account can destroy, in a locked vault',
      [...local, shop(compliance), kept('a', 'shop', { EncryptionKeyArn: keyArn('k') }), key('k', ownAdmin())],
      true,
      account,
      [],
    ],
    [
      'a key whose policy denies that',
      [...local, shop(compliance), kept('a', 'shop', { EncryptionKeyArn: keyArn('k') }), key('k', useOnly())],
      false,
      null,
      [{ vaultArn: vaultArn('shop'), account, because: 'complianceLock' }],
    ],
    [
      'a key whose policy denies that, but which is being destroyed',
      [
        ...local,
        shop(compliance),
        kept('a', 'shop', { EncryptionKeyArn: keyArn('k') }),
        key('k', useOnly(), { KeyState: 'PendingDeletion' }),
      ],
      true,
      account,
      [],
    ],
    [
      'a key that AWS manages',
      [
        ...local,
        shop(compliance),
        kept('a', 'shop', { EncryptionKeyArn: keyArn('k') }),
        key('k', everything, { KeyManager: 'AWS' }),
      ],
      false,
      null,
      [{ vaultArn: vaultArn('shop'), account, because: 'complianceLock' }],
    ],
    [
      'a key whose policy was not read',
      [...local, shop(compliance), kept('a', 'shop', { EncryptionKeyArn: keyArn('k') }), key('k', undefined)],
      undefined,
      undefined,
      { $partial: [] },
    ],
    [
      'a key that was not read',
      [...local, shop(compliance), kept('a', 'shop', { EncryptionKeyArn: keyArn('k') })],
      undefined,
      undefined,
      { $partial: [] },
    ],
    [
      'a key that is not known',
      [...local, shop(compliance), kept('a', 'shop', { EncryptionKeyArn: undefined })],
      undefined,
      undefined,
      { $partial: [] },
    ],
    [
      'one of two keys of a locked vault',
      [
        ...local,
        shop(compliance),
        kept('a', 'shop', { EncryptionKeyArn: keyArn('k') }),
        kept('b', 'shop', owned),
        key('k', ownAdmin()),
      ],
      undefined,
      undefined,
      { $partial: [] },
    ],
    [
      'vaults of two accounts, under one key of the first',
      [
        ...estate,
        shop(),
        remote(),
        kept('a', 'shop', { EncryptionKeyArn: keyArn('k') }),
        kept('b', 'remote', { EncryptionKeyArn: keyArn('k') }, backupAccount),
        key('k', ownAdmin()),
      ],
      true,
      account,
      [],
    ],
    [
      'vaults of two accounts, each under its own key',
      [
        ...estate,
        shop(),
        remote(),
        kept('a', 'shop', { EncryptionKeyArn: keyArn('k') }),
        kept('b', 'remote', { EncryptionKeyArn: keyArn('r', backupAccount) }, backupAccount),
        key('k', ownAdmin()),
        key('r', ownAdmin(backupAccount), {}, backupAccount),
      ],
      false,
      null,
      [
        { vaultArn: vaultArn('shop'), account, because: 'otherAccount' },
        { vaultArn: vaultArn('remote', region, backupAccount), account: backupAccount, because: 'otherAccount' },
      ],
    ],
    [
      'a locked copy in another account survives whatever is not known of the rest',
      [
        ...estate,
        remote(compliance),
        kept('a', 'shop', { EncryptionKeyArn: undefined }),
        kept('b', 'remote', owned, backupAccount),
      ],
      false,
      null,
      {
        $partial: [
          { vaultArn: vaultArn('remote', region, backupAccount), account: backupAccount, because: 'complianceLock' },
        ],
      },
    ],
    [
      'a survivor is one though not every copy is known',
      [
        ...local,
        gap(['recovery-points'], { account: undefined, region: undefined }),
        shop(compliance),
        kept('a', 'shop'),
      ],
      false,
      null,
      { $partial: [{ vaultArn: vaultArn('shop'), account, because: 'complianceLock' }] },
    ],
    [
      'a copy that can be destroyed, where not every copy is known',
      [...local, gap(['recovery-points']), shop(), kept('a', 'shop')],
      undefined,
      undefined,
      { $partial: [] },
    ],
  ]
  it.each(rows)('%s', (_name, records, byOneAccount, of, survivors) => {
    const facts = destroyability(records)
    expect([facts.byOneAccount, facts.account]).toEqual([byOneAccount, of])
    const bySurvivor = (list: unknown) =>
      Array.isArray(list) ? [...list].sort((a, b) => (a.vaultArn < b.vaultArn ? -1 : 1)) : list
    expect(bySurvivor(facts.survivors)).toEqual(bySurvivor(survivors))
  })
})

describe('whether everything hangs on one key', () => {
  const under = (name: string | undefined) => ({ EncryptionKeyArn: name })
  const alias = resource('AWS::KMS::Alias', 'alias/shop', { AliasName: 'alias/shop', TargetKeyId: 'k' })
  const rows: [string, readonly SnapshotRecord[], unknown, unknown][] = [
    [
      'one key that its account can destroy',
      [...local, kept('a', 'shop', under(keyArn('k'))), kept('b', 'shop', under(keyArn('k'))), key('k', ownAdmin())],
      true,
      keyArn('k'),
    ],
    [
      'one key in two vaults',
      [...local, kept('a', 'shop', under(keyArn('k'))), kept('b', 'second', under(keyArn('k'))), key('k', ownAdmin())],
      true,
      keyArn('k'),
    ],
    [
      'one key by two names',
      [
        ...local,
        kept('a', 'shop', under(keyArn('k'))),
        kept('b', 'second', under('alias/shop')),
        key('k', ownAdmin()),
        alias,
      ],
      true,
      keyArn('k'),
    ],
    [
      'two keys',
      [
        ...local,
        kept('a', 'shop', under(keyArn('k'))),
        kept('b', 'second', under(keyArn('l'))),
        key('k', ownAdmin()),
        key('l', ownAdmin()),
      ],
      false,
      null,
    ],
    [
      'two keys, of which one was not read',
      [...local, kept('a', 'shop', under(keyArn('k'))), kept('b', 'second', under(keyArn('l'))), key('k', ownAdmin())],
      false,
      null,
    ],
    [
      'a key and none',
      [...local, kept('a', 'shop', under(keyArn('k'))), kept('b', 'second', owned), key('k', ownAdmin())],
      false,
      null,
    ],
    [
      'a key that its account cannot destroy',
      [...local, kept('a', 'shop', under(keyArn('k'))), key('k', useOnly())],
      false,
      null,
    ],
    ['a key that AWS manages', [...local, kept('a', 'shop', under('alias/aws/backup'))], false, null],
    ['a key that AWS owns', [...local, kept('a', 'shop', owned)], false, null],
    [
      'a key whose policy was not read',
      [...local, kept('a', 'shop', under(keyArn('k'))), key('k', undefined)],
      undefined,
      undefined,
    ],
    ['a key that was not read', [...local, kept('a', 'shop', under(keyArn('k')))], undefined, undefined],
    ['a key that is not known', [...local, kept('a', 'shop', under(undefined))], undefined, undefined],
    [
      'one known key beside one that is not',
      [...local, kept('a', 'shop', under(keyArn('k'))), kept('b', 'second', under(undefined)), key('k', ownAdmin())],
      undefined,
      undefined,
    ],
    [
      'two known keys, whatever is not known',
      [
        ...local,
        kept('a', 'shop', under(keyArn('k'))),
        kept('b', 'second', under(keyArn('l'))),
        kept('c', 'third', under(undefined)),
      ],
      false,
      null,
    ],
    [
      'one key, where not every copy is known',
      [...local, gap(['recovery-points']), kept('a', 'shop', under(keyArn('k'))), key('k', ownAdmin())],
      undefined,
      undefined,
    ],
    ['no points', local, null, null],
  ]
  it.each(rows)('%s', (_name, records, oneKey, name) => {
    const facts = destroyability(records)
    expect([facts.oneKey, facts.keyArn]).toEqual([oneKey, name])
  })
})

describe('isKeyDeletable', () => {
  const of = (
    manager: 'customer' | 'aws' | 'awsOwned' | undefined,
    known: Partial<KmsKey> | undefined,
    by: string | null = account,
  ) => isKeyDeletable({ manager, key: known && { keyId: 'k', ...known } }, by ?? undefined)
  it.each([
    ['a key that AWS manages', () => of('aws', { policy: everything, state: 'PendingDeletion' }), false],
    ['a key that AWS owns', () => of('awsOwned', undefined), false],
    ['by its policy', () => of('customer', { policy: ownAdmin() }), true],
    ['not by its policy', () => of('customer', { policy: useOnly() }), false],
    ['without the policy', () => of('customer', {}), undefined],
    ['a policy that is said to be none', () => of('customer', { policy: null }), undefined],
    ['without the account', () => of('customer', { policy: ownAdmin() }, null), undefined],
    ['by a policy, where it is not known who manages the key', () => of(undefined, { policy: ownAdmin() }), undefined],
    ['not by a policy, whoever manages the key', () => of(undefined, { policy: useOnly() }), false],
    ['pending deletion', () => of('customer', { state: 'PendingDeletion' }), true],
    ['pending deletion of a replica', () => of('customer', { state: 'PendingReplicaDeletion' }), true],
    ['disabled', () => of('customer', { state: 'Disabled', policy: useOnly() }), false],
    ['a key that was not read', () => of('customer', undefined), undefined],
  ])('%s', (_name, actual, expected) => {
    expect(actual()).toBe(expected)
  })
})

describe('copies elsewhere', () => {
  const copies = (records: readonly SnapshotRecord[], backupAccounts: string[] = []) =>
    factsOf(inventoryOf(records, { policy: policy({}, { backupAccounts }) }), 'data-store', 'orders').copies as unknown
  const away = [scope({ region: otherRegion })]
  const base = [...estate, ...away]

  it.each<[string, () => unknown, unknown]>([
    ['none', () => copies([...local, kept('a', 'shop')]), []],
    [
      'in another account',
      () =>
        copies([
          ...base,
          remote(compliance),
          kept('a', 'remote', owned, backupAccount),
          kept('b', 'remote', { ...owned, CreationDate: ago(30) }, backupAccount),
        ]),
      [
        {
          vaultArn: vaultArn('remote', region, backupAccount),
          region,
          account: backupAccount,
          crossRegion: false,
          crossAccount: true,
          airGapped: false,
          separateDomain: true,
          ageHours: 5,
          pointCount: 2,
          lockStrength: 3,
        },
      ],
    ],
    [
      'in another Region, not planned',
      () => copies([...base, kept('a', 'far', owned, account, otherRegion)]),
      [
        {
          vaultArn: vaultArn('far', otherRegion),
          region: otherRegion,
          account,
          crossRegion: true,
          crossAccount: false,
          separateDomain: false,
          ageHours: 5,
          pointCount: 1,
        },
      ],
    ],
    [
      'air-gapped at home',
      () => copies([...local, shop(gapped), kept('a', 'shop')]),
      [
        {
          vaultArn: vaultArn('shop'),
          region,
          account,
          crossRegion: false,
          crossAccount: false,
          airGapped: true,
          separateDomain: false,
          ageHours: 5,
          pointCount: 1,
          lockStrength: 3,
        },
      ],
    ],
    [
      'that cannot be used',
      () => copies([...base, kept('a', 'remote', { Status: 'PARTIAL' }, backupAccount)]),
      [expect.objectContaining({ ageHours: null, pointCount: 1 })],
    ],
    [
      'in one of the backup accounts',
      () => copies([...base, kept('a', 'remote', owned, backupAccount)], [backupAccount]),
      [expect.objectContaining({ separateDomain: true })],
    ],
    [
      'in none of the backup accounts',
      () => copies([...base, kept('a', 'remote', owned, backupAccount)], ['999988887777']),
      [expect.objectContaining({ crossAccount: true, separateDomain: false })],
    ],
    [
      'where the other account was not read',
      () => copies([...estate.filter(r => r.record !== 'scope'), scope()]),
      { $partial: [] },
    ],
    [
      'where points of the other account are cut',
      () =>
        copies([
          ...base,
          gap(['recovery-points'], { account: backupAccount }),
          kept('a', 'remote', owned, backupAccount),
        ]),
      { $partial: [expect.objectContaining({ ageHours: { $atMost: 5 }, pointCount: { $atLeast: 1 } })] },
    ],
    ['where plans are not known', () => copies([...base, gap(['plans'])]), { $partial: [] }],
  ])('%s', (_name, actual, expected) => {
    expect(actual()).toEqual(expected)
  })

  it('says nothing of a lock where the vault was not read', () => {
    expect((copies([...base, kept('a', 'remote', owned, backupAccount)]) as object[])[0]).not.toHaveProperty(
      'lockStrength',
    )
  })
})

/**
 * Backup vaults with what guards them, and the recovery points in them, vault by vault: `ListRecoveryPointsByResource` would ask
 * once a resource, and leave out what a deleted one left behind. Policy and notifications have no list form.
 */
import {
  BackupClient,
  type BackupVaultListMember,
  DescribeBackupVaultCommand,
  GetBackupVaultAccessPolicyCommand,
  GetBackupVaultNotificationsCommand,
  ListBackupVaultsCommand,
  ListRecoveryPointsByBackupVaultCommand,
  type RecoveryPointByBackupVault,
} from '@aws-sdk/client-backup'
import type { ResourceRecord } from '../../model/record.ts'
import { type Collector, textOf } from './collector.ts'
import { stated } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { getResources, tagsOf } from './tags.ts'

const types = ['AWS::Backup::BackupVault']
const paging = { in: 'NextToken', out: 'NextToken', input: { MaxResults: 1000 } }

const listVaults = operation('backup:ListBackupVaults', BackupClient, ListBackupVaultsCommand, {
  cuts: ['vaults', 'vault-locks', 'vault-policies', 'recovery-points', 'alerts'],
  paging,
})
const describeVault = operation('backup:DescribeBackupVault', BackupClient, DescribeBackupVaultCommand, {
  cuts: ['vault-locks'],
  types,
  each: 'air-gapped vault',
})
const getPolicy = operation('backup:GetBackupVaultAccessPolicy', BackupClient, GetBackupVaultAccessPolicyCommand, {
  cuts: ['vault-policies'],
  types,
  each: 'vault',
})
const getNotifications = operation(
  'backup:GetBackupVaultNotifications',
  BackupClient,
  GetBackupVaultNotificationsCommand,
  { cuts: ['alerts'], types, each: 'vault' },
)
const listPoints = operation(
  'backup:ListRecoveryPointsByBackupVault',
  BackupClient,
  ListRecoveryPointsByBackupVaultCommand,
  { cuts: ['recovery-points'], types: ['AWS::Backup::RecoveryPoint'], paging, each: 'vault' },
)

const none = ['ResourceNotFoundException']
const airGapped = 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT'

/** Every vault of the Region. Whether a list without a kind holds the air-gapped ones AWS does not say, so these are asked for too. */
async function* vaultsOf(place: Place): AsyncGenerator<BackupVaultListMember[]> {
  const seen = new Set<string>()
  for (const input of [{}, { ByVaultType: airGapped } as const]) {
    for await (const { BackupVaultList = [] } of place.pages(listVaults, input)) {
      const fresh = BackupVaultList.filter(({ BackupVaultArn }) => BackupVaultArn && !seen.has(BackupVaultArn))
      for (const { BackupVaultArn } of fresh) seen.add(textOf(BackupVaultArn))
      yield fresh
    }
  }
}

async function vaultRecord(
  place: Place,
  vault: BackupVaultListMember,
  tags: Record<string, string> | undefined,
): Promise<ResourceRecord> {
  const { BackupVaultName, BackupVaultArn: arn } = vault
  const input = { BackupVaultName }
  const isAirGapped = vault.VaultType === airGapped
  const [described, policy, notifications] = await Promise.all([
    isAirGapped ? place.ask(describeVault, input) : undefined,
    place.askOrNone(getPolicy, input, none),
    place.askOrNone(getNotifications, input, none),
  ])
  return place.resource('AWS::Backup::BackupVault', {
    id: textOf(BackupVaultName),
    arn,
    name: BackupVaultName,
    tags,
    configuration: described ?? vault,
    supplementary: {
      AccessPolicy: policy && (policy.Policy ?? null),
      Notifications: notifications && stated(notifications),
    },
    // The list does not tell who must approve what is done to an air-gapped vault.
    unknown: isAirGapped && !described ? ['MpaApprovalTeamArn'] : undefined,
  })
}

function pointRecord(place: Place, point: RecoveryPointByBackupVault): ResourceRecord {
  const { RecoveryPointArn: arn } = point
  return place.resource('AWS::Backup::RecoveryPoint', { id: textOf(arn), arn, configuration: point })
}

async function* collect(place: Place): AsyncGenerator<ResourceRecord> {
  for await (const vaults of vaultsOf(place)) {
    const tags = await tagsOf(
      place,
      vaults.map(({ BackupVaultArn }) => BackupVaultArn),
    )
    yield* await Promise.all(vaults.map(vault => vaultRecord(place, vault, tags.get(textOf(vault.BackupVaultArn)))))
    for (const { BackupVaultName } of vaults)
      for await (const { RecoveryPoints = [] } of place.pages(listPoints, { BackupVaultName }))
        for (const point of RecoveryPoints) yield pointRecord(place, point)
  }
}

/** Vaults, their policies and notifications, and recovery points. */
export const collector: Collector = {
  service: 'backup',
  scope: 'region',
  fills: {
    vaults: types,
    'vault-locks': types,
    'vault-policies': types,
    'recovery-points': ['AWS::Backup::RecoveryPoint'],
    alerts: types,
    tags: types,
  },
  operations: [listVaults, describeVault, getPolicy, getNotifications, listPoints, getResources],
  collect,
}

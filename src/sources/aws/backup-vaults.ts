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
  type RestoreJobsListMember,
} from '@aws-sdk/client-backup'
import type { ResourceRecord } from '../../model/record.ts'
import { stated } from './answer.ts'
import { listRestoreJobs } from './backup-jobs.ts'
import { type Collector, type Records, textOf } from './collector.ts'
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

/** Vaults that something was restored from. Asked for once a place, if at all; `undefined` where it could not be read. */
type Restored = (from: number) => Promise<ReadonlySet<string> | undefined>

function restoredIn(place: Place): Restored {
  let asked: Promise<RestoreJobsListMember[] | undefined> | undefined
  return async from => {
    asked ??= place.all(listRestoreJobs, {}, page => page.RestoreJobs)
    const jobs = await asked
    const isRecent = ({ CreationDate, CompletionDate }: RestoreJobsListMember) =>
      !CreationDate || !CompletionDate || +CreationDate >= from || +CompletionDate >= from
    return jobs && new Set(jobs.filter(isRecent).map(({ BackupVaultArn }) => textOf(BackupVaultArn)))
  }
}

/** More new points than this are not held in memory to be counted. */
const mostFresh = 50_000

/**
 * What an older snapshot and the points created since give, if it is provably what AWS would list: nothing was restored from the
 * vault, and AWS counts as many.
 */
async function carriedPoints(
  place: Place,
  vault: BackupVaultListMember,
  restored: Restored,
): Promise<{ records: Iterable<ResourceRecord>; fresh: RecoveryPointByBackupVault[] } | undefined> {
  const carried = place.run.earlier?.points(place.whereabouts, vault)
  const { BackupVaultName, BackupVaultArn, NumberOfRecoveryPoints: counted } = vault
  if (!carried || counted === undefined || counted < carried.count || counted - carried.count > mostFresh)
    return undefined
  // One that does not say where from may be from anywhere.
  const vaults = await restored(carried.from)
  if (!vaults || vaults.has('') || vaults.has(textOf(BackupVaultArn))) return undefined
  const input = { BackupVaultName, ByCreatedAfter: new Date(carried.from - 1000) }
  const listed = await place.all(listPoints, input, page => page.RecoveryPoints)
  const fresh = listed?.filter(({ CreationDate }) => !CreationDate || +CreationDate >= carried.from)
  if (!fresh || new Set(fresh.map(({ RecoveryPointArn }) => RecoveryPointArn)).size + carried.count !== counted)
    return undefined
  return { records: carried.records(), fresh }
}

async function* pointsOf(place: Place, vault: BackupVaultListMember, restored: Restored): AsyncGenerator<Records> {
  const carried = await carriedPoints(place, vault, restored)
  if (carried) {
    yield carried.fresh.map(point => pointRecord(place, point))
    yield* carried.records
    return
  }
  const { BackupVaultName } = vault
  for await (const { RecoveryPoints = [] } of place.pages(listPoints, { BackupVaultName }))
    yield RecoveryPoints.map(point => pointRecord(place, point))
}

async function* collect(place: Place): AsyncGenerator<Records> {
  const restored = restoredIn(place)
  for await (const vaults of vaultsOf(place)) {
    const tags = await tagsOf(
      place,
      vaults.map(({ BackupVaultArn }) => BackupVaultArn),
    )
    yield await Promise.all(vaults.map(vault => vaultRecord(place, vault, tags.get(textOf(vault.BackupVaultArn)))))
    for (const vault of vaults) yield* pointsOf(place, vault, restored)
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
  operations: [listVaults, describeVault, getPolicy, getNotifications, listPoints, listRestoreJobs, getResources],
  collect,
}

/**
 * AWS Backup recovery points. `configuration` is an entry of `backup:ListRecoveryPointsByBackupVault` (or the answer of
 * `backup:DescribeRecoveryPoint`); nothing supplementary. An entry of `backup:ListRecoveryPointsByResource` is read too: it
 * tells neither lifecycle nor origin, so these stay unknown.
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RecoveryPointByBackupVault.html
 *
 * An account may hold a million points: the API's own spelling is read straight from the object.
 */
import type { RecoveryPoint } from '../model/backup.ts'
import type { ResourceRecord } from '../model/record.ts'
import type { ResourceDefinition } from './definition.ts'
import { member, toBoolean, toNumber, toText, toTime } from './property.ts'

/** Members that are read, in the API's spelling. */
interface Point {
  RecoveryPointArn?: unknown
  ResourceArn?: unknown
  ResourceType?: unknown
  BackupVaultArn?: unknown
  BackupVaultName?: unknown
  SourceBackupVaultArn?: unknown
  CreatedBy?: unknown
  Status?: unknown
  CreationDate?: unknown
  CompletionDate?: unknown
  CalculatedLifecycle?: unknown
  Lifecycle?: unknown
  EncryptionKeyArn?: unknown
  EncryptionKeyType?: unknown
  IsEncrypted?: unknown
  LastRestoreTime?: unknown
  ParentRecoveryPointArn?: unknown
  VaultType?: unknown
  AggregatedScanResult?: unknown
  ScanResults?: unknown
}

const pointMembers: readonly (keyof Point)[] = [
  'RecoveryPointArn',
  'ResourceArn',
  'ResourceType',
  'BackupVaultArn',
  'BackupVaultName',
  'SourceBackupVaultArn',
  'CreatedBy',
  'Status',
  'CreationDate',
  'CompletionDate',
  'CalculatedLifecycle',
  'Lifecycle',
  'EncryptionKeyArn',
  'EncryptionKeyType',
  'IsEncrypted',
  'LastRestoreTime',
  'ParentRecoveryPointArn',
  'VaultType',
  'AggregatedScanResult',
  'ScanResults',
]

/** The same members whatever their casing. */
function respelt(configuration: unknown): Point {
  const point: Point = {}
  for (const name of pointMembers) point[name] = member(configuration, name)
  return point
}

const millisecondsPerDay = 86_400_000

/** As `toTime`, but the one spelling that a snapshot uses (`2026-01-05T10:00:00.123Z`) is told without a pattern. */
function timeOf(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined
  return toTime(value)
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ''
}

/**
 * Retention in days: as its lifecycle says, else from the day of its calculated expiry; `null` = for ever. A lifecycle that
 * is not stated means for ever in the API's full answer only.
 */
function retentionOf(
  point: Point,
  createdAt: number | undefined,
  whole: boolean,
  isApi: boolean,
): number | null | undefined {
  const lifecycle = point.Lifecycle
  const stated = member(lifecycle, 'DeleteAfterDays')
  if (isPresent(stated)) {
    const days = toNumber(stated)
    return days !== undefined && days < 0 ? null : days
  }
  const deleteAt = member(point.CalculatedLifecycle, 'DeleteAt')
  if (isPresent(deleteAt)) {
    const end = timeOf(deleteAt)
    return end === undefined || createdAt === undefined ? undefined : Math.round((end - createdAt) / millisecondsPerDay)
  }
  if (isPresent(member(lifecycle, 'DeleteAfterEvent'))) return undefined
  if (typeof lifecycle === 'object' && lifecycle !== null) return null
  return whole && isApi && !isPresent(lifecycle) ? null : undefined
}

/** `CreatedBy` names the plan; points made on demand have none. */
function byPlanOf(createdBy: unknown, whole: boolean): boolean | undefined {
  if (createdBy === undefined || createdBy === null) return whole ? false : undefined
  return isPresent(member(createdBy, 'BackupPlanId')) || isPresent(member(createdBy, 'BackupPlanArn'))
}

function keyOf(point: Point, isEncrypted: boolean | undefined): string | null | undefined {
  const keyArn = toText(point.EncryptionKeyArn)
  if (keyArn !== undefined) return keyArn
  return isEncrypted === false || point.EncryptionKeyType === 'AWS_OWNED_KMS_KEY' ? null : undefined
}

/** A scan that failed proves nothing. */
function scanResult(failed: unknown, findings: unknown): RecoveryPoint['scan'] {
  if (Array.isArray(findings) && findings.length > 0) return 'findings'
  return toBoolean(failed) === true ? 'none' : 'clean'
}

function scanOf(point: Point, whole: boolean, isApi: boolean): RecoveryPoint['scan'] {
  const aggregated = point.AggregatedScanResult
  if (typeof aggregated === 'object' && aggregated !== null)
    return scanResult(member(aggregated, 'FailedScan'), member(aggregated, 'Findings'))
  if (Array.isArray(point.ScanResults) && point.ScanResults.length > 0) {
    const results = point.ScanResults.map(result => {
      const state = member(result, 'ScanJobState')
      return scanResult(state !== undefined && state !== 'COMPLETED', member(result, 'Findings'))
    })
    return results.includes('findings') ? 'findings' : results.includes('none') ? 'none' : 'clean'
  }
  return whole && isApi ? 'none' : undefined
}

/** What the answer says of a member that it leaves out: nothing, unless the answer is a full one. */
function textOrNone(value: unknown, whole: boolean): string | null | undefined {
  return value === undefined || value === null ? (whole ? null : undefined) : toText(value)
}

function timeOrNone(value: unknown, whole: boolean): number | null | undefined {
  return value === undefined || value === null ? (whole ? null : undefined) : timeOf(value)
}

function readRecoveryPoint(item: ResourceRecord): RecoveryPoint | undefined {
  const { configuration } = item
  const point: Point =
    typeof configuration === 'object' && configuration !== null && Object.hasOwn(configuration, 'RecoveryPointArn')
      ? configuration
      : respelt(configuration)
  const arn = toText(point.RecoveryPointArn) ?? item.arn
  if (!arn) return undefined
  const isApi = item.encoding === 'api'
  // ListRecoveryPointsByResource leaves these two out; every other answer has one of them.
  const whole = (isPresent(point.ResourceArn) || isPresent(point.BackupVaultArn)) && !item.unknown?.length
  const wholeApi = whole && isApi
  const status = toText(point.Status)
  const createdAt = timeOf(point.CreationDate)
  const isEncrypted = toBoolean(point.IsEncrypted)
  const vaultType = toText(point.VaultType)
  // One literal, whatever is known: objects of one shape are what makes a million of them cheap.
  return {
    arn,
    sourceArn: textOrNone(point.ResourceArn, wholeApi),
    service: textOrNone(point.ResourceType, wholeApi),
    vaultArn: toText(point.BackupVaultArn),
    vaultName: toText(point.BackupVaultName),
    sourceVaultArn: textOrNone(point.SourceBackupVaultArn, wholeApi),
    status,
    createdAt,
    isEncrypted,
    keyArn: keyOf(point, isEncrypted),
    retentionDays: retentionOf(point, createdAt, whole, isApi),
    byPlan: byPlanOf(point.CreatedBy, whole),
    restorableAt: undefined,
    // An S3 continuous point is named like any other; its status tells (aws-apis §3.3).
    continuous: status === 'AVAILABLE' || status === 'STOPPED' || arn.includes(':continuous:'),
    lastRestoreAt: timeOrNone(point.LastRestoreTime, wholeApi),
    isChild: isPresent(point.ParentRecoveryPointArn),
    airGapped: vaultType === undefined ? undefined : vaultType === 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT',
    scan: scanOf(point, whole, isApi),
  }
}

/** Recovery points; no template declares them. */
export const definitions: ResourceDefinition[] = [
  {
    role: 'recovery-point',
    type: 'AWS::Backup::RecoveryPoint',
    names: { config: ['AWS::Backup::RecoveryPoint'], cloudformation: [], terraform: [] },
    read: readRecoveryPoint,
  },
]

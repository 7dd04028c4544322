/** What covers a store beside backup plans: the service's own backups and replication, as its own facts tell them. */
import type { Facts, FactValue } from '../model/facts.ts'
import type { MechanismKind } from '../model/policy.ts'
import type { MaybeNumber } from './bounds.ts'
import { optInOf } from './coverage.ts'
import type { Join, StoreItem } from './join.ts'
import { continuousLossHours, roundHours } from './promises.ts'
import type { Ternary } from './ternary.ts'

/** One thing that covers a store: an element of `protection.mechanisms`. */
export interface Mechanism extends Record<string, FactValue | undefined> {
  kind: MechanismKind
  accepted: boolean
  worstCaseLossHours?: MaybeNumber
  longestGapHours?: MaybeNumber
  retentionDays?: MaybeNumber
  continuous?: Ternary
}

/** Services whose own automatic backups allow restore to any second of their window. */
export const continuousNatively: ReadonlySet<string> = new Set([
  'AWS::RDS::DBInstance',
  'AWS::RDS::DBCluster',
  'AWS::DocDB::DBCluster',
  'AWS::Neptune::DBCluster',
])

type Accepted = ReadonlySet<MechanismKind>

const isFileSystem = ({ type }: StoreItem) => type === 'AWS::EFS::FileSystem'
const nothing = { name: null, arn: null, selection: null, via: null }

/** The service's own mechanisms. `byPlan`: a backup plan that was read covers the store already. */
export function nativeMechanisms(join: Join, store: StoreItem, accepted: Accepted, byPlan: boolean): Mechanism[] {
  const found: Mechanism[] = []
  const { native, pitr } = store.own as { native?: Facts; pitr?: Facts }
  if (pitr?.enabled === true)
    found.push({
      kind: 'native-pitr',
      accepted: accepted.has('native-pitr'),
      ...nothing,
      matchedBy: 'point-in-time recovery is on',
      worstCaseLossHours: continuousLossHours(null),
      longestGapHours: 0,
      retentionDays: typeof pitr.recoveryPeriodDays === 'number' ? pitr.recoveryPeriodDays : undefined,
      continuous: true,
    })
  if (!isFileSystem(store)) {
    if (native?.automatedBackup === true) found.push(automatedBackup(join, store, native, accepted))
  } else if (!byPlan && hasAutomaticPlan(join, store)) found.push(automaticPlan(join, accepted))
  if (replicates(store))
    found.push({
      kind: 'replication',
      accepted: accepted.has('replication'),
      ...nothing,
      matchedBy: 'replication is on',
      continuous: false,
    })
  return found
}

function automatedBackup(join: Join, { type, own }: StoreItem, native: Facts, accepted: Accepted): Mechanism {
  const { retentionDays: days } = own.native as Facts
  const continuous = continuousNatively.has(type)
  const kind: MechanismKind = continuous ? 'native-pitr' : 'native-automated'
  // A service that tells its own interval is taken at its word; the others back up once a day.
  const gap = typeof native.snapshotIntervalHours === 'number' ? native.snapshotIntervalHours : 24
  return {
    kind,
    accepted: accepted.has(kind) || accepted.has('native-automated'),
    ...nothing,
    matchedBy: 'automatic backups of the service are on',
    worstCaseLossHours: continuous
      ? continuousLossHours(null)
      : roundHours(gap + join.policy.assumptions.jobMinutes / 60),
    longestGapHours: continuous ? 0 : gap,
    retentionDays: typeof days === 'number' || days === null ? days : undefined,
    continuous,
  }
}

/**
 * Whether AWS's own plan backs up a file system: its selection by tag runs only where EFS is opted in. AWS Config and
 * templates show the setting, not the plan.
 */
export function hasAutomaticPlan(join: Join, store: StoreItem): Ternary {
  const { native } = store.own as { native?: Facts }
  if (!isFileSystem(store) || native?.automatedBackup !== true) return false
  return optInOf(join, store, store.place)
}

/** Automatic backup of EFS is an AWS Backup plan that AWS makes (aws-apis §3.2): daily, kept 35 days. */
function automaticPlan(join: Join, accepted: Accepted): Mechanism {
  const { startWindowMinutes, jobMinutes } = join.policy.assumptions
  return {
    kind: 'aws-backup',
    accepted: accepted.has('aws-backup'),
    ...nothing,
    name: 'aws/efs/automatic-backup-plan',
    matchedBy: 'automatic backup of the file system is on',
    worstCaseLossHours: roundHours(24 + (startWindowMinutes + jobMinutes) / 60),
    longestGapHours: 24,
    retentionDays: 35,
    continuous: false,
  }
}

function replicates({ own }: StoreItem): boolean {
  const { destinations } = (own.replication ?? {}) as Facts
  return Array.isArray(destinations) && destinations.some(destination => (destination as Facts).enabled === true)
}

/** Whether an accepted native mechanism might cover the store though its facts do not say. */
export function unknownNative({ type, own }: StoreItem, accepted: Accepted): boolean {
  const { native, pitr } = own as { native?: Facts; pitr?: Facts }
  if (accepted.has('native-pitr') && pitr !== undefined && pitr.enabled === undefined) return true
  const asksNative = accepted.has('native-automated') || (accepted.has('native-pitr') && continuousNatively.has(type))
  return asksNative && native !== undefined && native.automatedBackup === undefined
}

/** Whether native point-in-time recovery might be on though the store's facts do not say. */
export function unknownContinuous({ type, own }: StoreItem): boolean {
  const { native, pitr } = own as { native?: Facts; pitr?: Facts }
  if (pitr !== undefined && pitr.enabled === undefined) return true
  return continuousNatively.has(type) && native?.automatedBackup === undefined
}

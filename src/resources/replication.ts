/** Replication as facts: where a store's data goes on its own, told alike for every service that replicates. */
import type { Facts, FactValue } from '../model/facts.ts'
import type { ResourceRecord } from '../model/record.ts'

/** One destination. A member that is `undefined` is not known; see `replication.destinations` of the data-store schema. */
export interface Destination {
  kind:
    | 's3'
    | 'efs'
    | 'rds-automated-backups'
    | 'redshift-snapshot-copy'
    | 'dynamodb-replica'
    | 'aurora-global'
    | 'dsql-peer'
  enabled?: boolean | undefined
  /** ARN or id of the bucket, file system or cluster; `null` where AWS names only a Region. */
  target?: string | null | undefined
  region?: string | null | undefined
  /** Account of the destination; `null` where it is the store's own. */
  account?: string | null | undefined
  crossRegion?: boolean | undefined
  encrypted?: boolean | undefined
  keyArn?: string | null | undefined
  deleteMarkers?: boolean | null | undefined
  timeControl?: boolean | null | undefined
  retentionDays?: number | null | undefined
}

/** Whether a destination lies in another Region than the store; `undefined` where either Region is not known. */
export function isElsewhere(item: ResourceRecord, region: string | null | undefined): boolean | undefined {
  return region && item.region ? region !== item.region : undefined
}

/** The Region an ARN names; `undefined` where it names none. */
export function regionOfArn(arn: string | null | undefined): string | undefined {
  return arn?.startsWith('arn:') ? arn.split(':', 5)[3] || undefined : undefined
}

/** The account an ARN names; `undefined` where it names none. */
export function accountOfArn(arn: string | null | undefined): string | undefined {
  return arn?.startsWith('arn:') ? arn.split(':', 5)[4] || undefined : undefined
}

/** An account as destinations state it: `null` for the store's own, `undefined` where one of the two is not known. */
export function otherAccount(item: ResourceRecord, account: string | undefined): string | null | undefined {
  if (account === undefined || item.account === undefined) return undefined
  return account === item.account ? null : account
}

/** What has no such setting for this kind of destination. */
const unset = { deleteMarkers: null, timeControl: null, retentionDays: null } as const

/** The `replication` group of a store. Where the list is not `complete`, only what is listed is known. */
export function replicationOf(destinations: readonly Destination[], complete: boolean): Facts {
  const list = destinations.map(destination => {
    const fact: { [key: string]: FactValue | undefined } = { ...unset, ...destination }
    for (const key of Object.keys(fact)) if (fact[key] === undefined) delete fact[key]
    return fact
  })
  const group: Facts = { destinations: complete ? list : { $partial: list } }
  if (destinations.some(d => d.enabled === true && d.crossRegion === true)) group.crossRegion = true
  else if (complete && destinations.every(d => d.enabled === false || d.crossRegion === false))
    group.crossRegion = false
  return group
}

/**
 * An older snapshot, as far as it may stand for what AWS would tell again (`rel09 collect --since`): see `carried-over.md`. It is
 * read once; what may be carried over is put aside by place and vault, and of the rest only counts are kept.
 */
import { createHash } from 'node:crypto'
import type { GapRecord, ResourceRecord, ScopeRecord, SnapshotRecord } from '../../model/record.ts'
import { contentReader, describeReadError, fileReader, UnreadableInput } from '../bytes.ts'
import { parseJson } from '../json.ts'
import { splitLines } from '../lines.ts'
import { checkRecord } from '../snapshot.ts'
import { CannotCollect } from './reach.ts'
import { day, isJobSettled, isLockedSince, momentOf, settledUntil } from './settled.ts'

/** Where records are put aside. */
export interface Spool {
  add(key: string, text: string): void
  texts(key: string): Iterable<string>
}

/** Records that stand for what AWS would tell again. */
export interface Carried {
  /** Milliseconds: they are those created before; what was created from then on is to be asked for. */
  from: number
  /** How many there are; of jobs not known. */
  count: number
  /** Each of them, in the scope of the run. */
  records(): Iterable<ResourceRecord>
}

/** A vault as AWS lists it. */
export interface ListedVault {
  BackupVaultName?: string | undefined
  BackupVaultArn?: string | undefined
  VaultType?: string | undefined
  CreationDate?: Date | undefined
  Locked?: boolean | undefined
  LockDate?: Date | undefined
  NumberOfRecoveryPoints?: number | undefined
}

/** Where records lie. */
export interface Whereabouts {
  account: string
  region: string
  /** Scope of the run, which what is carried over is put in. */
  scope: string
  /** ISO 8601 UTC: when the run began. */
  takenAt: string
}

interface EarlierPlace {
  scope: ScopeRecord
  /** What was created within a day before the older snapshot, or since, is asked for anew. */
  from: number
  /** Fact groups that were read whole. */
  groups: Set<string>
  /** Of the jobs of a type that had not ended: when the earliest was created. */
  unsettled: Map<string, number>
}

interface EarlierVault {
  configuration: ResourceRecord['configuration']
  /** Recovery points that were told, and those of them that could be carried over. */
  points: number
  carried: number
  isSettled: boolean
  /** When the first of them changes by itself. */
  until: number
}

/** Jobs are listed for 30 days: of those near the edge only AWS knows whether it still tells them. */
const jobsDays = 29

/** How far the clocks of rel09 and AWS may be apart, and how late AWS may be to tell of something. */
const margin = day

const jobGroups: { readonly [type: string]: string } = {
  'AWS::Backup::BackupJob': 'backup-jobs',
  'AWS::Backup::CopyJob': 'copy-jobs',
}

const placeKey = (account: string, region: string) => `${account} ${region}`
const vaultKey = (account: string, region: string, name: string) => `${account} ${region} vault ${name}`
const jobKey = (account: string, region: string, type: string) => `${account} ${region} ${type}`

/** An older snapshot. */
export class EarlierSnapshot {
  /** SHA-256 of its content, in hex. */
  digest = ''
  /** Records that were carried over so far. */
  carried = 0
  private readonly scopes = new Map<string, EarlierPlace>()
  private readonly places = new Map<string, EarlierPlace>()
  private readonly vaults = new Map<string, EarlierVault>()

  constructor(
    /** What the user calls the file. */
    readonly name: string,
    private readonly version: string,
    private readonly spool: Spool,
  ) {}

  /** Takes a record of it. Throws {@link CannotCollect} where it cannot be carried over from. */
  take(record: SnapshotRecord, text: string): void {
    if (record.record === 'scope') this.takeScope(record)
    else if (record.record === 'gap') this.takeGap(record)
    else this.takeResource(record, text)
  }

  /** Accounts that it holds. */
  get accounts(): Set<string> {
    return new Set([...this.scopes.values()].map(({ scope }) => scope.account!))
  }

  /** Regions that it holds. */
  get regions(): Set<string> {
    return new Set([...this.scopes.values()].map(({ scope }) => scope.region!))
  }

  /** ISO 8601: when the latest part of it was read. */
  get takenAt(): string {
    return (
      [...this.scopes.values()]
        .map(({ scope }) => scope.takenAt!)
        .sort()
        .at(-1) ?? ''
    )
  }

  /** Backup or copy jobs that need not be asked for. */
  jobs({ account, region, scope, takenAt }: Whereabouts, type: string): (Carried & { until: number }) | undefined {
    const place = this.places.get(placeKey(account, region))
    if (!place?.groups.has(jobGroups[type]!)) return undefined
    const from = Math.min(place.from, place.unsettled.get(type) ?? Number.POSITIVE_INFINITY)
    const until = Date.parse(takenAt) - jobsDays * day
    if (from <= until) return undefined
    const isMeant = (created: number) => created >= until && created < from
    return { from, until, count: 0, records: () => this.records(jobKey(account, region, type), scope, isMeant) }
  }

  /** Recovery points of a vault that need not be asked for, if AWS's count of them agrees. */
  points({ account, region, scope, takenAt }: Whereabouts, listed: ListedVault): Carried | undefined {
    const place = this.places.get(placeKey(account, region))
    const key = vaultKey(account, region, listed.BackupVaultName ?? '')
    const vault = this.vaults.get(key)
    if (!place?.groups.has('recovery-points') || !place.groups.has('vaults') || !vault) return undefined
    const now = Date.parse(takenAt)
    // Restores are told of as long as jobs are.
    if (now - place.from > jobsDays * day) return undefined
    if (!isSame(vault, listed) || !isLockedSince({ ...listed }, place.from)) return undefined
    if (!vault.isSettled || vault.until <= now + 2 * margin) return undefined
    const isMeant = (created: number) => created < place.from
    return { from: place.from, count: vault.carried, records: () => this.records(key, scope, isMeant) }
  }

  private *records(key: string, scope: string, isMeant: (created: number) => boolean): Generator<ResourceRecord> {
    for (const text of this.spool.texts(key)) {
      const record = JSON.parse(text) as ResourceRecord
      if (!isMeant(momentOf(record.configuration.CreationDate)!)) continue
      this.carried++
      record.scope = scope
      yield record
    }
  }

  private takeScope(scope: ScopeRecord): void {
    const { id, source, account, region, takenAt, tool, factGroups = [] } = scope
    if (source !== 'aws' || account === undefined || region === undefined || takenAt === undefined)
      throw new CannotCollect(`${this.name} was not collected from AWS: --since takes what rel09 collect has written`)
    if (tool?.version !== this.version)
      throw new CannotCollect(
        `${this.name} was collected by another version of rel09 than ${this.version}, which may tell things otherwise: collect without --since`,
      )
    const key = placeKey(account, region)
    if (this.places.has(key) || this.scopes.has(id))
      throw new CannotCollect(`${this.name} holds account ${account} in ${region} twice: --since takes one snapshot`)
    const place: EarlierPlace = {
      scope,
      from: Date.parse(takenAt) - margin,
      groups: new Set(factGroups),
      unsettled: new Map(),
    }
    this.scopes.set(id, place)
    this.places.set(key, place)
  }

  private takeGap({ scope, account, region, factGroups }: GapRecord): void {
    const own = this.scopes.get(scope)
    const cut = region === undefined ? [...this.scopes.values()].filter(place => place.scope.account === account) : []
    for (const { groups } of own ? [own, ...cut] : this.scopes.values()) {
      if (factGroups.includes('*')) groups.clear()
      for (const group of factGroups) groups.delete(group)
    }
  }

  private takeResource(record: ResourceRecord, text: string): void {
    const place = this.scopes.get(record.scope)
    const { account, region } = record
    if (!place) throw new CannotCollect(`${this.name} names the scope of a record after it, or not at all`)
    if (account === undefined || region === undefined) return
    if (place.scope.account !== account || place.scope.region !== region) return
    if (record.type === 'AWS::Backup::BackupVault') this.takeVault(record)
    else if (record.type === 'AWS::Backup::RecoveryPoint') this.takePoint(record, place, text)
    else if (Object.hasOwn(jobGroups, record.type)) this.takeJob(record, place, text)
  }

  private takeVault({ account, region, configuration }: ResourceRecord): void {
    const key = vaultKey(account!, region!, String(configuration.BackupVaultName))
    const vault = { configuration, points: 0, carried: 0, isSettled: true, until: Number.POSITIVE_INFINITY }
    this.vaults.set(key, vault)
  }

  private takePoint(record: ResourceRecord, { from }: EarlierPlace, text: string): void {
    const { configuration } = record
    const key = vaultKey(record.account!, record.region!, String(configuration.BackupVaultName))
    const vault = this.vaults.get(key)
    if (!vault) return
    vault.points++
    const created = momentOf(configuration.CreationDate)
    if (created !== undefined && created >= from) return
    const until = isPlain(record) && created !== undefined ? settledUntil(configuration, from) : undefined
    if (until === undefined || !isLockedSince(vault.configuration, from)) {
      vault.isSettled = false
      return
    }
    vault.carried++
    vault.until = Math.min(vault.until, until)
    this.spool.add(key, text)
  }

  private takeJob(record: ResourceRecord, { from, unsettled }: EarlierPlace, text: string): void {
    const { account, region, type, configuration } = record
    const created = momentOf(configuration.CreationDate)
    if (created !== undefined && created >= from) return
    if (created !== undefined && isPlain(record) && isJobSettled(configuration, from)) {
      this.spool.add(jobKey(account!, region!, type), text)
      return
    }
    // One that does not tell when it was created may be any of those that are asked for.
    const earliest = created ?? Number.NEGATIVE_INFINITY
    unsettled.set(type, Math.min(unsettled.get(type) ?? earliest, earliest))
  }
}

/** A record that says no more and no less than a list. */
const isPlain = ({ encoding, unknown, deleted, supplementary }: ResourceRecord) =>
  encoding === 'api' && unknown === undefined && deleted === undefined && supplementary === undefined

/** The same vault with the same lock, whose count was right when its points were told. */
function isSame({ configuration, points }: EarlierVault, listed: ListedVault): boolean {
  const { BackupVaultArn, CreationDate, LockDate, NumberOfRecoveryPoints } = configuration
  return (
    BackupVaultArn === listed.BackupVaultArn &&
    CreationDate !== undefined &&
    momentOf(CreationDate) === momentOf(listed.CreationDate) &&
    momentOf(LockDate) === momentOf(listed.LockDate) &&
    NumberOfRecoveryPoints === points
  )
}

const mostRecordBytes = 64 * 1024 * 1024

/** Reads an older snapshot. Throws {@link CannotCollect}. */
export async function readEarlier(
  { path, name }: { path: string; name: string },
  version: string,
  spool: Spool,
): Promise<EarlierSnapshot> {
  const earlier = new EarlierSnapshot(name, version, spool)
  const hash = createHash('sha256')
  const damaged = (line: number) => new CannotCollect(`${name}:${line}: holds a line that is no record of a snapshot`)
  const lines = splitLines(
    {
      line(text, line) {
        const parsed = parseJson(text)
        if (!('value' in parsed) || checkRecord(parsed.value) !== undefined) throw damaged(line)
        earlier.take(parsed.value as SnapshotRecord, text)
      },
      notUtf8(line) {
        throw damaged(line)
      },
      tooLong(line) {
        throw damaged(line)
      },
    },
    mostRecordBytes,
  )
  try {
    const reader = await contentReader(fileReader(path, () => {}))
    try {
      for (let chunk = await reader.next(); chunk; chunk = await reader.next()) {
        hash.update(chunk)
        lines.push(chunk)
      }
    } finally {
      reader.close()
    }
    lines.end()
  } catch (error) {
    if (!(error instanceof UnreadableInput)) throw error
    throw new CannotCollect(`${name}: the older snapshot ${describeReadError(error)}`)
  }
  if (earlier.accounts.size === 0)
    throw new CannotCollect(`${name} is no snapshot: --since takes what rel09 collect has written`)
  earlier.digest = hash.digest('hex')
  return earlier
}

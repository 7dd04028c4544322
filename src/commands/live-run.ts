/**
 * A run of the collector: its accounts and Regions, and the folder that it is kept in until it is done. Bundled with the collectors
 * and the AWS SDK, apart from the command line, which loads it only to collect: its errors are its own (`CannotCollect`).
 */
import { join } from 'node:path'
import { isAccountId } from '../resources/identity.ts'
import type { ProcessTable } from '../sinks/folder-lock.ts'
import type { Written } from '../sinks/record-lines.ts'
import { RecordSpool } from '../sinks/record-spool.ts'
import { asideName, RunFolder, type RunHead, UnusableFolder } from '../sinks/run-folder.ts'
import { readAccounts, readOne } from '../sources/aws/accounts.ts'
import {
  aggregatorOperations,
  aggregatorQueries,
  regionOperations,
  regionQueries,
} from '../sources/aws/advanced-queries.ts'
import { type AggregatorChoice, readAggregator } from '../sources/aws/aggregator.ts'
import { backupCollectors } from '../sources/aws/backup-facts.ts'
import {
  collectorsOf,
  type EarlierSnapshot,
  newTally,
  permissions,
  readEarlier,
  services,
  type Tally,
  usualAttempts,
} from '../sources/aws/live.ts'
import { accountsOfOrganization, type WantedAccount } from '../sources/aws/organization.ts'
import { readOwnConfig, regionsToQuery } from '../sources/aws/own-config.ts'
import { aggregatorPolicy, ownConfigPolicy, type PolicyDocument, policyOf } from '../sources/aws/permissions.ts'
import { CannotCollect, callerOf, type Entered, isEveryRegion, regionsOf, Unreachable } from '../sources/aws/reach.ts'
import { Stop } from '../sources/aws/stop.ts'

export {
  aggregatorOperations,
  aggregatorPolicy,
  aggregatorQueries,
  CannotCollect,
  collectorsOf,
  ownConfigPolicy,
  permissions,
  regionOperations,
  regionQueries,
  Stop,
  services,
  UnusableFolder,
}

/** Which accounts are read. */
export interface AccountsChoice {
  /** Their ids; absent: those of the organisation. */
  ids?: readonly string[] | undefined
  /** Organisational units; none: the whole organisation. */
  units: readonly string[]
  excluded: readonly string[]
  /** Name of the role in each, with its path. */
  role: string
  externalId?: string | undefined
}

/** What is read. */
export interface LiveChoice {
  /** Of it alone all is read; no account is entered. */
  aggregator?: AggregatorChoice | undefined
  /** What AWS Config recorded of the caller's own account, in place of asking every service. */
  fromConfig?: boolean | undefined
  /** Absent: the caller's own account. */
  accounts?: AccountsChoice | undefined
  regions?: readonly string[] | undefined
  services?: readonly string[] | undefined
  /** Nothing that counts for an account whole: another run reads that. */
  regionsOnly?: boolean | undefined
  profile?: string | undefined
  maxAttempts?: number | undefined
  /** An older snapshot: where it lies, and what the user calls it. */
  since?: { path: string; name: string } | undefined
}

/** How it is read. */
export interface RunRequest {
  /** Folder of the parts. */
  folder: string
  /** An earlier run that the folder holds is thrown away. */
  isFresh: boolean
  /** ISO 8601 UTC: when it begins, if it does not go on with an earlier one. */
  now: string
  version: string
  processes: ProcessTable
  stop: Stop
  onProgress: (done: number, all: number, name: string, region: string) => void
}

/** What was read, not yet written. */
export interface LiveRun {
  /** When the run that this one goes on with began. */
  resumed: string | undefined
  /** What was found damaged in its folder. */
  damage: readonly string[]
  accounts: readonly string[]
  tally: Tally
  /** Records that an older snapshot told. */
  carried: number
  chunks(written: Written): Generator<Uint8Array>
  zipped(written: Written): Generator<Uint8Array>
  /** Ends the run: its folder is removed, or kept so that it can go on. */
  end(isDone: boolean): Promise<void>
}

/** The read-only policy of the collectors that the function of AWS Config rules has in it. */
export const backupPolicy = (): PolicyDocument => policyOf(backupCollectors.map(({ collector }) => collector))

/** Canonical types of what collectors find: those that a live account may have. */
export const collectedTypes = (): ReadonlySet<string> =>
  new Set(collectorsOf(undefined).flatMap(([, { fills }]) => Object.values(fills).flat()))

function targetOf({ aggregator, regions, profile, maxAttempts = usualAttempts }: LiveChoice) {
  return { regions: aggregator?.region === undefined ? regions : [aggregator.region], profile, maxAttempts }
}

/** The accounts of a choice, in their order. Throws {@link CannotCollect}. */
async function wantedOf(caller: Entered, accounts: AccountsChoice | undefined): Promise<WantedAccount[]> {
  if (!accounts) return [{ account: caller.account }]
  const { ids, units, excluded } = accounts
  const all = ids
    ? [...new Set(ids)].sort().map(account => ({ account }))
    : await accountsOfOrganization(caller.clients, caller.home, units)
  const wanted = all.filter(({ account }) => !excluded.includes(account))
  if (wanted.length === 0) throw new CannotCollect('no account is left to be read: check --ou and --exclude-accounts')
  return wanted
}

/** What would be read. */
export interface Prospect {
  accounts: WantedAccount[]
  /** Absent: those that are enabled in each account. */
  regions?: string[]
}

/** Finds out what would be read. Throws {@link CannotCollect}. */
export async function prospectOf(choice: LiveChoice): Promise<Prospect> {
  const caller = await callerOf(targetOf(choice))
  try {
    const accounts = await wantedOf(caller, choice.accounts)
    if (choice.aggregator) return { accounts, regions: [caller.home] }
    if (choice.fromConfig) return { accounts, regions: await alone(() => regionsToQuery(caller, choice.regions)) }
    if (choice.accounts && isEveryRegion(choice.regions)) return { accounts }
    return { accounts, regions: (await alone(() => regionsOf(caller, choice.regions))).regions }
  } finally {
    caller.clients.close()
  }
}

/** Where one account is all there is, what it cannot be read for is the end. */
async function alone<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error
    const { reason, remedy } = error.failure
    throw new CannotCollect(`the enabled Regions are not known (${error.api} ${reason}): ${remedy}`)
  }
}

/** Reads what is chosen into a folder. Throws {@link CannotCollect}, {@link UnusableFolder} and what the file system throws. */
export async function readLive(choice: LiveChoice, request: RunRequest): Promise<LiveRun> {
  const folder = new RunFolder(request.folder, request.processes, { isFresh: request.isFresh })
  let aside: RecordSpool | undefined
  let caller: Entered | undefined
  let isBegun = folder.head !== undefined
  try {
    if (choice.since) aside = new RecordSpool(join(request.folder, asideName))
    const earlier = choice.since && (await readEarlier(choice.since, request.version, aside!))
    caller = await callerOf(targetOf(choice))
    const head = folder.head ?? (await headOf(caller, choice, request, earlier))
    refuseOld(head, request.now)
    refuseOther(head, identityOf(caller, choice, request.version, earlier))
    if (earlier) refuseElsewhere(earlier, caller, choice, head)
    if (!isBegun) folder.begin(head)
    isBegun = true
    return await readInto(folder, head, caller, choice, request, earlier)
  } catch (error) {
    await (isBegun ? folder.leave() : folder.remove())
    throw error
  } finally {
    aside?.remove()
    caller?.clients.close()
  }
}

async function readInto(
  folder: RunFolder,
  { takenAt, notes }: RunHead,
  caller: Entered,
  choice: LiveChoice,
  { version, stop, onProgress }: RunRequest,
  earlier: EarlierSnapshot | undefined,
): Promise<LiveRun> {
  const { services, accounts, aggregator, fromConfig, regions } = choice
  const { role = '', externalId } = accounts ?? {}
  const entry = { ...targetOf(choice), role, externalId }
  const { regionsOnly } = choice
  const collection = { services, regionsOnly, takenAt, version, stop, onProgress, earlier }
  const wanted = accountsIn(notes)
  const tally = newTally()
  let read = wanted.map(({ account }) => account)
  if (aggregator) read = await readAggregator(caller, aggregator.name, collection, folder, tally)
  else if (fromConfig) read = await alone(() => readOwnConfig(caller, regions, collection, folder, tally))
  else if (accounts) await readAccounts(caller, wanted, entry, collection, folder, tally)
  else await alone(() => readOne(caller, wanted[0]!, entry, collection, folder, tally))
  await folder.settled()
  return {
    resumed: folder.head && takenAt,
    damage: folder.damage,
    accounts: read,
    tally,
    carried: earlier?.carried ?? 0,
    chunks: written => folder.chunks(written),
    zipped: written => folder.zipped(written),
    end: isDone => (isDone ? folder.remove() : folder.leave()),
  }
}

async function headOf(
  caller: Entered,
  choice: LiveChoice,
  { now, version }: RunRequest,
  earlier: EarlierSnapshot | undefined,
): Promise<RunHead> {
  const accounts = await wantedOf(caller, choice.accounts)
  return { identity: identityOf(caller, choice, version, earlier), takenAt: now, notes: { accounts } }
}

/** An older snapshot of something else would be carried over for nothing: somebody named the wrong file. */
function refuseElsewhere(
  earlier: EarlierSnapshot,
  { home }: Entered,
  { accounts, regions = [home] }: LiveChoice,
  { takenAt, notes }: RunHead,
): void {
  const { accounts: known, regions: knownRegions, name } = earlier
  const wanted = accountsIn(notes).map(({ account }) => account)
  const unknown = wanted.filter(account => !known.has(account))
  // An organisation may have accounts that it had not.
  const isOther = accounts && !accounts.ids ? unknown.length === wanted.length : unknown.length > 0
  if (isOther)
    throw new CannotCollect(
      `${name} holds nothing of account ${unknown[0]}: --since takes an older snapshot of the same accounts`,
    )
  const lacking = isEveryRegion(regions) ? undefined : regions.find(region => !knownRegions.has(region))
  if (lacking !== undefined)
    throw new CannotCollect(`${name} holds nothing of ${lacking}: --since takes an older snapshot of the same Regions`)
  if (Date.parse(earlier.takenAt) >= Date.parse(takenAt))
    throw new CannotCollect(
      `${name} was taken at ${earlier.takenAt}, which is no earlier than this run: --since takes an older snapshot`,
    )
}

const sorted = (list: readonly string[]) => [...new Set(list)].sort()

/** What must be the same for a run to go on. */
function identityOf(
  { account, partition, home }: Entered,
  choice: LiveChoice,
  version: string,
  earlier: EarlierSnapshot | undefined,
): RunHead['identity'] {
  const { aggregator, fromConfig = false, accounts, regions, services } = choice
  return {
    'version of rel09': version,
    'account of the credentials': account,
    partition,
    aggregator: aggregator ? aggregator.name : null,
    'from AWS Config': fromConfig,
    accounts: accounts ? (accounts.ids ? sorted(accounts.ids) : 'organization') : 'own',
    'organisational units': sorted(accounts?.units ?? []),
    'excluded accounts': sorted(accounts?.excluded ?? []),
    role: accounts?.role ?? null,
    Regions: isEveryRegion(regions) ? 'all' : sorted(regions ?? [home]),
    services: services ? sorted(services) : 'all',
    'older snapshot (SHA-256)': earlier?.digest ?? null,
  }
}

const shown = (value: unknown) => {
  const text = Array.isArray(value) ? value.join(',') : String(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

/** How long after its start a run may go on: all that it reads is told as of its start. */
const mostHours = 24

/** What is read late would be told as of too early a time. */
function refuseOld({ takenAt }: RunHead, now: string): void {
  const hours = (Date.parse(now) - Date.parse(takenAt)) / 3_600_000
  if (hours >= 0 && hours <= mostHours) return
  throw new UnusableFolder(
    `holds a run that began at ${takenAt}, ${hours < 0 ? 'which is yet to come' : `more than ${mostHours} hours ago`}: begin anew with --restart`,
  )
}

/** A run of something else is neither gone on with nor thrown away unasked. */
function refuseOther({ identity }: RunHead, wanted: RunHead['identity']): void {
  const names = Object.keys({ ...identity, ...wanted })
  const different = names.filter(name => JSON.stringify(identity[name]) !== JSON.stringify(wanted[name]))
  if (different.length === 0) return
  const told = different.map(name => `${name}: ${shown(identity[name])}, now ${shown(wanted[name])}`).join('; ')
  throw new UnusableFolder(
    `holds a run of something else (${told}): give the options of that run to go on with it, or --restart to throw it away`,
  )
}

/** The accounts that a run was begun with. They come from a file. */
function accountsIn(notes: unknown): WantedAccount[] {
  const { accounts } = (notes ?? {}) as { accounts?: unknown }
  if (Array.isArray(accounts) && accounts.length > 0 && accounts.every(isWanted)) return accounts
  throw new UnusableFolder('is damaged: collect again with --restart')
}

function isWanted(value: unknown): value is WantedAccount {
  const { account, state } = (value ?? {}) as { account?: unknown; state?: unknown }
  if (typeof account !== 'string' || !isAccountId(account)) return false
  return state === undefined || typeof state === 'string'
}

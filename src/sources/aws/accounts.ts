/** Many accounts in one run, each by a role in it; the caller's own by the caller's credentials. */
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { isRegionCode } from '../../resources/identity.ts'
import { scopeId, scopeRecord } from '../scope.ts'
import { assumedRole } from './assumed-role.ts'
import { ClientSet } from './clients.ts'
import { type Failure, failureOf, interrupted } from './failure.ts'
import { type AccountNotes, type Collection, isRead, readAccount, type Tally } from './live.ts'
import { operation } from './operation.ts'
import { organizationActions, type WantedAccount } from './organization.ts'
import type { Parts } from './parts.ts'
import { type Account, CannotCollect, type Entered, regionsOf, type Target, Unreachable } from './reach.ts'
import { Stop } from './stop.ts'

/** How other accounts are entered. */
export interface Entry extends Target {
  /** Name of the role in each account, with its path. */
  role: string
  externalId?: string | undefined
}

/** Accounts that are read at once. */
const accountsAtOnce = 4

const assumeRole = operation('sts:AssumeRole', STSClient, AssumeRoleCommand, { cuts: ['*'] })

/** The role of an account. */
export const roleArn = (partition: string, account: string, role: string): string =>
  `arn:${partition}:iam::${account}:role/${role}`

/**
 * Reads accounts, a few at a time. One that cannot be entered, or is not active, is told by a scope that claims nothing and a gap
 * that cuts everything, and the others are read.
 */
export async function readAccounts(
  caller: Entered,
  wanted: readonly WantedAccount[],
  entry: Entry,
  collection: Collection,
  parts: Parts,
  tally: Tally,
): Promise<void> {
  const queue = wanted.values()
  const work = async () => {
    for (const one of queue) {
      try {
        await readOne(caller, one, entry, collection, parts, tally)
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error
        await tellUnreached(one.account, error, collection, parts)
      }
    }
  }
  await Promise.all(Array.from({ length: accountsAtOnce }, work))
}

/** Reads one account, as far as it was not read before. Throws {@link Unreachable}. */
export async function readOne(
  caller: Entered,
  { account, state }: WantedAccount,
  entry: Entry,
  collection: Collection,
  parts: Parts,
  tally: Tally,
): Promise<void> {
  const { services, stop = new Stop() } = collection
  const before = notesOf(parts.finished(account))
  if (before && isRead(account, before.regions, services, parts)) return
  if (state !== undefined) throw new Unreachable(organizationActions.all[0], inactive(state))
  if (stop.isAsked) throw new Unreachable(assumeRole.api, interrupted)
  const entered = account === caller.account ? caller : await enter(caller, account, entry, stop)
  try {
    const reached: Account = before
      ? { ...entered, ...before }
      : await regionsOf(entered, entry.regions, call => stop.unless(call))
    await readAccount(reached, collection, parts, tally)
  } finally {
    if (entered !== caller) entered.clients.close()
  }
}

async function enter(caller: Entered, account: string, entry: Entry, stop: Stop): Promise<Entered> {
  const { partition, home, clients } = caller
  const arn = roleArn(partition, account, entry.role)
  const assumed = assumedRole(clients, { arn, externalId: entry.externalId, region: home })
  try {
    await stop.unless(assumed)
  } catch (error) {
    throw new Unreachable(assumeRole.api, refusal(failureOf(error, assumeRole, home), arn))
  }
  // What fails later is no fault of the call that needed the credentials.
  const credentials = () =>
    assumed().catch(() => {
      throw Object.assign(new Error(), { name: 'CredentialsProviderError' })
    })
  const { maxAttempts } = entry
  return { account, partition, home, clients: new ClientSet({ maxAttempts, credentials }) }
}

function refusal(failure: Failure, arn: string): Failure {
  const { reason, remedy } = failure
  if (reason !== 'denied') return { reason, remedy: reason === 'interrupted' ? remedy : `${remedy} The role: ${arn}.` }
  return {
    reason,
    remedy: `Allow sts:AssumeRole on ${arn} to the caller, and let that role trust it (with --external-id, where it asks for one).`,
  }
}

const inactive = (state: string): Failure => ({
  reason: 'notEnabled',
  remedy: `AWS Organizations calls the account ${/^\w{1,40}$/.test(state) ? state : 'inactive'}: leave it out with --exclude-accounts.`,
})

async function tellUnreached(
  account: string,
  { api, failure }: Unreachable,
  { takenAt, version }: Collection,
  parts: Parts,
): Promise<void> {
  const identity = { source: 'aws', account, region: 'global', takenAt } as const
  const part = parts.begun(`${account} unreached`)
  if (!parts.finished(account)) part.add({ ...scopeRecord(identity), factGroups: [], tool: { name: 'rel09', version } })
  // Without a Region: it is true of every one.
  part.add({ record: 'gap', scope: scopeId(identity), account, factGroups: ['*'], types: [], api, ...failure })
  await part.end(false)
}

/** Whether what a file tells is codes of Regions. */
export const areRegions = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every(region => typeof region === 'string' && isRegionCode(region))

/** What was noted with the scopes of an account. It comes from a file. */
function notesOf(finished: { notes: unknown } | undefined): AccountNotes | undefined {
  if (!finished) return undefined
  const { regions, enabled } = (finished.notes ?? {}) as Partial<AccountNotes>
  if (areRegions(regions) && areRegions(enabled)) return { regions, enabled }
  throw new CannotCollect('what was kept of this run is damaged: collect again with --restart')
}

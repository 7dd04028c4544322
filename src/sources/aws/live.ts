/**
 * Collects a live AWS account: which account and Regions, which collectors, and what each scope may claim to have read. Bundled
 * apart from the command line with the AWS SDK, which is loaded only to collect.
 */
import { DescribeRegionsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { collectors } from '../../generated/collectors.ts'
import type { GapRecord, ScopeRecord, SnapshotRecord } from '../../model/record.ts'
import { isRegionCode } from '../../resources/identity.ts'
import { scopeRecord } from '../scope.ts'
import { type ClientOptions, ClientSet, type Clients, usualAttempts } from './clients.ts'
import type { Collector } from './collector.ts'
import { codeOf } from './failure.ts'
import type { ClientClass } from './operation.ts'
import { type PolicyDocument, policyOf } from './permissions.ts'
import { Place, type Run } from './place.ts'

export { usualAttempts }

/** What cannot be collected at all: no credentials, no Region. One line for the user. */
export class CannotCollect extends Error {}

/** Services that can be collected, by the prefix of their IAM actions. */
export const services: readonly string[] = [...new Set(Object.values(collectors).map(({ service }) => service))].sort()

/** The collectors of services; all where none are named. */
export function collectorsOf(wanted: readonly string[] | undefined): [string, Collector][] {
  return Object.entries(collectors).filter(([, { service }]) => wanted?.includes(service) ?? true)
}

/** The read-only policy of the services. */
export function permissions(wanted: readonly string[] | undefined): PolicyDocument {
  return policyOf(collectorsOf(wanted).map(([, collector]) => collector))
}

/** An account that was reached. */
export interface Account {
  account: string
  partition: string
  /** Regions to read, in order. */
  regions: string[]
  /** Regions that are enabled; those to read where that is not known. */
  enabled: string[]
  clients: Clients
}

/** Where to collect. */
export interface Target extends ClientOptions {
  /** Regions; `['all']`: those that are enabled; absent: the configuration's. */
  regions?: readonly string[] | undefined
}

async function configuredRegion(clients: Clients): Promise<string> {
  const client = clients.client(STSClient as ClientClass, undefined) as unknown as STSClient
  try {
    return await client.config.region()
  } catch {
    throw new CannotCollect('no Region is configured: name one with --regions, or set AWS_REGION')
  }
}

/** Proves the credentials and finds the Regions. Throws {@link CannotCollect}. */
export async function reach(target: Target): Promise<Account> {
  const { regions: named } = target
  const wrong = named?.find(region => region !== 'all' && !isRegionCode(region))
  if (wrong !== undefined)
    throw new CannotCollect(`${JSON.stringify(wrong)} is no Region: write --regions eu-west-1,eu-central-1, or all`)
  const clients = new ClientSet(target)
  const isAll = named?.includes('all') ?? false
  const home = named && !isAll ? named[0]! : await configuredRegion(clients)
  const { account, partition } = await identity(clients, home)
  const enabled = await enabledRegions(clients, home)
  if (isAll && !enabled)
    throw new CannotCollect('--regions all needs the IAM action ec2:DescribeRegions: allow it, or name the Regions')
  const regions = [...new Set(isAll ? enabled : (named ?? [home]))].sort()
  return { account, partition, regions, enabled: enabled ?? regions, clients }
}

async function identity(clients: Clients, region: string): Promise<{ account: string; partition: string }> {
  const client = clients.client(STSClient as ClientClass, region)
  try {
    const answer = (await client.send(new GetCallerIdentityCommand({}) as never)) as { Account?: string; Arn?: string }
    const { Account: account, Arn = '' } = answer
    if (account !== undefined && /^\d{12}$/.test(account)) return { account, partition: Arn.split(':')[1] ?? 'aws' }
  } catch (error) {
    const code = codeOf(error)
    const remedy =
      code === 'CredentialsProviderError'
        ? 'log in (aws sso login), set AWS_PROFILE, or name a profile with --profile'
        : 'renew them, or name a profile with --profile'
    throw new CannotCollect(
      `no credentials that AWS accepts (${/^\w{1,60}$/.test(code) ? code : 'no answer'}): ${remedy}`,
    )
  }
  throw new CannotCollect('AWS does not tell which account the credentials are of')
}

async function enabledRegions(clients: Clients, region: string): Promise<string[] | undefined> {
  try {
    const answer = await clients.client(EC2Client as ClientClass, region).send(new DescribeRegionsCommand({}) as never)
    const { Regions = [] } = answer as { Regions?: { RegionName?: string }[] }
    const names = Regions.flatMap(({ RegionName }) => (RegionName && isRegionCode(RegionName) ? [RegionName] : []))
    return names.length > 0 ? names.sort() : undefined
  } catch {
    return undefined
  }
}

/** What a run was asked for. */
export interface Collection {
  services?: readonly string[] | undefined
  /** ISO 8601 UTC: when it began. */
  takenAt: string
  version: string
  /** Told of every collector that has ended. */
  onProgress?: (done: number, all: number, name: string, region: string) => void
}

/** What was found out beside the records. */
export interface Outcome {
  gaps: GapRecord[]
  /** Calls by operation. */
  calls: ReadonlyMap<string, number>
  resources: number
}

/** Parts that are read at once; each opens as many calls as its services' gates allow. */
const partsAtOnce = 12

/** Fact groups that a scope of this kind read: those of which every collector ran. */
export function claimedGroups(scope: Collector['scope'], ran: readonly Collector[]): string[] {
  const groups = new Set(ran.filter(collector => collector.scope === scope).flatMap(({ fills }) => Object.keys(fills)))
  const all = Object.values(collectors)
  return [...groups]
    .filter(group =>
      all.every(other => other.scope !== scope || !Object.hasOwn(other.fills, group) || ran.includes(other)),
    )
    .sort()
}

/** Reads everything, record by record in no order, into `take`. What cannot be read is told in the gaps and never throws. */
export async function collect(
  { account, partition, regions, enabled, clients }: Account,
  { services: wanted, takenAt, version, onProgress }: Collection,
  take: (record: SnapshotRecord) => void,
): Promise<Outcome> {
  const run: Run = { takenAt, clients, gaps: new Map(), counters: { calls: new Map(), repeated: new Map() } }
  const chosen = collectorsOf(wanted)
  const ran = chosen.map(([, collector]) => collector)
  const places = regions.map(region => new Place(run, partition, account, region))
  const whole = new Place(run, partition, account, 'global', regions[0], enabled)
  const parts = chosen.flatMap(([name, collector]) =>
    (collector.scope === 'account' ? [whole] : places).map(place => ({ name, collector, place })),
  )
  for (const place of new Set(parts.map(part => part.place)))
    take(scopeOf(place, place === whole ? 'account' : 'region', ran, version))
  let resources = 0
  let done = 0
  const queue = parts.values()
  const work = async () => {
    for (const { name, collector, place } of queue) {
      try {
        for await (const record of collector.collect(place)) {
          resources++
          take(record)
        }
      } catch {
        place.note(faultOf(name, collector), {
          reason: 'truncated',
          remedy: `Collect again, and report it if it stays: the collector ${name} could not read what AWS answered.`,
        })
      }
      onProgress?.(++done, parts.length, name, place.region)
    }
  }
  await Promise.all(Array.from({ length: partsAtOnce }, work))
  const gaps = [...run.gaps.values()]
  for (const gap of gaps) take(gap)
  return { gaps, calls: run.counters.calls, resources }
}

function scopeOf(place: Place, kind: Collector['scope'], ran: readonly Collector[], version: string): ScopeRecord {
  const { account, region, run } = place
  const record = scopeRecord({ source: 'aws', account, region, takenAt: run.takenAt })
  return { ...record, factGroups: claimedGroups(kind, ran), tool: { name: 'rel09', version } }
}

const faultOf = (name: string, { fills, service }: Collector) => ({
  api: `${service}:${name}`,
  cuts: Object.keys(fills),
  types: [...new Set(Object.values(fills).flat())],
})

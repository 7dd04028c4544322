/** Whose credentials they are, and which Regions an account is read in. */
import { DescribeRegionsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { isAccountId, isRegionCode } from '../../resources/identity.ts'
import { type ClientOptions, ClientSet, type Clients } from './clients.ts'
import { codeOf, type Failure, failureOf, skewed } from './failure.ts'
import { type ClientClass, operation } from './operation.ts'

/** What cannot be collected at all: no credentials, no Region. One line for the user. */
export class CannotCollect extends Error {}

/** What one account cannot be read for, while others can. */
export class Unreachable extends Error {
  constructor(
    /** `service:Operation` that failed. */
    readonly api: string,
    readonly failure: Failure,
  ) {
    super(failure.remedy)
  }
}

/** An account whose credentials are there. */
export interface Entered {
  account: string
  partition: string
  /** The Region to ask what is not any Region's. */
  home: string
  clients: Clients
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

/** Whether every enabled Region is to be read. */
export const isEveryRegion = (named: readonly string[] | undefined): boolean => named?.includes('all') ?? false

async function configuredRegion(clients: Clients): Promise<string> {
  const client = clients.client(STSClient as ClientClass, undefined) as unknown as STSClient
  try {
    return await client.config.region()
  } catch {
    throw new CannotCollect('no Region is configured: name one with --regions, or set AWS_REGION')
  }
}

/** Proves the credentials. Throws {@link CannotCollect}. */
export async function callerOf(target: Target): Promise<Entered> {
  const { regions: named } = target
  const wrong = named?.find(region => region !== 'all' && !isRegionCode(region))
  if (wrong !== undefined)
    throw new CannotCollect(`${JSON.stringify(wrong)} is no Region: write --regions eu-west-1,eu-central-1, or all`)
  const clients = new ClientSet(target)
  const home = named && !isEveryRegion(named) ? named[0]! : await configuredRegion(clients)
  return { ...(await identity(clients, home)), home, clients }
}

async function identity(clients: Clients, region: string): Promise<{ account: string; partition: string }> {
  const client = clients.client(STSClient as ClientClass, region)
  try {
    const answer = (await client.send(new GetCallerIdentityCommand({}) as never)) as { Account?: string; Arn?: string }
    const { Account: account, Arn = '' } = answer
    if (account !== undefined && isAccountId(account)) return { account, partition: Arn.split(':')[1] ?? 'aws' }
  } catch (error) {
    const code = codeOf(error)
    throw new CannotCollect(
      `no credentials that AWS accepts (${/^\w{1,60}$/.test(code) ? code : 'no answer'}): ${credentialsRemedy(code)}`,
    )
  }
  throw new CannotCollect('AWS does not tell which account the credentials are of')
}

function credentialsRemedy(code: string): string {
  if (code === 'CredentialsProviderError')
    return 'log in (aws sso login), set AWS_PROFILE, or name a profile with --profile'
  return skewed.test(code) ? 'set the clock right' : 'renew them, or name a profile with --profile'
}

const describeRegions = operation('ec2:DescribeRegions', EC2Client, DescribeRegionsCommand, { cuts: ['*'] })

type Guard = <T>(call: () => Promise<T>) => Promise<T>

async function enabledRegions(clients: Clients, region: string, guard: Guard): Promise<string[] | Failure> {
  try {
    const client = clients.client(EC2Client as ClientClass, region)
    const answer = await guard(() => client.send(new DescribeRegionsCommand({}) as never))
    const { Regions = [] } = answer as { Regions?: { RegionName?: string }[] }
    const names = Regions.flatMap(({ RegionName }) => (RegionName && isRegionCode(RegionName) ? [RegionName] : []))
    if (names.length > 0) return names.sort()
    return { reason: 'truncated', remedy: 'Name the Regions with --regions: AWS tells none that are enabled.' }
  } catch (error) {
    return failureOf(error, describeRegions, region)
  }
}

/** The Regions of an account; `guard` makes the call. Throws {@link Unreachable} where all are wanted and AWS does not tell them. */
export async function regionsOf(
  { account, partition, home, clients }: Entered,
  named: readonly string[] | undefined,
  guard: Guard = call => call(),
): Promise<Account> {
  const told = await enabledRegions(clients, home, guard)
  const enabled = Array.isArray(told) ? told : undefined
  if (!Array.isArray(told) && isEveryRegion(named)) throw new Unreachable(describeRegions.api, told)
  const regions = [...new Set(isEveryRegion(named) ? enabled : (named ?? [home]))].sort()
  return { account, partition, regions, enabled: enabled ?? regions, clients }
}

/** Proves the credentials and finds the Regions of their own account. Throws {@link CannotCollect}. */
export async function reach(target: Target): Promise<Account> {
  const caller = await callerOf(target)
  try {
    return await regionsOf(caller, target.regions)
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error
    throw new CannotCollect('--regions all needs the IAM action ec2:DescribeRegions: allow it, or name the Regions')
  }
}

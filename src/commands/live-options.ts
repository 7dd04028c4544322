/** Options of commands that read live accounts: which, where, as whom. */
import type { Command as Commander } from 'commander'
import { isAccountId } from '../resources/identity.ts'
import type { CommandContext } from './command.ts'
import type { AccountsChoice, LiveChoice } from './live-run.ts'
import { readNamedFile } from './named-file.ts'
import { collect } from './options.ts'
import { UsageError } from './usage-error.ts'

/** What the command line says of the accounts. */
export interface LiveOptions {
  aggregator?: string
  fromConfig?: boolean
  accounts?: string[]
  ou?: string[]
  excludeAccounts?: string[]
  role?: string
  externalId?: string
  regions?: string[]
  services?: string[]
  profile?: string
  maxAttempts?: number
}

/** Their names, as the command line gives them. */
export const liveOptionNames = [
  'aggregator',
  'fromConfig',
  'accounts',
  'ou',
  'excludeAccounts',
  'role',
  'externalId',
  'regions',
  'services',
  'profile',
  'maxAttempts',
] as const satisfies readonly (keyof LiveOptions)[]

/** Name of the role where no other is given, as `deploy/` makes it. */
export const usualRole = 'rel09-reader'

const organization = 'organization'

/** An option as it is written. */
export const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`

/** Words, separated by commas or given several times. */
function words(value: string, before: string[] = []): string[] {
  const given = value
    .split(',')
    .map(word => word.trim())
    .filter(word => word !== '')
  return [...before, ...given]
}

/** A number of attempts, as an option gives it. */
export function attempts(value: string): number {
  const count = Number(value)
  if (!/^\d{1,2}$/.test(value) || count < 1) throw new UsageError(['--max-attempts takes a number from 1 to 99'])
  return count
}

/** Declares them. */
export function liveOptions(commander: Commander): void {
  commander
    .option(
      '--accounts <accounts>',
      'accounts, separated by commas; @FILE: those in a file; organization: those of AWS Organizations (default: the own one)',
      words,
    )
    .option('--ou <id>', 'with --accounts organization: only this unit and those below it (repeatable)', collect)
    .option('--exclude-accounts <ids>', 'accounts to leave out; @FILE too', words)
    .option(
      '--role <name>',
      `role to assume in each account, with its path; the own account is read by its own credentials (default: ${usualRole})`,
    )
    .option('--external-id <id>', 'what the trust policy of the role asks for')
    .option('--regions <regions>', "Regions, separated by commas, or all (default: the configuration's)", words)
    .option(
      '--aggregator <name>',
      'read one aggregator of AWS Config in place of accounts, of which no role is needed; NAME@REGION where it is in another Region',
    )
    .option(
      '--from-config',
      'read what AWS Config recorded of the own account, in each of the Regions, in place of asking every service; it proves less',
    )
    .option('--services <names>', 'read only these, by the prefix of their IAM actions: backup,rds,s3', words)
    .option('--profile <name>', 'profile of the AWS configuration (default: the usual credential chain)')
    .option('--max-attempts <number>', 'attempts of a call that AWS throttles (default: 8)', attempts)
}

/** Checks them, and reads the files they name. Throws {@link UsageError}. */
export function liveChoice(options: LiveOptions, context: CommandContext): LiveChoice {
  const { regions, services, profile, maxAttempts } = options
  const fromConfig = fromConfigChoice(options)
  const aggregator = aggregatorChoice(options)
  return { aggregator, fromConfig, accounts: accountsChoice(options, context), regions, services, profile, maxAttempts }
}

/** What has no part in reading an aggregator. */
const apartFromAggregator = ['accounts', 'ou', 'excludeAccounts', 'role', 'externalId', 'regions', 'services'] as const

function aggregatorChoice(options: LiveOptions): LiveChoice['aggregator'] {
  const { aggregator } = options
  if (aggregator === undefined) return undefined
  const other = apartFromAggregator.find(name => options[name] !== undefined)
  if (other !== undefined)
    throw new UsageError([`${flagOf(other)} does not go with --aggregator, which reads all that the aggregator has`])
  // https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationAggregator.html
  const [, name, region] = /^([\w-]{1,256})(?:@([a-z0-9-]{1,32}))?$/.exec(aggregator) ?? []
  if (name === undefined)
    throw new UsageError([`--aggregator ${aggregator}: write its name, or its name and Region: shop@eu-west-1`])
  return { name, region }
}

/** What has no part in reading what AWS Config recorded of the own account. */
const apartFromConfig = ['accounts', 'ou', 'excludeAccounts', 'role', 'externalId', 'services', 'aggregator'] as const

function fromConfigChoice(options: LiveOptions): LiveChoice['fromConfig'] {
  if (!options.fromConfig) return undefined
  const other = apartFromConfig.find(name => options[name] !== undefined)
  if (other === undefined) return true
  throw new UsageError([
    `${flagOf(other)} does not go with --from-config, which reads all that AWS Config recorded of the own account`,
  ])
}

function accountsChoice(options: LiveOptions, context: CommandContext): AccountsChoice | undefined {
  const { accounts, ou: units = [], excludeAccounts = [], role = usualRole, externalId } = options
  if (accounts === undefined) {
    const alone = (['ou', 'excludeAccounts', 'role', 'externalId'] as const).find(name => options[name] !== undefined)
    if (alone === undefined) return undefined
    throw new UsageError([
      `${flagOf(alone)} goes with --accounts: add --accounts 111122223333,444455556666 or organization`,
    ])
  }
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  if (!/^[\w+=,.@/-]{1,512}$/.test(role) || role.startsWith('/') || role.endsWith('/'))
    throw new UsageError([`--role takes the name of a role, not its ARN: --role ${usualRole}`])
  if (externalId !== undefined && !/^[\w+=,.@:/-]{2,1224}$/.test(externalId))
    throw new UsageError(['--external-id takes 2 to 1224 letters, digits and +=,.@:/-'])
  const wrongUnit = units.find(unit => !/^(?:ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}|r-[a-z0-9]{4,32})$/.test(unit))
  if (wrongUnit !== undefined) throw new UsageError([`--ou ${wrongUnit}: write a unit as ou-ab12-11111111`])
  const excluded = accountIds(excludeAccounts, '--exclude-accounts', context)
  if (accounts.length === 1 && accounts[0] === organization) return { units, excluded, role, externalId }
  if (units.length > 0) throw new UsageError(['--ou goes with --accounts organization'])
  const ids = accountIds(accounts, '--accounts', context)
  if (ids.length === 0) throw new UsageError(['--accounts names no account'])
  return { ids, units, excluded, role, externalId }
}

function accountIds(given: readonly string[], option: string, context: CommandContext): string[] {
  const ids = given.flatMap(word => (word.startsWith('@') ? idsInFile(word.slice(1), option, context) : [word]))
  const wrong = ids.find(id => !isAccountId(id))
  if (wrong !== undefined)
    throw new UsageError([`${option} ${wrong}: an account has twelve digits, e.g. 111122223333; name a file as @FILE`])
  return ids
}

/** Accounts of a file, between white space or commas; `#` begins a comment. */
function idsInFile(file: string, option: string, context: CommandContext): string[] {
  return readNamedFile(file, `the file of ${option}`, context)
    .split('\n')
    .flatMap(line => line.replace(/#.*/, '').split(/[\s,]+/))
    .filter(word => word !== '')
}

/** `rel09 collect`: a live AWS account, read into a snapshot. */
import { resolve } from 'node:path'
import { counted } from '../reporters/count-text.ts'
import { checkServices, collectInto, loadLive, told } from './collecting.ts'
import type { CommandContext, CommandDefinition } from './command.ts'
import { displayPath } from './display-path.ts'
import { exitCodes, interruptedBy } from './exit-code.ts'
import { jsonText } from './layout.ts'
import { type LiveOptions, liveChoice, liveOptions } from './live-options.ts'
import type { AccountsChoice, LiveChoice, Prospect } from './live-run.ts'
import { startProgress } from './progress.ts'
import { startRedacting } from './redacting.ts'
import { UsageError } from './usage-error.ts'

type Live = Awaited<ReturnType<typeof loadLive>>

interface CollectOptions extends LiveOptions {
  output?: string
  restart?: boolean
  dryRun?: boolean
  printIamPolicy?: boolean
  redact?: boolean
  redactKey?: string
  redactMap?: string
  since?: string
  progress: boolean
}

export const command: CommandDefinition = {
  summary: 'read live AWS accounts into a snapshot, every gap named',
  group: 'Judge',
  configure(commander) {
    commander
      .description(
        'Reads what accounts say of their data stores and their backups, by read-only calls, into a snapshot that rel09 scan ' +
          'judges. What may not be read is named in it, with the IAM action that is wanting. A run that was interrupted goes ' +
          'on where it was when the same command is run again.',
      )
      .option('--output <file>', 'the snapshot to write; a name that ends in .gz is compressed')
    liveOptions(commander)
    commander
      .option(
        '--since <file>',
        'an older snapshot of the same accounts and Regions: what it tells of jobs that have ended, and of recovery points that nobody ' +
          'can change, is not asked for again',
      )
      .option('--restart', 'throw away what an interrupted run left, and begin anew')
      .option('--dry-run', 'tell what would be called, and call nothing but who and where')
      .option('--print-iam-policy', 'print the read-only IAM policy that is needed, and call nothing')
      .option('--redact', 'write pseudonyms in place of account ids, names, ids and tag values; verdicts stay')
      .option('--redact-key <file>', 'secret of at least 16 bytes: the same one gives the same pseudonyms')
      .option('--redact-map <file>', 'write which pseudonym stands for what: for the owner alone')
      .option('--no-progress', 'show no progress on standard error')
      .addHelpText(
        'after',
        `
Examples:
  rel09 collect --output shop.ndjson.gz --regions eu-west-1,eu-central-1
  rel09 collect --output all.ndjson.gz --regions all --profile audit
  rel09 collect --output all.ndjson.gz --regions all --accounts organization --ou ou-ab12-11111111
  rel09 collect --output two.ndjson.gz --accounts 111122223333,444455556666 --role audit/rel09-reader
  rel09 collect --output all.ndjson.gz --aggregator organization@eu-west-1
  rel09 collect --output recorded.ndjson.gz --from-config --regions all
  rel09 collect --output today.ndjson.gz --since yesterday.ndjson.gz --regions all
  rel09 collect --print-iam-policy > policy.json
  rel09 scan shop.ndjson.gz

Exit codes: 0 written (its gaps, if any, are told on standard error), 2 wrong usage, no credentials, a file that cannot be
written, 130 or 143 interrupted (what was read is written; run it again to go on).`,
      )
  },
  run: (_args, options, context) => run(options as unknown as CollectOptions, context),
}

async function run(options: CollectOptions, context: CommandContext): Promise<number> {
  const choice = { ...liveChoice(options, context), since: sinceOf(options, context) }
  if (options.printIamPolicy || options.dryRun) {
    const live = await loadLive()
    checkServices(live, options.services)
    context.stdout.write(
      options.printIamPolicy
        ? jsonText(policyOf(live, choice))
        : dryRunText(live, await told(live, () => live.prospectOf(choice)), choice),
    )
    return exitCodes.clean
  }
  const { output, restart } = options
  if (output === undefined) throw new UsageError(['where to write the snapshot? Add --output shop.ndjson.gz'])
  const { redact, redactKey: key, redactMap: map } = options
  if (!redact && (key !== undefined || map !== undefined))
    throw new UsageError(['--redact-key and --redact-map say how to redact: add --redact'])
  const redacting = redact ? await startRedacting({ key, map }, context) : undefined
  const progress = startProgress(context, options.progress)
  const signal = await collectInto(choice, { output, restart, redacting }, context, progress)
  return signal === undefined ? exitCodes.clean : interruptedBy(signal)
}

/** The older snapshot. Throws {@link UsageError} where it would be written over: a run that goes on needs it again. */
function sinceOf(
  { since, output, aggregator, fromConfig }: CollectOptions,
  { cwd }: CommandContext,
): LiveChoice['since'] {
  if (since === undefined) return undefined
  if (aggregator !== undefined)
    throw new UsageError(['--since does not go with --aggregator, which is asked for all that it has'])
  if (fromConfig)
    throw new UsageError(['--since does not go with --from-config: AWS Config is asked for all that it recorded'])
  const path = resolve(cwd, since)
  if (output !== undefined && resolve(cwd, output) === path)
    throw new UsageError(['--since and --output name the same file: write to another'])
  return { path, name: displayPath(since, cwd) }
}

const partitions: readonly (readonly [RegExp, string])[] = [
  [/^cn-/, 'aws-cn'],
  [/^us-gov-/, 'aws-us-gov'],
]

/** What enters the accounts. Nothing is called: the partition is that of the Regions. */
function accessOf({ accounts, regions = [] }: LiveChoice) {
  if (!accounts) return undefined
  const partition = partitions.find(([pattern]) => regions.some(region => pattern.test(region)))?.[1] ?? 'aws'
  return { role: accounts.role, partition, organization: organizationOf(accounts) }
}

function organizationOf({ ids, units }: AccountsChoice): 'all' | 'units' | undefined {
  if (ids) return undefined
  return units.length > 0 ? 'units' : 'all'
}

function policyOf(live: Live, choice: LiveChoice) {
  if (choice.aggregator) return live.aggregatorPolicy()
  if (choice.fromConfig) return live.ownConfigPolicy(choice.regions?.includes('all') ?? false)
  return live.permissions(choice.services, accessOf(choice))
}

/** What is called of each respondent of AWS Config. */
function queriedText(title: string, operations: Live['regionOperations'], groups: number, places: number): string {
  const lines = operations.map(
    ({ api, each, paging }) =>
      `${api}${paging ? ', once a page' : ''}${each ? ` for each of ${groups} groups of types` : ''}`,
  )
  const least = operations.reduce((sum, { each }) => sum + (each ? groups : 1), 0) * places
  return `${title}\n\n${lines.join('\n')}\n\nAt least ${least} calls.\n`
}

function dryRunText(live: Live, prospect: Prospect, { aggregator, fromConfig, services }: LiveChoice): string {
  const [first] = prospect.accounts
  const { aggregatorOperations, aggregatorQueries, regionOperations, regionQueries } = live
  if (aggregator) {
    const title = `Aggregator ${aggregator.name} of account ${first?.account} in ${prospect.regions?.[0]}`
    return queriedText(title, aggregatorOperations, aggregatorQueries.length, 1)
  }
  if (fromConfig) {
    const { regions = [] } = prospect
    const title = `AWS Config of account ${first?.account}, in each of ${counted(regions.length, 'Region')}: ${regions.join(', ')}`
    return queriedText(title, regionOperations, regionQueries.length, regions.length)
  }
  const { accounts, regions } = prospect
  const active = accounts.filter(({ state }) => state === undefined)
  const names = accounts.map(({ account, state }) => (state ? `${account} (${state}, not read)` : account))
  const places = regions ? `${counted(regions.length, 'Region')}: ${regions.join(', ')}` : 'every enabled Region'
  const lines = [
    accounts.length === 1
      ? `Account ${names[0]}, ${places}`
      : `${counted(accounts.length, 'account')}: ${names.join(', ')}\n${places}`,
    '',
  ]
  let least = 0
  for (const [name, { scope, operations }] of live.collectorsOf(services)) {
    const times = active.length * (scope === 'region' ? (regions?.length ?? 1) : 1)
    lines.push(
      `${name}, ${scope === 'region' ? 'in every Region' : accounts.length === 1 ? 'once' : 'once an account'}`,
    )
    for (const { api, each, paging } of operations) {
      if (!each) least += times
      lines.push(`  ${api}${each ? `, once for each ${each}` : paging ? ', once a page' : ''}`)
    }
  }
  lines.push('', `At least ${least} calls.`)
  return `${lines.join('\n')}\n`
}

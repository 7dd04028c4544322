/** `rel09 collect`: a live AWS account, read into a snapshot. */
import { resolve } from 'node:path'
import { counted } from '../reporters/count-text.ts'
import { SortedRecords } from '../sinks/sorted-records.ts'
import type { Account, Outcome } from '../sources/aws/live.ts'
import type { CommandContext, CommandDefinition } from './command.ts'
import { jsonText } from './layout.ts'
import { unwritable, writeNamedFile } from './named-file.ts'
import { startProgress } from './progress.ts'
import { UsageError } from './usage-error.ts'

type Live = typeof import('../sources/aws/live.ts')

interface CollectOptions {
  output?: string
  regions?: string[]
  services?: string[]
  profile?: string
  maxAttempts?: number
  dryRun?: boolean
  printIamPolicy?: boolean
  progress: boolean
}

/** Words, separated by commas or given several times. */
function words(value: string, before: string[] = []): string[] {
  const given = value
    .split(',')
    .map(word => word.trim())
    .filter(word => word !== '')
  return [...before, ...given]
}

function attempts(value: string): number {
  const count = Number(value)
  if (!/^\d{1,2}$/.test(value) || count < 1) throw new UsageError([`--max-attempts takes a number from 1 to 99`])
  return count
}

export const command: CommandDefinition = {
  summary: 'read a live AWS account into a snapshot, every gap named',
  group: 'Judge',
  configure(commander) {
    commander
      .description(
        'Reads what an account says of its data stores and their backups, by read-only calls, into a snapshot that rel09 scan ' +
          'judges. What may not be read is named in it, with the IAM action that is wanting.',
      )
      .option('--output <file>', 'the snapshot to write; a name that ends in .gz is compressed')
      .option('--regions <regions>', "Regions, separated by commas, or all (default: the configuration's)", words)
      .option('--services <services>', 'read only these, by the prefix of their IAM actions: backup,rds,s3', words)
      .option('--profile <name>', 'profile of the AWS configuration (default: the usual credential chain)')
      .option('--max-attempts <number>', 'attempts of a call that AWS throttles (default: 8)', attempts)
      .option('--dry-run', 'tell what would be called, and call nothing but who and where')
      .option('--print-iam-policy', 'print the read-only IAM policy that is needed, and call nothing')
      .option('--no-progress', 'show no progress on standard error')
      .addHelpText(
        'after',
        '\nExamples:\n  rel09 collect --output shop.ndjson.gz --regions eu-west-1,eu-central-1\n  rel09 collect --output all.ndjson.gz --regions all --profile audit\n  rel09 collect --print-iam-policy > policy.json\n  rel09 scan shop.ndjson.gz\n\nExit codes: 0 written (its gaps, if any, are told on standard error), 2 wrong usage, no credentials, a file that cannot be written.',
      )
  },
  run: (_args, options, context) => run(options as unknown as CollectOptions, context),
}

async function run(options: CollectOptions, context: CommandContext): Promise<number> {
  const live = await import('../sources/aws/live.ts')
  const wrong = options.services?.find(service => !live.services.includes(service))
  if (wrong !== undefined)
    throw new UsageError([`--services does not know ${wrong}: it takes ${live.services.join(', ')}`])
  if (options.printIamPolicy) {
    context.stdout.write(jsonText(live.permissions(options.services)))
    return 0
  }
  if (options.output === undefined && !options.dryRun)
    throw new UsageError(['where to write the snapshot? Add --output shop.ndjson.gz'])
  const account = await reach(live, options)
  try {
    if (options.dryRun) context.stdout.write(dryRunText(live, account, options))
    else await write(live, account, options.output!, options, context)
    return 0
  } finally {
    account.clients.close()
  }
}

async function reach(live: Live, { regions, profile, maxAttempts = live.usualAttempts }: CollectOptions) {
  try {
    return await live.reach({ regions, profile, maxAttempts })
  } catch (error) {
    if (error instanceof live.CannotCollect) throw new UsageError([error.message])
    throw error
  }
}

async function write(
  live: Live,
  account: Account,
  output: string,
  { services, progress: wanted }: CollectOptions,
  context: CommandContext,
): Promise<void> {
  const sorted = sortingBeside(output, context)
  const progress = startProgress(context, wanted)
  try {
    const outcome = await live.collect(
      account,
      {
        services,
        takenAt: context.now,
        version: context.version,
        onProgress: (done, all, name, region) => progress.phase(`${done} of ${all} read, ${name} in ${region}`),
      },
      record => sorted.add(record),
    )
    progress.phase('writing')
    writeNamedFile(output, output.endsWith('.gz') ? sorted.zipped() : sorted.chunks(), context)
    progress.end()
    tell(outcome, account, output, context)
  } finally {
    progress.end()
    sorted.close()
  }
}

function sortingBeside(output: string, context: CommandContext): SortedRecords {
  try {
    return new SortedRecords(resolve(context.cwd, output))
  } catch (error) {
    throw unwritable(output, error, context)
  }
}

/** What was read and what was not, a line a gap. */
function tell(
  { gaps, calls, resources }: Outcome,
  { account, regions }: Account,
  output: string,
  context: CommandContext,
) {
  const made = [...calls.values()].reduce((sum, count) => sum + count, 0)
  const lines = gaps.map(({ region, api, reason, remedy }) => `gap: ${region} ${api} ${reason}: ${remedy}`).sort()
  lines.push(
    `${output}: ${counted(resources, 'resource')} of account ${account} in ${regions.join(', ')}, ${counted(made, 'call')}, ${counted(gaps.length, 'gap')}`,
  )
  for (const line of lines) context.stderr.write(`rel09: ${line}\n`)
}

function dryRunText(live: Live, { account, regions }: Account, { services }: CollectOptions): string {
  const lines = [`Account ${account}, ${counted(regions.length, 'Region')}: ${regions.join(', ')}`, '']
  let least = 0
  for (const [name, { scope, operations }] of live.collectorsOf(services)) {
    const times = scope === 'region' ? regions.length : 1
    lines.push(`${name}, ${scope === 'region' ? 'in every Region' : 'once'}`)
    for (const { api, each, paging } of operations) {
      if (!each) least += times
      lines.push(`  ${api}${each ? `, once for each ${each}` : paging ? ', once a page' : ''}`)
    }
  }
  lines.push('', `At least ${least} calls.`)
  return `${lines.join('\n')}\n`
}

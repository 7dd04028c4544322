/** `rel09 org`: reads and judges every account of an organisation, shard by shard, on this machine. */
import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import { type ObjectStore, StoreFault } from '../model/object-store.ts'
import type { OrganizationSummary } from '../model/organization.ts'
import { type Severity, severities, type Verdict } from '../model/rule.ts'
import { organizationText } from '../reporters/text-organization.ts'
import { jsonOf } from '../sources/object-content.ts'
import type { CommandContext, CommandDefinition } from './command.ts'
import { displayPath } from './display-path.ts'
import { interruptedBy } from './exit-code.ts'
import { attempts, type LiveOptions, liveChoice, usualRole } from './live-options.ts'
import { readNamedFile } from './named-file.ts'
import { openStore } from './object-store.ts'
import {
  checkRuleIds,
  checkTime,
  collect,
  collectIds,
  colourOption,
  formatOption,
  standardsOptions,
} from './options.ts'
import { runLocally } from './org/local-run.ts'
import { type Manifest, manifestText, parseManifest, shardsByAccount } from './org/manifest.ts'
import { planRun, type Run } from './org/run.ts'
import { exitCodeOfRun } from './org/run-outcome.ts'
import { startWorkers, type Workers } from './org/workers.ts'
import { loadStandards } from './pipeline.ts'
import { startProgress } from './progress.ts'
import { UsageError } from './usage-error.ts'

interface OrgOptions extends LiveOptions {
  manifest?: string
  store?: string
  snapshots?: string
  jobs?: number
  runId?: string
  policy?: string
  rules?: string[]
  rule?: string[]
  now?: string
  failOn?: Severity | 'never'
  verdicts?: 'default' | 'all'
  requireEvidence?: boolean
  anchor?: string
  format?: 'text' | 'json'
  colour?: boolean
  progress?: boolean
}

const mostJobs = 256

function jobs(value: string): number {
  const count = Number(value)
  if (!/^\d{1,3}$/.test(value) || count < 1 || count > mostJobs)
    throw new UsageError([`--jobs takes a number from 1 to ${mostJobs}`])
  return count
}

export const command: CommandDefinition = {
  summary: 'read and judge every account of an organisation, shard by shard',
  group: 'Judge',
  configure(commander) {
    commander
      .description(
        'Reads the accounts and Regions that a manifest names, or snapshots of them, and judges each account by all of them: what ' +
          'one scan of everything would find, in the memory of one account. All that is read and found is kept in a store; the same ' +
          'command goes on where it was killed. With plan, writes a manifest of accounts and Regions.',
      )
      .addArgument(
        commander
          .createArgument('[plan]', 'write a manifest to standard output, of --accounts and --regions')
          .choices(['plan']),
      )
      .option('--manifest <file>', 'a line of JSON for each shard: {"account": …, "region": …, "snapshot": …}')
      .option('--store <dir>', 'where all is kept: a folder, or s3://bucket/prefix')
      .option(
        '--snapshots <dir>',
        "where the manifest's snapshots lie: a folder, or s3://bucket/prefix (default: beside it)",
      )
      .option('--jobs <number>', 'shards that are worked on at once (default: one a core)', jobs)
      .option(
        '--run-id <id>',
        'what the run is called (default: told by what it judges; a new one where the last is complete or a day old)',
      )
    standardsOptions(commander)
    commander
      .option('--rule <id,…>', 'judge only by these rules; naming an optional rule switches it on', collectIds)
      .option('--now <time>', 'the time that ages are measured at, ISO 8601, in place of what the inputs state')
      .addOption(
        commander
          .createOption('--fail-on <severity>', 'exit 1 at findings this severe or worse')
          .choices([...severities, 'never'])
          .default('low'),
      )
      .addOption(
        commander
          .createOption('--verdicts <which>', 'what the table of findings holds: default is what fails or is not known')
          .choices(['default', 'all'])
          .default('default'),
      )
      .option('--require-evidence', 'exit 3 where evidence is missing')
      .option('--anchor <file>', 'SARIF: the file that findings point at (default: the policy)')
      .option('--external-id <id>', 'what the trust policy of the roles asks for')
      .option('--max-attempts <number>', 'attempts of a call that AWS throttles (default: 8)', attempts)
    formatOption(commander)
    commander.option('--no-progress', 'no progress on standard error')
    colourOption(commander)
    commander
      .option(
        '--accounts <accounts>',
        'plan: accounts, separated by commas; organization: those of AWS Organizations',
        words,
      )
      .option('--ou <id>', 'plan: only this unit and those below it (repeatable)', collect)
      .option('--exclude-accounts <ids>', 'plan: accounts to leave out', words)
      .option('--regions <regions>', 'plan: Regions, separated by commas', words)
      .option('--role <name>', `plan: role in each account, with its path (default: ${usualRole})`)
    commander.addHelpText(
      'after',
      `
Examples:
  rel09 org plan --accounts organization --regions eu-west-1,eu-central-1 > manifest.jsonl
  rel09 org --manifest manifest.jsonl --store runs/ --jobs 4 --policy rel09.yaml
  rel09 org --manifest manifest.jsonl --store s3://audit-backups/rel09

Exit codes (2 beats 1 beats 3):
  0  nothing at or above --fail-on
  1  findings at or above --fail-on
  2  wrong usage, a bad snapshot, or the run is not complete (the same command goes on)
  3  evidence is missing (with --require-evidence): also where a shard could not be read
  130, 143  interrupted: the same command goes on`,
    )
  },
  run: (args, options, context) => org(args, options as OrgOptions, context),
}

const words = (value: string, before: string[] = []): string[] => [
  ...before,
  ...value.split(',').flatMap(word => word.trim() || []),
]

async function org(args: string[], options: OrgOptions, context: CommandContext): Promise<number> {
  if (args.length > 1) throw new UsageError([`${args[1]}: rel09 org takes no such word`])
  if (args[0] === 'plan') return writeManifest(options, context)
  const { manifest: file, store: place } = options
  if (file === undefined || place === undefined)
    throw new UsageError(['name the manifest and the store: rel09 org --manifest manifest.jsonl --store runs/'])
  const lines = linesOf(parseManifest(readNamedFile(file, 'the manifest', context)), displayPath(file, context.cwd))
  const store = await openStore(place, context.cwd)
  try {
    const run = await plannedRun(store, lines, options, context)
    return await judged(run, lines, store, { ...options, manifest: file, store: place }, context)
  } catch (error) {
    if (error instanceof StoreFault) throw new UsageError([`${store.name}: ${error.message}`])
    throw error
  }
}

function linesOf(manifest: Manifest, name: string) {
  if ('problems' in manifest) throw new UsageError(manifest.problems.map(problem => `${name}: ${problem}`))
  return manifest.lines
}

async function plannedRun(
  store: ObjectStore,
  lines: Parameters<typeof planRun>[2],
  options: OrgOptions,
  context: CommandContext,
): Promise<Run> {
  const { policy, rules } = await loadStandards({ policy: options.policy, rules: options.rules }, context)
  checkRuleIds(options.rule ?? [], rules)
  const { ruleFilesIn } = await import('./rule-files.ts')
  const verdicts: Verdict[] = ['non-compliant', 'undetermined']
  return planRun(
    store,
    {
      plannedAt: context.now,
      clock: checkTime(options.now),
      policy,
      rules: options.rules ? ruleFilesIn(options.rules, context) : [],
      ruleIds: options.rule,
      failOn: options.failOn ?? 'low',
      verdicts: options.verdicts === 'all' ? ['compliant', ...verdicts] : verdicts,
      anchor: options.anchor === undefined ? undefined : displayPath(options.anchor, context.cwd),
    },
    lines,
    context.version,
    options.runId,
  )
}

async function judged(
  run: Run,
  lines: Parameters<typeof planRun>[2],
  store: ObjectStore,
  options: OrgOptions & { manifest: string; store: string },
  context: CommandContext,
): Promise<number> {
  const { runId, failOn } = run.head
  const inputs = options.snapshots ?? dirname(options.manifest)
  const { externalId, maxAttempts } = options
  const { cwd, version } = context
  const setup = { runId, store: options.store, inputs, externalId, maxAttempts, cwd, version }
  const jobs = options.jobs ?? availableParallelism()
  const workers = await startWorkers(setup, jobs, context)
  const progress = startProgress(context, options.progress !== false)
  let signal: number | undefined
  const forget = context.process?.onInterrupt(number => {
    signal = number
    void workers.stop()
  })
  try {
    await runLocally(lines, [...shardsByAccount(lines).keys()], { workers, jobs, progress })
  } catch (error) {
    if (signal === undefined) throw error
    progress.end()
    context.stderr.write(`rel09: interrupted: the same command goes on with the run ${runId}\n`)
    return interruptedBy(signal)
  } finally {
    progress.end()
    forget?.()
    await quietly(workers)
  }
  const summary = await jsonOf<OrganizationSummary>(store, run.keys.report('summary.json'))
  if (!summary) throw new StoreFault('the summary is gone')
  show(summary, run, store, options, context)
  return exitCodeOfRun(summary, failOn, options.requireEvidence === true)
}

/** Workers that were stopped before cannot be stopped again. */
const quietly = (workers: Workers) => workers.stop().catch(() => {})

function show(
  summary: OrganizationSummary,
  run: Run,
  store: ObjectStore,
  { format, colour }: OrgOptions,
  context: CommandContext,
): void {
  if (format === 'json') {
    context.stdout.write(`${JSON.stringify(summary, undefined, 2)}\n`)
    return
  }
  const width = Math.max(60, Math.min(200, context.stdout.columns ?? 100))
  for (const text of organizationText(summary, { colour: colour !== false && context.colour, width }))
    context.stdout.write(text)
  const at = (key: string) => `${store.name.replace(/\/$/, '')}/${key}`
  const { keys } = run
  context.stdout.write(
    `\nSummary   ${at(keys.report('summary.json'))}\nAccounts  ${at(keys.report('accounts.ndjson'))}\n` +
      `SARIF     ${at(keys.report('sarif/'))}\nFindings  ${at(keys.findingsRoot)}\nTable     ${at(keys.report('findings-table.sql'))}\n`,
  )
}

/** `rel09 org plan`: a manifest of accounts and Regions. */
async function writeManifest(options: OrgOptions, context: CommandContext): Promise<number> {
  const { accounts, regions, ou, excludeAccounts, role, externalId } = options
  if (!accounts || !regions || regions.includes('all'))
    throw new UsageError(['plan takes accounts and Regions: --accounts organization --regions eu-west-1,eu-central-1'])
  const choice = liveChoice({ accounts, regions, ou, excludeAccounts, role, externalId }, context)
  const { CannotCollect, prospectOf } = await import('./live-run.ts')
  try {
    // Given by their ids they need not be asked for.
    const ids = choice.accounts?.ids?.filter(id => !choice.accounts?.excluded.includes(id))
    const found =
      ids ?? (await prospectOf(choice)).accounts.filter(({ state }) => state === undefined).map(one => one.account)
    const rows = found.flatMap(account =>
      regions.map(region => JSON.stringify({ account, region, role: role ?? usualRole })),
    )
    context.stdout.write(manifestText(linesOf(parseManifest(rows.join('\n')), 'plan')))
    return 0
  } catch (error) {
    if (error instanceof CannotCollect) throw new UsageError([error.message])
    throw error
  }
}

/** `rel09 scan`: judges inputs and writes reports. */
import { resolve } from 'node:path'
import { reporters } from '../generated/reporters.ts'
import type { Report } from '../model/report.ts'
import type { Severity, Verdict } from '../model/rule.ts'
import { severities } from '../model/rule.ts'
import type { Reporter } from '../reporters/reporter.ts'
import { visible } from '../reporters/visible-text.ts'
import { readBaseline, writeBaseline } from './baseline.ts'
import type { CommandContext, CommandDefinition } from './command.ts'
import { displayPath } from './display-path.ts'
import { exitCodeOf, interruptedBy } from './exit-code.ts'
import { flagOf, type LiveOptions, liveOptionNames, liveOptions } from './live-options.ts'
import { writeNamedFile } from './named-file.ts'
import { checkRuleIds, checkTime, choiceOption, collectIds, colourOption, judgingOptions } from './options.ts'
import { type JudgingOptions, loadStandards, problemLine } from './pipeline.ts'
import { type Progress, startProgress } from './progress.ts'
import { type Scanned, scanInputs } from './scan-inputs.ts'
import { UsageError } from './usage-error.ts'

/** One `--format` or `--output`. */
interface OutputRequest {
  format?: string
  file?: string
}

interface ScanOptions extends JudgingOptions, LiveOptions {
  live?: boolean
  keepSnapshot?: string
  restart?: boolean
  rule?: string[]
  /** What `--format` and `--output` asked for, in the order of the command line; both hold the same list. */
  format?: OutputRequest[]
  output?: OutputRequest[]
  verdicts?: string
  failOn?: Severity | 'never'
  requireEvidence?: boolean
  baseline?: string
  writeBaseline?: string
  anchor?: string
  colour?: boolean
  progress?: boolean
}

const formats = Object.keys(reporters).sort()
const verdictNames: readonly Verdict[] = ['compliant', 'non-compliant', 'not-applicable', 'undetermined']

export const command: CommandDefinition = {
  summary: 'judge inputs: could we get it back?',
  group: 'Judge',
  configure(commander) {
    commander
      .description(
        'Judges data stores and what backs them up against REL09. The kind of an input is told by its content: a rel09 snapshot ' +
          '(NDJSON), AWS Config snapshot and history files, a single configuration item, an AWS Config rule event, a saved ' +
          'select-resource-config result, a CloudFormation template (YAML or JSON), what cdk synth wrote; gzip or not; or a ' +
          'directory of any of these. With --live, AWS itself: what rel09 collect reads, judged at once.',
      )
      .argument('[input...]', 'files or directories; - for standard input')
    judgingOptions(commander)
    const requests: OutputRequest[] = []
    commander
      .option('--rule <id,…>', 'judge only by these rules; naming an optional rule switches it on', collectIds)
      .addOption(
        choiceOption(commander, '--format <format>', 'output format (repeatable; default text)', formats, format => {
          requests.push({ format })
          return requests
        }),
      )
      .option('--output <file>', 'where the format before it goes (default: standard output)', file => {
        requests.push({ file })
        return requests
      })
      .option('--verdicts <list>', `verdicts to show: all, or any of ${verdictNames.join(', ')}`)
      .addOption(
        commander
          .createOption('--fail-on <severity>', 'exit 1 at findings this severe or worse')
          .choices([...severities, 'never'])
          .default('low'),
      )
      .option('--require-evidence', 'exit 3 where evidence is missing')
      .option('--baseline <file>', 'findings of an earlier --write-baseline that are not new')
      .option('--write-baseline <file>', 'write the open findings of this run as a baseline')
      .option('--anchor <file>', 'SARIF: the file that findings without a line point at (default: the policy)')
      .option('--no-progress', 'no progress on standard error')
    colourOption(commander)
    commander
      .option('--live', 'read AWS in place of files, as rel09 collect does; what follows goes with it')
      .option('--keep-snapshot <file>', 'write what was read, too, and go on with it after an interruption')
      .option('--restart', 'throw away what an interrupted run left, and begin anew')
    liveOptions(commander)
    commander.addHelpText(
      'after',
      `
Examples:
  rel09 scan fixtures/bookshop
  rel09 scan snapshot.ndjson.gz --policy rel09.yaml --format text --format sarif --output rel09.sarif
  rel09 scan config/ --fail-on high --baseline rel09-baseline.json
  aws configservice select-resource-config … | rel09 scan - --rule s3-versioning
  rel09 scan template.yaml --account 111122223333 --region eu-west-1 --parameters prod.json
  rel09 scan --live --regions all --profile audit --keep-snapshot shop.ndjson.gz
  rel09 scan --live --accounts organization --format sarif --output rel09.sarif --anchor backup/main.tf

Exit codes (2 beats 1 beats 3):
  0  nothing at or above --fail-on
  1  findings at or above --fail-on
  2  wrong usage, unreadable input (the rest is judged and written), invalid rule or policy
  3  evidence is missing (with --require-evidence)
  130, 143  interrupted while AWS was read (--live): nothing is judged`,
    )
  },
  run: (args, options, context) => scan(args, options as ScanOptions, context),
}

async function scan(inputs: string[], options: ScanOptions, context: CommandContext): Promise<number> {
  const outputs = await pairOutputs(options.format ?? options.output ?? [])
  const verdicts = checkVerdicts(options.verdicts)
  const failOn = options.failOn ?? 'low'
  const now = checkTime(options.now)
  checkInputs(inputs, options)
  refuseOverwriting(outputs, inputs, options, context)
  const standards = await loadStandards(options, context)
  checkRuleIds(options.rule ?? [], standards.rules)
  const baseline = options.baseline === undefined ? undefined : readBaseline(options.baseline, context)
  const progress = startProgress(context, options.progress !== false)
  const live = options.live ? await (await import('./live-input.ts')).liveInput(options, context, progress) : undefined
  if (live?.signal !== undefined) return interruptedBy(live.signal)
  try {
    const scanned = await scanInputs(
      live ? [live.file] : inputs,
      standards,
      { ...options, now, ruleIds: options.rule, failOn, isPassing: live?.isPassing },
      context,
      progress.bytes,
    )
    return writeAll(scanned, baseline, outputs, verdicts, { ...options, failOn }, context, progress)
  } finally {
    live?.remove()
  }
}

/** Judges what was read, and writes what was asked for. */
function writeAll(
  scanned: Scanned,
  baseline: ReadonlySet<string> | undefined,
  outputs: Output[],
  verdicts: ReadonlySet<Verdict> | undefined,
  options: ScanOptions & { failOn: Severity | 'never' },
  context: CommandContext,
  progress: Progress,
): number {
  progress.phase('judging')
  const report = scanned.report(baseline)
  progress.phase('writing')
  try {
    writeReports(report, outputs, verdicts, options, context, progress.end)
    if (options.writeBaseline !== undefined) writeBaseline(report, options.writeBaseline, context)
  } finally {
    progress.end()
    for (const problem of scanned.problems) context.stderr.write(`rel09: ${visible(problemLine(problem))}\n`)
  }
  return exitCodeOf(report, {
    failOn: options.failOn,
    unreadable: scanned.problems.length > 0,
    requireEvidence: options.requireEvidence === true,
  })
}

/** AWS is read in place of files, never beside them: two captures of one place would contradict each other. */
function checkInputs(inputs: readonly string[], options: ScanOptions): void {
  if (options.live) {
    if (inputs.length > 0)
      throw new UsageError(['--live reads AWS in place of files: name no input, or judge it by a snapshot with --with'])
    return
  }
  const names = ['keepSnapshot', 'restart', ...liveOptionNames] as const
  const stray = names.find(name => options[name] !== undefined)
  if (stray !== undefined) throw new UsageError([`${flagOf(stray)} goes with --live`])
  if (inputs.length === 0)
    throw new UsageError([
      'name at least one input, e.g. rel09 scan snapshot.ndjson, or read AWS with --live (see rel09 scan --help)',
    ])
}

interface Output {
  reporter: Reporter
  file: string | undefined
}

/**
 * `--format` and `--output` come as pairs: an output takes the format before it. One of each belongs together in either
 * order, and an output alone takes text. At most one format goes to standard output.
 */
async function pairOutputs(requests: readonly OutputRequest[]): Promise<Output[]> {
  const pairs: { format: string; file?: string }[] = []
  const isOnePair = requests.length === 2 && requests.some(({ format }) => format) && requests.some(({ file }) => file)
  if (isOnePair || requests.length <= 1) pairs.push(Object.assign({ format: 'text' }, ...requests))
  else {
    for (const { format, file } of requests) {
      const last = pairs.at(-1)
      if (format !== undefined) pairs.push({ format })
      else if (last && last.file === undefined) last.file = file
      else throw new UsageError([`--output ${file}: put the --format that goes there before it`])
    }
  }
  if (pairs.filter(({ file }) => file === undefined).length > 1)
    throw new UsageError(['only one format can go to standard output: give the others an --output after them'])
  return Promise.all(pairs.map(async ({ format, file }) => ({ reporter: await reporters[format]!(), file })))
}

/** A slip must cost neither the evidence that is judged nor a report that was just written. */
function refuseOverwriting(outputs: Output[], inputs: string[], options: ScanOptions, context: CommandContext): void {
  const taken = new Map<string, string>()
  for (const input of [...inputs, options.policy])
    if (input && input !== '-') taken.set(resolve(context.cwd, input), 'input')
  for (const file of [...outputs.map(output => output.file), options.writeBaseline, options.keepSnapshot]) {
    if (file === undefined) continue
    const path = resolve(context.cwd, file)
    const what = taken.get(path)
    const name = displayPath(file, context.cwd)
    if (what === 'input') throw new UsageError([`${name}: is read by this scan: write to another file`])
    if (what === 'output' && !path.startsWith('/dev/'))
      throw new UsageError([`${name}: is written twice: give each format a file of its own`])
    taken.set(path, 'output')
  }
}

function checkVerdicts(text: string | undefined): ReadonlySet<Verdict> | undefined {
  if (text === undefined) return undefined
  if (text === 'all') return new Set(verdictNames)
  const names = text.split(',').map(name => name.trim())
  const bad = names.find(name => !(verdictNames as readonly string[]).includes(name))
  if (bad !== undefined) throw new UsageError([`--verdicts ${bad}: write all, or any of ${verdictNames.join(', ')}`])
  return new Set(names as Verdict[])
}

function writeReports(
  report: Report,
  outputs: Output[],
  verdicts: ReadonlySet<Verdict> | undefined,
  options: ScanOptions,
  context: CommandContext,
  clear: () => void,
): void {
  for (const { reporter, file } of outputs) {
    const toTerminal = file === undefined
    const chunks = reporter.render(report, {
      verdicts: verdicts ?? new Set(reporter.defaultVerdicts),
      colour: toTerminal && options.colour !== false && context.colour,
      width: Math.max(40, Math.min(200, context.stdout.columns ?? 100)),
      anchor: options.anchor === undefined ? report.policyFile : displayPath(options.anchor, context.cwd),
    })
    if (file === undefined) {
      clear()
      writeChunks(context, chunks)
    } else {
      writeNamedFile(file, chunks, context)
    }
  }
}

function writeChunks(context: CommandContext, chunks: Iterable<string>): void {
  let pending: string[] = []
  let length = 0
  for (const chunk of chunks) {
    pending.push(chunk)
    length += chunk.length
    if (length < 65_536) continue
    context.stdout.write(pending.join(''))
    pending = []
    length = 0
  }
  if (length > 0) context.stdout.write(pending.join(''))
}

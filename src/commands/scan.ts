/** `rel09 scan`: judges inputs and writes reports. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { reporters } from '../generated/reporters.ts'
import { judge } from '../engine/judge.ts'
import type { Report } from '../model/report.ts'
import type { Severity, Verdict } from '../model/rule.ts'
import { severities } from '../model/rule.ts'
import { PolicyExemptions } from '../policy/exemptions.ts'
import type { Reporter } from '../reporters/reporter.ts'
import { version } from '../version.ts'
import type { CommandContext, CommandDefinition } from './command.ts'
import { displayPath } from './display-path.ts'
import { type JudgingOptions, joinInputs, loadStandards, problemLine } from './pipeline.ts'
import { startProgress } from './progress.ts'
import { UsageError } from './usage-error.ts'

interface ScanOptions extends JudgingOptions {
  rule?: string[]
  format?: string[]
  output?: string[]
  verdicts?: string
  failOn?: string
  requireEvidence?: boolean
  baseline?: string
  writeBaseline?: string
  anchor?: string
  colour?: boolean
  progress?: boolean
}

const formats = Object.keys(reporters).sort()
const verdictNames: readonly Verdict[] = ['compliant', 'non-compliant', 'not-applicable', 'undetermined']

/** Exit codes of a scan (DESIGN §6). */
export const exitCodes = { clean: 0, findings: 1, unusable: 2, evidenceMissing: 3 } as const

export const command: CommandDefinition = {
  summary: 'judge inputs: could we get it back?',
  configure(commander) {
    const collect = (value: string, list: string[] = []) => [...list, value]
    commander
      .description(
        'Judges data stores and what backs them up against REL09. The kind of an input is told by its content:\n' +
          'a rel09 snapshot (NDJSON), AWS Config snapshot and history files, a single configuration item, an AWS\n' +
          'Config rule event, a saved select-resource-config result; gzip or not; or a directory of any of these.',
      )
      .argument('[input...]', 'files or directories; - for standard input')
      .option('--policy <file>', 'policy: tiers, objectives, exemptions (default: rel09.yaml here, else built in)')
      .option('--rules <dir>', 'rules of your own, beside the built-in ones (repeatable)', collect)
      .option('--rule <id,…>', 'judge only by these rules; naming an optional rule switches it on', (value, list: string[] = []) => [...list, ...value.split(',')])
      .option('--now <ISO>', 'the time that ages are measured at, in place of what the inputs state')
      .option('--closed-world', 'what the inputs declare is all there is')
      .option('--format <name>', `output format: ${formats.join(', ')} (repeatable; default text)`, collect)
      .option('--output <file>', 'where the format before it goes (default: standard output; repeatable)', collect)
      .option('--verdicts <list>', `verdicts to show: all, or any of ${verdictNames.join(', ')}`)
      .option('--fail-on <severity>', `exit 1 at findings this severe or worse: ${severities.join(', ')}, never`, 'low')
      .option('--require-evidence', 'exit 3 where evidence is missing')
      .option('--baseline <file>', 'findings of an earlier --write-baseline that are not new')
      .option('--write-baseline <file>', 'write the open findings of this run as a baseline')
      .option('--anchor <file>', 'SARIF: the file that findings without a line point at (default: the policy)')
      .option('--no-colour', 'no colours (also: NO_COLOR)')
      .option('--no-progress', 'no progress on standard error')
      .addHelpText('after', '\nExamples:\n  rel09 scan fixtures/bookshop\n  rel09 scan snapshot.ndjson.gz --policy rel09.yaml --format sarif --output rel09.sarif\n  rel09 scan config/ --fail-on high --baseline rel09-baseline.json\n\nExit codes: 0 nothing at or above --fail-on, 1 findings, 2 wrong usage or unreadable input, 3 evidence missing (--require-evidence).')
  },
  run: (args, options, context) => scan(args, options as ScanOptions, context),
}

async function scan(inputs: string[], options: ScanOptions, context: CommandContext): Promise<number> {
  const outputs = await pairOutputs(options)
  const failOn = checkSeverity(options.failOn ?? 'low')
  const now = checkTime(options.now)
  if (inputs.length === 0) throw new UsageError(['name at least one input, e.g. rel09 scan snapshot.ndjson (see rel09 scan --help)'])
  const standards = await loadStandards(options, context)
  const unknown = (options.rule ?? []).filter(id => !standards.rules.some(rule => rule.id === id || rule.aliases?.includes(id)))
  if (unknown.length > 0) {
    const { suggestion } = await import('../rules/problem.ts')
    throw new UsageError(unknown.map(id => `there is no rule ${id}${suggestion(id, standards.rules.map(rule => rule.id))} (list them with rel09 rules)`))
  }
  const progress = startProgress(context, options.progress !== false)
  const { inventory, problems } = await joinInputs(inputs, standards, { ...options, now }, context, progress.bytes)
  progress.phase('judging')
  const report = judge(inventory, standards.rules, standards.policy, {
    now: now ?? context.now,
    ruleIds: options.rule,
    failOn,
    baseline: options.baseline === undefined ? undefined : readBaseline(options.baseline, context),
    exemptions: new PolicyExemptions(standards.policy, standards.rules, now ?? context.now),
    version,
    rulesDigest: standards.rulesDigest,
  })
  progress.phase('writing')
  await writeReports(report, outputs, options, context, progress.end)
  progress.end()
  if (options.writeBaseline !== undefined) await writeBaseline(report, options.writeBaseline, context)
  for (const problem of problems) context.stderr.write(`rel09: ${problemLine(problem)}\n`)
  return exitCode(report, failOn, problems.length > 0, options.requireEvidence === true)
}

interface Output {
  format: string
  reporter: Reporter
  file: string | undefined
}

/** `--format` and `--output` come as pairs; a format without an output goes to standard output, once. */
async function pairOutputs(options: ScanOptions): Promise<Output[]> {
  const names = options.format ?? ['text']
  const files = options.output ?? []
  if (files.length > names.length) throw new UsageError([`there are ${files.length} --output but ${names.length} --format: give one format for each`])
  const outputs: Output[] = []
  for (const [i, format] of names.entries()) {
    if (!Object.hasOwn(reporters, format)) throw new UsageError([`there is no format ${format}: use ${formats.join(', ')}`])
    outputs.push({ format, reporter: await reporters[format]!(), file: files[i] })
  }
  if (outputs.filter(output => output.file === undefined).length > 1) throw new UsageError(['only one format can go to standard output: give the others an --output'])
  return outputs
}

function checkSeverity(text: string): Severity | 'never' {
  if (text === 'never' || (severities as readonly string[]).includes(text)) return text as Severity | 'never'
  throw new UsageError([`--fail-on ${text}: write one of ${severities.join(', ')}, never`])
}

function checkTime(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  if (!/^\d{4}-\d\d-\d\d(T|$)/.test(text) || Number.isNaN(Date.parse(text))) throw new UsageError([`--now ${text}: write a time as 2026-01-31T12:00:00Z`])
  return new Date(Date.parse(text)).toISOString()
}

function verdictsOf(text: string | undefined, reporter: Reporter): ReadonlySet<Verdict> {
  if (text === undefined) return new Set(reporter.defaultVerdicts)
  if (text === 'all') return new Set(verdictNames)
  const names = text.split(',').map(name => name.trim())
  const bad = names.find(name => !(verdictNames as readonly string[]).includes(name))
  if (bad !== undefined) throw new UsageError([`--verdicts ${bad}: write all, or any of ${verdictNames.join(', ')}`])
  return new Set(names as Verdict[])
}

async function writeReports(report: Report, outputs: Output[], options: ScanOptions, context: CommandContext, clear: () => void): Promise<void> {
  for (const { reporter, file } of outputs) {
    const toTerminal = file === undefined
    const chunks = reporter.render(report, {
      verdicts: verdictsOf(options.verdicts, reporter),
      colour: toTerminal && options.colour !== false && context.colour,
      width: Math.max(40, Math.min(200, context.stdout.columns ?? 100)),
      anchor: options.anchor === undefined ? report.policyFile : displayPath(options.anchor, context.cwd),
    })
    if (file === undefined) {
      clear()
      writeChunks(context, chunks)
    } else {
      const { writeFileChunks } = await import('../sinks/files.ts')
      try {
        writeFileChunks(resolve(context.cwd, file), chunks)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === undefined) throw error
        throw new UsageError([`${displayPath(file, context.cwd)}: cannot be written: ${(error as NodeJS.ErrnoException).code}`])
      }
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

function readBaseline(file: string, context: CommandContext): ReadonlySet<string> {
  let text: string
  try {
    text = readFileSync(resolve(context.cwd, file), 'utf8')
  } catch (error) {
    throw new UsageError([`${displayPath(file, context.cwd)}: the baseline cannot be read: ${(error as NodeJS.ErrnoException).code}`])
  }
  try {
    const { version: format, fingerprints } = JSON.parse(text) as { version: unknown; fingerprints: unknown }
    if (format === 1 && Array.isArray(fingerprints)) return new Set(fingerprints.filter((entry): entry is string => typeof entry === 'string'))
  } catch {
    // Told below, like any other file that is no baseline.
  }
  throw new UsageError([`${displayPath(file, context.cwd)}: this is no baseline: write one with --write-baseline`])
}

async function writeBaseline(report: Report, file: string, context: CommandContext): Promise<void> {
  const { writeFileChunks } = await import('../sinks/files.ts')
  const fingerprints = new Set<string>()
  for (const finding of report.findings(new Set(['non-compliant']))) if (finding.state !== 'exempted') fingerprints.add(finding.fingerprint)
  writeFileChunks(resolve(context.cwd, file), [`${JSON.stringify({ version: 1, tool: 'rel09', fingerprints: [...fingerprints].sort() }, null, 2)}\n`])
}

function exitCode(report: Report, failOn: Severity | 'never', unreadable: boolean, requireEvidence: boolean): number {
  if (unreadable) return exitCodes.unusable
  const { open, verdicts } = report.summary
  const limit = failOn === 'never' ? -1 : severities.indexOf(failOn)
  if (severities.some((severity, i) => i <= limit && open[severity] > 0)) return exitCodes.findings
  return requireEvidence && (verdicts.undetermined > 0 || report.gaps.length > 0) ? exitCodes.evidenceMissing : exitCodes.clean
}

/** `rel09 diff OLD NEW`: what became of an estate between two captures or reports. */
import { resolve } from 'node:path'
import type { Comparison } from '../model/comparison.ts'
import { comparisonJson } from '../reporters/json-comparison.ts'
import { comparisonMarkdown } from '../reporters/markdown-comparison.ts'
import { comparisonText } from '../reporters/text-comparison.ts'
import type { CommandContext, CommandDefinition } from './command.ts'
import { readSide } from './diff-side.ts'
import { exitCodes } from './exit-code.ts'
import { columnsOf } from './layout.ts'
import { writeNamedFile } from './named-file.ts'
import { checkRuleIds, checkTime, collectIds, colourOption, judgingOptions } from './options.ts'
import { type JudgingOptions, loadStandards, type Standards } from './pipeline.ts'
import { startProgress } from './progress.ts'
import { UsageError } from './usage-error.ts'

interface DiffOptions extends JudgingOptions {
  rule?: string[]
  format: 'text' | 'json' | 'markdown'
  output?: string
  failOn: 'worse' | 'never'
  requireEvidence?: boolean
  colour?: boolean
  progress?: boolean
}

export const command: CommandDefinition = {
  summary: 'two snapshots or reports: what got worse, better, came, went or became unknown',
  group: 'Judge',
  configure(commander) {
    commander
      .description(
        'Compares an older state of an estate with a newer one. Each is anything that rel09 scan reads, judged here by the same ' +
          'policy and rules, at the time that it was taken; or a JSON report that rel09 scan wrote (--format json --verdicts all). ' +
          'A resource is told to be gone only where the newer side would have shown it.',
      )
      .argument('<old>', 'the older snapshot, folder or report')
      .argument('<new>', 'the newer one')
    judgingOptions(commander)
    commander
      .option('--rule <id,…>', 'compare only these rules; naming an optional rule switches it on', collectIds)
      .addOption(
        commander
          .createOption('--format <format>', 'output format')
          .choices(['text', 'json', 'markdown'])
          .default('text'),
      )
      .option('--output <file>', 'where to write it (default: standard output)')
      .addOption(
        commander
          .createOption('--fail-on <change>', 'exit 1 where something is worse: a failure that is new or more severe')
          .choices(['worse', 'never'])
          .default('worse'),
      )
      .option('--require-evidence', 'exit 3 where something became unknown or is no longer seen')
      .option('--no-progress', 'no progress on standard error')
    colourOption(commander)
    commander.addHelpText(
      'after',
      `
Examples:
  rel09 diff monday.ndjson.gz tuesday.ndjson.gz --policy rel09.yaml
  rel09 diff report-q1.json report-q2.json --format markdown --output changes.md
  rel09 diff last-week.json today.ndjson.gz --fail-on never

Exit codes (2 beats 1 beats 3):
  0  nothing is worse
  1  open failures that are new or more severe, of resources that are new too
  2  wrong usage, unreadable input (the rest is compared), invalid rule or policy
  3  something became unknown or is no longer seen (with --require-evidence)`,
    )
  },
  run: (args, options, context) => diff(args, options as unknown as DiffOptions, context),
}

async function diff([old = '', present = '']: string[], options: DiffOptions, context: CommandContext) {
  const now = checkTime(options.now)
  if (old === '-' && present === '-') throw new UsageError(['only one side can be standard input'])
  refuseOverwriting([old, present, options.policy], options.output, context)
  let loaded: Promise<Standards> | undefined
  const standards = () => (loaded ??= loadStandards(options, context))
  // Reports alone need no rules, and a wrong id would make them seem alike.
  if (options.rule) checkRuleIds(options.rule, (await standards()).rules)
  const progress = startProgress(context, options.progress !== false)
  const sideOptions = {
    standards,
    judging: { ...options, now, ruleIds: options.rule },
    onProgress: progress.bytes,
  }
  try {
    const before = await readSide(old, undefined, sideOptions, context)
    const after = await readSide(present, before, sideOptions, context)
    progress.phase('comparing')
    const { compare } = await import('../engine/comparison.ts')
    const comparison = compare(before, after, context.version)
    const titles = await titlesOf(options.rules ? await standards() : undefined)
    progress.end()
    write(comparison, titles, options, context)
    return exitCodeOf(comparison, options, before.facts.isUnreadable || after.facts.isUnreadable)
  } finally {
    progress.end()
  }
}

async function titlesOf(standards: Standards | undefined): Promise<ReadonlyMap<string, string>> {
  const { builtInRules } = await import('../rules/built-in.ts')
  return new Map((standards?.rules ?? builtInRules).map(({ id, title }) => [id, title]))
}

function write(
  comparison: Comparison,
  titles: ReadonlyMap<string, string>,
  { format, output, colour }: DiffOptions,
  context: CommandContext,
): void {
  const style = {
    colour: output === undefined && colour !== false && context.colour,
    width: columnsOf(context),
    titleOf: (rule: string) => titles.get(rule),
  }
  const chunks =
    format === 'json'
      ? comparisonJson(comparison)
      : format === 'markdown'
        ? comparisonMarkdown(comparison)
        : comparisonText(comparison, style)
  if (output !== undefined) writeNamedFile(output, chunks, context)
  else for (const chunk of chunks) context.stdout.write(chunk)
}

function refuseOverwriting(inputs: (string | undefined)[], output: string | undefined, { cwd }: CommandContext): void {
  if (output === undefined) return
  if (inputs.some(input => input && input !== '-' && resolve(cwd, input) === resolve(cwd, output)))
    throw new UsageError([`--output ${output}: is read by this comparison: write to another file`])
}

function exitCodeOf({ summary }: Comparison, options: DiffOptions, isUnreadable: boolean): number {
  if (isUnreadable) return exitCodes.unusable
  if (options.failOn !== 'never' && summary.newFailures > 0) return exitCodes.findings
  const isLost = summary.findings.becameUnknown > 0 || summary.resources.noLongerSeen > 0
  return options.requireEvidence && isLost ? exitCodes.evidenceMissing : exitCodes.clean
}

/** `rel09 rules`: every rule by best practice, with what the policy makes of it. */
import type { ChalkInstance } from 'chalk'
import { bestPractices } from '../reporters/best-practices.ts'
import { counted } from '../reporters/count-text.ts'
import type { CommandContext, CommandDefinition } from './command.ts'
import { columnsOf, jsonText, painterFor, paintSeverity, visibleValue, wrap } from './layout.ts'
import {
  choiceOption,
  collect,
  colourOption,
  formatOption,
  type StandardsOptions,
  standardsOptions,
} from './options.ts'
import { loadStandards } from './pipeline.ts'
import { type RuleStanding, standingOf } from './rule-standing.ts'

interface RulesOptions extends StandardsOptions {
  bestPractice?: string[]
  format?: 'text' | 'json'
  colour?: boolean
}

export const command: CommandDefinition = {
  summary: 'list the rules, and what the policy makes of them',
  group: 'Understand',
  configure(commander) {
    commander.description(
      'Lists every rule by best practice, with its severity and what it judges, as the policy has it.',
    )
    standardsOptions(commander)
    const practices = bestPractices.map(({ id }) => id)
    commander.addOption(
      choiceOption(commander, '--best-practice <practice>', 'only this best practice (repeatable)', practices, collect),
    )
    formatOption(commander)
    colourOption(commander)
    commander.addHelpText(
      'after',
      '\nExamples:\n  rel09 rules --best-practice REL09-BP02\n  rel09 rules --policy rel09.yaml --rules our-rules\n  rel09 explain vault-lock                  everything about one of them\n\nExit codes: 0 listed, 2 wrong usage, invalid rule or policy.',
    )
  },
  run: (_args, options, context) => list(options as RulesOptions, context),
}

async function list(options: RulesOptions, context: CommandContext): Promise<number> {
  const { rules, policy } = await loadStandards(options, context)
  const shown = rules
    .filter(rule => options.bestPractice?.includes(rule.bestPractice) ?? true)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(rule => standingOf(rule, policy))
  const text =
    options.format === 'json'
      ? jsonText(shown.map(asJson))
      : asText(visibleValue(shown), context, painterFor(context, options.colour))
  context.stdout.write(text)
  return 0
}

const asJson = ({ rule, severity, enabled }: RuleStanding) => ({
  id: rule.id,
  title: rule.title,
  bestPractice: rule.bestPractice,
  severity,
  baseSeverity: rule.severity,
  enabled,
  optional: rule.enabled === false,
  subject: rule.subject,
  parameters: Object.keys(rule.parameters ?? {}),
})

function asText(standings: readonly RuleStanding[], context: CommandContext, paint: ChalkInstance): string {
  const width = columnsOf(context)
  const lines: string[] = []
  for (const { id: practice, title } of bestPractices) {
    const own = standings.filter(({ rule }) => rule.bestPractice === practice)
    if (own.length === 0) continue
    lines.push(`${paint.bold(`${practice}  ${title}`)}  ${paint.dim(`(${counted(own.length, 'rule')})`)}`, '')
    for (const standing of own) lines.push(...ruleLines(standing, width, paint))
    lines.push('')
  }
  const optional = standings.filter(({ rule }) => rule.enabled === false).length
  const off = standings.filter(({ enabled }) => !enabled).length
  lines.push(
    ...wrap(
      `${counted(standings.length, 'rule')}, ${optional} optional, ${standings.length - off} on. rel09 explain RULE tells everything about one.`,
      width,
    ),
  )
  return `${lines.join('\n')}\n`
}

function ruleLines({ rule, severity, enabled, notes }: RuleStanding, width: number, paint: ChalkInstance): string[] {
  const about = [[rule.subject].flat().join(', '), ...notes].join(' · ')
  const painted = enabled ? paintSeverity(paint, severity, severity.padEnd(8)) : paint.dim('off'.padEnd(8))
  const id = enabled ? paint.bold(rule.id) : paint.dim(rule.id)
  return [`  ${painted}  ${id}  ${paint.dim(about)}`, ...wrap(rule.title, width, ' '.repeat(12))]
}

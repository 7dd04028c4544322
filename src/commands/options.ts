/** Options that commands share, declared once so that they read and behave alike. */
import type { Command as Commander, Option } from 'commander'
import { isCalendarDay } from '../model/calendar-day.ts'
import type { Rule } from '../model/rule.ts'
import { suggestion } from '../rules/problem.ts'
import type { JudgingOptions } from './pipeline.ts'
import { UsageError } from './usage-error.ts'

/** Options that say by what is judged. */
export type StandardsOptions = Pick<JudgingOptions, 'policy' | 'rules'>

/** Gathers an option that may be given several times. */
export const collect = (value: string, list: string[] = []): string[] => [...list, value]

/** Gathers ids, separated by commas or given several times. None at all is a variable that was not set, not "no rule". */
export function collectIds(value: string, list: string[] = []): string[] {
  const ids = value
    .split(',')
    .map(id => id.trim())
    .filter(id => id !== '')
  if (ids.length === 0) throw new UsageError(['--rule names no rule: write --rule vault-lock, or leave the option out'])
  return [...list, ...ids]
}

/** `--policy` and `--rules`. */
export function standardsOptions(commander: Commander): void {
  commander
    .option('--policy <file>', 'policy: tiers, objectives, exemptions (default: rel09.yaml here, else built in)')
    .option('--rules <dir>', 'rules of your own, beside the built-in ones (repeatable)', collect)
}

/** `--now`, `--closed-world` and what templates are deployed with, after `--policy` and `--rules`. */
export function judgingOptions(commander: Commander): void {
  standardsOptions(commander)
  commander
    .option('--now <time>', 'the time that ages are measured at, ISO 8601, in place of what the inputs state')
    .option('--closed-world', 'what the inputs declare is all there is')
    .option(
      '--with <file>',
      'judge the inputs by the plans, vaults and settings of this too; it is not judged itself (repeatable)',
      collect,
    )
    .option('--account <id>', 'templates: the account they will be deployed to')
    .option('--region <region>', 'templates: the Region they will be deployed to')
    .option('--parameters <file>', 'CloudFormation: parameter values, in any form that the AWS CLI takes')
}

/**
 * An option that takes some words only, and may be given several times. Commander tells the words in `--help`. `take` says
 * what becomes of each.
 */
export function choiceOption<T>(
  commander: Commander,
  flags: string,
  description: string,
  words: readonly string[],
  take: (word: string, before: T | undefined) => T,
): Option {
  const option = commander.createOption(flags, description).choices([...words])
  const check = option.parseArg
  return option.argParser<T>((value, before) => take(String(check?.(value, undefined as never) ?? value), before))
}

/** `--format text|json` for what is written to standard output. */
export function formatOption(commander: Commander): void {
  commander.addOption(
    commander.createOption('--format <format>', 'how to write it').choices(['text', 'json']).default('text'),
  )
}

/** `--no-colour`, however it is spelt. */
export function colourOption(commander: Commander): void {
  commander.option('--no-colour', 'no colours (also: NO_COLOR)')
  commander.addOption(commander.createOption('--no-color').hideHelp())
  commander.on('option:no-color', () => commander.setOptionValue('colour', false))
}

const time = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/

/** `--now` as ISO 8601 UTC. A time of day needs its zone: the answer must not hang on where rel09 runs. */
export function checkTime(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  if (!time.test(text) || Number.isNaN(Date.parse(text)) || !isCalendarDay(text.slice(0, 10)))
    throw new UsageError([`--now ${text}: write a time as 2026-01-31T12:00:00Z, or a day as 2026-01-31`])
  return new Date(Date.parse(text)).toISOString()
}

const noRule = (id: string, rules: readonly Rule[]): string =>
  `there is no rule ${id}${suggestion(
    id,
    rules.map(rule => rule.id),
  )} (list them with rel09 rules)`

/** Refuses ids that no rule bears or bore, all of them at once. */
export function checkRuleIds(ids: readonly string[], rules: readonly Rule[]): void {
  const unknown = ids.filter(id => !rules.some(rule => rule.id === id || rule.aliases?.includes(id)))
  if (unknown.length > 0) throw new UsageError(unknown.map(id => noRule(id, rules)))
}

/** The rule of an id or a former one. */
export function findRule(id: string, rules: readonly Rule[]): Rule {
  const found = rules.find(rule => rule.id === id || rule.aliases?.includes(id))
  if (!found) throw new UsageError([noRule(id, rules)])
  return found
}

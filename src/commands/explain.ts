/** `rel09 explain RULE`: everything about one rule, for a person. */
import type { ChalkInstance } from 'chalk'
import { settingOf } from '../engine/severity.ts'
import { factDescriptions } from '../generated/fact-descriptions.ts'
import type { FactValue } from '../model/facts.ts'
import type { Policy } from '../model/policy.ts'
import type { Rule, RuleParameter } from '../model/rule.ts'
import { bestPractices } from '../reporters/best-practices.ts'
import { factIndex } from '../rules/built-in.ts'
import { subjectsOf } from '../rules/compiled-rule.ts'
import { type FactEntry, sharedFact } from '../rules/fact-index.ts'
import { spellFact } from '../rules/message.ts'
import type { CommandContext, CommandDefinition } from './command.ts'
import { clauseLines, clausesOf, pathsOf } from './condition-words.ts'
import { columnsOf, jsonText, markOf, painterFor, paintSeverity, visibleValue, wrap } from './layout.ts'
import { colourOption, findRule, formatOption, type StandardsOptions, standardsOptions } from './options.ts'
import { loadStandards } from './pipeline.ts'
import { standingOf } from './rule-standing.ts'

interface ExplainOptions extends StandardsOptions {
  format?: 'text' | 'json'
  colour?: boolean
}

export const command: CommandDefinition = {
  summary: 'everything about one rule: what it judges, why, and how to mend what it finds',
  group: 'Understand',
  configure(commander) {
    commander
      .description(
        'Tells what a rule judges and expects, in words; which facts it reads and which assumptions they rest on; its parameters ' +
          'and what the policy makes of them; its examples; how to mend a finding, and the AWS controls that ask the same.',
      )
      .argument('<rule>', 'id of a rule, as rel09 rules lists them')
    standardsOptions(commander)
    formatOption(commander)
    colourOption(commander)
    commander.addHelpText(
      'after',
      '\nExamples:\n  rel09 explain vault-lock\n  rel09 explain rpo-met-by-schedule --policy rel09.yaml\n  rel09 explain our-rule --rules our-rules --format json\n\nExit codes: 0 told, 2 no such rule, wrong usage, invalid rule or policy.',
    )
  },
  run: ([id = ''], options, context) => explain(id, options as ExplainOptions, context),
}

async function explain(id: string, options: ExplainOptions, context: CommandContext): Promise<number> {
  const { rules, policy } = await loadStandards(options, context)
  const rule = findRule(id, rules)
  if (options.format === 'json') context.stdout.write(jsonText(asJson(rule, policy)))
  else context.stdout.write(asText(visibleValue(rule), policy, painterFor(context, options.colour), columnsOf(context)))
  return 0
}

/** A fact that a rule reads, as the facts schemas have it. */
interface FactRead extends Partial<FactEntry> {
  path: string
  description: string
}

function factsRead(rule: Rule): FactRead[] {
  const paths = [...new Set([...pathsOf(rule.when ?? {}), ...pathsOf(rule.expect)])]
  return paths.map(path => ({
    path,
    description: describe(rule, path),
    ...sharedFact(factIndex, subjectsOf(rule), path),
  }))
}

/** A key of a map (`tags.team`) has the map's description. */
function describe(rule: Rule, path: string): string {
  for (const subject of subjectsOf(rule)) {
    const descriptions = factDescriptions[subject] ?? {}
    for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
      if (Object.hasOwn(descriptions, at)) return descriptions[at] ?? ''
    }
  }
  return ''
}

function asJson(rule: Rule, policy: Policy): object {
  const { severity, enabled } = standingOf(rule, policy)
  const set = settingOf(rule, policy).parameters ?? {}
  return { rule, effective: { severity, enabled, parameters: set }, facts: factsRead(rule) }
}

function asText(rule: Rule, policy: Policy, paint: ChalkInstance, width: number): string {
  const section = (title: string, lines: string[]): string[] =>
    lines.length === 0 ? [] : [paint.bold(title), ...lines, '']
  const paragraph = (text: string) => wrap(text, width, '  ')
  const practice = bestPractices.find(({ id }) => id === rule.bestPractice)?.title ?? ''
  const clauses = (condition: Rule['expect']) =>
    clauseLines(clausesOf(condition), '  ', (text, indent, hanging) => wrap(text, width, indent, hanging))
  const subjects = subjectsOf(rule)
  const lines = [
    ...headLines(rule, policy, paint, width),
    ...section('Why it matters', paragraph(rule.description ?? rule.title)),
    ...section('Best practice', paragraph(`${rule.bestPractice}: ${practice}`)),
    ...section('What it judges', [
      ...paragraph(`Every ${subjects.join(' and ')}${rule.when ? ' of which this holds:' : '.'}`),
      ...(rule.when ? clauses(rule.when) : []),
    ]),
    ...section('What it expects', clauses(rule.expect)),
    ...section('Otherwise it says', paragraph(rule.message)),
    ...section('Parameters', parameterLines(rule, policy, paint, width)),
    ...section(
      'Facts it reads',
      factsRead(rule).flatMap(fact => factLine(fact, policy, paint, width)),
    ),
    ...section('Examples', exampleLines(rule, paint, width)),
    ...remediationLines(rule, section, paragraph),
    ...section('The same asked by AWS and NIST', controlLines(rule, width)),
    ...section(
      'References',
      rule.references.map(reference => `  ${paint.underline(reference)}`),
    ),
  ]
  return `${lines.join('\n')}`
}

function headLines(rule: Rule, policy: Policy, paint: ChalkInstance, width: number): string[] {
  const { severity, enabled, notes } = standingOf(rule, policy)
  const about = [
    paintSeverity(paint, severity),
    subjectsOf(rule).join(', '),
    ...(enabled || notes.length > 0 ? [] : ['off']),
    ...notes,
  ]
  const aliases = rule.aliases?.length ? [paint.dim(`formerly ${rule.aliases.join(', ')}`)] : []
  return [...wrap(rule.title, width).map(line => paint.bold(line)), `${rule.id} · ${about.join(' · ')}`, ...aliases, '']
}

function limits({
  description: _d,
  default: _v,
  objective: _o,
  stricter: _s,
  type,
  enum: words,
  ...rest
}: RuleParameter): string {
  const kind = Array.isArray(words)
    ? `one of ${words.map(word => spellFact(word as FactValue)).join(', ')}`
    : [type ?? []].flat().join(' or ')
  const more = Object.entries(rest).map(([keyword, value]) =>
    keyword === 'items' ? '' : `${keyword} ${JSON.stringify(value)}`,
  )
  return [kind, ...more].filter(text => text !== '').join(', ')
}

function parameterLines(rule: Rule, policy: Policy, paint: ChalkInstance, width: number): string[] {
  const set = settingOf(rule, policy).parameters ?? {}
  return Object.entries(rule.parameters ?? {}).flatMap(([name, parameter]) => {
    const fromPolicy = Object.hasOwn(set, name)
      ? `${spellFact(set[name])} ${paint.dim(`(set by ${policy.file ?? 'the policy'}; default ${spellFact(parameter.default)})`)}`
      : undefined
    const greater = parameter.stricter === 'min' ? 'smaller' : 'greater'
    const fromTier =
      parameter.objective === undefined ? '' : ` or the tier's ${parameter.objective}, whichever is ${greater}`
    return [
      `  ${paint.cyan(name)} = ${fromPolicy ?? `${spellFact(parameter.default)}${fromTier}`}`,
      ...wrap(`${parameter.description} (${limits(parameter)})`, width, '      '),
    ]
  })
}

function factLine(
  { path, description, group, assumptions, values }: FactRead,
  policy: Policy,
  paint: ChalkInstance,
  width: number,
): string[] {
  const assumed = (assumptions ?? []).map(name => `${name} = ${spellFact(assumption(policy, name))}`)
  const from = [group && `from ${group}`, assumed.length > 0 && `assumes ${assumed.join(', ')}`]
    .filter(Boolean)
    .join('; ')
  const words = values && values.length > 0 ? ` One of ${values.map(spellFact).join(', ')}.` : ''
  return [`  ${paint.cyan(path)}`, ...wrap(`${description}${words}${from ? ` (${from})` : ''}`, width, '      ')]
}

function assumption(policy: Policy, name: string): FactValue | undefined {
  const values: { readonly [name: string]: FactValue } = { ...policy.assumptions }
  return Object.hasOwn(values, name) ? values[name] : undefined
}

function exampleLines(rule: Rule, paint: ChalkInstance, width: number): string[] {
  return rule.examples.flatMap(({ verdict, name }) => {
    const [first = '', ...rest] = wrap(name, width, ' '.repeat(20))
    return [`  ${markOf(paint, verdict)} ${verdict.padEnd(14)}  ${first.trimStart()}`, ...rest]
  })
}

const code = (text: string): string[] =>
  text
    .trimEnd()
    .split('\n')
    .map(line => `    ${line}`)

function remediationLines(
  { remediation }: Rule,
  section: (title: string, lines: string[]) => string[],
  paragraph: (text: string) => string[],
): string[] {
  const { text, cli, cloudformation, terraform } = remediation
  return [
    ...section('How to mend it', paragraph(text)),
    ...section('  AWS CLI', cli ? code(cli) : []),
    ...section('  CloudFormation', cloudformation ? code(cloudformation) : []),
    ...section('  Terraform', terraform ? code(terraform) : []),
  ]
}

const controlNames = {
  config: 'AWS Config',
  securityHub: 'Security Hub',
  backupAuditManager: 'Backup Audit Manager',
  nist80053: 'NIST SP 800-53',
} as const

function controlLines({ controls = {} }: Rule, width: number): string[] {
  return (Object.keys(controlNames) as (keyof typeof controlNames)[]).flatMap(kind => {
    const names = controls[kind] ?? []
    return names.length === 0 ? [] : wrap(`${controlNames[kind]}: ${names.join(', ')}`, width, '  ', '    ')
  })
}

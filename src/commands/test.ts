/** `rel09 test`: runs the examples of rules, which are their tests. */
import type { ChalkInstance } from 'chalk'
import type { Condition, Rule, RuleExample, Verdict } from '../model/rule.ts'
import { counted } from '../reporters/count-text.ts'
import { builtInRules, factIndex } from '../rules/built-in.ts'
import { type CompiledRule, compileRule, explainVerdict, judgeFacts } from '../rules/compiled-rule.ts'
import { factTree } from '../rules/examples.ts'
import type { DecidingLeaf } from '../rules/explain.ts'
import { checkExamples, formatProblem, loadRules, type RuleProblem } from '../rules/load.ts'
import { spellFact } from '../rules/message.ts'
import { objectivesOf, parametersOf } from '../rules/parameters.ts'
import { spellPath } from '../rules/problem.ts'
import { readRuleText } from '../rules/rule-text.ts'
import type { CommandContext, CommandDefinition } from './command.ts'
import { schemaWords } from './condition-words.ts'
import { columnsOf, jsonText, markOf, painterFor, visibleValue, wrap } from './layout.ts'
import { collect, collectIds, colourOption, findRule, formatOption } from './options.ts'
import { ruleFilesIn } from './rule-files.ts'

interface TestOptions {
  rules?: string[]
  builtIn?: boolean
  rule?: string[]
  strict?: boolean
  format?: 'text' | 'json'
  colour?: boolean
}

export const command: CommandDefinition = {
  summary: "run the examples of rules: the built-in ones', or your own",
  group: 'Set up',
  configure(commander) {
    commander
      .description(
        'Runs the examples that every rule brings and tells each that gets another verdict than it says, with the facts that ' +
          'decided. Without --rules, the built-in rules are tested.',
      )
      .option('--rules <dir>', 'test the rules in this folder or file (repeatable)', collect)
      .option('--built-in', 'the built-in rules too')
      .option('--rule <id,…>', 'only these rules', collectIds)
      .option('--strict', 'also demand an example of each verdict, and one that makes each line of expect false')
    formatOption(commander)
    colourOption(commander)
    commander.addHelpText(
      'after',
      '\nExamples:\n  rel09 test --rules our-rules\n  rel09 test --rules our-rules --strict        as for CI\n  rel09 test --rule vault-lock\n\nExit codes: 0 every example holds, 1 some do not, 2 an invalid rule file or wrong usage.',
    )
  },
  run: (_args, options, context) => test(options as TestOptions, context),
}

/** An example that failed, or something that --strict misses. */
interface Failure {
  rule: string
  /** Where it stands, for a rule that was read from a file. */
  at?: string
  example?: string
  expected?: Verdict
  actual?: Verdict
  /** What decided, or what is missing. */
  because: string[]
}

/** A rule to be tested, with the place of its parts where it came from a file. */
interface Tested {
  rule: Rule
  placeOf(path: (string | number)[]): string | undefined
}

async function test(options: TestOptions, context: CommandContext): Promise<number> {
  const { tested, problems } = gather(options, context)
  const chosen = options.rule
    ? options.rule.map(
        id =>
          tested.find(
            ({ rule }) =>
              rule ===
              findRule(
                id,
                tested.map(entry => entry.rule),
              ),
          )!,
      )
    : tested
  const failures = chosen.flatMap(entry => failuresOf(entry, options.strict === true))
  const examples = chosen.reduce((sum, { rule }) => sum + rule.examples.length, 0)
  const counts = { rules: chosen.length, examples, failures: failures.length, invalid: problems.length }
  if (options.format === 'json')
    context.stdout.write(jsonText({ version: 1, ...counts, failed: failures, problems: problems.map(formatProblem) }))
  else
    context.stdout.write(
      asText(visibleValue(failures), counts, painterFor(context, options.colour), columnsOf(context)),
    )
  for (const problem of problems) context.stderr.write(`rel09: ${visibleValue(formatProblem(problem))}\n`)
  if (problems.length > 0) return 2
  return failures.length > 0 ? 1 : 0
}

function gather(options: TestOptions, context: CommandContext): { tested: Tested[]; problems: RuleProblem[] } {
  const builtIn: Tested[] = builtInRules.map(rule => ({ rule, placeOf: () => undefined }))
  if (!options.rules) return { tested: builtIn, problems: [] }
  const files = ruleFilesIn(options.rules, context)
  const { rules, problems } = loadRules(files, factIndex, {
    taken: builtInRules.flatMap(rule => [rule.id, ...(rule.aliases ?? [])]),
  })
  const own = rules.map((rule): Tested => {
    const file = files.find(({ name }) => name.replace(/^.*\//, '').replace(/\.ya?ml$/, '') === rule.id)
    const read = file && readRuleText(file.text)
    return {
      rule,
      placeOf: path => (file && read && 'text' in read ? `${file.name}:${read.text.lineOf(path)}` : undefined),
    }
  })
  return { tested: options.builtIn ? [...own, ...builtIn] : own, problems }
}

function failuresOf(tested: Tested, strict: boolean): Failure[] {
  const compiled = compileRule(tested.rule, factIndex)
  const failed = tested.rule.examples.flatMap((example, position) => failureOf(tested, compiled, example, position))
  return strict ? [...failed, ...gapsOf(tested)] : failed
}

function failureOf(
  { rule, placeOf }: Tested,
  compiled: CompiledRule,
  example: RuleExample,
  position: number,
): Failure[] {
  const facts = factTree(example.facts)
  const parameters = parametersOf(rule, example.parameters)(facts)
  const actual = judgeFacts(compiled, facts, parameters)
  if (actual === example.verdict) return []
  const { leaves, missing } = explainVerdict(
    compiled,
    actual,
    facts,
    parameters,
    objectivesOf(rule, example.parameters),
  )
  return [
    {
      rule: rule.id,
      ...known(placeOf(['examples', position])),
      example: example.name,
      expected: example.verdict,
      actual,
      because: [...leaves.map(leafLine), ...missing.map(path => `${path} is not given`)],
    },
  ]
}

/** What a leaf found and wanted: `protection.covered is false, wanted true`. */
function leafLine({ path, expected, actual }: DecidingLeaf): string {
  return `${path} is ${actual === undefined ? 'not known' : spellFact(actual)}, wanted ${schemaWords(expected as Condition)}`
}

const known = (at: string | undefined): { at?: string } => (at === undefined ? {} : { at })

/** What the examples leave untried. */
function gapsOf({ rule, placeOf }: Tested): Failure[] {
  const gaps: Failure[] = []
  checkExamples(rule, factIndex, (path, message) => {
    // An example that fails is told already, with what decided.
    if (path[0] === 'examples' && path.length > 1) return
    gaps.push({
      rule: rule.id,
      ...known(placeOf([...path])),
      because: [path.length > 1 ? `${spellPath(path)}: ${message}` : message],
    })
  })
  return gaps
}

function asText(
  failures: readonly Failure[],
  counts: { rules: number; examples: number; failures: number; invalid: number },
  paint: ChalkInstance,
  width: number,
): string {
  const lines = failures.flatMap(({ rule, at, example, expected, actual, because }) => [
    ...wrap(
      `${markOf(paint, 'non-compliant')} ${paint.bold(rule)}${example === undefined ? '' : `: ${example}`}${at === undefined ? '' : `  ${paint.dim(at)}`}`,
      width,
      '',
      '  ',
    ),
    ...(expected === undefined ? [] : [`    expected ${expected}, got ${paint.bold(actual)}`]),
    ...because.flatMap(line => wrap(line, width, '      ', '        ')),
    '',
  ])
  const { rules, examples, invalid } = counts
  const unread = invalid > 0 ? `; ${counted(invalid, 'problem')} in rule files, told on standard error` : ''
  const result = failures.length === 0 ? paint.green('all hold') : paint.red(`${counted(failures.length, 'failure')}`)
  return `${[...lines, `${counted(rules, 'rule')}, ${counted(examples, 'example')}: ${result}${unread}`].join('\n')}\n`
}

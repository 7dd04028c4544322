/** `rel09 lambda-event EVENT.json --dry-run`: what the Lambda of an AWS Config rule would send, without AWS. */
import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { isUndetermined } from '../reporters/evaluations.ts'
import { jsonText } from '../reporters/json-text.ts'
import { parseJson } from '../sources/json.ts'
import type { CommandContext, CommandDefinition } from './command.ts'
import { BadEvent } from './config-rule/bad-event.ts'
import { type Assignment, assignmentOf, evaluate, type RuleStandards, standardsFor } from './config-rule/evaluate.ts'
import type { Judged } from './config-rule/judging.ts'
import { type RuleHost, type StoredInput, Unobtainable } from './config-rule/rule-host.ts'
import { displayPath } from './display-path.ts'
import { exitCodes } from './exit-code.ts'
import { readNamedFile } from './named-file.ts'
import { collect } from './options.ts'
import { UsageError } from './usage-error.ts'

interface LambdaEventOptions {
  dryRun?: boolean
  policy?: string
  rules?: string[]
  snapshot?: string
  requireEvidence?: boolean
}

export const command: CommandDefinition = {
  summary: 'the evaluations that the Lambda of an AWS Config rule would send for an event',
  group: 'More',
  configure(commander) {
    commander
      .description(
        'Evaluates an event of an AWS Config rule as the Lambda does, and prints what it would send to PutEvaluations. AWS is ' +
          'not asked: files stand for what the parameters of the rule name, and what only AWS tells is undetermined.',
      )
      .argument('<file>', 'the event, as AWS Config invokes the function with it (JSON)')
      .option('--dry-run', 'print the evaluations; nothing can be sent from here, so it has to be said')
      .option('--policy <file>', 'what policyUri names')
      .option('--rules <dir>', 'what rulesUri names (repeatable)', collect)
      .option('--snapshot <file>', 'what snapshotUri, or the delivery of AWS Config, names')
      .option('--require-evidence', 'exit 3 where evidence is missing')
      .addHelpText(
        'after',
        `
Examples:
  rel09 lambda-event change.json --dry-run
  rel09 lambda-event scheduled.json --dry-run --snapshot shop.ndjson.gz --policy rel09.yaml

Exit codes (2 beats 1 beats 3):
  0  nothing is non-compliant
  1  an evaluation is NON_COMPLIANT
  2  wrong usage, or an event that cannot be evaluated: the field that is wrong is named
  3  an evaluation is undetermined (with --require-evidence)`,
      )
  },
  run: ([file = ''], options, context) => lambdaEvent(file, options as LambdaEventOptions, context),
}

async function lambdaEvent(file: string, options: LambdaEventOptions, context: CommandContext): Promise<number> {
  if (!options.dryRun)
    throw new UsageError(['lambda-event sends nothing to AWS: add --dry-run to see what would be sent'])
  const name = displayPath(file, context.cwd)
  const parsed = parseJson(readNamedFile(file, 'the event', context))
  if (!('value' in parsed)) throw new UsageError([`${name}: the event ${parsed.fault}`])
  try {
    const assignment = withFiles(assignmentOf(parsed.value), options)
    const host = fileHost(options, context)
    const standards = await standardsFor(assignment, host)
    const judged = await evaluate(assignment, standards, host)
    for (const chunk of shown(assignment, standards, judged)) context.stdout.write(chunk)
    return exitCodeOf(judged, options)
  } catch (error) {
    if (error instanceof BadEvent) throw new UsageError([`${name}: ${error.field}: ${error.message}`])
    throw error
  }
}

function exitCodeOf({ evaluations }: Judged, { requireEvidence }: LambdaEventOptions): number {
  if (evaluations.some(one => one.ComplianceType === 'NON_COMPLIANT')) return exitCodes.findings
  return requireEvidence && evaluations.some(isUndetermined) ? exitCodes.evidenceMissing : exitCodes.clean
}

/** A file that is given stands for a parameter, whether the event has that one or not. */
function withFiles(assignment: Assignment, { policy, rules, snapshot }: LambdaEventOptions): Assignment {
  const { own } = assignment
  return {
    ...assignment,
    own: {
      ...own,
      policy: policy === undefined ? own.policy : { kind: 'ssm', name: policy },
      rules: rules === undefined ? own.rules : { bucket: '', key: '' },
      snapshots: snapshot === undefined ? own.snapshots : (own.snapshots ?? { bucket: '', key: snapshot }),
    },
  }
}

function fileHost({ policy, rules, snapshot }: LambdaEventOptions, context: CommandContext): RuleHost {
  const stored = (name: string): StoredInput => ({
    name,
    async open() {
      if (snapshot === undefined) throw new Unobtainable('AWS is not asked here: give its file with --snapshot')
      return createReadStream(resolve(context.cwd, snapshot))
    },
  })
  return {
    version: context.version,
    readableGroups: new Set(),
    async policyText() {
      if (policy === undefined)
        throw new Unobtainable('AWS is not asked here: give the file of the policy with --policy')
      return readNamedFile(policy, 'the policy', context)
    },
    async ruleFiles() {
      if (rules === undefined)
        throw new Unobtainable('AWS is not asked here: give the folder of the rules with --rules')
      const { ruleFilesIn } = await import('./rule-files.ts')
      return ruleFilesIn(rules, context)
    },
    async itemOf() {
      throw new Unobtainable('AWS Config is not asked here')
    },
    newestSnapshot: async ({ key }) => stored(snapshot === undefined ? key : displayPath(snapshot, context.cwd)),
    storedObject: ({ key }) => stored(key),
    backupFacts: async () => [],
    evaluatedBefore: async () => [],
  }
}

/** One evaluation a line. */
function* shown({ event }: Assignment, { rule, policy }: RuleStandards, { evaluations }: Judged): Generator<string> {
  const { configRuleName: configRule, account, region, isTest: testMode } = event
  const head = { version: 1, rule: rule.id, configRule, account, region, policyDigest: policy.digest, testMode }
  yield `${jsonText(head).slice(0, -1)},"evaluations":[`
  let separator = '\n'
  for (const evaluation of evaluations) {
    yield `${separator}${jsonText(evaluation)}`
    separator = ',\n'
  }
  yield '\n]}\n'
}

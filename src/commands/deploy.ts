/** `rel09 deploy`: CloudFormation for the rules of AWS Config, made of the rules themselves, and for what reads accounts. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { DeployedRule, GivenValues } from '../deployment/config-rules.ts'
import {
  type Deployment,
  type DeploymentKind,
  deploymentKinds,
  deploymentOf,
  type FunctionName,
  functionsOf,
} from '../deployment/kinds.ts'
import type { Rule } from '../model/rule.ts'
import { visible } from '../reporters/visible-text.ts'
import { builtInRules } from '../rules/built-in.ts'
import { checkParameters } from '../rules/parameters.ts'
import { suggestion } from '../rules/problem.ts'
import type { CommandContext, CommandDefinition } from './command.ts'
import { writeDeployment } from './deployment-folder.ts'
import { deploymentSource, usualRules } from './deployment-source.ts'
import { displayPath } from './display-path.ts'
import { exitCodes } from './exit-code.ts'
import { columnsOf, wrap } from './layout.ts'
import { unreadable } from './named-file.ts'
import { checkRuleIds, collect, collectIds, findRule } from './options.ts'
import { packageFolder } from './package-folder.ts'
import { UsageError } from './usage-error.ts'

interface DeployOptions {
  out?: string
  rule?: string[]
  policy?: string
  snapshotBucket?: string
  parameter?: string[]
  lambda?: string
  force?: boolean
}

const width = Math.max(...Object.keys(deploymentKinds).map(kind => kind.length))

export const command: CommandDefinition = {
  summary: 'write CloudFormation that runs the rules in AWS Config, for one account or all',
  group: 'Set up',
  configure(commander) {
    commander
      .description(
        'Writes templates, the code of the functions, and a script that deploys them with the AWS CLI, into a folder. They are made ' +
          'of the rules themselves, so that none is forgotten. Nothing is called or changed in AWS.',
      )
      .addArgument(commander.createArgument('<kind>', 'what to deploy').choices(Object.keys(deploymentKinds)))
      .requiredOption('--out <dir>', 'the folder to write; it is made')
      .option('--rule <id,…>', 'only these rules (default: all that are not optional)', collectIds)
      .option('--policy <place>', 'where the policy lies: s3://BUCKET/KEY or ssm:/NAME (default: the built-in one)')
      .option('--snapshot-bucket <name>', 'a bucket of your own for the snapshots (default: the stack makes one)')
      .option(
        '--parameter <value>',
        'set a parameter of a rule: vault-lock.requiredMode=compliance (repeatable)',
        collect,
      )
      .option('--lambda <dir>', 'the zips of the functions (default: those of this package)')
      .option('--force', 'write over files that are there and are not as rel09 deploy wrote them')
      .addHelpText(
        'after',
        `
Kinds
${Object.entries(deploymentKinds)
  .map(([kind, what]) => `  ${kind.padEnd(width)}  ${what}`)
  .join('\n')}

Examples:
  rel09 deploy config-rules --out rel09-deploy && rel09-deploy/deploy.sh my-code-bucket
  rel09 deploy config-rules --out rel09-deploy --policy s3://my-bucket/rel09.yaml --rule vault-lock,s3-versioning
  rel09 deploy conformance-pack --out rel09-deploy --parameter rds-automated-backup.minRetentionDays=14
  rel09 deploy org --out rel09-deploy
  rel09 deploy org-scan --out rel09-deploy && rel09-deploy/deploy.sh my-code-bucket OrganizationId=o-a1b2c3d4e5
  rel09 deploy reader-role --out rel09-deploy

Exit codes: 0 written, 2 wrong usage, files that are not ours, functions that were not built.`,
      )
  },
  run: ([kind], options, context) => deploy(kind as DeploymentKind, options as unknown as DeployOptions, context),
}

async function deploy(kind: DeploymentKind, options: DeployOptions, context: CommandContext): Promise<number> {
  refuseNeedless(kind, options)
  const { out = '', force = false } = options
  const rules = chosenRules(options.rule)
  const code = new Map(functionsOf[kind].map(name => [name, readCode(name, options.lambda, context)] as const))
  const nameOf = (name: FunctionName) => code.get(name)?.name ?? ''
  const source = await deploymentSource({
    rules,
    given: givenValues(options.parameter ?? [], rules),
    code: {
      'config-rules': nameOf('config-rules'),
      collector: nameOf('collector'),
      'org-scan': nameOf('org-scan'),
    },
    defaults: { ...policyDefaults(options.policy), ...bucketDefault(options.snapshotBucket) },
    version: context.version,
  })
  const deployment = deploymentOf(kind, source)
  const zips = [...code.values()].map(({ name, bytes }) => [name, bytes] as const)
  const files = new Map<string, string | Uint8Array>([...Object.entries(deployment.files), ...zips])
  writeDeployment(out, files, force, context)
  context.stdout.write(whatIsNext(out, [...files.keys()], source.rules, deployment, context))
  return exitCodes.clean
}

/** Kinds without rules of AWS Config, and why an option says nothing to them. */
const withoutRules: { readonly [kind in DeploymentKind]?: string } = {
  'org-scan': 'which reads its policy from the bucket of its stack, and has all rules',
  'reader-role': 'which has no rules in it',
}

function refuseNeedless(kind: DeploymentKind, options: DeployOptions): void {
  const why = withoutRules[kind]
  if (why === undefined) return
  const { rule, policy, snapshotBucket, parameter } = options
  const given = { '--rule': rule, '--policy': policy, '--snapshot-bucket': snapshotBucket, '--parameter': parameter }
  const lambda = functionsOf[kind].length === 0 ? options.lambda : undefined
  for (const [flag, value] of Object.entries({ ...given, '--lambda': lambda }))
    if (value !== undefined) throw new UsageError([`${flag} does not go with ${kind}, ${why}`])
}

function chosenRules(ids: readonly string[] | undefined): readonly Rule[] {
  if (!ids) return usualRules()
  checkRuleIds(ids, builtInRules)
  const chosen = new Set(ids.map(id => findRule(id, builtInRules).id))
  return builtInRules.filter(({ id }) => chosen.has(id))
}

/** `RULE.NAME=VALUE`, checked as the function will check it. Throws {@link UsageError}, all at once. */
function givenValues(texts: readonly string[], rules: readonly Rule[]): GivenValues {
  const given: { [rule: string]: { [name: string]: string } } = {}
  const wrong: string[] = []
  for (const text of texts) {
    const [, id = '', name = '', value = ''] = /^([^.=]+)\.([^=]+)=(.*)$/s.exec(text) ?? []
    const rule = rules.find(one => one.id === id || one.aliases?.includes(id))
    if (id === '') wrong.push(`--parameter ${text}: write RULE.NAME=VALUE, as vault-lock.requiredMode=compliance`)
    else if (!rule)
      wrong.push(
        `--parameter ${text}: no rule ${id} is deployed${suggestion(
          id,
          rules.map(one => one.id),
        )}`,
      )
    else {
      const [problem] = checkParameters(rule, { [name]: value })
      if (problem) wrong.push(`--parameter ${text}: ${problem.message}`)
      else given[rule.id] = { ...given[rule.id], [name]: value }
    }
  }
  if (wrong.length > 0) throw new UsageError(wrong)
  return given
}

/** The template's parameters for a policy, as the function takes it. */
function policyDefaults(place: string | undefined): { [parameter: string]: string } {
  if (place === undefined) return {}
  const [, bucket, key] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.{1,1024})$/.exec(place) ?? []
  if (bucket !== undefined && key !== undefined) return { PolicyBucket: bucket, PolicyKey: key }
  const [, name] = /^ssm:\/([A-Za-z0-9_.-][A-Za-z0-9_./-]{0,1009})$/.exec(place) ?? []
  if (name !== undefined) return { PolicyParameter: name }
  throw new UsageError([`--policy ${place}: write s3://BUCKET/KEY or ssm:/NAME; the function reads it there`])
}

function bucketDefault(name: string | undefined): { [parameter: string]: string } {
  if (name === undefined) return {}
  if (/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) return { SnapshotBucket: name }
  throw new UsageError([`--snapshot-bucket ${name}: write the name of a bucket, without s3://`])
}

interface Zip {
  /** With the digest of its content: under another name a stack sees that it is other code. */
  name: string
  bytes: Uint8Array
}

/** The zip of a function. Throws {@link UsageError} where nobody built it. */
function readCode(name: FunctionName, folder: string | undefined, context: CommandContext): Zip {
  const path = folder === undefined ? join(packageFolder(), 'dist-lambda') : resolve(context.cwd, folder)
  let bytes: Buffer
  try {
    bytes = readFileSync(join(path, `${name}.zip`))
  } catch (error) {
    if (folder === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new UsageError([
        'the functions are not built: run npm run build:lambda, or name their folder with --lambda',
      ])
    throw unreadable(join(folder ?? path, `${name}.zip`), 'the function', error, context)
  }
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
  return { name: `${name}-${digest}.zip`, bytes }
}

/** As a shell reads it as one word. */
const shellWord = (text: string) =>
  /^[\w./~@%+=:,-]+$/.test(text) ? text : `'${visible(text).replaceAll("'", "'\\''")}'`

const many = (count: number, one: string, several: string) => (count === 1 ? `1 ${one}` : `${count} ${several}`)

/** What was written, and what to do with it. */
function whatIsNext(
  out: string,
  names: readonly string[],
  rules: readonly DeployedRule[],
  { hasRules, next }: Deployment,
  context: CommandContext,
): string {
  const folder = displayPath(out, context.cwd)
  const onChange = rules.filter(({ trigger }) => trigger.kind === 'change').length
  const told = [
    `${many(rules.length, 'rule', 'rules')} of AWS Config: ${onChange} judge a resource when it changes, ${rules.length - onChange} everything on a ` +
      'schedule, from the snapshot that the collector takes.',
    'AWS Config must already record in the account and Region. Every evaluation costs: docs/deploy.md has the sums, the permissions, and ' +
      'how to take all of it away again.',
  ]
  return [
    `${folder} is written:`,
    ...[...names].sort().map(name => `  ${name}`),
    ...(hasRules ? ['', ...told.flatMap(line => wrap(line, columnsOf(context)))] : []),
    '',
    'Next:',
    ...[`cd ${shellWord(out)}`, ...next].map(line => `  ${line}`),
    '',
  ].join('\n')
}

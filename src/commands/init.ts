/** `rel09 init`: writes a policy in which every default is spelt out and explained, as comments. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { stringify } from 'yaml'
import schema from '../../schemas/policy.schema.json' with { type: 'json' }
import { defaultPolicy } from '../policy/defaults.ts'
import type { CommandContext, CommandDefinition } from './command.ts'
import { displayPath } from './display-path.ts'
import { wrap } from './layout.ts'
import { writeNamedFile } from './named-file.ts'
import { policyFileNames } from './pipeline.ts'
import { UsageError } from './usage-error.ts'

interface InitOptions {
  force?: boolean
  stdout?: boolean
}

const defaultFile = policyFileNames[0]

export const command: CommandDefinition = {
  summary: 'write a commented policy: tiers, objectives, assumptions, exemptions',
  group: 'Set up',
  configure(commander) {
    commander
      .description(
        `Writes ${defaultFile} with every default as a comment and what it means, to be uncommented and changed. As written it ` +
          'changes nothing. rel09 scan reads it from the working directory without being told.',
      )
      .argument('[file]', `where to write it (default: ${defaultFile})`)
      .option('--force', 'overwrite a file that exists')
      .option('--stdout', 'write to standard output instead')
      .addHelpText(
        'after',
        '\nLines that start with ## explain, lines that start with # are settings: take away the # and the space to set them.\n\nExamples:\n  rel09 init\n  rel09 init policies/shop.yaml\n  rel09 init --stdout | less\n\nExit codes: 0 written, 2 the file exists or cannot be written.',
      )
  },
  run: ([file = defaultFile], options, context) => init(file, options as InitOptions, context),
}

async function init(file: string, options: InitOptions, context: CommandContext): Promise<number> {
  if (options.stdout) {
    context.stdout.write(policyText())
    return 0
  }
  const path = resolve(context.cwd, file)
  const name = displayPath(file, context.cwd)
  if (!options.force && existsSync(path))
    throw new UsageError([`${name} exists: add --force to overwrite it, or --stdout to look first`])
  writeNamedFile(file, [policyText()], context)
  context.stdout.write(
    `${name} is written: it changes nothing until you uncomment a setting. rel09 scan reads it from here.\n`,
  )
  return 0
}

/** The part of JSON Schema that the policy's schema explains itself with. */
interface Described {
  type?: unknown
  description?: string
  enum?: readonly unknown[]
  properties?: { readonly [name: string]: Described }
  additionalProperties?: boolean | Described
  items?: Described
}

const root: Described = schema
const lineWidth = 110

/** What stands above a part that has nothing by default, so that the reader sees how to write it. */
const samples: { readonly [part: string]: readonly string[] } = {
  classification: [
    'rules:',
    '  - { type: "AWS::RDS::*", account: "111122223333", name: "orders-*", tags: { env: prod }, tier: tier0 }',
  ],
  mechanisms: ['"AWS::DynamoDB::Table": [aws-backup, native-pitr]'],
  rules: ['vault-lock: { severity: critical, enabled: true, parameters: { requiredMode: compliance } }'],
  exemptions: [
    '- { rule: dynamodb-pitr, resource: "arn:aws:dynamodb:*:*:table/cache-*", reason: rebuilt every night, owner: shop team, expires: 2027-03-01 }',
    '- { kind: reproducible, resource: "arn:aws:s3:::thumbnails", source: originals, procedure: runbook 12, reason: derived data, owner: shop team, expires: 2027-03-01 }',
  ],
  attestations: [
    '- { kind: restoreTest, resource: "arn:aws:rds:*:*:db:orders", date: 2026-09-01, operator: A. Reader, durationHours: 2, result: success, expires: 2027-03-01 }',
  ],
}

const explanation = (text: string, indent: string): string[] => wrap(text, lineWidth, `## ${indent}`)
const setting = (value: unknown, indent: string): string[] =>
  stringify(value, { lineWidth: 0, flowCollectionPadding: true, defaultStringType: 'PLAIN' })
    .trimEnd()
    .split('\n')
    .map(line => `# ${indent}${line}`)

/** The words that a setting takes, where it takes words only. */
function wordsOf({ enum: own, items }: Described): string {
  const words = own ?? items?.enum
  return words ? ` One of: ${words.map(String).join(', ')}.` : ''
}

const explained = (described: Described | undefined, indent: string): string[] =>
  described?.description ? explanation(`${described.description}${wordsOf(described)}`, indent) : []

/** Settings of a part, each under its explanation. */
function settingLines(values: object, described: Described | undefined, indent: string): string[] {
  return Object.entries(values).flatMap(([name, value]) => [
    ...explained(described?.properties?.[name], indent),
    ...setting({ [name]: value }, indent),
  ])
}

const sampleLines = (part: string): string[] =>
  Object.hasOwn(samples, part) ? ['## For example:', ...(samples[part] ?? []).map(line => `##   ${line}`)] : []

function tierLines(described: Described): string[] {
  const tier = typeof described.additionalProperties === 'object' ? described.additionalProperties : undefined
  const meanings = Object.entries(tier?.properties ?? {}).flatMap(([name, fact]) =>
    explanation(`${name}: ${fact.description ?? ''}${wordsOf(fact)}`, '  '),
  )
  return [...meanings, ...setting({ tiers: defaultPolicy.tiers }, '')]
}

function partLines(name: keyof typeof defaultPolicy, described: Described): string[] {
  const value = defaultPolicy[name]
  const head = ['', ...explained(described, ''), ...sampleLines(name)]
  if (name === 'tiers') return [...head, ...tierLines(described)]
  if (name === 'classification' || name === 'assumptions')
    return [...head, `# ${name}:`, ...settingLines(value as object, described, '  ')]
  return [...head, ...setting({ [name]: value }, '')]
}

/** The default policy as a commented file. Made from the defaults and the schema, so that neither can drift from it. */
export function policyText(): string {
  const parts = (Object.keys(root.properties ?? {}) as (keyof typeof defaultPolicy)[]).filter(
    name => name !== 'version' && Object.hasOwn(defaultPolicy, name),
  )
  const lines = [
    '## rel09 policy: what good means here. Written by rel09 init with every default; as it stands it changes nothing.',
    '## Lines that start with ## explain. Lines that start with # are settings: take away the # and the space to set them.',
    '## rel09 scan reads rel09.yaml from the working directory, or the file that --policy names.',
    '',
    ...explained(root.properties?.version, ''),
    'version: 1',
    ...parts.flatMap(name => partLines(name, root.properties?.[name] ?? {})),
  ]
  return `${lines.join('\n')}\n`
}

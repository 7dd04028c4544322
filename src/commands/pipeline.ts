/** What `scan`, `why` and the Action have in common: policy and rules, then inputs, then the join. */
import { lstatSync } from 'node:fs'
import { resolve } from 'node:path'
import { resourceDefinitions } from '../generated/resources.ts'
import { InventoryBuilder } from '../inventory/build.ts'
import type { Inventory } from '../model/inventory.ts'
import type { Policy } from '../model/policy.ts'
import type { DeclaredExemption, SnapshotRecord } from '../model/record.ts'
import type { InputProblem } from '../model/report.ts'
import type { Rule } from '../model/rule.ts'
import { builtInPolicy, policyDigest } from '../policy/built-in.ts'
import { isAccountId, isRegionCode } from '../resources/identity.ts'
import { builtInRules, builtInRulesDigest, factIndex } from '../rules/built-in.ts'
import type { RuleFile } from '../rules/load.ts'
import { readInputs } from '../sources/read.ts'
import type { TemplateOptions } from '../sources/source.ts'
import type { CommandContext } from './command.ts'
import { DeclaredExemptions } from './declared-exemptions.ts'
import { displayPath } from './display-path.ts'
import { readNamedFile } from './named-file.ts'
import { UsageError } from './usage-error.ts'

/** Options that decide what is judged, and by what. */
export interface JudgingOptions {
  policy?: string
  /** Folders (or files) with rules of the user's own. */
  rules?: string[]
  now?: string
  closedWorld?: boolean
  /** Inputs to judge the others by, which are not judged themselves (`--with`). */
  with?: string[]
  /** Where templates will be deployed, and the file with the values of their parameters. */
  account?: string
  region?: string
  parameters?: string
  /** The inputs are gone once they are judged: no finding may point at their lines. */
  isPassing?: boolean
  /** What standard input is called, where what it gives has a name of its own. */
  stdinName?: string
  /** Records that were read elsewhere, and are judged with the inputs. */
  beside?: readonly SnapshotRecord[]
}

/** What reading inputs takes of the process. */
export type ReadingContext = Pick<CommandContext, 'cwd' | 'stdin' | 'now'>

/** Policy and rules, loaded. */
export interface Standards {
  policy: Policy
  rules: readonly Rule[]
  /** Rules that an exemption beside a resource may name although they do not judge: those that a change brings. */
  otherRules?: readonly Rule[]
  /** Digest of the rules, where it is known without hashing them again. */
  rulesDigest?: string
}

/** The file names a policy is looked for under, in the working directory. */
export const policyFileNames = ['rel09.yaml', 'rel09.yml'] as const

/** Loads the policy (the given file, else `rel09.yaml` in the working directory, else the defaults) and the rules. */
export async function loadStandards(options: JudgingOptions, context: CommandContext): Promise<Standards> {
  const { rules, rulesDigest } = await loadRulesWith(options.rules ?? [], context)
  const found = options.policy ?? policyFileNames.find(name => exists(resolve(context.cwd, name)))
  let policy = builtInPolicy()
  if (found !== undefined) {
    const file = displayPath(found, context.cwd)
    const { loadPolicy } = await import('../policy/load.ts')
    const loaded = loadPolicy(readNamedFile(found, 'the policy', context), file, rules)
    if (!loaded.policy) {
      const { formatProblem } = await import('../rules/problem.ts')
      throw new UsageError(loaded.problems.map(formatProblem))
    }
    policy = loaded.policy
  }
  if (options.closedWorld) policy = declareClosedWorld(policy)
  return { policy, rules, rulesDigest }
}

/** `--closed-world` is a part of the policy that the digest must tell. */
function declareClosedWorld({ digest: _digest, ...policy }: Policy): Policy {
  const closed = { ...policy, closedWorld: true }
  return { ...closed, digest: policyDigest(closed) }
}

/** A policy that is there and cannot be read must not give way to the defaults in silence. */
function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    return true
  }
}

/** The built-in rules and those of the user's folders; every bad file is told at once. */
async function loadRulesWith(
  folders: readonly string[],
  context: CommandContext,
): Promise<{ rules: readonly Rule[]; rulesDigest?: string }> {
  if (folders.length === 0) return { rules: builtInRules, rulesDigest: builtInRulesDigest }
  const { ruleFilesIn } = await import('./rule-files.ts')
  const { rules, problems } = await withRules(ruleFilesIn(folders, context))
  if (problems.length > 0) throw new UsageError(problems)
  return { rules }
}

/** The built-in rules with those of files; every bad file is told at once. */
export async function withRules(files: readonly RuleFile[]): Promise<{ rules: readonly Rule[]; problems: string[] }> {
  const { loadRules, formatProblem } = await import('../rules/load.ts')
  const loaded = loadRules(files, factIndex)
  const ids = new Set(builtInRules.map(rule => rule.id))
  const problems = loaded.problems.map(formatProblem)
  for (const rule of loaded.rules)
    if (ids.has(rule.id))
      problems.push(
        `${rule.id}: a built-in rule has this id: choose another, or set the built-in rule's parameters in the policy`,
      )
  return { rules: [...builtInRules, ...loaded.rules], problems }
}

/** What `--account`, `--region` and `--parameters` state; refuses what cannot be meant. */
async function templateOptions(options: JudgingOptions, context: ReadingContext): Promise<TemplateOptions> {
  const { account, region, parameters: file } = options
  if (account !== undefined && !isAccountId(account))
    throw new UsageError([`--account ${account}: an account has twelve digits, e.g. 111122223333`])
  if (region !== undefined && !isRegionCode(region))
    throw new UsageError([`--region ${region}: write a Region as eu-west-1`])
  if (file === undefined) return { account, region }
  const { readParameters } = await import('../sources/cloudformation/parameters.ts')
  const read = readParameters(readNamedFile(file, 'the parameters file', context))
  if ('fault' in read) throw new UsageError([`${displayPath(file, context.cwd)}: the parameters file ${read.fault}`])
  return { account, region, parameters: read.values }
}

/** What came of reading the inputs. */
export interface Joined {
  inventory: Inventory
  problems: InputProblem[]
  /** Exemptions beside resources that are judged. */
  exemptions: DeclaredExemption[]
}

/** Reads inputs into the inventory. `onProgress` is told of the bytes read, for long work. */
export async function joinInputs(
  inputs: readonly string[],
  standards: Standards,
  options: JudgingOptions,
  context: ReadingContext,
  onProgress?: (bytesRead: number, bytesTotal: number) => void,
): Promise<Joined> {
  const template = await templateOptions(options, context)
  const readingOptions = {
    cwd: context.cwd,
    template,
    stdinName: options.stdinName,
    // Node makes the stream when it is asked for.
    get stdin() {
      return context.stdin
    },
  }
  const builder = new InventoryBuilder({
    definitions: resourceDefinitions,
    policy: standards.policy,
    now: options.now ?? context.now,
    clock: options.now,
  })
  const declared = new DeclaredExemptions()
  for (const record of options.beside ?? []) builder.add(record)
  const reading = readInputs([...inputs], readingOptions)
  const evidence = options.with?.length ? readInputs(options.with, readingOptions) : undefined
  // What the others are judged by comes first: the scopes of a snapshot are then known as such.
  for (const [one, evidenceOnly] of [
    [evidence, true],
    [reading, false],
  ] as const) {
    if (!one) continue
    for await (const batch of one.records) {
      for (const record of batch) {
        if (options.isPassing && record.record === 'resource') record.location = undefined
        builder.add(record, evidenceOnly)
        if (!evidenceOnly) declared.note(record)
      }
      onProgress?.(one.progress.bytesRead, one.progress.bytesTotal)
    }
  }
  const inventory = builder.finish()
  const { exemptions, problems } = declared.check([...standards.rules, ...(standards.otherRules ?? [])])
  return {
    inventory: { ...inventory, notEvaluated: [...inventory.notEvaluated, ...reading.notEvaluated] },
    problems: [...reading.problems, ...(evidence?.problems ?? []), ...problems],
    exemptions,
  }
}

/** One line of a problem with an input. */
export function problemLine(problem: InputProblem): string {
  return `${problem.file}${problem.line ? `:${problem.line}` : ''}: ${problem.message}`
}

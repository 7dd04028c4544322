/** What `scan` and `why` have in common: policy and rules, then inputs, then the join. */
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { resourceDefinitions } from '../generated/resources.ts'
import { InventoryBuilder } from '../inventory/build.ts'
import type { Inventory } from '../model/inventory.ts'
import type { Policy } from '../model/policy.ts'
import type { Rule } from '../model/rule.ts'
import { builtInPolicy, policyDigest } from '../policy/built-in.ts'
import { builtInRules, builtInRulesDigest, factIndex } from '../rules/built-in.ts'
import { readInputs } from '../sources/read.ts'
import type { InputProblem } from '../sources/source.ts'
import type { CommandContext } from './command.ts'
import { displayPath } from './display-path.ts'
import { UsageError } from './usage-error.ts'

/** Options that decide what is judged, and by what. */
export interface JudgingOptions {
  policy?: string
  /** Folders (or files) with rules of the user's own. */
  rules?: string[]
  now?: string
  closedWorld?: boolean
}

/** Policy and rules, loaded. */
export interface Standards {
  policy: Policy
  rules: readonly Rule[]
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
    const loaded = loadPolicy(readText(found, 'policy', context), file, rules)
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
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}

function readText(path: string, what: string, context: CommandContext): string {
  try {
    return readFileSync(resolve(context.cwd, path), 'utf8')
  } catch (error) {
    throw new UsageError([
      `${displayPath(path, context.cwd)}: the ${what} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`,
    ])
  }
}

/** The built-in rules and those of the user's folders; every bad file is told at once. */
async function loadRulesWith(
  folders: readonly string[],
  context: CommandContext,
): Promise<{ rules: readonly Rule[]; rulesDigest?: string }> {
  if (folders.length === 0) return { rules: builtInRules, rulesDigest: builtInRulesDigest }
  const { ruleFilesIn } = await import('./rule-files.ts')
  const { loadRules, formatProblem } = await import('../rules/load.ts')
  const loaded = loadRules(ruleFilesIn(folders, context), factIndex)
  const ids = new Set(builtInRules.map(rule => rule.id))
  const lines = loaded.problems.map(formatProblem)
  for (const rule of loaded.rules)
    if (ids.has(rule.id))
      lines.push(
        `${rule.id}: a built-in rule has this id: choose another, or set the built-in rule's parameters in the policy`,
      )
  if (lines.length > 0) throw new UsageError(lines)
  return { rules: [...builtInRules, ...loaded.rules] }
}

/** What came of reading the inputs. */
export interface Joined {
  inventory: Inventory
  problems: InputProblem[]
}

/** Reads inputs into the inventory. `onProgress` is told of the bytes read, for long work. */
export async function joinInputs(
  inputs: readonly string[],
  standards: Standards,
  options: JudgingOptions,
  context: CommandContext,
  onProgress?: (bytesRead: number, bytesTotal: number) => void,
): Promise<Joined> {
  const reading = readInputs([...inputs], context)
  const builder = new InventoryBuilder({
    definitions: resourceDefinitions,
    policy: standards.policy,
    now: options.now ?? context.now,
    clock: options.now,
  })
  for await (const batch of reading.records) {
    for (const record of batch) builder.add(record)
    onProgress?.(reading.progress.bytesRead, reading.progress.bytesTotal)
  }
  const inventory = builder.finish()
  return {
    inventory: { ...inventory, notEvaluated: [...inventory.notEvaluated, ...reading.notEvaluated] },
    problems: reading.problems,
  }
}

/** One line of a problem with an input. */
export function problemLine(problem: InputProblem): string {
  return `${problem.file}${problem.line ? `:${problem.line}` : ''}: ${problem.message}`
}

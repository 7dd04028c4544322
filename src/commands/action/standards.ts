/**
 * Where policy, rules and baseline are read from. A change cannot silence itself: what it could have written is read from the
 * base commit. Files that no commit of the repository holds (a policy that another step has fetched) are read as they are.
 */
import { existsSync, realpathSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { policyFileNames } from '../pipeline.ts'
import { pathInRepository, type Repository } from './git.ts'
import type { ActionOptions } from './inputs.ts'

/** Files that say what good means, absolute. */
export interface StandardsFiles {
  policy?: string
  rules: string[]
  baseline?: string
  /** Directory that messages name them from. */
  home: string
}

/** Files as they are checked out. */
export function checkedOutStandards(options: ActionOptions, root: string): StandardsFiles {
  const policy = options.policy ?? usualPolicy([options.workingDirectory, root])
  return {
    ...(policy === undefined ? {} : { policy }),
    rules: [...options.rules],
    ...(options.baseline === undefined ? {} : { baseline: options.baseline }),
    home: root,
  }
}

function usualPolicy(directories: readonly string[]): string | undefined {
  return directories
    .flatMap(directory => policyFileNames.map(name => join(directory, name)))
    .find(path => existsSync(path))
}

/** Where the base commit is laid out, and what it is compared with. */
export interface BaseFiles {
  repository: Repository
  /** Commit that is checked out. */
  head: string
  /** Directory with the files of the base; empty where the clone does not hold it. */
  directory: string
}

/** Files of the base commit, and a note for each that it does not hold and that therefore does not count yet. */
export async function baseStandards(
  options: ActionOptions,
  base: BaseFiles,
): Promise<{ files: StandardsFiles; notes: string[] }> {
  const { repository, directory } = base
  const notes: string[] = []
  const trusted = async (path: string, what: string): Promise<string | undefined> => {
    const source = await trustedSource(path, base)
    if (source === undefined)
      notes.push(
        `The ${what} ${relative(repository.root, path)} is not in the base commit: it counts once it is merged (or with policy-from: head).`,
      )
    return source
  }
  const inBase = (path: string) => resolve(directory, relative(repository.root, path))
  const policy =
    options.policy === undefined
      ? usualPolicy([inBase(options.workingDirectory), directory])
      : await trusted(options.policy, 'policy')
  const untaken =
    options.policy === undefined && policy === undefined && checkedOutStandards(options, repository.root).policy
  if (untaken) await trusted(untaken, 'policy')
  const rules = (await Promise.all(options.rules.map(path => trusted(path, 'rules in')))).filter(
    path => path !== undefined,
  )
  const baseline = options.baseline && (await trusted(options.baseline, 'baseline'))
  return {
    files: {
      ...(policy === undefined ? {} : { policy }),
      rules,
      ...(baseline === undefined ? {} : { baseline }),
      home: directory,
    },
    notes,
  }
}

/**
 * The file of the base commit; else the one that is checked out, where no commit says what it holds or where it is missing (which
 * whoever reads it tells). `undefined` where only the change has it.
 */
async function trustedSource(path: string, { repository, head, directory }: BaseFiles): Promise<string | undefined> {
  const inside = pathInRepository(repository.root, path)
  if (inside !== undefined && existsSync(join(directory, inside))) return join(directory, inside)
  if (!existsSync(path)) return path
  // A link may lead from a path that no commit holds, or from outside, to a file of the change.
  const real = pathInRepository(realpathSync(repository.root), realpathSync(path))
  for (const place of new Set([inside, real]))
    if (place !== undefined && (place === '' || (await repository.tracks(head, place)))) return undefined
  return path
}

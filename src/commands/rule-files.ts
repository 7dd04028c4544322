/** Finds rule files in the folders a user names. */
import { readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { RuleFile } from '../rules/load.ts'
import type { CommandContext } from './command.ts'
import { displayPath } from './display-path.ts'
import { readNamedFile, unreadable } from './named-file.ts'
import { UsageError } from './usage-error.ts'

const mostFiles = 5_000
const mostFolders = 8

/** Every `.yaml` or `.yml` file in the folders (or the files themselves), in order of their names. */
export function ruleFilesIn(folders: readonly string[], context: CommandContext): RuleFile[] {
  const paths = new Set<string>()
  for (const folder of folders) {
    const path = resolve(context.cwd, folder)
    try {
      if (statSync(path).isDirectory()) collect(path, paths, 0, context)
      else paths.add(path)
    } catch (error) {
      if (error instanceof UsageError) throw error
      throw unreadable(folder, 'the folder of rules', error, context)
    }
  }
  if (paths.size === 0)
    throw new UsageError([
      `${folders.map(folder => displayPath(folder, context.cwd)).join(', ')}: no rule file (*.yaml) there`,
    ])
  return [...paths]
    .sort()
    .map(path => ({ name: displayPath(path, context.cwd), text: readNamedFile(path, 'the rule', context) }))
}

/** A rule that would not be read is refused: passed over, nobody would notice that it judges nothing. */
function collect(folder: string, paths: Set<string>, depth: number, context: CommandContext): void {
  const refuse = (path: string, why: string) => new UsageError([`${displayPath(path, context.cwd)}: ${why}`])
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isSymbolicLink() && statSync(path, { throwIfNoEntry: false })?.isDirectory())
      throw refuse(path, 'is a symbolic link to a folder, which is not followed: name the folder by --rules')
    if (entry.isDirectory()) {
      if (depth === mostFolders) throw refuse(path, 'is nested too deeply for a folder of rules: name it by --rules')
      collect(path, paths, depth + 1, context)
    } else if (/\.ya?ml$/.test(entry.name)) {
      if (!entry.isFile()) throw refuse(path, 'is no plain file: put the rule itself there, or name it by --rules')
      paths.add(path)
    }
    if (paths.size > mostFiles) throw new UsageError([`more than ${mostFiles} rule files: name a smaller folder`])
  }
}

/** Finds rule files in the folders a user names. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { RuleFile } from '../rules/load.ts'
import type { CommandContext } from './command.ts'
import { displayPath } from './display-path.ts'
import { UsageError } from './usage-error.ts'

const mostFiles = 5_000

/** Every `.yaml` or `.yml` file in the folders (or the files themselves), in order of their names. */
export function ruleFilesIn(folders: readonly string[], context: CommandContext): RuleFile[] {
  const paths: string[] = []
  for (const folder of folders) {
    const path = resolve(context.cwd, folder)
    try {
      if (statSync(path).isDirectory()) collect(path, paths, 0)
      else paths.push(path)
    } catch (error) {
      throw new UsageError([
        `${displayPath(folder, context.cwd)}: cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`,
      ])
    }
  }
  if (paths.length === 0)
    throw new UsageError([
      `${folders.map(folder => displayPath(folder, context.cwd)).join(', ')}: no rule file (*.yaml) there`,
    ])
  return paths.sort().map(path => ({ name: displayPath(path, context.cwd), text: readFileSync(path, 'utf8') }))
}

/** Symbolic links are not followed: a folder of rules is what it holds. */
function collect(folder: string, paths: string[], depth: number): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && depth < 8) collect(path, paths, depth + 1)
    else if (entry.isFile() && /\.ya?ml$/.test(entry.name)) paths.push(path)
    if (paths.length > mostFiles) throw new UsageError([`more than ${mostFiles} rule files: name a smaller folder`])
  }
}

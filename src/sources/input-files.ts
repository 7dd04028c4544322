/** Finds the files behind the paths that a user names, and what output calls them. */

import { type Dirent, lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { basename, isAbsolute, join, relative, resolve, sep } from 'node:path'
import type { NotEvaluated } from '../model/report.ts'
import { byText } from '../model/text-order.ts'
import { describeReadError } from './bytes.ts'
import { type InputDirectory, inputDirectory, isWithin } from './input-directory.ts'

/** A file that was found, not yet opened. */
export interface FoundFile {
  /** Where it lies; never printed. `-` for standard input. */
  path: string
  /** What output calls it. */
  name: string
  named: boolean
  /** Name of the directory that the user named and that it was met in. */
  directory?: string
  /** The same, with the file's path in it. */
  met?: { in: InputDirectory; path: string }
  /** Bytes on disk; `undefined` for pipes and standard input. */
  size?: number
}

/** Directories whose content is other tools' and never an input. */
const passedOver = new Set(['.git', '.hg', '.svn', 'node_modules', '.terraform'])

/** Ends the name of the folder in which a run of the collector is kept until it is done. */
export const partsSuffix = '.rel09-parts'

/** Deeper trees are no inputs of ours, and would exhaust the stack. */
const maxDirectoryDepth = 200

/** What is told while files are found. */
export interface FindingFiles {
  cwd: string
  problem(file: string, message: string): void
  skip(entry: NotEvaluated): void
}

/**
 * What output calls a path: relative to the working directory, with forward slashes; outside it the last part alone, since
 * neither absolute paths nor `..` mean anything to whoever reads the output elsewhere.
 */
function displayName(path: string, cwd: string): string {
  const fromHere = relative(cwd, path)
  const isOutside = fromHere === '..' || fromHere.startsWith(`..${sep}`) || isAbsolute(fromHere)
  return isOutside ? basename(path) || 'input' : fromHere.split(sep).join('/') || '.'
}

function realpathOf(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}

/** The files behind the paths, in the order of the paths, a directory's by code unit; each once. */
export function findFiles(paths: readonly string[], finding: FindingFiles): FoundFile[] {
  const found: FoundFile[] = []
  const seen = new Set<string>()
  const names = new Map<string, number>()
  const directories = new Map<string, number>()

  /** Two files outside the working directory may have one name; the second is told apart by a number. */
  function uniqueName(name: string): string {
    const count = (names.get(name) ?? 0) + 1
    names.set(name, count)
    return count === 1 ? name : uniqueName(`${name} (${count})`)
  }

  function add(path: string, name: string, stats: Stats, met?: { in: InputDirectory; path: string }): void {
    const named = met === undefined
    let real: string
    try {
      real = realpathSync(path)
    } catch (error) {
      if (named) finding.problem(name, describeReadError(error))
      else finding.skip({ file: name, reason: `it ${describeReadError(error)}`, count: 1 })
      return
    }
    if (seen.has(real)) return
    seen.add(real)
    const file: FoundFile = { path, name: uniqueName(name), named }
    if (met !== undefined) {
      file.directory = met.in.name
      file.met = met
    }
    if (stats.isFile()) file.size = stats.size
    found.push(file)
  }

  const here = realpathOf(finding.cwd)

  /** Whoever made the files chose where their links lead: not to files of the machine that were never meant as an input. */
  function leadsOutside(path: string, directory: InputDirectory): boolean {
    const real = realpathOf(path)
    return real !== undefined && !(here !== undefined && isWithin(real, here)) && !directory.holds(real)
  }

  /** Returns how many files a directory holds, read before or not. */
  function walk(path: string, name: string, at: string, directory: InputDirectory, above: readonly string[]): number {
    let real: string
    let entries: Dirent[]
    try {
      real = realpathSync(path)
      entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => byText(a.name, b.name))
    } catch (error) {
      finding.problem(name, describeReadError(error))
      return 1
    }
    if (above.includes(real) || above.length > maxDirectoryDepth) {
      const reason = above.includes(real)
        ? 'is a symbolic link that leads back to a directory above it'
        : 'is nested too deeply'
      finding.problem(name, reason)
      return 0
    }
    let files = 0
    for (const listed of entries) {
      const entry = listed.name
      const full = join(path, entry)
      const called = name === '.' ? entry : `${name}/${entry}`
      const inside = at === '.' ? entry : `${at}/${entry}`
      let stats: Stats
      try {
        stats = statSync(full)
      } catch (error) {
        const isLink = lstatSync(full, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
        const reason = 'a symbolic link that leads nowhere'
        if (isLink) finding.skip({ file: called, reason, count: 1 })
        else finding.problem(called, describeReadError(error))
        continue
      }
      if (stats.isDirectory() && passedOver.has(entry)) {
        finding.skip({ file: called, reason: "another tool's directory, not searched", count: 1 })
      } else if (stats.isDirectory() && entry.endsWith(partsSuffix)) {
        finding.skip({ file: called, reason: 'parts of a collection that was not finished', count: 1 })
      } else if (listed.isSymbolicLink() && leadsOutside(full, directory)) {
        finding.problem(called, 'is a symbolic link that leads out of the working directory: name what it leads to')
        files++
      } else if (stats.isDirectory()) {
        files += walk(full, called, inside, directory, [...above, real])
      } else if (stats.isFile()) {
        files++
        add(full, called, stats, { in: directory, path: inside })
      } else finding.skip({ file: called, reason: 'neither a file nor a directory', count: 1 })
    }
    return files
  }

  /** Two directories outside the working directory may have one name, and what is read in them must not be taken for one. */
  function uniqueDirectory(name: string): string {
    const count = (directories.get(name) ?? 0) + 1
    directories.set(name, count)
    return count === 1 ? name : uniqueDirectory(`${name} (${count})`)
  }

  function walkNamed(path: string, name: string): number {
    try {
      return walk(path, name, '.', inputDirectory(path, uniqueDirectory(name)), [])
    } catch (error) {
      finding.problem(name, describeReadError(error))
      return 1
    }
  }

  for (const given of paths) {
    if (given === '-') {
      if (!seen.has('-')) found.push({ path: '-', name: '-', named: true })
      seen.add('-')
      continue
    }
    if (given === '') {
      finding.problem("''", 'is no path: an input has an empty name')
      continue
    }
    const path = resolve(finding.cwd, given)
    const name = displayName(path, resolve(finding.cwd))
    let stats: Stats
    try {
      stats = statSync(path)
    } catch (error) {
      finding.problem(name, describeReadError(error))
      continue
    }
    if (stats.isDirectory()) {
      if (walkNamed(path, name) === 0) finding.problem(name, 'holds no files')
    } else if (stats.isFile() || stats.isFIFO() || stats.isCharacterDevice()) add(path, name, stats)
    else finding.problem(name, 'is neither a file nor a directory')
  }
  return found
}

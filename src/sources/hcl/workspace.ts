/** The modules of a directory that the user named: which there are, which call which, and which are roots. */
import { type InputDirectory, normalPath } from '../input-directory.ts'
import { isObject, parseJson } from '../json.ts'
import { literalText } from './configuration.ts'
import {
  decoded,
  isLoadedByItself,
  type ModuleDirectory,
  maxFileBytes,
  moduleDirectory,
  type SourceText,
  type TellProblem,
} from './module-directory.ts'

/** A directory of configurations. */
export interface Workspace {
  /** Paths of the directories that are roots, in order. */
  roots(): string[]
  /** The module in a directory; `undefined` where there is none in what is scanned. */
  module(path: string): ModuleDirectory | undefined
  /** The one path of a directory; see {@link InputDirectory.canonical}. */
  canonical(path: string): string | undefined
  /** Whether nothing lies where a call's local source leads; `false` where that is outside, and nobody looks. */
  isNothingAt(path: string): boolean
  /** Whether a call's local source leads out of the working directory, which is where a repository begins. */
  leavesRepository(directory: string, source: string): boolean
  /** Where `terraform init` has put the module of a call; `undefined` where it was not run, or put it elsewhere. */
  installed(root: string, call: string): string | undefined
  /** Text of a file; why not. */
  text(path: string): { text: string } | { fault: string }
}

/** Longest file that `file()` and `templatefile()` read. */
const maxTextBytes = 1024 * 1024
const maxManifestBytes = 4 * 1024 * 1024

const isConfiguration = (name: string) => /\.tf(?:\.json)?$/.test(name)

/** Whether a module's source is a path. */
export function isLocal(source: string): boolean {
  return /^\.\.?(?:\/|$)/.test(source)
}

/** The path that a call's source means, from a directory; `undefined` where it leads out of what is scanned. */
export function pathOfCall(directory: string, source: string): string | undefined {
  return normalPath(`${directory}/${source}`)
}

/** A workspace of files by their directories' paths. Files that are in it but were read otherwise are read again. */
export function workspace(
  input: InputDirectory,
  given: ReadonlyMap<string, readonly SourceText[]>,
  problem: TellProblem,
): Workspace {
  const modules = new Map<string, ModuleDirectory | undefined>()
  const called = (path: string) => (input.name === '.' ? path : `${input.name}/${path}`)

  function read(path: string, baseName: string): SourceText {
    const name = called(path === '.' ? baseName : `${path}/${baseName}`)
    const bytes = input.read(path === '.' ? baseName : `${path}/${baseName}`, maxFileBytes)
    const content = typeof bytes === 'string' ? { fault: bytes } : decoded(bytes)
    if ('text' in content) return { name, baseName, text: content.text }
    problem(name, content.fault)
    return { name, baseName, text: undefined }
  }

  function load(path: string): ModuleDirectory | undefined {
    const own = given.get(path) ?? []
    const known = new Set(own.map(source => source.baseName))
    const others = (input.list(path) ?? []).filter(
      name => !known.has(name) && !name.startsWith('.') && (isConfiguration(name) || isLoadedByItself(name)),
    )
    const sources = [...own, ...others.map(name => read(path, name))]
    return sources.length === 0 ? undefined : moduleDirectory(sources, problem)
  }

  function module(path: string): ModuleDirectory | undefined {
    if (!modules.has(path)) modules.set(path, load(path))
    return modules.get(path)
  }

  function callsOf(path: string): string[] {
    const found: string[] = []
    for (const { block } of module(path)?.configuration.calls.values() ?? []) {
      const source = literalText(block.body, 'source')
      const target = source !== undefined && isLocal(source) ? pathOfCall(path, source) : undefined
      const canonical = target && input.canonical(target)
      if (canonical) found.push(canonical)
    }
    return found
  }

  function reached(from: readonly string[]): Set<string> {
    const seen = new Set(from)
    const open = [...from]
    for (let path = open.pop(); path !== undefined; path = open.pop())
      for (const target of callsOf(path))
        if (!seen.has(target)) {
          seen.add(target)
          open.push(target)
        }
    return seen
  }

  /** What `terraform init` installed below a root, by the calls' names. */
  function manifest(root: string): Map<string, string> {
    const found = new Map<string, string>()
    const bytes = input.read(`${root}/.terraform/modules/modules.json`, maxManifestBytes)
    const parsed = typeof bytes === 'string' ? undefined : parseJson(bytes.toString('utf8'))
    const document = parsed && 'value' in parsed ? parsed.value : undefined
    const entries = isObject(document) && Array.isArray(document.Modules) ? document.Modules.filter(isObject) : []
    for (const { Key: key, Dir: directory } of entries)
      if (typeof key === 'string' && typeof directory === 'string') found.set(key, directory)
    return found
  }
  const manifests = new Map<string, Map<string, string>>()

  return {
    module,
    canonical: path => input.canonical(path),
    isNothingAt: path => input.isEmptyAt(path),
    leavesRepository: (directory, source) => normalPath(called(`${directory}/${source}`)) === undefined,
    roots() {
      const all = [...given.keys()].filter(path => module(path)).sort()
      const targets = new Set(all.flatMap(path => callsOf(path).filter(target => target !== path)))
      const roots = all.filter(path => !targets.has(path))
      // Modules that call each other in a ring have no root above them: the first is taken for one.
      const seen = reached(roots)
      for (const path of all)
        if (!seen.has(path)) {
          roots.push(path)
          for (const one of reached([path])) seen.add(one)
        }
      return roots.sort()
    },
    installed(root, call) {
      let known = manifests.get(root)
      if (!known) manifests.set(root, (known = manifest(root)))
      const directory = known.get(call)
      const path = directory === undefined ? undefined : normalPath(`${root}/${directory}`)
      return path && input.canonical(path)
    },
    text(path) {
      const bytes = input.read(path, maxTextBytes)
      return typeof bytes === 'string' ? { fault: bytes } : decoded(bytes)
    },
  }
}

/** A file that is judged alone: nothing beside it is read. */
export function loneModule(source: SourceText, problem: TellProblem): Workspace {
  const module = moduleDirectory([source], problem)
  return {
    roots: () => ['.'],
    module: path => (path === '.' ? module : undefined),
    canonical: () => undefined,
    isNothingAt: () => false,
    leavesRepository: () => false,
    installed: () => undefined,
    text: () => ({ fault: 'is not read: the configuration was named alone' }),
  }
}

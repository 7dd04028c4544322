/**
 * The repository's history, read by `git`. Only commands that read objects are run, with fixed arguments and no shell; no hook,
 * filter, pager, external diff or setting of the machine has a say, and nothing is fetched.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'

/** What `git` could not tell. */
export class GitError extends Error {}

/** The top of the repository that holds a directory, not above `top`; `undefined` where there is none. */
export function repositoryRoot(directory: string, top: string): string | undefined {
  for (let path = directory; ; path = dirname(path)) {
    if (existsSync(join(path, '.git'))) return path
    const fromTop = relative(top, path)
    if (fromTop === '' || fromTop.startsWith('..') || dirname(path) === path) return undefined
  }
}

/** Settings that keep git from running, or asking, anything. A protocol that is not allowed cannot fetch what is missing. */
const settings = [
  ...['-c', 'core.quotePath=false', '-c', 'protocol.allow=never', '-c', 'core.fsmonitor=false'],
  ...['--no-pager', '--literal-pathspecs'],
]

/** Without HOME git finds no settings of a user. */
function gitEnvironment(environment: { readonly [name: string]: string | undefined }): NodeJS.ProcessEnv {
  const { PATH, SystemRoot } = environment
  return {
    PATH,
    SystemRoot,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
  }
}

/** A clone. Commits are given as whole ids. */
export class Repository {
  readonly root: string
  private readonly environment: NodeJS.ProcessEnv

  constructor(root: string, environment: { readonly [name: string]: string | undefined }) {
    this.root = root
    this.environment = gitEnvironment(environment)
  }

  /** What a command of git prints, in chunks. Throws {@link GitError} where git fails. */
  async *stream(args: readonly string[], input = ''): AsyncGenerator<Buffer> {
    // The directory is named, so that git neither looks for one nor asks who owns it (a container's user often does not).
    const child = spawn('git', ['--git-dir', join(this.root, '.git'), ...settings, ...args], {
      cwd: this.root,
      env: this.environment,
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    })
    let told = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (told.length < 2000) told += text
    })
    const ended = new Promise<Error | undefined>(resolve => {
      child.on('error', resolve)
      child.on('close', code => resolve(code === 0 ? undefined : new Error(told.trim() || `exit code ${code}`)))
    })
    child.stdin.on('error', () => {
      // git has ended before it read all: its exit code tells why.
    })
    child.stdin.end(input)
    try {
      for await (const chunk of child.stdout) yield chunk as Buffer
    } finally {
      child.stdout.destroy()
    }
    const error = await ended
    if (error) throw new GitError(`git ${args[0]}: ${error.message.split('\n')[0]}`)
  }

  /** All that a command of git prints. */
  async text(args: readonly string[]): Promise<string> {
    const chunks: Buffer[] = []
    for await (const chunk of this.stream(args)) chunks.push(chunk)
    return Buffer.concat(chunks).toString('utf8')
  }

  /** The first line of what a command prints; `undefined` where git fails. */
  private async maybe(args: readonly string[]): Promise<string | undefined> {
    try {
      return (await this.text(args)).split('\n')[0]
    } catch (error) {
      if (error instanceof GitError) return undefined
      throw error
    }
  }

  /** The commit that is checked out. */
  head(): Promise<string | undefined> {
    return this.maybe(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'])
  }

  /** True where the clone holds a commit and its files. */
  async holds(commit: string): Promise<boolean> {
    return (await this.maybe(['cat-file', '-t', `${commit}^{tree}`])) === 'tree'
  }

  /** Parents of a commit, as far as the clone reaches. */
  async parents(commit: string): Promise<string[]> {
    return ((await this.maybe(['rev-list', '--parents', '--max-count=1', commit])) ?? '').split(' ').slice(1)
  }

  /** The newest commit that both came from; `undefined` where the clone does not reach it. */
  mergeBase(a: string, b: string): Promise<string | undefined> {
    return this.maybe(['merge-base', a, b])
  }

  /** Paths of every file of a commit. */
  async files(commit: string): Promise<ReadonlySet<string>> {
    return new Set((await this.text(['ls-tree', '-r', '-z', '--full-tree', '--name-only', commit])).split('\0'))
  }

  /**
   * True where a path from the top is in a commit: the file or directory itself, or a link or submodule on the way to it,
   * through which the commit says what is there.
   */
  async tracks(commit: string, path: string): Promise<boolean> {
    const segments = path.split('/')
    const prefixes = segments.map((_, i) => segments.slice(0, i + 1).join('/'))
    const entries = (await this.text(['ls-tree', '-z', '--full-tree', commit, '--', ...prefixes])).split('\0')
    return entries.some(entry => {
      const [, type, name] = /^\d+ (\w+) [0-9a-f]+\t(.*)$/s.exec(entry) ?? []
      return type !== undefined && (type !== 'tree' || name === path)
    })
  }
}

/** A path from the top of a repository, with forward slashes; `undefined` for one outside. The top itself is empty. */
export function pathInRepository(root: string, path: string): string | undefined {
  const inside = relative(root, path)
  return inside === '..' || inside.startsWith(`..${sep}`) || /^([A-Za-z]:|[/\\])/.test(inside)
    ? undefined
    : inside.split(sep).join('/')
}

/** A real repository with a base and a change, and the bundle of the Action run over it as GitHub's runner does. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'

const project = join(import.meta.dirname, '../..')
const bundle = join(project, 'dist-action/index.mjs')

/** Files by path; `null` removes one, a list makes a symbolic link to its first member. */
export type Files = { readonly [path: string]: string | null | readonly [string] }

/** What `action.yml` declares. */
export interface Metadata {
  inputs: { [name: string]: { description: string; default: string } }
  outputs: { [name: string]: { description: string } }
  runs: { using: string; main: string }
}

export const metadata = parse(readFileSync(join(project, 'action.yml'), 'utf8')) as Metadata

/** An annotation as GitHub would show it. */
export interface Shown {
  level: string
  title: string
  file?: string
  line?: number
  message: string
}

/** What a run left behind. */
export interface Run {
  code: number | null
  log: string
  outputs: { [name: string]: string }
  summary: string
  annotations: Shown[]
}

/** How the step runs, beside its inputs. */
export interface Setting {
  inputs?: { [name: string]: string }
  event?: object
  environment?: { [name: string]: string }
  /** Where the clone is, when it is not the repository itself. */
  workspace?: string
}

const undoEscapes = (text: string): string =>
  text
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%')

/** The commands that the runner would obey in a log: those that no other command has stopped. */
export function commandsOf(log: string): { command: string; properties: { [name: string]: string }; data: string }[] {
  let stopped: string | undefined
  return log.split(/\r?\n/).flatMap(line => {
    const [, command, list = '', data = ''] = /^\s*::([\w-]+)(?: ([^:]*))?::(.*)$/s.exec(line) ?? []
    if (command === undefined) return []
    if (stopped !== undefined) {
      if (command === stopped) stopped = undefined
      return []
    }
    if (command === 'stop-commands') stopped = data
    const pairs = list.split(',').map(pair => pair.split('='))
    const properties = Object.fromEntries(pairs.map(([name = '', value = '']) => [name, undoEscapes(value)]))
    return [{ command, properties, data: undoEscapes(data) }]
  })
}

/** `GITHUB_OUTPUT`: `name<<delimiter`, lines of the value, the delimiter. */
function outputsOf(text: string): { [name: string]: string } {
  const found = text.matchAll(/^([\w-]+)<<(\S+)\n((?:.|\n)*?)\n?\2$/gm)
  return Object.fromEntries([...found].map(([, name, , value]) => [name, value]))
}

/** A repository in a temporary directory, with one commit. */
export class TestRepository {
  readonly directory = mkdtempSync(join(tmpdir(), 'rel09-action-'))
  readonly path = join(this.directory, 'checkout')

  constructor(files: Files) {
    mkdirSync(this.path)
    this.git('init', '--quiet', '--initial-branch=main')
    this.write(files)
    this.commit('base')
  }

  git(...args: string[]): string {
    const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@bookshop.example', '-c', 'commit.gpgsign=false']
    const setting = {
      cwd: this.path,
      encoding: 'utf8' as const,
      env: { PATH: process.env.PATH, HOME: this.directory },
    }
    return execFileSync('git', [...identity, ...args], { ...setting, stdio: ['ignore', 'pipe', 'pipe'] }).trim()
  }

  write(files: Files): void {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.path, name)
      rmSync(path, { recursive: true, force: true })
      mkdirSync(dirname(path), { recursive: true })
      if (typeof content === 'string') writeFileSync(path, content)
      else if (content !== null) symlinkSync(content[0], path)
    }
  }

  commit(message: string): string {
    this.git('add', '--all', '--force')
    this.git('commit', '--quiet', '--allow-empty', '--message', message)
    return this.git('rev-parse', 'HEAD')
  }

  /** Commits a change on a branch, merges it as GitHub does for a pull request, and checks the merge out. */
  propose(files: Files): { base: string; head: string; merge: string } {
    const base = this.git('rev-parse', 'main')
    this.git('checkout', '--quiet', '-B', 'change', base)
    this.write(files)
    const head = this.commit('change')
    this.git('checkout', '--quiet', '--detach', base)
    this.git('merge', '--quiet', '--no-ff', '--no-edit', head)
    return { base, head, merge: this.git('rev-parse', 'HEAD') }
  }

  /** A clone of depth one of what is checked out, as actions/checkout makes it by default. */
  shallowClone(): string {
    const path = join(this.directory, 'shallow')
    this.git('branch', '--force', 'checked-out', 'HEAD')
    this.git('clone', '--quiet', '--depth=1', '--branch=checked-out', `file://${this.path}`, path)
    return path
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }

  /** Runs one step. Inputs that are not given have the defaults of `action.yml`, as the runner gives them. */
  run({ inputs = {}, event = {}, environment = {}, workspace = this.path }: Setting = {}): Run {
    const file = (name: string, content = '') => {
      const path = join(this.directory, name)
      writeFileSync(path, content)
      return path
    }
    mkdirSync(join(this.directory, 'temp'), { recursive: true })
    const given = Object.entries(metadata.inputs).map(([name, { default: usual }]) => [
      `INPUT_${name.toUpperCase()}`,
      inputs[name] ?? usual,
    ])
    const [output, summary] = [file('output'), file('summary')]
    const result = spawnSync(process.execPath, [bundle], {
      cwd: workspace,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: {
        PATH: process.env.PATH,
        GITHUB_ACTIONS: 'true',
        GITHUB_WORKSPACE: workspace,
        GITHUB_EVENT_PATH: file('event.json', JSON.stringify(event)),
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
        RUNNER_TEMP: join(this.directory, 'temp'),
        ...Object.fromEntries(given),
        ...environment,
      },
    })
    const log = `${result.stdout}${result.stderr}`
    const annotations = commandsOf(log)
      .filter(({ command }) => ['error', 'warning', 'notice'].includes(command))
      .map(({ command, properties: { title = '', file: at, line }, data }) => ({
        level: command,
        title,
        ...(at === undefined ? {} : { file: at }),
        ...(line === undefined ? {} : { line: Number(line) }),
        message: data,
      }))
    return {
      code: result.status,
      log,
      outputs: outputsOf(readFileSync(output, 'utf8')),
      summary: readFileSync(summary, 'utf8'),
      annotations,
    }
  }
}

/** The event of a pull request. */
export const pullRequest = ({ base, head }: { base: string; head: string }, more: object = {}): object => ({
  action: 'synchronize',
  number: 7,
  pull_request: { number: 7, base: { sha: base, ref: 'main' }, head: { sha: head, ref: 'change', ...more } },
  repository: { default_branch: 'main' },
})

/** The inputs of the Action, checked. `action.yml` tells users of them. */
import { resolve } from 'node:path'
import { reporters } from '../../generated/reporters.ts'
import { type Severity, severities } from '../../model/rule.ts'
import { suggestion } from '../../rules/problem.ts'
import { checkTime } from '../options.ts'
import type { JudgingOptions } from '../pipeline.ts'
import { UsageError } from '../usage-error.ts'
import type { ActionHost } from './host.ts'

/** What a step asks for. Paths are absolute. */
export interface ActionOptions {
  /** What the runner checked the repository out into. */
  workspace: string
  workingDirectory: string
  paths: readonly string[]
  policy?: string
  policyFrom: 'base' | 'head'
  rules: readonly string[]
  baseline?: string
  /** What decides verdicts beside policy and rules. */
  judging: JudgingOptions
  failOn: Severity | 'never'
  failOnNewExemption: boolean
  requireEvidence: boolean
  onlyChanged: boolean
  /** Greatest number of annotations. */
  annotations: number
  /** Format of the report; absent for none. */
  format?: string
  reportFile?: string
  sarifFile?: string
}

/** Inputs for options that no scan has yet. Wiring one: take its name from here, and add it to `judging` below. */
const unsupported = ['with-snapshot', 'account', 'region', 'parameters'] as const

/** Formats that are written for GitHub by the Action itself, or not to be read in a log. */
const formats = ['none', ...Object.keys(reporters).filter(name => name !== 'github')].sort()

const mostAnnotations = 50

class InputReader {
  readonly problems: string[] = []
  private readonly host: ActionHost

  constructor(host: ActionHost) {
    this.host = host
  }

  text(name: string): string | undefined {
    const value = this.host.input(name)
    return value === '' ? undefined : value
  }

  /** One entry a line. */
  lines(name: string): string[] {
    return this.host
      .input(name)
      .split(/\r?\n/)
      .map(line => line.trim())
      .filter(line => line !== '')
  }

  flag(name: string): boolean {
    const value = this.host.input(name).toLowerCase()
    if (value !== '' && value !== 'true' && value !== 'false')
      this.problems.push(`${name}: write true or false, not ${value}`)
    return value === 'true'
  }

  choice<T extends string>(name: string, choices: readonly T[], usual: T): T {
    const value = this.text(name) ?? usual
    const found = choices.find(choice => choice === value)
    if (found === undefined)
      this.problems.push(`${name}: write one of ${choices.join(', ')}, not ${value}${suggestion(value, choices)}`)
    return found ?? usual
  }

  count(name: string, most: number): number {
    const value = this.text(name)
    if (value === undefined) return most
    if (!/^\d+$/.test(value)) this.problems.push(`${name}: write a whole number from 0 to ${most}, not ${value}`)
    return Math.min(most, Number(value))
  }
}

const known = <T extends object>(members: T): T =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T

/** Reads every input; tells all that is wrong at once. */
export function readOptions(host: ActionHost): ActionOptions {
  const read = new InputReader(host)
  for (const name of unsupported)
    if (read.text(name) !== undefined)
      read.problems.push(`${name}: this version of rel09 cannot do that yet: leave it out`)
  const { GITHUB_WORKSPACE: workspace } = host.environment
  if (workspace === undefined || workspace === '')
    throw new UsageError(['GITHUB_WORKSPACE is not set: no workflow runs this'])
  const workingDirectory = resolve(workspace, read.text('working-directory') ?? '.')
  const here = (path: string | undefined) => (path === undefined ? undefined : resolve(workingDirectory, path))
  const paths = read.lines('paths')
  if (paths.includes('-')) read.problems.push('paths: a step has no standard input: name files or directories')
  const format = read.choice('format', formats, 'text')
  const options = known<ActionOptions>({
    workspace: resolve(workspace),
    workingDirectory,
    paths: (paths.length === 0 ? ['.'] : paths).map(path => resolve(workingDirectory, path)),
    policy: here(read.text('policy')),
    policyFrom: read.choice('policy-from', ['base', 'head'], 'base'),
    rules: read.lines('rules').map(path => resolve(workingDirectory, path)),
    baseline: here(read.text('baseline')),
    judging: known<JudgingOptions>({ now: checkedTime(read), closedWorld: read.flag('closed-world') }),
    failOn: read.choice('fail-on', [...severities, 'never'], 'low'),
    failOnNewExemption: read.flag('fail-on-new-exemption'),
    requireEvidence: read.flag('require-evidence'),
    onlyChanged: read.flag('only-changed'),
    annotations: read.count('annotations', mostAnnotations),
    format: format === 'none' ? undefined : format,
    reportFile: here(read.text('report-file')),
    sarifFile: here(read.text('sarif-file')),
  } as ActionOptions)
  if (read.problems.length > 0) throw new UsageError(read.problems)
  return options
}

function checkedTime(read: InputReader): string | undefined {
  try {
    return checkTime(read.text('now'))
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    read.problems.push(...error.lines.map(line => line.replace(/^--/, '')))
    return undefined
  }
}

/** The GitHub Action: judges what is checked out, tells what is new in the change, and leaves all else in peace. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { reporters } from '../../generated/reporters.ts'
import type { ExemptionChange } from '../../model/policy.ts'
import type { DeclaredExemption } from '../../model/record.ts'
import type { InputProblem, Report } from '../../model/report.ts'
import { severities } from '../../model/rule.ts'
import { declaredExemptionChanges, exemptionChanges } from '../../policy/exemption-changes.ts'
import { type AnnotationRoom, annotationLevels, annotationsOf } from '../../reporters/annotations.ts'
import { concludeReport } from '../../reporters/conclusion.ts'
import { counted } from '../../reporters/count-text.ts'
import { exemptionChangeText, jobSummary } from '../../reporters/job-summary.ts'
import { repositoryPath } from '../../reporters/repository-path.ts'
import type { Annotation } from '../../reporters/workflow-command.ts'
import { version } from '../../version.ts'
import { readBaseline } from '../baseline.ts'
import type { CommandContext } from '../command.ts'
import { exitCodeOf, exitCodes } from '../exit-code.ts'
import { writeNamedFile } from '../named-file.ts'
import { loadStandards, problemLine, type Standards } from '../pipeline.ts'
import { type Scanned, scanInputs } from '../scan-inputs.ts'
import { UsageError } from '../usage-error.ts'
import { changedLines, formerNames, isTouched } from './changed-lines.ts'
import { layOutCommit } from './commit-files.ts'
import { type Comparison, findComparison } from './comparison.ts'
import { readChange } from './event.ts'
import { GitError, pathInRepository, Repository, repositoryRoot } from './git.ts'
import type { ActionHost } from './host.ts'
import { type ActionOptions, readOptions } from './inputs.ts'
import { type ChangeTests, type KnownFindings, knownFindings, type SetAside, setAside } from './set-aside.ts'
import { baseStandards, checkedOutStandards, type StandardsFiles } from './standards.ts'

/** Runs the Action and resolves to its exit code, which is a scan's. Never throws. */
export async function runAction(host: ActionHost): Promise<number> {
  let scratch: string | undefined
  try {
    const options = readOptions(host)
    scratch = mkdtempSync(join(host.environment.RUNNER_TEMP || tmpdir(), 'rel09-'))
    return await new ActionRun(host, options, scratch).run()
  } catch (error) {
    return await tellFailure(host, error)
  } finally {
    if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true })
  }
}

async function tellFailure(host: ActionHost, error: unknown): Promise<number> {
  const lines =
    error instanceof UsageError
      ? [...error.lines]
      : [
          'This is a fault of rel09; please report it with the lines below.',
          ...(error instanceof Error ? (error.stack ?? error.message).split('\n') : [String(error)]),
        ]
  host.annotate({ level: 'error', title: 'rel09 could not judge', lines })
  host.setOutput('exit-code', exitCodes.unusable)
  await host.writeSummary(jobSummary({ failure: lines }))
  return exitCodes.unusable
}

/** What a run came to. */
interface Outcome {
  /** With everything set aside that is not the change's. */
  report: Report
  aside: SetAside
  changes: readonly ExemptionChange[]
  problems: readonly InputProblem[]
  /** What else keeps the result from being trusted: exit code 2. */
  faults: readonly string[]
  /** What a reader should know of how it was judged. */
  notes: readonly string[]
  comparison: Comparison
}

/** By what is judged, and what the change would have exempted. */
interface Judging {
  standards: Standards
  baseline?: ReadonlySet<string>
  changes: ExemptionChange[]
}

/** What a comparison with the base comes to. */
interface Compared {
  aside: SetAside
  /** Exemptions beside resources that the base does not have. */
  changes: ExemptionChange[]
}

/** What the base has. */
interface Before {
  findings: KnownFindings
  exemptions: readonly DeclaredExemption[]
}

const untellable = 'fail-on-new-exemption: without the base commit nobody can tell which exemptions are new'

const nothingAside: SetAside = { known: new Set(), untouched: new Set() }

class ActionRun {
  private readonly host: ActionHost
  private readonly options: ActionOptions
  private readonly scratch: string
  private readonly root: string
  private readonly repository: Repository | undefined
  private readonly context: CommandContext
  private readonly notes: string[] = []
  private readonly faults: string[] = []
  /** Whatever the change could have written does not judge it. */
  private isByBase = false

  constructor(host: ActionHost, options: ActionOptions, scratch: string) {
    this.host = host
    this.options = options
    this.scratch = scratch
    const root = repositoryRoot(options.workingDirectory, options.workspace)
    this.root = root ?? options.workspace
    this.repository = root === undefined ? undefined : new Repository(root, host.environment)
    const nothing = { write: () => true }
    this.context = {
      cwd: this.root,
      stdin: host.stdin,
      stdout: nothing,
      stderr: nothing,
      colour: false,
      now: host.now,
      clock: () => 0,
      version,
      commands: {},
    }
  }

  async run(): Promise<number> {
    const { environment } = this.host
    const change = readChange(environment)
    const comparison = await findComparison(this.repository, change, environment.GITHUB_SHA)
    if (comparison.problem !== undefined) this.notes.push(comparison.problem)
    this.isByBase = change.kind === 'proposal' && this.options.policyFrom === 'base'
    const { standards, baseline, changes: ofPolicy } = await this.standards(comparison, change.kind === 'proposal')
    const scanned = await this.scan(this.root, this.options.paths, standards)
    // What code scanning is told: it compares with the base by itself, and would take what is missing for mended.
    const whole = scanned.report(baseline)
    const { aside, changes: besideResources } = await this.compare(comparison, standards, {
      report: whole,
      exemptions: scanned.exemptions,
    })
    const changes = [...ofPolicy, ...besideResources]
    const all = new Set([...(baseline ?? []), ...aside.known, ...aside.untouched])
    const report = all.size === 0 ? whole : scanned.report(all)
    const { problems } = scanned
    return this.tell({ report, aside, changes, problems, faults: this.faults, notes: this.notes, comparison }, whole)
  }

  private scan(cwd: string, inputs: readonly string[], standards: Standards): Promise<Scanned> {
    const { judging, failOn } = this.options
    // An exemption beside a resource is written by whoever changes the resource: like the change's own policy, it silences nothing.
    const options = { ...judging, failOn, ignoreInlineExemptions: this.isByBase }
    return scanInputs(inputs, standards, options, { ...this.context, cwd })
  }

  /** A directory of its own for files of a commit. */
  private async layOut(name: string, commit: string | undefined, isWanted: (path: string) => boolean): Promise<string> {
    const directory = mkdtempSync(join(this.scratch, name))
    if (commit !== undefined && this.repository) await layOutCommit(this.repository, commit, directory, isWanted)
    return directory
  }

  private load(files: StandardsFiles): Promise<Standards> {
    const { policy, rules, home } = files
    return loadStandards({ ...this.options.judging, policy, rules }, { ...this.context, cwd: home })
  }

  /** Policy, rules and baseline that count, and what the change would have exempted. */
  private async standards(comparison: Comparison, isProposal: boolean): Promise<Judging> {
    const current = checkedOutStandards(this.options, this.root)
    if (!isProposal && comparison.standards === undefined) return this.judgedBy(current, await this.load(current), [])
    const fromBase = this.isByBase
    const hasBase = comparison.standards !== undefined
    if (this.options.failOnNewExemption && !hasBase) this.faults.push(untellable)
    const directory = await this.layOut('standards-', comparison.standards, path => this.isOfStandards(path))
    const base = await this.filesOfBase(comparison, directory, fromBase)
    const before = await this.loadOr(base, fromBase, 'in the base commit: ')
    const after = await this.loadOr(current, !fromBase, '')
    const changes = before && after && hasBase ? exemptionChanges(before.policy, after.policy) : []
    if (!fromBase) return this.judgedBy(current, after!, changes)
    if (hasBase && after && after.policy.digest !== before!.policy.digest)
      this.notes.push('The change edits the policy: it was judged by the policy of the base commit.')
    return this.judgedBy(base, { ...before!, ...(after ? { otherRules: after.rules } : {}) }, changes)
  }

  /** Standards that do not load fail the run at once where they count, else when all has been judged. */
  private async loadOr(files: StandardsFiles, doCount: boolean, where: string): Promise<Standards | undefined> {
    try {
      return await this.load(files)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      const lines = error.lines.map(line => `${where}${line}`)
      if (doCount) throw new UsageError(lines)
      this.faults.push(...lines)
      return undefined
    }
  }

  private judgedBy(files: StandardsFiles, standards: Standards, changes: ExemptionChange[]): Judging {
    const { baseline, home } = files
    if (baseline === undefined) return { standards, changes }
    return { standards, changes, baseline: readBaseline(baseline, { ...this.context, cwd: home }) }
  }

  /** Without the base commit nothing that the change could have written counts: the built-in defaults judge. */
  private async filesOfBase(
    { head, standards }: Comparison,
    directory: string,
    fromBase: boolean,
  ): Promise<StandardsFiles> {
    if (this.repository === undefined || head === undefined) return { rules: [], home: directory }
    const { files, notes } = await baseStandards(this.options, { repository: this.repository, head, directory })
    if (!fromBase) return files
    if (standards !== undefined) this.notes.push(...notes)
    else if (notes.length > 0)
      this.notes.push('Without the base commit its policy, rules and baseline are not known: the built-in ones judged.')
    return files
  }

  private isOfStandards(path: string): boolean {
    const { policy, rules, baseline } = checkedOutStandards(this.options, this.root)
    const named = [policy, baseline, ...rules].filter(file => file !== undefined)
    return (
      /(^|\/)rel09\.ya?ml$/.test(path) ||
      named.some(file => {
        const inside = pathInRepository(this.root, file)
        return inside !== undefined && isAtOrBelow(path, inside)
      })
    )
  }

  /** Judges the base by the same standards, and tells which findings of the whole are not the change's. */
  private async compare(
    comparison: Comparison,
    standards: Standards,
    after: { report: Report; exemptions: readonly DeclaredExemption[] },
  ): Promise<Compared> {
    const { base, head } = comparison
    if (this.repository === undefined || base === undefined || head === undefined)
      return { aside: nothingAside, changes: [] }
    try {
      const before = await this.before(base, standards)
      const former = await formerNames(this.repository, base, head)
      const formerName = (file: string) => former.get(file)
      const tests: ChangeTests = { known: before.findings, formerName }
      if (this.options.onlyChanged) {
        const lines = await changedLines(this.repository, base, head)
        const files = await this.repository.files(head)
        tests.isTouched = finding => isTouched(finding, lines, files)
      }
      // What is pushed to the default branch has been accepted, as in the policy.
      const isReviewed = comparison.standards !== undefined
      const changes = isReviewed ? declaredExemptionChanges(before.exemptions, after.exemptions, formerName) : []
      return { aside: setAside(after.report, tests), changes }
    } catch (error) {
      if (!(error instanceof GitError)) throw error
      delete comparison.base
      comparison.problem = `The base commit ${base.slice(0, 12)} cannot be read (${error.message}): give actions/checkout \`fetch-depth: 0\`.`
      this.notes.push(comparison.problem)
      if (this.options.failOnNewExemption) this.faults.push(untellable)
      return { aside: nothingAside, changes: [] }
    }
  }

  private async before(base: string, standards: Standards): Promise<Before> {
    const inputs = this.options.paths.map(path => pathInRepository(this.root, path)).filter(path => path !== undefined)
    const directory = await this.layOut('base-', base, path => isInput(path, inputs))
    const there = inputs.filter(path => existsSync(join(directory, path)))
    if (there.length === 0) return { findings: new Map(), exemptions: [] }
    const scanned = await this.scan(
      directory,
      there.map(path => join(directory, path)),
      standards,
    )
    return { findings: knownFindings(scanned.report()), exemptions: scanned.exemptions }
  }

  private async tell(outcome: Outcome, whole: Report): Promise<number> {
    const { options, host } = this
    const code = this.exitCode(outcome)
    const failure = code === exitCodes.clean ? undefined : failureText(code, outcome, options)
    await this.writeFiles(outcome, whole)
    for (const annotation of this.annotations(outcome, failure)) host.annotate(annotation)
    host.say(concludeReport(outcome.report).text)
    this.writeOutputs(outcome, code)
    await host.writeSummary(
      jobSummary({
        report: outcome.report,
        changes: outcome.changes,
        changesCount: !this.isByBase,
        base: outcome.comparison.base,
        known: outcome.aside.known.size,
        untouched: outcome.aside.untouched.size,
        notes: outcome.notes,
        faults: [...outcome.faults, ...outcome.problems.map(problemLine)],
      }),
    )
    return code
  }

  private exitCode({ report, problems, faults, changes }: Outcome): number {
    const { failOn, requireEvidence, failOnNewExemption } = this.options
    const code = exitCodeOf(report, { failOn, unreadable: problems.length + faults.length > 0, requireEvidence })
    return failOnNewExemption && changes.length > 0 && code !== exitCodes.unusable ? exitCodes.findings : code
  }

  /** Within what GitHub shows of a step: ten of each level, of which the messages of the run itself come first. */
  private annotations(outcome: Outcome, failure: string | undefined): Annotation[] {
    const { problems, faults, report, comparison, changes } = outcome
    const first: Annotation[] = []
    if (failure !== undefined) first.push({ level: 'error', title: 'rel09', lines: [failure] })
    if (comparison.problem !== undefined)
      first.push({ level: 'warning', title: 'rel09: all findings count as new', lines: [...outcome.notes] })
    if (changes.length > 0)
      first.push({
        level: 'warning',
        title: `rel09: ${exemptionsText(changes)}`,
        lines: changes.slice(0, 5).map(exemptionChangeText),
      })
    const unusable = [...faults.map(line => ({ message: line })), ...problems].slice(0, 5).map(problemAnnotation)
    const own = [...first, ...unusable]
    const ofLevel = (level: Annotation['level']) => own.filter(annotation => annotation.level === level).length
    const room: AnnotationRoom = { error: 10 - ofLevel('error'), warning: 10 - ofLevel('warning'), notice: 9 }
    const { annotations, rest } = annotationsOf(report, new Set(['non-compliant']), room, this.options.annotations)
    const more: Annotation = {
      level: 'notice',
      title: 'rel09',
      lines: [`${counted(rest, 'more finding')}: see the summary of this job`],
    }
    const all = [...own, ...annotations, ...(rest > 0 && this.options.annotations > 0 ? [more] : [])]
    return annotationLevels.flatMap(level => all.filter(annotation => annotation.level === level))
  }

  private async writeFiles({ report }: Outcome, whole: Report): Promise<void> {
    const { sarifFile, reportFile, format } = this.options
    const anchor = whole.policyFile
    if (sarifFile !== undefined) writeNamedFile(sarifFile, await rendered('sarif', whole, anchor), this.context)
    if (format === undefined) return
    const chunks = await rendered(format, report, anchor)
    if (reportFile === undefined) this.host.log('rel09 report', chunks)
    else writeNamedFile(reportFile, chunks, this.context)
  }

  private writeOutputs({ report, changes }: Outcome, code: number): void {
    const { host, options } = this
    const { states, verdicts } = report.summary
    const fresh = countShown(report)
    host.setOutput('findings', states.open + states.belowThreshold + states.baselined)
    host.setOutput('new', states.open + states.belowThreshold)
    for (const severity of severities) host.setOutput(severity, fresh[severity])
    host.setOutput('worst', severities.find(severity => fresh[severity] > 0) ?? 'none')
    host.setOutput('undetermined', verdicts.undetermined)
    host.setOutput('new-exemptions', changes.length)
    host.setOutput('sarif-file', this.fromWorkspace(options.sarifFile))
    host.setOutput('report-file', this.fromWorkspace(options.format === undefined ? undefined : options.reportFile))
    host.setOutput('exit-code', code)
  }

  /** A path as the next step of the workflow can use it. */
  private fromWorkspace(path: string | undefined): string {
    if (path === undefined) return ''
    return pathInRepository(this.options.workspace, path) ?? path
  }
}

const isAtOrBelow = (path: string, directory: string): boolean =>
  directory === '' || path === directory || path.startsWith(`${directory}/`)

/** Names of files that an input may refer to: modules, nested templates, values. */
const referredTo = /\.(tf|tfvars|json|ya?ml|template)$/

const isInput = (path: string, inputs: readonly string[]): boolean =>
  referredTo.test(path) || inputs.some(input => isAtOrBelow(path, input))

async function rendered(format: string, report: Report, anchor: string | undefined): Promise<Iterable<string>> {
  const reporter = await reporters[format]!()
  return reporter.render(report, {
    verdicts: new Set(reporter.defaultVerdicts),
    colour: false,
    width: 100,
    ...(anchor === undefined ? {} : { anchor }),
  })
}

/** Findings that are shown, by severity: open ones and those below the threshold. */
function countShown(report: Report): { [severity in (typeof severities)[number]]: number } {
  const counts = { critical: 0, high: 0, medium: 0, low: 0 }
  for (const { state, severity } of report.findings(new Set(['non-compliant'])))
    if (state === 'open' || state === 'belowThreshold') counts[severity] += 1
  return counts
}

function problemAnnotation({ message, file, line }: { message: string; file?: string; line?: number }): Annotation {
  const path = file === undefined ? undefined : repositoryPath(file)
  return {
    level: 'error',
    title: 'rel09 could not read this',
    lines: [path === undefined && file !== undefined ? `${file}: ${message}` : message],
    ...(path === undefined ? {} : { file: path, line: line ?? 1 }),
  }
}

const exemptionsText = (changes: readonly ExemptionChange[]): string =>
  `the change exempts more than before (${counted(changes.length, 'entry', 'entries')})`

function failureText(code: number, { report, changes, problems, faults }: Outcome, options: ActionOptions): string {
  const { open } = report.summary
  if (code === exitCodes.unusable)
    return `${counted(problems.length + faults.length, 'problem')} with inputs, policy or rules: what could be read was judged`
  if (code === exitCodes.evidenceMissing) return 'evidence is missing, and require-evidence asks for it'
  const count = severities.reduce((sum, severity) => sum + open[severity], 0)
  const told = [
    count === 0 ? undefined : `${counted(count, 'finding')} at ${options.failOn} or worse`,
    options.failOnNewExemption && changes.length > 0 ? exemptionsText(changes) : undefined,
  ]
  return told.filter(text => text !== undefined).join('; ')
}

/** One side of `rel09 diff`: a saved report, or inputs that are judged now. */
import { ComparedSide, type SideFacts } from '../engine/compared-side.ts'
import type { Side } from '../engine/comparison.ts'
import type { Verdict } from '../model/rule.ts'
import { visible } from '../reporters/visible-text.ts'
import type { CommandContext } from './command.ts'
import { displayPath } from './display-path.ts'
import { problemLine, type Standards } from './pipeline.ts'
import { isSavedReport, readSavedReport } from './saved-report.ts'
import { scanInputs, type VerdictOptions } from './scan-inputs.ts'

/** By what inputs are judged. */
export interface SideOptions {
  /** Loads policy and rules, once for both sides; two reports need neither. */
  standards: () => Promise<Standards>
  judging: Omit<VerdictOptions, 'failOn'>
  onProgress: (bytesRead: number, bytesTotal: number) => void
}

/** What does not apply is what is not listed. */
const kept: ReadonlySet<Verdict> = new Set(['compliant', 'non-compliant', 'undetermined'])

/** Reads and judges a side. What was joined for it is given up before the next is read. */
export async function readSide(
  input: string,
  against: Side | undefined,
  options: SideOptions,
  context: CommandContext,
): Promise<Side> {
  const judged = new ComparedSide(against?.judged)
  const idOf = await presentIds()
  if (isSavedReport(input, context)) {
    const wanted = options.judging.ruleIds && new Set(options.judging.ruleIds.map(idOf))
    const facts = await readSavedReport(input, context, finding => {
      if (!wanted || wanted.has(idOf(finding.rule))) judged.addFinding(finding, { idOf })
    })
    return { facts: { ...facts, rules: new Map([...facts.rules].map(([id, ran]) => [idOf(id), ran])) }, judged }
  }
  const scanned = await scanInputs(
    [input],
    await options.standards(),
    { ...options.judging, failOn: 'never' },
    context,
    options.onProgress,
  )
  const root = displayPath(input, context.cwd)
  const report = scanned.report()
  for (let place = 0; place < scanned.inventory.size; place++) judged.addSubject(scanned.inventory.subject(place), root)
  for (const finding of report.findings(kept)) judged.addFinding(finding, { root })
  for (const problem of scanned.problems) context.stderr.write(`rel09: ${visible(problemLine(problem))}\n`)
  const facts: SideFacts = {
    head: {
      input: root,
      kind: 'inputs',
      toolVersion: report.tool.version,
      ...(report.takenAt === undefined ? {} : { takenAt: report.takenAt }),
      policyDigest: report.policyDigest,
      rulesDigest: report.rulesDigest,
    },
    scopes: report.scopes,
    gaps: report.gaps,
    isUnreadable: scanned.problems.length > 0,
    root,
    rules: new Map(report.rules.map(rule => [rule.id, { appliesToAll: false }])),
    listsAll: true,
  }
  return { facts, judged }
}

/** Present ids of rules by their former ones: an older report knows those. */
async function presentIds(): Promise<(id: string) => string> {
  const { builtInRules } = await import('../rules/built-in.ts')
  const present = new Map(builtInRules.flatMap(({ id, aliases = [] }) => aliases.map(alias => [alias, id] as const)))
  return id => present.get(id) ?? id
}

import type { Finding, Report } from '../model/report.ts'
import type { BestPractice, Rule, Verdict } from '../model/rule.ts'
import { bestPractices } from './best-practices.ts'
import { evidenceLines } from './evidence-text.ts'
import { fixes, resourceFacts, resourceName, sentenceOf } from './finding-text.ts'
import type { Reporter } from './reporter.ts'
import { isShown } from './shown-findings.ts'
import { shorten } from './visible-text.ts'
import { xmlAttributes, xmlText } from './xml-text.ts'

/**
 * The JUnit report: a test suite for each best practice, a test case for each finding. What is exempted, in the baseline or
 * not known is a skipped test; what is compliant, if asked for, one that passes.
 */
export const reporter: Reporter = {
  description: 'for CI test pages: a suite a best practice, a test case a finding',
  defaultVerdicts: ['non-compliant'],
  *render(report, { verdicts }) {
    const counts = countSuites(report, verdicts)
    const total = [...counts.values()].reduce(addCounts, noCounts)
    yield `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${xmlAttributes({ name: 'rel09', ...total })}>\n`
    const rules = new Map(report.rules.map(rule => [rule.id, rule]))
    for (const { id, title } of bestPractices) {
      const suite = counts.get(id)
      if (suite) yield* suiteOf(report, verdicts, id, { name: `${id} ${title}`, ...suite }, rules)
    }
    yield '</testsuites>\n'
  },
}

interface SuiteCounts {
  tests: number
  failures: number
  errors: number
  skipped: number
}

const noCounts: SuiteCounts = { tests: 0, failures: 0, errors: 0, skipped: 0 }

const addCounts = (a: SuiteCounts, b: SuiteCounts): SuiteCounts => ({
  tests: a.tests + b.tests,
  failures: a.failures + b.failures,
  errors: 0,
  skipped: a.skipped + b.skipped,
})

type Result = 'failure' | 'skipped' | 'passed'

function resultOf(finding: Finding): Result {
  if (finding.verdict === 'compliant') return 'passed'
  return finding.verdict === 'non-compliant' && isShown(finding) ? 'failure' : 'skipped'
}

/** Findings come rule by rule and suites are best practices: counting first, then a pass each, holds none of them. */
function countSuites(report: Report, verdicts: ReadonlySet<Verdict>): Map<BestPractice, SuiteCounts> {
  const counts = new Map<BestPractice, SuiteCounts>()
  for (const finding of report.findings(verdicts)) {
    const suite = counts.get(finding.bestPractice) ?? { ...noCounts }
    counts.set(finding.bestPractice, suite)
    const result = resultOf(finding)
    suite.tests += 1
    if (result === 'failure') suite.failures += 1
    if (result === 'skipped') suite.skipped += 1
  }
  return counts
}

function* suiteOf(
  report: Report,
  verdicts: ReadonlySet<Verdict>,
  practice: BestPractice,
  attributes: SuiteCounts & { name: string },
  rules: ReadonlyMap<string, Rule>,
): Iterable<string> {
  yield `  <testsuite${xmlAttributes({ ...attributes })}>\n`
  for (const finding of report.findings(verdicts))
    if (finding.bestPractice === practice) yield caseOf(finding, rules.get(finding.rule))
  yield '  </testsuite>\n'
}

const longest = 2000

function caseOf(finding: Finding, rule: Rule | undefined): string {
  const { resource, location, bestPractice } = finding
  const open = `    <testcase${xmlAttributes({
    name: shorten(`${finding.rule}: ${resource.arn ?? resource.address ?? resourceName(resource)}`, longest),
    classname: `${bestPractice}.${finding.rule}`,
    file: location?.file,
    line: location?.line,
  })}`
  const result = resultOf(finding)
  if (result === 'passed') return `${open}/>\n`
  const inner =
    result === 'failure' ? failureOf(finding, rule) : `<skipped${xmlAttributes({ message: skipReason(finding) })}/>`
  return `${open}>\n      ${inner}\n    </testcase>\n`
}

function failureOf(finding: Finding, rule: Rule | undefined): string {
  const message = shorten(sentenceOf(finding), longest)
  const lines = [message, resourceFacts(finding).join(' · '), ...evidenceLines(finding, 10), ...fixes(finding, rule)]
  return `<failure${xmlAttributes({ message, type: finding.severity })}>${lines.map(line => xmlText(shorten(line, longest))).join('\n')}</failure>`
}

function skipReason(finding: Finding): string {
  if (finding.state === 'exempted' && finding.exemption) {
    const { reason, owner, expires } = finding.exemption
    return shorten(`exempted until ${expires} by ${owner}: ${reason}`, longest)
  }
  return shorten(finding.state === 'baselined' ? 'in the baseline' : sentenceOf(finding), longest)
}

import type { Finding, Report } from '../model/report.ts'
import { jsonText } from './json-text.ts'
import type { Reporter } from './reporter.ts'

/** The JSON report, `schemas/report.schema.json`: for programs. One finding a line, written as a stream. */
export const reporter: Reporter = {
  description: 'for programs (schemas/report.schema.json), one finding a line',
  defaultVerdicts: ['non-compliant', 'undetermined'],
  *render(report, { verdicts }) {
    yield '{\n'
    for (const name of before) if (report[name] !== undefined) yield `${member(name, report[name])},\n`
    yield* list('findings', findingsOf(report.findings(verdicts)))
    for (const name of after) {
      const elements = report[name]
      if (!elements) continue
      yield ',\n'
      yield* list(name, elements)
    }
    yield '\n}\n'
  },
}

const before = [
  'version',
  'tool',
  'takenAt',
  'now',
  'policyDigest',
  'rulesDigest',
  'assumptions',
  'scopes',
  'summary',
] as const
const after = ['gaps', 'problems', 'notEvaluated', 'unusedExemptions'] as const satisfies (keyof Report)[]

const member = (name: string, value: unknown): string => `${jsonText(name)}: ${jsonText(value)}`

/** An array with one element a line. */
function* list(name: string, elements: Iterable<unknown>): Iterable<string> {
  let separator = '\n'
  yield `${jsonText(name)}: [`
  for (const element of elements) {
    yield `${separator}${jsonText(element)}`
    separator = ',\n'
  }
  yield separator === '\n' ? ']' : '\n]'
}

const findingKeys = [
  'rule',
  'bestPractice',
  'title',
  'verdict',
  'severity',
  'baseSeverity',
  'state',
  'subject',
  'resource',
  'location',
  'relatedLocations',
  'message',
  'evidence',
  'missing',
  'fingerprint',
  'aliases',
  'exemption',
  'count',
] as const satisfies (keyof Finding)[]

/** Findings with their members in one order, whoever made them. */
function* findingsOf(findings: Iterable<Finding>): Iterable<object> {
  for (const finding of findings) yield Object.fromEntries(findingKeys.map(key => [key, finding[key]]))
}

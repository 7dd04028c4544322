import type { Rule } from '../model/rule.ts'
import { checkRule } from './check-rule.ts'
import { compileRule } from './compiled-rule.ts'
import { runExamples, uncoveredLeaves, untriedEmptyLists } from './examples.ts'
import type { FactIndex } from './fact-index.ts'
import type { Report, RulePath, RuleProblem } from './problem.ts'
import { spellPath } from './problem.ts'
import { readRuleText } from './rule-text.ts'

export { formatProblem, type RuleProblem } from './problem.ts'

/** A rule file: its name, which reports repeat (relative, with `/`), and its text. */
export interface RuleFile {
  name: string
  text: string
}

/** How strict the loader is. */
export interface LoadOptions {
  /** Also run the examples, and demand one for each verdict and one that makes each leaf false: as CI does. */
  strict?: boolean
  /** Ids that other rules have already, the built-in ones for example. */
  taken?: Iterable<string>
}

/** The rules of the files that have no problem, and every problem of the others. */
export interface LoadedRules {
  rules: Rule[]
  problems: RuleProblem[]
}

/**
 * Reads rule files and checks all of them, so that one run shows everything there is to mend. A file with a problem gives
 * no rule. The leaves of the rules are compiled, ready to judge.
 */
export function loadRules(files: readonly RuleFile[], index: FactIndex, options: LoadOptions = {}): LoadedRules {
  const problems: RuleProblem[] = []
  const owners = new Map<string, string>()
  for (const id of options.taken ?? []) owners.set(id, 'another rule')
  const rules: Rule[] = []
  for (const file of [...files].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const before = problems.length
    const rule = loadRule(file, index, owners, options.strict === true, problems)
    if (rule && problems.length === before) rules.push(rule)
  }
  rules.sort((a, b) => (a.id < b.id ? -1 : 1))
  return { rules, problems }
}

function loadRule(
  file: RuleFile,
  index: FactIndex,
  owners: Map<string, string>,
  strict: boolean,
  problems: RuleProblem[],
): Rule | undefined {
  const read = readRuleText(file.text)
  if ('errors' in read) {
    for (const { line, message } of read.errors) problems.push({ file: file.name, line, path: '', message })
    return undefined
  }
  const { value, lineOf } = read.text
  const report: Report = (path, message) =>
    problems.push({ file: file.name, line: lineOf(path), path: spellPath(path), message })
  try {
    if (!checkRule(value, index, report)) return undefined
    checkNames(value, file.name, owners, strict, report)
    if (strict) checkExamples(value, index, report)
    return value
  } catch (error) {
    report([], `cannot be read: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}

/** Id and folder are where people look for a rule, so the file says nothing else. */
function checkNames(rule: Rule, file: string, owners: Map<string, string>, strict: boolean, report: Report): void {
  const [name = '', folder = ''] = file.split('/').reverse()
  const stem = name.replace(/\.ya?ml$/, '')
  if (stem !== rule.id) report(['id'], `the file is called ${name}: write id: ${stem}, or rename the file`)
  if ((strict || folder.startsWith('REL09-')) && folder !== rule.bestPractice) {
    report(['bestPractice'], `the file lies in ${folder || 'no folder'}: move it to ${rule.bestPractice}/`)
  }
  const names: [RulePath, string][] = [
    [['id'], rule.id],
    ...(rule.aliases ?? []).map((alias, at): [RulePath, string] => [['aliases', at], alias]),
  ]
  for (const [path, id] of names) {
    const owner = owners.get(id)
    if (owner === undefined) owners.set(id, file)
    else report(path, `${id} is the name of ${owner} already`)
  }
}

/** Runs the examples: what they claim, which verdicts they show, and what no example puts to the test. */
export function checkExamples(rule: Rule, index: FactIndex, report: Report): void {
  const compiled = compileRule(rule, index)
  for (const [at, { expected, actual, missing }] of runExamples(compiled).entries()) {
    const why = missing.length > 0 ? `: not known here: ${missing.join(', ')}` : ''
    if (expected !== actual) report(['examples', at, 'verdict'], `the rule answers ${actual}${why}`)
  }
  for (const verdict of ['compliant', 'non-compliant', 'undetermined']) {
    if (!rule.examples.some(example => example.verdict === verdict))
      report(['examples'], `add an example that is ${verdict}`)
  }
  for (const { path, schema, never } of uncoveredLeaves(compiled)) {
    report(
      placeOf(rule.expect, schema, ['expect']),
      `add an example in which ${path}: ${JSON.stringify(schema)} is ${never}`,
    )
  }
  for (const list of untriedEmptyLists(rule, compiled)) report(['expect'], `add an example in which ${list} is []`)
}

/** Where a leaf of a condition stands, by identity. */
function placeOf(value: unknown, leaf: unknown, at: RulePath): RulePath {
  return findPlace(value, leaf, at) ?? at
}

function findPlace(value: unknown, leaf: unknown, at: RulePath): RulePath | undefined {
  if (value === leaf) return at
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, part] of Object.entries(value)) {
    const found = findPlace(part, leaf, [...at, Array.isArray(value) ? Number(key) : key])
    if (found) return found
  }
  return undefined
}

import type { Facts } from '../model/facts.ts'
import type { Rule, Verdict } from '../model/rule.ts'
import { type ConditionNode, compileCondition, type Parameters } from './condition.ts'
import { type Explanation, explainCondition, missingFrom } from './explain.ts'
import type { FactIndex } from './fact-index.ts'

/** A rule whose conditions can be judged. */
export interface CompiledRule {
  rule: Rule
  when: ConditionNode | undefined
  expect: ConditionNode
}

/** The subject kinds that a rule judges. */
export const subjectsOf = ({ subject }: Rule): readonly string[] => (Array.isArray(subject) ? subject : [subject])

/** Compiles a rule that the loader has checked; `expect` when it is first asked for, which is where `when` holds. */
export function compileRule(rule: Rule, index: FactIndex): CompiledRule {
  const shape = { index, subjects: subjectsOf(rule), parameters: rule.parameters ?? {} }
  let expect: ConditionNode | undefined
  return {
    rule,
    when: rule.when && compileCondition(rule.when, shape),
    get expect() {
      expect ??= compileCondition(rule.expect, shape)
      return expect
    },
  }
}

/** Judges facts by a rule. A `when` that is unknown leaves the verdict undetermined, whatever `expect` says. */
export function judgeFacts(rule: CompiledRule, facts: Facts, parameters: Parameters): Verdict {
  const about = rule.when ? rule.when.test(facts, parameters, undefined) : true
  if (about === false) return 'not-applicable'
  if (about === undefined) return 'undetermined'
  const held = rule.expect.test(facts, parameters, undefined)
  if (held === undefined) return 'undetermined'
  return held ? 'compliant' : 'non-compliant'
}

/**
 * Says why a rule gave its verdict: by `when` where that was false or unknown, else by `expect`. `objectives` names the
 * objective that a parameter is taken from.
 */
export function explainVerdict(
  rule: CompiledRule,
  verdict: Verdict,
  facts: Facts,
  parameters: Parameters,
  objectives: ReadonlyMap<string, string>,
): Explanation {
  const { when } = rule
  const decidedByWhen = when && (verdict === 'not-applicable' || when.test(facts, parameters, undefined) === undefined)
  return explainCondition(decidedByWhen ? when : rule.expect, facts, parameters, objectives)
}

/** The facts that leave a verdict undetermined, each once. */
export function missingForVerdict(
  rule: CompiledRule,
  facts: Facts,
  parameters: Parameters,
  objectives: ReadonlyMap<string, string>,
): string[] {
  const { when } = rule
  const undecidedWhen = when && when.test(facts, parameters, undefined) === undefined
  return missingFrom(undecidedWhen ? when : rule.expect, facts, parameters, objectives)
}

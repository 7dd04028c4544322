import type { Facts } from '../model/facts.ts'
import type { Rule, Verdict } from '../model/rule.ts'
import { type ConditionNode, compileCondition, type Parameters } from './condition.ts'
import { type Explanation, explainCondition, missingFrom } from './explain.ts'
import type { FactIndex } from './fact-index.ts'

/** A rule whose conditions can be judged. */
export interface CompiledRule {
  rule: Rule
  when?: ConditionNode
  expect: ConditionNode
}

/** The subject kinds that a rule judges. */
export const subjectsOf = ({ subject }: Rule): readonly string[] => (Array.isArray(subject) ? subject : [subject])

/** Compiles a rule that the loader has checked. */
export function compileRule(rule: Rule, index: FactIndex): CompiledRule {
  const shape = { index, subjects: subjectsOf(rule), parameters: rule.parameters ?? {} }
  const expect = compileCondition(rule.expect, shape)
  return rule.when ? { rule, when: compileCondition(rule.when, shape), expect } : { rule, expect }
}

/** Judges facts by a rule. A `when` that is unknown leaves the verdict undetermined, whatever `expect` says. */
export function judgeFacts({ when, expect }: CompiledRule, facts: Facts, parameters: Parameters): Verdict {
  const about = when ? when.test(facts, parameters, undefined) : true
  if (about === false) return 'not-applicable'
  if (about === undefined) return 'undetermined'
  const held = expect.test(facts, parameters, undefined)
  if (held === undefined) return 'undetermined'
  return held ? 'compliant' : 'non-compliant'
}

/**
 * Says why a rule gave its verdict: by `when` where that was false or unknown, else by `expect`. `objectives` names the
 * objective that a parameter is taken from.
 */
export function explainVerdict(
  { when, expect }: CompiledRule,
  verdict: Verdict,
  facts: Facts,
  parameters: Parameters,
  objectives: ReadonlyMap<string, string>,
): Explanation {
  const decidedByWhen = when && (verdict === 'not-applicable' || when.test(facts, parameters, undefined) === undefined)
  return explainCondition(decidedByWhen ? when : expect, facts, parameters, objectives)
}

/** The facts that leave a verdict undetermined, each once. */
export function missingForVerdict(
  { when, expect }: CompiledRule,
  facts: Facts,
  parameters: Parameters,
  objectives: ReadonlyMap<string, string>,
): string[] {
  const undecidedWhen = when && when.test(facts, parameters, undefined) === undefined
  return missingFrom(undecidedWhen ? when : expect, facts, parameters, objectives)
}

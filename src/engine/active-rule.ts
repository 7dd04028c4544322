import type { Facts, FactValue } from '../model/facts.ts'
import type { Policy, RuleSetting } from '../model/policy.ts'
import type { Condition, Rule, Verdict } from '../model/rule.ts'
import {
  type CompiledRule,
  compileRule,
  explainVerdict,
  judgeFacts,
  missingForVerdict,
  subjectsOf,
} from '../rules/compiled-rule.ts'
import { type ConditionNode, factPathsOf, type Parameters, parameterPrefix } from '../rules/condition.ts'
import type { Explanation } from '../rules/explain.ts'
import { type FactEntry, type FactIndex, sharedFact } from '../rules/fact-index.ts'
import { objectivesOf, type ParameterSource, parametersOf } from '../rules/parameters.ts'
import { settingOf } from './severity.ts'
import { makeVerdictStore, type VerdictStore } from './verdict-store.ts'

/** A rule of this run with what the policy says of it, its judgements, and its conditions compiled when first needed. */
export interface ActiveRule {
  rule: Rule
  setting: RuleSetting
  /** The types that `when` limits the rule to; `undefined` = any. */
  types: ReadonlySet<string> | undefined
  verdicts: VerdictStore
  parameters(facts: Facts): Parameters
  judge(facts: Facts, parameters: Parameters): Verdict
  explain(verdict: Verdict, facts: Facts, parameters: Parameters): Explanation
  /** Whether a verdict holds for every subject that is alike: it hangs on none of the facts that vary between them. */
  isSteady(verdict: Verdict, varyingFacts: readonly string[]): boolean
  /** The facts that an undetermined verdict lacks, each once. */
  missing(facts: Facts, parameters: Parameters): string[]
  /** What is known of a path that evidence names. */
  factOf(path: string): FactEntry | undefined
}

/**
 * The types that a rule's `when` names by `const` or `enum` at its top. Where the type of a subject is none of them, `when`
 * is false and the rule needs not be asked.
 */
export function typesOf(when: Condition | undefined): ReadonlySet<string> | undefined {
  const leaf = when && Object.hasOwn(when, 'type') ? (when.type as { const?: unknown; enum?: unknown }) : undefined
  if (typeof leaf?.const === 'string') return new Set([leaf.const])
  if (!Array.isArray(leaf?.enum) || !leaf.enum.every(type => typeof type === 'string')) return undefined
  return new Set(leaf.enum as string[])
}

/** Prepares a rule for a run. */
export function activateRule(rule: Rule, policy: Policy, index: FactIndex): ActiveRule {
  const setting = settingOf(rule, policy)
  const objectives = objectivesOf(rule, setting.parameters)
  let compiled: CompiledRule | undefined
  let parameters: ParameterSource | undefined
  const steady = new Map<readonly string[], { when: boolean; expect?: boolean }>()
  const compile = (): CompiledRule => {
    compiled ??= compileRule(rule, index)
    return compiled
  }
  return {
    rule,
    setting,
    types: typesOf(rule.when),
    verdicts: makeVerdictStore(),
    parameters(facts) {
      parameters ??= parametersOf(rule, setting.parameters)
      return parameters(facts)
    },
    judge: (facts, given) => judgeFacts(compile(), facts, given),
    isSteady(verdict, varyingFacts) {
      let known = steady.get(varyingFacts)
      if (!known) steady.set(varyingFacts, (known = { when: isSteadyCondition(compile().when, varyingFacts) }))
      if (!known.when || verdict === 'not-applicable') return known.when
      known.expect ??= isSteadyCondition(compile().expect, varyingFacts)
      return known.expect
    },
    explain: (verdict, facts, given) => explainVerdict(compile(), verdict, facts, given, objectives),
    missing: (facts, given) => missingForVerdict(compile(), facts, given, objectives),
    factOf: factFinder(rule, index),
  }
}

/** Whether a condition reads no fact that varies between subjects that are alike. */
function isSteadyCondition(condition: ConditionNode | undefined, varyingFacts: readonly string[]): boolean {
  const varies = (path: string) =>
    varyingFacts.some(fact => path === fact || path.startsWith(`${fact}.`) || fact.startsWith(`${path}.`))
  return condition === undefined || !factPathsOf(condition).some(varies)
}

/** Parameters come from the policy, as objectives do. Remembers what it found. */
function factFinder(rule: Rule, index: FactIndex): (path: string) => FactEntry | undefined {
  const subjects = subjectsOf(rule)
  const found = new Map<string, FactEntry | undefined>()
  return path => {
    if (path.startsWith(parameterPrefix)) return { types: [], group: 'policy' }
    if (!found.has(path)) found.set(path, sharedFact(index, subjects, path))
    return found.get(path)
  }
}

/**
 * The rules of a run, by id: those that are named, or all; without those that the policy switches off and the optional ones
 * that neither the policy nor the caller asks for.
 */
export function activeRules(
  rules: readonly Rule[],
  policy: Policy,
  index: FactIndex,
  ruleIds: ReadonlySet<string> | undefined,
): ActiveRule[] {
  const wanted = rules.filter(rule => {
    const named = ruleIds && [rule.id, ...(rule.aliases ?? [])].some(id => ruleIds.has(id))
    const optional = rule.enabled === false && !named
    return named !== false && (settingOf(rule, policy).enabled ?? !optional)
  })
  return wanted.sort((a, b) => (a.id < b.id ? -1 : 1)).map(rule => activateRule(rule, policy, index))
}

/** Finds the rules that judge a subject, by its kind and type; remembers the answer. */
export function ruleFinder(active: readonly ActiveRule[]): (kind: string, type: string) => readonly ActiveRule[] {
  const known = new Map<string, Map<string, readonly ActiveRule[]>>()
  return (kind, type) => {
    let ofKind = known.get(kind)
    if (!ofKind) known.set(kind, (ofKind = new Map()))
    let found = ofKind.get(type)
    if (!found) {
      found = active.filter(({ rule, types }) => subjectsOf(rule).includes(kind) && (types?.has(type) ?? true))
      ofKind.set(type, found)
    }
    return found
  }
}

/** A list of names as a set; `undefined` stays `undefined`. */
export const setOf = (names: Iterable<string> | undefined): ReadonlySet<string> | undefined => names && new Set(names)

/** Assumptions as facts, for the report. */
export const assumptionsOf = (policy: Policy): { [name: string]: FactValue } => ({ ...policy.assumptions })

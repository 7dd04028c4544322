import type { Facts, FactValue } from '../model/facts.ts'
import type { Rule, RuleParameter } from '../model/rule.ts'
import type { Parameters } from './condition.ts'
import { type LeafSchema, leafValidator } from './leaf.ts'

/** A parameter's value in a policy that its rule does not accept. */
export interface ParameterProblem {
  rule: string
  parameter: string
  message: string
}

const ownKeywords = new Set(['description', 'default', 'objective', 'stricter'])

/** The JSON Schema that a parameter's values must satisfy, without what only rel09 reads. */
export function parameterSchema(parameter: RuleParameter): LeafSchema {
  return Object.fromEntries(Object.entries(parameter).filter(([keyword]) => !ownKeywords.has(keyword)))
}

const ownValue = <T>(values: { readonly [name: string]: T } | undefined, name: string): T | undefined =>
  values && Object.hasOwn(values, name) ? values[name] : undefined

/**
 * Reads a value as a parameter's type where AWS Config, the environment or a command line could only give text:
 * numbers, booleans, and lists separated by commas. Any other value stays as it is.
 */
export function coerceParameter(parameter: RuleParameter, value: FactValue): FactValue {
  if (typeof value !== 'string') return value
  const types = Array.isArray(parameter.type) ? parameter.type : [parameter.type]
  if (types.includes('string')) return value
  const text = value.trim()
  if ((types.includes('number') || types.includes('integer')) && /^-?\d{1,15}(\.\d{1,15})?$/.test(text))
    return Number(text)
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true'
  if (types.includes('array')) return text === '' ? [] : text.split(',').map(item => item.trim())
  return types.includes('null') && (text === '' || text === 'null') ? null : value
}

/** What a policy's parameters of a rule get wrong: unknown names and values that the parameter's schema refuses. */
export function checkParameters(rule: Rule, given: { readonly [name: string]: FactValue }): ParameterProblem[] {
  const problems: ParameterProblem[] = []
  for (const [name, value] of Object.entries(given)) {
    const message = refusal(ownValue(rule.parameters, name), Object.keys(rule.parameters ?? {}), value)
    if (message) problems.push({ rule: rule.id, parameter: name, message })
  }
  return problems
}

function refusal(parameter: RuleParameter | undefined, known: string[], value: FactValue): string | undefined {
  if (!parameter) return `the rule has no such parameter: it has ${known.length > 0 ? known.join(', ') : 'none'}`
  const schema = parameterSchema(parameter)
  if (leafValidator(schema)(coerceParameter(parameter, value))) return undefined
  return `write a value that satisfies ${JSON.stringify(schema)}, not ${JSON.stringify(value)}`
}

/**
 * The stricter of a default and an objective. Where either is `null`, it asks for nothing and the other decides. Where the
 * objective is not known, the value is at least as strict as the default: a bound, which can refute but never pass.
 */
function stricter(parameter: RuleParameter, objective: number | null | undefined): FactValue | undefined {
  const { default: standard } = parameter
  if (objective === null) return standard
  if (objective === undefined) return looserEnd(parameter, standard)
  if (typeof standard !== 'number') return objective
  return parameter.stricter === 'min' ? Math.min(standard, objective) : Math.max(standard, objective)
}

function looserEnd({ stricter: end }: RuleParameter, standard: FactValue): FactValue | undefined {
  if (typeof standard !== 'number') return undefined
  return end === 'min' ? { $atMost: standard } : { $atLeast: standard }
}

function objectiveOf(facts: Facts, name: string): FactValue | undefined {
  const { objectives } = facts
  if (objectives === null) return null
  if (typeof objectives !== 'object') return undefined
  return (objectives as { [name: string]: FactValue | undefined })[name]
}

/**
 * The parameters of a rule for one subject. A policy's value stands as it is; else a parameter with an `objective` is the
 * stricter of its default and the objective of the subject's tier, and only bounded by its default where that objective is
 * not known.
 */
export type ParameterSource = (facts: Facts) => Parameters

/** Which objective each parameter of a rule is taken from, where the policy does not set it. */
export function objectivesOf(
  rule: Rule,
  given: { readonly [name: string]: FactValue } | undefined,
): Map<string, string> {
  const objectives = new Map<string, string>()
  for (const [name, { objective }] of Object.entries(rule.parameters ?? {})) {
    if (objective !== undefined && ownValue(given, name) === undefined) objectives.set(name, objective)
  }
  return objectives
}

/** Prepares the parameters of a rule, given what the policy (or an example) sets. */
export function parametersOf(rule: Rule, given: { readonly [name: string]: FactValue } | undefined): ParameterSource {
  const fixed: { [name: string]: FactValue | undefined } = {}
  const moving: [string, RuleParameter & { objective: string }][] = []
  for (const [name, parameter] of Object.entries(rule.parameters ?? {})) {
    const set = ownValue(given, name)
    if (set !== undefined) fixed[name] = coerceParameter(parameter, set)
    else if (parameter.objective === undefined) fixed[name] = parameter.default
    else moving.push([name, { ...parameter, objective: parameter.objective }])
  }
  if (moving.length === 0) return () => fixed
  return facts => {
    const parameters = { ...fixed }
    for (const [name, parameter] of moving) {
      const objective = objectiveOf(facts, parameter.objective)
      parameters[name] = stricter(
        parameter,
        objective === null || typeof objective === 'number' ? objective : undefined,
      )
    }
    return parameters
  }
}

/** Reads `rel09.yaml` over the defaults. Every mistake is one line: file, line, path, what to write. */

import { policyValidator } from '../generated/policy-validator.js'
import { resourceDefinitions } from '../generated/resources.ts'
import { textGlob } from '../inventory/arn.ts'
import { isCalendarDay } from '../model/calendar-day.ts'
import type { Policy } from '../model/policy.ts'
import type { Rule } from '../model/rule.ts'
import { byText } from '../model/text-order.ts'
import { checkParameters } from '../rules/parameters.ts'
import { type RulePath, type RuleProblem, spellPath, suggestion } from '../rules/problem.ts'
import { readRuleText } from '../rules/rule-text.ts'
import { policyDigest } from './built-in.ts'
import { defaultPolicy } from './defaults.ts'

/** Characters of a policy file: some ten thousand exemptions. */
const longestPolicy = 4_000_000

/** A policy, or everything that is wrong with its file. */
export interface LoadedPolicy {
  policy: Policy | undefined
  problems: RuleProblem[]
}

/** An error of the precompiled validator (ajv's shape). */
interface SchemaError {
  instancePath: string
  keyword: string
  params: Record<string, unknown>
  message?: string
  parentSchema?: { properties?: Record<string, unknown> }
}

/** Reads a policy file. `file` is how the user names it; `rules` are those its settings may speak of. */
export function loadPolicy(text: string, file: string, rules: readonly Rule[]): LoadedPolicy {
  const read = readRuleText(text, longestPolicy)
  if ('errors' in read)
    return {
      policy: undefined,
      problems: read.errors.map(error => ({ file, line: error.line, path: '', message: error.message })),
    }
  const problems: RuleProblem[] = []
  const report = (path: RulePath, message: string) =>
    problems.push({ file, line: read.text.lineOf(path), path: spellPath(path), message })
  const value = (read.text.value ?? {}) as Partial<Policy>
  if (policyValidator(value)) checkMeaning(value, rules, report)
  else
    for (const error of policyValidator.errors as SchemaError[]) {
      const { path, message } = schemaProblem(value, error)
      report(path, message)
    }
  problems.sort((a, b) => a.line - b.line || byText(a.path, b.path))
  if (problems.length > 0) return { policy: undefined, problems }
  return { policy: withDefaults(value, file), problems }
}

/** Fills in what a policy leaves out. */
function withDefaults(value: Partial<Policy>, file: string): Policy {
  const tiers = value.tiers ?? defaultPolicy.tiers
  const classification = { ...defaultPolicy.classification, ...value.classification }
  // A policy with tiers of its own need not have the default's tier2.
  if (classification.default !== null && !Object.hasOwn(tiers, classification.default)) classification.default = null
  const policy: Omit<Policy, 'digest'> = {
    ...defaultPolicy,
    ...value,
    tiers,
    classification,
    mechanisms: value.mechanisms ? { ...defaultPolicy.mechanisms, ...value.mechanisms } : defaultPolicy.mechanisms,
    assumptions: { ...defaultPolicy.assumptions, ...value.assumptions },
    exemptions: (value.exemptions ?? []).map(exemption => ({ kind: 'accepted', ...exemption })),
    file,
  }
  return { ...policy, digest: policyDigest(policy) }
}

/** Path segments of a JSON Pointer. */
function pathOf(pointer: string, value: unknown): (string | number)[] {
  const path: (string | number)[] = []
  let node: unknown = value
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    path.push(Array.isArray(node) ? Number(name) : name)
    node = (node as { [key: string]: unknown } | undefined)?.[name]
  }
  return path
}

/** What to write instead of what the schema refuses, and where. */
function schemaProblem(value: unknown, error: SchemaError): { path: RulePath; message: string } {
  const path = pathOf(error.instancePath, value)
  const { keyword, params, parentSchema } = error
  if (keyword !== 'additionalProperties') return { path, message: schemaMessage(error) }
  const key = String(params.additionalProperty)
  const known = Object.keys(parentSchema?.properties ?? {})
  const list = known.length > 0 ? ` (known: ${known.join(', ')})` : ''
  return { path: [...path, key], message: `there is no such key${suggestion(key, known)}${list}` }
}

function schemaMessage({ keyword, params, message }: SchemaError): string {
  switch (keyword) {
    case 'required':
      return `${String(params.missingProperty)} is missing`
    case 'enum':
      return `write one of ${(params.allowedValues as unknown[]).map(String).join(', ')}`
    case 'const':
      return `write ${JSON.stringify(params.allowedValue)}`
    case 'pattern':
      return String(params.pattern).includes('\\d{4}-')
        ? 'write a date as YYYY-MM-DD'
        : `write text that matches ${String(params.pattern)}`
    case 'type':
      return `write ${[params.type].flat().map(article).join(' or ')}`
    case 'minLength':
      return 'must not be empty'
    case 'anyOf':
      return 'write one of the forms that the policy schema names'
    default:
      return message ?? 'is not what the policy schema asks for'
  }
}

const article = (type: unknown): string =>
  type === 'null' ? 'null' : `${/^[aeio]/.test(String(type)) ? 'an' : 'a'} ${String(type)}`

/** What the schema cannot say: names that must exist, dates of the calendar, parameters of rules. */
function checkMeaning(
  value: Partial<Policy>,
  rules: readonly Rule[],
  report: (path: RulePath, message: string) => void,
): void {
  const tiers = Object.keys(value.tiers ?? defaultPolicy.tiers)
  const checkTier = (path: RulePath, tier: string) => {
    if (!tiers.includes(tier))
      report(path, `there is no tier ${tier}${suggestion(tier, tiers)} (tiers: ${tiers.join(', ')})`)
  }
  const types = resourceDefinitions.map(({ type }) => type)
  const refuseType = (path: RulePath, type: string) =>
    report(path, `there is no resource type ${type}${suggestion(type, types)}`)
  for (const type of Object.keys(value.mechanisms ?? {})) {
    const isPattern = type.includes('*')
    if (isPattern && type !== '*') report(['mechanisms', type], 'write a whole type, or * for every other one')
    else if (!isPattern && !types.includes(type)) refuseType(['mechanisms', type], type)
  }
  if (value.classification?.default != null) checkTier(['classification', 'default'], value.classification.default)
  value.classification?.rules?.forEach((rule, i) => {
    checkTier(['classification', 'rules', i, 'tier'], rule.tier)
    const { type: pattern } = rule
    if (pattern !== undefined && !types.some(type => textGlob(pattern, type)))
      refuseType(['classification', 'rules', i, 'type'], pattern)
  })
  const byId = new Map(rules.flatMap(rule => [rule.id, ...(rule.aliases ?? [])].map(id => [id, rule] as const)))
  const checkRule = (path: RulePath, id: string) => {
    if (!byId.has(id)) report(path, `there is no rule ${id}${suggestion(id, byId.keys())}`)
  }
  for (const [id, setting] of Object.entries(value.rules ?? {})) {
    checkRule(['rules', id], id)
    const rule = byId.get(id)
    if (rule && setting.parameters)
      for (const problem of checkParameters(rule, setting.parameters))
        report(['rules', id, 'parameters', problem.parameter], problem.message)
  }
  value.exemptions?.forEach((exemption, i) => {
    const at = ['exemptions', i] as const
    if (exemption.kind === 'reproducible') {
      if (exemption.rule !== undefined)
        report(
          [...at, 'rule'],
          'an exemption of kind reproducible names no rule: it answers every rule about backing the data up',
        )
      for (const field of ['source', 'procedure'] as const)
        if (!exemption[field]) report([...at], `${field} is missing: say how the data can be reproduced`)
    } else if (exemption.rule === undefined) report([...at], 'rule is missing: name the rule whose finding is accepted')
    else checkRule([...at, 'rule'], exemption.rule)
    for (const field of ['expires', 'lastRehearsed'] as const) checkDate([...at, field], exemption[field], report)
  })
  value.attestations?.forEach((attestation, i) => {
    for (const field of ['date', 'expires'] as const) checkDate(['attestations', i, field], attestation[field], report)
  })
}

function checkDate(path: RulePath, date: string | undefined, report: (path: RulePath, message: string) => void): void {
  if (date !== undefined && !isCalendarDay(date))
    report(path, `${date} is no date of the calendar: write one as 2027-01-31`)
}

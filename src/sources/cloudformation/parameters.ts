/**
 * Values of template parameters: as files state them for the AWS CLI, and as a template declares them.
 * https://docs.aws.amazon.com/cli/latest/reference/cloudformation/create-stack.html,
 * https://docs.aws.amazon.com/cli/latest/reference/cloudformation/deploy/
 */
import { isObject, type JsonObject, own, parseJson, quote } from '../json.ts'
import { textOf } from './values.ts'

/** Parameter values by name. */
export type ParameterValues = ReadonlyMap<string, string>

/**
 * Reads a file of parameter values: the list of `ParameterKey` and `ParameterValue` that `create-stack` takes, a list of
 * `Key=Value`, a mapping, CodePipeline's `{ "Parameters": { … } }`, or lines of `Key=Value`. The fault is a sentence's end.
 */
export function readParameters(text: string): { values: ParameterValues } | { fault: string } {
  if (!/^\s*[[{]/.test(text)) return fromPairs(text.split(/\r?\n/).filter(line => !/^\s*(?:#|$)/.test(line)))
  const parsed = parseJson(text)
  if (!('value' in parsed)) return parsed
  const { value } = parsed
  if (Array.isArray(value)) {
    const pairs = value.filter(entry => typeof entry === 'string')
    return pairs.length === value.length ? fromPairs(pairs) : fromList(value)
  }
  const inner = isObject(value) ? own(value, 'Parameters') : undefined
  return fromMapping(isObject(inner) ? inner : (value as JsonObject))
}

function fromPairs(lines: readonly string[]): { values: ParameterValues } | { fault: string } {
  const values = new Map<string, string>()
  for (const line of lines) {
    const at = line.indexOf('=')
    if (at <= 0) return { fault: `has a line that is no Name=Value: ${quote(line)}` }
    values.set(line.slice(0, at).trim(), unquoted(line.slice(at + 1).trim()))
  }
  return { values }
}

const unquoted = (text: string) => (/^(["']).*\1$/s.test(text) && text.length > 1 ? text.slice(1, -1) : text)

function fromList(entries: readonly unknown[]): { values: ParameterValues } | { fault: string } {
  const values = new Map<string, string>()
  for (const entry of entries) {
    const name = isObject(entry) ? own(entry, 'ParameterKey') : undefined
    if (!isObject(entry) || typeof name !== 'string') return { fault: 'has an entry without a ParameterKey' }
    const value = textOf(own(entry, 'ParameterValue'))
    // Without a value: the one that the stack has already, which is not known here.
    if (value !== undefined) values.set(name, value)
    else if (own(entry, 'UsePreviousValue') !== true) return { fault: `has no ParameterValue for ${quote(name)}` }
  }
  return { values }
}

function fromMapping(mapping: JsonObject): { values: ParameterValues } | { fault: string } {
  const values = new Map<string, string>()
  for (const [name, value] of Object.entries(mapping)) {
    const text = Array.isArray(value) ? value.map(textOf).join(',') : textOf(value)
    if (text === undefined) return { fault: `has a value for ${quote(name)} that is no text` }
    values.set(name, text)
  }
  return { values }
}

/** What a parameter is worth; `undefined`: not known. `given` is what the deployment states. */
export function parameterValue(declared: unknown, given: unknown): unknown {
  if (!isObject(declared)) return undefined
  // What is secret is not read at all, so that nothing can show it.
  if (/^true$/i.test(textOf(own(declared, 'NoEcho')) ?? '')) return undefined
  const type = textOf(own(declared, 'Type')) ?? 'String'
  // The value is the name of a parameter in Systems Manager; what that holds, deployment tells.
  if (type.startsWith('AWS::SSM::Parameter::Value<')) return undefined
  const allowed = own(declared, 'AllowedValues')
  const only = Array.isArray(allowed) && allowed.length === 1 ? allowed[0] : undefined
  const value = given ?? own(declared, 'Default') ?? only
  if (value === undefined || value === null || textOf(value)?.includes('{{resolve:')) return undefined
  if (!/^(?:CommaDelimitedList|List<)/.test(type)) return Array.isArray(value) ? value.map(textOf).join(',') : value
  const list = Array.isArray(value)
    ? value
    : textOf(value)
        ?.split(',')
        .map(part => part.trim())
  return list?.length === 1 && list[0] === '' ? [] : list
}

/** Combinations of values that a condition is tried with. */
const mostChoices = 64

/**
 * Every combination of the values that parameters are allowed to have; `undefined` where one may have any value, or where there
 * are too many.
 */
export function choicesOf(names: readonly string[], parameters: JsonObject): Map<string, unknown>[] | undefined {
  let choices: Map<string, unknown>[] = [new Map()]
  for (const name of names) {
    const declared = own(parameters, name)
    const allowed = isObject(declared) ? own(declared, 'AllowedValues') : undefined
    if (!Array.isArray(allowed) || allowed.length * choices.length > mostChoices) return undefined
    choices = choices.flatMap(values =>
      allowed.map(value => new Map([...values, [name, parameterValue(declared, value)]])),
    )
  }
  return choices
}

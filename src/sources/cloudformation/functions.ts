/**
 * The intrinsic functions. Each gives the value that is certain before deployment, or `undefined`.
 * `Fn::Cidr`, `Fn::GetAZs` and `Fn::Transform` never are: no rule concerns networks, and a macro may do anything.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
 */
import { hasPlaceholder } from '../../model/placeholder.ts'
import { isObject, type JsonObject, own } from '../json.ts'
import type { Stack } from './stack.ts'
import { areEqual, holdsUnresolved, isSame, isUnresolved, maxTextLength, noValue, textOf } from './values.ts'

/** Where a function is called. */
export interface Call {
  stack: Stack
  /** In the value of a tag, which is there whatever it is: there a parameter without a value has its placeholder. */
  isTagValue: boolean
}

type Intrinsic = (argument: unknown, call: Call) => unknown

const list = (argument: unknown): readonly unknown[] => (Array.isArray(argument) ? argument : [])

const ref: Intrinsic = (name, { stack, isTagValue }) =>
  typeof name === 'string' ? stack.reference(name, isTagValue) : undefined

const getAtt: Intrinsic = (argument, { stack }) => {
  const [name, ...steps] =
    typeof argument === 'string' ? argument.split('.') : list(argument).map(part => textOf(stack.resolve(part)))
  const attribute = steps.every(step => step !== undefined) ? steps.join('.') : ''
  return name === undefined || attribute === '' ? undefined : stack.attribute(name, attribute)
}

const sub: Intrinsic = (argument, call) => {
  const [text, variables] = typeof argument === 'string' ? [argument] : list(argument)
  if (typeof text !== 'string' || text.includes('{{resolve:')) return undefined
  let length = 0
  let isKnown = true
  const result = text.replace(/\$\{([^{}]*)\}/g, (whole, name: string) => {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`
    if (!isKnown) return whole
    const value = textOf(variable(name.trim(), variables, call))
    length += value?.length ?? 0
    if (value === undefined || length > maxTextLength) isKnown = false
    return value ?? ''
  })
  return isKnown ? result : undefined
}

function variable(name: string, variables: unknown, { stack, isTagValue }: Call): unknown {
  if (isObject(variables) && Object.hasOwn(variables, name)) return stack.resolve(variables[name], isTagValue)
  const dot = name.indexOf('.')
  return dot < 0 ? stack.reference(name, isTagValue) : stack.attribute(name.slice(0, dot), name.slice(dot + 1))
}

const join: Intrinsic = (argument, { stack, isTagValue }) => {
  const [delimiter, parts] = list(argument)
  const elements = stack.resolve(parts, isTagValue)
  if (typeof delimiter !== 'string' || !Array.isArray(elements)) return undefined
  const texts: string[] = []
  let length = 0
  for (const element of elements) {
    const text = textOf(element)
    length += delimiter.length + (text?.length ?? 0)
    if (text === undefined || length > maxTextLength) return undefined
    texts.push(text)
  }
  return texts.join(delimiter)
}

const select: Intrinsic = (argument, { stack, isTagValue }) => {
  const [position, elements] = list(argument).map(part => stack.resolve(part, isTagValue))
  const index = Number(textOf(position) ?? Number.NaN)
  if (!Array.isArray(elements) || !Number.isInteger(index)) return undefined
  const selected: unknown = elements[index]
  return isUnresolved(selected) ? undefined : selected
}

/** Characters that neither the ids that AWS makes nor Regions and accounts hold. */
const outsideNames = new Set([':', ',', '|', ';'])
const split: Intrinsic = (argument, { stack, isTagValue }) => {
  const [delimiter, source] = list(argument)
  const text = stack.resolve(source, isTagValue)
  if (typeof delimiter !== 'string' || delimiter === '' || typeof text !== 'string') return undefined
  if (!hasPlaceholder(text)) return text.split(delimiter)
  if (!outsideNames.has(delimiter) || /\.[^{}@]*@/.test(text)) return undefined
  const parts = ['']
  text.split(/(\$\{[^{}@]*@[^{}@]*\})/).forEach((piece, index) => {
    const [first = '', ...others] = index % 2 === 1 ? [piece] : piece.split(delimiter)
    parts[parts.length - 1] += first
    parts.push(...others)
  })
  return parts
}

const either: Intrinsic = (argument, { stack, isTagValue }) => {
  const [name, whenTrue, whenFalse] = list(argument)
  const holds = typeof name === 'string' ? stack.condition(name) : stack.holds(name)
  if (holds !== undefined) return stack.resolve(holds ? whenTrue : whenFalse, isTagValue)
  if (typeof name === 'string') stack.undecided.add(name)
  const [first, second] = [stack.resolve(whenTrue, isTagValue), stack.resolve(whenFalse, isTagValue)]
  if (first === noValue || second === noValue) return first === second ? noValue : undefined
  return !holdsUnresolved(first) && isSame(first, second) ? first : undefined
}

const equals: Intrinsic = (argument, { stack }) => {
  const [first, second] = list(argument).map(part => stack.resolve(part))
  return first === undefined || second === undefined ? undefined : areEqual(first, second)
}

const and: Intrinsic = (argument, { stack }) => {
  const parts = list(argument).map(part => stack.holds(part))
  return parts.includes(false) ? false : parts.length === 0 || parts.includes(undefined) ? undefined : true
}

const or: Intrinsic = (argument, { stack }) => {
  const parts = list(argument).map(part => stack.holds(part))
  return parts.includes(true) ? true : parts.length === 0 || parts.includes(undefined) ? undefined : false
}

const not: Intrinsic = (argument, { stack }) => {
  const holds = stack.holds(list(argument)[0])
  return holds === undefined ? undefined : !holds
}

const findInMap: Intrinsic = (argument, { stack }) => {
  const parts = list(argument)
  const options = parts.find((part): part is JsonObject => isObject(part) && Object.hasOwn(part, 'DefaultValue'))
  const [map, ...keys] = parts.filter(part => part !== options).map(part => stack.resolve(part))
  const fallback = options && stack.resolve(own(options, 'DefaultValue'))
  return keys.length === 2 ? stack.mapped(map, keys, fallback) : undefined
}

const base64: Intrinsic = (argument, { stack }) => {
  const text = textOf(stack.resolve(argument))
  return text === undefined || hasPlaceholder(text) ? undefined : Buffer.from(text).toString('base64')
}

const importValue: Intrinsic = (argument, { stack }) => {
  const name = textOf(stack.resolve(argument))
  return name === undefined ? undefined : stack.surroundings.imported(name)
}

const toJsonString: Intrinsic = (argument, { stack }) => {
  const value = stack.resolve(argument)
  return value === noValue || holdsUnresolved(value) ? undefined : JSON.stringify(value)
}

const length: Intrinsic = (argument, { stack }) => {
  const elements = stack.resolve(argument)
  return Array.isArray(elements) && !elements.some(isUnresolved) ? elements.length : undefined
}

/** By name. */
export const functions: ReadonlyMap<string, Intrinsic> = new Map<string, Intrinsic>([
  ['Ref', ref],
  ['Fn::GetAtt', getAtt],
  ['Fn::Sub', sub],
  ['Fn::Join', join],
  ['Fn::Select', select],
  ['Fn::Split', split],
  ['Fn::If', either],
  ['Fn::Equals', equals],
  ['Fn::And', and],
  ['Fn::Or', or],
  ['Fn::Not', not],
  ['Fn::FindInMap', findInMap],
  ['Fn::Base64', base64],
  ['Fn::ImportValue', importValue],
  ['Fn::ToJsonString', toJsonString],
  ['Fn::Length', length],
])

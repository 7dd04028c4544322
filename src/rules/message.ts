import { type Facts, type FactValue, isBound, isPartialList } from '../model/facts.ts'
import { elementsOf, type Parameters, parameterPrefix } from './condition.ts'

const placeholder = /\{([^{}]*)\}/g

/** What a message's placeholders name, each once. */
export function placeholdersOf(message: string): string[] {
  return [...new Set([...message.matchAll(placeholder)].map(([, name = '']) => name))]
}

/** How a fact that is not known stands in a sentence. */
export const unknownText = '«unknown»'

const longestList = 10

/** A number as people write it: at most two decimals, no exponent within the range of any fact. */
function spellNumber(value: number): string {
  return String(Math.round(value * 100) / 100)
}

/** A fact in a sentence: `none` for `null`, lists joined, bounds said as such. */
export function spellFact(value: FactValue | undefined): string {
  if (value === undefined) return unknownText
  if (value === null) return 'none'
  if (typeof value === 'number') return spellNumber(value)
  if (typeof value !== 'object') return String(value)
  if (isBound(value))
    return '$atMost' in value ? `at most ${spellNumber(value.$atMost)}` : `at least ${spellNumber(value.$atLeast)}`
  if (isPartialList(value))
    return value.$partial.length === 0 ? unknownText : `${spellItems(value.$partial).join(', ')} (and perhaps others)`
  if (!Array.isArray(value)) return JSON.stringify(value)
  return value.length === 0 ? 'none' : spellItems(value).join(', ')
}

function spellItems(items: readonly FactValue[]): string[] {
  const told = items.slice(0, longestList).map(spellFact)
  return items.length > longestList ? [...told, `${items.length - longestList} more`] : told
}

function valueAt(value: FactValue | undefined, path: string): FactValue | undefined {
  const [head = '', ...rest] = path.split('[].')
  let at = value
  for (const name of head.split('.')) {
    if (at === null) return null
    // Facts may be made by getters of a prototype, but never by the one that every object has.
    if (typeof at !== 'object' || name in Object.prototype) return undefined
    at = (at as { [name: string]: FactValue | undefined })[name]
  }
  return rest.length === 0 ? at : eachElement(at, rest.join('[].'))
}

/** A field of every element, as a list: an element that does not tell it shows as unknown. */
function eachElement(list: FactValue | undefined, path: string): FactValue | undefined {
  const known = elementsOf(list)
  if (!known) return list === null ? null : undefined
  const fields = known.elements.map(element => valueAt(element, path) ?? unknownText)
  return known.complete ? fields : { $partial: fields }
}

/** Fills the placeholders of a rule's message with the subject's facts. */
export function fillMessage(message: string, facts: Facts, parameters: Parameters): string {
  return message.replace(placeholder, (_whole, name: string) => {
    if (!name.startsWith(parameterPrefix))
      return spellFact(valueAt(facts as { [path: string]: FactValue | undefined }, name))
    const parameter = name.slice(parameterPrefix.length)
    return spellFact(Object.hasOwn(parameters, parameter) ? parameters[parameter] : undefined)
  })
}

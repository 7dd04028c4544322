/**
 * `Fn::ForEach`: loops that make resources, conditions, outputs or properties.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html
 */
import { isObject, type JsonObject, own } from '../json.ts'
import type { Path } from './document.ts'
import { put, textOf } from './values.ts'

/** A member of an object after its loops have run: name, value, and where the template spells it. */
export type Member = readonly [name: string, value: unknown, path: Path]

/** An object's members after its loops have run, and the loops over lists that are not known. */
export interface Expansion {
  members: Member[]
  unknown: Path[]
}

/** Members that one object's loops make. */
const maxMembers = 5_000
/** Values that one object's loops make. */
const maxValues = 200_000

/** Runs the loops of an object. `resolve` resolves a loop's list. */
export function expandLoops(tree: JsonObject, path: Path, resolve: (collection: unknown) => unknown): Expansion {
  const expansion: Expansion = { members: [], unknown: [] }
  const budget = { values: maxValues }
  const expand = (owner: JsonObject, at: Path): void => {
    for (const [key, value] of Object.entries(owner)) {
      if (key.startsWith('Fn::ForEach::')) run(value, [...at, key])
      else expansion.members.push([key, value, [...at, key]])
    }
  }
  const run = (loop: unknown, at: Path): void => {
    const elements = Array.isArray(loop) ? elementsOf(resolve(loop[1])) : undefined
    const [identifier, , body] = Array.isArray(loop) ? loop : []
    if (typeof identifier !== 'string' || !isObject(body) || !elements) {
      expansion.unknown.push(at)
      return
    }
    for (const element of elements) {
      if (expansion.members.length >= maxMembers || budget.values <= 0) {
        expansion.unknown.push(at)
        return
      }
      expand(substitute(body, identifier, element, budget) as JsonObject, [...at, 2])
    }
  }
  expand(tree, path)
  return expansion
}

function elementsOf(collection: unknown): string[] | undefined {
  if (!Array.isArray(collection)) return undefined
  const texts = collection.map(textOf)
  return texts.every(text => text !== undefined) ? texts : undefined
}

/** A loop's body for one element: in names, in texts and as a reference. `&{X}` is the element without punctuation. */
function substitute(value: unknown, identifier: string, element: string, budget: { values: number }): unknown {
  if (budget.values-- <= 0) return null
  if (typeof value === 'string') return inText(value, identifier, element)
  if (Array.isArray(value)) return value.map(child => substitute(child, identifier, element, budget))
  if (!isObject(value)) return value
  if (own(value, 'Ref') === identifier && Object.keys(value).length === 1) return element
  const body: JsonObject = {}
  for (const [key, child] of Object.entries(value))
    put(body, inText(key, identifier, element), substitute(child, identifier, element, budget))
  return body
}

function inText(text: string, identifier: string, element: string): string {
  if (!text.includes('{')) return text
  return text
    .replaceAll(`\${${identifier}}`, () => element)
    .replaceAll(`&{${identifier}}`, () => element.replace(/[^A-Za-z0-9]/g, ''))
}

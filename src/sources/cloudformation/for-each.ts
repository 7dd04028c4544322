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
  const expand = (owner: JsonObject, at: Path, bindings: readonly Binding[]): void => {
    for (const [key, value] of Object.entries(owner)) {
      const place = [...at, key]
      if (key.startsWith('Fn::ForEach::')) run(value, place, bindings)
      else if (bindings.length === 0) expansion.members.push([key, value, place])
      else {
        const member: Member = [boundText(key, bindings), bound(value, bindings, budget), place]
        // What the budget cut short says less than the template.
        if (budget.values > 0) expansion.members.push(member)
        else expansion.unknown.push(place)
      }
    }
  }
  const run = (loop: unknown, at: Path, bindings: readonly Binding[]): void => {
    const [identifier, list, body] = Array.isArray(loop) ? loop : []
    const elements = elementsOf(resolve(bound(list, bindings, budget)))
    if (typeof identifier !== 'string' || !isObject(body) || !elements) {
      expansion.unknown.push(at)
      return
    }
    for (const element of elements) {
      if (expansion.members.length >= maxMembers || budget.values <= 0) {
        expansion.unknown.push(at)
        return
      }
      expand(body, [...at, 2], [...bindings, { identifier, element }])
    }
  }
  expand(tree, path, [])
  return expansion
}

/** What a loop's identifier stands for in one round. */
interface Binding {
  identifier: string
  element: string
}

function elementsOf(collection: unknown): string[] | undefined {
  if (!Array.isArray(collection)) return undefined
  const texts = collection.map(textOf)
  return texts.every(text => text !== undefined) ? texts : undefined
}

/** A value of a loop's body in one round. */
function bound(value: unknown, bindings: readonly Binding[], budget: { values: number }): unknown {
  if (bindings.length === 0) return value
  if (budget.values-- <= 0) return null
  if (typeof value === 'string') return boundText(value, bindings)
  if (Array.isArray(value)) return value.map(child => bound(child, bindings, budget))
  if (!isObject(value)) return value
  const name = Object.keys(value).length === 1 ? own(value, 'Ref') : undefined
  const binding = bindings.find(({ identifier }) => identifier === name)
  if (binding) return binding.element
  const body: JsonObject = {}
  for (const [key, child] of Object.entries(value)) put(body, boundText(key, bindings), bound(child, bindings, budget))
  return body
}

/** `${X}` is the element, `&{X}` the element without punctuation. */
function boundText(text: string, bindings: readonly Binding[]): string {
  if (!text.includes('{')) return text
  return bindings.reduce(
    (result, { identifier, element }) =>
      result
        .replaceAll(`\${${identifier}}`, () => element)
        .replaceAll(`&{${identifier}}`, () => element.replace(/[^A-Za-z0-9]/g, '')),
    text,
  )
}

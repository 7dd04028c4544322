/** Where a fact stands in a template: the line of the property that it was read from. */
import type { Encoding } from '../model/record.ts'
import type { FactPlaces, ResourceDefinition } from '../resources/definition.ts'

/** Finds the line of a fact. Made once for each type and encoding. */
export type FactLocator = (factPath: string, positions: Readonly<Record<string, number>>) => number | undefined

const locators = new WeakMap<ResourceDefinition, Map<Encoding, FactLocator>>()

/** The locator of a type's facts. */
export function factLocator(definition: ResourceDefinition, encoding: Encoding): FactLocator {
  let byEncoding = locators.get(definition)
  if (!byEncoding) locators.set(definition, (byEncoding = new Map()))
  let found = byEncoding.get(encoding)
  if (!found) byEncoding.set(encoding, (found = makeLocator(placesOf(definition, encoding))))
  return found
}

/** Property paths by fact path: what the facts themselves say, and what is listed for the facts that are derived. */
function placesOf(definition: ResourceDefinition, encoding: Encoding): Map<string, readonly string[]> {
  const places = new Map<string, readonly string[]>()
  const listed: FactPlaces = definition.places ?? {}
  for (const [fact, byEncoding] of Object.entries(listed)) {
    const paths = byEncoding[encoding as keyof typeof byEncoding]
    if (paths !== undefined) places.set(fact, typeof paths === 'string' ? [paths] : paths)
  }
  if (definition.role !== 'data-store') return places
  for (const [fact, source] of Object.entries(definition.facts)) {
    if (typeof source !== 'object' || source === null || Array.isArray(source) || places.has(fact)) continue
    const paths = (source as { [encoding: string]: string | readonly string[] | undefined })[encoding]
    if (paths !== undefined) places.set(fact, typeof paths === 'string' ? [paths] : paths)
  }
  return places
}

function makeLocator(places: ReadonlyMap<string, readonly string[]>): FactLocator {
  return (factPath, positions) => {
    const indexes = [...factPath.matchAll(/\[(\d+)\]/g)].map(([, index]) => index!)
    // `rules[1].retentionDays` is listed as `rules[].retentionDays`; what is not listed stands where the fact around it does.
    for (let fact = factPath.replace(/\[\d+\]/g, '[]'); fact !== ''; fact = parentOf(fact)) {
      const paths = places.get(fact)
      if (!paths) continue
      const lines = paths.flatMap(path => lineOf(path, indexes, positions) ?? [])
      return lines.length > 0 ? lines[0] : undefined
    }
    return undefined
  }
}

const parentOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('.')))

/** The line of a property, else of what it would stand in. */
function lineOf(
  path: string,
  indexes: readonly string[],
  positions: Readonly<Record<string, number>>,
): number | undefined {
  let next = 0
  for (let at = path.replace(/\[\]/g, () => `.${indexes[next++] ?? 0}`); at !== ''; at = parentOf(at)) {
    if (Object.hasOwn(positions, at)) return positions[at]
    // Terraform's blocks are lists of one, which paths leave out.
    const block = `${at}.0`
    if (Object.hasOwn(positions, block)) return positions[block]
  }
  return undefined
}

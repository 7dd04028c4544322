/** Where a fact stands in a template: the line of the property that it was read from. */
import type { Encoding, Location, ResourceRecord } from '../model/record.ts'
import type { FactPlaces, ResourceDefinition } from '../resources/definition.ts'

/**
 * Finds the line of a fact in a record's template: of its property, else of what that would stand in. `null`: neither is there, so that
 * the resource itself is what lacks it; `undefined`: where the fact would stand nobody said. Made once for each type and encoding.
 */
export type FactLocator = (
  factPath: string,
  of: Pick<ResourceRecord, 'positions' | 'related'>,
  file: string,
) => Location | null | undefined

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
  return (factPath, of, file) => {
    const indexes = [...factPath.matchAll(/\[(\d+)\]/g)].map(([, index]) => index!)
    // `rules[1].retentionDays` is listed as `rules[].retentionDays`; what is not listed stands where the fact around it does.
    for (let fact = factPath.replace(/\[\d+\]/g, '[]'); fact !== ''; fact = parentOf(fact)) {
      const paths = places.get(fact)
      if (!paths) continue
      return lineOf(
        paths.map(path => indexed(path, indexes)),
        linesOf(of, file),
      )
    }
    return undefined
  }
}

const parentOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('.')))

/** Without first positions of lists: Terraform's blocks are lists of one, which the paths of facts leave out. */
const firstOfAll = (path: string) => path.replace(/\.0(?=\.|$)/g, '').toLowerCase()

/** Without any positions. */
const bare = (path: string) => path.replace(/\.\d+(?=\.|$)/g, '').toLowerCase()

/** The path of a property with the positions of its fact, `[]` by `[]`. */
function indexed(path: string, indexes: readonly string[]): string {
  let next = 0
  return path.replace(/\[\]/g, () => `.${indexes[next++] ?? 0}`)
}

/** Lines by path, without first positions and without any (the first of several); those of companions under their keys. */
function linesOf({ positions = {}, related = [] }: Pick<ResourceRecord, 'positions' | 'related'>, file: string) {
  const lines = new Map<string, Location>()
  const add = (path: string, location: Location) => {
    const named = firstOfAll(path)
    if (!lines.has(named)) lines.set(named, location)
    if (!lines.has(bare(path))) lines.set(bare(path), location)
  }
  for (const [path, line] of Object.entries(positions)) add(path, { file, line })
  for (const { at, location, positions: own = {} } of related) {
    if (at === undefined || !location) continue
    add(at, { file: location.file, line: location.line })
    for (const [path, line] of Object.entries(own)) add(`${at}.${path}`, { file: location.file, line })
  }
  return lines
}

/** The line of the first of several properties that is there, else of what one of them would stand in; `null` where nothing is. */
function lineOf(paths: readonly string[], lines: ReadonlyMap<string, Location>): Location | null {
  // With its positions a path may not be found: then they are those of blocks.
  const spellings = paths.flatMap(path => [firstOfAll(path), bare(path)])
  for (const path of spellings) {
    const found = lines.get(path)
    if (found) return found
  }
  for (const path of spellings)
    for (let at = parentOf(path); at !== ''; at = parentOf(at)) {
      const found = lines.get(at)
      if (found) return found
    }
  return null
}

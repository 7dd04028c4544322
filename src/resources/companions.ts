/**
 * Reads what Terraform declares in resources of their own ({@link ./definition.ts!TerraformCompanions}) where its source joined it to
 * the owner. In an open world a missing key is marked as unknown before an item is read, so that here absent means none.
 */
import type { ResourceRecord } from '../model/record.ts'
import { at, configurationOf, elements, isAbsent, type Place } from './evidence.ts'

/** The companions under a key; partial where there may be more. */
export function companionsAt(item: ResourceRecord, as: string): { places: Place[]; partial: boolean } {
  const place = at(configurationOf(item), as)
  if (isAbsent(place)) return { places: [], partial: false }
  return elements(place) ?? { places: [], partial: true }
}

/** The companion of which an owner has one at most; `null` = it has none, `undefined` = not known. */
export function companionAt(item: ResourceRecord, as: string): Place | null | undefined {
  const { places, partial } = companionsAt(item, as)
  // Two that contradict each other are applied in an order that nothing tells.
  if (partial || places.length > 1) return undefined
  return places[0] ?? null
}

/**
 * A setting that was a block of the owner before it became a resource of its own. What the companion says counts; else the block,
 * which also in newer states tells what is (an empty list: nothing); else it is none or not known as {@link companionAt} says.
 */
export function companionOrBlock(item: ResourceRecord, as: string, block: string): Place | null | undefined {
  if (Object.hasOwn(item.configuration, as)) return companionAt(item, as)
  const inline = at(configurationOf(item), block)
  if (inline.unknown) return undefined
  if (!isAbsent(inline)) return inline
  const stated = Object.hasOwn(item.configuration, block) ? item.configuration[block] : undefined
  return Array.isArray(stated) ? null : companionAt(item, as)
}

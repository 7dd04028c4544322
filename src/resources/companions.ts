/**
 * Reads what Terraform declares in resources of their own ({@link ./definition.ts!TerraformCompanions}) where its source joined it to
 * the owner. In an open world a missing key is marked as unknown before an item is read, so that here absent means none.
 */
import type { ResourceRecord } from '../model/record.ts'
import { at, configurationOf, elements, isAbsent, type Place } from './evidence.ts'

/** Whether the item tells of companions under a key: of some, or that some are not known. */
export function hasCompanions(item: ResourceRecord, as: string): boolean {
  const { configuration } = item
  return typeof configuration === 'object' && configuration !== null && Object.hasOwn(configuration, as)
}

/** The companions under a key; partial where there may be more. */
export function companionsAt(item: ResourceRecord, as: string): { places: Place[]; partial: boolean } {
  const place = at(configurationOf(item), as)
  const mayBeMore = item.unknown?.includes(`${as}[]`) ?? false
  if (isAbsent(place)) return { places: [], partial: mayBeMore }
  const list = elements(place) ?? { places: [], partial: true }
  return mayBeMore ? { ...list, partial: true } : list
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
 * which in newer states tells what is; else it is none or not known as {@link companionAt} says: an empty block says nothing, since
 * a plan shows one whoever declares the setting.
 */
export function companionOrBlock(item: ResourceRecord, as: string, block: string): Place | null | undefined {
  if (hasCompanions(item, as)) return companionAt(item, as)
  const inline = at(configurationOf(item), block)
  if (inline.unknown) return undefined
  return isAbsent(inline) ? companionAt(item, as) : inline
}

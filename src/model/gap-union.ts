import type { GapRecord } from './record.ts'
import { byText } from './text-order.ts'

const union = (one: readonly string[], other: readonly string[]) => [...new Set([...one, ...other])].sort(byText)

/**
 * One gap for two of the same scope, operation and reason: several readers of a scope call the same operation, each for fact
 * groups of its own. The same whichever comes first.
 */
export function unionOfGaps(one: GapRecord, other: GapRecord): GapRecord {
  const isEveryType = one.types.length === 0 || other.types.length === 0
  return {
    ...one,
    factGroups: union(one.factGroups, other.factGroups),
    types: isEveryType ? [] : union(one.types, other.types),
    remedy: one.remedy < other.remedy ? one.remedy : other.remedy,
  }
}

/** Numbers of which a part is not known: exact, or a bound where what is missing could only better them (DESIGN §10.4). */
import type { FactNumber } from '../model/facts.ts'

/** A number, `null` where there is none, `undefined` where it is not known. */
export type MaybeNumber = FactNumber | null | undefined

/**
 * The smallest of several numbers, of which `null` is none. Where one is not known, or the list is not complete, a bound from
 * above; `null` where there is none at all.
 */
export function smallest(values: readonly MaybeNumber[], complete: boolean): MaybeNumber {
  let best: number | undefined
  let sure = complete
  for (const value of values) {
    if (value === null) continue
    if (typeof value !== 'number') sure = false
    const known = typeof value === 'object' ? ('$atMost' in value ? value.$atMost : undefined) : value
    if (known !== undefined && (best === undefined || known < best)) best = known
  }
  if (best === undefined) return sure ? null : undefined
  return sure ? best : { $atMost: best }
}

/**
 * The greatest of several retentions in days, of which `null` is for ever and beats every other. Where one is not known, or
 * the list is not complete, a bound from below; 0 where there is none at all.
 */
export function longest(values: readonly MaybeNumber[], complete: boolean): MaybeNumber {
  let best: number | undefined
  let sure = complete
  for (const value of values) {
    if (value === null) return null
    if (typeof value !== 'number') sure = false
    const known = typeof value === 'object' ? ('$atLeast' in value ? value.$atLeast : undefined) : value
    if (known !== undefined && (best === undefined || known > best)) best = known
  }
  if (best === undefined) return sure ? 0 : undefined
  return sure ? best : { $atLeast: best }
}

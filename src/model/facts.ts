/**
 * Facts: what is known of a subject. Three states, never two: a value, `null` (known to be none), absent (not known).
 * The shapes come from `schemas/facts/*.schema.json` (see `src/generated/facts.ts`).
 */

/** A list of which a page, a scope or an open world is missing: it holds some of the elements. */
export interface PartialList<T> {
  $partial: T[]
}

/** A number that is only bounded, because what is missing could only lower (`$atMost`) or only raise (`$atLeast`) it. */
export type Bound = { $atMost: number } | { $atLeast: number }

/** A number, or a bound on it. */
export type FactNumber = number | Bound

/** Facts of any subject, as rules see them: navigated by path, missing paths are `undefined`. */
export type Facts = { [path: string]: FactValue | undefined }

/** Anything that may stand at a fact path. */
export type FactValue =
  | string
  | number
  | boolean
  | null
  | FactValue[]
  | PartialList<FactValue>
  | Bound
  | { [key: string]: FactValue | undefined }

/** True for a list known in part. */
export function isPartialList(value: unknown): value is PartialList<FactValue> {
  return typeof value === 'object' && value !== null && '$partial' in value
}

/** True for a number known only by a bound. */
export function isBound(value: unknown): value is Bound {
  return typeof value === 'object' && value !== null && ('$atMost' in value || '$atLeast' in value)
}

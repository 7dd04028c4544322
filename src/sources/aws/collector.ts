/** What a collector is: a file of this folder that exports `collector` reads one API, or a part of it. */
import type { ResourceRecord } from '../../model/record.ts'
import type { Operation } from './operation.ts'
import type { Place } from './place.ts'

/** What is found at once: a record, or those of a page, which one by one would cost more than to read them. */
export type Records = ResourceRecord | readonly ResourceRecord[]

/** The records of what was found at once. */
export const eachOf = (found: Records): readonly ResourceRecord[] =>
  Array.isArray(found) ? found : [found as ResourceRecord]

/** Reads one API, or a part of it. */
export interface Collector {
  /** What `--services` calls it: the API's IAM prefix (`backup`, `rds`). */
  service: string
  /** `region`: read in every Region. `account`: read once an account, into the scope `global`. */
  scope: 'region' | 'account'
  /** Fact groups that it fills, with the types it fills them by. A scope claims a group where every collector of it ran. */
  fills: { readonly [factGroup: string]: readonly string[] }
  /** Every operation that it may call. */
  operations: readonly Operation[]
  /** The resources that it finds. What fails becomes a gap of the place, and never throws. */
  collect(place: Place): AsyncIterable<Records>
}

/** The text of a value that is no more than that. */
export const textOf = (value: string | undefined): string => value ?? ''

/** Last part of an ARN or path. */
export const lastPart = (text: string): string => text.slice(Math.max(text.lastIndexOf('/'), text.lastIndexOf(':')) + 1)

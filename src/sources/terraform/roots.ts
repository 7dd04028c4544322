/**
 * Terraform roots that several inputs describe. Of a plan, a state and the configuration in one directory the first that is there is
 * judged; the configuration then tells where in its files the resources stand.
 */
import type { ResourceRecord } from '../../model/record.ts'
import type { InputDirectory } from '../input-directory.ts'
import type { InputFile, Source } from '../source.ts'

/** Where a resource stands in the configuration, and what stands beside it there. */
export type Site = Pick<ResourceRecord, 'location' | 'positions' | 'moduleCalls' | 'exemptions'>

/** The less, the more an input says of a root. */
export const planRank = 1
export const stateRank = 2
export const configurationRank = 3

/** A directory that was met below one that the user named. */
export interface RootPlace {
  in: InputDirectory
  path: string
}

/** What is known of the roots among the inputs of a run. */
export interface RootRegister {
  /** Another input that says more of the root in that place is judged instead. */
  isOutranked(place: RootPlace | undefined, rank: number): boolean
  /** Notes where the resources of a root stand; `undefined` where nothing will ask. */
  note(place: RootPlace, sites: ReadonlyMap<string, Site>): void
  /** Where the resource of an address stands, as far as the configuration beside it tells. */
  siteOf(place: RootPlace | undefined, address: string): Site | undefined
}

/** The directory that a file lies in; `undefined` for a file that the user named. */
export function placeOf({ met }: Pick<InputFile, 'met'>): RootPlace | undefined {
  if (!met) return undefined
  const above = met.path.includes('/') ? met.path.slice(0, met.path.lastIndexOf('/')) : '.'
  return { in: met.in, path: met.in.canonical(above) ?? above }
}

/** The register of a run's inputs. */
export function rootRegister(inputs: Iterable<readonly [Source, readonly InputFile[]]>): RootRegister {
  const ranks = new Map<InputDirectory, Map<string, number>>()
  const known = new Map<InputDirectory, Map<string, ReadonlyMap<string, Site>>>()
  for (const [{ rootRank }, files] of inputs) {
    if (rootRank === undefined) continue
    for (const file of files) {
      const place = placeOf(file)
      if (!place) continue
      const inDirectory = ranks.get(place.in) ?? new Map<string, number>()
      ranks.set(place.in, inDirectory)
      inDirectory.set(place.path, Math.min(rootRank, inDirectory.get(place.path) ?? rootRank))
    }
  }
  return {
    isOutranked: (place, rank) => place !== undefined && (ranks.get(place.in)?.get(place.path) ?? rank) < rank,
    note(place, sites) {
      const inDirectory = known.get(place.in) ?? new Map<string, ReadonlyMap<string, Site>>()
      known.set(place.in, inDirectory)
      inDirectory.set(place.path, sites)
    },
    siteOf(place, address) {
      const sites = place && known.get(place.in)?.get(place.path)
      // Of instances that the configuration alone cannot count it tells one.
      return sites?.get(address) ?? sites?.get(address.replace(/\[[^[\]]*\]$/, ''))
    },
  }
}

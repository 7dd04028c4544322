/**
 * Which backup selections cover a store, and why (aws-apis §5). Coverage is worked out once per store and shared between
 * stores that are covered alike.
 */

import { hasPlaceholder } from '../model/placeholder.ts'
import { parseArn } from './arn.ts'
import { selectableInventory } from './completeness.ts'
import type { Coverage, CoverMatch, Join, Place, SelectionState, StoreItem, UnnamedCoverage } from './join.ts'
import { isCompleteFor, isThereWith, unknownThrough } from './join.ts'
import type { SelectableStore } from './selection.ts'
import { isRestoreTestLeftover, matchSelection, reasonOf, selects, tagsAskedFor } from './selection.ts'
import { supportOf } from './support.ts'
import { tagKinds } from './tag-kinds.ts'

/** The opt-in of a store's service: what the Region's settings say, else the assumption where no input can know it (DESIGN §8). */
export function optInOf(join: Join, store: StoreItem, place: Place | undefined): boolean | undefined {
  if (typeof store.service !== 'string') return undefined
  const optIn = place?.settings?.optIn
  if (optIn) return Object.hasOwn(optIn, store.service) ? optIn[store.service] : undefined
  if (store.scope.scope.source === 'aws' || (place && mayStateOptIn(join, place))) return undefined
  return join.policy.assumptions.optInUnstated === 'on' ? true : undefined
}

/** Whether some input of the place could have told the opt-ins. */
function mayStateOptIn({ completeness }: Join, place: Place): boolean {
  const { account, region } = place
  place.mayStateOptIn ??=
    completeness.isComplete('region-settings', account, region) ||
    completeness.isCut('region-settings', account, region)
  return place.mayStateOptIn
}

/** A store as selections look at it. */
export function selectable(store: StoreItem, arn: string | undefined): SelectableStore {
  return {
    arn,
    otherArns: store.otherArns ?? noArns,
    type: store.type,
    service: store.service,
    tags: store.tags,
    account: store.account,
    region: store.region,
    name: store.name,
  }
}

/**
 * Which selections cover a store, itself or through its instance or stack. Where no selection names the store, the answer
 * hangs on its type and tags alone, and stores that are tagged alike share it.
 */
export function coverageOf(join: Join, store: StoreItem, shared: Map<string, Coverage>): Coverage {
  const { place, definition } = store
  if (!place || !isToldByTags(store, place)) return findCoverage(join, store, shared)
  const { kindOf, names, byKind } = (place.unnamedCoverage ??= unnamedCoverage(place))
  const kind = kindOf(store.tags)
  if (!kind || names(store.arn!)) return findCoverage(join, store, shared)
  let byType = byKind.get(kind)
  if (!byType) byKind.set(kind, (byType = new Map()))
  let coverage = byType.get(definition)
  if (!coverage) byType.set(definition, (coverage = findCoverage(join, store, shared)))
  return coverage
}

/** Whether nothing but its ARN and tags tells a store apart from others of its type, to a selection of its place. */
function isToldByTags(store: StoreItem, place: Place): boolean {
  if (store.arn === undefined || store.through || store.otherArns || store.scope !== place.scope) return false
  if (typeof store.definition.service === 'function' || !supportOf(store, place).awsBackup) return false
  return !hasPlaceholder(store.arn) && !isRestoreTestLeftover(store)
}

function unnamedCoverage({ selections }: Place): UnnamedCoverage {
  const entries = selections.flatMap(({ compiled }) => [compiled.resources ?? [], compiled.notResources ?? []].flat())
  const exact = new Set(entries.flatMap(entry => [...entry.exact]))
  const globs = entries.flatMap(entry => entry.globs).filter(({ pattern }) => !/^\*+$/.test(pattern))
  // What an entry names that only deployment will tell may be any store; and what may not be made covers for certain only
  // what hangs on the same.
  const isAny =
    entries.some(({ possible }) => possible.length > 0) || selections.some(({ item }) => item.declared?.mayNotExist)
  return {
    names: arn => isAny || exact.has(arn) || globs.some(({ glob }) => glob(arn)),
    kindOf: tagKinds(selections.flatMap(({ compiled }) => tagsAskedFor(compiled))),
    byKind: new Map(),
  }
}

const noSelections: ReadonlySet<SelectionState> = new Set()
const noArns: readonly string[] = []

/** Works out which selections cover a store. */
function findCoverage(join: Join, store: StoreItem, shared: Map<string, Coverage>): Coverage {
  const place = store.place
  const matches: CoverMatch[] = []
  let maybe: ReadonlySet<SelectionState> = noSelections
  const open = (selection: SelectionState) => {
    maybe = maybe === noSelections ? new Set([selection]) : (maybe as Set<SelectionState>).add(selection)
  }
  let key = ''
  const supported = supportOf(store, place).awsBackup
  if (place && supported) {
    const options = {
      optIn: optInOf(join, store, place),
      stringNotEqualsOnMissingTag: join.policy.assumptions.stringNotEqualsOnMissingTag,
      isTaken: (name: string) => join.entries.get(name)?.store != null,
    }
    const subject = selectable(store, store.arn)
    const add = (selection: SelectionState, index: number, why: string, via: string | null) => {
      matches.push({ selection, why, via })
      key += `${index}|${why}|${via ?? ''}\n`
    }
    for (let i = 0; i < place.selections.length; i++) {
      const selection = place.selections[i]!
      const selected = selects(selection.compiled, subject, options)
      if (selected === true && isThereWith(selection.item, store))
        add(selection, i, reasonOf(selection.compiled, subject), null)
      else if (selected !== false) open(selection)
    }
    for (const arn of store.through ?? noArns) coverThrough(join, { store, place }, arn, add, open)
    if (store.through === unknownThrough) for (const selection of place.selections) open(selection)
    if (maybe !== noSelections)
      place.selections.forEach((selection, i) => {
        if (maybe.has(selection)) key += `${i}?\n`
      })
  }
  const unknown = maybe.size > 0
  const complete =
    isCompleteFor(join, store, 'plans') && isCompleteFor(join, store, 'selections') && !mayBeUnderPolicy(join, store)
  key = `${place?.key ?? ''}|${unknown}|${complete}|${key}`
  let coverage = shared.get(key)
  if (!coverage) {
    coverage = { matches, unknown, maybe, complete }
    shared.set(key, coverage)
  }
  return coverage
}

/** Whether a declared policy of an organisation may bring plans to the store's account. A live account shows them as its own. */
function mayBeUnderPolicy({ hasUnplacedPlans }: Join, { scope }: StoreItem): boolean {
  return hasUnplacedPlans && scope.scope.source !== 'aws'
}

/** Selections that select an instance or a stack in the store's place, or may. */
function coverThrough(
  join: Join,
  { store, place }: { store: StoreItem; place: Place },
  arn: string,
  add: (selection: SelectionState, index: number, why: string, via: string) => void,
  open: (selection: SelectionState) => void,
): void {
  const parent = join.entries.get(arn)?.store
  if (parent) {
    const options = {
      optIn: optInOf(join, parent, place),
      stringNotEqualsOnMissingTag: join.policy.assumptions.stringNotEqualsOnMissingTag,
      isTaken: (name: string) => join.entries.get(name)?.store != null,
    }
    const subject = selectable(parent, arn)
    place.selections.forEach((selection, i) => {
      const match = matchSelection(selection.compiled, subject, options)
      if (match.matched === true && isThereWith(selection.item, store)) add(selection, i, match.why ?? '', arn)
      else if (match.matched !== false) open(selection)
    })
    return
  }
  // The parent itself was not read: only a selection that names it covers it for certain.
  place.selections.forEach((selection, i) => {
    if (
      selection.selection.resources?.includes(arn) &&
      selection.selection.notResources?.length === 0 &&
      selection.compiled.unconditional &&
      isThereWith(selection.item, store)
    )
      add(selection, i, `Resources entry ${arn}`, arn)
  })
  if (
    parseArn(arn)?.service !== 'ec2' ||
    join.completeness.isComplete(selectableInventory, place.account, place.region)
  )
    return
  for (const selection of place.selections) open(selection)
}

/**
 * Companions: since version 4 of the provider many settings of a bucket, a vault or a file system are resources of their own. Each is
 * put into the configuration of what it belongs to, found by reference, or by a name that both spell out.
 */
import { hasPlaceholder } from '../../model/placeholder.ts'
import type { RelatedResource } from '../../model/record.ts'
import { type JsonObject, own } from '../json.ts'
import { type CompanionRule, companionRulesOf, companionsOf } from './definitions.ts'
import type { Draft, Names } from './names.ts'
import { soleReference, type TerraformRoot } from './resource.ts'

/** What an owner gets from its companions. */
export interface Companionship {
  /** Values by key: one element a companion. */
  values: Map<string, unknown[]>
  unknown: string[]
  related: RelatedResource[]
}

/** Finds owners by what may name them. */
class OwnerIndex {
  private readonly byAddress = new Map<string, Draft>()
  private readonly byText = new Map<string, Draft[]>()
  readonly byType = new Map<string, Draft[]>()

  constructor(drafts: readonly Draft[], names: Names) {
    for (const draft of drafts) {
      const { type, address, values } = draft.resource
      this.byAddress.set(address, draft)
      const ofType = this.byType.get(type)
      if (ofType) ofType.push(draft)
      else this.byType.set(type, [draft])
      const { id, arn, reference } = names.of(draft)
      const texts = [id, arn, reference, own(values, 'id'), own(values, 'arn')]
      for (const text of new Set(texts)) {
        if (typeof text !== 'string') continue
        const key = `${type}|${text}`
        const list = this.byText.get(key)
        if (list) list.push(draft)
        else this.byText.set(key, [draft])
      }
    }
  }

  named(type: string, given: string, text: string): Draft[] {
    const referred = soleReference(given)
    const owner = referred === undefined ? undefined : this.byAddress.get(referred)
    if (owner) return owner.resource.type === type ? [owner] : []
    return this.byText.get(`${type}|${text}`) ?? []
  }
}

const sameProvider = (a: Draft, b: Draft) => a.resource.provider.key === b.resource.provider.key

/** Whether a companion is made wherever its owner is. */
const isMadeWith = ({ resource: { mayNotExist = [] } }: Draft, owner: Draft) =>
  mayNotExist.every(condition => owner.resource.mayNotExist?.includes(condition))

/**
 * Joins companions to their owners. `unowned` is told of those whose owner is none of the root's. Where a root is not whole, any
 * owner may have one that was lost.
 */
export function joinCompanions(
  drafts: readonly Draft[],
  names: Names,
  { isWhole, removed = [] }: Pick<TerraformRoot, 'isWhole' | 'removed'>,
  unowned: (companion: Draft) => void,
): Map<Draft, Companionship> {
  const joined = new Map<Draft, Companionship>()
  const owners = new OwnerIndex(drafts, names)
  /** Owners that a companion may belong to without telling which; all of a type, or those whose name is not known. */
  const loose: { rule: CompanionRule; among: readonly Draft[] }[] = []
  const looseTypes = new Map<string, { rule: CompanionRule; isOpen: (owner: Draft) => boolean }>()

  function companionship(owner: Draft): Companionship {
    let found = joined.get(owner)
    if (!found) joined.set(owner, (found = { values: new Map(), unknown: [], related: [] }))
    return found
  }

  function attach(owner: Draft, companion: Draft, as: string): void {
    const { values, unknown, related } = companionship(owner)
    const list = values.get(as) ?? []
    values.set(as, list)
    const { resource, record } = companion
    const position = `${as}.${list.length}`
    for (const path of resource.unknown) unknown.push(`${position}.${path}`)
    // A companion may lie in another Region than its owner: what replicates lies where it replicates to.
    const { region } = names.place(companion)
    if (region === undefined) unknown.push(`${position}.region`)
    list.push({ ...(names.resolve(record.configuration) as JsonObject), ...(region === undefined ? {} : { region }) })
    related.push({
      type: resource.type,
      address: resource.address,
      ...(resource.location ? { location: resource.location, at: position, positions: resource.positions ?? {} } : {}),
    })
  }

  /** Any owner of the type may have it, or any whose name is not known. */
  function loosen(rule: CompanionRule, among: 'all' | 'nameless'): void {
    const isOpen = among === 'all' ? () => true : isNameless
    looseTypes.set(`${rule.ownerType}|${rule.as}|${among}`, { rule, isOpen })
  }

  /** Joins one companion; `false` where what it names is none of the root's. */
  function join(companion: Draft, rule: CompanionRule): boolean {
    const value = own(companion.resource.values, rule.by)
    if (Array.isArray(value)) return value.map(given => joinOne(companion, rule, given)).includes(true)
    return joinOne(companion, rule, value)
  }

  function joinOne(companion: Draft, rule: CompanionRule, given: unknown): boolean {
    if (typeof given !== 'string' || given === '') {
      loosen(rule, 'all')
      return true
    }
    const text = names.text(given)
    const found = owners.named(rule.ownerType, given, text)
    const near = found.length > 1 ? found.filter(owner => sameProvider(owner, companion)) : found
    if (near.length === 1 && isMadeWith(companion, near[0]!)) attach(near[0]!, companion, rule.as)
    else if (found.length > 0) loose.push({ rule, among: found })
    // A name that is not known may be any owner's; one that is known may be that of an owner whose own is not.
    else if (hasPlaceholder(text)) loosen(rule, 'all')
    else loosen(rule, 'nameless')
    return found.length > 0
  }

  /** The author chose a name that is not known: an id that AWS makes is no name that anybody could have spelled out. */
  function isNameless(owner: Draft): boolean {
    const property = owner.definition?.identity?.terraform
    return property !== undefined && owner.resource.unknown.includes(property)
  }

  for (const draft of drafts) {
    const rules = companionRulesOf(draft.resource.type)
    if (!rules) continue
    const isJoined = rules.map(rule => join(draft, rule))
    if (!isJoined.includes(true)) unowned(draft)
  }
  for (const { type, values } of removed)
    for (const rule of companionRulesOf(type) ?? []) {
      const named = own(values, rule.by)
      if (typeof named === 'string') loose.push({ rule, among: owners.named(rule.ownerType, named, named) })
    }
  if (!isWhole)
    for (const owner of drafts) {
      const { values, unknown } = companionship(owner)
      unknown.push(...companionsOf(owner.resource.type).filter(as => !values.has(as)))
    }
  for (const { rule, isOpen } of looseTypes.values())
    loose.push({ rule, among: (owners.byType.get(rule.ownerType) ?? []).filter(isOpen) })
  for (const { rule, among } of loose) for (const owner of among) open(companionship(owner), rule)
  return joined
}

/** Marks that there may be a companion beside those that were joined; one that an owner has once only, where it has none. */
function open({ values, unknown }: Companionship, rule: CompanionRule): void {
  const list = values.get(rule.as) ?? []
  if (list.length > 0 && !rule.many) return
  // The key is there, so that no block of the owner is taken for the last word.
  values.set(rule.as, list)
  const marker = list.length > 0 ? `${rule.as}[]` : rule.as
  if (!unknown.includes(marker)) unknown.push(marker)
}

/** What the resources of a root will be called, and what their references to each other become. */
import { hasPlaceholder, placeholder } from '../../model/placeholder.ts'
import type { ResourceRecord } from '../../model/record.ts'
import type { ResourceDefinition } from '../../resources/definition.ts'
import { type DeclaredIdentity, identify } from '../../resources/identity.ts'
import { valueAt } from '../../resources/property.ts'
import { isObject, type JsonObject, own } from '../json.ts'
import { isUnknownPath } from './paths.ts'
import { hasReference, replaceReferences, type TerraformResource } from './resource.ts'

/** A resource on its way to a record. */
export interface Draft {
  resource: TerraformResource
  /** With references still unresolved in its configuration. */
  record: ResourceRecord
  definition: ResourceDefinition | undefined
}

/** The names of a root's resources. */
export interface Names {
  of(draft: Draft): DeclaredIdentity
  /** Where it is, as far as that is known for certain. */
  place(draft: Draft): { account?: string; region?: string }
  /** A copy of a value with every reference in it resolved. */
  resolve(value: unknown): unknown
  text(value: string): string
}

/** Placeholders hold neither braces nor `@`, which an index of `for_each` may. */
const placeable = (address: string) => address.replace(/[{}@%]/g, found => `%${found.charCodeAt(0).toString(16)}`)

/** Account and Region of an ARN, where it names them. */
function placeOfArn(arn: string | undefined): { account?: string; region?: string } {
  if (!arn?.startsWith('arn:')) return {}
  const [, , , region, account] = arn.split(':', 6)
  return { ...(region ? { region } : {}), ...(account ? { account } : {}) }
}

const stated = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined

/** A hostile input may let each resource refer to the next. */
const maxChain = 100

/** A value that the source knows: no reference in it. */
function literal(values: JsonObject, name: string): string | undefined {
  const value = stated(own(values, name))
  return value === undefined || hasReference(value) ? undefined : value
}

/** Attributes by which the provider tells the id of a resource whose author cannot choose it. */
const idAttributes = new Set(['id', 'key_id', 'identifier', 'cluster_identifier', 'snapshot_id'])

function isArnAttribute(type: string, attribute: string): boolean {
  if (attribute === 'arn') return true
  // `awscc_backup_backup_vault.main.backup_vault_arn`
  return type.startsWith('awscc_') && attribute.endsWith('_arn') && type.endsWith(`_${attribute.slice(0, -4)}`)
}

/** The names of the drafts of a scope. */
export function namesOf(scope: string, drafts: readonly Draft[]): Names {
  const byAddress = new Map(drafts.map(draft => [draft.resource.address, draft]))
  const known = new Map<Draft, DeclaredIdentity>()
  const underway = new Set<Draft>()
  /** Of several resources that ask for one name at most one can have it: none is called by it. */
  const contested = new Set<Draft>()

  function place({ resource }: Draft): { account?: string; region?: string } {
    const { values, provider, type } = resource
    const fromArn = placeOfArn(literal(values, 'arn'))
    // Version 6 of the provider lets each resource choose; earlier ones tell a bucket's Region under the same name.
    const chosen = type.startsWith('aws_') ? literal(values, 'region') : undefined
    const isOpen = type.startsWith('aws_') && isUnknownPath(resource.unknown, 'region')
    const region = chosen ?? fromArn.region ?? (isOpen ? undefined : provider.region)
    const account = fromArn.account ?? provider.account
    return {
      ...(region === undefined || hasPlaceholder(region) ? {} : { region }),
      ...(account === undefined || hasPlaceholder(account) ? {} : { account }),
    }
  }

  function chosenId(draft: Draft): string | undefined {
    const { resource, record, definition } = draft
    if (contested.has(draft)) return undefined
    const identity = definition?.identity
    const property = record.encoding === 'cloudformation' ? identity?.cloudformation : identity?.terraform
    const chosen = property === undefined ? undefined : stated(valueAt(record.configuration, property))
    if (chosen !== undefined) return text(chosen)
    const id = literal(resource.values, 'id')
    return id === undefined || id.startsWith('arn:') ? undefined : id
  }

  function within({ resource, record, definition }: Draft): string | null | undefined {
    const rule = definition?.identity?.within
    const property = record.encoding === 'cloudformation' ? rule?.cloudformation : rule?.terraform
    if (property === undefined) return undefined
    const value = stated(valueAt(record.configuration, property))
    if (value !== undefined) return text(value)
    return isUnknownPath(resource.unknown, property) ? undefined : null
  }

  function of(draft: Draft): DeclaredIdentity {
    const found = known.get(draft)
    if (found) return found
    const { resource, definition } = draft
    const address = placeable(resource.address)
    if (underway.has(draft) || underway.size > maxChain)
      return { id: placeholder(scope, address), reference: placeholder(scope, address) }
    underway.add(draft)
    const { account, region } = place(draft)
    const isOpen = region === undefined && isUnknownPath(resource.unknown, 'region')
    const declared = identify(definition?.identity, {
      scope,
      address,
      chosenId: chosenId(draft),
      within: within(draft),
      account: account ?? resource.provider.account,
      region: region ?? (isOpen ? placeholder(scope, `${address}.region`) : resource.provider.region),
    })
    underway.delete(draft)
    const arn = literal(resource.values, 'arn')
    const id = literal(resource.values, 'id')
    if (arn?.startsWith('arn:')) declared.arn = arn
    if (id !== undefined) declared.reference = id
    known.set(draft, declared)
    return declared
  }

  function attribute(address: string, name: string): string {
    const draft = byAddress.get(address)
    const unnamed = placeholder(scope, placeable(name === '' || name === 'id' ? address : `${address}.${name}`))
    if (!draft) return unnamed
    const value = stated(own(draft.resource.values, name))
    if (value !== undefined && !underway.has(draft) && underway.size < maxChain) {
      underway.add(draft)
      const resolved = text(value)
      underway.delete(draft)
      return resolved
    }
    const identity = draft.definition?.identity
    if (!identity) return unnamed
    const declared = of(draft)
    if (isArnAttribute(draft.resource.type, name)) return declared.arn ?? unnamed
    if (name === 'id' || name === '') return declared.reference
    const isId = name === identity.terraform || (identity.terraform === undefined && idAttributes.has(name))
    return isId ? declared.id : unnamed
  }

  function text(value: string): string {
    return replaceReferences(value, attribute)
  }

  function resolve(value: unknown): unknown {
    if (typeof value === 'string') return text(value)
    if (Array.isArray(value)) return value.map(resolve)
    if (!isObject(value)) return value
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, resolve(member)]))
  }

  for (const draft of sharingArns(drafts, of)) contested.add(draft)
  if (contested.size > 0) known.clear()
  return { of, place, resolve, text }
}

/** Resources of one type that would have one ARN: alternatives of which the conditions are not known, or a mistake. */
function sharingArns(drafts: readonly Draft[], of: Names['of']): Draft[] {
  const byArn = new Map<string, Draft[]>()
  for (const draft of drafts) {
    const { arn } = of(draft)
    if (arn === undefined || draft.resource.values.arn !== undefined) continue
    const key = `${draft.record.type}|${arn}`
    const list = byArn.get(key)
    if (list) list.push(draft)
    else byArn.set(key, [draft])
  }
  return [...byArn.values()].filter(list => list.length > 1).flat()
}

/**
 * States: what `terraform show -json` answers without a plan, and the state files that Terraform itself keeps (version 4). They say
 * what was there when it was written, with real ids and ARNs; a companion that another root declares shows in its owner too, where
 * the provider reads it.
 */
import { isAccountId } from '../../resources/identity.ts'
import { isObject, type JsonObject, own } from '../json.ts'
import type { PlanEntry } from './plan.ts'
import type { GivenPlace } from './plan-place.ts'
import { indexText } from './references.ts'
import type { TerraformProvider, TerraformResource } from './resource.ts'

/** The resources of a state, and the entries that could not be read. */
export interface StateContent {
  resources: TerraformResource[]
  unreadable: PlanEntry[]
  /** Account and Region, where all resources that tell agree. */
  place: { account?: string | undefined; region?: string | undefined }
}

/** An instance before its provider is known. */
interface Stated {
  address: string
  type: string
  providerKey: string
  values: JsonObject
  entry: PlanEntry
}

const text = (tree: JsonObject, key: string): string | undefined => {
  const value = own(tree, key)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** `module.x.provider["registry.terraform.io/hashicorp/aws"].dr` → `module.x:aws.dr` */
function providerKey(provider: string | undefined): string {
  const found = /^(?:(.{0,500})\.)?provider\["[^"]*?([^"/]*)"\](?:\.([\w-]+))?$/.exec(provider ?? '')
  const [, module, name = 'aws', alias] = found ?? []
  return `${module === undefined ? '' : `${module}:`}${name}${alias === undefined ? '' : `.${alias}`}`
}

/** Instances of a resource in a state file. */
function instancesOf(entry: PlanEntry): Stated[] | undefined {
  const { json } = entry
  const [type, name, module] = [text(json, 'type'), text(json, 'name'), text(json, 'module')]
  const instances = own(json, 'instances')
  if (type === undefined || name === undefined || !Array.isArray(instances)) return undefined
  const base = `${module === undefined ? '' : `${module}.`}${type}.${name}`
  const found: Stated[] = []
  for (const instance of instances) {
    if (!isObject(instance)) return undefined
    // What is deposed is on its way out: its successor stands beside it.
    if (own(instance, 'deposed') !== undefined) continue
    const values = own(instance, 'attributes')
    if (!isObject(values)) return undefined
    const key = own(instance, 'index_key')
    const index = typeof key === 'string' || typeof key === 'number' ? key : undefined
    const address = `${base}${indexText(index)}`
    found.push({ address, type, values, providerKey: providerKey(text(json, 'provider')), entry })
  }
  return found
}

/** The one instance of a resource that `terraform show -json` tells. */
function shown(entry: PlanEntry): Stated[] | undefined {
  const { json } = entry
  const [address, type, values] = [text(json, 'address'), text(json, 'type'), own(json, 'values')]
  if (address === undefined || type === undefined || !isObject(values)) return undefined
  if (own(json, 'deposed_key') !== undefined) return []
  const provider = text(json, 'provider_name')?.split('/').at(-1) ?? 'aws'
  return [{ address, type, values, providerKey: provider, entry }]
}

/** The one value of several, where there is one only. */
function only(values: ReadonlySet<string>): string | undefined {
  return values.size === 1 ? [...values][0] : undefined
}

interface Seen {
  accounts: Set<string>
  regions: Set<string>
}

function note(seen: Seen, values: JsonObject): void {
  const [prefix, , , region, account] = (text(values, 'arn') ?? '').split(':', 6)
  if (prefix !== 'arn') return
  if (region) seen.regions.add(region)
  if (account && isAccountId(account)) seen.accounts.add(account)
}

/** Reads the resources of a state. What its ARNs do not tell, `given` does. */
export function stateResources(entries: readonly PlanEntry[], given: GivenPlace): StateContent {
  const unreadable: PlanEntry[] = []
  const stated: Stated[] = []
  const all: Seen = { accounts: new Set(), regions: new Set() }
  const byProvider = new Map<string, Seen>()
  for (const entry of entries) {
    if (own(entry.json, 'mode') === 'data') continue
    const found = Object.hasOwn(entry.json, 'instances') ? instancesOf(entry) : shown(entry)
    if (found) stated.push(...found)
    else unreadable.push(entry)
  }
  for (const { providerKey: key, values } of stated) {
    const seen = byProvider.get(key) ?? { accounts: new Set(), regions: new Set() }
    byProvider.set(key, seen)
    note(seen, values)
    note(all, values)
  }
  const providers = new Map<string, TerraformProvider>()
  for (const [key, seen] of byProvider)
    providers.set(key, {
      key,
      account: only(seen.accounts) ?? (seen.accounts.size === 0 ? given.account : undefined),
      region: only(seen.regions) ?? (seen.regions.size === 0 ? given.region : undefined),
      // `tags_all` tells them with the resource's own.
      defaultTags: null,
    })
  const resources = stated.map(({ address, type, values, providerKey: key, entry }): TerraformResource => {
    const instances = own(entry.json, 'instances')
    // Of several instances the lines would be those of the last.
    const positions = Array.isArray(instances) && instances.length > 1 ? {} : entry.positions
    return { address, type, values, unknown: [], provider: providers.get(key)!, location: entry.location, positions }
  })
  return { resources, unreadable, place: { account: only(all.accounts), region: only(all.regions) } }
}

/**
 * Resource records of a Terraform root. `terraformRecords(root)` takes all instances of a root ({@link ./resource.ts}) and gives the
 * records of those that rules concern: named, with their references resolved, their companions joined into them, their tags merged.
 * Resources of the `awscc` provider become CloudFormation's: its properties are theirs, but for the spelling.
 */
import type { ResourceRecord } from '../../model/record.ts'
import { isObject, type JsonObject } from '../json.ts'
import { type Companionship, joinCompanions } from './companions.ts'
import { cloudControlName, cloudFormationType, companionRulesOf, definitionOf, isKnownType } from './definitions.ts'
import { type Draft, type Names, namesOf } from './names.ts'
import type { TerraformResource, TerraformRoot } from './resource.ts'
import { tagsOf } from './tags.ts'

/** What a root comes down to. */
export interface TerraformRecords {
  records: ResourceRecord[]
  /** Types that no rule concerns, and how many resources there are of each. */
  unjudged: Map<string, number>
  /** Types of companions whose owner is in another root, and how many. */
  unowned: Map<string, number>
}

/** `db_instance_identifier` → `dbinstanceidentifier`, which reads like `DBInstanceIdentifier` whatever the casing. */
const joinWords = (name: string) => name.replaceAll('_', '')

function cloudControl(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cloudControl)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [joinWords(key), cloudControl(member)]))
}

function draftOf(resource: TerraformResource, scope: string): Draft {
  const cloudType = cloudFormationType(resource.type)
  const record: ResourceRecord = {
    record: 'resource',
    scope,
    type: cloudType ?? resource.type,
    id: resource.address,
    encoding: cloudType === undefined ? 'terraform' : 'cloudformation',
    configuration: cloudType === undefined ? resource.values : (cloudControl(resource.values) as JsonObject),
    address: resource.address,
    location: resource.location,
  }
  return { resource, record, definition: definitionOf(resource.type, record) }
}

const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1)

/** Keys of what `awscc` resources may declare of one: they are not joined, so that with such a resource in the root they are open. */
function openKeys({ definition, record }: Draft, types: ReadonlySet<string>): string[] {
  if (record.encoding !== 'cloudformation') return []
  const near = definition?.cloudFormationCompanions?.filter(({ type }) => types.has(cloudControlName(type) ?? ''))
  return [...new Set(near?.map(({ as }) => as))]
}

function finish(
  draft: Draft,
  names: Names,
  companionship: Companionship | undefined,
  types: ReadonlySet<string>,
): ResourceRecord {
  const { resource, record, definition } = draft
  const { id, arn } = names.of(draft)
  const isCloud = record.encoding === 'cloudformation'
  record.id = id
  if (arn !== undefined) record.arn = arn
  Object.assign(record, names.place(draft))
  const tags = tagsOf(resource, record.scope, names.text)
  if (tags !== undefined) record.tags = tags
  const chosen = isCloud ? definition?.identity?.cloudformation : definition?.identity?.terraform
  if (chosen !== undefined && !id.startsWith('${')) record.name = id
  record.configuration = names.resolve(record.configuration) as JsonObject
  const unknown = [
    ...(isCloud ? resource.unknown.map(joinWords) : resource.unknown),
    ...(companionship?.unknown ?? []),
    ...openKeys(draft, types).map(as => (companionship?.values.has(as) ? `${as}[]` : as)),
  ]
  for (const [key, values] of companionship?.values ?? [])
    record.configuration = { ...record.configuration, [key]: values }
  if (unknown.length > 0) record.unknown = unknown
  if (companionship && companionship.related.length > 0) record.related = companionship.related
  if (resource.positions) record.positions = resource.positions
  if (resource.mayNotExist) record.mayNotExist = [...resource.mayNotExist]
  return record
}

/**
 * The owner of a companion that is declared elsewhere, where the companion names it by its whole ARN and what it says is worth
 * judging: of the owner nothing else is known.
 */
function ownerElsewhere({ resource, record }: Draft, names: Names): ResourceRecord | undefined {
  const rule = companionRulesOf(resource.type)?.find(({ standsAlone }) => standsAlone)
  const named = rule && resource.values[rule.by]
  const arn = typeof named === 'string' ? names.text(named) : undefined
  const fields = arn?.startsWith('arn:') && !arn.includes('${') ? arn.split(':') : []
  if (!rule || arn === undefined || fields.length < 7) return undefined
  const [, , , region = '', account = ''] = fields
  const { region: own } = names.place({ resource, record } as Draft)
  const part = { ...(names.resolve(record.configuration) as JsonObject), ...(own === undefined ? {} : { region: own }) }
  const at = `${rule.as}.0`
  return {
    record: 'resource',
    scope: record.scope,
    type: rule.ownerType,
    id: fields.slice(6).join(':'),
    arn,
    account,
    region,
    encoding: 'terraform',
    configuration: { [rule.as]: [part] },
    address: resource.address,
    location: resource.location,
    unknown: ['*', ...resource.unknown.map(path => `${at}.${path}`), ...(own === undefined ? [`${at}.region`] : [])],
    related: [{ type: resource.type, address: resource.address }],
  }
}

/** The records of a root; see the head of this file. Never throws, whatever the values are. */
export function terraformRecords(root: TerraformRoot): TerraformRecords {
  const unjudged = new Map<string, number>()
  const unowned = new Map<string, number>()
  const drafts: Draft[] = []
  for (const resource of root.resources) {
    if (isKnownType(resource.type)) drafts.push(draftOf(resource, root.scope))
    else count(unjudged, resource.type)
  }
  const names = namesOf(root.scope, drafts)
  const elsewhere: ResourceRecord[] = []
  const joined = joinCompanions(drafts, names, root, companion => {
    const owner = ownerElsewhere(companion, names)
    if (owner) elsewhere.push(owner)
    else count(unowned, companion.resource.type)
  })
  const owners = drafts.filter(draft => draft.definition || !companionRulesOf(draft.resource.type))
  const types = new Set(root.resources.map(({ type }) => type))
  const records = owners.map(draft => finish(draft, names, joined.get(draft), types))
  return { records: [...records, ...elsewhere], unjudged, unowned }
}

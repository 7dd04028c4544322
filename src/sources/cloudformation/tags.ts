/** The tags that a template gives a resource: lists of keys and values, or mappings, under the names that types give them. */
import { isObject, type JsonObject, own } from '../json.ts'
import type { Stack } from './stack.ts'
import { functionIn, isUnresolved, noValue, textOf } from './values.ts'

/** Tags by key. `null`: known to have none; `undefined`: not known. */
export type Tags = { [key: string]: string } | null | undefined

const tagProperties = [
  'Tags',
  'BackupVaultTags',
  'BackupPlanTags',
  'FileSystemTags',
  'FrameworkTags',
  'ReportPlanTags',
] as const

/** The tags of a resource, with those of the stacks around it, which CloudFormation hands down. */
export function tagsOf(stack: Stack, logicalId: string, inherited: Tags): Tags {
  const { type, properties } = stack.resources.get(logicalId)!.declaration
  if (properties === undefined || properties === null) return inherited
  if (!isObject(properties) || isUnresolved(properties)) return undefined
  if (type === 'AWS::DynamoDB::GlobalTable') return globalTableTags(stack, logicalId, properties, inherited)
  const name = tagProperties.find(property => Object.hasOwn(properties, property))
  const stated = name === undefined ? null : readTags(stack, logicalId, properties[name])
  return merged(inherited, stated)
}

/** Tags that a resource, or a stack, has beside those that are handed down to it. */
export function merged(inherited: Tags, own: Tags): Tags {
  if (inherited === undefined || own === undefined) return undefined
  return inherited === null ? own : { ...inherited, ...own }
}

/** Each replica has tags of its own; the record stands for the one in the stack's Region. */
function globalTableTags(stack: Stack, logicalId: string, properties: JsonObject, inherited: Tags): Tags {
  const replicas = stack.resolve(own(properties, 'Replicas'))
  const raw = own(properties, 'Replicas')
  if (!Array.isArray(replicas) || !Array.isArray(raw) || replicas.length !== raw.length) return undefined
  const { region } = stack.settings
  const home = replicas.findIndex(
    replica => isObject(replica) && region !== undefined && own(replica, 'Region') === region,
  )
  const replica: unknown = raw[home >= 0 ? home : 0]
  if ((home < 0 && raw.length !== 1) || !isObject(replica)) return undefined
  return merged(inherited, readTags(stack, logicalId, own(replica, 'Tags')))
}

/** Tags as a list or a mapping; a value that is not known has a placeholder, a key that is not known hides them all. */
export function readTags(stack: Stack, logicalId: string, stated: unknown): Tags {
  const value = functionIn(stated) === undefined ? stated : stack.resolve(stated)
  if (value === undefined || value === null || value === noValue) return null
  if (isUnresolved(value) || typeof value !== 'object') return undefined
  const tags = new Map<string, string>()
  const add = (key: string | undefined, content: unknown): boolean => {
    if (key === undefined) return false
    const text = textOf(stack.resolve(content, true))
    tags.set(key, text ?? stack.placeholder(`${logicalId}.Tags.${key}`))
    return true
  }
  if (Array.isArray(value)) {
    for (const entry of value) {
      const tag = tagIn(stack, entry)
      if (tag === noValue) continue
      if (!isObject(tag) || !add(textOf(stack.resolve(own(tag, 'Key'))), own(tag, 'Value'))) return undefined
    }
  } else {
    if (Object.keys(value).some(key => key.startsWith('Fn::'))) return undefined
    for (const [key, content] of Object.entries(value)) if (stack.resolve(content) !== noValue) add(key, content)
  }
  return tags.size === 0 ? null : Object.fromEntries(tags)
}

/** An element of a list of tags. Where only its value hangs on a condition, its key is certain. */
function tagIn(stack: Stack, entry: unknown): unknown {
  if (functionIn(entry) === undefined) return entry
  const resolved = stack.resolve(entry)
  if (!isUnresolved(resolved)) return resolved
  const branches = isObject(entry) ? own(entry, 'Fn::If') : undefined
  const [first, second] = Array.isArray(branches) ? branches.slice(1).map(branch => stack.resolve(branch)) : []
  if (!isObject(first) || !isObject(second)) return undefined
  const key = textOf(own(first, 'Key'))
  return key !== undefined && key === textOf(own(second, 'Key'))
    ? { Key: key, Value: { 'Fn::If': branches } }
    : undefined
}

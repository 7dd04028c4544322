/** The tags that a resource will bear: its own, and its provider's `default_tags`. */
import { placeholder } from '../../model/placeholder.ts'
import { isObject, type JsonObject, own } from '../json.ts'
import { isUnknownPath } from './paths.ts'
import type { TerraformResource } from './resource.ts'

type Tags = { [key: string]: string }

/** What turns a value with references into text. */
type Text = (value: string) => string

function valueText(value: unknown, text: Text): string | undefined {
  if (typeof value === 'string') return text(value)
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/** A map of tags; `null` = none, `undefined` = not known. */
function tagMap(resource: TerraformResource, name: string, scope: string, text: Text): Tags | null | undefined {
  if (resource.unknown.includes(name)) return undefined
  const tags = new Map<string, string>()
  const value = own(resource.values, name)
  if (isObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      const known = valueText(member, text)
      if (known !== undefined) tags.set(key, known)
    }
  }
  // A key is known where its value is not: one certain text, which no other is known to equal.
  for (const path of resource.unknown)
    if (path.startsWith(`${name}.`)) {
      const key = path.slice(name.length + 1)
      tags.set(key, placeholder(scope, `${resource.address}.${path}`.replace(/[{}@]/g, '_')))
    }
  return tags.size === 0 ? null : Object.fromEntries(tags)
}

/** CloudFormation's lists of `Key` and `Value`, and its maps, as the `awscc` provider spells them. */
function cloudTags(resource: TerraformResource, scope: string, text: Text): Tags | null | undefined {
  const names = Object.keys(resource.values).filter(key => key === 'tags' || key.endsWith('_tags'))
  const name = names.includes('tags') ? 'tags' : (names[0] ?? 'tags')
  if (resource.unknown.some(path => /^(?:\w+_)?tags(?:\.|$)/.test(path))) {
    return isObject(own(resource.values, name)) ? tagMap(resource, name, scope, text) : undefined
  }
  const value = own(resource.values, name)
  if (!Array.isArray(value)) return tagMap(resource, name, scope, text)
  const pairs = value.filter(isObject).map(pair => [own(pair, 'key'), valueText(own(pair, 'value'), text)] as const)
  const tags = pairs.filter((pair): pair is readonly [string, string] => pair.every(part => typeof part === 'string'))
  return tags.length === 0 ? null : Object.fromEntries(tags)
}

/** Effective tags; `null` = known to be none, `undefined` = not known. */
export function tagsOf(resource: TerraformResource, scope: string, text: Text): Tags | null | undefined {
  if (resource.type.startsWith('awscc_')) return cloudTags(resource, scope, text)
  const { values, unknown, provider } = resource
  const states = isStated(values, 'tags_all') || unknown.some(path => path.startsWith('tags_all.'))
  if (states && !isUnknownPath(unknown, 'tags_all')) return tagMap(resource, 'tags_all', scope, text)
  const chosen = tagMap(resource, 'tags', scope, text)
  if (chosen === undefined || provider.defaultTags === undefined) return undefined
  const merged = { ...provider.defaultTags, ...chosen }
  return Object.keys(merged).length === 0 ? null : merged
}

const isStated = (values: JsonObject, name: string) => {
  const value = own(values, name)
  return value !== undefined && value !== null
}

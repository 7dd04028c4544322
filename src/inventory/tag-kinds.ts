/** Tags as far as somebody asks for them: most tags (a `Name`, a team) tell stores apart for people only. */
import type { StoreItem } from './join.ts'

/** So many kinds are told apart: where more differ, as links to runbooks may, remembering would only take memory. */
const mostKinds = 5_000

/** Finds the one object that stands for all tags with the same values of these names; `undefined` where there are too many kinds. */
export type TagKinds = (tags: StoreItem['tags']) => object | undefined

/** Tells kinds of tags apart by the names that are asked for. To have no tags is to have none of them; not to know is a kind of its own. */
export function tagKinds(names: Iterable<string>): TagKinds {
  const wanted = [...new Set(names)]
  const kinds = new Map<string, object>()
  const unknown = {}
  return tags => {
    if (tags === undefined) return unknown
    let key = ''
    for (const name of wanted) {
      const value: unknown = tags && Object.hasOwn(tags, name) ? tags[name] : undefined
      if (value === undefined) key += '-'
      else if (typeof value === 'string') key += `${value.length}:${value}`
      else return undefined
    }
    let kind = kinds.get(key)
    if (!kind && kinds.size < mostKinds) kinds.set(key, (kind = {}))
    return kind
  }
}

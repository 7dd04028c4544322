/** One copy of equal values: an estate repeats the same types, tags and settings a hundred thousand times. */

/** Keys longer than this are not worth keeping. */
const longestKey = 4_000

/**
 * Gives the first of equal values for all that follow. What has not come back for a while is forgotten, so that values
 * that never repeat (a `Name` tag on every volume) neither fill the memory nor keep later ones from being shared.
 */
export class Interner<T> {
  private young = new Map<string, T>()
  private old = new Map<string, T>()

  /** `generation`: how many values are remembered, at most twice over. */
  constructor(private readonly generation: number) {}

  /** The value that was given first under the key, else the one given now. */
  one(key: string, value: T): T {
    const young = this.young.get(key)
    if (young !== undefined) return young
    const found = this.old.get(key) ?? value
    if (key.length > longestKey) return found
    if (this.young.size >= this.generation) {
      this.old = this.young
      this.young = new Map()
    }
    this.young.set(key, found)
    return found
  }
}

/** Whether two JSON values are the same text, the order of members included. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const names = Object.keys(a)
  const others = Object.keys(b)
  if (names.length !== others.length) return false
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!
    if (name !== others[i] || !isSame((a as Members)[name], (b as Members)[name])) return false
  }
  return true
}

type Members = { [name: string]: unknown }

/**
 * Amazon Resource Names and the wildcards that AWS Backup and IAM put into them.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
 */
import { hasPlaceholder } from '../model/placeholder.ts'

/**
 * The parts of an ARN. Region and account are absent where the ARN leaves them empty (an S3 bucket, a snapshot), and where
 * only deployment tells them (a placeholder of a template).
 */
export interface Arn {
  partition: string
  service: string
  region?: string
  account?: string
  /** Everything after the fifth colon, colons included (`db:orders`, `volume/vol-1`, `bookshop-covers`). */
  resource: string
  /** The resource's type as the ARN spells it (`db`, `volume`); absent where it spells none (an S3 bucket). */
  resourceType?: string
}

const typeToken = /^([A-Za-z][A-Za-z0-9-]*)[:/]/

/** Splits an ARN at its first five colons; `undefined` for text that is no ARN. */
export function parseArn(text: string): Arn | undefined {
  const fields = splitArn(text)
  if (!fields) return undefined
  const [, partition, service, region, account, resource] = fields
  if (!partition || !service || !resource) return undefined
  // An object's key in a bucket may look like a type; buckets have none.
  const resourceType = service === 's3' ? undefined : typeToken.exec(resource)?.[1]
  return {
    partition,
    service,
    ...(region && !hasPlaceholder(region) ? { region } : {}),
    ...(account && !hasPlaceholder(account) ? { account } : {}),
    resource,
    ...(resourceType ? { resourceType } : {}),
  }
}

/** The six fields of an ARN or of an ARN pattern, the last with all its colons; `undefined` where there are fewer. */
export function splitArn(text: string): string[] | undefined {
  if (!text.startsWith('arn:')) return undefined
  const fields: string[] = []
  let from = 0
  for (let i = 0; i < 5; i++) {
    const colon = text.indexOf(':', from)
    if (colon < 0) return undefined
    fields.push(text.slice(from, colon))
    from = colon + 1
  }
  fields.push(text.slice(from))
  return fields
}

/** A compiled pattern: says whether a text matches as a whole, letter case included. */
export type Glob = (text: string) => boolean

/**
 * Compiles a pattern in which `*` stands for any run of characters, `:` and `/` included, and everything else, `?` too,
 * for itself (AWS Backup selections, aws-apis §5.2). Matching never backtracks: the pieces between the stars are sought
 * from left to right, which finds a match wherever there is one.
 */
export function arnGlob(pattern: string): Glob {
  const pieces = pattern.split('*')
  const first = pieces[0]!
  if (pieces.length === 1) return text => text === first
  const last = pieces[pieces.length - 1]!
  const middle = pieces.slice(1, -1).filter(piece => piece !== '')
  return text => {
    let from = first.length
    const end = text.length - last.length
    if (end < from || !text.startsWith(first) || !text.endsWith(last)) return false
    for (const piece of middle) {
      const at = text.indexOf(piece, from)
      if (at < 0) return false
      from = at + piece.length
    }
    return from <= end
  }
}

/** Whether a text matches a pattern in which `*` stands for any run of characters, as a whole, letter case included. */
export function textGlob(pattern: string, text: string): boolean {
  return pattern.includes('*') ? arnGlob(pattern)(text) : pattern === text
}

/**
 * Whether a text matches a pattern of IAM: `*` any run of characters, `?` any one character, anchored, letter case
 * included. At worst pattern length × text length steps.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export function iamGlob(pattern: string, text: string): boolean {
  let p = 0
  let t = 0
  let star = -1
  let resume = 0
  while (t < text.length) {
    const c = pattern[p]
    if (c === '*') {
      star = p++
      resume = t
    } else if (c !== undefined && (c === '?' || c === text[t])) {
      p++
      t++
    } else if (star >= 0) {
      p = star + 1
      t = ++resume
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}

/**
 * Whether two patterns, in which `*` stands for any run of characters, have a text in common. At worst the product of their
 * lengths in steps.
 */
export function globsMeet(a: string, b: string): boolean {
  // `reach[j]`: some text matches the first i characters of `a` and the first j of `b`.
  let reach: boolean[] = [true]
  for (let j = 0; j < b.length; j++) reach.push(reach[j]! && b[j] === '*')
  for (const c of a) {
    const next: boolean[] = [c === '*' && reach[0]!]
    for (let j = 0; j < b.length; j++) {
      const isStar = c === '*' || b[j] === '*'
      next.push(isStar ? reach[j]! || reach[j + 1]! || next[j]! : reach[j]! && c === b[j])
    }
    reach = next
  }
  return reach[b.length]!
}

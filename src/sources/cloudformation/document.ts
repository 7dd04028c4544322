/** A template's text, parsed: its values, and where each stands. `read-document.ts` makes it of a file. */

import type { CommentLine } from '../inline-exemptions.ts'
import { isObject, type JsonObject } from '../json.ts'

/** Where a value stands, and the values inside it. Lines and columns count from 1. */
export interface Spot {
  line: number
  column: number
  endLine: number
  /** Members by name or elements by position, in order; none below a function, an alias or a scalar. */
  inside(): Iterable<readonly [string | number, Spot]>
}

/** A place that holds nothing of the parser: its nodes take twenty times the memory of the text. */
class KeptSpot implements Spot {
  constructor(
    readonly line: number,
    readonly column: number,
    readonly endLine: number,
    private readonly members: readonly (readonly [string | number, Spot])[],
  ) {}

  inside() {
    return this.members
  }
}

const noMembers: readonly (readonly [string | number, Spot])[] = []

/** The same places, kept apart from the nodes of the parser that told them. */
export function keptSpot(spot: Spot): Spot {
  const members = Array.from(spot.inside(), ([name, child]) => [name, keptSpot(child)] as const)
  return new KeptSpot(spot.line, spot.column, spot.endLine, members.length === 0 ? noMembers : members)
}

/** Steps from the root of a document to a value. */
export type Path = readonly (string | number)[]

/** A comment, from the sign that begins it. */
export interface Comment extends CommentLine {
  column: number
}

/** A document that could be parsed. */
export interface ParsedDocument {
  root: JsonObject
  /** The whole document's place, always the same; made when it is first asked for. */
  spot(): Spot | undefined
  /** Names that occur twice in one mapping; the last counts. Read after {@link spot}. */
  duplicates(): readonly { key: string; line: number }[]
  /** Comments that may hold an exemption; JSON has none. */
  comments(): readonly Comment[]
  /** The text by lines. */
  lines(): readonly string[]
}

/** What is wrong with a document: the rest of a sentence that begins with the file's name. */
export interface Fault {
  fault: string
  line?: number
}

/** Values are walked by functions that call themselves: deeper documents are refused. No honest template comes near it. */
export const maxNesting = 200

/** Positions that are kept of one resource. */
const maxPositions = 300
/** Steps below `Properties` that positions go. */
const positionDepth = 8

/** The spot at a path, or of the last step of it that has one. */
export function spotAt(root: Spot | undefined, path: Path): Spot | undefined {
  let spot = root
  for (const step of path) {
    const next = spot && childOf(spot, step)
    if (!next) return undefined
    spot = next
  }
  return spot
}

/** Spots on the way to what was asked for, by name: a section may have thousands of members. */
const children = new WeakMap<Spot, Map<string | number, Spot>>()

function childOf(spot: Spot, step: string | number): Spot | undefined {
  let byName = children.get(spot)
  if (!byName) {
    byName = new Map(spot.inside())
    children.set(spot, byName)
  }
  return byName.get(step)
}

/** Lines of the values below a spot, by dotted path. */
export function linesBelow(spot: Spot | undefined): { [path: string]: number } {
  const lines: { [path: string]: number } = {}
  let left = maxPositions
  let level = spot ? [{ owner: spot, prefix: '' }] : []
  // Level by level: one long document must not take the lines of what stands behind it.
  for (let depth = 1; depth <= positionDepth && level.length > 0; depth++) {
    const below: typeof level = []
    for (const { owner, prefix } of level) {
      for (const [name, child] of owner.inside()) {
        if (left-- <= 0) return lines
        const path = `${prefix}${name}`
        if (path !== '__proto__') lines[path] = child.line
        below.push({ owner: child, prefix: `${path}.` })
      }
    }
    level = below
  }
  return lines
}

/** True for a value whose nesting stays within {@link maxNesting}. */
export function isShallow(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (depth >= maxNesting) return false
  for (const child of Object.values(value)) if (!isShallow(child, depth + 1)) return false
  return true
}

/** The parsed root as an object; a fault for anything else. */
export function objectRoot(value: unknown): { root: JsonObject } | Fault {
  if (!isObject(value)) return { fault: 'is no template: it is no mapping of names to sections', line: 1 }
  return isShallow(value) ? { root: value } : { fault: 'is nested too deeply' }
}

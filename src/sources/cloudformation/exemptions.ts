/** The exemptions that stand beside the resources of a template: in comments of YAML, and in the `Metadata` of resources. */
import type { InlineExemption } from '../../model/record.ts'
import {
  besideResources,
  commentExemptions,
  metadataExemptions,
  pastComments,
  type ResourceLines,
  resourceAt,
} from '../inline-exemptions.ts'
import { isObject, type JsonObject, own } from '../json.ts'
import { type ParsedDocument, type Path, type Spot, spotAt } from './document.ts'

/** Exemptions of a template. */
export interface TemplateExemptions {
  /** Those beside the resource that is declared at a path. */
  at(path: Path): readonly InlineExemption[]
  problems: readonly { line: number; problem: string }[]
}

/** A resource as the template spells it: within a loop once, however many it makes. */
interface Declared {
  path: Path
  body: JsonObject
}

const keyOf = (path: Path): string => JSON.stringify(path)

/** Loops within loops are as deep as the document at most, which is bounded. */
function* declaredIn(section: JsonObject, at: Path): Generator<Declared> {
  for (const [name, body] of Object.entries(section)) {
    const path = [...at, name]
    const inner = Array.isArray(body) && name.startsWith('Fn::ForEach::') ? body[2] : undefined
    if (isObject(inner)) yield* declaredIn(inner, [...path, 2])
    else if (isObject(body)) yield { path, body }
  }
}

/** Reads the exemptions of a template. */
export function templateExemptions(document: ParsedDocument, file: string): TemplateExemptions {
  const found = new Map<string, InlineExemption[]>()
  const problems: { line: number; problem: string }[] = []
  const add = (path: Path, exemption: InlineExemption) => {
    const beside = found.get(keyOf(path))
    if (beside) beside.push(exemption)
    else found.set(keyOf(path), [exemption])
  }
  const { root } = document
  const resources = own(root, 'Resources')
  const declared = isObject(resources) ? [...declaredIn(resources, ['Resources'])] : []
  for (const { path, body } of declared) {
    const lineOf = (below: Path) => lineAt(document.spot(), [...path, 'Metadata', ...below])
    for (const one of metadataExemptions(own(body, 'Metadata'), file, lineOf))
      if ('problem' in one) problems.push(one)
      else add(path, one.exemption)
  }
  const comments = document.comments()
  const read = commentExemptions(comments, file)
  if (read.length > 0) {
    const columns = new Map(comments.map(({ line, column }) => [line, column]))
    const places = declared.flatMap(({ path }) => {
      const spot = spotAt(document.spot(), path)
      return spot ? [{ path, line: spot.line, column: spot.column, endLine: spot.endLine }] : []
    })
    const lines = document.lines()
    const beside = besideResources(read, ({ line }) => {
      const before = resourceAbove(places, line, lines)
      return before && columns.get(line)! > before.column ? before : resourceAt(places, line, lines)
    })
    for (const [{ path }, exemptions] of beside.placed) for (const exemption of exemptions) add(path, exemption)
    problems.push(...beside.problems)
  }
  return { at: path => found.get(keyOf(path)) ?? [], problems }
}

/** The resource that ends on a line, or above the comments that the line is among: what is indented like its body belongs to it. */
function resourceAbove<T extends ResourceLines>(
  resources: readonly T[],
  line: number,
  lines: readonly string[],
): T | undefined {
  const above = pastComments(lines, line, -1)
  return resources.find(({ endLine }) => endLine === above)
}

/** The line of what stands at a path, or of the last step on the way that has one. */
function lineAt(root: Spot | undefined, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const spot = spotAt(root, path.slice(0, length))
    if (spot) return spot.line
  }
  return 1
}

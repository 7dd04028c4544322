import type { Facts, FactValue } from '../model/facts.ts'
import { isBound, isPartialList } from '../model/facts.ts'
import type { Truth } from './comparison.ts'
import {
  type ConditionNode,
  elementsOf,
  type LeafNode,
  type ListNode,
  negate,
  type Parameters,
  parameterPrefix,
} from './condition.ts'
import { spellOperand } from './leaf.ts'

/** A leaf that decided, with what it wanted and what it found. */
export interface DecidingLeaf {
  /** With the elements' indexes: `copies[1].ageHours`. */
  path: string
  /** As the facts schemas name it: `copies[].ageHours`. */
  factPath: string
  /** The leaf's schema with its operand resolved; `{ not: … }` where the condition negates it. */
  expected: FactValue
  /** Absent where it is not known. */
  actual?: FactValue
}

/** Why a condition is true, false or unknown. */
export interface Explanation {
  truth: Truth
  leaves: DecidingLeaf[]
  /** Facts that would have decided and are not known, as the facts schemas name them, each once. */
  missing: string[]
}

/** How many elements of a list are told of: the reader wants an example, not a dump. */
const elementsTold = 10

interface Place {
  facts: Facts
  parameters: Parameters
  element: FactValue | undefined
  /** Path of the element at hand with indexes, and as the facts schemas name it. */
  at?: string
  list?: string
  negated: boolean
}

interface Found {
  /** Absent where only what is missing is wanted. */
  leaves?: Map<string, DecidingLeaf>
  missing: Set<string>
  /** Which objective a parameter hangs on. */
  objectives: ReadonlyMap<string, string>
}

const join = (prefix: string | undefined, path: string): string => (prefix === undefined ? path : `${prefix}.${path}`)

/**
 * Says which leaves decided a condition on these facts: those that made it false, those that hold, or the facts that are
 * missing. `objectives` names the objective that a parameter is taken from.
 */
export function explainCondition(
  node: ConditionNode,
  facts: Facts,
  parameters: Parameters,
  objectives: ReadonlyMap<string, string> = new Map(),
): Explanation {
  const leaves = new Map<string, DecidingLeaf>()
  const missing = new Set<string>()
  const truth = node.test(facts, parameters, undefined)
  explain(node, { facts, parameters, element: undefined, negated: false }, truth, { leaves, missing, objectives })
  return { truth, leaves: [...leaves.values()], missing: [...missing] }
}

/** The facts that leave a condition unknown, each once: what `explainCondition` says of it, at a fraction of the cost. */
export function missingFrom(
  node: ConditionNode,
  facts: Facts,
  parameters: Parameters,
  objectives: ReadonlyMap<string, string>,
): string[] {
  const missing = new Set<string>()
  explain(node, { facts, parameters, element: undefined, negated: false }, undefined, { missing, objectives })
  return [...missing]
}

const judge = (node: ConditionNode, { facts, parameters, element }: Place): Truth =>
  node.test(facts, parameters, element)

function explain(node: ConditionNode, place: Place, truth: Truth, found: Found): void {
  switch (node.kind) {
    case 'leaf':
      explainLeaf(node, place, truth, found)
      return
    case 'not':
      explain(node.part, { ...place, negated: !place.negated }, negate(truth), found)
      return
    case 'allOf':
    case 'anyOf':
      explainParts(node, place, truth, found)
      return
    default:
      explainList(node, place, truth, found)
      return
  }
}

/** The parts that made a group what it is: those with its own truth; one is enough for `anyOf` to be true. */
function explainParts(node: { kind: string; parts: ConditionNode[] }, place: Place, truth: Truth, found: Found): void {
  for (const part of node.parts) {
    if (judge(part, place) !== truth) continue
    explain(part, place, truth, found)
    if (node.kind === 'anyOf' && truth === true) return
  }
}

function explainList(node: ListNode, place: Place, truth: Truth, found: Found): void {
  const { facts, parameters, element } = place
  const path = join(place.at, node.path)
  const factPath = node.root === 'element' ? `${place.list}.${node.path}` : node.path
  const value = node.read(facts, parameters, element)
  const known = elementsOf(value)
  if (!known || (known.complete && known.elements.length === 0)) {
    explainBare(node, path, factPath, value, found)
    return
  }
  const wanted = node.kind === 'none' ? negate(truth) : truth
  let told = 0
  for (const [index, item] of known.elements.entries()) {
    const within: Place = {
      facts,
      parameters,
      element: item,
      at: `${path}[${index}]`,
      list: `${factPath}[]`,
      negated: place.negated !== (node.kind === 'none'),
    }
    if (judge(node.element, within) !== wanted) continue
    explain(node.element, within, wanted, found)
    told += 1
    if (told === elementsTold || (node.kind === 'some' && truth === true)) break
  }
  if (truth === undefined && !known.complete) found.missing.add(factPath)
}

/** A list that is absent, `null` or empty decides by itself. */
function explainBare(node: ListNode, path: string, factPath: string, value: FactValue | undefined, found: Found): void {
  const wantsNone = value !== undefined && value !== null && node.whenEmpty
  const expected = wantsNone ? { maxItems: 0 } : { minItems: 1 }
  found.leaves?.set(
    path,
    value === undefined ? { path, factPath, expected } : { path, factPath, expected, actual: value },
  )
  if (value === undefined) found.missing.add(factPath)
}

function explainLeaf(leaf: LeafNode, place: Place, truth: Truth, found: Found): void {
  const { facts, parameters, element } = place
  const factPath = leaf.root === 'element' ? join(place.list, leaf.path) : leaf.path
  const actual = leaf.read(facts, parameters, element)
  const operand = leaf.operand?.read(facts, parameters, element)
  if (found.leaves) tellLeaf(leaf, place, { factPath, actual, operand }, found.leaves)
  if (truth === undefined) addMissing(leaf, place, { factPath, actual, operand }, found)
}

/** A leaf's fact and operand, as they were read. */
interface Reading {
  factPath: string
  actual: FactValue | undefined
  operand: FactValue | undefined
}

function tellLeaf(
  leaf: LeafNode,
  place: Place,
  { factPath, actual, operand }: Reading,
  leaves: Map<string, DecidingLeaf>,
): void {
  const path = leaf.root === 'element' ? join(place.at, leaf.path) : leaf.path
  const resolved = resolvedSchema(leaf, operand)
  const expected = place.negated ? { not: resolved } : resolved
  const told: DecidingLeaf = { path, factPath, expected }
  if (actual !== undefined) told.actual = shortened(actual)
  leaves.set(`${path} ${JSON.stringify(expected)}`, told)
}

function resolvedSchema(leaf: LeafNode, operand: FactValue | undefined): FactValue {
  const schema = { ...leaf.schema } as { [keyword: string]: FactValue }
  if (leaf.operand)
    schema[leaf.operand.keyword] = operand === undefined ? { ...spellOperand(leaf.operand) } : shortened(operand)
  return schema
}

const inexact = (value: FactValue): boolean => isBound(value) || isPartialList(value)

function addMissing(leaf: LeafNode, place: Place, { factPath, actual, operand }: Reading, found: Found): void {
  const before = found.missing.size
  if (actual === undefined || inexact(actual)) found.missing.add(missingPath(leaf.root, factPath, found))
  if (!leaf.operand || (operand !== undefined && operand !== null && !inexact(operand))) return
  const { from, path } = leaf.operand
  const operandPath = from === 'element' ? join(place.list, path) : path
  if (operand !== null || found.missing.size === before)
    found.missing.add(missingPath(from, from === 'parameter' ? parameterPrefix + path : operandPath, found))
}

/** A parameter is missing only where the objective that it is taken from is. */
function missingPath(root: string, path: string, found: Found): string {
  const objective = root === 'parameter' ? found.objectives.get(path.slice(parameterPrefix.length)) : undefined
  return objective === undefined ? path : `objectives.${objective}`
}

/** A long list by its first elements, marked as being more. */
function shortened(value: FactValue): FactValue {
  return Array.isArray(value) && value.length > elementsTold ? { $partial: value.slice(0, elementsTold) } : value
}

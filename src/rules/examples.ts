import type { Facts, FactValue } from '../model/facts.ts'
import type { Rule, RuleExample, Verdict } from '../model/rule.ts'
import type { Truth } from './comparison.ts'
import { type CompiledRule, explainVerdict, judgeFacts } from './compiled-rule.ts'
import { type ConditionNode, elementsOf, type LeafNode, type Parameters } from './condition.ts'
import { objectivesOf, parametersOf } from './parameters.ts'

/** What came of running one example. */
export interface ExampleResult {
  name: string
  expected: Verdict
  actual: Verdict
  /** Where the answer is undetermined: the facts that would have decided. */
  missing: string[]
}

type Tree = { [name: string]: FactValue | undefined }

const isTree = (value: FactValue | undefined): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Turns the flat facts of an example (`objectives.rpoHours: 24`) into the tree that rules read. Keys that contradict each
 * other (`lock: null` beside `lock.mode`) throw.
 */
export function factTree(flat: { readonly [path: string]: FactValue }): Facts {
  const tree: Tree = {}
  for (const [path, value] of Object.entries(flat)) place(tree, path.split('.'), value, path)
  return tree
}

function place(tree: Tree, steps: string[], value: FactValue, path: string): void {
  let at = tree
  for (const step of steps.slice(0, -1)) {
    if (!Object.hasOwn(at, step)) define(at, step, {})
    const next = at[step]
    if (!isTree(next)) throw new Error(`${path} goes below a value that has no parts`)
    at = next
  }
  const last = steps.at(-1) ?? ''
  if (Object.hasOwn(at, last)) throw new Error(`${path} is given twice`)
  define(at, last, value)
}

/** As a property of its own, whatever its name. */
function define(tree: Tree, name: string, value: FactValue): void {
  Object.defineProperty(tree, name, { value, writable: true, enumerable: true, configurable: true })
}

/** Runs an example and says which verdict the rule gives. */
export function runExample(compiled: CompiledRule, example: RuleExample): ExampleResult {
  const facts = factTree(example.facts)
  const parameters = parametersOf(compiled.rule, example.parameters)(facts)
  const actual = judgeFacts(compiled, facts, parameters)
  const { missing } = explainVerdict(
    compiled,
    actual,
    facts,
    parameters,
    objectivesOf(compiled.rule, example.parameters),
  )
  return { name: example.name, expected: example.verdict, actual, missing }
}

/** Runs every example of a rule. */
export function runExamples(compiled: CompiledRule): ExampleResult[] {
  return compiled.rule.examples.map(example => runExample(compiled, example))
}

/** A leaf of `expect` that no example puts to the test. */
export interface UncoveredLeaf {
  path: string
  schema: FactValue
  /** What no example makes of it. */
  never: boolean
}

interface Seen {
  leaf: LeafNode
  negated: boolean
  truths: Set<Truth>
}

/**
 * Clause coverage: the leaves of `expect` that no example makes false (and, where the condition negates them, those that
 * none makes true), among the examples that the rule is about.
 */
export function uncoveredLeaves(compiled: CompiledRule): UncoveredLeaf[] {
  const seen = new Map<LeafNode, Seen>()
  noteLeaves(compiled.expect, false, seen)
  for (const example of compiled.rule.examples) {
    const facts = factTree(example.facts)
    const parameters = parametersOf(compiled.rule, example.parameters)(facts)
    if (compiled.when && compiled.when.test(facts, parameters, undefined) !== true) continue
    observe(compiled.expect, facts, parameters, undefined, seen)
  }
  return [...seen.values()].flatMap(({ leaf, negated, truths }) =>
    [false, ...(negated ? [true] : [])]
      .filter(wanted => !truths.has(wanted))
      .map(never => ({ path: leaf.path, schema: leaf.schema as FactValue, never })),
  )
}

function noteLeaves(node: ConditionNode, negated: boolean, seen: Map<LeafNode, Seen>): void {
  if (node.kind === 'leaf') seen.set(node, { leaf: node, negated, truths: new Set() })
  else if (node.kind === 'not') noteLeaves(node.part, !negated, seen)
  else if (node.kind === 'allOf' || node.kind === 'anyOf')
    for (const part of node.parts) noteLeaves(part, negated, seen)
  else noteLeaves(node.element, negated !== (node.kind === 'none'), seen)
}

/** Judges every leaf on its own, whatever the others say. */
function observe(
  node: ConditionNode,
  facts: Facts,
  parameters: Parameters,
  element: FactValue | undefined,
  seen: Map<LeafNode, Seen>,
): void {
  if (node.kind === 'leaf') seen.get(node)?.truths.add(node.test(facts, parameters, element))
  else if (node.kind === 'not') observe(node.part, facts, parameters, element, seen)
  else if (node.kind === 'allOf' || node.kind === 'anyOf')
    for (const part of node.parts) observe(part, facts, parameters, element, seen)
  else {
    for (const item of elementsOf(node.read(facts, parameters, element))?.elements ?? []) {
      observe(node.element, facts, parameters, item, seen)
    }
  }
}

/** The lists under `every` and `none` that no example gives as `[]`. */
export function untriedEmptyLists(rule: Rule, compiled: CompiledRule): string[] {
  const lists = new Map<ConditionNode, string>()
  collectLists(compiled.expect, lists)
  for (const example of rule.examples) {
    const facts = factTree(example.facts)
    markEmpty(compiled.expect, facts, parametersOf(rule, example.parameters)(facts), undefined, lists)
  }
  return [...lists.values()]
}

function partsOf(node: ConditionNode): ConditionNode[] {
  if (node.kind === 'leaf') return []
  if (node.kind === 'not') return [node.part]
  return node.kind === 'allOf' || node.kind === 'anyOf' ? node.parts : [node.element]
}

function collectLists(node: ConditionNode, lists: Map<ConditionNode, string>): void {
  if (node.kind === 'every' || node.kind === 'none') lists.set(node, node.path)
  for (const part of partsOf(node)) collectLists(part, lists)
}

function markEmpty(
  node: ConditionNode,
  facts: Facts,
  parameters: Parameters,
  element: FactValue | undefined,
  lists: Map<ConditionNode, string>,
): void {
  if (node.kind === 'leaf' || node.kind === 'not' || node.kind === 'allOf' || node.kind === 'anyOf') {
    for (const part of partsOf(node)) markEmpty(part, facts, parameters, element, lists)
    return
  }
  const known = elementsOf(node.read(facts, parameters, element))
  if (known?.complete && known.elements.length === 0) lists.delete(node)
  for (const item of known?.elements ?? []) markEmpty(node.element, facts, parameters, item, lists)
}

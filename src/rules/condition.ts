import { factReaders } from '../generated/fact-readers.js'
import { type Facts, type FactValue, isBound, isPartialList } from '../model/facts.ts'
import type { Condition, RuleParameter } from '../model/rule.ts'
import { compare, judgeInexact, type Truth } from './comparison.ts'
import { type FactEntry, type FactIndex, type FactType, mapPrefix, sharedFact } from './fact-index.ts'
import { type LeafOperand, type LeafSchema, leafValidator, splitLeaf, typedLeaf } from './leaf.ts'

/** Parameters of a rule as they hold for one subject; absent = it hangs on an objective that is not known. */
export interface Parameters {
  readonly [name: string]: FactValue | undefined
}

/** What a condition is about: the facts it may name and the parameters it may use. */
export interface ConditionShape {
  index: FactIndex
  subjects: readonly string[]
  parameters: { readonly [name: string]: RuleParameter }
}

/** Judges a subject's facts; `element` is the element of the innermost list operator. */
export type Test = (facts: Facts, parameters: Parameters, element: FactValue | undefined) => Truth

/** Takes a value out of the facts, the parameters or the element: `undefined` where it is not known. */
export type Read = (facts: Facts, parameters: Parameters, element: FactValue | undefined) => FactValue | undefined

/** Where the path of a leaf starts. */
export type LeafRoot = 'fact' | 'element' | 'parameter'

/** A fact path with the schema that the fact must satisfy. */
export interface LeafNode {
  kind: 'leaf'
  test: Test
  root: LeafRoot
  path: string
  /** As written. */
  schema: LeafSchema
  /** What is known of it when the rule is loaded, held to the fact's type: what a validator is compiled from. */
  fixed: LeafSchema
  read: Read
  /** Operand of the leaf and how to read it. */
  operand?: LeafOperand & { read: Read }
}

/** Conditions that must all hold. */
export interface AllNode {
  kind: 'allOf'
  test: Test
  parts: ConditionNode[]
}

/** Conditions of which one must hold. */
export interface AnyNode {
  kind: 'anyOf'
  test: Test
  parts: ConditionNode[]
}

/** A condition that must not hold. */
export interface NotNode {
  kind: 'not'
  test: Test
  part: ConditionNode
}

/** A condition on the elements of a list. */
export interface ListNode {
  kind: 'some' | 'every' | 'none'
  test: Test
  root: LeafRoot
  path: string
  read: Read
  element: ConditionNode
  /** What the operator is on a list that is known to be empty. */
  whenEmpty: boolean
}

/** A compiled condition: each node judges, and can be walked to explain. */
export type ConditionNode = LeafNode | AllNode | AnyNode | NotNode | ListNode

/** Operators of a condition; every other key is a fact path. */
export const groupOperators = ['allOf', 'anyOf', 'not'] as const
/** Operators on lists. Their value maps list paths to conditions on the elements. */
export const listOperators = ['some', 'every', 'none'] as const

type ListOperator = (typeof listOperators)[number]
const isListOperator = (key: string): key is ListOperator => (listOperators as readonly string[]).includes(key)

/** Prefix of the paths of parameters among fact paths. */
export const parameterPrefix = 'parameters.'

/** One step into a value: below `null` all is `null`; below what is not known, or is no object, nothing is known. */
function step(value: FactValue | undefined, name: string): FactValue | undefined {
  if (value === null) return null
  return typeof value === 'object' ? (value as { [name: string]: FactValue | undefined })[name] : undefined
}

/** A key of a map is data, so it must be the map's own; the map is known, so a key that it lacks is known to be none. */
function mapKey(map: FactValue | undefined, key: string): FactValue | undefined {
  if (map === null || map === undefined) return map
  if (typeof map !== 'object') return undefined
  return Object.hasOwn(map, key) ? (map as { [key: string]: FactValue | undefined })[key] : null
}

type Pick = (root: FactValue | undefined) => FactValue | undefined

function pickSteps(names: string[]): Pick {
  const [a, b, c, ...more] = names as [string, ...string[]]
  if (b === undefined) return root => step(root, a)
  if (c === undefined) return root => step(step(root, a), b)
  if (more.length === 0) return root => step(step(step(root, a), b), c)
  return root => names.reduce<FactValue | undefined>(step, root)
}

function pickPath(path: string, map: string | undefined): Pick {
  // Written-out readers for the paths of the facts schemas; a test's own facts are walked by name.
  if (map === undefined)
    return (Object.hasOwn(factReaders, path) ? factReaders[path] : undefined) ?? pickSteps(path.split('.'))
  const pickMap = pickSteps(map.split('.'))
  const key = path.slice(map.length + 1)
  return root => mapKey(pickMap(root), key)
}

const asValue = (facts: Facts): FactValue => facts as { [path: string]: FactValue | undefined }

/** The map that a path goes into, in the facts of whichever subject has it. */
function mapOf(shape: ConditionShape, path: string): string | undefined {
  const paths = shape.index[shape.subjects[0] ?? '']
  return paths && !Object.hasOwn(paths, path) ? mapPrefix(paths, path) : undefined
}

function reader(shape: ConditionShape, root: LeafRoot, path: string): Read {
  if (root === 'parameter')
    return (_facts, parameters) => (Object.hasOwn(parameters, path) ? parameters[path] : undefined)
  const pick = pickPath(path, root === 'fact' ? mapOf(shape, path) : undefined)
  return root === 'fact' ? facts => pick(asValue(facts)) : (_facts, _parameters, element) => pick(element)
}

/** A fact path as the facts schemas write it: elements of `copies` have paths `copies[].…`. */
export const pathWithin = (list: string | undefined, path: string): string =>
  list === undefined ? path : `${list}[].${path}`

/** Types of a parameter, from its schema. */
export function parameterTypes(parameter: RuleParameter): FactType[] {
  const types = Array.isArray(parameter.type) ? parameter.type : [parameter.type ?? 'string']
  return types.map(type => (type === 'integer' ? 'number' : type) as FactType)
}

/** Where a path of a condition starts: parameters, the element at hand, or the subject. */
export function rootOf(path: string, list: string | undefined): LeafRoot {
  if (path.startsWith(parameterPrefix)) return 'parameter'
  return list === undefined ? 'fact' : 'element'
}

/**
 * What is known of a fact of the subject, or of the elements of a list; `undefined` if there is none. Brackets are for
 * people: a condition reaches the elements of a list by an operator only.
 */
export function subjectFact(shape: ConditionShape, path: string, list: string | undefined): FactEntry | undefined {
  return path.includes('[]') ? undefined : sharedFact(shape.index, shape.subjects, pathWithin(list, path))
}

/** What is known of the value that a leaf judges; `undefined` if there is no such fact or parameter. */
export function leafFact(shape: ConditionShape, path: string, list: string | undefined): FactEntry | undefined {
  if (rootOf(path, list) !== 'parameter') return subjectFact(shape, path, list)
  const name = path.slice(parameterPrefix.length)
  const parameter = Object.hasOwn(shape.parameters, name) ? shape.parameters[name] : undefined
  if (!parameter) return undefined
  return { types: parameterTypes(parameter), group: 'policy', elements: 'scalars' }
}

const operandRoots = { parameter: 'parameter', fact: 'fact', element: 'element' } as const

function leafNode(shape: ConditionShape, path: string, schema: LeafSchema, list: string | undefined): LeafNode {
  const root = rootOf(path, list)
  const fact = leafFact(shape, path, list)
  if (!fact) throw new Error(`there is no fact ${pathWithin(list, path)}`)
  const read = reader(shape, root, root === 'parameter' ? path.slice(parameterPrefix.length) : path)
  const { fixed, operand: operandAt } = splitLeaf(schema)
  const typed = typedLeaf(fixed, fact.types)
  const judge = valueJudge(typed, fact)
  if (!operandAt)
    return { kind: 'leaf', root, path, schema, fixed: typed, read, test: (f, p, e) => judge(read(f, p, e)) }
  const readOperand = reader(shape, operandRoots[operandAt.from], operandAt.path)
  const { keyword } = operandAt
  const test: Test = (f, p, e) => {
    const value = read(f, p, e)
    const held = judge(value)
    if (value === undefined || held === false) return held
    const compared = compare(keyword, value, readOperand(f, p, e))
    return compared === true ? held : compared
  }
  return { kind: 'leaf', root, path, schema, fixed: typed, read, operand: { ...operandAt, read: readOperand }, test }
}

/** Judges a value by the fixed part of a leaf: an absent one is unknown; bounds and partial lists have their own logic. */
function valueJudge(schema: LeafSchema, fact: FactEntry): (value: FactValue | undefined) => Truth {
  const valid = leafValidator(schema)
  if (fact.mapOf) return value => (value === undefined || holdsUnknown(value) ? undefined : valid(value))
  return value => {
    if (typeof value !== 'object' || value === null) return value === undefined ? undefined : valid(value)
    return isPartialList(value) || isBound(value) ? judgeInexact(schema, value) : valid(value)
  }
}

const holdsUnknown = (map: FactValue): boolean =>
  typeof map === 'object' && map !== null && Object.values(map).includes(undefined as never)

function allOf(tests: Test[]): Test {
  return (facts, parameters, element) => {
    let all: Truth = true
    for (const test of tests) {
      const truth = test(facts, parameters, element)
      if (truth === false) return false
      if (truth === undefined) all = undefined
    }
    return all
  }
}

function anyOf(tests: Test[]): Test {
  return (facts, parameters, element) => {
    let any: Truth = false
    for (const test of tests) {
      const truth = test(facts, parameters, element)
      if (truth === true) return true
      if (truth === undefined) any = undefined
    }
    return any
  }
}

/** Kleene's negation. */
export const negate = (truth: Truth): Truth => (truth === undefined ? undefined : !truth)

const group = (kind: 'allOf' | 'anyOf', parts: ConditionNode[]): ConditionNode => {
  const tests = parts.map(part => part.test)
  return parts.length === 1 ? parts[0]! : { kind, parts, test: kind === 'allOf' ? allOf(tests) : anyOf(tests) }
}

/** Elements of a list and whether they are all of them; `undefined` where not even that is known. */
export function elementsOf(list: FactValue | undefined): { elements: FactValue[]; complete: boolean } | undefined {
  if (Array.isArray(list)) return { elements: list, complete: true }
  if (list === undefined || !isPartialList(list)) return undefined
  return Array.isArray(list.$partial) ? { elements: list.$partial, complete: false } : undefined
}

/**
 * The element result that settles each operator at once, and what the operator then is. `some` is settled by an element
 * that holds, `none` too (it fails), `every` by one that does not.
 */
const settling = {
  some: { by: true, so: true },
  none: { by: true, so: false },
  every: { by: false, so: false },
} as const

function quantify(kind: ListOperator, read: Read, holds: Test, whenEmpty: boolean): Test {
  const { by, so } = settling[kind]
  return (facts, parameters, outer) => {
    const value = read(facts, parameters, outer)
    if (value === null) return false
    const list = elementsOf(value)
    if (!list) return undefined
    if (list.complete && list.elements.length === 0) return whenEmpty
    let settled: Truth = list.complete ? !so : undefined
    for (const element of list.elements) {
      const truth = element === undefined ? undefined : holds(facts, parameters, element)
      if (truth === by) return so
      if (truth === undefined) settled = undefined
    }
    return settled
  }
}

function listNodes(
  shape: ConditionShape,
  kind: ListOperator,
  lists: Condition,
  within: string | undefined,
): ConditionNode[] {
  const whenEmpty = kind !== 'some' && lists.$empty === true
  return Object.entries(lists)
    .filter(([path]) => path !== '$empty')
    .map(([path, condition]) => {
      const root = rootOf(path, within)
      const read = reader(shape, root, path)
      const element = conditionNode(shape, condition as Condition, pathWithin(within, path))
      return { kind, root, path, read, element, whenEmpty, test: quantify(kind, read, element.test, whenEmpty) }
    })
}

function entryNodes(shape: ConditionShape, key: string, value: unknown, list: string | undefined): ConditionNode[] {
  if (isListOperator(key)) return listNodes(shape, key, value as Condition, list)
  if (key === 'allOf' || key === 'anyOf') {
    return [
      group(
        key,
        (value as Condition[]).map(part => conditionNode(shape, part, list)),
      ),
    ]
  }
  if (key !== 'not') return [leafNode(shape, key, value as LeafSchema, list)]
  const part = conditionNode(shape, value as Condition, list)
  return [{ kind: 'not', part, test: (f, p, e) => negate(part.test(f, p, e)) }]
}

function conditionNode(shape: ConditionShape, condition: Condition, list: string | undefined): ConditionNode {
  const parts = Object.entries(condition).flatMap(([key, value]) => entryNodes(shape, key, value, list))
  if (parts.length === 0) throw new Error('a condition must not be empty')
  return group('allOf', parts)
}

/**
 * Compiles a condition that the loader has checked. The result judges facts in Kleene's logic: `true`, `false`, or
 * `undefined` where what is not known could decide.
 */
export function compileCondition(condition: Condition, shape: ConditionShape): ConditionNode {
  return conditionNode(shape, condition, undefined)
}

/** Every fact path of the subject that a condition reads; paths within list elements are covered by their list's. */
export function factPathsOf(node: ConditionNode): string[] {
  if (node.kind === 'not') return factPathsOf(node.part)
  if (node.kind === 'allOf' || node.kind === 'anyOf') return node.parts.flatMap(factPathsOf)
  const own = node.root === 'fact' ? [node.path] : []
  if (node.kind !== 'leaf') return [...own, ...factPathsOf(node.element)]
  return node.operand?.from === 'fact' ? [...own, node.operand.path] : own
}

/** Every leaf of a condition, in the order it is written. */
export function leavesOf(node: ConditionNode): LeafNode[] {
  if (node.kind === 'leaf') return [node]
  if (node.kind === 'not') return leavesOf(node.part)
  if (node.kind === 'allOf' || node.kind === 'anyOf') return node.parts.flatMap(leavesOf)
  return leavesOf(node.element)
}

/**
 * Reads IAM policy documents into statements.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html. A value that is not text (an intrinsic
 * function of a template, a policy variable) is kept as not known; a document that breaks the grammar is not read at all.
 */
import { iamGlob } from './arn.ts'
import type { Ternary } from './ternary.ts'
import { not3, or3 } from './ternary.ts'

/** Texts of an element; `undefined` stands for one that is not known. */
export type Values = readonly (string | undefined)[]

/** `Principal` or `NotPrincipal`. */
export interface Principals {
  /** `*`, also as `{ AWS: "*" }`. */
  everyone: boolean
  aws: Values
  services: Values
  federated: Values
  canonicalUsers: Values
}

/** What a condition does with its values. */
export interface Operator {
  kind: 'equals' | 'equalsIgnoreCase' | 'like' | 'arnLike' | 'bool' | 'null' | 'other'
  negated: boolean
  ifExists: boolean
  qualifier: 'any' | 'all' | null
}

/** One key of one operator; all of a statement's must hold. */
export interface Condition {
  /** `undefined`: an operator that is not known. */
  operator: Operator | undefined
  /** In lower case: condition keys have no case. */
  key: string
  values: Values
}

/** One statement. `null` where the element is absent. */
export interface Statement {
  effect: 'Allow' | 'Deny'
  principal: Principals | null
  notPrincipal: Principals | null
  actions: Values | null
  notActions: Values | null
  resources: Values | null
  notResources: Values | null
  conditions: readonly Condition[]
}

type Tree = { readonly [key: string]: unknown }

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function own(tree: Tree, key: string): unknown {
  return Object.hasOwn(tree, key) ? tree[key] : undefined
}

/** A policy variable, or a placeholder that a template left. */
const variable = '${'

function valuesOf(value: unknown): Values {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  return list.map(entry => {
    if (typeof entry === 'string') return entry.includes(variable) ? undefined : entry
    return typeof entry === 'boolean' || typeof entry === 'number' ? String(entry) : undefined
  })
}

const principalKinds: ReadonlySet<string> = new Set(['AWS', 'Service', 'Federated', 'CanonicalUser'])

function principalsOf(value: unknown): Principals | undefined {
  const nobody: Principals = { everyone: false, aws: [], services: [], federated: [], canonicalUsers: [] }
  if (value === '*') return { ...nobody, everyone: true }
  if (!isTree(value)) return undefined
  const of = (kind: string): Values => (Object.hasOwn(value, kind) ? valuesOf(value[kind]) : [])
  const aws = of('AWS')
  // A function of a template in the place of the kinds may yield any principal.
  const open = Object.keys(value).some(kind => !principalKinds.has(kind))
  return {
    everyone: aws.includes('*'),
    aws: open ? [...aws, undefined] : aws.filter(entry => entry !== '*'),
    services: open ? [...of('Service'), undefined] : of('Service'),
    federated: of('Federated'),
    canonicalUsers: of('CanonicalUser'),
  }
}

const operatorPattern =
  /^(?:(ForAnyValue|ForAllValues):)?(String|Arn|Bool|Null|Numeric|Date|Binary|IpAddress|NotIpAddress)([A-Za-z]*)$/
const stringKinds: { readonly [rest: string]: Operator['kind'] } = {
  Equals: 'equals',
  EqualsIgnoreCase: 'equalsIgnoreCase',
  Like: 'like',
}
const otherRests: { readonly [base: string]: RegExp } = {
  Numeric: /^(?:Equals|NotEquals|LessThan|LessThanEquals|GreaterThan|GreaterThanEquals)$/,
  Date: /^(?:Equals|NotEquals|LessThan|LessThanEquals|GreaterThan|GreaterThanEquals)$/,
  Binary: /^Equals$/,
  IpAddress: /^$/,
  NotIpAddress: /^$/,
}

/** Reads an operator's name; `undefined` for one that IAM does not have. */
export function parseOperator(name: string): Operator | undefined {
  const found = operatorPattern.exec(name)
  if (!found) return undefined
  const base = found[2]!
  const ifExists = found[3]!.endsWith('IfExists')
  const rest = ifExists ? found[3]!.slice(0, -'IfExists'.length) : found[3]!
  const qualifier = found[1] === undefined ? null : found[1] === 'ForAnyValue' ? 'any' : 'all'
  const negated = rest.startsWith('Not')
  const plain = negated ? rest.slice(3) : rest
  const make = (kind: Operator['kind'] | undefined): Operator | undefined =>
    kind && { kind, negated, ifExists, qualifier }
  if (base === 'String') return make(Object.hasOwn(stringKinds, plain) ? stringKinds[plain] : undefined)
  // ArnEquals and ArnLike are the same, wildcards included.
  if (base === 'Arn') return make(plain === 'Equals' || plain === 'Like' ? 'arnLike' : undefined)
  if (base === 'Bool') return make(rest === '' ? 'bool' : undefined)
  if (base === 'Null') return make(rest === '' && !ifExists ? 'null' : undefined)
  return make(otherRests[base]!.test(rest) ? 'other' : undefined)
}

const unreadableCondition: Condition = { operator: undefined, key: '', values: [undefined] }

function conditionsOf(value: unknown): Condition[] {
  if (value === undefined || value === null) return []
  if (!isTree(value)) return [unreadableCondition]
  return Object.entries(value).flatMap(([name, keys]) => {
    if (!isTree(keys)) return [unreadableCondition]
    const operator = parseOperator(name)
    return Object.entries(keys).map(([key, values]) => ({ operator, key: key.toLowerCase(), values: valuesOf(values) }))
  })
}

const elements: ReadonlySet<string> = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
])

function statementOf(value: unknown): Statement | undefined {
  if (!isTree(value) || Object.keys(value).some(key => !elements.has(key))) return undefined
  const effect = own(value, 'Effect')
  if (effect !== 'Allow' && effect !== 'Deny') return undefined
  const values = (key: string) => (own(value, key) === undefined ? null : valuesOf(value[key]))
  const principals = (key: string) => (own(value, key) === undefined ? null : principalsOf(value[key]))
  const principal = principals('Principal')
  const notPrincipal = principals('NotPrincipal')
  const actions = values('Action')
  const notActions = values('NotAction')
  if (principal === undefined || notPrincipal === undefined || (actions === null) === (notActions === null))
    return undefined
  return {
    effect,
    principal,
    notPrincipal,
    actions,
    notActions,
    resources: values('Resource'),
    notResources: values('NotResource'),
    conditions: conditionsOf(own(value, 'Condition')),
  }
}

const read = new WeakMap<object, Statement[] | 'unreadable'>()

/** The statements of a policy document; `undefined` where it breaks the grammar. Never throws. A document is read once. */
export function parsePolicy(document: unknown): readonly Statement[] | undefined {
  if (!isTree(document)) return undefined
  let statements = read.get(document)
  if (!statements) {
    statements = readPolicy(document) ?? 'unreadable'
    read.set(document, statements)
  }
  return statements === 'unreadable' ? undefined : statements
}

function readPolicy(document: Tree): Statement[] | undefined {
  const list = own(document, 'Statement')
  if (!isTree(list) && !Array.isArray(list)) return undefined
  const statements: Statement[] = []
  for (const entry of Array.isArray(list) ? (list as readonly unknown[]) : [list]) {
    const statement = statementOf(entry)
    if (!statement) return undefined
    statements.push(statement)
  }
  return statements
}

function matchesSome(patterns: Values, matches: (pattern: string) => boolean): Ternary {
  return or3(...patterns.map(pattern => (pattern === undefined ? undefined : matches(pattern))))
}

/** Whether a statement is about an action (`backup:DeleteRecoveryPoint`); actions have no case. */
export function concernsAction(statement: Statement, action: string): Ternary {
  const wanted = action.toLowerCase()
  const matches = (pattern: string) => iamGlob(pattern.toLowerCase(), wanted)
  return statement.actions
    ? matchesSome(statement.actions, matches)
    : not3(matchesSome(statement.notActions ?? [], matches))
}

/**
 * Whether every text of one pattern's language matches another pattern: wildcards of the inner one are taken for letters,
 * which only a wildcard of the outer one can match. Sound, and complete but for freaks.
 */
export function patternCovers(outer: string, inner: string): boolean {
  // An inner star must not be matched by an outer question mark: it may stand for more than one character.
  return inner.includes('*') && outer.includes('?') ? outer === inner : iamGlob(outer, inner)
}

/** Whether a statement is about every resource there is: no Resource element (trust policies), or `*`. */
export function concernsEverything({ resources, notResources }: Statement): Ternary {
  if (notResources) return notResources.length === 0
  return resources === null ? true : matchesSome(resources, pattern => /^\*+$/.test(pattern))
}

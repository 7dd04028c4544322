/** Evaluates expressions as far as they can be known before anything is deployed. Pure; throws nothing but {@link TooMuch}. */
import { parseTemplate } from './expression-parser.ts'
import type { Libraries, TerraformFunction } from './function.ts'
import { functions } from './functions.ts'
import type { BinaryOperator, Expression, ForExpression, Step, TemplatePart } from './syntax.ts'
import {
  type Budget,
  equal,
  failure,
  Handle,
  Instances,
  inOrder,
  isList,
  isScalar,
  isTree,
  TooMuch,
  toFlag,
  toNumber,
  toText,
  Unknown,
  unknownPart,
  type Value,
} from './value.ts'

/** What evaluating one root shares. */
export interface Evaluation {
  budget: Budget
  depth: number
  /** Present where the configuration needs them: they take a while to load. */
  libraries: Libraries
  /** Counts what was taken from instances that may not exist: `try` cannot tell then which of its arguments holds. */
  uncertain: number
}

/** Where an expression stands. */
export interface Environment {
  readonly evaluation: Evaluation
  /** What a first name stands for: `var`, `local`, a type of resources; `undefined` where there is no such thing. */
  root(name: string): Value | undefined
  /** Variables of `for` expressions around it, and of `templatefile`. */
  readonly bindings?: ReadonlyMap<string, Value>
  /** Text of a file beside the configuration; why not, where it cannot be read. */
  file(path: string): string | Unknown
}

/** Deeper evaluation is a chain of references that nobody writes, and would exhaust the stack. */
const maxDepth = 300
/** Longer lists and texts are not held. */
const maxItems = 100_000
const maxTextLength = 4 * 1024 * 1024

/** The value of an expression. */
export function evaluate(expression: Expression, environment: Environment): Value {
  const { evaluation } = environment
  evaluation.budget.spend(1)
  if (evaluation.depth >= maxDepth) return new Unknown('nested too deeply')
  evaluation.depth++
  const value = evaluated(expression, environment)
  evaluation.depth--
  return value
}

function evaluated(expression: Expression, environment: Environment): Value {
  switch (expression.kind) {
    case 'literal':
      return expression.value
    case 'template':
      return templateText(expression.parts, environment)
    case 'root':
      return rootOf(expression.name, environment)
    case 'attribute':
      return attributeOf(evaluate(expression.of, environment), expression.name)
    case 'index':
      return indexOf(evaluate(expression.of, environment), evaluate(expression.key, environment), environment)
    case 'splat':
      return splatOf(evaluate(expression.of, environment), expression.each, environment)
    case 'list':
      return expression.items.map(item => evaluate(item, environment))
    case 'object':
      return objectOf(expression.items, environment)
    case 'for':
      return forOf(expression, environment)
    case 'conditional':
      return conditionalOf(expression, environment)
    case 'binary':
      return binaryOf(expression, environment)
    case 'unary':
      return unaryOf(expression, environment)
    case 'call':
      return callOf(expression, environment)
  }
}

function rootOf(name: string, environment: Environment): Value {
  const { bindings } = environment
  if (bindings?.has(name)) return bindings.get(name)!
  const found = environment.root(name)
  return found === undefined ? failure(`nothing is called ${name}`) : found
}

/** `value.name`. */
export function attributeOf(value: Value, name: string): Value {
  if (value instanceof Unknown) return derived(value)
  if (value instanceof Handle) return value.declared.attribute(name)
  if (value instanceof Instances) return value.each.declared.attribute(name)
  if (isTree(value)) return value.has(name) ? value.get(name)! : failure(`there is no ${name}`)
  return failure(`there is no ${name}`)
}

/** What hangs on something that is not known is not known either, and is another text. */
function derived(value: Unknown): Unknown {
  return value.text === undefined ? value : new Unknown(value.reason, value.fails)
}

function indexOf(value: Value, key: Value, environment: Environment): Value {
  if (value instanceof Unknown) return derived(value)
  if (value instanceof Instances) {
    environment.evaluation.uncertain++
    return value.each
  }
  if (key instanceof Unknown) return derived(key)
  if (isList(value)) {
    const index = toNumber(key)
    if (index instanceof Unknown) return index
    return Number.isInteger(index) && index >= 0 && index < value.length
      ? value[index]!
      : failure('the list has no such element')
  }
  const name = toText(key)
  return name instanceof Unknown ? name : attributeOf(value, name)
}

function splatOf(value: Value, steps: readonly Step[], environment: Environment): Value {
  if (value instanceof Unknown) return derived(value)
  if (value instanceof Instances) return new Unknown(`how many ${value.each.declared.address} there are is not known`)
  if (value === null) return []
  const items = isList(value) ? value : [value]
  return items.map(item =>
    steps.reduce<Value>((of, step) => {
      environment.evaluation.budget.spend(1)
      return step.kind === 'attribute'
        ? attributeOf(of, step.name)
        : indexOf(of, evaluate(step.key, environment), environment)
    }, item),
  )
}

function objectOf(items: readonly { key: Expression; value: Expression }[], environment: Environment): Value {
  const tree = new Map<string, Value>()
  for (const item of items) {
    const key = toText(evaluate(item.key, environment))
    if (key instanceof Unknown) return derived(key)
    tree.set(key, evaluate(item.value, environment))
  }
  return tree
}

/** An environment with more bindings. */
export function withBindings(environment: Environment, bindings: Iterable<readonly [string, Value]>): Environment {
  return { ...environment, bindings: new Map([...(environment.bindings ?? []), ...bindings]) }
}

/** Keys and values to go through; an {@link Unknown} where they are not known. */
function entriesOf(value: Value): [Value, Value][] | Unknown {
  if (value instanceof Unknown) return derived(value)
  if (value instanceof Instances) return new Unknown(`how many ${value.each.declared.address} there are is not known`)
  if (isList(value)) return value.map((item, index) => [index, item])
  if (isTree(value)) return inOrder(value)
  return value instanceof Handle
    ? new Unknown('attributes of what is declared are not known')
    : failure('not a collection')
}

function forOf(expression: ForExpression, environment: Environment): Value {
  const entries = entriesOf(evaluate(expression.over, environment))
  if (entries instanceof Unknown) return entries
  const list: Value[] = []
  const tree = new Map<string, Value>()
  for (const [key, value] of entries) {
    const bindings: [string, Value][] = [[expression.value, value]]
    if (expression.key !== undefined) bindings.push([expression.key, key])
    const inner = withBindings(environment, bindings)
    const wanted = expression.condition ? toFlag(evaluate(expression.condition, inner)) : true
    if (wanted instanceof Unknown) return derived(wanted)
    if (!wanted) continue
    const result = evaluate(expression.result, inner)
    if (!expression.keyResult) {
      list.push(result)
      continue
    }
    const name = toText(evaluate(expression.keyResult, inner))
    if (name instanceof Unknown) return derived(name)
    const before = tree.get(name)
    if (expression.groups) tree.set(name, [...(isList(before ?? null) ? (before as readonly Value[]) : []), result])
    else if (tree.has(name)) return failure(`two values for the key ${name}`)
    else tree.set(name, result)
  }
  return expression.keyResult ? tree : list
}

function conditionalOf(expression: Extract<Expression, { kind: 'conditional' }>, environment: Environment): Value {
  const condition = toFlag(evaluate(expression.condition, environment))
  if (condition === true) return evaluate(expression.whenTrue, environment)
  if (condition === false) return evaluate(expression.whenFalse, environment)
  if (condition.fails) return condition
  const then = evaluate(expression.whenTrue, environment)
  const { budget } = environment.evaluation
  return equal(then, evaluate(expression.whenFalse, environment), budget) === true ? then : derived(condition)
}

function logical(expression: Extract<Expression, { kind: 'binary' }>, environment: Environment): Value {
  // What decides alone, on either side: `false && x` is false though x is not known.
  const decides = expression.operator === '||'
  const left = toFlag(evaluate(expression.left, environment))
  if (left === decides || (left instanceof Unknown && left.fails)) return left
  const right = toFlag(evaluate(expression.right, environment))
  if (right === decides || (right instanceof Unknown && right.fails)) return right
  if (left instanceof Unknown) return derived(left)
  return right instanceof Unknown ? derived(right) : right
}

const arithmetic: { [operator in BinaryOperator]?: (a: number, b: number) => number | boolean } = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
}

function binaryOf(expression: Extract<Expression, { kind: 'binary' }>, environment: Environment): Value {
  const { operator } = expression
  if (operator === '||' || operator === '&&') return logical(expression, environment)
  const left = evaluate(expression.left, environment)
  const right = evaluate(expression.right, environment)
  if (operator === '==' || operator === '!=') {
    const same = equal(left, right, environment.evaluation.budget)
    if (same !== undefined) return same === (operator === '==')
    return (
      unknownOf([left, right], environment.evaluation.budget) ?? new Unknown('texts are compared that deployment makes')
    )
  }
  const [a, b] = [toNumber(left), toNumber(right)]
  if (a instanceof Unknown) return derived(a)
  if (b instanceof Unknown) return derived(b)
  const result = arithmetic[operator]!(a, b)
  return typeof result === 'number' && !Number.isFinite(result) ? failure('not a finite number') : result
}

function unaryOf(expression: Extract<Expression, { kind: 'unary' }>, environment: Environment): Value {
  const operand = evaluate(expression.operand, environment)
  if (expression.operator === '!') {
    const flag = toFlag(operand)
    return flag instanceof Unknown ? derived(flag) : !flag
  }
  const number = toNumber(operand)
  return number instanceof Unknown ? derived(number) : -number
}

function templateText(parts: readonly TemplatePart[], environment: Environment): string | Unknown {
  let text: string | undefined = ''
  let unknown: Unknown | undefined
  for (const part of parts) {
    const piece = typeof part === 'string' ? part : partText(part, environment)
    if (piece instanceof Unknown) {
      if (piece.fails) return piece
      unknown ??= piece
    }
    const known: string | undefined = piece instanceof Unknown ? piece.text : piece
    environment.evaluation.budget.spend(1 + (known?.length ?? 0) / 100)
    text = text === undefined || known === undefined ? undefined : text + known
    if (text !== undefined && text.length > maxTextLength) throw new TooMuch('makes a text that is too long')
  }
  return unknown ? new Unknown(unknown.reason, false, text) : (text ?? '')
}

function partText(part: Exclude<TemplatePart, string>, environment: Environment): string | Unknown {
  if (part.kind === 'repeat') {
    const entries = entriesOf(evaluate(part.over, environment))
    if (entries instanceof Unknown) return entries
    let text = ''
    for (const [key, value] of entries) {
      const bindings: [string, Value][] = [[part.value, value]]
      if (part.key !== undefined) bindings.push([part.key, key])
      const piece = templateText(part.body, withBindings(environment, bindings))
      if (piece instanceof Unknown) return piece
      text += piece
      if (text.length > maxTextLength) throw new TooMuch('makes a text that is too long')
    }
    return text
  }
  if (part.kind !== 'if') return toText(evaluate(part, environment))
  const condition = toFlag(evaluate(part.condition, environment))
  if (condition === true) return templateText(part.whenTrue, environment)
  if (condition === false) return templateText(part.whenFalse, environment)
  const then = templateText(part.whenTrue, environment)
  return !(then instanceof Unknown) && then === templateText(part.whenFalse, environment) ? then : derived(condition)
}

/** The first that is not known among values, wherever in them. */
function unknownOf(values: readonly Value[], budget: Budget): Unknown | undefined {
  let found: Unknown | undefined
  for (const value of values) {
    const unknown = unknownPart(value, budget)
    if (unknown?.fails) return unknown
    found ??= unknown
  }
  return found && derived(found)
}

/** `try(a, b, …)`: the first that does not fail. */
function tryOf(args: readonly Expression[], environment: Environment): Value {
  const { evaluation } = environment
  for (const arg of args) {
    const before = evaluation.uncertain
    const value = evaluate(arg, environment)
    const unknown = unknownPart(value, evaluation.budget)
    if (unknown?.fails) continue
    // Whether something that is not known would fail cannot be told.
    if (value instanceof Unknown) return derived(value)
    return evaluation.uncertain > before ? new Unknown('whether it exists is not known') : value
  }
  return failure('nothing that was tried can be evaluated')
}

function canOf(arg: Expression, environment: Environment): Value {
  const { evaluation } = environment
  const before = evaluation.uncertain
  const unknown = unknownPart(evaluate(arg, environment), evaluation.budget)
  if (unknown?.fails) return false
  return unknown || evaluation.uncertain > before ? new Unknown('whether it can be evaluated is not known') : true
}

function callOf(expression: Extract<Expression, { kind: 'call' }>, environment: Environment): Value {
  const { name } = expression
  if (name === 'try') return tryOf(expression.args, environment)
  if (name === 'can' && expression.args.length === 1) return canOf(expression.args[0]!, environment)
  const args = argumentsOf(expression, environment)
  if (args instanceof Unknown) return args
  const plain = name.replace(/^core::/, '')
  if (plain === 'templatefile' || plain === 'file') return fileOf(plain, args, environment)
  const found = functions.get(plain)
  if (!found) return new Unknown(`the function ${plain} is not evaluated`)
  if (args.length < found.least || args.length > found.most) return failure(`${plain} has another number of arguments`)
  const { budget } = environment.evaluation
  const unknown =
    found.needs === 'all'
      ? unknownOf(args, budget)
      : args.find((arg): arg is Unknown => arg instanceof Unknown && found.needs === 'whole')
  if (unknown)
    return plain === 'format' || plain === 'join' ? composed(found, args, unknown, environment) : derived(unknown)
  const value = found.call(args, environment)
  if (isList(value) && value.length > maxItems) throw new TooMuch('makes a list that is too long')
  if (typeof value === 'string' && value.length > maxTextLength) throw new TooMuch('makes a text that is too long')
  budget.spend(isScalar(value) ? 1 : isList(value) ? value.length : isTree(value) ? value.size : 1)
  return value
}

/** Functions that put texts together make one of placeholders too. */
function composed(
  { call }: TerraformFunction,
  args: readonly Value[],
  unknown: Unknown,
  environment: Environment,
): Unknown {
  const named = (value: Value): Value =>
    value instanceof Unknown ? (value.text ?? value) : isList(value) ? value.map(named) : value
  const texts = args.map(named)
  if (unknownOf(texts, environment.evaluation.budget)) return derived(unknown)
  const text = call(texts, environment)
  return typeof text === 'string' ? new Unknown(unknown.reason, false, text) : derived(unknown)
}

/** `file(path)`, `templatefile(path, variables)`: files beside the configuration only. */
function fileOf(name: string, args: readonly Value[], environment: Environment): Value {
  const path = toText(args[0] ?? failure('a path is missing'))
  if (path instanceof Unknown) return derived(path)
  const text = environment.file(path)
  if (text instanceof Unknown || name === 'file') return text
  const variables = args[1] ?? new Map<string, Value>()
  if (!isTree(variables)) return variables instanceof Unknown ? derived(variables) : failure('variables are no object')
  const template = parseTemplate(text)
  if (!template) return failure('the file is no template')
  // A template sees its variables, and nothing of the module.
  return evaluate(template, { ...environment, root: () => undefined, bindings: variables })
}

function argumentsOf(expression: Extract<Expression, { kind: 'call' }>, environment: Environment): Value[] | Unknown {
  const args = expression.args.map(arg => evaluate(arg, environment))
  if (!expression.expandsLast) return args
  const last = args.pop()!
  if (last instanceof Unknown) return derived(last)
  if (last instanceof Instances) return new Unknown('how many arguments there are is not known')
  return isList(last) ? [...args, ...last] : failure('"..." stands behind something that is no list')
}

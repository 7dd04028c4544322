/**
 * One stack: a template with the values of its parameters. Resolves its functions as far as they are certain before
 * deployment; whatever is not, stays in place as the function that it is (which everything later takes for «not known»).
 *
 * Nothing here throws or runs without end: what refers to itself is told and not known, results are kept, texts do not grow
 * beyond {@link maxTextLength} and calls are not nested beyond {@link maxCalls}.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
 */
import { hasPlaceholder, placeholder } from '../../model/placeholder.ts'
import { byText } from '../../model/text-order.ts'
import { type DeclaredIdentity, identify, placeText } from '../../resources/identity.ts'
import { isObject, type JsonObject, own, quote } from '../json.ts'
import type { Path } from './document.ts'
import { expandLoops, type Member } from './for-each.ts'
import { functions } from './functions.ts'
import { attributeKind, identityOf } from './names.ts'
import { choicesOf, parameterValue } from './parameters.ts'
import { type Declaration, declarationOf, placeIn, type Template } from './template.ts'
import { functionIn, isSame, isUnresolved, maxTextLength, mentioned, noValue, put, textOf } from './values.ts'

/** References that refer to references: deeper chains are not followed. */
const maxCalls = 250

/** What the stacks of one scope share. */
export interface Surroundings {
  scope: string
  /** The value exported under a name; `undefined` where no stack of the input exports it. */
  imported(name: string): unknown
  problem(file: string, message: string, line?: number): void
  /** Names that resources have taken, by type and name, with their addresses. */
  names: Map<string, string>
  /** Counts calls under way, in all stacks: they refer to each other. */
  calls: number
}

/** What sets one stack apart. */
export interface StackSettings {
  template: Template
  /** The address of something of the stack: with the nested stacks above it, or what else tells it from others of its scope. */
  address(name: string): string
  account?: string | undefined
  region?: string | undefined
  /** Where it is known. */
  name?: string | undefined
  /** What the deployment states for a parameter; `undefined`: nothing. */
  given(name: string): unknown
  /** What it hangs on whether the stack is made at all, where that is not known. */
  mayNotExist?: readonly string[] | undefined
  /** Whether the value of a parameter is more than a default: what the deployment states, or a stack above makes of that. */
  isStated(name: string): boolean
  /** The stack that a resource nests; `undefined` where it is not in the input. */
  nested(logicalId: string): Stack | undefined
}

/** A resource of a stack. */
export interface StackResource {
  declaration: Declaration
  /** Where the template declares it. */
  path: Path
}

/** A stack; see above. */
export class Stack {
  readonly resources = new Map<string, StackResource>()
  /** Parts of the template that only deployment expands: loops over lists that are not known. */
  readonly unexpanded: Path[] = []
  private readonly conditions = new Map<string, unknown>()
  private readonly outputs = new Map<string, unknown>()
  private readonly kept = new Map<string, unknown>()
  private readonly open = new Set<string>()
  private readonly told = new Set<string>()
  /** Values that parameters are given to see what a condition would make of them; `undefined`: any. */
  private trial: ReadonlyMap<string, unknown> | undefined
  /** Conditions that something judged hangs on and that are not decided. */
  readonly undecided = new Set<string>()

  constructor(
    readonly settings: StackSettings,
    readonly surroundings: Surroundings,
  ) {
    const { template } = settings
    for (const [name, body] of this.members(template.conditions, ['Conditions'])) this.conditions.set(name, body)
    for (const [name, body] of this.members(template.outputs, ['Outputs'])) this.outputs.set(name, body)
    for (const [name, body, path] of this.members(template.resources, ['Resources'])) {
      const declaration = declarationOf(body, template)
      if (declaration) this.resources.set(name, { declaration, path })
    }
  }

  private members(section: JsonObject, path: Path): readonly Member[] {
    const expanded = expandLoops(section, path, collection => this.resolve(collection))
    this.unexpanded.push(...expanded.unknown)
    return expanded.members
  }

  /** A value with everything resolved that is certain; what is not there is left out. */
  resolve(value: unknown, isTagValue = false): unknown {
    if (typeof value === 'string') return value.includes('{{resolve:') ? { 'Fn::Resolve': value } : value
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value))
      return value.map(element => this.resolve(element, isTagValue)).filter(element => element !== noValue)
    const name = functionIn(value)
    return name === undefined
      ? this.resolveObject(value as JsonObject)
      : this.call(name, value as JsonObject, isTagValue)
  }

  private resolveObject(tree: JsonObject): unknown {
    let members: Iterable<readonly [string, unknown, ...unknown[]]> = Object.entries(tree)
    const keys = Object.keys(tree)
    const macro = keys.find(key => key === 'Fn::Transform')
    // A macro may put anything in here.
    if (macro) return { [macro]: tree[macro] }
    const loop = keys.find(key => key.startsWith('Fn::ForEach::'))
    if (loop) {
      const expanded = expandLoops(tree, [], collection => this.resolve(collection))
      if (expanded.unknown.length > 0) return { [loop]: tree[loop] }
      members = expanded.members
    }
    const resolved: JsonObject = {}
    for (const [key, child] of members) {
      const value = this.resolve(child)
      if (value !== noValue) put(resolved, key, value)
    }
    return resolved
  }

  private call(name: string, value: JsonObject, isTagValue: boolean): unknown {
    const { surroundings } = this
    if (surroundings.calls >= maxCalls) {
      this.tell('nests its functions and references too deeply: some are not resolved')
      return value
    }
    surroundings.calls++
    try {
      const result = name.startsWith('Fn::ForEach::')
        ? this.resolveObject(value)
        : functions.get(name)?.(value[name], { stack: this, isTagValue })
      if (result === undefined || (typeof result === 'string' && result.length > maxTextLength)) return value
      return result
    } finally {
      surroundings.calls--
    }
  }

  /** Keeps the result of what is asked again and again; what asks for itself is told and not known. */
  private once<T>(key: string, what: string, path: Path, make: () => T): T | undefined {
    if (this.kept.has(key)) return this.kept.get(key) as T
    if (this.open.has(key)) {
      this.tell(`${what} refers to itself`, path)
      return undefined
    }
    this.open.add(key)
    const result = make()
    this.open.delete(key)
    this.kept.set(key, result)
    return result
  }

  private tell(message: string, path?: Path): void {
    if (this.told.has(message)) return
    this.told.add(message)
    const { template } = this.settings
    this.surroundings.problem(template.file, message, path && placeIn(template, path)?.line)
  }

  /** Whether a condition holds, whatever values its parameters get that nobody states; `undefined`: not known. */
  condition(name: string): boolean | undefined {
    if (!this.conditions.has(name)) return undefined
    const { trial } = this
    this.trial = undefined
    const holds = this.once(`condition ${name}`, `the condition ${quote(name)}`, ['Conditions', name], () =>
      this.holdsAnyhow(this.conditions.get(name)),
    )
    this.trial = trial
    return holds
  }

  /** What an expression of conditions comes to by defaults, where other values of the parameters with defaults give the same. */
  private holdsAnyhow(expression: unknown): boolean | undefined {
    const usual = this.holds(expression)
    const open = usual === undefined ? [] : this.defaulted(expression)
    if (open.length === 0) return usual
    const holdsWith = (values: Map<string, unknown>) => {
      this.trial = values
      const holds = this.holds(expression)
      this.trial = undefined
      return holds
    }
    if (holdsWith(new Map(open.map(name => [name, undefined]))) === usual) return usual
    const choices = choicesOf(open, this.settings.template.parameters)
    return choices?.every(values => holdsWith(values) === usual) ? usual : undefined
  }

  /** The parameters that an expression refers to, other conditions apart, that have a value which rests on a default. */
  private defaulted(expression: unknown): string[] {
    const { parameters } = this.settings.template
    const isOpen = (name: string) => !this.isCertain(name) && this.parameter(name) !== undefined
    return [...mentioned(expression)].filter(name => Object.hasOwn(parameters, name) && isOpen(name))
  }

  /** Whether what a name stands for rests on no default: the name of a parameter, or of anything else. */
  isCertain(name: string): boolean {
    const { template, isStated } = this.settings
    return !Object.hasOwn(template.parameters, name) || isStated(name)
  }

  /** Of conditions that are not decided the parameters that would, if they were stated. */
  decisive(): string[] {
    const found = new Set<string>()
    const seen = new Set<string>()
    const pending = [...this.undecided]
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (seen.has(name) || this.condition(name) !== undefined) continue
      seen.add(name)
      const expression = this.conditions.get(name)
      for (const parameter of this.defaulted(expression)) found.add(parameter)
      for (const other of mentioned(expression)) if (this.conditions.has(other)) pending.push(other)
    }
    return [...found].sort(byText)
  }

  /** What it hangs on whether a resource is made, where that is not known: keys that mean the same throughout the scope. */
  doubtsOf(condition: string | undefined): readonly string[] {
    const above = this.settings.mayNotExist ?? []
    if (condition === undefined || this.condition(condition) !== undefined) return above
    this.undecided.add(condition)
    return [...above, `${this.settings.template.file} ${this.settings.address(condition)}`]
  }

  /** Whether an expression of conditions holds; `undefined`: not known. */
  holds(expression: unknown): boolean | undefined {
    if (isObject(expression) && Object.keys(expression).length === 1) {
      const condition = own(expression, 'Condition')
      if (typeof condition === 'string') return this.condition(condition)
    }
    const result = textOf(this.resolve(expression))?.toLowerCase()
    return result === 'true' ? true : result === 'false' ? false : undefined
  }

  /** A parameter's value; `undefined`: not known. */
  parameter(name: string): unknown {
    const declared = own(this.settings.template.parameters, name)
    if (this.trial?.has(name)) return this.trial.get(name)
    return this.once(`parameter ${name}`, `the parameter ${quote(name)}`, ['Parameters', name], () => {
      const given = this.settings.given(name)
      return isUnresolved(given) ? undefined : parameterValue(declared, given === noValue ? undefined : given)
    })
  }

  /** What `Ref` gives; `undefined`: not known. */
  reference(name: string, isTagValue: boolean): unknown {
    if (name.startsWith('AWS::')) return this.pseudoParameter(name)
    if (Object.hasOwn(this.settings.template.parameters, name)) {
      const value = this.parameter(name)
      return value === undefined && isTagValue ? this.placeholder(name) : value
    }
    if (this.resources.has(name)) return this.identity(name)?.reference ?? this.placeholder(name)
    // SAM makes resources that its template does not spell out.
    return this.isServerless() ? this.placeholder(name) : undefined
  }

  private isServerless(): boolean {
    return this.settings.template.transforms.some(name => name?.startsWith('AWS::Serverless'))
  }

  /** The placeholder of something of this stack. */
  placeholder(what: string): string {
    return placeholder(this.surroundings.scope, this.settings.address(what))
  }

  private pseudoParameter(name: string): unknown {
    const { account, region, name: stackName } = this.settings
    const { scope } = this.surroundings
    switch (name) {
      case 'AWS::NoValue':
        return noValue
      case 'AWS::AccountId':
        return placeText(scope, name, account)
      case 'AWS::Region':
        return placeText(scope, name, region)
      case 'AWS::Partition':
        return region?.startsWith('cn-') ? 'aws-cn' : region?.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
      case 'AWS::URLSuffix':
        return region?.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
      case 'AWS::StackName':
        return stackName ?? this.placeholder(name)
      case 'AWS::StackId':
        return this.placeholder(name)
      default:
        return undefined
    }
  }

  /** The name that the author of a resource chose; `undefined` where AWS makes it, or it is not known. */
  chosenId(name: string): string | undefined {
    const property = this.resources.get(name) && identityOf(this.typeOf(name))?.cloudformation
    return property === undefined ? undefined : this.textProperty(name, property)
  }

  /** Whether the author chose a name that is not known. */
  isNameless(name: string): boolean {
    const property = this.resources.has(name) ? identityOf(this.typeOf(name))?.cloudformation : undefined
    const stated = property === undefined ? undefined : this.resolve(this.rawProperty(name, property))
    return stated !== undefined && stated !== noValue && textOf(stated) === undefined
  }

  private typeOf = (name: string): string => this.resources.get(name)!.declaration.type

  private textProperty(name: string, property: string): string | undefined {
    return textOf(this.resolve(this.rawProperty(name, property)))
  }

  private rawProperty(name: string, property: string): unknown {
    const { properties } = this.resources.get(name)!.declaration
    return isObject(properties) && !isUnresolved(properties) ? own(properties, property) : undefined
  }

  /** What a resource will be called. */
  identity(name: string): DeclaredIdentity | undefined {
    const resource = this.resources.get(name)
    // No condition may refer to a resource, and what one would come to by a trial must not be kept.
    if (!resource || this.trial) return undefined
    const identity = identityOf(resource.declaration.type)
    const { account, region } = this.settings
    const { scope } = this.surroundings
    return this.once(`identity ${name}`, `the name of ${quote(name)}`, resource.path, () => {
      const within = identity?.within?.cloudformation
      const stated = within === undefined ? undefined : this.rawProperty(name, within)
      const address = this.settings.address(name)
      return identify(identity, {
        scope,
        address,
        chosenId: this.takenId(name, address),
        within: stated === undefined || stated === null ? null : textOf(this.resolve(stated)),
        account,
        region,
      })
    })
  }

  /** The chosen name, unless another resource has it: of two, deployment makes one at most, and not known which. */
  private takenId(name: string, address: string): string | undefined {
    const id = this.chosenId(name) || undefined
    if (id === undefined) return undefined
    const { names } = this.surroundings
    const key = `${this.typeOf(name)} ${id}`
    if (!names.has(key)) names.set(key, address)
    return names.get(key) === address ? id : undefined
  }

  /** What `Fn::GetAtt` gives; `undefined`: not known. */
  attribute(name: string, attribute: string): unknown {
    const resource = this.resources.get(name)
    if (!resource) return this.isServerless() ? this.placeholder(`${name}.${attribute}`) : undefined
    const nested = attribute.startsWith('Outputs.') && !this.trial ? this.settings.nested(name) : undefined
    if (nested) return nested.output(attribute.slice('Outputs.'.length))
    const kind = attributeKind(resource.declaration.type, attribute)
    const identity = kind === 'other' ? undefined : this.identity(name)
    if (kind === 'arn' && identity?.arn !== undefined) return identity.arn
    if (kind === 'id' && identity) return identity.id
    return this.placeholder(`${name}.${attribute}`)
  }

  /** The value of an output; `undefined`: not known. */
  output(name: string): unknown {
    return this.once(`output ${name}`, `the output ${quote(name)}`, ['Outputs', name], () => {
      const output = this.outputs.get(name)
      return isObject(output) ? this.certain(own(output, 'Value')) : undefined
    })
  }

  /** The names under which outputs are exported, with the outputs' own. */
  *exports(): Generator<{ exported: string; output: string }> {
    for (const [output, body] of this.outputs) {
      if (!isObject(body)) continue
      const condition = own(body, 'Condition')
      if (typeof condition === 'string' && this.condition(condition) === false) continue
      const stated = own(body, 'Export')
      const exported = isObject(stated) ? textOf(this.resolve(own(stated, 'Name'))) : undefined
      if (exported !== undefined) yield { exported, output }
    }
  }

  /** A resolved value; `undefined` where it is not known. */
  certain(value: unknown): unknown {
    const resolved = this.resolve(value)
    return isUnresolved(resolved) ? undefined : resolved
  }

  /**
   * The value of a mapping. Where a key is not known, what every key gives; a lookup that fails would fail the deployment.
   * `undefined`: not known.
   */
  mapped(map: unknown, keys: readonly unknown[], fallback: unknown): unknown {
    let candidates: unknown[] = typeof map === 'string' ? [own(this.settings.template.mappings, map)] : []
    let isCertain = typeof map === 'string'
    for (const key of keys) {
      const text = textOf(key)
      const isKnown = text !== undefined && !hasPlaceholder(text)
      isCertain &&= isKnown
      candidates = candidates.flatMap(candidate => {
        if (!isObject(candidate)) return []
        if (!isKnown) return Object.values(candidate)
        return Object.hasOwn(candidate, text) ? [candidate[text]] : []
      })
    }
    if (fallback !== undefined && (!isCertain || candidates.length === 0)) candidates.push(fallback)
    const [first, ...others] = candidates
    return others.every(other => isSame(first, other)) ? first : undefined
  }
}

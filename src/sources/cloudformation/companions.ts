/**
 * Companions: what templates declare of a resource in resources of their own (`AWS::EC2::VolumeAttachment`, `AWS::IAM::Policy`). Each
 * is put into the configuration of what it belongs to, found by the name that both resolve to; see `CloudFormationCompanions`.
 */
import { resourceDefinitions } from '../../generated/resources.ts'
import { hasPlaceholder } from '../../model/placeholder.ts'
import type { RelatedResource, ResourceRecord } from '../../model/record.ts'
import type { CloudFormationCompanion } from '../../resources/definition.ts'
import { isObject, type JsonObject, own } from '../json.ts'
import type { Stack, StackResource } from './stack.ts'
import { placeIn } from './template.ts'
import { isUnresolved, textOf } from './values.ts'

interface Rule extends CloudFormationCompanion {
  ownerType: string
}

const rulesByType = new Map<string, Rule[]>()
const keysByOwner = new Map<string, Set<string>>()
for (const { names, cloudFormationCompanions } of resourceDefinitions) {
  for (const ownerType of names.cloudformation) {
    for (const companion of cloudFormationCompanions ?? []) {
      const rules = rulesByType.get(companion.type) ?? []
      rulesByType.set(companion.type, rules)
      if (!rules.some(rule => rule.ownerType === ownerType && rule.by === companion.by))
        rules.push({ ...companion, ownerType })
      keysByOwner.set(ownerType, (keysByOwner.get(ownerType) ?? new Set()).add(companion.as))
    }
  }
}

/** True for a type that is a part of another, whether or not rules concern it by itself. */
export const isCompanionType = (type: string): boolean => rulesByType.has(type)

/** What companions say of one owner under one key. */
interface Said {
  values: JsonObject[]
  related: RelatedResource[]
  /** A condition that is not known decides whether there is another. */
  mayBeMore: boolean
}

/** The companions of an app's stacks. */
export class Companions {
  /** By owner's type, account, key and name. */
  private readonly said = new Map<string, Said>()
  /** Names that companions give, by owner's type and key, until an owner answers to them. */
  private readonly named = new Map<string, Set<string>>()
  /** Owner's type and key, where some companion names an owner that is not known. */
  private readonly open = new Set<string>()

  /** `isWhole`: nothing of the stacks is missing. */
  constructor(
    stacks: readonly Stack[],
    private readonly isWhole: boolean,
  ) {
    for (const stack of stacks)
      for (const [name, resource] of stack.resources)
        for (const rule of rulesByType.get(resource.declaration.type) ?? []) this.add(stack, name, resource, rule)
  }

  private add(stack: Stack, name: string, resource: StackResource, rule: Rule): void {
    const { declaration } = resource
    const isThere = declaration.condition === undefined ? true : stack.condition(declaration.condition)
    if (isThere === false) return
    const kind = `${rule.ownerType}|${rule.as}`
    const properties = stack.resolve(declaration.properties)
    const given =
      isObject(properties) && !isUnresolved(properties) ? membersAt(properties, rule.by.split('.')) : [undefined]
    for (const owner of given) {
      const text = isUnresolved(owner) ? undefined : textOf(owner)
      if (text === undefined) {
        this.open.add(kind)
        continue
      }
      const names = this.named.get(kind) ?? new Set()
      this.named.set(kind, names.add(text))
      const key = `${kind}|${stack.settings.account ?? ''}|${text}`
      const found: Said = this.said.get(key) ?? { values: [], related: [], mayBeMore: false }
      this.said.set(key, found)
      if (isThere === undefined) found.mayBeMore = true
      else {
        found.values.push(valueIn(stack, name, properties as JsonObject, rule))
        found.related.push(relatedTo(stack, name, resource))
      }
    }
  }

  /** Puts what companions say into the record of a resource. */
  join(record: ResourceRecord, names: readonly (string | undefined)[], isNameless: boolean): void {
    for (const as of keysByOwner.get(record.type) ?? []) {
      const kind = `${record.type}|${as}`
      const said = [...new Set(names)].flatMap(name => this.said.get(`${kind}|${record.account ?? ''}|${name}`) ?? [])
      const values = said.flatMap(one => one.values)
      if (values.length > 0) record.configuration = { ...record.configuration, [as]: values }
      const related = said.flatMap(one => one.related)
      if (related.length > 0) record.related = [...(record.related ?? []), ...related]
      if (!this.isWhole || this.open.has(kind) || said.some(one => one.mayBeMore) || this.mayMean(kind, isNameless))
        record.unknown = [...(record.unknown ?? []), values.length > 0 ? `${as}[]` : as]
    }
  }

  /** A name that is not known may be any owner's; one that is known may be that of an owner whose own is not. */
  private mayMean(kind: string, isNameless: boolean): boolean {
    const names = [...(this.named.get(kind) ?? [])]
    return isNameless && names.some(name => !hasPlaceholder(name))
  }
}

/** What stands at a path, lists entered; nothing where it is not there. */
function membersAt(tree: unknown, [name, ...rest]: readonly string[]): unknown[] {
  if (Array.isArray(tree)) return tree.flatMap(element => membersAt(element, name === undefined ? [] : [name, ...rest]))
  if (name === undefined || isUnresolved(tree)) return [tree]
  const found = isObject(tree) ? own(tree, name) : undefined
  return found === undefined || found === null ? [] : membersAt(found, rest)
}

function valueIn(stack: Stack, name: string, properties: JsonObject, { own: self }: Rule): JsonObject {
  if (!self) return properties
  const identity = stack.identity(name)
  const value = self.what === 'arn' ? identity?.arn : identity?.reference
  return { [self.as]: value ?? stack.placeholder(name) }
}

function relatedTo(stack: Stack, name: string, { declaration, path }: StackResource): RelatedResource {
  const { template } = stack.settings
  const line = placeIn(template, path)?.line
  return {
    type: declaration.type,
    address: stack.settings.address(name),
    ...(line === undefined ? {} : { location: { file: template.file, line } }),
  }
}

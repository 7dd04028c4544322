/** What `src/resources/` knows of Terraform's types: which definition takes one, and which types are parts of others. */
import { resourceDefinitions } from '../../generated/resources.ts'
import type { ResourceRecord } from '../../model/record.ts'
import type { ResourceDefinition } from '../../resources/definition.ts'

/** How a companion is joined to one kind of owner. */
export interface CompanionRule {
  ownerType: string
  by: string
  as: string
  many: boolean
  standsAlone: boolean
}

const byType = new Map<string, ResourceDefinition[]>()
const companionRules = new Map<string, CompanionRule[]>()
const cloudTypes = new Map<string, string>()

/** `DBInstance` → `db_instance`, as the `awscc` provider spells CloudFormation's names. */
function snake(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
}

/** `AWS::RDS::DBInstance` → `awscc_rds_db_instance`. */
export function cloudControlName(type: string): string | undefined {
  const [, service, resource] = type.split('::')
  return service && resource ? `awscc_${service.toLowerCase()}_${snake(resource)}` : undefined
}

function add<V>(map: Map<string, V[]>, key: string, value: V): void {
  const list = map.get(key)
  if (!list) map.set(key, [value])
  else if (!list.includes(value)) list.push(value)
}

for (const definition of resourceDefinitions as readonly ResourceDefinition[]) {
  for (const type of definition.names.terraform) {
    add(byType, type, definition)
    for (const [companion, { by, as, many = false, standsAlone = false }] of Object.entries(
      definition.companions ?? {},
    )) {
      const rules = companionRules.get(companion)
      if (!rules?.some(rule => rule.ownerType === type))
        add(companionRules, companion, { ownerType: type, by, as, many, standsAlone })
    }
  }
  for (const type of new Set([definition.type, ...definition.names.cloudformation])) {
    const name = cloudControlName(type)
    if (name === undefined) continue
    cloudTypes.set(name, type)
    add(byType, name, definition)
  }
}

/** Whether rules concern a type, in itself or as a part of another. */
export function isKnownType(type: string): boolean {
  return byType.has(type) || companionRules.has(type)
}

/** CloudFormation's name of a type of the `awscc` provider, whose properties are CloudFormation's; else `undefined`. */
export function cloudFormationType(type: string): string | undefined {
  return cloudTypes.get(type)
}

/** The definition that takes a record; `undefined` where no rule concerns it. `type` is Terraform's, whatever the record's. */
export function definitionOf(type: string, record: ResourceRecord): ResourceDefinition | undefined {
  return byType.get(type)?.find(definition => !definition.accepts || definition.accepts(record))
}

/** How the type is joined to the resources it is a part of; `undefined` where it is no companion. */
export function companionRulesOf(type: string): readonly CompanionRule[] | undefined {
  return companionRules.get(type)
}

/** The companions that a type may have: the keys under which they stand. */
export function companionsOf(type: string): readonly string[] {
  return [...new Set(byType.get(type)?.flatMap(({ companions }) => Object.values(companions ?? {}).map(c => c.as)))]
}

/** The attribute in which an author chooses the name of a type's resources; `undefined` where AWS makes it. */
export function nameProperty(type: string): string | undefined {
  return byType.get(type)?.[0]?.identity?.terraform
}

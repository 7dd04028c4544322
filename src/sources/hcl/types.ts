/** Types of variables, and what they make of a value. https://developer.hashicorp.com/terraform/language/expressions/type-constraints */
import type { Expression } from './syntax.ts'
import { asSet, type Budget, failure, isList, isTree, toFlag, toNumber, toText, Unknown, type Value } from './value.ts'

/** How a type's `optional(type, default)` is evaluated. */
export interface Conversion {
  budget: Budget
  evaluate(expression: Expression): Value
}

/** A value converted to a type; what is not known stays as it is. `failure` where Terraform would refuse. */
export function convert(value: Value, type: Expression, conversion: Conversion): Value {
  conversion.budget.spend(1)
  if (value === null || value instanceof Unknown) return value
  const name = type.kind === 'root' ? type.name : type.kind === 'literal' ? type.value : undefined
  switch (name) {
    case 'string':
      return toText(value)
    case 'number':
      return toNumber(value)
    case 'bool':
      return toFlag(value)
    default:
      return type.kind === 'call' ? composite(value, type, conversion) : value
  }
}

function composite(value: Value, type: Extract<Expression, { kind: 'call' }>, conversion: Conversion): Value {
  const [of] = type.args
  if (!of) return value
  const each = (item: Value) => convert(item, of, conversion)
  switch (type.name) {
    case 'list':
      return isList(value) ? value.map(each) : isTree(value) ? failure('not a list') : value
    case 'set':
      return isList(value) ? asSet(value.map(each), conversion.budget) : isTree(value) ? failure('not a set') : value
    case 'map':
      return isTree(value)
        ? new Map([...value].map(([key, item]) => [key, each(item)]))
        : isList(value)
          ? failure('not a map')
          : value
    case 'object':
      return isTree(value) && of.kind === 'object' ? objectValue(value, of, conversion) : value
    default:
      return value
  }
}

/** Members that the type does not name are dropped, optional ones that are missing get their default. */
function objectValue(
  value: ReadonlyMap<string, Value>,
  type: Extract<Expression, { kind: 'object' }>,
  conversion: Conversion,
): Value {
  const converted = new Map<string, Value>()
  for (const { key, value: memberType } of type.items) {
    const name = key.kind === 'literal' ? String(key.value) : undefined
    if (name === undefined) return value
    const optional = memberType.kind === 'call' && memberType.name === 'optional' ? memberType.args : undefined
    const wanted = optional ? optional[0] : memberType
    const given = value.get(name)
    if (given === undefined && !optional) return failure(`${name} is missing`)
    const otherwise = optional?.[1] ? conversion.evaluate(optional[1]) : null
    const taken = given === undefined || (given === null && optional) ? otherwise : given
    converted.set(name, wanted ? convert(taken, wanted, conversion) : taken)
  }
  return converted
}

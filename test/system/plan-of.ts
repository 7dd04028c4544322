/**
 * The plan that Terraform would make of a configuration without variables, modules and loops: no Terraform made it. What names another
 * resource is known where that one states it, and else is a reference.
 */
import { parseHcl } from '../../src/sources/hcl/parser.ts'
import type { Block, Body, Expression } from '../../src/sources/hcl/syntax.ts'

/** A value, or what it refers to. */
type Value = { known: unknown } | { references: string[] }

const isKnown = (value: Value): value is { known: unknown } => 'known' in value

export function planOf(text: string): string {
  const parsed = parseHcl(text, 'main.tf')
  if ('problem' in parsed) throw new Error(JSON.stringify(parsed.problem))
  const resources = parsed.value.body.blocks.filter(block => block.type === 'resource')
  const byAddress = new Map(resources.map(block => [block.labels.join('.'), block]))

  function reference(expression: Expression): string[] {
    if (expression.kind === 'root') return [expression.name]
    if (expression.kind === 'attribute') return [...reference(expression.of), expression.name]
    throw new Error(`planOf does not read ${expression.kind}`)
  }

  function evaluate(expression: Expression): Value {
    switch (expression.kind) {
      case 'literal':
        return { known: expression.value }
      case 'list':
        return together(expression.items.map(evaluate), values => values)
      case 'object':
        return together(
          expression.items.map(({ value }) => evaluate(value)),
          values => Object.fromEntries(expression.items.map(({ key }, i) => [keyOf(key), values[i]])),
        )
      case 'call':
        return together(expression.args.map(evaluate), ([document]) => JSON.stringify(document))
      default: {
        const [type, name, attribute] = reference(expression)
        const stated = byAddress.get(`${type}.${name}`)?.body.attributes.find(one => one.name === attribute)
        return stated ? evaluate(stated.value) : { references: [`${type}.${name}.${attribute}`, `${type}.${name}`] }
      }
    }
  }

  const keyOf = (key: Expression) => {
    if (key.kind === 'root') return key.name
    if (key.kind === 'literal') return String(key.value)
    throw new Error(`planOf does not read a key that is ${key.kind}`)
  }

  function together(values: Value[], make: (values: unknown[]) => unknown): Value {
    const open = values.flatMap(value => (isKnown(value) ? [] : value.references))
    return open.length > 0
      ? { references: open }
      : { known: make(values.map(value => (value as { known: unknown }).known)) }
  }

  interface Planned {
    after: { [name: string]: unknown }
    unknown: { [name: string]: unknown }
    expressions: { [name: string]: unknown }
  }

  function planned(body: Body): Planned {
    const result: Planned = { after: {}, unknown: {}, expressions: {} }
    for (const { name, value } of body.attributes) {
      const found = evaluate(value)
      if (isKnown(found)) result.after[name] = found.known
      else result.unknown[name] = true
      result.expressions[name] = isKnown(found) ? { constant_value: found.known } : { references: found.references }
    }
    const types = new Set(body.blocks.map(block => block.type))
    for (const type of types) {
      const inner = body.blocks.filter(block => block.type === type).map(block => planned(block.body))
      result.after[type] = inner.map(one => one.after)
      result.unknown[type] = inner.map(one => one.unknown)
      result.expressions[type] = inner.map(one => one.expressions)
    }
    return result
  }

  const all = resources.map((block: Block) => {
    const [type, name] = block.labels as [string, string]
    return { address: `${type}.${name}`, mode: 'managed', type, name, ...planned(block.body) }
  })
  return JSON.stringify({
    format_version: '1.2',
    terraform_version: '1.11.4',
    planned_values: { root_module: {} },
    resource_changes: all.map(({ after, unknown, expressions: _expressions, ...resource }) => ({
      ...resource,
      provider_name: 'registry.terraform.io/hashicorp/aws',
      change: { actions: ['create'], before: null, after, after_unknown: { ...unknown, arn: true, id: true } },
    })),
    configuration: {
      provider_config: { aws: { name: 'aws', expressions: {} } },
      root_module: {
        resources: all.map(({ expressions, after: _after, unknown: _unknown, ...resource }) => ({
          ...resource,
          provider_config_key: 'aws',
          expressions,
        })),
      },
    },
  })
}

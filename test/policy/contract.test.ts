// Protects the agreement of four places that speak of the policy: its schema, its defaults, the type, and the assumptions
// that the facts schemas say they depend on. An assumption in one and not in another would be silently without effect.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import schema from '../../schemas/policy.schema.json' with { type: 'json' }
import type { Policy } from '../../src/model/policy.ts'
import { defaultAssumptions, defaultPolicy } from '../../src/policy/defaults.ts'

const sorted = (names: Iterable<string>) => [...new Set(names)].sort()
const { properties } = schema

/** The keys of the type, which the compiler holds to it. */
const policyKeys: { [key in keyof Required<Omit<Policy, 'file' | 'digest'>>]: true } = {
  version: true,
  tiers: true,
  classification: true,
  mechanisms: true,
  assumptions: true,
  rules: true,
  exemptions: true,
  attestations: true,
  closedWorld: true,
  configRecords: true,
  undeterminedAs: true,
}

/** Assumptions that a facts schema names, anywhere in it. */
function namedIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap(namedIn)
  return Object.entries(value).flatMap(([key, member]) =>
    key === 'assumptions' && Array.isArray(member) ? member.map(String) : namedIn(member),
  )
}

const factSchemas = readdirSync('schemas/facts').map(
  file => JSON.parse(readFileSync(`schemas/facts/${file}`, 'utf8')) as unknown,
)

describe('the policy schema', () => {
  it('has the keys of the type, and the defaults have them too', () => {
    expect(sorted(Object.keys(properties))).toEqual(sorted(Object.keys(policyKeys)))
    expect(sorted(Object.keys(defaultPolicy))).toEqual(sorted(Object.keys(policyKeys)))
  })

  it('has the assumptions that have a default', () => {
    expect(sorted(Object.keys(properties.assumptions.properties))).toEqual(sorted(Object.keys(defaultAssumptions)))
  })

  it('names every objective that a default tier sets', () => {
    const known = Object.keys(properties.tiers.additionalProperties.properties)
    for (const tier of Object.values(defaultPolicy.tiers))
      expect(known).toEqual(expect.arrayContaining(Object.keys(tier)))
  })

  it('explains every key', () => {
    const described = (value: unknown, path: string): string[] => {
      if (typeof value !== 'object' || value === null || !('properties' in value)) return []
      return Object.entries(value.properties as { [name: string]: { description?: string } }).flatMap(
        ([name, part]) => [...(part.description ? [] : [`${path}${name}`]), ...described(part, `${path}${name}.`)],
      )
    }
    expect(described(schema, '')).toEqual([])
  })
})

describe('the assumptions', () => {
  it('are those that some fact depends on, and no others', () => {
    expect(sorted(factSchemas.flatMap(namedIn))).toEqual(sorted(Object.keys(defaultAssumptions)))
  })
})

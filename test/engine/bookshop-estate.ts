// A bookshop's estate as a fake inventory, so that the engine is tested without reading anything.
import type { Inventory } from '../../src/model/inventory.ts'
import type { Policy } from '../../src/model/policy.ts'
import type { Rule } from '../../src/model/rule.ts'
import type { Subject } from '../../src/model/subject.ts'
import { builtInPolicy } from '../../src/policy/built-in.ts'
import { indexFacts } from '../../src/rules/fact-index.ts'

export const estateIndex = indexFacts({
  'data-store': {
    properties: {
      type: { type: 'string', factGroup: 'inventory' },
      name: { type: 'string', factGroup: 'inventory' },
      encryption: { type: 'object', properties: { encrypted: { type: 'boolean', factGroup: 'configuration' } } },
      protection: {
        type: 'object',
        properties: {
          covered: { type: 'boolean', factGroup: 'plans', assumptions: ['startWindowMinutes', 'noSuchAssumption'] },
        },
      },
      ageHours: { type: 'number', factGroup: 'recovery-points' },
      objectives: { type: 'object', properties: { rpoHours: { type: ['number', 'null'], factGroup: 'policy' } } },
      copies: {
        type: 'array',
        factGroup: 'recovery-points',
        items: { properties: { ageHours: { type: 'number', factGroup: 'copy-jobs' } } },
      },
    },
  },
  'recovery-point': {
    properties: {
      type: { type: 'string', factGroup: 'inventory' },
      name: { type: 'string', factGroup: 'inventory' },
      count: { type: 'number', factGroup: 'recovery-points' },
      ageHours: { type: 'number', factGroup: 'recovery-points' },
    },
  },
  'native-snapshot': { properties: { ageHours: { type: 'number', factGroup: 'native-backups' } } },
})

/** A store of the bookshop; what differs from a sound one is given. */
export function store(name: string, facts: Subject['facts'] = {}, more: Partial<Subject> = {}): Subject {
  const type = more.type ?? 'AWS::RDS::DBInstance'
  return {
    kind: 'data-store',
    type,
    id: name,
    arn: `arn:aws:rds:eu-west-1:111122223333:db:${name}`,
    account: '111122223333',
    region: 'eu-west-1',
    name,
    tier: 'tier2',
    facts: {
      type,
      name,
      encryption: { encrypted: true },
      protection: { covered: true },
      ageHours: 1,
      objectives: { rpoHours: 24 },
      ...facts,
    },
    ...more,
  }
}

/** An inventory of these subjects, in their order. It counts how often a subject was built. */
export function inventoryOf(
  subjects: readonly Subject[],
  more: Partial<Inventory> = {},
): Inventory & { built: number } {
  const inventory = {
    size: subjects.length,
    resourceCount: subjects.length + 3,
    scopes: [],
    gaps: [],
    notEvaluated: [],
    built: 0,
    kindOf: (place: number) => ({ kind: (subjects[place] as Subject).kind, type: (subjects[place] as Subject).type }),
    subject(place: number): Subject {
      inventory.built += 1
      return structuredClone(subjects[place] as Subject)
    },
    tierUse: () => ({ tiers: [], isComplete: true }),
    words: () => new Map(),
    whyMissing: (_subject: Subject, path: string, factGroup: string) => ({
      path,
      factGroup,
      reason: 'denied' as const,
      remedy: `allow ${factGroup}`,
    }),
    ...more,
  }
  return inventory
}

/** A rule of the estate; what differs from a plain one is given. */
export const ruleOf = (id: string, more: Partial<Rule>): Rule => ({
  id,
  title: `${id} is met`,
  bestPractice: 'REL09-BP01',
  severity: 'medium',
  subject: 'data-store',
  expect: { 'encryption.encrypted': { const: true } },
  message: '{name} fails',
  remediation: { text: 'Mend it.' },
  references: ['https://docs.aws.amazon.com/'],
  examples: [],
  ...more,
})

export const policyWith = (more: Partial<Policy> = {}): Policy => ({ ...builtInPolicy(), ...more })

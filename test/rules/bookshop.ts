// A small vocabulary of facts for the tests of conditions: the shelves and volumes of a bookshop.
import type { Rule, RuleParameter } from '../../src/model/rule.ts'
import type { ConditionShape } from '../../src/rules/condition.ts'
import { indexFacts } from '../../src/rules/fact-index.ts'

const nullableNumber = { type: ['number', 'null'], factGroup: 'stock' }

/** Facts schemas of two subjects that share some facts. */
export const factSchemas = {
  'data-store': {
    type: 'object',
    properties: {
      type: { type: 'string', factGroup: 'inventory' },
      name: { type: 'string', factGroup: 'inventory' },
      open: { type: 'boolean', factGroup: 'stock' },
      copiesSold: { type: 'number', factGroup: 'sales', assumptions: ['jobWindowDays'] },
      shelfDays: nullableNumber,
      genre: { type: 'string', enum: ['crime', 'poetry', 'travel'], factGroup: 'stock' },
      binding: { type: ['string', 'null'], enum: ['cloth', 'paper', null], factGroup: 'stock' },
      authors: { type: 'array', items: { type: 'string' }, factGroup: 'stock' },
      tags: { type: 'object', additionalProperties: { type: 'string' }, factGroup: 'tags' },
      objectives: {
        type: 'object',
        properties: {
          rpoHours: { type: ['number', 'null'], factGroup: 'policy' },
          retentionDays: { type: ['number', 'null'], factGroup: 'policy' },
          strength: { type: 'number', factGroup: 'policy' },
          label: { type: 'string', factGroup: 'policy' },
        },
      },
      lock: {
        type: 'object',
        properties: {
          strength: { type: 'number', factGroup: 'locks' },
          deep: {
            type: 'object',
            properties: { er: { type: 'object', properties: { still: { type: 'boolean', factGroup: 'locks' } } } },
          },
        },
      },
      volumes: {
        type: 'array',
        factGroup: 'stock',
        items: {
          type: 'object',
          properties: {
            pages: { type: 'number', factGroup: 'stock' },
            limit: nullableNumber,
            signed: { type: 'boolean', factGroup: 'stock' },
            loans: {
              type: 'array',
              factGroup: 'loans',
              items: { type: 'object', properties: { days: { type: 'number', factGroup: 'loans' } } },
            },
          },
        },
      },
      survivors: {
        type: 'array',
        factGroup: 'stock',
        items: { type: 'object', properties: { pages: { type: 'number', factGroup: 'stock' } } },
      },
    },
  },
  'backup-vault': {
    type: 'object',
    properties: {
      type: { type: 'string', factGroup: 'inventory' },
      name: { type: 'string', factGroup: 'inventory' },
      open: { type: ['boolean', 'null'], factGroup: 'vaults', assumptions: ['organizationId'] },
      genre: { type: 'string', enum: ['crime', 'essay'], factGroup: 'stock' },
      copiesSold: { type: 'number', factGroup: 'sales' },
    },
  },
}

export const bookshopIndex = indexFacts(factSchemas)

/** A condition's surroundings: the data store of the bookshop with these parameters. */
export const shapeWith = (parameters: { [name: string]: RuleParameter } = {}): ConditionShape => ({
  index: bookshopIndex,
  subjects: ['data-store'],
  parameters,
})

/** A sound rule, to be varied. */
export const soundRule: Rule = {
  id: 'sells-well',
  title: 'Books sell',
  bestPractice: 'REL09-BP01',
  severity: 'medium',
  subject: 'data-store',
  expect: { copiesSold: { minimum: 10 } },
  message: '{name} sold {copiesSold}',
  remediation: { text: 'Advertise.' },
  references: ['https://docs.aws.amazon.com/'],
  examples: [
    { name: 'ten sold', facts: { copiesSold: 10 }, verdict: 'compliant' },
    { name: 'nine sold', facts: { copiesSold: 9 }, verdict: 'non-compliant' },
    { name: 'nobody counted', facts: {}, verdict: 'undetermined' },
  ],
}

// Protects where a parameter's value comes from: the policy, else the stricter of default and objective; never a looser one
// than was asked for, and never a guess where the objective is not known.
import { describe, expect, it } from 'vitest'
import type { Facts, FactValue } from '../../src/model/facts.ts'
import type { Rule, RuleParameter } from '../../src/model/rule.ts'
import {
  checkParameters,
  coerceParameter,
  objectivesOf,
  parameterSchema,
  parametersOf,
} from '../../src/rules/parameters.ts'
import { soundRule } from './bookshop.ts'

const retention: RuleParameter = {
  type: 'number',
  minimum: 1,
  default: 35,
  objective: 'retentionDays',
  stricter: 'max',
  description: 'days',
}
const frequency: RuleParameter = {
  type: ['number', 'null'],
  default: 24,
  objective: 'rpoHours',
  stricter: 'min',
  description: 'hours',
}
const plain: RuleParameter = { type: 'boolean', default: false, description: 'a switch' }
const ruleWith = (parameters: { [name: string]: RuleParameter }): Rule => ({ ...soundRule, parameters })

describe('the value of a parameter', () => {
  const value = (
    parameter: RuleParameter,
    facts: object,
    given?: { [name: string]: FactValue },
  ): FactValue | undefined => parametersOf(ruleWith({ it: parameter }), given)(facts as Facts).it

  it.each([
    [retention, { objectives: { retentionDays: 90 } }, 90],
    [retention, { objectives: { retentionDays: 7 } }, 35],
    [retention, { objectives: { retentionDays: null } }, 35],
    [retention, { objectives: null }, 35],
    [retention, { objectives: {} }, { $atLeast: 35 }],
    [retention, {}, { $atLeast: 35 }],
    [retention, { objectives: { retentionDays: 'long' } }, { $atLeast: 35 }],
    [retention, { objectives: 'none' }, { $atLeast: 35 }],
    [retention, { objectives: Object.create({ retentionDays: 90 }) }, 90],
    [frequency, { objectives: { rpoHours: 4 } }, 4],
    [frequency, { objectives: { rpoHours: 90 } }, 24],
    [frequency, {}, { $atMost: 24 }],
    [{ ...frequency, default: null }, { objectives: { rpoHours: 90 } }, 90],
    [{ ...frequency, default: null }, { objectives: { rpoHours: null } }, null],
    [{ ...frequency, default: null }, {}, undefined],
    [plain, {}, false],
  ] as [RuleParameter, object, FactValue | undefined][])('of %j on %j is %j', (parameter, facts, expected) => {
    expect(value(parameter, facts)).toEqual(expected)
  })

  it('is the policy’s wherever it sets one, objective or not', () => {
    expect(value(retention, { objectives: { retentionDays: 90 } }, { it: 10 })).toBe(10)
    expect(value(plain, {}, { it: 'true' })).toBe(true)
    expect(value(retention, { objectives: { retentionDays: 90 } }, { other: 10 })).toBe(90)
    expect(value(plain, {}, Object.create({ it: true }))).toBe(false)
  })

  it('is computed anew for each subject', () => {
    const source = parametersOf(ruleWith({ it: retention, plain }), undefined)
    expect(source({ objectives: { retentionDays: 90 } })).toEqual({ it: 90, plain: false })
    expect(source({ objectives: { retentionDays: 50 } })).toEqual({ it: 50, plain: false })
    expect(parametersOf(soundRule, undefined)({})).toEqual({})
  })

  it('hangs on an objective only where the policy does not set it', () => {
    const rule = ruleWith({ it: retention, plain })
    expect([...objectivesOf(rule, undefined)]).toEqual([['it', 'retentionDays']])
    expect([...objectivesOf(rule, { it: 3 })]).toEqual([])
    expect([...objectivesOf(soundRule, undefined)]).toEqual([])
  })
})

describe('a value given as text', () => {
  it.each([
    ['number', '12', 12],
    ['integer', ' -3 ', -3],
    ['number', '1.5', 1.5],
    ['number', '1e9', '1e9'],
    ['number', '12 days', '12 days'],
    ['number', '1'.repeat(16), '1'.repeat(16)],
    ['boolean', 'true', true],
    ['boolean', 'false', false],
    ['boolean', 'yes', 'yes'],
    ['array', 'tier0, tier1', ['tier0', 'tier1']],
    ['array', '', []],
    ['string', '12', '12'],
    [['string', 'number'], '12', '12'],
    [['number', 'null'], 'null', null],
    [['number', 'null'], '', null],
    ['number', 'null', 'null'],
    ['number', 12, 12],
    ['array', null, null],
  ] as [string | string[], FactValue, FactValue][])('%j reads %j as %j', (type, given, expected) => {
    expect(coerceParameter({ type, default: null, description: '' }, given)).toEqual(expected)
  })
})

describe('a policy’s parameters', () => {
  it('are checked by name and by schema', () => {
    const rule = ruleWith({ days: retention, plain })
    expect(checkParameters(rule, { days: 30, plain: true })).toEqual([])
    expect(checkParameters(rule, { days: '30' })).toEqual([])
    const problems = checkParameters(rule, { days: 0, plain: 'perhaps', toString: true })
    expect(problems.map(problem => [problem.rule, problem.parameter])).toEqual([
      ['sells-well', 'days'],
      ['sells-well', 'plain'],
      ['sells-well', 'toString'],
    ])
    expect(problems[0]?.message).toContain('{"type":"number","minimum":1}')
    expect(problems[2]?.message).toContain('days, plain')
    expect(checkParameters(soundRule, { days: 1 })[0]?.message).toContain('none')
  })

  it('are held to the schema without what only rel09 reads', () => {
    expect(parameterSchema(retention)).toEqual({ type: 'number', minimum: 1 })
  })
})

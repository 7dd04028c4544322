// Protects the line between a default that is used and one that decides: a condition is only taken for decided where no value that
// somebody may deploy with decides it otherwise.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { configurationOf, readTemplates, table } from './stacks.ts'

const parameter = (more: object = {}) => ({ Type: 'String', Default: 'on', ...more })
const equals = (name: string, value: string) => ({ 'Fn::Equals': [{ Ref: name }, value] })
const isOn = equals('P', 'on')

/** What `Fn::If` makes of a condition: yes or no, or the function itself. */
async function decided(condition: object, parameters: object, stated: { [name: string]: string } = {}) {
  const conditions = { C: condition, Other: equals('Q', 'on') }
  const outcome = await readTemplates(
    {
      'a.json': table(
        { Value: { 'Fn::If': ['C', 'yes', 'no'] }, Plain: { Ref: 'P' } },
        { Parameters: parameters, Conditions: conditions },
      ),
    },
    { template: { parameters: new Map(Object.entries(stated)) } },
  )
  const value = configurationOf(outcome)?.Value
  return { value: typeof value === 'string' ? value : '?', plain: configurationOf(outcome)?.Plain, outcome }
}

describe('a condition that a default decides', () => {
  it.each<[string, object, object, string, { [name: string]: string }?]>([
    ['may go otherwise by any value', isOn, { P: parameter() }, '?'],
    ['may go otherwise by an allowed value', isOn, { P: parameter({ AllowedValues: ['on', 'off'] }) }, '?'],
    [
      'goes one way by all allowed values',
      { 'Fn::Not': [equals('P', 'off')] },
      { P: parameter({ AllowedValues: ['on', 'auto'] }) },
      'yes',
    ],
    ['goes by what is stated', isOn, { P: parameter() }, 'no', { P: 'off' }],
    ['goes by another that is certain', { 'Fn::And': [isOn, { 'Fn::Equals': ['a', 'b'] }] }, { P: parameter() }, 'no'],
    ['hangs on one that is not', { 'Fn::Not': [{ Condition: 'Other' }] }, { P: parameter(), Q: parameter() }, '?'],
    [
      'in a text',
      { 'Fn::Equals': [{ 'Fn::Sub': '${P}-x' }, 'on-x'] },
      { P: parameter({ AllowedValues: ['on', 'off'] }) },
      '?',
    ],
    [
      'of several goes one way by all of them',
      { 'Fn::Or': [isOn, equals('P', 'off')] },
      { P: parameter({ AllowedValues: ['on', 'off'] }) },
      'yes',
    ],
  ])('%s', async (_, condition, parameters, expected, stated) => {
    const { value, plain, outcome } = await decided(condition, parameters, stated)
    expect(value).toBe(expected)
    expect(plain).toBe(stated?.P ?? 'on')
    const told = outcome.notEvaluated.some(({ reason }) => /"[PQ]" decides/.test(reason))
    expect(told).toBe(expected === '?')
  })

  it('is no more certain in a nested stack that it is handed to', async () => {
    const child = table(
      { Value: { 'Fn::If': ['C', 'yes', 'no'] } },
      { Parameters: { P: { Type: 'String' } }, Conditions: { C: isOn } },
    )
    const nested = (value: unknown) => ({
      Type: 'AWS::CloudFormation::Stack',
      Properties: { TemplateURL: 'child.json', Parameters: { P: value } },
    })
    const outcome = await readTemplates({
      'parent.json': {
        AWSTemplateFormatVersion: '2010-09-09',
        Parameters: { Mode: parameter() },
        Resources: { Literal: nested('on'), Default: nested({ Ref: 'Mode' }) },
      },
      'child.json': child,
    })
    expect(configurationOf(outcome, 'Literal/Orders')?.Value).toBe('yes')
    // The child has no default of its own to fall back to: what it is handed counts as a default does.
    expect(configurationOf(outcome, 'Default/Orders')?.Value).toEqual({ 'Fn::If': ['C', 'yes', 'no'] })
  })

  it('leaves a resource that may not be made', async () => {
    const outcome = await readTemplates({
      'a.json': {
        AWSTemplateFormatVersion: '2010-09-09',
        Parameters: { P: parameter({ Default: 'off' }) },
        Conditions: { C: isOn },
        Resources: {
          Orders: { Type: 'AWS::DynamoDB::Table', Condition: 'C' },
          Carts: { Type: 'AWS::DynamoDB::Table' },
        },
      },
    })
    expect(outcome.resources.map(({ address, mayNotExist }) => [address, mayNotExist?.length])).toEqual([
      ['Orders', 1],
      ['Carts', undefined],
    ])
  })

  it('is decided as every combination of allowed values decides it', async () => {
    const values = ['on', 'off', 'auto']
    const { expression } = fc.letrec<{ expression: object }>(tie => ({
      expression: fc.oneof(
        { maxDepth: 3 },
        fc.tuple(fc.constantFrom('P', 'Q'), fc.constantFrom(...values)).map(([name, value]) => equals(name, value)),
        fc.constantFrom({ Condition: 'Other' }, { 'Fn::Equals': ['a', 'a'] }),
        fc.tuple(tie('expression'), tie('expression')).map(both => ({ 'Fn::And': both })),
        fc.tuple(tie('expression'), tie('expression')).map(both => ({ 'Fn::Or': both })),
        tie('expression').map(one => ({ 'Fn::Not': [one] })),
      ),
    }))
    const allowed = fc.subarray(values, { minLength: 1 })
    await fc.assert(
      fc.asyncProperty(expression, allowed, allowed, async (condition, ofP, ofQ) => {
        const parameters = {
          P: parameter({ Default: ofP[0], AllowedValues: ofP }),
          Q: parameter({ Default: ofQ[0], AllowedValues: ofQ }),
        }
        const { value } = await decided(condition, parameters)
        if (value === '?') return
        for (const P of ofP)
          for (const Q of ofQ) expect((await decided(condition, parameters, { P, Q })).value).toBe(value)
      }),
      { numRuns: 60 },
    )
  })
})

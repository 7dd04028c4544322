/**
 * Protects the state machine of a run over an organisation: the validator of the language takes it, a misspelt field is noticed (which the
 * validator does not), no failure of a shard ends the run, nothing hangs on the output of a Map, and the roles may do what it needs.
 */
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import aslValidator from 'asl-validator'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

interface State {
  Type: string
  Next?: string
  End?: boolean
  Retry?: { ErrorEquals: string[]; JitterStrategy?: string }[]
  Catch?: { ErrorEquals: string[]; Next: string }[]
  ResultPath?: string | null
  OutputPath?: string | null
  ToleratedFailurePercentage?: number
  Parameters?: { FunctionName: string; Payload: { [name: string]: unknown } }
  ItemProcessor?: { ProcessorConfig: { Mode: string }; StartAt: string; States: { [name: string]: State } }
}
interface Machine {
  StartAt: string
  States: { [name: string]: State }
}

const read = (name: string) => readFileSync(new URL(`../../deploy/org-scan/${name}`, import.meta.url), 'utf8')
const text = read('state-machine.asl.json')
const machine = (): Machine => JSON.parse(text) as Machine
const schema = JSON.parse(readFileSync(new URL('state-machine.schema.json', import.meta.url), 'utf8')) as object
const takes = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema)

/** As CloudFormation deploys it. */
const deployed = () =>
  JSON.parse(text.replaceAll(/\$\{(\w+)\}/g, 'arn:aws:lambda:eu-west-1:111122223333:function:$1')) as Machine

const inner = (one: Machine) =>
  Object.values(one.States).flatMap(({ ItemProcessor }) => (ItemProcessor ? Object.values(ItemProcessor.States) : []))

/** Every place of a field in a definition, as the object that holds it and its name. */
function fieldsOf(value: unknown, found: [{ [name: string]: unknown }, string][] = []) {
  if (Array.isArray(value)) for (const element of value) fieldsOf(element, found)
  else if (typeof value === 'object' && value !== null)
    for (const [name, member] of Object.entries(value)) {
      found.push([value as { [name: string]: unknown }, name])
      fieldsOf(member, found)
    }
  return found
}

describe('the definition', () => {
  it('is taken by the validator of the language', () => {
    expect(aslValidator(deployed())).toMatchObject({ isValid: true, errors: [] })
  })

  it('is taken by our schema', () => {
    expect(takes(machine()), JSON.stringify(takes.errors)).toBe(true)
  })

  it('is refused with any field misspelt or left empty', () => {
    const count = fieldsOf(machine()).length
    expect(count).toBeGreaterThan(200)
    for (let i = 0; i < count; i++) {
      const broken = machine()
      const [holder, name] = fieldsOf(broken)[i]!
      // Names of states are free: that they are named rightly is the validator's.
      if (typeof (holder[name] as State | null)?.Type === 'string') continue
      holder[`${name.slice(0, -1)}x${name.slice(-1)}`] = holder[name]
      delete holder[name]
      expect(takes(broken), `${name} at ${JSON.stringify(holder).slice(0, 80)}`).toBe(false)
    }
  })

  it('lets no failure of a shard or an account end the run', () => {
    for (const { Type, ToleratedFailurePercentage, ResultPath, ItemProcessor } of Object.values(machine().States)) {
      if (Type !== 'Map') continue
      expect({ ToleratedFailurePercentage, ResultPath }).toEqual({ ToleratedFailurePercentage: 100, ResultPath: null })
      expect(ItemProcessor?.ProcessorConfig.Mode).toBe('DISTRIBUTED')
      const [first, mark] = Object.values(ItemProcessor!.States)
      expect(first?.Catch).toMatchObject([{ ErrorEquals: ['States.ALL'] }])
      expect(String(mark?.Parameters?.Payload.step)).toMatch(/^mark-/)
      // A child's output counts against the 256 KiB of its parent.
      for (const { OutputPath } of Object.values(ItemProcessor!.States)) expect(OutputPath).toBeNull()
    }
    for (const { Type, Retry } of [...Object.values(machine().States), ...inner(machine())]) {
      if (Type !== 'Task') continue
      expect(Retry?.map(({ JitterStrategy }) => JitterStrategy)).toEqual(['FULL', 'FULL'])
      expect(Retry?.flatMap(({ ErrorEquals }) => ErrorEquals)).toContain('Lambda.TooManyRequestsException')
    }
  })
})

interface Statement {
  Effect: string
  Action: string | string[]
  Resource: unknown
  Condition?: unknown
}
interface Resource {
  Type: string
  DeletionPolicy?: string
  Properties: { [name: string]: unknown }
}

/** CloudFormation's short forms, as text. */
const customTags = ['Ref', 'Sub', 'GetAtt', 'If', 'Not', 'Equals', 'Join'].flatMap(name =>
  (['scalar', 'seq'] as const).map(kind =>
    kind === 'scalar'
      ? { tag: `!${name}`, resolve: (value: string) => `!${name} ${value}` }
      : { tag: `!${name}`, collection: 'seq' as const, resolve: () => `!${name} []` },
  ),
)
const template = parse(read('template.yaml'), { customTags } as never) as {
  Resources: { [name: string]: Resource }
}
const ofType = (type: string) => Object.entries(template.Resources).filter(([, { Type }]) => Type === type)
const statementsOf = (role: string): Statement[] => {
  const { Policies } = template.Resources[role]!.Properties as {
    Policies: { PolicyDocument: { Statement: Statement[] } }[]
  }
  return Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
}

describe('the template', () => {
  it('gives the definition every function that it names, and none besides', () => {
    const { DefinitionSubstitutions, StateMachineType } = template.Resources.Machine!.Properties
    const named = new Set([...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name))
    expect(Object.keys(DefinitionSubstitutions as object).sort()).toEqual([...named].sort())
    expect(StateMachineType).toBe('STANDARD')
  })

  it('lets only the function that collects enter accounts, and those of the organisation alone', () => {
    const roles = ofType('AWS::IAM::Role').map(([name]) => name)
    const entering = roles.filter(role =>
      statementsOf(role).some(({ Action }) => [Action].flat().includes('sts:AssumeRole')),
    )
    expect(entering).toEqual(['CollectRole'])
    const enter = statementsOf('CollectRole').find(({ Action }) => Action === 'sts:AssumeRole')
    expect(JSON.stringify(enter?.Condition)).toContain('aws:ResourceOrgID')
  })

  it('allows no action of a whole service, and everything of anything only where AWS takes no resource', () => {
    for (const [role] of ofType('AWS::IAM::Role'))
      for (const { Action, Resource } of statementsOf(role)) {
        for (const action of [Action].flat()) expect(action).toMatch(/^[a-z0-9]+:[A-Za-z]+$/)
        if ([Resource].flat().includes('*'))
          expect([Action].flat().every(action => action.startsWith('logs:'))).toBe(true)
      }
  })

  it('keeps logs for a time, the bucket for ever and encrypted, and runs on arm64 with Node 22', () => {
    for (const [, { Properties }] of ofType('AWS::Logs::LogGroup')) expect(Properties.RetentionInDays).toBeDefined()
    for (const [, { Properties }] of ofType('AWS::Lambda::Function'))
      expect(Properties).toMatchObject({ Architectures: ['arm64'], Runtime: 'nodejs22.x', Timeout: 900 })
    expect(template.Resources.Store).toMatchObject({ DeletionPolicy: 'Retain' })
    for (const part of [
      'BucketEncryption',
      'VersioningConfiguration',
      'PublicAccessBlockConfiguration',
      'LifecycleConfiguration',
    ])
      expect(template.Resources.Store!.Properties[part]).toBeDefined()
  })
})

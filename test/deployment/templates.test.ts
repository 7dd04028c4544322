// Protects a deployment from what AWS would refuse, and from drifting from the rules: limits, one rule of AWS Config for each of ours with
// its parameters, roles that allow what the code calls and nothing else, and templates that rel09 itself finds nothing grave in.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { reservedParameters } from '../../src/commands/config-rule/parameters.ts'
import { ruleFor } from '../../src/commands/config-rule/rule-name.ts'
import { limits, type Resource, type Template, type Value } from '../../src/deployment/cloudformation.ts'
import { type DeployedRule, templateParameter } from '../../src/deployment/config-rules.ts'
import { type Deployment, type DeploymentKind, deploymentKinds, deploymentOf } from '../../src/deployment/kinds.ts'
import { runCommandLine } from '../../src/hosts/command-line.ts'
import { builtInRules } from '../../src/rules/built-in.ts'
import { leafValidator } from '../../src/rules/leaf.ts'
import { coerceParameter, parameterSchema } from '../../src/rules/parameters.ts'
import { root } from '../fixtures/estates.ts'
import { contextIn } from '../system/estate.ts'
import { sourceOf } from './source.ts'

const kinds = Object.keys(deploymentKinds) as DeploymentKind[]
const deployments = new Map<DeploymentKind, Deployment>()
let rules: readonly DeployedRule[]

beforeAll(async () => {
  const source = await sourceOf()
  rules = source.rules
  for (const kind of kinds) deployments.set(kind, deploymentOf(kind, source))
})

const fileOf = (kind: DeploymentKind, pattern: RegExp) => {
  const [found] = Object.entries(deployments.get(kind)!.files).filter(([name]) => pattern.test(name))
  return found![1]
}
const parsed = new Map<string, Template>()
function templateIn(kind: DeploymentKind, pattern: RegExp): Template {
  const text = fileOf(kind, pattern)
  let template = parsed.get(text)
  if (!template) parsed.set(text, (template = parse(text) as Template))
  return template
}
const configRules = () => templateIn('config-rules', /^template/)
const pack = (kind: DeploymentKind = 'conformance-pack') => templateIn(kind, /^conformance-pack/)
const resourcesOf = ({ Resources }: Pick<Template, 'Resources'>, type: string): [string, Resource][] =>
  Object.entries(Resources).filter(([, resource]) => resource.Type === type)
const rulesIn = (template: Pick<Template, 'Resources'>) => resourcesOf(template, 'AWS::Config::ConfigRule')

/** A value as CloudFormation would make it, of the longest names that there are, with every optional part given. */
function resolved(
  value: Value | undefined,
  template: Pick<Template, 'Parameters'>,
  names: { [name: string]: Value } = {},
): unknown {
  if (Array.isArray(value)) return value.map(item => resolved(item, template, names))
  if (typeof value !== 'object' || value === null) return value
  const [[name, argument] = []] = Object.entries(value)
  if (name === 'Ref') return valueNamed(argument as string, template, names)
  if (name === 'Fn::If') return resolved((argument as Value[])[1], template, names)
  if (name === 'Fn::Sub') {
    const [text, own] = Array.isArray(argument)
      ? (argument as [string, { [name: string]: Value }])
      : [argument as string, {}]
    return text.replace(/\$\{([^}]+)\}/g, (_, key) => String(valueNamed(key, template, { ...names, ...own })))
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, resolved(member as Value, template, names)]),
  )
}

const longest: { [name: string]: string } = {
  'AWS::AccountId': '111122223333',
  'AWS::Region': 'ap-southeast-10',
  'AWS::Partition': 'aws-iso-b',
  PolicyBucket: 'b'.repeat(63),
  PolicyKey: 'policies/of/the/whole/organization/rel09.yaml',
  SnapshotBucket: 's'.repeat(63),
  UndeterminedAs: 'NON_COMPLIANT',
  SecurityHub: 'true',
  EventBusArn: `arn:aws-iso-b:events:ap-southeast-10:111122223333:event-bus/${'e'.repeat(64)}`,
}

function valueNamed(
  name: string,
  template: Pick<Template, 'Parameters'>,
  names: { [name: string]: Value } = {},
): unknown {
  if (Object.hasOwn(names, name)) return resolved(names[name], template)
  return longest[name] ?? template.Parameters?.[name]?.Default ?? name
}

describe('limits of AWS', () => {
  const templates = () =>
    [...deployments].flatMap(([kind, { files }]) =>
      Object.entries(files)
        .filter(([name]) => name.endsWith('.yaml'))
        .map(([name, text]) => ({ name: `${kind}/${name}`, text })),
    )

  it('of templates', () => {
    expect(templates().length).toBe(9)
    for (const { name, text } of templates()) {
      const template = parse(text, { logLevel: 'silent' }) as Template
      expect(Buffer.byteLength(text), name).toBeLessThan(limits.templateBytes)
      expect(Object.keys(template.Resources).length, name).toBeLessThanOrEqual(limits.resources)
      expect(Object.keys(template.Parameters ?? {}).length, name).toBeLessThanOrEqual(limits.parameters)
      expect(Object.keys(template.Outputs ?? {}).length, name).toBeLessThanOrEqual(limits.outputs)
    }
  })

  it('of what a StackSet is given directly', () => {
    expect(Buffer.byteLength(fileOf('org', /^functions/))).toBeLessThan(limits.directTemplateBytes)
  })

  it('of a conformance pack, with every optional rule too', async () => {
    const all = deploymentOf('conformance-pack', await sourceOf(builtInRules.map(({ id }) => id)))
    const text = all.files['conformance-pack.yaml']!
    const whole = parse(text) as Template
    expect(Buffer.byteLength(text)).toBeLessThan(limits.packBytes)
    expect(rulesIn(whole).length).toBe(builtInRules.length)
    expect(rulesIn(whole).length).toBeLessThanOrEqual(limits.packRules)
    expect(Object.keys(whole.Parameters ?? {}).length).toBeLessThanOrEqual(limits.packParameters)
    expect(new Set(Object.values(whole.Resources).map(({ Type }) => Type))).toEqual(
      new Set(['AWS::Config::ConfigRule']),
    )
  })

  it('of rules', () => {
    for (const template of [configRules(), pack()])
      for (const [name, { Properties }] of rulesIn(template)) {
        const { ConfigRuleName, Description, InputParameters, Scope } = Properties as never as {
          ConfigRuleName: string
          Description: string
          InputParameters: Value
          Scope?: { ComplianceResourceTypes: string[] }
        }
        // An organisation puts OrgConfigRule- before a name, and eight characters behind it.
        expect(ConfigRuleName.length, name).toBeLessThanOrEqual(64)
        expect(Description.length, name).toBeLessThanOrEqual(limits.ruleDescription)
        const parameters = JSON.stringify(resolved(InputParameters, template))
        expect(parameters.length, `${name}: ${parameters}`).toBeLessThanOrEqual(limits.ruleParameters)
        expect(Scope?.ComplianceResourceTypes.length ?? 1, name).toBeLessThanOrEqual(limits.scopeTypes)
      }
  })

  it('of a function’s resource policy: one permission for all rules', () => {
    const template = configRules()
    const permissions = resourcesOf(template, 'AWS::Lambda::Permission')
    const ofConfig = permissions.filter(([, { Properties }]) => Properties.Principal === 'config.amazonaws.com')
    expect(ofConfig).toHaveLength(1)
    const [, { Properties }] = ofConfig[0]!
    expect(Properties).toMatchObject({ Action: 'lambda:InvokeFunction', SourceAccount: { Ref: 'AWS::AccountId' } })
    expect(resolved(Properties.SourceArn, template)).toBe(
      'arn:aws-iso-b:config:ap-southeast-10:111122223333:config-rule/*',
    )
    // As Lambda keeps it: a statement with an id of its own, and the ARN of the function.
    const overhead = 400
    const bytes = permissions.reduce(
      (sum, [, one]) => sum + JSON.stringify(resolved(one.Properties as Value, template)).length + overhead,
      0,
    )
    expect(bytes).toBeLessThan(limits.functionPolicyBytes / 4)
    expect((bytes / permissions.length) * rulesIn(template).length).toBeGreaterThan(limits.functionPolicyBytes)
  })

  it('of roles', () => {
    for (const template of [configRules(), templateIn('org', /^functions/)])
      for (const [name, { Properties }] of resourcesOf(template, 'AWS::IAM::Role')) {
        const size = JSON.stringify(resolved(Properties.Policies, template)).length
        expect(size, name).toBeLessThan(limits.rolePolicies)
      }
  })
})

describe('the rules of AWS Config', () => {
  it.each(['config-rules', 'conformance-pack', 'org'] as const)('of %s are ours, each once', kind => {
    const template = kind === 'config-rules' ? configRules() : pack(kind)
    const usual = builtInRules.filter(({ enabled }) => enabled !== false)
    const parameters = rulesIn(template).map(([, { Properties }]) => Properties.InputParameters as { rule: string })
    expect(parameters.map(({ rule }) => rule)).toEqual(usual.map(({ id }) => id))
    for (const [, { Properties }] of rulesIn(template)) {
      const { ConfigRuleName, InputParameters } = Properties as never as {
        ConfigRuleName: string
        InputParameters: { rule: string }
      }
      expect(ruleFor(ConfigRuleName, undefined, builtInRules).id).toBe(InputParameters.rule)
    }
  })

  it('take the parameters that our rules take, and those of the function', () => {
    const template = configRules()
    const known = new Set<string>(reservedParameters)
    for (const [, { Properties }] of rulesIn(template)) {
      const parameters = Properties.InputParameters as { [name: string]: Value }
      const rule = builtInRules.find(({ id }) => id === parameters.rule)!
      const own = Object.keys(parameters).filter(name => !known.has(name))
      expect(own.sort(), rule.id).toEqual(Object.keys(rule.parameters ?? {}).sort())
      for (const name of own) {
        const wanted = templateParameter(rule.id, name)
        // Nothing where nobody set it: else it would stand over the policy, and over the tier.
        expect(parameters[name]).toEqual({ 'Fn::If': [`Has${wanted}`, { Ref: wanted }, { Ref: 'AWS::NoValue' }] })
        expect(template.Parameters?.[wanted]?.Default).toBe('')
        expect(template.Conditions?.[`Has${wanted}`]).toEqual({ 'Fn::Not': [{ 'Fn::Equals': [{ Ref: wanted }, ''] }] })
      }
    }
  })

  it('accept the text of every default, as the function does', () => {
    const { Parameters = {} } = configRules()
    for (const { rule } of rules)
      for (const [name, parameter] of Object.entries(rule.parameters ?? {})) {
        const { AllowedPattern, AllowedValues } = Parameters[templateParameter(rule.id, name)]!
        const text = Array.isArray(parameter.default) ? parameter.default.join(',') : String(parameter.default)
        expect(AllowedValues === undefined || AllowedValues.includes(text), `${rule.id} ${name}`).toBe(true)
        expect(AllowedPattern === undefined || new RegExp(AllowedPattern).test(text), `${rule.id} ${name}`).toBe(true)
        for (const value of AllowedValues ?? [])
          if (value !== '')
            expect(
              leafValidator(parameterSchema(parameter))(coerceParameter(parameter, value)),
              `${rule.id} ${value}`,
            ).toBe(true)
      }
  })

  it('run on changes, or on a schedule over snapshots', () => {
    for (const [name, { Properties }] of rulesIn(configRules())) {
      const { Scope, InputParameters, Source } = Properties as never as {
        Scope?: { ComplianceResourceTypes: string[] }
        InputParameters: { rule: string; snapshotUri?: Value; maxSnapshotAgeHours?: Value }
        Source: { SourceDetails: { MessageType: string; MaximumExecutionFrequency?: Value }[] }
      }
      const { trigger } = rules.find(({ rule }) => rule.id === InputParameters.rule)!
      const types = Source.SourceDetails.map(({ MessageType }) => MessageType)
      if (trigger.kind === 'change') {
        expect(types, name).toEqual([
          'ConfigurationItemChangeNotification',
          'OversizedConfigurationItemChangeNotification',
        ])
        expect(Scope?.ComplianceResourceTypes, name).toEqual(trigger.types)
        expect(InputParameters.snapshotUri, name).toBeUndefined()
      } else {
        expect(types, name).toEqual(['ScheduledNotification'])
        expect(Scope, name).toBeUndefined()
        expect(InputParameters.snapshotUri, name).toBeDefined()
        expect(Source.SourceDetails[0]?.MaximumExecutionFrequency, name).toEqual({ Ref: 'RuleFrequency' })
      }
    }
  })

  it('are made a few at once, after the permission', () => {
    const { Resources } = configRules()
    const depths = new Map<string, number>()
    const depth = (name: string): number => {
      const before = Resources[name]!.DependsOn as string | undefined
      if (!depths.has(name)) depths.set(name, before === undefined ? 0 : depth(before) + 1)
      return depths.get(name)!
    }
    const atDepth = new Map<number, number>()
    for (const [name] of rulesIn(configRules())) atDepth.set(depth(name), (atDepth.get(depth(name)) ?? 0) + 1)
    expect(Math.max(...atDepth.values())).toBe(10)
    expect(depths.get('RulesPermission')).toBe(0)
    expect(atDepth.has(0)).toBe(false)
  })

  it('look for snapshots where the collector puts them, in every kind', () => {
    const place = 's3://rel09-snapshots-111122223333-ap-southeast-10/snapshots/111122223333/ap-southeast-10/'
    const withoutBucket = (value: unknown) =>
      JSON.parse(JSON.stringify(value).replace(/\["MakesBucket",(\{[^}]*\}),/, '["MakesBucket",$1,'))
    const [, collector] = Object.entries(configRules().Resources).find(([name]) => name === 'CollectorFunction')!
    const { Variables } = (collector.Properties.Environment ?? {}) as never as {
      Variables: { REL09_SNAPSHOT_URI: Value }
    }
    expect(resolved(withoutBucket(Variables.REL09_SNAPSHOT_URI), configRules())).toBe(place)
    const uris = (template: Template) =>
      rulesIn(template).flatMap(([, { Properties }]) => {
        const { snapshotUri } = Properties.InputParameters as { snapshotUri?: Value }
        return snapshotUri === undefined ? [] : [snapshotUri]
      })
    expect(new Set(uris(configRules()).map(uri => resolved(uri, configRules())))).toEqual(new Set([place]))
    for (const kind of ['conformance-pack', 'org'] as const)
      for (const uri of uris(pack(kind))) {
        const [, , otherwise] = (uri as never as { 'Fn::If': Value[] })['Fn::If']
        expect(resolved(otherwise, pack(kind))).toBe(place)
      }
  })

  it('have the values that were given at once, in a pack too', async () => {
    const source = await sourceOf(['vault-lock'], {
      given: { 'vault-lock': { requiredMode: 'compliance' } },
      defaults: { PolicyBucket: 'shop-policies', PolicyKey: 'rel09.yaml', SnapshotBucket: 'shop-snapshots' },
    })
    const whole = parse(deploymentOf('config-rules', source).files['template.yaml']!) as Template
    expect(whole.Parameters).toMatchObject({
      VaultLockRequiredMode: { Default: 'compliance' },
      PolicyBucket: { Default: 'shop-policies' },
      SnapshotBucket: { Default: 'shop-snapshots' },
    })
    const small = parse(deploymentOf('conformance-pack', source).files['conformance-pack.yaml']!) as Template
    expect(small.Resources.VaultLockRule?.Properties.InputParameters).toMatchObject({ requiredMode: 'compliance' })
    expect(small.Resources.VaultLockRule?.Properties.InputParameters).not.toHaveProperty('onlyTiers')
    const organization = deploymentOf('org', source).files['organization.yaml']!
    expect((parse(organization) as Template).Parameters).toMatchObject({ PolicyBucket: { Default: 'shop-policies' } })
  })
})

describe('the functions', () => {
  /** What each command of the SDK needs. */
  const actions: { readonly [command: string]: string } = {
    AbortMultipartUpload: 's3:AbortMultipartUpload',
    BatchImportFindings: 'securityhub:BatchImportFindings',
    CompleteMultipartUpload: 's3:PutObject',
    CreateMultipartUpload: 's3:PutObject',
    GetComplianceDetailsByConfigRule: 'config:GetComplianceDetailsByConfigRule',
    GetFindings: 'securityhub:GetFindings',
    GetObject: 's3:GetObject',
    GetParameter: 'ssm:GetParameter',
    GetResourceConfigHistory: 'config:GetResourceConfigHistory',
    ListObjectsV2: 's3:ListBucket',
    PutEvaluations: 'config:PutEvaluations',
    PutEvents: 'events:PutEvents',
    PutObject: 's3:PutObject',
    UploadPart: 's3:PutObject',
  }
  const called = (files: readonly string[]) =>
    files.flatMap(file =>
      [...readFileSync(join(root, 'src', file), 'utf8').matchAll(/new (\w+)Command\(/g)].map(
        ([, name = '']) => actions[name] ?? name,
      ),
    )
  const allowed = (role: string): string[] => {
    const [{ PolicyDocument }] = configRules().Resources[role]!.Properties.Policies as never as [
      { PolicyDocument: { Statement: Value[] } },
    ]
    return PolicyDocument.Statement.flatMap(statement => {
      const { Action } = resolved(statement, configRules()) as { Action: string | string[] }
      return Action
    })
  }
  const always = ['logs:CreateLogStream', 'logs:PutLogEvents', 'sqs:SendMessage', 'kms:Decrypt', 'kms:GenerateDataKey']

  it('may do what they call, and nothing else', async () => {
    const { backupActions, collectorActions } = await sourceOf()
    const ofRules = called([
      'sources/aws/config-service.ts',
      'sources/aws/stored-objects.ts',
      'sources/aws/parameter-store.ts',
      'sinks/aws/put-evaluations.ts',
      'sinks/aws/event-bus.ts',
      'sinks/aws/security-hub.ts',
    ])
    expect(new Set(allowed('RulesRole'))).toEqual(new Set([...ofRules, ...backupActions, ...always]))
    const ofCollector = called(['sinks/aws/object-bucket.ts'])
    expect(new Set(allowed('CollectorRole'))).toEqual(new Set([...ofCollector, ...collectorActions, ...always]))
  })

  it('write and read one place', () => {
    const statements = ['RulesRole', 'CollectorRole'].flatMap(role => {
      const [{ PolicyDocument }] = configRules().Resources[role]!.Properties.Policies as never as [
        { PolicyDocument: { Statement: Value[] } },
      ]
      return PolicyDocument.Statement.map(
        one => resolved(one, configRules()) as { Action: string | string[]; Resource: unknown },
      )
    })
    const wide = statements.filter(({ Resource }) => Resource === '*').flatMap(({ Action }) => Action)
    expect(wide.filter(action => !/:(?:Describe|Get|List|Select)/.test(action))).toEqual([
      'config:PutEvaluations',
      'securityhub:BatchImportFindings',
    ])
    expect(wide.filter(action => /^(?:s3:(?:Get|Put)Object|ssm:|kms:Decrypt|sts:)$/.test(action))).toEqual([])
  })

  it.each(['config-rules', 'conformance-pack', 'org'] as const)('are the same in %s', kind => {
    const template = templateIn(kind, /^(?:template|functions)/)
    const functions = resourcesOf(template, 'AWS::Lambda::Function')
    expect(functions.map(([name]) => name)).toEqual(['RulesFunction', 'CollectorFunction'])
    for (const [, { Properties }] of functions) {
      expect(Properties).toMatchObject({
        Architectures: ['arm64'],
        Handler: 'index.handler',
        DeadLetterConfig: {},
        Timeout: 900,
      })
      const [, version] = /^nodejs(\d+)\.x$/.exec(Properties.Runtime as string) ?? []
      expect(Number(version)).toBeGreaterThanOrEqual(22)
    }
    const logs = resourcesOf(template, 'AWS::Logs::LogGroup')
    expect(logs.map(([, { Properties }]) => Properties.LogGroupName)).toEqual(
      functions.map(([, { Properties }]) => `/aws/lambda/${Properties.FunctionName}`),
    )
    for (const [, { Properties }] of logs) expect(Properties.RetentionInDays).toBeDefined()
  })

  it('are what the rules of a pack name', () => {
    const arns = new Set(
      rulesIn(pack('org')).map(([, { Properties }]) =>
        resolved((Properties.Source as { SourceIdentifier: Value }).SourceIdentifier, pack('org')),
      ),
    )
    const { FunctionName } = templateIn('org', /^functions/).Resources.RulesFunction!.Properties
    expect(arns).toEqual(new Set([`arn:aws-iso-b:lambda:ap-southeast-10:111122223333:function:${FunctionName}`]))
  })
})

describe('the templates', () => {
  it('are the same bytes each time', async () => {
    const again = await sourceOf()
    for (const kind of kinds) expect(deploymentOf(kind, again)).toEqual(deployments.get(kind))
  })

  it('of a few rules are as kept', async () => {
    const source = await sourceOf(['vault-lock', 's3-versioning'])
    for (const [name, text] of Object.entries(deploymentOf('config-rules', source).files))
      await expect(text.replace(/ {14}- [a-z0-9-]+:[A-Z]\w+\n/g, '')).toMatchFileSnapshot(`golden/config-rules/${name}`)
    const { files } = deploymentOf('org', source)
    for (const [name, text] of Object.entries(files).filter(([name]) => name !== 'functions.yaml'))
      await expect(text).toMatchFileSnapshot(`golden/org/${name.replace(/-[0-9a-f]{16}/, '')}`)
    const { 'deploy.sh': script = '' } = deploymentOf('conformance-pack', source).files
    await expect(script).toMatchFileSnapshot('golden/conformance-pack/deploy.sh')
  })

  it('hand on to an organisation’s pack what it takes', () => {
    const organization = templateIn('org', /^organization/)
    const given = (
      organization.Resources.Pack!.Properties.ConformancePackInputParameters as never as { ParameterName: string }[]
    ).map(({ ParameterName }) => ParameterName)
    expect(given.sort()).toEqual(Object.keys(pack('org').Parameters ?? {}).sort())
    expect(organization.Resources.Pack!.Properties.TemplateS3Uri).toEqual({
      'Fn::Sub': expect.stringMatching(/\/\$\{CodePrefix\}conformance-pack-[0-9a-f]{16}\.yaml$/),
    })
  })

  it('have nothing in them that rel09 finds grave', async () => {
    for (const kind of kinds)
      for (const [name, text] of Object.entries(deployments.get(kind)!.files).filter(([name]) =>
        name.endsWith('.yaml'),
      )) {
        const context = contextIn(root, text)
        const code = await runCommandLine(
          ['scan', '-', '--no-progress', '--fail-on', 'medium', '--format', 'csv'],
          context,
        )
        expect(context.written.err.replace(/^.*only part of it was read.*$\n?/gm, ''), name).toBe('')
        expect([code, name]).toEqual([0, name])
      }
  })

  it('and nothing grave if nothing else existed: the snapshots lack a backup, and can be taken anew', async () => {
    const context = contextIn(root, fileOf('config-rules', /^template/))
    await runCommandLine(['scan', '-', '--no-progress', '--closed-world', '--format', 'json'], context)
    const { findings } = JSON.parse(context.written.out) as {
      findings: { rule: string; severity: string; verdict: string; resource: { type: string; address?: string } }[]
    }
    const bad = findings.filter(({ verdict }) => verdict === 'non-compliant')
    expect(bad.filter(({ severity }) => /high|critical/.test(severity))).toEqual([])
    const ofStores = bad.filter(({ resource }) => resource.type !== 'AWS::::Account')
    expect(ofStores.map(({ rule, resource }) => [rule, resource.address])).toEqual([
      ['resource-in-backup-plan', 'Snapshots'],
    ])
  })
})

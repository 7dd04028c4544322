/**
 * Rules of AWS Config, one for each rule of ours, from what the rules say of themselves.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-config-configrule.html
 */
import type { Rule, RuleParameter } from '../model/rule.ts'
import { choose, isGiven, type Parameter, type Part, ref, type Value } from './cloudformation.ts'
import type { RuleTrigger } from './triggers.ts'

/** A rule with what invokes it. */
export interface DeployedRule {
  rule: Rule
  trigger: RuleTrigger
}

/** Values for parameters of rules, as text, by rule and name. */
export type GivenValues = { readonly [rule: string]: { readonly [parameter: string]: string } }

/** What the rules of a template have in common. */
export interface RulesOptions {
  /** ARN of the function. */
  functionArn: Value
  /** Logical id of the permission by which AWS Config may invoke it, where that is in the template: no rule is made before it. */
  permission?: string
  /** Where the newest snapshot is; a value of `snapshotUri`. */
  snapshotUri: Value
  /** Values that are written into the template. */
  given: GivenValues
  /** Every parameter of every rule becomes one of the template. A conformance pack has no room for them. */
  withRuleParameters: boolean
}

/** Name of the rule in AWS Config. */
export const configRuleName = (id: string): string => `rel09-${id}`

const words = (text: string) => text.split(/[^A-Za-z0-9]+/).filter(word => word !== '')

/** A name as CloudFormation takes it for logical ids and parameters: `vault-lock` is `VaultLock`. */
export const logicalName = (text: string): string =>
  words(text)
    .map(word => word[0]!.toUpperCase() + word.slice(1))
    .join('')

/** The template's parameter for a parameter of a rule. */
export const templateParameter = (rule: string, name: string): string => `${logicalName(rule)}${logicalName(name)}`

/** https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigRule.html */
export const frequencies = ['One_Hour', 'Three_Hours', 'Six_Hours', 'Twelve_Hours', 'TwentyFour_Hours'] as const

/** What whoever deploys may set for all rules. */
const sharedParameters: { readonly [name: string]: Parameter } = {
  RuleFrequency: {
    Type: 'String',
    Description: 'How often the scheduled rules read the newest snapshot. Every run evaluates every resource.',
    Default: 'TwentyFour_Hours',
    AllowedValues: frequencies,
  },
  MaxSnapshotAgeHours: {
    Type: 'Number',
    Description: 'A snapshot that is older tells nothing, and everything becomes undetermined.',
    Default: 26,
    MinValue: 1,
    MaxValue: 9999,
  },
  UndeterminedAs: {
    Type: 'String',
    Description: 'What AWS Config shows where evidence is missing. Empty - as the policy says, else NOT_APPLICABLE.',
    Default: '',
    AllowedValues: ['', 'NOT_APPLICABLE', 'NON_COMPLIANT'],
  },
  PolicyBucket: {
    Type: 'String',
    Description: 'Bucket of the policy (rel09.yaml). Empty - the default policy, or PolicyParameter.',
    Default: '',
    AllowedPattern: '^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$',
  },
  PolicyKey: { Type: 'String', Description: 'Key of the policy in PolicyBucket.', Default: 'rel09.yaml' },
  PolicyParameter: {
    Type: 'String',
    Description: 'Parameter of Systems Manager that holds the policy, without the first slash (rel09/policy).',
    Default: '',
    AllowedPattern: '^([A-Za-z0-9_.-][A-Za-z0-9_./-]*)?$',
  },
  SecurityHub: {
    Type: 'String',
    Description: 'Whether findings are told to AWS Security Hub too.',
    Default: 'false',
    AllowedValues: ['false', 'true'],
  },
  EventBusArn: {
    Type: 'String',
    Description: 'Bus of Amazon EventBridge that findings are told to. Empty - none.',
    Default: '',
    AllowedPattern: '^(arn:aws[a-z-]*:events:[a-z0-9-]+:[0-9]{12}:event-bus/[A-Za-z0-9_./-]{1,256})?$',
  },
}

const sharedConditions: { readonly [name: string]: Value } = {
  HasPolicyObject: isGiven('PolicyBucket'),
  HasPolicyParameter: isGiven('PolicyParameter'),
  HasUndeterminedAs: isGiven('UndeterminedAs'),
  TellsSecurityHub: { 'Fn::Equals': [ref('SecurityHub'), 'true'] },
  HasEventBus: isGiven('EventBusArn'),
}

/** `policyUri` as the function takes it. */
const policyUri: Value = choose(
  'HasPolicyObject',
  { 'Fn::Sub': 's3://${PolicyBucket}/${PolicyKey}' },
  choose('HasPolicyParameter', { 'Fn::Sub': 'ssm:/${PolicyParameter}' }),
)

const number = { AllowedPattern: '^(-?[0-9]{1,15}([.][0-9]{1,15})?)?$', ConstraintDescription: 'a number, or nothing' }

/** What a parameter of a rule takes, as text; nothing leaves it to the policy. */
function takenBy({ type, enum: words }: RuleParameter): Partial<Parameter> {
  if (Array.isArray(words)) return { AllowedValues: ['', ...words.map(String)] }
  if (type === 'boolean') return { AllowedValues: ['', 'true', 'false'] }
  return type === 'number' || type === 'integer' ? number : {}
}

function spelt(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(',')
  return String(value)
}

function describe(parameter: RuleParameter, name: string, id: string): string {
  const list = parameter.type === 'array' ? ' Separated by commas.' : ''
  return `${id}, ${name}: ${parameter.description}${list} Empty - as the policy says, else ${spelt(parameter.default)}.`
}

type Names = { [name: string]: Parameter }

/** The parameters of all rules, for a template that has room for them. */
function ruleParameters(rules: readonly DeployedRule[], given: GivenValues) {
  const parameters: Names = {}
  const conditions: { [name: string]: Value } = {}
  for (const { rule } of rules)
    for (const [name, parameter] of Object.entries(rule.parameters ?? {})) {
      const own = templateParameter(rule.id, name)
      parameters[own] = {
        Type: 'String',
        Description: describe(parameter, name, rule.id),
        Default: given[rule.id]?.[name] ?? '',
        ...takenBy(parameter),
      }
      conditions[`Has${own}`] = isGiven(own)
    }
  return { parameters, conditions }
}

/** Parameters of one rule: those of the function, and its own where somebody set them. */
function inputParameters({ rule, trigger }: DeployedRule, options: RulesOptions): Value {
  const own = Object.keys(rule.parameters ?? {}).map((name): [string, Value | undefined] => {
    const parameter = templateParameter(rule.id, name)
    if (options.withRuleParameters) return [name, choose(`Has${parameter}`, ref(parameter))]
    return [name, options.given[rule.id]?.[name]]
  })
  const scheduled: { [name: string]: Value } =
    trigger.kind === 'change'
      ? {}
      : { snapshotUri: options.snapshotUri, maxSnapshotAgeHours: ref('MaxSnapshotAgeHours') }
  return {
    rule: rule.id,
    policyUri,
    undeterminedAs: choose('HasUndeterminedAs', ref('UndeterminedAs')),
    securityHub: choose('TellsSecurityHub', ref('SecurityHub')),
    eventBus: choose('HasEventBus', ref('EventBusArn')),
    ...scheduled,
    ...Object.fromEntries(own.filter(([, value]) => value !== undefined)),
  }
}

const onChange = ['ConfigurationItemChangeNotification', 'OversizedConfigurationItemChangeNotification']

function sourceDetails(trigger: RuleTrigger): Value {
  const source = { EventSource: 'aws.config' }
  if (trigger.kind === 'change') return onChange.map(MessageType => ({ ...source, MessageType }))
  return [{ ...source, MessageType: 'ScheduledNotification', MaximumExecutionFrequency: ref('RuleFrequency') }]
}

const logicalId = ({ rule }: DeployedRule) => `${logicalName(rule.id)}Rule`

/** Rules that are made at once: CloudFormation would begin all of them together, which AWS Config throttles. */
const atOnce = 10

function configRule(
  deployed: DeployedRule,
  before: DeployedRule | undefined,
  options: RulesOptions,
): Part['Resources'][string] {
  const { rule, trigger } = deployed
  const after = before ? logicalId(before) : options.permission
  return {
    Type: 'AWS::Config::ConfigRule',
    ...(options.permission === undefined ? {} : { DependsOn: after }),
    Properties: {
      ConfigRuleName: configRuleName(rule.id),
      Description: `${rule.bestPractice}, ${rule.severity}: ${rule.title}`,
      InputParameters: inputParameters(deployed, options),
      ...(trigger.kind === 'change' ? { Scope: { ComplianceResourceTypes: trigger.types } } : {}),
      Source: {
        Owner: 'CUSTOM_LAMBDA',
        SourceIdentifier: options.functionArn,
        SourceDetails: sourceDetails(trigger),
      },
    },
  }
}

/** The rules with their parameters. */
export function configRules(rules: readonly DeployedRule[], options: RulesOptions): Part {
  const own = options.withRuleParameters ? ruleParameters(rules, options.given) : { parameters: {}, conditions: {} }
  return {
    Parameters: { ...sharedParameters, ...own.parameters },
    Conditions: { ...sharedConditions, ...own.conditions },
    Resources: Object.fromEntries(
      rules.map((deployed, at) => [logicalId(deployed), configRule(deployed, rules[at - atOnce], options)]),
    ),
  }
}

/** What is deployed together: the files of each kind, with what to do next. */
import { createHash } from 'node:crypto'
import { type Template, yamlOf } from './cloudformation.ts'
import { configRuleName } from './config-rules.ts'
import type { CodeFiles } from './functions.ts'
import { type ReaderPolicy, readerRole } from './reader-role.ts'
import { configRulesScript, conformancePackScript, organizationScanScript, organizationScript } from './scripts.ts'
import {
  codeBucketTemplate,
  configRulesTemplate,
  conformancePack,
  type DeploymentInput,
  functionTemplate,
  organizationTemplate,
} from './templates.ts'

/** Kinds of deployment, each with one line for the help. */
export const deploymentKinds = {
  'config-rules': 'the function, one AWS Config rule for each rule, and the collector: one account and Region',
  'conformance-pack': 'the same, the rules as one conformance pack',
  org: 'functions and conformance pack in every account of an organization, by StackSet',
  'org-scan': 'the state machine that reads and judges every account of an organization: one account and Region',
  'reader-role': 'the role that rel09 collect reads accounts with',
} as const

/** One of them. */
export type DeploymentKind = keyof typeof deploymentKinds

/** The functions whose zips belong to each kind. */
export const functionsOf = {
  'config-rules': ['config-rules', 'collector'],
  'conformance-pack': ['config-rules', 'collector'],
  org: ['config-rules', 'collector'],
  'org-scan': ['org-scan'],
  'reader-role': [],
} as const satisfies { readonly [kind in DeploymentKind]: readonly string[] }

/** One of the functions. */
export type FunctionName = (typeof functionsOf)[DeploymentKind][number]

/** What a kind consists of, beside the zips. */
export interface Deployment {
  /** Text by file name. Scripts are those that end in `.sh`. */
  files: { readonly [name: string]: string }
  /** Whether rules of AWS Config are deployed. */
  hasRules: boolean
  /** What to do next, as commands. */
  next: readonly string[]
}

/** What a run over an organisation under AWS Step Functions is deployed from. */
export interface OrganizationScan {
  /** Text of the CloudFormation template, which takes the names of the other two as parameters. */
  template: string
  /** Text of the state machine, in the Amazon States Language. */
  stateMachine: string
  /** Name of the function's zip, with the digest of its content. */
  code: string
}

/** What deployments are made from. */
export interface DeploymentSource extends DeploymentInput {
  readerPolicy: ReaderPolicy
  /** The values that `--policy` and `--snapshot-bucket` gave, by the name of the template's parameter. */
  defaults: { readonly [parameter: string]: string }
  version: string
  organizationScan: OrganizationScan
}

const templateFile = 'template.yaml'
const functionsFile = 'functions.yaml'
const packFile = 'conformance-pack.yaml'
const organizationFile = 'organization.yaml'
const codeBucketFile = 'code-bucket.yaml'
const scriptFile = 'deploy.sh'
const stateMachineFile = 'state-machine.asl.json'

/** A template whose parameters have other defaults. Those that it does not have are left alone. */
function withDefaults<T extends Pick<Template, 'Parameters'>>(template: T, defaults: DeploymentSource['defaults']): T {
  const parameters = Object.entries(template.Parameters ?? {}).map(([name, parameter]) => [
    name,
    Object.hasOwn(defaults, name) ? { ...parameter, Default: defaults[name] } : parameter,
  ])
  return { ...template, Parameters: Object.fromEntries(parameters) }
}

/** Under another name a stack sees that it is other content. */
const digestOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16)

const parametersOf = ({ Parameters = {} }: Pick<Template, 'Parameters'>) => Object.keys(Parameters)

/** Puts a kind together. The same source gives the same bytes. */
export function deploymentOf(kind: DeploymentKind, source: DeploymentSource): Deployment {
  if (kind === 'reader-role') return readerRoleDeployment(source.readerPolicy)
  if (kind === 'org-scan') return organizationScanDeployment(source.organizationScan)
  const text = (template: Pick<Template, 'Parameters'>) =>
    yamlOf(withDefaults(template, source.defaults), [
      `Written by rel09 ${source.version}: rel09 deploy ${kind}. Do not edit, write it anew.`,
      'What it makes, what it costs and how to take it away: docs/deploy.md of rel09.',
    ])
  const { code } = source
  if (kind === 'config-rules') return configRulesDeployment(text, source, code)
  return kind === 'org' ? organizationDeployment(text, source, code) : packDeployment(text, source, code)
}

type Spell = (template: Pick<Template, 'Parameters'>) => string

function configRulesDeployment(text: Spell, source: DeploymentSource, code: CodeFiles): Deployment {
  return {
    hasRules: true,
    files: {
      [templateFile]: text(configRulesTemplate(source)),
      [scriptFile]: configRulesScript({ template: templateFile, code, scheduled: scheduledNames(source) }),
    },
    next: [`./${scriptFile} CODE_BUCKET`],
  }
}

const scheduledNames = ({ rules }: DeploymentSource) =>
  rules.filter(({ trigger }) => trigger.kind === 'schedule').map(({ rule }) => configRuleName(rule.id))

function packDeployment(text: Spell, source: DeploymentSource, code: CodeFiles): Deployment {
  const template = functionTemplate(source, false)
  const pack = conformancePack(source)
  const script = conformancePackScript({
    template: functionsFile,
    code,
    pack: packFile,
    templateParameters: parametersOf(template),
    packParameters: parametersOf(pack),
  })
  return {
    hasRules: true,
    files: { [functionsFile]: text(template), [packFile]: text(pack), [scriptFile]: script },
    next: [`./${scriptFile} CODE_BUCKET`],
  }
}

function organizationDeployment(text: Spell, source: DeploymentSource, code: CodeFiles): Deployment {
  const template = functionTemplate(source, true)
  const packText = text(conformancePack(source))
  const pack = `conformance-pack-${digestOf(packText)}.yaml`
  const organization = organizationTemplate(source, pack)
  const script = organizationScript({
    template: functionsFile,
    code,
    pack,
    codeBucket: codeBucketFile,
    organization: organizationFile,
    templateParameters: parametersOf(template),
    packParameters: parametersOf(organization),
  })
  return {
    hasRules: true,
    files: {
      [codeBucketFile]: text(codeBucketTemplate()),
      [functionsFile]: text(template),
      [pack]: packText,
      [organizationFile]: text(organization),
      [scriptFile]: script,
    },
    next: [`./${scriptFile} CODE_BUCKET_PREFIX ORGANIZATION_ID ROOT_OR_UNIT REGION,REGION`],
  }
}

function organizationScanDeployment({ template, stateMachine, code }: OrganizationScan): Deployment {
  const script = organizationScanScript({
    template: templateFile,
    code,
    stateMachine: stateMachineFile,
    stateMachineKey: `state-machine-${digestOf(stateMachine)}.asl.json`,
  })
  return {
    hasRules: false,
    files: { [templateFile]: template, [stateMachineFile]: stateMachine, [scriptFile]: script },
    next: [
      `./${scriptFile} CODE_BUCKET OrganizationId=ID ExternalId=SECRET`,
      'rel09 org plan --accounts organization --regions REGION,REGION > manifest.jsonl',
      'aws s3 cp manifest.jsonl s3://STORE_NAME/inputs/manifest.jsonl',
    ],
  }
}

function readerRoleDeployment(policy: ReaderPolicy): Deployment {
  const file = 'reader-role.yaml'
  return {
    hasRules: false,
    files: { [file]: readerRole(policy) },
    next: [
      `aws cloudformation deploy --stack-name rel09-reader --template-file ${file} --capabilities CAPABILITY_NAMED_IAM --parameter-overrides TrustedPrincipal=ARN ExternalId=SECRET`,
    ],
  }
}

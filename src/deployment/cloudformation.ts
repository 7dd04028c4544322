/**
 * CloudFormation documents as data, and as the text that is deployed.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
 */
import { stringify } from 'yaml'

/** A value of a template: what JSON has, with functions as objects of one member (`{ Ref: … }`). A member without a value is left out. */
export type Value = string | number | boolean | readonly Value[] | { readonly [name: string]: Value | undefined }

/** A parameter: what whoever deploys sets. */
export interface Parameter {
  readonly Type: 'String' | 'Number' | 'CommaDelimitedList'
  readonly Description: string
  readonly Default?: string | number
  readonly AllowedValues?: readonly string[]
  readonly AllowedPattern?: string
  readonly ConstraintDescription?: string
  readonly MinValue?: number
  readonly MaxValue?: number
}

/** A resource by its logical id. */
export interface Resource {
  readonly Type: string
  readonly Condition?: string
  readonly DependsOn?: string | readonly string[]
  readonly DeletionPolicy?: 'Retain' | 'RetainExceptOnCreate' | 'Delete'
  readonly UpdateReplacePolicy?: 'Retain' | 'Delete'
  readonly Metadata?: { readonly [name: string]: Value }
  readonly Properties: { readonly [name: string]: Value | undefined }
}

/** A part of a template: what one thing that is deployed takes. */
export interface Part {
  readonly Parameters?: { readonly [name: string]: Parameter }
  readonly Conditions?: { readonly [name: string]: Value }
  readonly Resources: { readonly [logicalId: string]: Resource }
  readonly Outputs?: { readonly [name: string]: { readonly Description: string; readonly Value: Value } & Conditional }
}

interface Conditional {
  readonly Condition?: string
}

/** A whole template. */
export interface Template extends Part {
  readonly AWSTemplateFormatVersion: '2010-09-09'
  readonly Description: string
}

/** What AWS allows of a template and of what rel09 puts into one, each with where AWS says so. */
export const limits = {
  /** Bytes of a template that is given directly. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
  directTemplateBytes: 51_200,
  /** Bytes of a template in S3. */
  templateBytes: 1_000_000,
  resources: 500,
  parameters: 200,
  outputs: 200,
  /** Rules of one conformance pack. https://docs.aws.amazon.com/config/latest/developerguide/configlimits.html */
  packRules: 130,
  /** Bytes of a conformance pack in S3. https://docs.aws.amazon.com/config/latest/APIReference/API_PutConformancePack.html */
  packBytes: 300_000,
  packParameters: 60,
  /** Characters of a Config rule's parameters as JSON. https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigRule.html */
  ruleParameters: 1024,
  ruleName: 128,
  ruleDescription: 256,
  /** Types in the scope of one rule. https://docs.aws.amazon.com/config/latest/APIReference/API_Scope.html */
  scopeTypes: 100,
  /** Bytes of a function's resource policy. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
  functionPolicyBytes: 20_480,
  /** Characters of all inline policies of a role, white space not counted. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
  rolePolicies: 10_240,
} as const

/** The value of a parameter, or what identifies a resource. */
export const ref = (name: string): Value => ({ Ref: name })

/** An attribute of a resource. */
export const getAtt = (logicalId: string, attribute: string): Value => ({ 'Fn::GetAtt': [logicalId, attribute] })

/** ARN of all objects of a bucket that the template makes. */
export const objectsOf = (bucket: string): Value => ({ 'Fn::Join': ['', [getAtt(bucket, 'Arn'), '/*']] })

/** Text with `${…}`. */
export const sub = (text: string): Value => ({ 'Fn::Sub': text })

/** A value where a condition holds, else another; without one, the property is left out. */
export const choose = (condition: string, value: Value, other: Value = ref('AWS::NoValue')): Value => ({
  'Fn::If': [condition, value, other],
})

/** Holds where a parameter was given a value. */
export const isGiven = (parameter: string): Value => ({ 'Fn::Not': [{ 'Fn::Equals': [ref(parameter), ''] }] })

/** Puts parts together; a name that two of them have is the first one's. */
export function templateOf(description: string, parts: readonly Part[]): Template {
  const gathered = <K extends keyof Part>(member: K): NonNullable<Part[K]> =>
    Object.assign({}, ...parts.map(part => part[member] ?? {}).reverse()) as NonNullable<Part[K]>
  const inOrder = <K extends keyof Part>(member: K) => {
    const all = gathered(member) as { [name: string]: unknown }
    const names = new Set(parts.flatMap(part => Object.keys(part[member] ?? {})))
    return Object.fromEntries([...names].map(name => [name, all[name]]))
  }
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: description,
    ...(Object.fromEntries(
      (['Parameters', 'Conditions', 'Resources', 'Outputs'] as const)
        .map(member => [member, inOrder(member)] as const)
        .filter(([, value]) => Object.keys(value).length > 0),
    ) as unknown as Part),
  }
}

/** The text of a template under a comment. The same template gives the same bytes. */
export function yamlOf(template: object, comment: readonly string[]): string {
  const head = comment.map(line => `# ${line}\n`).join('')
  // Of YAML 1.1, which CloudFormation reads: a date, or `on`, that is a text needs quotes there.
  return head + stringify(template, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })
}

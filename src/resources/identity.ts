/**
 * What a resource of a template will be called. References (`Ref`, `Fn::GetAtt`, `aws_kms_key.orders.arn`) then become the very
 * texts by which the join finds resources: names and ARNs, with placeholders for what only deployment tells.
 */
import { hasPlaceholder, placeholder } from '../model/placeholder.ts'
import type { TemplateIdentity } from './definition.ts'

/** A resource of a template, as far as its name depends on it. */
export interface DeclaredResource {
  scope: string
  /** Logical id or Terraform address; with the nested stacks or modules above it. */
  address: string
  /** The id that its author chose, resolved; absent where AWS makes it or it is not known. */
  chosenId?: string | undefined
  /** What the property of `identity.within` says, resolved; `null` where nothing is stated, absent where it is not known. */
  within?: string | null | undefined
  account?: string | undefined
  region?: string | undefined
}

/** What a resource will be called. */
export interface DeclaredIdentity {
  /** The id that the author chose, else the placeholder of the address. */
  id: string
  /** Absent for types without one. */
  arn?: string
  /** What `Ref` and Terraform's `id` give. */
  reference: string
}

/** Partition of a Region by its name. */
export function partitionOf(region: string | undefined): string {
  // Where the Region is not known: nearly all templates are for the commercial partition, and say so in the ARNs they spell out.
  if (region === undefined) return 'aws'
  return region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}

/** Whether a text is written as the id of an account. */
export function isAccountId(text: string): boolean {
  return /^\d{12}$/.test(text)
}

/** Whether a text is written as the code of a Region, such as `eu-west-1` or `us-gov-east-1`. */
export function isRegionCode(text: string): boolean {
  return /^[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}$/.test(text)
}

/** The pseudo parameter's value, else its placeholder. */
export function placeText(scope: string, name: 'AWS::AccountId' | 'AWS::Region', value: string | undefined): string {
  return value ?? placeholder(scope, name)
}

/** What a resource of a template will be called. */
export function identify(identity: TemplateIdentity | undefined, resource: DeclaredResource): DeclaredIdentity {
  const { scope, address, chosenId, within, account, region } = resource
  const chosen = chosenId !== undefined && identity?.lowerCase ? lowerCased(chosenId) : chosenId
  const id = chosen ?? placeholder(scope, address)
  const pattern = identity?.arn
  if (pattern === undefined) return { id, reference: id }
  const parts: { [name: string]: string } = {
    region: placeText(scope, 'AWS::Region', region),
    account: placeText(scope, 'AWS::AccountId', account),
    id,
    made: placeholder(scope, address),
    within: (within === null ? identity?.within?.absent : within) ?? placeholder(scope, `${address}.within`),
  }
  const arn = `arn:${partitionOf(region)}:${pattern.replace(/\{(\w+)\}/g, (_whole, name: string) => parts[name] ?? '')}`
  return { id, arn, reference: identity?.refersByArn ? arn : id }
}

/** A placeholder's address keeps its letters. */
const lowerCased = (text: string) => (hasPlaceholder(text) ? text : text.toLowerCase())

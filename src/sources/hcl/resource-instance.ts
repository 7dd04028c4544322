/** One instance of a resource or data source: its attributes, evaluated when something asks for them. */
import { placeholder } from '../../model/placeholder.ts'
import { referenceTo } from '../terraform/resource.ts'
import { attributeIn, type ResourceDeclaration } from './configuration.ts'
import { type Environment, evaluate } from './evaluate.ts'
import { policyDocument } from './policy-document.ts'
import type { ProviderPlace } from './providers.ts'
import { type Declared, Unknown, type Value } from './value.ts'

/** What an instance is made of. */
export interface InstanceParts {
  readonly address: string
  declaration: ResourceDeclaration
  /** With `each` and `count`. */
  environment: Environment
  /** What its number hangs on, and those of the modules around it, where that is not known. */
  mayNotExist: readonly string[]
  scope: string
  provider(): ProviderPlace
  /** Tells of an attribute that depends on itself. */
  cyclic(what: string): void
}

/** An instance, and what of it others may refer to. */
export interface ResourceInstance extends Declared, InstanceParts {}

/** Attributes that name a resource once it exists, whether its author chose them or AWS made them. */
const naming = new Set([
  'id',
  'arn',
  'name',
  'bucket',
  'identifier',
  'cluster_identifier',
  'cluster_id',
  'replication_group_id',
  'key_id',
  'snapshot_id',
  'db_snapshot_identifier',
  'db_cluster_snapshot_identifier',
  'function_name',
  'unique_id',
])

/** Whether an attribute that is not set is one certain text all the same: it names the resource. */
export function isNaming(type: string, name: string): boolean {
  if (naming.has(name) || type.startsWith('random_')) return true
  // `awscc_backup_backup_vault.main.backup_vault_arn`
  return (
    type.startsWith('awscc_') && /_(?:arn|id|name)$/.test(name) && type.endsWith(`_${name.replace(/_[a-z]+$/, '')}`)
  )
}

/** The attributes that a block sets, each evaluated once. */
function configured(parts: InstanceParts): (name: string) => Value | undefined {
  const known = new Map<string, Value | undefined>()
  const underway = new Set<string>()
  return name => {
    if (known.has(name)) return known.get(name)
    const attribute = attributeIn(parts.declaration.block.body, name)
    if (!attribute) return undefined
    if (underway.has(name)) {
      parts.cyclic(`${parts.address}.${name}`)
      return new Unknown(`${parts.address}.${name} depends on itself`)
    }
    underway.add(name)
    const value = evaluate(attribute.value, parts.environment)
    underway.delete(name)
    known.set(name, value)
    return value
  }
}

/** An instance of a resource. */
export function resourceInstance(parts: InstanceParts): ResourceInstance {
  const { address, declaration } = parts
  const { type, block } = declaration
  const set = configured(parts)
  return {
    ...parts,
    attribute(name) {
      const value = set(name)
      const isSet = value !== undefined && value !== null
      if (isSet && !(value instanceof Unknown)) return value
      if (isNaming(type, name)) return referenceTo(address, name)
      if (isSet) return value
      const isBlock = block.body.blocks.some(inner => inner.type === name || inner.labels[0] === name)
      return isBlock
        ? new Unknown(`blocks of ${address} are not looked into`)
        : new Unknown(`${address}.${name} is told by deployment`, false, placeholder(parts.scope, `${address}.${name}`))
    },
  }
}

/** What data sources of AWS say that is known without asking AWS. */
function computed(parts: InstanceParts, name: string): Value | undefined {
  const { scope, declaration } = parts
  switch (declaration.type) {
    case 'aws_caller_identity':
      if (name !== 'account_id' && name !== 'id') return undefined
      return parts.provider().account ?? placeholder(scope, 'AWS::AccountId')
    case 'aws_region':
      if (name !== 'name' && name !== 'region' && name !== 'id') return undefined
      return parts.provider().region ?? placeholder(scope, 'AWS::Region')
    case 'aws_partition': {
      const region = parts.provider().region ?? ''
      const [partition, suffix] = region.startsWith('cn-')
        ? ['aws-cn', 'amazonaws.com.cn']
        : [region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws', 'amazonaws.com']
      return name === 'partition' || name === 'id' ? partition : name === 'dns_suffix' ? suffix : undefined
    }
    case 'aws_iam_policy_document':
      return name === 'json' || name === 'minified_json'
        ? policyDocument(declaration.block.body, parts.environment)
        : undefined
    default:
      return undefined
  }
}

/** An instance of a data source. */
export function dataInstance(parts: InstanceParts): ResourceInstance {
  const { address } = parts
  const set = configured(parts)
  const known = new Map<string, Value | undefined>()
  return {
    ...parts,
    attribute(name) {
      if (!known.has(name)) known.set(name, computed(parts, name))
      return (
        known.get(name) ??
        set(name) ??
        new Unknown(`${address}.${name} is read from AWS`, false, placeholder(parts.scope, `${address}.${name}`))
      )
    },
  }
}

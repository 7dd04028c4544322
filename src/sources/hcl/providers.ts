/** Where providers put their resources: Region, account and default tags, by what their blocks say. */
import { placeholder } from '../../model/placeholder.ts'
import type { TerraformProvider } from '../terraform/resource.ts'
import { attributeIn, type Declaration } from './configuration.ts'
import { type Environment, evaluate } from './evaluate.ts'
import type { Body } from './syntax.ts'
import { isList, isTree, toText, Unknown, unknownPart, type Value } from './value.ts'

/** A provider's configuration, as far as it is known. Texts with placeholders where it is one certain place, not known which. */
export type ProviderPlace = TerraformProvider

/** What is given from outside: `--account`, `--region`. */
export interface GivenPlace {
  account?: string | undefined
  region?: string | undefined
}

function valueIn(body: Body, name: string, environment: Environment): Value {
  const attribute = attributeIn(body, name)
  return attribute ? evaluate(attribute.value, environment) : null
}

/** Bodies of the blocks of a type, whatever the syntax: JSON's are attributes. */
function membersOf(body: Body, type: string, name: string, environment: Environment): Value[] {
  const inBlocks = body.blocks.filter(block => block.type === type).map(block => valueIn(block.body, name, environment))
  const attribute = valueIn(body, type, environment)
  if (attribute === null) return inBlocks
  const trees = isList(attribute) ? attribute : [attribute]
  return [
    ...inBlocks,
    ...trees.map(tree => (isTree(tree) ? (tree.get(name) ?? null) : tree instanceof Unknown ? tree : null)),
  ]
}

const roleAccount = /^arn:[\w-]+:iam::([0-9]{12}):role\//

function accountOf(body: Body, roles: readonly Value[], environment: Environment): string | undefined {
  const allowed = valueIn(body, 'allowed_account_ids', environment)
  if (isList(allowed) && allowed.length === 1) {
    const only = toText(allowed[0]!)
    if (!(only instanceof Unknown) && /^[0-9]{12}$/.test(only)) return only
  }
  const role = roles.at(-1)
  return typeof role === 'string' ? roleAccount.exec(role)?.[1] : undefined
}

function defaultTagsOf(body: Body, key: string, scope: string, environment: Environment): ProviderPlace['defaultTags'] {
  const tags: { [key: string]: string } = {}
  for (const value of membersOf(body, 'default_tags', 'tags', environment)) {
    if (value === null) continue
    if (!isTree(value)) return undefined
    for (const [name, item] of value) {
      if (item === null) continue
      const text = toText(item)
      const known =
        text instanceof Unknown ? (text.text ?? placeholder(scope, `provider.${key}.default_tags.${name}`)) : text
      Object.defineProperty(tags, name, { value: known, enumerable: true, configurable: true, writable: true })
    }
  }
  return Object.keys(tags).length === 0 ? null : tags
}

/** Whose credentials a provider takes: two that take the same act in the same account. `undefined`: not known. */
function credentialsOf(body: Body, roles: readonly Value[], environment: Environment): string | undefined {
  const names = ['profile', 'access_key', 'shared_credentials_files', 'shared_credentials_file', 'shared_config_files']
  const values = [...names.map(name => valueIn(body, name, environment)), ...roles]
  if (values.some(value => unknownPart(value, environment.evaluation.budget))) return undefined
  return JSON.stringify(values)
}

/** The credentials that the environment gives: no block says a word. */
const ambient = JSON.stringify([null, null, null, null, null])

/** A provider without a block: everything comes from the environment. */
export function ambientProvider(key: string, given: GivenPlace): ProviderPlace {
  return { key, region: given.region, account: given.account, defaultTags: null }
}

/** What a provider's block says. */
export function providerPlace(
  name: string,
  key: string,
  { block }: Declaration,
  scope: string,
  given: GivenPlace,
  environment: Environment,
): ProviderPlace {
  const { body } = block
  const roles = [
    ...membersOf(body, 'assume_role', 'role_arn', environment),
    ...membersOf(body, 'assume_role_with_web_identity', 'role_arn', environment),
  ]
  const isDefault = !name.includes('.')
  const credentials = credentialsOf(body, roles, environment)
  const account =
    accountOf(body, roles, environment) ??
    (isDefault || credentials === ambient ? given.account : undefined) ??
    (isDefault || credentials === ambient ? undefined : placeholder(scope, `account of provider ${key}`))
  return {
    key,
    account,
    region: regionOf(name, key, body, scope, given, environment),
    defaultTags: defaultTagsOf(body, key, scope, environment),
  }
}

function regionOf(
  name: string,
  key: string,
  body: Body,
  scope: string,
  given: GivenPlace,
  environment: Environment,
): string | undefined {
  const stated = valueIn(body, 'region', environment)
  if (stated === null) return given.region
  const region = toText(stated)
  if (!(region instanceof Unknown)) return region
  if (!name.includes('.')) return given.region
  // Another Region than the default provider's, or the same: one certain one, in any case.
  return region.text ?? placeholder(scope, `region of provider ${key}`)
}

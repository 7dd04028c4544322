/** Where providers put their resources: Region, account and default tags, by what their blocks say. */
import { placeholder } from '../../model/placeholder.ts'
import { isAccountId } from '../../resources/identity.ts'
import type { TerraformProvider } from '../terraform/resource.ts'
import { attributeIn, type Declaration } from './configuration.ts'
import { type Environment, evaluate } from './evaluate.ts'
import type { Body } from './syntax.ts'
import { isList, isTree, toJson, toText, Unknown, unknownPart, type Value } from './value.ts'

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
    if (!(only instanceof Unknown) && isAccountId(only)) return only
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
function credentialsOf(body: Body, environment: Environment): string | undefined {
  const names = ['profile', 'access_key', 'shared_credentials_files', 'shared_credentials_file', 'shared_config_files']
  const values = [...names.map(name => valueIn(body, name, environment)), ...rolesOf(body, environment)]
  if (values.some(value => unknownPart(value, environment.evaluation.budget))) return undefined
  return JSON.stringify(values.map(value => toJson(value, environment.evaluation.budget)))
}

function rolesOf(body: Body, environment: Environment): Value[] {
  return [
    ...membersOf(body, 'assume_role', 'role_arn', environment),
    ...membersOf(body, 'assume_role_with_web_identity', 'role_arn', environment),
  ]
}

const noBlock: Body = { attributes: [], blocks: [] }

/** The provider without an alias, by which the others are told to act elsewhere or not. */
export interface HomeProvider {
  /** Absent where nobody configures it: it takes all from the environment. */
  declaration?: Declaration | undefined
  place: ProviderPlace
}

/** A provider without an alias and without a block: everything comes from the environment. */
export function ambientProvider(key: string, given: GivenPlace): ProviderPlace {
  return { key, region: given.region, account: given.account, defaultTags: null }
}

/** A provider of which nothing is known but that it is another one than those that are. */
export function unknownProvider(key: string, scope: string): ProviderPlace {
  return {
    key,
    region: placeholder(scope, `region of provider ${key}`),
    account: placeholder(scope, `account of provider ${key}`),
  }
}

/** What the block of a provider says. `home`: the provider without an alias, for one with one. */
export function providerPlace(
  key: string,
  { block: { body } }: Declaration,
  scope: string,
  given: GivenPlace,
  environment: Environment,
  home?: HomeProvider,
): ProviderPlace {
  const stated = accountOf(body, rolesOf(body, environment), environment)
  return {
    key,
    account: stated ?? (home ? accountBeside(home, key, body, scope, environment) : given.account),
    region: regionOf(key, body, scope, given, environment, home),
    defaultTags: defaultTagsOf(body, key, scope, environment),
  }
}

/** With the same credentials an alias acts in the account of the provider without one. */
function accountBeside(
  home: HomeProvider,
  key: string,
  body: Body,
  scope: string,
  environment: Environment,
): string | undefined {
  const own = credentialsOf(body, environment)
  const homes = credentialsOf(home.declaration?.block.body ?? noBlock, environment)
  return own !== undefined && own === homes ? home.place.account : placeholder(scope, `account of provider ${key}`)
}

function regionOf(
  key: string,
  body: Body,
  scope: string,
  given: GivenPlace,
  environment: Environment,
  home: HomeProvider | undefined,
): string | undefined {
  const stated = valueIn(body, 'region', environment)
  const region = stated === null ? undefined : toText(stated)
  if (typeof region === 'string') return region
  if (!home) return given.region
  // Where neither names one, both take that of the environment.
  const bothAmbient = region === undefined && !attributeIn(home.declaration?.block.body ?? noBlock, 'region')
  // Another Region than the other provider's, or the same: one certain one, in any case.
  return bothAmbient ? home.place.region : (region?.text ?? placeholder(scope, `region of provider ${key}`))
}

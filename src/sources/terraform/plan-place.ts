/** Accounts, Regions and default tags of a plan's provider configurations. */
import { placeholder } from '../../model/placeholder.ts'
import { isAccountId } from '../../resources/identity.ts'
import { isObject, type JsonObject, own } from '../json.ts'
import type { Meaning, PlanConfiguration } from './plan-configuration.ts'
import { type Step, stepsOf } from './references.ts'
import type { TerraformProvider } from './resource.ts'

/** What was given on the command line for templates that leave it to their surroundings. */
export interface GivenPlace {
  account?: string | undefined
  region?: string | undefined
}

const isAlias = (key: string) => key.slice(key.indexOf(':') + 1).includes('.')

/** Steps of `module.a.module.b`, without the word. */
export function moduleSteps(address: unknown): Step[] {
  const steps = typeof address === 'string' && address !== '' ? (stepsOf(address) ?? []) : []
  return steps.filter((_step, position) => position % 2 === 1)
}

function textOf(meaning: Meaning): string | undefined {
  return meaning.kind === 'constant' && typeof meaning.value === 'string' && meaning.value !== ''
    ? meaning.value
    : undefined
}

function tagsOf(meaning: Meaning): { [key: string]: string } | null | undefined {
  if (meaning.kind === 'omitted') return null
  if (meaning.kind !== 'constant' || !isObject(meaning.value)) return undefined
  const entries = Object.entries(meaning.value)
  if (entries.some(([, value]) => typeof value === 'object')) return undefined
  return Object.fromEntries(entries.map(([key, value]) => [key, String(value)]))
}

/** Reads the providers of a plan, each once. `given` stands for what the provider without an alias leaves open. */
export function planProviders(
  scope: string,
  configuration: PlanConfiguration,
  given: GivenPlace,
): (key: string | undefined) => TerraformProvider {
  const known = new Map<string, TerraformProvider>()
  const { providers } = configuration

  /** The key of the configuration that a resource uses: a module that configures no provider uses the one above it. */
  function keyOf(key: string): string {
    const declared = own(providers, key)
    const colon = key.lastIndexOf(':')
    if (colon < 0 || (isObject(declared) && isObject(own(declared, 'expressions')))) return key
    const above = key.slice(colon + 1)
    // Older plans do not tell which configuration a module was handed; where there is one only, it is that.
    const others = Object.keys(providers).filter(other => other.startsWith(`${above}.`))
    return others.length === 0 ? above : key
  }

  function read(key: string): TerraformProvider {
    const declared = own(providers, key)
    const settings = isObject(declared) ? own(declared, 'expressions') : undefined
    const expressions = isObject(settings) ? settings : {}
    const at = { module: moduleSteps(isObject(declared) ? own(declared, 'module_address') : undefined) }
    const meaning = (expression: unknown) => configuration.meaning(expression, at)
    const isDefault = !isAlias(key) && !key.includes(':')
    const region = textOf(meaning(own(expressions, 'region')))
    const isStatedRegion = Object.hasOwn(expressions, 'region')
    const account = accountOf(expressions, meaning)
    return {
      key,
      region:
        region ?? (isDefault ? (isStatedRegion ? undefined : given.region) : placeholder(scope, `AWS::Region ${key}`)),
      account: account ?? (isDefault ? given.account : accountOfAlias(expressions, key)),
      defaultTags: defaultTags(expressions, meaning),
    }
  }

  /** Without credentials of its own, an alias acts for the account of the provider without one. */
  function accountOfAlias(expressions: JsonObject, key: string): string | undefined {
    const own = ['assume_role', 'assume_role_with_web_identity', 'profile', 'access_key', 'shared_credentials_files']
    const isOther = key.includes(':') || own.some(name => Object.hasOwn(expressions, name))
    return isOther ? placeholder(scope, `AWS::AccountId ${key}`) : provider(key.split('.')[0]).account
  }

  function provider(wanted: string | undefined): TerraformProvider {
    const key = keyOf(wanted ?? 'aws')
    let found = known.get(key)
    if (!found) known.set(key, (found = read(key)))
    return found
  }
  return provider
}

function accountOf(expressions: JsonObject, meaning: (expression: unknown) => Meaning): string | undefined {
  const roles = own(expressions, 'assume_role')
  if (Array.isArray(roles) && roles.length === 1 && isObject(roles[0])) {
    const account = textOf(meaning(own(roles[0], 'role_arn')))?.split(':')[4]
    if (account !== undefined && isAccountId(account)) return account
  }
  const allowed = meaning(own(expressions, 'allowed_account_ids'))
  if (allowed.kind !== 'constant' || !Array.isArray(allowed.value) || allowed.value.length !== 1) return undefined
  const only = String(allowed.value[0])
  return isAccountId(only) ? only : undefined
}

function defaultTags(
  expressions: JsonObject,
  meaning: (expression: unknown) => Meaning,
): { [key: string]: string } | null | undefined {
  const blocks = own(expressions, 'default_tags')
  if (blocks === undefined) return null
  const block = Array.isArray(blocks) ? (blocks.length === 1 ? blocks[0] : undefined) : blocks
  return isObject(block) ? tagsOf(meaning(own(block, 'tags'))) : undefined
}

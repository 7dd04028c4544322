/** Terraform documents written by hand for these tests, in the shape of `terraform show -json`: no Terraform wrote them. */

export interface Change {
  address: string
  /** Values after the plan was applied. */
  after?: object | null
  unknown?: unknown
  before?: object | null
  actions?: string[]
  index?: string | number
  module?: string
  more?: object
}

const split = (address: string) => {
  const bare = address.replace(/\[(?:\d+|"[^"]*")\]$/, '')
  const [type, name] = bare.split('.').slice(-2) as [string, string]
  return { type, name }
}

/** An entry of `resource_changes`. */
export function change({ address, after, unknown, before, actions, index, module, more }: Change): object {
  return {
    address,
    ...(module === undefined ? {} : { module_address: module }),
    mode: 'managed',
    ...split(address),
    ...(index === undefined ? {} : { index }),
    provider_name: 'registry.terraform.io/hashicorp/aws',
    change: {
      actions: actions ?? ['create'],
      before: before ?? null,
      after: after === undefined ? {} : after,
      after_unknown: unknown ?? {},
    },
    ...more,
  }
}

/** A resource of a plan's configuration. */
export function declared(address: string, expressions: object, more: object = {}): object {
  return { address, mode: 'managed', ...split(address), provider_config_key: 'aws', expressions, ...more }
}

/** An expression with references, each followed by its prefixes as Terraform lists them. */
export function refers(...references: string[]): object {
  const listed: string[] = []
  for (const reference of references) {
    const parts = reference.split('.')
    for (let length = parts.length; length >= Math.min(2, parts.length); length--)
      listed.push(parts.slice(0, length).join('.'))
  }
  return { references: listed }
}

export const constant = (value: unknown) => ({ constant_value: value })

export const provider = (expressions: object, more: object = {}) => ({ name: 'aws', expressions, ...more })

export interface PlanInput {
  changes?: object[]
  configured?: object[]
  calls?: object
  variables?: object
  given?: object
  providers?: object
  more?: object
}

/** A plan. */
export function plan({ changes, configured, calls, variables, given, providers, more }: PlanInput): object {
  return {
    format_version: '1.2',
    terraform_version: '1.11.4',
    ...(given ? { variables: given } : {}),
    planned_values: { root_module: {} },
    resource_changes: changes ?? [],
    configuration: {
      provider_config: providers ?? { aws: provider({ region: constant('eu-west-1') }) },
      root_module: {
        resources: configured ?? [],
        ...(calls ? { module_calls: calls } : {}),
        ...(variables ? { variables } : {}),
      },
    },
    ...more,
  }
}

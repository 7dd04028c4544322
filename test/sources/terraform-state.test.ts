// Protects: a state tells what was there, with real ids, in both of its forms; what its ARNs do not settle is not known. All states
// here are written by hand.
import { describe, expect, it } from 'vitest'
import { readText } from './estate.ts'

const arn = (name: string, region = 'eu-west-1', account = '111122223333') =>
  `arn:aws:dynamodb:${region}:${account}:table/${name}`
const aws = 'provider["registry.terraform.io/hashicorp/aws"]'

/** A resource of a state file. */
const kept = (type: string, name: string, instances: object[], more: object = {}) => ({
  mode: 'managed',
  type,
  name,
  provider: aws,
  instances,
  ...more,
})
const file = (...resources: object[]) => ({
  version: 4,
  terraform_version: '1.9.0',
  serial: 3,
  lineage: '6a',
  outputs: {},
  resources,
})

/** A resource as `terraform show -json` tells it. */
const told = (address: string, values: object, more: object = {}) => {
  const [type, name] = address.split('.').slice(-2) as [string, string]
  return { address, mode: 'managed', type, name, provider_name: 'registry.terraform.io/hashicorp/aws', values, ...more }
}
const shown = (...resources: object[]) => ({
  format_version: '1.0',
  terraform_version: '1.9.0',
  values: { root_module: { resources, child_modules: [] } },
})

const read = (state: object) => readText(JSON.stringify(state))

describe('states', () => {
  it.each<[string, object]>([
    [
      'a state file',
      file(kept('aws_dynamodb_table', 'carts', [{ attributes: { id: 'carts', name: 'carts', arn: arn('carts') } }])),
    ],
    ['terraform show', shown(told('aws_dynamodb_table.carts', { id: 'carts', name: 'carts', arn: arn('carts') }))],
  ])('%s tells real names and places', async (_name, state) => {
    const { scopes, resources, problems } = await read(state)
    expect(problems).toEqual([])
    expect(scopes[0]).toMatchObject({ source: 'terraform-state', account: '111122223333', region: 'eu-west-1' })
    expect(resources).toEqual([
      expect.objectContaining({
        address: 'aws_dynamodb_table.carts',
        id: 'carts',
        arn: arn('carts'),
        account: '111122223333',
        region: 'eu-west-1',
        tags: null,
      }),
    ])
    expect(resources[0]).not.toHaveProperty('unknown')
  })

  it('a state file has one record an instance, but for data, and what is on its way out', async () => {
    const { resources } = await read(
      file(
        kept(
          'aws_dynamodb_table',
          't',
          [
            { index_key: 'a"b', attributes: { name: 'x' } },
            { index_key: 1, attributes: { name: 'y' } },
            { deposed: '0a', attributes: { name: 'old' } },
          ],
          { module: 'module.m["k"]' },
        ),
        { ...kept('aws_dynamodb_table', 'd', [{ attributes: { name: 'z' } }]), mode: 'data' },
      ),
    )
    expect(resources.map(record => record.address)).toEqual([
      'module.m["k"].aws_dynamodb_table.t["a\\"b"]',
      'module.m["k"].aws_dynamodb_table.t[1]',
    ])
  })

  it('terraform show tells the resources of modules', async () => {
    const state = shown()
    Object.assign(state.values.root_module, {
      child_modules: [
        {
          address: 'module.a',
          child_modules: [{ resources: [told('module.a.module.b.aws_dynamodb_table.t', { name: 't' })] }],
        },
      ],
    })
    expect((await read(state)).resources.map(record => record.address)).toEqual([
      'module.a.module.b.aws_dynamodb_table.t',
    ])
  })

  it.each<[string, object[], string | undefined]>([
    [
      'the one Region of its provider',
      [kept('aws_dynamodb_table', 'a', [{ attributes: { name: 'a', arn: arn('a') } }])],
      'eu-west-1',
    ],
    [
      'no Region of a provider that is in two',
      ['eu-west-1', 'us-east-1'].map(region =>
        kept('aws_dynamodb_table', region, [{ attributes: { name: 'a', arn: arn('a', region) } }]),
      ),
      undefined,
    ],
    [
      "no other provider's Region",
      [kept('aws_dynamodb_table', 'a', [{ attributes: { name: 'a', arn: arn('a') } }], { provider: `${aws}.dr` })],
      undefined,
    ],
  ])('a resource without an ARN has %s', async (_name, others, region) => {
    const { resources } = await read(
      file(...others, kept('aws_backup_selection', 's', [{ attributes: { name: 's', plan_id: 'p' } }])),
    )
    expect(resources.find(record => record.type === 'aws_backup_selection')!.region).toBe(region)
  })

  it('joins companions by the names that both hold', async () => {
    const { resources } = await read(
      file(
        kept('aws_backup_vault', 'v', [{ attributes: { id: 'main', name: 'main' } }]),
        kept('aws_backup_vault_lock_configuration', 'l', [
          { attributes: { backup_vault_name: 'main', min_retention_days: 7 } },
        ]),
      ),
    )
    expect(resources).toEqual([
      expect.objectContaining({
        address: 'aws_backup_vault.v',
        configuration: expect.objectContaining({
          lock_configuration: [expect.objectContaining({ min_retention_days: 7 })],
        }),
        related: [expect.objectContaining({ address: 'aws_backup_vault_lock_configuration.l' })],
      }),
    ])
  })

  it.each<[string, object]>([
    ['version 3', { ...file(), version: 3 }],
    ['no version that is known', { ...file(), version: 'x' }],
    ['format version 2', { ...shown(), format_version: '2.0' }],
    ['encryption', { serial: 1, lineage: 'x', meta: {}, encrypted_data: 'AA==', encryption_version: 'v0' }],
  ])('%s is refused in one line', async (_name, state) => {
    const { records, problems } = await read(state)
    expect([records, problems.length]).toEqual([[], 1])
  })

  it.each<[string, object]>([
    ['attributes of the time before version 4', kept('aws_dynamodb_table', 't', [{ attributes_flat: { name: 't' } }])],
    ['no instances', { ...kept('aws_dynamodb_table', 't', []), instances: null }],
    ['no type', { ...kept('x', 't', [{ attributes: {} }]), type: 7 }],
  ])('a resource with %s is a problem, and leaves the scope incomplete', async (_name, broken) => {
    const { resources, gaps, problems } = await read(
      file(broken, kept('aws_dynamodb_table', 'u', [{ attributes: { name: 'u' } }])),
    )
    expect([resources.length, gaps.length, problems.length]).toEqual([1, 1, 1])
  })

  it('an empty one holds nothing, which is no problem', async () => {
    for (const state of [file(), { format_version: '1.0' }, { format_version: '1.0', terraform_version: '1.9.0' }]) {
      const { scopes, problems } = await read(state)
      expect([scopes.length, problems]).toEqual([1, []])
    }
  })
})

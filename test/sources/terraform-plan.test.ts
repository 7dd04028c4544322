// Protects: a plan is judged by what it leads to; what it leaves open is a default where the author left it out, the other resource
// where it names one, and else not known, never a guess. All plans here are written by hand.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasPlaceholder, shownPlaceholders } from '../../src/model/placeholder.ts'
import type { ResourceRecord } from '../../src/model/record.ts'
import { readFiles, readText } from './estate.ts'
import { change, constant, declared, type PlanInput, plan, provider, refers } from './terraform-inputs.ts'

const read = (input: PlanInput) => readText(JSON.stringify(plan(input)))

async function records(input: PlanInput): Promise<{ [address: string]: ResourceRecord }> {
  const { resources, problems } = await read(input)
  expect(problems).toEqual([])
  return Object.fromEntries(resources.map(record => [record.address!, record]))
}

/** Values as people read them: placeholders by what they stand for. */
const shown = (value: unknown): unknown => JSON.parse(shownPlaceholders(JSON.stringify(value ?? null)))

describe('what a plan leads to', () => {
  const table = { address: 'aws_dynamodb_table.t', after: { name: 't' } }
  it.each<[string, object, number]>([
    ['a creation', change(table), 1],
    ['no change', change({ ...table, actions: ['no-op'] }), 1],
    ['an update', change({ ...table, actions: ['update'] }), 1],
    ['a replacement', change({ ...table, actions: ['delete', 'create'] }), 1],
    ['a replacement, created first', change({ ...table, actions: ['create', 'delete'] }), 1],
    ['a move', change({ ...table, actions: ['no-op'], more: { previous_address: 'aws_dynamodb_table.old' } }), 1],
    ['a destruction', change({ ...table, actions: ['delete'], after: null }), 0],
    ['something forgotten', change({ ...table, actions: ['forget'], after: null }), 0],
    ['a leftover of a replacement', change({ ...table, more: { deposed: 'ab12' } }), 0],
    ['a data source', change({ ...table, actions: ['read'], more: { mode: 'data' } }), 0],
  ])('%s', async (_name, entry, count) => {
    const { resources, problems } = await read({ changes: [entry] })
    expect(resources).toHaveLength(count)
    expect(problems).toEqual([])
  })

  it('takes from planned_values what resource_changes do not tell, and nothing that they take away', async () => {
    const values = (name: string) => ({
      address: `aws_dynamodb_table.${name}`,
      mode: 'managed',
      type: 'aws_dynamodb_table',
      name,
      values: { name },
    })
    const found = await records({
      changes: [change({ address: 'aws_dynamodb_table.gone', actions: ['delete'], after: null })],
      more: {
        planned_values: {
          root_module: {
            resources: [values('gone'), values('kept')],
            child_modules: [{ resources: [{ ...values('deep'), address: 'module.m.aws_dynamodb_table.deep' }] }],
          },
        },
      },
    })
    expect(Object.keys(found).sort()).toEqual(['aws_dynamodb_table.kept', 'module.m.aws_dynamodb_table.deep'])
  })

  it('lists what no rule concerns, by type', async () => {
    const { notEvaluated } = await read({
      changes: [change({ address: 'aws_vpc.a' }), change({ address: 'aws_vpc.b' })],
    })
    expect(notEvaluated).toEqual([{ type: 'aws_vpc', file: '-', reason: 'no rule concerns this type', count: 2 }])
  })
})

describe('what a plan leaves open', () => {
  const address = 'aws_db_instance.orders'
  const call = (expressions: object, variables: object, inner: object) => ({
    m: {
      expressions,
      module: { resources: [declared(address, { backup_retention_period: inner })], variables },
    },
  })
  /** The retention of a DB instance that the plan marks as not known, in the root or in `module.m`. */
  async function retention(input: PlanInput, module?: string): Promise<'omitted' | 'unknown' | number> {
    const at = module === undefined ? address : `${module}.${address}`
    const entry = change({
      address: at,
      after: { identifier: 'orders' },
      unknown: { backup_retention_period: true },
      ...(module === undefined ? {} : { module }),
    })
    const record = (await records({ changes: [entry], ...input }))[at]!
    if (record.unknown?.includes('backup_retention_period')) return 'unknown'
    return (record.configuration.backup_retention_period as number | undefined) ?? 'omitted'
  }

  it.each<[string, object, 'omitted' | 'unknown' | number]>([
    ['what the author left out', {}, 'omitted'],
    ['null', { backup_retention_period: constant(null) }, 'omitted'],
    ['a variable that was given', { backup_retention_period: refers('var.given') }, 7],
    ['a variable that was given as null', { backup_retention_period: refers('var.none') }, 'omitted'],
    ['a variable with a default', { backup_retention_period: refers('var.preset') }, 3],
    ['a variable whose default is null', { backup_retention_period: refers('var.empty') }, 'omitted'],
    ['a part of a variable', { backup_retention_period: refers('var.settings.days') }, 9],
    ['a part that a variable lacks', { backup_retention_period: refers('var.settings.hours') }, 'omitted'],
    ['two variables', { backup_retention_period: refers('var.given', 'var.preset') }, 'unknown'],
    ['two variables, both null', { backup_retention_period: refers('var.none', 'var.empty') }, 'omitted'],
    ['a local value', { backup_retention_period: refers('local.days') }, 'unknown'],
    ['a data source', { backup_retention_period: refers('data.aws_x.y.days') }, 'unknown'],
    ['a function', { backup_retention_period: {} }, 'unknown'],
    ['an element of for_each', { backup_retention_period: refers('each.value') }, 'unknown'],
    ['a reference that is none', { backup_retention_period: { references: ['[', 7, ''] } }, 'unknown'],
  ])('%s', async (_name, expressions, expected) => {
    const input = {
      configured: [declared(address, expressions)],
      given: { given: { value: 7 }, none: { value: null } },
      variables: { preset: { default: 3 }, empty: { default: null }, settings: { default: { days: 9 } } },
    }
    expect(await retention(input)).toBe(expected)
  })

  it.each<[string, object, 'omitted' | 'unknown' | number]>([
    ['a constant', call({ days: constant(14) }, { days: {} }, refers('var.days')), 14],
    ['nothing, with a default', call({}, { days: { default: 2 } }, refers('var.days')), 2],
    ['nothing, without a default', call({}, { days: {} }, refers('var.days')), 'omitted'],
    [
      'null, whatever the default',
      call({ days: constant(null) }, { days: { default: 2 } }, refers('var.days')),
      'omitted',
    ],
    ["the root's variable", call({ days: refers('var.root') }, { days: {} }, refers('var.days')), 5],
    ["an expression of the root's", call({ days: refers('local.x') }, { days: {} }, refers('var.days')), 'unknown'],
  ])('a module that is handed %s', async (_name, calls, expected) => {
    expect(await retention({ calls, variables: { root: { default: 5 } } }, 'module.m')).toBe(expected)
  })

  it('is not known where the plan holds no configuration of it', async () => {
    expect(await retention({})).toBe('unknown')
  })

  it('a circle of variables and outputs ends', async () => {
    const calls = {
      m: {
        expressions: { days: refers('module.m.days') },
        module: {
          outputs: { days: { expression: refers('var.days') } },
          resources: [declared(address, { backup_retention_period: refers('var.days') })],
        },
      },
    }
    expect(await retention({ calls }, 'module.m')).toBe('unknown')
  })

  it('a block that only a dynamic block can have made is not known', async () => {
    const at = 'aws_backup_selection.all'
    const found = await records({
      changes: [change({ address: at, after: { name: 'all' }, unknown: { selection_tag: true, condition: true } })],
      configured: [declared(at, { name: constant('all') })],
    })
    // The provider fills in conditions where there are none; tags it never does.
    expect(found[at]!.unknown).toEqual(['selection_tag'])
  })

  it('blocks of a set are told apart by their constants, not by their order', async () => {
    const at = 'aws_backup_plan.p'
    const block = (name: string, vault: object) => ({ rule_name: constant(name), target_vault_name: vault })
    const found = await records({
      changes: [
        change({
          address: at,
          after: { name: 'p', rule: [{ rule_name: 'b' }, { rule_name: 'a' }, { rule_name: 'c' }] },
          unknown: { rule: [{ target_vault_name: true }, { target_vault_name: true }, { target_vault_name: true }] },
        }),
        change({ address: 'aws_backup_vault.v', unknown: { name: true } }),
        change({ address: 'aws_backup_vault.w', unknown: { name: true } }),
      ],
      configured: [
        declared(at, {
          rule: [
            block('a', refers('aws_backup_vault.v.name')),
            block('b', refers('aws_backup_vault.w.name')),
            block('c', refers('local.vault')),
          ],
        }),
      ],
    })
    const record = found[at]!
    expect(shown(record.configuration.rule)).toEqual([
      { rule_name: 'b', target_vault_name: '${aws_backup_vault.w}' },
      { rule_name: 'a', target_vault_name: '${aws_backup_vault.v}' },
      { rule_name: 'c' },
    ])
    expect(record.unknown).toEqual(['rule.2.target_vault_name'])
  })

  it.each<[string, object[], object[], unknown[]]>([
    [
      'alike in all that is planned, in any order',
      [{ lifecycle: [] }, { lifecycle: [] }],
      [{}, {}],
      ['${aws_backup_vault.v}', '${aws_backup_vault.w}'],
    ],
    [
      'by a block that only one of them has',
      [{ lifecycle: [] }, { lifecycle: [{ delete_after: 90 }] }],
      [{ lifecycle: [{ delete_after: constant(90) }] }, {}],
      ['${aws_backup_vault.w}', '${aws_backup_vault.v}'],
    ],
    [
      'by what is left to them',
      [{ lifecycle: [{ delete_after: 90 }] }, { lifecycle: [{ delete_after: 7 }] }],
      [{ lifecycle: [{ delete_after: refers('var.days') }] }, {}],
      // Both may be either: the second may have a dynamic block that the plan does not show.
      ['unknown', 'unknown'],
    ],
  ])('blocks of a set are told apart: %s', async (_name, planned, written, arns) => {
    const at = 'aws_backup_plan.p'
    const vaults = ['aws_backup_vault.v', 'aws_backup_vault.w']
    const found = await records({
      changes: [
        change({
          address: at,
          after: { rule: [{ rule_name: 'a', copy_action: planned }] },
          unknown: { rule: [{ copy_action: planned.map(() => ({ destination_vault_arn: true })) }] },
        }),
        ...vaults.map(address => change({ address, unknown: { name: true } })),
      ],
      configured: [
        declared(at, {
          rule: [
            {
              rule_name: constant('a'),
              copy_action: written.map((block, i) => ({ ...block, destination_vault_arn: refers(`${vaults[i]}.arn`) })),
            },
          ],
        }),
      ],
    })
    const [rule] = found[at]!.configuration.rule as { copy_action: { destination_vault_arn?: string }[] }[]
    const last = rule!.copy_action.map(copy => (shown(copy.destination_vault_arn) as string | null)?.split(':').at(-1))
    expect(last.map(name => name ?? 'unknown')).toEqual(arns)
  })

  it('more blocks than the configuration shows come out of a dynamic one: nothing in them is told by the others', async () => {
    const at = 'aws_backup_plan.p'
    const found = await records({
      changes: [
        change({
          address: at,
          after: { rule: [{ rule_name: 'a' }, { rule_name: 'b' }] },
          unknown: { rule: [{ schedule: true }, { schedule: true }] },
        }),
      ],
      configured: [declared(at, { rule: [{ rule_name: constant('a') }] })],
    })
    expect(found[at]!.unknown).toEqual(['rule.0.schedule', 'rule.1.schedule'])
  })
})

describe('references', () => {
  const volume = 'aws_ebs_volume.data'
  const selection = 'aws_backup_selection.s'
  const arn = (at: string) => `arn:aws:ec2:eu-west-1:\${AWS::AccountId}:volume/\${${at}}`
  /** What `resources` of a selection come to. */
  async function resources(expression: object, unknown: unknown, more: PlanInput = {}): Promise<unknown> {
    const after = Array.isArray(unknown) ? { resources: unknown.map(mark => (mark === true ? null : mark)) } : {}
    const found = await records({
      ...more,
      changes: [
        ...(more.changes ?? [change({ address: volume })]),
        change({ address: selection, after, unknown: { resources: unknown } }),
      ],
      configured: [declared(selection, { resources: expression })],
    })
    const record = found[selection]!
    const isOpen = record.unknown?.some(path => path.startsWith('resources'))
    return isOpen ? 'unknown' : shown(record.configuration.resources)
  }
  const both = [change({ address: volume }), change({ address: 'aws_ebs_volume.logs' })]

  it.each<[string, object, unknown, PlanInput, unknown]>([
    ['one', refers(`${volume}.arn`), true, {}, [arn(volume)]],
    ['one of a list', refers(`${volume}.arn`), [true], {}, [arn(volume)]],
    [
      'several',
      refers(`${volume}.arn`, 'aws_ebs_volume.logs.arn'),
      [true, true],
      { changes: both },
      [arn(volume), arn('aws_ebs_volume.logs')],
    ],
    ['fewer than are open', refers(`${volume}.arn`), [true, true], {}, 'unknown'],
    ['a choice', refers('var.all', `${volume}.arn`), true, { variables: { all: { default: true } } }, 'unknown'],
    ['all instances of a resource', refers(volume), true, {}, 'unknown'],
    ['a resource that the plan does not hold', refers('aws_ebs_volume.gone.arn'), true, {}, 'unknown'],
    [
      'one that the plan destroys',
      refers(`${volume}.arn`),
      true,
      { changes: [change({ address: volume, actions: ['delete'], after: null })] },
      'unknown',
    ],
    [
      'an instance by its index',
      refers(`${volume}[1].arn`),
      true,
      { changes: [0, 1].map(index => change({ address: `${volume}[${index}]`, index })) },
      [arn(`${volume}[1]`)],
    ],
    [
      'an output of a module',
      refers('module.store.volume_arn'),
      true,
      {
        changes: [change({ address: `module.store.${volume}`, module: 'module.store' })],
        calls: { store: { module: { outputs: { volume_arn: { expression: refers(`${volume}.arn`) } } } } },
      },
      [arn(`module.store.${volume}`)],
    ],
    [
      'a whole resource that a module hands out',
      refers('module.store.volume.arn'),
      true,
      {
        changes: [change({ address: `module.store.${volume}`, module: 'module.store' })],
        calls: { store: { module: { outputs: { volume: { expression: refers(volume) } } } } },
      },
      [arn(`module.store.${volume}`)],
    ],
    [
      'an output of a module that is called several times',
      refers('module.store'),
      true,
      {
        changes: [change({ address: `module.store["a"].${volume}`, module: 'module.store["a"]' })],
        calls: {
          store: {
            for_each_expression: {},
            module: { outputs: { volume_arn: { expression: refers(`${volume}.arn`) } } },
          },
        },
      },
      'unknown',
    ],
  ])('to %s', async (_name, expression, unknown, more, expected) => {
    expect(await resources(expression, unknown, more)).toEqual(expected)
  })

  it('a name that is made out of another resource is not that resource', async () => {
    const changes = ['a', 'b'].map(name => change({ address: `aws_s3_bucket.${name}`, unknown: { bucket: true } }))
    const found = await records({
      changes,
      configured: [declared('aws_s3_bucket.b', { bucket: refers('aws_s3_bucket.a.id') })],
    })
    expect(found['aws_s3_bucket.a']!.arn).not.toBe(found['aws_s3_bucket.b']!.arn)
  })

  it('an index of for_each with braces and an at sign is still one placeholder', async () => {
    const at = 'aws_ebs_volume.data["{a@b}"]'
    const found = await records({ changes: [change({ address: at, index: '{a@b}' })] })
    expect(hasPlaceholder(found[at]!.id)).toBe(true)
    expect(shownPlaceholders(found[at]!.id)).not.toContain('@')
  })
})

describe('companions', () => {
  const bucket = 'aws_s3_bucket.b'
  const versioning = 'aws_s3_bucket_versioning.v'
  const values = { versioning_configuration: [{ status: 'Enabled' }] }
  const status = (record: ResourceRecord | undefined) =>
    (record?.configuration.bucket_versioning as { versioning_configuration: { status: string }[] }[] | undefined)?.map(
      companion => companion.versioning_configuration[0]!.status,
    )
  const isOpen = (record: ResourceRecord | undefined) => record?.unknown?.includes('bucket_versioning') ?? false

  it.each<[string, PlanInput, string]>([
    [
      'a reference',
      {
        changes: [
          change({ address: bucket, unknown: { bucket: true } }),
          change({ address: versioning, after: values, unknown: { bucket: true } }),
        ],
        configured: [declared(versioning, { bucket: refers(`${bucket}.id`) })],
      },
      bucket,
    ],
    [
      'a name that both spell out',
      {
        changes: [
          change({ address: bucket, after: { bucket: 'covers' } }),
          change({ address: versioning, after: { bucket: 'covers', ...values } }),
        ],
      },
      bucket,
    ],
    [
      'a reference to the instance of the same index',
      {
        changes: [0, 1].flatMap(index => [
          change({ address: `${bucket}[${index}]`, index, unknown: { bucket: true } }),
          ...(index === 1
            ? [change({ address: `${versioning}[1]`, index, after: values, unknown: { bucket: true } })]
            : []),
        ]),
        configured: [declared(versioning, { bucket: refers(bucket, 'count.index') })],
      },
      `${bucket}[1]`,
    ],
    [
      'a reference to the instance of the same key',
      {
        changes: ['x', 'y.z'].flatMap(index => [
          change({ address: `${bucket}["${index}"]`, index, unknown: { bucket: true } }),
          ...(index === 'y.z'
            ? [change({ address: `${versioning}["y.z"]`, index, after: values, unknown: { bucket: true } })]
            : []),
        ]),
        configured: [declared(versioning, { bucket: refers(bucket, 'each.key') })],
      },
      `${bucket}["y.z"]`,
    ],
    [
      'a variable of a module that the root hands the bucket',
      {
        changes: [
          change({ address: bucket, unknown: { bucket: true } }),
          change({
            address: `module.m.${versioning}`,
            module: 'module.m',
            after: values,
            unknown: { bucket: true },
          }),
        ],
        calls: {
          m: {
            expressions: { name: refers(`${bucket}.id`) },
            module: { resources: [declared(versioning, { bucket: refers('var.name') })], variables: { name: {} } },
          },
        },
      },
      bucket,
    ],
    [
      'an output of a module',
      {
        changes: [
          change({
            address: `module.m["k"].${bucket}[0]`,
            module: 'module.m["k"]',
            index: 0,
            unknown: { bucket: true },
          }),
          change({ address: versioning, after: values, unknown: { bucket: true } }),
        ],
        calls: {
          m: {
            for_each_expression: {},
            module: { outputs: { id: { expression: refers(`${bucket}[0].id`) } } },
          },
        },
        configured: [
          declared(versioning, { bucket: { references: ['module.m["k"].id', 'module.m["k"]', 'module.m'] } }),
        ],
      },
      `module.m["k"].${bucket}[0]`,
    ],
  ])('are joined by %s', async (_name, input, owner) => {
    const found = await records(input)
    expect(status(found[owner])).toEqual(['Enabled'])
    expect(found[owner]!.related).toEqual([
      expect.objectContaining({ type: 'aws_s3_bucket_versioning', address: expect.stringContaining(versioning) }),
    ])
    const others = Object.values(found).filter(record => record.address !== owner && record.type === 'aws_s3_bucket')
    for (const other of others) expect([status(other), isOpen(other)]).toEqual([undefined, false])
  })

  it('whose owner cannot be told leave every bucket without one open', async () => {
    const found = await records({
      changes: [
        ...['a', 'b'].map(name => change({ address: `aws_s3_bucket.${name}`, unknown: { bucket: true } })),
        change({ address: versioning, after: values, unknown: { bucket: true } }),
        change({ address: 'aws_s3_bucket_versioning.w', after: values, unknown: { bucket: true } }),
      ],
      configured: [
        declared(versioning, { bucket: refers('aws_s3_bucket.a.id') }),
        declared('aws_s3_bucket_versioning.w', { bucket: refers('local.name') }),
      ],
    })
    expect([status(found['aws_s3_bucket.a']), isOpen(found['aws_s3_bucket.a'])]).toEqual([['Enabled'], false])
    expect([status(found['aws_s3_bucket.b']), isOpen(found['aws_s3_bucket.b'])]).toEqual([[], true])
  })

  it('that are taken away leave what their owner still shows of them open', async () => {
    const found = await records({
      changes: [
        change({
          address: bucket,
          actions: ['no-op'],
          after: { bucket: 'covers', id: 'covers', versioning: [{ enabled: true }] },
        }),
        change({ address: versioning, actions: ['delete'], after: null, before: { bucket: 'covers', ...values } }),
      ],
    })
    expect(isOpen(found[bucket])).toBe(true)
  })

  it('of somebody else are listed', async () => {
    const { notEvaluated } = await read({
      changes: [change({ address: versioning, after: { bucket: 'other', ...values } })],
    })
    expect(notEvaluated).toEqual([expect.objectContaining({ type: 'aws_s3_bucket_versioning', count: 1 })])
  })

  it('what is not known in one is not known in its owner', async () => {
    const found = await records({
      changes: [
        change({ address: 'aws_backup_vault.v', after: { name: 'v' } }),
        change({
          address: 'aws_backup_vault_lock_configuration.l',
          after: { backup_vault_name: 'v' },
          unknown: { min_retention_days: true },
        }),
      ],
      configured: [declared('aws_backup_vault_lock_configuration.l', { min_retention_days: refers('local.days') })],
    })
    expect(found['aws_backup_vault.v']!.unknown).toContain('lock_configuration.0.min_retention_days')
  })
})

describe('where a resource will be', () => {
  const at = 'aws_dynamodb_table.t'
  async function place(
    providers: object,
    key: string,
    more: { after?: object; unknown?: object; input?: PlanInput } = {},
  ) {
    const { after = { name: 't' }, unknown = {} } = more
    const found = await records({
      ...more.input,
      providers,
      changes: [change({ address: at, after, unknown })],
      configured: [declared(at, { region: refers('local.x') }, { provider_config_key: key })],
    })
    const { account, region, arn } = found[at]!
    return { account, region, arn: shownPlaceholders(arn!) }
  }
  const region = constant('eu-west-1')
  const role = (account: string) => [{ role_arn: constant(`arn:aws:iam::${account}:role/deploy`) }]

  it.each<[string, object, string, object, object]>([
    ['a constant', { aws: provider({ region }) }, 'aws', {}, { region: 'eu-west-1' }],
    [
      'a variable',
      { aws: provider({ region: refers('var.region') }) },
      'aws',
      { input: { variables: { region: { default: 'eu-west-3' } } } },
      { region: 'eu-west-3' },
    ],
    ['an expression', { aws: provider({ region: refers('local.region') }) }, 'aws', {}, { region: undefined }],
    [
      'an alias',
      { aws: provider({ region }), 'aws.dr': provider({ region: constant('eu-central-1') }, { alias: 'dr' }) },
      'aws.dr',
      {},
      { region: 'eu-central-1' },
    ],
    [
      'an alias whose Region is not known: another than where the default provider is',
      { aws: provider({}), 'aws.dr': provider({ region: refers('local.x') }) },
      'aws.dr',
      {},
      { region: undefined, arn: expect.stringContaining('${AWS::Region aws.dr}') },
    ],
    [
      "a module's provider that configures nothing",
      { aws: provider({ region }), 'module.m:aws': { name: 'aws', module_address: 'module.m' } },
      'module.m:aws',
      {},
      { region: 'eu-west-1' },
    ],
    [
      'a module that may have been handed any of several',
      { aws: provider({ region }), 'aws.dr': provider({ region }), 'module.m:aws': { name: 'aws' } },
      'module.m:aws',
      {},
      { region: undefined },
    ],
    [
      'the role that is assumed',
      { aws: provider({ region, assume_role: role('111122223333') }) },
      'aws',
      {},
      { account: '111122223333' },
    ],
    [
      'the one account that is allowed',
      { aws: provider({ region, allowed_account_ids: constant(['111122223333']) }) },
      'aws',
      {},
      { account: '111122223333' },
    ],
    [
      'one of two accounts that are allowed',
      { aws: provider({ region, allowed_account_ids: constant(['111122223333', '444455556666']) }) },
      'aws',
      {},
      { account: undefined },
    ],
    [
      'an alias with a profile of its own: not known to be the same account',
      { aws: provider({ region }), 'aws.dr': provider({ region, profile: constant('dr') }) },
      'aws.dr',
      {},
      { account: undefined, arn: expect.stringContaining('${AWS::AccountId aws.dr}') },
    ],
    [
      "the resource's own Region",
      { aws: provider({ region }) },
      'aws',
      { after: { name: 't', region: 'us-east-1' } },
      { region: 'us-east-1', arn: expect.stringContaining(':us-east-1:') },
    ],
    [
      "the resource's own Region, which is not known",
      { aws: provider({ region }) },
      'aws',
      { unknown: { region: true } },
      { region: undefined, arn: expect.not.stringContaining('eu-west-1') },
    ],
    [
      'its ARN',
      { aws: provider({ region: refers('local.x') }) },
      'aws',
      { after: { name: 't', arn: 'arn:aws:dynamodb:eu-north-1:111122223333:table/t' } },
      { region: 'eu-north-1', account: '111122223333' },
    ],
  ])('%s', async (_name, providers, key, more, expected) => {
    expect(await place(providers, key, more)).toMatchObject(expected)
  })

  it('what the user states stands for what the default provider leaves to its surroundings', async () => {
    const template = { account: '111122223333', region: 'eu-south-1' }
    const text = JSON.stringify(
      plan({
        providers: { aws: provider({}), 'aws.dr': provider({}) },
        changes: [
          change({ address: at, after: { name: 't' } }),
          change({ address: 'aws_dynamodb_table.u', after: { name: 'u' } }),
        ],
        configured: [declared('aws_dynamodb_table.u', {}, { provider_config_key: 'aws.dr' })],
      }),
    )
    const { resources, scopes } = await readText(text, { template })
    expect(scopes[0]).toMatchObject(template)
    expect(resources.map(record => record.region)).toEqual(['eu-south-1', undefined])
  })
})

describe('tags', () => {
  const at = 'aws_dynamodb_table.t'
  const defaults = (tags: object) => ({ aws: provider({ default_tags: [{ tags }] }) })
  it.each<[string, object, object, object, unknown]>([
    ['merged by the provider', { tags: { a: '1' }, tags_all: { a: '1', b: '2' } }, {}, {}, { a: '1', b: '2' }],
    ['none', { tags: null, tags_all: {} }, {}, {}, null],
    ['none, and no default tags', { tags: null }, { tags_all: true }, {}, null],
    [
      'with default tags that the plan does not merge',
      { tags: { a: '1' } },
      { tags_all: true },
      defaults(constant({ b: '2' })),
      { a: '1', b: '2' },
    ],
    [
      'with default tags that are not known',
      { tags: { a: '1' } },
      { tags_all: true },
      defaults(refers('local.tags')),
      undefined,
    ],
    [
      'one value not known',
      { tags: { a: '1' }, tags_all: { a: '1' } },
      { tags: { b: true }, tags_all: { b: true } },
      {},
      { a: '1', b: expect.stringContaining('${') },
    ],
    ['not known at all', {}, { tags: true, tags_all: true }, {}, undefined],
  ])('%s', async (_name, after, unknown, providers, expected) => {
    const found = await records({
      providers,
      changes: [change({ address: at, after: { name: 't', ...after }, unknown })],
      configured: [declared(at, { tags: refers('local.tags') })],
    })
    expect(found[at]!.tags).toEqual(expected)
  })
})

describe('the awscc provider', () => {
  it('is read as CloudFormation, whose properties are its own', async () => {
    const at = 'awscc_rds_db_instance.orders'
    const found = await records({
      changes: [
        change({
          address: at,
          after: { db_instance_identifier: 'Orders', backup_retention_period: 14, tags: [{ key: 'a', value: '1' }] },
          unknown: { kms_key_id: true },
        }),
      ],
      configured: [declared(at, { kms_key_id: refers('local.key') }, { provider_config_key: 'awscc' })],
    })
    expect(found[at]).toMatchObject({
      type: 'AWS::RDS::DBInstance',
      encoding: 'cloudformation',
      id: 'orders',
      tags: { a: '1' },
      unknown: ['kmskeyid'],
    })
  })

  it.each<[string, string, string[] | undefined]>([
    ['none of its resources attaches', 'awscc_s3_bucket.b', undefined],
    ['one may attach a policy', 'awscc_iam_role_policy.p', ['inline_policy_resources']],
  ])('joins nothing to a role: where %s', async (_name, beside, unknown) => {
    const found = await records({
      changes: [
        change({ address: 'awscc_iam_role.web', after: { role_name: 'web' } }),
        change({ address: beside, after: { role_name: 'web' } }),
      ],
    })
    expect(found['awscc_iam_role.web']!.unknown).toEqual(unknown)
  })
})

describe('the file', () => {
  const text = JSON.stringify(plan({ changes: [change({ address: 'aws_dynamodb_table.é', after: { name: 'é𐍈' } })] }))
  const bytes16 = Buffer.from(`\ufeff${text}`, 'utf16le')
  it.each<[string, Buffer]>([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`)],
    ['UTF-16, little end first', bytes16],
    ['UTF-16, big end first', Buffer.from(bytes16).swap16()],
  ])('may be %s', async (_name, bytes) => {
    const { resources, problems } = await readText(bytes)
    expect(problems).toEqual([])
    expect(resources.map(record => record.id)).toEqual(['é𐍈'])
  })

  it('UTF-16 that is cut in the middle of a character is told', async () => {
    const { problems } = await readFiles({ 'plan.json': bytes16.subarray(0, bytes16.length - 1) })
    expect(problems).toHaveLength(1)
  })

  it.each(['0.1', '0.2', '1.0', '1.9'])('of format version %s is read', async version => {
    const { resources, problems } = await read({
      changes: [change({ address: 'aws_dynamodb_table.t' })],
      more: { format_version: version },
    })
    expect([resources.length, problems]).toEqual([1, []])
  })

  it.each(['2.0', '10.1', '', 1, null])('of format version %s is refused in one line', async version => {
    const { records: all, problems } = await read({
      changes: [change({ address: 'aws_dynamodb_table.t' })],
      more: { format_version: version },
    })
    expect(all).toEqual([])
    expect(problems).toHaveLength(1)
  })

  it.each<[string, object]>([
    ['could not finish', { errored: true }],
    ['deferred changes', { complete: false }],
  ])('says that Terraform %s: nothing is concluded from what it lacks', async (_name, more) => {
    const { gaps, resources } = await read({ changes: [change({ address: 'aws_s3_bucket.b' })], more })
    expect(gaps).toEqual([expect.objectContaining({ factGroups: ['*'], reason: 'truncated' })])
    expect(resources[0]!.unknown).toContain('bucket_versioning')
  })

  it('with a resource too long to read tells so and reads the others', async () => {
    const long = change({ address: 'aws_dynamodb_table.long', after: { name: 'x'.repeat(5000) } })
    const text = JSON.stringify(plan({ changes: [long, change({ address: 'aws_s3_bucket.b' })] }))
    const { resources, gaps, problems } = await readText(text, { maxRecordBytes: 2000 })
    expect(resources.map(record => record.address)).toEqual(['aws_s3_bucket.b'])
    expect(resources[0]!.unknown).toContain('bucket_versioning')
    expect([gaps.map(gap => gap.reason), problems.length]).toEqual([['oversized'], 1])
  })

  it('points at the lines of its resources and their properties', async () => {
    const text = JSON.stringify(
      plan({
        changes: [
          change({ address: 'aws_vpc.v' }),
          change({
            address: 'aws_backup_plan.p',
            after: { name: 'daily', rule: [{ rule_name: 'a' }, { rule_name: 'b', lifecycle: [{ delete_after: 7 }] }] },
          }),
        ],
      }),
      null,
      2,
    )
    const lines = text.split('\n')
    const lineOf = (part: string) => lines.findIndex(line => line.includes(part)) + 1
    const { resources } = await readFiles({ 'plans/plan.json': text })
    expect(resources[0]!.location).toMatchObject({ file: 'plans/plan.json', line: lineOf('"aws_backup_plan.p"') })
    expect(resources[0]!.positions).toMatchObject({
      name: lineOf('"name": "daily"'),
      'rule.0.rule_name': lineOf('"rule_name": "a"'),
      'rule.1.rule_name': lineOf('"rule_name": "b"'),
      'rule.1.lifecycle.0.delete_after': lineOf('"delete_after": 7'),
    })
  })
})

describe('of several descriptions of one root', () => {
  const config = `
resource "aws_s3_bucket" "b" {
  bucket = "covers"
}

resource "aws_s3_bucket_versioning" "v" {
  bucket = aws_s3_bucket.b.id
  versioning_configuration {
    status = "Suspended"
  }
}
`
  const planned = JSON.stringify(
    plan({
      changes: [
        change({ address: 'aws_s3_bucket.b', after: { bucket: 'covers' } }),
        change({
          address: 'aws_s3_bucket_versioning.v',
          after: { bucket: 'covers', versioning_configuration: [{ status: 'Enabled' }] },
        }),
      ],
    }),
  )
  const state = JSON.stringify({ version: 4, terraform_version: '1.9.0', serial: 1, lineage: 'x', resources: [] })

  it('the plan is judged, and points at the configuration', async () => {
    const { scopes, resources, problems, notEvaluated } = await readFiles({
      'infra/main.tf': config,
      'infra/plan.json': planned,
      'infra/terraform.tfstate': state,
      'infra/terraform.tfstate.backup': state,
    })
    expect(problems).toEqual([])
    expect(scopes.map(scope => scope.source)).toEqual(['terraform-plan'])
    expect(resources).toHaveLength(1)
    expect(resources[0]).toMatchObject({
      location: { file: 'infra/main.tf', line: 2 },
      related: [{ location: { file: 'infra/main.tf', line: 6 } }],
      configuration: { bucket_versioning: [{ versioning_configuration: [{ status: 'Enabled' }] }] },
    })
    expect(notEvaluated).toEqual([expect.objectContaining({ file: 'infra/terraform.tfstate' })])
  })

  it('the state is judged where there is no plan, the configuration where there is neither', async () => {
    const roots = await readFiles({ 'a/main.tf': config, 'a/terraform.tfstate': state, 'b/main.tf': config })
    expect(roots.scopes.map(scope => scope.source).sort()).toEqual(['terraform-hcl', 'terraform-state'])
  })
})

describe('hostile plans', () => {
  const valid = plan({
    given: { days: { value: 7 } },
    variables: { days: { default: 3 } },
    providers: { aws: provider({ region: refers('var.days'), default_tags: [{ tags: constant({ a: 'b' }) }] }) },
    changes: [
      change({ address: 'aws_s3_bucket.b[0]', index: 0, after: { tags: { a: 'b' } }, unknown: { bucket: true } }),
      change({ address: 'aws_s3_bucket_versioning.v', after: {}, unknown: { bucket: true } }),
      change({
        address: 'module.m["k"].aws_backup_plan.p',
        module: 'module.m["k"]',
        after: { rule: [{ rule_name: 'a', lifecycle: [{ delete_after: 7 }] }] },
        unknown: { rule: [{ target_vault_name: true }], id: true },
      }),
    ],
    configured: [
      declared('aws_s3_bucket.b', { bucket: refers('var.days') }),
      declared('aws_s3_bucket_versioning.v', { bucket: refers('aws_s3_bucket.b[0].id') }),
    ],
    calls: {
      m: {
        expressions: { vault: refers('module.m.vault') },
        for_each_expression: {},
        module: {
          outputs: { vault: { expression: refers('var.vault') } },
          variables: { vault: {} },
          resources: [declared('aws_backup_plan.p', { rule: [{ target_vault_name: refers('var.vault') }] })],
        },
      },
    },
  })
  const odd = fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    1e300,
    '',
    'module.',
    '__proto__',
    'aws_s3_bucket.b',
    [],
    {},
    [[[]]],
    [null],
    { references: [] },
    { references: ['a', 7, 'module.x["'] },
    { constant_value: {} },
    JSON.parse('{"__proto__":{"constant_value":1},"constructor":{},"hasOwnProperty":1}'),
  )

  /** The tree with what stands at some places replaced, or under another key. */
  function mutated(tree: unknown, picks: readonly { at: number; value: unknown; renames: boolean }[]): unknown {
    const copy = JSON.parse(JSON.stringify(tree)) as object
    for (const { at, value, renames } of picks) {
      const places: [owner: Record<string, unknown>, key: string][] = []
      const walk = (node: unknown): void => {
        if (typeof node !== 'object' || node === null) return
        for (const key of Object.keys(node)) {
          places.push([node as Record<string, unknown>, key])
          walk((node as Record<string, unknown>)[key])
        }
      }
      walk(copy)
      if (places.length === 0) continue
      const [owner, key] = places[at % places.length]!
      if (renames && !Array.isArray(owner)) {
        Object.defineProperty(owner, String(value), {
          value: owner[key],
          enumerable: true,
          configurable: true,
          writable: true,
        })
        delete owner[key]
      } else owner[key] = JSON.parse(JSON.stringify(value)) as unknown
    }
    return copy
  }

  it('never throw, whatever stands wherever', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ at: fc.nat(1000), value: odd, renames: fc.boolean() }), { minLength: 1, maxLength: 5 }),
        async picks => {
          const { resources } = await readText(JSON.stringify(mutated(valid, picks)))
          for (const record of resources) expect(record.configuration).toBeTypeOf('object')
          expect(({} as { constant_value?: unknown }).constant_value).toBeUndefined()
        },
      ),
      { numRuns: 1500 },
    ))

  it('nested deeply are refused, not fatal', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const text = JSON.stringify(valid).replace('"tags":{"a":"b"}', `"tags":${deep}`)
    const { problems } = await readText(text)
    expect(problems.length).toBeGreaterThan(0)
  })
})

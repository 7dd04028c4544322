// Protects: what configurations of Terraform declare is read as it would be applied (modules, instances, providers, variables), and
// whatever cannot be known leaves a mark: an unknown path, a gap, or a problem with its line.
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ResourceRecord } from '../../src/model/record.ts'
import { account, directoryOf, type Outcome, otherAccount, readAll, readFiles, readText, region } from './estate.ts'

type Files = { [path: string]: string }

const table = (name: string, rest = '') => `resource "aws_dynamodb_table" "${name}" {\n  name = "${name}"\n${rest}\n}\n`

function byAddress({ resources }: Outcome): { [address: string]: ResourceRecord } {
  return Object.fromEntries(resources.map(record => [record.address, record]))
}

/** The one resource `t` of a configuration, whose attribute `x` is what a test asks. */
async function attribute(expression: string, more = '', files: Files = {}) {
  const outcome = await readFiles({
    ...files,
    'main.tf': `${more}\nresource "aws_dynamodb_table" "t" {\n  x = ${expression}\n}\n`,
  })
  const { configuration, unknown = [] } = byAddress(outcome)['aws_dynamodb_table.t']!
  return { value: configuration.x, unknown, outcome }
}

describe('variables and local values', () => {
  it.each<[string, string, Files, unknown]>([
    ['a default', 'variable "v" { default = 7 }', {}, 7],
    ['a default that is converted', 'variable "v" {\n  type = number\n  default = "7"\n}', {}, 7],
    ['terraform.tfvars', 'variable "v" { default = 7 }', { 'terraform.tfvars': 'v = 8' }, 8],
    ['an automatic file after it', 'variable "v" {}', { 'terraform.tfvars': 'v = 8', 'a.auto.tfvars': 'v = 9' }, 9],
    ['the last automatic file', 'variable "v" {}', { 'b.auto.tfvars.json': '{"v": 10}', 'a.auto.tfvars': 'v = 9' }, 10],
    ['no other file', 'variable "v" { default = 7 }', { 'prod.tfvars': 'v = 9' }, 7],
    ['a local value', 'variable "v" { default = 7 }\nlocals { v = var.v }', {}, 7],
    [
      'optional members',
      'variable "v" {\n  type = object({ a = optional(number, 3), b = optional(string) })\n  default = {}\n}',
      {},
      { a: 3 },
    ],
  ])('%s', async (_, more, files, expected) => {
    expect((await attribute('var.v', more, files)).value).toEqual(expected)
  })

  it('a file that is named wins over those that are met', async () => {
    const files = {
      'shop/main.tf': 'variable "v" {}\nresource "aws_dynamodb_table" "t" { x = var.v }',
      'shop/a.auto.tfvars': 'v = 1',
      'env/prod.tfvars': 'v = 2',
    }
    expect((await readFiles(files, ['shop', 'env/prod.tfvars'])).resources[0]!.configuration.x).toBe(2)
  })

  it.each([
    ['a variable without a value', 'variable "v" {}', {}],
    ['what a broken file of variables may have set', 'variable "v" { default = 7 }', { 'terraform.tfvars': 'v = ' }],
    ['a value that may be another one', 'variable "w" {}\nvariable "v" { default = 7 }', {}, 'var.w ? 1 : var.v'],
  ])('%s is not known', async (_, more, files, expression = 'var.v') => {
    expect(await attribute(expression, more, files)).toMatchObject({ value: undefined, unknown: ['x'] })
  })

  it.each([
    ['local values', 'locals {\n  a = local.b\n  b = local.a\n}', 'local.a', 2],
    ['a default', 'variable "a" {\n  default = local.a\n}\nlocals {\n  a = var.a\n}', 'local.a', 5],
  ])('%s that depend on themselves are told once', async (_, more, expression, line) => {
    const { unknown, outcome } = await attribute(expression, more)
    expect(unknown).toEqual(['x'])
    expect(outcome.problems).toMatchObject([{ file: 'main.tf', line: expect.any(Number) }])
    expect(outcome.problems[0]!.line).toBeLessThanOrEqual(line)
  })
})

describe('instances', () => {
  const addresses = async (more: string) =>
    (await readFiles({ 'main.tf': more })).resources.map(record => record.address!.replace('aws_dynamodb_table.', ''))

  it.each([
    ['none', table('t', 'count = 0'), []],
    ['by count', table('t', 'count = 2'), ['t[0]', 't[1]']],
    ['by key', table('t', 'for_each = { b = 1, a = 2 }'), ['t["a"]', 't["b"]']],
    ['by the elements of a set', table('t', 'for_each = toset(["b", "a", "b"])'), ['t["a"]', 't["b"]']],
    ['not known how many', `variable "v" {}\n${table('t', 'count = var.v')}`, ['t']],
    ['not known which', `variable "v" {}\n${table('t', 'for_each = var.v')}`, ['t']],
    ['more than anybody has', table('t', 'count = 1000000000'), ['t']],
    [
      'of another resource’s instances',
      `${table('a', 'for_each = { k = 1 }')}${table('t', 'for_each = aws_dynamodb_table.a')}`,
      ['a["k"]', 't["k"]'],
    ],
  ])('%s', async (_, more, expected) => {
    expect(await addresses(more)).toEqual(expected)
  })

  it('each know which they are', async () => {
    const found = byAddress(
      await readFiles({
        'main.tf': `${table('a', 'count = 2\nx = count.index')}${table('b', 'for_each = { k = 7 }\nx = "${each.key}${each.value}"')}`,
      }),
    )
    expect(Object.values(found).map(record => record.configuration.x)).toEqual([0, 1, 'k7'])
  })

  it('blocks that are generated stand among the others; not known how many, all of them are not known', async () => {
    const found = byAddress(
      await readFiles({
        'main.tf': `variable "v" {}
resource "aws_backup_plan" "known" {
  rule { rule_name = "first" }
  dynamic "rule" {
    for_each = { daily = 35 }
    iterator = it
    content {
      rule_name = it.key
      lifecycle { delete_after = it.value }
    }
  }
}
resource "aws_backup_plan" "open" {
  rule { rule_name = "first" }
  dynamic "rule" {
    for_each = var.v
    content { rule_name = rule.key }
  }
}`,
      }),
    )
    expect(found['aws_backup_plan.known']!.configuration.rule).toEqual([
      { rule_name: 'first' },
      { rule_name: 'daily', lifecycle: [{ delete_after: 35 }] },
    ])
    expect(found['aws_backup_plan.open']).toMatchObject({ configuration: {}, unknown: ['rule'] })
  })
})

describe('references', () => {
  const files = (expression: string) => ({
    'main.tf': `provider "aws" {
  region = "${region}"
  allowed_account_ids = ["${account}"]
}
variable "v" {}
resource "aws_s3_bucket" "named" { bucket = "bookshop" }
resource "aws_s3_bucket" "made" {}
resource "aws_s3_bucket" "asked" { bucket = "\${var.v}-orders" }
resource "aws_backup_selection" "s" { resources = [${expression}] }`,
  })
  const resourcesOf = async (expression: string) => {
    const found = byAddress(await readFiles(files(expression)))
    return {
      value: (found['aws_backup_selection.s']!.configuration.resources as unknown[] | undefined)?.[0],
      found,
    }
  }

  it('become the ARNs and names by which the join finds resources', async () => {
    for (const name of ['named', 'made', 'asked']) {
      const { value, found } = await resourcesOf(`aws_s3_bucket.${name}.arn`)
      expect(value).toBe(found[`aws_s3_bucket.${name}`]!.arn)
      expect((await resourcesOf(`aws_s3_bucket.${name}.id`)).value).toBe(found[`aws_s3_bucket.${name}`]!.id)
    }
    expect((await resourcesOf('aws_s3_bucket.named.arn')).value).toBe('arn:aws:s3:::bookshop')
  })

  it('to what is declared elsewhere name it all the same', async () => {
    expect((await resourcesOf('aws_dynamodb_table.beside.arn')).value).toContain('aws_dynamodb_table.beside')
  })

  it('to attributes that nobody sets are not known: they may be nothing', async () => {
    const { found } = await resourcesOf('aws_s3_bucket.named.kms_key_arn')
    expect(found['aws_backup_selection.s']!.unknown).toEqual(['resources.0'])
  })

  it('tell the account and the Region that the provider names', async () => {
    const more = 'data "aws_caller_identity" "me" {}\ndata "aws_region" "here" {}\ndata "aws_partition" "p" {}\n'
    const text =
      '"${data.aws_partition.p.partition}:${data.aws_region.here.name}:${data.aws_caller_identity.me.account_id}"'
    const provider = `provider "aws" {\n  region = "cn-north-1"\n  allowed_account_ids = ["${account}"]\n}\n`
    expect((await attribute(text, provider + more)).value).toBe(`aws-cn:cn-north-1:${account}`)
    expect((await attribute(text, more)).value).toMatch(/^aws:\$\{AWS.*Region@.*:\$\{AWS.*AccountId@/)
  })

  it('in policies that are written as text or as a document stay JSON', async () => {
    const { resources } = await readFiles({
      'main.tf': `resource "aws_kms_key" "k" {
  for_each = { a = 1 }
  policy = jsonencode({ Statement = [{ Resource = aws_backup_vault.v["x"].arn }] })
}
resource "aws_backup_vault" "v" {
  for_each = { x = 1 }
}
resource "aws_iam_role" "heredoc" {
  assume_role_policy = <<-JSON
    { "Statement": [{ "Resource": "\${aws_backup_vault.v["x"].arn}" }] }
  JSON
}
resource "aws_iam_role" "document" { assume_role_policy = data.aws_iam_policy_document.d.json }
data "aws_iam_policy_document" "d" {
  statement {
    sid = "a"
    actions = ["s3:*"]
    resources = ["x", "&{aws:username}"]
    principals {
      type = "AWS"
      identifiers = [aws_backup_vault.v["x"].arn]
    }
    condition {
      test = "StringEquals"
      variable = "aws:PrincipalOrgID"
      values = ["o-1"]
    }
  }
  statement {
    effect = "Deny"
    not_actions = ["s3:Get*"]
    principals {
      type = "*"
      identifiers = ["*"]
    }
  }
}`,
    })
    const vault = resources.find(record => record.type === 'aws_backup_vault')!
    const texts = resources.flatMap(
      ({ configuration }) => configuration.policy ?? configuration.assume_role_policy ?? [],
    )
    const [key, heredoc, document] = texts.map(text => JSON.parse(text as string))
    expect(key.Statement[0].Resource).toBe(vault.arn)
    expect(heredoc.Statement[0].Resource).toBe(vault.arn)
    expect(document.Statement).toEqual([
      {
        Sid: 'a',
        Effect: 'Allow',
        Action: 's3:*',
        Resource: ['x', '${aws:username}'],
        Principal: { AWS: vault.arn },
        Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } },
      },
      { Effect: 'Deny', NotAction: 's3:Get*', Principal: '*' },
    ])
  })
})

describe('tags', () => {
  it.each([
    ['none', '', null],
    ['their own', 'tags = { a = "1" }', { a: '1' }],
    ['a value that is not known', 'tags = { a = var.v }', { a: expect.stringContaining('var.v') }],
    ['keys that are not known', 'tags = merge({ a = "1" }, var.v)', undefined],
    ['the provider’s too', 'provider = aws.tagged\ntags = { a = "1" }', { a: '1', owner: 'books' }],
  ])('%s', async (_, more, expected) => {
    const { resources } = await readFiles({
      'main.tf': `variable "v" {}\nprovider "aws" {\n  alias = "tagged"\n  default_tags {\n    tags = { owner = "books" }\n  }\n}\n${table('t', more)}`,
    })
    expect(resources[0]!.tags).toEqual(expected)
  })
})

describe('places', () => {
  const providers = `provider "aws" { region = "${region}" }
provider "aws" {
  alias  = "dr"
  region = "eu-central-1"
  assume_role { role_arn = "arn:aws:iam::${otherAccount}:role/backup" }
}
provider "aws" {
  alias = "asked"
  region = var.v
}
variable "v" {}
`
  it.each([
    ['the default provider’s', '', { region }],
    ['another provider’s', 'provider = aws.dr', { region: 'eu-central-1', account: otherAccount }],
    ['named as of old', 'provider = "aws.dr"', { region: 'eu-central-1', account: otherAccount }],
    ['its own', 'region = "us-east-1"', { region: 'us-east-1' }],
    ['not known', 'provider = aws.asked', {}],
  ])('%s', async (_, more, expected) => {
    const { account, region } = (await readFiles({ 'main.tf': providers + table('t', more) })).resources[0]!
    expect(JSON.parse(JSON.stringify({ account, region }))).toEqual(expected)
  })

  it('that are not known are not taken for each other', async () => {
    const vaults = ['', 'provider = aws.asked'].map(
      (more, index) => `resource "aws_backup_vault" "v${index}" {\n  name = "main"\n${more}\n}\n`,
    )
    const bare = providers.replace(`"${region}"`, 'var.w')
    const { resources } = await readFiles({ 'main.tf': `variable "w" {}\n${bare}${vaults.join('')}` })
    const [one, other] = resources.map(record => record.arn!.split(':')[3])
    expect(one).not.toBe(other)
  })

  it.each([
    ['an alias that nobody declares', '', 'other'],
    ['an alias of the same credentials', 'provider "aws" {\n  alias = "x"\n}', 'same'],
    [
      'an alias beside a role',
      'provider "aws" {\n  assume_role {\n    role_arn = var.v\n  }\n}\nprovider "aws" {\n  alias = "x"\n}',
      'other',
    ],
    ['an alias of another profile', 'provider "aws" {\n  alias = "x"\n  profile = "p"\n}', 'other'],
  ])('of %s', async (_, more, expected) => {
    const { resources } = await readFiles({
      'main.tf': `variable "v" {}\n${more}\n${table('a')}${table('b', 'provider = aws.x')}`,
    })
    const [a, b] = resources.map(record => record.arn!.split(':')[4])
    expect(a === b).toBe(expected === 'same')
  })

  it('of two directories of one name are told apart', async () => {
    const directory = directoryOf({ 'a/infra/main.tf': table('t'), 'b/infra/main.tf': table('t'), 'c/x': '' })
    try {
      const { scopes } = await readAll(['../a/infra', '../b/infra'], { cwd: join(directory.path, 'c') })
      expect(new Set(scopes.map(scope => scope.id)).size).toBe(2)
    } finally {
      directory.remove()
    }
  })

  it('are what the user says where the configuration does not', async () => {
    const { resources, scopes } = await readFiles({ 'main.tf': table('t') }, ['.'], { template: { account, region } })
    expect(resources[0]!.arn).toBe(`arn:aws:dynamodb:${region}:${account}:table/t`)
    expect(scopes[0]).toMatchObject({ source: 'terraform-hcl', account, region, file: '.' })
  })
})

describe('modules', () => {
  const store = `variable "name" {}
variable "days" { default = 1 }
resource "aws_db_instance" "this" {
  identifier = var.name
  backup_retention_period = var.days
}
output "arn" { value = aws_db_instance.this.arn }
`

  it('are instantiated for each call, and point at the call', async () => {
    const outcome = await readFiles({
      'live/main.tf': `module "one" {
  source = "../modules/store"
  name   = "orders"
  days   = 35
}
module "many" {
  for_each = toset(["a", "b"])
  source   = "../modules/store"
  name     = each.key
}
resource "aws_backup_selection" "s" { resources = concat([module.one.arn], values(module.many)[*].arn) }
`,
      'modules/store/main.tf': store,
    })
    const found = byAddress(outcome)
    expect(Object.keys(found).sort()).toEqual([
      'aws_backup_selection.s',
      'module.many["a"].aws_db_instance.this',
      'module.many["b"].aws_db_instance.this',
      'module.one.aws_db_instance.this',
    ])
    expect(outcome.scopes.map(scope => scope.file)).toEqual(['live'])
    const one = found['module.one.aws_db_instance.this']!
    expect(one).toMatchObject({
      id: 'orders',
      configuration: { backup_retention_period: 35 },
      location: { file: 'modules/store/main.tf', line: 3, endLine: 6 },
      positions: { backup_retention_period: 5 },
      moduleCalls: [{ file: 'live/main.tf', line: 1, address: 'module.one' }],
    })
    const many = ['a', 'b'].map(key => found[`module.many["${key}"].aws_db_instance.this`]!)
    expect(found['aws_backup_selection.s']!.configuration.resources).toEqual([one, ...many].map(record => record.arn))
  })

  it('are handed the providers that the call names', async () => {
    const { resources } = await readFiles({
      'main.tf': `provider "aws" { region = "${region}" }
provider "aws" {
  alias = "dr"
  region = "eu-central-1"
}
module "m" {
  source    = "./m"
  providers = { aws = aws.dr, aws.home = aws }
}`,
      'm/main.tf': `${table('away')}${table('home', 'provider = aws.home')}module "n" { source = "./n" }`,
      'm/n/main.tf': table('inner'),
    })
    expect(resources.map(record => [record.id, record.region])).toEqual([
      ['away', 'eu-central-1'],
      ['home', region],
      ['inner', 'eu-central-1'],
    ])
  })

  it('that terraform init has put on disk are read there', async () => {
    const outcome = await readFiles({
      'main.tf': 'module "data" {\n  source = "bookshop/data/aws"\n  version = "1.0.0"\n}\n',
      '.terraform/modules/modules.json': JSON.stringify({
        Modules: [
          { Key: '', Source: '', Dir: '.' },
          { Key: 'data', Source: 'x', Dir: '.terraform/modules/data' },
        ],
      }),
      '.terraform/modules/data/main.tf': table('t'),
    })
    expect(outcome.gaps).toEqual([])
    expect(outcome.resources).toMatchObject([
      { address: 'module.data.aws_dynamodb_table.t', location: { file: '.terraform/modules/data/main.tf' } },
    ])
  })

  it.each<[string, string, Files]>([
    ['of a registry', '"terraform-aws-modules/rds/aws"', {}],
    ['of a repository', '"git::https://example.com/rds.git"', {}],
    ['of an absolute path', '"/etc"', {}],
    ['whose source is not known', 'var.v', {}],
  ])('%s leave a gap, and what hangs on them is not known', async (_, source, files) => {
    const { outcome, unknown } = await attribute('module.m.arn', `module "m" {\n  source = ${source}\n}`, files)
    expect(outcome.gaps).toMatchObject([{ reason: 'truncated', factGroups: ['*'], file: 'main.tf', line: 1 }])
    expect(unknown).toContain('x')
    expect(outcome.problems).toEqual([])
  })

  it.each<[string, string, RegExp]>([
    ['that is not there', './none', /"\.\/none".*no such directory/],
    ['outside of the working directory', '../../../none', /outside of the working directory/],
  ])('%s are told, as Terraform itself or nobody could read them', async (_, source, message) => {
    const { problems, gaps } = await readFiles({ 'main.tf': `${table('t')}\nmodule "m" {\n  source = "${source}"\n}` })
    const line = table('t').split('\n').length + 1
    expect(problems).toMatchObject([{ file: 'main.tf', line, message: expect.stringMatching(message) }])
    expect(gaps).toMatchObject([{ file: 'main.tf', line }])
  })

  it.each<[string, Files]>([
    ['itself', { 'main.tf': `module "m" { source = "./" }\n${table('t')}` }],
    [
      'a ring',
      { 'a/main.tf': 'module "b" { source = "../b" }', 'b/main.tf': `module "a" { source = "../a" }\n${table('t')}` },
    ],
  ])('that call %s are told, and do not go on for ever', async (_, files) => {
    const { problems, gaps, resources } = await readFiles(files)
    expect(problems).toHaveLength(1)
    expect(gaps).toHaveLength(1)
    expect(resources).toHaveLength(1)
  })

  it('behind symbolic links are what the links lead to, inside the directory only', async () => {
    const directory = directoryOf({
      'in/main.tf': 'module "a" { source = "./same" }\nmodule "b" { source = "./away" }\n',
      'in/real/main.tf': table('t'),
      'out/main.tf': table('u'),
    })
    try {
      symlinkSync('real', join(directory.path, 'in/same'))
      symlinkSync('../out', join(directory.path, 'in/away'))
      mkdirSync(join(directory.path, 'in/loop'))
      symlinkSync('..', join(directory.path, 'in/loop/up'))
      const { gaps, resources } = await readAll(['in'], { cwd: directory.path })
      expect(resources.map(record => record.address)).toContain('module.a.aws_dynamodb_table.t')
      expect(resources.map(record => record.address)).not.toContain('module.b.aws_dynamodb_table.u')
      expect(gaps).toMatchObject([{ file: 'in/main.tf', line: 2 }])
    } finally {
      directory.remove()
    }
  })
})

describe('files', () => {
  it('of a directory are one module, overrides merged into it', async () => {
    const { resources } = await readFiles({
      'a.tf': table('t', 'x = local.x\ny = 1\nttl {\n  enabled = true\n}'),
      'b.tf.json': JSON.stringify({ locals: { x: '${upper("a")}' } }),
      'c_override.tf': 'resource "aws_dynamodb_table" "t" {\n  y = 2\n  ttl {\n    enabled = false\n  }\n}\n',
    })
    expect(resources).toHaveLength(1)
    expect(resources[0]!.configuration).toMatchObject({ x: 'A', y: 2, ttl: [{ enabled: false }] })
    // A line of the override would be a line of another file.
    expect(Object.keys(resources[0]!.positions!)).not.toContain('y')
  })

  it('of JSON syntax say the same as native ones', async () => {
    const native = await readFiles({
      'main.tf': `variable "v" { default = 7 }
resource "aws_db_instance" "orders" {
  for_each = { a = 1 }
  provider = aws.dr
  identifier = "\${each.key}-orders"
  backup_retention_period = var.v
  lifecycle { prevent_destroy = true }
}
provider "aws" {
  alias = "dr"
  region = "eu-central-1"
}`,
    })
    const json = await readFiles({
      'main.tf.json': JSON.stringify({
        '//': 'made by a program',
        variable: { v: { default: 7 } },
        resource: {
          aws_db_instance: {
            orders: [
              {
                for_each: { a: 1 },
                provider: 'aws.dr',
                identifier: '${each.key}-orders',
                backup_retention_period: '${var.v}',
                lifecycle: { prevent_destroy: true },
              },
            ],
          },
        },
        provider: { aws: [{ alias: 'dr', region: 'eu-central-1' }] },
      }),
    })
    const bare = ({ resources }: Outcome) => resources.map(({ location: _l, positions: _p, ...record }) => record)
    expect(bare(json)).toEqual(bare(native))
    expect(bare(json)).toMatchObject([{ id: 'a-orders', region: 'eu-central-1' }])
  })

  it('that are named alone are judged alone', async () => {
    const files = { 'main.tf': table('t', 'x = local.x'), 'locals.tf': 'locals { x = 1 }' }
    const { resources } = await readFiles(files, ['main.tf'])
    expect(resources).toMatchObject([{ address: 'aws_dynamodb_table.t', unknown: ['x'] }])
    expect((await readText(files['main.tf'])).resources).toHaveLength(1)
  })

  it('beside the configuration are read by file(), none elsewhere', async () => {
    const files = {
      'shop/main.tf': table(
        't',
        'x = templatefile("${path.module}/a.tpl", { n = 1 })\ny = file("../secret")\nz = file("/etc/hostname")',
      ),
      'shop/a.tpl': 'n is ${n}',
      secret: 'x',
    }
    const { resources } = await readFiles(files, ['shop'])
    expect(resources[0]).toMatchObject({ configuration: { x: 'n is 1' }, unknown: ['y', 'z'] })
  })

  it.each<[string, Files, number | undefined]>([
    ['a syntax error', { 'b.tf': 'resource "a" "b" {\n  c = "d\n}' }, 2],
    ['a resource twice', { 'b.tf': `\n${table('t')}` }, 2],
    ['no UTF-8', { 'b.tf': Buffer.from('a = "\xff"', 'latin1') as unknown as string }, undefined],
    ['more than is read', { 'b.tf': `a = "${'x'.repeat(9_000_000)}"` }, undefined],
    ['JSON that is none', { 'b.tf.json': '{"locals": {\n"a": ]}}' }, 2],
  ])('with %s are told, the others judged, and nothing concluded from what is missing', async (_, files, line) => {
    const { problems, resources, gaps } = await readFiles({ 'a.tf': table('t'), ...files })
    expect(problems).toMatchObject([{ file: Object.keys(files)[0], ...(line ? { line } : {}) }])
    expect(resources).toHaveLength(1)
    expect(gaps).toMatchObject([{ file: Object.keys(files)[0], reason: 'truncated', factGroups: ['*'] }])
  })

  it.each([
    ['texts that double', '"${local.a0}${local.a0}"'],
    ['lists that double', '[local.a0, local.a0]'],
  ])('of %s with every line are given up', async (_, doubled) => {
    const lines = Array.from(
      { length: 60 },
      (_unused, index) => `a${index + 1} = ${doubled.replaceAll('a0', `a${index}`)}`,
    )
    const { problems, gaps } = await readFiles({
      'main.tf': `locals {\na0 = "x"\n${lines.join('\n')}\n}\n${table('t', 'x = jsonencode(local.a60)')}`,
    })
    expect(problems).toHaveLength(1)
    expect(gaps).toMatchObject([{ reason: 'oversized' }])
  })

  it('tolerate what says nothing of resources, and count what no rule concerns', async () => {
    const { resources, problems, notEvaluated } = await readFiles({
      'main.tf': `terraform {
  required_version = ">= 1.9"
}
moved {
  from = aws_dynamodb_table.old
  to   = aws_dynamodb_table.t
}
import {
  to = aws_dynamodb_table.t
  id = "t"
}
removed {
  from = aws_dynamodb_table.gone
}
check "health" {
  assert {
    condition     = true
    error_message = "no"
  }
}
resource "aws_sqs_queue" "q" {
  count = 2
}
${table('t', 'depends_on = [aws_sqs_queue.q]\nlifecycle {\n  ignore_changes = [tags]\n  prevent_destroy = true\n}')}`,
    })
    expect(problems).toEqual([])
    expect(resources).toMatchObject([{ configuration: { name: 't', lifecycle: [{ prevent_destroy: true }] } }])
    expect(notEvaluated).toMatchObject([{ type: 'aws_sqs_queue', count: 2 }])
  })

  it('hold exemptions beside resources', async () => {
    const { resources, problems } = await readFiles({
      'main.tf': `# rel09:exempt dynamodb-pitr until 2027-03-01 owner=books -- made anew each night\n${table('t')}\n\n# rel09:exempt x\n`,
    })
    expect(resources[0]!.exemptions).toMatchObject([{ rule: 'dynamodb-pitr', file: 'main.tf', line: 1 }])
    expect(problems).toMatchObject([{ line: 8 }])
  })

  it('hold exemptions beside a companion, which is a part of its resource', async () => {
    const exempt = '# rel09:exempt s3-versioning until 2027-03-01 owner=web -- r'
    const { resources, notEvaluated } = await readFiles({
      'main.tf': `resource "aws_s3_bucket" "a" {\n  bucket = "a"\n}\n${exempt}\nresource "aws_s3_bucket_versioning" "a" {\n  bucket = aws_s3_bucket.a.id\n}\n${exempt}\nresource "aws_sqs_queue" "q" {}\n`,
    })
    expect(resources.map(({ address, exemptions }) => [address, exemptions?.map(({ line }) => line)])).toEqual([
      ['aws_s3_bucket.a', [4]],
    ])
    expect(notEvaluated).toContainEqual({ file: 'main.tf', reason: expect.stringContaining('exemption'), count: 1 })
  })

  it('hold exemptions in comments only, not in what looks like one', async () => {
    const { resources, problems } = await readFiles({
      'main.tf': `resource "aws_instance" "i" {\n  user_data = <<-EOT\n    # rel09:exempt nonsense\n  EOT\n  tags = { a = "# rel09:exempt nonsense" }\n  /* rel09:exempt s3-versioning until 2027-03-01 owner=web -- r */\n}\n`,
    })
    expect(problems).toEqual([])
    expect(resources[0]!.exemptions).toMatchObject([{ rule: 's3-versioning', line: 6 }])
  })

  it('hold exemptions in the comments of JSON syntax, within the resource whatever the lines', async () => {
    const comment = 'rel09:exempt s3-versioning until 2027-03-01 owner=web -- r'
    const { resources, problems } = await readFiles({
      'main.tf.json': JSON.stringify({
        '//': `${comment} of nothing`,
        resource: { aws_s3_bucket: { a: { '//': ['Images.', comment], bucket: 'a' }, b: { '//': 'b', bucket: 'b' } } },
      }),
    })
    expect(resources.map(({ address, exemptions }) => [address, exemptions?.map(({ rule }) => rule)])).toEqual([
      ['aws_s3_bucket.a', ['s3-versioning']],
      ['aws_s3_bucket.b', undefined],
    ])
    expect(problems).toMatchObject([{ file: 'main.tf.json', line: 1 }])
  })
})

describe('snapshots', () => {
  it.each([
    ['encrypted', 'encrypted = true', true],
    ['not encrypted', 'encrypted = false', false],
    ['not stated', '', undefined],
  ])('of a volume that is %s', async (_, more, expected) => {
    const found = byAddress(
      await readFiles({
        'main.tf': `resource "aws_ebs_volume" "v" {\n${more}\n}\nresource "aws_ebs_snapshot" "s" {\n  volume_id = aws_ebs_volume.v.id\n}\n`,
      }),
    )
    expect(found['aws_ebs_snapshot.s']!.configuration.encrypted).toBe(expected)
  })
})

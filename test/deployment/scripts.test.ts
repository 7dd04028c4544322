// Protects whoever runs the scripts: they call what they say, in that order, with what they were given as it is, and stop at the first
// thing that fails. The AWS CLI is one of ours that writes down its arguments.
import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configRuleName } from '../../src/deployment/config-rules.ts'
import { type DeploymentKind, deploymentOf, functionsOf } from '../../src/deployment/kinds.ts'
import { code, sourceOf } from './source.ts'

let folder: string
/** Names of the scheduled rules. */
let scheduled: string[]
/** What fails where the stack is not there yet. */
const isNew = 'cloudformation describe-stacks'

/** Writes each call as a line of JSON; answers as AWS would, or fails where `FAIL` says so. */
const cli = `#!/usr/bin/env node
const { appendFileSync, existsSync } = require('node:fs')
const args = process.argv.slice(2)
appendFileSync(process.env.CALLS, JSON.stringify({ region: process.env.AWS_REGION, args }) + '\\n')
const call = args.slice(0, 2).join(' ')
for (const file of args) if (/^[^=]+\\.(zip|yaml|json)$/.test(file) && !file.startsWith('s3:') && !existsSync(file.replace('file://', ''))) process.exit(9)
if (process.env.FAIL && call === process.env.FAIL) process.exit(1)
if (call === 'cloudformation describe-stack-set-operation') console.log(process.env.STATUS ?? 'SUCCEEDED')
else if (args.includes('OperationId')) console.log('operation-' + args[1])
`

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rel09-scripts-'))
  writeFileSync(join(folder, 'aws'), cli)
  chmodSync(join(folder, 'aws'), 0o755)
  for (const kind of ['config-rules', 'conformance-pack', 'org', 'org-scan'] as const) {
    const source = await sourceOf()
    scheduled = source.rules
      .filter(({ trigger }) => trigger.kind === 'schedule')
      .map(({ rule }) => configRuleName(rule.id))
    const { files } = deploymentOf(kind, source)
    mkdirSync(join(folder, kind))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, kind, name), text)
    for (const name of functionsOf[kind]) writeFileSync(join(folder, kind, code[name]), '')
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Ran {
  code: number
  errors: string
  calls: { region?: string; args: string[] }[]
}

let count = 0

function run(kind: DeploymentKind, args: readonly string[], more: { [name: string]: string } = {}): Promise<Ran> {
  const calls = join(folder, `calls-${count++}`)
  writeFileSync(calls, '')
  const env = {
    PATH: `${folder}:${process.env.PATH}`,
    CALLS: calls,
    AWS_REGION: 'eu-west-1',
    REL09_WAIT_SECONDS: '0',
    ...more,
  }
  return new Promise(resolve => {
    const child = execFile(
      'bash',
      [join(folder, kind, 'deploy.sh'), ...args],
      { env, cwd: '/' },
      (_error, _out, errors) => {
        const lines = readFileSync(calls, 'utf8').trim().split('\n').filter(Boolean)
        resolve({ code: child.exitCode ?? -1, errors, calls: lines.map(line => JSON.parse(line)) })
      },
    )
  })
}

const named = ({ calls }: Ran) => calls.map(({ args }) => args.slice(0, 2).join(' '))
const withName = ({ calls }: Ran, name: string) => calls.filter(({ args }) => args.slice(0, 2).join(' ') === name)
const following = (args: readonly string[], flag: string) => args.slice(args.indexOf(flag) + 1)
const hostile = `PolicyKey=a "b" $(touch ${'/tmp/rel09-never'}) 'c', d`

describe('config-rules', () => {
  const deploys = ['cloudformation describe-stacks', 's3 cp', 's3 cp', 'cloudformation deploy']

  it('copies the code, and deploys the stack', async () => {
    const ran = await run('config-rules', ['shop-code', 'RuleFrequency=Six_Hours', hostile])
    expect([ran.code, ran.errors]).toEqual([0, ''])
    expect(named(ran)).toEqual(deploys)
    expect(ran.calls[1]?.args.at(-1)).toBe('s3://shop-code/rel09/config-rules-0123456789abcdef.zip')
    const [{ args } = { args: [] }] = withName(ran, 'cloudformation deploy')
    expect(following(args, '--parameter-overrides')).toEqual([
      'CodeBucket=shop-code',
      'CodePrefix=rel09/',
      'RuleFrequency=Six_Hours',
      hostile,
    ])
  })

  it('where the stack is new, takes a snapshot and has the scheduled rules read it', async () => {
    const ran = await run('config-rules', ['shop-code'], { FAIL: isNew })
    expect([ran.code, ran.errors]).toEqual([0, ''])
    const evaluations = withName(ran, 'configservice start-config-rules-evaluation')
    expect(named(ran)).toEqual([
      ...deploys,
      'lambda invoke',
      ...evaluations.map(() => 'configservice start-config-rules-evaluation'),
    ])
    const batches = evaluations.map(({ args }) => following(args, '--config-rule-names'))
    expect(Math.max(...batches.map(({ length }) => length))).toBeLessThanOrEqual(25)
    expect(batches.flat()).toEqual(scheduled)
    expect(scheduled.length).toBeGreaterThan(25)
    expect(scheduled).not.toContain('rel09-s3-versioning')
  })

  it('takes another stack and prefix', async () => {
    const ran = await run('config-rules', ['shop-code'], { REL09_STACK: 'shop', REL09_CODE_PREFIX: '' })
    expect(ran.calls[2]?.args.at(-1)).toBe('s3://shop-code/collector-fedcba9876543210.zip')
    const [{ args } = { args: [] }] = withName(ran, 'cloudformation deploy')
    expect(following(args, '--stack-name')[0]).toBe('shop')
    expect(following(args, '--parameter-overrides')).toEqual(['CodeBucket=shop-code', 'CodePrefix='])
  })

  it.each([
    ['s3 cp', deploys.slice(0, 2)],
    ['cloudformation deploy', deploys],
  ])('ends where %s fails', async (FAIL, calls) => {
    const ran = await run('config-rules', ['shop-code'], { FAIL })
    expect(ran.code).not.toBe(0)
    expect(named(ran)).toEqual(calls)
  })
})

describe('conformance-pack', () => {
  it('gives each of the two what it takes', async () => {
    const ran = await run('conformance-pack', [
      'shop-code',
      'SnapshotPrefix=s/',
      'RuleFrequency=One_Hour',
      'LogRetentionDays=90',
      hostile,
    ])
    expect([ran.code, ran.errors]).toEqual([0, ''])
    expect(named(ran)).toEqual([
      'cloudformation describe-stacks',
      's3 cp',
      's3 cp',
      's3 cp',
      'cloudformation deploy',
      'configservice put-conformance-pack',
    ])
    const stack = withName(ran, 'cloudformation deploy')[0]!.args
    expect(following(stack, '--parameter-overrides')).toEqual([
      'CodeBucket=shop-code',
      'CodePrefix=rel09/',
      'SnapshotPrefix=s/',
      'LogRetentionDays=90',
      hostile,
    ])
    const pack = withName(ran, 'configservice put-conformance-pack')[0]!.args
    expect(following(pack, '--template-s3-uri')[0]).toBe('s3://shop-code/rel09/conformance-pack.yaml')
    expect(following(pack, '--conformance-pack-input-parameters')).toEqual([
      'ParameterName=SnapshotPrefix,ParameterValue="s/"',
      'ParameterName=RuleFrequency,ParameterValue="One_Hour"',
      `ParameterName=PolicyKey,ParameterValue="${hostile.slice('PolicyKey='.length).replaceAll('"', '\\"')}"`,
    ])
  })

  it('refuses a parameter that neither has, before anything is called', async () => {
    const ran = await run('conformance-pack', ['shop-code', 'RuleFrequensy=One_Hour'])
    expect([ran.code, ran.calls]).toEqual([2, []])
    expect(ran.errors).toContain('RuleFrequensy')
  })

  it('takes a snapshot before the rules are there, where the stack is new; and asks for no parameters', async () => {
    const ran = await run('conformance-pack', ['shop-code'], { FAIL: isNew })
    expect(ran.code).toBe(0)
    expect(named(ran).slice(-2)).toEqual(['lambda invoke', 'configservice put-conformance-pack'])
    expect(withName(ran, 'configservice put-conformance-pack')[0]!.args).not.toContain(
      '--conformance-pack-input-parameters',
    )
  })
})

describe('org', () => {
  const args = [
    'shop-code',
    'o-a1b2c3d4e5',
    'r-ab12',
    'eu-west-1,eu-central-1',
    'ExcludedAccounts=111122223333,444455556666',
    'LogRetentionDays=90',
  ]

  it('makes a bucket of code a Region, the StackSet, and the pack a Region', async () => {
    const ran = await run('org', args, { FAIL: 'cloudformation describe-stack-set' })
    expect(ran.errors).toBe('')
    expect(ran.code).toBe(0)
    const deployed = withName(ran, 'cloudformation deploy')
    expect(deployed.map(({ region, args: all }) => [region, following(all, '--stack-name')[0]])).toEqual([
      ['eu-west-1', 'rel09-code'],
      ['eu-central-1', 'rel09-code'],
      ['eu-west-1', 'rel09-organization'],
      ['eu-central-1', 'rel09-organization'],
    ])
    expect(following(deployed[2]!.args, '--parameter-overrides')).toContain(
      'ExcludedAccounts=111122223333,444455556666',
    )
    expect(withName(ran, 's3 cp').map(({ region, args: all }) => [region, all.at(-1)?.slice(0, 30)])).toEqual([
      ...Array(3).fill(['eu-west-1', 's3://shop-code-eu-west-1/rel09']),
      ...Array(3).fill(['eu-central-1', 's3://shop-code-eu-central-1/re']),
    ])
  })

  it.each([
    ['for the first time', 'cloudformation describe-stack-set', 'create-stack-set', 'update-stack-set'],
    ['again', '', 'update-stack-set', 'create-stack-set'],
  ])('rolls the functions out %s', async (_, FAIL, done, other) => {
    const ran = await run('org', args, { FAIL })
    expect(ran.code).toBe(0)
    const [set] = withName(ran, `cloudformation ${done}`)
    expect(set?.region).toBe('eu-west-1')
    expect(set?.args).toContain('ParameterKey=LogRetentionDays,ParameterValue="90"')
    expect(set?.args.join(' ')).not.toContain('ExcludedAccounts')
    expect(named(ran)).not.toContain(`cloudformation ${other}`)
    const [instances] = withName(ran, 'cloudformation create-stack-instances')
    expect(following(instances!.args, '--regions').slice(0, 2)).toEqual(['eu-west-1', 'eu-central-1'])
    expect(instances?.args).toContain('OrganizationalUnitIds=r-ab12')
  })

  it('brings no rules where the functions did not arrive', async () => {
    const ran = await run('org', args, { STATUS: 'FAILED' })
    expect(ran.code).toBe(1)
    expect(ran.errors).toContain('FAILED')
    expect(
      withName(ran, 'cloudformation deploy').every(
        ({ args: all }) => following(all, '--stack-name')[0] === 'rel09-code',
      ),
    ).toBe(true)
  })
})

describe('org-scan', () => {
  const given = ['shop-code', 'OrganizationId=o-a1b2c3d4e5', 'Schedule=cron(0 4 ? * MON *)', hostile]
  const calls = ['s3 cp', 's3 cp', 'cloudformation deploy', 'cloudformation describe-stacks']

  it('copies function and state machine, deploys the stack by their content, and tells what was made', async () => {
    const ran = await run('org-scan', given)
    expect([ran.code, ran.errors]).toEqual([0, ''])
    expect(named(ran)).toEqual(calls)
    const copied = withName(ran, 's3 cp').map(({ args }) => args.at(-1)!)
    const { args } = withName(ran, 'cloudformation deploy')[0]!
    expect(following(args, '--stack-name')[0]).toBe('rel09-org-scan')
    const overrides = following(args, '--parameter-overrides')
    expect(overrides).toEqual([
      'CodeBucket=shop-code',
      'CodePrefix=rel09/',
      'FunctionFile=org-scan-0011223344556677.zip',
      expect.stringMatching(/^StateMachineFile=state-machine-[0-9a-f]{16}\.asl\.json$/),
      ...given.slice(1),
    ])
    // What the stack takes is what was copied.
    const files = overrides.slice(2, 4).map(text => text.slice(text.indexOf('=') + 1))
    expect(copied).toEqual(files.map(file => `s3://shop-code/rel09/${file}`))
  })

  it('deploys another state machine under another name', async () => {
    const source = await sourceOf()
    const { stateMachine } = source.organizationScan
    const scripts = [stateMachine, `${stateMachine} `].map(
      text =>
        deploymentOf('org-scan', { ...source, organizationScan: { ...source.organizationScan, stateMachine: text } })
          .files['deploy.sh'],
    )
    expect(scripts[0]).not.toBe(scripts[1])
  })

  it('takes another stack and prefix', async () => {
    const ran = await run('org-scan', ['shop-code'], { REL09_STACK: 'shop', REL09_CODE_PREFIX: '' })
    expect(ran.calls[0]?.args.at(-1)).toBe('s3://shop-code/org-scan-0011223344556677.zip')
    for (const name of calls.slice(2)) expect(following(withName(ran, name)[0]!.args, '--stack-name')[0]).toBe('shop')
  })

  it.each([
    ['s3 cp', calls.slice(0, 1)],
    ['cloudformation deploy', calls.slice(0, 3)],
  ])('ends where %s fails', async (FAIL, done) => {
    const ran = await run('org-scan', given, { FAIL })
    expect(ran.code).not.toBe(0)
    expect(named(ran)).toEqual(done)
  })
})

it.each(['config-rules', 'conformance-pack', 'org', 'org-scan'] as const)(
  '%s tells how it is called, and calls nothing',
  async kind => {
    for (const given of [[], ['--help']]) {
      const ran = await run(kind, given)
      expect([ran.code, ran.calls]).toEqual([2, []])
      expect(ran.errors).toMatch(/^usage: .*CODE_BUCKET/)
    }
  },
)

/**
 * Protects what `rel09 deploy` writes, as far as emulators can be deployed to: the functions as a stack of ministack, which runs the zips
 * themselves; and the rules, which no emulator's CloudFormation has, as API calls of the same properties to moto, which like AWS Config
 * refuses a function that is not there or may not be invoked.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation'
import {
  type ConfigRule,
  ConfigServiceClient,
  DescribeConfigRulesCommand,
  PutConfigRuleCommand,
} from '@aws-sdk/client-config-service'
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam'
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  GetPolicyCommand,
  InvokeCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda'
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Resource, Template, Value } from '../../src/deployment/cloudformation.ts'
import { runCommandLine } from '../../src/hosts/command-line.ts'
import { builtInRules } from '../../src/rules/built-in.ts'
import { root } from '../fixtures/estates.ts'
import { contextIn } from '../system/estate.ts'

const moto = process.env.REL09_EMULATOR ?? ''
const ministack = process.env.REL09_BACKUP_EMULATOR ?? ''
const region = 'eu-west-1'
/** ministack's account of whoever is nobody. */
const account = '000000000000'
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
const codeBucket = 'shop-code'

let folder: string
let template: Template
let zips: string[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rel09-deployment-'))
  execFileSync(process.execPath, [join(root, 'scripts/build-lambda.mjs'), join(folder, 'lambda')])
  const context = contextIn(folder)
  const code = await runCommandLine(['deploy', 'config-rules', '--out', 'out', '--lambda', 'lambda'], context)
  expect([code, context.written.err]).toEqual([0, ''])
  template = parse(readFileSync(join(folder, 'out/template.yaml'), 'utf8'))
  zips = readdirSync(join(folder, 'out')).filter(name => name.endsWith('.zip'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const isRule = ({ Type }: Resource) => Type === 'AWS::Config::ConfigRule'

describe('the functions, as a stack', () => {
  const at = { region, endpoint: ministack, credentials }
  const s3 = new S3Client({ ...at, forcePathStyle: true })
  const lambda = new LambdaClient(at)

  /** Without the rules; the functions find the emulators. */
  function deployable(): string {
    const endpoints = { AWS_ENDPOINT_URL: ministack, AWS_ENDPOINT_URL_CONFIG_SERVICE: moto }
    const resources = Object.entries(template.Resources).filter(([, resource]) => !isRule(resource))
    const Resources = Object.fromEntries(
      resources.map(([name, resource]) => {
        if (resource.Type !== 'AWS::Lambda::Function') return [name, resource]
        const { Variables = {} } = (resource.Properties.Environment ?? {}) as { Variables?: object }
        return [
          name,
          {
            ...resource,
            Properties: { ...resource.Properties, Environment: { Variables: { ...Variables, ...endpoints } } },
          },
        ]
      }),
    )
    return JSON.stringify({ ...template, Resources })
  }

  beforeAll(async () => {
    await s3.send(
      new CreateBucketCommand({ Bucket: codeBucket, CreateBucketConfiguration: { LocationConstraint: region } }),
    )
    for (const name of zips)
      await s3.send(
        new PutObjectCommand({
          Bucket: codeBucket,
          Key: `rel09/${name}`,
          Body: readFileSync(join(folder, 'out', name)),
        }),
      )
    const client = new CloudFormationClient(at)
    const Parameters = [{ ParameterKey: 'CodeBucket', ParameterValue: codeBucket }]
    await client.send(
      new CreateStackCommand({
        StackName: 'rel09',
        TemplateBody: deployable(),
        Parameters,
        Capabilities: ['CAPABILITY_IAM'],
      }),
    )
    for (let attempt = 0; attempt < 100; attempt++) {
      const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: 'rel09' }))
      if (stack?.StackStatus === 'CREATE_COMPLETE') return
      if (stack?.StackStatus !== 'CREATE_IN_PROGRESS') break
      await new Promise(resolve => setTimeout(resolve, 200))
    }
    const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName: 'rel09' }))
    throw new Error(
      StackEvents.map(
        event => `${event.LogicalResourceId} ${event.ResourceStatus} ${event.ResourceStatusReason ?? ''}`,
      ).join('\n'),
    )
  })

  async function invoke(FunctionName: string, event: object): Promise<unknown> {
    const { Payload, FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)) }),
    )
    const answer = JSON.parse(Buffer.from(Payload ?? []).toString() || 'null')
    expect([FunctionError, JSON.stringify(answer)]).toEqual([undefined, expect.any(String)])
    return answer
  }

  const event = { source: 'aws.events', time: '2026-01-15T06:00:00Z' }
  const key = `snapshots/${account}/${region}/20260115T060000Z.ndjson.gz`
  const bucket = `rel09-snapshots-${account}-${region}`

  it('take a snapshot that rel09 reads, one an event', async () => {
    await s3.send(
      new CreateBucketCommand({ Bucket: 'tills', CreateBucketConfiguration: { LocationConstraint: region } }),
    )
    expect(await invoke('rel09-collector', event)).toMatchObject({ key, isNew: true })
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
    const text = gunzipSync((await Body?.transformToByteArray()) ?? '').toString()
    const context = contextIn(folder, text)
    await runCommandLine(['scan', '-', '--rule', 's3-versioning', '--format', 'json', '--verdicts', 'all'], context)
    const { findings } = JSON.parse(context.written.out) as {
      findings: { rule: string; verdict: string; resource: { type: string; id: string } }[]
    }
    // The stack's own bucket is versioned.
    // ministack lists every bucket as a directory bucket too.
    const judged = findings.filter(
      ({ rule, resource }) => rule === 's3-versioning' && resource.type === 'AWS::S3::Bucket',
    )
    expect(Object.fromEntries(judged.map(({ resource, verdict }) => [resource.id, verdict]))).toMatchObject({
      tills: 'non-compliant',
      [bucket]: 'compliant',
    })
    expect(await invoke('rel09-collector', event)).toMatchObject({ key, isNew: false })
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }))
    expect(Contents.map(({ Key }) => Key)).toEqual([key])
  })

  it('answer a scheduled rule from it', async () => {
    const rule = template.Resources.S3ReplicationRule!.Properties.InputParameters as {
      rule: string
      snapshotUri: Value
    }
    expect(rule.rule).toBe('s3-replication')
    const answer = await invoke('rel09-config-rules', {
      invokingEvent: JSON.stringify({
        messageType: 'ScheduledNotification',
        notificationCreationTime: new Date().toISOString(),
        awsAccountId: account,
      }),
      ruleParameters: JSON.stringify({
        rule: 's3-versioning',
        snapshotUri: `s3://${bucket}/snapshots/${account}/${region}/`,
      }),
      // moto takes evaluations that are not to be stored, and no others.
      resultToken: 'TESTMODE',
      configRuleArn: `arn:aws:config:${region}:${account}:config-rule/config-rule-abc123`,
      configRuleName: 'rel09-s3-versioning',
      accountId: account,
    })
    expect(answer).toEqual({ evaluations: expect.any(Number) })
    expect((answer as { evaluations: number }).evaluations).toBeGreaterThanOrEqual(3)
  })

  it('may be invoked by AWS Config and the schedule, and by nobody else', async () => {
    const { Policy = '{}' } = await lambda.send(new GetPolicyCommand({ FunctionName: 'rel09-config-rules' }))
    const { Statement } = JSON.parse(Policy) as { Statement: { Principal: { Service: string }; Condition: object }[] }
    expect(Statement).toHaveLength(1)
    expect(Statement[0]).toMatchObject({ Principal: { Service: 'config.amazonaws.com' } })
    expect(JSON.stringify(Statement[0]?.Condition)).toContain(`arn:aws:config:${region}:${account}:config-rule/*`)
  })
})

describe('the rules, as AWS Config takes them', () => {
  const at = { region, endpoint: moto, credentials }
  const owner = '123456789012'
  const functionArn = `arn:aws:lambda:${region}:${owner}:function:rel09-config-rules`
  const client = new ConfigServiceClient(at)
  const lambda = new LambdaClient(at)
  const names: { [name: string]: string } = { 'AWS::AccountId': owner, 'AWS::Region': region, 'AWS::Partition': 'aws' }

  /** As CloudFormation would make it where nobody sets a parameter. `undefined` for what is left out. */
  function made(value: Value | undefined): unknown {
    if (Array.isArray(value)) return value.map(made)
    if (typeof value !== 'object' || value === null) return value
    const [[name, argument] = []] = Object.entries(value)
    if (name === 'Ref')
      return argument === 'AWS::NoValue' ? undefined : template.Parameters?.[argument as string]?.Default
    if (name === 'Fn::If') {
      const [condition, then, otherwise] = argument as [string, Value, Value]
      return made(condition === 'MakesBucket' ? then : otherwise)
    }
    if (name === 'Fn::GetAtt') return functionArn
    if (name !== 'Fn::Sub')
      return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, made(member as Value)]))
    const [text, own] = (Array.isArray(argument) ? argument : [argument, {}]) as [string, { [name: string]: Value }]
    return text.replace(/\$\{([^}]+)\}/g, (_, key) =>
      String(own[key] ? made(own[key]) : (names[key] ?? made({ Ref: key }))),
    )
  }

  const rules = () =>
    Object.values(template.Resources)
      .filter(isRule)
      .map(({ Properties }) => {
        const { InputParameters, ...rest } = made(Properties) as { ConfigRuleName: string; InputParameters: object }
        return { ...rest, InputParameters: JSON.stringify(InputParameters) } as never as ConfigRule
      })

  it('are refused where the function may not be invoked', async () => {
    const [rule] = rules()
    await expect(client.send(new PutConfigRuleCommand({ ConfigRule: rule }))).rejects.toThrow()
  })

  it('are taken, each of them, by the permission of the stack', async () => {
    const iam = new IAMClient(at)
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [] })
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'rel09-rules', AssumeRolePolicyDocument }))
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: 'rel09-config-rules',
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: Role?.Arn,
        Code: { ZipFile: Buffer.from('no code is run') },
      }),
    )
    const { FunctionName: _, ...permission } = made(template.Resources.RulesPermission!.Properties as Value) as {
      Action: string
      Principal: string
      FunctionName: string
    }
    await lambda.send(
      new AddPermissionCommand({
        FunctionName: 'rel09-config-rules',
        StatementId: 'config',
        ...permission,
        SourceAccount: owner,
      }),
    )
    const all = rules()
    for (const ConfigRule of all) await client.send(new PutConfigRuleCommand({ ConfigRule }))
    const kept: ConfigRule[] = []
    let NextToken: string | undefined
    do {
      const page = await client.send(new DescribeConfigRulesCommand({ NextToken }))
      kept.push(...(page.ConfigRules ?? []))
      NextToken = page.NextToken
    } while (NextToken)
    const byName = new Map(kept.map(rule => [rule.ConfigRuleName, rule]))
    expect(byName.size).toBe(builtInRules.filter(({ enabled }) => enabled !== false).length)
    for (const rule of all) {
      const { InputParameters = '{}', ...shown } = byName.get(rule.ConfigRuleName) ?? {}
      expect(shown).toMatchObject({ ConfigRuleName: rule.ConfigRuleName, Source: rule.Source })
      expect(JSON.parse(InputParameters)).toEqual(JSON.parse(rule.InputParameters ?? ''))
    }
  })
})

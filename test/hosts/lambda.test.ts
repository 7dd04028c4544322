// Protects the Lambda at its edge: what the real SDK sends and reads over HTTP, in which account and Region, and that what it logs names
// rule, policy and fault, so that AWS Config tries again only where that helps.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { handler } from '../../src/hosts/lambda.ts'
import { snapshot } from '../commands/bookshop.ts'
import {
  account,
  apiForm,
  bucketItem,
  changeOf,
  eventOf,
  orderedAt,
  oversizedOf,
  region,
  scheduled,
} from '../commands/config-rule/events.ts'
import { root } from '../fixtures/estates.ts'
import { type Answer, type Asked, type ServedAws, serveAws } from './served-aws.ts'

const functionRegion = 'us-east-1'
const context = { invokedFunctionArn: `arn:aws:lambda:${functionRegion}:${account}:function:rel09` }
let aws: ServedAws
let lines: { [name: string]: unknown }[]

beforeAll(async () => {
  aws = await serveAws()
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'FUNCTION')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 's')
  vi.stubEnv('AWS_REGION', functionRegion)
  vi.stubEnv('AWS_ENDPOINT_URL', aws.url)
})
beforeEach(() => {
  lines = []
  aws.answer = () => undefined
  vi.spyOn(process.stdout, 'write').mockImplementation(chunk => {
    for (const line of String(chunk).trim().split('\n')) lines.push(JSON.parse(line))
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  aws.asked.splice(0)
})
afterAll(() => {
  vi.unstubAllEnvs()
  aws.close()
})

const bucket = bucketItem('Off')
const change = (more: object = {}, rule = 's3-versioning') => eventOf(rule, changeOf(bucket), { ...more })
const asking = (what: string) => aws.asked.filter(one => one.what === what)

/** Answers by what is asked. */
const answering =
  (answers: { [what: string]: Answer | ((asked: Asked) => Answer) }) =>
  (asked: Asked): Answer | undefined => {
    const answer = answers[asked.what]
    return typeof answer === 'function' ? answer(asked) : answer
  }

describe('a change', () => {
  it('is told in the Region of the rule, with the token and the time of the event', async () => {
    await handler(change(), context)
    const [put, ...others] = asking('PutEvaluations')
    expect(others).toEqual([])
    expect(put).toMatchObject({ key: 'FUNCTION', region })
    expect(JSON.parse(put!.body)).toEqual({
      ResultToken: 'token',
      TestMode: false,
      Evaluations: [
        {
          ComplianceResourceType: 'AWS::S3::Bucket',
          ComplianceResourceId: 'shop-data',
          ComplianceType: 'NON_COMPLIANT',
          Annotation: expect.stringMatching(/^\w+: .*shop-data/),
          OrderingTimestamp: Date.parse(orderedAt) / 1000,
        },
      ],
    })
    expect(aws.asked).toHaveLength(1)
  })

  it('tried again tells the same', async () => {
    await handler(change(), context)
    await handler(change(), context)
    const [first, second] = asking('PutEvaluations')
    expect(second!.body).toBe(first!.body)
  })

  it('of a test harness is not to be stored', async () => {
    await handler(change({ resultToken: 'TESTMODE' }), context)
    expect(JSON.parse(asking('PutEvaluations')[0]!.body)).toMatchObject({ TestMode: true, ResultToken: 'TESTMODE' })
  })

  it('too large for an event is fetched as of its time', async () => {
    const { configurationItemCaptureTime: _, ...item } = apiForm(bucket)
    const captured = { ...item, configurationItemCaptureTime: Date.parse(orderedAt) / 1000 }
    aws.answer = answering({ GetResourceConfigHistory: { body: JSON.stringify({ configurationItems: [captured] }) } })
    await handler(eventOf('s3-versioning', oversizedOf(bucket)), context)
    expect(JSON.parse(asking('GetResourceConfigHistory')[0]!.body)).toMatchObject({ resourceId: 'shop-data', limit: 1 })
    expect(aws.evaluations()).toMatchObject([{ ComplianceType: 'NON_COMPLIANT', ComplianceResourceId: 'shop-data' }])
  })

  it('reads what AWS Backup knows', async () => {
    await handler(change({}, 'resource-in-backup-plan'), context)
    expect(asking('GET /backup/plans')[0]).toMatchObject({ region })
    expect(aws.evaluations()).toMatchObject([{ ComplianceType: 'NON_COMPLIANT', ComplianceResourceId: 'shop-data' }])
  })

  it('tells what it may not read, and counts it', async () => {
    const error = 'AccessDeniedException'
    aws.answer = answering({ 'GET /backup/plans': { status: 403, error, body: '{}' } })
    await handler(change({}, 'resource-in-backup-plan'), context)
    expect(aws.evaluations()).toMatchObject([
      { ComplianceType: 'NOT_APPLICABLE', Annotation: expect.stringMatching(/^undetermined: .*access denied/) },
    ])
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'warn', message: 'undetermined', rule: 'resource-in-backup-plan' }),
    )
    expect(lines).toContainEqual(
      expect.objectContaining({ Rule: 'resource-in-backup-plan', Undetermined: 1, _aws: expect.anything() }),
    )
  })

  it.each([
    [
      'Parameter Store',
      'ssm:/rel09/policy',
      'GetParameter',
      (text: string) => JSON.stringify({ Parameter: { Value: text } }),
    ],
    ['S3', 's3://policies/rel09.yaml', 'GET /policies/rel09.yaml', (text: string) => text],
  ])('is judged by the policy in %s, whose digest every line names', async (_name, policyUri, what, wrap) => {
    const text = 'version: 1\nrules: { s3-versioning: { severity: critical } }\n'
    aws.answer = answering({ [what]: { body: wrap(text) } })
    await handler(change({ ruleParameters: JSON.stringify({ policyUri }) }), context)
    expect(asking(what)[0]?.region).toBe(functionRegion)
    expect(aws.evaluations()).toMatchObject([{ Annotation: expect.stringMatching(/^critical: /) }])
    expect(lines.length).toBeGreaterThan(1)
    const digests = new Set(lines.map(({ policyDigest }) => policyDigest))
    expect(digests.size).toBe(1)
    expect([...digests][0]).toMatch(/^[0-9a-f]{64}$/)
  })

  it('of another account is told by a role there', async () => {
    const other = '444455556666'
    const foreign = {
      accountId: other,
      configRuleArn: `arn:aws:config:${region}:${other}:config-rule/config-rule-abc`,
      ruleParameters: JSON.stringify({ roleArn: `arn:aws:iam::${other}:role/rel09` }),
    }
    await handler(change(foreign), context)
    expect(asking('PutEvaluations')[0]).toMatchObject({ key: 'ASSUMED', region })
  })
})

describe('a scheduled run', () => {
  const takenAt = /"takenAt":"([^"]+)"/.exec(snapshot())![1]!
  const event = eventOf('resource-in-backup-plan', scheduled({ notificationCreationTime: takenAt }), {
    ruleParameters: '{"snapshotUri":"s3://snapshots/daily/"}',
  })
  const listed = (...keys: [string, string][]) =>
    `<ListBucketResult>${keys.map(([Key, at]) => `<Contents><Key>${Key}</Key><LastModified>${at}</LastModified></Contents>`).join('')}</ListBucketResult>`
  const list = listed(
    ['daily/1.ndjson.gz', '2026-01-05T06:00:00.000Z'],
    ['daily/2.ndjson.gz', '2026-01-06T06:00:00.000Z'],
    ['daily/3.txt', '2026-01-07T06:00:00.000Z'],
  )

  it('judges the newest snapshot, retracts page by page, and sends again what failed', async () => {
    const result = (type: string, id: string) => ({
      EvaluationResultIdentifier: { EvaluationResultQualifier: { ResourceType: type, ResourceId: id } },
      ComplianceType: 'COMPLIANT',
    })
    let failures = 1
    aws.answer = answering({
      'GET /snapshots': { body: list },
      'GET /snapshots/daily/2.ndjson.gz': { body: gzipSync(snapshot()) },
      GetComplianceDetailsByConfigRule: ({ body }) =>
        body.includes('NextToken')
          ? { body: JSON.stringify({ EvaluationResults: [result('AWS::S3::Bucket', 'gone')] }) }
          : {
              body: JSON.stringify({ EvaluationResults: [result('AWS::RDS::DBInstance', 'gone')], NextToken: 'more' }),
            },
      PutEvaluations: ({ body }) => ({
        body: JSON.stringify({ FailedEvaluations: failures-- > 0 ? JSON.parse(body).Evaluations.slice(1, 2) : [] }),
      }),
    })
    await handler(event, context)
    const [first, second, ...others] = asking('PutEvaluations').map(({ body }) => JSON.parse(body).Evaluations)
    expect(others).toEqual([])
    const told = first.map(
      (one: { [name: string]: string }) =>
        `${one.ComplianceType} ${one.ComplianceResourceType} ${one.ComplianceResourceId}`,
    )
    expect(told.sort()).toEqual([
      'COMPLIANT AWS::RDS::DBInstance db-ORDERS',
      'NON_COMPLIANT AWS::DynamoDB::Table carts',
      'NOT_APPLICABLE AWS::RDS::DBInstance gone',
      'NOT_APPLICABLE AWS::S3::Bucket gone',
    ])
    expect(second).toHaveLength(1)
    expect(lines).toContainEqual(expect.objectContaining({ message: 'evaluated', calls: 2, repeated: 1 }))
  })

  it('whose bucket is refused tells that nothing is known', async () => {
    const body = '<Error><Code>AccessDenied</Code><Message>no</Message></Error>'
    aws.answer = answering({ 'GET /snapshots': { status: 403, body } })
    await handler(event, context)
    expect(aws.evaluations()).toMatchObject([
      {
        ComplianceResourceType: 'AWS::::Account',
        ComplianceType: 'NOT_APPLICABLE',
        Annotation: expect.stringMatching(/^undetermined: /),
      },
    ])
  })
})

describe('findings', () => {
  const telling = (more: object) => change({ ruleParameters: JSON.stringify(more) })
  const bodies = (what: string) => asking(what).map(({ body }) => JSON.parse(body))
  const productArn = `arn:aws:securityhub:${region}:${account}:product/${account}/default`

  it('are imported into Security Hub where the rule is, after what is open there was asked page by page', async () => {
    const [first] = await (async () => {
      await handler(telling({ securityHub: 'true' }), context)
      return bodies('POST /findings/import')[0].Findings as { [name: string]: unknown }[]
    })()
    expect(first).toMatchObject({
      Id: expect.stringMatching(`^rel09/${account}/${region}/[0-9a-f]{32}$`),
      ProductArn: productArn,
      AwsAccountId: account,
      CreatedAt: orderedAt,
      UpdatedAt: orderedAt,
      Resources: [{ Type: 'AwsS3Bucket', Id: 'arn:aws:s3:::shop-data', Partition: 'aws', Region: region }],
      Compliance: { Status: 'FAILED' },
      RecordState: 'ACTIVE',
    })
    expect(first).not.toHaveProperty('Workflow')
    expect(asking('POST /findings/import')[0]).toMatchObject({ key: 'FUNCTION', region })
    expect(aws.asked.map(({ what }) => what)).toEqual(['PutEvaluations', 'POST /findings', 'POST /findings/import'])
    aws.asked.splice(0)
    // What was not asked for is left alone, even if it is given.
    const others = [
      { ...first, Id: 'other-rule', GeneratorId: 'rel09/vault-lock' },
      { ...first, Id: 'other-product', ProductArn: 'arn:aws:securityhub:eu-west-1::product/aws/securityhub' },
      { ...first, Id: 'other-resource', ProductFields: {} },
    ]
    const former = { ...first, Id: `rel09/${account}/${region}/former`, CreatedAt: '2026-01-01T00:00:00.000Z' }
    aws.answer = answering({
      'POST /findings': ({ body }) =>
        body.includes('NextToken')
          ? {
              body: JSON.stringify({
                Findings: [{ ...former, Workflow: { Status: 'NOTIFIED' }, ProductName: 'Default' }],
              }),
            }
          : {
              body: JSON.stringify({
                Findings: [{ ...first, CreatedAt: '2026-01-02T00:00:00.000Z' }, ...others],
                NextToken: 'more',
              }),
            },
    })
    await handler(telling({ securityHub: 'true' }), context)
    expect(bodies('POST /findings')[0].Filters).toMatchObject({
      ProductArn: [{ Value: productArn, Comparison: 'EQUALS' }],
      GeneratorId: [{ Value: 'rel09/s3-versioning', Comparison: 'EQUALS' }],
      RecordState: [{ Value: 'ACTIVE', Comparison: 'EQUALS' }],
      ProductFields: [{ Value: 'AWS::S3::Bucket shop-data', Comparison: 'EQUALS' }],
    })
    expect(bodies('POST /findings/import')[0].Findings).toEqual([
      { ...first, CreatedAt: '2026-01-02T00:00:00.000Z' },
      { ...former, RecordState: 'ARCHIVED', Compliance: { Status: 'NOT_AVAILABLE' } },
    ])
  })

  it('that Security Hub failed to take are sent again where that may help, and told where it does not', async () => {
    const failing = (ErrorCode: string, times: number) => {
      let left = times
      return ({ body }: Asked): Answer => {
        const failed = JSON.parse(body).Findings.map(({ Id }: { Id: string }) => ({
          Id,
          ErrorCode,
          ErrorMessage: 'no',
        }))
        return { body: JSON.stringify({ FailedCount: 1, SuccessCount: 0, FailedFindings: left-- > 0 ? failed : [] }) }
      }
    }
    aws.answer = answering({ 'POST /findings/import': failing('Throttling', 1) })
    expect(await handler(telling({ securityHub: 'true' }), context)).toEqual({ evaluations: 1 })
    expect(asking('POST /findings/import')).toHaveLength(2)
    aws.answer = answering({ 'POST /findings/import': failing('InvalidAccess', 9) })
    const field = 'ruleParameters.securityHub'
    expect(await handler(telling({ securityHub: 'true' }), context)).toMatchObject({ evaluations: 1, error: { field } })
    expect(asking('POST /findings/import')).toHaveLength(3)
  })

  it.each([
    ['shop', region],
    [`arn:aws:events:eu-central-1:444455556666:event-bus/shop`, 'eu-central-1'],
  ])('are events on the bus %s', async (eventBus, place) => {
    let failures = 1
    aws.answer = answering({
      PutEvents: () => ({
        body: JSON.stringify(
          failures-- > 0
            ? { FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException', ErrorMessage: 'later' }] }
            : { FailedEntryCount: 0, Entries: [{ EventId: 'e' }] },
        ),
      }),
    })
    await handler(telling({ eventBus }), context)
    const [first, second, ...others] = bodies('PutEvents')
    expect(others).toEqual([])
    expect(second).toEqual(first)
    expect(first.Entries).toMatchObject([
      {
        Source: 'rel09',
        DetailType: 'rel09 Finding',
        EventBusName: eventBus,
        Time: Date.parse(orderedAt) / 1000,
        Resources: ['arn:aws:s3:::shop-data'],
      },
    ])
    expect(asking('PutEvents')[0]).toMatchObject({ region: place })
  })

  it.each<[string, string, string, Answer]>([
    ['securityHub', 'true', 'POST /findings', { status: 403, error: 'AccessDeniedException', body: '{}' }],
    ['securityHub', 'true', 'POST /findings/import', { status: 401, error: 'InvalidAccessException', body: '{}' }],
    ['eventBus', 'shop', 'PutEvents', { status: 400, body: '{"__type":"ResourceNotFoundException"}' }],
    ['eventBus', 'shop', 'PutEvents', { status: 400, body: '{"__type":"AccessDeniedException"}' }],
    [
      'eventBus',
      'shop',
      'PutEvents',
      { body: '{"FailedEntryCount":1,"Entries":[{"ErrorCode":"NotAuthorizedForSourceException"}]}' },
    ],
  ])(
    'that may not be told by %s=%s (%s) cost no evaluation, and are not tried again',
    async (name, value, what, answer) => {
      aws.answer = answering({ [what]: answer })
      const field = `ruleParameters.${name}`
      expect(await handler(telling({ [name]: value }), context)).toMatchObject({ evaluations: 1, error: { field } })
      expect(aws.evaluations()).toHaveLength(1)
      expect(lines).toContainEqual(expect.objectContaining({ level: 'error', message: 'not published', untold: 1 }))
    },
  )

  it('that cannot be told now cost no evaluation, and are thrown', async () => {
    aws.answer = answering({ PutEvents: { status: 400, body: '{"__type":"SomethingElse","message":"not today"}' } })
    await expect(handler(telling({ eventBus: 'shop' }), context)).rejects.toThrow('not today')
    expect(aws.evaluations()).toHaveLength(1)
  })

  it('of another account are told by the role there', async () => {
    const other = '444455556666'
    const roleArn = `arn:aws:iam::${other}:role/rel09`
    await handler(
      change({
        accountId: other,
        configRuleArn: `arn:aws:config:${region}:${other}:config-rule/config-rule-abc`,
        ruleParameters: JSON.stringify({ roleArn, securityHub: 'true', eventBus: 'default' }),
      }),
      context,
    )
    for (const what of ['POST /findings/import', 'PutEvents'])
      expect(asking(what)[0]).toMatchObject({ key: 'ASSUMED', region })
  })
})

describe('rules of an organisation', () => {
  const rule = readFileSync(join(root, 'rules/REL09-BP01/s3-versioning.yaml'), 'utf8').replace(
    'id: s3-versioning',
    'id: shop-versioning',
  )
  const listed = (...keys: string[]) =>
    `<ListBucketResult>${keys.map(Key => `<Contents><Key>${Key}</Key></Contents>`).join('')}</ListBucketResult>`
  const event = {
    ...change({ ruleParameters: '{"rulesUri":"s3://shop-rules/rel09/"}' }),
    configRuleName: 'shop-versioning',
  }

  it('in S3 judge beside the built-in ones', async () => {
    aws.answer = answering({
      'GET /shop-rules': { body: listed('rel09/shop-versioning.yaml', 'rel09/README.md') },
      'GET /shop-rules/rel09/shop-versioning.yaml': { body: rule },
    })
    expect(await handler(event, context)).toEqual({ evaluations: 1 })
    expect(aws.evaluations()).toMatchObject([{ ComplianceType: 'NON_COMPLIANT', ComplianceResourceId: 'shop-data' }])
    expect(asking('GET /shop-rules')[0]).toMatchObject({ key: 'FUNCTION', region: functionRegion })
  })

  it.each<[string, { [what: string]: Answer }]>([
    ['are not there', { 'GET /shop-rules': { body: listed() } }],
    ['may not be read', { 'GET /shop-rules': { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' } }],
    [
      'are none',
      {
        'GET /shop-rules': { body: listed('rel09/shop-versioning.yaml') },
        'GET /shop-rules/rel09/shop-versioning.yaml': { body: rule.replace('subject:', 'subjects:') },
      },
    ],
    [
      'call a parameter as the function does',
      {
        'GET /shop-rules': { body: listed('rel09/shop-versioning.yaml') },
        'GET /shop-rules/rel09/shop-versioning.yaml': {
          body: `parameters: { eventBus: { type: string, description: a bus, default: x } }\n${rule}`,
        },
      },
    ],
    [
      'have the id of a built-in one',
      {
        'GET /shop-rules': { body: listed('rel09/s3-versioning.yaml') },
        'GET /shop-rules/rel09/s3-versioning.yaml': { body: rule.replace('shop-versioning', 's3-versioning') },
      },
    ],
  ])('that %s judge nothing, and nothing else does', async (_name, answers) => {
    aws.answer = answering(answers)
    const field = 'ruleParameters.rulesUri'
    expect(await handler(event, context)).toMatchObject({ evaluations: 0, error: { field } })
    expect(asking('PutEvaluations')).toEqual([])
  })
})

describe('what cannot be evaluated', () => {
  it.each<[string, object, object?]>([
    ['resultToken', change({ resultToken: undefined })],
    ['ruleParameters.noSuchParameter', change({ ruleParameters: '{"noSuchParameter":"1"}' })],
    ['ruleParameters.policyUri', change({ ruleParameters: '{"policyUri":"ssm:/rel09/policy"}' })],
    ['ruleParameters.roleArn', change({ accountId: '444455556666' })],
    ['ruleParameters.roleArn', change({ ruleParameters: '{"roleArn":"arn:aws:iam::444455556666:role/rel09"}' })],
  ])('for its %s is one error in the log, sends nothing, and is not tried again', async (field, event) => {
    expect(await handler(event, context)).toMatchObject({ evaluations: 0, error: { field } })
    expect(asking('PutEvaluations')).toEqual([])
    expect(lines).toMatchObject([{ level: 'error', error: { field } }])
  })

  it.each([
    ['resultToken', 'InvalidResultTokenException'],
    ['configRuleName', 'NoSuchConfigRuleException'],
  ])('because AWS Config refuses its %s is not tried again', async (field, __type) => {
    aws.answer = answering({ PutEvaluations: { status: 400, body: JSON.stringify({ __type, message: 'no' }) } })
    expect(await handler(change(), context)).toMatchObject({ error: { field } })
    expect(lines.filter(({ level }) => level === 'error')).toMatchObject([{ error: { field } }])
  })

  it('now is thrown, so that it is tried again', async () => {
    const __type = 'InvalidParameterValueException'
    aws.answer = answering({ PutEvaluations: { status: 400, body: JSON.stringify({ __type, message: 'not today' }) } })
    await expect(handler(change(), context)).rejects.toThrow('not today')
    expect(lines).toContainEqual(expect.objectContaining({ level: 'error', message: 'to be tried again' }))
  })
})

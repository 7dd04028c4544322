// Protects: the kind of an input is told by what it holds, whatever it is called; no input is claimed by two kinds.
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { sources } from '../../src/generated/sources.ts'
import { describeSample } from '../../src/sources/sample.ts'
import { account, configHistory, configSnapshot, item, ndjson, readFiles, readText, resource, scope } from './estate.ts'
import { plan, change as plannedChange } from './terraform-inputs.ts'

const event = (notification: unknown, more: object = {}) =>
  JSON.stringify({
    invokingEvent: JSON.stringify(notification),
    ruleParameters: '{}',
    resultToken: 't',
    accountId: account,
    ...more,
  })
const change = { configurationItem: item(), messageType: 'ConfigurationItemChangeNotification', recordVersion: '1.3' }
const row = JSON.stringify(item())
const big = { text: 'x'.repeat(200_000) }

const planned = JSON.stringify(
  plan({ changes: [plannedChange({ address: 'aws_dynamodb_table.t', after: { name: 't' } })] }),
)

const inputs: [string, string, string | undefined, number][] = [
  ['a snapshot', ndjson(scope, resource()), 'aws', 1],
  ['a snapshot after blank lines', `\r\n\n${ndjson(scope, resource())}`, 'aws', 1],
  ['a Config snapshot', configSnapshot([item()]), 'aws-config-snapshot', 1],
  [
    'a Config snapshot, pretty-printed',
    JSON.stringify(JSON.parse(configSnapshot([item()])), null, 2),
    'aws-config-snapshot',
    1,
  ],
  [
    'a Config snapshot of the developer guide',
    JSON.stringify({ fileVersion: '1.0', requestId: 'x', configurationItems: [item()] }),
    'aws-config-snapshot',
    1,
  ],
  ['a Config history file', configHistory([item()]), 'aws-config-history', 1],
  ['an item', JSON.stringify(item()), 'aws-config-item', 1],
  [
    'an item whose type comes late',
    JSON.stringify({ configuration: big, ...item({ configuration: big }) }),
    'aws-config-item',
    1,
  ],
  ['a list of items', JSON.stringify([item(), item({ resourceId: 'db-2' })]), 'aws-config-item', 2],
  ['items one a line', ndjson(item(), item({ resourceId: 'db-2' })), 'aws-config-item', 2],
  ['a rule event', event(change), 'aws-config-event', 1],
  ['a list of rule events', `[${event(change)},${event(change)}]`, 'aws-config-event', 2],
  ['a notification on its own', JSON.stringify(change), 'aws-config-event', 1],
  [
    'a notification through EventBridge',
    JSON.stringify({ source: 'aws.config', detail: change }),
    'aws-config-event',
    1,
  ],
  [
    'a notification through SNS',
    JSON.stringify({ Type: 'Notification', TopicArn: 'arn:aws:sns:x', Message: JSON.stringify(change) }),
    'aws-config-event',
    1,
  ],
  ['a scheduled event', event({ awsAccountId: account, messageType: 'ScheduledNotification' }), 'aws-config-event', 0],
  ['SelectResourceConfig', JSON.stringify({ Results: [row], QueryInfo: { SelectFields: [] } }), 'aws-config-query', 1],
  ['SelectResourceConfig, rows only', JSON.stringify([row, row]), 'aws-config-query', 2],
  ['GetResourceConfigHistory', JSON.stringify({ configurationItems: [item()], nextToken: 'n' }), 'aws-config-query', 1],
  [
    'BatchGetResourceConfig',
    JSON.stringify({ baseConfigurationItems: [item()], unprocessedResourceKeys: [] }),
    'aws-config-query',
    1,
  ],
  ['BatchGetAggregateResourceConfig', JSON.stringify({ BaseConfigurationItems: [item()] }), 'aws-config-query', 1],
  [
    'a recorded answer',
    JSON.stringify({ status_code: 200, data: { configurationItems: [item()] } }),
    'aws-config-query',
    1,
  ],
  [
    'a recorded answer to a query',
    JSON.stringify({ status_code: 200, data: { Results: [row], QueryInfo: {} } }),
    'aws-config-query',
    1,
  ],
  ['a Terraform plan', planned, 'terraform-plan', 1],
  ['a Terraform plan, pretty-printed', JSON.stringify(JSON.parse(planned), null, 2), 'terraform-plan', 1],
  ['a Terraform plan after much else', JSON.stringify({ variables: big, ...JSON.parse(planned) }), 'terraform-plan', 1],
  [
    'a Terraform state file',
    JSON.stringify({
      version: 4,
      terraform_version: '1.9.0',
      serial: 1,
      lineage: 'x',
      resources: [{ type: 'aws_dynamodb_table', name: 't', instances: [{ attributes: { name: 't' } }] }],
    }),
    'terraform-state',
    1,
  ],
  [
    'a shown Terraform state',
    JSON.stringify({
      format_version: '1.0',
      terraform_version: '1.9.0',
      values: {
        root_module: {
          resources: [{ address: 'aws_dynamodb_table.t', type: 'aws_dynamodb_table', values: { name: 't' } }],
        },
      },
    }),
    'terraform-state',
    1,
  ],
  ['a Terraform provider lock', '{"version":4,"values":{}}', undefined, 0],
  ['a configuration of Terraform', '# tables\nresource "aws_dynamodb_table" "t" {\n}\n', 'terraform-hcl', 1],
  ['prose about Terraform', 'Write resource "aws_dynamodb_table" into a file.', undefined, 0],
  ['a package file', '{"name":"bookshop","version":"1.0.0"}', undefined, 0],
  ['an EventBridge event of another service', '{"source":"aws.ec2","detail":{"state":"running"}}', undefined, 0],
  ['results of something else', '{"Results":["a","b"]}', undefined, 0],
  ['a list of words', '["a","b"]', undefined, 0],
  ['prose', 'Dear reader,', undefined, 0],
  ['a number', '42', undefined, 0],
]

describe('detection', () => {
  it.each(inputs)('%s', async (_, text, kind, count) => {
    for (const content of [text, `\ufeff${text}`, gzipSync(text)]) {
      const { scopes, resources, problems } = await readFiles({ 'some.file': content }, ['some.file'])
      expect([...new Set(scopes.map(entry => entry.source))]).toEqual(kind ? [kind] : [])
      expect(resources).toHaveLength(count)
      expect(problems.map(problem => problem.file)).toEqual(kind ? [] : ['some.file'])
    }
    expect((await readText(text)).resources).toHaveLength(count)
  })

  it.each(inputs)('%s is of one kind at most', (_, text, kind) => {
    const claims = sources.filter(source => source.detect(describeSample(Buffer.from(text), true), 'some.file'))
    expect(claims).toHaveLength(kind ? 1 : 0)
  })

  it.each([
    ['main.tf', 'locals {}', 'terraform-hcl'],
    ['empty.tf', '', 'terraform-hcl'],
    ['main.tf.json', '{"resource": {}}', 'terraform-hcl'],
    ['other.json', '{"resource": {}}', undefined],
    ['snapshot.tf.json', ndjson(scope, resource()), 'aws'],
    ['main.tf', ndjson(scope, resource()), 'aws'],
    ['list.tf', '["a"]', undefined],
  ])('%s that holds %s', async (name, text, kind) => {
    const { scopes } = await readFiles({ [name]: text }, [name])
    expect(scopes.map(entry => entry.source)).toEqual(kind ? [kind] : [])
  })

  it('a problem names the kinds that are understood', async () => {
    const { problems } = await readText('Dear reader,')
    for (const source of sources) expect(problems[0]!.message).toContain(source.name)
  })

  it('a Config history file is known by its name where it has no version', async () => {
    const name = `${account}_Config_eu-west-1_ConfigHistory_AWS::RDS::DBInstance_20260105T000000Z_20260105T060000Z_1.json.gz`
    const text = gzipSync(JSON.stringify({ configurationItems: [item()] }))
    expect((await readFiles({ [name]: text })).scopes[0]!.source).toBe('aws-config-history')
  })
})

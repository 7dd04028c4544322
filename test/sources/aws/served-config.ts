// AWS Config, an aggregator of it and itself, in front of the real client of the SDK: a request handler that answers out of
// configuration items. No emulator answers advanced queries. The bodies are made up after the API's reference and rows that AWS Config gave others:
// `Results` holds JSON texts, `tags` is a list, of a row only the members that were selected.
import { ConfigServiceClient } from '@aws-sdk/client-config-service'
import { HttpResponse } from '@smithy/core/protocols'
import type { Clients } from '../../../src/sources/aws/clients.ts'

type Json = { [name: string]: unknown }

/** A configuration item as AWS Config's files hold it. */
export interface FileItem extends Json {
  awsAccountId: string
  awsRegion: string
  resourceType: string
}

/** What AWS Config holds, by itself and in an aggregator. */
export interface Held {
  name: string
  items: readonly FileItem[]
  /** Entries of the list of its sources. */
  sources: readonly Json[]
}

/** A well source. */
export const source = (SourceId: string, AwsRegion: string, rest: Json = {}): Json => ({
  SourceId,
  SourceType: 'ACCOUNT',
  AwsRegion,
  LastUpdateStatus: 'SUCCEEDED',
  LastUpdateTime: 1768456800,
  ...rest,
})

/** A recorder that runs, as it records itself. */
export const recorder = (awsAccountId: string, awsRegion: string, configuration: Json = {}): FileItem => ({
  awsAccountId,
  awsRegion,
  resourceType: 'AWS::Config::ConfigurationRecorder',
  resourceId: 'default',
  resourceName: 'default',
  ARN: `arn:aws:config:${awsRegion}:${awsAccountId}:configuration-recorder/default/0a1b`,
  tags: {},
  configurationItemStatus: 'OK',
  configurationItemCaptureTime: '2026-01-10T06:00:00.000Z',
  configuration: { Name: 'default', Recording: true, RecordingGroup: { AllSupported: true }, ...configuration },
  supplementaryConfiguration: {},
})

const namesInFiles: { readonly [member: string]: string } = { accountId: 'awsAccountId', arn: 'ARN' }

function rowOf(item: FileItem, members: readonly string[]): string {
  const row: Json = {}
  for (const member of members) {
    const value = item[member] ?? item[namesInFiles[member] ?? '']
    if (value !== undefined)
      row[member] =
        member === 'tags'
          ? Object.entries(value as object).map(([key, tag]) => ({ key, value: tag, tag: `${key}=${tag}` }))
          : value
  }
  return JSON.stringify(row)
}

/** An error as AWS Config writes it. */
export class Refusal extends Error {}

/** Rows of a page. */
const pageLength = 30

/** Who asks, and where. */
export interface Asking {
  account: string
  region: string
}

/** A structure as answers of the API have it. */
function lowered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowered)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key[0]!.toLowerCase() + key.slice(1), lowered(member)]),
  )
}

/** What AWS Config tells of recorders, from their items. */
function recordersIn(items: readonly FileItem[], isStatus: boolean): Json {
  const recorders = items.filter(({ resourceType }) => resourceType === 'AWS::Config::ConfigurationRecorder')
  const told = recorders.map(({ resourceName: name, ARN: arn, configuration }) => {
    const { Recording: recording, LastStatus: lastStatus = 'SUCCESS', RecordingGroup } = configuration as Json
    return isStatus ? { name, recording, lastStatus } : { name, arn, recordingGroup: lowered(RecordingGroup) }
  })
  return { [isStatus ? 'ConfigurationRecordersStatus' : 'ConfigurationRecorders']: told }
}

/** What AWS Config answers. Throws {@link Refusal}. */
export function answer(held: Held, operation: string, input: Json, { account, region }: Asking): Json {
  const { name, sources } = held
  const ofMany = ['DescribeConfigurationAggregatorSourcesStatus', 'SelectAggregateResourceConfig'].includes(operation)
  if (ofMany && input.ConfigurationAggregatorName !== name) throw new Refusal('NoSuchConfigurationAggregatorException')
  // What is no Region's may be recorded in every one.
  const items = ofMany
    ? held.items
    : held.items.filter(item => item.awsAccountId === account && [region, 'global'].includes(item.awsRegion))
  if (operation.startsWith('DescribeConfigurationRecorder'))
    return recordersIn(items, operation === 'DescribeConfigurationRecorderStatus')
  const start = Number(input.NextToken ?? 0)
  const page = (all: readonly unknown[], as: string, length: number) => ({
    [as]: all.slice(start, start + length),
    ...(start + length < all.length ? { NextToken: String(start + length) } : {}),
  })
  if (operation === 'DescribeConfigurationAggregatorSourcesStatus')
    return page(sources, 'AggregatedSourceStatusList', 2)
  const expression = input.Expression as string
  const [, members = '', types = ''] = /^SELECT (.+) WHERE resourceType IN \((.+)\)$/.exec(expression) ?? []
  if (expression.length > 4096 || members === '' || (input.Limit as number) > 100)
    throw new Refusal('InvalidExpressionException')
  const rows = items
    .filter(({ resourceType }) => types.split(', ').includes(`'${resourceType}'`))
    .map(item => rowOf(item, members.split(', ')))
  return { ...page(rows, 'Results', pageLength), QueryInfo: { SelectFields: [] } }
}

interface Request {
  headers: { [name: string]: string }
  body: string | Uint8Array
}

/** Clients of an account that ask it. `fault` is asked of every call, and may throw a {@link Refusal}. */
export function clientsOf(
  held: Held,
  account: string,
  fault: (operation: string, input: Json, region: string) => void = () => {},
): Clients {
  const handler =
    (region: string) =>
    async ({ headers, body }: Request) => {
      const operation = headers['x-amz-target']!.split('.')[1]!
      const input = JSON.parse(Buffer.from(body as Uint8Array).toString()) as Json
      let statusCode = 200
      let told: Json
      try {
        fault(operation, input, region)
        told = answer(held, operation, input, { account, region })
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        statusCode = 400
        told = { __type: error.message, message: 'told by AWS' }
      }
      const text = new TextEncoder().encode(JSON.stringify(told))
      return { response: new HttpResponse({ statusCode, headers: {}, body: text }) }
    }
  return {
    client: (Client, region) => {
      if ((Client as unknown) !== ConfigServiceClient) throw new Error(`${Client.name} is not to be called`)
      return new ConfigServiceClient({
        region: region!,
        credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
        maxAttempts: 1,
        requestHandler: { handle: handler(region!) } as never,
      }) as never
    },
    close: () => {},
  }
}

/** Kinesis data streams. The list tells neither how long they keep records nor with which key. */
import { DescribeStreamSummaryCommand, KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis'
import type { Collector, Records } from './collector.ts'
import { listed } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { getResources } from './tags.ts'

const types = ['AWS::Kinesis::Stream']

const list = operation('kinesis:ListStreams', KinesisClient, ListStreamsCommand, {
  cuts: ['inventory', 'configuration', 'tags'],
  types,
  paging: { in: 'NextToken', out: 'NextToken', input: { Limit: 100 } },
})
const describe = operation('kinesis:DescribeStreamSummary', KinesisClient, DescribeStreamSummaryCommand, {
  cuts: ['configuration'],
  types,
  each: 'stream',
})

async function* collect(place: Place): AsyncGenerator<Records> {
  yield* listed(place, list, {}, async ({ StreamNames = [] }) => {
    const streams = StreamNames.map(async StreamName => {
      const answer = await place.askOrNone(describe, { StreamName }, ['ResourceNotFoundException'])
      if (answer === null) return []
      const summary = answer?.StreamDescriptionSummary
      const configuration = summary ?? { StreamName }
      const arn = summary?.StreamARN ?? place.arn('kinesis', `stream/${StreamName}`)
      const unknown = summary ? undefined : ['RetentionPeriodHours', 'EncryptionType', 'KeyId']
      return [{ type: types[0]!, id: StreamName, arn, name: StreamName, configuration, unknown }]
    })
    return (await Promise.all(streams)).flat()
  })
}

/** Streams. */
export const collector: Collector = {
  service: 'kinesis',
  scope: 'region',
  fills: { inventory: types, configuration: types, tags: types },
  operations: [list, describe, getResources],
  collect,
}

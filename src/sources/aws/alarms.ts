/** CloudWatch metric alarms. */
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch'
import { type Collector, type Records, textOf } from './collector.ts'
import { listed } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { getResources } from './tags.ts'

const types = ['AWS::CloudWatch::Alarm']

const describeAlarms = operation('cloudwatch:DescribeAlarms', CloudWatchClient, DescribeAlarmsCommand, {
  cuts: ['alerts'],
  types,
  paging: { in: 'NextToken', out: 'NextToken', input: { MaxRecords: 100 } },
})

async function* collect(place: Place): AsyncGenerator<Records> {
  yield* listed(place, describeAlarms, { AlarmTypes: ['MetricAlarm'] }, ({ MetricAlarms = [] }) =>
    MetricAlarms.map(element => ({
      type: types[0]!,
      id: textOf(element.AlarmName),
      arn: element.AlarmArn,
      name: element.AlarmName,
      configuration: element,
    })),
  )
}

/** Alarms. */
export const collector: Collector = {
  service: 'cloudwatch',
  scope: 'region',
  fills: { alerts: types, tags: types },
  operations: [describeAlarms, getResources],
  collect,
}

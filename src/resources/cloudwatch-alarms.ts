/**
 * Amazon CloudWatch metric alarms. `configuration` is an entry of `MetricAlarms` of `cloudwatch:DescribeAlarms`; nothing
 * supplementary. Only the actions of the ALARM state count. Namespace and metric are those of a single metric; an alarm on
 * several has none. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
 */
import type { Alarm } from '../model/guards.ts'
import type { ResourceRecord } from '../model/record.ts'
import type { ResourceDefinition } from './definition.ts'
import {
  absentMeans,
  allOr,
  at,
  booleanOr,
  configurationOf,
  elements,
  isAbsent,
  isDeclared,
  known,
  names,
  type Place,
  referenceOr,
  textOr,
} from './evidence.ts'
import { toText } from './property.ts'

type Metric = Pick<Alarm, 'namespace' | 'metricName' | 'dimensions'>

/** Dimensions: a list of name and value, in Terraform a map. */
function readDimensions(place: Place): Record<string, string> | undefined {
  if (isAbsent(place)) return {}
  if (place.unknown) return undefined
  if (typeof place.value === 'object' && place.value !== null && !Array.isArray(place.value)) {
    const entries = Object.entries(place.value)
    return entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')
      ? Object.fromEntries(entries)
      : undefined
  }
  const pairs = allOr(
    place,
    element => {
      const name = textOr(at(element, 'Name'), undefined)
      const value = textOr(at(element, 'Value'), undefined)
      return name === undefined || value === undefined ? undefined : ([name, value] as const)
    },
    undefined,
  )
  return pairs && Object.fromEntries(pairs)
}

function readMetric(place: Place, absent: null | undefined): Metric {
  return {
    namespace: textOr(at(place, 'Namespace'), absent),
    metricName: textOr(at(place, 'MetricName'), absent),
    dimensions: readDimensions(at(place, 'Dimensions')),
  }
}

/** The metric itself, or the one metric that the alarm's expression is about. */
function metricOf(root: Place): Metric {
  const queries = at(root, 'Metrics', 'metric_query')
  const list = elements(queries)
  if (queries.unknown || list?.partial) return {}
  if (!list || list.places.length === 0) return readMetric(root, undefined)
  const metrics = list.places.flatMap(query => {
    const metric = at(query, 'metric')
    const found = isAbsent(metric) ? at(at(query, 'MetricStat'), 'Metric') : metric
    return isAbsent(found) ? [] : [found]
  })
  return metrics.length === 1 ? readMetric(metrics[0]!, null) : { namespace: null, metricName: null }
}

function readAlarm(item: ResourceRecord): Alarm | undefined {
  const root = configurationOf(item)
  const name = textOr(at(root, 'AlarmName'), undefined) ?? item.name ?? toText(item.id)
  if (name === undefined) return undefined
  return known({
    name,
    arn: textOr(at(root, 'AlarmArn', 'arn'), undefined) ?? item.arn,
    ...metricOf(root),
    actionsEnabled: booleanOr(at(root, 'ActionsEnabled'), isDeclared(item) ? true : undefined),
    actions: allOr(
      at(root, 'AlarmActions'),
      action => referenceOr(action, undefined),
      absentMeans<string[]>(item, { api: [], cloudformation: [], terraform: [] }),
    ),
  })
}

/** Metric alarms. */
export const definitions: ResourceDefinition[] = [
  {
    role: 'alarm',
    type: 'AWS::CloudWatch::Alarm',
    names: names('AWS::CloudWatch::Alarm', ['aws_cloudwatch_metric_alarm', 'awscc_cloudwatch_alarm']),
    identity: { arn: 'cloudwatch:{region}:{account}:alarm:{id}', cloudformation: 'AlarmName', terraform: 'alarm_name' },
    read: readAlarm,
  },
]

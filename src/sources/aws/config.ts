/**
 * The recorder of AWS Config: whether it runs, and which types it records. What it recorded is not read here: native lists tell
 * more, and are no older than the run.
 * https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationRecorder.html
 */
import {
  ConfigServiceClient,
  DescribeConfigurationRecorderStatusCommand,
  DescribeConfigurationRecordersCommand,
} from '@aws-sdk/client-config-service'
import { type Collector, type Records, textOf } from './collector.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'

const types = ['AWS::Config::ConfigurationRecorder']
const declared = { cuts: ['recorders'], types }

// Unless one is named, both tell of the customer's recorder: of those that AWS's services keep no item is the account's to read.
const describeRecorders = operation(
  'config:DescribeConfigurationRecorders',
  ConfigServiceClient,
  DescribeConfigurationRecordersCommand,
  declared,
)
const describeStatus = operation(
  'config:DescribeConfigurationRecorderStatus',
  ConfigServiceClient,
  DescribeConfigurationRecorderStatusCommand,
  declared,
)

async function* collect(place: Place): AsyncGenerator<Records> {
  const [recorders, status] = await Promise.all([place.ask(describeRecorders, {}), place.ask(describeStatus, {})])
  for (const recorder of recorders?.ConfigurationRecorders ?? []) {
    yield place.resource(types[0]!, {
      id: textOf(recorder.name),
      arn: recorder.arn,
      name: recorder.name,
      configuration: recorder,
      supplementary: { Status: status?.ConfigurationRecordersStatus?.find(({ name }) => name === recorder.name) },
    })
  }
}

/** Recorders. */
export const collector: Collector = {
  service: 'config',
  scope: 'region',
  fills: { recorders: types },
  operations: [describeRecorders, describeStatus],
  collect,
}

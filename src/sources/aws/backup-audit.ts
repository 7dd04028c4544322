/** Frameworks and report plans of AWS Backup Audit Manager. The list of frameworks does not tell their controls. */
import {
  BackupClient,
  DescribeFrameworkCommand,
  ListFrameworksCommand,
  ListReportPlansCommand,
} from '@aws-sdk/client-backup'
import { type Collector, type Records, textOf } from './collector.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'

const cuts = ['audit']
const paging = { in: 'NextToken', out: 'NextToken', input: { MaxResults: 1000 } }
const frameworkTypes = ['AWS::Backup::Framework']
const reportTypes = ['AWS::Backup::ReportPlan']

const listFrameworks = operation('backup:ListFrameworks', BackupClient, ListFrameworksCommand, {
  cuts,
  types: frameworkTypes,
  paging,
})
const describeFramework = operation('backup:DescribeFramework', BackupClient, DescribeFrameworkCommand, {
  cuts,
  types: frameworkTypes,
  each: 'framework',
})
const listReportPlans = operation('backup:ListReportPlans', BackupClient, ListReportPlansCommand, {
  cuts,
  types: reportTypes,
  paging,
})

async function* collect(place: Place): AsyncGenerator<Records> {
  for await (const { Frameworks = [] } of place.pages(listFrameworks, {})) {
    const records = Frameworks.map(async listed => {
      const { FrameworkName: name, FrameworkArn: arn } = listed
      const answer = await place.askOrNone(describeFramework, { FrameworkName: name }, ['ResourceNotFoundException'])
      if (answer === null) return []
      return [
        place.resource('AWS::Backup::Framework', { id: textOf(name), arn, name, configuration: answer ?? listed }),
      ]
    })
    yield* (await Promise.all(records)).flat()
  }
  for await (const { ReportPlans = [] } of place.pages(listReportPlans, {})) {
    for (const ReportPlan of ReportPlans) {
      const { ReportPlanName: name, ReportPlanArn: arn } = ReportPlan
      yield place.resource('AWS::Backup::ReportPlan', { id: textOf(name), arn, name, configuration: { ReportPlan } })
    }
  }
}

/** Audit Manager. */
export const collector: Collector = {
  service: 'backup',
  scope: 'region',
  fills: { audit: [...frameworkTypes, ...reportTypes] },
  operations: [listFrameworks, describeFramework, listReportPlans],
  collect,
}

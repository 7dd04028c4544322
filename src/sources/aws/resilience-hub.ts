/**
 * Applications of AWS Resilience Hub, Region by Region. The list tells when each was assessed last.
 * https://docs.aws.amazon.com/resilience-hub/latest/APIReference/API_ListApps.html
 */
import type { DSQLClientConfig } from '@aws-sdk/client-dsql'
import { type Collector, type Records, textOf } from './collector.ts'
import {
  type DeclaredApi,
  DeclaredClient,
  declaredCommand,
  inQuery,
  listOf,
  structure,
  text,
  time,
  wholeNumber,
} from './declared-api.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'

const api: DeclaredApi = { serviceId: 'resiliencehub', host: 'resiliencehub' }

/** AWS Resilience Hub. */
export class ResilienceHubClient extends DeclaredClient {
  constructor(configuration: DSQLClientConfig) {
    super(api, configuration)
  }
}

interface AppSummary {
  appArn?: string
  name?: string
  status?: string
  complianceStatus?: string
  assessmentSchedule?: string
  creationTime?: Date
  lastAppComplianceEvaluationTime?: Date
}

class ListAppsCommand extends declaredCommand<
  { maxResults?: number; nextToken?: string },
  { appSummaries?: AppSummary[]; nextToken?: string }
>(api, {
  name: 'ListApps',
  http: ['GET', '/list-apps'],
  input: { maxResults: inQuery(wholeNumber, 'maxResults'), nextToken: inQuery(text, 'nextToken') },
  output: {
    appSummaries: listOf(
      structure({
        appArn: text,
        name: text,
        status: text,
        complianceStatus: text,
        assessmentSchedule: text,
        creationTime: time,
        lastAppComplianceEvaluationTime: time,
      }),
    ),
    nextToken: text,
  },
}) {}

const types = ['AWS::ResilienceHub::App']

const list = operation('resiliencehub:ListApps', ResilienceHubClient, ListAppsCommand, {
  cuts: ['resilience'],
  types,
  paging: { in: 'nextToken', out: 'nextToken', input: { maxResults: 100 } },
})

async function* collect(place: Place): AsyncGenerator<Records> {
  for (const region of place.regions)
    for await (const { appSummaries = [] } of place.calling(region).pages(list, {}))
      for (const app of appSummaries)
        yield place.resource(types[0]!, {
          id: textOf(app.appArn),
          arn: app.appArn,
          name: app.name,
          region,
          configuration: app,
        })
}

/** Applications. */
export const collector: Collector = {
  service: 'resiliencehub',
  scope: 'account',
  fills: { resilience: types },
  operations: [list],
  collect,
}

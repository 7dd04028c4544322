/** What an evaluation asks AWS Config itself: an item that was too large for its event, and what it shows by a rule. */
import {
  ConfigServiceClient,
  GetComplianceDetailsByConfigRuleCommand,
  GetResourceConfigHistoryCommand,
} from '@aws-sdk/client-config-service'
import type { Clients } from './clients.ts'
import type { ClientClass } from './operation.ts'

/** A resource as AWS Config names it. */
interface Named {
  type: string
  id: string
}

/** The client of a Region. */
export const configService = (clients: Clients, region: string): ConfigServiceClient =>
  clients.client(ConfigServiceClient as ClientClass, region) as unknown as ConfigServiceClient

/** History tells times to the millisecond, its filter may not. */
const toleranceMilliseconds = 1000

/**
 * The newest item of a resource, as JSON, up to a time; `undefined` where history has not come as far yet. Encoded as the API does:
 * `configuration` is JSON text.
 */
export async function itemAt(
  client: ConfigServiceClient,
  { type, id }: Named,
  capturedAt: string,
): Promise<object | undefined> {
  const captured = Date.parse(capturedAt)
  const { configurationItems = [] } = await client.send(
    new GetResourceConfigHistoryCommand({
      resourceType: type as never,
      resourceId: id,
      laterTime: new Date(captured + toleranceMilliseconds),
      limit: 1,
    }),
  )
  const [item] = configurationItems
  const seen = item?.configurationItemCaptureTime?.getTime() ?? Number.NaN
  return item && seen >= captured - toleranceMilliseconds ? JSON.parse(JSON.stringify(item)) : undefined
}

/** Resources that AWS Config shows as compliant or non-compliant by a rule. */
export async function shownBy(client: ConfigServiceClient, configRuleName: string): Promise<Named[]> {
  const shown: Named[] = []
  const seen = new Set<string>()
  let NextToken: string | undefined
  do {
    const page = await client.send(
      new GetComplianceDetailsByConfigRuleCommand({
        ConfigRuleName: configRuleName,
        ComplianceTypes: ['COMPLIANT', 'NON_COMPLIANT'],
        Limit: 100,
        NextToken,
      }),
    )
    for (const { EvaluationResultIdentifier } of page.EvaluationResults ?? []) {
      const { ResourceType: type, ResourceId: id } = EvaluationResultIdentifier?.EvaluationResultQualifier ?? {}
      if (type && id) shown.push({ type, id })
    }
    NextToken = page.NextToken
    if (NextToken !== undefined && seen.has(NextToken)) throw new Error('AWS Config tells the same page twice')
    if (NextToken !== undefined) seen.add(NextToken)
  } while (NextToken)
  return shown
}

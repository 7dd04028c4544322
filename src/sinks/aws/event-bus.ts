/** Events on a bus of Amazon EventBridge. */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import type { FindingEvent } from '../../model/finding-event.ts'
import type { PutEvents } from '../published-findings.ts'
import type { ClientOf } from './client-of.ts'

/** Faults of one entry that another try may mend. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html */
const passing = /throttl|internal/i

/** Puts events on a bus, by its name or ARN. */
export function putEvents(clientOf: ClientOf, bus: string): PutEvents {
  const client = clientOf(EventBridgeClient)
  return async batch => {
    const { Entries = [], FailedEntryCount = 0 } = await client.send(
      new PutEventsCommand({
        Entries: batch.map(({ Time, ...entry }) => ({ ...entry, Time: new Date(Time), EventBusName: bus })),
      }),
    )
    if (FailedEntryCount === 0) return { again: [], refused: [] }
    const codeOf = (at: number) => Entries[at]?.ErrorCode
    const isPassing = (_one: FindingEvent, at: number) => passing.test(codeOf(at) ?? '')
    return {
      again: batch.filter(isPassing),
      refused: Entries.flatMap(({ ErrorCode: code, ErrorMessage: message = '' }) =>
        code === undefined || passing.test(code) ? [] : [{ code, message }],
      ),
    }
  }
}

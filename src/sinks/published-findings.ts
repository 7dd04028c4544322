/** Sends findings to AWS Security Hub and to Amazon EventBridge, in calls as large as they allow. */
import type { FindingEvent } from '../model/finding-event.ts'
import type { SecurityFinding } from '../model/security-finding.ts'
import { type SentAll, sendInRounds, type Taken } from './rounds.ts'

/** Waits so many milliseconds. */
type Wait = (milliseconds: number) => Promise<void>

/** Which of our findings are asked for. */
export interface ActiveFilter {
  productArn: string
  generatorId: string
  /** Values of the product field of the AWS Config resource; absent: all. */
  configResources?: readonly string[]
}

/** Security Hub, as far as findings are kept there. */
export interface SecurityHub {
  /** Our findings that it shows as active, by id. */
  active(filter: ActiveFilter): Promise<Map<string, SecurityFinding>>
  /** Sends one batch of {@link sendSecurityFindings}. */
  import(batch: readonly SecurityFinding[]): Promise<Taken<SecurityFinding>>
}

/** Sends one batch of {@link sendFindingEvents}. */
export type PutEvents = (batch: readonly FindingEvent[]) => Promise<Taken<FindingEvent>>

const bytesOf = (text: string): number => Buffer.byteLength(text)

/** Imports findings: a hundred a call, of at most 6 MB. https://docs.aws.amazon.com/securityhub/latest/partnerguide/guidelines-batchimportfindings.html */
export function sendSecurityFindings(
  findings: Iterable<SecurityFinding>,
  hub: Pick<SecurityHub, 'import'>,
  wait: Wait,
): Promise<SentAll> {
  return sendInRounds(findings, {
    most: 100,
    mostBytes: 6_000_000,
    bytesOf: one => bytesOf(JSON.stringify(one)),
    send: batch => hub.import(batch),
    wait,
  })
}

/** What a time counts in the size of an entry. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
const bytesOfTime = 14

const bytesOfEvent = ({ Source, DetailType, Detail, Resources }: FindingEvent): number =>
  [Source, DetailType, Detail, ...Resources].reduce((sum, text) => sum + bytesOf(text), bytesOfTime)

/** Sends events: ten a call, of at most 256 KB. */
export function sendFindingEvents(events: Iterable<FindingEvent>, send: PutEvents, wait: Wait): Promise<SentAll> {
  return sendInRounds(events, { most: 10, mostBytes: 256_000, bytesOf: bytesOfEvent, send, wait })
}

/**
 * Tells findings to AWS Security Hub and Amazon EventBridge, after AWS Config has its evaluations. What is refused for good is told and
 * not tried again; what another try may mend is thrown when everything else was sent.
 */
import { findingEventsOf } from '../../reporters/finding-events.ts'
import {
  configResourceText,
  generatorOf,
  importsOf,
  productArnOf,
  type TellingContext,
} from '../../reporters/security-findings.ts'
import {
  type PutEvents,
  type SecurityHub,
  sendFindingEvents,
  sendSecurityFindings,
} from '../../sinks/published-findings.ts'
import type { Refusal, SentAll } from '../../sinks/rounds.ts'
import type { Assignment, RuleStandards } from './evaluate.ts'
import type { Judged } from './judging.ts'
import { Unobtainable } from './rule-host.ts'

/** Where findings are told, in the account and Region of the rule. Calls reject with {@link Unobtainable} where they are refused for good. */
export interface Publishers {
  securityHub(): Promise<SecurityHub>
  /** The bus that the rule's parameters name. */
  eventBus(): Promise<PutEvents>
}

/** What came of telling findings in one place. */
export interface Published {
  /** The parameter that asked for it. */
  parameter: 'securityHub' | 'eventBus'
  /** Findings or events that were taken. */
  told: number
  /** Those that were not, and will not be. */
  untold: number
  /** Why, of the first. */
  why?: string
}

/** A service did not take everything, and may another time. */
export class NotAllTaken extends Error {
  override readonly name = 'NotAllTaken'
}

/** Changes are about few resources: more than these are asked for by rule alone. An attribute takes 20 values. */
const mostResourcesAsked = 20

/** What is told, and what it is told with. */
interface Telling {
  assignment: Assignment
  judged: Judged
  context: TellingContext & { configRuleName: string }
  publishers: Publishers
  wait(milliseconds: number): Promise<void>
}

/** Tells the findings of an answer wherever the parameters ask for it. Rejects with what another try may mend, once all was tried. */
export async function publish(
  assignment: Assignment,
  { rule, policy }: RuleStandards,
  judged: Judged,
  publishers: Publishers,
  wait: (milliseconds: number) => Promise<void>,
): Promise<Published[]> {
  const { event, own } = assignment
  const { account, region, partition, orderedAt, configRuleName } = event
  const undeterminedAs = own.undeterminedAs ?? policy.undeterminedAs
  const place = { account, region, partition, orderedAt, configRuleName }
  const context = { rule, ...place, undeterminedAs, policyDigest: policy.digest }
  const telling: Telling = { assignment, judged, context, publishers, wait }
  const published: Published[] = []
  const failures: unknown[] = []
  const attempt = async (parameter: Published['parameter'], tell: (telling: Telling) => Promise<Count>) => {
    try {
      published.push({ parameter, ...(await tell(telling)) })
    } catch (error) {
      if (error instanceof Unobtainable) published.push({ parameter, told: 0, untold: 1, why: error.message })
      else failures.push(error)
    }
  }
  if (own.securityHub) await attempt('securityHub', tellSecurityHub)
  if (own.eventBus) await attempt('eventBus', tellEventBus)
  if (failures.length > 0) throw failures[0]
  return published
}

type Count = Omit<Published, 'parameter'>

async function tellSecurityHub({ assignment, judged, context, publishers, wait }: Telling): Promise<Count> {
  const hub = await publishers.securityHub()
  const { kind } = assignment.event.trigger
  const resources = judged.evaluations.map(({ ComplianceResourceType: type, ComplianceResourceId: id }) => ({
    type,
    id,
  }))
  const isNarrow = (kind === 'change' || kind === 'oversized') && resources.length <= mostResourcesAsked
  const active = await hub.active({
    productArn: productArnOf(context),
    generatorId: generatorOf(context),
    ...(isNarrow ? { configResources: resources.map(configResourceText) } : {}),
  })
  const told = counting(importsOf(judged.findings(), active, judged.isWhole, context))
  return countOf(told, await sendSecurityFindings(told.items, hub, wait), 'Security Hub')
}

async function tellEventBus({ assignment, judged, context, publishers, wait }: Telling): Promise<Count> {
  const put = await publishers.eventBus()
  const { kind } = assignment.event.trigger
  const told = counting(findingEventsOf(judged.findings(), kind === 'change' || kind === 'oversized', context))
  return countOf(told, await sendFindingEvents(told.items, put, wait), 'EventBridge')
}

/** Counts things while somebody else goes through them. */
function counting<T>(things: Iterable<T>): { items: Iterable<T>; count: number } {
  const counted = { items: each(), count: 0 }
  function* each(): Generator<T> {
    for (const one of things) {
      counted.count++
      yield one
    }
  }
  return counted
}

function countOf({ count }: { count: number }, { left, refused }: SentAll, service: string): Count {
  if (left > 0) throw new NotAllTaken(`${service} failed to take ${left} of ${count}, however often they were sent`)
  const told = { told: count - refused.length, untold: refused.length }
  return refused[0] ? { ...told, why: reasonOf(refused[0]) } : told
}

const reasonOf = ({ code, message }: Refusal): string => `${code}: ${message}`

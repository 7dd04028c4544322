/** Findings as events of Amazon EventBridge, for whoever wants to act on them. The detail is stable: members are added, never changed. */
import type { FindingEvent } from '../model/finding-event.ts'
import type { Finding } from '../model/report.ts'
import { filedUnder, outcomeOf } from './evaluations.ts'
import { evidenceLines } from './evidence-text.ts'
import { sentenceOf } from './finding-text.ts'
import { jsonText } from './json-text.ts'
import type { TellingContext } from './security-findings.ts'
import { flowing, shortVisible } from './visible-text.ts'

/** What a text of an event is cut to: an event stays far below the 256 KB that one may have. */
const longestText = 1024

const mostEvidence = 10

const cut = (text: string): string => shortVisible(flowing(text), longestText)

const cutOrNot = (text: string | undefined): string | undefined => (text === undefined ? undefined : cut(text))

/** The AWS Config rule that was evaluated. */
export interface EventContext extends TellingContext {
  configRuleName: string
}

/** The event of a finding. What is not known is left out. */
export function findingEventOf(finding: Finding, context: EventContext): FindingEvent {
  const { account, region, orderedAt, rule, policyDigest, configRuleName } = context
  const { resource, exemption } = finding
  const { type, id, arn, name } = resource
  const detail = {
    version: 1,
    fingerprint: finding.fingerprint,
    rule: rule.id,
    bestPractice: finding.bestPractice,
    title: finding.title,
    outcome: outcomeOf(finding),
    verdict: finding.verdict,
    severity: finding.severity,
    message: cut(sentenceOf(finding)),
    evidence: evidenceLines(finding, mostEvidence).map(cut),
    missing: finding.missing.slice(0, mostEvidence).map(({ path, reason, remedy }) => ({
      path: cut(path),
      reason,
      remedy: cut(remedy),
    })),
    remediation: cut(rule.remediation.text),
    resource: {
      type,
      id: cut(id),
      arn: cutOrNot(arn),
      name: cutOrNot(name),
      account: resource.account,
      region: resource.region,
    },
    exemption: exemption && { expires: exemption.expires, owner: cut(exemption.owner), reason: cut(exemption.reason) },
    configRule: configRuleName,
    configResource: filedUnder(finding, account),
    account,
    region,
    orderedAt,
    policyDigest,
  }
  return {
    Source: 'rel09',
    DetailType: 'rel09 Finding',
    Detail: jsonText(detail),
    Time: orderedAt,
    Resources: arn === undefined ? [] : [cut(arn)],
  }
}

/** Events of what is wrong or not known; of every finding where `isChange`, so that a mended resource is heard of too. */
export function* findingEventsOf(
  findings: Iterable<Finding>,
  isChange: boolean,
  context: EventContext,
): Generator<FindingEvent> {
  for (const finding of findings) {
    const outcome = outcomeOf(finding)
    if (isChange || outcome === 'non-compliant' || outcome === 'undetermined') yield findingEventOf(finding, context)
  }
}

import type { FactValue } from '../model/facts.ts'
import type { Inventory } from '../model/inventory.ts'
import type { Exemption, Policy } from '../model/policy.ts'
import type { Evidence, Finding, FindingResource, FindingState, MissingFact } from '../model/report.ts'
import type { Severity, Verdict } from '../model/rule.ts'
import type { Subject } from '../model/subject.ts'
import type { DecidingLeaf } from '../rules/explain.ts'
import { fillMessage } from '../rules/message.ts'
import type { ActiveRule } from './active-rule.ts'
import { fingerprint } from './digest.ts'

/** What every finding of a run is made with. */
export interface FindingContext {
  inventory: Inventory
  policy: Policy
}

/** A verdict with what bookkeeping made of it. */
export interface Booked {
  verdict: Verdict
  state: FindingState
  severity: Severity
  exemption?: Exemption | undefined
}

/** An object without the members that are not known. */
function known<T extends object>(members: { [name in keyof T]: T[name] | undefined }): T {
  // A plain loop: this runs for every finding and each of its leaves.
  const result: { [name: string]: unknown } = {}
  for (const name in members) if (members[name] !== undefined) result[name] = members[name]
  return result as T
}

function resourceOf(subject: Subject): FindingResource {
  const { type, sourceType, id, arn, account, region, name, address, related } = subject
  return known<FindingResource>({
    type,
    sourceType,
    id,
    arn,
    account,
    region,
    name,
    address,
    related: related && related.length > 0 ? related : undefined,
  })
}

function assumed({ policy }: FindingContext, names: readonly string[]): { [name: string]: FactValue } {
  const values = policy.assumptions as unknown as { readonly [name: string]: FactValue }
  return Object.fromEntries(
    names.filter(name => Object.hasOwn(values, name)).map(name => [name, values[name] as FactValue]),
  )
}

function evidenceOf(context: FindingContext, active: ActiveRule, leaf: DecidingLeaf): Evidence {
  const fact = active.factOf(leaf.factPath)
  const assumptions = fact?.assumptions && assumed(context, fact.assumptions)
  return known<Evidence>({
    path: leaf.path,
    expected: leaf.expected,
    actual: leaf.actual,
    from: fact?.group ?? '',
    assumptions,
  })
}

/** The facts that an undetermined verdict lacks, each once, with why they are not known. */
export function missingFacts(
  { inventory }: FindingContext,
  active: ActiveRule,
  subject: Subject,
  paths: readonly string[],
): MissingFact[] {
  return paths.map(path => inventory.whyMissing(subject, path, active.factOf(path)?.group ?? ''))
}

function countOf({ kind, facts }: Subject): number | undefined {
  const grouped = kind === 'recovery-point' || kind === 'native-snapshot'
  return grouped && typeof facts.count === 'number' ? facts.count : undefined
}

const told = ({ reason, owner, expires, kind }: Exemption): Finding['exemption'] => ({
  reason,
  owner,
  expires,
  kind: kind ?? 'accepted',
})

/** Makes the finding of a rule on a subject: message, evidence and what is missing are worked out only now. */
export function makeFinding(context: FindingContext, active: ActiveRule, subject: Subject, booked: Booked): Finding {
  const { rule } = active
  const parameters = active.parameters(subject.facts)
  const explanation = active.explain(booked.verdict, subject.facts, parameters)
  const undetermined = booked.verdict === 'undetermined'
  return known<Finding>({
    rule: rule.id,
    bestPractice: rule.bestPractice,
    title: rule.title,
    verdict: booked.verdict,
    severity: booked.severity,
    baseSeverity: rule.severity,
    state: booked.state,
    subject: subject.kind,
    resource: resourceOf(subject),
    location: subject.location,
    relatedLocations: undefined,
    message: fillMessage(rule.message, subject.facts, parameters),
    evidence: explanation.leaves.map(leaf => evidenceOf(context, active, leaf)),
    missing: undetermined ? missingFacts(context, active, subject, explanation.missing) : [],
    fingerprint: fingerprint(rule.id, subject),
    aliases: subject.address !== undefined && subject.arn !== undefined ? [subject.arn] : undefined,
    exemption: booked.exemption && told(booked.exemption),
    count: countOf(subject),
  })
}

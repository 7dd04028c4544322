import type { FactValue } from '../model/facts.ts'
import type { Inventory } from '../model/inventory.ts'
import { shownPlaceholders } from '../model/placeholder.ts'
import type { Exemption, Policy } from '../model/policy.ts'
import type { Location } from '../model/record.ts'
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
  const { type, sourceType, id, arn, account, region, name, address, related, declared } = subject
  return known<FindingResource>({
    type,
    sourceType,
    id,
    arn,
    account,
    region,
    name,
    address,
    constructPath: declared?.constructPath,
    moduleCalls: declared?.moduleCalls?.length ? [declared.moduleCalls.map(call => call.address).join('.')] : undefined,
    related: related && related.length > 0 ? related : undefined,
  })
}

function assumed({ policy }: FindingContext, names: readonly string[]): { [name: string]: FactValue } {
  const values = policy.assumptions as unknown as { readonly [name: string]: FactValue }
  return Object.fromEntries(
    names.filter(name => Object.hasOwn(values, name)).map(name => [name, values[name] as FactValue]),
  )
}

/** A fact as people read it: what only deployment tells stands as `${Orders}`. */
function shownFact<T extends FactValue | undefined>(value: T): T {
  if (typeof value === 'string') return shownPlaceholders(value) as T
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(shownFact) as FactValue as T
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shownFact(member)])) as T
}

function evidenceOf(context: FindingContext, active: ActiveRule, leaf: DecidingLeaf, isDeclared: boolean): Evidence {
  const fact = active.factOf(leaf.factPath)
  const assumptions = fact?.assumptions && assumed(context, fact.assumptions)
  return known<Evidence>({
    path: leaf.path,
    expected: isDeclared ? shownFact(leaf.expected) : leaf.expected,
    actual: isDeclared ? shownFact(leaf.actual) : leaf.actual,
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

/** The line of the first fact that decided, where a template states it; else the resource's. */
function locationOf({ location, declared }: Subject, leaves: readonly DecidingLeaf[]): Location | undefined {
  if (!location || !declared) return location
  for (const { path } of leaves) {
    const place = declared.placeOfFact(path)
    if (place) return place
    // The property is not there: the resource lacks it, whatever else decided too.
    if (place === null) break
  }
  return { file: location.file, line: location.line }
}

/** The calls of modules that lead to the resource, and where its parts are declared. */
function relatedLocations({ declared, related }: Subject): Location[] | undefined {
  if (!declared) return undefined
  const calls = (declared.moduleCalls ?? []).map(({ file, line }) => ({ file, line }))
  const parts = (related ?? []).flatMap(({ location }) => location ?? [])
  return calls.length + parts.length > 0 ? [...calls, ...parts] : undefined
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
  const isDeclared = subject.address !== undefined
  const message = fillMessage(rule.message, subject.facts, parameters)
  const finding = known<Omit<Finding, 'fingerprint'>>({
    rule: rule.id,
    bestPractice: rule.bestPractice,
    title: rule.title,
    verdict: booked.verdict,
    severity: booked.severity,
    baseSeverity: rule.severity,
    state: booked.state,
    subject: subject.kind,
    resource: resourceOf(subject),
    location: locationOf(subject, explanation.leaves),
    relatedLocations: relatedLocations(subject),
    message: isDeclared ? shownPlaceholders(message) : message,
    evidence: explanation.leaves.map(leaf => evidenceOf(context, active, leaf, isDeclared)),
    missing: undetermined ? missingFacts(context, active, subject, explanation.missing) : [],
    aliases: subject.address !== undefined && subject.arn !== undefined ? [subject.arn] : undefined,
    exemption: booked.exemption && told(booked.exemption),
    count: countOf(subject),
    configResource: subject.configResource,
  })
  return withFingerprint(finding, subject)
}

/** The digest is made for whoever asks: the text report does not. */
function withFingerprint(finding: Omit<Finding, 'fingerprint'>, subject: Subject): Finding {
  let made: string | undefined
  return Object.assign(
    {
      get fingerprint() {
        made ??= fingerprint(finding.rule, subject)
        return made
      },
    },
    finding,
  )
}

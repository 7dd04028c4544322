import { factIndex } from '../generated/fact-index.ts'
import { leaves } from '../generated/leaves.js'
import type { Inventory } from '../model/inventory.ts'
import type { Exemption, Policy } from '../model/policy.ts'
import type { DeclaredExemption } from '../model/record.ts'
import type { Finding, FindingState, InputProblem, Report } from '../model/report.ts'
import type { Rule, Severity, Verdict } from '../model/rule.ts'
import type { Alike, Subject } from '../model/subject.ts'
import { subjectsOf } from '../rules/compiled-rule.ts'
import type { Parameters } from '../rules/condition.ts'
import type { FactIndex } from '../rules/fact-index.ts'
import { registerLeaves } from '../rules/leaf.ts'
import { type ActiveRule, activeRules, assumptionsOf, ruleFinder, setOf } from './active-rule.ts'
import { digestRules, knownFingerprints } from './digest.ts'
import { type Exemptions, InlineExemptions, noExemptions, unusedExemptions } from './exemptions.ts'
import { type FindingContext, makeFinding, missingFacts } from './finding.ts'
import { isBelow, severityOf } from './severity.ts'
import { startTally, type Tally } from './summary.ts'
import type { Judgement } from './verdict-store.ts'

registerLeaves(leaves)

/** How a run differs from judging everything and keeping every finding open. */
export interface JudgeOptions {
  /** Present time, ISO 8601 UTC; decides only which exemptions are told to have expired. */
  now?: string
  /** Judge only by these rules (ids or former ids); naming an optional rule switches it on. */
  ruleIds?: Iterable<string>
  /** Findings less severe are `belowThreshold`. */
  failOn?: Severity | 'never'
  /** Fingerprints of findings that are known and accepted. */
  baseline?: ReadonlySet<string>
  /** The policy's exemptions; without them nothing is exempted. */
  exemptions?: Exemptions
  /** What of the inputs could not be read. */
  problems?: readonly InputProblem[]
  /** Exemptions beside resources, in the order of their files; those that are not given accept nothing. */
  inlineExemptions?: readonly DeclaredExemption[]
  /** Version of rel09, for the report. */
  version?: string
  /** Digest of the rules where the caller knows it already. */
  rulesDigest?: string
  /** What the rules may name; the facts schemas, unless a test brings its own. */
  facts?: FactIndex
}

interface Run extends FindingContext {
  options: JudgeOptions
  exemptions: Exemptions
  inline: InlineExemptions
  tally: Tally
  /** Exemptions by rule and place of the subject. */
  exempted: Map<ActiveRule, Map<number, Exemption>>
}

/**
 * Judges every subject of an inventory by every rule that is about it. Verdicts are kept in a few bytes each; findings are
 * made from them, rule by rule and in the order of the inventory, whenever somebody asks. Same input, same report.
 */
export function judge(
  inventory: Inventory,
  rules: readonly Rule[],
  policy: Policy,
  options: JudgeOptions = {},
): Report {
  const index = options.facts ?? factIndex
  const active = activeRules(rules, policy, index, setOf(options.ruleIds))
  const judged = active.map(({ rule }) => rule)
  const exemptions = options.exemptions ?? noExemptions
  const inline = new InlineExemptions(options.inlineExemptions ?? [], options.now)
  const run: Run = { inventory, policy, options, exemptions, inline, tally: startTally(judged), exempted: new Map() }
  judgeAll(run, active)
  const takenAt = newest(inventory.scopes.map(scope => scope.takenAt))
  return {
    version: 1,
    tool: { name: 'rel09', version: options.version ?? '0.0.0' },
    ...(takenAt === undefined ? {} : { takenAt }),
    ...(options.now === undefined ? {} : { now: options.now }),
    get policyDigest() {
      return policy.digest
    },
    rulesDigest: options.rulesDigest ?? digestRules(rules),
    ...(policy.file === undefined ? {} : { policyFile: policy.file }),
    assumptions: assumptionsOf(policy),
    scopes: [...inventory.scopes],
    rules: judged,
    summary: run.tally.summary(inventory.resourceCount),
    gaps: [...inventory.gaps],
    ...(options.problems?.length ? { problems: [...options.problems] } : {}),
    notEvaluated: [...inventory.notEvaluated],
    unusedExemptions: [...unusedExemptions(policy, exemptions.used, options.now), ...inline.unused()],
    findings: verdicts => findings(run, active, verdicts),
  }
}

const newest = (times: readonly (string | undefined)[]): string | undefined =>
  times.reduce(
    (latest, time) => (time !== undefined && (latest === undefined || time > latest) ? time : latest),
    undefined,
  )

function judgeAll(run: Run, active: readonly ActiveRule[]): void {
  const { inventory, tally } = run
  const rulesOf = ruleFinder(active)
  const subjectsByKind = new Map<string, number>()
  const remembered = new Map<Alike, Uint8Array>()
  for (let place = 0; place < inventory.size; place++) {
    const { kind, type } = inventory.kindOf(place)
    subjectsByKind.set(kind, (subjectsByKind.get(kind) ?? 0) + 1)
    const found = rulesOf(kind, type)
    if (found.length === 0 && kind !== 'data-store') continue
    const subject = inventory.subject(place)
    if (kind === 'data-store') tally.store(subject.facts)
    let memo = subject.alike && remembered.get(subject.alike)
    if (subject.alike && !memo) remembered.set(subject.alike, (memo = new Uint8Array(found.length)))
    for (let i = 0; i < found.length; i++) judgeOne(run, found[i]!, place, subject, memo, i)
  }
  for (const { rule, verdicts } of active) {
    const about = subjectsOf(rule).reduce((sum, kind) => sum + (subjectsByKind.get(kind) ?? 0), 0)
    tally.notApplicable(rule, about - verdicts.size)
  }
}

/** What is remembered for subjects that are alike: codes of verdicts, from 1 on, or one of these. */
const neverJudged = 0
const judgedEach = 0xff
/** Added to the code of a verdict that holds for all. */
const holds = 0x10

const verdictCodes: readonly Verdict[] = ['compliant', 'non-compliant', 'not-applicable', 'undetermined']

/** A subject's verdict by a rule: the one of a subject that is alike, where the rule reads nothing in which they differ. */
function verdictOf(active: ActiveRule, subject: Subject, memo: Uint8Array | undefined, at: number): Verdict {
  const code = memo ? memo[at]! : judgedEach
  if (code !== judgedEach && code >= holds) return verdictCodes[code - holds - 1]!
  const judged = () => active.judge(subject.facts, active.parameters(subject.facts))
  if (!memo || code === judgedEach) return judged()
  if (code === neverJudged) {
    const verdict = judged()
    memo[at] = verdictCodes.indexOf(verdict) + 1
    return verdict
  }
  // Asked only where it is of use, once: most rules of a small estate never meet two subjects that are alike.
  const known = verdictCodes[code - 1]!
  const isSteady = active.isSteady(known, subject.alike!.varyingFacts)
  memo[at] = isSteady ? code + holds : judgedEach
  return isSteady ? known : judged()
}

function judgeOne(
  run: Run,
  active: ActiveRule,
  place: number,
  subject: Subject,
  memo: Uint8Array | undefined,
  at: number,
): void {
  const verdict = verdictOf(active, subject, memo, at)
  if (verdict === 'not-applicable') return
  const severity = severityOf(active.rule, active.setting, run.policy, subject.tier)
  const state = book(run, active, place, subject, verdict, severity)
  active.verdicts.add(place, verdict, state, severity)
  run.tally.verdict(active.rule, verdict, state, severity)
  if (verdict === 'undetermined' && state !== 'exempted')
    noteMissing(run, active, subject, active.parameters(subject.facts))
}

function noteMissing(run: Run, active: ActiveRule, subject: Subject, parameters: Parameters): void {
  run.tally.missing(missingFacts(run, active, subject, active.missing(subject.facts, parameters)))
}

/** Exemptions come first: they are also for what cannot be told here. Then what was known before, then the threshold. */
function book(
  run: Run,
  active: ActiveRule,
  place: number,
  subject: Subject,
  verdict: Judgement['verdict'],
  severity: Severity,
): FindingState {
  if (verdict === 'compliant') return 'open'
  // Both are asked, so that neither is told to be of no use.
  const inline = run.inline.find(active.rule, subject)
  const exemption = exemptionFor(run.exemptions, active.rule, subject, verdict) ?? inline
  if (exemption) {
    const places = run.exempted.get(active) ?? new Map<number, Exemption>()
    run.exempted.set(active, places.set(place, exemption))
    return 'exempted'
  }
  if (verdict === 'undetermined') return 'open'
  const { baseline, failOn } = run.options
  if (baseline && knownFingerprints(active.rule, subject).some(print => baseline.has(print))) return 'baselined'
  return isBelow(severity, failOn) ? 'belowThreshold' : 'open'
}

/** What an exemption may name a subject by; a Region or an account has neither ARN nor address. */
const namesOf = ({ arn, address, id }: Subject): (string | undefined)[] =>
  arn === undefined && address === undefined ? [id] : [arn, address]

function exemptionFor(exemptions: Exemptions, rule: Rule, subject: Subject, verdict: Verdict): Exemption | undefined {
  for (const id of [rule.id, ...(rule.aliases ?? [])]) {
    for (const name of namesOf(subject)) {
      const exemption = name === undefined ? undefined : exemptions.find(id, name, verdict)
      if (exemption) return exemption
    }
  }
  return undefined
}

function* findings(run: Run, active: readonly ActiveRule[], verdicts: ReadonlySet<Verdict>): Iterable<Finding> {
  for (const rule of active) {
    yield* foldModules(
      verdicts.has('not-applicable') ? allFindings(run, rule, verdicts) : keptFindings(run, rule, verdicts),
    )
  }
}

function* keptFindings(run: Run, active: ActiveRule, verdicts: ReadonlySet<Verdict>): Iterable<Finding> {
  for (let position = 0; position < active.verdicts.size; position++) {
    if (verdicts.has(active.verdicts.verdictAt(position))) yield findingOf(run, active, active.verdicts.at(position))
  }
}

/**
 * Findings with those of one module's resource told once, at the place where it can be changed, with all the calls that lead to
 * it. They come where the first of them stands.
 */
function* foldModules(findings: Iterable<Finding>): Iterable<Finding> {
  const folded = new Map<string, ModuleFold>()
  const waiting: Finding[] = []
  for (const finding of findings) {
    const isFolded = finding.resource.moduleCalls !== undefined
    const key = isFolded ? [finding.fingerprint, finding.verdict, finding.state, finding.severity].join('\n') : ''
    const fold = isFolded ? folded.get(key) : undefined
    if (fold) {
      addCalls(fold, finding)
      continue
    }
    if (isFolded) folded.set(key, foldOf(finding))
    // Until all calls are known nothing behind the first may be told; without modules nothing waits.
    if (folded.size === 0) yield finding
    else waiting.push(finding)
  }
  yield* waiting
}

/** A finding that stands for several, with the places that it relates to already. One block may be called thousands of times. */
interface ModuleFold {
  first: Finding
  places: Set<string>
}

function foldOf(first: Finding): ModuleFold {
  first.resource.moduleCalls = [...(first.resource.moduleCalls ?? [])]
  if (first.relatedLocations) first.relatedLocations = [...first.relatedLocations]
  return { first, places: new Set(first.relatedLocations?.map(place => JSON.stringify(place))) }
}

function addCalls({ first, places }: ModuleFold, { resource, relatedLocations = [] }: Finding): void {
  first.count = (first.count ?? 1) + 1
  first.resource.moduleCalls?.push(...(resource.moduleCalls ?? []))
  for (const place of relatedLocations) {
    const text = JSON.stringify(place)
    if (places.has(text)) continue
    places.add(text)
    first.relatedLocations ??= []
    first.relatedLocations.push(place)
  }
}

/** With the subjects of the rule's kinds that it says nothing of, in their places. */
function* allFindings(run: Run, active: ActiveRule, verdicts: ReadonlySet<Verdict>): Iterable<Finding> {
  const kinds = subjectsOf(active.rule)
  let position = 0
  for (let place = 0; place < run.inventory.size; place++) {
    const judgement = position < active.verdicts.size ? active.verdicts.at(position) : undefined
    if (judgement?.subject === place) {
      position += 1
      if (verdicts.has(judgement.verdict)) yield findingOf(run, active, judgement)
    } else if (kinds.includes(run.inventory.kindOf(place).kind)) yield notApplicable(run, active, place)
  }
}

function findingOf(run: Run, active: ActiveRule, judgement: Judgement): Finding {
  const exemption = run.exempted.get(active)?.get(judgement.subject)
  return makeFinding(run, active, run.inventory.subject(judgement.subject), { ...judgement, exemption })
}

function notApplicable(run: Run, active: ActiveRule, place: number): Finding {
  const subject = run.inventory.subject(place)
  const severity = severityOf(active.rule, active.setting, run.policy, subject.tier)
  return makeFinding(run, active, subject, { verdict: 'not-applicable', state: 'open', severity })
}

/** Compares two judged sides. A resource is told to be gone, and a finding to be mended, only where the other side proves it. */
import type {
  ComparedResource,
  Comparison,
  FindingChange,
  FindingChangeKind,
  ResourceChange,
  ResourceChangeKind,
  Standing,
} from '../model/comparison.ts'
import { findingChangeKinds, resourceChangeKinds } from '../model/comparison.ts'
import type { GapRecord, ScopeRecord } from '../model/record.ts'
import { severities } from '../model/rule.ts'
import { byText } from '../model/text-order.ts'
import { type ComparedSide, fromRoot, type SideFacts } from './compared-side.ts'
import { tierIsCut, whyUnseen } from './unseen.ts'

/** A side with what is known of it. */
export interface Side {
  facts: SideFacts
  judged: ComparedSide
}

/** What a side says of a resource that it knows, by a rule. */
function standingOf({ facts, judged }: Side, rule: string, place: number): Standing {
  const told = judged.standingAt(rule, place)
  if (told) return told
  const ran = facts.rules.get(rule)
  if (!ran) return { verdict: 'not-judged' }
  if (facts.listsAll) return { verdict: 'not-applicable' }
  return { verdict: ran.appliesToAll ? 'compliant' : 'not-listed' }
}

/** How bad a failure is; the same severity is worse where nobody accepted it. */
const badness = ({ severity = 'low', exempted }: Standing): number =>
  severities.length - severities.indexOf(severity) + (exempted ? 0 : severities.length)

const isFailure = ({ verdict }: Standing): boolean => verdict === 'non-compliant'
const isUnknown = ({ verdict }: Standing): boolean => verdict === 'undetermined'
const isJudged = ({ verdict }: Standing): boolean => verdict !== 'not-judged' && verdict !== 'not-listed'

/** What became of a judgement; `undefined` where nothing did that matters. Exchanging the sides gives the opposite. */
export function changeOf(before: Standing, after: Standing): FindingChangeKind | undefined {
  if (isUnknown(before) || isUnknown(after)) return changeOfUnknown(before, after)
  if (isFailure(before) && isFailure(after)) return byBadness(badness(before), badness(after))
  if (isFailure(after)) return before.verdict === 'compliant' ? 'worse' : 'arose'
  if (isFailure(before)) return after.verdict === 'compliant' ? 'better' : 'ceased'
  return undefined
}

const byBadness = (before: number, after: number): FindingChangeKind | undefined =>
  before === after ? undefined : after > before ? 'worse' : 'better'

function changeOfUnknown(before: Standing, after: Standing): FindingChangeKind | undefined {
  if (isUnknown(before) && isUnknown(after)) return byBadness(before.exempted ? 0 : 1, after.exempted ? 0 : 1)
  if (isUnknown(after)) return isJudged(before) ? 'becameUnknown' : 'arose'
  return isJudged(after) ? 'becameKnown' : 'ceased'
}

const isOpenFailure = (standing: Standing): boolean => isFailure(standing) && !standing.exempted

/** True for an open failure that was not there before, or was less severe. */
const isNewFailure = (before: Standing, after: Standing): boolean =>
  isOpenFailure(after) && !(isOpenFailure(before) && badness(before) >= badness(after))

/** True where nothing changed but the severity, and the side that is less severe may be so for want of a tier. */
function isOfUnknownTier(
  before: Standing,
  after: Standing,
  resource: ComparedResource,
  old: Side,
  present: Side,
): boolean {
  if (!isFailure(before) || !isFailure(after) || before.exempted !== after.exempted) return false
  return tierIsCut(resource, badness(before) < badness(after) ? old.facts : present.facts)
}

function findingChanges(old: Side, present: Side): { changes: FindingChange[]; unchanged: number } {
  const changes: FindingChange[] = []
  let unchanged = 0
  const rules = [...new Set([...old.judged.codes.keys(), ...present.judged.codes.keys()])].sort(byText)
  const both = commonKeys(old, present)
  for (const rule of rules) {
    for (const { was, is } of both) {
      const codes = [old.judged.codeAt(rule, was), present.judged.codeAt(rule, is)]
      if (codes[0] === codes[1]) {
        if (codes[0] !== 0) unchanged++
        continue
      }
      const before = standingOf(old, rule, was)
      const after = standingOf(present, rule, is)
      const resource = present.judged.resources[is]!
      const change = changeOf(before, after)
      if (change === undefined || isOfUnknownTier(before, after, resource, old, present)) {
        unchanged++
        continue
      }
      const details = present.judged.detailsAt(rule, is)
      changes.push({ change, rule, resource, before, after, ...details, isNewFailure: isNewFailure(before, after) })
    }
  }
  return { changes, unchanged }
}

/** Places of the resources that both sides have, in the order of their keys. */
function commonKeys(old: Side, present: Side): { was: number; is: number }[] {
  const keys = [...present.judged.keys()].filter(key => old.judged.placeOf(key) >= 0).sort(byText)
  return keys.map(key => ({ was: old.judged.placeOf(key), is: present.judged.placeOf(key) }))
}

/** Resources of one side that the other has not. */
function resourceChanges(
  side: Side,
  other: Side,
  sure: ResourceChangeKind,
  unsure: ResourceChangeKind,
): ResourceChange[] {
  const rules = [...side.judged.codes.keys()].sort(byText)
  const alone = [...side.judged.keys()].filter(key => other.judged.placeOf(key) < 0).sort(byText)
  return alone.map(key => {
    const place = side.judged.placeOf(key)
    const resource = side.judged.resources[place]!
    const why = whyUnseen(resource, side.facts, other.facts, other.judged)
    const findings = rules.flatMap(rule => {
      const standing = side.judged.standingAt(rule, place)
      return standing && (isFailure(standing) || isUnknown(standing)) ? [{ rule, ...standing }] : []
    })
    const isNew = sure === 'appeared' && findings.some(isOpenFailure)
    return { change: why === undefined ? sure : unsure, resource, ...(why && { why }), findings, isNewFailure: isNew }
  })
}

const scopeKey = ({ account = '', region = '', file = '', source }: ScopeRecord, root: string | undefined) =>
  [source, account, region, account === '' ? fromRoot(file, root) : ''].join('\n')

const gapKey = ({ account = '', region = '', api = '', reason, factGroups, types }: GapRecord) =>
  JSON.stringify([account, region, api, reason, factGroups, types])

/** Elements of a list whose key the other has not, in the order of the keys. */
function without<T>(list: readonly T[], other: readonly T[], keyOf: (one: T) => string, otherKeyOf = keyOf): T[] {
  const known = new Set(other.map(otherKeyOf))
  return list.filter(one => !known.has(keyOf(one))).sort((a, b) => byText(keyOf(a), keyOf(b)))
}

/** What makes the sides unlike to begin with. */
function caveatsOf({ facts: old }: Side, { facts: present }: Side): string[] {
  const lines: string[] = []
  if (old.head.policyDigest !== present.head.policyDigest)
    lines.push('The sides were judged by different policies: a change may be one of the policy.')
  if (old.head.rulesDigest !== present.head.rulesDigest)
    lines.push('The sides were judged by different rules: a change may be one of the rules.')
  for (const [name, side] of [
    ['old', old],
    ['new', present],
  ] as const) {
    if (!side.listsAll)
      lines.push(
        `The ${name} report leaves out what is met: what it does not list may be met, not apply or be gone (write it with --verdicts all).`,
      )
    if (side.isUnreadable)
      lines.push(`A part of the ${name} side could not be read: what it does not show may be there.`)
  }
  return lines
}

const countBy = <K extends string>(kinds: readonly K[], changes: readonly { change: K }[]): { [kind in K]: number } => {
  const counts = Object.fromEntries(kinds.map(kind => [kind, 0])) as { [kind in K]: number }
  for (const { change } of changes) counts[change]++
  return counts
}

/** Compares two sides. Whatever the order of their findings: the same answer. */
export function compare(old: Side, present: Side, version: string): Comparison {
  const { changes: findings, unchanged } = findingChanges(old, present)
  const came = resourceChanges(present, old, 'appeared', 'newlySeen')
  const went = resourceChanges(old, present, 'gone', 'noLongerSeen')
  const resources = [...came, ...went]
  const keyOld = (scope: ScopeRecord) => scopeKey(scope, old.facts.root)
  const keyNew = (scope: ScopeRecord) => scopeKey(scope, present.facts.root)
  return {
    version: 1,
    tool: { name: 'rel09', version },
    old: old.facts.head,
    new: present.facts.head,
    caveats: caveatsOf(old, present),
    summary: {
      findings: countBy(findingChangeKinds, findings),
      resources: countBy(resourceChangeKinds, resources),
      newFailures: [...findings, ...resources].filter(change => change.isNewFailure).length,
      unchanged: { findings: unchanged, resources: present.judged.resources.length - came.length },
    },
    findings,
    resources,
    scopes: {
      appeared: without(present.facts.scopes, old.facts.scopes, keyNew, keyOld),
      gone: without(old.facts.scopes, present.facts.scopes, keyOld, keyNew),
    },
    gaps: {
      appeared: without(present.facts.gaps, old.facts.gaps, gapKey),
      gone: without(old.facts.gaps, present.facts.gaps, gapKey),
    },
  }
}

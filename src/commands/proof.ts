/** The proof for one data store, laid out for a person: what is asked of it, what protects it, and what that is worth. */
import { stripVTControlCharacters } from 'node:util'
import type { ChalkInstance } from 'chalk'
import { type Bound, type Facts, type FactValue, isBound } from '../model/facts.ts'
import { counted } from '../reporters/count-text.ts'
import { compare } from '../rules/comparison.ts'
import { elementsOf } from '../rules/condition.ts'
import { spellFact } from '../rules/message.ts'
import { markOf, wrap } from './layout.ts'

/** How a proof is written. */
export interface ProofStyle {
  paint: ChalkInstance
  width: number
  /** Whether a rule is broken for a fact under this path: only then is what nobody asked for marked as wrong. */
  isBroken?(path: string): boolean
}

/** A heading with what stands beside it. A line may start with a mark; what is nested starts with two spaces. */
interface Section {
  heading: string
  lines: string[]
}

const labelWidth = 16

/** A fact by its path: below `null` all is none, below what is not known nothing is known. */
export function factAt(facts: Facts | FactValue | undefined, path: string): FactValue | undefined {
  let value = facts as FactValue | undefined
  for (const name of path.split('.')) {
    if (value === null || value === undefined) return value
    if (typeof value !== 'object' || !Object.hasOwn(value, name)) return undefined
    value = (value as { [name: string]: FactValue | undefined })[name]
  }
  return value
}

const unknown = 'not known'

function bounded(
  { $atMost, $atLeast }: { $atMost?: number; $atLeast?: number },
  spell: (value: number) => string,
): string {
  return $atMost === undefined ? `at least ${spell($atLeast ?? 0)}` : `at most ${spell($atMost)}`
}

function measured(value: FactValue | undefined, none: string, spell: (value: number) => string): string {
  if (value === undefined) return unknown
  if (value === null) return none
  if (isBound(value)) return bounded(value as Bound, spell)
  return typeof value === 'number' ? spell(value) : spellFact(value)
}

const rounded = (value: number, digits = 1) => String(Math.round(value * 10 ** digits) / 10 ** digits)

const hourText = (hours: number): string => {
  if (hours !== 0 && Math.abs(hours) < 1) return `${rounded(hours * 60, 0)} min`
  return Math.abs(hours) <= 72 ? `${rounded(hours)} h` : `${rounded(hours / 24)} days`
}

/** Hours as people say them. */
export const hours = (value: FactValue | undefined, none = 'none'): string => measured(value, none, hourText)

const days = (value: FactValue | undefined, none = 'none'): string =>
  measured(value, none, count => (count === 1 ? '1 day' : `${rounded(count)} days`))
/** How far back the points reach. */
const held = (value: FactValue | undefined): string => measured(value, 'none', count => hourText(count * 24))
const text = (value: FactValue | undefined, none = 'none'): string =>
  value === undefined ? unknown : value === null ? none : spellFact(value)

/** The elements of a list, and whether there may be more. `undefined`: nothing is known of it. */
function listAt(facts: Facts, path: string): { elements: FactValue[]; complete: boolean } | undefined {
  const value = factAt(facts, path)
  return value === null ? { elements: [], complete: true } : elementsOf(value)
}

/** Whether a measure keeps to what is asked: `null` means that it has no bound, or that there is none. */
function keepsTo(value: FactValue | undefined, limit: FactValue | undefined): boolean | undefined {
  if (value === null) return false
  if (value === undefined || limit === undefined || limit === null) return undefined
  return compare('maximum', value, limit)
}

function truthMark({ paint }: ProofStyle, truth: FactValue | undefined): string {
  return markOf(paint, truth === true ? 'compliant' : truth === false ? 'non-compliant' : 'undetermined')
}

/** A measure with its mark, where something is asked of it. */
function against(
  style: ProofStyle,
  told: string,
  value: FactValue | undefined,
  limit: FactValue | undefined,
  asked: string,
): string {
  if (limit === null) return `${told} (no objective)`
  const truth = limit === undefined ? undefined : keepsTo(value, limit)
  return `${truthMark(style, truth)} ${told}; ${limit === undefined ? 'what is asked is not known' : asked}`
}

const listed = (names: readonly (string | false | undefined)[]) => names.filter(name => name).join(', ')

function tier(facts: Facts): Section {
  const name = factAt(facts, 'classification.tier')
  const by = factAt(facts, 'classification.by')
  const from =
    by === 'tag'
      ? 'by its tag'
      : by === 'rule'
        ? 'by a classification rule'
        : by === 'default'
          ? 'by default: nothing classifies it'
          : ''
  const missing = listAt(facts, 'classification.missingTags')?.elements ?? []
  const told = name === undefined ? `${unknown}: its tags are not known` : `${text(name)}${from ? `, ${from}` : ''}`
  const lacks = missing.length > 0 ? [`lacks the tags ${missing.map(spellFact).join(', ')}`] : []
  return { heading: 'Tier', lines: [told, ...lacks] }
}

const immutability: { readonly [name: string]: string } = {
  none: 'no immutability',
  denyPolicy: 'a vault policy that denies deletion',
  lock: 'a vault lock',
  complianceLock: 'a compliance lock',
}

function objectives(facts: Facts): Section {
  if (factAt(facts, 'objectives') === undefined)
    return { heading: 'Asked of it', lines: [`${unknown}, as long as its tier is not`] }
  const at = (name: string) => factAt(facts, `objectives.${name}`)
  const copies = listed([
    at('crossRegionCopy') === true && 'another Region',
    at('crossAccountCopy') === true && 'another account',
  ])
  const tests = at('restoreTestAgeHours')
  return {
    heading: 'Asked of it',
    lines: [
      listed([
        `RPO ${hours(at('rpoHours'), 'none')}`,
        `RTO ${hours(at('rtoHours'), 'none')}`,
        `retention ${days(at('retentionDays'))}`,
        copies ? `copies in ${copies}` : 'no copies elsewhere',
        immutability[text(at('immutability'))],
        tests === null
          ? 'no restore test'
          : `a restore test every ${hours(tests)}${at('validateRestores') === true ? ', validated' : ''}`,
        at('airGappedCopyAgeHours') != null && `an air-gapped copy no older than ${hours(at('airGappedCopyAgeHours'))}`,
      ]),
    ],
  }
}

const kinds: { readonly [kind: string]: string } = {
  'aws-backup': 'AWS Backup',
  'native-pitr': 'native point-in-time recovery',
  'native-automated': "the service's own automatic backups",
  dlm: 'Data Lifecycle Manager',
  replication: 'replication',
}

function mechanismLines(style: ProofStyle, mechanism: FactValue): string[] {
  const at = (name: string) => factAt(mechanism, name)
  const name = at('name')
  const selection = at('selection')
  const who = listed([
    `${kinds[text(at('kind'))] ?? text(at('kind'))}${typeof name === 'string' ? ` ${name}` : ''}`,
    typeof selection === 'string' && `selection ${selection}`,
  ])
  const accepted = at('accepted')
  const via = at('via')
  const keeps = days(at('retentionDays'), 'for ever')
  return [
    `${accepted === false ? '–' : truthMark(style, accepted)} ${who}${accepted === false ? ' (the policy does not accept this mechanism)' : ''}`,
    `  because ${text(at('matchedBy'))}${typeof via === 'string' ? `, by way of ${via}` : ''}`,
    `  loses at most ${hours(at('worstCaseLossHours'), 'no bound')}${at('continuous') === true ? ' (continuous)' : `, runs at least every ${hours(at('longestGapHours'), 'never again')}`}, keeps ${keeps}`,
  ]
}

function protection(style: ProofStyle, facts: Facts): Section {
  const covered = factAt(facts, 'protection.covered')
  const words =
    covered === true
      ? 'yes'
      : covered === false
        ? 'no accepted mechanism covers it'
        : `${unknown} whether anything covers it`
  const mechanisms = listAt(facts, 'protection.mechanisms')
  const reproducible = factAt(facts, 'reproduction.claimed') === true ? ['declared reproducible from sources'] : []
  const replica = factAt(facts, 'replicaOf')
  return {
    heading: 'Backed up',
    lines: [
      `${truthMark(style, covered)} ${words}`,
      ...(typeof replica === 'string' ? [`a read replica of ${replica}: its source is what must be backed up`] : []),
      ...reproducible,
      ...(mechanisms?.elements ?? []).flatMap(mechanism => mechanismLines(style, mechanism)),
      ...(mechanisms && !mechanisms.complete ? ['there may be more that is not in the inputs'] : []),
      ...supportLines(facts),
      ...nearMissLines(facts, covered),
    ],
  }
}

function supportLines(facts: Facts): string[] {
  if (factAt(facts, 'support.awsBackup') === false) return ['AWS Backup cannot back up this type']
  return factAt(facts, 'optIn') === false
    ? [`AWS Backup is not opted in for ${text(factAt(facts, 'support.service'))} in this Region`]
    : []
}

function nearMissLines(facts: Facts, covered: FactValue | undefined): string[] {
  const misses = covered === true ? undefined : listAt(facts, 'protection.nearMisses')
  if (!misses || misses.elements.length === 0) return []
  return [
    'what nearly covers it:',
    ...misses.elements
      .slice(0, 10)
      .map(
        miss =>
          `  – selection ${text(factAt(miss, 'selection'))} of plan ${text(factAt(miss, 'plan'))}: ${text(factAt(miss, 'detail'))}`,
      ),
    ...(misses.elements.length > 10 ? [`  – and ${misses.elements.length - 10} more`] : []),
  ]
}

function loss(style: ProofStyle, facts: Facts): Section {
  const rpo = factAt(facts, 'objectives.rpoHours')
  const worst = factAt(facts, 'protection.worstCaseLossHours')
  const now = factAt(facts, 'recovery.measuredLossHours')
  const asked = `asked ${hours(rpo)}`
  const promised = worst === null ? 'no bound by schedule' : `at worst ${hours(worst)} by schedule`
  const measuredLoss =
    now === null
      ? 'nothing could be restored today'
      : now === undefined
        ? 'measured: not known'
        : `${hours(now)} measured: the age of what could be restored`
  return {
    heading: 'Loss',
    lines: [against(style, promised, worst, rpo, asked), against(style, measuredLoss, now, rpo, asked)],
  }
}

function recovery(facts: Facts): Section {
  const at = (name: string) => factAt(facts, `recovery.${name}`)
  const [points, usable] = [at('pointCount'), at('usableCount')]
  if (points === undefined && usable === undefined) return { heading: 'Recovery points', lines: [unknown] }
  if (points === 0) return { heading: 'Recovery points', lines: ['none in its own account and Region'] }
  const newest = at('newestPointArn')
  return {
    heading: 'Recovery points',
    lines: [
      `${text(points)} in its own account and Region, ${text(usable)} usable; newest ${hours(at('newestAgeHours'), 'none')} old, oldest ${held(at('retentionHeldDays'))}`,
      ...(typeof newest === 'string' ? [`newest: ${newest}`] : []),
    ],
  }
}

const locks = ['no lock', 'governance lock', 'compliance lock, still cooling off', 'final compliance lock']

function place(item: FactValue): string {
  const at = (name: string) => factAt(item, name)
  const strength = at('lockStrength')
  return listed([
    `${text(at('account'))} ${text(at('region'))}`,
    at('crossRegion') === true && 'another Region',
    at('crossAccount') === true && 'another account',
    at('airGapped') === true && 'air-gapped',
    strength === undefined ? 'lock not known' : (locks[Number(strength)] ?? text(strength)),
  ])
}

const points = (value: FactValue | undefined): string =>
  typeof value === 'number' ? counted(value, 'point') : `${text(value)} points`

function copies(facts: Facts): Section {
  const existing = listAt(facts, 'copies')
  const promised = listAt(facts, 'protection.copyActions')
  const lines = [
    existing === undefined
      ? `${unknown} which exist`
      : existing.elements.length === 0
        ? `none${existing.complete ? '' : ' known'}`
        : counted(existing.elements.length, 'place'),
    ...(existing?.elements ?? []).flatMap(copy => [
      `– ${text(factAt(copy, 'vaultArn'))}`,
      `  ${place(copy)}; ${points(factAt(copy, 'pointCount'))}, newest ${hours(factAt(copy, 'ageHours'), 'none usable')}${typeof factAt(copy, 'ageHours') === 'number' ? ' old' : ''}`,
    ]),
  ]
  if (promised && promised.elements.length > 0) {
    lines.push('promised by plans:')
    for (const action of promised.elements) {
      const supported = factAt(action, 'supported') === false ? '; AWS Backup cannot make this copy of this type' : ''
      lines.push(
        `– ${text(factAt(action, 'vaultArn'))}, by ${text(factAt(action, 'plan'))}/${text(factAt(action, 'rule'))}`,
        `  ${place(action)}; keeps ${days(factAt(action, 'retentionDays'), 'for ever')}${supported}`,
      )
    }
  }
  return { heading: 'Copies', lines }
}

const survival: { readonly [because: string]: string } = {
  complianceLock: 'a final compliance lock',
  airGapped: 'a logically air-gapped vault',
  otherAccount: 'it lies in another account',
}

/** That copies can be destroyed is wrong only where a rule says so: the lower tiers do not ask for more. */
function destroyableMark(style: ProofStyle, byOne: FactValue | undefined): string {
  if (byOne === true && !style.isBroken?.('destroyability.')) return '–'
  return truthMark(style, typeof byOne === 'boolean' ? !byOne : undefined)
}

function destroyability(style: ProofStyle, facts: Facts): Section {
  const byOne = factAt(facts, 'destroyability.byOneAccount')
  const account = factAt(facts, 'destroyability.account')
  const survivors = listAt(facts, 'destroyability.survivors')?.elements ?? []
  const key = factAt(facts, 'destroyability.keyArn')
  const words =
    byOne === true
      ? `yes: an administrator of ${text(account, 'one account')} could delete every copy`
      : byOne === false
        ? 'no administrator of one account could delete every copy'
        : `${unknown} whether one administrator could delete every copy`
  return {
    heading: 'Destroyable',
    lines: [
      `${destroyableMark(style, byOne)} ${words}`,
      ...survivors.map(
        vault =>
          `– survives: ${text(factAt(vault, 'vaultArn'))} (${survival[text(factAt(vault, 'because'))] ?? text(factAt(vault, 'because'))})`,
      ),
      ...(factAt(facts, 'destroyability.oneKey') === true
        ? [`${truthMark(style, false)} every recovery point hangs on the key ${text(key)}`]
        : []),
    ],
  }
}

function restores(style: ProofStyle, facts: Facts): Section {
  const at = (name: string) => factAt(facts, `restores.${name}`)
  const plans = listAt(facts, 'restores.plans')?.elements ?? []
  const proven = at('proven')
  const asked = factAt(facts, 'objectives.restoreTestAgeHours')
  const age = at('lastSuccessAgeHours')
  const lines = [
    proven === true
      ? against(style, `restored ${hours(age)} ago`, age, asked, `asked every ${hours(asked)}`)
      : `${truthMark(style, proven)} ${proven === false ? 'no successful restore is on record' : `${unknown} whether it was ever restored`}`,
  ]
  if (proven === true && typeof at('lastDurationHours') === 'number') {
    lines.push(
      against(
        style,
        `that took ${hours(at('lastDurationHours'))}`,
        at('lastDurationHours'),
        factAt(facts, 'objectives.rtoHours'),
        `asked ${hours(factAt(facts, 'objectives.rtoHours'))}`,
      ),
    )
    lines.push(
      `validation ${text(at('lastValidation'), 'was not made')}; the restored point was ${hours(at('restoredPointAgeHours'), 'of unknown age')} old`,
    )
  }
  lines.push(
    ...plans.map(
      plan =>
        `– tested by plan ${text(factAt(plan, 'plan'))}, selection ${text(factAt(plan, 'selection'))}: ${text(factAt(plan, 'matchedBy'))}`,
    ),
  )
  if (plans.length === 0)
    lines.push(
      at('planned') === false
        ? 'no restore testing plan covers it'
        : `${unknown} whether a restore testing plan covers it`,
    )
  return { heading: 'Restores', lines }
}

function jobLine(facts: Facts, kind: 'backup' | 'copy'): string {
  const at = (name: string) => factAt(facts, `jobs.${kind}.${name}`)
  const finished = at('finishedCount')
  if (typeof finished !== 'number') return `${kind} jobs: ${unknown}`
  if (finished === 0) return `no ${kind} job has finished lately`
  const message = at('lastMessage')
  const failure = typeof message === 'string' ? `: ${message}` : ''
  return `${kind} jobs: ${text(at('failedCount'))} of ${text(finished)} failed, the last was ${text(at('lastState'))}${at('lastFailureAgeHours') == null ? '' : `; last failure ${hours(at('lastFailureAgeHours'))} ago${failure}`}`
}

const jobs = (facts: Facts): Section => ({ heading: 'Jobs', lines: [jobLine(facts, 'backup'), jobLine(facts, 'copy')] })

/** The sections of a store's proof. Its facts are taken to be safe to show. */
export function proofLines(facts: Facts, style: ProofStyle): string[] {
  const sections = [
    tier(facts),
    objectives(facts),
    protection(style, facts),
    loss(style, facts),
    recovery(facts),
    copies(facts),
    destroyability(style, facts),
    restores(style, facts),
    jobs(facts),
  ]
  return sections.flatMap(section => sectionLines(section, style))
}

/** A label in bold with its lines in a column beside it. */
export function sectionLines({ heading, lines }: Section, { paint, width }: ProofStyle): string[] {
  const indent = ' '.repeat(labelWidth)
  const column = lines.flatMap(line => {
    const nested = ' '.repeat(line.length - line.trimStart().length)
    const marked = /^[✓✗?–]/.test(stripVTControlCharacters(line).trimStart())
    return wrap(line, width, indent + nested, `${indent}${nested}${marked ? '  ' : ''}`)
  })
  const [first = '', ...rest] = column
  return [`${paint.bold(heading.padEnd(labelWidth))}${first.slice(labelWidth)}`, ...rest]
}

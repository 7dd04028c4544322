import { type FactValue, isBound, isPartialList } from '../model/facts.ts'
import type { Evidence, Finding } from '../model/report.ts'
import { shortVisible, visible } from './visible-text.ts'

const longestValue = 120

type Wording = (operand: FactValue) => string

const spell = (value: FactValue): string => shortVisible(spellValue(value), longestValue)

const spellNumber = (value: number): string => String(Math.round(value * 100) / 100)

const longestList = 10

function spellList(items: readonly FactValue[], more: readonly string[] = []): string {
  const rest = items.length - longestList
  const cut = rest > 0 ? [`${rest} more`] : []
  return [...items.slice(0, longestList).map(spellValue), ...cut, ...more].join(', ') || 'none'
}

/** A fact or an operand in words: bounds and partial lists said as such, an unread operand as the path it has. */
function spellValue(value: FactValue): string {
  if (value === null) return 'none'
  if (typeof value === 'number') return spellNumber(value)
  if (typeof value !== 'object') return String(value)
  if (Array.isArray(value)) return spellList(value)
  if (isPartialList(value)) return spellList(value.$partial, ['and others that are not known'])
  if (isBound(value))
    return '$atMost' in value ? `at most ${spellNumber(value.$atMost)}` : `at least ${spellNumber(value.$atLeast)}`
  const operand = ['$fact', '$param', '$item']
    .map(kind => (Object.hasOwn(value, kind) ? value[kind] : undefined))
    .find(path => typeof path === 'string')
  return operand === undefined ? JSON.stringify(value) : `${operand} (not known)`
}

/** How the keywords of a leaf's JSON Schema read after "wanted". */
const wordings: { readonly [keyword: string]: Wording } = {
  const: spell,
  enum: choices =>
    Array.isArray(choices) && choices.length !== 1 ? `one of ${spell(choices)}` : spell([choices].flat()[0] ?? null),
  minimum: limit => `at least ${spell(limit)}`,
  maximum: limit => `at most ${spell(limit)}`,
  exclusiveMinimum: limit => `more than ${spell(limit)}`,
  exclusiveMaximum: limit => `less than ${spell(limit)}`,
  minItems: count => (count === 1 ? 'some' : `at least ${spell(count)} entries`),
  maxItems: count => (count === 0 ? 'none' : `at most ${spell(count)} entries`),
  pattern: pattern => `matching ${spell(pattern)}`,
  not: schema => `not ${expectation(schema)}`,
}

/** The leaf's JSON Schema in words: `at most 24`, `one of a, b`. */
function expectation(schema: FactValue): string {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return spell(schema)
  const parts = Object.entries(schema).map(([keyword, operand]) => {
    const wording = Object.hasOwn(wordings, keyword) ? wordings[keyword] : undefined
    return wording === undefined || operand === undefined ? undefined : wording(operand)
  })
  const known = parts.filter(part => part !== undefined)
  return known.length > 0 && known.length === parts.length
    ? known.join(' and ')
    : shortVisible(JSON.stringify(schema), longestValue)
}

/** One piece of evidence on one line: `recovery.ageHours is 50, wanted at most 24`, with what the policy assumes. */
function evidenceLine({ path, expected, actual, assumptions = {} }: Evidence): string {
  const found = actual === undefined ? 'not known' : spell(actual)
  const assumed = Object.entries(assumptions).map(([name, value]) => `${visible(name)} ${spell(value ?? null)}`)
  const assuming = assumed.length === 0 ? '' : ` (assuming ${assumed.join(', ')})`
  return `${shortVisible(path, longestValue)} is ${found}, wanted ${expectation(expected)}${assuming}`
}

/** One line for each piece of evidence and each missing fact, at most `most` of each. */
export function evidenceLines(
  { evidence, missing, verdict }: Pick<Finding, 'evidence' | 'missing' | 'verdict'>,
  most: number,
): string[] {
  const missed = missing.map(({ path, reason }) => `${shortVisible(path, longestValue)}: ${reasonText(reason)}`)
  const told = verdict === 'undetermined' ? evidence.filter(({ actual }) => actual !== undefined) : evidence
  return [...told.slice(0, most).map(evidenceLine), ...missed.slice(0, most)]
}

const reasons: { readonly [reason: string]: string } = {
  denied: 'access denied',
  throttled: 'throttled',
  notEnabled: 'the service or feature is not enabled',
  truncated: 'only part of it was read',
  expired: 'credentials expired',
  interrupted: 'the collection was interrupted',
  oversized: 'too large to read',
  contradictory: 'the inputs contradict each other',
  notCollected: 'not collected',
  notInSource: 'this kind of input cannot tell',
  openWorld: 'may be declared elsewhere',
  unknownUntilDeploy: 'known only once deployed',
  noClock: 'no input states a time',
  notStated: 'not stated',
}

/** Why something is not known, as people say it. */
export function reasonText(reason: string): string {
  return Object.hasOwn(reasons, reason) ? (reasons[reason] as string) : visible(reason)
}

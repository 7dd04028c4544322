import type { FactValue } from '../model/facts.ts'
import type { Evidence, Finding } from '../model/report.ts'
import { spellFact } from '../rules/message.ts'
import { shortVisible, visible } from './visible-text.ts'

const longestValue = 120

type Wording = (operand: FactValue) => string

const spell = (value: FactValue): string => shortVisible(spellOperand(value), longestValue)

/** An operand whose fact is not known stands as the path that it would have been read from. */
function spellOperand(value: FactValue): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return spellFact(value)
  for (const kind of ['$fact', '$param', '$item']) {
    const path = Object.hasOwn(value, kind) ? (value as { [name: string]: FactValue | undefined })[kind] : undefined
    if (typeof path === 'string') return `${path} (not known)`
  }
  return spellFact(value)
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
export function evidenceLine({ path, expected, actual, assumptions = {} }: Evidence): string {
  const found = actual === undefined ? 'not known' : spell(actual)
  const assumed = Object.entries(assumptions).map(([name, value]) => `${visible(name)} ${spell(value ?? null)}`)
  const assuming = assumed.length === 0 ? '' : ` (assuming ${assumed.join(', ')})`
  return `${shortVisible(path, longestValue)} is ${found}, wanted ${expectation(expected)}${assuming}`
}

/** One line for each piece of evidence and each missing fact, at most `most` of each. */
export function evidenceLines({ evidence, missing, verdict }: Finding, most: number): string[] {
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

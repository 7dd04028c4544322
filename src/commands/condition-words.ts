/** Conditions in words, for people who have not learnt the rule language. */

import type { FactValue } from '../model/facts.ts'
import type { Condition } from '../model/rule.ts'
import { readOperand } from '../rules/leaf.ts'
import { spellFact } from '../rules/message.ts'

/** A part of a condition in words; its own parts stand indented under it. */
export interface Clause {
  text: string
  parts?: Clause[]
}

const words: { readonly [keyword: string]: string } = {
  minimum: 'at least',
  maximum: 'at most',
  exclusiveMinimum: 'more than',
  exclusiveMaximum: 'less than',
}

const operandWords = { parameter: 'parameter ', fact: '', element: 'its own ' } as const

function valueWords(value: unknown): string {
  const operand = readOperand(value)
  if (operand) return `${operandWords[operand.from]}${operand.path}`
  if (typeof value === 'string') return value === '' ? '«»' : value
  if (Array.isArray(value) && value.length > 0 && value.every(item => typeof item !== 'object' || item === null)) {
    return value.map(valueWords).join(', ')
  }
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : spellFact(value as FactValue)
}

function lengthWords(keyword: 'minItems' | 'maxItems', value: unknown): string {
  if (keyword === 'maxItems') return value === 0 ? 'empty' : `a list of at most ${valueWords(value)}`
  return value === 1 ? 'not empty' : `a list of at least ${valueWords(value)}`
}

function typeWords(value: unknown): string {
  const types = [value].flat()
  if (types.length === 1 && types[0] !== 'null') return `a ${String(types[0])}, not none`
  return types.map(type => (type === 'null' ? 'none' : `a ${String(type)}`)).join(' or ')
}

function keywordWords(keyword: string, value: unknown): string {
  if (keyword === 'const') return valueWords(value)
  if (keyword === 'enum')
    return Array.isArray(value) && value.length === 1 ? valueWords(value[0]) : `one of ${valueWords(value)}`
  if (keyword === 'type') return typeWords(value)
  if (keyword === 'minItems' || keyword === 'maxItems') return lengthWords(keyword, value)
  if (keyword === 'pattern') return `like /${String(value)}/`
  if (keyword === 'not' && typeof value === 'object' && value !== null) return `not ${schemaWords(value as Condition)}`
  if (keyword === 'contains' && typeof value === 'object' && value !== null)
    return `a list with ${schemaWords(value as Condition)}`
  if (keyword === 'items' && typeof value === 'object' && value !== null)
    return `a list of nothing but ${schemaWords(value as Condition)}`
  return Object.hasOwn(words, keyword) ? `${words[keyword]} ${valueWords(value)}` : `${keyword} ${valueWords(value)}`
}

/** What a leaf wants of its fact: `at least 35`, `one of backup, airGapped`. */
export function schemaWords(schema: { readonly [keyword: string]: unknown }): string {
  // A comparison says already that the fact must be a number.
  const entries = Object.entries(schema).filter(([keyword]) => keyword !== 'description' && keyword !== '$comment')
  const told = entries.length > 1 ? entries.filter(([keyword]) => keyword !== 'type') : entries
  return told.map(([keyword, value]) => keywordWords(keyword, value)).join(' and ')
}

const groups = { some: 'at least one of', every: 'every one of', none: 'none of' } as const

function listClause(kind: keyof typeof groups, path: string, condition: Condition, lists: Condition): Clause {
  const empty =
    kind === 'some' ? '' : lists.$empty === true ? ' (an empty list is enough)' : ' (an empty list is not enough)'
  return { text: `${groups[kind]} ${path} has${empty}:`, parts: clausesOf(condition) }
}

const alternative = (condition: Condition): Clause => {
  const parts = clausesOf(condition)
  return parts.length === 1 ? parts[0]! : { text: 'all of:', parts }
}

function entryClauses(key: string, value: unknown, condition: Condition): Clause[] {
  if (key === 'allOf') return (value as Condition[]).flatMap(clausesOf)
  if (key === 'anyOf') {
    const parts = (value as Condition[]).map(alternative)
    return parts.length === 1 ? parts : [{ text: 'one of:', parts }]
  }
  if (key === 'not') {
    const parts = clausesOf(value as Condition)
    return [{ text: parts.length === 1 ? 'not:' : 'not all of:', parts }]
  }
  if (key === 'some' || key === 'every' || key === 'none') {
    const lists = condition[key] as Condition
    return Object.entries(lists)
      .filter(([path]) => path !== '$empty')
      .map(([path, element]) => listClause(key, path, element as Condition, lists))
  }
  const subject = key.startsWith('parameters.') ? `parameter ${key.slice('parameters.'.length)}` : key
  return [{ text: `${subject} is ${schemaWords(value as Condition)}` }]
}

/** The parts of a condition, all of which must hold. */
export function clausesOf(condition: Condition): Clause[] {
  return Object.entries(condition).flatMap(([key, value]) => entryClauses(key, value, condition))
}

/** Clauses as a list with bullets. `wrapLine` breaks a long line. */
export function clauseLines(
  clauses: readonly Clause[],
  indent: string,
  wrapLine: (text: string, indent: string, hanging: string) => string[],
): string[] {
  return clauses.flatMap(({ text, parts = [] }) => [
    ...wrapLine(`• ${text}`, indent, `${indent}  `),
    ...clauseLines(parts, `${indent}  `, wrapLine),
  ])
}

/** Every fact path that a condition names, as the facts schemas spell it (`copies[].ageHours`), in order, each once. */
export function pathsOf(condition: Condition, list?: string): string[] {
  const at = (path: string) => (list === undefined ? path : `${list}[].${path}`)
  const paths = Object.entries(condition).flatMap(([key, value]) => {
    if (key === 'allOf' || key === 'anyOf') return (value as Condition[]).flatMap(part => pathsOf(part, list))
    if (key === 'not') return pathsOf(value as Condition, list)
    if (key === 'some' || key === 'every' || key === 'none') {
      return Object.entries(value as Condition).flatMap(([path, element]) =>
        path === '$empty' ? [] : [at(path), ...pathsOf(element as Condition, at(path))],
      )
    }
    const own = key.startsWith('parameters.') ? [] : [at(key)]
    const operands = Object.values(value as Condition).flatMap(operand => {
      const read = readOperand(operand)
      if (!read || read.from === 'parameter') return []
      return [read.from === 'fact' ? read.path : at(read.path)]
    })
    return [...own, ...operands]
  })
  return [...new Set(paths)]
}

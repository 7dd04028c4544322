import type { Condition } from '../model/rule.ts'
import { type CheckContext, checkLeaf, namesWithin } from './check-leaf.ts'
import { groupOperators, leafFact, listOperators, parameterPrefix, pathWithin, rootOf } from './condition.ts'
import { admitsNull } from './leaf.ts'
import { type RulePath, suggestion } from './problem.ts'

const isObject = (value: unknown): value is { [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const operators: readonly string[] = [...groupOperators, ...listOperators]

/** Checks a condition: that every path is a fact, every leaf can be judged, every operator says something. */
export function checkCondition(context: CheckContext, path: RulePath, condition: unknown, list?: string): void {
  if (!isObject(condition)) {
    context.report(path, 'write a map of fact paths and operators')
    return
  }
  const entries = Object.entries(condition)
  if (entries.length === 0) context.report(path, 'an empty condition says nothing: write a fact path or an operator')
  for (const [key, value] of entries) checkEntry(context, [...path, key], key, value, list)
}

function checkEntry(
  context: CheckContext,
  path: RulePath,
  key: string,
  value: unknown,
  list: string | undefined,
): void {
  if (key === 'not') {
    checkCondition(context, path, value, list)
    return
  }
  if (key === 'allOf' || key === 'anyOf') {
    if (!Array.isArray(value) || value.length === 0) {
      context.report(path, `write a list of conditions under ${key}`)
      return
    }
    for (const [index, part] of value.entries()) checkCondition(context, [...path, index], part, list)
    return
  }
  if (key === 'some' || key === 'every' || key === 'none') {
    checkLists(context, path, key, value, list)
    return
  }
  checkPath(context, path, key, value, list)
}

function checkPath(context: CheckContext, path: RulePath, key: string, value: unknown, list: string | undefined): void {
  const root = rootOf(key, list)
  const fact = leafFact(context, key, list)
  if (root === 'parameter' && fact) context.used.add(key.slice(parameterPrefix.length))
  if (fact) {
    checkLeaf(context, path, value, fact, root === 'parameter' ? key : pathWithin(list, key), list)
    return
  }
  if (root === 'parameter') {
    context.report(path, `declare ${key.slice(parameterPrefix.length)} under parameters, with a default`)
    return
  }
  const known = [...namesWithin(context, list), ...operators]
  const subjects = context.subjects.join(' and ')
  context.report(path, `${subjects} has no fact ${pathWithin(list, key)}${suggestion(key, known)}`)
}

function checkLists(
  context: CheckContext,
  path: RulePath,
  operator: string,
  value: unknown,
  list: string | undefined,
): void {
  const { report } = context
  if (!isObject(value)) {
    report(path, `write ${operator}: { <list>: { <condition on one element> } }`)
    return
  }
  const lists = Object.entries(value).filter(([key]) => key !== '$empty')
  if (lists.length === 0) report(path, `name the list that ${operator} is about`)
  checkEmpty(path, operator, value, report)
  for (const [key, condition] of lists) checkList(context, [...path, key], key, condition, list)
}

function checkEmpty(
  path: RulePath,
  operator: string,
  lists: { [key: string]: unknown },
  report: CheckContext['report'],
): void {
  const stated = Object.hasOwn(lists, '$empty')
  if (operator === 'some' && stated) report([...path, '$empty'], 'some is false on an empty list: remove $empty')
  if (operator !== 'some' && typeof lists.$empty !== 'boolean') {
    report(
      stated ? [...path, '$empty'] : path,
      `say what ${operator} is on an empty list: $empty: true or $empty: false`,
    )
  }
}

function checkList(
  context: CheckContext,
  path: RulePath,
  key: string,
  condition: unknown,
  list: string | undefined,
): void {
  const fact = rootOf(key, list) === 'parameter' ? undefined : leafFact(context, key, list)
  if (!fact) {
    const known = namesWithin(context, list).filter(name => leafFact(context, name, list)?.elements === 'objects')
    context.report(path, `there is no list ${pathWithin(list, key)}${suggestion(key, known)}`)
    return
  }
  if (fact.elements !== 'objects') {
    const what = fact.elements
      ? 'a list of plain values: write a leaf with contains, items, minItems or maxItems'
      : 'no list'
    context.report(path, `${pathWithin(list, key)} is ${what}`)
    return
  }
  checkCondition(context, path, condition, pathWithin(list, key))
}

/** Fact paths that must not be `null` where a condition holds: those with a leaf, not under `anyOf`, that rules it out. */
export function guardedPaths(condition: unknown): Set<string> {
  const guarded = new Set<string>()
  if (isObject(condition)) collectGuards(condition, guarded)
  return guarded
}

function collectGuards(condition: Condition, guarded: Set<string>): void {
  for (const [key, value] of Object.entries(condition)) {
    if (key === 'allOf' && Array.isArray(value)) {
      for (const part of value) if (isObject(part)) collectGuards(part, guarded)
    } else if (key === 'not' && isObject(value)) {
      for (const path of onlyNull(value)) guarded.add(path)
    } else if (!operators.includes(key) && isObject(value) && !admitsNull(value)) guarded.add(key)
  }
}

/** `not: { path: { const: null } }` rules `null` out too. */
function onlyNull(condition: Condition): string[] {
  const [only, ...more] = Object.entries(condition)
  return only && more.length === 0 && isObject(only[1]) && only[1].const === null ? [only[0]] : []
}

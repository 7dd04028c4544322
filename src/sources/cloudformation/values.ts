/** Values of templates, resolved or not. */
import { hasPlaceholder } from '../../model/placeholder.ts'
import { isObject, type JsonObject } from '../json.ts'

/** `AWS::NoValue`: the member or element that it stands for is not there. */
export const noValue: unique symbol = Symbol('AWS::NoValue')

/** Longer texts are not made: references could double each other without end. */
export const maxTextLength = 200_000

/** Sets a member whose name comes from the input. */
export function put(tree: JsonObject, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(tree, key, { value, enumerable: true, writable: true, configurable: true })
  else tree[key] = value
}

/** The name of the function that a value calls; `undefined` for a plain value. */
export function functionIn(value: unknown): string | undefined {
  if (!isObject(value)) return undefined
  const keys = Object.keys(value)
  if (keys.length !== 1) return undefined
  const [key] = keys
  return key === 'Ref' || key!.startsWith('Fn::') ? key : undefined
}

/** True for a value that is not known: a function that was left in place. */
export const isUnresolved = (value: unknown): boolean => functionIn(value) !== undefined

/** True where a value, or something in it, is not known. */
export function holdsUnresolved(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return isUnresolved(value) || Object.values(value).some(holdsUnresolved)
}

/**
 * The names that an expression refers to by `Ref`, `Condition` or `Fn::Sub`: of parameters, conditions or anything else.
 */
export function mentioned(expression: unknown): Set<string> {
  const names = new Set<string>()
  const pending = [expression]
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (typeof value === 'string') for (const [, name] of value.matchAll(/\$\{([^{}!.]+)/g)) names.add(name!.trim())
    else if (typeof value === 'object' && value !== null)
      for (const [key, child] of Object.entries(value)) {
        if ((key === 'Ref' || key === 'Condition') && typeof child === 'string') names.add(child)
        else if (child !== undefined) pending.push(child)
      }
  }
  return names
}

/** A scalar as text, as CloudFormation joins and compares it; `undefined` for anything else. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : undefined
}

/** Whether two values are equal; `undefined` where deployment tells. */
export function areEqual(a: unknown, b: unknown): boolean | undefined {
  if (isUnresolved(a) || isUnresolved(b)) return undefined
  const [left, right] = [textOf(a), textOf(b)]
  if (left !== undefined && right !== undefined) {
    if (left === right) return true
    return hasPlaceholder(left) || hasPlaceholder(right) ? undefined : false
  }
  if (left !== undefined || right !== undefined) return false
  return isSame(a, b) ? true : undefined
}

/** True where two values are the same for certain, with everything in them. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    const left = textOf(a)
    return left !== undefined && left === textOf(b)
  }
  if (isUnresolved(a) || Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every(key => Object.hasOwn(b, key) && isSame((a as JsonObject)[key], (b as JsonObject)[key]))
}

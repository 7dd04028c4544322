/** Three-valued logic (Kleene): true, false, and `undefined` for what is not known. */

/** Truth that may not be known. */
export type Ternary = boolean | undefined

/** True where all are true; false where one is false. */
export function and3(...values: readonly Ternary[]): Ternary {
  return values.includes(false) ? false : values.includes(undefined) ? undefined : true
}

/** True where one is true; false where all are false. */
export function or3(...values: readonly Ternary[]): Ternary {
  return values.includes(true) ? true : values.includes(undefined) ? undefined : false
}

/** The contrary; what is not known stays so. */
export function not3(value: Ternary): Ternary {
  return value === undefined ? undefined : !value
}

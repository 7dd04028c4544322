/** What of an answer of the SDK is AWS's. */

/** The element without a member that the record tells elsewhere. */
export function without<T extends object, Name extends keyof T>(element: T, name: Name): Omit<T, Name> {
  const { [name]: _, ...rest } = element
  return rest
}

/** An answer without what the SDK adds to it; an element of one as it is. */
export function stated<T extends object>(answer: T): Omit<T, '$metadata'> {
  return '$metadata' in answer ? without(answer as T & { $metadata?: unknown }, '$metadata') : answer
}

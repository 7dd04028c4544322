/** Dotted property paths of a resource, as its `unknown` lists them. */

/** Whether a path, or something above it, is not known. */
export function isUnknownPath(unknown: readonly string[], path: string): boolean {
  return unknown.some(marker => path === marker || path.startsWith(`${marker}.`))
}

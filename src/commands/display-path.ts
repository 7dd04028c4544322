import { relative, resolve } from 'node:path'

/** A path as output names it: relative to the working directory, with forward slashes. */
export function displayPath(path: string, cwd: string): string {
  const relativePath = relative(cwd, resolve(cwd, path)).replaceAll('\\', '/')
  return relativePath === ''
    ? '.'
    : relativePath.startsWith('../')
      ? path.replaceAll('\\', '/').replace(/^.*\//, '')
      : relativePath
}

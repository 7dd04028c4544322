/** A path that names a drive, a scheme or an ARN. */
const rooted = /^[A-Za-z][A-Za-z0-9+.-]*:/

/**
 * A file's path from the top of the repository, or `undefined` where it cannot be one: absolute paths, URLs, ARNs, folders,
 * standard input, and paths that lead out of the working directory.
 */
export function repositoryPath(file: string): string | undefined {
  if (file === '' || file === '-' || rooted.test(file) || /^[/\\]|[/\\]$/.test(file)) return undefined
  const segments = file.split(/[/\\]/).filter(segment => segment !== '' && segment !== '.')
  return segments.length === 0 || segments.includes('..') ? undefined : segments.join('/')
}

/** The path as a relative URI reference: every character that a URI gives a meaning is percent-encoded. */
export function relativeUri(path: string): string {
  return path
    .replace(/\p{Cs}/gu, '\ufffd')
    .split('/')
    .map(encodeURIComponent)
    .join('/')
}

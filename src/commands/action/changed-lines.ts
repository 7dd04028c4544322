/** Which lines a change touches, and which findings lie on them. */
import type { Location } from '../../model/record.ts'
import type { Finding } from '../../model/report.ts'
import type { Repository } from './git.ts'

/** Lines from and to, both included. */
type Range = readonly [from: number, to: number]

/** Touched lines by file, as the change left them. */
export type ChangedLines = ReadonlyMap<string, readonly Range[]>

const hunkHead = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/

const escapes: { readonly [letter: string]: number } = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 }

/** A path as git quotes it where it holds control characters, quotes or backslashes: octal bytes and C's escapes. */
function unquote(path: string): string {
  if (!path.startsWith('"')) return path
  const bytes: Buffer[] = []
  for (const [, octal, letter, plain] of path.slice(1, -1).matchAll(/\\([0-7]{3})|\\(.)|([^\\]+)/gu)) {
    if (octal !== undefined) bytes.push(Buffer.from([Number.parseInt(octal, 8)]))
    else if (letter !== undefined)
      bytes.push(escapes[letter] === undefined ? Buffer.from(letter) : Buffer.from([escapes[letter]]))
    else bytes.push(Buffer.from(plain ?? ''))
  }
  return Buffer.concat(bytes).toString('utf8')
}

/**
 * Reads a diff without context, line by line. Lines of content are counted off by the head of their hunk and never looked at,
 * so that content which imitates a diff says nothing.
 */
export class DiffReader {
  private readonly found = new Map<string, Range[]>()
  private file: string | undefined
  /** Lines of content still to come in this hunk. */
  private left = 0

  /** Takes the next line, without its end. */
  take(line: string): void {
    if (this.left > 0) {
      // "\ No newline at end of file" is no line of content.
      if (!line.startsWith('\\')) this.left -= 1
      return
    }
    if (line.startsWith('diff --git ')) this.file = undefined
    else if (line.startsWith('+++ ')) this.file = this.newFile(line.slice('+++ '.length))
    else this.takeHunk(hunkHead.exec(line))
  }

  /** git ends a path that holds a blank by a tab. A deleted file has no lines to point at. */
  private newFile(written: string): string | undefined {
    const path = unquote(written.replace(/\t$/, ''))
    return path.startsWith('b/') ? path.slice('b/'.length) : undefined
  }

  private takeHunk(match: RegExpExecArray | null): void {
    if (!match) return
    const [, oldCount = '1', from = '0', newCount = '1'] = match
    const [start, added] = [Number(from), Number(newCount)]
    this.left = Number(oldCount) + added
    if (this.file === undefined) return
    const ranges = this.found.get(this.file) ?? []
    this.found.set(this.file, ranges)
    // Where lines were only taken away, the lines before and after the gap are what changed.
    ranges.push(added === 0 ? [Math.max(1, start), start + 1] : [start, start + added - 1])
  }

  /** What was read. */
  result(): ChangedLines {
    return this.found
  }
}

/** Longer lines are content, of which only the first character matters. */
const longestLine = 64 * 1024

async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let pending: Buffer[] = []
  let length = 0
  for await (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      yield Buffer.concat([...pending, chunk.subarray(from, end)]).toString('utf8')
      pending = []
      length = 0
      from = end + 1
    }
    const rest = chunk.subarray(from)
    if (length < longestLine) pending.push(rest)
    length += rest.length
  }
  if (length > 0) yield Buffer.concat(pending).toString('utf8')
}

/** The lines that differ between two commits. Every file counts as text: an attribute in the change must not hide it. */
export async function changedLines(repository: Repository, base: string, head: string): Promise<ChangedLines> {
  const reader = new DiffReader()
  const diff = repository.stream([
    ...['diff-tree', '-r', '-p', '--unified=0', '--inter-hunk-context=0', '--no-renames', '--text', '--no-ext-diff'],
    ...['--no-textconv', '--no-color', '--src-prefix=a/', '--dst-prefix=b/', base, head],
  ])
  for await (const line of linesOf(diff)) reader.take(line)
  return reader.result()
}

/** What renamed files were called before, by their new path. */
export async function formerNames(
  repository: Repository,
  base: string,
  head: string,
): Promise<ReadonlyMap<string, string>> {
  const renames = ['diff-tree', '-r', '--find-renames', '--name-status', '-z', '--diff-filter=R', base, head]
  const [...words] = (await repository.text(renames)).split('\0')
  const former = new Map<string, string>()
  for (let i = 0; i + 2 < words.length; i += 3) former.set(words[i + 2]!, words[i + 1]!)
  return former
}

function places({ location, relatedLocations = [], evidence }: Finding): Location[] {
  return [location, ...relatedLocations, ...evidence.map(({ location: at }) => at)].filter(place => place !== undefined)
}

/**
 * True where a finding belongs to a change: its place, a related one or a line of its evidence was touched. One without a
 * place in a file of the commit (`files`) cannot be told apart from the change, and belongs to it.
 */
export function isTouched(finding: Finding, lines: ChangedLines, files: ReadonlySet<string>): boolean {
  const found = places(finding).filter(({ file }) => files.has(file))
  if (found.length === 0) return true
  return found.some(({ file, line, endLine = line }) =>
    (lines.get(file) ?? []).some(([from, to]) => from <= endLine && line <= to),
  )
}

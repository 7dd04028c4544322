/**
 * Lays out the files of a commit in a directory. They are read object by object: a worktree or an archive would heed
 * attributes (`export-ignore`, filters that fetch), and a worktree would leave traces in the clone.
 */
import { closeSync, mkdirSync, openSync, symlinkSync, writeSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { GitError, type Repository } from './git.ts'

interface Entry {
  mode: string
  object: string
  path: string
}

const link = '120000'

/** A tree that somebody wrote by hand may hold names that lead elsewhere. */
const isSafe = (path: string): boolean =>
  path.split('/').every(part => part !== '' && part !== '.' && part !== '..' && !/[\\:]/.test(part))

async function entriesOf(repository: Repository, commit: string): Promise<Entry[]> {
  const listing = await repository.text(['ls-tree', '-r', '-z', '--full-tree', commit])
  return listing.split('\0').flatMap(line => {
    const [, mode, type, object, path] = /^(\d+) (\w+) ([0-9a-f]+)\t(.*)$/s.exec(line) ?? []
    return mode !== undefined && type === 'blob' && object !== undefined && path !== undefined
      ? [{ mode, object, path }]
      : []
  })
}

/** Takes the bytes of a stream piece by piece. */
class ByteQueue {
  private readonly chunks: AsyncIterator<Buffer>
  private rest: Buffer = Buffer.alloc(0)

  constructor(chunks: AsyncIterator<Buffer>) {
    this.chunks = chunks
  }

  private async more(): Promise<Buffer> {
    const { value, done } = await this.chunks.next()
    if (done) throw new GitError('git cat-file ended early')
    return value as Buffer
  }

  /** The bytes up to the next line feed, which is dropped. */
  async line(): Promise<string> {
    while (!this.rest.includes(10)) this.rest = Buffer.concat([this.rest, await this.more()])
    const end = this.rest.indexOf(10)
    const text = this.rest.toString('utf8', 0, end)
    this.rest = this.rest.subarray(end + 1)
    return text
  }

  /** A number of bytes, in pieces. */
  async *bytes(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0; ) {
      if (this.rest.length === 0) this.rest = await this.more()
      const piece = this.rest.subarray(0, left)
      this.rest = this.rest.subarray(piece.length)
      left -= piece.length
      yield piece
    }
  }
}

async function textOf(pieces: AsyncIterable<Buffer>): Promise<string> {
  const all: Buffer[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all).toString('utf8')
}

async function writeFile(path: string, pieces: AsyncIterable<Buffer>): Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  // Never through what is there already: a tree may name one path twice.
  const file = openSync(path, 'wx')
  try {
    for await (const piece of pieces) for (let at = 0; at < piece.length; ) at += writeSync(file, piece, at)
  } finally {
    closeSync(file)
  }
}

/** Links are laid last, and only those that stay inside, so that nothing is written or read through one that leads out. */
function layLink(directory: string, path: string, target: string): void {
  const inside = posix.normalize(posix.join(posix.dirname(path), target))
  if (posix.isAbsolute(target) || target.includes('\0') || inside === '..' || inside.startsWith('../')) return
  mkdirSync(dirname(join(directory, path)), { recursive: true })
  symlinkSync(target, join(directory, path))
}

/** Writes the wanted files of a commit into a directory, at their paths. Submodules are left out: their files are elsewhere. */
export async function layOutCommit(
  repository: Repository,
  commit: string,
  directory: string,
  isWanted: (path: string) => boolean,
): Promise<void> {
  const entries = (await entriesOf(repository, commit)).filter(({ path }) => isSafe(path) && isWanted(path))
  if (entries.length === 0) return
  const request = entries.map(({ object }) => `${object}\n`).join('')
  const stream = repository.stream(['cat-file', '--batch'], request)
  const queue = new ByteQueue(stream)
  const links: { path: string; target: string }[] = []
  try {
    for (const { mode, path } of entries) {
      const [, type, size] = (await queue.line()).split(' ')
      if (type !== 'blob') throw new GitError('the clone holds the commit, but not all of its files')
      const pieces = queue.bytes(Number(size))
      if (mode === link) links.push({ path, target: await textOf(pieces) })
      else await writeFile(join(directory, path), pieces)
      await queue.line()
    }
  } finally {
    await stream.return(undefined)
  }
  for (const { path, target } of links) layLink(directory, path, target)
}

/** Writes output files: whole or not at all. */
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fchmodSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

const flushAt = 64 * 1024

/**
 * Writes chunks to a file by way of a temporary one beside it, so that a failure leaves no half report; a symbolic link stays,
 * and what it leads to is written. Folders on the way are made. A device or a pipe (`/dev/null`, `/dev/stdout`) is written to
 * and never replaced. Throws what the file system throws.
 */
export function writeFileChunks(path: string, chunks: Iterable<string | Uint8Array>): void {
  const present = statSync(path, { throwIfNoEntry: false })
  if (present && !present.isFile()) {
    const file = openSync(path, 'w')
    try {
      writeChunks(file, chunks)
    } finally {
      closeSync(file)
    }
    return
  }
  makeFolder(dirname(path))
  replaceFile(present ? realpathSync(path) : path, present, chunks)
}

/** The temporary file is new and of no name that anybody could foresee, and takes over who may read the one it replaces. */
function replaceFile(path: string, present: Stats | undefined, chunks: Iterable<string | Uint8Array>): void {
  const temporary = join(dirname(path), `.rel09-${randomBytes(8).toString('hex')}.part`)
  const file = openSync(temporary, 'wx')
  let isOpen = true
  try {
    if (present) fchmodSync(file, present.mode & 0o777)
    writeChunks(file, chunks)
    isOpen = false
    closeSync(file)
    renameSync(temporary, path)
  } catch (error) {
    if (isOpen) closeSync(file)
    rmSync(temporary, { force: true })
    throw error
  }
}

/** Folder by folder: Node's own `recursive` never comes back where a folder cannot be made in a file system like `/proc`. */
export function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })) return
  if (dirname(folder) !== folder) makeFolder(dirname(folder))
  try {
    mkdirSync(folder)
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function writeChunks(file: number, chunks: Iterable<string | Uint8Array>): void {
  let pending: string[] = []
  let length = 0
  const flush = () => {
    writeAll(file, Buffer.from(pending.join(''), 'utf8'))
    pending = []
    length = 0
  }
  for (const chunk of chunks) {
    if (typeof chunk !== 'string') {
      flush()
      writeAll(file, chunk)
      continue
    }
    pending.push(chunk)
    length += chunk.length
    if (length >= flushAt) flush()
  }
  flush()
}

function writeAll(file: number, bytes: Uint8Array): void {
  let written = 0
  while (written < bytes.length) written += writeSync(file, bytes, written)
}

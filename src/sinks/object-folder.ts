/**
 * A folder written as a store of objects: the key is the path. An object is written beside itself and then given its name, so that
 * a kill at any moment leaves a whole object or none. Without `fsync`: who reads what matters compares its digest.
 */
import { randomBytes } from 'node:crypto'
import { closeSync, constants, linkSync, lstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { checkedKey, type ObjectWriter, StoreFault } from '../model/object-store.ts'
import { makeFolder } from './files.ts'

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? ''
const exclusive = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY

/** Writes the objects of a folder, which is made where it does not exist. */
export function folderWriter(folder: string): ObjectWriter {
  return {
    async put(key, chunks, { onlyIfAbsent = false } = {}) {
      const path = join(folder, checkedKey(key))
      try {
        makeFolders(folder, key)
        // Only to spare the work: what decides is the link.
        if (onlyIfAbsent && lstatSync(path, { throwIfNoEntry: false })) return false
        return await writeBeside(path, chunks, onlyIfAbsent)
      } catch (error) {
        if (error instanceof StoreFault || codeOf(error) === '') throw error
        throw new StoreFault(`${key} could not be written (${codeOf(error)})`)
      }
    },
  }
}

async function writeBeside(
  path: string,
  chunks: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
  onlyIfAbsent: boolean,
): Promise<boolean> {
  // Of a name that no key has, and nobody could foresee.
  const beside = join(dirname(path), `.rel09-${randomBytes(8).toString('hex')}.part`)
  const file = openSync(beside, exclusive, 0o600)
  try {
    try {
      for await (const chunk of chunks) writeAll(file, typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
    } finally {
      closeSync(file)
    }
    if (!onlyIfAbsent) renameSync(beside, path)
    else return linkAnew(beside, path)
    return true
  } finally {
    rmSync(beside, { force: true })
  }
}

/** Gives a file a second name, where nothing has it: unlike renaming, that cannot replace anything. */
function linkAnew(beside: string, path: string): boolean {
  try {
    linkSync(beside, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** Makes the folders that lead to a key. None of them may be a link. */
function makeFolders(folder: string, key: string): void {
  makeFolder(folder)
  const parts = key.split('/').slice(0, -1)
  for (let i = 1; i <= parts.length; i++) {
    const path = parts.slice(0, i).join('/')
    const known = lstatSync(join(folder, path), { throwIfNoEntry: false })
    if (known?.isDirectory()) continue
    if (known) throw new StoreFault(`${path} is no folder, but stands where one belongs: look at it, and remove it`)
    makeOne(join(folder, path))
  }
}

function makeOne(path: string): void {
  try {
    mkdirSync(path, 0o700)
  } catch (error) {
    // Another worker may have made it meanwhile.
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  let written = 0
  while (written < bytes.length) written += writeSync(file, bytes, written)
}

/** A folder read as a store of objects: the key is the path. No link is followed, so that nothing in it leads elsewhere. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { checkedKey, type ObjectReader, StoreFault } from '../model/object-store.ts'
import { byText } from '../model/text-order.ts'

const chunkBytes = 1 << 16

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? ''
const isAbsent = (error: unknown) => codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR'

/** Reads the objects of a folder. The folder itself may be a link, and need not exist. */
export function folderReader(folder: string): ObjectReader {
  return {
    async read(key) {
      const file = openObject(folder, checkedKey(key))
      return file === undefined ? undefined : bytesOf(file, key)
    },
    list: prefix => keysIn(folder, '', prefix),
  }
}

/** Opens what a key names; `undefined` where there is nothing. */
function openObject(folder: string, key: string): number | undefined {
  try {
    refuseLinks(folder, key)
    const file = openSync(
      join(folder, key),
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    )
    const stats = fstatSync(file)
    if (stats.isFile()) return file
    closeSync(file)
    if (stats.isDirectory()) return undefined
  } catch (error) {
    if (error instanceof StoreFault) throw error
    if (isAbsent(error)) return undefined
    if (codeOf(error) !== 'ELOOP') throw new StoreFault(`${key} could not be read (${codeOf(error)})`)
  }
  throw new StoreFault(`${key} is no plain file: look at it, and remove it`)
}

/** Folders on the way must be folders. */
function refuseLinks(folder: string, key: string): void {
  const parts = key.split('/').slice(0, -1)
  for (let i = 1; i <= parts.length; i++) {
    const path = parts.slice(0, i).join('/')
    if (lstatSync(join(folder, path)).isSymbolicLink())
      throw new StoreFault(`${path} is a link: nothing in the folder may lead elsewhere`)
  }
}

async function* bytesOf(file: number, key: string): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const buffer = Buffer.allocUnsafe(chunkBytes)
      const read = readSync(file, buffer, 0, chunkBytes, null)
      if (read === 0) return
      yield buffer.subarray(0, read)
    }
  } catch (error) {
    throw new StoreFault(`${key} could not be read (${codeOf(error)})`)
  } finally {
    closeSync(file)
  }
}

/** Keys below a folder, in the order of whole keys: a folder stands where its name and a slash would. */
async function* keysIn(folder: string, at: string, prefix: string): AsyncGenerator<string> {
  for (const name of namesIn(folder, at)) {
    const key = at + name
    const isFolder = name.endsWith('/')
    if (isFolder && (key.startsWith(prefix) || prefix.startsWith(key))) yield* keysIn(folder, key, prefix)
    else if (!isFolder && key.startsWith(prefix)) yield key
  }
}

function namesIn(folder: string, at: string): string[] {
  try {
    return readdirSync(join(folder, at), { withFileTypes: true })
      .filter(entry => !entry.name.startsWith('.') && (entry.isDirectory() || entry.isFile()))
      .map(entry => (entry.isDirectory() ? `${entry.name}/` : entry.name))
      .sort(byText)
  } catch (error) {
    if (isAbsent(error)) return []
    throw new StoreFault(`${at || 'the folder'} could not be listed (${codeOf(error)})`)
  }
}

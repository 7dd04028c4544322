/** Writes output files: whole or not at all. */
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

const flushAt = 64 * 1024

/**
 * Writes chunks to a file by way of a temporary one beside it, so that a failure leaves no half report. Folders on the way
 * are made. Throws what the file system throws.
 */
export function writeFileChunks(path: string, chunks: Iterable<string>): void {
  mkdirSync(dirname(path), { recursive: true })
  const temporary = join(dirname(path), `.${basename(path)}.part`)
  const file = openSync(temporary, 'w')
  try {
    let pending: string[] = []
    let length = 0
    for (const chunk of chunks) {
      pending.push(chunk)
      length += chunk.length
      if (length < flushAt) continue
      writeAll(file, pending.join(''))
      pending = []
      length = 0
    }
    writeAll(file, pending.join(''))
    closeSync(file)
    renameSync(temporary, path)
  } catch (error) {
    try {
      closeSync(file)
    } catch {
      // Already closed: the error that matters is the first one.
    }
    rmSync(temporary, { force: true })
    throw error
  }
}

function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8')
  let written = 0
  while (written < bytes.length) written += writeSync(file, bytes, written)
}

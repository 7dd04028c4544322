/** Writes output files: whole or not at all. */
import { closeSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

const flushAt = 256 * 1024

/**
 * Writes chunks to a file by way of a temporary one beside it, so that a failure leaves no half report. Folders on the way
 * are made. What is there and is no file (a pipe, a device such as /dev/null) is written to and never replaced. Throws what
 * the file system throws.
 */
export function writeFileChunks(path: string, chunks: Iterable<string>): void {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) writeOpened(path, chunks)
  else writeByWayOf(join(dirname(path), `.${basename(path)}.part`), path, chunks)
}

function writeByWayOf(temporary: string, path: string, chunks: Iterable<string>): void {
  mkdirSync(dirname(path), { recursive: true })
  try {
    writeOpened(temporary, chunks)
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

function writeOpened(path: string, chunks: Iterable<string>): void {
  const file = openSync(path, 'w')
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
  } finally {
    closeSync(file)
  }
}

function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8')
  let written = 0
  while (written < bytes.length) written += writeSync(file, bytes, written)
}

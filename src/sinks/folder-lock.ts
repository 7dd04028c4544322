/** One process at a time works in a folder: a file in it names the process that does. */
import { closeSync, constants, fstatSync, linkSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openOwn, writeAll } from './sorted-segments.ts'

/** A process, and what it knows of others. */
export interface ProcessTable {
  /** Its own id. */
  readonly id: number
  /** Whether a process runs. */
  isRunning(id: number): boolean
}

const name = 'lock'
const exclusive = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code

/** Who holds a lock, if it is a process at all. */
function holderOf(path: string): number | undefined {
  const file = openOwn(path, constants.O_RDONLY)
  try {
    if (fstatSync(file).size > 100) return undefined
    const text = readFileSync(file, 'utf8')
    return /^[1-9]\d{0,9}\n$/.test(text) ? Number(text) : undefined
  } finally {
    closeSync(file)
  }
}

/** Takes the lock of a folder; tells who has it, or whose user the files are that are made in the folder. */
export function lockFolder(folder: string, processes: ProcessTable): { holder: number } | { owner: number } {
  const path = join(folder, name)
  for (;;) {
    try {
      const file = openOwn(path, exclusive)
      try {
        writeAll(file, Buffer.from(`${processes.id}\n`))
        return { owner: fstatSync(file).uid }
      } finally {
        closeSync(file)
      }
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
    const holder = removeStale(folder, path, processes)
    if (holder !== undefined) return { holder }
  }
}

/**
 * Removes the lock of a process that is gone; tells who holds one that is not. It is renamed first: of two that find it stale one
 * alone takes it away, and what was locked anew meanwhile is put back.
 */
function removeStale(folder: string, path: string, processes: ProcessTable): number | undefined {
  const isHeld = (id: number | undefined): id is number =>
    id !== undefined && id !== processes.id && processes.isRunning(id)
  const aside = join(folder, `${name}-${processes.id}`)
  try {
    const holder = holderOf(path)
    if (isHeld(holder)) return holder
    renameSync(path, aside)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
  const taken = holderOf(aside)
  if (isHeld(taken)) {
    try {
      linkSync(aside, path)
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
  }
  rmSync(aside, { force: true })
  return isHeld(taken) ? taken : undefined
}

/** Gives the lock back. */
export function unlockFolder(folder: string): void {
  rmSync(join(folder, name), { force: true })
}

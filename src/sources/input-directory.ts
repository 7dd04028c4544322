/** A directory that the user named, for kinds whose files name others in it. Nothing outside it is ever read. */

import { closeSync, fstatSync, lstatSync, openSync, readdirSync, readSync, realpathSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { byText } from '../model/text-order.ts'
import { describeReadError } from './bytes.ts'

/** A directory that the user named. Paths are relative to it, with forward slashes; `.` is itself. */
export interface InputDirectory {
  /** What output calls it; files in it are called by this and their path. */
  readonly name: string
  /** Names of what a directory in it holds, by code unit; `undefined` where there is none, or it lies outside. */
  list(path: string): readonly string[] | undefined
  /** The content of a regular file of at most so many bytes; why not (the rest of a sentence), where it cannot be had. */
  read(path: string, maxBytes: number): Buffer | string
  /** The one path of what may have several by symbolic links; `undefined` where it leads nowhere, or outside. */
  canonical(path: string): string | undefined
  /** Whether a real path of the file system lies in it. */
  holds(real: string): boolean
  /** Whether nothing at all lies at a path in it. What lies there may still lead outside. */
  isEmptyAt(path: string): boolean
}

/** `a/./b/../c` → `a/c`; `undefined` for what leads out. */
export function normalPath(path: string): string | undefined {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  return parts.length === 0 ? '.' : parts.join('/')
}

/** Whether a real path is a directory or lies in it. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep)
}

/** The directory at a path that the user named. */
export function inputDirectory(path: string, name: string): InputDirectory {
  const root = realpathSync(path)

  /** Where a path leads, if that is inside. */
  function inside(given: string): string | undefined {
    if (given.startsWith('/') || given.includes('\0')) return undefined
    const normal = normalPath(given)
    if (normal === undefined) return undefined
    try {
      const real = realpathSync(join(root, normal))
      return isWithin(real, root) ? real : undefined
    } catch {
      return undefined
    }
  }

  return {
    name,
    holds: real => isWithin(real, root),
    canonical(given) {
      const real = inside(given)
      return real === undefined ? undefined : relative(root, real).split(sep).join('/') || '.'
    },
    isEmptyAt(given) {
      const normal = normalPath(given)
      try {
        return normal !== undefined && lstatSync(join(root, normal), { throwIfNoEntry: false }) === undefined
      } catch {
        return false
      }
    },
    list(given) {
      const real = inside(given)
      if (real === undefined) return undefined
      try {
        return readdirSync(real).sort(byText)
      } catch {
        return undefined
      }
    },
    read(given, maxBytes) {
      const real = inside(given)
      if (real === undefined) return 'is not in the directory that is scanned'
      try {
        return readWhole(real, maxBytes)
      } catch (error) {
        return describeReadError(error)
      }
    },
  }
}

function readWhole(path: string, maxBytes: number): Buffer | string {
  const fd = openSync(path, 'r')
  try {
    const stats = fstatSync(fd)
    if (!stats.isFile()) return 'is no file'
    if (stats.size > maxBytes) return `is larger than ${maxBytes} bytes`
    const content = Buffer.alloc(stats.size)
    let length = 0
    while (length < content.length) {
      const read = readSync(fd, content, length, content.length - length, length)
      if (read === 0) break
      length += read
    }
    return content.subarray(0, length)
  } finally {
    closeSync(fd)
  }
}

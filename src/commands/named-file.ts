/** Reads and writes the files that a user names beside the inputs: policy, rules, baseline, reports. */
import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { writeFileChunks } from '../sinks/files.ts'
import { describeReadError } from '../sources/bytes.ts'
import type { CommandContext } from './command.ts'
import { displayPath } from './display-path.ts'
import { UsageError } from './usage-error.ts'

/** A file or folder that could not be read, as a usage error. `what`: what the user takes it for (`the policy`). */
export function unreadable(
  path: string,
  what: string,
  error: unknown,
  context: Pick<CommandContext, 'cwd'>,
): UsageError {
  return new UsageError([`${displayPath(path, context.cwd)}: ${what} ${describeReadError(error)}`])
}

/**
 * The text of a file. Bytes that are no UTF-8 are refused: read as something else, a name in an exemption would silently be
 * another name. Throws {@link UsageError}.
 */
export function readNamedFile(path: string, what: string, context: Pick<CommandContext, 'cwd'>): string {
  let bytes: Buffer
  try {
    bytes = readFileSync(resolve(context.cwd, path))
  } catch (error) {
    throw unreadable(path, what, error, context)
  }
  if (isUtf8(bytes)) return bytes.toString('utf8')
  const place = `${displayPath(path, context.cwd)}:${firstLineNotUtf8(bytes)}`
  throw new UsageError([`${place}: ${what} is not valid UTF-8: save it as UTF-8`])
}

function firstLineNotUtf8(bytes: Buffer): number {
  let line = 1
  for (let start = 0; ; line++) {
    const end = bytes.indexOf(10, start)
    if (end < 0 || !isUtf8(bytes.subarray(start, end))) return line
    start = end + 1
  }
}

const reasons: { readonly [code: string]: string } = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'its file system is read-only',
  EISDIR: 'it is a directory, name a file',
  ENOTDIR: 'a part of its path is a file',
  ENOENT: 'its folder cannot be made',
  ELOOP: 'it is a symbolic link that leads to itself',
  ENAMETOOLONG: 'its name is too long',
  ENOSPC: 'no space is left',
  EDQUOT: 'no space is left',
}

/** A file that cannot be written, as a usage error. What is no fault of the file system is passed on. */
export function unwritable(path: string, error: unknown, context: CommandContext): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code === undefined) return error
  return new UsageError([`${displayPath(path, context.cwd)}: cannot be written: ${reasons[code] ?? code}`])
}

/** Writes a file that the user named, whole or not at all. Throws {@link UsageError} where the file system refuses. */
export function writeNamedFile(path: string, chunks: Iterable<string | Uint8Array>, context: CommandContext): void {
  try {
    writeFileChunks(resolve(context.cwd, path), chunks)
  } catch (error) {
    throw unwritable(path, error, context)
  }
}

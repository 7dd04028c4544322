/** The folder that `rel09 deploy` writes. It remembers what it wrote, so that it never writes over, or removes, what is not its own. */
import { createHash } from 'node:crypto'
import { chmodSync, lstatSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseJson } from '../sources/json.ts'
import type { CommandContext } from './command.ts'
import { displayPath } from './display-path.ts'
import { jsonText } from './layout.ts'
import { unreadable, unwritable, writeNamedFile } from './named-file.ts'
import { UsageError } from './usage-error.ts'

/** Lists the files of the last time with their digests. */
const listFile = 'rel09-deploy.json'

const digestOf = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex')

type Digests = { readonly [name: string]: string }

/** What the list says; nothing where there is none, or somebody else's. */
function listed(path: string): Digests {
  let text: string
  try {
    text = readFileSync(join(path, listFile), 'utf8')
  } catch {
    return {}
  }
  const parsed = parseJson(text)
  const files = 'value' in parsed ? (parsed.value as { files?: unknown } | null)?.files : undefined
  if (typeof files !== 'object' || files === null) return {}
  return Object.fromEntries(
    Object.entries(files).filter(([name, digest]) => /^[a-z0-9][a-z0-9.-]*$/.test(name) && typeof digest === 'string'),
  )
}

/** The content of a plain file; `undefined` where there is none. Throws {@link UsageError} for anything else. */
function contentOf(path: string, name: string, context: CommandContext): Buffer | undefined {
  const file = join(path, name)
  try {
    const stats = lstatSync(file, { throwIfNoEntry: false })
    if (!stats) return undefined
    if (stats.isFile()) return readFileSync(file)
  } catch (error) {
    throw unreadable(file, 'what is there', error, context)
  }
  throw new UsageError([`${displayPath(file, context.cwd)}: is no plain file, and stays as it is: name another --out`])
}

/**
 * Writes the files, and removes those of the last time that are no longer among them (code of an older version). A file that is
 * there, and is not as it was written the last time, is refused, unless `force`. Throws {@link UsageError} before anything is written.
 */
export function writeDeployment(
  out: string,
  files: ReadonlyMap<string, string | Uint8Array>,
  force: boolean,
  context: CommandContext,
): void {
  const path = resolve(context.cwd, out)
  const before = listed(path)
  const isForeign = (name: string, content: string | Uint8Array) => {
    const present = contentOf(path, name, context)
    if (present === undefined) return false
    const digest = digestOf(present)
    return digest !== digestOf(content) && digest !== before[name]
  }
  const foreign = force ? [] : [...files].filter(([name, content]) => isForeign(name, content)).map(([name]) => name)
  if (foreign.length > 0)
    throw new UsageError(
      foreign.map(
        name =>
          `${displayPath(join(out, name), context.cwd)} is not as rel09 deploy wrote it: name another --out, or add --force to write over it`,
      ),
    )
  for (const [name, content] of files) {
    // A link that is there would be followed.
    contentOf(path, name, context)
    writeNamedFile(join(out, name), [content], context)
    if (name.endsWith('.sh')) makeExecutable(join(path, name), context)
  }
  for (const [name, digest] of Object.entries(before)) removeOld(path, name, digest, files, context)
  const digests = Object.fromEntries([...files].map(([name, content]) => [name, digestOf(content)] as const).sort())
  writeNamedFile(join(out, listFile), [jsonText({ tool: 'rel09', version: context.version, files: digests })], context)
}

function makeExecutable(file: string, context: CommandContext): void {
  try {
    chmodSync(file, 0o755)
  } catch (error) {
    throw unwritable(file, error, context)
  }
}

function removeOld(
  path: string,
  name: string,
  digest: string,
  files: ReadonlyMap<string, unknown>,
  context: CommandContext,
): void {
  if (files.has(name)) return
  const present = contentOf(path, name, context)
  if (present !== undefined && digestOf(present) === digest) rmSync(join(path, name), { force: true })
}

/** Loads a script of ours with what V8 compiled of it when it was built. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Script } from 'node:vm'

/**
 * The exports of `NAME.js`, a CommonJS module with the function around it that Node gives one. `NAME.cache` beside it holds its
 * compiled code for the version of Node that built it; another version of V8 refuses that and compiles what it runs, as it
 * always does (https://nodejs.org/api/vm.html#scriptcreatecacheddata).
 */
export function loadCompiledScript(folder: string, name: string): unknown {
  const file = join(folder, `${name}.js`)
  const script = new Script(readFileSync(file, 'latin1'), {
    filename: file,
    cachedData: cacheIn(join(folder, `${name}.cache`)),
  })
  const module = { exports: {} }
  const run = script.runInThisContext() as (...given: unknown[]) => void
  run(module.exports, createRequire(file), module, file, folder)
  return module.exports
}

/** A package may have been made without it. */
function cacheIn(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}

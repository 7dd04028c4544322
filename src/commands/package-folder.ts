/** Where the files lie that are published beside the program: rules, schemas, `deploy`, and the built functions. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder of the package that this file is in, bundled or not; the current one where there is none around it. */
export function packageFolder(): string {
  for (let at = import.meta.dirname; dirname(at) !== at; at = dirname(at))
    if (existsSync(join(at, 'rules')) && existsSync(join(at, 'schemas'))) return at
  return '.'
}

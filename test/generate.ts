/** Makes `src/generated/` before any test: on a clean clone nothing else has. */
import { execFileSync } from 'node:child_process'

/** Runs the generator; quick where nothing has changed. */
export default function setup(): void {
  execFileSync(process.execPath, ['scripts/generate.mjs'], { stdio: 'inherit' })
}

/**
 * Makes the tests of a mutant short and each mutant's alone. Runs before each test file: at the first of a mutant every module
 * is forgotten, and code that runs at loading is not mutated. Once a test has failed the mutant is dead: no file is loaded.
 */
import fc from 'fast-check'
import { afterEach, inject, vi } from 'vitest'

interface Thread {
  /** The mutant whose tests ran last. */
  mutantAtWork?: string | undefined
  testHasFailed?: boolean
  /** Stryker's. */
  __stryker__?: { activeMutant?: string | undefined }
}

// A mutant is dead at the first example that fails: nobody reads the smallest.
fc.configureGlobal({ endOnFailure: true })

const thread = globalThis as Thread
const mutant = (inject as (key: string) => string | undefined)('activeMutant')
if (mutant !== thread.mutantAtWork) {
  thread.mutantAtWork = mutant
  thread.testHasFailed = false
  vi.resetModules()
}
if (thread.testHasFailed) throw new Error('an earlier file has failed')
if (thread.__stryker__) thread.__stryker__.activeMutant = undefined
afterEach(({ task }) => {
  if (task.result?.state === 'fail') thread.testHasFailed = true
})

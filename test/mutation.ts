/** Makes a mutant's run short: once a test has failed the mutant is dead, and no further file is loaded. */
import { afterEach } from 'vitest'

const worker = globalThis as { testHasFailed?: boolean }
if (worker.testHasFailed) throw new Error('an earlier file has failed')
afterEach(({ task }) => {
  if (task.result?.state === 'fail') worker.testHasFailed = true
})

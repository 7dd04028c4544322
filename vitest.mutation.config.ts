import { statSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Those that nearly every mutant reaches and that take long to say so. */
const late = /rules\/(built-in|load|soundness)|inventory\/facts-schema/

/** The small files first: they ask about one module, and the first test that fails ends a mutant's run. */
class SmallFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const cost = ({ moduleId }: TestSpecification) => statSync(moduleId).size + (late.test(moduleId) ? 1e9 : 0)
    return [...files].sort((a, b) => cost(a) - cost(b))
  }
}

/**
 * What a mutation run asks: the quick, decisive tests. Those of whole estates and of the process cost more than they catch.
 * Each mutant has a worker of its own, which the test files share.
 */
export default defineConfig({
  test: {
    include: ['test/{engine,inventory,policy,rules}/**/*.test.ts'],
    exclude: ['test/inventory/order.test.ts'],
    setupFiles: ['test/mutation.ts'],
    testTimeout: 30_000,
    isolate: false,
    reporters: [],
    sequence: { sequencer: SmallFirst },
  },
})

import { statSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { keptThread } from './test/mutation/kept-thread.ts'

/** Those that nearly every mutant reaches and that take long to say so. */
const late = /rules\/(built-in|load|soundness)/

/** Tests to ask first: `REL09_FIRST=schedule npm run mutation -- --mutate src/inventory/schedule.ts`. */
const first = process.env.REL09_FIRST ? new RegExp(process.env.REL09_FIRST) : undefined

/** The small files first: they ask about one module, and the first test that fails ends a mutant's run. */
class SmallFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const cost = ({ moduleId }: TestSpecification) =>
      first?.test(moduleId) ? 0 : statSync(moduleId).size + (late.test(moduleId) ? 1e9 : 0)
    return [...files].sort((a, b) => cost(a) - cost(b))
  }
}

/**
 * What a mutation run asks: the quick, decisive tests. Those of whole estates and of the process cost more than they catch.
 * The plugin sets the pool, since Stryker sets another.
 */
export default defineConfig({
  plugins: [
    {
      name: 'kept-thread',
      configureVitest: ({ project }) =>
        Object.assign(project.config, { pool: keptThread.name, poolRunner: keptThread }),
    },
  ],
  test: {
    include: ['test/{engine,inventory,policy,rules}/**/*.test.ts'],
    exclude: ['test/inventory/{alike-verdicts,facts-schema,order}.test.ts'],
    setupFiles: ['test/mutation/setup.ts'],
    testTimeout: 30_000,
    isolate: false,
    reporters: [],
    sequence: { sequencer: SmallFirst },
  },
})

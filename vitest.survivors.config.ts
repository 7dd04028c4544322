import { defineConfig, mergeConfig } from 'vitest/config'
import quick from './vitest.mutation.config.ts'

/** What is asked about mutants that the quick tests let live: whole estates, and templates from their text to the line. */
export default mergeConfig(
  { ...quick, test: { ...quick.test, include: [], exclude: [] } },
  defineConfig({
    test: {
      include: [
        'test/fixtures/golden.test.ts',
        'test/inventory/alike-verdicts.test.ts',
        'test/system/lines.test.ts',
        'test/sources/cloudformation/*.test.ts',
        'test/sources/terraform-*.test.ts',
        'test/sources/inline-exemptions.test.ts',
      ],
    },
  }),
)

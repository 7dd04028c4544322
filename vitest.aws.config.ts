import { defineConfig } from 'vitest/config'

// What needs an emulator of AWS; started by scripts/test-aws.mjs.
export default defineConfig({
  test: {
    include: ['test/aws/**/*.test.ts'],
    globalSetup: ['test/generate.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // One emulator for all: a run may not see what another test makes meanwhile.
    fileParallelism: false,
  },
})

import { defineConfig } from 'vitest/config'

// What needs an emulator of AWS; started by scripts/test-aws.mjs.
export default defineConfig({
  test: {
    include: ['test/aws/**/*.test.ts'],
    globalSetup: ['test/generate.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
  },
})

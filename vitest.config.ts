import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // These need an emulator of AWS: npm run test:aws.
    exclude: ['test/aws/**'],
    globalSetup: ['test/generate.ts'],
    testTimeout: 30_000,
    pool: 'forks',
  },
})

import { defineConfig } from 'vitest/config'

/** What a mutation run asks: the quick, decisive tests. Those of whole estates and of the process cost more than they catch. */
export default defineConfig({
  test: {
    include: ['test/{engine,inventory,policy,rules}/**/*.test.ts'],
    exclude: ['test/inventory/order.test.ts'],
    setupFiles: ['test/mutation.ts'],
    testTimeout: 30_000,
    isolate: false,
  },
})

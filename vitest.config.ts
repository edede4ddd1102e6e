import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Tests of the parts import from src; tests of examples and of the package go through dist, as a user would.
const setUp = fileURLToPath(new URL('test/support/redis-global.ts', import.meta.url))

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        // No test of these changes anything that outlives it, so they share their modules: that is most of their time.
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          pool: 'threads',
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          exclude: ['test/unit/**', '**/node_modules/**'],
          globalSetup: [setUp],
          pool: 'forks',
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})

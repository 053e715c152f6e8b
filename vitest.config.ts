import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

/** Tests that run in Node, and those that drive real browsers. The Worker's run in workerd: tests/worker/vitest.config.ts. */
export default defineConfig({
  test: {
    projects: [
      {
        plugins: [vue()],
        define: { __WORKER_ORIGIN__: JSON.stringify('https://worker.test') },
        test: {
          name: 'unit',
          include: ['tests/unit/**/*.test.ts'],
          environment: 'node',
          testTimeout: 20_000,
        },
      },
      {
        test: {
          // The Worker as `wrangler dev` runs it, and the extension's client of it, without a browser.
          name: 'http',
          include: ['tests/http/**/*.test.ts'],
          fileParallelism: false,
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.e2e.ts'],
          globalSetup: 'tests/e2e/setup.ts',
          // Browsers fill a small machine on their own: one scenario at a time.
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})

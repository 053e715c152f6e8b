import { defineConfig } from 'vitest/config'

/** `npm run fuzz`: as long as one likes. A few seconds of the same are in `npm test`. */
export default defineConfig({
  test: {
    include: ['tests/fuzz/*.fuzz.ts'],
    environment: 'node',
    testTimeout: 24 * 60 * 60_000,
    disableConsoleIntercept: true,
  },
})

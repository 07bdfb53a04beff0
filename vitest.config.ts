import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Two cores: the end-to-end files start processes of their own and must not starve each other.
    maxWorkers: 2,
  },
});

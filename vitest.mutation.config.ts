import { defineConfig } from 'vitest/config';

/** The fast tests of the pure rooms: what mutants of them are run against (`npm run mutation`). */
export default defineConfig({
  test: {
    testTimeout: 20_000,
    include: ['test/machines/**/*.test.ts', 'test/policy/**/*.test.ts', 'test/runtime/**/*.test.ts'],
    // Hundreds of crashes, processes of their own, pages of docs: slow, and each mutant would pay for it.
    exclude: [
      'test/runtime/{kill,crashes}.test.ts',
      'test/machines/{to-mermaid,chart-graph}.test.ts',
    ],
  },
});

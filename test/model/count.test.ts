import { test } from 'vitest';
import { modelPaths } from './model-paths.ts';
import { leaseModel } from './lease-model.ts';
test('count', () => {
  const paths = modelPaths(leaseModel);
  console.log(paths.length, paths.reduce((n, p) => n + p.events.length, 0), paths.slice(0, 5).map((p) => p.title));
});

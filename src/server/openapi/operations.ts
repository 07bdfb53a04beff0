import { answersOf } from './common-answers.ts';
import { healthPaths } from './health-paths.ts';
import { inferenceControlPaths } from './inference-control-paths.ts';
import { inferencePaths } from './inference-paths.ts';
import { inspectionPaths } from './inspection-paths.ts';
import { inventoryPaths } from './inventory-paths.ts';
import type { Operation } from './operation.ts';
import { pocV2Paths } from './poc-v2-paths.ts';
import { powPaths } from './pow-paths.ts';
import { servicePaths } from './service-paths.ts';

/** Everything that the daemon serves, in the order of the pages. */
export const operations: readonly Operation[] = [
  ...servicePaths,
  ...inferenceControlPaths,
  ...powPaths,
  ...pocV2Paths,
  ...inventoryPaths,
  ...healthPaths,
  ...inferencePaths,
  ...inspectionPaths,
].map((operation) => ({ ...operation, answers: answersOf(operation) }));

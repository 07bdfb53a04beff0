import { expect, test } from 'vitest';
import { planeOf } from '../../../src/server/access/plane.ts';

test.each([
  ['/v1/chat/completions', 'shared', 'inference'],
  ['/v1/models', 'inference', 'inference'],
  ['/tokenize', 'shared', 'inference'],
  ['/health', 'shared', 'inference'],
  ['/health', 'management', 'management'],
  ['/api/v1/state', 'shared', 'management'],
  ['/api/v1/inference/up', 'shared', 'management'],
  ['/livez', 'shared', 'management'],
  ['/something/new', 'shared', 'management'],
] as const)('%s on a %s listener is %s', (pattern, surface, plane) => {
  expect(planeOf(pattern, surface)).toBe(plane);
});

import { expect, test } from 'vitest';
import { failureOfStatus, statusTable } from '../../../src/server/inference/status-table.ts';

test.each([
  [200, undefined],
  [400, 400],
  [401, 503],
  [402, 503],
  [403, 503],
  [404, 503],
  [413, 413],
  [422, 400],
  [429, 429],
  [500, 503],
  [502, 503],
  [503, 503],
  [520, 503],
  [524, 503],
  [204, 503],
  [302, 503],
  [418, 503],
])('%i of the back end is %s for the caller', (status, seen) => {
  expect(failureOfStatus(status)?.status).toBe(seen);
});

test('only an outage that was not worked on is tried again', () => {
  const retried = Array.from({ length: 400 }, (_, i) => 200 + i).filter(
    (status) => failureOfStatus(status)?.isRetried,
  );
  expect(retried).toEqual(Array.from({ length: 100 }, (_, i) => 500 + i).filter((status) => status !== 524));
});

test('no status stands in two rows before the general one', () => {
  const single = statusTable.filter((row) => row.from === row.to).map((row) => row.from);
  expect(new Set(single).size).toBe(single.length);
});
